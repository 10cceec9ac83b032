/* Reports as jobs: whose turn it is, and what becomes of a job whatever happens to who runs it. The
 * numbers of reports are held against a recount in tests/server/test_reports.py. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "api/fixtures.h"

static wildcam_station *station;

static void open_it(void)
{
    const struct sighting fox = {"CAM1", "fox", at("2026-02-10T05:00:00Z"), 0.5};
    const struct sighting deer = {"CAM2", "+deer", at("2026-03-10T05:00:00Z"), 0.5};
    station = open_with(NULL, NULL);
    add(station, &fox);
    add(station, &deer);
}

static void close_it(void)
{
    wildcam_station_close(station);
}

static int64_t start(void)
{
    int64_t id;
    assert_ok(wildcam_station_start_report(station, at("2026-02-01"), at("2026-04-01"), &id));
    return id;
}

static int state_of(int64_t id)
{
    wildcam_job *job;
    assert_ok(wildcam_station_get_job(station, id, &job));
    ck_assert_int_eq(wildcam_job_get_id(job), id);
    int state = wildcam_job_get_state(job);
    wildcam_job_free(job);
    return state;
}

static void assert_error(int64_t id, const char *words)
{
    wildcam_job *job;
    assert_ok(wildcam_station_get_job(station, id, &job));
    ck_assert_msg(strstr(wildcam_job_get_error(job), words), "\"%s\" does not name \"%s\"",
                  wildcam_job_get_error(job), words);
    wildcam_job_free(job);
}

static int64_t run_one(void)
{
    int64_t id;
    assert_ok(wildcam_station_run_job(station, NULL, NULL, &id));
    return id;
}

static void assert_result(int64_t id, int format, const char *words)
{
    char text[16384] = "";
    int fd;
    int64_t size;
    assert_ok(wildcam_station_open_result(station, id, format, &fd, &size));
    ck_assert_int_eq(read(fd, text, sizeof text - 1), size);
    close(fd);
    ck_assert_msg(strstr(text, words), "no \"%s\" in %s", words, text);
}

/* Does something to the catalog that no call does: time passing, say. */
static void change_catalog(const char *sql)
{
    sqlite3 *catalog;
    ck_assert_int_eq(sqlite3_open(scratch_path("station/station.db"), &catalog), SQLITE_OK);
    ck_assert_int_eq(sqlite3_busy_timeout(catalog, 10000), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(catalog, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(catalog));
    sqlite3_close(catalog);
}

START_TEST(a_report_in_the_caller_s_thread)
{
    wildcam_report *report;
    char *json, *csv;
    assert_ok(wildcam_station_report(station, at("2026-03-01T09:00:00Z"),
                                     at("2026-03-31T00:00:01Z"), NULL, NULL, &report));
    wildcam_station_close(station);
    station = NULL; /* the report does not need it */
    assert_ok(wildcam_report_to_json(report, &json));
    assert_ok(wildcam_report_to_csv(report, &csv));
    ck_assert_str_eq(wildcam_report_damaged(report), "");
    ck_assert_ptr_nonnull(
        strstr(json, "\"start_date\":\"2026-03-01\",\"end_date\":\"2026-03-31\""));
    ck_assert_ptr_nonnull(strstr(json, "\"species\":\"+deer\""));
    ck_assert_ptr_nonnull(strstr(csv, "\r\nspecies,,'+deer,animal,"));
    ck_assert_ptr_nonnull(strstr(csv, "\r\ntotal,,,,2026-03-01,,31,1,"));
    wildcam_free(json);
    wildcam_free(csv);
    wildcam_report_free(report);
}
END_TEST

/* Effort is what deployments say, less their failures; the time before they began is none. */
START_TEST(effort_of_deployments)
{
    wildcam_deployment *deployment;
    wildcam_report *report;
    char *json;
    assert_ok(wildcam_deployment_new(&deployment));
    assert_ok(wildcam_deployment_set_device_id(deployment, "CAM1"));
    assert_ok(wildcam_deployment_set_span(deployment, at("2026-01-21T12:00:00Z"),
                                          at("2026-02-21T06:00:00Z")));
    assert_ok(wildcam_deployment_add_failure(deployment, at("2026-01-30T00:00:00Z"),
                                             at("2026-02-03T00:00:00Z"), "snow"));
    assert_ok(wildcam_station_add_deployment(station, deployment, NULL, NULL, NULL));
    assert_ok(wildcam_deployment_set_device_id(deployment, "CAM2")); /* before both spans */
    assert_ok(wildcam_deployment_set_span(deployment, at("2025-01-21"), at("2025-02-21")));
    assert_ok(wildcam_deployment_clear_failures(deployment));
    assert_ok(wildcam_station_add_deployment(station, deployment, NULL, NULL, NULL));
    wildcam_deployment_free(deployment);
    assert_ok(
        wildcam_station_report(station, at("2026-02-01"), at("2026-04-01"), NULL, NULL, &report));
    assert_ok(wildcam_report_to_json(report, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"camera_days\":18.25,\"effort_source\":\"deployments\""));
    ck_assert_ptr_nonnull(strstr(json, "\"camera_days\":1,\"effort_source\":\"estimated\""));
    ck_assert_ptr_nonnull(strstr(json, "\"camera_days\":19.25,\"estimated_camera_days\":1,"));
    ck_assert_ptr_nonnull(strstr(json, "\"camera_days\":8.5,")); /* of the span before */
    wildcam_free(json);
    wildcam_report_free(report);
}
END_TEST

static void add_by_the_camera_s_clock(const char *device_id, int64_t time)
{
    wildcam_ingest *ingest;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    const struct sighting lynx = {device_id, "lynx", WILDCAM_TIME_NONE, 0.9};
    wildcam_detection *draft = draft_of(&lynx);
    assert_ok(wildcam_detection_set_time(draft, time, 0, WILDCAM_TIME_SOURCE_EXIF));
    assert_ok(wildcam_station_add_detection(station, draft, NULL));
    wildcam_detection_free(draft);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, device_id));
    assert_ok(wildcam_ingest_set_time(ingest, time, 0, WILDCAM_TIME_SOURCE_EXIF));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
}

