/*
 * Bringing the events of one camera's pictures up to date.
 *
 * A picture that is in no event (0) is owed one: that is the queue. Whatever else a new picture
 * changes, it is the pictures behind it, which may follow it from now on; so from a picture that is
 * owed on, all that come behind are looked at until nothing changes any more. What has been worked
 * out is written only up to a picture that is owed, or is made to be. So a crash at any moment
 * leaves nothing wrong that nobody would come back to, and so do turns that nobody goes on with and
 * pictures that come, go or come to be owed meanwhile. Who regroups does it alone, though, in all
 * processes: that is the caller's business.
 */
#ifndef WCI_PROCESS_REGROUP_H
#define WCI_PROCESS_REGROUP_H

#include "process/events.h"

/* Where the pictures are: the store, or a test's. */
struct wci_frame_source {
    void *user;
    /* Adds the camera's pictures from the beginning of a second on, in any order, whole seconds of
     * them: *until is the first second that may be missing, INT64_MAX when none is. */
    wildcam_status (*read)(void *user, int64_t camera_id, int64_t from, size_t limit,
                           struct wci_frames *out, int64_t *until);
    /* The same before the beginning of a second, down to a time: *since is the first second of
     * which they are all. */
    wildcam_status (*read_back)(void *user, int64_t camera_id, int64_t from, int64_t before,
                                size_t limit, struct wci_frames *out, int64_t *since);
    /* Writes all marks, or none of those of a shard when a picture is in another event by now than
     * it was read in: *missed then. One that is gone does not matter. */
    wildcam_status (*write)(void *user, struct wci_event_mark *marks, size_t count, bool *missed);
};

struct wci_regrouping {
    int64_t camera_id;
    int64_t from, to; /* times, half-open: of what is looked at even when nothing is owed */
    int gap;          /* seconds */
    bool renews_gap;  /* in the span, the gap is written down anew, too */
    /* When so many were looked at, it stops at the next one that is owed; 0: never. */
    size_t limit;
    /* When so many were looked at, it is interrupted; 0: never. */
    size_t turn;
    /* Out. `changed` may count the one at which it was interrupted twice. */
    int64_t seen, changed;
    int64_t next; /* `from` of the next turn, INT64_MAX when there is none */
};

wildcam_status wci_events_regroup(const struct wci_frame_source *source,
                                  struct wci_regrouping *work);

#endif
