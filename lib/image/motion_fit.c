#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/motion_parts.h"

/*
 * A camera sets exposure and gain anew for each picture: what a cell held then is, in this one's
 * light, about gain * value + offset. It also shakes a little. Both are found without believing
 * what has moved: first roughly from quantiles, which need no place, then the place by the least
 * sum of differences of which none counts much, then brightness again from the cells that agree.
 */
struct tone {
    double gain, offset;
};

enum { EACH_ROW = 6 /* is looked at for the place */, EACH_CELL = 5 /* for the brightness */ };
enum { LEVELS = 256, REACH = 4 /* cells that a picture may be off */, CLIP = 24 };

static const double gain_min = 0.25, gain_max = 4;
/* How many squared levels of contrast outweigh the guess that the gain is 1, for each cell. */
static const double gain_doubt = 4;

static void make_table(struct tone tone, unsigned char table[LEVELS])
{
    for (int level = 0; level < LEVELS; level++) {
        double value = tone.gain * level + tone.offset + 0.5;
        table[level] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static double clamp_gain(double gain)
{
    return gain < gain_min ? gain_min : gain > gain_max ? gain_max : gain;
}

static void count_levels(const unsigned char *cells, size_t begin, size_t end,
                         uint32_t counts[LEVELS])
{
    memset(counts, 0, LEVELS * sizeof *counts);
    for (size_t i = begin; i < end; i++)
        counts[cells[i]]++;
}

static double quantile(const uint32_t counts[LEVELS], size_t total, double part)
{
    double wanted = part * (double)total, sum = 0;
    for (int level = 0; level < LEVELS; level++) {
        if (sum + counts[level] >= wanted && counts[level])
            return level + (wanted - sum) / counts[level];
        sum += counts[level];
    }
    return LEVELS - 1;
}

static struct tone rough_tone(const unsigned char *frame, const unsigned char *sample, size_t begin,
                              size_t end)
{
    uint32_t of_frame[LEVELS], of_sample[LEVELS];
    enum { POINTS = 7 };
    double x[POINTS], y[POINTS], mean_x = 0, mean_y = 0, xx = gain_doubt, xy = gain_doubt;
    count_levels(frame, begin, end, of_frame);
    count_levels(sample, begin, end, of_sample);
    for (int i = 0; i < POINTS; i++) {
        double part = 0.08 + 0.14 * i;
        x[i] = quantile(of_sample, end - begin, part);
        y[i] = quantile(of_frame, end - begin, part);
        mean_x += x[i] / POINTS;
        mean_y += y[i] / POINTS;
    }
    for (int i = 0; i < POINTS; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    double gain = clamp_gain(xy / xx);
    return (struct tone){gain, mean_y - gain * mean_x};
}

/* ---- place ---- */

struct pair {
    const unsigned char *frame, *sample;
    int width, height, first, end;
};

static uint32_t difference(const struct pair *pair, int dx, int dy)
{
    uint64_t sum = 0, count = 0;
    int left = dx < 0 ? -dx : 0, right = pair->width - (dx > 0 ? dx : 0);
    for (int y = pair->first; y < pair->end; y += EACH_ROW) {
        int other = y + dy;
        if (other < pair->first || other >= pair->end)
            continue;
        const unsigned char *a = pair->frame + (size_t)y * (size_t)pair->width;
        const unsigned char *b = pair->sample + (size_t)other * (size_t)pair->width + dx;
        uint32_t row = 0;
        for (int x = left; x < right; x++) {
            int d = a[x] - b[x];
            d = d < 0 ? -d : d;
            row += (uint32_t)(d < CLIP ? d : CLIP);
        }
        sum += row;
        count += (uint64_t)(right - left);
    }
    return count ? (uint32_t)(sum * 256 / count) : UINT32_MAX - 1;
}

/* Differences for shifts that were asked for; each is worked out once. */
struct climb {
    const struct pair *pair;
    uint32_t known[2 * REACH + 3][2 * REACH + 3];
};

static uint32_t at_shift(struct climb *climb, int dx, int dy)
{
    uint32_t *known = &climb->known[dy + REACH + 1][dx + REACH + 1];
    if (*known == 0)
        *known = difference(climb->pair, dx, dy) + 1;
    return *known;
}

/* Where between cells the least lies, of three in a row: both flanks are taken to be as steep. */
static int between(uint32_t before, uint32_t here, uint32_t after)
{
    double higher = before > after ? before : after;
    if (higher <= here)
        return 0;
    double part = ((double)before - (double)after) / (2 * (higher - here));
    return (int)lround(part * 16);
}

/* The cell that a place is nearest to; half a cell beyond the last belongs to the last. */
static int within_reach(int sixteenths)
{
    int cells = (int)lround(sixteenths / 16.0);
    return cells > REACH ? REACH : cells < -REACH ? -REACH : cells;
}

static struct wci_motion_shift find_place(const struct pair *pair, struct wci_motion_shift from)
{
    struct climb climb = {.pair = pair};
    int x = within_reach(from.x), y = within_reach(from.y);
    for (bool moved = true; moved;) {
        int best_x = x, best_y = y;
        moved = false;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++)
                if (abs(x + dx) <= REACH && abs(y + dy) <= REACH &&
                    at_shift(&climb, x + dx, y + dy) < at_shift(&climb, best_x, best_y)) {
                    best_x = x + dx;
                    best_y = y + dy;
                    moved = true;
                }
        x = best_x;
        y = best_y;
    }
    uint32_t here = at_shift(&climb, x, y);
    return (struct wci_motion_shift){
        16 * x + between(at_shift(&climb, x - 1, y), here, at_shift(&climb, x + 1, y)),
        16 * y + between(at_shift(&climb, x, y - 1), here, at_shift(&climb, x, y + 1))};
}

static int clamp_to(int value, int end)
{
    return value < 0 ? 0 : value >= end ? end - 1 : value;
}

static int floor_16(int value)
{
    return value >= 0 ? value / 16 : -((15 - value) / 16);
}

struct parts {
    int whole_x;
    uint16_t right, lower; /* sixteenths */
};

/* From `x` to `end`, where no cell is beyond the edge: in 16 bits, which hold the largest sum, so
 * that processors do many at a time. */
static void blend(const unsigned char *a, const unsigned char *b, struct parts parts, int x,
                  int end, unsigned char *to)
{
    const uint16_t right = parts.right, left = (uint16_t)(16 - right);
    const uint16_t lower = parts.lower, upper = (uint16_t)(16 - lower);
    for (; x < end; x++) {
        int l = x + parts.whole_x;
        uint16_t upper_row = (uint16_t)(a[l] * left + a[l + 1] * right);
        uint16_t lower_row = (uint16_t)(b[l] * left + b[l + 1] * right);
        to[x] = (unsigned char)((uint16_t)(upper_row * upper + lower_row * lower + 128) >> 8);
    }
}

static void blend_edge(const unsigned char *a, const unsigned char *b, struct parts parts, int x,
                       int width, unsigned char *to)
{
    int l = clamp_to(x + parts.whole_x, width), r = clamp_to(x + parts.whole_x + 1, width);
    unsigned upper_row = a[l] * (16U - parts.right) + (unsigned)a[r] * parts.right;
    unsigned lower_row = b[l] * (16U - parts.right) + (unsigned)b[r] * parts.right;
    to[x] =
        (unsigned char)((upper_row * (16U - parts.lower) + lower_row * parts.lower + 128) / 256);
}

/* The sample moved by a shift; at the edges it is stretched. */
static void resample(const unsigned char *sample, int width, int height,
                     struct wci_motion_shift shift, unsigned char *to)
{
    int whole_x = floor_16(shift.x), whole_y = floor_16(shift.y);
    const struct parts parts = {whole_x, (uint16_t)(shift.x - 16 * whole_x),
                                (uint16_t)(shift.y - 16 * whole_y)};
    int begin = clamp_to(-whole_x, width + 1), end = clamp_to(width - 1 - whole_x, width + 1);
    for (int y = 0; y < height; y++, to += width) {
        const unsigned char *a = sample + (size_t)clamp_to(y + whole_y, height) * (size_t)width;
        const unsigned char *b = sample + (size_t)clamp_to(y + whole_y + 1, height) * (size_t)width;
        for (int x = 0; x < begin; x++)
            blend_edge(a, b, parts, x, width, to);
        blend(a, b, parts, begin, end, to);
        for (int x = end > begin ? end : begin; x < width; x++)
            blend_edge(a, b, parts, x, width, to);
    }
}

/* ---- brightness ---- */

static int median_miss(const unsigned char *frame, const unsigned char *fitted, size_t begin,
                       size_t end, const unsigned char table[LEVELS])
{
    uint32_t counts[LEVELS] = {0};
    size_t total = 0, sum = 0;
    for (size_t i = begin; i < end; i += EACH_CELL, total++)
        counts[abs(frame[i] - table[fitted[i]])]++;
    for (int miss = 0; miss < LEVELS; miss++) {
        sum += counts[miss];
        if (2 * sum >= total)
            return miss;
    }
    return 0;
}

/* Again from the cells that the last tone fits. What is as dark or light as can be says nothing. */
static struct tone refine(const unsigned char *frame, const unsigned char *sample, size_t begin,
                          size_t end, struct tone tone)
{
    unsigned char table[LEVELS];
    make_table(tone, table);
    int allowed = 3 * median_miss(frame, sample, begin, end, table) + 2;
    int64_t count = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (size_t i = begin; i < end; i += EACH_CELL) {
        int x = sample[i], y = frame[i];
        if (x < 2 || x > 250 || y < 2 || y > 250 || abs(y - table[x]) > allowed)
            continue;
        count++;
        sum_x += x;
        sum_y += y;
        sum_xx += (int64_t)x * x;
        sum_xy += (int64_t)x * y;
    }
    if (count < 64)
        return tone;
    double n = (double)count, mean_x = (double)sum_x / n, mean_y = (double)sum_y / n;
    double xx = (double)sum_xx / n - mean_x * mean_x, xy = (double)sum_xy / n - mean_x * mean_y;
    double gain = clamp_gain((xy + gain_doubt) / (xx + gain_doubt));
    return (struct tone){gain, mean_y - gain * mean_x};
}

void wci_motion_fit(const unsigned char *frame, const unsigned char *sample, int width, int height,
                    int first, int end, struct wci_motion_shift *shift, unsigned char *fitted)
{
    unsigned char table[LEVELS];
    size_t cells = (size_t)width * (size_t)height;
    size_t begin = (size_t)first * (size_t)width, stop = (size_t)end * (size_t)width;
    struct tone tone = rough_tone(frame, sample, begin, stop);
    make_table(tone, table);
    for (size_t i = 0; i < cells; i++)
        fitted[i] = table[sample[i]];
    struct pair pair = {frame, fitted, width, height, first, end};
    *shift = find_place(&pair, *shift);
    resample(sample, width, height, *shift, fitted);
    for (int i = 0; i < 3; i++)
        tone = refine(frame, fitted, begin, stop, tone);
    make_table(tone, table);
    for (size_t i = 0; i < cells; i++)
        fitted[i] = table[fitted[i]];
}
