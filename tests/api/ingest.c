/* Taking pictures in: in pieces or at once, once or twice, or not at all. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

static wildcam_ingest *begin(wildcam_station *station, const char *device_id)
{
    wildcam_ingest *ingest;
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, device_id));
    return ingest;
}

/* Nothing of a picture: neither rows nor files nor a sign in the figures. */
static void assert_nothing_kept(wildcam_station *station)
{
    ck_assert_int_eq(walk(station, NULL), 0);
    ck_assert_int_eq(files_in("images"), 0);
    ck_assert_int_eq(files_in("quarantine"), 0);
    ck_assert_int_eq(findings_of(station), 0);
}

static wildcam_detection *first_detection(wildcam_station *station)
{
    wildcam_cursor *cursor;
    wildcam_detection *row;
    const wildcam_detection *at_cursor;
    assert_ok(wildcam_station_query(station, NULL, &cursor));
    ck_assert_int_eq(wildcam_cursor_next(cursor, &at_cursor), 1);
    assert_ok(wildcam_station_get_detection(station, wildcam_detection_get_id(at_cursor), &row));
    wildcam_cursor_free(cursor);
    return row;
}

static wildcam_image *get_image(wildcam_station *station, int64_t id)
{
    wildcam_image *image;
    assert_ok(wildcam_station_get_image(station, id, &image));
    return image;
}

START_TEST(pieces_of_any_size)
{
    static const size_t pieces[] = {1, 2, 7, 100, 4096, 1 << 20};
    const struct exif_facts exif = {.make = "Testcam",
                                    .orientation = 8,
                                    .latitude = 1,
                                    .longitude = 2,
                                    .altitude = NAN,
                                    .date_time_original = "2026:03:01 10:00:00"};
    struct jpeg jpeg = make_jpeg_with_exif(160, 120, 1, &exif);
    wildcam_station *station = open_with(NULL, NULL);
    int64_t whole;
    char *expected, *text, name[16];
    jpeg_append(&jpeg, "\xff\xd8 trailer", 10);
    assert_ok(wildcam_station_ingest(station, "whole", jpeg.data, jpeg.size, &whole, NULL));
    wildcam_image *image = get_image(station, whole);
    assert_ok(wildcam_image_to_json(image, &expected));
    wildcam_image_free(image);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        snprintf(name, sizeof name, "p%zu", pieces[i]);
        wildcam_ingest *ingest = begin(station, name);
        for (size_t done = 0; done < jpeg.size; done += pieces[i]) {
            size_t left = jpeg.size - done;
            assert_ok(wildcam_ingest_write(ingest, jpeg.data + done,
                                           left < pieces[i] ? left : pieces[i]));
        }
        assert_ok(wildcam_ingest_write(ingest, "", 0));
        assert_ok(wildcam_ingest_commit(ingest));
        ck_assert_int_eq(wildcam_ingest_is_duplicate(ingest), 0);
        image = get_image(station, wildcam_ingest_get_image_id(ingest));
        assert_ok(wildcam_image_to_json(image, &text));
        /* The same facts from "bytes" on; before that come ids and times of reception. */
        ck_assert_str_eq(strstr(text, "\"bytes\""), strstr(expected, "\"bytes\""));
        wildcam_free(text);
        wildcam_image_free(image);
        wildcam_ingest_free(ingest);
    }
    wildcam_free(expected);
    jpeg_free(&jpeg);
    ck_assert_int_eq(files_in("images"), 1); /* the same bytes are one file */
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

START_TEST(unclassified_row_at_once)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_ingest *ingest = begin(station, "CAM1");
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    ck_assert_int_eq(wildcam_ingest_get_image_id(ingest), 0);
    ck_assert_int_eq(wildcam_ingest_get_detection_id(ingest), 0);
    ck_assert_int_eq(walk(station, NULL), 0); /* nothing is to be seen yet */
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_detection *row = first_detection(station);
    ck_assert_int_eq(wildcam_detection_get_id(row), wildcam_ingest_get_detection_id(ingest));
    ck_assert_int_eq(wildcam_detection_get_image_id(row), wildcam_ingest_get_image_id(ingest));
    ck_assert_int_eq(wildcam_detection_get_category(row), WILDCAM_CATEGORY_UNCLASSIFIED);
    ck_assert_str_eq(wildcam_detection_get_species(row), "unclassified");
    ck_assert(isnan(wildcam_detection_get_confidence(row)));
    wildcam_detection_free(row);
    assert_fails(WILDCAM_ERR_STATE, "committed", wildcam_ingest_commit(ingest));
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

