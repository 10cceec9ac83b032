/* What texts, numbers and times may be, to their limits. */
#include "model/check.h"

#include <math.h>

#include <wildcam/time.h>

#include "unit.h"

static const char fifty[] = "12345678901234567890123456789012345678901234567890";

static const char *const device_ids[] = {
    "a", "0", "A-Za-z0-9._:-", "ESP32-CAM_01", "AA:BB:CC:DD:EE:FF", "-", "_", ":", "a.b", fifty,
};

START_TEST(takes_device_ids)
{
    struct wci_text text = {0};
    assert_done(wci_check_device_id(device_ids[_i]));
    assert_done(wci_take_device_id(&text, device_ids[_i]));
    ck_assert_str_eq(wci_text_get(&text), device_ids[_i]);
    wci_text_free(&text);
}
END_TEST

static const struct {
    const char *text, *words;
} no_device_ids[] = {
    {NULL, "device_id is required"},
    {"", "device_id is required"},
    {".", "does not begin with a dot, not \".\""},
    {".hidden", "\".hidden\""},
    {"..", "\"..\""},
    {"123456789012345678901234567890123456789012345678901", "1 to 50"},
    {"a b", "\"a b\""},
    {"a/b", "\"a/b\""},
    {"a\\b", "A-Za-z0-9._:-"},
    {"a\n", "A-Za-z0-9._:-"},
    {"\xc3\xa9", "\"\xc3\xa9\""},
    {"a\xe9", "A-Za-z0-9._:-"},
    {"a@", "\"a@\""},
    {"a[", "\"a[\""},
    {"a`", "\"a`\""},
    {"a{", "\"a{\""},
    {"a;", "\"a;\""},
};

START_TEST(refuses_device_ids)
{
    struct wci_text text = {0};
    assert_fails(WILDCAM_ERR_INVALID, no_device_ids[_i].words,
                 wci_check_device_id(no_device_ids[_i].text));
    assert_done(wci_take_device_id(&text, "before"));
    assert_status(WILDCAM_ERR_INVALID, wci_take_device_id(&text, no_device_ids[_i].text));
    ck_assert_str_eq(wci_text_get(&text), "before");
    wci_text_free(&text);
}
END_TEST

static const struct {
    const char *text;
    size_t max;
    bool lines;
    const char *words; /* NULL when it is taken */
} texts[] = {
    {NULL, 5, false, NULL},
    {"", 0, false, NULL},
    {"12345", 5, false, NULL},
    {"\xc3\xa9\xe2\x82\xac", 5, false, NULL},
    {"a\n\r\tb", 5, true, NULL},
    {"123456", 5, false, "note is over 5 bytes"},
    {"1234\xc3\xa9", 5, false, "note is over 5 bytes"},
    {"x", 0, false, "note is over 0 bytes"},
    {"\xe9", 5, false, "note is not UTF-8"},
    {"\xed\xa0\x80", 5, true, "note is not UTF-8"},
    {"ab\n", 5, false, "note has a control character at byte 2"},
    {"\t", 5, false, "note has a control character at byte 0"},
    {"a\x1b", 5, true, "note has a control character at byte 1"},
    {"a\x7f", 5, true, "note has a control character at byte 1"},
    {"\x01", 5, true, "note has a control character at byte 0"},
};

START_TEST(checks_texts)
{
    struct wci_text text = {0};
    if (texts[_i].words) {
        assert_fails(WILDCAM_ERR_INVALID, texts[_i].words,
                     wci_check_text("note", texts[_i].text, texts[_i].max, texts[_i].lines));
        return;
    }
    assert_done(wci_check_text("note", texts[_i].text, texts[_i].max, texts[_i].lines));
    if (!texts[_i].lines) {
        assert_done(wci_take_text(&text, "note", texts[_i].text, texts[_i].max));
        ck_assert_str_eq(wci_text_get(&text), texts[_i].text ? texts[_i].text : "");
    }
    wci_text_free(&text);
}
END_TEST

START_TEST(keeps_the_old_text)
{
    struct wci_text text = {0};
    assert_done(wci_take_text(&text, "note", "old", 5));
    assert_fails(WILDCAM_ERR_INVALID, "note", wci_take_text(&text, "note", "longer", 5));
    assert_fails(WILDCAM_ERR_INVALID, "note", wci_take_json(&text, "note", "[]"));
    ck_assert_str_eq(wci_text_get(&text), "old");
    assert_done(wci_take_text(&text, "note", NULL, 5));
    ck_assert_str_eq(wci_text_get(&text), "");
    wci_text_free(&text);
}
END_TEST

static const struct {
    const char *text, *words; /* NULL when it is taken */
} objects[] = {
    {NULL, NULL},
    {"", NULL},
    {"{}", NULL},
    {" {\"a\": [1, 2.5, null, {\"b\": \"\\u00e9\"}]} ", NULL},
    {"[]", "config is not a JSON object"},
    {"1", "config is not JSON"},
    {"\"text\"", "config is not JSON"},
    {"null", "config is not JSON"},
    {"{", "config is not JSON"},
    {"{} x", "config is not JSON"},
    {"{'a': 1}", "config is not JSON"},
    {"{\"a\": 1,}", "config is not JSON"},
    {"{\"a\": 1, \"a\": 2}", "config is not JSON"},
    {"{\"a\": NaN}", "config is not JSON"},
    {"{\"a\": 1e999}", "config is not JSON"},
    {"{\"a\": 99999999999999999999}", "config is not JSON"},
    {"{\"\xe9\": 1}", "config is not JSON"},
};

