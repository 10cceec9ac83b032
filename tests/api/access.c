/* Keys, and who shows them. */
#include <pthread.h>

#include "api/doors.h"

START_TEST(roles_have_names)
{
    int role = 77;
#define ROW(name, value, text)                                                                     \
    ck_assert_str_eq(wildcam_role_name(value), text);                                              \
    assert_ok(wildcam_role_from_name(text, &role));                                                \
    ck_assert_int_eq(role, value);
    WILDCAM_ROLE_LIST(ROW)
#undef ROW
    ck_assert_str_eq(wildcam_role_name(-1), "unknown");
    ck_assert_str_eq(wildcam_role_name(4), "unknown");
    assert_fails(WILDCAM_ERR_NOTFOUND, "\"root\"", wildcam_role_from_name("root", &role));
    assert_fails(WILDCAM_ERR_NOTFOUND, "\"Admin\"", wildcam_role_from_name("Admin", &role));
    ck_assert_int_eq(role, WILDCAM_ROLE_ADMIN);
}
END_TEST

START_TEST(key_tells_who_shows_it)
{
    char camera[WILDCAM_KEY_TEXT], fleet[WILDCAM_KEY_TEXT];
    ck_assert(!is_guarded());
    assert_ok(wildcam_station_create_key(station, WILDCAM_ROLE_CAMERA, "CAM-not-yet-there",
                                         "by the pond", camera));
    make_key(WILDCAM_ROLE_FLEET, NULL, fleet);
    ck_assert(is_guarded());
    ck_assert_str_ne(camera, fleet);
    ck_assert_uint_eq(strlen(camera), 55);
    ck_assert_uint_eq(strspn(camera, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
                                     "0123456789"),
                      55);

    wildcam_access *access = who_shows(camera);
    ck_assert_int_eq(wildcam_access_get_kind(access), WILDCAM_ACCESS_KEY);
    ck_assert_int_eq(wildcam_access_get_role(access), WILDCAM_ROLE_CAMERA);
    ck_assert_str_eq(wildcam_access_get_device_id(access), "CAM-not-yet-there");
    ck_assert_str_eq(wildcam_access_get_note(access), "by the pond");
    ck_assert_str_eq(wildcam_access_get_id(access), id_of(camera));
    ck_assert_int_gt(wildcam_access_get_created_at(access), at("2026-01-01"));
    ck_assert_int_eq(wildcam_access_get_expires_at(access), WILDCAM_TIME_NONE);
    wildcam_access_free(access);
    access = who_shows(fleet);
    ck_assert_int_eq(wildcam_access_get_role(access), WILDCAM_ROLE_FLEET);
    ck_assert_str_eq(wildcam_access_get_device_id(access), "");
    ck_assert_str_eq(wildcam_access_get_note(access), "");
    wildcam_access_free(access);
}
END_TEST

