/* The n-th allocation fails: ours, SQLite's, libcrypto's, libturbojpeg's, libexif's, jansson's and
 * the C library's. */
#include "fault/walk.h"

#include <errno.h>

static const struct fault faults[] = {
    {"allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, .lasts = false},
    {"from allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, .lasts = true},
};

START_TEST(an_allocation_fails)
{
    world_prepare();
    walk(share_at(_i), faults, sizeof faults / sizeof faults[0]);
}
END_TEST

static wildcam_station *open_at_cost(const char *cost)
{
    wildcam_conf *conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "auth.password_cost", cost));
    wildcam_station *station = open_station(conf);
    wildcam_conf_free(conf);
    return station;
}

/* The walk takes a login that fails for an answer, too. */
START_TEST(hash_that_cannot_be_made_anew_keeps_nobody_out)
{
    static const char password[] = "correct horse 7", told[] = "goes on with a hash of 2^10 rounds";
    wildcam_session *session = NULL;
    wildcam_access *access;
    expect_log(told);
    wildcam_station *cheap = open_at_cost("10"), *station = open_at_cost("11");
    assert_ok(wildcam_station_create_user(cheap, "ann", WILDCAM_ROLE_ADMIN, password));
    for (long n = 1; !count_log(told); n++) {
        wildcam_session_free(session);
        assert_ok(wildcam_station_set_password(cheap, "ann", password));
        inject_arm(&faults[0], n);
        wildcam_status status = wildcam_station_login(station, "ann", password, NULL, &session);
        ck_assert_msg(inject_disarm(), "%ld allocations, and none is of another hash", n - 1);
        ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_NOMEM);
    }
    ck_assert_ptr_nonnull(session);
    ck_assert_str_eq(wildcam_error_message(), "");
    assert_ok(
        wildcam_station_check_access(station, wildcam_session_get_access_token(session), &access));
    wildcam_access_free(access);
    wildcam_session_free(session);
    assert_ok(wildcam_station_login(station, "ann", password, NULL, &session)); /* and the next */
    wildcam_session_free(session);
    wildcam_station_close(station);
    wildcam_station_close(cheap);
}
END_TEST

START_TEST(allocations_come_through_here)
{
    long before = inject_calls(INJECT_MEMORY);
    world_prepare();
    ck_assert_int_gt(inject_calls(INJECT_MEMORY), before + 1000);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("memory");
    walk_in_memory();
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 900);
    if (!inject_has_memory()) {
        printf("allocations do not fail here: a sanitizer owns the allocator\n");
        return suite;
    }
    tcase_add_test(all, allocations_come_through_here);
    TCase *login = harness_case(suite, "login");
    tcase_set_timeout(login, 280);
    tcase_add_test(login, hash_that_cannot_be_made_anew_keeps_nobody_out);
    tcase_add_loop_test(all, an_allocation_fails, 0, share_count());
    return suite;
}
