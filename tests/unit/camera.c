/* Cameras: the limits of each field, what a draft has set, and their JSON. */
#include "model/camera.h"

#include <jansson.h>
#include <math.h>

#include <wildcam/time.h>

#include "unit.h"

static const struct {
    enum wci_camera_number field;
    const char *name;
    double min, max;
} numbers[] = {
    {WCI_CAMERA_LATITUDE, "latitude", -90, 90},
    {WCI_CAMERA_LONGITUDE, "longitude", -180, 180},
    {WCI_CAMERA_ALTITUDE, "altitude", -500, 9000},
    {WCI_CAMERA_BATTERY_LEVEL, "battery_level", 0, 100},
    {WCI_CAMERA_BATTERY_VOLTAGE, "battery_voltage", 0, 100},
    {WCI_CAMERA_SOLAR_VOLTAGE, "solar_voltage", 0, 100},
    {WCI_CAMERA_TEMPERATURE, "temperature", -100, 150},
    {WCI_CAMERA_HUMIDITY, "humidity", 0, 100},
};

START_TEST(numbers_have_limits)
{
    wildcam_camera camera;
    enum wci_camera_number field = numbers[_i].field;
    wci_camera_init(&camera);
    ck_assert(isnan(camera.numbers[field]));
    ck_assert_str_eq(wci_camera_number_names[field], numbers[_i].name);
    assert_fails(WILDCAM_ERR_INVALID, numbers[_i].name,
                 wci_camera_set_number(&camera, field, nextafter(numbers[_i].max, INFINITY)));
    assert_fails(WILDCAM_ERR_INVALID, numbers[_i].name,
                 wci_camera_set_number(&camera, field, nextafter(numbers[_i].min, -INFINITY)));
    ck_assert(isnan(camera.numbers[field]));
    ck_assert_uint_eq(camera.numbers_set, 0);
    assert_done(wci_camera_set_number(&camera, field, numbers[_i].min));
    ck_assert(camera.numbers[field] == numbers[_i].min);
    assert_done(wci_camera_set_number(&camera, field, numbers[_i].max));
    ck_assert(camera.numbers[field] == numbers[_i].max);
    ck_assert_uint_eq(camera.numbers_set, 1U << field);
    assert_done(wci_camera_set_number(&camera, field, NAN)); /* is not known any more */
    ck_assert(isnan(camera.numbers[field]));
    wci_camera_release(&camera);
}
END_TEST

static const struct {
    enum wci_camera_text field;
    const char *name;
    size_t max;
} texts[] = {
    {WCI_CAMERA_NAME, "name", 100},
    {WCI_CAMERA_LOCATION_NAME, "location_name", 200},
    {WCI_CAMERA_FIRMWARE_VERSION, "firmware_version", 50},
    {WCI_CAMERA_HARDWARE_VERSION, "hardware_version", 50},
};

START_TEST(texts_have_limits)
{
    wildcam_camera camera;
    char text[256];
    enum wci_camera_text field = texts[_i].field;
    wci_camera_init(&camera);
    memset(text, 'x', sizeof text);
    text[texts[_i].max + 1] = '\0';
    assert_fails(WILDCAM_ERR_INVALID, texts[_i].name, wci_camera_set_text(&camera, field, text));
    ck_assert_uint_eq(camera.texts_set, 0);
    text[texts[_i].max] = '\0';
    assert_done(wci_camera_set_text(&camera, field, text));
    ck_assert_str_eq(wci_text_get(&camera.texts[field]), text);
    ck_assert_uint_eq(camera.texts_set, 1U << field);
    assert_done(wci_camera_set_text(&camera, field, NULL));
    ck_assert_str_eq(wci_text_get(&camera.texts[field]), "");
    ck_assert_uint_eq(camera.texts_set, 1U << field);
    wci_camera_release(&camera);
}
END_TEST

