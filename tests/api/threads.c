/* One station, many threads. */
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "api/fixtures.h"

enum { THREADS = 8, ROUNDS = 12, SHARED = 6 };

static void run_threads(int count, void *(*body)(void *user), void *users, size_t size)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, body, (char *)users + (size_t)i * size),
                         0);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

struct worker {
    wildcam_station *station;
    const struct jpeg *shared; /* SHARED pictures that all send for the same camera */
    int number;
    int first_copies; /* of the shared ones, that were not duplicates */
    int64_t shared_ids[SHARED];
};

static int64_t time_of(int worker, int round)
{
    return at("2026-02-10") + (worker * 5 + round) * DAY;
}

static void take_in(struct worker *worker, int round)
{
    char camera[16];
    snprintf(camera, sizeof camera, "CAM%d", worker->number);
    int64_t id = add_scene(worker->station, camera, 100U + (unsigned)(worker->number * 100 + round),
                           time_of(worker->number, round));
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(worker->station, id, &image));
    ck_assert_str_eq(wildcam_image_get_device_id(image), camera);
    ck_assert_int_eq(wildcam_image_get_time(image), time_of(worker->number, round));
    wildcam_image_free(image);
    size_t size;
    void *thumbnail;
    assert_ok(wildcam_station_get_thumbnail(worker->station, id, &thumbnail, &size));
    wildcam_free(thumbnail);
}

static void send_shared(struct worker *worker, int which)
{
    int duplicate;
    const struct jpeg *jpeg = &worker->shared[which];
    assert_ok(wildcam_station_ingest(worker->station, "SHARED", jpeg->data, jpeg->size,
                                     &worker->shared_ids[which], &duplicate));
    worker->first_copies += !duplicate;
}

static void ask(struct worker *worker, int round)
{
    char camera[16];
    wildcam_query *query;
    wildcam_summary *summary;
    int64_t count, counted = 0;
    snprintf(camera, sizeof camera, "CAM%d", worker->number);
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_device_id(query, camera)); /* nobody else writes there */
    int64_t expected = 2 * round + 2;
    ck_assert_int_eq(walk(worker->station, query), expected);
    assert_ok(wildcam_station_count(worker->station, query, 0, &count, NULL));
    ck_assert_int_eq(count, expected);
    assert_ok(wildcam_station_summarise(worker->station, query, WILDCAM_BY_DAY, &summary));
    while (wildcam_summary_next(summary) == 1)
        counted += wildcam_summary_get_count(summary);
    ck_assert_int_eq(counted, expected);
    wildcam_summary_free(summary);
    wildcam_query_free(query);
}

static void report(struct worker *worker, int round)
{
    char camera[16];
    wildcam_camera *draft, *now;
    snprintf(camera, sizeof camera, "CAM%d", worker->number);
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, camera));
    assert_ok(wildcam_camera_set_battery_level(draft, round));
    assert_ok(wildcam_station_report_camera(worker->station, draft));
    assert_ok(wildcam_station_get_camera(worker->station, camera, &now));
    ck_assert_double_eq(wildcam_camera_get_battery_level(now), round);
    wildcam_camera_free(now);
    wildcam_camera_free(draft);
    /* A failure in between: its sentence is this thread's own. */
    char ghost[16];
    snprintf(ghost, sizeof ghost, "GHOST%d", worker->number);
    assert_fails(WILDCAM_ERR_NOTFOUND, ghost,
                 wildcam_station_get_camera(worker->station, ghost, &now));
}

static void *work(void *user)
{
    struct worker *worker = user;
    char camera[16];
    snprintf(camera, sizeof camera, "CAM%d", worker->number);
    for (int round = 0; round < ROUNDS; round++) {
        take_in(worker, round);
        add(worker->station, &(struct sighting){camera, round % 2 ? "lynx" : "fox",
                                                time_of(worker->number, round), round / 20.0});
        send_shared(worker, round % SHARED);
        report(worker, round);
        ask(worker, round);
    }
    return NULL;
}

START_TEST(eight_threads_one_station)
{
    struct worker workers[THREADS] = {{0}};
    struct jpeg shared[SHARED];
    wildcam_station *station = open_with("store.open_shards", "2", NULL);
    wildcam_camera_list *cameras;
    int first_copies = 0;
    expect_log("low_battery");
    for (unsigned i = 0; i < SHARED; i++)
        shared[i] = make_jpeg(64, 48, JPEG_COLOUR, 5000 + i);
    for (int i = 0; i < THREADS; i++)
        workers[i] = (struct worker){.station = station, .shared = shared, .number = i};
    assert_ok(wildcam_station_start(station));
    run_threads(THREADS, work, workers, sizeof workers[0]);
    for (int i = 0; i < THREADS; i++) {
        first_copies += workers[i].first_copies;
        ck_assert_mem_eq(workers[i].shared_ids, workers[0].shared_ids,
                         sizeof workers[0].shared_ids);
    }
    ck_assert_int_eq(first_copies, SHARED); /* each is kept once, whoever came first */
    ck_assert_int_eq(walk(station, NULL), THREADS * ROUNDS * 2 + SHARED);
    ck_assert_int_eq(files_in("images"), THREADS * ROUNDS + SHARED);
    assert_ok(wildcam_station_list_cameras(station, 1, &cameras));
    ck_assert_uint_eq(wildcam_camera_list_get_count(cameras), THREADS + 1);
    wildcam_camera_list_free(cameras);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
    for (int i = 0; i < SHARED; i++)
        jpeg_free(&shared[i]);
}
END_TEST

