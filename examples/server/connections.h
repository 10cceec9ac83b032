/*
 * Every open connection, and how long each may take.
 *
 * A connection that is closed while its other end still sends takes the answer with it: the system
 * tells the other end to forget what it has not read yet. So one that has been answered early is
 * kept for a moment when libmicrohttpd has closed it, and what still comes is thrown away.
 */
#ifndef SERVER_CONNECTIONS_H
#define SERVER_CONNECTIONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "rate.h"

enum connection_stage {
    CONNECTION_NEW,       /* until its first request's first line; TLS's handshake is in this */
    CONNECTION_WAITING,   /* for the next request's first line: idle, or dripping it */
    CONNECTION_HEAD,      /* the rest of a request's head */
    CONNECTION_BODY,      /* and its body */
    CONNECTION_ANSWERING, /* the time is ours */
    CONNECTION_SENDING,   /* until the other end has taken the answer */
    CONNECTION_LINGERING  /* libmicrohttpd has closed it */
};

/* Why one is told to go. */
enum dismissal { DISMISSED_LATE, DISMISSED_REFUSED, DISMISSALS };

/* What is known of a connection when it comes. */
struct newcomer {
    int fd;
    struct client peer;
    bool is_operations; /* has come to the listener for operations */
    bool is_encrypted;
    bool is_proxy; /* has many clients behind it */
};

struct connection {
    struct newcomer who; /* its fd is our own once it lingers */
    enum connection_stage stage;
    int64_t since;          /* seconds of the monotonic clock */
    size_t target_size;     /* of the request under way: head.h */
    int64_t drained;        /* bytes of its last request that were thrown away; the event thread's
                               until it lingers */
    bool is_extra;          /* past the limit: held for the health requests */
    bool is_refused;        /* past the limit of its address */
    bool is_over;           /* takes no more requests */
    bool is_leaving;        /* is given time to read why, or lingers */
    bool is_unread;         /* what it has begun to ask has not wholly come */
    bool is_at_end;         /* the other end will send no more */
    const char *request_id; /* of the request that is under way; NULL before its head has come */
    int64_t head_since;     /* when a request's first line had come; in microseconds */
    atomic_bool was_late;   /* with a request */
    atomic_int told_bytes;  /* the body of what it was told then; 0: it could not be told */
    struct connection *next, *previous, *next_of_net;
};

/* Time limits are in seconds. */
struct connection_limits {
    int64_t connections, per_address; /* 0 for the latter: any number */
    int64_t idle_timeout, head_timeout, request_timeout, linger;
};

enum {
    CONNECTION_NETS = 1024,
    OPERATIONS_CONNECTIONS = 32,
    LEAVING_MAX = 256, /* each has a descriptor */
    LINGER_SECONDS = 10,
    DRAINED_MAX = 64 * 1024 * 1024 /* of a request's body, while it lingers or before */
};

struct connections {
    pthread_mutex_t mutex;
    struct connection *first;
    struct connection *nets[CONNECTION_NETS]; /* those whose number is limited, by their address */
    struct rate_seed seed;
    struct connection_limits limits;
    int64_t count, operations; /* of the listeners, while libmicrohttpd has them, but those that are
                                  refused */
    int64_t leaving;
    int64_t dismissed[DISMISSALS]; /* since the start, told or not */
    int epoll, timer;              /* of the watch: those that linger, and each second */
    pthread_t watch;
    bool watching;
    atomic_bool must_end;
};

/* Starts the thread that cuts off whoever is over a limit or gone. False when the system gives
 * none. */
bool connections_start(struct connections *connections, const struct connection_limits *limits);
/* When libmicrohttpd has none any more; those that linger are closed. */
void connections_stop(struct connections *connections);

/* NULL when memory ran out. */
struct connection *connections_add(struct connections *connections, const struct newcomer *who);
/* When its socket is about to be closed: what it has sent is read a while longer if need be. */
void connections_remove(struct connections *connections, struct connection *connection);
/* False when it has been told to go: whatever it sends is not done. */
bool connections_enter(struct connections *connections, struct connection *connection,
                       enum connection_stage stage);
/* Which request is under way, for the answer to one that does not arrive; NULL: none is. */
void connections_name(struct connections *connections, struct connection *connection,
                      const char *request_id);

/* ---- for connections.c and connections_watch.c; the mutex is held ---- */

int64_t connections_now(void);
/* Tells a connection why it must go, and takes no more requests from it. */
void connections_dismiss(struct connections *connections, struct connection *connection,
                         enum dismissal why);
/* Keeps a connection that libmicrohttpd closes. False when there is no need, or no room. */
bool connections_linger(struct connections *connections, struct connection *connection);
void connections_forget(struct connections *connections, struct connection *connection);
/* The watch's thread. */
void *connections_watch(void *connections);

#endif
