/* What viewers get of pictures with people on them. */
#include <dirent.h>
#include <math.h>
#include <sqlite3.h>

#include "fixtures.h"

static wildcam_station *station;

static void reopen(const char *name, const char *value, const char *other, const char *other_value)
{
    wildcam_station_close(station);
    station = open_with(name, value, other, other_value, NULL);
}

static void set_up(void)
{
    station = open_with("privacy.humans", "blur", NULL);
}

static void tear_down(void)
{
    wildcam_station_close(station);
}

struct word {
    int category;
    double confidence;
    wildcam_box box; /* width 0: none */
};

static int64_t shoot(unsigned seed, const struct word *words, size_t count, int64_t *detection_id)
{
    wildcam_ingest *ingest;
    struct jpeg jpeg = make_jpeg(640, 480, JPEG_COLOUR, seed);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "gate"));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    for (size_t i = 0; i < count; i++) {
        wildcam_detection *draft;
        assert_ok(wildcam_detection_new(&draft));
        assert_ok(wildcam_detection_set_category(draft, words[i].category));
        assert_ok(wildcam_detection_set_confidence(draft, words[i].confidence));
        if (words[i].box.width > 0)
            assert_ok(wildcam_detection_set_box(draft, &words[i].box));
        assert_ok(wildcam_ingest_add_detection(ingest, draft));
        wildcam_detection_free(draft);
    }
    assert_ok(wildcam_ingest_commit(ingest));
    int64_t id = wildcam_ingest_get_image_id(ingest);
    if (detection_id)
        *detection_id = wildcam_ingest_get_detection_id(ingest);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    return id;
}

static int view_of(int64_t id, int audience)
{
    int view = 77;
    int64_t version;
    assert_ok(wildcam_station_get_view(station, id, audience, &view, &version));
    ck_assert_int_eq(version != 0, view == WILDCAM_VIEW_BLURRED);
    return view;
}

static const struct word person = {WILDCAM_CATEGORY_HUMAN, 0.9, {0.2, 0.2, 0.2, 0.5}};
static const struct word fox = {WILDCAM_CATEGORY_ANIMAL, 0.9, {0.2, 0.2, 0.2, 0.5}};

static bool is_original(int64_t id, int audience)
{
    void *original, *got;
    size_t original_size, size;
    assert_ok(wildcam_station_read_picture(station, id, 0, &original, &original_size));
    assert_ok(wildcam_station_read_picture_for(station, id, audience, 0, &got, &size, NULL));
    bool same = size == original_size && memcmp(got, original, size) == 0;
    wildcam_free(original);
    wildcam_free(got);
    return same;
}

START_TEST(viewers_get_people_blurred)
{
    void *original, *small, *blurred;
    size_t original_size, small_size, blurred_size;
    wildcam_image *image;
    int64_t id = shoot(1, &person, 1, NULL);
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_BLURRED);
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_ADMIN), WILDCAM_VIEW_ORIGINAL);
    ck_assert(!is_original(id, WILDCAM_AUDIENCE_VIEWER));
    ck_assert(is_original(id, WILDCAM_AUDIENCE_ADMIN));
    assert_ok(wildcam_station_get_thumbnail(station, id, &original, &original_size));
    assert_ok(wildcam_station_get_thumbnail_for(station, id, WILDCAM_AUDIENCE_VIEWER, &blurred,
                                                &blurred_size, NULL));
    assert_ok(wildcam_station_get_thumbnail_for(station, id, WILDCAM_AUDIENCE_ADMIN, &small,
                                                &small_size, NULL));
    ck_assert(small_size == original_size && memcmp(small, original, small_size) == 0);
    ck_assert(blurred_size != original_size || memcmp(blurred, original, blurred_size) != 0);
    assert_ok(wildcam_image_probe(blurred, blurred_size, &image));
    ck_assert_int_eq(wildcam_image_get_width(image), 320);
    wildcam_image_free(image);
    wildcam_free(original);
    wildcam_free(small);
    wildcam_free(blurred);
}
END_TEST

