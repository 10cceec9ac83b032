/* What is owed to S3: looking for rows over all shards, and counting them. */
#include <stdlib.h>

#include <wildcam/time.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

/* How long a shard that could not be brought up to date is left alone. */

/* One kind's rows of one shard, as a statement gives their image ids. */
struct asking {
    const char *sql;
    int kind;
    int64_t values[3]; /* ?2 and on */
    int value_count;
    size_t limit; /* ?1 */
};

static wildcam_status ask(struct wci_database *reader, const struct asking *asking,
                          struct wci_upload_ref *found, size_t *got)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(reader, 0, asking->sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = 0;
    size_t count = 0;
    sqlite3_bind_int64(statement, 1, (int64_t)asking->limit);
    sqlite3_bind_int(statement, 2, asking->kind);
    for (int i = 0; i < asking->value_count; i++)
        sqlite3_bind_int64(statement, 3 + i, asking->values[i]);
    while (count < asking->limit && (step = wci_database_step(reader, statement)) == 1)
        found[count++] = (struct wci_upload_ref){sqlite3_column_int64(statement, 0), asking->kind};
    sqlite3_reset(statement);
    *got += count;
    return step < 0 ? step : WILDCAM_OK;
}

static int compare_up(const void *left, const void *right)
{
    const struct wci_upload_ref *a = left, *b = right;
    if (a->image_id != b->image_id)
        return a->image_id < b->image_id ? -1 : 1;
    return a->kind - b->kind;
}

static int compare_down(const void *left, const void *right)
{
    const struct wci_upload_ref *a = left, *b = right;
    return a->image_id != b->image_id ? -compare_up(left, right) : a->kind - b->kind;
}

/* ---- What is due ---- */

struct due_search {
    wci_backend *self;
    const struct wci_upload_order *order;
    uint32_t kinds; /* of this walk */
    int64_t now;
    struct wci_upload_ref *found;
    size_t limit, got;
    struct wci_upload_ref *page; /* of one shard: each kind from two statements */
};

#define READY                                                                                      \
    "SELECT image_id FROM uploads WHERE state=0 AND lease=0 AND kind=?2 AND due_at=0"              \
    " ORDER BY image_id "
/* Those whose later try has come, and those whose lease has passed. What lies too far ahead was
 * written before the clock was set back. */
#define RIPE                                                                                       \
    "SELECT image_id FROM ("                                                                       \
    "SELECT image_id FROM uploads WHERE state=0 AND lease=0 AND kind=?2 AND due_at>0"              \
    " AND due_at<=?3"                                                                              \
    " UNION ALL SELECT image_id FROM uploads WHERE state=0 AND lease=0 AND kind=?2 AND due_at>?4"  \
    " UNION ALL SELECT image_id FROM uploads WHERE lease<>0 AND kind=?2"                           \
    " AND (leased_until<=?3 OR leased_until>?5) AND (due_at<=?3 OR due_at>?4)"                     \
    ") ORDER BY image_id "

static wildcam_status gather_kind(const struct due_search *search, struct wci_database *reader,
                                  int kind, size_t *got)
{
    bool up = search->order->oldest_first;
    struct asking ready = {.sql = up ? READY "LIMIT ?1" : READY "DESC LIMIT ?1",
                           .kind = kind,
                           .limit = search->limit - search->got};
    struct asking ripe = {.sql = up ? RIPE "LIMIT ?1" : RIPE "DESC LIMIT ?1",
                          .kind = kind,
                          .values = {search->now, search->now + WCI_UPLOAD_LONGEST_WAIT,
                                     search->now + WCI_UPLOAD_LONGEST_LEASE},
                          .value_count = 3,
                          .limit = search->limit - search->got};
    wildcam_status status = ask(reader, &ready, search->page + *got, got);
    return status == WILDCAM_OK ? ask(reader, &ripe, search->page + *got, got) : status;
}

wildcam_status wci_sqlite_find_next_due(struct wci_database *reader, int kind, int64_t *next_due)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0,
        "SELECT min(at) FROM ("
        "SELECT min(due_at) AS at FROM uploads WHERE state=0 AND lease=0 AND kind=?1"
        " UNION ALL SELECT min(max(due_at, leased_until)) FROM uploads WHERE lease<>0 AND kind=?1)",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int(statement, 1, kind);
    wildcam_step step = wci_database_step(reader, statement);
    *next_due = INT64_MAX;
    if (step == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *next_due = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Rows that are due, in order, and for a kind of which there are none when its next is. */
static wildcam_status gather(const struct due_search *search, struct wci_database *reader,
                             struct wci_upload_news *news, size_t *got)
{
    wildcam_status status = WILDCAM_OK;
    news->noted_at = search->now;
    for (int kind = 0; status == WILDCAM_OK && kind < WCI_UPLOAD_KINDS; kind++) {
        if (!(search->kinds & 1U << kind))
            continue;
        size_t before = *got;
        news->next_due[kind] = 0;
        status = gather_kind(search, reader, kind, got);
        if (status == WILDCAM_OK && *got == before)
            status = wci_sqlite_find_next_due(reader, kind, &news->next_due[kind]);
    }
    if (*got)
        qsort(search->page, *got, sizeof *search->page,
              search->order->oldest_first ? compare_up : compare_down);
    return status;
}

static bool is_due(int64_t next_due, int64_t now)
{
    return next_due <= now || (next_due != INT64_MAX && next_due > now + WCI_UPLOAD_LONGEST_WAIT);
}

static bool may_be_due(const struct due_search *search, const struct wci_upload_news *news)
{
    if (search->now < news->noted_at) /* the clock was set back */
        return true;
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++)
        if (search->kinds & 1U << kind && is_due(news->next_due[kind], search->now))
            return true;
    return false;
}

