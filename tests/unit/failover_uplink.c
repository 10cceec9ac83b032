/* When nothing can be reached. */
#include "failover_scene.h"

static bool is_offline(void)
{
    return look(0).state == WCI_REGION_OFFLINE;
}

START_TEST(nothing_reached_anywhere_is_offline)
{
    struct wci_attempts attempts = begun();
    for (int region = 0; region < REGIONS; region++) {
        ck_assert(!is_offline());
        assert_try(&attempts, region); /* at once: another region may be reached */
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert(is_offline());
    struct wci_step step = next_of(&attempts);
    ck_assert_int_eq(step.kind, WCI_STEP_OFFLINE);
    ck_assert_int_ge(step.at, now + INT64_C(5) * SECOND);
    ck_assert_int_le(step.at, now + INT64_C(60) * SECOND);
    ck_assert_int_eq(step.at, wci_failover_opens(failover, now));
    ck_assert_int_eq(wci_failover_room(failover, now), 0);
    for (int region = 0; region < REGIONS; region++)
        ck_assert_int_eq(attempts.count[region], 0); /* it is not to blame */
    struct wci_attempts another = begun();
    ck_assert_int_eq(next_of(&another).kind, WCI_STEP_OFFLINE);
    ck_assert_int_eq(another.total, 0);
}
END_TEST

/* All regions are tried once, then there is a rest. */
static void probe_in_vain(struct wci_attempts *attempts)
{
    struct wci_attempts another = begun();
    bool was_tried[REGIONS] = {false};
    now = wci_failover_opens(failover, now);
    ck_assert_int_eq(wci_failover_room(failover, now), 1);
    for (int i = 0; i < REGIONS; i++) {
        struct wci_step step = next_of(attempts);
        ck_assert_int_eq(step.kind, WCI_STEP_TRY);
        ck_assert(!was_tried[step.region]);
        was_tried[step.region] = true;
        ck_assert_int_eq(next_of(&another).kind, WCI_STEP_OFFLINE); /* one alone tries */
        report(attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert_int_eq(next_of(attempts).kind, WCI_STEP_OFFLINE);
    ck_assert_int_eq(next_of(&another).kind, WCI_STEP_OFFLINE);
    ck_assert_int_gt(wci_failover_opens(failover, now), now);
}

START_TEST(one_tries_every_while)
{
    struct wci_attempts attempts = begun();
    send_ok(0);
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert_int_eq(next_of(&attempts).kind, WCI_STEP_OFFLINE);
    int64_t began = now;
    for (int i = 0; i < 1000; i++) {
        struct wci_attempts fresh = begun();
        probe_in_vain(i % 2 ? &attempts : &fresh); /* who waits, or who has just come */
    }
    int64_t mean = (now - began) / 1000;
    ck_assert_int_ge(mean, INT64_C(25) * SECOND);
    ck_assert_int_le(mean, INT64_C(40) * SECOND);
    now = wci_failover_opens(failover, now);
    send_ok(0); /* it is back, and where it was */
    for (int i = 0; i < 10; i++)
        send_ok(0);
    for (int region = 0; region < REGIONS; region++)
        ck_assert_int_ne(look(region).state, WCI_REGION_DOWN);
}
END_TEST

START_TEST(an_outage_is_no_regions_fault)
{
    struct wci_attempts timed_out[8], attempts = begun();
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 8; i++) {
        timed_out[i] = begun();
        assert_try(&timed_out[i], 0);
    }
    now += SECOND; /* now it is cut; what is under way has yet to see it */
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_UNREACHABLE);
    for (int i = 0; i < 8; i++) /* the first region opens, for no good reason */
        report_all(&timed_out[i], (struct wci_report){.outcome = WCI_OUTCOME_TRANSIENT,
                                                      .was_slow = true,
                                                      .retry_after = -1});
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    for (int region = 1; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    if (!is_offline()) { /* three times are needed */
        struct wci_step step;
        wait_for_step(&attempts, &step);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert(is_offline());
    now = wci_failover_opens(failover, now);
    struct wci_attempts back = begun();
    struct wci_step step = next_of(&back);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    report(&back, WCI_OUTCOME_OK);
    for (int region = 0; region < REGIONS; region++)
        ck_assert_int_ne(look(region).state, WCI_REGION_DOWN);
}
END_TEST

START_TEST(time_outs_of_old_do_not_end_it)
{
    struct wci_attempts old = begun(), attempts = begun();
    send_ok(0);
    assert_try(&old, 0);
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    report(&old, WCI_OUTCOME_TRANSIENT); /* even when it was cut */
    ck_assert(is_offline());
    ck_assert_int_eq(next_of(&old).kind, WCI_STEP_OFFLINE);
}
END_TEST

START_TEST(time_outs_of_a_short_outage_blame_nobody)
{
    struct wci_attempts old[16], attempts = begun();
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 16; i++) {
        old[i] = begun();
        assert_try(&old[i], 0);
    }
    now += SECOND;
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert(is_offline());
    now = wci_failover_opens(failover, now);
    struct wci_attempts back = begun();
    struct wci_step step = next_of(&back);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    ck_assert(step.on_fresh_connection);
    report(&back, WCI_OUTCOME_OK);
    now += SECOND;
    for (int i = 0; i < 16; i++)
        report_all(&old[i], (struct wci_report){.outcome = WCI_OUTCOME_AMBIGUOUS,
                                                .was_slow = true,
                                                .retry_after = -1});
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    ck_assert(look(0).is_current);
}
END_TEST

START_TEST(late_answers_end_it)
{
    struct wci_attempts old = begun(), attempts = begun();
    assert_try(&old, 0);
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    report(&old, WCI_OUTCOME_OK);
    ck_assert(!is_offline());
    send_ok(0);
}
END_TEST

START_TEST(each_try_is_of_another_region)
{
    struct wci_attempts attempts = begun();
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    now = wci_failover_opens(failover, now);
    for (int region = 0; region < REGIONS; region++) { /* whoever tries */
        struct wci_attempts brief = begun();
        assert_try(&brief, region);
        report(&brief, WCI_OUTCOME_UNREACHABLE);
        wci_failover_abandon(failover, &brief);
    }
    struct wci_attempts last = begun();
    ck_assert_int_eq(next_of(&last).kind, WCI_STEP_OFFLINE);
    ck_assert_int_gt(wci_failover_opens(failover, now), now);
}
END_TEST

/* The uplink goes, with one request under way to a region that will be answered late. */
static void go_offline_but_for(struct wci_attempts *late)
{
    struct wci_attempts attempts = begun();
    *late = begun();
    struct wci_step step = next_of(late);
    ck_assert_int_eq(step.kind, WCI_STEP_TRY);
    for (int i = 0; i < 9 && !is_offline(); i++) {
        wait_for_step(&attempts, &step);
        if (step.kind == WCI_STEP_TRY)
            report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    ck_assert(is_offline());
}

START_TEST(what_was_down_before_stays_so)
{
    struct wci_attempts late, portal = begun();
    break_region(0);
    now++;
    send_ok(1); /* so it is not the uplink */
    now++;
    assert_try(&portal, 1);
    report(&portal, WCI_OUTCOME_UNTRUSTED);
    wci_failover_abandon(failover, &portal);
    now++;
    go_offline_but_for(&late);
    report(&late, WCI_OUTCOME_OK);
    ck_assert(!is_offline());
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    ck_assert_int_eq(look(1).state, WCI_REGION_MISCONFIGURED);
}
END_TEST

START_TEST(what_went_down_with_the_uplink_does_not)
{
    struct wci_attempts late, timed_out[5];
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 5; i++) {
        timed_out[i] = begun();
        assert_try(&timed_out[i], 0);
    }
    now += SECOND;
    for (int i = 0; i < 5; i++)
        report_all(&timed_out[i], (struct wci_report){.outcome = WCI_OUTCOME_TRANSIENT,
                                                      .was_slow = true,
                                                      .retry_after = -1});
    ck_assert_int_eq(look(0).state, WCI_REGION_DOWN);
    go_offline_but_for(&late);
    report(&late, WCI_OUTCOME_OK);
    ck_assert(!is_offline());
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
}
END_TEST

START_TEST(time_outs_while_it_is_down_shut_nothing)
{
    struct wci_attempts late, timed_out[8];
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 8; i++) {
        timed_out[i] = begun();
        assert_try(&timed_out[i], 0);
    }
    now += SECOND;
    go_offline_but_for(&late);
    for (int i = 0; i < 8; i++)
        report_all(&timed_out[i], (struct wci_report){.outcome = WCI_OUTCOME_TRANSIENT,
                                                      .was_slow = true,
                                                      .retry_after = -1});
    ck_assert(is_offline());
    report(&late, WCI_OUTCOME_OK);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
}
END_TEST

START_TEST(a_name_that_was_lost_for_a_moment_is_forgiven)
{
    struct wci_attempts all[8];
    for (int i = 0; i < 20; i++)
        send_ok(0);
    for (int i = 0; i < 8; i++) {
        all[i] = begun();
        assert_try(&all[i], 0);
    }
    for (int i = 0; i < 7; i++)
        report(&all[i], WCI_OUTCOME_UNREACHABLE);
    report(&all[7], WCI_OUTCOME_OK); /* it is there */
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    ck_assert(look(0).is_current);
}
END_TEST

START_TEST(probes_that_failed_offline_are_forgiven)
{
    struct wci_attempts late, probe = begun();
    send_ok(0);
    go_offline_but_for(&late);
    now = wci_failover_opens(failover, now);
    assert_try(&probe, 0);
    report(&probe, WCI_OUTCOME_UNREACHABLE);
    assert_try(&probe, 1);
    report(&probe, WCI_OUTCOME_REFUSED); /* an answer, so it is back */
    ck_assert(!is_offline());
    wci_failover_abandon(failover, &probe);
    wci_failover_abandon(failover, &late);
    for (int i = 0; i < 4; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        wci_failover_abandon(failover, &attempts);
    }
    ck_assert_int_eq(look(0).state, WCI_REGION_OK); /* four in a row are not five */
}
END_TEST

START_TEST(any_answer_ends_it)
{
    static const enum wci_outcome answers[] = {WCI_OUTCOME_THROTTLED, WCI_OUTCOME_REFUSED,
                                               WCI_OUTCOME_TRANSIENT, WCI_OUTCOME_SKEWED,
                                               WCI_OUTCOME_IMPOSSIBLE};
    static const enum wci_outcome others[] = {WCI_OUTCOME_UNTRUSTED, WCI_OUTCOME_STALE,
                                              WCI_OUTCOME_LOCAL, WCI_OUTCOME_CANCELLED};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct wci_attempts attempts = begun();
        for (int region = 0; region < REGIONS; region++) {
            assert_try(&attempts, region);
            report(&attempts, WCI_OUTCOME_UNREACHABLE);
        }
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
            struct wci_attempts portal = begun();
            now = wci_failover_opens(failover, now);
            ck_assert_int_eq(next_of(&portal).kind, WCI_STEP_TRY);
            report(&portal, others[k]);
            wci_failover_abandon(failover, &portal);
            ck_assert(is_offline());
        }
        wci_failover_retry_now(failover, now);
        attempts = begun();
        for (int region = 0; region < REGIONS; region++) {
            ck_assert_int_eq(next_of(&attempts).kind, WCI_STEP_TRY);
            report(&attempts, WCI_OUTCOME_UNREACHABLE);
        }
        now = wci_failover_opens(failover, now);
        struct wci_attempts back = begun();
        ck_assert_int_eq(next_of(&back).kind, WCI_STEP_TRY);
        report(&back, answers[i]);
        ck_assert(!is_offline());
        end_scene();
        begin_scene();
    }
}
END_TEST

