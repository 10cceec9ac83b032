#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "doors.h"
#include "guard.h"
#include "hardening.h"
#include "head.h"
#include "listen.h"
#include "meter.h"
#include "request.h"
#include "scope.h"
#include "scrape.h"
#include "tls.h"

enum {
    HEALTH_CONNECTIONS = 64, /* held for the health requests when all others are taken */
    CONNECTION_MEMORY = 32 * 1024
};

/* ---- a request's life ---- */

#define PAIR(name, value) {name, value},

static void harden(struct MHD_Response *response, bool is_encrypted)
{
    static const char *const headers[][2] = {HARDENING(PAIR)};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (!MHD_get_response_header(response, headers[i][0]))
            MHD_add_response_header(response, headers[i][0], headers[i][1]);
    if (is_encrypted)
        MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
}

static enum MHD_Result send_answer(struct request *request)
{
    struct MHD_Response *response = request->response;
    if (!response) /* memory ran out while answering */
        return MHD_NO;
    request->response = NULL;
    request->stage = REQUEST_ANSWERED;
    /* whoever reads a chunk's lines otherwise has another request behind them */
    if (request->server->is_stopping || request->is_chunked)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    harden(response, request->connection->who.is_encrypted);
    MHD_add_response_header(response, "X-Request-Id", request->log.name.id);
    connections_enter(&request->server->connections, request->connection, CONNECTION_SENDING);
    enum MHD_Result result = MHD_queue_response(request->mhd, request->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Answered before the body has come: it is not waited for, so the connection cannot go on. Without
 * a body the answer waits for the request's end, and the connection stays. */
static enum MHD_Result send_early(struct request *request)
{
    if (!request->has_body && request->response)
        return MHD_YES;
    answer_header(request, MHD_HTTP_HEADER_CONNECTION, "close");
    return send_answer(request);
}

static int64_t longest_body(const struct request *request)
{
    switch (request->route->body) {
    case BODY_UPLOAD:
        return request->server->body_max;
    case BODY_LOGIN:
    case BODY_LOGIN_OR_NONE:
        return BODY_LOGIN_MAX;
    default:
        return BODY_JSON_MAX;
    }
}

static bool check_length(struct request *request)
{
    const char *text = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t limit = longest_body(request);
    if (!request->has_body && request->route->body != BODY_LOGIN_OR_NONE) {
        answer_error(request, MHD_HTTP_LENGTH_REQUIRED, "the request needs a body");
        return false;
    }
    if (!text || strtoll(text, NULL, 10) <= limit)
        return true;
    answer_error(request, MHD_HTTP_CONTENT_TOO_LARGE,
                 "the body has %.20s bytes, over the limit of "
                 "%lld",
                 text, (long long)limit);
    return false;
}

static bool begin_body(struct request *request)
{
    if (request->route->body == BODY_NONE)
        return true;
    if (!check_length(request))
        return false;
    if (body_begin(&request->body, request->server->station,
                   request_header(request, MHD_HTTP_HEADER_CONTENT_TYPE),
                   request->route->body == BODY_UPLOAD, longest_body(request))) {
        request->body.request = request;
        return true;
    }
    answer_error(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                 request->route->body == BODY_UPLOAD
                     ? "the body is a form (multipart/form-data), a JPEG (image/jpeg) or JSON"
                     : "the body is JSON (application/json)");
    return false;
}

static bool is_served_here(const struct request *request)
{
    return !request->connection->who.is_operations || request->route->flags & ROUTE_ALWAYS;
}

static bool find_route(struct request *request, const char *method, const char *url)
{
    char allow[64];
    request->route = route_find(method, url, request->argument, sizeof request->argument, allow,
                                sizeof allow);
    if (request->route && request->route->access == FOR_CAMERAS)
        request_log_camera(request, scope_head_device(request)); /* also where it is refused */
    if (!limits_admit(request))
        return false;
    if (request->route && is_served_here(request))
        return true;
    if (request->route) {
        answer_error(request, MHD_HTTP_NOT_FOUND,
                     "at this port there are health and metrics alone");
    } else if (allow[0]) {
        answer_error(request, MHD_HTTP_METHOD_NOT_ALLOWED, "this address takes %s", allow);
        answer_header(request, MHD_HTTP_HEADER_ALLOW, allow);
    } else {
        answer_error(request, MHD_HTTP_NOT_FOUND,
                     "there is nothing at this address: /api/openapi.json lists what there is");
    }
    return false;
}

static bool is_welcome(struct request *request)
{
    if (request->route->flags & ROUTE_ALWAYS ||
        (!request->server->is_stopping && !request->connection->is_extra))
        return true;
    answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE,
                 request->server->is_stopping ? "the server is stopping" : "the server is full");
    return false;
}

/* Without a body nothing is lost until a worker has looked at who asks. */
static bool is_for_workers(const struct request *request)
{
    return request->route->body == BODY_NONE && !(request->route->flags & ROUTE_INLINE);
}

/* The head has come. False when the request is answered already. */
static bool begin_request(struct request *request, const char *method, const char *url,
                          const char *version)
{
    return guard_head(request, method, url, version) && guard_framing(request, version) &&
           find_route(request, method, url) && guard_site(request) && is_welcome(request) &&
           (is_for_workers(request) || doors_admit(request)) && limits_admit_early(request) &&
           begin_body(request);
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* A request's first line has come: from here on its time runs. */
static void *begin_head(void *user, const char *line, struct MHD_Connection *mhd)
{
    struct server *server = user;
    struct connection *connection = connection_of(mhd);
    if (!connection)
        return NULL;
    connection->target_size = head_measure_target(line);
    connections_enter(&server->connections, connection, CONNECTION_HEAD);
    return NULL; /* there is no request yet */
}

static enum MHD_Result new_request(struct server *server, struct MHD_Connection *mhd,
                                   const char *method, const char *url, const char *version,
                                   void **context)
{
    struct connection *connection = connection_of(mhd);
    struct request *request = NULL;
    if (connection && connections_enter(&server->connections, connection, CONNECTION_BODY))
        request = calloc(1, sizeof *request);
    if (!request)
        return MHD_NO; /* closes the connection */
    *context = request;
    server->requests++;
    request->server = server;
    request->mhd = mhd;
    request->connection = connection;
    connection->drained = 0;
    guard_client(request);
    meter_begin(request, method);
    request_log_begin(request, method, url);
    enum MHD_Result result = begin_request(request, method, url, version) ? MHD_YES
                                                                          : send_early(request);
    server_log_enter(NULL);
    return result;
}

/* Only who may ask takes one of the few places. */
static void serve_admitted(struct request *request)
{
    if (!(request->route->flags & ROUTE_FEW) || scrape_begin(request))
        request->route->serve(request);
}

static void work(struct job *job)
{
    struct request *request = (struct request *)job;
    server_log_enter(&request->log.name);
    if (doors_admit(request)) /* once more for an upload, which may have taken its time */
        serve_admitted(request);
    body_free(&request->body); /* a refused picture is off the disk before its answer */
    server_log_enter(NULL);
    MHD_resume_connection(request->mhd); /* from here on the request is the event thread's */
}

/* Who is refused for coming too often. A proxy has other clients' requests for the connections that
 * would sleep. */
static bool is_held_back(struct request *request)
{
    const struct client *peer = &request->connection->who.peer;
    bool is_direct = memcmp(request->client.address, peer->address, sizeof peer->address) == 0;
    return request->status == MHD_HTTP_TOO_MANY_REQUESTS && is_direct &&
           tarpit_hold(&request->server->tarpit, &request->held, request->mhd);
}

/* The body has come. */
static enum MHD_Result serve(struct request *request)
{
    if (!connections_enter(&request->server->connections, request->connection,
                           CONNECTION_ANSWERING))
        return MHD_NO; /* it was told that it is late, and must not be done after all */
    if (request->response) {
        request->stage = REQUEST_WORKING; /* for when it wakes */
        return is_held_back(request) ? MHD_YES : send_answer(request);
    }
    if (request->route->flags & ROUTE_INLINE || request->connection->who.is_operations) {
        serve_admitted(request);
        return send_answer(request);
    }
    request->stage = REQUEST_WORKING;
    request->job.run = work;
    MHD_suspend_connection(request->mhd);
    bool is_login = request->route->flags & ROUTE_LOGIN;
    if (!workers_do(is_login ? request->server->logins : request->server->workers, &request->job)) {
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "%s",
                     request->server->is_stopping ? "the server is stopping"
                                                  : "too many logins are waiting");
        MHD_resume_connection(request->mhd);
    }
    return MHD_YES;
}

/* All of it, always: what is left would never be asked for again. False when too much comes that
 * nobody wants. */
static bool take_body(struct request *request, const char *data, size_t size)
{
    bool is_read = request->stage == REQUEST_RECEIVING && request->route->body != BODY_NONE;
    request->log.received_bytes += (int64_t)size;
    if (is_read)
        body_add(&request->body, data, size);
    if (is_read && !request->body.failure)
        return true;
    request->connection->drained += (int64_t)size;
    if (request->connection->drained <= DRAINED_MAX)
        return true;
    server_log(WILDCAM_LOG_INFO, "over %d bytes of a body are thrown away: the connection ends",
               DRAINED_MAX);
    return false;
}

/* More of the body has come, or all of it, or the answer is ready. */
static enum MHD_Result go_on(struct request *request, const char *data, size_t *data_size)
{
    if (*data_size) {
        bool is_good = take_body(request, data, *data_size);
        *data_size = 0;
        return is_good ? MHD_YES : MHD_NO;
    }
    if (request->stage == REQUEST_WORKING)
        return send_answer(request);
    return request->stage == REQUEST_RECEIVING ? serve(request) : MHD_YES;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *mhd, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *data_size, void **context)
{
    struct request *request = *context;
    if (!request)
        return new_request(user, mhd, method, url, version, context);
    server_log_enter(&request->log.name);
    enum MHD_Result result = go_on(request, data, data_size);
    server_log_enter(NULL);
    return result;
}

/* It never became a request: its head is malformed or too long for libmicrohttpd, which has
 * answered by itself, or came too late. */
static void end_head(struct server *server, struct MHD_Connection *mhd)
{
    struct request request = {.server = server, .mhd = mhd, .connection = connection_of(mhd)};
    if (!request.connection || (!request_status(&request) && !request.connection->was_late))
        return;
    guard_client(&request);
    meter_begin(&request, "-");
    request_log_begin(&request, "-", "-");
    request.log.since = request.connection->head_since;
    request.began = request.log.since * 1000;
    meter_end(&request); /* what the log has is counted */
    request_log_end(&request, true);
    server_log_enter(NULL);
}

static void end_request(void *user, struct MHD_Connection *mhd, void **context,
                        enum MHD_RequestTerminationCode code)
{
    struct server *server = user;
    struct request *request = *context;
    if (!request) {
        end_head(server, mhd);
        return;
    }
    server_log_enter(&request->log.name);
    if (request->response)
        MHD_destroy_response(request->response);
    body_free(&request->body);
    wildcam_access_free(request->caller);
    request_log_end(request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    server_log_enter(NULL);
    connections_enter(&server->connections, request->connection, CONNECTION_WAITING);
    scrape_end(request);
    meter_end(request);
    free(request);
    *context = NULL;
    server->requests--;
}

static struct connection *add_connection(struct listener *listener, struct MHD_Connection *mhd)
{
    struct newcomer who = {.is_operations = listener->is_operations,
                           .is_encrypted = listener->is_encrypted};
    struct server *server = listener->server;
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    client_from_socket(address ? address->client_addr : NULL, &who.peer);
    who.is_proxy = client_is_in(&who.peer, &server->proxies);
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd,
                                                                 MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!fd)
        return NULL;
    who.fd = fd->connect_fd;
    return connections_add(&server->connections, &who);
}

static void notice_connection(void *user, struct MHD_Connection *mhd, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct listener *listener = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = add_connection(listener, mhd);
    } else if (*context) {
        connections_remove(&listener->server->connections, *context);
        *context = NULL;
    }
}

