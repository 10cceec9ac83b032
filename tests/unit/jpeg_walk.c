/* The marker walk: what is a whole JPEG, what is none, and that it does not matter in which pieces
 * the bytes come. */
#include "image/jpeg_walk.h"

#include "skeleton.h"
#include "unit.h"

static void whole(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void progressive(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_frame(jpeg, SOF2, 64, 48, 3);
    for (int i = 0; i < 3; i++) {
        add_segment(jpeg, DHT, "table", 5);
        add_scan(jpeg, 1);
    }
    add_marker(jpeg, EOI);
}

static void scan_with(struct wci_text *jpeg, const char *bytes, size_t size)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    wci_text_add_bytes(jpeg, bytes, size);
    add_marker(jpeg, EOI);
}

static void restarts_and_stuffing(struct wci_text *jpeg)
{
    scan_with(jpeg,
              "\xff\xd0"
              "a\xff\xd7"
              "b\xff\0c\xff\0\xff\xd1",
              13);
}

static void fill_bytes(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    ADD_BYTES(jpeg, "\xff\xff\xff");
    add_frame(jpeg, SOF0, 64, 48, 3);
    ADD_BYTES(jpeg, "\xff\xff");
    add_scan(jpeg, 3);
    ADD_BYTES(jpeg, "\xff\xff\xff");
    add_marker(jpeg, EOI);
}

static void stray_bytes(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    ADD_BYTES(jpeg, "stray\0\xff\0\xff\x01\xff\xd3");
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void number_of_lines(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_segment(jpeg, DNL, "\0\x30", 2);
    add_marker(jpeg, EOI);
}

static void marker_in_a_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    add_segment(jpeg, COM, "\xff\xd9 is not the end here", 22);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void empty_segments(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, COM, "", 0);
    add_segment(jpeg, APP1, "", 0);
    add_segment(jpeg, APP14, "", 0);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void adobe(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP14, "Adobe\0\x64\0\0\0\0\2", 12);
    add_frame(jpeg, SOF0, 64, 48, 4);
    add_scan(jpeg, 4);
    add_marker(jpeg, EOI);
}

/* XMP uses EXIF's marker; a second EXIF block does not count. */
static void several_app1(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", 33);
    add_segment(jpeg, APP1, "Exif\0\0", 6); /* nothing in it */
    add_segment(jpeg, APP1, "Exif\0\0first", 11);
    add_segment(jpeg, APP1, "Exif\0\0second", 12);
    add_frame(jpeg, SOF0, 64, 48, 3);
    add_scan(jpeg, 3);
    add_marker(jpeg, EOI);
}

static void thumbnail_inside(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, APP1, "Exif\0\0\xff\xd8\xff\xda\0\x04zz\xff\xd9", 16);
    add_frame(jpeg, SOF0, 64, 48, 3);
    add_scan(jpeg, 3);
}

static void whole_with_thumbnail(struct wci_text *jpeg)
{
    thumbnail_inside(jpeg);
    add_marker(jpeg, EOI);
}

static void bytes_behind(struct wci_text *jpeg)
{
    whole(jpeg);
    whole(jpeg); /* as cameras do that put a small picture there */
    ADD_BYTES(jpeg, "\xff and more");
}

static void arithmetic(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, 0xcc, "\0\0", 2); /* DAC is no frame */
    add_segment(jpeg, 0xc8, "\0\0", 2); /* nor is JPG */
    add_frame(jpeg, 0xca, 64, 48, 1);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void lossless(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_frame(jpeg, 0xc3, 64, 48, 1);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void nothing(struct wci_text *jpeg)
{
    wci_text_add(jpeg, "");
}

static void a_png(struct wci_text *jpeg)
{
    wci_text_add(jpeg, "\x89PNG\r\n");
}

static void half_a_soi(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd9\xff\xd8");
}

static void three_bytes(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff");
}

static void two_begins(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    whole(jpeg);
}

static void cut_and_another(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_scan(jpeg, 3);
    whole(jpeg);
}

static void no_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_marker(jpeg, EOI);
}

static void only_ends(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_marker(jpeg, EOI);
}

static void length_0(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff\xe0\0\0");
}

static void length_1(struct wci_text *jpeg)
{
    ADD_BYTES(jpeg, "\xff\xd8\xff\xe0\0\1");
}

static void two_frames(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_frame(jpeg, SOF0, 64, 48, 3);
}

static void frame(struct wci_text *jpeg, const char *content, size_t size)
{
    add_marker(jpeg, SOI);
    add_segment(jpeg, SOF0, content, size);
    add_scan(jpeg, 1);
    add_marker(jpeg, EOI);
}

