/* What a station measures of its cameras, which come, move and go. */
#include <pthread.h>
#include <stdatomic.h>

#include "api/samples.h"

static void move(wildcam_station *station, const char *device_id, const char *location)
{
    assert_ok(put_camera(station, device_id, location, -1, 0));
}

START_TEST(cameras_that_move_take_their_series_along)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put_camera(station, "A1", "north ridge", -1, at(NOON)));
    assert_ok(put_camera(station, "B2", NULL, -1, at(NOON) + 1500000));
    assert_ok(put_camera(station, "C3", "barn", -1, 0));
    assert_value(station,
                 "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"north ridge\"}",
                 (double)at(NOON) / 1e6);
    assert_value(station, "wildcam_camera_last_seen_timestamp{camera_id=\"B2\",location=\"\"}",
                 (double)at(NOON) / 1e6 + 1.5);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    assert_value(station, "wildcam_active_cameras_total", 3);
    move(station, "A1", "south ridge");
    assert_value(station,
                 "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"south ridge\"}",
                 (double)at(NOON) / 1e6);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    move(station, "A1", "north ridge"); /* and back */
    assert_value(station,
                 "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"north ridge\"}",
                 (double)at(NOON) / 1e6);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    wildcam_station_close(station);
}
END_TEST

START_TEST(cameras_that_are_deactivated_lose_their_series)
{
    wildcam_station *station = open_with(NULL, NULL);
    static const char detections[] =
        "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"lynx\"}";
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    add(station, &(struct sighting){"B2", "lynx", at(NOON), 0.5});
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    assert_value(station, detections, 2);
    assert_value(station, "wildcam_active_cameras_total", 2);
    assert_ok(put_camera(station, "A1", NULL, WILDCAM_CAMERA_INACTIVE, 0));
    assert_ok(put_camera(station, "D4", NULL, WILDCAM_CAMERA_MAINTENANCE, at(NOON)));
    assert_value(station, "wildcam_active_cameras_total", 1);
    assert_value(station, "wildcam_cameras{status=\"active\"}", 1);
    assert_value(station, "wildcam_cameras{status=\"inactive\"}", 1);
    assert_value(station, "wildcam_cameras{status=\"maintenance\"}", 1);
    char *text = written(station);
    ck_assert_ptr_null(strstr(text, "camera_id=\"A1\""));
    ck_assert_ptr_null(strstr(text, "camera_id=\"D4\""));
    ck_assert_ptr_nonnull(strstr(text, "camera_id=\"B2\""));
    wildcam_free(text);
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5}); /* it is heard of all the same */
    assert_value(station, detections, 1);
    assert_value(station, detections, 1);
    assert_ok(put_camera(station, "A1", NULL, WILDCAM_CAMERA_ACTIVE, 0));
    assert_value(station, detections, 1);
    assert_value(station, "wildcam_active_cameras_total", 2);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    assert_value(station, "wildcam_detections_kept_total", 4);
    wildcam_station_close(station);
}
END_TEST

/* Nobody has read the metrics while it was active. */
START_TEST(cameras_that_go_unseen_lose_their_series)
{
    wildcam_station *station = open_with(NULL, NULL);
    static const char detections[] =
        "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"lynx\"}";
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    add(station, &(struct sighting){"B2", "lynx", at(NOON), 0.5});
    assert_ok(put_camera(station, "A1", NULL, WILDCAM_CAMERA_INACTIVE, 0));
    char *text = written(station);
    ck_assert_ptr_null(strstr(text, "camera_id=\"A1\""));
    ck_assert_ptr_nonnull(strstr(text, "camera_id=\"B2\""));
    wildcam_free(text);
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5}); /* it is heard of all the same */
    assert_value(station, detections, 1);
    assert_value(station, detections, 1);
    wildcam_station_close(station);
}
END_TEST

/* A program's handles of it would be shown never again. */
START_TEST(what_programs_count_by_camera_stays)
{
    wildcam_metric_family *family;
    wildcam_counter *counter;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_metrics_add_counters(wildcam_station_get_metrics(station), "visits_total",
                                           "Visits.", (const char *const[]){"camera_id"}, 1,
                                           &family));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"A1"}, 1, &counter));
    wildcam_counter_add(counter, 3);
    assert_ok(put_camera(station, "A1", NULL, -1, at(NOON)));
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    assert_ok(put_camera(station, "A1", NULL, WILDCAM_CAMERA_MAINTENANCE, 0));
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 0);
    assert_value(station, "visits_total{camera_id=\"A1\"}", 3);
    wildcam_counter_free(counter);
    wildcam_station_close(station);
}
END_TEST

START_TEST(gauges_are_right_at_once_behind_a_restart)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put_camera(station, "A1", "barn", -1, at(NOON)));
    add(station, &(struct sighting){"B2", "lynx", at(NOON), 0.5});
    wildcam_station_close(station);
    station = open_with(NULL, NULL);
    assert_value(station, "wildcam_active_cameras_total", 2);
    assert_value(station, "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"barn\"}",
                 (double)at(NOON) / 1e6);
    double seen = value_of(station,
                           "wildcam_camera_last_seen_timestamp{camera_id=\"B2\",location=\"\"}");
    ck_assert(fabs(seen - (double)wildcam_time_now() / 1e6) < 600);
    assert_value(station, "wildcam_store_shards", 1);
    assert_value(station, "wildcam_detections_kept_total", 0); /* counters begin anew */
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 0);
    wildcam_station_close(station);
}
END_TEST

