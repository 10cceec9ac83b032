/* Pictures whose files were deleted because they are in S3, and what becomes of them. */
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "conformance/subject.h"
#include "model/id.h"

enum { ROWS = 8 };

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

static int64_t keep(int camera, int day, unsigned content)
{
    return keep_picture(&subject, &store, camera, day_at(2026, 3, day), content);
}

/* Says that a picture, or its thumbnail, was uploaded at a moment. */
static void upload(int64_t id, int kind, int64_t at)
{
    wildcam_upload row, *rows[] = {&row};
    struct wci_upload_work work = {
        .step = WCI_UPLOADS_CLAIM, .rows = rows, .count = 1, .now = wci_calendar_now(), .lease = 5};
    work.until = work.now + 60 * WCI_SECOND;
    wci_upload_init(&row);
    row.image_id = id;
    row.kind = kind;
    assert_op(wci_store_step_uploads(&store, &work));
    ck_assert(!row.is_missed);
    row.state = WCI_UPLOAD_DONE;
    row.uploaded_at = at;
    work.step = WCI_UPLOADS_SETTLE;
    assert_op(wci_store_step_uploads(&store, &work));
    ck_assert(!row.is_missed);
    wci_upload_release(&row);
}

/* The picture as its row says; valid until the next call, and without its texts. */
static const wildcam_image *image_of(int64_t id)
{
    static wildcam_image image;
    wci_image_init(&image);
    assert_op(subject.ops->get_image(subject.backend, id, &image));
    wci_image_release(&image);
    return &image;
}

static bool has_file(int64_t id)
{
    return wci_file_exists(picture_path(&store, image_of(id)));
}

static void release(int64_t id)
{
    upload(id, WCI_UPLOAD_PICTURE, wci_calendar_now());
    assert_op(wci_store_release_picture(&store, image_of(id)));
}

/* As when whoever releases it is stopped in the middle. */
static void mark_alone(int64_t id)
{
    wildcam_upload row = {.image_id = id}, *rows[] = {&row};
    struct wci_upload_work work = {
        .step = WCI_UPLOADS_MARK_RELEASED, .rows = rows, .count = 1, .now = 77};
    upload(id, WCI_UPLOAD_PICTURE, 1);
    assert_op(wci_store_step_uploads(&store, &work));
    ck_assert(!row.is_missed);
}

static wildcam_status load(int64_t id)
{
    void *data;
    size_t size;
    wildcam_status status = wci_store_load_picture(&store, image_of(id), &data, &size);
    free(data);
    return status;
}

START_TEST(only_what_is_uploaded_is_released)
{
    int64_t id = keep(0, 5, 1);
    assert_op_fails(WILDCAM_ERR_STATE, "is not uploaded",
                    wci_store_release_picture(&store, image_of(id)));
    ck_assert(has_file(id));
    upload(id, WCI_UPLOAD_THUMBNAIL, 1);
    assert_op_fails(WILDCAM_ERR_STATE, "is not uploaded",
                    wci_store_release_picture(&store, image_of(id)));
    assert_op(load(id));
    release(id);
    ck_assert(!has_file(id));
    ck_assert_int_ne(image_of(id)->released_at, WILDCAM_TIME_NONE);
    assert_op_fails(WILDCAM_ERR_RELEASED, "is in S3", load(id));
    assert_op_fails(WILDCAM_ERR_STATE, "was released before",
                    wci_store_release_picture(&store, image_of(id)));
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
}
END_TEST

START_TEST(a_file_that_is_lost_is_not_released)
{
    int64_t id = keep(0, 5, 1);
    unlink(picture_path(&store, image_of(id)));
    assert_op_fails(WILDCAM_ERR_CORRUPT, "has lost its file", load(id));
    upload(id, WCI_UPLOAD_PICTURE, 1);
    assert_op_fails(WILDCAM_ERR_CORRUPT, "has lost its file", load(id));
    ck_assert_ptr_nonnull(strstr(find_faults(&store, 0), "row without file: "));
}
END_TEST

START_TEST(what_is_sent_again_is_not_placed_again)
{
    int64_t id = keep(0, 5, 1);
    release(id);
    ck_assert_int_eq(keep(0, 5, 1), id);
    ck_assert(!has_file(id));
    ck_assert_int_eq(count_files(scratch_path("station/incoming")), 1); /* the lock */
    assert_op_fails(WILDCAM_ERR_RELEASED, "is in S3", load(id));
}
END_TEST

START_TEST(a_file_of_two_cameras)
{
    int64_t one = keep(0, 5, 1), two = keep(1, 5, 1), another_day = keep(2, 6, 1);
    release(one);
    ck_assert(has_file(two));
    assert_op(load(two));
    ck_assert_str_eq(find_faults(&store, 0), "");
    ck_assert(has_file(two));
    release(two);
    ck_assert(!has_file(two));
    ck_assert(has_file(another_day));
    ck_assert_str_eq(find_faults(&store, 0), "");
}
END_TEST

