/* Who drains: other processes, the background, and whoever holds the lease. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/file.h"
#include "upload/drain.h"
#include "uploader_scene.h"

/* ---- other processes ---- */

static int hang(void *user)
{
    (void)user;
    fake.fate = FAKE_HANGS;
    open_uploading(NULL, NULL);
    wildcam_station_upload(station, 0, LONG, 0, NULL, NULL, NULL, NULL);
    return 1;
}

START_TEST(a_process_that_dies_loses_nothing)
{
    int64_t id = keep(1);
    wildcam_station_close(station);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(hang(NULL));
    open_uploading(NULL, NULL);
    wait_until(leased(id) == 2);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    assert_ok(pass(0)); /* the leases have not passed */
    ck_assert_int_eq(uploaded, 0);
    ck_assert_uint_eq(fake.send_count, 0);
    /* As if they had. */
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++) {
        wildcam_upload *row = row_of(id, kind), *rows[] = {row};
        struct wci_upload_work work = {.step = WCI_UPLOADS_RENEW, .rows = rows, .count = 1};
        ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
        wildcam_upload_free(row);
    }
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2);
    for (int i = 0; i < 2; i++)
        ck_assert_uint_eq(fake.sends[i].look_first, 7);
}
END_TEST

/* What was uploaded since the backup is not known in it. */
START_TEST(what_is_restored_is_looked_for)
{
    int64_t id = keep(1);
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    fake.fate = FAKE_LEAVES; /* the second region has it */
    assert_ok(pass(0));
    ck_assert_uint_eq(fake.counts[1], 2);
    wildcam_station_close(station);
    assert_ok(wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    station = open_with("data.dir", scratch_path("again"), "s3.access_key", "AKIDEXAMPLE",
                        "s3.secret_key", "secret", NULL);
    fake.fate = FAKE_TAKES;
    fake.send_count = 0;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2);
    for (int i = 0; i < 2; i++)
        ck_assert_uint_eq(fake.sends[i].look_first, 7);
    ck_assert_uint_eq(fake.counts[0], 0);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wildcam_upload_get_region(row), "us-east-1");
    wildcam_upload_free(row);
}
END_TEST

static void *pass_in_a_thread(void *user)
{
    int64_t *count = user;
    wildcam_conf *conf = station_conf();
    wildcam_station *other;
    assert_ok(wildcam_conf_set(conf, "s3.access_key", "AKIDEXAMPLE"));
    assert_ok(wildcam_conf_set(conf, "s3.secret_key", "secret"));
    assert_ok(wildcam_station_open(conf, &other));
    assert_ok(wildcam_station_upload(other, 0, LONG, 0, NULL, NULL, count, NULL));
    wildcam_station_close(other);
    wildcam_conf_free(conf);
    return NULL;
}

START_TEST(several_may_drain_one_store)
{
    enum { COUNT = 60, OBJECTS = 2 * COUNT, THREADS = 3 };
    pthread_t threads[THREADS];
    int64_t counts[THREADS] = {0}, total = 0;
    for (unsigned i = 0; i < COUNT; i++)
        keep(i);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, pass_in_a_thread, &counts[i]), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        total += counts[i];
    ck_assert_int_eq(total, OBJECTS);
    ck_assert_uint_eq(fake.send_count, OBJECTS);
    ck_assert_int_eq(owed(), 0);
}
END_TEST

/* ---- in the background ---- */

START_TEST(the_background_uploads_what_comes_in)
{
    keep(1);
    assert_ok(wildcam_station_start(station));
    assert_ok(wildcam_station_start(station));
    wait_until(owed() == 0);
    for (unsigned i = 2; i < 30; i++)
        keep(i);
    wait_until(owed() == 0);
    ck_assert_uint_eq(fake.send_count, 58);
    assert_ok(wildcam_station_stop(station));
    assert_ok(wildcam_station_stop(station));
    int64_t id = keep(31);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DUE);
    assert_ok(wildcam_station_start(station));
    wait_until(owed() == 0);
}
END_TEST

START_TEST(stopping_gives_back_what_hangs)
{
    int64_t id = keep(1);
    fake.fate = FAKE_HANGS;
    for (unsigned i = 2; i < 40; i++)
        keep(i);
    assert_ok(wildcam_station_start(station));
    wait_until(hung() == 8);
    int64_t began = wci_calendar_monotonic();
    assert_ok(wildcam_station_stop(station));
    ck_assert_int_lt(wci_calendar_monotonic() - began, 5 * WCI_SECOND);
    ck_assert_int_eq(owed(), 78);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(0)); /* all of them are free */
    ck_assert_int_eq(uploaded, 78);
    ck_assert_int_eq(leased(id), 0);
}
END_TEST

