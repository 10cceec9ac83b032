/* Times that follow from deployments: of what comes in, and of what is there. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/store.h"

#include <wildcam/time.h>

/* How often rules may change under a change before it gives up. */
enum { ATTEMPTS = 100 };

wildcam_status wci_store_correct(struct wci_store *store, int64_t camera_id, int source,
                                 struct wci_reading *reading, int64_t *version)
{
    return store->ops->correct(store->backend, camera_id, source, reading, version);
}

/* The change's version is that of its first reading: rules that have changed in between are seen
 * when it is written. */
static wildcam_status correct(struct wci_store *store, struct wci_change *change, int64_t camera_id,
                              int source, struct wci_reading *reading)
{
    int64_t version = 0;
    wildcam_status status = wci_store_correct(store, camera_id, source, reading, &version);
    if (change->version < 0)
        change->version = version;
    return status;
}

static wildcam_status correct_image(struct wci_store *store, struct wci_change *change,
                                    struct wci_reading clock)
{
    wildcam_image *image = change->image;
    struct wci_reading right = clock;
    wildcam_status status = correct(store, change, image->camera_id, image->time_source, &right);
    bool same = right.time == clock.time && right.offset == clock.offset;
    image->time = right.time;
    image->offset = right.offset;
    image->clock_time = same ? WILDCAM_TIME_NONE : clock.time;
    image->clock_offset = same ? WILDCAM_OFFSET_UNKNOWN : clock.offset;
    return status;
}

static wildcam_status correct_rows(struct wci_store *store, struct wci_change *change)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < change->count; i++) {
        struct wci_row *row = &change->rows[i];
        struct wci_reading right = {row->clock_time, row->clock_offset};
        status = correct(store, change, row->camera->id, row->time_source, &right);
        row->time = right.time;
        row->offset = right.offset;
        row->has_clock_time = right.time != row->clock_time || right.offset != row->clock_offset;
    }
    return status;
}

/* What was not kept is again what the clock said, for another attempt. */
static void take_back(struct wci_change *change, const struct wci_reading *clock)
{
    if (change->image && !change->image->id) {
        change->image->time = clock->time;
        change->image->offset = clock->offset;
        change->image->clock_time = WILDCAM_TIME_NONE;
    }
    for (size_t i = 0; i < change->count; i++) {
        struct wci_row *row = &change->rows[i];
        if (row->id)
            continue;
        row->time = row->clock_time;
        row->offset = row->clock_offset;
        row->has_clock_time = false;
    }
}

static wildcam_status time_change(struct wci_store *store, struct wci_change *change,
                                  const struct wci_reading *clock)
{
    wildcam_status status = WILDCAM_OK;
    change->is_stale = false;
    change->may_be_kept = false;
    change->is_timed = true;
    change->version = -1;
    if (change->image)
        status = correct_image(store, change, *clock);
    if (status == WILDCAM_OK)
        status = correct_rows(store, change);
    return status;
}

static wildcam_status write_once(struct wci_store *store, struct wci_change *change,
                                 const struct wci_reading *clock)
{
    wildcam_status status = time_change(store, change, clock);
    return status == WILDCAM_OK ? wci_store_commit(store, change) : status;
}

/* Rows of several shards, some of which were written by the old rules: the rest goes by the new
 * ones. */
static wildcam_status write_rest(struct wci_store *store, struct wci_change *change)
{
    struct wci_row *rest = wci_new_array(change->count + 1, sizeof *rest);
    if (!rest)
        return WILDCAM_ERR_NOMEM;
    struct wci_change part = {.rows = rest, .is_brought = change->is_brought};
    for (size_t i = 0; i < change->count; i++)
        if (!change->rows[i].id)
            rest[part.count++] = change->rows[i];
    wildcam_status status = write_once(store, &part, NULL);
    for (size_t i = 0, next = 0; i < change->count; i++)
        if (!change->rows[i].id)
            change->rows[i] = rest[next++];
    change->is_stale = part.is_stale;
    change->may_be_kept = part.may_be_kept;
    free(rest);
    return status;
}

static struct wci_reading note_clocks(struct wci_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        change->rows[i].clock_time = change->rows[i].time;
        change->rows[i].clock_offset = change->rows[i].offset;
    }
    return change->image ? (struct wci_reading){change->image->time, change->image->offset}
                         : (struct wci_reading){0, 0};
}

/* What became of the first attempt, and others as long as the rules change meanwhile. */
static wildcam_status end_attempts(struct wci_store *store, struct wci_change *change,
                                   const struct wci_reading *clock, wildcam_status status)
{
    for (int i = 1; status == WILDCAM_OK && change->is_stale && i < ATTEMPTS; i++)
        status = change->image ? write_once(store, change, clock) : write_rest(store, change);
    if (status == WILDCAM_OK && change->is_stale)
        status = wci_fail(WILDCAM_ERR_BUSY, "deployments change faster than rows can be written");
    if (status != WILDCAM_OK)
        take_back(change, clock);
    return status;
}

wildcam_status wci_store_write_timed(struct wci_store *store, struct wci_change *change)
{
    const struct wci_reading clock = note_clocks(change);
    return end_attempts(store, change, &clock, write_once(store, change, &clock));
}

/* Those of one group. What comes to nothing before it is written is left out of it. */
static void write_some(struct wci_store *store, struct wci_change **changes, size_t count)
{
    struct wci_reading clocks[WCI_GROUP_MAX];
    struct wci_change *ready[WCI_GROUP_MAX];
    size_t ready_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct wci_change *change = changes[i];
        change->error.status = WILDCAM_OK;
        clocks[i] = note_clocks(change);
        if (change->count && time_change(store, change, &clocks[i]) != WILDCAM_OK)
            wci_error_save(&change->error);
        else
            ready[ready_count++] = change;
    }
    wci_store_commit_all(store, ready, ready_count);
    for (size_t i = 0; i < count; i++) {
        struct wci_change *change = changes[i];
        wildcam_status status = change->error.status;
        if (change->count && (status != WILDCAM_OK || change->is_stale) &&
            end_attempts(store, change, &clocks[i], status) != WILDCAM_OK && status == WILDCAM_OK)
            wci_error_save(&change->error);
    }
    wci_error_clear();
}

