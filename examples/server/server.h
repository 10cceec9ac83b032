/*
 * The reference server: libwildcam's public header behind HTTP.
 *
 * Event threads move bytes: they parse requests, write bodies to the station as they come, and send
 * answers. Whatever may wait for the disk or decode a picture is done by workers, while the
 * connection sleeps. So a slow disk holds up nobody who does not need it.
 *
 * One thing they look up themselves: whose key came with a request that has a body (doors.h). It is
 * one row of the catalog, which is in memory as good as always: half of the look-ups take 3 us, and
 * while another process writes 25 us, 99 of 100 less than 90 us. A turn through the workers takes
 * 25 us as well, and there who shows a false key would stand in line with those who have one.
 * Nothing is remembered between requests, so that what any process revokes is revoked at once.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <wildcam/wildcam.h>

#include "connections.h"
#include "log.h"
#include "request_limits.h"
#include "request_log.h"
#include "shared_text.h"
#include "tarpit.h"
#include "workers.h"

enum { BODY_AROUND_PICTURE = 512 * 1024 }; /* what a form may hold beside its picture */

/* One for each state that a list of cameras may be asked for, and one for all of them. */
enum { CAMERA_LISTS = WILDCAM_CAMERA_MAINTENANCE + 2, AUDIENCES = WILDCAM_AUDIENCE_VIEWER + 1 };

struct meter;

struct server {
    const wildcam_conf *conf;
    wildcam_station *station;
    struct workers *workers;
    struct workers *logins; /* one thread: a login takes long, and its memory */
    struct connections connections;
    struct limits limits;
    struct tarpit tarpit;       /* for those whom the limits refuse */
    struct client_nets proxies; /* whose X-Forwarded-For is believed */
    const char *hosts;          /* the names that it has beside its addresses, with commas */
    int64_t body_max;           /* the longest request body: a picture, and what stands around it */
    uint32_t strip;             /* what is taken out of pictures on their way out */
    enum log_requests log_requests; /* which requests have a line */
    bool metrics_open;              /* to whoever asks */
    bool has_privacy;               /* viewers do not get every picture as it was kept */
    bool has_cdn;                   /* pictures that are in S3 are fetched from there */
    atomic_int requests;            /* under way */
    atomic_int scrapes[2];          /* the same, of the metrics: here and at http.operations */
    struct meter *meter;
    struct text_source camera_lists[AUDIENCES][CAMERA_LISTS];
    atomic_bool has_keys; /* once seen it stays so; the limits are in force from then on */
    atomic_bool is_stopping;
};

#endif
