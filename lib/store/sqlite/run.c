#include "store/sqlite/run.h"

#include <wildcam/time.h>

static void bind(sqlite3_stmt *statement, int index, const struct wci_value *value)
{
    switch (value->kind) {
    case WCI_VALUE_NUMBER:
        wci_bind_time(statement, index, value->number);
        break;
    case WCI_VALUE_REAL:
        wci_bind_real(statement, index, value->real);
        break;
    case WCI_VALUE_TEXT:
        if (value->text)
            sqlite3_bind_text(statement, index, value->text, -1, SQLITE_STATIC);
        break;
    }
}

wildcam_status wci_database_ready(struct wci_database *database, const char *sql,
                                  const struct wci_value *values, int count, sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(database, (uintptr_t)sql, sql, out);
    for (int i = 0; status == WILDCAM_OK && i < count; i++)
        bind(*out, i + 1, &values[i]);
    return status;
}

wildcam_status wci_database_change(struct wci_database *database, const char *sql,
                                   const struct wci_value *values, int count, int *changed)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_ready(database, sql, values, count, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    if (changed)
        *changed = sqlite3_changes(database->handle);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}
