#include "upload/uploader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"
#include "upload/drain.h"
#include "upload/schedule.h"

enum { PAGE = 256 };
/* How often a pass tells how far it is. */
#define TOLD_EVERY (WCI_SECOND / 5)
/* How long a person waits for regions that are down, since something was uploaded. */
#define PERSON_WAITS (10 * WCI_SECOND)

/* The words of s3.thumbnails. */
enum { THUMBNAILS_FIRST, THUMBNAILS_LAST, THUMBNAILS_OFF };

/* ---- opening ---- */

static void read_settings(wci_uploader *uploader)
{
    const wildcam_conf *conf = uploader->conf;
    int64_t thumbnails = wci_conf_int(conf, WCI_S3_THUMBNAILS);
    uploader->is_on = wci_conf_uploads(conf);
    uploader->has_window = wci_conf_window(conf, &uploader->window);
    uploader->failback = (int64_t)(wci_conf_real(conf, WCI_S3_FAILBACK) * WCI_SECOND);
    uploader->patience = (int64_t)(wci_conf_real(conf, WCI_S3_DEADLINE) * WCI_SECOND);
    uploader->order.oldest_first = wci_conf_int(conf, WCI_S3_ORDER) == 1;
    uploader->order.kinds = 1u << WCI_UPLOAD_PICTURE;
    if (thumbnails != THUMBNAILS_OFF)
        uploader->order.kinds |= 1u << WCI_UPLOAD_THUMBNAIL;
    uploader->order.first = thumbnails == THUMBNAILS_FIRST ? WCI_UPLOAD_THUMBNAIL
                                                           : WCI_UPLOAD_PICTURE;
}

static wildcam_status seed(wci_uploader *uploader)
{
    uint64_t chance;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        return wci_fail(WILDCAM_ERR_IO, "the system gives no random numbers");
    uploader->chance = chance;
    return WILDCAM_OK;
}

