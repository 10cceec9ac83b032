/* What the motion detector has learned, in the catalog. */
#include "base/memory.h"
#include "store/sqlite/sqlite.h"

static wildcam_status take(sqlite3_stmt *row, void **data, size_t *size)
{
    const void *blob = sqlite3_column_blob(row, 0);
    int length = sqlite3_column_bytes(row, 0);
    if (!blob || length <= 0)
        return wci_fail(WILDCAM_ERR_CORRUPT, "a background of the catalog is empty");
    *data = wci_copy_bytes(blob, (size_t)length);
    *size = *data ? (size_t)length : 0;
    return *data ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static wildcam_status find(struct wci_database *reader, int64_t camera_id, bool infrared,
                           void **data, size_t *size)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        reader, 0, "SELECT background FROM motion_backgrounds WHERE camera_id=? AND infrared=?",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(statement, 1, camera_id);
    sqlite3_bind_int(statement, 2, infrared);
    wildcam_step step = wci_database_step(reader, statement);
    if (step == 1)
        status = take(statement, data, size);
    else
        status = step < 0 ? step
                          : wci_fail(WILDCAM_ERR_NOTFOUND,
                                     "nothing is known of the place of camera %lld",
                                     (long long)camera_id);
    sqlite3_reset(statement);
    return status;
}

wildcam_status wci_sqlite_find_background(wci_backend *self, int64_t camera_id, bool infrared,
                                          void **data, size_t *size)
{
    struct wci_database *reader;
    *data = NULL;
    *size = 0;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = find(reader, camera_id, infrared, data, size);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

wildcam_status wci_sqlite_put_background(wci_backend *self, int64_t camera_id, bool infrared,
                                         int64_t now, const void *data, size_t size)
{
    struct wci_database *writer;
    sqlite3_stmt *statement;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status != WILDCAM_OK)
        return status;
    status = wci_database_prepare(
        writer, 0,
        "INSERT INTO motion_backgrounds(camera_id, infrared, updated, background)"
        " VALUES(?, ?, ?, ?) ON CONFLICT(camera_id, infrared)"
        " DO UPDATE SET updated=excluded.updated, background=excluded.background",
        &statement);
    if (status == WILDCAM_OK) {
        sqlite3_bind_int64(statement, 1, camera_id);
        sqlite3_bind_int(statement, 2, infrared);
        sqlite3_bind_int64(statement, 3, now);
        sqlite3_bind_blob64(statement, 4, data, size, SQLITE_STATIC);
        status = wci_database_step(writer, statement);
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}
