#include <wildcam/camera.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"

const char *wildcam_camera_status_name(int status)
{
    return wci_camera_status_name(status);
}

wildcam_status wildcam_camera_new(wildcam_camera **out)
{
    WCI_BEGIN(out);
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    wci_camera_init(*out);
    return WILDCAM_OK;
}

void wildcam_camera_free(wildcam_camera *self)
{
    if (!self)
        return;
    wci_camera_release(self);
    free(self);
}

wildcam_status wildcam_camera_set_device_id(wildcam_camera *self, const char *device_id)
{
    WCI_BEGIN(self);
    return wci_take_device_id(&self->device_id, device_id);
}

wildcam_status wildcam_camera_set_config(wildcam_camera *self, const char *config)
{
    WCI_BEGIN(self);
    return wci_camera_set_text(self, WCI_CAMERA_CONFIG, config);
}

wildcam_status wildcam_camera_set_status(wildcam_camera *self, int status)
{
    WCI_BEGIN(self);
    if (status < WILDCAM_CAMERA_ACTIVE || status > WILDCAM_CAMERA_MAINTENANCE)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no state of a camera", status);
    self->status = status;
    self->status_set = true;
    return WILDCAM_OK;
}

wildcam_status wildcam_camera_set_last_seen(wildcam_camera *self, int64_t time)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_time(time, WILDCAM_OFFSET_UNKNOWN,
                                           WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        self->last_seen = time;
    return status;
}

