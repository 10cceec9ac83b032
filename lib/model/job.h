/* A job: work that is done in the background and whose result is a file. */
#ifndef WCI_MODEL_JOB_H
#define WCI_MODEL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/report.h>

#include "base/error.h"
#include "base/json.h"

struct wildcam_job {
    int64_t id;
    int state;                                   /* WILDCAM_JOB_ */
    int64_t from, to;                            /* of its report: half-open, whole days */
    int64_t created_at, started_at, finished_at; /* WILDCAM_TIME_NONE for not yet */
    int64_t done, total;                         /* the total is 0 while it is not known */
    int64_t lease, leased_until;                 /* 0 when nobody has it */
    int64_t attempts;
    bool is_cancelled; /* it is to end */
    char error[WCI_ERROR_TEXT];
};

void wci_job_init(wildcam_job *job);
const char *wci_job_state_name(int state);
void wci_job_write_json(const wildcam_job *job, struct wci_json *json);

#endif
