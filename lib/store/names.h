/*
 * Device ids and species by number.
 *
 * Names are added and never changed or removed, so rows refer to them by address and need not copy
 * them. Any thread may look up while another adds.
 */
#ifndef WCI_STORE_NAMES_H
#define WCI_STORE_NAMES_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A camera's device id, or a species' name in its category. */
struct wci_name {
    int64_t id; /* from 1, dense */
    int category;
    char text[];
};

struct wci_names {
    pthread_rwlock_t lock;
    struct wci_name **by_id;
    size_t capacity_by_id, highest_id;
    struct wci_name **slots; /* by category and text; open addressing, a power of two */
    size_t slot_count, count;
};

wildcam_status wci_names_init(struct wci_names *names);
void wci_names_destroy(struct wci_names *names);

/* NULL when it is not there. */
const struct wci_name *wci_names_find(struct wci_names *names, int category, const char *text);
const struct wci_name *wci_names_at(struct wci_names *names, int64_t id);

/* Adds a name, or finds it there. */
wildcam_status wci_names_add(struct wci_names *names, int64_t id, int category, const char *text,
                             const struct wci_name **out);

/* Calls back for each, in the order of numbers, without a lock held. */
void wci_names_each(struct wci_names *names, void (*each)(void *user, const struct wci_name *name),
                    void *user);

#endif
