#include "process/processor.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"
#include "process/worker.h"

/* How often the store is asked when nothing is due: another process may have brought something. */
#define POLLED_EVERY (5 * WCI_SECOND)
/* After a failure of the store. */
#define REST WCI_SECOND
/* What comes due this soon is waited for in any case. */
#define SHORTEST_WAIT (WCI_SECOND / 20)
enum { RENEWED_AT_ONCE = 128 };

/* ---- opening ---- */

static wildcam_status init_locks(wci_processor *processor)
{
    pthread_mutex_t *const mutexes[] = {&processor->opening, &processor->thread_mutex,
                                        &processor->mutex};
    pthread_cond_t *const conditions[] = {&processor->bell, &processor->keeper_wakes};
    size_t made = 0, ready = 0;
    while (made < 3 && pthread_mutex_init(mutexes[made], NULL) == 0)
        made++;
    while (made == 3 && ready < 2 && wci_condition_init(conditions[ready]) == WILDCAM_OK)
        ready++;
    if (ready == 2 && wci_alone_init(&processor->alone) == WILDCAM_OK)
        return WILDCAM_OK;
    while (ready > 0)
        pthread_cond_destroy(conditions[--ready]);
    while (made > 0)
        pthread_mutex_destroy(mutexes[--made]);
    return wci_fail_memory();
}

static void destroy_locks(wci_processor *processor)
{
    wci_alone_destroy(&processor->alone);
    pthread_cond_destroy(&processor->keeper_wakes);
    pthread_cond_destroy(&processor->bell);
    pthread_mutex_destroy(&processor->mutex);
    pthread_mutex_destroy(&processor->thread_mutex);
    pthread_mutex_destroy(&processor->opening);
}

static wildcam_status read_settings(wci_processor *processor)
{
    uint64_t chance;
    const wildcam_conf *conf = processor->host.conf;
    processor->is_on = *wci_conf_text(conf, WCI_PROCESS_DETECTOR) != '\0';
    processor->oldest_first = wci_conf_int(conf, WCI_PROCESS_ORDER) == 1;
    processor->wanted = (size_t)wci_conf_int(conf, WCI_PROCESS_WORKERS);
    processor->attempts = (int)wci_conf_int(conf, WCI_PROCESS_ATTEMPTS);
    processor->retry_delay =
        (int64_t)(wci_conf_real(conf, WCI_PROCESS_RETRY_SECONDS) * (double)WCI_SECOND);
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        return wci_fail(WILDCAM_ERR_IO, "the system gives no random numbers");
    processor->chance = chance;
    return WILDCAM_OK;
}

wildcam_status wci_processor_open(const struct wci_detector_host *host,
                                  const struct wci_process_listener *listener, wci_processor **out)
{
    wci_processor *processor = wci_new(sizeof *processor);
    *out = NULL;
    if (!processor)
        return WILDCAM_ERR_NOMEM;
    processor->host = *host;
    processor->listener = *listener;
    wildcam_status status = read_settings(processor);
    if (status == WILDCAM_OK)
        status = init_locks(processor);
    if (status != WILDCAM_OK) {
        free(processor);
        return status;
    }
    *out = processor;
    return WILDCAM_OK;
}

/* Under the mutex. */
static void tell_workers(wci_processor *processor, bool threads_alone)
{
    for (struct wci_worker *worker = processor->workers; worker; worker = worker->next)
        if (worker->is_thread || !threads_alone)
            worker->is_unwanted = true;
    pthread_cond_broadcast(&processor->bell);
}

void wci_processor_hurry(wci_processor *processor)
{
    pthread_mutex_lock(&processor->mutex);
    processor->is_closing = true;
    tell_workers(processor, false);
    pthread_mutex_unlock(&processor->mutex);
}

void wci_processor_close(wci_processor *processor, bool is_forked)
{
    if (!processor)
        return;
    if (!is_forked)
        wci_processor_stop(processor);
    wci_detectors_close(&processor->detectors, is_forked);
    if (!is_forked)
        destroy_locks(processor);
    free(processor->threads); /* a forked child's copy */
    free(processor);
}

wildcam_status wci_processor_add_detector(wci_processor *processor, const char *name,
                                          const char *version, wildcam_detector_fn *fn, void *user)
{
    pthread_mutex_lock(&processor->opening);
    wildcam_status status = wci_detectors_add(&processor->detectors, name, version, fn, user);
    pthread_mutex_unlock(&processor->opening);
    return status;
}

