#include "unit/fake_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"

struct task {
    struct wci_object *object;
    struct wci_errand *errand;
    bool is_cancelled, hangs;
    enum fake_fate fate;
    struct task *next;
};

struct wci_engine {
    struct wci_s3_region *regions;
    size_t region_count;
    pthread_cond_t moved;
    pthread_t thread;
    bool has_thread, must_stop, is_led;
    struct task *first;
};

struct fake fake = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
    fake.mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    fake.room = 8;
    fake.rest = 3600 * WCI_SECOND;
}

static int bucket_of(int region)
{
    return region == 1 && fake.is_one_bucket ? 0 : region;
}

static size_t place_of(int region, const char *key)
{
    size_t i = 0;
    while (i < fake.counts[region] && strcmp(fake.objects[region][i].key, key) != 0)
        i++;
    return i;
}

const struct fake_object *fake_find(int region, const char *key)
{
    region = bucket_of(region);
    size_t i = place_of(region, key);
    return i < fake.counts[region] ? &fake.objects[region][i] : NULL;
}

void fake_put(int region, const char *key, const char *sha256, int64_t bytes)
{
    region = bucket_of(region);
    size_t i = place_of(region, key);
    if (i == FAKE_OBJECTS)
        abort();
    if (i == fake.counts[region])
        fake.counts[region]++;
    struct fake_object *object = &fake.objects[region][i];
    snprintf(object->key, sizeof object->key, "%s", key);
    snprintf(object->sha256, sizeof object->sha256, "%s", sha256);
    snprintf(object->etag, sizeof object->etag, "etag-%.20s", sha256);
    object->bytes = bytes;
}

void fake_remove(int region, const char *key)
{
    region = bucket_of(region);
    size_t i = place_of(region, key);
    if (i < fake.counts[region])
        fake.objects[region][i] = fake.objects[region][--fake.counts[region]];
}

/* ---- what becomes of an object ---- */

static void take(struct wci_object *object, int region)
{
    char sha256[WCI_DIGEST_TEXT];
    wci_digest_to_text(object->whole, sha256);
    fake_put(region, object->key, sha256, object->body.length);
}

static void succeed(struct wci_object *object, int region)
{
    object->region = region;
    snprintf(object->etag, sizeof object->etag, "%s", fake_find(region, object->key)->etag);
    snprintf(object->checksum, sizeof object->checksum, "sha256:abc");
}

static void fail(struct wci_object *object, int status, const char *words)
{
    wci_fail(status, "%s", words);
    wci_error_save(&object->error);
    wci_error_clear();
    object->region = -1;
}

static bool is_found(struct wci_object *object)
{
    for (int i = 0; i < FAKE_REGIONS; i++) {
        if (object->look_first & 1u << i && fake_find(i, object->key)) {
            succeed(object, i);
            return true;
        }
    }
    return false;
}

static void leave(struct wci_object *object, int region)
{
    object->leftovers = calloc(1, sizeof *object->leftovers);
    object->leftovers[0] = (struct wci_leftover){region, strdup("left-1")};
    object->leftover_count = 1;
}

static void decide(struct task *task)
{
    struct wci_object *object = task->object;
    object->region = -1;
    if (task->is_cancelled) {
        if (task->fate == FAKE_STORES_LATE) {
            take(object, 0);
            object->doubts = 1;
        }
        object->is_blameless = true;
        fail(object, WILDCAM_ERR_CANCELLED, "the upload was cancelled");
        if (task->fate == FAKE_BEGINS)
            object->region = 0;
        return;
    }
    if (is_found(object))
        return;
    switch (task->fate) {
    case FAKE_TAKES:
        take(object, 0);
        succeed(object, 0);
        break;
    case FAKE_FAILS:
        fail(object, WILDCAM_ERR_UPLOAD, "All regions failed: us-west-2: 503");
        break;
    case FAKE_OFFLINE:
        object->is_blameless = true;
        fake.opens = wci_calendar_monotonic() + fake.rest;
        fail(object, WILDCAM_ERR_UPLOAD, "the uplink is down");
        break;
    case FAKE_DENIES:
        object->is_blameless = true;
        fake.opens = wci_calendar_monotonic() + fake.rest;
        fail(object, WILDCAM_ERR_DENIED, "there are no credentials");
        break;
    case FAKE_REFUSES:
        object->is_impossible = true;
        fail(object, WILDCAM_ERR_UPLOAD, "EntityTooLarge");
        break;
    case FAKE_DOUBTS:
        take(object, 0);
        take(object, 1);
        succeed(object, 1);
        object->doubts = 1;
        break;
    case FAKE_LEAVES:
        take(object, 1);
        succeed(object, 1);
        leave(object, 0);
        break;
    default:
        break;
    }
}

