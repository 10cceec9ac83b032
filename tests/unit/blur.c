/* People become unrecognisable, whichever way the picture lies, and all else stays. */
#include "image/blur.h"

#include <math.h>
#include <turbojpeg.h>

#include "image/probe.h"
#include "image/thumbnail.h"
#include "skeleton.h"
#include "unit.h"

struct picture {
    unsigned char *pixels;
    int width, height;
};

static struct picture decode(const void *jpeg, size_t size)
{
    struct picture picture = {0};
    int sampling, space;
    tjhandle handle = tjInitDecompress();
    ck_assert_int_eq(
        tjDecompressHeader3(handle, jpeg, size, &picture.width, &picture.height, &sampling, &space),
        0);
    picture.pixels = malloc((size_t)picture.width * (size_t)picture.height * 3);
    ck_assert_ptr_nonnull(picture.pixels);
    ck_assert_int_eq(tjDecompress2(handle, jpeg, size, picture.pixels, picture.width, 0,
                                   picture.height, TJPF_RGB, 0),
                     0);
    tjDestroy(handle);
    return picture;
}

/* As people see it. */
static struct picture decode_upright(const struct jpeg *jpeg)
{
    void *out;
    size_t size;
    assert_done(
        wci_thumbnail_make(jpeg->data, jpeg->size, &usual_limits, NULL, 4096, 4096, &out, &size));
    struct picture picture = decode(out, size);
    free(out);
    return picture;
}

static struct jpeg blur(const struct jpeg *jpeg, const wildcam_box *boxes, size_t count)
{
    void *out;
    struct jpeg blurred;
    assert_done(
        wci_blur(jpeg->data, jpeg->size, &usual_limits, NULL, boxes, count, &out, &blurred.size));
    blurred.data = out;
    return blurred;
}

/* How far two pictures are apart within a rectangle: the mean distance, and the longest. */
static void measure(const struct picture *a, const struct picture *b, int left, int top, int right,
                    int bottom, double *mean, int *longest)
{
    int64_t sum = 0;
    *longest = 0;
    for (int y = top; y < bottom; y++)
        for (int at = (y * a->width + left) * 3; at < (y * a->width + right) * 3; at++) {
            int apart = abs(a->pixels[at] - b->pixels[at]);
            sum += apart;
            *longest = apart > *longest ? apart : *longest;
        }
    *mean = (double)sum / ((double)(right - left) * (bottom - top) * 3);
}

/* How much neighbours differ, which is what there is to be seen. */
static double detail(const struct picture *picture, int left, int top, int right, int bottom)
{
    int64_t sum = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left + 1; x < right; x++)
            sum += abs(picture->pixels[(y * picture->width + x) * 3] -
                       picture->pixels[(y * picture->width + x - 1) * 3]);
    return (double)sum / ((double)(right - left - 1) * (bottom - top));
}

enum { WIDTH = 640, HEIGHT = 480 };

/* Noise everywhere, so that nothing is alike by chance. */
static struct jpeg noise(int format, int sampling, int flags, unsigned seed)
{
    int channels = tjPixelSize[format];
    size_t bytes = (size_t)WIDTH * HEIGHT * (size_t)channels;
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    unsigned char *pixels = malloc(bytes);
    ck_assert_ptr_nonnull(pixels);
    for (size_t i = 0; i < bytes; i++) {
        seed = seed * 1103515245U + 12345U;
        pixels[i] = (unsigned char)(seed >> 16);
    }
    tjhandle handle = tjInitCompress();
    ck_assert_int_eq(tjCompress2(handle, pixels, WIDTH, 0, HEIGHT, format, &jpeg.data, &size,
                                 sampling, 90, flags),
                     0);
    tjDestroy(handle);
    free(pixels);
    jpeg.size = size;
    return jpeg;
}

