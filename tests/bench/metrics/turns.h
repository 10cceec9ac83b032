/*
 * What the programs in C and C++ share that measure a metrics library. Each prints lines of a name
 * and a figure:
 *
 *   increment_1, increment_2   nanoseconds of one increment of a counter, by one thread, and by two
 *                              that increment the same one
 *   observe_1, observe_2       the same for observing a value in a histogram of 12 buckets
 *   scrape_ms, scrape_bytes    writing 100,000 counters of 2 labels as text, into memory, all of
 *                              which have counted since the last time
 *   rescrape_ms                the same when one in a hundred has
 *
 * Who is done first goes on until the other is, too: the slower one's time counts. A turn counts
 * only when its threads were at it together, and no other program took a core from one of them:
 * else two that took turns would seem not to contend. One that waits for the other has given it up
 * itself.
 */
#ifndef TESTS_BENCH_METRICS_TURNS_H
#define TESTS_BENCH_METRICS_TURNS_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { CAMERAS = 1000, SPECIES = 100, OPERATIONS = 10000, TURNS = 31, SECONDS_MAX = 120 };
#define BOUNDS .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30
#define LATE_SHARE 0.1 /* of a turn, by which the second may begin after the first */

/* Does OPERATIONS of what is measured. */
typedef void turn_work(void *user);

struct turn_thread {
    pthread_t thread;
    turn_work *work;
    void *user;
    int *ready, *done, threads, number;
    double begin, took; /* seconds: when its work began, how long it took */
    long interruptions; /* how often it had to give its core to another */
};

static inline double turn_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The calling thread stays on the processor of that number, of those that it may use. */
static inline void turn_pin(int number)
{
    cpu_set_t all, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && number-- == 0)
            CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one); /* when there is none, where it was */
}

static inline long turn_interruptions(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

static inline void *turn_run(void *user)
{
    struct turn_thread *self = (struct turn_thread *)user;
    turn_pin(self->number);
    __atomic_add_fetch(self->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(self->ready, __ATOMIC_SEQ_CST) < self->threads)
        continue;
    long before = turn_interruptions();
    self->begin = turn_clock(CLOCK_MONOTONIC);
    self->work(self->user);
    self->took = turn_clock(CLOCK_MONOTONIC) - self->begin;
    __atomic_add_fetch(self->done, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(self->done, __ATOMIC_SEQ_CST) < self->threads)
        self->work(self->user);
    self->interruptions = turn_interruptions() - before;
    return NULL;
}

/* The seconds that the slowest took; below 0 when they were not at it together. */
static inline double turn_of(int threads, turn_work *work, void *user)
{
    struct turn_thread all[2];
    int ready = 0, done = 0;
    for (int i = 0; i < threads; i++) {
        all[i].work = work;
        all[i].user = user;
        all[i].ready = &ready;
        all[i].done = &done;
        all[i].threads = threads;
        all[i].number = i;
        if (pthread_create(&all[i].thread, NULL, turn_run, &all[i]) != 0)
            exit(2);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(all[i].thread, NULL);
    double first = all[0].begin, last = first, longest = all[0].took;
    long interruptions = all[0].interruptions;
    for (int i = 1; i < threads; i++) {
        first = all[i].begin < first ? all[i].begin : first;
        last = all[i].begin > last ? all[i].begin : last;
        longest = all[i].took > longest ? all[i].took : longest;
        interruptions += all[i].interruptions;
    }
    bool together = last - first <= LATE_SHARE * longest && interruptions == 0;
    return together ? longest : -1;
}

static inline int turn_compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Prints the median of the turns that count. */
static inline void turn_measure(const char *name, int threads, turn_work *work, void *user)
{
    double seconds[TURNS];
    int count = 0;
    double end = turn_clock(CLOCK_MONOTONIC) + SECONDS_MAX;
    while (count < TURNS && turn_clock(CLOCK_MONOTONIC) < end) {
        double took = turn_of(threads, work, user);
        if (took >= 0)
            seconds[count++] = took;
    }
    if (count < TURNS) {
        fprintf(stderr, "the machine is too busy: others take the threads' cores\n");
        exit(2);
    }
    qsort(seconds, TURNS, sizeof *seconds, turn_compare);
    printf("%s_%d %.4g\n", name, threads, seconds[TURNS / 2] * 1e9 / OPERATIONS);
}

/* Increments the counters from the first on, each so many after the other. */
typedef void turn_count(void *user, int stride);
/* Writes all and answers the length. */
typedef size_t turn_write(void *user);

/* The least milliseconds of several scrapes. */
static inline double turn_scrapes(turn_count *count, turn_write *write, void *user, int stride,
                                  size_t *length)
{
    double least = 1e9;
    for (int i = 0; i < TURNS; i++) {
        count(user, stride);
        double begin = turn_clock(CLOCK_MONOTONIC);
        *length = write(user);
        double took = turn_clock(CLOCK_MONOTONIC) - begin;
        least = took < least ? took : least;
    }
    return least * 1e3;
}

static inline void turn_scrape(turn_count *count, turn_write *write, void *user)
{
    size_t length;
    printf("scrape_ms %.4g\n", turn_scrapes(count, write, user, 1, &length));
    printf("scrape_bytes %zu\n", length);
    printf("rescrape_ms %.4g\n", turn_scrapes(count, write, user, 100, &length));
}

#endif
