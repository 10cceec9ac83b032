/* Processing when something is wrong with the station, the disk, the detector or the process. */
#include <glob.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "api/fixtures.h"

#define NOON INT64_C(1772539200000000) /* 2026-03-03 */

/* ---- behind the library's back ---- */

static int take_number(void *user, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    *(int64_t *)user = values[0] ? strtoll(values[0], NULL, 10) : 0;
    return 0;
}

/* Runs a statement on the one shard there is; answers its number, if it has one. */
static int64_t run_sql(const char *sql)
{
    glob_t shards;
    sqlite3 *handle;
    int64_t number = 0;
    ck_assert_int_eq(glob(scratch_path("station/detections/*.db"), 0, NULL, &shards), 0);
    ck_assert_int_eq(shards.gl_pathc, 1);
    ck_assert_int_eq(sqlite3_open(shards.gl_pathv[0], &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 60000);
    int status = sqlite3_exec(handle, sql, take_number, &number, NULL);
    ck_assert_msg(status == SQLITE_OK, "%s", sqlite3_errmsg(handle));
    sqlite3_close(handle);
    globfree(&shards);
    return number;
}

static void assert_state(wildcam_station *station, int64_t image_id, int state, int attempts,
                         const char *reason)
{
    wildcam_processing *processing;
    assert_ok(wildcam_station_get_processing(station, image_id, &processing));
    ck_assert_int_eq(wildcam_processing_get_state(processing), state);
    ck_assert_int_eq(wildcam_processing_get_attempts(processing), attempts);
    ck_assert_msg(strstr(wildcam_processing_get_reason(processing), reason) != NULL, "%s",
                  wildcam_processing_get_reason(processing));
    wildcam_processing_free(processing);
}

static int64_t count_due(wildcam_station *station)
{
    int64_t due;
    assert_ok(wildcam_station_count_processing(station, &due, NULL, NULL, NULL));
    return due;
}

static int64_t count_running(wildcam_station *station)
{
    int64_t running;
    assert_ok(wildcam_station_count_processing(station, NULL, &running, NULL, NULL));
    return running;
}

static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)user;
    (void)picture;
    return wildcam_findings_add_blank(findings, 1);
}

/* ---- rows and files ---- */

/* Its own row cannot be read: it is parked, and does not come back again and again. */
START_TEST(picture_whose_row_is_damaged_is_parked)
{
    int64_t done, failed;
    wildcam_station *station = open_with("process.detector", "look", "process.order", "oldest",
                                         NULL);
    assert_ok(wildcam_station_add_detector(station, "look", NULL, look, NULL));
    expect_log("is parked");
    int64_t first = add_scene(station, "A1", 1, NOON), second = add_scene(station, "A1", 2, NOON);
    char sql[200];
    snprintf(sql, sizeof sql,
             "PRAGMA ignore_check_constraints=1; UPDATE images SET sha256=x'00' WHERE id=%lld",
             (long long)first);
    run_sql(sql);
    wildcam_status status = wildcam_station_process_once(station, 2000, &done, &failed);
    ck_assert_msg(status == WILDCAM_OK, "%s", wildcam_error_message());
    ck_assert_int_eq(done, 1);
    ck_assert_int_eq(failed, 1);
    assert_state(station, first, WILDCAM_PROCESSING_PARKED, 0, "has no SHA-256");
    assert_state(station, second, WILDCAM_PROCESSING_DONE, 0, "");
    wildcam_station_close(station);
}
END_TEST

/* The folder of pictures is another disk, which is not there: `made` leaves its empty place. */
static void hold_without_folder(bool made)
{
    int64_t ids[6], done, failed;
    char images[1024], away[1024];
    wildcam_station *station = open_with("process.detector", "look", "process.retry_seconds", "0",
                                         NULL);
    assert_ok(wildcam_station_add_detector(station, "look", NULL, look, NULL));
    for (int i = 0; i < 6; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * SECOND);
    snprintf(images, sizeof images, "%s", scratch_path("station/images"));
    snprintf(away, sizeof away, "%s", scratch_path("away"));
    ck_assert_int_eq(rename(images, away), 0);
    if (made)
        ck_assert_int_eq(mkdir(images, 0755), 0);
    for (int i = 0; i < 8; i++) {
        assert_fails(WILDCAM_ERR_BUSY, "is its disk mounted?",
                     wildcam_station_process_once(station, 60000, &done, &failed));
        ck_assert(done == 0 && failed == 0);
    }
    for (int i = 0; i < 6; i++)
        assert_state(station, ids[i], WILDCAM_PROCESSING_DUE, 0, "");
    if (made)
        ck_assert_int_eq(rmdir(images), 0);
    ck_assert_int_eq(rename(away, images), 0);
    assert_ok(wildcam_station_process_once(station, 60000, &done, &failed));
    ck_assert(done == 6 && failed == 0);
    wildcam_station_close(station);
}

