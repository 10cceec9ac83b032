#include "filters.h"

#include "request.h"

#define DAY INT64_C(86400000000)

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 100 };

/* A camera by its device id or, when no device has that id, by its number. One that is not known
 * matches nothing. */
bool filters_take_camera(struct request *request, wildcam_query *query)
{
    wildcam_camera *camera = NULL;
    const char *name = request_parameter(request, "camera_id", "device_id");
    if (!name)
        return true;
    wildcam_status status = wildcam_query_set_device_id(query, name); /* is it an id at all? */
    if (status == WILDCAM_OK)
        status = wildcam_station_get_camera(request->server->station, name, &camera);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_device_id(query, wildcam_camera_get_device_id(camera));
    if (status == WILDCAM_OK)
        request_log_camera(request, wildcam_camera_get_device_id(camera));
    wildcam_camera_free(camera);
    if (status != WILDCAM_ERR_INVALID)
        return status == WILDCAM_ERR_NOTFOUND || request_check(request, status);
    answer_error(request, MHD_HTTP_BAD_REQUEST, "camera_id: %s", wildcam_error_message());
    return false;
}

static bool read_time(struct request *request, const char *name, int64_t *time, int *is_date)
{
    const char *text = request_parameter(request, name, NULL);
    *time = WILDCAM_TIME_NONE;
    *is_date = 0;
    if (!text || wildcam_time_parse(text, time, NULL, is_date) == WILDCAM_OK)
        return true;
    answer_error(request, MHD_HTTP_BAD_REQUEST, "%s: %s", name, wildcam_error_message());
    return false;
}

bool filters_take_time(struct request *request, const char *name, bool is_end, int64_t *time)
{
    int is_date;
    if (!read_time(request, name, time, &is_date))
        return false;
    *time += is_end && is_date ? DAY : 0;
    return true;
}

bool filters_take_limit(struct request *request, int64_t *limit)
{
    *limit = LIMIT_DEFAULT;
    if (!request_int(request, "limit", "per_page", 1, INT32_MAX, limit))
        return false;
    if (*limit > LIMIT_MAX)
        *limit = LIMIT_MAX;
    return true;
}

bool filters_take_range(struct request *request, wildcam_query *query)
{
    int64_t from, to;
    int from_date, to_date;
    if (!read_time(request, "start_date", &from, &from_date) ||
        !read_time(request, "end_date", &to, &to_date))
        return false;
    int64_t end = to_date ? to + DAY : to;
    if (from == WILDCAM_TIME_NONE || to == WILDCAM_TIME_NONE || from < end || from == to)
        return request_check(request, wildcam_query_set_range(query, from, end));
    answer_error(request, MHD_HTTP_BAD_REQUEST, "start_date %.40s is after end_date %.40s",
                 request_parameter(request, "start_date", NULL),
                 request_parameter(request, "end_date", NULL));
    return false;
}
