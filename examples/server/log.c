#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "json_output.h"

enum { LINE = 1024 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static int least = WILDCAM_LOG_WARNING;
static bool as_json;

static void add_json(struct json_output *line, const char *time, int level, const char *module,
                     const char *text)
{
    json_output_add(line, "{\"time\":\"%s\",\"level\":\"%s\",\"module\":\"%s\",\"message\":", time,
                    level_names[level], module);
    json_output_text(line, text);
    json_output_add(line, "}\n");
}

/* One write(2) per line, so that lines of several threads do not mix. */
static void write_line(void *user, int level, const char *module, const char *text)
{
    char time[WILDCAM_TIME_TEXT] = "";
    struct json_output line;
    (void)user;
    wildcam_time_format(wildcam_time_now() / 1000000 * 1000000, 0, time, sizeof time);
    json_output_begin(&line);
    if (as_json)
        add_json(&line, time, level, module, text);
    else
        json_output_add(&line, "%s %s %s: %s\n", time, level_names[level], module, text);
    char *whole = json_output_end(&line);
    if (whole && write(STDERR_FILENO, whole, line.size) < 0) {
        /* Nowhere is left to say it. */
    }
    free(whole);
}

void server_log_begin(wildcam_conf *conf)
{
    const char *level = "", *format = "";
    wildcam_conf_get(conf, "log.level", &level);
    wildcam_conf_get(conf, "log.format", &format);
    for (int i = WILDCAM_LOG_ERROR; i <= WILDCAM_LOG_DEBUG; i++)
        if (strcmp(level, level_names[i]) == 0)
            least = i;
    as_json = strcmp(format, "json") == 0;
    wildcam_conf_set_log(conf, write_line, NULL);
}

bool server_log_takes(int level)
{
    return level <= least;
}

/* What clients send must not begin a line of its own, nor end one early for want of UTF-8. */
static void make_one_line(char *text)
{
    json_t *string = json_string(text); /* NULL when it is no UTF-8 */
    for (char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
        else if (!string && *at & 0x80)
            *at = '?';
    }
    json_decref(string);
}

void server_log(int level, const char *format, ...)
{
    char text[LINE];
    if (!server_log_takes(level))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    make_one_line(text);
    write_line(NULL, level, "server", text);
}
