/* JSON that is none is told from JSON that there is no memory for (tests/fault). */
#include "base/json_read.h"
#include "support/harness.h"

static const char *const good[] = {
    "{}",
    "[]",
    " [ ] ",
    "{\"a\": [1, -2.5e+3, 0, 0.1, 1E5, true, false, null, \"x\"], \"b\": {\"c\": {}}}",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83e\\udd8a\", \"\xc3\xa9\"]",
    "[[[]],[{}]]\n",
};

static const char *const bad[] = {
    "",
    " ",
    "5",
    "\"x\"",
    "true",
    "{",
    "[",
    "]",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\":1,}",
    "{1:2}",
    "{\"a\":1 \"b\":2}",
    "[01]",
    "[1.]",
    "[.5]",
    "[-]",
    "[1e]",
    "[+1]",
    "[tru]",
    "[nulll]",
    "[\"x]",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\u12g4\"]",
    "[\"\\ud800\"]",
    "[\"\\udc00\"]",
    "[\"\\ud800\\u0041\"]",
    "[\"a\nb\"]",
    "[\"a\n7]", /* what stands behind the fault would be a number */
    "[\"\\xtrue]",
    "[] x",
    "{}{}",
    "[\"\xff\"]",
    "{\"a\":1,\"a\":2}",
    "[1e999]",
    "['a']",
    "[NaN]",
    "[1]]",
};

START_TEST(takes_json)
{
    json_t *json;
    json_error_t error;
    assert_ok(wci_json_read(good[_i], strlen(good[_i]), &json, &error));
    json_decref(json);
}
END_TEST

START_TEST(refuses_what_is_none)
{
    json_t *json;
    json_error_t error;
    ck_assert_int_eq(wci_json_read(bad[_i], strlen(bad[_i]), &json, &error), WILDCAM_ERR_INVALID);
    ck_assert_ptr_null(json);
}
END_TEST

START_TEST(refuses_what_is_too_deep)
{
    json_t *json;
    json_error_t error;
    char deep[4000];
    memset(deep, '[', 2000);
    memset(deep + 2000, ']', 2000);
    assert_ok(wci_json_read(deep, sizeof deep, &json, &error));
    json_decref(json);
    char deeper[6000];
    memset(deeper, '[', 3000);
    memset(deeper + 3000, ']', 3000);
    ck_assert_int_eq(wci_json_read(deeper, sizeof deeper, &json, &error), WILDCAM_ERR_INVALID);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("json_read");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, takes_json, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(all, refuses_what_is_none, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(all, refuses_what_is_too_deep);
    return suite;
}
