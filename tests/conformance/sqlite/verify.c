/* What a check, a backup and a restore say of files that were changed by hand. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "conformance/sqlite/raw.h"
#include "store/sqlite/sqlite.h"

enum { QUIET_MONTHS = 12 };

static struct subject subject;
static struct wci_store store;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

static const char *january(void)
{
    return station_file("detections/2026-01.db");
}

static void keep_pictures(void)
{
    for (unsigned i = 0; i < 3; i++)
        keep_picture(&subject, &store, 0, day_at(2026, 1 + (int)i, 5), i);
}

/* ---- Check ---- */

static const struct {
    const char *sql, *finding;
} changes[] = {
    {"UPDATE daily_detection_summary SET total_count=total_count+1", "are not counted"},
    {"UPDATE daily_detection_summary SET h05=h05+1", "are not counted"},
    {"DELETE FROM daily_detection_summary", "are not counted"},
    {"UPDATE daily_picture_summary SET unsure=unsure+1", "not counted as they are"},
    {"DELETE FROM daily_picture_summary", "not counted as they are"},
    {"INSERT INTO daily_picture_summary VALUES(1,1,1,0)", "not counted as they are"},
    {"UPDATE wildlife_detections SET confidence=0.5", "are not counted"},
    {"DELETE FROM wildlife_detections", "pictures without a detection: 1"},
    {"DELETE FROM images", "detections of a picture that is not there: 1"},
    {"INSERT INTO reviews VALUES(5,1,0,1,NULL,NULL,NULL,1)",
     "reviews of a detection that is not there: 1"},
    {"UPDATE wildlife_detections SET detection_timestamp=detection_timestamp+5000000",
     "detections with an id of another second than theirs: 1"},
    {"DROP TABLE reviews", "no such table"},
    {"UPDATE images SET sha256=x'00'", "has no SHA-256"},
};

struct found {
    struct wci_text text;
};

static void note_finding(void *user, const char *what, const char *where, const char *text)
{
    struct found *found = user;
    wci_text_add_format(&found->text, "%s|%s|%s\n", what, where, text);
}

START_TEST(a_check_finds_what_does_not_fit)
{
    struct found found = {{0}};
    struct wci_check check = {.finding = note_finding, .user = &found};
    keep_pictures();
    raw_run(january(), changes[_i].sql);
    assert_op(subject.ops->check(subject.backend, &check));
    ck_assert_int_ge(check.findings, 1);
    ck_assert_msg(strstr(wci_text_get(&found.text), changes[_i].finding) != NULL, "%s",
                  wci_text_get(&found.text));
    wci_text_free(&found.text);
}
END_TEST

START_TEST(a_check_finds_lost_keys_and_files)
{
    struct found found = {{0}};
    struct wci_check check = {.finding = note_finding, .user = &found};
    keep_pictures();
    raw_run(station_file("station.db"), "DELETE FROM picture_keys");
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    unlink(january());
    assert_op(subject.ops->check(subject.backend, &check));
    ck_assert_int_eq(check.findings, 3);
    ck_assert_ptr_nonnull(strstr(found.text.data, "database|2026-01|the shard's file is gone"));
    ck_assert_ptr_nonnull(strstr(found.text.data, "detections/2026-02.db|pictures without a key"));
    wci_text_free(&found.text);
    check = (struct wci_check){0}; /* nobody listens */
    assert_op(subject.ops->check(subject.backend, &check));
    ck_assert_int_eq(check.findings, 3);
}
END_TEST

START_TEST(a_check_finds_a_damaged_page)
{
    size_t size;
    struct found found = {{0}};
    struct wci_check check = {.finding = note_finding, .user = &found};
    write_months(&subject, 2, 500);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    unsigned char *file = load_file(january(), &size);
    memset(file + size - 4096 - 2000, 0xff, 1000);
    save_file(january(), file, size);
    free(file);
    assert_op(subject.ops->check(subject.backend, &check));
    ck_assert_int_ge(check.findings, 1);
    ck_assert_ptr_nonnull(strstr(found.text.data, "database|detections/2026-01.db|"));
    ck_assert(file_exists(january())); /* a check changes nothing */
    wci_text_free(&found.text);
}
END_TEST

/* ---- Backup ---- */

