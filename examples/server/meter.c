/*
 * Requests are counted by the route that served them, never by the address that was asked for: that
 * is the client's to choose, and each would be a series of its own.
 */
#include "meter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "request.h"

enum {
    CELLS = 1024, /* a power of two; there are a few hundred at most */
    GONE = 499    /* the client left before its answer: nginx's number for that */
};

/* Seconds. The goal for reads is 20 ms. */
static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1,
                                0.25,   0.5,   1,      2.5,   5,    10,   30};

static const char *const methods[] = {"OTHER", "GET",   "HEAD",   "POST",
                                      "PUT",   "PATCH", "DELETE", "OPTIONS"};
enum { METHODS = sizeof methods / sizeof methods[0] };

/* The handles for requests of one kind. It stays as it is once it is made. */
struct cell {
    const struct route *route; /* NULL: there is none at that address */
    unsigned method, status;
    wildcam_counter *count;
    wildcam_histogram *duration;
};

struct meter {
    struct server *server;
    wildcam_metrics *metrics;
    wildcam_metric_family *requests, *durations;
    wildcam_counter *all;
    wildcam_gauge *under_way, *connections;
    wildcam_counter *dismissed[DISMISSALS];
    pthread_mutex_t mutex; /* making a cell */
    _Atomic(struct cell *) cells[CELLS];
};

/* ---- starting ---- */

static bool add_family(struct meter *meter, const char *name, const char *help,
                       const char *const *labels, size_t count, wildcam_metric_family **out)
{
    return wildcam_metrics_add_counters(meter->metrics, name, help, labels, count, out) ==
           WILDCAM_OK;
}

static bool add_gauge(struct meter *meter, const char *name, const char *help, wildcam_gauge **out)
{
    wildcam_metric_family *family;
    return wildcam_metrics_add_gauges(meter->metrics, name, help, NULL, 0, &family) == WILDCAM_OK &&
           wildcam_gauge_new(family, NULL, 0, out) == WILDCAM_OK;
}

static bool add_dismissals(struct meter *meter)
{
    static const char *const label = "reason", *const reasons[] = {"late", "refused"};
    wildcam_metric_family *family;
    bool is_added = add_family(meter, "wildcam_http_connections_dismissed_total",
                               "HTTP connections that were ended: late with a request or with "
                               "taking its answer, or refused for their number "
                               "(http.connections_per_address).",
                               &label, 1, &family);
    for (int i = 0; is_added && i < DISMISSALS; i++)
        is_added = wildcam_counter_new(family, &reasons[i], 1, &meter->dismissed[i]) == WILDCAM_OK;
    return is_added;
}

static bool add_all(struct meter *meter)
{
    static const char *const labels[] = {"method", "handler", "status"};
    wildcam_metric_family *family;
    return add_family(meter, "http_requests_total",
                      "HTTP requests, by the pattern of the route that served them, never by the "
                      "address that was asked for; status 499 is a client that left before its "
                      "answer. Method OTHER and handler none also count heads that were refused "
                      "before there was a request, but not those with a bad first line.",
                      labels, 3, &meter->requests) &&
           wildcam_metrics_add_histograms(
               meter->metrics, "http_request_duration_seconds",
               "Time from a request's head to the end of its answer, the client's sending "
               "included, and the quarter of a second for which a 429 may be held back.",
               labels, 2, bounds, sizeof bounds / sizeof bounds[0],
               &meter->durations) == WILDCAM_OK &&
           add_family(meter, "wildcam_http_requests_total",
                      "HTTP requests of all kinds together; the rate of it is what autoscalers go "
                      "by.",
                      NULL, 0, &family) &&
           wildcam_counter_new(family, NULL, 0, &meter->all) == WILDCAM_OK &&
           add_gauge(meter, "wildcam_http_requests_under_way", "HTTP requests under way.",
                     &meter->under_way) &&
           add_gauge(meter, "wildcam_http_connections",
                     "Open HTTP connections, without those that were told to go.",
                     &meter->connections) &&
           add_dismissals(meter);
}