static void frame_of_5_bytes(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40", 5);
}

static void empty_frame(struct wci_text *jpeg)
{
    frame(jpeg, "", 0);
}

static void no_components(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\0", 6);
}

static void five_components(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\5\1\x11\0\2\x11\0\3\x11\0\4\x11\0\5\x11\0", 21);
}

static void missing_component(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\3\1\x11\0\2\x11\0", 12);
}

static void no_width(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\0\1\1\x11\0", 9);
}

/* The height would come in a DNL segment behind the scan; decoders do not read it either. */
static void no_height(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\0\0\x40\1\1\x11\0", 9);
}

static void sampling_0(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\1\1\x10\0", 9);
}

static void sampling_5(struct wci_text *jpeg)
{
    frame(jpeg, "\x08\0\x30\0\x40\1\1\x51\0", 9);
}

static void scan_first(struct wci_text *jpeg)
{
    add_marker(jpeg, SOI);
    add_scan(jpeg, 3);
}

static void empty_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "", 0);
}

static void scan_of_none(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\0\0\x3f\0", 4);
}

static void scan_of_five(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\5\1\0\2\0\3\0\4\0\5\0\0\x3f\0", 14);
}

static void short_scan(struct wci_text *jpeg)
{
    begin_skeleton(jpeg);
    add_segment(jpeg, SOS, "\3\1\0\2\0\0\x3f\0", 8);
}

struct stream {
    void (*build)(struct wci_text *jpeg);
    wildcam_status status;
    const char *words; /* NULL when it is whole */
};

static const struct stream streams[] = {
    {whole, WILDCAM_OK, NULL},
    {progressive, WILDCAM_OK, NULL},
    {restarts_and_stuffing, WILDCAM_OK, NULL},
    {fill_bytes, WILDCAM_OK, NULL},
    {stray_bytes, WILDCAM_OK, NULL},
    {number_of_lines, WILDCAM_OK, NULL},
    {marker_in_a_scan, WILDCAM_OK, NULL},
    {empty_segments, WILDCAM_OK, NULL},
    {adobe, WILDCAM_OK, NULL},
    {several_app1, WILDCAM_OK, NULL},
    {whole_with_thumbnail, WILDCAM_OK, NULL},
    {bytes_behind, WILDCAM_OK, NULL},
    {arithmetic, WILDCAM_OK, NULL},
    {lossless, WILDCAM_OK, NULL},
    {thumbnail_inside, WILDCAM_ERR_TRUNCATED, "the picture is cut off after 62 bytes"},
    {cut_and_another, WILDCAM_ERR_TRUNCATED, "another JPEG begins at byte 60"},
    {begin_skeleton, WILDCAM_ERR_TRUNCATED, "39 bytes, before the picture begins"},
    {nothing, WILDCAM_ERR_NOTJPEG, "it has only 0 bytes"},
    {three_bytes, WILDCAM_ERR_NOTJPEG, "it has only 3 bytes"},
    {a_png, WILDCAM_ERR_NOTJPEG, "it does not begin like a JPEG"},
    {half_a_soi, WILDCAM_ERR_NOTJPEG, "it does not begin like a JPEG"},
    {two_begins, WILDCAM_ERR_NOTJPEG, "the JPEG begins twice"},
    {no_scan, WILDCAM_ERR_NOTJPEG, "the JPEG ends without a picture"},
    {only_ends, WILDCAM_ERR_NOTJPEG, "the JPEG ends without a picture"},
    {length_0, WILDCAM_ERR_NOTJPEG, "a segment of length 0 at byte 4"},
    {length_1, WILDCAM_ERR_NOTJPEG, "a segment of length 1 at byte 4"},
    {two_frames, WILDCAM_ERR_NOTJPEG, "two frames"},
    {frame_of_5_bytes, WILDCAM_ERR_NOTJPEG, "frame header has 5 bytes"},
    {empty_frame, WILDCAM_ERR_NOTJPEG, "frame header has 0 bytes"},
    {no_components, WILDCAM_ERR_NOTJPEG, "0 components"},
    {five_components, WILDCAM_ERR_NOTJPEG, "5 components"},
    {missing_component, WILDCAM_ERR_NOTJPEG, "3 components"},
    {no_width, WILDCAM_ERR_NOTJPEG, "0 x 48 pixels"},
    {no_height, WILDCAM_ERR_NOTJPEG, "64 x 0 pixels"},
    {sampling_0, WILDCAM_ERR_NOTJPEG, "sampling factor of 1 x 0"},
    {sampling_5, WILDCAM_ERR_NOTJPEG, "sampling factor of 5 x 1"},
    {scan_first, WILDCAM_ERR_NOTJPEG, "a scan before its frame header"},
    {empty_scan, WILDCAM_ERR_NOTJPEG, "a scan of 0 components"},
    {scan_of_none, WILDCAM_ERR_NOTJPEG, "a scan of 0 components"},
    {scan_of_five, WILDCAM_ERR_NOTJPEG, "a scan of 5 components"},
    {short_scan, WILDCAM_ERR_NOTJPEG, "a scan of 3 components"},
};