START_TEST(animals_are_shown)
{
    int64_t id = shoot(1, &fox, 1, NULL);
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
    ck_assert(is_original(id, WILDCAM_AUDIENCE_VIEWER));
    const struct word both[] = {fox, person};
    ck_assert_int_eq(view_of(shoot(2, both, 2, NULL), WILDCAM_AUDIENCE_VIEWER),
                     WILDCAM_VIEW_BLURRED);
}
END_TEST

START_TEST(it_must_be_sure_enough)
{
    struct word unsure = person;
    unsure.confidence = 0.19;
    int64_t id = shoot(1, &unsure, 1, NULL);
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
    reopen("privacy.humans", "blur", "privacy.confidence", "0.19");
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_BLURRED);
    unsure.confidence = NAN;
    ck_assert_int_eq(view_of(shoot(2, &unsure, 1, NULL), WILDCAM_AUDIENCE_VIEWER),
                     WILDCAM_VIEW_BLURRED);
}
END_TEST

START_TEST(reviews_count)
{
    wildcam_detection *review;
    int64_t detection, id = shoot(1, &person, 1, &detection);
    int before, after;
    int64_t first, second;
    assert_ok(wildcam_station_get_view(station, id, WILDCAM_AUDIENCE_VIEWER, &before, &first));
    assert_ok(wildcam_detection_new(&review));
    assert_ok(wildcam_detection_set_false_positive(review, 1));
    assert_ok(wildcam_station_verify_detection(station, detection, review));
    assert_ok(wildcam_station_get_view(station, id, WILDCAM_AUDIENCE_VIEWER, &after, &second));
    ck_assert_int_eq(before, WILDCAM_VIEW_BLURRED);
    ck_assert_int_ne(after, WILDCAM_VIEW_BLURRED);
    ck_assert_int_ne(first, second);
    wildcam_detection_free(review);
}
END_TEST

START_TEST(hidden_is_hidden)
{
    void *data = &data;
    size_t size;
    int64_t id = shoot(1, &person, 1, NULL);
    reopen("privacy.humans", "hide", NULL, NULL);
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_HIDDEN);
    assert_fails(WILDCAM_ERR_HIDDEN, "people are on it",
                 wildcam_station_read_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, 0, &data,
                                                  &size, NULL));
    ck_assert_ptr_null(data);
    assert_fails(WILDCAM_ERR_HIDDEN, "people are on it",
                 wildcam_station_get_thumbnail_for(station, id, WILDCAM_AUDIENCE_VIEWER, &data,
                                                   &size, NULL));
    ck_assert(is_original(id, WILDCAM_AUDIENCE_ADMIN));
    reopen("privacy.humans", "show", NULL, NULL);
    ck_assert(is_original(id, WILDCAM_AUDIENCE_VIEWER));
}
END_TEST

