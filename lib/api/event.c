#include <wildcam/event.h>

#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "model/event.h"
#include "station/events.h"

int64_t wildcam_event_get_id(const wildcam_event *self)
{
    return self ? self->id : 0;
}

int64_t wildcam_event_get_camera_id(const wildcam_event *self)
{
    return self ? self->camera_id : 0;
}

const char *wildcam_event_get_device_id(const wildcam_event *self)
{
    return self ? wci_text_get(&self->device_id) : "";
}

const char *wildcam_event_get_deployment(const wildcam_event *self)
{
    return self ? wci_text_get(&self->deployment) : "";
}

int64_t wildcam_event_get_start(const wildcam_event *self)
{
    return self ? self->start : WILDCAM_TIME_NONE;
}

int64_t wildcam_event_get_end(const wildcam_event *self)
{
    return self ? self->end : WILDCAM_TIME_NONE;
}

int32_t wildcam_event_get_offset(const wildcam_event *self)
{
    return self ? self->offset : WILDCAM_OFFSET_UNKNOWN;
}

int64_t wildcam_event_get_images(const wildcam_event *self)
{
    return self ? self->pictures : 0;
}

int wildcam_event_get_gap(const wildcam_event *self)
{
    return self ? self->gap : 0;
}

int64_t wildcam_event_get_last_image_id(const wildcam_event *self)
{
    return self ? self->last_image : 0;
}

const char *wildcam_event_get_species(const wildcam_event *self, size_t index, int *category)
{
    if (!self || index >= self->species_count)
        return NULL;
    if (category)
        *category = self->species[index].category;
    return wci_text_get(&self->species[index].name);
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_event_write_json(object, json);
}

wildcam_status wildcam_event_to_json(const wildcam_event *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

wildcam_status wildcam_station_place_events(wildcam_station *self, int64_t budget_ms, int *left)
{
    wildcam_status status;
    bool some = false;
    if (left)
        *left = 0;
    WCI_BEGIN(self);
    if (budget_ms < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "the budget is not below 0");
    if (budget_ms > INT64_MAX / 4000)
        budget_ms = INT64_MAX / 4000;
    WCI_WITHIN(self, status,
               wci_events_catch_up(&self->store, false, wci_calendar_monotonic() + budget_ms * 1000,
                                   &some));
    if (left)
        *left = some;
    return status;
}

static wildcam_status check_span(int64_t from, int64_t to, int gap)
{
    if (gap < 0 || gap > WCI_EVENT_GAP_MAX)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the gap is 1 to %d seconds, or 0 for events.gap, not %d",
                        WCI_EVENT_GAP_MAX, gap);
    if (to < from)
        return wci_fail(WILDCAM_ERR_INVALID, "the range ends before it begins");
    return WILDCAM_OK;
}

wildcam_status wildcam_station_group_events(wildcam_station *self, const char *device_id,
                                            int64_t from, int64_t to, int gap_seconds,
                                            wildcam_progress_fn *progress, void *user,
                                            int64_t *changed)
{
    struct wci_event_grouping grouping = {.device_id = device_id,
                                          .from = from == WILDCAM_TIME_NONE ? WILDCAM_TIME_MIN
                                                                            : from,
                                          .to = to == WILDCAM_TIME_NONE ? WILDCAM_TIME_END : to,
                                          .gap = gap_seconds,
                                          .progress = progress,
                                          .user = user};
    if (changed)
        *changed = 0;
    WCI_BEGIN(self);
    wildcam_status status = check_span(grouping.from, grouping.to, gap_seconds);
    if (status != WILDCAM_OK)
        return status;
    if (!gap_seconds)
        grouping.gap = (int)wci_conf_int(self->conf, WCI_EVENTS_GAP);
    WCI_WITHIN(self, status, wci_station_group_events(self, &grouping));
    if (changed)
        *changed = grouping.changed;
    return status;
}
