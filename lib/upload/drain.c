#include "upload/drain.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "upload/doubts.h"
#include "upload/schedule.h"

enum {
    STOCK_MAX = 16, /* claimed beyond what can be sent at once, so that a claim is of many */
    SETTLED_AT_ONCE = 16,
    ENDED_AGAIN = 2 /* how often settling is tried again at the end */
};
/* What has ended waits so long for others to be settled with. */
#define SETTLED_AFTER (WCI_SECOND / 5)
/* Between two claims when the first found less than it asked for. */
#define CLAIMED_AFTER (WCI_SECOND / 20)
/* How often the store is asked when nothing is due: another process may have brought something. */
#define POLLED_EVERY (5 * WCI_SECOND)
/* After a failure of the store, and after one that no row is to blame for. */
#define REST WCI_SECOND
/* Objects are read, and thumbnails made, for so long at a time; between that bytes move. */
#define SENT_WITHOUT_A_LOOK (WCI_SECOND / 4)
#define BREATH (WCI_SECOND / 1000)
#define COMPLAINT_EVERY (60 * WCI_SECOND)

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

wildcam_status wci_drain_init(struct wci_drain *drain, struct wci_uploader *uploader,
                              atomic_bool *bell)
{
    int64_t connections = wci_conf_int(uploader->conf, WCI_S3_CONNECTIONS);
    *drain = (struct wci_drain){
        .uploader = uploader, .bell = bell, .capacity = (size_t)connections + STOCK_MAX};
    wildcam_status status = wci_uploader_engine(uploader, &drain->engine);
    if (status != WILDCAM_OK)
        return status;
    drain->lease = (int64_t)(wci_uploader_chance(uploader) >> 1) | 1;
    drain->jobs = wci_new_array(drain->capacity, sizeof *drain->jobs);
    drain->rows = wci_new_array(drain->capacity, sizeof *drain->rows);
    if (drain->jobs && drain->rows)
        return WILDCAM_OK;
    wci_drain_release(drain);
    return WILDCAM_ERR_NOMEM;
}

void wci_drain_release(struct wci_drain *drain)
{
    for (size_t i = 0; drain->jobs && i < drain->job_count; i++)
        wci_job_free(drain->jobs[i]);
    free(drain->jobs);
    free(drain->rows);
    drain->jobs = NULL;
    drain->rows = NULL;
    drain->job_count = 0;
}

void wci_drain_wait(struct wci_drain *drain, int64_t until)
{
    wci_engine_wait(drain->engine, drain->bell, until);
    *drain->bell = false;
}

/* How many jobs are in a stage; they are listed in `rows` too. */
static size_t list(struct wci_drain *drain, int stage)
{
    size_t count = 0;
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == stage)
            drain->rows[count++] = &drain->jobs[i]->row;
    return count;
}

static struct wci_job *job_of(wildcam_upload *row)
{
    return (struct wci_job *)((char *)row - offsetof(struct wci_job, row));
}

static void free_up(struct wci_job *job)
{
    wci_upload_release(&job->row);
    wci_upload_init(&job->row);
    job->stage = WCI_JOB_FREE;
}

/* Changes the rows that are listed; trouble goes to the log, once until it has gone well again. */
static bool change(struct wci_drain *drain, enum wci_upload_step step, size_t count)
{
    int64_t now = wci_calendar_now();
    struct wci_upload_work work = {.step = step,
                                   .rows = drain->rows,
                                   .count = count,
                                   .now = now,
                                   .lease = drain->lease,
                                   .until = now + WCI_LEASE};
    if (wci_store_step_uploads(drain->uploader->store, &work) == WILDCAM_OK) {
        drain->has_complained = false;
        return true;
    }
    if (!drain->has_complained)
        wci_log_failure(drain->uploader->log, WILDCAM_LOG_ERROR, "upload",
                        "what was uploaded could not be written down; it is tried again");
    wci_error_clear();
    drain->has_complained = true;
    return false;
}

/* ---- from the engine back to the store ---- */

/* The first failure after a success is worth a line, and the first success after a failure; but not
 * each of many that come by turns. */
static void tell(struct wci_drain *drain, const struct wci_job *job, int64_t now)
{
    struct wci_uploader *uploader = drain->uploader;
    bool has_failed = !job->is_uploaded;
    if (uploader->has_failed == has_failed || (has_failed && now < uploader->next_complaint))
        return;
    uploader->has_failed = has_failed;
    if (has_failed) {
        uploader->next_complaint = now + COMPLAINT_EVERY;
        wci_log_write(uploader->log, WILDCAM_LOG_WARNING, "upload",
                      "uploads fail and are tried again: %s", wci_text_get(&job->row.last_error));
    } else {
        wci_log_write(uploader->log, WILDCAM_LOG_INFO, "upload", "uploads go well again");
    }
}