START_TEST(pictures_wait_for_their_disk)
{
    hold_without_folder(_i);
}
END_TEST

struct mover {
    wildcam_station *station;
    char place[1024], incoming[1100];
};

/* The process that takes it in is slow: its row is claimed before its file is in its place. */
static void *move_when_claimed(void *user)
{
    struct mover *mover = user;
    while (count_running(mover->station) == 0)
        sched_yield();
    ck_assert_int_eq(rename(mover->incoming, mover->place), 0);
    return NULL;
}

static wildcam_status note_path(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    snprintf(user, 1024, "%s", wildcam_picture_get_path(picture));
    return wildcam_findings_add_blank(findings, 1);
}

START_TEST(detector_is_given_the_path_that_stays)
{
    char path[1024] = "";
    pthread_t thread;
    struct mover mover = {0};
    wildcam_station *station = open_with("process.detector", "notes", NULL);
    mover.station = station;
    assert_ok(wildcam_station_add_detector(station, "notes", NULL, note_path, path));
    picture_path(station, add_scene(station, "A1", 1, NOON), mover.place);
    const char *name = strrchr(mover.place, '/') + 1;
    ck_assert_int_eq(mkdir(scratch_path("station/incoming/other"), 0755), 0);
    snprintf(mover.incoming, sizeof mover.incoming, "%s/%.64s-1-7",
             scratch_path("station/incoming/other"), name);
    ck_assert_int_eq(rename(mover.place, mover.incoming), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, move_when_claimed, &mover), 0);
    assert_ok(wildcam_station_process_once(station, 60000, NULL, NULL));
    pthread_join(thread, NULL);
    ck_assert_str_eq(path, mover.place);
    wildcam_station_close(station);
}
END_TEST

/* ---- a detector that is broken ---- */

struct broken {
    atomic_int calls;
    atomic_bool works;
};

static wildcam_status be_busy(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct broken *state = user;
    (void)picture;
    state->calls++;
    return state->works ? wildcam_findings_add_blank(findings, 1) : WILDCAM_ERR_BUSY;
}

/* New pictures ring the bell, and do not have it tried more often: after one second, two, four. */
START_TEST(broken_detector_is_tried_less_and_less_often)
{
    enum { PICTURES = 30 };
    int most = 2;
    struct broken state = {0};
    wildcam_station *station = open_with("process.detector", "busy", "process.workers", "2",
                                         "process.retry_seconds", "0", NULL);
    expect_log("pictures cannot be processed");
    assert_ok(wildcam_station_add_detector(station, "busy", NULL, be_busy, &state));
    add_scene(station, "A1", 0, NOON);
    int64_t began = wildcam_time_now();
    assert_ok(wildcam_station_start(station));
    wait_until(state.calls > 0);
    for (unsigned i = 1; i < PICTURES; i++)
        add_scene(station, "A1", i, NOON + i * SECOND);
    int calls = state.calls;
    for (int64_t waited = SECOND; waited <= wildcam_time_now() - began; waited *= 2)
        most++;
    ck_assert_msg(calls <= most, "%d calls, and not %d", calls, most);
    /* Somebody has put it right, and does not wait. */
    state.works = true;
    assert_ok(wildcam_station_retry_processing(station, NULL));
    wait_until(count_due(station) == 0);
    wildcam_station_close(station);
}
END_TEST

/* ---- a picture that kills ---- */

struct killer {
    wildcam_station *station;
    int64_t picture; /* that kills */
};

/* Gives the other workers time to take something in hand. */
static void let_others_begin(wildcam_station *station)
{
    for (int i = 0; i < 50 && count_running(station) < count_due(station); i++)
        usleep(2000);
}

static wildcam_status kill_us(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct killer *killer = user;
    let_others_begin(killer->station);
    if (wildcam_image_get_id(wildcam_picture_get_image(picture)) == killer->picture)
        _exit(7);
    for (int i = 0; i < 100; i++)
        usleep(2000);
    return wildcam_findings_add_blank(findings, 1);
}

