/* A call that is repeated until there is a result. */
#include "upload/way.h"

#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"

static const int64_t look_time = 2 * WCI_SECOND, small_call_time = 30 * WCI_SECOND;

void wci_lane_init(struct wci_lane *lane, struct wci_way *way)
{
    lane->way = way;
    lane->region = -1;
    wci_exchange_init(&lane->exchange);
}

void wci_lane_release(struct wci_lane *lane)
{
    wci_credentials_let_go(lane->credentials);
    wci_exchange_release(&lane->exchange);
    wci_text_free(&lane->scratch);
}

/* ---- queues ---- */

static void add(struct wci_lanes *lanes, struct wci_lane *lane, bool in_front)
{
    lane->previous = in_front ? NULL : lanes->last;
    lane->next = in_front ? lanes->first : NULL;
    *(lane->previous ? &lane->previous->next : &lanes->first) = lane;
    *(lane->next ? &lane->next->previous : &lanes->last) = lane;
}

static void take_out(struct wci_lanes *lanes, struct wci_lane *lane)
{
    *(lane->previous ? &lane->previous->next : &lanes->first) = lane->next;
    *(lane->next ? &lane->next->previous : &lanes->last) = lane->previous;
}

static void leave_queue(struct wci_lane *lane)
{
    wci_engine *engine = lane->way->engine;
    if (engine->cursor == lane)
        engine->cursor = lane->next;
    if (lane->state == WCI_LANE_WAITS)
        take_out(&engine->waiting, lane);
    else if (lane->state == WCI_LANE_ENDED)
        take_out(&engine->ended, lane);
    lane->state = WCI_LANE_IDLE;
}

static void stand_in_line(struct wci_lane *lane, bool in_front)
{
    wci_engine *engine = lane->way->engine;
    lane->state = WCI_LANE_WAITS;
    lane->wants_credentials = false;
    lane->wake_at = 0;
    engine->has_due = true;
    add(&engine->waiting, lane, in_front);
}

static void stand_at_the_end(struct wci_lane *lane)
{
    lane->state = WCI_LANE_ENDED;
    add(&lane->way->engine->ended, lane, false);
}

/* ---- calls ---- */

static void abandon(struct wci_lane *lane)
{
    wci_engine *engine = lane->way->engine;
    pthread_mutex_lock(&engine->mutex);
    wci_failover_abandon(engine->failover, lane->attempts);
    pthread_mutex_unlock(&engine->mutex);
    engine->has_moved = true;
}

void wci_lane_stop(struct wci_lane *lane)
{
    wci_engine *engine = lane->way->engine;
    if (lane->state == WCI_LANE_WAITS) {
        leave_queue(lane);
        abandon(lane);
        lane->is_stopped = true;
        stand_at_the_end(lane);
    } else if (lane->state == WCI_LANE_SENDS) {
        lane->is_stopped = true;
        engine->transport.ops->cancel(engine->transport.carrier, &lane->exchange);
    }
}

void wci_lane_call(struct wci_lane *lane, const struct wci_s3_call *call, int region)
{
    struct wci_way *way = lane->way;
    wci_engine *engine = way->engine;
    lane->call = *call;
    lane->is_stopped = lane->is_look = lane->has_sent = false;
    lane->last = WCI_OUTCOME_OK;
    lane->attempts = region < 0 ? &way->attempts : &lane->own;
    if (region >= 0) {
        int64_t deadline = way->deadline == INT64_MAX ? 0 : way->deadline;
        pthread_mutex_lock(&engine->mutex);
        wci_failover_begin(engine->failover, &lane->own, deadline);
        pthread_mutex_unlock(&engine->mutex);
        lane->own.region = region;
        lane->own.is_pinned = true;
    }
    way->busy++;
    /* What is half done goes on before something new begins. */
    stand_in_line(lane, way->is_begun);
    way->is_begun = true;
    if (way->is_cancelled)
        wci_lane_stop(lane);
}

static void end(struct wci_lane *lane, enum wci_result result, const struct wci_s3_answer *answer)
{
    leave_queue(lane);
    wci_way_take(lane, result, answer);
}

/* ---- sending ---- */

