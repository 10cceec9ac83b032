/* What is owed to S3 is drained, settled and put in order, over an engine without a network. */
#include <sys/wait.h>
#include <unistd.h>

#include "api/fixtures.h"
#include "base/calendar.h"
#include "base/file.h"
#include "station/station.h"
#include "unit/fake_engine.h"
#include "upload/drain.h"

#define NOON "2026-03-05T12:00:00Z"
enum { LONG = 60000 };

static wildcam_station *station;
static int64_t uploaded, failed;

static void open_uploading(const char *name, const char *value)
{
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.regions",
                        "us-west-2,us-east-1,eu-west-1", name ? name : "s3.profile",
                        name ? value : "", NULL);
}

static void set_up(void)
{
    fake_reset();
    open_uploading(NULL, NULL);
}

static void tear_down(void)
{
    wildcam_station_close(station);
    ck_assert_int_eq(fake.engines, 0);
}

static void reopen_with(const char *name, const char *value)
{
    wildcam_station_close(station);
    open_uploading(name, value);
}

static int64_t keep(unsigned seed)
{
    return add_scene(station, "CAM-7", seed, at(NOON) + (int64_t)seed * SECOND);
}

/* A pass that takes its time. */
static wildcam_status pass(uint32_t how)
{
    return wildcam_station_upload(station, how, LONG, 0, NULL, NULL, &uploaded, &failed);
}

static wildcam_upload *row_of(int64_t id, int kind)
{
    wildcam_upload *upload;
    assert_ok(wildcam_station_get_upload(station, id, kind, &upload));
    return upload;
}

static int state_of(int64_t id, int kind)
{
    wildcam_upload *upload = row_of(id, kind);
    int state = wildcam_upload_get_state(upload);
    wildcam_upload_free(upload);
    return state;
}

static int64_t owed(void)
{
    int64_t count, parked;
    assert_ok(wildcam_station_count_uploads(station, &count, NULL, &parked));
    return count;
}

/* How many rows somebody holds. */
static int leased(int64_t id)
{
    int count = 0;
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++) {
        wildcam_upload *upload = row_of(id, kind);
        count += upload->lease != 0;
        wildcam_upload_free(upload);
    }
    return count;
}

/* Until something in the background has come about. */
#define wait_until(condition)                                                                      \
    do {                                                                                           \
        int64_t deadline_ = wci_calendar_monotonic() + 20 * WCI_SECOND;                            \
        while (!(condition)) {                                                                     \
            ck_assert_msg(wci_calendar_monotonic() < deadline_, "%s does not come", #condition);   \
            usleep(2000);                                                                          \
        }                                                                                          \
    } while (0)

static int hung(void)
{
    pthread_mutex_lock(&fake.mutex);
    int count = fake.hung;
    pthread_mutex_unlock(&fake.mutex);
    return count;
}

/* ---- passes ---- */

START_TEST(everything_goes_up_once)
{
    char key[WCI_UPLOAD_KEY], sha256[65];
    wildcam_image *image;
    int64_t id = keep(1);
    keep(2);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 4);
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(owed(), 0);
    assert_ok(wildcam_station_get_image(station, id, &image));
    snprintf(sha256, sizeof sha256, "%s", wildcam_image_get_sha256(image));
    snprintf(key, sizeof key, "images/2026/03/05/CAM-7/%.32s.jpg", sha256);
    wildcam_image_free(image);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_state(upload), WILDCAM_UPLOAD_DONE);
    ck_assert_str_eq(wildcam_upload_get_region(upload), "us-west-2");
    ck_assert_str_eq(wildcam_upload_get_bucket(upload), "wildcam-us-west-2");
    ck_assert_str_eq(wildcam_upload_get_key(upload), key);
    ck_assert_str_eq(wildcam_upload_get_etag(upload), fake_find(0, key)->etag);
    ck_assert_str_eq(wildcam_upload_get_checksum(upload), "sha256:abc");
    ck_assert_str_eq(wildcam_upload_get_last_error(upload), "");
    ck_assert_int_eq(wildcam_upload_get_bytes(upload), fake_find(0, key)->bytes);
    ck_assert_int_eq(wildcam_upload_get_attempts(upload), 0);
    ck_assert_int_ge(wildcam_upload_get_uploaded_at(upload), wildcam_upload_get_since(upload));
    ck_assert_int_eq(wildcam_upload_get_next_try(upload), WILDCAM_TIME_NONE);
    ck_assert_str_eq(fake_find(0, key)->sha256, sha256);
    ck_assert_int_eq(leased(id), 0);
    wildcam_upload_free(upload);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 0);
    ck_assert_uint_eq(fake.send_count, 4);
}
END_TEST