START_TEST(a_file_of_two_cameras_the_other_way)
{
    int64_t one = keep(0, 5, 1);
    int64_t two = keep(1, 5, 1);
    upload(one, WCI_UPLOAD_PICTURE, 1);
    wildcam_image other = *image_of(two);
    const char *path = picture_path(&store, &other);
    release(two);
    ck_assert(wci_file_exists(path));
    assert_op(wci_store_release_picture(&store, image_of(one)));
    ck_assert(!wci_file_exists(path));
}
END_TEST

START_TEST(a_release_that_was_stopped_is_finished_by_a_check)
{
    int64_t id = keep(0, 5, 1), shared = keep(0, 6, 2), other = keep(1, 6, 2);
    mark_alone(id);
    mark_alone(shared);
    ck_assert(has_file(id));
    assert_op(load(id)); /* it is there after all */
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    ck_assert(!has_file(id));
    ck_assert(has_file(other));
    assert_op(load(other));
    assert_op_fails(WILDCAM_ERR_RELEASED, "is in S3", load(id));
}
END_TEST

START_TEST(what_a_dead_process_left_is_not_placed)
{
    char sealed[WCI_PATH];
    int64_t id = keep(0, 5, 1);
    const wildcam_image *image = image_of(id);
    assert_op(wci_directory_make(scratch_path("station/incoming/1-dead")));
    assert_op(wci_path(sealed, "%s/%s-%lld-9.jpg", scratch_path("station/incoming/1-dead"),
                       image->sha256_text, (long long)image->camera_id));
    ck_assert_int_eq(rename(picture_path(&store, image), sealed), 0);
    release(id);
    wci_store_close(&store, false);
    subject_open_again(&subject, &store);
    ck_assert(!wci_file_exists(sealed));
    ck_assert(!has_file(id));
}
END_TEST

START_TEST(the_oldest_uploaded_come_first)
{
    int64_t found[ROWS], ids[6];
    size_t got;
    for (int i = 0; i < 6; i++)
        ids[i] = keep_picture(&subject, &store, 0, day_at(2026, 1 + i % 3, 5), (unsigned)i);
    for (int i = 0; i < 6; i++) {
        upload(ids[i], WCI_UPLOAD_THUMBNAIL, 1);
        if (i != 4)
            upload(ids[i], WCI_UPLOAD_PICTURE, 1000 - i);
    }
    assert_op(subject.ops->find_releasable(subject.backend, INT64_MIN, 999, found, ROWS, &got));
    ck_assert_uint_eq(got, 4);
    ck_assert_int_eq(found[0], ids[5]);
    ck_assert_int_eq(found[1], ids[3]);
    ck_assert_int_eq(found[2], ids[2]);
    ck_assert_int_eq(found[3], ids[1]);
    assert_op(wci_store_release_picture(&store, image_of(ids[3])));
    assert_op(subject.ops->find_releasable(subject.backend, INT64_MIN, INT64_MAX, found, 2, &got));
    ck_assert_uint_eq(got, 2);
    ck_assert_int_eq(found[0], ids[5]);
    ck_assert_int_eq(found[1], ids[2]);
    assert_op(subject.ops->find_releasable(subject.backend, INT64_MIN, 10, found, ROWS, &got));
    ck_assert_uint_eq(got, 0);
}
END_TEST

/* The same, asked again and again while nothing changes. */
START_TEST(what_is_known_of_quiet_shards_is_right)
{
    int64_t found[ROWS], id = keep(0, 5, 1);
    size_t got;
    upload(id, WCI_UPLOAD_PICTURE, 500);
    for (int i = 0; i < 3; i++) {
        struct wci_queue_figures figures;
        wci_store_close(&store, false); /* nothing is left in the log */
        subject_open_again(&subject, &store);
        usleep(60000); /* past the grain of the file's time of change */
        for (int again = 0; again < 3; again++) {
            assert_op(
                subject.ops->find_releasable(subject.backend, INT64_MIN, 499, found, ROWS, &got));
            ck_assert_uint_eq(got, 0);
            assert_op(
                subject.ops->find_releasable(subject.backend, INT64_MIN, 500, found, ROWS, &got));
            ck_assert_uint_eq(got, i < 2);
            assert_op(subject.ops->count_uploads(subject.backend, 3, &figures));
            ck_assert_int_eq(figures.owed, 1);
        }
        if (i == 1)
            assert_op(wci_store_release_picture(&store, image_of(id)));
    }
}
END_TEST

START_TEST(no_backup_runs_meanwhile)
{
    int fd;
    int64_t id = keep(0, 5, 1);
    upload(id, WCI_UPLOAD_PICTURE, 1);
    assert_op(wci_store_lock_upkeep(subject.conf, false, &fd));
    assert_op_fails(WILDCAM_ERR_BUSY, "a backup or a purge is running",
                    wci_store_release_picture(&store, image_of(id)));
    ck_assert(has_file(id));
    close(fd);
    assert_op(wci_store_release_picture(&store, image_of(id)));
}
END_TEST

