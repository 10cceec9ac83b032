#include "log_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <wildcam/wildcam.h>

const char *const log_level_names[] = {"error", "warning", "info", "debug"};

/* What is put together. All that fits into a line is bounded, so nothing is ever cut; that the room
 * is asked for all the same costs little. */
struct output {
    char *at, *end;
};

__attribute__((format(printf, 2, 3))) static void add(struct output *out, const char *format, ...)
{
    va_list args;
    size_t room = (size_t)(out->end - out->at);
    va_start(args, format);
    int length = vsnprintf(out->at, room, format, args);
    va_end(args);
    if (length > 0)
        out->at += (size_t)length < room ? (size_t)length : room - 1;
}

/* ---- what clients write ---- */

/* The length of the well-formed UTF-8 character there (RFC 3629), and its number; 0 when there is
 * none. */
static size_t character(const unsigned char *at, uint32_t *number)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *at < 0x80 ? 1 : *at < 0xc0 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (length == 0 || *at > 0xf4)
        return 0;
    *number = length == 1 ? *at : *at & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) /* the text's end is no such byte either */
            return 0;
        *number = *number << 6 | (at[i] & 0x3fu);
    }
    bool is_surrogate = *number >= 0xd800 && *number < 0xe000;
    return *number < least[length] || is_surrogate || *number > 0x10ffff ? 0 : length;
}

/* What ends a line or moves a terminal's cursor, in Unicode too, and what writes backwards: a line
 * must read as what it is. */
static bool is_control(uint32_t number)
{
    return number < 0x20 || (number >= 0x7f && number < 0xa0) || number == 0x2028 ||
           number == 0x2029 || (number >= 0x202a && number <= 0x202e) ||
           (number >= 0x2066 && number <= 0x2069);
}

/* At most LOG_TEXT_MAX bytes of it, in whole characters. */
static void add_text(struct output *out, const char *text, bool as_json)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + LOG_TEXT_MAX;
    while (*at && out->end - out->at > 8) {
        uint32_t number = 0;
        size_t length = character(at, &number);
        if (at + (length ? length : 1) > end)
            return;
        if (length == 0) {
            *out->at++ = '?';
        } else if (is_control(number)) {
            *out->at++ = ' ';
        } else {
            if (as_json && (number == '"' || number == '\\'))
                *out->at++ = '\\';
            memcpy(out->at, at, length);
            out->at += length;
        }
        at += length ? length : 1;
    }
}

/* Percent itself too: what was escaped can be told from what was not. Quotes and backslashes would
 * need escapes of JSON's own. */
void log_line_escape(const char *text, char *to, size_t room)
{
    char *end = to + room;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        bool is_plain = byte > 0x20 && byte < 0x7f && !strchr("%\"\\", byte);
        if (end - to < (is_plain ? 2 : 4))
            break;
        if (is_plain)
            *to++ = *text;
        else
            to += snprintf(to, (size_t)(end - to), "%%%02X", byte);
    }
    *to = '\0';
}

/* ---- a line ---- */

/* In text the first colon with a space behind it ends the fields, so no value ends in one. */
static void add_escaped(struct output *out, bool as_json, const char *name, const char *value)
{
    size_t length = strlen(value);
    if (as_json)
        add(out, ",\"%s\":\"%s\"", name, value);
    else if (length > 0 && value[length - 1] == ':')
        add(out, " %s=%.*s%%3A", name, (int)length - 1, value);
    else
        add(out, " %s=%s", name, value);
}

/* The names that are promised, but for the first four. */
static void add_word(struct output *out, bool as_json, const char *name, const char *value)
{
    char word[LOG_PATH_MAX];
    if (!*value)
        return;
    log_line_escape(value, word, sizeof word);
    add_escaped(out, as_json, name, word);
}

static void add_number(struct output *out, bool as_json, const char *name, int64_t value)
{
    add(out, as_json ? ",\"%s\":%" PRId64 : " %s=%" PRId64, name, value);
}

static void add_fields(struct output *out, bool as_json, const struct log_line *line)
{
    const struct log_exchange *exchange = line->exchange;
    add_word(out, as_json, "request_id", line->request_id);
    add_word(out, as_json, "camera_id", line->camera_id);
    if (!exchange)
        return;
    int64_t duration = exchange->duration > 0 ? exchange->duration : 0;
    add_word(out, as_json, "client", exchange->client);
    add_word(out, as_json, "method", exchange->method);
    add_escaped(out, as_json, "path", exchange->path); /* by whoever took it down */
    if (exchange->status)
        add_number(out, as_json, "status", exchange->status);
    add(out, as_json ? ",\"duration_ms\":%" PRId64 ".%03d" : " duration_ms=%" PRId64 ".%03d",
        duration / 1000, (int)(duration % 1000));
    add_number(out, as_json, "received_bytes", exchange->received_bytes);
    add_number(out, as_json, "sent_bytes", exchange->sent_bytes);
}

/* Always with its microseconds, so that all times are of one length and sort as text. */
static void add_time(struct output *out, int64_t time)
{
    char seconds[WILDCAM_TIME_TEXT] = "";
    if (time < 0) /* a clock gone wild is no reason for a line without a time */
        time = 0;
    int microseconds = (int)(time % 1000000);
    wildcam_time_format(time - microseconds, 0, seconds, sizeof seconds);
    int length = (int)strcspn(seconds, "+");
    add(out, "%.*s.%06d%s", length, seconds, microseconds, seconds + length);
}

size_t log_line_format(const struct log_line *line, bool as_json, char buffer[LOG_LINE_MAX])
{
    struct output out = {buffer, buffer + LOG_LINE_MAX - 2}; /* room for what ends it */
    const char *level = log_level_names[line->level];
    if (as_json) {
        add(&out, "{\"time\":\"");
        add_time(&out, line->time);
        add(&out, "\",\"level\":\"%s\",\"module\":\"%s\",\"message\":\"", level, line->module);
        add_text(&out, line->text, true);
        add(&out, "\"");
        add_fields(&out, true, line);
        *out.at++ = '}';
    } else {
        add_time(&out, line->time);
        add(&out, " %s %s", level, line->module);
        add_fields(&out, false, line);
        add(&out, ": ");
        add_text(&out, line->text, false);
    }
    *out.at++ = '\n';
    return (size_t)(out.at - buffer);
}
