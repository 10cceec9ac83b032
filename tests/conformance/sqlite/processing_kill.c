/* Processes that are killed at any moment while they process pictures of one station. */
#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/sqlite/raw.h"

/* Each process has two workers. */
enum { PICTURES = 90, PROCESSES = 3, ROUNDS_MOST = 400 };

static struct dice dice;
static int64_t images[PICTURES];

/* Takes its time, so that most are killed within; finds two things on each picture. */
static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    static const wildcam_box left = {0, 0, 0.25, 0.25}, right = {0.5, 0.5, 0.25, 0.25};
    (void)user;
    usleep((unsigned)(wildcam_image_get_id(wildcam_picture_get_image(picture)) % 7) * 700);
    wildcam_status status = wildcam_findings_add(findings, -1, "fox", 0.75, &left, NULL);
    return status == WILDCAM_OK ? wildcam_findings_add(findings, -1, "badger", 0.5, &right, NULL)
                                : status;
}

static wildcam_station *open_looking(void)
{
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "process.detector", "look"));
    assert_ok(wildcam_conf_set(conf, "process.workers", "2"));
    assert_ok(wildcam_conf_set(conf, "process.attempts", "100"));
    wildcam_station *station = open_station(conf);
    assert_ok(wildcam_station_add_detector(station, "look", "1", look, NULL));
    wildcam_conf_free(conf);
    return station;
}

static int64_t keep(wildcam_station *station, int number)
{
    wildcam_ingest *ingest;
    struct jpeg jpeg = make_jpeg(32, 24, JPEG_GREY, (unsigned)number);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
    assert_ok(wildcam_ingest_set_time(ingest, day_at(2026, 1 + number % 3, 1 + number / 3), 0,
                                      WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    return id;
}

static void set_up(void)
{
    expect_log("registered on its first detection");
    dice = dice_new();
    wildcam_station *station = open_looking();
    for (int i = 0; i < PICTURES; i++)
        images[i] = keep(station, i);
    wildcam_station_close(station);
}

/* Without end; the parent kills. */
static void work(void)
{
    wildcam_station *station = open_looking();
    if (wildcam_station_start(station) != WILDCAM_OK)
        _exit(3);
    for (;;)
        pause();
}

/* They live for up to so many microseconds. */
static void run_and_kill(unsigned life)
{
    pid_t children[PROCESSES];
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0)
            work();
    }
    usleep(5000 + (unsigned)roll(&dice, (int)life));
    for (int i = 0; i < PROCESSES; i++) {
        int how;
        usleep((unsigned)roll(&dice, 3000));
        ck_assert_int_eq(kill(children[i], SIGKILL), 0);
        ck_assert_int_eq(waitpid(children[i], &how, 0), children[i]);
        ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "it ended by itself: %x", how);
    }
}

/* A minute later. */
static void let_leases_pass(void)
{
    glob_t shards;
    ck_assert_int_eq(glob(scratch_path("station/detections/*.db"), 0, NULL, &shards), 0);
    for (size_t i = 0; i < shards.gl_pathc; i++)
        raw_run(shards.gl_pathv[i], "UPDATE processing SET leased_until=1 WHERE lease<>0");
    globfree(&shards);
}

/* How many detections each picture has, by what they say. */
struct rows {
    int unclassified, foxes, badgers;
};

static void count_rows(wildcam_station *station, struct rows rows[PICTURES])
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_step step;
    memset(rows, 0, PICTURES * sizeof *rows);
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    while ((step = wildcam_cursor_next(cursor, &row)) == 1)
        for (int i = 0; i < PICTURES; i++)
            if (images[i] == wildcam_detection_get_image_id(row)) {
                const char *species = wildcam_detection_get_species(row);
                rows[i].unclassified += strcmp(species, "unclassified") == 0;
                rows[i].foxes += strcmp(species, "fox") == 0;
                rows[i].badgers += strcmp(species, "badger") == 0;
            }
    assert_ok(step);
    wildcam_cursor_free(cursor);
}

/* Each picture is as it was, or processed, and nothing in between; how many are. */
static int count_done(wildcam_station *station)
{
    struct rows rows[PICTURES];
    int done = 0;
    int64_t findings;
    count_rows(station, rows);
    for (int i = 0; i < PICTURES; i++) {
        wildcam_processing *processing;
        assert_ok(wildcam_station_get_processing(station, images[i], &processing));
        int state = wildcam_processing_get_state(processing), is_done = state;
        ck_assert_int_ne(state, WILDCAM_PROCESSING_PARKED);
        ck_assert_int_eq(rows[i].unclassified, !is_done);
        ck_assert_int_eq(rows[i].foxes, is_done);
        ck_assert_int_eq(rows[i].badgers, is_done);
        done += is_done;
        wildcam_processing_free(processing);
    }
    assert_ok(wildcam_station_check(station, 0, NULL, NULL, NULL, &findings));
    ck_assert_int_eq(findings, 0);
    return done;
}

START_TEST(nothing_is_lost_and_nothing_doubled)
{
    int done = 0, rounds = 0, within = 0;
    unsigned life = 40000;
    for (; done < PICTURES; rounds++) {
        ck_assert_int_lt(rounds, ROUNDS_MOST);
        run_and_kill(life);
        let_leases_pass();
        wildcam_station *station = open_looking();
        int before = done;
        done = count_done(station);
        ck_assert_int_ge(done, before);
        within += done > before && done < PICTURES;
        if (done == before && life < 4000000) /* a slow machine: nobody gets to anything */
            life += life / 4;
        wildcam_station_close(station);
    }
    ck_assert_int_gt(rounds, 1);
    ck_assert_int_gt(within, 0); /* some were killed in the middle of it */
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("processing_kill");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, NULL);
    tcase_set_timeout(all, 300);
    tcase_add_test(all, nothing_is_lost_and_nothing_doubled);
    return suite;
}
