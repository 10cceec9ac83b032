/* What goes by itself, against a list of what must. */
#include "fixtures.h"

#include <sqlite3.h>

/* Received today whatever their time is, so that ages begin today: tests set the days by hand. */
static wildcam_station *station;

static void reopen(const char *name, const char *value, const char *other, const char *other_value)
{
    wildcam_station_close(station);
    station = open_with(name, value, other, other_value, NULL);
}

static void set_up(void)
{
    station = open_with("events.gap", "60", NULL);
}

static void tear_down(void)
{
    wildcam_station_close(station);
}

/* Takes a picture in with one word on it (-1: none); answers its id. */
static int64_t shoot(const char *device_id, unsigned seed, int64_t time, int category,
                     int64_t *detection_id)
{
    wildcam_ingest *ingest;
    wildcam_detection *draft;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, device_id));
    assert_ok(wildcam_ingest_set_time(ingest, time, 0, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    if (category >= 0) {
        assert_ok(wildcam_detection_set_category(draft, category));
        assert_ok(wildcam_detection_set_confidence(draft, 0.9));
        assert_ok(wildcam_ingest_add_detection(ingest, draft));
    }
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    if (detection_id)
        *detection_id = wildcam_ingest_get_detection_id(ingest);
    wildcam_ingest_free(ingest);
    wildcam_detection_free(draft);
    jpeg_free(&jpeg);
    return id;
}

static bool is_there(int64_t id)
{
    wildcam_image *image = NULL;
    wildcam_status status = wildcam_station_get_image(station, id, &image);
    wildcam_image_free(image);
    ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_NOTFOUND);
    return status == WILDCAM_OK;
}

/* What goes, as the call and as the measuring before it say it. */
static int64_t apply(void)
{
    wildcam_retention *measured, *applied;
    char *text;
    assert_ok(wildcam_station_measure_retention(station, NULL, NULL, &measured));
    assert_ok(wildcam_station_apply_retention(station, 60000, &applied));
    ck_assert_int_eq(wildcam_retention_is_done(applied), 1);
    for (int reason = -1; reason < 2; reason++) {
        for (int category = -1; category < 6; category++) {
            ck_assert_int_eq(wildcam_retention_get_images(measured, reason, category),
                             wildcam_retention_get_images(applied, reason, category));
            ck_assert_int_eq(wildcam_retention_get_bytes(measured, reason, category),
                             wildcam_retention_get_bytes(applied, reason, category));
        }
    }
    assert_ok(wildcam_retention_to_json(applied, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"space\":{"));
    wildcam_free(text);
    int64_t gone = wildcam_retention_get_images(applied, -1, -1);
    wildcam_retention_free(measured);
    wildcam_retention_free(applied);
    return gone;
}

/* Moves when all pictures were received into the past: what no call can do. */
static void age(int days)
{
    wildcam_station_close(station);
    static const char *const shards[] = {"2026-01", "2026-02", "2026-03"};
    for (size_t i = 0; i < sizeof shards / sizeof shards[0]; i++) {
        sqlite3 *database;
        char sql[200];
        const char *path = scratch_path("station/detections/%s.db", shards[i]);
        if (!file_exists(path))
            continue;
        ck_assert_int_eq(sqlite3_open(path, &database), SQLITE_OK);
        snprintf(sql, sizeof sql, "UPDATE images SET received_at=received_at-%lld",
                 (long long)(days * DAY));
        ck_assert_int_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(database);
    }
    station = open_with("events.gap", "60", NULL);
}

#define JANUARY at("2026-01-10T00:00:00Z")

START_TEST(nothing_goes_unless_it_is_asked_for)
{
    shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    age(1000);
    ck_assert_int_eq(apply(), 0);
}
END_TEST

START_TEST(each_category_has_its_days)
{
    int64_t ids[6];
    int present = 0;
    for (int category = 0; category < 6; category++)
        ids[category] = shoot("gate", (unsigned)category, JANUARY + category * DAY, category, NULL);
    age(100);
    reopen("retention.days", "50", "retention.days.animal", "0");
    ck_assert_int_eq(apply(), 5);
    for (int category = 0; category < 6; category++)
        present += is_there(ids[category]);
    ck_assert_int_eq(present, 1);
    ck_assert(is_there(ids[WILDCAM_CATEGORY_ANIMAL]));
    reopen("retention.days.animal", "100", "retention.days", "0");
    ck_assert_int_eq(apply(), 1);
    ck_assert_int_eq(files_in("images"), 0);
    ck_assert_int_eq(files_in("thumbnails"), 0);
    ck_assert_int_eq(findings_of(station), 0);
    ck_assert_int_eq(walk(station, NULL), 0);
}
END_TEST

