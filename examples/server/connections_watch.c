/* The thread that ends connections: those that take too long, are gone, or have been answered while
 * they were still sending. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connections.h"
#include "hardening.h"
#include "request_log.h"

enum {
    EXTRA_SECONDS = 5, /* connections past the limit are there for one quick question */
    GRACE_SECONDS = 5,
    REFUSED_MAX = 64 /* of those that leave: they have libmicrohttpd's memory besides */
};

/* ---- telling why ---- */

#define LINE(name, value) name ": " value "\r\n"

static const char hardening[] = HARDENING(LINE);

/* As far as the other end listens: nothing else is on its way to it in these stages. */
static void say(struct connection *connection, const char *status, const char *headers,
                const char *sentence)
{
    char text[1024], body[256], own_id[LOG_REQUEST_ID_MAX];
    const char *id = connection->request_id;
    if (!id) {
        request_log_make_id(own_id);
        id = own_id;
    }
    int size = snprintf(body, sizeof body, "{\"error\": \"%s\"}\n", sentence);
    int length =
        snprintf(text, sizeof text,
                 "HTTP/1.1 %s\r\nConnection: close\r\n%s%sContent-Type: application/json\r\n"
                 "Content-Length: %d\r\nX-Request-Id: %s\r\n\r\n%s",
                 status, headers, hardening, size, id, body);
    if (length >= (int)sizeof text)
        return;
    connection->told_bytes = size; /* before anybody can have read it */
    if (send(connection->who.fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; /* it is cut off all the same */
}

static void say_why(const struct connections *connections, struct connection *connection,
                    enum dismissal why)
{
    char sentence[128];
    if (why == DISMISSED_LATE) {
        say(connection, "408 Request Timeout", "", "the request did not arrive in time");
        return;
    }
    snprintf(sentence, sizeof sentence,
             "too many connections from this address: http.connections_per_address is %lld",
             (long long)connections->limits.per_address);
    say(connection, "429 Too Many Requests", "Retry-After: 5\r\n", sentence);
}

/* libmicrohttpd has it, and reads on what comes. It closes the connection when the other end does,
 * or when the time is over that there is to read the answer. */
void connections_dismiss(struct connections *connections, struct connection *connection,
                         enum dismissal why)
{
    bool is_told = !connection->who.is_encrypted; /* else the keys are libmicrohttpd's */
    int64_t room = why == DISMISSED_REFUSED ? REFUSED_MAX : LEAVING_MAX;
    connection->is_over = true;
    connections->dismissed[why]++;
    if (why == DISMISSED_REFUSED)
        connection->is_refused = true;
    else
        connection->was_late = true;
    if (is_told)
        say_why(connections, connection, why);
    if (is_told && connections->leaving < room) {
        connection->is_leaving = true;
        connection->since = connections_now();
        connections->leaving++;
        shutdown(connection->who.fd, SHUT_WR);
    } else {
        shutdown(connection->who.fd, SHUT_RDWR);
    }
}

/* ---- each second ---- */

/* libmicrohttpd closes a connection on which nothing moves; one on which a byte moves now and then
 * is ours to end. */
static int64_t limit_of(const struct connections *connections, const struct connection *connection)
{
    const struct connection_limits *limits = &connections->limits;
    if (connection->is_leaving)
        return limits->linger;
    if (connection->stage == CONNECTION_ANSWERING)
        return INT64_MAX;
    if (connection->is_extra)
        return EXTRA_SECONDS;
    switch (connection->stage) {
    case CONNECTION_NEW:
    case CONNECTION_HEAD:
        return limits->head_timeout;
    case CONNECTION_WAITING:
        return limits->idle_timeout + GRACE_SECONDS;
    default:
        return limits->request_timeout;
    }
}

static bool is_late(const struct connections *connections, const struct connection *connection)
{
    return connections_now() - connection->since > limit_of(connections, connection);
}

static bool is_receiving(const struct connection *connection)
{
    return connection->stage == CONNECTION_HEAD || connection->stage == CONNECTION_BODY;
}

/* libmicrohttpd (0.9.75) does not notice the end of what comes when it came with the last bytes:
 * nothing will complete such a request. Seen twice, a second apart, no byte is still on its way. */
static bool has_gone(struct connection *connection)
{
    char byte;
    bool was_at_end = connection->is_at_end;
    connection->is_at_end = connection->stage <= CONNECTION_BODY &&
                            recv(connection->who.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return was_at_end && connection->is_at_end;
}

/* Without a word. One that was idle is not late. */
static void cut(struct connections *connections, struct connection *connection, bool late)
{
    if (late && !connection->is_over && connection->stage != CONNECTION_WAITING) {
        connections->dismissed[DISMISSED_LATE]++;
        connection->is_over = true;
    }
    shutdown(connection->who.fd, SHUT_RDWR);
}

/* One that says nothing at all is not told that it is late: its other end may be about to ask. */
static void cut_off(struct connections *connections)
{
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *at = connections->first; at; at = at->next) {
        bool late = is_late(connections, at);
        if (late && is_receiving(at) && !at->is_over)
            connections_dismiss(connections, at, DISMISSED_LATE);
        else if (late || has_gone(at))
            cut(connections, at, late);
    }
    pthread_mutex_unlock(&connections->mutex);
}

/* ---- those that linger ---- */

static bool has_more(const struct connection *connection)
{
    char byte;
    ssize_t size = recv(connection->who.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size > 0 || (size < 0 && errno == EAGAIN && connection->is_unread);
}

bool connections_linger(struct connections *connections, struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if ((!connection->is_leaving && connections->leaving >= LEAVING_MAX) || !has_more(connection))
        return false;
    int fd = fcntl(connection->who.fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return false;
    connection->who.fd = fd;
    connection->stage = CONNECTION_LINGERING;
    shutdown(fd, SHUT_WR); /* as libmicrohttpd has done, but not below TLS */
    if (epoll_ctl(connections->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        return false;
    if (!connection->is_leaving) {
        connection->is_leaving = true;
        connection->since = connections_now();
        connections->leaving++;
    }
    return true;
}

/* False when it is over. */
static bool drain(struct connection *connection)
{
    char bytes[64 * 1024];
    ssize_t size = recv(connection->who.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size > 0)
        connection->drained += size;
    return size > 0 ? connection->drained < DRAINED_MAX : size < 0 && errno == EAGAIN;
}

static void go_on(struct connections *connections, struct connection *connection)
{
    if (drain(connection))
        return;
    pthread_mutex_lock(&connections->mutex);
    connections_forget(connections, connection);
    pthread_mutex_unlock(&connections->mutex);
}

void *connections_watch(void *user)
{
    struct connections *connections = user;
    struct epoll_event events[32];
    uint64_t seconds;
    while (!connections->must_end) {
        int count = epoll_wait(connections->epoll, events, sizeof events / sizeof events[0], -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                go_on(connections, events[i].data.ptr);
            else if (read(connections->timer, &seconds, sizeof seconds) > 0)
                cut_off(connections);
        }
    }
    return NULL;
}
