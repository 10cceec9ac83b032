/* Pictures in the middle of a network's input, and boxes out of it. */
#include "process/letterbox.h"

#include <math.h>

#include "unit.h"

static const struct {
    int width, height, picture_width, picture_height;
    struct wci_letterbox fit;
} fits[] = {
    {640, 640, 640, 640, {640, 640, 640, 640, 0, 0}},
    {640, 640, 1920, 1080, {640, 640, 640, 360, 0, 140}},
    {640, 640, 1080, 1920, {640, 640, 360, 640, 140, 0}},
    {1280, 1280, 2048, 1536, {1280, 1280, 1280, 960, 0, 160}},
    {640, 640, 320, 240, {640, 640, 640, 480, 0, 80}},   /* enlarged */
    {640, 640, 1000, 333, {640, 640, 640, 213, 0, 213}}, /* 427 pixels are left: one more below */
    {640, 384, 1920, 1080, {640, 384, 640, 360, 0, 12}},
    {640, 384, 640, 640, {640, 384, 384, 384, 128, 0}},
    {640, 640, 65535, 1, {640, 640, 640, 1, 0, 319}}, /* never nothing */
    {640, 640, 1, 1, {640, 640, 640, 640, 0, 0}},
};

START_TEST(fits_as_large_as_it_goes)
{
    struct wci_letterbox fit = wci_letterbox_fit(fits[_i].width, fits[_i].height,
                                                 fits[_i].picture_width, fits[_i].picture_height);
    ck_assert_int_eq(fit.inner_width, fits[_i].fit.inner_width);
    ck_assert_int_eq(fit.inner_height, fits[_i].fit.inner_height);
    ck_assert_int_eq(fit.left, fits[_i].fit.left);
    ck_assert_int_eq(fit.top, fits[_i].fit.top);
}
END_TEST

static float *fill(struct wci_letterbox *box, int width, int height, int channels,
                   unsigned char (*light)(int x, int y, int channel))
{
    struct wci_raster raster;
    float *input = malloc((size_t)box->width * (size_t)box->height * 3 * sizeof *input);
    ck_assert_ptr_nonnull(input);
    assert_done(wci_raster_new(&raster, width, height, channels));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++)
                raster.pixels[(y * width + x) * channels + c] = light(x, y, c);
    assert_done(wci_letterbox_fill(box, &raster, input));
    free(raster.pixels);
    return input;
}

static float at(const struct wci_letterbox *box, const float *input, int plane, int x, int y)
{
    return input[(size_t)(plane * box->height + y) * (size_t)box->width + (size_t)x];
}

static unsigned char slope(int x, int y, int channel)
{
    return (unsigned char)(2 * x + 3 * y + 40 * channel);
}

START_TEST(planes_are_red_green_and_blue)
{
    struct wci_letterbox box = wci_letterbox_fit(32, 32, 32, 16);
    float *input = fill(&box, 32, 16, 3, slope);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32; x++) {
                double wanted = y < 8 || y >= 24 ? 114 : slope(x, y - 8, plane);
                ck_assert_double_eq_tol((double)at(&box, input, plane, x, y), wanted / 255, 1e-7);
            }
    free(input);
}
END_TEST

START_TEST(grey_is_in_all_planes)
{
    struct wci_letterbox box = wci_letterbox_fit(32, 32, 32, 32);
    float *input = fill(&box, 32, 32, 1, slope);
    for (int plane = 0; plane < 3; plane++)
        ck_assert_double_eq_tol((double)at(&box, input, plane, 5, 7), 31.0 / 255, 1e-7);
    free(input);
}
END_TEST

START_TEST(shrinks_by_averages)
{
    struct wci_letterbox box = wci_letterbox_fit(32, 32, 64, 64);
    float *input = fill(&box, 64, 64, 1, slope);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++) {
            double sum = 0;
            for (int i = 0; i < 4; i++)
                sum += slope(2 * x + i % 2, 2 * y + i / 2, 0);
            ck_assert_double_eq_tol((double)at(&box, input, 0, x, y), sum / 4 / 255, 0.51 / 255);
        }
    free(input);
}
END_TEST

