/* Pictures: facts, thumbnails, stripping; in memory and kept. */
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/fixtures.h"

static const struct exif_facts all_facts = {.orientation = 6,
                                            .make = "Testcam",
                                            .model = "T-1000",
                                            .serial = "SN-4711",
                                            .date_time_original = "2026:03:01 10:00:00",
                                            .subseconds = "25",
                                            .offset = "+02:00",
                                            .latitude = 47.5,
                                            .longitude = -8.25,
                                            .altitude = 431.5};

static wildcam_image *probe(const struct jpeg *jpeg)
{
    wildcam_image *facts;
    assert_ok(wildcam_image_probe(jpeg->data, jpeg->size, &facts));
    return facts;
}

START_TEST(captures_have_names)
{
    ck_assert_str_eq(wildcam_capture_name(WILDCAM_CAPTURE_MOTION), "activityDetection");
    ck_assert_str_eq(wildcam_capture_name(WILDCAM_CAPTURE_TIMELAPSE), "timeLapse");
    ck_assert_str_eq(wildcam_capture_name(WILDCAM_CAPTURE_UNKNOWN), "");
    ck_assert_str_eq(wildcam_capture_name(-1), "");
    ck_assert_str_eq(wildcam_capture_name(3), "");
}
END_TEST

START_TEST(facts_of_a_bare_picture)
{
    struct jpeg jpeg = make_jpeg(64, 48, (enum jpeg_kind)_i, 1);
    wildcam_image *facts = probe(&jpeg);
    ck_assert_int_eq(wildcam_image_get_width(facts), 64);
    ck_assert_int_eq(wildcam_image_get_height(facts), 48);
    ck_assert_int_eq(wildcam_image_get_bytes(facts), (int64_t)jpeg.size);
    ck_assert_int_eq(wildcam_image_get_orientation(facts), 1);
    ck_assert_int_eq(wildcam_image_get_trailing_bytes(facts), 0);
    ck_assert_int_eq(wildcam_image_get_time(facts), WILDCAM_TIME_NONE);
    ck_assert_int_eq(wildcam_image_get_offset(facts), WILDCAM_OFFSET_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_time_source(facts), WILDCAM_TIME_SOURCE_UNKNOWN);
    ck_assert_str_eq(wildcam_image_get_make(facts), "");
    ck_assert_str_eq(wildcam_image_get_model(facts), "");
    ck_assert_str_eq(wildcam_image_get_serial_number(facts), "");
    ck_assert(isnan(wildcam_image_get_latitude(facts)));
    ck_assert(isnan(wildcam_image_get_longitude(facts)));
    ck_assert(isnan(wildcam_image_get_altitude(facts)));
    ck_assert(isnan(wildcam_image_get_temperature(facts)));
    ck_assert_int_eq(wildcam_image_get_capture(facts), WILDCAM_CAPTURE_UNKNOWN);
    ck_assert_int_eq(wildcam_image_get_event_number(facts), -1);
    ck_assert_int_eq(wildcam_image_get_sequence_number(facts), -1);
    ck_assert_int_eq(wildcam_image_get_sequence_length(facts), -1);
    /* What only a station knows. */
    ck_assert_int_eq(wildcam_image_get_id(facts), 0);
    ck_assert_int_eq(wildcam_image_get_camera_id(facts), 0);
    ck_assert_str_eq(wildcam_image_get_device_id(facts), "");
    ck_assert_int_eq(wildcam_image_get_received_at(facts), WILDCAM_TIME_NONE);
    ck_assert_str_eq(wildcam_image_get_sha256(facts), "");
    ck_assert_str_eq(wildcam_image_get_file_name(facts), "");
    ck_assert_str_eq(wildcam_image_get_metadata(facts), "");
    wildcam_image_free(facts);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(facts_out_of_exif)
{
    char *text;
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &all_facts);
    jpeg_append(&jpeg, "trailer", 7);
    wildcam_image *facts = probe(&jpeg);
    ck_assert_int_eq(wildcam_image_get_width(facts), 48); /* on its side */
    ck_assert_int_eq(wildcam_image_get_height(facts), 64);
    ck_assert_int_eq(wildcam_image_get_orientation(facts), 6);
    ck_assert_int_eq(wildcam_image_get_trailing_bytes(facts), 7);
    ck_assert_int_eq(wildcam_image_get_time(facts), at("2026-03-01T08:00:00.25Z"));
    ck_assert_int_eq(wildcam_image_get_offset(facts), 7200);
    ck_assert_int_eq(wildcam_image_get_time_source(facts), WILDCAM_TIME_SOURCE_EXIF);
    ck_assert_str_eq(wildcam_image_get_make(facts), "Testcam");
    ck_assert_str_eq(wildcam_image_get_model(facts), "T-1000");
    ck_assert_str_eq(wildcam_image_get_serial_number(facts), "SN-4711");
    ck_assert_double_eq_tol(wildcam_image_get_latitude(facts), 47.5, 1e-6);
    ck_assert_double_eq_tol(wildcam_image_get_longitude(facts), -8.25, 1e-6);
    ck_assert_double_eq_tol(wildcam_image_get_altitude(facts), 431.5, 1e-6);
    assert_ok(wildcam_image_to_json(facts, &text));
    ck_assert_ptr_nonnull(strstr(text, "\"timestamp\":\"2026-03-01T10:00:00.250000+02:00\""));
    ck_assert_ptr_nonnull(strstr(text, "\"width\":48,\"height\":64,\"orientation\":6"));
    ck_assert_ptr_nonnull(strstr(text, "\"sha256\":null"));
    wildcam_free(text);
    wildcam_image_free(facts);
    jpeg_free(&jpeg);
}
END_TEST

