/* What a dead process leaves in incoming/, at every step of its way. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock_file.h"
#include "conformance/subject.h"

static struct subject subject;
static struct wci_store store;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    keep_picture(&subject, &store, 1, day_at(2026, 3, 5), 7);
}

static void tear_down(void)
{
    assert_files(&subject, &store);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
    subject_close_store(&subject, &store);
}

/* The store ends and begins again, as after a crash. */
static void begin_again(void)
{
    struct model model = subject.model;
    subject.model = (struct model){0};
    wildcam_conf *conf = subject.conf;
    wci_store_close(&store, false);
    subject_open_store(&subject, &store, conf);
    for (size_t i = 0; i < model.count; i++) /* names belong to the opening */
        model.rows[i].camera = subject.cameras[1];
    subject.model = model;
}

static wildcam_image *picture(void)
{
    return &subject.model.images[0];
}

static const char *owner(const char *name)
{
    return scratch_path("station/incoming/1-dead%s", name);
}

static void make_owner(bool with_lock)
{
    assert_op(wci_directory_make(owner("")));
    if (with_lock)
        save_file(owner(".lock"), "", 0);
}

/* Where a picture's file was before it was moved to its place. */
static const char *sealed(const wildcam_image *image)
{
    char name[128];
    snprintf(name, sizeof name, "/%s-%lld-9.jpg", image->sha256_text, (long long)image->camera_id);
    return owner(name);
}

static void take_back_this(const wildcam_image *image)
{
    ck_assert_int_eq(rename(picture_path(&store, image), sealed(image)), 0);
}

static void take_back(void)
{
    take_back_this(picture());
}

static void assert_tidy(void)
{
    ck_assert(!file_exists(owner("")));
    ck_assert(!file_exists(owner(".lock")));
    ck_assert_int_eq(count_files(scratch_path("station/images")), 1);
    ck_assert(file_exists(picture_path(&store, picture())));
}

START_TEST(not_wholly_received)
{
    make_owner(_i);
    save_file(owner("/0.part"), "half a pic", 10);
    save_file(owner("/1.part"), "", 0);
    begin_again();
    assert_tidy();
}
END_TEST

START_TEST(received_without_a_row)
{
    char name[128];
    wildcam_image other = image_at(&subject, 1, day_at(2026, 3, 5), 8);
    make_owner(_i);
    snprintf(name, sizeof name, "/%s-1-3.jpg", other.sha256_text);
    save_file(owner(name), "never acknowledged", 18);
    snprintf(name, sizeof name, "/%s-1-3.jpg", picture()->sha256_text);
    save_file(owner(name), "another camera's", 16);
    begin_again();
    assert_tidy();
}
END_TEST

START_TEST(received_with_a_row)
{
    make_owner(_i);
    take_back();
    begin_again();
    assert_tidy();
    ck_assert_int_eq(count_log("is in its place now"), 1);
}
END_TEST

/* Readers find it before anybody tidies up. */
START_TEST(read_where_it_is)
{
    void *data;
    size_t size;
    make_owner(true);
    take_back();
    assert_op(wci_store_load_picture(&store, picture(), &data, &size));
    ck_assert_int_eq((int64_t)size, picture()->bytes);
    free(data);
    begin_again();
    assert_tidy();
}
END_TEST

/* The same picture came twice: one is in its place already. */
START_TEST(in_its_place_already)
{
    size_t size;
    make_owner(_i);
    void *content = load_file(picture_path(&store, picture()), &size);
    save_file(sealed(picture()), content, size);
    free(content);
    begin_again();
    assert_tidy();
    ck_assert_int_eq(count_log("is in its place now"), 0);
}
END_TEST

