/* How often logins may fail, on a clock of the test's own. */
#include "station/throttle.h"

#include "unit.h"

enum { DAY = 86400 };

static struct wci_throttle throttle;
static int64_t now;

static void set_up(void)
{
    now = 1000 * WCI_SECOND;
    assert_done(wci_throttle_init(&throttle));
}

static void tear_down(void)
{
    wci_throttle_destroy(&throttle);
}

static struct wci_attempt attempt_of(const char *name, const char *origin)
{
    struct wci_attempt attempt;
    assert_done(wci_throttle_attempt(&throttle, name, origin, &attempt));
    return attempt;
}

static int64_t wait_of(const char *name, const char *origin)
{
    struct wci_attempt attempt = attempt_of(name, origin);
    return wci_throttle_wait(&throttle, &attempt, now);
}

/* Tries a password that is wrong. False when it was not looked at. */
static bool guess_at(struct wci_attempt attempt)
{
    if (wci_throttle_wait(&throttle, &attempt, now) > 0)
        return false;
    wci_throttle_failed(&throttle, &attempt, now);
    return true;
}

static bool guess(const char *name, const char *origin)
{
    return guess_at(attempt_of(name, origin));
}

static int guess_often(const char *name, const char *origin, int times)
{
    int looked_at = 0;
    while (times-- > 0)
        looked_at += guess(name, origin);
    return looked_at;
}

static void log_in(const char *name, const char *origin)
{
    struct wci_attempt attempt = attempt_of(name, origin);
    wci_throttle_succeeded(&throttle, &attempt, now);
}

/* A stranger of his own for each number: the name of one, at the origin of another. */
static struct wci_attempt stranger(int name, int origin)
{
    return (struct wci_attempt){.name = (uint64_t)name << 32 | 1,
                                .origin = (uint64_t)origin << 32 | 2,
                                .both = (uint64_t)name << 32 | (uint64_t)origin};
}

/* Uses up the budget of all, from as many origins as that takes. */
static void flood(int first)
{
    for (int i = first; guess_at(stranger(i, i)); i++)
        ck_assert_int_le(i - first, WCI_THROTTLE_ALL_AT_ONCE);
}

START_TEST(origin_has_a_budget)
{
    ck_assert_int_eq(guess_often("ann", "a", 20), 10);
    ck_assert_int_eq(wait_of("ann", "a"), 60 * WCI_SECOND);
    ck_assert_int_eq(wait_of("bob", "a"), 60 * WCI_SECOND); /* whatever name is tried */
    ck_assert_int_eq(wait_of("ann", "b"), 0);
    now += 60 * WCI_SECOND - 1;
    ck_assert(!guess("bob", "a"));
    now += 1;
    ck_assert_int_eq(guess_often("bob", "a", 5), 1); /* what was refused has cost nothing */
    now += DAY * WCI_SECOND;
    ck_assert_int_eq(guess_often("bob", "a", 20), 10); /* nothing is saved beyond that */
}
END_TEST

