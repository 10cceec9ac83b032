#include "station/privacy.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "image/blur.h"
#include "image/strip.h"
#include "model/deployment.h"
#include "model/detection.h"

enum { UNPROCESSED_HIDE }; /* a choice of privacy.unprocessed */

/* Below 2^53, and not 0. */
static int64_t version_of(const struct wci_view *view)
{
    uint64_t hash = wci_hash_add(WCI_HASH_BEGIN, view->people.boxes,
                                 view->people.count * sizeof view->people.boxes[0]);
    return (int64_t)(wci_hash_add(hash, &view->strip, sizeof view->strip) >> 12) + 1;
}

static wildcam_status widen(void *user, wildcam_deployment *deployment)
{
    double *radius = user, own = deployment->numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS];
    if (own > *radius) /* not when it is not known */
        *radius = own;
    return WILDCAM_OK;
}

wildcam_status wci_station_privacy_radius(wildcam_station *station, int64_t camera_id,
                                          double *radius)
{
    *radius = 0;
    return station->store.ops->list_deployments(station->store.backend, camera_id, INT64_MIN,
                                                INT64_MAX, widen, radius);
}

/* Where no detector is named, what a camera or a person has said is all that there is. */
static bool is_known(const wildcam_station *station, const struct wci_people *people)
{
    return people->is_seen &&
           (people->is_processed || !*wci_conf_text(station->conf, WCI_PROCESS_DETECTOR));
}

/* What becomes of the people on it. */
static void judge(const wildcam_station *station, int audience, struct wci_view *out)
{
    int64_t humans = wci_conf_int(station->conf, WCI_PRIVACY_HUMANS);
    bool is_shown = humans == WCI_HUMANS_SHOW;
    if (is_shown && audience != WCI_AUDIENCE_PUBLIC)
        out->people.count = 0;
    if (!is_shown && !is_known(station, &out->people) && out->people.count == 0 &&
        wci_conf_int(station->conf, WCI_PRIVACY_UNPROCESSED) == UNPROCESSED_HIDE) {
        out->view = WILDCAM_VIEW_HIDDEN;
        out->reason = "nobody has looked yet whether people are on it";
    } else if (out->people.count && humans == WCI_HUMANS_HIDE) {
        out->view = WILDCAM_VIEW_HIDDEN;
        out->reason = "people are on it";
    } else if (out->people.count) {
        out->view = WILDCAM_VIEW_BLURRED;
        out->reason = "people are on it";
    } else if (out->strip) {
        out->view = WILDCAM_VIEW_STRIPPED;
        out->reason = "it tells where it was taken";
    }
    if (out->view == WILDCAM_VIEW_BLURRED || out->view == WILDCAM_VIEW_STRIPPED)
        out->version = version_of(out);
}

wildcam_status wci_station_view(wildcam_station *station, int64_t id, int audience,
                                struct wci_view *out)
{
    double radius;
    struct wci_store *store = &station->store;
    out->view = WILDCAM_VIEW_ORIGINAL;
    out->version = 0;
    out->strip = 0;
    out->reason = "";
    out->people.count = 0;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        return WILDCAM_OK;
    wildcam_status status = store->ops->find_people(
        store->backend, id, wci_conf_real(station->conf, WCI_PRIVACY_CONFIDENCE), &out->people);
    if (status == WILDCAM_OK)
        status = wci_station_privacy_radius(station, out->people.camera_id, &radius);
    if (status != WILDCAM_OK)
        return status;
    if (radius > 0)
        out->strip = WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL;
    judge(station, audience, out);
    return WILDCAM_OK;
}

wildcam_status wci_station_camera_for(wildcam_station *station, int audience,
                                      wildcam_camera *camera)
{
    double radius = 0;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        return WILDCAM_OK;
    wildcam_status status = wci_station_privacy_radius(station, camera->id, &radius);
    if (radius > 0)
        wci_camera_blur_place(camera, radius);
    return status;
}

/* One that hides nothing may be at the place of one that does. */
wildcam_status wci_station_deployments_for(wildcam_station *station, int audience,
                                           wildcam_deployment *deployments, size_t count)
{
    wildcam_status status = WILDCAM_OK;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        return WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        double radius = 0;
        status = wci_station_privacy_radius(station, deployments[i].camera_id, &radius);
        if (!(radius > 0))
            continue;
        deployments[i].numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS] = radius;
        wci_deployment_blur(&deployments[i]);
        wci_text_empty(&deployments[i].texts[WILDCAM_DEPLOYMENT_EXTRA]);
    }
    return status;
}

