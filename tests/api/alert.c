/* Alerts: read and asked for. What they are raised for is in alert_reasons.c. */
#include "api/alert_scene.h"

/* ---- reading and asking ---- */

START_TEST(alerts_are_read_by_somebody)
{
    int64_t id, unread = -1;
    wildcam_alert_query *query;
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    see("gate", "Lynx lynx", 0.95);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    id = wildcam_alert_get_id(alert);
    ck_assert_int_eq(wildcam_alert_get_read_at(alert), WILDCAM_TIME_NONE);
    ck_assert_str_eq(wildcam_alert_get_read_by(alert), "");
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_read_alert(station, id, "ann"));
    assert_ok(wildcam_station_read_alert(station, id, "bob"));
    assert_ok(wildcam_station_get_alert(station, id, &alert));
    ck_assert_str_eq(wildcam_alert_get_read_by(alert), "ann");
    ck_assert_int_ge(wildcam_alert_get_read_at(alert), wildcam_alert_get_raised_at(alert));
    ck_assert_int_eq(wildcam_alert_get_cleared_at(alert), WILDCAM_TIME_NONE);
    wildcam_alert_free(alert);
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_unread(query, 1));
    assert_ok(wildcam_station_count_alerts(station, query, &unread));
    ck_assert_int_eq(unread, 1);
    alert = newest(WILDCAM_ALERT_RARE_SPECIES);
    id = wildcam_alert_get_id(alert);
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_read_alert(station, id, NULL));
    assert_ok(wildcam_station_get_alert(station, id, &alert));
    ck_assert_str_eq(wildcam_alert_get_cleared_reason(alert), "read");
    wildcam_alert_free(alert);
    assert_ok(wildcam_station_count_alerts(station, query, &unread));
    ck_assert_int_eq(unread, 0);
    wildcam_alert_query_free(query);
    assert_fails(WILDCAM_ERR_NOTFOUND, "77", wildcam_station_read_alert(station, 77, "ann"));
    assert_fails(WILDCAM_ERR_NOTFOUND, "77", wildcam_station_get_alert(station, 77, &alert));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_read_alert(station, 1, "a\nb"));
}
END_TEST

START_TEST(alerts_are_listed_in_pages)
{
    enum { CAMERAS = 25, PAGE = 10 };
    char device_id[20];
    wildcam_alert_list *list;
    for (int i = 0; i < CAMERAS; i++) {
        snprintf(device_id, sizeof device_id, "CAM%02d", i);
        boot(device_id, NAN, NULL, wildcam_time_now());
        report(device_id, 3);
    }
    int64_t after = 0;
    int seen = 0;
    do {
        assert_ok(wildcam_station_list_alerts(station, NULL, after, PAGE, &list));
        for (size_t i = 0; i < wildcam_alert_list_get_count(list); i++) {
            const wildcam_alert *alert = wildcam_alert_list_at(list, i);
            snprintf(device_id, sizeof device_id, "CAM%02d", CAMERAS - 1 - seen++);
            ck_assert_str_eq(wildcam_alert_get_device_id(alert), device_id);
            after = wildcam_alert_get_id(alert);
        }
        ck_assert_ptr_null(wildcam_alert_list_at(list, PAGE));
        bool is_full = wildcam_alert_list_get_count(list) == PAGE;
        wildcam_alert_list_free(list);
        if (!is_full)
            break;
        boot("late", NAN, NULL, wildcam_time_now()); /* what comes meanwhile moves nothing */
        report("late", 3);
    } while (true);
    ck_assert_int_eq(seen, CAMERAS);
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, 0, 0, &list));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, 0, 1001, &list));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_list_alerts(station, NULL, -1, 1, &list));
}
END_TEST

START_TEST(a_query_asks_for_some_of_them)
{
    int64_t count = -1;
    wildcam_alert_query *query;
    boot("gate", NAN, NULL, wildcam_time_now());
    boot("hill", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    report("hill", 3);
    report("hill", 90);
    assert_ok(wildcam_alert_query_new(&query));
    assert_ok(wildcam_alert_query_set_camera(query, "hill"));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 1);
    assert_ok(wildcam_alert_query_set_open(query, 1));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 0);
    assert_ok(wildcam_alert_query_set_camera(query, NULL));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 1);
    assert_ok(wildcam_alert_query_set_open(query, 0));
    assert_ok(wildcam_alert_query_set_since(query, wildcam_time_now() + SECOND));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 0);
    assert_ok(wildcam_alert_query_set_since(query, wildcam_time_now() - 60 * SECOND));
    assert_ok(wildcam_station_count_alerts(station, query, &count));
    ck_assert_int_eq(count, 2);
    assert_ok(wildcam_alert_query_set_since(query, WILDCAM_TIME_NONE));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_kind(query, 99));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_kind(query, -2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_open(query, 2));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_unread(query, -1));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_camera(query, "no id"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_alert_query_set_since(query, -5));
    wildcam_alert_query_free(query);
    wildcam_alert_query_free(NULL);
}
END_TEST