static void *start_and_stop(void *user)
{
    wildcam_station *station = *(wildcam_station **)user;
    for (int i = 0; i < 50; i++) {
        assert_ok(wildcam_station_start(station));
        assert_ok(wildcam_station_stop(station));
    }
    return NULL;
}

static void *start_again(void *user)
{
    for (int i = 0; i < 100000; i++)
        assert_ok(wildcam_station_start(user));
    return NULL;
}

/* A stop ends the thread that runs, whoever starts another one meanwhile. */
START_TEST(starts_and_stops_from_many_threads)
{
    wildcam_station *stations[3];
    pthread_t starter;
    stations[0] = stations[1] = stations[2] = open_with(NULL, NULL);
    ck_assert_int_eq(pthread_create(&starter, NULL, start_again, stations[0]), 0);
    run_threads(3, start_and_stop, stations, sizeof stations[0]);
    ck_assert_int_eq(pthread_join(starter, NULL), 0);
    wildcam_station_close(stations[0]);
}
END_TEST

struct reviewer {
    wildcam_station *station;
    const int64_t *ids;
    int number;
};

enum { REVIEWED = 40 };

static void *review(void *user)
{
    struct reviewer *reviewer = user;
    for (int i = 0; i < REVIEWED; i++) {
        wildcam_detection *word;
        assert_ok(wildcam_detection_new(&word));
        assert_ok(wildcam_detection_set_verified(word, 1));
        assert_ok(wildcam_detection_set_false_positive(word, (reviewer->number + i) % 2));
        assert_ok(wildcam_detection_set_verified_species(word, i % 3 ? "fox" : "wolf"));
        assert_ok(wildcam_station_verify_detection(reviewer->station, reviewer->ids[i], word));
        wildcam_detection_free(word);
    }
    return NULL;
}

/* Whoever has the last word on a row, the summaries are those of the rows. */
START_TEST(reviewers_of_the_same_rows)
{
    int64_t ids[REVIEWED];
    struct reviewer reviewers[4];
    wildcam_station *station = open_with(NULL, NULL);
    for (int i = 0; i < REVIEWED; i++)
        ids[i] = add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01") + i, 0.5});
    for (int i = 0; i < 4; i++)
        reviewers[i] = (struct reviewer){station, ids, i};
    run_threads(4, review, reviewers, sizeof reviewers[0]);
    ck_assert_int_eq(walk(station, NULL), REVIEWED);
    ck_assert_int_eq(findings_of(station), 0); /* the check recounts the summaries */
    wildcam_station_close(station);
}
END_TEST

/* ---- The log's callback holds no lock of the library's ---- */

struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_called, may_go_on, came_too_late;
};

static void wait_for(struct meeting *meeting, const bool *flag)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 60; /* a net to fall into, when a lock is held after all */
    while (!*flag && !meeting->came_too_late)
        if (pthread_cond_timedwait(&meeting->changed, &meeting->mutex, &end) != 0)
            meeting->came_too_late = true;
}

/* The first line waits until the other thread has had its turn. */
static void hold_the_line(void *user, int level, const char *module, const char *text)
{
    struct meeting *meeting = user;
    (void)level;
    (void)module;
    (void)text;
    pthread_mutex_lock(&meeting->mutex);
    if (!meeting->is_called) {
        meeting->is_called = true;
        pthread_cond_broadcast(&meeting->changed);
        wait_for(meeting, &meeting->may_go_on);
    }
    pthread_mutex_unlock(&meeting->mutex);
}

static void *send_nonsense(void *user)
{
    assert_status(WILDCAM_ERR_NOTJPEG,
                  wildcam_station_ingest(user, "CAM1", "no picture", 10, NULL, NULL));
    return NULL;
}

static void *register_itself(void *user)
{
    add_scene(user, "CAM1", 1, at("2026-03-01"));
    return NULL;
}

START_TEST(callback_holds_no_lock)
{
    pthread_t thread;
    wildcam_conf *conf = station_conf();
    struct meeting meeting = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
    assert_ok(wildcam_conf_set(conf, "log.level", "warning"));
    assert_ok(wildcam_conf_set_log(conf, hold_the_line, &meeting));
    wildcam_station *station = open_station(conf);
    wildcam_conf_free(conf);
    ck_assert_int_eq(pthread_create(&thread, NULL, _i ? register_itself : send_nonsense, station),
                     0);
    pthread_mutex_lock(&meeting.mutex);
    wait_for(&meeting, &meeting.is_called);
    pthread_mutex_unlock(&meeting.mutex);
    add_scene(station, "CAM1", 2, at("2026-03-01"));
    add(station, &(struct sighting){"CAM2", "lynx", at("2026-04-01"), 0.5});
    ck_assert_int_ge(walk(station, NULL), 2);
    assert_ok(wildcam_station_maintain(station, 1000));
    pthread_mutex_lock(&meeting.mutex);
    meeting.may_go_on = true;
    pthread_cond_broadcast(&meeting.changed);
    pthread_mutex_unlock(&meeting.mutex);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert(!meeting.came_too_late);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, eight_threads_one_station);
    tcase_add_test(all, starts_and_stops_from_many_threads);
    tcase_add_test(all, reviewers_of_the_same_rows);
    tcase_add_loop_test(all, callback_holds_no_lock, 0, 2);
    return suite;
}
