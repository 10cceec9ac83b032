#include "store/sqlite/database.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wildcam/time.h>

#include "base/memory.h"
#include "base/text.h"

/* Whether this process may write there; else the errno that says why not. */
static int refusal_of(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* The system's reason. SQLite notes it where a call failed; where it found a file that may only be
 * read, or could not make one beside it, the file and its directory are asked. */
static int reason_of(const struct wci_database *database, int code)
{
    char above[WCI_PATH];
    int noted = database->handle ? sqlite3_system_errno(database->handle) : 0;
    switch (code & 0xff) {
    case SQLITE_IOERR:
        return noted;
    case SQLITE_CANTOPEN:
        if (noted && noted != ENOENT)
            return noted;
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        break;
    default:
        return 0;
    }
    int refusal = refusal_of(database->path);
    const char *slash = strrchr(database->path, '/');
    if (!refusal && slash &&
        wci_path(above, "%.*s", (int)(slash - database->path + 1), database->path) == WILDCAM_OK)
        refusal = refusal_of(above);
    return refusal ? refusal : noted;
}

static wildcam_status status_of_system(int error)
{
    wildcam_status status = wci_status_of_errno(error);
    return status == WILDCAM_ERR_NOSPACE || status == WILDCAM_ERR_DENIED ? status : WILDCAM_ERR_IO;
}

static wildcam_status status_of(int code, int system_error)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return WILDCAM_ERR_NOSPACE;
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM)
            return WILDCAM_ERR_NOMEM;
        return status_of_system(system_error);
    case SQLITE_CANTOPEN:
        return status_of_system(system_error);
    case SQLITE_NOMEM:
        return WILDCAM_ERR_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return WILDCAM_ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return WILDCAM_ERR_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return WILDCAM_ERR_DENIED;
    case SQLITE_TOOBIG:
        return WILDCAM_ERR_TOOLARGE;
    default:
        return WILDCAM_ERR_INTERNAL;
    }
}

wildcam_status wci_database_failed(struct wci_database *database, int code, const char *what)
{
    sqlite3 *handle = database ? database->handle : NULL;
    int extended = handle ? sqlite3_extended_errcode(handle) : code;
    int known = extended ? extended : code;
    int reason = database ? reason_of(database, known) : 0;
    wildcam_status status = status_of(known, reason);
    if (status == WILDCAM_ERR_NOMEM)
        return wci_fail_memory();
    wci_fail_from(status, "sqlite", extended, "%s %s: %s", what,
                  database ? database->path : "a database",
                  handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    if (reason)
        wci_error_add_reason(reason);
    return status;
}

static int note_wal(void *user, sqlite3 *handle, const char *name, int pages)
{
    struct wci_database *database = user;
    (void)handle;
    (void)name;
    database->wal_bytes = pages * INT64_C(4096);
    return SQLITE_OK;
}

static wildcam_status set_sync(struct wci_database *database)
{
    return wci_database_run(database, database->waits ? "PRAGMA synchronous=FULL"
                                                      : "PRAGMA synchronous=NORMAL");
}

/* WAL: readers do not wait for the writer. The log is moved into the database by the station's own
 * housekeeping, not by whichever commit happens to cross a limit. Nothing a file says may run code
 * or be taken on trust. */
static wildcam_status configure(struct wci_database *database, enum wci_database_use use,
                                const wildcam_conf *conf)
{
    database->is_durable = strcmp(wci_conf_text(conf, WCI_STORE_DURABILITY), "full") == 0;
    database->waits = database->is_durable;
    double seconds = wci_conf_real(conf, WCI_STORE_BUSY_TIMEOUT);
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, (int)(seconds * 1000));
    wildcam_status status = wci_database_run(
        database,
        "PRAGMA trusted_schema=OFF; PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY;"
        "PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=OFF; PRAGMA cell_size_check=ON");
    if (status == WILDCAM_OK)
        status = set_sync(database);
    if (status == WILDCAM_OK && use == WCI_READ)
        status = wci_database_run(database, "PRAGMA cache_size=-1024; PRAGMA query_only=ON");
    else if (status == WILDCAM_OK)
        status = wci_database_run(database, "PRAGMA cache_size=-4096");
    if (use != WCI_READ)
        sqlite3_wal_hook(database->handle, note_wal, database);
    return status;
}

