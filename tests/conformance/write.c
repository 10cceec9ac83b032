#include <math.h>

#include "conformance/subject.h"
#include "model/id.h"

static struct subject subject;
static struct dice dice;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    dice.state = 7;
}

static void tear_down(void)
{
    assert_same(&subject, &dice, 10);
    assert_whole(&subject);
    subject_close(&subject);
}

/* A picture with some rows of its time; `rows` are the caller's. */
static struct wci_change picture_change(wildcam_image *image, struct wci_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_at(&subject, image->time);
        rows[i].camera = subject.cameras[image->camera_id - subject.cameras[0]->id];
        rows[i].species = subject.species[i % SPECIES];
    }
    return (struct wci_change){.image = image, .rows = rows, .count = count};
}

START_TEST(picture_with_rows)
{
    struct wci_row rows[3];
    wildcam_image image = image_at(&subject, 1, day_at(2026, 3, 5) + 1234567, 1);
    struct wci_change change = picture_change(&image, rows, 3);
    rows[1].has_box = true;
    rows[1].box = (wildcam_box){0.25, 0.5, 0.1, 1.0 / 3};
    rows[2].confidence = 0.123456789012345;
    rows[2].metadata = "{\"n\":1}";
    write_one(&subject, &change);
    ck_assert(!change.is_duplicate);
    ck_assert_int_gt(image.id, 0);
    ck_assert_int_lt(rows[0].id, rows[1].id);
    ck_assert_int_lt(rows[1].id, rows[2].id);
}
END_TEST

START_TEST(every_fact_of_a_picture)
{
    struct wci_row row;
    wildcam_image image = image_at(&subject, 0, day_at(2026, 3, 5), 2);
    image.offset = -3 * 3600;
    image.time_source = WILDCAM_TIME_SOURCE_MAKERNOTE;
    image.trailing_bytes = 17;
    image.orientation = 6;
    strcpy(image.make, "RECONYX");
    strcpy(image.model, "HF2 PRO");
    strcpy(image.serial_number, "H\xc3\xa5-17");
    image.latitude = -33.856784;
    image.longitude = 151.215297;
    image.altitude = -1.5;
    image.temperature = -12;
    image.capture = WILDCAM_CAPTURE_TIMELAPSE;
    image.event_number = INT64_C(4294967296);
    image.sequence_number = 2;
    image.sequence_length = 5;
    assert_op(wci_text_set(&image.file_name, "IMG_0001.JPG", 12));
    assert_op(wci_text_set(&image.metadata, "{\"a\":\"\xc3\xa9\"}", 10));
    struct wci_change change = picture_change(&image, &row, 1);
    write_one(&subject, &change); /* the comparison is the tear-down's */
    wci_image_release(&image);
}
END_TEST

START_TEST(second_picture_is_a_duplicate)
{
    struct wci_row rows[2];
    wildcam_image image = image_at(&subject, 0, day_at(2026, 3, 5), 3);
    struct wci_change change = picture_change(&image, rows, 2);
    write_one(&subject, &change);
    int64_t first = image.id, first_row = rows[0].id;
    /* The same again, of another second, another month, another year. */
    const int64_t times[] = {day_at(2026, 3, 5), day_at(2026, 3, 5) + WCI_SECOND,
                             day_at(2026, 4, 1), day_at(2024, 1, 1)};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        image = image_at(&subject, 0, times[i], 3);
        change = picture_change(&image, rows, 2);
        write_one(&subject, &change);
        ck_assert(change.is_duplicate);
        ck_assert_int_eq(image.id, first);
        ck_assert_int_eq(rows[0].id, first_row);
    }
    subject_reopen(&subject);
    image = image_at(&subject, 0, day_at(2025, 3, 5), 3);
    change = picture_change(&image, rows, 1);
    write_one(&subject, &change);
    ck_assert(change.is_duplicate);
}
END_TEST