/* The digest names the original where the bucket and the CDN have it. */
wildcam_status wci_station_image_for(wildcam_station *station, int audience, wildcam_image *image)
{
    double radius = 0;
    struct wci_view view;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        return WILDCAM_OK;
    wildcam_status status = wci_station_view(station, image->id, audience, &view);
    if (status == WILDCAM_OK && view.strip)
        status = wci_station_privacy_radius(station, image->camera_id, &radius);
    if (status != WILDCAM_OK)
        return status;
    if (view.strip)
        wci_image_blur_place(image, radius);
    if (view.view != WILDCAM_VIEW_ORIGINAL)
        image->sha256_text[0] = '\0';
    return WILDCAM_OK;
}

/* What came along may tell coordinates. Neighbours are often of one camera. */
wildcam_status wci_station_detections_for(wildcam_station *station, int audience,
                                          wildcam_detection *detections, size_t count)
{
    double radius = 0;
    int64_t camera_id = 0;
    wildcam_status status = WILDCAM_OK;
    if (audience == WILDCAM_AUDIENCE_ADMIN)
        return WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        if (!detections[i].metadata.length)
            continue;
        if (detections[i].camera_id != camera_id) {
            camera_id = detections[i].camera_id;
            status = wci_station_privacy_radius(station, camera_id, &radius);
        }
        if (radius > 0)
            wci_text_empty(&detections[i].metadata);
    }
    return status;
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

static wildcam_status hide_elsewhere(int64_t id, const struct wci_view *view)
{
    return wci_fail(WILDCAM_ERR_HIDDEN,
                    "picture %lld is shown to admins alone: %s, and it is in S3 alone, where "
                    "nothing can be taken out",
                    (long long)id, view->reason);
}

static wildcam_status look(wildcam_station *station, int64_t id, int audience,
                           struct wci_view *view)
{
    wildcam_status status = wci_station_view(station, id, audience, view);
    return status == WILDCAM_OK && view->view == WILDCAM_VIEW_HIDDEN ? hide(id, view->reason)
                                                                     : status;
}

static wildcam_status get_image(wildcam_station *station, int64_t id, wildcam_image *image)
{
    wci_image_init(image);
    return station->store.ops->get_image(station->store.backend, id, image);
}

wildcam_status wci_station_open_for(wildcam_station *station, int64_t id, int audience, int *fd,
                                    int64_t *bytes)
{
    struct wci_view view;
    wildcam_image image;
    wildcam_status status = look(station, id, audience, &view);
    if (status != WILDCAM_OK)
        return status;
    if (view.view != WILDCAM_VIEW_ORIGINAL)
        return wci_fail(WILDCAM_ERR_STATE, "picture %lld is shown as a copy: %s", (long long)id,
                        view.reason);
    status = get_image(station, id, &image);
    if (status == WILDCAM_OK)
        status = wci_pictures_read(&station->store.pictures, &image, fd);
    if (status == WILDCAM_OK)
        *bytes = image.bytes;
    wci_image_release(&image);
    return status;
}

wildcam_status wci_station_picture_for(wildcam_station *station, int64_t id, int audience,
                                       uint32_t strip, void **data, size_t *size, int64_t *version)
{
    struct wci_view view;
    wildcam_image image;
    *data = NULL;
    wildcam_status status = look(station, id, audience, &view);
    if (status != WILDCAM_OK)
        return status;
    *version = view.version;
    status = get_image(station, id, &image);
    if (status == WILDCAM_OK)
        status = wci_store_load_picture(&station->store, &image, data, size);
    wci_image_release(&image);
    if (status == WILDCAM_ERR_RELEASED && view.view != WILDCAM_VIEW_ORIGINAL)
        return hide_elsewhere(id, &view);
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_BLURRED)
        status = blur(station, id, &view, data, size);
    if (status == WILDCAM_OK)
        status = wci_strip(*data, *size, strip | view.strip);
    if (status != WILDCAM_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

/* The small picture is upright, as the boxes are, and tells no place; what it is called in S3 tells
 * what the large one is. */
wildcam_status wci_station_thumbnail_for(wildcam_station *station, int64_t id, int audience,
                                         void **data, size_t *size, int64_t *version)
{
    struct wci_view view;
    *data = NULL;
    wildcam_status status = look(station, id, audience, &view);
    if (status != WILDCAM_OK)
        return status;
    *version = view.version;
    status = wci_station_thumbnail(station, id, data, size);
    if (status == WILDCAM_ERR_RELEASED && view.view != WILDCAM_VIEW_ORIGINAL)
        return hide_elsewhere(id, &view);
    if (status == WILDCAM_OK && view.view == WILDCAM_VIEW_BLURRED)
        status = blur(station, id, &view, data, size);
    return status;
}
