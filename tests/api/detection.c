/* Detections: drafts, one by one, in batches, and what reviewers say of them. */
#include <math.h>

#include "api/fixtures.h"

static wildcam_detection *new_draft(void)
{
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    return draft;
}

static wildcam_detection *get(wildcam_station *station, int64_t id)
{
    wildcam_detection *row;
    assert_ok(wildcam_station_get_detection(station, id, &row));
    return row;
}

START_TEST(categories_have_names)
{
    int category = -1;
#define ROW(name, value, text)                                                                     \
    ck_assert_str_eq(wildcam_category_name(value), text);                                          \
    assert_ok(wildcam_category_from_name(text, &category));                                        \
    ck_assert_int_eq(category, value);
    WILDCAM_CATEGORY_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_category_name(-1), "unknown");
    ck_assert_str_eq(wildcam_category_name(6), "unknown");
    assert_ok(wildcam_category_from_name("PERSON", &category));
    ck_assert_int_eq(category, WILDCAM_CATEGORY_HUMAN);
    assert_ok(wildcam_category_from_name("Empty", &category));
    ck_assert_int_eq(category, WILDCAM_CATEGORY_BLANK);
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_category_from_name("lynx", &category));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_category_from_name("", &category));
    ck_assert_int_eq(category, WILDCAM_CATEGORY_BLANK);
}
END_TEST

static void assert_is_empty(const wildcam_detection *draft)
{
    wildcam_box box = {1, 2, 3, 4};
    ck_assert_int_eq(wildcam_detection_get_id(draft), 0);
    ck_assert_int_eq(wildcam_detection_get_image_id(draft), 0);
    ck_assert_int_eq(wildcam_detection_get_camera_id(draft), 0);
    ck_assert_str_eq(wildcam_detection_get_device_id(draft), "");
    ck_assert_int_eq(wildcam_detection_get_time(draft), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_detection_get_offset(draft), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_detection_get_time_source(draft), WILDCAM_TIME_SOURCE_UNKNOWN);
    ck_assert_int_eq(wildcam_detection_get_category(draft), WILDCAM_CATEGORY_UNCLASSIFIED);
    ck_assert_str_eq(wildcam_detection_get_species(draft), "unclassified");
    ck_assert_str_eq(wildcam_detection_get_detected_species(draft), "unclassified");
    ck_assert(isnan(wildcam_detection_get_confidence(draft)));
    ck_assert_int_eq(wildcam_detection_get_box(draft, &box), 0);
    ck_assert_double_eq(box.x, 1); /* untouched */
    ck_assert_str_eq(wildcam_detection_get_metadata(draft), "");
    ck_assert_int_eq(wildcam_detection_get_verified(draft), 0);
    ck_assert_str_eq(wildcam_detection_get_verified_species(draft), "");
    ck_assert_int_eq(wildcam_detection_get_false_positive(draft), 0);
    ck_assert_str_eq(wildcam_detection_get_notes(draft), "");
    ck_assert_str_eq(wildcam_detection_get_verified_by(draft), "");
    ck_assert_int_eq(wildcam_detection_get_verified_at(draft), WILDCAM_TIME_NONE);
}

static void fill(wildcam_detection *draft)
{
    const wildcam_box box = {0.1, 0.2, 0.3, 0.4};
    assert_ok(wildcam_detection_set_device_id(draft, "CAM1"));
    assert_ok(wildcam_detection_set_time(draft, at("2026-03-01T10:00:00.5Z"), 3600,
                                         WILDCAM_TIME_SOURCE_SIDECAR));
    assert_ok(wildcam_detection_set_species(draft, "Lynx lynx"));
    assert_ok(wildcam_detection_set_confidence(draft, 0.875));
    assert_ok(wildcam_detection_set_box(draft, &box));
    assert_ok(wildcam_detection_set_metadata(draft, "{\"model\":\"v5\"}"));
}

