#include "station/health.h"

#include "base/calendar.h"
#include "store/disk.h"

static void add_reason(struct wildcam_health *health, const char *status, const char *words)
{
    if (health->status[0] != 'd' || health->status[1] != 'o') /* down stays down */
        health->status = status;
    wci_text_add_format(&health->reason, "%s%s", health->reason.length ? "; " : "", words);
}

static void look_at_disk(wildcam_station *station, struct wildcam_health *health)
{
    struct wci_disk_space space;
    if (wci_disk_look(station->conf, &space) != WILDCAM_OK) {
        add_reason(health, "down", wildcam_error_message());
        return;
    }
    health->figures[WILDCAM_HEALTH_FREE_BYTES] = space.free_bytes;
    health->figures[WILDCAM_HEALTH_TOTAL_BYTES] = space.total_bytes;
    health->figures[WILDCAM_HEALTH_FLOOR_BYTES] = space.floor_bytes;
    if (space.free_bytes < space.floor_bytes)
        add_reason(health, "degraded", "the disk is at its floor, nothing new is accepted");
}

static void look_at_store(wildcam_station *station, struct wildcam_health *health)
{
    struct wci_store *store = &station->store;
    struct wci_store_figures figures = {0};
    if (store->ops->figures(store->backend, &figures) != WILDCAM_OK) {
        add_reason(health, "down", wildcam_error_message());
        wci_text_free(&figures.damaged);
        return;
    }
    health->figures[WILDCAM_HEALTH_SHARDS] = figures.shards;
    health->figures[WILDCAM_HEALTH_OPEN_SHARDS] = figures.open_shards;
    health->figures[WILDCAM_HEALTH_DAMAGED_SHARDS] = figures.damaged_shards;
    if (figures.damaged_shards) {
        add_reason(health, "degraded", "damaged shards were set aside: ");
        wci_text_add(&health->reason, wci_text_get(&figures.damaged));
    }
    wci_text_free(&figures.damaged);
}

static void look_at_uploads(wildcam_station *station, struct wildcam_health *health)
{
    struct wci_queue_figures figures = {0};
    struct wci_store *store = &station->store;
    struct wci_text reason = {0};
    if (wci_uploader_is_on(station->uploader) &&
        store->ops->count_uploads(store->backend, wci_uploader_kinds(station->uploader),
                                  &figures) == WILDCAM_OK) {
        int64_t age = figures.owed ? (wci_calendar_now() - figures.oldest) / WCI_SECOND : 0;
        health->figures[WILDCAM_HEALTH_UPLOADS_OWED] = figures.owed;
        health->figures[WILDCAM_HEALTH_UPLOADS_OLDEST] = age > 0 ? age : 0;
        health->figures[WILDCAM_HEALTH_UPLOADS_PARKED] = figures.parked;
    }
    health->uploads = wci_uploader_pulse(station->uploader, figures.parked, &reason);
    if (reason.length)
        add_reason(health, "degraded", reason.data);
    health->reason.failed = health->reason.failed || reason.failed;
    wci_text_free(&reason);
}

static void look_at_alerts(wildcam_station *station, struct wildcam_health *health)
{
    int64_t counts[WCI_ALERT_KINDS], open = 0, critical = 0;
    struct wci_store *store = &station->store;
    if (store->ops->count_open_alerts(store->backend, counts) != WILDCAM_OK)
        return; /* whoever looks at the store says so */
    for (int kind = 0; kind < WCI_ALERT_KINDS; kind++) {
        open += counts[kind];
        if (wci_alert_kind_severity(kind) == WILDCAM_SEVERITY_CRITICAL)
            critical += counts[kind];
    }
    health->figures[WILDCAM_HEALTH_ALERTS_OPEN] = open;
    health->figures[WILDCAM_HEALTH_ALERTS_CRITICAL] = critical;
}

/* A store that cannot be asked has its own sentence. */
static void look_at_processing(wildcam_station *station, struct wildcam_health *health)
{
    struct wci_queue_figures figures = {0};
    const struct wci_store *store = &station->store;
    int64_t paused_since = WILDCAM_TIME_NONE;
    if (!wci_processor_is_on(station->processor))
        return;
    health->processing = "ok";
    if (store->ops->get_processing_pause(store->backend, &paused_since) == WILDCAM_OK &&
        paused_since != WILDCAM_TIME_NONE)
        health->processing = "paused";
    if (store->ops->count_processing(store->backend, &figures) != WILDCAM_OK)
        return;
    int64_t age = figures.owed ? (wci_calendar_now() - figures.oldest) / WCI_SECOND : 0;
    health->figures[WILDCAM_HEALTH_PROCESSING_OWED] = figures.owed;
    health->figures[WILDCAM_HEALTH_PROCESSING_OLDEST] = age > 0 ? age : 0;
    health->figures[WILDCAM_HEALTH_PROCESSING_PARKED] = figures.parked;
    bool is_blocked = wci_processor_is_blocked(station->processor);
    if (!figures.parked && !is_blocked)
        return;
    if (paused_since == WILDCAM_TIME_NONE)
        health->processing = "degraded";
    if (is_blocked)
        add_reason(health, "degraded",
                   "no picture can be looked at for now, and they wait: the log says why");
    if (!figures.parked)
        return;
    add_reason(health, "degraded", "");
    wci_text_add_format(&health->reason,
                        "pictures that cannot be processed and wait for a person: %lld",
                        (long long)figures.parked);
}

wildcam_status wci_station_take_pulse(wildcam_station *station, struct wildcam_health *health)
{
    *health = (struct wildcam_health){
        .status = "ok", .store = "ok", .uploads = "off", .processing = "off"};
    for (size_t i = 0; i < WCI_HEALTH_FIGURES; i++)
        health->figures[i] = -1;
    health->figures[WILDCAM_HEALTH_PICTURES_KEPT] = wci_measures_pictures(&station->measures,
                                                                          WCI_PICTURE_KEPT);
    health->figures[WILDCAM_HEALTH_PICTURES_DUPLICATE] =
        wci_measures_pictures(&station->measures, WCI_PICTURE_DUPLICATE);
    health->figures[WILDCAM_HEALTH_PICTURES_REFUSED] = wci_measures_pictures(&station->measures,
                                                                             WCI_PICTURE_REFUSED);
    health->figures[WILDCAM_HEALTH_DETECTIONS_KEPT] = wci_measures_detections(&station->measures);
    look_at_disk(station, health);
    look_at_store(station, health);
    health->store = health->status;
    look_at_uploads(station, health);
    look_at_alerts(station, health);
    look_at_processing(station, health);
    return health->reason.failed ? wci_fail_memory() : WILDCAM_OK;
}

void wci_health_release(struct wildcam_health *health)
{
    wci_text_free(&health->reason);
}
