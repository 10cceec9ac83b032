/* Damaged files: a shard is set aside, all else is served, and everybody is told. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/sqlite/raw.h"
#include "store/sqlite/sqlite.h"

enum { MONTHS = 3, ROWS = 400, PAGE = 4096 };

static struct subject subject;
static int64_t id_in_february;

static const char *february(void)
{
    return station_file("detections/2026-02.db");
}

/* Three months, closed, so that nothing is left in a log. */
static void set_up(void)
{
    struct wci_row row;
    subject_open(&subject, subject_conf("station"));
    write_months(&subject, MONTHS, ROWS);
    row = row_at(&subject, day_at(2026, 2, 20));
    write_rows(&subject, &row, 1);
    id_in_february = row.id;
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    model_forget(&subject.model, day_at(2026, 2, 1), day_at(2026, 3, 1));
}

static void tear_down(void)
{
    subject_close(&subject);
}

static void overwrite(const char *path, int64_t at, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, bytes, size, at), (ssize_t)size);
    close(fd);
}

static void spoil_header(const char *path)
{
    char noise[100];
    memset(noise, 0x5a, sizeof noise);
    overwrite(path, 0, noise, sizeof noise);
}

static void cut_in_half(const char *path)
{
    ck_assert_int_eq(truncate(path, file_bytes(path) / PAGE / 2 * PAGE), 0);
}

static void cut_within_a_page(const char *path)
{
    ck_assert_int_eq(truncate(path, PAGE + 100), 0);
}

static void empty(const char *path)
{
    ck_assert_int_eq(truncate(path, 0), 0);
}

/* The leaf pages of tables begin with 13, and then tell how many rows they have: the fullest. */
static void zero_a_leaf(const char *path)
{
    static const char nothing[PAGE];
    size_t size;
    int64_t at = 0;
    int most = 0;
    unsigned char *pages = load_file(path, &size);
    for (size_t page = 1; page < size / PAGE; page++) {
        const unsigned char *head = pages + page * PAGE;
        int rows = head[0] == 13 ? head[3] << 8 | head[4] : 0;
        if (rows > most) {
            most = rows;
            at = (int64_t)page * PAGE;
        }
    }
    free(pages);
    ck_assert_int_gt(at, 0);
    overwrite(path, at, nothing, sizeof nothing);
}

static void write_letters(const char *path)
{
    save_file(path, "Dear Sir or Madam, this is no database at all. Yours, the disk.", 63);
}

static void take_another_program(const char *path)
{
    raw_run(path, "PRAGMA application_id=1");
}

static void lose_the_tables(const char *path)
{
    raw_run(path, "DROP TABLE wildlife_detections; DROP TABLE daily_detection_summary");
}

static const struct {
    const char *name;
    void (*damage)(const char *path);
} damages[] = {
    {"header", spoil_header},
    {"half", cut_in_half},
    {"within a page", cut_within_a_page},
    {"empty", empty},
    {"page", zero_a_leaf},
    {"letters", write_letters},
    {"another's", take_another_program},
};
enum { DAMAGES = sizeof damages / sizeof damages[0] };

static void assert_set_aside(void)
{
    struct wci_store_figures figures = {0};
    assert_op(subject.ops->figures(subject.backend, &figures));
    ck_assert_int_eq(figures.damaged_shards, 1);
    ck_assert_str_eq(wci_text_get(&figures.damaged), "2026-02");
    wci_text_free(&figures.damaged);
    ck_assert_int_eq(count_log("shard 2026-02 is damaged and was set aside"), 1);
    ck_assert_int_ge(count_files(station_file("damaged")), 2); /* the file and its reason */
}

static void note_finding(void *user, const char *what, const char *where, const char *text)
{
    wci_text_add_format(user, "%s: %s: %s\n", what, where, text);
}

/* The check has nothing else to say. */
static void assert_told(void)
{
    struct wci_text found = {0};
    struct wci_check check = {.finding = note_finding, .user = &found};
    assert_op(subject.ops->check(subject.backend, &check));
    ck_assert_int_eq(check.findings, 1);
    ck_assert_int_eq(strncmp(found.data, "set aside: damaged/2026-02.", 27), 0);
    ck_assert_ptr_nonnull(strstr(found.data, ".db: 2026-02 was set aside because it is damaged ("));
    ck_assert_ptr_nonnull(strstr(found.data, "database/detections/2026-02.db of a backup"));
    wci_text_free(&found);
}

START_TEST(a_reader_sets_it_aside)
{
    struct wci_text names = {0};
    expect_log("is damaged and was set aside");
    damages[_i].damage(february());
    ck_assert_int_ge(read_all(&subject, &names), (MONTHS - 1) * ROWS); /* and those met before */
    ck_assert_str_eq(names.data, "2026-02");
    assert_set_aside();
    ck_assert(!file_exists(february()));
    ck_assert_int_eq(read_all(&subject, &names), (MONTHS - 1) * ROWS);
    wci_text_free(&names);
}
END_TEST

