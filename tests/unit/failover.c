/* What comes after each outcome of a request: each rule by itself, with a clock that the test
 * moves.
 */
#include "failover_scene.h"

START_TEST(an_ok_is_the_end)
{
    send_ok(0);
    ck_assert_int_eq(look(0).outcomes[WCI_OUTCOME_OK], 1);
    ck_assert_int_eq(look(0).requests, 1);
    ck_assert_int_eq(look(0).under_way, 0);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    ck_assert_int_eq(look(1).state, WCI_REGION_UNTRIED);
    ck_assert(look(0).is_current && !look(1).is_current);
}
END_TEST

START_TEST(transient_is_tried_three_times_in_each_region)
{
    struct wci_attempts attempts = begun();
    for (int region = 0; region < REGIONS; region++) {
        assert_try_later(&attempts, region, 0);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        assert_try_later(&attempts, region, 50 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        assert_try_later(&attempts, region, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        ck_assert_int_eq(attempts.count[region], 3);
    }
    assert_step(&attempts, WCI_STEP_FAILED, -1);
    assert_step(&attempts, WCI_STEP_FAILED, -1); /* and stays so */
    ck_assert_int_eq(attempts.total, 9);
}
END_TEST

START_TEST(retries_go_over_fresh_connections)
{
    struct wci_attempts attempts = begun();
    ck_assert(!next_of(&attempts).on_fresh_connection);
    for (int i = 0; i < 2; i++) {
        struct wci_step step;
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        wait_for_step(&attempts, &step);
        ck_assert(step.on_fresh_connection);
    }
    report(&attempts, WCI_OUTCOME_TRANSIENT);
    ck_assert(!next_of(&attempts).on_fresh_connection); /* the next region's may be good */
    report(&attempts, WCI_OUTCOME_THROTTLED);           /* an answer: the connection works */
    struct wci_step step;
    wait_for_step(&attempts, &step);
    ck_assert(!step.on_fresh_connection);
}
END_TEST

START_TEST(a_stale_connection_is_free_once)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_STALE);
    struct wci_step step = next_of(&attempts); /* at once */
    ck_assert(step.kind == WCI_STEP_TRY && step.region == 0 && step.on_fresh_connection);
    ck_assert_int_eq(attempts.count[0], 0);
    for (int i = 0; i < 3; i++) { /* a server that does so again and again */
        report(&attempts, WCI_OUTCOME_STALE);
        if (i < 2)
            assert_try_later(&attempts, 0, 100 * MILLISECOND);
    }
    assert_try(&attempts, 1);
    ck_assert_int_eq(look(0).state, WCI_REGION_UNTRIED); /* the breaker knows nothing of it */
    report(&attempts, WCI_OUTCOME_STALE);                /* it is free again elsewhere */
    assert_try(&attempts, 1);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(fifty_dead_connections_fail_nobody)
{
    for (int i = 0; i < 50; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_STALE);
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_OK);
    }
    ck_assert(look(0).is_current);
    ck_assert_int_eq(look(1).requests + look(2).requests, 0);
    ck_assert_int_eq(look(0).retry_tokens, 500);
}
END_TEST

START_TEST(throttling_waits_longer)
{
    int64_t waited[2] = {0, 0};
    for (int i = 0; i < 20; i++) {
        struct wci_attempts attempts = begun();
        struct wci_step step = next_of(&attempts);
        for (int retry = 0; retry < 2; retry++) {
            ck_assert(step.kind == WCI_STEP_TRY && step.region == 0);
            report(&attempts, WCI_OUTCOME_THROTTLED);
            ck_assert_int_eq(look(0).state, WCI_REGION_THROTTLED);
            int64_t came = wait_for_step(&attempts, &step);
            ck_assert_int_le(came, (1 + retry) * SECOND);
            waited[retry] += came;
        }
        report(&attempts, WCI_OUTCOME_OK);
    }
    /* full jitter: half of it on average */
    ck_assert_int_ge(waited[0], INT64_C(20) * SECOND / 4);
    ck_assert_int_le(waited[0], INT64_C(20) * SECOND * 3 / 4);
    ck_assert_int_ge(waited[1], INT64_C(20) * SECOND / 2);
    ck_assert_int_le(waited[1], INT64_C(20) * SECOND * 3 / 2);
}
END_TEST

