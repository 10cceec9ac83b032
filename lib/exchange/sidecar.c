#include "exchange/sidecar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/json_read.h"
#include "base/memory.h"

/* What the firmware calls clocks that tell the date. Beside them there are "Not Set" and "millis",
 * whose times are none. */
static bool is_clock(const char *source)
{
    static const char *const clocks[] = {"NTP", "External RTC", "Internal RTC", "Manual", "GPS"};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        if (strncmp(source, clocks[i], strlen(clocks[i])) == 0)
            return true;
    return false;
}

/* "2026-03-01T10:15:00Z" is made of the clock's local time, whatever zone that is in: its Z says
 * nothing. A number is the time since the camera was switched on. */
static void take_time(json_t *root, int64_t now, struct wci_sidecar *sidecar)
{
    const char *text = json_string_value(json_object_get(root, "timestamp"));
    const char *source = json_string_value(json_object_get(root, "time_source"));
    int64_t time;
    int32_t offset;
    int is_date;
    if (!text || (source && !is_clock(source)) ||
        !wci_calendar_parse(text, &time, &offset, &is_date) || is_date || time > now + WCI_DAY)
        return;
    sidecar->time = time;
    size_t length = strlen(text);
    if (length && text[length - 1] != 'Z' && text[length - 1] != 'z')
        sidecar->offset = offset;
    json_object_del(root, "timestamp");
}

/* A number within its limits. */
static double look_up(json_t *object, const char *name, double least, double most)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_number(value))
        return NAN;
    double number = json_number_value(value);
    return number >= least && number <= most ? number : NAN;
}

/* The same, which goes out of the object then. */
static double take(json_t *object, const char *name, double least, double most)
{
    double number = look_up(object, name, least, most);
    if (!isnan(number))
        json_object_del(object, name);
    return number;
}

static void drop_if_empty(json_t *root, const char *name)
{
    json_t *object = json_object_get(root, name);
    if (json_is_object(object) && json_object_size(object) == 0)
        json_object_del(root, name);
}

/* 0, 0 is what the firmware writes while its receiver knows no place. */
static void take_place(json_t *root, struct wci_sidecar *sidecar)
{
    json_t *gps = json_object_get(root, "gps");
    json_t *north = json_object_get(gps, "latitude"), *east = json_object_get(gps, "longitude");
    if (!json_is_number(north) || !json_is_number(east))
        return;
    double latitude = json_number_value(north), longitude = json_number_value(east);
    if (!(fabs(latitude) <= 90) || !(fabs(longitude) <= 180) || (latitude == 0 && longitude == 0))
        return;
    sidecar->latitude = take(gps, "latitude", -90, 90);
    sidecar->longitude = take(gps, "longitude", -180, 180);
    sidecar->altitude = take(gps, "altitude", -500, 9000);
    drop_if_empty(root, "gps");
}

/* What says how the camera does. It stands in the rest too: it is a fact about the picture, and the
 * camera keeps but the newest. 0 degrees and 0 percent of humidity together are a sensor that is
 * not there. */
static void read_state(json_t *root, struct wci_sidecar *sidecar)
{
    json_t *environment = json_object_get(root, "environment");
    sidecar->battery_level = look_up(root, "battery_percent", 0, 100);
    sidecar->battery_voltage = look_up(root, "battery_voltage", 0, 100);
    sidecar->temperature = look_up(environment, "temperature", -100, 150);
    sidecar->humidity = look_up(environment, "humidity", 0, 100);
    if (sidecar->temperature == 0 && sidecar->humidity == 0)
        sidecar->temperature = sidecar->humidity = NAN;
}

static wildcam_status keep_rest(json_t *root, struct wci_sidecar *sidecar)
{
    if (json_object_size(root) == 0)
        return WILDCAM_OK;
    /* Fifteen digits are what a number that somebody wrote comes back with as it was. */
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        return wci_fail_memory();
    wildcam_status status = wci_text_set(&sidecar->rest, text, strlen(text));
    free(text);
    return status;
}

wildcam_status wci_sidecar_read(const char *json, size_t size, int64_t now,
                                struct wci_sidecar *sidecar)
{
    json_error_t error;
    json_t *root = NULL;
    *sidecar = (struct wci_sidecar){.time = WILDCAM_TIME_NONE,
                                    .offset = WILDCAM_OFFSET_UNKNOWN,
                                    .latitude = NAN,
                                    .longitude = NAN,
                                    .altitude = NAN,
                                    .battery_level = NAN,
                                    .battery_voltage = NAN,
                                    .temperature = NAN,
                                    .humidity = NAN};
    if (size > WCI_SIDECAR_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "a side file has at most %d bytes, not %zu",
                        WCI_SIDECAR_MAX, size);
    wildcam_status status = wci_json_read(json, size, &root, &error);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK || !json_is_object(root)) {
        json_decref(root);
        return wci_fail(WILDCAM_ERR_INVALID, "the side file is no JSON object%s%.100s",
                        status == WILDCAM_OK ? "" : ": ", status == WILDCAM_OK ? "" : error.text);
    }
    take_time(root, now, sidecar);
    take_place(root, sidecar);
    read_state(root, sidecar);
    status = keep_rest(root, sidecar);
    json_decref(root);
    if (status != WILDCAM_OK)
        wci_sidecar_free(sidecar);
    return status;
}

void wci_sidecar_free(struct wci_sidecar *sidecar)
{
    wci_text_free(&sidecar->rest);
}
