/* What several detectors say of one picture, and what is left of it. */
#include "process/findings.h"

#include <math.h>

#include "unit.h"

static struct wildcam_findings findings;

static void begin(void)
{
    wci_findings_init(&findings);
}

static void end(void)
{
    wci_findings_release(&findings);
}

/* A detector that answers the first letters of categories: "ab" is an animal, then blank. "" says
 * nothing. */
static void answer(const char *name, const char *letters)
{
    static const char known[] = "cahvbu"; /* in the order of their numbers */
    struct wci_detector detector = {0};
    assert_done(wci_text_set(&detector.name, name, strlen(name)));
    assert_done(wci_text_set(&detector.version, "1", 1));
    assert_done(wci_findings_begin(&findings, &detector));
    for (; *letters; letters++)
        assert_done(wci_findings_add(&findings, (int)(strchr(known, *letters) - known), NULL, 0.5,
                                     NULL, NULL));
    wci_findings_end(&findings);
    wci_text_free(&detector.name);
    wci_text_free(&detector.version);
}

/* "a1 b2": an animal by detector 1, blank by detector 2. */
static void assert_left(const char *wanted)
{
    char text[200] = "";
    size_t length = 0;
    wci_findings_settle(&findings);
    for (size_t i = 0; i < findings.count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%c%s", i ? " " : "",
                                   "cahvbu"[findings.list[i].category],
                                   wci_text_get(&findings.list[i].detector));
    ck_assert_str_eq(text, wanted);
}

static const struct {
    const char *first, *second, *left;
} merges[] = {
    {"", "", ""},       {"a", "", "a1"},  {"", "a", "a2"},  {"ah", "v", "a1 h1 v2"},
    {"u", "a", "a2"},   /* what was not sure yields */
    {"u", "", "u1"},    /* but not to silence */
    {"uau", "b", "a1"}, /* somebody saw something: it is not blank */
    {"u", "b", "b2"},   /* the later one is asked to judge the earlier one */
    {"b", "u", "u2"},   {"b", "b", "b2"}, {"bb", "", "b1"}, /* blank once */
    {"c", "b", "b2"},   {"", "bc", "b2"}, {"", "cb", "b2"}, {"", "cc", "c2 c2"},
    {"ab", "", "a1"},
};

START_TEST(later_detectors_complete_earlier_ones)
{
    answer("1", merges[_i].first);
    answer("2", merges[_i].second);
    assert_left(merges[_i].left);
}
END_TEST

START_TEST(finding_has_what_was_said)
{
    static const wildcam_box box = {0.25, 0.5, 0.25, 0.25};
    struct wci_detector detector = {0};
    assert_done(wci_text_set(&detector.name, "model", 5));
    assert_done(wci_findings_begin(&findings, &detector));
    assert_done(wci_findings_add(&findings, -1, "human", NAN, NULL, ""));
    assert_done(wci_findings_set_detector(&findings, "model B", "v6"));
    assert_done(
        wci_findings_add(&findings, WILDCAM_CATEGORY_ANIMAL, "Lynx lynx", 1, &box, "{\"a\":1}"));
    const wildcam_detection *first = &findings.list[0], *second = &findings.list[1];
    ck_assert_int_eq(wildcam_detection_get_category(first), WILDCAM_CATEGORY_HUMAN);
    ck_assert_str_eq(wildcam_detection_get_detector(first), "model");
    ck_assert_str_eq(wildcam_detection_get_detector_version(first), "");
    ck_assert_str_eq(wildcam_detection_get_detector(second), "model B");
    ck_assert_str_eq(wildcam_detection_get_detector_version(second), "v6");
    ck_assert_str_eq(wildcam_detection_get_species(second), "Lynx lynx");
    ck_assert_str_eq(wildcam_detection_get_metadata(second), "{\"a\":1}");
    ck_assert(second->has_box && memcmp(&second->box, &box, sizeof box) == 0);
    ck_assert(isnan(first->confidence) && second->confidence == 1);
    wci_text_free(&detector.name);
}
END_TEST

START_TEST(refuses_what_is_outside_its_limits)
{
    static const wildcam_box pixels = {120, 80, 64, 64};
    struct wci_detector detector = {0};
    assert_fails(WILDCAM_ERR_STATE, "answered already", wci_findings_add_blank(&findings, 1));
    assert_done(wci_findings_begin(&findings, &detector));
    assert_fails(WILDCAM_ERR_INVALID, "6 is no category",
                 wci_findings_add(&findings, 6, NULL, NAN, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "confidence", wci_findings_add_blank(&findings, 1.5));
    assert_fails(WILDCAM_ERR_INVALID, "bbox",
                 wci_findings_add(&findings, 1, NULL, NAN, &pixels, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "species",
                 wci_findings_add(&findings, 1, "a\nb", NAN, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "metadata",
                 wci_findings_add(&findings, 1, NULL, NAN, NULL, "[1]"));
    ck_assert_uint_eq(findings.count, 0);
    for (int i = 0; i < 1000; i++)
        assert_done(wci_findings_add(&findings, 1, NULL, NAN, NULL, NULL));
    assert_fails(WILDCAM_ERR_TOOLARGE, "1000",
                 wci_findings_add(&findings, 1, NULL, NAN, NULL, NULL));
}
END_TEST

START_TEST(failure_names_the_detector_and_its_reason)
{
    struct wci_detector detector = {0};
    assert_done(wci_text_set(&detector.name, "model", 5));
    assert_done(wci_findings_begin(&findings, &detector));
    wci_error_clear();
    wci_findings_fail(&findings, WILDCAM_ERR_IO);
    ck_assert_str_eq(wildcam_error_message(), "model failed: reading or writing failed");
    wci_fail(WILDCAM_ERR_NOMEM, "no memory for a mask");
    ck_assert_int_eq(wci_findings_fail(&findings, WILDCAM_ERR_NOMEM), WILDCAM_ERR_NOMEM);
    ck_assert_str_eq(wildcam_error_message(), "model: no memory for a mask");
    assert_done(wci_text_set(&findings.reason, "the model is gone", 17));
    ck_assert_int_eq(wci_findings_fail(&findings, WILDCAM_ERR_IO), WILDCAM_ERR_IO);
    ck_assert_str_eq(wildcam_error_message(), "model: the model is gone");
    wci_text_free(&detector.name);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("findings");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_loop_test(all, later_detectors_complete_earlier_ones, 0,
                        sizeof merges / sizeof merges[0]);
    tcase_add_test(all, finding_has_what_was_said);
    tcase_add_test(all, refuses_what_is_outside_its_limits);
    tcase_add_test(all, failure_names_the_detector_and_its_reason);
    return suite;
}
