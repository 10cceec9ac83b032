#include "fault/peer.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/harness.h"

enum { CONNECTIONS = 32, HEAD = 8192 };

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

static void answer(int fd, bool is_upload)
{
    static const char found[] = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n";
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    const char *text = is_upload ? found : missing;
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        shutdown(fd, SHUT_RDWR); /* its end comes with the next poll */
}

static size_t body_of(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? strtoul(line + 17, NULL, 10) : 0;
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
    answer(sockets[index].fd, strncmp(head, "PUT ", 4) == 0);
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

const char *peer_url(void)
{
    static char url[64];
    static pid_t owner;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (owner == getpid())
        return url;
    owner = getpid();
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
