/* Closing in any order, closing under way, and forking. */
#include <pthread.h>

#include "api/fixtures.h"

/* What comes from a station and may outlive it. */
struct children {
    wildcam_cursor *cursor;
    wildcam_batch *batch;
    wildcam_ingest *ingest;
    wildcam_detection *draft;
};

static struct children begin_children(wildcam_station *station)
{
    struct children children;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 7);
    children.draft = draft_of(&(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    assert_ok(wildcam_station_query(station, NULL, &children.cursor));
    assert_ok(wildcam_batch_new(station, &children.batch));
    assert_ok(wildcam_batch_add(children.batch, children.draft));
    assert_ok(wildcam_ingest_begin(station, &children.ingest));
    assert_ok(wildcam_ingest_set_device_id(children.ingest, "CAM1"));
    assert_ok(wildcam_ingest_write(children.ingest, jpeg.data, jpeg.size));
    jpeg_free(&jpeg);
    return children;
}

/* In one of the six orders. */
static void free_children(struct children *children, int order)
{
    static const char orders[6][4] = {"cbi", "cib", "bci", "bic", "icb", "ibc"};
    for (const char *at_child = orders[order]; *at_child; at_child++) {
        if (*at_child == 'c')
            wildcam_cursor_free(children->cursor);
        else if (*at_child == 'b')
            wildcam_batch_free(children->batch);
        else
            wildcam_ingest_free(children->ingest);
    }
    wildcam_detection_free(children->draft);
}

/* All their calls that need the station; 0 when each answers `wanted`. */
static int ask_children(struct children *children, wildcam_status wanted)
{
    const wildcam_detection *row = children->draft;
    if (wildcam_cursor_next(children->cursor, &row) != wanted || row)
        return 10;
    if (wildcam_batch_add(children->batch, children->draft) != wanted)
        return 11;
    if (wildcam_batch_commit(children->batch) != wanted)
        return 12;
    if (wildcam_ingest_write(children->ingest, "x", 1) != wanted)
        return 13;
    if (wildcam_ingest_commit(children->ingest) != wanted)
        return 14;
    if (!*wildcam_error_message())
        return 15;
    if (wildcam_batch_get_count(children->batch) != 1 ||
        wildcam_batch_get_id(children->batch, 0) != 0 ||
        wildcam_ingest_get_image_id(children->ingest) != 0 ||
        *wildcam_cursor_damaged(children->cursor) || *wildcam_cursor_token(children->cursor))
        return 16;
    return 0;
}

START_TEST(children_outlive_their_station)
{
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    struct children children = begin_children(station);
    wildcam_station_close(station);
    ck_assert_int_eq(ask_children(&children, WILDCAM_ERR_CLOSED), 0);
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "closed"));
    free_children(&children, _i);
    station = open_with(NULL, NULL); /* nothing of them was kept or is left */
    ck_assert_int_eq(walk(station, NULL), 1);
    ck_assert_int_eq(files_in("incoming"), 0);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(children_may_go_first)
{
    wildcam_station *station = open_with(NULL, NULL);
    struct children children = begin_children(station);
    free_children(&children, _i);
    ck_assert_int_eq(walk(station, NULL), 0);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

/* What is in memory stays readable. */
START_TEST(rows_outlive_their_station)
{
    const wildcam_detection *row;
    wildcam_cursor *cursor;
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    wildcam_station_close(station);
    ck_assert_str_eq(wildcam_detection_get_species(row), "lynx");
    ck_assert_str_eq(wildcam_detection_get_device_id(row), "CAM1");
    ck_assert_str_ne(wildcam_cursor_token(cursor), "");
    wildcam_cursor_free(cursor);
}
END_TEST

/* ---- Closing while others are in calls ---- */

enum { USERS = 6 };

struct user {
    wildcam_station *station;
    struct children children;
    wildcam_ingest *spare[64];
    pthread_barrier_t *at_work;
    int kind;
};

static wildcam_status use_once(struct user *user, int round)
{
    const wildcam_detection *row;
    wildcam_step step;
    wildcam_status status;
    switch (user->kind % 3) {
    case 0:
        step = wildcam_cursor_next(user->children.cursor, &row);
        return step < 0 ? step : WILDCAM_OK;
    case 1:
        wildcam_batch_reset(user->children.batch);
        status = wildcam_batch_add(user->children.batch, user->children.draft);
        return status == WILDCAM_OK ? wildcam_batch_commit(user->children.batch) : status;
    default:
        return wildcam_ingest_write(user->spare[round % 64], "\xff", round < 64);
    }
}

/* Works until the station is closed under it. */
static void *use(void *argument)
{
    struct user *user = argument;
    wildcam_status status = WILDCAM_OK;
    for (int round = 0; status == WILDCAM_OK; round++) {
        status = use_once(user, round);
        if (round == 3)
            pthread_barrier_wait(user->at_work);
    }
    assert_status(WILDCAM_ERR_CLOSED, status);
    return NULL;
}

START_TEST(closes_while_others_work)
{
    pthread_t threads[USERS];
    struct user *users = calloc(USERS, sizeof *users);
    pthread_barrier_t at_work;
    ck_assert_ptr_nonnull(users);
    pthread_barrier_init(&at_work, NULL, USERS + 1);
    wildcam_station *station = open_with(NULL, NULL);
    for (int i = 0; i < 200; i++)
        add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01") + i * SECOND, 0.5});
    assert_ok(wildcam_station_start(station));
    for (int i = 0; i < USERS; i++) {
        users[i] = (struct user){.station = station, .at_work = &at_work, .kind = i};
        users[i].children = begin_children(station);
        for (int k = 0; k < 64; k++)
            assert_ok(wildcam_ingest_begin(station, &users[i].spare[k]));
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use, &users[i]), 0);
    }
    pthread_barrier_wait(&at_work); /* each of them is in the midst of it */
    wildcam_station_close(station);
    for (int i = 0; i < USERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        assert_status(WILDCAM_ERR_CLOSED, wildcam_ingest_commit(users[i].children.ingest));
        for (int k = 0; k < 64; k++)
            wildcam_ingest_free(users[i].spare[k]);
        free_children(&users[i].children, i % 6);
    }
    free(users);
    pthread_barrier_destroy(&at_work);
    station = open_with(NULL, NULL);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* ---- Forking ---- */

