#include "station/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/chance.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/thread.h"
#include "station/report.h"
#include "store/disk.h"

#define LOOK_EVERY WCI_SECOND  /* for jobs that other processes have added */
#define RENEW_EVERY WCI_SECOND /* and look whether it was cancelled */
#define SWEEP_EVERY (60 * WCI_SECOND)

static const char *const suffixes[] = {"json", "csv"};
enum { FORMATS = sizeof suffixes / sizeof suffixes[0] };

/* ---- results ---- */

static wildcam_status result_path(const wildcam_station *station, int64_t id, int format,
                                  char *path)
{
    return wci_path(path, "%s/reports/%lld.%s", wci_conf_text(station->conf, WCI_DATA_DIR),
                    (long long)id, suffixes[format]);
}

static wildcam_status remove_results(const wildcam_station *station, int64_t id)
{
    char path[WCI_PATH];
    wildcam_status status = WILDCAM_OK;
    for (int format = 0; status == WILDCAM_OK && format < FORMATS; format++) {
        status = result_path(station, id, format, path);
        if (status == WILDCAM_OK)
            status = wci_file_remove(path);
    }
    return status;
}

static wildcam_status save_result(const wildcam_station *station, int64_t id, int format,
                                  const struct wci_text *text)
{
    char path[WCI_PATH], directory[WCI_PATH];
    wildcam_status status = result_path(station, id, format, path);
    if (status == WILDCAM_OK)
        status = wci_path_above(directory, path);
    if (status == WILDCAM_OK)
        status = wci_disk_check(station->conf, (int64_t)text->length);
    if (status == WILDCAM_OK)
        status = wci_directory_make(directory);
    return status == WILDCAM_OK ? wci_file_replace(path, text->data, text->length) : status;
}

static wildcam_status write_results(const wildcam_station *station, int64_t id,
                                    const struct wildcam_report *report)
{
    static wildcam_status (*const write[])(const struct wildcam_report *report,
                                           struct wci_text *out) = {wci_report_write_json,
                                                                    wci_report_write_csv};
    int64_t bytes = 0, limit = wci_conf_int(station->conf, WCI_REPORTS_KEEP_BYTES);
    wildcam_status status = WILDCAM_OK;
    for (int format = 0; status == WILDCAM_OK && format < FORMATS; format++) {
        struct wci_text text = {0};
        status = write[format](report, &text);
        bytes += (int64_t)text.length;
        if (status == WILDCAM_OK && bytes > limit)
            status = wci_fail(WILDCAM_ERR_NOSPACE,
                              "the report takes more than %lld bytes, which is all that "
                              "reports.keep_bytes lets reports take; take a shorter span",
                              (long long)limit);
        if (status == WILDCAM_OK)
            status = save_result(station, id, format, &text);
        wci_text_free(&text);
    }
    return status;
}

/* All or none. */
static wildcam_status save_results(const wildcam_station *station, int64_t id,
                                   const struct wildcam_report *report)
{
    struct wci_error error;
    wildcam_status status = write_results(station, id, report);
    if (status == WILDCAM_OK)
        return status;
    wci_error_save(&error);
    remove_results(station, id);
    return wci_error_restore(&error);
}

/* ---- running ---- */

static wildcam_status change(wildcam_station *station, enum wci_job_step step, wildcam_job *job)
{
    int64_t now = wci_calendar_now();
    const struct wci_job_change wanted = {
        .step = step, .job = job, .now = now, .until = now + WCI_JOB_LEASE};
    return station->store.ops->change_job(station->store.backend, &wanted);
}

/* What the progress of a report does for its job. */
struct run {
    wildcam_station *station;
    wildcam_job job;
    int64_t renewed; /* monotonic */
    wildcam_progress_fn *progress;
    void *user;
    bool is_given_back, is_lost;
};

/* A thread that was told to stop may see another one started before it has looked. Under the mutex.
 */
static bool is_the_thread(const struct wci_jobs *jobs)
{
    return jobs->has_thread && pthread_equal(jobs->thread, pthread_self());
}

/* The thread's progress: the job that runs when the station stops is given back. */
static int go_on(void *user, const char *phase, int64_t done, int64_t total)
{
    struct wci_jobs *jobs = user;
    (void)phase;
    (void)done;
    (void)total;
    pthread_mutex_lock(&jobs->mutex);
    bool goes_on = is_the_thread(jobs);
    pthread_mutex_unlock(&jobs->mutex);
    return !goes_on;
}

