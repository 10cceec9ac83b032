/* Files of other programs, into a station and out of it. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

#include <jansson.h>

static int64_t figure(const wildcam_exchange *exchange, int which)
{
    return wildcam_exchange_get_figure(exchange, which);
}

static wildcam_exchange *begin(wildcam_station *station)
{
    wildcam_exchange *exchange;
    assert_ok(wildcam_exchange_new(station, &exchange));
    return exchange;
}

static json_t *load_json(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s: %s", path, error.text);
    return json;
}

/* Exports as MegaDetector's results and reads them. */
static json_t *export_results(wildcam_station *station, const char *threshold)
{
    wildcam_exchange *exchange = begin(station);
    if (threshold)
        assert_ok(wildcam_exchange_set(exchange, "threshold", threshold));
    assert_ok(wildcam_exchange_export(exchange, "megadetector", scratch_path("out.json")));
    wildcam_exchange_free(exchange);
    return load_json(scratch_path("out.json"));
}

static void save_text(const char *path, const char *text)
{
    save_file(path, text, strlen(text));
}

static const char results[] =
    "{\"images\": [\n"
    " {\"file\": \"gate\\\\a.jpg\", \"width\": 64, \"detections\": ["
    "{\"category\": \"1\", \"conf\": 0.9, \"bbox\": [-2e-07, 0.1, 0.2, 0.3], \"tag\": [1],"
    " \"classifications\": [[\"3\", 0.7], [\"1\", 0.2]]},"
    " {\"category\": \"2\", \"conf\": 1, \"bbox\": [0, 0, 1, 1]}]},\n"
    " {\"file\": \"gate/b.jpg\", \"detections\": []},\n"
    " {\"file\": \"gate/c.jpg\", \"failure\": \"Failure image access\"},\n"
    " {\"file\": \"gate/none.jpg\", \"detections\": []}\n"
    "], \"detection_categories\": {\"1\": \"animal\", \"2\": \"person\", \"3\": \"vehicle\"},\n"
    " \"classification_categories\": {\"1\": \"elk\", \"3\": \"fox\"},\n"
    " \"info\": {\"format_version\": \"1.5\", \"detector\": \"md_v5a.0.0.pt\","
    " \"custom_metadata\": {\"site\": 7}}, \"made_by\": [1, 2]}\n";

/* Three pictures in base/gate, and what was found on them. */
static void make_base(void)
{
    static const char *const names[] = {"a.jpg", "b.jpg", "c.jpg"};
    ck_assert_int_eq(mkdir(scratch_path("base"), 0700), 0);
    ck_assert_int_eq(mkdir(scratch_path("base/gate"), 0700), 0);
    for (unsigned i = 0; i < 3; i++) {
        struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, i);
        char path[1024];
        snprintf(path, sizeof path, "base/gate/%s", names[i]);
        save_file(scratch_path("%s", path), jpeg.data, jpeg.size);
        jpeg_free(&jpeg);
    }
    save_text(scratch_path("md.json"), results);
}

static wildcam_exchange *import_base(wildcam_station *station)
{
    wildcam_exchange *exchange = begin(station);
    assert_ok(wildcam_exchange_set(exchange, "base", scratch_path("base")));
    assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("md.json")));
    return exchange;
}

static const char people[] =
    "{\"images\": ["
    "{\"file\": \"gate/a.jpg\", \"detections\": [{\"category\": \"1\", \"conf\": 0.9,"
    " \"bbox\": [0.1, 0.1, 0.2, 0.3], \"classifications\": [[\"1\", 0.8]]}]},"
    "{\"file\": \"gate/b.jpg\", \"detections\": [{\"category\": \"2\", \"conf\": 0.9,"
    " \"bbox\": [0.1, 0.1, 0.2, 0.3], \"classifications\": [[\"3\", 0.9]]}]},"
    "{\"file\": \"gate/c.jpg\", \"detections\": [{\"category\": \"2\", \"conf\": 0.9,"
    " \"bbox\": [100, 100, 200, 300]}]}"
    "], \"detection_categories\": {\"1\": \"animal\", \"2\": \"person\"},"
    " \"classification_categories\": {\"1\": \"Homo sapiens\", \"3\": \"fox\"},"
    " \"info\": {\"format_version\": \"1.5\"}}";

/* Whichever of the two looks finds him, and wherever he is. */
START_TEST(people_stay_people)
{
    wildcam_query *query;
    make_base();
    save_text(scratch_path("md.json"), people);
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    wildcam_exchange_free(import_base(station));
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_category(query, WILDCAM_CATEGORY_HUMAN));
    ck_assert_int_eq(walk(station, query), 3);
    ck_assert_int_eq(walk(station, NULL), 3);
    wildcam_query_free(query);
    wildcam_station_close(station);
}
END_TEST

