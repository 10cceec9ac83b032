#include <wildcam/ingest.h>

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/call.h"
#include "base/calendar.h"
#include "base/file.h"
#include "exchange/sidecar.h"
#include "model/check.h"
#include "station/ingest.h"

enum { CHUNK = 64 * 1024 };

wildcam_status wildcam_ingest_begin(wildcam_station *station, wildcam_ingest **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(station, out);
    WCI_WITHIN(station, status, wci_ingest_begin(station, out));
    return status;
}

void wildcam_ingest_free(wildcam_ingest *self)
{
    if (self)
        wci_ingest_free(self);
}

void wildcam_ingest_abort(wildcam_ingest *self)
{
    if (self)
        wci_ingest_abort(self);
}

wildcam_status wildcam_ingest_set_device_id(wildcam_ingest *self, const char *device_id)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_ingest_must_be_open(self);
    return status == WILDCAM_OK ? wci_take_device_id(&self->device_id, device_id) : status;
}

static wildcam_status set_moment(wildcam_ingest *self, struct wci_moment *moment, int64_t time,
                                 int32_t offset, int source)
{
    wildcam_status status = wci_ingest_must_be_open(self);
    if (status == WILDCAM_OK)
        status = wci_check_time(time, offset, source);
    if (status == WILDCAM_OK)
        *moment = (struct wci_moment){time, offset, source};
    return status;
}

wildcam_status wildcam_ingest_set_time(wildcam_ingest *self, int64_t time, int32_t offset,
                                       int source)
{
    WCI_BEGIN(self);
    return set_moment(self, &self->given, time, offset, source);
}

wildcam_status wildcam_ingest_set_fallback_time(wildcam_ingest *self, int64_t time, int32_t offset,
                                                int source)
{
    WCI_BEGIN(self);
    return set_moment(self, &self->fallback, time, offset, source);
}

wildcam_status wildcam_ingest_set_file_name(wildcam_ingest *self, const char *file_name)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_ingest_must_be_open(self);
    return status == WILDCAM_OK
               ? wci_take_text(&self->image.file_name, "file_name", file_name, WCI_FILE_NAME_MAX)
               : status;
}

wildcam_status wildcam_ingest_set_from_card(wildcam_ingest *self)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_ingest_must_be_open(self);
    self->is_brought |= status == WILDCAM_OK;
    return status;
}

wildcam_status wildcam_ingest_set_metadata(wildcam_ingest *self, const char *metadata)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_ingest_must_be_open(self);
    return status == WILDCAM_OK ? wci_take_json(&self->image.metadata, "metadata", metadata)
                                : status;
}

static void set_state(wildcam_camera *state, enum wci_camera_number field, double value)
{
    if (!isnan(value))
        wci_camera_set_number(state, field, value); /* which is within its limits */
}

static void take_state(const struct wci_sidecar *sidecar, wildcam_camera *state)
{
    set_state(state, WCI_CAMERA_BATTERY_LEVEL, sidecar->battery_level);
    set_state(state, WCI_CAMERA_BATTERY_VOLTAGE, sidecar->battery_voltage);
    set_state(state, WCI_CAMERA_TEMPERATURE, sidecar->temperature);
    set_state(state, WCI_CAMERA_HUMIDITY, sidecar->humidity);
}

static wildcam_status take_sidecar(wildcam_ingest *self, const struct wci_sidecar *sidecar)
{
    wildcam_image *image = &self->image;
    wildcam_status status = wci_take_json(&image->metadata, "metadata",
                                          wci_text_get(&sidecar->rest));
    if (status != WILDCAM_OK)
        return status;
    if (sidecar->time != WILDCAM_TIME_NONE)
        self->given = (struct wci_moment){sidecar->time, sidecar->offset,
                                          WILDCAM_TIME_SOURCE_SIDECAR};
    image->latitude = sidecar->latitude;
    image->longitude = sidecar->longitude;
    image->altitude = sidecar->altitude;
    return WILDCAM_OK;
}

wildcam_status wildcam_ingest_set_sidecar(wildcam_ingest *self, const void *json, size_t size,
                                          wildcam_camera *state, int64_t *time)
{
    struct wci_sidecar sidecar;
    WCI_BEGIN(self, json);
    wildcam_status status = wci_ingest_must_be_open(self);
    if (status == WILDCAM_OK)
        status = wci_sidecar_read(json, size, wci_calendar_now(), &sidecar);
    if (status != WILDCAM_OK)
        return status;
    status = take_sidecar(self, &sidecar);
    if (status == WILDCAM_OK && state) {
        take_state(&sidecar, state);
        state->is_brought = self->is_brought;
    }
    if (status == WILDCAM_OK && time)
        *time = sidecar.time;
    wci_sidecar_free(&sidecar);
    return status;
}

wildcam_status wildcam_ingest_add_detection(wildcam_ingest *self,
                                            const wildcam_detection *detection)
{
    WCI_BEGIN(self, detection);
    wildcam_status status = wci_ingest_must_be_open(self);
    return status == WILDCAM_OK ? wci_ingest_add_detection(self, detection) : status;
}

