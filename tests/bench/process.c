/*
 * Pictures through the detector motion, a thumbnail and the store, by 1 and 2 workers, beside the
 * bare sum of what that takes: TurboJPEG's decoding and encoding of the same sizes, and one durable
 * insert of a detection. The bare one reads no file and writes none, looks at nothing, claims
 * nothing and keeps no summary.
 *
 * WILDCAM_BENCH_PICTURES makes it smaller.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <turbojpeg.h>

#include "bench.h"
#include "store/sqlite/schema.h"

enum {
    ROUNDS = 7,
    WORKERS_MAX = 2,
    WIDTH = 1600,
    HEIGHT = 1200,
    BOX_WIDTH = 320,
    BOX_HEIGHT = 240
};
#define HOUR INT64_C(3600000000)
#define NOON INT64_C(1772539200000000) /* 2026-03-03 */

static int64_t pictures;
static unsigned char *jpeg;
static unsigned long jpeg_size;

static void make_jpeg(void)
{
    unsigned char *pixels = malloc((size_t)WIDTH * HEIGHT * 3);
    tjhandle handle = tjInitCompress();
    for (int y = 0; pixels && y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                pixels[((size_t)y * WIDTH + (size_t)x) * 3 + (size_t)c] =
                    (unsigned char)(128 + 60 * ((x / 37 + y / 53) % 2) +
                                    ((x * y + c * x) >> 7) % 40);
    if (!pixels || tjCompress2(handle, pixels, WIDTH, 0, HEIGHT, TJPF_RGB, &jpeg, &jpeg_size,
                               TJSAMP_420, 85, 0) != 0)
        exit(2);
    tjDestroy(handle);
    free(pixels);
}

/* The pixels of its thumbnail, so that both encode the same. */
static unsigned char *make_small(void)
{
    void *thumbnail;
    size_t size;
    unsigned char *pixels = malloc((size_t)BOX_WIDTH * BOX_HEIGHT * 3);
    tjhandle handle = tjInitDecompress();
    CHECK(wildcam_image_thumbnail(jpeg, jpeg_size, BOX_WIDTH, BOX_HEIGHT, &thumbnail, &size));
    if (!pixels || tjDecompress2(handle, thumbnail, (unsigned long)size, pixels, BOX_WIDTH, 0,
                                 BOX_HEIGHT, TJPF_RGB, 0) != 0)
        exit(2);
    tjDestroy(handle);
    wildcam_free(thumbnail);
    return pixels;
}

/* ---- the library ---- */

/* The same scene every time, in bytes of its own. */
static void keep_pictures(wildcam_station *station)
{
    for (int64_t i = 0; i < pictures; i++) {
        wildcam_ingest *ingest;
        CHECK(wildcam_ingest_begin(station, &ingest));
        CHECK(wildcam_ingest_set_device_id(ingest, "gate"));
        CHECK(wildcam_ingest_set_time(ingest, NOON + i * HOUR, 0, WILDCAM_TIME_SOURCE_CLIENT));
        CHECK(wildcam_ingest_write(ingest, jpeg, jpeg_size));
        CHECK(wildcam_ingest_write(ingest, &i, sizeof i));
        CHECK(wildcam_ingest_commit(ingest));
        wildcam_ingest_free(ingest);
    }
}

static wildcam_station *open_station(char *path, size_t size)
{
    wildcam_conf *conf;
    wildcam_station *station;
    snprintf(path, size, "%s/station", bench_directory());
    CHECK(wildcam_conf_new(&conf));
    CHECK(wildcam_conf_set(conf, "data.dir", path));
    CHECK(wildcam_conf_set(conf, "log.level", "error"));
    CHECK(wildcam_conf_set(conf, "process.detector", "motion"));
    CHECK(wildcam_station_open(conf, &station));
    wildcam_conf_free(conf);
    return station;
}

static void *process(void *station)
{
    CHECK(wildcam_station_process_once(station, 3600000, NULL, NULL));
    return NULL;
}

static void run_all(int count, void *(*work)(void *), void *user)
{
    pthread_t threads[WORKERS_MAX];
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, user) != 0)
            exit(2);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* So that they are made anew. They are not deleted: file systems may take their time over places
 * that have just become free. */
static void put_thumbnails_aside(const char *directory)
{
    static int times;
    char thumbnails[700], aside[700];
    snprintf(thumbnails, sizeof thumbnails, "%s/thumbnails", directory);
    snprintf(aside, sizeof aside, "%s/aside-%d", bench_directory(), times++);
    if (rename(thumbnails, aside) != 0 && times > 1)
        exit(2);
}

/* Seconds. */
static double run_library(wildcam_station *station, const char *directory, int workers)
{
    int64_t count, failed;
    put_thumbnails_aside(directory);
    CHECK(wildcam_station_process_again(station, NOON, NOON + pictures * HOUR, &count));
    double begin = bench_now();
    run_all(workers, process, station);
    double seconds = bench_now() - begin;
    CHECK(wildcam_station_count_processing(station, &count, NULL, NULL, &failed));
    if (count || failed) {
        fprintf(stderr, "%lld pictures were not processed, %lld are parked\n", (long long)count,
                (long long)failed);
        exit(2);
    }
    return seconds;
}

