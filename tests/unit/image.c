/* The facts about a picture, their JSON, and the ids that order them. */
#include "model/image.h"

#include <jansson.h>
#include <math.h>

#include "model/id.h"
#include "model/time_source.h"
#include "unit.h"

static char *as_text(const wildcam_image *image)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wci_image_write_json(image, &json);
    return wci_text_take(&text);
}

START_TEST(writes_what_it_knows)
{
    static const unsigned char digest[WCI_DIGEST_BYTES] = {0xab, 0xcd};
    wildcam_image image;
    wci_image_init(&image);
    image.id = 5;
    image.camera_id = 3;
    image.time = INT64_C(1764115200500000);
    image.received_at = INT64_C(1764115201000000);
    image.offset = 3600;
    image.time_source = WILDCAM_TIME_SOURCE_MAKERNOTE;
    image.bytes = 1234;
    image.width = 40;
    image.height = 30;
    image.orientation = 6;
    image.trailing_bytes = 7;
    image.latitude = 50.5;
    image.longitude = -4.25;
    image.altitude = 120;
    image.temperature = -3;
    image.capture = WILDCAM_CAPTURE_MOTION;
    image.event_number = 0;
    image.sequence_number = 1;
    image.sequence_length = 3;
    snprintf(image.make, sizeof image.make, "RECONYX");
    snprintf(image.model, sizeof image.model, "HF2");
    snprintf(image.serial_number, sizeof image.serial_number, "H1");
    wci_image_set_digest(&image, digest);
    assert_done(wci_text_set(&image.device_id, "cam", 3));
    assert_done(wci_text_set(&image.file_name, "a.jpg", 5));
    assert_done(wci_text_set(&image.metadata, "{}", 2));
    char *text = as_text(&image);
    ck_assert_str_eq(
        text, "{\"id\":5,\"camera_id\":3,\"device_id\":\"cam\","
              "\"timestamp\":\"2025-11-26T01:00:00.500000+01:00\",\"utc_offset\":3600,"
              "\"time_source\":\"makernote\",\"clock_timestamp\":null,\"received_at\":\"2025-11-"
              "26T00:00:01+00:00\","
              "\"bytes\":1234,\"width\":40,\"height\":30,\"orientation\":6,\"trailing_bytes\":7,"
              "\"sha256\":\"abcd000000000000000000000000000000000000000000000000000000000000\","
              "\"make\":\"RECONYX\",\"model\":\"HF2\",\"serial_number\":\"H1\",\"latitude\":50.5,"
              "\"longitude\":-4.25,\"altitude\":120,\"temperature\":-3,"
              "\"capture_method\":\"activityDetection\",\"event_number\":0,\"sequence_number\":1,"
              "\"sequence_length\":3,\"event_id\":null,\"favourite\":false,\"file_name\":\"a.jpg\","
              "\"metadata\":{}}");
    free(text);
    wci_image_release(&image);
}
END_TEST

START_TEST(writes_what_it_does_not_know_as_null)
{
    static const char *const keys[] = {
        "device_id", "timestamp",   "utc_offset",      "received_at",  "sha256",
        "make",      "model",       "serial_number",   "latitude",     "longitude",
        "altitude",  "temperature", "capture_method",  "event_number", "sequence_number",
        "file_name", "metadata",    "sequence_length",
    };
    wildcam_image image;
    json_error_t error;
    wci_image_init(&image);
    char *text = as_text(&image);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s: %s", text, error.text);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_msg(json_is_null(json_object_get(json, keys[i])), "%s", keys[i]);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "orientation")), 1);
    json_decref(json);
    free(text);
    wci_image_release(&image);
}
END_TEST

START_TEST(names_captures_and_sources)
{
    static const char *const sources[] = {"unknown",  "exif",    "makernote", "client",
                                          "filename", "sidecar", "received"};
    ck_assert_str_eq(wci_capture_name(WILDCAM_CAPTURE_UNKNOWN), "");
    ck_assert_str_eq(wci_capture_name(WILDCAM_CAPTURE_MOTION), "activityDetection");
    ck_assert_str_eq(wci_capture_name(WILDCAM_CAPTURE_TIMELAPSE), "timeLapse");
    ck_assert_str_eq(wci_capture_name(WILDCAM_CAPTURE_TIMELAPSE + 1), "");
    ck_assert_str_eq(wci_capture_name(-1), "");
    for (int i = 0; i < 7; i++)
        ck_assert_str_eq(wci_time_source_name(i), sources[i]);
    ck_assert_str_eq(wci_time_source_name(-1), "unknown");
    ck_assert_str_eq(wci_time_source_name(7), "unknown");
}
END_TEST

START_TEST(ids_name_their_second)
{
    static const int64_t times[] = {
        0, 999, 1000, 999999, 1000000, INT64_C(1764115200123456), WILDCAM_TIME_END - 1};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t id = wci_id_at(times[i]);
        ck_assert_int_eq(wci_id_time(id), times[i] / WCI_SECOND * WCI_SECOND);
        ck_assert_int_eq(wci_id_time(id + WCI_IDS_PER_MILLISECOND - 1), wci_id_time(id));
        ck_assert_int_eq(wci_id_second(id), wci_id_at(wci_id_time(id)));
        ck_assert_int_eq(id % WCI_IDS_PER_MILLISECOND, 0);
    }
    ck_assert_int_eq(wci_id_at(0), 0);
    ck_assert_int_eq(wci_id_at(1000), WCI_IDS_PER_MILLISECOND);
    ck_assert_int_eq(wci_id_at(WCI_SECOND), WCI_IDS_PER_SECOND);
    /* JavaScript keeps them exactly */
    ck_assert_int_lt(wci_id_at(WILDCAM_TIME_END - 1) + WCI_IDS_PER_MILLISECOND, INT64_C(1) << 53);
}
END_TEST

START_TEST(ids_order_by_the_millisecond)
{
    int64_t before = -1;
    for (int64_t time = INT64_C(1764115199000000); time < INT64_C(1764115202000000); time += 1000) {
        ck_assert_int_gt(wci_id_at(time), before);
        ck_assert_int_eq(wci_id_at(time + 999), wci_id_at(time));
        before = wci_id_at(time);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, writes_what_it_knows);
    tcase_add_test(all, writes_what_it_does_not_know_as_null);
    tcase_add_test(all, names_captures_and_sources);
    tcase_add_test(all, ids_name_their_second);
    tcase_add_test(all, ids_order_by_the_millisecond);
    return suite;
}
