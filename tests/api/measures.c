/* What a station measures of itself: exact values behind what was done with it. */
#include <math.h>
#include <pthread.h>
#include <sys/statvfs.h>

#include "api/fixtures.h"

#define NOON "2026-03-05T12:00:00Z"

static char *written(wildcam_station *station)
{
    char *text;
    assert_ok(wildcam_metrics_write(wildcam_station_get_metrics(station), WILDCAM_METRICS_TEXT,
                                    NULL, 0, &text, NULL));
    return text;
}

/* The value of a sample in a text; NaN when it is not there. It must not be there twice. */
static double find(const char *text, const char *sample)
{
    double value = NAN;
    size_t length = strlen(sample);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, sample, length) != 0 || line[length] != ' ')
            continue;
        ck_assert_msg(isnan(value), "%s is there twice", sample);
        value = strtod(line + length, NULL);
    }
    return value;
}

static double value_of(wildcam_station *station, const char *sample)
{
    char *text = written(station);
    double value = find(text, sample);
    wildcam_free(text);
    return value;
}

#define assert_value(station, sample, value)                                                       \
    do {                                                                                           \
        double got_ = value_of(station, sample);                                                   \
        ck_assert_msg(got_ == (value), "%s is %.17g, not %.17g", sample, got_, (double)(value));   \
    } while (0)
#define assert_none(station, sample)                                                               \
    ck_assert_msg(isnan(value_of(station, sample)), "%s is there", sample)

/* How many samples a family has. */
static int count_samples(wildcam_station *station, const char *name)
{
    char *text = written(station);
    int count = 0;
    size_t length = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == '{');
    }
    wildcam_free(text);
    return count;
}

static wildcam_status put(wildcam_station *station, const char *device_id, const char *location,
                          int state, int64_t last_seen)
{
    wildcam_camera *camera;
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_set_device_id(camera, device_id));
    if (location)
        assert_ok(wildcam_camera_set_location_name(camera, location));
    if (state >= 0)
        assert_ok(wildcam_camera_set_status(camera, state));
    if (last_seen)
        assert_ok(wildcam_camera_set_last_seen(camera, last_seen));
    wildcam_status status = wildcam_station_put_camera(station, camera, NULL, NULL);
    wildcam_camera_free(camera);
    return status;
}

static void move(wildcam_station *station, const char *device_id, const char *location)
{
    assert_ok(put(station, device_id, location, -1, 0));
}

/* ---- what comes in ---- */

START_TEST(the_first_text_has_all_that_is_counted_at_nought)
{
    static const char *const samples[] = {"wildcam_detections_kept_total",
                                          "wildcam_detection_failures_total",
                                          "wildcam_false_positives_total",
                                          "wildcam_picture_bytes_total",
                                          "wildcam_image_count_total",
                                          "wildcam_pictures_total{result=\"kept\"}",
                                          "wildcam_pictures_total{result=\"duplicate\"}",
                                          "wildcam_pictures_total{result=\"refused\"}",
                                          "wildcam_pictures_total{result=\"failed\"}",
                                          "wildcam_processing_queue_size",
                                          "wildcam_active_cameras_total",
                                          "wildcam_cameras{status=\"active\"}",
                                          "wildcam_store_commit_seconds_count",
                                          "wildcam_store_shards",
                                          "wildcam_store_damaged_shards"};
    wildcam_station *station = open_with(NULL, NULL);
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        assert_value(station, samples[i], 0);
    assert_value(station, "wildcam_store_up", 1);
    char build[64];
    snprintf(build, sizeof build, "wildcam_build_info{version=\"%s\"}", wildcam_version());
    assert_value(station, build, 1);
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 0);
    ck_assert_int_eq(count_samples(station, "wildcam_outbox_items"), 0);
    ck_assert_int_eq(count_samples(station, "wildcam_s3_requests_total"), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(pictures_are_counted_by_what_became_of_them)
{
    wildcam_station *station = open_with(NULL, NULL);
    struct jpeg first = make_jpeg(64, 48, JPEG_COLOUR, 1), second = make_jpeg(64, 48, JPEG_GREY, 2);
    expect_log("is refused");
    assert_ok(wildcam_station_ingest(station, "A1", first.data, first.size, NULL, NULL));
    assert_ok(wildcam_station_ingest(station, "A1", first.data, first.size, NULL, NULL));
    assert_ok(wildcam_station_ingest(station, "B2", second.data, second.size, NULL, NULL));
    assert_status(WILDCAM_ERR_NOTJPEG, wildcam_station_ingest(station, "A1", "x", 1, NULL, NULL));
    assert_status(WILDCAM_ERR_TRUNCATED,
                  wildcam_station_ingest(station, "A1", first.data, first.size / 2, NULL, NULL));
    assert_value(station, "wildcam_pictures_total{result=\"kept\"}", 2);
    assert_value(station, "wildcam_pictures_total{result=\"duplicate\"}", 1);
    assert_value(station, "wildcam_pictures_total{result=\"refused\"}", 2);
    assert_value(station, "wildcam_pictures_total{result=\"failed\"}", 0);
    assert_value(station, "wildcam_detection_failures_total", 2);
    assert_value(station, "wildcam_image_count_total", 2);
    assert_value(station, "wildcam_picture_bytes_total", (double)(first.size + second.size));
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"unclassified\"}", 1);
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"B2\",species=\"unclassified\"}", 1);
    assert_value(station, "wildcam_detections_kept_total", 2);
    assert_value(station, "wildcam_detection_processing_seconds_count{camera_id=\"A1\"}", 2);
    assert_value(station, "wildcam_detection_processing_seconds_count{camera_id=\"B2\"}", 1);
    double sum = value_of(station, "wildcam_detection_processing_seconds_sum{camera_id=\"A1\"}");
    ck_assert(sum > 0 && sum < 60);
    wildcam_station_close(station);
    jpeg_free(&first);
    jpeg_free(&second);
}
END_TEST