START_TEST(detections_that_come_with_it)
{
    const wildcam_box over_the_edge = {0.75, -0.25, 0.5, 0.5};
    wildcam_box box;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_ingest *ingest = begin(station, "CAM1");
    wildcam_detection *draft = draft_of(&(struct sighting){"OTHER", "lynx", at("2020-01-01"), 0.5});
    assert_ok(wildcam_detection_set_box(draft, &over_the_edge));
    assert_ok(wildcam_ingest_set_time(ingest, at("2026-03-01"), 0, WILDCAM_TIME_SOURCE_CLIENT));
    for (int i = 0; i < 1000; i++)
        assert_ok(wildcam_ingest_add_detection(ingest, draft));
    assert_fails(WILDCAM_ERR_TOOLARGE, "1000", wildcam_ingest_add_detection(ingest, draft));
    wildcam_detection_free(draft);
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    ck_assert_int_eq(walk(station, NULL), 1000);
    assert_ok(
        wildcam_station_get_detection(station, wildcam_ingest_get_detection_id(ingest), &draft));
    ck_assert_str_eq(wildcam_detection_get_device_id(draft), "CAM1"); /* the picture's */
    ck_assert_int_eq(wildcam_detection_get_time(draft), at("2026-03-01"));
    ck_assert_str_eq(wildcam_detection_get_species(draft), "lynx");
    ck_assert_int_eq(wildcam_detection_get_box(draft, &box), 1);
    ck_assert_double_eq(box.x, 0.75);
    ck_assert_double_eq(box.y, 0);
    ck_assert_double_eq(box.width, 0.25);
    ck_assert_double_eq(box.height, 0.25);
    wildcam_detection_free(draft);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

START_TEST(what_the_sender_told)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    char name[257];
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_ingest *ingest = begin(station, "CAM1");
    memset(name, 'n', 256);
    name[256] = '\0';
    assert_fails(WILDCAM_ERR_INVALID, "255", wildcam_ingest_set_file_name(ingest, name));
    assert_fails(WILDCAM_ERR_INVALID, "file_name", wildcam_ingest_set_file_name(ingest, "a\nb"));
    assert_ok(wildcam_ingest_set_file_name(ingest, NULL));
    assert_ok(wildcam_ingest_set_file_name(ingest, "../../etc/passwd"));
    assert_fails(WILDCAM_ERR_INVALID, "metadata", wildcam_ingest_set_metadata(ingest, "nonsense"));
    char *large = calloc(1, 65540);
    ck_assert_ptr_nonnull(large);
    memset(large, ' ', 65537);
    memcpy(large, "{}", 2);
    assert_fails(WILDCAM_ERR_TOOLARGE, "65536", wildcam_ingest_set_metadata(ingest, large));
    free(large);
    assert_ok(wildcam_ingest_set_metadata(ingest, "{\"weather\":\"rain\"}"));
    assert_fails(WILDCAM_ERR_INVALID, "a b", wildcam_ingest_set_device_id(ingest, "a b"));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_image *image = get_image(station, wildcam_ingest_get_image_id(ingest));
    ck_assert_str_eq(wildcam_image_get_device_id(image), "CAM1");
    ck_assert_str_eq(wildcam_image_get_file_name(image), "../../etc/passwd");
    ck_assert_str_eq(wildcam_image_get_metadata(image), "{\"weather\":\"rain\"}");
    wildcam_image_free(image);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* What the firmware wrote beside it. */
START_TEST(side_files)
{
    static const char json[] =
        "{\"timestamp\":\"2026-03-01T10:15:00Z\",\"time_source\":\"NTP\",\"battery_percent\":15,"
        "\"environment\":{\"temperature\":4.5},\"gps\":{\"latitude\":50.5,\"longitude\":4.25}}";
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_ingest *ingest;
    wildcam_camera *state;
    int64_t time = 0;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    assert_ok(wildcam_camera_new(&state));
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "CAM1"));
    assert_fails(WILDCAM_ERR_INVALID, "side file",
                 wildcam_ingest_set_sidecar(ingest, "{", 1, NULL, NULL));
    assert_ok(wildcam_ingest_set_sidecar(ingest, json, sizeof json - 1, state, &time));
    ck_assert_int_eq(time, INT64_C(1772360100000000));
    ck_assert(wildcam_camera_get_battery_level(state) == 15);
    ck_assert(wildcam_camera_get_temperature(state) == 4.5);
    ck_assert(isnan(wildcam_camera_get_humidity(state)));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_image *image = get_image(station, wildcam_ingest_get_image_id(ingest));
    ck_assert_int_eq(wildcam_image_get_time(image), time);
    ck_assert_int_eq(wildcam_image_get_offset(image), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_time_source(image), WILDCAM_TIME_SOURCE_SIDECAR);
    ck_assert(wildcam_image_get_latitude(image) == 50.5);
    ck_assert(wildcam_image_get_longitude(image) == 4.25);
    ck_assert_str_eq(wildcam_image_get_metadata(image),
                     "{\"time_source\":\"NTP\",\"battery_percent\":15,\"environment\":{"
                     "\"temperature\":4.5}}");
    wildcam_image_free(image);
    wildcam_ingest_free(ingest);
    wildcam_camera_free(state);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

