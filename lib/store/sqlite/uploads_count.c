/* What is owed to S3: which rows, how many, and whose files may be released. */
#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/queue.h"

static const char *group_text(enum wci_queue_group group)
{
    switch (group) {
    case WCI_QUEUE_PARKED:
        return WCI_QUEUE_PARKED_TEXT("uploads", "kind");
    case WCI_QUEUE_WAITING:
        return WCI_QUEUE_WAITING_TEXT("uploads", "kind");
    default: /* IN_DOUBT */
        return "SELECT image_id FROM uploads WHERE doubts IS NOT NULL AND kind=?2 AND image_id>=?3"
               " ORDER BY image_id LIMIT ?1";
    }
}

static const struct wci_queue queue = {
    .name = WCI_QUEUE_OF_UPLOADS,
    .first = 0,
    .end = WCI_UPLOAD_KINDS,
    WCI_QUEUE_TEXTS("uploads", "kind",
                    "(SELECT count(*) FROM uploads WHERE doubts IS NOT NULL AND kind=?1)"),
    .group = group_text,
};

wildcam_status wci_sqlite_find_due(wci_backend *self, const struct wci_upload_order *order,
                                   int64_t now, struct wci_queue_ref *found, size_t limit,
                                   size_t *got)
{
    uint32_t first = order->first < 0 ? 0 : order->kinds & 1U << order->first;
    const struct wci_queue_search search = {
        .walks = {first, order->kinds & ~first}, .oldest_first = order->oldest_first, .now = now};
    return wci_queue_find_due(self, &queue, &search, found, limit, got);
}

wildcam_status wci_sqlite_find_uploads(wci_backend *self, enum wci_queue_group group,
                                       uint32_t kinds, struct wci_queue_ref after,
                                       struct wci_queue_ref *found, size_t limit, size_t *got)
{
    return wci_queue_find(self, &queue, group, kinds, after, found, limit, got);
}

wildcam_status wci_sqlite_count_uploads(wci_backend *self, uint32_t kinds,
                                        struct wci_queue_figures *out)
{
    return wci_queue_count(self, &queue, kinds, out);
}

/* ---- Releasing ---- */

struct kept {
    int64_t image_id, uploaded_at;
};

struct kept_search {
    wci_backend *self;
    int64_t from, until;
    struct kept *list; /* twice the limit: the oldest so far, and those of one shard */
    size_t limit, got;
};

static int compare_kept(const void *left, const void *right)
{
    const struct kept *a = left, *b = right;
    if (a->uploaded_at != b->uploaded_at)
        return a->uploaded_at < b->uploaded_at ? -1 : 1;
    return a->image_id < b->image_id ? -1 : a->image_id > b->image_id;
}

static wildcam_status read_kept(struct kept_search *search, struct wci_database *reader,
                                size_t *count)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT image_id, uploaded_at FROM uploads WHERE state=1 AND kind=0"
        " AND released_at IS NULL AND uploaded_at BETWEEN ? AND ? ORDER BY uploaded_at LIMIT ?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    sqlite3_bind_int64(statement, 1, search->from);
    sqlite3_bind_int64(statement, 2, search->until);
    sqlite3_bind_int64(statement, 3, (int64_t)search->limit);
    while (*count < search->limit && (step = wci_database_step(reader, statement)) == 1)
        search->list[search->got + (*count)++] = (struct kept){sqlite3_column_int64(statement, 0),
                                                               sqlite3_column_int64(statement, 1)};
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status first_kept(struct wci_database *reader, int64_t *first)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT min(uploaded_at) FROM uploads WHERE state=1 AND kind=0 AND released_at IS NULL",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(reader, statement);
    *first = INT64_MAX;
    if (step == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *first = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status visit_kept(void *user, struct wci_shard *shard, bool *enough)
{
    struct kept_search *search = user;
    struct wci_queue_news news;
    struct wci_shard_times times;
    struct wci_database *reader;
    size_t count = 0;
    (void)enough;
    wci_shard_news(&search->self->shards, shard, WCI_QUEUE_OF_UPLOADS, &news, &times);
    if (news.has_first_kept && news.first_kept > search->until)
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = read_kept(search, reader, &count);
    if (status == WILDCAM_OK)
        status = first_kept(reader, &news.first_kept);
    wci_pool_give_reader(&shard->pool, reader);
    if (status != WILDCAM_OK)
        return status;
    news.has_first_kept = true;
    wci_shard_note_news(&search->self->shards, shard, WCI_QUEUE_OF_UPLOADS, &news, &times);
    search->got += count;
    if (count)
        qsort(search->list, search->got, sizeof *search->list, compare_kept);
    if (search->got > search->limit)
        search->got = search->limit;
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_find_releasable(wci_backend *self, int64_t from, int64_t until,
                                          int64_t *found, size_t limit, size_t *got)
{
    struct kept_search search = {.self = self, .from = from, .until = until, .limit = limit};
    *got = 0;
    search.list = wci_new_array(limit, 2 * sizeof *search.list);
    if (!search.list)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_sqlite_each_owing(self, true, INT64_MIN, visit_kept, &search);
    for (size_t i = 0; status == WILDCAM_OK && i < search.got; i++)
        found[(*got)++] = search.list[i].image_id;
    free(search.list);
    return status;
}

/* Whether a picture with the same content has its file at the same place and needs it: of another
 * camera, or the same, sent again. One whose row is not there may be about to come: its key comes
 * first. The one that is dropped is released, or its key is forgotten. */
static wildcam_status shares_file(wci_backend *self, const wildcam_image *image, int64_t other,
                                  bool *shared)
{
    wildcam_image found;
    if (wci_id_time(other) / WCI_DAY != wci_id_time(image->id) / WCI_DAY)
        return WILDCAM_OK; /* in another day's folder */
    wci_image_init(&found);
    wildcam_status status = wci_sqlite_get_image(self, other, &found);
    if (status == WILDCAM_OK)
        *shared = *shared || found.released_at == WILDCAM_TIME_NONE;
    else if (status == WILDCAM_ERR_NOTFOUND || status == WILDCAM_ERR_CORRUPT)
        *shared = true;
    wci_image_release(&found);
    return status == WILDCAM_ERR_NOTFOUND || status == WILDCAM_ERR_CORRUPT ? WILDCAM_OK : status;
}

static wildcam_status look_for_sharers(wci_backend *self, struct wci_database *catalog,
                                       const wildcam_image *image, bool *shared)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_catalog_each_holder(catalog, image->sha256, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(catalog, statement)) == 1)
        status = shares_file(self, image, sqlite3_column_int64(statement, 0), shared);
    sqlite3_reset(statement);
    return status != WILDCAM_OK ? status : step;
}

wildcam_status wci_sqlite_drop_file(wci_backend *self, const wildcam_image *image,
                                    wildcam_status (*drop)(void *user), void *user)
{
    struct wci_database *catalog;
    bool shared = false;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &catalog);
    if (status != WILDCAM_OK)
        return status;
    status = look_for_sharers(self, catalog, image, &shared);
    if (status == WILDCAM_OK && !shared)
        status = drop(user);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
