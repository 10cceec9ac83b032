/*
 * A picture through the detector motion and into a thumbnail, beside TurboJPEG alone: the same
 * decoding, once, and the encoding of a thumbnail. What goes beyond is what looking costs. Writing
 * is not in it on either side, so it has no goal of its own.
 */
#include <turbojpeg.h>

#include "base/error.h"
#include "bench.h"
#include "image/motion.h"
#include "image/thumbnail.h"

enum { TIMES = 61, WIDTH = 320, HEIGHT = 240 };

struct scene {
    unsigned char *jpeg;
    unsigned long size;
    int width, height, scaled_width, scaled_height;
    struct wci_motion_model model;
    int64_t time;
    unsigned char *small; /* pixels for a thumbnail */
};

static void make_scene(struct scene *scene, int width, int height)
{
    *scene = (struct scene){.width = width, .height = height};
    unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
    tjhandle handle = tjInitCompress();
    for (int y = 0; pixels && y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                pixels[((size_t)y * (size_t)width + (size_t)x) * 3 + (size_t)c] =
                    (unsigned char)(128 + 60 * ((x / 37 + y / 53) % 2) +
                                    ((x * y + c * x) >> 7) % 40);
    if (!pixels || tjCompress2(handle, pixels, width, 0, height, TJPF_RGB, &scene->jpeg,
                               &scene->size, TJSAMP_420, 85, 0) != 0)
        exit(2);
    tjDestroy(handle);
    free(pixels);
    for (int eighths = 8; eighths >= 1; eighths--) {
        tjscalingfactor factor = {eighths, 8};
        if (TJSCALED(width, factor) >= WIDTH && TJSCALED(height, factor) >= HEIGHT) {
            scene->scaled_width = TJSCALED(width, factor);
            scene->scaled_height = TJSCALED(height, factor);
        }
    }
    scene->small = calloc((size_t)WIDTH * HEIGHT, 3);
    wci_motion_model_init(&scene->model);
}

/* An hour after the last, so that each is a burst of its own: a full model is the dearest. */
static void by_library(void *user)
{
    static const struct wci_jpeg_limits limits = {100000000, 500, 268435456};
    static const struct wci_motion_tuning tuning = {.sensitivity = 0.5, .least_area = 0.0004};
    struct scene *scene = user;
    struct wci_raster raster;
    struct wci_motion_frame frame;
    struct wci_motion_answer answer;
    bool learned;
    int columns, rows;
    void *thumbnail;
    size_t size;
    CHECK(wci_thumbnail_decode(scene->jpeg, scene->size, &limits, NULL, WIDTH, HEIGHT, &raster));
    wci_motion_grid(scene->width, scene->height, &columns, &rows);
    CHECK(wci_motion_frame_make(&raster, columns, rows, &frame));
    CHECK(wci_motion_look(&scene->model, &frame, scene->time, &tuning, &answer, &learned));
    CHECK(wci_thumbnail_encode(&raster, WIDTH, HEIGHT, &thumbnail, &size));
    scene->time += INT64_C(3600000000);
    free(thumbnail);
    free(raster.pixels);
    wci_motion_frame_free(&frame);
}

static void by_turbojpeg(void *user)
{
    const struct scene *scene = user;
    unsigned char *out = NULL;
    unsigned long size = 0;
    unsigned char *pixels = malloc((size_t)scene->scaled_width * (size_t)scene->scaled_height * 3);
    tjhandle decoder = tjInitDecompress(), encoder = tjInitCompress();
    if (!pixels ||
        tjDecompress2(decoder, scene->jpeg, scene->size, pixels, scene->scaled_width, 0,
                      scene->scaled_height, TJPF_RGB, 0) != 0 ||
        tjCompress2(encoder, scene->small, WIDTH, 0, HEIGHT, TJPF_RGB, &out, &size, TJSAMP_420, 82,
                    0) != 0)
        exit(2);
    tjFree(out);
    tjDestroy(decoder);
    tjDestroy(encoder);
    free(pixels);
}

static void run(int width, int height)
{
    char name[64];
    struct scene scene;
    double library, bare;
    make_scene(&scene, width, height);
    bench_both(TIMES, by_library, by_turbojpeg, &scene, &library, &bare);
    snprintf(name, sizeof name, "motion and thumbnail, %d x %d", width, height);
    bench_line(name, 1 / library, "pictures/s", "TurboJPEG alone", 1 / bare, '>', 0);
    wci_motion_model_free(&scene.model);
    tjFree(scene.jpeg);
    free(scene.small);
}

int main(void)
{
    run(1600, 1200);
    run(2048, 1536);
    run(3264, 2448);
    return bench_end();
}
