/* Rows that wait for their turn: how many, and the one statement that changes one. */
#include "store/sqlite/queue.h"

#include <string.h>

#include <wildcam/time.h>

struct counting {
    wci_backend *self;
    const struct wci_queue *queue;
    uint32_t classes;
    int64_t now;
    struct wci_queue_figures *sums;
};

static wildcam_status count_class(struct wci_database *reader, const struct wci_queue *queue,
                                  int number, int64_t now, struct wci_queue_figures *figures)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(reader, 0, queue->count, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int(statement, 1, number);
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1)
        *figures = (struct wci_queue_figures){.owed = sqlite3_column_int64(statement, 0),
                                              .oldest = wci_column_time(statement, 1),
                                              .leased = sqlite3_column_int64(statement, 2),
                                              .parked = sqlite3_column_int64(statement, 3),
                                              .in_doubt = sqlite3_column_int64(statement, 4)};
    sqlite3_reset(statement);
    return step == 1 ? wci_queue_find_next_due(reader, queue, number, now, &figures->next_due)
                     : step;
}

static wildcam_status count_shard(const struct counting *counting, struct wci_shard *shard,
                                  struct wci_queue_news *news)
{
    struct wci_database *reader;
    const struct wci_queue *queue = counting->queue;
    wildcam_status status = wci_pool_take_reader(&shard->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    for (int number = queue->first; status == WILDCAM_OK && number < queue->end; number++)
        status = count_class(reader, queue, number, counting->now,
                             &news->figures[number - queue->first]);
    news->has_figures = status == WILDCAM_OK;
    wci_pool_give_reader(&shard->pool, reader);
    return status;
}

static void add(const struct counting *counting, const struct wci_queue_figures *figures)
{
    struct wci_queue_figures *sums = counting->sums;
    int64_t next_due = figures->next_due;
    if (next_due != INT64_MAX && next_due > counting->now + WCI_QUEUE_LONGEST_WAIT)
        next_due = 0;
    sums->owed += figures->owed;
    sums->leased += figures->leased;
    sums->parked += figures->parked;
    sums->in_doubt += figures->in_doubt;
    if (figures->oldest != WILDCAM_TIME_NONE &&
        (sums->oldest == WILDCAM_TIME_NONE || figures->oldest < sums->oldest))
        sums->oldest = figures->oldest;
    if (next_due < sums->next_due)
        sums->next_due = next_due;
}

static wildcam_status count_anew(const struct counting *counting, struct wci_shard *shard,
                                 struct wci_queue_news *news, const struct wci_shard_times *times)
{
    struct wci_shards *shards = &counting->self->shards;
    enum wci_queue_name name = counting->queue->name;
    struct wci_queue_tally tally = {.at = wci_calendar_monotonic()};
    wildcam_status status = count_shard(counting, shard, news);
    if (status != WILDCAM_OK)
        return status;
    wci_shard_note_news(shards, shard, name, news, times);
    memcpy(tally.figures, news->figures, sizeof tally.figures);
    tally.took = wci_calendar_monotonic() - tally.at;
    wci_shard_note_tally(shards, shard, name, &tally);
    return WILDCAM_OK;
}

static wildcam_status visit_to_count(void *user, struct wci_shard *shard, bool *enough)
{
    const struct counting *counting = user;
    const struct wci_queue *queue = counting->queue;
    struct wci_queue_news news;
    struct wci_shard_times times;
    wildcam_status status = WILDCAM_OK;
    (void)enough;
    wci_shard_news(&counting->self->shards, shard, queue->name, &news, &times);
    if (!news.has_figures &&
        !wci_shard_tally(&counting->self->shards, shard, queue->name, news.figures))
        status = count_anew(counting, shard, &news, &times);
    for (int place = 0; status == WILDCAM_OK && place < queue->end - queue->first; place++)
        if (counting->classes & 1U << place)
            add(counting, &news.figures[place]);
    return status;
}

wildcam_status wci_queue_count(wci_backend *self, const struct wci_queue *queue, uint32_t classes,
                               struct wci_queue_figures *out)
{
    struct counting counting = {self, queue, classes, wci_calendar_now(), out};
    *out = (struct wci_queue_figures){.oldest = WILDCAM_TIME_NONE, .next_due = INT64_MAX};
    return wci_sqlite_each_owing(self, true, INT64_MIN, visit_to_count, &counting);
}

wildcam_status wci_queue_run(struct wci_database *database, const struct wci_queue_step *step,
                             bool *is_missed)
{
    sqlite3_stmt *statement;
    *is_missed = true;
    wildcam_status status = wci_database_prepare(database, 0, step->sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, step->ref.image_id);
    sqlite3_bind_int(statement, 2, step->ref.kind);
    sqlite3_bind_int64(statement, 3, step->third);
    sqlite3_bind_int64(statement, 4, step->fourth);
    wildcam_step answer = wci_database_step(database, statement);
    sqlite3_reset(statement);
    *is_missed = answer != 0 || sqlite3_changes(database->handle) == 0;
    return answer;
}
