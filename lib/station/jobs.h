/* What is made in the background: claimed, run, given up, and deleted when it is old. */
#ifndef WCI_STATION_JOBS_H
#define WCI_STATION_JOBS_H

#include <pthread.h>
#include <stdatomic.h>

#include <wildcam/report.h>

#include "model/job.h"

/* The thread that runs them, one at a time. */
struct wci_jobs {
    pthread_mutex_t mutex;
    pthread_cond_t wakes;
    pthread_t thread;
    bool has_thread;
    _Atomic int64_t swept; /* monotonic; 0 never */
};

wildcam_status wci_jobs_init(struct wci_jobs *jobs);
void wci_jobs_destroy(struct wci_jobs *jobs);
wildcam_status wci_jobs_start(wildcam_station *station);
void wci_jobs_stop(wildcam_station *station);

/* The days were checked. */
wildcam_status wci_station_start_report(wildcam_station *station, int64_t first_day,
                                        int64_t end_day, int64_t *id);
/* Runs the next one, if there is one; *id is 0 when there is none. */
wildcam_status wci_station_run_job(wildcam_station *station, wildcam_progress_fn *progress,
                                   void *user, int64_t *id);
wildcam_status wci_station_cancel_job(wildcam_station *station, int64_t id);
wildcam_status wci_station_remove_job(wildcam_station *station, int64_t id);
wildcam_status wci_station_open_result(wildcam_station *station, int64_t id, int format, int *fd,
                                       int64_t *size);
/* Deletes the jobs that are past `reports.keep_days`, and results of jobs that there are not. Once
 * in a while; trouble goes to the log. */
void wci_station_sweep_jobs(wildcam_station *station);

#endif
