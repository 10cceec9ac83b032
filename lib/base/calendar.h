/* Days, seconds and the texts they are written in, without the C library's time zones. */
#ifndef WCI_BASE_CALENDAR_H
#define WCI_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WCI_SECOND INT64_C(1000000)
#define WCI_DAY (86400 * WCI_SECOND)

struct wci_date {
    int year, month, day, hour, minute, second, microsecond;
};

/* Proleptic Gregorian days since 1970-01-01, after Howard Hinnant's "chrono-compatible low-level
 * date algorithms". */
int64_t wci_calendar_days(int year, int month, int day);
void wci_calendar_split(int64_t time, struct wci_date *date);

/* False when the fields are no day of the calendar or no time of a day; a leap second is none. */
bool wci_calendar_join(const struct wci_date *date, int64_t *time);

/* Reads exactly `count` digits. */
bool wci_calendar_digits(const char *text, int count, int *value);

/* ISO 8601, as wildcam_time_parse() describes it. */
bool wci_calendar_parse(const char *text, int64_t *time, int32_t *offset, int *is_date);
/* Reads the date of an HTTP header, such as "Thu, 26 Nov 2026 10:00:00 GMT"; its weekday does not
 * matter. The text may go on behind its length. */
bool wci_calendar_parse_http(const char *text, size_t length, int64_t *time);
/* As wildcam_time_format(); buffer has WILDCAM_TIME_TEXT characters. Answers the length. */
size_t wci_calendar_format(int64_t time, int32_t offset, char *buffer);

int64_t wci_calendar_now(void);       /* microseconds since 1970, the system's clock */
int64_t wci_calendar_monotonic(void); /* microseconds that only grow */

#endif
