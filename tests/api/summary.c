/* Counts by camera, day, species and hour against a recount of the rows. */
#include <math.h>

#include "api/fixtures.h"

enum { ROWS = 400, CELLS = 4000, BY_ALL = 7 };

static const char *const cameras[] = {"CAM2", "CAM1", "CAM3"};
static const char *const names[] = {"lynx", "fox", "human", "", "blank"};
static const int32_t offsets[] = {0, 3600, -12600, WILDCAM_OFFSET_UNKNOWN};

/* One cell of a summary, recounted. */
struct cell {
    char device_id[16], species[32];
    int64_t day, camera_id, count, sure, scored, hours[24];
    int category;
    double sum, sure_sum;
};

static struct cell cells[CELLS];
static int cell_count;

static struct cell *cell_of(const wildcam_detection *row, uint32_t by)
{
    const char *device_id = by & WILDCAM_BY_CAMERA ? wildcam_detection_get_device_id(row) : "";
    const char *species = by & WILDCAM_BY_SPECIES ? wildcam_detection_get_species(row) : "";
    int64_t time = wildcam_detection_get_time(row);
    int64_t day = by & WILDCAM_BY_DAY ? time - time % DAY : WILDCAM_TIME_NONE;
    for (int i = 0; i < cell_count; i++)
        if (cells[i].day == day && strcmp(cells[i].device_id, device_id) == 0 &&
            strcmp(cells[i].species, species) == 0)
            return &cells[i];
    ck_assert_int_lt(cell_count, CELLS);
    struct cell *cell = &cells[cell_count++];
    *cell = (struct cell){.day = day, .category = -1};
    snprintf(cell->device_id, sizeof cell->device_id, "%s", device_id);
    snprintf(cell->species, sizeof cell->species, "%s", species);
    if (by & WILDCAM_BY_CAMERA)
        cell->camera_id = wildcam_detection_get_camera_id(row);
    if (by & WILDCAM_BY_SPECIES)
        cell->category = wildcam_detection_get_category(row);
    return cell;
}

static void count_row(const wildcam_detection *row, uint32_t by)
{
    struct cell *cell = cell_of(row, by);
    double confidence = wildcam_detection_get_confidence(row);
    int32_t offset = wildcam_detection_get_offset(row);
    int64_t local = wildcam_detection_get_time(row) +
                    (offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offset * SECOND);
    cell->count++;
    cell->hours[local / (3600 * SECOND) % 24]++;
    if (isnan(confidence))
        return;
    cell->scored++;
    cell->sum += confidence;
    if (confidence > WILDCAM_SURE_CONFIDENCE) {
        cell->sure++;
        cell->sure_sum += confidence;
    }
}

/* Walks what a query answers and counts what a summary counts. */
static void recount(wildcam_station *station, const wildcam_query *query, uint32_t by)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    cell_count = 0;
    assert_ok(wildcam_station_query(station, query, &cursor));
    while (wildcam_cursor_next(cursor, &row) == 1)
        if (!wildcam_detection_get_false_positive(row))
            count_row(row, by);
    wildcam_cursor_free(cursor);
}

static const struct cell *find(const wildcam_summary *row)
{
    for (int i = 0; i < cell_count; i++)
        if (cells[i].day == wildcam_summary_get_day(row) &&
            strcmp(cells[i].device_id, wildcam_summary_get_device_id(row)) == 0 &&
            strcmp(cells[i].species, wildcam_summary_get_species(row)) == 0)
            return &cells[i];
    ck_abort_msg("no row of \"%s\", \"%s\" was there to count", wildcam_summary_get_device_id(row),
                 wildcam_summary_get_species(row));
    return NULL;
}

static void assert_mean(double shown, double sum, int64_t count)
{
    if (count)
        ck_assert_double_eq_tol(shown, sum / (double)count, 1e-5);
    else
        ck_assert(isnan(shown));
}

static void assert_summary(wildcam_station *station, const wildcam_query *query, uint32_t by)
{
    wildcam_summary *summary;
    int rows = 0;
    recount(station, query, by);
    assert_ok(wildcam_station_summarise(station, query, by, &summary));
    for (; wildcam_summary_next(summary) == 1; rows++) {
        const struct cell *cell = find(summary);
        ck_assert_int_eq(wildcam_summary_get_count(summary), cell->count);
        ck_assert_int_eq(wildcam_summary_get_sure_count(summary), cell->sure);
        ck_assert_int_eq(wildcam_summary_get_camera_id(summary), cell->camera_id);
        ck_assert_int_eq(wildcam_summary_get_category(summary), cell->category);
        assert_mean(wildcam_summary_get_mean_confidence(summary), cell->sum, cell->scored);
        assert_mean(wildcam_summary_get_sure_mean_confidence(summary), cell->sure_sum, cell->sure);
        for (int hour = 0; hour < 24; hour++)
            ck_assert_int_eq(wildcam_summary_get_hour(summary, hour), cell->hours[hour]);
    }
    ck_assert_int_eq(rows, cell_count);
    ck_assert_str_eq(wildcam_summary_damaged(summary), "");
    wildcam_summary_free(summary);
}

