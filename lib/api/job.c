#include <stdlib.h>

#include <wildcam/report.h>

#include "api/call.h"
#include "api/report.h"
#include "base/memory.h"
#include "station/jobs.h"

wildcam_status wildcam_station_start_report(wildcam_station *self, int64_t from, int64_t to,
                                            int64_t *id)
{
    int64_t first_day = 0, end_day = 0;
    if (id)
        *id = 0;
    WCI_BEGIN(self, id);
    wildcam_status status = wci_report_take_span(from, to, &first_day, &end_day);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_station_start_report(self, first_day, end_day, id));
    return status;
}

wildcam_status wildcam_station_run_job(wildcam_station *self, wildcam_progress_fn *progress,
                                       void *user, int64_t *id)
{
    wildcam_status status;
    int64_t run = 0;
    if (id)
        *id = 0;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_station_run_job(self, progress, user, &run));
    if (id)
        *id = run;
    return status;
}

wildcam_status wildcam_station_get_job(wildcam_station *self, int64_t id, wildcam_job **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_job *job = wci_new(sizeof *job);
    if (!job)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, self->store.ops->get_job(self->store.backend, id, job));
    if (status == WILDCAM_OK)
        *out = job;
    else
        free(job);
    return status;
}

struct wildcam_job_list {
    wildcam_job *jobs;
    size_t count, capacity;
};

static wildcam_status collect(void *user, const wildcam_job *job)
{
    wildcam_job_list *list = user;
    void *jobs = list->jobs;
    if (wci_reserve(&jobs, &list->capacity, list->count + 1, sizeof *list->jobs) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    list->jobs = jobs;
    list->jobs[list->count++] = *job;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_list_jobs(wildcam_station *self, wildcam_job_list **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_job_list *list = wci_new(sizeof *list);
    if (!list)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, self->store.ops->list_jobs(self->store.backend, collect, list));
    if (status == WILDCAM_OK)
        *out = list;
    else
        wildcam_job_list_free(list);
    return status;
}

wildcam_status wildcam_station_cancel_job(wildcam_station *self, int64_t id)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_station_cancel_job(self, id));
    return status;
}

wildcam_status wildcam_station_remove_job(wildcam_station *self, int64_t id)
{
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_station_remove_job(self, id));
    return status;
}

wildcam_status wildcam_station_open_result(wildcam_station *self, int64_t id, int format, int *fd,
                                           int64_t *size)
{
    wildcam_status status;
    int64_t bytes = 0;
    if (fd)
        *fd = -1;
    WCI_BEGIN(self, fd);
    if (format != WILDCAM_REPORT_JSON && format != WILDCAM_REPORT_CSV)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no form of a report", format);
    WCI_WITHIN(self, status, wci_station_open_result(self, id, format, fd, &bytes));
    if (status == WILDCAM_OK && size)
        *size = bytes;
    return status;
}

int64_t wildcam_job_get_id(const wildcam_job *self)
{
    return self ? self->id : 0;
}

int wildcam_job_get_state(const wildcam_job *self)
{
    return self ? self->state : -1;
}

const char *wildcam_job_get_error(const wildcam_job *self)
{
    return self ? self->error : "";
}

wildcam_status wildcam_job_to_json(const wildcam_job *self, char **text)
{
    struct wci_text out = {0};
    struct wci_json json = {.out = &out};
    if (text)
        *text = NULL;
    WCI_BEGIN(self, text);
    wci_job_write_json(self, &json);
    *text = wci_text_take(&out);
    wci_text_free(&out);
    return *text ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wildcam_job_free(wildcam_job *self)
{
    free(self);
}

size_t wildcam_job_list_get_count(const wildcam_job_list *self)
{
    return self ? self->count : 0;
}

const wildcam_job *wildcam_job_list_at(const wildcam_job_list *self, size_t index)
{
    return self && index < self->count ? &self->jobs[index] : NULL;
}

void wildcam_job_list_free(wildcam_job_list *self)
{
    if (!self)
        return;
    free(self->jobs);
    free(self);
}
