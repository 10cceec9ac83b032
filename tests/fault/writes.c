/* Calls that change a station. */
#include "fault/walk.h"
#include "support/earlier.h"

#include <math.h>

#define OUT(member) .out = offsetof(struct world, member)
#define JSON "{\"battery\": 71, \"tags\": [\"a\", 2]}"

/* ---- cameras ---- */

static void draft_camera(struct world *world, const char *device_id)
{
    assert_ok(wildcam_camera_new(&world->camera));
    assert_ok(wildcam_camera_set_device_id(world->camera, device_id));
    assert_ok(wildcam_camera_set_name(world->camera, "By the water"));
    assert_ok(wildcam_camera_set_battery_level(world->camera, 71));
}

static void draft_new_camera(struct world *world)
{
    draft_camera(world, "bridge");
}

static void draft_known_camera(struct world *world)
{
    draft_camera(world, "gate");
}

static wildcam_status put_camera(struct world *world)
{
    return wildcam_station_put_camera(world->station, world->camera, NULL, NULL);
}

static wildcam_status put_and_get_camera(struct world *world)
{
    return wildcam_station_put_camera(world->station, world->camera, NULL, &world->got_camera);
}

static wildcam_status report_camera(struct world *world)
{
    return wildcam_station_report_camera(world->station, world->camera);
}

static size_t count_cameras(const struct world *world)
{
    wildcam_camera_list *list;
    assert_ok(wildcam_station_list_cameras(world->station, 1, &list));
    size_t count = wildcam_camera_list_get_count(list);
    wildcam_camera_list_free(list);
    return count;
}

static void shows_name(const struct world *world, const char *device_id, const char *name)
{
    wildcam_camera *camera;
    assert_ok(wildcam_station_get_camera(world->station, device_id, &camera));
    ck_assert_str_eq(wildcam_camera_get_name(camera), name);
    wildcam_camera_free(camera);
}

static void has_bridge(struct world *world)
{
    ck_assert_uint_eq(count_cameras(world), 2);
    shows_name(world, "bridge", "By the water");
}

static void lacks_bridge(struct world *world)
{
    wildcam_camera *camera;
    ck_assert_uint_eq(count_cameras(world), 1);
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_get_camera(world->station, "bridge", &camera));
}

static void gate_has_name(struct world *world)
{
    ck_assert_uint_eq(count_cameras(world), 1);
    shows_name(world, "gate", "By the water");
}

static void gate_has_no_name(struct world *world)
{
    ck_assert_uint_eq(count_cameras(world), 1);
    shows_name(world, "gate", "");
}

/* ---- detections ---- */

