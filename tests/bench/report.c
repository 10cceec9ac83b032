/*
 * A report over ten months of 1,000,000 detections, beside the bare SQL that scans the same files
 * and groups the same rows; and a camera's statistics: worked out, from memory, and while another
 * thread keeps detections of other cameras.
 *
 * WILDCAM_BENCH_ROWS makes the months smaller.
 */
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "bench.h"
#include "rows.h"

enum { MONTHS = 10, BATCH = 100000, WARM = 20000, COLD = 500 };
#define DAY INT64_C(86400000000)

static int64_t first_month, rows;
static char station_directory[600];

/* The beginning of a month; the tenth is the present one. */
static int64_t month_begin(int month)
{
    char text[32];
    int64_t time = 0;
    int64_t at = first_month + month;
    snprintf(text, sizeof text, "%04d-%02d-01", (int)(at / 12), (int)(at % 12 + 1));
    CHECK(wildcam_time_parse(text, &time, NULL, NULL));
    return time;
}

static void set_up_row(wildcam_detection *draft, const struct bench_row *row)
{
    char name[32];
    wildcam_detection_reset(draft);
    snprintf(name, sizeof name, "camera-%03d", row->camera);
    CHECK(wildcam_detection_set_device_id(draft, name));
    CHECK(wildcam_detection_set_time(draft, row->time, 0, WILDCAM_TIME_SOURCE_CLIENT));
    snprintf(name, sizeof name, "species-%02d", row->species);
    if (row->species >= 0)
        CHECK(wildcam_detection_set_species(draft, name));
    CHECK(wildcam_detection_set_confidence(draft, row->confidence));
}

static void fill(wildcam_station *station)
{
    wildcam_batch *batch;
    wildcam_detection *draft;
    CHECK(wildcam_batch_new(station, &batch));
    CHECK(wildcam_detection_new(&draft));
    double begin = bench_now();
    for (int month = 0; month < MONTHS; month++) {
        for (int64_t at = 0; at < rows; at++) {
            struct bench_row row = bench_row_at(month_begin(month), month_begin(month + 1), at,
                                                rows);
            set_up_row(draft, &row);
            CHECK(wildcam_batch_add(batch, draft));
            if (wildcam_batch_get_count(batch) == BATCH || at + 1 == rows) {
                CHECK(wildcam_batch_commit(batch));
                wildcam_batch_reset(batch);
            }
        }
        bench_progress("filling months", month + 1, MONTHS, begin);
    }
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
}

static void report(void *user)
{
    wildcam_report *made;
    char *json, *csv;
    CHECK(wildcam_station_report(user, month_begin(0), month_begin(MONTHS), NULL, NULL, &made));
    CHECK(wildcam_report_to_json(made, &json));
    CHECK(wildcam_report_to_csv(made, &csv));
    wildcam_free(json);
    wildcam_free(csv);
    wildcam_report_free(made);
}

