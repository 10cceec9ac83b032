/*
 * Shards of earlier versions of the schema. In those of version 1 nothing is owed to S3 yet; in
 * those of version 2 everything but the first picture of each, which was uploaded.
 */
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/sqlite/raw.h"
#include "model/id.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"
#include "support/earlier.h"
#include "unit/unit.h"

enum { BOTH = 3, MONTHS = 3, EACH = 4, ROWS = 16, PROCESSES = 4 };

static struct subject subject;
static struct wci_store store;
static wildcam_upload rows[ROWS], *pointers[ROWS];
static const bool is_second[MONTHS] = {false, true, false};
enum { OWED = 2 * (MONTHS * EACH - 1) };

static const char *shard_file(int month)
{
    return station_file(month == 0   ? "detections/2026-01.db"
                        : month == 1 ? "detections/2026-02.db"
                                     : "detections/2026-03.db");
}

static void run_on(sqlite3 *handle, const char *sql)
{
    ck_assert_msg(sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
                  sqlite3_errmsg(handle));
}

/* The columns that version 1 knew. */
static void copy_table(sqlite3 *handle, const char *table)
{
    char sql[1024];
    sqlite3_stmt *statement;
    struct wci_text columns = {0};
    snprintf(sql, sizeof sql, "SELECT group_concat(name) FROM pragma_table_info('%s', 'main')",
             table);
    ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    wci_text_add(&columns, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT %s FROM now.%s", table, columns.data,
             table);
    run_on(handle, sql);
    wci_text_free(&columns);
}

/* What the shard holds goes into a file as an earlier library made it. */
static void make_earlier(int month, int version)
{
    static const char *const tables[] = {"wildlife_detections", "reviews",
                                         "daily_detection_summary", "images"};
    char sql[256];
    sqlite3 *handle;
    const char *path = shard_file(month), *fresh = scratch_path("earlier.db");
    ck_assert_int_eq(sqlite3_open(fresh, &handle), SQLITE_OK);
    run_on(handle, "PRAGMA page_size=4096; PRAGMA application_id=1464030001");
    run_on(handle, VERSION_1_SCHEMA);
    if (version > 1)
        run_on(handle, VERSION_2_SCHEMA);
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d; ATTACH '%s' AS now", version, path);
    run_on(handle, sql);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        copy_table(handle, tables[i]);
    if (version > 1)
        run_on(handle, "UPDATE uploads SET state=1, uploaded_at=7 WHERE image_id="
                       "(SELECT min(id) FROM main.images)");
    run_on(handle, "DETACH now; PRAGMA journal_mode=WAL");
    ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
    ck_assert_int_eq(rename(fresh, path), 0);
}

static void set_up(void)
{
    ck_assert_int_eq(WCI_SHARD_APPLICATION, 1464030001);
    subject_open_store(&subject, &store, subject_conf("station"));
    for (int i = 0; i < MONTHS * EACH; i++)
        keep_picture(&subject, &store, 0, day_at(2026, 1 + i / EACH, 5), (unsigned)i);
    wci_store_close(&store, false);
    for (int i = 0; i < MONTHS; i++)
        make_earlier(i, is_second[i] ? 2 : 1);
    for (int i = 0; i < ROWS; i++) {
        wci_upload_init(&rows[i]);
        pointers[i] = &rows[i];
    }
    subject_open_again(&subject, &store);
}

static void tear_down(void)
{
    for (int i = 0; i < ROWS; i++)
        wci_upload_release(&rows[i]);
    assert_whole(&subject);
    subject_close_store(&subject, &store);
}

static int64_t version(int month)
{
    return raw_ask(shard_file(month), "PRAGMA user_version");
}

static struct wci_queue_figures count(void)
{
    struct wci_queue_figures figures;
    assert_op(subject.ops->count_uploads(subject.backend, BOTH, &figures));
    return figures;
}

static size_t claim(size_t limit)
{
    struct wci_upload_claim claim = {{BOTH, -1, false}, wci_calendar_now(), 7, 0};
    size_t got;
    claim.until = claim.now + 60 * WCI_SECOND;
    assert_op(wci_store_claim_uploads(&store, &claim, pointers, limit, &got));
    return got;
}

