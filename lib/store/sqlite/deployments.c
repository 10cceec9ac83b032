/* Deployments in the catalog: reading and changing them. */
#include <string.h>

#include "base/calendar.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

/* Columns in the order in which read_deployment() reads them. */
#define COMMA_TEXT(id, value, name, max) ", " name
#define COMMA_NUMBER(id, value, name, min, max, whole) ", " name
#define COMMA_FLAG(id, value, name) ", " name
/* clang-format off */
#define FIELDS                                                                                     \
    "key, camera_id, start_at, end_at, utc_offset, wrong_time, right_time"                         \
    WILDCAM_DEPLOYMENT_TEXT_LIST(COMMA_TEXT)                                                       \
    WILDCAM_DEPLOYMENT_NUMBER_LIST(COMMA_NUMBER)                                                   \
    WILDCAM_DEPLOYMENT_FLAG_LIST(COMMA_FLAG)
/* clang-format on */
#define COLUMNS                                                                                    \
    FIELDS ", id, EXISTS(SELECT 1 FROM retimings r WHERE r.camera_id=deployments.camera_id)"
enum {
    FIRST_TEXT = 7,
    FIRST_NUMBER = FIRST_TEXT + WCI_DEPLOYMENT_TEXT_COUNT,
    FIRST_FLAG = FIRST_NUMBER + WCI_DEPLOYMENT_NUMBER_COUNT,
    FIELD_COUNT = FIRST_FLAG + WCI_DEPLOYMENT_FLAG_COUNT,
};

static wildcam_status read_failures(struct wci_database *database, wildcam_deployment *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0,
        "SELECT from_time, to_time, reason FROM deployment_failures WHERE deployment_id=?"
        " ORDER BY from_time, place",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, out->id);
    wildcam_step step = 0;
    while (status == WILDCAM_OK && (step = wci_database_step(database, statement)) == 1) {
        const char *reason = (const char *)sqlite3_column_text(statement, 2);
        status = wci_deployment_add_failure(out, sqlite3_column_int64(statement, 0),
                                            sqlite3_column_int64(statement, 1), reason);
    }
    sqlite3_reset(statement);
    out->set = 0;
    return status == WILDCAM_OK ? step : status;
}

/* Over an initialised deployment. */
static wildcam_status read_deployment(wci_backend *self, sqlite3_stmt *row, wildcam_deployment *out)
{
    const struct wci_name *camera;
    out->camera_id = sqlite3_column_int64(row, 1);
    out->start = sqlite3_column_int64(row, 2);
    out->end = wci_column_time(row, 3);
    out->offset = wci_column_offset(row, 4);
    out->wrong = wci_column_time(row, 5);
    out->right = wci_column_time(row, 6);
    out->id = sqlite3_column_int64(row, FIELD_COUNT);
    out->is_retiming = sqlite3_column_int(row, FIELD_COUNT + 1);
    wildcam_status status = wci_column_text(row, 0, &out->key);
    for (int i = 0; status == WILDCAM_OK && i < WCI_DEPLOYMENT_TEXT_COUNT; i++)
        status = wci_column_text(row, FIRST_TEXT + i, &out->texts[i]);
    for (int i = 0; i < WCI_DEPLOYMENT_NUMBER_COUNT; i++)
        out->numbers[i] = wci_column_real(row, FIRST_NUMBER + i);
    for (int i = 0; i < WCI_DEPLOYMENT_FLAG_COUNT; i++)
        out->flags[i] = sqlite3_column_type(row, FIRST_FLAG + i) == SQLITE_NULL
                            ? -1
                            : sqlite3_column_int(row, FIRST_FLAG + i);
    if (status == WILDCAM_OK)
        status = wci_catalog_camera_at(&self->catalog, out->camera_id, &camera);
    return status == WILDCAM_OK ? wci_text_set(&out->device_id, camera->text, strlen(camera->text))
                                : status;
}

static wildcam_status get_by_key(wci_backend *self, struct wci_database *database, const char *key,
                                 wildcam_deployment *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        database, 0, "SELECT " COLUMNS " FROM deployments WHERE key=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    wildcam_step step = wci_database_step(database, statement);
    if (step == 1)
        status = read_deployment(self, statement, out);
    else
        status = step < 0
                     ? step
                     : wci_fail(WILDCAM_ERR_NOTFOUND, "there is no deployment \"%.100s\"", key);
    sqlite3_reset(statement);
    return status == WILDCAM_OK ? read_failures(database, out) : status;
}

wildcam_status wci_sqlite_get_deployment(wci_backend *self, const char *key,
                                         wildcam_deployment *out)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = get_by_key(self, reader, key, out);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