/* What somebody is writing would go aside with the file, and he would call it kept. */
START_TEST(it_stays_while_somebody_writes_to_it)
{
    expect_log("is damaged and was set aside");
    assert_ok(wildcam_conf_set(subject.conf, "store.busy_timeout", "0"));
    subject_reopen(&subject);
    sqlite3 *writer = raw_open(february());
    ck_assert_int_eq(sqlite3_exec(writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    zero_a_leaf(february());
    struct wci_query query = query_all();
    query.from = day_at(2026, 2, 1);
    wildcam_detection rows[1];
    struct wci_text names = {0};
    size_t got = 1;
    wci_detection_init(&rows[0]);
    wildcam_status status = WILDCAM_OK;
    for (int64_t after = 0; status == WILDCAM_OK && got; after = rows[0].id)
        status = subject.ops->read(subject.backend, &query,
                                   &(struct wci_place){after, WILDCAM_TIME_NONE}, rows, 1, &got,
                                   &names);
    ck_assert_int_eq(status, WILDCAM_ERR_CORRUPT);
    ck_assert(file_exists(february()));
    ck_assert_int_eq(sqlite3_exec(writer, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(writer);
    read_all(&subject, NULL);
    assert_set_aside();
    wci_detection_release(&rows[0]);
    wci_text_free(&names);
}
END_TEST

START_TEST(a_writer_sets_it_aside)
{
    struct wci_row row = row_at(&subject, day_at(2026, 2, 21));
    struct wci_text names = {0};
    expect_log("is damaged and was set aside");
    damages[_i].damage(february());
    /* Whether a write meets the damage depends on where it is; a reading meets all of it. */
    write_rows(&subject, &row, 1);
    if (file_exists(station_file("damaged"))) {
        assert_set_aside();
        ck_assert(file_exists(february())); /* a new one took its place */
        ck_assert_int_eq(read_all(&subject, &names), (MONTHS - 1) * ROWS + 1);
        ck_assert_str_eq(names.data, "2026-02");
        wci_text_free(&names);
        assert_told();
    }
}
END_TEST

START_TEST(summaries_and_counts_pass_it_over)
{
    struct wci_query query = query_all();
    struct wci_summary_rows rows = {0};
    int64_t count = 0;
    struct wci_place last = {0, WILDCAM_TIME_NONE};
    expect_log("is damaged and was set aside");
    spoil_header(february());
    if (_i == 0)
        assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
    else if (_i == 1)
        assert_op(subject.ops->skip(subject.backend, &query, NULL, 2 * ROWS, &last));
    assert_op(subject.ops->summarise(subject.backend, &query, WILDCAM_BY_DAY, &rows));
    assert_set_aside();
    ck_assert_uint_eq(rows.count, 2);
    ck_assert_str_eq(wci_text_get(&rows.damaged), "2026-02");
    assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
    ck_assert_int_eq(count, 2 * ROWS);
    assert_op(subject.ops->skip(subject.backend, &query, NULL, 2 * ROWS, &last));
    ck_assert_int_eq(last.id, subject.model.rows[0].id);
    query.to = day_at(2026, 2, 1); /* nothing is said of it where nothing was asked of it */
    wci_text_free(&rows.damaged);
    free(rows.rows);
    rows = (struct wci_summary_rows){0};
    assert_op(subject.ops->summarise(subject.backend, &query, 0, &rows));
    ck_assert_str_eq(wci_text_get(&rows.damaged), "");
    free(rows.rows);
}
END_TEST

START_TEST(its_rows_are_damaged_not_gone)
{
    wildcam_detection row;
    wildcam_image image;
    wci_detection_init(&row);
    wci_image_init(&image);
    expect_log("is damaged and was set aside");
    spoil_header(february());
    for (int i = 0; i < 2; i++) {
        assert_op_fails(WILDCAM_ERR_CORRUPT, "2026-02",
                        subject.ops->get_detection(subject.backend, id_in_february, &row));
        assert_op_fails(WILDCAM_ERR_CORRUPT, "2026-02",
                        subject.ops->get_image(subject.backend, id_in_february, &image));
    }
    assert_set_aside();
    wci_detection_release(&row);
}
END_TEST

/* A row that names what the catalog does not have is no damage of its file. */
START_TEST(a_wrong_row_takes_no_shard_away)
{
    struct wci_query query = query_all();
    struct wci_text names = {0};
    wildcam_detection row;
    size_t got;
    wci_detection_init(&row);
    raw_run(february(), "UPDATE wildlife_detections SET species_id=9999 WHERE id=(SELECT max(id)"
                        " FROM wildlife_detections)");
    query.to = day_at(2026, 3, 1);
    assert_op_fails(WILDCAM_ERR_CORRUPT, "does not know species 9999",
                    subject.ops->read(subject.backend, &query, NULL, &row, 1, &got, &names));
    raw_run(february(), "UPDATE wildlife_detections SET camera_id=9999 WHERE species_id=9999");
    assert_op_fails(WILDCAM_ERR_CORRUPT, "does not know camera 9999",
                    subject.ops->get_detection(subject.backend, id_in_february, &row));
    ck_assert(file_exists(february()));
    ck_assert(!file_exists(station_file("damaged")));
    wci_detection_release(&row);
}
END_TEST

/* Tables that are gone are a fault of a program, not of the disk: the failure is told. */
START_TEST(lost_tables_are_told)
{
    struct wci_query query = query_all();
    int64_t count;
    lose_the_tables(february());
    assert_op_fails(WILDCAM_ERR_INTERNAL, "no such table",
                    subject.ops->count(subject.backend, &query, 0, &count, NULL));
    ck_assert(file_exists(february()));
}
END_TEST

/* The log may hold rows that were acknowledged; without it the file is whole, as it was earlier. */
START_TEST(a_lost_log_leaves_the_earlier_state)
{
    struct subject other;
    struct wci_row row;
    struct wci_text names = {0};
    size_t size;
    row = row_at(&subject, day_at(2026, 2, 25));
    write_rows(&subject, &row, 1);
    void *file = load_file(february(), &size); /* what a dead process leaves, but for its log */
    subject_open(&other, subject_conf("other"));
    write_months(&other, 1, 3);
    save_file(scratch_path("other/detections/2026-02.db"), file, size);
    free(file);
    ck_assert_int_eq(read_all(&other, &names), 3 + ROWS + 1);
    ck_assert_str_eq(wci_text_get(&names), "");
    subject_close(&other);
}
END_TEST

/* An operator looks at what was set aside, repairs it and puts it back. */
START_TEST(a_repaired_shard_comes_back)
{
    struct wci_text names = {0};
    size_t size;
    expect_log("is damaged and was set aside");
    void *whole = load_file(february(), &size);
    spoil_header(february());
    ck_assert_int_eq(read_all(&subject, &names), 2 * ROWS);
    wci_text_free(&names);
    assert_op(wci_directory_remove(station_file("damaged"), NULL));
    save_file(february(), whole, size);
    free(whole);
    ck_assert_int_eq(read_all(&subject, &names), 3 * ROWS + 1);
    struct wci_store_figures figures = {0};
    assert_op(subject.ops->figures(subject.backend, &figures));
    ck_assert_int_eq(figures.damaged_shards, 0);
    ck_assert_str_eq(wci_text_get(&names), "");
}
END_TEST

/* All find it at the same time, through two openings. */
START_TEST(two_find_it)
{
    struct subject other;
    struct wci_text names = {0};
    expect_log("is damaged and was set aside");
    subject_open(&other, subject_conf("station"));
    ck_assert_int_eq(read_all(&other, &names), 3 * ROWS + 1);
    wci_shards_rest(&other.backend->shards, INT64_MAX);
    spoil_header(february());
    ck_assert_int_eq(read_all(&subject, &names), 2 * ROWS);
    ck_assert_int_eq(read_all(&other, &names), 2 * ROWS);
    ck_assert_str_eq(names.data, "2026-02");
    assert_set_aside();
    subject_close(&other);
    wci_text_free(&names);
}
END_TEST

static pthread_barrier_t all_are_there;

static void *read_with_others(void *user)
{
    pthread_barrier_wait(&all_are_there);
    *(int64_t *)user = read_all(&subject, NULL);
    return NULL;
}

/* All find it at the same time, through one opening. */
START_TEST(threads_find_it)
{
    enum { ROUNDS = 20, THREADS = 6 };
    expect_log("is damaged and was set aside");
    ck_assert_int_eq(pthread_barrier_init(&all_are_there, NULL, THREADS), 0);
    for (int round = 1; round <= ROUNDS; round++) {
        pthread_t threads[THREADS];
        int64_t found[THREADS];
        struct wci_row row = row_at(&subject, day_at(2026, 2, 21));
        write_rows(&subject, &row, 1);
        wci_shards_rest(&subject.backend->shards, INT64_MAX);
        spoil_header(february());
        for (int i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, read_with_others, &found[i]), 0);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            ck_assert_int_eq(found[i], 2 * ROWS);
        }
        ck_assert_int_eq(count_log("shard 2026-02 is damaged and was set aside"), round);
    }
    model_forget(&subject.model, day_at(2026, 2, 1), day_at(2026, 3, 1));
    pthread_barrier_destroy(&all_are_there);
}
END_TEST

static wildcam_status keep_quiet(void *user, const char *name)
{
    wci_text_add_format(user, "%s ", name);
    return WILDCAM_OK;
}

static bool is_never_hidden(void *user, const char *name)
{
    (void)user;
    (void)name;
    return false;
}

START_TEST(a_purge_takes_it_too)
{
    struct wci_text steps = {0};
    const struct wci_purge_files files = {&steps,     keep_quiet, is_never_hidden,
                                          keep_quiet, NULL,       NULL};
    int64_t shards = 0;
    expect_log("is damaged and was set aside");
    spoil_header(february());
    if (_i) /* it is found earlier, or by the purge itself */
        read_all(&subject, NULL);
    assert_op(subject.ops->purge(subject.backend, day_at(2026, 3, 1), &files, &shards));
    ck_assert_int_ge(shards, 2);
    ck_assert_int_eq(count_files(station_file("damaged")), 0);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 3, 1));
    struct wci_text names = {0};
    ck_assert_int_eq(read_all(&subject, &names), ROWS);
    ck_assert_str_eq(wci_text_get(&names), "");
    assert_whole(&subject);
    wci_text_free(&steps);
}
END_TEST