/* After commit and after abort alike. */
static void assert_is_over(wildcam_ingest *ingest)
{
    wildcam_detection *draft;
    assert_ok(wildcam_detection_new(&draft));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_device_id(ingest, "CAM1"));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_time(ingest, 0, 0, 0));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_fallback_time(ingest, 0, 0, 0));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_file_name(ingest, "x"));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_from_card(ingest));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_metadata(ingest, "{}"));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_set_sidecar(ingest, "{}", 2, NULL, NULL));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_add_detection(ingest, draft));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_write(ingest, "x", 1));
    assert_status(WILDCAM_ERR_STATE, wildcam_ingest_commit(ingest));
    wildcam_detection_free(draft);
}

START_TEST(abort_leaves_nothing)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_station *station = open_with(NULL, NULL);
    for (int committed = 0; committed <= 1; committed++) {
        wildcam_ingest *ingest = begin(station, "CAM1");
        assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
        if (committed)
            assert_ok(wildcam_ingest_commit(ingest));
        wildcam_ingest_abort(ingest);
        assert_is_over(ingest);
        if (committed) { /* what is kept stays kept */
            ck_assert_int_gt(wildcam_ingest_get_image_id(ingest), 0);
            ck_assert_int_eq(walk(station, NULL), 1);
        } else {
            ck_assert_int_eq(wildcam_ingest_get_image_id(ingest), 0);
            assert_nothing_kept(station);
        }
        wildcam_ingest_abort(ingest);
        wildcam_ingest_free(ingest);
    }
    wildcam_ingest *ingest = begin(station, "CAM2"); /* freed without a word */
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, 10));
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

