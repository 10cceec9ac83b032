/* Alerts: one that is open for each subject, whoever finds it, and their way out. */
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/subject.h"

static struct subject subject;
static int64_t clock_now = INT64_C(1796000000) * WCI_SECOND;

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
}

static void tear_down(void)
{
    assert_whole(&subject);
    subject_close(&subject);
}

static const char *sentence = "its battery is low"; /* of all alerts, until a test sets it */

static wildcam_status wish_on(wci_backend *backend, enum wci_alert_step step, const char *name,
                              bool *changed)
{
    wildcam_alert alert;
    wci_alert_init(&alert, WILDCAM_ALERT_LOW_BATTERY);
    wci_text_add(&alert.subject, name);
    wci_text_add(&alert.device_id, name);
    wci_text_add(&alert.text, sentence);
    struct wci_alert_wish wish = {.step = step, .alert = &alert, .reason = "it is charged"};
    wildcam_status status = subject.ops->change_alerts(backend, &wish, 1, clock_now);
    if (changed)
        *changed = wish.is_changed;
    wci_alert_release(&alert);
    return status;
}

static bool wish(enum wci_alert_step step, const char *name)
{
    bool changed;
    assert_op(wish_on(subject.backend, step, name, &changed));
    return changed;
}

static int64_t count_open(void)
{
    int64_t counts[WCI_ALERT_KINDS];
    assert_op(subject.ops->count_open_alerts(subject.backend, counts));
    return counts[WILDCAM_ALERT_LOW_BATTERY];
}

static int64_t open_id(const char *name)
{
    int64_t id;
    assert_op(subject.ops->find_open_alert(subject.backend, WILDCAM_ALERT_LOW_BATTERY, name, &id));
    return id;
}

static wildcam_alert get(int64_t id)
{
    wildcam_alert alert;
    wci_alert_init(&alert, 0);
    assert_op(subject.ops->get_alert(subject.backend, id, &alert));
    return alert;
}

START_TEST(it_says_what_was_found_last)
{
    const char *usual = sentence;
    ck_assert(wish(WCI_ALERTS_FIND, "a"));
    sentence = "its battery is lower";
    ck_assert(!wish(WCI_ALERTS_FIND, "a"));
    sentence = usual;
    wildcam_alert alert = get(open_id("a"));
    ck_assert_str_eq(wci_text_get(&alert.text), "its battery is lower");
    wci_alert_release(&alert);
}
END_TEST

START_TEST(one_is_open_for_a_subject)
{
    ck_assert(wish(WCI_ALERTS_FIND, "a"));
    ck_assert(!wish(WCI_ALERTS_FIND, "a"));
    ck_assert(!wish(WCI_ALERTS_ENSURE, "a"));
    ck_assert(wish(WCI_ALERTS_ENSURE, "b"));
    wildcam_alert alert = get(open_id("a"));
    ck_assert_int_eq(alert.count, 2);
    wci_alert_release(&alert);
    ck_assert(wish(WCI_ALERTS_CLEAR, "a"));
    ck_assert(!wish(WCI_ALERTS_CLEAR, "a"));
    ck_assert_int_eq(open_id("a"), 0);
    ck_assert_int_eq(count_open(), 1);
    ck_assert(wish(WCI_ALERTS_FIND, "a"));
    ck_assert_int_eq(open_id("a"), 3);
}
END_TEST

/* In a process of its own, on a backend of its own. */
static int find_often(int times, bool and_clear)
{
    wci_backend *backend;
    int changes = 0;
    if (subject.ops->open(subject.conf, &subject.log, &backend) != WILDCAM_OK)
        return 200;
    for (int i = 0; i < times; i++) {
        bool changed = false;
        enum wci_alert_step step = and_clear && i % 2 ? WCI_ALERTS_CLEAR : WCI_ALERTS_FIND;
        if (wish_on(backend, step, "a", &changed) != WILDCAM_OK)
            return 201;
        changes += changed;
    }
    subject.ops->close(backend, false);
    return changes;
}

/* Whoever comes first of several processes that find the same at once raises it, and nobody else.
 */