START_TEST(thumbnails_first_and_the_newest)
{
    char words[64];
    keep(1);
    int64_t id = keep(2);
    fake.room = 1;
    assert_ok(pass(0));
    ck_assert_int_eq(strncmp(fake.sends[0].key, "thumbnails/2026/03/05/CAM-7/", 28), 0);
    ck_assert_int_eq(strncmp(fake.sends[1].key, "thumbnails/", 11), 0);
    ck_assert_int_eq(strncmp(fake.sends[2].key, "images/", 7), 0);
    ck_assert_int_eq(fake.most_at_once, 1);
    snprintf(words, sizeof words,
             "wildcam-id=%lld wildcam-device=CAM-7 wildcam-time=2026-03-05T12:", (long long)id);
    ck_assert_ptr_nonnull(strstr(fake.sends[0].metadata, words));
    ck_assert_ptr_nonnull(strstr(fake.sends[2].metadata, words));
}
END_TEST

START_TEST(no_thumbnails)
{
    reopen_with("s3.thumbnails", "off");
    int64_t id = keep(1);
    ck_assert_int_eq(owed(), 1);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_THUMBNAIL), WILDCAM_UPLOAD_DUE);
}
END_TEST

START_TEST(the_oldest_and_thumbnails_last)
{
    reopen_with("s3.order", "oldest");
    keep(2);
    int64_t id = keep(1);
    char words[64];
    fake.room = 1;
    assert_ok(pass(0));
    snprintf(words, sizeof words, "wildcam-id=%lld ", (long long)id);
    ck_assert_ptr_nonnull(strstr(fake.sends[0].metadata, words));
    reopen_with("s3.thumbnails", "last");
    keep(3);
    fake.send_count = 0;
    assert_ok(pass(0));
    ck_assert_int_eq(strncmp(fake.sends[0].key, "images/", 7), 0);
}
END_TEST

START_TEST(nothing_is_uploaded_unless_the_settings_say_so)
{
    wildcam_station_close(station);
    station = open_with("s3.regions", "us-west-2", NULL);
    assert_fails(WILDCAM_ERR_STATE, "neither s3.access_key nor s3.endpoint is set", pass(0));
    wildcam_station_close(station);
    station = open_with("s3.upload", "on", "s3.regions", "", NULL);
    assert_fails(WILDCAM_ERR_STATE, "s3.regions is empty", pass(0));
    reopen_with("s3.upload", "off");
    ck_assert_int_eq(fake.engines, 0);
    int64_t id = keep(1);
    assert_fails(WILDCAM_ERR_STATE, "s3.upload is off", pass(0));
    assert_ok(wildcam_station_start(station));
    assert_ok(wildcam_station_stop(station));
    ck_assert_int_eq(fake.engines, 0);
    ck_assert_int_eq(owed(), 2); /* it is when they do */
    reopen_with(NULL, NULL);
    assert_ok(pass(0));
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DONE);
}
END_TEST

START_TEST(a_setting_that_cannot_be_followed_stops_the_opening)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *none = station;
    assert_ok(wildcam_conf_set(conf, "s3.access_key", "AKIDEXAMPLE"));
    assert_ok(wildcam_conf_set(conf, "s3.secret_key", "secret"));
    fake.fails_to_open = WILDCAM_ERR_INVALID;
    assert_fails(WILDCAM_ERR_INVALID, "s3.ca_file", wildcam_station_open(conf, &none));
    ck_assert_ptr_null(none);
    fake.fails_to_open = WILDCAM_OK;
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
    enum { COUNT = 120, OBJECTS = 2 * COUNT };
    reopen_with("s3.connections", "5");
    fake.room = 5;
    for (unsigned i = 0; i < COUNT; i++)
        keep(i);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, OBJECTS);
    ck_assert_int_le(fake.most_at_once, 5);
    ck_assert_uint_eq(fake.send_count, OBJECTS);
    ck_assert_uint_eq(fake.counts[0], OBJECTS);
}
END_TEST

