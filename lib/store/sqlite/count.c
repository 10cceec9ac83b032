/* Counting: from the summaries where they know, row by row where they do not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/summary.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sqlite/question.h"

enum { ROWS_MAX = 1000000 };

/* The days of UTC that a span touches within a shard, half-open, counted from 1970. A shard with
 * moved rows has days of any time. */
static void days_in(const struct wci_question *question, const struct wci_shard *shard,
                    int64_t *first, int64_t *end)
{
    const struct wci_query *query = question->query;
    bool any = wci_moved_find(&question->moved, shard->name) != NULL;
    int64_t least = any ? WILDCAM_TIME_MIN : shard->from, most = any ? WILDCAM_TIME_END : shard->to;
    int64_t from = query->from > least ? query->from : least;
    int64_t to = query->to < most ? query->to : most;
    *first = from / WCI_DAY;
    *end = (to + WCI_DAY - 1) / WCI_DAY;
}

static bool has_species(const struct wci_question *question, int64_t id)
{
    if (!question->by_species)
        return true;
    for (size_t i = 0; i < question->species_count; i++)
        if (question->species[i] == id)
            return true;
    return false;
}

/* Adds a shard's summary rows, with what is not kept apart set to 0. */
static wildcam_status gather_from(struct wci_database *reader, const struct wci_question *question,
                                  const struct wci_shard *shard, uint32_t by,
                                  struct wci_deltas *deltas)
{
    sqlite3_stmt *statement;
    int64_t first, end;
    const struct wci_name *camera = question->query->camera;
    bool every_camera = !camera && by & WILDCAM_BY_CAMERA;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        every_camera ? "SELECT * FROM daily_detection_summary"
                       " WHERE camera_id>?1 AND detection_date>=?2 AND detection_date<?3"
                     : "SELECT * FROM daily_detection_summary"
                       " WHERE camera_id=?1 AND detection_date>=?2 AND detection_date<?3",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    days_in(question, shard, &first, &end);
    sqlite3_bind_int64(statement, 1, camera ? camera->id : WCI_ALL_CAMERAS);
    sqlite3_bind_int64(statement, 2, first);
    sqlite3_bind_int64(statement, 3, end);
    wildcam_step step;
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) != 0) {
        struct wci_delta row;
        if (step < 0) {
            status = step;
            break;
        }
        wci_delta_read(statement, &row);
        if (row.total == 0 || !has_species(question, row.species_id))
            continue;
        if (!(by & WILDCAM_BY_CAMERA))
            row.camera_id = 0;
        if (!(by & WILDCAM_BY_DAY))
            row.day = 0;
        if (!(by & WILDCAM_BY_SPECIES))
            row.species_id = 0;
        status = wci_deltas_merge(deltas, &row);
        if (status == WILDCAM_OK && deltas->count > ROWS_MAX)
            status = wci_fail(WILDCAM_ERR_TOOLARGE, "the summary has over %d rows", ROWS_MAX);
    }
    sqlite3_reset(statement);
    return status;
}

static wildcam_status gather(const struct wci_question *question, struct wci_shard *shard,
                             uint32_t by, struct wci_deltas *deltas)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = gather_from(reader, question, shard, by, deltas);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

/* Calls `each` for every shard that a query touches; damaged shards are set aside and passed over.
 */
typedef wildcam_status each_shard_fn(void *user, const struct wci_question *question,
                                     struct wci_shard *shard);

static wildcam_status visit(wci_backend *self, const struct wci_question *question,
                            struct wci_shard *shard, each_shard_fn *each, void *user)
{
    wildcam_status status = each(user, question, shard);
    if (wci_shards_set_aside(&self->shards, shard, status))
        status = WILDCAM_OK;
    wci_shards_give(&self->shards, shard);
    return status;
}

/* Those that lie elsewhere, but have moved rows within the span: in one of its days, because a
 * summary knows whole days alone. */
