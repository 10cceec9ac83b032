/* Alerts: raised once for each reason, counted, and cleared. */
#include <sqlite3.h>

#include "api/alert_scene.h"

/* ---- batteries ---- */

START_TEST(a_low_battery_is_one_alert_until_it_is_charged)
{
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 20);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 0), 0);
    report("gate", 19.5);
    report("gate", 12);
    report("gate", 22);
    report("gate", 24.9);
    report("gate", NAN);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 0), 1);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    ck_assert_int_eq(wildcam_alert_get_kind(alert), WILDCAM_ALERT_LOW_BATTERY);
    ck_assert_int_eq(wildcam_alert_get_severity(alert), WILDCAM_SEVERITY_WARNING);
    ck_assert_str_eq(wildcam_alert_get_subject(alert), "gate");
    ck_assert_str_eq(wildcam_alert_get_device_id(alert), "gate");
    ck_assert_str_eq(wildcam_alert_get_text(alert), "the battery of gate is at 12 %, below 20 %");
    ck_assert_int_eq(wildcam_alert_get_count(alert), 2);
    ck_assert(wildcam_alert_get_value(alert) == 12);
    ck_assert_int_eq(wildcam_alert_get_detection_id(alert), 0);
    ck_assert_int_eq(wildcam_alert_get_cleared_at(alert), WILDCAM_TIME_NONE);
    ck_assert_int_ge(wildcam_alert_get_last_at(alert), wildcam_alert_get_raised_at(alert));
    wildcam_alert_free(alert);
    ck_assert_int_eq(check(), 0);
    report("gate", 25);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 1), 0);
    alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(alert), "it is at 25 %");
    ck_assert_int_ge(wildcam_alert_get_cleared_at(alert), wildcam_alert_get_last_at(alert));
    wildcam_alert_free(alert);
    report("gate", 3);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 0), 2);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 1), 1);
}
END_TEST

START_TEST(a_level_that_is_set_anew_is_looked_at)
{
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 30);
    close_it();
    station = open_with("alerts.battery_level", "40", NULL);
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(check(), 0);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_BATTERY, 1), 1);
    set_status("gate", WILDCAM_CAMERA_INACTIVE);
    ck_assert_int_eq(check(), 1);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(alert), "the camera is not active any more");
    wildcam_alert_free(alert);
}
END_TEST

/* ---- silence ---- */

/* Its hold-off is over before anybody can look. */
START_TEST(a_silent_camera_is_one_alert_until_it_is_heard_of)
{
    close_it();
    station = open_with("alerts.offline_seconds", "0.001", NULL);
    int64_t long_ago = wildcam_time_now() - 3 * DAY;
    boot("gate", NAN, NULL, long_ago);
    boot("away", NAN, NULL, long_ago);
    set_status("away", WILDCAM_CAMERA_INACTIVE);
    wait_until(check() == 1);
    ck_assert_int_eq(check(), 0);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_OFFLINE, 0), 1);
    wildcam_alert *alert = newest(WILDCAM_ALERT_OFFLINE);
    ck_assert_str_eq(wildcam_alert_get_subject(alert), "gate");
    ck_assert_int_eq(wildcam_alert_get_severity(alert), WILDCAM_SEVERITY_CRITICAL);
    ck_assert(wildcam_alert_get_value(alert) >= 3 * 86400);
    wildcam_alert_free(alert);
    report("gate", NAN);
    alert = newest(WILDCAM_ALERT_OFFLINE);
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(alert), "it was heard of again");
    wildcam_alert_free(alert);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_OFFLINE, 1), 0);
}
END_TEST

/* Without a setting a camera that never reported has no rhythm to be missed. */
START_TEST(cameras_whose_pictures_come_on_cards_are_not_offline)
{
    see("card", "Vulpes vulpes", 0.5);
    boot("gate", NAN, NULL, wildcam_time_now() - 3 * DAY);
    ck_assert_int_eq(check(), 0); /* it was silent before anybody listened */
    ck_assert_int_eq(count_of(WILDCAM_ALERT_OFFLINE, 0), 0);
}
END_TEST