/* SQLite opens a file for reading only when it cannot open it for writing at that moment, because
 * the process has too many files open, say. Such a connection would never write. */
static wildcam_status must_write(const struct wci_database *database)
{
    if (sqlite3_db_readonly(database->handle, "main") != 1)
        return WILDCAM_OK;
    int refusal = refusal_of(database->path);
    wildcam_status status = wci_fail_from(refusal ? WILDCAM_ERR_DENIED : WILDCAM_ERR_IO, "sqlite",
                                          SQLITE_READONLY, "%s can only be opened for reading",
                                          database->path);
    if (refusal)
        wci_error_add_reason(refusal);
    return status;
}

wildcam_status wci_database_open(const char *path, enum wci_database_use use,
                                 const wildcam_conf *conf, struct wci_database **out)
{
    struct stat before, after;
    struct wci_database *database = wci_new(sizeof *database);
    *out = NULL;
    if (!database || !(database->path = wci_copy_text(path))) {
        free(database);
        return WILDCAM_ERR_NOMEM;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (use == WCI_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    bool was_there = stat(path, &before) == 0;
    int code = sqlite3_open_v2(path, &database->handle, flags, NULL);
    if (code == SQLITE_OK && was_there && stat(path, &after) == 0 &&
        before.st_dev == after.st_dev && before.st_ino == after.st_ino) {
        database->device = after.st_dev;
        database->inode = after.st_ino;
    }
    wildcam_status status = code == SQLITE_OK ? configure(database, use, conf)
                                              : wci_database_failed(database, code, "cannot open");
    if (status == WILDCAM_OK && use != WCI_READ)
        status = must_write(database);
    if (status != WILDCAM_OK) {
        wci_database_close(database);
        return status;
    }
    *out = database;
    return WILDCAM_OK;
}

void wci_database_close(struct wci_database *database)
{
    if (!database)
        return;
    for (int i = 0; i < database->kept_count; i++)
        sqlite3_finalize(database->kept[i].statement);
    sqlite3_finalize(database->passing);
    sqlite3_close(database->handle);
    free(database->path);
    free(database);
}

wildcam_status wci_database_run(struct wci_database *database, const char *sql)
{
    int code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? WILDCAM_OK : wci_database_failed(database, code, "the database");
}

wildcam_status wci_database_ask(struct wci_database *database, const char *sql, int64_t *answer)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare_once(database, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    *answer = step == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return step < 0 ? step : WILDCAM_OK;
}

wildcam_status wci_database_prepare_once(struct wci_database *database, const char *sql,
                                         sqlite3_stmt **out)
{
    int code = sqlite3_prepare_v2(database->handle, sql, -1, out, NULL);
    return code == SQLITE_OK ? WILDCAM_OK : wci_database_failed(database, code, "the database");
}

bool wci_database_find_kept(struct wci_database *database, uintptr_t key, sqlite3_stmt **out)
{
    for (int i = 0; i < database->kept_count; i++) {
        if (database->kept[i].key != key)
            continue;
        database->kept[i].used = ++database->uses;
        *out = database->kept[i].statement;
        sqlite3_reset(*out);
        sqlite3_clear_bindings(*out);
        return true;
    }
    return false;
}

wildcam_status wci_database_prepare_passing(struct wci_database *database, const char *sql,
                                            sqlite3_stmt **out)
{
    sqlite3_finalize(database->passing);
    database->passing = NULL;
    wildcam_status status = wci_database_prepare_once(database, sql, out);
    if (status == WILDCAM_OK)
        database->passing = *out;
    return status;
}

/* A place for one more; -1 when each has one that is being stepped. */
static int free_place(struct wci_database *database)
{
    int oldest = -1;
    if (database->kept_count < WCI_KEPT_STATEMENTS)
        return database->kept_count++;
    for (int i = 0; i < WCI_KEPT_STATEMENTS; i++)
        if ((oldest < 0 || database->kept[i].used < database->kept[oldest].used) &&
            !sqlite3_stmt_busy(database->kept[i].statement))
            oldest = i;
    if (oldest >= 0)
        sqlite3_finalize(database->kept[oldest].statement);
    return oldest;
}

wildcam_status wci_database_prepare(struct wci_database *database, uintptr_t key, const char *sql,
                                    sqlite3_stmt **out)
{
    if (!key)
        key = (uintptr_t)sql;
    if (wci_database_find_kept(database, key, out))
        return WILDCAM_OK;
    int code = sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code != SQLITE_OK)
        return wci_database_failed(database, code, "the database");
    int place = free_place(database);
    if (place < 0) {
        sqlite3_finalize(*out);
        *out = NULL;
        return wci_fail(WILDCAM_ERR_INTERNAL, "too many statements run inside each other");
    }
    database->kept[place].key = key;
    database->kept[place].statement = *out;
    database->kept[place].used = ++database->uses;
    return WILDCAM_OK;
}

wildcam_step wci_database_step(struct wci_database *database, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    wildcam_status status = wci_database_failed(database, code, "the database");
    sqlite3_reset(statement);
    return status;
}

wildcam_status wci_database_fit_cache(struct wci_database *database, bool large)
{
    if (database->has_large_cache == large)
        return WILDCAM_OK;
    database->has_large_cache = large;
    return wci_database_run(database,
                            large ? "PRAGMA cache_size=-65536" : "PRAGMA cache_size=-4096");
}

wildcam_status wci_database_wait_for_disk(struct wci_database *database, bool waits)
{
    waits = waits && database->is_durable;
    if (database->waits == waits)
        return WILDCAM_OK;
    database->waits = waits;
    wildcam_status status = set_sync(database);
    if (status != WILDCAM_OK)
        database->waits = !waits;
    return status;
}

static wildcam_status run_kept(struct wci_database *database, const char *sql)
{
    sqlite3_stmt *statement;
    wildcam_status status = wci_database_prepare(database, 0, sql, &statement);
    if (status != WILDCAM_OK)
        return status;
    wildcam_step step = wci_database_step(database, statement);
    sqlite3_reset(statement);
    return step;
}

wildcam_status wci_database_begin(struct wci_database *database)
{
    return run_kept(database, "BEGIN IMMEDIATE");
}

wildcam_status wci_database_commit(struct wci_database *database)
{
    wildcam_status status = run_kept(database, "COMMIT");
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wci_database_rollback(database);
        return wci_error_restore(&error);
    }
    return WILDCAM_OK;
}

