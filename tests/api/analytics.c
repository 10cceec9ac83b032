/* Answers about the last days: right at every moment, and from memory where nothing changed. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "api/samples.h"

#define ALL WILDCAM_ANALYTICS_DAYS_MAX

static wildcam_station *station;

static void open_it(void)
{
    station = open_with(NULL, NULL);
}

static void close_it(void)
{
    wildcam_station_close(station);
}

/* Today's noon, or that of so many days before: in the past and in the future, all are of a day. */
static int64_t noon(int days_ago)
{
    return wildcam_time_now() / DAY * DAY + DAY / 2 - days_ago * DAY;
}

static int64_t add_fox(const char *device_id, int days_ago)
{
    const struct sighting fox = {device_id, "fox", noon(days_ago), 0.5};
    return add(station, &fox);
}

/* The whole number that stands behind words in an answer; -1 when they do not. */
static long number_behind(const wildcam_analytics *analytics, const char *words)
{
    size_t size;
    const char *text = wildcam_analytics_get_json(analytics, &size);
    ck_assert_uint_eq(strlen(text), size);
    const char *found = strstr(text, words);
    return found ? strtol(found + strlen(words), NULL, 10) : -1;
}

static long total_of(const char *device_id, int64_t days)
{
    wildcam_analytics *analytics;
    assert_ok(wildcam_station_camera_statistics(station, device_id, days, &analytics));
    ck_assert_str_eq(wildcam_analytics_get_device_id(analytics), device_id);
    long total = number_behind(analytics, "\"total_detections\":");
    ck_assert_int_ge(total, 0);
    wildcam_analytics_free(analytics);
    return total;
}

static long foxes(int64_t days)
{
    wildcam_analytics *analytics;
    assert_ok(wildcam_station_species_counts(station, days, &analytics));
    ck_assert_str_eq(wildcam_analytics_get_device_id(analytics), "");
    long count = number_behind(analytics, "\"species\":\"fox\",\"count\":");
    wildcam_analytics_free(analytics);
    return count;
}

static double misses(void)
{
    return value_of(station, "wildcam_cache_misses_total");
}

static double hits(void)
{
    return value_of(station, "wildcam_cache_hits_total");
}

static bool is_from_memory(void)
{
    double before = hits();
    total_of("CAM1", 7);
    return hits() > before;
}

/* Just after a file has come or gone nobody can tell whether another will. */
static void settle(void)
{
    wait_until(is_from_memory());
}

START_TEST(answers_are_shared_until_something_changes)
{
    add_fox("CAM1", 0);
    ck_assert_int_eq(total_of("CAM1", 7), 1);
    settle();
    double hits_before = hits(), before = misses();
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(total_of("CAM1", 7), 1);
    ck_assert(misses() == before);
    ck_assert(hits() == hits_before + 5);
    ck_assert(value_of(station, "wildcam_cache_bytes") > 500);
    add_fox("CAM1", 0);
    ck_assert_int_eq(total_of("CAM1", 7), 2);
    ck_assert(misses() == before + 1);
    ck_assert_int_eq(total_of("CAM1", 7), 2);
    ck_assert(misses() == before + 1);
}
END_TEST

START_TEST(only_what_changed_is_counted_anew)
{
    add_fox("CAM1", 3);
    add_fox("CAM2", 3);
    add_fox("CAM1", 20);
    settle();
    ck_assert_int_eq(total_of("CAM1", 7), 1);
    ck_assert_int_eq(total_of("CAM2", 7), 1);
    ck_assert_int_eq(total_of("CAM1", 30), 2);
    double before = misses();
    add_fox("CAM2", 1); /* another camera */
    ck_assert_int_eq(total_of("CAM1", 7), 1);
    ck_assert_int_eq(total_of("CAM1", 30), 2);
    ck_assert(misses() == before);
    add_fox("CAM1", 20); /* another day */
    ck_assert_int_eq(total_of("CAM1", 7), 1);
    ck_assert(misses() == before);
    ck_assert_int_eq(total_of("CAM1", 30), 3);
    ck_assert_int_eq(total_of("CAM2", 7), 2);
    ck_assert(misses() == before + 2);
}
END_TEST

