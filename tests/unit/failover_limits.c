/* How long connections may take, how much is sent at a time, how often tried again, what an object
 * is pinned to, and when it gives up. */
#include "failover_scene.h"

/* ---- a slow link ---- */

static void report_late(struct wci_attempts *attempts, enum wci_outcome outcome)
{
    report_all(attempts, (struct wci_report){.outcome = outcome,
                                             .was_slow = outcome == WCI_OUTCOME_TRANSIENT,
                                             .was_late = true,
                                             .retry_after = -1});
}

static int64_t time_to_connect(void)
{
    struct wci_attempts attempts = begun();
    struct wci_step step = next_of(&attempts);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    report(&attempts, WCI_OUTCOME_CANCELLED);
    return step.connect_time;
}

START_TEST(connections_that_come_late_are_given_longer)
{
    static const int allowed[] = {3, 6, 12, 24, 30, 30};
    struct wci_attempts attempts = begun(), beside = begun();
    struct wci_step step;
    next_of(&beside);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        step = next_of(&attempts);
        while (step.kind == WCI_STEP_WAIT || step.kind == WCI_STEP_OFFLINE) {
            now = step.at;
            step = next_of(&attempts);
        }
        ck_assert_int_eq(step.kind, WCI_STEP_TRY);
        ck_assert_int_eq(step.connect_time, (int64_t)allowed[i] * SECOND);
        now += step.connect_time;
        /* In the middle of the handshake, or before it. */
        report_late(&attempts, i ? WCI_OUTCOME_UNREACHABLE : WCI_OUTCOME_TRANSIENT);
        if (i == 0) /* who was given as little says nothing new */
            report_late(&beside, WCI_OUTCOME_UNREACHABLE);
    }
}
END_TEST

START_TEST(how_long_connections_take_is_remembered)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report_late(&attempts, WCI_OUTCOME_UNREACHABLE);
    assert_try(&attempts, 1);
    report_all(&attempts, (struct wci_report){.connecting = 5 * SECOND, .retry_after = -1});
    ck_assert_int_eq(time_to_connect(), INT64_C(15) * SECOND);
    send_ok(1); /* over the same connection */
    ck_assert_int_eq(time_to_connect(), INT64_C(15) * SECOND);
    for (int i = 0; i < 100; i++) {
        attempts = begun();
        next_of(&attempts);
        report_all(&attempts, (struct wci_report){.connecting = SECOND / 10, .retry_after = -1});
    }
    ck_assert_int_eq(time_to_connect(), INT64_C(3) * SECOND);
}
END_TEST

START_TEST(a_region_that_nobody_reaches_costs_little_all_the_same)
{
    for (int i = 0; i < 3; i++) {
        struct wci_attempts attempts = begun();
        struct wci_step step = next_of(&attempts);
        ck_assert_int_eq(step.connect_time, INT64_C(3) * SECOND);
        report_late(&attempts, WCI_OUTCOME_UNREACHABLE);
        next_of(&attempts);
        report(&attempts, WCI_OUTCOME_OK); /* over an old connection */
    }
    struct wci_attempts attempts = begun(); /* refused at once: time is not what it lacks */
    next_of(&attempts);
    report(&attempts, WCI_OUTCOME_UNREACHABLE);
    ck_assert_int_eq(time_to_connect(), INT64_C(3) * SECOND);
}
END_TEST

/* ---- how much at a time ---- */

/* As many as will go. */
static int send_many(struct wci_attempts *all, int most, int region)
{
    for (int i = 0; i < most; i++) {
        int room = wci_failover_room(failover, now);
        all[i] = begun();
        struct wci_step step = next_of(&all[i]);
        if (step.kind != WCI_STEP_TRY) {
            ck_assert_int_eq(step.kind, WCI_STEP_WAIT);
            ck_assert_int_eq(room, 0);
            return i;
        }
        ck_assert_int_gt(room, 0);
        ck_assert_int_eq(step.region, region);
    }
    return most;
}

START_TEST(few_at_first_then_more)
{
    struct wci_attempts all[64];
    int count = send_many(all, 64, 0);
    ck_assert_int_eq(count, 3); /* 4, of which one is kept for another region */
    for (int i = 0; i < count; i++)
        report(&all[i], WCI_OUTCOME_OK);
    ck_assert_int_ge(send_many(all, 64, 0), 5);
}
END_TEST

