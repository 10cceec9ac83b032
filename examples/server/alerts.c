/* Alerts: what somebody should look at, and that somebody has. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "json_output.h"
#include "request.h"

/* A whole number that JavaScript keeps. */
#define AFTER_MAX INT64_C(9007199254740991)

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 200 };

static bool take_kind(struct request *request, wildcam_alert_query *query)
{
    int kind;
    const char *name = request_parameter(request, "kind", NULL);
    if (!name)
        return true;
    if (wildcam_alert_kind_from_name(name, &kind) == WILDCAM_OK)
        return request_check(request, wildcam_alert_query_set_kind(query, kind));
    answer_error(request, MHD_HTTP_BAD_REQUEST,
                 "kind is low_battery, offline, rare_species, shared_device_id, unknown_camera, "
                 "low_disk, parked_uploads, parked_processing or damaged_shard, not \"%.40s\"",
                 name);
    return false;
}

static bool take_since(struct request *request, wildcam_alert_query *query)
{
    int64_t time;
    const char *text = request_parameter(request, "since", NULL);
    if (!text)
        return true;
    if (wildcam_time_parse(text, &time, NULL, NULL) == WILDCAM_OK &&
        wildcam_alert_query_set_since(query, time < 0 ? 0 : time) == WILDCAM_OK)
        return true;
    answer_error(request, MHD_HTTP_BAD_REQUEST, "since: %s", wildcam_error_message());
    return false;
}

/* By its device id or, when no device has that id, by its number. */
static bool take_camera(struct request *request, wildcam_alert_query *query)
{
    wildcam_camera *camera = NULL;
    const char *name = request_parameter(request, "camera_id", "device_id");
    if (!name)
        return true;
    wildcam_status status = wildcam_alert_query_set_camera(query, name);
    if (status == WILDCAM_ERR_INVALID) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "camera_id: %s", wildcam_error_message());
        return false;
    }
    if (status == WILDCAM_OK)
        status = wildcam_station_get_camera(request->server->station, name, &camera);
    if (status == WILDCAM_OK)
        status = wildcam_alert_query_set_camera(query, wildcam_camera_get_device_id(camera));
    wildcam_camera_free(camera);
    return status == WILDCAM_ERR_NOTFOUND || request_check(request, status);
}

/* An admin's key is a person's or a program's, who speaks for many from wherever he is. */
void note_origin(struct request *request, const char *device_id)
{
    char address[CLIENT_TEXT];
    if (wildcam_access_get_role(request->caller) == WILDCAM_ROLE_ADMIN)
        return;
    client_text(&request->client, address);
    if (*address &&
        wildcam_station_note_origin(request->server->station, device_id, address) != WILDCAM_OK)
        server_log(WILDCAM_LOG_WARNING, "where %s reports from could not be noted: %s", device_id,
                   wildcam_error_message());
}

static bool take_filters(struct request *request, wildcam_alert_query *query)
{
    bool unread = false, open = false;
    return request_bool(request, "unread_only", &unread) &&
           request_bool(request, "open_only", &open) &&
           request_check(request, wildcam_alert_query_set_unread(query, unread)) &&
           request_check(request, wildcam_alert_query_set_open(query, open)) &&
           take_kind(request, query) && take_camera(request, query) && take_since(request, query);
}

/* One more than the page holds was asked for, to know whether there is a next. */
static void answer_list(struct request *request, const wildcam_alert_list *list, size_t limit,
                        int64_t total)
{
    struct json_output out;
    int64_t last = 0;
    size_t count = wildcam_alert_list_get_count(list), shown = count < limit ? count : limit;
    json_output_begin(&out);
    json_output_add(&out, "{\"alerts\": [");
    for (size_t i = 0; i < shown; i++) {
        char *text = NULL;
        const wildcam_alert *alert = wildcam_alert_list_at(list, i);
        wildcam_alert_to_json(alert, &text);
        json_output_add(&out, i ? ",\n" : "\n");
        json_output_object(&out, text);
        last = wildcam_alert_get_id(alert);
    }
    json_output_add(&out, "], \"total\": %" PRId64 ", \"next\": ", total);
    if (count > limit)
        json_output_add(&out, "%" PRId64 "}\n", last);
    else
        json_output_add(&out, "null}\n");
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

static void list_alerts(struct request *request, const wildcam_alert_query *query)
{
    wildcam_alert_list *list = NULL;
    wildcam_station *station = request->server->station;
    int64_t limit = LIMIT_DEFAULT, after = 0, total = 0;
    if (!request_int(request, "limit", "per_page", 1, INT32_MAX, &limit) ||
        !request_int(request, "after", NULL, 1, AFTER_MAX, &after))
        return;
    limit = limit > LIMIT_MAX ? LIMIT_MAX : limit;
    if (request_check(request, wildcam_station_count_alerts(station, query, &total)) &&
        request_check(request,
                      wildcam_station_list_alerts(station, query, after, (int)limit + 1, &list)))
        answer_list(request, list, (size_t)limit, total);
    wildcam_alert_list_free(list);
}

void serve_alerts(struct request *request)
{
    wildcam_alert_query *query = NULL;
    if (request_check(request, wildcam_alert_query_new(&query)) && take_filters(request, query))
        list_alerts(request, query);
    wildcam_alert_query_free(query);
}

/* Whose key or login it is, is who has read it. */
void serve_read_alert(struct request *request)
{
    int64_t id;
    char *text = NULL;
    struct json_output out;
    wildcam_alert *alert = NULL;
    wildcam_station *station = request->server->station;
    const char *by = wildcam_access_get_id(request->caller);
    if (!request_id(request, &id) ||
        !request_check(request, wildcam_station_read_alert(station, id, by)) ||
        !request_check(request, wildcam_station_get_alert(station, id, &alert)))
        return;
    wildcam_alert_to_json(alert, &text);
    wildcam_alert_free(alert);
    json_output_begin(&out);
    json_output_add(&out, "{\"message\": \"Alert read\", \"alert\": ");
    json_output_object(&out, text);
    json_output_add(&out, "}\n");
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}
