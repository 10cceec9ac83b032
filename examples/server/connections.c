#include "connections.h"

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

static void cut_off_late_ones(struct connections *connections)
{
    int64_t time = now();
    for (struct connection *at = connections->first; at; at = at->next)
        if (time - at->since > limit_of(connections, at))
            shutdown(at->fd, SHUT_RDWR);
}

static void *watch(void *user)
{
    struct connections *connections = user;
    pthread_mutex_lock(&connections->mutex);
    while (!connections->must_end) {
        struct timespec until;
        cut_off_late_ones(connections);
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

struct connection *connections_add(struct connections *connections, int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
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
