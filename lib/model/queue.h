/*
 * Rows that wait for somebody to do something about a picture: what its upload (model/upload.h) and
 * its processing (model/processing.h) have in common. The row is the queue.
 */
#ifndef WCI_MODEL_QUEUE_H
#define WCI_MODEL_QUEUE_H

#include <stdint.h>

#include "base/calendar.h"

/* What lies further ahead than these was written before the clock was set back, and has passed. */
#define WCI_QUEUE_LONGEST_LEASE (600 * WCI_SECOND)
#define WCI_QUEUE_LONGEST_WAIT (3600 * WCI_SECOND)

/* Which row: `kind` is an upload's, or a priority. */
struct wci_queue_ref {
    int64_t image_id;
    int kind;
};

/* How much is owed. */
struct wci_queue_figures {
    int64_t owed;   /* not settled yet, the leased ones among them */
    int64_t oldest; /* since when; WILDCAM_TIME_NONE when nothing is */
    int64_t leased, parked;
    int64_t in_doubt; /* of uploads */
    int64_t next_due; /* when the next is to be tried; 0 for at once, INT64_MAX for none */
};

/* Rows that are looked for. */
enum wci_queue_group {
    WCI_QUEUE_IN_DOUBT, /* uploads alone */
    WCI_QUEUE_PARKED,
    WCI_QUEUE_WAITING, /* for a later try, and nobody's */
    WCI_QUEUE_DONE     /* processing alone */
};

#endif
