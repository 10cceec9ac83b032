/**
 * @file report.h
 * Reports over a span of days, and the jobs that make them in the background.
 *
 * A report is about whole days of UTC. What counts is as in summary.h: a reviewer's species before
 * a detector's, and nothing that was found to be false. A "detection" is all that counts but what
 * is empty (blank); a "species" is what somebody or something named, so that a detection that
 * nobody has looked at yet (unclassified) has none.
 *
 * The formulas, which a report repeats:
 *
 * - camera-days: of a camera with deployments in the span, the time that they last within it less
 *   their failure periods, in days of 24 hours; one that lasts counts until now. Of a camera
 * without, an estimate: the days on which it has any picture or detection (what a camera reports of
 * its battery is not kept by day, and counts for none). `effort_source` says which: `deployments`
 * or `estimated`.
 * - per 100 camera-days (the relative abundance index): 100 x detections / camera-days, of all
 *   cameras of the report. No value where there are no camera-days.
 * - change: 100 x (now - before) / before, in per cent, against the span of the same length just
 *   before; of a week, of detections per day against those of the week before it in the report. No
 *   value where there was nothing before. Weeks begin on Monday; those at the ends may be shorter.
 *
 * A JSON report is `{report, start_date, end_date, days, generated_at, previous, formulas, totals,
 * species, cameras, camera_species, daily, weekly, hourly}`; where files are damaged and missing
 * from it, `incomplete` names them. The CSV form is one table (RFC 4180, UTF-8, a header line,
 * lines end with CR LF) whose first column, `section`, says what a line is of: total, species,
 * camera, camera_species, day, week or hour; what a section does not have is empty. A text that
 * begins with
 * `=`, `+`, `-`, `@`, a tab or a carriage return has an apostrophe before it, so that no
 * spreadsheet takes it for a formula. Numbers have a point and no grouping, whatever the locale.
 */
#ifndef WILDCAM_REPORT_H
#define WILDCAM_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/backup.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A report that is made. */
typedef struct wildcam_report wildcam_report;

/** The most days that a report may have. */
#define WILDCAM_REPORT_DAYS_MAX 3660

/**
 * Makes a report. It reads the sums of the days, file by file, and not the detections: its time
 * grows with days, cameras and species, and its memory with cameras times species and with days.
 *
 * @param self      the station.
 * @param from      the first day: any time within it.
 * @param to        the end: the first time that does not belong to it. A day that it lies in
 *                  belongs to the report as a whole. At most #WILDCAM_REPORT_DAYS_MAX days from the
 *                  first.
 * @param progress  is told how many files are read of how many, and may end the call by answering
 *                  something else than 0; NULL for none.
 * @param user      handed to @p progress.
 * @param out       where the report goes; NULL on failure.
 * @return #WILDCAM_OK, also where files are damaged, which the report names;
 *         #WILDCAM_ERR_INVALID when the span is empty or too long, or an argument is outside its
 *         limits; #WILDCAM_ERR_CANCELLED when @p progress said so; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_report_free(); it does not hold the station. Thread
 * safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_report(wildcam_station *self, int64_t from, int64_t to,
                                                  wildcam_progress_fn *progress, void *user,
                                                  wildcam_report **out);

/** The forms of a report. */
enum {
    WILDCAM_REPORT_JSON = 0, /**< As wildcam_report_to_json() writes it. */
    WILDCAM_REPORT_CSV = 1   /**< As wildcam_report_to_csv() writes it. */
};

/**
 * Writes a report as JSON.
 *
 * @param self  the report.
 * @param text  where the text goes, freed with wildcam_free(); NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_report_to_json(const wildcam_report *self, char **text);

/**
 * Writes a report into a file, whole or not at all: it appears under its name when it is on the
 * disk, in the place of a file that is there.
 *
 * @param self  the report.
 * @param form  #WILDCAM_REPORT_JSON or #WILDCAM_REPORT_CSV.
 * @param path  the file.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when there is no such form, something else than a file
 *         has the name, or an argument is NULL; #WILDCAM_ERR_NOTFOUND when the directory above is
 *         not there; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_IO; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_TOOLARGE when the path is over 4,095 bytes; #WILDCAM_ERR_NOMEM. What had the
 *         name is as it was then, unless the disk failed behind the report's taking its place:
 *         nothing has the name then.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_report_save(const wildcam_report *self, int form,
                                               const char *path);

/**
 * Writes a report as CSV.
 *
 * @param self  the report.
 * @param text  where the text goes, freed with wildcam_free(); NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_report_to_csv(const wildcam_report *self, char **text);

/**
 * Names the shards that the report lacks because they are damaged.
 *
 * @param self  the report.
 * @return such as "2026-03, 2026-04", "" for none; valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_report_damaged(const wildcam_report *self);

/**
 * Frees a report.
 *
 * @param self  the report, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_report_free(wildcam_report *self);

/* ---- jobs ---- */

/** The one list of a job's states: X(NAME, value, text). */
#define WILDCAM_JOB_LIST(X)                                                                        \
    X(DUE, 0, "due")                                                                               \
    X(RUNNING, 1, "running")                                                                       \
    X(DONE, 2, "done")                                                                             \
    X(FAILED, 3, "failed")                                                                         \
    X(CANCELLED, 4, "cancelled")

