#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/utf8.h"

enum { LINE = 1024 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* One write(2) per line, so that lines of several threads and processes do not mix. */
static void write_line(const struct wci_log *log, int level, const char *module, const char *text)
{
    char time[WILDCAM_TIME_TEXT];
    struct wci_text line = {0};
    wci_calendar_format(wci_calendar_now() / WCI_SECOND * WCI_SECOND, 0, time);
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

/* What senders put into their texts must not begin a line of its own, and may be cut. */
static void make_one_line(char *text)
{
    wci_utf8_repair(text);
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
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
