/* Alerts in the catalog: what is asked. */
#include "store/sqlite/alerts.h"
#include "store/sqlite/run.h"
#include "store/sqlite/sqlite.h"

/* What is asked of every alert; whether only open or unread ones are stands in the text, so that
 * their indexes serve. */
#define WHERE(more)                                                                                \
    " FROM alerts WHERE (?1<0 OR kind=?1) AND (?2='' OR device_id=?2)"                             \
    " AND (?3 IS NULL OR last_at>=?3 OR cleared_at>=?3) AND (?4=0 OR id<?4)" more
#define OPEN " AND cleared_at IS NULL"
#define UNREAD " AND read_at IS NULL"
#define EACH(what, more)                                                                           \
    {                                                                                              \
        what WHERE("") more, what WHERE(OPEN) more, what WHERE(UNREAD) more,                       \
            what WHERE(OPEN UNREAD) more                                                           \
    }

/* With the values bound that all have in common. */
static wildcam_status ready(struct wci_database *reader, const char *const texts[4],
                            const wildcam_alert_query *query, int64_t after, int64_t limit,
                            sqlite3_stmt **out)
{
    const char *sql = texts[(query && query->open) + 2 * (query && query->unread)];
    const struct wci_value values[] = {
        WCI_NUMBER(query ? query->kind : -1),
        WCI_TEXT_OR_NULL(query ? wci_text_get(&query->device_id) : ""),
        WCI_NUMBER(query ? query->since : WILDCAM_TIME_NONE), WCI_NUMBER(after), WCI_NUMBER(limit)};
    enum { ALL = sizeof values / sizeof values[0] };
    return wci_database_ready(reader, sql, values, limit ? ALL : ALL - 1, out);
}

static wildcam_status each_row(struct wci_database *reader, sqlite3_stmt *statement,
                               wildcam_status (*each)(void *user, wildcam_alert *alert), void *user)
{
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        wildcam_alert alert;
        wci_alert_init(&alert, 0);
        wildcam_status status = wci_alerts_take_row(statement, &alert);
        if (status == WILDCAM_OK)
            status = each(user, &alert);
        wci_alert_release(&alert);
        if (status != WILDCAM_OK)
            return status;
    }
    return step;
}

wildcam_status wci_sqlite_list_alerts(wci_backend *self, const wildcam_alert_query *query,
                                      int64_t after, int64_t limit,
                                      wildcam_status (*each)(void *user, wildcam_alert *alert),
                                      void *user)
{
    static const char *const texts[] = EACH("SELECT " WCI_ALERT_COLUMNS,
                                            " ORDER BY id DESC LIMIT ?5");
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = ready(reader, texts, query, after, limit, &statement);
    if (status == WILDCAM_OK) {
        status = each_row(reader, statement, each, user);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

wildcam_status wci_sqlite_count_alerts(wci_backend *self, const wildcam_alert_query *query,
                                       int64_t *count)
{
    static const char *const texts[] = EACH("SELECT count(*)", "");
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = ready(reader, texts, query, 0, 0, &statement);
    if (status == WILDCAM_OK) {
        wildcam_step step = wci_database_step(reader, statement);
        *count = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
        status = step < 0 ? step : WILDCAM_OK;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

struct taking {
    wildcam_alert *out;
    bool found;
};

static wildcam_status take(void *user, wildcam_alert *alert)
{
    struct taking *taking = user;
    *taking->out = *alert;
    wci_alert_init(alert, 0);
    taking->found = true;
    return WILDCAM_OK;
}

wildcam_status wci_sqlite_get_alert(wci_backend *self, int64_t id, wildcam_alert *out)
{
    struct taking taking = {out, false};
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_ready(reader, "SELECT " WCI_ALERT_COLUMNS " FROM alerts WHERE id=?",
                                WCI_VALUES(WCI_NUMBER(id)), &statement);
    if (status == WILDCAM_OK) {
        status = each_row(reader, statement, take, &taking);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status == WILDCAM_OK && !taking.found
               ? wci_fail(WILDCAM_ERR_NOTFOUND, "there is no alert %lld", (long long)id)
               : status;
}

wildcam_status wci_sqlite_find_open_alert(wci_backend *self, int kind, const char *subject,
                                          int64_t *id)
{
    struct wci_database *reader;
    *id = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_alerts_find_open(reader, kind, subject, id);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

wildcam_status wci_sqlite_count_open_alerts(wci_backend *self, int64_t counts[WCI_ALERT_KINDS])
{
    struct wci_database *reader;
    sqlite3_stmt *statement;
    wildcam_step step = 0;
    for (int i = 0; i < WCI_ALERT_KINDS; i++)
        counts[i] = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        reader, 0, "SELECT kind, count(*) FROM alerts WHERE cleared_at IS NULL GROUP BY kind",
        &statement);
    if (status == WILDCAM_OK) {
        while ((step = wci_database_step(reader, statement)) == 1) {
            int kind = sqlite3_column_int(statement, 0);
            if (kind >= 0 && kind < WCI_ALERT_KINDS)
                counts[kind] = sqlite3_column_int64(statement, 1);
        }
        status = step;
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}
