/* Cameras: drafts, registration, reports, lists. */
#include <math.h>

#include "api/fixtures.h"

static wildcam_camera *draft_for(const char *device_id)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    if (device_id)
        assert_ok(wildcam_camera_set_device_id(draft, device_id));
    return draft;
}

static void put(wildcam_station *station, const wildcam_camera *draft)
{
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
}

static wildcam_camera *get(wildcam_station *station, const char *device_id)
{
    wildcam_camera *camera;
    assert_ok(wildcam_station_get_camera(station, device_id, &camera));
    return camera;
}

static void assert_contains(const char *text, const char *words)
{
    ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in %s", words, text);
}

START_TEST(states_have_names)
{
#define ROW(name, value, text) ck_assert_str_eq(wildcam_camera_status_name(value), text);
    WILDCAM_CAMERA_STATUS_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_camera_status_name(-1), "unknown");
    ck_assert_str_eq(wildcam_camera_status_name(3), "unknown");
}
END_TEST

/* The fields that differ in nothing but their name and limits. */
static const struct {
    const char *name;
    wildcam_status (*set)(wildcam_camera *, double);
    double (*get)(const wildcam_camera *);
    double min, max;
} numbers[] = {
    {"latitude", wildcam_camera_set_latitude, wildcam_camera_get_latitude, -90, 90},
    {"longitude", wildcam_camera_set_longitude, wildcam_camera_get_longitude, -180, 180},
    {"altitude", wildcam_camera_set_altitude, wildcam_camera_get_altitude, -500, 9000},
    {"battery_level", wildcam_camera_set_battery_level, wildcam_camera_get_battery_level, 0, 100},
    {"battery_voltage", wildcam_camera_set_battery_voltage, wildcam_camera_get_battery_voltage, 0,
     100},
    {"solar_voltage", wildcam_camera_set_solar_voltage, wildcam_camera_get_solar_voltage, 0, 100},
    {"temperature", wildcam_camera_set_temperature, wildcam_camera_get_temperature, -100, 150},
    {"humidity", wildcam_camera_set_humidity, wildcam_camera_get_humidity, 0, 100},
};

enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static const struct {
    const char *name;
    wildcam_status (*set)(wildcam_camera *, const char *);
    const char *(*get)(const wildcam_camera *);
    size_t max;
} texts[] = {
    {"name", wildcam_camera_set_name, wildcam_camera_get_name, 100},
    {"location_name", wildcam_camera_set_location_name, wildcam_camera_get_location_name, 200},
    {"firmware_version", wildcam_camera_set_firmware_version, wildcam_camera_get_firmware_version,
     50},
    {"hardware_version", wildcam_camera_set_hardware_version, wildcam_camera_get_hardware_version,
     50},
};

enum { TEXTS = sizeof texts / sizeof texts[0] };

START_TEST(empty_draft_knows_nothing)
{
    wildcam_camera *draft = draft_for(NULL);
    ck_assert_int_eq(wildcam_camera_get_id(draft), 0);
    ck_assert_str_eq(wildcam_camera_get_device_id(draft), "");
    ck_assert_str_eq(wildcam_camera_get_config(draft), "");
    ck_assert_int_eq(wildcam_camera_get_status(draft), WILDCAM_CAMERA_ACTIVE);
    ck_assert_int_eq(wildcam_camera_get_last_seen(draft), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_camera_get_created_at(draft), WILDCAM_TIME_NONE);
    for (int i = 0; i < NUMBERS; i++)
        ck_assert(isnan(numbers[i].get(draft)));
    for (int i = 0; i < TEXTS; i++)
        ck_assert_str_eq(texts[i].get(draft), "");
    wildcam_camera_free(draft);
}
END_TEST

START_TEST(numbers_within_limits)
{
    wildcam_camera *draft = draft_for(NULL);
    const double inside[] = {numbers[_i].min, numbers[_i].max,
                             (numbers[_i].min + numbers[_i].max) / 3};
    const double outside[] = {nextafter(numbers[_i].min, -INFINITY),
                              nextafter(numbers[_i].max, INFINITY), INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        assert_ok(numbers[_i].set(draft, inside[i]));
        ck_assert_double_eq(numbers[_i].get(draft), inside[i]);
    }
    for (int i = 0; i < 4; i++) {
        assert_fails(WILDCAM_ERR_INVALID, numbers[_i].name, numbers[_i].set(draft, outside[i]));
        ck_assert_double_eq(numbers[_i].get(draft), inside[2]);
    }
    assert_ok(numbers[_i].set(draft, NAN));
    ck_assert(isnan(numbers[_i].get(draft)));
    wildcam_camera_free(draft);
}
END_TEST

