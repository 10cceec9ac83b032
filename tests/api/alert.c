/* Alerts: raised once, counted, cleared, read and asked for. */
#include <math.h>

#include "api/fixtures.h"

static wildcam_station *station;

static void close_it(void)
{
    wildcam_station_close(station);
    station = NULL;
}

static void open_plain(void)
{
    station = open_with("alerts.rare_species", "Lynx lynx", NULL);
}

static void set_up(void)
{
    expect_log("low_battery");
    expect_log("offline");
    expect_log("shared_device_id");
    open_plain();
}

/* ---- what happens to a station ---- */

static void report(const char *device_id, double battery)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    if (!isnan(battery))
        assert_ok(wildcam_camera_set_battery_level(draft, battery));
    assert_ok(wildcam_station_report_camera(station, draft));
    wildcam_camera_free(draft);
}

/* As a camera does when it starts: it is heard of, with what it says of itself. */
static void boot(const char *device_id, double latitude, const char *firmware, int64_t heard)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    assert_ok(wildcam_camera_set_last_seen(draft, heard));
    if (!isnan(latitude)) {
        assert_ok(wildcam_camera_set_latitude(draft, latitude));
        assert_ok(wildcam_camera_set_longitude(draft, 8));
    }
    if (firmware)
        assert_ok(wildcam_camera_set_firmware_version(draft, firmware));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
}

static void set_status(const char *device_id, int state)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    assert_ok(wildcam_camera_set_status(draft, state));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
}

static void see(const char *device_id, const char *species, double confidence)
{
    const struct sighting sighting = {device_id, species, wildcam_time_now() - 5 * SECOND,
                                      confidence};
    add(station, &sighting);
}

static int64_t check(void)
{
    int64_t changes = -1;
    assert_ok(wildcam_station_check_alerts(station, &changes));
    return changes;
}

/* ---- what is asked ---- */

static int64_t count_of(int kind, int open)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, kind));
    assert_ok(wildcam_alert_query_set_open(query, open));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    wildcam_alert_query_free(query);
    return count;
}

/* The newest of a kind; freed with wildcam_alert_free(). */
static wildcam_alert *newest(int kind)
{
    wildcam_alert *alert;
    wildcam_alert_list *list;
    wildcam_alert_query *query;
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, kind));
    assert_ok(wildcam_station_list_alerts(station, query, 0, 1, &list));
    ck_assert_uint_eq(wildcam_alert_list_get_count(list), 1);
    assert_ok(wildcam_station_get_alert(
        station, wildcam_alert_get_id(wildcam_alert_list_at(list, 0)), &alert));
    wildcam_alert_list_free(list);
    wildcam_alert_query_free(query);
    return alert;
}

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
    ck_assert_str_eq(wildcam_alert_get_text(alert), "the battery of gate is at 19.5 %, below 20 %");
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

/* ---- reading and asking ---- */

START_TEST(alerts_are_read_by_somebody)
{
    int64_t id, unread = -1;
    wildcam_alert_query *query;
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    see("gate", "Lynx lynx", 0.95);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    id = wildcam_alert_get_id(alert);
    ck_assert_int_eq(wildcam_alert_get_read_at(alert), WILDCAM_TIME_NONE);
    ck_assert_str_eq(wildcam_alert_get_read_by(alert), "");
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_read_alert(station, id, "ann"));
    assert_ok(wildcam_station_read_alert(station, id, "bob"));
    assert_ok(wildcam_station_get_alert(station, id, &alert));
    ck_assert_str_eq(wildcam_alert_get_read_by(alert), "ann");
    ck_assert_int_ge(wildcam_alert_get_read_at(alert), wildcam_alert_get_raised_at(alert));
    ck_assert_int_eq(wildcam_alert_get_cleared_at(alert), WILDCAM_TIME_NONE);
    wildcam_alert_free(alert);
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_unread(query, 1));
    assert_ok(wildcam_station_count_alerts(station, query, &unread));
    ck_assert_int_eq(unread, 1);
    alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    id = wildcam_alert_get_id(alert);
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_read_alert(station, id, NULL));
    assert_ok(wildcam_station_get_alert(station, id, &alert));
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(alert), "read");
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_count_alerts(station, query, &unread));
    ck_assert_int_eq(unread, 0);
    wildcam_alert_query_free(query);
    assert_fails(WILDCAM_ERR_NOTFOUND, "77", wildcam_station_read_alert(station, 77, "ann"));
    assert_fails(WILDCAM_ERR_NOTFOUND, "77", wildcam_station_get_alert(station, 77, &alert));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_read_alert(station, 1, "a\nb"));
}
END_TEST