static wildcam_status list_rows(wci_backend *self, struct wci_database *reader,
                                sqlite3_stmt *statement, wci_each_deployment *each, void *user)
{
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        wildcam_deployment deployment;
        wci_deployment_init(&deployment);
        wildcam_status status = read_deployment(self, statement, &deployment);
        if (status == WILDCAM_OK)
            status = read_failures(reader, &deployment);
        if (status == WILDCAM_OK)
            status = each(user, &deployment);
        wci_deployment_release(&deployment);
        if (status != WILDCAM_OK)
            return status;
    }
    return step;
}

wildcam_status wci_sqlite_list_deployments(wci_backend *self, int64_t camera_id, int64_t from,
                                           int64_t to, wci_each_deployment *each, void *user)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0,
                                  "SELECT " COLUMNS " FROM deployments"
                                  " WHERE (?1=0 OR camera_id=?1) AND start_at<?3"
                                  " AND (end_at IS NULL OR end_at>?2) ORDER BY start_at, id",
                                  &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, camera_id);
        sqlite3_bind_int64(statement, 2, from);
        sqlite3_bind_int64(statement, 3, to);
        status = list_rows(self, reader, statement, each, user);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* ---- changing ---- */

static wildcam_status has_row(struct wci_database *database, const char *sql, const char *text,
                              int64_t number, bool *has)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    if (text)
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 1, number);
    if (text)
        sqlite3_bind_int64(statement, 2, number);
    wildcam_step step = wci_database_step(database, statement);
    *has = step == 1;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static const char is_taken[] = "SELECT 1 FROM deployments WHERE key=? AND id<>?";

/* CAMERA-YYYY-MM-DD, and with a number behind it where that is taken. */
static wildcam_status make_key(struct wci_database *writer, wildcam_deployment *deployment)
{
    struct wci_date date;
    struct wci_text key = {0};
    bool taken = true;
    wildcam_status status = WILDCAM_OK;
    wci_calendar_split(deployment->start, &date);
    for (int number = 1; status == WILDCAM_OK && taken; number++) {
        wci_text_empty(&key);
        wci_text_add_format(&key, "%s-%04d-%02d-%02d", wci_text_get(&deployment->device_id),
                            date.year, date.month, date.day);
        if (number > 1)
            wci_text_add_format(&key, "-%d", number);
        status = key.failed ? wci_fail_memory() : has_row(writer, is_taken, key.data, 0, &taken);
    }
    if (status == WILDCAM_OK)
        status = wci_text_set(&deployment->key, key.data, key.length);
    wci_text_free(&key);
    return status;
}

static wildcam_status refuse_taken_key(struct wci_database *writer,
                                       const wildcam_deployment *deployment)
{
    bool taken = false;
    const char *key = wci_text_get(&deployment->key);
    wildcam_status status = has_row(writer, is_taken, key, deployment->id, &taken);
    return status == WILDCAM_OK && taken
               ? wci_fail(WILDCAM_ERR_EXISTS, "there is a deployment \"%.100s\"", key)
               : status;
}

static wildcam_status refuse_overlap(struct wci_database *writer,
                                     const wildcam_deployment *deployment)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        writer, 0,
        "SELECT key, start_at, end_at FROM deployments WHERE camera_id=?1 AND id<>?2"
        " AND start_at<?4 AND (end_at IS NULL OR end_at>?3) ORDER BY start_at LIMIT 1",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    struct wci_clock_rule span = wci_deployment_rule(deployment);
    sqlite3_bind_int64(statement, 1, deployment->camera_id);
    sqlite3_bind_int64(statement, 2, deployment->id);
    sqlite3_bind_int64(statement, 3, span.start);
    sqlite3_bind_int64(statement, 4, span.end);
    wildcam_step step = wci_database_step(writer, statement);
    if (step == 1) {
        char start[WILDCAM_TIME_TEXT], end[WILDCAM_TIME_TEXT] = "now on";
        wci_calendar_format(sqlite3_column_int64(statement, 1), 0, start);
        if (sqlite3_column_type(statement, 2) != SQLITE_NULL)
            wci_calendar_format(sqlite3_column_int64(statement, 2), 0, end);
        status = wci_fail(WILDCAM_ERR_EXISTS,
                          "it overlaps deployment \"%.100s\" of camera %s, which is from %s to %s: "
                          "change or end that one first",
                          (const char *)sqlite3_column_text(statement, 0),
                          wci_text_get(&deployment->device_id), start, end);
    }
    sqlite3_reset(statement);
    return step < 0 ? step : status;
}

