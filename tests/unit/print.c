/* Numbers in an exposition: they read back as they were, and nothing shorter does. */
#include "metrics/print.h"

#include <float.h>
#include <math.h>

#include "unit.h"

static const char *real(double value)
{
    static char text[WCI_PRINT_MOST + 1];
    char *end = wci_print_real(text, value);
    ck_assert_int_le((int)(end - text), WCI_PRINT_MOST);
    *end = '\0';
    return text;
}

START_TEST(whole_numbers)
{
    static const uint64_t values[] = {0,         9,          10,         99,
                                      100,       101,        1000,       65536,
                                      999999999, 1000000000, UINT32_MAX, UINT64_C(9007199254740993),
                                      UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[WCI_PRINT_MOST], wanted[WCI_PRINT_MOST];
        *wci_print_whole(text, values[i]) = '\0';
        snprintf(wanted, sizeof wanted, "%llu", (unsigned long long)values[i]);
        ck_assert_str_eq(text, wanted);
    }
}
END_TEST

START_TEST(reals_as_people_write_them)
{
    ck_assert_str_eq(real(0), "0");
    ck_assert_str_eq(real(-0.0), "0");
    ck_assert_str_eq(real(1), "1");
    ck_assert_str_eq(real(-17), "-17");
    ck_assert_str_eq(real(0.005), "0.005");
    ck_assert_str_eq(real(2.5), "2.5");
    ck_assert_str_eq(real(-0.1), "-0.1");
    ck_assert_str_eq(real(0.1 + 0.2), "0.30000000000000004");
    ck_assert_str_eq(real(1.0 / 3), "0.3333333333333333");
    ck_assert_str_eq(real(1764175248.123456), "1764175248.123456");
    ck_assert_str_eq(real(123456.7891234), "123456.7891234");
    ck_assert_str_eq(real(0.00012345678), "0.00012345678");
    ck_assert_str_eq(real(9007199254740992.0), "9007199254740992");
    ck_assert_str_eq(real(2251799813685249.5), "2251799813685249.5");
    ck_assert_str_eq(real(NAN), "NaN");
    ck_assert_str_eq(real(-NAN), "NaN");
    ck_assert_str_eq(real(INFINITY), "+Inf");
    ck_assert_str_eq(real(-INFINITY), "-Inf");
}
END_TEST

/* How many digits count, which are none of the zeros around them. */
static int significant(const char *text)
{
    int count = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text >= '1' && *text <= '9') {
            count += zeros + 1;
            zeros = 0;
        } else if (*text == '0' && count > 0) {
            zeros++;
        }
    }
    return count;
}

static void is_shortest(double value)
{
    char shorter[64];
    const char *text = real(value);
    double back = strtod(text, NULL);
    ck_assert_msg(back == value, "%a is written %s", value, text);
    int digits = significant(text);
    ck_assert_int_le(digits, 17);
    if (digits < 2)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    ck_assert_msg(strtod(shorter, NULL) != value, "%a is written %s, and %s is shorter", value,
                  text, shorter);
}

static uint64_t next_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(reals_are_the_shortest)
{
    uint64_t state = UINT64_C(0x2545f4914f6cdd1d);
    for (int exponent = -20; exponent <= 60; exponent++) {
        is_shortest(ldexp(1, exponent));
        is_shortest(nextafter(ldexp(1, exponent), 0));
        is_shortest(nextafter(ldexp(1, exponent), HUGE_VAL));
        for (int i = 0; i < 500; i++) {
            double mantissa = (double)(next_bits(&state) >> 11) * 0x1p-53;
            is_shortest(ldexp(1 + mantissa, exponent));
        }
    }
    for (int i = 0; i < 50000; i++) { /* those with few decimals, and all there are */
        is_shortest((double)(next_bits(&state) % 10000000000U) / 1e7);
        double any = wci_bits_double(next_bits(&state));
        if (isfinite(any))
            is_shortest(any);
    }
    is_shortest(DBL_MAX);
    is_shortest(DBL_MIN);
}
END_TEST

START_TEST(sums_have_all_their_digits)
{
    static const struct {
        struct wci_sum sum;
        const char *text;
    } sums[] = {
        {{0, 0}, "0"},
        {{0, 1}, "0.000000001"},
        {{7, 600000000}, "7.6"},
        {{-1, 500000000}, "-0.5"},
        {{-1, 0}, "-1"},
        {{-3, 999999999}, "-2.000000001"},
        {{INT64_C(9007199254740993), 123456789}, "9007199254740993.123456789"},
        {{INT64_MAX, 999999999}, "9223372036854775807.999999999"},
        {{INT64_MIN, 1}, "-9223372036854775807.999999999"},
        {{INT64_MIN, 0}, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        char text[WCI_PRINT_MOST + 1];
        *wci_print_sum(text, sums[i].sum) = '\0';
        ck_assert_str_eq(text, sums[i].text);
    }
}
END_TEST

START_TEST(another_locale_changes_nothing)
{
    enter_locale("de_DE");
    ck_assert_str_eq(real(2.5), "2.5");
    ck_assert_str_eq(real(0.1 + 0.2), "0.30000000000000004");
    ck_assert_str_eq(real(1.5e-7), "1.5e-07");
    leave_locale();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("print");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, whole_numbers);
    tcase_add_test(all, reals_as_people_write_them);
    tcase_add_test(all, reals_are_the_shortest);
    tcase_add_test(all, sums_have_all_their_digits);
    tcase_add_test(all, another_locale_changes_nothing);
    return suite;
}
