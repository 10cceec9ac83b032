/* Backups from and to a disk that gives back all files but one. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/fixtures.h"

static char unreadable[1024]; /* the file's path; "" for none */
static int refusals;

/* Stands before the C library's, for the library, too. */
__attribute__((visibility("default"))) ssize_t read(int fd, void *data, size_t size)
{
    char link[64], path[sizeof unreadable];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = *unreadable ? readlink(link, path, sizeof path) : 0;
    if (length <= 0 || (size_t)length != strlen(unreadable) ||
        memcmp(path, unreadable, (size_t)length) != 0)
        return syscall(SYS_read, fd, data, size);
    refusals++;
    errno = EIO;
    return -1;
}

static void lose(const char *path)
{
    ck_assert(file_exists(path));
    refusals = 0;
    snprintf(unreadable, sizeof unreadable, "%s", path);
}

static void find_again(void)
{
    ck_assert_int_gt(refusals, 0);
    unreadable[0] = '\0';
}

static wildcam_station *station;
static char picture[1024]; /* one of two */

static void set_up(void)
{
    station = open_with(NULL, NULL);
    add_scene(station, "CAM1", 1, at("2026-02-01"));
    picture_path(station, add_scene(station, "CAM1", 2, at("2026-02-02")), picture);
}

static void tear_down(void)
{
    unreadable[0] = '\0';
    wildcam_station_close(station);
}

static const char *name(void)
{
    return strstr(picture, "images/");
}

static wildcam_status back_up(int64_t *copied)
{
    return wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, copied);
}

static wildcam_status restore(void)
{
    return wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL);
}

START_TEST(picture_of_the_station)
{
    int64_t copied;
    expect_log("a picture is left out");
    lose(picture);
    assert_fails(WILDCAM_ERR_INCOMPLETE, name(), back_up(&copied));
    find_again();
    ck_assert_int_eq(copied, 1);
    ck_assert_int_eq(count_log("cannot read"), 1);
    ck_assert_int_eq(count_files(scratch_path("backup/images")), 1);
    assert_ok(back_up(&copied));
    ck_assert_int_eq(copied, 1);
    lose(picture); /* the backup has it */
    assert_ok(back_up(&copied));
    ck_assert_int_eq(refusals, 0);
}
END_TEST

START_TEST(picture_of_the_backup)
{
    int64_t copied;
    assert_ok(back_up(NULL));
    lose(scratch_path("backup/%s", name()));
    assert_fails(WILDCAM_ERR_INCOMPLETE, name(), restore());
    find_again();
    ck_assert_int_eq(count_files(scratch_path("again/images")), 1);
    lose(scratch_path("backup/%s", name()));
    assert_ok(back_up(&copied)); /* made anew */
    find_again();
    ck_assert_int_eq(copied, 1);
}
END_TEST

/* Without one of them it is no station. */
START_TEST(database_of_the_backup)
{
    static const char *const files[] = {"station.db", "detections/2026-02.db"};
    assert_ok(back_up(NULL));
    for (int i = 0; i < 2; i++) {
        lose(scratch_path("backup/database/%s", files[i]));
        assert_fails(WILDCAM_ERR_CORRUPT, files[i], restore());
        find_again();
        ck_assert(!file_exists(scratch_path("again/station.db")));
    }
    assert_ok(restore());
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("backup_unreadable");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, picture_of_the_station);
    tcase_add_test(all, picture_of_the_backup);
    tcase_add_test(all, database_of_the_backup);
    return suite;
}
