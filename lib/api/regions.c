/* How the regions were at one moment. */
#include <stdlib.h>
#include <string.h>

#include "api/uploader.h"
#include "base/calendar.h"
#include "base/memory.h"

struct region {
    const char *state;
    char name[WCI_REGION_TEXT], bucket[WCI_BUCKET_TEXT];
    struct wci_text endpoint, reason;
    int is_current, under_way;
    int64_t requests, failures, skew, wait;
};

struct wildcam_regions {
    size_t count;
    struct region list[];
};

/* What was not for the object's sake, nor a person's. */
static int64_t count_failures(const struct wci_region_report *report)
{
    static const enum wci_outcome failures[] = {
        WCI_OUTCOME_STALE,       WCI_OUTCOME_TRANSIENT, WCI_OUTCOME_AMBIGUOUS,
        WCI_OUTCOME_UNREACHABLE, WCI_OUTCOME_THROTTLED, WCI_OUTCOME_CONFLICT,
        WCI_OUTCOME_SKEWED,      WCI_OUTCOME_EXPIRED,   WCI_OUTCOME_MOVED,
        WCI_OUTCOME_REFUSED,     WCI_OUTCOME_UNTRUSTED, WCI_OUTCOME_UNSUPPORTED};
    int64_t count = 0;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        count += report->outcomes[failures[i]];
    return count;
}

static bool fill_region(struct region *region, wci_engine *engine, int number)
{
    struct wci_region_report report;
    const struct wci_s3_region *place = wci_engine_region(engine, number);
    wci_engine_look(engine, number, &report, &region->reason);
    wci_engine_origin(engine, number, &region->endpoint);
    memcpy(region->name, place->name, sizeof region->name);
    memcpy(region->bucket, place->bucket, sizeof region->bucket);
    region->state = wci_region_state_word(report.state);
    region->is_current = report.is_current;
    region->under_way = report.under_way;
    region->requests = report.requests;
    region->failures = count_failures(&report);
    region->skew = report.skew;
    int64_t now = wci_calendar_monotonic();
    region->wait = report.opens > now ? report.opens - now : 0;
    return !region->reason.failed && !region->endpoint.failed;
}

static wildcam_status get_regions(wildcam_uploader *uploader, wildcam_regions **out)
{
    size_t count = wci_engine_regions(uploader->engine);
    wildcam_regions *regions = wci_new(sizeof *regions + count * sizeof regions->list[0]);
    if (!regions)
        return WILDCAM_ERR_NOMEM;
    regions->count = count;
    for (size_t i = 0; i < count; i++)
        if (!fill_region(&regions->list[i], uploader->engine, (int)i)) {
            wildcam_regions_free(regions);
            return wci_fail_memory();
        }
    *out = regions;
    return WILDCAM_OK;
}

wildcam_status wildcam_uploader_get_regions(wildcam_uploader *self, wildcam_regions **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    WCI_WITH_UPLOADER(self, status, get_regions(self, out));
    return status;
}

void wildcam_regions_free(wildcam_regions *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        wci_text_free(&self->list[i].endpoint);
        wci_text_free(&self->list[i].reason);
    }
    free(self);
}

size_t wildcam_regions_count(const wildcam_regions *self)
{
    return self ? self->count : 0;
}

static const struct region *region_at(const wildcam_regions *self, size_t index)
{
    static const struct region none = {.state = ""};
    return self && index < self->count ? &self->list[index] : &none;
}

#define REGION_VALUE(type, name, value)                                                            \
    type wildcam_regions_##name(const wildcam_regions *self, size_t index)                         \
    {                                                                                              \
        return region_at(self, index)->value;                                                      \
    }
REGION_VALUE(const char *, get_name, name)
REGION_VALUE(const char *, get_bucket, bucket)
REGION_VALUE(const char *, get_state, state)
REGION_VALUE(int, is_current, is_current)
REGION_VALUE(int, get_under_way, under_way)
REGION_VALUE(int64_t, get_requests, requests)
REGION_VALUE(int64_t, get_failures, failures)
REGION_VALUE(int64_t, get_skew, skew)
REGION_VALUE(int64_t, get_wait, wait)

const char *wildcam_regions_get_endpoint(const wildcam_regions *self, size_t index)
{
    return wci_text_get(&region_at(self, index)->endpoint);
}

const char *wildcam_regions_get_reason(const wildcam_regions *self, size_t index)
{
    return wci_text_get(&region_at(self, index)->reason);
}
