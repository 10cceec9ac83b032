/* Addresses to listen on. */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct listen_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t size;
};

/* ADDRESS:PORT, the address in brackets when it has colons. */
bool listen_read(const char *text, struct listen_address *address);
bool listen_is_v6(const struct listen_address *address);
bool listen_is_loopback(const struct listen_address *address);
/* A socket that listens. On failure -1, and errno says why. */
int listen_open(const struct listen_address *address);
/* The port of such a socket; 0 on failure. */
int listen_port(int fd);

#endif