/* A clock that was wrong by two months: rows stay in their files, and count where they belong. */
START_TEST(corrected_times_are_reported)
{
    wildcam_deployment *deployment;
    wildcam_analytics *analytics;
    char *csv;
    wildcam_report *report;
    int64_t wrong = wildcam_time_now() - 70 * DAY;
    add_by_the_camera_s_clock("CAM3", wrong);
    assert_ok(wildcam_station_camera_statistics(station, "CAM3", 7, &analytics));
    ck_assert_ptr_nonnull(strstr(wildcam_analytics_get_json(analytics, NULL), "detections\":0"));
    wildcam_analytics_free(analytics);
    assert_ok(wildcam_deployment_new(&deployment));
    assert_ok(wildcam_deployment_set_device_id(deployment, "CAM3"));
    assert_ok(wildcam_deployment_set_span(deployment, wrong + 65 * DAY, WILDCAM_TIME_NONE));
    assert_ok(wildcam_deployment_set_correction(deployment, wrong, wrong + 68 * DAY));
    assert_ok(wildcam_station_add_deployment(station, deployment, NULL, NULL, NULL));
    wildcam_deployment_free(deployment);
    assert_ok(wildcam_station_retime(station, NULL, NULL));
    assert_ok(wildcam_station_camera_statistics(station, "CAM3", 7, &analytics));
    ck_assert_ptr_nonnull(
        strstr(wildcam_analytics_get_json(analytics, NULL), "\"total_detections\":2,"));
    wildcam_analytics_free(analytics);
    assert_ok(
        wildcam_station_report(station, wrong + 60 * DAY, wrong + 70 * DAY, NULL, NULL, &report));
    assert_ok(wildcam_report_to_csv(report, &csv));
    ck_assert_ptr_nonnull(strstr(csv, "\r\ncamera,CAM3,,,,,,2,1,1,0,0,1,0,"));
    wildcam_free(csv);
    wildcam_report_free(report);
}
END_TEST

static int say_stop(void *user, const char *phase, int64_t done, int64_t total)
{
    int *calls = user;
    ck_assert_str_eq(phase, "report");
    ck_assert_int_le(done, total);
    return ++*calls == 2;
}

