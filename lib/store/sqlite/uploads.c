/* What is owed to S3: one row, and the steps that change rows. */
#include "model/id.h"
#include "store/sqlite/queue.h"

/* In the order of the table and of read. */
#define COLUMNS                                                                                    \
    "image_id, kind, state, since, due_at, lease, leased_until, was_left, attempts, uploaded_at,"  \
    " released_at, bytes, region, bucket, key, etag, checksum, last_error, upload_id, doubts"

#define ROW "image_id=?1 AND kind=?2"

static wildcam_status read_upload(sqlite3_stmt *row, wildcam_upload *out)
{
    struct wci_text *const texts[] = {&out->region,    &out->bucket,   &out->key,
                                      &out->etag,      &out->checksum, &out->last_error,
                                      &out->upload_id, &out->doubts};
    wildcam_status status = WILDCAM_OK;
    out->image_id = sqlite3_column_int64(row, 0);
    out->kind = sqlite3_column_int(row, 1);
    out->state = sqlite3_column_int(row, 2);
    out->since = sqlite3_column_int64(row, 3);
    out->due_at = sqlite3_column_int64(row, 4);
    out->lease = sqlite3_column_int64(row, 5);
    out->leased_until = sqlite3_column_int64(row, 6);
    out->was_left = sqlite3_column_int(row, 7) != 0;
    out->attempts = sqlite3_column_int(row, 8);
    out->uploaded_at = wci_column_time(row, 9);
    out->released_at = wci_column_time(row, 10);
    out->bytes = wci_column_count(row, 11);
    for (int i = 0; status == WILDCAM_OK && i < (int)(sizeof texts / sizeof texts[0]); i++)
        status = wci_column_text(row, 12 + i, texts[i]);
    return status;
}

/* Runs a statement for a row that may answer it; NOTFOUND when it does not. */
static wildcam_status read_one(struct wci_database *database, sqlite3_stmt *statement,
                               wildcam_upload *out)
{
    wildcam_step step = wci_database_step(database, statement);
    wildcam_status status = step == 1 ? read_upload(statement, out) : step;
    sqlite3_reset(statement);
    return step == 0 ? WILDCAM_ERR_NOTFOUND : status;
}

static wildcam_status get_row(struct wci_database *reader, int64_t image_id, int kind,
                              wildcam_upload *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0, "SELECT " COLUMNS " FROM uploads WHERE image_id=? AND kind=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, image_id);
    sqlite3_bind_int(statement, 2, kind);
    return read_one(reader, statement, out);
}

static wildcam_status get(struct wci_shard *shard, int64_t image_id, int kind, wildcam_upload *out)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status == WILDCAM_OK) {
        status = get_row(reader, image_id, kind, out);
        wci_pool_give_reader(&shard->pool, reader);
    }
    return status;
}

wildcam_status wci_sqlite_get_upload(wci_backend *self, int64_t image_id, int kind,
                                     wildcam_upload *out)
{
    struct wci_shard *shard;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(image_id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard, get(shard, image_id, kind, out));
    return status == WILDCAM_ERR_NOTFOUND ? wci_shards_lack(&self->shards, "picture", image_id)
                                          : status;
}

/* ---- Steps, inside a transaction on a shard ---- */

static wildcam_status run(struct wci_database *database, sqlite3_stmt *statement,
                          wildcam_upload *row)
{
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    row->is_missed = step != 0 || sqlite3_changes(database->handle) == 0;
    return step;
}

static wildcam_status lease(struct wci_database *database, const struct wci_upload_work *work,
                            wildcam_upload *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "UPDATE uploads SET lease=?3, leased_until=?4, was_left=?5 WHERE image_id=?1 AND kind=?2",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    row->was_left = row->was_left || row->lease;
    row->lease = work->lease;
    row->leased_until = work->until;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int(statement, 2, row->kind);
    sqlite3_bind_int64(statement, 3, work->lease);
    sqlite3_bind_int64(statement, 4, work->until);
    sqlite3_bind_int(statement, 5, row->was_left);
    return run(database, statement, row);
}

static wildcam_status claim(struct wci_database *database, const struct wci_upload_work *work,
                            wildcam_upload *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT " COLUMNS " FROM uploads WHERE " ROW " AND " WCI_QUEUE_IS_CLAIMABLE,
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int(statement, 2, row->kind);
    sqlite3_bind_int64(statement, 3, work->now);
    sqlite3_bind_int64(statement, 4, work->now + WCI_QUEUE_LONGEST_WAIT);
    sqlite3_bind_int64(statement, 5, work->now + WCI_QUEUE_LONGEST_LEASE);
    status = read_one(database, statement, row);
    if (status == WILDCAM_ERR_NOTFOUND) /* somebody was quicker */
        return WILDCAM_OK;
    return status == WILDCAM_OK ? lease(database, work, row) : status;
}

/* A step that is one statement. */
static wildcam_status run_simply(struct wci_database *database, const char *sql, int64_t third,
                                 int64_t fourth, wildcam_upload *row)
{
    const struct wci_queue_step step = {sql, {row->image_id, row->kind}, third, fourth};
    return wci_queue_run(database, &step, &row->is_missed);
}

static wildcam_status renew(struct wci_database *database, const struct wci_upload_work *work,
                            wildcam_upload *row)
{
    wildcam_status status = run_simply(database, WCI_QUEUE_RENEW("uploads", ROW), row->lease,
                                       work->until, row);
    if (!row->is_missed)
        row->leased_until = work->until;
    return status;
}

