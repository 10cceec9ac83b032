/* People and their sessions. */
#include <pthread.h>

#include "api/doors.h"

#define PASSWORD "correct horse 7"
#define OTHER_PASSWORD "battery staple 8"

static wildcam_session *login(const char *name, const char *password)
{
    wildcam_session *session;
    assert_ok(wildcam_station_login(station, name, password, NULL, &session));
    return session;
}

static void assert_no_login(const char *name, const char *password)
{
    wildcam_session *session = (void *)&session;
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_login(station, name, password, NULL, &session));
    ck_assert_str_eq(wildcam_error_message(), "the name or the password is not right");
    ck_assert_ptr_null(session);
}

START_TEST(person_logs_in)
{
    char *json;
    assert_ok(
        wildcam_station_create_user(station, "ann@example.org", WILDCAM_ROLE_ADMIN, PASSWORD));
    ck_assert(is_guarded());
    wildcam_session *session = login("ann@example.org", PASSWORD);
    const wildcam_access *user = wildcam_session_get_access(session);
    ck_assert_str_eq(wildcam_access_get_id(user), "ann@example.org");
    wildcam_access *access = who_shows(wildcam_session_get_access_token(session));
    ck_assert_int_eq(wildcam_access_get_kind(access), WILDCAM_ACCESS_USER);
    ck_assert_int_eq(wildcam_access_get_role(access), WILDCAM_ROLE_ADMIN);
    ck_assert_str_eq(wildcam_access_get_id(access), "ann@example.org");
    ck_assert_int_eq(wildcam_access_get_expires_at(access), wildcam_access_get_expires_at(user));
    ck_assert_int_eq(wildcam_session_get_refresh_expires_at(session) -
                         wildcam_access_get_expires_at(access),
                     (2592000 - 900) * SECOND);
    assert_ok(wildcam_access_to_json(access, &json));
    ck_assert_ptr_nonnull(strstr(json, "{\"username\":\"ann@example.org\",\"role\":\"admin\","));
    wildcam_free(json);
    wildcam_access_free(access);
    assert_refused(wildcam_session_get_refresh_token(session)); /* it opens nothing by itself */
    wildcam_session_free(session);
    assert_no_login("ann@example.org", OTHER_PASSWORD);
    assert_no_login("ann@example.org", "");
    assert_no_login("Ann@example.org", PASSWORD);
    assert_no_login("nobody", PASSWORD);
}
END_TEST

START_TEST(people_are_as_they_must_be)
{
    char name[WILDCAM_USER_NAME_MAX + 2], password[WILDCAM_PASSWORD_MAX + 2];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(password, 'p', sizeof password - 1);
    password[sizeof password - 1] = '\0';
    static const char *const odd[] = {"", "a b", "a\n", "\xc3\xa4", "a/b", "a\"b"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, "1 to 64",
                     wildcam_station_create_user(station, odd[i], WILDCAM_ROLE_ADMIN, PASSWORD));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 64",
                 wildcam_station_create_user(station, name, WILDCAM_ROLE_ADMIN, PASSWORD));
    assert_fails(WILDCAM_ERR_INVALID, "not camera",
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_CAMERA, PASSWORD));
    assert_fails(WILDCAM_ERR_INVALID, "not fleet",
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_FLEET, PASSWORD));
    assert_fails(WILDCAM_ERR_INVALID, "at least 8 characters, this has 7",
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_ADMIN, "1234567"));
    assert_fails(WILDCAM_ERR_INVALID, "this has 4", /* bytes are no characters */
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_ADMIN,
                                             "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"));
    assert_fails(WILDCAM_ERR_INVALID, "not UTF-8",
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_ADMIN, "1234567\xff"));
    assert_fails(WILDCAM_ERR_INVALID, "over 1024 bytes",
                 wildcam_station_create_user(station, "a", WILDCAM_ROLE_ADMIN, password));
    assert_ok(wildcam_access_check_user("a", WILDCAM_ROLE_ADMIN, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "at least 8",
                 wildcam_access_check_user("a", WILDCAM_ROLE_ADMIN, ""));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 64",
                 wildcam_access_check_user("", WILDCAM_ROLE_ADMIN, NULL));
    ck_assert(!is_guarded());
    name[WILDCAM_USER_NAME_MAX] = '\0';
    password[WILDCAM_PASSWORD_MAX] = '\0';
    assert_ok(wildcam_station_create_user(station, name, WILDCAM_ROLE_VIEWER, password));
    wildcam_session_free(login(name, password));
    assert_fails(WILDCAM_ERR_EXISTS, name,
                 wildcam_station_create_user(station, name, WILDCAM_ROLE_ADMIN, PASSWORD));
    wildcam_session_free(login(name, password)); /* it is as it was */
    password[WILDCAM_PASSWORD_MAX] = 'p';
    assert_no_login(name, password);
}
END_TEST

