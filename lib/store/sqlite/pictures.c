/* Pictures in the order of their ids: all of a span, the first of each event, those of an event. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/moved.h"
#include "store/sqlite/sqlite.h"

/* clang-format off */
#define SELECT "SELECT " WCI_IMAGE_COLUMNS " FROM images"
#define SPAN " WHERE id>=?1 AND id<?2 AND captured_at>=?3 AND captured_at<?4"
#define CAMERA " INDEXED BY idx_images_camera" SPAN " AND camera_id=?5"
#define FIRST " AND event_id=id"
#define EVENT SPAN " AND id IN (SELECT ?6 UNION ALL"                                               \
    " SELECT id FROM images INDEXED BY idx_images_event WHERE event_id=?6 AND event_id<>id)"
#define UP " ORDER BY id LIMIT ?7"
#define DOWN " ORDER BY id DESC LIMIT ?7"
/* clang-format on */

static const char *statement_for(const struct wci_picture_list *list)
{
    bool up = list->query->oldest_first, by_camera = list->query->camera != NULL;
    if (list->event_id)
        return up ? SELECT EVENT UP : SELECT EVENT DOWN;
    if (list->first_of_events && by_camera)
        return up ? SELECT CAMERA FIRST UP : SELECT CAMERA FIRST DOWN;
    if (list->first_of_events)
        return up ? SELECT SPAN FIRST UP : SELECT SPAN FIRST DOWN;
    if (by_camera)
        return up ? SELECT CAMERA UP : SELECT CAMERA DOWN;
    return up ? SELECT SPAN UP : SELECT SPAN DOWN;
}

/* The span of a shard that ids may be of: all of it, where pictures were moved to the query's. */
static void narrow(const struct wci_query *query, const struct wci_moved *moved,
                   const struct wci_shard *shard, int64_t *from, int64_t *to)
{
    bool all = wci_moved_overlaps(wci_moved_find(moved, shard->name), query->from, query->to);
    *from = query->from > shard->from && !all ? query->from : shard->from;
    *to = query->to < shard->to && !all ? query->to : shard->to;
}

static void bind(sqlite3_stmt *statement, const struct wci_picture_list *list, int64_t from,
                 int64_t to, int64_t after, size_t limit)
{
    const struct wci_query *query = list->query;
    int64_t first = wci_id_second(wci_id_at(from));
    int64_t end = wci_id_second(wci_id_at(to - 1)) + WCI_IDS_PER_SECOND;
    if (after && query->oldest_first)
        first = after + 1 > first ? after + 1 : first;
    else if (after)
        end = after < end ? after : end;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, end);
    sqlite3_bind_int64(statement, 3, query->from);
    sqlite3_bind_int64(statement, 4, query->to);
    if (!list->event_id && query->camera)
        sqlite3_bind_int64(statement, 5, query->camera->id);
    if (list->event_id)
        sqlite3_bind_int64(statement, 6, list->event_id);
    sqlite3_bind_int64(statement, 7, (int64_t)limit);
}

static wildcam_status read_shard(wci_backend *self, struct wci_shard *shard,
                                 const struct wci_picture_list *list, const struct wci_moved *moved,
                                 int64_t after, wildcam_image *rows, size_t limit, size_t *got)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    int64_t from, to;
    narrow(list->query, moved, shard, &from, &to);
    if (from >= to) /* here for the sake of another's moved pictures */
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, statement_for(list), &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        bind(statement, list, from, to, after, limit - *got);
        while (status == WILDCAM_OK && *got < limit &&
               (step = wci_database_step(reader, statement)) == 1) {
            status = wci_sqlite_read_image_row(self, statement, &rows[*got]);
            *got += status == WILDCAM_OK;
        }
        if (status == WILDCAM_OK && step < 0)
            status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

static int64_t begin_at(const struct wci_query *query, int64_t after)
{
    int64_t at = query->oldest_first ? query->from : query->to;
    if (after && query->oldest_first && wci_id_time(after) > at)
        return wci_id_time(after);
    if (after && !query->oldest_first && wci_id_time(after) + WCI_SECOND < at)
        return wci_id_time(after) + WCI_SECOND;
    return at;
}

wildcam_status wci_sqlite_list_pictures(wci_backend *self, const struct wci_picture_list *list,
                                        int64_t after, wildcam_image *rows, size_t limit,
                                        size_t *got, struct wci_text *damaged)
{
    const struct wci_query *query = list->query;
    bool up = query->oldest_first;
    struct wci_query all = *query; /* shares the query's text */
    struct wci_moved moved;
    *got = 0;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (wci_moved_any(&moved, query->from, query->to)) {
        all.from = INT64_MIN;
        all.to = INT64_MAX;
    }
    int64_t at = begin_at(&all, after);
    while (status == WILDCAM_OK && *got < limit) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, up, at, up ? all.to : all.from, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = up ? shard->to : shard->from;
        status = wci_sqlite_pass_by(self, shard,
                                    read_shard(self, shard, list, &moved, after, rows, limit, got));
    }
    wci_moved_free(&moved);
    wci_shards_damaged(&self->shards, query->from, query->to, damaged);
    return status;
}

/* ---- what an event comes to ---- */

struct summing {
    wci_backend *self;
    wildcam_event *event;
    int64_t at; /* shards that end behind its start and begin before this were looked at */
    struct wci_moved moved;
    bool *was_summed; /* for each of the moved shards */
};