static void put_u16(unsigned char *to, unsigned value)
{
    to[0] = (unsigned char)value;
    to[1] = (unsigned char)(value >> 8);
}

START_TEST(facts_out_of_a_maker_note)
{
    unsigned char note[0xa0] = "RECONYXH2";
    struct exif_facts exif = {.make = "RECONYX",
                              .latitude = NAN,
                              .longitude = NAN,
                              .altitude = NAN,
                              .maker_note = note,
                              .maker_note_size = sizeof note};
    put_u16(note + 0x34, 'M');
    put_u16(note + 0x36, 2);
    put_u16(note + 0x38, 3);
    put_u16(note + 0x3a, 0);
    put_u16(note + 0x3c, 513);
    put_u16(note + 0x50, (unsigned)-7 & 0xffff);
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &exif);
    wildcam_image *facts = probe(&jpeg);
    ck_assert_int_eq(wildcam_image_get_capture(facts), WILDCAM_CAPTURE_MOTION);
    ck_assert_int_eq(wildcam_image_get_sequence_number(facts), 2);
    ck_assert_int_eq(wildcam_image_get_sequence_length(facts), 3);
    ck_assert_int_eq(wildcam_image_get_event_number(facts), 513);
    ck_assert_double_eq(wildcam_image_get_temperature(facts), -7);
    wildcam_image_free(facts);
    jpeg_free(&jpeg);
}
END_TEST

/* The frame header: its marker is at the answer. */
static unsigned char *frame_of(const struct jpeg *jpeg)
{
    for (size_t i = 2; i + 9 < jpeg->size; i++)
        if (jpeg->data[i] == 0xff && jpeg->data[i + 1] == 0xc0)
            return jpeg->data + i;
    ck_abort_msg("the picture has no frame header");
    return NULL;
}

