/* Threads and waiting. */
#ifndef WCI_BASE_THREAD_H
#define WCI_BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

#include "base/error.h"

/* Starts a thread in which every signal from outside is blocked. */
wildcam_status wci_thread_start(pthread_t *thread, void *(*run)(void *), void *user);

/* A condition that counts by the monotonic clock. */
wildcam_status wci_condition_init(pthread_cond_t *condition);
/* Waits until signalled or for that many microseconds. */
void wci_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t microseconds);

#endif