static wildcam_status add_species(wci_backend *self, wildcam_event *event, int64_t species_id)
{
    const struct wci_name *name;
    wildcam_status status = wci_catalog_species_at(&self->catalog, species_id, &name);
    if (status != WILDCAM_OK || name->category == WILDCAM_CATEGORY_UNCLASSIFIED ||
        name->category == WILDCAM_CATEGORY_BLANK)
        return status;
    return wci_event_add_species(event, name->category, name->text);
}

/* By the best word on each; what is a false positive was not seen. */
static wildcam_status see_species(const struct summing *summing, struct wci_database *reader,
                                  int64_t image_id)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT DISTINCT species_id FROM wildlife_detections"
        " LEFT JOIN reviews ON detection_id=id WHERE id>=?1 AND id<?2 AND image_id=?3"
        " AND coalesce(is_false_positive, 0)=0",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, wci_id_second(image_id));
    sqlite3_bind_int64(statement, 2, wci_id_second(image_id) + WCI_IDS_PER_SECOND);
    sqlite3_bind_int64(statement, 3, image_id);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
        status = add_species(summing->self, summing->event, sqlite3_column_int64(statement, 0));
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static void take_picture(wildcam_event *event, int64_t id, int64_t time)
{
    event->pictures++;
    if (time > event->end || (time == event->end && id > event->last_image)) {
        event->end = time;
        event->last_image = id;
    }
}

static wildcam_status sum_members(const struct summing *summing, struct wci_database *reader)
{
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    wildcam_status status =
        wci_database_prepare(reader, 0,
                             "SELECT id, captured_at FROM images INDEXED BY idx_images_event"
                             " WHERE event_id=? AND event_id<>id",
                             &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, summing->event->id);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
        int64_t id = sqlite3_column_int64(statement, 0);
        take_picture(summing->event, id, sqlite3_column_int64(statement, 1));
        status = see_species(summing, reader, id);
    }
    sqlite3_reset(statement);
    return status == WILDCAM_OK && step < 0 ? step : status;
}

static wildcam_status sum_shard(const struct summing *summing, struct wci_shard *shard)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    if (summing->event->id >= wci_id_at(shard->from) && summing->event->id < wci_id_at(shard->to))
        status = see_species(summing, reader, summing->event->id);
    if (status == WILDCAM_OK)
        status = sum_members(summing, reader);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

/* How far its next picture may be. */
static int64_t reach(const struct summing *summing)
{
    return summing->event->end + WCI_EVENT_GAP_MAX * WCI_SECOND;
}

static bool was_summed(const struct summing *summing, const struct wci_shard *shard)
{
    const struct wci_moved_shard *known = wci_moved_find(&summing->moved, shard->name);
    return known && summing->was_summed[known - summing->moved.shards];
}

/* As long as it may go on into the next shard. */
static wildcam_status sum_in_place(struct summing *summing)
{
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && summing->at <= reach(summing)) {
        struct wci_shard *shard;
        status = wci_shards_step(&summing->self->shards, true, summing->at, INT64_MAX, &shard);
        if (status != WILDCAM_OK)
            break;
        summing->at = shard ? shard->to : INT64_MAX;
        if (shard)
            status = wci_sqlite_pass_by(summing->self, shard,
                                        was_summed(summing, shard) ? WILDCAM_OK
                                                                   : sum_shard(summing, shard));
    }
    return status;
}

/* Shards whose ids are of another time; *more when there was one, which may have made it longer. */
static wildcam_status sum_moved(struct summing *summing, bool *more)
{
    const wildcam_event *event = summing->event;
    wildcam_status status = WILDCAM_OK;
    *more = false;
    for (size_t i = 0; status == WILDCAM_OK && i < summing->moved.count; i++) {
        const struct wci_moved_shard *known = &summing->moved.shards[i];
        struct wci_shard *shard;
        int64_t from, to;
        if (summing->was_summed[i] ||
            !wci_moved_overlaps(known, event->start, reach(summing) + 1) ||
            !wci_shard_span(known->name, &from, &to) || (to > event->start && from < summing->at))
            continue;
        summing->was_summed[i] = *more = true;
        status = wci_shards_take(&summing->self->shards, from, &shard);
        if (status == WILDCAM_OK)
            status = wci_sqlite_pass_by(summing->self, shard, sum_shard(summing, shard));
        else if (status == WILDCAM_ERR_NOTFOUND) /* purged, or set aside */
            status = WILDCAM_OK;
    }
    return status;
}

wildcam_status wci_sqlite_sum_event(wci_backend *self, wildcam_event *event)
{
    struct summing summing = {.self = self, .event = event, .at = event->start};
    bool more = true;
    wildcam_status status = wci_moved_read(&self->catalog, &summing.moved);
    if (status != WILDCAM_OK)
        return status;
    summing.was_summed = wci_new_array(summing.moved.count + 1, sizeof *summing.was_summed);
    if (!summing.was_summed)
        status = WILDCAM_ERR_NOMEM;
    while (status == WILDCAM_OK && more) {
        status = sum_in_place(&summing);
        if (status == WILDCAM_OK)
            status = sum_moved(&summing, &more);
    }
    free(summing.was_summed);
    wci_moved_free(&summing.moved);
    return status;
}
