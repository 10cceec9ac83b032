/* Ids for new rows: in the millisecond of their time while there is room, else in its second. */
#include "store/sqlite/new_ids.h"

#include "model/id.h"
#include "unit.h"

struct table {
    wildcam_conf *conf;
    struct wci_database *database;
    sqlite3_stmt *insert;
};

static const int64_t moment = INT64_C(1764115200) * WCI_SECOND + 5000; /* the fifth millisecond */

static struct table open_table(bool is_image)
{
    struct table table;
    assert_done(wci_conf_new(&table.conf));
    assert_done(
        wci_database_open(scratch_path("rows.db"), WCI_CREATE, table.conf, &table.database));
    assert_done(wci_database_run(table.database,
                                 "CREATE TABLE images(id INTEGER PRIMARY KEY);"
                                 "CREATE TABLE wildlife_detections(id INTEGER PRIMARY KEY);"));
    assert_done(wci_database_prepare(table.database, 0,
                                     is_image ? "INSERT INTO images VALUES(?)"
                                              : "INSERT INTO wildlife_detections VALUES(?)",
                                     &table.insert));
    assert_done(wci_database_begin(table.database));
    return table;
}

static void close_table(struct table *table)
{
    assert_done(wci_database_commit(table->database));
    wci_database_close(table->database);
    wci_conf_free(table->conf);
}

static int64_t insert(struct table *table, struct wci_new_ids *ids, int64_t time)
{
    int64_t id;
    assert_done(wci_new_ids_insert(ids, table->database, table->insert, time, &id));
    return id;
}

/* Takes every id of a span. */
static void fill(struct table *table, int64_t from, int64_t to)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (VALUES(%lld) UNION ALL SELECT i+1 FROM n WHERE i<%lld)"
             " INSERT INTO wildlife_detections SELECT i FROM n",
             (long long)from, (long long)to - 1);
    assert_done(wci_database_run(table->database, sql));
}

START_TEST(come_one_after_the_other)
{
    struct table table = open_table(_i);
    struct wci_new_ids ids = {.is_image = _i};
    for (int64_t i = 0; i < 5; i++) {
        ck_assert_int_eq(insert(&table, &ids, moment + i), wci_id_at(moment) + i);
        ck_assert_int_eq(insert(&table, &ids, moment + 1000 + i), wci_id_at(moment) + 2048 + i);
    }
    /* a later transaction knows nothing of them, and goes on behind */
    struct wci_new_ids fresh = {.is_image = _i};
    ck_assert_int_eq(insert(&table, &fresh, moment), wci_id_at(moment) + 5);
    ck_assert_int_eq(insert(&table, &fresh, moment), wci_id_at(moment) + 6);
    close_table(&table);
}
END_TEST

START_TEST(the_first_second_of_all)
{
    struct table table = open_table(false);
    struct wci_new_ids ids = {0};
    ck_assert_int_eq(insert(&table, &ids, 0), 1); /* 0 is no id */
    ck_assert_int_eq(insert(&table, &ids, 999), 2);
    ck_assert_int_eq(insert(&table, &ids, WILDCAM_TIME_END - 1),
                     (INT64_C(4294967295) << 21) + 999 * 2048);
    close_table(&table);
}
END_TEST

START_TEST(a_full_millisecond_goes_on_in_its_second)
{
    struct table table = open_table(false);
    struct wci_new_ids ids = {0};
    int64_t first = wci_id_at(moment);
    fill(&table, first, first + WCI_IDS_PER_MILLISECOND - 1);
    ck_assert_int_eq(insert(&table, &ids, moment), first + WCI_IDS_PER_MILLISECOND - 1);
    ck_assert_int_eq(insert(&table, &ids, moment), first + WCI_IDS_PER_MILLISECOND);
    ck_assert_int_eq(insert(&table, &ids, moment + 1000), first + WCI_IDS_PER_MILLISECOND + 1);
    /* behind the last of the second, wherever that is */
    fill(&table, first + 1000000, first + 1000001);
    struct wci_new_ids fresh = {0};
    ck_assert_int_eq(insert(&table, &fresh, moment), first + 1000001);
    close_table(&table);
}
END_TEST

START_TEST(gaps_are_used_before_a_second_is_full)
{
    struct table table = open_table(false);
    struct wci_new_ids ids = {0};
    int64_t second = wci_id_second(wci_id_at(moment)), end = second + WCI_IDS_PER_SECOND;
    int64_t id, gap = second + 1234567;
    fill(&table, second, gap);
    fill(&table, gap + 1, end);
    ck_assert_int_eq(insert(&table, &ids, moment), gap);
    struct wci_new_ids fresh = {0};
    assert_fails(WILDCAM_ERR_TOOLARGE, "the second 1764115200 holds 2097152 detections already",
                 wci_new_ids_insert(&fresh, table.database, table.insert, moment, &id));
    ck_assert_int_eq(insert(&table, &fresh, moment + WCI_SECOND),
                     wci_id_at(moment + WCI_SECOND)); /* the next one is free */
    close_table(&table);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("new_ids");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, come_one_after_the_other, 0, 2);
    tcase_add_test(all, the_first_second_of_all);
    tcase_add_test(all, a_full_millisecond_goes_on_in_its_second);
    tcase_add_test(all, gaps_are_used_before_a_second_is_full);
    return suite;
}
