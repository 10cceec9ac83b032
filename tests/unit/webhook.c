/* Webhooks: what becomes of a delivery, on a clock that is made up. */
#include "station/webhook.h"

#include "unit.h"

#define AT (INT64_C(1796000000) * WCI_SECOND)
#define KEEP (3 * WCI_DAY)

static const struct {
    int status, attempts;
    int64_t age;
    enum wci_delivery_step step;
} fates[] = {
    {200, 0, 0, WCI_DELIVERY_DONE},
    {204, 99, 9 * WCI_DAY, WCI_DELIVERY_DONE},
    {410, 0, 0, WCI_DELIVERY_STOP},
    /* How often it was tried does not matter, nor what is said: a receiver is put right in days. */
    {404, 7, 60 * WCI_SECOND, WCI_DELIVERY_RETRY},
    {404, 1000, KEEP - 1, WCI_DELIVERY_RETRY},
    {302, 8, 0, WCI_DELIVERY_RETRY},
    {500, 1000, KEEP - 1, WCI_DELIVERY_RETRY},
    {0, 1000, KEEP - 1, WCI_DELIVERY_RETRY},
    {404, 0, KEEP, WCI_DELIVERY_PARK},
    {503, 0, KEEP, WCI_DELIVERY_PARK},
    {0, 0, KEEP, WCI_DELIVERY_PARK},
};

START_TEST(age_is_what_ends_it)
{
    const struct wci_webhook_answer answer = {fates[_i].status, 0};
    struct wci_delivery_end end = {.now = AT};
    wci_webhook_judge(&answer, fates[_i].attempts, AT - fates[_i].age, KEEP, 5, &end);
    ck_assert_int_eq(end.step, fates[_i].step);
    ck_assert_int_gt(end.due, AT);
    ck_assert_int_lt(end.due, AT + WCI_DAY);
}
END_TEST

/* What one delivery is refused for keeps the others from nothing. */
START_TEST(a_refusal_holds_up_no_other)
{
    struct wci_delivery_end end = {.now = AT};
    wci_webhook_judge(&(struct wci_webhook_answer){400, 0}, 1, AT, KEEP, 5, &end);
    ck_assert_int_eq(end.not_before, 0);
    wci_webhook_judge(&(struct wci_webhook_answer){503, AT + WCI_DAY}, 1, AT, KEEP, 5, &end);
    ck_assert_int_eq(end.not_before, AT + WCI_DAY);
    ck_assert_int_eq(end.due, AT + WCI_DAY);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("webhook");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, age_is_what_ends_it, 0, sizeof fates / sizeof fates[0]);
    tcase_add_test(all, a_refusal_holds_up_no_other);
    return suite;
}
