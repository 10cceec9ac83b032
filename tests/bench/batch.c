/*
 * Batches of 100,000 detections, indexed and summarised, beside a loop written by hand over the
 * same schema: prepared inserts with ids that are known beforehand, and the same summary.
 */
#include <sqlite3.h>

#include "bench.h"
#include "rows.h"
#include "store/sqlite/delta.h"
#include "store/sqlite/schema.h"

enum { BATCH = 100000, BATCHES = 5, ROUNDS = 3 };

static const int64_t month = INT64_C(1761955200000000); /* 2025-11-01 */
#define MONTH (30 * INT64_C(86400000000))

static void run_sql(sqlite3 *database, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, message);
        exit(2);
    }
}

static double by_library(int round)
{
    char path[600], names[BENCH_CAMERAS][16], species[BENCH_SPECIES][16];
    wildcam_detection *draft;
    wildcam_batch *batch;
    snprintf(path, sizeof path, "%s/library-%d", bench_directory(), round);
    wildcam_station *station = bench_open(path);
    for (int i = 0; i < BENCH_CAMERAS; i++)
        snprintf(names[i], sizeof names[i], "camera-%03d", i);
    for (int i = 0; i < BENCH_SPECIES; i++)
        snprintf(species[i], sizeof species[i], "species-%02d", i);
    CHECK(wildcam_detection_new(&draft));
    CHECK(wildcam_batch_new(station, &batch));
    /* Cameras and species are known before, as in a station that works. */
    for (int i = 0; i < BENCH_CAMERAS; i++) {
        CHECK(wildcam_detection_set_device_id(draft, names[i]));
        CHECK(wildcam_detection_set_species(draft, species[i % BENCH_SPECIES]));
        CHECK(wildcam_detection_set_time(draft, month - MONTH, 0, WILDCAM_TIME_SOURCE_CLIENT));
        CHECK(wildcam_batch_add(batch, draft));
    }
    CHECK(wildcam_batch_commit(batch));
    double begin = bench_now();
    for (int64_t at = 0; at < BATCHES * BATCH;) {
        wildcam_batch_reset(batch);
        for (int i = 0; i < BATCH; i++, at++) {
            struct bench_row row = bench_row_at(month, month + MONTH, at, BATCHES * BATCH);
            wildcam_detection_reset(draft);
            CHECK(wildcam_detection_set_device_id(draft, names[row.camera]));
            CHECK(wildcam_detection_set_time(draft, row.time, 0, WILDCAM_TIME_SOURCE_CLIENT));
            if (row.species >= 0)
                CHECK(wildcam_detection_set_species(draft, species[row.species]));
            CHECK(wildcam_detection_set_confidence(draft, row.confidence));
            CHECK(wildcam_detection_set_box(draft, &row.box));
            CHECK(wildcam_batch_add(batch, draft));
        }
        CHECK(wildcam_batch_commit(batch));
    }
    double seconds = bench_now() - begin;
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
    wildcam_station_close(station);
    bench_remove(path);
    return BATCHES * (double)BATCH / seconds;
}

static void insert_row(sqlite3_stmt *insert, const struct bench_row *row, int64_t id)
{
    sqlite3_bind_int64(insert, 1, id);
    sqlite3_bind_int64(insert, 2, row->time);
    sqlite3_bind_int64(insert, 3, row->camera + 1);
    sqlite3_bind_int64(insert, 5, row->species < 0 ? 1 : row->species + 7);
    sqlite3_bind_double(insert, 6, row->confidence);
    sqlite3_bind_double(insert, 7, row->box.x);
    sqlite3_bind_double(insert, 8, row->box.y);
    sqlite3_bind_double(insert, 9, row->box.width);
    sqlite3_bind_double(insert, 10, row->box.height);
    sqlite3_bind_int(insert, 11, 0);
    sqlite3_bind_int(insert, 12, 3);
    if (sqlite3_step(insert) != SQLITE_DONE)
        exit(2);
    sqlite3_reset(insert);
}

static double by_hand(int round)
{
    char path[600];
    sqlite3 *handle;
    sqlite3_stmt *insert;
    struct wci_deltas deltas = {0};
    snprintf(path, sizeof path, "%s/hand-%d.db", bench_directory(), round);
    if (sqlite3_open_v2(path, &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        exit(2);
    struct wci_database database = {.handle = handle, .path = path};
    run_sql(handle, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "PRAGMA secure_delete=OFF; PRAGMA wal_autocheckpoint=0;"
                    "PRAGMA cache_size=-65536");
    for (int i = 1; i <= WCI_SHARD_VERSION; i++)
        run_sql(handle, wci_schema_part(WCI_SHARD_APPLICATION, i));
    sqlite3_prepare_v2(handle,
                       "INSERT INTO wildlife_detections VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                       -1, &insert, NULL);
    double begin = bench_now();
    for (int64_t at = 0; at < BATCHES * BATCH;) {
        run_sql(handle, "BEGIN IMMEDIATE");
        for (int i = 0; i < BATCH; i++, at++) {
            struct bench_row row = bench_row_at(month, month + MONTH, at, BATCHES * BATCH);
            struct wci_tally tally = {row.camera + 1, row.species < 0 ? 1 : row.species + 7,
                                      row.time, 0, row.confidence};
            insert_row(insert, &row, (row.time / 1000000) << 21 | (row.time / 1000 % 1000) << 11);
            wci_deltas_add(&deltas, &tally, 1);
        }
        wci_deltas_write(&deltas, &database);
        wci_deltas_empty(&deltas);
        run_sql(handle, "COMMIT");
        sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    double seconds = bench_now() - begin;
    sqlite3_finalize(insert);
    for (int i = 0; i < database.kept_count; i++)
        sqlite3_finalize(database.kept[i].statement);
    sqlite3_close(handle);
    wci_deltas_free(&deltas);
    bench_remove(path);
    return BATCHES * (double)BATCH / seconds;
}

int main(void)
{
    double library = 0, hand = 0;
    for (int round = 0; round < ROUNDS; round++) { /* the best of each: noise only slows */
        double a = by_hand(round), b = by_library(round);
        hand = a > hand ? a : hand;
        library = b > library ? b : library;
    }
    bench_line("batch ingest, 100,000 rows a batch", library, "rows/s", "SQLite loop by hand", hand,
               '>', 0.85);
    return bench_end();
}
