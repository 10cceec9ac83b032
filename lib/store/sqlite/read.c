/* Reading detections: shard by shard, in the order of time. */
#include <stdlib.h>

#include "store/sqlite/places.h"
#include "store/sqlite/question.h"

/* Where the shard-by-shard walk goes on. */
struct walk {
    wci_backend *self;
    struct wci_question question;
    int64_t at; /* shards before it (or, upwards, behind it) are still to come */
};

static wildcam_status walk_begin(struct walk *walk, wci_backend *self,
                                 const struct wci_query *query, const struct wci_place *after)
{
    const struct wci_bound bound = wci_place_bound(after, query->oldest_first);
    bool begins = !after || after->id == 0;
    walk->self = self;
    walk->at = query->oldest_first ? query->from : query->to;
    if (!begins && query->oldest_first && wci_id_time(bound.id) > walk->at)
        walk->at = wci_id_time(bound.id);
    else if (!begins && !query->oldest_first && wci_id_time(bound.id) + WCI_SECOND < walk->at)
        walk->at = wci_id_time(bound.id) + WCI_SECOND;
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

static wildcam_status read_shard(struct walk *walk, struct wci_shard *shard,
                                 const struct wci_place *after, wildcam_detection *rows,
                                 size_t limit, size_t *got)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_question_ask(&walk->question, reader, shard, WCI_COLUMNS_ALL, WCI_ROWS_ALL, after,
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

/* ---- where rows are moved ---- */

static wildcam_status ask_places(void *user, struct wci_database *reader,
                                 const struct wci_shard *shard, bool moved,
                                 const struct wci_place *after, int64_t limit, sqlite3_stmt **out)
{
    return wci_question_ask(user, reader, shard, WCI_COLUMNS_PLACE,
                            moved ? WCI_ROWS_MOVED : WCI_ROWS_IN_PLACE, after, limit, out);
}

static wildcam_status gather(struct walk *walk, const struct wci_place *after, size_t limit,
                             struct wci_places *places)
{
    const struct wci_query *query = walk->question.query;
    const struct wci_places_wish wish = {.self = walk->self,
                                         .moved = &walk->question.moved,
                                         .from = query->from,
                                         .to = query->to,
                                         .upwards = query->oldest_first,
                                         .ask = ask_places,
                                         .user = &walk->question};
    return walk->question.is_empty ? WILDCAM_OK : wci_places_gather(&wish, after, limit, places);
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

/* One that was moved again or is gone since its place was found is left out. */
static wildcam_status get_at(wci_backend *self, const struct wci_place *place,
                             wildcam_detection *out, bool *found)
{
    struct wci_shard *shard;
    *found = false;
    wildcam_status status = wci_shards_take(&self->shards, wci_id_time(place->id), &shard);
    if (status == WILDCAM_OK)
        status = wci_shards_give_after(&self->shards, shard, get(self, shard, place->id, out));
    if (status == WILDCAM_ERR_NOTFOUND)
        return WILDCAM_OK;
    if (status == WILDCAM_OK) {
        const struct wci_place now = wci_place_of(out->id, out->time);
        *found = now.time == place->time;
    }
    return status;
}

static wildcam_status read_merged(struct walk *walk, const struct wci_place *after,
                                  wildcam_detection *rows, size_t limit, size_t *got)
{
    struct wci_places places = {0};
    struct wci_place at = after ? *after : (struct wci_place){0, WILDCAM_TIME_NONE};
    wildcam_status status = WILDCAM_OK;
    do {
        status = gather(walk, &at, limit - *got, &places);
        for (size_t i = 0; status == WILDCAM_OK && i < places.count; i++) {
            bool found;
            status = get_at(walk->self, &places.list[i], &rows[*got], &found);
            *got += found;
            at = places.list[i];
        }
    } while (status == WILDCAM_OK && *got < limit && places.count);
    free(places.list);
    return status;
}

wildcam_status wci_sqlite_read(wci_backend *self, const struct wci_query *query,
                               const struct wci_place *after, wildcam_detection *rows, size_t limit,
                               size_t *got, struct wci_text *damaged)
{
    struct walk walk;
    struct wci_shard *shard;
    *got = 0;
    wildcam_status status = walk_begin(&walk, self, query, after);
    bool is_merged = status == WILDCAM_OK && wci_question_has_moved(&walk.question);
    if (is_merged)
        status = read_merged(&walk, after, rows, limit, got);
    while (status == WILDCAM_OK && !is_merged && *got < limit) {
        status = walk_next(&walk, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        status = walk_leave(&walk, shard, read_shard(&walk, shard, after, rows, limit, got));
    }
    wci_question_end(&walk.question);
    wci_shards_damaged(&self->shards, query->from, query->to, damaged);
    return status;
}

static wildcam_status skip_in_shard(struct walk *walk, struct wci_shard *shard,
                                    const struct wci_place *after, int64_t *left,
                                    struct wci_place *last)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_question_ask(&walk->question, reader, shard, WCI_COLUMNS_PLACE, WCI_ROWS_ALL,
                              after, *left, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        while (*left > 0 && (step = wci_database_step(reader, statement)) == 1) {
            last->id = sqlite3_column_int64(statement, 0);
            --*left;
        }
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

static wildcam_status skip_merged(struct walk *walk, const struct wci_place *after, int64_t *left,
                                  struct wci_place *last)
{
    struct wci_places places = {0};
    wildcam_status status = gather(walk, after, (size_t)*left, &places);
    if (status == WILDCAM_OK && places.count) {
        *last = places.list[places.count - 1];
        *left -= (int64_t)places.count;
    }
    free(places.list);
    return status;
}

wildcam_status wci_sqlite_skip(wci_backend *self, const struct wci_query *query,
                               const struct wci_place *after, int64_t offset,
                               struct wci_place *last)
{
    struct walk walk;
    struct wci_shard *shard = NULL;
    int64_t left = offset;
    *last = (struct wci_place){0, WILDCAM_TIME_NONE};
    wildcam_status status = walk_begin(&walk, self, query, after);
    bool is_merged = status == WILDCAM_OK && wci_question_has_moved(&walk.question);
    if (is_merged)
        status = skip_merged(&walk, after, &left, last);
    while (status == WILDCAM_OK && !is_merged && left > 0) {
        status = walk_next(&walk, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        status = walk_leave(&walk, shard, skip_in_shard(&walk, shard, after, &left, last));
    }
    if (left > 0)
        last->id = 0;
    wci_question_end(&walk.question);
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
