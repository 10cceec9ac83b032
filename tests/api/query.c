/* Asking for detections: every filter against a recount, and going on from a place. */
#include <math.h>

#include "api/fixtures.h"

enum { ROWS = 600 };

static const char *const cameras[] = {"CAM1", "CAM2", "CAM3"};
static const char *const species[] = {"lynx", "fox", "human", "", "Ursus arctos"};

/* The rows that are asked for: spread over three months, several in a second. */
static struct sighting sighting_of(int i)
{
    return (struct sighting){cameras[i % 3], species[i * 7 % 5],
                             at("2026-01-10") + (int64_t)(i / 2) * 6 * 3600 * SECOND +
                                 (i % 2 ? 1500 : 0),
                             i % 4 ? (i * 13 % 100) / 100.0 : NAN};
}

static bool is_verified(int i)
{
    return i % 10 == 0;
}

struct population {
    wildcam_station *station;
    int64_t ids[ROWS];
};

static struct population populate(void)
{
    wildcam_batch *batch;
    wildcam_detection *word;
    struct population all = {open_with("store.shard", "month", NULL), {0}};
    assert_ok(wildcam_batch_new(all.station, &batch));
    for (int i = 0; i < ROWS; i++) {
        struct sighting sighting = sighting_of(i);
        wildcam_detection *draft = draft_of(&sighting);
        assert_ok(wildcam_batch_add(batch, draft));
        wildcam_detection_free(draft);
    }
    assert_ok(wildcam_batch_commit(batch));
    for (int i = 0; i < ROWS; i++)
        all.ids[i] = wildcam_batch_get_id(batch, (size_t)i);
    wildcam_batch_free(batch);
    assert_ok(wildcam_detection_new(&word));
    assert_ok(wildcam_detection_set_verified(word, 1));
    for (int i = 0; i < ROWS; i++)
        if (is_verified(i))
            assert_ok(wildcam_station_verify_detection(all.station, all.ids[i], word));
    wildcam_detection_free(word);
    return all;
}

/* A question in the words of this file. */
struct question {
    const char *from, *to, *device_id, *species;
    int category, verified;
    double min_confidence;
};

#define ANY                                                                                        \
    {                                                                                              \
        NULL, NULL, NULL, NULL, -1, -1, NAN                                                        \
    }

static const struct question questions[] = {
    ANY,
    {"2026-01-15", "2026-02-03", NULL, NULL, -1, -1, NAN},
    {"2026-01-15T03:00", "2026-01-15T18:00:00.001", NULL, NULL, -1, -1, NAN},
    {"2026-02-01", NULL, NULL, NULL, -1, -1, NAN},
    {NULL, "2026-02-01", NULL, NULL, -1, -1, NAN},
    {"2027-01-01", NULL, NULL, NULL, -1, -1, NAN},
    {"2026-01-15", "2026-01-15", NULL, NULL, -1, -1, NAN},
    {NULL, NULL, "CAM2", NULL, -1, -1, NAN},
    {NULL, NULL, "CAM9", NULL, -1, -1, NAN},
    {NULL, NULL, NULL, "lynx", -1, -1, NAN},
    {NULL, NULL, NULL, "Lynx", -1, -1, NAN},
    {NULL, NULL, NULL, "human", -1, -1, NAN},
    {NULL, NULL, NULL, "unclassified", -1, -1, NAN},
    {NULL, NULL, NULL, NULL, WILDCAM_CATEGORY_ANIMAL, -1, NAN},
    {NULL, NULL, NULL, NULL, WILDCAM_CATEGORY_HUMAN, -1, NAN},
    {NULL, NULL, NULL, NULL, WILDCAM_CATEGORY_VEHICLE, -1, NAN},
    {NULL, NULL, NULL, NULL, -1, 1, NAN},
    {NULL, NULL, NULL, NULL, -1, 0, NAN},
    {NULL, NULL, NULL, NULL, -1, -1, 0},
    {NULL, NULL, NULL, NULL, -1, -1, 0.5},
    {NULL, NULL, NULL, NULL, -1, -1, 1},
    {"2026-01-20", "2026-02-20", "CAM1", "fox", WILDCAM_CATEGORY_ANIMAL, -1, 0.25},
    {"2026-01-20", "2026-03-20", "CAM1", NULL, -1, 1, NAN},
    {NULL, NULL, "CAM3", "lynx", -1, 0, 0.1},
};

enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static bool matches(const struct question *question, int i)
{
    struct sighting sighting = sighting_of(i);
    wildcam_detection *draft = draft_of(&sighting);
    const char *name = wildcam_detection_get_species(draft);
    bool holds =
        (!question->from || sighting.time >= at(question->from)) &&
        (!question->to || sighting.time < at(question->to)) &&
        (!question->device_id || strcmp(question->device_id, sighting.device_id) == 0) &&
        (!question->species || strcmp(question->species, name) == 0) &&
        (question->category < 0 || question->category == wildcam_detection_get_category(draft)) &&
        (question->verified < 0 || question->verified == is_verified(i)) &&
        (isnan(question->min_confidence) || sighting.confidence >= question->min_confidence);
    wildcam_detection_free(draft);
    return holds;
}

static wildcam_query *query_of(const struct question *question)
{
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_range(query,
                                      question->from ? at(question->from) : WILDCAM_TIME_NONE,
                                      question->to ? at(question->to) : WILDCAM_TIME_NONE));
    assert_ok(wildcam_query_set_device_id(query, question->device_id));
    assert_ok(wildcam_query_set_species(query, question->species));
    assert_ok(wildcam_query_set_category(query, question->category));
    assert_ok(wildcam_query_set_verified(query, question->verified));
    assert_ok(wildcam_query_set_min_confidence(query, question->min_confidence));
    return query;
}

/* The ids that must come, oldest first: ids are in the order of times. */
static int expect(const struct population *all, const struct question *question,
                  int64_t expected[ROWS])
{
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        if (matches(question, i))
            expected[count++] = all->ids[i];
    return count;
}

static void assert_answer(wildcam_station *station, wildcam_query *query, const int64_t *expected,
                          int count, bool oldest_first)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    assert_ok(
        wildcam_query_set_order(query, oldest_first ? WILDCAM_OLDEST_FIRST : WILDCAM_NEWEST_FIRST));
    assert_ok(wildcam_station_query(station, query, &cursor));
    ck_assert_str_eq(wildcam_cursor_token(cursor), "");
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
        ck_assert_int_eq(wildcam_detection_get_id(row), expected[oldest_first ? i : count - 1 - i]);
    }
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 0);
        ck_assert_ptr_null(row);
    }
    ck_assert_str_eq(wildcam_cursor_damaged(cursor), "");
    wildcam_cursor_free(cursor);
}

START_TEST(every_filter_against_a_recount)
{
    int64_t expected[ROWS], counted = -1;
    struct population all = populate();
    for (int i = 0; i < QUESTIONS; i++) {
        wildcam_query *query = query_of(&questions[i]);
        int count = expect(&all, &questions[i], expected);
        assert_answer(all.station, query, expected, count, false);
        assert_answer(all.station, query, expected, count, true);
        assert_ok(wildcam_station_count(all.station, query, 0, &counted, NULL));
        ck_assert_msg(counted == count, "question %d: %lld, not %d", i, (long long)counted, count);
        assert_ok(wildcam_station_count(all.station, query, 10, &counted, NULL));
        if (count < 10)
            ck_assert_int_eq(counted, count);
        else
            ck_assert_int_ge(counted, 10);
        wildcam_query_free(query);
    }
    assert_ok(wildcam_station_count(all.station, NULL, 0, &counted, NULL));
    ck_assert_int_eq(counted, ROWS);
    ck_assert_int_eq(walk(all.station, NULL), ROWS);
    wildcam_station_close(all.station);
}
END_TEST

/* Pages of `size` rows, each by a token that went through the outside world, make the whole. */
static void assert_pages(const struct population *all, const struct question *question, int size,
                         bool oldest_first)
{
    int64_t expected[ROWS];
    char token[64] = "";
    int count = expect(all, question, expected), seen = 0, got;
    do {
        wildcam_cursor *cursor;
        const wildcam_detection *row;
        wildcam_query *query = query_of(question);
        assert_ok(wildcam_query_set_order(query, oldest_first));
        assert_ok(wildcam_query_set_limit(query, size));
        assert_ok(wildcam_query_set_after(query, *token ? token : NULL));
        assert_ok(wildcam_station_query(all->station, query, &cursor));
        wildcam_query_free(query); /* the cursor has its copy */
        for (got = 0; wildcam_cursor_next(cursor, &row) == 1; got++, seen++) {
            ck_assert_int_lt(seen, count);
            ck_assert_int_eq(wildcam_detection_get_id(row),
                             expected[oldest_first ? seen : count - 1 - seen]);
            snprintf(token, sizeof token, "%s", wildcam_cursor_token(cursor));
            ck_assert_uint_eq(strspn(token, "abcdefghijklmnopqrstuvwxyz0123456789"), strlen(token));
        }
        ck_assert_int_le(got, size);
        wildcam_cursor_free(cursor);
    } while (got == size);
    ck_assert_int_eq(seen, count);
}