START_TEST(names_that_mean_nothing)
{
    static const char *const names[] = {"/x.jpg", "/-1-1.jpg", "/notes", "/0123-1-1.jpg"};
    char name[200];
    make_owner(_i);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        save_file(owner(names[i]), "x", 1);
    snprintf(name, sizeof name, "/%s-one-1.jpg", picture()->sha256_text);
    save_file(owner(name), "x", 1);
    snprintf(name, sizeof name, "/%s-%030d-1.jpg", picture()->sha256_text, 1);
    save_file(owner(name), "x", 1);
    snprintf(name, sizeof name, "/%s.jpg", picture()->sha256_text);
    save_file(owner(name), "x", 1);
    begin_again();
    assert_tidy();
}
END_TEST

START_TEST(an_empty_folder_or_lock_alone)
{
    if (_i == 0)
        assert_op(wci_directory_make(owner("")));
    else
        save_file(owner(".lock"), "", 0);
    begin_again();
    assert_tidy();
}
END_TEST

START_TEST(a_living_process_is_left_alone)
{
    int fd;
    make_owner(false);
    assert_op(wci_lock_file_open(owner(".lock"), &fd));
    assert_op(wci_lock_try(fd, 0, true));
    save_file(owner("/0.part"), "half a pic", 10);
    begin_again();
    wci_store_maintain(&store, wci_calendar_monotonic() + 60 * WCI_SECOND);
    ck_assert(file_exists(owner("/0.part")));
    close(fd); /* now it is dead */
    wci_store_maintain(&store, wci_calendar_monotonic() + 60 * WCI_SECOND);
    assert_tidy();
}
END_TEST

/* What cannot be finished now is kept for later, and told. */
START_TEST(a_folder_that_cannot_be_finished)
{
    char lost[WCI_PATH];
    expect_log("could not be finished");
    make_owner(true);
    take_back();
    assert_op(wci_path(lost, "%s", scratch_path("station/images")));
    assert_op(wci_directory_remove(lost, NULL));
    save_file(lost, "in the way", 10); /* a file where a folder must be */
    begin_again();
    ck_assert_int_eq(count_log("could not be finished"), 1);
    ck_assert_int_eq(count_files(owner("")), 1);
    remove(lost);
    begin_again();
    assert_tidy();
}
END_TEST

/* One is in the way of no other, and each opening tells of it once. */
START_TEST(the_others_are_finished)
{
    char place[WCI_PATH];
    expect_log("could not be finished");
    keep_picture(&subject, &store, 1, day_at(2027, 1, 1), 9);
    make_owner(true);
    take_back();
    take_back_this(&subject.model.images[1]);
    for (int i = 0; i < 2; i++) { /* whichever comes first in the order of names */
        const wildcam_image *stuck = &subject.model.images[i];
        assert_op(wci_path(place, "%s", scratch_path("station/images/%d", 2026 + i)));
        assert_op(wci_directory_remove(place, NULL));
        save_file(place, "in the way", 10);
        begin_again();
        for (int round = 0; round < 3; round++)
            wci_store_maintain(&store, INT64_MAX);
        ck_assert_int_eq(count_log("could not be finished"), i + 1);
        ck_assert_int_eq(count_files(owner("")), 1);
        ck_assert(!file_exists(picture_path(&store, stuck)));
        remove(place);
        wci_store_maintain(&store, INT64_MAX);
        ck_assert(file_exists(picture_path(&store, stuck)));
        if (i == 0) {
            make_owner(true);
            take_back();
            take_back_this(&subject.model.images[1]);
        }
    }
}
END_TEST

/* A picture whose row is durable but whose move fails is found all the same. */
START_TEST(a_move_that_fails)
{
    char images[WCI_PATH];
    wildcam_image image;
    expect_log("could not be moved to its place");
    assert_op(wci_path(images, "%s", scratch_path("station/images/2027")));
    save_file(images, "in the way", 10);
    assert_op(try_picture(&subject, &store, 1, day_at(2027, 1, 1), 9, &image));
    assert_files(&subject, &store);
    remove(images);
    begin_again();
    ck_assert_int_eq(count_log("is in its place now"), 1);
    ck_assert_int_eq(count_files(scratch_path("station/incoming")), 0);
}
END_TEST

/* ---- A purge that ended in the middle ---- */

