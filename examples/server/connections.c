#include "connections.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* Connections past the limit are there for one quick question. */
enum { EXTRA_SECONDS = 5, GRACE_SECONDS = 5 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static const char too_late[] = "{\"error\": \"the request did not arrive in time\"}\n";

/* Says why, as far as the other end listens: nothing else is on its way to it in this stage. */
static void say_late(int fd)
{
    char text[256];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          sizeof too_late - 1, too_late);
    if (send(fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; /* it is cut off all the same */
}

/* libmicrohttpd closes a connection on which nothing moves; one on which a byte moves now and then
 * is ours to end. */
static int64_t limit_of(const struct connections *connections, const struct connection *connection)
{
    switch (connection->stage) {
    case CONNECTION_WAITING:
        return connection->is_extra ? EXTRA_SECONDS : connections->waiting_limit;
    case CONNECTION_RECEIVING:
        return connection->is_extra ? EXTRA_SECONDS : connections->receiving_limit;
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
    connection->is_at_end = connection->stage != CONNECTION_ANSWERING &&
                            recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return was_at_end && connection->is_at_end;
}

static void cut_off(struct connections *connections)
{
    for (struct connection *at = connections->first; at; at = at->next) {
        bool late = is_late(connections, at);
        if (late && at->stage == CONNECTION_RECEIVING)
            say_late(at->fd);
        if (late || has_gone(at))
            shutdown(at->fd, SHUT_RDWR);
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

bool connections_start(struct connections *connections, int64_t limit, int64_t idle_timeout,
                       int64_t request_timeout)
{
    pthread_condattr_t monotonic;
    *connections = (struct connections){.limit = limit,
                                        .waiting_limit = idle_timeout + GRACE_SECONDS,
                                        .receiving_limit = request_timeout};
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

struct connection *connections_add(struct connections *connections, int fd,
                                   const struct client *peer)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
    connection->peer = *peer;
    connection->since = now();
    pthread_mutex_lock(&connections->mutex);
    connection->is_extra = ++connections->count > connections->limit;
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
    connections->count--;
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