static void call_false(int64_t id, int is_false)
{
    wildcam_detection *word;
    assert_ok(wildcam_detection_new(&word));
    assert_ok(wildcam_detection_set_false_positive(word, is_false));
    assert_ok(wildcam_station_verify_detection(station, id, word));
    wildcam_detection_free(word);
}

START_TEST(reviews_purges_and_cameras_are_seen)
{
    int64_t id = add_fox("CAM1", 2), before = 0;
    add_fox("CAM1", 100);
    ck_assert_int_eq(foxes(ALL), 2);
    call_false(id, 1);
    ck_assert_int_eq(foxes(ALL), 1);
    ck_assert_int_eq(total_of("CAM1", ALL), 1);
    call_false(id, 0);
    ck_assert_int_eq(foxes(ALL), 2);
    assert_ok(wildcam_station_purge(station, noon(60), &before, NULL));
    ck_assert_int_eq(before, 1);
    ck_assert_int_eq(foxes(ALL), 1);
    ck_assert_int_eq(total_of("CAM1", ALL), 1);
    ck_assert_int_eq(total_of("CAM1", 7), 1);
    wildcam_camera *report; /* how a camera does is never from memory */
    assert_ok(wildcam_camera_new(&report));
    assert_ok(wildcam_camera_set_device_id(report, "CAM1"));
    assert_ok(wildcam_camera_set_battery_level(report, 41));
    assert_ok(wildcam_station_report_camera(station, report));
    wildcam_camera_free(report);
    wildcam_analytics *analytics;
    settle();
    double misses_before = misses();
    assert_ok(wildcam_station_camera_statistics(station, "CAM1", 7, &analytics));
    ck_assert_int_eq(number_behind(analytics, "\"battery_level\":"), 41);
    wildcam_analytics_free(analytics);
    ck_assert(misses() == misses_before);
}
END_TEST

/* An answer outlives what it was made of. */
START_TEST(answers_are_whoever_asked_s)
{
    wildcam_analytics *first, *second;
    add_fox("CAM1", 0);
    assert_ok(wildcam_station_activity(station, 7, &first));
    add_fox("CAM1", 0);
    assert_ok(wildcam_station_analytics(station, "fox", 7, &second));
    wildcam_station_close(station);
    station = NULL;
    ck_assert_int_eq(number_behind(first, "{\"hour\":12,\"count\":"), 1);
    ck_assert_int_eq(number_behind(second, "{\"hour\":12,\"count\":"), 2);
    wildcam_analytics_free(first);
    wildcam_analytics_free(second);
}
END_TEST

START_TEST(limits)
{
    wildcam_analytics *out = (void *)&out;
    add_fox("CAM1", 0);
    assert_fails(WILDCAM_ERR_INVALID, "1 to 3660", wildcam_station_activity(station, 0, &out));
    ck_assert_ptr_null(out);
    assert_fails(WILDCAM_ERR_INVALID, "3661",
                 wildcam_station_species_counts(station, ALL + 1, &out));
    assert_fails(WILDCAM_ERR_INVALID, "species",
                 wildcam_station_analytics(station, "a\nb", 7, &out));
    assert_fails(WILDCAM_ERR_NOTFOUND, "CAM9",
                 wildcam_station_camera_statistics(station, "CAM9", 7, &out));
    assert_ok(wildcam_station_camera_statistics(station, "1", 7, &out)); /* by its number */
    ck_assert_str_eq(wildcam_analytics_get_device_id(out), "CAM1");
    wildcam_analytics_free(out);
}
END_TEST

/* "" is no species: what is asked for it is what is asked for all. */
START_TEST(no_species_is_all_of_them)
{
    size_t size;
    wildcam_analytics *analytics;
    add_fox("CAM1", 0);
    static const char *const species[] = {"", NULL, ""};
    for (size_t i = 0; i < sizeof species / sizeof species[0]; i++) {
        assert_ok(wildcam_station_analytics(station, species[i], 7, &analytics));
        ck_assert_ptr_nonnull(strstr(wildcam_analytics_get_json(analytics, &size), "\"fox\""));
        wildcam_analytics_free(analytics);
    }
}
END_TEST