START_TEST(what_nobody_has_looked_at_is_hidden)
{
    int64_t unknown = shoot(1, NULL, 0, NULL), seen = shoot(2, &fox, 1, NULL);
    ck_assert_int_eq(view_of(unknown, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_HIDDEN);
    ck_assert_int_eq(view_of(unknown, WILDCAM_AUDIENCE_ADMIN), WILDCAM_VIEW_ORIGINAL);
    ck_assert_int_eq(view_of(seen, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
    reopen("privacy.humans", "blur", "process.detector", "motion"); /* which has not been there */
    ck_assert_int_eq(view_of(seen, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_HIDDEN);
    reopen("privacy.humans", "blur", "privacy.unprocessed", "show");
    ck_assert_int_eq(view_of(unknown, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
}
END_TEST

/* Whose word is no answer to whether people are there. */
START_TEST(motion_does_not_tell_people)
{
    int64_t ids[6], animal;
    int unknown = 0;
    wildcam_query *query;
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    reopen("privacy.humans", "blur", "process.detector", "motion");
    for (unsigned i = 0; i < 6; i++)
        ids[i] = shoot(10 + i, NULL, 0, NULL);
    animal = shoot(7, &fox, 1, NULL);
    assert_ok(wildcam_station_process_once(station, 60000, NULL, NULL));
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_station_query(station, query, &cursor));
    while (wildcam_cursor_next(cursor, &row) == 1)
        unknown += wildcam_detection_get_category(row) == WILDCAM_CATEGORY_UNKNOWN;
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    ck_assert_int_gt(unknown, 0);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(view_of(ids[i], WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_HIDDEN);
    /* the camera has said what it is */
    ck_assert_int_eq(view_of(animal, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
}
END_TEST

static wildcam_status say(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    const int *category = user;
    (void)picture;
    if (*category < 0)
        return WILDCAM_OK;
    return wildcam_findings_add(findings, *category, NULL, 0.9, NULL, NULL);
}

START_TEST(other_detectors_do)
{
    static const struct {
        int said, view;
    } answers[] = {
        {-1, WILDCAM_VIEW_HIDDEN}, /* nothing */
        {WILDCAM_CATEGORY_BLANK, WILDCAM_VIEW_ORIGINAL},
        {WILDCAM_CATEGORY_ANIMAL, WILDCAM_VIEW_ORIGINAL},
        {WILDCAM_CATEGORY_HUMAN, WILDCAM_VIEW_BLURRED},
        {WILDCAM_CATEGORY_UNKNOWN, WILDCAM_VIEW_BLURRED}, /* it may be somebody */
    };
    int said;
    reopen("privacy.humans", "blur", "process.detector", "script");
    assert_ok(wildcam_station_add_detector(station, "script", "1", say, &said));
    for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int64_t id = shoot(i, NULL, 0, NULL);
        said = answers[i].said;
        assert_ok(wildcam_station_process_once(station, 60000, NULL, NULL));
        ck_assert_msg(view_of(id, WILDCAM_AUDIENCE_VIEWER) == answers[i].view, "%u", i);
    }
}
END_TEST

START_TEST(what_a_person_has_judged_was_looked_at)
{
    wildcam_detection *review;
    int64_t detection, id = shoot(1, &person, 1, &detection);
    int64_t other_detection, other = shoot(2, NULL, 0, &other_detection);
    assert_ok(wildcam_detection_new(&review));
    assert_ok(wildcam_detection_set_notes(review, "which?"));
    assert_ok(wildcam_station_verify_detection(station, other_detection, review));
    ck_assert_int_eq(view_of(other, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_HIDDEN);
    assert_ok(wildcam_detection_set_false_positive(review, 1));
    assert_ok(wildcam_station_verify_detection(station, detection, review));
    ck_assert_int_eq(view_of(id, WILDCAM_AUDIENCE_VIEWER), WILDCAM_VIEW_ORIGINAL);
    wildcam_detection_free(review);
}
END_TEST

START_TEST(somebody_somewhere_is_everywhere)
{
    void *one, *two;
    size_t one_size, two_size;
    struct word somewhere = person;
    somewhere.box.width = 0;
    int64_t id = shoot(1, &somewhere, 1, NULL);
    assert_ok(wildcam_station_read_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, 0, &one,
                                               &one_size, NULL));
    assert_ok(wildcam_station_read_picture(station, id, 0, &two, &two_size));
    ck_assert_uint_lt(one_size, two_size / 2); /* next to nothing is left of it */
    wildcam_free(one);
    wildcam_free(two);
}
END_TEST

START_TEST(a_file_is_opened_where_it_is_shown_whole)
{
    int fd;
    int64_t bytes, id = shoot(1, &person, 1, NULL), other = shoot(2, &fox, 1, NULL);
    assert_ok(wildcam_station_open_picture_for(station, id, WILDCAM_AUDIENCE_ADMIN, &fd, &bytes));
    close(fd);
    assert_fails(
        WILDCAM_ERR_STATE, "shown as a copy",
        wildcam_station_open_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, &fd, &bytes));
    ck_assert_int_eq(fd, -1);
    assert_ok(
        wildcam_station_open_picture_for(station, other, WILDCAM_AUDIENCE_VIEWER, &fd, &bytes));
    ck_assert_int_gt(bytes, 0);
    close(fd);
    reopen("privacy.humans", "hide", NULL, NULL);
    assert_fails(
        WILDCAM_ERR_HIDDEN, "people are on it",
        wildcam_station_open_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, &fd, &bytes));
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_open_picture_for(
                                            station, 1, WILDCAM_AUDIENCE_VIEWER, &fd, &bytes));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_open_picture_for(station, id, 2, &fd, &bytes));
}
END_TEST

/* Which copy it is comes with it. */
START_TEST(a_copy_has_a_version)
{
    void *data;
    size_t size;
    int view;
    int64_t told, read, id = shoot(1, &person, 1, NULL);
    assert_ok(wildcam_station_get_view(station, id, WILDCAM_AUDIENCE_VIEWER, &view, &told));
    assert_ok(wildcam_station_read_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, 0, &data,
                                               &size, &read));
    ck_assert_int_eq(told, read);
    wildcam_free(data);
    assert_ok(wildcam_station_get_thumbnail_for(station, id, WILDCAM_AUDIENCE_VIEWER, &data, &size,
                                                &read));
    ck_assert_int_eq(told, read);
    wildcam_free(data);
    assert_ok(wildcam_station_read_picture_for(station, id, WILDCAM_AUDIENCE_ADMIN, 0, &data, &size,
                                               &read));
    ck_assert_int_eq(read, 0);
    wildcam_free(data);
}
END_TEST

static void deploy(int number, double radius)
{
    char key[16];
    wildcam_deployment *draft;
    snprintf(key, sizeof key, "d%d", number);
    assert_ok(wildcam_deployment_new(&draft));
    assert_ok(wildcam_deployment_set_key(draft, key));
    assert_ok(wildcam_deployment_set_device_id(draft, "gate"));
    assert_ok(wildcam_deployment_set_span(draft, number * DAY, number * DAY + DAY));
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_LATITUDE, 50.1234));
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_LONGITUDE, 8.5678));
    assert_ok(wildcam_deployment_set_number(draft, WILDCAM_DEPLOYMENT_PRIVACY_RADIUS, radius));
    assert_ok(wildcam_station_add_deployment(station, draft, NULL, NULL, NULL));
    wildcam_deployment_free(draft);
}

