/*
 * Bringing the rows of a camera to what its deployments say: a range of ids at a time, each in one
 * transaction. A row's time is always worked out from what the clock said, so doing it twice does
 * no harm, and whoever finds it half done goes on from any place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

/* Detections of a camera that one transaction looks at; its pictures among them are not more. */
enum { ROWS_AT_ONCE = 2000 };

/* A row with its time as it is and as it should be. */
struct row {
    int64_t id;
    struct wci_reading now, clock, right;
    int64_t event_id;       /* of a picture; 0 for none */
    struct wci_tally tally; /* of a detection; its camera is 0 when it does not count */
};

struct rows {
    struct row *list;
    size_t count, capacity;
};

/* Columns 0 to 5 of both tables' questions. */
static struct row read_row(sqlite3_stmt *statement, const struct wci_retiming *work)
{
    struct row row = {.id = sqlite3_column_int64(statement, 0),
                      .now = {sqlite3_column_int64(statement, 1), wci_column_offset(statement, 2)}};
    row.clock = row.now;
    if (sqlite3_column_type(statement, 4) != SQLITE_NULL)
        row.clock = (struct wci_reading){sqlite3_column_int64(statement, 4),
                                         wci_column_offset(statement, 5)};
    row.right = wci_clock_correct(work->rules, work->rule_count, row.clock,
                                  sqlite3_column_int(statement, 3));
    return row;
}

/* What the clock said is kept only where it differs, so a row that is right by both is right. */
static bool is_right(const struct row *row)
{
    return row->now.time == row->right.time && row->now.offset == row->right.offset;
}

static void read_tally(sqlite3_stmt *statement, const struct wci_retiming *work, struct row *row)
{
    if (sqlite3_column_int(statement, 8)) /* a false positive */
        return;
    row->tally = (struct wci_tally){.camera_id = work->camera_id,
                                    .species_id = sqlite3_column_int64(statement, 6),
                                    .confidence = wci_column_real(statement, 7)};
}

static const char images[] =
    "SELECT id, captured_at, utc_offset, time_source, clock_time, clock_offset, event_id"
    " FROM images WHERE camera_id=? AND id>=? AND id<?";
static const char detections[] =
    "SELECT id, detection_timestamp, utc_offset, time_source, clock_time, clock_offset,"
    " species_id, confidence, coalesce(is_false_positive, 0)"
    " FROM wildlife_detections LEFT JOIN reviews ON detection_id=id"
    " WHERE camera_id=? AND id>=? AND id<?";

/* The rows of a table that are not as they should be; without `rows`, only whether there are any.
 */
static wildcam_status look(struct wci_database *database, const char *sql,
                           const struct wci_retiming *work, struct rows *rows, bool *found)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_database_prepare(database, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, work->camera_id);
    sqlite3_bind_int64(statement, 2, work->from);
    sqlite3_bind_int64(statement, 3, work->until);
    while (status == WILDCAM_OK && (rows || !*found) &&
           (step = wci_database_step(database, statement)) == 1) {
        struct row row = read_row(statement, work);
        if (is_right(&row))
            continue;
        *found = true;
        if (!rows)
            continue;
        void *list = rows->list;
        if (sql == detections)
            read_tally(statement, work, &row);
        else
            row.event_id = sqlite3_column_int64(statement, 6);
        status = wci_reserve(&list, &rows->capacity, rows->count + 1, sizeof *rows->list);
        rows->list = list;
        if (status == WILDCAM_OK)
            rows->list[rows->count++] = row;
    }
    sqlite3_reset(statement);
    return status != WILDCAM_OK ? status : step < 0 ? step : WILDCAM_OK;
}

