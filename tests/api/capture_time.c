/* When a picture was taken: who is believed, and that nothing is made up. */
#include <math.h>

#include "api/fixtures.h"

#define NO_OFFSET WILDCAM_OFFSET_UNKNOWN
enum { GIVEN = 1, FALLBACK = 2 };

/* What the picture says, what the sender says, and what comes of it. "now" is the reception. */
static const struct {
    const char *exif, *exif_offset;
    int said; /* GIVEN and FALLBACK, added up */
    const char *time;
    int32_t offset;
    int source;
} rules[] = {
    {NULL, NULL, 0, "now", 0, WILDCAM_TIME_SOURCE_RECEIVED},
    {NULL, NULL, GIVEN, "2025-06-01T12:00:00Z", 3600, WILDCAM_TIME_SOURCE_CLIENT},
    {NULL, NULL, FALLBACK, "2024-06-01T12:00:00Z", -3600, WILDCAM_TIME_SOURCE_SIDECAR},
    {NULL, NULL, GIVEN | FALLBACK, "2025-06-01T12:00:00Z", 3600, WILDCAM_TIME_SOURCE_CLIENT},
    {"2026:03:01 10:00:00", NULL, 0, "2026-03-01T10:00:00", NO_OFFSET, WILDCAM_TIME_SOURCE_EXIF},
    {"2026:03:01 10:00:00", "+02:00", 0, "2026-03-01T08:00:00Z", 7200, WILDCAM_TIME_SOURCE_EXIF},
    {"2026:03:01 10:00:00", "-05:30", 0, "2026-03-01T15:30:00Z", -19800, WILDCAM_TIME_SOURCE_EXIF},
    {"2026:03:01 10:00:00", NULL, FALLBACK, "2026-03-01T10:00:00", NO_OFFSET,
     WILDCAM_TIME_SOURCE_EXIF},
    {"2026:03:01 10:00:00", NULL, GIVEN, "2025-06-01T12:00:00Z", 3600, WILDCAM_TIME_SOURCE_CLIENT},
    /* A clock from the future is not believed, one that stands at nothing is none. */
    {"2099:01:01 00:00:00", NULL, 0, "now", 0, WILDCAM_TIME_SOURCE_RECEIVED},
    {"2099:01:01 00:00:00", NULL, FALLBACK, "2024-06-01T12:00:00Z", -3600,
     WILDCAM_TIME_SOURCE_SIDECAR},
    {"0000:00:00 00:00:00", NULL, 0, "now", 0, WILDCAM_TIME_SOURCE_RECEIVED},
    {"    :  :     :  :  ", NULL, FALLBACK, "2024-06-01T12:00:00Z", -3600,
     WILDCAM_TIME_SOURCE_SIDECAR},
    {"2026:02:30 10:00:00", NULL, 0, "now", 0, WILDCAM_TIME_SOURCE_RECEIVED},
};

static wildcam_image *take_in(wildcam_station *station, const struct jpeg *jpeg, int said,
                              int64_t given, int64_t fallback)
{
    wildcam_ingest *ingest;
    wildcam_image *image;
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "CAM1"));
    if (said & GIVEN)
        assert_ok(wildcam_ingest_set_time(ingest, given, 3600, WILDCAM_TIME_SOURCE_CLIENT));
    if (said & FALLBACK)
        assert_ok(
            wildcam_ingest_set_fallback_time(ingest, fallback, -3600, WILDCAM_TIME_SOURCE_SIDECAR));
    assert_ok(wildcam_ingest_write(ingest, jpeg->data, jpeg->size));
    assert_ok(wildcam_ingest_commit(ingest));
    assert_ok(wildcam_station_get_image(station, wildcam_ingest_get_image_id(ingest), &image));
    wildcam_ingest_free(ingest);
    return image;
}

START_TEST(first_who_knows)
{
    const struct exif_facts exif = {.date_time_original = rules[_i].exif,
                                    .offset = rules[_i].exif_offset,
                                    .latitude = NAN,
                                    .longitude = NAN,
                                    .altitude = NAN};
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &exif);
    wildcam_station *station = open_with(NULL, NULL);
    expect_log("claims a time in the future");
    wildcam_image *image = take_in(station, &jpeg, rules[_i].said, at("2025-06-01T12:00:00Z"),
                                   at("2024-06-01T12:00:00Z"));
    bool by_reception = strcmp(rules[_i].time, "now") == 0;
    ck_assert_int_eq(wildcam_image_get_time(image),
                     by_reception ? wildcam_image_get_received_at(image) : at(rules[_i].time));
    ck_assert_int_eq(wildcam_image_get_offset(image), rules[_i].offset);
    ck_assert_int_eq(wildcam_image_get_time_source(image), rules[_i].source);
    ck_assert_int_eq(count_log("future"),
                     rules[_i].exif && strncmp(rules[_i].exif, "2099", 4) == 0);
    wildcam_image_free(image);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

/* A clock that is a little ahead is believed: time zones are worth a day. */
START_TEST(clock_within_a_day)
{
    char text[WILDCAM_TIME_TEXT], digits[20];
    wildcam_station *station = open_with(NULL, NULL);
    int64_t soon = (wildcam_time_now() / SECOND + 80000) * SECOND;
    assert_ok(wildcam_time_format(soon, 0, text, sizeof text));
    snprintf(digits, sizeof digits, "%.4s:%.2s:%.2s %.8s", text, text + 5, text + 8, text + 11);
    const struct exif_facts exif = {
        .date_time_original = digits, .latitude = NAN, .longitude = NAN, .altitude = NAN};
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &exif);
    wildcam_image *image = take_in(station, &jpeg, 0, 0, 0);
    ck_assert_int_eq(wildcam_image_get_time(image), soon);
    wildcam_image_free(image);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

START_TEST(limits_of_what_is_said)
{
    static const struct {
        int64_t time;
        int32_t offset;
        int source;
    } wrong[] = {
        {-1, 0, 0},
        {WILDCAM_TIME_END, 0, 0},
        {WILDCAM_TIME_NONE, 0, 0},
        {0, 86400, 0},
        {0, -86400, 0},
        {0, INT32_MAX, 0},
        {0, 0, -1},
        {0, 0, 7},
    };
    wildcam_ingest *ingest;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_status(
            WILDCAM_ERR_INVALID,
            wildcam_ingest_set_time(ingest, wrong[i].time, wrong[i].offset, wrong[i].source));
        assert_status(WILDCAM_ERR_INVALID,
                      wildcam_ingest_set_fallback_time(ingest, wrong[i].time, wrong[i].offset,
                                                       wrong[i].source));
    }
    assert_ok(wildcam_ingest_set_time(ingest, WILDCAM_TIME_MIN, -86399, 0));
    assert_ok(wildcam_ingest_set_time(ingest, WILDCAM_TIME_END - 1, 86399, 6));
    assert_ok(wildcam_ingest_set_time(ingest, 0, NO_OFFSET, 0));
    wildcam_ingest_free(ingest);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("capture_time");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, first_who_knows, 0, sizeof rules / sizeof rules[0]);
    tcase_add_test(all, clock_within_a_day);
    tcase_add_test(all, limits_of_what_is_said);
    return suite;
}
