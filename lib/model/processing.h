/*
 * What is to be done with a picture once it is kept: one row, written in the transaction that keeps
 * the picture. The row is the queue (model/queue.h).
 */
#ifndef WCI_MODEL_PROCESSING_H
#define WCI_MODEL_PROCESSING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/text.h"
#include "model/queue.h"

#include <wildcam/process.h>

/* Numbers that stand in files. */
enum wci_processing_state {
    WCI_PROCESSING_DUE = 0,
    WCI_PROCESSING_DONE = 1,
    WCI_PROCESSING_PARKED = 2 /* trying again is no use; a person may say otherwise */
};
enum wci_priority {
    WCI_PRIORITY_LOW = -1,
    WCI_PRIORITY_NORMAL = 0,
    WCI_PRIORITY_HIGH = 1,
    WCI_PRIORITIES = 3
};

struct wildcam_processing {
    int64_t image_id;
    int state, priority;
    int64_t since;  /* when it came to be owed */
    int64_t due_at; /* not tried before; microseconds since 1970 */
    int64_t lease;  /* whose it is: a number of a worker's; 0 nobody's */
    int64_t leased_until;
    bool was_left; /* out of a claim: somebody had claimed it and did not settle it */
    /* Out of the steps of store/backend.h: the row was not, or not any more, as the step needs it.
     */
    bool is_missed;
    int attempts;               /* that failed, since it was last done or made due by hand */
    int64_t finished_at, took;  /* of the last time that it was done; WILDCAM_TIME_NONE, -1 */
    struct wci_text last_error; /* "" once it is done */
};

void wci_processing_init(wildcam_processing *processing);
void wci_processing_release(wildcam_processing *processing);

/* Whether somebody is at it: a lease that has passed is that of one who has died. */
bool wci_processing_is_running(const wildcam_processing *processing);
const char *wci_processing_state_name(int state);
/* "low", "normal", "high". */
const char *wci_priority_name(int priority);
void wci_processing_write_json(const wildcam_processing *processing, struct wci_json *json);

#endif