START_TEST(texts_within_limits)
{
    char longest[256] = "", limit[24];
    wildcam_camera *draft = draft_for(NULL);
    memset(longest, 'x', texts[_i].max + 1);
    snprintf(limit, sizeof limit, "%zu", texts[_i].max);
    assert_fails(WILDCAM_ERR_INVALID, limit, texts[_i].set(draft, longest));
    longest[texts[_i].max] = '\0';
    assert_ok(texts[_i].set(draft, longest));
    ck_assert_str_eq(texts[_i].get(draft), longest);
    assert_fails(WILDCAM_ERR_INVALID, texts[_i].name, texts[_i].set(draft, "a\nb"));
    assert_fails(WILDCAM_ERR_INVALID, "UTF-8", texts[_i].set(draft, "\xc3"));
    ck_assert_str_eq(texts[_i].get(draft), longest);
    assert_ok(texts[_i].set(draft, "Höhle №7"));
    ck_assert_str_eq(texts[_i].get(draft), "Höhle №7");
    assert_ok(texts[_i].set(draft, NULL));
    ck_assert_str_eq(texts[_i].get(draft), "");
    assert_ok(texts[_i].set(draft, ""));
    wildcam_camera_free(draft);
}
END_TEST

START_TEST(device_ids)
{
    static const char *const good[] = {"A",
                                       "cam-1",
                                       "AA:BB:CC:DD:EE:FF",
                                       "a.b_c",
                                       "-",
                                       "_.",
                                       "01234567890123456789012345678901234567890123456789"};
    static const char *const bad[] = {"",
                                      ".hidden",
                                      "a b",
                                      "a/b",
                                      "caf\xc3\xa9",
                                      "\xff",
                                      "a\n",
                                      "012345678901234567890123456789012345678901234567890"};
    wildcam_camera *draft = draft_for(NULL);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(wildcam_camera_set_device_id(draft, good[i]));
        ck_assert_str_eq(wildcam_camera_get_device_id(draft), good[i]);
    }
    assert_ok(wildcam_camera_set_device_id(draft, "CAM1"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_camera_set_device_id(draft, bad[i]));
        ck_assert_str_eq(wildcam_camera_get_device_id(draft), "CAM1");
    }
    assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_camera_set_device_id(draft, NULL));
    wildcam_camera_free(draft);
}
END_TEST

START_TEST(config_is_a_json_object)
{
    wildcam_camera *draft = draft_for(NULL);
    char *large = malloc(65540);
    ck_assert_ptr_nonnull(large);
    memset(large, ' ', 65538);
    memcpy(large, "{}", 2);
    large[65537] = '\0';
    assert_fails(WILDCAM_ERR_TOOLARGE, "65536", wildcam_camera_set_config(draft, large));
    large[65536] = '\0';
    assert_ok(wildcam_camera_set_config(draft, large));
    ck_assert_str_eq(wildcam_camera_get_config(draft), large);
    free(large);
    static const char *const bad[] = {
        "[]", "1", "{", "{\"a\":1,\"a\":2}", "{} {}", "\"x\"", "{\"a\":\"\xff\"}"};
    assert_ok(wildcam_camera_set_config(draft, "{\"flash\": true}"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "config", wildcam_camera_set_config(draft, bad[i]));
    ck_assert_str_eq(wildcam_camera_get_config(draft), "{\"flash\": true}");
    assert_ok(wildcam_camera_set_config(draft, ""));
    assert_ok(wildcam_camera_set_config(draft, NULL));
    ck_assert_str_eq(wildcam_camera_get_config(draft), "");
    wildcam_camera_free(draft);
}
END_TEST

START_TEST(state_is_one_of_three)
{
    wildcam_camera *draft = draft_for(NULL);
    for (int state = WILDCAM_CAMERA_ACTIVE; state <= WILDCAM_CAMERA_MAINTENANCE; state++) {
        assert_ok(wildcam_camera_set_status(draft, state));
        ck_assert_int_eq(wildcam_camera_get_status(draft), state);
    }
    assert_fails(WILDCAM_ERR_INVALID, "3", wildcam_camera_set_status(draft, 3));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_camera_set_status(draft, -1));
    ck_assert_int_eq(wildcam_camera_get_status(draft), WILDCAM_CAMERA_MAINTENANCE);
    wildcam_camera_free(draft);
}
END_TEST

