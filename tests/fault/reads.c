/* Calls that read a station. */
#include "fault/walk.h"

#include <unistd.h>

#define OUT(member) .out = offsetof(struct world, member)

static wildcam_status get_camera(struct world *world)
{
    return wildcam_station_get_camera(world->station, "gate", &world->got_camera);
}

static void is_gate(struct world *world)
{
    ck_assert_str_eq(wildcam_camera_get_device_id(world->got_camera), "gate");
    ck_assert_int_gt(wildcam_camera_get_last_seen(world->got_camera), 0);
}

static wildcam_status list_cameras(struct world *world)
{
    return wildcam_station_list_cameras(world->station, 1, &world->got_list);
}

static wildcam_status count_camera_changes(struct world *world)
{
    return wildcam_station_count_camera_changes(world->station, &world->count);
}

static void has_changes(struct world *world)
{
    ck_assert_int_gt(world->count, 0);
}

static void is_one_camera(struct world *world)
{
    ck_assert_uint_eq(wildcam_camera_list_get_count(world->got_list), 1);
    ck_assert_str_eq(wildcam_camera_get_device_id(wildcam_camera_list_at(world->got_list, 0)),
                     "gate");
}

static wildcam_status get_detection(struct world *world)
{
    return wildcam_station_get_detection(world->station, world->detection_id,
                                         &world->got_detection);
}

static void is_deer(struct world *world)
{
    ck_assert_str_eq(wildcam_detection_get_species(world->got_detection), "red deer");
    ck_assert_str_eq(wildcam_detection_get_device_id(world->got_detection), "gate");
    ck_assert_int_eq(wildcam_detection_get_image_id(world->got_detection), world->image_id);
}

static wildcam_status get_image(struct world *world)
{
    return wildcam_station_get_image(world->station, world->image_id, &world->got_image);
}

static void is_kept_image(struct world *world)
{
    ck_assert_int_eq(wildcam_image_get_bytes(world->got_image), (int64_t)world->kept->size);
    ck_assert_str_eq(wildcam_image_get_device_id(world->got_image), "gate");
    ck_assert_str_eq(wildcam_image_get_make(world->got_image), "Testcam");
    ck_assert_str_eq(wildcam_image_get_serial_number(world->got_image), "S-77");
}

static wildcam_status open_picture(struct world *world)
{
    return wildcam_station_open_picture(world->station, world->image_id, &world->fd, &world->count);
}

static void has_no_fd(struct world *world)
{
    ck_assert_int_eq(world->fd, -1);
}

static void holds_picture(struct world *world)
{
    unsigned char data[16 * 1024];
    ck_assert_int_eq(world->count, (int64_t)world->kept->size);
    ck_assert_int_eq(read(world->fd, data, sizeof data), (ssize_t)world->kept->size);
    ck_assert_mem_eq(data, world->kept->data, world->kept->size);
}

static wildcam_status read_picture(struct world *world)
{
    return wildcam_station_read_picture(world->station, world->image_id, 0, &world->bytes,
                                        &world->size);
}

static void is_picture(struct world *world)
{
    ck_assert_uint_eq(world->size, world->kept->size);
    ck_assert_mem_eq(world->bytes, world->kept->data, world->kept->size);
}

static wildcam_status get_thumbnail(struct world *world)
{
    return wildcam_station_get_thumbnail(world->station, world->image_id, &world->bytes,
                                         &world->size);
}

static void is_thumbnail(struct world *world)
{
    assert_ok(wildcam_image_probe(world->bytes, world->size, &world->image));
    ck_assert_int_eq(wildcam_image_get_height(world->image), 16);
}

/* The second reader of a thumbnail finds it made. */
static void make_thumbnail(struct world *world)
{
    assert_ok(get_thumbnail(world));
    world_drop(world);
}

static void ask_for_gate(struct world *world)
{
    assert_ok(wildcam_query_new(&world->query));
    assert_ok(wildcam_query_set_device_id(world->query, "gate"));
    assert_ok(wildcam_query_set_min_confidence(world->query, 0.5));
}

static wildcam_status query(struct world *world)
{
    return wildcam_station_query(world->station, world->query, &world->cursor);
}

static void begin_query(struct world *world)
{
    assert_ok(wildcam_station_query(world->station, NULL, &world->cursor));
}

static void begin_narrow_query(struct world *world)
{
    ask_for_gate(world);
    assert_ok(wildcam_query_set_category(world->query, WILDCAM_CATEGORY_ANIMAL));
    assert_ok(wildcam_query_set_offset(world->query, 1));
    assert_ok(wildcam_query_set_order(world->query, WILDCAM_OLDEST_FIRST));
    assert_ok(query(world));
}

