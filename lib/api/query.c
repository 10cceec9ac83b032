#include <wildcam/query.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/query.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/check.h"
#include "station/privacy.h"

enum { OFFSET_MAX = 100000, FIRST_PAGE = 32, PAGE = 256, TOKEN = 48 };

wildcam_status wildcam_query_new(wildcam_query **out)
{
    WCI_BEGIN(out);
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    wci_query_init(*out);
    return WILDCAM_OK;
}

void wci_query_init(wildcam_query *query)
{
    *query = (wildcam_query){.plan = {.from = INT64_MIN,
                                      .to = INT64_MAX,
                                      .category = -1,
                                      .min_confidence = NAN,
                                      .verified = -1}};
}

void wci_query_release(wildcam_query *query)
{
    wci_text_free(&query->device_id);
    wci_text_free(&query->plan.species);
}

wildcam_status wci_query_copy(wildcam_query *to, const wildcam_query *from)
{
    if (!from) {
        wci_query_init(to);
        return WILDCAM_OK;
    }
    *to = *from;
    to->device_id = to->plan.species = (struct wci_text){0};
    wildcam_status status = wci_text_set(&to->device_id, wci_text_get(&from->device_id),
                                         from->device_id.length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&to->plan.species, wci_text_get(&from->plan.species),
                              from->plan.species.length);
    if (status != WILDCAM_OK)
        wci_query_release(to);
    return status;
}

wildcam_status wci_query_resolve(wildcam_query *query, struct wci_store *store, bool *is_empty)
{
    *is_empty = false;
    if (!query->device_id.length)
        return WILDCAM_OK;
    wildcam_status status = store->ops->find_camera(store->backend, query->device_id.data, false,
                                                    &query->plan.camera);
    *is_empty = status == WILDCAM_ERR_NOTFOUND;
    return *is_empty ? WILDCAM_OK : status;
}

void wildcam_query_free(wildcam_query *self)
{
    if (!self)
        return;
    wci_query_release(self);
    free(self);
}

