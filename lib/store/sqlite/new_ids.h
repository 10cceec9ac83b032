/* Giving ids to new rows (model/id.h). */
#ifndef WCI_STORE_SQLITE_NEW_IDS_H
#define WCI_STORE_SQLITE_NEW_IDS_H

#include "store/sqlite/database.h"

enum { WCI_SLOTS_KNOWN = 64 };

/* The next id to try in a millisecond, as far as one transaction knows. Zeroed, it knows nothing.
 */
struct wci_new_ids {
    bool is_image;
    int64_t slot[WCI_SLOTS_KNOWN], next[WCI_SLOTS_KNOWN];
};

/* Runs an insert whose first parameter is the id, with the next id of the time's millisecond.
 * Mostly the first guess is free, and asking before would cost as much as the insert. TOOLARGE when
 * that second is full. */
wildcam_status wci_new_ids_insert(struct wci_new_ids *ids, struct wci_database *database,
                                  sqlite3_stmt *statement, int64_t time, int64_t *id);

#endif
