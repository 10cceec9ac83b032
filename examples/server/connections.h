/* Every open connection, and how long each may take. */
#ifndef SERVER_CONNECTIONS_H
#define SERVER_CONNECTIONS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "client.h"

enum connection_stage {
    CONNECTION_WAITING,   /* for a request's first line: idle, or dripping it */
    CONNECTION_RECEIVING, /* the rest of its head, its body */
    CONNECTION_ANSWERING  /* the time is ours */
};

struct connection {
    int fd;
    struct client peer;
    enum connection_stage stage;
    int64_t since;  /* seconds of the monotonic clock */
    bool is_extra;  /* past the limit: held for the health requests */
    bool is_at_end; /* the other end will send no more */
    struct connection *next, *previous;
};

/* Time limits are in seconds. */
struct connections {
    pthread_mutex_t mutex;
    struct connection *first;
    int64_t count, limit;
    int64_t waiting_limit, receiving_limit;
    pthread_t watch;
    pthread_cond_t wake;
    bool watching, must_end;
};

/* Starts the thread that cuts off whoever is over a limit or gone. False when the system gives
 * none. */
bool connections_start(struct connections *connections, int64_t limit, int64_t idle_timeout,
                       int64_t request_timeout);
void connections_stop(struct connections *connections);

/* NULL when memory ran out. */
struct connection *connections_add(struct connections *connections, int fd,
                                   const struct client *peer);
void connections_remove(struct connections *connections, struct connection *connection);
void connections_enter(struct connections *connections, struct connection *connection,
                       enum connection_stage stage);

#endif