START_TEST(name_has_a_budget)
{
    static const char *const origins[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(guess_often("ann", origins[i], 10), 10);
    ck_assert_int_eq(guess_often("ann", origins[3], 10), 0);
    ck_assert_int_eq(wait_of("ann", origins[3]), 20 * WCI_SECOND);
    ck_assert_int_eq(wait_of("bob", origins[3]), 0);
    now += 40 * WCI_SECOND;
    ck_assert_int_eq(guess_often("ann", origins[3], 10), 2);
}
END_TEST

START_TEST(all_have_a_budget)
{
    flood(1);
    ck_assert_int_eq(wait_of("ann", "a"), WCI_SECOND);
    now += WCI_SECOND - 1;
    ck_assert_int_eq(wait_of("ann", "a"), 1);
    now++;
    ck_assert_int_eq(guess_often("ann", "a", 10), 1);
    ck_assert_int_eq(wait_of("ann", "a"), WCI_SECOND);
    now += DAY * WCI_SECOND; /* what was not used is not saved beyond the first hundred */
    flood(1000);
    ck_assert_int_eq(wait_of("ann", "a"), WCI_SECOND);
}
END_TEST

/* A day of it, as fast as it is let: each second a name that is somebody's, and some that are not.
 */
START_TEST(one_origin_keeps_nobody_out_elsewhere)
{
    char name[32];
    int looked_at = 0;
    for (int second = 0; second < DAY; second += 5) {
        looked_at += guess("ann", "attacker");
        for (int i = 0; i < 3; i++) {
            snprintf(name, sizeof name, "name%d", second + i);
            looked_at += guess(name, "attacker");
        }
        ck_assert_int_eq(wait_of("ann", "home"), 0);
        ck_assert_int_eq(wait_of("bob", "attacker's neighbour"), 0);
        now += 5 * WCI_SECOND;
    }
    ck_assert_int_gt(looked_at, DAY / 60);
    ck_assert_int_le(looked_at, 10 + DAY / 60);
}
END_TEST

/* A million addresses, each a name of its own, in the time in which the first debts are paid. */
START_TEST(many_origins_are_no_faster_than_all_may_be)
{
    enum { ORIGINS = 1000000, EACH_SECOND = 2000 };
    int looked_at = 0;
    for (int i = 0; i < ORIGINS; i++) {
        looked_at += guess_at(stranger(i + 1, i + 1));
        if (i % EACH_SECOND == EACH_SECOND - 1)
            now += WCI_SECOND;
    }
    ck_assert_int_ge(looked_at, ORIGINS / EACH_SECOND);
    ck_assert_int_le(looked_at, 100 + ORIGINS / EACH_SECOND);
}
END_TEST

static int64_t paid_at(uint64_t who)
{
    for (int i = 0; i < WCI_THROTTLE_DEBTS; i++)
        if (throttle.debts[i].who == who)
            return throttle.debts[i].paid_at;
    return 0;
}

/* However many come in between, an origin and a name owe what they owe. */
START_TEST(no_debt_is_forgotten_before_it_is_paid)
{
    struct wci_attempt ann = attempt_of("ann", "a");
    int64_t end = now + 600 * WCI_SECOND;
    ck_assert_int_eq(guess_often("ann", "a", 10), 10);
    for (int i = 0; i < 20; i++)
        ck_assert(guess("ann", i % 2 ? "b" : "c"));
    for (int next = 1; now < end; next += 2 * WCI_THROTTLE_ALL_AT_ONCE) {
        flood(next);
        ck_assert_int_eq(paid_at(ann.origin), end);
        ck_assert_int_eq(paid_at(ann.name), end);
        now += WCI_SECOND;
    }
}
END_TEST

START_TEST(who_is_known_is_not_kept_out)
{
    log_in("ann", "home");
    guess_often("ann", "a", 10);
    guess_often("ann", "b", 10);
    guess_often("ann", "c", 10);
    guess_often("bob", "home", 10); /* beside him */
    flood(1);
    ck_assert_int_eq(wait_of("ann", "home"), 0);
    ck_assert_int_gt(wait_of("ann", "elsewhere"), 0);
    ck_assert_int_gt(wait_of("bob", "home"), 0);
}
END_TEST

START_TEST(who_is_known_has_a_budget_of_his_own)
{
    log_in("ann", "home");
    ck_assert_int_eq(guess_often("ann", "home", 20), 10);
    ck_assert_int_eq(wait_of("ann", "home"), 60 * WCI_SECOND);
    ck_assert_int_eq(wait_of("bob", "home"), 0);
    ck_assert_int_eq(wait_of("ann", "elsewhere"), 0);
    ck_assert_int_eq(throttle.paid_at, 0); /* nobody else pays for it */
    now += 60 * WCI_SECOND;
    log_in("ann", "home");
    ck_assert_int_eq(guess_often("ann", "home", 20), 1); /* a login pays for none of it */
}
END_TEST

/* Whoever has a password of his own guesses at another's as slowly as anybody. */
START_TEST(success_pays_for_no_guesses)
{
    int looked_at = 0;
    for (int i = 0; i < 100; i++) {
        log_in("eve", "a");
        looked_at += guess("ann", "a");
        log_in("eve", "a");
    }
    ck_assert_int_eq(looked_at, 10);
}
END_TEST

START_TEST(nobody_takes_the_places_of_others)
{
    char origin[32];
    log_in("ann", "home");
    for (int i = 0; i < 2 * WCI_THROTTLE_KNOWN; i++) {
        now++;
        snprintf(origin, sizeof origin, "origin%d", i);
        log_in("eve", origin);
    }
    flood(1);
    ck_assert_int_eq(wait_of("ann", "home"), 0);
    ck_assert_int_eq(wait_of("eve", origin), 0);
    snprintf(origin, sizeof origin, "origin%d", 2 * WCI_THROTTLE_KNOWN - 8);
    ck_assert_int_eq(wait_of("eve", origin), 0); /* his last eight */
    snprintf(origin, sizeof origin, "origin%d", 2 * WCI_THROTTLE_KNOWN - 9);
    ck_assert_int_gt(wait_of("eve", origin), 0);
}
END_TEST

START_TEST(the_last_of_many_are_known)
{
    char name[32];
    for (int i = 0; i <= WCI_THROTTLE_KNOWN; i++) {
        now++;
        snprintf(name, sizeof name, "name%d", i);
        log_in(name, "office");
    }
    flood(1);
    ck_assert_int_gt(wait_of("name0", "office"), 0);
    ck_assert_int_eq(wait_of("name1", "office"), 0);
    ck_assert_int_eq(wait_of(name, "office"), 0);
}
END_TEST

START_TEST(who_stays_away_is_known_no_more)
{
    log_in("ann", "home");
    now += WCI_THROTTLE_KNOWN_FOR - 1;
    flood(1);
    ck_assert_int_eq(wait_of("ann", "home"), 0);
    now++;
    flood(1000);
    ck_assert_int_gt(wait_of("ann", "home"), 0);
    log_in("ann", "home");
    ck_assert_int_eq(wait_of("ann", "home"), 0);
}
END_TEST

/* Where no origin is told there is no budget of one, and nobody is known. */
START_TEST(without_an_origin)
{
    ck_assert_int_eq(guess_often("ann", NULL, 40), 30);
    ck_assert_int_eq(wait_of("ann", ""), 20 * WCI_SECOND);
    ck_assert_int_eq(wait_of("bob", NULL), 0);
    log_in("ann", NULL);
    log_in("bob", "");
    ck_assert_int_eq(wait_of("ann", NULL), 20 * WCI_SECOND);
    flood(1);
    ck_assert_int_gt(wait_of("bob", NULL), 0);
}
END_TEST

START_TEST(who_tries_is_told_apart)
{
    struct wci_throttle other;
    struct wci_attempt one = attempt_of("ann", "home"), again = attempt_of("ann", "home"),
                       elsewhere = attempt_of("ann", "office"), bob = attempt_of("bob", "home"),
                       swapped = attempt_of("home", "ann");
    ck_assert_mem_eq(&one, &again, sizeof one);
    ck_assert(elsewhere.name == one.name && elsewhere.origin != one.origin);
    ck_assert(bob.name != one.name && bob.origin == one.origin);
    ck_assert(elsewhere.both != one.both && bob.both != one.both && swapped.both != one.both);
    ck_assert(swapped.name != one.origin && swapped.origin != one.name);
    assert_done(wci_throttle_init(&other)); /* no one can tell beforehand whose numbers meet */
    assert_done(wci_throttle_attempt(&other, "ann", "home", &again));
    ck_assert(again.name != one.name && again.origin != one.origin && again.both != one.both);
    wci_throttle_destroy(&other);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("throttle");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, origin_has_a_budget);
    tcase_add_test(all, name_has_a_budget);
    tcase_add_test(all, all_have_a_budget);
    tcase_add_test(all, one_origin_keeps_nobody_out_elsewhere);
    tcase_add_test(all, many_origins_are_no_faster_than_all_may_be);
    tcase_add_test(all, no_debt_is_forgotten_before_it_is_paid);
    tcase_add_test(all, who_is_known_is_not_kept_out);
    tcase_add_test(all, who_is_known_has_a_budget_of_his_own);
    tcase_add_test(all, success_pays_for_no_guesses);
    tcase_add_test(all, nobody_takes_the_places_of_others);
    tcase_add_test(all, the_last_of_many_are_known);
    tcase_add_test(all, who_stays_away_is_known_no_more);
    tcase_add_test(all, without_an_origin);
    tcase_add_test(all, who_tries_is_told_apart);
    return suite;
}