START_TEST(a_region_without_a_name_is_a_region_down)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_UNREACHABLE);
    assert_try(&attempts, 1);
    report(&attempts, WCI_OUTCOME_OK); /* so the uplink works */
    ck_assert(!is_offline());
    ck_assert(look(1).is_current); /* the next need not find out */
    send_ok(1);
    for (int i = 0; look(0).state != WCI_REGION_DOWN; i++) {
        ck_assert_int_lt(i, 200);
        now += INT64_C(5) * SECOND;
        attempts = begun();
        struct wci_step step = next_of(&attempts);
        report(&attempts, step.region == 0 ? WCI_OUTCOME_UNREACHABLE : WCI_OUTCOME_OK);
        if (step.region == 0) {
            assert_try(&attempts, 1);
            report(&attempts, WCI_OUTCOME_OK);
        }
    }
}
END_TEST

START_TEST(unreachable_and_failing_is_not_offline)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_UNREACHABLE);
    for (int region = 1; region < REGIONS; region++) {
        for (int i = 0; i < 3; i++) {
            assert_try_later(&attempts, region, 100 * MILLISECOND);
            report(&attempts, WCI_OUTCOME_TRANSIENT);
        }
    }
    for (int i = 0; i < 2; i++) { /* its tries are not forgotten */
        assert_try_later(&attempts, 0, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    struct wci_step step;
    wait_for_step(&attempts, &step);
    ck_assert_int_eq(step.kind, WCI_STEP_FAILED);
    ck_assert_int_eq(attempts.count[0], 3);
    ck_assert(!is_offline());
}
END_TEST

START_TEST(one_region_alone_needs_three)
{
    end_scene();
    open_failover(1, 5, 50, 42);
    struct wci_attempts attempts = begun();
    for (int i = 0; i < 3; i++) {
        ck_assert(!is_offline());
        assert_try_later(&attempts, 0, 200 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
        if (i < 2)
            ck_assert_int_eq(next_of(&attempts).kind, WCI_STEP_WAIT);
    }
    ck_assert(is_offline());
}
END_TEST

START_TEST(a_person_says_that_it_is_back)
{
    struct wci_attempts attempts = begun();
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNREACHABLE);
    }
    wci_failover_retry_now(failover, now);
    send_ok(0);
    break_region(0);
    struct wci_attempts refused = begun();
    assert_try(&refused, 1);
    report(&refused, WCI_OUTCOME_REFUSED);
    wci_failover_abandon(failover, &refused);
    now = look(0).opens;
    struct wci_attempts probe = begun();
    assert_try(&probe, 0);
    wci_failover_retry_now(failover, now); /* with a probe under way */
    ck_assert_int_ne(look(1).state, WCI_REGION_MISCONFIGURED);
    struct wci_attempts other = begun();
    ck_assert_int_eq(next_of(&other).kind, WCI_STEP_TRY);
    report(&probe, WCI_OUTCOME_TRANSIENT); /* which is news of the past then */
    ck_assert_int_ne(look(0).state, WCI_REGION_DOWN);
    report(&other, WCI_OUTCOME_OK);
    ck_assert_int_eq(look(0).under_way, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failover_uplink");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin_scene, end_scene);
    tcase_add_test(all, nothing_reached_anywhere_is_offline);
    tcase_add_test(all, one_tries_every_while);
    tcase_add_test(all, an_outage_is_no_regions_fault);
    tcase_add_test(all, time_outs_of_old_do_not_end_it);
    tcase_add_test(all, time_outs_of_a_short_outage_blame_nobody);
    tcase_add_test(all, late_answers_end_it);
    tcase_add_test(all, each_try_is_of_another_region);
    tcase_add_test(all, what_was_down_before_stays_so);
    tcase_add_test(all, what_went_down_with_the_uplink_does_not);
    tcase_add_test(all, time_outs_while_it_is_down_shut_nothing);
    tcase_add_test(all, a_name_that_was_lost_for_a_moment_is_forgiven);
    tcase_add_test(all, probes_that_failed_offline_are_forgiven);
    tcase_add_test(all, any_answer_ends_it);
    tcase_add_test(all, a_region_without_a_name_is_a_region_down);
    tcase_add_test(all, unreachable_and_failing_is_not_offline);
    tcase_add_test(all, one_region_alone_needs_three);
    tcase_add_test(all, a_person_says_that_it_is_back);
    return suite;
}