static void fill(wildcam_camera *draft, double share, const char *word)
{
    for (int i = 0; i < NUMBERS; i++)
        assert_ok(
            numbers[i].set(draft, numbers[i].min + share * (numbers[i].max - numbers[i].min)));
    for (int i = 0; i < TEXTS; i++)
        assert_ok(texts[i].set(draft, word));
}

START_TEST(registers_and_reads_back)
{
    int created = -1;
    int64_t before = wildcam_time_now();
    wildcam_camera *camera, *again, *draft = draft_for("CAM1");
    wildcam_station *station = open_with(NULL, NULL);
    fill(draft, 0.25, "Bärenpfad");
    assert_ok(wildcam_camera_set_config(draft, "{\"flash\": true}"));
    assert_ok(wildcam_station_put_camera(station, draft, &created, &camera));
    ck_assert_int_eq(created, 1);
    ck_assert_int_eq(wildcam_camera_get_id(camera), 1);
    ck_assert_str_eq(wildcam_camera_get_device_id(camera), "CAM1");
    ck_assert_str_eq(wildcam_camera_get_config(camera), "{\"flash\": true}");
    ck_assert_int_ge(wildcam_camera_get_created_at(camera), before);
    for (int i = 0; i < NUMBERS; i++)
        ck_assert_double_eq(numbers[i].get(camera), numbers[i].get(draft));
    for (int i = 0; i < TEXTS; i++)
        ck_assert_str_eq(texts[i].get(camera), "Bärenpfad");
    assert_ok(wildcam_station_put_camera(station, draft, &created, &again));
    ck_assert_int_eq(created, 0);
    ck_assert_int_eq(wildcam_camera_get_id(again), 1);
    ck_assert_int_eq(wildcam_camera_get_created_at(again), wildcam_camera_get_created_at(camera));
    wildcam_camera_free(again);
    wildcam_camera_free(camera);
    wildcam_camera_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(only_what_was_set_changes)
{
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_camera *full = draft_for("CAM1"), *one = draft_for("CAM1"), *camera;
    fill(full, 0.75, "ridge");
    put(station, full);
    assert_ok(wildcam_camera_set_name(one, ""));
    assert_ok(wildcam_camera_set_humidity(one, NAN));
    assert_ok(wildcam_station_report_camera(station, one));
    camera = get(station, "CAM1");
    for (int i = 0; i < NUMBERS - 1; i++)
        ck_assert_double_eq(numbers[i].get(camera), numbers[i].get(full));
    ck_assert(isnan(wildcam_camera_get_humidity(camera)));
    ck_assert_str_eq(wildcam_camera_get_name(camera), "");
    for (int i = 1; i < TEXTS; i++)
        ck_assert_str_eq(texts[i].get(camera), "ridge");
    wildcam_camera_free(camera);
    wildcam_camera_free(one);
    wildcam_camera_free(full);
    wildcam_station_close(station);
}
END_TEST

START_TEST(report_makes_no_camera)
{
    wildcam_camera *draft = draft_for("GHOST"), *camera = (void *)draft,
                   *nameless = draft_for(NULL);
    wildcam_station *station = open_with(NULL, NULL);
    assert_fails(WILDCAM_ERR_NOTFOUND, "GHOST", wildcam_station_report_camera(station, draft));
    assert_fails(WILDCAM_ERR_NOTFOUND, "GHOST",
                 wildcam_station_get_camera(station, "GHOST", &camera));
    ck_assert_ptr_null(camera);
    assert_fails(WILDCAM_ERR_INVALID, "device_id",
                 wildcam_station_report_camera(station, nameless));
    camera = draft;
    assert_fails(WILDCAM_ERR_INVALID, "device_id",
                 wildcam_station_put_camera(station, nameless, NULL, &camera));
    ck_assert_ptr_null(camera);
    wildcam_camera_free(nameless);
    wildcam_camera_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(number_stands_for_device)
{
    wildcam_station *station = open_with(NULL, NULL);
    static const char *const ids[] = {"first", "1", "3"};
    wildcam_camera *camera;
    for (int i = 0; i < 3; i++) {
        wildcam_camera *draft = draft_for(ids[i]);
        put(station, draft);
        wildcam_camera_free(draft);
    }
    camera = get(station, "1"); /* a device of that name comes before the number */
    ck_assert_int_eq(wildcam_camera_get_id(camera), 2);
    wildcam_camera_free(camera);
    camera = get(station, "2");
    ck_assert_str_eq(wildcam_camera_get_device_id(camera), "1");
    wildcam_camera_free(camera);
    static const char *const none[] = {"4", "0", "-1", "", "99999999999999999999", "1x"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_camera(station, none[i], &camera));
    wildcam_station_close(station);
}
END_TEST

START_TEST(lists_are_in_order)
{
    static const char *const ids[] = {"CAM3", "CAM1", "cam0", "CAM2"};
    static const char *const active[] = {"CAM1", "CAM3", "cam0"};
    static const char *const all[] = {"CAM1", "CAM2", "CAM3", "cam0"};
    wildcam_camera_list *list;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_station_list_cameras(station, 1, &list));
    ck_assert_uint_eq(wildcam_camera_list_get_count(list), 0);
    ck_assert_ptr_null(wildcam_camera_list_at(list, 0));
    wildcam_camera_list_free(list);
    for (int i = 0; i < 4; i++) {
        wildcam_camera *draft = draft_for(ids[i]);
        if (i == 3)
            assert_ok(wildcam_camera_set_status(draft, WILDCAM_CAMERA_INACTIVE));
        put(station, draft);
        wildcam_camera_free(draft);
    }
    for (int every = 0; every <= 1; every++) {
        assert_ok(wildcam_station_list_cameras(station, every, &list));
        ck_assert_uint_eq(wildcam_camera_list_get_count(list), every ? 4 : 3);
        for (size_t i = 0; i < wildcam_camera_list_get_count(list); i++)
            ck_assert_str_eq(wildcam_camera_get_device_id(wildcam_camera_list_at(list, i)),
                             every ? all[i] : active[i]);
        ck_assert_ptr_null(wildcam_camera_list_at(list, every ? 4 : 3));
        if (every)
            ck_assert_int_eq(wildcam_camera_get_status(wildcam_camera_list_at(list, 1)),
                             WILDCAM_CAMERA_INACTIVE);
        wildcam_station_close(every ? station : NULL); /* the list stands by itself */
        wildcam_camera_list_free(list);
    }
}
END_TEST

START_TEST(list_takes_zero_or_one)
{
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_camera_list *list = (void *)station;
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_station_list_cameras(station, 2, &list));
    ck_assert_ptr_null(list);
    wildcam_station_close(station);
}
END_TEST

