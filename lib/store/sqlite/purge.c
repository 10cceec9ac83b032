/* Deleting whole shards. The steps are in backend.h at wci_purge_files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

enum { KEYS_AT_ONCE = 1000 };
enum { THUMBNAILS_OFF = 2 }; /* a choice of s3.thumbnails */

static wildcam_status purging_path(wci_backend *self, const char *name, char *path)
{
    return wci_path(path, "%s/%s.purging", self->shards.directory, name);
}

struct keys {
    struct {
        int64_t camera_id, image_id;
        unsigned char sha256[WCI_DIGEST_BYTES];
    } rows[KEYS_AT_ONCE];
    int count;
};

static wildcam_status read_keys(struct wci_database *reader, int64_t after, struct keys *keys)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0, "SELECT id, camera_id, sha256 FROM images WHERE id>? ORDER BY id LIMIT ?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int(statement, 2, KEYS_AT_ONCE);
    wildcam_step step;
    keys->count = 0;
    while ((step = wci_database_step(reader, statement)) == 1) {
        const void *digest = sqlite3_column_blob(statement, 2);
        keys->rows[keys->count].image_id = sqlite3_column_int64(statement, 0);
        keys->rows[keys->count].camera_id = sqlite3_column_int64(statement, 1);
        if (digest && sqlite3_column_bytes(statement, 2) == WCI_DIGEST_BYTES)
            memcpy(keys->rows[keys->count].sha256, digest, WCI_DIGEST_BYTES);
        keys->count++;
    }
    sqlite3_reset(statement);
    return step;
}

static wildcam_status delete_keys(wci_backend *self, const struct keys *keys)
{
    struct wci_database *catalog;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    for (int i = 0; status == WILDCAM_OK && i < keys->count; i++)
        status = wci_catalog_remove_picture(catalog, keys->rows[i].camera_id, keys->rows[i].sha256,
                                            keys->rows[i].image_id);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

/* A key that names a picture that is gone is harmless, so a shard that cannot be read any more is
 * no reason to keep it. */
static wildcam_status forget_pictures(wci_backend *self, const char *path)
{
    struct wci_database *reader;
    int64_t after = 0;
    struct keys *keys = wci_new(sizeof *keys);
    if (!keys)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_database_open(path, WCI_READ, self->conf, &reader);
    if (status == WILDCAM_OK) {
        do {
            status = read_keys(reader, after, keys);
            if (status == WILDCAM_OK && keys->count) {
                after = keys->rows[keys->count - 1].image_id;
                status = delete_keys(self, keys);
            }
        } while (status == WILDCAM_OK && keys->count == KEYS_AT_ONCE);
        wci_database_close(reader);
    }
    free(keys);
    return status == WILDCAM_ERR_CORRUPT || status == WILDCAM_ERR_INTERNAL ? WILDCAM_OK : status;
}

static wildcam_status forget_shard(wci_backend *self, const char *name)
{
    struct wci_database *catalog;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    struct wci_shard *again = NULL; /* a late picture may have begun it anew */
    int64_t from, to;
    wci_shard_span(name, &from, &to);
    status = wci_catalog_doubt_events_of(catalog, name, to);
    if (status == WILDCAM_OK)
        status = wci_shards_take(&self->shards, from, &again);
    if (status == WILDCAM_ERR_NOTFOUND)
        status = wci_catalog_remove_shard(catalog, name);
    wci_shards_give(&self->shards, again);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

static wildcam_status count_owed(struct wci_database *reader, int kind, int64_t *count)
{
    static const char *const questions[] = {
        [WCI_UPLOAD_PICTURE] = "SELECT count(*) FROM uploads WHERE kind=0 AND state<>1",
        [WCI_UPLOAD_THUMBNAIL] = "SELECT count(*) FROM uploads WHERE kind=1 AND state<>1"};
    *count = 0;
    return wci_database_ask(reader, questions[kind], count);
}

/* Purging is what somebody wants, but he may not know that S3 does not have all of it. */
static void tell_what_was_owed(wci_backend *self, const char *name, const char *path)
{
    struct wci_database *reader = NULL;
    int64_t pictures = 0, thumbnails = 0;
    if (!wci_sqlite_is_uploaded(self))
        return;
    wildcam_status status = wci_database_open(path, WCI_READ, self->conf, &reader);
    if (status == WILDCAM_OK)
        status = count_owed(reader, WCI_UPLOAD_PICTURE, &pictures);
    if (status == WILDCAM_OK && wci_conf_int(self->conf, WCI_S3_THUMBNAILS) != THUMBNAILS_OFF)
        status = count_owed(reader, WCI_UPLOAD_THUMBNAIL, &thumbnails);
    wci_database_close(reader);
    if (status != WILDCAM_OK)
        wci_log_failure(self->log, WILDCAM_LOG_WARNING, "store",
                        "a shard that is purged cannot be asked what it owed to S3");
    else if (pictures || thumbnails)
        wci_log_write(self->log, WILDCAM_LOG_WARNING, "store",
                      "shard %s is purged although it owed S3 pictures (%lld) and thumbnails "
                      "(%lld)",
                      name, (long long)pictures, (long long)thumbnails);
    wci_error_clear();
}

/* From the moment on at which the rows are out of sight. */
static wildcam_status finish(wci_backend *self, const char *name,
                             const struct wci_purge_files *files)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char path[WCI_PATH], part[WCI_PATH];
    wildcam_status status = purging_path(self, name, path);
    if (status != WILDCAM_OK)
        return status;
    tell_what_was_owed(self, name, path);
    status = files->drop(files->user, name);
    if (status == WILDCAM_OK)
        status = forget_pictures(self, path);
    if (status == WILDCAM_OK)
        status = forget_shard(self, name);
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof ends / sizeof ends[0]; i++) {
        status = wci_path(part, "%s%s", path, ends[i]);
        if (status == WILDCAM_OK)
            status = wci_file_remove(part);
    }
    return status;
}

