#include "api/alert_scene.h"

wildcam_station *station;

void close_it(void)
{
    wildcam_station_close(station);
    station = NULL;
}

void open_plain(void)
{
    station = open_with("alerts.rare_species", "Lynx lynx", NULL);
}

void set_up_alerts(void)
{
    expect_log("low_battery");
    expect_log("offline");
    expect_log("shared_device_id");
    open_plain();
}

/* ---- what happens to a station ---- */

void report(const char *device_id, double battery)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    if (!isnan(battery))
        assert_ok(wildcam_camera_set_battery_level(draft, battery));
    assert_ok(wildcam_station_report_camera(station, draft));
    wildcam_camera_free(draft);
}

void boot(const char *device_id, double latitude, const char *firmware, int64_t heard)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    assert_ok(wildcam_camera_set_last_seen(draft, heard));
    if (!isnan(latitude)) {
        assert_ok(wildcam_camera_set_latitude(draft, latitude));
        assert_ok(wildcam_camera_set_longitude(draft, 8));
    }
    if (firmware)
        assert_ok(wildcam_camera_set_firmware_version(draft, firmware));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
}

void set_status(const char *device_id, int state)
{
    wildcam_camera *draft;
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, device_id));
    assert_ok(wildcam_camera_set_status(draft, state));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
}

void see(const char *device_id, const char *species, double confidence)
{
    const struct sighting sighting = {device_id, species, wildcam_time_now() - 5 * SECOND,
                                      confidence};
    add(station, &sighting);
}

int64_t check(void)
{
    int64_t changes = -1;
    assert_ok(wildcam_station_check_alerts(station, &changes));
    return changes;
}

/* ---- what is asked ---- */

int64_t count_of(int kind, int open)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, kind));
    assert_ok(wildcam_alert_query_set_open(query, open));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    wildcam_alert_query_free(query);
    return count;
}

wildcam_alert *newest(int kind)
{
    wildcam_alert *alert;
    wildcam_alert_list *list;
    wildcam_alert_query *query;
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_kind(query, kind));
    assert_ok(wildcam_station_list_alerts(station, query, 0, 1, &list));
    ck_assert_uint_eq(wildcam_alert_list_get_count(list), 1);
    assert_ok(wildcam_station_get_alert(
        station, wildcam_alert_get_id(wildcam_alert_list_at(list, 0)), &alert));
    wildcam_alert_list_free(list);
    wildcam_alert_query_free(query);
    return alert;
}