/* What the catalog answers to a question. */
static int64_t ask_catalog(const char *sql)
{
    sqlite3 *catalog;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open(scratch_path("station/station.db"), &catalog), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(catalog, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(catalog);
    return answer;
}

/* A camera registers when it starts, or a person does it for one that lies in a box. */
START_TEST(a_registration_is_no_report)
{
    static const char reports[] = "SELECT count(*) FROM camera_watch WHERE reported_at NOT NULL";
    boot("gate", NAN, NULL, wildcam_time_now());
    boot("gate", NAN, NULL, wildcam_time_now());
    ck_assert_int_eq(ask_catalog(reports), 0);
    report("gate", NAN);
    ck_assert_int_eq(ask_catalog(reports), 1);
}
END_TEST

/* What is parked is the business of those who upload: another program clears nothing. */
START_TEST(who_does_not_upload_says_nothing_of_uploads)
{
    char sql[200];
    sqlite3 *catalog;
    snprintf(sql, sizeof sql,
             "INSERT INTO alerts(kind, subject, text, count, raised_at, last_at)"
             " VALUES(%d, '', 'uploads are parked', 1, 1, 1)",
             WILDCAM_ALERT_PARKED_UPLOADS);
    close_it();
    ck_assert_int_eq(sqlite3_open(scratch_path("station/station.db"), &catalog), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(catalog, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(catalog);
    open_plain();
    ck_assert_int_eq(check(), 0);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_PARKED_UPLOADS, 1), 1);
    close_it();
    station = open_with("s3.bucket", "example", "s3.access_key", "AKIAEXAMPLE", "s3.secret_key",
                        "secret", NULL);
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_PARKED_UPLOADS, 1), 0);
}
END_TEST

/* Somebody has said that it sees nothing at present. */
START_TEST(a_camera_that_is_known_to_fail_is_not_missed)
{
    int64_t now = wildcam_time_now();
    wildcam_deployment *draft;
    close_it();
    station = open_with("alerts.offline_seconds", "0.001", NULL);
    boot("gate", NAN, NULL, now - 3 * DAY);
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_device_id(draft, "gate"));
    assert_ok(wildcam_deployment_set_span(draft, now - 9 * DAY, WILDCAM_TIME_NONE));
    wait_until(check() == 1);
    assert_ok(wildcam_deployment_add_failure(draft, now - 2 * DAY, now + DAY, "snow"));
    assert_ok(wildcam_station_add_deployment(station, draft, NULL, NULL, NULL));
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_OFFLINE, 1), 0);
    ck_assert_int_eq(check(), 0);
    wildcam_deployment_free(draft);
}
END_TEST

/* ---- shared ids ---- */

START_TEST(a_camera_that_flies_is_two)
{
    boot("gate", 47, "1.0", wildcam_time_now());
    boot("gate", 47.001, "1.0", wildcam_time_now());
    ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 0), 0);
    boot("gate", 52, "1.0", wildcam_time_now());
    boot("gate", 47, "1.0", wildcam_time_now());
    ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 1), 1);
    wildcam_alert *alert = newest(WILDCAM_ALERT_SHARED_DEVICE_ID);
    ck_assert_int_eq(wildcam_alert_get_count(alert), 2);
    wildcam_alert_free(alert);
}
END_TEST

START_TEST(versions_that_come_and_go_are_two_cameras)
{
    static const char *const versions[] = {"1.0", "2.0", "1.0", "2.0"};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 1), 0);
        boot("gate", NAN, versions[i], wildcam_time_now());
        close_it(); /* what is remembered is in the store */
        open_plain();
    }
    ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 1), 1);
}
END_TEST

START_TEST(origins_that_come_back_are_two_cameras)
{
    boot("gate", NAN, NULL, wildcam_time_now());
    for (int i = 0; i < 20; i++) { /* a network that gives one address after the other */
        char origin[20];
        snprintf(origin, sizeof origin, "10.0.0.%d", i);
        assert_ok(wildcam_station_note_origin(station, "gate", origin));
    }
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 1), 0);
        assert_ok(wildcam_station_note_origin(station, "gate", i % 2 ? "10.1.0.1" : "10.1.0.2"));
    }
    assert_ok(wildcam_station_note_origin(station, "gate", "10.1.0.1"));
    ck_assert_int_eq(count_of(WILDCAM_ALERT_SHARED_DEVICE_ID, 1), 1);
    assert_ok(wildcam_station_note_origin(station, "nobody", "10.1.0.1"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_note_origin(station, "gate", ""));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_note_origin(station, "gate", "a\nb"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_note_origin(station, "no id", "x"));
}
END_TEST