/* Whether a shard that ends before a time has rows that were moved to that time or behind it. */
static wildcam_status has_newer(wci_backend *self, const struct wci_shard *shard,
                                struct wci_database *database, int64_t before, bool *has)
{
    static const char *const questions[] = {
        "SELECT coalesce(max(detection_timestamp), 0) FROM wildlife_detections"
        " WHERE id>>21<>detection_timestamp/1000000",
        "SELECT coalesce(max(captured_at), 0) FROM images WHERE id>>21<>captured_at/1000000"};
    struct wci_moved moved;
    int64_t last = 0;
    *has = false;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    bool may = wci_moved_overlaps(wci_moved_find(&moved, shard->name), before, INT64_MAX);
    wci_moved_free(&moved);
    for (int i = 0; i < 2 && may && status == WILDCAM_OK && !*has; i++) {
        status = wci_database_ask(database, questions[i], &last);
        *has = status == WILDCAM_OK && last >= before;
    }
    return status;
}

static wildcam_status may_measure(wci_backend *self, struct wci_shard *shard, int64_t before,
                                  bool *may)
{
    struct wci_database *reader;
    bool has = false;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status == WILDCAM_OK) {
        status = has_newer(self, shard, reader, before, &has);
        wci_pool_give_reader(&shard->pool, reader);
    }
    *may = !has;
    /* What cannot be read goes with the rest of its time, as it does when it is purged. */
    return status == WILDCAM_ERR_CORRUPT || status == WILDCAM_ERR_INTERNAL ? WILDCAM_OK : status;
}

/* While the shard's transaction is held nobody writes to it, in any process. */
static wildcam_status hide(wci_backend *self, struct wci_shard *shard, int64_t before,
                           const struct wci_purge_files *files, bool *is_hidden, bool *stays)
{
    char path[WCI_PATH];
    struct wci_database *database;
    wildcam_status status = purging_path(self, shard->name, path);
    if (status == WILDCAM_OK)
        status = wci_pool_begin(&shard->pool, &database);
    if (status != WILDCAM_OK)
        return status;
    status = has_newer(self, shard, database, before, stays);
    if (status != WILDCAM_OK || *stays) {
        wci_pool_rollback(&shard->pool);
        return status;
    }
    status = files->hide(files->user, shard->name);
    if (status == WILDCAM_OK)
        status = wci_shards_rename(shard, path);
    *is_hidden = status == WILDCAM_OK;
    if (*is_hidden) {
        status = wci_directory_sync(self->shards.directory);
    } else if (files->show) {
        struct wci_error error;
        wci_error_save(&error);
        files->show(files->user, shard->name);
        wci_error_restore(&error);
    }
    wci_pool_rollback(&shard->pool);
    return status;
}

/* *stays comes out true when rows of it are newer. */
static wildcam_status purge_shard(wci_backend *self, struct wci_shard *shard, int64_t before,
                                  const struct wci_purge_files *files, bool *stays)
{
    char name[WCI_SHARD_NAME];
    snprintf(name, sizeof name, "%s", shard->name);
    bool is_hidden = false;
    *stays = false;
    wildcam_status status = hide(self, shard, before, files, &is_hidden, stays);
    wci_pool_rest(&shard->pool);
    if (!is_hidden && wci_shards_set_aside(&self->shards, shard, status))
        return WILDCAM_OK; /* among the damaged ones now, which come last, or gone */
    return status == WILDCAM_OK && !*stays ? finish(self, name, files) : status;
}

struct damaged_purge {
    wci_backend *self;
    int64_t before, *shards;
    const struct wci_purge_files *files;
    const struct wci_moved *moved;
};

