#include "process/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/chance.h"
#include "base/thread.h"
#include "process/findings.h"

/* How often it is tried at once to write down what came of a picture, and how long a thread waits
 * before each further try. Where it cannot be, the lease passes by itself, and the picture is
 * looked at again. */
enum { TRIES = 3 };
#define REST WCI_SECOND
#define COMPLAINT_EVERY (60 * WCI_SECOND)

static uint64_t by_chance(struct wci_processor *processor)
{
    uint64_t state = atomic_fetch_add(&processor->chance, UINT64_C(0x9e3779b97f4a7c15));
    return wci_chance(&state);
}

void wci_worker_init(struct wci_worker *worker, struct wci_processor *processor,
                     int64_t lease_length)
{
    memset(worker, 0, sizeof *worker);
    worker->processor = processor;
    worker->lease_length = lease_length;
    wci_processing_init(&worker->row);
}

void wci_worker_release(struct wci_worker *worker)
{
    wci_processing_release(&worker->row);
}

/* ---- the row ---- */

/* What the keeper is to renew; nothing with lease 0. */
static void hold(struct wci_worker *worker, int64_t image_id, int64_t lease)
{
    struct wci_processor *processor = worker->processor;
    pthread_mutex_lock(&processor->mutex);
    worker->self = pthread_self();
    worker->held_image = image_id;
    worker->held_lease = lease;
    pthread_mutex_unlock(&processor->mutex);
}

/* DONE when it has a row in hand. */
static enum wci_turn claim(struct wci_worker *worker)
{
    struct wci_processor *processor = worker->processor;
    struct wci_store *store = processor->host.store;
    wildcam_processing *rows[] = {&worker->row};
    int64_t now = wci_calendar_now(), paused_since;
    size_t count = 0;
    if (store->ops->get_processing_pause(store->backend, &paused_since) != WILDCAM_OK)
        return WCI_TURN_TROUBLE;
    if (paused_since != WILDCAM_TIME_NONE)
        return WCI_TURN_PAUSED;
    wci_processing_release(&worker->row);
    wci_processing_init(&worker->row);
    const struct wci_processing_claim wanted = {.oldest_first = processor->oldest_first,
                                                .now = now,
                                                .lease = (int64_t)(by_chance(processor) >> 1) | 1,
                                                .until = now + worker->lease_length};
    wildcam_status status = wci_store_claim_processing(store, &wanted, rows, 1, &count);
    if (count == 1) {
        hold(worker, worker->row.image_id, worker->row.lease);
        return WCI_TURN_DONE;
    }
    return status == WILDCAM_OK ? WCI_TURN_NONE : WCI_TURN_TROUBLE;
}

static wildcam_status change(struct wci_worker *worker, enum wci_processing_step step,
                             const struct wci_found *found)
{
    wildcam_processing *rows[] = {&worker->row};
    struct wci_processing_work work = {
        .step = step, .rows = rows, .count = 1, .now = wci_calendar_now(), .found = found};
    return wci_store_step_processing(worker->processor->host.store, &work);
}

/* Waits a while, or until it is over. */
static void rest(struct wci_worker *worker)
{
    struct wci_processor *processor = worker->processor;
    pthread_mutex_lock(&processor->mutex);
    if (!worker->is_unwanted)
        wci_condition_wait(&processor->bell, &processor->mutex, REST);
    pthread_mutex_unlock(&processor->mutex);
}

/* Whether it is tried once more to write down what came of a picture. The store may be out of order
 * for a while: a thread has the time. */
static bool goes_on(struct wci_worker *worker, int tries)
{
    if (tries < TRIES)
        return true;
    if (!worker->is_thread || worker->is_unwanted)
        return false;
    if (tries == TRIES)
        wci_log_failure(worker->processor->host.log, WILDCAM_LOG_ERROR, "process",
                        "what was found could not be written down; it is tried again");
    rest(worker);
    return true;
}

/* A row that is somebody else's by now is no failure. */
static wildcam_status insist(struct wci_worker *worker, enum wci_processing_step step,
                             const struct wci_found *found)
{
    for (int tries = 1;; tries++) {
        wildcam_status status = change(worker, step, found);
        bool is_final = status == WILDCAM_OK || status == WILDCAM_ERR_NOTFOUND ||
                        status == WILDCAM_ERR_CORRUPT || status == WILDCAM_ERR_TOOLARGE;
        if (is_final || !goes_on(worker, tries))
            return status;
    }
}

