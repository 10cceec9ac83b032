/* Shards of version 1 of the schema, in which nothing is owed to S3 yet. */
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/sqlite/raw.h"
#include "conformance/sqlite/version_1.h"
#include "model/id.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"
#include "unit/unit.h"

enum { BOTH = 3, MONTHS = 3, EACH = 4, ROWS = 16, PROCESSES = 4 };

static struct subject subject;
static struct wci_store store;
static wildcam_upload rows[ROWS], *pointers[ROWS];

static const char *shard_file(int month)
{
    return station_file(month == 0   ? "detections/2026-01.db"
                        : month == 1 ? "detections/2026-02.db"
                                     : "detections/2026-03.db");
}

/* What the shard holds goes into a file as an earlier library made it. */
static void make_earlier(int month)
{
    static const char *const tables[] = {"images", "wildlife_detections", "reviews",
                                         "daily_detection_summary"};
    char sql[256];
    sqlite3 *handle;
    const char *path = shard_file(month), *fresh = scratch_path("earlier.db");
    ck_assert_int_eq(sqlite3_open(fresh, &handle), SQLITE_OK);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS now", path);
    ck_assert_int_eq(sqlite3_exec(handle,
                                  "PRAGMA page_size=4096; PRAGMA application_id=1464030001;"
                                  "PRAGMA user_version=1; " VERSION_1_SCHEMA,
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT * FROM now.%s", tables[i], tables[i]);
        ck_assert_int_eq(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    }
    ck_assert_int_eq(sqlite3_exec(handle, "DETACH now; PRAGMA journal_mode=WAL", NULL, NULL, NULL),
                     SQLITE_OK);
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
        make_earlier(i);
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

static struct wci_upload_figures count(void)
{
    struct wci_upload_figures figures;
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

START_TEST(read_as_they_are)
{
    wildcam_upload row;
    struct wci_upload_ref found[ROWS];
    int64_t kept[ROWS];
    size_t got;
    assert_files(&subject, &store);
    for (size_t i = 0; i < subject.model.image_count; i++) {
        wildcam_image image;
        wci_image_init(&image);
        assert_op(subject.ops->get_image(subject.backend, subject.model.images[i].id, &image));
        ck_assert_int_eq(image.released_at, WILDCAM_TIME_NONE);
        wci_image_release(&image);
    }
    wci_upload_init(&row);
    assert_op(subject.ops->get_upload(subject.backend, subject.model.images[5].id, 1, &row));
    ck_assert_int_eq(row.state, WCI_UPLOAD_DUE);
    ck_assert_int_eq(row.kind, 1);
    ck_assert_int_eq(row.since, subject.model.images[5].received_at);
    ck_assert_int_eq(row.image_id, subject.model.images[5].id);
    assert_op_fails(
        WILDCAM_ERR_NOTFOUND, "there is no picture",
        subject.ops->get_upload(subject.backend, subject.model.images[5].id + 1000, 1, &row));
    wci_upload_release(&row);
    ck_assert_int_eq(count().owed, 2 * MONTHS * EACH);
    ck_assert_int_eq(count().oldest, day_at(2026, 1, 5) + 5 * WCI_SECOND);
    ck_assert_int_eq(count().next_due, 0);
    assert_op(subject.ops->find_uploads(subject.backend, WCI_UPLOADS_WAITING, BOTH,
                                        (struct wci_upload_ref){0, -1}, found, ROWS, &got));
    ck_assert_uint_eq(got, 0);
    assert_op(
        subject.ops->find_releasable(subject.backend, INT64_MIN, INT64_MAX, kept, ROWS, &got));
    ck_assert_uint_eq(got, 0);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    for (int i = 0; i < MONTHS; i++)
        ck_assert_int_eq(version(i), 1);
}
END_TEST

START_TEST(what_is_written_brings_its_shard_up)
{
    keep_picture(&subject, &store, 0, day_at(2026, 2, 7), 100);
    ck_assert_int_eq(version(0), 1);
    ck_assert_int_eq(version(1), 2);
    ck_assert_int_eq(version(2), 1);
    ck_assert_int_eq(raw_ask(shard_file(1), "SELECT count(*) FROM uploads"), 2 * (EACH + 1));
    ck_assert_int_eq(raw_ask(shard_file(1), "SELECT count(DISTINCT image_id) FROM uploads WHERE"
                                            " since=(SELECT received_at FROM images WHERE"
                                            " id=image_id)"),
                     EACH + 1);
    ck_assert_int_eq(count().owed, 2 * (MONTHS * EACH + 1));
    assert_files(&subject, &store);
}
END_TEST

START_TEST(brought_up_they_are_as_new_ones)
{
    char sql[] = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE sql IS"
                 " NOT NULL ORDER BY name)";
    struct wci_text texts[2] = {{0}, {0}};
    keep_picture(&subject, &store, 0, day_at(2026, 1, 7), 100);
    keep_picture(&subject, &store, 0, day_at(2026, 7, 7), 101); /* a shard made now */
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement;
        sqlite3 *handle = raw_open(i ? station_file("detections/2026-07.db") : shard_file(0));
        ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        wci_text_add(&texts[i], (const char *)sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
    ck_assert_str_eq(texts[0].data, texts[1].data);
    wci_text_free(&texts[0]);
    wci_text_free(&texts[1]);
}
END_TEST

START_TEST(a_claim_brings_up_what_it_comes_to)
{
    ck_assert_uint_eq(claim(2), 2);
    ck_assert_int_eq(version(0), 1);
    ck_assert_int_eq(version(2), 2);
    size_t taken = 2, got;
    while ((got = claim(ROWS)) > 0)
        taken += got;
    ck_assert_uint_eq(taken, 2 * MONTHS * EACH);
    ck_assert_int_eq(version(0), 2);
    ck_assert_int_eq(count().owed, 2 * MONTHS * EACH);
}
END_TEST

/* The transaction is not committed, by whatever end. */
static const char *bring_up_and_die(void)
{
    struct wci_shard *shard;
    struct wci_database *database;
    subject_open_again(&subject, &store);
    if (wci_shards_take(&store.backend->shards, day_at(2026, 1, 5), &shard) != WILDCAM_OK ||
        wci_pool_begin(&shard->pool, &database) != WILDCAM_OK ||
        wci_schema_bring_up(database) != WILDCAM_OK)
        return wildcam_error_message();
    _exit(0);
}

START_TEST(a_crash_leaves_it_as_it_was)
{
    wci_store_close(&store, false);
    run_apart(0, bring_up_and_die);
    ck_assert_int_eq(version(0), 1);
    subject_open_again(&subject, &store);
    ck_assert_int_eq(count().owed, 2 * MONTHS * EACH);
    ck_assert_str_eq(find_faults(&store, 0), "");
    ck_assert_uint_eq(claim(ROWS), ROWS);
}
END_TEST

START_TEST(what_was_taken_back_is_brought_up_again)
{
    struct wci_shard *shard;
    struct wci_database *database;
    for (int i = 0; i < 3; i++) {
        assert_op(wci_shards_take(&store.backend->shards, day_at(2026, 1, 5), &shard));
        assert_op(wci_pool_begin(&shard->pool, &database));
        assert_op(wci_schema_bring_up(database));
        if (i < 1)
            wci_pool_rollback(&shard->pool);
        else
            assert_op(wci_pool_commit(&shard->pool));
        wci_shards_give(&store.backend->shards, shard);
        ck_assert_int_eq(version(0), i < 1 ? 1 : 2);
    }
    ck_assert_int_eq(raw_ask(shard_file(0), "SELECT count(*) FROM uploads"), 2 * EACH);
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
    ck_assert_int_eq(sum, 2 * MONTHS * EACH);
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
    struct wci_upload_figures figures;
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
            WILDCAM_OK ||
        row.state != WCI_UPLOAD_DUE)
        return "it cannot be read";
    wci_upload_release(&row);
    if (subject.ops->count_uploads(subject.backend, BOTH, &figures) != WILDCAM_OK ||
        figures.owed != (int64_t)2 * MONTHS * EACH)
        return "not all are counted";
    if (figures.next_due <= wci_calendar_now())
        return "it is said to be due";
    if (count_log("cannot be uploaded") != 1)
        return "it was not told once";
    wci_store_close(&store, false);
    return NULL;
}

START_TEST(one_that_cannot_be_written_is_read)
{
    wci_store_close(&store, false);
    ck_assert_int_eq(nftw(scratch(), give, 16, FTW_PHYS), 0);
    if (getuid() == 0)
        ck_assert_int_eq(chown(shard_file(1), 0, 0), 0);
    ck_assert_int_eq(chmod(shard_file(1), 0444), 0);
    expect_log("pictures of an earlier version of the library cannot be uploaded");
    run_apart(NOBODY, claim_around);
    ck_assert_int_eq(chmod(shard_file(1), 0644), 0);
    ck_assert_int_eq(version(1), 1);
    subject_open_again(&subject, &store);
    ck_assert_uint_eq(claim(ROWS), 2 * EACH);
}
END_TEST

START_TEST(a_backup_of_them_is_restored_and_brought_up)
{
    char copy[WCI_PATH], again[WCI_PATH];
    assert_op(wci_path(copy, "%s", scratch_path("copy")));
    assert_op(wci_path(again, "%s", scratch_path("again")));
    assert_op(wci_store_backup(&store, copy, NULL, NULL, NULL));
    ck_assert_int_eq(
        raw_ask(scratch_path("copy/database/detections/2026-01.db"), "PRAGMA user_version"), 1);
    assert_op(wci_store_restore(copy, again, NULL, NULL));
    wci_store_close(&store, false);
    assert_ok(wildcam_conf_set(subject.conf, "data.dir", again));
    subject_open_again(&subject, &store);
    assert_files(&subject, &store);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    ck_assert_uint_eq(claim(ROWS), ROWS);
    ck_assert_int_eq(raw_ask(scratch_path("again/detections/2026-03.db"), "PRAGMA user_version"),
                     2);
    assert_files(&subject, &store);
}
END_TEST

/* The file is open since before. */
START_TEST(one_that_a_newer_library_has_brought_up_is_refused)
{
    wildcam_upload row;
    struct wci_row more = row_at(&subject, day_at(2026, 1, 9));
    struct wci_change change = {.rows = &more, .count = 1};
    assert_files(&subject, &store);
    ck_assert_int_eq(count().owed, 2 * MONTHS * EACH);
    raw_run(shard_file(0), "PRAGMA user_version=3");
    wci_upload_init(&row);
    assert_op_fails(WILDCAM_ERR_VERSION, "use a newer libwildcam",
                    subject.ops->get_upload(subject.backend, subject.model.images[0].id, 0, &row));
    write_group(&subject, &change, 1);
    ck_assert_int_eq(change.error.status, WILDCAM_ERR_VERSION);
    expect_log("what a shard owes to S3 cannot be seen");
    ck_assert_int_eq(count().owed, 2 * (MONTHS - 1) * EACH);
    ck_assert_uint_eq(claim(ROWS), 2 * (MONTHS - 1) * EACH);
    ck_assert_int_eq(count_log("cannot be seen"), 1);
    raw_run(shard_file(0), "PRAGMA user_version=1");
    ck_assert_uint_eq(claim(ROWS), 2 * EACH);
}
END_TEST

/* It has the file open since before, and knows nothing of what is owed. */
START_TEST(what_an_earlier_library_keeps_is_owed_too)
{
    keep_picture(&subject, &store, 0, day_at(2026, 1, 7), 100);
    raw_run(shard_file(0), "INSERT INTO images SELECT id+1, camera_id, captured_at, utc_offset,"
                           " time_source, received_at, zeroblob(32), bytes, width, height,"
                           " orientation, trailing_bytes, make, model, serial_number, latitude,"
                           " longitude, altitude, temperature, capture, event_number,"
                           " sequence_number, sequence_length, file_name, metadata FROM images"
                           " WHERE id=(SELECT max(id) FROM images)");
    ck_assert_int_eq(raw_ask(shard_file(0), "SELECT count(*) FROM uploads"), 2 * (EACH + 2));
    raw_run(shard_file(0), "DELETE FROM images WHERE sha256=zeroblob(32);"
                           "DELETE FROM uploads WHERE image_id NOT IN (SELECT id FROM images)");
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
    keep_picture(&subject, &store, 0, day_at(2026, 1, 8), 55); /* brings it up */
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
    tcase_add_test(all, read_as_they_are);
    tcase_add_test(all, what_is_written_brings_its_shard_up);
    tcase_add_test(all, brought_up_they_are_as_new_ones);
    tcase_add_test(all, a_claim_brings_up_what_it_comes_to);
    tcase_add_test(all, a_crash_leaves_it_as_it_was);
    tcase_add_test(all, what_was_taken_back_is_brought_up_again);
    tcase_add_test(all, several_processes_at_once);
    tcase_add_test(all, one_that_cannot_be_written_is_read);
    tcase_add_test(all, a_backup_of_them_is_restored_and_brought_up);
    tcase_add_test(all, one_that_a_newer_library_has_brought_up_is_refused);
    tcase_add_test(all, what_an_earlier_library_keeps_is_owed_too);
    tcase_add_test(all, a_file_that_somebody_comes_for_is_not_deleted);
    tcase_add_test(all, pictures_without_a_word_are_found);
    return suite;
}
