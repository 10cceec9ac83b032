/*
 * Alerts: who looks for reasons, and when.
 *
 * What a camera's report says is judged by the store, in the transaction that takes it; rare
 * species beside the write that keeps a detection (alerts_species.c); the rest here, by the
 * station's keeper or whoever has a loop of his own (alerts_check.c).
 */
#ifndef WCI_STATION_ALERTS_H
#define WCI_STATION_ALERTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

struct wildcam_station;

/* Species whose number is higher are judged anew each time. */
enum { WCI_JUDGED_SPECIES = 65536 };

struct wci_alerts {
    pthread_mutex_t mutex; /* held while somebody looks */
    struct wci_vigil vigil;
    _Atomic int64_t next_look; /* of the monotonic clock, by the keeper */

    /* Rare species: what has been found out of each, by its number (alerts_species.c). */
    double confidence;
    const char *listed;
    bool new_ones;
    _Atomic unsigned char *species;

    pthread_mutex_t origin_mutex;
    struct wci_flap_word *origins; /* by the camera's number */
    size_t origin_capacity;
};

/* The store is open, and is told whom to ask. */
wildcam_status wci_alerts_open(struct wildcam_station *station);
void wci_alerts_close(struct wildcam_station *station, bool is_forked);

/* Looks at all there is to look at; *changes is how many were raised and cleared. */
wildcam_status wci_alerts_check(struct wildcam_station *station, int64_t *changes);
/* The same by the keeper, when its time has come; what fails is logged. */
void wci_alerts_tick(struct wildcam_station *station);

wildcam_status wci_alerts_note_origin(struct wildcam_station *station, const char *device_id,
                                      const char *origin);

/* alerts_species.c: what the store calls. */
void *wci_alerts_before_rows(void *station, const struct wci_change *change);
void wci_alerts_after_rows(void *station, void *kept, const struct wci_change *change,
                           wildcam_status status);
/* Finds out what became of sightings that nobody has settled for a while. */
wildcam_status wci_alerts_settle_sightings(struct wildcam_station *station, int64_t now,
                                           int64_t *changes);

/* Fills an alert about a camera, or with NULL about none. */
wildcam_status wci_alert_fill(wildcam_alert *alert, const char *subject, const char *device_id,
                              const char *format, ...) WCI_PRINTF(4, 5);

#endif
