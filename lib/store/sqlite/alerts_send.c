/* What is sent of alerts: a row for each event and each address that it goes to. */
#include <stdio.h>
#include <string.h>

#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

enum { DUE, DONE, PARKED };

/* No lease and no wait is longer: what lies further ahead was written before the clock was set
 * back. */
#define LONGEST_LEASE (600 * WCI_SECOND)
#define LONGEST_WAIT (WCI_DAY)

/* ---- which are due ---- */

/*
 * A row is due when its time and that of its target have come, nobody has it, and no earlier one of
 * the same alert to the same target is still to be sent: what was cleared is told behind what was
 * raised.
 */
#define READY                                                                                      \
    " FROM alert_deliveries AS d JOIN alert_targets AS t ON t.target=d.target"                     \
    " JOIN alert_events AS e ON e.id=d.event_id"                                                   \
    " WHERE d.state=0 AND d.target=?1 AND t.stopped_at IS NULL"                                    \
    " AND (d.due_at<=?2 OR d.due_at>?2+?3) AND (t.not_before<=?2 OR t.not_before>?2+?3)"           \
    " AND (d.lease=0 OR d.leased_until<=?2 OR d.leased_until>?2+?4)"                               \
    " AND NOT EXISTS(SELECT 1 FROM alert_deliveries AS b WHERE b.state=0 AND b.target=d.target"    \
    " AND b.alert_id=d.alert_id AND b.id<d.id)"

