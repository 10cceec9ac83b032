/* Files and directories: whole writes, durable names, walks. */
#ifndef WCI_BASE_FILE_H
#define WCI_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

enum { WCI_PATH = 4096 };

/* Writes a path into path[WCI_PATH]; WILDCAM_ERR_TOOLARGE when it does not fit. */
wildcam_status wci_path(char *path, const char *format, ...) WCI_PRINTF(2, 3);

/* The path from the root, without links and dots; what is not there yet is taken as it is written.
 */
wildcam_status wci_path_real(const char *path, char *real);
/* Whether one real path is the other or below it. */
bool wci_path_is_inside(const char *inner, const char *outer);
/* The directory that a path is in, into above[WCI_PATH]. */
wildcam_status wci_path_above(char *above, const char *path);

/* Makes a directory and those above it, durably. Work done as root belongs to the owner of the
 * directory above, so that a server that runs as somebody else can go on with it. */
wildcam_status wci_directory_make(const char *path);
wildcam_status wci_directory_sync(const char *path);
/* Removes a directory and all in it, without following links; no failure when it is not there.
 * `files` counts the regular files removed and may be NULL. */
wildcam_status wci_directory_remove(const char *path, int64_t *files);
/* Whether there is no such directory or nothing is in it. */
wildcam_status wci_directory_is_empty(const char *path, bool *empty);

/* Calls `visit` for each entry but . and .., in the order of names; stops when it fails. A
 * directory that is not there has no entries. */
typedef wildcam_status wci_directory_visit(void *user, const char *path, const char *name,
                                           bool is_directory);
wildcam_status wci_directory_walk(const char *path, wci_directory_visit *visit, void *user);

/* Makes a new file for writing and reading; it must not be there. *fd is -1 on failure. */
wildcam_status wci_file_create(const char *path, int *fd);
wildcam_status wci_file_open(const char *path, int *fd, int64_t *bytes);
/* The same of a file below a folder, by a name that somebody else wrote down. INVALID for one that
 * leads out of the folder: by "..", from the root, or by a link, none of which is followed; and for
 * what is no file. */
wildcam_status wci_file_open_beneath(const char *folder, const char *name, int *fd, int64_t *bytes);
wildcam_status wci_file_write(int fd, const char *path, const void *data, size_t size);
/* Reads until size or the end; how much came goes into `got`. */
wildcam_status wci_file_read(int fd, const char *path, void *data, size_t size, size_t *got);
wildcam_status wci_file_sync(int fd, const char *path);
wildcam_status wci_file_rename(const char *from, const char *to);
/* No failure when it is not there. */
wildcam_status wci_file_remove(const char *path);
bool wci_file_exists(const char *path);
/* Replaces or makes a small file so that either the old or the new text is there, durably. */
wildcam_status wci_file_replace(const char *path, const char *text, size_t length);
/* Reads a whole file; WILDCAM_ERR_TOOLARGE past `limit`. *data has a NUL behind it. Freed with
 * free(). */
wildcam_status wci_file_load(const char *path, size_t limit, char **data, size_t *size);

/* Times of change, as stat() gives them: whether two are the same, and how many microseconds ago
 * one was by the system's clock. */
bool wci_file_same_time(const struct timespec *left, const struct timespec *right);
int64_t wci_file_age(const struct timespec *changed);

/* The space of the file system that holds path, as an unprivileged writer sees it. */
wildcam_status wci_file_space(const char *path, int64_t *free_bytes, int64_t *total_bytes);

#endif
