/*
 * An object's way in parts: begun or resumed in one region, sent several at a time, joined.
 *
 * A multipart upload that was begun is known at any time: it is the object's `upload_id`, or one of
 * its leftovers. Its parts cannot go to another region. When the region gives up they are left
 * behind, to be dropped when the object has arrived elsewhere, or gone on with when it has not.
 */
#include "upload/way.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

enum { RESTARTS = 2 };
/* How long parts that have arrived wait for a region that is down before they are left behind. */
static const int64_t patience_most = 120 * WCI_SECOND;

/* Makes sure that one more can be noted. */
static wildcam_status reserve_leftover(struct wci_way *way)
{
    struct wci_object *object = way->object;
    void *array = object->leftovers;
    wildcam_status status = wci_reserve(&array, &way->leftover_capacity, object->leftover_count + 1,
                                        sizeof object->leftovers[0]);
    object->leftovers = array;
    return status;
}

/* What is being made in the object's region will not be gone on with. */
void wci_parts_leave_behind(struct wci_way *way)
{
    struct wci_object *object = way->object;
    object->leftovers[object->leftover_count++] = (struct wci_leftover){object->region,
                                                                        object->upload_id};
    object->upload_id = NULL;
    object->region = -1;
}

void wci_parts_keep_last(struct wci_way *way)
{
    struct wci_object *object = way->object;
    if (object->upload_id || object->leftover_count == 0 || !way->parts)
        return;
    const struct wci_leftover *last = &object->leftovers[--object->leftover_count];
    object->upload_id = last->upload_id;
    object->region = last->region;
}

