#include <wildcam/privacy.h>

#include <math.h>

#include "api/call.h"
#include "api/limits.h"
#include "image/blur.h"

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
