/*
 * The seam to the network: HTTP exchanges, many at a time.
 *
 * One thread at a time leads: it alone calls all but wake(), limit() and moved(), and done() runs
 * on it. Which thread leads may change between two calls. Nothing here knows S3.
 */
#ifndef WCI_UPLOAD_TRANSPORT_H
#define WCI_UPLOAD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/text.h"
#include "conf/conf.h"

/* Why there is no whole answer. */
enum wci_link_failure {
    WCI_LINK_OK,
    WCI_LINK_RESOLVE,     /* the host's name could not be looked up */
    WCI_LINK_UNREACHABLE, /* no route, or nobody answers to connecting in time: a dead network */
    WCI_LINK_CONNECT,     /* refused: somebody is there */
    WCI_LINK_UNTRUSTED,   /* the certificate did not stand up to verification */
    WCI_LINK_TLS,         /* any other failure of the handshake */
    WCI_LINK_TIMED_OUT,   /* connected, and nothing moved for too long or the deadline came */
    WCI_LINK_BROKEN,      /* the connection ended in the middle */
    WCI_LINK_PROTOCOL,    /* what came is no HTTP, or too long */
    WCI_LINK_LOCAL,       /* the body could not be read, or descriptors ran out */
    WCI_LINK_MEMORY,      /* memory ran out */
    WCI_LINK_CANCELLED
};

/* What is sent: bytes in memory, or those of a file; neither changes, nor is closed, meanwhile. */
struct wci_body {
    const void *memory; /* NULL when it is the file's */
    int fd;
    int64_t offset, length;
};

enum { WCI_LINK_REASON = 256 };

struct wci_exchange {
    /* What is asked. Unchanged from send() to done(). */
    const char *method; /* a literal: GET, HEAD, PUT, POST or DELETE; those with P have a body */
    struct wci_text url;
    struct wci_text headers; /* "Name: value\n" for each; Content-Length and Expect are not */
    struct wci_body body;
    bool on_fresh_connection;
    int64_t connect_time; /* how long connecting may take, microseconds; 0: `s3.connect_timeout` */
    bool is_beside; /* goes at once, beside those that `s3.connections` holds: credentials must come
                     * for the others to end */
    bool is_direct; /* through no proxy, whatever the environment says: what is on this machine or
                     * beside it is nobody else's business */
    int64_t deadline; /* of the monotonic clock; 0 for none but the idle time-out */
    /* How long an answer's body may be. A longer one of a 2xx is WCI_LINK_PROTOCOL: half of it may
     * say something else than the whole. Of any other status the rest is dropped. */
    size_t answer_limit;
    void (*done)(void *user, struct wci_exchange *exchange);
    void *user;

    /* What came of it. */
    enum wci_link_failure failure;
    char reason[WCI_LINK_REASON]; /* of the failure, in words; without a URL's query */
    int status;                   /* of HTTP; 0 when no answer's head has come whole, which a 1xx
                                   * is not */
    struct wci_text head;         /* "name: value\n" for each header, the name in lower case */
    struct wci_text answer;
    bool was_reused;        /* it went over a connection that had been used before */
    bool was_late;          /* its connection did not come in time */
    int64_t connecting;     /* how long a new connection took to come; 0 for an old one, or none */
    bool was_answered;      /* a line of an answer came, be it of a 1xx */
    bool was_sent;          /* the whole of it went out, the body too */
    int64_t started, ended; /* of the monotonic clock */
    _Atomic int64_t sent;   /* bytes of the body so far; fewer again when it begins anew */

    void *transport; /* the transport's own */
};

typedef struct wci_carrier wci_carrier;

struct wci_transport {
    const struct wci_transport_ops *ops;
    wci_carrier *carrier;
};

struct wci_transport_ops {
    const char *name;
    /* The conf must outlive it. */
    wildcam_status (*open)(const wildcam_conf *conf, const struct wci_log *log, wci_carrier **out);
    /* No exchange is under way. In a forked child only memory is given back, and the child's copies
     * of the sockets; there an exchange may be under way. */
    void (*close)(wci_carrier *self, bool is_forked);
    /* Begins an exchange; done() is called later, from run() or cancel(), unless this fails. Those
     * beyond `s3.connections` wait for one that ends, which counts against their deadline. */
    wildcam_status (*send)(wci_carrier *self, struct wci_exchange *exchange);
    /* Ends an exchange at once, with done(). */
    void (*cancel)(wci_carrier *self, struct wci_exchange *exchange);
    /* Moves bytes until an exchange has ended, somebody calls wake(), or a moment of the monotonic
     * clock has come. Fails only when nothing can be moved any more, for want of memory say. */
    wildcam_status (*run)(wci_carrier *self, int64_t until);
    /* Any thread, at any time while it is open. One that comes before run() is not lost. */
    void (*wake)(wci_carrier *self);
    /* How many bytes of bodies all exchanges together may send in a second; 0 for no limit. Any
     * thread. */
    void (*limit)(wci_carrier *self, int64_t bytes_per_second);
    /* How many bytes of bodies have gone out, those sent again included. Any thread. */
    int64_t (*moved)(wci_carrier *self);
    /* The monotonic clock; NULL is the system's. Any thread. For tests that do not wait. */
    int64_t (*clock)(wci_carrier *self);
};

/* Makes an exchange empty; releasing it gives its texts back. */
void wci_exchange_init(struct wci_exchange *exchange);
void wci_exchange_release(struct wci_exchange *exchange);
/* What came is forgotten, so that it may be sent again. */
void wci_exchange_renew(struct wci_exchange *exchange);
/* The value of a header of the answer, "" when there is none; `name` in lower case. Borrowed until
 * the exchange changes: the text ends at its newline, so it comes with its length. */
const char *wci_exchange_header(const struct wci_exchange *exchange, const char *name,
                                size_t *length);

extern const struct wci_transport_ops wci_curl_transport;

#endif
