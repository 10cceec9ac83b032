/* What a change does to the summary, kept until the change as a whole has gone well: one that is
 * taken back by itself must leave nothing among the transaction's deltas. */
#ifndef WCI_STORE_SQLITE_TALLIES_H
#define WCI_STORE_SQLITE_TALLIES_H

#include "store/sqlite/delta.h"

struct wci_tallies {
    struct {
        struct wci_tally tally;
        int sign;
    } * list;
    size_t count, capacity;
};

wildcam_status wci_tallies_add(struct wci_tallies *tallies, const struct wci_tally *tally,
                               int sign);
wildcam_status wci_tallies_count(const struct wci_tallies *tallies, struct wci_deltas *deltas);
void wci_tallies_free(struct wci_tallies *tallies);

#endif
