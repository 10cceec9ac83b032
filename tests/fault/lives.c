/* Calls on a whole station: opening, closing, its thread, copies of it. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/walk.h"
#include "support/earlier.h"

#define OUT(member) .out = offsetof(struct world, member)

/* ---- opening and closing ---- */

static wildcam_status station_open(struct world *world)
{
    return wildcam_station_open(world->conf, &world->station);
}

/* What a process that ended leaves: a picture that is kept but not in its place yet, and a part of
 * one that never was. */
static void leave_pictures(struct world *world)
{
    wildcam_image *image;
    char from[1024];
    world_open(world);
    assert_ok(wildcam_station_get_image(world->station, world->image_id, &image));
    wildcam_station_close(world->station);
    world->station = NULL;
    mkdir(scratch_path("station/incoming"), 0750);
    mkdir(scratch_path("station/incoming/1-00000001"), 0750);
    snprintf(from, sizeof from, "%s",
             scratch_path("station/images/2026/03/04/%s.jpg", wildcam_image_get_sha256(image)));
    ck_assert_int_eq(rename(from, scratch_path("station/incoming/1-00000001/%s-%lld-7.jpg",
                                               wildcam_image_get_sha256(image),
                                               (long long)wildcam_image_get_camera_id(image))),
                     0);
    save_file(scratch_path("station/incoming/1-00000001/8.part"), "rest", 4);
    wildcam_image_free(image);
}

/* A catalog and a shard of an earlier version. */
static void leave_earlier(struct world *world)
{
    (void)world;
    ck_assert(back_to_version_1(scratch_path("station/station.db"), VERSION_1_CATALOG));
    ck_assert(
        back_to_version_1(scratch_path("station/detections/2026-03-04.db"), VERSION_1_SCHEMA));
}

static void has_all(struct world *world)
{
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(world->station, world->image_id, &image));
    wildcam_image_free(image);
}

/* A purge that got as far as hiding pictures and rows. */
static void leave_purge(struct world *world)
{
    (void)world;
    mkdir(scratch_path("station/purged"), 0750);
    ck_assert_int_eq(rename(scratch_path("station/images/2026/02/03"),
                            scratch_path("station/purged/2026-02-03.1")),
                     0);
    ck_assert_int_eq(rename(scratch_path("station/detections/2026-02-03.db"),
                            scratch_path("station/detections/2026-02-03.purging")),
                     0);
}

static void begin_pictures(struct world *world)
{
    assert_ok(wildcam_ingest_begin(world->station, &world->ingest));
    assert_ok(wildcam_station_ingest(world->station, "gate", world->fresh->data, world->fresh->size,
                                     NULL, NULL));
    wildcam_ingest_free(world->ingest);
    world->ingest = NULL;
}

static wildcam_status station_close(struct world *world)
{
    wildcam_station_close(world->station);
    world->station = NULL;
    return WILDCAM_OK;
}

static wildcam_status station_start(struct world *world)
{
    return wildcam_station_start(world->station);
}

static void start(struct world *world)
{
    assert_ok(station_start(world));
}

static wildcam_status station_stop(struct world *world)
{
    return wildcam_station_stop(world->station);
}

static void can_be_stopped(struct world *world)
{
    assert_ok(station_stop(world));
}

/* ---- copies ---- */

static wildcam_status backup(struct world *world)
{
    return wildcam_station_backup(world->station, scratch_path("copy"), NULL, NULL, NULL);
}

static void no_copy(struct world *world)
{
    (void)world;
    remove_tree(scratch_path("copy"));
}

static void earlier_copy(struct world *world)
{
    (void)world;
    copy_tree(scratch_path("backup"), scratch_path("copy"));
}

static void restored_is_whole(const char *directory)
{
    wildcam_station *station;
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "data.dir", directory));
    assert_ok(wildcam_conf_set_log(conf, NULL, NULL));
    assert_ok(wildcam_station_open(conf, &station));
    ck_assert_int_eq(world_check(station), KEPT_DETECTIONS);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
}

static void copy_is_whole(struct world *world)
{
    (void)world;
    remove_tree(scratch_path("back"));
    assert_ok(wildcam_restore(scratch_path("copy"), scratch_path("back"), NULL, NULL));
    restored_is_whole(scratch_path("back"));
}

static void no_restored(struct world *world)
{
    (void)world;
    remove_tree(scratch_path("restored"));
}

static wildcam_status restore(struct world *world)
{
    (void)world;
    return wildcam_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL);
}

static void is_restored(struct world *world)
{
    (void)world;
    restored_is_whole(scratch_path("restored"));
    ck_assert_int_ne(access(scratch_path("restored.restoring"), F_OK), 0);
}

static void nothing_restored(struct world *world)
{
    (void)world;
    ck_assert_int_ne(access(scratch_path("restored"), F_OK), 0);
}

static const struct scenario list[] = {
    {.function = "wildcam_station_open",
     .variant = "of a new station",
     .station = EMPTY_STATION,
     .call = station_open,
     OUT(station)},
    {.function = "wildcam_station_open",
     .station = CLOSED_STATION,
     .call = station_open,
     OUT(station)},
    {.function = "wildcam_station_open",
     .variant = "with pictures left over",
     .station = CLOSED_STATION,
     .arrange = leave_pictures,
     .call = station_open,
     OUT(station)},
    {.function = "wildcam_station_open",
     .variant = "of an earlier version",
     .station = CLOSED_STATION,
     .arrange = leave_earlier,
     .call = station_open,
     .verify = has_all,
     OUT(station)},
    {.function = "wildcam_station_open",
     .variant = "with a purge left over",
     .station = CLOSED_STATION,
     .arrange = leave_purge,
     .call = station_open,
     .detections = -1,
     .pictures = -1,
     OUT(station)},
    {.function = "wildcam_station_close",
     .station = STATION,
     .arrange = begin_pictures,
     .call = station_close,
     .verify = world_open,
     .detections = 1,
     .pictures = 1,
     .never_fails = true},
    {.function = "wildcam_station_start",
     .station = STATION,
     .call = station_start,
     .verify = can_be_stopped},
    {.function = "wildcam_station_stop",
     .station = STATION,
     .arrange = start,
     .call = station_stop},
    {.function = "wildcam_station_backup",
     .station = STATION,
     .arrange = no_copy,
     .call = backup,
     .verify = copy_is_whole},
    {.function = "wildcam_station_backup",
     .variant = "over an earlier one",
     .station = STATION,
     .arrange = earlier_copy,
     .call = backup,
     .verify = copy_is_whole,
     .unchanged = copy_is_whole},
    {.function = "wildcam_restore",
     .station = NO_STATION,
     .arrange = no_restored,
     .call = restore,
     .verify = is_restored,
     .unchanged = nothing_restored},
};

const struct scenarios life_scenarios = {list, sizeof list / sizeof list[0]};
