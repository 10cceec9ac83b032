/* NULL in every place where a pointer goes: refused with a sentence, or read as nothing. */
#include <math.h>

#include "api/fixtures.h"

/* A call that must refuse, and say that it was a NULL or what else was wrong. */
#define REFUSES(call) assert_status(WILDCAM_ERR_INVALID, call)

static wildcam_station *station;

static void open_it(void)
{
    station = open_with(NULL, NULL);
}

static void close_it(void)
{
    wildcam_station_close(station);
}

START_TEST(conf_and_time)
{
    const char *text;
    char buffer[64];
    int64_t number;
    wildcam_conf *conf = NULL;
    REFUSES(wildcam_conf_new(NULL));
    assert_ok(wildcam_conf_new(&conf));
    REFUSES(wildcam_conf_set(NULL, "data.dir", "x"));
    REFUSES(wildcam_conf_set(conf, NULL, "x"));
    REFUSES(wildcam_conf_get(NULL, "data.dir", &text));
    REFUSES(wildcam_conf_get(conf, NULL, &text));
    REFUSES(wildcam_conf_get(conf, "data.dir", NULL));
    REFUSES(wildcam_conf_get_int(NULL, "images.max_bytes", &number));
    REFUSES(wildcam_conf_get_int(conf, NULL, &number));
    REFUSES(wildcam_conf_get_int(conf, "images.max_bytes", NULL));
    REFUSES(wildcam_conf_load_file(NULL, "x"));
    REFUSES(wildcam_conf_load_file(conf, NULL));
    REFUSES(wildcam_conf_load_environment(NULL));
    REFUSES(wildcam_conf_set_log(NULL, NULL, NULL));
    REFUSES(wildcam_setting_range(NULL, buffer, sizeof buffer));
    REFUSES(wildcam_setting_range(wildcam_setting_at(0), NULL, 10));
    ck_assert_str_eq(wildcam_setting_name(NULL), "");
    ck_assert_str_eq(wildcam_setting_type(NULL), "");
    ck_assert_str_eq(wildcam_setting_unit(NULL), "");
    ck_assert_str_eq(wildcam_setting_default(NULL), "");
    ck_assert_str_eq(wildcam_setting_help(NULL), "");
    ck_assert_str_eq(wildcam_setting_since(NULL), "");
    ck_assert_int_eq(wildcam_setting_is_secret(NULL), 0);
    REFUSES(wildcam_time_parse(NULL, &number, NULL, NULL));
    REFUSES(wildcam_time_parse("2026-01-01", NULL, NULL, NULL));
    REFUSES(wildcam_time_from_number(1e9, NULL));
    REFUSES(wildcam_time_from_path(NULL, &number));
    REFUSES(wildcam_time_from_path("x", NULL));
    REFUSES(wildcam_time_from_name(NULL, "%Y%m%d%H%M", &number));
    REFUSES(wildcam_time_from_name("x", NULL, &number));
    REFUSES(wildcam_time_from_name("x", "%Y%m%d%H%M", NULL));
    REFUSES(wildcam_time_format(0, 0, NULL, 100));
    wildcam_conf_free(conf);
    wildcam_conf_free(NULL);
}
END_TEST

