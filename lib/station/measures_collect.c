/* How things stand, looked up for whoever reads the metrics. One thread at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/process.h"
#include "station/health.h"

/* A camera, as it was shown last. */
struct wci_shown_camera {
    int64_t round;  /* in which it was seen active */
    bool is_hidden; /* it was not in a later one, and its series are gone */
    char *device_id, *location;
    struct wci_series *last_seen; /* NULL while it has never been heard of */
};

/* ---- cameras ---- */

static void hide_last_seen(struct wci_measures *measures, struct wci_shown_camera *shown)
{
    const char *const labels[] = {shown->device_id, shown->location};
    if (!shown->last_seen)
        return;
    wci_metrics_remove(measures->families[WCI_MEASURE_LAST_SEEN], labels, 2);
    wci_series_let_go(shown->last_seen);
    shown->last_seen = NULL;
}

static void free_shown(struct wci_shown_camera *shown)
{
    if (!shown)
        return;
    if (shown->last_seen)
        wci_series_let_go(shown->last_seen);
    free(shown->device_id);
    free(shown->location);
    free(shown);
}

void wci_measures_forget_shown(struct wci_measures *measures)
{
    for (size_t i = 0; i < measures->shown_capacity; i++)
        free_shown(measures->shown[i]);
    free(measures->shown);
    measures->shown = NULL;
    measures->shown_capacity = 0;
}

static struct wci_shown_camera *new_shown(const wildcam_camera *camera)
{
    struct wci_shown_camera *shown = wci_new(sizeof *shown);
    if (!shown)
        return NULL;
    shown->device_id = wci_copy_text(wci_text_get(&camera->device_id));
    shown->location = wci_copy_text("");
    if (shown->device_id && shown->location)
        return shown;
    free_shown(shown);
    return NULL;
}

static struct wci_shown_camera *shown_of(struct wci_measures *measures,
                                         const wildcam_camera *camera)
{
    size_t at = (size_t)camera->id, before = measures->shown_capacity;
    void *all = measures->shown;
    if (wci_reserve(&all, &measures->shown_capacity, at + 1, sizeof *measures->shown) != WILDCAM_OK)
        return NULL;
    measures->shown = all;
    memset(measures->shown + before, 0,
           (measures->shown_capacity - before) * sizeof *measures->shown);
    if (!measures->shown[at])
        measures->shown[at] = new_shown(camera);
    return measures->shown[at];
}

/* A camera that was moved: the series of its former place goes. */
static bool settle_location(struct wci_measures *measures, struct wci_shown_camera *shown,
                            const char *location)
{
    if (strcmp(shown->location, location) == 0)
        return true;
    char *copy = wci_copy_text(location);
    if (!copy)
        return false;
    hide_last_seen(measures, shown);
    free(shown->location);
    shown->location = copy;
    return true;
}

static void show_camera(struct wci_measures *measures, const wildcam_camera *camera)
{
    struct wci_shown_camera *shown = shown_of(measures, camera);
    if (!shown)
        return;
    shown->round = measures->round;
    shown->is_hidden = false;
    const char *location = wci_text_get(&camera->texts[WCI_CAMERA_LOCATION_NAME]);
    if (camera->last_seen == WILDCAM_TIME_NONE || !settle_location(measures, shown, location))
        return;
    const char *const labels[] = {shown->device_id, location};
    if (!shown->last_seen &&
        wci_metrics_series(measures->families[WCI_MEASURE_LAST_SEEN], WCI_GAUGE, labels, 2,
                           &shown->last_seen) != WILDCAM_OK)
        return;
    wci_series_set_gauge(shown->last_seen, (double)camera->last_seen / (double)WCI_SECOND);
}

static bool is_gone(const struct wci_measures *measures, size_t camera)
{
    const struct wci_shown_camera *shown = measures->shown[camera];
    return shown && !shown->is_hidden && shown->round != measures->round;
}

