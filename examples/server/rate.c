#include "rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Instead of tokens and when they were counted, a bucket holds the one time at which it will be
 * full: each token moves it on by the time in which one comes. There is nothing to refill, and
 * nothing to round. */
struct bucket {
    uint64_t id; /* the hash of who it is */
    int64_t full_at;
};

struct set {
    struct bucket buckets[RATE_WAYS];
    int64_t floor; /* the latest time at which one that was thrown out would have been full */
};

struct rate {
    struct rate_seed seed;
    int64_t interval; /* in which a token comes */
    int64_t depth;    /* in which an empty bucket fills */
    pthread_mutex_t mutex;
    struct set *sets;
};

/* ---- the hash ---- */

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

uint64_t rate_hash(struct rate_seed seed, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t v[4] = {
        seed.words[0] ^ UINT64_C(0x736f6d6570736575), seed.words[1] ^ UINT64_C(0x646f72616e646f6d),
        seed.words[0] ^ UINT64_C(0x6c7967656e657261), seed.words[1] ^ UINT64_C(0x7465646279746573)};
    for (size_t done = 0; done <= size; done += 8) {
        size_t left = size - done;
        uint64_t word = left < 8 ? (uint64_t)(size & 0xff) << 56 : 0;
        for (size_t i = 0; i < 8 && i < left; i++)
            word |= (uint64_t)at[done + i] << 8 * i;
        v[3] ^= word;
        mix(v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- the table ---- */

struct rate *rate_new(double per_second, int64_t burst, struct rate_seed seed)
{
    struct rate *rate = calloc(1, sizeof *rate);
    if (!rate)
        return NULL;
    rate->sets = calloc(RATE_SETS, sizeof *rate->sets);
    if (!rate->sets || pthread_mutex_init(&rate->mutex, NULL) != 0) {
        free(rate->sets);
        free(rate);
        return NULL;
    }
    rate->seed = seed;
    rate->interval = (int64_t)(RATE_SECOND / (per_second < 0.0001 ? 0.0001 : per_second));
    if (rate->interval < 1)
        rate->interval = 1;
    rate->depth = rate->interval * burst;
    return rate;
}

void rate_free(struct rate *rate)
{
    if (!rate)
        return;
    pthread_mutex_destroy(&rate->mutex);
    free(rate->sets);
    free(rate);
}

/* A place that was never used holds the id 0, and is full since the clock began. */
static struct bucket *find(struct set *set, uint64_t id)
{
    for (int i = 0; i < RATE_WAYS; i++)
        if (set->buckets[i].id == id)
            return &set->buckets[i];
    return NULL;
}

/* Makes room for someone by throwing out whoever owes least. */
static struct bucket *replace(struct set *set, uint64_t id)
{
    struct bucket *least = &set->buckets[0];
    for (int i = 1; i < RATE_WAYS; i++)
        if (set->buckets[i].full_at < least->full_at)
            least = &set->buckets[i];
    if (set->floor < least->full_at)
        set->floor = least->full_at;
    *least = (struct bucket){id, set->floor};
    return least;
}

static struct set *set_of(struct rate *rate, uint64_t id)
{
    return &rate->sets[id % RATE_SETS];
}

bool rate_take(struct rate *rate, const void *who, size_t size, int64_t now, int64_t *wait)
{
    uint64_t id = rate_hash(rate->seed, who, size);
    struct set *set = set_of(rate, id);
    pthread_mutex_lock(&rate->mutex);
    struct bucket *bucket = find(set, id);
    int64_t owed = bucket ? bucket->full_at : set->floor;
    int64_t full_at = (owed > now ? owed : now) + rate->interval;
    *wait = full_at - rate->depth - now;
    if (*wait <= 0) {
        *wait = 0;
        if (!bucket)
            bucket = replace(set, id);
        bucket->full_at = full_at;
    }
    pthread_mutex_unlock(&rate->mutex);
    return *wait == 0;
}

void rate_give_back(struct rate *rate, const void *who, size_t size)
{
    uint64_t id = rate_hash(rate->seed, who, size);
    pthread_mutex_lock(&rate->mutex);
    struct bucket *bucket = find(set_of(rate, id), id);
    if (bucket)
        bucket->full_at -= rate->interval;
    pthread_mutex_unlock(&rate->mutex);
}