/* ---- unknown cameras ---- */

START_TEST(a_camera_that_nobody_registered_is_an_alert)
{
    see("stray", "Vulpes vulpes", 0.5);
    see("stray", "Vulpes vulpes", 0.5);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_UNKNOWN_CAMERA, 1), 1);
    report("stray", NAN);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_UNKNOWN_CAMERA, 1), 1);
    boot("stray", NAN, NULL, wildcam_time_now());
    ck_assert_int_eq(count_of(WILDCAM_ALERT_UNKNOWN_CAMERA, 1), 0);
    boot("known", NAN, NULL, wildcam_time_now());
    ck_assert_int_eq(count_of(WILDCAM_ALERT_UNKNOWN_CAMERA, 0), 1);
}
END_TEST

/* ---- rare species ---- */

START_TEST(rare_species_are_alerts)
{
    see("gate", "Lynx lynx", 0.9);
    see("gate", "animal", 0.99);
    see("gate", "Vulpes vulpes", 0.5);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 0);
    see("gate", "Vulpes vulpes", 0.95); /* for the first time, for sure */
    see("hill", "Vulpes vulpes", 0.95);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 1);
    see("gate", "lynx lynx", 0.93); /* in the list, whatever its case */
    see("gate", "Lynx lynx", 0.97);
    see("hill", "Lynx lynx", 0.91);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 1), 4);
    see("hill", "Lynx lynx", 0.98);
    wildcam_alert *alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    ck_assert_str_eq(wildcam_alert_get_subject(alert), "hill/Lynx lynx");
    ck_assert_str_eq(wildcam_alert_get_device_id(alert), "hill");
    ck_assert_str_eq(wildcam_alert_get_text(alert), "Lynx lynx at hill, 91 % sure");
    ck_assert_int_eq(wildcam_alert_get_count(alert), 2);
    ck_assert(wildcam_alert_get_value(alert) == 0.98);
    ck_assert_int_gt(wildcam_alert_get_detection_id(alert), 0);
    wildcam_detection *detection;
    assert_ok(
        wildcam_station_get_detection(station, wildcam_alert_get_detection_id(alert), &detection));
    ck_assert(wildcam_detection_get_confidence(detection) == 0.91);
    wildcam_detection_free(detection);
    wildcam_alert_free(alert);
    close_it();
    open_plain();
    see("moor", "Vulpes vulpes", 0.95); /* known from before */
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 4);
}
END_TEST

/* What was seen while nobody asked for new ones is not new when somebody does. */
START_TEST(what_was_seen_before_is_not_new)
{
    close_it();
    station = open_with("alerts.rare_new", "false", NULL);
    see("gate", "Vulpes vulpes", 0.95);
    see("gate", "Meles meles", 0.5);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 0);
    close_it();
    open_plain();
    see("hill", "Vulpes vulpes", 0.95);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 0);
    see("hill", "Meles meles", 0.95); /* nobody was sure of it */
    wildcam_alert *alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    ck_assert_ptr_nonnull(strstr(wildcam_alert_get_text(alert), "never seen for sure"));
    wildcam_alert_free(alert);
}
END_TEST

START_TEST(a_batch_and_a_picture_raise_them_too)
{
    wildcam_batch *batch;
    int64_t time = wildcam_time_now();
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < 1000; i++) {
        const struct sighting sighting = {i % 2 ? "gate" : "hill",
                                          i % 3 ? "Lynx lynx" : "Vulpes vulpes", time - i * SECOND,
                                          0.91 + i % 7 * 0.01};
        wildcam_detection *draft = draft_of(&sighting);
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 0), 0);
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_RARE_SPECIES, 1), 4);
    wildcam_alert *alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    ck_assert(fabs(wildcam_alert_get_value(alert) - 0.97) < 1e-9); /* the surest of them */
    ck_assert_int_eq(wildcam_alert_get_count(alert), 1);
    wildcam_alert_free(alert);
}
END_TEST

