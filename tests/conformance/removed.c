/* Pictures that are taken out one by one, and come again while that goes on. */
#include "base/file.h"
#include "conformance/subject.h"

enum { MOST = 4, CONTENTS = 3 };

static struct subject subject;
static struct wci_store store;
static struct wci_backend_ops ops; /* the backend's, with what happens in between */
static int64_t sent_again;         /* its id; 0 before */
static char paths[CONTENTS][WCI_PATH];

static void set_up(void)
{
    subject_open_store(&subject, &store, subject_conf("station"));
    ops = *store.ops;
    store.ops = &ops;
    sent_again = 0;
}

static void tear_down(void)
{
    subject_close_store(&subject, &store);
}

static int64_t keep(int camera, unsigned content)
{
    wildcam_image image;
    assert_op(try_picture(&subject, &store, camera, day_at(2026, 3, 5), content, &image));
    snprintf(paths[content], sizeof paths[content], "%s", picture_path(&store, &image));
    return image.id;
}

static bool has_file(unsigned content)
{
    return wci_file_exists(paths[content]);
}

static void send_again(void)
{
    if (!sent_again)
        sent_again = keep(0, 1);
}

static wildcam_status remove_pictures(const int64_t *ids, size_t count)
{
    struct wci_expired pictures[MOST] = {{0}};
    struct wci_retention_rule rule = {.now = wci_calendar_now()};
    for (int i = 0; i < WCI_CATEGORIES; i++)
        rule.before[i] = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        pictures[i].id = ids[i];
    model_forget(&subject.model, INT64_MIN, INT64_MAX); /* ids are given again */
    return wci_store_remove_pictures(&store, &rule, pictures, count);
}

/* It is there, its file is, and it is known by its content. */
static void assert_kept(int64_t id)
{
    wildcam_image image;
    void *data;
    size_t size;
    wci_image_init(&image);
    assert_op(subject.ops->get_image(store.backend, id, &image));
    assert_op(wci_store_load_picture(&store, &image, &data, &size));
    free(data);
    wci_image_release(&image);
    ck_assert_int_eq(keep(0, 1), id);
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
}

static wildcam_status forget_later(wci_backend *self, const wildcam_image *images, size_t count)
{
    send_again();
    return subject.ops->forget_keys(self, images, count);
}

START_TEST(sent_again_before_its_key_is_forgotten)
{
    int64_t id = keep(0, 1);
    ops.forget_keys = forget_later;
    assert_op(remove_pictures(&id, 1));
    ck_assert_int_eq(sent_again, id);
    assert_kept(id);
}
END_TEST

static wildcam_status drop_later(wci_backend *self, const wildcam_image *image,
                                 wildcam_status (*drop)(void *user), void *user)
{
    send_again();
    return subject.ops->drop_file(self, image, drop, user);
}

START_TEST(sent_again_before_its_file_is_deleted)
{
    int64_t id = keep(0, 1);
    ops.drop_file = drop_later;
    assert_op(remove_pictures(&id, 1));
    ck_assert_int_eq(sent_again, id);
    assert_kept(id);
}
END_TEST

static wildcam_status forget_nothing(wci_backend *self, const wildcam_image *images, size_t count)
{
    (void)self;
    (void)images;
    return wci_fail(WILDCAM_ERR_IO, "%zu keys stay", count);
}

static wildcam_status get_before(wci_backend *self, int64_t id, wildcam_image *out)
{
    wildcam_status status = subject.ops->get_image(self, id, out);
    if (status == WILDCAM_ERR_NOTFOUND)
        send_again();
    return status;
}

START_TEST(sent_again_while_a_removal_is_finished)
{
    int64_t id = keep(0, 1);
    ops.forget_keys = forget_nothing;
    assert_op_fails(WILDCAM_ERR_IO, "1 keys stay", remove_pictures(&id, 1));
    ops.forget_keys = subject.ops->forget_keys;
    ops.get_image = get_before;
    assert_op(wci_store_finish_removals(&store, false));
    ops.get_image = subject.ops->get_image;
    ck_assert_int_eq(sent_again, id);
    assert_kept(id);
}
END_TEST

static int64_t unreadable;

static wildcam_status get_most(wci_backend *self, int64_t id, wildcam_image *out)
{
    return id == unreadable ? wci_fail(WILDCAM_ERR_CORRUPT, "its shard is set aside")
                            : subject.ops->get_image(self, id, out);
}

/* What cannot be read may come to light again, and does not keep the others from going. */
START_TEST(left_removal_of_a_damaged_shard_holds_nothing_up)
{
    int64_t id = keep(0, 1), other = keep(0, 2);
    unreadable = id;
    ops.forget_keys = forget_nothing;
    assert_op_fails(WILDCAM_ERR_IO, "1 keys stay", remove_pictures(&id, 1));
    ops.forget_keys = subject.ops->forget_keys;
    ops.get_image = get_most;
    assert_op(remove_pictures(&other, 1));
    ck_assert(has_file(1));
    ck_assert(!has_file(2));
}
END_TEST

START_TEST(file_of_two_goes_with_the_last)
{
    int64_t ids[] = {keep(0, 1), keep(1, 1), keep(2, 1)};
    assert_op(remove_pictures(ids, 2));
    ck_assert(has_file(1));
    assert_op(remove_pictures(ids + 2, 1));
    ck_assert(!has_file(1));
    int64_t both[] = {keep(0, 2), keep(1, 2)};
    assert_op(remove_pictures(both, 2));
    ck_assert(!has_file(2));
    ck_assert_str_eq(find_faults(&store, WILDCAM_CHECK_CONTENT), "");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("removed");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, sent_again_before_its_key_is_forgotten);
    tcase_add_test(all, sent_again_before_its_file_is_deleted);
    tcase_add_test(all, sent_again_while_a_removal_is_finished);
    tcase_add_test(all, left_removal_of_a_damaged_shard_holds_nothing_up);
    tcase_add_test(all, file_of_two_goes_with_the_last);
    return suite;
}