/* Probing and thumbnails answer the same. */
static void assert_unusable(wildcam_status status, const void *data, size_t size)
{
    size_t out_size = 77;
    void *out = &out_size;
    wildcam_image *facts = (void *)&out_size;
    assert_status(status, wildcam_image_probe(data, size, &facts));
    ck_assert_ptr_null(facts);
    assert_status(status, wildcam_image_thumbnail(data, size, 64, 64, &out, &out_size));
    ck_assert_ptr_null(out);
}

/* And so does stripping, which has no limits of its own. */
static void assert_unusable_to_all(wildcam_status status, const void *data, size_t size)
{
    size_t out_size = 77;
    void *out = &out_size;
    assert_unusable(status, data, size);
    assert_status(status, wildcam_image_strip(data, size, WILDCAM_STRIP_PLACE, &out, &out_size));
    ck_assert_ptr_null(out);
}

START_TEST(what_is_no_jpeg)
{
    static const char *const texts[] = {"",
                                        "\xff",
                                        "\xff\xd8",
                                        "GIF89a",
                                        "\x89PNG\r\n\x1a\n",
                                        "\xff\xd8\xff\xd9",
                                        "\xff\xd8\xff\xd8\xff\xe0"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_unusable_to_all(WILDCAM_ERR_NOTJPEG, texts[i], strlen(texts[i]));
    ck_assert_str_ne(wildcam_error_message(), "");
}
END_TEST

START_TEST(what_ends_too_early)
{
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &all_facts);
    for (size_t size = 4; size < jpeg.size; size += size < 700 ? 1 : 97)
        assert_unusable_to_all(WILDCAM_ERR_TRUNCATED, jpeg.data, size);
    assert_unusable_to_all(WILDCAM_ERR_TRUNCATED, jpeg.data, jpeg.size - 1);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(what_is_too_large)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    memset(frame_of(&jpeg) + 5, 0xff, 4); /* 65,535 pixels each way */
    assert_unusable(WILDCAM_ERR_TOOLARGE, jpeg.data, jpeg.size);
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "65535 x 65535"));
    ck_assert_str_eq(wildcam_error_origin(), "jpeg");
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(kinds_that_cannot_be_decoded)
{
    void *out = &out;
    size_t size;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_GREY, 1);
    wildcam_image *facts;
    frame_of(&jpeg)[1] = 0xc3; /* lossless */
    facts = probe(&jpeg);
    wildcam_image_free(facts);
    assert_fails(WILDCAM_ERR_UNSUPPORTED, "decoded",
                 wildcam_image_thumbnail(jpeg.data, jpeg.size, 64, 64, &out, &size));
    ck_assert_ptr_null(out);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(tables_that_are_missing)
{
    void *out = &out;
    size_t size;
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_GREY, 1);
    for (size_t i = 2; i + 1 < jpeg.size; i++)
        if (jpeg.data[i] == 0xff && jpeg.data[i + 1] == 0xdb)
            jpeg.data[i + 1] = 0xfe; /* the quantisation tables become a comment */
    assert_fails(WILDCAM_ERR_CORRUPT, "decoded",
                 wildcam_image_thumbnail(jpeg.data, jpeg.size, 64, 64, &out, &size));
    ck_assert_ptr_null(out);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(thumbnails_keep_their_shape)
{
    static const struct {
        int width, height, box_width, box_height, to_width, to_height, orientation;
    } rows[] = {
        {640, 480, 320, 240, 320, 240, 1},   {640, 480, 100, 240, 100, 75, 1},
        {640, 480, 320, 16, 21, 16, 1},      {64, 48, 320, 240, 64, 48, 1},
        {640, 480, 320, 240, 180, 240, 6},   {640, 480, 320, 240, 320, 240, 3},
        {640, 480, 4096, 4096, 480, 640, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exif_facts exif = all_facts;
        struct jpeg small = {NULL, 0};
        exif.orientation = rows[i].orientation;
        struct jpeg jpeg = make_jpeg_with_exif(rows[i].width, rows[i].height, 1, &exif);
        assert_ok(wildcam_image_thumbnail(jpeg.data, jpeg.size, rows[i].box_width,
                                          rows[i].box_height, (void **)&small.data, &small.size));
        wildcam_image *facts = probe(&small);
        ck_assert_int_eq(wildcam_image_get_width(facts), rows[i].to_width);
        ck_assert_int_eq(wildcam_image_get_height(facts), rows[i].to_height);
        ck_assert_int_eq(wildcam_image_get_orientation(facts), 1);
        ck_assert_str_eq(wildcam_image_get_make(facts), ""); /* no metadata */
        ck_assert(isnan(wildcam_image_get_latitude(facts)));
        wildcam_image_free(facts);
        wildcam_free(small.data);
        jpeg_free(&jpeg);
    }
}
END_TEST

START_TEST(thumbnail_boxes_have_limits)
{
    static const int boxes[][2] = {{15, 64}, {64, 15}, {4097, 64}, {64, 4097}, {-1, -1}, {0, 0}};
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        size_t size;
        void *out = &size;
        assert_fails(
            WILDCAM_ERR_INVALID, "16 to 4096",
            wildcam_image_thumbnail(jpeg.data, jpeg.size, boxes[i][0], boxes[i][1], &out, &size));
        ck_assert_ptr_null(out);
    }
    jpeg_free(&jpeg);
}
END_TEST

