/* Looking for reasons that nobody brings, and for those that are over. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "station/station.h"
#include "store/disk.h"

/* Something that is to be done, with what it is about. */
struct wanted {
    struct wci_alert_wish wish;
    wildcam_alert alert;
    bool is_whole; /* all of it is known: memory did not run out in between */
};

/* One look: what is open, what is remembered of cameras, what is to be done. */
struct look {
    wildcam_station *station;
    int64_t now;
    struct wci_vigil vigil;
    wildcam_alert *open; /* by kind and subject */
    size_t open_count, open_capacity;
    struct wci_watch *watches; /* by camera */
    size_t watch_count, watch_capacity;
    struct wanted **wanted;
    size_t wanted_count, wanted_capacity;
};

static void release(struct look *look)
{
    for (size_t i = 0; i < look->open_count; i++)
        wci_alert_release(&look->open[i]);
    for (size_t i = 0; i < look->wanted_count; i++) {
        wci_alert_release(&look->wanted[i]->alert);
        free(look->wanted[i]);
    }
    free(look->open);
    free(look->watches);
    free(look->wanted);
}

/* ---- what is there ---- */

static wildcam_status take_open(void *user, wildcam_alert *alert)
{
    struct look *look = user;
    void *open = look->open;
    if (wci_reserve(&open, &look->open_capacity, look->open_count + 1, sizeof *look->open) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    look->open = open;
    look->open[look->open_count++] = *alert;
    wci_alert_init(alert, 0);
    return WILDCAM_OK;
}

static int compare(const void *left_alert, const void *right_alert)
{
    const wildcam_alert *left = left_alert, *right = right_alert;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return strcmp(wci_text_get(&left->subject), wci_text_get(&right->subject));
}

static wildcam_status take_watch(void *user, const struct wci_watch *watch)
{
    struct look *look = user;
    void *watches = look->watches;
    if (wci_reserve(&watches, &look->watch_capacity, look->watch_count + 1,
                    sizeof *look->watches) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    look->watches = watches;
    look->watches[look->watch_count++] = *watch;
    return WILDCAM_OK;
}

static wildcam_status look_around(struct look *look)
{
    const struct wildcam_alert_query open = {.kind = -1, .since = WILDCAM_TIME_NONE, .open = true};
    struct wci_store *store = &look->station->store;
    wildcam_status status = store->ops->list_alerts(store->backend, &open, 0, INT32_MAX, take_open,
                                                    look);
    if (status == WILDCAM_OK)
        status = store->ops->each_watch(store->backend, take_watch, look);
    if (status == WILDCAM_OK && look->open_count > 1)
        qsort(look->open, look->open_count, sizeof *look->open, compare);
    return status;
}

static const wildcam_alert *find_open(const struct look *look, int kind, const char *subject)
{
    wildcam_alert key = {.kind = kind};
    char copy[256];
    snprintf(copy, sizeof copy, "%s", subject);
    key.subject = (struct wci_text){.data = copy, .length = strlen(copy)};
    return look->open_count
               ? bsearch(&key, look->open, look->open_count, sizeof *look->open, compare)
               : NULL;
}

static int compare_watch(const void *key, const void *watch)
{
    int64_t left = *(const int64_t *)key, right = ((const struct wci_watch *)watch)->camera_id;
    return (left > right) - (left < right);
}

static const struct wci_watch *find_watch(const struct look *look, int64_t camera_id)
{
    return look->watch_count ? bsearch(&camera_id, look->watches, look->watch_count,
                                       sizeof *look->watches, compare_watch)
                             : NULL;
}

/* ---- what is to be done ---- */

static wildcam_status want(struct look *look, int kind, enum wci_alert_step step,
                           struct wanted **out)
{
    void *all = look->wanted;
    if (wci_reserve(&all, &look->wanted_capacity, look->wanted_count + 1, sizeof *look->wanted) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    look->wanted = all;
    struct wanted *wanted = *out = wci_new(sizeof *wanted);
    if (!wanted)
        return WILDCAM_ERR_NOMEM;
    look->wanted[look->wanted_count++] = wanted;
    wci_alert_init(&wanted->alert, kind);
    wanted->wish = (struct wci_alert_wish){.step = step, .alert = &wanted->alert};
    return WILDCAM_OK;
}

static wildcam_status make_whole(struct wanted *wanted, wildcam_status status)
{
    wanted->is_whole = status == WILDCAM_OK;
    return status;
}

/* `reason` is a literal. */
static wildcam_status want_clear(struct look *look, const wildcam_alert *open, const char *reason)
{
    struct wanted *wanted;
    wildcam_status status = want(look, open->kind, WCI_ALERTS_CLEAR, &wanted);
    if (status != WILDCAM_OK)
        return status;
    wanted->wish.reason = reason;
    return make_whole(wanted, wci_text_set(&wanted->alert.subject, wci_text_get(&open->subject),
                                           open->subject.length));
}

/* In one transaction. */
static wildcam_status do_wanted(struct look *look, int64_t *changes)
{
    struct wci_store *store = &look->station->store;
    if (!look->wanted_count)
        return WILDCAM_OK;
    struct wci_alert_wish *wishes = wci_new_array(look->wanted_count, sizeof *wishes);
    if (!wishes)
        return WILDCAM_ERR_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < look->wanted_count; i++)
        if (look->wanted[i]->is_whole)
            wishes[count++] = look->wanted[i]->wish;
    wildcam_status status = store->ops->change_alerts(store->backend, wishes, count, look->now);
    for (size_t i = 0; i < count; i++)
        *changes += wishes[i].is_changed;
    free(wishes);
    return status;
}

/* ---- cameras ---- */

static wildcam_status want_offline(struct look *look, const wildcam_camera *camera, int64_t heard,
                                   int64_t hold_off)
{
    struct wanted *wanted;
    char time[WILDCAM_TIME_TEXT];
    const char *device_id = wci_text_get(&camera->device_id);
    int64_t silent = (look->now - heard) / WCI_SECOND;
    wildcam_status status = want(look, WILDCAM_ALERT_OFFLINE, WCI_ALERTS_ENSURE, &wanted);
    if (status != WILDCAM_OK)
        return status;
    wci_calendar_format(heard - heard % WCI_SECOND, 0, time);
    wanted->wish.camera_id = camera->id;
    wanted->wish.heard = camera->last_seen;
    wanted->alert.value = (double)silent;
    return make_whole(
        wanted, wci_alert_fill(&wanted->alert, device_id, device_id,
                               "%s was last heard of at %s, and is silent for longer than %lld s",
                               device_id, time, (long long)(hold_off / WCI_SECOND)));
}

/* Whether it can be told that a camera is silent: by the setting, or because it is known how often
 * it reports. */
static bool is_watched(const struct wci_rhythm *rhythm, int64_t setting)
{
    return setting > 0 || rhythm->interval > 0;
}

struct failing {
    int64_t now;
    bool is_failing;
};

static wildcam_status take_deployment(void *user, wildcam_deployment *deployment)
{
    struct failing *failing = user;
    for (size_t i = 0; i < deployment->failure_count; i++) {
        const struct wci_failure *failure = &deployment->failures[i];
        failing->is_failing = failing->is_failing ||
                              (failure->from <= failing->now && failing->now < failure->to);
    }
    return WILDCAM_OK;
}

/* Somebody has said that it sees nothing at present, in its deployment: nobody misses it. Asked
 * only of those that are silent. */
static wildcam_status is_failing(struct look *look, int64_t camera_id, bool *failing)
{
    struct failing asked = {look->now, false};
    struct wci_store *store = &look->station->store;
    wildcam_status status = store->ops->list_deployments(store->backend, camera_id, look->now,
                                                         look->now + 1, take_deployment, &asked);
    *failing = asked.is_failing;
    return status;
}

static wildcam_status judge_silent(struct look *look, const wildcam_camera *camera, int64_t heard,
                                   int64_t hold_off, const wildcam_alert *open)
{
    bool failing = false;
    wildcam_status status = is_failing(look, camera->id, &failing);
    if (status != WILDCAM_OK)
        return status;
    if (failing)
        return open ? want_clear(look, open, "its deployment says that it sees nothing")
                    : WILDCAM_OK;
    return open ? WILDCAM_OK : want_offline(look, camera, heard, hold_off);
}

static wildcam_status judge_silence(struct look *look, const wildcam_camera *camera)
{
    const struct wci_rhythm unknown = {.last = WILDCAM_TIME_NONE};
    const struct wci_watch *watch = find_watch(look, camera->id);
    const struct wci_rhythm *rhythm = watch ? &watch->rhythm : &unknown;
    const wildcam_alert *open = find_open(look, WILDCAM_ALERT_OFFLINE,
                                          wci_text_get(&camera->device_id));
    double seconds = wci_conf_real(look->station->conf, WCI_ALERTS_OFFLINE_SECONDS);
    int64_t setting = (int64_t)(seconds * (double)WCI_SECOND);
    int64_t heard = camera->last_seen > rhythm->last ? camera->last_seen : rhythm->last;
    if (camera->last_seen == WILDCAM_TIME_NONE || !is_watched(rhythm, setting))
        return WILDCAM_OK;
    int64_t hold_off = wci_hold_off(rhythm, setting);
    switch (wci_judge_silence(heard, &look->vigil, hold_off, look->now)) {
    case WCI_VERDICT_RAISE:
        return judge_silent(look, camera, heard, hold_off, open);
    case WCI_VERDICT_CLEAR:
        return open ? want_clear(look, open, "it was heard of again") : WILDCAM_OK;
    case WCI_VERDICT_KEEP:
        break;
    }
    return WILDCAM_OK;
}

/* Its reports say so as they come; this is for a level that was set anew, or a write that failed.
 */
static wildcam_status judge_battery(struct look *look, const wildcam_camera *camera)
{
    struct wanted *wanted;
    const char *device_id = wci_text_get(&camera->device_id);
    const wildcam_alert *open = find_open(look, WILDCAM_ALERT_LOW_BATTERY, device_id);
    double limit = wci_conf_real(look->station->conf, WCI_ALERTS_BATTERY_LEVEL);
    double level = camera->numbers[WCI_CAMERA_BATTERY_LEVEL];
    enum wci_verdict verdict = limit > 0 ? wci_judge_battery(level, limit) : WCI_VERDICT_CLEAR;
    if (verdict == WCI_VERDICT_CLEAR && open)
        return want_clear(look, open, limit > 0 ? "it is charged" : "nobody asks for it any more");
    if (verdict != WCI_VERDICT_RAISE || open)
        return WILDCAM_OK;
    wildcam_status status = want(look, WILDCAM_ALERT_LOW_BATTERY, WCI_ALERTS_ENSURE, &wanted);
    if (status != WILDCAM_OK)
        return status;
    wanted->alert.value = level;
    return make_whole(wanted, wci_alert_fill(&wanted->alert, device_id, device_id,
                                             "the battery of %s is at %.3g %%, below %.3g %%",
                                             device_id, level, limit));
}

static wildcam_status judge_camera(void *user, wildcam_camera *camera)
{
    static const int kinds[] = {WILDCAM_ALERT_OFFLINE, WILDCAM_ALERT_LOW_BATTERY};
    struct look *look = user;
    wildcam_status status = WILDCAM_OK;
    if (camera->status == WILDCAM_CAMERA_ACTIVE) {
        status = judge_silence(look, camera);
        return status == WILDCAM_OK ? judge_battery(look, camera) : status;
    }
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        const wildcam_alert *open = find_open(look, kinds[i], wci_text_get(&camera->device_id));
        if (open)
            status = want_clear(look, open, "the camera is not active any more");
    }
    return status;
}

/* ---- the station ---- */

static wildcam_status judge_disk(struct look *look)
{
    struct wanted *wanted;
    struct wci_disk_space space;
    const wildcam_conf *conf = look->station->conf;
    const wildcam_alert *open = find_open(look, WILDCAM_ALERT_LOW_DISK, "");
    wildcam_status status = wci_disk_look(conf, &space);
    if (status != WILDCAM_OK)
        return status;
    int64_t limit = wci_disk_limit(space.floor_bytes,
                                   wci_conf_int(conf, WCI_ALERTS_DISK_FREE_BYTES));
    enum wci_verdict verdict = wci_judge_disk(space.free_bytes, limit);
    if (verdict == WCI_VERDICT_CLEAR && open)
        return want_clear(look, open, "there is room again");
    if (verdict != WCI_VERDICT_RAISE || open)
        return WILDCAM_OK;
    status = want(look, WILDCAM_ALERT_LOW_DISK, WCI_ALERTS_ENSURE, &wanted);
    if (status != WILDCAM_OK)
        return status;
    wanted->alert.value = (double)space.free_bytes;
    return make_whole(
        wanted, wci_alert_fill(
                    &wanted->alert, "", NULL,
                    "%lld bytes are free on the station's disk, less than %lld; below %lld "
                    "nothing new is taken",
                    (long long)space.free_bytes, (long long)limit, (long long)space.floor_bytes));
}

/* `what` names what is parked, and what to do about it. */
static wildcam_status judge_parked(struct look *look, int kind, int64_t parked, const char *what)
{
    struct wanted *wanted;
    const wildcam_alert *open = find_open(look, kind, "");
    if (!parked)
        return open ? want_clear(look, open, "none is parked any more") : WILDCAM_OK;
    if (open)
        return WILDCAM_OK;
    wildcam_status status = want(look, kind, WCI_ALERTS_ENSURE, &wanted);
    if (status != WILDCAM_OK)
        return status;
    wanted->alert.value = (double)parked;
    return make_whole(wanted,
                      wci_alert_fill(&wanted->alert, "", NULL, "%lld %s", (long long)parked, what));
}

/* A program that does not upload knows nothing of them: those who do raise it and clear it. */
static wildcam_status judge_uploads(struct look *look)
{
    struct wci_queue_figures figures = {0};
    wildcam_station *station = look->station;
    struct wci_store *store = &station->store;
    if (!wci_uploader_is_on(station->uploader))
        return WILDCAM_OK;
    wildcam_status status =
        store->ops->count_uploads(store->backend, wci_uploader_kinds(station->uploader), &figures);
    return status == WILDCAM_OK
               ? judge_parked(look, WILDCAM_ALERT_PARKED_UPLOADS, figures.parked,
                              "uploads are parked: S3 does not take them, and nobody tries again "
                              "before a person has looked")
               : status;
}

static wildcam_status judge_processing(struct look *look)
{
    struct wci_queue_figures figures = {0};
    struct wci_store *store = &look->station->store;
    wildcam_status status = store->ops->count_processing(store->backend, &figures);
    return status == WILDCAM_OK
               ? judge_parked(look, WILDCAM_ALERT_PARKED_PROCESSING, figures.parked,
                              "pictures are parked: no detector can process them, and nobody "
                              "tries again before a person has looked")
               : status;
}

/* ---- damaged shards ---- */

static wildcam_status want_damaged(struct look *look, const char *name)
{
    struct wanted *wanted;
    if (find_open(look, WILDCAM_ALERT_DAMAGED_SHARD, name))
        return WILDCAM_OK;
    wildcam_status status = want(look, WILDCAM_ALERT_DAMAGED_SHARD, WCI_ALERTS_ENSURE, &wanted);
    if (status != WILDCAM_OK)
        return status;
    return make_whole(wanted,
                      wci_alert_fill(&wanted->alert, name, NULL,
                                     "the shard %s is damaged and was set aside: what is in it is "
                                     "not found until it is put back from a backup",
                                     name));
}

/* Whether a name is among others with commas between. */
static bool is_among(const char *names, const char *name)
{
    struct wci_word word;
    while (wci_list_next(&names, &word))
        if (wci_word_is(word, name))
            return true;
    return false;
}

static wildcam_status judge_shards(struct look *look)
{
    char name[32];
    struct wci_word word;
    struct wci_store_figures figures = {0};
    struct wci_store *store = &look->station->store;
    wildcam_status status = store->ops->figures(store->backend, &figures);
    const char *names = wci_text_get(&figures.damaged);
    for (const char *at = names; status == WILDCAM_OK && wci_list_next(&at, &word);) {
        snprintf(name, sizeof name, "%.*s", (int)word.length, word.begin);
        status = want_damaged(look, name);
    }
    for (size_t i = 0; status == WILDCAM_OK && i < look->open_count; i++)
        if (look->open[i].kind == WILDCAM_ALERT_DAMAGED_SHARD &&
            !is_among(names, wci_text_get(&look->open[i].subject)))
            status = want_clear(look, &look->open[i], "it is not among the damaged any more");
    wci_text_free(&figures.damaged);
    return status;
}

/* ---- what passes ---- */

/* Reasons of a moment. A time ahead is one from before the clock was set back. */
static wildcam_status let_pass(struct look *look)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < look->open_count; i++) {
        const wildcam_alert *open = &look->open[i];
        bool passes = open->kind == WILDCAM_ALERT_RARE_SPECIES ||
                      open->kind == WILDCAM_ALERT_SHARED_DEVICE_ID;
        int64_t age = look->now - open->last_at;
        if (passes && (age > WCI_ALERT_PASSES || age < -WCI_ALERT_PASSES))
            status = want_clear(look, open, "it was not seen again for a day");
    }
    return status;
}

