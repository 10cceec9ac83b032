/* Rows of processing as only the files can have them: very many, and in odd places. */
#include "conformance/sqlite/raw.h"
#include "model/id.h"
#include "store/sqlite/sqlite.h"

enum { DONE_ROWS = 3000, PAGE = 16, STEPS_EACH = 60 };

static struct subject subject;
static struct wci_store store;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

static const char *shard_file(void)
{
    return station_file("detections/2026-03.db");
}

/* How many steps SQLite took for what its readers of the only shard were asked, since the last
 * call. */
static int64_t count_steps(void)
{
    int64_t steps = 0;
    const struct wci_pool *pool = &subject.backend->shards.list[0]->pool;
    ck_assert_uint_eq(subject.backend->shards.count, 1);
    for (int i = 0; i < (int)pool->idle_count; i++)
        for (int k = 0; k < pool->idle[i]->kept_count; k++)
            steps += sqlite3_stmt_status(pool->idle[i]->kept[k].statement,
                                         SQLITE_STMTSTATUS_VM_STEP, 1);
    return steps;
}

/* However many are done before and behind. */
START_TEST(a_page_of_what_is_done_costs_what_is_on_it)
{
    struct wci_queue_ref after = {0, WCI_PRIORITY_LOW - 1}, found[PAGE];
    char sql[256];
    size_t got = PAGE, seen = 0;
    int64_t id = keep_picture(&subject, &store, 0, day_at(2026, 3, 5), 1);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
             " INSERT INTO processing(image_id, state, priority, since)"
             " SELECT %lld+i, 1, i%%50/24-1, 7 FROM n",
             DONE_ROWS, (long long)id);
    raw_run(shard_file(), sql);
    count_steps();
    while (got == PAGE) {
        assert_op(subject.ops->find_processing(subject.backend, WCI_QUEUE_DONE, after, found, PAGE,
                                               &got));
        for (size_t i = 0; i < got; i++)
            ck_assert_int_eq(found[i].image_id, id + (int64_t)++seen);
        after = found[PAGE - 1];
        ck_assert_int_lt(count_steps(), PAGE * STEPS_EACH);
    }
    ck_assert_uint_eq(seen, DONE_ROWS);
}
END_TEST

static int64_t count_owed(void)
{
    struct wci_queue_figures figures;
    assert_op(subject.ops->count_processing(subject.backend, &figures));
    return figures.owed;
}

static void add_owed(int64_t id, int count)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
             " INSERT INTO processing(image_id, since) SELECT %lld+i, 7 FROM n",
             count, (long long)id);
    raw_run(shard_file(), sql);
}

/* Few are counted whenever something has changed; very many not more often than there is time for.
 */
START_TEST(very_many_are_counted_now_and_then)
{
    const int64_t hour = 3600 * WCI_SECOND;
    int64_t id = keep_picture(&subject, &store, 0, day_at(2026, 3, 5), 1);
    struct wci_queue_tally *tally =
        &subject.backend->shards.list[0]->tallies[WCI_QUEUE_OF_PROCESSING];
    ck_assert_int_eq(count_owed(), 1);
    tally->took = hour;
    add_owed(id, WCI_TALLY_MANY);
    ck_assert_int_eq(count_owed(), 1 + WCI_TALLY_MANY);
    tally->took = hour;
    add_owed(id + WCI_TALLY_MANY, 1);
    ck_assert_int_eq(count_owed(), 1 + WCI_TALLY_MANY);
    tally->at -= WCI_TALLY_LASTS * hour;
    ck_assert_int_eq(count_owed(), 2 + WCI_TALLY_MANY);
}
END_TEST

/* A crowded second gives ids of milliseconds that it does not have. */
START_TEST(what_is_found_lies_in_the_second_of_its_picture)
{
    char sql[256];
    struct wci_row rows[2] = {{.confidence = 0.5}, {.confidence = 0.75}};
    const struct wci_found found = {rows, 2};
    wildcam_processing row, *pointer = &row;
    struct wci_processing_work work = {
        .step = WCI_PROCESSING_ANSWER, .rows = &pointer, .count = 1, .found = &found};
    int64_t before = keep_picture(&subject, &store, 0, day_at(2026, 3, 5), 1);
    int64_t id = wci_id_second(before) + WCI_IDS_PER_SECOND - 1;
    snprintf(sql, sizeof sql,
             "UPDATE images SET id=%lld; UPDATE wildlife_detections SET image_id=%lld;"
             " UPDATE processing SET image_id=%lld",
             (long long)id, (long long)id, (long long)id);
    raw_run(shard_file(), sql);
    for (int i = 0; i < 2; i++) {
        rows[i].camera = subject.cameras[0];
        rows[i].species = subject.species[4 + i];
        assert_op(subject.ops->find_detector(subject.backend, "look", "1", &rows[i].detector_id));
    }
    wci_processing_init(&row);
    row.image_id = id;
    assert_op(wci_store_step_processing(&store, &work));
    ck_assert(!row.is_missed);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(wci_id_second(rows[i].id), wci_id_second(id));
    ck_assert_int_eq(raw_ask(shard_file(), "SELECT count(*) FROM wildlife_detections"), 2);
    wci_processing_release(&row);
}
END_TEST

static size_t count_due(int64_t now)
{
    struct wci_queue_ref found;
    size_t got;
    assert_op(subject.ops->find_due_processing(subject.backend, true, now, &found, 1, &got));
    return got;
}

/* What was written before the clock was set back lies too far ahead to count: the lease of a row
 * that waits for a later try, and the time of that try for a row that somebody has claimed since. A
 * second one waits. What is noted of the file, which does not change, is when the first comes. */
static const struct {
    int due_in, leased_for, other_due_in, none_at, comes_at; /* minutes */
} set_back[] = {{9, 45, 50, 8, 10}, {120, 5, 50, 4, 6}};

START_TEST(times_of_a_clock_that_was_set_back_hide_nothing)
{
    const int64_t now = wci_calendar_now(), minute = 60 * WCI_SECOND;
    char sql[300];
    int64_t id = keep_picture(&subject, &store, 0, day_at(2026, 3, 5), 1);
    keep_picture(&subject, &store, 0, day_at(2026, 3, 6), 2);
    snprintf(sql, sizeof sql,
             "UPDATE processing SET due_at=%lld;"
             "UPDATE processing SET due_at=%lld, lease=7, leased_until=%lld WHERE image_id=%lld;"
             "PRAGMA wal_checkpoint(TRUNCATE)",
             (long long)(now + set_back[_i].other_due_in * minute),
             (long long)(now + set_back[_i].due_in * minute),
             (long long)(now + set_back[_i].leased_for * minute), (long long)id);
    raw_run(shard_file(), sql);
    make_old(shard_file());
    ck_assert_uint_eq(count_due(now), 0);
    ck_assert_uint_eq(count_due(now + set_back[_i].none_at * minute), 0);
    ck_assert_uint_eq(count_due(now + set_back[_i].comes_at * minute), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: rows of processing");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, a_page_of_what_is_done_costs_what_is_on_it);
    tcase_add_test(all, very_many_are_counted_now_and_then);
    tcase_add_test(all, what_is_found_lies_in_the_second_of_its_picture);
    tcase_add_loop_test(all, times_of_a_clock_that_was_set_back_hide_nothing, 0,
                        sizeof set_back / sizeof *set_back);
    return suite;
}
