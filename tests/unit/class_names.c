/* The names of classes, from files of lines and from models. */
#include "process/class_names.h"

#include "base/text.h"
#include "unit.h"

static struct wci_class_names names;

static void assert_names(wildcam_status status, const char *wanted)
{
    char text[200] = "";
    size_t at = 0;
    if (wanted[0] == '!') {
        assert_fails(strstr(wanted, "50000") ? WILDCAM_ERR_TOOLARGE : WILDCAM_ERR_INVALID,
                     wanted + 1, status);
        ck_assert_ptr_null(names.list);
        return;
    }
    assert_status(WILDCAM_OK, status);
    for (size_t i = 0; i < names.count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s|", names.list[i]);
    ck_assert_str_eq(text, wanted);
    wci_class_names_free(&names);
}

static const struct {
    const char *text, *names;
} lines[] = {
    {"one", "one|"},
    {"one\ntwo\nthree\n", "one|two|three|"},
    {"  one \r\n\ttwo words\r\n\r\n\n", "one|two words|"},
    {"\xef\xbb\xbfperson\r\ncar\r\n", "person|car|"}, /* as Windows' editors save it */
    {"\xef\xbb\xbf", "!it has no name"},
    {"one\n\nthree", "!class 1 has no name"},
    {"\none", "!class 0 has no name"},
    {"", "!it has no name"},
    {" \n\n", "!it has no name"},
    {"\xff", "!class 0: the name is not UTF-8"},
    {"a\nb\x01", "!class 1: the name has a control character"},
};

START_TEST(reads_lines)
{
    wci_error_clear();
    assert_names(wci_class_names_from_lines(lines[_i].text, &names), lines[_i].names);
}
END_TEST

static const struct {
    const char *text, *names;
} pairs[] = {
    {"{0: 'one'}", "one|"},
    {"{0: 'one', 1: \"it's\", 2: 'a \\'quote\\''}", "one|it's|a 'quote'|"},
    {" { 1 : 'two' , 0:'one' } ", "one|two|"},
    {"{\"0\": \"one\", \"1\": \"two\"}", "one|two|"},
    {"{0: 'one', 2: 'three'}", "!no name for class 1"},
    {"{0: 'one', 0: 'again'}", "!class 0 has two names"},
    {"{0: ''}", "!class 0 has no name"},
    {"{60000: 'x'}", "!more than 50000 classes"},
    {"{9999999999: 'x'}", "!not of the form"},
    {"", "!not of the form"},
    {"{}", "!not of the form"},
    {"{0: 'one'", "!not of the form"},
    {"{0: 'one", "!not of the form"},
    {"{0: 'one\\", "!not of the form"},
    {"{0 'one'}", "!not of the form"},
    {"{0: one}", "!not of the form"},
    {"{-1: 'one'}", "!not of the form"},
    {"['one']", "!not of the form"},
};

START_TEST(reads_what_models_carry)
{
    wci_error_clear();
    assert_names(wci_class_names_from_model(pairs[_i].text, &names), pairs[_i].names);
}
END_TEST

START_TEST(a_long_name_is_refused)
{
    char text[102];
    memset(text, 'x', 101);
    text[101] = '\0';
    wci_error_clear();
    assert_names(wci_class_names_from_lines(text, &names), "!class 0: the name is over 100 bytes");
    text[100] = '\0';
    wci_error_clear();
    assert_ok(wci_class_names_from_lines(text, &names));
    wci_class_names_free(&names);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("class_names");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads_lines, 0, sizeof lines / sizeof lines[0]);
    tcase_add_loop_test(all, reads_what_models_carry, 0, sizeof pairs / sizeof pairs[0]);
    tcase_add_test(all, a_long_name_is_refused);
    return suite;
}
