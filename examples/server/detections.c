/* Detections: lists, one, and a reviewer's word. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doors.h"
#include "filters.h"
#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"
#include "scope.h"

enum {
    OFFSET_MAX = 100000,
    COUNT_MAX = 10000 /* where counting one by one stops */
};

/* At the CDN, when there is one and the file is there; else here. A picture whose place or serial
 * number is to be taken out, and one that is not shown as it is, come from here alone. */
static void add_url(struct json_output *out, const struct request *request, const char *name,
                    int64_t image, int kind)
{
    const struct server *server = request->server;
    char *url = NULL;
    if (image && server->has_cdn && !(kind == WILDCAM_UPLOAD_PICTURE && server->strip) &&
        scope_sees_original(request, image))
        wildcam_station_image_url(server->station, image, kind, 0, &url);
    json_output_add(out, "\"%s_url\": ", name);
    if (url)
        json_output_text(out, url);
    else if (image)
        json_output_add(out, "\"/api/%ss/%" PRId64 "\"", name, image);
    else
        json_output_add(out, "null");
    json_output_add(out, ", ");
    wildcam_free(url);
}

/* `picture` is the JSON of its picture, or NULL to leave that out. */
static void add_detection(struct json_output *out, const struct request *request,
                          const wildcam_detection *row, const char *picture)
{
    char *text = NULL;
    int64_t image = wildcam_detection_get_image_id(row);
    json_output_add(out, "{");
    if (picture)
        json_output_add(out, "\"image\": %s, ", picture);
    add_url(out, request, "image", image, WILDCAM_UPLOAD_PICTURE);
    add_url(out, request, "thumbnail", image, WILDCAM_UPLOAD_THUMBNAIL);
    wildcam_detection_to_json(row, &text);
    json_output_members(out, text);
}

static bool take_confidence(struct request *request, wildcam_query *query)
{
    char *end;
    const char *text = request_parameter(request, "min_confidence", NULL);
    if (!text)
        return true;
    double value = strtod(text, &end);
    if (end == text || *end || isnan(value)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST,
                     "min_confidence is a number from 0 to 1, not \"%.40s\"", text);
        return false;
    }
    return request_check(request, wildcam_query_set_min_confidence(query, value));
}

static bool take_category(struct request *request, wildcam_query *query)
{
    int category;
    const char *text = request_parameter(request, "category", NULL);
    if (!text)
        return true;
    if (wildcam_category_from_name(text, &category) == WILDCAM_OK)
        return request_check(request, wildcam_query_set_category(query, category));
    answer_error(request, MHD_HTTP_BAD_REQUEST,
                 "category is unclassified, animal, human, vehicle, blank or unknown");
    return false;
}

static bool take_filters(struct request *request, wildcam_query *query)
{
    bool verified_only = false;
    return filters_take_camera(request, query) &&
           request_check(request,
                         wildcam_query_set_species(
                             query, request_parameter(request, "species", "detected_species"))) &&
           take_category(request, query) && take_confidence(request, query) &&
           filters_take_range(request, query) &&
           request_bool(request, "verified_only", &verified_only) &&
           request_check(request, wildcam_query_set_verified(query, verified_only ? 1 : -1));
}

/* A page of a list. */
struct page {
    int64_t limit, number;
    int64_t total;
    size_t count;
    char next[32]; /* "" at the end */
};

static bool take_page(struct request *request, wildcam_query *query, struct page *page)
{
    const char *after = request_parameter(request, "after", NULL);
    *page = (struct page){.number = 1};
    if (!filters_take_limit(request, &page->limit) ||
        !request_int(request, "page", NULL, 1, INT32_MAX, &page->number))
        return false;
    if (after) { /* the cursor says where: a page number counts from there no more */
        wildcam_status status = wildcam_query_set_after(query, after);
        if (status != WILDCAM_OK)
            answer_error(request, http_status(status), "after: %s", wildcam_error_message());
        return status == WILDCAM_OK;
    }
    int64_t offset = (page->number - 1) * page->limit;
    if (offset <= OFFSET_MAX)
        return request_check(request, wildcam_query_set_offset(query, offset));
    answer_error(request, MHD_HTTP_BAD_REQUEST,
                 "page %" PRId64 " is past %d detections; go on with \"after\" and the \"next\" of "
                 "the answer before",
                 page->number, OFFSET_MAX);
    return false;
}

/* One more than the page holds is asked for, to know whether there is a next. */
static wildcam_status add_page(struct json_output *out, const struct request *request,
                               wildcam_cursor *cursor, struct page *page)
{
    const wildcam_detection *row;
    wildcam_step step;
    while ((step = wildcam_cursor_next(cursor, &row)) == 1) {
        if ((int64_t)page->count == page->limit)
            return WILDCAM_OK;
        json_output_add(out, page->count++ ? ",\n" : "\n");
        add_detection(out, request, row, NULL);
        snprintf(page->next, sizeof page->next, "%s", wildcam_cursor_token(cursor));
    }
    page->next[0] = '\0';
    return step;
}

