#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/file.h"
#include "base/lock_file.h"
#include "base/memory.h"

#include <wildcam/time.h>

struct purge {
    struct wci_store *store;
    int64_t *pictures; /* counts deleted files; may be NULL */
    int64_t *bytes;    /* of those that would be deleted */
};

static wildcam_status hide(void *user, const char *name)
{
    const struct purge *purge = user;
    return wci_pictures_hide(&purge->store->pictures, name);
}

static void show(void *user, const char *name)
{
    const struct purge *purge = user;
    wci_pictures_show(&purge->store->pictures, name);
}

static bool is_hidden(void *user, const char *name)
{
    const struct purge *purge = user;
    return wci_pictures_is_hidden(&purge->store->pictures, name);
}

static wildcam_status drop(void *user, const char *name)
{
    const struct purge *purge = user;
    return wci_pictures_drop(&purge->store->pictures, name, purge->pictures);
}

static wildcam_status measure(void *user, const char *name)
{
    const struct purge *purge = user;
    return wci_pictures_measure(&purge->store->pictures, name, purge->pictures, purge->bytes);
}

static wildcam_status find_picture(void *user, int64_t camera_id,
                                   const unsigned char sha256[WCI_DIGEST_BYTES],
                                   wildcam_image *image)
{
    struct wci_store *store = user;
    return store->ops->find_image(store->backend, camera_id, sha256, image);
}

static wildcam_status finish_leftovers(struct wci_store *store)
{
    struct purge purge = {.store = store};
    const struct wci_purge_files files = {&purge, hide, is_hidden, drop, show, NULL};
    wildcam_status status = store->ops->finish_purges(store->backend, &files);
    if (status != WILDCAM_OK) {
        wci_log_failure(store->log, WILDCAM_LOG_ERROR, "store",
                        "a purge that was interrupted could not be finished");
        if (status == WILDCAM_ERR_NOMEM)
            return status;
        wci_error_clear();
    }
    if (wci_store_finish_removals(store, true) != WILDCAM_OK) {
        wci_log_failure(store->log, WILDCAM_LOG_ERROR, "store",
                        "files of pictures that were deleted could not be deleted");
        wci_error_clear();
    }
    return wci_pictures_recover(&store->pictures, find_picture, store);
}

wildcam_status wci_store_open(struct wci_store *store, const wildcam_conf *conf,
                              const struct wci_log *log)
{
    *store = (struct wci_store){.conf = conf, .log = log, .ops = &wci_sqlite_backend};
    wildcam_status status = wci_store_find_place(conf);
    if (status == WILDCAM_OK)
        status = wci_group_commit_init(&store->group);
    if (status != WILDCAM_OK)
        return status;
    status = wci_pictures_open(&store->pictures, conf, log);
    if (status == WILDCAM_OK) {
        status = store->ops->open(conf, log, &store->backend);
        if (status == WILDCAM_OK) {
            status = finish_leftovers(store);
            if (status == WILDCAM_OK)
                return WILDCAM_OK;
            store->ops->close(store->backend, false);
        }
        wci_pictures_close(&store->pictures, false);
    }
    wci_group_commit_destroy(&store->group);
    return status;
}

void wci_store_close(struct wci_store *store, bool is_forked)
{
    store->ops->close(store->backend, is_forked);
    free(store->upkeep.retiming.rules);
    wci_pictures_close(&store->pictures, is_forked);
    if (!is_forked)
        wci_group_commit_destroy(&store->group);
}

/* One sync of the folder serves all pictures of the group. */
static void write_group(void *user, struct wci_change **changes, size_t count)
{
    struct wci_store *store = user;
    bool has_picture = false;
    int64_t began = wci_calendar_monotonic();
    for (size_t i = 0; i < count; i++)
        has_picture = has_picture || changes[i]->image;
    if (has_picture && wci_pictures_sync(&store->pictures) != WILDCAM_OK) {
        for (size_t i = 0; i < count; i++)
            if (changes[i]->image)
                wci_error_save(&changes[i]->error);
    }
    store->ops->write(store->backend, changes, count);
    if (store->told)
        store->told(store->told_user, count, wci_calendar_monotonic() - began);
}

static void after_group(void *user)
{
    struct wci_store *store = user;
    store->ops->after_write(store->backend);
}

/* What of a change is shown to whoever watches: its rows, or those that were found on a picture,
 * for which there is room. NULL for none. */