START_TEST(pages_make_the_whole)
{
    static const int sizes[] = {1, 7, 32, 33, 300, 1000};
    struct population all = populate();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int which = sizes[i] == 1 ? QUESTIONS - 1 : 0; /* one by one takes its time */
        assert_pages(&all, &questions[which], sizes[i], false);
        assert_pages(&all, &questions[which], sizes[i], true);
    }
    wildcam_station_close(all.station);
}
END_TEST

START_TEST(offset_and_limit)
{
    static const int64_t offsets[] = {0, 1, 31, 32, 299, 599, 600, 601, 100000};
    struct population all = populate();
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        for (int64_t limit = 0; limit <= 50; limit += 25) {
            wildcam_query *query = query_of(&questions[0]);
            int64_t left = offsets[i] < ROWS ? ROWS - offsets[i] : 0;
            assert_ok(wildcam_query_set_offset(query, offsets[i]));
            assert_ok(wildcam_query_set_limit(query, limit));
            ck_assert_int_eq(walk(all.station, query), limit && limit < left ? limit : left);
            assert_ok(wildcam_station_count(all.station, query, 0, &left, NULL));
            ck_assert_int_eq(left, ROWS); /* they do not matter here */
            wildcam_query_free(query);
        }
    }
    wildcam_station_close(all.station);
}
END_TEST

START_TEST(foreign_tokens_are_refused)
{
    static const char *const foreign[] = {"",
                                          "n",
                                          "n0",
                                          "n-5",
                                          "x123",
                                          "123",
                                          "n12a",
                                          "n 12",
                                          "n9007199254740992",
                                          "n99999999999999999999",
                                          "n123456789012345678901234567890",
                                          "\xff\xfe",
                                          "n1;DROP TABLE cameras"};
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "cursor", wildcam_query_set_after(query, foreign[i]));
    assert_fails(WILDCAM_ERR_INVALID, "order", wildcam_query_set_after(query, "o12345"));
    assert_ok(wildcam_query_set_after(query, "n12345"));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    assert_fails(WILDCAM_ERR_INVALID, "order", wildcam_query_set_after(query, "n12345"));
    assert_ok(wildcam_query_set_after(query, "o12345"));
    assert_ok(wildcam_query_set_after(query, NULL));
    wildcam_query_free(query);
}
END_TEST

START_TEST(setters_refuse)
{
    char text[102];
    wildcam_query *query;
    memset(text, 'x', 101);
    text[101] = '\0';
    assert_ok(wildcam_query_new(&query));
    assert_fails(WILDCAM_ERR_INVALID, "ends", wildcam_query_set_range(query, 2, 1));
    assert_fails(WILDCAM_ERR_INVALID, "a b", wildcam_query_set_device_id(query, "a b"));
    assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_query_set_device_id(query, ""));
    assert_fails(WILDCAM_ERR_INVALID, "100", wildcam_query_set_species(query, text));
    assert_fails(WILDCAM_ERR_INVALID, "species", wildcam_query_set_species(query, "\xff"));
    assert_fails(WILDCAM_ERR_INVALID, "6", wildcam_query_set_category(query, 6));
    assert_fails(WILDCAM_ERR_INVALID, "-2", wildcam_query_set_category(query, -2));
    assert_fails(WILDCAM_ERR_INVALID, "1.5", wildcam_query_set_min_confidence(query, 1.5));
    assert_fails(WILDCAM_ERR_INVALID, "-0.5", wildcam_query_set_min_confidence(query, -0.5));
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_query_set_verified(query, 2));
    assert_fails(WILDCAM_ERR_INVALID, "-2", wildcam_query_set_verified(query, -2));
    assert_fails(WILDCAM_ERR_INVALID, "2", wildcam_query_set_order(query, 2));
    assert_fails(WILDCAM_ERR_INVALID, "100001", wildcam_query_set_offset(query, 100001));
    assert_fails(WILDCAM_ERR_INVALID, "-1", wildcam_query_set_offset(query, -1));
    assert_fails(WILDCAM_ERR_INVALID, "limit", wildcam_query_set_limit(query, -1));
    assert_ok(wildcam_query_set_limit(query, INT64_MAX));
    wildcam_query_free(query);
}
END_TEST