/* ---- what came of it ---- */

static void tell_parked(struct wci_worker *worker, const char *device_id)
{
    struct wci_processor *processor = worker->processor;
    int64_t now = wci_calendar_monotonic(), before = processor->next_complaint;
    if (now < before ||
        !atomic_compare_exchange_strong(&processor->next_complaint, &before, now + COMPLAINT_EVERY))
        return;
    wci_log_write(processor->host.log, WILDCAM_LOG_WARNING, "process",
                  "picture %lld of %s is parked: %s", (long long)worker->row.image_id,
                  *device_id ? device_id : "a camera", wci_text_get(&worker->row.last_error));
}

static void note_reason(wildcam_processing *row, const char *reason)
{
    if (wci_text_set(&row->last_error, reason, strlen(reason)) != WILDCAM_OK)
        wci_text_empty(&row->last_error);
}

/* The row of a picture that has failed: tried again later, or parked. */
static void judge(struct wci_worker *worker, wildcam_status status)
{
    struct wci_processor *processor = worker->processor;
    wildcam_processing *row = &worker->row;
    note_reason(row, wildcam_error_message());
    if (wci_detector_is_refusal(status)) {
        row->state = WCI_PROCESSING_PARKED;
    } else if (++row->attempts >= processor->attempts) {
        row->state = WCI_PROCESSING_PARKED;
    } else {
        row->due_at = wci_calendar_now() + wci_backoff(processor->retry_delay,
                                                       WCI_QUEUE_LONGEST_WAIT, row->attempts,
                                                       by_chance(processor));
    }
    if (row->state == WCI_PROCESSING_PARKED)
        row->due_at = 0;
}

static enum wci_turn settle_failure(struct wci_worker *worker, const char *device_id)
{
    const struct wci_process_listener *listener = &worker->processor->listener;
    wildcam_status status = insist(worker, WCI_PROCESSING_SETTLE, NULL);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return worker->is_unwanted ? WCI_TURN_ENDED : WCI_TURN_TROUBLE;
    if (status == WILDCAM_ERR_NOTFOUND || worker->row.is_missed)
        return WCI_TURN_LOST;
    if (worker->row.state == WCI_PROCESSING_PARKED)
        tell_parked(worker, device_id);
    if (listener->failed)
        listener->failed(listener->user);
    worker->failed++;
    return WCI_TURN_FAILED;
}

static enum wci_turn give_back(struct wci_worker *worker, enum wci_turn turn)
{
    struct wci_error error;
    wci_error_save(&error);
    change(worker, WCI_PROCESSING_GIVE_BACK, NULL); /* or else the lease passes */
    wci_error_restore(&error);
    return turn;
}

/* None can be looked at for now. This one waits behind the others, so that it is tried with another
 * one, in case it is this one that cannot be looked at; none of its attempts is counted. */
static enum wci_turn postpone(struct wci_worker *worker)
{
    struct wci_error error;
    wildcam_processing *row = &worker->row;
    wci_error_save(&error);
    note_reason(row, error.message);
    row->due_at = wci_calendar_now() + worker->processor->retry_delay;
    insist(worker, WCI_PROCESSING_SETTLE, NULL); /* or else the lease passes */
    wci_error_restore(&error);
    return worker->is_unwanted ? WCI_TURN_ENDED : WCI_TURN_BLOCKED;
}

/* Somebody else looks at one alone: this one is to wait for that, as if it had not been claimed. */
static enum wci_turn put_off(struct wci_worker *worker)
{
    worker->row.attempts -= worker->row.was_left;
    wildcam_status status = insist(worker, WCI_PROCESSING_SETTLE, NULL);
    return status == WILDCAM_OK ? WCI_TURN_LOST : WCI_TURN_TROUBLE;
}