START_TEST(reset_empties_a_draft)
{
    wildcam_detection *draft = new_draft();
    assert_is_empty(draft);
    fill(draft);
    assert_ok(wildcam_detection_set_category(draft, WILDCAM_CATEGORY_HUMAN));
    assert_ok(wildcam_detection_set_verified(draft, 1));
    assert_ok(wildcam_detection_set_verified_species(draft, "fox"));
    assert_ok(wildcam_detection_set_false_positive(draft, 1));
    assert_ok(wildcam_detection_set_notes(draft, "a\tnote\nin two lines"));
    assert_ok(wildcam_detection_set_verified_by(draft, "Eva"));
    ck_assert_str_eq(wildcam_detection_get_notes(draft), "a\tnote\nin two lines");
    ck_assert_str_eq(wildcam_detection_get_verified_by(draft), "Eva");
    ck_assert_str_eq(wildcam_detection_get_verified_species(draft), "fox");
    ck_assert_int_eq(wildcam_detection_get_verified(draft), 1);
    ck_assert_int_eq(wildcam_detection_get_false_positive(draft), 1);
    ck_assert_int_eq(wildcam_detection_get_category(draft), WILDCAM_CATEGORY_HUMAN);
    wildcam_detection_reset(draft);
    assert_is_empty(draft);
    wildcam_detection_free(draft);
}
END_TEST

START_TEST(category_follows_from_species)
{
    static const struct {
        const char *species, *shown;
        int category;
    } rows[] = {
        {NULL, "unclassified", WILDCAM_CATEGORY_UNCLASSIFIED},
        {"", "unclassified", WILDCAM_CATEGORY_UNCLASSIFIED},
        {"Vulpes vulpes", "Vulpes vulpes", WILDCAM_CATEGORY_ANIMAL},
        {"animal", "animal", WILDCAM_CATEGORY_ANIMAL},
        {"Person", "human", WILDCAM_CATEGORY_HUMAN},
        {"empty", "blank", WILDCAM_CATEGORY_BLANK},
        {"VEHICLE", "vehicle", WILDCAM_CATEGORY_VEHICLE},
        {"unknown", "unknown", WILDCAM_CATEGORY_UNKNOWN},
    };
    wildcam_detection *draft = new_draft();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(wildcam_detection_set_species(draft, rows[i].species));
        ck_assert_int_eq(wildcam_detection_get_category(draft), rows[i].category);
        ck_assert_str_eq(wildcam_detection_get_species(draft), rows[i].shown);
        ck_assert_str_eq(wildcam_detection_get_detected_species(draft), rows[i].shown);
    }
    wildcam_detection_free(draft);
}
END_TEST

