/* Calls on metrics: what could not be made is not there, and what is there goes on. */
#include <sys/stat.h>

#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)

static const char *const labels[] = {"camera_id", "species"};
static const char *const fox[] = {"gate \"7\"", "fox"};
static const char *const owl[] = {"gate \"7\"", "owl"};

static void make_registry(struct world *world)
{
    assert_ok(wildcam_metrics_new(&world->metrics));
}

static wildcam_status metrics_new(struct world *world)
{
    return wildcam_metrics_new(&world->metrics);
}

static wildcam_status add_counters(struct world *world)
{
    return wildcam_metrics_add_counters(world->metrics, "seen_total", "Seen.", labels, 2,
                                        &world->family);
}

static wildcam_status add_gauges(struct world *world)
{
    return wildcam_metrics_add_gauges(world->metrics, "queue", "Queue.", labels, 2, &world->family);
}

static wildcam_status add_histograms(struct world *world)
{
    return wildcam_metrics_add_histograms(world->metrics, "took_seconds", "Took.", labels, 2, NULL,
                                          0, &world->family);
}

static void is_empty(struct world *world)
{
    ck_assert_uint_eq(wildcam_metric_family_count(world->family), 0);
}

static void make_counters(struct world *world)
{
    make_registry(world);
    assert_ok(add_counters(world));
}

static void make_gauges(struct world *world)
{
    make_registry(world);
    assert_ok(add_gauges(world));
}

static void make_histograms(struct world *world)
{
    make_registry(world);
    assert_ok(add_histograms(world));
}

static wildcam_status counter_new(struct world *world)
{
    return wildcam_counter_new(world->family, fox, 2, &world->counter);
}

static wildcam_status gauge_new(struct world *world)
{
    return wildcam_gauge_new(world->family, fox, 2, &world->gauge);
}

static wildcam_status histogram_new(struct world *world)
{
    return wildcam_histogram_new(world->family, fox, 2, &world->histogram);
}

static void has_one(struct world *world)
{
    ck_assert_uint_eq(wildcam_metric_family_count(world->family), 1);
}

static void counts(struct world *world)
{
    wildcam_counter_add(world->counter, 2);
    ck_assert_double_eq(wildcam_counter_get_value(world->counter), 2);
    has_one(world);
}

static void make_full(struct world *world)
{
    wildcam_counter *first;
    make_counters(world);
    assert_ok(wildcam_metric_family_set_limit(world->family, 1));
    assert_ok(wildcam_counter_new(world->family, owl, 2, &first));
    wildcam_counter_free(first);
}

static void make_one(struct world *world)
{
    make_counters(world);
    assert_ok(counter_new(world));
    wildcam_counter_add(world->counter, 3);
}

static wildcam_status family_remove(struct world *world)
{
    return wildcam_metric_family_remove(world->family, fox, 2);
}

static wildcam_status family_remove_where(struct world *world)
{
    return wildcam_metric_family_remove_where(world->family, "species", "fox", NULL);
}

static wildcam_status metrics_remove_where(struct world *world)
{
    return wildcam_metrics_remove_where(world->metrics, "camera_id", "gate \"7\"", NULL);
}

static void collect(void *user)
{
    ++*(int64_t *)user;
}

static wildcam_status add_collector(struct world *world)
{
    return wildcam_metrics_add_collector(world->metrics, collect, &world->count);
}

#define TEXT                                                                                       \
    "# HELP seen_total Seen.\n# TYPE seen_total counter\n"                                         \
    "seen_total{camera_id=\"gate \\\"7\\\"\",species=\"fox\"} 3\n"

static void is_collected(struct world *world)
{
    assert_ok(wildcam_metrics_write(world->metrics, WILDCAM_METRICS_TEXT, NULL, 0,
                                    (char **)&world->bytes, NULL));
    ck_assert_int_eq(world->count, 1);
}

static wildcam_status metrics_write(struct world *world)
{
    return wildcam_metrics_write(world->metrics, WILDCAM_METRICS_TEXT, NULL, 0,
                                 (char **)&world->bytes, &world->size);
}

