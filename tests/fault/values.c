/* Calls on values alone: nothing of them touches a disk but the file of settings. */
#include "fault/walk.h"

#include <math.h>

#define JSON "{\"site\": \"north\", \"tags\": [1, 2.5, true, null, \"x\"]}"

/* ---- settings ---- */

static void make_settings(struct world *world)
{
    assert_ok(wildcam_conf_new(&world->settings));
    assert_ok(wildcam_conf_set(world->settings, "data.dir", "/before"));
}

static void shows(const struct world *world, const char *name, const char *wanted)
{
    const char *value;
    assert_ok(wildcam_conf_get(world->settings, name, &value));
    ck_assert_str_eq(value, wanted);
}

static void settings_unchanged(struct world *world)
{
    shows(world, "data.dir", "/before");
    shows(world, "store.shard", "month");
    shows(world, "s3.endpoint.home", "");
}

static wildcam_status conf_new(struct world *world)
{
    return wildcam_conf_new(&world->settings);
}

static wildcam_status conf_set(struct world *world)
{
    return wildcam_conf_set(world->settings, "data.dir", "/after");
}

static void conf_is_set(struct world *world)
{
    shows(world, "data.dir", "/after");
}

static void write_settings(struct world *world)
{
    static const char text[] = "data.dir = /after # a comment\nstore.shard = day\n"
                               "s3.endpoint.home = http://127.0.0.1:9000\n";
    save_file(scratch_path("settings"), text, strlen(text));
    make_settings(world);
}

static wildcam_status conf_load_file(struct world *world)
{
    return wildcam_conf_load_file(world->settings, scratch_path("settings"));
}

static void put_in_environment(struct world *world)
{
    setenv("WILDCAM_DATA_DIR", "/after", 1);
    setenv("WILDCAM_STORE_SHARD", "day", 1);
    setenv("WILDCAM_S3_ENDPOINT_HOME", "http://127.0.0.1:9000", 1);
    make_settings(world);
}

static wildcam_status conf_load_environment(struct world *world)
{
    return wildcam_conf_load_environment(world->settings);
}

static void settings_loaded(struct world *world)
{
    unsetenv("WILDCAM_DATA_DIR");
    unsetenv("WILDCAM_STORE_SHARD");
    unsetenv("WILDCAM_S3_ENDPOINT_HOME");
    shows(world, "data.dir", "/after");
    shows(world, "store.shard", "day");
    shows(world, "s3.endpoint.home", "http://127.0.0.1:9000");
}

/* ---- texts of drafts ---- */

static void make_camera(struct world *world)
{
    assert_ok(wildcam_camera_new(&world->camera));
}

static void make_detection(struct world *world)
{
    assert_ok(wildcam_detection_new(&world->detection));
}

static void make_query(struct world *world)
{
    assert_ok(wildcam_query_new(&world->query));
}

/* A setter of a text: what it sets is read back, and is not set after a failure. */
#define SETTER(noun, field, value, without)                                                        \
    static wildcam_status noun##_set_##field(struct world *world)                                  \
    {                                                                                              \
        return wildcam_##noun##_set_##field(world->noun, value);                                   \
    }
