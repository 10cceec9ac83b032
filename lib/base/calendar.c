#include "base/calendar.h"

#include <string.h>
#include <time.h>

#include <wildcam/time.h>

#include "base/number.h"

int64_t wci_calendar_days(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void split_days(int64_t days, struct wci_date *date)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    date->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    date->month = (int)(month < 10 ? month + 3 : month - 9);
    date->year = (int)(year_of_era + era * 400 + (date->month <= 2));
}

void wci_calendar_split(int64_t time, struct wci_date *date)
{
    int64_t days = time / WCI_DAY, rest = time % WCI_DAY;
    if (rest < 0) {
        rest += WCI_DAY;
        days--;
    }
    split_days(days, date);
    date->microsecond = (int)(rest % WCI_SECOND);
    int64_t seconds = rest / WCI_SECOND;
    date->hour = (int)(seconds / 3600);
    date->minute = (int)(seconds / 60 % 60);
    date->second = (int)(seconds % 60);
}

bool wci_calendar_join(const struct wci_date *date, int64_t *time)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);
    if (date->month < 1 || date->month > 12 || date->day < 1 ||
        date->day > month_days[date->month - 1] + (date->month == 2 && leap))
        return false;
    if (date->hour < 0 || date->hour > 23 || date->minute < 0 || date->minute > 59 ||
        date->second < 0 || date->second > 59 || date->microsecond < 0 ||
        date->microsecond >= WCI_SECOND)
        return false;
    int64_t days = wci_calendar_days(date->year, date->month, date->day);
    *time = days * WCI_DAY + (date->hour * 3600 + date->minute * 60 + date->second) * WCI_SECOND +
            date->microsecond;
    return true;
}

bool wci_calendar_digits(const char *text, int count, int *value)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        sum = sum * 10 + (text[i] - '0');
    }
    *value = sum;
    return true;
}

static const char *parse_decimals(const char *at, int *microsecond)
{
    int count = 0;
    *microsecond = 0;
    for (; *at >= '0' && *at <= '9'; at++, count++) {
        if (count >= 9)
            return NULL;
        if (count < 6)
            *microsecond = *microsecond * 10 + (*at - '0');
    }
    if (count == 0)
        return NULL;
    for (; count < 6; count++)
        *microsecond *= 10;
    return at;
}

static const char *parse_clock(const char *at, struct wci_date *date)
{
    if (!wci_calendar_digits(at, 2, &date->hour) || at[2] != ':' ||
        !wci_calendar_digits(at + 3, 2, &date->minute))
        return NULL;
    at += 5;
    if (*at != ':')
        return at;
    if (!wci_calendar_digits(at + 1, 2, &date->second))
        return NULL;
    at += 3;
    return *at == '.' || *at == ',' ? parse_decimals(at + 1, &date->microsecond) : at;
}

static const char *parse_offset(const char *at, int32_t *offset)
{
    int hours, minutes = 0;
    if (*at == 'Z' || *at == 'z') {
        *offset = 0;
        return at + 1;
    }
    if (*at != '+' && *at != '-')
        return at;
    if (!wci_calendar_digits(at + 1, 2, &hours))
        return NULL;
    bool negative = *at == '-';
    at += 3;
    bool has_colon = *at == ':';
    at += has_colon;
    if (*at || has_colon) {
        if (!wci_calendar_digits(at, 2, &minutes))
            return NULL;
        at += 2;
    }
    if (hours > 23 || minutes > 59)
        return NULL;
    *offset = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return at;
}

bool wci_calendar_parse(const char *text, int64_t *time, int32_t *offset, int *is_date)
{
    struct wci_date date = {0};
    int32_t distance = WILDCAM_OFFSET_UNKNOWN;
    if (!wci_calendar_digits(text, 4, &date.year) || text[4] != '-' ||
        !wci_calendar_digits(text + 5, 2, &date.month) || text[7] != '-' ||
        !wci_calendar_digits(text + 8, 2, &date.day))
        return false;
    const char *at = text + 10;
    *is_date = *at == '\0';
    if (*at == 'T' || *at == 't' || *at == ' ') {
        at = parse_clock(at + 1, &date);
        if (at)
            at = parse_offset(at, &distance);
    }
    if (!at || *at || !wci_calendar_join(&date, time))
        return false;
    if (distance != WILDCAM_OFFSET_UNKNOWN)
        *time -= distance * WCI_SECOND;
    *offset = distance;
    return *time >= WILDCAM_TIME_MIN && *time < WILDCAM_TIME_END;
}

bool wci_calendar_parse_http(const char *text, size_t length, int64_t *time)
{
    static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    enum { LENGTH = 29 };
    struct wci_date date = {0};
    char fields[LENGTH + 1], month[5];
    if (length != LENGTH)
        return false;
    memcpy(fields, text, LENGTH);
    fields[LENGTH] = '\0';
    memcpy(month, fields + 8, 4); /* with the blank behind it */
    month[4] = '\0';
    const char *found = strstr(months, month);
    if (!found || month[3] != ' ' || memcmp(fields + 3, ", ", 2) != 0 || fields[7] != ' ' ||
        fields[16] != ' ' || strcmp(fields + 25, " GMT") != 0)
        return false;
    date.month = (int)(found - months) / 4 + 1;
    if (!wci_calendar_digits(fields + 5, 2, &date.day) ||
        !wci_calendar_digits(fields + 12, 4, &date.year) ||
        parse_clock(fields + 17, &date) != fields + 25)
        return false;
    return wci_calendar_join(&date, time);
}

/* A sign, if there is one, and two digits. */
static char *put_two(char *to, char sign, int value)
{
    if (sign)
        *to++ = sign;
    wci_number_put_digits(to, value, 2);
    return to + 2;
}

size_t wci_calendar_format(int64_t time, int32_t offset, char *buffer)
{
    struct wci_date date;
    int32_t shown = offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offset;
    wci_calendar_split(time + shown * WCI_SECOND, &date);
    wci_number_put_digits(buffer, date.year % 10000, 4);
    char *at = put_two(buffer + 4, '-', date.month);
    at = put_two(at, '-', date.day);
    at = put_two(at, 'T', date.hour);
    at = put_two(at, ':', date.minute);
    at = put_two(at, ':', date.second);
    if (date.microsecond) {
        *at = '.';
        wci_number_put_digits(at + 1, date.microsecond, 6);
        at += 7;
    }
    int distance = shown < 0 ? -shown : shown;
    at = put_two(at, shown < 0 ? '-' : '+', distance / 3600 % 100);
    at = put_two(at, ':', distance / 60 % 60);
    *at = '\0';
    return (size_t)(at - buffer);
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return now.tv_sec * WCI_SECOND + now.tv_nsec / 1000;
}

int64_t wci_calendar_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t wci_calendar_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