static void note_end(void *user, struct wci_exchange *exchange)
{
    struct wci_lane *lane = user;
    (void)exchange;
    stand_at_the_end(lane);
}

static enum wci_s3_verb verb_of(const struct wci_lane *lane)
{
    return lane->is_look ? WCI_S3_HEAD : lane->call.verb;
}

/* That it may not be asked for, or deleted, says nothing of sending. */
static bool is_beside(const struct wci_lane *lane)
{
    return lane->is_look || lane->way->errand || lane->call.verb == WCI_S3_HEAD ||
           lane->call.verb == WCI_S3_DROP_PARTS || lane->call.verb == WCI_S3_LIST_PARTS;
}

/* Where connections take long, so do answers. */
static int64_t time_limit(const struct wci_lane *lane, const struct wci_step *step, int64_t now)
{
    switch (verb_of(lane)) {
    case WCI_S3_HEAD:
        return now +
               (look_time > step->connect_time * 2 / 3 ? look_time : step->connect_time * 2 / 3);
    case WCI_S3_DELETE:
    case WCI_S3_BEGIN_PARTS:
    case WCI_S3_LIST_PARTS:
    case WCI_S3_DROP_PARTS:
        return now + small_call_time;
    default:
        return 0; /* as long as it moves */
    }
}

static wildcam_status make_request(struct wci_lane *lane, const struct wci_step *step)
{
    wci_engine *engine = lane->way->engine;
    struct wci_s3_region *region = &engine->regions[lane->region];
    struct wci_exchange *exchange = &lane->exchange;
    struct wci_s3_call look = {.verb = WCI_S3_HEAD, .key = lane->call.key};
    lane->had_checksum = region->sends_checksums;
    lane->had_condition = region->sends_if_none_match;
    memcpy(lane->had_region, region->signed_as, sizeof lane->had_region);
    lane->signed_at = wci_calendar_now();
    wci_exchange_renew(exchange);
    pthread_mutex_lock(&engine->regions_mutex);
    wildcam_status status = wci_s3_ask(region, lane->is_look ? &look : &lane->call,
                                       lane->credentials, lane->signed_at + lane->skew_used,
                                       &lane->scratch, exchange);
    pthread_mutex_unlock(&engine->regions_mutex);
    exchange->on_fresh_connection = step->on_fresh_connection;
    exchange->connect_time = step->connect_time;
    exchange->deadline = time_limit(lane, step, wci_engine_now(engine));
    exchange->done = note_end;
    exchange->user = lane;
    return status;
}

/* Its object has gone out to a region. */
static void note_sent(struct wci_lane *lane)
{
    struct wci_way *way = lane->way;
    const struct wci_engine_listener *listener = &way->engine->listener;
    way->object->requests++;
    if (is_beside(lane))
        return;
    if (listener->failover && way->sent_to >= 0 && way->sent_to != lane->region)
        listener->failover(listener->user, way->engine, way->sent_to, lane->region);
    way->sent_to = lane->region;
}

static void send_request(struct wci_lane *lane, const struct wci_step *step)
{
    wci_engine *engine = lane->way->engine;
    lane->region = step->region;
    lane->is_look = step->kind == WCI_STEP_LOOK;
    lane->counted = 0;
    wildcam_status status = make_request(lane, step);
    if (!status) {
        leave_queue(lane);
        lane->state = WCI_LANE_SENDS;
        lane->has_sent = true;
        status = engine->transport.ops->send(engine->transport.carrier, &lane->exchange);
    }
    if (status) {
        lane->has_sent = false;
        if (status == WILDCAM_ERR_INVALID && lane->way->object)
            lane->way->object->is_impossible = true; /* no request can carry it */
        wci_way_fail(lane->way);
        abandon(lane);
        end(lane, WCI_RESULT_BROKEN, NULL);
        return;
    }
    engine->sending++;
    if (lane->way->object)
        note_sent(lane);
}

static void keys_have_come(void *user)
{
    wci_engine *engine = user;
    engine->keys_asked = false;
    engine->keys_ready = true;
}