static wildcam_status note_hiding(void *user, const char *name)
{
    wci_text_add_format(user, "%s ", name);
    return WILDCAM_OK;
}

/* Something late comes in as soon as February's shard is gone. */
static wildcam_status write_late(void *user, const char *name)
{
    const struct wci_text *steps = user;
    bool is_gone = strcmp(name, "2026-02") == 0 && !file_exists(february());
    ck_assert(steps->length);
    if (is_gone) {
        struct wci_row row = row_at(&subject, day_at(2026, 2, 22));
        write_rows(&subject, &row, 1);
    }
    return WILDCAM_OK;
}

/* The damaged file of a month takes no pictures with it that came since. */
START_TEST(a_purge_leaves_what_is_late)
{
    struct wci_text steps = {0};
    const struct wci_purge_files files = {&steps,     note_hiding, is_never_hidden,
                                          write_late, NULL,        NULL};
    struct wci_row row = row_at(&subject, day_at(2026, 2, 21));
    int64_t shards = 0;
    expect_log("is damaged and was set aside");
    spoil_header(february());
    read_all(&subject, NULL);
    write_rows(&subject, &row, 1);
    assert_op(subject.ops->purge(subject.backend, day_at(2026, 3, 1), &files, &shards));
    ck_assert_str_eq(steps.data, "2026-01 2026-02 ");
    ck_assert_int_eq(count_files(station_file("damaged")), 0);
    ck_assert_int_eq(read_all(&subject, NULL), ROWS + 1);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 2, 22));
    wci_text_free(&steps);
}
END_TEST

