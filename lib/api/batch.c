/* Many detections in one write. */
#include <stdlib.h>

#include <wildcam/detection.h>

#include "api/call.h"
#include "base/memory.h"

enum { ROWS_MAX = 1000000 };

struct wildcam_batch {
    wildcam_station *station;
    struct wci_row *rows;
    size_t count, capacity;
    bool is_committed;
};

wildcam_status wildcam_batch_new(wildcam_station *station, wildcam_batch **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(station, out);
    wildcam_status status = wci_station_enter(station);
    if (status != WILDCAM_OK)
        return status;
    wildcam_batch *batch = wci_new(sizeof *batch);
    if (batch) {
        batch->station = station;
        wci_station_hold(station);
    }
    wci_station_leave(station);
    *out = batch;
    return batch ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static void forget_rows(wildcam_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        /* The batch's own copy. NOLINTNEXTLINE(performance-no-int-to-ptr) */
        free((char *)(uintptr_t)batch->rows[i].metadata);
    }
    batch->count = 0;
    batch->is_committed = false;
}

void wildcam_batch_free(wildcam_batch *self)
{
    if (!self)
        return;
    forget_rows(self);
    free(self->rows);
    wci_station_let_go(self->station);
    free(self);
}

void wildcam_batch_reset(wildcam_batch *self)
{
    if (self)
        forget_rows(self);
}

static wildcam_status make_row(wildcam_batch *batch, const wildcam_detection *detection,
                               struct wci_row *row)
{
    wildcam_status status = wci_station_make_row(batch->station, detection, row);
    if (status == WILDCAM_OK && row->metadata && !(row->metadata = wci_copy_text(row->metadata)))
        status = WILDCAM_ERR_NOMEM;
    return status;
}

static wildcam_status add(wildcam_batch *batch, const wildcam_detection *detection)
{
    void *rows = batch->rows;
    if (wci_reserve(&rows, &batch->capacity, batch->count + 1, sizeof *batch->rows) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    batch->rows = rows;
    wildcam_status status = make_row(batch, detection, &batch->rows[batch->count]);
    batch->count += status == WILDCAM_OK;
    return status;
}

wildcam_status wildcam_batch_add(wildcam_batch *self, const wildcam_detection *detection)
{
    wildcam_status status;
    WCI_BEGIN(self, detection);
    if (self->is_committed)
        return wci_fail(WILDCAM_ERR_STATE, "the batch is committed; wildcam_batch_reset() it");
    if (self->count >= ROWS_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "a batch holds at most %d detections", ROWS_MAX);
    WCI_WITHIN(self->station, status, add(self, detection));
    return status;
}

size_t wildcam_batch_get_count(const wildcam_batch *self)
{
    return self ? self->count : 0;
}

static wildcam_status commit(wildcam_batch *batch)
{
    struct wci_change change = {.rows = batch->rows, .count = batch->count};
    wildcam_status status = wci_store_write(&batch->station->store, &change);
    wci_measure_rows(&batch->station->measures, batch->rows, batch->count);
    if (status != WILDCAM_OK)
        wci_measure_failure(&batch->station->measures);
    return status;
}

wildcam_status wildcam_batch_commit(wildcam_batch *self)
{
    wildcam_status status;
    WCI_BEGIN(self);
    if (self->is_committed)
        return wci_fail(WILDCAM_ERR_STATE, "the batch is committed already");
    WCI_WITHIN(self->station, status, self->count ? commit(self) : WILDCAM_OK);
    self->is_committed = status != WILDCAM_ERR_CLOSED && status != WILDCAM_ERR_FORKED;
    return status;
}

int64_t wildcam_batch_get_id(const wildcam_batch *self, size_t index)
{
    return self && self->is_committed && index < self->count ? self->rows[index].id : 0;
}
