#include "store/sqlite/moved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sqlite/run.h"

/* Widens what the catalog knows of a shard, which is there without a row when the transaction that
 * made it came to nothing. */
static wildcam_status widen(struct wci_database *database, const char *name, int64_t first,
                            int64_t last, int *changed)
{
    return wci_database_change(
        database,
        "INSERT INTO shards(name, created_at, moved_first, moved_last) VALUES(?1, ?2, ?3, ?4)"
        " ON CONFLICT(name) DO UPDATE SET"
        " moved_first=min(coalesce(moved_first, excluded.moved_first), excluded.moved_first),"
        " moved_last=max(coalesce(moved_last, excluded.moved_last), excluded.moved_last)"
        " WHERE moved_first IS NULL OR moved_first>excluded.moved_first"
        " OR moved_last<excluded.moved_last",
        WCI_VALUES(WCI_TEXT_OR_NULL(name), WCI_NUMBER(wci_calendar_now()), WCI_NUMBER(first),
                   WCI_NUMBER(last)),
        changed);
}

wildcam_status wci_catalog_note_moved(struct wci_database *database, const char *name,
                                      int64_t first, int64_t last)
{
    int changed = 0;
    wildcam_status status = widen(database, name, first, last, &changed);
    if (status != WILDCAM_OK || !changed)
        return status;
    return wci_database_run(database, "UPDATE time_changes SET moved=moved+1");
}

static wildcam_status ask_version(struct wci_database *reader, int64_t *version)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(reader, 0, "SELECT moved FROM time_changes",
                                                 &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(reader, statement);
    *version = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status add(struct wci_moved *moved, size_t *capacity, sqlite3_stmt *row)
{
    void *shards = moved->shards;
    const char *name = (const char *)sqlite3_column_text(row, 0);
    if (!name ||
        wci_reserve(&shards, capacity, moved->count + 1, sizeof *moved->shards) != WILDCAM_OK)
        return wci_fail_memory();
    moved->shards = shards;
    struct wci_moved_shard *shard = &moved->shards[moved->count++];
    snprintf(shard->name, sizeof shard->name, "%s", name);
    shard->first = sqlite3_column_int64(row, 1);
    shard->last = sqlite3_column_int64(row, 2);
    return WILDCAM_OK;
}

static wildcam_status read_list(struct wci_database *reader, struct wci_moved *out)
{
    sqlite3_stmt *statement;
    size_t capacity = 0;
    wildcam_status status = wci_database_prepare(reader, 0,
                                                 "SELECT name, moved_first, moved_last FROM shards"
                                                 " WHERE moved_first IS NOT NULL ORDER BY name",
                                                 &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
        status = add(out, &capacity, statement);
    sqlite3_reset(statement);
    return status == WILDCAM_OK ? step : status;
}

static wildcam_status copy(const struct wci_moved *from, struct wci_moved *to)
{
    if (from->count == 0)
        return WILDCAM_OK;
    to->shards = wci_copy_bytes(from->shards, from->count * sizeof *from->shards);
    to->count = to->shards ? from->count : 0;
    return to->shards ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

/* Under the mutex. */
static wildcam_status refresh(struct wci_catalog *catalog, struct wci_database *reader)
{
    int64_t version = 0;
    struct wci_moved fresh = {0};
    wildcam_status status = ask_version(reader, &version);
    if (status != WILDCAM_OK || version == catalog->moved_version)
        return status;
    status = read_list(reader, &fresh); /* as of then or later, which does no harm */
    if (status != WILDCAM_OK) {
        free(fresh.shards);
        return status;
    }
    free(catalog->moved_shards);
    catalog->moved_shards = fresh.shards;
    catalog->moved_count = fresh.count;
    catalog->moved_version = version;
    return WILDCAM_OK;
}

wildcam_status wci_moved_read(struct wci_catalog *catalog, struct wci_moved *out)
{
    struct wci_database *reader;
    *out = (struct wci_moved){0};
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&catalog->moved_mutex);
    status = refresh(catalog, reader);
    if (status == WILDCAM_OK) {
        const struct wci_moved known = {catalog->moved_shards, catalog->moved_count, 0};
        status = copy(&known, out);
    }
    out->version = catalog->moved_version;
    pthread_mutex_unlock(&catalog->moved_mutex);
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

void wci_moved_free(struct wci_moved *moved)
{
    free(moved->shards);
    *moved = (struct wci_moved){0};
}

const struct wci_moved_shard *wci_moved_find(const struct wci_moved *moved, const char *name)
{
    for (size_t i = 0; i < moved->count; i++)
        if (strcmp(moved->shards[i].name, name) == 0)
            return &moved->shards[i];
    return NULL;
}

bool wci_moved_overlaps(const struct wci_moved_shard *shard, int64_t from, int64_t to)
{
    return shard && shard->first < to && shard->last >= from;
}

bool wci_moved_any(const struct wci_moved *moved, int64_t from, int64_t to)
{
    for (size_t i = 0; i < moved->count; i++)
        if (wci_moved_overlaps(&moved->shards[i], from, to))
            return true;
    return false;
}
