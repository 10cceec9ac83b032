/* Sharing, housekeeping, purging, and how a station is doing. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/fixtures.h"

START_TEST(opens_and_closes)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *station = open_station(conf);
    ck_assert(file_exists(scratch_path("station/station.db")));
    wildcam_station_close(station);
    station = open_station(conf);
    wildcam_station_close(station);
    wildcam_station_close(NULL);
    wildcam_conf_free(conf);
}
END_TEST

static int write_in_another_process(void *user)
{
    (void)user;
    wildcam_conf *conf;
    wildcam_station *station;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 2);
    if (wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("station")) != WILDCAM_OK ||
        wildcam_conf_set(conf, "disk.min_free_bytes", "0") != WILDCAM_OK ||
        wildcam_conf_set_log(conf, NULL, NULL) != WILDCAM_OK ||
        wildcam_station_open(conf, &station) != WILDCAM_OK)
        return 2;
    wildcam_status status = wildcam_station_ingest(station, "CAM2", jpeg.data, jpeg.size, NULL,
                                                   NULL);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_OK ? 0 : 3;
}

START_TEST(several_processes_share_it)
{
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_camera *camera;
    add_scene(station, "CAM1", 1, at("2026-03-01"));
    in_child(write_in_another_process, NULL);
    ck_assert_int_eq(walk(station, NULL), 2);
    assert_ok(wildcam_station_get_camera(station, "CAM2", &camera));
    wildcam_camera_free(camera);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(others_hold_it_for_too_long)
{
    wildcam_station *station = open_with("store.busy_timeout", "0", NULL);
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    int64_t id = add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", at("2026-03-02"), 0.5});
    wildcam_camera *camera;
    wildcam_batch *batch;
    assert_ok(wildcam_detection_set_verified(draft, 1));
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_set_device_id(camera, "CAM1"));
    assert_ok(wildcam_batch_new(station, &batch));
    assert_ok(wildcam_batch_add(batch, draft));
    struct holder holder = hold_writers_lock(scratch_path("station/detections/2026-03.db-shm"));
    assert_status(WILDCAM_ERR_BUSY, wildcam_station_add_detection(station, draft, NULL));
    ck_assert_int_eq(wildcam_status_is_retriable(WILDCAM_ERR_BUSY), 1);
    assert_status(WILDCAM_ERR_BUSY, wildcam_station_verify_detection(station, id, draft));
    assert_status(WILDCAM_ERR_BUSY, wildcam_batch_commit(batch));
    ck_assert_int_eq(wildcam_batch_get_id(batch, 0), 0);
    assert_status(WILDCAM_ERR_BUSY, wildcam_station_purge(station, at("2026-04-01"), NULL, NULL));
    ck_assert_int_eq(walk(station, NULL), 1); /* readers go on */
    let_go_of(holder);
    holder = hold_writers_lock(scratch_path("station/station.db-shm"));
    assert_status(WILDCAM_ERR_BUSY, wildcam_station_put_camera(station, camera, NULL, NULL));
    assert_status(WILDCAM_ERR_BUSY, wildcam_station_report_camera(station, camera));
    assert_status(WILDCAM_ERR_BUSY,
                  wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    let_go_of(holder);
    assert_ok(wildcam_station_add_detection(station, draft, NULL));
    assert_ok(wildcam_station_put_camera(station, camera, NULL, NULL));
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    ck_assert_int_eq(walk(station, NULL), 3);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_batch_free(batch);
    wildcam_camera_free(camera);
    wildcam_detection_free(draft);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

START_TEST(starts_and_stops_twice)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_station_stop(station)); /* no thread runs */
    for (int round = 0; round < 2; round++) {
        assert_ok(wildcam_station_start(station));
        assert_ok(wildcam_station_start(station));
        add_scene(station, "CAM1", (unsigned)round, at("2026-03-01"));
        assert_ok(wildcam_station_stop(station));
        assert_ok(wildcam_station_stop(station));
    }
    assert_ok(wildcam_station_start(station));
    wildcam_station_close(station); /* with its thread */
}
END_TEST

START_TEST(maintains_within_a_budget)
{
    wildcam_station *station = open_with("store.wal_bytes", "65536", NULL);
    for (unsigned i = 0; i < 20; i++)
        add_scene(station, "CAM1", i, at("2026-01-01") + 10 * DAY * i);
    assert_ok(wildcam_station_maintain(station, 0));
    assert_ok(wildcam_station_maintain(station, 60000));
    assert_ok(wildcam_station_maintain(station, INT32_MAX));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_station_maintain(station, -1));
    assert_fails(WILDCAM_ERR_INVALID, "2147483648",
                 wildcam_station_maintain(station, INT64_C(2147483648)));
    ck_assert_int_eq(walk(station, NULL), 20);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* ---- Purging ---- */

