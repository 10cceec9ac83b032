#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log_queue.h"

enum { STOP_MILLISECONDS = 2000 };

static int least = WILDCAM_LOG_WARNING;
static bool as_json;
static int64_t room;
static struct log_queue *queue; /* NULL: lines are written at once */
static _Thread_local const struct log_request *current;

/* ---- where lines go ---- */

/* A terminal or pipe that was given to us may be one that does not wait by itself. */
static bool write_all(void *user, const char *lines, size_t size)
{
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    (void)user;
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, lines, size);
        if (written > 0) {
            lines += written;
            size -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            poll(&log, 1, -1);
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static size_t tell_loss(void *user, uint64_t lost, char buffer[LOG_LINE_MAX])
{
    char text[96];
    const struct log_line line = {
        wildcam_time_now(), WILDCAM_LOG_WARNING, "log", text, "", "", NULL};
    (void)user;
    snprintf(text, sizeof text, "%" PRIu64 " line%s lost here: the log is written too slowly", lost,
             lost == 1 ? " was" : "s were");
    return log_line_format(&line, as_json, buffer);
}

static void put(int level, const char *module, const char *text,
                const struct log_exchange *exchange)
{
    char buffer[LOG_LINE_MAX];
    const struct log_line line = {wildcam_time_now(),
                                  level,
                                  module,
                                  text,
                                  current ? current->id : "",
                                  current ? current->camera_id : "",
                                  exchange};
    size_t size = log_line_format(&line, as_json, buffer);
    if (queue)
        log_queue_put(queue, level, buffer, size);
    else
        write_all(NULL, buffer, size);
}

static void take_from_library(void *user, int level, const char *module, const char *text)
{
    (void)user;
    put(level, module, text, NULL);
}

/* ---- its life ---- */

void server_log_begin(wildcam_conf *conf)
{
    const char *level = "", *format = "";
    wildcam_conf_get(conf, "log.level", &level);
    wildcam_conf_get(conf, "log.format", &format);
    wildcam_conf_get_int(conf, "log.queue_bytes", &room);
    for (int i = WILDCAM_LOG_ERROR; i <= WILDCAM_LOG_DEBUG; i++)
        if (strcmp(level, log_level_names[i]) == 0)
            least = i;
    as_json = strcmp(format, "json") == 0;
    wildcam_conf_set_log(conf, take_from_library, NULL);
}

void server_log_start(void)
{
    const struct log_sink sink = {NULL, write_all, tell_loss};
    queue = log_queue_start((size_t)room, &sink);
    if (!queue)
        server_log(WILDCAM_LOG_WARNING, "the log has no thread of its own: whoever writes a line "
                                        "waits until it is written");
}

void server_log_stop(void)
{
    if (!queue)
        return;
    if (log_queue_stop(queue, STOP_MILLISECONDS))
        queue = NULL; /* else it takes what is still said, and nobody waits for that */
}

uint64_t server_log_lost(void)
{
    return queue ? log_queue_lost(queue) : 0;
}

/* Looked up by whoever asks, so that a line that is dropped costs nothing more. */
static void tell_metrics(void *user)
{
    wildcam_counter_set(user, (double)server_log_lost());
}

void server_log_count(wildcam_metrics *metrics)
{
    static wildcam_counter *counter; /* to the end of the process */
    wildcam_metric_family *family;
    if (wildcam_metrics_add_counters(metrics, "wildcam_log_lines_dropped_total",
                                     "Lines of the log that were lost because it is written too "
                                     "slowly.",
                                     NULL, 0, &family) != WILDCAM_OK ||
        wildcam_counter_new(family, NULL, 0, &counter) != WILDCAM_OK ||
        wildcam_metrics_add_collector(metrics, tell_metrics, counter) != WILDCAM_OK)
        server_log(WILDCAM_LOG_WARNING, "the lines that the log loses are not told as a metric: %s",
                   wildcam_error_message());
}

/* ---- lines ---- */

bool server_log_takes(int level)
{
    return level <= least;
}

void server_log(int level, const char *format, ...)
{
    char text[LOG_TEXT_MAX];
    if (!server_log_takes(level))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(level, "server", text, NULL);
}

void server_log_exchange(int level, const struct log_exchange *exchange, const char *text)
{
    if (server_log_takes(level))
        put(level, "access", text, exchange);
}

void server_log_enter(const struct log_request *request)
{
    current = request;
}
