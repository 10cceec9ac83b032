/* One request: what was asked, what came with it, and what is answered. */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include <microhttpd.h>

#include "body.h"
#include "request_log.h"
#include "routes.h"
#include "server.h"
#include "shared_text.h"

enum { PATH_ARGUMENT_MAX = 128, ERROR_TEXT = 512 };

struct request {
    struct job job; /* first: a worker's job is its request */
    struct server *server;
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct client client;   /* who asks */
    wildcam_access *caller; /* NULL for who needs not say who he is */
    const struct route *route;
    enum route_limit limit;           /* whose token was taken */
    uint64_t limited_camera;          /* the hash of the camera that it counts for; 0: none */
    char argument[PATH_ARGUMENT_MAX]; /* what stands where the route has its star */
    bool has_body, is_chunked;
    struct body body;
    enum { REQUEST_RECEIVING, REQUEST_WORKING, REQUEST_ANSWERED } stage;
    struct request_log log;
    /* For meter.c and scrape.c. */
    int64_t began;   /* nanoseconds of the monotonic clock */
    unsigned method; /* a number of the meter's */
    bool is_scrape;
    /* The answer. */
    struct held held; /* back, for a moment */
    unsigned status;
    struct MHD_Response *response;
};

/* ---- what was asked ---- */

/* A query parameter, under its name or its older one (which may be NULL); NULL when absent or
 * empty. */
const char *request_parameter(const struct request *request, const char *name, const char *older);
const char *request_header(const struct request *request, const char *name);
/* The path's argument as an id. On failure the request is answered and false comes back. */
bool request_id(struct request *request, int64_t *id);
/* A whole number; absent leaves *value as it is. On failure answered, as above. */
bool request_int(struct request *request, const char *name, const char *older, int64_t min,
                 int64_t max, int64_t *value);
/* true, 1, yes, false, 0, no. */
bool request_bool(struct request *request, const char *name, bool *value);

/* What the request has been answered with, by whomever; 0 while nothing has been said. */
unsigned request_status(const struct request *request);

/* ---- answers; each ends the request ---- */

/* Takes the text over; NULL answers that memory ran out. */
void answer_json(struct request *request, unsigned status, char *text);
void answer_text(struct request *request, unsigned status, const char *text);
void answer_error(struct request *request, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* For a library call that failed: this thread's sentence for the one who asked. What is the
 * server's own trouble may name files and machines: that goes to the log, under `where`. Answers
 * the HTTP status. */
unsigned failure_sentence(wildcam_status failure, const char *where, char sentence[ERROR_TEXT]);
/* The same as an answer. */
void answer_failure(struct request *request, wildcam_status failure);
/* Whether a library call went well; if not, the request is answered with its failure. */
bool request_check(struct request *request, wildcam_status status);
/* Takes the data over. */
void answer_bytes(struct request *request, unsigned status, void *data, size_t size,
                  const char *content_type);
/* JSON that stays its holder's; he is told with let_go(holder) when it has been sent, or cannot be.
 */
void answer_borrowed(struct request *request, const char *text, size_t size,
                     void (*let_go)(void *holder), void *holder);
/* Holds the text until it is sent; its holder keeps his own hold. NULL: memory ran out. */
void answer_shared(struct request *request, unsigned status, struct shared_text *text);
/* What is in a file, which is closed when it has been sent. */
void answer_fd(struct request *request, int fd, uint64_t size, const char *content_type);
/* An answer without a body, such as 304. */
void answer_empty(struct request *request, unsigned status);
/* Before or after one of the above; the answer may be missing when memory ran out. */
void answer_header(struct request *request, const char *name, const char *value);

/* The HTTP status for a library status. */
unsigned http_status(wildcam_status status);

#endif
