/*
 * Group commit: the changes that callers bring at the same time share one transaction and one
 * fsync. One of the callers leads; no thread is needed.
 */
#ifndef WCI_STORE_GROUP_COMMIT_H
#define WCI_STORE_GROUP_COMMIT_H

#include <pthread.h>
#include <stdbool.h>

#include "store/backend.h"

/* So many changes are written together at most. */
enum { WCI_GROUP_MAX = 256 };

struct wci_waiter;

struct wci_group_commit {
    pthread_mutex_t mutex;
    struct wci_waiter *first, *last; /* who waits to be written, in the order of coming */
    bool has_leader;
};

/* What the leader does with a group, without a lock held, and once its callers have their answers.
 */
struct wci_group_work {
    void *user;
    void (*write)(void *user, struct wci_change **changes, size_t count);
    void (*afterwards)(void *user);
};

wildcam_status wci_group_commit_init(struct wci_group_commit *group);
void wci_group_commit_destroy(struct wci_group_commit *group);

/* Blocks until the change is written or has failed; answers its status, with its sentence on this
 * thread. */
wildcam_status wci_group_commit(struct wci_group_commit *group, const struct wci_group_work *work,
                                struct wci_change *change);
/* The same of several, at most WCI_GROUP_MAX, which are written in one group, in their order: each
 * change's own error says how it went. */
void wci_group_commit_all(struct wci_group_commit *group, const struct wci_group_work *work,
                          struct wci_change **changes, size_t count);

#endif
