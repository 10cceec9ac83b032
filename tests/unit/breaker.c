/* A region's breaker and its room, each by itself. */
#include "upload/breaker.h"

#include "unit.h"
#include "upload/room.h"

enum { SECOND = 1000000 };

static const int64_t longest = INT64_C(300) * SECOND;
static const int64_t begin = INT64_C(100000) * SECOND;

static bool fails(struct wci_breaker *breaker, int64_t now)
{
    return wci_breaker_fail(breaker, now, WCI_BREAKER_WHOLE, 1, longest);
}

START_TEST(five_in_a_row_open_it)
{
    struct wci_breaker breaker = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            ck_assert(!fails(&breaker, begin + round));
        ck_assert(!wci_breaker_succeed(&breaker, begin + round));
        for (int i = 0; i < 10; i++) /* so that it is not the rate */
            wci_breaker_succeed(&breaker, begin + round);
    }
    for (int i = 0; i < 4; i++)
        ck_assert(!fails(&breaker, begin));
    ck_assert(fails(&breaker, begin));
    ck_assert_int_eq(wci_breaker_state(&breaker, begin), WCI_BREAKER_OPEN);
}
END_TEST

START_TEST(ten_throttles_in_a_row_open_it)
{
    struct wci_breaker breaker = {0};
    for (int i = 0; i < 9; i++)
        ck_assert(!wci_breaker_fail(&breaker, begin, WCI_BREAKER_HALF, 1, longest));
    ck_assert(wci_breaker_fail(&breaker, begin, WCI_BREAKER_HALF, 1, longest));
}
END_TEST

/* How many of `failed` and then `succeeded`, spread by turns over so many seconds, it takes. */
static bool opens_by_rate(int failed, int succeeded, int64_t seconds)
{
    struct wci_breaker breaker = {0};
    int all = failed + succeeded;
    for (int i = 0, bad = 0; i < all; i++) {
        int64_t now = begin + seconds * SECOND * i / all;
        if (bad * all < failed * (i + 1)) {
            bad++;
            if (fails(&breaker, now))
                return true;
        } else {
            wci_breaker_succeed(&breaker, now);
        }
    }
    return false;
}

START_TEST(half_of_ten_open_it)
{
    struct wci_breaker breaker = {0};
    for (int i = 0; i < 5; i++) { /* the tenth request makes it five of ten */
        wci_breaker_succeed(&breaker, begin);
        ck_assert(fails(&breaker, begin) == (i == 4));
    }
    ck_assert(opens_by_rate(6, 5, 20));
    ck_assert(!opens_by_rate(4, 5, 20));   /* too few to tell */
    ck_assert(!opens_by_rate(40, 60, 20)); /* less than half */
    ck_assert(opens_by_rate(60, 50, 200));
    ck_assert(!opens_by_rate(6, 5, 200)); /* never ten in 30 s */
    ck_assert(!opens_by_rate(40, 35, 600));
}
END_TEST

START_TEST(old_slices_are_forgotten)
{
    struct wci_breaker breaker = {0};
    for (int i = 0; i < 4; i++)
        fails(&breaker, begin);
    wci_breaker_succeed(&breaker, begin);
    int64_t later = begin + INT64_C(31) * SECOND;
    for (int i = 0; i < 5; i++)
        wci_breaker_succeed(&breaker, later);
    for (int i = 0; i < 4; i++) /* 4 of 9; with the old ones 8 of 14 */
        ck_assert(!fails(&breaker, later));
}
END_TEST

START_TEST(it_stays_open_longer_each_time)
{
    static const int64_t seconds[] = {5, 10, 20, 40, 80, 160, 300, 300, 300};
    struct wci_breaker breaker = {0};
    int64_t now = begin;
    for (int i = 0; i < 5; i++)
        fails(&breaker, now);
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        ck_assert_int_eq(breaker.opens - now, seconds[i] * SECOND);
        ck_assert_int_eq(wci_breaker_state(&breaker, breaker.opens - 1), WCI_BREAKER_OPEN);
        now = breaker.opens;
        ck_assert_int_eq(wci_breaker_state(&breaker, now), WCI_BREAKER_HALF_OPEN);
        ck_assert(wci_breaker_send(&breaker, now));
        ck_assert_int_eq(wci_breaker_state(&breaker, now), WCI_BREAKER_PROBED);
        ck_assert(!wci_breaker_send(&breaker, now)); /* one alone */
        ck_assert(fails(&breaker, now));
    }
    for (int i = 0; i < 100; i++) { /* nothing overflows */
        now = breaker.opens;
        wci_breaker_send(&breaker, now);
        fails(&breaker, now);
        ck_assert_int_eq(breaker.opens - now, longest);
    }
}
END_TEST

