/* Pictures and what is on them, in order, for who goes through all of them. */
#include <string.h>

#include "model/id.h"
#include "store/sqlite/question.h"

static bool is_asked_for(const struct wci_query *query, const wildcam_image *image)
{
    return image->time >= query->from && image->time < query->to &&
           (!query->camera || query->camera->id == image->camera_id);
}

static void swap(wildcam_image *left, wildcam_image *right)
{
    wildcam_image kept = *left;
    *left = *right;
    *right = kept;
}

/* Reads a page of a shard and keeps of it what was asked for. */
static wildcam_status read_shard(wci_backend *self, const struct wci_query *query,
                                 const struct wci_moved *moved, struct wci_shard *shard,
                                 int64_t after, wildcam_image *rows, size_t limit, size_t *got,
                                 int64_t *last, bool *is_done)
{
    int64_t from = query->from > shard->from ? query->from : shard->from;
    int64_t to = query->to < shard->to ? query->to : shard->to;
    *is_done = true;
    if (wci_moved_overlaps(wci_moved_find(moved, shard->name), query->from, query->to)) {
        from = shard->from;
        to = shard->to;
    } else if (from >= to) { /* here for the sake of another's moved rows */
        return WILDCAM_OK;
    }
    int64_t first = wci_id_second(wci_id_at(from));
    int64_t end = wci_id_second(wci_id_at(to - 1)) + WCI_IDS_PER_SECOND;
    int count;
    wildcam_status status = wci_sqlite_read_page(self, shard, after + 1 > first ? after + 1 : first,
                                                 end, rows, (int)limit, &count);
    *is_done = status != WILDCAM_OK || (size_t)count < limit;
    for (int i = 0; status == WILDCAM_OK && i < count; i++) {
        *last = rows[i].id;
        if (is_asked_for(query, &rows[i]))
            swap(&rows[(*got)++], &rows[i]);
    }
    return status;
}

wildcam_status wci_sqlite_read_images(wci_backend *self, const struct wci_query *query,
                                      int64_t after, wildcam_image *rows, size_t limit, size_t *got,
                                      int64_t *last, struct wci_text *damaged)
{
    struct wci_moved moved;
    bool is_done = true;
    *got = 0;
    *last = 0;
    wildcam_status status = wci_moved_read(&self->catalog, &moved);
    if (status != WILDCAM_OK)
        return status;
    /* A moved picture lies where its id says, whatever its time is. */
    bool all = wci_moved_any(&moved, query->from, query->to);
    int64_t at = all ? INT64_MIN : query->from;
    if (after && wci_id_time(after) > at)
        at = wci_id_time(after);
    while (status == WILDCAM_OK && is_done && *last == 0) {
        struct wci_shard *shard;
        status = wci_shards_step(&self->shards, true, at, all ? INT64_MAX : query->to, &shard);
        if (status != WILDCAM_OK || !shard)
            break;
        at = shard->to;
        status = read_shard(self, query, &moved, shard, after, rows, limit, got, last, &is_done);
        if (wci_shards_set_aside(&self->shards, shard, status))
            status = WILDCAM_OK;
        wci_shards_give(&self->shards, shard);
    }
    wci_moved_free(&moved);
    wci_shards_damaged(&self->shards, query->from, query->to, damaged);
    return status;
}

static wildcam_status
read_rows(wci_backend *self, struct wci_shard *shard, int64_t first_id, int64_t last_id,
          wildcam_status (*each)(void *user, const wildcam_detection *detection), void *user)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_detection row;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    wci_detection_init(&row);
    status = wci_question_ask_of_images(reader, first_id, last_id, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 1;
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
            status = wci_question_read_row(self, statement, &row);
            if (status == WILDCAM_OK)
                status = each(user, &row);
        }
        if (status == WILDCAM_OK)
            status = step;
        sqlite3_reset(statement);
    }
    wci_detection_release(&row);
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

wildcam_status wci_sqlite_read_of_images(wci_backend *self, int64_t first_id, int64_t last_id,
                                         wildcam_status (*each)(void *user,
                                                                const wildcam_detection *detection),
                                         void *user)
{
    int64_t at = wci_id_time(first_id), end = wci_id_time(last_id) + WCI_SECOND;
    for (;;) {
        struct wci_shard *shard;
        wildcam_status status = wci_shards_step(&self->shards, true, at, end, &shard);
        if (status != WILDCAM_OK || !shard)
            return status;
        at = shard->to;
        status = read_rows(self, shard, first_id, last_id, each, user);
        if (wci_shards_set_aside(&self->shards, shard, status))
            status = WILDCAM_OK;
        wci_shards_give(&self->shards, shard);
        if (status != WILDCAM_OK)
            return status;
    }
}