START_TEST(a_server_says_how_long)
{
    static const struct {
        int64_t asked;
        bool is_precise;
        int64_t least, most;
    } cases[] = {
        {3000 * MILLISECOND, true, 3 * SECOND, 3 * SECOND},
        {10, true, 10, 1 * SECOND}, /* ours is longer */
        {INT64_MAX / 2, true, 5 * SECOND, 6 * SECOND},
        {3 * SECOND, false, 3 * SECOND, 4 * SECOND},
        {INT64_MAX, false, 20 * SECOND, 20 * SECOND},
        {0, false, 0, 1 * SECOND},
        {-1, false, 0, 1 * SECOND},
        {INT64_MIN, true, 0, 1 * SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wci_attempts attempts = begun();
        struct wci_step step;
        assert_try(&attempts, 0);
        report_all(&attempts, (struct wci_report){.outcome = WCI_OUTCOME_THROTTLED,
                                                  .retry_after = cases[i].asked,
                                                  .is_retry_precise = cases[i].is_precise});
        int64_t waited = wait_for_step(&attempts, &step);
        ck_assert_int_ge(waited, cases[i].least);
        ck_assert_int_le(waited, cases[i].most);
        report(&attempts, WCI_OUTCOME_OK);
    }
}
END_TEST

START_TEST(a_conflict_is_tried_again_and_nobodys_fault)
{
    for (int i = 0; i < 20; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_CONFLICT);
        assert_try_later(&attempts, 0, 50 * MILLISECOND);
        wci_failover_abandon(failover, &attempts);
    }
    ck_assert_int_ne(look(0).state, WCI_REGION_DOWN);
}
END_TEST

START_TEST(what_exists_is_looked_at)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_OK);
    ck_assert_uint_eq(attempts.doubts, 0);

    attempts = begun(); /* it is gone again */
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_MISSING);
    assert_try_later(&attempts, 0, 50 * MILLISECOND);
    report(&attempts, WCI_OUTCOME_OK);

    attempts = begun(); /* something else has its key */
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_IMPOSSIBLE);
    assert_step(&attempts, WCI_STEP_FAILED, -1);

    attempts = begun(); /* one may write, but not look */
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_REFUSED);
    assert_try(&attempts, 1);
    ck_assert_uint_eq(attempts.doubts, 1);
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    report(&attempts, WCI_OUTCOME_OK);

    attempts = begun(); /* the looks fail: three, then it goes on */
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    for (int i = 0; i < 3; i++) {
        struct wci_step step;
        wait_for_step(&attempts, &step);
        ck_assert(step.kind == WCI_STEP_LOOK && step.region == 0);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
    }
    assert_try(&attempts, 1);
    ck_assert_uint_eq(attempts.doubts, 1);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(a_doubt_is_cleared_up_before_the_region_is_left)
{
    struct wci_attempts attempts = begun();
    struct wci_step step;
    for (int i = 0; i < 3; i++) {
        assert_try_later(&attempts, 0, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_AMBIGUOUS);
        ck_assert_uint_eq(attempts.doubts, 1);
    }
    step = next_of(&attempts);
    ck_assert(step.kind == WCI_STEP_LOOK && step.region == 0 && step.on_fresh_connection);
    report(&attempts, WCI_OUTCOME_MISSING);
    ck_assert_uint_eq(attempts.doubts, 0);
    assert_try(&attempts, 1);
    report_all(
        &attempts,
        (struct wci_report){.outcome = WCI_OUTCOME_STALE, .is_in_doubt = true, .retry_after = -1});
    ck_assert_uint_eq(attempts.doubts, 2);
    for (int i = 0; i < 3; i++) { /* dead: nobody can be asked either */
        assert_try_later(&attempts, 1, 100 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
    }
    assert_step(&attempts, WCI_STEP_LOOK, 1);
    report(&attempts, WCI_OUTCOME_TRANSIENT);
    assert_try(&attempts, 2); /* asked once */
    ck_assert_uint_eq(attempts.doubts, 2);
    report(&attempts, WCI_OUTCOME_AMBIGUOUS);
    assert_try_later(&attempts, 2, 50 * MILLISECOND);
    report(&attempts, WCI_OUTCOME_OK);
    ck_assert_uint_eq(attempts.doubts, 2); /* one's own is resolved by the OK */
}
END_TEST

START_TEST(each_doubt_is_asked_about)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_MISSING);
    for (int i = 0; i < 2; i++) { /* sent again, so asked again */
        assert_try_later(&attempts, 0, 200 * MILLISECOND);
        report(&attempts, WCI_OUTCOME_AMBIGUOUS);
    }
    assert_step(&attempts, WCI_STEP_LOOK, 0);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(nobody_is_asked_where_nobody_answers)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_AMBIGUOUS);
    assert_try_later(&attempts, 0, 50 * MILLISECOND);
    report(&attempts, WCI_OUTCOME_UNREACHABLE);
    assert_try(&attempts, 1);
    ck_assert_uint_eq(attempts.doubts, 1);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(a_delay_is_for_its_region_alone)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report_all(&attempts, (struct wci_report){.outcome = WCI_OUTCOME_THROTTLED,
                                              .retry_after = INT64_C(10) * SECOND});
    ck_assert_int_eq(next_of(&attempts).kind, WCI_STEP_WAIT);
    break_region(0);
    assert_try(&attempts, 1); /* at once */
    report(&attempts, WCI_OUTCOME_EXISTS);
    assert_step(&attempts, WCI_STEP_LOOK, 1);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(earlier_doubts_are_asked_about_first)
{
    struct wci_attempts attempts = begun();
    attempts.look_first = 6;
    assert_step(&attempts, WCI_STEP_LOOK, 1);
    report(&attempts, WCI_OUTCOME_MISSING);
    assert_step(&attempts, WCI_STEP_LOOK, 2);
    report(&attempts, WCI_OUTCOME_STALE);
    struct wci_step step = next_of(&attempts);
    ck_assert(step.kind == WCI_STEP_LOOK && step.region == 2 && step.on_fresh_connection);
    report(&attempts, WCI_OUTCOME_TRANSIENT);
    ck_assert_uint_eq(attempts.doubts, 4);
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_OK);
    break_region(0);
    attempts = begun();
    attempts.look_first = 1; /* it is down: nobody to ask */
    assert_try(&attempts, 1);
    ck_assert_uint_eq(attempts.doubts, 1);
    report(&attempts, WCI_OUTCOME_OK);
}
END_TEST

