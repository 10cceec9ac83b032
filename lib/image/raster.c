#include "image/raster.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

wildcam_status wci_raster_new(struct wci_raster *raster, int width, int height, int channels)
{
    *raster = (struct wci_raster){NULL, width, height, channels};
    raster->pixels = wci_new_array((size_t)width * (size_t)height, (size_t)channels);
    return raster->pixels ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

/* How one line becomes a shorter one: each of its elements is the average of a stretch of the
 * longer one, whose first and last elements may count in part. The weights of a stretch add up to
 * WHOLE, so that the sums of a column of bytes fit into 16 bits. Stretches that have fewer elements
 * than the longest one go on with weights of 0. */
struct plan {
    int *first, *count; /* of each stretch */
    int longest;
    uint16_t *weights; /* of each element of each stretch, `longest` for each */
};

enum { WHOLE = 256 };

static void plan_free(struct plan *plan)
{
    free(plan->first);
    free(plan->count);
    free(plan->weights);
}

/* The line is `from` times `to` units long: an element of the longer one has `to`, of the shorter
 * `from`. */
static void plan_stretches(struct plan *plan, int from, int to)
{
    for (int i = 0; i < to; i++) {
        int64_t begin = (int64_t)i * from, last = begin + from - 1;
        plan->first[i] = (int)(begin / to);
        plan->count[i] = (int)(last / to) - plan->first[i] + 1;
        plan->longest = plan->count[i] > plan->longest ? plan->count[i] : plan->longest;
    }
}

/* Weights are differences of rounded places, so that their sum is exact. */
static void plan_weights(struct plan *plan, int from, int to)
{
    for (int i = 0; i < to; i++) {
        int64_t begin = (int64_t)i * from, end = begin + from, given = 0;
        for (int k = 0; k < plan->count[i]; k++) {
            int64_t reached = (int64_t)(plan->first[i] + k + 1) * to;
            int64_t sum = ((reached < end ? reached : end) - begin) * WHOLE / from;
            plan->weights[(size_t)i * (size_t)plan->longest + (size_t)k] = (uint16_t)(sum - given);
            given = sum;
        }
    }
}

static bool plan_new(struct plan *plan, int from, int to)
{
    plan->first = wci_new_array((size_t)to, sizeof *plan->first);
    plan->count = wci_new_array((size_t)to, sizeof *plan->count);
    if (!plan->first || !plan->count)
        return false;
    plan_stretches(plan, from, to);
    plan->weights = wci_new_array((size_t)to * (size_t)plan->longest, sizeof *plan->weights);
    if (!plan->weights)
        return false;
    plan_weights(plan, from, to);
    return true;
}

static void set_row(uint16_t *restrict sums, const unsigned char *row, size_t count,
                    uint16_t weight)
{
    for (size_t i = 0; i < count; i++)
        sums[i] = (uint16_t)(row[i] * weight);
}

static void set_two_rows(uint16_t *restrict sums, const unsigned char *row,
                         const unsigned char *next, size_t count, const uint16_t *weights)
{
    uint16_t weight = weights[0], next_weight = weights[1];
    for (size_t i = 0; i < count; i++)
        sums[i] = (uint16_t)(row[i] * weight + next[i] * next_weight);
}

static void add_row(uint16_t *sums, const unsigned char *row, size_t count, uint16_t weight)
{
    for (size_t i = 0; i < count; i++)
        sums[i] = (uint16_t)(sums[i] + row[i] * weight);
}

/* With both numbers known the inner loops unroll. */
static inline void average_row(const struct plan *columns, const uint16_t *sums, int width,
                               int channels, int longest, unsigned char *to)
{
    const uint16_t *weights = columns->weights;
    for (int x = 0; x < width; x++, to += channels, weights += longest) {
        const uint16_t *sum = sums + (size_t)columns->first[x] * (size_t)channels;
        enum { HALF = WHOLE * WHOLE / 2 };
        uint32_t total[4] = {HALF, HALF, HALF, HALF};
        for (int i = 0; i < longest; i++, sum += channels)
            for (int c = 0; c < channels; c++)
                total[c] += (uint32_t)sum[c] * weights[i];
        for (int c = 0; c < channels; c++)
            to[c] = (unsigned char)(total[c] / (WHOLE * WHOLE));
    }
}

/* What a line becomes shorter in. */
struct line {
    uint16_t *sums; /* of the rows; the last stretches may reach beyond it, with weights of 0 */
    /* Where each average is one of two: they, and their weights, in line with it, so that
     * processors do many at a time. */
    uint16_t *first, *second, *first_weights, *second_weights;
};

/* A pixel of three is copied as one of four, over which the next is. */
enum { COPIED = 4 };

static bool has_pairs(const struct plan *columns, int channels)
{
    return columns->longest == 2 && channels >= 3;
}

static bool line_new(struct line *line, const struct plan *columns, int from, int to, int channels)
{
    size_t whole = (size_t)(from + columns->longest) * (size_t)channels;
    size_t part = has_pairs(columns, channels) ? (size_t)to * (size_t)channels + COPIED : 0;
    line->sums = wci_new_array(whole + 4 * part, sizeof *line->sums);
    if (!line->sums)
        return false;
    line->first = line->sums + whole;
    line->second = line->first + part;
    line->first_weights = line->second + part;
    line->second_weights = line->first_weights + part;
    for (size_t i = 0; i + COPIED < part; i++) {
        line->first_weights[i] = columns->weights[i / (size_t)channels * 2];
        line->second_weights[i] = columns->weights[i / (size_t)channels * 2 + 1];
    }
    return true;
}

static inline void line_up(const struct line *line, const struct plan *columns, int width,
                           int channels)
{
    uint16_t *first = line->first, *second = line->second;
    for (int x = 0; x < width; x++, first += channels, second += channels) {
        const uint16_t *sum = line->sums + (size_t)columns->first[x] * (size_t)channels;
        memcpy(first, sum, COPIED * sizeof *first);
        memcpy(second, sum + channels, COPIED * sizeof *second);
    }
}

static void average_pairs(const struct line *line, size_t count, unsigned char *restrict to)
{
    const uint16_t *a = line->first, *b = line->second;
    const uint16_t *a_weights = line->first_weights, *b_weights = line->second_weights;
    for (size_t i = 0; i < count; i++) {
        uint32_t total = (uint32_t)a[i] * a_weights[i] + (uint32_t)b[i] * b_weights[i];
        to[i] = (unsigned char)((total + WHOLE * WHOLE / 2) / (WHOLE * WHOLE));
    }
}

static inline void average_pixels(const struct plan *columns, const uint16_t *sums, int width,
                                  int channels, unsigned char *to)
{
    if (columns->longest == 2)
        average_row(columns, sums, width, channels, 2, to);
    else if (columns->longest == 3)
        average_row(columns, sums, width, channels, 3, to);
    else
        average_row(columns, sums, width, channels, columns->longest, to);
}

static void average_line(const struct line *line, const struct plan *columns, int width,
                         int channels, unsigned char *to)
{
    if (has_pairs(columns, channels)) {
        if (channels == 3)
            line_up(line, columns, width, 3);
        else
            line_up(line, columns, width, 4);
        average_pairs(line, (size_t)width * (size_t)channels, to);
    } else if (channels == 1) {
        average_pixels(columns, line->sums, width, 1, to);
    } else if (channels == 3) {
        average_pixels(columns, line->sums, width, 3, to);
    } else {
        average_pixels(columns, line->sums, width, 4, to);
    }
}

/* Rows first: they add up element by element, which processors do many at a time. */
static void shrink(const struct wci_raster *from, struct wci_raster *to, const struct plan *columns,
                   const struct plan *rows, const struct line *line)
{
    size_t pitch = (size_t)from->width * (size_t)from->channels;
    const uint16_t *weights = rows->weights;
    unsigned char *out = to->pixels;
    for (int y = 0; y < to->height; y++, weights += rows->longest) {
        const unsigned char *row = from->pixels + (size_t)rows->first[y] * pitch;
        if (rows->count[y] == 1)
            set_row(line->sums, row, pitch, weights[0]);
        else
            set_two_rows(line->sums, row, row + pitch, pitch, weights);
        for (int i = 2; i < rows->count[y]; i++)
            add_row(line->sums, row + (size_t)i * pitch, pitch, weights[i]);
        average_line(line, columns, to->width, to->channels, out);
        out += (size_t)to->width * (size_t)to->channels;
    }
}

wildcam_status wci_raster_shrunk(const struct wci_raster *from, int width, int height,
                                 struct wci_raster *to)
{
    struct plan columns = {0}, rows = {0};
    struct line line = {0};
    unsigned char *pixels = NULL;
    *to = (struct wci_raster){0};
    bool ready = plan_new(&columns, from->width, width) && plan_new(&rows, from->height, height) &&
                 line_new(&line, &columns, from->width, width, from->channels);
    if (ready)
        pixels = wci_new_room((size_t)width * (size_t)height * (size_t)from->channels);
    if (pixels) {
        *to = (struct wci_raster){pixels, width, height, from->channels};
        shrink(from, to, &columns, &rows, &line);
    }
    free(line.sums);
    plan_free(&columns);
    plan_free(&rows);
    return pixels ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

wildcam_status wci_raster_shrink(struct wci_raster *raster, int width, int height)
{
    struct wci_raster small;
    if (raster->width == width && raster->height == height)
        return WILDCAM_OK;
    if (wci_raster_shrunk(raster, width, height, &small) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    free(raster->pixels);
    *raster = small;
    return WILDCAM_OK;
}