START_TEST(one_region_does_not_take_all)
{
    struct wci_attempts all[64], others[64];
    for (int i = 0; i < 60; i++)
        send_ok(0);
    ck_assert_int_eq(send_many(all, 64, 0), 40);
    ck_assert_int_eq(look(0).under_way, 40);
    ck_assert_int_eq(look(0).room, 40);
    wci_failover_retry_now(failover, now);
    for (int i = 0; i < 5; i++) /* it hangs; who has been there already goes on */
        report(&all[i], WCI_OUTCOME_TRANSIENT);
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    ck_assert_int_eq(send_many(others, 64, 1), 15);
    for (int i = 0; i < 15; i++)
        report(&others[i], WCI_OUTCOME_OK);
    for (int i = 5; i < 40; i++)
        wci_failover_abandon(failover, &all[i]);
    ck_assert_int_eq(look(0).under_way, 0);
    ck_assert_int_eq(send_many(others, 64, 1), 40);
    end_scene();

    open_failover(1, 3, 50, 42);
    for (int i = 0; i < 60; i++)
        send_ok(0);
    ck_assert_int_eq(send_many(all, 64, 0), 50); /* there is no other */
    end_scene();

    open_failover(3, 3, 1, 42);
    for (int i = 0; i < 60; i++)
        send_ok(0);
    ck_assert_int_eq(send_many(all, 64, 0), 1);
}
END_TEST

START_TEST(throttling_halves_the_room_once_a_round)
{
    struct wci_attempts all[64];
    for (int i = 0; i < 60; i++)
        send_ok(0);
    ck_assert_int_eq(send_many(all, 64, 0), 40);
    now += SECOND;
    for (int i = 0; i < 40; i++) { /* all that were under way are told the same */
        report(&all[i], WCI_OUTCOME_THROTTLED);
        wci_failover_abandon(failover, &all[i]);
    }
    ck_assert_int_eq(look(0).room, 25);
    ck_assert_int_eq(look(0).state, WCI_REGION_THROTTLED); /* one failure: it is not down */
    ck_assert_int_eq(look(1).room, 40);
    now += SECOND;
    for (int round = 0; round < 5; round++) {
        int count = send_many(all, 64, 0);
        now += SECOND;
        for (int i = 0; i < count; i++) {
            report(&all[i], WCI_OUTCOME_THROTTLED);
            wci_failover_abandon(failover, &all[i]);
        }
        now += SECOND;
    }
    ck_assert_int_eq(look(0).room, 1);
    for (int i = 0; i < 40; i++)
        send_ok(0);
    ck_assert_int_ge(look(0).room, 8); /* it comes back by and by */
    ck_assert_int_le(look(0).room, 12);
}
END_TEST

START_TEST(a_thin_uplink_is_shared_by_fewer)
{
    struct wci_attempts all[64];
    for (int i = 0; i < 60; i++)
        send_ok(0);
    int before = send_many(all, 64, 0);
    now += INT64_C(20) * SECOND;
    report_all(&all[0], (struct wci_report){
                            .outcome = WCI_OUTCOME_AMBIGUOUS, .was_slow = true, .retry_after = -1});
    for (int i = 0; i < before; i++)
        wci_failover_abandon(failover, &all[i]);
    ck_assert_int_eq(look(0).room, before / 2);
    ck_assert_int_eq(look(1).room, before / 2); /* it is the same for all regions */
}
END_TEST

/* ---- the quota of retries ---- */

/* An object that fails once, where others are taken; whether it would be tried there again. */
static bool is_tried_again(void)
{
    struct wci_attempts attempts = begun();
    struct wci_step step;
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_TRANSIENT);
    wait_for_step(&attempts, &step);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    wci_failover_abandon(failover, &attempts);
    send_ok(0);
    send_ok(0);
    now += INT64_C(1) * SECOND;
    return step.region == 0;
}

START_TEST(retries_have_a_quota)
{
    int tried = 0;
    while (is_tried_again())
        ck_assert_int_lt(++tried, 100);
    ck_assert_int_ge(tried, 500 / 14);
    ck_assert_int_le(tried, 500 / 12 + 1);
    ck_assert_int_lt(look(0).retry_tokens, 14);
    for (int i = 0; i < 14; i++) /* each success gives one back */
        send_ok(0);
    ck_assert(is_tried_again());
    for (int i = 0; i < 1000; i++)
        send_ok(0);
    ck_assert_int_eq(look(0).retry_tokens, 500);
}
END_TEST