static wildcam_status init_locks(wci_uploader *uploader)
{
    if (pthread_mutex_init(&uploader->engine_mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_mutex_init(&uploader->thread_mutex, NULL) == 0)
        return WILDCAM_OK;
    pthread_mutex_destroy(&uploader->engine_mutex);
    return wci_fail_memory();
}

wildcam_status wci_uploader_open(const wildcam_conf *conf, struct wci_store *store,
                                 wci_thumbnail_maker *make, void *user, const struct wci_log *log,
                                 const struct wci_engine_listener *listener, wci_uploader **out)
{
    wci_engine *engine;
    wci_uploader *uploader = *out = wci_new(sizeof *uploader);
    if (!uploader)
        return WILDCAM_ERR_NOMEM;
    uploader->conf = conf;
    uploader->store = store;
    uploader->make = make;
    uploader->make_user = user;
    uploader->log = log;
    uploader->listener = *listener;
    read_settings(uploader);
    wildcam_status status = seed(uploader);
    if (status == WILDCAM_OK)
        status = init_locks(uploader);
    if (status != WILDCAM_OK) {
        free(uploader);
        *out = NULL;
        return status;
    }
    if (uploader->is_on)
        status = wci_uploader_engine(uploader, &engine);
    if (status != WILDCAM_OK) {
        wci_uploader_close(uploader, false);
        *out = NULL;
    }
    return status;
}

void wci_uploader_hurry(wci_uploader *uploader)
{
    uploader->is_closing = true;
    if (uploader->engine)
        wci_engine_cancel_all(uploader->engine);
}

void wci_uploader_close(wci_uploader *uploader, bool is_forked)
{
    if (!uploader)
        return;
    if (!is_forked)
        wci_uploader_stop(uploader);
    if (uploader->engine)
        wci_engine_close(uploader->engine, is_forked);
    if (!is_forked) {
        pthread_mutex_destroy(&uploader->thread_mutex);
        pthread_mutex_destroy(&uploader->engine_mutex);
    }
    free(uploader);
}

wildcam_status wci_uploader_engine(wci_uploader *uploader, wci_engine **out)
{
    wildcam_status status = WILDCAM_OK;
    wci_engine *engine = uploader->engine;
    if (!engine) {
        pthread_mutex_lock(&uploader->engine_mutex);
        engine = uploader->engine;
        if (!engine)
            status = wci_engine_open(uploader->conf, uploader->log, &wci_curl_transport, &engine);
        if (status == WILDCAM_OK) {
            wci_engine_listen(engine, &uploader->listener);
            uploader->engine = engine;
        }
        pthread_mutex_unlock(&uploader->engine_mutex);
    }
    *out = status == WILDCAM_OK ? engine : NULL;
    return status;
}

bool wci_uploader_is_on(const wci_uploader *uploader)
{
    return uploader->is_on;
}

uint32_t wci_uploader_kinds(const wci_uploader *uploader)
{
    return uploader->order.kinds;
}

uint64_t wci_uploader_chance(wci_uploader *uploader)
{
    uint64_t state = atomic_fetch_add(&uploader->chance, UINT64_C(0x9e3779b97f4a7c15));
    return wci_chance(&state);
}

/* ---- in the background ---- */

struct background {
    struct wci_drain drain;
    struct wci_chores chores;
};

static void *drain_on(void *user)
{
    struct background *background = user;
    wci_uploader *uploader = background->drain.uploader;
    while (!uploader->is_stopping && !uploader->is_closing) {
        int64_t at = wci_drain_round(&background->drain);
        int64_t chores_at = wci_chores_round(&background->chores);
        wci_drain_wait(&background->drain, at < chores_at ? at : chores_at);
    }
    wci_chores_end(&background->chores);
    wci_drain_end(&background->drain);
    wci_chores_release(&background->chores);
    wci_drain_release(&background->drain);
    free(background);
    return NULL;
}

static wildcam_status make_background(wci_uploader *uploader, struct background **out)
{
    struct background *background = *out = wci_new(sizeof *background);
    if (!background)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_drain_init(&background->drain, uploader, &uploader->bell);
    background->drain.news = &uploader->has_news;
    if (status == WILDCAM_OK)
        status = wci_chores_init(&background->chores, uploader, &uploader->bell);
    background->chores.goes_on = true;
    for (size_t i = 0; i < WCI_REGIONS_MAX; i++)
        background->chores.well_since[i] = wci_calendar_monotonic();
    if (status != WILDCAM_OK) {
        wci_drain_release(&background->drain);
        free(background);
    }
    return status;
}

static wildcam_status start_threads(wci_uploader *uploader)
{
    struct background *background;
    wildcam_status status = make_background(uploader, &background);
    if (status != WILDCAM_OK)
        return status;
    status = wci_engine_start(uploader->engine);
    if (status == WILDCAM_OK) {
        uploader->is_stopping = false;
        status = wci_thread_start(&uploader->thread, drain_on, background);
        if (status == WILDCAM_OK)
            return status;
        wci_engine_stop(uploader->engine);
    }
    wci_chores_release(&background->chores);
    wci_drain_release(&background->drain);
    free(background);
    return status;
}

wildcam_status wci_uploader_start(wci_uploader *uploader)
{
    wildcam_status status = WILDCAM_OK;
    if (!uploader->is_on)
        return WILDCAM_OK;
    pthread_mutex_lock(&uploader->thread_mutex);
    if (!uploader->has_thread) {
        status = start_threads(uploader);
        uploader->has_thread = status == WILDCAM_OK;
    }
    pthread_mutex_unlock(&uploader->thread_mutex);
    return status;
}

static void ring(wci_uploader *uploader)
{
    uploader->bell = true;
    if (uploader->engine)
        wci_engine_wake(uploader->engine);
}

void wci_uploader_stop(wci_uploader *uploader)
{
    pthread_mutex_lock(&uploader->thread_mutex);
    if (uploader->has_thread) {
        uploader->is_stopping = true;
        ring(uploader);
        pthread_join(uploader->thread, NULL);
        wci_engine_stop(uploader->engine);
        uploader->has_thread = false;
    }
    pthread_mutex_unlock(&uploader->thread_mutex);
}

void wci_uploader_wake(wci_uploader *uploader)
{
    if (uploader->has_thread && !atomic_exchange(&uploader->has_news, true))
        ring(uploader);
}

void wci_uploader_pause(wci_uploader *uploader, bool pause)
{
    uploader->is_paused = pause;
    ring(uploader);
}

bool wci_uploader_is_paused(const wci_uploader *uploader)
{
    return uploader->is_paused;
}

void wci_uploader_retry_now(wci_uploader *uploader)
{
    if (uploader->engine)
        wci_engine_retry_now(uploader->engine);
    ring(uploader);
}

/* ---- in the caller's thread ---- */

/* Rows that wait for a later try are due at once. */
static wildcam_status hasten(wci_uploader *uploader)
{
    int64_t count;
    return wci_store_make_due(uploader->store, WCI_UPLOADS_HASTEN, uploader->order.kinds, &count);
}

wildcam_status wci_uploader_fail_stuck(wci_engine *engine)
{
    struct wci_text reasons = {0}, reason = {0};
    struct wci_region_report report;
    for (size_t i = 0; i < wci_engine_regions(engine); i++) {
        wci_text_empty(&reason);
        wci_engine_look(engine, (int)i, &report, &reason);
        wci_text_add_format(&reasons, "%s%s: %s", i ? "; " : "",
                            wci_engine_region(engine, (int)i)->name,
                            reason.length ? reason.data : wci_region_state_word(report.state));
    }
    wildcam_status status = wci_fail(WILDCAM_ERR_UPLOAD, "All regions failed: %s",
                                     wci_text_get(&reasons));
    wci_text_free(&reasons);
    wci_text_free(&reason);
    return status;
}

static bool is_closed(const wci_uploader *uploader)
{
    int64_t now = wci_calendar_now();
    return uploader->is_paused ||
           (uploader->has_window && wci_window_opens(&uploader->window, now) > now);
}

/* Whether it is worth it to wait until a region may be tried again. A person waits for some
 * seconds, and for no credentials. */
static bool is_patient(const struct wci_drain *drain, const struct wci_pass *pass,
                       int64_t uploaded_at, int64_t opens)
{
    wildcam_status failure = drain->last_failure.status;
    return pass->is_urgent && opens < pass->until && opens < uploaded_at + PERSON_WAITS &&
           (failure == WILDCAM_OK || failure == WILDCAM_ERR_UPLOAD);
}

/* Nothing is in hand: whether it is over, and how. */
static bool is_over(const struct wci_drain *drain, const struct wci_pass *pass, int64_t uploaded_at,
                    bool *is_stuck)
{
    int64_t opens = wci_engine_opens(drain->engine);
    if (drain->is_exhausted || (pass->most && drain->uploaded + drain->failed >= pass->most))
        return true;
    if (!pass->is_urgent && is_closed(drain->uploader))
        return true;
    *is_stuck = opens > wci_calendar_monotonic() && !is_patient(drain, pass, uploaded_at, opens);
    return *is_stuck;
}

static bool is_told_to_stop(const struct wci_drain *drain, const struct wci_pass *pass,
                            int64_t total)
{
    int64_t done = drain->uploaded + drain->failed;
    if (pass->most && total > pass->most)
        total = pass->most;
    return pass->progress &&
           pass->progress(pass->user, "uploads", done, done > total ? done : total) != 0;
}

static wildcam_status drain_once(struct wci_drain *drain, const struct wci_pass *pass)
{
    struct wci_queue_figures figures = {0};
    const wci_uploader *uploader = drain->uploader;
    bool is_stuck = false, is_cancelled = false;
    wildcam_status status = uploader->store->ops->count_uploads(uploader->store->backend,
                                                                uploader->order.kinds, &figures);
    if (status != WILDCAM_OK)
        return status;
    int64_t uploaded = 0, uploaded_at = wci_calendar_monotonic();
    for (;;) {
        int64_t at = wci_drain_round(drain), now = wci_calendar_monotonic();
        if (drain->uploaded > uploaded)
            uploaded_at = now;
        uploaded = drain->uploaded;
        is_cancelled = is_told_to_stop(drain, pass, figures.owed);
        if (is_cancelled || uploader->is_closing || now >= pass->until ||
            (!drain->in_hand && is_over(drain, pass, uploaded_at, &is_stuck)))
            break;
        at = at < pass->until ? at : pass->until;
        if (pass->progress && at > now + TOLD_EVERY)
            at = now + TOLD_EVERY;
        wci_drain_wait(drain, at);
    }
    wci_drain_end(drain);
    if (is_cancelled)
        return wci_fail(WILDCAM_ERR_CANCELLED, "the caller asked to stop");
    if (uploader->is_closing)
        return wci_fail(WILDCAM_ERR_CLOSED, "the station is being closed");
    if (is_stuck && drain->last_failure.status != WILDCAM_OK)
        return wci_error_restore(&drain->last_failure);
    return is_stuck ? wci_uploader_fail_stuck(drain->engine) : WILDCAM_OK;
}

/* What may lie where it should not; trouble is for the next time. */
static void put_in_order(wci_uploader *uploader, int64_t until)
{
    struct wci_chores chores;
    atomic_bool bell = false;
    if (wci_chores_init(&chores, uploader, &bell) == WILDCAM_OK) {
        chores.is_searching = true;
        wci_chores_do(&chores, until);
    }
    wci_chores_release(&chores);
    wci_error_clear();
}

static wildcam_status fail_off(const wildcam_conf *conf)
{
    const char *upload = wci_conf_text(conf, WCI_S3_UPLOAD);
    if (!*wci_conf_text(conf, WCI_S3_REGIONS))
        return wci_fail(WILDCAM_ERR_STATE, "nothing is uploaded: s3.regions is empty");
    if (strcmp(upload, "off") == 0)
        return wci_fail(WILDCAM_ERR_STATE, "nothing is uploaded: s3.upload is off");
    return wci_fail(WILDCAM_ERR_STATE,
                    "nothing is uploaded: s3.upload is %s, and neither s3.access_key nor "
                    "s3.endpoint is set; set them, or s3.upload to on to use the credentials that "
                    "s3.credentials finds",
                    upload);
}

wildcam_status wci_uploader_pass(wci_uploader *uploader, struct wci_pass *pass)
{
    struct wci_drain drain;
    atomic_bool bell = false;
    if (!uploader->is_on)
        return fail_off(uploader->conf);
    wildcam_status status = wci_drain_init(&drain, uploader, &bell);
    if (status != WILDCAM_OK)
        return status;
    drain.most = pass->most;
    drain.is_urgent = pass->is_urgent;
    if (pass->is_urgent) {
        wci_engine_retry_now(drain.engine);
        status = hasten(uploader);
    }
    if (status == WILDCAM_OK)
        status = drain_once(&drain, pass);
    pass->uploaded = drain.uploaded;
    pass->failed = drain.failed;
    pass->bytes = drain.bytes;
    wci_drain_release(&drain);
    if (status == WILDCAM_OK)
        put_in_order(uploader, pass->until);
    return status;
}

wildcam_status wci_uploader_release(wci_uploader *uploader, int64_t until, int64_t *released,
                                    int64_t *bytes)
{
    struct wci_chores chores;
    atomic_bool bell = false;
    *released = *bytes = 0;
    if (!wci_release_is_wanted(uploader))
        return WILDCAM_OK;
    wildcam_status status = wci_chores_init(&chores, uploader, &bell);
    if (status == WILDCAM_OK) {
        chores.is_releasing = true;
        status = wci_chores_do(&chores, until);
    }
    *released = chores.released;
    *bytes = chores.bytes;
    wci_chores_release(&chores);
    return status;
}
