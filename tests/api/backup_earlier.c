/* What a backup makes of the earlier one in its directory. */
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_status back_up(wildcam_station *station)
{
    return wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL);
}

/* A station that was backed up with a picture in January and one in February, and has one more in
 * February since, when that month is damaged and set aside. */
static wildcam_station *lose_february(const char *shard)
{
    wildcam_station *station = open_with(NULL, NULL);
    add_scene(station, "CAM1", 1, at("2026-01-10"));
    add_scene(station, "CAM1", 2, at("2026-02-10"));
    assert_ok(back_up(station));
    add_scene(station, "CAM1", 3, at("2026-02-11"));
    wildcam_station_close(station);
    ruin_file(scratch_path("station/detections/2026-02.db"));
    expect_log("is damaged and was set aside");
    station = open_with("store.shard", shard, NULL);
    ck_assert_int_eq(walk(station, NULL), 1);
    ck_assert(!file_exists(scratch_path("station/detections/2026-02.db")));
    return station;
}

/* A check of it misses the shard's file where there is none. */
static void assert_restored(int64_t detections, int pictures, int64_t findings)
{
    assert_ok(wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    wildcam_station *again = open_with("data.dir", scratch_path("again"), NULL);
    ck_assert_int_eq(walk(again, NULL), detections);
    ck_assert_int_eq(count_files(scratch_path("again/images")), pictures);
    ck_assert_int_eq(findings_of(again), findings);
    add_scene(again, "CAM1", 3, at("2026-02-11")); /* what was lost can be taken in again */
    ck_assert_int_eq(walk(again, NULL), detections + 1);
    wildcam_station_close(again);
}

START_TEST(a_lost_month_is_carried_over)
{
    wildcam_station *station = lose_february("month");
    for (int i = 0; i < 3; i++) { /* from one to the next */
        assert_fails(WILDCAM_ERR_INCOMPLETE,
                     "damaged shards (0), and has as the earlier backup "
                     "had them the shards (1: 2026-02)",
                     back_up(station));
        ck_assert_int_eq(count_files(scratch_path("backup/images")), 2);
    }
    assert_restored(2, 2, 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(a_month_that_is_damaged_there_too_is_not)
{
    wildcam_station *station = lose_february("month");
    flip_byte(scratch_path("backup/database/detections/2026-02.db"));
    expect_log("an earlier copy cannot be carried over");
    assert_fails(WILDCAM_ERR_INCOMPLETE, "damaged shards (1: 2026-02)", back_up(station));
    ck_assert_int_eq(count_log("shard 2026-02: "), 1);
    ck_assert(!file_exists(scratch_path("backup/database/detections/2026-02.db")));
    assert_restored(1, 1, 1);
    wildcam_station_close(station);
}
END_TEST

/* Two shards of one time would hide each other's rows. */
START_TEST(a_month_that_was_begun_anew_is_not)
{
    static const char *const shards[] = {"month", "day"};
    wildcam_station *station = lose_february(shards[_i]);
    add_scene(station, "CAM1", 4, at("2026-02-20"));
    assert_fails(WILDCAM_ERR_INCOMPLETE, "damaged shards (1: 2026-02)", back_up(station));
    ck_assert_int_eq(count_files(scratch_path("backup/images")), 3); /* they stay */
    assert_restored(2, 2, strcmp(shards[_i], "day") == 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(a_month_that_was_purged_is_not)
{
    wildcam_station *station = lose_february("month");
    assert_fails(WILDCAM_ERR_INCOMPLETE, "2026-02", back_up(station));
    assert_ok(wildcam_station_purge(station, at("2026-03-01"), NULL, NULL));
    assert_ok(back_up(station));
    ck_assert_int_eq(count_files(scratch_path("backup/images")), 0);
    assert_restored(0, 0, 0);
    wildcam_station_close(station);
}
END_TEST

/* Whose it is cannot be told, so it is nobody's to replace. */
START_TEST(a_backup_that_cannot_be_read_stays)
{
    static const char *const manifests[] = {"",
                                            "{\"format\":1,\"files\":[",
                                            "no manifest",
                                            "[]",
                                            "{\"format\":1}",
                                            "{\"format\":1,\"files\":[]}",
                                            "{\"format\":1,\"files\":[],\"station\":7}"};
    wildcam_station *station = open_with(NULL, NULL);
    size_t size, found_size;
    char path[1024];
    add_scene(station, "CAM1", 1, at("2026-01-10"));
    assert_ok(back_up(station));
    snprintf(path, sizeof path, "%s", scratch_path("backup/database/manifest.json"));
    void *whole = load_file(path, &size);
    for (size_t i = 0; i < sizeof manifests / sizeof manifests[0]; i++) {
        save_file(path, manifests[i], strlen(manifests[i]));
        assert_fails(WILDCAM_ERR_CORRUPT, "remove that directory, or choose another",
                     back_up(station));
        char *found = load_file(path, &found_size);
        ck_assert_uint_eq(found_size, strlen(manifests[i]));
        ck_assert_mem_eq(found, manifests[i], found_size);
        free(found);
    }
    save_file(path, whole, size);
    assert_ok(back_up(station));
    free(whole);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("backup_earlier");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, a_lost_month_is_carried_over);
    tcase_add_test(all, a_month_that_is_damaged_there_too_is_not);
    tcase_add_loop_test(all, a_month_that_was_begun_anew_is_not, 0, 2);
    tcase_add_test(all, a_month_that_was_purged_is_not);
    tcase_add_test(all, a_backup_that_cannot_be_read_stays);
    return suite;
}