/* Its pictures were measured already where a shard of the same time was begun anew. */
static wildcam_status measure_damaged(struct damaged_purge *purge, const char *name, int64_t from)
{
    struct wci_shard *again = NULL;
    wildcam_status status = wci_shards_take(&purge->self->shards, from, &again);
    ++*purge->shards;
    if (status == WILDCAM_ERR_NOTFOUND)
        return purge->files->measure(purge->files->user, name);
    wci_shards_give(&purge->self->shards, again);
    return status;
}

/* Hides the files of a damaged shard, unless something late has begun that time anew: they are its
 * files too. While the catalog's transaction is held no shard is made. */
static wildcam_status hide_damaged(const struct damaged_purge *purge, const char *name,
                                   int64_t from, int64_t to)
{
    wci_backend *self = purge->self;
    struct wci_database *catalog;
    struct wci_shard *again;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    status = wci_shards_step(&self->shards, true, from, to, &again);
    if (status == WILDCAM_OK && !again)
        status = purge->files->hide(purge->files->user, name);
    wci_shards_give(&self->shards, again);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

/* A shard that was set aside goes with the rest of its time. */
static wildcam_status purge_damaged(void *user, const char *path, const char *file,
                                    bool is_directory)
{
    struct damaged_purge *purge = user;
    char name[WCI_SHARD_NAME], whole[WCI_PATH];
    int64_t from, to;
    size_t length = strcspn(file, ".");
    if (is_directory || length >= sizeof name)
        return WILDCAM_OK;
    snprintf(name, sizeof name, "%.*s", (int)length, file);
    if (!wci_shard_span(name, &from, &to) || to > purge->before ||
        wci_moved_overlaps(wci_moved_find(purge->moved, name), purge->before, INT64_MAX))
        return WILDCAM_OK; /* nobody can tell whether its newer rows are still so */
    size_t end = strlen(file);
    bool is_database = end > 3 && strcmp(file + end - 3, ".db") == 0;
    if (purge->files->measure)
        return is_database ? measure_damaged(purge, name, from) : WILDCAM_OK;
    wildcam_status status = hide_damaged(purge, name, from, to);
    if (status == WILDCAM_OK)
        status = purge->files->drop(purge->files->user, name);
    if (status == WILDCAM_OK)
        status = wci_path(whole, "%s/%s", path, file);
    if (status == WILDCAM_OK)
        status = wci_file_remove(whole);
    if (status != WILDCAM_OK || !is_database)
        return status;
    ++*purge->shards;
    return forget_shard(purge->self, name);
}

static wildcam_status measure_shard(wci_backend *self, struct wci_shard *shard, int64_t before,
                                    const struct wci_purge_files *files, bool *stays)
{
    bool may = true;
    wildcam_status status = may_measure(self, shard, before, &may);
    *stays = !may;
    return status == WILDCAM_OK && may ? files->measure(files->user, shard->name) : status;
}

wildcam_status wci_sqlite_purge(wci_backend *self, int64_t before,
                                const struct wci_purge_files *files, int64_t *shards)
{
    struct wci_moved moved;
    struct damaged_purge damaged = {self, before, shards, files, &moved};
    int64_t at = INT64_MIN;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, before, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = shard->to;
        if (shard->to <= before) {
            bool stays = false;
            status = files->measure ? measure_shard(self, shard, before, files, &stays)
                                    : purge_shard(self, shard, before, files, &stays);
            *shards += status == WILDCAM_OK && !stays;
        }
        wci_shards_give(&self->shards, shard);
    }
    if (status != WILDCAM_OK)
        return status;
    status = wci_moved_read(&self->catalog, &moved);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(self->shards.damaged_directory, purge_damaged, &damaged);
    wci_moved_free(&moved);
    wci_shards_look_again(&self->shards);
    return status;
}

struct finishing {
    wci_backend *self;
    const struct wci_purge_files *files;
};

static wildcam_status finish_file(void *user, const char *path, const char *file, bool is_directory)
{
    struct finishing *finishing = user;
    char name[WCI_SHARD_NAME];
    int64_t from, to;
    size_t length = strcspn(file, ".");
    (void)path;
    if (is_directory || length >= sizeof name || strcmp(file + length, ".purging") != 0)
        return WILDCAM_OK;
    snprintf(name, sizeof name, "%.*s", (int)length, file);
    if (!wci_shard_span(name, &from, &to))
        return WILDCAM_OK;
    return finish(finishing->self, name, finishing->files);
}

wildcam_status wci_sqlite_finish_purges(wci_backend *self, const struct wci_purge_files *files)
{
    struct finishing finishing = {self, files};
    int64_t at = INT64_MIN;
    wildcam_status status = wci_directory_walk(self->shards.directory, finish_file, &finishing);
    while (status == WILDCAM_OK) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = shard->to;
        bool stays; /* not: its files are on their way out */
        if (files->is_hidden(files->user, shard->name))
            status = purge_shard(self, shard, INT64_MAX, files, &stays);
        wci_shards_give(&self->shards, shard);
    }
    return status;
}
