/* Which files there are, which are open, and how long their logs grow. */
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/sqlite/raw.h"
#include "store/sqlite/sqlite.h"

static struct subject subject;

static void open_with(const char *name, const char *value)
{
    wildcam_conf *conf = subject_conf("station");
    assert_ok(wildcam_conf_set(conf, name, value));
    subject_open(&subject, conf);
}

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
}

static void tear_down(void)
{
    subject_close(&subject);
}

static void open_again_with(const char *name, const char *value)
{
    assert_ok(wildcam_conf_set(subject.conf, name, value));
    subject_reopen(&subject);
}

static struct wci_store_figures figures(void)
{
    struct wci_store_figures figures = {0};
    assert_op(subject.ops->figures(subject.backend, &figures));
    wci_text_free(&figures.damaged);
    return figures;
}

static void assert_spans(const char *wanted)
{
    struct wci_text spans = {0};
    list_spans(&subject, &spans);
    ck_assert_str_eq(wci_text_get(&spans), wanted);
    wci_text_free(&spans);
}

static void write_day(int month, int day)
{
    struct wci_row row = row_at(&subject, day_at(2026, month, day));
    write_rows(&subject, &row, 1);
}

static void read_month(int month)
{
    struct wci_query query = query_all();
    query.from = day_at(2026, month, 1);
    query.to = day_at(2026, month, 9);
    assert_read(&subject, &query, 10);
}

START_TEST(opened_when_they_are_needed)
{
    struct dice dice = {1};
    open_with("store.open_shards", "3");
    write_months(&subject, 10, 2);
    ck_assert_int_eq(figures().shards, 10);
    ck_assert_int_le(figures().open_shards, 3);
    subject_reopen(&subject);
    ck_assert_int_eq(figures().open_shards, 0);
    read_month(4);
    ck_assert_int_eq(figures().open_shards, 1);
    for (int i = 0; i < 3; i++) {
        assert_same(&subject, &dice, 3);
        ck_assert_int_le(figures().open_shards, 3);
    }
    tear_down();
}
END_TEST

static bool is_open(int month)
{
    return subject.backend->shards.list[month - 1]->is_open;
}

START_TEST(the_least_used_is_closed_first)
{
    open_with("store.open_shards", "3");
    write_months(&subject, 6, 1);
    subject_reopen(&subject);
    for (int month = 1; month <= 3; month++)
        read_month(month);
    read_month(1); /* now 2 is the one not used for longest */
    read_month(5);
    ck_assert(is_open(1) && !is_open(2) && is_open(3) && is_open(5));
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    ck_assert_int_eq(figures().open_shards, 0);
    for (int month = 1; month <= 6; month++)
        read_month(month);
    tear_down();
}
END_TEST

START_TEST(housekeeping_opens_none_and_uses_none)
{
    open_with("store.open_shards", "2");
    write_months(&subject, 6, 1);
    subject_reopen(&subject);
    read_month(6);
    int64_t used = subject.backend->shards.list[5]->last_used;
    for (int i = 0; i < 3; i++)
        subject.ops->maintain(subject.backend, INT64_MAX);
    ck_assert_int_eq(figures().open_shards, 1);
    ck_assert_int_eq(subject.backend->shards.list[5]->last_used, used);
    ck_assert(is_open(6));
    tear_down();
}
END_TEST

START_TEST(a_month_goes_on_as_it_was_begun)
{
    write_day(1, 5);
    assert_spans("2026-01 ");
    open_again_with("store.shard", "day");
    write_day(1, 6);
    write_day(2, 27);
    write_day(2, 28);
    write_day(3, 1);
    assert_spans("2026-01 2026-02-27 2026-02-28 2026-03-01 ");
    open_again_with("store.shard", "month");
    write_day(2, 1);
    write_day(2, 28);
    write_day(3, 2);
    write_day(4, 1);
    assert_spans("2026-01 2026-02-01 2026-02-27 2026-02-28 2026-03-01 2026-03-02 2026-04 ");
    struct dice dice = {1};
    assert_same(&subject, &dice, 20);
    assert_whole(&subject);
}
END_TEST

START_TEST(other_files_are_no_shards)
{
    static const char *const names[] = {"detections/2026-13.db",    "detections/2026-1.db",
                                        "detections/2026-02-30.db", "detections/notes.txt",
                                        "detections/20x6-01.db",    "detections/2026-01-01.db.bak",
                                        "detections/2026_01.db",    "detections/readme"};
    write_day(1, 5);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        save_file(station_file(names[i]), "not a database", 14);
    subject_reopen(&subject);
    assert_spans("2026-01 ");
}
END_TEST