static void orient(struct jpeg *jpeg, int orientation)
{
    struct exif_facts facts = {.orientation = orientation,
                               .make = "WildCAM",
                               .serial = "S-1",
                               .date_time_original = "2026:03:04 05:06:07",
                               .latitude = 50.5,
                               .longitude = 4.25,
                               .altitude = NAN};
    size_t size;
    void *block = make_exif(&facts, &size);
    jpeg_insert(jpeg, APP1, block, size);
    free(block);
}

START_TEST(covers_the_box_whichever_way_it_lies)
{
    const wildcam_box box = {0.1, 0.55, 0.2, 0.3};
    struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 7);
    double mean;
    int longest;
    orient(&jpeg, _i + 1);
    struct jpeg blurred = blur(&jpeg, &box, 1);
    struct picture before = decode_upright(&jpeg), after = decode_upright(&blurred);
    int w = before.width, h = before.height;
    ck_assert_int_eq(after.width, w);
    ck_assert_int_eq(after.height, h);
    int left = w / 10, top = h * 55 / 100, right = w * 3 / 10, bottom = h * 85 / 100;
    ck_assert_double_gt(detail(&before, left, top, right, bottom), 20);
    ck_assert_double_lt(detail(&after, left, top, right, bottom), 3);
    /* A tenth of it on each side, and what shares a block with that, here or in the upright copy.
     */
    int aside = w / 50 + 60, above = h * 3 / 100 + 60;
    measure(&before, &after, right + aside, 0, w, h, &mean, &longest);
    ck_assert_int_eq(longest, 0);
    measure(&before, &after, 0, 0, w, top - above, &mean, &longest);
    ck_assert_int_eq(longest, 0);
    if (bottom + above < h) {
        measure(&before, &after, 0, bottom + above, w, h, &mean, &longest);
        ck_assert_int_eq(longest, 0);
    }
    free(before.pixels);
    free(after.pixels);
    jpeg_free(&blurred);
    jpeg_free(&jpeg);
}
END_TEST

static const struct {
    int format, sampling, flags;
} kinds[] = {{TJPF_RGB, TJSAMP_444, 0},
             {TJPF_RGB, TJSAMP_422, 0},
             {TJPF_RGB, TJSAMP_440, 0},
             {TJPF_RGB, TJSAMP_411, 0},
             {TJPF_GRAY, TJSAMP_GRAY, 0},
             {TJPF_CMYK, TJSAMP_444, 0},
             {TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE}};

START_TEST(covers_every_kind)
{
    const wildcam_box box = {0.5, 0.25, 0.25, 0.5};
    struct jpeg jpeg = noise(kinds[_i].format, kinds[_i].sampling, kinds[_i].flags, 5);
    double mean;
    int longest;
    struct jpeg blurred = blur(&jpeg, &box, 1);
    struct picture before = decode_upright(&jpeg), after = decode_upright(&blurred);
    ck_assert_double_lt(detail(&after, WIDTH / 2, HEIGHT / 4, WIDTH * 3 / 4, HEIGHT * 3 / 4), 3);
    measure(&before, &after, 0, 0, WIDTH / 2 - 120, HEIGHT, &mean, &longest);
    ck_assert_int_eq(longest, 0);
    free(before.pixels);
    free(after.pixels);
    jpeg_free(&blurred);
    jpeg_free(&jpeg);
}
END_TEST

/* What is in the box changes, and its mean with it by next to nothing: were more left of it than a
 * few means, the copies would differ by more. */
START_TEST(nothing_of_it_is_left)
{
    const wildcam_box box = {0.25, 0.25, 0.5, 0.5};
    double mean;
    int longest;
    struct jpeg one = noise(TJPF_RGB, TJSAMP_444, 0, 1), two = noise(TJPF_RGB, TJSAMP_444, 0, 2);
    struct jpeg first = blur(&one, &box, 1), second = blur(&two, &box, 1);
    struct picture a = decode_upright(&one), b = decode_upright(&two);
    measure(&a, &b, WIDTH / 4, HEIGHT / 4, WIDTH * 3 / 4, HEIGHT * 3 / 4, &mean, &longest);
    ck_assert_double_gt(mean, 30);
    free(a.pixels);
    free(b.pixels);
    a = decode_upright(&first);
    b = decode_upright(&second);
    measure(&a, &b, WIDTH / 4, HEIGHT / 4, WIDTH * 3 / 4, HEIGHT * 3 / 4, &mean, &longest);
    ck_assert_double_lt(mean, 4);
    free(a.pixels);
    free(b.pixels);
    jpeg_free(&first);
    jpeg_free(&second);
    jpeg_free(&one);
    jpeg_free(&two);
}
END_TEST

