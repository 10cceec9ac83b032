/*
 * Token buckets, one for whoever asks, in bounded memory. Pure: the clock is the caller's.
 *
 * A table holds the buckets of RATE_SETS * RATE_WAYS strangers; which set someone's bucket is in,
 * only the seed tells. A bucket that is full again is no different from none, so its place is free.
 * When all places of a set are in debt, the bucket with the least debt makes room, and whoever is
 * not in that set starts with the greatest debt that was ever thrown out of it. So, however many
 * addresses somebody has:
 *
 * - Nobody is ever let through more often than his limit allows. What a lost bucket owed is not
 *   forgotten: it is owed by every newcomer to the set, until time has paid it.
 * - A newcomer is refused too early only while all places of his set are in debt, and by no more
 *   than the least debt among them when the last one was thrown out. Debts are paid at the limit's
 *   rate, so to keep half of the places in debt takes half of RATE_SETS * RATE_WAYS times that
 * rate.
 */
#ifndef SERVER_RATE_H
#define SERVER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RATE_SETS = 4096,
    RATE_WAYS = 8,
    RATE_SECOND = 1000000000 /* times are in nanoseconds */
};

struct rate_seed {
    uint64_t words[2]; /* random, and nobody else's */
};

struct rate;

/* So many a second in the long run, at least 0.0001, and so many at once, 1 to 100000. NULL when
 * memory ran out. */
struct rate *rate_new(double per_second, int64_t burst, struct rate_seed seed);
void rate_free(struct rate *rate);
/* Takes a token from someone's bucket. When there is none, false, and *wait is the time until there
 * is one; what is refused costs nothing. The clock must not go back by more than a token's time. */
bool rate_take(struct rate *rate, const void *who, size_t size, int64_t now, int64_t *wait);
/* Gives back a token that was taken for a request that then was refused. */
void rate_give_back(struct rate *rate, const void *who, size_t size);

/* Of some bytes, keyed: SipHash-2-4. */
uint64_t rate_hash(struct rate_seed seed, const void *bytes, size_t size);

#endif