static int keep_on(void *user, const char *phase, int64_t done, int64_t total)
{
    struct run *run = user;
    run->job.done = done;
    run->job.total = total;
    run->is_given_back = (run->progress && run->progress(run->user, phase, done, total) != 0) ||
                         run->station->is_closed;
    if (run->is_given_back)
        return 1;
    int64_t now = wci_calendar_monotonic();
    if (run->renewed && now - run->renewed < RENEW_EVERY)
        return 0;
    run->renewed = now;
    /* A catalog that is busy for so long is no reason to throw the work away. */
    wildcam_status status = change(run->station, WCI_JOBS_RENEW, &run->job);
    run->is_lost = status == WILDCAM_ERR_STATE;
    return run->is_lost || run->job.is_cancelled;
}

static wildcam_status make(struct run *run)
{
    struct wildcam_report report = {0};
    wildcam_status status = wci_report_make(run->station, run->job.from / WCI_DAY,
                                            run->job.to / WCI_DAY, keep_on, run, &report);
    if (status == WILDCAM_OK && keep_on(run, "report", run->job.done, run->job.total) != 0)
        status = wci_fail(WILDCAM_ERR_CANCELLED, "the report was cancelled");
    if (status == WILDCAM_OK)
        status = save_results(run->station, run->job.id, &report);
    wci_report_release(&report);
    return status;
}

static void settle(struct run *run, wildcam_status status)
{
    wildcam_job *job = &run->job;
    job->error[0] = '\0';
    if (status == WILDCAM_OK) {
        job->state = WILDCAM_JOB_DONE;
        job->done = job->total;
    } else if (run->is_given_back) {
        job->state = WILDCAM_JOB_DUE;
        job->attempts--;
    } else if (job->is_cancelled) {
        job->state = WILDCAM_JOB_CANCELLED;
    } else {
        job->state = WILDCAM_JOB_FAILED;
        snprintf(job->error, sizeof job->error, "%s", wildcam_error_message());
    }
}

/* A job that was cancelled or deleted while its result was written leaves none. */
static wildcam_status end(struct run *run, wildcam_status status)
{
    if (run->is_lost)
        return WILDCAM_OK;
    settle(run, status);
    status = change(run->station, WCI_JOBS_SETTLE, &run->job);
    run->station->jobs.swept = 0; /* there is one more */
    if (run->job.state == WILDCAM_JOB_FAILED)
        wci_log_write(&run->station->log, WILDCAM_LOG_WARNING, "jobs", "job %lld failed: %s",
                      (long long)run->job.id, run->job.error);
    return status == WILDCAM_ERR_STATE ? WILDCAM_OK : status;
}

wildcam_status wci_station_run_job(wildcam_station *station, wildcam_progress_fn *progress,
                                   void *user, int64_t *id)
{
    struct run run = {.station = station, .progress = progress, .user = user};
    uint64_t lease = 0;
    *id = 0;
    wci_job_init(&run.job);
    wildcam_status status = wci_chance_fill(&lease, sizeof lease);
    if (status != WILDCAM_OK)
        return status;
    int64_t now = wci_calendar_now();
    const struct wci_job_change claim = {.step = WCI_JOBS_CLAIM,
                                         .job = &run.job,
                                         .now = now,
                                         .lease = (int64_t)(lease >> 1) + 1,
                                         .until = now + WCI_JOB_LEASE};
    status = station->store.ops->change_job(station->store.backend, &claim);
    if (status != WILDCAM_OK)
        return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
    *id = run.job.id;
    if (run.job.is_cancelled)
        status = wci_fail(WILDCAM_ERR_CANCELLED, "the report was cancelled");
    else
        status = make(&run);
    status = end(&run, status);
    if (status == WILDCAM_OK && run.is_given_back)
        return wci_fail(WILDCAM_ERR_CANCELLED, "job %lld was interrupted", (long long)*id);
    return status;
}

/* ---- the thread ---- */

static bool is_due(wildcam_station *station)
{
    bool has = false;
    const struct wci_store *store = &station->store;
    return store->ops->has_job(store->backend, wci_calendar_now(), &has) == WILDCAM_OK && has;
}

