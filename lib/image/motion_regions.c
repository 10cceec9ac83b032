#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/motion_parts.h"

/* What is on each cell's mind while regions are gathered. */
enum { NOTHING, BRIDGE /* beside what has moved */, MOVED, TAKEN };

struct gathering {
    const unsigned char *score, *frame, *middle;
    unsigned char *state;
    int32_t *open; /* cells of the present region whose neighbours are to be looked at, then all */
    int width, height;
};

static const double steep_min = 0.15; /* of the cells around a region */
enum { STEEP_PERCENT = 60 };
static const unsigned allowed = WCI_MOTION_ALLOWED;

static bool any_moved(const unsigned char *score, size_t cells)
{
    unsigned char most = 0;
    for (size_t i = 0; i < cells; i++)
        most = score[i] > most ? score[i] : most;
    return most >= allowed;
}

/* One cell is noise: of it and its eight neighbours, four must have moved. */
static void mark_moved(struct gathering *self)
{
    int width = self->width;
    for (int y = 1; y + 1 < self->height; y++)
        for (int x = 1; x + 1 < width; x++) {
            const unsigned char *at = self->score + (size_t)y * (size_t)width + x;
            int count = 0;
            if (*at < allowed)
                continue;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    count += at[dy * width + dx] >= allowed;
            if (count >= 4)
                self->state[at - self->score] = MOVED;
        }
}

/* A gap of two cells does not part a region. */
static void mark_bridges(struct gathering *self)
{
    int width = self->width;
    for (int y = 1; y + 1 < self->height; y++)
        for (int x = 1; x + 1 < width; x++) {
            unsigned char *at = self->state + (size_t)y * (size_t)width + x;
            if (*at != MOVED)
                continue;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    if (at[dy * width + dx] == NOTHING)
                        at[dy * width + dx] = BRIDGE;
        }
}

/* How far frame and background are apart. */
static int apart(const struct gathering *self, int x, int y)
{
    x = x < 0 ? 0 : x >= self->width ? self->width - 1 : x;
    y = y < 0 ? 0 : y >= self->height ? self->height - 1 : y;
    size_t i = (size_t)y * (size_t)self->width + (size_t)x;
    return self->frame[i] - self->middle[i];
}

/* Animals end within a cell or two: beside them there is little of what is two cells further in.
 * Light that has changed where there is no texture to tell it by, on the sky, on snow, on a wall,
 * becomes more and less over many. */
static bool is_steep(const struct gathering *self, int x, int y)
{
    enum { FAR = 2, STEP_MIN = 5 /* levels */ };
    int here = abs(apart(self, x, y)), most = 0;
    for (int dy = -FAR; dy <= FAR; dy += FAR)
        for (int dx = -FAR; dx <= FAR; dx += FAR) {
            int there = abs(apart(self, x + dx, y + dy));
            most = there > most ? there : most;
        }
    return most - here >= STEP_MIN && (most - here) * 100 >= most * STEEP_PERCENT;
}

/* Which part of the cells around a region are steep. */
static double steepness(const struct gathering *self, size_t count)
{
    size_t edges = 0, steep = 0;
    for (size_t i = 0; i < count; i++) {
        size_t cell = (size_t)self->open[i];
        if (self->score[cell] >= allowed)
            continue;
        edges++;
        steep += is_steep(self, (int)(cell % (size_t)self->width),
                          (int)(cell / (size_t)self->width));
    }
    return edges ? (double)steep / (double)edges : 1;
}

static void add_to(struct wci_motion_region *region, int x, int y, unsigned score)
{
    region->left = x < region->left ? x : region->left;
    region->top = y < region->top ? y : region->top;
    region->right = x >= region->right ? x + 1 : region->right;
    region->bottom = y >= region->bottom ? y + 1 : region->bottom;
    region->area++;
    region->weight += score < 4 * allowed ? (double)score / allowed : 4;
}