START_TEST(same_picture_is_kept_once)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1), other = make_jpeg(64, 48, JPEG_COLOUR, 2);
    wildcam_station *station = open_with(NULL, NULL);
    int64_t first, id;
    int duplicate = -1;
    for (int round = 0; round < 2; round++) { /* in the same opening, and in the next */
        assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &id, &duplicate));
        ck_assert_int_eq(duplicate, round > 0);
        if (round == 0)
            first = id;
        wildcam_ingest *ingest = begin(station, "CAM1");
        assert_ok(wildcam_ingest_set_time(ingest, at("2020-01-01"), 0, 0));
        assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
        assert_ok(wildcam_ingest_commit(ingest));
        ck_assert_int_eq(wildcam_ingest_is_duplicate(ingest), 1);
        ck_assert_int_eq(wildcam_ingest_get_image_id(ingest), first);
        wildcam_detection *row = first_detection(station);
        ck_assert_int_eq(wildcam_ingest_get_detection_id(ingest), wildcam_detection_get_id(row));
        wildcam_detection_free(row);
        wildcam_ingest_free(ingest);
        ck_assert_int_eq(id, first);
        ck_assert_int_eq(walk(station, NULL), 1);
        wildcam_station_close(station);
        station = open_with(NULL, NULL);
    }
    assert_ok(wildcam_station_ingest(station, "CAM2", jpeg.data, jpeg.size, &id, &duplicate));
    ck_assert_int_eq(duplicate, 0);
    ck_assert_int_ne(id, first);
    assert_ok(wildcam_station_ingest(station, "CAM1", other.data, other.size, &id, &duplicate));
    ck_assert_int_eq(duplicate, 0);
    ck_assert_int_eq(walk(station, NULL), 3);
    ck_assert_int_eq(findings_of(station), 0);
    jpeg_free(&jpeg);
    jpeg_free(&other);
    wildcam_station_close(station);
}
END_TEST

START_TEST(camera_that_may_not_register)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_camera *camera;
    int64_t id = 77;
    wildcam_station *station = open_with("cameras.auto_register", "false", NULL);
    assert_fails(WILDCAM_ERR_NOTFOUND, "CAM1",
                 wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &id, NULL));
    assert_nothing_kept(station);
    assert_ok(wildcam_camera_new(&camera));
    assert_ok(wildcam_camera_set_device_id(camera, "CAM1"));
    assert_ok(wildcam_station_put_camera(station, camera, NULL, NULL));
    wildcam_camera_free(camera);
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &id, NULL));
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