static const struct wci_change *shown_of(const struct wci_change *change, struct wci_change *room)
{
    const struct wci_processing_work *work = change->processing;
    if (!work || !work->found || work->count != 1)
        return change->count ? change : NULL;
    *room = (struct wci_change){.rows = work->found->rows, .count = work->found->count};
    return room->count ? room : NULL;
}

/* What somebody wants to be told of ends its group: he knows of it before he is asked about what
 * comes behind it. */
void wci_store_commit_all(struct wci_store *store, struct wci_change **changes, size_t count)
{
    const struct wci_group_work work = {store, write_group, after_group};
    const struct wci_row_watch *watch = &store->watch;
    size_t begin = 0;
    for (size_t i = 0; i < count; i++) {
        struct wci_change room;
        const struct wci_change *shown = watch->before ? shown_of(changes[i], &room) : NULL;
        void *kept = shown ? watch->before(watch->user, shown) : NULL;
        if (!kept && i + 1 < count)
            continue;
        wci_group_commit_all(&store->group, &work, changes + begin, i + 1 - begin);
        begin = i + 1;
        if (kept)
            watch->after(watch->user, kept, shown, changes[i]->error.status);
    }
}

wildcam_status wci_store_commit(struct wci_store *store, struct wci_change *change)
{
    wci_store_commit_all(store, &change, 1);
    return change->error.status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&change->error);
}

wildcam_status wci_store_write(struct wci_store *store, struct wci_change *change)
{
    wildcam_status status = wci_disk_check(store->conf, 0);
    if (status != WILDCAM_OK)
        return status;
    return change->count ? wci_store_write_timed(store, change) : wci_store_commit(store, change);
}

wildcam_status wci_store_step_uploads(struct wci_store *store, struct wci_upload_work *work)
{
    struct wci_change change = {.uploads = work};
    return wci_store_commit(store, &change);
}

wildcam_status wci_store_mark_events(struct wci_store *store, struct wci_event_work *work)
{
    struct wci_change change = {.events = work};
    work->is_missed = false;
    return wci_store_commit(store, &change);
}

/* The row is durable. Should the move fail, readers find the file in incoming/, and the next
 * opening tries again. */
static void place(struct wci_store *store, struct wci_staged *staged, const wildcam_image *image)
{
    if (wci_pictures_place(&store->pictures, staged, image) != WILDCAM_OK)
        wci_log_failure(store->log, WILDCAM_LOG_ERROR, "pictures",
                        "a picture that is kept could not be moved to its place");
}

/* What was kept before is not needed again, unless its file is not there though it was not
 * released: lost or cut off since, or about to be moved there by whoever has just kept it, which
 * comes to the same. */
static void settle_duplicate(struct wci_store *store, struct wci_staged *staged, int64_t id)
{
    wildcam_image image;
    wci_image_init(&image);
    if (store->ops->get_image(store->backend, id, &image) != WILDCAM_OK ||
        image.released_at != WILDCAM_TIME_NONE || wci_pictures_is_whole(&store->pictures, &image)) {
        wci_pictures_discard(staged);
    } else {
        wci_log_write(store->log, WILDCAM_LOG_INFO, "pictures",
                      "picture %lld, sent again, is in its place now", (long long)id);
        place(store, staged, &image);
    }
    wci_image_release(&image);
}

wildcam_status wci_store_keep_picture(struct wci_store *store, struct wci_staged *staged,
                                      struct wci_change *change)
{
    wildcam_status status = wci_disk_check(store->conf, 0);
    if (status == WILDCAM_OK)
        status = wci_pictures_seal(&store->pictures, staged, change->image);
    if (status == WILDCAM_OK)
        status = wci_store_write_timed(store, change);
    if (status != WILDCAM_OK && change->may_be_kept) {
        /* The file stays in incoming/, and the next opening decides by whether there is a row. */
        close(staged->fd);
        staged->fd = -1;
        return status;
    }
    if (status != WILDCAM_OK) {
        wci_pictures_discard(staged);
        return status;
    }
    if (change->is_duplicate)
        settle_duplicate(store, staged, change->image->id);
    else
        place(store, staged, change->image);
    wci_error_clear(); /* it is kept, whatever became of the move */
    return WILDCAM_OK;
}