static void assert_all_summaries(wildcam_station *station, const wildcam_query *query)
{
    for (uint32_t by = 0; by <= BY_ALL; by++)
        assert_summary(station, query, by);
}

/* Confidences are kept to a millionth of the unit or so: these are clear of the limit. */
static wildcam_station *populate(int64_t ids[ROWS])
{
    wildcam_batch *batch;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_batch_new(station, &batch));
    for (int i = 0; i < ROWS; i++) {
        struct sighting sighting = {cameras[i % 3], names[i * 11 % 5], WILDCAM_TIME_NONE,
                                    i % 5 ? (i * 17 % 100) / 100.0 : NAN};
        wildcam_detection *draft = draft_of(&sighting);
        assert_ok(wildcam_detection_set_time(draft, at("2026-02-20") + 3700 * SECOND * i,
                                             offsets[i % 4], WILDCAM_TIME_SOURCE_CLIENT));
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    assert_ok(wildcam_batch_commit(batch));
    for (size_t i = 0; i < ROWS; i++)
        ids[i] = wildcam_batch_get_id(batch, i);
    wildcam_batch_free(batch);
    return station;
}

static void say(wildcam_station *station, int64_t id, int false_positive, const char *species)
{
    wildcam_detection *word;
    assert_ok(wildcam_detection_new(&word));
    assert_ok(wildcam_detection_set_verified(word, 1));
    assert_ok(wildcam_detection_set_false_positive(word, false_positive));
    assert_ok(wildcam_detection_set_verified_species(word, species));
    assert_ok(wildcam_station_verify_detection(station, id, word));
    wildcam_detection_free(word);
}

START_TEST(summaries_follow_every_write)
{
    int64_t ids[ROWS];
    wildcam_station *station = populate(ids);
    assert_all_summaries(station, NULL);
    for (int i = 0; i < ROWS; i += 7) /* reviewers change what is counted */
        say(station, ids[i], i % 2, i % 3 ? "Canis lupus" : NULL);
    assert_all_summaries(station, NULL);
    for (int i = 0; i < ROWS; i += 14) /* and take it back */
        say(station, ids[i], 0, NULL);
    assert_all_summaries(station, NULL);
    add_scene(station, "CAM1", 1, at("2026-03-03"));
    add_scene(station, "CAM1", 1, at("2026-03-03")); /* a duplicate counts nothing */
    assert_all_summaries(station, NULL);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(summaries_of_a_question)
{
    int64_t ids[ROWS];
    wildcam_query *query;
    wildcam_station *station = populate(ids);
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_device_id(query, "CAM1"));
    assert_all_summaries(station, query);
    assert_ok(wildcam_query_set_species(query, "fox"));
    assert_all_summaries(station, query);
    assert_ok(wildcam_query_set_species(query, NULL));
    assert_ok(wildcam_query_set_category(query, WILDCAM_CATEGORY_ANIMAL));
    assert_ok(wildcam_query_set_range(query, at("2026-02-25"), at("2026-03-02")));
    assert_all_summaries(station, query);
    assert_ok(wildcam_query_set_device_id(query, "CAM9"));
    assert_all_summaries(station, query);
    wildcam_query_free(query);
    wildcam_station_close(station);
}
END_TEST

START_TEST(range_is_widened_to_days)
{
    int64_t ids[ROWS];
    wildcam_query *within, *whole;
    wildcam_summary *summary, *expected;
    wildcam_station *station = populate(ids);
    assert_ok(wildcam_query_new(&within));
    assert_ok(wildcam_query_new(&whole));
    assert_ok(wildcam_query_set_range(within, at("2026-02-25T12:00"), at("2026-02-26T00:00:01")));
    assert_ok(wildcam_query_set_range(whole, at("2026-02-25"), at("2026-02-27")));
    assert_ok(wildcam_station_summarise(station, within, 0, &summary));
    assert_ok(wildcam_station_summarise(station, whole, 0, &expected));
    ck_assert_int_eq(wildcam_summary_next(summary), 1);
    ck_assert_int_eq(wildcam_summary_next(expected), 1);
    ck_assert_int_gt(wildcam_summary_get_count(summary), 0);
    ck_assert_int_eq(wildcam_summary_get_count(summary), wildcam_summary_get_count(expected));
    wildcam_summary_free(summary);
    wildcam_summary_free(expected);
    wildcam_query_free(within);
    wildcam_query_free(whole);
    wildcam_station_close(station);
}
END_TEST

