/* Copying a station while it works, and getting it back. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_station *open_at(const char *name)
{
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "data.dir", scratch_path("%s", name)));
    wildcam_station *station = open_station(conf);
    wildcam_conf_free(conf);
    return station;
}

static wildcam_station *populate(void)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    for (unsigned i = 0; i < 12; i++) {
        add_scene(station, i % 2 ? "CAM1" : "CAM2", i, at("2026-01-20") + 5 * DAY * i);
        add(station, &(struct sighting){"CAM3", "lynx", at("2026-02-01") + i * DAY, 0.5});
    }
    return station;
}

/* Both stations tell the same of every detection and of every picture's content. */
static void assert_same(wildcam_station *left, wildcam_station *right)
{
    wildcam_cursor *cursors[2];
    const wildcam_detection *rows[2];
    assert_ok(wildcam_station_query(left, NULL, &cursors[0]));
    assert_ok(wildcam_station_query(right, NULL, &cursors[1]));
    for (;;) {
        char *texts[2];
        wildcam_step steps[2];
        for (int i = 0; i < 2; i++)
            steps[i] = wildcam_cursor_next(cursors[i], &rows[i]);
        ck_assert_int_eq(steps[0], steps[1]);
        if (steps[0] != 1)
            break;
        for (int i = 0; i < 2; i++)
            assert_ok(wildcam_detection_to_json(rows[i], &texts[i]));
        ck_assert_str_eq(texts[0], texts[1]);
        wildcam_free(texts[0]);
        wildcam_free(texts[1]);
    }
    wildcam_cursor_free(cursors[0]);
    wildcam_cursor_free(cursors[1]);
    ck_assert_int_eq(findings_of(right), 0);
}

static void back_up(wildcam_station *station)
{
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
}

static void restore(const char *name)
{
    assert_ok(wildcam_restore(scratch_path("backup"), scratch_path("%s", name), NULL, NULL));
}

START_TEST(there_and_back)
{
    wildcam_station *station = populate(), *again;
    back_up(station);
    restore("again");
    again = open_at("again");
    assert_same(station, again);
    wildcam_station_close(again);
    /* A later backup takes the place of the earlier one. */
    add_scene(station, "CAM1", 99, at("2026-05-01"));
    back_up(station);
    ck_assert_int_eq(mkdir(scratch_path("third"), 0700), 0); /* empty is as good as not there */
    restore("third");
    again = open_at("third");
    assert_same(station, again);
    ck_assert_int_eq(walk(again, NULL), 25);
    wildcam_station_close(again);
    wildcam_station_close(station);
}
END_TEST

/* What a progress callback saw. */
struct watch {
    int calls, stop_at; /* 0: never */
    int64_t done, total;
    char phase[32];
    bool went_back, went_over;
};

static int look(void *user, const char *phase, int64_t done, int64_t total)
{
    struct watch *watch = user;
    if (strcmp(watch->phase, phase) != 0)
        watch->done = 0;
    watch->went_back = watch->went_back || done < watch->done;
    watch->went_over = watch->went_over || (total && done > total);
    snprintf(watch->phase, sizeof watch->phase, "%s", phase);
    watch->done = done;
    watch->total = total;
    return ++watch->calls == watch->stop_at;
}

/* Stops it at its first step, its second and so on, and once lets it run to its end. */
static void stop_at_every_step(wildcam_status (*run)(wildcam_station *station, struct watch *watch),
                               wildcam_station *station,
                               void (*after_stop)(wildcam_station *station))
{
    wildcam_status status = WILDCAM_ERR_CANCELLED;
    int step = 0;
    while (status == WILDCAM_ERR_CANCELLED) {
        struct watch watch = {.stop_at = ++step};
        status = run(station, &watch);
        ck_assert(!watch.went_back);
        ck_assert(!watch.went_over);
        if (status == WILDCAM_ERR_CANCELLED) {
            ck_assert_int_eq(watch.calls, step); /* not asked again */
            after_stop(station);
        } else {
            ck_assert_int_eq(watch.calls, step - 1);
            ck_assert_str_eq(watch.phase, "pictures");
        }
    }
    assert_ok(status);
    ck_assert_int_gt(step, 4);
}