START_TEST(not_more_than_asked_for)
{
    for (unsigned i = 0; i < 10; i++)
        keep(i);
    assert_ok(wildcam_station_upload(station, 0, LONG, 7, NULL, NULL, &uploaded, &failed));
    ck_assert_int_eq(uploaded, 7);
    ck_assert_uint_eq(fake.send_count, 7);
    ck_assert_int_eq(owed(), 13);
    assert_ok(wildcam_station_upload(station, 0, 0, 0, NULL, NULL, &uploaded, NULL));
    ck_assert_int_le(uploaded, 13);
}
END_TEST

static int note_progress(void *user, const char *phase, int64_t done, int64_t total)
{
    int64_t *seen = user;
    ck_assert_str_eq(phase, "uploads");
    ck_assert_int_ge(done, seen[0]);
    seen[0] = done;
    seen[1] = total;
    return seen[2] && done >= seen[2];
}

START_TEST(progress_and_cancelling)
{
    int64_t seen[3] = {0};
    int64_t id = keep(1);
    for (unsigned i = 2; i < 20; i++)
        keep(i);
    fake.room = 2;
    seen[2] = 4;
    assert_fails(
        WILDCAM_ERR_CANCELLED, "asked to stop",
        wildcam_station_upload(station, 0, LONG, 0, note_progress, seen, &uploaded, &failed));
    ck_assert_int_ge(uploaded, 4);
    ck_assert_int_lt(uploaded, 38);
    ck_assert_int_eq(seen[1], 38);
    ck_assert_int_eq(leased(id), 0);
    seen[2] = 0;
    seen[0] = 0;
    int64_t before = owed();
    assert_ok(wildcam_station_upload(station, 0, LONG, 0, note_progress, seen, &uploaded, NULL));
    ck_assert_int_eq(seen[0], before);
    ck_assert_int_eq(seen[1], before);
}
END_TEST

START_TEST(a_budget_ends_what_hangs)
{
    int64_t id = keep(1);
    fake.fate = FAKE_HANGS;
    int64_t began = wci_calendar_monotonic();
    assert_ok(wildcam_station_upload(station, 0, 300, 0, NULL, NULL, &uploaded, &failed));
    int64_t took = wci_calendar_monotonic() - began;
    ck_assert_int_ge(took, 300000);
    ck_assert_int_lt(took, 20 * WCI_SECOND);
    ck_assert_int_eq(uploaded + failed, 0);
    ck_assert_int_eq(leased(id), 0);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_attempts(upload), 0);
    ck_assert_int_eq(wildcam_upload_get_next_try(upload), WILDCAM_TIME_NONE);
    wildcam_upload_free(upload);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2);
}
END_TEST

/* ---- failures ---- */

START_TEST(what_fails_is_tried_again_later)
{
    int64_t id = keep(1), now = wci_calendar_now();
    expect_log("uploads fail and are tried again: All regions failed: us-west-2: 503");
    fake.fate = FAKE_FAILS;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 0);
    ck_assert_int_eq(failed, 2);
    ck_assert_uint_eq(fake.send_count, 2);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_state(upload), WILDCAM_UPLOAD_DUE);
    ck_assert_int_eq(wildcam_upload_get_attempts(upload), 1);
    ck_assert_str_eq(wildcam_upload_get_last_error(upload), "All regions failed: us-west-2: 503");
    ck_assert_int_ge(wildcam_upload_get_next_try(upload), now);
    ck_assert_int_le(wildcam_upload_get_next_try(upload), wci_calendar_now() + 10 * WCI_SECOND);
    wildcam_upload_free(upload);
    ck_assert_int_eq(count_log("uploads fail"), 1);
    /* A person does not wait, and each is tried once. */
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(failed, 2);
    ck_assert_uint_eq(fake.send_count, 4);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(WILDCAM_UPLOAD_NOW));
    ck_assert_int_eq(uploaded, 2);
    upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wildcam_upload_get_last_error(upload), "");
    wildcam_upload_free(upload);
    ck_assert_int_eq(count_log("uploads fail"), 1);
    ck_assert_int_eq(count_log("uploads go well again"), 1);
}
END_TEST

