/* Events: the pictures that belong together. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"
#include "handlers.h"
#include "json_output.h"
#include "request.h"

enum { PLACING_MS = 100 }; /* what is owed is done first, if it is not much */

static bool take_order(struct request *request, wildcam_query *query)
{
    const char *text = request_parameter(request, "order", NULL);
    if (!text || strcmp(text, "newest") == 0)
        return true;
    if (strcmp(text, "oldest") == 0)
        return request_check(request, wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    answer_error(request, MHD_HTTP_BAD_REQUEST, "order is newest or oldest, not \"%.40s\"", text);
    return false;
}

/* One more than the page holds is asked for, to know whether there is a next. */
static bool take_page(struct request *request, wildcam_query *query, int64_t *limit)
{
    const char *after = request_parameter(request, "after", NULL);
    if (!filters_take_limit(request, limit))
        return false;
    wildcam_status status = after ? wildcam_query_set_after(query, after) : WILDCAM_OK;
    if (status != WILDCAM_OK) {
        answer_error(request, http_status(status), "after: %s", wildcam_error_message());
        return false;
    }
    return request_check(request, wildcam_query_set_limit(query, *limit + 1));
}

static wildcam_status add_events(struct json_output *out, wildcam_event_cursor *cursor,
                                 int64_t limit, char next[32])
{
    const wildcam_event *event;
    wildcam_step step;
    int64_t count = 0;
    while ((step = wildcam_event_cursor_next(cursor, &event)) == 1) {
        char *text = NULL;
        if (count == limit)
            return WILDCAM_OK;
        json_output_add(out, count++ ? ",\n" : "\n");
        wildcam_status status = wildcam_event_to_json(event, &text);
        if (status != WILDCAM_OK)
            return status;
        json_output_add(out, "%s", text);
        wildcam_free(text);
        snprintf(next, 32, "%s", wildcam_event_cursor_token(cursor));
    }
    next[0] = '\0';
    return step;
}

static void answer_events(struct request *request, const wildcam_query *query, int64_t limit)
{
    struct json_output out;
    wildcam_event_cursor *cursor;
    char next[32] = "";
    wildcam_station *station = request->server->station;
    wildcam_station_place_events(station, PLACING_MS, NULL); /* what fails is told by the log */
    if (!request_check(request, wildcam_station_events(station, query, &cursor)))
        return;
    json_output_begin(&out);
    json_output_add(&out, "{\"events\": [");
    wildcam_status status = add_events(&out, cursor, limit, next);
    json_output_add(&out, "], \"next\": ");
    if (next[0])
        json_output_text(&out, next);
    else
        json_output_add(&out, "null");
    if (*wildcam_event_cursor_damaged(cursor)) {
        json_output_add(&out, ", \"incomplete\": ");
        json_output_text(&out, wildcam_event_cursor_damaged(cursor));
    }
    json_output_add(&out, "}\n");
    char *text = json_output_end(&out);
    if (status == WILDCAM_OK) {
        answer_json(request, MHD_HTTP_OK, text);
    } else {
        free(text);
        answer_failure(request, status);
    }
    wildcam_event_cursor_free(cursor);
}

void serve_events(struct request *request)
{
    int64_t limit;
    wildcam_query *query = NULL;
    if (!request_check(request, wildcam_query_new(&query)))
        return;
    if (filters_take_camera(request, query) && filters_take_range(request, query) &&
        take_order(request, query) && take_page(request, query, &limit))
        answer_events(request, query, limit);
    wildcam_query_free(query);
}
