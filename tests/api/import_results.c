/* MegaDetector's results as others write them: names that lead elsewhere, and what is too long. */
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

#include <jansson.h>

static char notes[20000];

static void keep_note(void *user, const char *what, const char *where, const char *text)
{
    size_t length = strlen(notes);
    (void)user;
    ck_assert_msg(*text, "%s of %s has no words", what, where);
    snprintf(notes + length, sizeof notes - length, "%s: %s: %s\n", what, where, text);
}

/* Imports a text, with the pictures in base unless it is NULL. */
static wildcam_exchange *import_text(wildcam_station *station, const char *base, const char *text)
{
    wildcam_exchange *exchange;
    notes[0] = '\0';
    save_file(scratch_path("md.json"), text, strlen(text));
    assert_ok(wildcam_exchange_new(station, &exchange));
    assert_ok(wildcam_exchange_set_note(exchange, keep_note, NULL));
    if (base)
        assert_ok(wildcam_exchange_set(exchange, "base", base));
    assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("md.json")));
    return exchange;
}

static void make_picture(const char *path, unsigned seed)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, seed);
    save_file(path, jpeg.data, jpeg.size);
    jpeg_free(&jpeg);
}

static void make_folders(void)
{
    static const char *const folders[] = {"base", "base/gate", "out", "out/gate"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        ck_assert_int_eq(mkdir(scratch_path("%s", folders[i]), 0700), 0);
    make_picture(scratch_path("base/gate/a.jpg"), 1);
    make_picture(scratch_path("out/secret.jpg"), 2);
    make_picture(scratch_path("out/gate/secret.jpg"), 3);
    ck_assert_int_eq(symlink("../../out/secret.jpg", scratch_path("base/gate/link.jpg")), 0);
    ck_assert_int_eq(symlink("../out", scratch_path("base/way")), 0);
    ck_assert_int_eq(mkfifo(scratch_path("base/gate/pipe.jpg"), 0600), 0);
}

START_TEST(no_name_leads_out_of_the_folder)
{
    char root[1200];
    snprintf(root, sizeof root, "%s", scratch_path("out/gate/secret.jpg"));
    const struct {
        const char *file, *words; /* NULL where the picture is taken in */
    } files[] = {
        {"gate/a.jpg", NULL},
        {"./gate//a.jpg", NULL},
        {"gate\\a.jpg", NULL},
        {"gate/./a.jpg", NULL},
        {"gate/none.jpg", "No such file"},
        {"../out/secret.jpg", ".."},
        {"gate/../../out/secret.jpg", ".."},
        {"..\\out\\gate\\secret.jpg", ".."},
        {"gate/..", ".."},
        {root, "root"},
        {"gate/link.jpg", "link.jpg"},
        {"way/secret.jpg", "way"},
        {"way/gate/secret.jpg", "way"},
        {"gate/pipe.jpg", "not a file"},
        {"gate/", "not a file"},
        {"gate/a.jpg/", NULL},
        {"gate/a.jpg/b.jpg", "Not a directory"},
    };
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    make_folders();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        json_t *results = json_pack("{s:[{s:s,s:[]}]}", "images", "file", files[i].file,
                                    "detections");
        char *text = json_dumps(results, 0);
        for (int dry = 0; dry < 2; dry++) {
            wildcam_exchange *exchange = import_text(station, scratch_path("base"), text);
            bool is_in = wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_FAILED) == 0;
            ck_assert_msg(is_in == !files[i].words, "%s: %s", files[i].file, notes);
            if (files[i].words)
                ck_assert_msg(strstr(notes, files[i].words), "%s: %s", files[i].file, notes);
            wildcam_exchange_free(exchange);
        }
        free(text);
        json_decref(results);
    }
    ck_assert_int_eq(walk(station, NULL), 1);
    wildcam_station_close(station);
}
END_TEST

START_TEST(a_base_that_is_no_folder_is_told_once)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    wildcam_exchange *exchange;
    save_file(scratch_path("md.json"), "{\"images\": []}", 14);
    assert_ok(wildcam_exchange_new(station, &exchange));
    assert_ok(wildcam_exchange_set(exchange, "base", scratch_path("none")));
    assert_fails(WILDCAM_ERR_NOTFOUND, "/none",
                 wildcam_exchange_import(exchange, "megadetector", scratch_path("md.json")));
    wildcam_exchange_free(exchange);
    wildcam_station_close(station);
}
END_TEST

