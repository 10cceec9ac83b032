#include "connections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "request_log.h"

/* Connections past the limit are there for one quick question. */
enum { EXTRA_SECONDS = 5, GRACE_SECONDS = 5 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* Says why, as far as the other end listens: nothing else is on its way to it in this stage. */
static void say(const struct connection *connection, const char *status, const char *sentence)
{
    char text[640], body[256], own_id[LOG_REQUEST_ID_MAX];
    const char *id = connection->request_id;
    if (connection->who.is_encrypted) /* the keys are libmicrohttpd's */
        return;
    if (!id) {
        request_log_make_id(own_id);
        id = own_id;
    }
    int length = snprintf(body, sizeof body, "{\"error\": \"%s\"}\n", sentence);
    length = snprintf(text, sizeof text,
                      "HTTP/1.1 %s\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n"
                      "Content-Type: application/json\r\nContent-Length: %d\r\n"
                      "X-Request-Id: %s\r\n\r\n%s",
                      status, length, id, body);
    if (send(connection->who.fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; /* it is cut off all the same */
}

static void say_late(struct connection *connection)
{
    connection->was_late = !connection->who.is_encrypted;
    say(connection, "408 Request Timeout", "the request did not arrive in time");
}

/* libmicrohttpd closes a connection on which nothing moves; one on which a byte moves now and then
 * is ours to end. */
static int64_t limit_of(const struct connections *connections, const struct connection *connection)
{
    switch (connection->stage) {
    case CONNECTION_WAITING:
        return connection->is_extra ? EXTRA_SECONDS
                                    : connections->limits.idle_timeout + GRACE_SECONDS;
    case CONNECTION_RECEIVING:
    case CONNECTION_SENDING:
        return connection->is_extra ? EXTRA_SECONDS : connections->limits.request_timeout;
    default:
        return INT64_MAX;
    }
}

static bool is_late(const struct connections *connections, const struct connection *connection)
{
    return now() - connection->since > limit_of(connections, connection);
}

/* libmicrohttpd (0.9.75) does not notice the end of what comes when it came with the last bytes:
 * nothing will complete such a request. Seen twice, a second apart, no byte is still on its way. */
static bool has_gone(struct connection *connection)
{
    char byte;
    bool was_at_end = connection->is_at_end;
    connection->is_at_end = connection->stage <= CONNECTION_RECEIVING &&
                            recv(connection->who.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return was_at_end && connection->is_at_end;
}

static void cut_off(struct connections *connections)
{
    for (struct connection *at = connections->first; at; at = at->next) {
        bool late = is_late(connections, at);
        if (late && at->stage == CONNECTION_RECEIVING)
            say_late(at);
        if (late || has_gone(at))
            shutdown(at->who.fd, SHUT_RDWR);
    }
}

static void *watch(void *user)
{
    struct connections *connections = user;
    pthread_mutex_lock(&connections->mutex);
    while (!connections->must_end) {
        struct timespec until;
        cut_off(connections);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&connections->wake, &connections->mutex, &until);
    }
    pthread_mutex_unlock(&connections->mutex);
    return NULL;
}

bool connections_start(struct connections *connections, const struct connection_limits *limits)
{
    pthread_condattr_t monotonic;
    *connections = (struct connections){.limits = *limits};
    if (getrandom(&connections->seed, sizeof connections->seed, 0) !=
        (ssize_t)sizeof connections->seed)
        return false;
    if (pthread_mutex_init(&connections->mutex, NULL) != 0)
        return false;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&connections->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    connections->watching = pthread_create(&connections->watch, NULL, watch, connections) == 0;
    return connections->watching;
}

void connections_stop(struct connections *connections)
{
    if (!connections->watching)
        return;
    pthread_mutex_lock(&connections->mutex);
    connections->must_end = true;
    pthread_cond_signal(&connections->wake);
    pthread_mutex_unlock(&connections->mutex);
    pthread_join(connections->watch, NULL);
    connections->watching = false;
}

/* ---- one by one ---- */

static struct connection **net_of(struct connections *connections, const struct client *net)
{
    uint64_t hash = rate_hash(connections->seed, net->address, sizeof net->address);
    return &connections->nets[hash % CONNECTION_NETS];
}

static bool is_of_net(const struct connection *connection, const struct client *net)
{
    struct client own = client_for_limits(&connection->who.peer);
    return memcmp(own.address, net->address, sizeof own.address) == 0;
}

static bool is_limited(const struct connections *connections, const struct connection *connection)
{
    return connections->limits.per_address > 0 && !connection->who.is_proxy &&
           !connection->who.is_operations;
}

/* False when its address has as many as it may. */
static bool enter_net(struct connections *connections, struct connection *connection)
{
    struct client net = client_for_limits(&connection->who.peer);
    struct connection **first = net_of(connections, &net);
    int64_t others = 0;
    for (const struct connection *at = *first; at; at = at->next_of_net)
        others += is_of_net(at, &net);
    if (others >= connections->limits.per_address)
        return false;
    connection->next_of_net = *first;
    *first = connection;
    return true;
}

static void leave_net(struct connections *connections, const struct connection *connection)
{
    struct client net = client_for_limits(&connection->who.peer);
    struct connection **at = net_of(connections, &net);
    while (*at && *at != connection)
        at = &(*at)->next_of_net;
    if (*at)
        *at = connection->next_of_net;
}

/* libmicrohttpd has it already, and closes it when it sees its end. */
static void refuse(const struct connections *connections, struct connection *connection)
{
    char sentence[128];
    snprintf(sentence, sizeof sentence,
             "too many connections from this address: http.connections_per_address is %lld",
             (long long)connections->limits.per_address);
    say(connection, "429 Too Many Requests", sentence);
    shutdown(connection->who.fd, SHUT_RDWR);
    connection->is_refused = true;
}

struct connection *connections_add(struct connections *connections, const struct newcomer *who)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->who = *who;
    connection->since = now();
    pthread_mutex_lock(&connections->mutex);
    connection->is_extra = who->is_operations
                               ? ++connections->operations > OPERATIONS_CONNECTIONS
                               : ++connections->count > connections->limits.connections;
    if (is_limited(connections, connection) && !enter_net(connections, connection))
        refuse(connections, connection);
    connection->next = connections->first;
    if (connections->first)
        connections->first->previous = connection;
    connections->first = connection;
    pthread_mutex_unlock(&connections->mutex);
    return connection;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->mutex);
    if (connection->who.is_operations)
        connections->operations--;
    else
        connections->count--;
    if (is_limited(connections, connection) && !connection->is_refused)
        leave_net(connections, connection);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    pthread_mutex_unlock(&connections->mutex);
    free(connection);
}

void connections_enter(struct connections *connections, struct connection *connection,
                       enum connection_stage stage)
{
    pthread_mutex_lock(&connections->mutex);
    connection->stage = stage;
    connection->since = now();
    pthread_mutex_unlock(&connections->mutex);
}

void connections_name(struct connections *connections, struct connection *connection,
                      const char *request_id)
{
    pthread_mutex_lock(&connections->mutex);
    connection->request_id = request_id;
    pthread_mutex_unlock(&connections->mutex);
}