START_TEST(limits)
{
    int calls = 0;
    int64_t id = 7;
    wildcam_report *report = (void *)&id;
    assert_fails(WILDCAM_ERR_INVALID, "ends before",
                 wildcam_station_report(station, DAY, DAY, NULL, NULL, &report));
    ck_assert_ptr_null(report);
    assert_fails(WILDCAM_ERR_INVALID, "3660",
                 wildcam_station_report(station, 0, 3661 * DAY, NULL, NULL, &report));
    assert_fails(WILDCAM_ERR_INVALID, "ends before",
                 wildcam_station_start_report(station, DAY, 0, &id));
    ck_assert_int_eq(id, 0);
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_station_report(station, at("2026-02-01"), at("2026-04-01"), say_stop,
                                         &calls, &report));
    ck_assert_ptr_null(report);
    ck_assert_int_eq(calls, 2);
    assert_fails(WILDCAM_ERR_NOTFOUND, "99", wildcam_station_cancel_job(station, 99));
    assert_fails(WILDCAM_ERR_NOTFOUND, "99", wildcam_station_remove_job(station, 99));
    for (int i = 0; i < WILDCAM_JOBS_MAX; i++)
        start();
    assert_fails(WILDCAM_ERR_LIMITED, "100 jobs",
                 wildcam_station_start_report(station, 0, DAY, &id));
}
END_TEST

START_TEST(jobs_are_run_in_turn)
{
    int fd;
    int64_t first = start(), second = start();
    wildcam_job_list *list;
    ck_assert_int_eq(state_of(first), WILDCAM_JOB_DUE);
    assert_fails(WILDCAM_ERR_STATE, "due",
                 wildcam_station_open_result(station, first, WILDCAM_REPORT_JSON, &fd, NULL));
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(run_one(), first);
    ck_assert_int_eq(run_one(), second);
    ck_assert_int_eq(run_one(), 0);
    ck_assert_int_eq(state_of(first), WILDCAM_JOB_DONE);
    assert_result(first, WILDCAM_REPORT_JSON, "\"detections\":2,");
    assert_result(second, WILDCAM_REPORT_CSV, "\r\nspecies,,fox,animal,");
    assert_ok(wildcam_station_list_jobs(station, &list));
    ck_assert_uint_eq(wildcam_job_list_get_count(list), 2);
    ck_assert_int_eq(wildcam_job_get_id(wildcam_job_list_at(list, 0)), second);
    ck_assert_ptr_null(wildcam_job_list_at(list, 2));
    wildcam_job_list_free(list);
    ck_assert_int_eq(files_in("reports"), 4);
    assert_ok(wildcam_station_remove_job(station, first));
    ck_assert_int_eq(files_in("reports"), 2);
    ck_assert_int_gt(start(), second); /* a number is given once */
}
END_TEST

START_TEST(the_station_s_thread_runs_them)
{
    int64_t before = start();
    assert_ok(wildcam_station_start(station));
    wait_until(state_of(before) == WILDCAM_JOB_DONE);
    int64_t after = start();
    wait_until(state_of(after) == WILDCAM_JOB_DONE);
    assert_ok(wildcam_station_stop(station));
    int64_t later = start();
    assert_ok(wildcam_station_start(station));
    wait_until(state_of(later) == WILDCAM_JOB_DONE);
}
END_TEST

static int cancel_it(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)phase;
    (void)total;
    if (done == 0)
        assert_ok(wildcam_station_cancel_job(station, *(int64_t *)user));
    return 0;
}

START_TEST(a_job_is_cancelled)
{
    int64_t first = start(), second = start(), id;
    assert_ok(wildcam_station_cancel_job(station, first));
    ck_assert_int_eq(state_of(first), WILDCAM_JOB_CANCELLED);
    ck_assert_int_eq(run_one(), second);
    assert_ok(wildcam_station_cancel_job(station, second)); /* it has ended: it stays done */
    ck_assert_int_eq(state_of(second), WILDCAM_JOB_DONE);
    int64_t third = start(), fourth = start();
    assert_ok(wildcam_station_run_job(station, cancel_it, &third, &id)); /* while it runs */
    ck_assert_int_eq(id, third);
    ck_assert_int_eq(state_of(third), WILDCAM_JOB_CANCELLED);
    change_catalog("UPDATE jobs SET cancelled=1 WHERE state=0"); /* just before it is claimed */
    ck_assert_int_eq(run_one(), fourth);
    ck_assert_int_eq(state_of(fourth), WILDCAM_JOB_CANCELLED);
    ck_assert_int_eq(files_in("reports"), 2);
}
END_TEST