/* What is added behind the place of a cursor is not seen, what lies ahead of it is. */
START_TEST(cursor_sees_what_lies_ahead)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_query *query;
    int64_t seen = 1;
    wildcam_station *station = open_with(NULL, NULL);
    for (int i = 0; i < 100; i++)
        add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01") + i * SECOND, 0.5});
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST));
    assert_ok(wildcam_station_query(station, query, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    add(station, &(struct sighting){"CAM1", "fox", at("2026-02-01"), 0.5});
    add(station, &(struct sighting){"CAM1", "fox", at("2026-04-01"), 0.5});
    while (wildcam_cursor_next(cursor, &row) == 1)
        seen++;
    ck_assert_int_eq(seen, 101);
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    wildcam_station_close(station);
}
END_TEST

/* From the summaries or one by one, the one detection that is left is counted. */
static void assert_count_lacks(const char *shards, wildcam_station *station, int verified)
{
    int64_t count;
    char *damaged;
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_verified(query, verified));
    assert_ok(wildcam_station_count(station, query, 0, &count, &damaged));
    ck_assert_int_eq(count, 1);
    ck_assert_str_eq(damaged, shards);
    wildcam_free(damaged);
    assert_ok(wildcam_query_set_min_confidence(query, 0.5));
    assert_ok(wildcam_station_count(station, query, 0, &count, &damaged));
    ck_assert_str_eq(damaged, shards);
    wildcam_free(damaged);
    assert_ok(wildcam_query_set_range(query, at("2026-03-01"), WILDCAM_TIME_NONE));
    assert_ok(wildcam_station_count(station, query, 0, &count, &damaged));
    ck_assert_ptr_null(damaged);
    wildcam_query_free(query);
}

START_TEST(damaged_shard_is_passed_over)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_summary *summary;
    wildcam_detection *found = (void *)&cursor;
    wildcam_health *health;
    wildcam_station *station = open_with(NULL, NULL);
    int64_t lost = add(station, &(struct sighting){"CAM1", "lynx", at("2026-02-01"), 0.5});
    add(station, &(struct sighting){"CAM1", "lynx", at("2026-03-01"), 0.5});
    wildcam_station_close(station);
    ruin_file(scratch_path("station/detections/2026-02.db"));
    station = open_with(NULL, NULL);
    expect_log("2026-02");
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 0);
    ck_assert_str_eq(wildcam_cursor_damaged(cursor), "2026-02");
    wildcam_cursor_free(cursor);
    assert_count_lacks("2026-02", station, -1);
    assert_count_lacks("2026-02", station, 0);
    assert_ok(wildcam_station_summarise(station, NULL, 0, &summary));
    ck_assert_str_eq(wildcam_summary_damaged(summary), "2026-02");
    wildcam_summary_free(summary);
    assert_fails(WILDCAM_ERR_CORRUPT, "2026-02",
                 wildcam_station_get_detection(station, lost, &found));
    ck_assert_ptr_null(found);
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_str_eq(wildcam_health_get_status(health), "degraded");
    ck_assert_ptr_nonnull(strstr(wildcam_health_get_reason(health), "2026-02"));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_DAMAGED_SHARDS), 1);
    wildcam_health_free(health);
    wildcam_station_close(station);
}
END_TEST

START_TEST(count_refuses)
{
    int64_t count = 77;
    wildcam_station *station = open_with(NULL, NULL);
    assert_fails(WILDCAM_ERR_INVALID, "stop_at",
                 wildcam_station_count(station, NULL, -1, &count, NULL));
    assert_ok(wildcam_station_count(station, NULL, 0, &count, NULL));
    ck_assert_int_eq(count, 0);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("query");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, every_filter_against_a_recount);
    tcase_add_test(all, pages_make_the_whole);
    tcase_add_test(all, offset_and_limit);
    tcase_add_test(all, foreign_tokens_are_refused);
    tcase_add_test(all, setters_refuse);
    tcase_add_test(all, cursor_sees_what_lies_ahead);
    tcase_add_test(all, damaged_shard_is_passed_over);
    tcase_add_test(all, count_refuses);
    return suite;
}
