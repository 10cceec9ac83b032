/*
 * Thumbnails of pictures of three sizes, beside TurboJPEG alone: the same
 * scaled decoding, and the encoding of the same pixels.
 */
#include <turbojpeg.h>

#include "bench.h"

enum { TIMES = 101 };

struct picture {
    unsigned char *jpeg;
    unsigned long size;
    int width, height;
    int scaled_width, scaled_height; /* the smallest n/8 that is not below the box */
    unsigned char thumbnail[320 * 240 * 3];
};

/* The pixels of the thumbnail, so that both encode the same. */
static void keep_thumbnail(struct picture *picture)
{
    void *jpeg;
    size_t size;
    tjhandle handle = tjInitDecompress();
    CHECK(wildcam_image_thumbnail(picture->jpeg, picture->size, 320, 240, &jpeg, &size));
    if (tjDecompress2(handle, jpeg, size, picture->thumbnail, 320, 0, 240, TJPF_RGB, 0) != 0)
        exit(2);
    tjDestroy(handle);
    wildcam_free(jpeg);
}

static struct picture make_picture(int width, int height)
{
    struct picture picture = {.width = width, .height = height};
    unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
    tjhandle handle = tjInitCompress();
    for (int y = 0; pixels && y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                pixels[((size_t)y * (size_t)width + (size_t)x) * 3 + (size_t)c] =
                    (unsigned char)(128 + 60 * ((x / 37 + y / 53) % 2) +
                                    ((x * y + c * x) >> 7) % 40);
    if (!pixels || tjCompress2(handle, pixels, width, 0, height, TJPF_RGB, &picture.jpeg,
                               &picture.size, TJSAMP_420, 85, 0) != 0)
        exit(2);
    tjDestroy(handle);
    free(pixels);
    for (int eighths = 8; eighths >= 1; eighths--) {
        tjscalingfactor factor = {eighths, 8};
        if (TJSCALED(width, factor) >= 320 && TJSCALED(height, factor) >= 240) {
            picture.scaled_width = TJSCALED(width, factor);
            picture.scaled_height = TJSCALED(height, factor);
        }
    }
    return picture;
}

static void by_library(void *user)
{
    const struct picture *picture = user;
    void *out;
    size_t size;
    CHECK(wildcam_image_thumbnail(picture->jpeg, picture->size, 320, 240, &out, &size));
    wildcam_free(out);
}

static void by_turbojpeg(void *user)
{
    const struct picture *picture = user;
    unsigned char *out = NULL;
    unsigned long size = 0;
    unsigned char *pixels =
        malloc((size_t)picture->scaled_width * (size_t)picture->scaled_height * 3);
    tjhandle decoder = tjInitDecompress(), encoder = tjInitCompress();
    if (!pixels ||
        tjDecompress2(decoder, picture->jpeg, picture->size, pixels, picture->scaled_width, 0,
                      picture->scaled_height, TJPF_RGB, 0) != 0 ||
        tjCompress2(encoder, picture->thumbnail, 320, 0, 240, TJPF_RGB, &out, &size, TJSAMP_420, 82,
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
    static struct picture picture;
    double library, bare;
    picture = make_picture(width, height);
    keep_thumbnail(&picture);
    bench_both(TIMES, by_library, by_turbojpeg, &picture, &library, &bare);
    snprintf(name, sizeof name, "thumbnail of %d x %d", width, height);
    bench_line(name, library * 1e3, "ms", "TurboJPEG alone", bare * 1e3, '<', 1.1);
    tjFree(picture.jpeg);
}

int main(void)
{
    run(1600, 1200);
    run(2048, 1536);
    run(2592, 1944);
    return bench_end();
}
