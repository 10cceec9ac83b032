/* Events of a whole station. */
#ifndef WCI_STATION_EVENTS_H
#define WCI_STATION_EVENTS_H

#include "process/place.h"
#include "station/station.h"

/* Does what is owed; trouble goes to the log. */
void wci_station_keep_events(wildcam_station *station, int64_t deadline);

/* Of one camera, or (NULL) of all. */
struct wci_event_grouping {
    const char *device_id;
    int64_t from, to;
    int gap;
    wildcam_progress_fn *progress;
    void *user;
    int64_t changed; /* out */
};
wildcam_status wci_station_group_events(wildcam_station *station,
                                        struct wci_event_grouping *grouping);

#endif
