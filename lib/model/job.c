#include "model/job.h"

#include <stddef.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"

void wci_job_init(wildcam_job *job)
{
    *job = (wildcam_job){.created_at = WILDCAM_TIME_NONE,
                         .started_at = WILDCAM_TIME_NONE,
                         .finished_at = WILDCAM_TIME_NONE};
}

const char *wci_job_state_name(int state)
{
    static const char *const names[] = {
#define WCI_NAME(name, value, text) [value] = (text),
        WILDCAM_JOB_LIST(WCI_NAME)
#undef WCI_NAME
    };
    return state >= 0 && state < (int)(sizeof names / sizeof names[0]) ? names[state] : "unknown";
}

static void write_date(struct wci_json *json, const char *name, int64_t time)
{
    char text[WILDCAM_TIME_TEXT];
    wci_calendar_format(time, 0, text);
    text[strlen("2026-03-01")] = '\0';
    wci_json_text(json, name, text);
}

void wci_job_write_json(const wildcam_job *job, struct wci_json *json)
{
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "job_id", job->id);
    wci_json_text(json, "kind", "report");
    wci_json_text(json, "state", wci_job_state_name(job->state));
    write_date(json, "start_date", job->from);
    write_date(json, "end_date", job->to - 1);
    wci_json_time(json, "created_at", job->created_at, 0);
    wci_json_time(json, "started_at", job->started_at, 0);
    wci_json_time(json, "finished_at", job->finished_at, 0);
    wci_json_open(json, "progress", '{');
    wci_json_int(json, "done", job->done);
    wci_json_int(json, "total", job->total);
    wci_json_close(json, '}');
    wci_json_text_or_null(json, "error", job->error);
    wci_json_close(json, '}');
}
