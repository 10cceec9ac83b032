/* Handles by camera and species: found without a lock, while others add and forget. */
#include "station/handles.h"

#include <sys/wait.h>
#include <unistd.h>

#include "metrics/registry.h"
#include "unit.h"

static wildcam_metrics *registry;
static struct wildcam_metric_family *family;
static struct wci_handles handles;

static void make(void)
{
    const struct wci_family_shape shape = {.name = "x_total",
                                           .help = "X.",
                                           .type = WCI_COUNTER,
                                           .labels = (const char *[]){"number"},
                                           .label_count = 1};
    assert_done(wci_metrics_new(&registry));
    assert_done(wci_metrics_add(registry, &shape, &family));
    assert_done(wci_handles_init(&handles));
}

static void drop(void)
{
    wci_handles_destroy(&handles, false);
    wci_metrics_free(registry);
}

static struct wci_series *series(int64_t number)
{
    char text[32];
    struct wci_series *made;
    snprintf(text, sizeof text, "%lld", (long long)number);
    assert_done(wci_metrics_series(family, WCI_COUNTER, (const char *[]){text}, 1, &made));
    return made;
}

static struct wci_series *add(int64_t camera_id, int64_t species_id)
{
    struct wci_series *made = series(camera_id * 1000 + species_id);
    assert_done(wci_handles_add(&handles, camera_id, species_id, made));
    return made;
}

START_TEST(what_was_added_is_found)
{
    enum { CAMERAS = 60, SPECIES = 40 };
    static struct wci_series *all[CAMERAS + 1][SPECIES + 1];
    for (int camera = 1; camera <= CAMERAS; camera++)
        for (int species = 0; species <= SPECIES; species++) {
            ck_assert_ptr_null(wci_handles_find(&handles, camera, species));
            all[camera][species] = add(camera, species);
        }
    for (int camera = 1; camera <= CAMERAS; camera++)
        for (int species = 0; species <= SPECIES; species++)
            ck_assert_ptr_eq(wci_handles_find(&handles, camera, species), all[camera][species]);
    ck_assert_ptr_null(wci_handles_find(&handles, CAMERAS + 1, 0));
    ck_assert_ptr_null(wci_handles_find(&handles, 1, SPECIES + 1));
}
END_TEST

/* The largest numbers that the store gives (store/names.c) do not run into each other. */
START_TEST(large_numbers_are_kept_apart)
{
    const int64_t most = 16 * 1024 * 1024;
    struct wci_series *first = add(most, most), *second = add(most, 0), *third = add(1, most);
    ck_assert_ptr_eq(wci_handles_find(&handles, most, most), first);
    ck_assert_ptr_eq(wci_handles_find(&handles, most, 0), second);
    ck_assert_ptr_eq(wci_handles_find(&handles, 1, most), third);
    ck_assert_ptr_null(wci_handles_find(&handles, most, 1));
}
END_TEST

static void forget(int64_t camera_id)
{
    assert_done(wci_handles_forget(&handles, &camera_id, 1));
}

static int references(const struct wci_series *series)
{
    return atomic_load(&series->references);
}

/* The family has one, the table has one, and this test. */
static struct wci_series *add_held(int64_t camera_id, int64_t species_id)
{
    struct wci_series *made = add(camera_id, species_id);
    wci_series_hold(made);
    ck_assert_int_eq(references(made), 3);
    return made;
}

START_TEST(one_camera_is_forgotten)
{
    add(1, 7);
    struct wci_series *other = add(2, 7);
    add(1, 0);
    forget(1);
    ck_assert_ptr_null(wci_handles_find(&handles, 1, 7));
    ck_assert_ptr_null(wci_handles_find(&handles, 1, 0));
    ck_assert_ptr_eq(wci_handles_find(&handles, 2, 7), other);
    struct wci_series *again = series(42);
    assert_done(wci_handles_add(&handles, 1, 7, again));
    ck_assert_ptr_eq(wci_handles_find(&handles, 1, 7), again);
    forget(3); /* who was never there */
    ck_assert_ptr_eq(wci_handles_find(&handles, 1, 7), again);
}
END_TEST