/* Takes a region's cells, beginning at one; answers how many are in `open`, all of its cells. */
static size_t gather(struct gathering *self, size_t from, struct wci_motion_region *region)
{
    size_t count = 0;
    *region = (struct wci_motion_region){.left = self->width, .top = self->height};
    self->open[count++] = (int32_t)from;
    unsigned char was = self->state[from];
    self->state[from] = TAKEN;
    for (size_t next = 0; next < count; next++) {
        size_t cell = (size_t)self->open[next];
        int x = (int)(cell % (size_t)self->width), y = (int)(cell / (size_t)self->width);
        if (next == 0 ? was == MOVED : self->score[cell] >= allowed)
            add_to(region, x, y, self->score[cell]);
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int to_x = x + dx, to_y = y + dy;
                if (to_x < 0 || to_y < 0 || to_x >= self->width || to_y >= self->height)
                    continue;
                size_t other = (size_t)to_y * (size_t)self->width + (size_t)to_x;
                if (self->state[other] == NOTHING || self->state[other] == TAKEN)
                    continue;
                self->state[other] = TAKEN;
                self->open[count++] = (int32_t)other;
            }
    }
    return count;
}

/* Into a list by weight. The lightest falls out where there is no room. */
static void insert(struct wci_motion_region *regions, size_t room, size_t *count,
                   const struct wci_motion_region *region)
{
    size_t at = room - 1;
    if (*count < room)
        at = (*count)++;
    else if (regions[at].weight > region->weight)
        return;
    for (; at > 0 && regions[at - 1].weight < region->weight; at--)
        regions[at] = regions[at - 1];
    regions[at] = *region;
}

/* Parts of one animal, with a tree before it, say: what lies within a few cells of another. */
static bool are_close(const struct wci_motion_region *a, const struct wci_motion_region *b)
{
    enum { NEAR = 4 };
    return a->left - NEAR < b->right && b->left - NEAR < a->right && a->top - NEAR < b->bottom &&
           b->top - NEAR < a->bottom;
}

static void join(struct wci_motion_region *a, const struct wci_motion_region *b)
{
    a->left = a->left < b->left ? a->left : b->left;
    a->top = a->top < b->top ? a->top : b->top;
    a->right = a->right > b->right ? a->right : b->right;
    a->bottom = a->bottom > b->bottom ? a->bottom : b->bottom;
    a->area += b->area;
    a->weight += b->weight;
}

static void join_close(struct wci_motion_region *regions, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        for (size_t j = i + 1; j < *count; j++)
            if (are_close(&regions[i], &regions[j])) {
                join(&regions[i], &regions[j]);
                memmove(&regions[j], &regions[j + 1], (*count - j - 1) * sizeof *regions);
                (*count)--;
                i = (size_t)-1; /* the joined one may be close to others */
                break;
            }
}

static int by_weight(const void *one, const void *other)
{
    const struct wci_motion_region *a = one, *b = other;
    return a->weight > b->weight ? -1 : a->weight < b->weight;
}

static void gather_all(struct gathering *self, double least_area, struct wci_motion_region *regions,
                       size_t room, size_t *count, unsigned char *moved, double *rest)
{
    size_t cells = (size_t)self->width * (size_t)self->height;
    double least = least_area * (double)cells;
    least = least < 4 ? 4 : least;
    for (size_t i = 0; i < cells; i++) {
        struct wci_motion_region region;
        if (self->state[i] != MOVED)
            continue;
        size_t taken = gather(self, i, &region);
        /* As large as is asked for, and clearly so. */
        double part = region.area / least, clear = region.weight / (1.5 * least);
        part = clear < part ? clear : part;
        if (part < 1 || steepness(self, taken) < steep_min) {
            *rest = part > *rest ? (part < 1 ? part : 1) : *rest;
            continue;
        }
        for (size_t k = 0; k < taken; k++)
            moved[self->open[k]] = 1;
        insert(regions, room, count, &region);
    }
    join_close(regions, count);
    qsort(regions, *count, sizeof *regions, by_weight);
}

wildcam_status wci_motion_regions(const unsigned char *score, const unsigned char *frame,
                                  const unsigned char *middle, int width, int height,
                                  double least_area, struct wci_motion_region *regions, size_t room,
                                  size_t *count, unsigned char *moved, double *rest)
{
    size_t cells = (size_t)width * (size_t)height;
    memset(moved, 0, cells);
    *count = 0;
    *rest = 0;
    if (!any_moved(score, cells))
        return WILDCAM_OK;
    struct gathering self = {.score = score,
                             .frame = frame,
                             .middle = middle,
                             .state = wci_new_array(cells, 1),
                             .open = wci_new_array(cells, sizeof(int32_t)),
                             .width = width,
                             .height = height};
    wildcam_status status = self.state && self.open ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK) {
        mark_moved(&self);
        mark_bridges(&self);
        gather_all(&self, least_area, regions, room, count, moved, rest);
    }
    free(self.state);
    free(self.open);
    return status;
}
