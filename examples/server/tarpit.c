#include "tarpit.h"

#include <microhttpd.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
enum { HOLD_MILLISECONDS = 250 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void wait_for(struct tarpit *tarpit)
{
    if (!tarpit->first) {
        pthread_cond_wait(&tarpit->wake, &tarpit->mutex);
        return;
    }
    int64_t until = tarpit->first->until;
    struct timespec time = {.tv_sec = (time_t)(until / SECOND), .tv_nsec = (long)(until % SECOND)};
    pthread_cond_timedwait(&tarpit->wake, &tarpit->mutex, &time);
}

/* The mutex is held, but not while a connection wakes: that takes the HTTP library's locks. */
static void let_go_first(struct tarpit *tarpit)
{
    struct MHD_Connection *mhd = tarpit->first->mhd; /* the rest is its request's again */
    tarpit->first = tarpit->first->next;
    if (!tarpit->first)
        tarpit->last = NULL;
    tarpit->count--;
    pthread_mutex_unlock(&tarpit->mutex);
    MHD_resume_connection(mhd);
    pthread_mutex_lock(&tarpit->mutex);
}

static void *run(void *user)
{
    struct tarpit *tarpit = user;
    pthread_mutex_lock(&tarpit->mutex);
    while (tarpit->is_open || tarpit->first) {
        if (tarpit->first && (!tarpit->is_open || tarpit->first->until <= now()))
            let_go_first(tarpit);
        else
            wait_for(tarpit);
    }
    pthread_mutex_unlock(&tarpit->mutex);
    return NULL;
}

bool tarpit_start(struct tarpit *tarpit, int64_t most)
{
    pthread_condattr_t monotonic;
    *tarpit = (struct tarpit){.most = most, .is_open = true};
    if (pthread_mutex_init(&tarpit->mutex, NULL) != 0)
        return false;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&tarpit->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return pthread_create(&tarpit->thread, NULL, run, tarpit) == 0;
}

void tarpit_stop(struct tarpit *tarpit)
{
    pthread_mutex_lock(&tarpit->mutex);
    tarpit->is_open = false;
    pthread_cond_signal(&tarpit->wake);
    pthread_mutex_unlock(&tarpit->mutex);
    pthread_join(tarpit->thread, NULL);
}

bool tarpit_hold(struct tarpit *tarpit, struct held *held, struct MHD_Connection *mhd)
{
    pthread_mutex_lock(&tarpit->mutex);
    bool is_held = tarpit->is_open && tarpit->count < tarpit->most;
    if (is_held) {
        MHD_suspend_connection(mhd); /* before it can be woken */
        *held = (struct held){mhd, NULL, now() + HOLD_MILLISECONDS * (SECOND / 1000)};
        if (tarpit->last) {
            tarpit->last->next = held;
        } else {
            tarpit->first = held;
            pthread_cond_signal(&tarpit->wake); /* it waits for the first one alone */
        }
        tarpit->last = held;
        tarpit->count++;
    }
    pthread_mutex_unlock(&tarpit->mutex);
    return is_held;
}
