#include "model/check.h"

#include <math.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/json_read.h"
#include "base/number.h"
#include "base/utf8.h"

static bool is_device_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
}

wildcam_status wci_check_device_id(const char *device_id)
{
    size_t length = device_id ? strnlen(device_id, WCI_DEVICE_ID_MAX + 1) : 0;
    bool good = length >= 1 && length <= WCI_DEVICE_ID_MAX && device_id[0] != '.';
    for (size_t i = 0; good && i < length; i++)
        good = is_device_char(device_id[i]);
    if (good)
        return WILDCAM_OK;
    if (length == 0)
        return wci_fail(WILDCAM_ERR_INVALID, "device_id is required");
    return wci_fail(WILDCAM_ERR_INVALID,
                    "device_id is 1 to %d of A-Za-z0-9._:- and does not begin with a dot, not "
                    "\"%.60s\"",
                    WCI_DEVICE_ID_MAX, wci_utf8_is_valid(device_id, length) ? device_id : "?");
}

wildcam_status wci_check_text(const char *field, const char *value, size_t max, bool lines)
{
    size_t length = value ? strnlen(value, max + 1) : 0;
    if (length > max)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is over %zu bytes", field, max);
    if (length && !wci_utf8_is_valid(value, length))
        return wci_fail(WILDCAM_ERR_INVALID, "%s is not UTF-8", field);
    for (size_t i = 0; i < length; i++) {
        bool control = (unsigned char)value[i] < 0x20 || value[i] == 0x7f;
        if (control && !(lines && strchr("\n\r\t", value[i])))
            return wci_fail(WILDCAM_ERR_INVALID, "%s has a control character at byte %zu", field,
                            i);
    }
    return WILDCAM_OK;
}

wildcam_status wci_check_json_object(const char *field, const char *value)
{
    json_error_t error;
    size_t length = value ? strnlen(value, WCI_METADATA_MAX + 1) : 0;
    if (length == 0)
        return WILDCAM_OK;
    if (length > WCI_METADATA_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "%s is over %d bytes", field, WCI_METADATA_MAX);
    json_t *parsed;
    wildcam_status status = wci_json_read(value, length, &parsed, &error);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK)
        return wci_fail_from(WILDCAM_ERR_INVALID, "json", 0, "%s is not JSON: %s at byte %d", field,
                             error.text, error.position);
    bool is_object = json_is_object(parsed);
    json_decref(parsed);
    return is_object ? WILDCAM_OK : wci_fail(WILDCAM_ERR_INVALID, "%s is not a JSON object", field);
}

wildcam_status wci_check_number(const char *field, double value, double min, double max)
{
    char shown[WCI_NUMBER_TEXT] = "infinite", low[WCI_NUMBER_TEXT], high[WCI_NUMBER_TEXT];
    if (isnan(value) || (value >= min && value <= max))
        return WILDCAM_OK;
    if (isfinite(value))
        wci_number_format_real(value, shown);
    wci_number_format_real(min, low);
    wci_number_format_real(max, high);
    return wci_fail(WILDCAM_ERR_INVALID, "%s is %s to %s, not %s", field, low, high, shown);
}

wildcam_status wci_check_time(int64_t time, int32_t offset, int source)
{
    if (time < WILDCAM_TIME_MIN || time >= WILDCAM_TIME_END)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the time is in 1970-01-01T00:00:00Z to 2106-02-07T06:28:15Z, not %lld "
                        "microseconds from 1970",
                        (long long)time);
    if (offset != WILDCAM_OFFSET_UNKNOWN && (offset <= -86400 || offset >= 86400))
        return wci_fail(WILDCAM_ERR_INVALID, "the offset is -86399 to 86399 seconds, not %d",
                        (int)offset);
    if (source < WILDCAM_TIME_SOURCE_UNKNOWN || source > WILDCAM_TIME_SOURCE_RECEIVED)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no time source", source);
    return WILDCAM_OK;
}

static wildcam_status keep(struct wci_text *to, const char *value)
{
    return wci_text_set(to, value ? value : "", value ? strlen(value) : 0);
}

wildcam_status wci_take_text(struct wci_text *to, const char *field, const char *value, size_t max)
{
    wildcam_status status = wci_check_text(field, value, max, false);
    return status == WILDCAM_OK ? keep(to, value) : status;
}

wildcam_status wci_take_json(struct wci_text *to, const char *field, const char *value)
{
    wildcam_status status = wci_check_json_object(field, value);
    return status == WILDCAM_OK ? keep(to, value) : status;
}

wildcam_status wci_take_device_id(struct wci_text *to, const char *device_id)
{
    wildcam_status status = wci_check_device_id(device_id);
    return status == WILDCAM_OK ? keep(to, device_id) : status;
}
