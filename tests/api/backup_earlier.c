/* What a backup makes of the earlier one in its directory. */
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_status back_up(wildcam_station *station)
{
    return wildcam_station_backup(station, scratch_path("backup"), NULL, NULL, NULL);
}

/* Whose it is cannot be told, so it is nobody's to replace. */
START_TEST(a_backup_that_cannot_be_read_stays)
{
    static const char *const manifests[] = {"",
                                            "{\"format\":1,\"files\":[",
                                            "no manifest",
                                            "[]",
                                            "{\"format\":1}",
                                            "{\"format\":1,\"files\":[]}",
                                            "{\"format\":1,\"files\":[],\"station\":7}"};
    wildcam_station *station = open_with(NULL, NULL);
    size_t size, found_size;
    char path[1024];
    add_scene(station, "CAM1", 1, at("2026-01-10"));
    assert_ok(back_up(station));
    snprintf(path, sizeof path, "%s", scratch_path("backup/database/manifest.json"));
    void *whole = load_file(path, &size);
    for (size_t i = 0; i < sizeof manifests / sizeof manifests[0]; i++) {
        save_file(path, manifests[i], strlen(manifests[i]));
        assert_fails(WILDCAM_ERR_CORRUPT, "remove that directory, or choose another",
                     back_up(station));
        char *found = load_file(path, &found_size);
        ck_assert_uint_eq(found_size, strlen(manifests[i]));
        ck_assert_mem_eq(found, manifests[i], found_size);
        free(found);
    }
    save_file(path, whole, size);
    assert_ok(back_up(station));
    free(whole);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("backup_earlier");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, a_backup_that_cannot_be_read_stays);
    return suite;
}
