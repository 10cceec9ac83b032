#include "store/sqlite/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "store/sqlite/schema.h"

wildcam_status wci_pool_init(struct wci_pool *pool, const wildcam_conf *conf, struct wci_slow *slow,
                             const char *path, int application)
{
    *pool = (struct wci_pool){
        .conf = conf, .slow = slow, .path = wci_copy_text(path), .application = application};
    if (!pool->path)
        return WILDCAM_ERR_NOMEM;
    if (pthread_mutex_init(&pool->mutex, NULL) == 0) {
        if (pthread_mutex_init(&pool->writer_mutex, NULL) == 0) {
            if (pthread_mutex_init(&pool->watch_mutex, NULL) == 0)
                return WILDCAM_OK;
            pthread_mutex_destroy(&pool->writer_mutex);
        }
        pthread_mutex_destroy(&pool->mutex);
    }
    free(pool->path);
    return wci_fail_memory();
}

static void close_idle(struct wci_pool *pool)
{
    while (pool->idle_count > 0)
        wci_database_close(pool->idle[--pool->idle_count]);
}

void wci_pool_destroy(struct wci_pool *pool, bool is_forked)
{
    if (!is_forked) {
        close_idle(pool);
        wci_pool_close_watch(pool);
        wci_database_close(pool->writer);
        pthread_mutex_destroy(&pool->mutex);
        pthread_mutex_destroy(&pool->writer_mutex);
        pthread_mutex_destroy(&pool->watch_mutex);
    }
    free(pool->path);
}

void wci_pool_rest(struct wci_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    close_idle(pool);
    pthread_mutex_unlock(&pool->mutex);
    if (pthread_mutex_trylock(&pool->watch_mutex) == 0) {
        wci_pool_close_watch(pool);
        pthread_mutex_unlock(&pool->watch_mutex);
    }
    if (pthread_mutex_trylock(&pool->writer_mutex) != 0)
        return;
    wci_database_close(pool->writer);
    pool->writer = NULL;
    pthread_mutex_unlock(&pool->writer_mutex);
}

/* Another process may do the same at the same time: whoever has the lock second finds it done. */
static wildcam_status bring_up(const struct wci_pool *pool)
{
    struct wci_database *writer;
    wildcam_status status = wci_database_open(pool->path, WCI_WRITE, pool->conf, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_begin(writer);
    if (status == WILDCAM_OK) {
        status = wci_schema_bring_up(writer, pool->application);
        if (status == WILDCAM_OK)
            status = wci_database_commit(writer);
        if (status != WILDCAM_OK)
            wci_database_rollback(writer);
    }
    wci_database_close(writer);
    return status;
}

static wildcam_status open_once(const struct wci_pool *pool, enum wci_database_use use,
                                struct wci_database **out, bool *current)
{
    wildcam_status status = wci_database_open(pool->path, use, pool->conf, out);
    if (status != WILDCAM_OK)
        return status;
    status = wci_schema_check(*out, pool->application, current);
    if (status == WILDCAM_OK && *current)
        return WILDCAM_OK;
    wci_database_close(*out);
    *out = NULL;
    return status;
}

/* A file of an earlier version is brought to this one by whoever opens it first. */
wildcam_status wci_pool_open_beside(const struct wci_pool *pool, enum wci_database_use use,
                                    struct wci_database **out)
{
    bool current = false;
    wildcam_status status = open_once(pool, use, out, &current);
    if (status == WILDCAM_OK && !current) {
        status = bring_up(pool);
        if (status == WILDCAM_OK)
            status = open_once(pool, use, out, &current);
        if (status == WILDCAM_OK && !current) {
            wci_fail(WILDCAM_ERR_BUSY, "the database %s is being replaced", pool->path);
            return WILDCAM_ERR_BUSY;
        }
    }
    if (status == WILDCAM_OK)
        wci_slow_watch(pool->slow, *out);
    return status;
}

bool wci_pool_has_file(const struct wci_database *database, const struct stat *file)
{
    return database->device == file->st_dev && database->inode == file->st_ino;
}

/* A shard may be purged at any moment. Without the catalog the disk is gone, and to callers
 * NOTFOUND would mean a camera. */
wildcam_status wci_pool_find_file(const struct wci_pool *pool, struct stat *file)
{
    if (stat(pool->path, file) == 0)
        return WILDCAM_OK;
    wildcam_status status = wci_fail_os(errno, "cannot find the database %s", pool->path);
    return status == WILDCAM_ERR_NOTFOUND && pool->application == WCI_CATALOG_APPLICATION
               ? wci_fail(WILDCAM_ERR_IO, "the database %s is gone", pool->path)
               : status;
}

wildcam_status wci_pool_take_reader(struct wci_pool *pool, struct wci_database **out)
{
    struct stat file;
    *out = NULL;
    wildcam_status status = wci_pool_find_file(pool, &file);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&pool->mutex);
    while (!*out && pool->idle_count > 0) {
        struct wci_database *reader = pool->idle[--pool->idle_count];
        if (wci_pool_has_file(reader, &file))
            *out = reader;
        else
            wci_database_close(reader);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!*out)
        return wci_pool_open_beside(pool, WCI_READ, out);
    wci_slow_begin(*out);
    return WILDCAM_OK;
}

void wci_pool_give_reader(struct wci_pool *pool, struct wci_database *reader)
{
    if (!reader)
        return;
    bool is_free = sqlite3_get_autocommit(reader->handle) != 0;
    pthread_mutex_lock(&pool->mutex);
    if (is_free && pool->idle_count < WCI_IDLE_READERS) {
        pool->idle[pool->idle_count++] = reader;
        reader = NULL;
    }
    pthread_mutex_unlock(&pool->mutex);
    wci_database_close(reader);
}

