/* What is to be processed: which rows, how many, and whether anybody may. */
#include <wildcam/time.h>

#include "store/sqlite/queue.h"

static const char *group_text(enum wci_queue_group group)
{
    switch (group) {
    case WCI_QUEUE_PARKED:
        return WCI_QUEUE_PARKED_TEXT("processing", "priority");
    case WCI_QUEUE_WAITING:
        return WCI_QUEUE_WAITING_TEXT("processing", "priority");
    default: /* DONE: no index has them, and they are nearly all */
        return "SELECT image_id FROM processing WHERE state=1 AND image_id>=?3"
               " ORDER BY image_id LIMIT ?1";
    }
}

enum { ALL = (1 << WCI_PRIORITIES) - 1 };

static const struct wci_queue queue = {
    .name = WCI_QUEUE_OF_PROCESSING,
    .first = WCI_PRIORITY_LOW,
    .end = WCI_PRIORITY_LOW + WCI_PRIORITIES,
    WCI_QUEUE_TEXTS("processing", "priority", "0"),
    .group = group_text,
};

static uint32_t mask(int priority)
{
    return 1U << (priority - WCI_PRIORITY_LOW);
}

wildcam_status wci_sqlite_find_due_processing(wci_backend *self, bool oldest_first, int64_t now,
                                              struct wci_queue_ref *found, size_t limit,
                                              size_t *got)
{
    const struct wci_queue_search search = {
        .walks = {mask(WCI_PRIORITY_HIGH), mask(WCI_PRIORITY_NORMAL), mask(WCI_PRIORITY_LOW)},
        .oldest_first = oldest_first,
        .now = now};
    return wci_queue_find_due(self, &queue, &search, found, limit, got);
}

wildcam_status wci_sqlite_find_processing(wci_backend *self, enum wci_queue_group group,
                                          struct wci_queue_ref after, struct wci_queue_ref *found,
                                          size_t limit, size_t *got)
{
    /* Those of all priorities at once, as if of the first: one by one each page would look for
     * those of another down to the last row. */
    uint32_t classes = group == WCI_QUEUE_DONE ? mask(WCI_PRIORITY_LOW) : ALL;
    return wci_queue_find(self, &queue, group, classes, after, found, limit, got);
}

wildcam_status wci_sqlite_count_processing(wci_backend *self, struct wci_queue_figures *out)
{
    return wci_queue_count(self, &queue, ALL, out);
}

/* ---- the pause: a row of the catalog, so that all processes see it ---- */

static wildcam_status write_pause(struct wci_database *writer, int64_t since)
{
    sqlite3_stmt *statement;
    if (since == WILDCAM_TIME_NONE)
        return wci_database_run(writer, "DELETE FROM processing_pause");
    wildcam_status status =
        wci_database_prepare(writer, 0,
                             "INSERT INTO processing_pause(since) SELECT ?"
                             " WHERE NOT EXISTS(SELECT 1 FROM processing_pause)",
                             &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, since);
    wildcam_step step = wci_database_step(writer, statement);
    sqlite3_reset(statement);
    return step;
}

wildcam_status wci_sqlite_pause_processing(wci_backend *self, int64_t since)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = write_pause(writer, since);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

wildcam_status wci_sqlite_get_processing_pause(wci_backend *self, int64_t *since)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    *since = WILDCAM_TIME_NONE;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT min(since) FROM processing_pause", &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = wci_database_step(reader, statement);
        if (step == 1)
            *since = wci_column_time(statement, 0);
        sqlite3_reset(statement);
        status = step < 0 ? step : WILDCAM_OK;
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}
