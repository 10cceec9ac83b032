#include "station/privacy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/blur.h"
#include "image/strip.h"

enum { UNPROCESSED_HIDE }; /* a choice of privacy.unprocessed */

/* Below 2^53, and not 0. */
static int64_t version_of(const struct wci_people *people)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const unsigned char *bytes = (const unsigned char *)people->boxes;
    for (size_t i = 0; i < people->count * sizeof people->boxes[0]; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return (int64_t)(hash >> 12) + 1;
}

/* Where no detector is named, what a camera or a person has said is all that there is. */
static bool is_known(const wildcam_station *station, const struct wci_people *people)
{
    return people->is_seen &&
           (people->is_processed || !*wci_conf_text(station->conf, WCI_PROCESS_DETECTOR));
}

wildcam_status wci_station_view(wildcam_station *station, int64_t id, int audience,
                                struct wci_view *out)
{
    struct wci_store *store = &station->store;
    int64_t humans = wci_conf_int(station->conf, WCI_PRIVACY_HUMANS);
    out->view = WILDCAM_VIEW_ORIGINAL;
    out->version = 0;
    out->reason = "";
    out->people.count = 0;
    bool is_shown = humans == WCI_HUMANS_SHOW && audience != WCI_AUDIENCE_PUBLIC;
    if (audience == WILDCAM_AUDIENCE_ADMIN || is_shown)
        return WILDCAM_OK;
    wildcam_status status = store->ops->find_people(
        store->backend, id, wci_conf_real(station->conf, WCI_PRIVACY_CONFIDENCE), &out->people);
    if (status != WILDCAM_OK)
        return status;
    if (humans != WCI_HUMANS_SHOW && !is_known(station, &out->people) && out->people.count == 0 &&
        wci_conf_int(station->conf, WCI_PRIVACY_UNPROCESSED) == UNPROCESSED_HIDE) {
        out->view = WILDCAM_VIEW_HIDDEN;
        out->reason = "nobody has looked yet whether people are on it";
    } else if (out->people.count && humans == WCI_HUMANS_HIDE) {
        out->view = WILDCAM_VIEW_HIDDEN;
        out->reason = "people are on it";
    } else if (out->people.count) {
        out->view = WILDCAM_VIEW_BLURRED;
        out->version = version_of(&out->people);
    }
    return WILDCAM_OK;
}

wildcam_status wci_station_is_public(const wildcam_station *station, int64_t id, bool *is_public)
{
    struct wci_people people;
    const struct wci_store *store = &station->store;
    wildcam_status status = store->ops->find_people(
        store->backend, id, wci_conf_real(station->conf, WCI_PRIVACY_CONFIDENCE), &people);
    *is_public = status == WILDCAM_OK && people.count == 0 && is_known(station, &people);
    return status;
}

static wildcam_status hide(int64_t id, const char *reason)
{
    return wci_fail(WILDCAM_ERR_HIDDEN, "picture %lld is shown to admins alone: %s", (long long)id,
                    reason);
}

/* What cannot be blurred is not shown. Takes the data over. */
static wildcam_status blur(wildcam_station *station, int64_t id, const struct wci_view *view,
                           void **data, size_t *size)
{
    struct wci_jpeg_limits limits = wci_station_limits(station);
    void *blurred;
    size_t blurred_size;
    wildcam_status status = wci_blur(*data, *size, &limits, &station->decode_budget,
                                     view->people.boxes, view->people.count, &blurred,
                                     &blurred_size);
    free(*data);
    *data = NULL;
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK)
        return hide(id, "people are on it, and it cannot be blurred");
    *data = blurred;
    *size = blurred_size;
    return WILDCAM_OK;
}

static wildcam_status load(wildcam_station *station, int64_t id, void **data, size_t *size)
{
    wildcam_image image;
    wci_image_init(&image);
    wildcam_status status = station->store.ops->get_image(station->store.backend, id, &image);
    if (status == WILDCAM_OK)
        status = wci_store_load_picture(&station->store, &image, data, size);
    wci_image_release(&image);
    return status;
}

wildcam_status wci_station_picture_for(wildcam_station *station, int64_t id, int audience,
                                       uint32_t strip, void **data, size_t *size)
{
    struct wci_view view;
    *data = NULL;
    wildcam_status status = wci_station_view(station, id, audience, &view);
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_HIDDEN)
        status = hide(id, view.reason);
    if (status == WILDCAM_OK)
        status = load(station, id, data, size);
    if (status == WILDCAM_ERR_RELEASED && view.view == WILDCAM_VIEW_BLURRED)
        return hide(id, "people are on it, and it is in S3 alone, where nothing can be blurred");
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_BLURRED)
        status = blur(station, id, &view, data, size);
    if (status == WILDCAM_OK)
        status = wci_strip(*data, *size, strip);
    if (status != WILDCAM_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

/* The small picture is upright, as the boxes are. */
wildcam_status wci_station_thumbnail_for(wildcam_station *station, int64_t id, int audience,
                                         void **data, size_t *size)
{
    struct wci_view view;
    *data = NULL;
    wildcam_status status = wci_station_view(station, id, audience, &view);
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_HIDDEN)
        return hide(id, view.reason);
    if (status == WILDCAM_OK)
        status = wci_station_thumbnail(station, id, data, size);
    if (status == WILDCAM_ERR_RELEASED && view.view == WILDCAM_VIEW_BLURRED)
        return hide(id, "people are on it, and it is in S3 alone, where nothing can be blurred");
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_BLURRED)
        status = blur(station, id, &view, data, size);
    return status;
}