/* Until nothing is due, or dead; 7. */
static int process_until_it_dies(void *user)
{
    struct killer *killer = user;
    wildcam_station *station = open_with("process.detector", "kills", "process.workers", "4",
                                         "process.attempts", "3", NULL);
    killer->station = station;
    assert_ok(wildcam_station_add_detector(station, "kills", NULL, kill_us, killer));
    assert_ok(wildcam_station_start(station));
    wait_until(count_due(station) == 0);
    wildcam_station_close(station);
    return 0;
}

/* Four are in hand when one of them kills. The other three are not parked with it. */
START_TEST(picture_that_kills_is_parked_alone)
{
    enum { PICTURES = 4 };
    int64_t ids[PICTURES];
    int status = 7, deaths = 0;
    struct killer killer = {0};
    wildcam_station *station = open_with("process.detector", "", NULL);
    for (int i = 0; i < PICTURES; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * SECOND);
    wildcam_station_close(station);
    killer.picture = ids[_i];
    expect_log("is parked");
    for (; status != 0; deaths += status != 0) {
        ck_assert_int_lt(deaths, 3 + PICTURES);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            _exit(process_until_it_dies(&killer));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        status = WEXITSTATUS(status);
        ck_assert(status == 0 || status == 7);
        run_sql("UPDATE processing SET leased_until=1 WHERE lease<>0"); /* a minute goes by */
    }
    station = open_with("process.detector", "", NULL);
    for (int i = 0; i < PICTURES; i++)
        if (i == _i)
            assert_state(station, ids[i], WILDCAM_PROCESSING_PARKED, 3, "the last of 3 tries");
        else
            assert_state(station, ids[i], WILDCAM_PROCESSING_DONE, 0, "");
    wildcam_station_close(station);
}
END_TEST

/* ---- stopping and closing ---- */

struct held {
    wildcam_station *station;
    atomic_int inside;
    atomic_bool may_go;
    wildcam_status status;
};

static wildcam_status be_held(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct held *held = user;
    held->inside++;
    while (!held->may_go && !wildcam_picture_get_cancelled(picture))
        usleep(1000);
    return held->may_go ? wildcam_findings_add_blank(findings, 1) : WILDCAM_ERR_CANCELLED;
}

static void *run_pass(void *user)
{
    struct held *held = user;
    held->status = wildcam_station_process_once(held->station, 0, NULL, NULL);
    return NULL;
}

/* Who renews leases has gone with the threads: what a pass has in hand stays its own. */
START_TEST(pass_keeps_its_lease_when_the_threads_stop)
{
    pthread_t thread;
    struct held held = {0};
    wildcam_station *station = open_with("process.detector", "held", "process.workers", "1", NULL);
    held.station = station;
    assert_ok(wildcam_station_add_detector(station, "held", NULL, be_held, &held));
    add_scene(station, "A1", 1, NOON);
    assert_ok(wildcam_station_start(station));
    wait_until(held.inside == 1);
    add_scene(station, "A1", 2, NOON);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_pass, &held), 0);
    wait_until(held.inside == 2);
    assert_ok(wildcam_station_stop(station));
    int64_t until = run_sql("SELECT max(leased_until) FROM processing WHERE lease<>0");
    ck_assert_int_gt(until, wildcam_time_now() + 300 * SECOND);
    held.may_go = true;
    pthread_join(thread, NULL);
    assert_ok(held.status);
    ck_assert_int_eq(count_due(station), 1);
    wildcam_station_close(station);
}
END_TEST

static wildcam_status count_look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)picture;
    ++*(atomic_int *)user;
    return wildcam_findings_add_blank(findings, 1);
}

static void *run_whole_pass(void *station)
{
    wildcam_station_process_once(station, 60000, NULL, NULL);
    return NULL;
}

/* What one has claimed nobody takes for left behind, however near their moments lie. */
START_TEST(passes_take_nothing_from_each_other)
{
    enum { PASSES = 32, PICTURES = 40 };
    pthread_t threads[PASSES];
    atomic_int looks = 0;
    wildcam_station *station = open_with("process.detector", "counts", NULL);
    assert_ok(wildcam_station_add_detector(station, "counts", NULL, count_look, &looks));
    for (unsigned i = 0; i < PICTURES; i++)
        add_scene(station, "A1", i, NOON + i * SECOND);
    for (int i = 0; i < PASSES; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_whole_pass, station), 0);
    for (int i = 0; i < PASSES; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(count_due(station), 0);
    ck_assert_int_eq(looks, PICTURES);
    wildcam_station_close(station);
}
END_TEST

/* Longer than a budget of one millisecond. */
static wildcam_status look_slowly(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct timespec begun, now;
    (void)user;
    (void)picture;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begun.tv_sec) * 1000000000 + now.tv_nsec - begun.tv_nsec < 1500000);
    return wildcam_findings_add_blank(findings, 1);
}