wildcam_status wci_engine_get_keys(wci_engine *engine, const struct wci_credentials **out)
{
    if (engine->keys_asked)
        return WILDCAM_ERR_BUSY;
    wildcam_status status = wci_keyring_get(engine->keyring, keys_have_come, engine, out);
    engine->keys_asked = status == WILDCAM_ERR_BUSY;
    bool lacks_keys = status && status != WILDCAM_ERR_BUSY && status != WILDCAM_ERR_NOMEM;
    if (lacks_keys || (engine->lacks_keys && !status)) {
        pthread_mutex_lock(&engine->mutex);
        engine->lacks_keys = lacks_keys;
        engine->keys_again = lacks_keys ? wci_engine_now(engine) + WCI_KEYS_PAUSE : 0;
        pthread_mutex_unlock(&engine->mutex);
    }
    return status;
}

/* False when it has to wait for them, or has ended without. */
static bool take_credentials(struct wci_lane *lane)
{
    wci_engine *engine = lane->way->engine;
    const struct wci_credentials *credentials = NULL;
    wildcam_status status = wci_engine_get_keys(engine, &credentials);
    wci_credentials_let_go(lane->credentials);
    lane->credentials = credentials;
    lane->wants_credentials = status == WILDCAM_ERR_BUSY;
    if (lane->wants_credentials) {
        lane->wake_at = lane->way->deadline;
    } else if (status) {
        wci_way_fail(lane->way);
        abandon(lane);
        end(lane, WCI_RESULT_BROKEN, NULL);
    }
    return status == WILDCAM_OK;
}

void wci_lane_step(struct wci_lane *lane)
{
    struct wci_way *way = lane->way;
    wci_engine *engine = way->engine;
    struct wci_step step;
    int64_t now = wci_engine_now(engine);
    if (now >= way->deadline) {
        abandon(lane);
        end(lane, WCI_RESULT_FAILED, NULL);
        return;
    }
    if (!take_credentials(lane))
        return;
    if (way->keys) {
        end(lane, WCI_RESULT_OK, NULL);
        return;
    }
    pthread_mutex_lock(&engine->mutex);
    wci_way_becomes_known(way);
    wci_failover_next(engine->failover, lane->attempts, now, &step);
    if (step.kind == WCI_STEP_TRY || step.kind == WCI_STEP_LOOK)
        lane->skew_used = wci_failover_skew(engine->failover, step.region);
    pthread_mutex_unlock(&engine->mutex);
    if (step.kind == WCI_STEP_LOOK || step.kind == WCI_STEP_TRY)
        send_request(lane, &step);
    else if (step.kind == WCI_STEP_FAILED)
        end(lane, WCI_RESULT_FAILED, NULL);
    else if (step.kind == WCI_STEP_OFFLINE)
        end(lane, WCI_RESULT_OFFLINE, NULL);
    else
        lane->wake_at = step.at < way->deadline ? step.at : way->deadline;
}

/* ---- answers ---- */

void wci_lane_count_sent(struct wci_lane *lane)
{
    int64_t sent = atomic_load(&lane->exchange.sent), more = sent - lane->counted;
    lane->counted = sent;
    if (more > 0 && lane->way->object)
        atomic_fetch_add(&lane->way->object->sent, more);
}

/* Whether the checksum that came back is of something else. */
static bool is_damaged(const struct wci_lane *lane, const struct wci_s3_answer *answer)
{
    char ours[WCI_DIGEST_BASE64];
    static const char sha256[] = "sha256:";
    enum { PREFIX = sizeof sha256 - 1 };
    if (!lane->call.sha256 || strncmp(answer->checksum, sha256, PREFIX) != 0)
        return false;
    wci_digest_to_base64(lane->call.sha256, ours);
    return strcmp(answer->checksum + PREFIX, ours) != 0;
}

/* False when nothing is learnt from it. */
static bool correct_region(struct wci_lane *lane, const struct wci_s3_answer *answer)
{
    wci_engine *engine = lane->way->engine;
    struct wci_s3_region *region = &engine->regions[lane->region];
    if (!*answer->region || strcmp(answer->region, lane->had_region) == 0)
        return false;
    pthread_mutex_lock(&engine->regions_mutex);
    bool is_new = strcmp(answer->region, region->signed_as) != 0;
    wildcam_status status = is_new ? wci_s3_region_move(region, answer->region) : WILDCAM_OK;
    pthread_mutex_unlock(&engine->regions_mutex);
    if (is_new && !status)
        wci_log_write(&engine->log, WILDCAM_LOG_WARNING, "upload",
                      "the bucket %s of region %s is in region %s", region->bucket, region->name,
                      answer->region);
    return status == WILDCAM_OK;
}