START_TEST(closing_ends_a_pass_in_another_thread)
{
    int64_t id = keep(1);
    fake.fate = FAKE_HANGS;
    assert_ok(wildcam_station_start(station));
    wait_until(hung() == 2);
    wildcam_station_close(station);
    open_uploading(NULL, NULL);
    ck_assert_int_eq(leased(id), 0);
}
END_TEST

START_TEST(a_pause_holds_back_the_background_but_no_person)
{
    wci_uploader_pause(station->uploader, true);
    ck_assert(wci_uploader_is_paused(station->uploader));
    assert_ok(wildcam_station_start(station));
    int64_t id = keep(1);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 0);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DUE);
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(uploaded, 2);
    keep(2);
    wci_uploader_pause(station->uploader, false);
    wait_until(owed() == 0);
}
END_TEST

START_TEST(a_window_that_is_closed)
{
    char window[32];
    int64_t minute = wci_calendar_now() / (60 * WCI_SECOND) % 1440 + 120;
    snprintf(window, sizeof window, "%02d:%02d-%02d:%02d", (int)(minute / 60 % 24),
             (int)(minute % 60), (int)((minute + 60) / 60 % 24), (int)((minute + 60) % 60));
    reopen_with("s3.window", window);
    assert_ok(wildcam_station_start(station));
    keep(1);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 0);
    ck_assert_int_eq(owed(), 2);
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(uploaded, 2);
}
END_TEST

/* ---- leases ---- */

static void drain_until_hung(struct wci_drain *drain, atomic_bool *bell, int count)
{
    ck_assert_int_eq(wci_drain_init(drain, station->uploader, bell), WILDCAM_OK);
    fake.fate = FAKE_HANGS;
    wait_until((wci_drain_round(drain), hung()) == count);
}

START_TEST(a_long_upload_keeps_its_lease)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    int64_t id = keep(1);
    drain_until_hung(&drain, &bell, 2);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    int64_t until = row->leased_until;
    wildcam_upload_free(row);
    for (size_t i = 0; i < drain.job_count; i++)
        drain.jobs[i]->held_since -= WCI_LEASE_RENEWED;
    usleep(1000);
    wci_drain_round(&drain);
    row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_gt(row->leased_until, until);
    wildcam_upload_free(row);
    wci_drain_end(&drain);
    wci_drain_release(&drain);
    ck_assert_int_eq(leased(id), 0);
}
END_TEST

static int made;

static wildcam_status make_slowly(void *user, int64_t id, void **data, size_t *size)
{
    (void)user;
    (void)id;
    made++;
    usleep(300000);
    *size = 5;
    return (*data = strdup("small")) ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

/* However slow the disk is, leases are renewed meanwhile, and who stops it does not wait for all.
 */
START_TEST(what_is_slow_is_sent_one_by_one)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    for (unsigned i = 0; i < 4; i++)
        keep(i);
    station->uploader->make = make_slowly;
    ck_assert_int_eq(wci_drain_init(&drain, station->uploader, &bell), WILDCAM_OK);
    made = 0;
    wci_drain_round(&drain);
    ck_assert_int_eq(made, 1);
    for (int i = 2; i <= 4; i++) {
        for (size_t k = 0; k < drain.job_count; k++)
            drain.jobs[k]->held_since -= WCI_LEASE_RENEWED;
        int64_t at = wci_drain_round(&drain);
        ck_assert_int_eq(made, i);
        ck_assert_int_lt(at - wci_calendar_monotonic(), WCI_SECOND / 10);
    }
    wait_until((wci_drain_round(&drain), wci_drain_wait(&drain, wci_calendar_monotonic() + 1000),
                drain.in_hand == 0));
    ck_assert_int_eq(drain.uploaded, 8);
    wci_drain_end(&drain);
    wci_drain_release(&drain);
}
END_TEST

/* This process stands still for so long that another takes the row over and uploads it elsewhere,
 * and then what was under way arrives too. */
START_TEST(a_lost_lease_leaves_a_doubt)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    reopen_with("s3.thumbnails", "off");
    int64_t id = keep(1);
    drain_until_hung(&drain, &bell, 1);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE), *rows[] = {row};
    int64_t now = wci_calendar_now();
    struct wci_upload_work work = {WCI_UPLOADS_RENEW, rows, 1, now, 0, now - 1};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    work = (struct wci_upload_work){WCI_UPLOADS_CLAIM, rows, 1, now, 99, now + WCI_LEASE};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    ck_assert(!row->is_missed);
    struct wci_job *job = drain.jobs[0];
    ck_assert_int_eq(job->stage, WCI_JOB_AWAY);
    /* It arrives in the first region after all. */
    wci_engine_cancel(drain.engine, &job->object);
    while (job->stage == WCI_JOB_AWAY)
        wci_drain_wait(&drain, wci_calendar_monotonic() + WCI_SECOND);
    memset(&job->object.error, 0, sizeof job->object.error);
    job->object.is_blameless = false;
    job->object.region = 0;
    wci_drain_round(&drain);
    ck_assert_int_eq(job->stage, WCI_JOB_LOST);
    /* The other one has it in the second. */
    row->state = WCI_UPLOAD_DONE;
    row->uploaded_at = now;
    ck_assert_int_eq(wci_text_set(&row->region, "us-east-1", 9), WILDCAM_OK);
    work.step = WCI_UPLOADS_SETTLE;
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    ck_assert(!row->is_missed);
    wildcam_upload_free(row);
    wci_drain_end(&drain);
    ck_assert_int_eq(drain.uploaded, 0);
    wci_drain_release(&drain);
    row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wci_text_get(&row->region), "us-east-1");
    ck_assert_str_eq(wci_text_get(&row->doubts), "us-west-2");
    wildcam_upload_free(row);
}
END_TEST

