/* Jobs, in the catalog. */
#include <stdio.h>

#include "store/sqlite/sqlite.h"

enum { ATTEMPTS_MAX = 3 };

#define COLUMNS                                                                                    \
    "id, state, from_time, to_time, created_at, started_at, finished_at, done, total, lease,"      \
    " leased_until, attempts, cancelled, error"
/* Waits, or belonged to somebody who did not come back. A lease that is longer than any is of a
 * clock that was wrong. */
#define DEAD "state=1 AND (leased_until<?1 OR leased_until>?1+60000000)"
#define IS_DUE "(state=0 OR (" DEAD "))"
_Static_assert(WCI_JOB_LEASE == 60000000, "it stands in the text");

static void read_job(sqlite3_stmt *row, wildcam_job *job)
{
    const char *error = (const char *)sqlite3_column_text(row, 13);
    job->id = sqlite3_column_int64(row, 0);
    job->state = sqlite3_column_int(row, 1);
    job->from = sqlite3_column_int64(row, 2);
    job->to = sqlite3_column_int64(row, 3);
    job->created_at = sqlite3_column_int64(row, 4);
    job->started_at = wci_column_time(row, 5);
    job->finished_at = wci_column_time(row, 6);
    job->done = sqlite3_column_int64(row, 7);
    job->total = sqlite3_column_int64(row, 8);
    job->lease = sqlite3_column_int64(row, 9);
    job->leased_until = sqlite3_column_int64(row, 10);
    job->attempts = sqlite3_column_int64(row, 11);
    job->is_cancelled = sqlite3_column_int(row, 12) != 0;
    snprintf(job->error, sizeof job->error, "%s", error ? error : "");
}

/* The first row of a question with one value; *found says whether there is one. */
static wildcam_status find(struct wci_database *database, const char *sql, int64_t value,
                           wildcam_job *out, bool *found)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, value);
    wildcam_step step = wci_database_step(database, statement);
    *found = step == 1;
    if (step == 1 && out)
        read_job(statement, out);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static const char by_id[] = "SELECT " COLUMNS " FROM jobs WHERE id=?1";
static const char first_due[] = "SELECT " COLUMNS " FROM jobs WHERE " IS_DUE " ORDER BY id LIMIT 1";

static wildcam_status lack(int64_t id)
{
    wci_fail(WILDCAM_ERR_NOTFOUND, "there is no job %lld", (long long)id);
    return WILDCAM_ERR_NOTFOUND;
}

/* Reads by one connection, and answers NOTFOUND without a row. */
static wildcam_status look(wci_backend *self, const char *sql, int64_t value, wildcam_job *out,
                           bool *found)
{
    struct wci_database *reader;
    *found = false;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = find(reader, sql, value, out, found);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

wildcam_status wci_sqlite_get_job(wci_backend *self, int64_t id, wildcam_job *out)
{
    bool found;
    wildcam_status status = look(self, by_id, id, out, &found);
    return status == WILDCAM_OK && !found ? lack(id) : status;
}

wildcam_status wci_sqlite_has_job(wci_backend *self, int64_t now, bool *has)
{
    return look(self, first_due, now, NULL, has);
}

wildcam_status wci_sqlite_list_jobs(wci_backend *self,
                                    wildcam_status (*each)(void *user, const wildcam_job *job),
                                    void *user)
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_job job;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT " COLUMNS " FROM jobs ORDER BY id DESC",
                                  &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = 0;
        while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1) {
            read_job(statement, &job);
            status = each(user, &job);
        }
        sqlite3_reset(statement);
        if (status == WILDCAM_OK)
            status = step;
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* ---- changing ---- */

/* What is bound to a statement. */
struct values {
    int64_t numbers[8];
    int count;
    const char *text; /* behind them; "" is NULL */
};

static wildcam_status run(struct wci_database *writer, const char *sql, const struct values *values,
                          int *changed)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(writer, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    for (int i = 0; i < values->count; i++)
        sqlite3_bind_int64(statement, i + 1, values->numbers[i]);
    if (values->text)
        wci_bind_text(statement, values->count + 1, values->text);
    wildcam_step step = wci_database_step(writer, statement);
    *changed = sqlite3_changes(writer->handle);
    sqlite3_reset(statement);
    return step;
}

static wildcam_status add(struct wci_database *writer, wildcam_job *job)
{
    int64_t waiting = 0;
    int changed;
    const struct values values = {{job->from, job->to, job->created_at}, 3, NULL};
    wildcam_status status = wci_database_ask(writer, "SELECT count(*) FROM jobs WHERE state<=1",
                                             &waiting);
    if (status == WILDCAM_OK && waiting >= WILDCAM_JOBS_MAX)
        return wci_fail(WILDCAM_ERR_LIMITED,
                        "%d jobs wait or run; try again when some of them are done",
                        WILDCAM_JOBS_MAX);
    if (status == WILDCAM_OK)
        status = run(writer, "INSERT INTO jobs(from_time, to_time, created_at) VALUES(?, ?, ?)",
                     &values, &changed);
    job->id = status == WILDCAM_OK ? sqlite3_last_insert_rowid(writer->handle) : 0;
    return status;
}

/* Whoever dies of a job each time would die of it for ever. */
static wildcam_status give_up(struct wci_database *writer, int64_t now)
{
    int changed;
    const struct values values = {{now, ATTEMPTS_MAX}, 2, NULL};
    return run(writer,
               "UPDATE jobs SET state=3, finished_at=?1, lease=0, leased_until=0, error='the "
               "process that was at it ended before it was done, three times' WHERE " DEAD
               " AND attempts>=?2",
               &values, &changed);
}

