#include "model/camera.h"

#include <math.h>
#include <string.h>

#include <wildcam/time.h>

#include "model/check.h"
#include "model/deployment.h"

const char *const wci_camera_number_names[WCI_CAMERA_NUMBER_COUNT] = {
#define NAME(id, name, min, max) [WCI_CAMERA_##id] = #name,
    WCI_CAMERA_NUMBERS(NAME)
#undef NAME
};

const char *const wci_camera_text_names[WCI_CAMERA_TEXT_COUNT] = {
#define NAME(id, name, max) [WCI_CAMERA_##id] = #name,
    WCI_CAMERA_TEXTS(NAME)
#undef NAME
        [WCI_CAMERA_CONFIG] = "config",
};

static const char *const status_names[] = {
#define NAME(name, value, text) [value] = text,
    WILDCAM_CAMERA_STATUS_LIST(NAME)
#undef NAME
};

enum { STATUSES = sizeof status_names / sizeof status_names[0] };

const char *wci_camera_status_name(int status)
{
    return status >= 0 && status < STATUSES ? status_names[status] : "unknown";
}

int wci_camera_status_find(const char *name)
{
    for (int i = 0; i < STATUSES; i++)
        if (strcmp(name, status_names[i]) == 0)
            return i;
    return -1;
}

void wci_camera_init(wildcam_camera *camera)
{
    *camera = (wildcam_camera){.last_seen = WILDCAM_TIME_NONE, .created_at = WILDCAM_TIME_NONE};
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        camera->numbers[i] = NAN;
}

void wci_camera_release(wildcam_camera *camera)
{
    wci_text_free(&camera->device_id);
    for (int i = 0; i < WCI_CAMERA_TEXT_COUNT; i++)
        wci_text_free(&camera->texts[i]);
}

wildcam_status wci_camera_set_number(wildcam_camera *camera, enum wci_camera_number field,
                                     double value)
{
    static const struct {
        double min, max;
    } limits[] = {
#define LIMIT(id, name, min, max) {min, max},
        WCI_CAMERA_NUMBERS(LIMIT)
#undef LIMIT
    };
    wildcam_status status = wci_check_number(wci_camera_number_names[field], value,
                                             limits[field].min, limits[field].max);
    if (status != WILDCAM_OK)
        return status;
    camera->numbers[field] = value;
    camera->numbers_set |= 1U << field;
    return WILDCAM_OK;
}

wildcam_status wci_camera_set_text(wildcam_camera *camera, enum wci_camera_text field,
                                   const char *value)
{
    static const size_t limits[] = {
#define LIMIT(id, name, max) max,
        WCI_CAMERA_TEXTS(LIMIT)
#undef LIMIT
    };
    const char *name = wci_camera_text_names[field];
    wildcam_status status = field == WCI_CAMERA_CONFIG
                                ? wci_take_json(&camera->texts[field], name, value)
                                : wci_take_text(&camera->texts[field], name, value, limits[field]);
    if (status == WILDCAM_OK)
        camera->texts_set |= 1U << field;
    return status;
}

void wci_camera_blur_place(wildcam_camera *camera, double radius)
{
    wci_place_blur(radius, &camera->numbers[WCI_CAMERA_LATITUDE],
                   &camera->numbers[WCI_CAMERA_LONGITUDE]);
    camera->numbers[WCI_CAMERA_ALTITUDE] = NAN;
    wci_text_free(&camera->texts[WCI_CAMERA_CONFIG]);
}

void wci_camera_write_json(const wildcam_camera *camera, struct wci_json *json)
{
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", camera->id);
    wci_json_text_or_null(json, "device_id", wci_text_get(&camera->device_id));
    wci_json_text(json, "status", wci_camera_status_name(camera->status));
    for (int i = 0; i < WCI_CAMERA_CONFIG; i++)
        wci_json_text_or_null(json, wci_camera_text_names[i], wci_text_get(&camera->texts[i]));
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        wci_json_real(json, wci_camera_number_names[i], camera->numbers[i]);
    wci_json_raw(json, "config", wci_text_get(&camera->texts[WCI_CAMERA_CONFIG]));
    wci_json_time(json, "last_seen", camera->last_seen, 0);
    wci_json_time(json, "created_at", camera->created_at, 0);
    wci_json_close(json, '}');
}