START_TEST(setters_refuse)
{
    char text[4002];
    wildcam_detection *draft = new_draft();
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fill(draft);
    assert_fails(WILDCAM_ERR_INVALID, "a b", wildcam_detection_set_device_id(draft, "a b"));
    assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_detection_set_device_id(draft, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_detection_set_time(draft, -1, 0, 0));
    assert_status(WILDCAM_ERR_INVALID, wildcam_detection_set_time(draft, WILDCAM_TIME_END, 0, 0));
    assert_fails(WILDCAM_ERR_INVALID, "86400", wildcam_detection_set_time(draft, 0, 86400, 0));
    assert_fails(WILDCAM_ERR_INVALID, "7", wildcam_detection_set_time(draft, 0, 0, 7));
    assert_fails(WILDCAM_ERR_INVALID, "6", wildcam_detection_set_category(draft, 6));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_detection_set_category(draft, -1));
    assert_fails(WILDCAM_ERR_INVALID, "100", wildcam_detection_set_species(draft, text));
    assert_fails(WILDCAM_ERR_INVALID, "species", wildcam_detection_set_species(draft, "\x7f"));
    assert_fails(WILDCAM_ERR_INVALID, "1.5", wildcam_detection_set_confidence(draft, 1.5));
    assert_fails(WILDCAM_ERR_INVALID, "0 to 1", wildcam_detection_set_confidence(draft, -0.1));
    assert_fails(WILDCAM_ERR_INVALID, "metadata", wildcam_detection_set_metadata(draft, "[1]"));
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_detection_set_verified(draft, 2));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_detection_set_false_positive(draft, -1));
    assert_fails(WILDCAM_ERR_INVALID, "verified_species",
                 wildcam_detection_set_verified_species(draft, text));
    assert_fails(WILDCAM_ERR_INVALID, "verified_by",
                 wildcam_detection_set_verified_by(draft, "a\nb"));
    assert_fails(WILDCAM_ERR_INVALID, "4000", wildcam_detection_set_notes(draft, text));
    assert_fails(WILDCAM_ERR_INVALID, "notes", wildcam_detection_set_notes(draft, "\x01"));
    text[4000] = '\0';
    assert_ok(wildcam_detection_set_notes(draft, text));
    assert_ok(wildcam_detection_set_notes(draft, NULL));
    ck_assert_str_eq(wildcam_detection_get_device_id(draft), "CAM1");
    ck_assert_str_eq(wildcam_detection_get_species(draft), "Lynx lynx");
    ck_assert_double_eq(wildcam_detection_get_confidence(draft), 0.875);
    ck_assert_int_eq(wildcam_detection_get_offset(draft), 3600);
    assert_ok(wildcam_detection_set_confidence(draft, NAN));
    ck_assert(isnan(wildcam_detection_get_confidence(draft)));
    wildcam_detection_free(draft);
}
END_TEST

START_TEST(metadata_has_a_limit)
{
    wildcam_detection *draft = new_draft();
    char *large = malloc(65538);
    ck_assert_ptr_nonnull(large);
    memset(large, ' ', 65537);
    memcpy(large, "{}", 2);
    large[65537] = '\0';
    assert_fails(WILDCAM_ERR_TOOLARGE, "65536", wildcam_detection_set_metadata(draft, large));
    large[65536] = '\0';
    assert_ok(wildcam_detection_set_metadata(draft, large));
    assert_ok(wildcam_detection_set_metadata(draft, NULL));
    ck_assert_str_eq(wildcam_detection_get_metadata(draft), "");
    free(large);
    wildcam_detection_free(draft);
}
END_TEST

START_TEST(boxes_are_cut_to_the_picture)
{
    static const struct {
        wildcam_box given, kept;
    } rows[] = {
        {{0, 0, 1, 1}, {0, 0, 1, 1}},
        {{0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, 0.4}},
        {{-0.25, -0.5, 0.5, 0.75}, {0, 0, 0.25, 0.25}},
        {{0.75, 0.5, 0.5, 1}, {0.75, 0.5, 0.25, 0.5}},
        {{-1, -1, 2, 2}, {0, 0, 1, 1}},
        {{-0.5, 0.25, 2, 0.5}, {0, 0.25, 1, 0.5}},
    };
    static const wildcam_box refused[] = {
        {0, 0, 0, 1},        {0, 0, 1, 0},      {0.5, 0.5, -0.1, 0.1}, {1, 0, 0.5, 0.5},
        {0, 1, 1, 1},        {-0.5, 0, 0.5, 1}, {100, 50, 320, 240},   {NAN, 0, 1, 1},
        {0, INFINITY, 1, 1}, {0, 0, 2.1, 1},    {0, 0, 1, NAN},        {-1.1, 0, 1, 1},
    };
    wildcam_box box;
    wildcam_detection *draft = new_draft();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(wildcam_detection_set_box(draft, &rows[i].given));
        ck_assert_int_eq(wildcam_detection_get_box(draft, &box), 1);
        ck_assert_double_eq(box.x, rows[i].kept.x);
        ck_assert_double_eq(box.y, rows[i].kept.y);
        ck_assert_double_eq(box.width, rows[i].kept.width);
        ck_assert_double_eq(box.height, rows[i].kept.height);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "bbox", wildcam_detection_set_box(draft, &refused[i]));
    ck_assert_int_eq(wildcam_detection_get_box(draft, &box), 1); /* the last good one */
    ck_assert_double_eq(box.y, 0.25);
    ck_assert_int_eq(wildcam_detection_get_box(draft, NULL), 0);
    assert_ok(wildcam_detection_set_box(draft, NULL));
    ck_assert_int_eq(wildcam_detection_get_box(draft, &box), 0);
    wildcam_detection_free(draft);
}
END_TEST