/* Another opening of the same files stands for another process. */
START_TEST(files_that_others_add_and_take_are_seen)
{
    struct subject other;
    subject_open(&other, subject_conf("station"));
    write_day(1, 5);
    ck_assert_int_eq(read_all(&other, NULL), 1);
    write_day(2, 5);
    ck_assert_int_eq(read_all(&other, NULL), 2);
    subject_close(&other);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    unlink(station_file("detections/2026-01.db"));
    model_forget(&subject.model, 0, day_at(2026, 2, 1));
    assert_spans("2026-02 ");
    ck_assert_int_eq(read_all(&subject, NULL), 1);
}
END_TEST

/* The name of an open file is given to another one. */
/* A crash between the renames of a purge leaves the log of the shard that went: it must not become
 * that of the next shard of the same name. */
START_TEST(a_log_that_was_left_is_nobodys)
{
    size_t size;
    char kept[1024];
    snprintf(kept, sizeof kept, "%s", station_file("detections/2026-01.db-wal"));
    write_months(&subject, 1, 5);
    void *bytes = load_file(kept, &size);
    ck_assert_uint_gt(size, 0);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    ck_assert_int_eq(remove(station_file("detections/2026-01.db")), 0);
    save_file(kept, bytes, size);
    free(bytes);
    write_day(1, 2);
    ck_assert_int_eq(read_all(&subject, NULL), 1);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    ck_assert_int_eq(
        raw_ask(station_file("detections/2026-01.db"), "SELECT count(*) FROM wildlife_detections"),
        1);
}
END_TEST

/* A picture without a time of its own takes that of its reception, each time anew. */
START_TEST(what_is_kept_already_begins_none)
{
    struct wci_change changes[2];
    struct wci_row rows[2];
    wildcam_image images[2];
    for (int i = 0; i < 2; i++) {
        rows[i] = row_at(&subject, day_at(2026, 3 + i, 1));
        images[i] = image_at(&subject, 0, day_at(2026, 3 + i, 1), 1);
        changes[i] = (struct wci_change){.image = &images[i], .rows = &rows[i], .count = 1};
        write_one(&subject, &changes[i]);
    }
    ck_assert(!changes[0].is_duplicate && changes[1].is_duplicate);
    ck_assert_int_eq(images[1].id, images[0].id);
    ck_assert_int_eq(rows[1].id, rows[0].id);
    assert_spans("2026-03 ");
    write_group(&subject, changes, 2); /* beside others too */
    struct wci_row other = row_at(&subject, day_at(2026, 4, 1));
    struct wci_change both[] = {changes[1], {.rows = &other, .count = 1}};
    write_group(&subject, both, 2);
    ck_assert(both[0].is_duplicate && other.id != 0);
    assert_spans("2026-03 2026-04 ");
    wci_image_release(&images[0]);
    wci_image_release(&images[1]);
}
END_TEST

START_TEST(a_replaced_file_is_read_anew)
{
    size_t size;
    write_day(1, 5);
    subject_reopen(&subject);
    void *before = load_file(station_file("detections/2026-01.db"), &size);
    write_day(1, 6);
    ck_assert_int_eq(read_all(&subject, NULL), 2);
    save_file(station_file("older.db"), before, size);
    free(before);
    unlink(station_file("detections/2026-01.db-wal"));
    unlink(station_file("detections/2026-01.db-shm"));
    rename(station_file("older.db"), station_file("detections/2026-01.db"));
    ck_assert_int_eq(read_all(&subject, NULL), 1);
    model_forget(&subject.model, day_at(2026, 1, 6), day_at(2026, 1, 7));
    write_day(1, 7);
    assert_whole(&subject);
}
END_TEST

START_TEST(a_newer_shard_is_refused_and_stays)
{
    struct wci_query query = query_all();
    wildcam_detection row;
    struct wci_row more = row_at(&subject, day_at(2026, 1, 5));
    struct wci_change change = {.rows = &more, .count = 1};
    size_t got;
    struct wci_text damaged = {0};
    int64_t count;
    write_months(&subject, 2, 1);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    raw_run(station_file("detections/2026-01.db"), "PRAGMA user_version=4");
    wci_detection_init(&row);
    query.oldest_first = true;
    assert_op_fails(WILDCAM_ERR_VERSION, "use a newer libwildcam",
                    subject.ops->read(subject.backend, &query, NULL, &row, 1, &got, &damaged));
    assert_op_fails(WILDCAM_ERR_VERSION, "2026-01.db",
                    subject.ops->count(subject.backend, &query, 0, &count, NULL));
    write_group(&subject, &change, 1);
    ck_assert_int_eq(change.error.status, WILDCAM_ERR_VERSION);
    ck_assert_int_eq(figures().damaged_shards, 0);
    read_month(2);
    raw_run(station_file("detections/2026-01.db"), "PRAGMA user_version=3");
    read_month(1);
    wci_detection_release(&row);
}
END_TEST

static wildcam_status pass(void *user, const char *name)
{
    (void)user;
    (void)name;
    return WILDCAM_OK;
}

