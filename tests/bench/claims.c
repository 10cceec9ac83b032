/*
 * Pictures claimed and given back by 1, 4 and 16 workers, beside the bare limit: one connection
 * that updates one row in each transaction. Neither waits for the disk.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

#include "bench.h"
#include "station/station.h"

enum { PICTURES = 500, WORKERS_MAX = 16, ROUNDS = 5 };
#define SECONDS 0.6

static atomic_bool is_over;

struct worker {
    pthread_t thread;
    wildcam_station *station;
    int64_t number, claims;
};

static void give_back(struct wci_store *store, wildcam_processing *row)
{
    struct wci_processing_work work = {.step = WCI_PROCESSING_GIVE_BACK, .rows = &row, .count = 1};
    CHECK(wci_store_step_processing(store, &work));
}

static void *claim(void *user)
{
    struct worker *worker = user;
    struct wci_store *store = &worker->station->store;
    wildcam_processing row, *only = &row;
    int64_t lease = worker->number * INT64_C(1000000007);
    wci_processing_init(&row);
    while (!is_over) {
        int64_t now = wci_calendar_now();
        size_t got;
        const struct wci_processing_claim wanted = {false, now, lease += 7919,
                                                    now + 60 * WCI_SECOND};
        CHECK(wci_store_claim_processing(store, &wanted, &only, 1, &got));
        if (!got)
            continue;
        worker->claims++;
        give_back(store, &row);
    }
    wci_processing_release(&row);
    return NULL;
}

static double run(wildcam_station *station, int count)
{
    struct worker workers[WORKERS_MAX];
    const struct timespec moment = {0, (long)(SECONDS * 1e9)};
    int64_t claims = 0;
    is_over = false;
    double begin = bench_now();
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.station = station, .number = i + 1};
        pthread_create(&workers[i].thread, NULL, claim, &workers[i]);
    }
    nanosleep(&moment, NULL);
    is_over = true;
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        claims += workers[i].claims;
    }
    return (double)claims / (bench_now() - begin);
}

static void keep_rows(wildcam_station *station)
{
    const struct wci_name *camera, *species;
    struct wci_store *store = &station->store;
    CHECK(wci_station_find_camera(station, "gate", true, &camera));
    CHECK(store->ops->find_species(store->backend, WILDCAM_CATEGORY_UNCLASSIFIED, "unclassified",
                                   &species));
    for (int i = 0; i < PICTURES; i++) {
        unsigned char digest[WCI_DIGEST_BYTES] = {(unsigned char)i, (unsigned char)(i >> 8)};
        wildcam_image image;
        wci_image_init(&image);
        wci_image_set_digest(&image, digest);
        image.camera_id = camera->id;
        image.time = INT64_C(1772539200000000) + i * WCI_SECOND;
        image.received_at = image.time;
        image.bytes = 1000;
        struct wci_row row = {.camera = camera, .species = species, .time = image.time};
        struct wci_change change = {.image = &image, .rows = &row, .count = 1};
        CHECK(wci_store_write(store, &change));
        wci_image_release(&image);
    }
}

static void fail(sqlite3 *handle)
{
    fprintf(stderr, "%s\n", sqlite3_errmsg(handle));
    exit(2);
}

/* Updates a second. */
static double run_bare(const char *path)
{
    sqlite3 *handle;
    sqlite3_stmt *update;
    int64_t count = 0;
    if (sqlite3_open(path, &handle) != SQLITE_OK ||
        sqlite3_exec(handle,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, lease INTEGER);"
                     "INSERT OR REPLACE INTO rows VALUES(1, 0)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(handle, "UPDATE rows SET lease=lease+1 WHERE id=1", -1, &update, NULL) !=
            SQLITE_OK)
        fail(handle);
    double begin = bench_now();
    for (; bench_now() - begin < SECONDS; count++) {
        if (sqlite3_step(update) != SQLITE_DONE)
            fail(handle);
        sqlite3_reset(update);
    }
    double rate = (double)count / (bench_now() - begin);
    sqlite3_finalize(update);
    sqlite3_close(handle);
    return rate;
}

int main(void)
{
    static const int counts[] = {1, 4, WORKERS_MAX};
    char path[1024], name[64];
    snprintf(path, sizeof path, "%s/bare.db", bench_directory());
    wildcam_station *station = bench_open(bench_directory());
    keep_rows(station);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double best = 0, bare = 0;
        for (int round = 0; round < ROUNDS; round++) { /* by turns */
            double rate = run(station, counts[i]), limit = run_bare(path);
            best = rate > best ? rate : best;
            bare = limit > bare ? limit : bare;
        }
        snprintf(name, sizeof name, "claims, %d worker%s", counts[i], counts[i] == 1 ? "" : "s");
        /* a claim that is given back is two transactions */
        bench_line(name, best, "/s", "half the bare updates", bare / 2, '>', 0);
    }
    wildcam_station_close(station);
    return bench_end();
}
