/* Our metrics, as <wildcam/metrics.h> tells to use them. See turns.h. */
#include <wildcam/wildcam.h>

#include "turns.h"

static void check(wildcam_status status)
{
    if (status == WILDCAM_OK)
        return;
    fprintf(stderr, "%s\n", wildcam_error_message());
    exit(2);
}

static void increment(void *user)
{
    for (int i = 0; i < OPERATIONS; i++)
        wildcam_counter_add(user, 1);
}

static void observe(void *user)
{
    for (int i = 0; i < OPERATIONS; i++)
        wildcam_histogram_observe(user, (i & 1023) * .001);
}

static void measure_counting(wildcam_metrics *registry)
{
    static const char *const labels[] = {"camera_id"}, *const values[] = {"WC-0001"};
    static const double bounds[] = {BOUNDS};
    wildcam_metric_family *family;
    wildcam_counter *counter;
    wildcam_histogram *histogram;
    check(wildcam_metrics_add_counters(registry, "events_total", "Events.", labels, 1, &family));
    check(wildcam_counter_new(family, values, 1, &counter));
    check(wildcam_metrics_add_histograms(registry, "seconds", "Seconds.", labels, 1, bounds,
                                         sizeof bounds / sizeof *bounds, &family));
    check(wildcam_histogram_new(family, values, 1, &histogram));
    for (int threads = 1; threads <= 2; threads++) {
        turn_measure("increment", threads, increment, counter);
        turn_measure("observe", threads, observe, histogram);
    }
    wildcam_counter_free(counter);
    wildcam_histogram_free(histogram);
}

struct many {
    wildcam_metrics *registry;
    wildcam_counter *counters[CAMERAS * SPECIES];
};

static void fill(struct many *many)
{
    static const char *const labels[] = {"camera_id", "species"};
    wildcam_metric_family *family;
    check(wildcam_metrics_new(&many->registry));
    check(wildcam_metrics_add_counters(many->registry, "wildcam_wildlife_detections_total",
                                       "Detections by camera and species.", labels, 2, &family));
    check(wildcam_metric_family_set_limit(family, (size_t)CAMERAS * SPECIES));
    for (int i = 0; i < CAMERAS * SPECIES; i++) {
        char camera_id[16], species[32];
        const char *const values[] = {camera_id, species};
        snprintf(camera_id, sizeof camera_id, "WC-%04d", i / SPECIES);
        snprintf(species, sizeof species, "Species number %02d", i % SPECIES);
        check(wildcam_counter_new(family, values, 2, &many->counters[i]));
        wildcam_counter_add(many->counters[i], (uint64_t)i);
    }
}

static void empty(struct many *many)
{
    for (int i = 0; i < CAMERAS * SPECIES; i++)
        wildcam_counter_free(many->counters[i]);
    wildcam_metrics_free(many->registry);
}

static void count(void *user, int stride)
{
    struct many *many = user;
    for (int i = 0; i < CAMERAS * SPECIES; i += stride)
        wildcam_counter_add(many->counters[i], 1);
}

static size_t scrape(void *user)
{
    struct many *many = user;
    char *text;
    size_t size;
    check(wildcam_metrics_write(many->registry, WILDCAM_METRICS_TEXT, NULL, 0, &text, &size));
    wildcam_free(text);
    return size;
}

static void keep(struct many *many, const char *path)
{
    FILE *file = fopen(path, "wb");
    char *text;
    size_t size;
    check(wildcam_metrics_write(many->registry, WILDCAM_METRICS_TEXT, NULL, 0, &text, &size));
    if (!file || fwrite(text, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
    wildcam_free(text);
}

int main(int argc, char **argv)
{
    static struct many many;
    wildcam_metrics *counting;
    check(wildcam_metrics_new(&counting));
    measure_counting(counting);
    wildcam_metrics_free(counting);
    fill(&many);
    turn_scrape(count, scrape, &many);
    if (argc > 1)
        keep(&many, argv[1]);
    empty(&many);
    return 0;
}
