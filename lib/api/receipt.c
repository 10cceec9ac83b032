/* What came of an object that an uploader sent. */
#include <stdlib.h>
#include <string.h>

#include "api/uploader.h"
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