wildcam_status wildcam_ingest_write(wildcam_ingest *self, const void *data, size_t size)
{
    WCI_BEGIN(self, data);
    wildcam_status status = wci_ingest_must_be_open(self);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self->station, status, wci_ingest_write(self, data, size));
    return status;
}

wildcam_status wildcam_ingest_commit(wildcam_ingest *self)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_ingest_must_be_open(self);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self->station, status, wci_ingest_commit(self));
    return status;
}

int64_t wildcam_ingest_get_image_id(const wildcam_ingest *self)
{
    return self && self->state == WCI_INGEST_KEPT ? self->image.id : 0;
}

int64_t wildcam_ingest_get_detection_id(const wildcam_ingest *self)
{
    return self && self->state == WCI_INGEST_KEPT ? self->detection_id : 0;
}

int wildcam_ingest_is_duplicate(const wildcam_ingest *self)
{
    return self && self->is_duplicate;
}

static wildcam_status finish(wildcam_ingest *ingest, const char *device_id, int64_t *image_id,
                             int *duplicate)
{
    wildcam_status status = wci_take_device_id(&ingest->device_id, device_id);
    if (status == WILDCAM_OK)
        status = wci_ingest_commit(ingest);
    if (status == WILDCAM_OK && image_id)
        *image_id = ingest->image.id;
    if (status == WILDCAM_OK && duplicate)
        *duplicate = ingest->is_duplicate;
    return status;
}

static wildcam_status ingest_bytes(wildcam_station *station, const char *device_id,
                                   const void *data, size_t size, int64_t *image_id, int *duplicate)
{
    wildcam_ingest *ingest;
    wildcam_status status = wci_ingest_begin(station, &ingest);
    if (status != WILDCAM_OK)
        return status;
    status = wci_ingest_write(ingest, data, size);
    if (status == WILDCAM_OK)
        status = finish(ingest, device_id, image_id, duplicate);
    wci_ingest_free(ingest);
    return status;
}

wildcam_status wildcam_station_ingest(wildcam_station *self, const char *device_id,
                                      const void *data, size_t size, int64_t *image_id,
                                      int *duplicate)
{
    WCI_BEGIN(self, device_id, data);
    wildcam_status status = wci_check_device_id(device_id);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, ingest_bytes(self, device_id, data, size, image_id, duplicate));
    return status;
}

static wildcam_status write_file(wildcam_ingest *ingest, int fd, const char *path)
{
    char chunk[CHUNK];
    size_t got;
    do {
        wildcam_status status = wci_file_read(fd, path, chunk, sizeof chunk, &got);
        if (status == WILDCAM_OK)
            status = wci_ingest_write(ingest, chunk, got);
        if (status != WILDCAM_OK)
            return status;
    } while (got == sizeof chunk);
    return WILDCAM_OK;
}

static void name_file(wildcam_ingest *ingest, const char *path)
{
    int64_t time;
    const char *slash = strrchr(path, '/');
    /* A name that cannot be kept is no reason to lose the picture. */
    if (wci_take_text(&ingest->image.file_name, "file_name", slash ? slash + 1 : path,
                      WCI_FILE_NAME_MAX) != WILDCAM_OK)
        wci_text_empty(&ingest->image.file_name);
    if (wildcam_time_from_path(path, &time) == WILDCAM_OK)
        ingest->given = (struct wci_moment){time, WILDCAM_OFFSET_UNKNOWN,
                                            WILDCAM_TIME_SOURCE_FILENAME};
    wci_error_clear();
}

static wildcam_status ingest_file(wildcam_station *station, const char *device_id, const char *path,
                                  int64_t *image_id, int *duplicate)
{
    wildcam_ingest *ingest;
    int fd;
    int64_t bytes;
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) /* opening a pipe would wait */
        return wci_fail(WILDCAM_ERR_INVALID, "%s is %s", path,
                        S_ISDIR(found.st_mode) ? "a directory" : "not a file");
    wildcam_status status = wci_file_open(path, &fd, &bytes);
    if (status != WILDCAM_OK)
        return status;
    status = wci_ingest_begin(station, &ingest);
    if (status == WILDCAM_OK) {
        name_file(ingest, path);
        status = write_file(ingest, fd, path);
        if (status == WILDCAM_OK)
            status = finish(ingest, device_id, image_id, duplicate);
        if (wci_ingest_is_refusal(status))
            wci_error_prefix("%.300s", path);
        wci_ingest_free(ingest);
    }
    close(fd);
    return status;
}

wildcam_status wildcam_station_ingest_file(wildcam_station *self, const char *device_id,
                                           const char *path, int64_t *image_id, int *duplicate)
{
    WCI_BEGIN(self, device_id, path);
    wildcam_status status = wci_check_device_id(device_id);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, ingest_file(self, device_id, path, image_id, duplicate));
    return status;
}
