/* Where a backup may be made, and where it may be restored. */
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

/* A station with one picture. */
static wildcam_station *populate(const char *name)
{
    wildcam_station *station = open_with("data.dir", scratch_path("%s", name), NULL);
    add_scene(station, "CAM1", 1, at("2026-02-01"));
    return station;
}

START_TEST(backup_does_not_write_over_things)
{
    wildcam_station *station = populate("station");
    ck_assert_int_eq(mkdir(scratch_path("backup"), 0700), 0);
    save_file(scratch_path("backup/diary.txt"), "dear diary", 10);
    assert_fails(WILDCAM_ERR_EXISTS, "backup",
                 wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    ck_assert_int_eq(count_files(scratch_path("backup")), 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(backup_and_station_lie_apart)
{
    wildcam_station *station = populate("station");
    char link[1024];
    snprintf(link, sizeof link, "%s", scratch_path("link"));
    ck_assert_int_eq(symlink(scratch_path("station"), link), 0);
    static const char *const wrong[] = {"station", "station/backup", "link/a/b", "."};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int files = count_files(scratch_path("station"));
        assert_fails(
            WILDCAM_ERR_INVALID, "inside",
            wildcam_station_backup(station, scratch_path("%s", wrong[i]), NULL, NULL, NULL));
        ck_assert_int_eq(count_files(scratch_path("station")), files);
    }
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_backup(station, "", NULL, NULL, NULL));
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "inside",
                 wildcam_restore(scratch_path("backup"), scratch_path("backup/new"), NULL, NULL));
    wildcam_station_close(station);
}
END_TEST

/* A disk that is not mounted must not fill the one below it. */
START_TEST(backup_makes_one_directory)
{
    wildcam_station *station = populate("station");
    assert_fails(WILDCAM_ERR_NOTFOUND, scratch_path("mnt"),
                 wildcam_station_backup(station, scratch_path("mnt/backup"), NULL, NULL, NULL));
    ck_assert(!file_exists(scratch_path("mnt")));
    ck_assert_int_eq(mkdir(scratch_path("mnt"), 0700), 0);
    assert_ok(wildcam_station_backup(station, scratch_path("mnt/backup/"), NULL, NULL, NULL));
    wildcam_station_close(station);
}
END_TEST

START_TEST(backup_of_another_station)
{
    wildcam_station *station = populate("station"), *other = populate("other"), *again;
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_EXISTS, "another station",
                 wildcam_station_backup(other, scratch_path("backup"), NULL, NULL, NULL));
    wildcam_station_close(other);
    assert_ok(wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    again = populate("again"); /* the same station, which goes on with its backup */
    assert_ok(wildcam_station_backup(again, scratch_path("backup"), NULL, NULL, NULL));
    wildcam_station_close(again);
    wildcam_station_close(station);
}
END_TEST

START_TEST(restore_does_not_write_over_things)
{
    wildcam_station *station = populate("station");
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    wildcam_station_close(station);
    assert_fails(WILDCAM_ERR_EXISTS, "station",
                 wildcam_restore(scratch_path("backup"), scratch_path("station"), NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_restore(scratch_path("backup"), "", NULL, NULL));
    assert_fails(WILDCAM_ERR_NOTFOUND, "none",
                 wildcam_restore(scratch_path("none"), scratch_path("again"), NULL, NULL));
    ck_assert(!file_exists(scratch_path("again")));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("backup_place");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, backup_does_not_write_over_things);
    tcase_add_test(all, backup_and_station_lie_apart);
    tcase_add_test(all, backup_makes_one_directory);
    tcase_add_test(all, backup_of_another_station);
    tcase_add_test(all, restore_does_not_write_over_things);
    return suite;
}
