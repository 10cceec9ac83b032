/*
 * What a transaction changes in the daily summary, gathered in memory and written once per camera,
 * day and species at its end.
 */
#ifndef WCI_STORE_SQLITE_DELTA_H
#define WCI_STORE_SQLITE_DELTA_H

#include <stddef.h>
#include <stdint.h>

#include "store/sqlite/database.h"

#define WCI_ALL_CAMERAS 0

struct wci_delta {
    int64_t camera_id, day, species_id; /* a day of UTC, counted from 1970 */
    int64_t total, scored, scored_sum, sure, sure_sum;
    int64_t hours[24];
};

struct wci_deltas {
    struct wci_delta *entries;
    size_t count, capacity;
    uint32_t *slots; /* place + 1 in entries; open addressing, a power of two */
    size_t slot_count;
};

/* What one detection counts for. */
struct wci_tally {
    int64_t camera_id, species_id, time;
    int32_t offset;
    double confidence; /* NaN is not known */
};

/* Adds a detection (sign 1) or takes it away (sign -1): for its camera, and for all cameras, which
 * the table holds under the number 0. */
wildcam_status wci_deltas_add(struct wci_deltas *deltas, const struct wci_tally *tally, int sign);
/* Adds another's counts to those of the same camera, day and species. */
wildcam_status wci_deltas_merge(struct wci_deltas *deltas, const struct wci_delta *counts);
wildcam_status wci_deltas_write(struct wci_deltas *deltas, struct wci_database *database);
void wci_deltas_empty(struct wci_deltas *deltas); /* keeps some of its memory */
void wci_deltas_free(struct wci_deltas *deltas);

/* The hour that the local clock showed, or that of the digits. */
int wci_local_hour(int64_t time, int32_t offset);

/* A row of the table, as `SELECT *` gives it. */
void wci_delta_read(sqlite3_stmt *row, struct wci_delta *delta);

#endif