START_TEST(clocks_are_corrected_for_free)
{
    static const int64_t theirs = INT64_C(-1200) * SECOND;
    struct wci_attempts all[20];
    for (int i = 0; i < 50; i++) /* until there is room for many */
        send_ok(0);
    for (int i = 0; i < 20; i++) {
        all[i] = begun();
        assert_try(&all[i], 0);
    }
    for (int i = 0; i < 20; i++) { /* twenty under way, all signed by the wrong clock */
        report_all(&all[i], (struct wci_report){.outcome = WCI_OUTCOME_SKEWED,
                                                .retry_after = -1,
                                                .skew = theirs + i,
                                                .skew_used = 0});
        assert_try(&all[i], 0);
        ck_assert_int_eq(all[i].count[0], 0);
        ck_assert_int_eq(wci_failover_skew(failover, 0), theirs + i);
    }
    report(&all[0], WCI_OUTCOME_OK);
    report_all(&all[1], (struct wci_report){.outcome = WCI_OUTCOME_SKEWED, .retry_after = -1});
    assert_try(&all[1], 0); /* one without a date, signed before: the new time may do */
    ck_assert_int_eq(all[1].count[0], 0);
    for (int i = 1; i < 20; i++)
        report(&all[i], WCI_OUTCOME_OK);
    ck_assert_int_eq(wci_failover_skew(failover, 1), 0); /* each region has its own */
    ck_assert_int_eq(look(0).skew, theirs + 19);
}
END_TEST

START_TEST(a_clock_that_cannot_be_corrected_counts)
{
    struct wci_attempts attempts = begun();
    for (int i = 0; i < 3; i++) { /* no date with it: nothing to correct by */
        assert_try_later(&attempts, 0, 100 * MILLISECOND);
        report_all(&attempts,
                   (struct wci_report){.outcome = WCI_OUTCOME_SKEWED, .retry_after = -1});
    }
    /* another date each time */
    for (int i = 1; i <= 5; i++) {
        assert_try_later(&attempts, 1, 100 * MILLISECOND);
        report_all(&attempts, (struct wci_report){.outcome = WCI_OUTCOME_SKEWED,
                                                  .retry_after = -1,
                                                  .skew = INT64_C(3600) * SECOND * i,
                                                  .skew_used = wci_failover_skew(failover, 1)});
    }
    assert_try(&attempts, 2);
    report_all(&attempts, (struct wci_report){.outcome = WCI_OUTCOME_SKEWED,
                                              .retry_after = -1,
                                              .skew = INT64_MAX,
                                              .skew_used = INT64_MIN});
    assert_try(&attempts, 2); /* nothing overflows */
    wci_failover_abandon(failover, &attempts);
}
END_TEST

static void put_right_once(enum wci_outcome outcome, int times)
{
    struct wci_attempts attempts = begun();
    for (int i = 0; i < times; i++) {
        assert_try(&attempts, 0);
        report(&attempts, outcome);
        ck_assert_int_eq(attempts.count[0], 0);
    }
    assert_try(&attempts, 0);
    report(&attempts, outcome); /* now it is the settings */
    assert_try(&attempts, 1);
    report(&attempts, WCI_OUTCOME_OK);
    ck_assert_int_eq(look(0).state, WCI_REGION_MISCONFIGURED);
    end_scene();
    begin_scene();
}