START_TEST(pictures_that_could_not_be_kept)
{
    wildcam_station *station = open_with("cameras.auto_register", "false", NULL);
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_ingest(station, "A1", jpeg.data, jpeg.size, NULL, NULL));
    assert_value(station, "wildcam_pictures_total{result=\"failed\"}", 1);
    assert_value(station, "wildcam_pictures_total{result=\"refused\"}", 0);
    assert_value(station, "wildcam_detection_failures_total", 1);
    assert_value(station, "wildcam_image_count_total", 0);
    ck_assert_int_eq(count_samples(station, "wildcam_detection_processing_seconds_count"), 0);
    wildcam_station_close(station);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(detections_are_counted_by_camera_and_species)
{
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_batch *batch;
    assert_ok(wildcam_batch_new(station, &batch));
    static const struct {
        const char *device_id, *species;
        int count;
    } some[] = {
        {"A1", "Vulpes vulpes", 3}, {"A1", "lynx", 2}, {"B2", "lynx", 1}, {"A1", "lynx", 4}};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        for (int k = 0; k < some[i].count; k++) {
            wildcam_detection *draft =
                draft_of(&(struct sighting){some[i].device_id, some[i].species, at(NOON) + k, 0.5});
            assert_ok(wildcam_batch_add(batch, draft));
            wildcam_detection_free(draft);
        }
    assert_value(station, "wildcam_detections_kept_total", 0);
    assert_ok(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    add(station, &(struct sighting){"B2", "lynx", at(NOON), 0.5});
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"Vulpes vulpes\"}",
                 3);
    assert_value(station, "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"lynx\"}",
                 6);
    assert_value(station, "wildcam_wildlife_detections_total{camera_id=\"B2\",species=\"lynx\"}",
                 2);
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 3);
    assert_value(station, "wildcam_detections_kept_total", 11);
    assert_value(station, "wildcam_detection_processing_seconds_count{camera_id=\"B2\"}", 1);
    assert_none(station, "wildcam_detection_processing_seconds_count{camera_id=\"A1\"}");
    wildcam_station_close(station);
}
END_TEST

/* Of a batch over two months, one of which another process holds. */
START_TEST(what_is_kept_of_a_batch_that_fails_is_counted)
{
    wildcam_station *station = open_with("store.busy_timeout", "0", NULL);
    wildcam_batch *batch;
    static const char *const times[] = {"2026-02-05", "2026-02-06", "2026-03-05"};
    add(station, &(struct sighting){"A1", "lynx", at("2026-03-01"), 0.5});
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < 3; i++) {
        wildcam_detection *draft = draft_of(&(struct sighting){"A1", "lynx", at(times[i]), 0.5});
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    struct holder holder = hold_writers_lock(scratch_path("station/detections/2026-03.db-shm"));
    assert_status(WILDCAM_ERR_BUSY, wildcam_batch_commit(batch));
    let_go_of(holder);
    ck_assert_int_eq(walk(station, NULL), 3);
    assert_value(station, "wildcam_detections_kept_total", 3);
    assert_value(station, "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"lynx\"}",
                 3);
    assert_value(station, "wildcam_detection_failures_total", 1);
    wildcam_batch_free(batch);
    wildcam_station_close(station);
}
END_TEST

