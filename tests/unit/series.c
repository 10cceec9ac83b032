/* The words that threads count in: nothing is lost, whoever counts, and sums are exact. */
#include "metrics/registry.h"

#include <math.h>
#include <pthread.h>

#include "unit.h"

enum { THREADS = 8, ROUNDS = 400000 };

static wildcam_metrics *metrics;

static struct wci_series *add(enum wci_metric_type type)
{
    static const char *const names[] = {"a_total", "b", "c"};
    static const double bounds[] = {1, 2, 3};
    struct wci_family_shape shape = {
        names[type], "Help.", type, NULL, 0, bounds, type == WCI_HISTOGRAM ? 3 : 0};
    struct wildcam_metric_family *family;
    struct wci_series *series = NULL;
    assert_done(wci_metrics_add(metrics, &shape, &family));
    assert_done(wci_metrics_series(family, type, NULL, 0, &series));
    return series;
}

static void make(void)
{
    assert_done(wci_metrics_new(&metrics));
}

static void drop(void)
{
    wci_metrics_free(metrics);
}

static void run_threads(void *(*body)(void *user), void *user)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, body, user), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

static void *count_up(void *user)
{
    for (int i = 0; i < ROUNDS; i++)
        wci_series_count(user, 1 + (uint64_t)(i % 3));
    return NULL;
}

static uint64_t counted(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < ROUNDS; i++)
        sum += 1 + (uint64_t)(i % 3);
    return sum;
}

START_TEST(counts_of_all_threads_add_up)
{
    struct wci_series *series = add(WCI_COUNTER);
    count_up(series);
    ck_assert_uint_eq(wci_series_word(series, 0), counted());
    for (uint64_t times = 1; times <= 3; times++) { /* threads end, and others come */
        run_threads(count_up, series);
        ck_assert_uint_eq(wci_series_word(series, 0), counted() * (1 + times * THREADS));
    }
    wci_series_let_go(series);
}
END_TEST

static void *observe(void *user)
{
    for (int i = 0; i < ROUNDS; i++)
        wci_series_observe(user, 0.1 + i % 4);
    return NULL;
}

START_TEST(observations_of_all_threads_add_up)
{
    struct wci_series *series = add(WCI_HISTOGRAM);
    observe(series);
    run_threads(observe, series);
    ck_assert_ptr_nonnull(atomic_load(&series->stripes)); /* they have stopped sharing */
    run_threads(observe, series);
    const uint64_t each = ROUNDS / 4 * (2 * THREADS + 1);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(wci_series_word(series, i), each);
    struct wci_sum sum = wci_series_sum(series); /* each round of four is 6.4, exactly */
    ck_assert_int_eq(sum.whole, (int64_t)(each * 64 / 10));
    ck_assert_uint_eq(sum.billionths, each * 64 % 10 * 100000000);
    wci_series_let_go(series);
}
END_TEST

enum { MANY = 200 };

struct guest {
    struct wci_series *series;
    pthread_barrier_t *all_are_there;
    const void *place;
};

static void *take_place(void *user)
{
    struct guest *guest = user;
    guest->place = wci_series_place(guest->series);
    wci_series_observe(guest->series, 2);
    pthread_barrier_wait(guest->all_are_there); /* nobody ends before all have come */
    return NULL;
}

/* More threads at once than there are places, of which each is one thread's alone. */
START_TEST(no_two_threads_have_one_place)
{
    static pthread_t threads[MANY];
    static struct guest guests[MANY];
    pthread_barrier_t all_are_there;
    int placed = 0;
    struct wci_series *series = add(WCI_HISTOGRAM);
    observe(series);
    run_threads(observe, series);
    ck_assert_ptr_nonnull(atomic_load(&series->stripes));
    uint64_t before = wci_series_word(series, 1);
    ck_assert_int_eq(pthread_barrier_init(&all_are_there, NULL, MANY), 0);
    for (int i = 0; i < MANY; i++) {
        guests[i] = (struct guest){.series = series, .all_are_there = &all_are_there};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_place, &guests[i]), 0);
    }
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < MANY; i++) {
        placed += guests[i].place != NULL;
        for (int j = 0; guests[i].place && j < i; j++)
            ck_assert_ptr_ne(guests[i].place, guests[j].place);
        ck_assert_ptr_ne(guests[i].place, wci_series_place(series)); /* of the first of all */
    }
    ck_assert_int_lt(placed, MANY);
    ck_assert_uint_eq(wci_series_word(series, 1), before + MANY);
    pthread_barrier_destroy(&all_are_there);
    wci_series_let_go(series);
}
END_TEST

static void *add_and_take(void *user)
{
    for (int i = 0; i < ROUNDS; i++)
        wci_series_add_gauge(user, i % 2 ? -1.5 : 2.5);
    return NULL;
}

START_TEST(gauges_add_up)
{
    struct wci_series *series = add(WCI_GAUGE);
    wci_series_set_gauge(series, 1);
    run_threads(add_and_take, series);
    ck_assert_double_eq(wci_series_gauge(series), 1 + THREADS * ROUNDS / 2);
    wci_series_let_go(series);
}
END_TEST

