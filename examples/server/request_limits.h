/* How often somebody may ask: token buckets (rate.h) per address, and per camera. They are in force
 * once the station has a key. */
#ifndef SERVER_REQUEST_LIMITS_H
#define SERVER_REQUEST_LIMITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <wildcam/wildcam.h>

#include "rate.h"
#include "routes.h"

struct request;
struct server;

struct limits {
    struct rate_seed seed;
    struct rate *rates[LIMIT_KINDS]; /* NULL: off */
};

/* False when memory or random numbers ran out. */
bool limits_start(struct limits *limits, const wildcam_conf *conf);
void limits_stop(struct limits *limits);

/* Each answers a request that is refused, and then gives false. What is refused costs no token. */

/* By its address, as its route says; what has no route counts as the API's. */
bool limits_admit(struct request *request);
/* By its camera, as soon as that is known: from the key, the path, the query or a header. */
bool limits_admit_early(struct request *request);
/* By its camera, when its body says which. To be called before anything is kept. */
bool limits_admit_camera(struct request *request, const char *device_id);

#endif
