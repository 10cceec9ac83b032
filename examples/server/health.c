/* How the server does. */
#include <inttypes.h>
#include <string.h>

#include "handlers.h"
#include "json_output.h"
#include "openapi.h"
#include "request.h"

void serve_alive(struct request *request)
{
    answer_text(request, MHD_HTTP_OK, "ok\n");
}

static void add_figures(struct json_output *out, const wildcam_health *health)
{
    static const struct {
        int figure;
        const char *name;
    } figures[] = {
#define ROW(name, value, text) {WILDCAM_HEALTH_##name, text},
        WILDCAM_HEALTH_LIST(ROW)
#undef ROW
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        int64_t value = wildcam_health_get_figure(health, figures[i].figure);
        if (value < 0) /* not known */
            continue;
        json_output_add(out, "%s\"%s\": %" PRId64, comma, figures[i].name, value);
        comma = ", ";
    }
}

static const char no_store[] = "the store does not answer; the server's log says why";

/* How the station does: "ok", "degraded" or "down". Why it is down may name files: that is for the
 * log, and no_store for the one who asked. */
static const char *take_pulse(struct request *request, wildcam_health **health)
{
    wildcam_status failure = wildcam_station_health(request->server->station, health);
    const char *status = failure == WILDCAM_OK ? wildcam_health_get_status(*health) : "down";
    if (strcmp(status, "down") == 0)
        server_log(WILDCAM_LOG_ERROR, "the station is down: %s",
                   failure == WILDCAM_OK ? wildcam_health_get_reason(*health)
                                         : wildcam_error_message());
    return status;
}

void serve_ready(struct request *request)
{
    wildcam_health *health = NULL;
    if (request->server->is_stopping)
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is stopping");
    else if (strcmp(take_pulse(request, &health), "down") == 0)
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "%s", no_store);
    else
        answer_text(request, MHD_HTTP_OK, "ready\n");
    wildcam_health_free(health);
}

/* Nothing is owed where nothing is uploaded or processed. */
static int64_t none_if_unknown(const wildcam_health *health, int figure)
{
    int64_t value = wildcam_health_get_figure(health, figure);
    return value < 0 ? 0 : value;
}

/* Always 200: what is wrong stands in the answer. */
void serve_health(struct request *request)
{
    char time[WILDCAM_TIME_TEXT] = "";
    struct json_output out;
    wildcam_health *health = NULL;
    const char *status = take_pulse(request, &health);
    wildcam_time_format(wildcam_time_now(), 0, time, sizeof time);
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"status\": \"%s\", \"timestamp\": \"%s\", \"version\": \"%s\", "
                    "\"services\": {\"database\": \"%s\", \"s3\": {\"status\": \"%s\", "
                    "\"owed\": %" PRId64 ", \"oldest_seconds\": %" PRId64
                    "}, \"processing\": {\"status\": \"%s\", "
                    "\"due\": %" PRId64 ", \"oldest_seconds\": %" PRId64 ", \"parked\": %" PRId64
                    "}, \"redis\": \"off\"}",
                    status, time, wildcam_version(), wildcam_health_get_store(health),
                    wildcam_health_get_uploads(health),
                    none_if_unknown(health, WILDCAM_HEALTH_UPLOADS_OWED),
                    none_if_unknown(health, WILDCAM_HEALTH_UPLOADS_OLDEST),
                    wildcam_health_get_processing(health),
                    none_if_unknown(health, WILDCAM_HEALTH_PROCESSING_OWED),
                    none_if_unknown(health, WILDCAM_HEALTH_PROCESSING_OLDEST),
                    none_if_unknown(health, WILDCAM_HEALTH_PROCESSING_PARKED));
    const char *reason = strcmp(status, "down") == 0 ? no_store : wildcam_health_get_reason(health);
    if (*reason) {
        json_output_add(&out, ", \"reason\": ");
        json_output_text(&out, reason);
    }
    json_output_add(&out, ", \"figures\": {");
    add_figures(&out, health);
    json_output_add(&out, "}}\n");
    wildcam_health_free(health);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

void serve_openapi(struct request *request)
{
    answer_text(request, MHD_HTTP_OK, openapi_json);
}