/* ---- listening ---- */

static void log_mhd(void *user, const char *format, va_list args)
{
    (void)user;
    (void)format; /* it reports what clients do wrong, a line each: not worth an operator's time */
    (void)args;
}

/* How many threads and connections a listener has. */
struct size {
    unsigned threads, connections;
};

/* The threads share the limit out, and connections do not fall evenly to them: each may have as
 * many as all together, and the server itself counts. */
static struct size size_of(const struct listener *listener)
{
    int64_t threads = 1;
    int64_t limit = OPERATIONS_CONNECTIONS;
    if (!listener->is_operations) {
        limit = listener->server->connections.limits.connections;
        wildcam_conf_get_int(listener->server->conf, "http.threads", &threads);
    }
    return (struct size){(unsigned)threads, (unsigned)((limit + HEALTH_CONNECTIONS) * threads)};
}

static struct MHD_Daemon *start_daemon(struct listener *listener, int fd, bool is_v6)
{
    struct server *server = listener->server;
    struct size size = size_of(listener);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | (is_v6 ? MHD_USE_IPv6 : 0) |
                     (listener->is_encrypted ? MHD_USE_TLS : 0);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
        size.threads > 1 ? size.threads : 0, MHD_OPTION_CONNECTION_LIMIT, size.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)server->connections.limits.idle_timeout,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_CONNECTION,
        notice_connection, listener, MHD_OPTION_NOTIFY_COMPLETED, end_request, server,
        MHD_OPTION_UNESCAPE_CALLBACK, head_unescape, NULL, MHD_OPTION_URI_LOG_CALLBACK, begin_head,
        server, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        listener->is_encrypted ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, tls_priorities(),
        MHD_OPTION_HTTPS_CERT_CALLBACK2, tls_retrieve(), MHD_OPTION_END);
}