static void assert_covered(const struct jpeg *jpeg, wildcam_box box, int left, int top, int right,
                           int bottom)
{
    struct jpeg blurred = blur(jpeg, &box, 1);
    struct picture after = decode_upright(&blurred);
    ck_assert_double_lt(detail(&after, left, top, right, bottom), 3);
    free(after.pixels);
    jpeg_free(&blurred);
}

START_TEST(boxes_may_lie_at_the_edge)
{
    struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 3);
    assert_covered(&jpeg, (wildcam_box){0, 0, 1, 1}, 0, 0, WIDTH, HEIGHT);
    assert_covered(&jpeg, (wildcam_box){-3, -3, 7, 7}, 0, 0, WIDTH, HEIGHT);
    assert_covered(&jpeg, (wildcam_box){0.9, 0.9, 0.1, 0.1}, 576, 432, WIDTH, HEIGHT);
    assert_covered(&jpeg, (wildcam_box){0.9, 0.9, 4e9, 4e9}, 576, 432, WIDTH, HEIGHT);
    assert_covered(&jpeg, (wildcam_box){0, 0, 0.05, 0.05}, 0, 0, 32, 24);
    assert_covered(&jpeg, (wildcam_box){0.5, 0.5, 0, 0}, 316, 236, 324, 244);
    struct jpeg outside = blur(&jpeg, &(wildcam_box){5, 5, 1, 1}, 1);
    jpeg_free(&outside);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(boxes_may_lie_over_each_other)
{
    const wildcam_box boxes[] = {{0.1, 0.1, 0.4, 0.4}, {0.3, 0.3, 0.4, 0.4}};
    struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 3), blurred = blur(&jpeg, boxes, 2);
    struct picture after = decode_upright(&blurred);
    ck_assert_double_lt(detail(&after, 64, 48, 320, 240), 3);
    ck_assert_double_lt(detail(&after, 192, 144, 448, 336), 3);
    free(after.pixels);
    jpeg_free(&blurred);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(facts_stay_and_small_pictures_go)
{
    struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 3), small = make_jpeg(32, 24, JPEG_COLOUR, 1);
    wildcam_image image;
    orient(&jpeg, 6);
    jpeg_insert(&jpeg, 0xe3, small.data, small.size);
    jpeg_append(&jpeg, small.data, small.size);
    ck_assert_ptr_nonnull(memmem(jpeg.data, jpeg.size, small.data, small.size));
    struct jpeg blurred = blur(&jpeg, NULL, 0);
    ck_assert_ptr_null(memmem(blurred.data, blurred.size, small.data + 20, 64));
    wci_image_init(&image);
    assert_done(wci_probe(blurred.data, blurred.size, &usual_limits, &image));
    ck_assert_int_eq(image.orientation, 6);
    ck_assert_int_ne(image.time, WILDCAM_TIME_NONE);
    ck_assert_str_eq(image.make, "WildCAM");
    ck_assert_str_eq(image.serial_number, "S-1");
    ck_assert_double_eq_tol(image.latitude, 50.5, 1e-6);
    ck_assert_int_eq(image.trailing_bytes, 0);
    wci_image_release(&image);
    jpeg_free(&blurred);
    jpeg_free(&small);
    jpeg_free(&jpeg);
}
END_TEST

