/*
 * Events of a station's pictures: bringing them up to date.
 *
 * A picture is kept without an event, which costs its sender nothing, and is owed one from then on.
 * Whoever regroups holds a lock of the station's directory, so that one does at a time.
 */
#ifndef WCI_PROCESS_PLACE_H
#define WCI_PROCESS_PLACE_H

#include "store/store.h"

/* Does what is owed, until the deadline of the monotonic clock or until a call has gone through
 * WCI_EVENTS_TURN pictures at least of each camera. *left says whether something may be left: when
 * another process is at it, too, which is waited for with `waits`. It may be called when nothing is
 * owed, for next to nothing. */
enum { WCI_EVENTS_TURN = 2000 };
wildcam_status wci_events_catch_up(struct wci_store *store, bool waits, int64_t deadline,
                                   bool *left);

/* Groups a camera's pictures of a span anew, whatever they are in. */
struct wci_events_order {
    int64_t camera_id, from, to;
    int gap;
    /* Called now and then, without a lock; false stops it, with WILDCAM_ERR_CANCELLED. May be NULL.
     */
    bool (*goes_on)(void *user, int64_t seen);
    void *user;
    int64_t seen, changed; /* out */
};
wildcam_status wci_events_group_anew(struct wci_store *store, struct wci_events_order *order);

#endif
