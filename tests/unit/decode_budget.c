/* The memory that decoding shares: never more than the limit, and nobody waits for ever. */
#include "image/decode_budget.h"

#include <sched.h>

#include "unit.h"

START_TEST(takes_and_gives)
{
    struct wci_decode_budget budget;
    assert_done(wci_decode_budget_init(&budget, 100));
    wci_decode_budget_take(&budget, 60);
    wci_decode_budget_take(&budget, 40);
    ck_assert_int_eq(budget.taken, 100);
    wci_decode_budget_give(&budget, 60);
    ck_assert_int_eq(budget.taken, 40);
    wci_decode_budget_give(&budget, 40);
    ck_assert_int_eq(budget.taken, 0);
    wci_decode_budget_destroy(&budget);
}
END_TEST

START_TEST(too_much_is_all_of_it)
{
    struct wci_decode_budget budget;
    assert_done(wci_decode_budget_init(&budget, 100));
    wci_decode_budget_take(&budget, INT64_MAX);
    ck_assert_int_eq(budget.taken, 100);
    wci_decode_budget_give(&budget, INT64_MAX);
    ck_assert_int_eq(budget.taken, 0);
    wci_decode_budget_destroy(&budget);
}
END_TEST

enum { ROUNDS = 2000, THREADS = 4, LIMIT = 100 };

struct user {
    struct wci_decode_budget *budget;
    int64_t *in_use, wish;
    bool exceeded;
};

static void *use(void *user_)
{
    struct user *user = user_;
    int64_t counted = user->wish < LIMIT ? user->wish : LIMIT;
    for (int i = 0; i < ROUNDS; i++) {
        wci_decode_budget_take(user->budget, user->wish);
        if (__atomic_add_fetch(user->in_use, counted, __ATOMIC_SEQ_CST) > LIMIT)
            user->exceeded = true;
        sched_yield(); /* let the others try */
        __atomic_sub_fetch(user->in_use, counted, __ATOMIC_SEQ_CST);
        wci_decode_budget_give(user->budget, user->wish);
    }
    return NULL;
}

START_TEST(many_share_it)
{
    static const int64_t wishes[THREADS] = {30, 50, 70, 1000};
    struct wci_decode_budget budget;
    struct user users[THREADS];
    pthread_t threads[THREADS];
    int64_t in_use = 0;
    assert_done(wci_decode_budget_init(&budget, LIMIT));
    for (int i = 0; i < THREADS; i++) {
        users[i] = (struct user){&budget, &in_use, wishes[i], false};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use, &users[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(!users[i].exceeded);
    }
    ck_assert_int_eq(budget.taken, 0);
    wci_decode_budget_destroy(&budget);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("decode_budget");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, takes_and_gives);
    tcase_add_test(all, too_much_is_all_of_it);
    tcase_add_test(all, many_share_it);
    return suite;
}
