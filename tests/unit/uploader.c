/* What is owed to S3 is drained, over an engine without a network. */
#include <unistd.h>

#include "base/calendar.h"
#include "uploader_scene.h"

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
    tcase_add_checked_fixture(passes, begin_uploading, end_uploading);
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
    TCase *failures = harness_case(suite, "failures");
    tcase_add_checked_fixture(failures, begin_uploading, end_uploading);
    tcase_add_test(failures, what_fails_is_tried_again_later);
    tcase_add_test(failures, an_uplink_that_is_down_is_nobody_s_fault);
    tcase_add_test(failures, a_person_waits_for_the_uplink_but_not_for_long);
    tcase_add_test(failures, nobody_waits_for_credentials);
    tcase_add_test(failures, what_cannot_be_is_parked);
    tcase_add_test(failures, a_picture_that_is_gone_or_rotten);
    TCase *told = harness_case(suite, "told");
    tcase_add_checked_fixture(told, begin_uploading, end_uploading);
    tcase_add_test(told, where_a_picture_can_be_read);
    tcase_add_test(told, health);
    return suite;
}
