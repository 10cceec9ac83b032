/* The whole store: rows and pictures' files together. */
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "conformance/subject.h"

static struct subject subject;
static struct wci_store store;
static struct dice dice;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    dice.state = 3;
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

/* Pictures of four months, the last two of one content. */
static void keep_pictures(void)
{
    for (unsigned i = 0; i < 12; i++)
        keep_picture(&subject, &store, (int)i % CAMERAS, day_at(2026, 1 + (int)i % 4, 5 + (int)i),
                     i < 11 ? i : 10);
}

static wildcam_image *picture(size_t index)
{
    ck_assert_uint_lt(index, subject.model.image_count);
    return &subject.model.images[index];
}

static void assert_no_faults(void)
{
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
}

START_TEST(pictures_are_kept_and_found)
{
    keep_pictures();
    assert_files(&subject, &store);
    assert_same(&subject, &dice, 5);
    assert_no_faults();
    ck_assert_int_eq(count_files(scratch_path("station/images")), 12);
    ck_assert_int_eq(count_files(scratch_path("station/incoming")), 1); /* the owner's lock */
}
END_TEST

START_TEST(a_duplicate_leaves_no_file)
{
    keep_pictures();
    ck_assert_int_eq(keep_picture(&subject, &store, 0, day_at(2027, 1, 1), 0), picture(0)->id);
    ck_assert_int_eq(count_files(scratch_path("station/images")), 12);
    ck_assert_int_eq(count_files(scratch_path("station/incoming")), 1);
    assert_no_faults();
}
END_TEST

/* Whoever sends a picture again may be the only one who still has it. */
START_TEST(a_duplicate_takes_the_place_of_a_file_that_is_lost_or_damaged)
{
    keep_pictures();
    remove(picture_path(&store, picture(0)));
    save_file(picture_path(&store, picture(1)), "x", 1);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(keep_picture(&subject, &store, (int)i, day_at(2027, 1, 1), i),
                         picture(i)->id);
    assert_files(&subject, &store);
    ck_assert_int_eq(count_files(scratch_path("station/images")), 12);
    ck_assert_int_eq(count_files(scratch_path("station/incoming")), 1);
    assert_no_faults();
}
END_TEST

START_TEST(below_the_disks_floor_nothing_comes_in)
{
    wildcam_image image;
    struct wci_row row = row_at(&subject, day_at(2026, 1, 1));
    struct wci_change change = {.rows = &row, .count = 1};
    keep_pictures();
    int files = count_files(scratch_path("station"));
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_percent", "90"));
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_bytes", "1125899906842624"));
    assert_fails(WILDCAM_ERR_NOSPACE, "disk.min_free_bytes",
                 try_picture(&subject, &store, 0, day_at(2026, 1, 1), 99, &image));
    assert_op_fails(WILDCAM_ERR_NOSPACE, "disk.min_free_bytes", wci_store_write(&store, &change));
    ck_assert_int_eq(row.id, 0);
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_percent", "0"));
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_bytes", "0"));
    ck_assert_int_eq(count_files(scratch_path("station")), files);
    assert_same(&subject, &dice, 5);
    assert_no_faults();
}
END_TEST

START_TEST(a_lost_file_is_told)
{
    void *data;
    size_t size;
    keep_pictures();
    remove(picture_path(&store, picture(2)));
    assert_op_fails(WILDCAM_ERR_CORRUPT, "lost its file",
                    wci_store_load_picture(&store, picture(2), &data, &size));
    ck_assert_ptr_null(data);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "row without file: picture %lld\n", (long long)picture(2)->id);
    ck_assert_str_eq(find_faults(&store, 0), wanted);
}
END_TEST

START_TEST(a_file_of_another_length_is_told)
{
    void *data;
    size_t size;
    char wanted[64];
    keep_pictures();
    save_file(picture_path(&store, picture(2)), "x", 1);
    assert_op_fails(WILDCAM_ERR_CORRUPT, "has 1 bytes",
                    wci_store_load_picture(&store, picture(2), &data, &size));
    snprintf(wanted, sizeof wanted, "damaged file: picture %lld\n", (long long)picture(2)->id);
    ck_assert_str_eq(find_faults(&store, 0), wanted);
}
END_TEST