static int look_at_running(void *user, const char *phase, int64_t done, int64_t total)
{
    int64_t id, job = *(int64_t *)user;
    (void)phase;
    (void)done;
    (void)total;
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_RUNNING);
    assert_fails(WILDCAM_ERR_STATE, "cancel", wildcam_station_remove_job(station, job));
    assert_ok(wildcam_station_run_job(station, NULL, NULL, &id)); /* nobody else gets it */
    ck_assert_int_eq(id, 0);
    return 1;
}

START_TEST(a_job_that_is_interrupted_is_due_again)
{
    int64_t job = start(), id;
    for (int i = 0; i < 5; i++) { /* that is nobody's death, however often */
        assert_status(WILDCAM_ERR_CANCELLED,
                      wildcam_station_run_job(station, look_at_running, &job, &id));
        ck_assert_int_eq(id, job);
        ck_assert_int_eq(state_of(job), WILDCAM_JOB_DUE);
    }
    ck_assert_int_eq(run_one(), job);
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_DONE);
}
END_TEST

static int die(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    (void)phase;
    (void)done;
    (void)total;
    raise(SIGKILL);
    return 0;
}

/* A process that dies of a job; its lease is over at once, so that nobody has to wait. */
static void die_of_job(void)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        wildcam_conf *conf = station_conf();
        wildcam_station *other = open_station(conf);
        wildcam_station_run_job(other, die, NULL, NULL);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    change_catalog("UPDATE jobs SET leased_until=1 WHERE state=1");
}

START_TEST(a_dead_process_s_job_is_taken_up)
{
    int64_t job = start();
    die_of_job();
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_RUNNING);
    ck_assert_int_eq(run_one(), job);
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_DONE);
    job = start();
    for (int i = 0; i < 3; i++)
        die_of_job();
    ck_assert_int_eq(run_one(), 0);
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_FAILED);
    assert_error(job, "three times");
}
END_TEST

static int lose_it(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    (void)phase;
    (void)total;
    if (done == 0)
        change_catalog("UPDATE jobs SET lease=lease+1");
    return 0;
}

/* Whoever slept until his lease was over and another one had the job writes nothing of it. */
START_TEST(a_job_that_was_lost_is_left_alone)
{
    int64_t job = start(), id;
    assert_ok(wildcam_station_run_job(station, lose_it, NULL, &id));
    ck_assert_int_eq(id, job);
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_RUNNING);
    ck_assert_int_eq(files_in("reports"), 0);
}
END_TEST

START_TEST(a_failure_is_the_job_s)
{
    int64_t job = start();
    expect_log("failed");
    save_file(scratch_path("station/reports"), "", 0); /* in the way */
    ck_assert_int_eq(run_one(), job);
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_FAILED);
    assert_error(job, "reports");
}
END_TEST

START_TEST(old_results_go)
{
    int fd;
    int64_t old = start(), young = start();
    run_one();
    run_one();
    save_file(scratch_path("station/reports/77.csv"), "x", 1); /* of no job */
    change_catalog("UPDATE jobs SET finished_at=finished_at-31*86400000000 WHERE id=1");
    assert_ok(wildcam_station_start(station));
    wait_until(files_in("reports") == 2);
    wildcam_job *job;
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_job(station, old, &job));
    assert_result(young, WILDCAM_REPORT_JSON, "\"detections\":2,");
    ck_assert_int_eq(unlink(scratch_path("station/reports/%d.csv", (int)young)), 0);
    assert_fails(WILDCAM_ERR_NOTFOUND, "gone",
                 wildcam_station_open_result(station, young, WILDCAM_REPORT_CSV, &fd, NULL));
}
END_TEST

/* The oldest go first when there are too many. */
START_TEST(only_so_many_results_stay)
{
    close_it();
    station = open_with("reports.keep_count", "2", NULL);
    for (int i = 0; i < 4; i++)
        start();
    for (int i = 0; i < 4; i++)
        run_one();
    ck_assert_int_eq(files_in("reports"), 8);
    wildcam_station_maintain(station, 0);
    ck_assert_int_eq(files_in("reports"), 4);
    wildcam_job *job;
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_job(station, 2, &job));
    ck_assert_int_eq(state_of(3), WILDCAM_JOB_DONE);
    ck_assert_int_eq(state_of(4), WILDCAM_JOB_DONE);
}
END_TEST

static int64_t bytes_of(int64_t id)
{
    int fd;
    int64_t json, csv;
    assert_ok(wildcam_station_open_result(station, id, WILDCAM_REPORT_JSON, &fd, &json));
    close(fd);
    assert_ok(wildcam_station_open_result(station, id, WILDCAM_REPORT_CSV, &fd, &csv));
    close(fd);
    return json + csv;
}

