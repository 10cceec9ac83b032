/* Alerts in the catalog: how they are raised, counted up, cleared and read. */
#include "store/sqlite/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

/* ---- rows ---- */

wildcam_status wci_alerts_take_row(sqlite3_stmt *row, wildcam_alert *alert)
{
    enum {
        SUBJECT = 2,
        DEVICE,
        TEXT,
        VALUE,
        DETECTION,
        COUNT,
        RAISED,
        LAST,
        CLEARED,
        REASON,
        READ,
        BY
    };
    alert->id = sqlite3_column_int64(row, 0);
    alert->kind = sqlite3_column_int(row, 1);
    alert->value = wci_column_real(row, VALUE);
    alert->detection_id = sqlite3_column_int64(row, DETECTION);
    alert->count = sqlite3_column_int64(row, COUNT);
    alert->raised_at = wci_column_time(row, RAISED);
    alert->last_at = wci_column_time(row, LAST);
    alert->cleared_at = wci_column_time(row, CLEARED);
    alert->read_at = wci_column_time(row, READ);
    wildcam_status status = wci_column_text(row, SUBJECT, &alert->subject);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, DEVICE, &alert->device_id);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, TEXT, &alert->text);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, REASON, &alert->cleared_reason);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, BY, &alert->read_by);
    return status;
}