START_TEST(detections_that_could_not_be_kept)
{
    wildcam_station *station = open_with("cameras.auto_register", "false", NULL);
    wildcam_detection *draft = draft_of(&(struct sighting){"A1", "lynx", at(NOON), 0.5});
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_add_detection(station, draft, NULL));
    assert_value(station, "wildcam_detection_failures_total", 1);
    assert_value(station, "wildcam_detections_kept_total", 0);
    wildcam_detection_free(draft);
    wildcam_station_close(station);
}
END_TEST

static void verify(wildcam_station *station, int64_t id, int is_false)
{
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_false_positive(draft, is_false));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    wildcam_detection_free(draft);
}

START_TEST(false_positives_are_counted_when_they_become_so)
{
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    verify(station, id, 0);
    assert_value(station, "wildcam_false_positives_total", 0);
    verify(station, id, 1);
    verify(station, id, 1);
    assert_value(station, "wildcam_false_positives_total", 1);
    verify(station, id, 0);
    verify(station, id, 1);
    assert_value(station, "wildcam_false_positives_total", 2);
    wildcam_station_close(station);
}
END_TEST

START_TEST(hostile_names_stay_values)
{
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"A1", "a\"} 7\\", at(NOON), 0.5});
    assert_ok(put(station, "A1", "north\"\\side", -1, at(NOON)));
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"a\\\"} 7\\\\\"}", 1);
    assert_value(
        station,
        "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"north\\\"\\\\side\"}",
        (double)at(NOON) / 1e6);
    move(station, "A1", "south");
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(series_have_a_limit)
{
    wildcam_station *station = open_with("metrics.series", "2", NULL);
    for (int i = 0; i < 5; i++) {
        char species[16];
        snprintf(species, sizeof species, "species %d", i);
        add(station, &(struct sighting){"A1", species, at(NOON), 0.5});
        add(station, &(struct sighting){"A1", species, at(NOON), 0.5});
    }
    ck_assert_int_eq(count_samples(station, "wildcam_wildlife_detections_total"), 2);
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"species 1\"}", 2);
    assert_value(station, "wildcam_detections_kept_total", 10);
    assert_value(
        station,
        "wildcam_metrics_dropped_series_total{family=\"wildcam_wildlife_detections_total\"}", 3);
    wildcam_station_close(station);
}
END_TEST

/* ---- cameras ---- */

START_TEST(cameras_that_move_take_their_series_along)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put(station, "A1", "north ridge", -1, at(NOON)));
    assert_ok(put(station, "B2", NULL, -1, at(NOON) + 1500000));
    assert_ok(put(station, "C3", "barn", -1, 0));
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
    assert_ok(put(station, "A1", NULL, WILDCAM_CAMERA_INACTIVE, 0));
    assert_ok(put(station, "D4", NULL, WILDCAM_CAMERA_MAINTENANCE, at(NOON)));
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
    assert_ok(put(station, "A1", NULL, WILDCAM_CAMERA_ACTIVE, 0));
    assert_value(station, detections, 1);
    assert_value(station, "wildcam_active_cameras_total", 2);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 2);
    assert_value(station, "wildcam_detections_kept_total", 4);
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
    assert_ok(put(station, "A1", NULL, -1, at(NOON)));
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    assert_ok(put(station, "A1", NULL, WILDCAM_CAMERA_MAINTENANCE, 0));
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 0);
    assert_value(station, "visits_total{camera_id=\"A1\"}", 3);
    wildcam_counter_free(counter);
    wildcam_station_close(station);
}
END_TEST

START_TEST(gauges_are_right_at_once_behind_a_restart)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put(station, "A1", "barn", -1, at(NOON)));
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
    assert_ok(put(station, "A1", "barn", -1, at(NOON)));
    assert_value(station, "wildcam_active_cameras_total", 1);
    in_child(add_a_camera, NULL);
    assert_value(station, "wildcam_active_cameras_total", 2);
    assert_value(station, "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"moved\"}",
                 (double)at(NOON) / 1e6);
    ck_assert_int_eq(count_samples(station, "wildcam_camera_last_seen_timestamp"), 1);
    wildcam_station_close(station);
}
END_TEST

/* ---- the store, the disk, the process ---- */