START_TEST(config_is_an_object)
{
    wildcam_camera camera;
    wci_camera_init(&camera);
    assert_fails(WILDCAM_ERR_INVALID, "config",
                 wci_camera_set_text(&camera, WCI_CAMERA_CONFIG, "[]"));
    assert_done(wci_camera_set_text(&camera, WCI_CAMERA_CONFIG, "{\"pir\": true}"));
    ck_assert_uint_eq(camera.texts_set, 1U << WCI_CAMERA_CONFIG);
    wci_camera_release(&camera);
}
END_TEST

START_TEST(names_its_states)
{
    for (int status = 0; strcmp(wci_camera_status_name(status), "unknown") != 0; status++)
        ck_assert_int_eq(wci_camera_status_find(wci_camera_status_name(status)), status);
    ck_assert_int_eq(wci_camera_status_find("active"), WILDCAM_CAMERA_ACTIVE);
    ck_assert_int_eq(wci_camera_status_find("inactive"), WILDCAM_CAMERA_INACTIVE);
    ck_assert_int_eq(wci_camera_status_find("Active"), -1);
    ck_assert_int_eq(wci_camera_status_find(""), -1);
    ck_assert_str_eq(wci_camera_status_name(-1), "unknown");
    ck_assert_str_eq(wci_camera_status_name(1000), "unknown");
}
END_TEST

static json_t *as_json(const wildcam_camera *camera)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    json_error_t error;
    wci_camera_write_json(camera, &json);
    json_t *parsed = json_loads(wci_text_get(&text), JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(parsed != NULL, "%s: %s", wci_text_get(&text), error.text);
    wci_text_free(&text);
    return parsed;
}

START_TEST(writes_what_it_does_not_know_as_null)
{
    static const char *const keys[] = {
        "device_id",     "name",        "location_name",    "latitude",
        "longitude",     "altitude",    "battery_level",    "battery_voltage",
        "solar_voltage", "temperature", "humidity",         "firmware_version",
        "config",        "last_seen",   "hardware_version", "created_at",
    };
    wildcam_camera camera;
    wci_camera_init(&camera);
    json_t *json = as_json(&camera);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_msg(json_is_null(json_object_get(json, keys[i])), "%s", keys[i]);
    ck_assert_uint_eq(json_object_size(json), 18); /* and id and status */
    json_decref(json);
    wci_camera_release(&camera);
}
END_TEST

START_TEST(writes_what_it_knows)
{
    wildcam_camera camera;
    wci_camera_init(&camera);
    camera.id = 7;
    camera.status = WILDCAM_CAMERA_INACTIVE;
    camera.last_seen = INT64_C(1764115200000000);
    assert_done(wci_text_set(&camera.device_id, "cam-1", 5));
    assert_done(wci_camera_set_text(&camera, WCI_CAMERA_NAME, "h\xc3\xa9risson \"1\""));
    assert_done(wci_camera_set_text(&camera, WCI_CAMERA_CONFIG, "{\"pir\": true}"));
    assert_done(wci_camera_set_number(&camera, WCI_CAMERA_LATITUDE, -33.123456));
    json_t *json = as_json(&camera);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "id")), 7);
    ck_assert_str_eq(json_string_value(json_object_get(json, "device_id")), "cam-1");
    ck_assert_str_eq(json_string_value(json_object_get(json, "status")), "inactive");
    ck_assert_str_eq(json_string_value(json_object_get(json, "name")), "h\xc3\xa9risson \"1\"");
    ck_assert_str_eq(json_string_value(json_object_get(json, "last_seen")),
                     "2025-11-26T00:00:00+00:00");
    ck_assert(json_real_value(json_object_get(json, "latitude")) == -33.123456);
    ck_assert(json_is_true(json_object_get(json_object_get(json, "config"), "pir")));
    json_decref(json);
    wci_camera_release(&camera);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("camera");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, numbers_have_limits, 0, WCI_CAMERA_NUMBER_COUNT);
    tcase_add_loop_test(all, texts_have_limits, 0, sizeof texts / sizeof texts[0]);
    tcase_add_test(all, config_is_an_object);
    tcase_add_test(all, names_its_states);
    tcase_add_test(all, writes_what_it_does_not_know_as_null);
    tcase_add_test(all, writes_what_it_knows);
    return suite;
}
