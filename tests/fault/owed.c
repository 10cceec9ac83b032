/* What a station owes S3: uploading it, counting it, looking at it, releasing it. */
#include <glob.h>
#include <sqlite3.h>

#include "fault/peer.h"
#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)
/* Milliseconds. A pass that something failed in waits for its end; what is looked at behind it has
 * all the time. */
enum { SHORT = 30, LONG = 20000, OWED = 2 * KEPT_PICTURES };

static void set(struct world *world, const char *name, const char *value)
{
    assert_ok(wildcam_conf_set(world->conf, name, value));
}

/* The station again, with S3 beside it. */
static void open_uploading(struct world *world)
{
    set(world, "s3.regions", "west,east");
    set(world, "s3.endpoint", peer_url());
    set(world, "s3.access_key", "AKIAIOSFODNN7EXAMPLE");
    set(world, "s3.secret_key", "secret");
    set(world, "s3.failback", "0");
    set(world, "release.min_free_bytes", "1125899906842624");
    wildcam_station_close(world->station);
    world_open(world);
}

static int64_t owed(const struct world *world)
{
    int64_t count;
    assert_ok(wildcam_station_count_uploads(world->station, &count, NULL, NULL));
    return count;
}

static wildcam_status upload(struct world *world)
{
    return wildcam_station_upload(world->station, 0, SHORT, 0, NULL, NULL, &world->count, NULL);
}

/* Where even giving back a lease failed, a minute goes by. */
static void let_leases_pass(void)
{
    glob_t shards;
    ck_assert_int_eq(glob(scratch_path("station/detections/*.db"), 0, NULL, &shards), 0);
    for (size_t i = 0; i < shards.gl_pathc; i++) {
        sqlite3 *handle;
        ck_assert_int_eq(sqlite3_open_v2(shards.gl_pathv[i], &handle, SQLITE_OPEN_READWRITE, NULL),
                         SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(handle, "UPDATE uploads SET leased_until=1 WHERE lease<>0",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        sqlite3_close(handle);
    }
    globfree(&shards);
}

static void can_be_uploaded(struct world *world)
{
    let_leases_pass();
    assert_ok(wildcam_station_upload(world->station, WILDCAM_UPLOAD_NOW, LONG, 0, NULL, NULL, NULL,
                                     NULL));
    ck_assert_int_eq(owed(world), 0);
}

static void upload_all(struct world *world)
{
    open_uploading(world);
    can_be_uploaded(world);
}

static wildcam_status count_uploads(struct world *world)
{
    return wildcam_station_count_uploads(world->station, &world->count, NULL, NULL);
}

/* A shard that cannot be read at the moment is passed over. */
static void not_more_than_all_are_owed(struct world *world)
{
    ck_assert_int_le(world->count, OWED);
    ck_assert_int_eq(owed(world), OWED);
}

static wildcam_status retry_uploads(struct world *world)
{
    return wildcam_station_retry_uploads(world->station, &world->count);
}

static wildcam_status get_upload(struct world *world)
{
    return wildcam_station_get_upload(world->station, world->image_id, WILDCAM_UPLOAD_PICTURE,
                                      &world->got_upload);
}

static void is_owed(struct world *world)
{
    ck_assert_int_eq(wildcam_upload_get_image_id(world->got_upload), world->image_id);
    ck_assert_int_eq(wildcam_upload_get_state(world->got_upload), WILDCAM_UPLOAD_DUE);
}

static wildcam_status image_url(struct world *world)
{
    return wildcam_station_image_url(world->station, world->image_id, WILDCAM_UPLOAD_PICTURE, 60,
                                     (char **)&world->bytes);
}

static void is_at_the_peer(struct world *world)
{
    ck_assert_int_eq(strncmp(world->bytes, peer_url(), strlen(peer_url())), 0);
}

static wildcam_status release(struct world *world)
{
    return wildcam_station_release(world->station, SHORT, &world->count, NULL);
}

static void upload_all_in_vain(struct world *world)
{
    upload_all(world);
    peer_forget();
}

static void none_was_released(struct world *world)
{
    ck_assert_int_eq(world->count, 0);
    ck_assert_int_eq(count_files(scratch_path("station/images")), KEPT_PICTURES);
    ck_assert_int_le(owed(world), KEPT_PICTURES);
}

static wildcam_status open_uploader(struct world *world)
{
    return wildcam_station_open_uploader(world->station, &world->uploader);
}

static wildcam_status start(struct world *world)
{
    return wildcam_station_start(world->station);
}

static void stop(struct world *world)
{
    assert_ok(wildcam_station_stop(world->station));
    can_be_uploaded(world);
}

static wildcam_status station_open(struct world *world)
{
    return wildcam_station_open(world->conf, &world->station);
}

static void settle_conf(struct world *world)
{
    open_uploading(world);
    wildcam_station_close(world->station);
    world->station = NULL;
}

static const struct scenario list[] = {
    {.function = "wildcam_station_open",
     .variant = "that uploads",
     .station = CLOSED_STATION,
     .arrange = settle_conf,
     .call = station_open,
     OUT(station)},
    {.function = "wildcam_station_start",
     .variant = "with uploads",
     .station = STATION,
     .arrange = open_uploading,
     .call = start,
     .verify = stop},
    {.function = "wildcam_station_upload",
     .station = STATION,
     .arrange = open_uploading,
     .call = upload,
     .verify = can_be_uploaded},
    {.function = "wildcam_station_count_uploads",
     .station = READ_STATION,
     .call = count_uploads,
     .verify = not_more_than_all_are_owed},
    {.function = "wildcam_station_retry_uploads", .station = STATION, .call = retry_uploads},
    {.function = "wildcam_station_get_upload",
     .station = READ_STATION,
     .call = get_upload,
     .verify = is_owed,
     OUT(got_upload)},
    {.function = "wildcam_station_image_url",
     .station = STATION,
     .arrange = upload_all,
     .call = image_url,
     .verify = is_at_the_peer,
     OUT(bytes)},
    {.function = "wildcam_station_release",
     .station = STATION,
     .arrange = upload_all_in_vain,
     .call = release,
     .verify = none_was_released},
    {.function = "wildcam_station_open_uploader",
     .station = READ_STATION,
     .arrange = open_uploading,
     .call = open_uploader,
     OUT(uploader)},
};

const struct scenarios owed_scenarios = {list, sizeof list / sizeof list[0]};
