/* Times in the words people and cameras write them in. */
#include <math.h>
#include <time.h>

#include "api/fixtures.h"

START_TEST(sources_have_names)
{
#define ROW(name, value, text) ck_assert_str_eq(wildcam_time_source_name(value), text);
    WILDCAM_TIME_SOURCE_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_time_source_name(-1), "unknown");
    ck_assert_str_eq(wildcam_time_source_name(7), "unknown");
}
END_TEST

#define NO_OFFSET WILDCAM_OFFSET_UNKNOWN
/* 2026-11-23T10:15:00Z */
#define MORNING INT64_C(1795428900000000)

static const struct {
    const char *text;
    int64_t time;
    int32_t offset;
    int is_date;
} readable[] = {
    {"2026-11-23", INT64_C(1795392000000000), NO_OFFSET, 1},
    {"2026-11-23T10:15", MORNING, NO_OFFSET, 0},
    {"2026-11-23T10:15:00", MORNING, NO_OFFSET, 0},
    {"2026-11-23 10:15:00", MORNING, NO_OFFSET, 0},
    {"2026-11-23t10:15:00z", MORNING, 0, 0},
    {"2026-11-23T10:15:00Z", MORNING, 0, 0},
    {"2026-11-23T11:15:00+01:00", MORNING, 3600, 0},
    {"2026-11-23T11:15:00+0100", MORNING, 3600, 0},
    {"2026-11-23T11:15:00+01", MORNING, 3600, 0},
    {"2026-11-23T06:45:00-03:30", MORNING, -12600, 0},
    {"2026-11-23T10:15:00.5Z", MORNING + 500000, 0, 0},
    {"2026-11-23T10:15:00.123456789Z", MORNING + 123456, 0, 0},
    {"2026-11-23T10:15:00,25Z", MORNING + 250000, 0, 0},
    {"1970-01-01", 0, NO_OFFSET, 1},
    {"2106-02-07T06:28:15.999999Z", WILDCAM_TIME_END - 1, 0, 0},
    {"2024-02-29", INT64_C(1709164800000000), NO_OFFSET, 1},
};

START_TEST(reads_iso_8601)
{
    int64_t time = -1;
    int32_t offset = -1;
    int is_date = -1;
    assert_ok(wildcam_time_parse(readable[_i].text, &time, &offset, &is_date));
    ck_assert_int_eq(time, readable[_i].time);
    ck_assert_int_eq(offset, readable[_i].offset);
    ck_assert_int_eq(is_date, readable[_i].is_date);
    assert_ok(wildcam_time_parse(readable[_i].text, &time, NULL, NULL));
}
END_TEST

static const char *const unreadable[] = {
    "",
    "noon",
    "2026",
    "2026-11",
    "2026-11-23T",
    "2026-11-23T10",
    "2026-11-23T10:1",
    "2026-11-23T10:15:0",
    "2026-11-23T10:15:00.",
    "2026-11-23T10:15:00.1234567890Z",
    "2026-11-23T10:15:00+1",
    "2026-11-23T10:15:00+24:00",
    "2026-11-23T10:15:00+01:60",
    "2026-11-23T10:15:00+01:0",
    "2026-11-23T10:15:00Z ",
    "2026-11-23x10:15:00",
    "2026-02-29",
    "2026-13-01",
    "2026-00-01",
    "2026-01-32",
    "2026-01-01T24:00",
    "2026-01-01T10:60",
    "2026-01-01T10:00:60",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+00:01",
    "2106-02-07T06:28:16Z",
    "26-11-23",
    "2026/11/23",
    "2026-11-23\xff",
};

START_TEST(refuses_what_is_no_time)
{
    int64_t time = 42;
    int32_t offset = 43;
    int is_date = 44;
    assert_fails(WILDCAM_ERR_INVALID, "ISO 8601",
                 wildcam_time_parse(unreadable[_i], &time, &offset, &is_date));
    ck_assert_int_eq(time, 42);
    ck_assert_int_eq(offset, 43);
    ck_assert_int_eq(is_date, 44);
}
END_TEST

START_TEST(numbers_in_seconds_and_milliseconds)
{
    int64_t time = 42, now = wildcam_time_now();
    assert_ok(wildcam_time_from_number(1795428900 - 365 * 86400, &time));
    ck_assert_int_eq(time, MORNING - 365 * DAY);
    assert_ok(wildcam_time_from_number(1795428900000.0 - 365 * 86400e3, &time));
    ck_assert_int_eq(time, MORNING - 365 * DAY);
    assert_ok(wildcam_time_from_number(946684800, &time));
    assert_ok(wildcam_time_from_number((double)now / 1e6 + 86000, &time));
    const double refused[] = {0,     946684799, 123456,   -1,        -1795428900,
                              1e300, NAN,       INFINITY, -INFINITY, (double)now / 1e6 + 86500};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        time = 42;
        assert_fails(WILDCAM_ERR_INVALID, "1970", wildcam_time_from_number(refused[i], &time));
        ck_assert_int_eq(time, 42);
    }
}
END_TEST