static int add_a_camera(void *user)
{
    wildcam_conf *conf;
    wildcam_station *station;
    wildcam_camera *camera;
    (void)user;
    if (wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("station")) != WILDCAM_OK ||
        wildcam_conf_set(conf, "disk.min_free_bytes", "0") != WILDCAM_OK ||
        wildcam_station_open(conf, &station) != WILDCAM_OK ||
        wildcam_camera_new(&camera) != WILDCAM_OK ||
        wildcam_camera_set_device_id(camera, "A1") != WILDCAM_OK ||
        wildcam_camera_set_location_name(camera, "moved") != WILDCAM_OK ||
        wildcam_station_put_camera(station, camera, NULL, NULL) != WILDCAM_OK ||
        wildcam_camera_set_device_id(camera, "OTHER") != WILDCAM_OK ||
        wildcam_station_put_camera(station, camera, NULL, NULL) != WILDCAM_OK)
        return 1;
    wildcam_camera_free(camera);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return 0;
}

START_TEST(what_other_processes_do_shows)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put_camera(station, "A1", "barn", -1, at(NOON)));
    assert_value(station, "wildcam_active_cameras_total", 1);
    in_child(add_a_camera, NULL);
    assert_value(station, "wildcam_active_cameras_total", 2);
    assert_value(station, "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"moved\"}",
                 (double)at(NOON) / 1e6);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    wildcam_station_close(station);
}
END_TEST

/* One for each is what there is room for. */
START_TEST(series_beyond_the_limit_come_when_others_go)
{
    wildcam_station *station = open_with("metrics.series", "2", NULL);
    static const char *const ids[] = {"A1", "B2", "C3", "D4"};
    for (size_t i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++)
            add(station, &(struct sighting){ids[i], "lynx", at(NOON) + k, 0.5});
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 2);
    assert_none(station, "wildcam_wildlife_detections_total{camera_id=\"C3\",species=\"lynx\"}");
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    assert_ok(put_camera(station, "A1", NULL, WILDCAM_CAMERA_INACTIVE, 0));
    assert_ok(put_camera(station, "D4", NULL, WILDCAM_CAMERA_INACTIVE, 0)); /* while it waits */
    assert_value(station, "wildcam_wildlife_detections_total{camera_id=\"C3\",species=\"lynx\"}",
                 3);
    assert_value(station, "wildcam_detection_processing_seconds_count{camera_id=\"C3\"}", 3);
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 2);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    assert_ok(put_camera(station, "B2", NULL, WILDCAM_CAMERA_INACTIVE, 0));
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 1);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    wildcam_station_close(station);
}
END_TEST

/* ---- many ---- */

enum { CAMERAS = 60, THREADS = 3, ROUNDS = 12 };
static atomic_int writing;

static void keep_one_of_each(wildcam_station *station)
{
    wildcam_batch *batch;
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < CAMERAS; i++) {
        char device_id[16];
        snprintf(device_id, sizeof device_id, "C%d", i);
        wildcam_detection *draft = draft_of(&(struct sighting){device_id, "lynx", at(NOON), 0.5});
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
}

static void *keep_many(void *station)
{
    for (int i = 0; i < ROUNDS; i++)
        keep_one_of_each(station);
    writing--;
    return NULL;
}

static void put_all(wildcam_station *station, int status)
{
    for (int i = 0; i < CAMERAS; i++) {
        char device_id[16];
        snprintf(device_id, sizeof device_id, "C%d", i);
        assert_ok(put_camera(station, device_id, NULL, status, 0));
    }
}

/* Their series go, and come again, while others count in them. */
START_TEST(many_cameras_go_at_once_while_others_count)
{
    pthread_t threads[THREADS];
    wildcam_station *station = open_with(NULL, NULL);
    keep_one_of_each(station);
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), CAMERAS);
    writing = THREADS;
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_many, station), 0);
    for (int status = WILDCAM_CAMERA_INACTIVE; writing > 0; status = status == WILDCAM_CAMERA_ACTIVE
                                                                         ? WILDCAM_CAMERA_INACTIVE
                                                                         : WILDCAM_CAMERA_ACTIVE) {
        put_all(station, status);
        wildcam_free(written(station));
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    put_all(station, WILDCAM_CAMERA_ACTIVE);
    wildcam_free(written(station));
    put_all(station, WILDCAM_CAMERA_INACTIVE);
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 0);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 0);
    assert_value(station, "wildcam_detections_kept_total", CAMERAS * (THREADS * ROUNDS + 1));
    put_all(station, WILDCAM_CAMERA_ACTIVE);
    keep_one_of_each(station);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), CAMERAS);
    assert_value(station, "wildcam_wildlife_detections_total{camera_id=\"C7\",species=\"lynx\"}",
                 1);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("measures_cameras");
    TCase *cameras = harness_case(suite, "cameras");
    tcase_add_test(cameras, cameras_that_move_take_their_series_along);
    tcase_add_test(cameras, cameras_that_are_deactivated_lose_their_series);
    tcase_add_test(cameras, cameras_that_go_unseen_lose_their_series);
    tcase_add_test(cameras, what_programs_count_by_camera_stays);
    tcase_add_test(cameras, gauges_are_right_at_once_behind_a_restart);
    tcase_add_test(cameras, what_other_processes_do_shows);
    tcase_add_test(cameras, series_beyond_the_limit_come_when_others_go);
    TCase *many = harness_case(suite, "many");
    tcase_add_test(many, many_cameras_go_at_once_while_others_count);
    return suite;
}
