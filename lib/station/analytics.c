#include "station/analytics.h"

#include <math.h>
#include <stdio.h>

#include <wildcam/detection.h>

#include "base/calendar.h"
#include "station/day_counts.h"

enum wci_analysis { WCI_STATISTICS, WCI_SPECIES, WCI_ACTIVITY, WCI_ALL_OF_IT };

/* The user of the cache's question. */
struct analysis {
    wildcam_station *station;
    enum wci_analysis what;
    const struct wci_name *camera; /* NULL for all */
    const char *species;           /* NULL for all */
    int64_t days, first_day, end_day;
};

static wildcam_status version(void *user, struct wci_cache_version *out)
{
    const struct analysis *analysis = user;
    const struct wci_store *store = &analysis->station->store;
    struct wci_change_count changes;
    wildcam_status status = store->ops->count_changes(store->backend, analysis->camera,
                                                      analysis->first_day * WCI_DAY,
                                                      analysis->end_day * WCI_DAY, &changes);
    *out = (struct wci_cache_version){changes.count, changes.is_sure};
    return status;
}

/* ---- what is shared ---- */

/* The time of the first or the last detection of the period. */
static wildcam_status find_end(const struct analysis *analysis, bool first, int64_t *time,
                               struct wci_text *damaged)
{
    const struct wci_store *store = &analysis->station->store;
    const struct wci_query query = {.from = analysis->first_day * WCI_DAY,
                                    .to = analysis->end_day * WCI_DAY,
                                    .camera = analysis->camera,
                                    .category = -1,
                                    .min_confidence = NAN,
                                    .verified = -1,
                                    .oldest_first = first};
    wildcam_detection row;
    size_t got = 0;
    wci_detection_init(&row);
    wildcam_status status = store->ops->read(store->backend, &query, NULL, &row, 1, &got, damaged);
    *time = got ? row.time : WILDCAM_TIME_NONE;
    wci_detection_release(&row);
    return status;
}

static wildcam_status write_statistics(const struct analysis *analysis,
                                       const struct wci_day_counts *counts,
                                       struct wci_text *damaged, struct wci_json *json)
{
    int64_t first, last;
    wildcam_status status = find_end(analysis, true, &first, damaged);
    if (status == WILDCAM_OK)
        status = find_end(analysis, false, &last, damaged);
    if (status != WILDCAM_OK)
        return status;
    wci_json_int(json, "camera_id", analysis->camera->id);
    wci_json_text(json, "device_id", analysis->camera->text);
    wci_day_counts_write_species(counts, "species", json);
    wci_day_counts_write_species_days(counts, json);
    wci_day_counts_write_activity(counts, json);
    wci_json_int(json, "total_detections", counts->total);
    wci_json_int(json, "blank_detections", counts->blank);
    wci_json_int(json, "unclassified_detections", counts->unclassified);
    wci_json_time(json, "first_detection", first, 0);
    wci_json_time(json, "last_detection", last, 0);
    return WILDCAM_OK;
}

static wildcam_status write_counts(const struct analysis *analysis,
                                   const struct wci_day_counts *counts, struct wci_text *damaged,
                                   struct wci_json *json)
{
    switch (analysis->what) {
    case WCI_STATISTICS:
        return write_statistics(analysis, counts, damaged, json);
    case WCI_SPECIES:
        wci_day_counts_write_species(counts, "species_data", json);
        break;
    case WCI_ACTIVITY:
        wci_day_counts_write_activity(counts, json);
        break;
    case WCI_ALL_OF_IT:
        wci_day_counts_write_species(counts, "species_frequency", json);
        wci_day_counts_write_activity(counts, json);
        wci_day_counts_write_species_hours(counts, json);
        break;
    }
    return WILDCAM_OK;
}

/* The whole answer; of statistics the members alone, with no brackets around: more follows. */
static wildcam_status write(const struct analysis *analysis, const struct wci_day_counts *counts,
                            struct wci_text *damaged, struct wci_text *answer)
{
    struct wci_json json = {.out = answer};
    bool is_whole = analysis->what != WCI_STATISTICS;
    if (is_whole)
        wci_json_open(&json, NULL, '{');
    wildcam_status status = write_counts(analysis, counts, damaged, &json);
    if (status != WILDCAM_OK)
        return status;
    wci_json_int(&json, "period_days", analysis->days);
    wci_json_time(&json, "start_date", analysis->first_day * WCI_DAY, 0);
    if (analysis->what == WCI_ALL_OF_IT)
        wci_json_text_or_null(&json, "species_filter", analysis->species ? analysis->species : "");
    if (damaged->length)
        wci_json_text(&json, "incomplete", damaged->data);
    if (is_whole)
        wci_text_add(answer, "}\n");
    return damaged->failed ? wci_fail_memory() : WILDCAM_OK;
}

