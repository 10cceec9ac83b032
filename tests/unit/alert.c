/* Alerts: when there is a reason for one, on a clock that is made up. */
#include "model/alert.h"

#include <jansson.h>
#include <math.h>

#include <wildcam/time.h>

#include "unit.h"

#define AT (INT64_C(1796000000) * WCI_SECOND)

/* ---- batteries and the disk ---- */

static const struct {
    double level, limit;
    enum wci_verdict verdict;
} batteries[] = {
    {19.9, 20, WCI_VERDICT_RAISE}, {20, 20, WCI_VERDICT_KEEP},     {24.9, 20, WCI_VERDICT_KEEP},
    {25, 20, WCI_VERDICT_CLEAR},   {100, 20, WCI_VERDICT_CLEAR},   {0, 20, WCI_VERDICT_RAISE},
    {NAN, 20, WCI_VERDICT_KEEP},   {0, 0, WCI_VERDICT_KEEP},       {99, 98, WCI_VERDICT_KEEP},
    {100, 98, WCI_VERDICT_CLEAR},  {99.9, 100, WCI_VERDICT_RAISE}, {100, 100, WCI_VERDICT_CLEAR},
};

START_TEST(batteries_are_judged)
{
    ck_assert_int_eq(wci_judge_battery(batteries[_i].level, batteries[_i].limit),
                     batteries[_i].verdict);
}
END_TEST

/* A battery that the sun charges a little each day and that a night takes back. */
START_TEST(a_battery_at_its_limit_raises_one_alert)
{
    bool is_open = false;
    int raised = 0, cleared = 0;
    for (int hour = 0; hour < 24 * 30; hour++) {
        double level = 21 + 2.5 * sin(hour * acos(-1) / 12);
        enum wci_verdict verdict = wci_judge_battery(level, 20);
        raised += verdict == WCI_VERDICT_RAISE && !is_open;
        cleared += verdict == WCI_VERDICT_CLEAR && is_open;
        is_open = (is_open || verdict == WCI_VERDICT_RAISE) && verdict != WCI_VERDICT_CLEAR;
    }
    ck_assert_int_eq(raised, 1);
    ck_assert_int_eq(cleared, 0);
}
END_TEST

START_TEST(the_disk_is_judged)
{
    ck_assert_int_eq(wci_disk_limit(100, 500), 500);
    ck_assert_int_eq(wci_disk_limit(400, 500), 600);
    ck_assert_int_eq(wci_disk_limit(0, 0), 0);
    ck_assert_int_eq(wci_judge_disk(599, 600), WCI_VERDICT_RAISE);
    ck_assert_int_eq(wci_judge_disk(600, 600), WCI_VERDICT_KEEP);
    ck_assert_int_eq(wci_judge_disk(749, 600), WCI_VERDICT_KEEP);
    ck_assert_int_eq(wci_judge_disk(750, 600), WCI_VERDICT_CLEAR);
}
END_TEST

/* ---- silent cameras ---- */

static struct wci_rhythm rhythm_of(int64_t seconds, int reports)
{
    struct wci_rhythm rhythm = {.last = WILDCAM_TIME_NONE};
    for (int i = 0; i < reports; i++)
        wci_rhythm_note(&rhythm, AT + i * seconds * WCI_SECOND);
    return rhythm;
}

START_TEST(an_interval_is_learned)
{
    static const int64_t seconds[] = {60, 300, 890, 3600, 86400};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        struct wci_rhythm rhythm = rhythm_of(seconds[i], 4);
        ck_assert_int_eq(rhythm.interval, seconds[i] * WCI_SECOND);
        ck_assert_int_eq(wci_hold_off(&rhythm, 0), (3 * seconds[i] + 10) * WCI_SECOND);
        /* Whoever sets less gets twice the interval. */
        ck_assert_int_eq(wci_hold_off(&rhythm, 1), (2 * seconds[i] + 10) * WCI_SECOND);
        ck_assert_int_eq(wci_hold_off(&rhythm, 400000 * WCI_SECOND), 400000 * WCI_SECOND);
    }
}
END_TEST

/* A camera that wakes up says more than one thing: its wakings are what counts. */
START_TEST(posts_of_one_waking_are_one_report)
{
    static const int64_t seconds[] = {120, 300, 3600};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        struct wci_rhythm rhythm = {.last = WILDCAM_TIME_NONE};
        for (int woken = 0; woken < 20; woken++)
            for (int post = 0; post < 3; post++)
                wci_rhythm_note(&rhythm, AT + (woken * seconds[i] + post * 7) * WCI_SECOND);
        ck_assert_int_eq(rhythm.interval, seconds[i] * WCI_SECOND);
        ck_assert_int_ge(wci_hold_off(&rhythm, 0), 2 * seconds[i] * WCI_SECOND);
    }
}
END_TEST

