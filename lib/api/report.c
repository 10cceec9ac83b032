#include <wildcam/report.h>

#include <stdlib.h>

#include "api/call.h"
#include "api/report.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "exchange/sink.h"
#include "model/check.h"
#include "station/report.h"

wildcam_status wci_report_take_span(int64_t from, int64_t to, int64_t *first_day, int64_t *end_day)
{
    wildcam_status status = wci_check_time(from, WILDCAM_OFFSET_UNKNOWN,
                                           WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status != WILDCAM_OK)
        return status;
    if (to <= from || to > WILDCAM_TIME_END)
        return wci_fail(WILDCAM_ERR_INVALID, "the span ends before it begins, or after 2106");
    *first_day = from / WCI_DAY;
    *end_day = (to - 1) / WCI_DAY + 1;
    if (*end_day - *first_day > WILDCAM_REPORT_DAYS_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "a report is of at most %d days, not of %lld",
                        WILDCAM_REPORT_DAYS_MAX, (long long)(*end_day - *first_day));
    return WILDCAM_OK;
}

wildcam_status wildcam_station_report(wildcam_station *self, int64_t from, int64_t to,
                                      wildcam_progress_fn *progress, void *user,
                                      wildcam_report **out)
{
    int64_t first_day = 0, end_day = 0;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_status status = wci_report_take_span(from, to, &first_day, &end_day);
    if (status != WILDCAM_OK)
        return status;
    wildcam_report *report = wci_new(sizeof *report);
    if (!report)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(self, status, wci_report_make(self, first_day, end_day, progress, user, report));
    if (status == WILDCAM_OK)
        *out = report;
    else
        wildcam_report_free(report);
    return status;
}

typedef wildcam_status write_fn(const struct wildcam_report *report, struct wci_text *out);

static wildcam_status write_text(const wildcam_report *report, write_fn *write, char **text)
{
    struct wci_text out = {0};
    wildcam_status status = write(report, &out);
    if (status == WILDCAM_OK) {
        *text = wci_text_take(&out);
        status = *text ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    wci_text_free(&out);
    return status;
}

wildcam_status wildcam_report_to_json(const wildcam_report *self, char **text)
{
    if (text)
        *text = NULL;
    WCI_BEGIN(self, text);
    return write_text(self, wci_report_write_json, text);
}

wildcam_status wildcam_report_to_csv(const wildcam_report *self, char **text)
{
    if (text)
        *text = NULL;
    WCI_BEGIN(self, text);
    return write_text(self, wci_report_write_csv, text);
}

wildcam_status wildcam_report_save(const wildcam_report *self, int form, const char *path)
{
    WCI_BEGIN(self, path);
    if (form != WILDCAM_REPORT_JSON && form != WILDCAM_REPORT_CSV)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no form of a report", form);
    struct wci_sink sink;
    wildcam_status status = wci_sink_open(&sink, path, false);
    if (status != WILDCAM_OK)
        return status;
    status = form == WILDCAM_REPORT_JSON ? wci_report_write_json(self, &sink.buffer)
                                         : wci_report_write_csv(self, &sink.buffer);
    if (status == WILDCAM_OK)
        return wci_sink_finish(&sink);
    wci_sink_abort(&sink);
    return status;
}

const char *wildcam_report_damaged(const wildcam_report *self)
{
    return self ? wci_text_get(&self->damaged) : "";
}

void wildcam_report_free(wildcam_report *self)
{
    if (!self)
        return;
    wci_report_release(self);
    free(self);
}
