#include <math.h>

#include "conformance/subject.h"
#include "model/id.h"

static struct subject subject;
static struct dice dice;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    dice = dice_new();
}

static void tear_down(void)
{
    subject_close(&subject);
}

START_TEST(an_empty_station_answers)
{
    assert_same(&subject, &dice, 30);
    assert_whole(&subject);
}
END_TEST

/* Each filter by itself, each of its values. */
START_TEST(every_filter_alone)
{
    fill(&subject, &dice, 300);
    for (int order = 0; order < 2; order++) {
        struct wci_query query = query_all();
        query.oldest_first = order;
        for (int i = 0; i < CAMERAS; i++) {
            query.camera = subject.cameras[i];
            assert_read(&subject, &query, 64);
            assert_count(&subject, &query);
        }
        query.camera = NULL;
        for (query.category = 0; query.category < 6; query.category++) {
            assert_read(&subject, &query, 64);
            assert_count(&subject, &query);
        }
        query.category = -1;
        for (query.verified = 0; query.verified < 2; query.verified++) {
            assert_read(&subject, &query, 64);
            assert_count(&subject, &query);
        }
        query.verified = -1;
        for (int tenth = 0; tenth <= 10; tenth++) {
            query.min_confidence = tenth / 10.0;
            assert_read(&subject, &query, 64);
            assert_count(&subject, &query);
        }
        query.min_confidence = NAN;
        for (int i = 0; i < SPECIES; i++) {
            query_by_species(&query, subject.species[i]);
            assert_read(&subject, &query, 64);
            assert_count(&subject, &query);
        }
    }
}
END_TEST

/* Every combination of filters that are set or not, with values at random. */
START_TEST(every_filter_combined)
{
    fill(&subject, &dice, 400);
    for (int set = 0; set < 1 << 7; set++) {
        struct wci_query query = query_all();
        if (set & 1)
            query.camera = subject.cameras[roll(&dice, 2)];
        if (set & 2)
            query_by_species(&query, subject.species[roll(&dice, SPECIES)]);
        if (set & 4)
            query.category = (int)roll(&dice, 4);
        if (set & 8)
            query.min_confidence = 0.3;
        if (set & 16)
            query.verified = (int)roll(&dice, 2);
        if (set & 32)
            query.from = day_at(2025, 12, 31) + roll(&dice, WCI_DAY);
        if (set & 64)
            query.to = day_at(2026, 3, 1) + roll(&dice, WCI_DAY);
        for (int order = 0; order < 2; order++) {
            query.oldest_first = order;
            assert_read(&subject, &query, 37);
            assert_count(&subject, &query);
        }
    }
}
END_TEST

START_TEST(unknown_species_and_no_time)
{
    static const char name[] = "never seen";
    fill(&subject, &dice, 20);
    struct wci_query query = query_all();
    query.by_species = true;
    query.species = (struct wci_text){.data = (char *)(uintptr_t)name, .length = sizeof name - 1};
    assert_read(&subject, &query, 5);
    assert_count(&subject, &query);
    assert_summary(&subject, &query, WILDCAM_BY_DAY);
    query = query_all();
    query.from = query.to = subject.model.rows[3].time; /* half-open: nothing lies in it */
    assert_read(&subject, &query, 5);
    assert_count(&subject, &query);
    query.from = query.to = INT64_MAX;
    assert_read(&subject, &query, 5);
    query.from = query.to = INT64_MIN;
    assert_read(&subject, &query, 5);
    assert_count(&subject, &query);
}
END_TEST

/* The row at a span's begin is in it, the row at its end is not, to the microsecond. */
START_TEST(spans_are_half_open)
{
    const int64_t at[] = {day_at(2026, 3, 1) - 1, day_at(2026, 3, 1), day_at(2026, 3, 1) + 1,
                          day_at(2026, 3, 9) + 1, day_at(2026, 3, 9) + 999};
    enum { TIMES = sizeof at / sizeof at[0] };
    for (int i = 0; i < TIMES; i++) {
        struct wci_row row = row_at(&subject, at[i]);
        write_rows(&subject, &row, 1);
    }
    for (int from = 0; from < TIMES; from++) {
        for (int to = from; to < TIMES; to++) {
            struct wci_query query = query_all();
            size_t count;
            query.from = at[from];
            query.to = at[to];
            free(model_select(&subject.model, &query, &count));
            ck_assert_uint_eq(count, (size_t)(to - from));
            assert_read(&subject, &query, 2);
            assert_count(&subject, &query);
        }
    }
}
END_TEST

