#include "image/thumbnail.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/memory.h"
#include "image/probe.h"
#include "image/raster.h"

enum { QUALITY = 82 };

static int at_least_one(double size)
{
    return size < 1 ? 1 : (int)(size + 0.5);
}

/* The largest size of the same shape that fits into the box and is not above the original. */
static void fit(int width, int height, int box_width, int box_height, int *to_width, int *to_height)
{
    double scale = (double)box_width / width;
    if (scale * height > box_height)
        scale = (double)box_height / height;
    if (scale > 1)
        scale = 1;
    *to_width = at_least_one(scale * width);
    *to_height = at_least_one(scale * height);
}

/* The smallest size the decoder can give that is not below the wanted one: decoding n/8 of every
 * block skips most of the work. */
static void choose_scale(int *width, int *height, int wanted_width, int wanted_height)
{
    for (int eighths = 1; eighths < 8; eighths++) {
        tjscalingfactor factor = {eighths, 8};
        int w = TJSCALED(*width, factor), h = TJSCALED(*height, factor);
        if (w >= wanted_width && h >= wanted_height) {
            *width = w;
            *height = h;
            return;
        }
    }
}

static wildcam_status decode(const void *jpeg, size_t size, int format, struct wci_raster *raster)
{
    tjhandle handle = tjInitDecompress();
    if (!handle)
        return wci_fail_memory();
    int result = tjDecompress2(handle, jpeg, (unsigned long)size, raster->pixels, raster->width, 0,
                               raster->height, format, TJFLAG_LIMITSCANS);
    /* A warning is damage that leaves something of the picture: show what there is. */
    wildcam_status status = WILDCAM_OK;
    if (result != 0 && tjGetErrorCode(handle) != TJERR_WARNING) {
        const char *reason = tjGetErrorStr2(handle);
        bool unknown_kind = strstr(reason, "nsupported") || strstr(reason, "not supported");
        status = strstr(reason, "emory")
                     ? wci_fail_memory()
                     : wci_fail_from(unknown_kind ? WILDCAM_ERR_UNSUPPORTED : WILDCAM_ERR_CORRUPT,
                                     "jpeg", 0, "the JPEG cannot be decoded: %s", reason);
    }
    tjDestroy(handle);
    return status;
}

/* Ink to light. Adobe's CMYK is stored inverted. */
static void cmyk_to_rgb(struct wci_raster *raster, bool inverted)
{
    size_t pixels = (size_t)raster->width * (size_t)raster->height;
    unsigned char *to = raster->pixels;
    for (size_t i = 0; i < pixels; i++) {
        const unsigned char *ink = raster->pixels + 4 * i;
        unsigned light[4];
        for (int c = 0; c < 4; c++)
            light[c] = inverted ? ink[c] : 255U - ink[c];
        for (int c = 0; c < 3; c++)
            *to++ = (unsigned char)((light[c] * light[3] + 127) / 255);
    }
    raster->channels = 3;
}

/* Where the pixel at x, y of the upright picture lies in the stored one, by EXIF's orientation. */
static size_t stored_place(const struct wci_raster *stored, int orientation, int x, int y)
{
    int right = stored->width - 1, bottom = stored->height - 1;
    int column = orientation >= 5 ? y : x, row = orientation >= 5 ? x : y;
    if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        column = right - column;
    if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        row = bottom - row;
    return ((size_t)row * (size_t)stored->width + (size_t)column) * (size_t)stored->channels;
}

