/* Which function serves which path. */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

struct request;

enum route_body {
    BODY_NONE,
    BODY_JSON,
    BODY_LOGIN, /* JSON, a few words of it, from anybody */
    BODY_LOGIN_OR_NONE,
    BODY_UPLOAD /* a form, a JPEG or JSON: body.h */
};

/* Which limit of request_limits.h a request counts against; that of its camera comes on top. */
enum route_limit { LIMIT_NONE, LIMIT_API, LIMIT_AUTH, LIMIT_UPLOAD, LIMIT_CAMERA, LIMIT_KINDS };

enum route_flags {
    ROUTE_INLINE = 1, /* never waits: served by the event thread, without a worker */
    ROUTE_ALWAYS = 2, /* served while the server is full or stopping */
    ROUTE_FEW = 4,    /* a few at once */
    ROUTE_SCRAPE = ROUTE_ALWAYS | ROUTE_FEW,
    ROUTE_LOGIN = 8 /* takes long by design: one at a time, beside the workers */
};

/* Who may use a route once there are keys; until then the server is open. */
enum route_access {
    FOR_ALL,      /* also without a key */
    FOR_CAMERAS,  /* `camera` for its own device, `fleet` for any; `admin` */
    FOR_READERS,  /* `viewer`, `admin` */
    FOR_ADMINS,   /* `admin` */
    FOR_SCRAPERS, /* readers; without a key from this machine, or from anywhere by a setting */
    FOR_TOKENS    /* whoever logged in, also when his access token is past its time: the handler
                     looks at the token */
};

struct route {
    const char *method, *path; /* one star stands for one part of the path */
    void (*serve)(struct request *request);
    enum route_body body;
    enum route_access access;
    enum route_limit limit;
    unsigned flags;
};

/* The route of a method (HEAD is GET) and path, and what stands for the star. NULL when there is
 * none; *allow then lists the methods of that path, or is "" when the path is unknown. */
const struct route *route_find(const char *method, const char *path, char *argument, size_t room,
                               char *allow, size_t allow_room);

#endif
