/* What is to be processed: one row, and the steps that change rows. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/tallies.h"

/* In the order of the table and of read. */
#define COLUMNS                                                                                    \
    "image_id, state, priority, since, due_at, lease, leased_until, attempts, finished_at, took,"  \
    " last_error"

#define ROW "image_id=?1"

static wildcam_status read_processing(sqlite3_stmt *row, wildcam_processing *out)
{
    out->image_id = sqlite3_column_int64(row, 0);
    out->state = sqlite3_column_int(row, 1);
    out->priority = sqlite3_column_int(row, 2);
    out->since = sqlite3_column_int64(row, 3);
    out->due_at = sqlite3_column_int64(row, 4);
    out->lease = sqlite3_column_int64(row, 5);
    out->leased_until = sqlite3_column_int64(row, 6);
    out->attempts = sqlite3_column_int(row, 7);
    out->finished_at = wci_column_time(row, 8);
    out->took = wci_column_count(row, 9);
    return wci_column_text(row, 10, &out->last_error);
}

/* Runs a statement for a row that may answer it; NOTFOUND when it does not. */
static wildcam_status read_one(struct wci_database *database, sqlite3_stmt *statement,
                               wildcam_processing *out)
{
    wildcam_step step = wci_database_step(database, statement);
    wildcam_status status = step == 1 ? read_processing(statement, out) : step;
    sqlite3_reset(statement);
    return step == 0 ? WILDCAM_ERR_NOTFOUND : status;
}

static wildcam_status get(struct wci_shard *shard, int64_t image_id, wildcam_processing *out)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT " COLUMNS " FROM processing WHERE image_id=?",
                                  &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, image_id);
        status = read_one(reader, statement, out);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_get_processing(wci_backend *self, int64_t image_id,
                                         wildcam_processing *out)
{
    struct wci_shard *shard;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(image_id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard, get(shard, image_id, out));
    return status == WILDCAM_ERR_NOTFOUND ? wci_shards_lack(&self->shards, "picture", image_id)
                                          : status;
}

/* ---- Steps, inside a transaction on a shard ---- */

/* A step that is one statement. */
static wildcam_status run(struct wci_database *database, const char *sql, int64_t third,
                          int64_t fourth, wildcam_processing *row)
{
    const struct wci_queue_step step = {sql, {row->image_id, 0}, third, fourth};
    return wci_queue_run(database, &step, &row->is_missed);
}

static wildcam_status lease(struct wci_database *database, const struct wci_processing_work *work,
                            wildcam_processing *row)
{
    row->was_left = row->lease != 0;
    row->attempts += row->was_left;
    row->lease = work->lease;
    row->leased_until = work->until;
    return run(database,
               row->was_left ? "UPDATE processing SET lease=?3, leased_until=?4,"
                               " attempts=attempts+1 WHERE " ROW
                             : "UPDATE processing SET lease=?3, leased_until=?4 WHERE " ROW,
               work->lease, work->until, row);
}

static wildcam_status claim(struct wci_database *database, const struct wci_processing_work *work,
                            wildcam_processing *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT " COLUMNS " FROM processing WHERE " ROW " AND " WCI_QUEUE_IS_CLAIMABLE,
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int64(statement, 3, work->now);
    sqlite3_bind_int64(statement, 4, work->now + WCI_QUEUE_LONGEST_WAIT);
    sqlite3_bind_int64(statement, 5, work->now + WCI_QUEUE_LONGEST_LEASE);
    status = read_one(database, statement, row);
    if (status == WILDCAM_ERR_NOTFOUND) /* somebody was quicker */
        return WILDCAM_OK;
    return status == WILDCAM_OK ? lease(database, work, row) : status;
}

static wildcam_status renew(struct wci_database *database, const struct wci_processing_work *work,
                            wildcam_processing *row)
{
    wildcam_status status = run(database, WCI_QUEUE_RENEW("processing", ROW), row->lease,
                                work->until, row);
    if (!row->is_missed)
        row->leased_until = work->until;
    return status;
}

static wildcam_status settle_row(struct wci_database *database, wildcam_processing *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "UPDATE processing SET lease=0, leased_until=0, state=?4, due_at=?5, attempts=?6,"
        " finished_at=?7, took=?8, last_error=?9 WHERE " ROW WCI_QUEUE_IS_OURS,
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int64(statement, 3, row->lease);
    sqlite3_bind_int(statement, 4, row->state);
    sqlite3_bind_int64(statement, 5, row->due_at);
    sqlite3_bind_int(statement, 6, row->attempts);
    wci_bind_time(statement, 7, row->finished_at);
    wci_bind_count(statement, 8, row->took);
    wci_bind_text(statement, 9, wci_text_get(&row->last_error));
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    row->is_missed = step != 0 || sqlite3_changes(database->handle) == 0;
    return step;
}

