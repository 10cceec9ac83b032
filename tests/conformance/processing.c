/* What is to be processed: claims, leases, and what was found taking its place. */
#include <math.h>

#include "conformance/subject.h"

static struct subject subject;
static struct wci_store store;
static int64_t now;

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    now = wci_calendar_now();
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

static int64_t keep(int month, unsigned seed)
{
    return keep_picture(&subject, &store, 0, day_at(2026, month, 5), seed);
}

/* 0 when nothing is due. */
static int64_t claim(wildcam_processing *row, bool oldest_first, int64_t at, int64_t lease)
{
    size_t got;
    const struct wci_processing_claim wanted = {oldest_first, at, lease, at + 60 * WCI_SECOND};
    wci_processing_release(row);
    wci_processing_init(row);
    assert_op(wci_store_claim_processing(&store, &wanted, &row, 1, &got));
    return got ? row->image_id : 0;
}

static void step(enum wci_processing_step which, wildcam_processing *row,
                 const struct wci_found *found)
{
    struct wci_processing_work work = {.step = which,
                                       .rows = &row,
                                       .count = 1,
                                       .now = now,
                                       .until = now + 90 * WCI_SECOND,
                                       .found = found};
    assert_op(wci_store_step_processing(&store, &work));
}

static wildcam_processing row_of(int64_t image_id)
{
    wildcam_processing row;
    wci_processing_init(&row);
    assert_op(subject.ops->get_processing(subject.backend, image_id, &row));
    wci_processing_release(&row);
    return row;
}

static struct wci_queue_figures figures(void)
{
    struct wci_queue_figures out;
    assert_op(subject.ops->count_processing(subject.backend, &out));
    return out;
}

/* How many detections there are, and how many of them are of a species. */
static int64_t count_rows(const char *species)
{
    int64_t count;
    struct wci_query query = {.from = 0,
                              .to = INT64_C(4000000000000000),
                              .category = -1,
                              .min_confidence = NAN,
                              .verified = -1};
    if (species) {
        query.by_species = true;
        assert_op(wci_text_set(&query.species, species, strlen(species)));
    }
    assert_op(subject.ops->count(subject.backend, &query, 1000, &count, NULL));
    wci_text_free(&query.species);
    return count;
}

static struct wci_row fox(void)
{
    struct wci_row row = {.confidence = 0.5};
    assert_op(
        subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, "fox", &row.species));
    assert_op(subject.ops->find_detector(subject.backend, "look", "1", &row.detector_id));
    return row;
}

START_TEST(claims_go_by_priority_and_then_by_time)
{
    bool is_missed;
    wildcam_processing row;
    int64_t first = keep(1, 1), second = keep(2, 2), third = keep(3, 3), fourth = keep(3, 4);
    wci_processing_init(&row);
    assert_op(wci_store_change_processing(&store, WCI_PROCESSING_PRIORITISE, first,
                                          WCI_PRIORITY_LOW, &is_missed));
    assert_op(wci_store_change_processing(&store, WCI_PROCESSING_PRIORITISE, second,
                                          WCI_PRIORITY_HIGH, &is_missed));
    ck_assert(!is_missed);
    ck_assert_int_eq(claim(&row, false, now, 1), second);
    ck_assert_int_eq(claim(&row, false, now, 2), fourth);
    ck_assert_int_eq(claim(&row, true, now, 3), third);
    ck_assert_int_eq(claim(&row, true, now, 4), first);
    ck_assert_int_eq(claim(&row, true, now, 5), 0);
    ck_assert_int_eq(figures().owed, 4);
    ck_assert_int_eq(figures().leased, 4);
    wci_processing_release(&row);
}
END_TEST

/* What was done or parked is owed since it was asked for again, and not since it came in. */
START_TEST(what_is_asked_for_again_waits_since_then)
{
    bool is_missed;
    wildcam_processing row;
    int64_t id = keep(1, 1);
    wci_processing_init(&row);
    claim(&row, false, now, 1);
    row.state = _i ? WCI_PROCESSING_PARKED : WCI_PROCESSING_DONE;
    step(WCI_PROCESSING_SETTLE, &row, NULL);
    int64_t before = wci_calendar_now();
    assert_op(wci_store_change_processing(&store, WCI_PROCESSING_REQUEUE, id, 0, &is_missed));
    ck_assert(!is_missed);
    ck_assert_int_ge(row_of(id).since, before);
    wci_processing_release(&row);
}
END_TEST