/* It may take long, and all other writers need that lock. */
START_TEST(nobody_holds_the_catalogs_lock_meanwhile)
{
    wildcam_image image;
    wci_store_close(&store, false);
    assert_ok(wildcam_conf_set(subject.conf, "store.busy_timeout", "0.1"));
    subject_open_again(&subject, &store);
    sqlite3 *other = raw_open(station_file("station.db"));
    run_on(other, "BEGIN IMMEDIATE");
    ck_assert_int_eq(version(0), 1);
    ck_assert_int_eq(try_picture(&subject, &store, 0, day_at(2026, 1, 6), 99, &image),
                     WILDCAM_ERR_BUSY);
    ck_assert_int_eq(version(0), WCI_SHARD_VERSION);
    sqlite3_close(other);
    keep_picture(&subject, &store, 0, day_at(2026, 1, 6), 99);
}
END_TEST

START_TEST(whoever_reads_brings_them_up)
{
    wildcam_upload row;
    for (int i = 0; i < MONTHS; i++)
        ck_assert_int_eq(version(i), is_second[i] ? 2 : 1);
    for (size_t i = 0; i < subject.model.image_count; i++) {
        wildcam_image image;
        wci_image_init(&image);
        assert_op(subject.ops->get_image(subject.backend, subject.model.images[i].id, &image));
        ck_assert_int_eq(image.released_at, WILDCAM_TIME_NONE);
        ck_assert_int_eq(image.clock_time, WILDCAM_TIME_NONE);
        ck_assert_int_eq(image.event_id, 0);
        ck_assert_int_eq(image.event_gap, -1);
        ck_assert(!image.favourite);
        wci_image_release(&image);
        if (i % EACH == 0) /* one at a time */
            for (int k = 0; k < MONTHS; k++)
                ck_assert_int_eq(version(k), k <= (int)i / EACH ? WCI_SHARD_VERSION
                                             : is_second[k]     ? 2
                                                                : 1);
    }
    wci_upload_init(&row);
    assert_op(subject.ops->get_upload(subject.backend, subject.model.images[1].id, 1, &row));
    ck_assert_int_eq(row.state, WCI_UPLOAD_DUE);
    ck_assert_int_eq(row.since, subject.model.images[1].received_at);
    assert_op(subject.ops->get_upload(subject.backend, subject.model.images[EACH].id, 1, &row));
    ck_assert_int_eq(row.state, WCI_UPLOAD_DONE);
    ck_assert_int_eq(row.uploaded_at, 7);
    wci_upload_release(&row);
    ck_assert_int_eq(count().owed, OWED);
    for (int i = 0; i < MONTHS; i++)
        ck_assert_int_eq(raw_ask(shard_file(i), "SELECT count(*) FROM processing JOIN images ON"
                                                " id=image_id WHERE state=0 AND"
                                                " since=received_at"),
                         EACH);
}
END_TEST

START_TEST(whoever_writes_brings_them_up)
{
    keep_picture(&subject, &store, 0, day_at(2026, 2, 7), 100);
    ck_assert_int_eq(version(0), 1);
    ck_assert_int_eq(version(1), WCI_SHARD_VERSION);
    ck_assert_int_eq(raw_ask(shard_file(1), "SELECT count(*) FROM uploads"), 2 * (EACH + 1));
    ck_assert_int_eq(raw_ask(shard_file(1), "SELECT count(*) FROM processing"), EACH + 1);
    ck_assert_int_eq(count().owed, OWED + 2);
}
END_TEST