bool wci_processor_is_on(const wci_processor *processor)
{
    return processor->is_on;
}

bool wci_processor_is_blocked(wci_processor *processor)
{
    pthread_mutex_lock(&processor->mutex);
    bool is_blocked = processor->trouble.is_broken;
    pthread_mutex_unlock(&processor->mutex);
    return is_blocked;
}

bool wci_processor_is_within(wci_processor *processor)
{
    bool is_within = false;
    pthread_mutex_lock(&processor->mutex);
    for (const struct wci_worker *worker = processor->workers; worker; worker = worker->next)
        is_within |= worker->held_lease && pthread_equal(worker->self, pthread_self());
    pthread_mutex_unlock(&processor->mutex);
    return is_within;
}

static wildcam_status open_detectors(wci_processor *processor)
{
    pthread_mutex_lock(&processor->opening);
    wildcam_status status = wci_detectors_open(&processor->detectors, &processor->host);
    pthread_mutex_unlock(&processor->opening);
    return status;
}

/* ---- who works ---- */

static void enter(struct wci_worker *worker)
{
    wci_processor *processor = worker->processor;
    pthread_mutex_lock(&processor->mutex);
    worker->next = processor->workers;
    processor->workers = worker;
    worker->is_unwanted = processor->is_closing;
    pthread_mutex_unlock(&processor->mutex);
}

static void leave(struct wci_worker *worker)
{
    wci_processor *processor = worker->processor;
    pthread_mutex_lock(&processor->mutex);
    struct wci_worker **at = &processor->workers;
    while (*at != worker)
        at = &(*at)->next;
    *at = worker->next;
    pthread_mutex_unlock(&processor->mutex);
}

static uint64_t count_rings(wci_processor *processor)
{
    pthread_mutex_lock(&processor->mutex);
    uint64_t rings = processor->rings;
    pthread_mutex_unlock(&processor->mutex);
    return rings;
}

/* Unless it has rung since. */
static void wait_for_bell(struct wci_worker *worker, uint64_t rings, int64_t duration)
{
    wci_processor *processor = worker->processor;
    pthread_mutex_lock(&processor->mutex);
    if (processor->rings == rings && !worker->is_unwanted)
        wci_condition_wait(&processor->bell, &processor->mutex, duration);
    pthread_mutex_unlock(&processor->mutex);
}

/* How long until something may be due, as far as this process knows. */
static int64_t next_wait(const wci_processor *processor)
{
    struct wci_queue_figures figures;
    const struct wci_store *store = processor->host.store;
    int64_t wait = POLLED_EVERY;
    if (store->ops->count_processing(store->backend, &figures) == WILDCAM_OK &&
        figures.next_due != INT64_MAX && figures.next_due > 0)
        wait = figures.next_due - wci_calendar_now();
    wci_error_clear();
    if (wait < SHORTEST_WAIT)
        wait = SHORTEST_WAIT;
    return wait < POLLED_EVERY ? wait : POLLED_EVERY;
}

/* While nothing can be looked at, one thread tries it now and then: how long this one is to wait.
 */
static int64_t begin_turn(wci_processor *processor)
{
    pthread_mutex_lock(&processor->mutex);
    int64_t wait = wci_trouble_begin(&processor->trouble, wci_calendar_monotonic());
    pthread_mutex_unlock(&processor->mutex);
    return wait;
}

static void end_turn(wci_processor *processor, enum wci_turn turn)
{
    pthread_mutex_lock(&processor->mutex);
    bool is_over = (turn == WCI_TURN_DONE || turn == WCI_TURN_FAILED) &&
                   wci_trouble_went_well(&processor->trouble);
    if (is_over) {
        processor->rings++;
        pthread_cond_broadcast(&processor->bell);
    } else if (turn == WCI_TURN_BLOCKED) {
        wci_trouble_failed(&processor->trouble, wci_calendar_monotonic());
    } else {
        wci_trouble_dropped(&processor->trouble);
    }
    pthread_mutex_unlock(&processor->mutex);
}

static int64_t rest_after(const wci_processor *processor, enum wci_turn turn)
{
    switch (turn) {
    case WCI_TURN_TROUBLE:
        return REST;
    case WCI_TURN_PAUSED:
        return POLLED_EVERY;
    case WCI_TURN_NONE:
        return next_wait(processor);
    default:
        return 0;
    }
}