START_TEST(changed_content_is_found_when_asked_for)
{
    size_t size;
    char wanted[64];
    keep_pictures();
    char *content = load_file(picture_path(&store, picture(2)), &size);
    content[3] ^= 1;
    save_file(picture_path(&store, picture(2)), content, size);
    free(content);
    ck_assert_str_eq(find_faults(&store, 0), "");
    snprintf(wanted, sizeof wanted, "damaged file: picture %lld\n", (long long)picture(2)->id);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), wanted);
}
END_TEST

static void put_stray(const char *path)
{
    char above[WCI_PATH];
    assert_op(wci_path(above, "%.*s", (int)(strrchr(path, '/') - path), path));
    assert_op(wci_directory_make(above));
    save_file(path, "stray", 5);
}

START_TEST(files_without_rows_are_found)
{
    char lost[WCI_PATH];
    keep_pictures();
    memset(lost, 'a', 64);
    lost[64] = '\0';
    put_stray(scratch_path("station/images/2026/01/05/%s.jpg", lost));
    put_stray(scratch_path("station/images/2026/02/06/note.txt"));
    put_stray(scratch_path("station/images/2019/02/06/%s.jpg", lost));
    put_stray(scratch_path("station/thumbnails/320x240/2026/03/07/%s.jpg", lost));
    put_stray(scratch_path("station/incoming/1-dead/%s-1-1.jpg", lost));
    const char *found = find_faults(&store, 0);
    static const char *const wanted[] = {
        "file without row: images/2026/01/05/aaaa", "file without row: images/2026/02/06/note.txt",
        "file without row: images/2019/02/06\n",
        "file without row: thumbnails/320x240/2026/03/07/aaaa", "left over: incoming/1-dead\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        ck_assert_msg(strstr(found, wanted[i]) != NULL, "\"%s\" is not in\n%s", wanted[i], found);
    int lines = 0;
    for (const char *at = found; *at; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, 5);
}
END_TEST

static int stop_soon(void *user, const char *phase, int64_t done, int64_t total)
{
    int *calls = user;
    (void)phase;
    (void)done;
    (void)total;
    return --*calls <= 0;
}

START_TEST(a_check_may_be_stopped_anywhere)
{
    int calls = 0, all;
    keep_pictures();
    for (all = 1; all < 100; all++) {
        struct wci_check check = {.progress = stop_soon, .user = &calls};
        calls = all;
        wci_error_clear();
        wildcam_status status = wci_store_check(&store, &check);
        if (status == WILDCAM_OK)
            break;
        ck_assert_int_eq(status, WILDCAM_ERR_CANCELLED);
    }
    ck_assert_int_eq(all, 4 + 12 + 1); /* four spans, twelve pictures */
}
END_TEST

START_TEST(a_purge_takes_rows_and_files)
{
    int64_t shards = 0, pictures = 0;
    char thumbnail[] = "\xff\xd8thumb\xff\xd9";
    keep_pictures();
    for (size_t i = 0; i < 12; i++)
        wci_pictures_save_thumbnail(&store.pictures, picture(i), thumbnail, sizeof thumbnail - 1);
    ck_assert_int_eq(count_files(scratch_path("station/thumbnails")), 12);
    assert_op(wci_store_purge(&store, day_at(2026, 3, 1), &shards, &pictures));
    ck_assert_int_eq(shards, 2);
    ck_assert_int_eq(pictures, 6);
    model_forget(&subject.model, INT64_MIN, day_at(2026, 3, 1));
    ck_assert_int_eq(count_files(scratch_path("station/images")), 6);
    ck_assert_int_eq(count_files(scratch_path("station/thumbnails")), 6);
    ck_assert_int_eq(count_files(scratch_path("station/purged")), 0);
    assert_files(&subject, &store);
    assert_same(&subject, &dice, 5);
    assert_no_faults();
}
END_TEST

/* ---- Backup and restore ---- */

