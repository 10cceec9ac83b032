#include <math.h>

#include "conformance/subject.h"

static struct subject subject;
static struct dice dice;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    dice = dice_new();
}

static void tear_down(void)
{
    assert_whole(&subject);
    subject_close(&subject);
}

static void assert_every_way(const struct wci_query *query)
{
    for (uint32_t by = 0; by < 8; by++)
        assert_summary(&subject, query, by);
}

static void assert_everything(void)
{
    struct wci_query query = query_all();
    assert_every_way(&query);
    for (int i = 0; i < CAMERAS; i++) {
        query.camera = subject.cameras[i];
        assert_every_way(&query);
    }
    query.camera = NULL;
    for (query.category = 0; query.category < 6; query.category++)
        assert_every_way(&query);
    query.category = -1;
    for (int i = 0; i < SPECIES; i++) {
        query_by_species(&query, subject.species[i]);
        assert_every_way(&query);
    }
}

START_TEST(nothing)
{
    assert_everything();
}
END_TEST

START_TEST(recounted_in_every_way)
{
    fill(&subject, &dice, 500);
    assert_everything();
    subject_reopen(&subject);
    assert_everything();
}
END_TEST

/* Ends within a day widen to the whole day. */
START_TEST(ranges_are_whole_days)
{
    const int64_t day = day_at(2026, 3, 1);
    const int64_t ends[] = {INT64_MIN, day - WCI_DAY,     day - 1,       day,
                            day + 1,   day + WCI_DAY - 1, day + WCI_DAY, INT64_MAX};
    enum { ENDS = sizeof ends / sizeof ends[0] };
    fill(&subject, &dice, 300);
    for (int from = 0; from < ENDS; from++) {
        for (int to = from; to < ENDS; to++) {
            struct wci_query query = query_all();
            query.from = ends[from];
            query.to = ends[to];
            assert_every_way(&query);
        }
    }
}
END_TEST

/* What a query says of confidence, review and order is nothing to a summary. */
START_TEST(the_rest_of_a_query_does_not_matter)
{
    fill(&subject, &dice, 100);
    struct wci_query query = query_all();
    query.min_confidence = 0.5;
    query.verified = 1;
    query.oldest_first = true;
    assert_every_way(&query);
}
END_TEST

static int64_t count_all(void)
{
    struct wci_query query = query_all();
    struct wci_summary_rows rows = {0};
    assert_op(subject.ops->summarise(subject.backend, &query, 0, &rows));
    int64_t count = rows.count ? rows.rows[0].count : 0;
    free(rows.rows);
    return count;
}

static void review(int64_t id, uint32_t set, int flag, const struct wci_name *species)
{
    wildcam_detection draft;
    struct wci_review review = {.detection_id = id, .draft = &draft, .species = species, .time = 1};
    struct wci_change change = {.review = &review};
    wci_detection_init(&draft);
    draft.set = set;
    draft.verified = draft.false_positive = flag;
    write_one(&subject, &change);
}

START_TEST(follows_reviews)
{
    struct wci_row row = row_at(&subject, day_at(2026, 3, 1) + 5 * WCI_SECOND);
    row.confidence = 0.75;
    row.offset = -3600; /* the day before by its own clock, but days are those of UTC */
    write_rows(&subject, &row, 1);
    assert_everything();
    review(row.id, WCI_SET_VERIFIED_SPECIES, 0, subject.species[5]);
    assert_everything();
    ck_assert_int_eq(count_all(), 1);
    review(row.id, WCI_SET_FALSE_POSITIVE, 1, NULL);
    assert_everything();
    ck_assert_int_eq(count_all(), 0);
    review(row.id, WCI_SET_VERIFIED_SPECIES, 0, subject.species[6]); /* while it does not count */
    assert_everything();
    review(row.id, WCI_SET_FALSE_POSITIVE, 1, NULL); /* said twice */
    assert_everything();
    review(row.id, WCI_SET_FALSE_POSITIVE | WCI_SET_VERIFIED_SPECIES, 0, subject.species[2]);
    assert_everything();
    ck_assert_int_eq(count_all(), 1);
    review(row.id, WCI_SET_VERIFIED, 1, NULL);
    review(row.id, WCI_SET_VERIFIED_SPECIES, 0, NULL);
    assert_everything();
    ck_assert_int_eq(count_all(), 1);
}
END_TEST

/* A row and reviews of it that share a group. */
START_TEST(follows_reviews_of_one_group)
{
    struct wci_row rows[2] = {row_at(&subject, day_at(2026, 3, 1)),
                              row_at(&subject, day_at(2026, 3, 1))};
    wildcam_detection drafts[2];
    struct wci_review reviews[2];
    struct wci_change changes[4] = {0};
    write_rows(&subject, rows, 1);
    for (int i = 0; i < 2; i++) {
        wci_detection_init(&drafts[i]);
        drafts[i].set = i ? WCI_SET_FALSE_POSITIVE : WCI_SET_VERIFIED_SPECIES;
        drafts[i].false_positive = 1;
        reviews[i] = (struct wci_review){.detection_id = rows[0].id,
                                         .draft = &drafts[i],
                                         .species = subject.species[3],
                                         .time = 1};
        changes[2 * i].review = &reviews[i];
    }
    changes[1] = changes[3] = (struct wci_change){.rows = &rows[1], .count = 1};
    changes[3].rows = &rows[0];
    struct wci_row copy = rows[0];
    changes[3].rows = &copy;
    write_group(&subject, changes, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(changes[i].error.status, WILDCAM_OK);
    assert_everything();
}
END_TEST

/* Sums of confidences are exact, whatever the order in which they are added. */
START_TEST(sums_are_exact)
{
    static struct wci_row rows[1000];
    for (int i = 0; i < 1000; i++) {
        rows[i] = row_at(&subject, day_at(2026, 3, 1) + i * WCI_SECOND);
        rows[i].confidence = (i * 37 % 1000) / 999.0;
    }
    for (int i = 0; i < 1000; i += 100)
        write_rows(&subject, &rows[i], 100);
    assert_everything();
    for (int i = 0; i < 1000; i += 2)
        review(rows[i].id, WCI_SET_FALSE_POSITIVE, 1, NULL);
    for (int i = 0; i < 1000; i += 2)
        review(rows[i].id, WCI_SET_FALSE_POSITIVE, 0, NULL);
    assert_everything();
}
END_TEST

/* Counts of whole days may come from the summaries and must be the same as those row by row. */
START_TEST(counts_of_whole_days)
{
    fill(&subject, &dice, 400);
    for (int i = 0; i < 200; i++) {
        struct wci_query query = random_query(&subject, &dice);
        query.min_confidence = NAN;
        if (query.from != INT64_MIN)
            query.from -= query.from % WCI_DAY;
        if (query.to != INT64_MAX)
            query.to -= query.to % WCI_DAY;
        assert_count(&subject, &query);
        query.verified = -1;
        assert_count(&subject, &query);
        if (i % 20 == 0)
            fill(&subject, &dice, 3);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: summary");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, nothing);
    tcase_add_test(all, recounted_in_every_way);
    tcase_add_test(all, ranges_are_whole_days);
    tcase_add_test(all, the_rest_of_a_query_does_not_matter);
    tcase_add_test(all, follows_reviews);
    tcase_add_test(all, follows_reviews_of_one_group);
    tcase_add_test(all, sums_are_exact);
    tcase_add_test(all, counts_of_whole_days);
    return suite;
}
