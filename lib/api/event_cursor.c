/* Going through pictures and events: both page through rows of pictures by key. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <wildcam/event.h>

#include "api/call.h"
#include "api/query.h"
#include "base/memory.h"
#include "model/deployment.h"
#include "model/event.h"

enum { PAGE = 64 };

struct wildcam_image_cursor {
    wildcam_station *station;
    wildcam_query query;
    bool first_of_events;
    int64_t event_id;
    wildcam_image *rows; /* one page */
    size_t count, at;
    int64_t last; /* the id that was handed out last, or where the query goes on */
    int64_t handed_out;
    bool is_at_end;
    char token[24];
    struct wci_text damaged;
};

static wildcam_status check_query(const wildcam_query *query)
{
    if (query && (query->plan.by_species || query->plan.category >= 0 ||
                  query->plan.verified >= 0 || !isnan(query->plan.min_confidence) || query->offset))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "pictures and events are asked for by span, camera, order, token and limit "
                        "alone");
    return WILDCAM_OK;
}

static wildcam_status make_rows(struct wildcam_image_cursor *cursor)
{
    cursor->rows = wci_new_array(PAGE, sizeof *cursor->rows);
    if (!cursor->rows)
        return WILDCAM_ERR_NOMEM;
    for (int i = 0; i < PAGE; i++)
        wci_image_init(&cursor->rows[i]);
    return WILDCAM_OK;
}

static wildcam_status open_cursor(wildcam_station *station, const wildcam_query *query,
                                  struct wildcam_image_cursor *cursor)
{
    wildcam_status status = make_rows(cursor);
    if (status == WILDCAM_OK)
        status = wci_query_copy(&cursor->query, query);
    if (status != WILDCAM_OK) {
        free(cursor->rows);
        return status;
    }
    cursor->station = station;
    cursor->last = cursor->query.after.id;
    wci_station_hold(station);
    return WILDCAM_OK;
}

static void close_cursor(struct wildcam_image_cursor *cursor)
{
    for (int i = 0; i < PAGE; i++)
        wci_image_release(&cursor->rows[i]);
    free(cursor->rows);
    wci_query_release(&cursor->query);
    wci_text_free(&cursor->damaged);
    wci_station_let_go(cursor->station);
}

static wildcam_status read_page(struct wildcam_image_cursor *cursor)
{
    struct wci_store *store = &cursor->station->store;
    const struct wci_picture_list list = {&cursor->query.plan, cursor->first_of_events,
                                          cursor->event_id};
    bool is_empty;
    wildcam_status status = wci_query_resolve(&cursor->query, store, &is_empty);
    cursor->count = cursor->at = 0;
    if (status == WILDCAM_OK && !is_empty)
        status = store->ops->list_pictures(store->backend, &list, cursor->last, cursor->rows, PAGE,
                                           &cursor->count, &cursor->damaged);
    if (status != WILDCAM_OK)
        cursor->count = 0; /* tried again from the same place */
    else
        cursor->is_at_end = cursor->count < PAGE;
    return status;
}

/* The next picture; the station is entered. */
static wildcam_step peek(struct wildcam_image_cursor *cursor, const wildcam_image **image)
{
    int64_t limit = cursor->query.limit;
    if (limit && cursor->handed_out >= limit)
        return 0;
    if (cursor->at == cursor->count && !cursor->is_at_end) {
        wildcam_status status = read_page(cursor);
        if (status != WILDCAM_OK)
            return status;
    }
    if (cursor->at == cursor->count)
        return 0;
    *image = &cursor->rows[cursor->at];
    return 1;
}

static void take(struct wildcam_image_cursor *cursor)
{
    cursor->last = cursor->rows[cursor->at++].id;
    cursor->handed_out++;
}

static const char *token_of(struct wildcam_image_cursor *cursor)
{
    if (!cursor->handed_out)
        return "";
    snprintf(cursor->token, sizeof cursor->token, "%c%lld",
             cursor->query.plan.oldest_first ? 'o' : 'n', (long long)cursor->last);
    return cursor->token;
}

