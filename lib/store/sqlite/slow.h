/*
 * Statements that took long: noted where they end, under whatever locks, and told to the log once
 * none is held. Of a statement its shape is kept, without any value.
 */
#ifndef WCI_STORE_SQLITE_SLOW_H
#define WCI_STORE_SQLITE_SLOW_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "store/sqlite/database.h"

enum { WCI_SLOW_KEPT = 8, WCI_SLOW_WHERE = 32, WCI_SLOW_SHAPE = 640 };

struct wci_slow {
    const struct wci_log *log;
    int64_t limit; /* microseconds; 0: nothing is slow */
    pthread_mutex_t mutex;
    _Atomic int count; /* noted and not told yet */
    int64_t untold;    /* beyond those that are kept */
    struct {
        char where[WCI_SLOW_WHERE]; /* the shard, or "station" */
        char shape[WCI_SLOW_SHAPE];
        int64_t duration;
    } kept[WCI_SLOW_KEPT];
};

wildcam_status wci_slow_init(struct wci_slow *slow, const wildcam_conf *conf,
                             const struct wci_log *log);
void wci_slow_destroy(struct wci_slow *slow);

/* Has the connection's statements watched, from its next use on. `slow` may be NULL. */
void wci_slow_watch(struct wci_slow *slow, struct wci_database *database);
/* Somebody begins to use it: nothing has taken longer than since then, whatever SQLite says, which
 * reads a clock that is set now and then. */
void wci_slow_begin(struct wci_database *database);

/* Logs what was noted. No lock is held. */
void wci_slow_tell(struct wci_slow *slow);

/* A statement's text with each value in it as ?, and one space for many; cut where the room ends.
 */
void wci_slow_shape(const char *sql, char *to, size_t room);

#endif
