#include "station/measures.h"

#include <stdio.h>

#include "base/calendar.h"
#include "base/process.h"

#include <wildcam/version.h>

enum { LABELS = 3 };

static const struct {
    enum wci_metric_type type;
    const char *name, *labels[LABELS + 1], *help;
} table[] = {
#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ROW(id, type, name, labels, help) {WCI_##type, name, LIST labels, help},
    WCI_MEASURES(ROW)
#undef ROW
#undef LIST
};

/* Seconds, from what an SSD takes to what an SD card may. */
static const double seconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                 0.25,   0.5,   1,      2.5,   5,    10,    30};
/* A picture over a fast line, and over a satellite; before a fast detector, and before a slow one.
 */
static const double request_seconds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                         2.5,  5,     10,   30,  60,   120, 300};
static const double sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

/* Which have a series for each camera, or for each species of each. */
static const enum wci_measure many[] = {WCI_MEASURE_DETECTIONS, WCI_MEASURE_PROCESSING,
                                        WCI_MEASURE_LAST_SEEN};

static size_t label_count(size_t measure)
{
    size_t count = 0;
    while (table[measure].labels[count])
        count++;
    return count;
}

/* ---- opening ---- */

static wildcam_status add_family(struct wci_measures *measures, size_t measure)
{
    struct wci_family_shape shape = {.name = table[measure].name,
                                     .help = table[measure].help,
                                     .type = table[measure].type,
                                     .labels = table[measure].labels,
                                     .label_count = label_count(measure)};
    if (measure == WCI_MEASURE_COMMIT_CHANGES) {
        shape.bounds = sizes;
        shape.bounds_count = sizeof sizes / sizeof sizes[0];
    } else if (measure == WCI_MEASURE_S3_SECONDS || measure == WCI_MEASURE_WEBHOOK_SECONDS ||
               measure == WCI_MEASURE_DETECTOR_SECONDS) {
        shape.bounds = request_seconds;
        shape.bounds_count = sizeof request_seconds / sizeof request_seconds[0];
    } else if (shape.type == WCI_HISTOGRAM) {
        shape.bounds = seconds;
        shape.bounds_count = sizeof seconds / sizeof seconds[0];
    }
    return wci_metrics_add(measures->registry, &shape, &measures->families[measure]);
}

wildcam_status wci_measures_series(struct wci_measures *measures, enum wci_measure measure,
                                   const char *const *labels, struct wci_series **out)
{
    return wci_metrics_series(measures->families[measure], table[measure].type, labels,
                              label_count(measure), out);
}

/* What is counted is told from the beginning, as 0. */
static wildcam_status add_counters(struct wci_measures *measures)
{
    static const char *const results[] = {
#define WORD(id, word) word,
        WCI_PICTURE_RESULTS(WORD)
#undef WORD
    };
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i <= WCI_MEASURE_QUEUE; i++)
        if (label_count(i) == 0)
            status = wci_measures_series(measures, (enum wci_measure)i, NULL,
                                         &measures->scalars[i]);
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_PICTURE_RESULT_COUNT; i++)
        status = wci_measures_series(measures, WCI_MEASURE_PICTURES, &results[i],
                                     &measures->pictures[i]);
    return status;
}

static wildcam_status add_all(struct wci_measures *measures, const wildcam_conf *conf)
{
    struct wci_process process;
    char number[32];
    const char *const version[] = {number};
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_MEASURE_COUNT; i++)
        status = add_family(measures, i);
    if (status == WILDCAM_OK)
        status = add_counters(measures);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        wci_metrics_set_limit(measures->families[many[i]],
                              (size_t)wci_conf_int(conf, WCI_METRICS_SERIES));
    snprintf(number, sizeof number, "%d.%d.%d", WILDCAM_VERSION_MAJOR, WILDCAM_VERSION_MINOR,
             WILDCAM_VERSION_PATCH);
    wci_measures_set_of(measures, WCI_MEASURE_BUILD, version, 1);
    wci_process_look(&process);
    measures->started = process.started;
    return WILDCAM_OK;
}

wildcam_status wci_measures_open(struct wci_measures *measures, wildcam_metrics *registry,
                                 const wildcam_conf *conf)
{
    *measures = (struct wci_measures){.registry = registry};
    wildcam_status status = wci_handles_init(&measures->handles);
    if (status != WILDCAM_OK)
        return status;
    status = add_all(measures, conf);
    if (status != WILDCAM_OK)
        wci_measures_close(measures, false);
    return status;
}

static void let_go(struct wci_series *series)
{
    if (series)
        wci_series_let_go(series);
}