START_TEST(pages_of_every_size)
{
    fill(&subject, &dice, 60);
    for (size_t page = 1; page <= subject.model.count + 2; page++) {
        struct wci_query query = query_all();
        assert_read(&subject, &query, page);
        query.oldest_first = true;
        assert_read(&subject, &query, page);
        query = random_query(&subject, &dice);
        assert_read(&subject, &query, page);
    }
}
END_TEST

/* Where a page goes on need not be a row: it may have been purged, or be of another query. */
START_TEST(goes_on_behind_any_id)
{
    wildcam_detection row;
    struct wci_text damaged = {0};
    fill(&subject, &dice, 200);
    wci_detection_init(&row);
    for (int i = 0; i < 300; i++) {
        size_t count, got, at = 0;
        struct wci_query query = random_query(&subject, &dice);
        const struct known_row **wanted = model_select(&subject.model, &query, &count);
        int64_t after = subject.model.rows[roll(&dice, (int64_t)subject.model.count)].id +
                        roll(&dice, 3) - 1;
        while (at < count &&
               (query.oldest_first ? wanted[at]->id <= after : wanted[at]->id >= after))
            at++;
        assert_op(subject.ops->read(subject.backend, &query,
                                    &(struct wci_place){after, WILDCAM_TIME_NONE}, &row, 1, &got,
                                    &damaged));
        ck_assert_uint_eq(got, at < count);
        if (got)
            assert_row(&row, wanted[at]);
        free(wanted);
    }
    wci_detection_release(&row);
}
END_TEST

/* What was there when the reading began comes once and in order, whatever comes in meanwhile. */
START_TEST(pages_while_rows_come_in)
{
    enum { PAGE = 7 };
    wildcam_detection rows[PAGE];
    struct wci_text damaged = {0};
    for (int i = 0; i < PAGE; i++)
        wci_detection_init(&rows[i]);
    fill(&subject, &dice, 150);
    for (int order = 0; order < 2; order++) {
        size_t count, got, met = 0;
        int64_t after = 0;
        struct wci_query query = query_all();
        query.oldest_first = order;
        const struct known_row **first = model_select(&subject.model, &query, &count);
        int64_t *ids = calloc(count, sizeof *ids);
        for (size_t i = 0; i < count; i++)
            ids[i] = first[i]->id;
        free(first);
        do {
            assert_op(subject.ops->read(subject.backend, &query,
                                        &(struct wci_place){after, WILDCAM_TIME_NONE}, rows, PAGE,
                                        &got, &damaged));
            for (size_t i = 0; i < got; i++) {
                ck_assert(!after || (order ? rows[i].id > after : rows[i].id < after));
                after = rows[i].id;
                assert_row(&rows[i], model_find(&subject.model, after));
                met += met < count && ids[met] == after;
            }
            fill(&subject, &dice, 3);
        } while (got == PAGE && subject.model.count < 10000);
        ck_assert_uint_eq(met, count);
        free(ids);
    }
    for (int i = 0; i < PAGE; i++)
        wci_detection_release(&rows[i]);
}
END_TEST

/* Reading into rows that held something leaves nothing of it. */
START_TEST(rows_are_read_over_what_they_held)
{
    wildcam_detection row;
    wci_detection_init(&row);
    fill(&subject, &dice, 100);
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)roll(&dice, (int64_t)subject.model.count);
        const struct known_row *known = &subject.model.rows[at];
        assert_op(subject.ops->get_detection(subject.backend, known->id, &row));
        assert_row(&row, known);
    }
    wci_detection_release(&row);
}
END_TEST

struct collected {
    int64_t ids[64];
    size_t count, stop_at;
};

static wildcam_status collect(void *user, const wildcam_image *image)
{
    struct collected *collected = user;
    assert_image(image, model_find_image(&subject.model, image->camera_id, image->sha256));
    for (size_t i = 0; i < collected->count; i++)
        ck_assert_int_ne(collected->ids[i], image->id);
    collected->ids[collected->count++] = image->id;
    if (collected->count == collected->stop_at)
        return wci_fail(WILDCAM_ERR_CANCELLED, "enough");
    return WILDCAM_OK;
}

