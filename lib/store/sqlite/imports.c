/* What was imported, and the rows of it that belong to no single picture. */
#include "store/sqlite/sqlite.h"

static wildcam_status finish(wci_backend *self, wildcam_status status)
{
    if (status == WILDCAM_OK)
        return wci_pool_commit(&self->catalog.pool);
    wci_pool_rollback(&self->catalog.pool);
    return status;
}

static wildcam_status put_in_transaction(struct wci_database *writer, struct wci_import *import)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        writer, 0,
        "INSERT INTO imports(format, name, imported_at, document) VALUES(?,?,?,?)"
        " ON CONFLICT(format, name) DO UPDATE SET document=excluded.document RETURNING id",
        &statement);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_text(statement, 1, import->format, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, import->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, import->imported_at);
    sqlite3_bind_text(statement, 4, import->document, -1, SQLITE_STATIC);
    wildcam_step step = wci_database_step(writer, statement);
    if (step == 1)
        import->id = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step < 0 ? step : WILDCAM_OK;
}

wildcam_status wci_sqlite_put_import(wci_backend *self, struct wci_import *import)
{
    struct wci_database *writer;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    return status == WILDCAM_OK ? finish(self, put_in_transaction(writer, import)) : status;
}

static wildcam_status put_rows(struct wci_database *writer, const struct wci_import_row *rows,
                               size_t count, int64_t *added)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(
        writer, 0, "INSERT OR IGNORE INTO import_rows VALUES(?,?,?,?,?,?,?,?)", &statement);
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        const struct wci_import_row *row = &rows[i];
        sqlite3_bind_int64(statement, 1, row->import_id);
        sqlite3_bind_int(statement, 2, (int)row->kind);
        sqlite3_bind_text(statement, 3, row->name, -1, SQLITE_STATIC);
        wci_bind_count(statement, 4, row->camera_id ? row->camera_id : -1);
        sqlite3_bind_int64(statement, 5, row->from);
        sqlite3_bind_int64(statement, 6, row->to);
        wci_bind_count(statement, 7, row->image_id ? row->image_id : -1);
        sqlite3_bind_text(statement, 8, row->row, -1, SQLITE_STATIC);
        wildcam_step step = wci_database_step(writer, statement);
        sqlite3_reset(statement);
        status = step < 0 ? step : WILDCAM_OK;
        *added += sqlite3_changes(writer->handle);
    }
    return status;
}

wildcam_status wci_sqlite_put_import_rows(wci_backend *self, const struct wci_import_row *rows,
                                          size_t count, int64_t *added)
{
    struct wci_database *writer;
    *added = 0;
    wildcam_status status = wci_pool_begin(&self->catalog.pool, &writer);
    if (status == WILDCAM_OK)
        status = finish(self, put_rows(writer, rows, count, added));
    if (status != WILDCAM_OK)
        *added = 0;
    return status;
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

/* A question, and who is told of each row of its answer. */
struct question {
    const char *sql;
    const char *format; /* the parameter; where NULL the import's number is */
    int64_t import_id;
    wildcam_status (*tell)(const struct question *question, sqlite3_stmt *row);
    wildcam_status (*each_import)(void *user, const struct wci_import *import);
    wildcam_status (*each_row)(void *user, const struct wci_import_row *row);
    void *user;
};

static wildcam_status answer(struct wci_database *reader, const struct question *question)
{
    sqlite3_stmt *statement;
    wildcam_step step = 1;
    wildcam_status status = wci_database_prepare(reader, 0, question->sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    if (question->format)
        sqlite3_bind_text(statement, 1, question->format, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 1, question->import_id);
    while (status == WILDCAM_OK && (step = wci_database_step(reader, statement)) == 1)
        status = question->tell(question, statement);
    sqlite3_reset(statement);
    return status == WILDCAM_OK ? step : status;
}

static wildcam_status ask(wci_backend *self, const struct question *question)
{
    struct wci_database *reader;
    wildcam_status status = wci_pool_take_reader(&self->catalog.pool, &reader);
    if (status != WILDCAM_OK)
        return status;
    status = answer(reader, question);
    wci_pool_give_reader(&self->catalog.pool, reader);
    return status;
}

static wildcam_status tell_import(const struct question *question, sqlite3_stmt *row)
{
    const struct wci_import import = {sqlite3_column_int64(row, 0), text_at(row, 1),
                                      text_at(row, 2), sqlite3_column_int64(row, 3),
                                      text_at(row, 4)};
    return question->each_import(question->user, &import);
}

wildcam_status wci_sqlite_each_import(wci_backend *self, const char *format,
                                      wildcam_status (*each)(void *user,
                                                             const struct wci_import *import),
                                      void *user)
{
    const struct question question = {
        .sql = "SELECT id, format, name, imported_at, document FROM imports"
               " WHERE format=? ORDER BY id",
        .format = format,
        .tell = tell_import,
        .each_import = each,
        .user = user};
    return ask(self, &question);
}

static wildcam_status tell_row(const struct question *question, sqlite3_stmt *row)
{
    const struct wci_import_row told = {.import_id = question->import_id,
                                        .kind = sqlite3_column_int(row, 0),
                                        .name = text_at(row, 1),
                                        .camera_id = sqlite3_column_int64(row, 2),
                                        .from = sqlite3_column_int64(row, 3),
                                        .to = sqlite3_column_int64(row, 4),
                                        .image_id = sqlite3_column_int64(row, 5),
                                        .row = text_at(row, 6)};
    return question->each_row(question->user, &told);
}

wildcam_status wci_sqlite_each_import_row(wci_backend *self, int64_t import_id,
                                          wildcam_status (*each)(void *user,
                                                                 const struct wci_import_row *row),
                                          void *user)
{
    const struct question question = {
        .sql = "SELECT kind, name, camera_id, begins_at, ends_at, image_id, row"
               " FROM import_rows WHERE import_id=? ORDER BY kind, name",
        .import_id = import_id,
        .tell = tell_row,
        .each_row = each,
        .user = user};
    return ask(self, &question);
}