enum { STREAMS = sizeof streams / sizeof streams[0] };

START_TEST(tells_what_it_is)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk walk;
    const struct stream *stream = &streams[_i];
    stream->build(&jpeg);
    wci_error_clear();
    wci_jpeg_walk_begin(&walk, &usual_limits);
    wildcam_status status = wci_jpeg_walk_add(&walk, jpeg.data, jpeg.length);
    ck_assert(status == WILDCAM_OK || status == stream->status);
    if (stream->words)
        assert_fails(stream->status, stream->words, wci_jpeg_walk_end(&walk));
    else
        assert_ok(wci_jpeg_walk_end(&walk));
    ck_assert(walk.is_complete == !stream->words);
    if (stream->words)
        ck_assert_str_eq(wildcam_error_origin(), "jpeg");
    wci_jpeg_walk_free(&walk);
    wci_text_free(&jpeg);
}
END_TEST

/* Walks in pieces: `first` bytes, then `each` at a time. */
static wildcam_status walk_in_pieces(struct wci_jpeg_walk *walk, const struct wci_text *jpeg,
                                     size_t first, size_t each)
{
    /* each piece in memory of its own, so that reading past it is seen */
    size_t at = 0;
    wildcam_status status = WILDCAM_OK;
    wci_jpeg_walk_begin(walk, &usual_limits);
    while (at < jpeg->length) {
        size_t size = at == 0 && first ? first : each;
        if (size > jpeg->length - at)
            size = jpeg->length - at;
        unsigned char *piece = malloc(size);
        ck_assert_ptr_nonnull(piece);
        memcpy(piece, jpeg->data + at, size);
        status = wci_jpeg_walk_add(walk, piece, size);
        free(piece);
        at += size;
    }
    wildcam_status end = wci_jpeg_walk_end(walk);
    ck_assert(status == WILDCAM_OK || status == end);
    return end;
}

static void check_same(const struct wci_jpeg_walk *one, const struct wci_jpeg_walk *other)
{
    ck_assert_int_eq(one->refusal, other->refusal);
    ck_assert(one->has_frame == other->has_frame && one->is_complete == other->is_complete &&
              one->is_progressive == other->is_progressive && one->has_adobe == other->has_adobe);
    ck_assert(one->width == other->width && one->height == other->height &&
              one->components == other->components && one->precision == other->precision);
    ck_assert(one->scans == other->scans && one->decode_bytes == other->decode_bytes);
    ck_assert(one->header_bytes == other->header_bytes &&
              one->picture_bytes == other->picture_bytes && one->position == other->position);
    ck_assert_uint_eq(one->exif_size, other->exif_size);
    ck_assert(one->exif_size == 0 || memcmp(one->exif, other->exif, one->exif_size) == 0);
}

START_TEST(pieces_do_not_matter)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk at_once, walk;
    streams[_i].build(&jpeg);
    wildcam_status status = walk_in_pieces(&at_once, &jpeg, 0, jpeg.length + 1);
    for (size_t each = 1; each < 8; each++) {
        ck_assert_int_eq(walk_in_pieces(&walk, &jpeg, 0, each), status);
        check_same(&walk, &at_once);
        wci_jpeg_walk_free(&walk);
    }
    for (size_t first = 1; first < jpeg.length; first++) {
        ck_assert_int_eq(walk_in_pieces(&walk, &jpeg, first, jpeg.length), status);
        check_same(&walk, &at_once);
        wci_jpeg_walk_free(&walk);
    }
    wci_jpeg_walk_free(&at_once);
    wci_text_free(&jpeg);
}
END_TEST

