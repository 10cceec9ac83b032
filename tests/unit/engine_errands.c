/* What is asked of an engine beside uploads: errands, URLs, how its regions are. */
#include "base/calendar.h"
#include "engine_unit.h"

static void note_errand(void *user, struct wci_errand *errand)
{
    (void)errand;
    atomic_store((atomic_bool *)user, true);
}

static void run_errand(struct wci_errand *errand, enum wci_s3_verb verb, const char *key)
{
    atomic_bool is_done = false;
    *errand = (struct wci_errand){.verb = verb, .key = key, .done = note_errand, .user = &is_done};
    assert_done(wci_engine_run_errand(engine, errand));
    ck_assert(wci_engine_wait(engine, &is_done, fake_now() + 86400 * WCI_SECOND));
}

START_TEST(errands_are_run)
{
    struct wci_errand errand;
    struct parcel parcel;
    engine_begin(2);
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_MISSING);
    ck_assert_int_eq(errand.error.status, WILDCAM_OK);
    parcel_deliver(&parcel, "key", 100);
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_OK);
    ck_assert_int_eq(errand.answer.content_length, 100);
    parcel_arrived(&parcel, 0);
    /* What is forbidden is told, and does not count against the region. */
    fake_rule(says(0, WCI_S3_DELETE, 403, "AccessDenied"));
    run_errand(&errand, WCI_S3_DELETE, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_REFUSED);
    ck_assert_int_eq(errand.error.status, WILDCAM_ERR_UPLOAD);
    ck_assert_ptr_nonnull(strstr(errand.error.message, "r0: 403 AccessDenied"));
    run_errand(&errand, WCI_S3_DELETE, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_OK);
    ck_assert_int_eq(fake_objects(), 0);
    fake_rule(
        (struct fake_rule){.region = 0, .verb = WCI_S3_HEAD, .times = FAKE_FOREVER, .status = 500});
    run_errand(&errand, WCI_S3_HEAD, "key");
    ck_assert_int_eq(errand.outcome, WCI_OUTCOME_TRANSIENT);
    assert_status(WILDCAM_ERR_INVALID,
                  wci_engine_run_errand(engine, &(struct wci_errand){.key = ""}));
    engine_end();
}
END_TEST

START_TEST(urls_are_signed)
{
    struct wci_text url = {0};
    engine_begin(2);
    assert_done(wci_engine_presign(engine, 1, "images/a b.jpg", 3600, &url));
    ck_assert_msg(strncmp(url.data, "http://r1.test/bucket/images/a%20b.jpg?", 39) == 0, "%s",
                  url.data);
    ck_assert_ptr_nonnull(strstr(url.data, "X-Amz-Expires=3600"));
    ck_assert_ptr_null(strstr(url.data, "secret"));
    assert_status(WILDCAM_ERR_INVALID, wci_engine_presign(engine, 1, "", 3600, &url));
    wci_text_free(&url);
    engine_end();
}
END_TEST

START_TEST(regions_are_found_and_looked_at)
{
    struct wci_region_report report;
    struct wci_text reason = {0};
    struct parcel parcel;
    engine_begin(2);
    ck_assert_uint_eq(wci_engine_regions(engine), 2);
    ck_assert_int_eq(wci_engine_find_region(engine, "r1"), 1);
    ck_assert_int_eq(wci_engine_find_region(engine, "r"), -1);
    ck_assert_str_eq(wci_engine_region(engine, 1)->bucket, "bucket");
    ck_assert_int_gt(wci_engine_room(engine), 0);
    fake_rule(says(0, WCI_S3_PUT, 403, "AccessDenied"));
    parcel_deliver(&parcel, "key", 100);
    parcel_arrived(&parcel, 1);
    wci_engine_look(engine, 0, &report, &reason);
    ck_assert_int_eq(report.state, WCI_REGION_MISCONFIGURED);
    ck_assert_str_eq(wci_text_get(&reason), "403 AccessDenied: as the rule says (request 4f2)");
    wci_engine_look(engine, 1, &report, &reason);
    ck_assert_int_eq(report.state, WCI_REGION_OK);
    ck_assert(report.is_current);
    ck_assert_str_eq(wci_text_get(&reason), "");
    wci_text_free(&reason);
    engine_end();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("engine_errands");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, errands_are_run);
    tcase_add_test(all, urls_are_signed);
    tcase_add_test(all, regions_are_found_and_looked_at);
    return suite;
}