static wildcam_status ask_ready(struct wci_database *database, const char *target, int64_t now,
                                bool *is_ready)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_ready(database, "SELECT 1" READY " LIMIT 1",
                           WCI_VALUES(WCI_TEXT_OR_NULL(target), WCI_NUMBER(now),
                                      WCI_NUMBER(LONGEST_WAIT), WCI_NUMBER(LONGEST_LEASE)),
                           &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    *is_ready = step == 1;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Whether there are events that have no rows for a target yet, or it is not known. */
static wildcam_status ask_planned(struct wci_database *database, const char *target,
                                  bool *is_planned)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_ready(
        database,
        "SELECT planned>=(SELECT coalesce(max(id), 0) FROM alert_events) FROM alert_targets"
        " WHERE target=?",
        WCI_VALUES(WCI_TEXT_OR_NULL(target)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    *is_planned = step == 1 && sqlite3_column_int(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* Most times there is nothing to do, and nothing is written. */
static wildcam_status has_work(wci_backend *self, const struct wci_targets *targets, int64_t now,
                               bool *has)
{
    struct wci_database *reader;
    *has = false;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && !*has && i < targets->count; i++) {
        bool is_ready = false, is_planned = true;
        status = ask_planned(reader, targets->all[i], &is_planned);
        if (status == WILDCAM_OK && is_planned)
            status = ask_ready(reader, targets->all[i], now, &is_ready);
        *has = is_ready || !is_planned;
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

/* ---- planning ---- */

/* The rows that a target lacks. One that was never named begins here; one that wants nothing more
 * gets none, and what comes about meanwhile is not kept for it. Nor is what was long over when it
 * was named again: `since` is from when on events count. */
static wildcam_status plan(struct wci_database *writer, const char *target, int64_t now,
                           int64_t since)
{
    wildcam_status status = wci_database_change(
        writer,
        "INSERT INTO alert_targets(target, planned) SELECT ?, coalesce(max(id), 0) FROM"
        " alert_events WHERE true ON CONFLICT DO NOTHING",
        WCI_VALUES(WCI_TEXT_OR_NULL(target)), NULL);
    if (status == WILDCAM_OK)
        status = wci_database_change(
            writer,
            "INSERT INTO alert_deliveries(event_id, alert_id, target, delivery, since)"
            " SELECT e.id, e.alert_id, t.target, lower(hex(randomblob(16))), ?2"
            " FROM alert_targets AS t JOIN alert_events AS e ON e.id>t.planned"
            " WHERE t.target=?1 AND t.stopped_at IS NULL AND e.at>=?3 ORDER BY e.id",
            WCI_VALUES(WCI_TEXT_OR_NULL(target), WCI_NUMBER(now), WCI_NUMBER(since)), NULL);
    if (status == WILDCAM_OK)
        status = wci_database_change(
            writer,
            "UPDATE alert_targets SET planned=max(planned, (SELECT coalesce(max(id), 0) FROM"
            " alert_events)) WHERE target=?",
            WCI_VALUES(WCI_TEXT_OR_NULL(target)), NULL);
    return status;
}

/* ---- claiming ---- */

static wildcam_status take_row(sqlite3_stmt *row, const char *target, struct wci_delivery *out)
{
    const char *delivery = (const char *)sqlite3_column_text(row, 4);
    out->id = sqlite3_column_int64(row, 0);
    out->alert_id = sqlite3_column_int64(row, 1);
    out->since = sqlite3_column_int64(row, 2);
    out->attempts = sqlite3_column_int(row, 3);
    snprintf(out->delivery, sizeof out->delivery, "%s", delivery ? delivery : "");
    snprintf(out->target, sizeof out->target, "%s", target);
    out->at = sqlite3_column_int64(row, 6);
    wildcam_status status = wci_column_text(row, 5, &out->event);
    return status == WILDCAM_OK ? wci_column_text(row, 7, &out->alert) : status;
}

static wildcam_status find_ready(struct wci_database *writer, const char *target, int64_t now,
                                 struct wci_delivery *found, size_t limit, size_t *got)
{
    sqlite3_stmt *statement;
    wildcam_step step;
    wildcam_status status = wci_database_ready(
        writer,
        "SELECT d.id, d.alert_id, d.since, d.attempts, d.delivery, e.event, e.at, e.alert" READY
        " ORDER BY d.id LIMIT ?5",
        WCI_VALUES(WCI_TEXT_OR_NULL(target), WCI_NUMBER(now), WCI_NUMBER(LONGEST_WAIT),
                   WCI_NUMBER(LONGEST_LEASE), WCI_NUMBER((int64_t)(limit - *got))),
        &statement);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && (step = wci_database_step(writer, statement)) == 1)
        status = take_row(statement, target, &found[(*got)++]);
    sqlite3_reset(statement);
    return status == WILDCAM_OK ? step : status;
}

static wildcam_status claim(struct wci_database *writer, const struct wci_targets *targets,
                            int64_t now, int64_t lease, int64_t until, struct wci_delivery *found,
                            size_t limit, size_t *got)
{
    wildcam_status status = WILDCAM_OK;
    int64_t since = targets->keep ? now - targets->keep : INT64_MIN + 1; /* MIN is no time */
    for (size_t i = 0; status == WILDCAM_OK && i < targets->count; i++) {
        status = plan(writer, targets->all[i], now, since);
        if (status == WILDCAM_OK && *got < limit)
            status = find_ready(writer, targets->all[i], now, found, limit, got);
    }
    for (size_t i = 0; status == WILDCAM_OK && i < *got; i++)
        status = wci_database_change(
            writer, "UPDATE alert_deliveries SET lease=?, leased_until=? WHERE id=?",
            WCI_VALUES(WCI_NUMBER(lease), WCI_NUMBER(until), WCI_NUMBER(found[i].id)), NULL);
    return status;
}

wildcam_status wci_sqlite_claim_deliveries(wci_backend *self, const struct wci_targets *targets,
                                           int64_t now, int64_t lease, int64_t until,
                                           struct wci_delivery *found, size_t limit, size_t *got)
{
    bool has;
    struct wci_database *writer;
    *got = 0;
    wildcam_status status = has_work(self, targets, now, &has);
    if (status != WILDCAM_OK || !has)
        return status;
    status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = claim(writer, targets, now, lease, until, found, limit, got);
    if (status == WILDCAM_OK)
        status = wci_pool_commit(&self->catalog.pool);
    else
        wci_pool_rollback(&self->catalog.pool);
    return status; /* the texts of what was found are the caller's to free, whatever comes */
}

/* ---- what came of it ---- */

/* Only a row that is still ours is changed. */
static wildcam_status set_row(struct wci_database *writer, const struct wci_delivery_end *end,
                              int state, bool *is_ours)
{
    int changed = 0;
    bool is_attempt = end->step != WCI_DELIVERY_GIVE_BACK;
    wildcam_status status = wci_database_change(
        writer,
        "UPDATE alert_deliveries SET state=?1, due_at=CASE WHEN ?2 THEN ?3 ELSE due_at END,"
        " attempts=attempts+?2, status=CASE WHEN ?2 THEN nullif(?4, 0) ELSE status END,"
        " last_error=CASE WHEN ?2 THEN ?5 ELSE last_error END,"
        " done_at=CASE WHEN ?1=1 THEN ?6 END, lease=0, leased_until=0"
        " WHERE id=?7 AND lease=?8 AND state=0",
        WCI_VALUES(WCI_NUMBER(state), WCI_NUMBER(is_attempt),
                   WCI_NUMBER(end->step == WCI_DELIVERY_RETRY ? end->due : 0),
                   WCI_NUMBER(end->status), WCI_TEXT_OR_NULL(end->error), WCI_NUMBER(end->now),
                   WCI_NUMBER(end->delivery->id), WCI_NUMBER(end->lease)),
        &changed);
    *is_ours = changed > 0;
    return status;
}

static wildcam_status set_target(struct wci_database *writer, const struct wci_delivery_end *end)
{
    const char *target = end->delivery->target;
    switch (end->step) {
    case WCI_DELIVERY_DONE:
        return wci_database_change(writer,
                                   "UPDATE alert_targets SET not_before=0, failures=0"
                                   " WHERE target=? AND (not_before<>0 OR failures<>0)",
                                   WCI_VALUES(WCI_TEXT_OR_NULL(target)), NULL);
    case WCI_DELIVERY_RETRY:
        return wci_database_change(
            writer,
            "UPDATE alert_targets SET not_before=max(not_before, ?), failures=failures+1"
            " WHERE target=?",
            WCI_VALUES(WCI_NUMBER(end->not_before), WCI_TEXT_OR_NULL(target)), NULL);
    case WCI_DELIVERY_STOP:
        return wci_database_change(writer, "UPDATE alert_targets SET stopped_at=? WHERE target=?",
                                   WCI_VALUES(WCI_NUMBER(end->now), WCI_TEXT_OR_NULL(target)),
                                   NULL);
    case WCI_DELIVERY_PARK:
    case WCI_DELIVERY_GIVE_BACK:
        break;
    }
    return WILDCAM_OK;
}

/* All that waits for it goes no further. */
static wildcam_status park_rest(struct wci_database *writer, const struct wci_delivery_end *end)
{
    return wci_database_change(
        writer,
        "UPDATE alert_deliveries SET state=2, last_error=? WHERE state=0 AND target=? AND lease=0",
        WCI_VALUES(WCI_TEXT_OR_NULL(end->error), WCI_TEXT_OR_NULL(end->delivery->target)), NULL);
}

static wildcam_status set_all(struct wci_database *writer, const struct wci_delivery_end *end)
{
    bool is_ours;
    int state = end->step == WCI_DELIVERY_DONE                                     ? DONE
                : end->step == WCI_DELIVERY_PARK || end->step == WCI_DELIVERY_STOP ? PARKED
                                                                                   : DUE;
    wildcam_status status = set_row(writer, end, state, &is_ours);
    if (status == WILDCAM_OK && is_ours)
        status = set_target(writer, end);
    if (status == WILDCAM_OK && is_ours && end->step == WCI_DELIVERY_STOP)
        status = park_rest(writer, end);
    return status;
}

wildcam_status wci_sqlite_end_delivery(wci_backend *self, const struct wci_delivery_end *end)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = set_all(writer, end);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

static wildcam_status revive(struct wci_database *writer, const char *target, int64_t now)
{
    wildcam_status status = wci_database_change(
        writer,
        "UPDATE alert_deliveries SET state=0, attempts=0, due_at=0, since=?2"
        " WHERE target=?1 AND state=2"
        " AND EXISTS(SELECT 1 FROM alert_targets WHERE target=?1 AND stopped_at IS NULL)"
        " AND (EXISTS(SELECT 1 FROM alerts AS a WHERE a.id=alert_id AND a.cleared_at IS NULL)"
        " OR EXISTS(SELECT 1 FROM alert_deliveries AS b WHERE b.alert_id=alert_deliveries.alert_id"
        " AND b.target=?1 AND b.state=1))",
        WCI_VALUES(WCI_TEXT_OR_NULL(target), WCI_NUMBER(now)), NULL);
    if (status != WILDCAM_OK)
        return status;
    return wci_database_change(writer,
                               "UPDATE alert_targets SET stopped_at=NULL, not_before=0, failures=0,"
                               " planned=CASE WHEN stopped_at IS NULL THEN planned ELSE"
                               " max(planned, (SELECT coalesce(max(id), 0) FROM alert_events)) END"
                               " WHERE target=? AND (stopped_at IS NOT NULL OR not_before<>0)",
                               WCI_VALUES(WCI_TEXT_OR_NULL(target)), NULL);
}

wildcam_status wci_sqlite_revive_target(wci_backend *self, const char *target, int64_t now)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = revive(writer, target, now);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

/* ---- figures ---- */

static wildcam_status add_figures(struct wci_database *reader, const char *target, int64_t now,
                                  struct wci_delivery_figures *out)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_ready(
        reader,
        "SELECT sum(d.state=0), sum(d.state=2), min(CASE WHEN d.state=0 AND t.stopped_at IS NULL"
        " AND NOT EXISTS(SELECT 1 FROM alert_deliveries AS b WHERE b.state=0 AND"
        " b.target=d.target AND b.alert_id=d.alert_id AND b.id<d.id)"
        " THEN max(d.due_at, t.not_before, CASE WHEN d.lease<>0 THEN d.leased_until ELSE 0 END)"
        " END) FROM alert_deliveries AS d JOIN alert_targets AS t ON t.target=d.target"
        " WHERE d.target=? AND d.state<>1",
        WCI_VALUES(WCI_TEXT_OR_NULL(target)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1) {
        out->owed += sqlite3_column_int64(statement, 0);
        out->parked += sqlite3_column_int64(statement, 1);
        int64_t next = wci_column_time(statement, 2);
        if (next != WILDCAM_TIME_NONE) {
            next = next > now + LONGEST_WAIT ? now : next;
            out->next = next < out->next ? next : out->next;
        }
    }
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

wildcam_status wci_sqlite_count_deliveries(wci_backend *self, const struct wci_targets *targets,
                                           int64_t now, struct wci_delivery_figures *out)
{
    struct wci_database *reader;
    *out = (struct wci_delivery_figures){.next = INT64_MAX};
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && i < targets->count; i++) {
        bool is_planned = true;
        status = ask_planned(reader, targets->all[i], &is_planned);
        if (status == WILDCAM_OK && !is_planned)
            out->next = 0;
        if (status == WILDCAM_OK)
            status = add_figures(reader, targets->all[i], now, out);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}