static int64_t changes(wildcam_station *station)
{
    int64_t number = 0;
    assert_ok(wildcam_station_count_camera_changes(station, &number));
    ck_assert_int_gt(number, 0);
    return number;
}

/* Each of two stations on one store sees what the other does, and what it does itself. */
START_TEST(changes_are_counted_whoever_makes_them)
{
    wildcam_station *one = open_with(NULL, NULL), *other = open_with(NULL, NULL);
    wildcam_camera *draft = draft_for("CAM1");
    int64_t here = changes(one), there = changes(other);
    ck_assert_int_eq(changes(one), here);
    ck_assert_int_eq(changes(other), there);
    for (int i = 0; i < 3; i++) {
        assert_ok(wildcam_camera_set_battery_level(draft, 50 + i));
        put(i == 1 ? other : one, draft);
        ck_assert_int_gt(changes(one), here);
        ck_assert_int_gt(changes(other), there);
        here = changes(one);
        there = changes(other);
        ck_assert_int_eq(changes(one), here); /* and none where there is none */
    }
    assert_ok(wildcam_station_report_camera(other, draft));
    ck_assert_int_gt(changes(one), here);
    wildcam_camera_free(draft);
    wildcam_station_close(one);
    wildcam_station_close(other);
}
END_TEST

/* A file that was put in the place of the other may be the same to the byte, or not. */
START_TEST(another_file_in_its_place_is_a_change)
{
    size_t size;
    wildcam_station *station = open_with(NULL, NULL);
    int64_t before = changes(station);
    char *data = load_file(scratch_path("station/station.db"), &size);
    save_file(scratch_path("copy.db"), data, size);
    free(data);
    ck_assert_int_eq(rename(scratch_path("copy.db"), scratch_path("station/station.db")), 0);
    ck_assert_int_gt(changes(station), before);
    before = changes(station);
    ck_assert_int_eq(changes(station), before);
    wildcam_station_close(station);
}
END_TEST

START_TEST(writes_json)
{
    char *text;
    wildcam_camera *draft = draft_for("CAM1");
    assert_ok(wildcam_camera_set_name(draft, "a \"quoted\" name"));
    assert_ok(wildcam_camera_set_latitude(draft, 47.5));
    assert_ok(wildcam_camera_set_config(draft, "{\"flash\":true}"));
    assert_ok(wildcam_camera_to_json(draft, &text));
    assert_contains(text, "\"device_id\":\"CAM1\"");
    assert_contains(text, "\"status\":\"active\"");
    assert_contains(text, "\"name\":\"a \\\"quoted\\\" name\"");
    assert_contains(text, "\"location_name\":null");
    assert_contains(text, "\"latitude\":47.5,\"longitude\":null");
    assert_contains(text, "\"config\":{\"flash\":true}");
    assert_contains(text, "\"last_seen\":null");
    wildcam_free(text);
    wildcam_camera_free(draft);
}
END_TEST

