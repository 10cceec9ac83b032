/* The firmware's side files: whatever stands in one, what is taken over can be. */
#include <jansson.h>
#include <math.h>

#include "exchange/sidecar.h"
#include "fuzz.h"

static const int64_t now = INT64_C(1780000000000000);

static bool is_within(double value, double low, double high)
{
    return isnan(value) || (value >= low && value <= high);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_sidecar sidecar;
    char *text = fuzz_copy(data, size);
    wildcam_status status = wci_sidecar_read(text, size, now, &sidecar);
    free(text);
    if (status != WILDCAM_OK) {
        must(status == WILDCAM_ERR_INVALID || status == WILDCAM_ERR_TOOLARGE);
        return 0;
    }
    must(sidecar.time == WILDCAM_TIME_NONE ||
         (sidecar.time >= WILDCAM_TIME_MIN && sidecar.time <= now + INT64_C(86400000000)));
    must(sidecar.offset == WILDCAM_OFFSET_UNKNOWN || abs(sidecar.offset) < 86400);
    must(is_within(sidecar.latitude, -90, 90) && is_within(sidecar.longitude, -180, 180));
    must(isnan(sidecar.latitude) == isnan(sidecar.longitude));
    must(is_within(sidecar.altitude, -500, 9000));
    must(is_within(sidecar.battery_level, 0, 100) && is_within(sidecar.battery_voltage, 0, 100));
    must(is_within(sidecar.temperature, -100, 150) && is_within(sidecar.humidity, 0, 100));
    if (sidecar.rest.length) {
        json_t *rest = json_loads(wci_text_get(&sidecar.rest), 0, NULL);
        must(json_is_object(rest));
        json_decref(rest);
    }
    wci_sidecar_free(&sidecar);
    return 0;
}