START_TEST(keeps_one_and_reads_it_back)
{
    int64_t id = -1;
    wildcam_box box;
    wildcam_detection *draft = new_draft(), *row;
    wildcam_station *station = open_with(NULL, NULL);
    fill(draft);
    assert_ok(wildcam_station_add_detection(station, draft, &id));
    ck_assert_int_gt(id, 0);
    ck_assert_int_lt(id, INT64_C(1) << 53);
    row = get(station, id);
    ck_assert_int_eq(wildcam_detection_get_id(row), id);
    ck_assert_int_eq(wildcam_detection_get_image_id(row), 0);
    ck_assert_int_eq(wildcam_detection_get_camera_id(row), 1);
    ck_assert_str_eq(wildcam_detection_get_device_id(row), "CAM1");
    ck_assert_int_eq(wildcam_detection_get_time(row), at("2026-03-01T10:00:00.5Z"));
    ck_assert_int_eq(wildcam_detection_get_offset(row), 3600);
    ck_assert_int_eq(wildcam_detection_get_time_source(row), WILDCAM_TIME_SOURCE_SIDECAR);
    ck_assert_int_eq(wildcam_detection_get_category(row), WILDCAM_CATEGORY_ANIMAL);
    ck_assert_str_eq(wildcam_detection_get_species(row), "Lynx lynx");
    ck_assert_str_eq(wildcam_detection_get_detected_species(row), "Lynx lynx");
    ck_assert_double_eq_tol(wildcam_detection_get_confidence(row), 0.875, 1e-6);
    ck_assert_int_eq(wildcam_detection_get_box(row, &box), 1);
    ck_assert_double_eq_tol(box.x, 0.1, 1e-6);
    ck_assert_double_eq_tol(box.height, 0.4, 1e-6);
    ck_assert_str_eq(wildcam_detection_get_metadata(row), "{\"model\":\"v5\"}");
    ck_assert_int_eq(wildcam_detection_get_verified(row), 0);
    ck_assert_int_eq(wildcam_detection_get_verified_at(row), WILDCAM_TIME_NONE);
    wildcam_detection_free(row);
    assert_ok(wildcam_station_add_detection(station, draft, NULL));
    wildcam_detection_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(needs_camera_and_time)
{
    int64_t id = 77;
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_detection *nameless = draft_of(&(struct sighting){NULL, "lynx", 0, NAN});
    wildcam_detection *timeless =
        draft_of(&(struct sighting){"CAM1", "lynx", WILDCAM_TIME_NONE, NAN});
    wildcam_detection *row = nameless;
    assert_fails(WILDCAM_ERR_INVALID, "device_id",
                 wildcam_station_add_detection(station, nameless, &id));
    ck_assert_int_eq(id, 0);
    assert_fails(WILDCAM_ERR_INVALID, "time",
                 wildcam_station_add_detection(station, timeless, &id));
    ck_assert_int_eq(walk(station, NULL), 0);
    assert_fails(WILDCAM_ERR_NOTFOUND, "12345",
                 wildcam_station_get_detection(station, 12345, &row));
    ck_assert_ptr_null(row);
    static const int64_t none[] = {0, -1, INT64_MAX, INT64_MIN, (INT64_C(1) << 53) - 1};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_detection(station, none[i], &row));
    wildcam_detection_free(timeless);
    wildcam_detection_free(nameless);
    wildcam_station_close(station);
}
END_TEST

