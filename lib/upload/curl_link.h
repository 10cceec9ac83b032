/*
 * The insides of transport_curl: one multi handle, and for each exchange under way a link, which is
 * an easy handle and what its callbacks need.
 */
#ifndef WCI_UPLOAD_CURL_LINK_H
#define WCI_UPLOAD_CURL_LINK_H

#include <curl/curl.h>
#include <stdatomic.h>

#include "upload/pace.h"
#include "upload/transport.h"

enum { WCI_LINK_HEAD_MAX = 65536 }; /* bytes of an answer's headers */

struct wci_link {
    wci_carrier *carrier;
    struct wci_exchange *exchange;
    struct wci_link *next, *previous;
    struct curl_slist *headers;
    CURL *easy; /* NULL while it waits for a connection */

    /* The body: what libcurl reads next, how much of it the pace has granted already. */
    int64_t position, granted;
    bool is_paused; /* until the pace grants more */

    /* What a callback found that ends the exchange; OK for nothing. Its words are in the exchange's
     * reason. */
    enum wci_link_failure verdict;
    bool has_enough; /* the rest of the answer is dropped */

    /* Whether it stands still. */
    int fd;                   /* the socket that it was seen on last; -1 */
    int64_t counted;          /* of the body, in the carrier's sum */
    int64_t received;         /* of the answer */
    int64_t progress, at_was; /* what had moved, and when that was last more */

    char words[CURL_ERROR_SIZE]; /* libcurl's */
};

struct wci_link_list {
    struct wci_link *first, *last;
    int count;
};

struct wci_carrier {
    const wildcam_conf *conf;
    const struct wci_log *log;
    CURLM *multi;
    CURLSH *share;
    bool misses_close; /* this libcurl does not see that a TLS server has closed */

    struct wci_link_list waiting, active;
    int paused_count;
    CURL **resting; /* easy handles: they keep what costs time to make */
    int resting_count, connections;

    struct wci_pace pace;
    int64_t idle_timeout, next_look; /* microseconds; when to look who stands still */
    _Atomic int64_t moved;
    atomic_bool is_woken;

    /* All sockets that are open, -1 where there is none: what a forked child closes. */
    atomic_int *sockets;
    int socket_room;
};

/* The end of a list, where the next to be served stands first. */
void wci_link_append(struct wci_link_list *list, struct wci_link *link);
void wci_link_remove(struct wci_link_list *list, struct wci_link *link);

/* ---- what is asked: curl_request.c ---- */

/* Reads the exchange's headers; INVALID for what could be taken for more than a header. */
wildcam_status wci_link_read_headers(struct wci_link *link);
void wci_link_free_headers(struct wci_link *link);
/* Tells the easy handle all of the exchange. */
wildcam_status wci_link_describe(struct wci_link *link, int64_t now);
/* Lets those go on that wait for the pace, the longest waiting first, as far as it goes. */
void wci_link_release_paused(wci_carrier *carrier);
/* When the first of them can go on; INT64_MAX when none waits. */
int64_t wci_link_release_time(const wci_carrier *carrier);

/* ---- its socket: curl_socket.c ---- */

/* Tells the easy handle that sockets are opened and closed here. */
CURLcode wci_link_open_own(struct wci_link *link);
/* In a forked child. */
void wci_carrier_close_sockets(const wci_carrier *carrier);
/* A sum that changes as long as anything moves: what has come, and what the peer has acknowledged.
 * What the system has merely taken does not count: a slow link drains that for longer than any
 * time-out. */
int64_t wci_link_progress(struct wci_link *link);

/* ---- what comes of it: curl_answer.c ---- */

/* Tells the easy handle where the answer goes. */
CURLcode wci_link_listen(struct wci_link *link);
/* Ends the exchange for a reason of our own. */
void wci_link_judge(struct wci_link *link, enum wci_link_failure verdict, const char *format, ...)
    WCI_PRINTF(3, 4);
/* Writes into the exchange what came of it. */
void wci_link_conclude(struct wci_link *link, CURLcode code);
/* Whether nothing has moved for the idle time-out. */
bool wci_link_stands_still(struct wci_link *link, int64_t now);

#endif