START_TEST(an_uplink_that_is_down_is_nobody_s_fault)
{
    int64_t id = keep(1);
    fake.fate = FAKE_OFFLINE;
    fake.states[0] = fake.states[1] = fake.states[2] = WCI_REGION_DOWN;
    assert_fails(WILDCAM_ERR_UPLOAD, "the uplink is down", pass(0));
    ck_assert_int_eq(uploaded + failed, 0);
    wildcam_upload *upload = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_attempts(upload), 0);
    ck_assert_int_eq(wildcam_upload_get_next_try(upload), WILDCAM_TIME_NONE);
    wildcam_upload_free(upload);
    ck_assert_int_eq(leased(id), 0);
    size_t sent = fake.send_count;
    assert_fails(WILDCAM_ERR_UPLOAD,
                 "All regions failed: us-west-2: connection refused; us-east-1: ", pass(0));
    ck_assert_uint_eq(fake.send_count, sent);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(WILDCAM_UPLOAD_NOW)); /* a person says that it is back */
    ck_assert_int_eq(uploaded, 2);
}
END_TEST

/* The uplink comes back when it was asked for three times. */
static int bring_back(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    (void)phase;
    (void)done;
    (void)total;
    pthread_mutex_lock(&fake.mutex);
    if (fake.send_count >= 6)
        fake.fate = FAKE_TAKES;
    pthread_mutex_unlock(&fake.mutex);
    return 0;
}

START_TEST(a_person_waits_for_the_uplink_but_not_for_long)
{
    keep(1);
    fake.fate = FAKE_OFFLINE;
    fake.rest = SECOND / 5;
    assert_ok(wildcam_station_upload(station, WILDCAM_UPLOAD_NOW, LONG, 0, bring_back, NULL,
                                     &uploaded, &failed));
    ck_assert_int_eq(uploaded, 2);
    keep(2);
    fake.fate = FAKE_OFFLINE;
    fake.rest = 11 * SECOND; /* well before the budget ends */
    fake.send_count = 0;
    assert_fails(WILDCAM_ERR_UPLOAD, "the uplink is down", pass(WILDCAM_UPLOAD_NOW));
    ck_assert_uint_eq(fake.send_count, 2);
}
END_TEST

START_TEST(nobody_waits_for_credentials)
{
    keep(1);
    fake.fate = FAKE_DENIES;
    fake.rest = SECOND;
    assert_fails(WILDCAM_ERR_DENIED, "no credentials", pass(WILDCAM_UPLOAD_NOW));
    ck_assert_uint_eq(fake.send_count, 2);
    ck_assert_int_eq(owed(), 2);
}
END_TEST

START_TEST(what_cannot_be_is_parked)
{
    int64_t id = keep(1), count;
    expect_log("is not uploaded until somebody asks for it again: EntityTooLarge");
    fake.fate = FAKE_REFUSES;
    assert_ok(pass(0));
    ck_assert_int_eq(failed, 2);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_PARKED);
    assert_ok(wildcam_station_count_uploads(station, &uploaded, NULL, &count));
    ck_assert_int_eq(count, 2);
    fake.fate = FAKE_TAKES;
    assert_ok(pass(WILDCAM_UPLOAD_NOW)); /* it takes more than that */
    ck_assert_int_eq(uploaded, 0);
    assert_ok(wildcam_station_retry_uploads(station, &count));
    ck_assert_int_eq(count, 2);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 2);
}
END_TEST

START_TEST(a_picture_that_is_gone_or_rotten)
{
    char path[1024];
    reopen_with("s3.thumbnails", "off");
    int64_t gone = keep(1), rotten = keep(2), good = keep(3);
    picture_path(station, gone, path);
    ck_assert_int_eq(unlink(path), 0);
    picture_path(station, rotten, path);
    flip_byte(path);
    expect_log("is not uploaded until somebody asks for it again");
    expect_log("uploads fail and are tried again");
    fake.fate = FAKE_FAILS;
    assert_ok(pass(0));
    ck_assert_int_eq(failed, 3);
    ck_assert_int_eq(state_of(gone, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_PARKED);
    ck_assert_int_eq(state_of(rotten, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_PARKED);
    ck_assert_int_eq(state_of(good, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DUE);
    wildcam_upload *upload = row_of(rotten, WILDCAM_UPLOAD_PICTURE);
    ck_assert_ptr_nonnull(strstr(wildcam_upload_get_last_error(upload), "is damaged"));
    wildcam_upload_free(upload);
    ck_assert_uint_eq(fake.send_count, 1);
}
END_TEST

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
    struct wci_upload_work work = {WCI_UPLOADS_RENEW, rows, 1, now, 0, now - 1, 0};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    work = (struct wci_upload_work){WCI_UPLOADS_CLAIM, rows, 1, now, 99, now + WCI_LEASE, 0};
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

/* ---- what lies where it should not ---- */

static const char *doubts_of(int64_t id)
{
    static char text[256];
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    snprintf(text, sizeof text, "%s", wci_text_get(&row->doubts));
    wildcam_upload_free(row);
    return text;
}

static int64_t keep_in_doubt(enum fake_fate fate)
{
    wildcam_station_close(station);
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.thumbnails",
                        "off", "s3.failback", "0", NULL);
    int64_t id = keep(1);
    fake.fate = fate;
    fake.states[0] = WCI_REGION_DOWN;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    fake.fate = FAKE_TAKES;
    return id;
}

START_TEST(a_second_copy_is_deleted)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    ck_assert_str_eq(doubts_of(id), "us-west-2");
    ck_assert_uint_eq(fake.counts[0], 1);
    assert_ok(pass(0)); /* the region is down: it is asked, and not believed yet */
    ck_assert_str_eq(doubts_of(id), "us-west-2");
    ck_assert_int_eq(fake.deletes, 0);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_uint_eq(fake.counts[0], 0);
    ck_assert_uint_eq(fake.counts[1], 1);
}
END_TEST

START_TEST(a_doubt_that_was_none)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[0] = 0;
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 0);
}
END_TEST