static double latitude_for(int audience)
{
    wildcam_camera *camera;
    wildcam_camera_list *list;
    assert_ok(wildcam_station_get_camera_for(station, "gate", audience, &camera));
    assert_ok(wildcam_station_list_cameras_for(station, 1, audience, &list));
    double latitude = wildcam_camera_get_latitude(camera);
    ck_assert(wildcam_camera_get_latitude(wildcam_camera_list_at(list, 0)) == latitude);
    wildcam_camera_free(camera);
    wildcam_camera_list_free(list);
    return latitude;
}

static double deployed_latitude_for(int audience)
{
    wildcam_deployment *first;
    wildcam_deployment_list *list;
    assert_ok(wildcam_station_get_deployment_for(station, "d0", audience, &first));
    assert_ok(wildcam_station_list_deployments_for(station, NULL, 0, DAY, audience, &list));
    double latitude = wildcam_deployment_get_number(first, WILDCAM_DEPLOYMENT_LATITUDE);
    ck_assert_uint_eq(wildcam_deployment_list_get_count(list), 1);
    ck_assert(wildcam_deployment_get_number(wildcam_deployment_list_at(list, 0),
                                            WILDCAM_DEPLOYMENT_LATITUDE) == latitude);
    wildcam_deployment_free(first);
    wildcam_deployment_list_free(list);
    return latitude;
}