static int64_t files_in(const char *name)
{
    return count_files(scratch_path("%s", name));
}

START_TEST(a_backup_is_made_and_restored_without_them)
{
    int64_t copied = -1, before = keep(0, 5, 1);
    char copy[WCI_PATH], again[WCI_PATH];
    keep(0, 6, 2);
    assert_op(wci_path(copy, "%s", scratch_path("copy")));
    assert_op(wci_path(again, "%s", scratch_path("again")));
    assert_op(wci_store_backup(&store, copy, NULL, NULL, &copied));
    ck_assert_int_eq(copied, 2);
    int64_t never = keep(0, 7, 3);
    release(before);
    release(never);
    assert_op(wci_store_backup(&store, copy, NULL, NULL, &copied));
    ck_assert_int_eq(copied, 0);
    ck_assert_int_eq(files_in("copy/images"), 2); /* it keeps what it had */
    assert_op(wci_store_restore(copy, again, NULL, NULL));
    ck_assert_int_eq(files_in("again/images"), 1);
    wci_store_close(&store, false);
    assert_ok(wildcam_conf_set(subject.conf, "data.dir", again));
    subject_open_again(&subject, &store);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    assert_op_fails(WILDCAM_ERR_RELEASED, "is in S3", load(before));
}
END_TEST

START_TEST(a_purge_tells_what_was_owed)
{
    int64_t shards = 0, pictures = 0;
    int64_t id = keep(0, 5, 1);
    wci_store_close(&store, false);
    assert_ok(wildcam_conf_set(subject.conf, "s3.endpoint", "http://127.0.0.1:9"));
    subject_open_again(&subject, &store);
    keep_picture(&subject, &store, 0, day_at(2026, 4, 5), 2);
    upload(id, WCI_UPLOAD_PICTURE, 1);
    expect_log("owed S3 pictures (0) and thumbnails (1)");
    assert_op(wci_store_purge(&store, day_at(2026, 4, 1), &shards, &pictures));
    ck_assert_int_eq(pictures, 1);
    ck_assert_int_eq(count_log("shard 2026-03 is purged although"), 1);
    expect_log("owed S3 pictures (1) and thumbnails (1)");
    assert_op(wci_store_purge(&store, day_at(2026, 5, 1), &shards, &pictures));
    ck_assert_int_eq(count_log("shard 2026-04 is purged although"), 1);
}
END_TEST

/* Who purges need not have the settings of the program that uploads. */
START_TEST(a_purge_tells_what_another_program_owed)
{
    int64_t shards = 0, pictures = 0;
    keep(0, 5, 1);
    keep_picture(&subject, &store, 0, day_at(2026, 4, 5), 2);
    assert_op(wci_store_purge(&store, day_at(2026, 4, 1), &shards, &pictures));
    ck_assert_int_eq(count_log("is purged although"), 0); /* to nobody */
    assert_op(subject.ops->note_duties(subject.backend, WCI_DUTY_UPLOAD, wci_calendar_now()));
    expect_log("owed S3 pictures (1) and thumbnails (1)");
    assert_op(wci_store_purge(&store, day_at(2026, 5, 1), &shards, &pictures));
    ck_assert_int_eq(count_log("shard 2026-04 is purged although"), 1);
}
END_TEST

START_TEST(a_purge_takes_released_ones_as_all)
{
    int64_t shards = 0, pictures = 0;
    int64_t id = keep(0, 5, 1);
    release(id);
    assert_op(wci_store_purge(&store, day_at(2026, 4, 1), &shards, &pictures));
    ck_assert_int_eq(shards, 1);
    ck_assert_int_eq(pictures, 0);
    model_forget(&subject.model, day_at(2026, 3, 1), day_at(2026, 4, 1));
    keep(0, 5, 1); /* it is a new one now */
    ck_assert_int_eq(count_files(scratch_path("station/images")), 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("released");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, only_what_is_uploaded_is_released);
    tcase_add_test(all, a_file_that_is_lost_is_not_released);
    tcase_add_test(all, what_is_sent_again_is_not_placed_again);
    tcase_add_test(all, a_file_of_two_cameras);
    tcase_add_test(all, a_file_of_two_cameras_the_other_way);
    tcase_add_test(all, a_release_that_was_stopped_is_finished_by_a_check);
    tcase_add_test(all, what_a_dead_process_left_is_not_placed);
    tcase_add_test(all, the_oldest_uploaded_come_first);
    tcase_add_test(all, what_is_known_of_quiet_shards_is_right);
    tcase_add_test(all, no_backup_runs_meanwhile);
    tcase_add_test(all, a_backup_is_made_and_restored_without_them);
    tcase_add_test(all, a_purge_tells_what_was_owed);
    tcase_add_test(all, a_purge_tells_what_another_program_owed);
    tcase_add_test(all, a_purge_takes_released_ones_as_all);
    return suite;
}
