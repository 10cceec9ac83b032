#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/motion_parts.h"

enum { STRETCH = WCI_MOTION_STRETCH };

static void exchange(unsigned char *restrict low, unsigned char *restrict high)
{
    for (int i = 0; i < STRETCH; i++) {
        unsigned char a = low[i], b = high[i];
        low[i] = a < b ? a : b;
        high[i] = a < b ? b : a;
    }
}

void wci_motion_sort(unsigned char **planes, int count, size_t size)
{
    for (size_t at = 0; at < size; at += STRETCH)
        for (int round = 0; round < count; round++)
            for (int i = round % 2; i + 1 < count; i += 2)
                exchange(planes[i] + at, planes[i + 1] + at);
}

/* ---- scores ---- */

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* A cell and its four neighbours; outside of the picture it is itself. */
struct around {
    int here, left, right, above, below;
};

static struct around look_around(const unsigned char *plane, int width, int height, int x, int y)
{
    const unsigned char *at = plane + (size_t)y * (size_t)width + x;
    return (struct around){at[0], at[x > 0 ? -1 : 0], at[x + 1 < width ? 1 : 0],
                           at[y > 0 ? -width : 0], at[y + 1 < height ? width : 0]};
}

/* Half way to a neighbour is what a camera that shook a little may have seen here. */
static int highest(struct around a)
{
    int most = larger(larger(a.left, a.right), larger(a.above, a.below));
    return larger(a.here, (a.here + most + 1) / 2);
}

static int lowest(struct around a)
{
    int least = smaller(smaller(a.left, a.right), smaller(a.above, a.below));
    return smaller(a.here, (a.here + least) / 2);
}

static int contrast(struct around a)
{
    int most = larger(larger(a.left, a.right), larger(a.above, a.below));
    int least = smaller(smaller(a.left, a.right), smaller(a.above, a.below));
    return larger(a.here, most) - smaller(a.here, least);
}

/* What is allowed to be outside at no contrast, in sixteenths of a level. */
static int base_allowance(double sensitivity)
{
    return (int)lround(16 * (12 - 10 * sensitivity));
}

/* What each cell is scored by. */
struct scoring {
    const unsigned char *frame;
    const struct wci_motion_background *background;
    int width, height;
    int base;  /* allowance */
    int least; /* levels beyond what was seen that may be more than is allowed */
};

static unsigned char score_of(const struct scoring *self, size_t i)
{
    const struct wci_motion_background *background = self->background;
    int width = self->width, height = self->height, value = self->frame[i], outside;
    if (value - background->high[i] < self->least && background->low[i] - value < self->least)
        return 0;
    int x = (int)(i % (size_t)width), y = (int)(i / (size_t)width);
    if (value > background->high[i])
        outside = value - highest(look_around(background->high, width, height, x, y));
    else
        outside = lowest(look_around(background->low, width, height, x, y)) - value;
    if (outside <= 0)
        return 0;
    int spread = background->high[i] - background->low[i];
    int allowed = self->base + 6 * spread +
                  4 * contrast(look_around(background->middle, width, height, x, y));
    int score = outside * 16 * WCI_MOTION_ALLOWED / allowed;
    return (unsigned char)(score < WCI_MOTION_ALLOWED ? 0 : smaller(255, score));
}

/* Whether one of the cells may be outside. Most are within what was seen at that very cell. */
static bool may_be_outside(const struct scoring *self, size_t at, size_t end)
{
    const unsigned char *frame = self->frame;
    const unsigned char *low = self->background->low, *high = self->background->high;
    unsigned char most = 0;
    for (size_t i = at; i < end; i++) {
        unsigned char value = frame[i];
        unsigned char above = (unsigned char)((value > high[i] ? value : high[i]) - high[i]);
        unsigned char below = (unsigned char)(low[i] - (value < low[i] ? value : low[i]));
        above = above > below ? above : below;
        most = most > above ? most : above;
    }
    return most >= self->least;
}

