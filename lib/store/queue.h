/* Claiming rows of a queue, as uploads and processing do. */
#ifndef WCI_STORE_QUEUE_H
#define WCI_STORE_QUEUE_H

#include "model/queue.h"
#include "store/backend.h"

struct wci_queue_claim {
    /* Looks for rows that are due. */
    wildcam_status (*find)(void *user, struct wci_queue_ref *found, size_t limit, size_t *got);
    /* Takes them in one transaction, into the caller's places from `at` on, where those that were
     * taken come first; how many that are, also when it fails. */
    wildcam_status (*take)(void *user, const struct wci_queue_ref *found, size_t count, size_t at,
                           size_t *taken);
    void *user;
};

/* Another process may take what was found before we do, and then there is something else. */
wildcam_status wci_queue_claim(const struct wci_queue_claim *claim, size_t limit, size_t *got);

#endif