START_TEST(age_counts_from_reception)
{
    /* A clock that says January, and a picture that came today. */
    int64_t fresh = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    reopen("retention.days", "1", NULL, NULL);
    ck_assert_int_eq(apply(), 0);
    ck_assert(is_there(fresh));
}
END_TEST

START_TEST(what_is_wanted_stays)
{
    wildcam_detection *review;
    int64_t detection;
    int64_t favourite = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    int64_t verified = shoot("gate", 2, JANUARY + DAY, WILDCAM_CATEGORY_ANIMAL, &detection);
    int64_t plain = shoot("gate", 3, JANUARY + 2 * DAY, WILDCAM_CATEGORY_ANIMAL, NULL);
    assert_ok(wildcam_station_set_favourite(station, favourite, 1));
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(station, favourite, &image));
    ck_assert_int_eq(wildcam_image_get_favourite(image), 1);
    wildcam_image_free(image);
    assert_ok(wildcam_detection_new(&review));
    assert_ok(wildcam_detection_set_verified(review, 1));
    assert_ok(wildcam_station_verify_detection(station, detection, review));
    wildcam_detection_free(review);
    age(100);
    reopen("retention.days", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    ck_assert(is_there(favourite) && is_there(verified) && !is_there(plain));
    assert_ok(wildcam_station_set_favourite(station, favourite, 0));
    ck_assert_int_eq(apply(), 1);
    ck_assert(!is_there(favourite));
    ck_assert_int_eq(findings_of(station), 0);
}
END_TEST

/* When space is short is when it matters. */
START_TEST(favourites_on_a_full_disk)
{
    int64_t id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    age(100);
    reopen("retention.days", "10", "disk.min_free_bytes", "1024T");
    assert_ok(wildcam_station_set_favourite(station, id, 1));
    ck_assert_int_eq(apply(), 0);
    assert_ok(wildcam_station_set_favourite(station, id, 0));
    ck_assert_int_eq(apply(), 1);
}
END_TEST

START_TEST(false_positives_are_blank)
{
    wildcam_detection *review;
    int64_t detection, id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_ANIMAL, &detection);
    assert_ok(wildcam_detection_new(&review));
    assert_ok(wildcam_detection_set_false_positive(review, 1));
    assert_ok(wildcam_station_verify_detection(station, detection, review));
    wildcam_detection_free(review);
    age(100);
    reopen("retention.days.blank", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    ck_assert(!is_there(id));
    ck_assert_int_eq(findings_of(station), 0);
}
END_TEST

START_TEST(what_is_owed_stays)
{
    wildcam_station_close(station);
    station = open_with("s3.bucket", "example", "s3.access_key", "AKIAEXAMPLE", "s3.secret_key",
                        "secret", NULL);
    int64_t id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    age(100);
    wildcam_station_close(station);
    station = open_with("retention.days", "10", "s3.bucket", "example", "s3.access_key",
                        "AKIAEXAMPLE", "s3.secret_key", "secret", NULL);
    ck_assert_int_eq(apply(), 0);
    /* A program without these settings does not think it is owed to nobody. */
    reopen("retention.days", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 0);
    ck_assert(is_there(id));
    reopen("retention.days", "10", "retention.keep_owed", "false");
    ck_assert_int_eq(apply(), 1);
}
END_TEST

START_TEST(what_detectors_are_to_look_at_stays)
{
    int64_t id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    age(100);
    reopen("retention.days", "10", "process.detector", "motion");
    ck_assert_int_eq(apply(), 0);
    reopen("retention.days", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 0);
    ck_assert(is_there(id));
    reopen("retention.days", "10", "retention.keep_owed", "false");
    ck_assert_int_eq(apply(), 1);
}
END_TEST

