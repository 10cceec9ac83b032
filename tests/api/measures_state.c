/* What a station measures of its store, its disk and its process, and what goes across all of it:
 * threads, child processes, what programs add. */
#include <pthread.h>
#include <sys/statvfs.h>

#include "api/samples.h"

/* ---- the store, the disk, the process ---- */

START_TEST(store_and_disk_are_as_health_says)
{
    wildcam_station *station = open_with("disk.min_free_percent", "5", NULL);
    struct statvfs disk;
    wildcam_health *health;
    for (int month = 1; month <= 3; month++) {
        char time[32];
        snprintf(time, sizeof time, "2026-%02d-05", month);
        add(station, &(struct sighting){"A1", "lynx", at(time), 0.5});
    }
    ck_assert_int_eq(statvfs(scratch(), &disk), 0);
    double total = (double)disk.f_blocks * (double)disk.f_frsize;
    assert_value(station, "wildcam_storage_total_bytes", total);
    assert_value(station, "wildcam_storage_floor_bytes", floor(total * 0.05));
    char *text = written(station);
    ck_assert_double_eq(find_sample(text, "wildcam_storage_used_bytes") +
                            find_sample(text, "wildcam_storage_free_bytes"),
                        total);
    wildcam_free(text);
    assert_value(station, "wildcam_store_shards", 3);
    assert_value(station, "wildcam_store_damaged_shards", 0);
    assert_ok(wildcam_station_health(station, &health));
    assert_value(station, "wildcam_store_open_shards",
                 (double)wildcam_health_get_figure(health, WILDCAM_HEALTH_OPEN_SHARDS));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DETECTIONS_KEPT), 3);
    wildcam_health_free(health);
    text = written(station);
    double groups = find_sample(text, "wildcam_store_commit_seconds_count");
    ck_assert(groups >= 3);
    ck_assert_double_eq(find_sample(text, "wildcam_store_commit_changes_count"), groups);
    ck_assert_double_eq(find_sample(text, "wildcam_store_commit_changes_sum"), 3);
    ck_assert(find_sample(text, "wildcam_store_commit_seconds_sum") > 0);
    wildcam_free(text);
    wildcam_station_close(station);
}
END_TEST