void wci_motion_score(const unsigned char *frame, const struct wci_motion_background *background,
                      int width, int height, int first, int end, double sensitivity,
                      unsigned char *score)
{
    int base = base_allowance(sensitivity);
    const struct scoring self = {frame, background, width, height, base, (base + 15) / 16};
    size_t stop = (size_t)end * (size_t)width;
    memset(score, 0, (size_t)width * (size_t)height);
    for (size_t at = (size_t)first * (size_t)width; at < stop; at += STRETCH) {
        size_t behind = stop - at < STRETCH ? stop : at + STRETCH;
        if (!may_be_outside(&self, at, behind))
            continue;
        for (size_t i = at; i < behind; i++)
            score[i] = score_of(&self, i);
    }
}

/* ---- light ---- */

enum { RADIUS = 3, SUMS = 5 };

struct window {
    int32_t *columns; /* SUMS for each column: of the rows that are in the window */
    int width;
};

static void add_cell(int32_t *sums, int a, int b, int sign)
{
    sums[0] += sign * a;
    sums[1] += sign * b;
    sums[2] += sign * a * a;
    sums[3] += sign * b * b;
    sums[4] += sign * a * b;
}

static void add_line(const struct window *window, const unsigned char *a, const unsigned char *b,
                     int sign)
{
    for (int x = 0; x < window->width; x++)
        add_cell(window->columns + (size_t)SUMS * (size_t)x, a[x], b[x], sign);
}

/*
 * How alike two textures are, 0 to 1: the correlation around a cell. Nothing is said of what has no
 * texture, or of one that is far stronger than the other.
 */
static double likeness(const int32_t sums[SUMS], double cells)
{
    static const double texture_min = 9; /* squared levels */
    double aa = sums[2] / cells - sums[0] / cells * (sums[0] / cells);
    double bb = sums[3] / cells - sums[1] / cells * (sums[1] / cells);
    double ab = sums[4] / cells - sums[0] / cells * (sums[1] / cells);
    if (aa < texture_min || bb < texture_min || aa > 9 * bb || bb > 9 * aa || ab <= 0)
        return 0;
    return ab / sqrt(aa * bb);
}

static void forgive_row(const struct window *window, int rows, unsigned char *score)
{
    static const double alike = 0.7, same = 0.9;
    int32_t sums[SUMS] = {0};
    int width = window->width;
    for (int x = -RADIUS; x < width; x++) {
        int enters = x + RADIUS, leaves = x - RADIUS - 1;
        for (int i = 0; i < SUMS; i++) {
            if (enters < width)
                sums[i] += window->columns[SUMS * enters + i];
            if (leaves >= 0)
                sums[i] -= window->columns[SUMS * leaves + i];
        }
        if (x < 0 || score[x] == 0)
            continue;
        int columns = smaller(enters, width - 1) - larger(leaves + 1, 0) + 1;
        double found = likeness(sums, (double)columns * rows);
        if (found > alike)
            score[x] = (unsigned char)(found >= same ? 0
                                                     : score[x] * (same - found) / (same - alike));
    }
}

static bool has_score(const unsigned char *score, int width)
{
    unsigned char all = 0;
    for (int x = 0; x < width; x++)
        all |= score[x];
    return all != 0;
}

wildcam_status wci_motion_forgive_light(const unsigned char *frame, const unsigned char *middle,
                                        int width, int height, unsigned char *score)
{
    struct window window = {.width = width};
    int first = 0, end = height;
    while (first < end && !has_score(score + (size_t)first * (size_t)width, width))
        first++;
    while (first < end && !has_score(score + (size_t)(end - 1) * (size_t)width, width))
        end--;
    if (first == end)
        return WILDCAM_OK;
    window.columns = wci_new_array((size_t)width * SUMS, sizeof(int32_t));
    if (!window.columns)
        return WILDCAM_ERR_NOMEM;
    for (int y = first - 2 * RADIUS; y < end; y++) {
        int top = larger(first - RADIUS, 0), enters = y + RADIUS, leaves = y - RADIUS - 1;
        if (enters >= top && enters < height)
            add_line(&window, frame + (size_t)enters * (size_t)width,
                     middle + (size_t)enters * (size_t)width, 1);
        if (leaves >= top)
            add_line(&window, frame + (size_t)leaves * (size_t)width,
                     middle + (size_t)leaves * (size_t)width, -1);
        if (y >= first && has_score(score + (size_t)y * (size_t)width, width))
            forgive_row(&window, smaller(enters, height - 1) - larger(leaves + 1, 0) + 1,
                        score + (size_t)y * (size_t)width);
    }
    free(window.columns);
    return WILDCAM_OK;
}