/* ---- The catalog ---- */

START_TEST(a_damaged_catalog_is_told_and_stays)
{
    wci_backend *backend;
    const char *path = station_file("station.db");
    subject.ops->close(subject.backend, false);
    damages[_i].damage(path);
    int64_t bytes = file_bytes(path);
    assert_op_fails(WILDCAM_ERR_CORRUPT, "station.db",
                    subject.ops->open(subject.conf, &subject.log, &backend));
    ck_assert_ptr_null(backend);
    ck_assert_int_eq(file_bytes(path), bytes);
    ck_assert_int_eq(count_files(station_file("detections")), MONTHS);
    model_free(&subject.model);
    wildcam_conf_free(subject.conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: damage");
    TCase *shards = subject_case(suite, "shards", set_up, tear_down);
    TCase *catalog = subject_case(suite, "catalog", set_up, NULL);
    tcase_add_loop_test(shards, a_reader_sets_it_aside, 0, DAMAGES);
    tcase_add_test(shards, it_stays_while_somebody_writes_to_it);
    tcase_add_loop_test(shards, a_writer_sets_it_aside, 0, DAMAGES);
    tcase_add_loop_test(shards, summaries_and_counts_pass_it_over, 0, 3);
    tcase_add_test(shards, its_rows_are_damaged_not_gone);
    tcase_add_test(shards, a_wrong_row_takes_no_shard_away);
    tcase_add_test(shards, lost_tables_are_told);
    tcase_add_test(shards, a_lost_log_leaves_the_earlier_state);
    tcase_add_test(shards, a_repaired_shard_comes_back);
    tcase_add_test(shards, two_find_it);
    tcase_add_test(shards, threads_find_it);
    tcase_add_loop_test(shards, a_purge_takes_it_too, 0, 2);
    tcase_add_test(shards, a_purge_leaves_what_is_late);
    tcase_add_loop_test(catalog, a_damaged_catalog_is_told_and_stays, 0, DAMAGES);
    return suite;
}