/* Who reaches a server without keys may do everything. NULL when there are some. */
static const char *find_no_keys(struct server *server)
{
    int has_keys;
    if (wildcam_station_has_keys(server->station, &has_keys) != WILDCAM_OK)
        return wildcam_error_message();
    server->has_keys = has_keys;
    return has_keys ? NULL
                    : "there are no keys yet, so the server listens on loopback addresses only: "
                      "make one with `wildcam keys create --role admin --data DIR`, or listen on "
                      "127.0.0.1";
}

bool http_check(const char *listen_on, bool is_encrypted, const char **reason)
{
    struct listen_address address;
    *reason = NULL;
    if (!listen_read(listen_on, &address))
        *reason = "it is an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    else if (is_encrypted && MHD_is_feature_supported(MHD_FEATURE_HTTPS_CERT_CALLBACK2) == MHD_NO)
        *reason = "libmicrohttpd was built without TLS: put a proxy in front";
    return !*reason;
}

bool http_start(struct listener *listener, const char *listen_on, const char **reason)
{
    struct listen_address address;
    *reason = NULL;
    if (listen_read(listen_on, &address) && !listen_is_loopback(&address))
        *reason = find_no_keys(listener->server);
    if (*reason)
        return false;
    int fd = listen_open(&address);
    if (fd < 0) {
        *reason = strerror(errno);
        return false;
    }
    listener->daemon = start_daemon(listener, fd, listen_is_v6(&address));
    if (!listener->daemon) {
        close(fd);
        *reason = "the HTTP library does not start; see http.threads and http.connections, and the "
                  "limit of open files";
    }
    return listener->daemon;
}

int http_port(const struct listener *listener)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->daemon,
                                                           MHD_DAEMON_INFO_LISTEN_FD);
    return info ? listen_port(info->listen_fd) : 0;
}

/* New connections are accepted until the end, to be told that the server is stopping.
 * MHD_quiesce_daemon() would turn them away, but it races with its own threads, and has ended the
 * whole process in that (0.9.75: "Failed to remove listen FD from epoll set"). */
void http_finish(const struct server *server, int64_t seconds)
{
    const struct timespec moment = {0, 20000000};
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    do {
        nanosleep(&moment, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (server->requests > 0 &&
             (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec)));
}

void http_stop(struct listener *listener)
{
    if (listener->daemon)
        MHD_stop_daemon(listener->daemon);
    listener->daemon = NULL;
}