static struct jpeg strip(const struct jpeg *jpeg, uint32_t what)
{
    struct jpeg stripped = {NULL, 0};
    assert_ok(
        wildcam_image_strip(jpeg->data, jpeg->size, what, (void **)&stripped.data, &stripped.size));
    ck_assert_uint_eq(stripped.size, jpeg->size);
    return stripped;
}

static bool holds(const struct jpeg *jpeg, const char *words)
{
    return memmem(jpeg->data, jpeg->size, words, strlen(words)) != NULL;
}

START_TEST(strips_what_was_asked_for)
{
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &all_facts);
    jpeg_insert(&jpeg, 0xfe, "at the old mill", 15);
    jpeg_append(&jpeg, "at the new mill", 15);
    for (uint32_t what = 0; what <= (WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL); what++) {
        struct jpeg stripped = strip(&jpeg, what);
        wildcam_image *facts = probe(&stripped);
        ck_assert_int_eq(isnan(wildcam_image_get_latitude(facts)) != 0,
                         (what & WILDCAM_STRIP_PLACE) != 0);
        ck_assert_int_eq(holds(&stripped, "SN-4711"), !(what & WILDCAM_STRIP_SERIAL));
        ck_assert_int_eq(holds(&stripped, "old mill"), what == 0);
        ck_assert_int_eq(holds(&stripped, "new mill"), what == 0);
        ck_assert_int_eq(wildcam_image_get_orientation(facts), 6);
        ck_assert_int_eq(wildcam_image_get_time_source(facts), WILDCAM_TIME_SOURCE_EXIF);
        if (what == 0)
            ck_assert_mem_eq(stripped.data, jpeg.data, jpeg.size);
        wildcam_image_free(facts);
        wildcam_free(stripped.data);
    }
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(strip_refuses)
{
    struct jpeg jpeg = make_jpeg(64, 48, JPEG_COLOUR, 1);
    size_t size;
    void *out = &out;
    assert_fails(WILDCAM_ERR_INVALID, "4",
                 wildcam_image_strip(jpeg.data, jpeg.size, 4, &out, &size));
    ck_assert_ptr_null(out);
    out = &out;
    assert_status(WILDCAM_ERR_NOTJPEG, wildcam_image_strip("x", 1, 1, &out, &size));
    ck_assert_ptr_null(out);
    assert_status(WILDCAM_ERR_TRUNCATED, wildcam_image_strip(jpeg.data, 20, 1, &out, &size));
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(kept_picture_reads_back)
{
    struct jpeg jpeg = make_jpeg_with_exif(64, 48, 1, &all_facts);
    wildcam_station *station = open_with(NULL, NULL);
    wildcam_image *facts;
    int64_t id, bytes = -1, before = wildcam_time_now();
    struct jpeg again = {NULL, 0};
    int fd = -1;
    assert_ok(wildcam_station_ingest(station, "CAM1", jpeg.data, jpeg.size, &id, NULL));
    assert_ok(wildcam_station_get_image(station, id, &facts));
    ck_assert_int_eq(wildcam_image_get_id(facts), id);
    ck_assert_int_eq(wildcam_image_get_camera_id(facts), 1);
    ck_assert_str_eq(wildcam_image_get_device_id(facts), "CAM1");
    ck_assert_int_eq(wildcam_image_get_time(facts), at("2026-03-01T08:00:00.25Z"));
    ck_assert_int_ge(wildcam_image_get_received_at(facts), before);
    ck_assert_uint_eq(strlen(wildcam_image_get_sha256(facts)), 64);
    ck_assert_int_eq(wildcam_image_get_bytes(facts), (int64_t)jpeg.size);
    ck_assert_str_eq(wildcam_image_get_serial_number(facts), "SN-4711");
    ck_assert_int_eq(wildcam_image_get_width(facts), 48);
    wildcam_image_free(facts);
    assert_ok(wildcam_station_open_picture(station, id, &fd, &bytes));
    ck_assert_int_eq(bytes, (int64_t)jpeg.size);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    close(fd);
    assert_ok(wildcam_station_open_picture(station, id, &fd, NULL));
    close(fd);
    assert_ok(wildcam_station_read_picture(station, id, 0, (void **)&again.data, &again.size));
    ck_assert_uint_eq(again.size, jpeg.size);
    ck_assert_mem_eq(again.data, jpeg.data, jpeg.size);
    wildcam_free(again.data);
    assert_ok(wildcam_station_read_picture(station, id, WILDCAM_STRIP_PLACE, (void **)&again.data,
                                           &again.size));
    facts = probe(&again);
    ck_assert(isnan(wildcam_image_get_latitude(facts)));
    wildcam_image_free(facts);
    wildcam_free(again.data);
    jpeg_free(&jpeg);
    wildcam_station_close(station);
}
END_TEST

START_TEST(pictures_that_are_not_there)
{
    static const int64_t none[] = {0, -1, 1, INT64_MAX, INT64_MIN};
    wildcam_station *station = open_with(NULL, NULL);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        int fd = 77;
        size_t size;
        void *data = &size;
        wildcam_image *facts = (void *)&size;
        assert_status(WILDCAM_ERR_NOTFOUND, wildcam_station_get_image(station, none[i], &facts));
        ck_assert_ptr_null(facts);
        assert_status(WILDCAM_ERR_NOTFOUND,
                      wildcam_station_open_picture(station, none[i], &fd, NULL));
        ck_assert_int_eq(fd, -1);
        assert_status(WILDCAM_ERR_NOTFOUND,
                      wildcam_station_read_picture(station, none[i], 0, &data, &size));
        ck_assert_ptr_null(data);
        data = &size;
        assert_status(WILDCAM_ERR_NOTFOUND,
                      wildcam_station_get_thumbnail(station, none[i], &data, &size));
        ck_assert_ptr_null(data);
        assert_fails(WILDCAM_ERR_INVALID, "4",
                     wildcam_station_read_picture(station, none[i], 4, &data, &size));
    }
    wildcam_station_close(station);
}
END_TEST