/* Nothing is logged, which would fail the test. */
START_TEST(housekeeping_passes_over_what_another_process_purged)
{
    const struct wci_purge_files files = {.hide = pass, .drop = pass};
    wci_backend *other;
    int64_t shards = 0;
    write_months(&subject, 2, 1);
    assert_ok(wildcam_conf_set(subject.conf, "store.wal_bytes", "65536"));
    subject.backend->last_maintained = wci_calendar_monotonic(); /* writers leave it to him */
    for (int i = 0; i < 6; i++)
        write_months(&subject, 1, 20);
    ck_assert_int_ge(file_bytes(station_file("detections/2026-01.db-wal")), 65536);
    assert_op(subject.ops->open(subject.conf, &subject.log, &other));
    assert_op(subject.ops->purge(other, day_at(2026, 2, 1), &files, &shards));
    ck_assert_int_eq(shards, 1);
    subject.ops->close(other, false);
    subject.ops->maintain(subject.backend, wci_calendar_monotonic() + WCI_SECOND);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 1));
    read_month(2);
}
END_TEST

START_TEST(a_newer_catalog_is_refused)
{
    wci_backend *backend;
    raw_run(station_file("station.db"), "PRAGMA user_version=7");
    assert_op_fails(WILDCAM_ERR_VERSION, "has version 7 of the schema",
                    subject.ops->open(subject.conf, &subject.log, &backend));
    ck_assert_ptr_null(backend);
}
END_TEST

START_TEST(a_shard_that_somebody_holds_is_busy)
{
    write_months(&subject, 2, 1);
    open_again_with("store.busy_timeout", "0.05");
    struct wci_row rows[2] = {row_at(&subject, day_at(2026, 1, 5)),
                              row_at(&subject, day_at(2026, 2, 5))};
    struct wci_change changes[2] = {{.rows = &rows[0], .count = 1}, {.rows = &rows[1], .count = 1}};
    sqlite3 *holder = raw_open(station_file("detections/2026-01.db"));
    ck_assert_int_eq(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    write_group(&subject, changes, 1);
    ck_assert_int_eq(changes[0].error.status, WILDCAM_ERR_BUSY);
    ck_assert_int_eq(rows[0].id, 0);
    read_month(1); /* readers do not wait */
    write_group(&subject, &changes[1], 1);
    ck_assert_int_eq(changes[1].error.status, WILDCAM_OK);
    sqlite3_exec(holder, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(holder);
    write_one(&subject, &changes[0]);
    assert_whole(&subject);
}
END_TEST

enum { WAL_LIMIT = 65536 };

static int64_t write_many(int groups)
{
    int64_t longest = 0;
    for (int i = 0; i < groups; i++) {
        struct wci_row rows[20];
        for (int k = 0; k < 20; k++)
            rows[k] = row_at(&subject, day_at(2026, 1, 1 + (i * 7 + k) % 28) + i);
        write_rows(&subject, rows, 20);
        int64_t now = file_bytes(station_file("detections/2026-01.db-wal"));
        longest = now > longest ? now : longest;
    }
    return longest;
}

/* A group may carry the log past its limit, and then it is begun anew. */
START_TEST(a_log_is_bounded_by_its_writers)
{
    int64_t longest;
    open_with("store.wal_bytes", "65536");
    longest = write_many(150);
    ck_assert_int_gt(raw_ask(station_file("detections/2026-01.db"), "PRAGMA page_count"), 40);
    ck_assert_int_le(longest, 4 * WAL_LIMIT);
    ck_assert_int_ge(longest, WAL_LIMIT);
    tear_down();
}
END_TEST

START_TEST(a_log_is_bounded_by_housekeeping)
{
    int64_t longest = 0;
    open_with("store.wal_bytes", "65536");
    for (int i = 0; i < 40; i++) {
        int64_t now = write_many(4);
        longest = now > longest ? now : longest;
        subject.ops->maintain(subject.backend, wci_calendar_monotonic() + 60 * WCI_SECOND);
    }
    ck_assert_int_le(longest, 8 * WAL_LIMIT);
    tear_down();
}
END_TEST

/* While somebody reads an old state the log must be kept; once he is gone it is begun anew. */
START_TEST(a_log_outlives_its_readers_and_no_more)
{
    open_with("store.wal_bytes", "65536");
    write_many(10);
    sqlite3 *reader = raw_open(station_file("detections/2026-01.db"));
    ck_assert_int_eq(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM images", NULL, NULL, NULL),
                     SQLITE_OK);
    int64_t held = write_many(100);
    ck_assert_int_gt(held, 8 * WAL_LIMIT);
    sqlite3_close(reader);
    ck_assert_int_le(write_many(100), held + 2 * WAL_LIMIT);
    assert_whole(&subject);
    tear_down();
}
END_TEST

/* Takes January's files away at the moment at which the next connection to them is opened: it has
 * the file, and finds neither its log nor its name. */
static int take_away(sqlite3 *handle, char **message, const void *api)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    const char *path = sqlite3_db_filename(handle, "main");
    (void)message;
    (void)api;
    if (!path || !strstr(path, "2026-01.db") || file_exists(station_file("taken")))
        return SQLITE_OK;
    for (int i = 0; i < 3; i++)
        rename(scratch_path("station/detections/2026-01.db%s", ends[i]),
               scratch_path("station/taken%s", ends[i]));
    return SQLITE_OK;
}

static void ask_while_it_goes(int what)
{
    struct wci_query query = query_all();
    struct wci_summary_rows rows = {0};
    wildcam_detection row;
    wildcam_image image;
    int64_t count = 0, january = subject.model.rows[0].id;
    struct wci_row late = row_at(&subject, day_at(2026, 1, 8));
    wci_detection_init(&row);
    wci_image_init(&image);
    switch (what) {
    case 0:
        ck_assert_int_eq(read_all(&subject, NULL), 1);
        break;
    case 1:
        assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
        ck_assert_int_eq(count, 1);
        break;
    case 2:
        assert_op(subject.ops->summarise(subject.backend, &query, 0, &rows));
        ck_assert_int_eq(rows.rows[0].count, 1);
        free(rows.rows);
        break;
    case 3:
        ck_assert_int_eq(count_images(&subject, INT64_MIN, INT64_MAX), 0);
        break;
    case 4:
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "there is no detection",
                        subject.ops->get_detection(subject.backend, january, &row));
        break;
    case 5:
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "there is no picture",
                        subject.ops->get_image(subject.backend, january, &image));
        break;
    default: /* the month is begun anew */
        write_rows(&subject, &late, 1);
        ck_assert_int_eq(read_all(&subject, NULL), 2);
    }
}

