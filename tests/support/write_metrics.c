/*
 * Writes a registry of a program's own, for what reads metrics.
 *
 *   write_metrics text|openmetrics VALUE...
 *
 * The series that are labelled with the first VALUE count 1, those with the second 2, and so on.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wildcam/wildcam.h>

static int fail(void)
{
    fprintf(stderr, "write_metrics: %s\n", wildcam_error_message());
    return 2;
}

static wildcam_status fill(wildcam_metrics *metrics, char **values, int count)
{
    static const char *const label = "value";
    static const char help[] = "It says \"so\" on\ntwo lines, with a back\\slash.";
    wildcam_metric_family *counters, *gauges, *histograms;
    wildcam_status status = wildcam_metrics_add_counters(metrics, "own_events_total", help, &label,
                                                         1, &counters);
    if (status == WILDCAM_OK)
        status = wildcam_metrics_add_gauges(metrics, "own_level", help, &label, 1, &gauges);
    if (status == WILDCAM_OK)
        status = wildcam_metrics_add_histograms(metrics, "own_seconds", help, &label, 1, NULL, 0,
                                                &histograms);
    for (int i = 0; status == WILDCAM_OK && i < count; i++) {
        const double levels[] = {INFINITY, -INFINITY, NAN, 1e300, 5e-324, -0.1};
        const char *value = values[i];
        wildcam_counter *counter = NULL;
        wildcam_gauge *gauge = NULL;
        wildcam_histogram *histogram = NULL;
        status = wildcam_counter_new(counters, &value, 1, &counter);
        if (status == WILDCAM_OK)
            status = wildcam_gauge_new(gauges, &value, 1, &gauge);
        if (status == WILDCAM_OK)
            status = wildcam_histogram_new(histograms, &value, 1, &histogram);
        wildcam_counter_add(counter, (uint64_t)i + 1);
        wildcam_gauge_set(gauge, levels[i % 6]);
        for (int j = 0; j <= i; j++)
            wildcam_histogram_observe(histogram, 0.25);
        wildcam_counter_free(counter);
        wildcam_gauge_free(gauge);
        wildcam_histogram_free(histogram);
    }
    return status;
}

int main(int argc, char **argv)
{
    wildcam_metrics *metrics;
    char *text;
    if (argc < 2) {
        fprintf(stderr, "usage: write_metrics text|openmetrics VALUE...\n");
        return 2;
    }
    int format = strcmp(argv[1], "text") == 0 ? WILDCAM_METRICS_TEXT : WILDCAM_METRICS_OPENMETRICS;
    if (wildcam_metrics_new(&metrics) != WILDCAM_OK ||
        fill(metrics, argv + 2, argc - 2) != WILDCAM_OK ||
        wildcam_metrics_write(metrics, format, NULL, 0, &text, NULL) != WILDCAM_OK)
        return fail();
    fputs(text, stdout);
    wildcam_free(text);
    wildcam_metrics_free(metrics);
    return 0;
}