START_TEST(duplicates_are_by_camera_and_content)
{
    struct wci_row rows[4];
    wildcam_image images[] = {
        image_at(&subject, 0, day_at(2026, 3, 5), 4), image_at(&subject, 1, day_at(2026, 3, 5), 4),
        image_at(&subject, 0, day_at(2026, 3, 5), 5), image_at(&subject, 0, day_at(2026, 4, 5), 4)};
    struct wci_change changes[4];
    for (int i = 0; i < 4; i++)
        changes[i] = picture_change(&images[i], &rows[i], 1);
    write_group(&subject, changes, 4); /* all in one group */
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(changes[i].error.status, WILDCAM_OK);
        ck_assert_int_eq(changes[i].is_duplicate, i == 3);
    }
    ck_assert_int_eq(images[3].id, images[0].id);
    ck_assert_int_eq(rows[3].id, rows[0].id);
}
END_TEST

START_TEST(rows_over_days_months_and_years)
{
    struct wci_row rows[40];
    for (int i = 0; i < 40; i++) {
        rows[i] = row_at(&subject, day_at(2025, 12, 20) + (i * 7 % 40) * WCI_DAY * 3 / 2);
        rows[i].camera = subject.cameras[i % CAMERAS];
    }
    write_rows(&subject, rows, 40);
    for (int i = 0; i < 40; i++)
        ck_assert_int_gt(rows[i].id, 0);
}
END_TEST

START_TEST(first_and_last_times)
{
    struct wci_row rows[] = {
        row_at(&subject, WILDCAM_TIME_MIN), row_at(&subject, WILDCAM_TIME_END - 1),
        row_at(&subject, day_at(2026, 3, 1) - 1), row_at(&subject, day_at(2026, 3, 1))};
    write_rows(&subject, rows, 4);
    ck_assert_int_gt(rows[0].id, 0);
    ck_assert_int_lt(rows[1].id, INT64_C(1) << 53);
    wildcam_image image = image_at(&subject, 0, WILDCAM_TIME_MIN, 1);
    struct wci_change change = picture_change(&image, rows, 1);
    write_one(&subject, &change);
    ck_assert_int_gt(image.id, 0);
}
END_TEST

START_TEST(no_rows_is_nothing)
{
    struct wci_change change = {.count = 0};
    write_one(&subject, &change);
    ck_assert_uint_eq(subject.model.count, 0);
}
END_TEST

/* A millisecond has 2,048 ids of its own; the second's last one then takes those of the others. */
START_TEST(more_rows_than_a_millisecond_has_ids)
{
    static struct wci_row rows[5000];
    int64_t second = day_at(2026, 3, 5);
    for (int i = 0; i < 5000; i++)
        rows[i] = row_at(&subject, second + (i < 2500 ? 5 : 999) * 1000);
    write_rows(&subject, rows, 5000);
    struct wci_row later = row_at(&subject, second + 6 * 1000);
    write_rows(&subject, &later, 1);
}
END_TEST

static const char *review_of_nothing(int64_t id, struct wci_review *review,
                                     struct wci_change *change, const wildcam_detection *draft)
{
    *review = (struct wci_review){.detection_id = id, .draft = draft, .time = 1};
    *change = (struct wci_change){.review = review};
    return "there is no detection";
}

START_TEST(one_refusal_hurts_no_other)
{
    wildcam_detection draft;
    struct wci_review reviews[4];
    struct wci_change changes[8] = {0};
    int64_t day = day_at(2026, 3, 5);
    struct wci_row rows[5] = {row_at(&subject, day), row_at(&subject, day + WCI_DAY),
                              row_at(&subject, day + 90 * WCI_DAY)};
    wildcam_image image = image_at(&subject, 2, day, 9);
    wci_detection_init(&draft);
    draft.set = WCI_SET_VERIFIED;
    draft.verified = 1;
    write_rows(&subject, rows, 1);
    const int64_t lost[] = {rows[0].id + 1, rows[0].id + WCI_IDS_PER_SECOND, wci_id_at(day / 2),
                            INT64_C(1)};
    for (int i = 0; i < 4; i++)
        review_of_nothing(lost[i], &reviews[i], &changes[2 * i], &draft);
    changes[1] = (struct wci_change){.rows = &rows[1], .count = 1};
    changes[3] = picture_change(&image, &rows[3], 2);
    changes[5] = (struct wci_change){.rows = &rows[2], .count = 1};
    struct wci_review good = {.detection_id = rows[0].id, .draft = &draft, .time = day};
    changes[7] = (struct wci_change){.review = &good};
    write_group(&subject, changes, 8);
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(changes[i].error.status, i % 2 ? WILDCAM_OK : WILDCAM_ERR_NOTFOUND);
        if (i % 2 == 0)
            ck_assert_ptr_nonnull(strstr(changes[i].error.message, "there is no detection"));
    }
}
END_TEST

