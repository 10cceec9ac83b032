/* Processing: detectors of the program's own, and what becomes of the pictures they look at. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "api/fixtures.h"

/* What a detector of these tests says, in the order of the calls; the last holds for all further
 * ones. */
struct answer {
    wildcam_status status;
    const char *reason;
    const char *species[4]; /* "blank" by its own function */
    int times;              /* that it holds for; 0 for one */
};

struct script {
    const struct answer *answers;
    int at, times;
    int64_t seen[64];
    int seen_count;
};

static wildcam_status answer(const struct answer *answer, wildcam_findings *findings)
{
    for (int i = 0; i < 4 && answer->species[i]; i++) {
        const wildcam_box box = {0.1 + 0.2 * i, 0.25, 0.15, 0.5};
        wildcam_status status = strcmp(answer->species[i], "blank") == 0
                                    ? wildcam_findings_add_blank(findings, 0.75)
                                    : wildcam_findings_add(findings, -1, answer->species[i],
                                                           0.5 + 0.1 * i, &box, "{\"seen\":true}");
        if (status != WILDCAM_OK)
            return status;
    }
    if (answer->reason)
        wildcam_findings_set_reason(findings, answer->reason);
    return answer->status;
}

static wildcam_status follow(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct script *script = user;
    const struct answer *now = &script->answers[script->at];
    script->seen[script->seen_count++ % 64] =
        wildcam_image_get_id(wildcam_picture_get_image(picture));
    if (++script->times >= (now->times ? now->times : 1) && now[1].times >= 0) {
        script->at++;
        script->times = 0;
    }
    return answer(now, findings);
}

/* Behind the last answer. */
#define LAST                                                                                       \
    {                                                                                              \
        .times = -1                                                                                \
    }

static wildcam_station *open_scripted(struct script *script, const struct answer *answers,
                                      const char *name, const char *value)
{
    *script = (struct script){.answers = answers};
    wildcam_station *station = name ? open_with("process.detector", "script", name, value, NULL)
                                    : open_with("process.detector", "script", NULL);
    assert_ok(wildcam_station_add_detector(station, "script", "7", follow, script));
    return station;
}

static void process(wildcam_station *station, int64_t done, int64_t failed)
{
    int64_t got_done = -1, got_failed = -1;
    assert_ok(wildcam_station_process_once(station, 60000, &got_done, &got_failed));
    ck_assert_int_eq(got_done, done);
    ck_assert_int_eq(got_failed, failed);
}

static void assert_waiting(wildcam_station *station, int64_t due, int64_t parked)
{
    int64_t got_due, running, oldest, got_parked;
    assert_ok(wildcam_station_count_processing(station, &got_due, &running, &oldest, &got_parked));
    ck_assert_int_eq(got_due, due);
    ck_assert_int_eq(running, 0);
    ck_assert_int_eq(got_parked, parked);
    ck_assert((oldest == WILDCAM_TIME_NONE) == (due == 0));
}

/* The species of a picture's detections in the order of ids, with commas between them. */
static const char *species_of(wildcam_station *station, int64_t image_id)
{
    static char text[400];
    wildcam_query *query;
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_step step;
    text[0] = '\0';
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    assert_ok(wildcam_station_query(station, query, &cursor));
    while ((step = wildcam_cursor_next(cursor, &row)) == 1) {
        size_t length = strlen(text);
        if (wildcam_detection_get_image_id(row) == image_id)
            snprintf(text + length, sizeof text - length, "%s%s", length ? "," : "",
                     wildcam_detection_get_species(row));
    }
    assert_ok(step);
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    return text;
}

static wildcam_processing *processing_of(wildcam_station *station, int64_t image_id)
{
    wildcam_processing *processing;
    assert_ok(wildcam_station_get_processing(station, image_id, &processing));
    ck_assert_int_eq(wildcam_processing_get_image_id(processing), image_id);
    return processing;
}