static void settle_gone(struct wci_measures *measures)
{
    for (size_t i = 0; i < measures->shown_capacity; i++) {
        struct wci_shown_camera *shown = measures->shown[i];
        if (!is_gone(measures, i))
            continue;
        if (shown->last_seen)
            wci_series_let_go(shown->last_seen);
        shown->last_seen = NULL;
        shown->is_hidden = true;
    }
}

/* Those that are not active any more, all at once: thousands may go together. Without memory for
 * that they are hidden the next time. */
static void hide_others(struct wci_measures *measures)
{
    size_t count = 0, gone = 0;
    for (size_t i = 0; i < measures->shown_capacity; i++)
        gone += is_gone(measures, i);
    if (gone == 0)
        return;
    int64_t *ids = wci_new_array(gone, sizeof *ids);
    const char **names = wci_new_array(gone, sizeof *names);
    for (size_t i = 0; ids && names && i < measures->shown_capacity; i++) {
        if (!is_gone(measures, i))
            continue;
        ids[count] = (int64_t)i;
        names[count++] = measures->shown[i]->device_id;
    }
    if (count && wci_measures_forget_cameras(measures, ids, names, count) == WILDCAM_OK)
        settle_gone(measures);
    free(ids);
    free(names);
}

enum { CAMERA_STATUSES = WILDCAM_CAMERA_MAINTENANCE + 1 };

struct walk {
    struct wci_measures *measures;
    int64_t counts[CAMERA_STATUSES];
};

static wildcam_status take_camera(void *user, wildcam_camera *camera)
{
    struct walk *walk = user;
    if (camera->status >= 0 && camera->status < CAMERA_STATUSES)
        walk->counts[camera->status]++;
    /* One that was never seen active may have counted all the same, before anybody looked. */
    if (camera->status == WILDCAM_CAMERA_ACTIVE)
        show_camera(walk->measures, camera);
    else
        shown_of(walk->measures, camera);
    return WILDCAM_OK;
}

/* While the store does not answer, what it said last stands. */
static void collect_cameras(wildcam_station *station)
{
    struct walk walk = {.measures = &station->measures};
    struct wci_store *store = &station->store;
    walk.measures->round++;
    if (store->ops->list_cameras(store->backend, true, take_camera, &walk) != WILDCAM_OK)
        return;
    hide_others(walk.measures);
    wci_handles_settle(&walk.measures->handles);
    double active = (double)walk.counts[WILDCAM_CAMERA_ACTIVE];
    wci_measures_set(walk.measures, WCI_MEASURE_ACTIVE, active);
    wci_measures_set(walk.measures, WCI_MEASURE_ACTIVE_TOO, active);
    for (int i = 0; i < CAMERA_STATUSES; i++) {
        const char *const labels[] = {wci_camera_status_name(i)};
        wci_measures_set_of(walk.measures, WCI_MEASURE_CAMERAS, labels, (double)walk.counts[i]);
    }
}

/* ---- store, disk, what is owed ---- */

static void set_figure(struct wci_measures *measures, enum wci_measure measure, int64_t figure)
{
    if (figure >= 0)
        wci_measures_set(measures, measure, (double)figure);
}

static void set_owed(struct wci_measures *measures, const struct wildcam_health *health)
{
    static const char *const owed[] = {"owed"}, *const parked[] = {"parked"};
    if (health->figures[WILDCAM_HEALTH_UPLOADS_OWED] < 0)
        return;
    wci_measures_set_of(measures, WCI_MEASURE_OUTBOX_ITEMS, owed,
                        (double)health->figures[WILDCAM_HEALTH_UPLOADS_OWED]);
    wci_measures_set_of(measures, WCI_MEASURE_OUTBOX_ITEMS, parked,
                        (double)health->figures[WILDCAM_HEALTH_UPLOADS_PARKED]);
    set_figure(measures, WCI_MEASURE_OUTBOX_OLDEST, health->figures[WILDCAM_HEALTH_UPLOADS_OLDEST]);
}