wildcam_status wildcam_query_set_range(wildcam_query *self, int64_t from, int64_t to)
{
    WCI_BEGIN(self);
    int64_t first = from == WILDCAM_TIME_NONE ? INT64_MIN : from;
    int64_t end = to == WILDCAM_TIME_NONE ? INT64_MAX : to;
    if (end < first)
        return wci_fail(WILDCAM_ERR_INVALID, "the range ends before it begins");
    self->plan.from = first;
    self->plan.to = end;
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_device_id(wildcam_query *self, const char *device_id)
{
    WCI_BEGIN(self);
    if (device_id)
        return wci_take_device_id(&self->device_id, device_id);
    wci_text_empty(&self->device_id);
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_species(wildcam_query *self, const char *species)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_take_text(&self->plan.species, "species", species, WCI_SPECIES_MAX);
    if (status == WILDCAM_OK)
        self->plan.by_species = species != NULL;
    return status;
}

wildcam_status wildcam_query_set_category(wildcam_query *self, int category)
{
    WCI_BEGIN(self);
    if (category < -1 || category > WILDCAM_CATEGORY_UNKNOWN)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no category", category);
    self->plan.category = category;
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_min_confidence(wildcam_query *self, double confidence)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_number("confidence", confidence, 0, 1);
    if (status == WILDCAM_OK)
        self->plan.min_confidence = confidence;
    return status;
}

wildcam_status wildcam_query_set_verified(wildcam_query *self, int verified)
{
    WCI_BEGIN(self);
    if (verified < -1 || verified > 1)
        return wci_fail(WILDCAM_ERR_INVALID, "verified is 1, 0 or -1, not %d", verified);
    self->plan.verified = verified;
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_order(wildcam_query *self, int order)
{
    WCI_BEGIN(self);
    if (order != WILDCAM_NEWEST_FIRST && order != WILDCAM_OLDEST_FIRST)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no order", order);
    self->plan.oldest_first = order == WILDCAM_OLDEST_FIRST;
    return WILDCAM_OK;
}

/* A token is the order's letter and the id that was handed out last; behind that, of a row whose id
 * does not tell its time, a "t" and the time. */
static bool parse_token(const char *token, struct wci_place *place)
{
    char id[TOKEN];
    size_t length = strnlen(token, TOKEN), id_length = strcspn(token, "t");
    if (length >= TOKEN || (token[0] != 'o' && token[0] != 'n'))
        return false;
    snprintf(id, sizeof id, "%.*s", (int)(id_length - 1), token + 1);
    place->time = WILDCAM_TIME_NONE;
    if (!wci_number_parse_int(id, &place->id) || place->id <= 0 || place->id >= INT64_C(1) << 53)
        return false;
    return id_length == length ||
           (wci_number_parse_int(token + id_length + 1, &place->time) &&
            place->time >= WILDCAM_TIME_MIN && place->time < WILDCAM_TIME_END);
}

wildcam_status wildcam_query_set_after(wildcam_query *self, const char *token)
{
    struct wci_place place = {0, WILDCAM_TIME_NONE};
    WCI_BEGIN(self);
    if (token) {
        char order = self->plan.oldest_first ? 'o' : 'n';
        if (!parse_token(token, &place))
            return wci_fail(WILDCAM_ERR_INVALID,
                            "the cursor is not one that an earlier answer gave");
        if (token[0] != order)
            return wci_fail(WILDCAM_ERR_INVALID, "the cursor was made in the other order");
    }
    self->after = place;
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_offset(wildcam_query *self, int64_t offset)
{
    WCI_BEGIN(self);
    if (offset < 0 || offset > OFFSET_MAX)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the offset is 0 to %d, not %lld; go on with a cursor instead", OFFSET_MAX,
                        (long long)offset);
    self->offset = offset;
    return WILDCAM_OK;
}

wildcam_status wildcam_query_set_limit(wildcam_query *self, int64_t limit)
{
    WCI_BEGIN(self);
    if (limit < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "the limit is not below 0");
    self->limit = limit;
    return WILDCAM_OK;
}

struct wildcam_cursor {
    wildcam_station *station;
    wildcam_query query;
    wildcam_detection *rows; /* one page */
    size_t row_count, row_at, rows_made;
    struct wci_place last;      /* handed out last; its id is 0 before the first */
    struct wci_place read_last; /* read last */
    int64_t handed_out;
    bool is_at_end, has_skipped;
    char token[TOKEN];
    struct wci_text damaged;
};

wildcam_status wildcam_station_query(wildcam_station *self, const wildcam_query *query,
                                     wildcam_cursor **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = wci_station_enter(self);
    if (status != WILDCAM_OK)
        return status;
    wildcam_cursor *cursor = wci_new(sizeof *cursor);
    status = cursor ? wci_query_copy(&cursor->query, query) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK) {
        cursor->station = self;
        cursor->read_last = cursor->query.after;
        wci_station_hold(self);
        *out = cursor;
    } else {
        free(cursor);
    }
    wci_station_leave(self);
    return status;
}

void wildcam_cursor_free(wildcam_cursor *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->rows_made; i++)
        wci_detection_release(&self->rows[i]);
    free(self->rows);
    wci_query_release(&self->query);
    wci_text_free(&self->damaged);
    wci_station_let_go(self->station);
    free(self);
}

/* A first page is short: many ask for ten rows. */
static wildcam_status make_page(wildcam_cursor *cursor, size_t *wanted)
{
    int64_t limit = cursor->query.limit;
    *wanted = cursor->handed_out ? PAGE : FIRST_PAGE;
    if (limit && limit - cursor->handed_out < (int64_t)*wanted)
        *wanted = (size_t)(limit - cursor->handed_out);
    if (*wanted <= cursor->rows_made)
        return WILDCAM_OK;
    wildcam_detection *rows = wci_resize_array(cursor->rows, *wanted, sizeof *rows);
    if (!rows)
        return WILDCAM_ERR_NOMEM;
    cursor->rows = rows;
    while (cursor->rows_made < *wanted)
        wci_detection_init(&rows[cursor->rows_made++]);
    return WILDCAM_OK;
}

static wildcam_status skip(wildcam_cursor *cursor)
{
    struct wci_store *store = &cursor->station->store;
    struct wci_place last = cursor->read_last;
    wildcam_status status = WILDCAM_OK;
    if (cursor->query.offset)
        status = store->ops->skip(store->backend, &cursor->query.plan, &cursor->read_last,
                                  cursor->query.offset, &last);
    if (status != WILDCAM_OK)
        return status;
    cursor->is_at_end = cursor->query.offset && last.id == 0;
    cursor->read_last = last;
    cursor->has_skipped = true;
    return WILDCAM_OK;
}

