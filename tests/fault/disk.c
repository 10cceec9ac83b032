/* The n-th system call fails: files that cannot be written, brought to the disk, named, opened,
 * made or removed, a disk that becomes full, a thread that is not given. */
#include "fault/walk.h"

#include <errno.h>

#include "fault/contract.h"

static const struct fault faults[] = {
    {"write with EIO", INJECT_WRITE, EIO, WILDCAM_ERR_IO, false, false},
    {"write with ENOSPC", INJECT_WRITE, ENOSPC, WILDCAM_ERR_NOSPACE, false, false},
    {"disk is full from write", INJECT_WRITE | INJECT_CREATE | INJECT_MKDIR, ENOSPC,
     WILDCAM_ERR_NOSPACE, true, true},
    {"ftruncate with EIO", INJECT_TRUNCATE, EIO, WILDCAM_ERR_IO, false, false},
    {"fsync with EIO", INJECT_SYNC, EIO, WILDCAM_ERR_IO, false, false},
    {"fsync with ENOSPC", INJECT_SYNC, ENOSPC, WILDCAM_ERR_NOSPACE, false, false},
    {"from fsync with EIO", INJECT_SYNC, EIO, WILDCAM_ERR_IO, true, false},
    {"rename with EIO", INJECT_RENAME, EIO, WILDCAM_ERR_IO, false, false},
    {"rename with EACCES", INJECT_RENAME, EACCES, WILDCAM_ERR_DENIED, false, false},
    {"open with EMFILE", INJECT_OPEN, EMFILE, WILDCAM_ERR_IO, false, false},
    {"open with EACCES", INJECT_OPEN, EACCES, WILDCAM_ERR_DENIED, false, false},
    {"from open with EMFILE", INJECT_OPEN, EMFILE, WILDCAM_ERR_IO, true, false},
    {"file that cannot be made, ENOSPC", INJECT_CREATE, ENOSPC, WILDCAM_ERR_NOSPACE, false, false},
    {"mkdir with ENOSPC", INJECT_MKDIR, ENOSPC, WILDCAM_ERR_NOSPACE, false, false},
    {"mkdir with EACCES", INJECT_MKDIR, EACCES, WILDCAM_ERR_DENIED, false, false},
    {"unlink with EIO", INJECT_UNLINK, EIO, WILDCAM_ERR_IO, false, false},
    {"unlink with EACCES", INJECT_UNLINK, EACCES, WILDCAM_ERR_DENIED, false, false},
    {"pthread_create with EAGAIN", INJECT_THREAD, EAGAIN, WILDCAM_ERR_NOMEM, false, false},
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

/* One scenario with every fault. */
START_TEST(a_system_call_fails)
{
    world_prepare();
    walk(share_at(_i), faults, FAULTS);
}
END_TEST

/* Every kind of call really comes through here: the library's own, and SQLite's. */
START_TEST(system_calls_come_through_here)
{
    struct world world;
    world_prepare();
    world_begin(&world, true, false);
    world_open(&world);
    assert_ok(wildcam_station_start(world.station));
    world_end(&world);
    for (int i = 1; i < INJECT_KINDS; i++)
        ck_assert_msg(inject_calls(1U << i) > 0, "kind %d was never called", i);
}
END_TEST

static void needs_scenario(void *user, const char *function)
{
    static const int resources[] = {WILDCAM_ERR_NOMEM, WILDCAM_ERR_IO, WILDCAM_ERR_NOSPACE};
    bool is_named = false, has_scenario = false;
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++)
        is_named = is_named || contract_names(function, resources[i]);
    for (int i = 0; i < scenario_count(); i++)
        has_scenario = has_scenario || strcmp(scenario_at(i)->function, function) == 0;
    ck_assert_msg(!is_named || has_scenario, "%s has no scenario", function);
    ++*(int *)user;
}

/* A public function that may run out of something is walked. */
START_TEST(no_function_is_left_out)
{
    int functions = 0;
    contract_each(needs_scenario, &functions);
    ck_assert_int_gt(functions, 100);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("disk");
    walk_in_memory();
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 900);
    tcase_add_test(harness_case(suite, "contract"), no_function_is_left_out);
    tcase_add_test(all, system_calls_come_through_here);
    tcase_add_loop_test(all, a_system_call_fails, 0, share_count());
    return suite;
}
