/*
 * Who looks at a picture alone.
 *
 * A picture over which a process died is under suspicion, and so are those that were in hand beside
 * it. Looked at side by side they would die together again and again, until the harmless ones are
 * parked with the one that kills. So each is looked at while nobody of this process has anything
 * else in hand: then it is that one.
 */
#ifndef WCI_PROCESS_ALONE_H
#define WCI_PROCESS_ALONE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { WCI_SUSPECTS = 64 }; /* that are known at one time: as many as there may be workers */

struct wci_alone {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int at_work;
    bool is_taken; /* somebody is alone, or waits for it */
    int64_t suspects[WCI_SUSPECTS];
    unsigned next;
};

wildcam_status wci_alone_init(struct wci_alone *alone);
void wci_alone_destroy(struct wci_alone *alone);

/* Before anything is taken in hand: waits while somebody is alone. False, and nobody entered, once
 * it is unwanted. */
bool wci_alone_enter(struct wci_alone *alone, const atomic_bool *is_unwanted);
/* With a picture in hand, under suspicion or not. OK: go on, and *is_alone goes to
 * wci_alone_leave(). BUSY: somebody else is alone, or about to be; it is to be given back, and is
 * remembered. CANCELLED: it is unwanted. */
wildcam_status wci_alone_begin(struct wci_alone *alone, int64_t picture, bool is_suspect,
                               const atomic_bool *is_unwanted, bool *is_alone);
void wci_alone_leave(struct wci_alone *alone, bool is_alone);

#endif