static wildcam_status look_for_due(void *user, struct wci_shard *shard, bool *enough)
{
    struct due_search *search = user;
    struct wci_upload_news news;
    struct wci_shard_times times;
    struct wci_database *reader = NULL;
    size_t got = 0;
    wci_shard_news(&search->self->shards, shard, &news, &times);
    if (!may_be_due(search, &news))
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = gather(search, reader, &news, &got);
    wci_pool_give_reader(&shard->pool, reader);
    if (status != WILDCAM_OK)
        return status;
    wci_shard_note_news(&search->self->shards, shard, &news, &times);
    for (size_t i = 0; i < got && search->got < search->limit; i++)
        search->found[search->got++] = search->page[i];
    *enough = search->got == search->limit;
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_find_due(wci_backend *self, const struct wci_upload_order *order,
                                   int64_t now, struct wci_upload_ref *found, size_t limit,
                                   size_t *got)
{
    bool up = order->oldest_first;
    uint32_t first = order->first < 0 ? 0 : order->kinds & 1U << order->first;
    uint32_t walks[] = {first, order->kinds & ~first};
    struct due_search search = {
        .self = self, .order = order, .now = now, .found = found, .limit = limit};
    wildcam_status status = WILDCAM_OK;
    *got = 0;
    search.page = wci_new_array(limit, sizeof *search.page * 2 * WCI_UPLOAD_KINDS);
    if (!search.page)
        return WILDCAM_ERR_NOMEM;
    for (int i = 0; status == WILDCAM_OK && i < 2; i++) {
        search.kinds = walks[i];
        if (search.kinds && search.got < limit)
            status = wci_sqlite_each_owing(self, up, up ? INT64_MIN : INT64_MAX, look_for_due,
                                           &search);
    }
    free(search.page);
    *got = search.got;
    return status;
}

/* ---- Groups ---- */

struct group_search {
    wci_backend *self;
    const char *sql;
    enum wci_upload_group group;
    uint32_t kinds;
    struct wci_upload_ref after;
    struct wci_upload_ref *found;
    size_t limit, got;
    struct wci_upload_ref *page;
};

static const char *group_sql(enum wci_upload_group group)
{
    switch (group) {
    case WCI_UPLOADS_IN_DOUBT:
        return "SELECT image_id FROM uploads WHERE doubts IS NOT NULL AND kind=?2 AND image_id>=?3"
               " ORDER BY image_id LIMIT ?1";
    case WCI_UPLOADS_PARKED:
        return "SELECT image_id FROM uploads WHERE state=2 AND kind=?2 AND image_id>=?3"
               " ORDER BY image_id LIMIT ?1";
    case WCI_UPLOADS_WAITING:
        break;
    }
    return "SELECT image_id FROM uploads WHERE state=0 AND lease=0 AND kind=?2 AND due_at>0"
           " AND image_id>=?3 ORDER BY image_id LIMIT ?1";
}

static bool has_none(const struct group_search *search, const struct wci_upload_news *news)
{
    int64_t count = 0;
    if (!news->has_figures || search->group == WCI_UPLOADS_WAITING)
        return false;
    for (int kind = 0; kind < WCI_UPLOAD_KINDS; kind++)
        if (search->kinds & 1U << kind)
            count += search->group == WCI_UPLOADS_PARKED ? news->figures[kind].parked
                                                         : news->figures[kind].in_doubt;
    return count == 0;
}

static wildcam_status gather_group(const struct group_search *search, struct wci_database *reader,
                                   size_t *got)
{
    wildcam_status status = WILDCAM_OK;
    for (int kind = 0; status == WILDCAM_OK && kind < WCI_UPLOAD_KINDS; kind++) {
        struct asking asking = {.sql = search->sql,
                                .kind = kind,
                                .values = {search->after.image_id + (kind <= search->after.kind)},
                                .value_count = 1,
                                .limit = search->limit - search->got};
        if (search->kinds & 1U << kind)
            status = ask(reader, &asking, search->page + *got, got);
    }
    if (*got)
        qsort(search->page, *got, sizeof *search->page, compare_up);
    return status;
}

static wildcam_status look_for_group(void *user, struct wci_shard *shard, bool *enough)
{
    struct group_search *search = user;
    struct wci_upload_news news;
    struct wci_shard_times times;
    struct wci_database *reader;
    size_t got = 0;
    wci_shard_news(&search->self->shards, shard, &news, &times);
    if (has_none(search, &news))
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = gather_group(search, reader, &got);
    wci_pool_give_reader(&shard->pool, reader);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; i < got && search->got < search->limit; i++)
        search->found[search->got++] = search->page[i];
    *enough = search->got == search->limit;
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_find_uploads(wci_backend *self, enum wci_upload_group group,
                                       uint32_t kinds, struct wci_upload_ref after,
                                       struct wci_upload_ref *found, size_t limit, size_t *got)
{
    struct group_search search = {.self = self,
                                  .sql = group_sql(group),
                                  .group = group,
                                  .kinds = kinds,
                                  .after = after,
                                  .found = found,
                                  .limit = limit};
    *got = 0;
    search.page = wci_new_array(limit, sizeof *search.page * WCI_UPLOAD_KINDS);
    if (!search.page)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_sqlite_each_owing(self, true, wci_id_time(after.image_id),
                                                  look_for_group, &search);
    free(search.page);
    *got = search.got;
    return status;
}
