/* Regions that are shut and tried again, and which one is current, with a clock that the test
 * moves.
 */
#include "failover_scene.h"

START_TEST(the_first_finds_out_and_the_next_do_not)
{
    struct wci_attempts attempts = begun();
    send_ok(0);
    int64_t from = ++now;
    for (int i = 0; i < 3; i++) {
        assert_try_later(&attempts, 0, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
    }
    assert_try(&attempts, 1);
    report(&attempts, WCI_OUTCOME_OK);
    ck_assert_int_le(now - from, 150 * MILLISECOND);
    ck_assert(look(1).is_current);
    for (int i = 0; i < 20; i++)
        send_ok(1);
    ck_assert_int_eq(look(0).requests, 4);
}
END_TEST

START_TEST(one_unlucky_object_moves_nobody)
{
    struct wci_attempts attempts = begun();
    for (int i = 0; i < 3; i++) {
        assert_try_later(&attempts, 0, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        send_ok(0); /* others are taken meanwhile */
    }
    assert_try(&attempts, 1);
    report(&attempts, WCI_OUTCOME_OK);
    send_ok(0);
}
END_TEST

START_TEST(a_region_that_is_down_costs_nothing)
{
    break_region(0);
    for (int i = 0; i < 20; i++)
        send_ok(1);
    ck_assert_int_eq(look(0).requests, 5);
    struct wci_attempts attempts = begun(); /* nor does it use up attempts */
    for (int region = 1; region < REGIONS; region++) {
        for (int i = 0; i < 3; i++) {
            assert_try_later(&attempts, region, 100 * MILLISECOND);
            report(&attempts, WCI_OUTCOME_TRANSIENT);
        }
    }
    ck_assert_int_eq(next_of(&attempts).kind, WCI_STEP_FAILED);
    ck_assert_int_eq(attempts.count[0], 0);
}
END_TEST

START_TEST(all_down_fails_fast)
{
    for (int region = 0; region < REGIONS; region++)
        break_region(region);
    struct wci_attempts attempts = begun();
    struct wci_step step = next_of(&attempts);
    ck_assert_int_eq(step.kind, WCI_STEP_FAILED);
    ck_assert_int_eq(attempts.total, 0);
    ck_assert_int_gt(step.at, now);
    ck_assert_int_eq(step.at, wci_failover_opens(failover, now));
    ck_assert_int_eq(wci_failover_room(failover, now), 0);
    now = step.at;
    ck_assert_int_eq(wci_failover_room(failover, now), 1);
    attempts = begun();
    step = next_of(&attempts);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    struct wci_attempts another = begun(); /* one alone tries; the others see what comes of it */
    ck_assert_int_eq(next_of(&another).kind, WCI_STEP_WAIT);
    ck_assert_int_eq(wci_failover_room(failover, now), 0);
    ck_assert_int_eq(look(step.region).state, WCI_REGION_PROBING);
    report(&attempts, WCI_OUTCOME_OK);
    assert_try(&another, step.region);
    report(&another, WCI_OUTCOME_OK);
    ck_assert(look(step.region).is_current);
}
END_TEST

START_TEST(what_comes_late_is_no_news)
{
    struct wci_attempts early = begun(), probe = begun();
    send_ok(0);
    assert_try(&early, 0);
    break_region(0);
    now = look(0).opens;
    assert_try(&probe, 0);
    report(&early, WCI_OUTCOME_OK); /* from before it went down */
    ck_assert_int_eq(look(0).state, WCI_REGION_PROBING);
    early = begun();
    assert_try(&early, 1);
    report(&probe, WCI_OUTCOME_TRANSIENT);
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    report(&early, WCI_OUTCOME_OK);
    assert_try(&probe, 1); /* one try was enough */
    report(&probe, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(old_failures_do_not_shut_it_again)
{
    struct wci_attempts old[8];
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 8; i++) {
        old[i] = begun();
        assert_try(&old[i], 0);
    }
    break_region(0);
    now = look(0).opens;
    send_ok(0);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    for (int i = 0; i < 8; i++)
        report(&old[i], WCI_OUTCOME_TRANSIENT);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
}
END_TEST

START_TEST(an_old_probe_does_not_free_the_place_of_a_new_one)
{
    struct wci_attempts old = begun(), new_one = begun(), another = begun();
    break_region(0);
    now = look(0).opens;
    assert_try(&old, 0);
    wci_failover_retry_now(failover, now);
    while (!look(0).is_current) { /* until it is used again, and down again */
        struct wci_attempts trial = begun();
        struct wci_step step = next_of(&trial);
        ck_assert_int_eq(step.kind, WCI_STEP_TRY);
        report(&trial, WCI_OUTCOME_OK);
        now += SECOND;
    }
    break_region(0);
    now = look(0).opens;
    assert_try(&new_one, 0);
    wci_failover_abandon(failover, &old);
    ck_assert_int_eq(look(0).state, WCI_REGION_PROBING);
    assert_try(&another, 1);
    report(&new_one, WCI_OUTCOME_OK);
    report(&another, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(what_a_probe_finds_working_is_current)
{
    int found[REGIONS] = {0};
    for (uint64_t seed = 0; seed < 30; seed++) {
        int first = 0;
        end_scene();
        open_failover(REGIONS, 3, 50, seed);
        for (int region = 0; region < REGIONS; region++)
            break_region(region);
        for (int region = 1; region < REGIONS; region++)
            if (look(region).opens < look(first).opens)
                first = region;
        now = look(first).opens;
        send_ok(first);
        ck_assert(look(first).is_current);
        found[first]++;
    }
    for (int region = 0; region < REGIONS; region++)
        ck_assert_int_gt(found[region], 0);
}
END_TEST

START_TEST(a_refused_probe_is_enough)
{
    send_ok(0);
    for (int i = 0; i < 3; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_REFUSED);
        wci_failover_abandon(failover, &attempts);
    }
    now = look(0).opens;
    send_ok(0);
    struct wci_attempts refused = begun();
    assert_try(&refused, 0);
    report(&refused, WCI_OUTCOME_REFUSED); /* one, where others are taken */
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    wci_failover_abandon(failover, &refused);
    end_scene();

    begin_scene();
    send_ok(0);
    break_region(0);
    now = look(0).opens;
    refused = begun();
    assert_try(&refused, 0);
    report(&refused, WCI_OUTCOME_REFUSED);
    ck_assert_int_eq(look(0).state, WCI_REGION_MISCONFIGURED);
}
END_TEST

START_TEST(a_probe_that_finds_it_there_succeeds)
{
    break_region(0);
    now = look(0).opens;
    struct wci_attempts probe = begun();
    assert_try(&probe, 0);
    report(&probe, WCI_OUTCOME_EXISTS);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    wci_failover_abandon(failover, &probe);
}
END_TEST

START_TEST(a_probe_that_nobody_answers_fails)
{
    send_ok(0);
    break_region(0);
    now = look(0).opens;
    struct wci_attempts probe = begun();
    assert_try(&probe, 0);
    report(&probe, WCI_OUTCOME_UNREACHABLE);
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    ck_assert_int_gt(look(0).opens, now);
    assert_try(&probe, 1);
    report(&probe, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(a_probe_that_is_given_up_frees_the_place)
{
    static const enum wci_outcome neither[] = {WCI_OUTCOME_LOCAL, WCI_OUTCOME_CANCELLED,
                                               WCI_OUTCOME_CONFLICT, WCI_OUTCOME_STALE,
                                               WCI_OUTCOME_EXPIRED};
    break_region(0);
    now = look(0).opens;
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++) {
        struct wci_attempts probe = begun();
        assert_try(&probe, 0);
        report(&probe, neither[i]);
        wci_failover_abandon(failover, &probe);
    }
    struct wci_attempts probe = begun();
    assert_try(&probe, 0);
    wci_failover_abandon(failover, &probe);
    wci_failover_abandon(failover, &probe); /* twice is nothing */
    send_ok(0);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
}
END_TEST

/* One goes there, alone, and all others go on elsewhere. */
static void try_again(int earlier, enum wci_outcome outcome, int current)
{
    struct wci_attempts trial = begun(), other = begun();
    struct wci_step step = next_of(&trial);
    ck_assert(step.kind == WCI_STEP_TRY && step.region == earlier);
    ck_assert(step.on_fresh_connection); /* the pool's have been idle for long */
    assert_try(&other, current);
    report(&trial, outcome);
    report(&other, WCI_OUTCOME_OK);
    if (outcome == WCI_OUTCOME_OK)
        return;
    assert_try(&trial, current); /* one try is all that it costs */
    report(&trial, WCI_OUTCOME_OK);
}

START_TEST(objects_come_back)
{
    send_ok(0);
    break_region(0);
    int64_t left = now;
    send_ok(1);
    now = look(0).opens;
    ck_assert_int_le(now - left, INT64_C(5) * SECOND);
    for (int i = 0; i < 4; i++)
        try_again(0, WCI_OUTCOME_OK, 1);
    now = left + INT64_C(60) * SECOND - 1;
    try_again(0, WCI_OUTCOME_OK, 1);
    ck_assert(look(1).is_current);
    now++;
    struct wci_attempts first = begun(), second = begun();
    assert_try(&first, 0);
    assert_try(&second, 0);
    ck_assert(look(0).is_current);
    report(&first, WCI_OUTCOME_OK);
    report(&second, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(a_trial_that_fails_costs_one_try)
{
    break_region(0);
    int64_t left = now;
    now = look(0).opens;
    for (int i = 0; i < 2; i++)
        try_again(0, WCI_OUTCOME_OK, 1);
    try_again(0, WCI_OUTCOME_TRANSIENT, 1);
    send_ok(1); /* and then nobody for a while */
    now += INT64_C(15) * SECOND - 1;
    send_ok(1);
    now = left + INT64_C(60) * SECOND;
    for (int i = 0; i < 3; i++) /* it is time, but it has yet to show that it works */
        try_again(0, WCI_OUTCOME_OK, 1);
    send_ok(0);
    ck_assert(look(0).is_current);
}
END_TEST

START_TEST(who_does_not_last_stays_away_longer)
{
    static const int64_t minutes[] = {1, 2, 4, 8, 10, 10};
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        break_region(0);
        int64_t left = now;
        now = look(0).opens;
        for (int k = 0; k < 3; k++)
            try_again(0, WCI_OUTCOME_OK, 1);
        now = left + minutes[i] * 60 * SECOND - 1;
        try_again(0, WCI_OUTCOME_OK, 1);
        now += 1;
        send_ok(0);
        ck_assert(look(0).is_current);
    }
    now += INT64_C(60) * SECOND; /* now it has lasted */
    break_region(0);
    int64_t left = now;
    now = look(0).opens;
    for (int k = 0; k < 3; k++)
        try_again(0, WCI_OUTCOME_OK, 1);
    now = left + INT64_C(60) * SECOND;
    send_ok(0);
    ck_assert(look(0).is_current);
}
END_TEST

START_TEST(the_second_best_is_left_for_the_best)
{
    break_region(0);
    break_region(1);
    send_ok(2);
    now += INT64_C(60) * SECOND;
    struct wci_attempts trial = begun();
    assert_try(&trial, 0); /* still down */
    report(&trial, WCI_OUTCOME_TRANSIENT);
    assert_try(&trial, 2);
    report(&trial, WCI_OUTCOME_OK);
    for (int i = 0; i < 3; i++)
        try_again(1, WCI_OUTCOME_OK, 2);
    send_ok(1);
    ck_assert(look(1).is_current);
    now += INT64_C(30) * SECOND;
    for (int i = 0; i < 3; i++)
        try_again(0, WCI_OUTCOME_OK, 1);
    send_ok(0);
    ck_assert(look(0).is_current);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failover_breaker");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin_scene, end_scene);
    tcase_add_test(all, the_first_finds_out_and_the_next_do_not);
    tcase_add_test(all, one_unlucky_object_moves_nobody);
    tcase_add_test(all, a_region_that_is_down_costs_nothing);
    tcase_add_test(all, all_down_fails_fast);
    tcase_add_test(all, what_comes_late_is_no_news);
    tcase_add_test(all, old_failures_do_not_shut_it_again);
    tcase_add_test(all, an_old_probe_does_not_free_the_place_of_a_new_one);
    tcase_add_test(all, what_a_probe_finds_working_is_current);
    tcase_add_test(all, a_refused_probe_is_enough);
    tcase_add_test(all, a_probe_that_finds_it_there_succeeds);
    tcase_add_test(all, a_probe_that_nobody_answers_fails);
    tcase_add_test(all, a_probe_that_is_given_up_frees_the_place);
    tcase_add_test(all, objects_come_back);
    tcase_add_test(all, a_trial_that_fails_costs_one_try);
    tcase_add_test(all, who_does_not_last_stays_away_longer);
    tcase_add_test(all, the_second_best_is_left_for_the_best);
    return suite;
}
