/* The JSON writer, read back by jansson where the form is not fixed. */
#include "base/json.h"

#include <jansson.h>
#include <math.h>

#include "base/utf8.h"
#include "unit.h"

START_TEST(writes_every_kind)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wci_json_open(&json, NULL, '{');
    wci_json_text(&json, "text", "a\"b");
    wci_json_text_or_null(&json, "some", "x");
    wci_json_text_or_null(&json, "none", "");
    wci_json_int(&json, "low", INT64_MIN);
    wci_json_int(&json, "high", INT64_MAX);
    wci_json_real(&json, "real", 0.25);
    wci_json_real(&json, "nan", NAN);
    wci_json_real(&json, "infinite", -INFINITY);
    wci_json_bool(&json, "yes", true);
    wci_json_bool(&json, "no", false);
    wci_json_null(&json, "null");
    wci_json_time(&json, "time", INT64_C(1764115200000000), 3600);
    wci_json_time(&json, "never", WILDCAM_TIME_NONE, 0);
    wci_json_raw(&json, "raw", "{\"a\":[1]}");
    wci_json_raw(&json, "no raw", "");
    wci_json_open(&json, "list", '[');
    wci_json_int(&json, NULL, 1);
    wci_json_open(&json, NULL, '{');
    wci_json_close(&json, '}');
    wci_json_open(&json, NULL, '[');
    wci_json_close(&json, ']');
    wci_json_text(&json, NULL, "");
    wci_json_close(&json, ']');
    wci_json_int(&json, "a \"name\"", 2);
    wci_json_close(&json, '}');
    ck_assert_str_eq(wci_text_get(&text),
                     "{\"text\":\"a\\\"b\",\"some\":\"x\",\"none\":null,"
                     "\"low\":-9223372036854775808,\"high\":9223372036854775807,\"real\":0.25,"
                     "\"nan\":null,\"infinite\":null,\"yes\":true,\"no\":false,\"null\":null,"
                     "\"time\":\"2025-11-26T01:00:00+01:00\",\"never\":null,\"raw\":{\"a\":[1]},"
                     "\"no raw\":null,\"list\":[1,{},[],\"\"],\"a \\\"name\\\"\":2}");
    wci_text_free(&text);
}
END_TEST

START_TEST(begins_lines)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wci_json_open(&json, NULL, '{');
    wci_json_int(&json, "days", 2);
    wci_json_open_line(&json, "list", '[');
    for (int i = 1; i < 3; i++) {
        wci_json_open_line(&json, NULL, '{');
        wci_json_int(&json, "day", i);
        wci_json_int(&json, "count", 0);
        wci_json_close(&json, '}');
    }
    wci_json_close(&json, ']');
    wci_json_line(&json);
    wci_json_int(&json, "last", 3);
    wci_json_close(&json, '}');
    ck_assert_str_eq(wci_text_get(&text), "{\"days\":2,\n\"list\":[\n{\"day\":1,\"count\":0},\n"
                                          "{\"day\":2,\"count\":0}],\n\"last\":3}");
    wci_text_free(&text);
}
END_TEST

static const struct {
    const char *text, *escaped;
} escapes[] = {
    {"", ""},
    {"plain /text", "plain /text"},
    {"\"\\", "\\\"\\\\"},
    {"\b\t\n\f\r", "\\b\\t\\n\\f\\r"},
    {"\x01\x0b\x1f\x7f", "\\u0001\\u000b\\u001f\\u007f"},
    {"h\xc3\xa9risson \xf0\x9f\xa6\x94", "h\xc3\xa9risson \xf0\x9f\xa6\x94"},
    {"\xe9", "\xef\xbf\xbd"},
    {"\xc3\xa9\xe9\xc3\xa9\n", "\xc3\xa9\xef\xbf\xbd\xc3\xa9\\n"}, /* only what is none goes */
    {"cut \xf0\x9f", "cut \xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

START_TEST(escapes_text)
{
    struct wci_text text = {0};
    wci_json_escape(&text, escapes[_i].text);
    ck_assert_str_eq(wci_text_get(&text), escapes[_i].escaped);
    wci_text_free(&text);
}
END_TEST

/* Whatever the bytes are, what comes out is JSON and holds the characters that were there. */
START_TEST(any_byte_comes_out_as_json)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    char bytes[3] = {(char)_i, 'a', '\0'};
    json_error_t error;
    wci_json_open(&json, NULL, '[');
    wci_json_text(&json, NULL, bytes);
    wci_json_close(&json, ']');
    json_t *parsed = json_loads(wci_text_get(&text), 0, &error);
    ck_assert_msg(parsed != NULL, "%s: %s", wci_text_get(&text), error.text);
    const char *back = json_string_value(json_array_get(parsed, 0));
    if (_i < 0x80)
        ck_assert_str_eq(back, bytes);
    else
        ck_assert_str_eq(back, "\xef\xbf\xbd"
                               "a");
    json_decref(parsed);
    wci_text_free(&text);
}
END_TEST

START_TEST(writes_points_in_every_locale)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    enter_locale("de_DE");
    wci_json_open(&json, NULL, '[');
    wci_json_real(&json, NULL, 0.5);
    wci_json_real(&json, NULL, 1.0 / 3);
    wci_json_int(&json, NULL, 1234567);
    wci_json_close(&json, ']');
    leave_locale();
    ck_assert_str_eq(wci_text_get(&text), "[0.5,0.3333333333333333,1234567]");
    wci_text_free(&text);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, writes_every_kind);
    tcase_add_test(all, begins_lines);
    tcase_add_loop_test(all, escapes_text, 0, sizeof escapes / sizeof escapes[0]);
    tcase_add_loop_test(all, any_byte_comes_out_as_json, 1, 256);
    tcase_add_test(all, writes_points_in_every_locale);
    return suite;
}