static void add_page_facts(struct json_output *out, const struct page *page, const char *damaged)
{
    json_output_add(out,
                    "], \"total\": %" PRId64 ", \"pages\": %" PRId64 ", \"current_page\": %" PRId64
                    ", \"next\": ",
                    page->total, (page->total + page->limit - 1) / page->limit, page->number);
    if (page->next[0])
        json_output_text(out, page->next);
    else
        json_output_add(out, "null");
    if (page->total >= COUNT_MAX)
        json_output_add(out, ", \"total_is_estimate\": true");
    if (*damaged) {
        json_output_add(out, ", \"incomplete\": ");
        json_output_text(out, damaged);
    }
    json_output_add(out, "}\n");
}

static void answer_page(struct request *request, wildcam_query *query, struct page *page)
{
    struct json_output out;
    wildcam_cursor *cursor = NULL;
    char *damaged = NULL;
    wildcam_station *station = request->server->station;
    if (!request_check(request,
                       wildcam_station_count(station, query, COUNT_MAX, &page->total, &damaged)) ||
        !request_check(request, wildcam_query_set_limit(query, page->limit + 1)) ||
        !request_check(request, wildcam_query_set_audience(query, scope_audience(request))) ||
        !request_check(request, wildcam_station_query(station, query, &cursor))) {
        wildcam_free(damaged);
        return;
    }
    json_output_begin(&out);
    json_output_add(&out, "{\"detections\": [");
    wildcam_status status = add_page(&out, request, cursor, page);
    /* A page past the end has read nothing: what the total lacks is lacking there too. */
    const char *passed_over = wildcam_cursor_damaged(cursor);
    add_page_facts(&out, page, *passed_over || !damaged ? passed_over : damaged);
    char *text = json_output_end(&out);
    if (status == WILDCAM_OK) {
        answer_json(request, MHD_HTTP_OK, text);
    } else {
        free(text);
        answer_failure(request, status);
    }
    wildcam_free(damaged);
    wildcam_cursor_free(cursor);
}

void serve_detections(struct request *request)
{
    struct page page;
    wildcam_query *query = NULL;
    if (!request_check(request, wildcam_query_new(&query)))
        return;
    if (take_filters(request, query) && take_page(request, query, &page))
        answer_page(request, query, &page);
    wildcam_query_free(query);
}

static void answer_detection(struct request *request, int64_t id, const char *message)
{
    struct json_output out;
    char *picture = NULL;
    wildcam_detection *row = NULL;
    wildcam_image *image = NULL;
    wildcam_station *station = request->server->station;
    if (!request_check(
            request, wildcam_station_get_detection_for(station, id, scope_audience(request), &row)))
        return;
    /* A picture whose row is gone is no reason to hide what was seen. */
    int64_t image_id = wildcam_detection_get_image_id(row);
    if (image_id && wildcam_station_get_image_for(station, image_id, scope_audience(request),
                                                  &image) == WILDCAM_OK)
        wildcam_image_to_json(image, &picture);
    json_output_begin(&out);
    if (message)
        json_output_add(&out, "{\"message\": \"%s\", \"detection\": ", message);
    add_detection(&out, request, row, picture);
    json_output_add(&out, message ? "}\n" : "\n");
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
    wildcam_free(picture);
    wildcam_image_free(image);
    wildcam_detection_free(row);
}

void serve_detection(struct request *request)
{
    int64_t id;
    if (request_id(request, &id))
        answer_detection(request, id, NULL);
}

static bool check_fields(struct request *request, json_t *input)
{
    static const char *const known[] = {"verified", "verified_species",   "is_false_positive",
                                        "notes",    "verification_notes", "verified_by",
                                        NULL};
    return json_input_check_members(request, input, "a review", known);
}

static bool take_review(struct request *request, const json_t *input, wildcam_detection *draft)
{
    bool verified = true, false_positive = false;
    const char *species = NULL, *older = NULL, *notes = NULL, *by = doors_person(request);
    if (!json_input_bool(request, input, "verified", &verified) ||
        !json_input_bool(request, input, "is_false_positive", &false_positive) ||
        !json_input_text(request, input, "verified_species", NULL, &species) ||
        !json_input_text(request, input, "verification_notes", NULL, &older) ||
        !json_input_text(request, input, "notes", NULL, &notes) ||
        !json_input_text(request, input, "verified_by", NULL, &by))
        return false;
    return request_check(request, wildcam_detection_set_verified(draft, verified)) &&
           (!json_input_find(input, "is_false_positive", NULL) ||
            request_check(request, wildcam_detection_set_false_positive(draft, false_positive))) &&
           (!species ||
            request_check(request, wildcam_detection_set_verified_species(draft, species))) &&
           (!older || request_check(request, wildcam_detection_set_notes(draft, older))) &&
           (!notes || request_check(request, wildcam_detection_set_notes(draft, notes))) &&
           (!by || request_check(request, wildcam_detection_set_verified_by(draft, by)));
}

void serve_verify(struct request *request)
{
    int64_t id;
    wildcam_detection *draft = NULL;
    json_t *input = json_input_read(request);
    if (input && request_id(request, &id) && check_fields(request, input) &&
        request_check(request, wildcam_detection_new(&draft)) &&
        take_review(request, input, draft) &&
        request_check(request,
                      wildcam_station_verify_detection(request->server->station, id, draft)))
        answer_detection(request, id, "Detection verified");
    wildcam_detection_free(draft);
    json_decref(input);
}
