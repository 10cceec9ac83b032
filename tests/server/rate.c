/* The server's token buckets, against a model that forgets nobody. */
#include "rate.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "support/harness.h"

/* ck_assert() tells the runner each time that all is well: too often, millions of times. */
#define require(expression)                                                                        \
    do {                                                                                           \
        if (!(expression))                                                                         \
            ck_abort_msg("%s", #expression);                                                       \
    } while (0)

static const struct rate_seed seed = {{1, 2}};
static const int64_t begin = INT64_C(7) * RATE_SECOND;

static struct rate *make(double per_second, int64_t burst)
{
    struct rate *rate = rate_new(per_second, burst, seed);
    ck_assert_ptr_nonnull(rate);
    return rate;
}

static bool take(struct rate *rate, uint32_t who, int64_t now)
{
    int64_t wait;
    bool taken = rate_take(rate, &who, sizeof who, now, &wait);
    require(taken == (wait == 0));
    return taken;
}

/* Tokens by the book: so much time's worth of them, filled up as time goes by. */
struct model {
    int64_t credit, at;
};

static bool model_take(struct model *model, int64_t interval, int64_t burst, int64_t now)
{
    model->credit += now - model->at;
    if (model->at == 0 || model->credit > burst * interval)
        model->credit = burst * interval;
    model->at = now;
    if (model->credit < interval)
        return false;
    model->credit -= interval;
    return true;
}

START_TEST(burst_and_then_the_rate)
{
    struct rate *rate = make(10, 20);
    for (int i = 0; i < 20; i++)
        require(take(rate, 1, begin));
    require(!take(rate, 1, begin));
    require(take(rate, 2, begin)); /* someone else */
    int64_t now = begin;
    for (int i = 0; i < 50; i++) {
        now += RATE_SECOND / 10;
        require(!take(rate, 1, now - 1));
        require(take(rate, 1, now));
        require(!take(rate, 1, now));
    }
    rate_free(rate);
}
END_TEST

START_TEST(wait_is_exact)
{
    struct rate *rate = make(0.25, 3);
    int64_t wait = -1, now = begin;
    for (int i = 0; i < 3; i++)
        require(take(rate, 1, now));
    uint32_t who = 1;
    for (int i = 0; i < 5; i++) {
        require(!rate_take(rate, &who, sizeof who, now + 5, &wait));
        ck_assert_int_eq(wait, INT64_C(4) * RATE_SECOND - 5); /* asking costs nothing */
    }
    require(!take(rate, 1, now + 5 + wait - 1));
    require(take(rate, 1, now + 5 + wait));
    rate_free(rate);
}
END_TEST

START_TEST(given_back)
{
    struct rate *rate = make(1, 2);
    uint32_t who = 1;
    require(take(rate, who, begin));
    require(take(rate, who, begin));
    rate_give_back(rate, &who, sizeof who);
    require(take(rate, who, begin));
    require(!take(rate, who, begin));
    who = 2;
    rate_give_back(rate, &who, sizeof who); /* one that has never asked */
    require(take(rate, who, begin));
    require(take(rate, who, begin));
    require(!take(rate, who, begin));
    rate_free(rate);
}
END_TEST

START_TEST(as_the_model_does)
{
    enum { PEOPLE = 50, STEPS = 400000 };
    static const struct {
        double per_second;
        int64_t burst, interval;
    } limits[] = {{100, 200, RATE_SECOND / 100},
                  {5, 5, RATE_SECOND / 5},
                  {1, 5, RATE_SECOND},
                  {0.5, 1, INT64_C(2) * RATE_SECOND}};
    srand(4);
    for (size_t limit = 0; limit < sizeof limits / sizeof limits[0]; limit++) {
        struct rate *rate = make(limits[limit].per_second, limits[limit].burst);
        struct model models[PEOPLE] = {{0, 0}};
        int64_t now = begin;
        int refused = 0;
        for (int step = 0; step < STEPS; step++) {
            now += rand() % (limits[limit].interval / 25);
            uint32_t who = (uint32_t)(rand() % 3 ? rand() % 3 : rand() % PEOPLE);
            bool may = model_take(&models[who], limits[limit].interval, limits[limit].burst, now);
            require(take(rate, who, now) == may);
            refused += !may;
        }
        ck_assert_int_gt(refused, STEPS / 100);
        ck_assert_int_lt(refused, STEPS * 99 / 100);
        rate_free(rate);
    }
}
END_TEST

/* Bytes of the heap that are in use; always 0 under a sanitizer, which has a heap of its own. */
static size_t heap_in_use(void)
{
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/* As it is made it is as big as it ever is. */
START_TEST(million_addresses_take_no_memory)
{
    enum { PEOPLE = 1000000, MOST = 1024 * 1024 };
    size_t without = heap_in_use();
    struct rate *rate = make(1, 2);
    size_t begun = heap_in_use();
    int64_t now = begin;
    ck_assert_uint_lt(begun - without, MOST);
    for (uint32_t who = 0; who < PEOPLE; who++) {
        take(rate, who, ++now);
        if (who % 3 == 0)
            rate_give_back(rate, &who, sizeof who);
        require(who % 1000 != 0 || heap_in_use() == begun);
    }
    ck_assert_uint_eq(heap_in_use(), begun);
    rate_free(rate);
}
END_TEST

/* A million addresses, each at its limit and beyond, faster than any debt is paid: nobody is let
 * through once more than if every bucket were kept. */
START_TEST(million_addresses_win_nothing)
{
    enum { PEOPLE = 1000000, ROUNDS = 4 };
    struct rate *rate = make(1, 2);
    struct model *models = calloc(PEOPLE, sizeof *models);
    int64_t now = begin;
    int admitted = 0;
    ck_assert_ptr_nonnull(models);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t who = 0; who < PEOPLE; who++) {
            now += 100; /* ten million requests a second */
            struct model before = models[who];
            bool may = model_take(&models[who], RATE_SECOND, 2, now);
            bool taken = take(rate, who, now);
            require(may || !taken);
            if (may && !taken)
                models[who] = before; /* what is refused costs nothing */
            admitted += taken;
        }
    }
    ck_assert_int_ge(admitted, RATE_SETS * RATE_WAYS);
    ck_assert_int_lt(admitted, PEOPLE);
    free(models);
    rate_free(rate);
}
END_TEST

