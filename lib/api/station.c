#include <wildcam/station.h>

#include <stdlib.h>

#include "api/call.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"

wildcam_status wildcam_station_open(const wildcam_conf *conf, wildcam_station **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(conf, out);
    return wci_answer(wci_station_open(conf, out));
}

void wildcam_station_close(wildcam_station *self)
{
    if (self)
        wci_station_close(self);
}

wildcam_status wildcam_station_start(wildcam_station *self)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_station_start(self));
    return status;
}

wildcam_status wildcam_station_stop(wildcam_station *self)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_station_enter(self);
    if (status != WILDCAM_OK)
        return status;
    wci_station_stop(self);
    wci_station_leave(self);
    return WILDCAM_OK;
}

wildcam_status wildcam_station_maintain(wildcam_station *self, int64_t budget_ms)
{
    WCI_BEGIN(self);
    if (budget_ms < 0 || budget_ms > INT32_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "the budget is 0 to %d milliseconds, not %lld",
                        INT32_MAX, (long long)budget_ms);
    wildcam_status status = wci_station_enter(self);
    if (status != WILDCAM_OK)
        return status;
    wci_station_maintain(self, budget_ms);
    wci_station_leave(self);
    wci_error_clear(); /* trouble went to the log */
    return WILDCAM_OK;
}

wildcam_status wildcam_station_purge(wildcam_station *self, int64_t before, int64_t *shards,
                                     int64_t *pictures)
{
    int64_t purged = 0, deleted = 0;
    WCI_BEGIN(self);
    wildcam_status status = wci_check_time(before, WILDCAM_OFFSET_UNKNOWN,
                                           WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_store_purge(&self->store, before, &purged, &deleted));
    if (shards)
        *shards = purged;
    if (pictures)
        *pictures = deleted;
    return status;
}

wildcam_status wildcam_station_measure_purge(wildcam_station *self, int64_t before, int64_t *shards,
                                             int64_t *pictures, int64_t *bytes)
{
    int64_t found_shards = 0, found_pictures = 0, found_bytes = 0;
    WCI_BEGIN(self);
    wildcam_status status = wci_check_time(before, WILDCAM_OFFSET_UNKNOWN,
                                           WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status,
                   wci_store_measure_purge(&self->store, before, &found_shards, &found_pictures,
                                           &found_bytes));
    if (status != WILDCAM_OK)
        return status;
    if (shards)
        *shards = found_shards;
    if (pictures)
        *pictures = found_pictures;
    if (bytes)
        *bytes = found_bytes;
    return WILDCAM_OK;
}

struct wildcam_health {
    const char *status, *store, *uploads;
    struct wci_text reason;
    int64_t figures[13];
};

static void add_reason(wildcam_health *health, const char *status, const char *words)
{
    if (health->status[0] != 'd' || health->status[1] != 'o') /* down stays down */
        health->status = status;
    wci_text_add_format(&health->reason, "%s%s", health->reason.length ? "; " : "", words);
}

static void look_at_disk(wildcam_station *station, wildcam_health *health)
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

static void look_at_store(wildcam_station *station, wildcam_health *health)
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

static void look_at_uploads(wildcam_station *station, wildcam_health *health)
{
    struct wci_upload_figures figures = {0};
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

static wildcam_status take_pulse(wildcam_station *station, wildcam_health *health)
{
    health->status = "ok";
    for (size_t i = 0; i < sizeof health->figures / sizeof health->figures[0]; i++)
        health->figures[i] = -1;
    health->figures[WILDCAM_HEALTH_PICTURES_KEPT] = station->pictures_kept;
    health->figures[WILDCAM_HEALTH_PICTURES_DUPLICATE] = station->pictures_duplicate;
    health->figures[WILDCAM_HEALTH_PICTURES_REFUSED] = station->pictures_refused;
    health->figures[WILDCAM_HEALTH_DETECTIONS_KEPT] = station->detections_kept;
    look_at_disk(station, health);
    look_at_store(station, health);
    health->store = health->status;
    look_at_uploads(station, health);
    return health->reason.failed ? wci_fail_memory() : WILDCAM_OK;
}

wildcam_status wildcam_station_health(wildcam_station *self, wildcam_health **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_health *health = wci_new(sizeof *health);
    if (!health)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, take_pulse(self, health));
    if (status == WILDCAM_OK)
        *out = health;
    else
        wildcam_health_free(health);
    return status;
}

void wildcam_health_free(wildcam_health *self)
{
    if (!self)
        return;
    wci_text_free(&self->reason);
    free(self);
}

const char *wildcam_health_get_status(const wildcam_health *self)
{
    return self ? self->status : "down";
}

const char *wildcam_health_get_reason(const wildcam_health *self)
{
    return self ? wci_text_get(&self->reason) : "";
}

const char *wildcam_health_get_store(const wildcam_health *self)
{
    return self ? self->store : "down";
}

const char *wildcam_health_get_uploads(const wildcam_health *self)
{
    return self ? self->uploads : "off";
}

int64_t wildcam_health_get_figure(const wildcam_health *self, int figure)
{
    int count = (int)(sizeof self->figures / sizeof self->figures[0]);
    return self && figure >= 0 && figure < count ? self->figures[figure] : -1;
}
