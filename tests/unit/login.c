/* What a login does with the throttle, and with others that are under way. */
#include "api/fixtures.h"
#include "base/calendar.h"
#include "station/access.h"
#include "unit/unit.h"

#define PASSWORD "correct horse 7"

static wildcam_station *station;

static void set_up(void)
{
    station = open_with("auth.password_cost", "10", NULL);
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
}

static void tear_down(void)
{
    wildcam_station_close(station);
}

static void assert_login(const char *origin, const char *password, wildcam_status wanted)
{
    wildcam_session *session = (void *)&session;
    assert_status(wanted, wildcam_station_login(station, "ann", password, origin, &session));
    ck_assert(wanted == WILDCAM_OK || !session);
    ck_assert((wanted == WILDCAM_OK) == (wildcam_error_message()[0] == '\0'));
    if (wanted == WILDCAM_OK)
        wildcam_session_free(session);
}

static int64_t wait_of(const char *name, const char *origin)
{
    int64_t wait;
    assert_done(wci_station_login_wait(station, name, origin, &wait));
    return wait;
}

/* As if there had been so many failures just now. */
static void fail_login(const char *name, const char *origin, int times)
{
    struct wci_attempt attempt;
    assert_done(wci_throttle_attempt(&station->throttle, name, origin, &attempt));
    while (times-- > 0)
        wci_throttle_failed(&station->throttle, &attempt, wci_calendar_monotonic());
}

START_TEST(one_that_comes_too_soon_is_not_looked_at)
{
    int seconds;
    wildcam_session *session;
    fail_login("ann", "here", 100);
    assert_ok(wildcam_station_login_wait(station, "ann", "here", &seconds));
    ck_assert_int_gt(seconds, 90 * 60);
    ck_assert_int_le(seconds, 91 * 60);
    int64_t paid_at = station->throttle.paid_at;
    assert_fails(WILDCAM_ERR_LIMITED, "too many logins failed: try again in",
                 wildcam_station_login(station, "ann", PASSWORD, "here", &session));
    assert_login("here", PASSWORD "!", WILDCAM_ERR_LIMITED);
    ck_assert_int_eq(station->throttle.paid_at, paid_at); /* it did not count */
}
END_TEST

START_TEST(failures_count_for_name_and_origin)
{
    fail_login("ann", "here", 9);
    fail_login("ann", "there", 10);
    ck_assert_int_eq(wait_of("ann", "here"), 0);
    assert_login("here", PASSWORD "!", WILDCAM_ERR_AUTH);
    ck_assert_int_gt(wait_of("ann", "here"), 0);
    ck_assert_int_gt(wait_of("eve", "here"), 0); /* who does not exist is told no other thing */
    ck_assert_int_eq(wait_of("ann", "anywhere"), 0);
    fail_login("ann", "anywhere", 9);
    assert_login("anywhere", "", WILDCAM_ERR_AUTH);
    ck_assert_int_gt(wait_of("ann", "elsewhere"), 0); /* thirty */
    ck_assert_int_eq(wait_of("eve", "elsewhere"), 0);
}
END_TEST

START_TEST(names_that_nobody_has_count_as_well)
{
    static const char *const nobodys[] = {"eve", "a b", "", PASSWORD};
    wildcam_session *session;
    fail_login("eve", "here", 6);
    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++) {
        ck_assert_int_eq(wait_of("ann", "here"), 0);
        assert_status(WILDCAM_ERR_AUTH,
                      wildcam_station_login(station, nobodys[i], PASSWORD, "here", &session));
        ck_assert_ptr_null(strstr(wildcam_error_message(), PASSWORD));
    }
    ck_assert_int_gt(wait_of("ann", "here"), 0);
}
END_TEST