/* Forty days of pictures and detections, from 2026-01-15 on; some have thumbnails. */
static wildcam_station *populate(const char *shard)
{
    wildcam_station *station = open_with("store.shard", shard, "store.durability", "normal", NULL);
    for (unsigned i = 0; i < 40; i += 2) {
        size_t size;
        void *thumbnail;
        int64_t time = at("2026-01-15T12:00") + i * DAY;
        int64_t id = add_scene(station, "CAM1", i, time);
        add(station, &(struct sighting){"CAM2", "lynx", time, 0.9});
        assert_ok(wildcam_station_get_thumbnail(station, id, &thumbnail, &size));
        wildcam_free(thumbnail);
    }
    return station;
}

static int64_t count_before(wildcam_station *station, int64_t time)
{
    wildcam_query *query;
    int64_t count;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_range(query, WILDCAM_TIME_NONE, time));
    assert_ok(wildcam_station_count(station, query, 0, &count, NULL));
    ck_assert_int_eq(walk(station, query), count);
    wildcam_query_free(query);
    return count;
}

static const struct {
    const char *shard, *before, *kept_from;
    int shards, pictures;
} purges[] = {
    {"month", "2026-01-31T23:59:59", "2026-01-01", 0, 0},
    {"month", "2026-02-01", "2026-02-01", 1, 9},
    {"month", "2026-02-28", "2026-02-01", 1, 9},
    {"month", "2026-03-01", "2026-03-01", 2, 20},
    {"day", "2026-01-20", "2026-01-20", 3, 3},
    {"day", "2026-01-21T11:00", "2026-01-21", 3, 3},
    {"day", "2027-01-01", "2027-01-01", 20, 20},
};

START_TEST(purges_rows_and_files_together)
{
    wildcam_station *station = populate(purges[_i].shard);
    int64_t shards = -1, pictures = -1, all = walk(station, NULL);
    int64_t before = count_before(station, at(purges[_i].kept_from));
    int64_t kept, kept_bytes, found_shards, found, bytes;
    assert_ok(wildcam_station_measure_purge(station, at("2030-01-01"), NULL, &kept, &kept_bytes));
    ck_assert_int_eq(kept, 20);
    assert_ok(wildcam_station_measure_purge(station, at(purges[_i].before), &found_shards, &found,
                                            &bytes));
    ck_assert_int_eq(found_shards, purges[_i].shards);
    ck_assert_int_eq(found, purges[_i].pictures);
    assert_ok(wildcam_station_purge(station, at(purges[_i].before), &shards, &pictures));
    ck_assert_int_eq(shards, purges[_i].shards);
    ck_assert_int_eq(pictures, purges[_i].pictures);
    ck_assert_int_eq(count_before(station, at(purges[_i].kept_from)), 0);
    ck_assert_int_eq(walk(station, NULL), all - before);
    ck_assert_int_eq(files_in("images"), 20 - purges[_i].pictures);
    ck_assert_int_eq(files_in("thumbnails"), 20 - purges[_i].pictures);
    ck_assert_int_eq(files_in("purged"), 0);
    ck_assert_int_eq(findings_of(station), 0);
    assert_ok(wildcam_station_purge(station, at(purges[_i].before), NULL, NULL));
    int64_t all_bytes = kept_bytes;
    assert_ok(wildcam_station_measure_purge(station, at("2030-01-01"), NULL, NULL, &kept_bytes));
    ck_assert_int_eq(kept_bytes, all_bytes - bytes);
    ck_assert((bytes > 0) == (found > 0));
    wildcam_station_close(station);
}
END_TEST

/* What is purged is forgotten: the same picture may come again. */
START_TEST(purged_picture_may_come_again)
{
    wildcam_station *station = populate("month");
    int64_t id, again;
    int duplicate = -1;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 0);
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &id, &duplicate));
    ck_assert_int_eq(duplicate, 1);
    assert_ok(wildcam_station_purge(station, at("2026-02-01"), NULL, NULL));
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &again, &duplicate));
    ck_assert_int_eq(duplicate, 0);
    ck_assert_int_ne(id, again);
    jpeg_free(&jpeg);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(purge_refuses)
{
    wildcam_station *station = open_with(NULL, NULL);
    int64_t shards = -1, pictures = -1;
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_station_purge(station, -1, &shards, &pictures));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_purge(station, WILDCAM_TIME_END, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_purge(station, WILDCAM_TIME_NONE, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "-1",
                 wildcam_station_measure_purge(station, -1, &shards, &pictures, NULL));
    assert_ok(wildcam_station_purge(station, 0, &shards, &pictures));
    ck_assert_int_eq(shards, 0);
    ck_assert_int_eq(pictures, 0);
    wildcam_station_close(station);
}
END_TEST

/* ---- Health ---- */

static wildcam_health *health_of(wildcam_station *station, const char *verdict)
{
    wildcam_health *health;
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_msg(strcmp(wildcam_health_get_status(health), verdict) == 0, "%s: %s",
                  wildcam_health_get_status(health), wildcam_health_get_reason(health));
    ck_assert_int_eq(wildcam_health_get_reason(health)[0] == '\0', strcmp(verdict, "ok") == 0);
    return health;
}