START_TEST(processes_that_find_the_same_raise_it_once)
{
    enum { PROCESSES = 4, TIMES = 50 };
    pid_t children[PROCESSES];
    int raised = 0;
    subject.ops->close(subject.backend, false); /* nothing is held over the fork */
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(find_often(TIMES, false));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_lt(WEXITSTATUS(status), 200);
        raised += WEXITSTATUS(status);
    }
    assert_op(subject.ops->open(subject.conf, &subject.log, &subject.backend));
    ck_assert_int_eq(raised, 1);
    wildcam_alert alert = get(open_id("a"));
    ck_assert_int_eq(alert.count, PROCESSES * TIMES);
    wci_alert_release(&alert);
}
END_TEST

/* ---- rare species ---- */

START_TEST(what_is_announced_is_found_until_it_is_settled)
{
    struct wci_sighting found[4];
    size_t got;
    bool has = true;
    struct wci_sighting announced[2] = {{.camera = subject.cameras[0],
                                         .species = subject.species[7],
                                         .time = 5,
                                         .confidence = 0.95,
                                         .announced_at = 100},
                                        {.camera = subject.cameras[1],
                                         .species = subject.species[8],
                                         .time = 6,
                                         .confidence = 0.97,
                                         .announced_at = 200}};
    assert_op(subject.ops->announce_sightings(subject.backend, announced, 2));
    assert_op(subject.ops->find_sightings(subject.backend, 100, found, 4, &got));
    ck_assert_uint_eq(got, 0);
    subject_reopen(&subject); /* as after a crash */
    assert_op(subject.ops->find_sightings(subject.backend, 201, found, 4, &got));
    ck_assert_uint_eq(got, 2);
    ck_assert_str_eq(found[1].camera->text, subject.cameras[1]->text);
    ck_assert_str_eq(found[0].species->text, subject.species[7]->text);
    ck_assert_int_eq(found[0].time, 5);
    ck_assert(found[1].confidence == 0.97);
    struct wci_alert_wish wishes[2] = {
        {.step = WCI_ALERTS_DROP, .sighting = found[0].id},
        {.step = WCI_ALERTS_DROP, .sighting = found[1].id, .species_id = found[1].species->id}};
    assert_op(subject.ops->change_alerts(subject.backend, wishes, 2, 1));
    assert_op(subject.ops->find_sightings(subject.backend, 201, found, 4, &got));
    ck_assert_uint_eq(got, 0);
    assert_op(subject.ops->has_seen_species(subject.backend, subject.species[7]->id, &has));
    ck_assert(!has);
    assert_op(subject.ops->has_seen_species(subject.backend, subject.species[8]->id, &has));
    ck_assert(has);
}
END_TEST

/* ---- the outbox ---- */

static char addresses[2][WCI_TARGET_TEXT] = {"0123456789abcdef", "fedcba9876543210"};
enum { LEASE = 77, OTHER = 78, LIMIT = 8 };

static size_t claim(int address, int64_t now, int64_t lease, struct wci_delivery *found)
{
    size_t got;
    const struct wci_targets targets = {&addresses[address], 1, 0};
    memset(found, 0, LIMIT * sizeof *found);
    assert_op(subject.ops->claim_deliveries(subject.backend, &targets, now, lease,
                                            now + 60 * WCI_SECOND, found, LIMIT, &got));
    return got;
}

static void release(struct wci_delivery *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wci_text_free(&found[i].event);
        wci_text_free(&found[i].alert);
    }
}

static void end(const struct wci_delivery *delivery, enum wci_delivery_step step, int64_t lease,
                int64_t now, int64_t due)
{
    struct wci_delivery_end wish = {
        .step = step, .delivery = delivery, .lease = lease, .now = now, .due = due, .error = "500"};
    assert_op(subject.ops->end_delivery(subject.backend, &wish));
}

