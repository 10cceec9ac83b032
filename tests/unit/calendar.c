/* Days, times of day, and the texts they are read from and written as. */
#include "base/calendar.h"

#include <wildcam/time.h>

#include "unit.h"

START_TEST(days_and_back)
{
    for (int64_t day = -800000; day < 60000; day += 37) {
        struct wci_date date;
        int64_t time;
        wci_calendar_split(day * WCI_DAY + 12345678, &date);
        ck_assert_int_eq(wci_calendar_days(date.year, date.month, date.day), day);
        ck_assert(wci_calendar_join(&date, &time));
        ck_assert_int_eq(time, day * WCI_DAY + 12345678);
    }
}
END_TEST

START_TEST(known_days)
{
    ck_assert_int_eq(wci_calendar_days(1970, 1, 1), 0);
    ck_assert_int_eq(wci_calendar_days(2000, 3, 1), 11017);
    ck_assert_int_eq(wci_calendar_days(2026, 11, 23), 20780);
    ck_assert_int_eq(wci_calendar_days(1969, 12, 31), -1);
}
END_TEST

START_TEST(no_such_day)
{
    static const struct wci_date wrong[] = {
        {2023, 2, 29, 0, 0, 0, 0},      {1900, 2, 29, 0, 0, 0, 0}, {2024, 13, 1, 0, 0, 0, 0},
        {2024, 0, 1, 0, 0, 0, 0},       {2024, 4, 31, 0, 0, 0, 0}, {2024, 1, 1, 24, 0, 0, 0},
        {2024, 1, 1, 0, 60, 0, 0},      {2024, 1, 1, 0, 0, 60, 0}, {2024, 1, 0, 0, 0, 0, 0},
        {2024, 1, 1, 0, 0, 0, 1000000},
    };
    int64_t time;
    ck_assert(!wci_calendar_join(&wrong[_i], &time));
}
END_TEST

static const struct {
    const char *text;
    int64_t time;   /* seconds since 1970 */
    int32_t offset; /* of the text */
    int microseconds;
    bool is_date;
} good[] = {
    {"1970-01-01", 0, WILDCAM_OFFSET_UNKNOWN, 0, true},
    {"2024-02-29", 1709164800, WILDCAM_OFFSET_UNKNOWN, 0, true},
    {"2026-11-23T10:15", 1795428900, WILDCAM_OFFSET_UNKNOWN, 0, false},
    {"2026-11-23 10:15", 1795428900, WILDCAM_OFFSET_UNKNOWN, 0, false},
    {"2026-11-23t10:15:07", 1795428907, WILDCAM_OFFSET_UNKNOWN, 0, false},
    {"2026-11-23T10:15:07Z", 1795428907, 0, 0, false},
    {"2026-11-23T10:15:07z", 1795428907, 0, 0, false},
    {"2026-11-23T10:15Z", 1795428900, 0, 0, false},
    {"2026-11-23T10:15:00+01:00", 1795425300, 3600, 0, false},
    {"2026-11-23T10:15:00+0100", 1795425300, 3600, 0, false},
    {"2026-11-23T10:15:00+01", 1795425300, 3600, 0, false},
    {"2026-11-23T10:15+01", 1795425300, 3600, 0, false},
    {"2026-11-23T10:15:00-03:30", 1795441500, -12600, 0, false},
    {"2026-11-23T10:15:00-00:00", 1795428900, 0, 0, false},
    {"2026-11-23T10:15:00+23:59", 1795342560, 86340, 0, false},
    {"2026-11-23T10:15:00.5", 1795428900, WILDCAM_OFFSET_UNKNOWN, 500000, false},
    {"2026-11-23T10:15:00,25Z", 1795428900, 0, 250000, false},
    {"2026-11-23T10:15:00.123456789+01:00", 1795425300, 3600, 123456, false},
    {"1970-01-01T00:00:00Z", 0, 0, 0, false},
    {"1970-01-01T01:00:00+01:00", 0, 3600, 0, false},
    {"2106-02-07T06:28:15.999999Z", 4294967295, 0, 999999, false},
};

START_TEST(reads_times)
{
    int64_t time;
    int32_t offset;
    int is_date;
    ck_assert(wci_calendar_parse(good[_i].text, &time, &offset, &is_date));
    ck_assert_int_eq(time, good[_i].time * WCI_SECOND + good[_i].microseconds);
    ck_assert_int_eq(offset, good[_i].offset);
    ck_assert_int_eq(is_date, good[_i].is_date);
}
END_TEST

static const char *const bad[] = {
    "",
    "2026",
    "2026-",
    "2026-11",
    "2026-11-2",
    "2026/11/23",
    "2026-11/23",
    "26-11-23",
    "2026-1-23",
    " 2026-11-23",
    "2026-11-23 ",
    "2026-11-23Z",
    "2026-11-23X10:15",
    "2026-11-23T",
    "2026-11-23T1",
    "2026-11-23T10",
    "2026-11-23T10:1",
    "2026-11-23T10.15",
    "2026-11-23T10:15:",
    "2026-11-23T10:15:0",
    "2026-11-23T10:15:00.",
    "2026-11-23T10:15:00.x",
    "2026-11-23T10:15:00.1234567890", /* ten decimals */
    "2026-11-23T10:15:00+",
    "2026-11-23T10:15:00+1",
    "2026-11-23T10:15:00+01:",
    "2026-11-23T10:15:00+01:0",
    "2026-11-23T10:15:00+01:00:00",
    "2026-11-23T10:15:00+24:00",
    "2026-11-23T10:15:00+01:60",
    "2026-11-23T10:15:00 Z",
    "2026-11-23T10:15:00Zulu",
    "2026-02-29",
    "2026-13-01",
    "2026-11-23T24:00",
    "2026-11-23T23:59:60",
    "1969-12-31",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+01:00",
    "2106-02-07T06:28:16Z",
    "9999-12-31",
    "202\xd9\xa6-11-23", /* an Arabic six */
};

