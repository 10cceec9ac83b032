/* Camtrap DP's rows: how cells are written, which are the same, and what is kept of a row. */
#include "exchange/camtrapdp.h"

#include <math.h>

#include <wildcam/time.h>

#include "exchange/hash_set.h"
#include "unit.h"

static const size_t none[] = {SIZE_MAX};

START_TEST(times_have_a_zone_and_no_fraction)
{
    static const struct {
        int64_t time;
        int32_t offset;
        const char *text;
    } times[] = {
        {INT64_C(1590807457) * 1000000 + 999999, 7200, "2020-05-30T04:57:37+02:00"},
        {INT64_C(1590807457) * 1000000, 0, "2020-05-30T02:57:37Z"},
        {INT64_C(1590807457) * 1000000, WILDCAM_OFFSET_UNKNOWN, "2020-05-30T02:57:37Z"},
        {INT64_C(1590807457) * 1000000, -12600, "2020-05-29T23:27:37-03:30"},
        {0, 0, "1970-01-01T00:00:00Z"},
        {0, -59, "1970-01-01T00:00:00Z"}, /* a zone is whole minutes */
    };
    struct wci_cells cells = {0};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        wci_cells_set_time(&cells, 3, times[i].time, times[i].offset);
        ck_assert_str_eq(wci_text_get(&cells.values[3]), times[i].text);
    }
    wci_cells_set_real(&cells, 0, 0.1);
    wci_cells_set_real(&cells, 1, (double)NAN);
    wci_cells_set_int(&cells, 2, -7);
    ck_assert_str_eq(wci_text_get(&cells.values[0]), "0.1");
    ck_assert_str_eq(wci_text_get(&cells.values[1]), "");
    ck_assert_str_eq(wci_text_get(&cells.values[2]), "-7");
    wci_cells_free(&cells);
}
END_TEST

START_TEST(a_spelling_stays_while_it_means_the_same)
{
    static const struct {
        size_t column;
        const char *now, *kept, *written;
    } cells[] = {
        {WCI_DEP_cameraHeight, "1.3", "1.30", "1.30"},
        {WCI_DEP_cameraHeight, "1.31", "1.30", "1.31"},
        {WCI_DEP_deploymentStart, "2020-05-30T02:57:37Z", "2020-05-30T04:57:37+02:00",
         "2020-05-30T04:57:37+02:00"},
        {WCI_DEP_deploymentStart, "2020-05-30T02:57:38Z", "2020-05-30T04:57:37+02:00",
         "2020-05-30T02:57:38Z"},
        {WCI_DEP_habitat, "wood", "Wood", "wood"},
        {WCI_DEP_habitat, "", "wood", ""}, /* taken away since */
        {WCI_DEP_cameraTilt, "1", "one", "1"},
        {WCI_DEP_baitUse, "true", "1", "1"},
        {WCI_DEP_baitUse, "false", "False", "False"},
        {WCI_DEP_baitUse, "false", "1", "false"},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct wci_cells row = {0};
        const char *name = wci_camtrapdp_deployments.columns[cells[i].column];
        json_t *kept = json_pack("{s:s}", name, cells[i].kept);
        wci_cells_set(&row, cells[i].column, cells[i].now);
        wci_cells_respell(&row, &wci_camtrapdp_deployments, kept, none);
        ck_assert_str_eq(wci_text_get(&row.values[cells[i].column]), cells[i].written);
        json_decref(kept);
        wci_cells_free(&row);
    }
}
END_TEST

