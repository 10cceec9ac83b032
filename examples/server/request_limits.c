#include "request_limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "rate.h"
#include "request.h"
#include "scope.h"

static const struct {
    const char *rate, *burst, *whose;
} settings[LIMIT_KINDS] = {
    [LIMIT_API] = {"rate.api", "rate.api_burst", "this address"},
    [LIMIT_AUTH] = {"rate.auth", "rate.auth_burst", "this address"},
    [LIMIT_UPLOAD] = {"rate.upload", "rate.upload_burst", "this address"},
    [LIMIT_CAMERA] = {"rate.camera", "rate.camera_burst", "this camera"},
};

/* ---- their life ---- */

static double rate_setting(const wildcam_conf *conf, const char *name)
{
    const char *text = "0";
    wildcam_conf_get(conf, name, &text);
    return strtod(text, NULL);
}

bool limits_start(struct limits *limits, const wildcam_conf *conf)
{
    if (getrandom(&limits->seed, sizeof limits->seed, 0) != (ssize_t)sizeof limits->seed)
        return false;
    for (int kind = LIMIT_NONE + 1; kind < LIMIT_KINDS; kind++) {
        int64_t burst = 1;
        double per_second = rate_setting(conf, settings[kind].rate);
        wildcam_conf_get_int(conf, settings[kind].burst, &burst);
        limits->rates[kind] = per_second > 0 ? rate_new(per_second, burst, limits->seed) : NULL;
        if (per_second > 0 && !limits->rates[kind])
            return false;
    }
    return true;
}

void limits_stop(struct limits *limits)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        rate_free(limits->rates[kind]);
}

/* ---- their use ---- */

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * (int64_t)RATE_SECOND + time.tv_nsec;
}

static void refuse(struct request *request, enum route_limit kind, int64_t wait)
{
    char seconds[24];
    int64_t burst = 0;
    const wildcam_conf *conf = request->server->conf;
    wildcam_conf_get_int(conf, settings[kind].burst, &burst);
    snprintf(seconds, sizeof seconds, "%lld", (long long)((wait + RATE_SECOND - 1) / RATE_SECOND));
    answer_error(request, MHD_HTTP_TOO_MANY_REQUESTS,
                 "too many requests from %s: %s allows %g a second, %s %lld at once; try again in "
                 "%s s",
                 settings[kind].whose, settings[kind].rate, rate_setting(conf, settings[kind].rate),
                 settings[kind].burst, (long long)burst, seconds);
    answer_header(request, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
}

static struct rate *rate_of(const struct request *request, enum route_limit kind)
{
    return request->server->has_keys ? request->server->limits.rates[kind] : NULL;
}

bool limits_admit(struct request *request)
{
    enum route_limit kind = request->route ? request->route->limit : LIMIT_API;
    struct client net = client_for_limits(&request->client);
    struct rate *rate = rate_of(request, kind);
    int64_t wait;
    if (!rate)
        return true;
    if (rate_take(rate, net.address, sizeof net.address, now(), &wait)) {
        request->limit = kind;
        return true;
    }
    refuse(request, kind, wait);
    return false;
}

static void give_back(struct request *request)
{
    struct client net = client_for_limits(&request->client);
    if (request->limit != LIMIT_NONE)
        rate_give_back(request->server->limits.rates[request->limit], net.address,
                       sizeof net.address);
    request->limit = LIMIT_NONE;
}

/* A request that has passed as a camera's passes as the same one's again. */
bool limits_admit_camera(struct request *request, const char *device_id)
{
    struct rate *rate = rate_of(request, LIMIT_CAMERA);
    size_t size = strlen(device_id);
    int64_t wait;
    if (!rate)
        return true;
    uint64_t id = rate_hash(request->server->limits.seed, device_id, size);
    if (request->limited_camera == id)
        return true;
    if (rate_take(rate, device_id, size, now(), &wait)) {
        request->limited_camera = id;
        return true;
    }
    give_back(request);
    refuse(request, LIMIT_CAMERA, wait);
    return false;
}

bool limits_admit_early(struct request *request)
{
    if (request->route->access != FOR_CAMERAS)
        return true;
    const char *device_id = scope_head_device(request);
    return !device_id || limits_admit_camera(request, device_id);
}
