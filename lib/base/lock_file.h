/*
 * Locks that hold between processes, and between the parts of one: byte ranges of a file, held by
 * its open description (Linux "open file description locks"), gone with the process.
 */
#ifndef WCI_BASE_LOCK_FILE_H
#define WCI_BASE_LOCK_FILE_H

#include <stdbool.h>

#include "base/error.h"

/* Opens the file, and makes it when it is not there; *fd is -1 on failure. Closed with close(). */
wildcam_status wci_lock_file_open(const char *path, int *fd);

/* Waits for a lock on one byte. */
wildcam_status wci_lock_take(int fd, int byte, bool exclusive);
/* WILDCAM_ERR_BUSY when somebody else has it. */
wildcam_status wci_lock_try(int fd, int byte, bool exclusive);
void wci_lock_give(int fd, int byte);

#endif
