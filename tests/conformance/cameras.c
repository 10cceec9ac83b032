#include <math.h>

#include "conformance/subject.h"
#include "model/check.h"

static struct subject subject;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
}

static void tear_down(void)
{
    subject_close(&subject);
}

static void begin_draft(wildcam_camera *draft, const char *device_id)
{
    wci_camera_init(draft);
    assert_op(wci_take_device_id(&draft->device_id, device_id));
}

/* Puts a draft and releases it; answers whether it made a camera. */
static bool put(wildcam_camera *draft, int64_t now)
{
    bool created;
    assert_op(subject.ops->put_camera(subject.backend, draft, true, now, &created));
    wci_camera_release(draft);
    return created;
}

static void put_plain(const char *device_id)
{
    wildcam_camera draft;
    begin_draft(&draft, device_id);
    put(&draft, day_at(2026, 1, 1));
}

static int64_t number_of(const char *device_id)
{
    const struct wci_name *name;
    assert_op(subject.ops->find_camera(subject.backend, device_id, false, &name));
    return name->id;
}

static void get(const char *device_id, wildcam_camera *out)
{
    wci_camera_init(out);
    assert_op(subject.ops->get_camera(subject.backend, number_of(device_id), out));
}

START_TEST(every_field_comes_back)
{
    wildcam_camera draft, got;
    begin_draft(&draft, "A.b_c:d-9");
    for (int i = 0; i < WCI_CAMERA_TEXT_COUNT; i++)
        assert_op(wci_camera_set_text(
            &draft, i, i == WCI_CAMERA_CONFIG ? "{\"a\":[1,2]}" : wci_camera_text_names[i]));
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        assert_op(wci_camera_set_number(&draft, i, 1.0 / (i + 3)));
    draft.status = WILDCAM_CAMERA_MAINTENANCE;
    draft.status_set = true;
    draft.last_seen = day_at(2026, 5, 3);
    ck_assert(put(&draft, day_at(2026, 5, 1)));

    get("A.b_c:d-9", &got);
    ck_assert_int_eq(got.id, number_of("A.b_c:d-9"));
    ck_assert_str_eq(wci_text_get(&got.device_id), "A.b_c:d-9");
    ck_assert_int_eq(got.status, WILDCAM_CAMERA_MAINTENANCE);
    ck_assert_int_eq(got.created_at, day_at(2026, 5, 1));
    ck_assert_int_eq(got.last_seen, day_at(2026, 5, 3));
    for (int i = 0; i < WCI_CAMERA_CONFIG; i++)
        ck_assert_str_eq(wci_text_get(&got.texts[i]), wci_camera_text_names[i]);
    ck_assert_str_eq(wci_text_get(&got.texts[WCI_CAMERA_CONFIG]), "{\"a\":[1,2]}");
    for (int i = 0; i < WCI_CAMERA_NUMBER_COUNT; i++)
        ck_assert(got.numbers[i] == 1.0 / (i + 3));
    wci_camera_release(&got);
}
END_TEST

START_TEST(what_is_not_sent_stays)
{
    wildcam_camera draft, got;
    begin_draft(&draft, "CAM_1");
    assert_op(wci_camera_set_text(&draft, WCI_CAMERA_NAME, "By the pond"));
    assert_op(wci_camera_set_text(&draft, WCI_CAMERA_LOCATION_NAME, "Wood"));
    assert_op(wci_camera_set_number(&draft, WCI_CAMERA_LATITUDE, 55.5));
    assert_op(wci_camera_set_number(&draft, WCI_CAMERA_BATTERY_LEVEL, 80));
    draft.status = WILDCAM_CAMERA_INACTIVE;
    draft.status_set = true;
    draft.last_seen = day_at(2026, 5, 1);
    ck_assert(!put(&draft, day_at(2026, 5, 1)));

    begin_draft(&draft, "CAM_1");
    assert_op(wci_camera_set_text(&draft, WCI_CAMERA_LOCATION_NAME, ""));
    assert_op(wci_camera_set_number(&draft, WCI_CAMERA_BATTERY_LEVEL, NAN));
    ck_assert(!put(&draft, day_at(2026, 5, 2)));

    get("CAM_1", &got);
    ck_assert_str_eq(wci_text_get(&got.texts[WCI_CAMERA_NAME]), "By the pond");
    ck_assert_str_eq(wci_text_get(&got.texts[WCI_CAMERA_LOCATION_NAME]), "");
    ck_assert(got.numbers[WCI_CAMERA_LATITUDE] == 55.5);
    ck_assert(isnan(got.numbers[WCI_CAMERA_BATTERY_LEVEL]));
    ck_assert_int_eq(got.status, WILDCAM_CAMERA_INACTIVE);
    ck_assert_int_eq(got.last_seen, day_at(2026, 5, 1));  /* nobody heard of it since */
    ck_assert_int_gt(got.created_at, day_at(2026, 5, 2)); /* when the set-up made it */
    wci_camera_release(&got);
}
END_TEST