/* What the report knows of detections, from the rows themselves. */
static void scan(void *user)
{
    (void)user;
    int64_t total = 0;
    for (int month = 0; month < MONTHS; month++) {
        char path[700], text[WILDCAM_TIME_TEXT];
        sqlite3 *shard;
        sqlite3_stmt *statement;
        CHECK(wildcam_time_format(month_begin(month), 0, text, sizeof text));
        snprintf(path, sizeof path, "%s/detections/%.7s.db", station_directory, text);
        if (sqlite3_open_v2(path, &shard, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
            sqlite3_prepare_v2(shard,
                               "SELECT camera_id, detection_timestamp/86400000000, species_id,"
                               " count(*), count(confidence), sum(confidence)"
                               " FROM wildlife_detections GROUP BY 1, 2, 3",
                               -1, &statement, NULL) != SQLITE_OK)
            exit(2);
        while (sqlite3_step(statement) == SQLITE_ROW)
            total += sqlite3_column_int64(statement, 3);
        sqlite3_finalize(statement);
        sqlite3_close(shard);
    }
    if (total != MONTHS * rows)
        exit(2);
}

static int64_t peak_bytes(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (int64_t)kib * 1024;
}

static void reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

/* ---- statistics ---- */

static double statistics_per_second(wildcam_station *station, int times)
{
    double begin = bench_now();
    for (int i = 0; i < times; i++) {
        wildcam_analytics *analytics;
        CHECK(wildcam_station_camera_statistics(station, "camera-042", 30, &analytics));
        wildcam_analytics_free(analytics);
    }
    return times / (bench_now() - begin);
}

static double sample(wildcam_station *station, const char *name)
{
    char *text;
    CHECK(wildcam_metrics_write(wildcam_station_get_metrics(station), WILDCAM_METRICS_TEXT, &name,
                                1, &text, NULL));
    const char *found = strstr(text, "\nwildcam_cache_");
    double value = found ? strtod(strchr(found + 1, ' '), NULL) : 0;
    wildcam_free(text);
    return value;
}

static atomic_bool is_over;
static atomic_long kept;

static void *keep_on(void *user)
{
    wildcam_detection *draft;
    int64_t now = wildcam_time_now();
    CHECK(wildcam_detection_new(&draft));
    for (int i = 0; !is_over; i++) {
        struct bench_row row = {.time = now, .camera = i % 40, .species = 1, .confidence = 0.5};
        set_up_row(draft, &row);
        CHECK(wildcam_station_add_detection(user, draft, NULL));
        kept++;
    }
    wildcam_detection_free(draft);
    return NULL;
}

static void measure_statistics(wildcam_station *station)
{
    pthread_t writer;
    wildcam_conf *conf;
    wildcam_station *uncached;
    CHECK(wildcam_conf_new(&conf));
    CHECK(wildcam_conf_set(conf, "data.dir", station_directory));
    CHECK(wildcam_conf_set(conf, "cache.bytes", "0"));
    CHECK(wildcam_conf_set(conf, "log.level", "error"));
    CHECK(wildcam_station_open(conf, &uncached));
    wildcam_conf_free(conf);
    statistics_per_second(uncached, 10);
    double cold = statistics_per_second(uncached, COLD);
    wildcam_station_close(uncached);
    statistics_per_second(station, 10);
    double warm = statistics_per_second(station, WARM);
    bench_line("statistics from memory", warm, "1/s", "worked out each time", cold, '>', 2);
    double hits = sample(station, "wildcam_cache_hits_total");
    double misses = sample(station, "wildcam_cache_misses_total");
    if (pthread_create(&writer, NULL, keep_on, station) != 0)
        exit(2);
    double begin = bench_now();
    double busy = statistics_per_second(station, WARM);
    double took = bench_now() - begin;
    is_over = true;
    pthread_join(writer, NULL);
    hits = sample(station, "wildcam_cache_hits_total") - hits;
    misses = sample(station, "wildcam_cache_misses_total") - misses;
    bench_line("statistics while others' rows are kept", busy, "1/s", "worked out each time", cold,
               '>', 0);
    bench_figure("  of them from memory", 100 * hits / (hits + misses), "%", '>', 50);
    bench_figure("  rows kept meanwhile", (double)kept / took, "1/s", '>', 0);
}

int main(void)
{
    double made, scanned;
    int64_t now = wildcam_time_now();
    char text[WILDCAM_TIME_TEXT];
    rows = bench_number("WILDCAM_BENCH_ROWS", 1000000);
    CHECK(wildcam_time_format(now, 0, text, sizeof text));
    first_month = strtol(text, NULL, 10) * 12 + strtol(text + 5, NULL, 10) - MONTHS;
    snprintf(station_directory, sizeof station_directory, "%s/station", bench_directory());
    wildcam_station *station = bench_open(station_directory);
    fill(station);
    wildcam_station_close(station);
    station = bench_open(station_directory);
    report(station);
    bench_both(3, report, scan, station, &made, &scanned);
    bench_line("report", (double)(MONTHS * rows) / made / 1e6, "Mrows/s", "SQL over the rows",
               (double)(MONTHS * rows) / scanned / 1e6, '>', 1);
    bench_figure("  seconds", made, "s", '<', 0);
    malloc_trim(0); /* what filling took is not to hide what the report takes */
    reset_peak();
    int64_t before = peak_bytes();
    report(station);
    bench_figure("  memory beyond what was there", (double)(peak_bytes() - before) / 1e6, "MB", '<',
                 64);
    measure_statistics(station);
    wildcam_station_close(station);
    return bench_end();
}
