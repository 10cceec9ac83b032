/* Reports, which the station makes in the background, and the jobs that they are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"

static bool take_time(struct request *request, const json_t *input, const char *name, bool is_end,
                      int64_t *time)
{
    *time = WILDCAM_TIME_NONE;
    if (!json_input_time(request, input, "", name, is_end, time))
        return false;
    if (*time == WILDCAM_TIME_NONE)
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is required, such as 2026-03-01", name);
    return *time != WILDCAM_TIME_NONE;
}

static void answer_job_id(struct request *request, int64_t id)
{
    char address[64];
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"job_id\": %" PRId64 ", \"status_url\": \"/api/jobs/%" PRId64 "\"}\n",
                    id, id);
    answer_json(request, MHD_HTTP_ACCEPTED, json_output_end(&out));
    snprintf(address, sizeof address, "/api/jobs/%" PRId64, id);
    answer_header(request, MHD_HTTP_HEADER_LOCATION, address);
}

void serve_start_report(struct request *request)
{
    int64_t from = 0, to = 0, id = 0;
    json_t *input = json_input_read(request);
    if (input && take_time(request, input, "start_date", false, &from) &&
        take_time(request, input, "end_date", true, &to)) {
        wildcam_status status = wildcam_station_start_report(request->server->station, from, to,
                                                             &id);
        if (request_check(request, status))
            answer_job_id(request, id);
        else if (status == WILDCAM_ERR_LIMITED)
            answer_header(request, MHD_HTTP_HEADER_RETRY_AFTER, "5");
    }
    json_decref(input);
}

/* The job, and where its results are once there are any. */
static char *write_job(const wildcam_job *job)
{
    char *text = NULL;
    struct json_output out;
    int64_t id = wildcam_job_get_id(job);
    if (wildcam_job_to_json(job, &text) != WILDCAM_OK)
        return NULL;
    json_output_begin(&out);
    json_output_add(&out, "%.*s, \"links\": ", (int)strlen(text) - 1, text);
    if (wildcam_job_get_state(job) == WILDCAM_JOB_DONE)
        json_output_add(&out,
                        "{\"json\": \"/api/jobs/%" PRId64 "/result?format=json\","
                        " \"csv\": \"/api/jobs/%" PRId64 "/result?format=csv\"}}\n",
                        id, id);
    else
        json_output_add(&out, "null}\n");
    wildcam_free(text);
    return json_output_end(&out);
}

void serve_job(struct request *request)
{
    int64_t id;
    wildcam_job *job = NULL;
    if (request_id(request, &id) &&
        request_check(request, wildcam_station_get_job(request->server->station, id, &job)))
        answer_json(request, MHD_HTTP_OK, write_job(job));
    wildcam_job_free(job);
}

static bool take_format(struct request *request, int *format)
{
    const char *text = request_parameter(request, "format", NULL);
    *format = text && strcmp(text, "csv") == 0 ? WILDCAM_REPORT_CSV : WILDCAM_REPORT_JSON;
    if (!text || strcmp(text, "csv") == 0 || strcmp(text, "json") == 0)
        return true;
    answer_error(request, MHD_HTTP_BAD_REQUEST, "format is json or csv");
    return false;
}

void serve_result(struct request *request)
{
    int64_t id, size;
    int format, fd;
    char name[64];
    if (!request_id(request, &id) || !take_format(request, &format))
        return;
    wildcam_status status = wildcam_station_open_result(request->server->station, id, format, &fd,
                                                        &size);
    if (status == WILDCAM_ERR_STATE)
        answer_error(request, MHD_HTTP_CONFLICT, "%s", wildcam_error_message());
    else if (request_check(request, status)) {
        bool is_csv = format == WILDCAM_REPORT_CSV;
        snprintf(name, sizeof name, "attachment; filename=\"report-%" PRId64 ".%s\"", id,
                 is_csv ? "csv" : "json");
        answer_fd(request, fd, (uint64_t)size,
                  is_csv ? "text/csv; charset=utf-8" : "application/json");
        answer_header(request, MHD_HTTP_HEADER_CONTENT_DISPOSITION, name);
    }
}
