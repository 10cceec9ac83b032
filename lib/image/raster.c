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

/* Rows first: they add up element by element, which processors do many at a time. */
static void shrink(const struct wci_raster *from, struct wci_raster *to, const struct plan *columns,
                   const struct plan *rows, uint16_t *sums)
{
    size_t pitch = (size_t)from->width * (size_t)from->channels;
    const uint16_t *weights = rows->weights;
    unsigned char *out = to->pixels;
    for (int y = 0; y < to->height; y++, weights += rows->longest) {
        memset(sums, 0, pitch * sizeof *sums);
        for (int i = 0; i < rows->count[y]; i++)
            add_row(sums, from->pixels + (size_t)(rows->first[y] + i) * pitch, pitch, weights[i]);
        if (to->channels == 1)
            average_pixels(columns, sums, to->width, 1, out);
        else if (to->channels == 3)
            average_pixels(columns, sums, to->width, 3, out);
        else
            average_pixels(columns, sums, to->width, 4, out);
        out += (size_t)to->width * (size_t)to->channels;
    }
}

wildcam_status wci_raster_shrunk(const struct wci_raster *from, int width, int height,
                                 struct wci_raster *to)
{
    struct plan columns = {0}, rows = {0};
    *to = (struct wci_raster){0};
    uint16_t *sums = NULL;
    bool ready = plan_new(&columns, from->width, width) && plan_new(&rows, from->height, height);
    if (ready) /* the last stretches may reach beyond the row, with weights of 0 */
        sums = wci_new_array((size_t)(from->width + columns.longest) * (size_t)from->channels,
                             sizeof *sums);
    unsigned char *pixels = NULL;
    if (ready && sums)
        pixels = wci_new_room((size_t)width * (size_t)height * (size_t)from->channels);
    if (pixels) {
        *to = (struct wci_raster){pixels, width, height, from->channels};
        shrink(from, to, &columns, &rows, sums);
    }
    free(sums);
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