static void assert_spans(const char *what)
{
    struct wci_text spans = {0};
    list_spans(&subject, &spans);
    ck_assert_str_eq(wci_text_get(&spans), what);
    wci_text_free(&spans);
}

START_TEST(lost_review_leaves_no_trace)
{
    wildcam_detection draft;
    struct wci_review review;
    struct wci_change change;
    wci_detection_init(&draft);
    review_of_nothing(wci_id_at(day_at(2026, 3, 5)), &review, &change, &draft);
    write_group(&subject, &change, 1);
    ck_assert_int_eq(change.error.status, WILDCAM_ERR_NOTFOUND);
    assert_spans("");
}
END_TEST

/* Said in parts: each part stays until something else is said of it. */
START_TEST(reviews_add_up)
{
    struct wci_row row = row_at(&subject, day_at(2026, 3, 5));
    row.confidence = 0.9;
    write_rows(&subject, &row, 1);
    static const uint32_t parts[] = {WCI_SET_NOTES,
                                     WCI_SET_VERIFIED_SPECIES,
                                     WCI_SET_VERIFIED,
                                     WCI_SET_VERIFIED_BY,
                                     WCI_SET_FALSE_POSITIVE,
                                     WCI_SET_VERIFIED_SPECIES,
                                     0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        wildcam_detection draft;
        struct wci_review review = {.detection_id = row.id, .draft = &draft, .time = 10 + (int)i};
        struct wci_change change = {.review = &review};
        wci_detection_init(&draft);
        draft.set = parts[i];
        draft.verified = draft.false_positive = 1;
        if (i == 1) /* the second time it is taken back */
            review.species = subject.species[4];
        assert_op(wci_text_set(&draft.notes, "words", 5));
        assert_op(wci_text_set(&draft.verified_by, "me", 2));
        write_one(&subject, &change);
        wci_detection_release(&draft);
        assert_same(&subject, &dice, 3);
    }
    const struct known_row *known = model_find(&subject.model, row.id);
    ck_assert(known->verified && known->false_positive);
    ck_assert_ptr_eq(known->species, subject.species[0]);
}
END_TEST

START_TEST(nothing_is_not_found)
{
    wildcam_detection row;
    wildcam_image image;
    struct wci_row kept = row_at(&subject, day_at(2026, 3, 5));
    write_rows(&subject, &kept, 1);
    wci_detection_init(&row);
    wci_image_init(&image);
    const int64_t ids[] = {0,
                           1,
                           kept.id - 1,
                           kept.id + 1,
                           kept.id + WCI_IDS_PER_SECOND * 86400,
                           wci_id_at(WILDCAM_TIME_END - 1),
                           INT64_MAX};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "there is no detection",
                        subject.ops->get_detection(subject.backend, ids[i], &row));
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "there is no picture",
                        subject.ops->get_image(subject.backend, ids[i], &image));
    }
    unsigned char sha256[WCI_DIGEST_BYTES] = {1};
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "no such picture",
                    subject.ops->find_image(subject.backend, 1, sha256, &image));
    wci_detection_release(&row);
    wci_image_release(&image);
}
END_TEST

START_TEST(kept_over_an_end)
{
    fill(&subject, &dice, 200);
    subject_reopen(&subject);
    assert_same(&subject, &dice, 5);
    fill(&subject, &dice, 50);
    subject_reopen(&subject);
}
END_TEST