/* To the end. Where it fails it goes on, and misses none and doubles none. */
static wildcam_status cursor_next(struct world *world)
{
    wildcam_step step;
    while ((step = wildcam_cursor_next(world->cursor, &world->got_row)) == 1)
        world->count++;
    return step;
}

static void has_no_row(struct world *world)
{
    ck_assert_ptr_null(world->got_row);
}

static void has_read_all(struct world *world)
{
    ck_assert_int_eq(world->count, KEPT_DETECTIONS);
    ck_assert_str_eq(wildcam_cursor_damaged(world->cursor), "");
}

static void has_read_one(struct world *world)
{
    ck_assert_int_eq(world->count, 1);
}

static wildcam_status count(struct world *world)
{
    return wildcam_station_count(world->station, world->query, 0, &world->count, NULL);
}

/* All of it is older than the end of time, nearly. */
static wildcam_status measure_purge(struct world *world)
{
    return wildcam_station_measure_purge(world->station, WILDCAM_TIME_END - 1, NULL, &world->count,
                                         NULL);
}

static void has_measured(struct world *world)
{
    ck_assert_int_eq(world->count, KEPT_PICTURES);
}

static void are_all(struct world *world)
{
    ck_assert_int_eq(world->count, KEPT_DETECTIONS);
}

static void are_two(struct world *world)
{
    ck_assert_int_eq(world->count, 2);
}

static wildcam_status summarise(struct world *world)
{
    return wildcam_station_summarise(world->station, NULL,
                                     WILDCAM_BY_CAMERA | WILDCAM_BY_DAY | WILDCAM_BY_SPECIES,
                                     &world->got_summary);
}

static void is_whole_summary(struct world *world)
{
    int64_t sum = 0;
    while (wildcam_summary_next(world->got_summary) == 1) {
        ck_assert_str_eq(wildcam_summary_get_device_id(world->got_summary), "gate");
        ck_assert_str_ne(wildcam_summary_get_species(world->got_summary), "");
        sum += wildcam_summary_get_count(world->got_summary);
    }
    ck_assert_int_eq(sum, KEPT_DETECTIONS);
    ck_assert_str_eq(wildcam_summary_damaged(world->got_summary), "");
}

static wildcam_status statistics(struct world *world)
{
    return wildcam_station_camera_statistics(world->station, "gate", WILDCAM_ANALYTICS_DAYS_MAX,
                                             &world->got_analytics);
}

static wildcam_status species_counts(struct world *world)
{
    return wildcam_station_species_counts(world->station, WILDCAM_ANALYTICS_DAYS_MAX,
                                          &world->got_analytics);
}

static wildcam_status activity(struct world *world)
{
    return wildcam_station_activity(world->station, WILDCAM_ANALYTICS_DAYS_MAX,
                                    &world->got_analytics);
}

static wildcam_status analytics(struct world *world)
{
    return wildcam_station_analytics(world->station, "red deer", WILDCAM_ANALYTICS_DAYS_MAX,
                                     &world->got_analytics);
}

/* It is whole: nothing of a failure before is left in what is kept of it. */
static void is_analytics(struct world *world)
{
    const char *json = wildcam_analytics_get_json(world->got_analytics, NULL);
    ck_assert(json[0] == '{' && strcmp(json + strlen(json) - 2, "}\n") == 0);
    ck_assert_ptr_null(strstr(json, "incomplete"));
}

static void is_statistics(struct world *world)
{
    is_analytics(world);
    ck_assert_str_eq(wildcam_analytics_get_device_id(world->got_analytics), "gate");
}

static wildcam_status health(struct world *world)
{
    return wildcam_station_health(world->station, &world->got_health);
}

/* It may say that the station does badly, but then with a reason. */
static void is_health(struct world *world)
{
    bool is_well = strcmp(wildcam_health_get_status(world->got_health), "ok") == 0;
    bool has_reason = wildcam_health_get_reason(world->got_health)[0] != '\0';
    ck_assert_int_eq(is_well, !has_reason);
    wildcam_health_free(world->got_health);
    assert_ok(health(world));
    ck_assert_str_eq(wildcam_health_get_status(world->got_health), "ok");
}

static char finding[512];

static void note_finding(void *user, const char *what, const char *where, const char *text)
{
    (void)user;
    snprintf(finding, sizeof finding, "%s: %s: %s", what, where, text);
}

