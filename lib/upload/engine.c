/* The engine: what it is made of, what comes in, what is asked of it. */
#include "upload/way.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"

/* Only jitter comes from it. */
static uint64_t make_seed(const wci_engine *engine)
{
    return (uint64_t)wci_calendar_now() * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)engine;
}

/* `s3.connect_timeout` may be as small as can be said. */
static int64_t connect_time(const wildcam_conf *conf)
{
    int64_t time = (int64_t)(wci_conf_real(conf, WCI_S3_CONNECT_TIMEOUT) * (double)WCI_SECOND);
    return time > 0 ? time : 1;
}

static wildcam_status open_parts(wci_engine *engine, const struct wci_transport_ops *ops)
{
    const wildcam_conf *conf = engine->conf;
    wildcam_status status = wci_s3_regions(conf, &engine->regions, &engine->region_count);
    if (!status && engine->region_count == 0)
        status = wci_fail(WILDCAM_ERR_STATE, "s3.regions is empty: nothing is uploaded");
    if (status)
        return status;
    struct wci_failover_limits limits = {
        .regions = (int)engine->region_count,
        .attempts = (int)wci_conf_int(conf, WCI_S3_ATTEMPTS),
        .connections = (int)wci_conf_int(conf, WCI_S3_CONNECTIONS),
        .failback = (int64_t)(wci_conf_real(conf, WCI_S3_FAILBACK) * (double)WCI_SECOND),
        .connect_time = connect_time(conf),
        .seed = make_seed(engine)};
    status = wci_failover_new(&limits, &engine->failover);
    if (!status)
        status = ops->open(conf, &engine->log, &engine->transport.carrier);
    if (status)
        return status;
    engine->transport.ops = ops;
    return wci_keyring_open(conf, &engine->log, &engine->transport, &engine->keyring);
}

static void close_parts(wci_engine *engine, bool is_forked)
{
    /* What the keyring asks for is cancelled, or in a forked child, forgotten. */
    if (!is_forked)
        wci_keyring_close(engine->keyring, false);
    if (engine->transport.ops)
        engine->transport.ops->close(engine->transport.carrier, is_forked);
    if (is_forked)
        wci_keyring_close(engine->keyring, true);
    wci_failover_free(engine->failover);
    wci_s3_regions_free(engine->regions, engine->region_count);
}

wildcam_status wci_engine_open(const wildcam_conf *conf, const struct wci_log *log,
                               const struct wci_transport_ops *ops, wci_engine **out)
{
    wci_engine *engine = wci_new(sizeof *engine);
    *out = NULL;
    if (!engine)
        return WILDCAM_ERR_NOMEM;
    engine->conf = conf;
    engine->log = *log;
    wildcam_status status = open_parts(engine, ops);
    if (!status)
        status = wci_engine_init_leading(engine);
    if (status) {
        close_parts(engine, false);
        free(engine);
        return status;
    }
    *out = engine;
    return WILDCAM_OK;
}

void wci_engine_listen(wci_engine *engine, const struct wci_engine_listener *listener)
{
    engine->listener = *listener;
}

void wci_engine_close(wci_engine *engine, bool is_forked)
{
    if (!engine)
        return;
    close_parts(engine, is_forked);
    /* In a forked child what the parent has under way is memory. */
    for (struct wci_way *way = engine->ways, *next; way; way = next) {
        next = way->next;
        wci_way_free(way);
    }
    if (!is_forked)
        wci_engine_destroy_leading(engine);
    free(engine);
}

int64_t wci_engine_now(const wci_engine *engine)
{
    const struct wci_transport *transport = &engine->transport;
    return transport->ops->clock ? transport->ops->clock(transport->carrier)
                                 : wci_calendar_monotonic();
}

/* ---- what comes in ---- */

static void wake_leader(wci_engine *engine)
{
    engine->transport.ops->wake(engine->transport.carrier);
}

void wci_engine_take_in(struct wci_way *way)
{
    wci_engine *engine = way->engine;
    pthread_mutex_lock(&engine->mutex);
    if (way->object)
        way->object->way = way;
    else if (way->errand)
        way->errand->way = way;
    way->next = engine->ways;
    if (engine->ways)
        engine->ways->previous = way;
    engine->ways = way;
    *(engine->new_last ? &engine->new_last->next_new : &engine->new_first) = way;
    engine->new_last = way;
    engine->unknown++;
    pthread_mutex_unlock(&engine->mutex);
    wake_leader(engine);
}

wildcam_status wci_engine_send(wci_engine *engine, struct wci_object *object)
{
    struct wci_way *way;
    size_t lanes = object->part_count < WCI_LANES_MAX ? object->part_count : WCI_LANES_MAX;
    wildcam_status status = wci_way_new(engine, lanes > 1 ? (int)lanes : 1, &way);
    if (status)
        return status;
    way->object = object;
    status = wci_object_prepare(way);
    if (status) {
        wci_way_free(way);
        return status;
    }
    wci_engine_take_in(way);
    return WILDCAM_OK;
}

