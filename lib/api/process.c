#include <wildcam/process.h>

#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"
#include "model/id.h"
#include "process/findings.h"

enum { REASON_MAX = 500 };

wildcam_status wildcam_station_add_detector(wildcam_station *self, const char *name,
                                            const char *version, wildcam_detector_fn *fn,
                                            void *user)
{
    wildcam_status status;
    WCI_BEGIN(self, name);
    if (!fn)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the function is NULL", __func__);
    WCI_WITHIN(self, status, wci_processor_add_detector(self->processor, name, version, fn, user));
    return status;
}

/* ---- the queue ---- */

wildcam_status wildcam_station_process_once(wildcam_station *self, int64_t budget_ms, int64_t *done,
                                            int64_t *failed)
{
    int64_t processed = 0, refused = 0;
    wildcam_status status;
    WCI_BEGIN(self);
    if (budget_ms < 0 || budget_ms > INT32_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "the budget is 0 to %d milliseconds, not %lld",
                        INT32_MAX, (long long)budget_ms);
    WCI_WITHIN(self, status,
               wci_processor_pass(self->processor, wci_calendar_monotonic() + budget_ms * 1000,
                                  &processed, &refused));
    if (done)
        *done = processed;
    if (failed)
        *failed = refused;
    return status;
}

static wildcam_status set_pause(wildcam_station *station, int64_t since)
{
    const struct wci_store *store = &station->store;
    wildcam_status status = store->ops->pause_processing(store->backend, since);
    if (status == WILDCAM_OK)
        wci_processor_wake_all(station->processor);
    return status;
}

wildcam_status wildcam_station_pause_processing(wildcam_station *self)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, set_pause(self, wci_calendar_now()));
    return status;
}

wildcam_status wildcam_station_resume_processing(wildcam_station *self)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, set_pause(self, WILDCAM_TIME_NONE));
    return status;
}

wildcam_status wildcam_station_get_processing_pause(wildcam_station *self, int64_t *since)
{
    wildcam_status status;
    int64_t found = WILDCAM_TIME_NONE;
    WCI_BEGIN(self, since);
    WCI_WITHIN(self, status, self->store.ops->get_processing_pause(self->store.backend, &found));
    *since = found;
    return status;
}

wildcam_status wildcam_station_count_processing(wildcam_station *self, int64_t *due,
                                                int64_t *running, int64_t *oldest, int64_t *parked)
{
    wildcam_status status;
    struct wci_queue_figures figures;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, self->store.ops->count_processing(self->store.backend, &figures));
    if (status != WILDCAM_OK)
        return status;
    if (due)
        *due = figures.owed;
    if (running)
        *running = figures.leased;
    if (oldest)
        *oldest = figures.oldest;
    if (parked)
        *parked = figures.parked;
    return status;
}

static wildcam_status change(wildcam_station *station, enum wci_processing_step step,
                             int64_t image_id, int priority)
{
    bool is_missed;
    wildcam_status status = wci_store_change_processing(&station->store, step, image_id, priority,
                                                        &is_missed);
    if (status == WILDCAM_OK && !is_missed)
        wci_processor_wake(station->processor);
    return status;
}

wildcam_status wildcam_station_requeue(wildcam_station *self, int64_t image_id)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, change(self, WCI_PROCESSING_REQUEUE, image_id, 0));
    return status;
}

wildcam_status wildcam_station_set_priority(wildcam_station *self, int64_t image_id, int priority)
{
    wildcam_status status;
    WCI_BEGIN(self);
    if (priority < WILDCAM_PRIORITY_LOW || priority > WILDCAM_PRIORITY_HIGH)
        return wci_fail(WILDCAM_ERR_INVALID, "the priority is %d to %d, not %d",
                        WILDCAM_PRIORITY_LOW, WILDCAM_PRIORITY_HIGH, priority);
    WCI_WITHIN(self, status, change(self, WCI_PROCESSING_PRIORITISE, image_id, priority));
    return status;
}

static wildcam_status process_again(wildcam_station *station, int64_t from, int64_t to,
                                    int64_t *count)
{
    wildcam_status status = wci_store_make_processing_due(&station->store, WCI_QUEUE_DONE,
                                                          wci_id_at(from), wci_id_at(to), count);
    wci_processor_wake_all(station->processor);
    return status;
}

wildcam_status wildcam_station_process_again(wildcam_station *self, int64_t from, int64_t to,
                                             int64_t *count)
{
    int64_t changed = 0;
    WCI_BEGIN(self);
    wildcam_status status = wci_check_time(from, WILDCAM_OFFSET_UNKNOWN,
                                           WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        status = wci_check_time(to, WILDCAM_OFFSET_UNKNOWN, WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, process_again(self, from, to, &changed));
    if (count)
        *count = changed;
    return status;
}

static wildcam_status retry(wildcam_station *station, int64_t *count)
{
    int64_t waiting = 0;
    struct wci_store *store = &station->store;
    wildcam_status status = wci_store_make_processing_due(store, WCI_QUEUE_PARKED, 0, INT64_MAX,
                                                          count);
    if (status == WILDCAM_OK)
        status = wci_store_make_processing_due(store, WCI_QUEUE_WAITING, 0, INT64_MAX, &waiting);
    *count += waiting;
    wci_processor_wake_all(station->processor);
    return status;
}

wildcam_status wildcam_station_retry_processing(wildcam_station *self, int64_t *count)
{
    wildcam_status status;
    int64_t changed = 0;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, retry(self, &changed));
    if (count)
        *count = changed;
    return status;
}