START_TEST(many_cameras_are_forgotten_at_once)
{
    enum { CAMERAS = 5000 };
    static int64_t gone[CAMERAS];
    size_t count = 0;
    for (int64_t camera = 1; camera <= CAMERAS; camera++) {
        add(camera, 0);
        add(camera, camera % 5 + 1);
        if (camera % 3)
            gone[count++] = camera;
    }
    assert_done(wci_handles_forget(&handles, gone, count));
    for (int64_t camera = 1; camera <= CAMERAS; camera++) {
        ck_assert(!wci_handles_find(&handles, camera, 0) == (camera % 3 != 0));
        ck_assert(!wci_handles_find(&handles, camera, camera % 5 + 1) == (camera % 3 != 0));
    }
}
END_TEST

/* Whoever found one counts in it, whatever becomes of it meanwhile; then it goes. */
START_TEST(what_was_found_stays_until_its_finder_leaves)
{
    struct wci_series *one = add_held(1, 7), *two = add_held(2, 7);
    unsigned early = wci_handles_enter(&handles);
    ck_assert_ptr_eq(wci_handles_find(&handles, 1, 7), one);
    forget(1);
    wci_handles_settle(&handles);
    ck_assert_int_eq(references(one), 3);
    unsigned late = wci_handles_enter(&handles); /* finds it no more, but the other */
    ck_assert_ptr_eq(wci_handles_find(&handles, 2, 7), two);
    forget(2);
    wci_handles_settle(&handles);
    wci_handles_leave(&handles, early);
    wci_handles_settle(&handles);
    ck_assert_int_eq(references(one), 2);
    ck_assert_int_ge(references(two), 3);
    wci_handles_leave(&handles, late);
    wci_handles_settle(&handles);
    wci_handles_settle(&handles);
    ck_assert_int_eq(references(two), 2);
    wci_series_let_go(one);
    wci_series_let_go(two);
}
END_TEST

/* Readers overlap for ever: what is forgotten goes all the same, and takes no memory. */
START_TEST(forgetting_again_and_again_keeps_nothing)
{
    enum { ROUNDS = 2000, LATER = 4 };
    struct wci_series *held[LATER] = {NULL};
    unsigned reader = wci_handles_enter(&handles);
    for (int i = 0; i < ROUNDS; i++) {
        struct wci_series **place = &held[i % LATER];
        if (*place) {
            ck_assert_int_eq(references(*place), 2); /* the family's and ours */
            wci_series_let_go(*place);
        }
        *place = add_held(1 + i % 3, i % 5);
        forget(1 + i % 3);
        unsigned next = wci_handles_enter(&handles);
        wci_handles_leave(&handles, reader);
        reader = next;
        wci_handles_settle(&handles);
    }
    wci_handles_leave(&handles, reader);
    for (int i = 0; i < LATER; i++)
        wci_series_let_go(held[i]);
}
END_TEST

/* ---- while others look ---- */

enum { READERS = 3, MANY = 3000 };
static atomic_int added;

/* What is said to be there is found. */
static void *look(void *user)
{
    static char lost[] = "a handle was not found";
    (void)user;
    for (int last = 0; last < MANY; last = added)
        for (int i = 1; i <= last; i++)
            if (i % 100 && !wci_handles_find(&handles, i, i % 7))
                return lost;
    return NULL;
}

START_TEST(others_look_while_it_grows)
{
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, look, NULL), 0);
    for (int i = 1; i <= MANY; i++) {
        pthread_mutex_lock(&handles.mutex);
        add(i, i % 7);
        if (i % 100 == 0)
            forget(i);
        pthread_mutex_unlock(&handles.mutex);
        added = i;
    }
    for (int i = 0; i < READERS; i++) {
        void *result;
        pthread_join(readers[i], &result);
        ck_assert_msg(!result, "%s", (char *)result);
    }
}
END_TEST

static atomic_bool is_over;

