#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool listen_read(const char *text, struct listen_address *address)
{
    char host[64], *end;
    const char *colon = strrchr(text, ':');
    if (!colon || colon - text >= (int)sizeof host)
        return false;
    long port = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end || port < 0 || port > 65535)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    memset(address, 0, sizeof *address);
    size_t length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        address->size = sizeof address->v6;
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1;
    }
    address->size = sizeof address->v4;
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                     &address->v4.sin_addr) == 1;
}

bool listen_is_v6(const struct listen_address *address)
{
    return address->any.sa_family == AF_INET6;
}

bool listen_is_loopback(const struct listen_address *address)
{
    if (listen_is_v6(address))
        return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
    return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

int listen_open(const struct listen_address *address)
{
    int yes = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, &address->any, address->size) == 0 && listen(fd, 1024) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int listen_port(int fd)
{
    struct listen_address address = {.size = sizeof address.v6};
    if (getsockname(fd, &address.any, &address.size) != 0)
        return 0;
    return ntohs(listen_is_v6(&address) ? address.v6.sin6_port : address.v4.sin_port);
}