START_TEST(unknown_camera_when_nobody_may_register)
{
    int64_t id;
    wildcam_batch *batch;
    wildcam_station *station = open_with("cameras.auto_register", "false", NULL);
    wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", 0, NAN});
    assert_ok(wildcam_batch_new(station, &batch));
    assert_fails(WILDCAM_ERR_NOTFOUND, "CAM1", wildcam_station_add_detection(station, draft, &id));
    assert_fails(WILDCAM_ERR_NOTFOUND, "CAM1", wildcam_batch_add(batch, draft));
    ck_assert_uint_eq(wildcam_batch_get_count(batch), 0);
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(full_disk_takes_no_detection)
{
    wildcam_batch *batch;
    wildcam_station *station = open_with("disk.min_free_percent", "0", NULL);
    wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", 0, NAN});
    int64_t id = add(station, &(struct sighting){"CAM1", "lynx", 0, NAN});
    wildcam_station_close(station);
    station = open_with("disk.min_free_bytes", "1024T", NULL);
    assert_ok(wildcam_batch_new(station, &batch));
    assert_fails(WILDCAM_ERR_NOSPACE, "disk.min_free_bytes",
                 wildcam_station_add_detection(station, draft, NULL));
    assert_ok(wildcam_batch_add(batch, draft));
    assert_status(WILDCAM_ERR_NOSPACE, wildcam_batch_commit(batch));
    ck_assert_int_eq(wildcam_batch_get_id(batch, 0), 0);
    assert_ok(wildcam_detection_set_verified(draft, 1));
    assert_status(WILDCAM_ERR_NOSPACE, wildcam_station_verify_detection(station, id, draft));
    ck_assert_int_eq(walk(station, NULL), 1);
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
    wildcam_station_close(station);
}
END_TEST

START_TEST(batch_keeps_all_in_order)
{
    enum { ROWS = 500 };
    wildcam_batch *batch;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_batch_new(station, &batch));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < ROWS; i++) { /* spans six months */
            wildcam_detection *draft =
                draft_of(&(struct sighting){i % 3 ? "CAM1" : "CAM2", i % 2 ? "lynx" : "fox",
                                            at("2026-01-01") + i * DAY / 3 + round, 0.5});
            assert_ok(wildcam_batch_add(batch, draft));
            wildcam_detection_free(draft); /* it was copied */
        }
        ck_assert_uint_eq(wildcam_batch_get_count(batch), ROWS);
        ck_assert_int_eq(wildcam_batch_get_id(batch, 0), 0);
        assert_ok(wildcam_batch_commit(batch));
        for (size_t i = 0; i < ROWS; i += 50) {
            wildcam_detection *row = get(station, wildcam_batch_get_id(batch, i));
            ck_assert_str_eq(wildcam_detection_get_device_id(row), i % 3 ? "CAM1" : "CAM2");
            ck_assert_str_eq(wildcam_detection_get_species(row), i % 2 ? "lynx" : "fox");
            ck_assert_int_eq(wildcam_detection_get_time(row),
                             at("2026-01-01") + (int64_t)i * DAY / 3 + round);
            wildcam_detection_free(row);
        }
        ck_assert_int_eq(wildcam_batch_get_id(batch, ROWS), 0);
        ck_assert_int_eq(wildcam_batch_get_id(batch, SIZE_MAX), 0);
        assert_fails(WILDCAM_ERR_STATE, "committed", wildcam_batch_commit(batch));
        wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", 0, NAN});
        assert_fails(WILDCAM_ERR_STATE, "wildcam_batch_reset", wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
        wildcam_batch_reset(batch);
        ck_assert_uint_eq(wildcam_batch_get_count(batch), 0);
        ck_assert_int_eq(wildcam_batch_get_id(batch, 0), 0);
    }
    assert_ok(wildcam_batch_commit(batch)); /* nothing is something */
    wildcam_batch_free(batch);
    ck_assert_int_eq(walk(station, NULL), INT64_C(2) * ROWS);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(batch_that_fails_in_one_shard)
{
    static const char *const times[] = {"2026-02-01", "2026-03-01", "2026-02-02", "2026-03-02"};
    wildcam_batch *batch;
    wildcam_health *health;
    wildcam_station *station = open_with("store.busy_timeout", "0", NULL);
    add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < 4; i++) {
        wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "fox", at(times[i]), 0.5});
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    struct holder holder = hold_writers_lock(scratch_path("station/detections/2026-03.db-shm"));
    assert_status(WILDCAM_ERR_BUSY, wildcam_batch_commit(batch));
    let_go_of(holder);
    for (size_t i = 0; i < 4; i++) { /* its ids tell which are kept */
        int64_t id = wildcam_batch_get_id(batch, i);
        ck_assert_int_eq(id != 0, i % 2 == 0);
        if (id)
            wildcam_detection_free(get(station, id));
    }
    ck_assert_int_eq(walk(station, NULL), 3);
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DETECTIONS_KEPT), 3);
    wildcam_health_free(health);
    assert_status(WILDCAM_ERR_STATE, wildcam_batch_commit(batch));
    wildcam_batch_free(batch);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(batch_refuses_and_stays)
{
    wildcam_batch *batch;
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_detection *good = draft_of(&(struct sighting){"CAM1", "lynx", 0, NAN});
    wildcam_detection *nameless = draft_of(&(struct sighting){NULL, "lynx", 0, NAN});
    wildcam_detection *timeless =
        draft_of(&(struct sighting){"CAM1", "lynx", WILDCAM_TIME_NONE, NAN});
    assert_ok(wildcam_detection_set_metadata(good, "{\"n\":1}"));
    assert_ok(wildcam_batch_new(station, &batch));
    assert_ok(wildcam_batch_add(batch, good));
    assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_batch_add(batch, nameless));
    assert_fails(WILDCAM_ERR_INVALID, "time", wildcam_batch_add(batch, timeless));
    ck_assert_uint_eq(wildcam_batch_get_count(batch), 1);
    assert_ok(wildcam_batch_commit(batch));
    wildcam_detection *row = get(station, wildcam_batch_get_id(batch, 0));
    ck_assert_str_eq(wildcam_detection_get_metadata(row), "{\"n\":1}");
    wildcam_detection_free(row);
    wildcam_batch_free(batch);
    wildcam_detection_free(timeless);
    wildcam_detection_free(nameless);
    wildcam_detection_free(good);
    wildcam_station_close(station);
}
END_TEST

