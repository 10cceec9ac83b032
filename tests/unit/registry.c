/* Families and series that come and go while others count and write. */
#include "metrics/write_text.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static wildcam_metrics *metrics;

static void make(void)
{
    assert_done(wci_metrics_new(&metrics));
}

static void drop(void)
{
    wci_metrics_free(metrics);
}

static const char *const label[] = {"camera_id"};

static struct wildcam_metric_family *add_family(const char *name)
{
    struct wci_family_shape shape = {name, "Help.", WCI_COUNTER, label, 1, NULL, 0};
    struct wildcam_metric_family *family;
    assert_done(wci_metrics_add(metrics, &shape, &family));
    return family;
}

static struct wci_series *take(struct wildcam_metric_family *family, const char *value)
{
    struct wci_series *series = NULL;
    assert_done(wci_metrics_series(family, WCI_COUNTER, &value, 1, &series));
    return series;
}

static struct wci_series *take_number(struct wildcam_metric_family *family, int number)
{
    char value[16];
    snprintf(value, sizeof value, "%d", number);
    return take(family, value);
}

static wildcam_status remove_where(struct wildcam_metric_family *family, const char *name,
                                   const char *value, size_t *removed)
{
    return wci_metrics_remove_where(metrics, family, name, &value, 1, removed);
}

static int references(const struct wci_series *series)
{
    return atomic_load(&series->references);
}

/* ---- names ---- */

static wildcam_status try(enum wci_metric_type type, const char *name, const char *const *labels,
                          size_t count, const double *bounds, size_t bound_count)
{
    struct wci_family_shape shape = {name, "Help.", type, labels, count, bounds, bound_count};
    struct wildcam_metric_family *family;
    wci_error_clear();
    return wci_metrics_add(metrics, &shape, &family);
}