/* ---- the bare parts ---- */

struct bare {
    pthread_mutex_t mutex; /* the database */
    sqlite3 *handle;
    sqlite3_stmt *insert;
    int64_t id;
    atomic_int_least64_t left;
    tjscalingfactor factor;
    unsigned char *small; /* pixels of a thumbnail */
};

static void open_bare(struct bare *bare)
{
    char path[700];
    static const char pragmas[] = "PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
                                  "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4096";
    *bare = (struct bare){.mutex = PTHREAD_MUTEX_INITIALIZER};
    snprintf(path, sizeof path, "%s/bare.db", bench_directory());
    if (sqlite3_open(path, &bare->handle) != SQLITE_OK ||
        sqlite3_exec(bare->handle, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        exit(2);
    for (int i = 1; i <= WCI_SHARD_VERSION; i++)
        if (sqlite3_exec(bare->handle, wci_schema_part(WCI_SHARD_APPLICATION, i), NULL, NULL,
                         NULL) != SQLITE_OK)
            exit(2);
    if (sqlite3_prepare_v2(bare->handle,
                           "INSERT INTO wildlife_detections(id, detection_timestamp, camera_id,"
                           " species_id, confidence, time_source) VALUES(?1, ?2, ?3, ?5, ?6, ?12)",
                           -1, &bare->insert, NULL) != SQLITE_OK)
        exit(2);
    for (int eighths = 8; eighths >= 1; eighths--) {
        tjscalingfactor factor = {eighths, 8};
        if (TJSCALED(WIDTH, factor) >= BOX_WIDTH && TJSCALED(HEIGHT, factor) >= BOX_HEIGHT)
            bare->factor = factor;
    }
    bare->small = make_small();
}

static void insert_bare(struct bare *bare)
{
    pthread_mutex_lock(&bare->mutex);
    sqlite3_bind_int64(bare->insert, 1, ++bare->id);
    sqlite3_bind_int64(bare->insert, 2, bare->id * 1000);
    sqlite3_bind_int64(bare->insert, 3, 1);
    sqlite3_bind_int64(bare->insert, 5, 7);
    sqlite3_bind_double(bare->insert, 6, 0.9);
    sqlite3_bind_int(bare->insert, 12, 3);
    if (sqlite3_step(bare->insert) != SQLITE_DONE)
        exit(2);
    sqlite3_reset(bare->insert);
    pthread_mutex_unlock(&bare->mutex);
}

static void *do_bare(void *user)
{
    struct bare *bare = user;
    int width = TJSCALED(WIDTH, bare->factor), height = TJSCALED(HEIGHT, bare->factor);
    unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
    tjhandle decoder = tjInitDecompress(), encoder = tjInitCompress();
    while (bare->left-- > 0) {
        unsigned char *out = NULL;
        unsigned long size = 0;
        if (!pixels ||
            tjDecompress2(decoder, jpeg, jpeg_size, pixels, width, 0, height, TJPF_RGB, 0) != 0 ||
            tjCompress2(encoder, bare->small, BOX_WIDTH, 0, BOX_HEIGHT, TJPF_RGB, &out, &size,
                        TJSAMP_420, 82, 0) != 0)
            exit(2);
        tjFree(out);
        insert_bare(bare);
    }
    tjDestroy(decoder);
    tjDestroy(encoder);
    free(pixels);
    return NULL;
}

static double run_bare(struct bare *bare, int workers)
{
    bare->left = pictures;
    double begin = bench_now();
    run_all(workers, do_bare, bare);
    return bench_now() - begin;
}

/* By turns, and the best of each: what else the machine does can only slow them. */
static void compare(wildcam_station *station, const char *directory, struct bare *bare, int workers)
{
    char name[64];
    double library_best = 1e9, bare_best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double seconds = run_library(station, directory, workers);
        library_best = seconds < library_best ? seconds : library_best;
        seconds = run_bare(bare, workers);
        bare_best = seconds < bare_best ? seconds : bare_best;
    }
    snprintf(name, sizeof name, "pictures processed, %d worker%s", workers, workers > 1 ? "s" : "");
    bench_line(name, (double)pictures / library_best, "pictures/s",
               "bare decode, encode and insert", (double)pictures / bare_best, '>', 0.8);
}

int main(void)
{
    char directory[600];
    struct bare bare;
    pictures = bench_number("WILDCAM_BENCH_PICTURES", 100);
    make_jpeg();
    open_bare(&bare);
    wildcam_station *station = open_station(directory, sizeof directory);
    keep_pictures(station);
    for (int workers = 1; workers <= WORKERS_MAX; workers++)
        compare(station, directory, &bare, workers);
    wildcam_station_close(station);
    sqlite3_finalize(bare.insert);
    sqlite3_close(bare.handle);
    free(bare.small);
    tjFree(jpeg);
    return bench_end();
}