/* The abuser's own debt is not washed away by strangers, not even his own. */
START_TEST(debt_outlasts_a_flood)
{
    struct rate *rate = make(100, 200);
    struct model model = {0, 0};
    int64_t now = begin;
    for (int i = 0; i < 200; i++) {
        require(take(rate, 0, now));
        require(model_take(&model, RATE_SECOND / 100, 200, now));
    }
    for (uint32_t who = 1; who <= 1000000; who++) {
        now += 1000; /* a million requests a second */
        take(rate, who, now);
        if (who % 1000 == 0)
            require(take(rate, 0, now) == model_take(&model, RATE_SECOND / 100, 200, now));
    }
    rate_free(rate);
}
END_TEST

/* At twenty thousand uploads a second from ever new addresses, whoever is new is let in, too. */
START_TEST(flood_keeps_no_newcomer_out)
{
    struct rate *rate = make(1, 5);
    int64_t now = begin;
    for (uint32_t who = 1; who <= 1000000; who++) {
        now += RATE_SECOND / 20000;
        require(take(rate, who, now));
    }
    rate_free(rate);
}
END_TEST

START_TEST(ends_of_the_range)
{
    struct rate *slow = make(0, 100000); /* less than the least */
    int64_t wait;
    uint32_t who = 1;
    for (int i = 0; i < 100000; i++)
        require(take(slow, who, begin));
    require(!rate_take(slow, &who, sizeof who, begin, &wait));
    ck_assert_int_eq(wait, INT64_C(10000) * RATE_SECOND);
    rate_free(slow);
    struct rate *fast = make(1e12, 1);
    require(take(fast, who, begin));
    require(!take(fast, who, begin));
    require(take(fast, who, begin + 1));
    rate_free(fast);
    rate_free(NULL);
}
END_TEST

/* The vector of SipHash's authors: the key 00..0f, the message 00..0e. */
START_TEST(hash_is_siphash)
{
    unsigned char message[15];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (unsigned char)i;
    struct rate_seed key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    require(rate_hash(key, message, sizeof message) == UINT64_C(0xa129ca6149be45e5));
    require(rate_hash(key, message, 8) != rate_hash(key, message, 7));
    require(rate_hash(key, message, 0) != rate_hash(seed, message, 0));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rate");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, burst_and_then_the_rate);
    tcase_add_test(all, wait_is_exact);
    tcase_add_test(all, given_back);
    tcase_add_test(all, as_the_model_does);
    tcase_add_test(all, million_addresses_take_no_memory);
    tcase_add_test(all, million_addresses_win_nothing);
    tcase_add_test(all, debt_outlasts_a_flood);
    tcase_add_test(all, flood_keeps_no_newcomer_out);
    tcase_add_test(all, ends_of_the_range);
    tcase_add_test(all, hash_is_siphash);
    return suite;
}