START_TEST(every_picture_of_a_span)
{
    const int64_t ends[] = {INT64_MIN,
                            0,
                            day_at(2026, 2, 28),
                            day_at(2026, 3, 1),
                            day_at(2026, 3, 1) + 3 * WCI_SECOND + 250000,
                            day_at(2026, 4, 1),
                            INT64_MAX};
    enum { ENDS = sizeof ends / sizeof ends[0] };
    for (unsigned i = 0; i < 40; i++) {
        wildcam_image image = image_at(&subject, (int)i % CAMERAS,
                                       day_at(2026, 2, 28) + (i % 4) * WCI_DAY + i * WCI_SECOND / 4,
                                       i);
        struct wci_row row = row_at(&subject, image.time);
        row.camera = subject.cameras[i % CAMERAS];
        struct wci_change change = {.image = &image, .rows = &row, .count = 1};
        write_one(&subject, &change);
    }
    for (int from = 0; from < ENDS; from++) {
        for (int to = from + 1; to < ENDS; to++) {
            struct collected collected = {.count = 0};
            size_t wanted = 0;
            for (size_t i = 0; i < subject.model.image_count; i++)
                wanted += subject.model.images[i].time >= ends[from] &&
                          subject.model.images[i].time < ends[to];
            assert_op(subject.ops->each_image(subject.backend, ends[from], ends[to], collect,
                                              &collected));
            ck_assert_uint_eq(collected.count, wanted);
        }
    }
    struct collected some = {.stop_at = 3};
    assert_op_fails(WILDCAM_ERR_CANCELLED, "enough",
                    subject.ops->each_image(subject.backend, INT64_MIN, INT64_MAX, collect, &some));
    ck_assert_uint_eq(some.count, 3);
}
END_TEST

/* More than are read at once. */
START_TEST(very_many_pictures)
{
    enum { MANY = 700 };
    for (unsigned i = 0; i < MANY; i++) {
        wildcam_image image = image_at(&subject, 0, day_at(2026, 3, 1), 1000 + i);
        struct wci_row row = row_at(&subject, image.time);
        struct wci_change change = {.image = &image, .rows = &row, .count = 1};
        write_one(&subject, &change);
    }
    ck_assert_int_eq(count_images(&subject, day_at(2026, 3, 1), day_at(2026, 3, 2)), MANY);
}
END_TEST

static wildcam_status stop_span(void *user, const char *name, int64_t from, int64_t to)
{
    ++*(int *)user;
    return wci_fail(WILDCAM_ERR_CANCELLED, "enough of %s %lld %lld", name, (long long)from,
                    (long long)to);
}

START_TEST(spans_and_figures)
{
    struct wci_text spans = {0};
    struct wci_store_figures figures = {0};
    int64_t count = 0;
    int calls = 0;
    assert_op(subject.ops->each_span(subject.backend, stop_span, &calls));
    ck_assert_int_eq(calls, 0);
    fill(&subject, &dice, 300);
    list_spans(&subject, &spans);
    for (const char *at = spans.data; *at; at++)
        count += *at == ' ';
    ck_assert_int_ge(count, 4);
    assert_op(subject.ops->figures(subject.backend, &figures));
    ck_assert_int_eq(figures.shards, count);
    ck_assert_int_ge(figures.open_shards, 0);
    ck_assert_int_le(figures.open_shards, figures.shards);
    ck_assert_int_eq(figures.damaged_shards, 0);
    ck_assert_str_eq(wci_text_get(&figures.damaged), "");
    assert_op_fails(WILDCAM_ERR_CANCELLED, "enough",
                    subject.ops->each_span(subject.backend, stop_span, &calls));
    ck_assert_int_eq(calls, 1);
    wci_text_free(&spans);
    wci_text_free(&figures.damaged);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: read");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, an_empty_station_answers);
    tcase_add_test(all, every_filter_alone);
    tcase_add_test(all, every_filter_combined);
    tcase_add_test(all, unknown_species_and_no_time);
    tcase_add_test(all, spans_are_half_open);
    tcase_add_test(all, pages_of_every_size);
    tcase_add_test(all, goes_on_behind_any_id);
    tcase_add_test(all, pages_while_rows_come_in);
    tcase_add_test(all, rows_are_read_over_what_they_held);
    tcase_add_test(all, every_picture_of_a_span);
    tcase_add_test(all, very_many_pictures);
    tcase_add_test(all, spans_and_figures);
    return suite;
}