START_TEST(the_copy_that_is_left_is_the_one)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[1] = 0; /* where the row says, there is nothing */
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: it is not there any more in wildcam-us-east-1");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    size_t sent = fake.send_count;
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_uint_eq(fake.send_count, sent + 1);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_str_eq(wildcam_upload_get_region(row), "us-west-2");
    ck_assert_str_eq(wci_text_get(&row->doubts), "");
    wildcam_upload_free(row);
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_uint_eq(fake.counts[1], 0);
}
END_TEST

START_TEST(something_else_under_the_key_is_left_alone)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    char key[WCI_UPLOAD_KEY];
    snprintf(key, sizeof key, "%s", fake.objects[0][0].key);
    fake_put(0, key, "of somebody else", 5);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_int_eq(fake.deletes, 0);
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

/* Two names of one bucket, which no setting shows: what looked like a second copy was the only one.
 */
START_TEST(the_only_copy_is_made_good)
{
    fake.is_one_bucket = true;
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.states[0] = WCI_REGION_OK;
    expect_log("us-west-2 and us-east-1 lead to one bucket");
    expect_log("is uploaded again: it is not there any more");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_int_eq(owed(), 1);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_str_eq(doubts_of(id), "");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 1);
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

/* It was deleted, and the process died before it could see that it was the only one. */
START_TEST(the_only_copy_that_was_deleted_before)
{
    fake.is_one_bucket = true;
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.counts[0] = 0;
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: it is not there any more");
    assert_ok(pass(0));
    assert_ok(pass(0));
    ck_assert_uint_eq(fake.counts[0], 1);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

static void release_all(int64_t *released)
{
    assert_ok(wildcam_conf_set(station->conf, "release.min_free_bytes", "1125899906842624"));
    assert_ok(wildcam_station_release(station, LONG, released, NULL));
}

START_TEST(what_is_in_doubt_is_not_released)
{
    int64_t released;
    keep_in_doubt(FAKE_DOUBTS);
    release_all(&released);
    ck_assert_int_eq(released, 0);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 1);
}
END_TEST

/* A doubt came up when the file was gone already: then nothing is deleted any more. */
START_TEST(what_is_released_loses_no_copy)
{
    int64_t released, id = keep_in_doubt(FAKE_TAKES);
    release_all(&released);
    ck_assert_int_eq(released, 1);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE), *rows[] = {row};
    struct wci_upload_work work = {.step = WCI_UPLOADS_NOTE_DOUBTS, .rows = rows, .count = 1};
    fake_put(1, wci_text_get(&row->key), fake.objects[0][0].sha256, row->bytes);
    ck_assert_int_eq(wci_text_set(&row->doubts, "us-east-1", 9), WILDCAM_OK);
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    wildcam_upload_free(row);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    ck_assert_uint_eq(fake.counts[1], 1);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

