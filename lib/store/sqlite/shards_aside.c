/* Setting damaged shards aside. */
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"
#include "model/id.h"
#include "store/sqlite/shards.h"

/* A second look at the whole file, on a connection of its own: a flipped bit in memory or a
 * passing fault of the disk must not take a month away. While *held is open nobody writes to the
 * file, so that no commit goes aside with it; NULL when it is beyond writing. Who cannot lock
 * writers out leaves it where it is. */
static bool is_really_damaged(const struct wci_shard *shard, struct wci_database **held)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_begin_beside(&shard->pool, held);
    if (status == WILDCAM_OK)
        status = wci_database_prepare_once(*held, "PRAGMA integrity_check(1)", &statement);
    if (status != WILDCAM_OK)
        return status == WILDCAM_ERR_CORRUPT;
    wildcam_step step = wci_database_step(*held, statement);
    const char *answer = step == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool is_damaged = step == WILDCAM_ERR_CORRUPT || (answer && strcmp(answer, "ok") != 0);
    sqlite3_finalize(statement);
    return is_damaged;
}

static wildcam_status move_aside(struct wci_shards *shards, const struct wci_shard *shard,
                                 const char *reason)
{
    char to[WCI_PATH], note[WCI_PATH];
    struct wci_date date;
    wci_calendar_split(wci_calendar_now(), &date);
    wildcam_status status = wci_path(
        to, "%s/%s.%04d%02d%02dT%02d%02d%02d%06dZ.db", shards->damaged_directory, shard->name,
        date.year, date.month, date.day, date.hour, date.minute, date.second, date.microsecond);
    if (status == WILDCAM_OK)
        status = wci_directory_make(shards->damaged_directory);
    if (status == WILDCAM_OK)
        status = wci_shards_rename(shard, to);
    if (status == WILDCAM_OK)
        status = wci_directory_sync(shards->damaged_directory);
    if (status == WILDCAM_OK)
        status = wci_path(note, "%s.txt", to);
    return status == WILDCAM_OK ? wci_file_replace(note, reason, strlen(reason)) : status;
}

bool wci_shards_is_gone(const struct wci_shard *shard, wildcam_status failure)
{
    return failure != WILDCAM_OK && !wci_file_exists(shard->pool.path);
}

/* Looks twice whether it is damaged, and moves it aside only if it is still the file that was:
 * where another process was faster, a new one may have its name. */
static bool look_and_move(struct wci_shards *shards, const struct wci_shard *shard,
                          const char *reason)
{
    struct stat before, now;
    struct wci_database *held = NULL;
    wildcam_status status = WILDCAM_OK;
    bool is_moved = false;
    if (wci_pool_find_file(&shard->pool, &before) == WILDCAM_OK &&
        is_really_damaged(shard, &held) && wci_pool_find_file(&shard->pool, &now) == WILDCAM_OK &&
        now.st_ino == before.st_ino) {
        status = move_aside(shards, shard, reason);
        is_moved = status == WILDCAM_OK;
    }
    if (is_moved)
        wci_log_write(shards->log, WILDCAM_LOG_ERROR, "store",
                      "shard %s is damaged and was set aside in %s: %s", shard->name,
                      shards->damaged_directory, reason);
    else if (status != WILDCAM_OK && !wci_shards_is_gone(shard, status))
        wci_log_failure(shards->log, WILDCAM_LOG_ERROR, "store",
                        "a damaged shard could not be set aside");
    wci_database_close(held);
    return is_moved;
}

bool wci_shards_set_aside(struct wci_shards *shards, struct wci_shard *shard,
                          wildcam_status failure)
{
    struct wci_error error;
    bool is_gone = wci_shards_is_gone(shard, failure);
    if (failure != WILDCAM_ERR_CORRUPT && !is_gone)
        return false;
    wci_error_save(&error);
    wci_pool_rest(&shard->pool); /* an open damaged file may look whole from its cache */
    pthread_mutex_lock(&shards->aside_mutex);
    if (!is_gone && !wci_shards_is_gone(shard, failure))
        is_gone = look_and_move(shards, shard, error.message);
    pthread_mutex_unlock(&shards->aside_mutex);
    is_gone = is_gone || wci_shards_is_gone(shard, failure);
    wci_shards_look_again(shards);
    wci_error_restore(&error);
    return is_gone;
}

wildcam_status wci_shards_give_after(struct wci_shards *shards, struct wci_shard *shard,
                                     wildcam_status status)
{
    if (wci_shards_is_gone(shard, status))
        status = WILDCAM_ERR_NOTFOUND;
    wci_shards_set_aside(shards, shard, status);
    wci_shards_give(shards, shard);
    return status;
}

wildcam_status wci_shards_lack(struct wci_shards *shards, const char *what, int64_t id)
{
    struct wci_text names = {0};
    int64_t time = wci_id_time(id);
    wci_shards_damaged(shards, time, time + 1, &names);
    wildcam_status status = WILDCAM_ERR_NOTFOUND;
    if (names.failed)
        status = wci_fail_memory();
    else if (names.length)
        status =
            wci_fail(WILDCAM_ERR_CORRUPT,
                     "%s %lld, if there ever was one, is in shard %s, which is damaged and was "
                     "set aside",
                     what, (long long)id, names.data);
    else
        wci_fail(status, "there is no %s %lld", what, (long long)id);
    wci_text_free(&names);
    return status;
}