static void back_up(void)
{
    assert_op(wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
}

/* The restored station is what the model is. */
static void assert_restored(const char *name)
{
    struct subject restored;
    struct wci_store copy;
    wci_backend *original = subject.backend;
    assert_op(wci_store_restore(scratch_path("backup"), scratch_path("%s", name), NULL, NULL));
    subject_open_store(&restored, &copy, subject_conf(name));
    subject.backend = copy.backend;
    assert_same(&subject, &dice, 0);
    assert_files(&subject, &copy);
    ck_assert_str_eq(find_faults(&copy, WILDCAM_CHECK_CONTENT), "");
    subject.backend = original;
    subject_close_store(&restored, &copy);
}

START_TEST(restored_as_it_was)
{
    back_up(); /* of nothing */
    assert_restored("empty");
    keep_pictures();
    fill(&subject, &dice, 30);
    back_up();
    assert_restored("first");
    keep_picture(&subject, &store, 0, day_at(2026, 9, 1), 77);
    back_up(); /* into the same */
    assert_restored("second");
    ck_assert(!file_exists(scratch_path("backup/database.old")));
    ck_assert(!file_exists(scratch_path("backup/database.new")));
}
END_TEST

START_TEST(the_earlier_backup_stays_on_failure)
{
    int calls;
    keep_pictures();
    back_up();
    fill(&subject, &dice, 30);
    for (int place = 1;; place++) {
        calls = place;
        wci_error_clear();
        wildcam_status status = wci_store_backup(&store, scratch_path("backup"), stop_soon, &calls,
                                                 NULL);
        if (status == WILDCAM_OK)
            break;
        ck_assert_int_eq(status, WILDCAM_ERR_CANCELLED);
        ck_assert(!file_exists(scratch_path("backup/database.new")));
        assert_op(wci_store_restore(scratch_path("backup"), scratch_path("restored-%d", place),
                                    NULL, NULL));
    }
}
END_TEST

START_TEST(a_stopped_restore_leaves_nothing)
{
    int calls, place;
    keep_pictures();
    back_up();
    for (place = 1;; place++) {
        calls = place;
        wci_error_clear();
        wildcam_status status = wci_store_restore(scratch_path("backup"), scratch_path("restored"),
                                                  stop_soon, &calls);
        if (status == WILDCAM_OK)
            break;
        ck_assert_int_eq(status, WILDCAM_ERR_CANCELLED);
        ck_assert(!file_exists(scratch_path("restored")));
        ck_assert(!file_exists(scratch_path("restored.restoring")));
    }
    ck_assert_int_gt(place, 12);
}
END_TEST

START_TEST(places_that_are_in_use_are_refused)
{
    assert_op(wci_directory_make(scratch_path("full")));
    save_file(scratch_path("full/diary.txt"), "x", 1);
    assert_op_fails(WILDCAM_ERR_EXISTS, "not a backup",
                    wci_store_backup(&store, scratch_path("full"), NULL, NULL, NULL));
    back_up();
    assert_op_fails(WILDCAM_ERR_EXISTS, "not empty",
                    wci_store_restore(scratch_path("backup"), scratch_path("full"), NULL, NULL));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "no finished backup",
                    wci_store_restore(scratch_path("full"), scratch_path("new"), NULL, NULL));
    ck_assert_int_eq(count_files(scratch_path("full")), 1);
    assert_op(wci_directory_make(scratch_path("hollow")));
    assert_op(wci_store_restore(scratch_path("backup"), scratch_path("hollow/"), NULL, NULL));
}
END_TEST