START_TEST(brought_up_they_are_as_new_ones)
{
    char sql[] = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE sql IS"
                 " NOT NULL ORDER BY name)";
    struct wci_text texts[3] = {{0}, {0}, {0}};
    for (int i = 0; i < 3; i++) { /* the last one is made now */
        sqlite3_stmt *statement;
        keep_picture(&subject, &store, 0, day_at(2026, i < 2 ? 1 + i : 7, 7), 100U + (unsigned)i);
        sqlite3 *handle = raw_open(i < 2 ? shard_file(i) : station_file("detections/2026-07.db"));
        ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        wci_text_add(&texts[i], (const char *)sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_str_eq(texts[i].data, texts[2].data);
    for (int i = 0; i < 3; i++)
        wci_text_free(&texts[i]);
}
END_TEST

/* The transaction is not committed, by whatever end. */
static const char *bring_up_and_die(void)
{
    struct wci_database *database;
    if (wci_database_open(shard_file(0), WCI_WRITE, subject.conf, &database) != WILDCAM_OK ||
        wci_database_begin(database) != WILDCAM_OK ||
        wci_schema_bring_up(database, WCI_SHARD_APPLICATION) != WILDCAM_OK)
        return wildcam_error_message();
    _exit(0);
}

START_TEST(a_crash_leaves_it_as_it_was)
{
    wci_store_close(&store, false);
    run_apart(0, bring_up_and_die);
    ck_assert_int_eq(version(0), 1);
    subject_open_again(&subject, &store);
    ck_assert_int_eq(count().owed, OWED);
    ck_assert_str_eq(find_faults(&store, 0), "");
    ck_assert_uint_eq(claim(ROWS), ROWS);
}
END_TEST

static int count_claimed(void)
{
    int taken = 0;
    size_t got;
    subject_open_again(&subject, &store);
    while ((got = claim(3)) > 0)
        taken += (int)got;
    wci_store_close(&store, false);
    return taken;
}

START_TEST(several_processes_at_once)
{
    int ends[2], taken, sum = 0, status;
    pid_t children[PROCESSES];
    wci_store_close(&store, false);
    ck_assert_int_eq(pipe(ends), 0);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            taken = count_claimed();
            _exit(write(ends[1], &taken, sizeof taken) == sizeof taken ? 0 : 1);
        }
    }
    close(ends[1]);
    while (read(ends[0], &taken, sizeof taken) == sizeof taken)
        sum += taken;
    close(ends[0]);
    for (int i = 0; i < PROCESSES; i++) {
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(sum, OWED);
    subject_open_again(&subject, &store);
    for (int i = 0; i < MONTHS; i++)
        ck_assert_int_eq(raw_ask(shard_file(i), "SELECT count(*) FROM uploads"), 2 * EACH);
}
END_TEST

static int give(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return getuid() == 0 ? chown(path, NOBODY, NOBODY) : 0;
}

static const char *claim_around(void)
{
    wildcam_upload row;
    size_t taken = 0, got;
    subject_open_again(&subject, &store);
    do
        taken += got = claim(ROWS);
    while (got > 0);
    if (taken != (size_t)2 * (MONTHS - 1) * EACH)
        return "not all of the others were taken";
    wci_upload_init(&row);
    if (subject.ops->get_upload(subject.backend, subject.model.images[EACH].id, 0, &row) !=
        WILDCAM_ERR_DENIED)
        return "it is read";
    wci_upload_release(&row);
    wci_store_close(&store, false);
    return NULL;
}

START_TEST(one_that_cannot_be_written_waits)
{
    wci_store_close(&store, false);
    ck_assert_int_eq(nftw(scratch(), give, 16, FTW_PHYS), 0);
    if (getuid() == 0)
        ck_assert_int_eq(chown(shard_file(1), 0, 0), 0);
    ck_assert_int_eq(chmod(shard_file(1), 0444), 0);
    expect_log("what waits in a shard, to be uploaded or processed, cannot be seen");
    run_apart(NOBODY, claim_around);
    ck_assert_int_eq(chmod(shard_file(1), 0644), 0);
    ck_assert_int_eq(version(1), 2);
    subject_open_again(&subject, &store);
    ck_assert_uint_eq(claim(ROWS), 2 * (EACH - 1));
}
END_TEST

START_TEST(a_backup_of_them_is_restored_and_brought_up)
{
    char copy[WCI_PATH], again[WCI_PATH];
    assert_op(wci_path(copy, "%s", scratch_path("copy")));
    assert_op(wci_path(again, "%s", scratch_path("again")));
    assert_op(wci_store_backup(&store, copy, NULL, NULL, NULL));
    assert_op(wci_store_restore(copy, again, NULL, NULL));
    wci_store_close(&store, false);
    assert_ok(wildcam_conf_set(subject.conf, "data.dir", again));
    subject_open_again(&subject, &store);
    assert_files(&subject, &store);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    ck_assert_uint_eq(claim(ROWS), ROWS);
    ck_assert_int_eq(raw_ask(scratch_path("again/detections/2026-03.db"), "PRAGMA user_version"),
                     WCI_SHARD_VERSION);
    assert_files(&subject, &store);
}
END_TEST

/* Another camera's picture is coming with the same file: its key is there, its row not yet. */
START_TEST(a_file_that_somebody_comes_for_is_not_deleted)
{
    char sql[256];
    wildcam_image image;
    wildcam_upload row, *only = &row;
    struct wci_upload_work work = {.step = WCI_UPLOADS_CLAIM,
                                   .rows = &only,
                                   .count = 1,
                                   .now = wci_calendar_now(),
                                   .lease = 3};
    const wildcam_image *known = &subject.model.images[0];
    const char *path = picture_path(&store, known);
    wci_upload_init(&row);
    row.image_id = known->id;
    keep_picture(&subject, &store, 0, day_at(2026, 1, 8), 55);
    snprintf(sql, sizeof sql,
             "INSERT INTO picture_keys SELECT %lld, sha256_half, image_id+500 FROM picture_keys"
             " WHERE image_id=%lld",
             (long long)subject.cameras[1]->id, (long long)known->id);
    raw_run(station_file("station.db"), sql);
    assert_op(wci_store_step_uploads(&store, &work));
    row.state = WCI_UPLOAD_DONE;
    row.uploaded_at = 1;
    work.step = WCI_UPLOADS_SETTLE;
    assert_op(wci_store_step_uploads(&store, &work));
    wci_image_init(&image);
    assert_op(subject.ops->get_image(subject.backend, known->id, &image));
    assert_op(wci_store_release_picture(&store, &image));
    ck_assert(file_exists(path));
    raw_run(station_file("station.db"),
            "DELETE FROM picture_keys WHERE image_id NOT IN (SELECT min(image_id) FROM"
            " picture_keys GROUP BY sha256_half)");
    ck_assert_str_eq(find_faults(&store, 0), ""); /* it has not come */
    ck_assert(!file_exists(path));
    wci_image_release(&image);
    wci_upload_release(&row);
}
END_TEST

START_TEST(pictures_without_a_word_are_found)
{
    keep_picture(&subject, &store, 0, day_at(2026, 1, 8), 55);
    raw_run(shard_file(0), "CREATE TABLE aside AS SELECT * FROM uploads;"
                           "DELETE FROM uploads WHERE kind=1;"
                           "INSERT INTO uploads(image_id, kind, since) VALUES(5, 0, 5)");
    ck_assert_str_eq(find_faults(&store, 0), "database: detections/2026-01.db\n"
                                             "database: detections/2026-01.db\n");
    raw_run(shard_file(0), "DELETE FROM uploads; INSERT INTO uploads SELECT * FROM aside;"
                           "DROP TABLE aside");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upgrade");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, nobody_holds_the_catalogs_lock_meanwhile);
    tcase_add_test(all, whoever_reads_brings_them_up);
    tcase_add_test(all, whoever_writes_brings_them_up);
    tcase_add_test(all, brought_up_they_are_as_new_ones);
    tcase_add_test(all, a_crash_leaves_it_as_it_was);
    tcase_add_test(all, several_processes_at_once);
    tcase_add_test(all, one_that_cannot_be_written_waits);
    tcase_add_test(all, a_backup_of_them_is_restored_and_brought_up);
    tcase_add_test(all, a_file_that_somebody_comes_for_is_not_deleted);
    tcase_add_test(all, pictures_without_a_word_are_found);
    return suite;
}
