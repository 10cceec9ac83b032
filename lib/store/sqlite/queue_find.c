/* Rows that wait for their turn, over all shards: which are due, and which are of a group. */
#include "store/sqlite/queue.h"

#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/memory.h"
#include "model/id.h"

/* One class's rows of one shard, as a statement gives their image ids. */
struct asking {
    const char *sql;
    int kind;
    int64_t values[3]; /* ?3 and on */
    int value_count;
    size_t limit; /* ?1 */
};

static wildcam_status ask(struct wci_database *reader, const struct asking *asking,
                          struct wci_queue_ref *found, size_t *got)
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
        found[count++] = (struct wci_queue_ref){sqlite3_column_int64(statement, 0), asking->kind};
    sqlite3_reset(statement);
    *got += count;
    return step < 0 ? step : WILDCAM_OK;
}

static int compare_up(const void *left, const void *right)
{
    const struct wci_queue_ref *a = left, *b = right;
    if (a->image_id != b->image_id)
        return a->image_id < b->image_id ? -1 : 1;
    return a->kind - b->kind;
}

static int compare_down(const void *left, const void *right)
{
    const struct wci_queue_ref *a = left, *b = right;
    return a->image_id != b->image_id ? -compare_up(left, right) : a->kind - b->kind;
}

/* ---- What is due ---- */

struct due_search {
    wci_backend *self;
    const struct wci_queue *queue;
    bool oldest_first;
    uint32_t classes; /* of this walk */
    int64_t now;
    struct wci_queue_ref *found;
    size_t limit, got;
    struct wci_queue_ref *page; /* of one shard: each class from two statements */
};

static wildcam_status gather_class(const struct due_search *search, struct wci_database *reader,
                                   int number, size_t *got)
{
    const struct wci_queue *queue = search->queue;
    bool up = search->oldest_first;
    struct asking ready = {.sql = up ? queue->ready_up : queue->ready_down,
                           .kind = number,
                           .limit = search->limit - search->got};
    struct asking ripe = {.sql = up ? queue->ripe_up : queue->ripe_down,
                          .kind = number,
                          .values = {search->now, search->now + WCI_QUEUE_LONGEST_WAIT,
                                     search->now + WCI_QUEUE_LONGEST_LEASE},
                          .value_count = 3,
                          .limit = search->limit - search->got};
    wildcam_status status = ask(reader, &ready, search->page + *got, got);
    return status == WILDCAM_OK ? ask(reader, &ripe, search->page + *got, got) : status;
}

