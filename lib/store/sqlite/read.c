/* Reading detections: shard by shard, in the order of time. */
#include "model/id.h"
#include "store/sqlite/question.h"

/* Where the shard-by-shard walk goes on. */
struct walk {
    wci_backend *self;
    struct wci_question question;
    int64_t at; /* shards before it (or, upwards, behind it) are still to come */
};

static wildcam_status walk_begin(struct walk *walk, wci_backend *self,
                                 const struct wci_query *query, int64_t after)
{
    walk->self = self;
    walk->at = query->oldest_first ? query->from : query->to;
    if (after && query->oldest_first && wci_id_time(after) > walk->at)
        walk->at = wci_id_time(after);
    else if (after && !query->oldest_first && wci_id_time(after) + WCI_SECOND < walk->at)
        walk->at = wci_id_time(after) + WCI_SECOND;
    return wci_question_begin(&walk->question, self, query);
}

static wildcam_status walk_next(struct walk *walk, struct wci_shard **out)
{
    const struct wci_query *query = walk->question.query;
    *out = NULL;
    if (walk->question.is_empty)
        return WILDCAM_OK;
    wildcam_status status = wci_shards_step(&walk->self->shards, query->oldest_first, walk->at,
                                            query->oldest_first ? query->to : query->from, out);
    if (*out)
        walk->at = query->oldest_first ? (*out)->to : (*out)->from;
    return status;
}

/* Gives the shard back. A damaged one is set aside and passed over, as is one that was purged. */
static wildcam_status walk_leave(struct walk *walk, struct wci_shard *shard, wildcam_status status)
{
    if (wci_shards_set_aside(&walk->self->shards, shard, status))
        status = WILDCAM_OK;
    wci_shards_give(&walk->self->shards, shard);
    return status;
}

static wildcam_status read_shard(struct walk *walk, struct wci_shard *shard, int64_t after,
                                 wildcam_detection *rows, size_t limit, size_t *got)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_question_ask(&walk->question, reader, shard, WCI_COLUMNS_ALL, after,
                              (int64_t)(limit - *got), &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        while (*got < limit && (step = wci_database_step(reader, statement)) == 1) {
            status = wci_question_read_row(walk->self, statement, &rows[*got]);
            if (status != WILDCAM_OK)
                break;
            ++*got;
        }
        if (step < 0)
            status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_read(wci_backend *self, const struct wci_query *query, int64_t after,
                               wildcam_detection *rows, size_t limit, size_t *got,
                               struct wci_text *damaged)
{
    struct walk walk;
    struct wci_shard *shard;
    *got = 0;
    wildcam_status status = walk_begin(&walk, self, query, after);
    while (status == WILDCAM_OK && *got < limit) {
        status = walk_next(&walk, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        status = walk_leave(&walk, shard, read_shard(&walk, shard, after, rows, limit, got));
    }
    wci_question_end(&walk.question);
    wci_shards_damaged(&self->shards, query->from, query->to, damaged);
    return status;
}

static wildcam_status skip_in_shard(struct walk *walk, struct wci_shard *shard, int64_t after,
                                    int64_t *left, int64_t *last)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_question_ask(&walk->question, reader, shard, WCI_COLUMNS_ID, after, *left,
                              &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        while (*left > 0 && (step = wci_database_step(reader, statement)) == 1) {
            *last = sqlite3_column_int64(statement, 0);
            --*left;
        }
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_skip(wci_backend *self, const struct wci_query *query, int64_t after,
                               int64_t offset, int64_t *last)
{
    struct walk walk;
    struct wci_shard *shard = NULL;
    int64_t left = offset;
    *last = after;
    wildcam_status status = walk_begin(&walk, self, query, after);
    while (status == WILDCAM_OK && left > 0) {
        status = walk_next(&walk, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        status = walk_leave(&walk, shard, skip_in_shard(&walk, shard, after, &left, last));
    }
    if (left > 0)
        *last = 0;
    wci_question_end(&walk.question);
    return status;
}

static wildcam_status get(wci_backend *self, struct wci_shard *shard, int64_t id,
                          wildcam_detection *out)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_question_ask_one(reader, id, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = wci_database_step(reader, statement);
        if (step == 1)
            status = wci_question_read_row(self, statement, out);
        else
            status = step < 0 ? step : WILDCAM_ERR_NOTFOUND;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_get_detection(wci_backend *self, int64_t id, wildcam_detection *out)
{
    struct wci_shard *shard;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard, get(self, shard, id, out));
    return status == WILDCAM_ERR_NOTFOUND ? wci_shards_lack(&self->shards, "detection", id)
                                          : status;
}
