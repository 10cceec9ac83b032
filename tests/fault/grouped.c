/* Events, retention and privacy. */
#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)

static void reopen(struct world *world, const char *name, const char *value)
{
    wildcam_station_close(world->station);
    world->station = NULL;
    assert_ok(wildcam_conf_set(world->conf, name, value));
    world_open(world);
}

/* ---- events ---- */

static wildcam_status place_events(struct world *world)
{
    return wildcam_station_place_events(world->station, 60000, NULL);
}

static wildcam_status group_events(struct world *world)
{
    return wildcam_station_group_events(world->station, NULL, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE,
                                        90, NULL, NULL, NULL);
}

static void are_grouped(struct world *world)
{
    assert_ok(wildcam_station_get_image(world->station, world->image_id, &world->got_image));
    ck_assert_int_eq(wildcam_image_get_event_id(world->got_image), world->image_id);
}

static wildcam_status events(struct world *world)
{
    return wildcam_station_events(world->station, NULL, &world->events);
}

static void begin_events(struct world *world)
{
    assert_ok(place_events(world));
    assert_ok(events(world));
}

static wildcam_status next_event(struct world *world)
{
    const wildcam_event *event;
    wildcam_step step;
    while ((step = wildcam_event_cursor_next(world->events, &event)) == 1)
        world->count++;
    return step;
}

static wildcam_status images(struct world *world)
{
    return wildcam_station_images(world->station, NULL, 0, &world->images);
}

static void begin_images(struct world *world)
{
    assert_ok(images(world));
}

static wildcam_status next_image(struct world *world)
{
    const wildcam_image *image;
    wildcam_step step;
    while ((step = wildcam_image_cursor_next(world->images, &image)) == 1)
        world->count++;
    return step;
}

static void has_read_all(struct world *world)
{
    ck_assert_int_eq(world->count, KEPT_PICTURES);
}

static void go_to_event(struct world *world)
{
    begin_events(world);
    ck_assert_int_eq(wildcam_event_cursor_next(world->events, &world->got_event), 1);
}

static wildcam_status event_to_json(struct world *world)
{
    return wildcam_event_to_json(world->got_event, (char **)&world->bytes);
}

/* ---- retention: the older picture goes, as the newer one is a favourite ---- */

static wildcam_status set_favourite(struct world *world)
{
    return wildcam_station_set_favourite(world->station, world->image_id, 1);
}

static void is_favourite(struct world *world)
{
    assert_ok(wildcam_station_get_image(world->station, world->image_id, &world->got_image));
    ck_assert_int_eq(wildcam_image_get_favourite(world->got_image), 1);
}

static void need_space(struct world *world)
{
    assert_ok(set_favourite(world));
    reopen(world, "retention.min_free_bytes", "1125899906842624");
}

static wildcam_status apply_retention(struct world *world)
{
    return wildcam_station_apply_retention(world->station, 60000, &world->got_retention);
}

static wildcam_status measure_retention(struct world *world)
{
    return wildcam_station_measure_retention(world->station, NULL, NULL, &world->got_retention);
}

static void has_measured(struct world *world)
{
    ck_assert_int_eq(wildcam_retention_get_images(world->got_retention, -1, -1), 1);
}

static void measure(struct world *world)
{
    assert_ok(measure_retention(world));
}

static wildcam_status retention_to_json(struct world *world)
{
    return wildcam_retention_to_json(world->got_retention, (char **)&world->bytes);
}

/* ---- privacy ---- */

static void hide_people(struct world *world)
{
    reopen(world, "privacy.humans", "blur");
}

static wildcam_status get_view(struct world *world)
{
    int view;
    return wildcam_station_get_view(world->station, world->image_id, WILDCAM_AUDIENCE_VIEWER, &view,
                                    NULL);
}

static wildcam_status open_picture_for(struct world *world)
{
    return wildcam_station_open_picture_for(world->station, world->image_id,
                                            WILDCAM_AUDIENCE_VIEWER, &world->fd, &world->count);
}

static void has_no_fd(struct world *world)
{
    ck_assert_int_eq(world->fd, -1);
}

static wildcam_status read_picture_for(struct world *world)
{
    return wildcam_station_read_picture_for(world->station, world->image_id,
                                            WILDCAM_AUDIENCE_VIEWER, 0, &world->bytes, &world->size,
                                            NULL);
}

static wildcam_status get_thumbnail_for(struct world *world)
{
    return wildcam_station_get_thumbnail_for(world->station, world->image_id,
                                             WILDCAM_AUDIENCE_VIEWER, &world->bytes, &world->size,
                                             NULL);
}

/* Where the camera is viewers know within a kilometre. */
static void be_private(struct world *world)
{
    wildcam_deployment *draft;
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_key(draft, "private"));
    assert_ok(wildcam_deployment_set_device_id(draft, "gate"));
    assert_ok(wildcam_deployment_set_span(draft, 0, WILDCAM_TIME_NONE));
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_PRIVACY_RADIUS, 1000));
    assert_ok(wildcam_station_add_deployment(world->station, draft, NULL, NULL, NULL));
    wildcam_deployment_free(draft);
}

static wildcam_status get_image_for(struct world *world)
{
    return wildcam_station_get_image_for(world->station, world->image_id, WILDCAM_AUDIENCE_VIEWER,
                                         &world->got_image);
}