START_TEST(a_shared_file_stays)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 7);
    void *data;
    size_t size;
    int64_t first = add_picture(station, "gate", &jpeg, JANUARY);
    int64_t second = add_picture(station, "barn", &jpeg, JANUARY);
    assert_ok(wildcam_station_set_favourite(station, second, 1));
    age(100);
    reopen("retention.days", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    ck_assert(!is_there(first));
    assert_ok(wildcam_station_read_picture(station, second, 0, &data, &size));
    wildcam_free(data);
    assert_ok(wildcam_station_set_favourite(station, second, 0));
    ck_assert_int_eq(apply(), 1);
    ck_assert_int_eq(files_in("images"), 0);
    ck_assert_int_eq(findings_of(station), 0);
    /* It may come again. */
    ck_assert(is_there(add_picture(station, "gate", &jpeg, JANUARY)));
    ck_assert_int_eq(findings_of(station), 0);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(thumbnails_go_too)
{
    void *data;
    size_t size;
    int64_t id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    wildcam_free(data);
    ck_assert_int_eq(files_in("thumbnails"), 1);
    age(100);
    reopen("retention.days", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    ck_assert_int_eq(files_in("thumbnails"), 0);
}
END_TEST

START_TEST(events_are_of_those_that_are_there)
{
    int left;
    wildcam_image *image;
    int64_t border = at("2026-01-31T23:59:50Z");
    int64_t first = shoot("gate", 1, border, WILDCAM_CATEGORY_BLANK, NULL);
    int64_t second = shoot("gate", 2, border + 20 * SECOND, WILDCAM_CATEGORY_ANIMAL, NULL);
    int64_t third = shoot("gate", 3, border + 40 * SECOND, WILDCAM_CATEGORY_ANIMAL, NULL);
    assert_ok(wildcam_station_place_events(station, 60000, &left));
    assert_ok(wildcam_station_get_image(station, third, &image));
    ck_assert_int_eq(wildcam_image_get_event_id(image), first);
    wildcam_image_free(image);
    age(100);
    reopen("retention.days.blank", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    assert_ok(wildcam_station_place_events(station, 60000, &left));
    assert_ok(wildcam_station_get_image(station, third, &image));
    ck_assert_int_eq(wildcam_image_get_event_id(image), second);
    wildcam_image_free(image);
}
END_TEST

START_TEST(space_is_made)
{
    int64_t ids[30];
    char floor[32];
    wildcam_health *health;
    wildcam_retention *out;
    for (int i = 0; i < 30; i++)
        ids[i] = shoot("gate", (unsigned)i, JANUARY + i * DAY,
                       i % 3 ? WILDCAM_CATEGORY_ANIMAL : WILDCAM_CATEGORY_BLANK, NULL);
    /* A few pictures more than there is: others use the disk, too, so not by the byte. */
    assert_ok(wildcam_station_health(station, &health));
    snprintf(floor, sizeof floor, "%lld",
             (long long)wildcam_health_get_figure(health, WILDCAM_HEALTH_TOTAL_BYTES));
    wildcam_health_free(health);
    assert_ok(wildcam_station_set_favourite(station, ids[29], 1));
    reopen("retention.min_free_bytes", floor, NULL, NULL);
    assert_ok(wildcam_station_apply_retention(station, 60000, &out));
    ck_assert_int_eq(wildcam_retention_get_images(out, WILDCAM_RETENTION_SPACE, -1), 29);
    ck_assert_int_eq(
        wildcam_retention_get_images(out, WILDCAM_RETENTION_SPACE, WILDCAM_CATEGORY_BLANK), 10);
    ck_assert_int_eq(wildcam_retention_get_images(out, WILDCAM_RETENTION_AGE, -1), 0);
    wildcam_retention_free(out);
    ck_assert(is_there(ids[29]) && !is_there(ids[0]));
    ck_assert_int_eq(findings_of(station), 0);
}
END_TEST

START_TEST(for_ever_is_for_ever)
{
    char floor[32];
    wildcam_health *health;
    int64_t blank = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    int64_t animal = shoot("gate", 2, JANUARY + DAY, WILDCAM_CATEGORY_ANIMAL, NULL);
    int64_t human = shoot("gate", 3, JANUARY + 2 * DAY, WILDCAM_CATEGORY_HUMAN, NULL);
    assert_ok(wildcam_station_health(station, &health));
    snprintf(floor, sizeof floor, "%lld",
             (long long)wildcam_health_get_figure(health, WILDCAM_HEALTH_TOTAL_BYTES));
    wildcam_health_free(health);
    wildcam_station_close(station);
    station = open_with("retention.min_free_bytes", floor, "retention.days.blank", "0",
                        "retention.days.animal", "0", NULL);
    ck_assert_int_eq(apply(), 1);
    ck_assert(is_there(blank) && is_there(animal) && !is_there(human));
}
END_TEST

static int stop_at_once(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)user;
    (void)done;
    (void)total;
    ck_assert_str_eq(phase, "pictures");
    return 1;
}

START_TEST(measuring_may_be_stopped)
{
    wildcam_retention *out;
    shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    reopen("retention.days", "10", NULL, NULL);
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_station_measure_retention(station, stop_at_once, NULL, &out));
    ck_assert_ptr_null(out);
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_apply_retention(station, -1, &out));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_set_favourite(station, 1, 2));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_set_favourite(station, 1, 1));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_set_favourite(station, 0, 1));
}
END_TEST

START_TEST(the_keeper_does_it)
{
    int64_t id = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    age(100);
    reopen("retention.days", "10", NULL, NULL);
    wildcam_station_maintain(station, 1000);
    ck_assert(!is_there(id));
}
END_TEST

/* A note that a crash has left: the file of a picture that is gone goes, that of one that is there
 * stays. */