/* The widest of all times: a camera has one place, and nobody says whose. */
START_TEST(places_are_within_the_widest_radius)
{
    wildcam_camera *draft;
    wildcam_deployment *wide;
    wildcam_image *image;
    int64_t id = shoot(1, &fox, 1, NULL);
    assert_ok(wildcam_camera_new(&draft));
    assert_ok(wildcam_camera_set_device_id(draft, "gate"));
    assert_ok(wildcam_camera_set_latitude(draft, 50.1234));
    assert_ok(wildcam_camera_set_longitude(draft, 8.5678));
    assert_ok(wildcam_station_put_camera(station, draft, NULL, NULL));
    wildcam_camera_free(draft);
    deploy(0, 0);
    ck_assert(latitude_for(WILDCAM_AUDIENCE_VIEWER) == 50.1234);
    deploy(1, 3000);
    deploy(2, 100);
    assert_ok(wildcam_station_get_deployment(station, "d1", &wide));
    assert_ok(wildcam_deployment_blur(wide));
    double latitude = wildcam_deployment_get_number(wide, WILDCAM_DEPLOYMENT_LATITUDE);
    wildcam_deployment_free(wide);
    ck_assert(latitude != 50.1234);
    ck_assert(latitude_for(WILDCAM_AUDIENCE_VIEWER) == latitude);
    ck_assert(latitude_for(WILDCAM_AUDIENCE_ADMIN) == 50.1234);
    ck_assert(deployed_latitude_for(WILDCAM_AUDIENCE_VIEWER) == latitude);
    ck_assert(deployed_latitude_for(WILDCAM_AUDIENCE_ADMIN) == 50.1234);
    int view;
    assert_ok(wildcam_station_get_view(station, id, WILDCAM_AUDIENCE_VIEWER, &view, NULL));
    ck_assert_int_eq(view, WILDCAM_VIEW_STRIPPED);
    assert_ok(wildcam_station_get_image_for(station, id, WILDCAM_AUDIENCE_VIEWER, &image));
    ck_assert_str_eq(wildcam_image_get_sha256(image), "");
    wildcam_image_free(image);
    assert_ok(wildcam_station_get_image_for(station, id, WILDCAM_AUDIENCE_ADMIN, &image));
    ck_assert_str_ne(wildcam_image_get_sha256(image), "");
    wildcam_image_free(image);
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_get_image_for(station, 1, WILDCAM_AUDIENCE_VIEWER, &image));
}
END_TEST

static bool has_metadata_for(int64_t id, int audience)
{
    wildcam_query *query;
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_detection *one;
    assert_ok(wildcam_query_new(&query));
    assert_ok(wildcam_query_set_audience(query, audience));
    assert_ok(wildcam_station_query(station, query, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &row), 1);
    ck_assert_int_eq(wildcam_detection_get_id(row), id);
    assert_ok(wildcam_station_get_detection_for(station, id, audience, &one));
    ck_assert_str_eq(wildcam_detection_get_metadata(one), wildcam_detection_get_metadata(row));
    bool has = *wildcam_detection_get_metadata(one) != '\0';
    wildcam_detection_free(one);
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    return has;
}

START_TEST(what_came_with_a_detection_stays_within_the_radius)
{
    int64_t id;
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_ok(wildcam_detection_set_device_id(draft, "gate"));
    assert_ok(wildcam_detection_set_time(draft, DAY, 0, WILDCAM_TIME_SOURCE_CLIENT));
    assert_ok(wildcam_detection_set_metadata(draft, "{\"gps\": \"50.1234 8.5678\"}"));
    assert_ok(wildcam_station_add_detection(station, draft, &id));
    wildcam_detection_free(draft);
    ck_assert(has_metadata_for(id, WILDCAM_AUDIENCE_VIEWER));
    deploy(1, 3000);
    ck_assert(!has_metadata_for(id, WILDCAM_AUDIENCE_VIEWER));
    ck_assert(has_metadata_for(id, WILDCAM_AUDIENCE_ADMIN));
}
END_TEST

/* What no version of the library writes: a place that is none stands for all of it. */
START_TEST(a_box_elsewhere_is_everywhere)
{
    void *data;
    size_t size, whole;
    sqlite3 *database;
    int64_t id = shoot(1, &person, 1, NULL);
    assert_ok(wildcam_station_read_picture(station, id, 0, &data, &whole));
    wildcam_free(data);
    wildcam_station_close(station);
    DIR *folder = opendir(scratch_path("station/detections"));
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".db") != 0)
            continue;
        ck_assert_int_eq(
            sqlite3_open(scratch_path("station/detections/%s", entry->d_name), &database),
            SQLITE_OK);
        ck_assert_int_eq(
            sqlite3_exec(database, "UPDATE wildlife_detections SET bbox_x=1.5", NULL, NULL, NULL),
            SQLITE_OK);
        sqlite3_close(database);
    }
    closedir(folder);
    station = open_with("privacy.humans", "blur", NULL);
    assert_ok(wildcam_station_read_picture_for(station, id, WILDCAM_AUDIENCE_VIEWER, 0, &data,
                                               &size, NULL));
    ck_assert_uint_lt(size, whole / 2); /* next to nothing is left of it */
    wildcam_free(data);
}
END_TEST