START_TEST(success_is_remembered)
{
    assert_login("here", PASSWORD, WILDCAM_OK);
    for (int i = 0; i < 100; i++)
        fail_login("ann", NULL, 1);
    assert_login("here", PASSWORD, WILDCAM_OK);
    assert_login("there", PASSWORD, WILDCAM_ERR_LIMITED);
    assert_login(NULL, PASSWORD, WILDCAM_ERR_LIMITED);
}
END_TEST

START_TEST(too_many_at_once_are_sent_away)
{
    wildcam_session *session = (void *)&session;
    station->hashing = 8; /* as many as may wait */
    assert_fails(WILDCAM_ERR_BUSY, "8 logins are being worked out",
                 wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    ck_assert_ptr_null(session);
    assert_fails(WILDCAM_ERR_BUSY, "try again in a moment",
                 wildcam_station_create_user(station, "bob", WILDCAM_ROLE_VIEWER, PASSWORD));
    fail_login("ann", "here", 10); /* who is not let in the line is not told that it is long */
    assert_login("here", PASSWORD, WILDCAM_ERR_LIMITED);
    station->hashing = 7;
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    ck_assert_int_eq(station->hashing, 7);
    station->hashing = 0;
    wildcam_session_free(session);
}
END_TEST

/* Keeps the password as it would have been hashed at that cost. */
static void keep_at_cost(uint32_t log_n, uint32_t times)
{
    struct wci_password password = {.salt = "sixteen bytes!!", .cost = {log_n, 8, times}};
    struct wci_access_change change = {
        .step = WCI_ACCESS_SET_PASSWORD, .id = "ann", .password = &password};
    assert_done(wci_digest_stretch(PASSWORD, password.salt, sizeof password.salt, &password.cost,
                                   password.hash));
    assert_done(station->store.ops->change_access(station->store.backend, &change));
}

static struct wci_password kept(void)
{
    wildcam_access user;
    struct wci_password password;
    assert_done(station->store.ops->find_user(station->store.backend, "ann", &user, &password));
    return password;
}

static void assert_cost(uint32_t log_n, uint32_t times)
{
    struct wci_password password = kept();
    ck_assert_uint_eq(password.cost.log_n, log_n);
    ck_assert_uint_eq(password.cost.blocks, 8);
    ck_assert_uint_eq(password.cost.times, times);
}

/* A password that was made with another cost goes on to be right: the cost stands beside the hash.
 * With the next login it is that of new ones, unless it is more. */
START_TEST(cost_rises_with_a_login)
{
    static const uint32_t weaker[][2] = {{8, 3}, {10, 1}, {12, 2}};
    for (size_t i = 0; i < sizeof weaker / sizeof weaker[0]; i++) {
        keep_at_cost(weaker[i][0], weaker[i][1]);
        assert_login(NULL, PASSWORD "!", WILDCAM_ERR_AUTH);
        assert_cost(weaker[i][0], weaker[i][1]);
        assert_login(NULL, PASSWORD, WILDCAM_OK);
        assert_cost(10, 3);
        assert_login(NULL, PASSWORD "!", WILDCAM_ERR_AUTH);
        struct wci_password before = kept();
        assert_login(NULL, PASSWORD, WILDCAM_OK);
        struct wci_password after = kept();
        ck_assert_mem_eq(&before, &after, sizeof before);
    }
    keep_at_cost(11, 4);
    assert_login(NULL, PASSWORD, WILDCAM_OK);
    assert_cost(11, 4);
}
END_TEST

START_TEST(sessions_outlast_another_hash)
{
    wildcam_session *before, *after;
    wildcam_access *access;
    keep_at_cost(8, 3);
    struct wci_password weak = kept();
    struct wci_access_change change = {.step = WCI_ACCESS_ADD_SESSION, .password = &weak};
    struct wci_session row = {.id = "0123456789abcdef0123456789abcdef",
                              .user = "ann",
                              .access_until = INT64_MAX,
                              .refresh_until = INT64_MAX};
    change.session = &row;
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &before));
    assert_cost(10, 3);
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &after));
    assert_ok(
        wildcam_station_check_access(station, wildcam_session_get_access_token(before), &access));
    wildcam_access_free(access);
    wildcam_access found;
    assert_done(station->store.ops->find_session(station->store.backend, row.id, &row, &found));
    wildcam_session_free(before);
    wildcam_session_free(after);
}
END_TEST

