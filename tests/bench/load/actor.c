/* One connection of an actor: made, written to, read from. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

static void disconnect(struct actor *actor)
{
    if (actor->fd >= 0)
        close(actor->fd);
    actor->fd = -1;
}

/* Cameras make a connection for each request, as the firmware does; others keep theirs. */
static void go_on(struct load *load, struct actor *actor, bool answered)
{
    if (!answered || actor->will_close || actor->role == ROLE_CAMERA)
        disconnect(actor);
    actor->stage = STAGE_IDLE;
    bool at_once = request_plan(load, actor, answered);
    if (at_once && load_now() < load->end)
        actor_start(load, actor);
    else
        waiting_add(load, actor);
}

static void fail(struct load *load, struct actor *actor, int64_t *count)
{
    (*count)++;
    go_on(load, actor, false);
}

void actor_give_up(struct load *load, struct actor *actor)
{
    fail(load, actor, &load->tallies[actor->kind].late);
}

/* ---- the answer ---- */

static void finish(struct load *load, struct actor *actor)
{
    struct tally *tally = &load->tallies[actor->kind];
    if (actor->status >= 200 && actor->status < 400)
        tally->done++;
    else
        tally->statuses[actor->status]++;
    tally_time(tally, load_now() - actor->began);
    go_on(load, actor, true);
}

static const char *find_header(const char *head, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':')
            return line + 3 + length;
    return NULL;
}

/* False when it is no answer. */
static bool read_head(struct actor *actor, size_t length)
{
    const char *size, *connection;
    actor->answer[length - 1] = '\0';
    if (sscanf(actor->answer, "HTTP/1.1 %d", &actor->status) != 1 || actor->status < 200 ||
        actor->status > 599)
        return false;
    size = find_header(actor->answer, "Content-Length");
    connection = find_header(actor->answer, "Connection");
    actor->body_left = size ? strtoll(size, NULL, 10) : 0;
    actor->will_close = connection && strncasecmp(connection + 1, "close", 5) == 0;
    actor->is_in_body = true;
    return size || actor->status == 204 || actor->status == 304;
}

/* Takes what came; false when it is no answer. */
static bool take(struct actor *actor, size_t size)
{
    if (actor->is_in_body) {
        actor->body_left -= (int64_t)size;
        return actor->body_left >= 0;
    }
    actor->head_size += size;
    actor->answer[actor->head_size] = '\0';
    const char *end = strstr(actor->answer, "\r\n\r\n");
    if (!end)
        return actor->head_size < HEAD_MAX - 1;
    size_t head = (size_t)(end - actor->answer) + 4;
    if (!read_head(actor, head))
        return false;
    actor->body_left -= (int64_t)(actor->head_size - head);
    return actor->body_left >= 0;
}

static void receive(struct load *load, struct actor *actor)
{
    for (;;) {
        char *into = actor->is_in_body ? NULL : actor->answer + actor->head_size;
        size_t room = actor->is_in_body ? (size_t)actor->body_left
                                        : HEAD_MAX - 1 - actor->head_size;
        /* a body is thrown away where it is: the kernel does not copy it */
        ssize_t got = recv(actor->fd, into, room, actor->is_in_body ? MSG_TRUNC : 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0 || !take(actor, (size_t)got)) {
            fail(load, actor, &load->tallies[actor->kind].broken);
            return;
        }
        if (actor->is_in_body && actor->body_left == 0) {
            finish(load, actor);
            return;
        }
    }
}

/* ---- the request ---- */

static void transmit(struct load *load, struct actor *actor)
{
    while (actor->part < actor->part_count) {
        struct msghdr message = {.msg_iov = actor->parts + actor->part,
                                 .msg_iovlen = (size_t)(actor->part_count - actor->part)};
        ssize_t sent = sendmsg(actor->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0) { /* an answer may be there all the same: that it is refused */
            actor->stage = STAGE_RECEIVING;
            receive(load, actor);
            return;
        }
        for (size_t left = (size_t)sent; left;) {
            struct iovec *part = &actor->parts[actor->part];
            size_t taken = left < part->iov_len ? left : part->iov_len;
            part->iov_base = (char *)part->iov_base + taken;
            part->iov_len -= taken;
            left -= taken;
            actor->part += part->iov_len == 0;
        }
    }
    actor->stage = STAGE_RECEIVING;
    if (actor->role == ROLE_SLOW) /* a byte more each second */
        waiting_add(load, actor);
    else if (actor->has_begun)
        receive(load, actor);
}

static bool connect_from(const struct load *load, struct actor *actor)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(actor->address)};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = actor};
    int one = 1;
    actor->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (actor->fd < 0)
        return false;
    setsockopt(actor->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(actor->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    return bind(actor->fd, (const struct sockaddr *)&from, sizeof from) == 0 &&
           epoll_ctl(load->epoll, EPOLL_CTL_ADD, actor->fd, &event) == 0 &&
           (connect(actor->fd, (const struct sockaddr *)&load->server, sizeof load->server) == 0 ||
            errno == EINPROGRESS);
}

static void drip(struct load *load, struct actor *actor)
{
    if (send(actor->fd, "x", 1, MSG_NOSIGNAL) == 1) {
        actor->due += 1000000;
        waiting_add(load, actor);
    } else {
        fail(load, actor, &load->tallies[actor->kind].broken);
    }
}

void actor_start(struct load *load, struct actor *actor)
{
    if (actor->role == ROLE_SLOW && actor->stage == STAGE_RECEIVING) {
        drip(load, actor);
        return;
    }
    actor->began = load_now();
    request_prepare(load, actor);
    actor->status = 0;
    actor->head_size = 0;
    actor->body_left = 0;
    actor->has_begun = actor->is_in_body = actor->will_close = false;
    actor->stage = STAGE_SENDING;
    if (actor->fd >= 0) {
        transmit(load, actor);
        return;
    }
    actor->stage = STAGE_CONNECTING;
    if (!connect_from(load, actor))
        fail(load, actor, &load->tallies[actor->kind].refused);
}

void actor_event(struct load *load, struct actor *actor, uint32_t events)
{
    int error = 0;
    socklen_t size = sizeof error;
    switch (actor->stage) {
    case STAGE_IDLE: /* a connection that was kept, and that the server closed */
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            disconnect(actor);
        return;
    case STAGE_CONNECTING:
        if (!(events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
            return;
        getsockopt(actor->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            fail(load, actor, &load->tallies[actor->kind].refused);
            return;
        }
        actor->stage = STAGE_SENDING;
        transmit(load, actor);
        return;
    case STAGE_SENDING:
        /* an answer before the request's end is read behind it */
        actor->has_begun = actor->has_begun || (events & EPOLLIN);
        transmit(load, actor);
        return;
    case STAGE_RECEIVING:
        if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            receive(load, actor);
    }
}