/* The accessors that differ in nothing but their field. */
#define TEXT_ACCESSORS(id, name, max)                                                              \
    wildcam_status wildcam_camera_set_##name(wildcam_camera *self, const char *name)               \
    {                                                                                              \
        WCI_BEGIN(self);                                                                           \
        return wci_camera_set_text(self, WCI_CAMERA_##id, name);                                   \
    }                                                                                              \
    const char *wildcam_camera_get_##name(const wildcam_camera *self)                              \
    {                                                                                              \
        return self ? wci_text_get(&self->texts[WCI_CAMERA_##id]) : "";                            \
    }
WCI_CAMERA_TEXTS(TEXT_ACCESSORS)

#define NUMBER_ACCESSORS(id, name, min, max)                                                       \
    wildcam_status wildcam_camera_set_##name(wildcam_camera *self, double name)                    \
    {                                                                                              \
        WCI_BEGIN(self);                                                                           \
        return wci_camera_set_number(self, WCI_CAMERA_##id, name);                                 \
    }                                                                                              \
    double wildcam_camera_get_##name(const wildcam_camera *self)                                   \
    {                                                                                              \
        return self ? self->numbers[WCI_CAMERA_##id] : NAN;                                        \
    }
WCI_CAMERA_NUMBERS(NUMBER_ACCESSORS)

int64_t wildcam_camera_get_id(const wildcam_camera *self)
{
    return self ? self->id : 0;
}

const char *wildcam_camera_get_device_id(const wildcam_camera *self)
{
    return self ? wci_text_get(&self->device_id) : "";
}

const char *wildcam_camera_get_config(const wildcam_camera *self)
{
    return self ? wci_text_get(&self->texts[WCI_CAMERA_CONFIG]) : "";
}

int wildcam_camera_get_status(const wildcam_camera *self)
{
    return self ? self->status : WILDCAM_CAMERA_ACTIVE;
}

int64_t wildcam_camera_get_last_seen(const wildcam_camera *self)
{
    return self ? self->last_seen : WILDCAM_TIME_NONE;
}

int64_t wildcam_camera_get_created_at(const wildcam_camera *self)
{
    return self ? self->created_at : WILDCAM_TIME_NONE;
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_camera_write_json(object, json);
}

wildcam_status wildcam_camera_to_json(const wildcam_camera *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

static wildcam_status read_camera(wildcam_station *station, const char *device_id, bool or_number,
                                  wildcam_camera **out)
{
    const struct wci_name *name;
    struct wci_store *store = &station->store;
    wildcam_status status = store->ops->find_camera(store->backend, device_id, or_number, &name);
    if (status == WILDCAM_OK)
        status = wildcam_camera_new(out);
    if (status != WILDCAM_OK)
        return status;
    status = store->ops->get_camera(store->backend, name->id, *out);
    if (status != WILDCAM_OK) {
        wildcam_camera_free(*out);
        *out = NULL;
    }
    return status;
}

static wildcam_status put(wildcam_station *station, const wildcam_camera *draft, bool may_create,
                          int *created, wildcam_camera **out)
{
    bool is_new;
    struct wci_store *store = &station->store;
    wildcam_status status = wci_disk_check(station->conf, 0);
    if (status == WILDCAM_OK)
        status = store->ops->put_camera(store->backend, draft, may_create, wci_calendar_now(),
                                        &is_new);
    if (status == WILDCAM_OK && created)
        *created = is_new;
    if (status == WILDCAM_OK && out)
        status = read_camera(station, wci_text_get(&draft->device_id), false, out);
    return status;
}

static wildcam_status needs_device_id(const wildcam_camera *draft)
{
    return draft->device_id.length ? WILDCAM_OK
                                   : wci_fail(WILDCAM_ERR_INVALID, "device_id is required");
}

wildcam_status wildcam_station_put_camera(wildcam_station *self, const wildcam_camera *camera,
                                          int *created, wildcam_camera **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, camera);
    wildcam_status status = needs_device_id(camera);
    wildcam_camera registered = *camera; /* shares the draft's texts */
    registered.is_registered = true;
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, put(self, &registered, true, created, out));
    return status;
}

wildcam_status wildcam_station_report_camera(wildcam_station *self, const wildcam_camera *report)
{
    WCI_BEGIN(self, report);
    wildcam_status status = needs_device_id(report);
    wildcam_camera heard = *report; /* shares the draft's texts */
    heard.last_seen = report->is_brought ? WILDCAM_TIME_NONE : wci_calendar_now();
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, put(self, &heard, false, NULL, NULL));
    return status;
}

wildcam_status wildcam_station_get_camera(wildcam_station *self, const char *device_id,
                                          wildcam_camera **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, device_id, out);
    WCI_WITHIN(self, status, read_camera(self, device_id, true, out));
    return status;
}

/* Takes the camera's texts over. */
static wildcam_status collect(void *user, wildcam_camera *camera)
{
    wildcam_camera_list *list = user;
    void *cameras = list->cameras;
    if (wci_reserve(&cameras, &list->capacity, list->count + 1, sizeof *list->cameras) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    list->cameras = cameras;
    list->cameras[list->count++] = *camera;
    wci_camera_init(camera);
    return WILDCAM_OK;
}

wildcam_status wildcam_station_list_cameras(wildcam_station *self, int all,
                                            wildcam_camera_list **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    if (all != 0 && all != 1)
        return wci_fail(WILDCAM_ERR_INVALID, "all is 0 or 1, not %d", all);
    wildcam_camera_list *list = wci_new(sizeof *list);
    if (!list)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status,
               self->store.ops->list_cameras(self->store.backend, all, collect, list));
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wildcam_camera_list_free(list);
        return wci_error_restore(&error);
    }
    *out = list;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_count_camera_changes(wildcam_station *self, int64_t *changes)
{
    wildcam_status status;
    WCI_BEGIN(self, changes);
    WCI_WITHIN(self, status, self->store.ops->count_camera_changes(self->store.backend, changes));
    return status;
}

void wildcam_camera_list_free(wildcam_camera_list *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        wci_camera_release(&self->cameras[i]);
    free(self->cameras);
    free(self);
}

size_t wildcam_camera_list_get_count(const wildcam_camera_list *self)
{
    return self ? self->count : 0;
}

const wildcam_camera *wildcam_camera_list_at(const wildcam_camera_list *self, size_t index)
{
    return self && index < self->count ? &self->cameras[index] : NULL;
}
