/* Numbers as text: both ways exact, and the same in every locale. */
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>

#include "unit.h"

static const struct {
    const char *text;
    bool is_number;
    int64_t value;
} ints[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"18446744073709551616", false, 0},
    {"18446744073709551617", false, 0},
    {"99999999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"--1", false, 0},
    {"1.0", false, 0},
    {"0x10", false, 0},
    {"1e3", false, 0},
    {"\xd9\xa1", false, 0}, /* an Arabic one */
};

START_TEST(reads_ints)
{
    int64_t value = 4711;
    ck_assert(wci_number_parse_int(ints[_i].text, &value) == ints[_i].is_number);
    ck_assert_int_eq(value, ints[_i].is_number ? ints[_i].value : 4711);
}
END_TEST

static const struct {
    const char *text;
    bool is_number;
    double value;
} reals[] = {
    {"0", true, 0},
    {"-0.0", true, 0},
    {"1.", true, 1},
    {".5", true, 0.5},
    {"-.5", true, -0.5},
    {"0.1", true, 0.1},
    {"1e3", true, 1000},
    {"1E+3", true, 1000},
    {"25e-1", true, 2.5},
    {"1.7976931348623157e308", true, DBL_MAX},
    {"4.9406564584124654e-324", true, 4.9406564584124654e-324},
    {"1e-400", true, 0},
    {"1e309", false, 0}, /* past the largest */
    {"-1e309", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {".", false, 0},
    {"-.", false, 0},
    {"e5", false, 0},
    {"1e", false, 0},
    {"1e+", false, 0},
    {"1e5x", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"0,5", false, 0},
    {"1.5.5", false, 0},
    {"0x1p3", false, 0},
    {"inf", false, 0},
    {"nan", false, 0},
    {"\xd9\xab"
     "5",
     false, 0},
};

static void check_reals(void)
{
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        double value = 4711;
        ck_assert_msg(wci_number_parse_real(reals[i].text, &value) == reals[i].is_number, "\"%s\"",
                      reals[i].text);
        ck_assert_msg(value == (reals[i].is_number ? reals[i].value : 4711), "\"%s\" is %.17g",
                      reals[i].text, value);
    }
}

START_TEST(reads_reals)
{
    check_reals();
}
END_TEST

START_TEST(reads_long_reals)
{
    char text[600];
    double value = 4711;
    memset(text, '0', sizeof text);
    memcpy(text, "1.", 2);
    text[511] = '\0';
    ck_assert(wci_number_parse_real(text, &value));
    ck_assert(value == 1);
    text[511] = '0';
    text[512] = '\0';
    value = 4711;
    ck_assert(!wci_number_parse_real(text, &value));
    ck_assert(value == 4711);
}
END_TEST

START_TEST(writes_ints)
{
    static const struct {
        int64_t value;
        const char *text;
    } written[] = {{0, "0"},
                   {9, "9"},
                   {-10, "-10"},
                   {1000000, "1000000"},
                   {INT64_MAX, "9223372036854775807"},
                   {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        char text[WCI_NUMBER_TEXT];
        ck_assert_uint_eq(wci_number_format_int(written[i].value, text), strlen(text));
        ck_assert_str_eq(text, written[i].text);
    }
}
END_TEST

START_TEST(puts_digits_where_they_belong)
{
    char text[] = "abcdef";
    wci_number_put_digits(text + 1, 47, 4);
    ck_assert_str_eq(text, "a0047f");
    wci_number_put_digits(text + 1, 12345, 4); /* the lowest */
    ck_assert_str_eq(text, "a2345f");
}
END_TEST

static const struct {
    double value;
    const char *text;
} shortest[] = {
    {0, "0"},
    {1, "1"},
    {-1, "-1"},
    {100, "100"},
    {0.1, "0.1"},
    {-0.5, "-0.5"},
    {0.000001, "0.000001"},
    {0.0000001, "1e-07"},
    {51.477811, "51.477811"},
    {-179.999999, "-179.999999"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {2.0 / 3, "0.6666666666666666"},
    {999999999.999999, "999999999.999999"},
    {1e9, "1000000000"},
    {1e15, "1e+15"},
    {123456789012345678.0, "1.2345678901234568e+17"},
    {9007199254740993.0, "9007199254740992"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {DBL_EPSILON, "2.220446049250313e-16"},
    {5e-324, "5e-324"}, /* the smallest: one digit is enough */
    {-2.5e-320, "-2.5e-320"},
};

static void check_shortest(void)
{
    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
        char text[WCI_NUMBER_TEXT];
        ck_assert_uint_eq(wci_number_format_real(shortest[i].value, text), strlen(text));
        ck_assert_str_eq(text, shortest[i].text);
    }
}

START_TEST(writes_the_shortest)
{
    check_shortest();
}
END_TEST

/* A generator of its own, so that every run sees the same numbers. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void check_round_trip(double value)
{
    char text[WCI_NUMBER_TEXT];
    double back;
    bool is_same = wci_number_format_real(value, text) == strlen(text) &&
                   wci_number_parse_real(text, &back) && back == value;
    if (!is_same) /* Check notes every assertion in a file, which takes its time */
        ck_abort_msg("%s for %.17g", text, value);
}

START_TEST(reads_back_what_it_writes)
{
    uint64_t state = 88172645463325252;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            check_round_trip(value);
        check_round_trip((double)(int64_t)next_random(&state) / 1e6);
        check_round_trip((double)(int32_t)next_random(&state) / 1e6);
        check_round_trip((double)(next_random(&state) % 1000001) / 1e6);
    }
}
END_TEST

/* A decimal of a few places must come out as it was written, not with one digit more. */
START_TEST(keeps_decimals)
{
    for (int i = 0; i <= 1000000; i += 7) {
        char text[WCI_NUMBER_TEXT], expected[32];
        snprintf(expected, sizeof expected, "%d.%06d", i / 1000000, i % 1000000);
        wci_number_format_real(strtod(expected, NULL), text);
        size_t length = strlen(expected);
        while (expected[length - 1] == '0')
            length--;
        length -= expected[length - 1] == '.';
        if (strlen(text) != length || memcmp(text, expected, length) != 0)
            ck_abort_msg("%s for %s", text, expected);
    }
}
END_TEST

static const char *const locales[] = {"de_DE", "fr_FR", "ps_AF"};

START_TEST(is_the_same_in_every_locale)
{
    enter_locale(locales[_i]);
    ck_assert_str_ne(localeconv()->decimal_point, ".");
    check_reals();
    check_shortest();
    check_round_trip(0.30000000000000004);
    check_round_trip(1.2345678901234567e-300);
    leave_locale();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("number");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads_ints, 0, sizeof ints / sizeof ints[0]);
    tcase_add_test(all, reads_reals);
    tcase_add_test(all, reads_long_reals);
    tcase_add_test(all, writes_ints);
    tcase_add_test(all, puts_digits_where_they_belong);
    tcase_add_test(all, writes_the_shortest);
    tcase_add_test(all, reads_back_what_it_writes);
    tcase_add_test(all, keeps_decimals);
    tcase_add_loop_test(all, is_the_same_in_every_locale, 0, sizeof locales / sizeof locales[0]);
    return suite;
}