START_TEST(reads_no_others)
{
    int64_t time;
    int32_t offset;
    int is_date;
    ck_assert_msg(!wci_calendar_parse(bad[_i], &time, &offset, &is_date), "\"%s\"", bad[_i]);
}
END_TEST

static const struct {
    int64_t time;
    int32_t offset;
    const char *text;
} written[] = {
    {0, WILDCAM_OFFSET_UNKNOWN, "1970-01-01T00:00:00+00:00"},
    {0, 0, "1970-01-01T00:00:00+00:00"},
    {0, -3600, "1969-12-31T23:00:00-01:00"},
    {INT64_C(1795425300000000), 3600, "2026-11-23T10:15:00+01:00"},
    {INT64_C(1795441500000000), -12600, "2026-11-23T10:15:00-03:30"},
    {INT64_C(1795441500000001), 0, "2026-11-23T13:45:00.000001+00:00"},
    {INT64_C(1795441500500000), 0, "2026-11-23T13:45:00.500000+00:00"},
    {INT64_C(4294967295999999), 86399, "2106-02-08T06:28:14.999999+23:59"},
    {INT64_C(4294967295999999), -86399, "2106-02-06T06:28:16.999999-23:59"},
};

START_TEST(writes_times)
{
    char text[WILDCAM_TIME_TEXT];
    size_t length = wci_calendar_format(written[_i].time, written[_i].offset, text);
    ck_assert_str_eq(text, written[_i].text);
    ck_assert_uint_eq(length, strlen(text));
}
END_TEST

START_TEST(reads_what_it_writes)
{
    for (int64_t time = 0; time < WILDCAM_TIME_END; time += INT64_C(1234567890123)) {
        char text[WILDCAM_TIME_TEXT];
        int64_t back;
        int32_t offset, wanted = (int32_t)(time / 7 % 1438 - 719) * 60;
        int is_date;
        wci_calendar_format(time, wanted, text);
        if (text[0] == '1' && strncmp(text, "1969", 4) == 0)
            continue;
        ck_assert_msg(wci_calendar_parse(text, &back, &offset, &is_date), "%s", text);
        ck_assert_int_eq(back, time);
        ck_assert_int_eq(offset, wanted);
    }
}
END_TEST

START_TEST(reads_digits)
{
    int value = 4711;
    ck_assert(wci_calendar_digits("0042x", 4, &value));
    ck_assert_int_eq(value, 42);
    ck_assert(!wci_calendar_digits("004", 4, &value));
    ck_assert(!wci_calendar_digits("0/", 2, &value));
    ck_assert(!wci_calendar_digits("0:", 2, &value));
    ck_assert_int_eq(value, 42);
}
END_TEST

static const struct {
    const char *text;
    int64_t seconds; /* -1: it is none */
} http_dates[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
    {"Xxx, 26 Nov 2026 10:00:00 GMT", 1795687200},
    {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
    {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
    {"Sun, 06 Nov 1994 08:49:37 GM", -1},
    {"Sun, 06 nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 ov  1994 08:49:37 GMT", -1},
    {"Sun, 06-Nov-1994 08:49:37 GMT", -1},
    {"Sun, 31 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
    {"Sun, 06 Nov 1994 08:49.37 GMT", -1},
    {"Sun, 06 Nov 1994 08:49    GMT", -1},
    {"Sun  06 Nov 1994 08:49:37 GMT", -1},
    {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
    {"Sun Nov  6 08:49:37 1994", -1},
    {"", -1},
};

START_TEST(reads_dates_of_http)
{
    int64_t time = -1;
    char text[64];
    size_t length = strlen(http_dates[_i].text);
    snprintf(text, sizeof text, "%s\nmore", http_dates[_i].text);
    ck_assert(wci_calendar_parse_http(text, length, &time) == (http_dates[_i].seconds >= 0));
    if (http_dates[_i].seconds >= 0)
        ck_assert_int_eq(time, http_dates[_i].seconds * WCI_SECOND);
}
END_TEST

START_TEST(tells_the_time)
{
    ck_assert_int_gt(wci_calendar_now(), INT64_C(1700000000000000));
    int64_t before = wci_calendar_monotonic();
    ck_assert_int_ge(wci_calendar_monotonic(), before);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("calendar");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, days_and_back);
    tcase_add_test(all, known_days);
    tcase_add_loop_test(all, no_such_day, 0, 10);
    tcase_add_loop_test(all, reads_times, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(all, reads_no_others, 0, sizeof bad / sizeof bad[0]);
    tcase_add_loop_test(all, writes_times, 0, sizeof written / sizeof written[0]);
    tcase_add_test(all, reads_what_it_writes);
    tcase_add_test(all, reads_digits);
    tcase_add_loop_test(all, reads_dates_of_http, 0, sizeof http_dates / sizeof http_dates[0]);
    tcase_add_test(all, tells_the_time);
    return suite;
}
