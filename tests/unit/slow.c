/* What is kept of a slow statement, and how many. */
#include "store/sqlite/slow.h"

#include "unit.h"

static const struct {
    const char *sql, *shape;
} shapes[] = {
    {"", ""},
    {"COMMIT", "COMMIT"},
    {"SELECT a,b FROM t WHERE id>=?1 AND id<?12", "SELECT a,b FROM t WHERE id>=?1 AND id<?12"},
    {"  SELECT\n\t a  FROM t\r\n", "SELECT a FROM t "},
    {"SELECT 1", "SELECT ?"},
    {"WHERE a='secret' AND b=x'00ff'", "WHERE a=? AND b=x?"},
    {"WHERE a='it''s' OR b=''", "WHERE a=? OR b=?"},
    {"WHERE a='never ends", "WHERE a=?"},
    {"IN (12,345, 6)", "IN (?,?, ?)"},
    {"a=1.5e-3 OR a=-7 OR a=0x1F LIMIT 10", "a=? OR a=-? OR a=? LIMIT ?"},
    {"SELECT t1.c2 FROM t1 WHERE d.is_3=4", "SELECT t1.c2 FROM t1 WHERE d.is_3=?"},
    {"PRAGMA user_version=7", "PRAGMA user_version=?"},
    {"sp\xc3\xa9"
     "cies2=3",
     "sp\xc3\xa9"
     "cies2=?"},
};

START_TEST(a_shape_has_no_values)
{
    char shape[WCI_SLOW_SHAPE];
    wci_slow_shape(shapes[_i].sql, shape, sizeof shape);
    ck_assert_str_eq(shape, shapes[_i].shape);
}
END_TEST

START_TEST(a_shape_is_cut_where_the_room_ends)
{
    char shape[6];
    wci_slow_shape("SELECT", shape, sizeof shape);
    ck_assert_str_eq(shape, "SELEC");
    wci_slow_shape("a=1 b=2", shape, sizeof shape);
    ck_assert_str_eq(shape, "a=? b");
}
END_TEST

/* ---- a connection that is watched ---- */

struct told {
    int lines;
    char text[WCI_SLOW_KEPT + 2][1024];
};

static void hear(void *user, int level, const char *module, const char *text)
{
    struct told *told = user;
    ck_assert_int_eq(level, WILDCAM_LOG_WARNING);
    ck_assert_str_eq(module, "store");
    ck_assert_int_lt(told->lines, WCI_SLOW_KEPT + 2);
    snprintf(told->text[told->lines++], sizeof told->text[0], "%s", text);
}

/* Takes a millisecond at the least, which is what SQLite's clock shows. */
static const char slow_sql[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100000)"
    " SELECT sum(i) FROM n WHERE 'hidden'<>''";
static const char slow_shape[] =
    "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i+? FROM n WHERE i<?)"
    " SELECT sum(i) FROM n WHERE ?<>?";

static struct wci_database *open_watched(struct wci_slow *slow, const struct wci_log *log,
                                         const char *limit)
{
    wildcam_conf *conf;
    struct wci_database *database;
    assert_ok(wildcam_conf_new(&conf));
    assert_ok(wildcam_conf_set(conf, "store.slow_query", limit));
    assert_done(wci_slow_init(slow, conf, log));
    assert_done(wci_database_open(scratch_path("2026-11.db"), WCI_CREATE, conf, &database));
    wildcam_conf_free(conf);
    wci_slow_watch(slow, database);
    wci_slow_begin(database);
    return database;
}

START_TEST(what_is_slow_is_told_once)
{
    int64_t sum;
    struct told told = {0};
    struct wci_slow slow;
    const struct wci_log log = {.level = WILDCAM_LOG_WARNING, .fn = hear, .user = &told};
    struct wci_database *database = open_watched(&slow, &log, "0.001");
    assert_done(wci_database_ask(database, slow_sql, &sum));
    ck_assert_int_eq(told.lines, 0);
    wci_slow_tell(&slow);
    ck_assert_int_eq(told.lines, 1);
    const char *in = strstr(told.text[0], " ms in ");
    ck_assert_ptr_nonnull(in);
    ck_assert_int_eq(strncmp(told.text[0], "slow: ", 6), 0);
    double duration = strtod(told.text[0] + 6, NULL);
    ck_assert_double_ge(duration, 1);
    ck_assert_int_eq(strncmp(in, " ms in 2026-11: ", 16), 0);
    ck_assert_str_eq(in + 16, slow_shape);
    wci_slow_tell(&slow);
    ck_assert_int_eq(told.lines, 1);
    wci_database_close(database);
    wci_slow_destroy(&slow);
}
END_TEST

START_TEST(the_first_are_told_and_the_others_counted)
{
    int64_t sum;
    struct told told = {0};
    struct wci_slow slow;
    const struct wci_log log = {.level = WILDCAM_LOG_WARNING, .fn = hear, .user = &told};
    struct wci_database *database = open_watched(&slow, &log, "0.001");
    for (int i = 0; i < WCI_SLOW_KEPT + 3; i++)
        assert_done(wci_database_ask(database, slow_sql, &sum));
    wci_slow_tell(&slow);
    ck_assert_int_eq(told.lines, WCI_SLOW_KEPT + 1);
    ck_assert_str_eq(told.text[1], "slow: 3 more statements at about that time");
    wci_database_close(database);
    wci_slow_destroy(&slow);
}
END_TEST

/* A clock that is set while a statement runs makes it no longer than its connection was used. */
START_TEST(nothing_took_longer_than_its_connection_was_used)
{
    int64_t sum;
    struct told told = {0};
    struct wci_slow slow;
    const struct wci_log log = {.level = WILDCAM_LOG_WARNING, .fn = hear, .user = &told};
    struct wci_database *database = open_watched(&slow, &log, "0.001");
    database->used_since += INT64_C(3600000000); /* it will be used in an hour */
    assert_done(wci_database_ask(database, slow_sql, &sum));
    wci_slow_tell(&slow);
    ck_assert_int_eq(told.lines, 0);
    wci_database_close(database);
    wci_slow_destroy(&slow);
}
END_TEST

START_TEST(quick_ones_and_none_are_not_told)
{
    static const char *const limits[] = {"0", "3600"};
    int64_t sum;
    struct told told = {0};
    struct wci_slow slow;
    const struct wci_log log = {.level = WILDCAM_LOG_WARNING, .fn = hear, .user = &told};
    struct wci_database *database = open_watched(&slow, &log, limits[_i]);
    assert_done(wci_database_ask(database, slow_sql, &sum));
    wci_slow_tell(&slow);
    ck_assert_int_eq(told.lines, 0);
    ck_assert_ptr_eq(database->slow, _i == 0 ? NULL : &slow);
    wci_database_close(database);
    wci_slow_destroy(&slow);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("slow");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, a_shape_has_no_values, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_test(all, a_shape_is_cut_where_the_room_ends);
    tcase_add_test(all, what_is_slow_is_told_once);
    tcase_add_test(all, the_first_are_told_and_the_others_counted);
    tcase_add_test(all, nothing_took_longer_than_its_connection_was_used);
    tcase_add_loop_test(all, quick_ones_and_none_are_not_told, 0, 2);
    return suite;
}