START_TEST(a_backup_says_what_damaged_shards_it_lacks)
{
    struct subject restored;
    struct wci_store copy;
    expect_log("is damaged and was set aside");
    keep_pictures();
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    save_file(january(), "spoilt", 6);
    read_all(&subject, NULL);
    assert_op_fails(WILDCAM_ERR_INCOMPLETE, "damaged shards (1: 2026-01)",
                    wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    assert_op(wci_store_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    subject_open_store(&restored, &copy, subject_conf("restored"));
    ck_assert_int_eq(read_all(&restored, NULL), 2);
    subject_close_store(&restored, &copy);
}
END_TEST

/* An older library's catalog gets an identity when it is opened, and keeps it. */
START_TEST(an_older_catalog_gets_an_identity)
{
    char identity[64];
    keep_pictures();
    ck_assert_uint_eq(strlen(store.ops->identity(store.backend)), 32);
    raw_run(station_file("station.db"), "DROP TABLE station");
    for (int i = 0; i < 2; i++) {
        struct wci_store other;
        struct subject second;
        subject_open_store(&second, &other, subject_conf("station"));
        const char *found = other.ops->identity(other.backend);
        ck_assert_uint_eq(strlen(found), 32);
        if (i == 0)
            snprintf(identity, sizeof identity, "%s", found);
        else
            ck_assert_str_eq(found, identity);
        subject_close_store(&second, &other);
    }
    ck_assert_int_eq(raw_ask(station_file("station.db"), "SELECT count(*) FROM station"), 1);
}
END_TEST

static int opened_free, opened_stopped;

/* Looks, at each opening of a shard, whether a writer of any process could come in. */
static int look_at_writers(sqlite3 *handle, char **message, const void *api)
{
    const char *path = sqlite3_db_filename(handle, "main");
    int fd;
    (void)message;
    (void)api;
    if (!path || !strstr(path, "station/detections/"))
        return SQLITE_OK;
    ck_assert_int_eq(wci_lock_file_open(station_file("write.lock"), &fd), WILDCAM_OK);
    if (wci_lock_try(fd, 0, false) == WILDCAM_OK)
        opened_free++;
    else
        opened_stopped++;
    close(fd);
    return SQLITE_OK;
}

START_TEST(writers_stand_still_for_the_moment)
{
    opened_free = opened_stopped = 0;
    write_months(&subject, 5, 2);
    assert_op(wci_directory_make(scratch_path("copy")));
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))look_at_writers), SQLITE_OK);
    assert_op(subject.ops->backup(subject.backend, scratch_path("copy"), NULL, NULL));
    sqlite3_reset_auto_extension();
    ck_assert_int_eq(opened_stopped, 5);
    ck_assert_int_eq(opened_free, 0);
    write_months(&subject, 1, 1); /* they go on */
}
END_TEST

/* Months that nobody has touched for long, each in a file without a log. */
static void make_quiet_months(void)
{
    write_months(&subject, QUIET_MONTHS, 2);
    wci_shards_rest(&subject.backend->shards, INT64_MAX);
    for (int month = 1; month <= QUIET_MONTHS; month++) {
        const char *path = scratch_path("station/detections/2026-%02d.db", month);
        ck_assert(!file_exists(scratch_path("station/detections/2026-%02d.db-wal", month)));
        make_old(path);
    }
}

/* Somebody writes into old months while they are copied. */
struct disturbance {
    int month, months; /* the next one, and how many */
    bool every_round;
    int64_t last;
};

static int write_old_month(void *user, const char *phase, int64_t done, int64_t total)
{
    struct disturbance *disturbance = user;
    bool is_new_round = done < disturbance->last;
    (void)phase;
    (void)total;
    disturbance->last = done;
    if (disturbance->month > disturbance->months ||
        (disturbance->every_round && !is_new_round && disturbance->month > 1))
        return 0;
    struct wci_row row = row_at(&subject, day_at(2026, disturbance->month++, 20));
    write_rows(&subject, &row, 1);
    return 0;
}

static void assert_copied(void)
{
    struct subject copy;
    subject_open(&copy, subject_conf("copy"));
    int64_t count = read_all(&copy, NULL);
    ck_assert_int_ge(count, 2 * QUIET_MONTHS);
    ck_assert_int_le(count, (int64_t)subject.model.count);
    assert_whole(&copy);
    subject_close(&copy);
}

START_TEST(quiet_months_are_copied)
{
    make_quiet_months();
    assert_op(wci_directory_make(scratch_path("copy")));
    assert_op(subject.ops->backup(subject.backend, scratch_path("copy"), NULL, NULL));
    assert_copied();
}
END_TEST