/* Wherever a good stream is cut, it is not whole, and says so. */
START_TEST(every_cut_is_seen)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk walk;
    if (streams[_i].words)
        return;
    streams[_i].build(&jpeg);
    assert_done(walk_in_pieces(&walk, &jpeg, 0, jpeg.length));
    size_t whole_length = (size_t)walk.picture_bytes;
    wci_jpeg_walk_free(&walk);
    for (size_t length = 0; length < jpeg.length; length++) {
        struct wci_text part = {jpeg.data, length, 0, false};
        wci_error_clear();
        assert_status(length < 4              ? WILDCAM_ERR_NOTJPEG
                      : length < whole_length ? WILDCAM_ERR_TRUNCATED
                                              : WILDCAM_OK,
                      walk_in_pieces(&walk, &part, 0, length + 1));
        ck_assert(walk.is_complete == (length >= whole_length));
        wci_jpeg_walk_free(&walk);
    }
    wci_text_free(&jpeg);
}
END_TEST

static void walk_stream(struct wci_jpeg_walk *walk, void (*build)(struct wci_text *jpeg))
{
    struct wci_text jpeg = {0};
    build(&jpeg);
    assert_done(walk_in_pieces(walk, &jpeg, 0, jpeg.length));
    wci_text_free(&jpeg);
}

START_TEST(finds_the_facts)
{
    struct wci_jpeg_walk walk;
    walk_stream(&walk, whole);
    ck_assert(walk.width == 64 && walk.height == 48 && walk.components == 3);
    ck_assert(walk.precision == 8 && !walk.is_progressive && !walk.has_adobe && !walk.exif);
    ck_assert(walk.scans == 1 && walk.header_bytes == 53 && walk.picture_bytes == 62);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, progressive);
    ck_assert(walk.is_progressive && walk.scans == 3);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, arithmetic);
    ck_assert(walk.is_progressive && walk.components == 1);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, adobe);
    ck_assert(walk.has_adobe && walk.components == 4);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, bytes_behind);
    ck_assert(walk.picture_bytes == 62 && walk.position == 2 * 62 + 10);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, several_app1);
    ck_assert_uint_eq(walk.exif_size, 11);
    ck_assert_int_eq(memcmp(walk.exif, "Exif\0\0first", 11), 0);
    wci_jpeg_walk_free(&walk);
}
END_TEST

struct segments {
    const struct wci_text *jpeg;
    int markers[8];
    int count;
};

static void note_segment(void *user, int marker, int64_t offset, size_t length)
{
    struct segments *segments = user;
    const unsigned char *head = (const unsigned char *)segments->jpeg->data + offset - 4;
    ck_assert(head[0] == 0xff && head[1] == marker);
    ck_assert_uint_eq((size_t)(head[2] << 8 | head[3]), length + 2);
    segments->markers[segments->count++] = marker;
}

START_TEST(tells_of_each_segment)
{
    static const int wanted[] = {APP0, SOF0, SOS, COM, SOS};
    struct wci_text jpeg = {0};
    struct segments segments = {&jpeg, {0}, 0};
    struct wci_jpeg_walk walk;
    marker_in_a_scan(&jpeg);
    wci_jpeg_walk_begin(&walk, &usual_limits);
    walk.visit = note_segment;
    walk.user = &segments;
    assert_done(wci_jpeg_walk_add(&walk, jpeg.data, jpeg.length));
    ck_assert_int_eq(segments.count, 5);
    ck_assert_int_eq(memcmp(segments.markers, wanted, sizeof wanted), 0);
    wci_jpeg_walk_free(&walk);
    wci_text_free(&jpeg);
}
END_TEST

START_TEST(a_refusal_stays)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk walk;
    whole(&jpeg);
    wci_jpeg_walk_begin(&walk, &usual_limits);
    assert_status(WILDCAM_ERR_NOTJPEG, wci_jpeg_walk_add(&walk, "no", 2));
    assert_status(WILDCAM_ERR_NOTJPEG, wci_jpeg_walk_add(&walk, jpeg.data, jpeg.length));
    assert_status(WILDCAM_ERR_NOTJPEG, wci_jpeg_walk_end(&walk));
    ck_assert(!walk.is_complete);
    wci_jpeg_walk_free(&walk);
    wci_jpeg_walk_free(&walk); /* twice is no harm */
    wci_text_free(&jpeg);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("jpeg_walk");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, tells_what_it_is, 0, STREAMS);
    tcase_add_loop_test(all, pieces_do_not_matter, 0, STREAMS);
    tcase_add_loop_test(all, every_cut_is_seen, 0, STREAMS);
    tcase_add_test(all, finds_the_facts);
    tcase_add_test(all, tells_of_each_segment);
    tcase_add_test(all, a_refusal_stays);
    return suite;
}
