/* Catalogs of version 1 of the schema, which know nobody's key and no detector. */
#include <unistd.h>

#include "conformance/sqlite/raw.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"
#include "support/earlier.h"
#include "unit/unit.h"

static struct subject subject;

static const char *catalog(void)
{
    return station_file("station.db");
}

static void make_earlier(void)
{
    ck_assert(back_to_version_1(catalog(), VERSION_1_CATALOG));
}

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    write_months(&subject, 1, 3);
    subject.ops->close(subject.backend, false);
    make_earlier();
    assert_op(subject.ops->open(subject.conf, &subject.log, &subject.backend));
}

static void tear_down(void)
{
    assert_whole(&subject);
    subject_close(&subject);
}

static int64_t version(void)
{
    return raw_ask(catalog(), "PRAGMA user_version");
}

static wildcam_status add_key(void)
{
    static const unsigned char hash[WCI_DIGEST_BYTES] = {1};
    wildcam_access key;
    wci_access_init(&key);
    assert_op(wci_access_set_key(&key, WILDCAM_ROLE_ADMIN, NULL, NULL));
    snprintf(key.id, sizeof key.id, "00000001");
    key.created_at = 1;
    struct wci_access_change wish = {.step = WCI_ACCESS_ADD_KEY, .access = &key, .hash = hash};
    return subject.ops->change_access(subject.backend, &wish);
}

static wildcam_status find_key(void)
{
    wildcam_access key;
    unsigned char hash[WCI_DIGEST_BYTES];
    wci_error_clear();
    return subject.ops->find_key(subject.backend, "00000001", &key, hash);
}

START_TEST(whoever_opens_it_brings_it_up)
{
    bool has = true;
    ck_assert_int_eq(version(), WCI_CATALOG_VERSION);
    assert_op(subject.ops->has_access(subject.backend, &has));
    ck_assert(!has);
    ck_assert_int_eq(find_key(), WILDCAM_ERR_NOTFOUND);
    assert_op(add_key());
    assert_op(find_key());
    subject_reopen(&subject);
    assert_op(find_key());
}
END_TEST

START_TEST(brought_up_it_is_as_a_new_one)
{
    static const char sql[] = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master"
                              " WHERE sql IS NOT NULL ORDER BY name)";
    struct wci_text texts[2] = {{0}, {0}};
    wildcam_station *fresh;
    wildcam_conf *conf = subject_conf("fresh");
    assert_ok(wildcam_station_open(conf, &fresh));
    wildcam_station_close(fresh);
    wildcam_conf_free(conf);
    assert_op(add_key());
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement;
        sqlite3 *handle = raw_open(i ? scratch_path("fresh/station.db") : catalog());
        ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        wci_text_add(&texts[i], (const char *)sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
    ck_assert_str_eq(texts[0].data, texts[1].data);
    ck_assert_int_eq(raw_ask(scratch_path("fresh/station.db"), "PRAGMA user_version"),
                     WCI_CATALOG_VERSION);
    wci_text_free(&texts[0]);
    wci_text_free(&texts[1]);
}
END_TEST

/* The transaction is not committed, by whatever end. */
static const char *bring_up_and_die(void)
{
    struct wci_database *database;
    if (wci_database_open(catalog(), WCI_WRITE, subject.conf, &database) != WILDCAM_OK ||
        wci_database_begin(database) != WILDCAM_OK ||
        wci_schema_bring_up(database, WCI_CATALOG_APPLICATION) != WILDCAM_OK)
        return wildcam_error_message();
    _exit(0);
}

START_TEST(a_crash_leaves_it_as_it_was)
{
    subject.ops->close(subject.backend, false);
    make_earlier();
    run_apart(0, bring_up_and_die);
    ck_assert_int_eq(version(), 1);
    assert_op(subject.ops->open(subject.conf, &subject.log, &subject.backend));
    assert_op(add_key());
    assert_op(find_key());
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upgrade_catalog");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, whoever_opens_it_brings_it_up);
    tcase_add_test(all, brought_up_it_is_as_a_new_one);
    tcase_add_test(all, a_crash_leaves_it_as_it_was);
    return suite;
}
