/* The registry as a program sees it. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_metrics *metrics;

static void make(void)
{
    assert_ok(wildcam_metrics_new(&metrics));
}

static void drop(void)
{
    wildcam_metrics_free(metrics);
}

static char *write_all(int format)
{
    char *text;
    size_t size;
    assert_ok(wildcam_metrics_write(metrics, format, NULL, 0, &text, &size));
    ck_assert_uint_eq(strlen(text), size);
    return text;
}

static void writes(int format, const char *wanted)
{
    char *text = write_all(format);
    ck_assert_str_eq(text, wanted);
    wildcam_free(text);
}

START_TEST(all_types_in_both_formats)
{
    static const char *const labels[] = {"camera_id", "species"};
    wildcam_metric_family *counters, *gauges, *histograms;
    wildcam_counter *counter;
    wildcam_gauge *gauge;
    wildcam_histogram *histogram;
    assert_ok(wildcam_metrics_add_counters(metrics, "seen_total", "Seen \"so\\far\"\nand on.",
                                           labels, 2, &counters));
    assert_ok(wildcam_metrics_add_gauges(metrics, "active_total", "Active.", NULL, 0, &gauges));
    assert_ok(wildcam_metrics_add_histograms(metrics, "took_seconds", "Took.", labels, 1,
                                             (const double[]){0.5, 1, 2.5}, 3, &histograms));
    assert_ok(
        wildcam_counter_new(counters, (const char *const[]){"A\"1\\", "fox\n\xff"}, 2, &counter));
    assert_ok(wildcam_gauge_new(gauges, NULL, 0, &gauge));
    assert_ok(wildcam_histogram_new(histograms, (const char *const[]){"A1"}, 1, &histogram));
    wildcam_counter_add(counter, 3);
    wildcam_counter_add(counter, UINT64_C(12345678900));
    wildcam_gauge_set(gauge, 2.5);
    wildcam_gauge_add(gauge, -4);
    wildcam_histogram_observe(histogram, 0.5);
    wildcam_histogram_observe(histogram, 0.1);
    wildcam_histogram_observe(histogram, 7);
    ck_assert_double_eq(wildcam_counter_get_value(counter), 12345678903);
    ck_assert_double_eq(wildcam_gauge_get_value(gauge), -1.5);
    ck_assert_uint_eq(wildcam_histogram_get_count(histogram), 3);
    ck_assert_double_eq_tol(wildcam_histogram_get_sum(histogram), 7.6, 1e-12);
    writes(WILDCAM_METRICS_TEXT,
           "# HELP active_total Active.\n"
           "# TYPE active_total gauge\n"
           "active_total -1.5\n"
           "# HELP seen_total Seen \"so\\\\far\"\\nand on.\n"
           "# TYPE seen_total counter\n"
           "seen_total{camera_id=\"A\\\"1\\\\\",species=\"fox\\n\xef\xbf\xbd\"} 12345678903\n"
           "# HELP took_seconds Took.\n"
           "# TYPE took_seconds histogram\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"0.5\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"1\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"2.5\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"+Inf\"} 3\n"
           "took_seconds_sum{camera_id=\"A1\"} 7.6\n"
           "took_seconds_count{camera_id=\"A1\"} 3\n");
    writes(WILDCAM_METRICS_OPENMETRICS,
           "# HELP active_total Active.\n"
           "# TYPE active_total gauge\n"
           "active_total -1.5\n"
           "# HELP seen Seen \\\"so\\\\far\\\"\\nand on.\n"
           "# TYPE seen counter\n"
           "seen_total{camera_id=\"A\\\"1\\\\\",species=\"fox\\n\xef\xbf\xbd\"} 12345678903\n"
           "# HELP took_seconds Took.\n"
           "# TYPE took_seconds histogram\n"
           "# UNIT took_seconds seconds\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"0.5\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"1.0\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"2.5\"} 2\n"
           "took_seconds_bucket{camera_id=\"A1\",le=\"+Inf\"} 3\n"
           "took_seconds_sum{camera_id=\"A1\"} 7.6\n"
           "took_seconds_count{camera_id=\"A1\"} 3\n"
           "# EOF\n");
    wildcam_counter_free(counter);
    wildcam_gauge_free(gauge);
    wildcam_histogram_free(histogram);
}
END_TEST

/* "Negative threshold buckets MAY be used, but then the Histogram MetricPoint MUST NOT contain a
 * sum value", nor a count then. */