/* The same; which header it was that the server cannot do is not said. */
static bool leave_out_header(struct wci_lane *lane)
{
    struct wci_s3_region *region = &lane->way->engine->regions[lane->region];
    if (lane->had_condition && lane->call.if_none_match)
        region->sends_if_none_match = false;
    else if (lane->had_checksum)
        region->sends_checksums = false;
    else
        return false;
    wci_log_write(&lane->way->engine->log, WILDCAM_LOG_INFO, "upload",
                  "region %s cannot do %s: it is left out", region->name,
                  region->sends_if_none_match ? "x-amz-checksum-sha256" : "If-None-Match");
    return true;
}

/* What the request came to, with what can be put right about it put right. */
static enum wci_outcome judge(struct wci_lane *lane, struct wci_s3_answer *answer)
{
    enum wci_s3_verb verb = verb_of(lane);
    enum wci_outcome outcome = wci_outcome_of(&lane->exchange, verb, answer,
                                              lane->signed_at + lane->skew_used);
    bool writes = verb == WCI_S3_PUT || verb == WCI_S3_JOIN_PARTS;
    switch (outcome) {
    case WCI_OUTCOME_OK:
        if (verb == WCI_S3_BEGIN_PARTS && !*answer->upload_id)
            return WCI_OUTCOME_TRANSIENT;
        return is_damaged(lane, answer) ? WCI_OUTCOME_TRANSIENT : outcome;
    case WCI_OUTCOME_AMBIGUOUS:
        return writes ? outcome : WCI_OUTCOME_TRANSIENT;
    case WCI_OUTCOME_EXPIRED:
        wci_keyring_reject(lane->way->engine->keyring, lane->credentials);
        return outcome;
    case WCI_OUTCOME_MOVED:
        return correct_region(lane, answer) ? outcome : WCI_OUTCOME_REFUSED;
    case WCI_OUTCOME_UNSUPPORTED:
        return leave_out_header(lane) ? outcome : WCI_OUTCOME_REFUSED;
    default:
        return outcome;
    }
}

/* Whether the object may have been stored although nobody said so. */
static bool may_be_stored(const struct wci_lane *lane, enum wci_outcome outcome)
{
    return outcome != WCI_OUTCOME_OK && wci_outcome_in_doubt(&lane->exchange, verb_of(lane));
}

static void tell(const struct wci_lane *lane, enum wci_outcome outcome)
{
    const wci_engine *engine = lane->way->engine;
    const struct wci_exchange *exchange = &lane->exchange;
    const struct wci_told_request request = {.region = lane->region,
                                             .verb = verb_of(lane),
                                             .outcome = outcome,
                                             .duration = exchange->ended - exchange->started};
    if (engine->listener.request)
        engine->listener.request(engine->listener.user, engine, &request);
}

static void report(struct wci_lane *lane, enum wci_outcome outcome,
                   const struct wci_s3_answer *answer)
{
    wci_engine *engine = lane->way->engine;
    struct wci_report report = {
        .outcome = outcome,
        .is_in_doubt = may_be_stored(lane, outcome),
        .was_slow = lane->exchange.failure == WCI_LINK_TIMED_OUT,
        .was_late = lane->exchange.was_late,
        .connecting = lane->exchange.connecting,
        .retry_after = answer->retry_after,
        .is_retry_precise = answer->is_retry_precise,
        .skew = lane->skew_used,
        .skew_used = lane->skew_used,
    };
    if (outcome == WCI_OUTCOME_SKEWED && answer->date != WILDCAM_TIME_NONE)
        report.skew = answer->date - wci_calendar_now();
    if (outcome == WCI_OUTCOME_REFUSED && is_beside(lane))
        report.outcome = lane->is_look ? WCI_OUTCOME_MISSING : WCI_OUTCOME_OK;
    else if (outcome == WCI_OUTCOME_EXISTS && lane->is_look)
        report.outcome = WCI_OUTCOME_IMPOSSIBLE;
    pthread_mutex_lock(&engine->mutex);
    if (outcome == WCI_OUTCOME_CANCELLED)
        wci_failover_abandon(engine->failover, lane->attempts);
    else
        wci_failover_report(engine->failover, lane->attempts, wci_engine_now(engine), &report);
    pthread_mutex_unlock(&engine->mutex);
    engine->sending--;
    engine->has_moved = true;
}