static void judge(struct wci_drain *drain, struct wci_job *job, int64_t now)
{
    const struct wci_error *error = &job->object.error;
    if (error->status != WILDCAM_OK && error->status != WILDCAM_ERR_CANCELLED &&
        !job->object.is_impossible)
        drain->last_failure = *error;
    wci_job_judge(drain->uploader, job);
    if (!job->is_uploaded && !job->is_failed)
        drain->next_claim = now + REST;
    else if (job->row.state != WCI_UPLOAD_PARKED)
        tell(drain, job, now);
}

static void collect(struct wci_drain *drain, int64_t now)
{
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == WCI_JOB_ENDED)
            judge(drain, drain->jobs[i], now);
}

static void count_stages(struct wci_drain *drain)
{
    size_t counts[WCI_JOB_STAGES] = {0};
    for (size_t i = 0; i < drain->job_count; i++) {
        int stage = atomic_load(&drain->jobs[i]->stage); /* gcc 12 forgets that within [] */
        counts[stage]++;
    }
    drain->ready = counts[WCI_JOB_READY];
    drain->away = counts[WCI_JOB_AWAY] + counts[WCI_JOB_ENDED];
    drain->judged = counts[WCI_JOB_JUDGED];
    drain->lost = counts[WCI_JOB_LOST];
    drain->in_hand = drain->job_count - counts[WCI_JOB_FREE];
}

/* Whether what was judged is settled now: several share a transaction. */
static bool wants_settling(const struct wci_drain *drain, size_t judged, int64_t now)
{
    if (!judged || (now < drain->next_settling && !drain->is_ending))
        return false;
    if (drain->is_ending || !drain->away || judged >= SETTLED_AT_ONCE)
        return true;
    for (size_t i = 0; i < judged; i++)
        if (now - job_of(drain->rows[i])->judged_at >= SETTLED_AFTER)
            return true;
    return false;
}

static void finish(struct wci_drain *drain, struct wci_job *job)
{
    if (job->row.is_missed && (job->is_uploaded || job->row.doubts.length)) {
        job->stage = WCI_JOB_LOST;
        return;
    }
    if (!job->row.is_missed) {
        drain->uploaded += job->is_uploaded;
        drain->failed += job->is_failed;
        drain->bytes += job->is_uploaded ? job->row.bytes : 0;
    }
    free_up(job);
}

static void settle(struct wci_drain *drain, int64_t now)
{
    size_t judged = list(drain, WCI_JOB_JUDGED);
    if (!wants_settling(drain, judged, now))
        return;
    if (!change(drain, WCI_UPLOADS_SETTLE, judged)) {
        drain->next_settling = drain->next_claim = now + REST;
        return;
    }
    for (size_t i = 0; i < judged; i++)
        finish(drain, job_of(drain->rows[i]));
}

/* Where the object of a job may lie, for a row that somebody else has settled. */
static void add_doubts(const struct wci_job *job, wildcam_upload *row)
{
    if (job->is_uploaded)
        wci_doubts_add(&row->doubts, wci_text_get(&job->row.region), NULL);
    wci_doubts_add_all(&row->doubts, wci_text_get(&job->row.doubts));
    if (row->state == WCI_UPLOAD_DONE)
        wci_doubts_remove(&row->doubts, wci_text_get(&row->region), NULL);
}

static bool note_lost(struct wci_drain *drain, const struct wci_job *job, wildcam_upload *row)
{
    size_t length = row->doubts.length;
    add_doubts(job, row);
    if (row->doubts.length == length && !row->doubts.failed)
        return true;
    drain->rows[0] = row;
    return !row->doubts.failed && change(drain, WCI_UPLOADS_NOTE_DOUBTS, 1) && !row->is_missed;
}

/*
 * An object was sent, but meanwhile its row became somebody else's: this process stood still for
 * longer than a lease, or a clock was set. Once the other has settled the row, what may be one too
 * many is noted there. Whoever claims the row looks for it first, so that little is lost when that
 * cannot be waited for.
 */
static bool resolve_lost(struct wci_drain *drain, struct wci_job *job)
{
    wildcam_upload row;
    struct wci_store *store = drain->uploader->store;
    bool is_resolved = false;
    wci_upload_init(&row);
    wildcam_status status = store->ops->get_upload(store->backend, job->row.image_id, job->row.kind,
                                                   &row);
    if (status == WILDCAM_ERR_NOTFOUND || status == WILDCAM_ERR_CORRUPT) /* purged, or set aside */
        is_resolved = true;
    else if (status == WILDCAM_OK && !row.lease)
        is_resolved = note_lost(drain, job, &row);
    wci_error_clear();
    wci_upload_release(&row);
    return is_resolved || drain->is_ending;
}

