/*
 * Answers that say "too many requests", held back for a moment while their connections sleep.
 *
 * Who is refused need not wait for longer than he is told to wait anyway. Who asks again at once,
 * on as many connections as an address may have, comes to some hundreds of refusals a second
 * instead of as many as the processors can give.
 */
#ifndef SERVER_TARPIT_H
#define SERVER_TARPIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;

/* One that is held; a part of its request. */
struct held {
    struct MHD_Connection *mhd;
    struct held *next;
    int64_t until; /* nanoseconds of the monotonic clock */
};

struct tarpit {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t thread;
    struct held *first, *last; /* all are held for as long, so the first ends first */
    int64_t count, most;
    bool is_open;
};

/* Holds so many at most at once. False when the system gives no thread. */
bool tarpit_start(struct tarpit *tarpit, int64_t most);
/* Lets go all that are held, and holds nothing any more. Once, after it was started. */
void tarpit_stop(struct tarpit *tarpit);
/* From within the handler of the connection: it sleeps from here on, and is its event thread's
 * again when it wakes. False: it is not held. */
bool tarpit_hold(struct tarpit *tarpit, struct held *held, struct MHD_Connection *mhd);

#endif
