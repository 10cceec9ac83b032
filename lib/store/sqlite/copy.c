/*
 * Copying all databases as they were at one moment, while writers go on.
 *
 * At the moment nobody writes. Databases with a write-ahead log get a read transaction then, and
 * are copied out of it. All others are only looked at: most are months that nobody touches any
 * more, and they need not all be open at once. They are copied afterwards, and looked at again; one
 * that has changed since is counted among the former, and there is a new moment. What is the same
 * as at an earlier moment need not be copied again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

enum { ROUNDS = 10, PAGES_AT_ONCE = 512 };
#define LATELY (2 * WCI_SECOND)

/* What shows that a quiet database has changed. */
struct look {
    struct timespec changed;
    off_t size, wal_size;
};

struct item {
    char from[WCI_PATH], to[WCI_PATH];
    bool is_hot, is_copied, is_gone;
    struct look look;
    struct wci_database *snapshot;
};

struct copying {
    wci_backend *self;
    const char *directory;
    struct item *items;
    size_t count, capacity;
    wildcam_progress_fn *progress;
    void *user;
    int64_t done, total; /* bytes */
};

static wildcam_status tell(struct copying *copying)
{
    if (!copying->progress ||
        copying->progress(copying->user, "databases", copying->done, copying->total) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_CANCELLED, "the backup was stopped");
}

static wildcam_status look_at(const struct item *item, struct look *look)
{
    char wal[WCI_PATH];
    struct stat file, wal_file;
    wildcam_status status = wci_path(wal, "%s-wal", item->from);
    if (status != WILDCAM_OK)
        return status;
    if (stat(item->from, &file) != 0)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "%s is gone", item->from);
    *look = (struct look){.changed = file.st_mtim, .size = file.st_size};
    look->wal_size = stat(wal, &wal_file) == 0 ? wal_file.st_size : 0;
    return WILDCAM_OK;
}

static bool same_look(const struct look *left, const struct look *right)
{
    return wci_file_same_time(&left->changed, &right->changed) && left->size == right->size &&
           left->wal_size == right->wal_size;
}

/* A log may be in use, and a time of change may be too young to tell the next change from it. */
static bool is_restless(const struct look *look)
{
    return look->wal_size > 0 || wci_file_age(&look->changed) < LATELY;
}

static wildcam_status add_item(struct copying *copying, const char *from, const char *name)
{
    void *items = copying->items;
    if (wci_reserve(&items, &copying->capacity, copying->count + 1, sizeof *copying->items) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    copying->items = items;
    struct item *item = &copying->items[copying->count];
    memset(item, 0, sizeof *item);
    wildcam_status status = wci_path(item->from, "%s", from);
    if (status == WILDCAM_OK)
        status = wci_path(item->to, "%s/%s", copying->directory, name);
    if (status == WILDCAM_OK)
        copying->count++;
    return status;
}

static bool is_listed(const struct copying *copying, const char *from)
{
    for (size_t i = 0; i < copying->count; i++)
        if (strcmp(copying->items[i].from, from) == 0)
            return true;
    return false;
}

/* The catalog first: it is small, and writers of pictures wait for it. */
static wildcam_status list_items(struct copying *copying)
{
    wci_backend *self = copying->self;
    char name[WCI_SHARD_NAME + 16];
    int64_t at = INT64_MIN;
    wildcam_status status = WILDCAM_OK;
    if (copying->count == 0)
        status = add_item(copying, self->catalog.pool.path, "station.db");
    while (status == WILDCAM_OK) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, INT64_MAX, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = shard->to;
        snprintf(name, sizeof name, "detections/%s.db", shard->name);
        if (!is_listed(copying, shard->pool.path))
            status = add_item(copying, shard->pool.path, name);
        wci_shards_give(&self->shards, shard);
    }
    return status;
}