/* Who is left out nobody blurs, and the picture would be one of nobody. */
START_TEST(people_are_not_below_a_threshold)
{
    static const char unsure[] =
        "{\"images\": ["
        "{\"file\": \"gate/a.jpg\", \"detections\": ["
        "{\"category\": \"2\", \"conf\": 0.3, \"bbox\": [0.1, 0.1, 0.2, 0.3]},"
        "{\"category\": \"2\", \"conf\": 0.1, \"bbox\": [0.6, 0.1, 0.2, 0.3]},"
        "{\"category\": \"1\", \"conf\": 0.4, \"bbox\": [0.1, 0.6, 0.2, 0.3]}]},"
        "{\"file\": \"gate/b.jpg\", \"detections\": [{\"category\": \"9\", \"conf\": 0.3,"
        " \"bbox\": [0.1, 0.1, 0.2, 0.3]}]},"
        "{\"file\": \"gate/c.jpg\", \"detections\": [{\"category\": \"1\", \"conf\": 0.3,"
        " \"bbox\": [0.1, 0.1, 0.2, 0.3], \"classifications\": [[\"1\", 0.8]]}]}"
        "], \"detection_categories\": {\"1\": \"animal\", \"2\": \"person\"},"
        " \"classification_categories\": {\"1\": \"Homo sapiens\"},"
        " \"info\": {\"format_version\": \"1.5\"}}";
    make_base();
    save_text(scratch_path("md.json"), unsure);
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    wildcam_exchange *exchange = begin(station);
    assert_ok(wildcam_exchange_set(exchange, "base", scratch_path("base")));
    assert_ok(wildcam_exchange_set(exchange, "threshold", "0.5"));
    assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("md.json")));
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), 3);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_BELOW), 2);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_UNLISTED), 1);
    wildcam_exchange_free(exchange);
    ck_assert_int_eq(walk(station, NULL), 3);
    wildcam_station_close(station);
}
END_TEST

START_TEST(results_go_in_and_come_out)
{
    make_base();
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    wildcam_exchange *exchange = import_base(station);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_PICTURES), 4);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_ADDED), 3);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_FAILED), 1);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_UNPROCESSED), 1);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_CLAMPED), 1);
    wildcam_exchange_free(exchange);
    exchange = import_base(station); /* again: nothing new */
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_ADDED), 0);
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_KNOWN), 3);
    wildcam_exchange_free(exchange);
    ck_assert_int_eq(walk(station, NULL), 4);

    json_t *out = export_results(station, NULL), *images = json_object_get(out, "images");
    ck_assert_uint_eq(json_array_size(images), 3);
    json_t *first = json_array_get(images, 0), *found = json_object_get(first, "detections");
    ck_assert_str_eq(json_string_value(json_object_get(first, "file")), "gate\\a.jpg");
    ck_assert_int_eq(json_integer_value(json_object_get(first, "width")), 64);
    ck_assert_uint_eq(json_array_size(found), 2);
    json_t *fox = json_array_get(found, 0);
    ck_assert(json_is_real(json_object_get(fox, "conf")));
    ck_assert(json_is_real(json_object_get(json_array_get(found, 1), "conf")));
    ck_assert(json_real_value(json_array_get(json_object_get(fox, "bbox"), 0)) == 0);
    ck_assert_uint_eq(json_array_size(json_object_get(fox, "tag")), 1);
    const char *id = json_string_value(
        json_array_get(json_array_get(json_object_get(fox, "classifications"), 0), 0));
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(out, "classification_categories"), id)),
        "fox");
    ck_assert_uint_eq(json_array_size(json_object_get(json_array_get(images, 1), "detections")), 0);
    ck_assert(json_is_array(json_object_get(json_array_get(images, 1), "detections")));
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(images, 2), "failure")),
                     "Failure image access");
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(out, "info"), "format_version")), "1.6");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(out, "info"), "detector")),
                     "md_v5a.0.0.pt");
    ck_assert_uint_eq(json_array_size(json_object_get(out, "made_by")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(json_object_get(out, "info"), "custom_metadata"), "site")),
                     7);
    json_decref(out);
    out = export_results(station, "0.95");
    ck_assert_uint_eq(json_array_size(json_object_get(
                          json_array_get(json_object_get(out, "images"), 0), "detections")),
                      1);
    json_decref(out);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(pictures_are_found_by_name)
{
    static const struct {
        const char *file;
        bool is_found;
    } files[] = {
        {"a.jpg", false}, /* both cameras have one */
        {"some/where/gate/a.jpg", true},
        {"pond\\a.jpg", true},
        {"only.jpg", true},
        {"/mnt/pond/100EK113/only.jpg", true}, /* the folder is wrong, the name is unique */
        {"missing.jpg", false},
    };
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    const char *const places[][2] = {{"gate", "a.jpg"}, {"pond", "a.jpg"}, {"gate", "only.jpg"}};
    for (unsigned i = 0; i < 3; i++) {
        struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, i);
        save_file(scratch_path("%s", places[i][1]), jpeg.data, jpeg.size);
        assert_ok(wildcam_station_ingest_file(station, places[i][0],
                                              scratch_path("%s", places[i][1]), NULL, NULL));
        jpeg_free(&jpeg);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char text[400];
        json_t *file = json_string(files[i].file);
        char *quoted = json_dumps(file, JSON_ENCODE_ANY);
        snprintf(text, sizeof text, "{\"images\": [{\"file\": %s, \"detections\": []}]}", quoted);
        save_text(scratch_path("one.json"), text);
        wildcam_exchange *exchange = begin(station);
        assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("one.json")));
        ck_assert_msg(figure(exchange, WILDCAM_EXCHANGE_KNOWN) == files[i].is_found, "%s",
                      files[i].file);
        ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_UNMATCHED), !files[i].is_found);
        wildcam_exchange_free(exchange);
        free(quoted);
        json_decref(file);
    }
    wildcam_station_close(station);
}
END_TEST