START_TEST(quiet_months_that_change_are_copied_again)
{
    struct disturbance disturbance = {.month = 1, .months = 5};
    make_quiet_months();
    assert_op(wci_directory_make(scratch_path("copy")));
    assert_op(
        subject.ops->backup(subject.backend, scratch_path("copy"), write_old_month, &disturbance));
    ck_assert_int_eq(disturbance.month, 6);
    assert_copied();
}
END_TEST

/* Another month changes in each round; it ends all the same. */
START_TEST(months_that_never_come_to_rest)
{
    struct disturbance disturbance = {.month = 1, .months = QUIET_MONTHS, .every_round = true};
    make_quiet_months();
    assert_op(wci_directory_make(scratch_path("copy")));
    assert_op_fails(
        WILDCAM_ERR_BUSY, "writers changed old shards",
        subject.ops->backup(subject.backend, scratch_path("copy"), write_old_month, &disturbance));
    ck_assert_int_eq(disturbance.month, 11);
}
END_TEST

/* ---- Restore ---- */

static void spoil_manifest(const char *text)
{
    save_file(scratch_path("backup/database/manifest.json"), text, strlen(text));
}

static const struct {
    const char *text, *words;
    wildcam_status status;
} manifests[] = {
    {"", "is damaged", WILDCAM_ERR_CORRUPT},
    {"{", "is damaged", WILDCAM_ERR_CORRUPT},
    {"[]", "is damaged", WILDCAM_ERR_CORRUPT},
    {"{\"format\":1}", "is damaged", WILDCAM_ERR_CORRUPT},
    {"{\"format\":2,\"files\":[]}", "has format 2", WILDCAM_ERR_VERSION},
    {"{\"format\":1,\"files\":[{}]}", "the manifest of", WILDCAM_ERR_CORRUPT},
    {"{\"format\":1,\"files\":[{\"name\":\"../x\",\"sha256\":\"\"}]}", "the manifest of",
     WILDCAM_ERR_CORRUPT},
    {"{\"format\":1,\"files\":[{\"name\":\"/etc/x\",\"sha256\":\"\"}]}", "the manifest of",
     WILDCAM_ERR_CORRUPT},
    {"{\"format\":1,\"files\":[{\"name\":\"lost.db\",\"sha256\":\"\"}]}", "the backup lacks",
     WILDCAM_ERR_CORRUPT},
    {"{\"format\":1,\"files\":[{\"name\":\"station.db\",\"sha256\":\"00\"}]}",
     "is not what the backup's manifest says", WILDCAM_ERR_CORRUPT},
};

START_TEST(a_damaged_manifest_restores_nothing)
{
    keep_pictures();
    assert_op(wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    spoil_manifest(manifests[_i].text);
    assert_op_fails(
        manifests[_i].status, manifests[_i].words,
        wci_store_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    ck_assert(!file_exists(scratch_path("restored")));
    ck_assert(!file_exists(scratch_path("restored.restoring")));
}
END_TEST

START_TEST(a_changed_database_is_not_restored)
{
    keep_pictures();
    assert_op(wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    raw_run(scratch_path("backup/database/detections/2026-01.db"), "DELETE FROM images");
    assert_op_fails(
        WILDCAM_ERR_CORRUPT, "2026-01.db is not what",
        wci_store_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    ck_assert(!file_exists(scratch_path("restored")));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: verify");
    TCase *check = subject_case(suite, "check", set_up, tear_down);
    TCase *backup = subject_case(suite, "backup", set_up, tear_down);
    TCase *restore = subject_case(suite, "restore", set_up, tear_down);
    tcase_add_loop_test(check, a_check_finds_what_does_not_fit, 0,
                        sizeof changes / sizeof changes[0]);
    tcase_add_test(check, a_check_finds_lost_keys_and_files);
    tcase_add_test(check, a_check_finds_a_damaged_page);
    tcase_add_test(backup, a_backup_says_what_damaged_shards_it_lacks);
    tcase_add_test(backup, an_older_catalog_gets_an_identity);
    tcase_add_test(backup, writers_stand_still_for_the_moment);
    tcase_add_test(backup, quiet_months_are_copied);
    tcase_add_test(backup, quiet_months_that_change_are_copied_again);
    tcase_add_test(backup, months_that_never_come_to_rest);
    tcase_add_loop_test(restore, a_damaged_manifest_restores_nothing, 0,
                        sizeof manifests / sizeof manifests[0]);
    tcase_add_test(restore, a_changed_database_is_not_restored);
    return suite;
}
