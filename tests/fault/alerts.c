/* Alerts. */
#include "fault/walk.h"

#define OUT(member) .out = offsetof(struct world, member)

static int64_t id;

static void put(struct world *world, double battery)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, "gate"));
    assert_ok(wildcam_camera_set_battery_level(draft, battery));
    assert_ok(wildcam_station_put_camera(world->station, draft, NULL, NULL));
    wildcam_camera_free(draft);
}

/* What the template has raised by itself does not count. */
static int64_t batteries(const struct world *world)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, WILDCAM_ALERT_LOW_BATTERY));
    assert_ok(wildcam_alert_query_set_open(query, 1));
    assert_ok(wildcam_station_count_alerts(world->station, query, &count));
    wildcam_alert_query_free(query);
    return count;
}

static void raise_one(struct world *world)
{
    wildcam_alert_list *list;
    put(world, 3);
    assert_ok(wildcam_station_list_alerts(world->station, NULL, 0, 1, &list));
    id = wildcam_alert_get_id(wildcam_alert_list_at(list, 0));
    wildcam_alert_list_free(list);
}

/* ---- raised with a report ---- */

static void make_report(struct world *world)
{
    put(world, 80);
    assert_ok(wildcam_camera_new(&world->camera));
    assert_ok(wildcam_camera_set_device_id(world->camera, "gate"));
    assert_ok(wildcam_camera_set_battery_level(world->camera, 4));
}

static wildcam_status report(struct world *world)
{
    return wildcam_station_report_camera(world->station, world->camera);
}

static void is_raised(struct world *world)
{
    ck_assert_int_eq(batteries(world), 1);
}

static void is_not_raised(struct world *world)
{
    ck_assert_int_eq(batteries(world), 0);
}

/* ---- asking ---- */

static wildcam_status query_new(struct world *world)
{
    return wildcam_alert_query_new(&world->alert_query);
}

static void make_query(struct world *world)
{
    assert_ok(query_new(world));
}

static wildcam_status query_set_camera(struct world *world)
{
    return wildcam_alert_query_set_camera(world->alert_query, "gate");
}

static wildcam_status list_alerts(struct world *world)
{
    return wildcam_station_list_alerts(world->station, NULL, 0, 10, &world->got_alerts);
}

static void lists_some(struct world *world)
{
    ck_assert_uint_gt(wildcam_alert_list_get_count(world->got_alerts), 0);
}

static wildcam_status count_alerts(struct world *world)
{
    return wildcam_station_count_alerts(world->station, NULL, &world->count);
}

static wildcam_status get_alert(struct world *world)
{
    return wildcam_station_get_alert(world->station, id, &world->got_alert);
}

static void get_one(struct world *world)
{
    raise_one(world);
    assert_ok(get_alert(world));
}

static wildcam_status to_json(struct world *world)
{
    return wildcam_alert_to_json(world->got_alert, (char **)&world->bytes);
}

/* ---- reading and looking ---- */

static wildcam_status read_alert(struct world *world)
{
    return wildcam_station_read_alert(world->station, id, "ann");
}

static const char *reader(const struct world *world)
{
    static char name[20];
    wildcam_alert *alert;
    assert_ok(wildcam_station_get_alert(world->station, id, &alert));
    snprintf(name, sizeof name, "%s", wildcam_alert_get_read_by(alert));
    wildcam_alert_free(alert);
    return name;
}

static void is_read(struct world *world)
{
    ck_assert_str_eq(reader(world), "ann");
}

static void is_unread(struct world *world)
{
    ck_assert_str_eq(reader(world), "");
}

static void reopen_with(struct world *world, const char *name, const char *value)
{
    wildcam_station_close(world->station);
    assert_ok(wildcam_conf_set(world->conf, name, value));
    world_open(world);
}

/* Its level is set anew: the look raises it. */
static void make_look(struct world *world)
{
    put(world, 30);
    reopen_with(world, "alerts.battery_level", "50");
}

static wildcam_status check(struct world *world)
{
    return wildcam_station_check_alerts(world->station, NULL);
}

static void make_origins(struct world *world)
{
    put(world, 80);
    for (int i = 0; i < 5; i++)
        assert_ok(wildcam_station_note_origin(world->station, "gate", i % 2 ? "one" : "two"));
}

static wildcam_status note_origin(struct world *world)
{
    return wildcam_station_note_origin(world->station, "gate", "one");
}

/* ---- webhooks ---- */

static void make_owed(struct world *world)
{
    reopen_with(world, "alerts.webhook", "http://127.0.0.1:9/hook");
    put(world, 3);
}

static wildcam_status send_alerts(struct world *world)
{
    return wildcam_station_send_alerts(world->station, 5000, NULL);
}

/* Nobody listens there: that is no fault. */
static wildcam_status test_webhook(struct world *world)
{
    int kind;
    wildcam_status status = wildcam_station_test_webhook(world->station, (char **)&world->bytes);
    return status == WILDCAM_ERR_UPLOAD ? wildcam_alert_kind_from_name("offline", &kind) : status;
}

static const struct scenario list[] = {
    {.function = "wildcam_station_report_camera",
     .variant = "that raises an alert",
     .station = STATION,
     .arrange = make_report,
     .call = report,
     .verify = is_raised,
     .unchanged = is_not_raised,
     .writes = true},
    {.function = "wildcam_alert_query_new", .call = query_new, OUT(alert_query)},
    {.function = "wildcam_alert_query_set_camera", .arrange = make_query, .call = query_set_camera},
    {.function = "wildcam_station_list_alerts",
     .station = STATION,
     .arrange = raise_one,
     .call = list_alerts,
     .verify = lists_some,
     OUT(got_alerts)},
    {.function = "wildcam_station_count_alerts",
     .station = STATION,
     .arrange = raise_one,
     .call = count_alerts},
    {.function = "wildcam_station_get_alert",
     .station = STATION,
     .arrange = raise_one,
     .call = get_alert,
     OUT(got_alert)},
    {.function = "wildcam_alert_to_json",
     .station = STATION,
     .arrange = get_one,
     .call = to_json,
     OUT(bytes)},
    {.function = "wildcam_station_read_alert",
     .station = STATION,
     .arrange = raise_one,
     .call = read_alert,
     .verify = is_read,
     .unchanged = is_unread,
     .writes = true},
    {.function = "wildcam_station_check_alerts",
     .station = STATION,
     .arrange = make_look,
     .call = check,
     .verify = is_raised,
     .writes = true},
    {.function = "wildcam_station_note_origin",
     .station = STATION,
     .arrange = make_origins,
     .call = note_origin,
     .writes = true,
     .is_spent = true},
    {.function = "wildcam_station_send_alerts",
     .station = STATION,
     .arrange = make_owed,
     .call = send_alerts,
     .writes = true,
     .is_resumed = true},
    {.function = "wildcam_station_test_webhook",
     .station = STATION,
     .arrange = make_owed,
     .call = test_webhook,
     OUT(bytes)},
};

const struct scenarios alert_scenarios = {list, sizeof list / sizeof list[0]};