START_TEST(what_is_not_known_is_300_seconds)
{
    struct wci_rhythm rhythm = rhythm_of(60, 1);
    ck_assert_int_eq(rhythm.interval, 0);
    ck_assert_int_eq(wci_hold_off(&rhythm, 0), 910 * WCI_SECOND);
    ck_assert_int_eq(wci_hold_off(&rhythm, 7 * WCI_SECOND), 7 * WCI_SECOND);
}
END_TEST

START_TEST(one_outage_is_no_interval_and_two_alike_are)
{
    struct wci_rhythm rhythm = rhythm_of(300, 10);
    wci_rhythm_note(&rhythm, rhythm.last + 5 * WCI_DAY);
    ck_assert_int_eq(rhythm.interval, 300 * WCI_SECOND);
    wci_rhythm_note(&rhythm, rhythm.last + 300 * WCI_SECOND);
    wci_rhythm_note(&rhythm, rhythm.last + 4 * WCI_DAY);
    ck_assert_int_eq(rhythm.interval, 300 * WCI_SECOND); /* there was a report in between */
    wci_rhythm_note(&rhythm, rhythm.last + 3 * WCI_DAY);
    ck_assert_int_eq(rhythm.interval, 4 * WCI_DAY);
}
END_TEST

START_TEST(reports_at_once_and_clocks_set_back_teach_nothing)
{
    struct wci_rhythm rhythm = rhythm_of(300, 10);
    wci_rhythm_note(&rhythm, rhythm.last + 1);
    wci_rhythm_note(&rhythm, rhythm.last);
    wci_rhythm_note(&rhythm, rhythm.last - 9 * WCI_DAY);
    ck_assert_int_eq(rhythm.interval, 300 * WCI_SECOND);
    wci_rhythm_note(&rhythm, rhythm.last + 300 * WCI_SECOND);
    ck_assert_int_eq(rhythm.interval, 300 * WCI_SECOND);
    ck_assert_int_eq(rhythm.odd, 0);
}
END_TEST

START_TEST(a_vigil_begins_anew_when_a_clock_jumps)
{
    struct wci_vigil vigil = {0};
    wci_vigil_look(&vigil, AT, 1000);
    ck_assert_int_eq(vigil.since, AT);
    for (int i = 1; i <= 3600; i++) /* a clock that is slewed by a tenth of a second each minute */
        wci_vigil_look(&vigil, AT + i * (60 * WCI_SECOND + WCI_SECOND / 10),
                       1000 + i * 60 * WCI_SECOND);
    ck_assert_int_eq(vigil.since, AT);
    int64_t wall = AT + 90 * WCI_DAY, monotonic = 1000 + 90 * WCI_DAY;
    wci_vigil_look(&vigil, wall, monotonic); /* slewed back by six minutes, or set */
    ck_assert_int_eq(vigil.since, wall);
    wci_vigil_look(&vigil, wall + WCI_DAY, monotonic + WCI_SECOND); /* it slept for a day */
    ck_assert_int_eq(vigil.since, wall + WCI_DAY);
}
END_TEST

START_TEST(silence_counts_while_somebody_listens)
{
    struct wci_vigil vigil = {AT, AT, true};
    const int64_t off = 900 * WCI_SECOND;
    int64_t heard = AT - 5 * WCI_DAY;
    ck_assert_int_eq(wci_judge_silence(heard, &vigil, off, AT), WCI_VERDICT_KEEP);
    ck_assert_int_eq(wci_judge_silence(heard, &vigil, off, AT + off), WCI_VERDICT_KEEP);
    ck_assert_int_eq(wci_judge_silence(heard, &vigil, off, AT + off + 1), WCI_VERDICT_RAISE);
    heard = AT + WCI_DAY;
    ck_assert_int_eq(wci_judge_silence(heard, &vigil, off, heard + off), WCI_VERDICT_CLEAR);
    ck_assert_int_eq(wci_judge_silence(heard, &vigil, off, heard + off + 1), WCI_VERDICT_RAISE);
    ck_assert_int_eq(wci_judge_silence(WILDCAM_TIME_NONE, &vigil, off, AT), WCI_VERDICT_KEEP);
}
END_TEST

/* A year of a camera that reports every 300 seconds or so, loses one report in ten, and is away for
 * an hour or more now and then: each absence is one alert, and nothing else is. */
