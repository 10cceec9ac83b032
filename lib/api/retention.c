#include <wildcam/retention.h>

#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "station/retention.h"

static wildcam_status make(wildcam_retention **out)
{
    *out = wci_new(sizeof **out);
    return *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static wildcam_status give(wildcam_retention *retention, wildcam_status status,
                           wildcam_retention **out)
{
    if (status == WILDCAM_OK)
        *out = retention;
    else
        free(retention);
    return status;
}

wildcam_status wildcam_station_apply_retention(wildcam_station *self, int64_t budget_ms,
                                               wildcam_retention **out)
{
    wildcam_retention *retention;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    if (budget_ms < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "the budget is not below 0");
    if (budget_ms > INT64_MAX / 4000)
        budget_ms = INT64_MAX / 4000;
    wildcam_status status = make(&retention);
    if (status != WILDCAM_OK)
        return status;
    WCI_WITHIN(
        self, status,
        wci_station_apply_retention(self, wci_calendar_monotonic() + budget_ms * 1000, retention));
    return give(retention, status, out);
}

wildcam_status wildcam_station_measure_retention(wildcam_station *self,
                                                 wildcam_progress_fn *progress, void *user,
                                                 wildcam_retention **out)
{
    wildcam_retention *retention;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = make(&retention);
    if (status != WILDCAM_OK)
        return status;
    WCI_WITHIN(self, status, wci_station_measure_retention(self, progress, user, retention));
    return give(retention, status, out);
}

wildcam_status wildcam_station_set_favourite(wildcam_station *self, int64_t image_id, int favourite)
{
    wildcam_status status;
    WCI_BEGIN(self);
    if (favourite != 0 && favourite != 1)
        return wci_fail(WILDCAM_ERR_INVALID, "favourite is 1 or 0, not %d", favourite);
    if (image_id <= 0 || image_id >= INT64_C(1) << 53)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no picture %lld", (long long)image_id);
    WCI_WITHIN(self, status, wci_store_set_favourite(&self->store, image_id, favourite));
    return status;
}

static int64_t sum(const int64_t counts[WCI_RETENTION_REASONS][WCI_CATEGORIES], int reason,
                   int category)
{
    int64_t total = 0;
    for (int r = 0; r < WCI_RETENTION_REASONS; r++)
        for (int c = 0; c < WCI_CATEGORIES; c++)
            if ((reason < 0 || reason == r) && (category < 0 || category == c))
                total += counts[r][c];
    return total;
}

int64_t wildcam_retention_get_images(const wildcam_retention *self, int reason, int category)
{
    return self ? sum(self->pictures, reason, category) : 0;
}

int64_t wildcam_retention_get_bytes(const wildcam_retention *self, int reason, int category)
{
    return self ? sum(self->bytes, reason, category) : 0;
}

int wildcam_retention_is_done(const wildcam_retention *self)
{
    return self && self->is_done;
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_retention_write_json(object, json);
}

wildcam_status wildcam_retention_to_json(const wildcam_retention *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

void wildcam_retention_free(wildcam_retention *self)
{
    free(self);
}