START_TEST(who_was_overtaken_writes_nothing)
{
    wildcam_processing slow, quick;
    struct wci_row found = fox(), again = fox();
    const struct wci_found one = {&found, 1}, other = {&again, 1};
    int64_t id = keep(1, 1);
    wci_processing_init(&slow);
    wci_processing_init(&quick);
    ck_assert_int_eq(claim(&slow, false, now, 11), id);
    ck_assert_int_eq(claim(&quick, false, now + 59 * WCI_SECOND, 22), 0);
    ck_assert_int_eq(claim(&quick, false, now + 61 * WCI_SECOND, 22), id);
    ck_assert(quick.was_left && !slow.was_left);
    ck_assert_int_eq(quick.attempts, 1); /* somebody ended over it, as far as anybody knows */
    step(WCI_PROCESSING_RENEW, &slow, NULL);
    ck_assert(slow.is_missed);
    slow.state = quick.state = WCI_PROCESSING_DONE;
    step(WCI_PROCESSING_SETTLE, &slow, &one);
    ck_assert(slow.is_missed);
    ck_assert_int_eq(count_rows("fox"), 0);
    step(WCI_PROCESSING_SETTLE, &quick, &other);
    ck_assert(!quick.is_missed);
    ck_assert_int_ne(again.id, 0);
    step(WCI_PROCESSING_SETTLE, &slow, &one);
    step(WCI_PROCESSING_SETTLE, &quick, &other); /* a second time */
    ck_assert(slow.is_missed && quick.is_missed);
    ck_assert_int_eq(count_rows("fox"), 1);
    ck_assert_int_eq(count_rows(NULL), 1);
    ck_assert_int_eq(figures().owed, 0);
    wci_processing_release(&slow);
    wci_processing_release(&quick);
}
END_TEST

START_TEST(lease_lasts_as_long_as_it_is_renewed)
{
    wildcam_processing row, other;
    int64_t id = keep(1, 1);
    wci_processing_init(&row);
    wci_processing_init(&other);
    ck_assert_int_eq(claim(&row, false, now, 11), id);
    step(WCI_PROCESSING_RENEW, &row, NULL);
    ck_assert(!row.is_missed);
    ck_assert_int_eq(claim(&other, false, now + 80 * WCI_SECOND, 22), 0);
    step(WCI_PROCESSING_GIVE_BACK, &row, NULL);
    ck_assert(!row.is_missed);
    ck_assert_int_eq(claim(&other, false, now, 22), id);
    ck_assert(!other.was_left);
    ck_assert_int_eq(other.attempts, 0);
    wci_processing_release(&row);
    wci_processing_release(&other);
}
END_TEST

/* What lies farther ahead than anything is ever put was written before the clock was set back. */
START_TEST(clock_that_is_set_back_holds_nothing_up)
{
    wildcam_processing row;
    int64_t day = 86400 * WCI_SECOND, id = keep(1, 1), late = keep(2, 2);
    wci_processing_init(&row);
    ck_assert_int_eq(claim(&row, false, now + day, 11), late);
    ck_assert_int_eq(claim(&row, true, now, 22), id);
    row.due_at = now + day;
    step(WCI_PROCESSING_SETTLE, &row, NULL);
    ck_assert(!row.is_missed);
    ck_assert_int_eq(claim(&row, true, now, 33), id);
    ck_assert_int_eq(claim(&row, true, now, 44), late);
    ck_assert_int_eq(claim(&row, true, now, 55), 0);
    wci_processing_release(&row);
}
END_TEST

START_TEST(later_tries_and_parked_rows_wait)
{
    int64_t count;
    wildcam_processing row;
    int64_t id = keep(1, 1);
    wci_processing_init(&row);
    ck_assert_int_eq(claim(&row, false, now, 11), id);
    row.due_at = now + 100 * WCI_SECOND;
    row.attempts = 2;
    step(WCI_PROCESSING_SETTLE, &row, NULL);
    ck_assert_int_eq(figures().next_due, now + 100 * WCI_SECOND);
    ck_assert_int_eq(claim(&row, false, now + 99 * WCI_SECOND, 22), 0);
    ck_assert_int_eq(claim(&row, false, now + 100 * WCI_SECOND, 22), id);
    ck_assert_int_eq(row.attempts, 2);
    row.state = WCI_PROCESSING_PARKED;
    row.due_at = 0;
    step(WCI_PROCESSING_SETTLE, &row, NULL);
    ck_assert_int_eq(figures().parked, 1);
    ck_assert_int_eq(figures().owed, 0);
    ck_assert_int_eq(figures().next_due, INT64_MAX);
    ck_assert_int_eq(claim(&row, false, now + 3000 * WCI_SECOND, 33), 0);
    assert_op(wci_store_make_processing_due(&store, WCI_QUEUE_PARKED, 0, INT64_MAX, &count));
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(row_of(id).attempts, 0);
    ck_assert_int_eq(claim(&row, false, now, 44), id);
    wci_processing_release(&row);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("processing");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, claims_go_by_priority_and_then_by_time);
    tcase_add_loop_test(all, what_is_asked_for_again_waits_since_then, 0, 2);
    tcase_add_test(all, who_was_overtaken_writes_nothing);
    tcase_add_test(all, lease_lasts_as_long_as_it_is_renewed);
    tcase_add_test(all, clock_that_is_set_back_holds_nothing_up);
    tcase_add_test(all, later_tries_and_parked_rows_wait);
    return suite;
}
