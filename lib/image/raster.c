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
 * WHOLE, so that the sums of a column of bytes fit into 16 bits. */
struct plan {
    int *first, *count; /* of each stretch */
    uint16_t *weights;  /* of each element of each stretch, one stretch after the other */
};

enum { WHOLE = 256 };

static void plan_free(struct plan *plan)
{
    free(plan->first);
    free(plan->count);
    free(plan->weights);
}

/* Two neighbours share at most one element. */
static bool plan_new(struct plan *plan, int from, int to)
{
    plan->first = wci_new_array((size_t)to, sizeof *plan->first);
    plan->count = wci_new_array((size_t)to, sizeof *plan->count);
    plan->weights = wci_new_array((size_t)from + (size_t)to, sizeof *plan->weights);
    if (!plan->first || !plan->count || !plan->weights)
        return false;
    /* The line is `from` times `to` units long: an element of the longer one has `to`, of the
     * shorter `from`. Weights are differences of rounded places, so that their sum is exact. */
    uint16_t *weight = plan->weights;
    for (int i = 0; i < to; i++) {
        int64_t begin = (int64_t)i * from, end = begin + from;
        int64_t element = begin / to, given = 0;
        plan->first[i] = (int)element;
        for (; element * to < end; element++, plan->count[i]++) {
            int64_t reached = (element + 1) * to < end ? (element + 1) * to : end;
            int64_t sum = (reached - begin) * WHOLE / from;
            *weight++ = (uint16_t)(sum - given);
            given = sum;
        }
    }
    return true;
}

static void add_row(uint16_t *sums, const unsigned char *row, size_t count, uint16_t weight)
{
    for (size_t i = 0; i < count; i++)
        sums[i] = (uint16_t)(sums[i] + row[i] * weight);
}

static inline void average_row(const struct plan *columns, const uint16_t *sums, int width,
                               int channels, unsigned char *to)
{
    const uint16_t *weights = columns->weights;
    for (int x = 0; x < width; x++, to += channels) {
        const uint16_t *sum = sums + (size_t)columns->first[x] * (size_t)channels;
        enum { HALF = WHOLE * WHOLE / 2 };
        uint32_t total[4] = {HALF, HALF, HALF, HALF};
        for (int i = columns->count[x]; i > 0; i--, sum += channels, weights++)
            for (int c = 0; c < channels; c++)
                total[c] += (uint32_t)sum[c] * *weights;
        for (int c = 0; c < channels; c++)
            to[c] = (unsigned char)(total[c] / (WHOLE * WHOLE));
    }
}

/* Rows first: they add up element by element, which processors do many at a time. */
static void shrink(const struct wci_raster *from, struct wci_raster *to, const struct plan *columns,
                   const struct plan *rows, uint16_t *sums)
{
    size_t pitch = (size_t)from->width * (size_t)from->channels;
    const uint16_t *weight = rows->weights;
    unsigned char *out = to->pixels;
    for (int y = 0; y < to->height; y++, out += (size_t)to->width * (size_t)to->channels) {
        memset(sums, 0, pitch * sizeof *sums);
        for (int i = 0; i < rows->count[y]; i++)
            add_row(sums, from->pixels + (size_t)(rows->first[y] + i) * pitch, pitch, *weight++);
        /* with the number of channels known, the loops over them unroll */
        if (to->channels == 1)
            average_row(columns, sums, to->width, 1, out);
        else if (to->channels == 3)
            average_row(columns, sums, to->width, 3, out);
        else
            average_row(columns, sums, to->width, 4, out);
    }
}

wildcam_status wci_raster_shrunk(const struct wci_raster *from, int width, int height,
                                 struct wci_raster *to)
{
    struct plan columns = {0}, rows = {0};
    *to = (struct wci_raster){0};
    uint16_t *sums = wci_new_array((size_t)from->width * (size_t)from->channels, sizeof *sums);
    bool ready = sums && plan_new(&columns, from->width, width) &&
                 plan_new(&rows, from->height, height) &&
                 wci_raster_new(to, width, height, from->channels) == WILDCAM_OK;
    if (ready)
        shrink(from, to, &columns, &rows, sums);
    free(sums);
    plan_free(&columns);
    plan_free(&rows);
    return ready ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
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