static void set_waiting(struct wci_measures *measures, const struct wildcam_health *health)
{
    set_figure(measures, WCI_MEASURE_QUEUE, health->figures[WILDCAM_HEALTH_PROCESSING_OWED]);
    set_figure(measures, WCI_MEASURE_PROCESSING_PARKED,
               health->figures[WILDCAM_HEALTH_PROCESSING_PARKED]);
    set_figure(measures, WCI_MEASURE_PROCESSING_OLDEST,
               health->figures[WILDCAM_HEALTH_PROCESSING_OLDEST]);
}

static void collect_health(wildcam_station *station)
{
    struct wildcam_health health;
    struct wci_measures *measures = &station->measures;
    const int64_t *figures = health.figures;
    wci_station_take_pulse(station, &health); /* without memory only its reason is cut short */
    wci_measures_set(measures, WCI_MEASURE_STORE_UP, strcmp(health.store, "down") != 0);
    set_figure(measures, WCI_MEASURE_SHARDS, figures[WILDCAM_HEALTH_SHARDS]);
    set_figure(measures, WCI_MEASURE_OPEN_SHARDS, figures[WILDCAM_HEALTH_OPEN_SHARDS]);
    set_figure(measures, WCI_MEASURE_DAMAGED_SHARDS, figures[WILDCAM_HEALTH_DAMAGED_SHARDS]);
    set_figure(measures, WCI_MEASURE_STORAGE_FREE, figures[WILDCAM_HEALTH_FREE_BYTES]);
    set_figure(measures, WCI_MEASURE_STORAGE_TOTAL, figures[WILDCAM_HEALTH_TOTAL_BYTES]);
    set_figure(measures, WCI_MEASURE_STORAGE_FLOOR, figures[WILDCAM_HEALTH_FLOOR_BYTES]);
    if (figures[WILDCAM_HEALTH_TOTAL_BYTES] >= 0)
        set_figure(measures, WCI_MEASURE_STORAGE_USED,
                   figures[WILDCAM_HEALTH_TOTAL_BYTES] - figures[WILDCAM_HEALTH_FREE_BYTES]);
    set_owed(measures, &health);
    set_waiting(measures, &health);
    wci_health_release(&health);
}

static void collect_alerts(wildcam_station *station)
{
    int64_t counts[WCI_ALERT_KINDS];
    struct wci_store *store = &station->store;
    if (store->ops->count_open_alerts(store->backend, counts) != WILDCAM_OK)
        return;
    for (int kind = 0; kind < WCI_ALERT_KINDS; kind++) {
        const char *const labels[] = {wci_alert_kind_name(kind),
                                      wci_severity_name(wci_alert_kind_severity(kind))};
        wci_measures_set_of(&station->measures, WCI_MEASURE_ALERTS_OPEN, labels,
                            (double)counts[kind]);
        wci_measures_show(&station->measures, WCI_MEASURE_ALERTS_RAISED, labels);
    }
}

static void collect_webhooks(wildcam_station *station)
{
    static const char *const owed[] = {"owed"}, *const parked[] = {"parked"};
    struct wci_webhook *webhook = &station->webhook;
    const struct wci_targets targets = wci_webhook_targets(webhook);
    struct wci_delivery_figures figures;
    struct wci_store *store = &station->store;
    if (!webhook->count || store->ops->count_deliveries(store->backend, &targets,
                                                        wci_calendar_now(), &figures) != WILDCAM_OK)
        return;
    wci_measures_set_of(&station->measures, WCI_MEASURE_WEBHOOKS_OWED, owed, (double)figures.owed);
    wci_measures_set_of(&station->measures, WCI_MEASURE_WEBHOOKS_OWED, parked,
                        (double)figures.parked);
}

/* ---- S3 ---- */