void wci_measures_close(struct wci_measures *measures, bool is_forked)
{
    for (size_t i = 0; i < WCI_MEASURE_COUNT; i++)
        let_go(measures->scalars[i]);
    for (size_t i = 0; i < WCI_PICTURE_RESULT_COUNT; i++)
        let_go(measures->pictures[i]);
    if (!wci_metrics_is_torn(measures->registry)) /* they are the collector's */
        wci_measures_forget_shown(measures);
    wci_measures_forget_regions(measures);
    wci_handles_destroy(&measures->handles, is_forked);
}

/* ---- what happens ---- */

/* The slow way, once for each camera and species. */
static struct wci_series *add_handle(struct wci_measures *measures, enum wci_measure measure,
                                     const struct wci_name *camera, const struct wci_name *species)
{
    int64_t species_id = species ? species->id : 0;
    const char *const labels[] = {camera->text, species ? species->text : NULL};
    pthread_mutex_lock(&measures->handles.mutex);
    struct wci_series *series = wci_handles_find(&measures->handles, camera->id, species_id);
    if (!series && wci_measures_series(measures, measure, labels, &series) == WILDCAM_OK &&
        wci_handles_add(&measures->handles, camera->id, species_id, series) != WILDCAM_OK) {
        wci_series_let_go(series);
        series = NULL;
    }
    pthread_mutex_unlock(&measures->handles.mutex);
    return series;
}

/* Between entering the handles and leaving them. NULL when memory ran out. */
static struct wci_series *handle(struct wci_measures *measures, enum wci_measure measure,
                                 const struct wci_name *camera, const struct wci_name *species)
{
    struct wci_series *series = wci_handles_find(&measures->handles, camera->id,
                                                 species ? species->id : 0);
    return series ? series : add_handle(measures, measure, camera, species);
}

static void count(struct wci_series *series, uint64_t more)
{
    if (series && more)
        wci_series_count(series, more);
}

void wci_measure_picture(struct wci_measures *measures, enum wci_picture_result result,
                         int64_t bytes)
{
    count(measures->pictures[result], 1);
    if (result == WCI_PICTURE_KEPT) {
        count(measures->scalars[WCI_MEASURE_IMAGES], 1);
        count(measures->scalars[WCI_MEASURE_PICTURE_BYTES], (uint64_t)bytes);
    } else if (result != WCI_PICTURE_DUPLICATE) {
        wci_measure_failure(measures);
    }
}

void wci_measure_rows(struct wci_measures *measures, const struct wci_row *rows, size_t row_count)
{
    unsigned round = wci_handles_enter(&measures->handles);
    uint64_t all = 0;
    for (size_t i = 0; i < row_count;) { /* neighbours are often alike */
        const struct wci_row *first = &rows[i];
        uint64_t kept = 0;
        for (;
             i < row_count && rows[i].camera == first->camera && rows[i].species == first->species;
             i++)
            kept += rows[i].id != 0;
        if (kept)
            count(handle(measures, WCI_MEASURE_DETECTIONS, first->camera, first->species), kept);
        all += kept;
    }
    wci_handles_leave(&measures->handles, round);
    count(measures->scalars[WCI_MEASURE_DETECTIONS_KEPT], all);
}

void wci_measure_processing(struct wci_measures *measures, const struct wci_name *camera,
                            int64_t since)
{
    unsigned round = wci_handles_enter(&measures->handles);
    struct wci_series *series = handle(measures, WCI_MEASURE_PROCESSING, camera, NULL);
    if (series)
        wci_series_observe(series, (double)(wci_calendar_monotonic() - since) / (double)WCI_SECOND);
    wci_handles_leave(&measures->handles, round);
}

void wci_measure_failure(struct wci_measures *measures)
{
    count(measures->scalars[WCI_MEASURE_FAILURES], 1);
}

static void count_of(struct wci_measures *measures, enum wci_measure measure, const char *label,
                     uint64_t more)
{
    struct wci_series *series;
    if (wci_measures_series(measures, measure, &label, &series) != WILDCAM_OK)
        return;
    count(series, more);
    wci_series_let_go(series);
}

void wci_measure_removed(struct wci_measures *measures, int category, bool for_space)
{
    const char *const labels[] = {wci_category_name(category), for_space ? "space" : "age"};
    struct wci_series *series;
    if (wci_measures_series(measures, WCI_MEASURE_REMOVED, labels, &series) != WILDCAM_OK)
        return;
    wci_series_count(series, 1);
    wci_series_let_go(series);
}