START_TEST(names_by_a_pattern)
{
    static const struct {
        const char *pattern, *path;
    } good[] = {
        {"%Y%m%d_%H%M%S", "20261123_101500.jpg"},
        {"%Y%m%d_%H%M%S", "/a/b/CAM1-20261123_101500-3.jpg"},
        {"%m%d%Y%H%M%S", "PICT_11232026101500.JPG"},
        {"%d.%m.%y %Hh%M", "garden/23.11.26 10h15 fox.jpg"},
        {"%Y/%m/%d/IMG%?%H%M%S", "cards/2026/11/23/IMG-101500.jpg"},
        {"%Y-%m-%d%*_%H-%M-%S", "2026-11-23 gate 7_10-15-00.jpg"},
        {"100%%%Y%m%d%H%M", "100%202611231015"},
        {"%%?%Y%m%d%H%M", "%?202611231015"},
        {"%Y%m%d_%H%M%S", "20200101_000000/20261123_101500.jpg"}, /* the last counts */
    };
    static const struct {
        const char *pattern, *path;
    } bad[] = {
        {"%Y%m%d_%H%M%S", "20261323_101500.jpg"},  /* no such month */
        {"%Y%m%d_%H%M%S", "120261123_101500.jpg"}, /* of a longer number */
        {"%Y%m%d_%H%M%S", "20261123_1015000.jpg"}, /* the same */
        {"%Y%m%d_%H%M%S", "20261123-101500.jpg"},
        {"%Y-%m-%d%*_%H-%M", "2026-11-23/_10-15"}, /* beyond a folder */
        {"%Y%m%d_%H%M%S", ""},
        {"%Y%m%d_%H%M%S", "19691123_101500"},
    };
    static const char *const none[] = {
        "",
        "%Y",
        "%Y%m%d",
        "%y%Y%m%d%H%M",
        "%m%d%H%M",
        "%Y%m%d%H%M%m",
        "%Y%m%d%H%M%",
        "%Y%m%d%H%M%q",
        "%Y%*%m%*%d%*%H%M",
        "%B%Y%d%H%M",
    };
    int64_t time;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        time = 0;
        assert_ok(wildcam_time_from_name(good[i].path, good[i].pattern, &time));
        ck_assert_msg(time == MORNING, "%s", good[i].path);
    }
    time = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(WILDCAM_ERR_NOTFOUND,
                      wildcam_time_from_name(bad[i].path, bad[i].pattern, &time));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "pattern",
                     wildcam_time_from_name("20261123_101500", none[i], &time));
    ck_assert_int_eq(time, 42);
}
END_TEST

START_TEST(paths_of_the_firmware)
{
    int64_t time = 42;
    static const char *const good[] = {
        "/sd/images/20261123/IMG_101500_001.jpg",
        "20261123/IMG_101500_001.jpg",
        "/20260101/IMG_000000_1/20261123/IMG_101500.jpg",
    };
    static const char *const bad[] = {
        "",
        "IMG_101500_001.jpg",
        "20261123/PIC_101500_001.jpg",
        "20261123/IMG_1015001.jpg",
        "20261323/IMG_101500_001.jpg",
        "20261123/IMG_246100_001.jpg",
        "20261123/IMG_101500_001/picture.jpg",
        "x20261123/IMG_101500_001.jpg",
        "19691231/IMG_101500_001.jpg",
        "22001231/IMG_101500_001.jpg",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(wildcam_time_from_path(good[i], &time));
        ck_assert_int_eq(time, MORNING);
    }
    time = 42;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(WILDCAM_ERR_NOTFOUND, wildcam_time_from_path(bad[i], &time));
    ck_assert_int_eq(time, 42);
}
END_TEST

static const struct {
    int64_t time;
    int32_t offset;
    const char *text;
} written[] = {
    {MORNING, 0, "2026-11-23T10:15:00+00:00"},
    {MORNING, NO_OFFSET, "2026-11-23T10:15:00+00:00"},
    {MORNING, 3600, "2026-11-23T11:15:00+01:00"},
    {MORNING, -12600, "2026-11-23T06:45:00-03:30"},
    {MORNING + 1, 0, "2026-11-23T10:15:00.000001+00:00"},
    {0, -86399, "1969-12-31T00:00:01-23:59"},
    {WILDCAM_TIME_END - 1, 86399, "2106-02-08T06:28:14.999999+23:59"},
};

START_TEST(writes_iso_8601)
{
    char text[WILDCAM_TIME_TEXT];
    assert_ok(wildcam_time_format(written[_i].time, written[_i].offset, text, sizeof text));
    ck_assert_str_eq(text, written[_i].text);
}
END_TEST

START_TEST(writes_only_within_limits)
{
    char text[WILDCAM_TIME_TEXT];
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_time_format(-1, 0, text, sizeof text));
    assert_fails(WILDCAM_ERR_INVALID, "2106",
                 wildcam_time_format(WILDCAM_TIME_END, 0, text, sizeof text));
    assert_fails(WILDCAM_ERR_INVALID, "86400", wildcam_time_format(0, 86400, text, sizeof text));
    assert_fails(WILDCAM_ERR_INVALID, "-86400", wildcam_time_format(0, -86400, text, sizeof text));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_time_format(WILDCAM_TIME_NONE, 0, text, sizeof text));
    assert_fails(WILDCAM_ERR_INVALID, "39", wildcam_time_format(0, 0, text, sizeof text - 1));
}
END_TEST

START_TEST(now_goes_on)
{
    int64_t before = (int64_t)time(NULL) * SECOND, now = wildcam_time_now();
    int64_t after = ((int64_t)time(NULL) + 1) * SECOND;
    ck_assert_int_ge(now, before);
    ck_assert_int_le(now, after);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("time");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, sources_have_names);
    tcase_add_loop_test(all, reads_iso_8601, 0, sizeof readable / sizeof readable[0]);
    tcase_add_loop_test(all, refuses_what_is_no_time, 0, sizeof unreadable / sizeof unreadable[0]);
    tcase_add_test(all, numbers_in_seconds_and_milliseconds);
    tcase_add_test(all, paths_of_the_firmware);
    tcase_add_test(all, names_by_a_pattern);
    tcase_add_loop_test(all, writes_iso_8601, 0, sizeof written / sizeof written[0]);
    tcase_add_test(all, writes_only_within_limits);
    tcase_add_test(all, now_goes_on);
    return suite;
}
