/* Opening, closing, and the rules of use. */
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"

START_TEST(opens_and_closes)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *station = open_station(conf);
    ck_assert(file_exists(scratch_path("station/station.db")));
    wildcam_station_close(station);
    station = open_station(conf);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(needs_a_directory)
{
    wildcam_conf *conf;
    wildcam_station *station = NULL;
    assert_ok(wildcam_conf_new(&conf));
    assert_fails(WILDCAM_ERR_INVALID, "data.dir", wildcam_station_open(conf, &station));
    ck_assert_ptr_null(station);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(makes_no_station_unasked)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *station = NULL;
    assert_ok(wildcam_conf_set(conf, "data.create", "false"));
    assert_fails(WILDCAM_ERR_NOTFOUND, "no station", wildcam_station_open(conf, &station));
    ck_assert_ptr_null(station);
    ck_assert(!file_exists(scratch_path("station")));
    assert_ok(wildcam_conf_set(conf, "data.create", "true"));
    wildcam_station_close(open_station(conf));
    assert_ok(wildcam_conf_set(conf, "data.create", "false"));
    wildcam_station_close(open_station(conf));
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(says_why_the_system_refused)
{
    wildcam_conf *conf = station_conf();
    assert_fails(WILDCAM_ERR_NOTFOUND, "No such file or directory",
                 wildcam_conf_load_file(conf, scratch_path("nowhere.conf")));
    wildcam_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("station");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, opens_and_closes);
    tcase_add_test(all, needs_a_directory);
    tcase_add_test(all, makes_no_station_unasked);
    tcase_add_test(all, says_why_the_system_refused);
    return suite;
}