START_TEST(a_year_has_an_alert_for_each_absence)
{
    struct wci_rhythm rhythm = {.last = WILDCAM_TIME_NONE};
    struct wci_vigil vigil = {0};
    uint64_t chance = (uint64_t)_i;
    int absences = 0, raised = 0, cleared = 0;
    bool is_open = false;
    int64_t due = AT, heard = AT;
    for (int64_t now = AT; now < AT + 365 * WCI_DAY; now += 30 * WCI_SECOND) {
        wci_vigil_look(&vigil, now, now - AT);
        if (now >= due) {
            chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            unsigned roll = (unsigned)(chance >> 33);
            heard = now;
            wci_rhythm_note(&rhythm, now);
            due = now + 290 * WCI_SECOND + roll % 20 * WCI_SECOND;
            if (roll % 5000 == 0) {
                due += 3600 * WCI_SECOND + roll % 200000 * WCI_SECOND;
                absences++;
            } else if (roll % 10 == 0) {
                due += 300 * WCI_SECOND;
            }
        }
        enum wci_verdict verdict = wci_judge_silence(heard, &vigil, wci_hold_off(&rhythm, 0), now);
        raised += verdict == WCI_VERDICT_RAISE && !is_open;
        cleared += verdict == WCI_VERDICT_CLEAR && is_open;
        is_open = verdict == WCI_VERDICT_RAISE || (is_open && verdict == WCI_VERDICT_KEEP);
    }
    ck_assert_int_gt(absences, 3);
    ck_assert_int_eq(raised, absences);
    ck_assert_int_eq(cleared + is_open, absences);
}
END_TEST

/* ---- shared ids ---- */

START_TEST(versions_that_go_to_and_fro_are_two_devices)
{
    struct wci_flap_word word = {0};
    int64_t a = wci_flap_hash("1.0"), b = wci_flap_hash("2.0"), c = wci_flap_hash("3.0");
    ck_assert(!wci_flap_word_note(&word, a, AT, WCI_FLAP_WINDOW, 2));
    ck_assert(!wci_flap_word_note(&word, a, AT, WCI_FLAP_WINDOW, 2));
    ck_assert(!wci_flap_word_note(&word, b, AT, WCI_FLAP_WINDOW, 2)); /* an update */
    ck_assert(!wci_flap_word_note(&word, c, AT, WCI_FLAP_WINDOW, 2)); /* another */
    ck_assert(!wci_flap_word_note(&word, b, AT, WCI_FLAP_WINDOW, 2)); /* that was taken back */
    ck_assert(wci_flap_word_note(&word, c, AT + WCI_DAY, WCI_FLAP_WINDOW, 2));
    ck_assert(!wci_flap_word_note(&word, c, AT + WCI_DAY, WCI_FLAP_WINDOW, 2));
    ck_assert(wci_flap_word_note(&word, b, AT + WCI_DAY, WCI_FLAP_WINDOW, 2));
    /* Long after that it is a first time again. */
    ck_assert(!wci_flap_word_note(&word, c, AT + 3 * WCI_DAY, WCI_FLAP_WINDOW, 2));
}
END_TEST

START_TEST(addresses_that_only_change_are_one_device)
{
    struct wci_flap_word word = {0};
    char text[20];
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "10.0.%d.%d", i / 256, i % 256);
        ck_assert(!wci_flap_word_note(&word, wci_flap_hash(text), AT + i * WCI_SECOND,
                                      WCI_ORIGIN_WINDOW, WCI_ORIGIN_RETURNS_MOST));
    }
    ck_assert_int_ne(wci_flap_hash(""), 0);
}
END_TEST

START_TEST(a_place_may_wander_and_move_but_not_fly)
{
    struct wci_watch watch;
    wci_watch_init(&watch, 1);
    struct wci_flap_place *place = &watch.place;
    ck_assert(!wci_flap_place_note(place, 47, 8, AT));
    ck_assert(!wci_flap_place_note(place, 47.0018, 8, AT + 1));      /* 200 m */
    ck_assert(!wci_flap_place_note(place, 48, 8, AT + WCI_DAY));     /* carried for 111 km */
    ck_assert(!wci_flap_place_note(place, 47, 8, AT + 3 * WCI_DAY)); /* and back */
    ck_assert(wci_flap_place_note(place, 48, 8, AT + 3 * WCI_DAY + 600 * WCI_SECOND));
    wci_watch_init(&watch, 1);
    ck_assert(!wci_flap_place_note(place, 47, 8, AT));
    ck_assert(!wci_flap_place_note(place, 47.005, 8, AT + 60 * WCI_SECOND)); /* 556 m */
    ck_assert(!wci_flap_place_note(place, 47, 8, AT + 120 * WCI_SECOND));
    ck_assert(wci_flap_place_note(place, 47.005, 8, AT + 180 * WCI_SECOND));
}
END_TEST

/* ---- words ---- */