struct family {
    wildcam_station *station;
    struct children children;
    int64_t detection_id, image_id;
};

/* Every call on the station; 0 when each answers FORKED. */
static int ask_station(struct family *family)
{
    wildcam_station *station = family->station;
    wildcam_camera *camera = NULL;
    wildcam_camera_list *list = NULL;
    wildcam_detection *row = NULL;
    wildcam_image *image = NULL;
    wildcam_cursor *cursor = NULL;
    wildcam_batch *batch = NULL;
    wildcam_ingest *ingest = NULL;
    wildcam_summary *summary = NULL;
    wildcam_health *health = NULL;
    wildcam_analytics *analytics = NULL;
    wildcam_report *report = NULL;
    wildcam_job *job = NULL;
    wildcam_job_list *jobs = NULL;
    wildcam_upload *upload = NULL;
    char *url = NULL;
    wildcam_uploader *uploader = NULL;
    wildcam_processing *processing = NULL;
    void *data = NULL;
    size_t size;
    int64_t number;
    int fd;
    wildcam_camera *draft = NULL;
    if (wildcam_camera_new(&draft) != WILDCAM_OK ||
        wildcam_camera_set_device_id(draft, "CAM1") != WILDCAM_OK ||
        wildcam_detection_set_verified(family->children.draft, 1) != WILDCAM_OK)
        return 2;
    const wildcam_status answers[] = {
        wildcam_station_start(station),
        wildcam_station_stop(station),
        wildcam_station_maintain(station, 0),
        wildcam_station_purge(station, 0, NULL, NULL),
        wildcam_station_measure_purge(station, 0, NULL, NULL, NULL),
        wildcam_station_health(station, &health),
        wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL),
        wildcam_station_check(station, 0, NULL, NULL, NULL, NULL),
        wildcam_station_put_camera(station, draft, NULL, &camera),
        wildcam_station_report_camera(station, draft),
        wildcam_station_get_camera(station, "CAM1", &camera),
        wildcam_station_list_cameras(station, 1, &list),
        wildcam_station_count_camera_changes(station, &number),
        wildcam_station_add_detection(station, family->children.draft, NULL),
        wildcam_station_get_detection(station, family->detection_id, &row),
        wildcam_station_verify_detection(station, family->detection_id, family->children.draft),
        wildcam_batch_new(station, &batch),
        wildcam_station_get_image(station, family->image_id, &image),
        wildcam_station_open_picture(station, family->image_id, &fd, NULL),
        wildcam_station_read_picture(station, family->image_id, 0, &data, &size),
        wildcam_station_get_thumbnail(station, family->image_id, &data, &size),
        wildcam_ingest_begin(station, &ingest),
        wildcam_station_ingest(station, "CAM1", "x", 1, NULL, NULL),
        wildcam_station_ingest_file(station, "CAM1", "/dev/null", NULL, NULL),
        wildcam_station_query(station, NULL, &cursor),
        wildcam_station_count(station, NULL, 0, &number, NULL),
        wildcam_station_summarise(station, NULL, 0, &summary),
        wildcam_station_camera_statistics(station, "CAM1", 7, &analytics),
        wildcam_station_species_counts(station, 7, &analytics),
        wildcam_station_activity(station, 7, &analytics),
        wildcam_station_analytics(station, NULL, 7, &analytics),
        wildcam_station_report(station, 0, 1, NULL, NULL, &report),
        wildcam_station_start_report(station, 0, 1, &number),
        wildcam_station_run_job(station, NULL, NULL, NULL),
        wildcam_station_get_job(station, 1, &job),
        wildcam_station_list_jobs(station, &jobs),
        wildcam_station_cancel_job(station, 1),
        wildcam_station_remove_job(station, 1),
        wildcam_station_open_result(station, 1, 0, &fd, NULL),
        wildcam_station_upload(station, 0, 0, 0, NULL, NULL, NULL, NULL),
        wildcam_station_count_uploads(station, &number, NULL, NULL),
        wildcam_station_retry_uploads(station, &number),
        wildcam_station_get_upload(station, family->image_id, 0, &upload),
        wildcam_station_image_url(station, family->image_id, 0, 0, &url),
        wildcam_station_release(station, 0, NULL, NULL),
        wildcam_station_open_uploader(station, &uploader),
        wildcam_station_process_once(station, 0, NULL, NULL),
        wildcam_station_pause_processing(station),
        wildcam_station_resume_processing(station),
        wildcam_station_get_processing_pause(station, &number),
        wildcam_station_count_processing(station, &number, NULL, NULL, NULL),
        wildcam_station_requeue(station, family->image_id),
        wildcam_station_process_again(station, 0, 1, &number),
        wildcam_station_retry_processing(station, &number),
        wildcam_station_set_priority(station, family->image_id, 0),
        wildcam_station_get_processing(station, family->image_id, &processing),
    };
    wildcam_camera_free(draft);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (answers[i] != WILDCAM_ERR_FORKED)
            return 100 + (int)i;
    if (!strstr(wildcam_error_message(), "fork"))
        return 3;
    return camera || list || row || image || cursor || batch || ingest || summary || health ||
                   data || upload || url || uploader || analytics || processing || report || job ||
                   jobs
               ? 4
               : 0;
}

