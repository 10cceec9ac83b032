/* What is to be processed: claims, and whole groups. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/queue.h"
#include "store/store.h"

enum { PAGE = 256, CANDIDATES = 64 };

wildcam_status wci_store_step_processing(struct wci_store *store, struct wci_processing_work *work)
{
    struct wci_change change = {.processing = work};
    return wci_store_commit(store, &change);
}

struct claiming {
    struct wci_store *store;
    const struct wci_processing_claim *claim;
    wildcam_processing **rows;
    bool is_contested; /* somebody was quicker */
};

/* Many workers that all want the first find that one of them gets it. The others then look for one
 * of the next, each for another by chance, or they would come one after the other. */
static wildcam_status find(void *user, struct wci_queue_ref *found, size_t limit, size_t *got)
{
    struct claiming *claiming = user;
    struct wci_queue_ref next[CANDIDATES];
    const struct wci_store *store = claiming->store;
    const struct wci_processing_claim *claim = claiming->claim;
    bool spreads = claiming->is_contested && limit < CANDIDATES;
    size_t count = 0;
    claiming->is_contested = true;
    if (!spreads)
        return store->ops->find_due_processing(store->backend, claim->oldest_first, claim->now,
                                               found, limit, got);
    wildcam_status status = store->ops->find_due_processing(store->backend, claim->oldest_first,
                                                            claim->now, next, CANDIDATES, &count);
    *got = count < limit ? count : limit;
    size_t first = count > limit ? (size_t)((uint64_t)claim->lease % (count - limit + 1)) : 0;
    for (size_t i = 0; status == WILDCAM_OK && i < *got; i++)
        found[i] = next[first + i];
    return status;
}

static void sort_out(wildcam_processing **rows, size_t count, size_t *taken)
{
    for (size_t i = 0; i < count; i++) {
        wildcam_processing *row = rows[i];
        if (row->is_missed)
            continue;
        rows[i] = rows[*taken];
        rows[(*taken)++] = row;
    }
}

static wildcam_status take(void *user, const struct wci_queue_ref *found, size_t count, size_t at,
                           size_t *taken)
{
    const struct claiming *claiming = user;
    const struct wci_processing_claim *claim = claiming->claim;
    wildcam_processing **rows = claiming->rows + at;
    struct wci_processing_work work = {.step = WCI_PROCESSING_CLAIM,
                                       .rows = rows,
                                       .count = count,
                                       .now = claim->now,
                                       .lease = claim->lease,
                                       .until = claim->until};
    for (size_t i = 0; i < count; i++)
        rows[i]->image_id = found[i].image_id;
    wildcam_status status = wci_store_step_processing(claiming->store, &work);
    sort_out(rows, count, taken);
    return status;
}

wildcam_status wci_store_claim_processing(struct wci_store *store,
                                          const struct wci_processing_claim *claim,
                                          wildcam_processing **rows, size_t limit, size_t *got)
{
    struct claiming claiming = {store, claim, rows, false};
    const struct wci_queue_claim queue = {find, take, &claiming};
    return wci_queue_claim(&queue, limit, got);
}

wildcam_status wci_store_change_processing(struct wci_store *store, enum wci_processing_step step,
                                           int64_t image_id, int priority, bool *is_missed)
{
    wildcam_processing row;
    wildcam_processing *rows[] = {&row};
    struct wci_processing_work work = {
        .step = step, .rows = rows, .count = 1, .now = wci_calendar_now()};
    wci_processing_init(&row);
    wildcam_status status = store->ops->get_processing(store->backend, image_id, &row);
    if (status == WILDCAM_OK) {
        row.priority = priority;
        status = wci_store_step_processing(store, &work);
    }
    *is_missed = row.is_missed;
    wci_processing_release(&row);
    return status;
}

struct page {
    struct wci_queue_ref found[PAGE];
    wildcam_processing rows[PAGE], *pointers[PAGE];
};

/* The step for those of a page that lie below `to`. */
static wildcam_status make_due(struct wci_store *store, enum wci_processing_step step,
                               struct page *page, size_t got, int64_t to, int64_t *count)
{
    struct wci_processing_work work = {
        .step = step, .rows = page->pointers, .now = wci_calendar_now()};
    for (size_t i = 0; i < got && page->found[i].image_id < to; i++) {
        page->rows[i] = (wildcam_processing){.image_id = page->found[i].image_id};
        page->pointers[i] = &page->rows[i];
        work.count++;
    }
    if (!work.count)
        return WILDCAM_OK;
    wildcam_status status = wci_store_step_processing(store, &work);
    for (size_t i = 0; i < work.count; i++)
        *count += !page->rows[i].is_missed;
    return status;
}

wildcam_status wci_store_make_processing_due(struct wci_store *store, enum wci_queue_group group,
                                             int64_t from, int64_t to, int64_t *count)
{
    enum wci_processing_step step = group == WCI_QUEUE_WAITING ? WCI_PROCESSING_HASTEN
                                    : group == WCI_QUEUE_DONE  ? WCI_PROCESSING_AGAIN
                                                               : WCI_PROCESSING_REQUEUE;
    struct wci_queue_ref after = {from, WCI_PRIORITY_LOW - 1};
    struct page *page = wci_new(sizeof *page);
    wildcam_status status = page ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    size_t got = PAGE;
    *count = 0;
    while (status == WILDCAM_OK && got == PAGE && after.image_id < to) {
        status = store->ops->find_processing(store->backend, group, after, page->found, PAGE, &got);
        if (status != WILDCAM_OK || got == 0)
            break;
        after = page->found[got - 1];
        status = make_due(store, step, page, got, to, count);
    }
    free(page);
    return status;
}
