#include "base/name_time.h"

#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"

enum { PATTERN_MAX = 200, RUNS_MAX = 2 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What stands behind a %, and how many digits it has; 0 for what is no number. */
static int digits_of(char letter)
{
    return letter == 'Y' ? 4 : letter && strchr("ymdHMS", letter) ? 2 : 0;
}

static wildcam_status check_letter(const char *pattern, char letter, int *seen, int *runs)
{
    static const char numbers[] = "YymdHMS";
    const char *at = letter ? strchr(numbers, letter) : NULL;
    if (!letter)
        return wci_fail(WILDCAM_ERR_INVALID, "the pattern \"%.60s\" ends in a lone %%", pattern);
    if (!at) {
        *runs += letter == '*';
        return strchr("*?%", letter)
                   ? WILDCAM_OK
                   : wci_fail(WILDCAM_ERR_INVALID,
                              "the pattern \"%.60s\" has %%%c; it may have %%Y %%y %%m %%d %%H %%M "
                              "%%S, %%? for one character, %%* for any, and %%%% for a %%",
                              pattern, letter >= ' ' && letter < 0x7f ? letter : '?');
    }
    int bit = 1 << (at - numbers);
    if (*seen & bit)
        return wci_fail(WILDCAM_ERR_INVALID, "the pattern \"%.60s\" has %%%c twice", pattern,
                        letter);
    *seen |= bit;
    return WILDCAM_OK;
}

wildcam_status wci_name_time_check(const char *pattern)
{
    enum { YEAR = 1, SHORT_YEAR = 2, MONTH = 4, DAY = 8, HOUR = 16, MINUTE = 32 };
    enum { NEEDED = MONTH | DAY | HOUR | MINUTE };
    int seen = 0, runs = 0;
    if (strnlen(pattern, PATTERN_MAX + 1) > PATTERN_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "a pattern has at most %d bytes", PATTERN_MAX);
    for (const char *at = pattern; *at; at++)
        if (*at == '%') {
            wildcam_status status = check_letter(pattern, *++at, &seen, &runs);
            if (status != WILDCAM_OK)
                return status;
        }
    bool one_year = !(seen & YEAR) != !(seen & SHORT_YEAR);
    if (!one_year || (seen & NEEDED) != NEEDED)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the pattern \"%.60s\" does not say all that a time needs: it must have "
                        "%%Y or %%y, and %%m, %%d, %%H and %%M, such as %%Y%%m%%d_%%H%%M%%S",
                        pattern);
    /* Each makes the search longer by as much as the path is long. */
    return runs <= RUNS_MAX ? WILDCAM_OK
                            : wci_fail(WILDCAM_ERR_INVALID, "a pattern has at most %d %%*, not %d",
                                       RUNS_MAX, runs);
}

static void put(struct wci_date *date, char letter, int value)
{
    switch (letter) {
    case 'Y':
        date->year = value;
        break;
    case 'y': /* as POSIX has it, within what the library takes */
        date->year = value + (value >= 70 ? 1900 : 2000);
        break;
    case 'm':
        date->month = value;
        break;
    case 'd':
        date->day = value;
        break;
    case 'H':
        date->hour = value;
        break;
    case 'M':
        date->minute = value;
        break;
    default:
        date->second = value;
    }
}

static bool is_end(char c)
{
    return c == '\0' || c == '/';
}

/* Whether the text begins with the pattern. What follows %* is looked for from the near to the far.
 */
static bool match(const char *text, const char *pattern, struct wci_date *date)
{
    bool was_number = false;
    for (; *pattern; pattern++) {
        char letter = (char)(*pattern == '%' ? *++pattern : '\0');
        int digits = digits_of(letter), value;
        was_number = digits > 0;
        if (digits > 0) {
            if (!wci_calendar_digits(text, digits, &value))
                return false;
            put(date, letter, value);
            text += digits;
        } else if (letter == '*') {
            for (; !match(text, pattern + 1, date); text++)
                if (is_end(*text))
                    return false;
            return true;
        } else if (letter == '?' ? is_end(*text) : *text != *pattern) {
            return false;
        } else {
            text++;
        }
    }
    return !was_number || !is_digit(*text);
}

bool wci_name_time_find(const char *path, const char *pattern, int64_t *time)
{
    bool begins_with_number = *pattern == '%' && digits_of(pattern[1]) > 0;
    bool is_found = false;
    for (const char *at = path; *at; at++) {
        struct wci_date date = {0};
        int64_t found;
        /* Not from the middle of a longer number. */
        if (begins_with_number && at > path && is_digit(at[-1]))
            continue;
        if (match(at, pattern, &date) && wci_calendar_join(&date, &found) &&
            found >= WILDCAM_TIME_MIN && found < WILDCAM_TIME_END) {
            *time = found;
            is_found = true;
        }
    }
    return is_found;
}
