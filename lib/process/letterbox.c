#include "process/letterbox.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

#define GREY (114.0F / 255.0F) /* around the picture, since YOLOv3's successors */

static int scaled(int size, double scale, int most)
{
    int result = (int)lround(size * scale);
    return result < 1 ? 1 : result > most ? most : result;
}

struct wci_letterbox wci_letterbox_fit(int width, int height, int picture_width, int picture_height)
{
    struct wci_letterbox fit = {.width = width, .height = height};
    double scale = (double)width / picture_width;
    if (scale * picture_height > height)
        scale = (double)height / picture_height;
    fit.inner_width = scaled(picture_width, scale, width);
    fit.inner_height = scaled(picture_height, scale, height);
    fit.left = (width - fit.inner_width) / 2;
    fit.top = (height - fit.inner_height) / 2;
    return fit;
}

/* Where the middle of an element lies in a shorter line: between two of its elements, and how far
 * from the first. */
struct between {
    int first, second;
    float part;
};

static struct between place(int element, int length, int shorter)
{
    double at = (element + 0.5) * shorter / length - 0.5;
    int first = (int)floor(at), last = shorter - 1;
    struct between between = {first, first + 1, (float)(at - first)};
    if (first < 0)
        between = (struct between){0, 0, 0};
    if (between.second > last)
        between.second = last;
    return between;
}

/* Spreads a raster out to a size that is not below its own, between its pixels' middles. */
static wildcam_status enlarge(struct wci_raster *raster, int width, int height)
{
    struct wci_raster large;
    wildcam_status status = wci_raster_new(&large, width, height, raster->channels);
    if (status != WILDCAM_OK)
        return status;
    size_t channels = (size_t)raster->channels, pitch = (size_t)raster->width * channels;
    unsigned char *to = large.pixels;
    for (int y = 0; y < height; y++) {
        struct between row = place(y, height, raster->height);
        const unsigned char *upper = raster->pixels + (size_t)row.first * pitch;
        const unsigned char *lower = raster->pixels + (size_t)row.second * pitch;
        for (int x = 0; x < width; x++) {
            struct between column = place(x, width, raster->width);
            size_t left = (size_t)column.first * channels, right = (size_t)column.second * channels;
            for (size_t c = 0; c < channels; c++) {
                float above = (float)upper[left + c] +
                              column.part * (float)(upper[right + c] - upper[left + c]);
                float below = (float)lower[left + c] +
                              column.part * (float)(lower[right + c] - lower[left + c]);
                *to++ = (unsigned char)(above + row.part * (below - above) + 0.5F);
            }
        }
    }
    free(raster->pixels);
    *raster = large;
    return WILDCAM_OK;
}

/* The decoder gives at least the inner size where the picture has it, so a side may be too long and
 * the other too short by a pixel's rounding. */
static wildcam_status resize(struct wci_raster *raster, int width, int height)
{
    int least_width = raster->width < width ? raster->width : width;
    int least_height = raster->height < height ? raster->height : height;
    wildcam_status status = wci_raster_shrink(raster, least_width, least_height);
    if (status == WILDCAM_OK && (raster->width != width || raster->height != height))
        status = enlarge(raster, width, height);
    return status;
}

wildcam_status wci_letterbox_fill(const struct wci_letterbox *letterbox, struct wci_raster *raster,
                                  float *input)
{
    wildcam_status status = resize(raster, letterbox->inner_width, letterbox->inner_height);
    if (status != WILDCAM_OK)
        return status;
    size_t plane = (size_t)letterbox->width * (size_t)letterbox->height;
    for (size_t i = 0; i < 3 * plane; i++)
        input[i] = GREY;
    size_t channels = (size_t)raster->channels, green = channels > 1 ? 1 : 0,
           blue = channels > 1 ? 2 : 0;
    const unsigned char *from = raster->pixels;
    for (int y = 0; y < raster->height; y++) {
        float *to = input + (size_t)(letterbox->top + y) * (size_t)letterbox->width +
                    (size_t)letterbox->left;
        for (int x = 0; x < raster->width; x++, from += channels, to++) {
            to[0] = (float)from[0] / 255.0F;
            to[plane] = (float)from[green] / 255.0F;
            to[2 * plane] = (float)from[blue] / 255.0F;
        }
    }
    return WILDCAM_OK;
}

static double cut(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

bool wci_letterbox_take_out(const struct wci_letterbox *letterbox, double left, double top,
                            double right, double bottom, wildcam_box *box)
{
    double x = cut((left - letterbox->left) / letterbox->inner_width);
    double y = cut((top - letterbox->top) / letterbox->inner_height);
    *box = (wildcam_box){x, y, cut((right - letterbox->left) / letterbox->inner_width) - x,
                         cut((bottom - letterbox->top) / letterbox->inner_height) - y};
    return box->width > 0 && box->height > 0; /* not so for what is no number either */
}
