/* Deployments: lists, and what an admin changes. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"
#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"
#include "scope.h"

enum { OFFSET_MAX = 86399 }; /* seconds from UTC, to the east and to the west */

/* ---- answers ---- */

static void answer_one(struct request *request, unsigned status,
                       const wildcam_deployment *deployment)
{
    char *text = NULL;
    struct json_output out;
    json_output_begin(&out);
    wildcam_deployment_to_json(deployment, &text);
    json_output_object(&out, text);
    json_output_add(&out, "\n");
    answer_json(request, status, json_output_end(&out));
}

/* A page of them, which are few enough to be all looked up. */
static void answer_page(struct request *request, const wildcam_deployment_list *list, int64_t limit,
                        int64_t page)
{
    struct json_output out;
    int64_t total = (int64_t)wildcam_deployment_list_get_count(list);
    int64_t first = (page - 1) * limit; /* both are at most 31 bits */
    json_output_begin(&out);
    json_output_add(&out, "{\"deployments\": [");
    for (int64_t i = first; i < total && i < first + limit; i++) {
        char *text = NULL;
        json_output_add(&out, i > first ? ",\n" : "\n");
        wildcam_deployment_to_json(wildcam_deployment_list_at(list, (size_t)i), &text);
        json_output_object(&out, text);
    }
    json_output_add(
        &out, "], \"total\": %" PRId64 ", \"pages\": %" PRId64 ", \"current_page\": %" PRId64 "}\n",
        total, (total + limit - 1) / limit, page);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

void serve_deployments(struct request *request)
{
    wildcam_deployment_list *list = NULL;
    int64_t from, to, limit, page = 1;
    const char *device_id = request_parameter(request, "device_id", "camera_id");
    if (filters_take_limit(request, &limit) &&
        request_int(request, "page", NULL, 1, INT32_MAX, &page) &&
        filters_take_time(request, "from", false, &from) &&
        filters_take_time(request, "to", true, &to) &&
        request_check(
            request, wildcam_station_list_deployments_for(request->server->station, device_id, from,
                                                          to, scope_audience(request), &list)))
        answer_page(request, list, limit, page);
    wildcam_deployment_list_free(list);
}

void serve_deployment(struct request *request)
{
    wildcam_deployment *deployment = NULL;
    if (!request_check(
            request, wildcam_station_get_deployment_for(request->server->station, request->argument,
                                                        scope_audience(request), &deployment)))
        return;
    answer_one(request, MHD_HTTP_OK, deployment);
    wildcam_deployment_free(deployment);
}

/* ---- input ---- */

static bool refuse(struct request *request, const char *name, const char *what)
{
    answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is %s", name, what);
    return false;
}

static bool take_texts(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    for (int i = 0; i < WILDCAM_DEPLOYMENT_EXTRA; i++) {
        const char *name = wildcam_deployment_text_name(i);
        const json_t *value = json_object_get(input, name);
        if (!value)
            continue;
        if (!json_is_string(value) && !json_is_null(value))
            return refuse(request, name, "a text or null");
        if (!request_check(request,
                           wildcam_deployment_set_text(draft, i, json_string_value(value))))
            return false;
    }
    return true;
}

static bool take_numbers(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    for (int i = 0; *wildcam_deployment_number_name(i); i++) {
        const char *name = wildcam_deployment_number_name(i);
        const json_t *value = json_object_get(input, name);
        if (!value)
            continue;
        if (!json_is_number(value) && !json_is_null(value))
            return refuse(request, name, "a number or null");
        double number = json_is_null(value) ? NAN : json_number_value(value);
        if (!request_check(request, wildcam_deployment_set_number(draft, i, number)))
            return false;
    }
    return true;
}

static bool take_flags(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    for (int i = 0; *wildcam_deployment_flag_name(i); i++) {
        const char *name = wildcam_deployment_flag_name(i);
        const json_t *value = json_object_get(input, name);
        if (!value)
            continue;
        if (!json_is_boolean(value) && !json_is_null(value))
            return refuse(request, name, "true, false or null");
        int flag = json_is_null(value) ? -1 : json_is_true(value);
        if (!request_check(request, wildcam_deployment_set_flag(draft, i, flag)))
            return false;
    }
    return true;
}

static bool take_extra(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    const json_t *value = json_object_get(input, "extra");
    if (!value)
        return true;
    if (!json_is_object(value) && !json_is_null(value))
        return refuse(request, "extra", "an object or null");
    char *text = json_is_null(value) ? NULL : json_dumps(value, JSON_COMPACT);
    wildcam_status status = !text && !json_is_null(value)
                                ? WILDCAM_ERR_NOMEM
                                : wildcam_deployment_set_text(draft, WILDCAM_DEPLOYMENT_EXTRA,
                                                              text);
    free(text);
    return request_check(request, status);
}

static bool take_offset(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    int64_t offset = WILDCAM_OFFSET_UNKNOWN;
    if (!json_object_get(input, "utc_offset"))
        return true;
    return json_input_whole(request, input, "utc_offset", -OFFSET_MAX, OFFSET_MAX, &offset) &&
           request_check(request, wildcam_deployment_set_offset(draft, (int32_t)offset));
}

static bool has_offset(const json_t *time)
{
    int64_t ignored;
    int32_t offset = WILDCAM_OFFSET_UNKNOWN;
    return json_is_string(time) &&
           wildcam_time_parse(json_string_value(time), &ignored, &offset, NULL) == WILDCAM_OK &&
           offset != WILDCAM_OFFSET_UNKNOWN;
}

/* With an offset on one side alone the difference of the two would be off by it. */
static bool are_alike(struct request *request, const json_t *correction)
{
    if (has_offset(json_object_get(correction, "wrong")) ==
        has_offset(json_object_get(correction, "right")))
        return true;
    return refuse(request, "correction",
                  "two times that are both without an offset, as a camera and a watch beside it "
                  "show them, or both with one");
}

static bool take_correction(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    static const char *const known[] = {"wrong", "right", NULL};
    json_t *value = json_object_get(input, "correction");
    int64_t wrong = WILDCAM_TIME_NONE, right = WILDCAM_TIME_NONE;
    if (!value)
        return true;
    if (!json_is_object(value) && !json_is_null(value))
        return refuse(request, "correction", "an object of a wrong and a right time, or null");
    return json_input_check_members(request, value, "a correction", known) &&
           json_input_time(request, value, "correction.", "wrong", false, &wrong) &&
           json_input_time(request, value, "correction.", "right", false, &right) &&
           (wrong == WILDCAM_TIME_NONE || right == WILDCAM_TIME_NONE ||
            are_alike(request, value)) &&
           request_check(request, wildcam_deployment_set_correction(draft, wrong, right));
}

static bool take_failure(struct request *request, json_t *failure, size_t index,
                         wildcam_deployment *draft)
{
    static const char *const known[] = {"from", "to", "reason", NULL};
    char where[40];
    int64_t from = WILDCAM_TIME_NONE, to = WILDCAM_TIME_NONE;
    const char *reason = NULL;
    snprintf(where, sizeof where, "failures[%zu].", index);
    if (!json_is_object(failure))
        return refuse(request, "a failure", "an object of from, to and reason");
    return json_input_check_members(request, failure, "a failure", known) &&
           json_input_time(request, failure, where, "from", false, &from) &&
           json_input_time(request, failure, where, "to", true, &to) &&
           json_input_text(request, failure, "reason", NULL, &reason) &&
           request_check(request, wildcam_deployment_add_failure(draft, from, to, reason));
}

static bool take_failures(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    json_t *value = json_object_get(input, "failures"), *failure;
    size_t i;
    if (!value)
        return true;
    if (!json_is_array(value))
        return refuse(request, "failures", "a list");
    if (!request_check(request, wildcam_deployment_clear_failures(draft)))
        return false;
    json_array_foreach (value, i, failure)
        if (!take_failure(request, failure, i, draft))
            return false;
    return true;
}

static bool take_names(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    const char *key = NULL, *device_id = NULL;
    return json_input_text(request, input, "deployment_id", NULL, &key) &&
           json_input_text(request, input, "device_id", NULL, &device_id) &&
           (!key || request_check(request, wildcam_deployment_set_key(draft, key))) &&
           (!device_id ||
            request_check(request, wildcam_deployment_set_device_id(draft, device_id)));
}

/* What is not given of a span stays as it is. */
static bool take_span(struct request *request, const json_t *input, wildcam_deployment *draft,
                      int64_t start, int64_t end)
{
    if (!json_object_get(input, "start") && !json_object_get(input, "end"))
        return true;
    return json_input_time(request, input, "", "start", false, &start) &&
           json_input_time(request, input, "", "end", true, &end) &&
           request_check(request, wildcam_deployment_set_span(draft, start, end));
}

static bool check_members(struct request *request, json_t *input)
{
    static const char *const own[] = {"deployment_id", "device_id",  "start",   "end",
                                      "utc_offset",    "correction", "failures"};
    const char *known[64];
    size_t count = 0;
    for (; count < sizeof own / sizeof *own; count++)
        known[count] = own[count];
    for (int i = 0; *wildcam_deployment_text_name(i); i++)
        known[count++] = wildcam_deployment_text_name(i);
    for (int i = 0; *wildcam_deployment_number_name(i); i++)
        known[count++] = wildcam_deployment_number_name(i);
    for (int i = 0; *wildcam_deployment_flag_name(i); i++)
        known[count++] = wildcam_deployment_flag_name(i);
    known[count] = NULL;
    return json_input_check_members(request, input, "a deployment", known);
}

static bool take_fields(struct request *request, json_t *input, wildcam_deployment *draft)
{
    return check_members(request, input) && take_names(request, input, draft) &&
           take_offset(request, input, draft) && take_correction(request, input, draft) &&
           take_texts(request, input, draft) && take_numbers(request, input, draft) &&
           take_flags(request, input, draft) && take_extra(request, input, draft) &&
           take_failures(request, input, draft);
}

/* Parses the body into a draft and hands both on. */
static void with_draft(struct request *request,
                       void (*serve)(struct request *request, const json_t *input,
                                     wildcam_deployment *draft))
{
    wildcam_deployment *draft = NULL;
    json_t *input = json_input_read(request);
    if (input && request_check(request, wildcam_deployment_new(&draft)) &&
        take_fields(request, input, draft))
        serve(request, input, draft);
    wildcam_deployment_free(draft);
    json_decref(input);
}

/* How many ranges of rows a request waits for. What is left of the times is upkeep's, and the
 * answer says so. */
enum { RANGES_AWAITED = 50 };

static int leave_the_rest(void *user, const char *what, int64_t done, int64_t total)
{
    int *ranges = user;
    (void)what;
    (void)done;
    (void)total;
    return ++*ranges > RANGES_AWAITED;
}

static bool check_kept(struct request *request, wildcam_status status)
{
    return status == WILDCAM_ERR_CANCELLED || request_check(request, status);
}

static void add(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    int ranges = 0;
    wildcam_deployment *kept = NULL;
    if (!take_span(request, input, draft, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE) ||
        !check_kept(request, wildcam_station_add_deployment(request->server->station, draft,
                                                            leave_the_rest, &ranges, &kept)))
        return;
    answer_one(request, MHD_HTTP_CREATED, kept);
    wildcam_deployment_free(kept);
}

void serve_add_deployment(struct request *request)
{
    with_draft(request, add);
}

static void change(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    int ranges = 0;
    wildcam_station *station = request->server->station;
    wildcam_deployment *now = NULL, *kept = NULL;
    if (!request_check(request, wildcam_station_get_deployment(station, request->argument, &now)))
        return;
    bool good = take_span(request, input, draft, wildcam_deployment_get_start(now),
                          wildcam_deployment_get_end(now));
    wildcam_deployment_free(now);
    if (!good ||
        !check_kept(request, wildcam_station_change_deployment(station, request->argument, draft,
                                                               leave_the_rest, &ranges, &kept)))
        return;
    answer_one(request, MHD_HTTP_OK, kept);
    wildcam_deployment_free(kept);
}

void serve_change_deployment(struct request *request)
{
    with_draft(request, change);
}

void serve_remove_deployment(struct request *request)
{
    int ranges = 0;
    if (check_kept(request,
                   wildcam_station_remove_deployment(request->server->station, request->argument,
                                                     leave_the_rest, &ranges)))
        answer_text(request, MHD_HTTP_OK, "{\"message\": \"Deployment removed\"}\n");
}