START_TEST(one_that_may_not_be_made_is_not)
{
    wildcam_camera draft;
    const struct wci_name *name;
    bool created = true;
    begin_draft(&draft, "STRANGER");
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "STRANGER",
                    subject.ops->put_camera(subject.backend, &draft, false, 1, &created));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "STRANGER",
                    subject.ops->find_camera(subject.backend, "STRANGER", true, &name));
    ck_assert(put(&draft, 1));
    begin_draft(&draft, "STRANGER");
    assert_op(subject.ops->put_camera(subject.backend, &draft, false, 2, &created));
    ck_assert(!created);
    wci_camera_release(&draft);
}
END_TEST

START_TEST(found_by_device_or_number)
{
    const struct wci_name *name;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)number_of("CAM_2"));
    assert_op_fails(WILDCAM_ERR_NOTFOUND, number,
                    subject.ops->find_camera(subject.backend, number, false, &name));
    assert_op(subject.ops->find_camera(subject.backend, number, true, &name));
    ck_assert_str_eq(name->text, "CAM_2");
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "cam_2", /* device ids know upper and lower case */
                    subject.ops->find_camera(subject.backend, "cam_2", true, &name));
    put_plain(number); /* a device that is named like another's number */
    assert_op(subject.ops->find_camera(subject.backend, number, true, &name));
    ck_assert_str_eq(name->text, number);
}
END_TEST

START_TEST(no_camera_has_that_number)
{
    static const int64_t numbers[] = {0, -1, 999, INT64_MAX};
    wildcam_camera camera;
    wci_camera_init(&camera);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_op_fails(WILDCAM_ERR_NOTFOUND, "no camera",
                        subject.ops->get_camera(subject.backend, numbers[i], &camera));
    wci_camera_release(&camera);
}
END_TEST

struct listing {
    struct wci_text names;
    int stop_after;
};

static wildcam_status list(void *user, wildcam_camera *camera)
{
    struct listing *listing = user;
    wci_text_add_format(&listing->names, "%s ", wci_text_get(&camera->device_id));
    if (listing->stop_after && --listing->stop_after == 0)
        return wci_fail(WILDCAM_ERR_CANCELLED, "enough");
    return WILDCAM_OK;
}

START_TEST(lists_in_the_order_of_device_ids)
{
    struct listing active = {0}, all = {0}, some = {.stop_after = 2};
    wildcam_camera draft;
    put_plain("b");
    put_plain("B");
    put_plain("A10");
    put_plain("A9");
    begin_draft(&draft, "CAM_0");
    draft.status = WILDCAM_CAMERA_INACTIVE;
    draft.status_set = true;
    put(&draft, 1);
    begin_draft(&draft, "CAM_3");
    draft.status = WILDCAM_CAMERA_MAINTENANCE;
    draft.status_set = true;
    put(&draft, 1);
    assert_op(subject.ops->list_cameras(subject.backend, false, list, &active));
    assert_op(subject.ops->list_cameras(subject.backend, true, list, &all));
    assert_op_fails(WILDCAM_ERR_CANCELLED, "enough",
                    subject.ops->list_cameras(subject.backend, true, list, &some));
    ck_assert_str_eq(active.names.data, "A10 A9 B CAM_1 CAM_2 b ");
    ck_assert_str_eq(all.names.data, "A10 A9 B CAM_0 CAM_1 CAM_2 CAM_3 b ");
    ck_assert_str_eq(some.names.data, "A10 A9 ");
    wci_text_free(&active.names);
    wci_text_free(&all.names);
    wci_text_free(&some.names);
}
END_TEST