START_TEST(no_picture_is_begun_when_the_time_is_over)
{
    int64_t done;
    wildcam_station *station = open_with("process.detector", "slow", NULL);
    assert_ok(wildcam_station_add_detector(station, "slow", NULL, look_slowly, NULL));
    for (unsigned i = 0; i < 3; i++)
        add_scene(station, "A1", i, NOON + i * SECOND);
    assert_ok(wildcam_station_process_once(station, 1, &done, NULL));
    ck_assert_int_eq(done, 1);
    assert_ok(wildcam_station_process_once(station, 60000, &done, NULL));
    ck_assert_int_eq(done, 2);
    wildcam_station_close(station);
}
END_TEST

struct asker {
    wildcam_station *station;
    atomic_int answers;
    wildcam_status start, stop, pass;
};

static wildcam_status ask_for_it(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct asker *asker = user;
    (void)picture;
    asker->start = wildcam_station_start(asker->station);
    asker->stop = wildcam_station_stop(asker->station);
    asker->pass = wildcam_station_process_once(asker->station, 0, NULL, NULL);
    asker->answers++;
    return wildcam_findings_add_blank(findings, 1);
}

/* In a thread of the station's, and in a pass: each would wait for itself. */
START_TEST(detector_cannot_start_nor_stop_the_station)
{
    struct asker asker = {0};
    wildcam_station *station = open_with("process.detector", "asks", NULL);
    asker.station = station;
    assert_ok(wildcam_station_add_detector(station, "asks", NULL, ask_for_it, &asker));
    add_scene(station, "A1", 1, NOON);
    if (_i)
        assert_ok(wildcam_station_start(station));
    else
        assert_ok(wildcam_station_process_once(station, 60000, NULL, NULL));
    wait_until(asker.answers == 1);
    ck_assert_int_eq(asker.start, WILDCAM_ERR_STATE);
    ck_assert_int_eq(asker.stop, WILDCAM_ERR_STATE);
    ck_assert_int_eq(asker.pass, WILDCAM_ERR_STATE);
    wildcam_station_close(station);
}
END_TEST

struct reader {
    wildcam_station *station;
    atomic_bool is_inside;
    int was_cancelled;
};

static wildcam_status read_on(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct reader *reader = user;
    wildcam_status status = WILDCAM_OK;
    int64_t due;
    (void)findings;
    reader->is_inside = true;
    while (status == WILDCAM_OK)
        status = wildcam_station_count_processing(reader->station, &due, NULL, NULL, NULL);
    reader->was_cancelled = wildcam_picture_get_cancelled(picture);
    return status;
}

/* A detector whose calls are refused because the station is closed costs no attempt. */
START_TEST(closing_tells_before_it_refuses)
{
    struct reader reader = {0};
    wildcam_station *station = open_with("process.detector", "reads", NULL);
    reader.station = station;
    assert_ok(wildcam_station_add_detector(station, "reads", NULL, read_on, &reader));
    int64_t id = add_scene(station, "A1", 1, NOON);
    assert_ok(wildcam_station_start(station));
    wait_until(reader.is_inside);
    wildcam_station_close(station);
    ck_assert_int_eq(reader.was_cancelled, 1);
    station = open_with("process.detector", "", NULL);
    assert_state(station, id, WILDCAM_PROCESSING_DUE, 0, "");
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("process_trouble");
    TCase *rows = harness_case(suite, "rows"), *broken = harness_case(suite, "broken"),
          *ends = harness_case(suite, "ends");
    tcase_set_timeout(broken, 240);
    tcase_set_timeout(ends, 120);
    tcase_add_test(rows, picture_whose_row_is_damaged_is_parked);
    tcase_add_loop_test(rows, pictures_wait_for_their_disk, 0, 2);
    tcase_add_test(rows, detector_is_given_the_path_that_stays);
    tcase_add_test(broken, broken_detector_is_tried_less_and_less_often);
    tcase_add_loop_test(broken, picture_that_kills_is_parked_alone, 0, 4);
    tcase_add_test(ends, pass_keeps_its_lease_when_the_threads_stop);
    tcase_add_test(ends, passes_take_nothing_from_each_other);
    tcase_add_test(ends, no_picture_is_begun_when_the_time_is_over);
    tcase_add_loop_test(ends, detector_cannot_start_nor_stop_the_station, 0, 2);
    tcase_add_test(ends, closing_tells_before_it_refuses);
    return suite;
}