/* Where the row says there is something else by now: that does not go away by itself. */
START_TEST(something_else_where_it_belongs)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    char key[WCI_UPLOAD_KEY];
    snprintf(key, sizeof key, "%s", fake.objects[1][0].key);
    fake_put(1, key, "of somebody else", fake.objects[1][0].bytes);
    fake.states[0] = WCI_REGION_OK;
    expect_log("is uploaded again: what is there is something else");
    assert_ok(pass(0));
    ck_assert_int_eq(fake.deletes, 0);
    assert_ok(pass(0));
    ck_assert_int_eq(uploaded, 1);
    ck_assert_str_eq(doubts_of(id), "");
    ck_assert_uint_eq(fake.counts[0], 1);
}
END_TEST

START_TEST(parts_that_were_left_are_dropped)
{
    int64_t id = keep_in_doubt(FAKE_LEAVES);
    ck_assert_str_eq(doubts_of(id), "us-west-2#left-1");
    fake.states[0] = WCI_REGION_OK;
    fake.errands[0] = WCI_OUTCOME_TRANSIENT;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.drops, 1);
    ck_assert_str_eq(doubts_of(id), "us-west-2#left-1");
    fake.errands[0] = WCI_OUTCOME_NO_PARTS;
    assert_ok(pass(0));
    ck_assert_int_eq(fake.drops, 2);
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

START_TEST(a_refusal_is_said_once_and_taken)
{
    int64_t id = keep_in_doubt(FAKE_LEAVES);
    fake.states[0] = WCI_REGION_MISCONFIGURED;
    fake.errands[0] = WCI_OUTCOME_REFUSED;
    expect_log("us-west-2 does not let us look after what may be left there");
    assert_ok(pass(0));
    ck_assert_str_eq(doubts_of(id), "");
}
END_TEST

START_TEST(doubts_are_settled_in_the_background_too)
{
    int64_t id = keep_in_doubt(FAKE_DOUBTS);
    fake.states[0] = WCI_REGION_OK;
    assert_ok(wildcam_station_start(station));
    wait_until(!*doubts_of(id));
    ck_assert_uint_eq(fake.counts[0], 0);
}
END_TEST

/* ---- releasing ---- */

static int64_t keep_releasable(void)
{
    wildcam_station_close(station);
    station = open_with("s3.access_key", "AKIDEXAMPLE", "s3.secret_key", "secret", "s3.thumbnails",
                        "off", "release.min_free_bytes", "1125899906842624", NULL);
    int64_t id = keep(1);
    keep(2);
    return id;
}

START_TEST(what_is_safe_makes_room)
{
    int64_t released, bytes, id = keep_releasable();
    void *data;
    size_t size;
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released, 0);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released, 2);
    ck_assert_int_eq(fake.heads, 2);
    ck_assert_int_eq(bytes, fake.objects[0][0].bytes + fake.objects[0][1].bytes);
    ck_assert_int_eq(files_in("images"), 0);
    assert_status(WILDCAM_ERR_RELEASED, wildcam_station_read_picture(station, id, 0, &data, &size));
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    wildcam_free(data);
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_ge(wildcam_upload_get_released_at(row), wildcam_upload_get_uploaded_at(row));
    wildcam_upload_free(row);
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(fake.heads, 2);
}
END_TEST

START_TEST(what_is_not_safe_stays)
{
    int64_t released, id = keep_releasable();
    char lost[WCI_UPLOAD_KEY], other[WCI_UPLOAD_KEY];
    assert_ok(pass(0));
    snprintf(lost, sizeof lost, "%s", fake.objects[0][0].key);
    snprintf(other, sizeof other, "%s", fake.objects[0][1].key);
    fake.errands[0] = WCI_OUTCOME_TRANSIENT;
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(owed(), 0);
    fake.errands[0] = WCI_OUTCOME_OK;
    fake_remove(0, lost);
    fake_put(0, other, "something else", fake_find(0, other)->bytes);
    expect_log("is uploaded again: it is not there any more");
    expect_log("is uploaded again: what is there is something else");
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(files_in("images"), 2);
    ck_assert_int_eq(owed(), 2);
    ck_assert_int_eq(state_of(id, WILDCAM_UPLOAD_PICTURE), WILDCAM_UPLOAD_DUE);
    fake.opens = INT64_MAX;
    assert_fails(WILDCAM_ERR_UPLOAD, "All regions failed",
                 wildcam_station_release(station, LONG, &released, NULL));
}
END_TEST

START_TEST(pictures_are_kept_for_some_days)
{
    int64_t released;
    reopen_with("release.keep_days", "1");
    keep(1);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(fake.heads, 0);
    reopen_with("release.keep_days", "0.000001");
    usleep(200000);
    assert_ok(wildcam_station_start(station));
    wait_until(files_in("images") == 0);
}
END_TEST

