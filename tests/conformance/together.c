/* Changes that one caller brings together: they share transactions, and each has its own answer. */
#include <stdlib.h>

#include "conformance/subject.h"
#include "model/id.h"

enum { MANY = 600, GROUP_MAX = 256, FEW = 6 };

static struct subject subject;
static struct wci_store store;
static struct dice dice;
static size_t groups[16], group_count;

static void note_group(void *user, size_t changes, int64_t duration)
{
    (void)user;
    ck_assert_int_ge(duration, 0);
    ck_assert_uint_lt(group_count, sizeof groups / sizeof *groups);
    groups[group_count++] = changes;
}

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    store.told = note_group;
    group_count = 0;
    dice.state = 5;
}

static void tear_down(void)
{
    assert_same(&subject, &dice, 10);
    ck_assert_str_eq(find_faults(&store, 0), "");
    subject_close_store(&subject, &store);
}

/* Brings changes to the store. The model learns those that are granted. */
static void write_together(struct wci_change *changes, size_t count)
{
    struct wci_change *list[MANY];
    for (size_t i = 0; i < count; i++)
        list[i] = &changes[i];
    wci_store_write_all(&store, list, count);
    ck_assert_str_eq(wildcam_error_message(), "");
    for (size_t i = 0; i < count; i++)
        if (changes[i].error.status == WILDCAM_OK)
            model_learn(&subject.model, &changes[i]);
}

/* A picture without a file, with one row. */
static void fill_change(struct wci_change *change, wildcam_image *image, struct wci_row *row,
                        int64_t time, unsigned content)
{
    *image = image_at(&subject, 0, time, content);
    image->bytes = 0;
    *row = row_at(&subject, time);
    row->species = subject.species[content % SPECIES];
    *change = (struct wci_change){.image = image, .rows = row, .count = 1};
}

START_TEST(many_in_few_groups)
{
    static struct wci_change changes[MANY];
    static wildcam_image images[MANY];
    static struct wci_row rows[MANY];
    for (unsigned i = 0; i < MANY; i++)
        fill_change(&changes[i], &images[i], &rows[i],
                    day_at(2026, 1 + (int)i % 3, 5) + i * WCI_SECOND, i);
    write_together(changes, MANY);
    ck_assert_uint_eq(group_count, 3);
    ck_assert(groups[0] == GROUP_MAX && groups[1] == GROUP_MAX &&
              groups[2] == MANY - 2 * GROUP_MAX);
    for (size_t i = 0; i < MANY; i++)
        ck_assert(changes[i].error.status == WILDCAM_OK && images[i].id && rows[i].id);
    wci_store_write_all(&store, NULL, 0);
    ck_assert_uint_eq(group_count, 3);
}
END_TEST

START_TEST(one_that_fails_leaves_the_others)
{
    struct wci_change changes[FEW];
    wildcam_image images[FEW];
    struct wci_row rows[FEW];
    wildcam_detection draft;
    const int64_t day = day_at(2026, 3, 5);
    struct wci_review review = {.detection_id = wci_id_at(day), .draft = &draft, .time = day};
    wci_detection_init(&draft);
    for (unsigned i = 0; i < FEW; i++)
        fill_change(&changes[i], &images[i], &rows[i], day + i * WCI_DAY, i);
    changes[2] = (struct wci_change){.review = &review};
    write_together(changes, FEW);
    for (size_t i = 0; i < FEW; i++)
        ck_assert_int_eq(changes[i].error.status, i == 2 ? WILDCAM_ERR_NOTFOUND : WILDCAM_OK);
    ck_assert_ptr_nonnull(strstr(changes[2].error.message, "there is no detection"));
    ck_assert_uint_eq(subject.model.image_count, FEW - 1);
}
END_TEST

START_TEST(the_same_twice_is_kept_once)
{
    struct wci_change changes[FEW];
    wildcam_image images[FEW];
    struct wci_row rows[FEW];
    for (unsigned i = 0; i < FEW; i++)
        fill_change(&changes[i], &images[i], &rows[i], day_at(2026, 3 + (int)i / 3, 5), i % 3);
    write_together(changes, FEW);
    for (size_t i = 0; i < FEW; i++) {
        ck_assert_int_eq(changes[i].is_duplicate, i >= 3);
        ck_assert_int_eq(images[i].id, images[i % 3].id);
    }
    write_together(changes, FEW);
    for (size_t i = 0; i < FEW; i++)
        ck_assert(changes[i].is_duplicate && images[i].id == images[i % 3].id);
}
END_TEST