static void assert_state(wildcam_station *station, int64_t image_id, int state, int attempts,
                         const char *reason)
{
    wildcam_processing *processing = processing_of(station, image_id);
    ck_assert_int_eq(wildcam_processing_get_state(processing), state);
    ck_assert_int_eq(wildcam_processing_get_attempts(processing), attempts);
    ck_assert_int_eq(wildcam_processing_get_running(processing), 0);
    ck_assert_msg(strstr(wildcam_processing_get_reason(processing), reason) != NULL, "%s",
                  wildcam_processing_get_reason(processing));
    ck_assert(*reason || !*wildcam_processing_get_reason(processing));
    wildcam_processing_free(processing);
}

#define NOON INT64_C(1772539200000000) /* 2026-03-03 */

/* ---- detectors ---- */

static wildcam_status look(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)user;
    (void)picture;
    return wildcam_findings_add_blank(findings, 1);
}

START_TEST(detectors_have_names_of_their_own)
{
    char name[102];
    memset(name, 'a', 101);
    name[101] = '\0';
    wildcam_station *station = open_with("process.detector", "other", NULL);
    assert_ok(wildcam_station_add_detector(station, "model-2.1_b", "2026-11", look, NULL));
    assert_fails(WILDCAM_ERR_EXISTS, "model-2.1_b",
                 wildcam_station_add_detector(station, "model-2.1_b", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 100",
                 wildcam_station_add_detector(station, "", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 100",
                 wildcam_station_add_detector(station, name, NULL, look, NULL));
    assert_ok(wildcam_station_add_detector(station, name + 1, NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "letters",
                 wildcam_station_add_detector(station, "a,b", NULL, look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "version",
                 wildcam_station_add_detector(station, "other", "1\n2", look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "function",
                 wildcam_station_add_detector(station, "other", NULL, NULL, NULL));
    assert_ok(wildcam_station_add_detector(station, "other", "", look, NULL));
    process(station, 0, 0);
    assert_fails(WILDCAM_ERR_STATE, "begun",
                 wildcam_station_add_detector(station, "late", "", look, NULL));
    wildcam_station_close(station);
}
END_TEST

START_TEST(unknown_detectors_are_named)
{
    wildcam_station *station = open_with("process.detector", "model,other", NULL);
    assert_ok(wildcam_station_add_detector(station, "model", "", look, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "names other",
                 wildcam_station_process_once(station, 0, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "names other", wildcam_station_start(station));
    assert_ok(wildcam_station_add_detector(station, "other", "", look, NULL));
    assert_ok(wildcam_station_start(station));
    assert_ok(wildcam_station_stop(station));
    wildcam_station_close(station);
}
END_TEST

START_TEST(without_a_detector_nothing_is_processed)
{
    wildcam_health *health;
    wildcam_station *station = open_with("process.detector", "", NULL);
    int64_t id = add_scene(station, "A1", 1, NOON);
    assert_fails(WILDCAM_ERR_STATE, "process.detector",
                 wildcam_station_process_once(station, 0, NULL, NULL));
    assert_ok(wildcam_station_start(station));
    assert_waiting(station, 1, 0); /* it is owed once there is one */
    assert_state(station, id, WILDCAM_PROCESSING_DUE, 0, "");
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_processing(health), "off");
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PROCESSING_OWED), -1);
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

START_TEST(nothing_is_no_picture)
{
    const void *data = "";
    size_t size = 1;
    ck_assert_ptr_null(wildcam_picture_get_image(NULL));
    ck_assert_str_eq(wildcam_picture_get_device_id(NULL), "");
    ck_assert_str_eq(wildcam_picture_get_path(NULL), "");
    ck_assert_int_eq(wildcam_picture_get_cancelled(NULL), 1);
    assert_status(WILDCAM_ERR_INVALID, wildcam_picture_read(NULL, &data, &size));
    ck_assert_ptr_null(data);
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_add(NULL, 1, NULL, NAN, NULL, NULL));
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_add_blank(NULL, 1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_findings_set_reason(NULL, "why"));
}
END_TEST

/* What a detector sees is what was kept. */
static wildcam_status inspect(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    const struct jpeg *jpeg = user;
    const wildcam_image *image = wildcam_picture_get_image(picture);
    const void *data, *again;
    size_t size, file_size;
    (void)findings;
    assert_ok(wildcam_picture_read(picture, &data, &size));
    ck_assert(size == jpeg->size && memcmp(data, jpeg->data, size) == 0);
    assert_ok(wildcam_picture_read(picture, &again, &size));
    ck_assert_ptr_eq(data, again);
    char *file = load_file(wildcam_picture_get_path(picture), &file_size);
    ck_assert(file_size == size && memcmp(file, data, size) == 0);
    free(file);
    ck_assert_str_eq(wildcam_picture_get_device_id(picture), "A1");
    ck_assert_str_eq(wildcam_image_get_device_id(image), "A1");
    ck_assert_int_eq(wildcam_image_get_time(image), NOON);
    ck_assert_int_eq(wildcam_picture_get_cancelled(picture), 0);
    assert_fails(WILDCAM_ERR_INVALID, "category",
                 wildcam_findings_add(findings, -2, NULL, NAN, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "confidence", wildcam_findings_add_blank(findings, 2));
    return WILDCAM_OK;
}

START_TEST(detector_gets_the_picture)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 5);
    wildcam_station *station = open_with("process.detector", "inspect", NULL);
    assert_ok(wildcam_station_add_detector(station, "inspect", NULL, inspect, &jpeg));
    int64_t id = add_picture(station, "A1", &jpeg, NOON);
    process(station, 1, 0);
    assert_state(station, id, WILDCAM_PROCESSING_DONE, 0, "");
    ck_assert_str_eq(species_of(station, id), "unclassified"); /* nobody says anything of it */
    ck_assert_int_eq(files_in("thumbnails"), 1);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

/* ---- what becomes of a picture ---- */

START_TEST(findings_take_the_place_of_not_knowing)
{
    static const struct answer answers[] = {{.species = {"red fox", "badger"}}, LAST};
    struct script script;
    wildcam_ingest *ingest;
    wildcam_detection *row;
    wildcam_box box;
    char *json;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "A1"));
    assert_ok(wildcam_ingest_set_time(ingest, NOON, 3600, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    int64_t first = wildcam_ingest_get_detection_id(ingest);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "red fox,badger");
    assert_ok(wildcam_station_get_detection(station, first, &row)); /* the id that was answered */
    ck_assert_str_eq(wildcam_detection_get_species(row), "red fox");
    ck_assert_str_eq(wildcam_detection_get_detector(row), "script");
    ck_assert_str_eq(wildcam_detection_get_detector_version(row), "7");
    ck_assert_str_eq(wildcam_detection_get_metadata(row), "{\"seen\":true}");
    ck_assert_int_eq(wildcam_detection_get_box(row, &box), 1);
    ck_assert(box.x == 0.1 && box.y == 0.25 && box.width == 0.15 && box.height == 0.5);
    ck_assert_int_eq(wildcam_detection_get_time(row), NOON);
    ck_assert_int_eq(wildcam_detection_get_offset(row), 3600);
    assert_ok(wildcam_detection_to_json(row, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"detector\":\"script\",\"detector_version\":\"7\""));
    wildcam_free(json);
    wildcam_detection_free(row);
    wildcam_processing *processing = processing_of(station, id);
    ck_assert_int_eq(wildcam_processing_get_state(processing), WILDCAM_PROCESSING_DONE);
    ck_assert_int_eq(wildcam_processing_get_priority(processing), WILDCAM_PRIORITY_NORMAL);
    ck_assert_int_ge(wildcam_processing_get_duration(processing), 0);
    ck_assert_int_ge(wildcam_processing_get_finished_at(processing),
                     wildcam_processing_get_since(processing));
    ck_assert_int_eq(wildcam_processing_get_due_at(processing), WILDCAM_TIME_NONE);
    assert_ok(wildcam_processing_to_json(processing, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"state\":\"done\",\"is_running\":false,"
                                       "\"priority\":\"normal\""));
    wildcam_free(json);
    wildcam_processing_free(processing);
    assert_waiting(station, 0, 0);
    process(station, 0, 0);
    ck_assert_int_eq(files_in("thumbnails"), 1);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

static int64_t add_told(wildcam_station *station, unsigned seed, const char *species)
{
    wildcam_ingest *ingest;
    wildcam_detection *draft;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_species(draft, species));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "A1"));
    assert_ok(wildcam_ingest_set_time(ingest, NOON, 0, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_ingest_add_detection(ingest, draft));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    wildcam_ingest_free(ingest);
    wildcam_detection_free(draft);
    jpeg_free(&jpeg);
    return id;
}

START_TEST(cameras_word_stays)
{
    static const struct answer answers[] = {
        {.species = {"badger"}}, {.species = {"blank"}}, {.species = {"blank"}}, LAST};
    struct script script;
    wildcam_station *station = open_scripted(&script, answers, "process.order", "oldest");
    int64_t first = add_told(station, 1, "deer"), second = add_told(station, 2, "deer");
    int64_t third = add_told(station, 3, "blank");
    process(station, 3, 0);
    ck_assert_str_eq(species_of(station, first), "deer,badger");
    ck_assert_str_eq(species_of(station, second), "deer"); /* somebody saw something */
    ck_assert_str_eq(species_of(station, third), "blank,blank");
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

static int64_t detection_of(wildcam_station *station, int64_t image_id, const char *species)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    int64_t id = 0;
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    while (wildcam_cursor_next(cursor, &row) == 1)
        if (wildcam_detection_get_image_id(row) == image_id &&
            strcmp(wildcam_detection_get_species(row), species) == 0)
            id = wildcam_detection_get_id(row);
    wildcam_cursor_free(cursor);
    ck_assert_int_ne(id, 0);
    return id;
}

static void review(wildcam_station *station, int64_t id, const char *species, int is_false)
{
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_verified(draft, 1));
    if (species)
        assert_ok(wildcam_detection_set_verified_species(draft, species));
    if (is_false)
        assert_ok(wildcam_detection_set_false_positive(draft, 1));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    wildcam_detection_free(draft);
}

/* The boxes of answers are the same by their places. */
START_TEST(looking_again_replaces_what_nobody_has_reviewed)
{
    static const struct answer answers[] = {{.species = {"fox", "cat", "dog"}},
                                            {.species = {"wolf", "lynx"}},
                                            {.species = {"blank"}},
                                            {.species = {NULL}},
                                            LAST};
    struct script script;
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    int64_t id = add_scene(station, "A1", 1, NOON);
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "fox,cat,dog");
    int64_t fox = detection_of(station, id, "fox");
    review(station, detection_of(station, id, "cat"), "wild cat", 0);
    assert_ok(wildcam_station_requeue(station, id));
    assert_waiting(station, 1, 0);
    process(station, 1, 0);
    /* the lynx has the box of what a person has judged already */
    ck_assert_str_eq(species_of(station, id), "wolf,wild cat");
    ck_assert_int_eq(detection_of(station, id, "wolf"), fox);
    assert_ok(wildcam_station_requeue(station, id));
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "wild cat"); /* a picture with a cat is not blank */
    review(station, detection_of(station, id, "wild cat"), NULL, 1);
    assert_ok(wildcam_station_requeue(station, id));
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "wild cat"); /* and none that says nothing */
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(picture_that_nothing_is_said_of_any_more_is_unclassified)
{
    static const struct answer answers[] = {
        {.species = {"fox", "cat"}}, {.species = {NULL}}, {.species = {"blank"}}, LAST};
    struct script script;
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    int64_t id = add_scene(station, "A1", 1, NOON);
    process(station, 1, 0);
    int64_t first = detection_of(station, id, "fox");
    assert_ok(wildcam_station_requeue(station, id));
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "unclassified");
    ck_assert_int_eq(detection_of(station, id, "unclassified"), first);
    ck_assert_int_eq(findings_of(station), 0);
    assert_ok(wildcam_station_requeue(station, id));
    process(station, 1, 0);
    ck_assert_str_eq(species_of(station, id), "blank");
    ck_assert_int_eq(detection_of(station, id, "blank"), first);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

