/* Thumbnails: upright, in shape, without metadata, from every kind of JPEG that can be decoded. */
#include "image/thumbnail.h"

#include <math.h>
#include <turbojpeg.h>

#include "image/probe.h"
#include "skeleton.h"
#include "unit.h"

/* The corners of the stored picture: A top left, B top right, C bottom left, D bottom right. */
static const unsigned char colours[4][3] = {
    {220, 30, 30}, {30, 200, 30}, {30, 30, 220}, {230, 230, 230}};

/* A picture of four quarters, of pixels of 1, 3 or 4 bytes. Grey takes the green; ink is what
 * Adobe stores: inverted. */
static struct jpeg quarters(int width, int height, int format, int flags)
{
    int channels = tjPixelSize[format];
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    unsigned char *pixels = malloc((size_t)width * (size_t)height * (size_t)channels), *to = pixels;
    ck_assert_ptr_nonnull(pixels);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++, to += channels) {
            const unsigned char *colour = colours[(y >= height / 2) * 2 + (x >= width / 2)];
            memset(to, 255, (size_t)channels);
            memcpy(to, channels == 1 ? colour + 1 : colour, channels == 1 ? 1 : 3);
        }
    }
    tjhandle handle = tjInitCompress();
    int sampling = channels == 1 ? TJSAMP_GRAY : TJSAMP_444;
    ck_assert_int_eq(tjCompress2(handle, pixels, width, 0, height, format, &jpeg.data, &size,
                                 sampling, 95, flags),
                     0);
    tjDestroy(handle);
    free(pixels);
    jpeg.size = size;
    return jpeg;
}

static void orient(struct jpeg *jpeg, int orientation)
{
    struct exif_facts facts = {.orientation = orientation,
                               .serial = "SECRET",
                               .latitude = 50.5,
                               .longitude = 4.25,
                               .altitude = NAN};
    size_t size;
    void *block = make_exif(&facts, &size);
    jpeg_insert(jpeg, APP1, block, size);
    free(block);
}

struct picture {
    unsigned char *pixels;
    int width, height, subsampling;
};

static struct picture decode(const void *jpeg, size_t size)
{
    struct picture picture = {0};
    int colour_space;
    tjhandle handle = tjInitDecompress();
    ck_assert_int_eq(tjDecompressHeader3(handle, jpeg, size, &picture.width, &picture.height,
                                         &picture.subsampling, &colour_space),
                     0);
    picture.pixels = malloc((size_t)picture.width * (size_t)picture.height * 3);
    ck_assert_ptr_nonnull(picture.pixels);
    ck_assert_int_eq(tjDecompress2(handle, jpeg, size, picture.pixels, picture.width, 0,
                                   picture.height, TJPF_RGB, 0),
                     0);
    tjDestroy(handle);
    return picture;
}

static struct picture thumbnail_of(const struct jpeg *jpeg, int box_width, int box_height)
{
    void *out;
    size_t size;
    assert_done(wci_thumbnail_make(jpeg->data, jpeg->size, &usual_limits, NULL, box_width,
                                   box_height, &out, &size));
    struct picture picture = decode(out, size);
    free(out);
    return picture;
}

/* The middle of a quarter. */
static const unsigned char *quarter(const struct picture *picture, int index)
{
    int x = picture->width * (index % 2 ? 3 : 1) / 4, y = picture->height * (index / 2 ? 3 : 1) / 4;
    return picture->pixels + 3 * ((size_t)y * (size_t)picture->width + (size_t)x);
}

static bool is_near(const unsigned char *pixel, const unsigned char *colour, int distance)
{
    for (int c = 0; c < 3; c++)
        if (abs(pixel[c] - colour[c]) > distance)
            return false;
    return true;
}

static void check_quarters(const struct picture *picture, const char *letters)
{
    for (int i = 0; i < 4; i++) {
        const unsigned char *pixel = quarter(picture, i);
        ck_assert_msg(is_near(pixel, colours[letters[i] - 'A'], 24),
                      "quarter %d is %d %d %d, not %c", i, pixel[0], pixel[1], pixel[2],
                      letters[i]);
    }
}

/* Which stored quarters stand top left, top right, bottom left and bottom right when the picture is
 * upright, by EXIF's table of where the first row and the first column belong. */
static const char *const upright[] = {"ABCD", "BADC", "DCBA", "CDAB",
                                      "ACBD", "CADB", "DBCA", "BDAC"};

START_TEST(is_upright)
{
    for (int format = 0; format < 2; format++) {
        struct jpeg jpeg = quarters(640, 400, TJPF_RGB, format ? TJFLAG_PROGRESSIVE : 0);
        orient(&jpeg, _i + 1);
        struct picture picture = thumbnail_of(&jpeg, 160, 160);
        ck_assert_int_eq(picture.width, _i < 4 ? 160 : 100);
        ck_assert_int_eq(picture.height, _i < 4 ? 100 : 160);
        check_quarters(&picture, upright[_i]);
        free(picture.pixels);
        jpeg_free(&jpeg);
    }
}
END_TEST

