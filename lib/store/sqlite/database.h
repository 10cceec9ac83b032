/*
 * SQLite connections: how they are opened, how their failures read, and the statements they keep.
 *
 * Every statement text that may be asked for again is prepared once per connection and found by
 * the address of its text.
 */
#ifndef WCI_STORE_SQLITE_DATABASE_H
#define WCI_STORE_SQLITE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/file.h"
#include "conf/conf.h"

/* More than one connection is asked for: the backend has fewer texts. */
enum { WCI_KEPT_STATEMENTS = 128 };

struct wci_slow;

struct wci_database {
    sqlite3 *handle;
    char *path;
    dev_t device; /* of the file, to see whether its name has been given to another */
    ino_t inode;
    int64_t wal_bytes;    /* how long the write-ahead log was after the last commit */
    int64_t data_version; /* as it was when it was asked for last; 0 before */
    struct {
        uintptr_t key;
        sqlite3_stmt *statement;
        uint64_t used; /* the number of its last use */
    } kept[WCI_KEPT_STATEMENTS];
    int kept_count;
    uint64_t uses;
    sqlite3_stmt *passing;
    bool has_large_cache;
    bool is_durable;       /* by the settings, commits wait for the disk */
    bool waits;            /* and they do at present */
    struct wci_slow *slow; /* NULL while nobody asks how long statements take */
    int64_t used_since;    /* monotonic; while `slow` is there */
};

enum wci_database_use {
    WCI_READ,   /* an existing file; writing is refused */
    WCI_WRITE,  /* an existing file */
    WCI_CREATE, /* a file that is made when it is not there; not yet in WAL mode */
};

wildcam_status wci_database_open(const char *path, enum wci_database_use use,
                                 const wildcam_conf *conf, struct wci_database **out);
void wci_database_close(struct wci_database *database);

/* Runs statements that answer nothing. */
wildcam_status wci_database_run(struct wci_database *database, const char *sql);
/* Runs a statement that answers one whole number. */
wildcam_status wci_database_ask(struct wci_database *database, const char *sql, int64_t *answer);

/* A statement that is kept: `key` tells texts apart that are built; 0 takes the text's address,
 * for literals. It comes reset and without bindings. Where there are too many, the one goes that
 * was not used for longest, but none that is being stepped. */
wildcam_status wci_database_prepare(struct wci_database *database, uintptr_t key, const char *sql,
                                    sqlite3_stmt **out);
/* Whether a statement is kept under a key; it then comes reset and without bindings. */
bool wci_database_find_kept(struct wci_database *database, uintptr_t key, sqlite3_stmt **out);
/* A statement that will hardly be asked for again; it is kept until the next of its kind. */
wildcam_status wci_database_prepare_passing(struct wci_database *database, const char *sql,
                                            sqlite3_stmt **out);
/* A statement for once; finalised by the caller. */
wildcam_status wci_database_prepare_once(struct wci_database *database, const char *sql,
                                         sqlite3_stmt **out);
/* 1 a row, 0 done, negative a failure with its sentence. */
wildcam_step wci_database_step(struct wci_database *database, sqlite3_stmt *statement);

/* A great batch touches more pages than a writer commonly keeps (4 MiB); writing them out early and
 * reading them again would cost a third of its speed. */
wildcam_status wci_database_fit_cache(struct wci_database *database, bool large);

/* Whether commits wait for the disk, as far as the settings want it. Between transactions. */
wildcam_status wci_database_wait_for_disk(struct wci_database *database, bool waits);

wildcam_status wci_database_begin(struct wci_database *database);
wildcam_status wci_database_commit(struct wci_database *database);
void wci_database_rollback(struct wci_database *database); /* no failure when there is nothing to */

/* The failure of the connection's last call; `database` is NULL for an open that failed early. */
wildcam_status wci_database_failed(struct wci_database *database, int code, const char *what);

/* Values that may be unknown. */
void wci_bind_real(sqlite3_stmt *statement, int index, double value);      /* NaN is NULL */
void wci_bind_text(sqlite3_stmt *statement, int index, const char *value); /* "" is NULL */
void wci_bind_time(sqlite3_stmt *statement, int index, int64_t time);      /* none is NULL */
void wci_bind_count(sqlite3_stmt *statement, int index, int64_t value);    /* negative is NULL */
void wci_bind_offset(sqlite3_stmt *statement, int index, int32_t offset);  /* unknown is NULL */
double wci_column_real(sqlite3_stmt *statement, int index);
int64_t wci_column_time(sqlite3_stmt *statement, int index);
int64_t wci_column_count(sqlite3_stmt *statement, int index);
int32_t wci_column_offset(sqlite3_stmt *statement, int index);
struct wci_text;
wildcam_status wci_column_text(sqlite3_stmt *statement, int index, struct wci_text *to);

#endif
