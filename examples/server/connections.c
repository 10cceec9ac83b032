#include "connections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int64_t connections_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static int64_t microseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

/* ---- their life ---- */

static bool start_watch(struct connections *connections)
{
    const struct itimerspec each_second = {{1, 0}, {1, 0}};
    struct epoll_event tick = {.events = EPOLLIN, .data.ptr = NULL};
    return connections->epoll >= 0 && connections->timer >= 0 &&
           timerfd_settime(connections->timer, 0, &each_second, NULL) == 0 &&
           epoll_ctl(connections->epoll, EPOLL_CTL_ADD, connections->timer, &tick) == 0 &&
           pthread_create(&connections->watch, NULL, connections_watch, connections) == 0;
}

static void close_watch(struct connections *connections)
{
    if (connections->epoll >= 0)
        close(connections->epoll);
    if (connections->timer >= 0)
        close(connections->timer);
}

bool connections_start(struct connections *connections, const struct connection_limits *limits)
{
    *connections = (struct connections){.limits = *limits};
    if (getrandom(&connections->seed, sizeof connections->seed, 0) !=
        (ssize_t)sizeof connections->seed)
        return false;
    if (pthread_mutex_init(&connections->mutex, NULL) != 0)
        return false;
    connections->epoll = epoll_create1(EPOLL_CLOEXEC);
    connections->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    connections->watching = start_watch(connections);
    if (!connections->watching)
        close_watch(connections);
    return connections->watching;
}

void connections_stop(struct connections *connections)
{
    const struct itimerspec at_once = {{1, 0}, {0, 1}};
    if (!connections->watching)
        return;
    connections->must_end = true;
    timerfd_settime(connections->timer, 0, &at_once, NULL);
    pthread_join(connections->watch, NULL);
    connections->watching = false;
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *at = connections->first, *next; at; at = next) {
        next = at->next;
        connections_forget(connections, at);
    }
    pthread_mutex_unlock(&connections->mutex);
    close_watch(connections);
}

/* ---- how many an address has ---- */

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

/* ---- one by one ---- */

struct connection *connections_add(struct connections *connections, const struct newcomer *who)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->who = *who;
    connection->since = connections_now();
    connection->is_unread = true;
    pthread_mutex_lock(&connections->mutex);
    if (is_limited(connections, connection) && !enter_net(connections, connection))
        connections_dismiss(connections, connection, DISMISSED_REFUSED);
    else
        connection->is_extra = who->is_operations
                                   ? ++connections->operations > OPERATIONS_CONNECTIONS
                                   : ++connections->count > connections->limits.connections;
    connection->next = connections->first;
    if (connections->first)
        connections->first->previous = connection;
    connections->first = connection;
    pthread_mutex_unlock(&connections->mutex);
    return connection;
}

void connections_forget(struct connections *connections, struct connection *connection)
{
    if (is_limited(connections, connection) && !connection->is_refused)
        leave_net(connections, connection);
    if (connection->is_leaving)
        connections->leaving--;
    if (connection->stage == CONNECTION_LINGERING) {
        /* closing it is not enough while libmicrohttpd has not closed its own yet */
        epoll_ctl(connections->epoll, EPOLL_CTL_DEL, connection->who.fd, NULL);
        close(connection->who.fd);
    }
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    free(connection);
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->mutex);
    if (connection->who.is_operations)
        connections->operations--;
    else if (!connection->is_refused)
        connections->count--;
    if (!connections_linger(connections, connection))
        connections_forget(connections, connection);
    pthread_mutex_unlock(&connections->mutex);
}

/* The time of a new one goes on until its first head has come. */
bool connections_enter(struct connections *connections, struct connection *connection,
                       enum connection_stage stage)
{
    pthread_mutex_lock(&connections->mutex);
    bool is_welcome = !connection->is_over;
    if (is_welcome) {
        if (connection->stage != CONNECTION_NEW || stage != CONNECTION_HEAD)
            connection->since = connections_now();
        connection->stage = stage;
    }
    if (stage == CONNECTION_HEAD) {
        connection->is_unread = true;
        connection->head_since = microseconds();
    } else if (stage == CONNECTION_ANSWERING) {
        connection->is_unread = false;
    }
    pthread_mutex_unlock(&connections->mutex);
    return is_welcome;
}

void connections_name(struct connections *connections, struct connection *connection,
                      const char *request_id)
{
    pthread_mutex_lock(&connections->mutex);
    connection->request_id = request_id;
    pthread_mutex_unlock(&connections->mutex);
}