static const int shapes[][6] = {
    /* width, height, box, thumbnail */
    {640, 480, 320, 240, 320, 240},   {640, 480, 320, 320, 320, 240},
    {640, 480, 100, 320, 100, 75},    {640, 480, 320, 100, 133, 100},
    {640, 480, 641, 481, 640, 480}, /* not enlarged */
    {640, 480, 4096, 4096, 640, 480}, {641, 479, 320, 240, 320, 239},
    {2000, 2, 320, 240, 320, 1},      {2, 2000, 320, 240, 1, 240},
    {3000, 8, 16, 16, 16, 1},         {16, 16, 16, 16, 16, 16},
    {1, 1, 320, 240, 1, 1},           {17, 13, 16, 16, 16, 12},
    {1000, 700, 333, 333, 333, 233},
};

START_TEST(keeps_its_shape)
{
    const int *shape = shapes[_i];
    struct jpeg jpeg = quarters(shape[0], shape[1], TJPF_RGB, 0);
    struct picture picture = thumbnail_of(&jpeg, shape[2], shape[3]);
    ck_assert_int_eq(picture.width, shape[4]);
    ck_assert_int_eq(picture.height, shape[5]);
    if (picture.width > 8 && picture.height > 8)
        check_quarters(&picture, "ABCD");
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

static void refuse_metadata(void *user, int marker, int64_t offset, size_t length)
{
    (void)user;
    (void)offset;
    (void)length;
    ck_assert_msg(marker == APP0 || marker < APP0, "the thumbnail has a segment %02x", marker);
}

START_TEST(has_no_metadata)
{
    void *out;
    size_t size;
    struct wci_jpeg_walk walk;
    struct jpeg jpeg = quarters(640, 480, TJPF_RGB, 0);
    orient(&jpeg, 6);
    jpeg_insert(&jpeg, COM, "SECRET", 6);
    assert_done(
        wci_thumbnail_make(jpeg.data, jpeg.size, &usual_limits, NULL, 320, 240, &out, &size));
    wci_jpeg_walk_begin(&walk, &usual_limits);
    walk.visit = refuse_metadata;
    assert_done(wci_jpeg_walk_add(&walk, out, size));
    assert_done(wci_jpeg_walk_end(&walk));
    ck_assert_int_eq(walk.picture_bytes, (int64_t)size);
    ck_assert_ptr_null(memmem(out, size, "SECRET", 6));
    wci_jpeg_walk_free(&walk);
    free(out);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(grey_stays_grey)
{
    struct jpeg jpeg = quarters(640, 480, TJPF_GRAY, 0);
    orient(&jpeg, 3);
    struct picture picture = thumbnail_of(&jpeg, 320, 240);
    ck_assert_int_eq(picture.subsampling, TJSAMP_GRAY);
    for (int i = 0; i < 4; i++) /* turned by half a circle */
        ck_assert_int_le(abs(quarter(&picture, i)[0] - colours[3 - i][1]), 8);
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

/* Where Adobe's segment stands. */
static unsigned char *adobe_segment(const struct jpeg *jpeg)
{
    unsigned char *found = memmem(jpeg->data, jpeg->size,
                                  "\xff\xee\0\x0e"
                                  "Adobe",
                                  9);
    ck_assert_ptr_nonnull(found);
    return found;
}

START_TEST(ink_becomes_light)
{
    struct jpeg jpeg = quarters(640, 480, TJPF_CMYK, 0);
    ck_assert_ptr_nonnull(adobe_segment(&jpeg));
    orient(&jpeg, 8);
    struct picture picture = thumbnail_of(&jpeg, 320, 320);
    check_quarters(&picture, upright[7]);
    ck_assert_int_eq(picture.subsampling, TJSAMP_420);
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

/* Without Adobe's segment 255 is full ink: the numbers of the file are cyan, magenta, yellow and
 * black. */
START_TEST(plain_ink_becomes_light)
{
    enum { SIZE = 64 };
    static unsigned char pixels[SIZE * SIZE * 4];
    static const unsigned char wanted[] = {200, 127, 127};
    struct jpeg jpeg = {NULL, 0};
    unsigned long size = 0;
    for (size_t i = 0; i < SIZE * SIZE; i++) /* in YCCK: 55, 128, 128, 0 */
        memcpy(pixels + 4 * i, "\xc8\xc8\xc8\0", 4);
    tjhandle handle = tjInitCompress();
    ck_assert_int_eq(
        tjCompress2(handle, pixels, SIZE, 0, SIZE, TJPF_CMYK, &jpeg.data, &size, TJSAMP_444, 95, 0),
        0);
    tjDestroy(handle);
    jpeg.size = size;
    memcpy(adobe_segment(&jpeg) + 4, "Other", 5);
    struct picture picture = thumbnail_of(&jpeg, 16, 16);
    ck_assert_msg(is_near(quarter(&picture, 0), wanted, 6), "%d %d %d", quarter(&picture, 0)[0],
                  quarter(&picture, 0)[1], quarter(&picture, 0)[2]);
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

static unsigned char *frame_marker(const struct jpeg *jpeg)
{
    unsigned char *found = memmem(jpeg->data, jpeg->size, "\xff\xc0", 2);
    ck_assert_ptr_nonnull(found);
    return found;
}

static void check_refused(const struct jpeg *jpeg, wildcam_status status, const char *words)
{
    struct wci_decode_budget budget;
    void *out;
    size_t size;
    assert_done(wci_decode_budget_init(&budget, INT64_C(1) << 40));
    assert_fails(
        status, words,
        wci_thumbnail_make(jpeg->data, jpeg->size, &usual_limits, &budget, 320, 240, &out, &size));
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(size, 0);
    ck_assert_int_eq(budget.taken, 0);
    wci_decode_budget_destroy(&budget);
}

START_TEST(kinds_that_cannot_be_decoded)
{
    static const int frames[] = {0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf};
    struct jpeg jpeg = quarters(64, 48, TJPF_RGB, 0);
    unsigned char *frame = frame_marker(&jpeg);
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        frame[1] = (unsigned char)frames[i];
        check_refused(&jpeg, WILDCAM_ERR_UNSUPPORTED, "cannot be decoded: ");
    }
    frame[1] = SOF0;
    frame[4] = 12; /* bits */
    check_refused(&jpeg, WILDCAM_ERR_UNSUPPORTED, "cannot be decoded: ");
    frame[4] = 16;
    check_refused(&jpeg, WILDCAM_ERR_UNSUPPORTED, "cannot be decoded: ");
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(two_components_cannot_be_decoded)
{
    struct wci_text skeleton = {0};
    add_marker(&skeleton, SOI);
    add_frame(&skeleton, SOF0, 64, 48, 2);
    add_scan(&skeleton, 2);
    add_marker(&skeleton, EOI);
    const struct jpeg jpeg = {(unsigned char *)skeleton.data, skeleton.length};
    check_refused(&jpeg, WILDCAM_ERR_UNSUPPORTED, "two components");
    wci_text_free(&skeleton);
}
END_TEST

START_TEST(without_tables_there_is_no_picture)
{
    struct wci_text skeleton = {0};
    begin_skeleton(&skeleton);
    add_scan(&skeleton, 3);
    add_marker(&skeleton, EOI);
    const struct jpeg jpeg = {(unsigned char *)skeleton.data, skeleton.length};
    check_refused(&jpeg, WILDCAM_ERR_CORRUPT, "cannot be decoded: ");
    wci_text_free(&skeleton);
}
END_TEST

START_TEST(a_cut_one_is_refused)
{
    struct jpeg jpeg = quarters(640, 480, TJPF_RGB, 0);
    jpeg.size -= 3;
    check_refused(&jpeg, WILDCAM_ERR_TRUNCATED, "cut off");
    jpeg_free(&jpeg);
}
END_TEST

/* A warning of the decoder is damage that leaves something: what there is, is shown. */
START_TEST(shows_what_damage_leaves)
{
    struct jpeg jpeg = quarters(640, 480, TJPF_RGB, 0);
    size_t middle = jpeg.size * 3 / 4;
    memset(jpeg.data + middle, 0x55, 40);
    struct picture picture = thumbnail_of(&jpeg, 320, 240);
    ck_assert(is_near(quarter(&picture, 0), colours[0], 24));
    ck_assert(is_near(quarter(&picture, 1), colours[1], 24));
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(bytes_behind_do_not_matter)
{
    struct jpeg jpeg = quarters(640, 480, TJPF_RGB, 0);
    jpeg_append(&jpeg, "\xff\xd8\xff\xda and more", 13);
    struct picture picture = thumbnail_of(&jpeg, 320, 240);
    check_quarters(&picture, "ABCD");
    free(picture.pixels);
    jpeg_free(&jpeg);
}
END_TEST

START_TEST(waits_for_memory_and_gives_it_back)
{
    struct wci_decode_budget budget;
    struct jpeg jpeg = quarters(640, 480, TJPF_RGB, 0);
    void *out;
    size_t size;
    assert_done(wci_decode_budget_init(&budget, 1000)); /* less than it takes: all of it, alone */
    for (int i = 0; i < 3; i++) {
        assert_done(wci_thumbnail_make(jpeg.data, jpeg.size, &usual_limits, &budget, 320, 240, &out,
                                       &size));
        ck_assert_int_eq(budget.taken, 0);
        free(out);
    }
    wci_decode_budget_destroy(&budget);
    jpeg_free(&jpeg);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("thumbnail");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, is_upright, 0, 8);
    tcase_add_loop_test(all, keeps_its_shape, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_test(all, has_no_metadata);
    tcase_add_test(all, grey_stays_grey);
    tcase_add_test(all, ink_becomes_light);
    tcase_add_test(all, plain_ink_becomes_light);
    tcase_add_test(all, kinds_that_cannot_be_decoded);
    tcase_add_test(all, two_components_cannot_be_decoded);
    tcase_add_test(all, without_tables_there_is_no_picture);
    tcase_add_test(all, a_cut_one_is_refused);
    tcase_add_test(all, shows_what_damage_leaves);
    tcase_add_test(all, bytes_behind_do_not_matter);
    tcase_add_test(all, waits_for_memory_and_gives_it_back);
    return suite;
}
