#include <wildcam/privacy.h>

#include <math.h>

#include "api/call.h"
#include "api/limits.h"
#include "api/query.h"
#include "image/blur.h"
#include "model/camera.h"
#include "station/deployments.h"
#include "station/privacy.h"

enum { BOXES_MAX = 1000 };

static wildcam_status check_boxes(const wildcam_box *boxes, size_t count)
{
    if (count > BOXES_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "a picture has at most %d boxes, not %zu", BOXES_MAX,
                        count);
    if (count && !boxes)
        return wci_fail(WILDCAM_ERR_INVALID, "there are %zu boxes, but boxes is NULL", count);
    for (size_t i = 0; i < count; i++) {
        const wildcam_box *box = &boxes[i];
        if (!isfinite(box->x) || !isfinite(box->y) || !isfinite(box->width) ||
            !isfinite(box->height) || box->width < 0 || box->height < 0)
            return wci_fail(WILDCAM_ERR_INVALID,
                            "box %zu is no box: x, y, width and height are numbers, the last two "
                            "not below 0",
                            i);
        if (!(box->x < 1 && box->y < 1 && box->x + box->width > 0 && box->y + box->height > 0))
            return wci_fail(WILDCAM_ERR_INVALID,
                            "box %zu has no part inside the picture: are its numbers pixels?", i);
    }
    return WILDCAM_OK;
}

wildcam_status wildcam_image_blur(const void *data, size_t size, const wildcam_box *boxes,
                                  size_t count, void **out, size_t *out_size)
{
    struct wci_jpeg_limits limits;
    if (out)
        *out = NULL;
    WCI_BEGIN(data, out, out_size);
    wildcam_status status = check_boxes(boxes, count);
    if (status == WILDCAM_OK)
        status = wci_default_limits(&limits);
    return status == WILDCAM_OK
               ? wci_answer(wci_blur(data, size, &limits, NULL, boxes, count, out, out_size))
               : status;
}

static wildcam_status check_audience(int audience)
{
    if (audience != WILDCAM_AUDIENCE_ADMIN && audience != WILDCAM_AUDIENCE_VIEWER)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no audience", audience);
    return WILDCAM_OK;
}

static wildcam_status get_view(wildcam_station *station, int64_t id, int audience, int *view,
                               int64_t *version)
{
    struct wci_view found;
    wildcam_status status = wci_station_view(station, id, audience, &found);
    if (status != WILDCAM_OK)
        return status;
    *view = found.view;
    if (version)
        *version = found.version;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_get_view(wildcam_station *self, int64_t id, int audience, int *view,
                                        int64_t *version)
{
    WCI_BEGIN(self, view);
    *view = WILDCAM_VIEW_HIDDEN;
    if (version)
        *version = 0;
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, get_view(self, id, audience, view, version));
    return status;
}

wildcam_status wildcam_station_open_picture_for(wildcam_station *self, int64_t id, int audience,
                                                int *fd, int64_t *bytes)
{
    if (fd)
        *fd = -1;
    WCI_BEGIN(self, fd, bytes);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_open_for(self, id, audience, fd, bytes));
    return status;
}

wildcam_status wildcam_station_read_picture_for(wildcam_station *self, int64_t id, int audience,
                                                uint32_t strip, void **data, size_t *size,
                                                int64_t *version)
{
    int64_t ignored;
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wci_check_strip(strip);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status,
                   wci_station_picture_for(self, id, audience, strip, data, size,
                                           version ? version : &ignored));
    return status;
}

wildcam_status wildcam_station_get_thumbnail_for(wildcam_station *self, int64_t id, int audience,
                                                 void **data, size_t *size, int64_t *version)
{
    int64_t ignored;
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status,
                   wci_station_thumbnail_for(self, id, audience, data, size,
                                             version ? version : &ignored));
    return status;
}

wildcam_status wildcam_station_get_image_for(wildcam_station *self, int64_t id, int audience,
                                             wildcam_image **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_get_image(self, id, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_image_for(self, audience, *out));
    if (status != WILDCAM_OK) {
        wildcam_image_free(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wildcam_station_get_detection_for(wildcam_station *self, int64_t id, int audience,
                                                 wildcam_detection **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_get_detection(self, id, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_detections_for(self, audience, *out, 1));
    if (status != WILDCAM_OK) {
        wildcam_detection_free(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wildcam_query_set_audience(wildcam_query *self, int audience)
{
    WCI_BEGIN(self);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        self->audience = audience;
    return status;
}

wildcam_status wildcam_station_get_deployment_for(wildcam_station *self, const char *key,
                                                  int audience, wildcam_deployment **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, key, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_get_deployment(self, key, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_deployments_for(self, audience, *out, 1));
    if (status != WILDCAM_OK) {
        wildcam_deployment_free(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wildcam_station_list_deployments_for(wildcam_station *self, const char *device_id,
                                                    int64_t from, int64_t to, int audience,
                                                    wildcam_deployment_list **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_list_deployments(self, device_id, from, to, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status,
                   wci_station_deployments_for(self, audience, (*out)->deployments, (*out)->count));
    if (status != WILDCAM_OK) {
        wildcam_deployment_list_free(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wildcam_station_get_camera_for(wildcam_station *self, const char *device_id,
                                              int audience, wildcam_camera **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, device_id, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_get_camera(self, device_id, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_camera_for(self, audience, *out));
    if (status != WILDCAM_OK) {
        wildcam_camera_free(*out);
        *out = NULL;
    }
    return status;
}

static wildcam_status blur_cameras(wildcam_station *station, int audience,
                                   wildcam_camera_list *list)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < list->count; i++)
        status = wci_station_camera_for(station, audience, &list->cameras[i]);
    return status;
}

wildcam_status wildcam_station_list_cameras_for(wildcam_station *self, int all, int audience,
                                                wildcam_camera_list **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_audience(audience);
    if (status == WILDCAM_OK)
        status = wildcam_station_list_cameras(self, all, out);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, blur_cameras(self, audience, *out));
    if (status != WILDCAM_OK) {
        wildcam_camera_list_free(*out);
        *out = NULL;
    }
    return status;
}
