/* Seeing that a file was written, by whom, without a look at what is in it. */
#include <sys/stat.h>

#include "base/calendar.h"
#include "store/sqlite/pool.h"

void wci_pool_close_watch(struct wci_pool *pool)
{
    wci_database_close(pool->watch);
    pool->watch = NULL;
}

/* Another one whenever another connection has written, and this process's writer is another. */
static wildcam_status ask_version(struct wci_database *database, int64_t *version)
{
    sqlite3_stmt *statement;
    wci_slow_begin(database);
    wildcam_status status = wci_database_prepare(database, 0, "PRAGMA data_version", &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    *version = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* A connection that was just opened knows of nothing before. */
static wildcam_status watch(struct wci_pool *pool, const struct stat *file, bool *is_new,
                            int64_t *version)
{
    if (pool->watch && !wci_pool_has_file(pool->watch, file))
        wci_pool_close_watch(pool);
    *is_new = !pool->watch;
    wildcam_status status = *is_new ? wci_pool_open_beside(pool, WCI_READ, &pool->watch)
                                    : WILDCAM_OK;
    if (status != WILDCAM_OK)
        return status;
    status = ask_version(pool->watch, version);
    if (status != WILDCAM_OK)
        wci_pool_close_watch(pool);
    return status;
}

wildcam_status wci_pool_count_changes(struct wci_pool *pool, int64_t *changes)
{
    struct stat file;
    bool is_new;
    int64_t version = 0;
    wildcam_status status = wci_pool_find_file(pool, &file);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&pool->watch_mutex);
    status = watch(pool, &file, &is_new, &version);
    if (status == WILDCAM_OK) {
        pool->changes += is_new || version != pool->seen;
        pool->seen = version;
    }
    *changes = pool->changes;
    pthread_mutex_unlock(&pool->watch_mutex);
    return status;
}

/* The writer's own commits leave its version as it is, so another one is the work of others. */
wildcam_status wci_pool_note_others(struct wci_pool *pool)
{
    int64_t version = 0;
    wildcam_status status = ask_version(pool->writer, &version);
    if (status != WILDCAM_OK)
        return status;
    pool->others += version != pool->writer->data_version;
    pool->writer->data_version = version;
    return WILDCAM_OK;
}

/* Somebody has written. In a transaction of this process's writer it was he himself, or it was
 * counted when that began; otherwise he is asked, unless he is busy. False when it cannot be told.
 */
static bool settle(struct wci_pool *pool)
{
    if (pthread_mutex_trylock(&pool->writer_mutex) != 0)
        return pool->is_writing;
    bool is_told = pool->writer && wci_pool_note_others(pool) == WILDCAM_OK;
    pthread_mutex_unlock(&pool->writer_mutex);
    if (!is_told)
        pool->others++;
    return true;
}

static wildcam_status count_by_watch(struct wci_pool *pool, const struct stat *file, bool *is_sure)
{
    bool is_new;
    int64_t version = 0;
    wildcam_status status = watch(pool, file, &is_new, &version);
    if (status != WILDCAM_OK)
        return status;
    if (is_new || !pool->is_watched)
        pool->others++;
    else if (version != pool->others_seen)
        *is_sure = settle(pool);
    pool->is_watched = true;
    if (*is_sure)
        pool->others_seen = version;
    return WILDCAM_OK;
}

/* While nothing is in the log the file's time of change tells, once it is not of just now. */
static void count_by_file(struct wci_pool *pool, const struct stat *file, bool *is_sure)
{
    if (pool->is_watched || pool->others_device != file->st_dev ||
        pool->others_inode != file->st_ino ||
        !wci_file_same_time(&pool->others_changed, &file->st_mtim))
        pool->others++;
    *is_sure = wci_file_age(&file->st_mtim) > WCI_CLOCK_GRAIN;
    pool->is_watched = false;
    pool->others_device = file->st_dev;
    pool->others_inode = file->st_ino;
    pool->others_changed = file->st_mtim;
}

wildcam_status wci_pool_count_others(struct wci_pool *pool, struct wci_pool_others *out)
{
    char log[WCI_PATH];
    struct stat file, log_file;
    *out = (struct wci_pool_others){.is_sure = true};
    wildcam_status status = wci_pool_find_file(pool, &file);
    if (status == WILDCAM_OK)
        status = wci_path(log, "%s-wal", pool->path);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&pool->watch_mutex);
    if (stat(log, &log_file) == 0 && log_file.st_size > 0)
        status = count_by_watch(pool, &file, &out->is_sure);
    else
        count_by_file(pool, &file, &out->is_sure);
    out->count = pool->others;
    out->is_open = pool->watch != NULL;
    pthread_mutex_unlock(&pool->watch_mutex);
    return status;
}