static wildcam_status look_for_motion(void *user, wildcam_picture *picture,
                                      wildcam_findings *findings)
{
    (void)user;
    (void)picture;
    return wildcam_findings_add(findings, WILDCAM_CATEGORY_UNKNOWN, NULL, 0.5, NULL, NULL);
}

START_TEST(detectors_look_in_their_order)
{
    static const struct answer answers[] = {{.species = {"fox"}}, {.species = {NULL}}, LAST};
    struct script script = {.answers = answers};
    wildcam_detection *row;
    wildcam_station *station = open_with("process.detector", "moves, names", "process.order",
                                         "oldest", NULL);
    assert_ok(wildcam_station_add_detector(station, "names", "2", follow, &script));
    assert_ok(wildcam_station_add_detector(station, "moves", "1", look_for_motion, NULL));
    int64_t first = add_scene(station, "A1", 1, NOON), second = add_scene(station, "A1", 2, NOON);
    process(station, 2, 0);
    ck_assert_str_eq(species_of(station, first), "fox");
    ck_assert_str_eq(species_of(station, second), "unknown");
    assert_ok(
        wildcam_station_get_detection(station, detection_of(station, second, "unknown"), &row));
    ck_assert_str_eq(wildcam_detection_get_detector(row), "moves");
    wildcam_detection_free(row);
    wildcam_station_close(station);
}
END_TEST

