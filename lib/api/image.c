#include <wildcam/image.h>

#include <math.h>
#include <stdlib.h>

#include "api/call.h"
#include "api/json.h"
#include "api/limits.h"
#include "base/memory.h"
#include "image/probe.h"
#include "image/strip.h"
#include "image/thumbnail.h"

enum { BOX_MIN = 16, BOX_MAX = 4096, STRIP_ALL = WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL };

const char *wildcam_capture_name(int capture)
{
    return wci_capture_name(capture);
}

static wildcam_status image_new(wildcam_image **out)
{
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    wci_image_init(*out);
    return WILDCAM_OK;
}

void wildcam_image_free(wildcam_image *self)
{
    if (!self)
        return;
    wci_image_release(self);
    free(self);
}

/* The getters: NULL reads as a picture of which nothing is known. */
#define NUMBER(type, name, field, without)                                                         \
    type wildcam_image_get_##name(const wildcam_image *self)                                       \
    {                                                                                              \
        return self ? self->field : (without);                                                     \
    }
#define TEXT(name, expression)                                                                     \
    const char *wildcam_image_get_##name(const wildcam_image *self)                                \
    {                                                                                              \
        return self ? (expression) : "";                                                           \
    }

NUMBER(int64_t, id, id, 0)
NUMBER(int64_t, camera_id, camera_id, 0)
TEXT(device_id, wci_text_get(&self->device_id))
NUMBER(int64_t, time, time, WILDCAM_TIME_NONE)
NUMBER(int32_t, offset, offset, WILDCAM_OFFSET_UNKNOWN)
NUMBER(int, time_source, time_source, WILDCAM_TIME_SOURCE_UNKNOWN)

int64_t wildcam_image_get_clock_time(const wildcam_image *self)
{
    if (!self)
        return WILDCAM_TIME_NONE;
    return self->clock_time == WILDCAM_TIME_NONE ? self->time : self->clock_time;
}

int32_t wildcam_image_get_clock_offset(const wildcam_image *self)
{
    if (!self)
        return WILDCAM_OFFSET_UNKNOWN;
    return self->clock_time == WILDCAM_TIME_NONE ? self->offset : self->clock_offset;
}

NUMBER(int64_t, received_at, received_at, WILDCAM_TIME_NONE)
NUMBER(int64_t, bytes, bytes, 0)
NUMBER(int, width, width, 0)
NUMBER(int, height, height, 0)
NUMBER(int, orientation, orientation, 1)
NUMBER(int64_t, trailing_bytes, trailing_bytes, 0)
TEXT(sha256, self->sha256_text)
TEXT(make, self->make)
TEXT(model, self->model)
TEXT(serial_number, self->serial_number)
NUMBER(double, latitude, latitude, NAN)
NUMBER(double, longitude, longitude, NAN)
NUMBER(double, altitude, altitude, NAN)
NUMBER(double, temperature, temperature, NAN)
NUMBER(int, capture, capture, WILDCAM_CAPTURE_UNKNOWN)
NUMBER(int64_t, event_number, event_number, -1)
NUMBER(int, sequence_number, sequence_number, -1)
NUMBER(int, sequence_length, sequence_length, -1)
NUMBER(int64_t, event_id, event_id, 0)
NUMBER(int, favourite, favourite, 0)
TEXT(file_name, wci_text_get(&self->file_name))
TEXT(metadata, wci_text_get(&self->metadata))

static void write_json(const void *object, struct wci_json *json)
{
    wci_image_write_json(object, json);
}

