/* Deployments as a station's callers see them. All within wci_station_enter(). */
#ifndef WCI_STATION_DEPLOYMENTS_H
#define WCI_STATION_DEPLOYMENTS_H

#include "model/deployment.h"
#include "station/station.h"

struct wildcam_deployment_list {
    wildcam_deployment *deployments;
    size_t count, capacity;
};

void wci_deployments_release(wildcam_deployment_list *list);
/* Into an empty list; what it holds after a failure is to be released, too. A device id that is
 * not known has none; NULL is all. */
wildcam_status wci_station_list_deployments(wildcam_station *station, const char *device_id,
                                            int64_t from, int64_t to,
                                            wildcam_deployment_list *list);
wildcam_status wci_station_get_deployment(wildcam_station *station, const char *key,
                                          wildcam_deployment **out);
/* Takes the step and brings times to it; `out` may be NULL. */
wildcam_status wci_station_change_deployment(wildcam_station *station,
                                             struct wci_deployment_change *change,
                                             wildcam_progress_fn *progress, void *user,
                                             wildcam_deployment **out);

#endif