START_TEST(a_row_is_kept_whole)
{
    static const char text[] = "extra,timestamp,mediaID,exifData\n"
                               "x,2020-01-01T00:00:00Z,m1,\"{\"\"a\"\": 1}\"\n"
                               "y,NA,m2,\n";
    struct wci_table_reader reader;
    struct wci_text json = {0};
    bool is_short = false;
    save_file(scratch_path("m.csv"), text, sizeof text - 1);
    assert_done(wci_table_open(&reader, &wci_camtrapdp_media, scratch_path("m.csv")));
    ck_assert_str_eq(wci_text_get(&reader.others), "extra");
    ck_assert_int_eq(wci_table_next(&reader), 1);
    int64_t place = reader.csv.place;
    wci_cells_keep(&reader, 7, &json);
    json_t *kept = wci_cells_kept(json.data, &is_short);
    ck_assert_str_eq(wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_exifData),
                     "{\"a\": 1}");
    ck_assert_str_eq(wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_filePath), "");
    json_decref(kept);
    ck_assert_int_eq(wci_table_next(&reader), 1);
    ck_assert_str_eq(wci_table_cell(&reader, WCI_MED_timestamp), "");
    ck_assert_int_eq(wci_table_next(&reader), 0);
    ck_assert_int_eq(wci_table_read_at(&reader, place), 1);
    ck_assert_str_eq(wci_table_cell(&reader, WCI_MED_mediaID), "m1");
    wci_table_close(&reader);
    wci_text_free(&json);
    ck_assert_ptr_null(wci_cells_kept("{\"a\": 1}", &is_short));
    ck_assert_ptr_null(wci_cells_kept("\"camtrapdp\"", &is_short));
    ck_assert(!is_short);
    save_file(scratch_path("no.csv"), "a,b\n", 4);
    assert_status(WILDCAM_ERR_INVALID,
                  wci_table_open(&reader, &wci_camtrapdp_media, scratch_path("no.csv")));
    wci_table_close(&reader);
}
END_TEST

START_TEST(paths_stay_in_the_package)
{
    static const char *const good[] = {"media/a.jpg", "a", "https://x/y", "a b/c"};
    static const char *const bad[] = {"", "/a", "./a", "~/a", "../a", "a/../b", "a..b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(wci_camtrapdp_is_path(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!wci_camtrapdp_is_path(bad[i]), "%s", bad[i]);
    ck_assert(wci_camtrapdp_is_address("http://x") && !wci_camtrapdp_is_address("httpx"));
}
END_TEST

START_TEST(exif_tells_neither_place_nor_owner)
{
    static const struct {
        const char *before, *after;
    } cells[] = {
        {"", ""},
        {"{\"ISO\":  640}", "{\"ISO\":  640}"}, /* as it was written */
        {"{\"ISO\": 640, \"GPSLatitude\": 1}", "{\"ISO\":640}"},
        {"{\"gps\": {\"a\": 1}, \"b\": [{\"BodySerialNumber\": 1, \"c\": 2}]}",
         "{\"b\":[{\"c\":2}]}"},
        {"{\"a\": \"Unrecognized MakerNotes\"}", "{\"a\": \"Unrecognized MakerNotes\"}"},
        {"{\"\\u0047PSLongitude\": 1}", "{}"},
        {"{\"a\": 1}, \"b\": 2", "{\"a\": 1}, \"b\": 2"}, /* no JSON, and no harm */
        {"{\"a\": 1}, \"GPS\" : 2", ""},
        {"ISO 640", "ISO 640"},
        {"{\"a\": \"1", ""},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct wci_text cell = {0};
        wci_text_add(&cell, cells[i].before);
        wci_camtrapdp_strip_exif(&cell);
        ck_assert_str_eq(wci_text_get(&cell), cells[i].after);
        wci_text_free(&cell);
    }
}
END_TEST

START_TEST(a_set_of_many_texts)
{
    struct wci_hash_set set = {0};
    bool before;
    ck_assert_ptr_null(wci_hash_set_find(&set, 1));
    for (int64_t i = 0; i < 20000; i++) {
        char text[24];
        int64_t value = i;
        snprintf(text, sizeof text, "IMG_%05lld.JPG", (long long)i);
        assert_done(wci_hash_set_add(&set, wci_hash_set_hash(7, text), &value, &before));
        ck_assert(!before);
    }
    for (int64_t i = 0; i < 20000; i += 997) {
        char text[24];
        snprintf(text, sizeof text, "IMG_%05lld.JPG", (long long)i);
        ck_assert_int_eq(*wci_hash_set_find(&set, wci_hash_set_hash(7, text)), i);
        ck_assert_ptr_null(wci_hash_set_find(&set, wci_hash_set_hash(8, text)));
    }
    int64_t value = -1;
    assert_done(wci_hash_set_add(&set, wci_hash_set_hash(7, "IMG_00003.JPG"), &value, &before));
    ck_assert(before && value == 3);
    wci_hash_set_free(&set);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("camtrapdp");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, times_have_a_zone_and_no_fraction);
    tcase_add_test(all, a_spelling_stays_while_it_means_the_same);
    tcase_add_test(all, a_row_is_kept_whole);
    tcase_add_test(all, paths_stay_in_the_package);
    tcase_add_test(all, exif_tells_neither_place_nor_owner);
    tcase_add_test(all, a_set_of_many_texts);
    return suite;
}
