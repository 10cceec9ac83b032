/* Processing: detectors of the program's own, and what becomes of the pictures they look at. */
#include <math.h>

#include "api/fixtures.h"

static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)user;
    (void)picture;
    return wildcam_findings_add_blank(findings, 1);
}

START_TEST(detectors_have_names_of_their_own)
{
    char name[102];
    memset(name, 'a', 101);
    name[101] = '\0';
    wildcam_station *station = open_with("process.detector", "other", NULL);
    assert_ok(wildcam_station_add_detector(station, "model-2.1_b", "2026-11", look, NULL));
    assert_fails(WILDCAM_ERR_EXISTS, "model-2.1_b",
                 wildcam_station_add_detector(station, "model-2.1_b", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 100",
                 wildcam_station_add_detector(station, "", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 100",
                 wildcam_station_add_detector(station, name, NULL, look, NULL));
    assert_ok(wildcam_station_add_detector(station, name + 1, NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "letters",
                 wildcam_station_add_detector(station, "a,b", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "version",
                 wildcam_station_add_detector(station, "other", "1\n2", look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "function",
                 wildcam_station_add_detector(station, "other", NULL, NULL, NULL));
    assert_ok(wildcam_station_add_detector(station, "other", "", look, NULL));
    wildcam_station_close(station);
}
END_TEST

START_TEST(nothing_is_no_picture)
{
    const void *data = "";
    size_t size = 1;
    ck_assert_ptr_null(wildcam_picture_get_image(NULL));
    ck_assert_str_eq(wildcam_picture_get_device_id(NULL), "");
    ck_assert_str_eq(wildcam_picture_get_path(NULL), "");
    ck_assert_int_eq(wildcam_picture_get_cancelled(NULL), 1);
    assert_status(WILDCAM_ERR_INVALID, wildcam_picture_read(NULL, &data, &size));
    ck_assert_ptr_null(data);
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_add(NULL, 1, NULL, NAN, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_add_blank(NULL, 1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_set_reason(NULL, "why"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("process");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, detectors_have_names_of_their_own);
    tcase_add_test(all, nothing_is_no_picture);
    return suite;
}