static void draft_detection(struct world *world, const char *device_id, int64_t seconds,
                            const char *species)
{
    assert_ok(wildcam_detection_new(&world->detection));
    assert_ok(wildcam_detection_set_device_id(world->detection, device_id));
    assert_ok(wildcam_detection_set_time(world->detection, seconds * 1000000, 3600,
                                         WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_detection_set_species(world->detection, species));
    assert_ok(wildcam_detection_set_metadata(world->detection, JSON));
}

static void draft_known_detection(struct world *world)
{
    draft_detection(world, "gate", 1772610000, "fox");
}

/* A camera, a species and a month that the station has not seen. */
static void draft_unknown_detection(struct world *world)
{
    draft_detection(world, "bridge", 1780000000, "wild boar");
}

static wildcam_status add_detection(struct world *world)
{
    return wildcam_station_add_detection(world->station, world->detection, &world->id);
}

static void has_new_detection(struct world *world)
{
    wildcam_detection *row;
    assert_ok(wildcam_station_get_detection(world->station, world->id, &row));
    ck_assert_str_eq(wildcam_detection_get_species(row),
                     wildcam_detection_get_species(world->detection));
    ck_assert_str_eq(wildcam_detection_get_metadata(row), JSON);
    wildcam_detection_free(row);
}

static void has_no_id(struct world *world)
{
    ck_assert_int_eq(world->id, 0);
}

static void draft_review(struct world *world)
{
    assert_ok(wildcam_detection_new(&world->detection));
    assert_ok(wildcam_detection_set_verified_species(world->detection, "roe deer"));
    assert_ok(wildcam_detection_set_notes(world->detection, "the ears"));
}

static wildcam_status verify_detection(struct world *world)
{
    return wildcam_station_verify_detection(world->station, world->detection_id, world->detection);
}

static void is_reviewed(const struct world *world, const char *species)
{
    wildcam_detection *row;
    assert_ok(wildcam_station_get_detection(world->station, world->detection_id, &row));
    ck_assert_str_eq(wildcam_detection_get_verified_species(row), species);
    wildcam_detection_free(row);
}

static void has_review(struct world *world)
{
    is_reviewed(world, "roe deer");
}

static void lacks_review(struct world *world)
{
    is_reviewed(world, "");
}

/* ---- batches ---- */

static wildcam_status batch_new(struct world *world)
{
    return wildcam_batch_new(world->station, &world->batch);
}

static void begin_batch(struct world *world)
{
    draft_unknown_detection(world);
    assert_ok(batch_new(world));
}

static wildcam_status batch_add(struct world *world)
{
    return wildcam_batch_add(world->batch, world->detection);
}

static void batch_has_one(struct world *world)
{
    ck_assert_uint_eq(wildcam_batch_get_count(world->batch), 1);
}

static void batch_is_empty(struct world *world)
{
    ck_assert_uint_eq(wildcam_batch_get_count(world->batch), 0);
}

static void fill_batch(struct world *world)
{
    draft_known_detection(world);
    assert_ok(batch_new(world));
    for (int i = 0; i < 5; i++)
        assert_ok(batch_add(world));
}

static wildcam_status batch_commit(struct world *world)
{
    return wildcam_batch_commit(world->batch);
}

static void batch_has_ids(struct world *world)
{
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_gt(wildcam_batch_get_id(world->batch, i), 0);
}

static void batch_has_no_ids(struct world *world)
{
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(wildcam_batch_get_id(world->batch, i), 0);
}

/* ---- pictures ---- */

static wildcam_status ingest_begin(struct world *world)
{
    return wildcam_ingest_begin(world->station, &world->ingest);
}

static void begin_ingest(struct world *world)
{
    draft_known_detection(world);
    assert_ok(ingest_begin(world));
}

static wildcam_status ingest_set_device_id(struct world *world)
{
    return wildcam_ingest_set_device_id(world->ingest, "gate");
}

static wildcam_status ingest_set_file_name(struct world *world)
{
    return wildcam_ingest_set_file_name(world->ingest, "IMG_0001.JPG");
}

static wildcam_status ingest_set_metadata(struct world *world)
{
    return wildcam_ingest_set_metadata(world->ingest, JSON);
}

/* What the firmware wrote beside it, and what that tells of the camera. */
static void begin_ingest_for_sidecar(struct world *world)
{
    begin_ingest(world);
    assert_ok(wildcam_camera_new(&world->camera));
}

static wildcam_status ingest_set_sidecar(struct world *world)
{
    static const char text[] = "{\"timestamp\": \"2026-03-04T05:06:09Z\", \"time_source\": \"NTP\","
                               " \"battery_percent\": 71, \"tags\": [\"a\", 2]}";
    return wildcam_ingest_set_sidecar(world->ingest, text, strlen(text), world->camera, NULL);
}

static void tells_nothing_of_camera(struct world *world)
{
    ck_assert(isnan(wildcam_camera_get_battery_level(world->camera)));
}

static wildcam_status ingest_add_detection(struct world *world)
{
    return wildcam_ingest_add_detection(world->ingest, world->detection);
}

static wildcam_status ingest_write(struct world *world)
{
    return wildcam_ingest_write(world->ingest, world->fresh->data, world->fresh->size);
}

static wildcam_status ingest_commit(struct world *world)
{
    return wildcam_ingest_commit(world->ingest);
}

/* Set and written in any order, it can be committed: no step that was repeated counts twice. */
static void can_be_committed(struct world *world)
{
    assert_ok(ingest_set_device_id(world));
    assert_ok(ingest_write(world));
    assert_ok(ingest_commit(world));
    world->id = wildcam_ingest_get_image_id(world->ingest);
}

static void can_be_committed_now(struct world *world)
{
    assert_ok(ingest_set_device_id(world));
    assert_ok(ingest_commit(world));
}

static void sidecar_is_taken(struct world *world)
{
    ck_assert_double_eq(wildcam_camera_get_battery_level(world->camera), 71);
    can_be_committed(world);
    assert_ok(wildcam_station_get_image(world->station, world->id, &world->got_image));
    ck_assert_int_eq(wildcam_image_get_time_source(world->got_image), WILDCAM_TIME_SOURCE_SIDECAR);
    ck_assert_ptr_nonnull(strstr(wildcam_image_get_metadata(world->got_image), "tags"));
}

static void fill_ingest(struct world *world)
{
    begin_ingest(world);
    assert_ok(ingest_set_device_id(world));
    assert_ok(ingest_set_metadata(world));
    assert_ok(ingest_add_detection(world));
    assert_ok(ingest_write(world));
}

static void fill_ingest_of_new_month(struct world *world)
{
    fill_ingest(world);
    assert_ok(wildcam_ingest_set_device_id(world->ingest, "bridge"));
    assert_ok(wildcam_ingest_set_time(world->ingest, INT64_C(1780000000000000), 0,
                                      WILDCAM_TIME_SOURCE_CLIENT));
}

/* As a library made it before anything was owed to S3. */
static void fill_ingest_of_earlier_shard(struct world *world)
{
    wildcam_station_close(world->station);
    ck_assert(
        back_to_version_1(scratch_path("station/detections/2026-03-04.db"), VERSION_1_SCHEMA));
    world_open(world);
    fill_ingest(world);
}

/* The picture with all that it says of itself, byte for byte. */
static void has_picture(const struct world *world, int64_t id, const struct jpeg *jpeg)
{
    wildcam_image *image;
    void *data;
    size_t size;
    assert_ok(wildcam_station_get_image(world->station, id, &image));
    ck_assert_str_eq(wildcam_image_get_serial_number(image), "S-77");
    ck_assert_int_eq(wildcam_image_get_orientation(image), 6);
    wildcam_image_free(image);
    assert_ok(wildcam_station_read_picture(world->station, id, 0, &data, &size));
    ck_assert_uint_eq(size, jpeg->size);
    ck_assert_mem_eq(data, jpeg->data, size);
    wildcam_free(data);
}

static void is_committed(struct world *world)
{
    ck_assert_int_gt(wildcam_ingest_get_detection_id(world->ingest), 0);
    has_picture(world, wildcam_ingest_get_image_id(world->ingest), world->fresh);
}

static void is_not_committed(struct world *world)
{
    ck_assert_int_eq(wildcam_ingest_get_image_id(world->ingest), 0);
    ck_assert_int_eq(wildcam_ingest_get_detection_id(world->ingest), 0);
    ck_assert_int_lt(wildcam_ingest_commit(world->ingest), 0);
}

static wildcam_status ingest_free(struct world *world)
{
    wildcam_ingest_free(world->ingest);
    world->ingest = NULL;
    return WILDCAM_OK;
}

static wildcam_status ingest_abort(struct world *world)
{
    wildcam_ingest_abort(world->ingest);
    return WILDCAM_OK;
}

static wildcam_status station_ingest(struct world *world)
{
    return wildcam_station_ingest(world->station, "gate", world->fresh->data, world->fresh->size,
                                  &world->id, NULL);
}

static void has_fresh(struct world *world)
{
    has_picture(world, world->id, world->fresh);
}

static wildcam_status ingest_again(struct world *world)
{
    int duplicate = 0;
    wildcam_status status = wildcam_station_ingest(world->station, "gate", world->kept->data,
                                                   world->kept->size, &world->id, &duplicate);
    world->count = duplicate;
    return status;
}

static void has_kept(struct world *world)
{
    ck_assert_int_eq(world->count, 1);
    ck_assert_int_eq(world->id, world->image_id);
    has_picture(world, world->id, world->kept);
}

static void save_fresh(struct world *world)
{
    save_file(scratch_path("fresh.jpg"), world->fresh->data, world->fresh->size);
}

static wildcam_status ingest_file(struct world *world)
{
    return wildcam_station_ingest_file(world->station, "gate", scratch_path("fresh.jpg"),
                                       &world->id, NULL);
}

/* Kept in quarantine where that works; refused as it should be in any case. */
static wildcam_status ingest_rubbish(struct world *world)
{
    wildcam_status status = wildcam_station_ingest(world->station, "gate", "rubbish", 7, &world->id,
                                                   NULL);
    if (status != WILDCAM_ERR_NOTJPEG || !wildcam_error_message()[0])
        return status;
    wildcam_feature(""); /* takes the sentence away */
    return WILDCAM_OK;
}

static void has_quarantine(struct world *world)
{
    (void)world;
    ck_assert_int_le(count_files(scratch_path("station/quarantine")), 4);
}

/* ---- purging ---- */

static wildcam_status purge(struct world *world)
{
    return wildcam_station_purge(world->station, INT64_C(1772323200000000), NULL, &world->count);
}

static void has_purged(struct world *world)
{
    (void)world;
    ck_assert_int_eq(count_files(scratch_path("station/purged")), 0);
    ck_assert(!file_exists(scratch_path("station/detections/2026-02-03.db")));
    ck_assert(!file_exists(scratch_path("station/detections/2026-02-03.purging")));
}

/* ---- the row of functions ---- */

#define INGEST(name, then, ...)                                                                    \
    {                                                                                              \
        .function = "wildcam_ingest_" #name, .station = STATION, .arrange = begin_ingest,          \
        .call = ingest_##name, .verify = then, .detections = 1, .pictures = 1, __VA_ARGS__         \
    }

static const struct scenario list[] = {
    {.function = "wildcam_station_put_camera",
     .variant = "that is new",
     .station = STATION,
     .arrange = draft_new_camera,
     .call = put_camera,
     .verify = has_bridge,
     .unchanged = lacks_bridge,
     .writes = true},
    {.function = "wildcam_station_put_camera",
     .variant = "that is known",
     .station = STATION,
     .arrange = draft_known_camera,
     .call = put_camera,
     .verify = gate_has_name,
     .unchanged = gate_has_no_name,
     .writes = true},
    {.function = "wildcam_station_put_camera",
     .variant = "and reading it back",
     .station = STATION,
     .arrange = draft_new_camera,
     .call = put_and_get_camera,
     .verify = has_bridge,
     .writes = true,
     OUT(got_camera)},
    {.function = "wildcam_station_report_camera",
     .station = STATION,
     .arrange = draft_known_camera,
     .call = report_camera,
     .verify = gate_has_name,
     .unchanged = gate_has_no_name,
     .writes = true},
    {.function = "wildcam_station_add_detection",
     .station = STATION,
     .arrange = draft_known_detection,
     .call = add_detection,
     .verify = has_new_detection,
     .unchanged = has_no_id,
     .detections = 1,
     .writes = true},
    {.function = "wildcam_station_add_detection",
     .variant = "of a new camera, species and month",
     .station = STATION,
     .arrange = draft_unknown_detection,
     .call = add_detection,
     .verify = has_new_detection,
     .unchanged = has_no_id,
     .detections = 1,
     .writes = true},
    {.function = "wildcam_station_verify_detection",
     .station = STATION,
     .arrange = draft_review,
     .call = verify_detection,
     .verify = has_review,
     .unchanged = lacks_review,
     .writes = true},
    {.function = "wildcam_batch_new", .station = STATION, .call = batch_new, OUT(batch)},
    {.function = "wildcam_batch_add",
     .station = STATION,
     .arrange = begin_batch,
     .call = batch_add,
     .verify = batch_has_one,
     .unchanged = batch_is_empty},
    {.function = "wildcam_batch_commit",
     .station = STATION,
     .arrange = fill_batch,
     .call = batch_commit,
     .verify = batch_has_ids,
     .unchanged = batch_has_no_ids,
     .detections = 5,
     .writes = true,
     .is_spent = true},
    {.function = "wildcam_ingest_begin",
     .station = STATION,
     .call = ingest_begin,
     .verify = can_be_committed,
     .detections = 1,
     .pictures = 1,
     OUT(ingest)},
    INGEST(set_device_id, can_be_committed, 0),
    INGEST(set_file_name, can_be_committed, 0),
    INGEST(set_metadata, can_be_committed, 0),
    {.function = "wildcam_ingest_set_sidecar",
     .station = STATION,
     .arrange = begin_ingest_for_sidecar,
     .call = ingest_set_sidecar,
     .verify = sidecar_is_taken,
     .unchanged = tells_nothing_of_camera,
     .detections = 1,
     .pictures = 1},
    INGEST(add_detection, can_be_committed, 0),
    INGEST(write, can_be_committed_now, .is_spent = true),
    {.function = "wildcam_ingest_commit",
     .station = STATION,
     .arrange = fill_ingest,
     .call = ingest_commit,
     .verify = is_committed,
     .unchanged = is_not_committed,
     .detections = 1,
     .pictures = 1,
     .writes = true,
     .is_spent = true},
    {.function = "wildcam_ingest_commit",
     .variant = "into a shard of an earlier version",
     .station = STATION,
     .arrange = fill_ingest_of_earlier_shard,
     .call = ingest_commit,
     .verify = is_committed,
     .unchanged = is_not_committed,
     .detections = 1,
     .pictures = 1,
     .writes = true,
     .is_spent = true},
    {.function = "wildcam_ingest_commit",
     .variant = "of a new camera and month",
     .station = STATION,
     .arrange = fill_ingest_of_new_month,
     .call = ingest_commit,
     .verify = is_committed,
     .unchanged = is_not_committed,
     .detections = 1,
     .pictures = 1,
     .writes = true,
     .is_spent = true},
    {.function = "wildcam_ingest_free",
     .station = STATION,
     .arrange = fill_ingest,
     .call = ingest_free,
     .writes = true,
     .never_fails = true},
    {.function = "wildcam_ingest_abort",
     .station = STATION,
     .arrange = fill_ingest,
     .call = ingest_abort,
     .writes = true,
     .never_fails = true},
    {.function = "wildcam_station_ingest",
     .station = STATION,
     .call = station_ingest,
     .verify = has_fresh,
     .unchanged = has_no_id,
     .detections = 1,
     .pictures = 1,
     .writes = true},
    {.function = "wildcam_station_ingest",
     .variant = "of a picture that is kept",
     .station = STATION,
     .call = ingest_again,
     .verify = has_kept,
     .unchanged = has_no_id,
     .writes = true},
    {.function = "wildcam_station_ingest",
     .variant = "of what is no picture",
     .station = STATION,
     .call = ingest_rubbish,
     .verify = has_quarantine,
     .unchanged = has_no_id,
     .writes = true},
    {.function = "wildcam_station_ingest_file",
     .station = STATION,
     .arrange = save_fresh,
     .call = ingest_file,
     .verify = has_fresh,
     .unchanged = has_no_id,
     .detections = 1,
     .pictures = 1,
     .writes = true},
    {.function = "wildcam_station_purge",
     .station = STATION,
     .call = purge,
     .verify = has_purged,
     .is_resumed = true,
     .detections = -1,
     .pictures = -1,
     .writes = true},
};

const struct scenarios write_scenarios = {list, sizeof list / sizeof list[0]};