static void *run(void *user)
{
    struct wci_worker *worker = user;
    wci_processor *processor = worker->processor;
    bool has_complained = false;
    while (!worker->is_unwanted) {
        uint64_t rings = count_rings(processor);
        int64_t wait = begin_turn(processor);
        if (wait == 0) {
            enum wci_turn turn = wci_worker_turn(worker);
            bool is_well = turn != WCI_TURN_TROUBLE && turn != WCI_TURN_BLOCKED;
            if (!is_well && !has_complained)
                wci_log_failure(processor->host.log, WILDCAM_LOG_ERROR, "process",
                                "pictures cannot be processed; it is tried again");
            if (!is_well)
                has_complained = true;
            else if (turn == WCI_TURN_DONE || turn == WCI_TURN_FAILED)
                has_complained = false;
            end_turn(processor, turn);
            wait = rest_after(processor, turn);
        }
        if (wait)
            wait_for_bell(worker, rings, wait);
        wci_error_clear();
    }
    leave(worker);
    return NULL;
}

/* ---- leases ---- */

struct renewal {
    wildcam_processing rows[RENEWED_AT_ONCE], *pointers[RENEWED_AT_ONCE];
    size_t count;
};

/* Under the mutex: those of threads, or of passes. */
static void list_held(const wci_processor *processor, bool of_threads, struct renewal *renewal)
{
    renewal->count = 0;
    for (const struct wci_worker *worker = processor->workers;
         worker && renewal->count < RENEWED_AT_ONCE; worker = worker->next) {
        if (!worker->held_lease || worker->is_thread != of_threads)
            continue;
        wildcam_processing *row = &renewal->rows[renewal->count];
        *row = (wildcam_processing){.image_id = worker->held_image, .lease = worker->held_lease};
        renewal->pointers[renewal->count++] = row;
    }
}

/* A row that is somebody else's by now is worked on in vain. */
static void tell_lost(wci_processor *processor, const struct renewal *renewal)
{
    pthread_mutex_lock(&processor->mutex);
    for (size_t i = 0; i < renewal->count; i++)
        for (struct wci_worker *worker = processor->workers; worker; worker = worker->next)
            if (renewal->rows[i].is_missed && worker->held_lease == renewal->rows[i].lease)
                worker->held_lease = 0; /* nothing of it to renew */
    pthread_mutex_unlock(&processor->mutex);
}

static void renew(wci_processor *processor, struct renewal *renewal, int64_t length)
{
    int64_t now = wci_calendar_now();
    struct wci_processing_work work = {.step = WCI_PROCESSING_RENEW,
                                       .rows = renewal->pointers,
                                       .count = renewal->count,
                                       .now = now,
                                       .until = now + length};
    if (!renewal->count)
        return;
    if (wci_store_step_processing(processor->host.store, &work) == WILDCAM_OK)
        tell_lost(processor, renewal);
    else
        wci_log_failure(processor->host.log, WILDCAM_LOG_WARNING, "process",
                        "leases could not be renewed; it is tried again");
    wci_error_clear();
}

static void *keep(void *user)
{
    wci_processor *processor = user;
    struct renewal renewal;
    pthread_mutex_lock(&processor->mutex);
    while (!processor->is_stopping) {
        wci_condition_wait(&processor->keeper_wakes, &processor->mutex, WCI_WORKER_RENEWED);
        if (processor->is_stopping)
            break;
        for (int of_threads = 0; of_threads < 2; of_threads++) {
            list_held(processor, of_threads, &renewal);
            pthread_mutex_unlock(&processor->mutex);
            renew(processor, &renewal, of_threads ? WCI_WORKER_LEASE : WCI_WORKER_PASS_LEASE);
            pthread_mutex_lock(&processor->mutex);
        }
    }
    pthread_mutex_unlock(&processor->mutex);
    return NULL;
}

/* ---- starting and stopping ---- */

