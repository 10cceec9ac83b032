/* What a transaction changes in the daily summary: counted in memory, written once, added up. */
#include "store/sqlite/delta.h"

#include <math.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "store/sqlite/schema.h"
#include "unit.h"

static const int64_t noon = INT64_C(1764115200) * WCI_SECOND + 12 * 3600 * WCI_SECOND;

static struct wci_tally tally_of(int64_t camera, int64_t species, int64_t time, double confidence)
{
    return (struct wci_tally){camera, species, time, WILDCAM_OFFSET_UNKNOWN, confidence};
}

static const struct wci_delta *find(const struct wci_deltas *deltas, int64_t camera, int64_t day,
                                    int64_t species)
{
    for (size_t i = 0; i < deltas->count; i++)
        if (deltas->entries[i].camera_id == camera && deltas->entries[i].day == day &&
            deltas->entries[i].species_id == species)
            return &deltas->entries[i];
    ck_abort_msg("no entry for camera %lld, species %lld", (long long)camera, (long long)species);
    return NULL;
}

START_TEST(tells_the_local_hour)
{
    ck_assert_int_eq(wci_local_hour(noon, WILDCAM_OFFSET_UNKNOWN), 12);
    ck_assert_int_eq(wci_local_hour(noon, 0), 12);
    ck_assert_int_eq(wci_local_hour(noon, 3600), 13);
    ck_assert_int_eq(wci_local_hour(noon, 12 * 3600), 0);
    ck_assert_int_eq(wci_local_hour(noon, -13 * 3600), 23);
    ck_assert_int_eq(wci_local_hour(noon - 1, 0), 11);
    ck_assert_int_eq(wci_local_hour(0, -3600), 23); /* before 1970 */
    ck_assert_int_eq(wci_local_hour(0, 86399), 23);
}
END_TEST

START_TEST(counts_for_its_camera_and_for_all)
{
    struct wci_deltas deltas = {0};
    int64_t day = noon / WCI_DAY;
    const struct wci_tally tallies[] = {tally_of(3, 5, noon, 0.5), tally_of(3, 5, noon, 0.9),
                                        tally_of(4, 5, noon + 3600 * WCI_SECOND, NAN),
                                        tally_of(3, 6, noon + WCI_DAY, 0)};
    for (size_t i = 0; i < 4; i++)
        assert_done(wci_deltas_add(&deltas, &tallies[i], 1));
    ck_assert_uint_eq(deltas.count, 5);
    const struct wci_delta *one = find(&deltas, 3, day, 5), *all = find(&deltas, 0, day, 5);
    ck_assert(one->total == 2 && one->scored == 2 && one->scored_sum == 1400000);
    ck_assert(one->hours[12] == 2 && one->hours[13] == 0);
    ck_assert(all->total == 3 && all->scored == 2 && all->hours[12] == 2 && all->hours[13] == 1);
    ck_assert_int_eq(find(&deltas, 0, day + 1, 6)->scored, 1);
    assert_done(wci_deltas_add(&deltas, &tallies[1], -1));
    one = find(&deltas, 3, day, 5);
    ck_assert(one->total == 1 && one->scored_sum == 500000 && one->hours[12] == 1);
    wci_deltas_free(&deltas);
}
END_TEST

START_TEST(only_sure_ones_are_sure)
{
    struct wci_deltas deltas = {0};
    struct wci_tally tally = tally_of(1, 1, noon, WILDCAM_SURE_CONFIDENCE);
    assert_done(wci_deltas_add(&deltas, &tally, 1));
    ck_assert_int_eq(find(&deltas, 1, noon / WCI_DAY, 1)->sure, 0);
    tally.confidence = nextafter(WILDCAM_SURE_CONFIDENCE, 1);
    assert_done(wci_deltas_add(&deltas, &tally, 1));
    ck_assert_int_eq(find(&deltas, 1, noon / WCI_DAY, 1)->sure, 1);
    wci_deltas_free(&deltas);
}
END_TEST

static int64_t ask(struct wci_database *database, const char *sql)
{
    int64_t answer;
    assert_done(wci_database_ask(database, sql, &answer));
    return answer;
}