static void set_aside(const char *end)
{
    char from[256], to[256];
    snprintf(from, sizeof from, "%s%s", scratch_path("station/detections/2026-03.db"), end);
    snprintf(to, sizeof to, "%s%s",
             scratch_path("station/damaged/2026-03.20260305T120000000000Z.db"), end);
    (void)rename(from, to);
}

/* While it was under way its shard was found damaged, and nobody will ever ask for its row. */
START_TEST(a_shard_that_is_set_aside_holds_up_nothing)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    reopen_with("s3.thumbnails", "off");
    keep(1);
    drain_until_hung(&drain, &bell, 1);
    struct wci_job *job = drain.jobs[0];
    ck_assert_int_eq(wci_directory_make(scratch_path("station/damaged")), WILDCAM_OK);
    set_aside("-wal");
    set_aside("-shm");
    set_aside("");
    wci_engine_cancel(drain.engine, &job->object);
    while (job->stage == WCI_JOB_AWAY)
        wci_drain_wait(&drain, wci_calendar_monotonic() + WCI_SECOND);
    memset(&job->object.error, 0, sizeof job->object.error);
    job->object.is_blameless = false;
    job->object.region = 0;
    expect_log("set aside");
    expect_log("could not be written down");
    wait_until(
        (drain.next_search = drain.next_settling = 0, wci_drain_round(&drain), drain.in_hand == 0));
    wci_drain_end(&drain);
    wci_drain_release(&drain);
}
END_TEST

START_TEST(parts_are_noted_and_resumed)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    reopen_with("s3.thumbnails", "off");
    int64_t id = keep(1);
    ck_assert_int_eq(wci_drain_init(&drain, station->uploader, &bell), WILDCAM_OK);
    fake.fate = FAKE_BEGINS;
    wait_until((wci_drain_round(&drain), hung()) == 1);
    wci_drain_round(&drain);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wci_text_get(&row->upload_id), "parts-1"); /* while it is under way */
    ck_assert_str_eq(wci_text_get(&row->region), "us-west-2");
    wildcam_upload_free(row);
    wci_drain_end(&drain);
    wci_drain_release(&drain);
    row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wci_text_get(&row->upload_id), "parts-1"); /* and given up */
    wildcam_upload_free(row);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_str_eq(fake.sends[fake.send_count - 1].resume_id, "parts-1");
    row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wci_text_get(&row->upload_id), "");
    ck_assert_str_eq(wci_text_get(&row->doubts), "");
    wildcam_upload_free(row);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("uploader_background");
    TCase *processes = harness_case(suite, "processes");
    tcase_add_checked_fixture(processes, begin_uploading, end_uploading);
    tcase_add_test(processes, a_process_that_dies_loses_nothing);
    tcase_add_test(processes, what_is_restored_is_looked_for);
    tcase_add_test(processes, several_may_drain_one_store);
    TCase *background = harness_case(suite, "background");
    tcase_add_checked_fixture(background, begin_uploading, end_uploading);
    tcase_add_test(background, the_background_uploads_what_comes_in);
    tcase_add_test(background, stopping_gives_back_what_hangs);
    tcase_add_test(background, closing_ends_a_pass_in_another_thread);
    tcase_add_test(background, a_pause_holds_back_the_background_but_no_person);
    tcase_add_test(background, a_window_that_is_closed);
    TCase *leases = harness_case(suite, "leases");
    tcase_add_checked_fixture(leases, begin_uploading, end_uploading);
    tcase_add_test(leases, a_long_upload_keeps_its_lease);
    tcase_add_test(leases, what_is_slow_is_sent_one_by_one);
    tcase_add_test(leases, a_lost_lease_leaves_a_doubt);
    tcase_add_test(leases, a_shard_that_is_set_aside_holds_up_nothing);
    tcase_add_test(leases, parts_are_noted_and_resumed);
    return suite;
}
