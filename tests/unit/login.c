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
    station->hashing = 7;
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    ck_assert_int_eq(station->hashing, 7);
    station->hashing = 0;
    wildcam_session_free(session);
}
END_TEST

/* A password that was made with another cost goes on to be right: the cost stands beside the hash.
 */
START_TEST(cost_stands_beside_the_hash)
{
    struct wci_password password = {.salt = "sixteen bytes!!", .cost = {10, 8, 1}};
    struct wci_access_change change = {
        .step = WCI_ACCESS_SET_PASSWORD, .id = "ann", .password = &password};
    wildcam_session *session;
    assert_done(wci_digest_stretch("another 9", password.salt, sizeof password.salt, &password.cost,
                                   password.hash));
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    assert_ok(wildcam_station_login(station, "ann", "another 9", NULL, &session));
    wildcam_session_free(session);
    assert_status(WILDCAM_ERR_AUTH,
                  wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
    password.cost.log_n = 60;
    assert_done(station->store.ops->change_access(station->store.backend, &change));
    assert_status(WILDCAM_ERR_CORRUPT,
                  wildcam_station_login(station, "ann", PASSWORD, NULL, &session));
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
    tcase_add_test(all, cost_stands_beside_the_hash);
    tcase_add_test(all, session_needs_the_password_that_was_looked_at);
    tcase_add_test(all, tokens_past_their_time_are_refused_and_swept);
    return suite;
}