START_TEST(rows_come_in_order)
{
    int64_t ids[ROWS], day = INT64_MIN, count = INT64_MAX;
    char camera[32] = "", species[32] = "";
    wildcam_summary *summary;
    wildcam_station *station = populate(ids);
    assert_ok(wildcam_station_summarise(station, NULL, BY_ALL, &summary));
    while (wildcam_summary_next(summary) == 1) {
        int order = wildcam_summary_get_day(summary) < day ? 1 : 0;
        if (wildcam_summary_get_day(summary) == day)
            order = strcmp(camera, wildcam_summary_get_device_id(summary));
        if (wildcam_summary_get_day(summary) == day && order == 0)
            order = strcmp(species, wildcam_summary_get_species(summary));
        ck_assert_int_le(order, 0);
        day = wildcam_summary_get_day(summary);
        snprintf(camera, sizeof camera, "%s", wildcam_summary_get_device_id(summary));
        snprintf(species, sizeof species, "%s", wildcam_summary_get_species(summary));
    }
    wildcam_summary_free(summary);
    assert_ok(wildcam_station_summarise(station, NULL, WILDCAM_BY_SPECIES, &summary));
    wildcam_station_close(station); /* a summary stands by itself */
    while (wildcam_summary_next(summary) == 1) {
        ck_assert_int_le(wildcam_summary_get_count(summary), count); /* the most frequent first */
        count = wildcam_summary_get_count(summary);
        ck_assert_str_ne(wildcam_summary_get_species(summary), "");
    }
    wildcam_summary_free(summary);
}
END_TEST

static void assert_no_row(const wildcam_summary *summary)
{
    ck_assert_str_eq(wildcam_summary_get_device_id(summary), "");
    ck_assert_str_eq(wildcam_summary_get_species(summary), "");
    ck_assert_int_eq(wildcam_summary_get_camera_id(summary), 0);
    ck_assert_int_eq(wildcam_summary_get_day(summary), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_summary_get_category(summary), -1);
    ck_assert_int_eq(wildcam_summary_get_count(summary), 0);
    ck_assert_int_eq(wildcam_summary_get_sure_count(summary), 0);
    ck_assert(isnan(wildcam_summary_get_mean_confidence(summary)));
    ck_assert(isnan(wildcam_summary_get_sure_mean_confidence(summary)));
    ck_assert_int_eq(wildcam_summary_get_hour(summary, 0), 0);
}

START_TEST(no_row_before_the_first_and_after_the_last)
{
    wildcam_summary *summary;
    wildcam_station *station = open_with(NULL, NULL);
    add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01T10:00"), 0.9});
    assert_ok(wildcam_station_summarise(station, NULL, BY_ALL, &summary));
    assert_no_row(summary);
    ck_assert_int_eq(wildcam_summary_next(summary), 1);
    ck_assert_int_eq(wildcam_summary_get_hour(summary, 10), 1);
    ck_assert_int_eq(wildcam_summary_get_hour(summary, -1), 0);
    ck_assert_int_eq(wildcam_summary_get_hour(summary, 24), 0);
    ck_assert_int_eq(wildcam_summary_next(summary), 0);
    assert_no_row(summary);
    ck_assert_int_eq(wildcam_summary_next(summary), 0);
    assert_no_row(summary);
    wildcam_summary_free(summary);
    wildcam_station_close(station);
}
END_TEST

START_TEST(refuses_what_is_no_sum)
{
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_summary *summary = (void *)station;
    assert_fails(WILDCAM_ERR_INVALID, "8", wildcam_station_summarise(station, NULL, 8, &summary));
    ck_assert_ptr_null(summary);
    assert_ok(wildcam_station_summarise(station, NULL, 0, &summary));
    ck_assert_int_eq(wildcam_summary_next(summary), 0); /* nothing is there */
    wildcam_summary_free(summary);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("summary");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, summaries_follow_every_write);
    tcase_add_test(all, summaries_of_a_question);
    tcase_add_test(all, range_is_widened_to_days);
    tcase_add_test(all, rows_come_in_order);
    tcase_add_test(all, no_row_before_the_first_and_after_the_last);
    tcase_add_test(all, refuses_what_is_no_sum);
    return suite;
}
