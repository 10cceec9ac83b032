#include "model/retention.h"

#include <wildcam/detection.h>

#include "base/calendar.h"
#include "model/detection.h"

int64_t wci_retention_age(int64_t captured_at, int64_t received_at)
{
    if (captured_at > received_at + WCI_DAY)
        return received_at;
    return captured_at > received_at ? captured_at : received_at;
}

int wci_retention_category(uint32_t seen)
{
    static const int order[] = {WILDCAM_CATEGORY_HUMAN, WILDCAM_CATEGORY_ANIMAL,
                                WILDCAM_CATEGORY_VEHICLE, WILDCAM_CATEGORY_UNKNOWN,
                                WILDCAM_CATEGORY_UNCLASSIFIED};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (seen & 1U << order[i])
            return order[i];
    return WILDCAM_CATEGORY_BLANK;
}

void wci_retention_write_json(const wildcam_retention *retention, struct wci_json *json)
{
    static const char *const reasons[] = {"age", "space"};
    wci_json_open(json, NULL, '{');
    wci_json_bool(json, "done", retention->is_done);
    for (int reason = 0; reason < WCI_RETENTION_REASONS; reason++) {
        wci_json_open(json, reasons[reason], '{');
        for (int category = 0; category < WCI_CATEGORIES; category++) {
            wci_json_open(json, wci_category_name(category), '{');
            wci_json_int(json, "images", retention->pictures[reason][category]);
            wci_json_int(json, "bytes", retention->bytes[reason][category]);
            wci_json_close(json, '}');
        }
        wci_json_close(json, '}');
    }
    wci_json_close(json, '}');
}
