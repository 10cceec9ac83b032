/*
 * Who moves the bytes: one thread at a time leads, the engine's own or one of those who wait.
 *
 * A flag is set by a done() on the leading thread, or elsewhere with wci_engine_wake() behind it.
 * Those who wait are woken one by one, each when its flag is set or the lead is its own, so that a
 * thousand of them cost nothing.
 */
#include "upload/way.h"

#include "base/calendar.h"
#include "base/thread.h"

/* While bytes move, how often those who wait are told how many. */
static const int64_t count_interval = WCI_SECOND / 10;
/* How long to do nothing when the transport cannot go on. */
static const int64_t trouble_pause = WCI_SECOND / 10;

wildcam_status wci_engine_init_leading(wci_engine *engine)
{
    int made = 0;
    if (pthread_mutex_init(&engine->mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_mutex_init(&engine->regions_mutex, NULL) != 0) {
        pthread_mutex_destroy(&engine->mutex);
        return wci_fail_memory();
    }
    wildcam_status status = WILDCAM_OK;
    while (made < WCI_WAITER_SLOTS && !status) {
        status = wci_condition_init(&engine->slots[made]);
        made += !status;
    }
    if (!status)
        return WILDCAM_OK;
    while (made > 0)
        pthread_cond_destroy(&engine->slots[--made]);
    pthread_mutex_destroy(&engine->regions_mutex);
    pthread_mutex_destroy(&engine->mutex);
    return status;
}

void wci_engine_destroy_leading(wci_engine *engine)
{
    for (int i = 0; i < WCI_WAITER_SLOTS; i++)
        pthread_cond_destroy(&engine->slots[i]);
    pthread_mutex_destroy(&engine->regions_mutex);
    pthread_mutex_destroy(&engine->mutex);
}

/* ---- what there is to do ---- */

static void start_new(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    struct wci_way *way = engine->new_first, *next;
    engine->new_first = engine->new_last = NULL;
    if (engine->must_look_again)
        engine->has_moved = true;
    engine->must_look_again = false;
    pthread_mutex_unlock(&engine->mutex);
    for (; way; way = next) {
        next = way->next_new;
        way->next_new = NULL;
        wci_way_start(way);
    }
}

/* One at a time: the list is another's while the mutex is free. */
static struct wci_way *next_to_end(wci_engine *engine)
{
    struct wci_way *way = NULL;
    pthread_mutex_lock(&engine->mutex);
    if (engine->must_end_some) {
        for (way = engine->ways; way && !way->must_end; way = way->next)
            continue;
        if (way)
            way->must_end = false;
        else
            engine->must_end_some = false;
    }
    pthread_mutex_unlock(&engine->mutex);
    return way;
}

static void end_some(wci_engine *engine)
{
    for (struct wci_way *way; (way = next_to_end(engine)) != NULL;)
        if (!way->is_cancelled && !way->is_finished)
            wci_way_cancel(way);
}

static bool is_due(const struct wci_lane *lane, bool has_moved, bool keys_ready, int64_t now)
{
    if (lane->wake_at <= now)
        return true;
    return lane->wants_credentials ? keys_ready : has_moved;
}

/* Lanes go their next step in the order in which they came. */
static void step_lanes(wci_engine *engine)
{
    bool has_moved = engine->has_moved, keys_ready = engine->keys_ready;
    int64_t now = wci_engine_now(engine);
    engine->has_moved = engine->has_due = engine->keys_ready = false;
    for (struct wci_lane *lane = engine->waiting.first; lane; lane = engine->cursor) {
        engine->cursor = lane->next;
        if (is_due(lane, has_moved, keys_ready, now))
            wci_lane_step(lane);
    }
}

static int64_t next_time(const wci_engine *engine)
{
    int64_t time = INT64_MAX;
    for (const struct wci_lane *lane = engine->waiting.first; lane; lane = lane->next)
        if (lane->wake_at < time)
            time = lane->wake_at;
    return time;
}

static void call_done(wci_engine *engine)
{
    while (engine->finished) {
        struct wci_way *way = engine->finished;
        engine->finished = way->next_new;
        wci_way_end(way);
    }
}

int64_t wci_engine_work(wci_engine *engine)
{
    start_new(engine);
    end_some(engine);
    do {
        while (engine->ended.first)
            wci_lane_take_answer(engine->ended.first);
        step_lanes(engine);
    } while (engine->ended.first || engine->has_moved || engine->has_due || engine->keys_ready);
    call_done(engine);
    return next_time(engine);
}

static void count_sent(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    for (struct wci_way *way = engine->ways; way; way = way->next)
        for (int i = 0; i < way->lane_count; i++)
            if (way->lanes[i].state == WCI_LANE_SENDS)
                wci_lane_count_sent(&way->lanes[i]);
    pthread_mutex_unlock(&engine->mutex);
}

/* ---- who does it ---- */

static void wake(wci_engine *engine, const struct wci_engine_waiter *waiter)
{
    pthread_cond_broadcast(&engine->slots[waiter->slot]);
}

/* The caller holds the mutex. */
static void wake_those_who_are_done(wci_engine *engine)
{
    for (const struct wci_engine_waiter *waiter = engine->waiters; waiter; waiter = waiter->next)
        if (waiter->flag && atomic_load(waiter->flag))
            wake(engine, waiter);
}

/* The same. Somebody has to lead as long as somebody waits. */
static void hand_on(wci_engine *engine)
{
    const struct wci_engine_waiter *heir = NULL;
    for (const struct wci_engine_waiter *waiter = engine->waiters; waiter; waiter = waiter->next) {
        if (!waiter->flag) {
            heir = waiter;
            break;
        }
        if (!heir && !atomic_load(waiter->flag))
            heir = waiter;
    }
    if (heir)
        wake(engine, heir);
}

/* Whether this thread has to stop leading, or waiting. The caller holds the mutex. */
static bool is_over(const wci_engine *engine, const struct wci_engine_waiter *self, int64_t until)
{
    if (!self->flag)
        return engine->must_stop;
    return atomic_load(self->flag) || wci_engine_now(engine) >= until;
}

static bool may_lead(const wci_engine *engine, const struct wci_engine_waiter *self)
{
    return !engine->is_led && (!engine->has_thread || !self->flag);
}

/* The caller holds the mutex, which is let go meanwhile. */
static void lead(wci_engine *engine, const struct wci_engine_waiter *self, int64_t until)
{
    struct wci_transport *transport = &engine->transport;
    engine->is_led = true;
    for (;;) {
        pthread_mutex_unlock(&engine->mutex);
        int64_t next = wci_engine_work(engine), now = wci_engine_now(engine);
        pthread_mutex_lock(&engine->mutex);
        wake_those_who_are_done(engine);
        if (is_over(engine, self, until) || (self->flag && engine->has_thread))
            break;
        pthread_mutex_unlock(&engine->mutex);
        if (until < next)
            next = until;
        if (engine->sending > 0 && now + count_interval < next)
            next = now + count_interval;
        wildcam_status status = transport->ops->run(transport->carrier, next);
        if (status)
            wci_log_failure(&engine->log, WILDCAM_LOG_ERROR, "upload", "moving bytes");
        if (engine->sending > 0)
            count_sent(engine);
        pthread_mutex_lock(&engine->mutex);
        if (status)
            wci_condition_wait(&engine->slots[self->slot], &engine->mutex, trouble_pause);
    }
    engine->is_led = false;
    hand_on(engine);
}

static void stand_in(wci_engine *engine, struct wci_engine_waiter *self)
{
    self->slot = (int)(engine->next_slot++ % WCI_WAITER_SLOTS);
    self->next = engine->waiters;
    if (self->next)
        self->next->previous = self;
    engine->waiters = self;
}

static void stand_out(wci_engine *engine, const struct wci_engine_waiter *self)
{
    *(self->previous ? &self->previous->next : &engine->waiters) = self->next;
    if (self->next)
        self->next->previous = self->previous;
}

/* Leads, or waits until it may, until it is over. */
static void lead_in_turn(wci_engine *engine, const atomic_bool *flag, int64_t until)
{
    struct wci_engine_waiter self = {.flag = flag};
    pthread_mutex_lock(&engine->mutex);
    stand_in(engine, &self);
    while (!is_over(engine, &self, until)) {
        int64_t left = until - wci_engine_now(engine);
        if (may_lead(engine, &self))
            lead(engine, &self, until);
        else
            wci_condition_wait(&engine->slots[self.slot], &engine->mutex,
                               left < WCI_DAY ? left : WCI_DAY);
    }
    stand_out(engine, &self);
    /* It may have been woken to lead. */
    if (!engine->is_led)
        hand_on(engine);
    pthread_mutex_unlock(&engine->mutex);
}

bool wci_engine_wait(wci_engine *engine, const atomic_bool *flag, int64_t until)
{
    struct wci_error error;
    if (atomic_load(flag))
        return true;
    wci_error_save(&error); /* others' failures are none of the caller's */
    lead_in_turn(engine, flag, until);
    wci_error_restore(&error);
    return atomic_load(flag);
}

void wci_engine_wake(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    wake_those_who_are_done(engine);
    pthread_mutex_unlock(&engine->mutex);
    engine->transport.ops->wake(engine->transport.carrier);
}

static void *run_thread(void *user)
{
    lead_in_turn(user, NULL, INT64_MAX);
    return NULL;
}

wildcam_status wci_engine_start(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    wildcam_status status = WILDCAM_OK;
    if (!engine->has_thread) {
        engine->must_stop = false;
        status = wci_thread_start(&engine->thread, run_thread, engine);
        engine->has_thread = status == WILDCAM_OK;
    }
    pthread_mutex_unlock(&engine->mutex);
    engine->transport.ops->wake(engine->transport.carrier); /* whoever leads hands it on */
    return status;
}

void wci_engine_stop(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    bool has_thread = engine->has_thread;
    engine->must_stop = true;
    for (const struct wci_engine_waiter *waiter = engine->waiters; waiter; waiter = waiter->next)
        if (!waiter->flag)
            wake(engine, waiter);
    pthread_mutex_unlock(&engine->mutex);
    if (!has_thread)
        return;
    engine->transport.ops->wake(engine->transport.carrier);
    pthread_join(engine->thread, NULL);
    pthread_mutex_lock(&engine->mutex);
    engine->has_thread = false;
    if (!engine->is_led)
        hand_on(engine); /* those who wait lead again */
    pthread_mutex_unlock(&engine->mutex);
}
