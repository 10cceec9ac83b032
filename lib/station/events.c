#include "station/events.h"

#include <stdlib.h>

#include "base/memory.h"

void wci_station_keep_events(wildcam_station *station, int64_t deadline)
{
    bool left;
    wildcam_status status = wci_events_catch_up(&station->store, false, deadline, &left);
    if (status == WILDCAM_OK) {
        station->has_told_events = false;
        return;
    }
    if (!atomic_exchange(&station->has_told_events, true)) /* until it can be done again */
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "events",
                        "pictures could not be grouped into events");
    wci_error_clear();
}

struct cameras {
    int64_t *ids;
    size_t count, capacity;
};

static wildcam_status add_camera(void *user, wildcam_camera *camera)
{
    struct cameras *cameras = user;
    void *ids = cameras->ids;
    wildcam_status status = wci_reserve(&ids, &cameras->capacity, cameras->count + 1,
                                        sizeof *cameras->ids);
    cameras->ids = ids;
    if (status == WILDCAM_OK)
        cameras->ids[cameras->count++] = camera->id;
    return status;
}

static wildcam_status find_cameras(wildcam_station *station, const char *device_id,
                                   struct cameras *cameras)
{
    const struct wci_name *name;
    struct wci_store *store = &station->store;
    if (!device_id)
        return store->ops->list_cameras(store->backend, true, add_camera, cameras);
    wildcam_status status = store->ops->find_camera(store->backend, device_id, false, &name);
    if (status == WILDCAM_ERR_NOTFOUND)
        return wci_fail(status, "camera \"%.60s\" is not registered", device_id);
    if (status != WILDCAM_OK)
        return status;
    wildcam_camera camera = {.id = name->id};
    return add_camera(cameras, &camera);
}

struct telling {
    const struct wci_event_grouping *grouping;
    int64_t before; /* of the cameras that are done */
};

static bool tell(void *user, int64_t seen)
{
    const struct telling *telling = user;
    const struct wci_event_grouping *grouping = telling->grouping;
    return grouping->progress(grouping->user, "events", telling->before + seen, 0) == 0;
}

wildcam_status wci_station_group_events(wildcam_station *station,
                                        struct wci_event_grouping *grouping)
{
    struct cameras cameras = {0};
    struct telling telling = {.grouping = grouping};
    wildcam_status status = find_cameras(station, grouping->device_id, &cameras);
    grouping->changed = 0;
    for (size_t i = 0; status == WILDCAM_OK && i < cameras.count; i++) {
        struct wci_events_order order = {.camera_id = cameras.ids[i],
                                         .from = grouping->from,
                                         .to = grouping->to,
                                         .gap = grouping->gap,
                                         .goes_on = grouping->progress ? tell : NULL,
                                         .user = &telling};
        status = wci_events_group_anew(&station->store, &order);
        grouping->changed += order.changed;
        telling.before += order.seen;
    }
    free(cameras.ids);
    return status;
}
