/* Whose fault it is: a picture's or the detector's. */
#include "process/trouble.h"

#include "base/calendar.h"

#include "unit.h"

#define NOW (1000 * WCI_SECOND)

static struct wci_trouble trouble;

static void begin(void)
{
    trouble = (struct wci_trouble){0};
}

START_TEST(few_pictures_fail_by_themselves)
{
    for (int round = 0; round < 10; round++)
        for (int64_t picture = 1; picture < WCI_TROUBLE_PICTURES; picture++) {
            ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), 0);
            ck_assert(wci_trouble_picture_failed(&trouble, picture, NOW));
        }
    ck_assert(!trouble.is_broken);
}
END_TEST

START_TEST(many_fail_because_of_the_detector)
{
    for (int64_t picture = 1; picture < WCI_TROUBLE_PICTURES; picture++)
        ck_assert(wci_trouble_picture_failed(&trouble, picture, NOW));
    ck_assert(!wci_trouble_picture_failed(&trouble, 99, NOW));
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), WCI_SECOND);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW + WCI_SECOND - 1), 1);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW + WCI_SECOND), 0);
    /* One is enough to try it. */
    ck_assert_int_gt(wci_trouble_begin(&trouble, NOW + WCI_SECOND), 0);
    /* That one is tried in earnest: it may be the picture after all. */
    ck_assert(wci_trouble_picture_failed(&trouble, 1, NOW));
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), 2 * WCI_SECOND);
}
END_TEST

/* Nothing else is there to show that it is they. */
START_TEST(bad_pictures_alone_come_to_their_end)
{
    int64_t now = NOW, attempts[WCI_TROUBLE_PICTURES + 2] = {0};
    for (int round = 0; round < 4; round++)
        for (int64_t picture = 0; picture < WCI_TROUBLE_PICTURES + 2; picture++) {
            now += wci_trouble_begin(&trouble, now);
            wci_trouble_begin(&trouble, now);
            attempts[picture] += wci_trouble_picture_failed(&trouble, picture + 1, now);
        }
    for (int64_t picture = 0; picture < WCI_TROUBLE_PICTURES + 2; picture++)
        ck_assert_int_ge(attempts[picture], 3);
}
END_TEST

START_TEST(one_that_goes_well_clears_the_detector)
{
    for (int64_t picture = 1; picture < WCI_TROUBLE_PICTURES; picture++)
        ck_assert(wci_trouble_picture_failed(&trouble, picture, NOW));
    ck_assert(!wci_trouble_went_well(&trouble));
    for (int64_t picture = 1; picture < WCI_TROUBLE_PICTURES; picture++)
        ck_assert(wci_trouble_picture_failed(&trouble, picture, NOW));
    wci_trouble_failed(&trouble, NOW);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW + WCI_SECOND), 0);
    ck_assert(wci_trouble_went_well(&trouble));
    ck_assert(wci_trouble_picture_failed(&trouble, 99, NOW));
}
END_TEST

START_TEST(is_tried_less_and_less_often)
{
    int64_t now = NOW, wait = 0, before = 0;
    for (int i = 0; i < 20; i++) {
        now += wait;
        ck_assert_int_eq(wci_trouble_begin(&trouble, now), 0);
        wci_trouble_failed(&trouble, now);
        before = wait;
        wait = wci_trouble_begin(&trouble, now);
        ck_assert_int_ge(wait, before);
    }
    ck_assert_int_eq(wait, 300 * WCI_SECOND);
    ck_assert_int_eq(before, wait);
}
END_TEST

START_TEST(failures_that_were_under_way_count_once)
{
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), 0);
    for (int i = 0; i < 8; i++)
        wci_trouble_failed(&trouble, NOW);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), WCI_SECOND);
}
END_TEST

START_TEST(what_is_dropped_leaves_it_to_the_next)
{
    wci_trouble_failed(&trouble, NOW);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW + WCI_SECOND), 0);
    wci_trouble_dropped(&trouble);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW + WCI_SECOND), 0);
    wci_trouble_failed(&trouble, NOW);
    ck_assert_int_eq(wci_trouble_begin(&trouble, NOW), 2 * WCI_SECOND);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("trouble");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin, NULL);
    tcase_add_test(all, few_pictures_fail_by_themselves);
    tcase_add_test(all, many_fail_because_of_the_detector);
    tcase_add_test(all, bad_pictures_alone_come_to_their_end);
    tcase_add_test(all, one_that_goes_well_clears_the_detector);
    tcase_add_test(all, is_tried_less_and_less_often);
    tcase_add_test(all, failures_that_were_under_way_count_once);
    tcase_add_test(all, what_is_dropped_leaves_it_to_the_next);
    return suite;
}