static void answer(struct wci_errand *errand)
{
    const struct fake_object *object = fake_find(errand->region, errand->key);
    errand->outcome = fake.errands[errand->region];
    fake.heads += errand->verb == WCI_S3_HEAD;
    fake.deletes += errand->verb == WCI_S3_DELETE;
    fake.drops += errand->verb == WCI_S3_DROP_PARTS;
    if (errand->outcome != WCI_OUTCOME_OK)
        return;
    if (errand->verb == WCI_S3_HEAD && !object) {
        errand->outcome = WCI_OUTCOME_MISSING;
    } else if (errand->verb == WCI_S3_HEAD) {
        errand->answer.content_length = object->bytes;
        snprintf(errand->answer.sha256, sizeof errand->answer.sha256, "%s", object->sha256);
        snprintf(errand->answer.etag, sizeof errand->answer.etag, "%s", object->etag);
    } else if (errand->verb == WCI_S3_DELETE) {
        fake_remove(errand->region, errand->key);
    }
}

/* ---- leading ---- */

static bool can_end(const struct task *task)
{
    return task->is_cancelled || !task->hangs;
}

/* Ends one that can be; the mutex is held, and let go while done() runs. */
static bool end_one(wci_engine *engine)
{
    struct task **at = &engine->first;
    while (*at && !can_end(*at))
        at = &(*at)->next;
    struct task *task = *at;
    if (!task)
        return false;
    *at = task->next;
    if (task->object) {
        decide(task);
        fake.at_once--;
        fake.hung -= task->hangs;
    } else if (task->is_cancelled) {
        task->errand->outcome = WCI_OUTCOME_CANCELLED;
    } else {
        answer(task->errand);
    }
    pthread_mutex_unlock(&fake.mutex);
    if (task->object)
        task->object->done(task->object->user, task->object);
    else
        task->errand->done(task->errand->user, task->errand);
    free(task);
    pthread_mutex_lock(&fake.mutex);
    pthread_cond_broadcast(&engine->moved);
    return true;
}

static void *lead(void *user)
{
    wci_engine *engine = user;
    pthread_mutex_lock(&fake.mutex);
    while (!engine->must_stop)
        if (!end_one(engine))
            wci_condition_wait(&engine->moved, &fake.mutex, WCI_SECOND);
    pthread_mutex_unlock(&fake.mutex);
    return NULL;
}

bool wci_engine_wait(wci_engine *engine, const atomic_bool *flag, int64_t until)
{
    pthread_mutex_lock(&fake.mutex);
    while (!*flag) {
        int64_t now = wci_calendar_monotonic();
        if (now >= until)
            break;
        if (engine->has_thread || !end_one(engine))
            wci_condition_wait(&engine->moved, &fake.mutex,
                               until - now < WCI_SECOND ? until - now : WCI_SECOND);
    }
    bool is_set = *flag;
    pthread_mutex_unlock(&fake.mutex);
    return is_set;
}

void wci_engine_wake(wci_engine *engine)
{
    pthread_mutex_lock(&fake.mutex);
    pthread_cond_broadcast(&engine->moved);
    pthread_mutex_unlock(&fake.mutex);
}

/* ---- opening ---- */

wildcam_status wci_engine_open(const wildcam_conf *conf, const struct wci_log *log,
                               const struct wci_transport_ops *ops, wci_engine **out)
{
    (void)log;
    (void)ops;
    *out = NULL;
    if (fake.fails_to_open)
        return wci_fail(fake.fails_to_open, "s3.ca_file cannot be read");
    wci_engine *engine = wci_new(sizeof *engine);
    if (!engine)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_s3_regions(conf, &engine->regions, &engine->region_count);
    if (status == WILDCAM_OK)
        status = wci_condition_init(&engine->moved);
    if (status != WILDCAM_OK) {
        free(engine);
        return status;
    }
    fake.engines++;
    *out = engine;
    return WILDCAM_OK;
}

void wci_engine_listen(wci_engine *engine, const struct wci_engine_listener *listener)
{
    (void)engine;
    (void)listener;
}

void wci_engine_close(wci_engine *engine, bool is_forked)
{
    if (engine->first && !is_forked)
        abort(); /* something is still under way */
    wci_s3_regions_free(engine->regions, engine->region_count);
    pthread_cond_destroy(&engine->moved);
    free(engine);
    fake.engines--;
}

wildcam_status wci_engine_start(wci_engine *engine)
{
    engine->must_stop = false;
    engine->has_thread = true;
    return wci_thread_start(&engine->thread, lead, engine);
}

void wci_engine_stop(wci_engine *engine)
{
    pthread_mutex_lock(&fake.mutex);
    engine->must_stop = true;
    pthread_cond_broadcast(&engine->moved);
    pthread_mutex_unlock(&fake.mutex);
    pthread_join(engine->thread, NULL);
    engine->has_thread = false;
}

/* ---- what comes in ---- */

static void queue(wci_engine *engine, struct task *task)
{
    struct task **at = &engine->first;
    while (*at)
        at = &(*at)->next;
    *at = task;
    pthread_cond_broadcast(&engine->moved);
}

