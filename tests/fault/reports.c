/* Reports, and the jobs that make them. */
#include "fault/walk.h"

#include <unistd.h>

#define OUT(member) .out = offsetof(struct world, member)

static wildcam_status report(struct world *world)
{
    return wildcam_station_report(world->station, 0, WILDCAM_REPORT_DAYS_MAX * INT64_C(86400000000),
                                  NULL, NULL, &world->got_report);
}

static void make_report(struct world *world)
{
    assert_ok(report(world));
}

static wildcam_status to_json(struct world *world)
{
    return wildcam_report_to_json(world->got_report, (char **)&world->bytes);
}

static wildcam_status to_csv(struct world *world)
{
    return wildcam_report_to_csv(world->got_report, (char **)&world->bytes);
}

static wildcam_status save_report(struct world *world)
{
    return wildcam_report_save(world->got_report, WILDCAM_REPORT_CSV, scratch_path("report.csv"));
}

/* What had the name is there until the report is. */
static void prepare_save(struct world *world)
{
    make_report(world);
    save_file(scratch_path("report.csv"), "before", 6);
}

static void is_saved(struct world *world)
{
    size_t size;
    char *text = load_file(scratch_path("report.csv"), &size);
    (void)world;
    ck_assert_str_eq(text + size - 2, "\r\n");
    free(text);
}

static void is_as_before(struct world *world)
{
    size_t size;
    (void)world;
    if (!file_exists(scratch_path("report.csv"))) { /* the disk failed behind its replacement */
        save_file(scratch_path("report.csv"), "before", 6);
        return;
    }
    char *text = load_file(scratch_path("report.csv"), &size);
    ck_assert_str_eq(text, "before");
    free(text);
}

static void is_json(struct world *world)
{
    const char *text = world->bytes;
    ck_assert_str_eq(text + strlen(text) - 2, "}\n");
}

static void is_csv(struct world *world)
{
    const char *text = world->bytes;
    ck_assert_str_eq(text + strlen(text) - 2, "\r\n");
}

static wildcam_status free_report(struct world *world)
{
    wildcam_report_free(world->got_report);
    world->got_report = NULL;
    return WILDCAM_OK;
}

static wildcam_status start_report(struct world *world)
{
    return wildcam_station_start_report(world->station, 0, 1, &world->id);
}

static void make_job(struct world *world)
{
    assert_ok(start_report(world));
}

static void is_due(struct world *world)
{
    assert_ok(wildcam_station_get_job(world->station, world->id, &world->got_job));
    ck_assert_int_eq(wildcam_job_get_state(world->got_job), WILDCAM_JOB_DUE);
}

static wildcam_status get_job(struct world *world)
{
    return wildcam_station_get_job(world->station, world->id, &world->got_job);
}

static void look_at_job(struct world *world)
{
    make_job(world);
    assert_ok(get_job(world));
}

static wildcam_status list_jobs(struct world *world)
{
    return wildcam_station_list_jobs(world->station, &world->got_jobs);
}

static void is_one_job(struct world *world)
{
    ck_assert_uint_eq(wildcam_job_list_get_count(world->got_jobs), 1);
}

static wildcam_status job_to_json(struct world *world)
{
    return wildcam_job_to_json(world->got_job, (char **)&world->bytes);
}

static wildcam_status free_job(struct world *world)
{
    wildcam_job_free(world->got_job);
    world->got_job = NULL;
    return WILDCAM_OK;
}

static void make_list(struct world *world)
{
    make_job(world);
    assert_ok(list_jobs(world));
}

static wildcam_status free_list(struct world *world)
{
    wildcam_job_list_free(world->got_jobs);
    world->got_jobs = NULL;
    return WILDCAM_OK;
}

static wildcam_status cancel_job(struct world *world)
{
    return wildcam_station_cancel_job(world->station, world->id);
}

static void is_cancelled(struct world *world)
{
    assert_ok(get_job(world));
    ck_assert_int_eq(wildcam_job_get_state(world->got_job), WILDCAM_JOB_CANCELLED);
}

static wildcam_status remove_job(struct world *world)
{
    return wildcam_station_remove_job(world->station, world->id);
}