START_TEST(a_retry_that_succeeds_is_refunded)
{
    static const enum wci_outcome outcomes[] = {WCI_OUTCOME_TRANSIENT, WCI_OUTCOME_THROTTLED};
    static const int costs[] = {14, 5};
    for (size_t i = 0; i < 2; i++) {
        struct wci_attempts attempts = begun();
        struct wci_step step;
        assert_try(&attempts, 0);
        report(&attempts, outcomes[i]);
        ck_assert_int_eq(look(0).retry_tokens, 500 - costs[i]);
        wait_for_step(&attempts, &step);
        report(&attempts, WCI_OUTCOME_OK);
        ck_assert_int_eq(look(0).retry_tokens, 500);
    }
}
END_TEST

/* ---- pinned, and deadlines ---- */

START_TEST(a_pinned_object_goes_nowhere_else)
{
    struct wci_attempts part = begun();
    part.is_pinned = true;
    part.region = 1;
    for (int i = 0; i < 3; i++) {
        assert_try_later(&part, 1, 100 * MILLISECOND);
        report(&part, WCI_OUTCOME_TRANSIENT);
    }
    assert_step(&part, WCI_STEP_FAILED, -1);
    part.is_pinned = false;
    assert_try(&part, 0);
    report(&part, WCI_OUTCOME_OK);
    part.is_pinned = true; /* more of its requests follow, where it is now */
    for (int i = 0; i < 5; i++) {
        assert_try(&part, 0);
        report(&part, WCI_OUTCOME_OK);
    }
}
END_TEST

START_TEST(a_pinned_object_waits_for_its_region_while_it_has_patience)
{
    struct wci_attempts part = begun(), errand = begun();
    part.is_pinned = errand.is_pinned = true;
    part.region = errand.region = 0;
    part.patience = INT64_C(120) * SECOND;
    break_region(0);
    assert_step(&errand, WCI_STEP_FAILED, -1); /* without patience: at once */
    struct wci_step step;
    int64_t waited = wait_for_step(&part, &step);
    ck_assert(step.kind == WCI_STEP_TRY && step.region == 0);
    ck_assert_int_le(waited, INT64_C(5) * SECOND);
    report(&part, WCI_OUTCOME_OK);
    end_scene();
    begin_scene();
    break_region(0);
    part = begun();
    part.is_pinned = true;
    part.region = 0;
    part.patience = INT64_C(120) * SECOND;
    int64_t from = now;
    for (;;) { /* others find out again and again that it is down */
        step = next_of(&part);
        if (step.kind != WCI_STEP_WAIT)
            break;
        now = step.at;
        struct wci_attempts other = begun();
        if (now - from == part.patience || look(0).opens)
            continue;
        assert_try(&other, 0);
        report(&other, WCI_OUTCOME_TRANSIENT);
        assert_try(&other, 1);
        report(&other, WCI_OUTCOME_OK);
    }
    ck_assert_int_eq(step.kind, WCI_STEP_FAILED);
    ck_assert_int_eq(now - from, part.patience);
}
END_TEST

START_TEST(a_pinned_object_outlives_a_short_outage)
{
    struct wci_attempts part = begun();
    part.is_pinned = true;
    part.region = 0;
    part.patience = INT64_C(120) * SECOND;
    int64_t from = now;
    int tries = 0;
    struct wci_step step;
    for (wait_for_step(&part, &step); now - from < INT64_C(60) * SECOND;
         wait_for_step(&part, &step)) {
        ck_assert_int_eq(step.kind, WCI_STEP_TRY);
        report(&part, WCI_OUTCOME_UNREACHABLE);
        ck_assert_int_lt(++tries, 60);
    }
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    ck_assert_int_eq(part.count[0], 0);
    report(&part, WCI_OUTCOME_OK);
    for (from = now, wait_for_step(&part, &step); step.kind == WCI_STEP_TRY;
         wait_for_step(&part, &step))
        report(&part, WCI_OUTCOME_UNREACHABLE);
    ck_assert_int_eq(step.kind, WCI_STEP_FAILED); /* but not a long one */
    ck_assert_int_ge(now - from, part.patience);
    ck_assert_int_le(now - from, part.patience + INT64_C(5) * SECOND);
}
END_TEST