static wildcam_status check(struct world *world)
{
    return wildcam_station_check(world->station, WILDCAM_CHECK_CONTENT, note_finding, NULL, NULL,
                                 &world->count);
}

/* What a check cannot see because something fails is not wrong. */
static void finds_nothing(struct world *world)
{
    ck_assert_msg(world->count == 0, "a finding about a station that is whole: %s", finding);
}

static wildcam_status maintain(struct world *world)
{
    return wildcam_station_maintain(world->station, 1000);
}

static const struct scenario list[] = {
    {.function = "wildcam_station_get_camera",
     .station = READ_STATION,
     .call = get_camera,
     .verify = is_gate,
     OUT(got_camera)},
    {.function = "wildcam_station_list_cameras",
     .station = READ_STATION,
     .call = list_cameras,
     .verify = is_one_camera,
     OUT(got_list)},
    {.function = "wildcam_station_count_camera_changes",
     .station = READ_STATION,
     .call = count_camera_changes,
     .verify = has_changes},
    {.function = "wildcam_station_get_detection",
     .station = READ_STATION,
     .call = get_detection,
     .verify = is_deer,
     OUT(got_detection)},
    {.function = "wildcam_station_get_image",
     .station = READ_STATION,
     .call = get_image,
     .verify = is_kept_image,
     OUT(got_image)},
    {.function = "wildcam_station_open_picture",
     .station = READ_STATION,
     .call = open_picture,
     .verify = holds_picture,
     .unchanged = has_no_fd},
    {.function = "wildcam_station_read_picture",
     .station = READ_STATION,
     .call = read_picture,
     .verify = is_picture,
     OUT(bytes)},
    {.function = "wildcam_station_get_thumbnail",
     .variant = "that is not made yet",
     .station = STATION,
     .call = get_thumbnail,
     .verify = is_thumbnail,
     OUT(bytes)},
    {.function = "wildcam_station_get_thumbnail",
     .variant = "that is made",
     .station = STATION,
     .arrange = make_thumbnail,
     .call = get_thumbnail,
     .verify = is_thumbnail,
     OUT(bytes)},
    {.function = "wildcam_station_query",
     .station = READ_STATION,
     .arrange = ask_for_gate,
     .call = query,
     OUT(cursor)},
    {.function = "wildcam_cursor_next",
     .station = READ_STATION,
     .arrange = begin_query,
     .call = cursor_next,
     .verify = has_read_all,
     .unchanged = has_no_row},
    {.function = "wildcam_cursor_next",
     .variant = "behind a condition and an offset",
     .station = READ_STATION,
     .arrange = begin_narrow_query,
     .call = cursor_next,
     .verify = has_read_one,
     .unchanged = has_no_row},
    {.function = "wildcam_station_measure_purge",
     .station = READ_STATION,
     .call = measure_purge,
     .verify = has_measured},
    {.function = "wildcam_station_count",
     .station = READ_STATION,
     .call = count,
     .verify = are_all},
    {.function = "wildcam_station_count",
     .variant = "row by row",
     .station = READ_STATION,
     .arrange = ask_for_gate,
     .call = count,
     .verify = are_two},
    {.function = "wildcam_station_summarise",
     .station = READ_STATION,
     .call = summarise,
     .verify = is_whole_summary,
     OUT(got_summary)},
    {.function = "wildcam_station_camera_statistics",
     .station = READ_STATION,
     .call = statistics,
     .verify = is_statistics,
     OUT(got_analytics)},
    {.function = "wildcam_station_species_counts",
     .station = READ_STATION,
     .call = species_counts,
     .verify = is_analytics,
     OUT(got_analytics)},
    {.function = "wildcam_station_activity",
     .station = READ_STATION,
     .call = activity,
     .verify = is_analytics,
     OUT(got_analytics)},
    {.function = "wildcam_station_analytics",
     .station = READ_STATION,
     .call = analytics,
     .verify = is_analytics,
     OUT(got_analytics)},
    {.function = "wildcam_station_health",
     .station = READ_STATION,
     .call = health,
     .verify = is_health,
     OUT(got_health)},
    {.function = "wildcam_station_check",
     .station = READ_STATION,
     .call = check,
     .verify = finds_nothing,
     .unchanged = finds_nothing},
    {.function = "wildcam_station_maintain",
     .station = STATION,
     .call = maintain,
     .never_fails = true},
};

const struct scenarios read_scenarios = {list, sizeof list / sizeof list[0]};