START_TEST(bounds_below_0_leave_openmetrics_without_a_sum)
{
    wildcam_metric_family *family;
    wildcam_histogram *histogram;
    assert_ok(wildcam_metrics_add_histograms(metrics, "air_celsius", "Air.", NULL, 0,
                                             (const double[]){-10, 0}, 2, &family));
    assert_ok(wildcam_histogram_new(family, NULL, 0, &histogram));
    wildcam_histogram_observe(histogram, -4.5);
    writes(WILDCAM_METRICS_TEXT, "# HELP air_celsius Air.\n"
                                 "# TYPE air_celsius histogram\n"
                                 "air_celsius_bucket{le=\"-10\"} 0\n"
                                 "air_celsius_bucket{le=\"0\"} 1\n"
                                 "air_celsius_bucket{le=\"+Inf\"} 1\n"
                                 "air_celsius_sum -4.5\n"
                                 "air_celsius_count 1\n");
    writes(WILDCAM_METRICS_OPENMETRICS, "# HELP air_celsius Air.\n"
                                        "# TYPE air_celsius histogram\n"
                                        "# UNIT air_celsius celsius\n"
                                        "air_celsius_bucket{le=\"-10.0\"} 0\n"
                                        "air_celsius_bucket{le=\"0.0\"} 1\n"
                                        "air_celsius_bucket{le=\"+Inf\"} 1\n"
                                        "# EOF\n");
    wildcam_histogram_free(histogram);
}
END_TEST

START_TEST(families_are_found_again_or_refused)
{
    static const char *const labels[] = {"a", "b"};
    wildcam_metric_family *family, *again;
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "X.", labels, 2, &family));
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "Other words.", labels, 2, &again));
    ck_assert_ptr_eq(family, again);
    assert_fails(WILDCAM_ERR_EXISTS, "other labels",
                 wildcam_metrics_add_counters(metrics, "x_total", "X.", labels, 1, &again));
    ck_assert_ptr_null(again);
    assert_fails(WILDCAM_ERR_EXISTS, "as counters, not as gauges",
                 wildcam_metrics_add_gauges(metrics, "x_total", "X.", labels, 2, &again));
    assert_fails(WILDCAM_ERR_EXISTS, "x_total",
                 wildcam_metrics_add_gauges(metrics, "x", "X.", NULL, 0, &again));
    assert_fails(WILDCAM_ERR_INVALID, "does not end in _total",
                 wildcam_metrics_add_counters(metrics, "y", "Y.", NULL, 0, &again));
    assert_fails(WILDCAM_ERR_INVALID, "\"8x\"",
                 wildcam_metrics_add_gauges(metrics, "8x", "X.", NULL, 0, &again));
    assert_fails(
        WILDCAM_ERR_INVALID, "label le",
        wildcam_metrics_add_gauges(metrics, "z", "Z.", (const char *const[]){"le"}, 1, &again));
}
END_TEST

START_TEST(removed_series_are_not_shown)
{
    static const char *const label[] = {"camera_id"};
    wildcam_metric_family *family, *others;
    wildcam_counter *one, *two;
    wildcam_gauge *gauge;
    size_t removed;
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "X.", label, 1, &family));
    assert_ok(wildcam_metrics_add_gauges(metrics, "y", "Y.", label, 1, &others));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"one"}, 1, &one));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"two"}, 1, &two));
    assert_ok(wildcam_gauge_new(others, (const char *const[]){"one"}, 1, &gauge));
    ck_assert_uint_eq(wildcam_metric_family_count(family), 2);
    assert_ok(wildcam_metrics_remove_where(metrics, "camera_id", "one", &removed));
    ck_assert_uint_eq(removed, 2);
    wildcam_counter_add(one, 1);
    writes(WILDCAM_METRICS_TEXT, "# HELP x_total X.\n# TYPE x_total counter\n"
                                 "x_total{camera_id=\"two\"} 0\n");
    assert_fails(WILDCAM_ERR_NOTFOUND, "one",
                 wildcam_metric_family_remove(family, (const char *const[]){"one"}, 1));
    assert_ok(wildcam_metric_family_remove(family, (const char *const[]){"two"}, 1));
    assert_ok(wildcam_metric_family_remove_where(family, "camera_id", "two", &removed));
    ck_assert_uint_eq(removed, 0);
    writes(WILDCAM_METRICS_TEXT, "");
    wildcam_counter_free(one);
    wildcam_counter_free(two);
    wildcam_gauge_free(gauge);
}
END_TEST