static wildcam_status get(wildcam_station *station, int64_t image_id, wildcam_processing **out)
{
    wildcam_processing *processing = wci_new(sizeof *processing);
    if (!processing)
        return WILDCAM_ERR_NOMEM;
    wci_processing_init(processing);
    wildcam_status status = station->store.ops->get_processing(station->store.backend, image_id,
                                                               processing);
    if (status == WILDCAM_OK)
        *out = processing;
    else
        wildcam_processing_free(processing);
    return status;
}

wildcam_status wildcam_station_get_processing(wildcam_station *self, int64_t image_id,
                                              wildcam_processing **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    WCI_WITHIN(self, status, get(self, image_id, out));
    return status;
}

static wildcam_status next_parked(wildcam_station *station, int64_t after, wildcam_processing **out)
{
    size_t got = 0;
    struct wci_queue_ref found = {0};
    const struct wci_store *store = &station->store;
    const struct wci_queue_ref behind = {after, WILDCAM_PRIORITY_HIGH};
    wildcam_status status = store->ops->find_processing(store->backend, WCI_QUEUE_PARKED, behind,
                                                        &found, 1, &got);
    if (status == WILDCAM_OK && got == 0)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "no picture behind %lld is parked",
                          (long long)after);
    return status == WILDCAM_OK ? get(station, found.image_id, out) : status;
}

wildcam_status wildcam_station_next_parked(wildcam_station *self, int64_t after,
                                           wildcam_processing **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    WCI_WITHIN(self, status, next_parked(self, after, out));
    return status;
}

/* ---- how far a picture is ---- */

void wildcam_processing_free(wildcam_processing *self)
{
    if (!self)
        return;
    wci_processing_release(self);
    free(self);
}

/* The getters: NULL reads as one that nothing is known of. */
#define NUMBER(type, name, field, without)                                                         \
    type wildcam_processing_get_##name(const wildcam_processing *self)                             \
    {                                                                                              \
        return self ? (field) : (without);                                                         \
    }

NUMBER(int64_t, image_id, self->image_id, 0)
NUMBER(int, state, self->state, WILDCAM_PROCESSING_DUE)
NUMBER(int, running, wci_processing_is_running(self), 0)
NUMBER(int, priority, self->priority, WILDCAM_PRIORITY_NORMAL)
NUMBER(int64_t, since, self->since, WILDCAM_TIME_NONE)
NUMBER(int64_t, due_at, self->due_at > 0 ? self->due_at : WILDCAM_TIME_NONE, WILDCAM_TIME_NONE)
NUMBER(int, attempts, self->attempts, 0)
NUMBER(int64_t, finished_at, self->finished_at, WILDCAM_TIME_NONE)
NUMBER(int64_t, duration, self->took, -1)

const char *wildcam_processing_get_reason(const wildcam_processing *self)
{
    return self ? wci_text_get(&self->last_error) : "";
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_processing_write_json(object, json);
}

wildcam_status wildcam_processing_to_json(const wildcam_processing *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

/* ---- what a detector is given ---- */

const wildcam_image *wildcam_picture_get_image(const wildcam_picture *self)
{
    return self ? wci_picture_image(self) : NULL;
}

const char *wildcam_picture_get_device_id(const wildcam_picture *self)
{
    return self ? wci_text_get(&wci_picture_image(self)->device_id) : "";
}

const char *wildcam_picture_get_path(const wildcam_picture *self)
{
    return self ? wci_picture_path(self) : "";
}

wildcam_status wildcam_picture_read(wildcam_picture *self, const void **data, size_t *size)
{
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    return wci_answer(wci_picture_bytes(self, data, size));
}

int wildcam_picture_get_cancelled(const wildcam_picture *self)
{
    return !self || wci_picture_is_unwanted(self);
}

wildcam_status wildcam_findings_add(wildcam_findings *self, int category, const char *species,
                                    double confidence, const wildcam_box *box, const char *metadata)
{
    WCI_BEGIN(self);
    if (category < -1)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no category", category);
    return wci_answer(wci_findings_add(self, category, species, confidence, box, metadata));
}

wildcam_status wildcam_findings_add_blank(wildcam_findings *self, double confidence)
{
    WCI_BEGIN(self);
    return wci_answer(wci_findings_add_blank(self, confidence));
}

wildcam_status wildcam_findings_set_reason(wildcam_findings *self, const char *reason)
{
    WCI_BEGIN(self);
    return wci_answer(wci_take_text(&self->reason, "reason", reason, REASON_MAX));
}