/* Whoever is not the owner any more writes nothing of what it has found. */
static wildcam_status settle(const struct wci_processing_place *place, wildcam_processing *row,
                             const struct wci_found *found, struct wci_tallies *tallies)
{
    wildcam_status status = settle_row(place->database, row);
    if (status != WILDCAM_OK || row->is_missed || !found)
        return status;
    return wci_sqlite_replace_detections(place, row->image_id, found, tallies);
}

/* A picture whose file is elsewhere has no row, and detections like the others. */
static wildcam_status answer(const struct wci_processing_place *place,
                             const struct wci_processing_work *work, size_t at,
                             struct wci_tallies *tallies)
{
    sqlite3_stmt *statement;
    wildcam_processing *row = work->rows[at];
    wildcam_status status = wci_sqlite_replace_detections(place, row->image_id, &work->found[at],
                                                          tallies);
    row->is_missed = status == WILDCAM_ERR_NOTFOUND;
    if (row->is_missed)
        wci_error_clear();
    if (status != WILDCAM_OK)
        return row->is_missed ? WILDCAM_OK : status;
    status = wci_database_prepare(place->database, 0,
                                  "UPDATE processing SET lease=0, leased_until=0, state=1,"
                                  " finished_at=?2, last_error=NULL WHERE " ROW,
                                  &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, row->image_id);
    sqlite3_bind_int64(statement, 2, work->now);
    wildcam_step step = wci_database_step(place->database, statement);
    sqlite3_reset(statement);
    return step;
}

static const char *making_due(enum wci_processing_step which)
{
    switch (which) {
    case WCI_PROCESSING_REQUEUE:
        return "UPDATE processing SET state=0, since=?3, due_at=0, attempts=0 WHERE " ROW
               " AND state<>0";
    case WCI_PROCESSING_AGAIN:
        return "UPDATE processing SET state=0, since=?3, due_at=0, attempts=0, priority=-1"
               " WHERE " ROW " AND state=1";
    default: /* HASTEN */
        return WCI_QUEUE_HASTEN("processing", ROW);
    }
}

static wildcam_status step(const struct wci_processing_place *place,
                           const struct wci_processing_work *work, size_t at,
                           struct wci_tallies *tallies)
{
    struct wci_database *database = place->database;
    wildcam_processing *row = work->rows[at];
    switch (work->step) {
    case WCI_PROCESSING_CLAIM:
        return claim(database, work, row);
    case WCI_PROCESSING_RENEW:
        return renew(database, work, row);
    case WCI_PROCESSING_SETTLE:
        return settle(place, row, work->found ? &work->found[at] : NULL, tallies);
    case WCI_PROCESSING_GIVE_BACK:
        return run(database, WCI_QUEUE_GIVE_BACK("processing", ROW), row->lease, 0, row);
    case WCI_PROCESSING_REQUEUE:
    case WCI_PROCESSING_AGAIN:
    case WCI_PROCESSING_HASTEN:
        return run(database, making_due(work->step), work->now, 0, row);
    case WCI_PROCESSING_PRIORITISE:
        return run(database, "UPDATE processing SET priority=?3 WHERE " ROW, row->priority, 0, row);
    case WCI_PROCESSING_ANSWER:
        return answer(place, work, at, tallies);
    }
    return WILDCAM_OK;
}

static bool is_in(const struct wci_shard *shard, const wildcam_processing *row)
{
    int64_t time = wci_id_time(row->image_id);
    return time >= shard->from && time < shard->to;
}

wildcam_status wci_sqlite_step_processing(const struct wci_processing_place *place,
                                          const struct wci_processing_work *work)
{
    struct wci_tallies tallies = {0};
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < work->count; i++)
        if (is_in(place->shard, work->rows[i]))
            status = step(place, work, i, &tallies);
    if (status == WILDCAM_OK)
        status = wci_tallies_count(&tallies, &place->self->deltas);
    wci_tallies_free(&tallies);
    return status;
}

void wci_sqlite_miss_processing(const struct wci_processing_work *work,
                                const struct wci_shard *shard)
{
    for (size_t i = 0; i < work->count; i++) {
        if (shard && !is_in(shard, work->rows[i]))
            continue;
        work->rows[i]->is_missed = true;
        for (size_t k = 0; work->found && k < work->found[i].count; k++)
            work->found[i].rows[k].id = 0;
    }
}

int64_t wci_sqlite_first_processing(const struct wci_processing_work *work, int64_t from)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < work->count; i++) {
        int64_t at = wci_id_time(work->rows[i]->image_id);
        least = at >= from && at < least ? at : least;
    }
    return least;
}

bool wci_sqlite_is_passing(const struct wci_processing_work *work)
{
    return work->step == WCI_PROCESSING_CLAIM || work->step == WCI_PROCESSING_RENEW ||
           work->step == WCI_PROCESSING_GIVE_BACK;
}