static wildcam_status run_backup(wildcam_station *station, struct watch *watch)
{
    return wildcam_station_backup(station, scratch_path("backup"), look, watch, NULL);
}

static void assert_earlier_backup_stays(wildcam_station *station)
{
    (void)station;
    ck_assert(!file_exists(scratch_path("backup/database.new")));
    ck_assert(file_exists(scratch_path("backup/database/manifest.json")));
}

START_TEST(backup_stops_when_told)
{
    wildcam_station *station = populate(), *again;
    struct watch watch = {.stop_at = 1};
    assert_status(WILDCAM_ERR_CANCELLED, run_backup(station, &watch));
    assert_fails(WILDCAM_ERR_NOTFOUND, "no finished backup",
                 wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    back_up(station);
    add_scene(station, "CAM1", 99, at("2026-05-01"));
    stop_at_every_step(run_backup, station, assert_earlier_backup_stays);
    restore("again");
    again = open_at("again");
    assert_same(station, again);
    wildcam_station_close(again);
    wildcam_station_close(station);
}
END_TEST

static wildcam_status run_restore(wildcam_station *station, struct watch *watch)
{
    (void)station;
    return wildcam_restore(scratch_path("backup"), scratch_path("again"), look, watch);
}

static void assert_nothing_restored(wildcam_station *station)
{
    (void)station;
    ck_assert(!file_exists(scratch_path("again")));
    ck_assert(!file_exists(scratch_path("again.restoring")));
}

START_TEST(restore_stops_when_told)
{
    wildcam_station *station = populate();
    back_up(station);
    stop_at_every_step(run_restore, station, assert_nothing_restored);
    wildcam_station_close(station);
}
END_TEST

static wildcam_status run_check(wildcam_station *station, struct watch *watch)
{
    return wildcam_station_check(station, WILDCAM_CHECK_CONTENT, NULL, look, watch, NULL);
}

static void assert_still_whole(wildcam_station *station)
{
    ck_assert_int_eq(walk(station, NULL), 24);
}

START_TEST(check_stops_when_told)
{
    wildcam_station *station = populate();
    stop_at_every_step(run_check, station, assert_still_whole);
    wildcam_station_close(station);
}
END_TEST

START_TEST(backup_forgets_what_was_purged)
{
    wildcam_station *station = populate(), *again;
    back_up(station);
    ck_assert(file_exists(scratch_path("backup/images/2026/01")));
    save_file(scratch_path("backup/images/2026/notes.txt"), "mine", 4);
    assert_ok(wildcam_station_purge(station, at("2026-03-01"), NULL, NULL));
    ck_assert(!file_exists(scratch_path("station/images/2026/01")));
    back_up(station);
    ck_assert(!file_exists(scratch_path("backup/images/2026/01")));
    ck_assert(!file_exists(scratch_path("backup/images/2026/02")));
    ck_assert(file_exists(scratch_path("backup/images/2026/notes.txt")));
    ck_assert_int_eq(count_files(scratch_path("backup/images")), files_in("images") + 1);
    restore("again");
    again = open_at("again");
    assert_same(station, again);
    wildcam_station_close(again);
    wildcam_station_close(station);
}
END_TEST

START_TEST(damaged_backup_is_not_restored)
{
    static const char *const files[] = {"database/manifest.json", "database/station.db",
                                        "database/detections/2026-02.db"};
    wildcam_station *station = open_with(NULL, NULL);
    add_scene(station, "CAM1", 1, at("2026-02-01"));
    for (int i = 0; i < 3; i++) {
        back_up(station);
        flip_byte(scratch_path("backup/%s", files[i]));
        assert_status(WILDCAM_ERR_CORRUPT,
                      wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
        assert_nothing_restored(NULL);
    }
    back_up(station);
    restore("again");
    wildcam_station_close(station);
}
END_TEST

/* Rot on either side costs one picture, is told of by name, and heals with the next backup. */
START_TEST(damaged_picture_costs_no_other)
{
    char picture[1024];
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add_scene(station, "CAM1", 1, at("2026-02-01"));
    add_scene(station, "CAM1", 2, at("2026-02-02"));
    picture_path(station, id, picture);
    const char *name = strstr(picture, "images/");
    flip_byte(picture);
    expect_log("a picture is left out");
    assert_fails(WILDCAM_ERR_INCOMPLETE, name,
                 wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    ck_assert_int_eq(count_log("SHA-256"), 1);
    ck_assert_int_eq(count_files(scratch_path("backup/images")), 1);
    flip_byte(picture); /* whole again */
    back_up(station);
    flip_byte(scratch_path("backup/%s", name));
    assert_fails(WILDCAM_ERR_INCOMPLETE, name,
                 wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    ck_assert_int_eq(count_files(scratch_path("again/images")), 1);
    flip_byte(picture); /* damaged on both sides: what the backup has stays */
    assert_fails(WILDCAM_ERR_INCOMPLETE, "pictures (1",
                 wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    ck_assert_int_eq(count_files(scratch_path("backup/images")), 2);
    flip_byte(picture);
    back_up(station);
    flip_byte(picture); /* the good copy is not replaced */
    back_up(station);
    restore("third");
    wildcam_station_close(station);
}
END_TEST

START_TEST(backup_of_a_newer_library)
{
    static const char manifest[] = "{\"format\":99,\"files\":[]}";
    wildcam_station *station = populate();
    back_up(station);
    save_file(scratch_path("backup/database/manifest.json"), manifest, strlen(manifest));
    assert_fails(WILDCAM_ERR_VERSION, "99",
                 wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    assert_nothing_restored(NULL);
    wildcam_station_close(station);
}
END_TEST

START_TEST(backup_without_a_lost_picture)
{
    char path[1024];
    wildcam_station *station = populate(), *again;
    int64_t id = add_scene(station, "CAM1", 99, at("2026-02-02"));
    picture_path(station, id, path);
    ck_assert_int_eq(remove(path), 0);
    expect_log("a picture is left out");
    assert_fails(WILDCAM_ERR_INCOMPLETE, "pictures (1: images/2026/02/02/",
                 wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_INCOMPLETE, "pictures (1: images/2026/02/02/",
                 wildcam_restore(scratch_path("backup"), scratch_path("again"), NULL, NULL));
    again = open_at("again"); /* one lost picture does not cost the others */
    ck_assert_int_eq(walk(again, NULL), walk(station, NULL));
    ck_assert_int_eq(findings_of(again), 1);
    wildcam_station_close(again);
    wildcam_station_close(station);
}
END_TEST

static int back_up_as_nobody(void *user)
{
    wildcam_station *station;
    wildcam_conf *conf;
    (void)user;
    if (become_nobody() != 0 || wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("nobody")) != WILDCAM_OK ||
        wildcam_station_open(conf, &station) != WILDCAM_OK)
        return 2;
    wildcam_status status = wildcam_station_backup(station, scratch_path("denied"), NULL, NULL,
                                                   NULL);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_ERR_DENIED ? 0 : 3;
}

START_TEST(backup_where_nothing_may_be_made)
{
    make_folder_for_nobody("nobody");
    ck_assert_int_eq(chmod(scratch(), 0555), 0);
    in_child(back_up_as_nobody, NULL);
    ck_assert_int_eq(chmod(scratch(), 0700), 0);
}
END_TEST

/* ---- While others are at work ---- */

struct writer {
    wildcam_station *station;
    atomic_bool must_end;
    int64_t last_id;
    int written;
};

static void *write_on(void *user)
{
    struct writer *writer = user;
    for (unsigned seed = 1000; !atomic_load(&writer->must_end); seed++) {
        writer->last_id = add_scene(writer->station, "CAM4", seed,
                                    at("2026-01-01") + seed % 90 * DAY);
        writer->written++;
    }
    return NULL;
}

START_TEST(backups_under_a_busy_writer)
{
    pthread_t thread;
    struct writer writer = {.station = populate()};
    ck_assert_int_eq(pthread_create(&thread, NULL, write_on, &writer), 0);
    for (int i = 0; i < 3; i++) {
        int64_t before = walk(writer.station, NULL);
        back_up(writer.station);
        restore(i == 0 ? "copy0" : i == 1 ? "copy1" : "copy2");
        wildcam_station *copy = open_at(i == 0 ? "copy0" : i == 1 ? "copy1" : "copy2");
        ck_assert_int_ge(walk(copy, NULL), before); /* what was acknowledged before is in it */
        ck_assert_int_eq(findings_of(copy), 0);
        ck_assert_int_eq(findings_of(writer.station), 0);
        wildcam_station_close(copy);
    }
    atomic_store(&writer.must_end, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_gt(writer.written, 0);
    wildcam_station_close(writer.station);
}
END_TEST

/* Holds a backup at its first step until it may go on. */
struct hold {
    wildcam_station *station;
    pthread_barrier_t begun, may_end;
    bool is_held;
};

static int hold_first(void *user, const char *phase, int64_t done, int64_t total)
{
    struct hold *hold = user;
    (void)phase;
    (void)done;
    (void)total;
    if (!hold->is_held) {
        hold->is_held = true;
        pthread_barrier_wait(&hold->begun);
        pthread_barrier_wait(&hold->may_end);
    }
    return 0;
}

static void *back_up_and_hold(void *user)
{
    struct hold *hold = user;
    assert_ok(
        wildcam_station_backup(hold->station, scratch_path("backup"), hold_first, hold, NULL));
    return NULL;
}

START_TEST(one_backup_at_a_time_and_no_purge)
{
    pthread_t thread;
    int64_t shards = -1, pictures = -1;
    struct hold hold = {.station = populate()};
    char backup[1024];
    snprintf(backup, sizeof backup, "%s", scratch_path("backup"));
    pthread_barrier_init(&hold.begun, NULL, 2);
    pthread_barrier_init(&hold.may_end, NULL, 2);
    ck_assert_int_eq(pthread_create(&thread, NULL, back_up_and_hold, &hold), 0);
    pthread_barrier_wait(&hold.begun);
    assert_fails(WILDCAM_ERR_BUSY, "backup",
                 wildcam_station_backup(hold.station, backup, NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_BUSY, "backup",
                 wildcam_station_purge(hold.station, at("2027-01-01"), &shards, &pictures));
    ck_assert_int_eq(shards, 0);
    ck_assert_int_eq(pictures, 0);
    /* All else goes on: the callback runs under no lock. */
    add_scene(hold.station, "CAM1", 99, at("2026-05-01"));
    ck_assert_int_eq(findings_of(hold.station), 0);
    pthread_barrier_wait(&hold.may_end);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_barrier_destroy(&hold.begun);
    pthread_barrier_destroy(&hold.may_end);
    wildcam_station_close(hold.station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("backup");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, there_and_back);
    tcase_add_test(all, backup_stops_when_told);
    tcase_add_test(all, restore_stops_when_told);
    tcase_add_test(all, backup_forgets_what_was_purged);
    tcase_add_test(all, damaged_backup_is_not_restored);
    tcase_add_test(all, damaged_picture_costs_no_other);
    tcase_add_test(all, backup_of_a_newer_library);
    tcase_add_test(all, backup_without_a_lost_picture);
    tcase_add_test(all, backup_where_nothing_may_be_made);
    tcase_add_test(all, backups_under_a_busy_writer);
    tcase_add_test(all, one_backup_at_a_time_and_no_purge);
    tcase_add_test(all, check_stops_when_told);
    return suite;
}