static uint32_t bit_of(int region)
{
    return UINT32_C(1) << region;
}

/* A HEAD that was owed has been answered, or not. One that finds nothing leaves the doubt: a server
 * that got stuck may still do what it was sent. */
static void take_look(struct wci_lane *lane, enum wci_outcome outcome,
                      const struct wci_s3_answer *answer)
{
    if (outcome == WCI_OUTCOME_OK) {
        end(lane, WCI_RESULT_FOUND, answer);
    } else if (outcome == WCI_OUTCOME_EXISTS) {
        end(lane, WCI_RESULT_FOREIGN, answer);
    } else {
        if (outcome == WCI_OUTCOME_REFUSED && lane->last == WCI_OUTCOME_EXISTS)
            lane->attempts->done |= bit_of(lane->region); /* it would only say the same again */
        stand_in_line(lane, true);
    }
}

static void take_failure(struct wci_lane *lane, enum wci_outcome outcome,
                         const struct wci_s3_answer *answer)
{
    switch (outcome) {
    case WCI_OUTCOME_NO_PARTS:
        end(lane, WCI_RESULT_NO_PARTS, answer);
        break;
    case WCI_OUTCOME_MISSING:
        end(lane, WCI_RESULT_MISSING, answer);
        break;
    case WCI_OUTCOME_IMPOSSIBLE:
        end(lane, WCI_RESULT_IMPOSSIBLE, answer);
        break;
    case WCI_OUTCOME_LOCAL:
        if (lane->exchange.failure == WCI_LINK_MEMORY)
            wci_fail_memory();
        else
            wci_fail(WILDCAM_ERR_IO, "%s: %s", lane->call.key, lane->exchange.reason);
        wci_way_fail(lane->way);
        end(lane, WCI_RESULT_BROKEN, answer);
        break;
    case WCI_OUTCOME_CANCELLED:
        end(lane, WCI_RESULT_CANCELLED, answer);
        break;
    default:
        if (outcome == WCI_OUTCOME_REFUSED && is_beside(lane))
            end(lane, WCI_RESULT_FAILED, answer);
        else
            stand_in_line(lane, true);
    }
}

void wci_lane_take_answer(struct wci_lane *lane)
{
    struct wci_s3_answer answer;
    char reason[WCI_ERROR_TEXT];
    struct wci_way *way = lane->way;
    leave_queue(lane);
    if (!lane->has_sent) {
        wci_way_take(lane, WCI_RESULT_CANCELLED, NULL);
        return;
    }
    lane->has_sent = false;
    wci_lane_count_sent(lane);
    wci_s3_read(&lane->exchange, verb_of(lane), &answer);
    enum wci_outcome outcome = judge(lane, &answer);
    tell(lane, outcome);
    if (may_be_stored(lane, outcome))
        way->unsure |= bit_of(lane->region);
    wci_reason_of(&lane->exchange, &answer, outcome, reason);
    /* What a look brings counts only when it is this object. */
    if (lane->is_look && outcome == WCI_OUTCOME_OK && !wci_object_is(way, &answer))
        outcome = lane->last == WCI_OUTCOME_EXISTS ? WCI_OUTCOME_EXISTS : WCI_OUTCOME_MISSING;
    report(lane, outcome, &answer);
    wci_reason_note(way, lane->region, outcome, reason);
    if (!lane->is_look)
        lane->last = outcome;
    if (lane->is_stopped && outcome != WCI_OUTCOME_OK && outcome != WCI_OUTCOME_LOCAL)
        end(lane, WCI_RESULT_CANCELLED, &answer);
    else if (lane->is_look)
        take_look(lane, outcome, &answer);
    else if (outcome == WCI_OUTCOME_OK)
        end(lane, WCI_RESULT_OK, &answer);
    else
        take_failure(lane, outcome, &answer);
}
