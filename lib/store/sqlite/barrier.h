/*
 * The moment at which nobody writes, for a backup that is the same in all files, and for whoever
 * must see what those have done who began to write before.
 *
 * Every writing transaction, of whatever process, passes the barrier. Who stops the writers takes
 * the gate first, so that no new ones come in while he waits for those inside.
 */
#ifndef WCI_STORE_SQLITE_BARRIER_H
#define WCI_STORE_SQLITE_BARRIER_H

#include "base/error.h"

struct wci_barrier {
    char *path;
    int fd; /* of the writing thread */
};

wildcam_status wci_barrier_open(struct wci_barrier *barrier, const char *directory);
void wci_barrier_close(struct wci_barrier *barrier);

/* One thread at a time. */
wildcam_status wci_barrier_enter(struct wci_barrier *barrier);
void wci_barrier_leave(struct wci_barrier *barrier);

/* *fd is what wci_barrier_open_again() closes. */
wildcam_status wci_barrier_stop(struct wci_barrier *barrier, int *fd);
void wci_barrier_open_again(int fd);
/* Waits until all are done who are writing now; of whoever writes then it holds nobody back. */
wildcam_status wci_barrier_pass(struct wci_barrier *barrier);

#endif
