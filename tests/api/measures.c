/* What a station measures of what comes in: exact values behind what was done with it. */
#include "api/samples.h"

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

static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)picture;
    wildcam_status status = *(const wildcam_status *)user;
    return status == WILDCAM_OK ? wildcam_findings_add_blank(findings, 1) : status;
}

/* Each by its own name; one that looked at nothing is not shown. */
START_TEST(detectors_are_measured)
{
    wildcam_status well = WILDCAM_OK, badly = WILDCAM_OK;
    wildcam_station *station = open_with("process.detector", "first,second",
                                         "process.retry_seconds", "0", NULL);
    assert_ok(wildcam_station_add_detector(station, "first", NULL, look, &well));
    assert_ok(wildcam_station_add_detector(station, "second", NULL, look, &badly));
    assert_none(station, "wildcam_detector_seconds_count{detector=\"first\"}");
    for (unsigned i = 0; i < 3; i++) {
        add_scene(station, "A1", i, at(NOON) + i);
        badly = i ? WILDCAM_OK : WILDCAM_ERR_UNSUPPORTED;
        expect_log("is parked");
        assert_ok(wildcam_station_process_once(station, 60000, NULL, NULL));
    }
    assert_value(station, "wildcam_detector_seconds_count{detector=\"first\"}", 3);
    assert_value(station, "wildcam_detector_seconds_count{detector=\"second\"}", 3);
    assert_value(station, "wildcam_detector_failures_total{detector=\"first\"}", 0);
    assert_value(station, "wildcam_detector_failures_total{detector=\"second\"}", 1);
    ck_assert_int_eq(count_samples(station, "wildcam_detector_failures_total"), 2);
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
    assert_ok(put_camera(station, "A1", "north\"\\side", -1, at(NOON)));
    assert_value(station,
                 "wildcam_wildlife_detections_total{camera_id=\"A1\",species=\"a\\\"} 7\\\\\"}", 1);
    assert_value(
        station,
        "wildcam_camera_last_seen_timestamp{camera_id=\"A1\",location=\"north\\\"\\\\side\"}",
        (double)at(NOON) / 1e6);
    assert_ok(put_camera(station, "A1", "south", -1, 0));
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
    tcase_add_test(events, detectors_are_measured);
    tcase_add_test(events, false_positives_are_counted_when_they_become_so);
    tcase_add_test(events, hostile_names_stay_values);
    tcase_add_test(events, series_have_a_limit);
    return suite;
}