START_TEST(files_hidden_and_rows_in_sight)
{
    keep_picture(&subject, &store, 1, day_at(2026, 4, 5), 10);
    assert_op(wci_directory_make(scratch_path("station/purged")));
    ck_assert_int_eq(
        rename(scratch_path("station/images/2026/04"), scratch_path("station/purged/2026-04.1")),
        0);
    model_forget(&subject.model, day_at(2026, 4, 1), day_at(2026, 5, 1));
    begin_again();
    assert_tidy();
    ck_assert_int_eq(count_files(scratch_path("station/purged")), 0);
    ck_assert(!file_exists(scratch_path("station/detections/2026-04.db")));
}
END_TEST

START_TEST(rows_out_of_sight_and_files_hidden)
{
    keep_picture(&subject, &store, 1, day_at(2026, 4, 5), 10);
    model_forget(&subject.model, day_at(2026, 4, 1), day_at(2026, 5, 1));
    wci_store_close(&store, false);
    if (_i == 0) { /* else the files are gone already */
        assert_op(wci_directory_make(scratch_path("station/purged")));
        rename(scratch_path("station/images/2026/04"), scratch_path("station/purged/2026-04.1"));
    } else {
        assert_op(wci_directory_remove(scratch_path("station/images/2026/04"), NULL));
    }
    rename(scratch_path("station/detections/2026-04.db"),
           scratch_path("station/detections/2026-04.purging"));
    assert_op(wci_store_open(&store, subject.conf, &subject.log));
    begin_again();
    assert_tidy();
    ck_assert_int_eq(count_files(scratch_path("station/purged")), 0);
    ck_assert(!file_exists(scratch_path("station/detections/2026-04.purging")));
}
END_TEST

/* ---- Quarantine ---- */

static void refuse(const char *device_id, const char *reason)
{
    struct wci_staged staged;
    assert_op(wci_pictures_stage(&store.pictures, &staged));
    assert_op(wci_file_write(staged.fd, staged.path, "no picture", 10));
    wci_pictures_quarantine(&store.pictures, &staged, device_id, reason);
    ck_assert_int_eq(staged.fd, -1);
}

START_TEST(refused_pictures_are_kept_as_far_as_room_goes)
{
    int files;
    refuse("CAM:1", "no JPEG"); /* the setting says no */
    ck_assert_int_eq(count_files(scratch_path("station/quarantine")), 0);
    assert_ok(wildcam_conf_set(subject.conf, "images.quarantine", "true"));
    refuse("CAM:1", "no JPEG");
    ck_assert_int_eq(count_files(scratch_path("station/quarantine")), 2);
    assert_ok(wildcam_conf_set(subject.conf, "images.quarantine_bytes", "60"));
    for (int i = 0; i < 10; i++)
        refuse("", "no JPEG");
    files = count_files(scratch_path("station/quarantine"));
    ck_assert_int_ge(files, 2);
    ck_assert_int_le(files, 8);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: recovery");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_loop_test(all, not_wholly_received, 0, 2);
    tcase_add_loop_test(all, received_without_a_row, 0, 2);
    tcase_add_loop_test(all, received_with_a_row, 0, 2);
    tcase_add_test(all, read_where_it_is);
    tcase_add_loop_test(all, in_its_place_already, 0, 2);
    tcase_add_loop_test(all, names_that_mean_nothing, 0, 2);
    tcase_add_loop_test(all, an_empty_folder_or_lock_alone, 0, 2);
    tcase_add_test(all, a_living_process_is_left_alone);
    tcase_add_test(all, a_folder_that_cannot_be_finished);
    tcase_add_test(all, the_others_are_finished);
    tcase_add_test(all, a_move_that_fails);
    tcase_add_test(all, files_hidden_and_rows_in_sight);
    tcase_add_loop_test(all, rows_out_of_sight_and_files_hidden, 0, 2);
    tcase_add_test(all, refused_pictures_are_kept_as_far_as_room_goes);
    return suite;
}