static wildcam_status metrics_select(struct world *world)
{
    static const char *const selectors[] = {"{species=\"owl\"}",
                                            "seen_total{species=~\"[f-h]o.+\"}"};
    return wildcam_metrics_write(world->metrics, WILDCAM_METRICS_TEXT, selectors, 2,
                                 (char **)&world->bytes, &world->size);
}

static void is_written(struct world *world)
{
    ck_assert_str_eq(world->bytes, TEXT);
    ck_assert_uint_eq(world->size, strlen(TEXT));
}

static void make_one_and_file(struct world *world)
{
    make_one(world);
    remove_tree(scratch_path("textfile"));
    ck_assert_int_eq(mkdir(scratch_path("textfile"), 0750), 0);
    save_file(scratch_path("textfile/wildcam.prom"), "old 1\n", 6);
}

static wildcam_status metrics_write_file(struct world *world)
{
    return wildcam_metrics_write_file(world->metrics, NULL, 0,
                                      scratch_path("textfile/wildcam.prom"));
}

static void holds(const char *text)
{
    size_t size;
    char *found = load_file(scratch_path("textfile/wildcam.prom"), &size);
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_mem_eq(found, text, size);
    free(found);
}

/* The new file is there, or the old one, and nothing half done once a call has got through. */
static void file_is_old(struct world *world)
{
    (void)world;
    holds("old 1\n");
}

static void file_is_new(struct world *world)
{
    (void)world;
    holds(TEXT);
}

static const struct scenario list[] = {
    {.function = "wildcam_metrics_new", .call = metrics_new, OUT(metrics)},
    {.function = "wildcam_metrics_add_counters",
     .arrange = make_registry,
     .call = add_counters,
     .verify = is_empty,
     OUT(family)},
    {.function = "wildcam_metrics_add_gauges",
     .arrange = make_registry,
     .call = add_gauges,
     .verify = is_empty,
     OUT(family)},
    {.function = "wildcam_metrics_add_histograms",
     .arrange = make_registry,
     .call = add_histograms,
     .verify = is_empty,
     OUT(family)},
    {.function = "wildcam_counter_new",
     .arrange = make_counters,
     .call = counter_new,
     .verify = counts,
     .unchanged = is_empty,
     OUT(counter)},
    {.function = "wildcam_counter_new",
     .variant = "beyond the limit",
     .arrange = make_full,
     .call = counter_new,
     .verify = counts,
     .unchanged = has_one,
     OUT(counter)},
    {.function = "wildcam_gauge_new",
     .arrange = make_gauges,
     .call = gauge_new,
     .verify = has_one,
     .unchanged = is_empty,
     OUT(gauge)},
    {.function = "wildcam_histogram_new",
     .arrange = make_histograms,
     .call = histogram_new,
     .verify = has_one,
     .unchanged = is_empty,
     OUT(histogram)},
    {.function = "wildcam_metric_family_remove",
     .arrange = make_one,
     .call = family_remove,
     .verify = is_empty,
     .unchanged = has_one},
    {.function = "wildcam_metric_family_remove_where",
     .arrange = make_one,
     .call = family_remove_where,
     .verify = is_empty,
     .unchanged = has_one},
    {.function = "wildcam_metrics_remove_where",
     .arrange = make_one,
     .call = metrics_remove_where,
     .verify = is_empty,
     .unchanged = has_one},
    {.function = "wildcam_metrics_add_collector",
     .arrange = make_registry,
     .call = add_collector,
     .verify = is_collected},
    {.function = "wildcam_metrics_write",
     .arrange = make_one,
     .call = metrics_write,
     .verify = is_written,
     OUT(bytes)},
    {.function = "wildcam_metrics_write",
     .variant = "what is selected",
     .arrange = make_one,
     .call = metrics_select,
     .verify = is_written,
     OUT(bytes)},
    {.function = "wildcam_metrics_write_file",
     .arrange = make_one_and_file,
     .call = metrics_write_file,
     .verify = file_is_new,
     .unchanged = file_is_old},
};

const struct scenarios metric_scenarios = {list, sizeof list / sizeof list[0]};