/* ---- failures ---- */

START_TEST(failed_pictures_are_tried_again_and_parked)
{
    static const struct answer answers[] = {
        {.status = WILDCAM_ERR_NOMEM, .reason = "the model is asleep", .times = 3},
        {.status = WILDCAM_ERR_IO, .times = 1},
        {.species = {"fox"}},
        LAST};
    struct script script;
    wildcam_station *station = open_with("process.detector", "script", "process.attempts", "3",
                                         "process.retry_seconds", "0", NULL);
    script = (struct script){.answers = answers};
    expect_log("is parked: script: the model is asleep");
    assert_ok(wildcam_station_add_detector(station, "script", "7", follow, &script));
    int64_t id = add_scene(station, "A1", 1, NOON), count;
    process(station, 0, 3);
    ck_assert_int_eq(count_log("is parked"), 1);
    assert_waiting(station, 0, 1);
    assert_state(station, id, WILDCAM_PROCESSING_PARKED, 3, "script: the model is asleep");
    ck_assert_str_eq(species_of(station, id), "unclassified");
    assert_ok(wildcam_station_retry_processing(station, &count));
    ck_assert_int_eq(count, 1);
    assert_state(station, id, WILDCAM_PROCESSING_DUE, 0, "the model is asleep");
    process(station, 1, 1);
    assert_state(station, id, WILDCAM_PROCESSING_DONE, 0, "");
    ck_assert_str_eq(species_of(station, id), "fox");
    wildcam_station_close(station);
}
END_TEST