START_TEST(store_and_disk_are_as_health_says)
{
    wildcam_station *station = open_with("disk.min_free_percent", "5", NULL);
    struct statvfs disk;
    wildcam_health *health;
    for (int month = 1; month <= 3; month++) {
        char time[32];
        snprintf(time, sizeof time, "2026-%02d-05", month);
        add(station, &(struct sighting){"A1", "lynx", at(time), 0.5});
    }
    ck_assert_int_eq(statvfs(scratch(), &disk), 0);
    double total = (double)disk.f_blocks * (double)disk.f_frsize;
    assert_value(station, "wildcam_storage_total_bytes", total);
    assert_value(station, "wildcam_storage_floor_bytes", floor(total * 0.05));
    char *text = written(station);
    ck_assert_double_eq(
        find(text, "wildcam_storage_used_bytes") + find(text, "wildcam_storage_free_bytes"), total);
    wildcam_free(text);
    assert_value(station, "wildcam_store_shards", 3);
    assert_value(station, "wildcam_store_damaged_shards", 0);
    assert_ok(wildcam_station_health(station, &health));
    assert_value(station, "wildcam_store_open_shards",
                 (double)wildcam_health_get_figure(health, WILDCAM_HEALTH_OPEN_SHARDS));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DETECTIONS_KEPT), 3);
    wildcam_health_free(health);
    text = written(station);
    double groups = find(text, "wildcam_store_commit_seconds_count");
    ck_assert(groups >= 3);
    ck_assert_double_eq(find(text, "wildcam_store_commit_changes_count"), groups);
    ck_assert_double_eq(find(text, "wildcam_store_commit_changes_sum"), 3);
    ck_assert(find(text, "wildcam_store_commit_seconds_sum") > 0);
    wildcam_free(text);
    wildcam_station_close(station);
}
END_TEST

START_TEST(damaged_shards_are_counted)
{
    wildcam_station *station = open_with(NULL, NULL);
    expect_log("damaged");
    expect_log("set aside");
    add(station, &(struct sighting){"A1", "lynx", at("2026-01-05"), 0.5});
    add(station, &(struct sighting){"A1", "lynx", at("2026-02-05"), 0.5});
    wildcam_station_close(station);
    ruin_file(scratch_path("station/detections/2026-01.db"));
    station = open_with(NULL, NULL);
    ck_assert_int_eq(walk(station, NULL), 1);
    assert_value(station, "wildcam_store_damaged_shards", 1);
    assert_value(station, "wildcam_store_shards", 1);
    assert_value(station, "wildcam_store_up", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(a_store_that_does_not_answer_is_down)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put(station, "A1", "barn", -1, at(NOON)));
    assert_value(station, "wildcam_store_up", 1);
    ck_assert_int_eq(rename(scratch_path("station"), scratch_path("elsewhere")), 0);
    char *text = written(station);
    ck_assert_int_eq(rename(scratch_path("elsewhere"), scratch_path("station")), 0);
    ck_assert_double_eq(find(text, "wildcam_store_up"), 0);
    ck_assert_double_eq(find(text, "wildcam_active_cameras_total"), 1);
    wildcam_free(text);
    assert_value(station, "wildcam_store_up", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(the_process_is_measured_under_its_usual_names)
{
    wildcam_station *station = open_with(NULL, NULL);
    char *text = written(station);
    double now = (double)wildcam_time_now() / 1e6;
    double started = find(text, "process_start_time_seconds");
    ck_assert(started > now - 3600 && started <= now);
    ck_assert(find(text, "process_cpu_seconds_total") >= 0);
    ck_assert(find(text, "process_resident_memory_bytes") > 100000);
    ck_assert(find(text, "process_virtual_memory_bytes") >
              find(text, "process_resident_memory_bytes"));
    ck_assert(find(text, "process_open_fds") > 3);
    ck_assert(find(text, "process_max_fds") >= find(text, "process_open_fds"));
    ck_assert(find(text, "process_threads") >= 1);
    assert_value(station, "process_start_time_seconds", started);
    wildcam_free(text);
    wildcam_station_close(station);
}
END_TEST

/* ---- across ---- */

enum { THREADS = 4, ROUNDS = 200 };

static void *keep_many(void *user)
{
    wildcam_batch *batch;
    assert_ok(wildcam_batch_new(user, &batch));
    for (int i = 0; i < ROUNDS; i++) {
        char device_id[16], species[16];
        snprintf(device_id, sizeof device_id, "C%d", i % 7);
        snprintf(species, sizeof species, "species %d", i % 23);
        wildcam_detection *draft =
            draft_of(&(struct sighting){device_id, species, at(NOON) + i, 0.5});
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
        if (i % 10 == 9) {
            assert_ok(wildcam_batch_commit(batch));
            wildcam_batch_reset(batch);
        }
    }
    wildcam_batch_free(batch);
    return NULL;
}

START_TEST(threads_lose_no_count_while_others_read)
{
    pthread_t threads[THREADS];
    wildcam_station *station = open_with(NULL, NULL);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_many, station), 0);
    for (int i = 0; i < 20; i++)
        wildcam_free(written(station));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_value(station, "wildcam_detections_kept_total", THREADS * ROUNDS);
    char *text = written(station);
    double sum = 0;
    for (int i = 0; i < 7 * 23; i++) {
        char sample[128];
        snprintf(sample, sizeof sample,
                 "wildcam_wildlife_detections_total{camera_id=\"C%d\",species=\"species %d\"}",
                 i % 7, i % 23);
        double value = find(text, sample);
        sum += isnan(value) ? 0 : value;
    }
    wildcam_free(text);
    ck_assert_double_eq(sum, THREADS * ROUNDS);
    wildcam_station_close(station);
}
END_TEST

