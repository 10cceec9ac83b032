/* Counts over the last days, which the library works out, keeps and shares. */
#include <stdlib.h>

#include "handlers.h"
#include "request.h"

static bool take_days(struct request *request, int64_t standard, int64_t *days)
{
    *days = standard;
    return request_int(request, "days", NULL, 1, WILDCAM_ANALYTICS_DAYS_MAX, days);
}

static void let_go(void *analytics)
{
    wildcam_analytics_free(analytics);
}

static void answer_analytics(struct request *request, wildcam_status status,
                             wildcam_analytics *analytics)
{
    size_t size;
    if (!request_check(request, status))
        return;
    const char *text = wildcam_analytics_get_json(analytics, &size);
    answer_borrowed(request, text, size, let_go, analytics);
}

void serve_species(struct request *request)
{
    int64_t days;
    wildcam_analytics *analytics = NULL;
    if (!take_days(request, 30, &days))
        return;
    wildcam_status status = wildcam_station_species_counts(request->server->station, days,
                                                           &analytics);
    answer_analytics(request, status, analytics);
}

void serve_activity(struct request *request)
{
    int64_t days;
    wildcam_analytics *analytics = NULL;
    if (!take_days(request, 7, &days))
        return;
    wildcam_status status = wildcam_station_activity(request->server->station, days, &analytics);
    answer_analytics(request, status, analytics);
}

void serve_analytics(struct request *request)
{
    int64_t days;
    wildcam_analytics *analytics = NULL;
    const char *species = request_parameter(request, "species", NULL);
    if (!take_days(request, 30, &days))
        return;
    wildcam_status status = wildcam_station_analytics(request->server->station, species, days,
                                                      &analytics);
    answer_analytics(request, status, analytics);
}

void serve_statistics(struct request *request)
{
    int64_t days;
    wildcam_analytics *analytics = NULL;
    if (!take_days(request, 7, &days))
        return;
    wildcam_status status = wildcam_station_camera_statistics(request->server->station,
                                                              request->argument, days, &analytics);
    if (status == WILDCAM_ERR_NOTFOUND) {
        answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not found");
        return;
    }
    if (status == WILDCAM_OK)
        request_log_camera(request, wildcam_analytics_get_device_id(analytics));
    answer_analytics(request, status, analytics);
}