START_TEST(kinds_and_severities_have_names)
{
    ck_assert_str_eq(wci_alert_kind_name(WILDCAM_ALERT_OFFLINE), "offline");
    ck_assert_int_eq(wci_alert_kind_severity(WILDCAM_ALERT_OFFLINE), WILDCAM_SEVERITY_CRITICAL);
    ck_assert_str_eq(wci_severity_name(WILDCAM_SEVERITY_WARNING), "warning");
    ck_assert_str_eq(wci_alert_kind_name(-1), "unknown");
    ck_assert_str_eq(wci_alert_kind_name(99), "unknown");
    ck_assert_str_eq(wci_severity_name(3), "unknown");
    ck_assert_int_eq(wci_alert_kind_severity(99), -1);
    for (int kind = 0; wci_alert_kind_severity(kind) >= 0; kind++)
        ck_assert_int_eq(wci_alert_kind_find(wci_alert_kind_name(kind)), kind);
    ck_assert_int_eq(wci_alert_kind_find("unknown"), -1);
}
END_TEST

START_TEST(species_are_found_in_a_list)
{
    static const char list[] = "Lynx lynx, Gulo gulo ,Felis silvestris";
    ck_assert(wci_species_is_listed(list, "lynx lynx"));
    ck_assert(wci_species_is_listed(list, "Gulo gulo"));
    ck_assert(wci_species_is_listed(list, "FELIS SILVESTRIS"));
    ck_assert(!wci_species_is_listed(list, "Lynx"));
    ck_assert(!wci_species_is_listed(list, "Lynx lynx, Gulo gulo"));
    ck_assert(!wci_species_is_listed(list, "silvestris"));
    ck_assert(!wci_species_is_listed(list, ""));
    ck_assert(!wci_species_is_listed("", "Lynx lynx"));
    ck_assert(!wci_species_is_listed(", ,", ""));
}
END_TEST

START_TEST(an_alert_is_json)
{
    wildcam_alert alert;
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wci_alert_init(&alert, WILDCAM_ALERT_LOW_BATTERY);
    alert.id = 7;
    alert.count = 2;
    alert.value = 17.5;
    alert.raised_at = AT;
    wci_text_add(&alert.device_id, "gate");
    wci_text_add(&alert.text, "the battery is \"low\"");
    wci_alert_write_json(&alert, &json);
    json_t *object = json_loads(wci_text_get(&text), 0, NULL);
    ck_assert_ptr_nonnull(object);
    ck_assert_str_eq(json_string_value(json_object_get(object, "kind")), "low_battery");
    ck_assert_str_eq(json_string_value(json_object_get(object, "severity")), "warning");
    ck_assert_str_eq(json_string_value(json_object_get(object, "device_id")), "gate");
    ck_assert_str_eq(json_string_value(json_object_get(object, "text")), "the battery is \"low\"");
    ck_assert(json_is_true(json_object_get(object, "open")));
    ck_assert(json_is_null(json_object_get(object, "detection_id")));
    ck_assert(json_is_null(json_object_get(object, "cleared_at")));
    ck_assert(json_real_value(json_object_get(object, "value")) == 17.5);
    json_decref(object);
    wci_text_free(&text);
    wci_alert_release(&alert);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("alert");
    TCase *rules = harness_case(suite, "rules"), *words = harness_case(suite, "words");
    tcase_add_loop_test(rules, batteries_are_judged, 0,
                        (int)(sizeof batteries / sizeof batteries[0]));
    tcase_add_test(rules, a_battery_at_its_limit_raises_one_alert);
    tcase_add_test(rules, the_disk_is_judged);
    tcase_add_test(rules, an_interval_is_learned);
    tcase_add_test(rules, posts_of_one_waking_are_one_report);
    tcase_add_test(rules, what_is_not_known_is_300_seconds);
    tcase_add_test(rules, one_outage_is_no_interval_and_two_alike_are);
    tcase_add_test(rules, reports_at_once_and_clocks_set_back_teach_nothing);
    tcase_add_test(rules, a_vigil_begins_anew_when_a_clock_jumps);
    tcase_add_test(rules, silence_counts_while_somebody_listens);
    tcase_add_loop_test(rules, a_year_has_an_alert_for_each_absence, 0, 5);
    tcase_add_test(rules, versions_that_go_to_and_fro_are_two_devices);
    tcase_add_test(rules, addresses_that_only_change_are_one_device);
    tcase_add_test(rules, a_place_may_wander_and_move_but_not_fly);
    tcase_add_test(words, kinds_and_severities_have_names);
    tcase_add_test(words, species_are_found_in_a_list);
    tcase_add_test(words, an_alert_is_json);
    return suite;
}
