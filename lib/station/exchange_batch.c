#include "station/exchange_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "model/processing.h"
#include "station/exchange_take.h"

/* What may wait to be written: as much as a group takes, not for long, and not too much memory. */
#define BYTES_MAX (4 << 20)
#define PATIENCE (50 * INT64_C(1000))

/* A row that waits, with all that its change needs. */
struct entry {
    struct wci_change change;
    wildcam_image image;
    struct wci_row *rows;
    char *texts; /* of the rows, and `where` */
    const char *where;
    wildcam_processing processing;
    wildcam_processing *list[1];
    struct wci_processing_work work;
    struct wci_found found;
    int failure;
    int64_t detections;
    bool is_known;
};

struct wci_batch {
    struct entry *entries[WCI_GROUP_MAX];
    size_t count, bytes;
    int64_t since; /* when the first of them came, monotonic */
    int64_t done;  /* how far the import was before it */
};

static void free_entry(struct entry *entry)
{
    wci_image_release(&entry->image);
    wci_processing_release(&entry->processing);
    free(entry->rows);
    free(entry->texts);
    free(entry);
}

wildcam_status wci_batch_begin(wildcam_exchange *exchange)
{
    exchange->batch = wci_new(sizeof *exchange->batch);
    return exchange->batch ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

/* ---- gathering ---- */

static wildcam_status copy_rows(struct entry *entry, const struct wci_gathered *row, size_t *bytes)
{
    size_t at = strlen(row->where) + 1, length = at;
    for (size_t i = 0; i < row->count; i++)
        length += row->rows[i].metadata ? strlen(row->rows[i].metadata) + 1 : 0;
    entry->texts = wci_new_array(length, 1);
    entry->rows = wci_new_array(row->count, sizeof *entry->rows);
    if (!entry->texts || !entry->rows)
        return WILDCAM_ERR_NOMEM;
    memcpy(entry->texts, row->where, at);
    entry->where = entry->texts;
    memcpy(entry->rows, row->rows, row->count * sizeof *entry->rows);
    for (size_t i = 0; i < row->count; i++) {
        if (!row->rows[i].metadata)
            continue;
        size_t size = strlen(row->rows[i].metadata) + 1;
        memcpy(entry->texts + at, row->rows[i].metadata, size);
        entry->rows[i].metadata = entry->texts + at;
        at += size;
    }
    *bytes = length + row->count * sizeof *entry->rows;
    return WILDCAM_OK;
}

static void make_change(struct entry *entry, const struct wci_gathered *row)
{
    if (row->image) {
        entry->image = *row->image;
        wci_image_init(row->image);
        entry->change = (struct wci_change){
            .image = &entry->image, .rows = entry->rows, .count = row->count, .is_brought = true};
        return;
    }
    entry->processing.image_id = row->image_id;
    entry->list[0] = &entry->processing;
    entry->found = (struct wci_found){entry->rows, row->count};
    entry->work = (struct wci_processing_work){.step = WCI_PROCESSING_ANSWER,
                                               .rows = entry->list,
                                               .count = 1,
                                               .now = wci_calendar_now(),
                                               .found = &entry->found};
    entry->change = (struct wci_change){.processing = &entry->work};
}

wildcam_status wci_batch_add(wildcam_exchange *exchange, const struct wci_gathered *row)
{
    struct wci_batch *batch = exchange->batch;
    size_t bytes;
    struct entry *entry = wci_new(sizeof *entry);
    if (!entry)
        return WILDCAM_ERR_NOMEM;
    wci_image_init(&entry->image);
    wci_processing_init(&entry->processing);
    entry->failure = row->failure;
    entry->detections = row->detections;
    entry->is_known = row->is_known;
    wildcam_status status = copy_rows(entry, row, &bytes);
    if (status != WILDCAM_OK) {
        free_entry(entry);
        return status;
    }
    make_change(entry, row);
    if (!batch->count)
        batch->since = wci_calendar_monotonic();
    batch->entries[batch->count++] = entry;
    batch->bytes += bytes + entry->image.metadata.length + sizeof *entry;
    if (batch->count == WCI_GROUP_MAX || batch->bytes >= BYTES_MAX ||
        wci_calendar_monotonic() - batch->since >= PATIENCE)
        return wci_batch_write(exchange);
    return WILDCAM_OK;
}

bool wci_batch_has(const wildcam_exchange *exchange, int64_t image_id)
{
    const struct wci_batch *batch = exchange->batch;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i]->change.processing &&
            batch->entries[i]->processing.image_id == image_id)
            return true;
    return false;
}

/* ---- writing ---- */

static wildcam_status find_outcome(const struct entry *entry)
{
    const struct wci_change *change = &entry->change;
    if (change->error.status != WILDCAM_OK)
        return wci_error_restore(&change->error);
    if (change->processing && entry->processing.is_missed)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "picture %lld is gone",
                        (long long)entry->processing.image_id);
    return WILDCAM_OK;
}

static void count_entry(wildcam_exchange *exchange, const struct entry *entry)
{
    int64_t *figures = exchange->figures;
    const struct wci_change *change = &entry->change;
    if (change->image)
        figures[change->is_duplicate ? WILDCAM_EXCHANGE_KNOWN : WILDCAM_EXCHANGE_ADDED]++;
    figures[WILDCAM_EXCHANGE_KNOWN] += entry->is_known;
    if (!change->is_duplicate)
        figures[WILDCAM_EXCHANGE_DETECTIONS] += entry->detections;
}

static wildcam_status settle(wildcam_exchange *exchange, const struct entry *entry)
{
    wildcam_status status = find_outcome(entry);
    if (status == WILDCAM_OK) {
        count_entry(exchange, entry);
    } else if (wci_take_is_of_one(status)) {
        wci_exchange_note(exchange, entry->failure, entry->where, "%s", wildcam_error_message());
        wci_error_clear();
        status = WILDCAM_OK;
    }
    return status;
}

wildcam_status wci_batch_write(wildcam_exchange *exchange)
{
    struct wci_batch *batch = exchange->batch;
    struct wci_change *changes[WCI_GROUP_MAX];
    struct wci_error first = {.status = WILDCAM_OK};
    for (size_t i = 0; i < batch->count; i++)
        changes[i] = &batch->entries[i]->change;
    wci_store_write_all(&exchange->station->store, changes, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        if (settle(exchange, batch->entries[i]) != WILDCAM_OK && first.status == WILDCAM_OK)
            wci_error_save(&first);
        free_entry(batch->entries[i]);
    }
    batch->count = batch->bytes = 0;
    return first.status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&first);
}

wildcam_status wci_batch_end(wildcam_exchange *exchange, wildcam_status status)
{
    struct wci_error error;
    if (!exchange->batch)
        return status;
    wci_error_save(&error);
    wildcam_status written = wci_batch_write(exchange);
    free(exchange->batch);
    exchange->batch = NULL;
    return status == WILDCAM_OK ? written : wci_error_restore(&error);
}

wildcam_status wci_batch_step(wildcam_exchange *exchange, const char *phase, int64_t done,
                              int64_t total)
{
    struct wci_batch *batch = exchange->batch;
    if (!batch->count)
        batch->done = done;
    return wci_exchange_step(exchange, phase, batch->done, total);
}