static wildcam_status save(struct wci_database *database, const char *sql, const struct row *row)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    bool same = row->right.time == row->clock.time && row->right.offset == row->clock.offset;
    sqlite3_bind_int64(statement, 1, row->right.time);
    wci_bind_offset(statement, 2, row->right.offset);
    wci_bind_time(statement, 3, same ? WILDCAM_TIME_NONE : row->clock.time);
    wci_bind_offset(statement, 4, same ? WILDCAM_OFFSET_UNKNOWN : row->clock.offset);
    sqlite3_bind_int64(statement, 5, row->id);
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status tally(struct wci_deltas *deltas, const struct row *row)
{
    struct wci_tally counted = row->tally;
    if (!counted.camera_id)
        return WILDCAM_OK;
    counted.time = row->now.time;
    counted.offset = row->now.offset;
    wildcam_status status = wci_deltas_add(deltas, &counted, -1);
    counted.time = row->right.time;
    counted.offset = row->right.offset;
    return status == WILDCAM_OK ? wci_deltas_add(deltas, &counted, 1) : status;
}

struct span {
    int64_t first, last;
};

static void widen(struct span *span, int64_t time)
{
    span->first = time < span->first ? time : span->first;
    span->last = time > span->last ? time : span->last;
}

static wildcam_status save_all(struct wci_database *database, const char *sql,
                               const struct rows *rows, struct wci_deltas *deltas,
                               struct span *moved)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        int64_t time = row->right.time;
        status = save(database, sql, row);
        if (status == WILDCAM_OK)
            status = tally(deltas, row);
        if (wci_is_moved(row->id, time))
            widen(moved, time);
    }
    return status;
}

/* What was taken at another time is owed an event anew, and what stays behind may have followed it.
 */
static void leave_events(const struct rows *rows, struct span *left)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->list[i].event_id)
            widen(left, rows->list[i].now.time);
}

/* What comes of it that the catalog must know. */
struct moving {
    struct span moved; /* times of rows that do not lie where their ids say */
    struct span left;  /* times at which pictures have left their events */
};

static wildcam_status change_rows(struct wci_database *database, struct wci_retiming *work,
                                  struct wci_deltas *deltas, struct moving *moving)
{
    struct rows rows = {0};
    bool found = false;
    wildcam_status status = look(database, images, work, &rows, &found);
    if (status == WILDCAM_OK)
        status = save_all(database,
                          "UPDATE images SET captured_at=?, utc_offset=?, clock_time=?,"
                          " clock_offset=?, event_id=NULL, event_gap=NULL WHERE id=?",
                          &rows, deltas, &moving->moved);
    leave_events(&rows, &moving->left);
    work->changed += (int64_t)rows.count;
    rows.count = 0;
    if (status == WILDCAM_OK)
        status = look(database, detections, work, &rows, &found);
    if (status == WILDCAM_OK)
        status = save_all(database,
                          "UPDATE wildlife_detections SET detection_timestamp=?, utc_offset=?,"
                          " clock_time=?, clock_offset=? WHERE id=?",
                          &rows, deltas, &moving->moved);
    work->changed += (int64_t)rows.count;
    free(rows.list);
    return status;
}

wildcam_status wci_sqlite_retime(struct wci_database *database, struct wci_database *catalog,
                                 const struct wci_shard *shard, struct wci_retiming *work,
                                 struct wci_deltas *deltas)
{
    int64_t version = 0;
    struct moving moving = {{INT64_MAX, INT64_MIN}, {INT64_MAX, INT64_MIN}};
    wildcam_status status = wci_database_ask(catalog, "SELECT rules FROM time_changes", &version);
    work->changed = 0;
    work->is_stale = status == WILDCAM_OK && version != work->version;
    if (status != WILDCAM_OK || work->is_stale)
        return status;
    status = change_rows(database, work, deltas, &moving);
    if (status == WILDCAM_OK && moving.moved.first <= moving.moved.last)
        status = wci_catalog_note_moved(catalog, shard->name, moving.moved.first,
                                        moving.moved.last);
    if (status == WILDCAM_OK && moving.left.first <= moving.left.last)
        status = wci_catalog_doubt_events(catalog, work->camera_id, moving.left.first,
                                          moving.left.last + 1);
    return status;
}

