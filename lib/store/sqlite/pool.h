/*
 * One database file: a writer, and readers that come and go.
 *
 * The file may be replaced under its name: another process purges it, an operator puts a repaired
 * one in its place. Whoever takes a connection gets one on the file that has the name now.
 */
#ifndef WCI_STORE_SQLITE_POOL_H
#define WCI_STORE_SQLITE_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#include "store/sqlite/slow.h"

enum { WCI_IDLE_READERS = 4 };

/* What changed so many microseconds ago may change again within the grain of its time of change. */
#define WCI_CLOCK_GRAIN INT64_C(50000)

struct wci_pool {
    const wildcam_conf *conf;
    struct wci_slow *slow; /* what watches the connections; may be NULL */
    char *path;
    int application;       /* what the file must be (schema.h) */
    pthread_mutex_t mutex; /* idle readers */
    struct wci_database *idle[WCI_IDLE_READERS];
    int idle_count;
    pthread_mutex_t writer_mutex;
    struct wci_database *writer;
    pthread_mutex_t watch_mutex;
    struct wci_database *watch; /* sees that others have written; NULL until it is asked */
    int64_t seen, changes;
    /* Writes of others than this process's writer. */
    _Atomic int64_t others;
    _Atomic bool is_writing;        /* nobody else can write, and who did before is counted */
    bool is_watched;                /* what was noted last is that of `watch`, else of the file */
    int64_t others_seen;            /* its version */
    struct timespec others_changed; /* the file's time of change, while it had no log */
    dev_t others_device;
    ino_t others_inode;
    _Atomic int64_t wal_bytes; /* how long the write-ahead log is, as far as this process knows */
};

wildcam_status wci_pool_init(struct wci_pool *pool, const wildcam_conf *conf, struct wci_slow *slow,
                             const char *path, int application);
/* Nobody holds a connection. In a forked child the connections, which are the parent's, are left as
 * they are and only memory is given back. */
void wci_pool_destroy(struct wci_pool *pool, bool is_forked);
/* Closes what nobody holds. */
void wci_pool_rest(struct wci_pool *pool);

/* WILDCAM_ERR_NOTFOUND when a shard is gone, WILDCAM_ERR_IO when the catalog is. */
wildcam_status wci_pool_take_reader(struct wci_pool *pool, struct wci_database **out);
void wci_pool_give_reader(struct wci_pool *pool, struct wci_database *reader);

/* A number that has grown when the file was written since, by whatever process. */
wildcam_status wci_pool_count_changes(struct wci_pool *pool, int64_t *changes);

/* A number that has grown when others than this process's writer may have written since: other
 * processes, or whoever replaced the file. It costs a look at two files and, while there is
 * something in the log, one at its index. It waits for nobody: what cannot be told without waiting
 * for the writer is not sure. */
struct wci_pool_others {
    int64_t count;
    bool is_sure; /* else there may be some that are not counted yet */
    bool is_open; /* it has a connection open, which wci_pool_rest() closes */
};
wildcam_status wci_pool_count_others(struct wci_pool *pool, struct wci_pool_others *out);

/* Opens the writer, which brings a file of an earlier version up, for who takes other locks before
 * wci_pool_begin(); a failure is told by that one. */
void wci_pool_ready_writer(struct wci_pool *pool);
/* Locks the writer of this process and begins a transaction, which locks out other processes. The
 * file is then sure to be the one that has the name. */
wildcam_status wci_pool_begin(struct wci_pool *pool, struct wci_database **out);
/* The same for what a loss of power may take back, but nothing of what is committed after it: its
 * commit does not wait for the disk. */
wildcam_status wci_pool_begin_passing(struct wci_pool *pool, struct wci_database **out);
/* The same on a connection of its own, which the caller rolls back and closes: for who holds
 * another pool's writer, and must not stand in line for this one's. */
wildcam_status wci_pool_begin_beside(const struct wci_pool *pool, struct wci_database **out);
wildcam_status wci_pool_commit(struct wci_pool *pool); /* unlocks, also on failure */
void wci_pool_rollback(struct wci_pool *pool);         /* unlocks */

/* Moves the write-ahead log into the database as far as readers let it: the most of it while
 * writers go on, the rest while they wait for a moment. Without `patiently` all while they wait. */
wildcam_status wci_pool_checkpoint(struct wci_pool *pool, bool patiently);

/* ---- between pool.c and pool_watch.c ---- */

wildcam_status wci_pool_open_beside(const struct wci_pool *pool, enum wci_database_use use,
                                    struct wci_database **out);
struct stat;
bool wci_pool_has_file(const struct wci_database *database, const struct stat *file);
wildcam_status wci_pool_find_file(const struct wci_pool *pool, struct stat *file);
/* Under the watch's mutex. */
void wci_pool_close_watch(struct wci_pool *pool);
/* Under the writer's mutex, and there is a writer. */
wildcam_status wci_pool_note_others(struct wci_pool *pool);

#endif