START_TEST(what_can_be_put_right_is_free)
{
    put_right_once(WCI_OUTCOME_EXPIRED, 1);
    put_right_once(WCI_OUTCOME_MOVED, 1);
    put_right_once(WCI_OUTCOME_UNSUPPORTED, 2);
}
END_TEST

START_TEST(a_misconfigured_region_is_left_alone)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, 0);
    report(&attempts, WCI_OUTCOME_REFUSED);
    assert_try(&attempts, 1); /* at once, without another try */
    report(&attempts, WCI_OUTCOME_OK);
    ck_assert_int_eq(look(0).state, WCI_REGION_MISCONFIGURED);
    ck_assert_int_eq(look(0).opens, now + INT64_C(300) * SECOND);
    ck_assert(look(1).is_current);
    now += INT64_C(300) * SECOND - 1;
    send_ok(1);
    now += 1;
    send_ok(0); /* one tries */
    ck_assert_int_eq(look(0).state, WCI_REGION_OK);
}
END_TEST

START_TEST(one_odd_object_does_not_shut_a_region)
{
    for (int i = 0; i < 10; i++) {
        send_ok(0);
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_REFUSED);
        assert_try(&attempts, 1);
        report(&attempts, WCI_OUTCOME_OK);
        ck_assert_int_eq(look(0).state, WCI_REGION_OK);
    }
    send_ok(0);
    for (int i = 0; i < 3; i++) { /* but when nothing is taken any more */
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, WCI_OUTCOME_REFUSED);
        wci_failover_abandon(failover, &attempts);
    }
    ck_assert_int_eq(look(0).state, WCI_REGION_MISCONFIGURED);
}
END_TEST

START_TEST(untrusted_is_left_alone_for_a_minute)
{
    send_ok(0);
    struct wci_attempts attempts = begun();
    for (int region = 0; region < REGIONS; region++) {
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_UNTRUSTED);
    }
    struct wci_step step = next_of(&attempts);
    ck_assert_int_eq(step.kind, WCI_STEP_FAILED);
    ck_assert_int_eq(step.at, now + INT64_C(60) * SECOND);
    ck_assert_int_eq(wci_failover_room(failover, now), 0);
    wci_failover_retry_now(failover, now); /* the clock has been set, say */
    send_ok(0);
}
END_TEST

START_TEST(what_is_impossible_ends_at_once)
{
    static const enum wci_outcome ends[] = {WCI_OUTCOME_IMPOSSIBLE, WCI_OUTCOME_LOCAL};
    for (size_t i = 0; i < 2; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, 0);
        report(&attempts, ends[i]);
        assert_step(&attempts, WCI_STEP_FAILED, -1);
        ck_assert_int_eq(attempts.total, 1);
    }
    ck_assert_int_ne(look(0).state, WCI_REGION_DOWN);
    ck_assert_int_eq(look(0).under_way, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failover");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin_scene, end_scene);
    tcase_add_test(all, an_ok_is_the_end);
    tcase_add_test(all, transient_is_tried_three_times_in_each_region);
    tcase_add_test(all, retries_go_over_fresh_connections);
    tcase_add_test(all, a_stale_connection_is_free_once);
    tcase_add_test(all, fifty_dead_connections_fail_nobody);
    tcase_add_test(all, throttling_waits_longer);
    tcase_add_test(all, a_server_says_how_long);
    tcase_add_test(all, a_conflict_is_tried_again_and_nobodys_fault);
    tcase_add_test(all, what_exists_is_looked_at);
    tcase_add_test(all, a_doubt_is_cleared_up_before_the_region_is_left);
    tcase_add_test(all, each_doubt_is_asked_about);
    tcase_add_test(all, nobody_is_asked_where_nobody_answers);
    tcase_add_test(all, a_delay_is_for_its_region_alone);
    tcase_add_test(all, earlier_doubts_are_asked_about_first);
    tcase_add_test(all, clocks_are_corrected_for_free);
    tcase_add_test(all, a_clock_that_cannot_be_corrected_counts);
    tcase_add_test(all, what_can_be_put_right_is_free);
    tcase_add_test(all, a_misconfigured_region_is_left_alone);
    tcase_add_test(all, one_odd_object_does_not_shut_a_region);
    tcase_add_test(all, untrusted_is_left_alone_for_a_minute);
    tcase_add_test(all, what_is_impossible_ends_at_once);
    return suite;
}
