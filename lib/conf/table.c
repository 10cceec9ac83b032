#include "conf/table.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "conf/form.h"

static const wildcam_setting rows[] = {
#define ROW(id, name, type, unit, standard, min, max, words, secret, since, help)                  \
    {name, WCI_##type, unit, standard, min, max, words, secret, since, help},
    WCI_SETTINGS(ROW)
#undef ROW
};

const wildcam_setting *wci_setting_row(size_t index)
{
    return index < WCI_SETTING_COUNT ? &rows[index] : NULL;
}

const char *wci_setting_type_name(enum wci_setting_type type)
{
    static const char *const names[] = {"text", "int",    "size",    "number",
                                        "bool", "choice", "geometry"};
    return names[type];
}

bool wci_setting_is_family(const wildcam_setting *row)
{
    const char *last = strrchr(row->name, '.') + 1;
    return *last >= 'A' && *last <= 'Z';
}

static const char *number_word(double value, char buffer[WCI_NUMBER_TEXT])
{
    wci_number_format_real(value, buffer);
    return buffer;
}

/* The least of a NUMBER may be a part of one. */
static double least(const wildcam_setting *row)
{
    double value = (double)row->min;
    if (row->type == WCI_NUMBER && row->words[0])
        wci_number_parse_real(row->words, &value);
    return value;
}

void wci_setting_limits(const wildcam_setting *row, char *buffer, size_t size)
{
    char low[WCI_NUMBER_TEXT], high[WCI_NUMBER_TEXT];
    const struct wci_form *form;
    number_word(least(row), low);
    number_word((double)row->max, high);
    switch (row->type) {
    case WCI_TEXT:
        form = wci_form_named(row->words);
        snprintf(buffer, size, "%s%s%s%s bytes", form ? form->words : "", form ? ", " : "",
                 row->min ? "1 to " : "at most ", high);
        break;
    case WCI_BOOL:
        snprintf(buffer, size, "true or false");
        break;
    case WCI_CHOICE:
        snprintf(buffer, size, "%s", row->words);
        break;
    case WCI_GEOMETRY:
        snprintf(buffer, size, "WIDTHxHEIGHT, each %s to %s", low, high);
        break;
    default:
        snprintf(buffer, size, "%s to %s", low, high);
    }
}

static bool parse_choice(const char *choices, const char *text, int64_t *index)
{
    size_t length = strlen(text);
    for (*index = 0; choices; ++*index) {
        const char *comma = strchr(choices, ',');
        size_t word = comma ? (size_t)(comma - choices) : strlen(choices);
        if (word == length && memcmp(choices, text, length) == 0)
            return true;
        choices = comma ? comma + 1 : NULL;
    }
    return false;
}

static bool parse_bool(const char *text, int64_t *value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = (int64_t)(i % 2);
            return true;
        }
    }
    return false;
}

/* A size may end in K, M, G or T: 1024 and its powers. */
static bool parse_size(const char *text, int64_t *value)
{
    char digits[24];
    size_t length = strlen(text);
    int shift = 0;
    if (length == 0 || length >= sizeof digits)
        return false;
    const char *suffix = strchr("KMGT", text[length - 1]);
    if (suffix) {
        shift = 10 * (int)(suffix - "KMGT" + 1);
        length--;
    }
    snprintf(digits, sizeof digits, "%.*s", (int)length, text);
    return wci_number_parse_int(digits, value) &&
           !__builtin_mul_overflow(*value, INT64_C(1) << shift, value);
}

static bool parse_geometry(const char *text, int64_t min, int64_t max, int64_t *value)
{
    char width[8];
    int64_t w, h;
    const char *x = strchr(text, 'x');
    if (!x || x - text >= (int)sizeof width)
        return false;
    snprintf(width, sizeof width, "%.*s", (int)(x - text), text);
    if (!wci_number_parse_int(width, &w) || !wci_number_parse_int(x + 1, &h) || w < min ||
        w > max || h < min || h > max)
        return false;
    *value = w << 16 | h;
    return true;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool is_printable(const char *text)
{
    return wci_utf8_is_valid(text, strlen(text)) && !has_control(text);
}

static bool has_length(const wildcam_setting *row, const char *text)
{
    int64_t length = (int64_t)strlen(text);
    return length >= row->min && length <= row->max;
}

static const char *form_fault(const wildcam_setting *row, const char *text)
{
    const struct wci_form *form = wci_form_named(row->words);
    return form && *text ? form->fault(text) : NULL;
}

static bool parse(const wildcam_setting *row, const char *text, struct wci_setting_value *value)
{
    switch (row->type) {
    case WCI_TEXT:
        return is_printable(text) && has_length(row, text) && !form_fault(row, text);
    case WCI_INT:
        return wci_number_parse_int(text, &value->whole) && value->whole >= row->min &&
               value->whole <= row->max;
    case WCI_SIZE:
        return parse_size(text, &value->whole) && value->whole >= row->min &&
               value->whole <= row->max;
    case WCI_NUMBER:
        return wci_number_parse_real(text, &value->real) && value->real >= least(row) &&
               value->real <= (double)row->max;
    case WCI_BOOL:
        return parse_bool(text, &value->whole);
    case WCI_CHOICE:
        return parse_choice(row->words, text, &value->whole);
    case WCI_GEOMETRY:
        return parse_geometry(text, row->min, row->max, &value->whole);
    }
    return false;
}

static wildcam_status refuse_text(const wildcam_setting *row, const char *text, const char *limits)
{
    if (!is_printable(text))
        return wci_fail(WILDCAM_ERR_INVALID, "%s takes text in UTF-8 without control characters%s",
                        row->name, has_control(text) ? ", and its value has one" : "");
    if (*text && !has_length(row, text))
        return wci_fail(WILDCAM_ERR_INVALID, "%s takes %s, and its value has %zu", row->name,
                        limits, strlen(text));
    const char *fault = form_fault(row, text);
    if (row->secret || strchr(text, '@')) /* an address may hold a password */
        return wci_fail(WILDCAM_ERR_INVALID, "%s takes %s%s%s", row->name, limits,
                        fault ? ": " : "", fault ? fault : "");
    return wci_fail(WILDCAM_ERR_INVALID, "%s takes %s, not \"%.100s\"%s%s", row->name, limits, text,
                    fault ? ": " : "", fault ? fault : "");
}

wildcam_status wci_setting_parse(const wildcam_setting *row, const char *text,
                                 struct wci_setting_value *value)
{
    char limits[256];
    *value = (struct wci_setting_value){0};
    if (parse(row, text, value))
        return WILDCAM_OK;
    wci_setting_limits(row, limits, sizeof limits);
    if (row->type == WCI_TEXT)
        return refuse_text(row, text, limits);
    return wci_fail(WILDCAM_ERR_INVALID, "%s takes %s%s%s%s, not \"%.100s\"", row->name, limits,
                    row->unit[0] ? " " : "", row->unit,
                    row->type == WCI_SIZE ? ", or such as 16M" : "", text);
}
