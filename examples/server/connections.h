/* Every open connection, and how long each may take. */
#ifndef SERVER_CONNECTIONS_H
#define SERVER_CONNECTIONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "rate.h"

enum connection_stage {
    CONNECTION_WAITING,   /* for a request's first line: idle, or dripping it */
    CONNECTION_RECEIVING, /* the rest of its head, its body */
    CONNECTION_ANSWERING, /* the time is ours */
    CONNECTION_SENDING    /* until the other end has taken the answer */
};

/* What is known of a connection when it comes. */
struct newcomer {
    int fd;
    struct client peer;
    bool is_operations; /* has come to the listener for operations */
    bool is_encrypted;
    bool is_proxy; /* has many clients behind it */
};

struct connection {
    struct newcomer who;
    enum connection_stage stage;
    int64_t since;          /* seconds of the monotonic clock */
    bool is_extra;          /* past the limit: held for the health requests */
    bool is_refused;        /* past the limit of its address, and cut off */
    bool is_at_end;         /* the other end will send no more */
    const char *request_id; /* of the request that is under way; NULL before its head has come */
    atomic_bool was_late;   /* and was told so */
    struct connection *next, *previous, *next_of_net;
};

/* Time limits are in seconds. */
struct connection_limits {
    int64_t connections, per_address; /* 0 for the latter: any number */
    int64_t idle_timeout, request_timeout;
};

enum { CONNECTION_NETS = 1024, OPERATIONS_CONNECTIONS = 32 };

struct connections {
    pthread_mutex_t mutex;
    struct connection *first;
    struct connection *nets[CONNECTION_NETS]; /* those whose number is limited, by their address */
    struct rate_seed seed;
    struct connection_limits limits;
    int64_t count, operations; /* of the listeners */
    pthread_t watch;
    pthread_cond_t wake;
    bool watching, must_end;
};

/* Starts the thread that cuts off whoever is over a limit or gone. False when the system gives
 * none. */
bool connections_start(struct connections *connections, const struct connection_limits *limits);
void connections_stop(struct connections *connections);

/* NULL when memory ran out. */
struct connection *connections_add(struct connections *connections, const struct newcomer *who);
void connections_remove(struct connections *connections, struct connection *connection);
void connections_enter(struct connections *connections, struct connection *connection,
                       enum connection_stage stage);
/* Which request is under way, for the answer to one that does not arrive; NULL: none is. */
void connections_name(struct connections *connections, struct connection *connection,
                      const char *request_id);

#endif
