/* Ways begin, are cancelled, end; errands, which have one call only. */
#include "upload/way.h"

#include <stdlib.h>

#include "base/memory.h"

wildcam_status wci_way_new(wci_engine *engine, int lanes, struct wci_way **out)
{
    struct wci_way *way = wci_new(sizeof *way + (size_t)lanes * sizeof way->lanes[0]);
    *out = way;
    if (!way)
        return WILDCAM_ERR_NOMEM;
    way->engine = engine;
    way->deadline = INT64_MAX;
    way->lane_count = lanes;
    for (int i = 0; i < lanes; i++)
        wci_lane_init(&way->lanes[i], way);
    return WILDCAM_OK;
}

void wci_way_free(struct wci_way *way)
{
    if (!way)
        return;
    for (int i = 0; i < way->lane_count; i++)
        wci_lane_release(&way->lanes[i]);
    wci_parts_free(way->parts);
    free(way);
}

void wci_way_becomes_known(struct wci_way *way)
{
    way->engine->unknown -= !way->is_known;
    way->is_known = true;
}

void wci_way_begin_attempts(struct wci_way *way)
{
    wci_engine *engine = way->engine;
    pthread_mutex_lock(&engine->mutex);
    wci_failover_begin(engine->failover, &way->attempts,
                       way->deadline == INT64_MAX ? 0 : way->deadline);
    way->attempts.done = way->left;
    pthread_mutex_unlock(&engine->mutex);
}

void wci_way_fail(struct wci_way *way)
{
    if (way->error.status == WILDCAM_OK)
        wci_error_save(&way->error);
    wci_error_clear();
}

void wci_way_finish(struct wci_way *way)
{
    wci_engine *engine = way->engine;
    way->is_finished = true;
    way->next_new = engine->finished;
    engine->finished = way;
}

void wci_way_stop_lanes(struct wci_way *way)
{
    for (int i = 0; i < way->lane_count; i++)
        wci_lane_stop(&way->lanes[i]);
}

void wci_way_cancel(struct wci_way *way)
{
    way->is_cancelled = true;
    wci_way_stop_lanes(way);
}

/* ---- credentials for somebody ---- */

static void take_keys(struct wci_lane *lane, enum wci_result result)
{
    struct wci_way *way = lane->way;
    if (result == WCI_RESULT_OK) {
        way->keys->credentials = lane->credentials;
        lane->credentials = NULL;
    } else if (way->error.status == WILDCAM_OK) {
        wci_fail(WILDCAM_ERR_CANCELLED, "waiting for credentials was cancelled");
        wci_way_fail(way);
    }
    wci_way_finish(way);
}

/* ---- errands ---- */

static void start_errand(struct wci_way *way)
{
    const struct wci_errand *errand = way->errand;
    struct wci_s3_call call = {
        .verb = errand->verb, .key = errand->key, .upload_id = errand->upload_id, .body.fd = -1};
    wci_lane_call(&way->lanes[0], &call, errand->region);
}

static void take_errand(struct wci_lane *lane, enum wci_result result,
                        const struct wci_s3_answer *answer)
{
    char reason[WCI_ERROR_TEXT];
    struct wci_way *way = lane->way;
    struct wci_errand *errand = way->errand;
    if (answer)
        errand->answer = *answer;
    if (result == WCI_RESULT_OK || result == WCI_RESULT_MISSING) {
        errand->outcome = result == WCI_RESULT_OK ? WCI_OUTCOME_OK : WCI_OUTCOME_MISSING;
    } else if (result == WCI_RESULT_CANCELLED) {
        errand->outcome = WCI_OUTCOME_CANCELLED;
        wci_fail(WILDCAM_ERR_CANCELLED, "the request for %s was cancelled", errand->key);
        wci_way_fail(way);
    } else if (result == WCI_RESULT_BROKEN) {
        errand->outcome = WCI_OUTCOME_LOCAL;
    } else {
        /* It may not even have been sent: the region is down. */
        errand->outcome = lane->last != WCI_OUTCOME_OK ? lane->last : WCI_OUTCOME_UNREACHABLE;
        wci_reason_of_region(way->engine, errand->region, reason);
        wci_fail(WILDCAM_ERR_UPLOAD, "%s: %s", way->engine->regions[errand->region].name, reason);
        wci_way_fail(way);
    }
    wci_way_finish(way);
}

/* ---- all of them ---- */

void wci_way_start(struct wci_way *way)
{
    static const struct wci_s3_call none = {.verb = WCI_S3_HEAD, .key = "", .body.fd = -1};
    if (way->keys)
        wci_lane_call(&way->lanes[0], &none, 0);
    else if (way->errand)
        start_errand(way);
    else
        wci_object_start(way);
}

void wci_way_take(struct wci_lane *lane, enum wci_result result, const struct wci_s3_answer *answer)
{
    struct wci_way *way = lane->way;
    way->busy--;
    if (way->keys)
        take_keys(lane, result);
    else if (way->errand)
        take_errand(lane, result, answer);
    else
        wci_object_take(lane, result, answer);
}

/* What the asker may free at once. */
static void tell(struct wci_way *way)
{
    struct wci_object *object = way->object;
    struct wci_errand *errand = way->errand;
    struct wci_key_request *keys = way->keys;
    if (object)
        object->error = way->error;
    else if (errand)
        errand->error = way->error;
    else
        keys->error = way->error;
    wci_way_free(way);
    if (object)
        object->done(object->user, object);
    else if (errand)
        errand->done(errand->user, errand);
    else
        atomic_store(&keys->is_done, true);
}

void wci_way_end(struct wci_way *way)
{
    wci_engine *engine = way->engine;
    pthread_mutex_lock(&engine->mutex);
    wci_way_becomes_known(way);
    *(way->previous ? &way->previous->next : &engine->ways) = way->next;
    if (way->next)
        way->next->previous = way->previous;
    if (way->object)
        way->object->way = NULL;
    else if (way->errand)
        way->errand->way = NULL;
    pthread_mutex_unlock(&engine->mutex);
    tell(way);
}