/* What is counted as it happens (measures_s3.c): told from the beginning. */
static void show_counted(struct wci_measures *measures, const wci_engine *engine, size_t region)
{
    const char *name = wci_engine_region(engine, (int)region)->name;
    const char *const put[] = {name, wci_s3_operation(WCI_S3_PUT),
                               wci_outcome_word(WCI_OUTCOME_OK)};
    wci_measures_show(measures, WCI_MEASURE_S3_REQUESTS, put);
    wci_measures_show(measures, WCI_MEASURE_S3_SECONDS, &name);
    for (size_t i = 0; i < wci_engine_regions(engine); i++) {
        const char *const move[] = {name, wci_engine_region(engine, (int)i)->name};
        if (i != region)
            wci_measures_show(measures, WCI_MEASURE_S3_FAILOVERS, move);
    }
}

static void set_region(struct wci_measures *measures, const char *region,
                       const struct wci_region_report *report)
{
    for (int i = 0; i < WCI_REGION_STATE_COUNT; i++) {
        const char *const labels[] = {region, wci_region_state_word(i)};
        wci_measures_set_of(measures, WCI_MEASURE_S3_STATE, labels, (int)report->state == i);
    }
    wci_measures_set_of(measures, WCI_MEASURE_S3_CURRENT, &region, report->is_current);
    wci_measures_set_of(measures, WCI_MEASURE_S3_UNDER_WAY, &region, report->under_way);
    wci_measures_set_of(measures, WCI_MEASURE_S3_TOKENS, &region, (double)report->retry_tokens);
    wci_measures_set_of(measures, WCI_MEASURE_S3_SKEW, &region,
                        (double)report->skew / (double)WCI_SECOND);
}

static void collect_uploads(wildcam_station *station)
{
    wci_engine *engine;
    if (!wci_uploader_is_on(station->uploader) ||
        wci_uploader_engine(station->uploader, &engine) != WILDCAM_OK)
        return;
    for (size_t i = 0; i < wci_engine_regions(engine); i++) {
        struct wci_region_report report;
        wci_engine_look(engine, (int)i, &report, NULL);
        set_region(&station->measures, wci_engine_region(engine, (int)i)->name, &report);
        show_counted(&station->measures, engine, i);
    }
    wci_measures_set(&station->measures, WCI_MEASURE_S3_BYTES, (double)wci_engine_sent(engine));
}

/* ---- the cache ---- */

static void collect_cache(wildcam_station *station)
{
    struct wci_cache_figures figures;
    wci_cache_look(station->cache, &figures);
    wci_measures_set(&station->measures, WCI_MEASURE_CACHE_HITS, (double)figures.hits);
    wci_measures_set(&station->measures, WCI_MEASURE_CACHE_MISSES, (double)figures.misses);
    wci_measures_set(&station->measures, WCI_MEASURE_CACHE_BYTES, (double)figures.bytes);
}

/* ---- the process ---- */

static void collect_process(struct wci_measures *measures)
{
    struct wci_process process;
    wci_process_look(&process);
    if (process.cpu_seconds >= 0)
        wci_measures_set(measures, WCI_MEASURE_CPU, process.cpu_seconds);
    if (measures->started >= 0)
        wci_measures_set(measures, WCI_MEASURE_STARTED, measures->started);
    set_figure(measures, WCI_MEASURE_RESIDENT, process.resident_bytes);
    set_figure(measures, WCI_MEASURE_VIRTUAL, process.virtual_bytes);
    set_figure(measures, WCI_MEASURE_OPEN_FILES, process.open_files);
    set_figure(measures, WCI_MEASURE_FILES_MAX, process.files_max);
    set_figure(measures, WCI_MEASURE_THREADS, process.threads);
}

void wci_station_collect(void *user)
{
    wildcam_station *station = user;
    if (wci_station_enter(station) != WILDCAM_OK)
        return;
    collect_cameras(station);
    collect_health(station);
    collect_alerts(station);
    collect_webhooks(station);
    collect_uploads(station);
    collect_cache(station);
    collect_process(&station->measures);
    wci_station_leave(station);
}