/* Counts in whatever is there. */
static void *count_all(void *user)
{
    (void)user;
    while (!is_over) {
        unsigned round = wci_handles_enter(&handles);
        for (int camera = 1; camera <= 3; camera++) {
            struct wci_series *found = wci_handles_find(&handles, camera, 7);
            if (found)
                wci_series_count(found, 1);
        }
        wci_handles_leave(&handles, round);
    }
    return NULL;
}

/* None is freed under somebody who counts in it, which a sanitizer sees. */
START_TEST(others_count_in_what_is_forgotten)
{
    enum { ROUNDS = 3000 };
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, count_all, NULL), 0);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t camera = 1 + i % 3;
        char number[16];
        snprintf(number, sizeof number, "%d", (int)camera * 1000 + 7);
        pthread_mutex_lock(&handles.mutex);
        add(camera, 7);
        pthread_mutex_unlock(&handles.mutex);
        assert_done(wci_metrics_remove(family, (const char *[]){number}, 1));
        pthread_mutex_lock(&handles.mutex);
        forget(camera);
        pthread_mutex_unlock(&handles.mutex);
        wci_handles_settle(&handles);
    }
    is_over = true;
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
}
END_TEST

enum { TABLES = 5000, FEW = 30 };
static struct wci_handles tables[TABLES];
static atomic_int table_now;
static int64_t alike[FEW + 1];

/* Cameras that a table of 64 slots has at the same place, as handles.c chooses it. */
static void find_alike(void)
{
    int64_t camera = 1;
    for (int i = 0; i <= FEW; camera++)
        if ((((uint64_t)camera << 32) * UINT64_C(0x9e3779b97f4a7c15) >> 32) % 64 == 7)
            alike[i++] = camera;
}

/* What is not there is not found, though others come to where it would be. */
static void *look_in_vain(void *user)
{
    static char found[] = "a handle was found that nobody had added";
    (void)user;
    for (int now; (now = table_now) < TABLES;)
        if (wci_handles_find(&tables[now], alike[FEW], 0))
            return found;
    return NULL;
}

START_TEST(others_look_for_what_is_not_there)
{
    pthread_t reader;
    void *result;
    struct wci_series *one = series(1);
    find_alike();
    for (int i = 0; i < TABLES; i++)
        assert_done(wci_handles_init(&tables[i]));
    ck_assert_int_eq(pthread_create(&reader, NULL, look_in_vain, NULL), 0);
    for (int i = 0; i < TABLES; table_now = ++i)
        for (int camera = 0; camera < FEW; camera++) {
            wci_series_hold(one);
            assert_done(wci_handles_add(&tables[i], alike[camera], 0, one));
        }
    pthread_join(reader, &result);
    for (int i = 0; i < TABLES; i++)
        wci_handles_destroy(&tables[i], false);
    wci_series_let_go(one);
    ck_assert_msg(!result, "%s", (char *)result);
}
END_TEST

/* A table that is both there and retired, as it may be for a moment while another replaces it. */
static int destroy_a_torn_one(void)
{
    handles.retired[0] = handles.retired[1] = handles.table;
    wci_handles_destroy(&handles, true);
    return 0;
}

START_TEST(a_child_leaves_what_was_being_changed)
{
    int status = -1;
    add(1, 7);
    pthread_mutex_lock(&handles.mutex);
    pid_t child = fork();
    if (child == 0)
        _exit(destroy_a_torn_one());
    pthread_mutex_unlock(&handles.mutex);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("handles");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, make, drop);
    tcase_add_test(all, what_was_added_is_found);
    tcase_add_test(all, large_numbers_are_kept_apart);
    tcase_add_test(all, one_camera_is_forgotten);
    tcase_add_test(all, many_cameras_are_forgotten_at_once);
    tcase_add_test(all, what_was_found_stays_until_its_finder_leaves);
    tcase_add_test(all, forgetting_again_and_again_keeps_nothing);
    tcase_add_test(all, others_count_in_what_is_forgotten);
    tcase_add_test(all, others_look_while_it_grows);
    tcase_add_test(all, others_look_for_what_is_not_there);
    tcase_add_test(all, a_child_leaves_what_was_being_changed);
    return suite;
}