static struct wci_place place_of(const wildcam_detection *row)
{
    return wci_place_of(row->id, row->time);
}

static wildcam_status read_page(wildcam_cursor *cursor)
{
    struct wci_store *store = &cursor->station->store;
    size_t wanted;
    bool is_empty;
    wildcam_status status = wci_query_resolve(&cursor->query, store, &is_empty);
    cursor->row_count = cursor->row_at = 0;
    cursor->is_at_end = cursor->is_at_end || is_empty;
    if (status == WILDCAM_OK && !cursor->has_skipped && !cursor->is_at_end)
        status = skip(cursor);
    if (status != WILDCAM_OK || cursor->is_at_end)
        return status;
    status = make_page(cursor, &wanted);
    if (status == WILDCAM_OK && wanted)
        status = store->ops->read(store->backend, &cursor->query.plan, &cursor->read_last,
                                  cursor->rows, wanted, &cursor->row_count, &cursor->damaged);
    if (status == WILDCAM_OK)
        status = wci_station_detections_for(cursor->station, cursor->query.audience, cursor->rows,
                                            cursor->row_count);
    if (status != WILDCAM_OK) {
        cursor->row_count = 0; /* tried again from the same place */
        return status;
    }
    cursor->is_at_end = cursor->row_count < wanted || wanted == 0;
    if (cursor->row_count)
        cursor->read_last = place_of(&cursor->rows[cursor->row_count - 1]);
    return WILDCAM_OK;
}

wildcam_step wildcam_cursor_next(wildcam_cursor *self, const wildcam_detection **detection)
{
    if (detection)
        *detection = NULL;
    WCI_BEGIN(self, detection);
    wildcam_status status = wci_station_enter(self->station);
    if (status != WILDCAM_OK)
        return status;
    int64_t limit = self->query.limit;
    bool is_done = limit && self->handed_out >= limit;
    if (!is_done && self->row_at == self->row_count && !self->is_at_end)
        status = wci_answer(read_page(self));
    wci_station_leave(self->station);
    if (status != WILDCAM_OK)
        return status;
    if (is_done || self->row_at == self->row_count)
        return 0;
    *detection = &self->rows[self->row_at++];
    self->last = place_of(*detection);
    self->handed_out++;
    return 1;
}

const char *wildcam_cursor_token(wildcam_cursor *self)
{
    if (!self || !self->last.id)
        return "";
    int length = snprintf(self->token, sizeof self->token, "%c%lld",
                          self->query.plan.oldest_first ? 'o' : 'n', (long long)self->last.id);
    if (self->last.time != WILDCAM_TIME_NONE)
        snprintf(self->token + length, sizeof self->token - (size_t)length, "t%lld",
                 (long long)self->last.time);
    return self->token;
}

const char *wildcam_cursor_damaged(const wildcam_cursor *self)
{
    return self ? wci_text_get(&self->damaged) : "";
}

static wildcam_status count_rows(wildcam_station *station, wildcam_query *query, int64_t stop_at,
                                 int64_t *count, char **damaged)
{
    bool is_empty;
    struct wci_text names = {0};
    struct wci_store *store = &station->store;
    wildcam_status status = wci_query_resolve(query, store, &is_empty);
    *count = 0;
    if (status == WILDCAM_OK && !is_empty)
        status = store->ops->count(store->backend, &query->plan, stop_at, count, &names);
    if (status == WILDCAM_OK && names.failed)
        status = WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK && damaged && names.length)
        *damaged = wci_text_take(&names);
    wci_text_free(&names);
    return status;
}

wildcam_status wildcam_station_count(wildcam_station *self, const wildcam_query *query,
                                     int64_t stop_at, int64_t *count, char **damaged)
{
    wildcam_query copy;
    if (damaged)
        *damaged = NULL;
    WCI_BEGIN(self, count);
    if (stop_at < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "stop_at is not below 0");
    wildcam_status status = wci_query_copy(&copy, query);
    if (status != WILDCAM_OK)
        return status;
    WCI_WITHIN(self, status, count_rows(self, &copy, stop_at, count, damaged));
    wci_query_release(&copy);
    return status;
}