void wci_database_rollback(struct wci_database *database)
{
    if (!sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

void wci_bind_real(sqlite3_stmt *statement, int index, double value)
{
    if (isnan(value))
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_double(statement, index, value);
}

void wci_bind_text(sqlite3_stmt *statement, int index, const char *value)
{
    if (value && *value)
        sqlite3_bind_text(statement, index, value, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, index);
}

void wci_bind_time(sqlite3_stmt *statement, int index, int64_t time)
{
    if (time == WILDCAM_TIME_NONE)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, time);
}

void wci_bind_count(sqlite3_stmt *statement, int index, int64_t value)
{
    if (value < 0)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, value);
}

void wci_bind_offset(sqlite3_stmt *statement, int index, int32_t offset)
{
    if (offset == WILDCAM_OFFSET_UNKNOWN)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int(statement, index, offset);
}

double wci_column_real(sqlite3_stmt *statement, int index)
{
    return sqlite3_column_type(statement, index) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(statement, index);
}

int64_t wci_column_time(sqlite3_stmt *statement, int index)
{
    return sqlite3_column_type(statement, index) == SQLITE_NULL
               ? WILDCAM_TIME_NONE
               : sqlite3_column_int64(statement, index);
}

int64_t wci_column_count(sqlite3_stmt *statement, int index)
{
    return sqlite3_column_type(statement, index) == SQLITE_NULL
               ? -1
               : sqlite3_column_int64(statement, index);
}

int32_t wci_column_offset(sqlite3_stmt *statement, int index)
{
    return sqlite3_column_type(statement, index) == SQLITE_NULL
               ? WILDCAM_OFFSET_UNKNOWN
               : sqlite3_column_int(statement, index);
}

wildcam_status wci_column_text(sqlite3_stmt *statement, int index, struct wci_text *to)
{
    const char *words = (const char *)sqlite3_column_text(statement, index);
    if (!words && sqlite3_column_type(statement, index) != SQLITE_NULL)
        return wci_fail_memory();
    return wci_text_set(to, words ? words : "",
                        words ? (size_t)sqlite3_column_bytes(statement, index) : 0);
}
