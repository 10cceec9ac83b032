/* Spans of cameras' pictures whose events may not be right any more, because pictures left them or
 * a deployment begins or ends there. */
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

wildcam_status wci_catalog_doubt_events(struct wci_database *catalog, int64_t camera_id,
                                        int64_t from, int64_t to)
{
    return wci_database_change(
        catalog, "INSERT INTO stale_events(camera_id, from_time, to_time) VALUES(?, ?, ?)",
        WCI_VALUES(WCI_NUMBER(camera_id), WCI_NUMBER(from), WCI_NUMBER(to)), NULL);
}

wildcam_status wci_catalog_doubt_events_of(struct wci_database *catalog, const char *shard,
                                           int64_t end)
{
    return wci_database_change(
        catalog,
        "INSERT INTO stale_events(camera_id, from_time, to_time)"
        " SELECT c.id, s.first, s.last FROM cameras c, (SELECT ?2 AS first, ?2 AS last"
        " UNION ALL SELECT moved_first, moved_last+1 FROM shards"
        " WHERE name=?1 AND moved_first IS NOT NULL) s",
        WCI_VALUES(WCI_TEXT_OR_NULL(shard), WCI_NUMBER(end)), NULL);
}

static wildcam_status read_list(struct wci_database *reader, struct wci_stale_events *found,
                                size_t limit, size_t *got)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_database_prepare(
        reader, 0, "SELECT id, camera_id, from_time, to_time FROM stale_events ORDER BY id LIMIT ?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, (int64_t)limit);
    while (*got < limit && (step = wci_database_step(reader, statement)) == 1)
        found[(*got)++] = (struct wci_stale_events){
            sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
            sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3)};
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* What they tell of may be in a shard whose transaction is not committed yet: the catalog's is
 * first. */
wildcam_status wci_sqlite_find_stale_events(wci_backend *self, struct wci_stale_events *found,
                                            size_t limit, size_t *got)
{
    struct wci_database *reader;
    *got = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = read_list(reader, found, limit, got);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status == WILDCAM_OK && *got ? wci_barrier_pass(&self->barrier) : status;
}

wildcam_status wci_sqlite_settle_events(wci_backend *self, int64_t id)
{
    struct wci_database *catalog;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_change(catalog, "DELETE FROM stale_events WHERE id=?",
                                 WCI_VALUES(WCI_NUMBER(id)), NULL);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