START_TEST(an_address_gets_what_comes_after_it_in_order_and_once)
{
    struct wci_delivery found[LIMIT], again[LIMIT];
    int64_t now = clock_now;
    char delivery[WCI_DELIVERY_TEXT];
    wish(WCI_ALERTS_FIND, "before");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0); /* it is known from here on */
    wish(WCI_ALERTS_FIND, "a");
    wish(WCI_ALERTS_FIND, "b");
    wish(WCI_ALERTS_CLEAR, "a");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 2); /* that it is over waits */
    ck_assert_str_eq(wci_text_get(&found[0].event), "raised");
    ck_assert_ptr_nonnull(strstr(wci_text_get(&found[0].alert), "\"device_id\":\"a\""));
    ck_assert_uint_eq(claim(0, now, OTHER, again), 0);   /* somebody has them */
    end(&found[0], WCI_DELIVERY_RETRY, OTHER, now, now); /* not his */
    ck_assert_uint_eq(claim(0, now, OTHER, again), 0);
    snprintf(delivery, sizeof delivery, "%s", found[0].delivery);
    end(&found[0], WCI_DELIVERY_RETRY, LEASE, now, now + 10 * WCI_SECOND);
    end(&found[1], WCI_DELIVERY_DONE, LEASE, now, 0);
    release(found, 2);
    ck_assert_uint_eq(claim(0, now + 9 * WCI_SECOND, LEASE, found), 0);
    ck_assert_uint_eq(claim(0, now + 10 * WCI_SECOND, LEASE, found), 1);
    ck_assert_str_eq(found[0].delivery, delivery);
    ck_assert_int_eq(found[0].attempts, 1);
    end(&found[0], WCI_DELIVERY_DONE, LEASE, now, 0);
    release(found, 1);
    ck_assert_uint_eq(claim(0, now, LEASE, found), 1);
    ck_assert_str_eq(wci_text_get(&found[0].event), "cleared");
    release(found, 1);
    /* Whoever had it has died. */
    ck_assert_uint_eq(claim(0, now + 59 * WCI_SECOND, OTHER, again), 0);
    ck_assert_uint_eq(claim(0, now + 61 * WCI_SECOND, OTHER, again), 1);
    end(&again[0], WCI_DELIVERY_GIVE_BACK, OTHER, now, 0);
    release(again, 1);
    ck_assert_uint_eq(claim(0, now, LEASE, found), 1);
    ck_assert_int_eq(found[0].attempts, 0);
    release(found, 1);
    ck_assert_uint_eq(claim(1, now, LEASE, found), 0); /* another knows nothing of all that */
}
END_TEST

START_TEST(an_address_that_wants_no_more_gets_none_until_it_does)
{
    struct wci_delivery found[LIMIT];
    struct wci_delivery_figures figures;
    const struct wci_targets targets = {&addresses[0], 1, 0};
    int64_t now = clock_now;
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0);
    wish(WCI_ALERTS_FIND, "a");
    wish(WCI_ALERTS_FIND, "b");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 2);
    end(&found[1], WCI_DELIVERY_GIVE_BACK, LEASE, now, 0);
    end(&found[0], WCI_DELIVERY_STOP, LEASE, now, 0);
    release(found, 2);
    wish(WCI_ALERTS_FIND, "c");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0);
    assert_op(subject.ops->count_deliveries(subject.backend, &targets, now, &figures));
    ck_assert_int_eq(figures.owed, 0);
    ck_assert_int_eq(figures.parked, 2);
    assert_op(subject.ops->revive_target(subject.backend, addresses[0], now));
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0);
    wish(WCI_ALERTS_FIND, "d");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 1);
    release(found, 1);
}
END_TEST

/* Three are given up: one of an alert that is over, one of an open one, and that one is over which
 * was told. */