static void look_for_lost(struct wci_drain *drain, int64_t now)
{
    if (now < drain->next_search && !drain->is_ending)
        return;
    drain->next_search = now + POLLED_EVERY;
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == WCI_JOB_LOST && resolve_lost(drain, drain->jobs[i]))
            free_up(drain->jobs[i]);
}

/* ---- leases ---- */

static void note_parts(struct wci_drain *drain)
{
    size_t count = 0;
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == WCI_JOB_AWAY &&
            wci_job_note_parts(drain->uploader, drain->jobs[i]))
            drain->rows[count++] = &drain->jobs[i]->row;
    if (count)
        change(drain, WCI_UPLOADS_NOTE_PARTS, count);
}

/* What somebody else holds by now is sent all the same: he looks for it first. */
static void renew(struct wci_drain *drain, int64_t now)
{
    size_t count = 0;
    for (size_t i = 0; i < drain->job_count; i++) {
        struct wci_job *job = drain->jobs[i];
        if (job->stage == WCI_JOB_FREE || job->stage == WCI_JOB_LOST ||
            now - job->held_since < WCI_LEASE_RENEWED)
            continue;
        job->held_since = now;
        drain->rows[count++] = &job->row;
    }
    if (count)
        change(drain, WCI_UPLOADS_RENEW, count);
}

/* What was claimed and not sent. */
static void give_back(struct wci_drain *drain)
{
    size_t count = list(drain, WCI_JOB_READY);
    drain->first_ready = drain->last_ready = NULL;
    if (!count)
        return;
    if (!change(drain, WCI_UPLOADS_GIVE_BACK, count) && drain->is_ending)
        return; /* it is tried again */
    for (size_t i = 0; i < count; i++)
        free_up(job_of(drain->rows[i]));
}

/* ---- from the store to the engine ---- */

/* A place for a row, or NULL. */
static struct wci_job *take_place(struct wci_drain *drain)
{
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == WCI_JOB_FREE)
            return drain->jobs[i];
    if (drain->job_count == drain->capacity)
        return NULL;
    struct wci_job *job;
    if (wci_job_new(drain->bell, &job) != WILDCAM_OK)
        return NULL;
    return drain->jobs[drain->job_count++] = job;
}

/* Lists rows of free places, which are taken. */
static size_t take_places(struct wci_drain *drain, size_t want)
{
    size_t taken = 0;
    struct wci_job *job;
    while (taken < want && (job = take_place(drain))) {
        job->stage = WCI_JOB_READY;
        drain->rows[taken++] = &job->row;
    }
    wci_error_clear();
    return taken;
}

static void add_ready(struct wci_drain *drain, struct wci_job *job, int64_t now)
{
    job->held_since = now;
    job->next_ready = NULL;
    if (drain->last_ready)
        drain->last_ready->next_ready = job;
    else
        drain->first_ready = job;
    drain->last_ready = job;
}

/* When the next row is due, of the monotonic clock. */
static int64_t next_due(struct wci_drain *drain, int64_t now)
{
    struct wci_queue_figures figures;
    struct wci_uploader *uploader = drain->uploader;
    if (uploader->store->ops->count_uploads(uploader->store->backend, uploader->order.kinds,
                                            &figures) != WILDCAM_OK) {
        wci_error_clear();
        return now + POLLED_EVERY;
    }
    int64_t wait = figures.next_due == INT64_MAX ? POLLED_EVERY
                                                 : figures.next_due - wci_calendar_now();
    if (wait < CLAIMED_AFTER)
        wait = CLAIMED_AFTER;
    return now + earlier(wait, POLLED_EVERY);
}

static void claim(struct wci_drain *drain, size_t want, int64_t now)
{
    size_t got = 0;
    struct wci_uploader *uploader = drain->uploader;
    int64_t wall = wci_calendar_now();
    const struct wci_upload_claim claimed = {uploader->order, wall, drain->lease, wall + WCI_LEASE};
    size_t places = take_places(drain, want);
    wildcam_status status = wci_store_claim_uploads(uploader->store, &claimed, drain->rows, places,
                                                    &got);
    if (status != WILDCAM_OK) {
        wci_log_failure(uploader->log, WILDCAM_LOG_ERROR, "upload",
                        "what is owed could not be claimed; it is tried again");
        wci_error_clear();
        drain->next_claim = now + REST;
    }
    for (size_t i = 0; i < places; i++) {
        if (i < got)
            add_ready(drain, job_of(drain->rows[i]), now);
        else
            free_up(job_of(drain->rows[i]));
    }
    drain->is_exhausted = status == WILDCAM_OK && got < want;
    drain->next_question = drain->is_exhausted ? next_due(drain, now) : now;
}

