#include "base/json.h"

#include <math.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/number.h"
#include "base/utf8.h"

static void add_escape(struct wci_text *out, unsigned char byte)
{
    static const char short_names[] = "btn\0fr"; /* \b is 8 */
    if (byte == '"' || byte == '\\')
        wci_text_add_format(out, "\\%c", byte);
    else if (byte >= 8 && byte <= 13 && short_names[byte - 8])
        wci_text_add_format(out, "\\%c", short_names[byte - 8]);
    else if (byte < 0x20 || byte == 0x7f)
        wci_text_add_format(out, "\\u%04x", byte);
    else
        wci_text_add(out, "\xef\xbf\xbd");
}

/* How many bytes from here on stand as they are, whatever is behind them: most texts are that and
 * nothing else, so they are looked at once. */
static size_t plain_start(const char *text)
{
    size_t at = 0;
    while ((unsigned char)text[at] >= 0x20 && (unsigned char)text[at] < 0x7f && text[at] != '"' &&
           text[at] != '\\')
        at++;
    return at;
}

/* How many bytes from here on may stand as they are. */
static size_t plain_run(const char *text, size_t length, bool is_valid)
{
    size_t at = 0, size = 1;
    for (; at < length && size > 0; at += size) {
        unsigned char byte = (unsigned char)text[at];
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f)
            break;
        size = is_valid || byte < 0x80 ? 1 : wci_utf8_character(text + at, length - at);
    }
    return at;
}

void wci_json_escape(struct wci_text *out, const char *text)
{
    size_t plain = plain_start(text);
    wci_text_add_bytes(out, text, plain);
    text += plain;
    if (!*text)
        return;
    size_t length = strlen(text);
    bool is_valid = wci_utf8_is_valid(text, length);
    for (;;) {
        size_t run = plain_run(text, length, is_valid);
        wci_text_add_bytes(out, text, run);
        if (run == length)
            return;
        add_escape(out, (unsigned char)text[run]);
        text += run + 1;
        length -= run + 1;
    }
}

/* Text in quotes, and then what follows them. */
static void add_quoted(struct wci_text *out, const char *text, char behind)
{
    size_t plain = plain_start(text);
    if (text[plain]) {
        wci_text_add_char(out, '"');
        wci_json_escape(out, text);
        wci_text_add_char(out, '"');
        if (behind)
            wci_text_add_char(out, behind);
        return;
    }
    char *room = wci_text_room(out, plain + 3);
    if (!room)
        return;
    *room = '"';
    memcpy(room + 1, text, plain);
    room[plain + 1] = '"';
    room[plain + 2] = behind;
    wci_text_grow(out, plain + 2 + (behind != '\0'));
}

static void begin(struct wci_json *json, const char *name)
{
    if (json->need_comma)
        wci_text_add_char(json->out, ',');
    json->need_comma = true;
    if (name)
        add_quoted(json->out, name, ':');
}

void wci_json_open(struct wci_json *json, const char *name, char bracket)
{
    begin(json, name);
    wci_text_add_char(json->out, bracket);
    json->need_comma = false;
}

void wci_json_line(struct wci_json *json)
{
    if (json->need_comma)
        wci_text_add_char(json->out, ',');
    json->need_comma = false;
    wci_text_add_char(json->out, '\n');
}

void wci_json_open_line(struct wci_json *json, const char *name, char bracket)
{
    wci_json_line(json);
    wci_json_open(json, name, bracket);
}

void wci_json_close(struct wci_json *json, char bracket)
{
    wci_text_add_char(json->out, bracket);
    json->need_comma = true;
}

void wci_json_text(struct wci_json *json, const char *name, const char *value)
{
    begin(json, name);
    add_quoted(json->out, value, '\0');
}

void wci_json_text_or_null(struct wci_json *json, const char *name, const char *value)
{
    if (*value)
        wci_json_text(json, name, value);
    else
        wci_json_null(json, name);
}

void wci_json_int(struct wci_json *json, const char *name, int64_t value)
{
    char digits[WCI_NUMBER_TEXT];
    begin(json, name);
    wci_text_add_bytes(json->out, digits, wci_number_format_int(value, digits));
}

void wci_json_real(struct wci_json *json, const char *name, double value)
{
    char digits[WCI_NUMBER_TEXT];
    if (!isfinite(value)) {
        wci_json_null(json, name);
        return;
    }
    begin(json, name);
    wci_text_add_bytes(json->out, digits, wci_number_format_real(value, digits));
}

void wci_json_bool(struct wci_json *json, const char *name, bool value)
{
    begin(json, name);
    wci_text_add(json->out, value ? "true" : "false");
}

void wci_json_null(struct wci_json *json, const char *name)
{
    begin(json, name);
    wci_text_add(json->out, "null");
}

void wci_json_time(struct wci_json *json, const char *name, int64_t time, int32_t offset)
{
    char text[WILDCAM_TIME_TEXT];
    if (time == WILDCAM_TIME_NONE) {
        wci_json_null(json, name);
        return;
    }
    wci_calendar_format(time, offset, text);
    wci_json_text(json, name, text);
}

void wci_json_raw(struct wci_json *json, const char *name, const char *value)
{
    begin(json, name);
    wci_text_add(json->out, *value ? value : "null");
}
