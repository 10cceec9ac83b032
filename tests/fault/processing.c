/* Processing: what is due, what detectors are given and say, and what is written of it. */
#include <glob.h>
#include <math.h>
#include <sqlite3.h>

#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)
enum { LONG = 20000 };

/* What the detector is to do. */
static wildcam_status (*asked)(wildcam_picture *picture, wildcam_findings *findings);

static wildcam_status detect(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    (void)user;
    return asked ? asked(picture, findings) : wildcam_findings_add_blank(findings, 0.5);
}

static wildcam_status read_picture(wildcam_picture *picture, wildcam_findings *findings)
{
    const void *data;
    size_t size;
    wildcam_status status = wildcam_picture_read(picture, &data, &size);
    return status == WILDCAM_OK ? wildcam_findings_add_blank(findings, 0.5) : status;
}

/* A camera has said what is there: a further row would be one detection more. */
static wildcam_status add_blank(wildcam_picture *picture, wildcam_findings *findings)
{
    (void)picture;
    return wildcam_findings_add(findings, WILDCAM_CATEGORY_BLANK, NULL, NAN, NULL, "{\"a\":1}");
}

static wildcam_status give_reason(wildcam_picture *picture, wildcam_findings *findings)
{
    (void)picture;
    return wildcam_findings_set_reason(findings, "a reason that is long enough to be allocated");
}

static void open_processing(struct world *world)
{
    asked = NULL;
    assert_ok(wildcam_conf_set(world->conf, "process.detector", "look"));
    assert_ok(wildcam_conf_set(world->conf, "process.retry_seconds", "0"));
    assert_ok(wildcam_conf_set(world->conf, "process.attempts", "100"));
    wildcam_station_close(world->station);
    world_open(world);
    assert_ok(wildcam_station_add_detector(world->station, "look", "1", detect, NULL));
}

static void open_reading(struct world *world)
{
    open_processing(world);
    asked = read_picture;
}

static void open_adding(struct world *world)
{
    open_processing(world);
    asked = add_blank;
}

static void open_giving_reason(struct world *world)
{
    open_processing(world);
    asked = give_reason;
}