static wildcam_status drop_old(struct look *look)
{
    struct wci_store *store = &look->station->store;
    double days = wci_conf_real(look->station->conf, WCI_ALERTS_KEEP_DAYS);
    int64_t dropped = 0;
    if (days <= 0)
        return WILDCAM_OK;
    return store->ops->drop_alerts(store->backend, look->now - (int64_t)(days * (double)WCI_DAY),
                                   &dropped);
}

/* ---- all of it ---- */

/* What cannot be looked at keeps the rest from nothing: the first failure is told in the end. */
static wildcam_status look_at_all(struct look *look)
{
    static wildcam_status (*const looks[])(struct look * look) = {
        judge_disk, judge_uploads, judge_processing, judge_shards, let_pass, drop_old};
    struct wci_error first = {0};
    struct wci_store *store = &look->station->store;
    if (store->ops->list_cameras(store->backend, true, judge_camera, look) != WILDCAM_OK)
        wci_error_save(&first);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        if (looks[i](look) != WILDCAM_OK && first.status == WILDCAM_OK)
            wci_error_save(&first);
    return first.status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&first);
}

static wildcam_status run(struct look *look, int64_t *changes)
{
    struct wci_error first = {0};
    wildcam_status status = look_around(look);
    if (status != WILDCAM_OK)
        return status;
    if (look_at_all(look) != WILDCAM_OK)
        wci_error_save(&first);
    status = do_wanted(look, changes);
    if (status == WILDCAM_OK)
        status = wci_alerts_settle_sightings(look->station, look->now, changes);
    return status == WILDCAM_OK && first.status != WILDCAM_OK ? wci_error_restore(&first) : status;
}

wildcam_status wci_alerts_check(wildcam_station *station, int64_t *changes)
{
    struct wci_alerts *alerts = &station->alerts;
    struct look look = {.station = station, .now = wci_calendar_now()};
    *changes = 0;
    pthread_mutex_lock(&alerts->mutex);
    wci_vigil_look(&alerts->vigil, look.now, wci_calendar_monotonic());
    look.vigil = alerts->vigil;
    wildcam_status status = run(&look, changes);
    pthread_mutex_unlock(&alerts->mutex);
    release(&look);
    return status;
}