START_TEST(what_is_no_key_is_refused_alike)
{
    char key[WILDCAM_KEY_TEXT], other[WILDCAM_KEY_TEXT], wrong[2 * WILDCAM_KEY_TEXT];
    make_key(WILDCAM_ROLE_ADMIN, NULL, key);
    make_key(WILDCAM_ROLE_ADMIN, NULL, other);
    static const char *const odd[] = {"",
                                      "wk",
                                      "wk_",
                                      "wk__",
                                      "Bearer",
                                      "wk_00000000_",
                                      "wa_00000000",
                                      "\xff\xfe",
                                      "wk_00000000_0000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_refused(odd[i]);
    for (size_t i = 0; i < strlen(key); i++) { /* each character counts */
        snprintf(wrong, sizeof wrong, "%s", key);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_refused(wrong);
        snprintf(wrong, sizeof wrong, "%.*s", (int)i, key);
        assert_refused(wrong);
    }
    snprintf(wrong, sizeof wrong, "%s0", key);
    assert_refused(wrong);
    snprintf(wrong, sizeof wrong, "%.12s%s", other, key + 12); /* one's id, the other's secret */
    assert_refused(wrong);
    snprintf(wrong, sizeof wrong, "wa%s", key + 2);
    assert_refused(wrong);
    wildcam_access_free(who_shows(key));
}
END_TEST

START_TEST(key_is_as_its_role_needs)
{
    char key[WILDCAM_KEY_TEXT], note[WILDCAM_KEY_NOTE_MAX + 2];
    memset(note, 'n', sizeof note - 1);
    note[sizeof note - 1] = '\0';
    snprintf(key, sizeof key, "before");
    assert_fails(WILDCAM_ERR_INVALID, "for which device_id",
                 wildcam_station_create_key(station, WILDCAM_ROLE_CAMERA, NULL, NULL, key));
    ck_assert_str_eq(key, "");
    assert_fails(WILDCAM_ERR_INVALID, "1 to 50",
                 wildcam_station_create_key(station, WILDCAM_ROLE_CAMERA, ".x", NULL, key));
    for (int role = WILDCAM_ROLE_FLEET; role <= WILDCAM_ROLE_ADMIN; role++)
        assert_fails(WILDCAM_ERR_INVALID, wildcam_role_name(role),
                     wildcam_station_create_key(station, role, "CAM1", NULL, key));
    assert_fails(WILDCAM_ERR_INVALID, "-1",
                 wildcam_station_create_key(station, -1, NULL, NULL, key));
    assert_fails(WILDCAM_ERR_INVALID, "4 is no role",
                 wildcam_station_create_key(station, 4, NULL, NULL, key));
    assert_fails(WILDCAM_ERR_INVALID, "over 200 bytes",
                 wildcam_station_create_key(station, WILDCAM_ROLE_FLEET, NULL, note, key));
    assert_fails(WILDCAM_ERR_INVALID, "control character",
                 wildcam_station_create_key(station, WILDCAM_ROLE_FLEET, NULL, "a\nb", key));
    assert_fails(WILDCAM_ERR_INVALID, "for which device_id",
                 wildcam_access_check_key(WILDCAM_ROLE_CAMERA, NULL, NULL));
    assert_ok(wildcam_access_check_key(WILDCAM_ROLE_CAMERA, "CAM1", "x"));
    ck_assert(!is_guarded());
    note[WILDCAM_KEY_NOTE_MAX] = '\0';
    assert_ok(wildcam_station_create_key(station, WILDCAM_ROLE_FLEET, NULL, note, key));
    wildcam_access *access = who_shows(key);
    ck_assert_str_eq(wildcam_access_get_note(access), note);
    wildcam_access_free(access);
}
END_TEST

START_TEST(revoked_key_is_refused)
{
    char key[WILDCAM_KEY_TEXT], other[WILDCAM_KEY_TEXT];
    make_key(WILDCAM_ROLE_VIEWER, NULL, key);
    make_key(WILDCAM_ROLE_VIEWER, NULL, other);
    assert_ok(wildcam_station_revoke_key(station, id_of(key)));
    assert_refused(key);
    wildcam_access_free(who_shows(other));
    assert_fails(WILDCAM_ERR_NOTFOUND, id_of(key), wildcam_station_revoke_key(station, id_of(key)));
    /* A whole key is no id, and is not repeated. */
    assert_fails(WILDCAM_ERR_INVALID, "8 digits", wildcam_station_revoke_key(station, other));
    ck_assert_ptr_null(strstr(wildcam_error_message(), other + 12));
    assert_ok(wildcam_station_revoke_key(station, id_of(other)));
    ck_assert(is_guarded()); /* who revokes a stolen key does not open the door */
    close_it();
    open_it();
    ck_assert(is_guarded());
    assert_refused(other);
}
END_TEST

START_TEST(lists_name_no_secret)
{
    char key[WILDCAM_KEY_TEXT], *json;
    wildcam_access_list *list;
    assert_ok(wildcam_station_list_keys(station, &list));
    ck_assert_uint_eq(wildcam_access_list_get_count(list), 0);
    ck_assert_ptr_null(wildcam_access_list_at(list, 0));
    wildcam_access_list_free(list);
    assert_ok(wildcam_station_create_key(station, WILDCAM_ROLE_CAMERA, "CAM1", "gate", key));
    char first[WILDCAM_KEY_TEXT];
    memcpy(first, key, sizeof first);
    make_key(WILDCAM_ROLE_FLEET, NULL, key);
    assert_ok(wildcam_station_list_keys(station, &list));
    ck_assert_uint_eq(wildcam_access_list_get_count(list), 2);
    ck_assert_ptr_null(wildcam_access_list_at(list, 2));
    ck_assert_str_eq(wildcam_access_get_id(wildcam_access_list_at(list, 0)), id_of(first));
    ck_assert_str_eq(wildcam_access_get_id(wildcam_access_list_at(list, 1)), id_of(key));
    assert_ok(wildcam_access_to_json(wildcam_access_list_at(list, 0), &json));
    ck_assert_ptr_nonnull(strstr(json, "\"role\":\"camera\",\"device_id\":\"CAM1\","
                                       "\"note\":\"gate\",\"created_at\":\""));
    ck_assert_ptr_null(strstr(json, first + 12));
    wildcam_free(json);
    wildcam_access_list_free(list);
}
END_TEST

struct revoking {
    const char *id, *directory;
};

/* Another process on the same station. */
static int revoke_elsewhere(void *user)
{
    const struct revoking *revoking = user;
    wildcam_conf *conf;
    wildcam_station *other;
    int result = wildcam_conf_new(&conf) != WILDCAM_OK ||
                 wildcam_conf_set(conf, "data.dir", revoking->directory) != WILDCAM_OK ||
                 wildcam_station_open(conf, &other) != WILDCAM_OK;
    if (!result) {
        result = wildcam_station_revoke_key(other, revoking->id) != WILDCAM_OK;
        wildcam_station_close(other);
    }
    wildcam_conf_free(conf);
    return result;
}

START_TEST(revoking_holds_in_every_process)
{
    char key[WILDCAM_KEY_TEXT];
    make_key(WILDCAM_ROLE_VIEWER, NULL, key);
    wildcam_access_free(who_shows(key));
    struct revoking revoking = {id_of(key), scratch_path("station")};
    in_child(revoke_elsewhere, &revoking);
    assert_refused(key);
}
END_TEST

enum { KEEPERS = 4, ROUNDS = 60 };

struct keeper {
    pthread_t thread;
    char key[WILDCAM_KEY_TEXT];
    int wrong;
};

/* Makes a key, uses it, revokes it, and is let in no more; others do so beside it. */
static void *make_and_revoke(void *user)
{
    struct keeper *keeper = user;
    for (int i = 0; i < ROUNDS; i++) {
        wildcam_access *access = NULL;
        keeper->wrong += wildcam_station_create_key(station, WILDCAM_ROLE_FLEET, NULL, NULL,
                                                    keeper->key) != WILDCAM_OK;
        keeper->wrong += wildcam_station_check_access(station, keeper->key, &access) != WILDCAM_OK;
        wildcam_access_free(access);
        char id[16];
        snprintf(id, sizeof id, "%.8s", keeper->key + 3);
        keeper->wrong += wildcam_station_revoke_key(station, id) != WILDCAM_OK;
        keeper->wrong += wildcam_station_check_access(station, keeper->key, &access) !=
                         WILDCAM_ERR_AUTH;
    }
    return NULL;
}

START_TEST(many_threads_at_once)
{
    struct keeper keepers[KEEPERS] = {0};
    for (int i = 0; i < KEEPERS; i++)
        ck_assert_int_eq(pthread_create(&keepers[i].thread, NULL, make_and_revoke, &keepers[i]), 0);
    for (int i = 0; i < KEEPERS; i++) {
        pthread_join(keepers[i].thread, NULL);
        ck_assert_int_eq(keepers[i].wrong, 0);
    }
    wildcam_access_list *list;
    assert_ok(wildcam_station_list_keys(station, &list));
    ck_assert_uint_eq(wildcam_access_list_get_count(list), 0);
    wildcam_access_list_free(list);
}
END_TEST

START_TEST(closed_station_tells_nobody)
{
    char key[WILDCAM_KEY_TEXT];
    int has_keys = 0;
    wildcam_access *access;
    make_key(WILDCAM_ROLE_ADMIN, NULL, key);
    wildcam_cursor *cursor; /* holds the station's memory */
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    wildcam_station_close(station);
    assert_status(WILDCAM_ERR_CLOSED, wildcam_station_check_access(station, key, &access));
    assert_status(WILDCAM_ERR_CLOSED, wildcam_station_has_keys(station, &has_keys));
    ck_assert_int_eq(has_keys, 1);
    wildcam_cursor_free(cursor);
    open_it();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("access");
    TCase *names = harness_case(suite, "names"), *keys = harness_case(suite, "keys");
    tcase_add_test(names, roles_have_names);
    tcase_add_checked_fixture(keys, open_it, close_it);
    tcase_add_test(keys, key_tells_who_shows_it);
    tcase_add_test(keys, what_is_no_key_is_refused_alike);
    tcase_add_test(keys, key_is_as_its_role_needs);
    tcase_add_test(keys, revoked_key_is_refused);
    tcase_add_test(keys, lists_name_no_secret);
    tcase_add_test(keys, revoking_holds_in_every_process);
    tcase_add_test(keys, many_threads_at_once);
    tcase_add_test(keys, closed_station_tells_nobody);
    return suite;
}