#define LABELS(...)                                                                                \
    (const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

START_TEST(names_are_checked)
{
    char name[WCI_METRIC_NAME + 2];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const char *many[WILDCAM_METRICS_LABELS + 1] = {0};
    assert_fails(WILDCAM_ERR_INVALID, "\"\"", try(WCI_GAUGE, "", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "\"a-b\"", try(WCI_GAUGE, "a-b", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "at most 200", try(WCI_GAUGE, name, NULL, 0, NULL, 0));
    name[WCI_METRIC_NAME] = '\0';
    assert_ok(try(WCI_GAUGE, name, NULL, 0, NULL, 0));
    assert_ok(try(WCI_GAUGE, "a:b_9", LABELS("_x9"), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "_total", try(WCI_COUNTER, "_total", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "\"a:b\"", try(WCI_GAUGE, "x", LABELS("a:b"), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "label __x", try(WCI_GAUGE, "x", LABELS("__x"), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "quantile", try(WCI_GAUGE, "x", LABELS("quantile"), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "two labels a",
                 try(WCI_GAUGE, "x", LABELS("a", "b", "a"), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "label 1 is NULL",
                 try(WCI_GAUGE, "x", LABELS("a", NULL), NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "the labels are NULL", try(WCI_GAUGE, "x", NULL, 1, NULL, 0));
    assert_fails(WILDCAM_ERR_INVALID, "17 labels, more than 16",
                 try(WCI_GAUGE, "x", many, WILDCAM_METRICS_LABELS + 1, NULL, 0));
}
END_TEST

START_TEST(bounds_are_checked)
{
    double many[WCI_METRIC_BOUNDS + 1] = {0};
    double infinite = wci_bits_double(UINT64_C(0x7ff0000000000000));
    assert_fails(WILDCAM_ERR_INVALID, "bound 1, 1, is not above",
                 try(WCI_HISTOGRAM, "x", NULL, 0, (const double[]){1, 1}, 2));
    assert_fails(WILDCAM_ERR_INVALID, "bound 1 is not finite",
                 try(WCI_HISTOGRAM, "x", NULL, 0, (const double[]){1, infinite}, 2));
    assert_fails(WILDCAM_ERR_INVALID, "65 bounds, more than 64",
                 try(WCI_HISTOGRAM, "x", NULL, 0, many, WCI_METRIC_BOUNDS + 1));
    assert_fails(WILDCAM_ERR_INVALID, "the bounds are NULL",
                 try(WCI_HISTOGRAM, "x", NULL, 0, NULL, 2));
    assert_ok(try(WCI_HISTOGRAM, "x", NULL, 0, (const double[]){1, 2}, 2));
    assert_fails(WILDCAM_ERR_EXISTS, "other bounds",
                 try(WCI_HISTOGRAM, "x", NULL, 0, (const double[]){1, 3}, 2));
    assert_fails(WILDCAM_ERR_EXISTS, "other bounds", try(WCI_HISTOGRAM, "x", NULL, 0, NULL, 0));
    assert_ok(try(WCI_HISTOGRAM, "x", NULL, 0, (const double[]){1, 2}, 2));
}
END_TEST

START_TEST(no_two_families_write_the_same_names)
{
    assert_ok(try(WCI_COUNTER, "a_total", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_EXISTS, "a_total", try(WCI_GAUGE, "a", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_EXISTS, "a_total", try(WCI_GAUGE, "a_created", NULL, 0, NULL, 0));
    assert_ok(try(WCI_HISTOGRAM, "h", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_EXISTS, "names of h", try(WCI_GAUGE, "h_count", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_EXISTS, "names of h", try(WCI_GAUGE, "h_bucket", NULL, 0, NULL, 0));
    assert_ok(try(WCI_GAUGE, "h_counts", NULL, 0, NULL, 0));
    assert_ok(try(WCI_GAUGE, "g_sum", NULL, 0, NULL, 0));
    assert_fails(WILDCAM_ERR_EXISTS, "names of g_sum", try(WCI_HISTOGRAM, "g", NULL, 0, NULL, 0));
    /* The guide's gauge that is named like a counter, and one of its stem. */
    assert_ok(try(WCI_GAUGE, "wildcam_active_cameras_total", NULL, 0, NULL, 0));
    assert_ok(try(WCI_GAUGE, "wildcam_active_cameras", NULL, 0, NULL, 0));
}
END_TEST

/* ---- values ---- */

START_TEST(values_are_cleaned_and_cut)
{
    struct wildcam_metric_family *family = add_family("x_total");
    char value[WILDCAM_METRICS_VALUE + 8];
    size_t length;
    memset(value, 'a', sizeof value);
    memcpy(value + WILDCAM_METRICS_VALUE - 1, "\xc3\xa4zz", 5); /* across the limit */
    struct wci_series *series = take(family, value);
    const char *found = wci_series_value(series, 0, &length);
    ck_assert_uint_eq(length, WILDCAM_METRICS_VALUE - 1);
    ck_assert_int_eq(found[length - 1], 'a');
    value[WILDCAM_METRICS_VALUE - 1] = '\0';
    struct wci_series *same = take(family, value);
    ck_assert_ptr_eq(series, same);
    wci_series_let_go(same);
    wci_series_let_go(series);
    series = take(family, "\x80"
                          "a\xc3"
                          "b\xed\xa0\x80");
    found = wci_series_value(series, 0, &length);
    ck_assert_uint_eq(length, 3 + 1 + 3 + 1 + 9);
    ck_assert_mem_eq(found,
                     "\xef\xbf\xbd"
                     "a\xef\xbf\xbd"
                     "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
                     length);
    wci_series_let_go(series);
    memset(value, 0xff, sizeof value); /* what comes out counts, before it is escaped */
    value[sizeof value - 1] = '\0';
    value[0] = value[1] = '"';
    series = take(family, value);
    wci_series_value(series, 0, &length);
    ck_assert_uint_eq(length, 4 + WILDCAM_METRICS_VALUE - 2);
    wci_series_let_go(series);
    series = take(family, "");
    ck_assert_str_eq(series->labels, "camera_id=\"\"");
    wci_series_let_go(series);
}
END_TEST

START_TEST(same_values_are_one_series)
{
    enum { MANY = 5000 };
    static struct wci_series *all[MANY];
    struct wildcam_metric_family *family = add_family("x_total");
    for (int i = 0; i < MANY; i++)
        all[i] = take_number(family, i);
    ck_assert_uint_eq(wci_metrics_count(family), MANY);
    for (int i = 0; i < MANY; i++) {
        struct wci_series *again = take_number(family, i);
        ck_assert_ptr_eq(again, all[i]);
        wci_series_let_go(again);
        wci_series_let_go(all[i]);
    }
    ck_assert_uint_eq(wci_metrics_count(family), MANY);
}
END_TEST

START_TEST(limit_holds_and_room_comes_back)
{
    struct wildcam_metric_family *family = add_family("x_total");
    wci_metrics_set_limit(family, 2);
    wci_series_let_go(take(family, "a"));
    wci_series_let_go(take(family, "b"));
    for (int i = 0; i < 3; i++) {
        struct wci_series *beyond = take(family, "c");
        wci_series_count(beyond, 1);
        ck_assert_int_eq(references(beyond), 1);          /* nobody shows it */
        ck_assert_uint_eq(wci_series_word(beyond, 0), 1); /* nor keeps it */
        wci_series_let_go(beyond);
    }
    ck_assert_ptr_null(family->waiting);
    ck_assert_ptr_nonnull(family->dropped);
    ck_assert_uint_eq(wci_series_word(family->dropped, 0), 3);
    ck_assert_uint_eq(wci_metrics_count(family), 2);
    assert_done(wci_metrics_remove(family, (const char *const[]){"a"}, 1));
    wci_series_let_go(take(family, "c"));
    ck_assert_uint_eq(wci_metrics_count(family), 2);
    ck_assert_uint_eq(wci_series_word(family->dropped, 0), 3);
}
END_TEST

static bool is_shown(struct wildcam_metric_family *family, const struct wci_series *series)
{
    bool is_there = false;
    for (size_t i = 0; i < family->used; i++)
        is_there = is_there || family->series[i] == series;
    ck_assert(is_there != atomic_load(&series->is_waiting));
    return is_there;
}

/* Whoever asked first is shown first, with what was counted meanwhile. */
START_TEST(those_beyond_the_limit_wait_for_room)
{
    struct wildcam_metric_family *family = add_family("x_total");
    struct wci_series *all[6];
    wci_metrics_set_limit(family, 2);
    for (int i = 0; i < 6; i++)
        wci_series_count(all[i] = take_number(family, i), 1);
    struct wci_series *again = take_number(family, 3);
    ck_assert_ptr_eq(again, all[3]); /* handles of the same values are of the same series */
    wci_series_let_go(again);
    ck_assert_uint_eq(wci_series_word(family->dropped, 0), 5);
    wci_series_let_go(all[2]); /* does not wait any more */
    assert_done(wci_metrics_remove(family, (const char *const[]){"0"}, 1));
    ck_assert_int_eq(references(all[0]), 1);
    ck_assert(is_shown(family, all[3]));
    ck_assert(!is_shown(family, all[4]));
    assert_done(wci_metrics_remove(family, (const char *const[]){"4"}, 1)); /* while it waits */
    wci_metrics_set_limit(family, 3);
    ck_assert(is_shown(family, all[5]));
    ck_assert_uint_eq(wci_series_word(all[5], 0), 1);
    ck_assert_uint_eq(wci_metrics_count(family), 3);
    wci_metrics_set_limit(family, 10);
    ck_assert_uint_eq(wci_metrics_count(family), 3);
    ck_assert_int_eq(references(all[4]), 1);
    for (int i = 0; i < 6; i++)
        if (i != 2)
            wci_series_let_go(all[i]);
}
END_TEST

/* Series that come and go in any order are found, shown once each, and in the order in which they
 * came. */
START_TEST(thousands_come_and_go)
{
    enum { MANY = 4000, LIMIT = 3000 };
    static struct wci_series *all[MANY];
    struct wildcam_metric_family *family = add_family("x_total");
    wci_metrics_set_limit(family, LIMIT);
    for (int i = 0; i < MANY; i++)
        all[i] = take_number(family, i);
    for (int i = 0; i < MANY; i++) {
        int victim = (int)((unsigned)i * 1237 % MANY); /* each once, the shown and the waiting */
        char value[16];
        snprintf(value, sizeof value, "%d", victim);
        assert_done(wci_metrics_remove(family, (const char *const[]){value}, 1));
        wci_series_let_go(all[victim]);
        all[victim] = NULL;
        if (i % 100)
            continue;
        size_t left = MANY - 1 - (size_t)i, last = 0;
        ck_assert_uint_eq(family->listed, left);
        ck_assert_uint_eq(wci_metrics_count(family), left < LIMIT ? left : LIMIT);
        for (int k = 0; k < MANY; k++) {
            if (!all[k])
                continue;
            struct wci_series *found = take_number(family, k);
            ck_assert_ptr_eq(found, all[k]);
            wci_series_let_go(found);
            if (atomic_load(&found->is_waiting))
                continue;
            ck_assert_ptr_eq(family->series[found->place], found);
            ck_assert(last == 0 || found->place > last - 1);
            last = found->place + 1;
        }
    }
    ck_assert_uint_eq(family->listed, 0);
}
END_TEST

/* ---- removing ---- */

START_TEST(those_with_a_value_are_removed)
{
    enum { MANY = 100 };
    static const char *const labels[] = {"camera_id", "species"};
    struct wci_family_shape shape = {"y_total", "Help.", WCI_COUNTER, labels, 2, NULL, 0};
    struct wildcam_metric_family *family;
    struct wci_series *series = NULL;
    size_t removed;
    assert_done(wci_metrics_add(metrics, &shape, &family));
    for (int i = 0; i < MANY; i++) {
        char species[16];
        snprintf(species, sizeof species, "\"%d\\", i / 2);
        assert_done(wci_metrics_series(family, WCI_COUNTER,
                                       (const char *const[]){i % 2 ? "odd" : "even", species}, 2,
                                       &series));
        wci_series_let_go(series);
    }
    assert_done(remove_where(family, "species", "\"7\\", &removed));
    ck_assert_uint_eq(removed, 2);
    assert_done(remove_where(family, "species", "7", &removed));
    ck_assert_uint_eq(removed, 0);
    assert_done(remove_where(family, "camera_id", "odd", &removed));
    ck_assert_uint_eq(removed, MANY / 2 - 1);
    wci_error_clear();
    assert_fails(WILDCAM_ERR_NOTFOUND, "no label nobody",
                 remove_where(family, "nobody", "x", NULL));
    assert_done(remove_where(NULL, "nobody", "x", &removed));
    ck_assert_uint_eq(removed, 0);
    for (size_t i = 0; i < family->used; i++)
        ck_assert(!family->series[i] || strstr(family->series[i]->labels, "even"));
    ck_assert_uint_eq(family->count, MANY / 2 - 1);
    assert_done(wci_metrics_series(family, WCI_COUNTER, (const char *const[]){"even", "\"49\\"}, 2,
                                   &series));
    ck_assert_ptr_eq(series, family->series[series->place]); /* it is still found */
    wci_series_let_go(series);
}
END_TEST

/* A reader keeps what it may look at; when the last that may has gone, it is freed. */
START_TEST(what_is_removed_stays_for_its_readers)
{
    struct wildcam_metric_family *family = add_family("x_total");
    struct wci_snapshot early, late;
    struct wci_series *one = take(family, "one"), *two = take(family, "two");
    assert_done(wci_snapshot_begin(metrics, &early));
    ck_assert_uint_eq(early.series, 2);
    assert_done(wci_metrics_remove(family, (const char *const[]){"one"}, 1));
    ck_assert_int_eq(references(one), 2);
    assert_done(wci_snapshot_begin(metrics, &late)); /* does not see it any more */
    ck_assert_uint_eq(late.series, 1);
    assert_done(wci_metrics_remove(family, (const char *const[]){"two"}, 1));
    wci_snapshot_end(metrics, &early);
    ck_assert_int_eq(references(one), 1);
    ck_assert_int_eq(references(two), 2);
    wci_snapshot_end(metrics, &late);
    ck_assert_int_eq(references(two), 1);
    wci_series_let_go(one);
    wci_series_let_go(two);
}
END_TEST

/* Readers overlap for ever: what is removed goes all the same. */
START_TEST(readers_that_never_pause_keep_nothing_for_ever)
{
    enum { ROUNDS = 50 };
    static struct wci_series *removed[ROUNDS];
    struct wildcam_metric_family *family = add_family("x_total");
    struct wci_snapshot readers[2];
    assert_done(wci_snapshot_begin(metrics, &readers[0]));
    for (int i = 0; i < ROUNDS; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        removed[i] = take(family, value);
        assert_done(wci_metrics_remove(family, (const char *const[]){value}, 1));
        assert_done(wci_snapshot_begin(metrics, &readers[(i + 1) % 2]));
        wci_snapshot_end(metrics, &readers[i % 2]);
        if (i >= 3)
            ck_assert_int_eq(references(removed[i - 3]), 1);
    }
    wci_snapshot_end(metrics, &readers[ROUNDS % 2]);
    for (int i = 0; i < ROUNDS; i++) {
        ck_assert_int_eq(references(removed[i]), 1);
        wci_series_let_go(removed[i]);
    }
}
END_TEST

START_TEST(handles_outlive_the_registry)
{
    wildcam_metrics *other;
    struct wci_family_shape shape = {"x", "Help.", WCI_HISTOGRAM, NULL, 0, NULL, 0};
    struct wildcam_metric_family *family;
    struct wci_series *series = NULL;
    assert_done(wci_metrics_new(&other));
    assert_done(wci_metrics_add(other, &shape, &family));
    assert_done(wci_metrics_series(family, WCI_HISTOGRAM, NULL, 0, &series));
    wci_metrics_free(other);
    wci_series_observe(series, 0.02);
    ck_assert_uint_eq(wci_series_word(series, 2), 1);
    wci_series_let_go(series);
}
END_TEST

START_TEST(handles_that_wait_outlive_the_registry)
{
    wildcam_metrics *other;
    struct wci_family_shape shape = {"x_total", "Help.", WCI_COUNTER, label, 1, NULL, 0};
    struct wildcam_metric_family *family;
    assert_done(wci_metrics_new(&other));
    assert_done(wci_metrics_add(other, &shape, &family));
    wci_metrics_set_limit(family, 1);
    struct wci_series *one = take(family, "one"), *two = take(family, "two");
    ck_assert(atomic_load(&two->is_waiting));
    wci_metrics_free(other);
    wci_series_let_go(one);
    wci_series_count(two, 1);
    ck_assert_uint_eq(wci_series_word(two, 0), 1);
    wci_series_let_go(two);
}
END_TEST

/* ---- all at once ---- */

enum { WRITERS = 4, CAMERAS = 30, TIMES = 300 };

struct crowd {
    struct wildcam_metric_family *family;
    struct wci_series *held; /* removed again and again, and counted in all the time */
    atomic_int writing;
};

static void *come_and_go(void *user)
{
    struct crowd *crowd = user;
    for (int i = 0; i < TIMES; i++)
        for (int camera = 0; camera < CAMERAS; camera++) {
            struct wci_series *series = take_number(crowd->family, camera);
            wci_series_count(series, 1);
            wci_series_let_go(series);
            wci_series_count(crowd->held, 1);
        }
    atomic_fetch_sub(&crowd->writing, 1);
    return NULL;
}

static void *remove_and_write(void *user)
{
    struct crowd *crowd = user;
    for (int i = 0; atomic_load(&crowd->writing) > 0; i++) {
        char value[16], *text;
        size_t size;
        snprintf(value, sizeof value, "%d", i % CAMERAS);
        assert_done(remove_where(NULL, "camera_id", value, NULL));
        assert_done(wci_metrics_write(metrics, i % 2, NULL, &text, &size));
        ck_assert_uint_eq(strlen(text), size);
        free(text);
    }
    return NULL;
}

START_TEST(series_come_and_go_while_others_count_and_write)
{
    pthread_t threads[WRITERS + 2];
    struct crowd crowd = {.family = add_family("x_total"), .writing = WRITERS};
    crowd.held = take_number(crowd.family, 0);
    wci_metrics_set_limit(crowd.family, CAMERAS / 2); /* the rest waits */
    for (int i = 0; i < WRITERS + 2; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i < WRITERS ? come_and_go : remove_and_write, &crowd),
            0);
    for (int i = 0; i < WRITERS + 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_ge(wci_series_word(crowd.held, 0), WRITERS * TIMES * CAMERAS);
    wci_series_let_go(crowd.held);
    ck_assert_ptr_null(metrics->limbo[0]);
    ck_assert_ptr_null(metrics->limbo[1]);
}
END_TEST

/* ---- collectors ---- */

struct caller {
    struct wci_series *series;
    wildcam_status status;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_under_way, may_end, is_removed;
    int calls;
};

static void write_from_within(void *user)
{
    struct caller *caller = user;
    char *text;
    size_t size;
    caller->calls++;
    caller->status = wci_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, &text, &size);
    wci_error_clear(); /* as a public call would */
}

static void remove_itself(void *user)
{
    struct caller *caller = user;
    caller->calls++;
    caller->status = wci_metrics_remove_collector(metrics, remove_itself, user);
}

static void write_once(void)
{
    char *text;
    size_t size;
    assert_done(wci_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, &text, &size));
    free(text);
}

START_TEST(collectors_may_not_write_but_may_go)
{
    struct caller writer = {0}, leaver = {0};
    assert_done(wci_metrics_add_collector(metrics, write_from_within, &writer));
    assert_done(wci_metrics_add_collector(metrics, remove_itself, &leaver));
    write_once();
    write_once();
    ck_assert_int_eq(writer.calls, 2);
    ck_assert_int_eq(writer.status, WILDCAM_ERR_STATE);
    ck_assert_int_eq(leaver.calls, 1);
    ck_assert_int_eq(leaver.status, WILDCAM_OK);
}
END_TEST

static void stay_until_told(void *user)
{
    struct caller *caller = user;
    pthread_mutex_lock(&caller->mutex);
    caller->is_under_way = true;
    pthread_cond_broadcast(&caller->changed);
    while (!caller->may_end)
        pthread_cond_wait(&caller->changed, &caller->mutex);
    ck_assert(!caller->is_removed); /* who removes it waits for it */
    caller->calls++;
    pthread_mutex_unlock(&caller->mutex);
}

static void *write_in_thread(void *user)
{
    (void)user;
    write_once();
    return NULL;
}

static void *remove_in_thread(void *user)
{
    struct caller *caller = user;
    assert_done(wci_metrics_remove_collector(metrics, stay_until_told, caller));
    pthread_mutex_lock(&caller->mutex);
    caller->is_removed = true;
    pthread_mutex_unlock(&caller->mutex);
    return NULL;
}

START_TEST(removing_waits_for_a_collector_under_way)
{
    struct caller caller = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                            .changed = PTHREAD_COND_INITIALIZER};
    pthread_t writer, remover;
    assert_done(wci_metrics_add_collector(metrics, stay_until_told, &caller));
    ck_assert_int_eq(pthread_create(&writer, NULL, write_in_thread, NULL), 0);
    pthread_mutex_lock(&caller.mutex);
    while (!caller.is_under_way)
        pthread_cond_wait(&caller.changed, &caller.mutex);
    pthread_mutex_unlock(&caller.mutex);
    ck_assert_int_eq(pthread_create(&remover, NULL, remove_in_thread, &caller), 0);
    size_t left = 1;
    while (left > 0) { /* until it is taken out, which it is before the wait */
        pthread_mutex_lock(&metrics->mutex);
        left = metrics->collector_count;
        pthread_mutex_unlock(&metrics->mutex);
    }
    pthread_mutex_lock(&caller.mutex);
    caller.may_end = true;
    pthread_cond_broadcast(&caller.changed);
    pthread_mutex_unlock(&caller.mutex);
    ck_assert_int_eq(pthread_join(remover, NULL), 0);
    ck_assert_int_eq(caller.calls, 1);
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
}
END_TEST

/* ---- behind a fork ---- */

/* As another thread of the parent has it while it makes room: the one that moves stands there
 * twice. */
static int free_a_torn_one(void)
{
    metrics->families[0] = metrics->families[1];
    wci_metrics_free(metrics);
    return 0;
}

static void fork_and_free(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(free_a_torn_one());
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
}

START_TEST(a_child_leaves_what_was_being_changed)
{
    wci_series_let_go(take(add_family("x_total"), "one"));
    pthread_mutex_lock(&metrics->mutex);
    fork_and_free();
    metrics->is_collecting = true;
    pthread_mutex_unlock(&metrics->mutex);
    fork_and_free();
    metrics->is_collecting = false;
}
END_TEST

static int free_what_waits(struct wci_series *series)
{
    wci_series_let_go(series);
    wci_metrics_free(metrics);
    return 0;
}

START_TEST(a_child_frees_handles_that_wait)
{
    int status = -1;
    struct wildcam_metric_family *family = add_family("x_total");
    wci_metrics_set_limit(family, 1);
    struct wci_series *one = take(family, "one"), *two = take(family, "two");
    pid_t child = fork();
    if (child == 0)
        _exit(free_what_waits(two));
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
    wci_series_let_go(one);
    wci_series_let_go(two);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("registry");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, make, drop);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, names_are_checked);
    tcase_add_test(all, bounds_are_checked);
    tcase_add_test(all, no_two_families_write_the_same_names);
    tcase_add_test(all, values_are_cleaned_and_cut);
    tcase_add_test(all, same_values_are_one_series);
    tcase_add_test(all, limit_holds_and_room_comes_back);
    tcase_add_test(all, those_beyond_the_limit_wait_for_room);
    tcase_add_test(all, thousands_come_and_go);
    tcase_add_test(all, those_with_a_value_are_removed);
    tcase_add_test(all, what_is_removed_stays_for_its_readers);
    tcase_add_test(all, readers_that_never_pause_keep_nothing_for_ever);
    tcase_add_test(all, handles_outlive_the_registry);
    tcase_add_test(all, handles_that_wait_outlive_the_registry);
    tcase_add_test(all, a_child_frees_handles_that_wait);
    tcase_add_test(all, series_come_and_go_while_others_count_and_write);
    tcase_add_test(all, collectors_may_not_write_but_may_go);
    tcase_add_test(all, removing_waits_for_a_collector_under_way);
    tcase_add_test(all, a_child_leaves_what_was_being_changed);
    return suite;
}
