/* Receipts and snapshots of the regions: what an uploader hands out. */
#include <stdlib.h>
#include <string.h>

#include "api/uploader.h"
#include "base/calendar.h"
#include "base/memory.h"

struct reason {
    char region[WCI_REGION_TEXT];
    struct wci_text words;
};

struct wildcam_receipt {
    struct wci_text key, doubts;
    char region[WCI_REGION_TEXT], bucket[WCI_BUCKET_TEXT], etag[80], checksum[64];
    char sha256[WCI_DIGEST_TEXT];
    int64_t bytes;
    int requests;
    struct reason reasons[WCI_REGIONS_MAX];
    size_t reason_count;
};

wildcam_status wci_api_receipt_new(wildcam_receipt **out)
{
    *out = wci_new(sizeof **out);
    return *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wildcam_receipt_free(wildcam_receipt *self)
{
    if (!self)
        return;
    wci_text_free(&self->key);
    wci_text_free(&self->doubts);
    for (size_t i = 0; i < WCI_REGIONS_MAX; i++)
        wci_text_free(&self->reasons[i].words);
    free(self);
}

static void add_doubt(struct wci_text *doubts, const char *region, const char *upload_id)
{
    if (doubts->length > 0)
        wci_text_add_char(doubts, ' ');
    wci_text_add(doubts, region);
    if (upload_id)
        wci_text_add_format(doubts, "#%s", upload_id);
}

static void fill_doubts(struct wci_text *doubts, const wci_engine *engine,
                        const struct wci_object *object)
{
    for (size_t i = 0; i < wci_engine_regions(engine); i++)
        if (object->doubts & (UINT32_C(1) << i))
            add_doubt(doubts, wci_engine_region(engine, (int)i)->name, NULL);
    for (size_t i = 0; i < object->leftover_count; i++)
        add_doubt(doubts, wci_engine_region(engine, object->leftovers[i].region)->name,
                  object->leftovers[i].upload_id);
    if (object->upload_id)
        add_doubt(doubts, wci_engine_region(engine, object->region)->name, object->upload_id);
}

wildcam_status wci_api_receipt_fill(wildcam_receipt *receipt, wci_engine *engine,
                                    struct wci_object *object)
{
    wci_text_add(&receipt->key, object->key);
    if (object->error.status == WILDCAM_OK) {
        const struct wci_s3_region *region = wci_engine_region(engine, object->region);
        memcpy(receipt->region, region->name, sizeof receipt->region);
        memcpy(receipt->bucket, region->bucket, sizeof receipt->bucket);
    }
    memcpy(receipt->etag, object->etag, sizeof receipt->etag);
    memcpy(receipt->checksum, object->checksum, sizeof receipt->checksum);
    wci_digest_to_text(object->whole, receipt->sha256);
    receipt->bytes = object->body.length;
    receipt->requests = object->requests;
    fill_doubts(&receipt->doubts, engine, object);
    for (size_t i = 0; i < wci_engine_regions(engine); i++) {
        struct wci_text *words = &object->reasons[i];
        if (words->length == 0)
            continue;
        struct reason *reason = &receipt->reasons[receipt->reason_count++];
        memcpy(reason->region, wci_engine_region(engine, (int)i)->name, sizeof reason->region);
        reason->words = *words;
        *words = (struct wci_text){0};
    }
    return receipt->key.failed || receipt->doubts.failed ? wci_fail_memory() : WILDCAM_OK;
}

#define RECEIPT_TEXT(name)                                                                         \
    const char *wildcam_receipt_get_##name(const wildcam_receipt *self)                            \
    {                                                                                              \
        return self ? self->name : "";                                                             \
    }
RECEIPT_TEXT(region)
RECEIPT_TEXT(bucket)
RECEIPT_TEXT(etag)
RECEIPT_TEXT(checksum)
RECEIPT_TEXT(sha256)

const char *wildcam_receipt_get_key(const wildcam_receipt *self)
{
    return self ? wci_text_get(&self->key) : "";
}

const char *wildcam_receipt_get_doubts(const wildcam_receipt *self)
{
    return self ? wci_text_get(&self->doubts) : "";
}

int64_t wildcam_receipt_get_bytes(const wildcam_receipt *self)
{
    return self ? self->bytes : 0;
}

int wildcam_receipt_get_requests(const wildcam_receipt *self)
{
    return self ? self->requests : 0;
}

size_t wildcam_receipt_count_reasons(const wildcam_receipt *self)
{
    return self ? self->reason_count : 0;
}

const char *wildcam_receipt_get_reason_region(const wildcam_receipt *self, size_t index)
{
    return self && index < self->reason_count ? self->reasons[index].region : "";
}

const char *wildcam_receipt_get_reason(const wildcam_receipt *self, size_t index)
{
    return self && index < self->reason_count ? wci_text_get(&self->reasons[index].words) : "";
}

/* ---- regions ---- */

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
