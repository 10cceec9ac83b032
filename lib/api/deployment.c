#include <wildcam/deployment.h>

#include <math.h>
#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"
#include "station/deployments.h"

const char *wildcam_deployment_text_name(int field)
{
    return field >= 0 && field < WCI_DEPLOYMENT_TEXT_COUNT ? wci_deployment_text_names[field] : "";
}

const char *wildcam_deployment_number_name(int field)
{
    return field >= 0 && field < WCI_DEPLOYMENT_NUMBER_COUNT ? wci_deployment_number_names[field]
                                                             : "";
}

const char *wildcam_deployment_flag_name(int field)
{
    return field >= 0 && field < WCI_DEPLOYMENT_FLAG_COUNT ? wci_deployment_flag_names[field] : "";
}

wildcam_status wildcam_deployment_new(wildcam_deployment **out)
{
    WCI_BEGIN(out);
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    wci_deployment_init(*out);
    return WILDCAM_OK;
}

wildcam_status wildcam_deployment_copy(const wildcam_deployment *self, wildcam_deployment **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_deployment *copy = wci_new(sizeof *copy);
    wildcam_status status = copy ? wci_deployment_copy(copy, self) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        *out = copy;
    else
        free(copy);
    return status;
}

void wildcam_deployment_free(wildcam_deployment *self)
{
    if (!self)
        return;
    wci_deployment_release(self);
    free(self);
}

wildcam_status wildcam_deployment_set_key(wildcam_deployment *self, const char *key)
{
    WCI_BEGIN(self);
    return wci_deployment_take_key(&self->key, key);
}

wildcam_status wildcam_deployment_set_device_id(wildcam_deployment *self, const char *device_id)
{
    WCI_BEGIN(self);
    return wci_take_device_id(&self->device_id, device_id);
}

wildcam_status wildcam_deployment_set_span(wildcam_deployment *self, int64_t start, int64_t end)
{
    WCI_BEGIN(self);
    return wci_deployment_set_span(self, start, end);
}

wildcam_status wildcam_deployment_set_offset(wildcam_deployment *self, int32_t offset)
{
    WCI_BEGIN(self);
    return wci_deployment_set_offset(self, offset);
}

wildcam_status wildcam_deployment_set_correction(wildcam_deployment *self, int64_t wrong,
                                                 int64_t right)
{
    WCI_BEGIN(self);
    return wci_deployment_set_correction(self, wrong, right);
}

wildcam_status wildcam_deployment_set_text(wildcam_deployment *self, int field, const char *value)
{
    WCI_BEGIN(self);
    return wci_deployment_set_text(self, field, value);
}

wildcam_status wildcam_deployment_set_number(wildcam_deployment *self, int field, double value)
{
    WCI_BEGIN(self);
    return wci_deployment_set_number(self, field, value);
}

wildcam_status wildcam_deployment_set_flag(wildcam_deployment *self, int field, int value)
{
    WCI_BEGIN(self);
    return wci_deployment_set_flag(self, field, value);
}

wildcam_status wildcam_deployment_add_failure(wildcam_deployment *self, int64_t from, int64_t to,
                                              const char *reason)
{
    WCI_BEGIN(self);
    return wci_deployment_add_failure(self, from, to, reason);
}

wildcam_status wildcam_deployment_clear_failures(wildcam_deployment *self)
{
    WCI_BEGIN(self);
    wci_deployment_clear_failures(self);
    return WILDCAM_OK;
}

/* The getters: NULL reads as a draft that says nothing. */
#define GETTER(type, name, expression, without)                                                    \
    type wildcam_deployment_##name(const wildcam_deployment *self)                                 \
    {                                                                                              \
        return self ? (expression) : (without);                                                    \
    }

GETTER(int64_t, get_id, self->id, 0)
GETTER(const char *, get_key, wci_text_get(&self->key), "")
GETTER(const char *, get_device_id, wci_text_get(&self->device_id), "")
GETTER(int64_t, get_camera_id, self->camera_id, 0)
GETTER(int64_t, get_start, self->start, WILDCAM_TIME_NONE)
GETTER(int64_t, get_end, self->end, WILDCAM_TIME_NONE)
GETTER(int32_t, get_offset, self->offset, WILDCAM_OFFSET_UNKNOWN)
GETTER(int64_t, get_wrong_time, self->wrong, WILDCAM_TIME_NONE)
GETTER(int64_t, get_right_time, self->right, WILDCAM_TIME_NONE)
GETTER(size_t, get_failure_count, self->failure_count, 0)
GETTER(int, is_retiming, self->is_retiming, 0)