static wildcam_status make(void *user, struct wci_text *answer)
{
    const struct analysis *analysis = user;
    const struct wci_store *store = &analysis->station->store;
    struct wci_day_counts counts;
    struct wci_text damaged = {0};
    wildcam_status status = wci_day_counts_begin(&counts, analysis->first_day, analysis->end_day);
    if (status != WILDCAM_OK)
        return status;
    counts.only = analysis->species;
    counts.by_species_day = analysis->what == WCI_STATISTICS;
    const struct wci_day_walk walk = {.first_day = analysis->first_day,
                                      .end_day = analysis->end_day,
                                      .camera = analysis->camera,
                                      .user = &counts,
                                      .sum = wci_day_counts_add};
    status = store->ops->walk_days(store->backend, &walk, &damaged);
    if (status == WILDCAM_OK) {
        wci_day_counts_sort(&counts);
        status = write(analysis, &counts, &damaged, answer);
    }
    wci_text_free(&damaged);
    wci_day_counts_free(&counts);
    return status;
}

/* ---- asking ---- */

static wildcam_status ask(struct analysis *analysis, struct wci_cached **out)
{
    struct wci_text key = {0};
    wci_text_add_format(&key, "%d %lld %lld %lld %s", (int)analysis->what,
                        analysis->camera ? (long long)analysis->camera->id : 0LL,
                        (long long)analysis->first_day, (long long)analysis->end_day,
                        analysis->species ? analysis->species : "");
    const struct wci_cache_question question = {.key = wci_text_get(&key),
                                                .now = wci_calendar_monotonic(),
                                                .version = version,
                                                .make = make,
                                                .user = analysis};
    wildcam_status status = key.failed ? wci_fail_memory()
                                       : wci_cache_ask(analysis->station->cache, &question, out);
    wci_text_free(&key);
    return status;
}

static struct analysis analysis_of(wildcam_station *station, enum wci_analysis what, int64_t days)
{
    int64_t today = wci_calendar_now() / WCI_DAY;
    return (struct analysis){.station = station,
                             .what = what,
                             .days = days,
                             .first_day = today - days,
                             .end_day = today + 1};
}

/* What is shared, with what is this asker's own behind it. */
static wildcam_status complete(struct wildcam_analytics *out, const wildcam_camera *camera)
{
    struct wci_json json = {.out = &out->own, .need_comma = true};
    wci_text_add_char(&out->own, '{');
    wci_text_add_bytes(&out->own, out->cached->data, out->cached->size);
    wci_json_open(&json, "camera", '{');
    wci_json_text(&json, "status", wci_camera_status_name(camera->status));
    for (int i = WCI_CAMERA_BATTERY_LEVEL; i < WCI_CAMERA_NUMBER_COUNT; i++)
        wci_json_real(&json, wci_camera_number_names[i], camera->numbers[i]);
    wci_json_time(&json, "last_seen", camera->last_seen, 0);
    wci_json_close(&json, '}');
    wci_text_add(&out->own, "}\n");
    return out->own.failed ? wci_fail_memory() : WILDCAM_OK;
}

wildcam_status wci_station_statistics(wildcam_station *station, const char *device_id, int64_t days,
                                      struct wildcam_analytics *out)
{
    struct wci_store *store = &station->store;
    struct analysis analysis = analysis_of(station, WCI_STATISTICS, days);
    wildcam_camera camera;
    wildcam_status status = store->ops->find_camera(store->backend, device_id, true,
                                                    &analysis.camera);
    if (status == WILDCAM_OK)
        status = ask(&analysis, &out->cached);
    if (status != WILDCAM_OK)
        return status;
    wci_camera_init(&camera);
    snprintf(out->device_id, sizeof out->device_id, "%s", analysis.camera->text);
    status = store->ops->get_camera(store->backend, analysis.camera->id, &camera);
    if (status == WILDCAM_OK)
        status = complete(out, &camera);
    wci_camera_release(&camera);
    return status;
}

wildcam_status wci_station_species_counts(wildcam_station *station, int64_t days,
                                          struct wildcam_analytics *out)
{
    struct analysis analysis = analysis_of(station, WCI_SPECIES, days);
    return ask(&analysis, &out->cached);
}

wildcam_status wci_station_activity(wildcam_station *station, int64_t days,
                                    struct wildcam_analytics *out)
{
    struct analysis analysis = analysis_of(station, WCI_ACTIVITY, days);
    return ask(&analysis, &out->cached);
}

wildcam_status wci_station_analytics(wildcam_station *station, const char *species, int64_t days,
                                     struct wildcam_analytics *out)
{
    struct analysis analysis = analysis_of(station, WCI_ALL_OF_IT, days);
    analysis.species = species && *species ? species : NULL;
    return ask(&analysis, &out->cached);
}