/* The same picture again is no other sighting. */
START_TEST(a_picture_that_is_sent_again_counts_once)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 7);
    for (int i = 0; i < 2; i++) {
        wildcam_ingest *ingest;
        const struct sighting sighting = {"gate", "Lynx lynx", wildcam_time_now(), 0.96};
        wildcam_detection *draft = draft_of(&sighting);
        assert_ok(wildcam_ingest_begin(station, &ingest));
        assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
        assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
        assert_ok(wildcam_ingest_add_detection(ingest, draft));
        assert_ok(wildcam_ingest_commit(ingest));
        wildcam_detection_free(draft);
        wildcam_ingest_free(ingest);
    }
    jpeg_free(&jpeg);
    wildcam_alert *alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    ck_assert_int_eq(wildcam_alert_get_count(alert), 1);
    wildcam_alert_free(alert);
    ck_assert_int_eq(check(), 0);
}
END_TEST

/* ---- the station ---- */

START_TEST(a_full_disk_is_an_alert)
{
    expect_log("low_disk");
    close_it();
    station = open_with("alerts.disk_free_bytes", "1125899906842624", NULL);
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(check(), 0);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_DISK);
    ck_assert_str_eq(wildcam_alert_get_subject(alert), "");
    ck_assert_str_eq(wildcam_alert_get_device_id(alert), "");
    ck_assert(wildcam_alert_get_value(alert) > 0);
    wildcam_alert_free(alert);
    close_it();
    station = open_with("alerts.disk_free_bytes", "0", "disk.min_free_bytes", "0", NULL);
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(count_of(WILDCAM_ALERT_LOW_DISK, 1), 0);
}
END_TEST

START_TEST(a_damaged_shard_is_an_alert)
{
    expect_log("damaged");
    see("gate", "Vulpes vulpes", 0.5);
    char path[1024];
    char month[WILDCAM_TIME_TEXT];
    ck_assert_int_ge(wildcam_time_format(wildcam_time_now(), 0, month, sizeof month), 0);
    snprintf(path, sizeof path, "%s", scratch_path("station/detections/%.7s.db", month));
    close_it();
    ruin_file(path);
    open_plain();
    walk(station, NULL);
    ck_assert_int_eq(check(), 1);
    ck_assert_int_eq(check(), 0);
    wildcam_alert *alert = newest(WILDCAM_ALERT_DAMAGED_SHARD);
    ck_assert_int_eq((int)strlen(wildcam_alert_get_subject(alert)), 7);
    wildcam_alert_free(alert);
}
END_TEST

/* The station's own thread. */
START_TEST(it_is_looked_at_in_the_background)
{
    expect_log("low_disk");
    close_it();
    station = open_with("alerts.disk_free_bytes", "1125899906842624", "alerts.check_seconds", "0.1",
                        NULL);
    assert_ok(wildcam_station_start(station));
    wait_until(count_of(WILDCAM_ALERT_LOW_DISK, 1) == 1);
    assert_ok(wildcam_station_stop(station));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("alert: reasons");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up_alerts, close_it);
    tcase_add_test(all, a_low_battery_is_one_alert_until_it_is_charged);
    tcase_add_test(all, a_level_that_is_set_anew_is_looked_at);
    tcase_add_test(all, a_silent_camera_is_one_alert_until_it_is_heard_of);
    tcase_add_test(all, cameras_whose_pictures_come_on_cards_are_not_offline);
    tcase_add_test(all, a_registration_is_no_report);
    tcase_add_test(all, who_does_not_upload_says_nothing_of_uploads);
    tcase_add_test(all, a_camera_that_is_known_to_fail_is_not_missed);
    tcase_add_test(all, a_camera_that_flies_is_two);
    tcase_add_test(all, versions_that_come_and_go_are_two_cameras);
    tcase_add_test(all, origins_that_come_back_are_two_cameras);
    tcase_add_test(all, a_camera_that_nobody_registered_is_an_alert);
    tcase_add_test(all, rare_species_are_alerts);
    tcase_add_test(all, what_was_seen_before_is_not_new);
    tcase_add_test(all, a_batch_and_a_picture_raise_them_too);
    tcase_add_test(all, a_picture_that_is_sent_again_counts_once);
    tcase_add_test(all, a_full_disk_is_an_alert);
    tcase_add_test(all, a_damaged_shard_is_an_alert);
    tcase_add_test(all, it_is_looked_at_in_the_background);
    return suite;
}