START_TEST(batch_has_a_limit)
{
    wildcam_batch *batch;
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_detection *draft = draft_of(&(struct sighting){"CAM1", "lynx", 0, NAN});
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < 1000000; i++)
        if (wildcam_batch_add(batch, draft) != WILDCAM_OK)
            ck_abort_msg("detection %d: %s", i, wildcam_error_message());
    assert_fails(WILDCAM_ERR_TOOLARGE, "1000000", wildcam_batch_add(batch, draft));
    ck_assert_uint_eq(wildcam_batch_get_count(batch), 1000000);
    wildcam_batch_free(batch);
    wildcam_detection_free(draft);
    ck_assert_int_eq(walk(station, NULL), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(reviewer_has_the_last_word)
{
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add(station, &(struct sighting){"CAM1", "dog", at("2026-03-01"), 0.9});
    int64_t before = wildcam_time_now();
    wildcam_detection *draft = new_draft(), *row;
    assert_fails(WILDCAM_ERR_INVALID, "draft",
                 wildcam_station_verify_detection(station, id, draft));
    assert_ok(wildcam_detection_set_verified(draft, 1));
    assert_fails(WILDCAM_ERR_NOTFOUND, "99", wildcam_station_verify_detection(station, 99, draft));
    assert_ok(wildcam_detection_set_verified_species(draft, "Canis lupus"));
    assert_ok(wildcam_detection_set_notes(draft, "look at\nthe tail"));
    assert_ok(wildcam_detection_set_verified_by(draft, "Eva"));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    row = get(station, id);
    ck_assert_int_eq(wildcam_detection_get_verified(row), 1);
    ck_assert_str_eq(wildcam_detection_get_species(row), "Canis lupus");
    ck_assert_str_eq(wildcam_detection_get_verified_species(row), "Canis lupus");
    ck_assert_str_eq(wildcam_detection_get_detected_species(row), "dog");
    ck_assert_str_eq(wildcam_detection_get_notes(row), "look at\nthe tail");
    ck_assert_str_eq(wildcam_detection_get_verified_by(row), "Eva");
    ck_assert_int_ge(wildcam_detection_get_verified_at(row), before);
    wildcam_detection_free(row);
    wildcam_detection_reset(draft); /* one word alone leaves the others */
    assert_ok(wildcam_detection_set_false_positive(draft, 1));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    row = get(station, id);
    ck_assert_int_eq(wildcam_detection_get_false_positive(row), 1);
    ck_assert_str_eq(wildcam_detection_get_species(row), "Canis lupus");
    wildcam_detection_free(row);
    assert_ok(wildcam_detection_set_false_positive(draft, 0));
    assert_ok(wildcam_detection_set_verified_species(draft, NULL));
    assert_ok(wildcam_station_verify_detection(station, id, draft));
    row = get(station, id);
    ck_assert_int_eq(wildcam_detection_get_false_positive(row), 0);
    ck_assert_str_eq(wildcam_detection_get_species(row), "dog");
    ck_assert_str_eq(wildcam_detection_get_verified_species(row), "");
    ck_assert_str_eq(wildcam_detection_get_notes(row), "look at\nthe tail");
    wildcam_detection_free(row);
    wildcam_detection_free(draft);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(writes_json)
{
    static const char *const words[] = {
        "\"id\":0,",
        "\"device_id\":\"CAM1\"",
        "\"image_id\":null",
        "\"detection_timestamp\":\"2026-03-01T11:00:00.500000+01:00\"",
        "\"timestamp\":\"2026-03-01T11:00:00.500000+01:00\"",
        "\"utc_offset\":3600",
        "\"time_source\":\"sidecar\"",
        "\"species\":\"Lynx lynx\"",
        "\"detected_species\":\"Lynx lynx\"",
        "\"category\":\"animal\"",
        "\"confidence\":0.875,\"confidence_score\":0.875",
        "\"bounding_box\":{\"x\":0.1,\"y\":0.2,\"width\":0.3,\"height\":0.4}",
        "\"metadata\":{\"model\":\"v5\"}",
        "\"verified\":false"};
    char *text;
    wildcam_detection *draft = new_draft();
    fill(draft);
    assert_ok(wildcam_detection_to_json(draft, &text));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(strstr(text, words[i]) != NULL, "%s is not in %s", words[i], text);
    wildcam_free(text);
    wildcam_detection_free(draft);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("detection");
    TCase *drafts = harness_case(suite, "drafts"), *kept = harness_case(suite, "kept");
    tcase_add_test(drafts, categories_have_names);
    tcase_add_test(drafts, reset_empties_a_draft);
    tcase_add_test(drafts, category_follows_from_species);
    tcase_add_test(drafts, setters_refuse);
    tcase_add_test(drafts, metadata_has_a_limit);
    tcase_add_test(drafts, boxes_are_cut_to_the_picture);
    tcase_add_test(drafts, writes_json);
    tcase_add_test(kept, keeps_one_and_reads_it_back);
    tcase_add_test(kept, needs_camera_and_time);
    tcase_add_test(kept, unknown_camera_when_nobody_may_register);
    tcase_add_test(kept, full_disk_takes_no_detection);
    tcase_add_test(kept, batch_keeps_all_in_order);
    tcase_add_test(kept, batch_that_fails_in_one_shard);
    tcase_add_test(kept, batch_refuses_and_stays);
    tcase_add_test(kept, batch_has_a_limit);
    tcase_add_test(kept, reviewer_has_the_last_word);
    return suite;
}