START_TEST(alerts_are_listed_in_pages)
{
    enum { CAMERAS = 25, PAGE = 10 };
    char device_id[20];
    wildcam_alert_list *list;
    for (int i = 0; i < CAMERAS; i++) {
        snprintf(device_id, sizeof device_id, "CAM%02d", i);
        boot(device_id, NAN, NULL, wildcam_time_now());
        report(device_id, 3);
    }
    int64_t after = 0;
    int seen = 0;
    do {
        assert_ok(wildcam_station_list_alerts(station, NULL, after, PAGE, &list));
        for (size_t i = 0; i < wildcam_alert_list_get_count(list); i++) {
            const wildcam_alert *alert = wildcam_alert_list_at(list, i);
            snprintf(device_id, sizeof device_id, "CAM%02d", CAMERAS - 1 - seen++);
            ck_assert_str_eq(wildcam_alert_get_device_id(alert), device_id);
            after = wildcam_alert_get_id(alert);
        }
        ck_assert_ptr_null(wildcam_alert_list_at(list, PAGE));
        bool is_full = wildcam_alert_list_get_count(list) == PAGE;
        wildcam_alert_list_free(list);
        if (!is_full)
            break;
        boot("late", NAN, NULL, wildcam_time_now()); /* what comes meanwhile moves nothing */
        report("late", 3);
    } while (true);
    ck_assert_int_eq(seen, CAMERAS);
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, 0, 0, &list));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, 0, 1001, &list));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, -1, 1, &list));
}
END_TEST

START_TEST(a_query_asks_for_some_of_them)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    boot("gate", NAN, NULL, wildcam_time_now());
    boot("hill", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    report("hill", 3);
    report("hill", 90);
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_camera(query, "hill"));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 1);
    assert_ok(wildcam_alert_query_set_open(query, 1));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 0);
    assert_ok(wildcam_alert_query_set_camera(query, NULL));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 1);
    assert_ok(wildcam_alert_query_set_open(query, 0));
    assert_ok(wildcam_alert_query_set_since(query, wildcam_time_now() + SECOND));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 0);
    assert_ok(wildcam_alert_query_set_since(query, wildcam_time_now() - 60 * SECOND));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 2);
    assert_ok(wildcam_alert_query_set_since(query, WILDCAM_TIME_NONE));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_kind(query, 99));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_kind(query, -2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_open(query, 2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_unread(query, -1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_camera(query, "no id"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_since(query, -5));
    wildcam_alert_query_free(query);
    wildcam_alert_query_free(NULL);
}
END_TEST

START_TEST(kinds_have_names)
{
    int kind = -1;
    char *text;
#define ROW(name, value, severity, words, says)                                                    \
    ck_assert_str_eq(wildcam_alert_kind_name(value), words);                                       \
    ck_assert_int_eq(wildcam_alert_kind_severity(value), WILDCAM_SEVERITY_##severity);             \
    assert_ok(wildcam_alert_kind_from_name(words, &kind));                                         \
    ck_assert_int_eq(kind, value);
    WILDCAM_ALERT_LIST(ROW)
#undef ROW
#define ROW(name, value, words) ck_assert_str_eq(wildcam_severity_name(value), words);
    WILDCAM_SEVERITY_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_alert_kind_name(99), "unknown");
    ck_assert_str_eq(wildcam_severity_name(-1), "unknown");
    ck_assert_int_eq(wildcam_alert_kind_severity(-1), -1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "flood", wildcam_alert_kind_from_name("flood", &kind));
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    assert_ok(wildcam_alert_to_json(alert, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"kind\":\"low_battery\""));
    wildcam_free(text);
    wildcam_alert_free(alert);
    wildcam_alert_free(NULL);
    wildcam_alert_list_free(NULL);
}
END_TEST

/* ---- webhooks: what can be told without a receiver; tests/server has receivers ---- */

START_TEST(without_an_address_nobody_is_told)
{
    int64_t sent = -1;
    char *report_text = (char *)&sent;
    assert_fails(WILDCAM_ERR_STATE, "alerts.webhook",
                 wildcam_station_send_alerts(station, 0, &sent));
    assert_fails(WILDCAM_ERR_STATE, "alerts.webhook",
                 wildcam_station_test_webhook(station, &report_text));
    ck_assert_ptr_null(report_text);
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_send_alerts(station, -1, &sent));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_send_alerts(station, 3600001, &sent));
}
END_TEST

