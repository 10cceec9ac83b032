/* The detector `motion` as a program meets it: by a setting, and by what is said of pictures. */
#include "api/fixtures.h"

#define NOON INT64_C(1772539200000000) /* 2026-03-03 */
#define HOUR (3600 * SECOND)

/* A picture of the scene of that seed, in bytes of its own. */
static int64_t add_view(wildcam_station *station, unsigned scene, int hours)
{
    struct jpeg jpeg = make_jpeg(320, 240, JPEG_COLOUR, scene);
    jpeg_append(&jpeg, &hours, sizeof hours);
    int64_t id = add_picture(station, "A1", &jpeg, NOON + hours * HOUR);
    jpeg_free(&jpeg);
    return id;
}

/* The category of a picture's first detection, after it was processed. */
static const char *say(wildcam_station *station, unsigned scene, int hours)
{
    int64_t id = add_view(station, scene, hours), done, failed;
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    const char *word = "none";
    assert_ok(wildcam_station_process_once(station, 60000, &done, &failed));
    ck_assert(done == 1 && failed == 0);
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    while (wildcam_cursor_next(cursor, &row) == 1) {
        wildcam_box box;
        if (wildcam_detection_get_image_id(row) != id)
            continue;
        word = wildcam_category_name(wildcam_detection_get_category(row));
        if (strcmp(word, "unclassified") != 0) {
            ck_assert_str_eq(wildcam_detection_get_detector(row), "motion");
            ck_assert_str_ne(wildcam_detection_get_detector_version(row), "");
            double sure = wildcam_detection_get_confidence(row);
            ck_assert(sure > 0 && sure < 1);
        }
        if (strcmp(word, "unknown") == 0)
            ck_assert_int_eq(wildcam_detection_get_box(row, &box), 1);
    }
    wildcam_cursor_free(cursor);
    return word;
}

static wildcam_station *open_motion(const char *thumbnail)
{
    return open_with("process.detector", "motion", "images.thumbnail", thumbnail, NULL);
}

START_TEST(pictures_are_blank_or_something_moved)
{
    wildcam_station *station = open_motion("320x240");
    ck_assert_str_eq(say(station, 1, 0), "unclassified");
    ck_assert_str_eq(say(station, 1, 1), "unclassified");
    ck_assert_str_eq(say(station, 1, 2), "blank");
    ck_assert_str_eq(say(station, 3, 3), "unknown");
    wildcam_station_close(station);
    station = open_motion("320x240"); /* and it knows the place */
    ck_assert_str_eq(say(station, 1, 4), "blank");
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* How large thumbnails are is none of its business. */
START_TEST(size_of_thumbnails_is_not_what_it_looks_at)
{
    static const char *const sizes[] = {"16x16", "320x240"};
    wildcam_station *station = open_motion(sizes[_i]);
    for (int hours = 0; hours < 3; hours++)
        say(station, 1, hours);
    wildcam_station_close(station);
    station = open_motion(sizes[1 - _i]);
    ck_assert_str_eq(say(station, 1, 3), "blank");
    ck_assert_str_eq(say(station, 3, 4), "unknown");
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("motion");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, pictures_are_blank_or_something_moved);
    tcase_add_loop_test(all, size_of_thumbnails_is_not_what_it_looks_at, 0, 2);
    return suite;
}
