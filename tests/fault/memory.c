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
    walk(scenario_at(_i), faults, sizeof faults / sizeof faults[0]);
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
    tcase_set_timeout(all, 280);
    if (!inject_has_memory()) {
        printf("allocations do not fail here: a sanitizer owns the allocator\n");
        return suite;
    }
    tcase_add_test(all, allocations_come_through_here);
    tcase_add_loop_test(all, an_allocation_fails, 0, scenario_count());
    return suite;
}
