/* What the marker walk refuses to have decoded: too many pixels, too many passes, too much memory.
 */
#include "image/probe.h"
#include "image/thumbnail.h"
#include "skeleton.h"
#include "unit.h"

static wildcam_status walk_all(struct wci_jpeg_walk *walk, const struct wci_text *jpeg,
                               const struct wci_jpeg_limits *limits)
{
    wci_jpeg_walk_begin(walk, limits);
    wildcam_status status = wci_jpeg_walk_add(walk, jpeg->data, jpeg->length);
    return status == WILDCAM_OK ? wci_jpeg_walk_end(walk) : status;
}

/* What a JPEG with such a frame and so many scans is answered. */
static wildcam_status answer(int marker, int width, int height, int components, int scans,
                             int components_of_scan, const struct wci_jpeg_limits *limits)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk walk;
    add_marker(&jpeg, SOI);
    add_frame(&jpeg, marker, width, height, components);
    for (int i = 0; i < scans; i++)
        add_scan(&jpeg, components_of_scan);
    add_marker(&jpeg, EOI);
    wci_error_clear();
    wildcam_status status = walk_all(&walk, &jpeg, limits);
    ck_assert_ptr_nonnull(jpeg.data);
    if (status != WILDCAM_OK) { /* it was sure before the end came */
        ck_assert(!walk.is_complete);
        ck_assert_str_eq(wildcam_error_origin(), "jpeg");
    }
    wci_jpeg_walk_free(&walk);
    wci_text_free(&jpeg);
    return status;
}

START_TEST(pixels)
{
    const struct wci_jpeg_limits limits = {64 * 48, 500, INT64_C(1) << 40};
    assert_ok(answer(SOF0, 64, 48, 3, 1, 3, &limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "64 x 49 pixels are over images.max_pixels (3072)",
                 answer(SOF0, 64, 49, 3, 1, 3, &limits));
    assert_ok(answer(SOF0, 64 * 48, 1, 3, 1, 3, &limits));
    assert_fails(WILDCAM_ERR_TOOLARGE,
                 "65535 x 65535 pixels are over images.max_pixels (100000000)",
                 answer(SOF0, 65535, 65535, 1, 1, 1, &usual_limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "65535 x 65535",
                 answer(SOF2, 65535, 65535, 4, 1, 4, &usual_limits));
    assert_ok(answer(SOF0, 65535, 1, 3, 1, 3, &usual_limits));
    assert_ok(answer(SOF0, 1, 65535, 3, 1, 3, &usual_limits));
}
END_TEST

START_TEST(scans)
{
    const struct wci_jpeg_limits limits = {64 * 48 * 1000, 20, INT64_C(1) << 40};
    assert_ok(answer(SOF2, 64, 48, 3, 20, 1, &limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "more scans than images.max_scans (20)",
                 answer(SOF2, 64, 48, 3, 21, 1, &limits));
    assert_ok(answer(SOF2, 64, 48, 3, 500, 1, &usual_limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "images.max_scans (500)",
                 answer(SOF2, 64, 48, 3, 5000, 1, &usual_limits));
}
END_TEST

/* Ten passes over the most pixels, or more over fewer. */
START_TEST(scans_of_many_pixels)
{
    const struct wci_jpeg_limits limits = {64 * 48, 500, INT64_C(1) << 40};
    assert_ok(answer(SOF2, 64, 48, 3, 10, 1, &limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "11 scans over 64 x 48 pixels",
                 answer(SOF2, 64, 48, 3, 11, 1, &limits));
    assert_ok(answer(SOF2, 32, 48, 3, 20, 1, &limits));
    assert_fails(WILDCAM_ERR_TOOLARGE, "21 scans over 32 x 48 pixels",
                 answer(SOF2, 32, 48, 3, 21, 1, &limits));
}
END_TEST

START_TEST(memory)
{
    const struct wci_jpeg_limits limits = {INT64_C(1) << 40, 500, 268435456};
    /* lines as they come take little */
    assert_ok(answer(SOF0, 65535, 65535, 3, 1, 3, &limits));
    /* passes need all of it: 65535 x 65535 x 1.5 x 2 bytes */
    assert_fails(WILDCAM_ERR_TOOLARGE, "over images.decode_bytes (268435456)",
                 answer(SOF2, 65535, 65535, 3, 1, 1, &limits));
    /* and so do components that come one after the other */
    assert_fails(WILDCAM_ERR_TOOLARGE, "over images.decode_bytes (268435456)",
                 answer(SOF0, 65535, 65535, 3, 1, 1, &limits));
    const struct wci_jpeg_limits few = {INT64_C(1) << 40, 500, 1 << 20};
    assert_fails(WILDCAM_ERR_TOOLARGE, "decoding it takes 12582720 bytes",
                 answer(SOF0, 65535, 1, 3, 1, 3, &few));
}
END_TEST

START_TEST(memory_of_passes)
{
    struct wci_text jpeg = {0};
    struct wci_jpeg_walk walk;
    add_marker(&jpeg, SOI);
    add_frame(&jpeg, SOF2, 640, 480, 3);
    add_scan(&jpeg, 3);
    add_marker(&jpeg, EOI);
    assert_done(walk_all(&walk, &jpeg, &usual_limits));
    /* two bytes for each of 640 x 480 x 1.5 coefficients, and a little for rounding up */
    ck_assert_int_ge(walk.decode_bytes, 640 * 480 * 3);
    ck_assert_int_lt(walk.decode_bytes, 640 * 480 * 4);
    wci_jpeg_walk_free(&walk);
    wci_text_free(&jpeg);
}
END_TEST

/* The same refusals reach those who ask for facts or a thumbnail. */
START_TEST(refusals_reach_the_callers)
{
    struct wci_text jpeg = {0};
    wildcam_image facts;
    void *out;
    size_t size;
    add_marker(&jpeg, SOI);
    add_frame(&jpeg, SOF0, 65535, 65535, 3);
    add_scan(&jpeg, 3);
    add_marker(&jpeg, EOI);
    wci_image_init(&facts);
    assert_fails(WILDCAM_ERR_TOOLARGE, "65535 x 65535",
                 wci_probe(jpeg.data, jpeg.length, &usual_limits, &facts));
    assert_fails(
        WILDCAM_ERR_TOOLARGE, "65535 x 65535",
        wci_thumbnail_make(jpeg.data, jpeg.length, &usual_limits, NULL, 320, 240, &out, &size));
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(size, 0);
    assert_status(WILDCAM_ERR_NOTJPEG, wci_probe("GIF89a", 6, &usual_limits, &facts));
    wci_image_release(&facts);
    wci_text_free(&jpeg);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("jpeg_limits");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, pixels);
    tcase_add_test(all, scans);
    tcase_add_test(all, scans_of_many_pixels);
    tcase_add_test(all, memory);
    tcase_add_test(all, memory_of_passes);
    tcase_add_test(all, refusals_reach_the_callers);
    return suite;
}