START_TEST(results_take_only_so_much)
{
    char limit[32];
    int64_t first = start();
    run_one();
    snprintf(limit, sizeof limit, "%lld", (long long)(2 * bytes_of(first) + 100));
    close_it();
    station = open_with("reports.keep_bytes", limit, NULL);
    for (int i = 0; i < 2; i++) {
        start();
        run_one();
    }
    wildcam_station_maintain(station, 0);
    ck_assert_int_eq(files_in("reports"), 4);
    close_it();
    station = open_with("reports.keep_bytes", "1024", NULL);
    int64_t job = start();
    expect_log("failed");
    run_one();
    ck_assert_int_eq(state_of(job), WILDCAM_JOB_FAILED);
    assert_error(job, "reports.keep_bytes");
    wildcam_station_maintain(station, 0);
    ck_assert_int_eq(files_in("reports"), 0);
}
END_TEST

/* What did something in the span before alone is no camera of this one. */
START_TEST(cameras_of_the_span_before_are_not_listed)
{
    char *json;
    wildcam_report *report;
    assert_ok(
        wildcam_station_report(station, at("2026-03-01"), at("2026-04-01"), NULL, NULL, &report));
    assert_ok(wildcam_report_to_json(report, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"cameras\":1,"));
    ck_assert_ptr_nonnull(strstr(json, "CAM2"));
    ck_assert_ptr_null(strstr(json, "CAM1"));
    ck_assert_ptr_nonnull(strstr(json, "\"previous\""));
    wildcam_free(json);
    wildcam_report_free(report);
}
END_TEST

static int count_calls(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)phase;
    (void)done;
    (void)total;
    ++*(int *)user;
    return 0;
}

/* Whoever waits, or holds the lease, hears of it in the midst of a shard, too. */
START_TEST(a_long_shard_is_told_of)
{
    wildcam_batch *batch;
    wildcam_report *report;
    int calls = 0;
    assert_ok(wildcam_batch_new(station, &batch));
    for (int day = 0; day < 25; day++) {
        for (int i = 0; i < 200; i++) {
            char name[16];
            snprintf(name, sizeof name, "species %d", i);
            const struct sighting sighting = {"CAM1", name, at("2026-03-02") + day * DAY, 0.5};
            wildcam_detection *draft = draft_of(&sighting);
            assert_ok(wildcam_batch_add(batch, draft));
            wildcam_detection_free(draft);
        }
    }
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    assert_ok(wildcam_station_report(station, at("2026-03-01"), at("2026-04-01"), count_calls,
                                     &calls, &report));
    wildcam_report_free(report);
    ck_assert_int_ge(calls, 2 + 4); /* two shards, and 5000 rows */
}
END_TEST

START_TEST(a_job_as_json)
{
    char *text;
    wildcam_job *job;
    assert_ok(wildcam_station_get_job(station, start(), &job));
    assert_ok(wildcam_job_to_json(job, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"state\":\"due\",\"start_date\":\"2026-02-01\","
                                       "\"end_date\":\"2026-03-31\""));
    ck_assert_ptr_nonnull(strstr(text, "\"finished_at\":null"));
    wildcam_free(text);
    wildcam_job_free(job);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("api: report");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, open_it, close_it);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, a_report_in_the_caller_s_thread);
    tcase_add_test(all, effort_of_deployments);
    tcase_add_test(all, corrected_times_are_reported);
    tcase_add_test(all, limits);
    tcase_add_test(all, jobs_are_run_in_turn);
    tcase_add_test(all, the_station_s_thread_runs_them);
    tcase_add_test(all, a_job_is_cancelled);
    tcase_add_test(all, a_job_that_is_interrupted_is_due_again);
    tcase_add_test(all, a_dead_process_s_job_is_taken_up);
    tcase_add_test(all, a_job_that_was_lost_is_left_alone);
    tcase_add_test(all, a_failure_is_the_job_s);
    tcase_add_test(all, old_results_go);
    tcase_add_test(all, only_so_many_results_stay);
    tcase_add_test(all, results_take_only_so_much);
    tcase_add_test(all, cameras_of_the_span_before_are_not_listed);
    tcase_add_test(all, a_long_shard_is_told_of);
    tcase_add_test(all, a_job_as_json);
    return suite;
}