/* Another opening of the same station stands for another process. */
START_TEST(two_write_in_turn)
{
    struct subject other = {0};
    subject_open(&other, subject_conf("station"));
    for (int i = 0; i < 10; i++) {
        struct wci_row row = random_row(&subject, &dice);
        write_rows(&subject, &row, 1);
        row.camera = other.cameras[i % CAMERAS];
        row.species = other.species[i % SPECIES];
        struct wci_change change = {.rows = &row, .count = 1}, *group = &change;
        other.ops->write(other.backend, &group, 1);
        ck_assert_int_eq(change.error.status, WILDCAM_OK);
        row.camera = subject.cameras[i % CAMERAS];
        row.species = subject.species[i % SPECIES];
        model_learn(&subject.model, &change);
    }
    wildcam_image image = image_at(&subject, 0, day_at(2026, 3, 5), 1);
    struct wci_row row;
    struct wci_change change = picture_change(&image, &row, 1), *group = &change;
    write_one(&subject, &change);
    row.camera = other.cameras[0];
    row.species = other.species[0];
    other.ops->write(other.backend, &group, 1);
    ck_assert_int_eq(change.error.status, WILDCAM_OK);
    ck_assert(change.is_duplicate);
    subject_close(&other);
}
END_TEST

#ifndef __SANITIZE_THREAD__ /* one thread's two million rows tell it nothing */
static void shut(void)
{
    subject_close(&subject);
}

/* A second has 2,097,152 ids. The one row too many is refused, and hurts no other. */
START_TEST(a_full_second)
{
    enum { AT_ONCE = 65536 };
    static struct wci_row rows[AT_ONCE];
    int64_t second = day_at(2026, 3, 5), count;
    struct wci_change change = {.rows = rows, .count = AT_ONCE}, *group = &change;
    for (int i = 0; i < WCI_IDS_PER_SECOND / AT_ONCE; i++) {
        for (int k = 0; k < AT_ONCE; k++)
            rows[k] = row_at(&subject, second + 500000);
        subject.ops->write(subject.backend, &group, 1);
        subject.ops->after_write(subject.backend);
        ck_assert_msg(change.error.status == WILDCAM_OK, "%s", change.error.message);
    }
    struct wci_row others[4] = {row_at(&subject, second), row_at(&subject, second + WCI_SECOND)};
    wildcam_image late = image_at(&subject, 0, second, 1);
    wildcam_image image = image_at(&subject, 0, second + 2 * WCI_SECOND, 2);
    struct wci_change changes[4] = {{.rows = &others[0], .count = 1},
                                    {.rows = &others[1], .count = 1},
                                    picture_change(&late, &others[2], 1),
                                    picture_change(&image, &others[3], 1)};
    write_group(&subject, changes, 4);
    ck_assert_int_eq(late.id, 0); /* no picture without its row */
    ck_assert_int_eq(count_images(&subject, second, second + WCI_SECOND), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(changes[i].error.status, i % 2 ? WILDCAM_OK : WILDCAM_ERR_TOOLARGE);
        ck_assert_int_eq(others[i].id != 0, i % 2);
    }
    ck_assert_ptr_nonnull(strstr(changes[0].error.message, "holds 2097152 detections already"));
    struct wci_query query = query_all();
    assert_op(subject.ops->count(subject.backend, &query, 0, &count, NULL));
    ck_assert_int_eq(count, WCI_IDS_PER_SECOND + 2);
}
END_TEST

#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: write");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, picture_with_rows);
    tcase_add_test(all, every_fact_of_a_picture);
    tcase_add_test(all, second_picture_is_a_duplicate);
    tcase_add_test(all, duplicates_are_by_camera_and_content);
    tcase_add_test(all, rows_over_days_months_and_years);
    tcase_add_test(all, first_and_last_times);
    tcase_add_test(all, no_rows_is_nothing);
    tcase_add_test(all, more_rows_than_a_millisecond_has_ids);
    tcase_add_test(all, one_refusal_hurts_no_other);
    tcase_add_test(all, lost_review_leaves_no_trace);
    tcase_add_test(all, reviews_add_up);
    tcase_add_test(all, nothing_is_not_found);
    tcase_add_test(all, kept_over_an_end);
    tcase_add_test(all, two_write_in_turn);
#ifndef __SANITIZE_THREAD__
    TCase *full = subject_case(suite, "full", set_up, shut);
    tcase_set_timeout(full, 600);
    tcase_add_test(full, a_full_second);
#endif
    return suite;
}