START_TEST(a_crash_leaves_nothing)
{
    char gone_path[1024], note[1024];
    wildcam_image *image;
    size_t size;
    int64_t gone = shoot("gate", 1, JANUARY, WILDCAM_CATEGORY_BLANK, NULL);
    int64_t kept = shoot("gate", 2, JANUARY, WILDCAM_CATEGORY_ANIMAL, NULL);
    picture_path(station, gone, gone_path);
    void *bytes = load_file(gone_path, &size);
    size_t length = 0;
    for (int i = 0; i < 2; i++) {
        assert_ok(wildcam_station_get_image(station, i ? kept : gone, &image));
        length += (size_t)snprintf(
            note + length, sizeof note - length, "%lld %lld %lld %s\n",
            (long long)wildcam_image_get_id(image), (long long)wildcam_image_get_camera_id(image),
            (long long)wildcam_image_get_time(image), wildcam_image_get_sha256(image));
        wildcam_image_free(image);
    }
    age(100);
    reopen("retention.days.blank", "10", NULL, NULL);
    ck_assert_int_eq(apply(), 1);
    save_file(gone_path, bytes, size);
    save_file(scratch_path("station/removing"), note, length);
    free(bytes);
    reopen("retention.days", "0", NULL, NULL);
    ck_assert(!file_exists(gone_path));
    ck_assert(!file_exists(scratch_path("station/removing")));
    ck_assert(is_there(kept));
    ck_assert_int_eq(findings_of(station), 0);
}
END_TEST

/* ---- at random, against a list ---- */

static unsigned state;

static int chance(int below)
{
    state = state * 1664525U + 1013904223U;
    return (int)(state >> 8) % below;
}

struct entry {
    int64_t id, detection;
    int category, age;
    bool wanted;
};

START_TEST(as_a_list_says)
{
    static struct entry list[120];
    static const int days[6] = {30, 0, 5, 20, 10, 40}; /* by category */
    memset(list, 0, sizeof list);                      /* where checks share a process */
    state = (unsigned)_i * 2654435761U + 99;
    int count = 120, expected = 0;
    for (int batch = 0; batch < 4; batch++) {
        for (int i = batch * 30; i < batch * 30 + 30; i++) {
            struct entry *entry = &list[i];
            entry->category = chance(6);
            entry->id = shoot(chance(2) ? "gate" : "barn", 1000U + (unsigned)i,
                              JANUARY + (i * 7 + chance(7)) % 75 * DAY + i * SECOND,
                              entry->category, &entry->detection);
            entry->wanted = chance(5) == 0;
            if (entry->wanted)
                assert_ok(wildcam_station_set_favourite(station, entry->id, 1));
        }
        age(12);
        for (int i = 0; i < batch * 30 + 30; i++)
            list[i].age += 12;
    }
    wildcam_station_close(station);
    station = open_with("retention.days", "40", "retention.days.unclassified", "30",
                        "retention.days.animal", "0", "retention.days.human", "5",
                        "retention.days.vehicle", "20", "retention.days.blank", "10", NULL);
    for (int i = 0; i < count; i++) {
        int limit = days[list[i].category];
        expected += !list[i].wanted && limit && list[i].age >= limit;
    }
    ck_assert_int_eq(apply(), expected);
    for (int i = 0; i < count; i++) {
        int limit = days[list[i].category];
        ck_assert_msg(is_there(list[i].id) != (!list[i].wanted && limit && list[i].age >= limit),
                      "picture %d of category %d, %d days", i, list[i].category, list[i].age);
    }
    ck_assert_int_eq(walk(station, NULL), count - expected);
    ck_assert_int_eq(files_in("images"), count - expected);
    ck_assert_int_eq(findings_of(station), 0); /* the sums too */
    ck_assert_int_eq(apply(), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("retention");
    TCase *all = harness_case(suite, "retention");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, nothing_goes_unless_it_is_asked_for);
    tcase_add_test(all, each_category_has_its_days);
    tcase_add_test(all, age_counts_from_reception);
    tcase_add_test(all, what_is_wanted_stays);
    tcase_add_test(all, favourites_on_a_full_disk);
    tcase_add_test(all, false_positives_are_blank);
    tcase_add_test(all, what_is_owed_stays);
    tcase_add_test(all, what_detectors_are_to_look_at_stays);
    tcase_add_test(all, a_shared_file_stays);
    tcase_add_test(all, thumbnails_go_too);
    tcase_add_test(all, events_are_of_those_that_are_there);
    tcase_add_test(all, space_is_made);
    tcase_add_test(all, for_ever_is_for_ever);
    tcase_add_test(all, measuring_may_be_stopped);
    tcase_add_test(all, the_keeper_does_it);
    tcase_add_test(all, a_crash_leaves_nothing);
    tcase_add_loop_test(all, as_a_list_says, 0, 3);
    return suite;
}