START_TEST(sending_rows_is_being_seen)
{
    wildcam_camera draft, got;
    struct wci_row row;
    int64_t before = wci_calendar_now();
    static const int clocks[] = {2020, 2100}; /* this one's was wrong when it was last heard of */
    for (int i = 0; i < 2; i++) {
        begin_draft(&draft, "CAM_0");
        draft.last_seen = day_at(clocks[i], 1, 1);
        put(&draft, 1);
        row = row_at(&subject, day_at(2021, 1, 1));
        write_rows(&subject, &row, 1);
        get("CAM_0", &got);
        ck_assert_int_ge(got.last_seen, before);
        ck_assert_int_le(got.last_seen, wci_calendar_now());
        wci_camera_release(&got);
    }
}
END_TEST

START_TEST(many_names)
{
    char device_id[32];
    const struct wci_name *name, *again;
    for (int i = 0; i < 300; i++) {
        snprintf(device_id, sizeof device_id, "MANY-%d", i);
        put_plain(device_id);
        snprintf(device_id, sizeof device_id, "species %d", i);
        assert_op(
            subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, device_id, &name));
        assert_op(
            subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, device_id, &again));
        ck_assert_ptr_eq(name, again);
        ck_assert_str_eq(name->text, device_id);
    }
    for (int i = 0; i < 300; i++) {
        snprintf(device_id, sizeof device_id, "MANY-%d", i);
        assert_op(subject.ops->find_camera(subject.backend, device_id, false, &name));
        ck_assert_str_eq(name->text, device_id);
    }
}
END_TEST

START_TEST(species_by_category_and_name)
{
    const struct wci_name *fox, *person, *same;
    assert_op(subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, "fox", &fox));
    assert_op(subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_HUMAN, "fox", &person));
    assert_op(subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, "fox", &same));
    ck_assert_ptr_eq(fox, same);
    ck_assert_ptr_ne(fox, person);
    ck_assert_int_ne(fox->id, person->id);
    ck_assert_int_eq(fox->category, WILDCAM_CATEGORY_ANIMAL);
    ck_assert_int_eq(person->category, WILDCAM_CATEGORY_HUMAN);
}
END_TEST

/* Another opening of the same station stands for another process. */
START_TEST(what_another_adds_is_found)
{
    wci_backend *other;
    const struct wci_name *ours, *theirs;
    wildcam_camera draft;
    bool created;
    assert_op(subject.ops->open(subject.conf, &subject.log, &other));
    begin_draft(&draft, "LATE");
    assert_op(subject.ops->put_camera(other, &draft, true, 5, &created));
    ck_assert(created);
    assert_op(subject.ops->put_camera(subject.backend, &draft, true, 6, &created));
    ck_assert(!created);
    wci_camera_release(&draft);
    assert_op(subject.ops->find_camera(other, "LATE", false, &theirs));
    ck_assert_int_eq(number_of("LATE"), theirs->id);
    assert_op(subject.ops->find_species(other, WILDCAM_CATEGORY_ANIMAL, "Lutra", &theirs));
    assert_op(subject.ops->find_species(subject.backend, WILDCAM_CATEGORY_ANIMAL, "Lutra", &ours));
    ck_assert_int_eq(ours->id, theirs->id);
    subject.ops->close(other, false);
}
END_TEST

START_TEST(kept_over_an_end)
{
    wildcam_camera draft, got;
    begin_draft(&draft, "CAM_2");
    assert_op(wci_camera_set_text(&draft, WCI_CAMERA_NAME, "L\xc3\xa6rk"));
    put(&draft, day_at(2026, 5, 1));
    int64_t number = number_of("CAM_2");
    subject_reopen(&subject);
    ck_assert_int_eq(number_of("CAM_2"), number);
    get("CAM_2", &got);
    ck_assert_str_eq(wci_text_get(&got.texts[WCI_CAMERA_NAME]), "L\xc3\xa6rk");
    wci_camera_release(&got);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: cameras");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, every_field_comes_back);
    tcase_add_test(all, what_is_not_sent_stays);
    tcase_add_test(all, one_that_may_not_be_made_is_not);
    tcase_add_test(all, found_by_device_or_number);
    tcase_add_test(all, no_camera_has_that_number);
    tcase_add_test(all, lists_in_the_order_of_device_ids);
    tcase_add_test(all, sending_rows_is_being_seen);
    tcase_add_test(all, many_names);
    tcase_add_test(all, species_by_category_and_name);
    tcase_add_test(all, what_another_adds_is_found);
    tcase_add_test(all, kept_over_an_end);
    return suite;
}