static void collect(void *user)
{
    struct meter *meter = user;
    struct connections *connections = &meter->server->connections;
    pthread_mutex_lock(&connections->mutex);
    int64_t count = connections->count;
    for (int i = 0; i < DISMISSALS; i++)
        wildcam_counter_set(meter->dismissed[i], (double)connections->dismissed[i]);
    pthread_mutex_unlock(&connections->mutex);
    wildcam_gauge_set(meter->connections, (double)count);
    wildcam_gauge_set(meter->under_way, meter->server->requests);
}

struct meter *meter_start(struct server *server)
{
    struct meter *meter = calloc(1, sizeof *meter);
    if (!meter)
        return NULL;
    if (pthread_mutex_init(&meter->mutex, NULL) != 0) {
        free(meter);
        return NULL;
    }
    meter->server = server;
    meter->metrics = wildcam_station_get_metrics(server->station);
    if (add_all(meter) &&
        wildcam_metrics_add_collector(meter->metrics, collect, meter) == WILDCAM_OK)
        return meter;
    meter_free(meter);
    return NULL;
}

static void free_cell(struct cell *cell)
{
    if (!cell)
        return;
    wildcam_counter_free(cell->count);
    wildcam_histogram_free(cell->duration);
    free(cell);
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    wildcam_metrics_remove_collector(meter->metrics, collect, meter);
    for (size_t i = 0; i < CELLS; i++)
        free_cell(meter->cells[i]);
    wildcam_counter_free(meter->all);
    wildcam_gauge_free(meter->under_way);
    wildcam_gauge_free(meter->connections);
    for (int i = 0; i < DISMISSALS; i++)
        wildcam_counter_free(meter->dismissed[i]);
    pthread_mutex_destroy(&meter->mutex);
    free(meter);
}

/* ---- counting ---- */

static bool is_of(const struct cell *cell, const struct route *route, unsigned method,
                  unsigned status)
{
    return cell->route == route && cell->method == method && cell->status == status;
}

/* The cell, or the empty slot where it belongs; NULL when the table is full. */
static _Atomic(struct cell *) *find(struct meter *meter, const struct route *route, unsigned method,
                                    unsigned status)
{
    size_t at = ((uintptr_t)route / sizeof *route * METHODS + method) * 31 + status;
    for (size_t i = 0; i < CELLS; i++) {
        _Atomic(struct cell *) *slot = &meter->cells[(at + i) & (CELLS - 1)];
        const struct cell *cell = *slot;
        if (!cell || is_of(cell, route, method, status))
            return slot;
    }
    return NULL;
}

static struct cell *make_cell(struct meter *meter, const struct route *route, unsigned method,
                              unsigned status)
{
    char number[16];
    struct cell *cell = calloc(1, sizeof *cell);
    if (!cell)
        return NULL;
    snprintf(number, sizeof number, "%u", status);
    const char *const values[] = {methods[method], route ? route->path : "none", number};
    *cell = (struct cell){.route = route, .method = method, .status = status};
    if (wildcam_counter_new(meter->requests, values, 3, &cell->count) == WILDCAM_OK &&
        wildcam_histogram_new(meter->durations, values, 2, &cell->duration) == WILDCAM_OK)
        return cell;
    free_cell(cell);
    return NULL;
}

/* NULL when memory ran out: the request is not counted by its kind. */
static struct cell *cell_of(struct meter *meter, const struct route *route, unsigned method,
                            unsigned status)
{
    _Atomic(struct cell *) *slot = find(meter, route, method, status);
    struct cell *cell = slot ? *slot : NULL;
    if (cell)
        return cell;
    pthread_mutex_lock(&meter->mutex);
    slot = find(meter, route, method, status);
    if (slot) {
        cell = *slot ? *slot : make_cell(meter, route, method, status);
        *slot = cell;
    }
    pthread_mutex_unlock(&meter->mutex);
    return cell;
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void meter_begin(struct request *request, const char *method)
{
    request->began = nanoseconds();
    for (unsigned i = 1; i < METHODS; i++)
        if (strcmp(method, methods[i]) == 0)
            request->method = i;
}

void meter_end(const struct request *request)
{
    struct meter *meter = request->server->meter;
    unsigned status = request_status(request);
    struct cell *cell = cell_of(meter, request->route, request->method, status ? status : GONE);
    wildcam_counter_add(meter->all, 1);
    if (!cell)
        return;
    wildcam_counter_add(cell->count, 1);
    wildcam_histogram_observe(cell->duration, (double)(nanoseconds() - request->began) / 1e9);
}
