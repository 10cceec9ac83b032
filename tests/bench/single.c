/*
 * Single detections, each durable when its call answers, from 1, 8 and 32 threads, beside a bare
 * group commit: a queue, a leader, one transaction of plain inserts with a full sync. The bare one
 * checks nothing and keeps no summary.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

#include "bench.h"
#include "store/sqlite/schema.h"

enum { ROUNDS = 7, THREADS_MAX = 32 };
#define SECONDS 0.6

static volatile int is_over;

struct worker {
    pthread_t thread;
    int number;
    int64_t rows;
    void *user;
};

static double run_threads(int count, void *(*work)(void *), void *user)
{
    struct worker workers[THREADS_MAX];
    int64_t rows = 0;
    is_over = 0;
    double begin = bench_now();
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.number = i, .user = user};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    while (bench_now() - begin < SECONDS) {
        const struct timespec moment = {0, 10 * 1000 * 1000};
        nanosleep(&moment, NULL);
    }
    is_over = 1;
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        rows += workers[i].rows;
    }
    return (double)rows / (bench_now() - begin);
}

/* ---- the library ---- */

static void *add_detections(void *user)
{
    struct worker *worker = user;
    char name[16];
    wildcam_detection *draft;
    int64_t time = wildcam_time_now();
    snprintf(name, sizeof name, "camera-%03d", worker->number);
    CHECK(wildcam_detection_new(&draft));
    CHECK(wildcam_detection_set_device_id(draft, name));
    CHECK(wildcam_detection_set_species(draft, "Vulpes vulpes"));
    CHECK(wildcam_detection_set_confidence(draft, 0.9));
    while (!is_over) {
        time += 1000;
        CHECK(wildcam_detection_set_time(draft, time, 0, WILDCAM_TIME_SOURCE_CLIENT));
        CHECK(wildcam_station_add_detection(worker->user, draft, NULL));
        worker->rows++;
    }
    wildcam_detection_free(draft);
    return NULL;
}

/* ---- the bare group commit ---- */

struct waiter {
    int64_t camera;
    struct waiter *next;
    pthread_cond_t done;
    int is_done, leads;
};

struct group {
    pthread_mutex_t mutex;
    struct waiter *first, *last;
    int has_leader;
    sqlite3 *handle;
    sqlite3_stmt *begin, *commit, *insert;
    int64_t id;
};

static void step(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        exit(2);
    sqlite3_reset(statement);
}

static void write_group(struct group *group, struct waiter *first)
{
    step(group->begin);
    for (struct waiter *at = first; at; at = at->next) {
        sqlite3_bind_int64(group->insert, 1, ++group->id);
        sqlite3_bind_int64(group->insert, 2, group->id * 1000);
        sqlite3_bind_int64(group->insert, 3, at->camera);
        sqlite3_bind_int64(group->insert, 5, 7);
        sqlite3_bind_double(group->insert, 6, 0.9);
        sqlite3_bind_int(group->insert, 12, 3);
        step(group->insert);
    }
    step(group->commit);
}

static void commit_row(struct group *group, int64_t camera)
{
    struct waiter self = {.camera = camera, .done = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&group->mutex);
    if (group->last)
        group->last->next = &self;
    else
        group->first = &self;
    group->last = &self;
    if (!group->has_leader)
        group->has_leader = self.leads = 1;
    while (!self.is_done && !self.leads)
        pthread_cond_wait(&self.done, &group->mutex);
    if (self.leads) {
        struct waiter *first = group->first;
        group->first = group->last = NULL;
        pthread_mutex_unlock(&group->mutex);
        write_group(group, first);
        pthread_mutex_lock(&group->mutex);
        for (struct waiter *at = first, *next; at; at = next) {
            next = at->next;
            at->is_done = 1;
            if (at != &self)
                pthread_cond_signal(&at->done);
        }
        group->has_leader = group->first != NULL;
        if (group->first) {
            group->first->leads = 1;
            pthread_cond_signal(&group->first->done);
        }
    }
    pthread_mutex_unlock(&group->mutex);
}

static void *commit_rows(void *user)
{
    struct worker *worker = user;
    while (!is_over) {
        commit_row(worker->user, worker->number + 1);
        worker->rows++;
    }
    return NULL;
}

static void open_group(struct group *group, const char *path)
{
    static const char pragmas[] = "PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
                                  "PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
                                  "PRAGMA wal_autocheckpoint=4096";
    *group = (struct group){.mutex = PTHREAD_MUTEX_INITIALIZER};
    if (sqlite3_open(path, &group->handle) != SQLITE_OK ||
        sqlite3_exec(group->handle, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        exit(2);
    for (int i = 1; i <= WCI_SHARD_VERSION; i++)
        if (sqlite3_exec(group->handle, wci_schema_part(WCI_SHARD_APPLICATION, i), NULL, NULL,
                         NULL) != SQLITE_OK)
            exit(2);
    sqlite3_prepare_v2(group->handle, "BEGIN IMMEDIATE", -1, &group->begin, NULL);
    sqlite3_prepare_v2(group->handle, "COMMIT", -1, &group->commit, NULL);
    sqlite3_prepare_v2(group->handle,
                       "INSERT INTO wildlife_detections(id, detection_timestamp, camera_id,"
                       " species_id, confidence, time_source) VALUES(?1, ?2, ?3, ?5, ?6, ?12)",
                       -1, &group->insert, NULL);
}

static void close_group(struct group *group)
{
    sqlite3_finalize(group->begin);
    sqlite3_finalize(group->commit);
    sqlite3_finalize(group->insert);
    sqlite3_close(group->handle);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Turn by turn, so that what else the machine does falls on both; the middle one of each counts. */
static void run(int threads)
{
    char path[600], name[64];
    double bare[ROUNDS], library[ROUNDS];
    struct group group;
    snprintf(path, sizeof path, "%s/bare-%d.db", bench_directory(), threads);
    open_group(&group, path);
    snprintf(path, sizeof path, "%s/station-%d", bench_directory(), threads);
    wildcam_station *station = bench_open(path);
    for (int round = 0; round < ROUNDS; round++) {
        bare[round] = run_threads(threads, commit_rows, &group);
        library[round] = run_threads(threads, add_detections, station);
    }
    wildcam_station_close(station);
    close_group(&group);
    qsort(bare, ROUNDS, sizeof bare[0], compare);
    qsort(library, ROUNDS, sizeof library[0], compare);
    snprintf(name, sizeof name, "durable single detections, %d thread%s", threads,
             threads > 1 ? "s" : "");
    bench_line(name, library[ROUNDS / 2], "rows/s", "bare group commit, no summary",
               bare[ROUNDS / 2], '>', 0.8);
}

int main(void)
{
    run(1);
    run(8);
    run(32);
    return bench_end();
}
