/* Device ids and species by number: found both ways, by any thread, at an address that stays. */
#include "store/names.h"

#include "base/thread.h"
#include "unit.h"

static const struct wci_name *add(struct wci_names *names, int64_t id, int category,
                                  const char *text)
{
    const struct wci_name *name;
    assert_done(wci_names_add(names, id, category, text, &name));
    ck_assert_ptr_nonnull(name);
    return name;
}

START_TEST(finds_both_ways)
{
    struct wci_names names;
    assert_done(wci_names_init(&names));
    ck_assert_ptr_null(wci_names_find(&names, 0, "fox"));
    ck_assert_ptr_null(wci_names_at(&names, 1));
    const struct wci_name *fox = add(&names, 1, 1, "fox");
    ck_assert(fox->id == 1 && fox->category == 1);
    ck_assert_str_eq(fox->text, "fox");
    ck_assert_ptr_eq(wci_names_find(&names, 1, "fox"), fox);
    ck_assert_ptr_eq(wci_names_at(&names, 1), fox);
    ck_assert_ptr_null(wci_names_find(&names, 2, "fox")); /* another category */
    ck_assert_ptr_null(wci_names_find(&names, 1, "Fox"));
    const struct wci_name *other = add(&names, 2, 2, "fox");
    ck_assert_ptr_ne(other, fox);
    ck_assert_ptr_eq(wci_names_find(&names, 2, "fox"), other);
    ck_assert_ptr_eq(add(&names, 3, 1, "fox"), fox); /* is there already */
    ck_assert_ptr_null(wci_names_at(&names, 3));
    wci_names_destroy(&names);
}
END_TEST

START_TEST(numbers_outside_are_nobodys)
{
    static const int64_t strange[] = {0, -1, INT64_MIN, 2, 1000000, INT64_MAX};
    struct wci_names names;
    assert_done(wci_names_init(&names));
    add(&names, 1, 0, "one");
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        ck_assert_ptr_null(wci_names_at(&names, strange[i]));
    wci_names_destroy(&names);
}
END_TEST

/* A store that is damaged must not make the table as large as its numbers say. */
START_TEST(refuses_numbers_that_cannot_be)
{
    static const int64_t strange[] = {0, -1, INT64_MIN, 16 * 1024 * 1024 + 1, INT64_MAX};
    struct wci_names names;
    const struct wci_name *name;
    assert_done(wci_names_init(&names));
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_fails(WILDCAM_ERR_CORRUPT, "\"lynx\"",
                     wci_names_add(&names, strange[i], 0, "lynx", &name));
        ck_assert_ptr_null(wci_names_find(&names, 0, "lynx"));
    }
    add(&names, 16 * 1024 * 1024, 0, "lynx");
    wci_names_destroy(&names);
}
END_TEST

enum { MANY = 5000 };

static void count_name(void *user, const struct wci_name *name)
{
    int64_t *last = user;
    ck_assert_int_gt(name->id, *last);
    *last = name->id;
}

START_TEST(keeps_many_where_they_are)
{
    struct wci_names names;
    static const struct wci_name *kept[MANY];
    char text[32];
    int64_t last = 0;
    assert_done(wci_names_init(&names));
    for (int i = 0; i < MANY; i++) { /* with gaps, as of cameras that are gone */
        snprintf(text, sizeof text, "device-%d", i);
        kept[i] = add(&names, 2 * i + 1, i % 3, text);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "device-%d", i);
        ck_assert_ptr_eq(wci_names_find(&names, i % 3, text), kept[i]);
        ck_assert_ptr_eq(wci_names_at(&names, 2 * i + 1), kept[i]);
        ck_assert_ptr_null(wci_names_at(&names, 2 * i + 2));
    }
    wci_names_each(&names, count_name, &last);
    ck_assert_int_eq(last, 2 * MANY - 1);
    wci_names_destroy(&names);
}
END_TEST

/* Looks up while another adds: what was added before must always be found. */
static void *look_up(void *user)
{
    struct wci_names *names = user;
    for (int i = 0; i < 20000; i++) {
        const struct wci_name *name = wci_names_find(names, 0, "first");
        if (!name || name != wci_names_at(names, 1))
            return names;
    }
    return NULL;
}

START_TEST(any_thread_looks_up)
{
    struct wci_names names;
    pthread_t threads[2];
    char text[32];
    assert_done(wci_names_init(&names));
    add(&names, 1, 0, "first");
    for (int i = 0; i < 2; i++)
        assert_done(wci_thread_start(&threads[i], look_up, &names));
    for (int i = 2; i < MANY; i++) {
        snprintf(text, sizeof text, "device-%d", i);
        add(&names, i, 0, text);
    }
    for (int i = 0; i < 2; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        ck_assert_ptr_null(fault);
    }
    wci_names_destroy(&names);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, finds_both_ways);
    tcase_add_test(all, numbers_outside_are_nobodys);
    tcase_add_test(all, refuses_numbers_that_cannot_be);
    tcase_add_test(all, keeps_many_where_they_are);
    tcase_add_test(all, any_thread_looks_up);
    return suite;
}