static void is_image_private(struct world *world)
{
    ck_assert_str_eq(wildcam_image_get_serial_number(world->got_image), "");
    ck_assert_str_eq(wildcam_image_get_sha256(world->got_image), "");
}

static void tell_of_place(struct world *world)
{
    wildcam_detection *draft;
    be_private(world);
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_device_id(draft, "gate"));
    assert_ok(wildcam_detection_set_time(draft, WILDCAM_TIME_MIN, 0, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_detection_set_metadata(draft, "{\"gps\": \"50.1234 8.5678\"}"));
    assert_ok(wildcam_station_add_detection(world->station, draft, &world->detection_id));
    wildcam_detection_free(draft);
}

static wildcam_status get_detection_for(struct world *world)
{
    return wildcam_station_get_detection_for(world->station, world->detection_id,
                                             WILDCAM_AUDIENCE_VIEWER, &world->got_detection);
}

static void is_detection_private(struct world *world)
{
    ck_assert_str_eq(wildcam_detection_get_metadata(world->got_detection), "");
}

static wildcam_status get_deployment_for(struct world *world)
{
    return wildcam_station_get_deployment_for(world->station, "private", WILDCAM_AUDIENCE_VIEWER,
                                              &world->got_deployment);
}

static wildcam_status list_deployments_for(struct world *world)
{
    return wildcam_station_list_deployments_for(world->station, "gate", WILDCAM_TIME_NONE,
                                                WILDCAM_TIME_NONE, WILDCAM_AUDIENCE_VIEWER,
                                                &world->got_deployments);
}

static wildcam_status get_camera_for(struct world *world)
{
    return wildcam_station_get_camera_for(world->station, "gate", WILDCAM_AUDIENCE_VIEWER,
                                          &world->got_camera);
}

static wildcam_status list_cameras_for(struct world *world)
{
    return wildcam_station_list_cameras_for(world->station, 1, WILDCAM_AUDIENCE_VIEWER,
                                            &world->got_list);
}

static const struct scenario list[] = {
    {.function = "wildcam_station_place_events",
     .station = STATION,
     .call = place_events,
     .verify = are_grouped,
     .writes = true},
    {.function = "wildcam_station_group_events",
     .station = STATION,
     .call = group_events,
     .verify = are_grouped,
     .writes = true},
    {.function = "wildcam_station_events", .station = READ_STATION, .call = events, OUT(events)},
    {.function = "wildcam_event_cursor_next",
     .station = STATION,
     .arrange = begin_events,
     .call = next_event,
     .verify = has_read_all},
    {.function = "wildcam_event_to_json",
     .station = STATION,
     .arrange = go_to_event,
     .call = event_to_json,
     OUT(bytes)},
    {.function = "wildcam_station_images", .station = READ_STATION, .call = images, OUT(images)},
    {.function = "wildcam_image_cursor_next",
     .station = READ_STATION,
     .arrange = begin_images,
     .call = next_image,
     .verify = has_read_all},
    {.function = "wildcam_station_set_favourite",
     .station = STATION,
     .call = set_favourite,
     .verify = is_favourite,
     .writes = true},
    {.function = "wildcam_station_apply_retention",
     .station = STATION,
     .arrange = need_space,
     .call = apply_retention,
     .is_resumed = true,
     .detections = -1,
     .pictures = -1,
     .writes = true,
     OUT(got_retention)},
    {.function = "wildcam_station_measure_retention",
     .station = STATION,
     .arrange = need_space,
     .call = measure_retention,
     .verify = has_measured,
     OUT(got_retention)},
    {.function = "wildcam_retention_to_json",
     .station = STATION,
     .arrange = measure,
     .call = retention_to_json,
     OUT(bytes)},
    {.function = "wildcam_station_get_view",
     .station = STATION,
     .arrange = hide_people,
     .call = get_view},
    {.function = "wildcam_station_open_picture_for",
     .station = READ_STATION,
     .call = open_picture_for,
     .unchanged = has_no_fd},
    {.function = "wildcam_station_get_image_for",
     .station = STATION,
     .arrange = be_private,
     .call = get_image_for,
     .verify = is_image_private,
     OUT(got_image)},
    {.function = "wildcam_station_get_detection_for",
     .station = STATION,
     .arrange = tell_of_place,
     .call = get_detection_for,
     .verify = is_detection_private,
     .detections = 1,
     OUT(got_detection)},
    {.function = "wildcam_station_get_deployment_for",
     .station = STATION,
     .arrange = be_private,
     .call = get_deployment_for,
     OUT(got_deployment)},
    {.function = "wildcam_station_list_deployments_for",
     .station = STATION,
     .arrange = be_private,
     .call = list_deployments_for,
     OUT(got_deployments)},
    {.function = "wildcam_station_get_camera_for",
     .station = STATION,
     .arrange = be_private,
     .call = get_camera_for,
     OUT(got_camera)},
    {.function = "wildcam_station_list_cameras_for",
     .station = STATION,
     .arrange = be_private,
     .call = list_cameras_for,
     OUT(got_list)},
    {.function = "wildcam_station_read_picture_for",
     .station = STATION,
     .arrange = hide_people,
     .call = read_picture_for,
     OUT(bytes)},
    {.function = "wildcam_station_get_thumbnail_for",
     .station = STATION,
     .arrange = hide_people,
     .call = get_thumbnail_for,
     OUT(bytes)},
};

const struct scenarios grouped_scenarios = {list, sizeof list / sizeof list[0]};