static void note_send(const struct wci_object *object)
{
    if (fake.send_count == FAKE_SENDS)
        abort();
    struct fake_send *send = &fake.sends[fake.send_count++];
    size_t length = 0;
    snprintf(send->key, sizeof send->key, "%s", object->key);
    snprintf(send->resume_id, sizeof send->resume_id, "%s",
             object->resume_id ? object->resume_id : "");
    send->look_first = object->look_first;
    for (size_t i = 0; i < object->metadata_count && length < sizeof send->metadata; i++)
        length += (size_t)snprintf(send->metadata + length, sizeof send->metadata - length,
                                   "%s=%s ", object->metadata[i].name, object->metadata[i].value);
}

wildcam_status wci_engine_send(wci_engine *engine, struct wci_object *object)
{
    struct task *task = wci_new(sizeof *task);
    if (!task)
        return WILDCAM_ERR_NOMEM;
    pthread_mutex_lock(&fake.mutex);
    *task = (struct task){.object = object, .fate = fake.fate};
    task->hangs = fake.fate == FAKE_HANGS || fake.fate == FAKE_BEGINS ||
                  fake.fate == FAKE_STORES_LATE;
    fake.hung += task->hangs;
    if (++fake.at_once > fake.most_at_once)
        fake.most_at_once = fake.at_once;
    note_send(object);
    if (fake.fate == FAKE_BEGINS) {
        object->region = 0;
        object->upload_id = strdup("parts-1");
        object->began_parts(object->user, object);
    }
    queue(engine, task);
    pthread_mutex_unlock(&fake.mutex);
    return WILDCAM_OK;
}

wildcam_status wci_engine_run_errand(wci_engine *engine, struct wci_errand *errand)
{
    struct task *task = wci_new(sizeof *task);
    if (!task)
        return WILDCAM_ERR_NOMEM;
    pthread_mutex_lock(&fake.mutex);
    *task = (struct task){.errand = errand};
    queue(engine, task);
    pthread_mutex_unlock(&fake.mutex);
    return WILDCAM_OK;
}

static void cancel(wci_engine *engine, const void *what)
{
    pthread_mutex_lock(&fake.mutex);
    for (struct task *task = engine->first; task; task = task->next)
        if (!what || task->object == what || task->errand == what)
            task->is_cancelled = true;
    pthread_cond_broadcast(&engine->moved);
    pthread_mutex_unlock(&fake.mutex);
}

void wci_engine_cancel(wci_engine *engine, struct wci_object *object)
{
    cancel(engine, object);
}

void wci_engine_cancel_errand(wci_engine *engine, struct wci_errand *errand)
{
    cancel(engine, errand);
}

void wci_engine_cancel_all(wci_engine *engine)
{
    cancel(engine, NULL);
}

void wci_object_init(struct wci_object *object)
{
    memset(object, 0, sizeof *object);
}

void wci_object_release(struct wci_object *object)
{
    for (size_t i = 0; i < object->leftover_count; i++)
        free(object->leftovers[i].upload_id);
    free(object->leftovers);
    free(object->upload_id);
    free(object->sha256);
    memset(object, 0, sizeof *object);
}

/* ---- what is asked ---- */

void wci_engine_limit(wci_engine *engine, int64_t bytes_per_second)
{
    (void)engine;
    (void)bytes_per_second;
}

int64_t wci_engine_sent(const wci_engine *engine)
{
    (void)engine;
    return 0;
}

size_t wci_engine_regions(const wci_engine *engine)
{
    return engine->region_count;
}

const struct wci_s3_region *wci_engine_region(const wci_engine *engine, int region)
{
    return &engine->regions[region];
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
    (void)engine;
    memset(report, 0, sizeof *report);
    pthread_mutex_lock(&fake.mutex);
    report->state = fake.states[region];
    pthread_mutex_unlock(&fake.mutex);
    if (reason && report->state == WCI_REGION_DOWN)
        wci_text_add(reason, "connection refused");
}

int wci_engine_room(wci_engine *engine)
{
    (void)engine;
    pthread_mutex_lock(&fake.mutex);
    int room = fake.room - fake.at_once;
    pthread_mutex_unlock(&fake.mutex);
    return room > 0 ? room : 0;
}

int64_t wci_engine_opens(wci_engine *engine)
{
    int64_t now = wci_calendar_monotonic();
    (void)engine;
    pthread_mutex_lock(&fake.mutex);
    int64_t opens = fake.opens > now ? fake.opens : now;
    pthread_mutex_unlock(&fake.mutex);
    return opens;
}

bool wci_engine_lacks_keys(wci_engine *engine)
{
    (void)engine;
    return fake.lacks_keys;
}

void wci_engine_retry_now(wci_engine *engine)
{
    pthread_mutex_lock(&fake.mutex);
    fake.opens = 0;
    pthread_cond_broadcast(&engine->moved);
    pthread_mutex_unlock(&fake.mutex);
}

wildcam_status wci_engine_presign(wci_engine *engine, int region, const char *key, int64_t seconds,
                                  struct wci_text *url)
{
    wci_text_add_format(url, "%s%s%s?seconds=%lld", engine->regions[region].origin,
                        engine->regions[region].path, key, (long long)seconds);
    return WILDCAM_OK;
}