START_TEST(one_at_a_time)
{
    int64_t shards = 0;
    int fd;
    keep_pictures();
    assert_ok(wildcam_conf_set(subject.conf, "store.busy_timeout", "0"));
    assert_op(wci_store_lock_upkeep(subject.conf, true, &fd)); /* a purge somewhere */
    assert_op_fails(WILDCAM_ERR_BUSY, "pictures are being deleted, and were for 0 seconds",
                    wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    assert_op_fails(WILDCAM_ERR_BUSY, "a backup or a purge is running",
                    wci_store_purge(&store, INT64_MAX, &shards, NULL));
    close(fd);
    assert_op(wci_store_lock_upkeep(subject.conf, false, &fd)); /* a backup to elsewhere */
    back_up();
    close(fd);
    assert_op(wci_lock_file_open(scratch_path("backup/backup.lock"), &fd));
    assert_op(wci_lock_try(fd, 0, true)); /* one to the same place */
    assert_op_fails(WILDCAM_ERR_BUSY, "another backup into",
                    wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    close(fd);
}
END_TEST

static void *back_up_beside(void *path)
{
    assert_op(wci_store_backup(&store, path, NULL, NULL, NULL));
    return NULL;
}

/* Retention goes on and on, step by step; no step comes before a backup that waits. */
START_TEST(backup_waits_for_its_turn)
{
    int deleting, waiting;
    pthread_t thread;
    char path[WCI_PATH];
    keep_pictures();
    assert_op(wci_path(path, "%s", scratch_path("backup")));
    assert_ok(wildcam_conf_set(subject.conf, "store.busy_timeout", "3600"));
    assert_op(wci_store_lock_upkeep(subject.conf, true, &deleting));
    ck_assert_int_eq(pthread_create(&thread, NULL, back_up_beside, path), 0);
    assert_op(wci_lock_file_open(scratch_path("station/upkeep.lock"), &waiting));
    while (wci_lock_try(waiting, 1, true) == WILDCAM_OK) { /* until it waits */
        wci_lock_give(waiting, 1);
        sched_yield();
    }
    close(deleting);
    pthread_join(thread, NULL);
    ck_assert(wci_file_exists(scratch_path("backup/database/manifest.json")));
    assert_op(wci_lock_try(waiting, 1, false)); /* as it does */
    assert_op_fails(WILDCAM_ERR_BUSY, "a backup or a purge is running",
                    wci_store_lock_upkeep(subject.conf, true, &deleting));
    close(waiting);
}
END_TEST

START_TEST(a_lost_picture_is_left_out_and_told)
{
    expect_log("a picture is left out");
    keep_pictures();
    remove(picture_path(&store, picture(2)));
    assert_op_fails(WILDCAM_ERR_INCOMPLETE, "pictures (1: ",
                    wci_store_backup(&store, scratch_path("backup"), NULL, NULL, NULL));
    assert_op_fails(
        WILDCAM_ERR_INCOMPLETE, "pictures (1: ",
        wci_store_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    ck_assert_int_eq(count_files(scratch_path("restored/images")), 11);
}
END_TEST

START_TEST(a_damaged_picture_is_left_out_and_told)
{
    char path[WCI_PATH];
    keep_pictures();
    back_up();
    assert_op(wci_path(path, "%s", picture_path(&store, picture(2))));
    const char *within = strstr(path, "/images/");
    save_file(scratch_path("backup%s", within), "picture two", (size_t)picture(2)->bytes);
    assert_op_fails(
        WILDCAM_ERR_INCOMPLETE, within + 1,
        wci_store_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    ck_assert(!file_exists(scratch_path("restored%s", within)));
    ck_assert_int_eq(count_files(scratch_path("restored/images")), 11);
}
END_TEST

START_TEST(a_moved_aside_backup_is_still_one)
{
    keep_pictures();
    back_up();
    rename(scratch_path("backup/database"), scratch_path("backup/database.old"));
    assert_restored("restored");
    back_up();
    ck_assert(!file_exists(scratch_path("backup/database.old")));
    assert_restored("again");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: store");
    TCase *files = subject_case(suite, "files", set_up, tear_down);
    TCase *copies = subject_case(suite, "copies", set_up, tear_down);
    tcase_add_test(files, pictures_are_kept_and_found);
    tcase_add_test(files, a_duplicate_leaves_no_file);
    tcase_add_test(files, a_duplicate_takes_the_place_of_a_file_that_is_lost_or_damaged);
    tcase_add_test(files, below_the_disks_floor_nothing_comes_in);
    tcase_add_test(files, a_lost_file_is_told);
    tcase_add_test(files, a_file_of_another_length_is_told);
    tcase_add_test(files, changed_content_is_found_when_asked_for);
    tcase_add_test(files, files_without_rows_are_found);
    tcase_add_test(files, a_check_may_be_stopped_anywhere);
    tcase_add_test(files, a_purge_takes_rows_and_files);
    tcase_add_test(copies, restored_as_it_was);
    tcase_add_test(copies, the_earlier_backup_stays_on_failure);
    tcase_add_test(copies, a_stopped_restore_leaves_nothing);
    tcase_add_test(copies, places_that_are_in_use_are_refused);
    tcase_add_test(copies, one_at_a_time);
    tcase_add_test(copies, backup_waits_for_its_turn);
    tcase_add_test(copies, a_lost_picture_is_left_out_and_told);
    tcase_add_test(copies, a_damaged_picture_is_left_out_and_told);
    tcase_add_test(copies, a_moved_aside_backup_is_still_one);
    return suite;
}
