/*
 * Going through rows in the order of time where some are moved: those in place, shard by shard, and
 * the moved ones of all shards are merged.
 */
#ifndef WCI_STORE_SQLITE_PLACES_H
#define WCI_STORE_SQLITE_PLACES_H

#include "store/sqlite/moved.h"
#include "store/sqlite/sqlite.h"

struct wci_places {
    struct wci_place *list;
    size_t count, capacity;
};

/* What is asked for. `ask` prepares, for a shard, the ids and times of rows in place or moved ones,
 * behind a place and in order. */
struct wci_places_wish {
    wci_backend *self;
    const struct wci_moved *moved;
    int64_t from, to; /* times */
    bool upwards;
    wildcam_status (*ask)(void *user, struct wci_database *reader, const struct wci_shard *shard,
                          bool moved, const struct wci_place *after, int64_t limit,
                          sqlite3_stmt **out);
    void *user;
};

/* The next places behind one (NULL for the beginning), at most `limit`, into a zeroed list, whose
 * memory is freed with free(). */
wildcam_status wci_places_gather(const struct wci_places_wish *wish, const struct wci_place *after,
                                 size_t limit, struct wci_places *out);

#endif