/** How a job stands: `WILDCAM_JOB_DUE` and so on, from the list above. */
enum {
#define WILDCAM_JOB_VALUE(name, value, text) WILDCAM_JOB_##name = (value),
    WILDCAM_JOB_LIST(WILDCAM_JOB_VALUE)
#undef WILDCAM_JOB_VALUE
};

/** The most jobs that may wait and run at one time. */
#define WILDCAM_JOBS_MAX 100

/** A job, as it was when it was asked for. */
typedef struct wildcam_job wildcam_job;
/** Jobs. */
typedef struct wildcam_job_list wildcam_job_list;

/**
 * Has a report made in the background: by a thread of any process that has started the station
 * (wildcam_station_start()), or by wildcam_station_run_job(). One is made at a time in a process.
 * A job outlives the process: one whose process has died is begun again by another, or by the next,
 * a minute later; after the third time it fails. Its results are files in `reports/` of the
 * station's directory; they and the job go `reports.keep_days` after its end, or before, the oldest
 * first, when there are more than `reports.keep_count` or they take more than `reports.keep_bytes`.
 * Backups do not have them.
 *
 * @param self  the station.
 * @param from  as wildcam_station_report() takes it.
 * @param to    as wildcam_station_report() takes it.
 * @param id    where the job's number goes; 0 on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_LIMITED while #WILDCAM_JOBS_MAX jobs wait; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_start_report(wildcam_station *self, int64_t from,
                                                        int64_t to, int64_t *id);

/**
 * Runs the next job that is due, if there is one, in the caller's thread: for hosts that start no
 * threads. What becomes of it, its failure too, stands in the job.
 *
 * @param self      the station.
 * @param progress  is told how far it is, and may end it by answering something else than 0: the
 *                  job is due again then; NULL for none.
 * @param user      handed to @p progress.
 * @param id        where the number of the job goes that was run, 0 when none was due; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CANCELLED when @p progress said so; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when @p self is NULL;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk, as long as a report
 * takes.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_run_job(wildcam_station *self,
                                                   wildcam_progress_fn *progress, void *user,
                                                   int64_t *id);

/**
 * Looks a job up.
 *
 * @param self  the station.
 * @param id    its number.
 * @param out   where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_job_free(). Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_job(wildcam_station *self, int64_t id,
                                                   wildcam_job **out);

/**
 * Lists the jobs, the newest first.
 *
 * @param self  the station.
 * @param out   where the list goes; NULL on failure.
 * @return as wildcam_station_get_job(), but never #WILDCAM_ERR_NOTFOUND.
 *
 * Ownership: the caller's, freed with wildcam_job_list_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_jobs(wildcam_station *self, wildcam_job_list **out);

/**
 * Has a job end: at once when it waits, and soon, in whatever process, when it runs. One that has
 * ended stays as it is.
 *
 * @param self  the station.
 * @param id    its number.
 * @return as wildcam_station_get_job().
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_cancel_job(wildcam_station *self, int64_t id);

/**
 * Deletes a job and its results.
 *
 * @param self  the station.
 * @param id    its number.
 * @return as wildcam_station_get_job(); #WILDCAM_ERR_STATE while it runs: cancel it first.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_remove_job(wildcam_station *self, int64_t id);

/**
 * Opens a job's result for reading.
 *
 * @param self    the station.
 * @param id      the job's number.
 * @param format  one of the WILDCAM_REPORT_ values.
 * @param fd      where the file descriptor goes, at the beginning of the file; -1 on failure.
 * @param size    where the length of the file in bytes goes; may be NULL.
 * @return as wildcam_station_get_job(), #WILDCAM_ERR_NOTFOUND also when the file is gone;
 *         #WILDCAM_ERR_STATE when the job is not done; the sentence says how it stands.
 *
 * Ownership: the descriptor is the caller's, closed with close(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_open_result(wildcam_station *self, int64_t id,
                                                       int format, int *fd, int64_t *size);

/**
 * A job's number.
 *
 * @param self  the job.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_job_get_id(const wildcam_job *self);

/**
 * How a job stands.
 *
 * @param self  the job.
 * @return one of the WILDCAM_JOB_ values; -1 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_job_get_state(const wildcam_job *self);

/**
 * Why a job failed.
 *
 * @param self  the job.
 * @return a sentence, "" when it did not; valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_job_get_error(const wildcam_job *self);

/**
 * Writes a job as a JSON object: `{job_id, kind, state, start_date, end_date, created_at,
 * started_at, finished_at, progress: {done, total}, error}`, null for what is not yet.
 *
 * @param self  the job.
 * @param text  where the text goes, freed with wildcam_free(); NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_job_to_json(const wildcam_job *self, char **text);

/**
 * Frees a job that wildcam_station_get_job() gave.
 *
 * @param self  the job, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_job_free(wildcam_job *self);

/**
 * How many jobs there are in a list.
 *
 * @param self  the list.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_job_list_get_count(const wildcam_job_list *self);

/**
 * One job of a list.
 *
 * @param self   the list.
 * @param index  from 0.
 * @return the job, NULL behind the end; valid as long as the list.
 *
 * Ownership: borrowed. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_job *wildcam_job_list_at(const wildcam_job_list *self, size_t index);

/**
 * Frees a list and the jobs in it.
 *
 * @param self  the list, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_job_list_free(wildcam_job_list *self);

#ifdef __cplusplus
}
#endif

#endif