/* ---- looking for what is to be done ---- */

/* Where the next rows of a camera end, at a limit of seconds so that a picture is with its
 * detections; false when it has none from there on. */
static wildcam_status find_range(struct wci_database *reader, struct wci_retiming *work,
                                 bool *has_rows)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT id FROM wildlife_detections WHERE camera_id=?1 AND id>=?2 ORDER BY id LIMIT ?3",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, work->camera_id);
    sqlite3_bind_int64(statement, 2, work->from);
    sqlite3_bind_int(statement, 3, ROWS_AT_ONCE);
    wildcam_step step;
    int64_t last = 0;
    int count = 0;
    for (; (step = wci_database_step(reader, statement)) == 1; count++)
        last = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    *has_rows = count > 0;
    work->until = count < ROWS_AT_ONCE ? INT64_MAX : wci_id_second(last) + WCI_IDS_PER_SECOND;
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status look_in(struct wci_database *reader, struct wci_retiming *work, bool *found)
{
    bool has_rows;
    wildcam_status status = find_range(reader, work, &has_rows);
    if (status == WILDCAM_OK && has_rows)
        status = look(reader, images, work, NULL, found);
    if (status == WILDCAM_OK && has_rows && !*found)
        status = look(reader, detections, work, NULL, found);
    return status;
}

static wildcam_status look_in_shard(struct wci_shard *shard, struct wci_retiming *work, bool *found)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = look_in(reader, work, found);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_find_to_retime(wci_backend *self, struct wci_retiming *work, bool *found)
{
    struct wci_shard *shard;
    bool goes_on = work->until != INT64_MAX;
    *found = false;
    wildcam_status status = wci_shards_step(
        &self->shards, true, goes_on ? work->shard_time : work->shard_end, INT64_MAX, &shard);
    work->is_over = status == WILDCAM_OK && !shard;
    if (status != WILDCAM_OK || !shard)
        return status;
    goes_on = goes_on && shard->to == work->shard_end; /* else it is gone */
    work->from = goes_on ? work->until : 0;
    work->until = INT64_MAX;
    work->shard_time = shard->from;
    work->shard_end = shard->to;
    return wci_sqlite_pass_by(self, shard, look_in_shard(shard, work, found));
}

/* ---- which cameras ---- */

wildcam_status wci_sqlite_next_retiming(wci_backend *self, struct wci_retiming *work, bool *found)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    *found = false;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        reader, 0,
        "SELECT camera_id, mark FROM retimings WHERE camera_id>? ORDER BY camera_id LIMIT 1",
        &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, work->camera_id);
        wildcam_step step = wci_database_step(reader, statement);
        *found = step == 1;
        if (step == 1) {
            work->camera_id = sqlite3_column_int64(statement, 0);
            work->mark = sqlite3_column_int64(statement, 1);
        }
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* Whoever looked at the rules before they changed, and has not committed his rows yet, is waited
 * for: nobody would see them. Whoever comes later sees the new rules. */
wildcam_status wci_sqlite_begin_retiming(wci_backend *self, struct wci_retiming *work)
{
    free(work->rules);
    work->rules = NULL;
    wildcam_status status = wci_barrier_pass(&self->barrier);
    if (status != WILDCAM_OK)
        return status;
    wci_clock_rules_forget(&self->clock_rules);
    work->shard_time = work->shard_end = INT64_MIN;
    work->until = INT64_MAX;
    work->is_over = work->is_stale = false;
    return wci_clock_rules_copy(&self->clock_rules, &self->catalog, work->camera_id, &work->rules,
                                &work->rule_count, &work->version);
}

wildcam_status wci_sqlite_end_retiming(wci_backend *self, const struct wci_retiming *work)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_change(writer, "DELETE FROM retimings WHERE camera_id=? AND mark=?",
                                 WCI_VALUES(WCI_NUMBER(work->camera_id), WCI_NUMBER(work->mark)),
                                 NULL);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