/* How many rows are worth a claim: what can be sent at once, and some that come next. */
static size_t wanted(const struct wci_drain *drain, int room)
{
    size_t stock = drain->away < STOCK_MAX ? drain->away : STOCK_MAX;
    size_t aim = (room > 0 ? (size_t)room : 0) + stock;
    if (drain->ready && drain->ready >= aim / 2)
        return 0;
    size_t want = aim > drain->ready ? aim - drain->ready : 0;
    if (want > drain->capacity - drain->in_hand)
        want = drain->capacity - drain->in_hand;
    int64_t left = drain->most - drain->uploaded - drain->failed - (int64_t)drain->in_hand;
    if (drain->most && left < (int64_t)want)
        want = left > 0 ? (size_t)left : 0;
    return want;
}

/* False when it took so long, on a slow disk say, that the leases, the budget and whoever wants it
 * stopped are to be looked at first. */
static bool send_ready(struct wci_drain *drain)
{
    struct wci_job *job;
    int64_t until = wci_calendar_monotonic() + SENT_WITHOUT_A_LOOK;
    for (int room = wci_engine_room(drain->engine); room > 0 && (job = drain->first_ready);
         room--) {
        drain->first_ready = job->next_ready;
        if (!drain->first_ready)
            drain->last_ready = NULL;
        if (job->row.is_missed) /* somebody else has claimed it since */
            free_up(job);
        else
            wci_job_send(drain->uploader, job);
        if (drain->first_ready && wci_calendar_monotonic() >= until)
            return false;
    }
    return true;
}

/* When something may be begun, as far as the settings and the network go; `now` for at once. */
static int64_t opens(struct wci_drain *drain, int64_t now)
{
    const struct wci_uploader *uploader = drain->uploader;
    int64_t at = wci_engine_opens(drain->engine), wall = wci_calendar_now();
    if (at <= wci_calendar_monotonic())
        at = now;
    if (drain->is_urgent)
        return at;
    if (uploader->is_paused)
        return INT64_MAX;
    if (!uploader->has_window)
        return at;
    int64_t window = now + wci_window_opens(&uploader->window, wall) - wall;
    return window > at ? window : at;
}

/* When the store is asked next: while anything is in hand not again and again for nothing. */
static int64_t next_claim(struct wci_drain *drain, int64_t now)
{
    if (drain->news && atomic_exchange(drain->news, false))
        drain->next_question = earlier(drain->next_question, now + CLAIMED_AFTER);
    if (drain->in_hand && drain->next_question > drain->next_claim)
        return drain->next_question;
    return drain->next_claim;
}

/* Begins what may be begun; answers when more may be. */
static int64_t begin(struct wci_drain *drain, int64_t now)
{
    int64_t at = opens(drain, now);
    drain->is_exhausted = false;
    if (at > now) {
        give_back(drain);
        return at;
    }
    if (!send_ready(drain))
        return wci_calendar_monotonic() + BREATH;
    count_stages(drain);
    size_t want = wanted(drain, wci_engine_room(drain->engine));
    if (!want) /* something must end before, of ours or of somebody else's */
        return now + (drain->in_hand ? POLLED_EVERY : SETTLED_AFTER);
    at = next_claim(drain, now);
    if (now < at)
        return at;
    claim(drain, want, now);
    if (!send_ready(drain))
        return wci_calendar_monotonic() + BREATH;
    return drain->is_exhausted ? drain->next_question : drain->next_claim;
}

int64_t wci_drain_round(struct wci_drain *drain)
{
    int64_t at, now = wci_calendar_monotonic();
    note_parts(drain);
    collect(drain, now);
    count_stages(drain);
    settle(drain, now);
    renew(drain, now);
    look_for_lost(drain, now);
    if (drain->is_ending) {
        give_back(drain);
        at = INT64_MAX;
    } else {
        at = begin(drain, now);
    }
    count_stages(drain);
    if (drain->judged)
        at = earlier(at, now + SETTLED_AFTER);
    return earlier(at, now + POLLED_EVERY);
}

void wci_drain_end(struct wci_drain *drain)
{
    drain->is_ending = true;
    for (size_t i = 0; i < drain->job_count; i++)
        if (drain->jobs[i]->stage == WCI_JOB_AWAY)
            wci_engine_cancel(drain->engine, &drain->jobs[i]->object);
    for (wci_drain_round(drain); drain->away; wci_drain_round(drain))
        wci_drain_wait(drain, wci_calendar_monotonic() + POLLED_EVERY);
    /* What cannot be settled is left, and its leases pass by themselves. */
    for (int i = 0; drain->in_hand && i < ENDED_AGAIN; i++)
        wci_drain_round(drain);
}