wildcam_status wci_parts_prepare(struct wci_way *way)
{
    struct wci_object *object = way->object;
    struct wci_parts *parts = NULL;
    if (object->resume_id) {
        object->upload_id = wci_copy_text(object->resume_id);
        object->region = object->resume_region;
        if (!object->upload_id || reserve_leftover(way))
            return WILDCAM_ERR_NOMEM;
    }
    if (object->part_count == 0) {
        if (object->resume_id) /* the settings were others then */
            wci_parts_leave_behind(way);
        return WILDCAM_OK;
    }
    way->parts = parts = wci_new(sizeof *parts);
    if (!parts)
        return WILDCAM_ERR_NOMEM;
    parts->state = wci_new(object->part_count);
    parts->ready = wci_new_array(object->part_count, sizeof parts->ready[0]);
    return parts->state && parts->ready ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wci_parts_free(struct wci_parts *parts)
{
    if (!parts)
        return;
    free(parts->spare_id);
    free(parts->state);
    free(parts->ready);
    free(parts->list);
    free(parts);
}

static int64_t part_length(const struct wci_object *object, size_t index)
{
    int64_t left = object->body.length - (int64_t)index * object->part_bytes;
    return left < object->part_bytes ? left : object->part_bytes;
}

static void note_part(struct wci_way *way, size_t index, const char *etag)
{
    struct wci_object *object = way->object;
    struct wci_s3_part *part = &way->parts->ready[index];
    way->parts->done += way->parts->state[index] != WCI_PART_DONE;
    way->parts->state[index] = WCI_PART_DONE;
    part->number = (int)index + 1;
    part->bytes = part_length(object, index);
    part->has_sha256 = true;
    memcpy(part->sha256, object->sha256[index], sizeof part->sha256);
    memcpy(part->etag, etag, sizeof part->etag);
}

static struct wci_s3_call call_of(const struct wci_way *way, enum wci_s3_verb verb)
{
    return (struct wci_s3_call){
        .verb = verb, .key = way->object->key, .upload_id = way->object->upload_id, .body.fd = -1};
}

/* ---- begin, resume ---- */

void wci_parts_begin(struct wci_way *way)
{
    const struct wci_object *object = way->object;
    struct wci_parts *parts = way->parts;
    struct wci_s3_call call = call_of(way, WCI_S3_BEGIN_PARTS);
    call.sha256 = object->whole;
    call.content_type = object->content_type;
    call.cache_control = object->cache_control;
    call.metadata = object->metadata;
    call.metadata_count = object->metadata_count;
    memset(parts->state, WCI_PART_TO_SEND, object->part_count);
    parts->next = parts->done = parts->done_before = 0;
    way->leaving = WCI_RESULT_OK;
    way->phase = WCI_PHASE_BEGIN;
    if (!parts->spare_id)
        parts->spare_id = wci_new(WCI_UPLOAD_ID_MAX);
    if (!parts->spare_id || reserve_leftover(way)) {
        wci_way_fail(way);
        wci_object_fail(way, WCI_RESULT_BROKEN);
        return;
    }
    wci_way_begin_attempts(way);
    wci_lane_call(&way->lanes[0], &call, -1);
}

static void list_from(struct wci_way *way, int behind)
{
    struct wci_s3_call call = call_of(way, WCI_S3_LIST_PARTS);
    call.part = behind;
    wci_lane_call(&way->lanes[0], &call, way->object->region);
}

void wci_parts_resume(struct wci_way *way)
{
    way->phase = WCI_PHASE_RESUME;
    list_from(way, 0);
}

/* Another size is of other settings, another digest of another content: it is sent again. */
static bool is_ours(const struct wci_object *object, const struct wci_s3_part *part)
{
    size_t index = (size_t)part->number - 1;
    if (part->number < 1 || index >= object->part_count ||
        part->bytes != part_length(object, index))
        return false;
    return !part->has_sha256 ||
           memcmp(part->sha256, object->sha256[index], sizeof part->sha256) == 0;
}

static void note_listed(struct wci_way *way)
{
    const struct wci_parts *parts = way->parts;
    for (size_t i = 0; i < parts->list_count; i++)
        if (is_ours(way->object, &parts->list[i]))
            note_part(way, (size_t)parts->list[i].number - 1, parts->list[i].etag);
}

/* ---- parts ---- */

/* None without parts that would have to be sent again. An object that must be there by a certain
 * time has to come to another region too. */
static int64_t patience_of(const struct wci_way *way)
{
    if (way->parts->done == 0)
        return 0;
    if (way->deadline == INT64_MAX)
        return patience_most;
    int64_t third = (way->deadline - wci_engine_now(way->engine)) / 3;
    return third < patience_most ? third : patience_most;
}

static void join(struct wci_way *way)
{
    struct wci_s3_call call = call_of(way, WCI_S3_JOIN_PARTS);
    call.parts = way->parts->ready;
    call.part_count = way->object->part_count;
    call.if_none_match = true;
    way->phase = WCI_PHASE_JOIN;
    wci_lane_call(&way->lanes[0], &call, way->object->region);
    way->lanes[0].own.patience = patience_of(way);
}

static void send_part(struct wci_lane *lane, size_t index)
{
    struct wci_way *way = lane->way;
    const struct wci_object *object = way->object;
    struct wci_s3_call call = call_of(way, WCI_S3_PUT_PART);
    int64_t offset = (int64_t)index * object->part_bytes;
    call.part = (int)index + 1;
    call.sha256 = object->sha256[index];
    call.body = object->body;
    if (call.body.memory)
        call.body.memory = (const char *)call.body.memory + offset;
    else
        call.body.offset += offset;
    call.body.length = part_length(object, index);
    way->parts->state[index] = WCI_PART_UNDER_WAY;
    wci_lane_call(lane, &call, object->region);
}

static void send_more(struct wci_way *way)
{
    struct wci_parts *parts = way->parts;
    way->phase = WCI_PHASE_PARTS;
    for (int i = 0; i < way->lane_count; i++) {
        while (parts->next < way->object->part_count &&
               parts->state[parts->next] != WCI_PART_TO_SEND)
            parts->next++;
        if (parts->next == way->object->part_count)
            break;
        if (way->lanes[i].state == WCI_LANE_IDLE)
            send_part(&way->lanes[i], parts->next++);
    }
    for (int i = 0; i < way->lane_count; i++)
        way->lanes[i].own.patience = patience_of(way);
    if (way->busy == 0)
        join(way);
}

/* ---- leaving a region ---- */

static void leave_region(struct wci_way *way)
{
    if (wci_engine_now(way->engine) >= way->deadline) {
        wci_object_fail(way, WCI_RESULT_FAILED);
        return;
    }
    way->left |= UINT32_C(1) << way->object->region;
    wci_parts_leave_behind(way);
    wci_parts_begin(way);
}

/* The parts cannot be joined. It may be that there are none any more, but also that one of them is
 * missing, or that they were begun with other settings: then the rest is there to be dropped. */
static void begin_anew(struct wci_way *way)
{
    if (++way->parts->restarts > RESTARTS)
        way->left |= UINT32_C(1) << way->object->region;
    wci_parts_leave_behind(way);
    wci_parts_begin(way);
}

/* All lanes are idle. */
static void act_on(struct wci_way *way, enum wci_result result)
{
    switch (result) {
    case WCI_RESULT_NO_PARTS:
        begin_anew(way);
        break;
    case WCI_RESULT_FAILED:
        leave_region(way);
        break;
    default:
        wci_object_fail(way, result);
        break;
    }
}

/* Whether the region may have another try at a part, because others have arrived meanwhile. */
static bool has_progressed(struct wci_way *way, enum wci_result result)
{
    struct wci_parts *parts = way->parts;
    if (result != WCI_RESULT_FAILED || parts->done == parts->done_before)
        return false;
    parts->done_before = parts->done;
    return true;
}

static void take_part(struct wci_lane *lane, enum wci_result result,
                      const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    struct wci_parts *parts = way->parts;
    size_t index = (size_t)lane->call.part - 1;
    if (result == WCI_RESULT_OK) {
        note_part(way, index, answer->etag);
    } else {
        parts->state[index] = WCI_PART_TO_SEND;
        if (index < parts->next)
            parts->next = index;
        if (way->leaving == WCI_RESULT_OK && !has_progressed(way, result)) {
            way->leaving = result;
            wci_way_stop_lanes(way);
        }
    }
    if (way->leaving == WCI_RESULT_OK)
        send_more(way);
    else if (way->busy == 0)
        act_on(way, way->leaving);
}

/* ---- the other phases ---- */

static void take_begin(struct wci_lane *lane, enum wci_result result,
                       const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    struct wci_object *object = way->object;
    if (result == WCI_RESULT_FOUND) {
        wci_object_succeed(way, lane->region, answer);
        return;
    }
    if (result != WCI_RESULT_OK) {
        wci_object_fail(way, result);
        return;
    }
    object->upload_id = way->parts->spare_id;
    way->parts->spare_id = NULL;
    memcpy(object->upload_id, answer->upload_id, WCI_UPLOAD_ID_MAX);
    object->region = lane->region;
    if (object->began_parts)
        object->began_parts(object->user, object);
    send_more(way);
}

static void take_list(struct wci_lane *lane, enum wci_result result)
{
    struct wci_way *way = lane->way;
    struct wci_parts *parts = way->parts;
    int next = 0;
    if (result == WCI_RESULT_FAILED && wci_engine_now(way->engine) < way->deadline) {
        /* It may be listing alone that is not permitted there. */
        wci_parts_leave_behind(way);
        wci_parts_begin(way);
    } else if (result != WCI_RESULT_OK) {
        act_on(way, result);
    } else if (wci_s3_read_parts(&lane->exchange, &parts->list, &parts->list_count,
                                 &parts->list_capacity, &next)) {
        wci_way_fail(way);
        wci_object_fail(way, WCI_RESULT_BROKEN);
    } else if (next > lane->call.part) {
        list_from(way, next);
    } else {
        note_listed(way);
        parts->done_before = parts->done;
        send_more(way);
    }
}

static void take_join(struct wci_lane *lane, enum wci_result result,
                      const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    bool is_unsure = way->unsure & (UINT32_C(1) << way->object->region);
    if (result == WCI_RESULT_OK || result == WCI_RESULT_FOUND) {
        wci_object_succeed(way, lane->region, answer);
    } else if (result == WCI_RESULT_NO_PARTS || (result == WCI_RESULT_FAILED && is_unsure)) {
        /* An earlier try to join them may have done so, unheard. */
        struct wci_s3_call call = call_of(way, WCI_S3_HEAD);
        way->leaving = result;
        way->phase = WCI_PHASE_CHECK;
        wci_lane_call(lane, &call, way->object->region);
    } else {
        act_on(way, result);
    }
}

static void take_check(struct wci_lane *lane, enum wci_result result,
                       const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    uint32_t region = UINT32_C(1) << way->object->region;
    if (result == WCI_RESULT_OK && wci_object_is(way, answer)) {
        wci_object_succeed(way, way->object->region, answer);
    } else if (result == WCI_RESULT_OK || result == WCI_RESULT_MISSING) {
        act_on(way, way->leaving);
    } else if (result == WCI_RESULT_FAILED) {
        way->unsure |= region;
        leave_region(way);
    } else {
        wci_object_fail(way, result);
    }
}

/* ---- tidying up behind it ---- */

void wci_parts_drop(struct wci_way *way)
{
    const struct wci_object *object = way->object;
    if (way->dropped == object->leftover_count) {
        wci_object_finish(way);
        return;
    }
    const struct wci_leftover *leftover = &object->leftovers[way->dropped];
    struct wci_s3_call call = call_of(way, WCI_S3_DROP_PARTS);
    call.upload_id = leftover->upload_id;
    wci_lane_call(&way->lanes[0], &call, leftover->region);
}

static void take_drop(struct wci_way *way, enum wci_result result)
{
    struct wci_object *object = way->object;
    if (result == WCI_RESULT_OK || result == WCI_RESULT_NO_PARTS || result == WCI_RESULT_MISSING) {
        struct wci_leftover *gone = &object->leftovers[way->dropped];
        free(gone->upload_id);
        *gone = object->leftovers[--object->leftover_count];
    } else {
        way->dropped++;
    }
    wci_parts_drop(way);
}

void wci_parts_take(struct wci_lane *lane, enum wci_result result,
                    const struct wci_s3_answer *answer)
{
    switch (lane->way->phase) {
    case WCI_PHASE_RESUME:
        take_list(lane, result);
        break;
    case WCI_PHASE_BEGIN:
        take_begin(lane, result, answer);
        break;
    case WCI_PHASE_PARTS:
        take_part(lane, result, answer);
        break;
    case WCI_PHASE_JOIN:
        take_join(lane, result, answer);
        break;
    case WCI_PHASE_CHECK:
        take_check(lane, result, answer);
        break;
    default:
        take_drop(lane->way, result);
        break;
    }
}