static int be_a_child(void *user)
{
    struct family *family = user;
    int wrong = ask_station(family);
    if (wrong)
        return wrong;
    wrong = ask_children(&family->children, WILDCAM_ERR_FORKED);
    if (wrong)
        return wrong;
    wildcam_ingest_abort(family->children.ingest);
    free_children(&family->children, 0);
    wildcam_station_close(family->station);
    return 0;
}

/* In the other order, and with a station of its own. */
static int be_another_child(void *user)
{
    struct family *family = user;
    wildcam_conf *conf;
    wildcam_station *own;
    int64_t count = -1;
    wildcam_station_close(family->station);
    free_children(&family->children, 3);
    if (wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("station")) != WILDCAM_OK ||
        wildcam_station_open(conf, &own) != WILDCAM_OK ||
        wildcam_station_count(own, NULL, 0, &count, NULL) != WILDCAM_OK)
        return 2;
    wildcam_station_close(own);
    wildcam_conf_free(conf);
    return count == 2 ? 0 : 3;
}

START_TEST(children_of_a_fork)
{
    struct family family = {.station = open_with(NULL, NULL)};
    family.image_id = add_scene(family.station, "CAM1", 1, at("2026-03-01"));
    family.detection_id = add(family.station,
                              &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    if (_i)
        assert_ok(wildcam_station_start(family.station));
    family.children = begin_children(family.station);
    in_child(be_a_child, &family);
    in_child(be_another_child, &family);
    /* The parent is unharmed: what it had begun it brings to its end. */
    const wildcam_detection *row;
    ck_assert_int_eq(wildcam_cursor_next(family.children.cursor, &row), 1);
    assert_ok(wildcam_batch_commit(family.children.batch));
    assert_ok(wildcam_ingest_commit(family.children.ingest));
    ck_assert_int_eq(walk(family.station, NULL), 4);
    ck_assert_int_eq(findings_of(family.station), 0);
    free_children(&family.children, 0);
    wildcam_station_close(family.station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("lifetime");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, children_outlive_their_station, 0, 6);
    tcase_add_loop_test(all, children_may_go_first, 0, 6);
    tcase_add_test(all, rows_outlive_their_station);
    tcase_add_test(all, closes_while_others_work);
    tcase_add_loop_test(all, children_of_a_fork, 0, 2);
    return suite;
}