static void *work(void *user)
{
    wildcam_station *station = user;
    struct wci_jobs *jobs = &station->jobs;
    pthread_mutex_lock(&jobs->mutex);
    while (is_the_thread(jobs)) {
        int64_t id = 0;
        pthread_mutex_unlock(&jobs->mutex);
        wildcam_status status = WILDCAM_OK;
        if (is_due(station))
            status = wci_station_run_job(station, go_on, jobs, &id);
        if (status != WILDCAM_OK && status != WILDCAM_ERR_CANCELLED)
            wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "jobs",
                            "a job could not be claimed or settled");
        station->store.ops->tell_slow(station->store.backend);
        pthread_mutex_lock(&jobs->mutex);
        if (is_the_thread(jobs) && !id)
            wci_condition_wait(&jobs->wakes, &jobs->mutex, LOOK_EVERY);
    }
    pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

wildcam_status wci_jobs_init(struct wci_jobs *jobs)
{
    *jobs = (struct wci_jobs){0};
    if (pthread_mutex_init(&jobs->mutex, NULL) != 0)
        return wci_fail_memory();
    if (wci_condition_init(&jobs->wakes) == WILDCAM_OK)
        return WILDCAM_OK;
    pthread_mutex_destroy(&jobs->mutex);
    return WILDCAM_ERR_NOMEM;
}

void wci_jobs_destroy(struct wci_jobs *jobs)
{
    pthread_cond_destroy(&jobs->wakes);
    pthread_mutex_destroy(&jobs->mutex);
}

wildcam_status wci_jobs_start(wildcam_station *station)
{
    struct wci_jobs *jobs = &station->jobs;
    wildcam_status status = WILDCAM_OK;
    pthread_mutex_lock(&jobs->mutex);
    if (!jobs->has_thread) {
        status = wci_thread_start(&jobs->thread, work, station);
        jobs->has_thread = status == WILDCAM_OK;
    }
    pthread_mutex_unlock(&jobs->mutex);
    return status;
}

void wci_jobs_stop(wildcam_station *station)
{
    struct wci_jobs *jobs = &station->jobs;
    pthread_mutex_lock(&jobs->mutex);
    bool had_thread = jobs->has_thread;
    pthread_t thread = jobs->thread;
    jobs->has_thread = false;
    pthread_cond_broadcast(&jobs->wakes);
    pthread_mutex_unlock(&jobs->mutex);
    if (had_thread)
        pthread_join(thread, NULL);
}

/* ---- what callers do with jobs ---- */

wildcam_status wci_station_start_report(wildcam_station *station, int64_t first_day,
                                        int64_t end_day, int64_t *id)
{
    wildcam_job job;
    wci_job_init(&job);
    job.from = first_day * WCI_DAY;
    job.to = end_day * WCI_DAY;
    job.created_at = wci_calendar_now();
    wildcam_status status = wci_disk_check(station->conf, 0);
    if (status == WILDCAM_OK)
        status = change(station, WCI_JOBS_ADD, &job);
    *id = status == WILDCAM_OK ? job.id : 0;
    pthread_mutex_lock(&station->jobs.mutex);
    pthread_cond_broadcast(&station->jobs.wakes);
    pthread_mutex_unlock(&station->jobs.mutex);
    return status;
}

wildcam_status wci_station_cancel_job(wildcam_station *station, int64_t id)
{
    wildcam_job job = {.id = id};
    return change(station, WCI_JOBS_CANCEL, &job);
}

wildcam_status wci_station_remove_job(wildcam_station *station, int64_t id)
{
    wildcam_job job;
    wildcam_status status = station->store.ops->get_job(station->store.backend, id, &job);
    if (status == WILDCAM_OK && job.state != WILDCAM_JOB_RUNNING) /* which has none yet */
        status = remove_results(station, id);
    return status == WILDCAM_OK ? change(station, WCI_JOBS_REMOVE, &job) : status;
}

wildcam_status wci_station_open_result(wildcam_station *station, int64_t id, int format, int *fd,
                                       int64_t *size)
{
    char path[WCI_PATH];
    wildcam_job job;
    wildcam_status status = station->store.ops->get_job(station->store.backend, id, &job);
    if (status != WILDCAM_OK)
        return status;
    if (job.state != WILDCAM_JOB_DONE)
        return wci_fail(WILDCAM_ERR_STATE, "job %lld is not done, but %s%s%s", (long long)id,
                        wci_job_state_name(job.state), *job.error ? ": " : "", job.error);
    status = result_path(station, id, format, path);
    if (status == WILDCAM_OK)
        status = wci_file_open(path, fd, size);
    return status == WILDCAM_ERR_NOTFOUND
               ? wci_fail(status, "the result of job %lld is gone; start the report again",
                          (long long)id)
               : status;
}