/* What every reader of the picture's file answers. */
static void assert_file_is_bad(wildcam_station *station, int64_t id)
{
    int fd = 77;
    size_t size;
    void *data = &size;
    assert_status(WILDCAM_ERR_CORRUPT, wildcam_station_open_picture(station, id, &fd, NULL));
    ck_assert_int_eq(fd, -1);
    assert_status(WILDCAM_ERR_CORRUPT, wildcam_station_read_picture(station, id, 0, &data, &size));
    ck_assert_ptr_null(data);
    data = &size;
    assert_status(WILDCAM_ERR_CORRUPT, wildcam_station_get_thumbnail(station, id, &data, &size));
    ck_assert_ptr_null(data);
}

START_TEST(file_that_is_gone_or_cut_off)
{
    char path[1024];
    wildcam_image *facts;
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add_scene(station, "CAM1", 1, at("2026-03-01"));
    picture_path(station, id, path);
    ck_assert_int_eq(truncate(path, 100), 0);
    assert_file_is_bad(station, id);
    ck_assert_int_eq(remove(path), 0);
    assert_file_is_bad(station, id);
    assert_ok(wildcam_station_get_image(station, id, &facts)); /* the row is there */
    wildcam_image_free(facts);
    wildcam_station_close(station);
}
END_TEST

