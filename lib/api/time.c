#include <wildcam/time.h>

#include <math.h>
#include <string.h>

#include "api/call.h"
#include "base/calendar.h"
#include "base/name_time.h"
#include "base/utf8.h"
#include "model/check.h"
#include "model/time_source.h"

const char *wildcam_time_source_name(int source)
{
    return wci_time_source_name(source);
}

int64_t wildcam_time_now(void)
{
    return wci_calendar_now();
}

wildcam_status wildcam_time_parse(const char *text, int64_t *time, int32_t *offset, int *is_date)
{
    int32_t found_offset;
    int found_date;
    WCI_BEGIN(text, time);
    int64_t found;
    if (!wci_calendar_parse(text, &found, &found_offset, &found_date))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "\"%.40s\" is no ISO 8601 time from 1970 to 2106, such as "
                        "2026-11-23T10:15:00+01:00",
                        wci_utf8_is_valid(text, strnlen(text, 40)) ? text : "?");
    *time = found;
    if (offset)
        *offset = found_offset;
    if (is_date)
        *is_date = found_date;
    return WILDCAM_OK;
}

wildcam_status wildcam_time_from_number(double number, int64_t *time)
{
    static const int64_t scales[] = {WCI_SECOND, 1000};
    WCI_BEGIN(time);
    int64_t from = wci_calendar_days(2000, 1, 1) * WCI_DAY, to = wci_calendar_now() + WCI_DAY;
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        double scaled = number * (double)scales[i];
        if (scaled >= (double)from && scaled <= (double)to) {
            *time = (int64_t)llround(scaled);
            return WILDCAM_OK;
        }
    }
    return wci_fail(WILDCAM_ERR_INVALID,
                    "%.17g is no time from 2000 to now, in seconds or "
                    "milliseconds since 1970",
                    number);
}

/* YYYYMMDD/IMG_HHMMSS, and something behind it that is no digit. */
static bool read_path(const char *at, int64_t *time)
{
    struct wci_date date = {0};
    return wci_calendar_digits(at, 4, &date.year) && wci_calendar_digits(at + 4, 2, &date.month) &&
           wci_calendar_digits(at + 6, 2, &date.day) && strncmp(at + 8, "/IMG_", 5) == 0 &&
           wci_calendar_digits(at + 13, 2, &date.hour) &&
           wci_calendar_digits(at + 15, 2, &date.minute) &&
           wci_calendar_digits(at + 17, 2, &date.second) && (at[19] < '0' || at[19] > '9') &&
           !strchr(at + 19, '/') && wci_calendar_join(&date, time);
}

wildcam_status wildcam_time_from_path(const char *path, int64_t *time)
{
    int64_t found;
    WCI_BEGIN(path, time);
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (read_path(at, &found) && found >= WILDCAM_TIME_MIN && found < WILDCAM_TIME_END) {
            *time = found;
            return WILDCAM_OK;
        }
    }
    return wci_fail(WILDCAM_ERR_NOTFOUND, "the path holds no time");
}

wildcam_status wildcam_time_from_name(const char *path, const char *pattern, int64_t *time)
{
    WCI_BEGIN(path, pattern, time);
    wildcam_status status = wci_name_time_check(pattern);
    if (status != WILDCAM_OK)
        return status;
    return wci_name_time_find(path, pattern, time)
               ? WILDCAM_OK
               : wci_fail(WILDCAM_ERR_NOTFOUND, "the path holds no time as \"%.60s\" has it",
                          pattern);
}

wildcam_status wildcam_time_format(int64_t time, int32_t offset, char *buffer, size_t size)
{
    WCI_BEGIN(buffer);
    wildcam_status status = wci_check_time(time, offset, WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK && size < WILDCAM_TIME_TEXT)
        status = wci_fail(WILDCAM_ERR_INVALID, "the buffer has %zu bytes, a time needs %d", size,
                          WILDCAM_TIME_TEXT);
    if (status == WILDCAM_OK)
        wci_calendar_format(time, offset, buffer);
    return status;
}