static int use_it_behind_a_fork(void *user)
{
    char *text;
    if (wildcam_metrics_write(wildcam_station_get_metrics(user), WILDCAM_METRICS_TEXT, NULL, 0,
                              &text, NULL) != WILDCAM_ERR_FORKED)
        return 1;
    wildcam_station_close(user);
    return 0;
}

START_TEST(a_child_process_has_no_part_in_it)
{
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    wildcam_free(written(station));
    in_child(use_it_behind_a_fork, station);
    assert_value(station, "wildcam_active_cameras_total", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(programs_add_their_own)
{
    wildcam_metric_family *family;
    wildcam_counter *counter;
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_metrics *metrics = wildcam_station_get_metrics(station);
    ck_assert_ptr_null(wildcam_station_get_metrics(NULL));
    assert_ok(
        wildcam_metrics_add_counters(metrics, "gate_opened_total", "Gate.", NULL, 0, &family));
    assert_ok(wildcam_counter_new(family, NULL, 0, &counter));
    wildcam_counter_add(counter, 3);
    assert_value(station, "gate_opened_total", 3);
    assert_status(WILDCAM_ERR_EXISTS,
                  wildcam_metrics_add_counters(metrics, "wildcam_active_cameras_total", "Mine.",
                                               NULL, 0, &family));
    wildcam_station_close(station);
    wildcam_counter_add(counter, 1); /* a handle outlives the station */
    wildcam_counter_free(counter);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("measures");
    TCase *events = harness_case(suite, "events");
    tcase_add_test(events, the_first_text_has_all_that_is_counted_at_nought);
    tcase_add_test(events, pictures_are_counted_by_what_became_of_them);
    tcase_add_test(events, pictures_that_could_not_be_kept);
    tcase_add_test(events, detections_are_counted_by_camera_and_species);
    tcase_add_test(events, what_is_kept_of_a_batch_that_fails_is_counted);
    tcase_add_test(events, detections_that_could_not_be_kept);
    tcase_add_test(events, false_positives_are_counted_when_they_become_so);
    tcase_add_test(events, hostile_names_stay_values);
    tcase_add_test(events, series_have_a_limit);
    TCase *cameras = harness_case(suite, "cameras");
    tcase_add_test(cameras, cameras_that_move_take_their_series_along);
    tcase_add_test(cameras, cameras_that_are_deactivated_lose_their_series);
    tcase_add_test(cameras, what_programs_count_by_camera_stays);
    tcase_add_test(cameras, gauges_are_right_at_once_behind_a_restart);
    tcase_add_test(cameras, what_other_processes_do_shows);
    TCase *state = harness_case(suite, "state");
    tcase_add_test(state, store_and_disk_are_as_health_says);
    tcase_add_test(state, damaged_shards_are_counted);
    tcase_add_test(state, a_store_that_does_not_answer_is_down);
    tcase_add_test(state, the_process_is_measured_under_its_usual_names);
    TCase *across = harness_case(suite, "across");
    tcase_add_test(across, threads_lose_no_count_while_others_read);
    tcase_add_test(across, a_child_process_has_no_part_in_it);
    tcase_add_test(across, programs_add_their_own);
    return suite;
}