/* A picture whose file says far too much, with a detection of the same kind. */
static char *make_long(int classes)
{
    char *filler = malloc(80000), id[16], name[64];
    memset(filler, 'x', 79999);
    filler[79999] = '\0';
    json_t *detection = json_pack("{s:s,s:f,s:[f,f,f,f],s:s,s:i,s:[]}", "category", "1", "conf",
                                  0.9, "bbox", 0., 0., .5, .5, "long", filler, "short", 7,
                                  "classifications");
    json_t *names = json_object();
    for (int i = 0; i < classes; i++) { /* the surest is the last */
        snprintf(id, sizeof id, "%d", i);
        snprintf(name, sizeof name, "species %05d", i);
        json_object_set_new(names, id, json_string(name));
        json_array_append_new(json_object_get(detection, "classifications"),
                              json_pack("[s,f]", id, i + 1 == classes ? 0.8 : 0.1));
    }
    json_t *results = json_pack("{s:[{s:s,s:s,s:s,s:[o]}],s:o}", "images", "file", "gate/a.jpg",
                                "long", filler, "tag", "kept", "detections", detection,
                                "classification_categories", names);
    char *text = json_dumps(results, 0);
    json_decref(results);
    free(filler);
    return text;
}

static json_t *export_first(wildcam_station *station, json_t **whole)
{
    json_error_t error;
    wildcam_exchange *exchange;
    assert_ok(wildcam_exchange_new(station, &exchange));
    assert_ok(wildcam_exchange_export(exchange, "megadetector", scratch_path("out.json")));
    wildcam_exchange_free(exchange);
    *whole = json_load_file(scratch_path("out.json"), 0, &error);
    ck_assert_ptr_nonnull(*whole);
    return json_array_get(json_object_get(*whole, "images"), 0);
}

static void assert_said(wildcam_station *station, int classes)
{
    json_t *whole, *picture = export_first(station, &whole);
    json_t *detection = json_array_get(json_object_get(picture, "detections"), 0);
    json_t *kept = json_object_get(detection, "classifications");
    json_t *last = json_array_get(kept, json_array_size(kept) - 1);
    char name[64];
    snprintf(name, sizeof name, "species %05d", classes - 1);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(whole, "classification_categories"),
                                          json_string_value(json_array_get(last, 0)))),
        name);
    if (classes < 1000)
        ck_assert_uint_eq(json_array_size(kept), (size_t)classes);
    ck_assert_int_eq(json_integer_value(json_object_get(detection, "short")), 7);
    ck_assert_ptr_null(json_object_get(detection, "long"));
    ck_assert_str_eq(json_string_value(json_object_get(picture, "tag")), "kept");
    ck_assert_ptr_null(json_object_get(picture, "long"));
    json_decref(whole);
}

static const int class_counts[] = {150, 5000};

/* Nothing is lost for what stands beside it. */
START_TEST(what_is_too_long_loses_no_picture)
{
    const wildcam_detection *row;
    wildcam_cursor *cursor;
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    char *text = make_long(class_counts[_i]), name[64];
    make_folders();
    wildcam_exchange *exchange = import_text(station, scratch_path("base"), text);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_ADDED), 1);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), 1);
    ck_assert_msg(strstr(notes, "65536"), "%s", notes);
    ck_assert_msg(strstr(notes, "gate/a.jpg"), "%s", notes);
    wildcam_exchange_free(exchange);
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    snprintf(name, sizeof name, "species %05d", class_counts[_i] - 1);
    ck_assert_str_eq(wildcam_detection_get_species(row), name);
    wildcam_cursor_free(cursor);
    assert_said(station, class_counts[_i]);
    wildcam_exchange_free(
        import_text(station, NULL, text)); /* given to the picture that is there */
    if (class_counts[_i] < 1000)
        assert_said(station, class_counts[_i]);
    free(text);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("import_results");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, no_name_leads_out_of_the_folder);
    tcase_add_test(all, a_base_that_is_no_folder_is_told_once);
    tcase_add_loop_test(all, what_is_too_long_loses_no_picture, 0,
                        sizeof class_counts / sizeof *class_counts);
    return suite;
}
