/* One picture before all detectors. */
#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "process/picture.h"
#include "process/worker.h"

void wci_look_init(struct wci_look *look)
{
    *look = (struct wci_look){0};
    wci_image_init(&look->image);
    wci_findings_init(&look->findings);
}

void wci_look_release(struct wci_look *look)
{
    wci_image_release(&look->image);
    wci_findings_release(&look->findings);
}

static wildcam_status detect(const struct wci_process_listener *listener,
                             const struct wci_detector *detector, wildcam_picture *picture,
                             struct wildcam_findings *findings)
{
    wci_error_clear();
    int64_t since = wci_calendar_monotonic();
    wildcam_status status = detector->detect(detector->user, picture, findings);
    int64_t took = wci_calendar_monotonic() - since;
    if (listener->looked && !wci_picture_is_unwanted(picture))
        listener->looked(listener->user, wci_text_get(&detector->name), took, status == WILDCAM_OK);
    return status;
}

static wildcam_status ask_one(const struct wci_process_listener *listener,
                              const struct wci_detector *detector, wildcam_picture *picture,
                              struct wildcam_findings *findings)
{
    wildcam_status status = wci_findings_begin(findings, detector);
    if (status != WILDCAM_OK)
        return status;
    status = detect(listener, detector, picture, findings);
    if (status != WILDCAM_OK)
        return wci_findings_fail(findings, status < 0 ? status : WILDCAM_ERR_INTERNAL);
    wci_findings_end(findings);
    return WILDCAM_OK;
}

/* What cannot be decoded is not shown to detectors. */
static wildcam_status ask_all(const struct wci_worker *worker, wildcam_picture *picture,
                              struct wildcam_findings *findings)
{
    const struct wci_detectors *detectors = &worker->processor->detectors;
    wildcam_status status = wci_picture_prepare(picture);
    for (size_t i = 0; status == WILDCAM_OK && i < detectors->count; i++) {
        if (wci_picture_is_unwanted(picture))
            return wci_fail(WILDCAM_ERR_CANCELLED, "processing is being stopped");
        status = ask_one(&worker->processor->listener, &detectors->list[i], picture, findings);
    }
    return status == WILDCAM_OK ? wci_picture_keep_thumbnail(picture) : status;
}

wildcam_status wci_look_at(struct wci_worker *worker, struct wci_look *look)
{
    wildcam_picture picture;
    const struct wci_detector_host *host = &worker->processor->host;
    wildcam_status status = host->store->ops->get_image(host->store->backend, worker->row.image_id,
                                                        &look->image);
    look->is_ours = status != WILDCAM_OK;
    if (status != WILDCAM_OK)
        return status;
    status = wci_picture_open(&picture, host, &look->image, &worker->is_unwanted);
    if (status == WILDCAM_OK)
        status = ask_all(worker, &picture, &look->findings);
    wci_picture_close(&picture);
    if (status == WILDCAM_OK)
        wci_findings_settle(&look->findings);
    return status;
}

static wildcam_status fill_row(const struct wci_store *store, const wildcam_detection *finding,
                               struct wci_row *row)
{
    int category;
    const char *species;
    wci_detection_settle(finding, &category, &species);
    row->confidence = finding->confidence;
    row->has_box = finding->has_box;
    row->box = finding->box;
    row->metadata = finding->metadata.length ? finding->metadata.data : NULL;
    wildcam_status status = store->ops->find_species(store->backend, category, species,
                                                     &row->species);
    return status == WILDCAM_OK
               ? store->ops->find_detector(store->backend, wci_text_get(&finding->detector),
                                           wci_text_get(&finding->detector_version),
                                           &row->detector_id)
               : status;
}

wildcam_status wci_look_rows(const struct wci_worker *worker, const struct wci_look *look,
                             struct wci_row **rows, const struct wci_name **camera)
{
    const struct wci_store *store = worker->processor->host.store;
    const struct wildcam_findings *findings = &look->findings;
    *rows = wci_new_array(findings->count ? findings->count : 1, sizeof **rows);
    if (!*rows)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = store->ops->find_camera(
        store->backend, wci_text_get(&look->image.device_id), false, camera);
    for (size_t i = 0; status == WILDCAM_OK && i < findings->count; i++) {
        (*rows)[i].camera = *camera;
        (*rows)[i].time = look->image.time;
        (*rows)[i].offset = look->image.offset;
        status = fill_row(store, &findings->list[i], &(*rows)[i]);
    }
    if (status != WILDCAM_OK) {
        free(*rows);
        *rows = NULL;
    }
    return status;
}