START_TEST(values_fall_into_their_buckets)
{
    static const double values[] = {-INFINITY, -5, 0, 1, 1.0000001, 2, 2.5, 3, 3.5, INFINITY, NAN};
    static const uint64_t wanted[] = {4, 2, 2, 2};
    struct wci_series *series = add(WCI_HISTOGRAM);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        wci_series_observe(series, values[i]);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(wci_series_word(series, i), wanted[i]);
    ck_assert(isnan(wci_series_elsewhere(series))); /* both infinities */
    wci_series_let_go(series);
}
END_TEST

START_TEST(many_bounds_are_searched_alike)
{
    double bounds[WCI_METRIC_BOUNDS];
    struct wildcam_metric_family *family;
    struct wci_series *series = NULL;
    for (int i = 0; i < WCI_METRIC_BOUNDS; i++)
        bounds[i] = i * 2;
    for (size_t count = 1; count <= WCI_METRIC_BOUNDS; count++) {
        char name[16];
        snprintf(name, sizeof name, "bounds_%zu", count);
        struct wci_family_shape shape = {name, "Help.", WCI_HISTOGRAM, NULL, 0, bounds, count};
        assert_done(wci_metrics_add(metrics, &shape, &family));
        assert_done(wci_metrics_series(family, WCI_HISTOGRAM, NULL, 0, &series));
        for (int i = -1; i <= 2 * WCI_METRIC_BOUNDS; i++)
            wci_series_observe(series, i); /* -1 and 0, 1 and 2, and so on */
        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(wci_series_word(series, i), 2);
        ck_assert_uint_eq(wci_series_word(series, count), 2 * (WCI_METRIC_BOUNDS - count) + 2);
        wci_series_let_go(series);
    }
}
END_TEST

START_TEST(sums_are_exact)
{
    struct wci_series *series = add(WCI_HISTOGRAM);
    for (int i = 0; i < 1000000; i++)
        wci_series_observe(series, 0.1); /* as doubles these come to 100000.00000133288 */
    struct wci_sum sum = wci_series_sum(series);
    ck_assert_int_eq(sum.whole, 100000);
    ck_assert_uint_eq(sum.billionths, 0);
    wci_series_observe(series, -0.25);
    wci_series_observe(series, -7);
    sum = wci_series_sum(series);
    ck_assert_int_eq(sum.whole, 99992);
    ck_assert_uint_eq(sum.billionths, 750000000);
    wci_series_observe(series, 1e15); /* too large for the words: it counts elsewhere */
    wci_series_observe(series, -3e18);
    sum = wci_series_sum(series);
    ck_assert_int_eq(sum.whole, 99992);
    ck_assert_double_eq(wci_series_elsewhere(series), 1e15 - 3e18);
    wci_series_let_go(series);
}
END_TEST

static void *observe_one(void *user)
{
    wci_series_observe(user, 0.75);
    return NULL;
}

static void observe_elsewhere(struct wci_series *series)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, observe_one, series), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* The billionths' word is about to be full: of the owner's words, and of the shared ones. */
START_TEST(billionths_are_carried_over)
{
    const size_t at = 5;
    struct wci_series *series = add(WCI_HISTOGRAM);
    observe_one(series);
    atomic_store(&wci_series_own(series)[at], WCI_SUM_CARRY - 1);
    atomic_store(&series->shared[at], WCI_SUM_CARRY - 2);
    observe_one(series);
    ck_assert_uint_eq(atomic_load(&wci_series_own(series)[at]), 749999999);
    observe_elsewhere(series);
    ck_assert_uint_eq(atomic_load(&series->shared[at]), 749999998);
    struct wci_sum sum = wci_series_sum(series);
    ck_assert_int_eq(sum.whole, (int64_t)(2 * (WCI_SUM_CARRY / 1000000000) + 1));
    ck_assert_uint_eq(sum.billionths, 499999997);
    wci_series_let_go(series);
}
END_TEST

/* How often is counted more or less, and may have gone beyond any number unseen. */
START_TEST(sharing_ends_though_its_moment_was_missed)
{
    struct wci_series *series = add(WCI_HISTOGRAM);
    observe_one(series);
    atomic_store(&series->misses, 100000);
    observe_elsewhere(series);
    ck_assert_ptr_nonnull(atomic_load(&series->stripes));
    wci_series_let_go(series);
}
END_TEST

/* A family has stripes for so many series; those that go make room. */
START_TEST(stripes_come_back_from_series_that_go)
{
    struct wci_series *series = add(WCI_HISTOGRAM);
    struct wildcam_metric_family *family = series->family;
    observe_one(series);
    atomic_store(&series->misses, 100000);
    observe_elsewhere(series);
    ck_assert_uint_eq(atomic_load(&family->striped), 1);
    assert_done(wci_metrics_remove(family, NULL, 0));
    wci_series_let_go(series);
    ck_assert_uint_eq(atomic_load(&family->striped), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("series");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, make, drop);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, counts_of_all_threads_add_up);
    tcase_add_test(all, no_two_threads_have_one_place);
    tcase_add_test(all, observations_of_all_threads_add_up);
    tcase_add_test(all, gauges_add_up);
    tcase_add_test(all, values_fall_into_their_buckets);
    tcase_add_test(all, many_bounds_are_searched_alike);
    tcase_add_test(all, sums_are_exact);
    tcase_add_test(all, billionths_are_carried_over);
    tcase_add_test(all, sharing_ends_though_its_moment_was_missed);
    tcase_add_test(all, stripes_come_back_from_series_that_go);
    return suite;
}