static wildcam_status each_moved(wci_backend *self, const struct wci_question *question,
                                 each_shard_fn *each, void *user)
{
    const struct wci_query *query = question->query;
    int64_t first = query->from > WILDCAM_TIME_MIN ? query->from - query->from % WCI_DAY
                                                   : INT64_MIN;
    int64_t end = query->to < WILDCAM_TIME_END ? query->to + WCI_DAY - 1 : INT64_MAX;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < question->moved.count; i++) {
        const struct wci_moved_shard *known = &question->moved.shards[i];
        struct wci_shard *shard;
        int64_t from, to;
        if (!wci_moved_overlaps(known, first, end) || !wci_shard_span(known->name, &from, &to) ||
            (from < query->to && to > query->from))
            continue;
        status = wci_shards_take(&self->shards, from, &shard);
        if (status == WILDCAM_ERR_NOTFOUND)
            status = WILDCAM_OK;
        else if (status == WILDCAM_OK)
            status = visit(self, question, shard, each, user);
    }
    return status;
}

static wildcam_status each_shard(wci_backend *self, const struct wci_question *question,
                                 each_shard_fn *each, void *user)
{
    const struct wci_query *query = question->query;
    int64_t at = query->to;
    while (!question->is_empty) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, false, at, query->from, &shard);
        if (status != WILDCAM_OK)
            return status;
        if (!shard)
            return each_moved(self, question, each, user);
        at = shard->from;
        status = visit(self, question, shard, each, user);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

struct summing {
    uint32_t by;
    struct wci_deltas deltas;
};

static wildcam_status sum_shard(void *user, const struct wci_question *question,
                                struct wci_shard *shard)
{
    struct summing *summing = user;
    return gather(question, shard, summing->by, &summing->deltas);
}

static wildcam_status name_row(wci_backend *self, const struct wci_delta *delta, uint32_t by,
                               struct wci_summary_row *row)
{
    wildcam_status status = WILDCAM_OK;
    *row = (struct wci_summary_row){.day = WILDCAM_TIME_NONE,
                                    .count = delta->total,
                                    .scored_count = delta->scored,
                                    .scored_sum = delta->scored_sum,
                                    .sure_count = delta->sure,
                                    .sure_sum = delta->sure_sum};
    memcpy(row->hours, delta->hours, sizeof row->hours);
    if (by & WILDCAM_BY_DAY)
        row->day = delta->day * WCI_DAY;
    if (by & WILDCAM_BY_CAMERA)
        status = wci_catalog_camera_at(&self->catalog, delta->camera_id, &row->camera);
    if (status == WILDCAM_OK && by & WILDCAM_BY_SPECIES)
        status = wci_catalog_species_at(&self->catalog, delta->species_id, &row->species);
    return status;
}

