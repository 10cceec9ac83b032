#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/motion_parts.h"

/* A small picture has more cells than one for 8 x 8 pixels: an animal must be some cells large. */
enum { CELLS_MIN = 10800, PIXELS_PER_CELL = 64, PIXELS_PER_CELL_MIN = 4 };

static int at_least_one(double size)
{
    return size < 1 ? 1 : (int)(size + 0.5);
}

void wci_motion_grid(int width, int height, int *columns, int *rows)
{
    double pixels = (double)width * height, cells = pixels / PIXELS_PER_CELL;
    if (cells < CELLS_MIN)
        cells = CELLS_MIN < pixels / PIXELS_PER_CELL_MIN ? CELLS_MIN : pixels / PIXELS_PER_CELL_MIN;
    if (cells > WCI_MOTION_CELLS_MAX)
        cells = WCI_MOTION_CELLS_MAX;
    double scale = sqrt(cells / pixels);
    *columns = at_least_one(floor(width * scale));
    *rows = at_least_one(floor(height * scale));
    /* of a picture that is one long line */
    if ((int64_t)*columns * *rows > WCI_MOTION_CELLS_MAX) {
        *columns = *columns < WCI_MOTION_CELLS_MAX ? *columns : WCI_MOTION_CELLS_MAX;
        *rows = WCI_MOTION_CELLS_MAX / *columns;
    }
}

/*
 * Infra-red light has one colour, so a picture's colours are all the same multiples of its
 * luminance. Captions and logos are coloured day and night: the upper and lower eighth do not
 * count. What is left beside such a multiple is measured, in levels of 0 to 255.
 */
static double colour_beside_light(const unsigned char *rgb, const unsigned char *light, int width,
                                  int height, int channel)
{
    uint64_t light_light = 0, light_colour = 0, colour_colour = 0;
    size_t begin = (size_t)(height / 8) * (size_t)width;
    size_t end = (size_t)(height - height / 8) * (size_t)width;
    for (size_t i = begin; i < end; i++) {
        uint64_t colour = rgb[3 * i + (size_t)channel], grey = light[i];
        light_light += grey * grey;
        light_colour += grey * colour;
        colour_colour += colour * colour;
    }
    double factor = (double)light_colour / ((double)light_light + 1);
    double rest = (double)colour_colour +
                  factor * (factor * (double)light_light - 2 * (double)light_colour);
    return sqrt(fmax(rest, 0) / (double)(end > begin ? end - begin : 1));
}

static const double infrared_max = 3; /* levels: what JPEG's rounding leaves of a grey picture */

static void to_light(const struct wci_raster *small, struct wci_motion_frame *frame)
{
    size_t cells = (size_t)small->width * (size_t)small->height;
    if (small->channels == 1) {
        memcpy(frame->light, small->pixels, cells);
        frame->is_infrared = true;
        return;
    }
    for (size_t i = 0; i < cells; i++) {
        const unsigned char *rgb = small->pixels + 3 * i;
        frame->light[i] = (unsigned char)((rgb[0] * 77U + rgb[1] * 150U + rgb[2] * 29U) >> 8);
    }
    frame->is_infrared = colour_beside_light(small->pixels, frame->light, small->width,
                                             small->height, 0) < infrared_max &&
                         colour_beside_light(small->pixels, frame->light, small->width,
                                             small->height, 2) < infrared_max;
}

wildcam_status wci_motion_frame_make(const struct wci_raster *picture, int columns, int rows,
                                     struct wci_motion_frame *frame)
{
    struct wci_raster small;
    *frame = (struct wci_motion_frame){0};
    columns = columns < picture->width ? columns : picture->width;
    rows = rows < picture->height ? rows : picture->height;
    wildcam_status status = wci_raster_shrunk(picture, columns, rows, &small);
    if (status == WILDCAM_OK) {
        frame->light = wci_new(wci_motion_plane(small.width, small.height));
        status = frame->light ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    if (status == WILDCAM_OK) {
        frame->width = small.width;
        frame->height = small.height;
        to_light(&small, frame);
        frame->top = wci_motion_caption(frame->light, frame->width, frame->height, true);
        frame->bottom = wci_motion_caption(frame->light, frame->width, frame->height, false);
    }
    free(small.pixels);
    return status;
}

void wci_motion_frame_free(struct wci_motion_frame *frame)
{
    free(frame->light);
    *frame = (struct wci_motion_frame){0};
}

/* ---- captions ---- */

enum { DARK = 20, BRIGHT = 228, STEP = 20 };

/* Seen from the edge: row 0 is the outermost. */
static const unsigned char *row_from(const unsigned char *light, int width, int height, bool at_top,
                                     int row)
{
    return light + (size_t)(at_top ? row : height - 1 - row) * (size_t)width;
}

static int count_extreme(const unsigned char *row, int width, bool bright)
{
    int count = 0;
    for (int x = 0; x < width; x++)
        count += bright ? row[x] >= BRIGHT : row[x] <= DARK;
    return count;
}

/* Where a row of a bar is followed, one or two further in, by one of the picture. */
static int count_steps(const unsigned char *outer, const unsigned char *inner, int width,
                       bool bright)
{
    int count = 0;
    for (int x = 0; x < width; x++)
        count += bright ? outer[x] - inner[x] > STEP : inner[x] - outer[x] > STEP;
    return count;
}

/* A bar is plain but for what is written on it, and ends at a line across the whole picture. */
static int bar(const unsigned char *light, int width, int height, bool at_top, bool bright)
{
    int plain = 0, limit = height / 7, best = 0, best_steps = width * 6 / 10;
    while (plain < limit &&
           count_extreme(row_from(light, width, height, at_top, plain), width, bright) * 20 >=
               width * 9)
        plain++;
    for (int row = 0; row < plain + 1 && row + 2 < height; row++) {
        int steps = count_steps(row_from(light, width, height, at_top, row),
                                row_from(light, width, height, at_top, row + 2), width, bright);
        if (steps > best_steps) {
            best_steps = steps;
            best = row + 2;
        }
    }
    /* One row more, which is half of each. */
    return best;
}

/* A black bar on a picture of the night has no end that could be seen. What is black there may be
 * the night: so only what nearly all cameras need for a line of text is taken. */
static int black_edge(const unsigned char *light, int width, int height, bool at_top)
{
    int rows = 0, limit = height * 4 / 100;
    while (rows < limit &&
           count_extreme(row_from(light, width, height, at_top, rows), width, false) * 20 >=
               width * 11)
        rows++;
    return rows ? rows + 1 : 0;
}

int wci_motion_caption(const unsigned char *light, int width, int height, bool at_top)
{
    int white = bar(light, width, height, at_top, true);
    int black = white ? 0 : bar(light, width, height, at_top, false);
    if (white || black)
        return white + black;
    return black_edge(light, width, height, at_top);
}
