/* Answers about the last days, through the station's cache. */
#ifndef WCI_STATION_ANALYTICS_H
#define WCI_STATION_ANALYTICS_H

#include "base/cache.h"
#include "model/check.h"
#include "station/station.h"

struct wildcam_analytics {
    struct wci_cached *cached;
    char device_id[WCI_DEVICE_ID_MAX + 1]; /* "" for all cameras */
    struct wci_text own; /* the answer where it is more than what is shared; else empty */
};

/* The days were checked; so was the species, which may be NULL. */
wildcam_status wci_station_statistics(wildcam_station *station, const char *device_id, int64_t days,
                                      struct wildcam_analytics *out);
wildcam_status wci_station_species_counts(wildcam_station *station, int64_t days,
                                          struct wildcam_analytics *out);
wildcam_status wci_station_activity(wildcam_station *station, int64_t days,
                                    struct wildcam_analytics *out);
wildcam_status wci_station_analytics(wildcam_station *station, const char *species, int64_t days,
                                     struct wildcam_analytics *out);

#endif