static void bind_fields(sqlite3_stmt *statement, const wildcam_deployment *deployment)
{
    wci_bind_text(statement, 1, wci_text_get(&deployment->key));
    sqlite3_bind_int64(statement, 2, deployment->camera_id);
    sqlite3_bind_int64(statement, 3, deployment->start);
    wci_bind_time(statement, 4, deployment->end);
    wci_bind_offset(statement, 5, deployment->offset);
    wci_bind_time(statement, 6, deployment->wrong);
    wci_bind_time(statement, 7, deployment->right);
    for (int i = 0; i < WCI_DEPLOYMENT_TEXT_COUNT; i++)
        wci_bind_text(statement, FIRST_TEXT + i + 1, wci_text_get(&deployment->texts[i]));
    for (int i = 0; i < WCI_DEPLOYMENT_NUMBER_COUNT; i++)
        wci_bind_real(statement, FIRST_NUMBER + i + 1, deployment->numbers[i]);
    for (int i = 0; i < WCI_DEPLOYMENT_FLAG_COUNT; i++)
        wci_bind_count(statement, FIRST_FLAG + i + 1, deployment->flags[i]);
}

static wildcam_status save_row(struct wci_database *writer, wildcam_deployment *deployment)
{
    sqlite3_stmt *statement;
    struct wci_text sql = {0};
    bool is_new = deployment->id == 0;
    wci_text_add(&sql, is_new ? "INSERT INTO deployments(" FIELDS ") VALUES("
                              : "UPDATE deployments SET (" FIELDS ")=(");
    for (int i = 1; i <= FIELD_COUNT; i++)
        wci_text_add_format(&sql, "%s?%d", i > 1 ? "," : "", i);
    wci_text_add(&sql, ")");
    if (!is_new)
        wci_text_add_format(&sql, " WHERE id=%lld", (long long)deployment->id);
    wildcam_status status = sql.failed ? wci_fail_memory()
                                       : wci_database_prepare_once(writer, sql.data, &statement);
    wci_text_free(&sql);
    if (status != WILDCAM_OK)
        return status;
    bind_fields(statement, deployment);
    wildcam_step step = wci_database_step(writer, statement);
    sqlite3_finalize(statement);
    if (step == 0 && is_new)
        deployment->id = sqlite3_last_insert_rowid(writer->handle);
    return step;
}