START_TEST(healthy_station)
{
    wildcam_station *station = populate("month");
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 0);
    expect_log("is refused");
    add_picture(station, "CAM1", &jpeg, at("2026-01-15"));
    assert_status(WILDCAM_ERR_TRUNCATED,
                  wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size / 2, NULL, NULL));
    jpeg_free(&jpeg);
    wildcam_health *health = health_of(station, "ok");
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_SHARDS), 2);
    ck_assert_int_ge(wildcam_health_get_figure(health, WILDCAM_HEALTH_OPEN_SHARDS), 1);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DAMAGED_SHARDS), 0);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PICTURES_KEPT), 20);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PICTURES_DUPLICATE), 1);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PICTURES_REFUSED), 1);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DETECTIONS_KEPT), 40);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_FLOOR_BYTES), 0);
    ck_assert_int_gt(wildcam_health_get_figure(health, WILDCAM_HEALTH_FREE_BYTES), 0);
    ck_assert_int_ge(wildcam_health_get_figure(health, WILDCAM_HEALTH_TOTAL_BYTES),
                     wildcam_health_get_figure(health, WILDCAM_HEALTH_FREE_BYTES));
    ck_assert_int_eq(wildcam_health_get_figure(health, -1), -1);
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DETECTIONS_KEPT + 1), -1);
    wildcam_station_close(station); /* a health stands by itself */
    ck_assert_str_eq(wildcam_health_get_status(health), "ok");
    wildcam_health_free(health);
}
END_TEST

START_TEST(station_at_the_disks_floor)
{
    wildcam_station *station = open_with("disk.min_free_bytes", "1024T", NULL);
    wildcam_health *health = health_of(station, "degraded");
    ck_assert_ptr_nonnull(strstr(wildcam_health_get_reason(health), "floor"));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_FLOOR_BYTES), INT64_C(1)
                                                                                        << 50);
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

START_TEST(floor_in_percent)
{
    wildcam_station *station = open_with("disk.min_free_percent", "90", NULL);
    wildcam_health *health;
    assert_ok(wildcam_station_health(station, &health));
    int64_t total = wildcam_health_get_figure(health, WILDCAM_HEALTH_TOTAL_BYTES);
    int64_t floor = wildcam_health_get_figure(health, WILDCAM_HEALTH_FLOOR_BYTES);
    ck_assert_double_eq_tol((double)floor, (double)total * 0.9, 1 + (double)total * 1e-9);
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

/* A disk that is unplugged and plugged in again: calls fail with what they say, and go on. */
START_TEST(station_whose_disk_is_gone)
{
    wildcam_station *station = populate("month");
    wildcam_cursor *cursor;
    wildcam_camera *camera;
    wildcam_ingest *ingest;
    wildcam_summary *summary;
    const wildcam_detection *row;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 99);
    int64_t count;
    wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    expect_log("");
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    ck_assert_int_eq(rename(scratch_path("station"), scratch_path("elsewhere")), 0);
    wildcam_health_free(health_of(station, "down"));
    assert_status(WILDCAM_ERR_IO, wildcam_cursor_next(cursor, &row));
    assert_status(WILDCAM_ERR_IO, wildcam_station_count(station, NULL, 0, &count, NULL));
    assert_status(WILDCAM_ERR_IO, wildcam_station_summarise(station, NULL, 0, &summary));
    assert_status(WILDCAM_ERR_IO, wildcam_station_get_camera(station, "CAM1", &camera));
    assert_status(WILDCAM_ERR_IO, wildcam_ingest_begin(station, &ingest));
    assert_status(WILDCAM_ERR_IO,
                  wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    assert_status(WILDCAM_ERR_IO, wildcam_station_add_detection(station, draft, NULL));
    assert_status(WILDCAM_ERR_IO, wildcam_station_check(station, 0, NULL, NULL, NULL, NULL));
    assert_status(WILDCAM_ERR_IO, wildcam_station_purge(station, at("2026-02-01"), NULL, NULL));
    assert_status(WILDCAM_ERR_IO,
                  wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    assert_ok(wildcam_station_maintain(station, 1000)); /* trouble goes to the log */
    ck_assert_int_eq(rename(scratch_path("elsewhere"), scratch_path("station")), 0);
    wildcam_health_free(health_of(station, "ok"));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    assert_ok(wildcam_station_add_detection(station, draft, NULL));
    ck_assert_int_eq(walk(station, NULL), 42);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_cursor_free(cursor);
    wildcam_detection_free(draft);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("station");
    TCase *open = harness_case(suite, "open"), *purge = harness_case(suite, "purge"),
          *health = harness_case(suite, "health");
    tcase_add_test(open, opens_and_closes);
    tcase_add_test(open, several_processes_share_it);
    tcase_add_test(open, others_hold_it_for_too_long);
    tcase_add_test(open, starts_and_stops_twice);
    tcase_add_test(open, maintains_within_a_budget);
    tcase_add_loop_test(purge, purges_rows_and_files_together, 0, sizeof purges / sizeof purges[0]);
    tcase_add_test(purge, purged_picture_may_come_again);
    tcase_add_test(purge, purge_refuses);
    tcase_add_test(health, healthy_station);
    tcase_add_test(health, station_at_the_disks_floor);
    tcase_add_test(health, floor_in_percent);
    tcase_add_test(health, station_whose_disk_is_gone);
    return suite;
}
