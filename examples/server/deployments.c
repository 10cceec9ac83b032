/* Deployments: lists, and what an admin changes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"

enum { OFFSET_MAX = 86399 }; /* seconds from UTC, to the east and to the west */

/* ---- answers ---- */

static bool may_see_all(const struct request *request)
{
    return !request->caller || wildcam_access_get_role(request->caller) == WILDCAM_ROLE_ADMIN;
}

/* Who is no admin sees coordinates as the public does, and not what else came with an import, which
 * may name them. False when memory ran out. */
static bool write_one(const struct request *request, struct json_output *out,
                      const wildcam_deployment *deployment)
{
    char *text = NULL;
    wildcam_deployment *shown = NULL;
    double radius = wildcam_deployment_get_number(deployment, WILDCAM_DEPLOYMENT_PRIVACY_RADIUS);
    if (may_see_all(request) || !(radius > 0)) {
        wildcam_deployment_to_json(deployment, &text);
    } else if (wildcam_deployment_copy(deployment, &shown) == WILDCAM_OK) {
        wildcam_deployment_blur(shown);
        wildcam_deployment_set_text(shown, WILDCAM_DEPLOYMENT_EXTRA, NULL);
        wildcam_deployment_to_json(shown, &text);
    }
    wildcam_deployment_free(shown);
    json_output_object(out, text);
    return text != NULL;
}

static void answer_one(struct request *request, unsigned status,
                       const wildcam_deployment *deployment)
{
    struct json_output out;
    json_output_begin(&out);
    write_one(request, &out, deployment);
    json_output_add(&out, "\n");
    answer_json(request, status, json_output_end(&out));
}

static bool find_time(struct request *request, const char *name, int64_t *time)
{
    const char *text = request_parameter(request, name, NULL);
    *time = WILDCAM_TIME_NONE;
    return !text || request_check(request, wildcam_time_parse(text, time, NULL, NULL));
}

void serve_deployments(struct request *request)
{
    wildcam_deployment_list *list = NULL;
    struct json_output out;
    int64_t from, to;
    if (!find_time(request, "from", &from) || !find_time(request, "to", &to) ||
        !request_check(request,
                       wildcam_station_list_deployments(
                           request->server->station,
                           request_parameter(request, "device_id", "camera_id"), from, to, &list)))
        return;
    size_t count = wildcam_deployment_list_get_count(list);
    json_output_begin(&out);
    json_output_add(&out, "{\"deployments\": [");
    for (size_t i = 0; i < count; i++) {
        json_output_add(&out, i ? ",\n" : "\n");
        write_one(request, &out, wildcam_deployment_list_at(list, i));
    }
    json_output_add(&out, "], \"count\": %zu}\n", count);
    wildcam_deployment_list_free(list);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

void serve_deployment(struct request *request)
{
    wildcam_deployment *deployment = NULL;
    if (!request_check(request, wildcam_station_get_deployment(request->server->station,
                                                               request->argument, &deployment)))
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

/* A time of an object. Absent leaves *time as it is, null makes it none. */
static bool take_time(struct request *request, const json_t *object, const char *name,
                      int64_t *time)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return true;
    if (json_is_null(value)) {
        *time = WILDCAM_TIME_NONE;
        return true;
    }
    if (!json_is_string(value))
        return refuse(request, name, "an ISO 8601 time");
    return request_check(request, wildcam_time_parse(json_string_value(value), time, NULL, NULL));
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

static bool take_correction(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    const json_t *value = json_object_get(input, "correction");
    int64_t wrong = WILDCAM_TIME_NONE, right = WILDCAM_TIME_NONE;
    if (!value)
        return true;
    if (!json_is_object(value) && !json_is_null(value))
        return refuse(request, "correction", "an object of a wrong and a right time, or null");
    return take_time(request, value, "wrong", &wrong) &&
           take_time(request, value, "right", &right) &&
           request_check(request, wildcam_deployment_set_correction(draft, wrong, right));
}

static bool take_failures(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    const json_t *value = json_object_get(input, "failures"), *failure;
    size_t i;
    if (!value)
        return true;
    if (!json_is_array(value))
        return refuse(request, "failures", "a list");
    if (!request_check(request, wildcam_deployment_clear_failures(draft)))
        return false;
    json_array_foreach (value, i, failure) {
        int64_t from = WILDCAM_TIME_NONE, to = WILDCAM_TIME_NONE;
        const char *reason = NULL;
        if (!json_is_object(failure))
            return refuse(request, "a failure", "an object of from, to and reason");
        if (!take_time(request, failure, "from", &from) ||
            !take_time(request, failure, "to", &to) ||
            !json_input_text(request, failure, "reason", NULL, &reason) ||
            !request_check(request, wildcam_deployment_add_failure(draft, from, to, reason)))
            return false;
    }
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
    return take_time(request, input, "start", &start) && take_time(request, input, "end", &end) &&
           request_check(request, wildcam_deployment_set_span(draft, start, end));
}

static bool take_fields(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    return take_names(request, input, draft) && take_offset(request, input, draft) &&
           take_correction(request, input, draft) && take_texts(request, input, draft) &&
           take_numbers(request, input, draft) && take_flags(request, input, draft) &&
           take_extra(request, input, draft) && take_failures(request, input, draft);
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

static void add(struct request *request, const json_t *input, wildcam_deployment *draft)
{
    wildcam_deployment *kept = NULL;
    if (!take_span(request, input, draft, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE) ||
        !request_check(request, wildcam_station_add_deployment(request->server->station, draft,
                                                               NULL, NULL, &kept)))
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
    wildcam_station *station = request->server->station;
    wildcam_deployment *now = NULL, *kept = NULL;
    if (!request_check(request, wildcam_station_get_deployment(station, request->argument, &now)))
        return;
    bool good = take_span(request, input, draft, wildcam_deployment_get_start(now),
                          wildcam_deployment_get_end(now));
    wildcam_deployment_free(now);
    if (!good || !request_check(request, wildcam_station_change_deployment(
                                             station, request->argument, draft, NULL, NULL, &kept)))
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
    if (request_check(request, wildcam_station_remove_deployment(request->server->station,
                                                                 request->argument, NULL, NULL)))
        answer_text(request, MHD_HTTP_OK, "{\"message\": \"Deployment removed\"}\n");
}