START_TEST(beyond_the_limit)
{
    static const char *const label[] = {"species"};
    wildcam_metric_family *family;
    wildcam_counter *fox, *owl;
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "X.", label, 1, &family));
    assert_ok(wildcam_metric_family_set_limit(family, 1));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"fox"}, 1, &fox));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"owl"}, 1, &owl));
    wildcam_counter_add(owl, 5);
    ck_assert_double_eq(wildcam_counter_get_value(owl), 5);
    char *text = write_all(WILDCAM_METRICS_TEXT);
    ck_assert_ptr_nonnull(
        strstr(text, "\nwildcam_metrics_dropped_series_total{family=\"x_total\"} 1\n"));
    ck_assert_ptr_null(strstr(text, "owl"));
    wildcam_free(text);
    assert_ok(wildcam_metric_family_remove(family, (const char *const[]){"fox"}, 1));
    ck_assert_uint_eq(wildcam_metric_family_count(family), 1);
    wildcam_counter_add(owl, 1);
    text = write_all(WILDCAM_METRICS_TEXT);
    ck_assert_ptr_nonnull(strstr(text, "\nx_total{species=\"owl\"} 6\n"));
    wildcam_free(text);
    wildcam_counter_free(fox);
    wildcam_counter_free(owl);
}
END_TEST

static void look_up(void *user)
{
    wildcam_counter_set(user, 41.5);
}

START_TEST(collectors_are_called_before_anything_is_read)
{
    wildcam_metric_family *family;
    wildcam_counter *counter;
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "X.", NULL, 0, &family));
    assert_ok(wildcam_counter_new(family, NULL, 0, &counter));
    assert_ok(wildcam_metrics_add_collector(metrics, look_up, counter));
    assert_fails(WILDCAM_ERR_EXISTS, "collector",
                 wildcam_metrics_add_collector(metrics, look_up, counter));
    writes(WILDCAM_METRICS_TEXT, "# HELP x_total X.\n# TYPE x_total counter\nx_total 41.5\n");
    assert_ok(wildcam_metrics_remove_collector(metrics, look_up, counter));
    assert_fails(WILDCAM_ERR_NOTFOUND, "collector",
                 wildcam_metrics_remove_collector(metrics, look_up, counter));
    wildcam_counter_free(counter);
}
END_TEST

START_TEST(selectors_choose)
{
    static const char *const labels[] = {"species"};
    wildcam_metric_family *family;
    wildcam_gauge *fox, *owl;
    char *text;
    size_t size;
    assert_ok(wildcam_metrics_add_gauges(metrics, "x", "X.", labels, 1, &family));
    assert_ok(wildcam_gauge_new(family, (const char *const[]){"fox"}, 1, &fox));
    assert_ok(wildcam_gauge_new(family, (const char *const[]){"owl"}, 1, &owl));
    assert_ok(wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT,
                                    (const char *const[]){"y", "x{species=~\"o.*\"}"}, 2, &text,
                                    &size));
    ck_assert_str_eq(text, "# HELP x X.\n# TYPE x gauge\nx{species=\"owl\"} 0\n");
    ck_assert_uint_eq(strlen(text), size);
    wildcam_free(text);
    assert_ok(wildcam_metrics_write(metrics, WILDCAM_METRICS_OPENMETRICS,
                                    (const char *const[]){"y"}, 1, &text, NULL));
    ck_assert_str_eq(text, "# EOF\n");
    wildcam_free(text);
    assert_fails(WILDCAM_ERR_INVALID, "x{, byte 2: a label's name",
                 wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, (const char *const[]){"x{"},
                                       1, &text, &size));
    ck_assert_ptr_null(text);
    assert_fails(WILDCAM_ERR_INVALID, "7 is no format",
                 wildcam_metrics_write(metrics, 7, NULL, 0, &text, NULL));
    wildcam_gauge_free(fox);
    wildcam_gauge_free(owl);
}
END_TEST

