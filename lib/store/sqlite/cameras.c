/* Cameras' rows in the catalog. */
#include "store/sqlite/catalog.h"

/* Columns in the order in which read_camera() reads them. */
#define COMMA_NAME(id, name, ...) ", " #name
#define CAMERA_COLUMNS                                                                             \
    "id, device_id, status, last_seen, created_at" WCI_CAMERA_TEXTS(                               \
        COMMA_NAME) ", config" WCI_CAMERA_NUMBERS(COMMA_NAME)
enum { FIRST_TEXT = 5, FIRST_NUMBER = FIRST_TEXT + WCI_CAMERA_TEXT_COUNT };

/* Adds "name = ?" or "name" for each field that the draft has set. */
static void list_fields(struct wci_text *sql, const wildcam_camera *draft, const char *before,
                        const char *after)
{
    if (draft->status_set)
        wci_text_add_format(sql, "%sstatus%s", before, after);
    for (int i = 0; i < WCI_CAMERA_TEXT_COUNT; i++)
        if (draft->texts_set & 1U << i)
            wci_text_add_format(sql, "%s%s%s", before, wci_camera_text_names[i], after);
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        if (draft->numbers_set & 1U << i)
            wci_text_add_format(sql, "%s%s%s", before, wci_camera_number_names[i], after);
}

static int bind_fields(sqlite3_stmt *statement, int at, const wildcam_camera *draft)
{
    if (draft->status_set)
        wci_bind_text(statement, at++, wci_camera_status_name(draft->status));
    for (int i = 0; i < WCI_CAMERA_TEXT_COUNT; i++)
        if (draft->texts_set & 1U << i)
            wci_bind_text(statement, at++, wci_text_get(&draft->texts[i]));
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        if (draft->numbers_set & 1U << i)
            wci_bind_real(statement, at++, draft->numbers[i]);
    return at;
}