START_TEST(deadlines_are_kept)
{
    struct wci_attempts attempts;
    struct wci_step step;
    wci_failover_begin(failover, &attempts, now + 10 * SECOND);
    assert_try(&attempts, 0);
    report_all(&attempts, (struct wci_report){.outcome = WCI_OUTCOME_THROTTLED,
                                              .retry_after = INT64_C(30) * SECOND});
    assert_try(&attempts, 1); /* to wait beyond the end is no use */
    now += INT64_C(10) * SECOND;
    report(&attempts, WCI_OUTCOME_TRANSIENT);
    assert_step(&attempts, WCI_STEP_FAILED, -1);

    struct wci_attempts all[64];
    int count = send_many(all, 64, 0);
    wci_failover_begin(failover, &attempts, now + 10 * SECOND);
    step = next_of(&attempts); /* no place for it */
    ck_assert_int_eq(step.kind, WCI_STEP_WAIT);
    ck_assert_int_eq(step.at, now + 10 * SECOND);
    now = step.at;
    assert_step(&attempts, WCI_STEP_FAILED, -1);
    for (int i = 0; i < count; i++)
        report(&all[i], WCI_OUTCOME_OK);
}
END_TEST

START_TEST(limits_are_checked)
{
    static const struct wci_failover_limits good = {
        .regions = 3, .attempts = 3, .connections = 50, .failback = 60 * SECOND, .connect_time = 1};
    struct wci_failover_limits limits = good;
    wci_failover *none = NULL;
    limits.regions = 0;
    assert_fails(WILDCAM_ERR_INVALID, "regions is 0", wci_failover_new(&limits, &none));
    limits.regions = WCI_REGIONS_MAX + 1;
    assert_fails(WILDCAM_ERR_INVALID, "1 to 16", wci_failover_new(&limits, &none));
    limits = good;
    limits.attempts = 0;
    assert_fails(WILDCAM_ERR_INVALID, "attempts", wci_failover_new(&limits, &none));
    limits = good;
    limits.connections = -1;
    assert_fails(WILDCAM_ERR_INVALID, "connections is -1", wci_failover_new(&limits, &none));
    limits = good;
    limits.failback = -1;
    assert_fails(WILDCAM_ERR_INVALID, "dwell", wci_failover_new(&limits, &none));
    limits = good;
    limits.connect_time = 0;
    assert_fails(WILDCAM_ERR_INVALID, "connect", wci_failover_new(&limits, &none));
    ck_assert_ptr_null(none);
    wci_failover_free(NULL);
}
END_TEST

START_TEST(words)
{
    for (int i = 0; i < WCI_REGION_STATE_COUNT; i++)
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(wci_region_state_word(i), wci_region_state_word(k));
    ck_assert_str_eq(wci_region_state_word(WCI_REGION_DOWN), "down");
    ck_assert_str_eq(wci_region_state_word(WCI_REGION_STATE_COUNT), "unknown");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failover_limits");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin_scene, end_scene);
    tcase_add_test(all, connections_that_come_late_are_given_longer);
    tcase_add_test(all, how_long_connections_take_is_remembered);
    tcase_add_test(all, a_region_that_nobody_reaches_costs_little_all_the_same);
    tcase_add_test(all, few_at_first_then_more);
    tcase_add_test(all, one_region_does_not_take_all);
    tcase_add_test(all, throttling_halves_the_room_once_a_round);
    tcase_add_test(all, a_thin_uplink_is_shared_by_fewer);
    tcase_add_test(all, retries_have_a_quota);
    tcase_add_test(all, a_retry_that_succeeds_is_refunded);
    tcase_add_test(all, a_pinned_object_goes_nowhere_else);
    tcase_add_test(all, a_pinned_object_waits_for_its_region_while_it_has_patience);
    tcase_add_test(all, a_pinned_object_outlives_a_short_outage);
    tcase_add_test(all, deadlines_are_kept);
    tcase_add_test(all, limits_are_checked);
    tcase_add_test(all, words);
    return suite;
}