START_TEST(into_a_file)
{
    size_t size;
    wildcam_metric_family *family;
    wildcam_gauge *gauge;
    assert_ok(wildcam_metrics_add_gauges(metrics, "x", "X.", NULL, 0, &family));
    assert_ok(wildcam_gauge_new(family, NULL, 0, &gauge));
    assert_ok(wildcam_metrics_write_file(metrics, NULL, 0, scratch_path("station.prom")));
    wildcam_gauge_set(gauge, 7);
    assert_ok(wildcam_metrics_write_file(metrics, NULL, 0, scratch_path("station.prom")));
    char *text = load_file(scratch_path("station.prom"), &size);
    ck_assert_uint_eq(size, strlen("# HELP x X.\n# TYPE x gauge\nx 7\n"));
    ck_assert_mem_eq(text, "# HELP x X.\n# TYPE x gauge\nx 7\n", size);
    ck_assert_int_eq(count_files(scratch()), 1);
    free(text);
    const char *const others[] = {"y"};
    assert_ok(wildcam_metrics_write_file(metrics, others, 1, scratch_path("station.prom")));
    free(load_file(scratch_path("station.prom"), &size));
    ck_assert_uint_eq(size, 0);
    struct stat found; /* node_exporter runs as somebody else */
    ck_assert_int_eq(stat(scratch_path("station.prom"), &found), 0);
    ck_assert_int_eq(found.st_mode & 07777, 0644);
    assert_fails(WILDCAM_ERR_NOTFOUND, "nowhere/x.prom",
                 wildcam_metrics_write_file(metrics, NULL, 0, scratch_path("nowhere/x.prom")));
    wildcam_gauge_free(gauge);
}
END_TEST

/* What a child does with its parent's registry; 0 when all is as it should be. */
static int be_a_child(wildcam_metric_family *family, wildcam_counter *counter)
{
    static const char *const labels[] = {"camera_id"};
    wildcam_metric_family *other;
    wildcam_counter *another;
    char *text;
    const wildcam_status answers[] = {
        wildcam_metrics_add_counters(metrics, "y_total", "Y.", labels, 1, &other),
        wildcam_counter_new(family, (const char *const[]){"one"}, 1, &another),
        wildcam_metric_family_set_limit(family, 7),
        wildcam_metric_family_remove(family, (const char *const[]){"one"}, 1),
        wildcam_metric_family_remove_where(family, "camera_id", "one", NULL),
        wildcam_metrics_remove_where(metrics, "camera_id", "one", NULL),
        wildcam_metrics_add_collector(metrics, look_up, counter),
        wildcam_metrics_remove_collector(metrics, look_up, counter),
        wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, 0, &text, NULL),
        wildcam_metrics_write_file(metrics, NULL, 0, scratch_path("child.prom")),
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (answers[i] != WILDCAM_ERR_FORKED)
            return 10 + (int)i;
    if (wildcam_metric_family_count(family) != 0)
        return 1;
    wildcam_counter_add(counter, 1); /* harms nobody */
    wildcam_metrics_free(metrics);
    wildcam_counter_free(counter);
    return 0;
}

START_TEST(child_of_a_fork)
{
    int status = -1;
    wildcam_metric_family *family;
    wildcam_counter *counter;
    assert_ok(wildcam_metrics_add_counters(metrics, "x_total", "X.",
                                           (const char *const[]){"camera_id"}, 1, &family));
    assert_ok(wildcam_counter_new(family, (const char *const[]){"one"}, 1, &counter));
    pid_t child = fork();
    if (child == 0)
        _exit(be_a_child(family, counter));
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert_double_eq(wildcam_counter_get_value(counter), 0);
    wildcam_counter_free(counter);
}
END_TEST

START_TEST(station_has_one)
{
    wildcam_station *station = open_with(NULL, NULL);
    ck_assert_ptr_nonnull(wildcam_station_get_metrics(station));
    ck_assert_ptr_null(wildcam_station_get_metrics(NULL));
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("metrics");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, make, drop);
    tcase_add_test(all, all_types_in_both_formats);
    tcase_add_test(all, bounds_below_0_leave_openmetrics_without_a_sum);
    tcase_add_test(all, families_are_found_again_or_refused);
    tcase_add_test(all, removed_series_are_not_shown);
    tcase_add_test(all, beyond_the_limit);
    tcase_add_test(all, collectors_are_called_before_anything_is_read);
    tcase_add_test(all, selectors_choose);
    tcase_add_test(all, into_a_file);
    tcase_add_test(all, child_of_a_fork);
    tcase_add_test(all, station_has_one);
    return suite;
}