static wildcam_status run_once(struct wci_database *database, sqlite3_stmt *statement)
{
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_finalize(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status update_camera(struct wci_database *database, int64_t id,
                                    const wildcam_camera *draft)
{
    struct wci_text sql = {0};
    sqlite3_stmt *statement = NULL;
    wci_text_add(&sql, "UPDATE cameras SET last_seen=coalesce(?, last_seen)");
    list_fields(&sql, draft, ", ", "=?");
    wci_text_add(&sql, " WHERE id=?");
    wildcam_status status = sql.failed ? wci_fail_memory()
                                       : wci_database_prepare_once(database, sql.data, &statement);
    wci_text_free(&sql);
    if (status != WILDCAM_OK)
        return status;
    wci_bind_time(statement, 1, draft->last_seen);
    sqlite3_bind_int64(statement, bind_fields(statement, 2, draft), id);
    return run_once(database, statement);
}

static wildcam_status insert_camera(struct wci_database *database, const wildcam_camera *draft,
                                    int64_t now)
{
    struct wci_text sql = {0};
    sqlite3_stmt *statement = NULL;
    wci_text_add(&sql, "INSERT INTO cameras(device_id, created_at, last_seen");
    list_fields(&sql, draft, ", ", "");
    wci_text_add(&sql, ") VALUES(?, ?, ?");
    int fields = draft->status_set + __builtin_popcount(draft->texts_set) +
                 __builtin_popcount(draft->numbers_set);
    for (int i = 0; i < fields; i++)
        wci_text_add(&sql, ", ?");
    wci_text_add(&sql, ")");
    wildcam_status status = sql.failed ? wci_fail_memory()
                                       : wci_database_prepare_once(database, sql.data, &statement);
    wci_text_free(&sql);
    if (status != WILDCAM_OK)
        return status;
    wci_bind_text(statement, 1, wci_text_get(&draft->device_id));
    sqlite3_bind_int64(statement, 2, now);
    wci_bind_time(statement, 3, draft->last_seen);
    bind_fields(statement, 4, draft);
    return run_once(database, statement);
}

static wildcam_status look_up_camera(struct wci_database *database, const char *device_id,
                                     int64_t *id)
{
    sqlite3_stmt *statement;
    wildcam_status status =
        wci_database_prepare(database, 0, "SELECT id FROM cameras WHERE device_id=?", &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, device_id, -1, SQLITE_STATIC);
    wildcam_step step = wci_database_step(database, statement);
    *id = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

static wildcam_status put_row(struct wci_database *writer, const wildcam_camera *draft,
                              bool may_create, int64_t now, bool *created, int64_t *id)
{
    const char *device_id = wci_text_get(&draft->device_id);
    wildcam_status status = look_up_camera(writer, device_id, id);
    if (status != WILDCAM_OK)
        return status;
    *created = *id == 0;
    if (*id)
        return update_camera(writer, *id, draft);
    if (!may_create)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no camera \"%.60s\"", device_id);
    status = insert_camera(writer, draft, now);
    *id = sqlite3_last_insert_rowid(writer->handle);
    return status;
}

wildcam_status wci_catalog_put_camera(struct wci_catalog *catalog, const wildcam_camera *draft,
                                      bool may_create, int64_t now, bool *created)
{
    int64_t id = 0;
    const struct wci_name *name;
    struct wci_database *writer;
    struct wci_alert_ledger ledger = {0};
    wildcam_status status = wci_pool_begin(&catalog->pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = put_row(writer, draft, may_create, now, created, &id);
    if (status == WILDCAM_OK)
        status = wci_alerts_note_camera(writer, catalog->pool.conf, draft, id, *created, now,
                                        &ledger);
    if (status == WILDCAM_OK)
        status = wci_pool_commit(&catalog->pool);
    else
        wci_pool_rollback(&catalog->pool);
    wci_alerts_tell(status == WILDCAM_OK ? &catalog->alerts : NULL, &ledger);
    if (status != WILDCAM_OK)
        return status;
    /* Without memory for its name it is read again when it is asked for. */
    if (wci_names_add(&catalog->cameras, id, 0, wci_text_get(&draft->device_id), &name) ==
            WILDCAM_OK &&
        draft->last_seen != WILDCAM_TIME_NONE)
        wci_catalog_note_seen(catalog, id, draft->last_seen);
    return WILDCAM_OK;
}

static wildcam_status read_camera(sqlite3_stmt *row, wildcam_camera *camera)
{
    const char *state = (const char *)sqlite3_column_text(row, 2);
    camera->id = sqlite3_column_int64(row, 0);
    camera->status = state ? wci_camera_status_find(state) : -1;
    camera->last_seen = wci_column_time(row, 3);
    camera->created_at = wci_column_time(row, 4);
    wildcam_status status = wci_column_text(row, 1, &camera->device_id);
    for (int i = 0; status == WILDCAM_OK && i < WCI_CAMERA_TEXT_COUNT; i++)
        status = wci_column_text(row, FIRST_TEXT + i, &camera->texts[i]);
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        camera->numbers[i] = wci_column_real(row, FIRST_NUMBER + i);
    return status;
}

wildcam_status wci_catalog_get_camera(struct wci_catalog *catalog, int64_t id, wildcam_camera *out)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0, "SELECT " CAMERA_COLUMNS " FROM cameras WHERE id=?",
                                  &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, id);
        wildcam_step step = wci_database_step(reader, statement);
        if (step == 1)
            status = read_camera(statement, out);
        else
            status = step < 0
                         ? step
                         : wci_fail(WILDCAM_ERR_NOTFOUND, "there is no camera %lld", (long long)id);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}

static wildcam_status list_rows(struct wci_database *reader, sqlite3_stmt *statement,
                                wildcam_status (*each)(void *user, wildcam_camera *camera),
                                void *user)
{
    wildcam_step step;
    while ((step = wci_database_step(reader, statement)) == 1) {
        wildcam_camera camera;
        wci_camera_init(&camera);
        wildcam_status status = read_camera(statement, &camera);
        if (status == WILDCAM_OK)
            status = each(user, &camera);
        wci_camera_release(&camera);
        if (status != WILDCAM_OK)
            return status;
    }
    return step;
}

wildcam_status wci_catalog_list_cameras(struct wci_catalog *catalog, bool all,
                                        wildcam_status (*each)(void *user, wildcam_camera *camera),
                                        void *user)
{
    sqlite3_stmt *statement;
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&catalog->pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(reader, 0,
                                  "SELECT " CAMERA_COLUMNS " FROM cameras"
                                  " WHERE ?1 OR status='active' ORDER BY device_id",
                                  &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int(statement, 1, all);
        status = list_rows(reader, statement, each, user);
        sqlite3_reset(statement);
    }
    wci_pool_give_reader(&catalog->pool, reader);
    return status;
}
