/* The marker walk: what is a whole JPEG, what is none, and that it does not matter in which pieces
 * the bytes come. */
#include "image/jpeg_walk.h"

#include "streams.h"
#include "unit.h"

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
    walk_stream(&walk, stream_whole);
    ck_assert(walk.width == 64 && walk.height == 48 && walk.components == 3);
    ck_assert(walk.precision == 8 && !walk.is_progressive && !walk.has_adobe && !walk.exif);
    ck_assert(walk.scans == 1 && walk.header_bytes == 53 && walk.picture_bytes == 62);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, stream_progressive);
    ck_assert(walk.is_progressive && walk.scans == 3);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, stream_arithmetic);
    ck_assert(walk.is_progressive && walk.components == 1);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, stream_adobe);
    ck_assert(walk.has_adobe && walk.components == 4);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, stream_bytes_behind);
    ck_assert(walk.picture_bytes == 62 && walk.position == 2 * 62 + 10);
    wci_jpeg_walk_free(&walk);
    walk_stream(&walk, stream_several_app1);
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
    stream_marker_in_a_scan(&jpeg);
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
    stream_whole(&jpeg);
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