static wildcam_status name_rows(wci_backend *self, const struct summing *summing,
                                struct wci_summary_rows *out)
{
    const struct wci_deltas *deltas = &summing->deltas;
    out->rows = wci_new_array(deltas->count, sizeof *out->rows);
    if (!out->rows)
        return WILDCAM_ERR_NOMEM;
    for (; out->count < deltas->count; out->count++) {
        wildcam_status status = name_row(self, &deltas->entries[out->count], summing->by,
                                         &out->rows[out->count]);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_summarise(wci_backend *self, const struct wci_query *query, uint32_t by,
                                    struct wci_summary_rows *out)
{
    struct wci_question question;
    struct summing summing = {.by = by};
    wildcam_status status = wci_question_begin(&question, self, query);
    if (status != WILDCAM_OK)
        return status;
    status = each_shard(self, &question, sum_shard, &summing);
    if (status == WILDCAM_OK)
        status = name_rows(self, &summing, out);
    wci_shards_damaged(&self->shards, query->from, query->to, &out->damaged);
    wci_deltas_free(&summing.deltas);
    wci_question_end(&question);
    return status;
}

struct counting {
    wci_backend *self;
    int64_t stop_at, count;
    bool all; /* nothing but a span is asked for */
};

static wildcam_status ask_count_of(const struct wci_question *question,
                                   const struct wci_shard *shard, struct wci_database *reader,
                                   enum wci_question_columns columns, enum wci_question_rows rows,
                                   int64_t limit, int64_t *count)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_question_ask(question, reader, shard, columns, rows, NULL, limit,
                                             &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1)
        *count += sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Rows in place are within the span of their shard, which may lie outside that of the query. */
static wildcam_status ask_count(const struct wci_question *question, const struct wci_shard *shard,
                                struct wci_database *reader, enum wci_question_columns columns,
                                int64_t limit, int64_t *count)
{
    const struct wci_query *query = question->query;
    bool moved = wci_question_has_moved_in(question, shard);
    wildcam_status status = WILDCAM_OK;
    if (shard->from < query->to && shard->to > query->from)
        status = ask_count_of(question, shard, reader, columns,
                              moved ? WCI_ROWS_IN_PLACE : WCI_ROWS_ALL, limit, count);
    return status == WILDCAM_OK && moved
               ? ask_count_of(question, shard, reader, columns, WCI_ROWS_MOVED, limit, count)
               : status;
}

static wildcam_status count_rows(void *user, const struct wci_question *question,
                                 struct wci_shard *shard)
{
    struct counting *counting = user;
    int64_t left = counting->stop_at ? counting->stop_at - counting->count : INT64_MAX;
    if (left <= 0)
        return WILDCAM_OK;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = ask_count(question, shard, reader, WCI_COLUMNS_COUNT, left, &counting->count);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

/* What the summary counts, and what it does not because a reviewer called it false: both of one
 * moment, or a row that is reviewed in between is counted twice or not at all. */
static wildcam_status count_by_summary(const struct wci_question *question, struct wci_shard *shard,
                                       int64_t *count)
{
    struct wci_deltas deltas = {0};
    struct wci_database *reader;
    *count = 0;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_run(reader, "BEGIN");
    if (status == WILDCAM_OK)
        status = gather_from(reader, question, shard, 0, &deltas);
    if (deltas.count)
        *count = deltas.entries[0].total;
    wci_deltas_free(&deltas);
    if (status == WILDCAM_OK)
        status = ask_count(question, shard, reader, WCI_COLUMNS_FALSE, INT64_MAX, count);
    wci_database_rollback(reader);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

static wildcam_status count_summary(void *user, const struct wci_question *question,
                                    struct wci_shard *shard)
{
    struct counting *counting = user;
    struct wci_shard_times times;
    int64_t count;
    bool whole = counting->all && question->query->from <= shard->from &&
                 question->query->to >= shard->to && !wci_moved_find(&question->moved, shard->name);
    wildcam_status status = WILDCAM_OK;
    if (!whole || !wci_shard_total(&counting->self->shards, shard, &count, &times)) {
        status = count_by_summary(question, shard, &count);
        if (whole && status == WILDCAM_OK)
            wci_shard_note_total(&counting->self->shards, shard, count, &times);
    }
    if (status == WILDCAM_OK)
        counting->count += count;
    return status;
}

static bool is_whole_days(const struct wci_query *query)
{
    return (query->from <= 0 || query->from % WCI_DAY == 0) &&
           (query->to >= WILDCAM_TIME_END || query->to % WCI_DAY == 0);
}

wildcam_status wci_sqlite_count(wci_backend *self, const struct wci_query *query, int64_t stop_at,
                                int64_t *count, struct wci_text *damaged)
{
    struct wci_question question;
    struct wci_query any = *query; /* shares the query's text */
    struct counting counting = {.self = self, .stop_at = stop_at};
    bool by_summary = isnan(query->min_confidence) && query->verified != 1 && is_whole_days(query);
    any.verified = -1;
    wildcam_status status = wci_question_begin(&question, self, by_summary ? &any : query);
    if (status != WILDCAM_OK)
        return status;
    counting.all = !question.by_species && !query->camera;
    status = each_shard(self, &question, by_summary ? count_summary : count_rows, &counting);
    *count = counting.count;
    if (status == WILDCAM_OK && by_summary && query->verified == 0) {
        counting.count = 0; /* those that were looked at are few: count them and take them off */
        counting.stop_at = 0;
        any.verified = 1;
        status = each_shard(self, &question, count_rows, &counting);
        *count -= counting.count;
    }
    if (damaged)
        wci_shards_damaged(&self->shards, query->from, query->to, damaged);
    wci_question_end(&question);
    return status;
}