wildcam_status wci_engine_run_errand(wci_engine *engine, struct wci_errand *errand)
{
    struct wci_way *way;
    wildcam_status status = wci_s3_check_key(errand->key);
    if (!status)
        status = wci_way_new(engine, 1, &way);
    if (status)
        return status;
    memset(&errand->answer, 0, sizeof errand->answer);
    memset(&errand->error, 0, sizeof errand->error);
    errand->outcome = WCI_OUTCOME_OK;
    way->errand = errand;
    wci_engine_take_in(way);
    return WILDCAM_OK;
}

/* What has ended has no way any more. */
static void cancel(wci_engine *engine, void *const *place)
{
    pthread_mutex_lock(&engine->mutex);
    struct wci_way *way = *place;
    if (way)
        way->must_end = engine->must_end_some = true;
    pthread_mutex_unlock(&engine->mutex);
    if (way)
        wake_leader(engine);
}

void wci_engine_cancel(wci_engine *engine, struct wci_object *object)
{
    cancel(engine, &object->way);
}

void wci_engine_cancel_errand(wci_engine *engine, struct wci_errand *errand)
{
    cancel(engine, &errand->way);
}

void wci_engine_cancel_all(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    for (struct wci_way *way = engine->ways; way; way = way->next)
        way->must_end = engine->must_end_some = true;
    pthread_mutex_unlock(&engine->mutex);
    wake_leader(engine);
}

/* ---- what is asked ---- */

void wci_engine_limit(wci_engine *engine, int64_t bytes_per_second)
{
    engine->transport.ops->limit(engine->transport.carrier, bytes_per_second);
}

int64_t wci_engine_sent(const wci_engine *engine)
{
    return engine->transport.ops->moved(engine->transport.carrier);
}

size_t wci_engine_regions(const wci_engine *engine)
{
    return engine->region_count;
}

const struct wci_s3_region *wci_engine_region(const wci_engine *engine, int region)
{
    return &engine->regions[region];
}

void wci_engine_origin(wci_engine *engine, int region, struct wci_text *origin)
{
    wci_text_empty(origin);
    pthread_mutex_lock(&engine->regions_mutex);
    wci_text_add(origin, engine->regions[region].origin);
    pthread_mutex_unlock(&engine->regions_mutex);
}

int wci_engine_find_region(const wci_engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->region_count; i++)
        if (strcmp(engine->regions[i].name, name) == 0)
            return (int)i;
    return -1;
}

void wci_engine_look(wci_engine *engine, int region, struct wci_region_report *report,
                     struct wci_text *reason)
{
    char words[WCI_ERROR_TEXT];
    pthread_mutex_lock(&engine->mutex);
    wci_failover_look(engine->failover, region, wci_engine_now(engine), report);
    pthread_mutex_unlock(&engine->mutex);
    if (!reason)
        return;
    wci_reason_of_region(engine, region, words);
    wci_text_empty(reason);
    wci_text_add(reason, words);
}

int wci_engine_room(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    int64_t now = wci_engine_now(engine);
    int room = wci_failover_room(engine->failover, now) - engine->unknown;
    if (now < engine->keys_again || room < 0)
        room = 0;
    pthread_mutex_unlock(&engine->mutex);
    return room;
}

int64_t wci_engine_opens(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    int64_t opens = wci_failover_opens(engine->failover, wci_engine_now(engine));
    if (opens < engine->keys_again)
        opens = engine->keys_again;
    pthread_mutex_unlock(&engine->mutex);
    return opens;
}

bool wci_engine_lacks_keys(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    bool lacks_keys = engine->lacks_keys;
    pthread_mutex_unlock(&engine->mutex);
    return lacks_keys;
}

void wci_engine_retry_now(wci_engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    wci_failover_retry_now(engine->failover, wci_engine_now(engine));
    engine->keys_again = 0;
    engine->must_look_again = true;
    pthread_mutex_unlock(&engine->mutex);
    wake_leader(engine);
}

/* ---- URLs ---- */

static wildcam_status ask_for_keys(wci_engine *engine, const struct wci_credentials **out)
{
    struct wci_way *way;
    struct wci_key_request request = {.is_done = false};
    wildcam_status status = wci_way_new(engine, 1, &way);
    if (status)
        return status;
    way->keys = &request;
    wci_engine_take_in(way);
    wci_engine_wait(engine, &request.is_done, INT64_MAX);
    *out = request.credentials;
    return request.error.status ? wci_error_restore(&request.error) : WILDCAM_OK;
}

wildcam_status wci_engine_presign(wci_engine *engine, int region, const char *key, int64_t seconds,
                                  struct wci_text *url)
{
    const struct wci_credentials *credentials = NULL;
    wildcam_status status = wci_s3_check_key(key);
    if (!status)
        status = ask_for_keys(engine, &credentials);
    if (status)
        return status;
    pthread_mutex_lock(&engine->mutex);
    int64_t skew = wci_failover_skew(engine->failover, region);
    pthread_mutex_unlock(&engine->mutex);
    pthread_mutex_lock(&engine->regions_mutex);
    status = wci_s3_presign(&engine->regions[region], key, credentials, wci_calendar_now() + skew,
                            seconds, url);
    pthread_mutex_unlock(&engine->regions_mutex);
    wci_credentials_let_go(credentials);
    return status;
}
