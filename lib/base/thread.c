#include "base/thread.h"

#include <time.h>

#include "base/calendar.h"

/* Signals that report a fault of the thread itself stay open: blocking them hides the fault. */
static void outside_signals(sigset_t *set)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigfillset(set);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(set, own[i]);
}

void wci_signals_hold(sigset_t *before)
{
    sigset_t blocked;
    outside_signals(&blocked);
    pthread_sigmask(SIG_BLOCK, &blocked, before);
}

void wci_signals_let_go(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

wildcam_status wci_thread_start(pthread_t *thread, void *(*run)(void *), void *user)
{
    sigset_t before;
    wci_signals_hold(&before);
    int error = pthread_create(thread, NULL, run, user);
    wci_signals_let_go(&before);
    if (error)
        return wci_fail_from(WILDCAM_ERR_NOMEM, "os", error, "the system gives no thread");
    return WILDCAM_OK;
}

void wci_broken_pipe_hold(struct wci_held_signal *held)
{
    sigset_t pending, pipe;
    sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &held->before);
}

void wci_broken_pipe_let_go(const struct wci_held_signal *held)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!held->was_pending)
        while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) == SIGPIPE)
            continue;
    pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}

wildcam_status wci_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (!error) {
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        error = pthread_cond_init(condition, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return error ? wci_fail_memory() : WILDCAM_OK;
}

void wci_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t microseconds)
{
    int64_t until = wci_calendar_monotonic() + microseconds;
    struct timespec time = {until / WCI_SECOND, until % WCI_SECOND * 1000};
    pthread_cond_timedwait(condition, mutex, &time);
}