/* A slope stays one, but for its ends, which are flat. */
START_TEST(enlarges_between_pixels)
{
    struct wci_letterbox box = wci_letterbox_fit(64, 64, 16, 16);
    float *input = fill(&box, 16, 16, 1, slope);
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) {
            double across = fmin(fmax((x + 0.5) / 4 - 0.5, 0), 15);
            double down = fmin(fmax((y + 0.5) / 4 - 0.5, 0), 15);
            ck_assert_double_eq_tol((double)at(&box, input, 0, x, y), (2 * across + 3 * down) / 255,
                                    0.51 / 255);
        }
    free(input);
}
END_TEST

/* The decoder's eighths round up: a side may be as it should be and the other too long. */
START_TEST(sides_are_brought_in_one_by_one)
{
    struct wci_letterbox box = {32, 32, 32, 20, 0, 6};
    float *input = fill(&box, 32, 21, 3, slope);
    ck_assert_double_eq_tol((double)at(&box, input, 0, 0, 5), 114.0 / 255, 1e-6);
    ck_assert_double_lt((double)at(&box, input, 0, 0, 6), 5.0 / 255);
    ck_assert_double_eq_tol((double)at(&box, input, 0, 0, 26), 114.0 / 255, 1e-6);
    free(input);
    box = (struct wci_letterbox){32, 32, 32, 24, 0, 4};
    input = fill(&box, 40, 20, 3, slope); /* one too long, one too short */
    ck_assert_double_eq_tol((double)at(&box, input, 0, 0, 3), 114.0 / 255, 1e-6);
    ck_assert_double_lt((double)at(&box, input, 0, 0, 4), 5.0 / 255);
    free(input);
}
END_TEST

static const struct {
    double left, top, right, bottom;
    bool is_there;
    wildcam_box box;
} boxes[] = {
    {0, 140, 640, 500, true, {0, 0, 1, 1}},
    {64, 176, 128, 212, true, {0.1, 0.1, 0.1, 0.1}},
    {-50, 0, 320, 320, true, {0, 0, 0.5, 0.5}},       /* cut at the left and above */
    {320, 320, 900, 640, true, {0.5, 0.5, 0.5, 0.5}}, /* and on the other sides */
    {0, 0, 640, 140, false, {0, 0, 0, 0}},            /* in the grey alone */
    {700, 200, 800, 300, false, {0, 0, 0, 0}},
    {300, 300, 300, 400, false, {0, 0, 0, 0}}, /* without an area */
    {400, 300, 300, 400, false, {0, 0, 0, 0}}, /* inside out */
};

START_TEST(boxes_come_out_in_parts_of_the_picture)
{
    struct wci_letterbox fit = wci_letterbox_fit(640, 640, 1920, 1080);
    wildcam_box box;
    bool is_there = wci_letterbox_take_out(&fit, boxes[_i].left, boxes[_i].top, boxes[_i].right,
                                           boxes[_i].bottom, &box);
    ck_assert_int_eq(is_there, boxes[_i].is_there);
    if (!is_there)
        return;
    ck_assert_double_eq_tol(box.x, boxes[_i].box.x, 1e-12);
    ck_assert_double_eq_tol(box.y, boxes[_i].box.y, 1e-12);
    ck_assert_double_eq_tol(box.width, boxes[_i].box.width, 1e-12);
    ck_assert_double_eq_tol(box.height, boxes[_i].box.height, 1e-12);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("letterbox");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, fits_as_large_as_it_goes, 0, sizeof fits / sizeof fits[0]);
    tcase_add_test(all, planes_are_red_green_and_blue);
    tcase_add_test(all, grey_is_in_all_planes);
    tcase_add_test(all, shrinks_by_averages);
    tcase_add_test(all, enlarges_between_pixels);
    tcase_add_test(all, sides_are_brought_in_one_by_one);
    tcase_add_loop_test(all, boxes_come_out_in_parts_of_the_picture, 0,
                        sizeof boxes / sizeof boxes[0]);
    return suite;
}