static void end_threads(wci_processor *processor, size_t count, bool has_keeper)
{
    pthread_mutex_lock(&processor->mutex);
    tell_workers(processor, true);
    pthread_mutex_unlock(&processor->mutex);
    for (size_t i = 0; i < count; i++) { /* while their leases are kept */
        pthread_join(processor->threads[i].thread, NULL);
        wci_worker_release(&processor->threads[i]);
    }
    pthread_mutex_lock(&processor->mutex);
    processor->is_stopping = true;
    pthread_cond_broadcast(&processor->keeper_wakes);
    pthread_mutex_unlock(&processor->mutex);
    if (has_keeper)
        pthread_join(processor->keeper, NULL);
    free(processor->threads);
    processor->threads = NULL;
}

static wildcam_status start_threads(wci_processor *processor)
{
    size_t count = 0;
    processor->threads = wci_new_array(processor->wanted, sizeof *processor->threads);
    if (!processor->threads)
        return WILDCAM_ERR_NOMEM;
    pthread_mutex_lock(&processor->mutex);
    processor->is_stopping = false;
    pthread_mutex_unlock(&processor->mutex);
    wildcam_status status = wci_thread_start(&processor->keeper, keep, processor);
    bool has_keeper = status == WILDCAM_OK;
    for (; status == WILDCAM_OK && count < processor->wanted; count++) {
        struct wci_worker *worker = &processor->threads[count];
        wci_worker_init(worker, processor, WCI_WORKER_LEASE);
        worker->is_thread = true;
        enter(worker);
        status = wci_thread_start(&worker->thread, run, worker);
        if (status != WILDCAM_OK) {
            leave(worker);
            break;
        }
    }
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        end_threads(processor, count, has_keeper);
        wci_error_restore(&error);
    }
    return status;
}

wildcam_status wci_processor_start(wci_processor *processor)
{
    if (!processor->is_on || !processor->wanted)
        return WILDCAM_OK;
    wildcam_status status = open_detectors(processor);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&processor->thread_mutex);
    if (!processor->threads)
        status = start_threads(processor);
    pthread_mutex_unlock(&processor->thread_mutex);
    return status;
}

void wci_processor_stop(wci_processor *processor)
{
    pthread_mutex_lock(&processor->thread_mutex);
    if (processor->threads)
        end_threads(processor, processor->wanted, true);
    pthread_mutex_unlock(&processor->thread_mutex);
}

void wci_processor_wake(wci_processor *processor)
{
    if (!processor->is_on)
        return;
    pthread_mutex_lock(&processor->mutex);
    processor->rings++;
    pthread_cond_signal(&processor->bell);
    pthread_mutex_unlock(&processor->mutex);
}

void wci_processor_wake_all(wci_processor *processor)
{
    pthread_mutex_lock(&processor->mutex);
    processor->rings++;
    processor->trouble.not_before = 0; /* somebody may have put it right */
    pthread_cond_broadcast(&processor->bell);
    pthread_mutex_unlock(&processor->mutex);
}

/* ---- in the caller's thread ---- */

static wildcam_status work_off(struct wci_worker *worker, int64_t until)
{
    for (;;) {
        enum wci_turn turn = wci_worker_turn(worker);
        end_turn(worker->processor, turn);
        if (turn == WCI_TURN_ENDED)
            return wci_fail(WILDCAM_ERR_CLOSED, "the station is being closed");
        if (turn == WCI_TURN_TROUBLE || turn == WCI_TURN_BLOCKED) {
            struct wci_error error;
            wci_error_save(&error);
            return error.status;
        }
        if (turn == WCI_TURN_NONE || turn == WCI_TURN_PAUSED || wci_calendar_monotonic() >= until)
            return WILDCAM_OK;
    }
}

wildcam_status wci_processor_pass(wci_processor *processor, int64_t until, int64_t *done,
                                  int64_t *failed)
{
    struct wci_worker worker;
    *done = *failed = 0;
    if (!processor->is_on)
        return wci_fail(WILDCAM_ERR_STATE, "nothing looks at pictures: process.detector is empty; "
                                           "motion, say, comes with the library");
    if (wci_processor_is_within(processor))
        return wci_fail(WILDCAM_ERR_STATE, "a detector cannot process further pictures");
    wildcam_status status = open_detectors(processor);
    if (status != WILDCAM_OK)
        return status;
    wci_worker_init(&worker, processor, WCI_WORKER_PASS_LEASE);
    enter(&worker);
    status = work_off(&worker, until);
    leave(&worker);
    *done = worker.done;
    *failed = worker.failed;
    wci_worker_release(&worker);
    return status;
}