static wildcam_status claim(struct wci_database *writer, const struct wci_job_change *change)
{
    wildcam_job *job = change->job;
    bool found = false;
    int changed;
    wildcam_status status = give_up(writer, change->now);
    if (status == WILDCAM_OK)
        status = find(writer, first_due, change->now, job, &found);
    if (status != WILDCAM_OK)
        return status;
    job->id = found ? job->id : 0; /* what was given up stays so */
    if (!found)
        return WILDCAM_OK;
    const struct values values = {{job->id, change->lease, change->until, change->now}, 4, NULL};
    status = run(writer,
                 "UPDATE jobs SET state=1, lease=?2, leased_until=?3, started_at=?4, done=0,"
                 " total=0, attempts=attempts+1 WHERE id=?1",
                 &values, &changed);
    job->state = WILDCAM_JOB_RUNNING;
    job->lease = change->lease;
    job->leased_until = change->until;
    job->started_at = change->now;
    job->attempts++;
    return status;
}

static wildcam_status must_be_ours(int changed, const wildcam_job *job)
{
    return changed ? WILDCAM_OK
                   : wci_fail(WILDCAM_ERR_STATE, "job %lld is not this process's any more",
                              (long long)job->id);
}

static wildcam_status renew(struct wci_database *writer, const struct wci_job_change *change)
{
    wildcam_job *job = change->job;
    wildcam_job now = {0};
    bool found;
    int changed;
    const struct values values = {
        {job->id, job->lease, change->until, job->done, job->total}, 5, NULL};
    wildcam_status status = run(
        writer,
        "UPDATE jobs SET leased_until=?3, done=?4, total=?5 WHERE id=?1 AND lease=?2 AND state=1",
        &values, &changed);
    if (status == WILDCAM_OK)
        status = must_be_ours(changed, job);
    if (status == WILDCAM_OK)
        status = find(writer, by_id, job->id, &now, &found);
    if (status == WILDCAM_OK)
        job->is_cancelled = now.is_cancelled;
    return status;
}

static wildcam_status settle(struct wci_database *writer, const struct wci_job_change *change)
{
    const wildcam_job *job = change->job;
    int changed;
    const struct values values = {
        {job->id, job->lease, job->state, change->now, job->done, job->total, job->attempts},
        7,
        job->error};
    wildcam_status status =
        run(writer,
            "UPDATE jobs SET state=?3, started_at=iif(?3=0, NULL, started_at),"
            " finished_at=iif(?3=0, NULL, ?4), done=?5, total=?6, attempts=?7, error=?8, lease=0,"
            " leased_until=0 WHERE id=?1 AND lease=?2 AND state=1",
            &values, &changed);
    return status == WILDCAM_OK ? must_be_ours(changed, job) : status;
}

static wildcam_status must_be_there(struct wci_database *writer, int64_t id, wildcam_job *out)
{
    bool found;
    wildcam_status status = find(writer, by_id, id, out, &found);
    return status == WILDCAM_OK && !found ? lack(id) : status;
}

static wildcam_status cancel(struct wci_database *writer, const struct wci_job_change *change)
{
    wildcam_job job;
    int changed;
    const struct values values = {{change->job->id, change->now}, 2, NULL};
    wildcam_status status = must_be_there(writer, change->job->id, &job);
    if (status != WILDCAM_OK)
        return status;
    return run(writer,
               "UPDATE jobs SET cancelled=1, finished_at=iif(state=0, ?2, finished_at),"
               " state=iif(state=0, 4, state) WHERE id=?1 AND state<=1",
               &values, &changed);
}

static wildcam_status delete_job(struct wci_database *writer, const struct wci_job_change *change)
{
    wildcam_job job;
    int changed;
    const struct values values = {{change->job->id}, 1, NULL};
    wildcam_status status = must_be_there(writer, change->job->id, &job);
    if (status != WILDCAM_OK)
        return status;
    if (job.state == WILDCAM_JOB_RUNNING)
        return wci_fail(WILDCAM_ERR_STATE, "job %lld is running; cancel it first",
                        (long long)job.id);
    return run(writer, "DELETE FROM jobs WHERE id=?", &values, &changed);
}

static wildcam_status take_step(struct wci_database *writer, const struct wci_job_change *change)
{
    switch (change->step) {
    case WCI_JOBS_ADD:
        return add(writer, change->job);
    case WCI_JOBS_CLAIM:
        return claim(writer, change);
    case WCI_JOBS_RENEW:
        return renew(writer, change);
    case WCI_JOBS_SETTLE:
        return settle(writer, change);
    case WCI_JOBS_CANCEL:
        return cancel(writer, change);
    case WCI_JOBS_REMOVE:
        return delete_job(writer, change);
    }
    return wci_fail(WILDCAM_ERR_INTERNAL, "there is no such step");
}

wildcam_status wci_sqlite_change_job(wci_backend *self, const struct wci_job_change *change)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = take_step(writer, change);
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wci_pool_rollback(&self->catalog.pool);
        return wci_error_restore(&error);
    }
    status = wci_pool_commit(&self->catalog.pool);
    if (status == WILDCAM_OK && change->step == WCI_JOBS_CLAIM && !change->job->id)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "no job is due");
    return status;
}
