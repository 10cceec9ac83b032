/* libmicrohttpd, behind a few calls. */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "server.h"

struct MHD_Daemon;

struct listener {
    struct server *server;
    bool is_encrypted;
    bool is_operations; /* answers what is asked of a server's health alone */
    struct MHD_Daemon *daemon;
};

/* Whether an address and port is one, and TLS can be spoken there if it is to be. On failure
 * *reason says what to do: no later start will go better. */
bool http_check(const char *listen_on, bool is_encrypted, const char **reason);
/* Listens on an address and port such as "127.0.0.1:8080" or "[::1]:0", which http_check() has
 * passed. On failure *reason says what to do. */
bool http_start(struct listener *listener, const char *listen_on, const char **reason);
/* The port that it listens on. */
int http_port(const struct listener *listener);
/* The server is stopping, so new requests are refused: waits so many seconds for those under way.
 */
void http_finish(const struct server *server, int64_t seconds);
/* Closes what is left. The workers must have stopped: nothing sleeps any more. */
void http_stop(struct listener *listener);

#endif