START_TEST(damaged_shards_are_counted)
{
    wildcam_station *station = open_with(NULL, NULL);
    expect_log("damaged");
    expect_log("set aside");
    add(station, &(struct sighting){"A1", "lynx", at("2026-01-05"), 0.5});
    add(station, &(struct sighting){"A1", "lynx", at("2026-02-05"), 0.5});
    wildcam_station_close(station);
    ruin_file(scratch_path("station/detections/2026-01.db"));
    station = open_with(NULL, NULL);
    ck_assert_int_eq(walk(station, NULL), 1);
    assert_value(station, "wildcam_store_damaged_shards", 1);
    assert_value(station, "wildcam_store_shards", 1);
    assert_value(station, "wildcam_store_up", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(a_store_that_does_not_answer_is_down)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(put_camera(station, "A1", "barn", -1, at(NOON)));
    assert_value(station, "wildcam_store_up", 1);
    ck_assert_int_eq(rename(scratch_path("station"), scratch_path("elsewhere")), 0);
    char *text = written(station);
    ck_assert_int_eq(rename(scratch_path("elsewhere"), scratch_path("station")), 0);
    ck_assert_double_eq(find_sample(text, "wildcam_store_up"), 0);
    ck_assert_double_eq(find_sample(text, "wildcam_active_cameras_total"), 1);
    wildcam_free(text);
    assert_value(station, "wildcam_store_up", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(the_process_is_measured_under_its_usual_names)
{
    wildcam_station *station = open_with(NULL, NULL);
    char *text = written(station);
    double now = (double)wildcam_time_now() / 1e6;
    double started = find_sample(text, "process_start_time_seconds");
    ck_assert(started > now - 3600 && started <= now);
    ck_assert(find_sample(text, "process_cpu_seconds_total") >= 0);
    ck_assert(find_sample(text, "process_resident_memory_bytes") > 100000);
    ck_assert(find_sample(text, "process_virtual_memory_bytes") >
              find_sample(text, "process_resident_memory_bytes"));
    ck_assert(find_sample(text, "process_open_fds") > 3);
    ck_assert(find_sample(text, "process_max_fds") >= find_sample(text, "process_open_fds"));
    ck_assert(find_sample(text, "process_threads") >= 1);
    assert_value(station, "process_start_time_seconds", started);
    wildcam_free(text);
    wildcam_station_close(station);
}
END_TEST

/* ---- across ---- */

enum { THREADS = 4, ROUNDS = 200 };

static void *keep_many(void *user)
{
    wildcam_batch *batch;
    assert_ok(wildcam_batch_new(user, &batch));
    for (int i = 0; i < ROUNDS; i++) {
        char device_id[16], species[16];
        snprintf(device_id, sizeof device_id, "C%d", i % 7);
        snprintf(species, sizeof species, "species %d", i % 23);
        wildcam_detection *draft =
            draft_of(&(struct sighting){device_id, species, at(NOON) + i, 0.5});
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
        if (i % 10 == 9) {
            assert_ok(wildcam_batch_commit(batch));
            wildcam_batch_reset(batch);
        }
    }
    wildcam_batch_free(batch);
    return NULL;
}

START_TEST(threads_lose_no_count_while_others_read)
{
    pthread_t threads[THREADS];
    wildcam_station *station = open_with(NULL, NULL);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_many, station), 0);
    for (int i = 0; i < 20; i++)
        wildcam_free(written(station));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_value(station, "wildcam_detections_kept_total", THREADS * ROUNDS);
    char *text = written(station);
    double sum = 0;
    for (int i = 0; i < 7 * 23; i++) {
        char sample[128];
        snprintf(sample, sizeof sample,
                 "wildcam_wildlife_detections_total{camera_id=\"C%d\",species=\"species %d\"}",
                 i % 7, i % 23);
        double value = find_sample(text, sample);
        sum += isnan(value) ? 0 : value;
    }
    wildcam_free(text);
    ck_assert_double_eq(sum, THREADS * ROUNDS);
    wildcam_station_close(station);
}
END_TEST

static int use_it_behind_a_fork(void *user)
{
    char *text;
    if (wildcam_metrics_write(wildcam_station_get_metrics(user), WILDCAM_METRICS_TEXT, NULL, 0,
                              &text, NULL) != WILDCAM_ERR_FORKED)
        return 1;
    wildcam_station_close(user);
    return 0;
}

START_TEST(a_child_process_has_no_part_in_it)
{
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"A1", "lynx", at(NOON), 0.5});
    wildcam_free(written(station));
    in_child(use_it_behind_a_fork, station);
    assert_value(station, "wildcam_active_cameras_total", 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(programs_add_their_own)
{
    wildcam_metric_family *family;
    wildcam_counter *counter;
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_metrics *metrics = wildcam_station_get_metrics(station);
    ck_assert_ptr_null(wildcam_station_get_metrics(NULL));
    assert_ok(
        wildcam_metrics_add_counters(metrics, "gate_opened_total", "Gate.", NULL, 0, &family));
    assert_ok(wildcam_counter_new(family, NULL, 0, &counter));
    wildcam_counter_add(counter, 3);
    assert_value(station, "gate_opened_total", 3);
    assert_status(WILDCAM_ERR_EXISTS,
                  wildcam_metrics_add_counters(metrics, "wildcam_active_cameras_total", "Mine.",
                                               NULL, 0, &family));
    wildcam_station_close(station);
    wildcam_counter_add(counter, 1); /* a handle outlives the station */
    wildcam_counter_free(counter);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("measures_state");
    TCase *state = harness_case(suite, "state");
    tcase_add_test(state, store_and_disk_are_as_health_says);
    tcase_add_test(state, damaged_shards_are_counted);
    tcase_add_test(state, a_store_that_does_not_answer_is_down);
    tcase_add_test(state, the_process_is_measured_under_its_usual_names);
    TCase *across = harness_case(suite, "across");
    tcase_add_test(across, threads_lose_no_count_while_others_read);
    tcase_add_test(across, a_child_process_has_no_part_in_it);
    tcase_add_test(across, programs_add_their_own);
    return suite;
}