/* While the detector can look at none, none is counted against, and the health says so. */
START_TEST(busy_detector_costs_no_attempt)
{
    static const struct answer answers[] = {
        {.status = WILDCAM_ERR_BUSY, .reason = "the model is asleep", .times = 5},
        {.species = {"fox"}},
        LAST};
    struct script script;
    wildcam_health *health;
    int64_t done, failed;
    wildcam_station *station = open_with("process.detector", "script", "process.attempts", "1",
                                         "process.retry_seconds", "0", NULL);
    script = (struct script){.answers = answers};
    assert_ok(wildcam_station_add_detector(station, "script", "7", follow, &script));
    int64_t id = add_scene(station, "A1", 1, NOON);
    for (int i = 0; i < 5; i++) {
        assert_fails(WILDCAM_ERR_BUSY, "script: the model is asleep",
                     wildcam_station_process_once(station, 60000, &done, &failed));
        ck_assert(done == 0 && failed == 0);
        assert_state(station, id, WILDCAM_PROCESSING_DUE, 0, "script: the model is asleep");
        assert_ok(wildcam_station_health(station, &health));
        ck_assert_str_eq(wildcam_health_get_processing(health), "degraded");
        ck_assert_ptr_nonnull(
            strstr(wildcam_health_get_reason(health), "no picture can be looked at"));
        wildcam_health_free(health);
    }
    process(station, 1, 0);
    assert_state(station, id, WILDCAM_PROCESSING_DONE, 0, "");
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_processing(health), "ok");
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

