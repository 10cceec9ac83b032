/* What is owed to S3: claims, whole groups, and releasing. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/queue.h"
#include "store/store.h"

enum { PAGE = 256 };

static void sort_out(wildcam_upload **rows, size_t count, size_t *taken)
{
    for (size_t i = 0; i < count; i++) {
        wildcam_upload *row = rows[i];
        if (row->is_missed)
            continue;
        rows[i] = rows[*taken];
        rows[(*taken)++] = row;
    }
}

struct claiming {
    struct wci_store *store;
    const struct wci_upload_claim *claim;
    wildcam_upload **rows;
};

static wildcam_status find(void *user, struct wci_queue_ref *found, size_t limit, size_t *got)
{
    const struct claiming *claiming = user;
    const struct wci_store *store = claiming->store;
    return store->ops->find_due(store->backend, &claiming->claim->order, claiming->claim->now,
                                found, limit, got);
}

static wildcam_status take(void *user, const struct wci_queue_ref *found, size_t count, size_t at,
                           size_t *taken)
{
    const struct claiming *claiming = user;
    const struct wci_upload_claim *claim = claiming->claim;
    wildcam_upload **rows = claiming->rows + at;
    struct wci_upload_work work = {.step = WCI_UPLOADS_CLAIM,
                                   .rows = rows,
                                   .count = count,
                                   .now = claim->now,
                                   .lease = claim->lease,
                                   .until = claim->until};
    for (size_t i = 0; i < count; i++) {
        rows[i]->image_id = found[i].image_id;
        rows[i]->kind = found[i].kind;
    }
    wildcam_status status = wci_store_step_uploads(claiming->store, &work);
    sort_out(rows, count, taken);
    return status;
}

wildcam_status wci_store_claim_uploads(struct wci_store *store,
                                       const struct wci_upload_claim *claim, wildcam_upload **rows,
                                       size_t limit, size_t *got)
{
    struct claiming claiming = {store, claim, rows};
    const struct wci_queue_claim queue = {find, take, &claiming};
    return wci_queue_claim(&queue, limit, got);
}

struct page {
    struct wci_queue_ref found[PAGE];
    wildcam_upload rows[PAGE], *pointers[PAGE];
};

wildcam_status wci_store_make_due(struct wci_store *store, enum wci_upload_step step,
                                  uint32_t kinds, int64_t *count)
{
    enum wci_queue_group group = step == WCI_UPLOADS_REQUEUE ? WCI_QUEUE_PARKED : WCI_QUEUE_WAITING;
    struct wci_queue_ref after = {0, -1};
    struct page *page = wci_new(sizeof *page);
    wildcam_status status = page ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    size_t got = PAGE;
    *count = 0;
    while (status == WILDCAM_OK && got == PAGE) {
        status = store->ops->find_uploads(store->backend, group, kinds, after, page->found, PAGE,
                                          &got);
        if (status != WILDCAM_OK || got == 0)
            break;
        struct wci_upload_work work = {.step = step, .rows = page->pointers, .count = got};
        for (size_t i = 0; i < got; i++) {
            page->rows[i] = (wildcam_upload){.image_id = page->found[i].image_id,
                                             .kind = page->found[i].kind};
            page->pointers[i] = &page->rows[i];
        }
        after = page->found[got - 1];
        status = wci_store_step_uploads(store, &work);
        for (size_t i = 0; i < got; i++)
            *count += !page->rows[i].is_missed;
    }
    free(page);
    return status;
}

struct dropping {
    struct wci_store *store;
    const wildcam_image *image;
};

static wildcam_status drop_file(void *user)
{
    const struct dropping *dropping = user;
    char path[WCI_PATH];
    wildcam_status status = wci_pictures_path(&dropping->store->pictures, dropping->image, path);
    return status == WILDCAM_OK ? wci_file_remove(path) : status;
}

wildcam_status wci_store_drop_released(struct wci_store *store, const wildcam_image *image)
{
    struct dropping dropping = {store, image};
    return store->ops->drop_file(store->backend, image, drop_file, &dropping);
}

static wildcam_status mark_released(struct wci_store *store, const wildcam_image *image)
{
    wildcam_upload row = {.image_id = image->id, .kind = WCI_UPLOAD_PICTURE};
    wildcam_upload *rows[] = {&row};
    struct wci_upload_work work = {
        .step = WCI_UPLOADS_MARK_RELEASED, .rows = rows, .count = 1, .now = wci_calendar_now()};
    wildcam_status status = wci_store_step_uploads(store, &work);
    if (status == WILDCAM_OK && row.is_missed)
        status = wci_fail(WILDCAM_ERR_STATE, "picture %lld is not uploaded, or was released before",
                          (long long)image->id);
    return status;
}

/* No backup is running meanwhile: it would find a picture in its copy of the rows that has lost its
 * file. */
wildcam_status wci_store_release_picture(struct wci_store *store, const wildcam_image *image)
{
    int fd;
    wildcam_status status = wci_store_lock_upkeep(store->conf, true, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = mark_released(store, image);
    if (status == WILDCAM_OK)
        status = wci_store_drop_released(store, image);
    close(fd);
    return status;
}
