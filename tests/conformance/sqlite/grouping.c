/* Callers who come at the same time share one commit. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "conformance/sqlite/raw.h"

enum { CALLERS = 40, GROUPS = 64 };

static struct subject subject;
static struct wci_store store;
static struct wci_backend_ops counting; /* the backend's, but that groups are counted */
static size_t sizes[GROUPS];            /* of the groups */
static int groups;
static sem_t has_begun, may_go_on;
static struct wci_row rows[CALLERS];
static wildcam_status statuses[CALLERS];

/* The first group is held until the others stand in line. */
static void write_counted(wci_backend *backend, struct wci_change **changes, size_t count)
{
    sizes[groups++] = count;
    if (groups == 1) {
        sem_post(&has_begun);
        sem_wait(&may_go_on);
    }
    subject.ops->write(backend, changes, count);
}

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    counting = *subject.ops;
    counting.write = write_counted;
    groups = 0;
    sem_init(&has_begun, 0, 0);
    sem_init(&may_go_on, 0, 0);
    write_months(&subject, 1, 1); /* the month is there, and its camera seen */
    store.ops = &counting;
}

static void tear_down(void)
{
    store.ops = subject.ops;
    assert_whole(&subject);
    subject_close_store(&subject, &store);
}

static void *write_one_row(void *user)
{
    int number = (int)(intptr_t)user;
    struct wci_change change = {.rows = &rows[number], .count = 1};
    rows[number] = row_at(&subject, day_at(2026, 1, 3) + number * WCI_SECOND);
    statuses[number] = wci_store_write(&store, &change);
    return NULL;
}

static const void *last_in_line(void)
{
    pthread_mutex_lock(&store.group.mutex);
    const void *last = store.group.last;
    pthread_mutex_unlock(&store.group.mutex);
    return last;
}

/* Starts a caller, and waits until he stands in line. */
static void bring_caller(pthread_t *thread, int number)
{
    const void *before = last_in_line();
    ck_assert_int_eq(pthread_create(thread, NULL, write_one_row, (void *)(intptr_t)number), 0);
    while (last_in_line() == before)
        sched_yield();
}

START_TEST(forty_callers_two_commits)
{
    pthread_t threads[CALLERS];
    const char *path = station_file("detections/2026-01.db");
    int before = count_commits(path);
    ck_assert_int_eq(pthread_create(&threads[0], NULL, write_one_row, (void *)(intptr_t)0), 0);
    sem_wait(&has_begun);
    for (int i = 1; i < CALLERS; i++)
        bring_caller(&threads[i], i);
    sem_post(&may_go_on);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(statuses[i], WILDCAM_OK);
        ck_assert_int_gt(rows[i].id, 0);
    }
    ck_assert_int_eq(groups, 2);
    ck_assert_uint_eq(sizes[0], 1);
    ck_assert_uint_eq(sizes[1], CALLERS - 1);
    ck_assert_int_eq(count_commits(path) - before, 2);
}
END_TEST

/* Those who come one after the other need not wait for each other. */
START_TEST(one_caller_alone)
{
    sem_post(&may_go_on);
    for (int i = 0; i < 5; i++) {
        write_one_row((void *)(intptr_t)i);
        ck_assert_int_eq(statuses[i], WILDCAM_OK);
    }
    ck_assert_int_eq(groups, 5);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: grouping");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, forty_callers_two_commits);
    tcase_add_test(all, one_caller_alone);
    return suite;
}