START_TEST(failed_pictures_wait_for_their_next_try)
{
    static const struct answer answers[] = {{.status = WILDCAM_ERR_IO}, {.species = {"fox"}}, LAST};
    struct script script;
    wildcam_station *station = open_scripted(&script, answers, "process.retry_seconds", "3600");
    int64_t id = add_scene(station, "A1", 1, NOON), count;
    process(station, 0, 1); /* it may be due at once, by chance of one in 3.6 billion */
    assert_waiting(station, 1, 0);
    wildcam_processing *processing = processing_of(station, id);
    ck_assert_int_gt(wildcam_processing_get_due_at(processing), wildcam_time_now());
    ck_assert_int_le(wildcam_processing_get_due_at(processing), wildcam_time_now() + 3600 * SECOND);
    ck_assert_str_eq(wildcam_processing_get_reason(processing),
                     "script failed: reading or writing failed");
    wildcam_processing_free(processing);
    process(station, 0, 0);
    assert_ok(wildcam_station_retry_processing(station, &count));
    ck_assert_int_eq(count, 1);
    process(station, 1, 0);
    wildcam_station_close(station);
}
END_TEST

/* One whose file is gone, one that is no picture any more, and one that the detector refuses, among
 * others. */
/* That pictures wait for a person is told to one. */
static void assert_is_alert(wildcam_station *station)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    assert_ok(wildcam_station_check_alerts(station, NULL));
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, WILDCAM_ALERT_PARKED_PROCESSING));
    assert_ok(wildcam_alert_query_set_open(query, 1));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 1);
    wildcam_alert_query_free(query);
}

/* Those and no others, one after the other. */
static void assert_parked(wildcam_station *station, const int64_t *ids, int count)
{
    int64_t after = 0;
    wildcam_processing *processing;
    for (int i = 0; i < count; i++) {
        assert_ok(wildcam_station_next_parked(station, after, &processing));
        after = wildcam_processing_get_image_id(processing);
        ck_assert_int_eq(after, ids[i]);
        ck_assert_int_eq(wildcam_processing_get_state(processing), WILDCAM_PROCESSING_PARKED);
        ck_assert_str_ne(wildcam_processing_get_reason(processing), "");
        wildcam_processing_free(processing);
    }
    assert_fails(WILDCAM_ERR_NOTFOUND, "is parked",
                 wildcam_station_next_parked(station, after, &processing));
    ck_assert_ptr_null(processing);
    assert_fails(WILDCAM_ERR_INVALID, "NULL", wildcam_station_next_parked(station, 0, NULL));
}

START_TEST(bad_pictures_are_parked_at_once_and_stop_no_others)
{
    static const struct answer answers[] = {
        {.species = {"fox"}}, {.status = WILDCAM_ERR_UNSUPPORTED}, {.species = {"fox"}}, LAST};
    struct script script;
    char path[1024];
    int64_t ids[5];
    wildcam_health *health;
    wildcam_station *station = open_scripted(&script, answers, "process.order", "oldest");
    expect_log("is parked");
    for (int i = 0; i < 5; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * SECOND);
    picture_path(station, ids[1], path);
    ck_assert_int_eq(remove(path), 0);
    picture_path(station, ids[2], path);
    size_t size;
    char *data = load_file(path, &size);
    memset(data + 2, 0, size - 2);
    save_file(path, data, size);
    free(data);
    process(station, 2, 3);
    assert_state(station, ids[1], WILDCAM_PROCESSING_PARKED, 0, "has lost its file");
    assert_state(station, ids[2], WILDCAM_PROCESSING_PARKED, 0, "cut off");
    assert_state(station, ids[3], WILDCAM_PROCESSING_PARKED, 0, "script");
    assert_parked(station, ids + 1, 3);
    assert_is_alert(station);
    ck_assert_str_eq(species_of(station, ids[0]), "fox");
    ck_assert_str_eq(species_of(station, ids[4]), "fox");
    assert_waiting(station, 0, 3);
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_status(health), "degraded");
    ck_assert_str_eq(wildcam_health_get_processing(health), "degraded");
    ck_assert_ptr_nonnull(strstr(wildcam_health_get_reason(health), "wait for a person: 3"));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PROCESSING_PARKED), 3);
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

/* ---- the queue ---- */