/* Where even giving back a lease failed, some minutes go by. */
static void let_leases_pass(void)
{
    glob_t shards;
    ck_assert_int_eq(glob(scratch_path("station/detections/*.db"), 0, NULL, &shards), 0);
    for (size_t i = 0; i < shards.gl_pathc; i++) {
        sqlite3 *handle;
        ck_assert_int_eq(sqlite3_open_v2(shards.gl_pathv[i], &handle, SQLITE_OPEN_READWRITE, NULL),
                         SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(handle, "UPDATE processing SET leased_until=1 WHERE lease<>0",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        sqlite3_close(handle);
    }
    globfree(&shards);
}

static wildcam_status process(struct world *world)
{
    return wildcam_station_process_once(world->station, LONG, &world->count, NULL);
}

/* What fails within a detector is the picture's affair, and noted there. */
static wildcam_status process_one(struct world *world)
{
    int category;
    wildcam_station_process_once(world->station, 0, &world->count, NULL);
    return wildcam_category_from_name("blank", &category); /* its sentence is looked at */
}

static int64_t due(const struct world *world)
{
    int64_t count;
    assert_ok(wildcam_station_count_processing(world->station, &count, NULL, NULL, NULL));
    return count;
}

/* Whatever failed on the way, in the end all are processed, and none is lost. */
static void can_be_processed(struct world *world)
{
    asked = NULL;
    let_leases_pass();
    for (int i = 0; due(world) > 0; i++) {
        ck_assert_int_lt(i, 20);
        assert_ok(process(world));
    }
}

static void process_all(struct world *world)
{
    open_processing(world);
    can_be_processed(world);
}

static wildcam_status add_detector(struct world *world)
{
    return wildcam_station_add_detector(world->station, "another", "2", detect, NULL);
}

static wildcam_status pause_processing(struct world *world)
{
    return wildcam_station_pause_processing(world->station);
}

static void is_paused(struct world *world)
{
    int64_t since;
    assert_ok(wildcam_station_get_processing_pause(world->station, &since));
    ck_assert_int_ne(since, WILDCAM_TIME_NONE);
}

static wildcam_status resume_processing(struct world *world)
{
    return wildcam_station_resume_processing(world->station);
}

static void make_pause(struct world *world)
{
    assert_ok(wildcam_station_pause_processing(world->station));
}

static void is_not_paused(struct world *world)
{
    int64_t since;
    assert_ok(wildcam_station_get_processing_pause(world->station, &since));
    ck_assert_int_eq(since, WILDCAM_TIME_NONE);
}

static wildcam_status get_pause(struct world *world)
{
    return wildcam_station_get_processing_pause(world->station, &world->count);
}

static wildcam_status count_processing(struct world *world)
{
    return wildcam_station_count_processing(world->station, &world->count, NULL, NULL, NULL);
}

/* A shard that cannot be read at the moment is passed over. */
static void not_more_than_all_are_due(struct world *world)
{
    ck_assert_int_le(world->count, KEPT_PICTURES);
    ck_assert_int_eq(due(world), KEPT_PICTURES);
}

static wildcam_status requeue(struct world *world)
{
    return wildcam_station_requeue(world->station, world->image_id);
}

static void one_is_due(struct world *world)
{
    ck_assert_int_eq(due(world), 1);
}

static wildcam_status process_again(struct world *world)
{
    return wildcam_station_process_again(world->station, 0, INT64_C(4000000000000000),
                                         &world->count);
}

static wildcam_status retry(struct world *world)
{
    return wildcam_station_retry_processing(world->station, &world->count);
}

static wildcam_status set_priority(struct world *world)
{
    return wildcam_station_set_priority(world->station, world->image_id, WILDCAM_PRIORITY_HIGH);
}

static wildcam_status get_processing(struct world *world)
{
    return wildcam_station_get_processing(world->station, world->image_id, &world->got_processing);
}

static void has_priority(struct world *world)
{
    assert_ok(get_processing(world));
    ck_assert_int_eq(wildcam_processing_get_priority(world->got_processing), WILDCAM_PRIORITY_HIGH);
}

static void is_due(struct world *world)
{
    ck_assert_int_eq(wildcam_processing_get_state(world->got_processing), WILDCAM_PROCESSING_DUE);
}

static void get_one(struct world *world)
{
    assert_ok(get_processing(world));
}

static wildcam_status refuse(wildcam_picture *picture, wildcam_findings *findings)
{
    (void)picture;
    (void)findings;
    return WILDCAM_ERR_UNSUPPORTED;
}

static void park_all(struct world *world)
{
    static bool is_expected;
    open_processing(world);
    asked = refuse;
    if (!is_expected) /* the walk comes here again and again */
        expect_log("is parked");
    is_expected = true;
    assert_ok(process(world));
}

static wildcam_status next_parked(struct world *world)
{
    return wildcam_station_next_parked(world->station, 0, &world->got_processing);
}

static void is_parked(struct world *world)
{
    ck_assert_int_eq(wildcam_processing_get_state(world->got_processing),
                     WILDCAM_PROCESSING_PARKED);
}

static wildcam_status to_json(struct world *world)
{
    return wildcam_processing_to_json(world->got_processing, (char **)&world->bytes);
}

static const struct scenario list[] = {
    {.function = "wildcam_station_add_detector",
     .station = READ_STATION,
     .arrange = open_processing,
     .call = add_detector},
    {.function = "wildcam_station_process_once",
     .station = STATION,
     .arrange = open_processing,
     .call = process,
     .verify = can_be_processed,
     .writes = true},
    {.function = "wildcam_picture_read",
     .station = STATION,
     .arrange = open_reading,
     .call = process_one,
     .verify = can_be_processed,
     .never_fails = true},
    {.function = "wildcam_findings_add",
     .station = STATION,
     .arrange = open_adding,
     .call = process_one,
     .verify = can_be_processed,
     .never_fails = true},
    {.function = "wildcam_findings_add_blank",
     .station = STATION,
     .arrange = open_processing,
     .call = process_one,
     .verify = can_be_processed,
     .never_fails = true},
    {.function = "wildcam_findings_set_reason",
     .station = STATION,
     .arrange = open_giving_reason,
     .call = process_one,
     .verify = can_be_processed,
     .never_fails = true},
    {.function = "wildcam_station_pause_processing",
     .station = STATION,
     .call = pause_processing,
     .verify = is_paused,
     .writes = true},
    {.function = "wildcam_station_resume_processing",
     .station = STATION,
     .arrange = make_pause,
     .call = resume_processing,
     .verify = is_not_paused,
     .writes = true},
    {.function = "wildcam_station_get_processing_pause",
     .station = READ_STATION,
     .call = get_pause},
    {.function = "wildcam_station_count_processing",
     .station = READ_STATION,
     .call = count_processing,
     .verify = not_more_than_all_are_due},
    {.function = "wildcam_station_requeue",
     .station = STATION,
     .arrange = process_all,
     .call = requeue,
     .verify = one_is_due,
     .writes = true},
    {.function = "wildcam_station_process_again",
     .station = STATION,
     .arrange = process_all,
     .call = process_again,
     .verify = can_be_processed,
     .writes = true},
    {.function = "wildcam_station_retry_processing",
     .station = STATION,
     .arrange = open_processing,
     .call = retry,
     .verify = can_be_processed,
     .writes = true},
    {.function = "wildcam_station_set_priority",
     .station = STATION,
     .call = set_priority,
     .verify = has_priority,
     .writes = true},
    {.function = "wildcam_station_get_processing",
     .station = READ_STATION,
     .call = get_processing,
     .verify = is_due,
     OUT(got_processing)},
    {.function = "wildcam_station_next_parked",
     .station = STATION,
     .arrange = park_all,
     .call = next_parked,
     .verify = is_parked,
     OUT(got_processing)},
    {.function = "wildcam_processing_to_json",
     .station = READ_STATION,
     .arrange = get_one,
     .call = to_json,
     OUT(bytes)},
};

const struct scenarios processing_scenarios = {list, sizeof list / sizeof list[0]};