START_TEST(a_shard_that_goes_meanwhile_is_passed_over)
{
    struct subject other; /* keeps the log */
    subject_open(&other, subject_conf("station"));
    write_day(1, 5);
    write_day(2, 5);
    ck_assert_int_eq(read_all(&other, NULL), 2);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    ck_assert_int_gt(file_bytes(station_file("detections/2026-01.db-wal")), 0);
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))take_away), SQLITE_OK);
    ask_while_it_goes(_i);
    sqlite3_reset_auto_extension();
    ck_assert(file_exists(station_file("taken")));
    subject_close(&other);
}
END_TEST

/* A commit shows once its fsync is done, and that may be long after the files were last written:
 * their times alone do not tell that nothing has changed. */
START_TEST(a_total_is_never_of_an_earlier_state)
{
    struct wci_query query = query_all();
    int64_t count;
    for (int i = 1; i <= 3; i++) {
        write_day(1, i);
        make_old(station_file("detections/2026-01.db"));
        assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
        ck_assert_int_eq(count, i);
    }
    wci_shards_rest(&subject.backend->shards, INT64_MAX); /* nothing is left in the log */
    make_old(station_file("detections/2026-01.db"));
    for (int i = 0; i < 2; i++) {
        assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
        ck_assert_int_eq(count, 3);
    }
    write_day(1, 9);
    assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
    ck_assert_int_eq(count, 4);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: shards");
    TCase *files = subject_case(suite, "files", set_up, tear_down);
    TCase *settings = harness_case(suite, "settings");
    tcase_add_test(files, a_month_goes_on_as_it_was_begun);
    tcase_add_test(files, other_files_are_no_shards);
    tcase_add_test(files, files_that_others_add_and_take_are_seen);
    tcase_add_test(files, a_log_that_was_left_is_nobodys);
    tcase_add_test(files, what_is_kept_already_begins_none);
    tcase_add_test(files, a_replaced_file_is_read_anew);
    tcase_add_test(files, a_newer_shard_is_refused_and_stays);
    tcase_add_test(files, housekeeping_passes_over_what_another_process_purged);
    tcase_add_test(files, a_newer_catalog_is_refused);
    tcase_add_loop_test(files, a_shard_that_goes_meanwhile_is_passed_over, 0, 7);
    tcase_add_test(files, a_total_is_never_of_an_earlier_state);
    tcase_add_test(files, a_shard_that_somebody_holds_is_busy);
    tcase_add_test(settings, opened_when_they_are_needed);
    tcase_add_test(settings, housekeeping_opens_none_and_uses_none);
    tcase_add_test(settings, the_least_used_is_closed_first);
    tcase_add_test(settings, a_log_is_bounded_by_its_writers);
    tcase_add_test(settings, a_log_is_bounded_by_housekeeping);
    tcase_add_test(settings, a_log_outlives_its_readers_and_no_more);
    return suite;
}