/* A transaction that cannot be taken back, for want of memory say, ends with its connection. */
static void take_back(struct wci_pool *pool)
{
    wci_database_rollback(pool->writer);
    if (sqlite3_get_autocommit(pool->writer->handle))
        return;
    wci_database_close(pool->writer);
    pool->writer = NULL;
}

/* The same for this thread's failure. */
static wildcam_status take_back_for(struct wci_pool *pool)
{
    struct wci_error error;
    wci_error_save(&error);
    take_back(pool);
    return wci_error_restore(&error);
}

/* When files run out at that moment, SQLite opens the index of a log for reading only, and all its
 * connections share that one: they all must go before one can write again. */
static void close_all(struct wci_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    close_idle(pool);
    pthread_mutex_unlock(&pool->mutex);
    pthread_mutex_lock(&pool->watch_mutex);
    wci_pool_close_watch(pool);
    pthread_mutex_unlock(&pool->watch_mutex);
    wci_database_close(pool->writer);
    pool->writer = NULL;
}

/* A transaction on the file that has the name: checked once the lock is held, because who replaces
 * a file holds its lock meanwhile. */
static wildcam_status begin(const struct wci_pool *pool, bool is_passing,
                            struct wci_database **database)
{
    struct stat file;
    for (int attempt = 0; attempt < 8; attempt++) {
        wildcam_status status = WILDCAM_OK;
        if (!*database)
            status = wci_pool_open_beside(pool, WCI_WRITE, database);
        if (status == WILDCAM_OK) {
            wci_slow_begin(*database);
            status = wci_database_wait_for_disk(*database, !is_passing);
        }
        if (status == WILDCAM_OK)
            status = wci_database_begin(*database);
        if (status != WILDCAM_OK)
            return status;
        status = wci_pool_find_file(pool, &file);
        if (status == WILDCAM_OK && wci_pool_has_file(*database, &file))
            return WILDCAM_OK;
        wci_database_rollback(*database);
        wci_database_close(*database);
        *database = NULL;
        if (status != WILDCAM_OK)
            return status;
    }
    return wci_fail(WILDCAM_ERR_BUSY, "the database %s is being replaced", pool->path);
}

void wci_pool_ready_writer(struct wci_pool *pool)
{
    pthread_mutex_lock(&pool->writer_mutex);
    if (!pool->writer && wci_pool_open_beside(pool, WCI_WRITE, &pool->writer) != WILDCAM_OK)
        wci_error_clear();
    pthread_mutex_unlock(&pool->writer_mutex);
}

static wildcam_status begin_writing(struct wci_pool *pool, bool is_passing,
                                    struct wci_database **out)
{
    *out = NULL;
    pthread_mutex_lock(&pool->writer_mutex);
    wildcam_status status = begin(pool, is_passing, &pool->writer);
    if (status == WILDCAM_ERR_DENIED) {
        close_all(pool);
        status = begin(pool, is_passing, &pool->writer);
    }
    if (status == WILDCAM_OK && wci_pool_note_others(pool) != WILDCAM_OK)
        status = take_back_for(pool);
    if (status == WILDCAM_OK) {
        pool->is_writing = true;
        *out = pool->writer;
    } else {
        pthread_mutex_unlock(&pool->writer_mutex);
    }
    return status;
}

wildcam_status wci_pool_begin(struct wci_pool *pool, struct wci_database **out)
{
    return begin_writing(pool, false, out);
}

wildcam_status wci_pool_begin_passing(struct wci_pool *pool, struct wci_database **out)
{
    return begin_writing(pool, true, out);
}

wildcam_status wci_pool_begin_beside(const struct wci_pool *pool, struct wci_database **out)
{
    *out = NULL;
    wildcam_status status = begin(pool, false, out);
    if (status != WILDCAM_OK) {
        wci_database_close(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wci_pool_commit(struct wci_pool *pool)
{
    pool->is_writing = false; /* others may write before this call has come back */
    wildcam_status status = wci_database_commit(pool->writer);
    pool->wal_bytes = pool->writer->wal_bytes;
    if (status != WILDCAM_OK)
        take_back(pool);
    pthread_mutex_unlock(&pool->writer_mutex);
    return status;
}

void wci_pool_rollback(struct wci_pool *pool)
{
    pool->is_writing = false;
    take_back(pool);
    pthread_mutex_unlock(&pool->writer_mutex);
}

static wildcam_status checkpoint(struct wci_database *database, bool *all)
{
    int pages = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages,
                                         &moved);
    *all = pages == moved;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
        return WILDCAM_OK;
    return wci_database_failed(database, code, "the write-ahead log of");
}

wildcam_status wci_pool_checkpoint(struct wci_pool *pool, bool patiently)
{
    bool all = false;
    struct wci_database *beside = NULL;
    wildcam_status status = WILDCAM_OK;
    if (patiently) {
        status = wci_pool_open_beside(pool, WCI_WRITE, &beside);
        if (status == WILDCAM_OK)
            status = checkpoint(beside, &all);
        wci_database_close(beside);
    }
    pthread_mutex_lock(&pool->writer_mutex);
    if (status == WILDCAM_OK && pool->writer) {
        status = checkpoint(pool->writer, &all);
        if (all)
            pool->wal_bytes = pool->writer->wal_bytes = 0;
    }
    pthread_mutex_unlock(&pool->writer_mutex);
    return status;
}
