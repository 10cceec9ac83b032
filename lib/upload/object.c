/* An object's way: whole, or in parts (parts.c), from where it may have been left to its end. */
#include "upload/way.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void wci_object_init(struct wci_object *object)
{
    *object = (struct wci_object){.body.fd = -1, .region = -1, .resume_region = -1};
}

void wci_object_release(struct wci_object *object)
{
    for (size_t i = 0; i < WCI_REGIONS_MAX; i++)
        wci_text_free(&object->reasons[i]);
    for (size_t i = 0; i < object->leftover_count; i++)
        free(object->leftovers[i].upload_id);
    free(object->leftovers);
    free(object->upload_id);
    free(object->sha256);
    wci_object_init(object);
}

/* Nothing of an earlier time is left on it. */
static void renew(struct wci_object *object)
{
    memset(&object->error, 0, sizeof object->error);
    object->is_blameless = object->is_impossible = false;
    object->region = -1;
    free(object->upload_id);
    object->upload_id = NULL;
    object->etag[0] = object->checksum[0] = '\0';
    object->requests = 0;
    atomic_store(&object->sent, 0);
    for (size_t i = 0; i < WCI_REGIONS_MAX; i++)
        wci_text_empty(&object->reasons[i]);
    for (size_t i = 0; i < object->leftover_count; i++)
        free(object->leftovers[i].upload_id);
    object->doubts = 0;
    object->leftover_count = 0;
}

wildcam_status wci_object_prepare(struct wci_way *way)
{
    const wci_engine *engine = way->engine;
    struct wci_object *object = way->object;
    renew(object);
    wci_digest_to_text(object->whole, way->sha256);
    way->unsure = object->look_first & (uint32_t)((UINT64_C(1) << engine->region_count) - 1);
    way->to_look = way->unsure;
    way->sent_to = object->resume_id ? object->resume_region : -1;
    wildcam_status status = wci_s3_check_key(object->key);
    if (!status)
        status = wci_parts_prepare(way);
    return status;
}

bool wci_object_is(const struct wci_way *way, const struct wci_s3_answer *answer)
{
    return answer->content_length == way->object->body.length &&
           strcmp(answer->sha256, way->sha256) == 0;
}

/* ---- ends ---- */

void wci_object_finish(struct wci_way *way)
{
    struct wci_object *object = way->object;
    object->doubts = way->unsure;
    if (way->error.status == WILDCAM_OK)
        object->doubts &= ~(UINT32_C(1) << object->region);
    else if (!object->upload_id)
        object->region = -1;
    wci_way_finish(way);
}

void wci_object_succeed(struct wci_way *way, int region, const struct wci_s3_answer *answer)
{
    struct wci_object *object = way->object;
    if (object->upload_id && way->phase == WCI_PHASE_LOOK)
        wci_parts_leave_behind(way); /* it was there, so nobody needs the parts */
    free(object->upload_id);
    object->upload_id = NULL;
    object->region = region;
    memcpy(object->etag, answer->etag, sizeof object->etag);
    memcpy(object->checksum, answer->checksum, sizeof object->checksum);
    way->phase = WCI_PHASE_DROP;
    wci_parts_drop(way);
}

static void say_why(struct wci_way *way, enum wci_result result)
{
    struct wci_object *object = way->object;
    const char *key = object->key;
    switch (result) {
    case WCI_RESULT_CANCELLED:
        wci_fail(WILDCAM_ERR_CANCELLED, "the upload of %s was cancelled", key);
        object->is_blameless = true;
        break;
    case WCI_RESULT_OFFLINE:
        wci_reason_all(way);
        object->is_blameless = true;
        break;
    case WCI_RESULT_FOREIGN:
        wci_fail(WILDCAM_ERR_EXISTS, "%s is there already with another content", key);
        object->is_impossible = true;
        break;
    default:
        wci_reason_all(way);
        object->is_blameless = object->requests == 0;
        break;
    }
    wci_way_fail(way);
}