START_TEST(commit_without_a_camera_may_be_mended)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_ingest *ingest;
    wildcam_station *station = open_with(NULL, NULL);
    assert_ok(wildcam_ingest_begin(station, &ingest));
    assert_ok(wildcam_ingest_write(ingest, jpeg.data, jpeg.size));
    assert_fails(WILDCAM_ERR_INVALID, "device_id", wildcam_ingest_commit(ingest));
    assert_ok(wildcam_ingest_set_device_id(ingest, "CAM1"));
    assert_ok(wildcam_ingest_commit(ingest));
    wildcam_ingest_free(ingest);
    assert_fails(WILDCAM_ERR_INVALID, "a/b",
                 wildcam_station_ingest(station, "a/b", jpeg.data, jpeg.size, NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, "a/b",
                 wildcam_station_ingest_file(station, "a/b", scratch(), NULL, NULL));
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

/* Pictures that are at fault themselves, and what is said of them. */
static const struct {
    wildcam_status status;
    const char *words;
    int cut; /* bytes taken off the end; -1 for text instead of a JPEG */
    const char *setting, *limit;
} faults[] = {
    {WILDCAM_ERR_NOTJPEG, "JPEG", -1, "store.shard", "month"},
    {WILDCAM_ERR_TRUNCATED, "cut off", 2, "store.shard", "month"},
    {WILDCAM_ERR_TRUNCATED, "cut off", 300, "store.shard", "month"},
    {WILDCAM_ERR_TOOLARGE, "images.max_bytes (1024)", 0, "images.max_bytes", "1024"},
    {WILDCAM_ERR_TOOLARGE, "images.max_pixels (3071)", 0, "images.max_pixels", "3071"},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

static wildcam_status take_faulty(wildcam_station *station, int fault)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_ingest *ingest = begin(station, "CAM1");
    const void *data = faults[fault].cut < 0 ? (const void *)"no picture at all" : jpeg.data;
    size_t size = faults[fault].cut < 0 ? 17 : jpeg.size - (size_t)faults[fault].cut;
    ck_assert_uint_gt(jpeg.size, 1024);
    wildcam_status status = wildcam_ingest_write(ingest, data, size), again;
    if (status == WILDCAM_OK)
        status = wildcam_ingest_commit(ingest);
    /* Every later call answers the same. */
    again = wildcam_ingest_write(ingest, data, size);
    ck_assert_int_eq(again, status);
    again = wildcam_ingest_set_device_id(ingest, "CAM1");
    ck_assert_int_eq(again, status);
    again = wildcam_ingest_commit(ingest);
    ck_assert_int_eq(again, status);
    ck_assert_int_eq(wildcam_ingest_get_image_id(ingest), 0);
    wildcam_ingest_free(ingest);
    jpeg_free(&jpeg);
    ck_assert_int_eq(wildcam_ingest_get_image_id(NULL), 0);
    return status;
}

START_TEST(faulty_picture_is_refused)
{
    wildcam_health *health;
    wildcam_station *station = open_with(faults[_i].setting, faults[_i].limit, NULL);
    expect_log("is refused");
    assert_fails(faults[_i].status, faults[_i].words, take_faulty(station, _i));
    assert_nothing_kept(station);
    ck_assert_int_eq(count_log("is refused"), 1);
    assert_ok(wildcam_station_health(station, &health));
    ck_assert_int_eq(wildcam_health_get_figure(health, WILDCAM_HEALTH_PICTURES_REFUSED), 1);
    wildcam_health_free(health);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

START_TEST(faulty_picture_goes_to_quarantine)
{
    wildcam_station *station = open_with("images.quarantine", "true", faults[_i].setting,
                                         faults[_i].limit, NULL);
    expect_log("is refused");
    assert_fails(faults[_i].status, faults[_i].words, take_faulty(station, _i));
    ck_assert_int_eq(walk(station, NULL), 0);
    ck_assert_int_eq(files_in("images"), 0);
    ck_assert_int_eq(files_in("quarantine"), 2); /* it and its reason */
    wildcam_station_close(station);
}
END_TEST

START_TEST(quarantine_has_a_limit)
{
    char text[1000];
    wildcam_station *station = open_with("images.quarantine", "true", "images.quarantine_bytes",
                                         "4K", NULL);
    expect_log("is refused");
    for (int i = 0; i < 12; i++) {
        memset(text, 'a' + i, sizeof text);
        assert_status(WILDCAM_ERR_NOTJPEG,
                      wildcam_station_ingest(station, "CAM1", text, sizeof text, NULL, NULL));
    }
    ck_assert_int_ge(files_in("quarantine"), 2);
    ck_assert_int_le(files_in("quarantine"), 8);
    wildcam_station_close(station);
}
END_TEST

START_TEST(full_disk_takes_no_picture)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    save_file(scratch_path("picture.jpg"), jpeg.data, jpeg.size);
    wildcam_station *station = open_with("disk.min_free_bytes", "1024T", NULL);
    wildcam_ingest *ingest = (void *)station;
    assert_fails(WILDCAM_ERR_NOSPACE, "disk.min_free_bytes",
                 wildcam_ingest_begin(station, &ingest));
    ck_assert_ptr_null(ingest);
    assert_status(WILDCAM_ERR_NOSPACE,
                  wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, NULL, NULL));
    assert_status(
        WILDCAM_ERR_NOSPACE,
        wildcam_station_ingest_file(station, "CAM1", scratch_path("picture.jpg"), NULL, NULL));
    assert_nothing_kept(station);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
    ck_assert_int_eq(files_in("incoming"), 0);
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    wildcam_station *station = open_with(NULL, NULL);
    assert_fails(WILDCAM_ERR_NOTFOUND, "absent",
                 wildcam_station_ingest_file(station, "CAM1", scratch_path("absent"), NULL, NULL));
    assert_fails(WILDCAM_ERR_INVALID, scratch(),
                 wildcam_station_ingest_file(station, "CAM1", scratch(), NULL, NULL));
    assert_nothing_kept(station);
    wildcam_station_close(station);
}
END_TEST

