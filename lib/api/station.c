#include <wildcam/station.h>

#include <stdlib.h>

#include "api/call.h"
#include "base/memory.h"
#include "model/check.h"
#include "station/health.h"

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
    if (wci_processor_is_within(self->processor))
        status = wci_fail(WILDCAM_ERR_STATE, "a detector cannot stop the station");
    else
        wci_station_stop(self);
    wci_station_leave(self);
    return status;
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

wildcam_status wildcam_station_health(wildcam_station *self, wildcam_health **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_health *health = wci_new(sizeof *health);
    if (!health)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_station_take_pulse(self, health));
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
    wci_health_release(self);
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

const char *wildcam_health_get_processing(const wildcam_health *self)
{
    return self ? self->processing : "off";
}

int64_t wildcam_health_get_figure(const wildcam_health *self, int figure)
{
    return self && figure >= 0 && figure < WCI_HEALTH_FIGURES ? self->figures[figure] : -1;
}