static void write_all(struct wci_deltas *deltas, struct wci_database *database)
{
    assert_done(wci_database_begin(database));
    assert_done(wci_deltas_write(deltas, database));
    assert_done(wci_database_commit(database));
}

START_TEST(adds_up_in_the_table)
{
    struct wci_deltas deltas = {0};
    struct wci_database *database;
    wildcam_conf *conf;
    assert_done(wci_conf_new(&conf));
    assert_done(wci_database_open(scratch_path("rows.db"), WCI_CREATE, conf, &database));
    assert_done(wci_database_run(database, WCI_SHARD_SCHEMA_1));
    write_all(&deltas, database); /* nothing to write */
    for (int round = 1; round <= 3; round++) {
        for (int64_t i = 0; i < 5000; i++) { /* more than it keeps memory for */
            struct wci_tally tally = tally_of(1 + i % 50, 1 + i % 7, noon + i % 30 * WCI_DAY, 0.25);
            assert_done(wci_deltas_add(&deltas, &tally, 1));
        }
        write_all(&deltas, database);
        wci_deltas_empty(&deltas);
        ck_assert_uint_eq(deltas.count, 0);
        ck_assert_int_eq(ask(database, "SELECT sum(total_count) FROM daily_detection_summary"
                                       " WHERE camera_id=0"),
                         5000 * round);
        ck_assert_int_eq(ask(database, "SELECT sum(scored_sum) FROM daily_detection_summary"
                                       " WHERE camera_id<>0"),
                         INT64_C(250000) * 5000 * round);
        ck_assert_int_eq(ask(database, "SELECT sum(h12) FROM daily_detection_summary"),
                         10000 * round);
    }
    struct wci_tally tally = tally_of(1, 1, noon, 0.25);
    assert_done(wci_deltas_add(&deltas, &tally, -1));
    write_all(&deltas, database);
    ck_assert_int_eq(ask(database, "SELECT sum(total_count) FROM daily_detection_summary"), 29998);
    wci_deltas_free(&deltas);
    wci_database_close(database);
    wci_conf_free(conf);
}
END_TEST

START_TEST(merges_and_reads_rows)
{
    struct wci_deltas deltas = {0};
    struct wci_delta given = {.camera_id = 3,
                              .day = 20000,
                              .species_id = 4,
                              .total = 7,
                              .scored = 6,
                              .scored_sum = 5,
                              .sure = 4,
                              .sure_sum = 3},
                     read = {0};
    struct wci_database *database;
    sqlite3_stmt *row;
    wildcam_conf *conf;
    for (int hour = 0; hour < 24; hour++)
        given.hours[hour] = hour;
    assert_done(wci_conf_new(&conf));
    assert_done(wci_database_open(scratch_path("rows.db"), WCI_CREATE, conf, &database));
    assert_done(wci_database_run(database, WCI_SHARD_SCHEMA_1));
    assert_done(wci_deltas_merge(&deltas, &given));
    write_all(&deltas, database);
    assert_done(wci_database_prepare_once(database, "SELECT * FROM daily_detection_summary", &row));
    ck_assert_int_eq(wci_database_step(database, row), 1);
    wci_delta_read(row, &read);
    ck_assert_int_eq(memcmp(&read, &given, sizeof read), 0);
    sqlite3_finalize(row);
    wci_deltas_empty(&deltas);
    assert_done(wci_deltas_merge(&deltas, &given));
    assert_done(wci_deltas_merge(&deltas, &given));
    ck_assert_int_eq(deltas.entries[0].total, 14);
    ck_assert_int_eq(deltas.entries[0].hours[23], 46);
    wci_deltas_free(&deltas);
    wci_database_close(database);
    wci_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("delta");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, tells_the_local_hour);
    tcase_add_test(all, counts_for_its_camera_and_for_all);
    tcase_add_test(all, only_sure_ones_are_sure);
    tcase_add_test(all, adds_up_in_the_table);
    tcase_add_test(all, merges_and_reads_rows);
    return suite;
}
