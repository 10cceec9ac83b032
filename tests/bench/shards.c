/*
 * Sixty shards of 1,000,000 detections: the ten latest, and one camera's month by day and species,
 * warm. Then opening: a station of 120 shards, its time and memory.
 *
 * WILDCAM_BENCH_ROWS and WILDCAM_BENCH_SHARDS make it smaller.
 */
#include "bench.h"
#include "rows.h"

enum { BATCH = 100000, TIMES = 301 };

static const int64_t month_0 = INT64_C(1609459200000000); /* 2021-01-01 */
#define DAY INT64_C(86400000000)

/* The beginning of a month, counted from month_0. */
static int64_t month_begin(int64_t month)
{
    char text[16];
    int64_t time = month_0;
    snprintf(text, sizeof text, "%04d-%02d-01", (int)(2021 + month / 12), (int)(month % 12 + 1));
    CHECK(wildcam_time_parse(text, &time, NULL, NULL));
    return time;
}

static void fill_month(wildcam_batch *batch, wildcam_detection *draft, int64_t month, int64_t rows)
{
    int64_t from = month_begin(month), to = month_begin(month + 1);
    char name[32];
    for (int64_t at = 0; at < rows; at++) {
        struct bench_row row = bench_row_at(from, to, at, rows);
        wildcam_detection_reset(draft);
        snprintf(name, sizeof name, "camera-%03d", row.camera);
        CHECK(wildcam_detection_set_device_id(draft, name));
        CHECK(wildcam_detection_set_time(draft, row.time, 0, WILDCAM_TIME_SOURCE_CLIENT));
        snprintf(name, sizeof name, "species-%02d", row.species);
        if (row.species >= 0)
            CHECK(wildcam_detection_set_species(draft, name));
        CHECK(wildcam_detection_set_confidence(draft, row.confidence));
        CHECK(wildcam_batch_add(batch, draft));
        if (wildcam_batch_get_count(batch) == BATCH || at + 1 == rows) {
            CHECK(wildcam_batch_commit(batch));
            wildcam_batch_reset(batch);
        }
    }
}

static void fill(wildcam_station *station, int64_t shards, int64_t rows)
{
    wildcam_batch *batch;
    wildcam_detection *draft;
    CHECK(wildcam_batch_new(station, &batch));
    CHECK(wildcam_detection_new(&draft));
    double begin = bench_now();
    for (int64_t month = 0; month < shards; month++) {
        fill_month(batch, draft, month, rows);
        bench_progress("filling shards", month + 1, shards, begin);
    }
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
}

static void read_latest(void *user)
{
    wildcam_query *query;
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    int count = 0;
    CHECK(wildcam_query_new(&query));
    CHECK(wildcam_query_set_limit(query, 10));
    CHECK(wildcam_station_query(user, query, &cursor));
    while (wildcam_cursor_next(cursor, &row) == 1)
        count++;
    if (count != 10)
        exit(2);
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
}

static int64_t summary_month;

static void read_month(void *user)
{
    wildcam_query *query;
    wildcam_summary *summary;
    int64_t rows = 0;
    CHECK(wildcam_query_new(&query));
    CHECK(wildcam_query_set_device_id(query, "camera-042"));
    CHECK(
        wildcam_query_set_range(query, month_begin(summary_month), month_begin(summary_month + 1)));
    CHECK(wildcam_station_summarise(user, query, WILDCAM_BY_DAY | WILDCAM_BY_SPECIES, &summary));
    while (wildcam_summary_next(summary) == 1)
        rows++;
    if (rows == 0)
        exit(2);
    wildcam_summary_free(summary);
    wildcam_query_free(query);
}

static void count_all(void *user)
{
    int64_t count;
    CHECK(wildcam_station_count(user, NULL, 0, &count, NULL));
    if (count == 0)
        exit(2);
}

static int64_t resident(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (int64_t)kib * 1024;
}

static void open_and_close(void *user)
{
    wildcam_station_close(bench_open(user));
}

static void bench_opening(int64_t shards)
{
    char path[600];
    snprintf(path, sizeof path, "%s/many", bench_directory());
    wildcam_station *station = bench_open(path);
    fill(station, shards, 100);
    wildcam_station_close(station);
    int64_t before = resident();
    station = bench_open(path);
    bench_figure("memory of an open station, 120 shards", (double)(resident() - before) / 1024,
                 "KiB", '<', 0);
    wildcam_station_close(station);
    bench_figure("opening and closing it", bench_median(51, open_and_close, path) * 1e3, "ms", '<',
                 0);
}

int main(void)
{
    char path[600];
    int64_t rows = bench_number("WILDCAM_BENCH_ROWS", 1000000);
    int64_t shards = bench_number("WILDCAM_BENCH_SHARDS", 60);
    snprintf(path, sizeof path, "%s/station", bench_directory());
    wildcam_station *station = bench_open(path);
    fill(station, shards, rows);
    printf("%lld shards of %lld detections\n", (long long)shards, (long long)rows);
    bench_figure("the ten latest", bench_median(TIMES, read_latest, station) * 1e6, "us", '<', 100);
    summary_month = shards / 2;
    bench_figure("one camera's month by day and species",
                 bench_median(TIMES, read_month, station) * 1e3, "ms", '<', 2);
    bench_figure("counting all of them", bench_median(TIMES, count_all, station) * 1e3, "ms", '<',
                 0);
    wildcam_station_close(station);
    bench_opening(bench_number("WILDCAM_BENCH_MANY", 120));
    return bench_end();
}