START_TEST(checks_json)
{
    struct wci_text text = {0};
    if (objects[_i].words) {
        assert_fails(WILDCAM_ERR_INVALID, objects[_i].words,
                     wci_check_json_object("config", objects[_i].text));
    } else {
        assert_done(wci_check_json_object("config", objects[_i].text));
        assert_done(wci_take_json(&text, "config", objects[_i].text));
        ck_assert_str_eq(wci_text_get(&text), objects[_i].text ? objects[_i].text : "");
    }
    wci_text_free(&text);
}
END_TEST

START_TEST(checks_jsons_size_and_depth)
{
    char *text = malloc(WCI_METADATA_MAX + 2);
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', WCI_METADATA_MAX + 1);
    memcpy(text, "{}", 2);
    text[WCI_METADATA_MAX] = '\0';
    assert_done(wci_check_json_object("config", text));
    text[WCI_METADATA_MAX] = ' ';
    text[WCI_METADATA_MAX + 1] = '\0';
    assert_fails(WILDCAM_ERR_TOOLARGE, "config is over 65536 bytes",
                 wci_check_json_object("config", text));
    /* so deep that a reader that recurses would run out of stack */
    memset(text, '[', WCI_METADATA_MAX);
    memcpy(text, "{\"a\":", 5);
    text[WCI_METADATA_MAX] = '\0';
    assert_fails(WILDCAM_ERR_INVALID, "config is not JSON", wci_check_json_object("config", text));
    free(text);
}
END_TEST

START_TEST(checks_numbers)
{
    assert_done(wci_check_number("humidity", 0, 0, 100));
    assert_done(wci_check_number("humidity", 100, 0, 100));
    assert_done(wci_check_number("humidity", NAN, 0, 100));
    assert_fails(WILDCAM_ERR_INVALID, "humidity is 0 to 100, not 100.5",
                 wci_check_number("humidity", 100.5, 0, 100));
    assert_fails(WILDCAM_ERR_INVALID, "humidity is 0 to 100, not -0.000001",
                 wci_check_number("humidity", -0.000001, 0, 100));
    assert_fails(WILDCAM_ERR_INVALID, "humidity is 0 to 100, not infinite",
                 wci_check_number("humidity", INFINITY, 0, 100));
    assert_fails(WILDCAM_ERR_INVALID, "x is -0.5 to 0.5, not infinite",
                 wci_check_number("x", -INFINITY, -0.5, 0.5));
}
END_TEST

static const struct {
    int64_t time;
    int32_t offset;
    int source;
    const char *words; /* NULL when it is taken */
} times[] = {
    {WILDCAM_TIME_MIN, WILDCAM_OFFSET_UNKNOWN, WILDCAM_TIME_SOURCE_UNKNOWN, NULL},
    {WILDCAM_TIME_END - 1, 86399, WILDCAM_TIME_SOURCE_RECEIVED, NULL},
    {5, -86399, WILDCAM_TIME_SOURCE_EXIF, NULL},
    {-1, 0, 0, "not -1 microseconds"},
    {WILDCAM_TIME_END, 0, 0, "2106-02-07T06:28:15Z"},
    {WILDCAM_TIME_NONE, 0, 0, "1970-01-01T00:00:00Z"},
    {INT64_MAX, 0, 0, "the time"},
    {5, 86400, 0, "-86399 to 86399 seconds, not 86400"},
    {5, -86400, 0, "not -86400"},
    {5, INT32_MAX, 0, "the offset"},
    {5, 0, -1, "-1 is no time source"},
    {5, 0, WILDCAM_TIME_SOURCE_RECEIVED + 1, "7 is no time source"},
};

START_TEST(checks_times)
{
    if (times[_i].words)
        assert_fails(WILDCAM_ERR_INVALID, times[_i].words,
                     wci_check_time(times[_i].time, times[_i].offset, times[_i].source));
    else
        assert_done(wci_check_time(times[_i].time, times[_i].offset, times[_i].source));
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

Suite *make_suite(void)
{
    Suite *suite = suite_create("check");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, takes_device_ids, 0, COUNT(device_ids));
    tcase_add_loop_test(all, refuses_device_ids, 0, COUNT(no_device_ids));
    tcase_add_loop_test(all, checks_texts, 0, COUNT(texts));
    tcase_add_test(all, keeps_the_old_text);
    tcase_add_loop_test(all, checks_json, 0, COUNT(objects));
    tcase_add_test(all, checks_jsons_size_and_depth);
    tcase_add_test(all, checks_numbers);
    tcase_add_loop_test(all, checks_times, 0, COUNT(times));
    return suite;
}