static void bind_state(sqlite3_stmt *statement, const wildcam_upload *row)
{
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int(statement, 2, row->kind);
    sqlite3_bind_int64(statement, 3, row->lease);
    sqlite3_bind_int(statement, 4, row->state);
    sqlite3_bind_int64(statement, 5, row->due_at);
    sqlite3_bind_int(statement, 6, row->was_left);
    sqlite3_bind_int(statement, 7, row->attempts);
    wci_bind_time(statement, 8, row->uploaded_at);
    wci_bind_count(statement, 9, row->bytes);
    wci_bind_text(statement, 10, wci_text_get(&row->region));
    wci_bind_text(statement, 11, wci_text_get(&row->bucket));
    wci_bind_text(statement, 12, wci_text_get(&row->key));
    wci_bind_text(statement, 13, wci_text_get(&row->etag));
    wci_bind_text(statement, 14, wci_text_get(&row->checksum));
    wci_bind_text(statement, 15, wci_text_get(&row->last_error));
    wci_bind_text(statement, 16, wci_text_get(&row->upload_id));
    wci_bind_text(statement, 17, wci_text_get(&row->doubts));
}

static wildcam_status settle(struct wci_database *database, wildcam_upload *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "UPDATE uploads SET lease=0, leased_until=0, state=?4, due_at=?5, was_left=?6, attempts=?7,"
        " uploaded_at=?8, bytes=?9, region=?10, bucket=?11, key=?12, etag=?13, checksum=?14,"
        " last_error=?15, upload_id=?16, doubts=?17"
        " WHERE image_id=?1 AND kind=?2 AND lease=?3 AND lease<>0",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    bind_state(statement, row);
    return run(database, statement, row);
}

/* Steps that need nothing but to know which row. */
static const char *making_due(enum wci_upload_step which)
{
    switch (which) {
    case WCI_UPLOADS_REQUEUE:
        return "UPDATE uploads SET state=0, due_at=0 WHERE " ROW " AND state=2";
    case WCI_UPLOADS_OWE_AGAIN:
        return "UPDATE uploads SET state=0, due_at=0, was_left=1, uploaded_at=NULL WHERE " ROW
               " AND state=1 AND released_at IS NULL";
    default: /* HASTEN */
        return WCI_QUEUE_HASTEN("uploads", ROW);
    }
}

static wildcam_status note_doubts(struct wci_database *database, wildcam_upload *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "UPDATE uploads SET doubts=?3 WHERE image_id=?1 AND kind=?2 AND lease=0",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int(statement, 2, row->kind);
    wci_bind_text(statement, 3, wci_text_get(&row->doubts));
    return run(database, statement, row);
}

static wildcam_status note_parts(struct wci_database *database, wildcam_upload *row)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(database, 0,
                             "UPDATE uploads SET region=?4, bucket=?5, upload_id=?6, doubts=?7"
                             " WHERE image_id=?1 AND kind=?2 AND lease=?3 AND lease<>0",
                             &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int(statement, 2, row->kind);
    sqlite3_bind_int64(statement, 3, row->lease);
    wci_bind_text(statement, 4, wci_text_get(&row->region));
    wci_bind_text(statement, 5, wci_text_get(&row->bucket));
    wci_bind_text(statement, 6, wci_text_get(&row->upload_id));
    wci_bind_text(statement, 7, wci_text_get(&row->doubts));
    return run(database, statement, row);
}

static wildcam_status mark_released(struct wci_database *database, wildcam_upload *row, int64_t now)
{
    wildcam_status status = run_simply(database,
                                       "UPDATE uploads SET released_at=?3 WHERE " ROW
                                       " AND state=1 AND released_at IS NULL",
                                       now, 0, row);
    if (!row->is_missed)
        row->released_at = now;
    return status;
}

static wildcam_status step(struct wci_database *database, const struct wci_upload_work *work,
                           wildcam_upload *row)
{
    switch (work->step) {
    case WCI_UPLOADS_CLAIM:
        return claim(database, work, row);
    case WCI_UPLOADS_RENEW:
        return renew(database, work, row);
    case WCI_UPLOADS_SETTLE:
        return settle(database, row);
    case WCI_UPLOADS_GIVE_BACK:
        return run_simply(database, WCI_QUEUE_GIVE_BACK("uploads", ROW), row->lease, 0, row);
    case WCI_UPLOADS_NOTE_PARTS:
        return note_parts(database, row);
    case WCI_UPLOADS_REQUEUE:
    case WCI_UPLOADS_HASTEN:
    case WCI_UPLOADS_OWE_AGAIN:
        return run_simply(database, making_due(work->step), 0, 0, row);
    case WCI_UPLOADS_NOTE_DOUBTS:
        return note_doubts(database, row);
    case WCI_UPLOADS_MARK_RELEASED:
        return mark_released(database, row, work->now);
    }
    return WILDCAM_OK;
}

static bool is_in(const struct wci_shard *shard, const wildcam_upload *row)
{
    int64_t time = wci_id_time(row->image_id);
    return time >= shard->from && time < shard->to;
}

wildcam_status wci_sqlite_step_uploads(struct wci_database *database, const struct wci_shard *shard,
                                       struct wci_upload_work *work)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < work->count; i++)
        if (is_in(shard, work->rows[i]))
            status = step(database, work, work->rows[i]);
    return status;
}

void wci_sqlite_miss_uploads(const struct wci_upload_work *work, const struct wci_shard *shard)
{
    for (size_t i = 0; i < work->count; i++)
        if (!shard || is_in(shard, work->rows[i]))
            work->rows[i]->is_missed = true;
}

int64_t wci_sqlite_first_upload(const struct wci_upload_work *work, int64_t from)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < work->count; i++) {
        int64_t at = wci_id_time(work->rows[i]->image_id);
        least = at >= from && at < least ? at : least;
    }
    return least;
}