void wci_measure_alert(struct wci_measures *measures, int kind)
{
    count_of(measures, WCI_MEASURE_ALERTS_RAISED, wci_alert_kind_name(kind), 1);
}

void wci_measure_webhook(struct wci_measures *measures, const char *outcome, int64_t duration)
{
    count_of(measures, WCI_MEASURE_WEBHOOKS, outcome, 1);
    wci_series_observe(measures->scalars[WCI_MEASURE_WEBHOOK_SECONDS],
                       (double)duration / (double)WCI_SECOND);
}

static void note_processed(void *user, const struct wci_name *camera, int64_t since,
                           const struct wci_row *rows, size_t row_count)
{
    struct wci_measures *measures = user;
    wci_measure_rows(measures, rows, row_count);
    wci_measure_processing(measures, camera, since);
}

static void note_not_processed(void *user)
{
    wci_measure_failure(user);
}

/* One that never fails shows that, too. */
static void note_look(void *user, const char *detector, int64_t duration, bool went_well)
{
    struct wci_measures *measures = user;
    struct wci_series *series;
    if (wci_measures_series(measures, WCI_MEASURE_DETECTOR_SECONDS, &detector, &series) ==
        WILDCAM_OK) {
        wci_series_observe(series, (double)duration / (double)WCI_SECOND);
        wci_series_let_go(series);
    }
    count_of(measures, WCI_MEASURE_DETECTOR_FAILURES, detector, went_well ? 0 : 1);
}

struct wci_process_listener wci_measures_processing(struct wci_measures *measures)
{
    return (struct wci_process_listener){measures, note_processed, note_not_processed, note_look};
}

void wci_measure_false_positive(struct wci_measures *measures)
{
    count(measures->scalars[WCI_MEASURE_FALSE_POSITIVES], 1);
}

void wci_measure_commit(void *user, size_t changes, int64_t duration)
{
    struct wci_measures *measures = user;
    wci_series_observe(measures->scalars[WCI_MEASURE_COMMIT_CHANGES], (double)changes);
    wci_series_observe(measures->scalars[WCI_MEASURE_COMMIT_SECONDS],
                       (double)duration / (double)WCI_SECOND);
}

/* Of the station's own families: what a program counts by camera is the program's to remove. */
static wildcam_status remove_series(struct wci_measures *measures, const char *const *device_ids,
                                    size_t count)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof many / sizeof many[0]; i++)
        status = wci_metrics_remove_where(measures->registry, measures->families[many[i]],
                                          "camera_id", device_ids, count, NULL);
    return status;
}

/* Under the mutex, so that no handle of a series that goes is added meanwhile. */
wildcam_status wci_measures_forget_cameras(struct wci_measures *measures, const int64_t *camera_ids,
                                           const char *const *device_ids, size_t count)
{
    pthread_mutex_lock(&measures->handles.mutex);
    wildcam_status status = remove_series(measures, device_ids, count);
    if (status == WILDCAM_OK)
        status = wci_handles_forget(&measures->handles, camera_ids, count);
    pthread_mutex_unlock(&measures->handles.mutex);
    return status;
}

int64_t wci_measures_pictures(const struct wci_measures *measures, enum wci_picture_result result)
{
    return (int64_t)wci_series_word(measures->pictures[result], 0);
}

int64_t wci_measures_detections(const struct wci_measures *measures)
{
    return (int64_t)wci_series_word(measures->scalars[WCI_MEASURE_DETECTIONS_KEPT], 0);
}

/* ---- how things stand ---- */

static void set(struct wci_series *series, enum wci_metric_type type, double value)
{
    if (type == WCI_COUNTER)
        wci_series_set_elsewhere(series, value);
    else
        wci_series_set_gauge(series, value);
}

void wci_measures_set(struct wci_measures *measures, enum wci_measure measure, double value)
{
    struct wci_series **series = &measures->scalars[measure];
    if (*series || wci_measures_series(measures, measure, NULL, series) == WILDCAM_OK)
        set(*series, table[measure].type, value);
}

void wci_measures_set_of(struct wci_measures *measures, enum wci_measure measure,
                         const char *const *labels, double value)
{
    struct wci_series *series;
    if (wci_measures_series(measures, measure, labels, &series) != WILDCAM_OK)
        return;
    set(series, table[measure].type, value);
    wci_series_let_go(series);
}

void wci_measures_show(struct wci_measures *measures, enum wci_measure measure,
                       const char *const *labels)
{
    struct wci_series *series;
    if (wci_measures_series(measures, measure, labels, &series) == WILDCAM_OK)
        wci_series_let_go(series);
}
