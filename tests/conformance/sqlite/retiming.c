/* Times that follow deployments, where writers, upkeep and the catalog come between. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/lock_file.h"
#include "conformance/sqlite/raw.h"

#define SHIFT (90 * WCI_DAY)
enum { GATE = 0, INSIDE = 1, MONTHS = 12 };

static struct subject subject;
static struct wci_store store;
static struct wci_backend_ops changed_ops; /* the backend's, but for what a test puts between */

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    changed_ops = *subject.ops;
}

static void tear_down(void)
{
    store.ops = subject.ops;
    subject_close_store(&subject, &store);
}

/* A deployment of the first camera from 2026 on, whose clock is a quarter slow. */
static wildcam_status deploy(struct wci_store *by, wildcam_progress_fn *progress)
{
    wildcam_deployment draft;
    const char *device_id = subject.cameras[0]->text;
    wci_deployment_init(&draft);
    assert_op(wci_text_set(&draft.device_id, device_id, strlen(device_id)));
    assert_op(wci_deployment_set_span(&draft, day_at(2026, 1, 1), WILDCAM_TIME_NONE));
    assert_op(
        wci_deployment_set_correction(&draft, day_at(2026, 1, 1), day_at(2026, 1, 1) + SHIFT));
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_ADD, .draft = &draft};
    wildcam_status status = wci_store_change_deployment(by, &change, progress, NULL);
    wci_deployment_release(&draft);
    return status;
}

static int stop(void *user, const char *what, int64_t done, int64_t total)
{
    (void)user;
    (void)what;
    (void)done;
    (void)total;
    return 1;
}

static struct wci_row exif_row(int64_t time)
{
    struct wci_row row = row_at(&subject, time);
    row.time_source = WILDCAM_TIME_SOURCE_EXIF;
    return row;
}

/* One in each month. */
static void write_exif_rows(int months)
{
    for (int month = 1; month <= months; month++) {
        struct wci_row row = exif_row(day_at(2026, month, 2));
        write_rows(&subject, &row, 1);
    }
}

static int64_t ask_catalog(const char *sql)
{
    return raw_ask(station_file("station.db"), sql);
}

static int64_t count_in(int64_t from, int64_t to)
{
    struct wci_query query = query_all();
    int64_t count = 0;
    query.from = from;
    query.to = to;
    assert_op(store.ops->count(store.backend, &query, 0, &count, NULL));
    return count;
}

/* ---- Shards that the catalog does not know ---- */

/* A transaction that made a shard and came to nothing leaves the file. */
START_TEST(moved_rows_of_an_unknown_shard_are_found)
{
    write_exif_rows(1);
    raw_run(station_file("station.db"), "DELETE FROM shards");
    assert_op(deploy(&store, NULL));
    ck_assert_int_eq(ask_catalog("SELECT count(*) FROM shards WHERE moved_first IS NOT NULL"), 1);
    ck_assert_int_eq(count_in(day_at(2026, 1, 2) + SHIFT, day_at(2026, 1, 3) + SHIFT), 1);
    ck_assert_str_eq(find_faults(&store, 0), "");
}
END_TEST

START_TEST(an_unknown_shard_is_told_of_and_entered)
{
    int64_t at = day_at(2026, 1, 2) + SHIFT;
    write_exif_rows(1);
    assert_op(deploy(&store, NULL));
    raw_run(station_file("station.db"),
            "DELETE FROM shards; UPDATE time_changes SET moved=moved+1");
    ck_assert_ptr_nonnull(strstr(find_faults(&store, 0), "database: 2026-01\n"));
    ck_assert_int_eq(count_in(at, at + 1), 0);
    wci_store_close(&store, false);
    subject_open_again(&subject, &store);
    ck_assert_int_eq(count_in(at, at + 1), 1);
    ck_assert_str_eq(find_faults(&store, 0), "");
}
END_TEST

/* ---- Writers beside a change ---- */