/* No threshold is above a person's word, on the way in or out. */
static void assert_verified_stays(wildcam_station *station)
{
    size_t size;
    wildcam_exchange *exchange = begin(station);
    assert_ok(wildcam_exchange_set(exchange, "threshold", "0.9"));
    assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("later.json")));
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_BELOW), 1);
    ck_assert_int_eq(walk(station, NULL), 1);
    assert_ok(wildcam_exchange_export(exchange, "csv", scratch_path("out.csv")));
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), 1);
    wildcam_exchange_free(exchange);
    char *text = load_file(scratch_path("out.csv"), &size);
    ck_assert_ptr_nonnull(strstr(text, ",true,"));
    free(text);
    json_t *out = export_results(station, "0.9");
    json_t *picture = json_array_get(json_object_get(out, "images"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(picture, "detections")), 1);
    json_decref(out);
}

/* What is found later takes the placeholder's place, a second time that of the first, and never
 * that of a person's word. */
START_TEST(results_are_given_to_pictures)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    const wildcam_detection *row;
    wildcam_cursor *cursor;
    wildcam_detection *review;
    int64_t image = add_scene(station, "gate", 1, at("2026-02-02"));
    char text[1000];
    for (int round = 0; round < 3; round++) {
        snprintf(text, sizeof text,
                 "{\"info\": {\"format_version\": \"1.5\", \"detector\": \"md\"}, \"images\": "
                 "[{\"file\": \"gate/%lld.jpg\", \"extra\": 5, \"detections\": ["
                 "{\"category\": \"%d\", \"conf\": 0.5, \"bbox\": [0, 0, 1, 1]}]}]}",
                 (long long)image, round + 1);
        save_text(scratch_path("later.json"), text);
        wildcam_exchange *exchange = begin(station);
        assert_ok(wildcam_exchange_import(exchange, "megadetector", scratch_path("later.json")));
        ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_KNOWN), 1);
        wildcam_exchange_free(exchange);
        assert_ok(wildcam_station_query(station, NULL, &cursor));
        ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
        int64_t id = wildcam_detection_get_id(row);
        ck_assert_str_eq(wildcam_detection_get_detector(row), "md");
        /* animal, then human; a person agrees with that, and vehicle comes beside it no more */
        ck_assert_int_eq(wildcam_detection_get_category(row),
                         round == 0 ? WILDCAM_CATEGORY_ANIMAL : WILDCAM_CATEGORY_HUMAN);
        ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 0);
        wildcam_cursor_free(cursor);
        if (round != 1)
            continue;
        assert_ok(wildcam_detection_new(&review));
        assert_ok(wildcam_detection_set_verified(review, 1));
        assert_ok(wildcam_station_verify_detection(station, id, review));
        wildcam_detection_free(review);
    }
    json_t *out = export_results(station, NULL);
    json_t *picture = json_array_get(json_object_get(out, "images"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(picture, "extra")), 5);
    json_decref(out);
    assert_verified_stays(station);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(csv_has_a_row_for_each_detection)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    add(station, &(struct sighting){"gate", "a, \"b\"", at("2026-02-01"), 0.5});
    add_scene(station, "gate", 1, at("2026-02-02"));
    wildcam_exchange *exchange = begin(station);
    assert_ok(wildcam_exchange_export(exchange, "csv", scratch_path("out.csv")));
    ck_assert_int_eq(figure(exchange, WILDCAM_EXCHANGE_DETECTIONS), 2);
    size_t size;
    char *text = load_file(scratch_path("out.csv"), &size);
    ck_assert_ptr_nonnull(strstr(text, "\"a, \"\"b\"\"\""));
    ck_assert_ptr_nonnull(strstr(text, "2026-02-02T00:00:00"));
    free(text);
    wildcam_exchange_free(exchange);
    wildcam_station_close(station);
}
END_TEST

