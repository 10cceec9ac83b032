/*
 * Handles of series by camera and species, so that whoever keeps a detection counts it in a few
 * nanoseconds. Looking up takes no lock. What was looked up stays valid until the end.
 */
#ifndef WCI_STATION_HANDLES_H
#define WCI_STATION_HANDLES_H

#include <pthread.h>

#include "metrics/series.h"

struct wci_handle_table;

struct wci_handles {
    pthread_mutex_t mutex; /* held by whoever adds and forgets */
    _Atomic(struct wci_handle_table *) table;
    struct wci_series **retired; /* of cameras that were forgotten: somebody may still count */
    size_t retired_count, retired_capacity, count;
};

wildcam_status wci_handles_init(struct wci_handles *handles);
void wci_handles_destroy(struct wci_handles *handles, bool is_forked);

/* NULL when there is none. Numbers are those of the store's names; species 0 is a handle of the
 * camera's own. */
struct wci_series *wci_handles_find(const struct wci_handles *handles, int64_t camera_id,
                                    int64_t species_id);

/* Under the mutex. There must be none yet. Takes the reference over, unless memory runs out. */
wildcam_status wci_handles_add(struct wci_handles *handles, int64_t camera_id, int64_t species_id,
                               struct wci_series *series);
void wci_handles_forget(struct wci_handles *handles, int64_t camera_id);

#endif
