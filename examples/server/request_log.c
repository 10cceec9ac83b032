#include "request_log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "request.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"

enum { DEVICE_ID_MAX = 50 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

enum log_requests request_log_setting(const wildcam_conf *conf)
{
    const char *word = "";
    wildcam_conf_get(conf, "log.requests", &word);
    if (strcmp(word, "off") == 0)
        return LOG_REQUESTS_OFF;
    return strcmp(word, "errors") == 0 ? LOG_REQUESTS_ERRORS : LOG_REQUESTS_ALL;
}

/* ---- names ---- */

/* One of a proxy's or client's own goes on; what is no such name could be anything, and is
 * replaced.
 */
static bool is_name(const char *text, size_t longest)
{
    size_t length = text ? strspn(text, NAME_CHARACTERS) : 0;
    return length > 0 && length <= longest && text[length] == '\0';
}

/* Before the system has gathered its first random bits, just after a boot, nobody waits for them: a
 * name must be another's, not a secret. */
void request_log_make_id(char id[LOG_REQUEST_ID_MAX])
{
    static atomic_uint count;
    uint64_t bits[2];
    if (getrandom(bits, sizeof bits, GRND_NONBLOCK) != sizeof bits) {
        bits[0] = (uint64_t)wildcam_time_now();
        bits[1] = (uint64_t)now() << 16 ^ ++count;
    }
    snprintf(id, LOG_REQUEST_ID_MAX, "%016llx%016llx", (unsigned long long)bits[0],
             (unsigned long long)bits[1]);
}

void request_log_begin(struct request *request, const char *method, const char *url)
{
    struct request_log *log = &request->log;
    const char *told = request_header(request, "X-Request-Id");
    if (is_name(told, LOG_REQUEST_ID_MAX - 1))
        snprintf(log->name.id, sizeof log->name.id, "%s", told);
    else
        request_log_make_id(log->name.id);
    log->since = now();
    log_line_escape(method, log->method, sizeof log->method);
    log_line_escape(url, log->path, sizeof log->path); /* what follows ? is not in it */
    server_log_enter(&log->name);
    connections_name(&request->server->connections, request->connection, log->name.id);
}

void request_log_camera(struct request *request, const char *device_id)
{
    if (is_name(device_id, DEVICE_ID_MAX) && *device_id != '.')
        snprintf(request->log.name.camera_id, LOG_CAMERA_ID_MAX, "%s", device_id);
}

/* ---- the end ---- */

/* Whoever asks every few seconds how the server is need not fill the log while all is well. */
static int level_of(const struct request *request, bool is_good)
{
    bool is_watch = request->route && request->route->flags & ROUTE_ALWAYS;
    return is_watch && is_good ? WILDCAM_LOG_DEBUG : WILDCAM_LOG_INFO;
}

static int64_t sent_bytes(const struct request *request)
{
    if (request->stage != REQUEST_ANSWERED && request->connection->was_late)
        return request->connection->told_bytes;
    return strcmp(request->log.method, MHD_HTTP_METHOD_HEAD) != 0 ? request->log.sent_bytes : 0;
}

static const char *outcome(const struct request *request, unsigned status, bool is_whole)
{
    if (status)
        return is_whole || request->stage != REQUEST_ANSWERED
                   ? "answered"
                   : "answered, but the connection broke";
    return request->connection->was_late ? "not answered: it did not arrive in time"
                                         : "not answered: the connection broke";
}

void request_log_end(struct request *request, bool is_whole)
{
    char client[CLIENT_TEXT];
    const struct request_log *log = &request->log;
    unsigned status = request_status(request);
    bool is_good = status && status < 400 && is_whole;
    int level = level_of(request, is_good);
    connections_name(&request->server->connections, request->connection, NULL);
    if (!server_log_takes(level) || request->server->log_requests == LOG_REQUESTS_OFF ||
        (request->server->log_requests == LOG_REQUESTS_ERRORS && is_good))
        return;
    client_text(&request->client, client);
    const struct log_exchange exchange = {.client = client,
                                          .method = log->method,
                                          .path = log->path,
                                          .status = status,
                                          .duration = now() - log->since,
                                          .received_bytes = log->received_bytes,
                                          .sent_bytes = sent_bytes(request)};
    server_log_exchange(level, &exchange, outcome(request, status, is_whole));
}
