/*
 * Ten thousand cameras are deactivated: what the next scrape takes, which retires their series,
 * beside the one before, which wrote them.
 *
 * WILDCAM_BENCH_CAMERAS makes it smaller.
 */
#include <time.h>

#include "bench.h"

enum { SPECIES = 2 };

static wildcam_station *open_station(void)
{
    static const char *const settings[][2] = {
        {"log.level", "error"}, {"store.durability", "normal"}, {"metrics.series", "1000000"}};
    wildcam_conf *conf;
    wildcam_station *station;
    CHECK(wildcam_conf_new(&conf));
    CHECK(wildcam_conf_set(conf, "data.dir", bench_directory()));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        CHECK(wildcam_conf_set(conf, settings[i][0], settings[i][1]));
    CHECK(wildcam_station_open(conf, &station));
    wildcam_conf_free(conf);
    return station;
}

/* Each camera is heard of once, with each of its species. */
static void fill(wildcam_station *station, int64_t cameras)
{
    wildcam_batch *batch;
    wildcam_detection *draft;
    CHECK(wildcam_batch_new(station, &batch));
    CHECK(wildcam_detection_new(&draft));
    for (int64_t i = 0; i < cameras * SPECIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "camera-%05lld", (long long)(i / SPECIES));
        CHECK(wildcam_detection_set_device_id(draft, name));
        snprintf(name, sizeof name, "species-%lld", (long long)(i % SPECIES));
        CHECK(wildcam_detection_set_species(draft, name));
        CHECK(wildcam_detection_set_time(draft, wildcam_time_now(), 0, WILDCAM_TIME_SOURCE_CLIENT));
        CHECK(wildcam_batch_add(batch, draft));
    }
    CHECK(wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
}

static void deactivate(wildcam_station *station, int64_t cameras)
{
    wildcam_camera *camera;
    double begin = bench_now();
    CHECK(wildcam_camera_new(&camera));
    CHECK(wildcam_camera_set_status(camera, WILDCAM_CAMERA_INACTIVE));
    for (int64_t i = 0; i < cameras; i++) {
        char name[32];
        snprintf(name, sizeof name, "camera-%05lld", (long long)i);
        CHECK(wildcam_camera_set_device_id(camera, name));
        CHECK(wildcam_station_put_camera(station, camera, NULL, NULL));
        bench_progress("deactivating cameras", i + 1, cameras, begin);
    }
    wildcam_camera_free(camera);
}

/* Processor time, of which there is the same whatever else the machine does. */
static double used(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double scrape(wildcam_station *station)
{
    char *text;
    double begin = used();
    CHECK(wildcam_metrics_write(wildcam_station_get_metrics(station), WILDCAM_METRICS_TEXT, NULL, 0,
                                &text, NULL));
    double seconds = used() - begin;
    wildcam_free(text);
    return seconds;
}

int main(void)
{
    int64_t cameras = bench_number("WILDCAM_BENCH_CAMERAS", 10000);
    char name[64];
    wildcam_station *station = open_station();
    fill(station, cameras);
    scrape(station); /* which looks all cameras up */
    double before = scrape(station);
    deactivate(station, cameras);
    double retiring = scrape(station);
    snprintf(name, sizeof name, "scrape that retires %lld cameras", (long long)cameras);
    bench_line(name, retiring * 1e3, "ms", "that wrote them", before * 1e3, '<', 5);
    wildcam_station_close(station);
    return bench_end();
}
