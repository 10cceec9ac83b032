/*
 * Handles of series by camera and species, so that whoever keeps a detection counts it in a few
 * nanoseconds. Looking up takes no lock and waits for nobody. Handles of cameras that were
 * forgotten go when all who may have found them have left.
 */
#ifndef WCI_STATION_HANDLES_H
#define WCI_STATION_HANDLES_H

#include <pthread.h>

#include "metrics/series.h"

struct wci_handle_table;

struct wci_handles {
    pthread_mutex_t mutex; /* held by whoever adds and forgets */
    _Atomic(struct wci_handle_table *) table;
    /* Who looks is one of a round's readers. A table that is replaced meanwhile is of that round,
     * and freed when the readers of both rounds that may be looking there are gone. */
    atomic_uint round;
    atomic_size_t readers[2];
    struct wci_handle_table *retired[2];
};

wildcam_status wci_handles_init(struct wci_handles *handles);
void wci_handles_destroy(struct wci_handles *handles, bool is_forked);

/* Around finding and counting: what was found stays until then. */
unsigned wci_handles_enter(struct wci_handles *handles);
void wci_handles_leave(struct wci_handles *handles, unsigned round);
/* NULL when there is none. Numbers are those of the store's names; species 0 is a handle of the
 * camera's own. */
struct wci_series *wci_handles_find(const struct wci_handles *handles, int64_t camera_id,
                                    int64_t species_id);

/* Under the mutex. There must be none yet. Takes the reference over, unless memory runs out. */
wildcam_status wci_handles_add(struct wci_handles *handles, int64_t camera_id, int64_t species_id,
                               struct wci_series *series);
/* Under the mutex. All of these cameras, whose numbers rise, or none when memory runs out. */
wildcam_status wci_handles_forget(struct wci_handles *handles, const int64_t *camera_ids,
                                  size_t count);
/* Frees what nobody can see any more; without the mutex. */
void wci_handles_settle(struct wci_handles *handles);

#endif