static void is_gone(struct world *world)
{
    assert_status(WILDCAM_ERR_NOTFOUND, get_job(world));
}

/* A fault may be the job's failure. */
static wildcam_status run_job(struct world *world)
{
    return wildcam_station_run_job(world->station, NULL, NULL, NULL);
}

static void has_ended(struct world *world)
{
    assert_ok(get_job(world));
    int state = wildcam_job_get_state(world->got_job);
    ck_assert(state == WILDCAM_JOB_DONE || state == WILDCAM_JOB_FAILED ||
              state == WILDCAM_JOB_RUNNING);
    bool has_error = wildcam_job_get_error(world->got_job)[0] != '\0';
    ck_assert_int_eq(has_error, state == WILDCAM_JOB_FAILED);
}

static void run_it(struct world *world)
{
    make_job(world);
    assert_ok(wildcam_station_run_job(world->station, NULL, NULL, NULL));
}

static wildcam_status open_result(struct world *world)
{
    return wildcam_station_open_result(world->station, world->id, WILDCAM_REPORT_CSV, &world->fd,
                                       &world->count);
}

static void holds_result(struct world *world)
{
    char text[7];
    ck_assert_int_gt(world->count, 100);
    ck_assert_int_eq(read(world->fd, text, sizeof text), (ssize_t)sizeof text);
    ck_assert_mem_eq(text, "section", sizeof text);
}

static void has_no_fd(struct world *world)
{
    ck_assert_int_eq(world->fd, -1);
}

static const struct scenario list[] = {
    {.function = "wildcam_station_report",
     .station = READ_STATION,
     .call = report,
     OUT(got_report)},
    {.function = "wildcam_report_to_json",
     .station = READ_STATION,
     .arrange = make_report,
     .call = to_json,
     .verify = is_json,
     OUT(bytes)},
    {.function = "wildcam_report_to_csv",
     .station = READ_STATION,
     .arrange = make_report,
     .call = to_csv,
     .verify = is_csv,
     OUT(bytes)},
    {.function = "wildcam_report_save",
     .station = READ_STATION,
     .arrange = prepare_save,
     .call = save_report,
     .verify = is_saved,
     .unchanged = is_as_before},
    {.function = "wildcam_report_free",
     .station = READ_STATION,
     .arrange = make_report,
     .call = free_report,
     .never_fails = true},
    {.function = "wildcam_station_start_report",
     .station = STATION,
     .call = start_report,
     .verify = is_due,
     .writes = true},
    {.function = "wildcam_station_get_job",
     .station = STATION,
     .arrange = make_job,
     .call = get_job,
     OUT(got_job)},
    {.function = "wildcam_station_list_jobs",
     .station = STATION,
     .arrange = make_job,
     .call = list_jobs,
     .verify = is_one_job,
     OUT(got_jobs)},
    {.function = "wildcam_job_to_json",
     .station = STATION,
     .arrange = look_at_job,
     .call = job_to_json,
     OUT(bytes)},
    {.function = "wildcam_job_free",
     .station = STATION,
     .arrange = look_at_job,
     .call = free_job,
     .never_fails = true},
    {.function = "wildcam_job_list_free",
     .station = STATION,
     .arrange = make_list,
     .call = free_list,
     .never_fails = true},
    {.function = "wildcam_station_cancel_job",
     .station = STATION,
     .arrange = make_job,
     .call = cancel_job,
     .verify = is_cancelled,
     .writes = true},
    {.function = "wildcam_station_remove_job",
     .station = STATION,
     .arrange = run_it,
     .call = remove_job,
     .verify = is_gone,
     .writes = true},
    {.function = "wildcam_station_run_job",
     .station = STATION,
     .arrange = make_job,
     .call = run_job,
     .verify = has_ended,
     .writes = true},
    {.function = "wildcam_station_open_result",
     .station = STATION,
     .arrange = run_it,
     .call = open_result,
     .verify = holds_result,
     .unchanged = has_no_fd},
};

const struct scenarios report_scenarios = {list, sizeof list / sizeof list[0]};