START_TEST(cost_that_nobody_chose_is_refused)
{
    struct wci_password password = kept();
    struct wci_access_change change = {
        .step = WCI_ACCESS_SET_PASSWORD, .id = "ann", .password = &password};
    password.cost.log_n = 60;
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    assert_login(NULL, PASSWORD, WILDCAM_ERR_CORRUPT);
}
END_TEST

/* ---- what others do in between ---- */

static struct wci_backend_ops ops;
static const struct wci_backend_ops *real_ops;
static enum wci_access_step interrupted;
static void (*interrupt)(void);
static int interruptions;

/* Before the step is taken somebody else does something, so many times. */
static wildcam_status change_interrupted(wci_backend *backend, const struct wci_access_change *wish)
{
    if (wish->step == interrupted && interruptions > 0) {
        interruptions--;
        station->store.ops = real_ops;
        interrupt();
        station->store.ops = &ops;
    }
    return real_ops->change_access(backend, wish);
}

static void interrupt_at(enum wci_access_step step, void (*by)(void), int times)
{
    real_ops = station->store.ops;
    ops = *real_ops;
    ops.change_access = change_interrupted;
    interrupted = step;
    interrupt = by;
    interruptions = times;
    station->store.ops = &ops;
}

static void go_on(void)
{
    ck_assert_int_eq(interruptions, 0);
    station->store.ops = real_ops;
}

static void hash_anew(void)
{
    keep_at_cost(10, 3);
}

static void set_another_password(void)
{
    assert_ok(wildcam_station_set_password(station, "ann", "battery staple 8"));
}

START_TEST(another_hash_of_the_same_password_keeps_nobody_out)
{
    keep_at_cost(8, 3);
    interrupt_at(WCI_ACCESS_ADD_SESSION, hash_anew, 1);
    assert_login("here", PASSWORD, WILDCAM_OK);
    go_on();
    assert_cost(10, 3);
}
END_TEST

START_TEST(another_password_does)
{
    interrupt_at(WCI_ACCESS_ADD_SESSION, set_another_password, 1);
    assert_login("here", PASSWORD, WILDCAM_ERR_AUTH);
    go_on();
    assert_login("here", "battery staple 8", WILDCAM_OK);
}
END_TEST

static char token[WILDCAM_KEY_TEXT], renewed_token[WILDCAM_KEY_TEXT];

static void log_out(void)
{
    assert_ok(wildcam_station_logout(station, token));
}

static void remove_ann(void)
{
    assert_ok(wildcam_station_remove_user(station, "ann"));
}

static void renew(void)
{
    wildcam_session *session;
    assert_ok(wildcam_station_refresh_login(station, token, &session));
    snprintf(renewed_token, sizeof renewed_token, "%s", wildcam_session_get_refresh_token(session));
    wildcam_session_free(session);
}

static void begin_with_a_token(void)
{
    wildcam_session *session;
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    snprintf(token, sizeof token, "%s", wildcam_session_get_refresh_token(session));
    wildcam_session_free(session);
}

static void assert_refresh_refused(void)
{
    wildcam_session *session;
    assert_fails(WILDCAM_ERR_AUTH, "the key or token is not valid",
                 wildcam_station_refresh_login(station, token, &session));
}

/* Who has logged out, or is gone, while his token was looked at is not told of as if it were in two
 * hands. */
