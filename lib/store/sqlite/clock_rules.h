/*
 * What deployments say of cameras' clocks, kept in memory.
 *
 * It is read again when it turns out that somebody, in whatever process, has changed it: whoever
 * writes rows looks under the lock of the shard whether what their times were worked out with is
 * still so (`time_changes`). A change is durable before any row is brought to it, so a row that was
 * written with the old rules is there when that begins.
 */
#ifndef WCI_STORE_SQLITE_CLOCK_RULES_H
#define WCI_STORE_SQLITE_CLOCK_RULES_H

#include <pthread.h>

#include "model/deployment.h"
#include "store/sqlite/catalog.h"

struct wci_kept_rule {
    int64_t camera_id;
    struct wci_clock_rule rule;
};

struct wci_clock_rules {
    pthread_mutex_t mutex;
    struct wci_kept_rule *list; /* by camera and beginning */
    size_t count, capacity;
    int64_t version; /* of the rules; -1 while they are not read */
};

wildcam_status wci_clock_rules_init(struct wci_clock_rules *rules);
void wci_clock_rules_destroy(struct wci_clock_rules *rules, bool is_forked);

/* Which version of the rules stands in the catalog now. */
wildcam_status wci_clock_rules_ask_version(struct wci_catalog *catalog, int64_t *version);
/* Has them read again before the next use. */
void wci_clock_rules_forget(struct wci_clock_rules *rules);
/* Corrects a reading by a camera's deployments, and says by which version of the rules. */
wildcam_status wci_clock_rules_correct(struct wci_clock_rules *rules, struct wci_catalog *catalog,
                                       int64_t camera_id, int source, struct wci_reading *reading,
                                       int64_t *version);
/* A camera's rules, freed with free(). */
wildcam_status wci_clock_rules_copy(struct wci_clock_rules *rules, struct wci_catalog *catalog,
                                    int64_t camera_id, struct wci_clock_rule **out, size_t *count,
                                    int64_t *version);

#endif
