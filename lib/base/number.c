#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool wci_number_parse_int(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    uint64_t sum = 0;
    if (negative)
        text++;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum))
            return false;
    }
    if (sum > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

/* Digits, one point at most, an exponent: what strtod would take in the C locale, less its hex,
 * infinities and white space. */
static bool looks_real(const char *text)
{
    size_t digits;
    text += *text == '-';
    digits = strspn(text, "0123456789");
    text += digits;
    if (*text == '.') {
        size_t decimals = strspn(text + 1, "0123456789");
        digits += decimals;
        text += 1 + decimals;
    }
    if (digits == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text += 1 + (text[1] == '-' || text[1] == '+');
        digits = strspn(text, "0123456789");
        if (digits == 0)
            return false;
        text += digits;
    }
    return *text == '\0';
}

/* The program may have set a locale that writes 0,5: its point must be ours on the way in and out,
 * and setlocale() is not the library's to call. */
static const char *locale_point(void)
{
    const char *point = localeconv()->decimal_point;
    return point && *point ? point : ".";
}

bool wci_number_parse_real(const char *text, double *value)
{
    char copy[512];
    if (!looks_real(text))
        return false;
    size_t before = strcspn(text, ".");
    bool has_point = text[before] == '.';
    int length = snprintf(copy, sizeof copy, "%.*s%s%s", (int)before, text,
                          has_point ? locale_point() : "", text + before + has_point);
    if (length < 0 || (size_t)length >= sizeof copy)
        return false;
    double parsed = strtod(copy, NULL);
    if (!isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

void wci_number_put_digits(char *to, int64_t value, int count)
{
    for (; count > 0; value /= 10)
        to[--count] = (char)('0' + value % 10);
}

/* By hand: lists have some tens of thousands of numbers, and printf() takes several times as long.
 */
static size_t format_whole(uint64_t value, char *buffer)
{
    char digits[WCI_NUMBER_TEXT];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    memcpy(buffer, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t wci_number_format_int(int64_t value, char buffer[WCI_NUMBER_TEXT])
{
    size_t length = 0;
    if (value < 0)
        buffer[length++] = '-';
    length += format_whole(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, buffer + length);
    buffer[length] = '\0';
    return length;
}

/* Most numbers here have a few decimals: i / 10^6 is correctly rounded, so when it gives the value
 * back, the decimal digits of i are an exact and shortest way to write it. */
static size_t format_decimal(double value, char buffer[WCI_NUMBER_TEXT])
{
    double scaled = fabs(value) * 1e6;
    if (!(scaled < 1e15))
        return 0;
    int64_t whole = (int64_t)(scaled + 0.5);
    if ((double)whole / 1e6 != fabs(value))
        return 0;
    size_t length = 0;
    if (value < 0)
        buffer[length++] = '-';
    length += format_whole((uint64_t)whole / 1000000, buffer + length);
    buffer[length] = '.';
    wci_number_put_digits(buffer + length + 1, whole % 1000000, 6);
    length += 7;
    while (buffer[length - 1] == '0')
        length--;
    if (buffer[length - 1] == '.')
        length--;
    buffer[length] = '\0';
    return length;
}

size_t wci_number_format_real(double value, char buffer[WCI_NUMBER_TEXT])
{
    size_t length = format_decimal(value, buffer);
    if (length)
        return length;
    /* 15 digits are always told apart, but for numbers so small that they have lost some. */
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(buffer, WCI_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    const char *point = locale_point();
    char *at = strcmp(point, ".") ? strstr(buffer, point) : NULL;
    if (at) {
        *at = '.';
        memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
    }
    return strlen(buffer);
}