START_TEST(new_password_ends_sessions)
{
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    assert_ok(wildcam_station_create_user(station, "bob", WILDCAM_ROLE_VIEWER, PASSWORD));
    wildcam_session *anns = login("ann", PASSWORD), *bobs = login("bob", PASSWORD), *none;
    assert_ok(wildcam_station_set_password(station, "ann", OTHER_PASSWORD));
    assert_refused(wildcam_session_get_access_token(anns));
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_refresh_login(
                                        station, wildcam_session_get_refresh_token(anns), &none));
    wildcam_access_free(who_shows(wildcam_session_get_access_token(bobs)));
    assert_no_login("ann", PASSWORD);
    wildcam_session_free(login("ann", OTHER_PASSWORD));
    assert_fails(WILDCAM_ERR_NOTFOUND, "\"eve\"",
                 wildcam_station_set_password(station, "eve", PASSWORD));
    assert_fails(WILDCAM_ERR_INVALID, "at least 8",
                 wildcam_station_set_password(station, "ann", "short"));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 64",
                 wildcam_station_set_password(station, "a b", PASSWORD));
    wildcam_session_free(anns);
    wildcam_session_free(bobs);
}
END_TEST

START_TEST(new_role_is_that_of_the_sessions)
{
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_VIEWER, PASSWORD));
    assert_ok(wildcam_station_create_user(station, "bob", WILDCAM_ROLE_ADMIN, PASSWORD));
    wildcam_session *session = login("ann", PASSWORD);
    static const int roles[] = {WILDCAM_ROLE_ADMIN, WILDCAM_ROLE_ADMIN, WILDCAM_ROLE_VIEWER};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        assert_ok(wildcam_station_set_role(station, "ann", roles[i]));
        wildcam_access *access = who_shows(wildcam_session_get_access_token(session));
        ck_assert_int_eq(wildcam_access_get_role(access), roles[i]);
        wildcam_access_free(access);
    }
    assert_ok(wildcam_station_set_role(station, "bob", WILDCAM_ROLE_VIEWER)); /* the last admin */
    wildcam_session *renewed;
    assert_ok(wildcam_station_refresh_login(station, wildcam_session_get_refresh_token(session),
                                            &renewed));
    ck_assert_int_eq(wildcam_access_get_role(wildcam_session_get_access(renewed)),
                     WILDCAM_ROLE_VIEWER);
    assert_fails(WILDCAM_ERR_NOTFOUND, "\"eve\"",
                 wildcam_station_set_role(station, "eve", WILDCAM_ROLE_ADMIN));
    assert_fails(WILDCAM_ERR_INVALID, "not fleet",
                 wildcam_station_set_role(station, "ann", WILDCAM_ROLE_FLEET));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 64",
                 wildcam_station_set_role(station, "a b", WILDCAM_ROLE_ADMIN));
    wildcam_session_free(login("ann", PASSWORD)); /* the password is as it was */
    wildcam_session_free(session);
    wildcam_session_free(renewed);
}
END_TEST

START_TEST(removed_person_is_gone)
{
    wildcam_access_list *list;
    assert_ok(wildcam_station_create_user(station, "bob", WILDCAM_ROLE_VIEWER, PASSWORD));
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    wildcam_session *session = login("ann", PASSWORD);
    assert_ok(wildcam_station_list_users(station, &list));
    ck_assert_uint_eq(wildcam_access_list_get_count(list), 2);
    ck_assert_str_eq(wildcam_access_get_id(wildcam_access_list_at(list, 0)), "ann");
    ck_assert_str_eq(wildcam_access_get_id(wildcam_access_list_at(list, 1)), "bob");
    wildcam_access_list_free(list);
    assert_ok(wildcam_station_remove_user(station, "ann"));
    assert_refused(wildcam_session_get_access_token(session));
    assert_no_login("ann", PASSWORD);
    assert_fails(WILDCAM_ERR_NOTFOUND, "\"ann\"", wildcam_station_remove_user(station, "ann"));
    assert_fails(WILDCAM_ERR_INVALID, "1 to 64", wildcam_station_remove_user(station, ""));
    assert_ok(wildcam_station_remove_user(station, "bob"));
    ck_assert(is_guarded());
    /* Another one of the name has none of it. */
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_VIEWER, OTHER_PASSWORD));
    assert_refused(wildcam_session_get_access_token(session));
    wildcam_session_free(session);
}
END_TEST

START_TEST(refresh_token_is_good_once)
{
    wildcam_session *second, *third, *none = (void *)&none;
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    wildcam_session *first = login("ann", PASSWORD), *other = login("ann", PASSWORD);
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_refresh_login(
                                        station, wildcam_session_get_access_token(first), &none));
    ck_assert_ptr_null(none);
    assert_ok(
        wildcam_station_refresh_login(station, wildcam_session_get_refresh_token(first), &second));
    assert_refused(wildcam_session_get_access_token(first));
    wildcam_access *access = who_shows(wildcam_session_get_access_token(second));
    ck_assert_str_eq(wildcam_access_get_id(access), "ann");
    wildcam_access_free(access);
    ck_assert_str_eq(wildcam_access_get_id(wildcam_session_get_access(second)), "ann");
    assert_ok(
        wildcam_station_refresh_login(station, wildcam_session_get_refresh_token(second), &third));
    /* The second once more: somebody has it who should not. */
    expect_log("is not the last of its session");
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_refresh_login(
                                        station, wildcam_session_get_refresh_token(second), &none));
    ck_assert_str_eq(wildcam_error_message(), "the key or token is not valid");
    ck_assert_int_eq(count_log("is not the last of its session"), 1);
    assert_refused(wildcam_session_get_access_token(third));
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_refresh_login(
                                        station, wildcam_session_get_refresh_token(third), &none));
    wildcam_access_free(
        who_shows(wildcam_session_get_access_token(other))); /* is another login's */
    wildcam_session_free(first);
    wildcam_session_free(second);
    wildcam_session_free(third);
    wildcam_session_free(other);
}
END_TEST