static wildcam_status turn_upright(struct wci_raster *raster, int orientation)
{
    struct wci_raster upright;
    if (orientation == 1)
        return WILDCAM_OK;
    bool on_its_side = orientation >= 5;
    if (wci_raster_new(&upright, on_its_side ? raster->height : raster->width,
                       on_its_side ? raster->width : raster->height,
                       raster->channels) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    unsigned char *to = upright.pixels;
    for (int y = 0; y < upright.height; y++)
        for (int x = 0; x < upright.width; x++, to += upright.channels)
            memcpy(to, raster->pixels + stored_place(raster, orientation, x, y),
                   (size_t)upright.channels);
    free(raster->pixels);
    *raster = upright;
    return WILDCAM_OK;
}

static wildcam_status encode(const struct wci_raster *raster, void **out, size_t *out_size)
{
    int subsampling = raster->channels == 1 ? TJSAMP_GRAY : TJSAMP_420;
    unsigned long size = tjBufSize(raster->width, raster->height, subsampling);
    unsigned char *jpeg = wci_new_room(size);
    tjhandle handle = jpeg ? tjInitCompress() : NULL;
    if (!handle) {
        free(jpeg);
        return wci_fail_memory();
    }
    int result = tjCompress2(handle, raster->pixels, raster->width, 0, raster->height,
                             raster->channels == 1 ? TJPF_GRAY : TJPF_RGB, &jpeg, &size,
                             subsampling, QUALITY, TJFLAG_NOREALLOC);
    tjDestroy(handle);
    if (result != 0) {
        free(jpeg);
        return wci_fail_memory();
    }
    void *fitted = realloc(jpeg, size);
    *out = fitted ? fitted : jpeg;
    *out_size = size;
    return WILDCAM_OK;
}

static int pixel_format(const struct wci_jpeg_walk *walk)
{
    return walk->components == 1 ? TJPF_GRAY : walk->components == 4 ? TJPF_CMYK : TJPF_RGB;
}

/* What is to be decoded, and how small it may become. */
struct source {
    const void *jpeg;
    size_t size;
    struct wci_jpeg_walk walk;
    int orientation;
    int width, height;               /* as it is stored: the largest size that fits into the box */
    int scaled_width, scaled_height; /* the smallest that the decoder gives and is not below that */
};

static wildcam_status inspect(struct source *source, const struct wci_jpeg_limits *limits)
{
    struct wildcam_image facts;
    wci_image_init(&facts);
    wci_jpeg_walk_begin(&source->walk, limits);
    wildcam_status status = wci_jpeg_walk_add(&source->walk, source->jpeg, source->size);
    if (status == WILDCAM_OK)
        status = wci_jpeg_walk_end(&source->walk);
    if (status == WILDCAM_OK)
        status = wci_probe_finish(&source->walk, &facts);
    if (status == WILDCAM_OK && source->walk.components == 2)
        status = wci_fail_from(WILDCAM_ERR_UNSUPPORTED, "jpeg", 0,
                               "a JPEG of two components cannot be decoded");
    source->orientation = facts.orientation;
    wci_image_release(&facts);
    return status;
}

static void choose_sizes(struct source *source, int box_width, int box_height)
{
    bool on_its_side = source->orientation >= 5;
    fit(source->walk.width, source->walk.height, on_its_side ? box_height : box_width,
        on_its_side ? box_width : box_height, &source->width, &source->height);
    source->scaled_width = source->walk.width;
    source->scaled_height = source->walk.height;
    choose_scale(&source->scaled_width, &source->scaled_height, source->width, source->height);
}

/* Upright, grey or RGB; averaged down to the box already where `small`. */
static wildcam_status make_raster(const struct source *source, bool small,
                                  struct wci_raster *raster)
{
    int format = pixel_format(&source->walk);
    wildcam_status status = wci_raster_new(raster, source->scaled_width, source->scaled_height,
                                           tjPixelSize[format]);
    if (status == WILDCAM_OK)
        status = decode(source->jpeg, source->size, format, raster);
    if (status == WILDCAM_OK && small)
        status = wci_raster_shrink(raster, source->width, source->height);
    if (status == WILDCAM_OK && raster->channels == 4)
        cmyk_to_rgb(raster, source->walk.has_adobe);
    return status == WILDCAM_OK ? turn_upright(raster, source->orientation) : status;
}

/* Waits for the memory that decoding takes. */
static wildcam_status make_in_budget(const struct source *source, bool small,
                                     struct wci_decode_budget *budget, struct wci_raster *raster)
{
    int channels = tjPixelSize[pixel_format(&source->walk)];
    int64_t bytes = source->walk.decode_bytes +
                    (int64_t)source->scaled_width * source->scaled_height * channels;
    if (budget)
        wci_decode_budget_take(budget, bytes);
    wildcam_status status = make_raster(source, small, raster);
    if (budget)
        wci_decode_budget_give(budget, bytes);
    if (status != WILDCAM_OK) {
        free(raster->pixels);
        raster->pixels = NULL;
    }
    return status;
}

static wildcam_status decode_to_box(const void *jpeg, size_t size,
                                    const struct wci_jpeg_limits *limits,
                                    struct wci_decode_budget *budget, int box_width, int box_height,
                                    bool small, struct wci_raster *out)
{
    struct source source = {.jpeg = jpeg, .size = size};
    *out = (struct wci_raster){0};
    wildcam_status status = inspect(&source, limits);
    if (status == WILDCAM_OK) {
        choose_sizes(&source, box_width, box_height);
        status = make_in_budget(&source, small, budget, out);
    }
    wci_jpeg_walk_free(&source.walk);
    return status;
}

wildcam_status wci_thumbnail_make(const void *jpeg, size_t size,
                                  const struct wci_jpeg_limits *limits,
                                  struct wci_decode_budget *budget, int box_width, int box_height,
                                  void **out, size_t *out_size)
{
    struct wci_raster raster;
    *out = NULL;
    *out_size = 0;
    wildcam_status status = decode_to_box(jpeg, size, limits, budget, box_width, box_height, true,
                                          &raster);
    if (status == WILDCAM_OK)
        status = encode(&raster, out, out_size);
    free(raster.pixels);
    return status;
}

wildcam_status wci_thumbnail_decode(const void *jpeg, size_t size,
                                    const struct wci_jpeg_limits *limits,
                                    struct wci_decode_budget *budget, int box_width, int box_height,
                                    struct wci_raster *out)
{
    return decode_to_box(jpeg, size, limits, budget, box_width, box_height, false, out);
}

wildcam_status wci_thumbnail_encode(struct wci_raster *raster, int box_width, int box_height,
                                    void **out, size_t *out_size)
{
    int width, height;
    *out = NULL;
    *out_size = 0;
    fit(raster->width, raster->height, box_width, box_height, &width, &height);
    wildcam_status status = wci_raster_shrink(raster, width, height);
    return status == WILDCAM_OK ? encode(raster, out, out_size) : status;
}
