/* The JSON file that the WildCAM firmware writes beside each picture on its card. */
#ifndef WCI_EXCHANGE_SIDECAR_H
#define WCI_EXCHANGE_SIDECAR_H

#include <stdint.h>

#include "base/text.h"
#include "model/camera.h"

struct wci_sidecar {
    int64_t time;   /* WILDCAM_TIME_NONE when its clock was not set */
    int32_t offset; /* WILDCAM_OFFSET_UNKNOWN: the firmware writes Z behind local time */
    /* NaN where it does not say. */
    double latitude, longitude, altitude;
    double battery_level, battery_voltage, temperature, humidity;
    struct wci_text rest; /* a JSON object: what is not taken over above; "" for nothing */
};

enum { WCI_SIDECAR_MAX = 65536 };

/* INVALID for what is no JSON object, TOOLARGE, NOMEM. What it says that cannot be is left in the
 * rest. A time more than a day after `now` is none. */
wildcam_status wci_sidecar_read(const char *json, size_t size, int64_t now,
                                struct wci_sidecar *sidecar);
void wci_sidecar_free(struct wci_sidecar *sidecar);

#endif
