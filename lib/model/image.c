#include "model/image.h"

#include <math.h>
#include <string.h>

#include "model/deployment.h"
#include "model/time_source.h"

const char *wci_capture_name(int capture)
{
    static const char *const names[] = {
#define NAME(name, value, text) [value] = text,
        WILDCAM_CAPTURE_LIST(NAME)
#undef NAME
    };
    return names[capture > 0 && capture <= WILDCAM_CAPTURE_TIMELAPSE ? capture : 0];
}

void wci_image_init(wildcam_image *image)
{
    *image = (wildcam_image){.time = WILDCAM_TIME_NONE,
                             .received_at = WILDCAM_TIME_NONE,
                             .clock_time = WILDCAM_TIME_NONE,
                             .clock_offset = WILDCAM_OFFSET_UNKNOWN,
                             .event_gap = -1,
                             .released_at = WILDCAM_TIME_NONE,
                             .offset = WILDCAM_OFFSET_UNKNOWN,
                             .orientation = 1,
                             .latitude = NAN,
                             .longitude = NAN,
                             .altitude = NAN,
                             .temperature = NAN,
                             .event_number = -1,
                             .sequence_number = -1,
                             .sequence_length = -1};
}

void wci_image_release(wildcam_image *image)
{
    wci_text_free(&image->device_id);
    wci_text_free(&image->file_name);
    wci_text_free(&image->metadata);
}

void wci_image_set_digest(wildcam_image *image, const unsigned char sha256[WCI_DIGEST_BYTES])
{
    memcpy(image->sha256, sha256, WCI_DIGEST_BYTES);
    wci_digest_to_text(sha256, image->sha256_text);
}

void wci_image_blur_place(wildcam_image *image, double radius)
{
    wci_place_blur(radius, &image->latitude, &image->longitude);
    image->altitude = NAN;
    image->serial_number[0] = '\0';
    wci_text_free(&image->metadata); /* side files tell coordinates, clients whatever they like */
}

static void write_count(struct wci_json *json, const char *name, int64_t value)
{
    if (value < 0)
        wci_json_null(json, name);
    else
        wci_json_int(json, name, value);
}

void wci_image_write_json(const wildcam_image *image, struct wci_json *json)
{
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", image->id);
    wci_json_int(json, "camera_id", image->camera_id);
    wci_json_text_or_null(json, "device_id", wci_text_get(&image->device_id));
    wci_json_time(json, "timestamp", image->time, image->offset);
    if (image->offset == WILDCAM_OFFSET_UNKNOWN)
        wci_json_null(json, "utc_offset");
    else
        wci_json_int(json, "utc_offset", image->offset);
    wci_json_text(json, "time_source", wci_time_source_name(image->time_source));
    /* null where nothing was corrected */
    wci_json_time(json, "clock_timestamp", image->clock_time, image->clock_offset);
    wci_json_time(json, "received_at", image->received_at, 0);
    wci_json_int(json, "bytes", image->bytes);
    wci_json_int(json, "width", image->width);
    wci_json_int(json, "height", image->height);
    wci_json_int(json, "orientation", image->orientation);
    wci_json_int(json, "trailing_bytes", image->trailing_bytes);
    wci_json_text_or_null(json, "sha256", image->sha256_text);
    wci_json_text_or_null(json, "make", image->make);
    wci_json_text_or_null(json, "model", image->model);
    wci_json_text_or_null(json, "serial_number", image->serial_number);
    wci_json_real(json, "latitude", image->latitude);
    wci_json_real(json, "longitude", image->longitude);
    wci_json_real(json, "altitude", image->altitude);
    wci_json_real(json, "temperature", image->temperature);
    wci_json_text_or_null(json, "capture_method", wci_capture_name(image->capture));
    write_count(json, "event_number", image->event_number);
    write_count(json, "sequence_number", image->sequence_number);
    write_count(json, "sequence_length", image->sequence_length);
    if (image->event_id)
        wci_json_int(json, "event_id", image->event_id);
    else
        wci_json_null(json, "event_id");
    wci_json_bool(json, "favourite", image->favourite);
    wci_json_text_or_null(json, "file_name", wci_text_get(&image->file_name));
    wci_json_raw(json, "metadata", wci_text_get(&image->metadata));
    wci_json_close(json, '}');
}