const char *wildcam_deployment_get_text(const wildcam_deployment *self, int field)
{
    return self && field >= 0 && field < WCI_DEPLOYMENT_TEXT_COUNT
               ? wci_text_get(&self->texts[field])
               : "";
}

double wildcam_deployment_get_number(const wildcam_deployment *self, int field)
{
    return self && field >= 0 && field < WCI_DEPLOYMENT_NUMBER_COUNT ? self->numbers[field] : NAN;
}

int wildcam_deployment_get_flag(const wildcam_deployment *self, int field)
{
    return self && field >= 0 && field < WCI_DEPLOYMENT_FLAG_COUNT ? self->flags[field] : -1;
}

wildcam_status wildcam_deployment_get_failure(const wildcam_deployment *self, size_t index,
                                              int64_t *from, int64_t *to, const char **reason)
{
    WCI_BEGIN(self);
    if (index >= self->failure_count)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "the deployment has %zu failures, not %zu",
                        self->failure_count, index + 1);
    const struct wci_failure *failure = &self->failures[index];
    if (from)
        *from = failure->from;
    if (to)
        *to = failure->to;
    if (reason)
        *reason = wci_text_get(&failure->reason);
    return WILDCAM_OK;
}

int64_t wildcam_deployment_get_effort(const wildcam_deployment *self, int64_t from, int64_t to)
{
    if (!self || self->start == WILDCAM_TIME_NONE)
        return 0;
    return wci_deployment_effort(self, from, to == WILDCAM_TIME_NONE ? INT64_MAX : to,
                                 wci_calendar_now());
}

wildcam_status wildcam_deployment_blur(wildcam_deployment *self)
{
    WCI_BEGIN(self);
    wci_deployment_blur(self);
    return WILDCAM_OK;
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_deployment_write_json(object, json);
}

wildcam_status wildcam_deployment_to_json(const wildcam_deployment *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

wildcam_status wildcam_station_add_deployment(wildcam_station *self,
                                              const wildcam_deployment *draft,
                                              wildcam_progress_fn *progress, void *user,
                                              wildcam_deployment **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, draft);
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_ADD, .draft = draft};
    WCI_WITHIN(self, status, wci_station_change_deployment(self, &change, progress, user, out));
    return status;
}

wildcam_status wildcam_station_change_deployment(wildcam_station *self, const char *key,
                                                 const wildcam_deployment *draft,
                                                 wildcam_progress_fn *progress, void *user,
                                                 wildcam_deployment **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, key, draft);
    struct wci_deployment_change change = {
        .step = WCI_DEPLOYMENTS_CHANGE, .key = key, .draft = draft};
    WCI_WITHIN(self, status, wci_station_change_deployment(self, &change, progress, user, out));
    return status;
}

wildcam_status wildcam_station_remove_deployment(wildcam_station *self, const char *key,
                                                 wildcam_progress_fn *progress, void *user)
{
    wildcam_status status;
    WCI_BEGIN(self, key);
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_REMOVE, .key = key};
    WCI_WITHIN(self, status, wci_station_change_deployment(self, &change, progress, user, NULL));
    return status;
}

wildcam_status wildcam_station_retime(wildcam_station *self, wildcam_progress_fn *progress,
                                      void *user)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_store_retime(&self->store, progress, user));
    return status;
}

wildcam_status wildcam_station_get_deployment(wildcam_station *self, const char *key,
                                              wildcam_deployment **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, key, out);
    WCI_WITHIN(self, status, wci_station_get_deployment(self, key, out));
    return status;
}

wildcam_status wildcam_station_list_deployments(wildcam_station *self, const char *device_id,
                                                int64_t from, int64_t to,
                                                wildcam_deployment_list **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_deployment_list *list = wci_new(sizeof *list);
    if (!list)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_station_list_deployments(self, device_id, from, to, list));
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wildcam_deployment_list_free(list);
        return wci_error_restore(&error);
    }
    *out = list;
    return WILDCAM_OK;
}

void wildcam_deployment_list_free(wildcam_deployment_list *self)
{
    if (!self)
        return;
    wci_deployments_release(self);
    free(self);
}

size_t wildcam_deployment_list_get_count(const wildcam_deployment_list *self)
{
    return self ? self->count : 0;
}

const wildcam_deployment *wildcam_deployment_list_at(const wildcam_deployment_list *self,
                                                     size_t index)
{
    return self && index < self->count ? &self->deployments[index] : NULL;
}
