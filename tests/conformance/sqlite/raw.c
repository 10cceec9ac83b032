#include "conformance/sqlite/raw.h"

#include <fcntl.h>
#include <sys/stat.h>

const char *station_file(const char *name)
{
    return scratch_path("station/%s", name);
}

sqlite3 *raw_open(const char *path)
{
    sqlite3 *handle;
    ck_assert_int_eq(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    return handle;
}

void raw_run(const char *path, const char *sql)
{
    char *message = NULL;
    sqlite3 *handle = raw_open(path);
    sqlite3_exec(handle, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
    sqlite3_close(handle);
}

int64_t raw_ask(const char *path, const char *sql)
{
    sqlite3_stmt *statement;
    sqlite3 *handle = raw_open(path);
    ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return answer;
}

int64_t file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : 0;
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* A frame is a header of 24 bytes and a page of 4,096; the last of a transaction has the database's
 * size in its header, and those of an earlier beginning have another salt. */
int count_commits(const char *path)
{
    char wal[WCI_PATH];
    size_t size;
    int commits = 0;
    snprintf(wal, sizeof wal, "%s-wal", path);
    if (file_bytes(wal) == 0)
        return 0;
    unsigned char *log = load_file(wal, &size);
    for (size_t at = 32; at + 24 + 4096 <= size; at += 24 + 4096)
        if (memcmp(log + at + 8, log + 16, 8) == 0)
            commits += big_endian(log + at + 4) != 0;
    free(log);
    return commits;
}

void make_old(const char *path)
{
    char wal[WCI_PATH];
    const struct timespec times[2] = {{.tv_sec = 1577836800}, {.tv_sec = 1577836800}};
    snprintf(wal, sizeof wal, "%s-wal", path);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    if (file_exists(wal))
        ck_assert_int_eq(utimensat(AT_FDCWD, wal, times, 0), 0);
}

void write_months(struct subject *subject, int months, int rows_each)
{
    struct wci_row *rows = calloc((size_t)rows_each, sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    for (int month = 1; month <= months; month++) {
        for (int i = 0; i < rows_each; i++)
            rows[i] = row_at(subject, day_at(2026, month, 2) + i * 60 * WCI_SECOND);
        write_rows(subject, rows, (size_t)rows_each);
    }
    free(rows);
}

int64_t read_all(struct subject *subject, struct wci_text *damaged)
{
    enum { PAGE = 100 };
    struct wci_query query = query_all();
    wildcam_detection rows[PAGE];
    int64_t after = 0, count = 0;
    size_t got;
    struct wci_text ignored = {0};
    for (int i = 0; i < PAGE; i++)
        wci_detection_init(&rows[i]);
    do {
        assert_op(subject->ops->read(subject->backend, &query,
                                     &(struct wci_place){after, WILDCAM_TIME_NONE}, rows, PAGE,
                                     &got, damaged ? damaged : &ignored));
        count += (int64_t)got;
        after = got ? rows[got - 1].id : 0;
    } while (got == PAGE);
    wci_text_free(&ignored);
    for (int i = 0; i < PAGE; i++)
        wci_detection_release(&rows[i]);
    return count;
}