START_TEST(pictures_have_an_order)
{
    static const struct answer answers[] = {{.species = {"fox"}}, LAST};
    struct script script;
    int64_t ids[4], done;
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    for (int i = 0; i < 4; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * SECOND);
    assert_fails(WILDCAM_ERR_INVALID, "priority", wildcam_station_set_priority(station, ids[0], 2));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_set_priority(station, ids[3] + 1, 1));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_requeue(station, ids[3] + 1));
    assert_ok(wildcam_station_set_priority(station, ids[0], WILDCAM_PRIORITY_HIGH));
    assert_ok(wildcam_station_set_priority(station, ids[3], WILDCAM_PRIORITY_LOW));
    assert_ok(wildcam_station_process_once(station, 0, &done, NULL)); /* one at most */
    ck_assert_int_eq(done, 1);
    process(station, 3, 0);
    const int64_t wanted[] = {ids[0], ids[2], ids[1], ids[3]};
    ck_assert_int_eq(script.seen_count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(script.seen[i], wanted[i]);
    wildcam_station_close(station);
}
END_TEST

START_TEST(all_can_be_looked_at_again)
{
    static const struct answer answers[] = {{.species = {"fox"}}, LAST};
    struct script script;
    int64_t ids[3], count;
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    for (int i = 0; i < 3; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * DAY);
    process(station, 3, 0);
    assert_ok(wildcam_station_process_again(station, NOON + DAY, NOON + 3 * DAY, &count));
    ck_assert_int_eq(count, 2);
    assert_state(station, ids[0], WILDCAM_PROCESSING_DONE, 0, "");
    wildcam_processing *processing = processing_of(station, ids[1]);
    ck_assert_int_eq(wildcam_processing_get_priority(processing), WILDCAM_PRIORITY_LOW);
    wildcam_processing_free(processing);
    process(station, 2, 0);
    assert_fails(WILDCAM_ERR_INVALID, "time",
                 wildcam_station_process_again(station, WILDCAM_TIME_NONE, NOON, &count));
    wildcam_station_close(station);
}
END_TEST

START_TEST(pause_holds_for_all)
{
    static const struct answer answers[] = {{.species = {"fox"}}, LAST};
    struct script script;
    wildcam_health *health;
    int64_t since, again;
    wildcam_station *station = open_scripted(&script, answers, NULL, NULL);
    wildcam_station *other = open_with("process.detector", "", NULL);
    add_scene(station, "A1", 1, NOON);
    assert_ok(wildcam_station_get_processing_pause(station, &since));
    ck_assert_int_eq(since, WILDCAM_TIME_NONE);
    assert_ok(wildcam_station_pause_processing(other));
    assert_ok(wildcam_station_get_processing_pause(station, &since));
    ck_assert_int_le(since, wildcam_time_now());
    assert_ok(wildcam_station_pause_processing(station)); /* it is since the first */
    assert_ok(wildcam_station_get_processing_pause(station, &again));
    ck_assert_int_eq(since, again);
    process(station, 0, 0);
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_processing(health), "paused");
    ck_assert_str_eq(wildcam_health_get_status(health), "ok");
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PROCESSING_OWED), 1);
    wildcam_health_free(health);
    assert_ok(wildcam_station_resume_processing(other));
    process(station, 1, 0);
    wildcam_station_close(other);
    wildcam_station_close(station);
}
END_TEST

/* ---- in the background ---- */

static int64_t done_in(wildcam_station *station)
{
    int64_t due;
    assert_ok(wildcam_station_count_processing(station, &due, NULL, NULL, NULL));
    return due;
}

