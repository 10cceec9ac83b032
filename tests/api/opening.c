/* What a directory must be for a station to be opened, or made, in it. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

/* Each way in which a directory cannot be a station. */
static wildcam_status try_open(const char *directory, const char *name, const char *value)
{
    wildcam_conf *conf = station_conf();
    wildcam_station *station = (void *)conf;
    if (directory)
        assert_ok(wildcam_conf_set(conf, "data.dir", directory));
    if (name)
        assert_ok(wildcam_conf_set(conf, name, value));
    wildcam_status status = wildcam_station_open(conf, &station);
    if (status == WILDCAM_OK)
        wildcam_station_close(station);
    else
        ck_assert_ptr_null(station);
    wildcam_conf_free(conf);
    return status;
}

START_TEST(needs_a_directory)
{
    assert_fails(WILDCAM_ERR_INVALID, "data.dir", try_open("", NULL, NULL));
    save_file(scratch_path("file"), "x", 1);
    assert_fails(WILDCAM_ERR_EXISTS, "file", try_open(scratch_path("file"), NULL, NULL));
    assert_fails(WILDCAM_ERR_EXISTS, "file", try_open(scratch_path("file/below"), NULL, NULL));
    assert_fails(WILDCAM_ERR_NOTFOUND, "station", try_open(NULL, "data.create", "false"));
    ck_assert(!file_exists(scratch_path("station")));
    assert_ok(try_open(scratch_path("a/b/c"), NULL, NULL)); /* made, however deep */
}
END_TEST

/* A new station would give old pictures to other cameras. */
START_TEST(lost_catalog)
{
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add_scene(station, "CAM1", 1, at("2026-03-01"));
    char *data, kept[1024];
    size_t size;
    wildcam_station_close(station);
    snprintf(kept, sizeof kept, "%s", scratch_path("station/station.db"));
    data = load_file(kept, &size);
    ck_assert_int_eq(remove(kept), 0);
    assert_fails(WILDCAM_ERR_CORRUPT, "station.db", try_open(NULL, NULL, NULL));
    assert_fails(WILDCAM_ERR_CORRUPT, "backup", try_open(NULL, "data.create", "false"));
    ck_assert(!file_exists(kept));
    save_file(kept, data, size);
    free(data);
    station = open_with(NULL, NULL);
    ck_assert_int_eq(add_scene(station, "CAM1", 1, at("2026-03-01")), id);
    wildcam_station_close(station);
}
END_TEST

/* What a directory may hold before a station is made in it. */
START_TEST(made_only_where_nothing_stands)
{
    static const struct {
        const char *name;
        bool is_directory, is_in_the_way;
    } things[] = {
        {"DCIM", true, true},           {"IMG_0001.JPG", false, true},
        {"a.jpeg", false, true},        {"database", true, true},
        {"backup.lock", false, true},   {"lost+found", true, false},
        {".Trash-1000", true, false},   {".hidden.jpg", false, false},
        {"wildcam.conf", false, false}, {"station.db.77.new", false, false},
    };
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        char command[2048];
        snprintf(command, sizeof command, "rm -rf '%s'", scratch_path("station"));
        ck_assert_int_eq(system(command), 0);
        ck_assert_int_eq(mkdir(scratch_path("station"), 0700), 0);
        const char *path = scratch_path("station/%s", things[i].name);
        if (things[i].is_directory)
            ck_assert_int_eq(mkdir(path, 0700), 0);
        else
            save_file(path, "", 0);
        if (things[i].is_in_the_way)
            assert_fails(WILDCAM_ERR_EXISTS, things[i].name, try_open(NULL, NULL, NULL));
        else
            assert_ok(try_open(NULL, NULL, NULL));
        ck_assert(file_exists(scratch_path("station/station.db")) != things[i].is_in_the_way);
        ck_assert(file_exists(path));
    }
}
END_TEST

static int open_as_nobody(void *user)
{
    wildcam_conf *conf;
    wildcam_station *station;
    (void)user;
    if (become_nobody() != 0 || wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("station")) != WILDCAM_OK)
        return 2;
    wildcam_status status = wildcam_station_open(conf, &station);
    wildcam_conf_free(conf);
    return status == WILDCAM_ERR_DENIED && !station ? 0 : 3;
}

START_TEST(directory_that_may_not_be_used)
{
    ck_assert_int_eq(chmod(scratch(), 0555), 0);
    in_child(open_as_nobody, NULL); /* it cannot be made */
    ck_assert_int_eq(chmod(scratch(), 0755), 0);
    ck_assert_int_eq(mkdir(scratch_path("station"), 0555), 0);
    in_child(open_as_nobody, NULL); /* it cannot be written to */
    ck_assert_int_eq(chmod(scratch_path("station"), 0000), 0);
    in_child(open_as_nobody, NULL); /* it cannot even be looked at */
}
END_TEST

/* Somebody else's tool looks at a station that it may read but not write to. */
static int read_as_nobody(void *user)
{
    wildcam_conf *conf;
    wildcam_station *station;
    (void)user;
    if (become_nobody() != 0 || wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("station")) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.create", "false") != WILDCAM_OK)
        return 2;
    wildcam_status status = wildcam_station_open(conf, &station);
    wildcam_conf_free(conf);
    if (status != WILDCAM_ERR_DENIED)
        return 3;
    return strstr(wildcam_error_message(), "station.db") &&
                   strstr(wildcam_error_message(), strerror(EACCES))
               ? 0
               : 4;
}

START_TEST(catalog_of_another_user)
{
    assert_ok(try_open(NULL, NULL, NULL));
    ck_assert_int_eq(chmod(scratch(), 0755), 0);
    ck_assert_int_eq(chmod(scratch_path("station"), 0755), 0);
    ck_assert_int_eq(chmod(scratch_path("station/station.db"), 0644), 0);
    in_child(read_as_nobody, NULL); /* the file may be read, a log cannot be made beside it */
    ck_assert_int_eq(chmod(scratch_path("station/station.db"), 0600), 0);
    in_child(read_as_nobody, NULL);
}
END_TEST

START_TEST(damaged_catalog)
{
    assert_ok(try_open(NULL, NULL, NULL));
    ruin_file(scratch_path("station/station.db"));
    assert_fails(WILDCAM_ERR_CORRUPT, "station.db", try_open(NULL, NULL, NULL));
}
END_TEST

START_TEST(catalog_of_a_newer_library)
{
    size_t size;
    assert_ok(try_open(NULL, NULL, NULL));
    char *data = load_file(scratch_path("station/station.db"), &size);
    data[63] = 99; /* SQLite's user_version */
    save_file(scratch_path("station/station.db"), data, size);
    free(data);
    assert_fails(WILDCAM_ERR_VERSION, "99", try_open(NULL, NULL, NULL));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("opening");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, needs_a_directory);
    tcase_add_test(all, lost_catalog);
    tcase_add_test(all, made_only_where_nothing_stands);
    tcase_add_test(all, directory_that_may_not_be_used);
    tcase_add_test(all, catalog_of_another_user);
    tcase_add_test(all, damaged_catalog);
    tcase_add_test(all, catalog_of_a_newer_library);
    return suite;
}