static wildcam_status open_snapshot(struct copying *copying, struct item *item)
{
    int64_t ignored;
    wildcam_status status = wci_database_open(item->from, WCI_READ, copying->self->conf,
                                              &item->snapshot);
    if (status == WILDCAM_OK)
        status = wci_database_run(item->snapshot, "BEGIN");
    if (status == WILDCAM_OK) /* the transaction begins with its first read */
        status = wci_database_ask(item->snapshot, "SELECT count(*) FROM sqlite_master", &ignored);
    return status;
}

static void close_snapshots(struct copying *copying)
{
    for (size_t i = 0; i < copying->count; i++) {
        wci_database_close(copying->items[i].snapshot);
        copying->items[i].snapshot = NULL;
    }
}

/* What must happen while nobody writes. */
static wildcam_status take_moment(struct copying *copying)
{
    wildcam_status status = list_items(copying);
    copying->total = copying->done = 0;
    for (size_t i = 0; status == WILDCAM_OK && i < copying->count; i++) {
        struct item *item = &copying->items[i];
        struct look look = {0};
        status = look_at(item, &look);
        item->is_gone = status == WILDCAM_ERR_NOTFOUND; /* set aside since it was listed */
        if (item->is_gone) {
            status = WILDCAM_OK;
            continue;
        }
        if (status != WILDCAM_OK)
            return status;
        item->is_hot = item->is_hot || is_restless(&look);
        if (item->is_hot)
            status = open_snapshot(copying, item);
        item->is_copied = item->is_copied && !item->is_hot && same_look(&look, &item->look);
        item->look = look;
        if (!item->is_copied)
            copying->total += look.size;
    }
    return status;
}

static wildcam_status new_moment(struct copying *copying)
{
    int fd;
    wildcam_status status = wci_barrier_stop(&copying->self->barrier, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = take_moment(copying);
    wci_barrier_open_again(fd);
    return status;
}

static wildcam_status copy_pages(struct copying *copying, struct wci_database *from,
                                 struct wci_database *to)
{
    wildcam_status status = WILDCAM_OK;
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!backup)
        return wci_database_failed(to, sqlite3_errcode(to->handle), "cannot copy to");
    int code = SQLITE_OK;
    int64_t before = copying->done;
    while (status == WILDCAM_OK && code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, PAGES_AT_ONCE);
        copying->done = before + (int64_t)4096 * (sqlite3_backup_pagecount(backup) -
                                                  sqlite3_backup_remaining(backup));
        status = tell(copying);
    }
    int finished = sqlite3_backup_finish(backup);
    if (status == WILDCAM_OK && code != SQLITE_DONE)
        return wci_database_failed(to, finished, "cannot copy to");
    return status;
}

static wildcam_status remove_copy(const struct item *item)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    char part[WCI_PATH];
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof ends / sizeof ends[0]; i++) {
        status = wci_path(part, "%s%s", item->to, ends[i]);
        if (status == WILDCAM_OK)
            status = wci_file_remove(part);
    }
    return status;
}

/* Whoever restores it does not know what was uploaded since: it is looked for before it is sent
 * again. What is leased is so anyway. */
static wildcam_status mark_what_is_owed(struct wci_database *shard)
{
    wildcam_status status = wci_database_run(
        shard, "UPDATE uploads SET was_left=1 WHERE state=0 AND lease=0 AND kind IN (0, 1);"
               "UPDATE uploads SET was_left=1 WHERE state=2 AND kind IN (0, 1)");
    /* Nothing of it stays in a log, which is not part of a backup. */
    return status == WILDCAM_OK ? wci_database_run(shard, "PRAGMA wal_checkpoint(TRUNCATE)")
                                : status;
}

/* A copy is of this version, so that whoever opens it leaves it as the manifest says. */
static wildcam_status bring_up(struct wci_database *copy, int application)
{
    bool current = false;
    wildcam_status status = wci_schema_check(copy, application, &current);
    if (status != WILDCAM_OK || current)
        return status;
    status = wci_database_begin(copy);
    if (status == WILDCAM_OK)
        status = wci_schema_bring_up(copy, application);
    if (status == WILDCAM_OK)
        status = wci_database_commit(copy);
    return status == WILDCAM_OK ? wci_database_run(copy, "PRAGMA wal_checkpoint(TRUNCATE)")
                                : status;
}