wildcam_status wci_queue_find_next_due(struct wci_database *reader, const struct wci_queue *queue,
                                       int number, int64_t now, int64_t *next_due)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(reader, 0, queue->next_due, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int(statement, 1, number);
    sqlite3_bind_int64(statement, 2, now + WCI_QUEUE_LONGEST_WAIT);
    sqlite3_bind_int64(statement, 3, now + WCI_QUEUE_LONGEST_LEASE);
    wildcam_step step = wci_database_step(reader, statement);
    *next_due = INT64_MAX;
    if (step == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *next_due = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Rows that are due, in order, and for a class of which there are none when its next is. */
static wildcam_status gather(const struct due_search *search, struct wci_database *reader,
                             struct wci_queue_news *news, size_t *got)
{
    const struct wci_queue *queue = search->queue;
    wildcam_status status = WILDCAM_OK;
    news->noted_at = search->now;
    for (int number = queue->first; status == WILDCAM_OK && number < queue->end; number++) {
        int place = number - queue->first;
        if (!(search->classes & 1U << place))
            continue;
        size_t before = *got;
        news->next_due[place] = 0;
        status = gather_class(search, reader, number, got);
        if (status == WILDCAM_OK && *got == before)
            status = wci_queue_find_next_due(reader, queue, number, search->now,
                                             &news->next_due[place]);
    }
    if (*got)
        qsort(search->page, *got, sizeof *search->page,
              search->oldest_first ? compare_up : compare_down);
    return status;
}

static bool is_due(int64_t next_due, int64_t now)
{
    return next_due <= now || (next_due != INT64_MAX && next_due > now + WCI_QUEUE_LONGEST_WAIT);
}

static bool may_be_due(const struct due_search *search, const struct wci_queue_news *news)
{
    for (int place = 0; place < search->queue->end - search->queue->first; place++)
        if (search->classes & 1U << place && is_due(news->next_due[place], search->now))
            return true;
    return false;
}

static wildcam_status look_for_due(void *user, struct wci_shard *shard, bool *enough)
{
    struct due_search *search = user;
    struct wci_queue_news news;
    struct wci_shard_times times;
    struct wci_database *reader = NULL;
    size_t got = 0;
    wci_shard_news(&search->self->shards, shard, search->queue->name, &news, &times);
    if (search->now < news.noted_at) /* the clock was set back: nothing is known of any class */
        memset(news.next_due, 0, sizeof news.next_due);
    if (!may_be_due(search, &news))
        return WILDCAM_OK;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = gather(search, reader, &news, &got);
    wci_pool_give_reader(&shard->pool, reader);
    if (status != WILDCAM_OK)
        return status;
    wci_shard_note_news(&search->self->shards, shard, search->queue->name, &news, &times);
    for (size_t i = 0; i < got && search->got < search->limit; i++)
        search->found[search->got++] = search->page[i];
    *enough = search->got == search->limit;
    return WILDCAM_OK;
}

wildcam_status wci_queue_find_due(wci_backend *self, const struct wci_queue *queue,
                                  const struct wci_queue_search *wanted,
                                  struct wci_queue_ref *found, size_t limit, size_t *got)
{
    bool up = wanted->oldest_first;
    struct due_search search = {.self = self,
                                .queue = queue,
                                .oldest_first = up,
                                .now = wanted->now,
                                .found = found,
                                .limit = limit};
    wildcam_status status = WILDCAM_OK;
    *got = 0;
    search.page = wci_new_array(limit, sizeof *search.page * 2 * WCI_QUEUE_CLASSES);
    if (!search.page)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof wanted->walks / sizeof *wanted->walks;
         i++) {
        search.classes = wanted->walks[i];
        if (search.classes && search.got < limit)
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
    const struct wci_queue *queue;
    const char *sql;
    enum wci_queue_group group;
    uint32_t classes;
    struct wci_queue_ref after;
    struct wci_queue_ref *found;
    size_t limit, got;
    struct wci_queue_ref *page;
};

/* As far as counting knows: nothing of what waits, or is done. */
static bool has_none(const struct group_search *search, const struct wci_queue_news *news)
{
    int64_t count = 0;
    if (!news->has_figures ||
        (search->group != WCI_QUEUE_PARKED && search->group != WCI_QUEUE_IN_DOUBT))
        return false;
    for (int place = 0; place < search->queue->end - search->queue->first; place++)
        if (search->classes & 1U << place)
            count += search->group == WCI_QUEUE_PARKED ? news->figures[place].parked
                                                       : news->figures[place].in_doubt;
    return count == 0;
}

static wildcam_status gather_group(const struct group_search *search, struct wci_database *reader,
                                   size_t *got)
{
    const struct wci_queue *queue = search->queue;
    wildcam_status status = WILDCAM_OK;
    for (int number = queue->first; status == WILDCAM_OK && number < queue->end; number++) {
        struct asking asking = {.sql = search->sql,
                                .kind = number,
                                .values = {search->after.image_id + (number <= search->after.kind)},
                                .value_count = 1,
                                .limit = search->limit - search->got};
        if (search->classes & 1U << (number - queue->first))
            status = ask(reader, &asking, search->page + *got, got);
    }
    if (*got)
        qsort(search->page, *got, sizeof *search->page, compare_up);
    return status;
}

static wildcam_status look_for_group(void *user, struct wci_shard *shard, bool *enough)
{
    struct group_search *search = user;
    struct wci_queue_news news;
    struct wci_shard_times times;
    struct wci_database *reader;
    size_t got = 0;
    wci_shard_news(&search->self->shards, shard, search->queue->name, &news, &times);
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

wildcam_status wci_queue_find(wci_backend *self, const struct wci_queue *queue,
                              enum wci_queue_group group, uint32_t classes,
                              struct wci_queue_ref after, struct wci_queue_ref *found, size_t limit,
                              size_t *got)
{
    struct group_search search = {.self = self,
                                  .queue = queue,
                                  .sql = queue->group(group),
                                  .group = group,
                                  .classes = classes,
                                  .after = after,
                                  .found = found,
                                  .limit = limit};
    *got = 0;
    search.page = wci_new_array(limit, sizeof *search.page * WCI_QUEUE_CLASSES);
    if (!search.page)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_sqlite_each_owing(self, true, wci_id_time(after.image_id),
                                                  look_for_group, &search);
    free(search.page);
    *got = search.got;
    return status;
}