START_TEST(session_that_ended_meanwhile_is_no_alarm)
{
    static void (*const ends[])(void) = {log_out, set_another_password, remove_ann};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (i == 2)
            assert_ok(wildcam_station_set_password(station, "ann", PASSWORD));
        begin_with_a_token();
        interrupt_at(WCI_ACCESS_RENEW_SESSION, ends[i], 1);
        assert_refresh_refused(); /* and no warning, which would be a failure of the test */
        go_on();
        assert_refresh_refused();
    }
}
END_TEST

START_TEST(token_in_two_hands_is_one)
{
    expect_log("a refresh token of ann was shown that is not the last of its session");
    begin_with_a_token();
    interrupt_at(WCI_ACCESS_RENEW_SESSION, renew, 1);
    assert_refresh_refused();
    go_on();
    ck_assert_int_eq(count_log("is not the last of its session"), 1);
    snprintf(token, sizeof token, "%s", renewed_token);
    assert_refresh_refused(); /* it ended for both */
    ck_assert_int_eq(count_log("is not the last of its session"), 1);
}
END_TEST

/* Between the look at the password and the session another process may have changed it. */
START_TEST(session_needs_the_password_that_was_looked_at)
{
    wildcam_access user;
    struct wci_password password;
    struct wci_session session = {.id = "0123456789abcdef0123456789abcdef", .user = "ann"};
    struct wci_access_change change = {
        .step = WCI_ACCESS_ADD_SESSION, .session = &session, .password = &password};
    assert_done(station->store.ops->find_user(station->store.backend, "ann", &user, &password));
    assert_ok(wildcam_station_set_password(station, "ann", "battery staple 8"));
    assert_status(WILDCAM_ERR_NOTFOUND,
                  station->store.ops->change_access(station->store.backend, &change));
}
END_TEST

START_TEST(tokens_past_their_time_are_refused_and_swept)
{
    wildcam_session *session, *other;
    wildcam_access *access, found;
    struct wci_session row;
    struct wci_credential shown;
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &other));
    assert_done(wci_credential_read(session->refresh_token, &shown));
    assert_done(station->store.ops->find_session(station->store.backend, shown.id, &row, &found));
    struct wci_access_change change = {
        .step = WCI_ACCESS_RENEW_SESSION, .session = &row, .hash = shown.hash};
    row.access_until = 1;
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    assert_status(WILDCAM_ERR_AUTH,
                  wildcam_station_check_access(station, session->access_token, &access));
    row.refresh_until = 1;
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    wildcam_session *none;
    assert_status(WILDCAM_ERR_AUTH,
                  wildcam_station_refresh_login(station, session->refresh_token, &none));
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_logout(station, session->refresh_token));
    assert_ok(wildcam_station_maintain(station, 60000));
    assert_status(WILDCAM_ERR_NOTFOUND,
                  station->store.ops->find_session(station->store.backend, shown.id, &row, &found));
    assert_ok(wildcam_station_check_access(station, other->access_token, &access));
    wildcam_access_free(access);
    wildcam_session_free(session);
    wildcam_session_free(other);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("login");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 120);
    tcase_add_test(all, one_that_comes_too_soon_is_not_looked_at);
    tcase_add_test(all, failures_count_for_name_and_origin);
    tcase_add_test(all, names_that_nobody_has_count_as_well);
    tcase_add_test(all, success_is_remembered);
    tcase_add_test(all, too_many_at_once_are_sent_away);
    tcase_add_test(all, cost_rises_with_a_login);
    tcase_add_test(all, sessions_outlast_another_hash);
    tcase_add_test(all, cost_that_nobody_chose_is_refused);
    tcase_add_test(all, another_hash_of_the_same_password_keeps_nobody_out);
    tcase_add_test(all, another_password_does);
    tcase_add_test(all, session_that_ended_meanwhile_is_no_alarm);
    tcase_add_test(all, token_in_two_hands_is_one);
    tcase_add_test(all, session_needs_the_password_that_was_looked_at);
    tcase_add_test(all, tokens_past_their_time_are_refused_and_swept);
    return suite;
}