START_TEST(jitter_takes_up_to_half)
{
    for (int i = 0; i <= 10; i++) {
        struct wci_breaker breaker = {0};
        for (int k = 0; k < 5; k++)
            wci_breaker_fail(&breaker, begin, WCI_BREAKER_WHOLE, i / 10.0, longest);
        ck_assert_int_eq(breaker.opens - begin, (int64_t)(2500000 + 2500000 * (i / 10.0)));
    }
}
END_TEST

START_TEST(one_success_closes_it)
{
    struct wci_breaker breaker = {0};
    for (int i = 0; i < 5; i++)
        fails(&breaker, begin);
    uint64_t turn = breaker.turn;
    wci_breaker_send(&breaker, breaker.opens);
    ck_assert(wci_breaker_succeed(&breaker, breaker.opens));
    ck_assert_int_eq(wci_breaker_state(&breaker, breaker.opens), WCI_BREAKER_CLOSED);
    ck_assert_uint_gt(breaker.turn, turn);
    for (int i = 0; i < 4; i++) /* the past does not count */
        ck_assert(!fails(&breaker, breaker.opens));
    ck_assert(fails(&breaker, breaker.opens)); /* but it comes and goes */
    ck_assert_int_eq(breaker.opens - breaker.opened_at, INT64_C(10) * SECOND);
}
END_TEST

START_TEST(peace_is_remembered)
{
    struct wci_breaker breaker = {0};
    for (int i = 0; i < 5; i++)
        fails(&breaker, begin);
    wci_breaker_send(&breaker, breaker.opens);
    wci_breaker_succeed(&breaker, breaker.opens);
    int64_t later = breaker.closed_at + INT64_C(300) * SECOND;
    for (int i = 0; i < 5; i++)
        fails(&breaker, later);
    ck_assert_int_eq(breaker.opens - later, INT64_C(5) * SECOND);
}
END_TEST

START_TEST(a_probe_may_come_to_nothing)
{
    struct wci_breaker breaker = {0};
    wci_breaker_hold(&breaker, begin, SECOND);
    ck_assert(breaker.is_held && !wci_breaker_send(&breaker, begin));
    ck_assert(wci_breaker_send(&breaker, begin + SECOND));
    wci_breaker_release(&breaker);
    ck_assert_int_eq(wci_breaker_state(&breaker, begin + SECOND), WCI_BREAKER_HALF_OPEN);
    wci_breaker_clear(&breaker, begin);
    ck_assert_int_eq(wci_breaker_state(&breaker, begin), WCI_BREAKER_CLOSED);
    ck_assert(!breaker.is_held);
}
END_TEST

START_TEST(room_grows_and_is_halved_once_a_round)
{
    struct wci_room room;
    wci_room_init(&room, 4, 50);
    ck_assert_int_eq(wci_room_limit(&room), 4);
    for (int i = 0; i < 100; i++)
        wci_room_grow(&room);
    ck_assert_int_eq(wci_room_limit(&room), 50);
    ck_assert(wci_room_cut(&room, 10, 20));
    for (int i = 0; i < 49; i++) /* the others of that round */
        ck_assert(!wci_room_cut(&room, 10, 20 + i));
    ck_assert_int_eq(wci_room_limit(&room), 25);
    for (int i = 0; i < 26; i++) /* a round of successes: one more */
        wci_room_grow(&room);
    ck_assert_int_eq(wci_room_limit(&room), 26);
    for (int i = 0; i < 20; i++)
        wci_room_cut(&room, 100 + i, 100 + i);
    ck_assert_int_eq(wci_room_limit(&room), 1);
    wci_room_grow(&room);
    ck_assert_int_eq(wci_room_limit(&room), 2);
    wci_room_init(&room, 4, 1);
    ck_assert_int_eq(wci_room_limit(&room), 1);
    wci_room_grow(&room);
    ck_assert_int_eq(wci_room_limit(&room), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("breaker");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, five_in_a_row_open_it);
    tcase_add_test(all, ten_throttles_in_a_row_open_it);
    tcase_add_test(all, half_of_ten_open_it);
    tcase_add_test(all, old_slices_are_forgotten);
    tcase_add_test(all, it_stays_open_longer_each_time);
    tcase_add_test(all, jitter_takes_up_to_half);
    tcase_add_test(all, one_success_closes_it);
    tcase_add_test(all, peace_is_remembered);
    tcase_add_test(all, a_probe_may_come_to_nothing);
    tcase_add_test(all, room_grows_and_is_halved_once_a_round);
    return suite;
}