/* Whoever takes in a folder of files wants to know which one is at fault. */
START_TEST(refusals_name_the_file)
{
    char path[1024], sentence[1200];
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    wildcam_station *station = open_with(NULL, NULL);
    expect_log("is refused");
    snprintf(path, sizeof path, "%s", scratch_path("picture.jpg"));
    save_file(path, jpeg.data, jpeg.size - 2);
    snprintf(sentence, sizeof sentence, "%s: the picture is cut off", path);
    assert_fails(WILDCAM_ERR_TRUNCATED, sentence,
                 wildcam_station_ingest_file(station, "CAM1", path, NULL, NULL));
    save_file(path, "text", 4);
    snprintf(sentence, sizeof sentence, "%s: ", path);
    assert_fails(WILDCAM_ERR_NOTJPEG, sentence,
                 wildcam_station_ingest_file(station, "CAM1", path, NULL, NULL));
    ck_assert_int_eq(count_log("picture.jpg"), 0); /* a log line names the camera */
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

static int ingest_as_nobody(void *user)
{
    const char *path = user;
    wildcam_conf *conf;
    wildcam_station *station;
    if (become_nobody() != 0)
        return 2;
    if (wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", scratch_path("nobody")) != WILDCAM_OK ||
        wildcam_conf_set(conf, "disk.min_free_bytes", "0") != WILDCAM_OK ||
        wildcam_station_open(conf, &station) != WILDCAM_OK)
        return 3;
    wildcam_status status = wildcam_station_ingest_file(station, "CAM1", path, NULL, NULL);
    wildcam_station_close(station);
    wildcam_conf_free(conf);
    return status == WILDCAM_ERR_DENIED && strstr(wildcam_error_message(), path) ? 0 : 4;
}

START_TEST(files_that_may_not_be_read)
{
    char path[1024];
    make_folder_for_nobody("nobody");
    make_unreadable("secret.jpg", path);
    in_child(ingest_as_nobody, path);
}
END_TEST

START_TEST(file_keeps_its_name_and_the_time_in_its_path)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    const char *path = scratch_path("20260301/IMG_101500_001.jpg");
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id;
    int duplicate = -1;
    ck_assert_int_eq(mkdir(scratch_path("20260301"), 0700), 0);
    save_file(path, jpeg.data, jpeg.size);
    assert_ok(wildcam_station_ingest_file(station, "CAM1", path, &id, &duplicate));
    ck_assert_int_eq(duplicate, 0);
    wildcam_image *image = get_image(station, id);
    ck_assert_str_eq(wildcam_image_get_file_name(image), "IMG_101500_001.jpg");
    ck_assert_int_eq(wildcam_image_get_time(image), at("2026-03-01T10:15:00"));
    ck_assert_int_eq(wildcam_image_get_offset(image), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_time_source(image), WILDCAM_TIME_SOURCE_FILENAME);
    wildcam_image_free(image);
    assert_ok(wildcam_station_ingest_file(station, "CAM1", path, &id, &duplicate));
    ck_assert_int_eq(duplicate, 1);
    ck_assert(file_exists(path));
    /* A name that is no text is no reason to lose the picture. */
    path = scratch_path("caf\xe9.jpg");
    save_file(path, jpeg.data, jpeg.size);
    assert_ok(wildcam_station_ingest_file(station, "CAM2", path, &id, NULL));
    image = get_image(station, id);
    ck_assert_str_eq(wildcam_image_get_file_name(image), "");
    wildcam_image_free(image);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("ingest");
    TCase *kept = harness_case(suite, "kept"), *refused = harness_case(suite, "refused");
    tcase_add_test(kept, pieces_of_any_size);
    tcase_add_test(kept, side_files);
    tcase_add_test(kept, unclassified_row_at_once);
    tcase_add_test(kept, detections_that_come_with_it);
    tcase_add_test(kept, what_the_sender_told);
    tcase_add_test(kept, abort_leaves_nothing);
    tcase_add_test(kept, same_picture_is_kept_once);
    tcase_add_test(kept, file_keeps_its_name_and_the_time_in_its_path);
    tcase_add_test(refused, camera_that_may_not_register);
    tcase_add_test(refused, commit_without_a_camera_may_be_mended);
    tcase_add_loop_test(refused, faulty_picture_is_refused, 0, FAULTS);
    tcase_add_loop_test(refused, faulty_picture_goes_to_quarantine, 0, FAULTS);
    tcase_add_test(refused, quarantine_has_a_limit);
    tcase_add_test(refused, full_disk_takes_no_picture);
    tcase_add_test(refused, files_that_cannot_be_read);
    tcase_add_test(refused, refusals_name_the_file);
    tcase_add_test(refused, files_that_may_not_be_read);
    return suite;
}