wildcam_status wildcam_station_images(wildcam_station *self, const wildcam_query *query,
                                      int64_t event_id, wildcam_image_cursor **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    if (event_id < 0 || event_id >= INT64_C(1) << 53)
        return wci_fail(WILDCAM_ERR_INVALID, "%lld is no event", (long long)event_id);
    wildcam_status status = check_query(query);
    if (status == WILDCAM_OK)
        status = wci_station_enter(self);
    if (status != WILDCAM_OK)
        return status;
    wildcam_image_cursor *cursor = wci_new(sizeof *cursor);
    status = cursor ? open_cursor(self, query, cursor) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK) {
        cursor->event_id = event_id;
        *out = cursor;
    } else {
        free(cursor);
    }
    wci_station_leave(self);
    return status;
}

wildcam_step wildcam_image_cursor_next(wildcam_image_cursor *self, const wildcam_image **image)
{
    if (image)
        *image = NULL;
    WCI_BEGIN(self, image);
    wildcam_status status = wci_station_enter(self->station);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_answer(peek(self, image));
    if (step == 1)
        take(self);
    wci_station_leave(self->station);
    return step;
}

const char *wildcam_image_cursor_token(wildcam_image_cursor *self)
{
    return self ? token_of(self) : "";
}

const char *wildcam_image_cursor_damaged(const wildcam_image_cursor *self)
{
    return self ? wci_text_get(&self->damaged) : "";
}

void wildcam_image_cursor_free(wildcam_image_cursor *self)
{
    if (!self)
        return;
    close_cursor(self);
    free(self);
}

struct wildcam_event_cursor {
    struct wildcam_image_cursor pictures; /* the first of each */
    wildcam_event event;
};

wildcam_status wildcam_station_events(wildcam_station *self, const wildcam_query *query,
                                      wildcam_event_cursor **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = check_query(query);
    if (status == WILDCAM_OK)
        status = wci_station_enter(self);
    if (status != WILDCAM_OK)
        return status;
    wildcam_event_cursor *cursor = wci_new(sizeof *cursor);
    status = cursor ? open_cursor(self, query, &cursor->pictures) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK) {
        cursor->pictures.first_of_events = true;
        wci_event_init(&cursor->event);
        *out = cursor;
    } else {
        free(cursor);
    }
    wci_station_leave(self);
    return status;
}

static wildcam_status take_deployment(void *user, wildcam_deployment *deployment)
{
    wildcam_event *event = user;
    return wci_text_set(&event->deployment, wci_text_get(&deployment->key), deployment->key.length);
}

static wildcam_step next_event(wildcam_event_cursor *cursor)
{
    const wildcam_image *first = NULL;
    struct wci_store *store = &cursor->pictures.station->store;
    wildcam_step step = peek(&cursor->pictures, &first);
    if (step != 1)
        return step;
    wildcam_status status = wci_event_begin(&cursor->event, first);
    if (status == WILDCAM_OK)
        status = store->ops->sum_event(store->backend, &cursor->event);
    if (status == WILDCAM_OK) /* a camera's do not overlap: one at most */
        status = store->ops->list_deployments(store->backend, cursor->event.camera_id,
                                              cursor->event.start, cursor->event.start + 1,
                                              take_deployment, &cursor->event);
    if (status != WILDCAM_OK)
        return status;
    take(&cursor->pictures);
    return 1;
}

wildcam_step wildcam_event_cursor_next(wildcam_event_cursor *self, const wildcam_event **event)
{
    if (event)
        *event = NULL;
    WCI_BEGIN(self, event);
    wildcam_status status = wci_station_enter(self->pictures.station);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_answer(next_event(self));
    if (step == 1)
        *event = &self->event;
    wci_station_leave(self->pictures.station);
    return step;
}

const char *wildcam_event_cursor_token(wildcam_event_cursor *self)
{
    return self ? token_of(&self->pictures) : "";
}

const char *wildcam_event_cursor_damaged(const wildcam_event_cursor *self)
{
    return self ? wci_text_get(&self->pictures.damaged) : "";
}

void wildcam_event_cursor_free(wildcam_event_cursor *self)
{
    if (!self)
        return;
    wci_event_release(&self->event);
    close_cursor(&self->pictures);
    free(self);
}