START_TEST(logout_ends_the_session)
{
    char key[WILDCAM_KEY_TEXT];
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    for (int by_refresh_token = 0; by_refresh_token < 2; by_refresh_token++) {
        wildcam_session *session = login("ann", PASSWORD), *none;
        const char *access = wildcam_session_get_access_token(session),
                   *refresh = wildcam_session_get_refresh_token(session);
        assert_ok(wildcam_station_logout(station, by_refresh_token ? refresh : access));
        assert_refused(access);
        assert_status(WILDCAM_ERR_AUTH, wildcam_station_refresh_login(station, refresh, &none));
        assert_status(WILDCAM_ERR_AUTH, wildcam_station_logout(station, access));
        wildcam_session_free(session);
    }
    make_key(WILDCAM_ROLE_ADMIN, NULL, key);
    assert_status(WILDCAM_ERR_AUTH, wildcam_station_logout(station, key));
    wildcam_access_free(who_shows(key));
}
END_TEST

/* Which of the budgets pays for what is the throttle's unit test's, which has a clock of its own.
 */
START_TEST(few_failures_are_free)
{
    int seconds = 7;
    wildcam_session *session;
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    for (int i = 0; i < 9; i++)
        assert_status(WILDCAM_ERR_AUTH,
                      wildcam_station_login(station, "ann", OTHER_PASSWORD, "192.0.2.1", &session));
    assert_ok(wildcam_station_login_wait(station, "ann", "192.0.2.1", &seconds));
    ck_assert_int_eq(seconds, 0);
    assert_ok(wildcam_station_login(station, "ann", PASSWORD, "192.0.2.1", &session));
    wildcam_session_free(session);
}
END_TEST

struct refresher {
    pthread_t thread;
    const char *token;
    wildcam_session *session;
};

static void *refresh_once(void *user)
{
    struct refresher *refresher = user;
    wildcam_station_refresh_login(station, refresher->token, &refresher->session);
    return NULL;
}

/* Two hands with one refresh token: whoever is first, in the end neither is in. */
START_TEST(refresh_token_in_two_hands)
{
    struct refresher hands[2] = {0};
    expect_log("is not the last of its session");
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    wildcam_session *session = login("ann", PASSWORD);
    for (int i = 0; i < 2; i++) {
        hands[i].token = wildcam_session_get_refresh_token(session);
        ck_assert_int_eq(pthread_create(&hands[i].thread, NULL, refresh_once, &hands[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(hands[i].thread, NULL);
    ck_assert(!hands[0].session || !hands[1].session);
    assert_refused(wildcam_session_get_access_token(session));
    for (int i = 0; i < 2; i++) {
        if (hands[i].session)
            assert_refused(wildcam_session_get_access_token(hands[i].session));
        wildcam_session_free(hands[i].session);
    }
    wildcam_session_free(session);
}
END_TEST

/* Keys come back with a backup; what it holds are hashes. */
START_TEST(backup_carries_keys)
{
    char key[WILDCAM_KEY_TEXT];
    assert_ok(wildcam_station_create_user(station, "ann", WILDCAM_ROLE_ADMIN, PASSWORD));
    make_key(WILDCAM_ROLE_FLEET, NULL, key);
    assert_ok(wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL));
    assert_ok(wildcam_station_revoke_key(station, id_of(key)));
    close_it();
    assert_ok(wildcam_restore(scratch_path("backup"), scratch_path("restored"), NULL, NULL));
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "data.dir", scratch_path("restored")));
    station = open_station(conf);
    wildcam_conf_free(conf);
    ck_assert(is_guarded());
    wildcam_access_free(who_shows(key));
    wildcam_session_free(login("ann", PASSWORD));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("user");
    TCase *people = harness_case(suite, "people");
    tcase_add_checked_fixture(people, open_it, close_it);
    tcase_set_timeout(people, 120);
    tcase_add_test(people, person_logs_in);
    tcase_add_test(people, people_are_as_they_must_be);
    tcase_add_test(people, new_password_ends_sessions);
    tcase_add_test(people, new_role_is_that_of_the_sessions);
    tcase_add_test(people, removed_person_is_gone);
    tcase_add_test(people, refresh_token_is_good_once);
    tcase_add_test(people, logout_ends_the_session);
    tcase_add_test(people, few_failures_are_free);
    tcase_add_test(people, refresh_token_in_two_hands);
    tcase_add_test(people, backup_carries_keys);
    return suite;
}
