/* How often logins may fail, on a clock of the test's own. */
#include "station/throttle.h"

#include "unit.h"

static struct wci_throttle throttle;
static int64_t now;

static void set_up(void)
{
    now = 1000 * WCI_SECOND;
    assert_done(wci_throttle_init(&throttle));
}

static void tear_down(void)
{
    wci_throttle_destroy(&throttle);
}

static int64_t wait_of(const char *name)
{
    return wci_throttle_wait(&throttle, name, now);
}

static void fail_login(const char *name, int times)
{
    for (int i = 0; i < times; i++)
        wci_throttle_failed(&throttle, name, now);
}

START_TEST(waits_double_up_to_a_minute)
{
    static const int seconds[] = {0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        fail_login("ann", 1);
        ck_assert_int_eq(wait_of("ann"), seconds[i] * WCI_SECOND);
        ck_assert_int_eq(wait_of("bob"), 0);
        now += seconds[i] * WCI_SECOND;
        ck_assert_int_eq(wait_of("ann"), 0);
    }
    fail_login("ann", 1000000); /* it neither grows nor overflows */
    ck_assert_int_eq(throttle.names[0].until - now, 60 * WCI_SECOND);
}
END_TEST

START_TEST(success_ends_it)
{
    fail_login("ann", 8);
    ck_assert_int_gt(wait_of("ann"), 0);
    wci_throttle_succeeded(&throttle, "ann");
    ck_assert_int_eq(wait_of("ann"), 0);
    fail_login("ann", 4);
    ck_assert_int_eq(wait_of("ann"), 0);
    wci_throttle_succeeded(&throttle, "nobody");
}
END_TEST

START_TEST(an_hour_ends_it)
{
    fail_login("ann", 8);
    now += WCI_THROTTLE_FORGETS;
    fail_login("ann", 1);
    ck_assert_int_gt(wait_of("ann"), 0); /* not quite */
    now += WCI_THROTTLE_FORGETS + 1;
    fail_login("ann", 1);
    ck_assert_int_eq(wait_of("ann"), 0);
}
END_TEST

START_TEST(all_names_together)
{
    char name[32];
    for (int i = 0; i < WCI_THROTTLE_BURST; i++) {
        ck_assert_int_eq(wait_of("ann"), 0);
        snprintf(name, sizeof name, "name%d", i);
        fail_login(name, 1);
    }
    ck_assert_int_eq(wait_of("ann"), WCI_SECOND);
    now += WCI_SECOND - 1;
    ck_assert_int_eq(wait_of("ann"), 1);
    now++;
    ck_assert_int_eq(wait_of("ann"), 0);
    fail_login("name0", 1);
    ck_assert_int_eq(wait_of("ann"), WCI_SECOND);
    now += 1000 * WCI_SECOND; /* what was not used is not saved beyond the burst */
    for (int i = 0; i < WCI_THROTTLE_BURST; i++) {
        ck_assert_int_eq(wait_of("ann"), 0);
        snprintf(name, sizeof name, "other%d", i);
        fail_login(name, 1);
    }
    ck_assert_int_eq(wait_of("ann"), WCI_SECOND);
}
END_TEST

/* Many names take no more memory, and the ones that failed last are known. */
START_TEST(the_oldest_are_forgotten)
{
    char name[32];
    fail_login("ann", 9);
    for (int i = 0; i < WCI_THROTTLE_NAMES - 1; i++) {
        now++;
        snprintf(name, sizeof name, "name%d", i);
        fail_login(name, 9);
    }
    ck_assert_str_eq(throttle.names[0].name, "ann");
    fail_login("one more", 9);
    ck_assert_str_eq(throttle.names[0].name, "one more");
    ck_assert_str_eq(throttle.names[1].name, "name0");
    fail_login("name0", 1); /* it is none of the oldest now */
    fail_login("one more yet", 1);
    ck_assert_str_eq(throttle.names[1].name, "name0");
    ck_assert_str_eq(throttle.names[2].name, "one more yet");
}
END_TEST

/* A name of whatever length shares the place of those that begin like it, and ends in itself. */
START_TEST(long_names_are_cut)
{
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fail_login(name, 3);
    ck_assert_uint_eq(strlen(throttle.names[0].name), WILDCAM_USER_NAME_MAX);
    ck_assert_int_eq(throttle.names[0].failures, 3);
    ck_assert_str_eq(throttle.names[1].name, "");
    fail_login("", 6);
    ck_assert_int_eq(wait_of(""), 2 * WCI_SECOND);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("throttle");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, waits_double_up_to_a_minute);
    tcase_add_test(all, success_ends_it);
    tcase_add_test(all, an_hour_ends_it);
    tcase_add_test(all, all_names_together);
    tcase_add_test(all, the_oldest_are_forgotten);
    tcase_add_test(all, long_names_are_cut);
    return suite;
}
