/* What texts and numbers may be, in one place. Each names the field, the value and the limit. */
#ifndef WCI_MODEL_CHECK_H
#define WCI_MODEL_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum {
    WCI_DEVICE_ID_MAX = 50,
    WCI_SPECIES_MAX = 100,
    WCI_NOTES_MAX = 4000,
    WCI_METADATA_MAX = 65536,
};

wildcam_status wci_check_device_id(const char *device_id);
/* UTF-8 without control characters; `lines` lets line breaks and tabs pass. NULL is "". */
wildcam_status wci_check_text(const char *field, const char *value, size_t max, bool lines);
/* The text of a JSON object; NULL and "" pass. */
wildcam_status wci_check_json_object(const char *field, const char *value);
/* min..max, or NaN. */
wildcam_status wci_check_number(const char *field, double value, double min, double max);
wildcam_status wci_check_time(int64_t time, int32_t offset, int source);

/* Checks and copies in one step. */
wildcam_status wci_take_text(struct wci_text *to, const char *field, const char *value, size_t max);
wildcam_status wci_take_json(struct wci_text *to, const char *field, const char *value);
wildcam_status wci_take_device_id(struct wci_text *to, const char *device_id);

#endif
