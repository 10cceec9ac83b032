/* Shards that the catalog has no row of: the transaction that made them came to nothing after their
 * file was there, or somebody put the file into its place. */
#include "base/calendar.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/sqlite.h"

wildcam_status wci_sqlite_is_entered(wci_backend *self, const struct wci_shard *shard, bool *is)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT 1 FROM shards WHERE name=?", &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_text(statement, 1, shard->name, -1, SQLITE_STATIC);
        wildcam_step step = wci_database_step(reader, statement);
        *is = step == 1;
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* The times of its moved rows; *last is before *first when it has none. */
static wildcam_status find_moved(struct wci_shard *shard, int64_t *first, int64_t *last)
{
    static const char *const questions[] = {
        "SELECT min(t) FROM (SELECT min(captured_at) AS t FROM images"
        " WHERE id>>21<>captured_at/1000000 UNION ALL SELECT min(detection_timestamp)"
        " FROM wildlife_detections WHERE id>>21<>detection_timestamp/1000000"
        " UNION ALL SELECT 9223372036854775807)",
        "SELECT max(t) FROM (SELECT max(captured_at) AS t FROM images"
        " WHERE id>>21<>captured_at/1000000 UNION ALL SELECT max(detection_timestamp)"
        " FROM wildlife_detections WHERE id>>21<>detection_timestamp/1000000"
        " UNION ALL SELECT -9223372036854775807)"};
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_ask(reader, questions[0], first);
    if (status == WILDCAM_OK)
        status = wci_database_ask(reader, questions[1], last);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_has_moved(struct wci_shard *shard, bool *has)
{
    int64_t first = 0, last = -1;
    wildcam_status status = find_moved(shard, &first, &last);
    *has = status == WILDCAM_OK && first <= last;
    return status;
}

static wildcam_status write_row(wci_backend *self, const struct wci_shard *shard, int64_t first,
                                int64_t last)
{
    struct wci_database *catalog;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    status = wci_catalog_add_shard(catalog, shard->name, wci_calendar_now());
    if (status == WILDCAM_OK && first <= last)
        status = wci_catalog_note_moved(catalog, shard->name, first, last);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

static wildcam_status enter(wci_backend *self, int64_t time)
{
    int64_t first = 0, last = 0;
    struct wci_shard *shard;
    wildcam_status status = wci_shards_take(&self->shards, time, &shard);
    if (status != WILDCAM_OK)
        return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
    status = find_moved(shard, &first, &last);
    if (status == WILDCAM_OK)
        status = write_row(self, shard, first, last);
    return wci_sqlite_pass_by(self, shard, status);
}

/* One that cannot be read is in the way of no other. */
wildcam_status wci_sqlite_enter_shards(wci_backend *self)
{
    wildcam_status status = WILDCAM_OK;
    for (int64_t at = INT64_MIN; status == WILDCAM_OK;) {
        struct wci_shard *shard;
        bool is_entered = true, is_sure;
        status = wci_shards_step_to_look(&self->shards, at, INT64_MAX, &shard, &is_sure);
        if (status != WILDCAM_OK || !shard)
            break;
        int64_t from = shard->from;
        at = shard->to;
        status = wci_sqlite_is_entered(self, shard, &is_entered);
        wci_shards_give(&self->shards, shard);
        if (status != WILDCAM_OK || is_entered)
            continue;
        status = enter(self, from);
        if (status != WILDCAM_OK && status != WILDCAM_ERR_NOMEM) {
            wci_log_failure(self->log, WILDCAM_LOG_WARNING, "store",
                            "a shard that the catalog does not know could not be entered");
            status = WILDCAM_OK;
        }
    }
    if (status == WILDCAM_OK)
        wci_error_clear();
    return status;
}