START_TEST(below_the_disks_floor_none_is_kept)
{
    struct wci_change changes[FEW];
    wildcam_image images[FEW];
    struct wci_row rows[FEW];
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_bytes", "1125899906842624"));
    for (unsigned i = 0; i < FEW; i++)
        fill_change(&changes[i], &images[i], &rows[i], day_at(2026, 3, 5), i);
    write_together(changes, FEW);
    for (size_t i = 0; i < FEW; i++) {
        ck_assert_int_eq(changes[i].error.status, WILDCAM_ERR_NOSPACE);
        ck_assert_ptr_nonnull(strstr(changes[i].error.message, "disk.min_free_bytes"));
    }
    ck_assert_uint_eq(group_count, 0);
    assert_ok(wildcam_conf_set(subject.conf, "disk.min_free_bytes", "0"));
}
END_TEST

/* Another process moves the camera's clock: what was worked out before is worked out again, also
 * where a change's rows are in several shards. */
START_TEST(times_are_those_of_rules_that_have_changed_meanwhile)
{
    struct subject other = {0};
    static struct wci_store others;
    struct wci_change changes[FEW];
    wildcam_image images[FEW];
    struct wci_row rows[FEW], spread[2];
    wildcam_deployment draft;
    const int64_t day = day_at(2026, 3, 5);
    struct wci_clock_rule rule = {day_at(2026, 1, 1), WILDCAM_TIME_END, WILDCAM_OFFSET_UNKNOWN,
                                  WCI_DAY};
    fill_change(&changes[0], &images[0], &rows[0], day, 99); /* learns that there are no rules */
    write_together(changes, 1);
    subject_open_store(&other, &others, subject_conf("station"));
    wci_deployment_init(&draft);
    const char *device_id = subject.cameras[0]->text;
    assert_op(wci_text_set(&draft.device_id, device_id, strlen(device_id)));
    assert_op(wci_deployment_set_span(&draft, rule.start, WILDCAM_TIME_NONE));
    assert_op(wci_deployment_set_correction(&draft, day, day + rule.shift));
    struct wci_deployment_change change = {.step = WCI_DEPLOYMENTS_ADD, .draft = &draft};
    assert_op(wci_store_change_deployment(&others, &change, NULL, NULL));
    wci_deployment_release(&draft);
    model_retime(&subject.model, subject.cameras[0]->id, &rule, 1);
    for (unsigned i = 0; i < FEW; i++)
        fill_change(&changes[i], &images[i], &rows[i], day + i * WCI_SECOND, i);
    spread[0] = row_at(&subject, day);
    spread[1] = row_at(&subject, day + 60 * WCI_DAY);
    changes[3] = (struct wci_change){.rows = spread, .count = 2};
    write_together(changes, FEW);
    for (unsigned i = 0; i < FEW; i++) {
        ck_assert_int_eq(changes[i].error.status, WILDCAM_OK);
        ck_assert_int_eq(changes[i].rows[0].time, day + (i == 3 ? 0 : i * WCI_SECOND) + rule.shift);
    }
    ck_assert_int_eq(spread[1].time, day + 60 * WCI_DAY + rule.shift);
    subject_close_store(&other, &others);
}
END_TEST

/* Wants to be told of rows of one species; each time it has been told before it is asked anew. */
static struct {
    int asked, told, pending;
} watch;

static void *ask(void *user, const struct wci_change *change)
{
    (void)user;
    watch.asked++;
    ck_assert_int_eq(watch.pending, 0);
    watch.pending = change->rows[0].species == subject.species[1];
    return watch.pending ? &watch : NULL;
}

static void tell(void *user, void *kept, const struct wci_change *change, wildcam_status status)
{
    (void)user;
    ck_assert_ptr_eq(kept, &watch);
    ck_assert_int_eq(status, WILDCAM_OK);
    ck_assert(change->rows[0].species == subject.species[1] && change->rows[0].id);
    watch.pending = 0;
    watch.told++;
}

START_TEST(who_watches_rows_is_told_in_their_order)
{
    struct wci_change changes[FEW];
    wildcam_image images[FEW];
    struct wci_row rows[FEW];
    memset(&watch, 0, sizeof watch);
    store.watch = (struct wci_row_watch){ask, tell, NULL};
    for (unsigned i = 0; i < FEW; i++) {
        fill_change(&changes[i], &images[i], &rows[i], day_at(2026, 3, 5), i);
        rows[i].species = subject.species[i == 1 || i == 2];
    }
    write_together(changes, FEW);
    ck_assert(watch.asked == FEW && watch.told == 2);
    ck_assert(group_count == 3 && groups[0] == 2 && groups[1] == 1 && groups[2] == FEW - 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: together");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, many_in_few_groups);
    tcase_add_test(all, one_that_fails_leaves_the_others);
    tcase_add_test(all, the_same_twice_is_kept_once);
    tcase_add_test(all, below_the_disks_floor_none_is_kept);
    tcase_add_test(all, times_are_those_of_rules_that_have_changed_meanwhile);
    tcase_add_test(all, who_watches_rows_is_told_in_their_order);
    return suite;
}