void wci_store_write_all(struct wci_store *store, struct wci_change **changes, size_t count)
{
    while (count) {
        size_t some = count < WCI_GROUP_MAX ? count : WCI_GROUP_MAX;
        if (wci_disk_check(store->conf, 0) == WILDCAM_OK)
            write_some(store, changes, some);
        else
            for (size_t i = 0; i < some; i++)
                wci_error_save(&changes[i]->error);
        changes += some;
        count -= some;
    }
    wci_error_clear();
}

/* ---- what is there ---- */

static wildcam_status retime_range(struct wci_store *store, struct wci_retiming *work)
{
    struct wci_change change = {.retiming = work};
    work->is_stale = false;
    wildcam_status status = wci_store_commit(store, &change);
    if (status == WILDCAM_OK && work->is_stale) /* somebody has changed the rules: from the top */
        status = store->ops->begin_retiming(store->backend, work);
    return status;
}

static void leave_camera(struct wci_retiming *work)
{
    free(work->rules);
    work->rules = NULL;
}

/* With the next range of the camera at hand, or on to the next camera; *left is false when there is
 * none. Any number of processes may do so at once: what one has done, the other finds done. */
static wildcam_status take_step(struct wci_store *store, struct wci_retiming *work, bool *left)
{
    const struct wci_backend_ops *ops = store->ops;
    bool found = false;
    wildcam_status status;
    *left = true;
    if (!work->rules) {
        status = ops->next_retiming(store->backend, work, left);
        return status == WILDCAM_OK && *left ? ops->begin_retiming(store->backend, work) : status;
    }
    status = ops->find_to_retime(store->backend, work, &found);
    if (status == WILDCAM_OK && found)
        return retime_range(store, work);
    if (status == WILDCAM_OK && work->is_over) {
        status = ops->end_retiming(store->backend, work);
        leave_camera(work);
    }
    return status;
}

struct telling {
    wildcam_progress_fn *progress; /* may be NULL */
    void *user;
    int64_t camera_id;   /* the last one */
    int64_t done, total; /* shards; total is below 0 while it is not known */
    int64_t shard_time;  /* the last one's */
};

static wildcam_status count_shards(struct wci_store *store, int64_t *count)
{
    struct wci_store_figures figures = {0};
    wildcam_status status = store->ops->figures(store->backend, &figures);
    *count = figures.shards;
    wci_text_free(&figures.damaged);
    return status;
}

static wildcam_status tell(struct wci_store *store, struct telling *telling,
                           const struct wci_retiming *work)
{
    wildcam_status status = WILDCAM_OK;
    if (!telling->progress || !work->rules)
        return WILDCAM_OK;
    if (telling->total < 0)
        status = count_shards(store, &telling->total);
    if (telling->camera_id != work->camera_id)
        telling->done = 0;
    else if (telling->shard_time != work->shard_time)
        telling->done += telling->done < telling->total;
    telling->camera_id = work->camera_id;
    telling->shard_time = work->shard_time;
    if (status == WILDCAM_OK &&
        telling->progress(telling->user, "times", telling->done, telling->total) != 0)
        status = wci_fail(WILDCAM_ERR_CANCELLED,
                          "bringing times to what deployments say was stopped");
    return status;
}

wildcam_status wci_store_retime(struct wci_store *store, wildcam_progress_fn *progress, void *user)
{
    struct wci_retiming work = {0};
    struct telling telling = {.progress = progress, .user = user, .total = -1};
    wildcam_status status = WILDCAM_OK;
    for (bool left = true; status == WILDCAM_OK && left;) {
        status = tell(store, &telling, &work);
        if (status == WILDCAM_OK)
            status = take_step(store, &work, &left);
    }
    leave_camera(&work);
    return status;
}

/* Where it fails it goes on with the next camera, and comes back to this one when it has been at
 * all. */
void wci_store_go_on_retiming(struct wci_store *store, int64_t deadline)
{
    struct wci_upkeep *upkeep = &store->upkeep;
    struct wci_retiming *work = &upkeep->retiming;
    wildcam_status status = WILDCAM_OK;
    bool left = true;
    if (atomic_exchange(&upkeep->is_retiming, true)) /* another thread is at it */
        return;
    while (status == WILDCAM_OK && left && wci_calendar_monotonic() < deadline)
        status = take_step(store, work, &left);
    if (status != WILDCAM_OK) {
        leave_camera(work);
        if (!upkeep->has_told_times)
            wci_log_failure(store->log, WILDCAM_LOG_WARNING, "times",
                            "times could not be brought to what their deployments say");
        upkeep->has_told_times = true;
        wci_error_clear();
    } else if (!left) {
        work->camera_id = 0;
        upkeep->has_told_times = false;
    }
    atomic_store(&upkeep->is_retiming, false);
}

wildcam_status wci_store_change_deployment(struct wci_store *store,
                                           struct wci_deployment_change *change,
                                           wildcam_progress_fn *progress, void *user)
{
    wildcam_status status = wci_disk_check(store->conf, 0);
    if (status == WILDCAM_OK)
        status = store->ops->change_deployment(store->backend, change);
    if (status == WILDCAM_OK)
        change->is_kept = true;
    return status == WILDCAM_OK ? wci_store_retime(store, progress, user) : status;
}
