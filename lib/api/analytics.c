#include <wildcam/analytics.h>

#include <stdlib.h>

#include "api/call.h"
#include "base/memory.h"
#include "model/check.h"
#include "station/analytics.h"

/* What all of them check. The answer goes to the caller, or is freed when the status says so. */
static wildcam_status begin(int64_t days, wildcam_analytics **analytics)
{
    *analytics = NULL;
    if (days < 1 || days > WILDCAM_ANALYTICS_DAYS_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "days is a whole number from 1 to %d, not %lld",
                        WILDCAM_ANALYTICS_DAYS_MAX, (long long)days);
    *analytics = wci_new(sizeof **analytics);
    return *analytics ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static wildcam_status end(wildcam_status status, wildcam_analytics *analytics,
                          wildcam_analytics **out)
{
    if (status == WILDCAM_OK)
        *out = analytics;
    else
        wildcam_analytics_free(analytics);
    return status;
}

wildcam_status wildcam_station_camera_statistics(wildcam_station *self, const char *device_id,
                                                 int64_t days, wildcam_analytics **out)
{
    wildcam_analytics *analytics;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, device_id, out);
    wildcam_status status = begin(days, &analytics);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_statistics(self, device_id, days, analytics));
    return end(status, analytics, out);
}

wildcam_status wildcam_station_species_counts(wildcam_station *self, int64_t days,
                                              wildcam_analytics **out)
{
    wildcam_analytics *analytics;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = begin(days, &analytics);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_species_counts(self, days, analytics));
    return end(status, analytics, out);
}

wildcam_status wildcam_station_activity(wildcam_station *self, int64_t days,
                                        wildcam_analytics **out)
{
    wildcam_analytics *analytics;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = begin(days, &analytics);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_activity(self, days, analytics));
    return end(status, analytics, out);
}

wildcam_status wildcam_station_analytics(wildcam_station *self, const char *species, int64_t days,
                                         wildcam_analytics **out)
{
    wildcam_analytics *analytics;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = wci_check_text("species", species, WCI_SPECIES_MAX, false);
    if (status == WILDCAM_OK)
        status = begin(days, &analytics);
    else
        analytics = NULL;
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_analytics(self, species, days, analytics));
    return end(status, analytics, out);
}

const char *wildcam_analytics_get_json(const wildcam_analytics *self, size_t *size)
{
    bool is_own = self && self->own.length;
    if (size)
        *size = !self ? 0 : is_own ? self->own.length : self->cached->size;
    return !self ? "" : is_own ? self->own.data : self->cached->data;
}

const char *wildcam_analytics_get_device_id(const wildcam_analytics *self)
{
    return self ? self->device_id : "";
}

void wildcam_analytics_free(wildcam_analytics *self)
{
    if (!self)
        return;
    wci_cached_let_go(self->cached);
    wci_text_free(&self->own);
    free(self);
}