static wildcam_status copy_item(struct copying *copying, struct item *item)
{
    struct wci_database *to;
    int fd;
    wildcam_status status = wci_file_create(item->to, &fd); /* for its mode and owner */
    if (status != WILDCAM_OK)
        return status;
    close(fd);
    status = wci_database_open(item->to, WCI_CREATE, copying->self->conf, &to);
    if (status != WILDCAM_OK)
        return status;
    status = copy_pages(copying, item->snapshot, to);
    bool is_shard = item > copying->items; /* the catalog is the first */
    if (status == WILDCAM_OK)
        status = bring_up(to, is_shard ? WCI_SHARD_APPLICATION : WCI_CATALOG_APPLICATION);
    if (status == WILDCAM_OK && is_shard && wci_sqlite_is_uploaded(copying->self))
        status = mark_what_is_owed(to);
    wci_database_close(to);
    return status;
}

/* Never by reading the file: closing its descriptor would drop the locks that this process's other
 * connections hold on it. */
static wildcam_status copy_whole(struct copying *copying, struct item *item)
{
    wildcam_status status = remove_copy(item);
    if (status == WILDCAM_OK && !item->snapshot)
        status = open_snapshot(copying, item);
    if (status == WILDCAM_OK)
        status = copy_item(copying, item);
    wci_database_close(item->snapshot); /* its log may be moved on from now */
    item->snapshot = NULL;
    return status;
}

static wildcam_status copy_items(struct copying *copying, bool hot)
{
    for (size_t i = 0; i < copying->count; i++) {
        struct item *item = &copying->items[i];
        if (item->is_hot != hot || item->is_copied || item->is_gone)
            continue;
        wildcam_status status = copy_whole(copying, item);
        if (status != WILDCAM_OK)
            return status;
        item->is_copied = true;
    }
    return WILDCAM_OK;
}

/* True when every quiet database is as it was at the moment. */
static wildcam_status look_again(struct copying *copying, bool *same)
{
    *same = true;
    for (size_t i = 0; i < copying->count; i++) {
        struct item *item = &copying->items[i];
        struct look look = {0};
        if (item->is_gone) {
            wildcam_status status = remove_copy(item);
            if (status != WILDCAM_OK)
                return status;
        }
        if (item->is_hot || item->is_gone)
            continue;
        wildcam_status status = look_at(item, &look);
        if (status == WILDCAM_OK && same_look(&look, &item->look))
            continue;
        if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
            return status;
        item->is_hot = true;
        item->is_copied = false;
        *same = false;
    }
    return WILDCAM_OK;
}

static wildcam_status copy_all(struct copying *copying)
{
    for (int round = 0; round < ROUNDS; round++) {
        bool same = false;
        wildcam_status status = new_moment(copying);
        if (status == WILDCAM_OK)
            status = copy_items(copying, true);
        if (status == WILDCAM_OK)
            status = copy_items(copying, false);
        close_snapshots(copying);
        if (status == WILDCAM_OK)
            status = look_again(copying, &same);
        if (status != WILDCAM_OK || same)
            return status;
    }
    return wci_fail(WILDCAM_ERR_BUSY, "writers changed old shards in each of %d attempts", ROUNDS);
}

wildcam_status wci_sqlite_backup(wci_backend *self, const char *directory,
                                 wildcam_progress_fn *progress, void *user)
{
    char shards[WCI_PATH];
    struct copying copying = {
        .self = self, .directory = directory, .progress = progress, .user = user};
    wildcam_status status = wci_path(shards, "%s/detections", directory);
    if (status == WILDCAM_OK)
        status = wci_directory_make(shards);
    if (status == WILDCAM_OK)
        status = copy_all(&copying);
    if (status == WILDCAM_OK)
        status = wci_directory_sync(shards);
    close_snapshots(&copying);
    free(copying.items);
    return status;
}