#define READ_BACK(noun, field, value, without)                                                     \
    static void noun##_has_##field(struct world *world)                                            \
    {                                                                                              \
        ck_assert_str_eq(wildcam_##noun##_get_##field(world->noun), value);                        \
    }                                                                                              \
    static void noun##_lacks_##field(struct world *world)                                          \
    {                                                                                              \
        ck_assert_str_eq(wildcam_##noun##_get_##field(world->noun), without);                      \
    }
#define TEXTS(X)                                                                                   \
    X(camera, device_id, "gate-7", "")                                                             \
    X(camera, name, "The gate", "")                                                                \
    X(camera, location_name, "North wood", "")                                                     \
    X(camera, firmware_version, "1.2.3", "")                                                       \
    X(camera, hardware_version, "B", "")                                                           \
    X(camera, config, JSON, "")                                                                    \
    X(detection, device_id, "gate-7", "")                                                          \
    X(detection, species, "fox", "unclassified")                                                   \
    X(detection, metadata, JSON, "")                                                               \
    X(detection, verified_species, "otter", "")                                                    \
    X(detection, notes, "two of them", "")                                                         \
    X(detection, verified_by, "Ann", "")

TEXTS(SETTER)
TEXTS(READ_BACK)
SETTER(query, device_id, "gate", )
SETTER(query, species, "red deer", )

/* ---- new drafts, and as JSON ---- */

static wildcam_status camera_new(struct world *world)
{
    return wildcam_camera_new(&world->camera);
}

static wildcam_status detection_new(struct world *world)
{
    return wildcam_detection_new(&world->detection);
}

static wildcam_status query_new(struct world *world)
{
    return wildcam_query_new(&world->query);
}

static void fill_camera(struct world *world)
{
    make_camera(world);
    assert_ok(wildcam_camera_set_device_id(world->camera, "gate-7"));
    assert_ok(wildcam_camera_set_config(world->camera, JSON));
}

static wildcam_status camera_to_json(struct world *world)
{
    return wildcam_camera_to_json(world->camera, (char **)&world->bytes);
}

static void fill_detection(struct world *world)
{
    make_detection(world);
    assert_ok(wildcam_detection_set_device_id(world->detection, "gate-7"));
    assert_ok(wildcam_detection_set_metadata(world->detection, JSON));
}

static wildcam_status detection_to_json(struct world *world)
{
    return wildcam_detection_to_json(world->detection, (char **)&world->bytes);
}

static void is_whole_json(struct world *world)
{
    const char *text = world->bytes;
    ck_assert_ptr_nonnull(strstr(text, "\"device_id\":\"gate-7\""));
    ck_assert_ptr_nonnull(strstr(text, JSON));
    ck_assert_int_eq(text[strlen(text) - 1], '}');
}

/* ---- pictures ---- */

static wildcam_status image_probe(struct world *world)
{
    return wildcam_image_probe(world->kept->data, world->kept->size, &world->image);
}

/* All that the picture says of itself: a fact that no memory was left for must not be missing. */
static void is_whole_image(struct world *world)
{
    ck_assert_int_eq(wildcam_image_get_width(world->image), 32);
    ck_assert_int_eq(wildcam_image_get_height(world->image), 48);
    ck_assert_int_eq(wildcam_image_get_orientation(world->image), 6);
    ck_assert_int_eq(wildcam_image_get_time_source(world->image), WILDCAM_TIME_SOURCE_EXIF);
    ck_assert_str_eq(wildcam_image_get_make(world->image), "Testcam");
    ck_assert_str_eq(wildcam_image_get_model(world->image), "T-1");
    ck_assert_str_eq(wildcam_image_get_serial_number(world->image), "S-77");
    ck_assert_double_eq(wildcam_image_get_latitude(world->image), 47.5);
    ck_assert_double_eq(wildcam_image_get_longitude(world->image), 8.25);
    ck_assert_double_eq(wildcam_image_get_altitude(world->image), 440);
}

static void probe(struct world *world)
{
    assert_ok(image_probe(world));
}

static wildcam_status image_to_json(struct world *world)
{
    return wildcam_image_to_json(world->image, (char **)&world->bytes);
}

static void is_image_json(struct world *world)
{
    ck_assert_ptr_nonnull(strstr(world->bytes, "\"serial_number\":\"S-77\""));
}

static wildcam_status image_thumbnail(struct world *world)
{
    return wildcam_image_thumbnail(world->kept->data, world->kept->size, 24, 24, &world->bytes,
                                   &world->size);
}

/* Upright, and not wider than asked for. */
static void is_thumbnail(struct world *world)
{
    assert_ok(wildcam_image_probe(world->bytes, world->size, &world->image));
    ck_assert_int_eq(wildcam_image_get_width(world->image), 16);
    ck_assert_int_eq(wildcam_image_get_height(world->image), 24);
}

static wildcam_status image_strip(struct world *world)
{
    return wildcam_image_strip(world->kept->data, world->kept->size, WILDCAM_STRIP_PLACE,
                               &world->bytes, &world->size);
}

static void is_stripped(struct world *world)
{
    assert_ok(wildcam_image_probe(world->bytes, world->size, &world->image));
    ck_assert(isnan(wildcam_image_get_latitude(world->image)));
    ck_assert_str_eq(wildcam_image_get_serial_number(world->image), "S-77");
}

static wildcam_status image_blur(struct world *world)
{
    const wildcam_box box = {0.25, 0.25, 0.5, 0.5};
    return wildcam_image_blur(world->kept->data, world->kept->size, &box, 1, &world->bytes,
                              &world->size);
}

static void is_blurred(struct world *world)
{
    assert_ok(wildcam_image_probe(world->bytes, world->size, &world->image));
    ck_assert_str_eq(wildcam_image_get_serial_number(world->image), "S-77");
}

#define OUT(member) .out = offsetof(struct world, member)
#define TEXT_ROW(noun, field, value, without)                                                      \
    {.function = "wildcam_" #noun "_set_" #field,                                                  \
     .arrange = make_##noun,                                                                       \
     .call = noun##_set_##field,                                                                   \
     .verify = noun##_has_##field,                                                                 \
     .unchanged = noun##_lacks_##field},

static const struct scenario list[] = {
    {.function = "wildcam_conf_new", .call = conf_new, OUT(settings)},
    {.function = "wildcam_conf_set",
     .arrange = make_settings,
     .call = conf_set,
     .verify = conf_is_set,
     .unchanged = settings_unchanged},
    {.function = "wildcam_conf_load_file",
     .arrange = write_settings,
     .call = conf_load_file,
     .verify = settings_loaded,
     .unchanged = settings_unchanged},
    {.function = "wildcam_conf_load_environment",
     .arrange = put_in_environment,
     .call = conf_load_environment,
     .verify = settings_loaded,
     .unchanged = settings_unchanged},
    TEXTS(TEXT_ROW) /* one each */
    {.function = "wildcam_query_set_device_id", .arrange = make_query, .call = query_set_device_id},
    {.function = "wildcam_query_set_species", .arrange = make_query, .call = query_set_species},
    {.function = "wildcam_camera_new", .call = camera_new, OUT(camera)},
    {.function = "wildcam_detection_new", .call = detection_new, OUT(detection)},
    {.function = "wildcam_query_new", .call = query_new, OUT(query)},
    {.function = "wildcam_camera_to_json",
     .arrange = fill_camera,
     .call = camera_to_json,
     .verify = is_whole_json,
     OUT(bytes)},
    {.function = "wildcam_detection_to_json",
     .arrange = fill_detection,
     .call = detection_to_json,
     .verify = is_whole_json,
     OUT(bytes)},
    {.function = "wildcam_image_probe", .call = image_probe, .verify = is_whole_image, OUT(image)},
    {.function = "wildcam_image_to_json",
     .arrange = probe,
     .call = image_to_json,
     .verify = is_image_json,
     OUT(bytes)},
    {.function = "wildcam_image_thumbnail",
     .call = image_thumbnail,
     .verify = is_thumbnail,
     OUT(bytes)},
    /* tjInitTransform() makes a compressor and a decompressor, and forgets the first when there is
     * no memory for the second. */
    {.function = "wildcam_image_blur",
     .call = image_blur,
     .verify = is_blurred,
     .lost_elsewhere = 2,
     OUT(bytes)},
    {.function = "wildcam_image_strip", .call = image_strip, .verify = is_stripped, OUT(bytes)},
};

const struct scenarios value_scenarios = {list, sizeof list / sizeof list[0]};