/* A maker note with a picture in it goes, one of a camera that has none stays. */
START_TEST(maker_notes_may_hold_pictures)
{
    static unsigned char reconyx[0x60] = {0x01, 0xf1}, other[600] = "BUSHNELL";
    for (int i = 0; i < 2; i++) {
        struct jpeg small = make_jpeg(32, 24, JPEG_COLOUR, 1);
        size_t size;
        memcpy(other + 16, small.data, small.size < 560 ? small.size : 560);
        reconyx[0x0e] = 2;
        reconyx[0x10] = 3;
        struct exif_facts facts = {.latitude = NAN,
                                   .longitude = NAN,
                                   .altitude = NAN,
                                   .maker_note = i ? other : reconyx,
                                   .maker_note_size = i ? sizeof other : sizeof reconyx};
        void *block = make_exif(&facts, &size);
        struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 3);
        jpeg_insert(&jpeg, APP1, block, size);
        struct jpeg blurred = blur(&jpeg, NULL, 0);
        wildcam_image image;
        wci_image_init(&image);
        assert_done(wci_probe(blurred.data, blurred.size, &usual_limits, &image));
        ck_assert_int_eq(image.sequence_number, i ? -1 : 2);
        ck_assert_ptr_null(memmem(blurred.data, blurred.size, "BUSHNELL", 8));
        wci_image_release(&image);
        free(block);
        jpeg_free(&blurred);
        jpeg_free(&jpeg);
        jpeg_free(&small);
    }
}
END_TEST

START_TEST(bad_pictures_are_refused)
{
    void *out = &out;
    size_t size;
    struct jpeg jpeg = noise(TJPF_RGB, TJSAMP_420, 0, 3);
    assert_status(WILDCAM_ERR_NOTJPEG, wci_blur("x", 1, &usual_limits, NULL, NULL, 0, &out, &size));
    ck_assert_ptr_null(out);
    assert_status(WILDCAM_ERR_TRUNCATED,
                  wci_blur(jpeg.data, jpeg.size / 2, &usual_limits, NULL, NULL, 0, &out, &size));
    struct wci_jpeg_limits narrow = usual_limits;
    narrow.max_pixels = 100;
    assert_status(WILDCAM_ERR_TOOLARGE,
                  wci_blur(jpeg.data, jpeg.size, &narrow, NULL, NULL, 0, &out, &size));
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(a_real_person)
{
    /* Where he stands in the picture, in a hundredth of it. */
    const wildcam_box box = {0.70, 0.48, 0.08, 0.26};
    char path[512];
    double mean;
    int longest;
    if (!real_data())
        return;
    snprintf(path, sizeof path, "%s/cameratrap-jpegs/human.jpg", real_data());
    struct jpeg jpeg;
    jpeg.data = load_file(path, &jpeg.size);
    struct jpeg blurred = blur(&jpeg, &box, 1);
    struct picture before = decode_upright(&jpeg), after = decode_upright(&blurred);
    int left = before.width * 70 / 100, right = before.width * 78 / 100;
    int top = before.height * 48 / 100, bottom = before.height * 74 / 100;
    ck_assert_double_gt(detail(&before, left, top, right, bottom), 4);
    ck_assert_double_lt(detail(&after, left, top, right, bottom), 1);
    measure(&before, &after, 0, 0, before.width * 65 / 100, before.height, &mean, &longest);
    ck_assert_int_eq(longest, 0);
    free(before.pixels);
    free(after.pixels);
    jpeg_free(&blurred);
    free(jpeg.data);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("blur");
    TCase *all = harness_case(suite, "blur");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, covers_the_box_whichever_way_it_lies, 0, 8);
    tcase_add_loop_test(all, covers_every_kind, 0, (int)(sizeof kinds / sizeof kinds[0]));
    tcase_add_test(all, nothing_of_it_is_left);
    tcase_add_test(all, boxes_may_lie_at_the_edge);
    tcase_add_test(all, boxes_may_lie_over_each_other);
    tcase_add_test(all, facts_stay_and_small_pictures_go);
    tcase_add_test(all, maker_notes_may_hold_pictures);
    tcase_add_test(all, bad_pictures_are_refused);
    tcase_add_test(all, a_real_person);
    return suite;
}