static void refuses_to_open(const char *name, const char *value, const char *words)
{
    wildcam_station *refused;
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "alerts.webhook", "https://127.0.0.1:9/x"));
    assert_ok(wildcam_conf_set(conf, name, value));
    assert_fails(WILDCAM_ERR_INVALID, words, wildcam_station_open(conf, &refused));
    ck_assert_ptr_null(refused);
    wildcam_conf_free(conf);
}

START_TEST(an_address_that_all_can_read_is_refused)
{
    const char *shown;
    refuses_to_open("alerts.webhook", "http://example.org/secret", "http://example.org is not");
    ck_assert_ptr_null(strstr(wildcam_error_message(), "secret"));
    refuses_to_open("alerts.webhook_ca_file", "/nowhere/ca.pem", "alerts.webhook_ca_file");
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "alerts.webhook", "https://example.org/secret"));
    assert_ok(wildcam_conf_get(conf, "alerts.webhook", &shown));
    ck_assert_str_eq(shown, "***");
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(nobody_answers_a_test)
{
    char *text;
    close_it();
    station = open_with("alerts.webhook", "http://127.0.0.1:9/hook?key=secret",
                        "alerts.webhook_secret", "sesame", NULL);
    assert_status(WILDCAM_ERR_UPLOAD, wildcam_station_test_webhook(station, &text));
    ck_assert_ptr_nonnull(strstr(text, "http://127.0.0.1:9: "));
    ck_assert_ptr_null(strstr(text, "secret"));
    wildcam_free(text);
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    int64_t sent = -1;
    assert_ok(wildcam_station_send_alerts(station, 1000, &sent));
    ck_assert_int_eq(sent, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("alert");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, close_it);
    tcase_add_test(all, a_low_battery_is_one_alert_until_it_is_charged);
    tcase_add_test(all, a_level_that_is_set_anew_is_looked_at);
    tcase_add_test(all, a_silent_camera_is_one_alert_until_it_is_heard_of);
    tcase_add_test(all, cameras_whose_pictures_come_on_cards_are_not_offline);
    tcase_add_test(all, a_camera_that_is_known_to_fail_is_not_missed);
    tcase_add_test(all, a_camera_that_flies_is_two);
    tcase_add_test(all, versions_that_come_and_go_are_two_cameras);
    tcase_add_test(all, origins_that_come_back_are_two_cameras);
    tcase_add_test(all, a_camera_that_nobody_registered_is_an_alert);
    tcase_add_test(all, rare_species_are_alerts);
    tcase_add_test(all, a_batch_and_a_picture_raise_them_too);
    tcase_add_test(all, a_picture_that_is_sent_again_counts_once);
    tcase_add_test(all, a_full_disk_is_an_alert);
    tcase_add_test(all, a_damaged_shard_is_an_alert);
    tcase_add_test(all, it_is_looked_at_in_the_background);
    tcase_add_test(all, alerts_are_read_by_somebody);
    tcase_add_test(all, alerts_are_listed_in_pages);
    tcase_add_test(all, a_query_asks_for_some_of_them);
    tcase_add_test(all, kinds_have_names);
    tcase_add_test(all, without_an_address_nobody_is_told);
    tcase_add_test(all, an_address_that_all_can_read_is_refused);
    tcase_add_test(all, nobody_answers_a_test);
    return suite;
}