wildcam_status wci_store_load_picture(struct wci_store *store, const wildcam_image *image,
                                      void **data, size_t *size)
{
    int fd;
    *data = NULL;
    wildcam_status status = wci_pictures_read(&store->pictures, image, &fd);
    if (status != WILDCAM_OK)
        return status;
    *data = wci_new_room((size_t)image->bytes);
    status = *data ? wci_file_read(fd, "the picture", *data, (size_t)image->bytes, size)
                   : WILDCAM_ERR_NOMEM;
    close(fd);
    if (status == WILDCAM_OK && (int64_t)*size != image->bytes)
        status = wci_fail(WILDCAM_ERR_CORRUPT, "picture %lld was cut off while it was read",
                          (long long)image->id);
    if (status != WILDCAM_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

wildcam_status wci_store_purge(struct wci_store *store, int64_t before, int64_t *shards,
                               int64_t *pictures)
{
    int fd = -1;
    struct purge purge = {.store = store, .pictures = pictures};
    const struct wci_purge_files files = {&purge, hide, is_hidden, drop, show, NULL};
    wildcam_status status = wci_store_lock_upkeep(store->conf, true, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = store->ops->finish_purges(store->backend, &files); /* one that failed before */
    if (status == WILDCAM_OK)
        status = store->ops->purge(store->backend, before, &files, shards);
    close(fd);
    return status;
}

wildcam_status wci_store_measure_purge(struct wci_store *store, int64_t before, int64_t *shards,
                                       int64_t *pictures, int64_t *bytes)
{
    struct purge purge = {store, pictures, bytes};
    const struct wci_purge_files files = {.user = &purge, .measure = measure};
    return store->ops->purge(store->backend, before, &files, shards);
}

#define SWEEP_EVERY (60 * WCI_SECOND)

static void sweep_sessions(struct wci_store *store)
{
    const struct wci_access_change sweep = {.step = WCI_ACCESS_END_EXPIRED,
                                            .now = wci_calendar_now()};
    int64_t now = wci_calendar_monotonic(), last = store->upkeep.sessions_swept;
    if (last && now - last < SWEEP_EVERY)
        return;
    store->upkeep.sessions_swept = now;
    if (store->ops->change_access(store->backend, &sweep) != WILDCAM_OK)
        wci_log_failure(store->log, WILDCAM_LOG_WARNING, "store",
                        "sessions that are past their time could not be deleted");
}

void wci_store_maintain(struct wci_store *store, int64_t deadline)
{
    store->ops->maintain(store->backend, deadline);
    if (wci_calendar_monotonic() < deadline)
        sweep_sessions(store);
    if (wci_calendar_monotonic() < deadline &&
        wci_pictures_recover(&store->pictures, find_picture, store) != WILDCAM_OK)
        wci_log_failure(store->log, WILDCAM_LOG_WARNING, "store",
                        "incoming pictures could not be looked through");
    wci_store_go_on_retiming(store, deadline);
}

struct count {
    const struct wci_backend_ops *ops;
    wci_backend *backend;
    int64_t pictures;
};

static wildcam_status count_picture(void *user, const wildcam_image *image)
{
    (void)image;
    ++*(int64_t *)user;
    return WILDCAM_OK;
}

static wildcam_status count_span(void *user, const char *name, int64_t from, int64_t to)
{
    struct count *count = user;
    (void)name;
    wildcam_status status = count->ops->walk_images(count->backend, from, to, count_picture,
                                                    &count->pictures);
    return status == WILDCAM_ERR_CORRUPT ? WILDCAM_OK : status; /* whoever walks them says so */
}

wildcam_status wci_count_pictures(const struct wci_backend_ops *ops, wci_backend *backend,
                                  int64_t *count)
{
    struct count counted = {ops, backend, 0};
    wildcam_status status = ops->each_span(backend, count_span, &counted);
    *count = counted.pictures;
    return status;
}

wildcam_status wci_store_find_background(struct wci_store *store, int64_t camera_id, bool infrared,
                                         void **data, size_t *size)
{
    return store->ops->find_background(store->backend, camera_id, infrared, data, size);
}

wildcam_status wci_store_keep_background(struct wci_store *store, int64_t camera_id, bool infrared,
                                         const void *data, size_t size)
{
    wildcam_status status = wci_disk_check(store->conf, (int64_t)size);
    return status == WILDCAM_OK ? store->ops->put_background(store->backend, camera_id, infrared,
                                                             wci_calendar_now(), data, size)
                                : status;
}
