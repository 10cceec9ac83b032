#include "fault/peer.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/harness.h"

enum { CONNECTIONS = 32, HEAD = 8192, PATH = 256, KEPT = 256 };

static struct pollfd sockets[CONNECTIONS]; /* the first is where they come in */
static char heads[CONNECTIONS][HEAD];
static size_t lengths[CONNECTIONS];
static int count;

static void drop(int index)
{
    close(sockets[index].fd);
    count--;
    sockets[index] = sockets[count];
    memcpy(heads[index], heads[count], lengths[count]);
    lengths[index] = lengths[count];
}

/* What it has: where, how long, and the digest that came along. */
struct kept {
    char path[PATH], sha256[65];
    size_t length;
};
static struct kept all_kept[KEPT];
static int kept_count;

static struct kept *find(const char *path)
{
    for (int i = 0; i < kept_count; i++)
        if (strcmp(all_kept[i].path, path) == 0)
            return &all_kept[i];
    return NULL;
}

static void answer(int fd, const char *status, const struct kept *object)
{
    char text[256];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s\r\nETag: \"e\"\r\nContent-Length: %zu\r\n"
                          "x-amz-meta-sha256: %s\r\n\r\n",
                          status, object ? object->length : 0, object ? object->sha256 : "");
    if (send(fd, text, (size_t)length, MSG_NOSIGNAL) < 0)
        shutdown(fd, SHUT_RDWR); /* its end comes with the next poll */
}

static size_t body_of(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? strtoul(line + 17, NULL, 10) : 0;
}

static void keep(const char *path, const char *head)
{
    struct kept *object = find(path);
    const char *sha256 = strcasestr(head, "\r\nx-amz-meta-sha256: ");
    if (!object && kept_count < KEPT)
        object = &all_kept[kept_count++];
    if (!object)
        return;
    snprintf(object->path, sizeof object->path, "%s", path);
    snprintf(object->sha256, sizeof object->sha256, "%.64s", sha256 ? sha256 + 21 : "");
    object->length = body_of(head);
}

/* PUT, HEAD and DELETE, and what peer_forget() says. */
static void obey(int fd, const char *head)
{
    char verb[16], path[PATH];
    if (sscanf(head, "%15s %255s", verb, path) != 2)
        return;
    struct kept *object = find(path);
    if (strcmp(verb, "FORGET") == 0)
        kept_count = 0;
    else if (strcmp(verb, "PUT") == 0)
        keep(path, head);
    else if (strcmp(verb, "DELETE") == 0 && object)
        *object = all_kept[--kept_count];
    bool is_head = strcmp(verb, "HEAD") == 0;
    answer(fd, is_head && !object ? "404 Not Found" : "200 OK", is_head ? object : NULL);
}

/* Takes what has come; a head and its body fit. */
static void serve(int index)
{
    char *head = heads[index];
    ssize_t got = recv(sockets[index].fd, head + lengths[index], HEAD - 1 - lengths[index], 0);
    if (got <= 0) {
        drop(index);
        return;
    }
    lengths[index] += (size_t)got;
    head[lengths[index]] = '\0';
    const char *end = strstr(head, "\r\n\r\n");
    if (!end || lengths[index] < (size_t)(end + 4 - head) + body_of(head))
        return;
    obey(sockets[index].fd, head);
    lengths[index] = 0;
}

static void take_in(void)
{
    int fd = count < CONNECTIONS ? accept(sockets[0].fd, NULL, NULL) : -1;
    if (fd < 0)
        return;
    sockets[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    lengths[count++] = 0;
}

/* The child's life. It has no other files of its parent's, nor its locks. */
static void run(int fd, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int other = 3; other < 1024; other++)
        if (other != fd)
            close(other);
    sockets[0] = (struct pollfd){.fd = fd, .events = POLLIN};
    count = 1;
    while (getppid() == parent) {
        poll(sockets, (nfds_t)count, -1);
        for (int i = count - 1; i > 0; i--)
            if (sockets[i].revents)
                serve(i);
        if (sockets[0].revents)
            take_in();
    }
    _exit(0);
}

static struct sockaddr_in address; /* where the child listens */

const char *peer_url(void)
{
    static char url[64];
    static pid_t owner;
    socklen_t size = sizeof address;
    if (owner == getpid())
        return url;
    owner = getpid();
    address = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, CONNECTIONS), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        run(fd, owner);
    close(fd);
    return url;
}

void peer_forget(void)
{
    static const char request[] = "FORGET / HTTP/1.1\r\n\r\n";
    char text[256];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    ck_assert_int_gt(recv(fd, text, sizeof text, 0), 0);
    close(fd);
}
