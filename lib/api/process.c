#include <wildcam/process.h>

#include "api/call.h"
#include "model/check.h"
#include "process/findings.h"

enum { REASON_MAX = 500 };

wildcam_status wildcam_station_add_detector(wildcam_station *self, const char *name,
                                            const char *version, wildcam_detector_fn *fn,
                                            void *user)
{
    wildcam_status status;
    WCI_BEGIN(self, name);
    if (!fn)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the function is NULL", __func__);
    WCI_WITHIN(self, status, wci_processor_add_detector(self->processor, name, version, fn, user));
    return status;
}

const wildcam_image *wildcam_picture_get_image(const wildcam_picture *self)
{
    return self ? wci_picture_image(self) : NULL;
}

const char *wildcam_picture_get_device_id(const wildcam_picture *self)
{
    return self ? wci_text_get(&wci_picture_image(self)->device_id) : "";
}

const char *wildcam_picture_get_path(const wildcam_picture *self)
{
    return self ? wci_picture_path(self) : "";
}

wildcam_status wildcam_picture_read(wildcam_picture *self, const void **data, size_t *size)
{
    if (data)
        *data = NULL;
    WCI_BEGIN(self, data, size);
    return wci_answer(wci_picture_bytes(self, data, size));
}

int wildcam_picture_get_cancelled(const wildcam_picture *self)
{
    return !self || wci_picture_is_unwanted(self);
}

wildcam_status wildcam_findings_add(wildcam_findings *self, int category, const char *species,
                                    double confidence, const wildcam_box *box, const char *metadata)
{
    WCI_BEGIN(self);
    if (category < -1)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no category", category);
    return wci_answer(wci_findings_add(self, category, species, confidence, box, metadata));
}

wildcam_status wildcam_findings_add_blank(wildcam_findings *self, double confidence)
{
    WCI_BEGIN(self);
    return wci_answer(wci_findings_add_blank(self, confidence));
}

wildcam_status wildcam_findings_set_reason(wildcam_findings *self, const char *reason)
{
    WCI_BEGIN(self);
    return wci_answer(wci_take_text(&self->reason, "reason", reason, REASON_MAX));
}
