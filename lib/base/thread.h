/* Threads and waiting. */
#ifndef WCI_BASE_THREAD_H
#define WCI_BASE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Starts a thread in which every signal from outside is blocked. */
wildcam_status wci_thread_start(pthread_t *thread, void *(*run)(void *), void *user);

/* Between these two every signal from outside is blocked in this thread, and in those that are
 * started by somebody else's code that is called meanwhile. */
void wci_signals_hold(sigset_t *before);
void wci_signals_let_go(const sigset_t *before);

/* Writing to who is gone sends SIGPIPE, which would end the host. Between these two it reaches
 * nobody, whatever the host does with it. */
struct wci_held_signal {
    sigset_t before;
    bool was_pending;
};
void wci_broken_pipe_hold(struct wci_held_signal *held);
void wci_broken_pipe_let_go(const struct wci_held_signal *held);

/* A condition that counts by the monotonic clock. */
wildcam_status wci_condition_init(pthread_cond_t *condition);
/* Waits until signalled or for that many microseconds. */
void wci_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t microseconds);

#endif
