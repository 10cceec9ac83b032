/* Times that follow from deployments: of what comes in, and of what is there. */
#include <stdlib.h>
#include <string.h>

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

static wildcam_status correct_image(struct wci_store *store, struct wci_change *change,
                                    struct wci_reading clock)
{
    wildcam_image *image = change->image;
    struct wci_reading right = clock;
    wildcam_status status = wci_store_correct(store, image->camera_id, image->time_source, &right,
                                              &change->version);
    bool same = right.time == clock.time && right.offset == clock.offset;
    image->time = right.time;
    image->offset = right.offset;
    image->clock_time = same ? WILDCAM_TIME_NONE : clock.time;
    image->clock_offset = same ? WILDCAM_OFFSET_UNKNOWN : clock.offset;
    return status;
}

/* All with the version of the first: one that has changed in between is seen when it is written. */
static wildcam_status correct_rows(struct wci_store *store, struct wci_change *change)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < change->count; i++) {
        struct wci_row *row = &change->rows[i];
        int64_t version;
        struct wci_reading right = {row->clock_time, row->clock_offset};
        status = wci_store_correct(store, row->camera->id, row->time_source, &right, &version);
        row->time = right.time;
        row->offset = right.offset;
        row->has_clock_time = right.time != row->clock_time || right.offset != row->clock_offset;
        if (i == 0)
            change->version = version;
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

static wildcam_status write_once(struct wci_store *store, struct wci_change *change,
                                 const struct wci_reading *clock)
{
    wildcam_status status = WILDCAM_OK;
    change->is_stale = false;
    change->may_be_kept = false;
    change->is_timed = true;
    if (change->image)
        status = correct_image(store, change, *clock);
    if (status == WILDCAM_OK)
        status = correct_rows(store, change);
    return status == WILDCAM_OK ? wci_store_commit(store, change) : status;
}

/* Rows of several shards, some of which were written by the old rules: the rest goes by the new
 * ones. */
static wildcam_status write_rest(struct wci_store *store, struct wci_change *change)
{
    struct wci_row *rest = wci_new_array(change->count + 1, sizeof *rest);
    if (!rest)
        return WILDCAM_ERR_NOMEM;
    struct wci_change part = {.rows = rest};
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

wildcam_status wci_store_write_timed(struct wci_store *store, struct wci_change *change)
{
    const struct wci_reading clock = {change->image ? change->image->time : 0,
                                      change->image ? change->image->offset : 0};
    for (size_t i = 0; i < change->count; i++) {
        change->rows[i].clock_time = change->rows[i].time;
        change->rows[i].clock_offset = change->rows[i].offset;
    }
    wildcam_status status = write_once(store, change, &clock);
    for (int i = 1; status == WILDCAM_OK && change->is_stale && i < ATTEMPTS; i++)
        status = change->image ? write_once(store, change, &clock) : write_rest(store, change);
    if (status == WILDCAM_OK && change->is_stale)
        status = wci_fail(WILDCAM_ERR_BUSY, "deployments change faster than rows can be written");
    if (status != WILDCAM_OK)
        take_back(change, &clock);
    return status;
}

/* ---- what is there ---- */

struct telling {
    wildcam_progress_fn *progress;
    void *user;
    int64_t done, total; /* shards */
    int64_t shard_time;  /* the last one's */
};

static wildcam_status tell(struct telling *telling, const struct wci_retiming *work)
{
    if (work->shard_time != telling->shard_time)
        telling->done += telling->done < telling->total;
    telling->shard_time = work->shard_time;
    if (!telling->progress ||
        telling->progress(telling->user, "times", telling->done, telling->total) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_CANCELLED, "bringing times to what deployments say was stopped");
}

static wildcam_status retime_chunk(struct wci_store *store, struct wci_retiming *work)
{
    struct wci_change change = {.retiming = work};
    wildcam_status status = wci_store_commit(store, &change);
    if (status == WILDCAM_OK && work->is_stale) /* somebody has changed the rules: from the top */
        status = store->ops->begin_retiming(store->backend, work);
    return status;
}

static wildcam_status retime_camera(struct wci_store *store, struct wci_retiming *work,
                                    struct telling *telling)
{
    bool found = true;
    wildcam_status status = store->ops->begin_retiming(store->backend, work);
    telling->done = 0;
    while (status == WILDCAM_OK) {
        work->is_stale = false;
        status = store->ops->find_to_retime(store->backend, work, &found);
        if (status != WILDCAM_OK || !found)
            break;
        status = tell(telling, work);
        if (status == WILDCAM_OK)
            status = retime_chunk(store, work);
    }
    return status;
}

/* Every camera whose rows may not be as its deployments say. Any number of processes may do so at
 * once: what one has done, the other finds done. */
wildcam_status wci_store_retime(struct wci_store *store, wildcam_progress_fn *progress, void *user)
{
    struct wci_retiming work = {0};
    struct telling telling = {.progress = progress, .user = user, .shard_time = INT64_MIN};
    int64_t mark = 0;
    bool found = false;
    wildcam_status status = store->ops->next_retiming(store->backend, 0, &work, &mark, &found);
    if (status == WILDCAM_OK && found && progress) {
        struct wci_store_figures figures = {0};
        status = store->ops->figures(store->backend, &figures);
        telling.total = figures.shards;
        wci_text_free(&figures.damaged);
    }
    while (status == WILDCAM_OK && found) {
        status = retime_camera(store, &work, &telling);
        if (status == WILDCAM_OK)
            status = store->ops->end_retiming(store->backend, work.camera_id, mark);
        if (status == WILDCAM_OK)
            status = store->ops->next_retiming(store->backend, work.camera_id, &work, &mark,
                                               &found);
    }
    free(work.rules);
    return status;
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
