#include "station/exchange.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PAGE = 128 };

void wci_exchange_begin(wildcam_exchange *exchange)
{
    memset(exchange->figures, 0, sizeof exchange->figures);
    exchange->is_short = false;
}

void wci_exchange_note(wildcam_exchange *exchange, int figure, const char *where,
                       const char *format, ...)
{
    char text[WCI_ERROR_TEXT];
    va_list args;
    exchange->figures[figure]++;
    if (!exchange->note)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    exchange->note(exchange->note_user, wci_exchange_figure_name(figure), where, text);
}

void wci_exchange_remark(wildcam_exchange *exchange, const char *format, ...)
{
    char text[WCI_ERROR_TEXT];
    va_list args;
    if (!exchange->note)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    exchange->note(exchange->note_user, "note", "", text);
}

wildcam_status wci_exchange_step(wildcam_exchange *exchange, const char *phase, int64_t done,
                                 int64_t total)
{
    if (!exchange->progress || exchange->progress(exchange->progress_user, phase, done, total) == 0)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_CANCELLED, "it was stopped");
}

wildcam_status wci_exchange_tell_damaged(const struct wci_text *damaged)
{
    if (damaged->failed)
        return wci_fail_memory();
    return damaged->length ? wci_fail(WILDCAM_ERR_INCOMPLETE,
                                      "it is written, without the rows of damaged shards: %.300s",
                                      damaged->data)
                           : WILDCAM_OK;
}

/* ---- The walk ---- */

/* A page of pictures and what is on them. */
struct walk {
    wildcam_exchange *exchange;
    wildcam_image *images;
    size_t image_count;
    wildcam_detection *detections;
    size_t count, made, capacity;
    const wildcam_detection **of_one;
    size_t one_capacity;
    int64_t walked;
};

static wildcam_status take_detection(void *user, const wildcam_detection *detection)
{
    struct walk *walk = user;
    void *list = walk->detections;
    if (wci_reserve(&list, &walk->capacity, walk->count + 1, sizeof *walk->detections) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    walk->detections = list;
    if (walk->count < walk->made) { /* a page before left its texts */
        wci_detection_release(&walk->detections[walk->count]);
        wci_detection_init(&walk->detections[walk->count]);
    }
    wildcam_status status = wci_detection_copy(&walk->detections[walk->count], detection);
    if (status != WILDCAM_OK) {
        wci_detection_init(&walk->detections[walk->count]);
        walk->made = walk->made > walk->count + 1 ? walk->made : walk->count + 1;
        return status;
    }
    walk->count++;
    walk->made = walk->made > walk->count ? walk->made : walk->count;
    return WILDCAM_OK;
}

static int compare(const void *left, const void *right)
{
    const wildcam_detection *one = left, *other = right;
    if (one->image_id != other->image_id)
        return one->image_id < other->image_id ? -1 : 1;
    return one->id < other->id ? -1 : one->id > other->id;
}

/* As the query has it; the picture's time and camera were looked at. */
bool wci_exchange_matches(const wildcam_exchange *exchange, const wildcam_detection *detection)
{
    const struct wci_query *query = &exchange->plan;
    if (query->by_species &&
        strcmp(wci_text_get(&query->species), wci_text_get(&detection->species)) != 0)
        return false;
    if (query->category >= 0 && query->category != detection->category)
        return false;
    if (!isnan(query->min_confidence) && !(detection->confidence >= query->min_confidence))
        return false;
    return query->verified < 0 || query->verified == (detection->verified != 0);
}

static wildcam_status visit_one(struct walk *walk, const wildcam_image *image, size_t *at,
                                wci_exchange_visit *visit, void *user)
{
    void *list = walk->of_one;
    size_t count = 0;
    bool is_asked_for = false;
    if (wci_reserve(&list, &walk->one_capacity, walk->count + 1, sizeof *walk->of_one) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    walk->of_one = list;
    while (*at < walk->count && walk->detections[*at].image_id < image->id)
        ++*at;
    for (; *at < walk->count && walk->detections[*at].image_id == image->id; ++*at) {
        walk->of_one[count++] = &walk->detections[*at];
        is_asked_for |= wci_exchange_matches(walk->exchange, &walk->detections[*at]);
    }
    return is_asked_for ? visit(user, image, walk->of_one, count) : WILDCAM_OK;
}

static wildcam_status visit_page(struct walk *walk, wci_exchange_visit *visit, void *user)
{
    const struct wci_store *store = &walk->exchange->station->store;
    size_t at = 0;
    walk->count = 0;
    if (!walk->image_count)
        return WILDCAM_OK;
    wildcam_status status = store->ops->read_of_images(store->backend, walk->images[0].id,
                                                       walk->images[walk->image_count - 1].id,
                                                       take_detection, walk);
    if (status == WILDCAM_OK && walk->count)
        qsort(walk->detections, walk->count, sizeof *walk->detections, compare);
    for (size_t i = 0; status == WILDCAM_OK && i < walk->image_count; i++)
        status = visit_one(walk, &walk->images[i], &at, visit, user);
    return status;
}

static wildcam_status walk_pages(struct walk *walk, wci_exchange_visit *visit, void *user,
                                 struct wci_text *damaged)
{
    wildcam_exchange *exchange = walk->exchange;
    const struct wci_store *store = &exchange->station->store;
    struct wci_text again = {0}; /* every page tells them */
    int64_t last = 0;
    wildcam_status status;
    do {
        wci_text_empty(&again);
        status = store->ops->read_images(store->backend, &exchange->plan, last, walk->images, PAGE,
                                         &walk->image_count, &last, &again);
        if (status == WILDCAM_OK)
            status = visit_page(walk, visit, user);
        walk->walked += (int64_t)walk->image_count;
        if (status == WILDCAM_OK)
            status = wci_exchange_step(exchange, "pictures", walk->walked, 0);
    } while (status == WILDCAM_OK && last != 0);
    if (status == WILDCAM_OK)
        status = wci_text_set(damaged, wci_text_get(&again), again.length);
    wci_text_free(&again);
    return status;
}

wildcam_status wci_exchange_walk(wildcam_exchange *exchange, wci_exchange_visit *visit, void *user,
                                 struct wci_text *damaged)
{
    struct walk walk = {.exchange = exchange};
    if (exchange->matches_nothing)
        return WILDCAM_OK;
    walk.images = wci_new_array(PAGE, sizeof *walk.images);
    if (!walk.images)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < PAGE; i++)
        wci_image_init(&walk.images[i]);
    wildcam_status status = walk_pages(&walk, visit, user, damaged);
    for (size_t i = 0; i < PAGE; i++)
        wci_image_release(&walk.images[i]);
    for (size_t i = 0; i < walk.made; i++)
        wci_detection_release(&walk.detections[i]);
    free(walk.images);
    free(walk.detections);
    free(walk.of_one);
    return status;
}