START_TEST(nothing_is_kept_when_that_is_the_setting)
{
    wildcam_station_close(station);
    station = open_with("cache.bytes", "0", NULL);
    add_fox("CAM1", 0);
    total_of("CAM1", 7);
    total_of("CAM1", 7);
    assert_value(station, "wildcam_cache_hits_total", 0);
    assert_value(station, "wildcam_cache_bytes", 0);
}
END_TEST

/* ---- other processes ---- */

static wildcam_station *open_again(void)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *other = open_station(conf);
    wildcam_conf_free(conf);
    return other;
}

static int add_one_apart(void *user)
{
    station = open_again();
    (void)user;
    add_fox("CAM1", 0);
    wildcam_station_close(station);
    return 0;
}

static int purge_apart(void *user)
{
    (void)user;
    wildcam_station *other = open_again();
    assert_ok(wildcam_station_purge(other, noon(60), NULL, NULL));
    wildcam_station_close(other);
    return 0;
}

START_TEST(what_others_do_is_seen_at_once)
{
    add_fox("CAM1", 100);
    add_fox("CAM1", 0);
    for (int i = 2; i < 6; i++) {
        in_child(add_one_apart, NULL);
        ck_assert_int_eq(foxes(ALL), i + 1);
        ck_assert_int_eq(total_of("CAM1", 7), i);
        settle();
        ck_assert_int_eq(total_of("CAM1", 7), i);
    }
    in_child(purge_apart, NULL);
    ck_assert_int_eq(foxes(ALL), 5);
}
END_TEST

enum { WRITES = 400 };

/* What was acknowledged, by this process and by another one. */
struct acknowledged {
    _Atomic long here, there;
};

static void *write_on(void *user)
{
    struct acknowledged *acknowledged = user;
    for (int i = 0; i < WRITES; i++) {
        add_fox(i % 2 ? "CAM1" : "CAM2", i % 5);
        acknowledged->here++;
    }
    return NULL;
}

static int write_apart(void *user)
{
    struct acknowledged *acknowledged = user;
    station = open_again();
    for (int i = 0; i < WRITES; i++) {
        add_fox(i % 3 ? "CAM1" : "CAM3", i % 5);
        acknowledged->there++;
    }
    wildcam_station_close(station);
    return 0;
}

static atomic_bool is_over;

/* No answer is older than what was acknowledged before it was asked for. */
static void *ask_on(void *user)
{
    struct acknowledged *acknowledged = user;
    while (!is_over) {
        long before = acknowledged->here + acknowledged->there;
        long found = foxes(7);
        ck_assert_int_ge(found, before);
        found = total_of("CAM1", 7) + total_of("CAM2", 7) + total_of("CAM3", 7);
        ck_assert_int_ge(found, before);
    }
    return NULL;
}

START_TEST(never_older_than_what_was_acknowledged)
{
    pthread_t writer, askers[3];
    struct acknowledged *acknowledged = mmap(NULL, sizeof *acknowledged, PROT_READ | PROT_WRITE,
                                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(acknowledged, MAP_FAILED);
    for (int i = 1; i <= 3; i++) {
        const char device_id[] = {'C', 'A', 'M', (char)('0' + i), '\0'};
        add_fox(device_id, 0);
        acknowledged->here++;
    }
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(write_apart(acknowledged));
    ck_assert_int_eq(pthread_create(&writer, NULL, write_on, acknowledged), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&askers[i], NULL, ask_on, acknowledged), 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pthread_join(writer, NULL);
    is_over = true;
    for (int i = 0; i < 3; i++)
        pthread_join(askers[i], NULL);
    ck_assert_int_eq(foxes(7), 3 + 2 * WRITES);
    printf("%.0f of %.0f answers from memory while two processes wrote\n", hits(),
           hits() + misses());
    munmap(acknowledged, sizeof *acknowledged);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("api: analytics");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, open_it, close_it);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, answers_are_shared_until_something_changes);
    tcase_add_test(all, only_what_changed_is_counted_anew);
    tcase_add_test(all, reviews_purges_and_cameras_are_seen);
    tcase_add_test(all, answers_are_whoever_asked_s);
    tcase_add_test(all, limits);
    tcase_add_test(all, no_species_is_all_of_them);
    tcase_add_test(all, nothing_is_kept_when_that_is_the_setting);
    tcase_add_test(all, what_others_do_is_seen_at_once);
    tcase_add_test(all, never_older_than_what_was_acknowledged);
    return suite;
}
