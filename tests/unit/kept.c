/* Statements that a connection keeps. */
#include "store/sqlite/database.h"

#include "unit.h"

static wildcam_conf *conf;
static struct wci_database *database;

static void set_up(void)
{
    assert_done(wci_conf_new(&conf));
    assert_done(wci_database_open(scratch_path("rows.db"), WCI_CREATE, conf, &database));
}

static void tear_down(void)
{
    wci_database_close(database);
    wci_conf_free(conf);
}

/* A statement of a number, which it answers. */
static sqlite3_stmt *prepare(int number)
{
    char sql[32];
    sqlite3_stmt *statement;
    snprintf(sql, sizeof sql, "SELECT %d UNION ALL SELECT 7", number);
    assert_done(wci_database_prepare(database, (uintptr_t)number, sql, &statement));
    return statement;
}

static void assert_answers(sqlite3_stmt *statement, int wanted)
{
    ck_assert_int_eq(wci_database_step(database, statement), 1);
    ck_assert_int_eq(sqlite3_column_int(statement, 0), wanted);
}

START_TEST(one_that_is_being_stepped_stays)
{
    sqlite3_stmt *outer = prepare(1);
    assert_answers(outer, 1);
    for (int i = 2; i < 3 * WCI_KEPT_STATEMENTS; i++) {
        sqlite3_stmt *inner = prepare(i);
        assert_answers(inner, i);
        sqlite3_reset(inner);
    }
    assert_answers(outer, 7);
    ck_assert_int_eq(wci_database_step(database, outer), 0);
}
END_TEST

START_TEST(those_that_are_used_stay)
{
    sqlite3_stmt *often = prepare(1), *found;
    sqlite3_reset(prepare(2));
    for (int i = 3; i < 3 * WCI_KEPT_STATEMENTS; i++) {
        sqlite3_reset(prepare(i));
        ck_assert(wci_database_find_kept(database, 1, &found));
        ck_assert_ptr_eq(found, often);
    }
    ck_assert(!wci_database_find_kept(database, 2, &found));
}
END_TEST

START_TEST(too_many_inside_each_other_are_refused)
{
    char sql[] = "SELECT 1 UNION ALL SELECT 2";
    sqlite3_stmt *more;
    for (int i = 1; i <= WCI_KEPT_STATEMENTS; i++)
        assert_answers(prepare(i), i);
    assert_fails(WILDCAM_ERR_INTERNAL, "inside each other",
                 wci_database_prepare(database, 0, sql, &more));
    ck_assert_ptr_null(more);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("kept");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, one_that_is_being_stepped_stays);
    tcase_add_test(all, those_that_are_used_stay);
    tcase_add_test(all, too_many_inside_each_other_are_refused);
    return suite;
}
