/* Deployments as a station's callers see them. */
#include "station/deployments.h"

#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "process/place.h"

void wci_deployments_release(wildcam_deployment_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        wci_deployment_release(&list->deployments[i]);
    free(list->deployments);
}

/* Takes the deployment over. */
static wildcam_status collect(void *user, wildcam_deployment *deployment)
{
    wildcam_deployment_list *list = user;
    void *deployments = list->deployments;
    if (wci_reserve(&deployments, &list->capacity, list->count + 1, sizeof *list->deployments) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    list->deployments = deployments;
    list->deployments[list->count++] = *deployment;
    wci_deployment_init(deployment);
    return WILDCAM_OK;
}

wildcam_status wci_station_list_deployments(wildcam_station *station, const char *device_id,
                                            int64_t from, int64_t to, wildcam_deployment_list *list)
{
    struct wci_store *store = &station->store;
    const struct wci_name *camera = NULL;
    wildcam_status status = WILDCAM_OK;
    if (device_id)
        status = store->ops->find_camera(store->backend, device_id, false, &camera);
    if (status == WILDCAM_ERR_NOTFOUND)
        return WILDCAM_OK;
    if (status != WILDCAM_OK)
        return status;
    return store->ops->list_deployments(store->backend, camera ? camera->id : 0,
                                        from == WILDCAM_TIME_NONE ? INT64_MIN : from,
                                        to == WILDCAM_TIME_NONE ? INT64_MAX : to, collect, list);
}

wildcam_status wci_station_get_deployment(wildcam_station *station, const char *key,
                                          wildcam_deployment **out)
{
    wildcam_deployment *deployment = wci_new(sizeof *deployment);
    if (!deployment)
        return WILDCAM_ERR_NOMEM;
    wci_deployment_init(deployment);
    wildcam_status status = station->store.ops->get_deployment(station->store.backend, key,
                                                               deployment);
    if (status == WILDCAM_OK) {
        *out = deployment;
        return WILDCAM_OK;
    }
    wci_deployment_release(deployment);
    free(deployment);
    return status;
}

#define EVENTS_PATIENCE (60 * WCI_SECOND)

/* Events follow: pictures that came to have another time, and those beside which a deployment
 * begins or ends. What does not get done is upkeep's, and so it is when the times are not all right
 * yet. */
static void follow_with_events(wildcam_station *station)
{
    bool left;
    int64_t deadline = wci_calendar_monotonic() + EVENTS_PATIENCE;
    if (wci_events_catch_up(&station->store, true, deadline, &left) != WILDCAM_OK)
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "events",
                        "events of a deployment could not be grouped anew yet");
    wci_error_clear();
}

/* `before` and `after` are initialised. */
static wildcam_status change_it(wildcam_station *station, struct wci_deployment_change *change,
                                wildcam_progress_fn *progress, void *user)
{
    struct wci_error error;
    wildcam_status status = wci_store_change_deployment(&station->store, change, progress, user);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_CANCELLED && change->is_kept) {
        wci_error_save(&error);
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "times",
                        "a deployment is as was wished, but not all times were brought to it yet");
        status = wci_error_restore(&error);
    }
    if (status == WILDCAM_OK)
        follow_with_events(station);
    return status;
}

/* What goes out is there before anything is changed: what is kept must not fail any more. */
wildcam_status wci_station_change_deployment(wildcam_station *station,
                                             struct wci_deployment_change *change,
                                             wildcam_progress_fn *progress, void *user,
                                             wildcam_deployment **out)
{
    wildcam_deployment before;
    wildcam_deployment *after = wci_new(sizeof *after);
    if (!after)
        return WILDCAM_ERR_NOMEM;
    wci_deployment_init(&before);
    wci_deployment_init(after);
    change->before = &before;
    change->after = after;
    wildcam_status status = change_it(station, change, progress, user);
    wci_deployment_release(&before);
    bool is_left = status == WILDCAM_ERR_CANCELLED && change->is_kept;
    if (out && (status == WILDCAM_OK || is_left)) {
        after->is_retiming = is_left;
        *out = after;
        return status;
    }
    wci_deployment_release(after);
    free(after);
    return status;
}
