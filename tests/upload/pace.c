/* The bucket of tokens: exact over time, whatever the rate and however often it is asked. */
#include "upload/pace.h"

#include "base/calendar.h"
#include "support/harness.h"

/* Sends as fast as it may for a while, asking at uneven moments; how many bytes went. */
static int64_t send_for(struct wci_pace *pace, int64_t *now, int64_t while_microseconds,
                        int64_t step)
{
    int64_t sent = 0, end = *now + while_microseconds, steps = 0;
    while (*now < end) {
        wci_pace_fill(pace, *now);
        int64_t taken;
        while ((taken = wci_pace_take(pace, 1 << 20)) > 0)
            sent += taken;
        *now += step + steps++ % 7;
    }
    return sent;
}

START_TEST(is_exact_at_any_rate)
{
    static const int64_t rates[] = {1000, 8192, 125000, 1000003, 12500000, 1000000000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        for (int64_t step = 900; step <= 90000; step *= 10) {
            struct wci_pace pace;
            int64_t now = 77;
            wci_pace_init(&pace, rates[i], now);
            int64_t sent = send_for(&pace, &now, 60 * WCI_SECOND, step);
            /* Up to a piece and a step's worth may still be due. */
            ck_assert_int_le(sent, rates[i] * 60);
            ck_assert_int_ge(sent, rates[i] * 60 * 99 / 100);
        }
    }
}
END_TEST

START_TEST(a_pause_is_no_reason_for_a_burst)
{
    struct wci_pace pace;
    int64_t now = 0;
    wci_pace_init(&pace, 100000, now);
    now += 3600 * WCI_SECOND * 24;
    ck_assert_int_le(send_for(&pace, &now, WCI_SECOND, 1000), 127000);
    wci_pace_fill(&pace, INT64_MAX / 2);
    ck_assert_int_le(pace.tokens, 27000);
}
END_TEST

START_TEST(without_a_limit_all_goes)
{
    struct wci_pace pace;
    wci_pace_init(&pace, 0, 5);
    wci_pace_fill(&pace, 10);
    ck_assert_int_eq(wci_pace_take(&pace, INT64_MAX), INT64_MAX);
    wci_pace_give_back(&pace, INT64_MAX);
    ck_assert_int_le(wci_pace_when(&pace, INT64_MAX), 10);
}
END_TEST

START_TEST(says_when_the_next_piece_may_go)
{
    struct wci_pace pace;
    wci_pace_init(&pace, 10000, 0);
    int64_t when = wci_pace_when(&pace, 1 << 20);
    ck_assert_int_gt(when, 0);
    wci_pace_fill(&pace, when - 1);
    ck_assert_int_eq(wci_pace_take(&pace, 1 << 20), 0);
    ck_assert_int_eq(wci_pace_when(&pace, 1 << 20), when);
    wci_pace_fill(&pace, when);
    ck_assert_int_eq(wci_pace_take(&pace, 1 << 20), 256);
    /* A short piece is there sooner than a whole one. */
    ck_assert_int_eq(wci_pace_when(&pace, 1), when + 100);
}
END_TEST

START_TEST(what_is_given_back_can_be_had_at_once)
{
    struct wci_pace pace;
    wci_pace_init(&pace, 10000, 0);
    wci_pace_fill(&pace, WCI_SECOND / 10);
    ck_assert_int_eq(wci_pace_take(&pace, 256), 256);
    wci_pace_give_back(&pace, 200);
    int64_t taken, sum = 0;
    while ((taken = wci_pace_take(&pace, 100)) > 0)
        sum += taken;
    ck_assert_int_eq(sum, 900); /* of 1000 - 256 + 200, in hundreds */
}
END_TEST

START_TEST(a_new_rate_counts_from_then_on)
{
    struct wci_pace pace;
    int64_t now = 0;
    wci_pace_init(&pace, 1000000, now);
    send_for(&pace, &now, WCI_SECOND, 1000);
    wci_pace_set(&pace, 10000);
    int64_t sent = send_for(&pace, &now, 10 * WCI_SECOND, 1000);
    ck_assert_int_ge(sent, 99000);
    ck_assert_int_le(sent, 105000);
    wci_pace_set(&pace, 0);
    wci_pace_fill(&pace, now);
    ck_assert_int_eq(wci_pace_take(&pace, 1 << 30), 1 << 30);
    wci_pace_set(&pace, INT64_MAX);
    wci_pace_fill(&pace, now);
    wci_pace_fill(&pace, now + WCI_SECOND);
    ck_assert_int_gt(wci_pace_take(&pace, 1 << 19), 0);
    wci_pace_set(&pace, -1);
    wci_pace_fill(&pace, now);
    ck_assert_int_eq(wci_pace_take(&pace, 7), 7);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("pace");
    TCase *test_case = harness_case(suite, "pace");
    tcase_add_test(test_case, is_exact_at_any_rate);
    tcase_add_test(test_case, a_pause_is_no_reason_for_a_burst);
    tcase_add_test(test_case, without_a_limit_all_goes);
    tcase_add_test(test_case, says_when_the_next_piece_may_go);
    tcase_add_test(test_case, what_is_given_back_can_be_had_at_once);
    tcase_add_test(test_case, a_new_rate_counts_from_then_on);
    return suite;
}
