/* Averaging pixels down: exact where that can be worked out by hand, and never out of range. */
#include "image/raster.h"

#include <math.h>

#include "unit.h"

/* One assertion for many pixels: Check notes each of them in a file. */
static bool all_are(const struct wci_raster *raster, unsigned char value)
{
    size_t size = (size_t)raster->width * (size_t)raster->height * (size_t)raster->channels;
    for (size_t i = 0; i < size; i++)
        if (raster->pixels[i] != value)
            return false;
    return true;
}

static struct wci_raster raster_of(int width, int height, int channels, const unsigned char *pixels)
{
    struct wci_raster raster;
    assert_done(wci_raster_new(&raster, width, height, channels));
    size_t size = (size_t)width * (size_t)height * (size_t)channels;
    ck_assert(all_are(&raster, 0));
    if (pixels)
        memcpy(raster.pixels, pixels, size);
    return raster;
}

static void shrink_to(struct wci_raster *raster, int width, int height)
{
    int channels = raster->channels;
    assert_done(wci_raster_shrink(raster, width, height));
    ck_assert(raster->width == width && raster->height == height && raster->channels == channels);
}

START_TEST(averages_a_square)
{
    static const unsigned char grey[] = {0, 10, 20, 30},
                               colour[] = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14};
    struct wci_raster raster = raster_of(2, 2, 1, grey);
    shrink_to(&raster, 1, 1);
    ck_assert_uint_eq(raster.pixels[0], 15);
    free(raster.pixels);
    raster = raster_of(2, 2, 3, colour);
    shrink_to(&raster, 1, 1);
    ck_assert(raster.pixels[0] == 6 && raster.pixels[1] == 7 && raster.pixels[2] == 8);
    free(raster.pixels);
}
END_TEST

START_TEST(keeps_channels_apart)
{
    static const unsigned char ink[] = {0, 100, 200, 50, 40, 140, 240, 90};
    struct wci_raster raster = raster_of(2, 1, 4, ink);
    shrink_to(&raster, 1, 1);
    ck_assert(raster.pixels[0] == 20 && raster.pixels[1] == 120 && raster.pixels[2] == 220 &&
              raster.pixels[3] == 70);
    free(raster.pixels);
}
END_TEST

/* Three to two: the one in the middle counts half on either side. */
START_TEST(shares_out_parts)
{
    static const unsigned char line[] = {0, 90, 180};
    struct wci_raster raster = raster_of(3, 1, 1, line);
    shrink_to(&raster, 2, 1);
    ck_assert_int_le(abs(raster.pixels[0] - 30), 1);
    ck_assert_int_le(abs(raster.pixels[1] - 150), 1);
    free(raster.pixels);
    raster = raster_of(1, 3, 1, line);
    shrink_to(&raster, 1, 2);
    ck_assert_int_le(abs(raster.pixels[0] - 30), 1);
    ck_assert_int_le(abs(raster.pixels[1] - 150), 1);
    free(raster.pixels);
}
END_TEST

START_TEST(the_same_size_is_the_same)
{
    static const unsigned char pixels[] = {1, 2, 3, 4, 5, 6};
    struct wci_raster raster = raster_of(3, 2, 1, pixels);
    const unsigned char *before = raster.pixels;
    shrink_to(&raster, 3, 2);
    ck_assert_ptr_eq(raster.pixels, before);
    ck_assert_int_eq(memcmp(raster.pixels, pixels, 6), 0);
    free(raster.pixels);
}
END_TEST

static const int sizes[][4] = {
    {7, 5, 3, 2},      {100, 100, 99, 99},  {640, 480, 320, 240}, {17, 1, 1, 1}, {1, 17, 1, 1},
    {65500, 1, 37, 1}, {1, 65500, 1, 4096}, {33, 33, 32, 1},      {5, 9, 5, 4},
};

/* A flat picture stays what it is, at both ends of the range, for every number of channels. */
START_TEST(flat_stays_flat)
{
    static const unsigned char values[] = {0, 1, 127, 254, 255};
    const int *size = sizes[_i];
    for (int channels = 1; channels <= 4; channels++) {
        if (channels == 2)
            continue;
        for (size_t v = 0; v < sizeof values; v++) {
            struct wci_raster raster = raster_of(size[0], size[1], channels, NULL);
            memset(raster.pixels, values[v], (size_t)size[0] * (size_t)size[1] * (size_t)channels);
            shrink_to(&raster, size[2], size[3]);
            ck_assert(all_are(&raster, values[v]));
            free(raster.pixels);
        }
    }
}
END_TEST

/* Against the plain definition, in floating point. Weights are whole parts of 256, which shows on
 * a line that jumps about as this one does, the more the longer the stretches are. */
static double average(const unsigned char *line, int from, int to, int at)
{
    double begin = (double)at * from / to, end = (double)(at + 1) * from / to, sum = 0;
    for (int i = 0; i < from; i++) {
        double left = i > begin ? i : begin, right = i + 1 < end ? i + 1 : end;
        sum += right > left ? (right - left) * line[i] : 0;
    }
    return sum / (end - begin);
}

START_TEST(is_the_average_by_definition)
{
    enum { FROM = 200 };
    unsigned char line[FROM];
    for (int i = 0; i < FROM; i++)
        line[i] = (unsigned char)(i * 73 % 256);
    for (int to = 1; to < FROM; to++) {
        struct wci_raster raster = raster_of(FROM, 1, 1, line);
        shrink_to(&raster, to, 1);
        double worst = 0;
        for (int i = 0; i < to; i++)
            worst = fmax(worst, fabs(raster.pixels[i] - average(line, FROM, to, i)));
        ck_assert_double_le(worst, to >= FROM / 8 ? 2 : 4);
        free(raster.pixels);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("raster");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, averages_a_square);
    tcase_add_test(all, keeps_channels_apart);
    tcase_add_test(all, shares_out_parts);
    tcase_add_test(all, the_same_size_is_the_same);
    tcase_add_loop_test(all, flat_stays_flat, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_test(all, is_the_average_by_definition);
    return suite;
}
