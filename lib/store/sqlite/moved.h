/*
 * Which shards hold moved rows (model/id.h), and of which times.
 *
 * The catalog knows: the span of the true times that such rows of a shard have ever had, which only
 * grows. It is kept in memory and read again when somebody, in whatever process, has changed it.
 */
#ifndef WCI_STORE_SQLITE_MOVED_H
#define WCI_STORE_SQLITE_MOVED_H

#include "store/sqlite/shards.h"

struct wci_moved_shard {
    char name[WCI_SHARD_NAME];
    int64_t first, last; /* times, both included */
};

/* A copy of the list, by name; nearly always empty. */
struct wci_moved {
    struct wci_moved_shard *shards;
    size_t count;
    int64_t version; /* grows with each change of the list */
};

wildcam_status wci_moved_read(struct wci_catalog *catalog, struct wci_moved *out);
void wci_moved_free(struct wci_moved *moved);

/* What is known of a shard; NULL when it holds none. */
const struct wci_moved_shard *wci_moved_find(const struct wci_moved *moved, const char *name);
/* Whether moved rows may have times in a half-open span: of one shard (NULL for none), of any. */
bool wci_moved_overlaps(const struct wci_moved_shard *shard, int64_t from, int64_t to);
bool wci_moved_any(const struct wci_moved *moved, int64_t from, int64_t to);

#endif
