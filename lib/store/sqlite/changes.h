/*
 * Which cameras' days this process has changed.
 *
 * A table of a fixed size: two days of cameras that share a place are taken to have changed
 * together. 65,536 places of four bytes; those that nobody touches take no memory.
 */
#ifndef WCI_STORE_SQLITE_CHANGES_H
#define WCI_STORE_SQLITE_CHANGES_H

#include <stdatomic.h>
#include <stdint.h>

#include "store/sqlite/delta.h"

struct wci_changes {
    struct wci_change_place {
        _Atomic uint32_t count;
    } * places;
    _Atomic int64_t all;
};

wildcam_status wci_changes_init(struct wci_changes *changes);
void wci_changes_destroy(struct wci_changes *changes);

/* What a transaction has changed, after its commit and before its callers hear of it. */
void wci_changes_note(struct wci_changes *changes, const struct wci_deltas *deltas);

/* A number that has grown when one of these days of that camera (0: of any) may have changed. */
int64_t wci_changes_count(const struct wci_changes *changes, int64_t camera_id, int64_t first_day,
                          int64_t end_day);

#endif
