/* The files behind the backend's back: what SQLite itself, an operator or a bad disk does. */
#ifndef TESTS_CONFORMANCE_SQLITE_RAW_H
#define TESTS_CONFORMANCE_SQLITE_RAW_H

#include <sqlite3.h>

#include "conformance/subject.h"

/* A database of the station "station", such as "station.db"; valid until the 8th call after. */
const char *station_file(const char *name);

sqlite3 *raw_open(const char *path);
/* Runs statements on a connection of their own. */
void raw_run(const char *path, const char *sql);
int64_t raw_ask(const char *path, const char *sql);

/* How long a file is; 0 when it is not there. */
int64_t file_bytes(const char *path);
/* How many transactions the write-ahead log of a database holds since it was last begun anew. */
int count_commits(const char *path);
/* Sets the times of a file and its log back to the beginning of 2020. */
void make_old(const char *path);

/* A row in each of some months of 2026, from January on; all of one camera. */
void write_months(struct subject *subject, int months, int rows_each);
/* What a whole reading answers: how many rows; `damaged` gets the names passed over and may be
 * NULL. */
int64_t read_all(struct subject *subject, struct wci_text *damaged);

#endif