static enum wci_turn settle_success(struct wci_worker *worker, const struct wci_look *look,
                                    int64_t since)
{
    const struct wci_process_listener *listener = &worker->processor->listener;
    wildcam_processing *row = &worker->row;
    struct wci_row *rows;
    const struct wci_name *camera;
    wildcam_status status = wci_look_rows(worker, look, &rows, &camera);
    if (status != WILDCAM_OK)
        return give_back(worker, worker->is_unwanted ? WCI_TURN_ENDED : WCI_TURN_TROUBLE);
    const struct wci_found found = {rows, look->findings.count};
    row->state = WCI_PROCESSING_DONE;
    row->due_at = 0;
    row->attempts = 0;
    row->finished_at = wci_calendar_now();
    row->took = wci_calendar_monotonic() - since;
    wci_text_empty(&row->last_error);
    status = insist(worker, WCI_PROCESSING_SETTLE, &found);
    if (status == WILDCAM_OK && !row->is_missed) {
        if (listener->done)
            listener->done(listener->user, camera, since, rows, found.count);
        worker->done++;
    }
    free(rows);
    if (status == WILDCAM_OK)
        return row->is_missed ? WCI_TURN_LOST : WCI_TURN_DONE;
    if (status == WILDCAM_ERR_NOTFOUND)
        return WCI_TURN_LOST;
    return worker->is_unwanted ? WCI_TURN_ENDED : WCI_TURN_TROUBLE;
}

/* ---- one picture ---- */

/* Somebody has died over it again and again: most likely of it. */
static bool is_deadly(struct wci_worker *worker)
{
    wildcam_processing *row = &worker->row;
    if (!row->was_left || row->attempts < worker->processor->attempts)
        return false;
    wci_fail(WILDCAM_ERR_INTERNAL,
             "whoever looked at it has ended before it was done, the last of %d tries",
             row->attempts);
    return true;
}

/* A picture whose own row is damaged, or gone, will be no better the next time: it is judged like
 * one that a detector fails at. Where all of them are gone, there is nothing to settle any more. */
static bool is_stores(const struct wci_look *look, wildcam_status status)
{
    return look->is_ours && status != WILDCAM_ERR_NOTFOUND && status != WILDCAM_ERR_CORRUPT;
}

static enum wci_turn look_at(struct wci_worker *worker, struct wci_look *look, int64_t since)
{
    wildcam_status status = wci_look_at(worker, look);
    if (status == WILDCAM_OK)
        return settle_success(worker, look, since);
    if (worker->is_unwanted)
        return give_back(worker, WCI_TURN_ENDED);
    if (is_stores(look, status))
        return give_back(worker, WCI_TURN_TROUBLE);
    if (status == WILDCAM_ERR_BUSY)
        return postpone(worker);
    judge(worker, status);
    return settle_failure(worker, wci_text_get(&look->image.device_id));
}

static enum wci_turn work_on(struct wci_worker *worker, int64_t since, bool *is_alone)
{
    struct wci_look look;
    wildcam_processing *row = &worker->row;
    if (is_deadly(worker)) {
        judge(worker, WILDCAM_ERR_INTERNAL);
        row->attempts--; /* it was counted when it was claimed */
        return settle_failure(worker, "");
    }
    wildcam_status status = wci_alone_begin(&worker->processor->alone, row->image_id, row->was_left,
                                            &worker->is_unwanted, is_alone);
    if (status == WILDCAM_ERR_BUSY)
        return put_off(worker);
    if (status != WILDCAM_OK)
        return put_off(worker) == WCI_TURN_LOST ? WCI_TURN_ENDED : WCI_TURN_TROUBLE;
    wci_look_init(&look);
    enum wci_turn turn = look_at(worker, &look, since);
    wci_look_release(&look);
    return turn;
}

enum wci_turn wci_worker_turn(struct wci_worker *worker)
{
    struct wci_alone *alone = &worker->processor->alone;
    bool is_alone = false;
    if (!wci_alone_enter(alone, &worker->is_unwanted))
        return WCI_TURN_ENDED;
    int64_t since = wci_calendar_monotonic();
    enum wci_turn turn = claim(worker);
    if (turn == WCI_TURN_DONE) {
        turn = work_on(worker, since, &is_alone);
        hold(worker, 0, 0);
    }
    wci_alone_leave(alone, is_alone);
    return turn;
}
