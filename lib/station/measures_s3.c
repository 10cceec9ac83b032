/*
 * What the engine tells of: requests to S3, and objects that change regions. It does so on the
 * thread that leads, one after the other: the handles need no lock.
 */
#include <stdlib.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "station/measures.h"

/* A region's handles, each there once it was needed. */
struct wci_region_series {
    struct wci_series *requests[WCI_S3_VERB_COUNT][WCI_OUTCOME_COUNT];
    struct wci_series *seconds;
    struct wci_series *failovers[WCI_REGIONS_MAX]; /* from here to there */
};

/* NULL when memory ran out: then it is not counted. */
static struct wci_region_series *region_of(struct wci_measures *measures, int region)
{
    struct wci_region_series **place = &measures->regions[region];
    if (!*place)
        *place = wci_new(sizeof **place);
    return *place;
}

static bool has_series(struct wci_measures *measures, enum wci_measure measure,
                       const char *const *labels, struct wci_series **place)
{
    return *place || wci_measures_series(measures, measure, labels, place) == WILDCAM_OK;
}

static void take_request(void *user, const wci_engine *engine,
                         const struct wci_told_request *request)
{
    struct wci_measures *measures = user;
    struct wci_region_series *region = region_of(measures, request->region);
    if (!region)
        return;
    struct wci_series **count = &region->requests[request->verb][request->outcome];
    const char *const labels[] = {wci_engine_region(engine, request->region)->name,
                                  wci_s3_operation(request->verb),
                                  wci_outcome_word(request->outcome)};
    if (has_series(measures, WCI_MEASURE_S3_REQUESTS, labels, count))
        wci_series_count(*count, 1);
    if (has_series(measures, WCI_MEASURE_S3_SECONDS, labels, &region->seconds))
        wci_series_observe(region->seconds, (double)request->duration / (double)WCI_SECOND);
}

static void take_failover(void *user, const wci_engine *engine, int from, int to)
{
    struct wci_measures *measures = user;
    struct wci_region_series *region = region_of(measures, from);
    const char *const labels[] = {wci_engine_region(engine, from)->name,
                                  wci_engine_region(engine, to)->name};
    if (region && has_series(measures, WCI_MEASURE_S3_FAILOVERS, labels, &region->failovers[to]))
        wci_series_count(region->failovers[to], 1);
}

struct wci_engine_listener wci_measures_listener(struct wci_measures *measures)
{
    return (struct wci_engine_listener){take_request, take_failover, measures};
}

static void let_go(struct wci_series **all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i])
            wci_series_let_go(all[i]);
}

void wci_measures_forget_regions(struct wci_measures *measures)
{
    for (size_t i = 0; i < WCI_REGIONS_MAX; i++) {
        struct wci_region_series *region = measures->regions[i];
        if (!region)
            continue;
        for (size_t verb = 0; verb < WCI_S3_VERB_COUNT; verb++)
            let_go(region->requests[verb], WCI_OUTCOME_COUNT);
        let_go(&region->seconds, 1);
        let_go(region->failovers, WCI_REGIONS_MAX);
        free(region);
        measures->regions[i] = NULL;
    }
}