START_TEST(camera_without_a_camera)
{
    wildcam_camera *draft, *out = NULL;
    char *text = (char *)&out;
    REFUSES(wildcam_camera_new(NULL));
    REFUSES(wildcam_camera_set_device_id(NULL, "x"));
    REFUSES(wildcam_camera_set_name(NULL, "x"));
    REFUSES(wildcam_camera_set_location_name(NULL, "x"));
    REFUSES(wildcam_camera_set_latitude(NULL, 0));
    REFUSES(wildcam_camera_set_longitude(NULL, 0));
    REFUSES(wildcam_camera_set_altitude(NULL, 0));
    REFUSES(wildcam_camera_set_firmware_version(NULL, "x"));
    REFUSES(wildcam_camera_set_hardware_version(NULL, "x"));
    REFUSES(wildcam_camera_set_config(NULL, "{}"));
    REFUSES(wildcam_camera_set_status(NULL, 0));
    REFUSES(wildcam_camera_set_battery_level(NULL, 0));
    REFUSES(wildcam_camera_set_battery_voltage(NULL, 0));
    REFUSES(wildcam_camera_set_solar_voltage(NULL, 0));
    REFUSES(wildcam_camera_set_temperature(NULL, 0));
    REFUSES(wildcam_camera_set_humidity(NULL, 0));
    REFUSES(wildcam_camera_set_last_seen(NULL, 0));
    ck_assert_int_eq(wildcam_camera_get_id(NULL), 0);
    ck_assert_str_eq(wildcam_camera_get_device_id(NULL), "");
    ck_assert_str_eq(wildcam_camera_get_name(NULL), "");
    ck_assert_str_eq(wildcam_camera_get_location_name(NULL), "");
    ck_assert(isnan(wildcam_camera_get_latitude(NULL)));
    ck_assert(isnan(wildcam_camera_get_longitude(NULL)));
    ck_assert(isnan(wildcam_camera_get_altitude(NULL)));
    ck_assert_str_eq(wildcam_camera_get_firmware_version(NULL), "");
    ck_assert_str_eq(wildcam_camera_get_hardware_version(NULL), "");
    ck_assert_str_eq(wildcam_camera_get_config(NULL), "");
    ck_assert_int_eq(wildcam_camera_get_status(NULL), WILDCAM_CAMERA_ACTIVE);
    ck_assert(isnan(wildcam_camera_get_battery_level(NULL)));
    ck_assert(isnan(wildcam_camera_get_battery_voltage(NULL)));
    ck_assert(isnan(wildcam_camera_get_solar_voltage(NULL)));
    ck_assert(isnan(wildcam_camera_get_temperature(NULL)));
    ck_assert(isnan(wildcam_camera_get_humidity(NULL)));
    ck_assert_int_eq(wildcam_camera_get_last_seen(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_camera_get_created_at(NULL), WILDCAM_TIME_NONE);
    REFUSES(wildcam_camera_to_json(NULL, &text));
    ck_assert_ptr_null(text);
    assert_ok(wildcam_camera_new(&draft));
    REFUSES(wildcam_camera_to_json(draft, NULL));
    assert_ok(wildcam_camera_set_device_id(draft, "CAM1"));
    out = draft;
    REFUSES(wildcam_station_put_camera(NULL, draft, NULL, &out));
    ck_assert_ptr_null(out);
    out = draft;
    REFUSES(wildcam_station_put_camera(station, NULL, NULL, &out));
    ck_assert_ptr_null(out);
    REFUSES(wildcam_station_report_camera(NULL, draft));
    REFUSES(wildcam_station_report_camera(station, NULL));
    out = draft;
    REFUSES(wildcam_station_get_camera(NULL, "CAM1", &out));
    ck_assert_ptr_null(out);
    out = draft;
    REFUSES(wildcam_station_get_camera(station, NULL, &out));
    ck_assert_ptr_null(out);
    REFUSES(wildcam_station_get_camera(station, "CAM1", NULL));
    wildcam_camera_list *list = (void *)draft;
    REFUSES(wildcam_station_list_cameras(NULL, 0, &list));
    ck_assert_ptr_null(list);
    REFUSES(wildcam_station_list_cameras(station, 0, NULL));
    REFUSES(wildcam_station_count_camera_changes(NULL, &(int64_t){0}));
    REFUSES(wildcam_station_count_camera_changes(station, NULL));
    ck_assert_uint_eq(wildcam_camera_list_get_count(NULL), 0);
    ck_assert_ptr_null(wildcam_camera_list_at(NULL, 0));
    wildcam_camera_list_free(NULL);
    wildcam_camera_free(draft);
    wildcam_camera_free(NULL);
}
END_TEST

START_TEST(detection_without_a_detection)
{
    const wildcam_box box = {0, 0, 1, 1};
    wildcam_box read;
    wildcam_detection *draft, *out;
    char *text = (char *)&out;
    int category;
    REFUSES(wildcam_category_from_name(NULL, &category));
    REFUSES(wildcam_category_from_name("animal", NULL));
    REFUSES(wildcam_detection_new(NULL));
    REFUSES(wildcam_detection_set_device_id(NULL, "x"));
    REFUSES(wildcam_detection_set_time(NULL, 0, 0, 0));
    REFUSES(wildcam_detection_set_category(NULL, 0));
    REFUSES(wildcam_detection_set_species(NULL, "x"));
    REFUSES(wildcam_detection_set_confidence(NULL, 0));
    REFUSES(wildcam_detection_set_box(NULL, &box));
    REFUSES(wildcam_detection_set_metadata(NULL, "{}"));
    REFUSES(wildcam_detection_set_verified(NULL, 1));
    REFUSES(wildcam_detection_set_verified_species(NULL, "x"));
    REFUSES(wildcam_detection_set_false_positive(NULL, 1));
    REFUSES(wildcam_detection_set_notes(NULL, "x"));
    REFUSES(wildcam_detection_set_verified_by(NULL, "x"));
    wildcam_detection_reset(NULL);
    ck_assert_int_eq(wildcam_detection_get_id(NULL), 0);
    ck_assert_int_eq(wildcam_detection_get_image_id(NULL), 0);
    ck_assert_int_eq(wildcam_detection_get_camera_id(NULL), 0);
    ck_assert_str_eq(wildcam_detection_get_device_id(NULL), "");
    ck_assert_int_eq(wildcam_detection_get_time(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_detection_get_offset(NULL), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_detection_get_time_source(NULL), WILDCAM_TIME_SOURCE_UNKNOWN);
    ck_assert_int_eq(wildcam_detection_get_category(NULL), WILDCAM_CATEGORY_UNCLASSIFIED);
    ck_assert_ptr_nonnull(wildcam_detection_get_species(NULL));
    ck_assert_ptr_nonnull(wildcam_detection_get_detected_species(NULL));
    ck_assert_ptr_nonnull(wildcam_detection_get_detector(NULL));
    ck_assert_ptr_nonnull(wildcam_detection_get_detector_version(NULL));
    ck_assert(isnan(wildcam_detection_get_confidence(NULL)));
    ck_assert_int_eq(wildcam_detection_get_box(NULL, &read), 0);
    ck_assert_str_eq(wildcam_detection_get_metadata(NULL), "");
    ck_assert_int_eq(wildcam_detection_get_verified(NULL), 0);
    ck_assert_str_eq(wildcam_detection_get_verified_species(NULL), "");
    ck_assert_int_eq(wildcam_detection_get_false_positive(NULL), 0);
    ck_assert_str_eq(wildcam_detection_get_notes(NULL), "");
    ck_assert_str_eq(wildcam_detection_get_verified_by(NULL), "");
    ck_assert_int_eq(wildcam_detection_get_verified_at(NULL), WILDCAM_TIME_NONE);
    REFUSES(wildcam_detection_to_json(NULL, &text));
    ck_assert_ptr_null(text);
    assert_ok(wildcam_detection_new(&draft));
    REFUSES(wildcam_detection_to_json(draft, NULL));
    REFUSES(wildcam_station_add_detection(NULL, draft, NULL));
    REFUSES(wildcam_station_add_detection(station, NULL, NULL));
    out = draft;
    REFUSES(wildcam_station_get_detection(NULL, 1, &out));
    ck_assert_ptr_null(out);
    REFUSES(wildcam_station_get_detection(station, 1, NULL));
    REFUSES(wildcam_station_verify_detection(NULL, 1, draft));
    REFUSES(wildcam_station_verify_detection(station, 1, NULL));
    wildcam_batch *batch = (void *)draft;
    REFUSES(wildcam_batch_new(NULL, &batch));
    ck_assert_ptr_null(batch);
    REFUSES(wildcam_batch_new(station, NULL));
    assert_ok(wildcam_batch_new(station, &batch));
    REFUSES(wildcam_batch_add(NULL, draft));
    REFUSES(wildcam_batch_add(batch, NULL));
    REFUSES(wildcam_batch_commit(NULL));
    ck_assert_uint_eq(wildcam_batch_get_count(NULL), 0);
    ck_assert_int_eq(wildcam_batch_get_id(NULL, 0), 0);
    wildcam_batch_reset(NULL);
    wildcam_batch_free(batch);
    wildcam_batch_free(NULL);
    wildcam_detection_free(draft);
    wildcam_detection_free(NULL);
}
END_TEST

START_TEST(image_without_an_image)
{
    wildcam_image *facts = (void *)&facts;
    char *text = (char *)&facts;
    void *data = &facts;
    wildcam_box box = {0, 0, 1, 1};
    size_t size;
    int fd = 77;
    ck_assert_int_eq(wildcam_image_get_id(NULL), 0);
    ck_assert_int_eq(wildcam_image_get_camera_id(NULL), 0);
    ck_assert_str_eq(wildcam_image_get_device_id(NULL), "");
    ck_assert_int_eq(wildcam_image_get_time(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_image_get_offset(NULL), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_time_source(NULL), WILDCAM_TIME_SOURCE_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_received_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_image_get_bytes(NULL), 0);
    ck_assert_int_eq(wildcam_image_get_width(NULL), 0);
    ck_assert_int_eq(wildcam_image_get_height(NULL), 0);
    ck_assert_int_eq(wildcam_image_get_orientation(NULL), 1);
    ck_assert_int_eq(wildcam_image_get_trailing_bytes(NULL), 0);
    ck_assert_str_eq(wildcam_image_get_sha256(NULL), "");
    ck_assert_str_eq(wildcam_image_get_make(NULL), "");
    ck_assert_str_eq(wildcam_image_get_model(NULL), "");
    ck_assert_str_eq(wildcam_image_get_serial_number(NULL), "");
    ck_assert(isnan(wildcam_image_get_latitude(NULL)));
    ck_assert(isnan(wildcam_image_get_longitude(NULL)));
    ck_assert(isnan(wildcam_image_get_altitude(NULL)));
    ck_assert(isnan(wildcam_image_get_temperature(NULL)));
    ck_assert_int_eq(wildcam_image_get_capture(NULL), WILDCAM_CAPTURE_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_event_number(NULL), -1);
    ck_assert_int_eq(wildcam_image_get_sequence_number(NULL), -1);
    ck_assert_int_eq(wildcam_image_get_sequence_length(NULL), -1);
    ck_assert_str_eq(wildcam_image_get_file_name(NULL), "");
    ck_assert_str_eq(wildcam_image_get_metadata(NULL), "");
    REFUSES(wildcam_image_to_json(NULL, &text));
    ck_assert_ptr_null(text);
    REFUSES(wildcam_image_probe(NULL, 1, &facts));
    ck_assert_ptr_null(facts);
    REFUSES(wildcam_image_probe("x", 1, NULL));
    REFUSES(wildcam_image_thumbnail(NULL, 1, 64, 64, &data, &size));
    ck_assert_ptr_null(data);
    REFUSES(wildcam_image_thumbnail("x", 1, 64, 64, NULL, &size));
    REFUSES(wildcam_image_thumbnail("x", 1, 64, 64, &data, NULL));
    data = &facts;
    REFUSES(wildcam_image_blur(NULL, 1, NULL, 0, &data, &size));
    ck_assert_ptr_null(data);
    REFUSES(wildcam_image_blur("x", 1, NULL, 0, NULL, &size));
    REFUSES(wildcam_image_blur("x", 1, NULL, 0, &data, NULL));
    REFUSES(wildcam_image_blur("x", 1, NULL, 1, &data, &size));
    REFUSES(wildcam_image_blur("x", 1, &box, 1001, &data, &size));
    box.width = -1;
    REFUSES(wildcam_image_blur("x", 1, &box, 1, &data, &size));
    box.width = NAN;
    REFUSES(wildcam_image_blur("x", 1, &box, 1, &data, &size));
    data = &facts;
    REFUSES(wildcam_image_strip(NULL, 1, 0, &data, &size));
    ck_assert_ptr_null(data);
    REFUSES(wildcam_image_strip("x", 1, 0, NULL, &size));
    REFUSES(wildcam_image_strip("x", 1, 0, &data, NULL));
    facts = (void *)&facts;
    REFUSES(wildcam_station_get_image(NULL, 1, &facts));
    ck_assert_ptr_null(facts);
    REFUSES(wildcam_station_get_image(station, 1, NULL));
    REFUSES(wildcam_station_open_picture(NULL, 1, &fd, NULL));
    ck_assert_int_eq(fd, -1);
    REFUSES(wildcam_station_open_picture(station, 1, NULL, NULL));
    data = &facts;
    REFUSES(wildcam_station_read_picture(NULL, 1, 0, &data, &size));
    ck_assert_ptr_null(data);
    REFUSES(wildcam_station_read_picture(station, 1, 0, NULL, &size));
    REFUSES(wildcam_station_read_picture(station, 1, 0, &data, NULL));
    data = &facts;
    REFUSES(wildcam_station_get_thumbnail(NULL, 1, &data, &size));
    ck_assert_ptr_null(data);
    REFUSES(wildcam_station_get_thumbnail(station, 1, NULL, &size));
    REFUSES(wildcam_station_get_thumbnail(station, 1, &data, NULL));
    wildcam_image_free(NULL);
}
END_TEST

START_TEST(ingest_without_an_ingest)
{
    wildcam_ingest *ingest = (void *)&ingest;
    REFUSES(wildcam_ingest_begin(NULL, &ingest));
    ck_assert_ptr_null(ingest);
    REFUSES(wildcam_ingest_begin(station, NULL));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    REFUSES(wildcam_ingest_set_device_id(NULL, "x"));
    REFUSES(wildcam_ingest_set_device_id(ingest, NULL));
    REFUSES(wildcam_ingest_set_time(NULL, 0, 0, 0));
    REFUSES(wildcam_ingest_set_fallback_time(NULL, 0, 0, 0));
    REFUSES(wildcam_ingest_set_file_name(NULL, "x"));
    REFUSES(wildcam_ingest_set_from_card(NULL));
    REFUSES(wildcam_ingest_set_metadata(NULL, "{}"));
    REFUSES(wildcam_ingest_set_sidecar(NULL, "{}", 2, NULL, NULL));
    REFUSES(wildcam_ingest_set_sidecar(ingest, NULL, 2, NULL, NULL));
    REFUSES(wildcam_ingest_add_detection(NULL, NULL));
    REFUSES(wildcam_ingest_add_detection(ingest, NULL));
    REFUSES(wildcam_ingest_write(NULL, "x", 1));
    REFUSES(wildcam_ingest_write(ingest, NULL, 1));
    REFUSES(wildcam_ingest_commit(NULL));
    ck_assert_int_eq(wildcam_ingest_get_image_id(NULL), 0);
    ck_assert_int_eq(wildcam_ingest_get_detection_id(NULL), 0);
    ck_assert_int_eq(wildcam_ingest_is_duplicate(NULL), 0);
    REFUSES(wildcam_station_ingest(NULL, "CAM1", "x", 1, NULL, NULL));
    REFUSES(wildcam_station_ingest(station, NULL, "x", 1, NULL, NULL));
    REFUSES(wildcam_station_ingest(station, "CAM1", NULL, 1, NULL, NULL));
    REFUSES(wildcam_station_ingest_file(NULL, "CAM1", "x", NULL, NULL));
    REFUSES(wildcam_station_ingest_file(station, NULL, "x", NULL, NULL));
    REFUSES(wildcam_station_ingest_file(station, "CAM1", NULL, NULL, NULL));
    wildcam_ingest_abort(NULL);
    wildcam_ingest_free(ingest);
    wildcam_ingest_free(NULL);
}
END_TEST

START_TEST(query_without_a_query)
{
    const wildcam_detection *row = (void *)&row;
    wildcam_cursor *cursor = (void *)&row;
    wildcam_summary *summary = (void *)&row;
    int64_t count;
    REFUSES(wildcam_query_new(NULL));
    REFUSES(wildcam_query_set_range(NULL, 0, 1));
    REFUSES(wildcam_query_set_device_id(NULL, "x"));
    REFUSES(wildcam_query_set_species(NULL, "x"));
    REFUSES(wildcam_query_set_category(NULL, 0));
    REFUSES(wildcam_query_set_min_confidence(NULL, 0));
    REFUSES(wildcam_query_set_verified(NULL, 0));
    REFUSES(wildcam_query_set_order(NULL, 0));
    REFUSES(wildcam_query_set_after(NULL, NULL));
    REFUSES(wildcam_query_set_offset(NULL, 0));
    REFUSES(wildcam_query_set_limit(NULL, 0));
    REFUSES(wildcam_query_set_audience(NULL, WILDCAM_AUDIENCE_VIEWER));
    REFUSES(wildcam_station_query(NULL, NULL, &cursor));
    ck_assert_ptr_null(cursor);
    REFUSES(wildcam_station_query(station, NULL, NULL));
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    REFUSES(wildcam_cursor_next(NULL, &row));
    ck_assert_ptr_null(row);
    REFUSES(wildcam_cursor_next(cursor, NULL));
    ck_assert_str_eq(wildcam_cursor_token(NULL), "");
    ck_assert_str_eq(wildcam_cursor_damaged(NULL), "");
    REFUSES(wildcam_station_count(NULL, NULL, 0, &count, NULL));
    REFUSES(wildcam_station_count(station, NULL, 0, NULL, NULL));
    REFUSES(wildcam_station_summarise(NULL, NULL, 0, &summary));
    ck_assert_ptr_null(summary);
    REFUSES(wildcam_station_summarise(station, NULL, 0, NULL));
    REFUSES(wildcam_summary_next(NULL));
    ck_assert_str_eq(wildcam_summary_get_device_id(NULL), "");
    ck_assert_int_eq(wildcam_summary_get_camera_id(NULL), 0);
    ck_assert_int_eq(wildcam_summary_get_day(NULL), WILDCAM_TIME_NONE);
    ck_assert_str_eq(wildcam_summary_get_species(NULL), "");
    ck_assert_int_eq(wildcam_summary_get_category(NULL), -1);
    ck_assert_int_eq(wildcam_summary_get_count(NULL), 0);
    ck_assert(isnan(wildcam_summary_get_mean_confidence(NULL)));
    ck_assert_int_eq(wildcam_summary_get_sure_count(NULL), 0);
    ck_assert(isnan(wildcam_summary_get_sure_mean_confidence(NULL)));
    ck_assert_int_eq(wildcam_summary_get_hour(NULL, 0), 0);
    ck_assert_str_eq(wildcam_summary_damaged(NULL), "");
    wildcam_cursor_free(cursor);
    wildcam_cursor_free(NULL);
    wildcam_summary_free(NULL);
    wildcam_query_free(NULL);
}
END_TEST

START_TEST(analytics_without_a_station)
{
    size_t size = 1;
    wildcam_analytics *out = (void *)&size;
    REFUSES(wildcam_station_camera_statistics(NULL, "CAM1", 7, &out));
    ck_assert_ptr_null(out);
    REFUSES(wildcam_station_camera_statistics(station, NULL, 7, &out));
    REFUSES(wildcam_station_camera_statistics(station, "CAM1", 7, NULL));
    REFUSES(wildcam_station_species_counts(NULL, 7, &out));
    REFUSES(wildcam_station_species_counts(station, 7, NULL));
    REFUSES(wildcam_station_activity(NULL, 7, &out));
    REFUSES(wildcam_station_activity(station, 7, NULL));
    REFUSES(wildcam_station_analytics(NULL, NULL, 7, &out));
    REFUSES(wildcam_station_analytics(station, NULL, 7, NULL));
    ck_assert_str_eq(wildcam_analytics_get_json(NULL, &size), "");
    ck_assert_uint_eq(size, 0);
    ck_assert_str_eq(wildcam_analytics_get_json(NULL, NULL), "");
    ck_assert_str_eq(wildcam_analytics_get_device_id(NULL), "");
    wildcam_analytics_free(NULL);
}
END_TEST

START_TEST(report_without_a_station)
{
    char *text = NULL;
    int fd;
    int64_t id = 7;
    wildcam_report *report = (void *)&id;
    wildcam_job *job = (void *)&id;
    wildcam_job_list *list = (void *)&id;
    REFUSES(wildcam_station_report(NULL, 0, 1, NULL, NULL, &report));
    ck_assert_ptr_null(report);
    REFUSES(wildcam_station_report(station, 0, 1, NULL, NULL, NULL));
    REFUSES(wildcam_report_to_json(NULL, &text));
    REFUSES(wildcam_report_to_csv(NULL, &text));
    assert_ok(wildcam_station_report(station, 0, 1, NULL, NULL, &report));
    REFUSES(wildcam_report_to_json(report, NULL));
    REFUSES(wildcam_report_to_csv(report, NULL));
    REFUSES(wildcam_report_save(NULL, WILDCAM_REPORT_JSON, "x"));
    REFUSES(wildcam_report_save(report, WILDCAM_REPORT_JSON, NULL));
    REFUSES(wildcam_report_save(report, 2, "x"));
    wildcam_report_free(report);
    wildcam_report_free(NULL);
    ck_assert_str_eq(wildcam_report_damaged(NULL), "");
    REFUSES(wildcam_station_start_report(NULL, 0, 1, &id));
    ck_assert_int_eq(id, 0);
    REFUSES(wildcam_station_start_report(station, 0, 1, NULL));
    REFUSES(wildcam_station_run_job(NULL, NULL, NULL, &id));
    assert_ok(wildcam_station_run_job(station, NULL, NULL, NULL));
    REFUSES(wildcam_station_get_job(NULL, 1, &job));
    ck_assert_ptr_null(job);
    REFUSES(wildcam_station_get_job(station, 1, NULL));
    REFUSES(wildcam_station_list_jobs(NULL, &list));
    ck_assert_ptr_null(list);
    REFUSES(wildcam_station_list_jobs(station, NULL));
    REFUSES(wildcam_station_cancel_job(NULL, 1));
    REFUSES(wildcam_station_remove_job(NULL, 1));
    REFUSES(wildcam_station_open_result(NULL, 1, 0, &fd, NULL));
    ck_assert_int_eq(fd, -1);
    REFUSES(wildcam_station_open_result(station, 1, 0, NULL, NULL));
    REFUSES(wildcam_station_open_result(station, 1, 2, &fd, NULL));
    REFUSES(wildcam_job_to_json(NULL, &text));
    ck_assert_int_eq(wildcam_job_get_id(NULL), 0);
    ck_assert_int_eq(wildcam_job_get_state(NULL), -1);
    ck_assert_str_eq(wildcam_job_get_error(NULL), "");
    ck_assert_uint_eq(wildcam_job_list_get_count(NULL), 0);
    ck_assert_ptr_null(wildcam_job_list_at(NULL, 0));
    wildcam_job_free(NULL);
    wildcam_job_list_free(NULL);
}
END_TEST

START_TEST(station_without_a_station)
{
    wildcam_conf *conf;
    wildcam_station *out = station;
    wildcam_health *health = (void *)station;
    REFUSES(wildcam_station_open(NULL, &out));
    ck_assert_ptr_null(out);
    assert_ok(wildcam_conf_new(&conf));
    REFUSES(wildcam_station_open(conf, NULL));
    wildcam_conf_free(conf);
    wildcam_station_close(NULL);
    REFUSES(wildcam_station_start(NULL));
    REFUSES(wildcam_station_stop(NULL));
    REFUSES(wildcam_station_maintain(NULL, 0));
    REFUSES(wildcam_station_purge(NULL, 0, NULL, NULL));
    REFUSES(wildcam_station_measure_purge(NULL, 0, NULL, NULL, NULL));
    REFUSES(wildcam_station_health(NULL, &health));
    ck_assert_ptr_null(health);
    REFUSES(wildcam_station_health(station, NULL));
    ck_assert_ptr_nonnull(wildcam_health_get_status(NULL));
    ck_assert_str_eq(wildcam_health_get_reason(NULL), "");
    ck_assert_str_eq(wildcam_health_get_store(NULL), "down");
    ck_assert_str_eq(wildcam_health_get_uploads(NULL), "off");
    ck_assert_str_eq(wildcam_health_get_processing(NULL), "off");
    ck_assert_int_eq(wildcam_health_get_figure(NULL, 0), -1);
    wildcam_health_free(NULL);
    REFUSES(wildcam_station_backup(NULL, "x", NULL, NULL, NULL));
    REFUSES(wildcam_station_backup(station, NULL, NULL, NULL, NULL));
    REFUSES(wildcam_restore(NULL, "x", NULL, NULL));
    REFUSES(wildcam_restore("x", NULL, NULL, NULL));
    REFUSES(wildcam_station_check(NULL, 0, NULL, NULL, NULL, NULL));
}
END_TEST

START_TEST(exchange_without_an_exchange)
{
    wildcam_exchange *exchange = (void *)station;
    char *json = (void *)station;
    REFUSES(wildcam_exchange_new(NULL, &exchange));
    ck_assert_ptr_null(exchange);
    REFUSES(wildcam_exchange_new(station, NULL));
    assert_ok(wildcam_exchange_new(station, &exchange));
    REFUSES(wildcam_exchange_set(NULL, "gzip", "true"));
    REFUSES(wildcam_exchange_set(exchange, NULL, "true"));
    REFUSES(wildcam_exchange_set(exchange, "gzip", NULL));
    REFUSES(wildcam_exchange_set_query(NULL, NULL));
    REFUSES(wildcam_exchange_set_note(NULL, NULL, NULL));
    REFUSES(wildcam_exchange_set_progress(NULL, NULL, NULL));
    REFUSES(wildcam_exchange_import(NULL, "megadetector", "x"));
    REFUSES(wildcam_exchange_import(exchange, NULL, "x"));
    REFUSES(wildcam_exchange_import(exchange, "megadetector", NULL));
    REFUSES(wildcam_exchange_export(NULL, "csv", "x"));
    REFUSES(wildcam_exchange_export(exchange, NULL, "x"));
    REFUSES(wildcam_exchange_export(exchange, "csv", NULL));
    ck_assert_int_eq(wildcam_exchange_get_figure(NULL, 0), -1);
    REFUSES(wildcam_exchange_to_json(NULL, &json));
    ck_assert_ptr_null(json);
    REFUSES(wildcam_exchange_to_json(exchange, NULL));
    wildcam_exchange_free(exchange);
    wildcam_exchange_free(NULL);
}
END_TEST

START_TEST(processing_without_anything)
{
    wildcam_processing *processing = (void *)&processing;
    char *json = (void *)&json;
    int64_t number = 7;
    REFUSES(wildcam_station_add_detector(NULL, "a", NULL, NULL, NULL));
    REFUSES(wildcam_station_add_detector(station, NULL, NULL, NULL, NULL));
    REFUSES(wildcam_station_process_once(NULL, 0, &number, NULL));
    REFUSES(wildcam_station_process_once(station, -1, NULL, NULL));
    REFUSES(wildcam_station_process_once(station, INT64_C(1) << 31, NULL, NULL));
    REFUSES(wildcam_station_pause_processing(NULL));
    REFUSES(wildcam_station_resume_processing(NULL));
    REFUSES(wildcam_station_get_processing_pause(NULL, &number));
    REFUSES(wildcam_station_get_processing_pause(station, NULL));
    REFUSES(wildcam_station_count_processing(NULL, NULL, NULL, NULL, NULL));
    REFUSES(wildcam_station_requeue(NULL, 1));
    REFUSES(wildcam_station_process_again(NULL, 0, 1, NULL));
    REFUSES(wildcam_station_retry_processing(NULL, NULL));
    REFUSES(wildcam_station_set_priority(NULL, 1, 0));
    REFUSES(wildcam_station_set_priority(station, 1, -2));
    REFUSES(wildcam_station_get_processing(NULL, 1, &processing));
    ck_assert_ptr_null(processing);
    REFUSES(wildcam_station_get_processing(station, 1, NULL));
    REFUSES(wildcam_processing_to_json(NULL, &json));
    ck_assert_ptr_null(json);
    ck_assert_int_eq(wildcam_processing_get_image_id(NULL), 0);
    ck_assert_int_eq(wildcam_processing_get_state(NULL), WILDCAM_PROCESSING_DUE);
    ck_assert_int_eq(wildcam_processing_get_running(NULL), 0);
    ck_assert_int_eq(wildcam_processing_get_priority(NULL), WILDCAM_PRIORITY_NORMAL);
    ck_assert_int_eq(wildcam_processing_get_since(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_processing_get_due_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_processing_get_attempts(NULL), 0);
    ck_assert_str_eq(wildcam_processing_get_reason(NULL), "");
    ck_assert_int_eq(wildcam_processing_get_finished_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_processing_get_duration(NULL), -1);
    wildcam_processing_free(NULL);
}
END_TEST

START_TEST(upload_without_an_upload)
{
    wildcam_upload *upload = (void *)&upload;
    char *url = (void *)&url;
    int64_t number = 7;
    REFUSES(wildcam_station_upload(NULL, 0, 0, 0, NULL, NULL, &number, NULL));
    ck_assert_int_eq(number, 0);
    REFUSES(wildcam_station_count_uploads(NULL, &number, NULL, NULL));
    REFUSES(wildcam_station_retry_uploads(NULL, NULL));
    REFUSES(wildcam_station_get_upload(NULL, 1, 0, &upload));
    ck_assert_ptr_null(upload);
    REFUSES(wildcam_station_get_upload(station, 1, 0, NULL));
    REFUSES(wildcam_station_image_url(NULL, 1, 0, 0, &url));
    ck_assert_ptr_null(url);
    REFUSES(wildcam_station_image_url(station, 1, 0, 0, NULL));
    REFUSES(wildcam_station_release(NULL, 0, NULL, NULL));
    wildcam_uploader *uploader = (void *)&uploader;
    REFUSES(wildcam_station_open_uploader(NULL, &uploader));
    ck_assert_ptr_null(uploader);
    REFUSES(wildcam_station_open_uploader(station, NULL));
    ck_assert_int_eq(wildcam_upload_get_image_id(NULL), 0);
    ck_assert_int_eq(wildcam_upload_get_kind(NULL), WILDCAM_UPLOAD_PICTURE);
    ck_assert_int_eq(wildcam_upload_get_state(NULL), WILDCAM_UPLOAD_DUE);
    ck_assert_str_eq(wildcam_upload_get_region(NULL), "");
    ck_assert_str_eq(wildcam_upload_get_bucket(NULL), "");
    ck_assert_str_eq(wildcam_upload_get_key(NULL), "");
    ck_assert_str_eq(wildcam_upload_get_etag(NULL), "");
    ck_assert_str_eq(wildcam_upload_get_checksum(NULL), "");
    ck_assert_int_eq(wildcam_upload_get_attempts(NULL), 0);
    ck_assert_str_eq(wildcam_upload_get_last_error(NULL), "");
    ck_assert_int_eq(wildcam_upload_get_since(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_next_try(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_uploaded_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_released_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_upload_get_bytes(NULL), -1);
    wildcam_upload_free(NULL);
}
END_TEST

START_TEST(alert_without_an_alert)
{
    int kind;
    int64_t number;
    wildcam_alert *alert = (void *)&number;
    wildcam_alert_list *list = (void *)&number;
    wildcam_alert_query *query;
    char *text = (char *)&number;
    REFUSES(wildcam_alert_kind_from_name(NULL, &kind));
    REFUSES(wildcam_alert_kind_from_name("offline", NULL));
    REFUSES(wildcam_alert_query_new(NULL));
    REFUSES(wildcam_alert_query_set_kind(NULL, 0));
    REFUSES(wildcam_alert_query_set_camera(NULL, "x"));
    REFUSES(wildcam_alert_query_set_since(NULL, 0));
    REFUSES(wildcam_alert_query_set_open(NULL, 1));
    REFUSES(wildcam_alert_query_set_unread(NULL, 1));
    assert_ok(wildcam_alert_query_new(&query));
    REFUSES(wildcam_station_list_alerts(NULL, query, 0, 1, &list));
    ck_assert_ptr_null(list);
    REFUSES(wildcam_station_list_alerts(station, query, 0, 1, NULL));
    REFUSES(wildcam_station_count_alerts(NULL, query, &number));
    REFUSES(wildcam_station_count_alerts(station, query, NULL));
    wildcam_alert_query_free(query);
    REFUSES(wildcam_station_get_alert(NULL, 1, &alert));
    ck_assert_ptr_null(alert);
    REFUSES(wildcam_station_get_alert(station, 1, NULL));
    REFUSES(wildcam_station_read_alert(NULL, 1, "ann"));
    REFUSES(wildcam_station_check_alerts(NULL, &number));
    assert_ok(wildcam_station_check_alerts(station, NULL));
    REFUSES(wildcam_station_note_origin(NULL, "CAM1", "x"));
    REFUSES(wildcam_station_note_origin(station, NULL, "x"));
    REFUSES(wildcam_station_note_origin(station, "CAM1", NULL));
    REFUSES(wildcam_station_send_alerts(NULL, 0, &number));
    REFUSES(wildcam_station_test_webhook(NULL, &text));
    ck_assert_ptr_null(text);
    ck_assert_int_eq(wildcam_alert_get_id(NULL), 0);
    ck_assert_int_eq(wildcam_alert_get_kind(NULL), -1);
    ck_assert_int_eq(wildcam_alert_get_severity(NULL), -1);
    ck_assert_str_eq(wildcam_alert_get_subject(NULL), "");
    ck_assert_str_eq(wildcam_alert_get_device_id(NULL), "");
    ck_assert_str_eq(wildcam_alert_get_text(NULL), "");
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(NULL), "");
    ck_assert_str_eq(wildcam_alert_get_read_by(NULL), "");
    ck_assert(isnan(wildcam_alert_get_value(NULL)));
    ck_assert_int_eq(wildcam_alert_get_detection_id(NULL), 0);
    ck_assert_int_eq(wildcam_alert_get_count(NULL), 0);
    ck_assert_int_eq(wildcam_alert_get_raised_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_alert_get_last_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_alert_get_cleared_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_alert_get_read_at(NULL), WILDCAM_TIME_NONE);
    text = (char *)&number;
    REFUSES(wildcam_alert_to_json(NULL, &text));
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(wildcam_alert_list_get_count(NULL), 0);
    ck_assert_ptr_null(wildcam_alert_list_at(NULL, 0));
}
END_TEST

START_TEST(access_without_an_access)
{
    char key[WILDCAM_KEY_TEXT] = "before", *text = (void *)&text;
    int number = 7;
    wildcam_access *access = (void *)&access;
    wildcam_access_list *list = (void *)&list;
    wildcam_session *session = (void *)&session;
    REFUSES(wildcam_role_from_name(NULL, &number));
    REFUSES(wildcam_role_from_name("admin", NULL));
    ck_assert_int_eq(number, 7);
    REFUSES(wildcam_access_check_key(-1, NULL, NULL));
    REFUSES(wildcam_access_check_user(NULL, WILDCAM_ROLE_ADMIN, NULL));
    REFUSES(wildcam_station_has_keys(NULL, &number));
    ck_assert_int_eq(number, 1); /* a failure opens no door */
    REFUSES(wildcam_station_has_keys(station, NULL));
    REFUSES(wildcam_station_create_key(NULL, WILDCAM_ROLE_ADMIN, NULL, NULL, key));
    ck_assert_str_eq(key, "");
    REFUSES(wildcam_station_create_key(station, WILDCAM_ROLE_ADMIN, NULL, NULL, NULL));
    REFUSES(wildcam_station_revoke_key(NULL, "01234567"));
    REFUSES(wildcam_station_revoke_key(station, NULL));
    REFUSES(wildcam_station_list_keys(NULL, &list));
    ck_assert_ptr_null(list);
    REFUSES(wildcam_station_list_keys(station, NULL));
    list = (void *)&list;
    REFUSES(wildcam_station_list_users(NULL, &list));
    ck_assert_ptr_null(list);
    REFUSES(wildcam_station_list_users(station, NULL));
    REFUSES(wildcam_station_check_access(NULL, "x", &access));
    ck_assert_ptr_null(access);
    REFUSES(wildcam_station_check_access(station, NULL, &access));
    REFUSES(wildcam_station_check_access(station, "x", NULL));
    REFUSES(wildcam_station_create_user(NULL, "ann", WILDCAM_ROLE_ADMIN, "long enough"));
    REFUSES(wildcam_station_create_user(station, NULL, WILDCAM_ROLE_ADMIN, "long enough"));
    REFUSES(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, NULL));
    REFUSES(wildcam_station_set_password(NULL, "ann", "long enough"));
    REFUSES(wildcam_station_set_password(station, NULL, "long enough"));
    REFUSES(wildcam_station_set_password(station, "ann", NULL));
    REFUSES(wildcam_station_set_role(NULL, "ann", WILDCAM_ROLE_ADMIN));
    REFUSES(wildcam_station_set_role(station, NULL, WILDCAM_ROLE_ADMIN));
    REFUSES(wildcam_station_remove_user(NULL, "ann"));
    REFUSES(wildcam_station_remove_user(station, NULL));
    REFUSES(wildcam_station_login(NULL, "ann", "x", NULL, &session));
    ck_assert_ptr_null(session);
    REFUSES(wildcam_station_login(station, NULL, "x", "here", &session));
    REFUSES(wildcam_station_login(station, "ann", NULL, "here", &session));
    REFUSES(wildcam_station_login(station, "ann", "x", NULL, NULL));
    REFUSES(wildcam_station_login_wait(NULL, "ann", NULL, &number));
    ck_assert_int_eq(number, 0);
    REFUSES(wildcam_station_login_wait(station, NULL, "here", &number));
    REFUSES(wildcam_station_login_wait(station, "ann", NULL, NULL));
    session = (void *)&session;
    REFUSES(wildcam_station_refresh_login(NULL, "x", &session));
    ck_assert_ptr_null(session);
    REFUSES(wildcam_station_refresh_login(station, NULL, &session));
    REFUSES(wildcam_station_refresh_login(station, "x", NULL));
    REFUSES(wildcam_station_logout(NULL, "x"));
    REFUSES(wildcam_station_logout(station, NULL));
    REFUSES(wildcam_access_to_json(NULL, &text));
    ck_assert_ptr_null(text);
    ck_assert_int_eq(wildcam_access_get_kind(NULL), WILDCAM_ACCESS_KEY);
    ck_assert_int_eq(wildcam_access_get_role(NULL), -1);
    ck_assert_str_eq(wildcam_access_get_id(NULL), "");
    ck_assert_str_eq(wildcam_access_get_device_id(NULL), "");
    ck_assert_str_eq(wildcam_access_get_note(NULL), "");
    ck_assert_int_eq(wildcam_access_get_created_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_access_get_expires_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_str_eq(wildcam_session_get_access_token(NULL), "");
    ck_assert_str_eq(wildcam_session_get_refresh_token(NULL), "");
    ck_assert_int_eq(wildcam_session_get_refresh_expires_at(NULL), WILDCAM_TIME_NONE);
    ck_assert_ptr_null(wildcam_session_get_access(NULL));
    ck_assert_uint_eq(wildcam_access_list_get_count(NULL), 0);
    ck_assert_ptr_null(wildcam_access_list_at(NULL, 0));
    wildcam_access_free(NULL);
    wildcam_access_list_free(NULL);
    wildcam_session_free(NULL);
}
END_TEST

START_TEST(metrics_without_a_registry)
{
    wildcam_metrics *metrics;
    wildcam_metric_family *family = (void *)&family, *counters;
    wildcam_counter *counter = (void *)&counter;
    wildcam_gauge *gauge = (void *)&gauge;
    wildcam_histogram *histogram = (void *)&histogram;
    char *text = (void *)&text;
    size_t size = 7;
    const char *none[] = {NULL};
    REFUSES(wildcam_metrics_new(NULL));
    assert_ok(wildcam_metrics_new(&metrics));
    ck_assert_ptr_null(wildcam_station_get_metrics(NULL));
    REFUSES(wildcam_metrics_add_counters(NULL, "x_total", "X.", NULL, 0, &family));
    ck_assert_ptr_null(family);
    REFUSES(wildcam_metrics_add_counters(metrics, NULL, "X.", NULL, 0, &family));
    REFUSES(wildcam_metrics_add_counters(metrics, "x_total", NULL, NULL, 0, &family));
    REFUSES(wildcam_metrics_add_counters(metrics, "x_total", "X.", NULL, 0, NULL));
    REFUSES(wildcam_metrics_add_counters(metrics, "x_total", "X.", NULL, 1, &family));
    REFUSES(wildcam_metrics_add_counters(metrics, "x_total", "X.", none, 1, &family));
    REFUSES(wildcam_metrics_add_gauges(NULL, "x", "X.", NULL, 0, &family));
    REFUSES(wildcam_metrics_add_gauges(metrics, NULL, "X.", NULL, 0, &family));
    REFUSES(wildcam_metrics_add_gauges(metrics, "x", NULL, NULL, 0, &family));
    REFUSES(wildcam_metrics_add_gauges(metrics, "x", "X.", NULL, 0, NULL));
    REFUSES(wildcam_metrics_add_histograms(NULL, "x", "X.", NULL, 0, NULL, 0, &family));
    REFUSES(wildcam_metrics_add_histograms(metrics, NULL, "X.", NULL, 0, NULL, 0, &family));
    REFUSES(wildcam_metrics_add_histograms(metrics, "x", NULL, NULL, 0, NULL, 0, &family));
    REFUSES(wildcam_metrics_add_histograms(metrics, "x", "X.", NULL, 0, NULL, 1, &family));
    REFUSES(wildcam_metrics_add_histograms(metrics, "x", "X.", NULL, 0, NULL, 0, NULL));
    assert_ok(wildcam_metrics_add_counters(metrics, "y_total", "Y.",
                                           (const char *const[]){"camera_id"}, 1, &counters));
    REFUSES(wildcam_metric_family_set_limit(NULL, 1));
    REFUSES(wildcam_metric_family_set_limit(counters, 0));
    ck_assert_uint_eq(wildcam_metric_family_count(NULL), 0);
    REFUSES(wildcam_metric_family_remove(NULL, NULL, 0));
    REFUSES(wildcam_metric_family_remove(counters, NULL, 1));
    REFUSES(wildcam_metric_family_remove_where(NULL, "camera_id", "x", &size));
    ck_assert_uint_eq(size, 0);
    REFUSES(wildcam_metric_family_remove_where(counters, NULL, "x", NULL));
    REFUSES(wildcam_metric_family_remove_where(counters, "camera_id", NULL, NULL));
    REFUSES(wildcam_metrics_remove_where(NULL, "camera_id", "x", NULL));
    REFUSES(wildcam_metrics_remove_where(metrics, NULL, "x", NULL));
    REFUSES(wildcam_metrics_remove_where(metrics, "camera_id", NULL, NULL));
    REFUSES(wildcam_counter_new(NULL, NULL, 0, &counter));
    ck_assert_ptr_null(counter);
    REFUSES(wildcam_counter_new(counters, NULL, 1, &counter));
    REFUSES(wildcam_counter_new(counters, none, 1, &counter));
    REFUSES(wildcam_counter_new(counters, none, 0, &counter));
    REFUSES(wildcam_counter_new(counters, none, 1, NULL));
    REFUSES(wildcam_gauge_new(NULL, NULL, 0, &gauge));
    ck_assert_ptr_null(gauge);
    REFUSES(wildcam_gauge_new(counters, (const char *const[]){"x"}, 1, &gauge));
    REFUSES(wildcam_histogram_new(NULL, NULL, 0, &histogram));
    ck_assert_ptr_null(histogram);
    REFUSES(wildcam_histogram_new(counters, (const char *const[]){"x"}, 1, &histogram));
    wildcam_counter_add(NULL, 1);
    wildcam_counter_set(NULL, 1);
    ck_assert_double_eq(wildcam_counter_get_value(NULL), 0);
    wildcam_counter_free(NULL);
    wildcam_gauge_set(NULL, 1);
    wildcam_gauge_add(NULL, 1);
    ck_assert_double_eq(wildcam_gauge_get_value(NULL), 0);
    wildcam_gauge_free(NULL);
    wildcam_histogram_observe(NULL, 1);
    ck_assert_uint_eq(wildcam_histogram_get_count(NULL), 0);
    ck_assert_double_eq(wildcam_histogram_get_sum(NULL), 0);
    wildcam_histogram_free(NULL);
    REFUSES(wildcam_metrics_add_collector(NULL, NULL, NULL));
    REFUSES(wildcam_metrics_add_collector(metrics, NULL, NULL));
    REFUSES(wildcam_metrics_remove_collector(NULL, NULL, NULL));
    REFUSES(wildcam_metrics_remove_collector(metrics, NULL, NULL));
    REFUSES(wildcam_metrics_write(NULL, WILDCAM_METRICS_TEXT, NULL, 0, &text, &size));
    ck_assert_ptr_null(text);
    REFUSES(wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, 0, NULL, &size));
    REFUSES(wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, 1, &text, &size));
    REFUSES(wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, none, 1, &text, &size));
    REFUSES(wildcam_metrics_write(metrics, -1, NULL, 0, &text, &size));
    REFUSES(wildcam_metrics_write_file(NULL, NULL, 0, "x"));
    REFUSES(wildcam_metrics_write_file(metrics, NULL, 0, NULL));
    REFUSES(wildcam_metrics_write_file(metrics, NULL, 1, "x"));
    REFUSES(wildcam_metrics_write_file(metrics, none, 1, "x"));
    wildcam_metrics_free(metrics);
    wildcam_metrics_free(NULL);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("arguments");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, open_it, close_it);
    tcase_add_test(all, conf_and_time);
    tcase_add_test(all, camera_without_a_camera);
    tcase_add_test(all, detection_without_a_detection);
    tcase_add_test(all, image_without_an_image);
    tcase_add_test(all, ingest_without_an_ingest);
    tcase_add_test(all, query_without_a_query);
    tcase_add_test(all, analytics_without_a_station);
    tcase_add_test(all, report_without_a_station);
    tcase_add_test(all, station_without_a_station);
    tcase_add_test(all, exchange_without_an_exchange);
    tcase_add_test(all, upload_without_an_upload);
    tcase_add_test(all, alert_without_an_alert);
    tcase_add_test(all, processing_without_anything);
    tcase_add_test(all, access_without_an_access);
    tcase_add_test(all, metrics_without_a_registry);
    return suite;
}