static atomic_bool is_deployed;

static void *deploy_beside(void *user)
{
    wildcam_status *status = user;
    *status = deploy(&store, NULL);
    is_deployed = true;
    return NULL;
}

static bool is_gate_shut(int fd)
{
    if (wci_lock_try(fd, GATE, false) == WILDCAM_ERR_BUSY)
        return true;
    wci_lock_give(fd, GATE);
    return false;
}

static void run(sqlite3 *writer, const char *sql)
{
    char *message = NULL;
    sqlite3_exec(writer, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
}

/* A writer of another process has looked at the rules, and commits when there is a deployment that
 * had nothing to do with what was there before. */
START_TEST(a_writer_that_went_by_older_rules_is_waited_for)
{
    pthread_t thread;
    wildcam_status status = WILDCAM_ERR_INTERNAL;
    int inside, look;
    const char *path = station_file("write.lock"), *shard = station_file("detections/2026-01.db");
    struct wci_row row = row_at(&subject, day_at(2026, 1, 2));
    row.time_source = WILDCAM_TIME_SOURCE_CLIENT;
    write_rows(&subject, &row, 1);
    assert_op(wci_lock_file_open(path, &inside));
    assert_op(wci_lock_file_open(path, &look));
    assert_op(wci_lock_take(inside, INSIDE, false));
    sqlite3 *writer = raw_open(shard);
    run(writer, "BEGIN IMMEDIATE;"
                "CREATE TEMP TABLE one AS SELECT * FROM wildlife_detections;"
                "UPDATE one SET id=id+1, time_source=1;"
                "INSERT INTO wildlife_detections SELECT * FROM one");
    is_deployed = false;
    ck_assert_int_eq(pthread_create(&thread, NULL, deploy_beside, &status), 0);
    while (!is_deployed && !is_gate_shut(look))
        sched_yield();
    run(writer, "COMMIT");
    sqlite3_close(writer);
    close(inside);
    pthread_join(thread, NULL);
    close(look);
    ck_assert_int_eq(status, WILDCAM_OK);
    ck_assert_int_eq(raw_ask(shard, "SELECT count(*) FROM wildlife_detections"
                                    " WHERE time_source=1 AND clock_time IS NOT NULL"),
                     1);
}
END_TEST

static struct wci_store other; /* another process's */
static int corrected;

/* The rules change after the picture's time was worked out, and before its row's is. */
static wildcam_status correct_beside_a_change(wci_backend *backend, int64_t camera_id, int source,
                                              struct wci_reading *reading, int64_t *version)
{
    if (corrected++ != 1)
        return subject.ops->correct(backend, camera_id, source, reading, version);
    assert_op(deploy(&other, NULL));
    return subject.ops->correct(other.backend, camera_id, source, reading, version);
}

START_TEST(a_picture_and_its_rows_go_by_the_same_rules)
{
    wildcam_image image = image_at(&subject, 0, day_at(2026, 1, 2), 7);
    struct wci_row row = exif_row(image.time);
    struct wci_change change = {.image = &image, .rows = &row, .count = 1};
    image.time_source = WILDCAM_TIME_SOURCE_EXIF;
    assert_op(wci_store_open(&other, subject.conf, &subject.log));
    changed_ops.correct = correct_beside_a_change;
    store.ops = &changed_ops;
    corrected = 0;
    assert_op(wci_store_write_timed(&store, &change));
    ck_assert_int_gt(corrected, 2);
    ck_assert_int_eq(row.time, day_at(2026, 1, 2) + SHIFT);
    ck_assert_int_eq(image.time, row.time);
    wci_image_release(&image);
    wci_store_close(&other, false);
}
END_TEST

/* ---- Upkeep ---- */

static int64_t deadline;
static int looks;

/* A look at a range lasts until the deadline has passed. */
static wildcam_status look_for_long(wci_backend *backend, struct wci_retiming *work, bool *found)
{
    looks++;
    while (wci_calendar_monotonic() < deadline)
        sched_yield();
    return subject.ops->find_to_retime(backend, work, found);
}

static int64_t left_to_retime(void)
{
    return ask_catalog("SELECT count(*) FROM retimings");
}

START_TEST(upkeep_goes_on_where_it_stopped)
{
    int calls = 0;
    write_exif_rows(MONTHS);
    assert_op_fails(WILDCAM_ERR_CANCELLED, "was stopped", deploy(&store, stop));
    changed_ops.find_to_retime = look_for_long;
    store.ops = &changed_ops;
    looks = 0;
    for (; left_to_retime() && calls < 1000; calls++) {
        int before = looks;
        deadline = wci_calendar_monotonic() + WCI_SECOND / 10;
        wci_store_maintain(&store, deadline);
        ck_assert_int_le(looks - before, 1);
    }
    ck_assert_int_eq(left_to_retime(), 0);
    ck_assert_int_eq(looks, MONTHS + 1);
    ck_assert_int_eq(count_in(day_at(2026, 1, 1) + SHIFT, day_at(2026, 12, 3) + SHIFT), MONTHS);
    ck_assert_str_eq(find_faults(&store, 0), "");
}
END_TEST

/* It may take long: upkeep does it. */
START_TEST(opening_leaves_times_as_they_are)
{
    write_exif_rows(2);
    assert_op_fails(WILDCAM_ERR_CANCELLED, "was stopped", deploy(&store, stop));
    wci_store_close(&store, false);
    subject_open_again(&subject, &store);
    ck_assert_int_eq(left_to_retime(), 1);
    ck_assert_int_eq(count_in(day_at(2026, 1, 1), day_at(2026, 3, 1)), 2);
    while (left_to_retime())
        wci_store_maintain(&store, wci_calendar_monotonic() + WCI_SECOND);
    ck_assert_int_eq(count_in(day_at(2026, 1, 1) + SHIFT, day_at(2026, 3, 1) + SHIFT), 2);
}
END_TEST

/* A camera whose times cannot be brought to its deployments does not keep the others from it. */
static wildcam_status fail_for_one(wci_backend *backend, struct wci_retiming *work, bool *found)
{
    if (work->camera_id == subject.cameras[0]->id)
        return wci_fail(WILDCAM_ERR_IO, "it cannot be read");
    return subject.ops->find_to_retime(backend, work, found);
}

START_TEST(upkeep_passes_by_a_camera_that_fails)
{
    expect_log("times could not be brought");
    write_exif_rows(1);
    assert_op_fails(WILDCAM_ERR_CANCELLED, "was stopped", deploy(&store, stop));
    raw_run(station_file("station.db"), "INSERT INTO retimings SELECT camera_id+1, mark"
                                        " FROM retimings");
    changed_ops.find_to_retime = fail_for_one;
    store.ops = &changed_ops;
    while (left_to_retime() > 1)
        wci_store_maintain(&store, wci_calendar_monotonic() + WCI_SECOND);
    for (int i = 0; i < 3; i++)
        wci_store_maintain(&store, wci_calendar_monotonic() + WCI_SECOND);
    store.ops = subject.ops;
    while (left_to_retime())
        wci_store_maintain(&store, wci_calendar_monotonic() + WCI_SECOND);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: retiming");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, moved_rows_of_an_unknown_shard_are_found);
    tcase_add_test(all, an_unknown_shard_is_told_of_and_entered);
    tcase_add_test(all, a_writer_that_went_by_older_rules_is_waited_for);
    tcase_add_test(all, a_picture_and_its_rows_go_by_the_same_rules);
    tcase_add_test(all, upkeep_goes_on_where_it_stopped);
    tcase_add_test(all, opening_leaves_times_as_they_are);
    tcase_add_test(all, upkeep_passes_by_a_camera_that_fails);
    return suite;
}
