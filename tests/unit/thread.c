/* Threads that leave the host's signals alone, and waiting by the monotonic clock. */
#include "base/thread.h"

#include <signal.h>

#include "base/calendar.h"
#include "unit.h"

static void *look_at_signals(void *user)
{
    pthread_sigmask(SIG_SETMASK, NULL, user);
    return NULL;
}

START_TEST(blocks_signals_from_outside)
{
    static const int outside[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPIPE, SIGUSR1, SIGALRM};
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t inside, before, after;
    pthread_t thread;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_done(wci_thread_start(&thread, look_at_signals, &inside));
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        ck_assert_int_eq(sigismember(&inside, outside[i]), 1);
        ck_assert_int_eq(sigismember(&after, outside[i]), sigismember(&before, outside[i]));
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        ck_assert_int_eq(sigismember(&inside, own[i]), 0);
}
END_TEST

struct signalled {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool is_done;
};

static void *signal_it(void *user)
{
    struct signalled *it = user;
    pthread_mutex_lock(&it->mutex);
    it->is_done = true;
    pthread_cond_signal(&it->condition);
    pthread_mutex_unlock(&it->mutex);
    return NULL;
}

START_TEST(waits_for_a_signal)
{
    struct signalled it = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    assert_done(wci_condition_init(&it.condition));
    pthread_mutex_lock(&it.mutex);
    assert_done(wci_thread_start(&thread, signal_it, &it));
    while (!it.is_done)
        wci_condition_wait(&it.condition, &it.mutex, 60 * WCI_SECOND);
    pthread_mutex_unlock(&it.mutex);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&it.condition);
}
END_TEST

START_TEST(waits_no_longer_than_told)
{
    struct signalled it = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    assert_done(wci_condition_init(&it.condition));
    pthread_mutex_lock(&it.mutex);
    int64_t end = wci_calendar_monotonic() + 1000;
    while (wci_calendar_monotonic() < end) /* a wait may end early, never hang */
        wci_condition_wait(&it.condition, &it.mutex, end - wci_calendar_monotonic());
    wci_condition_wait(&it.condition, &it.mutex, -WCI_SECOND);
    pthread_mutex_unlock(&it.mutex);
    pthread_cond_destroy(&it.condition);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("thread");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, blocks_signals_from_outside);
    tcase_add_test(all, waits_for_a_signal);
    tcase_add_test(all, waits_no_longer_than_told);
    return suite;
}