static int stop(void *user, const char *phase, int64_t done, int64_t total)
{
    (void)phase;
    (void)done;
    (void)total;
    ++*(int *)user;
    return 1;
}

static void count_note(void *user, const char *what, const char *where, const char *text)
{
    ck_assert(*what && where && *text);
    ++*(int *)user;
}

/* Whether a file beside it was left over. */
static bool is_left_over(void)
{
    bool found = false;
    DIR *directory = opendir(scratch_path("."));
    for (const struct dirent *entry; (entry = readdir(directory));)
        found |= strstr(entry->d_name, ".part-") != NULL;
    closedir(directory);
    return found;
}

/* Nothing is left of an export that ends early, and what was under its name stays. */
START_TEST(an_export_is_whole_or_nothing)
{
    int calls = 0, notes = 0;
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    add_scene(station, "gate", 1, at("2026-02-02"));
    save_text(scratch_path("out.json"), "before");
    wildcam_exchange *exchange = begin(station);
    assert_ok(wildcam_exchange_set_progress(exchange, stop, &calls));
    assert_ok(wildcam_exchange_set_note(exchange, count_note, &notes));
    assert_status(WILDCAM_ERR_CANCELLED,
                  wildcam_exchange_export(exchange, "megadetector", scratch_path("out.json")));
    ck_assert_int_gt(calls, 0);
    size_t size;
    char *text = load_file(scratch_path("out.json"), &size);
    ck_assert_str_eq(text, "before");
    free(text);
    ck_assert(!is_left_over());
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_exchange_export(exchange, "megadetector", scratch_path("no/out.json")));
    wildcam_exchange_free(exchange);
    wildcam_station_close(station);
}
END_TEST

START_TEST(options_are_checked)
{
    wildcam_station *station = open_with("store.durability", "normal", NULL);
    wildcam_exchange *exchange = begin(station);
    char *json;
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_exchange_set(exchange, "no_such", "x"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_set(exchange, "threshold", "1.5"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_set(exchange, "gzip", "yes"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_set(exchange, "decimals", "7"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_set(exchange, "camera", ".no"));
    assert_ok(wildcam_exchange_set(exchange, "threshold", "0.5"));
    assert_ok(wildcam_exchange_set(exchange, "threshold", ""));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_export(exchange, "xml", "x"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_import(exchange, "csv", "x"));
    assert_status(WILDCAM_ERR_INVALID, wildcam_exchange_import(exchange, "megadetector", ""));
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_exchange_import(exchange, "megadetector", scratch_path("none")));
    save_text(scratch_path("no.json"), "{\"a\": 1}");
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_exchange_import(exchange, "megadetector", scratch_path("no.json")));
    save_text(scratch_path("no.json"), "{\"images\": [], \"info\": {\"format_version\": \"2.0\"}}");
    assert_status(WILDCAM_ERR_VERSION,
                  wildcam_exchange_import(exchange, "megadetector", scratch_path("no.json")));
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_device_id(query, "nobody"));
    assert_ok(wildcam_exchange_set_query(exchange, query));
    wildcam_query_free(query);
    assert_ok(wildcam_exchange_export(exchange, "megadetector", scratch_path("out.json")));
    assert_ok(wildcam_exchange_to_json(exchange, &json));
    ck_assert_ptr_nonnull(strstr(json, "\"pictures\":0,"));
    wildcam_free(json);
    ck_assert_int_eq(wildcam_exchange_get_figure(exchange, 1000), -1);
    wildcam_exchange_free(exchange);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("exchange");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, people_stay_people);
    tcase_add_test(all, people_are_not_below_a_threshold);
    tcase_add_test(all, results_go_in_and_come_out);
    tcase_add_test(all, pictures_are_found_by_name);
    tcase_add_test(all, results_are_given_to_pictures);
    tcase_add_test(all, csv_has_a_row_for_each_detection);
    tcase_add_test(all, an_export_is_whole_or_nothing);
    tcase_add_test(all, options_are_checked);
    return suite;
}
