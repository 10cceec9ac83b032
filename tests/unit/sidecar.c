/* The files that the WildCAM firmware writes beside its pictures. */
#include "exchange/sidecar.h"

#include <jansson.h>
#include <math.h>

#include "unit.h"

static const int64_t now = INT64_C(1780000000000000);
/* 2026-03-01T10:15:00Z */
static const int64_t morning = INT64_C(1772360100000000);

static struct wci_sidecar read_it(const char *json)
{
    struct wci_sidecar sidecar;
    assert_done(wci_sidecar_read(json, strlen(json), now, &sidecar));
    return sidecar;
}

START_TEST(a_whole_one)
{
    struct wci_sidecar sidecar = read_it(
        "{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"NTP\","
        "\"image_path\":\"/images/20260301/IMG_101500_001.jpg\",\"battery_voltage\":3.91,"
        "\"battery_percent\":78,\"image_size\":182344,\"image_count\":41,"
        "\"environment\":{\"temperature\":4.5,\"humidity\":81.2,\"pressure\":1009.3},"
        "\"gps\":{\"latitude\":50.85,\"longitude\":4.35,\"altitude\":61.5,\"satellites\":9}}");
    ck_assert_int_eq(sidecar.time, morning);
    ck_assert_int_eq(sidecar.offset, WILDCAM_OFFSET_UNKNOWN); /* whose Z says nothing */
    ck_assert(sidecar.latitude == 50.85 && sidecar.longitude == 4.35 && sidecar.altitude == 61.5);
    ck_assert(sidecar.battery_level == 78 && sidecar.battery_voltage == 3.91);
    ck_assert(sidecar.temperature == 4.5 && sidecar.humidity == 81.2);
    ck_assert_str_eq(wci_text_get(&sidecar.rest),
                     "{\"time_source\":\"NTP\",\"image_path\":\"/images/20260301/"
                     "IMG_101500_001.jpg\",\"battery_voltage\":3.91,\"battery_percent\":78,"
                     "\"image_size\":182344,\"image_count\":41,\"environment\":{"
                     "\"temperature\":4.5,\"humidity\":81.2,\"pressure\":1009.3},"
                     "\"gps\":{\"satellites\":9}}");
    wci_sidecar_free(&sidecar);
}
END_TEST

START_TEST(times)
{
    static const struct {
        const char *json;
        int64_t time;
        int32_t offset;
    } cases[] = {
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\"}", 0, WILDCAM_OFFSET_UNKNOWN},
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"External RTC (DS3231)\"}", 0,
         WILDCAM_OFFSET_UNKNOWN},
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"Internal RTC\"}", 0,
         WILDCAM_OFFSET_UNKNOWN},
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"Manual\"}", 0,
         WILDCAM_OFFSET_UNKNOWN},
        {"{\"timestamp\":\"2026-03-01T11:15:00+01:00\"}", 0, 3600},
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"Not Set\"}", WILDCAM_TIME_NONE,
         0},
        {"{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"millis\"}", WILDCAM_TIME_NONE,
         0},
        {"{\"timestamp\":1772360100}", WILDCAM_TIME_NONE, 0},
        {"{\"timestamp\":912345,\"time_source\":\"millis\"}", WILDCAM_TIME_NONE, 0},
        {"{\"timestamp\":\"2026-03-01\"}", WILDCAM_TIME_NONE, 0},
        {"{\"timestamp\":\"2027-03-01T10:15:00Z\"}", WILDCAM_TIME_NONE, 0}, /* the future */
        {"{\"timestamp\":\"soon\"}", WILDCAM_TIME_NONE, 0},
        {"{}", WILDCAM_TIME_NONE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wci_sidecar sidecar = read_it(cases[i].json);
        ck_assert_msg(sidecar.time == (cases[i].time ? cases[i].time : morning), "%s",
                      cases[i].json);
        if (!cases[i].time)
            ck_assert_msg(sidecar.offset == cases[i].offset, "%s", cases[i].json);
        /* A time that is not taken stays with the rest. */
        ck_assert_msg(!strstr(wci_text_get(&sidecar.rest), "timestamp") ==
                          (!cases[i].time || !strstr(cases[i].json, "timestamp")),
                      "%s", cases[i].json);
        wci_sidecar_free(&sidecar);
    }
}
END_TEST

START_TEST(what_cannot_be_is_not_taken)
{
    struct wci_sidecar sidecar = read_it(
        "{\"battery_percent\":250,\"battery_voltage\":\"4\",\"environment\":{\"temperature\":0,"
        "\"humidity\":0},\"gps\":{\"latitude\":0,\"longitude\":0.0,\"altitude\":5}}");
    ck_assert(isnan(sidecar.battery_level) && isnan(sidecar.battery_voltage));
    ck_assert(isnan(sidecar.temperature) && isnan(sidecar.humidity));
    ck_assert(isnan(sidecar.latitude) && isnan(sidecar.longitude) && isnan(sidecar.altitude));
    ck_assert_ptr_nonnull(strstr(wci_text_get(&sidecar.rest), "250"));
    wci_sidecar_free(&sidecar);
    sidecar = read_it("{\"gps\":{\"latitude\":95,\"longitude\":4},\"environment\":[1]}");
    ck_assert(isnan(sidecar.latitude) && isnan(sidecar.longitude));
    wci_sidecar_free(&sidecar);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    static const char *const texts[] = {"", "[]", "{", "42", "{\"a\":1,\"a\":2}", "{}x"};
    struct wci_sidecar sidecar;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_fails(WILDCAM_ERR_INVALID, "side file",
                     wci_sidecar_read(texts[i], strlen(texts[i]), now, &sidecar));
    wci_error_clear();
    char *large = calloc(1, WCI_SIDECAR_MAX + 1);
    assert_fails(WILDCAM_ERR_TOOLARGE, "65536",
                 wci_sidecar_read(large, WCI_SIDECAR_MAX + 1, now, &sidecar));
    free(large);
    wci_error_clear();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sidecar");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, a_whole_one);
    tcase_add_test(all, times);
    tcase_add_test(all, what_cannot_be_is_not_taken);
    tcase_add_test(all, what_is_none_is_refused);
    return suite;
}