/* It was uploaded while the clock was years ahead, and now the disk is full. */
START_TEST(what_was_uploaded_in_the_future_makes_room)
{
    int64_t released, id = keep_releasable();
    assert_ok(pass(0));
    wildcam_upload *row = row_of(id, WILDCAM_UPLOAD_PICTURE), *rows[] = {row};
    int64_t now = wci_calendar_now();
    struct wci_upload_work work = {WCI_UPLOADS_OWE_AGAIN, rows, 1, now, 0, 0, 0};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    work = (struct wci_upload_work){WCI_UPLOADS_CLAIM, rows, 1, now, 99, now + WCI_LEASE, 0};
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    row->state = WCI_UPLOAD_DONE;
    row->uploaded_at = now + 3650 * WCI_DAY;
    work.step = WCI_UPLOADS_SETTLE;
    ck_assert_int_eq(wci_store_step_uploads(&station->store, &work), WILDCAM_OK);
    ck_assert(!row->is_missed);
    wildcam_upload_free(row);
    assert_ok(wildcam_station_release(station, LONG, &released, NULL));
    ck_assert_int_eq(released, 2);
}
END_TEST

START_TEST(nothing_is_released_by_itself)
{
    int64_t released = 7, bytes = 7;
    keep(1);
    assert_ok(pass(0));
    assert_ok(wildcam_station_release(station, LONG, &released, &bytes));
    ck_assert_int_eq(released + bytes, 0);
    ck_assert_int_eq(files_in("images"), 1);
}
END_TEST

/* ---- addresses, health ---- */

START_TEST(where_a_picture_can_be_read)
{
    char *url;
    int64_t id = keep(1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "is not uploaded",
                 wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
    ck_assert_ptr_null(url);
    assert_ok(pass(0));
    assert_ok(wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 60, &url));
    ck_assert_ptr_nonnull(strstr(url, "wildcam-us-west-2"));
    ck_assert_ptr_nonnull(strstr(url, "seconds=60"));
    wildcam_free(url);
    assert_ok(wildcam_station_image_url(station, id, WILDCAM_UPLOAD_THUMBNAIL, 0, &url));
    ck_assert_ptr_nonnull(strstr(url, "thumbnails/2026/03/05/CAM-7/"));
    ck_assert_ptr_nonnull(strstr(url, "seconds=3600"));
    wildcam_free(url);
    reopen_with("cdn.base_url", "https://pictures.example.org/wild/");
    assert_ok(wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
    ck_assert_int_eq(strncmp(url, "https://pictures.example.org/wild/images/2026/03/05/CAM-7/", 57),
                     0);
    wildcam_free(url);
    reopen_with("s3.bucket", "another-{region}");
    assert_fails(WILDCAM_ERR_STATE, "in bucket wildcam-us-west-2, and region us-west-2 has another",
                 wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
    reopen_with("s3.regions", "eu-west-1");
    assert_fails(WILDCAM_ERR_STATE, "us-west-2",
                 wildcam_station_image_url(station, id, WILDCAM_UPLOAD_PICTURE, 0, &url));
}
END_TEST

static void assert_health(const char *uploads, const char *status, int64_t owing, int64_t parked)
{
    wildcam_health *health;
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_uploads(health), uploads);
    ck_assert_msg(strcmp(wildcam_health_get_status(health), status) == 0, "%s: %s",
                  wildcam_health_get_status(health), wildcam_health_get_reason(health));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_UPLOADS_OWED), owing);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_UPLOADS_PARKED), parked);
    wildcam_health_free(health);
}