START_TEST(workers_take_what_comes_in)
{
    static const struct answer answers[] = {{.species = {"fox"}}, LAST};
    struct script script;
    wildcam_station *station = open_scripted(&script, answers, "process.workers", "1");
    add_scene(station, "A1", 1, NOON);
    assert_ok(wildcam_station_start(station));
    assert_ok(wildcam_station_start(station));
    wait_until(done_in(station) == 0);
    for (unsigned i = 2; i < 20; i++) {
        int64_t id = add_scene(station, "A1", i, NOON + i * SECOND);
        wait_until(done_in(station) == 0); /* woken: a poll would take 5 seconds each time */
        ck_assert_str_eq(species_of(station, id), "fox");
    }
    assert_ok(wildcam_station_stop(station));
    add_scene(station, "A1", 40, NOON);
    assert_waiting(station, 1, 0);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

struct long_look {
    atomic_int inside, was_cancelled;
};

static wildcam_status take_long(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct long_look *state = user;
    state->inside++;
    while (!wildcam_picture_get_cancelled(picture))
        usleep(1000);
    state->was_cancelled++;
    wildcam_findings_add_blank(findings, 1);
    return WILDCAM_ERR_CANCELLED;
}

START_TEST(stopping_tells_detectors)
{
    struct long_look state = {0};
    int64_t ids[3], running;
    wildcam_station *station = open_with("process.detector", "long", "process.workers", "2", NULL);
    assert_ok(wildcam_station_add_detector(station, "long", NULL, take_long, &state));
    for (int i = 0; i < 3; i++)
        ids[i] = add_scene(station, "A1", (unsigned)i, NOON + i * SECOND);
    assert_ok(wildcam_station_start(station));
    wait_until(state.inside == 2);
    assert_ok(wildcam_station_count_processing(station, NULL, &running, NULL, NULL));
    ck_assert_int_eq(running, 2);
    assert_ok(wildcam_station_stop(station));
    ck_assert_int_eq(state.was_cancelled, 2);
    assert_waiting(station, 3, 0); /* given back, at once */
    for (int i = 0; i < 3; i++)
        assert_state(station, ids[i], WILDCAM_PROCESSING_DUE, 0, "");
    wildcam_station_close(station);
}
END_TEST

struct pass {
    wildcam_station *station;
    wildcam_status status;
};

static void *run_pass(void *user)
{
    struct pass *pass = user;
    pass->status = wildcam_station_process_once(pass->station, 60000, NULL, NULL);
    return NULL;
}

START_TEST(closing_ends_a_pass)
{
    pthread_t thread;
    struct long_look state = {0};
    wildcam_station *station = open_with("process.detector", "long", NULL);
    struct pass pass = {station, WILDCAM_OK};
    assert_ok(wildcam_station_add_detector(station, "long", NULL, take_long, &state));
    add_scene(station, "A1", 1, NOON);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_pass, &pass), 0);
    wait_until(state.inside == 1);
    wildcam_station_close(station);
    pthread_join(thread, NULL);
    ck_assert_int_eq(pass.status, WILDCAM_ERR_CLOSED);
    station = open_with("process.detector", "", NULL);
    assert_waiting(station, 1, 0);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("process");
    TCase *detectors = harness_case(suite, "detectors"),
          *pictures = harness_case(suite, "pictures");
    TCase *failures = harness_case(suite, "failures"), *queue = harness_case(suite, "queue");
    TCase *background = harness_case(suite, "background");
    tcase_set_timeout(background, 120);
    tcase_add_test(detectors, detectors_have_names_of_their_own);
    tcase_add_test(detectors, unknown_detectors_are_named);
    tcase_add_test(detectors, without_a_detector_nothing_is_processed);
    tcase_add_test(detectors, nothing_is_no_picture);
    tcase_add_test(detectors, detector_gets_the_picture);
    tcase_add_test(pictures, findings_take_the_place_of_not_knowing);
    tcase_add_test(pictures, cameras_word_stays);
    tcase_add_test(pictures, looking_again_replaces_what_nobody_has_reviewed);
    tcase_add_test(pictures, picture_that_nothing_is_said_of_any_more_is_unclassified);
    tcase_add_test(pictures, detectors_look_in_their_order);
    tcase_add_test(failures, failed_pictures_are_tried_again_and_parked);
    tcase_add_test(failures, busy_detector_costs_no_attempt);
    tcase_add_test(failures, failed_pictures_wait_for_their_next_try);
    tcase_add_test(failures, bad_pictures_are_parked_at_once_and_stop_no_others);
    tcase_add_test(queue, pictures_have_an_order);
    tcase_add_test(queue, all_can_be_looked_at_again);
    tcase_add_test(queue, pause_holds_for_all);
    tcase_add_test(background, workers_take_what_comes_in);
    tcase_add_test(background, stopping_tells_detectors);
    tcase_add_test(background, closing_ends_a_pass);
    return suite;
}