/* Reads one that is there. */
static wildcam_status read_back(struct wci_database *database, int64_t id, wildcam_alert *alert)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_ready(database, "SELECT " WCI_ALERT_COLUMNS " FROM alerts WHERE id=?",
                           WCI_VALUES(WCI_NUMBER(id)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    if (step == 1)
        status = wci_alerts_take_row(statement, alert);
    else
        status = step < 0 ? step
                          : wci_fail(WILDCAM_ERR_NOTFOUND, "there is no alert %lld", (long long)id);
    sqlite3_reset(statement);
    return status;
}

wildcam_status wci_alerts_find_open(struct wci_database *database, int kind, const char *subject,
                                    int64_t *id)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_ready(
        database, "SELECT id FROM alerts WHERE kind=? AND subject=? AND cleared_at IS NULL",
        WCI_VALUES(WCI_NUMBER(kind), WCI_TEXT_OR_NULL(subject)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    *id = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

/* ---- events ---- */

static const char *const event_words[] = {
    [WCI_ALERT_RAISED] = "raised", [WCI_ALERT_CLEARED] = "cleared"};

/* Room for one more, which is empty. */
static wildcam_status add_entry(struct wci_alert_ledger *ledger, struct wci_alert_entry **out)
{
    void *entries = ledger->entries;
    if (wci_reserve(&entries, &ledger->capacity, ledger->count + 1, sizeof *ledger->entries) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    ledger->entries = entries;
    *out = &ledger->entries[ledger->count++];
    wci_alert_init(&(*out)->alert, 0);
    return WILDCAM_OK;
}

/* Notes what has happened to an alert: in the ledger, and for whoever is sent it, as it is now. */
static wildcam_status note_event(struct wci_database *writer, int64_t id,
                                 enum wci_alert_event event, int64_t now,
                                 struct wci_alert_ledger *ledger)
{
    struct wci_alert_entry *entry;
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wildcam_status status = add_entry(ledger, &entry);
    if (status != WILDCAM_OK)
        return status;
    entry->event = event;
    status = read_back(writer, id, &entry->alert);
    if (status == WILDCAM_OK) {
        wci_alert_write_json(&entry->alert, &json);
        status = text.failed ? wci_fail_memory() : WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        status = wci_database_change(
            writer, "INSERT INTO alert_events(alert_id, event, at, alert) VALUES(?, ?, ?, ?)",
            WCI_VALUES(WCI_NUMBER(id), WCI_TEXT_OR_NULL(event_words[event]), WCI_NUMBER(now),
                       WCI_TEXT_OR_NULL(wci_text_get(&text))),
            NULL);
    wci_text_free(&text);
    return status;
}

void wci_alerts_tell(const struct wci_alert_listener *listener, struct wci_alert_ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        struct wci_alert_entry *entry = &ledger->entries[i];
        if (listener && listener->told)
            listener->told(listener->user, entry->event, &entry->alert);
        wci_alert_release(&entry->alert);
    }
    free(ledger->entries);
    *ledger = (struct wci_alert_ledger){0};
}

/* ---- wishes ---- */

static wildcam_status raise_alert(struct wci_database *writer, const wildcam_alert *alert,
                                  int64_t now, struct wci_alert_ledger *ledger)
{
    const char *device_id = wci_text_get(&alert->device_id);
    wildcam_status status = wci_database_change(
        writer,
        "INSERT INTO alerts(kind, subject, device_id, text, value, detection_id, count, raised_at,"
        " last_at) VALUES(?, ?, nullif(?, ''), ?, ?, nullif(?, 0), 1, ?, ?)",
        WCI_VALUES(WCI_NUMBER(alert->kind), WCI_TEXT_OR_NULL(wci_text_get(&alert->subject)),
                   WCI_TEXT_OR_NULL(device_id), WCI_TEXT_OR_NULL(wci_text_get(&alert->text)),
                   WCI_REAL(alert->value), WCI_NUMBER(alert->detection_id), WCI_NUMBER(now),
                   WCI_NUMBER(now)),
        NULL);
    if (status != WILDCAM_OK)
        return status;
    return note_event(writer, sqlite3_last_insert_rowid(writer->handle), WCI_ALERT_RAISED, now,
                      ledger);
}

/* The sentence says what the value says, but where it is of the detection that began it. */
static wildcam_status count_up(struct wci_database *writer, int64_t id, const wildcam_alert *alert,
                               int64_t now)
{
    return wci_database_change(
        writer,
        "UPDATE alerts SET count=count+1, last_at=max(last_at, ?), value=coalesce(?, value),"
        " text=iif(detection_id IS NULL, ?, text) WHERE id=?",
        WCI_VALUES(WCI_NUMBER(now), WCI_REAL(alert->value),
                   WCI_TEXT_OR_NULL(wci_text_get(&alert->text)), WCI_NUMBER(id)),
        NULL);
}

static wildcam_status clear(struct wci_database *writer, int64_t id, const char *reason,
                            int64_t now, struct wci_alert_ledger *ledger)
{
    wildcam_status status = wci_database_change(
        writer, "UPDATE alerts SET cleared_at=?, cleared_reason=? WHERE id=?",
        WCI_VALUES(WCI_NUMBER(now), WCI_TEXT_OR_NULL(reason), WCI_NUMBER(id)), NULL);
    return status == WILDCAM_OK ? note_event(writer, id, WCI_ALERT_CLEARED, now, ledger) : status;
}

/* Whether the camera was heard of since it was judged. */
static wildcam_status was_heard(struct wci_database *writer, const struct wci_alert_wish *wish,
                                bool *was)
{
    sqlite3_stmt *statement;
    *was = false;
    if (!wish->camera_id)
        return WILDCAM_OK;
    wildcam_status status = wci_database_ready(
        writer, "SELECT 1 FROM cameras WHERE id=? AND last_seen IS ?",
        WCI_VALUES(WCI_NUMBER(wish->camera_id), WCI_NUMBER(wish->heard)), &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(writer, statement);
    sqlite3_reset(statement);
    *was = step == 0;
    return step < 0 ? step : WILDCAM_OK;
}

/* What goes with it, whatever becomes of the alert. */
static wildcam_status settle(struct wci_database *writer, const struct wci_alert_wish *wish,
                             int64_t now)
{
    wildcam_status status = WILDCAM_OK;
    if (wish->sighting)
        status = wci_database_change(writer, "DELETE FROM alert_sightings WHERE id=?",
                                     WCI_VALUES(WCI_NUMBER(wish->sighting)), NULL);
    if (status == WILDCAM_OK && wish->species_id)
        status = wci_database_change(
            writer,
            "INSERT INTO species_seen(species_id, first_at) VALUES(?, ?) ON CONFLICT DO NOTHING",
            WCI_VALUES(WCI_NUMBER(wish->species_id), WCI_NUMBER(now)), NULL);
    return status;
}

wildcam_status wci_alerts_grant(struct wci_database *writer, struct wci_alert_wish *wish,
                                int64_t now, struct wci_alert_ledger *ledger)
{
    int64_t id = 0;
    bool heard = false;
    size_t before = ledger->count;
    wildcam_status status = settle(writer, wish, now);
    if (status == WILDCAM_OK)
        status = was_heard(writer, wish, &heard);
    if (status != WILDCAM_OK || heard || wish->step == WCI_ALERTS_DROP)
        return status;
    status = wci_alerts_find_open(writer, wish->alert->kind, wci_text_get(&wish->alert->subject),
                                  &id);
    if (status == WILDCAM_OK && wish->step == WCI_ALERTS_CLEAR) {
        if (id)
            status = clear(writer, id, wish->reason, now, ledger);
    } else if (status == WILDCAM_OK && !id) {
        status = raise_alert(writer, wish->alert, now, ledger);
    } else if (status == WILDCAM_OK && wish->step == WCI_ALERTS_FIND) {
        status = count_up(writer, id, wish->alert, now);
    }
    wish->is_changed = status == WILDCAM_OK && ledger->count > before;
    return status;
}

/* Commits, and tells; or takes all back. */
static wildcam_status end(wci_backend *self, wildcam_status status, struct wci_alert_ledger *ledger)
{
    if (status == WILDCAM_OK)
        status = wci_pool_commit(&self->catalog.pool);
    else
        wci_pool_rollback(&self->catalog.pool);
    wci_alerts_tell(status == WILDCAM_OK ? &self->catalog.alerts : NULL, ledger);
    return status;
}

wildcam_status wci_sqlite_change_alerts(wci_backend *self, struct wci_alert_wish *wishes,
                                        size_t count, int64_t now)
{
    struct wci_database *writer;
    struct wci_alert_ledger ledger = {0};
    if (!count)
        return WILDCAM_OK;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        wishes[i].is_changed = false;
        status = wci_alerts_grant(writer, &wishes[i], now, &ledger);
    }
    status = end(self, status, &ledger);
    for (size_t i = 0; status != WILDCAM_OK && i < count; i++)
        wishes[i].is_changed = false;
    return status;
}

static wildcam_status note_reader(struct wci_database *writer, int64_t id, const char *by,
                                  int64_t now, struct wci_alert_ledger *ledger)
{
    wildcam_alert alert;
    wci_alert_init(&alert, 0);
    wildcam_status status = read_back(writer, id, &alert);
    if (status == WILDCAM_OK && alert.read_at == WILDCAM_TIME_NONE)
        status = wci_database_change(
            writer, "UPDATE alerts SET read_at=?, read_by=nullif(?, '') WHERE id=?",
            WCI_VALUES(WCI_NUMBER(now), WCI_TEXT_OR_NULL(by), WCI_NUMBER(id)), NULL);
    if (status == WILDCAM_OK && alert.cleared_at == WILDCAM_TIME_NONE &&
        wci_alert_ends_when_read(alert.kind))
        status = clear(writer, id, "read", now, ledger);
    wci_alert_release(&alert);
    return status;
}

wildcam_status wci_sqlite_read_alert(wci_backend *self, int64_t id, const char *by, int64_t now)
{
    struct wci_database *writer;
    struct wci_alert_ledger ledger = {0};
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    return end(self, note_reader(writer, id, by, now, &ledger), &ledger);
}

/* ---- old ones ---- */

static wildcam_status has_older(wci_backend *self, int64_t before, bool *has)
{
    return wci_catalog_has(&self->catalog, "SELECT 1 FROM alerts WHERE cleared_at<? LIMIT 1",
                           before, has);
}

/* At most so many, so that nobody waits long. */
#define OLD_ONES "SELECT id FROM alerts WHERE cleared_at<? ORDER BY cleared_at LIMIT 500"

static wildcam_status drop(struct wci_database *writer, int64_t before, int64_t *dropped)
{
    static const char *const steps[] = {
        "DELETE FROM alert_deliveries WHERE alert_id IN (" OLD_ONES ")",
        "DELETE FROM alert_events WHERE alert_id IN (" OLD_ONES ")",
        "DELETE FROM alerts WHERE id IN (" OLD_ONES ")",
    };
    int changed = 0;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < sizeof steps / sizeof steps[0]; i++)
        status = wci_database_change(writer, steps[i], WCI_VALUES(WCI_NUMBER(before)), &changed);
    *dropped = changed;
    return status;
}

wildcam_status wci_sqlite_drop_alerts(wci_backend *self, int64_t before, int64_t *dropped)
{
    bool has = false;
    struct wci_database *writer;
    *dropped = 0;
    wildcam_status status = has_older(self, before, &has);
    if (status != WILDCAM_OK || !has)
        return status;
    status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = drop(writer, before, dropped);
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
