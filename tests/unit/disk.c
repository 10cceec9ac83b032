/* The disk's floor: the higher of bytes and percent, and what would go below it. */
#include "store/disk.h"

#include "unit.h"

static wildcam_conf *conf_with(const char *bytes, const char *percent)
{
    wildcam_conf *conf;
    assert_done(wci_conf_new(&conf));
    assert_done(wci_conf_set(conf, "data.dir", scratch()));
    assert_done(wci_conf_set(conf, "disk.min_free_bytes", bytes));
    assert_done(wci_conf_set(conf, "disk.min_free_percent", percent));
    return conf;
}

START_TEST(the_higher_floor_holds)
{
    struct wci_disk_space space;
    wildcam_conf *conf = conf_with("1000", "0");
    assert_done(wci_disk_look(conf, &space));
    ck_assert_int_eq(space.floor_bytes, 1000);
    ck_assert(space.free_bytes > 0 && space.total_bytes >= space.free_bytes);
    wci_conf_free(conf);
    conf = conf_with("1000", "10");
    assert_done(wci_disk_look(conf, &space));
    ck_assert_int_eq(space.floor_bytes, (int64_t)((double)space.total_bytes * 0.1));
    wci_conf_free(conf);
    conf = conf_with("1125899906842624", "10");
    assert_done(wci_disk_look(conf, &space));
    ck_assert_int_eq(space.floor_bytes, INT64_C(1125899906842624));
    wci_conf_free(conf);
}
END_TEST

START_TEST(nothing_goes_below_the_floor)
{
    wildcam_conf *conf = conf_with("0", "0");
    assert_done(wci_disk_check(conf, 0));
    assert_done(wci_disk_check(conf, 1));
    assert_fails(WILDCAM_ERR_NOSPACE, scratch(), wci_disk_check(conf, INT64_MAX / 2));
    wci_conf_free(conf);
    conf = conf_with("1125899906842624", "0");
    assert_fails(WILDCAM_ERR_NOSPACE, "1125899906842624 must stay free (disk.min_free_bytes",
                 wci_disk_check(conf, 0));
    wci_conf_free(conf);
}
END_TEST

START_TEST(a_directory_that_is_gone_has_no_space)
{
    struct wci_disk_space space;
    wildcam_conf *conf = conf_with("0", "0");
    assert_done(wci_conf_set(conf, "data.dir", scratch_path("none")));
    assert_fails(WILDCAM_ERR_IO, "/none is gone", wci_disk_look(conf, &space));
    assert_fails(WILDCAM_ERR_IO, "/none is gone", wci_disk_check(conf, 0));
    wci_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("disk");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, the_higher_floor_holds);
    tcase_add_test(all, nothing_goes_below_the_floor);
    tcase_add_test(all, a_directory_that_is_gone_has_no_space);
    return suite;
}