static int64_t last_seen(wildcam_station *station, const char *device_id)
{
    wildcam_camera *camera = get(station, device_id);
    int64_t time = wildcam_camera_get_last_seen(camera);
    wildcam_camera_free(camera);
    return time;
}

START_TEST(what_others_say_of_it_is_no_sign_of_life)
{
    wildcam_camera *draft = draft_for("CAM1");
    wildcam_station *station = open_with(NULL, NULL);
    int64_t before = wildcam_time_now();
    assert_ok(wildcam_camera_set_status(draft, WILDCAM_CAMERA_INACTIVE));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    ck_assert_int_eq(last_seen(station, "CAM1"), WILDCAM_TIME_NONE);
    assert_ok(wildcam_camera_set_last_seen(draft, at("2026-03-01")));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    ck_assert_int_eq(last_seen(station, "CAM1"), at("2026-03-01"));
    wildcam_camera_free(draft);
    draft = draft_for("CAM1");
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    ck_assert_int_eq(last_seen(station, "CAM1"), at("2026-03-01"));
    assert_ok(wildcam_station_report_camera(station, draft));
    ck_assert_int_ge(last_seen(station, "CAM1"), before);
    assert_fails(WILDCAM_ERR_INVALID, "1970", wildcam_camera_set_last_seen(draft, -1));
    wildcam_camera_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(picture_or_detection_is_a_sign_of_life)
{
    wildcam_station *station = open_with(NULL, NULL);
    int64_t before = wildcam_time_now();
    add_scene(station, "CAM1", 1, at("2026-03-01T10:00"));
    add(station, &(struct sighting){"CAM2", "lynx", at("2026-03-01T10:00"), 0.5});
    for (int i = 0; i < 2; i++) {
        wildcam_camera *camera = get(station, i ? "CAM2" : "CAM1");
        ck_assert_int_ge(wildcam_camera_get_last_seen(camera), before - 10 * SECOND);
        ck_assert_int_ge(wildcam_camera_get_created_at(camera), before);
        wildcam_camera_free(camera);
    }
    wildcam_station_close(station);
}
END_TEST

START_TEST(full_disk_takes_no_camera)
{
    wildcam_station *station = open_with("disk.min_free_bytes", "1024T", NULL);
    wildcam_camera *draft = draft_for("CAM1"), *camera = draft;
    wildcam_camera_list *list;
    assert_fails(WILDCAM_ERR_NOSPACE, "disk.min_free_bytes",
                 wildcam_station_put_camera(station, draft, NULL, &camera));
    ck_assert_ptr_null(camera);
    assert_status(WILDCAM_ERR_NOSPACE, wildcam_station_report_camera(station, draft));
    assert_ok(wildcam_station_list_cameras(station, 1, &list));
    ck_assert_uint_eq(wildcam_camera_list_get_count(list), 0);
    wildcam_camera_list_free(list);
    wildcam_camera_free(draft);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("camera");
    TCase *drafts = harness_case(suite, "drafts"), *kept = harness_case(suite, "kept");
    tcase_add_test(drafts, states_have_names);
    tcase_add_test(drafts, empty_draft_knows_nothing);
    tcase_add_loop_test(drafts, numbers_within_limits, 0, NUMBERS);
    tcase_add_loop_test(drafts, texts_within_limits, 0, TEXTS);
    tcase_add_test(drafts, device_ids);
    tcase_add_test(drafts, config_is_a_json_object);
    tcase_add_test(drafts, state_is_one_of_three);
    tcase_add_test(drafts, writes_json);
    tcase_add_test(kept, registers_and_reads_back);
    tcase_add_test(kept, only_what_was_set_changes);
    tcase_add_test(kept, report_makes_no_camera);
    tcase_add_test(kept, number_stands_for_device);
    tcase_add_test(kept, lists_are_in_order);
    tcase_add_test(kept, list_takes_zero_or_one);
    tcase_add_test(kept, changes_are_counted_whoever_makes_them);
    tcase_add_test(kept, another_file_in_its_place_is_a_change);
    tcase_add_test(kept, what_others_say_of_it_is_no_sign_of_life);
    tcase_add_test(kept, picture_or_detection_is_a_sign_of_life);
    tcase_add_test(kept, full_disk_takes_no_camera);
    return suite;
}
