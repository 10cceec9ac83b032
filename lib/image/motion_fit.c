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

enum { EACH_ROW = 6 /* is looked at for the place */, STRETCH = WCI_MOTION_STRETCH };
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

/* All four are read before one is written: it may be the same plane. */
static void apply_table(const unsigned char table[LEVELS], const unsigned char *from, size_t count,
                        unsigned char *to)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        unsigned char first = table[from[i]], second = table[from[i + 1]];
        unsigned char third = table[from[i + 2]], fourth = table[from[i + 3]];
        to[i] = first;
        to[i + 1] = second;
        to[i + 2] = third;
        to[i + 3] = fourth;
    }
    for (; i < count; i++)
        to[i] = table[from[i]];
}

static double clamp_gain(double gain)
{
    return gain < gain_min ? gain_min : gain > gain_max ? gain_max : gain;
}

/* Neighbours are often alike, and a count that was just written is waited for: so there are some of
 * each. */
static void count_levels(const unsigned char *cells, size_t count, uint32_t counts[LEVELS])
{
    enum { SETS = 4 };
    uint32_t sets[SETS][LEVELS] = {{0}};
    size_t at = 0;
    for (; at + SETS <= count; at += SETS)
        for (int i = 0; i < SETS; i++)
            sets[i][cells[at + (size_t)i]]++;
    for (; at < count; at++)
        sets[0][cells[at]]++;
    for (int level = 0; level < LEVELS; level++)
        counts[level] = sets[0][level] + sets[1][level] + sets[2][level] + sets[3][level];
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

/* Of the rows that are looked at, unless they are known. */
static void need_levels(const struct wci_motion_target *target, const unsigned char *cells,
                        struct wci_motion_levels *levels)
{
    uint32_t counts[LEVELS];
    size_t width = (size_t)target->width;
    size_t count = (size_t)(target->end - target->first) * width;
    if (levels->first == target->first && levels->end == target->end)
        return;
    count_levels(cells + (size_t)target->first * width, count, counts);
    for (int i = 0; i < WCI_MOTION_QUANTILES; i++)
        levels->at[i] = quantile(counts, count, 0.08 + 0.14 * i);
    levels->first = target->first;
    levels->end = target->end;
}

static struct tone rough_tone(const struct wci_motion_target *target,
                              const struct wci_motion_levels *levels)
{
    enum { POINTS = WCI_MOTION_QUANTILES };
    const double *x = levels->at, *y = target->levels.at;
    double mean_x = 0, mean_y = 0, xx = gain_doubt, xy = gain_doubt;
    for (int i = 0; i < POINTS; i++) {
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

/* Differences for shifts that were asked for; each is worked out once, from rows that are brought
 * to the frame's brightness once. */
struct climb {
    const struct wci_motion_target *target;
    const unsigned char *sample, *table;
    unsigned char *toned;         /* the sample's rows, where `has_rows` */
    bool has_rows[2 * REACH + 3]; /* for a shift of rows */
    uint32_t known[2 * REACH + 3][2 * REACH + 3];
};

/* In 16 bits, which hold the sum of a stretch, so that processors do many at a time. */
static uint32_t difference_of_rows(const unsigned char *a, const unsigned char *b, int count)
{
    uint32_t total = 0;
    for (int at = 0; at < count;) {
        enum { MOST = 2048 };
        int end = count - at < MOST ? count : at + MOST;
        uint16_t sum = 0;
        for (; at < end; at++) {
            unsigned char d = (unsigned char)(a[at] > b[at] ? a[at] - b[at] : b[at] - a[at]);
            sum = (uint16_t)(sum + (d < CLIP ? d : CLIP));
        }
        total += sum;
    }
    return total;
}

/* The row of the sample that lies beside the frame's; -1 where it is not looked at. */
static int other_row(const struct wci_motion_target *target, int y, int dy)
{
    return y + dy >= target->first && y + dy < target->end ? y + dy : -1;
}

static void need_rows(struct climb *climb, int dy)
{
    const struct wci_motion_target *target = climb->target;
    size_t width = (size_t)target->width;
    if (climb->has_rows[dy + REACH + 1])
        return;
    climb->has_rows[dy + REACH + 1] = true;
    for (int y = target->first; y < target->end; y += EACH_ROW) {
        int other = other_row(target, y, dy);
        if (other >= 0)
            apply_table(climb->table, climb->sample + (size_t)other * width, width,
                        climb->toned + (size_t)other * width);
    }
}

static uint32_t difference(struct climb *climb, int dx, int dy)
{
    const struct wci_motion_target *target = climb->target;
    uint64_t sum = 0, count = 0;
    int left = dx < 0 ? -dx : 0, right = target->width - (dx > 0 ? dx : 0);
    if (right <= left)
        return UINT32_MAX - 1;
    need_rows(climb, dy);
    for (int y = target->first; y < target->end; y += EACH_ROW) {
        int other = other_row(target, y, dy);
        if (other < 0)
            continue;
        const unsigned char *a = target->frame + (size_t)y * (size_t)target->width;
        const unsigned char *b = climb->toned + (size_t)other * (size_t)target->width + dx;
        sum += difference_of_rows(a + left, b + left, right - left);
        count += (uint64_t)(right - left);
    }
    return count ? (uint32_t)(sum * 256 / count) : UINT32_MAX - 1;
}

static uint32_t at_shift(struct climb *climb, int dx, int dy)
{
    uint32_t *known = &climb->known[dy + REACH + 1][dx + REACH + 1];
    if (*known == 0)
        *known = difference(climb, dx, dy) + 1;
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

/* `room` is for rows of the sample. */
static struct wci_motion_shift find_place(const struct wci_motion_target *target,
                                          const unsigned char *sample,
                                          const unsigned char table[LEVELS],
                                          struct wci_motion_shift from, unsigned char *room)
{
    struct climb climb = {.target = target, .sample = sample, .table = table, .toned = room};
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

static void pick(const struct wci_motion_target *target, const unsigned char *plane,
                 struct wci_motion_pick *out)
{
    size_t width = (size_t)target->width, end = (size_t)target->end * width;
    out->count = 0;
    for (size_t i = (size_t)target->first * width; i < end; i += WCI_MOTION_EACH_CELL)
        out->cells[out->count++] = plane[i];
    memset(out->cells + out->count, 0, STRETCH); /* what is behind is looked at, but not counted */
}

/* How far each picked cell is from what a tone makes of it; stretches end with the highest. */
static void find_misses(const struct wci_motion_pick *frame, const struct wci_motion_pick *sample,
                        const unsigned char table[LEVELS], unsigned char *misses)
{
    apply_table(table, sample->cells, frame->count, misses);
    for (size_t i = 0; i < frame->count; i++) {
        unsigned char a = frame->cells[i], b = misses[i];
        misses[i] = (unsigned char)(a > b ? a - b : b - a);
    }
    memset(misses + frame->count, LEVELS - 1, STRETCH);
}

/* For a limit below the highest. */
static size_t count_within(const unsigned char *misses, size_t count, unsigned char limit)
{
    size_t total = 0;
    for (size_t at = 0; at < count; at += STRETCH) {
        unsigned char sum = 0;
        for (size_t i = at; i < at + STRETCH; i++)
            sum = (unsigned char)(sum + (misses[i] <= limit));
        total += sum;
    }
    return total;
}

static int median_of(const unsigned char *misses, size_t count)
{
    int low = 0, high = LEVELS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (2 * count_within(misses, count, (unsigned char)middle) >= count)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Of cells of the sample (x) and the frame (y). They fit into 32 bits: there are not that many. */
struct sums {
    uint32_t count, x, y, xx, xy;
};

/* 0 or 1, without a branch: what is as dark or light as can be says nothing. */
static unsigned char is_telling(unsigned char level)
{
    return level >= 2 && level <= 250;
}

static void add_stretch(struct sums *sums, const unsigned char *sample, const unsigned char *frame,
                        const unsigned char *misses, unsigned char allowed)
{
    uint16_t count = 0, sum_x = 0, sum_y = 0;
    uint32_t sum_xx = 0, sum_xy = 0;
    for (int i = 0; i < STRETCH; i++) {
        unsigned char counts = is_telling(sample[i]) & is_telling(frame[i]) &
                               (misses[i] <= allowed);
        uint16_t x = counts ? sample[i] : 0, y = counts ? frame[i] : 0;
        count = (uint16_t)(count + counts);
        sum_x = (uint16_t)(sum_x + x);
        sum_y = (uint16_t)(sum_y + y);
        sum_xx += (uint16_t)(x * x);
        sum_xy += (uint16_t)(x * y);
    }
    sums->count += count;
    sums->x += sum_x;
    sums->y += sum_y;
    sums->xx += sum_xx;
    sums->xy += sum_xy;
}

/* Again from the cells that the last tone fits. */
static struct tone refine(const struct wci_motion_pick *frame, const struct wci_motion_pick *sample,
                          struct tone tone, const unsigned char table[LEVELS])
{
    unsigned char misses[sizeof frame->cells];
    struct sums sums = {0};
    find_misses(frame, sample, table, misses);
    int allowed = 3 * median_of(misses, frame->count) + 2;
    for (size_t at = 0; at < frame->count; at += STRETCH)
        add_stretch(&sums, sample->cells + at, frame->cells + at, misses + at,
                    (unsigned char)(allowed < LEVELS ? allowed : LEVELS - 1));
    if (sums.count < 64)
        return tone;
    double n = sums.count, mean_x = sums.x / n, mean_y = sums.y / n;
    double xx = sums.xx / n - mean_x * mean_x, xy = sums.xy / n - mean_x * mean_y;
    double gain = clamp_gain((xy + gain_doubt) / (xx + gain_doubt));
    return (struct tone){gain, mean_y - gain * mean_x};
}

/* From a rough tone's table to that of the tone that fits best. What a table makes of the sample is
 * all that counts: where it stays the same, so does what follows. */
static void fit_tone(const struct wci_motion_target *target, const unsigned char *sample,
                     struct tone tone, unsigned char table[LEVELS])
{
    unsigned char last[LEVELS];
    struct wci_motion_pick picked;
    pick(target, sample, &picked);
    for (int i = 0; i < 3; i++) {
        memcpy(last, table, LEVELS);
        tone = refine(&target->pick, &picked, tone, table);
        make_table(tone, table);
        if (memcmp(last, table, LEVELS) == 0)
            break;
    }
}

void wci_motion_target_init(struct wci_motion_target *target, const unsigned char *frame, int width,
                            int height, int first, int end)
{
    target->frame = frame;
    target->width = width;
    target->height = height;
    target->first = first;
    target->end = end;
    target->levels = (struct wci_motion_levels){0};
    need_levels(target, frame, &target->levels);
    pick(target, frame, &target->pick);
}

void wci_motion_fit(const struct wci_motion_target *target, struct wci_motion_sample *sample,
                    struct wci_motion_shift *shift, unsigned char *fitted)
{
    unsigned char table[LEVELS];
    int width = target->width, height = target->height;
    need_levels(target, sample->cells, &sample->levels);
    struct tone tone = rough_tone(target, &sample->levels);
    make_table(tone, table);
    *shift = find_place(target, sample->cells, table, *shift, fitted);
    resample(sample->cells, width, height, *shift, fitted);
    fit_tone(target, fitted, tone, table);
    apply_table(table, fitted, (size_t)width * (size_t)height, fitted);
}