START_TEST(a_test_that_is_taken_brings_back_what_still_matters)
{
    struct wci_delivery found[LIMIT];
    int64_t now = clock_now;
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0);
    wish(WCI_ALERTS_FIND, "over");
    wish(WCI_ALERTS_FIND, "open");
    wish(WCI_ALERTS_FIND, "told");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 3);
    end(&found[0], WCI_DELIVERY_PARK, LEASE, now, 0);
    end(&found[1], WCI_DELIVERY_PARK, LEASE, now, 0);
    end(&found[2], WCI_DELIVERY_DONE, LEASE, now, 0);
    release(found, 3);
    wish(WCI_ALERTS_CLEAR, "over");
    wish(WCI_ALERTS_CLEAR, "told");
    ck_assert_uint_eq(claim(0, now, LEASE, found), 2);
    end(&found[0], WCI_DELIVERY_PARK, LEASE, now, 0);
    end(&found[1], WCI_DELIVERY_PARK, LEASE, now, 0);
    release(found, 2);
    ck_assert_uint_eq(claim(0, now, LEASE, found), 0);
    int64_t later = now + WCI_DAY;
    assert_op(subject.ops->revive_target(subject.backend, addresses[0], later));
    ck_assert_uint_eq(claim(0, later, LEASE, found), 2);
    ck_assert_ptr_nonnull(strstr(wci_text_get(&found[0].alert), "\"device_id\":\"open\""));
    ck_assert_str_eq(wci_text_get(&found[1].event), "cleared");
    ck_assert_ptr_nonnull(strstr(wci_text_get(&found[1].alert), "\"device_id\":\"told\""));
    ck_assert_int_eq(found[0].attempts, 0);
    ck_assert_int_eq(found[0].since, later);
    release(found, 2);
}
END_TEST

/* An address that was taken out and put back is not sent all that came about meanwhile. */
START_TEST(an_address_that_comes_back_begins_with_what_is_young)
{
    enum { LONG = 100 };
    struct wci_delivery found[LIMIT];
    int64_t begun = clock_now;
    size_t got;
    ck_assert_uint_eq(claim(0, begun, LEASE, found), 0);
    wish(WCI_ALERTS_FIND, "old");
    clock_now = begun + LONG * WCI_SECOND;
    wish(WCI_ALERTS_FIND, "young");
    const struct wci_targets targets = {&addresses[0], 1, LONG / 2 * WCI_SECOND};
    memset(found, 0, sizeof found);
    assert_op(subject.ops->claim_deliveries(subject.backend, &targets, clock_now, LEASE,
                                            clock_now + WCI_SECOND, found, LIMIT, &got));
    clock_now = begun;
    ck_assert_uint_eq(got, 1);
    ck_assert_ptr_nonnull(strstr(wci_text_get(&found[0].alert), "\"device_id\":\"young\""));
    release(found, got);
}
END_TEST

START_TEST(old_ones_go_with_all_that_is_theirs)
{
    struct wci_delivery found[LIMIT];
    int64_t dropped = -1;
    ck_assert_uint_eq(claim(0, clock_now, LEASE, found), 0);
    wish(WCI_ALERTS_FIND, "a");
    wish(WCI_ALERTS_FIND, "b");
    wish(WCI_ALERTS_CLEAR, "a");
    release(found, claim(0, clock_now, LEASE, found));
    assert_op(subject.ops->drop_alerts(subject.backend, clock_now, &dropped));
    ck_assert_int_eq(dropped, 0);
    assert_op(subject.ops->drop_alerts(subject.backend, clock_now + 1, &dropped));
    ck_assert_int_eq(dropped, 1);
    assert_op_fails(WILDCAM_ERR_NOTFOUND, "alert 1",
                    subject.ops->get_alert(subject.backend, 1, &(wildcam_alert){0}));
    ck_assert_int_eq(count_open(), 1);
    wish(WCI_ALERTS_FIND, "c");
    ck_assert_int_eq(open_id("c"), 3); /* no id is given again */
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("alerts");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, it_says_what_was_found_last);
    tcase_add_test(all, one_is_open_for_a_subject);
    tcase_add_test(all, processes_that_find_the_same_raise_it_once);
    tcase_add_test(all, what_is_announced_is_found_until_it_is_settled);
    tcase_add_test(all, an_address_gets_what_comes_after_it_in_order_and_once);
    tcase_add_test(all, an_address_that_wants_no_more_gets_none_until_it_does);
    tcase_add_test(all, a_test_that_is_taken_brings_back_what_still_matters);
    tcase_add_test(all, an_address_that_comes_back_begins_with_what_is_young);
    tcase_add_test(all, old_ones_go_with_all_that_is_theirs);
    return suite;
}
