#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/utf8.h"

enum { LINE = 1024 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* Always with its microseconds, so that all times are of one length and sort as text. */
static void write_time(char text[WILDCAM_TIME_TEXT])
{
    char seconds[WILDCAM_TIME_TEXT];
    int64_t now = wci_calendar_now(), part = now % WCI_SECOND;
    wci_calendar_format(now - part, 0, seconds);
    int length = (int)strcspn(seconds, "+");
    snprintf(text, WILDCAM_TIME_TEXT, "%.*s.%06d%s", length, seconds, (int)part, seconds + length);
}

/* One write(2) per line, so that lines of several threads and processes do not mix. */
static void write_line(const struct wci_log *log, int level, const char *module, const char *text)
{
    char time[WILDCAM_TIME_TEXT];
    struct wci_text line = {0};
    write_time(time);
    if (log->as_json) {
        struct wci_json json = {&line, false};
        wci_json_open(&json, NULL, '{');
        wci_json_text(&json, "time", time);
        wci_json_text(&json, "level", level_names[level]);
        wci_json_text(&json, "module", module);
        wci_json_text(&json, "message", text);
        wci_json_close(&json, '}');
        wci_text_add_char(&line, '\n');
    } else {
        wci_text_add_format(&line, "%s %s %s: %s\n", time, level_names[level], module, text);
    }
    if (!line.failed && write(STDERR_FILENO, line.data, line.length) < 0) {
        /* Nowhere is left to say it. */
    }
    wci_text_free(&line);
}

/* The length of a character beyond ASCII that ends a line or moves a terminal's cursor, or that
 * writes backwards; 0 when it is none. The text is UTF-8. */
static size_t control(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] == 0xc2 && at[1] < 0xa0)
        return 2;
    if (at[0] != 0xe2)
        return 0;
    return (at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                   (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)
               ? 3
               : 0;
}

/* What senders put into their texts must not begin a line of its own, and may be cut. */
static void make_one_line(char *text)
{
    wci_utf8_repair(text);
    for (; *text; text++) {
        size_t length = (unsigned char)*text < 0x20 || *text == 0x7f ? 1 : control(text);
        if (length) {
            memset(text, ' ', length);
            text += length - 1;
        }
    }
}

void wci_log_write(const struct wci_log *log, int level, const char *module, const char *format,
                   ...)
{
    char text[LINE];
    struct wci_error error;
    if (level > log->level || (!log->fn && !log->is_default))
        return;
    wci_error_save(&error); /* a line about a failure must not change the failure */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    make_one_line(text);
    if (log->is_default)
        write_line(log, level, module, text);
    else
        log->fn(log->user, level, module, text);
    wci_error_restore(&error);
}

void wci_log_failure(const struct wci_log *log, int level, const char *module, const char *what)
{
    struct wci_error error;
    wci_error_save(&error);
    wci_log_write(log, level, module, "%s: %s", what, error.message);
}