wildcam_status wildcam_image_to_json(const wildcam_image *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

wildcam_status wci_default_limits(struct wci_jpeg_limits *limits)
{
    wildcam_conf *conf;
    wildcam_status status = wci_conf_new(&conf);
    if (status != WILDCAM_OK)
        return status;
    *limits = (struct wci_jpeg_limits){wci_conf_int(conf, WCI_IMAGES_MAX_PIXELS),
                                       wci_conf_int(conf, WCI_IMAGES_MAX_SCANS),
                                       wci_conf_int(conf, WCI_IMAGES_DECODE_BYTES)};
    wci_conf_free(conf);
    return WILDCAM_OK;
}

wildcam_status wildcam_image_probe(const void *data, size_t size, wildcam_image **out)
{
    struct wci_jpeg_limits limits;
    if (out)
        *out = NULL;
    WCI_BEGIN(data, out);
    wildcam_image *image;
    wildcam_status status = wci_default_limits(&limits);
    if (status == WILDCAM_OK)
        status = image_new(&image);
    if (status != WILDCAM_OK)
        return status;
    status = wci_answer(wci_probe(data, size, &limits, image));
    if (status == WILDCAM_OK)
        *out = image;
    else
        wildcam_image_free(image);
    return status;
}

wildcam_status wildcam_image_thumbnail(const void *data, size_t size, int width, int height,
                                       void **out, size_t *out_size)
{
    struct wci_jpeg_limits limits;
    if (out)
        *out = NULL;
    WCI_BEGIN(data, out, out_size);
    if (width < BOX_MIN || width > BOX_MAX || height < BOX_MIN || height > BOX_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "a thumbnail is %d to %d pixels each way, not %d x %d",
                        BOX_MIN, BOX_MAX, width, height);
    wildcam_status status = wci_default_limits(&limits);
    return status == WILDCAM_OK ? wci_answer(wci_thumbnail_make(data, size, &limits, NULL, width,
                                                                height, out, out_size))
                                : status;
}

wildcam_status wci_check_strip(uint32_t what)
{
    if (what & ~(uint32_t)STRIP_ALL)
        return wci_fail(WILDCAM_ERR_INVALID, "%u is no sum of the WILDCAM_STRIP_ values", what);
    return WILDCAM_OK;
}

wildcam_status wildcam_image_strip(const void *data, size_t size, uint32_t what, void **out,
                                   size_t *out_size)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(data, out, out_size);
    wildcam_status status = wci_check_strip(what);
    if (status != WILDCAM_OK)
        return status;
    void *copy = wci_copy_bytes(data, size);
    if (!copy)
        return WILDCAM_ERR_NOMEM;
    status = wci_answer(wci_strip(copy, size, what));
    if (status != WILDCAM_OK) {
        free(copy);
        return status;
    }
    *out = copy;
    *out_size = size;
    return WILDCAM_OK;
}

static wildcam_status get(wildcam_station *station, int64_t id, wildcam_image **out)
{
    wildcam_image *image;
    wildcam_status status = image_new(&image);
    if (status != WILDCAM_OK)
        return status;
    status = station->store.ops->get_image(station->store.backend, id, image);
    if (status == WILDCAM_OK)
        *out = image;
    else
        wildcam_image_free(image);
    return status;
}

wildcam_status wildcam_station_get_image(wildcam_station *self, int64_t id, wildcam_image **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    WCI_WITHIN(self, status, get(self, id, out));
    return status;
}

static wildcam_status open_picture(wildcam_station *station, int64_t id, int *fd, int64_t *bytes)
{
    wildcam_image *image;
    wildcam_status status = get(station, id, &image);
    if (status != WILDCAM_OK)
        return status;
    status = wci_pictures_read(&station->store.pictures, image, fd);
    if (status == WILDCAM_OK && bytes)
        *bytes = image->bytes;
    wildcam_image_free(image);
    return status;
}

wildcam_status wildcam_station_open_picture(wildcam_station *self, int64_t id, int *fd,
                                            int64_t *bytes)
{
    wildcam_status status;
    if (fd)
        *fd = -1;
    WCI_BEGIN(self, fd);
    WCI_WITHIN(self, status, open_picture(self, id, fd, bytes));
    return status;
}

static wildcam_status read_picture(wildcam_station *station, int64_t id, uint32_t strip,
                                   void **data, size_t *size)
{
    wildcam_image *image;
    wildcam_status status = get(station, id, &image);
    if (status != WILDCAM_OK)
        return status;
    status = wci_store_load_picture(&station->store, image, data, size);
    wildcam_image_free(image);
    if (status == WILDCAM_OK)
        status = wci_strip(*data, *size, strip);
    if (status != WILDCAM_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

wildcam_status wildcam_station_read_picture(wildcam_station *self, int64_t id, uint32_t strip,
                                            void **data, size_t *size)
{
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    wildcam_status status = wci_check_strip(strip);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, read_picture(self, id, strip, data, size));
    return status;
}

wildcam_status wildcam_station_get_thumbnail(wildcam_station *self, int64_t id, void **data,
                                             size_t *size)
{
    wildcam_status status;
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    WCI_WITHIN(self, status, wci_station_thumbnail(self, id, data, size));
    return status;
}