START_TEST(settings_are_looked_at)
{
    static const struct {
        const char *name, *value, *words;
    } wrong[] = {
        {"privacy.humans", "maybe", "privacy.humans takes show,blur,hide, not \"maybe\""},
        {"privacy.humans", "", "privacy.humans takes show,blur,hide"},
        {"privacy.confidence", "1.01", "privacy.confidence"},
        {"privacy.confidence", "-0.1", "0 to 1"},
        {"privacy.confidence", "sure", "privacy.confidence"},
        {"privacy.unprocessed", "blur", "privacy.unprocessed takes hide,show, not \"blur\""},
    };
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(WILDCAM_ERR_INVALID, wrong[i].words,
                     wildcam_conf_set(conf, wrong[i].name, wrong[i].value));
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(boxes_must_lie_on_it)
{
    static const wildcam_box outside[] = {
        {1.5, 0.2, 0.2, 0.2}, {-0.5, 0.2, 0.4, 0.2}, {0.2, 1, 0.2, 0.2}, {0.2, -9, 0.2, 8}};
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        const wildcam_box boxes[] = {{0.9, 0.9, 5, 5}, outside[i]}; /* the first does */
        void *data = &data;
        size_t size;
        assert_fails(WILDCAM_ERR_INVALID, "box 1 has no part inside the picture",
                     wildcam_image_blur(jpeg.data, jpeg.size, boxes, 2, &data, &size));
        ck_assert_ptr_null(data);
        assert_ok(wildcam_image_blur(jpeg.data, jpeg.size, boxes, 1, &data, &size));
        wildcam_free(data);
    }
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(arguments_are_looked_at)
{
    void *data;
    size_t size;
    int view;
    assert_status(WILDCAM_ERR_INVALID, wildcam_station_get_view(station, 1, 2, &view, NULL));
    ck_assert_int_eq(view, WILDCAM_VIEW_HIDDEN);
    assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_view(station, 1, 1, &view, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_read_picture_for(station, 1, -1, 0, &data, &size, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_read_picture_for(station, 1, 1, 8, &data, &size, NULL));
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_read_picture_for(station, 1, 1, 0, &data, &size, NULL));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_get_thumbnail_for(station, 1, 7, &data, &size, NULL));
    wildcam_detection *detection;
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_get_detection_for(station, 1, 2, &detection));
    ck_assert_ptr_null(detection);
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_get_detection_for(station, 1, 1, &detection));
    wildcam_deployment *deployment;
    wildcam_deployment_list *deployments;
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_get_deployment_for(station, "d0", 2, &deployment));
    assert_status(WILDCAM_ERR_NOTFOUND,
                  wildcam_station_get_deployment_for(station, "d0", 1, &deployment));
    assert_status(WILDCAM_ERR_INVALID,
                  wildcam_station_list_deployments_for(station, NULL, 0, 1, -1, &deployments));
    ck_assert_ptr_null(deployments);
    wildcam_query *query;
    assert_ok(wildcam_query_new(&query));
    assert_status(WILDCAM_ERR_INVALID, wildcam_query_set_audience(query, 2));
    wildcam_query_free(query);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("privacy");
    TCase *all = harness_case(suite, "privacy");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, viewers_get_people_blurred);
    tcase_add_test(all, animals_are_shown);
    tcase_add_test(all, it_must_be_sure_enough);
    tcase_add_test(all, reviews_count);
    tcase_add_test(all, hidden_is_hidden);
    tcase_add_test(all, what_nobody_has_looked_at_is_hidden);
    tcase_add_test(all, motion_does_not_tell_people);
    tcase_add_test(all, other_detectors_do);
    tcase_add_test(all, what_a_person_has_judged_was_looked_at);
    tcase_add_test(all, somebody_somewhere_is_everywhere);
    tcase_add_test(all, a_file_is_opened_where_it_is_shown_whole);
    tcase_add_test(all, a_copy_has_a_version);
    tcase_add_test(all, places_are_within_the_widest_radius);
    tcase_add_test(all, what_came_with_a_detection_stays_within_the_radius);
    tcase_add_test(all, a_box_elsewhere_is_everywhere);
    tcase_add_test(all, settings_are_looked_at);
    tcase_add_test(all, boxes_must_lie_on_it);
    tcase_add_test(all, arguments_are_looked_at);
    return suite;
}
