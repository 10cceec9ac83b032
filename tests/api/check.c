/* Looking whether a station is whole, both ways. */
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_station *populate(void)
{
    wildcam_station *station = open_with(NULL, NULL);
    for (unsigned i = 0; i < 4; i++)
        add_scene(station, "CAM1", i, at("2026-01-30") + i * DAY);
    return station;
}

struct found {
    int count;
    char what[64], where[1024];
};

static void find(void *user, const char *what, const char *where, const char *text)
{
    struct found *found = user;
    ck_assert_str_ne(text, "");
    found->count++;
    snprintf(found->what, sizeof found->what, "%s", what);
    snprintf(found->where, sizeof found->where, "%s", where);
}

static void assert_finding(wildcam_station *station, uint32_t how, const char *what,
                           const char *where)
{
    struct found found = {0};
    int64_t findings = -1;
    assert_ok(wildcam_station_check(station, how, find, NULL, &found, &findings));
    ck_assert_int_eq(findings, found.count);
    ck_assert_int_eq(found.count, what ? 1 : 0);
    if (what) {
        ck_assert_str_eq(found.what, what);
        ck_assert_msg(strstr(found.where, where) != NULL, "\"%s\" does not name %s", found.where,
                      where);
    }
}

START_TEST(sees_both_ways)
{
    char path[1024], id_text[32];
    size_t size;
    wildcam_station *station = populate();
    int64_t id = add_scene(station, "CAM1", 99, at("2026-02-02"));
    picture_path(station, id, path);
    char *data = load_file(path, &size);
    snprintf(id_text, sizeof id_text, "%lld", (long long)id);
    assert_finding(station, WILDCAM_CHECK_CONTENT, NULL, NULL);
    flip_byte(path); /* same length: only who reads it sees it */
    assert_finding(station, 0, NULL, NULL);
    assert_finding(station, WILDCAM_CHECK_CONTENT, "damaged file", id_text);
    ck_assert_int_eq(truncate(path, 10), 0);
    assert_finding(station, 0, "damaged file", id_text);
    ck_assert_int_eq(remove(path), 0);
    assert_finding(station, 0, "row without file", id_text);
    save_file(path, data, size);
    assert_finding(station, WILDCAM_CHECK_CONTENT, NULL, NULL);
    static const char *const strays[] = {
        "images/2026/02/02/stray.txt",
        "images/2026/02/02/"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.jpg",
        "images/2026/12/24/stray.jpg",
        "thumbnails/320x240/2026/02/02/"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.jpg",
    };
    for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++) {
        char command[4096];
        const char *stray = scratch_path("station/%s", strays[i]);
        snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\" && : >'%s'", stray, stray);
        ck_assert_int_eq(system(command), 0);
        assert_finding(station, 0, "file without row", i == 2 ? "images/2026/12/24" : strays[i]);
        ck_assert_int_eq(remove(stray), 0);
    }
    free(data);
    wildcam_station_close(station);
}
END_TEST

START_TEST(sees_what_a_dead_process_left)
{
    wildcam_station *station = populate();
    ck_assert_int_eq(mkdir(scratch_path("station/incoming/1-dead"), 0700), 0);
    save_file(scratch_path("station/incoming/1-dead/0.part"), "x", 1);
    assert_finding(station, 0, "left over", "1-dead");
    assert_ok(wildcam_station_maintain(station, 10000));
    assert_finding(station, 0, NULL, NULL);
    ck_assert(!file_exists(scratch_path("station/incoming/1-dead")));
    wildcam_station_close(station);
}
END_TEST

START_TEST(sees_a_damaged_database)
{
    wildcam_station *station = populate();
    wildcam_station_close(station);
    ruin_file(scratch_path("station/detections/2026-02.db"));
    station = open_with(NULL, NULL);
    expect_log("2026-02");
    struct found found = {0};
    int64_t findings = -1;
    assert_ok(wildcam_station_check(station, 0, find, NULL, &found, &findings));
    ck_assert_int_ge(findings, 1);
    ck_assert_ptr_nonnull(strstr(found.where, "2026-02"));
    wildcam_station_close(station);
}
END_TEST

START_TEST(refuses_what_is_no_sum)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_fails(WILDCAM_ERR_INVALID, "2",
                 wildcam_station_check(station, 2, NULL, NULL, NULL, NULL));
    assert_ok(wildcam_station_check(station, 0, NULL, NULL, NULL, NULL));
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("check");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, sees_both_ways);
    tcase_add_test(all, sees_what_a_dead_process_left);
    tcase_add_test(all, sees_a_damaged_database);
    tcase_add_test(all, refuses_what_is_no_sum);
    return suite;
}