void wci_object_fail(struct wci_way *way, enum wci_result result)
{
    struct wci_object *object = way->object;
    if (way->error.status == WILDCAM_OK)
        say_why(way, result);
    else if (result == WCI_RESULT_IMPOSSIBLE)
        object->is_impossible = true;
    else if (!object->is_impossible)
        object->is_blameless = way->error.status != WILDCAM_ERR_IO;
    if (!object->is_impossible) {
        wci_parts_keep_last(way);
        wci_object_finish(way);
        return;
    }
    if (object->upload_id)
        wci_parts_leave_behind(way);
    way->phase = WCI_PHASE_DROP;
    wci_parts_drop(way);
}

/* ---- one step after the other ---- */

static void put(struct wci_way *way)
{
    const struct wci_object *object = way->object;
    struct wci_s3_call call = {.verb = WCI_S3_PUT,
                               .key = object->key,
                               .body = object->body,
                               .sha256 = object->whole,
                               .content_type = object->content_type,
                               .cache_control = object->cache_control,
                               .metadata = object->metadata,
                               .metadata_count = object->metadata_count,
                               .if_none_match = true};
    way->phase = WCI_PHASE_PUT;
    wci_way_begin_attempts(way);
    wci_lane_call(&way->lanes[0], &call, -1);
}

static void go_on(struct wci_way *way)
{
    if (way->to_look) {
        int region = __builtin_ctz(way->to_look);
        struct wci_s3_call call = {.verb = WCI_S3_HEAD, .key = way->object->key, .body.fd = -1};
        way->to_look &= way->to_look - 1;
        way->phase = WCI_PHASE_LOOK;
        wci_lane_call(&way->lanes[0], &call, region);
    } else if (way->object->upload_id) {
        wci_parts_resume(way);
    } else if (way->parts) {
        wci_parts_begin(way);
    } else {
        put(way);
    }
}

void wci_object_start(struct wci_way *way)
{
    int64_t patience = way->object->patience, now = wci_engine_now(way->engine);
    if (patience > 0 && patience < INT64_MAX - now)
        way->deadline = now + patience;
    go_on(way);
}

static void take_look(struct wci_lane *lane, enum wci_result result,
                      const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    int region = lane->own.region;
    bool is_there = result == WCI_RESULT_OK && wci_object_is(way, answer);
    if (result == WCI_RESULT_OFFLINE || result == WCI_RESULT_BROKEN ||
        result == WCI_RESULT_CANCELLED) {
        wci_object_fail(way, result);
        return;
    }
    /* What is not there may still come, if the server has got stuck; unless another is. */
    if (result == WCI_RESULT_OK && !is_there)
        way->unsure &= ~(UINT32_C(1) << region);
    if (is_there)
        wci_object_succeed(way, region, answer);
    else
        go_on(way);
}

void wci_object_take(struct wci_lane *lane, enum wci_result result,
                     const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    if (result == WCI_RESULT_IMPOSSIBLE && way->phase != WCI_PHASE_LOOK &&
        way->phase != WCI_PHASE_DROP) {
        char reason[WCI_ERROR_TEXT];
        wci_reason_of(&lane->exchange, answer, WCI_OUTCOME_IMPOSSIBLE, reason);
        wci_fail(strcmp(answer->code, "EntityTooLarge") == 0 ? WILDCAM_ERR_TOOLARGE
                                                             : WILDCAM_ERR_INVALID,
                 "%s will not be taken: %s: %s", way->object->key,
                 way->engine->regions[lane->region].name, reason);
        wci_way_fail(way);
    }
    if (way->phase == WCI_PHASE_LOOK)
        take_look(lane, result, answer);
    else if (way->phase != WCI_PHASE_PUT)
        wci_parts_take(lane, result, answer);
    else if (result == WCI_RESULT_OK || result == WCI_RESULT_FOUND)
        wci_object_succeed(way, lane->region, answer);
    else
        wci_object_fail(way, result);
}
