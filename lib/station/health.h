/* How the station does: the one place where what can be asked for is found out. */
#ifndef WCI_STATION_HEALTH_H
#define WCI_STATION_HEALTH_H

#include "base/text.h"
#include "station/station.h"

enum {
#define WCI_HEALTH_COUNT(name, value, text) +1
    WCI_HEALTH_FIGURES = 0 WILDCAM_HEALTH_LIST(WCI_HEALTH_COUNT)
#undef WCI_HEALTH_COUNT
};

struct wildcam_health {
    const char *status, *store, *uploads, *processing;
    struct wci_text reason;
    int64_t figures[WCI_HEALTH_FIGURES]; /* -1: not known */
};

/* Within wci_station_enter(). The health is released also when memory ran out. */
wildcam_status wci_station_take_pulse(wildcam_station *station, struct wildcam_health *health);
void wci_health_release(struct wildcam_health *health);

#endif