START_TEST(kinds_have_names)
{
    int kind = -1;
    char *text;
#define ROW(name, value, severity, words, says)                                                    \
    ck_assert_str_eq(wildcam_alert_kind_name(value), words);                                       \
    ck_assert_int_eq(wildcam_alert_kind_severity(value), WILDCAM_SEVERITY_##severity);             \
    assert_ok(wildcam_alert_kind_from_name(words, &kind));                                         \
    ck_assert_int_eq(kind, value);
    WILDCAM_ALERT_LIST(ROW)
#undef ROW
#define ROW(name, value, words) ck_assert_str_eq(wildcam_severity_name(value), words);
    WILDCAM_SEVERITY_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_alert_kind_name(99), "unknown");
    ck_assert_str_eq(wildcam_severity_name(-1), "unknown");
    ck_assert_int_eq(wildcam_alert_kind_severity(-1), -1);
    assert_fails(WILDCAM_ERR_NOTFOUND, "flood", wildcam_alert_kind_from_name("flood", &kind));
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    wildcam_alert *alert = newest(WILDCAM_ALERT_LOW_BATTERY);
    assert_ok(wildcam_alert_to_json(alert, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"kind\":\"low_battery\""));
    wildcam_free(text);
    wildcam_alert_free(alert);
    wildcam_alert_free(NULL);
    wildcam_alert_list_free(NULL);
}
END_TEST

/* ---- webhooks: what can be told without a receiver; tests/server has receivers ---- */

START_TEST(without_an_address_nobody_is_told)
{
    int64_t sent = -1;
    char *report_text = (char *)&sent;
    assert_fails(WILDCAM_ERR_STATE, "alerts.webhook",
                 wildcam_station_send_alerts(station, 0, &sent));
    assert_fails(WILDCAM_ERR_STATE, "alerts.webhook",
                 wildcam_station_test_webhook(station, &report_text));
    ck_assert_ptr_null(report_text);
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_send_alerts(station, -1, &sent));
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_send_alerts(station, 3600001, &sent));
}
END_TEST

static void refuses_to_open(const char *name, const char *value, const char *words)
{
    wildcam_station *refused;
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "alerts.webhook", "https://127.0.0.1:9/x"));
    assert_ok(wildcam_conf_set(conf, name, value));
    assert_fails(WILDCAM_ERR_INVALID, words, wildcam_station_open(conf, &refused));
    ck_assert_ptr_null(refused);
    wildcam_conf_free(conf);
}

START_TEST(an_address_that_all_can_read_is_refused)
{
    const char *shown;
    refuses_to_open("alerts.webhook", "http://example.org/secret", "http://example.org is not");
    ck_assert_ptr_null(strstr(wildcam_error_message(), "secret"));
    refuses_to_open("alerts.webhook_ca_file", "/nowhere/ca.pem", "alerts.webhook_ca_file");
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "alerts.webhook", "https://example.org/secret"));
    assert_ok(wildcam_conf_get(conf, "alerts.webhook", &shown));
    ck_assert_str_eq(shown, "***");
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(nobody_answers_a_test)
{
    char *text;
    close_it();
    station = open_with("alerts.webhook", "http://127.0.0.1:9/hook?key=secret",
                        "alerts.webhook_secret", "sesame", NULL);
    assert_status(WILDCAM_ERR_UPLOAD, wildcam_station_test_webhook(station, &text));
    ck_assert_ptr_nonnull(strstr(text, "http://127.0.0.1:9: "));
    ck_assert_ptr_null(strstr(text, "secret"));
    wildcam_free(text);
    boot("gate", NAN, NULL, wildcam_time_now());
    report("gate", 3);
    int64_t sent = -1;
    assert_ok(wildcam_station_send_alerts(station, 1000, &sent));
    ck_assert_int_eq(sent, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("alert");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up_alerts, close_it);
    tcase_add_test(all, alerts_are_read_by_somebody);
    tcase_add_test(all, alerts_are_listed_in_pages);
    tcase_add_test(all, a_query_asks_for_some_of_them);
    tcase_add_test(all, kinds_have_names);
    tcase_add_test(all, without_an_address_nobody_is_told);
    tcase_add_test(all, an_address_that_all_can_read_is_refused);
    tcase_add_test(all, nobody_answers_a_test);
    return suite;
}