START_TEST(thumbnail_is_made_once)
{
    size_t size, again_size;
    void *data, *again;
    wildcam_station *station = open_with("images.thumbnail", "32x32", NULL);
    int64_t id = add_scene(station, "CAM1", 1, at("2026-03-01"));
    ck_assert_int_eq(files_in("thumbnails"), 0);
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    ck_assert_int_eq(files_in("thumbnails"), 1);
    assert_ok(wildcam_station_get_thumbnail(station, id, &again, &again_size));
    ck_assert_uint_eq(size, again_size);
    ck_assert_mem_eq(data, again, size);
    struct jpeg jpeg = {data, size};
    wildcam_image *facts = probe(&jpeg);
    ck_assert_int_eq(wildcam_image_get_width(facts), 32);
    ck_assert_int_eq(wildcam_image_get_height(facts), 24);
    wildcam_image_free(facts);
    wildcam_free(data);
    wildcam_free(again);
    ck_assert_int_eq(findings_of(station), 0);
    wildcam_station_close(station);
}
END_TEST

/* At the disk's floor nothing is kept, but what can be made is handed out. */
START_TEST(thumbnail_on_a_full_disk)
{
    size_t size;
    void *data;
    wildcam_station *station = open_with(NULL, NULL);
    int64_t id = add_scene(station, "CAM1", 1, at("2026-03-01"));
    wildcam_station_close(station);
    station = open_with("disk.min_free_bytes", "1024T", NULL);
    assert_ok(wildcam_station_get_thumbnail(station, id, &data, &size));
    wildcam_free(data);
    ck_assert_int_eq(files_in("thumbnails"), 0);
    wildcam_station_close(station);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *memory = harness_case(suite, "memory"), *kept = harness_case(suite, "kept");
    tcase_add_test(memory, captures_have_names);
    tcase_add_loop_test(memory, facts_of_a_bare_picture, JPEG_COLOUR, JPEG_PROGRESSIVE + 1);
    tcase_add_test(memory, facts_out_of_exif);
    tcase_add_test(memory, facts_out_of_a_maker_note);
    tcase_add_test(memory, what_is_no_jpeg);
    tcase_add_test(memory, what_ends_too_early);
    tcase_add_test(memory, what_is_too_large);
    tcase_add_test(memory, kinds_that_cannot_be_decoded);
    tcase_add_test(memory, tables_that_are_missing);
    tcase_add_test(memory, thumbnails_keep_their_shape);
    tcase_add_test(memory, thumbnail_boxes_have_limits);
    tcase_add_test(memory, strips_what_was_asked_for);
    tcase_add_test(memory, strip_refuses);
    tcase_add_test(kept, kept_picture_reads_back);
    tcase_add_test(kept, pictures_that_are_not_there);
    tcase_add_test(kept, file_that_is_gone_or_cut_off);
    tcase_add_test(kept, thumbnail_is_made_once);
    tcase_add_test(kept, thumbnail_on_a_full_disk);
    return suite;
}