static wildcam_status run_for(struct wci_database *writer, const char *sql, int64_t id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(writer, (uintptr_t)sql, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, id);
    wildcam_step step = wci_database_step(writer, statement);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status save_failures(struct wci_database *writer,
                                    const wildcam_deployment *deployment)
{
    sqlite3_stmt *statement;
    wildcam_status status = run_for(writer, "DELETE FROM deployment_failures WHERE deployment_id=?",
                                    deployment->id);
    if (status == WILDCAM_OK)
        status = wci_database_prepare(
            writer, 0,
            "INSERT INTO deployment_failures(deployment_id, place, from_time, to_time, reason)"
            " VALUES(?, ?, ?, ?, ?)",
            &statement);
    for (size_t i = 0; status == WILDCAM_OK && i < deployment->failure_count; i++) {
        const struct wci_failure *failure = &deployment->failures[i];
        sqlite3_bind_int64(statement, 1, deployment->id);
        sqlite3_bind_int64(statement, 2, (int64_t)i);
        sqlite3_bind_int64(statement, 3, failure->from);
        sqlite3_bind_int64(statement, 4, failure->to);
        wci_bind_text(statement, 5, wci_text_get(&failure->reason));
        status = wci_database_step(writer, statement);
        sqlite3_reset(statement);
    }
    return status;
}

/* Whether a camera has a deployment that may say something about a time. */
static wildcam_status has_rules(struct wci_database *writer, int64_t camera_id, bool *has)
{
    return has_row(writer,
                   "SELECT 1 FROM deployments WHERE camera_id=?"
                   " AND (utc_offset IS NOT NULL OR wrong_time IS NOT NULL)",
                   NULL, camera_id, has);
}

/* The camera's rows may not be as its deployments say from now on, in whatever process reads it. */
static wildcam_status mark(struct wci_database *writer, int64_t camera_id)
{
    return run_for(writer,
                   "INSERT INTO retimings(camera_id, mark)"
                   " SELECT ?, rules FROM time_changes WHERE true"
                   " ON CONFLICT(camera_id) DO UPDATE SET mark=excluded.mark",
                   camera_id);
}

static bool same_rule(const wildcam_deployment *left, const wildcam_deployment *right)
{
    struct wci_clock_rule a = wci_deployment_rule(left), b = wci_deployment_rule(right);
    return left->camera_id == right->camera_id && a.start == b.start && a.end == b.end &&
           a.offset == b.offset && a.shift == b.shift;
}

/* What a change does: `before` is what was there, with id 0 when there was nothing; `after` what is
 * to be there. */
struct step {
    wci_backend *self;
    struct wci_database *writer;
    wildcam_deployment before, after;
    bool removes;
};

static wildcam_status save(struct step *step)
{
    wildcam_deployment *after = &step->after;
    const struct wci_name *camera;
    wildcam_status status;
    if (step->removes) {
        status = run_for(step->writer, "DELETE FROM deployment_failures WHERE deployment_id=?",
                         step->before.id);
        return status == WILDCAM_OK
                   ? run_for(step->writer, "DELETE FROM deployments WHERE id=?", step->before.id)
                   : status;
    }
    status = wci_deployment_check(after);
    if (status == WILDCAM_OK)
        status = wci_catalog_find_camera(&step->self->catalog, wci_text_get(&after->device_id),
                                         false, &camera);
    if (status != WILDCAM_OK)
        return status;
    after->id = step->before.id;
    after->camera_id = camera->id;
    status = after->key.length ? refuse_taken_key(step->writer, after)
                               : make_key(step->writer, after);
    if (status == WILDCAM_OK)
        status = refuse_overlap(step->writer, after);
    if (status == WILDCAM_OK)
        status = save_row(step->writer, after);
    return status == WILDCAM_OK ? save_failures(step->writer, after) : status;
}

/* Nothing follows a picture of another deployment: where one begins or ends, begins no more or ends
 * no more, events are not what they were. */
static wildcam_status doubt_events(struct wci_database *writer, const wildcam_deployment *place)
{
    const int64_t moments[] = {place->start, place->end};
    wildcam_status status = WILDCAM_OK;
    for (int i = 0; status == WILDCAM_OK && i < 2; i++)
        if (moments[i] != WILDCAM_TIME_NONE)
            status = wci_catalog_doubt_events(writer, place->camera_id, moments[i], moments[i]);
    return status;
}

static wildcam_status doubt_events_of(const struct step *step)
{
    const wildcam_deployment *before = &step->before, *after = &step->after;
    wildcam_status status = WILDCAM_OK;
    if (!step->removes && before->id && before->camera_id == after->camera_id &&
        before->start == after->start && before->end == after->end)
        return WILDCAM_OK;
    if (before->id)
        status = doubt_events(step->writer, before);
    return status == WILDCAM_OK && !step->removes ? doubt_events(step->writer, after) : status;
}

static wildcam_status save_and_mark(struct step *step)
{
    int64_t cameras[2] = {step->before.camera_id, 0};
    bool had[2] = {false, false}, has = false;
    wildcam_status status = WILDCAM_OK;
    if (step->before.id)
        status = has_rules(step->writer, cameras[0], &had[0]);
    if (status == WILDCAM_OK)
        status = save(step);
    if (status == WILDCAM_OK)
        status = doubt_events_of(step);
    if (status != WILDCAM_OK ||
        (!step->removes && step->before.id && same_rule(&step->before, &step->after)))
        return status;
    cameras[1] = step->removes ? 0 : step->after.camera_id;
    status = wci_database_run(step->writer, "UPDATE time_changes SET rules=rules+1");
    for (int i = 0; i < 2 && status == WILDCAM_OK; i++) {
        if (!cameras[i] || (i == 1 && cameras[1] == cameras[0]))
            continue;
        status = has_rules(step->writer, cameras[i], &has);
        if (status == WILDCAM_OK && (has || had[i]))
            status = mark(step->writer, cameras[i]);
    }
    return status;
}

static wildcam_status change_in(struct step *step, struct wci_deployment_change *change)
{
    wildcam_status status = WILDCAM_OK;
    step->removes = change->step == WCI_DEPLOYMENTS_REMOVE;
    if (change->step != WCI_DEPLOYMENTS_ADD)
        status = get_by_key(step->self, step->writer, change->key, &step->before);
    if (status == WILDCAM_OK && change->step == WCI_DEPLOYMENTS_CHANGE)
        status = get_by_key(step->self, step->writer, change->key, &step->after);
    if (status == WILDCAM_OK && !step->removes)
        status = wci_deployment_merge(&step->after, change->draft);
    return status == WILDCAM_OK ? save_and_mark(step) : status;
}

static void swap(wildcam_deployment *out, wildcam_deployment *deployment)
{
    if (!out)
        return;
    wildcam_deployment kept = *deployment;
    *deployment = *out;
    *out = kept;
}

wildcam_status wci_sqlite_change_deployment(wci_backend *self, struct wci_deployment_change *change)
{
    struct step step = {.self = self};
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &step.writer);
    if (status != WILDCAM_OK)
        return status;
    wci_deployment_init(&step.before);
    wci_deployment_init(&step.after);
    status = change_in(&step, change);
    if (status == WILDCAM_OK)
        status = wci_pool_commit(&self->catalog.pool);
    else
        wci_pool_rollback(&self->catalog.pool);
    if (status == WILDCAM_OK) { /* handed over: what is kept must not fail any more */
        swap(change->before, &step.before);
        swap(change->after, &step.after);
    }
    wci_deployment_release(&step.before);
    wci_deployment_release(&step.after);
    return status;
}