START_TEST(health)
{
    wildcam_health *pulse;
    assert_health("ok", "ok", 0, 0);
    keep(1);
    assert_health("ok", "ok", 2, 0);
    fake.states[1] = WCI_REGION_DOWN;
    assert_health("degraded", "degraded", 2, 0);
    assert_ok(wildcam_station_health(station, &pulse));
    ck_assert_str_eq(wildcam_health_get_reason(pulse),
                     "uploads to us-east-1 are down (connection refused)");
    wildcam_health_free(pulse);
    fake.states[0] = WCI_REGION_OFFLINE;
    fake.states[2] = WCI_REGION_MISCONFIGURED;
    assert_health("down", "degraded", 2, 0);
    memset(fake.states, 0, sizeof fake.states);
    fake.lacks_keys = true;
    assert_health("down", "degraded", 2, 0);
    assert_ok(wildcam_station_health(station, &pulse));
    ck_assert_str_eq(wildcam_health_get_reason(pulse), "there are no credentials to upload with");
    wildcam_health_free(pulse);
    fake.lacks_keys = false;
    fake.fate = FAKE_REFUSES;
    expect_log("is not uploaded until somebody asks for it again");
    assert_ok(pass(0));
    assert_health("degraded", "degraded", 0, 2);
    reopen_with("s3.upload", "off");
    assert_health("off", "ok", -1, -1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("uploader");
    TCase *passes = harness_case(suite, "passes");
    tcase_add_checked_fixture(passes, set_up, tear_down);
    tcase_set_timeout(passes, 60);
    tcase_add_test(passes, everything_goes_up_once);
    tcase_add_test(passes, thumbnails_first_and_the_newest);
    tcase_add_test(passes, no_thumbnails);
    tcase_add_test(passes, the_oldest_and_thumbnails_last);
    tcase_add_test(passes, nothing_is_uploaded_unless_the_settings_say_so);
    tcase_add_test(passes, a_setting_that_cannot_be_followed_stops_the_opening);
    tcase_add_test(passes, more_than_there_is_room_for);
    tcase_add_test(passes, not_more_than_asked_for);
    tcase_add_test(passes, progress_and_cancelling);
    tcase_add_test(passes, a_budget_ends_what_hangs);
    tcase_add_test(passes, what_fails_is_tried_again_later);
    tcase_add_test(passes, an_uplink_that_is_down_is_nobody_s_fault);
    tcase_add_test(passes, a_person_waits_for_the_uplink_but_not_for_long);
    tcase_add_test(passes, nobody_waits_for_credentials);
    tcase_add_test(passes, what_cannot_be_is_parked);
    tcase_add_test(passes, a_picture_that_is_gone_or_rotten);
    tcase_add_test(passes, a_process_that_dies_loses_nothing);
    tcase_add_test(passes, what_is_restored_is_looked_for);
    tcase_add_test(passes, several_may_drain_one_store);
    tcase_add_test(passes, where_a_picture_can_be_read);
    tcase_add_test(passes, health);
    TCase *background = harness_case(suite, "background");
    tcase_add_checked_fixture(background, set_up, tear_down);
    tcase_set_timeout(background, 60);
    tcase_add_test(background, the_background_uploads_what_comes_in);
    tcase_add_test(background, stopping_gives_back_what_hangs);
    tcase_add_test(background, closing_ends_a_pass_in_another_thread);
    tcase_add_test(background, a_pause_holds_back_the_background_but_no_person);
    tcase_add_test(background, a_window_that_is_closed);
    TCase *order = harness_case(suite, "order");
    tcase_add_checked_fixture(order, set_up, tear_down);
    tcase_set_timeout(order, 60);
    tcase_add_test(order, a_long_upload_keeps_its_lease);
    tcase_add_test(order, what_is_slow_is_sent_one_by_one);
    tcase_add_test(order, a_lost_lease_leaves_a_doubt);
    tcase_add_test(order, a_shard_that_is_set_aside_holds_up_nothing);
    tcase_add_test(order, parts_are_noted_and_resumed);
    tcase_add_test(order, a_second_copy_is_deleted);
    tcase_add_test(order, a_doubt_that_was_none);
    tcase_add_test(order, the_copy_that_is_left_is_the_one);
    tcase_add_test(order, something_else_under_the_key_is_left_alone);
    tcase_add_test(order, the_only_copy_is_made_good);
    tcase_add_test(order, the_only_copy_that_was_deleted_before);
    tcase_add_test(order, what_is_in_doubt_is_not_released);
    tcase_add_test(order, what_is_released_loses_no_copy);
    tcase_add_test(order, something_else_where_it_belongs);
    tcase_add_test(order, parts_that_were_left_are_dropped);
    tcase_add_test(order, a_refusal_is_said_once_and_taken);
    tcase_add_test(order, doubts_are_settled_in_the_background_too);
    tcase_add_test(order, what_is_safe_makes_room);
    tcase_add_test(order, what_is_not_safe_stays);
    tcase_add_test(order, pictures_are_kept_for_some_days);
    tcase_add_test(order, what_was_uploaded_in_the_future_makes_room);
    tcase_add_test(order, nothing_is_released_by_itself);
    return suite;
}