/* ---- sweeping ---- */

struct sweep {
    wildcam_station *station;
    int64_t before, most, most_bytes; /* what stays */
    int64_t kept, kept_bytes;
    int64_t *ids;
    size_t count, capacity;
};

/* Of the files that are there. */
static wildcam_status measure_results(const wildcam_station *station, int64_t id, int64_t *bytes)
{
    char path[WCI_PATH];
    struct stat file;
    wildcam_status status = WILDCAM_OK;
    *bytes = 0;
    for (int format = 0; status == WILDCAM_OK && format < FORMATS; format++) {
        status = result_path(station, id, format, path);
        if (status == WILDCAM_OK && stat(path, &file) == 0)
            *bytes += (int64_t)file.st_size;
    }
    return status;
}

/* The newest come first. */
static wildcam_status collect_old(void *user, const wildcam_job *job)
{
    struct sweep *sweep = user;
    void *ids = sweep->ids;
    int64_t bytes;
    if (job->state < WILDCAM_JOB_DONE)
        return WILDCAM_OK;
    wildcam_status status = measure_results(sweep->station, job->id, &bytes);
    if (status != WILDCAM_OK)
        return status;
    sweep->kept++;
    sweep->kept_bytes += bytes;
    if (job->finished_at >= sweep->before && sweep->kept <= sweep->most &&
        sweep->kept_bytes <= sweep->most_bytes)
        return WILDCAM_OK;
    if (wci_reserve(&ids, &sweep->capacity, sweep->count + 1, sizeof *sweep->ids) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    sweep->ids = ids;
    sweep->ids[sweep->count++] = job->id;
    return WILDCAM_OK;
}

/* Whoever died between deleting a job and its results left these. */
static wildcam_status sweep_file(void *user, const char *path, const char *name, bool is_directory)
{
    const struct sweep *sweep = user;
    const struct wci_store *store = &sweep->station->store;
    char number[WCI_NUMBER_TEXT] = "", file[WCI_PATH];
    wildcam_job job;
    int64_t id;
    size_t length = strcspn(name, ".");
    if (is_directory || length >= sizeof number)
        return WILDCAM_OK;
    memcpy(number, name, length);
    if (!wci_number_parse_int(number, &id))
        return WILDCAM_OK;
    wildcam_status status = store->ops->get_job(store->backend, id, &job);
    if (status != WILDCAM_ERR_NOTFOUND)
        return status;
    status = wci_path(file, "%s/%s", path, name);
    return status == WILDCAM_OK ? wci_file_remove(file) : status;
}

static wildcam_status sweep_all(struct sweep *sweep)
{
    char directory[WCI_PATH];
    wildcam_station *station = sweep->station;
    wildcam_status status = station->store.ops->list_jobs(station->store.backend, collect_old,
                                                          sweep);
    for (size_t i = 0; status == WILDCAM_OK && i < sweep->count; i++) {
        status = wci_station_remove_job(station, sweep->ids[i]);
        if (status == WILDCAM_ERR_NOTFOUND) /* another process was faster */
            status = WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        status = wci_path(directory, "%s/reports", wci_conf_text(station->conf, WCI_DATA_DIR));
    return status == WILDCAM_OK ? wci_directory_walk(directory, sweep_file, sweep) : status;
}

void wci_station_sweep_jobs(wildcam_station *station)
{
    int64_t now = wci_calendar_monotonic(), last = station->jobs.swept;
    double days = wci_conf_real(station->conf, WCI_REPORTS_KEEP_DAYS);
    if (last && now - last < SWEEP_EVERY)
        return;
    station->jobs.swept = now;
    struct sweep sweep = {
        .station = station,
        .before = days > 0 ? wci_calendar_now() - (int64_t)(days * (double)WCI_DAY) : INT64_MIN,
        .most = wci_conf_int(station->conf, WCI_REPORTS_KEEP_COUNT),
        .most_bytes = wci_conf_int(station->conf, WCI_REPORTS_KEEP_BYTES)};
    if (sweep_all(&sweep) != WILDCAM_OK)
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "jobs",
                        "old reports could not be deleted");
    free(sweep.ids);
}
