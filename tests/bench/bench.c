#include "bench.h"

#include <ftw.h>
#include <time.h>
#include <unistd.h>

static char directory[512];
static int missed;

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t bench_number(const char *name, int64_t standard)
{
    const char *text = getenv(name);
    return text && *text ? strtoll(text, NULL, 10) : standard;
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

void bench_remove(const char *path)
{
    nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}

static void clean_up(void)
{
    bench_remove(directory);
}

const char *bench_directory(void)
{
    if (!directory[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof directory, "%s/wildcam-bench-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(directory)) {
            perror(directory);
            exit(2);
        }
        atexit(clean_up);
    }
    return directory;
}

void bench_progress(const char *what, int64_t done, int64_t total, double begin)
{
    double took = bench_now() - begin;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s: %lld of %lld, %.0f s left %s", what, (long long)done,
                (long long)total, took * (double)(total - done) / (double)done,
                done == total ? "\n" : "");
}

void bench_check(wildcam_status status, const char *what)
{
    if (status == WILDCAM_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, wildcam_error_message());
    exit(2);
}

wildcam_station *bench_open(const char *path)
{
    wildcam_conf *conf;
    wildcam_station *station;
    CHECK(wildcam_conf_new(&conf));
    CHECK(wildcam_conf_set(conf, "data.dir", path));
    CHECK(wildcam_conf_set(conf, "log.level", "error"));
    CHECK(wildcam_station_open(conf, &station));
    wildcam_conf_free(conf);
    return station;
}

static void write_json(const char *name, double figure, const char *unit, const char *limit_name,
                       double limit, double goal, bool reached)
{
    const char *path = getenv("WILDCAM_BENCH_JSON");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file)
        return;
    fprintf(file,
            "{\"name\": \"%s\", \"figure\": %.6g, \"unit\": \"%s\", \"limit\": \"%s\", "
            "\"limit_figure\": %.6g, \"goal\": %.6g, \"reached\": %s}\n",
            name, figure, unit, limit_name, limit, goal, reached ? "true" : "false");
    fclose(file);
}

static bool is_reached(double value, char better, double goal)
{
    bool reached = goal == 0 || (better == '>' ? value >= goal : value <= goal);
    missed += !reached;
    return reached;
}

void bench_line(const char *name, double figure, const char *unit, const char *limit_name,
                double limit, char better, double goal)
{
    double ratio = figure / limit;
    bool reached = is_reached(ratio, better, goal);
    printf("%-44s %12.6g %-8s %-34s %12.6g   %5.2f", name, figure, unit, limit_name, limit, ratio);
    if (goal != 0)
        printf("  goal %c= %.2f%s", better, goal, reached ? "" : "  MISSED");
    printf("\n");
    fflush(stdout);
    write_json(name, figure, unit, limit_name, limit, goal, reached);
}

void bench_figure(const char *name, double figure, const char *unit, char better, double goal)
{
    bool reached = is_reached(figure, better, goal);
    printf("%-44s %12.6g %-8s", name, figure, unit);
    if (goal != 0)
        printf(" %-34s %12s          goal %c= %g%s", "", "", better, goal,
               reached ? "" : "  MISSED");
    printf("\n");
    fflush(stdout);
    write_json(name, figure, unit, "", 0, goal, reached);
}

int bench_end(void)
{
    return missed ? 1 : 0;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

double bench_median(int times, void (*run)(void *user), void *user)
{
    double *seconds = calloc((size_t)times, sizeof *seconds);
    if (!seconds)
        exit(2);
    for (int i = 0; i < times; i++) {
        double begin = bench_now();
        run(user);
        seconds[i] = bench_now() - begin;
    }
    qsort(seconds, (size_t)times, sizeof *seconds, compare);
    double median = seconds[times / 2];
    free(seconds);
    return median;
}

static void keep_least(void (*run)(void *user), void *user, double *least)
{
    double begin = bench_now();
    run(user);
    double took = bench_now() - begin;
    if (took < *least)
        *least = took;
}

void bench_both(int times, void (*first)(void *user), void (*second)(void *user), void *user,
                double *first_seconds, double *second_seconds)
{
    *first_seconds = *second_seconds = 1e9;
    while (times-- > 0) {
        keep_least(first, user, first_seconds);
        keep_least(second, user, second_seconds);
    }
}
