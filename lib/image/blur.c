/*
 * What is in a box is averaged in the domain of the DCT: each block keeps nothing but its mean, and
 * that is made from the means of a few large cells. What was there cannot be worked out again, as
 * nothing of it is left but those few numbers.
 */
#include "image/blur.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/memory.h"
#include "image/probe.h"
#include "image/strip.h"

/* A cell is never smaller than that, in pixels, and a box has at most so many along a side: a body
 * is no more than a few spots. */
enum { CELLS = 6, CELL_MIN = 16, COMPONENTS = 4, BLOCK = 8, COEFFICIENTS = 64 };

/* People move and detectors' boxes are tight: that much of the box's size on each side, and of the
 * picture's at the least. */
static const double margin = 0.1, least_margin = 0.01;

struct area {
    double left, top, right, bottom; /* parts of the picture as it is stored */
    int across, down;                /* cells */
    int64_t sums[COMPONENTS][CELLS * CELLS];
    int64_t counts[COMPONENTS][CELLS * CELLS];
};

struct blur {
    struct area *areas;
    size_t count;
};

/* An area's blocks in the plane of one component, and its cells there. */
struct patch {
    int left, top, right, bottom; /* right and bottom are outside */
    int across, down;
};

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

/* A plane is as wide as its blocks, up to 7 pixels more than the picture is: one block more on the
 * side on which that leaves something out. */
static struct patch patch_of(const struct area *area, tjregion plane)
{
    int columns = plane.w / BLOCK, rows = plane.h / BLOCK;
    struct patch patch = {.left = (int)(area->left * columns) - 1,
                          .top = (int)(area->top * rows) - 1,
                          .right = at_most((int)(area->right * columns) + 1, columns),
                          .bottom = at_most((int)(area->bottom * rows) + 1, rows)};
    patch.left = patch.left < 0 ? 0 : patch.left;
    patch.top = patch.top < 0 ? 0 : patch.top;
    patch.across = at_most(area->across, patch.right - patch.left);
    patch.down = at_most(area->down, patch.bottom - patch.top);
    return patch;
}

static bool is_in(const struct patch *patch, int row)
{
    return row >= patch->top && row < patch->bottom && patch->left < patch->right;
}

/* Called with one row of blocks after the other. */
static int gather(short *coefficients, tjregion region, tjregion plane, int component, int number,
                  tjtransform *transform)
{
    const struct blur *blur = transform->data;
    int row = region.y / BLOCK;
    (void)number;
    for (size_t i = 0; i < blur->count && component < COMPONENTS; i++) {
        struct area *area = &blur->areas[i];
        struct patch patch = patch_of(area, plane);
        if (!is_in(&patch, row))
            continue;
        int cell_row = (row - patch.top) * patch.down / (patch.bottom - patch.top);
        for (int column = patch.left; column < patch.right; column++) {
            int cell = (column - patch.left) * patch.across / (patch.right - patch.left);
            area->sums[component][cell_row * CELLS + cell] +=
                coefficients[(ptrdiff_t)column * COEFFICIENTS];
            area->counts[component][cell_row * CELLS + cell]++;
        }
    }
    return 0;
}

/* Where a block lies between the middles of two cells: the first of them, and how much of the
 * second there is to be. */
static int between(int block, int blocks, int cells, double *share)
{
    double at = (block + 0.5) * cells / blocks - 0.5;
    int cell = at <= 0 ? 0 : (int)at;
    if (cell >= cells - 1) {
        *share = 0;
        return cells - 1;
    }
    *share = at <= 0 ? 0 : at - cell;
    return cell;
}

static double mean(const struct area *area, int component, int row, int column)
{
    int64_t count = area->counts[component][row * CELLS + column];
    return count ? (double)area->sums[component][row * CELLS + column] / (double)count : 0;
}

/* From one cell to the next it changes gradually. */
static short smooth(const struct area *area, const struct patch *patch, int component, int row,
                    int column)
{
    double right, low;
    int x = between(column - patch->left, patch->right - patch->left, patch->across, &right);
    int y = between(row - patch->top, patch->bottom - patch->top, patch->down, &low);
    int next_x = at_most(x + 1, patch->across - 1), next_y = at_most(y + 1, patch->down - 1);
    double value =
        (mean(area, component, y, x) * (1 - right) + mean(area, component, y, next_x) * right) *
            (1 - low) +
        (mean(area, component, next_y, x) * (1 - right) +
         mean(area, component, next_y, next_x) * right) *
            low;
    return (short)(value < 0 ? value - 0.5 : value + 0.5);
}

static int cover(short *coefficients, tjregion region, tjregion plane, int component, int number,
                 tjtransform *transform)
{
    const struct blur *blur = transform->data;
    int row = region.y / BLOCK;
    (void)number;
    if (component >= COMPONENTS)
        return -1;
    for (size_t i = 0; i < blur->count; i++) {
        const struct area *area = &blur->areas[i];
        struct patch patch = patch_of(area, plane);
        if (!is_in(&patch, row))
            continue;
        for (int column = patch.left; column < patch.right; column++) {
            short *block = coefficients + (ptrdiff_t)column * COEFFICIENTS;
            memset(block, 0, COEFFICIENTS * sizeof *block);
            block[0] = smooth(area, &patch, component, row, column);
        }
    }
    return 0;
}

static double within(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static void swap(double *left, double *right)
{
    double held = *left;
    *left = *right;
    *right = held;
}

static void mirror(double *from, double *to)
{
    double held = 1 - *from;
    *from = 1 - *to;
    *to = held;
}

/* From the upright picture to the one that is stored, by EXIF's orientation. */
static void lay_down(struct area *area, int orientation)
{
    if (orientation >= 5) {
        swap(&area->left, &area->top);
        swap(&area->right, &area->bottom);
    }
    if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        mirror(&area->left, &area->right);
    if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        mirror(&area->top, &area->bottom);
}

static int count_cells(double pixels, double cell)
{
    int cells = (int)(pixels / cell + 0.5);
    return cells < 1 ? 1 : at_most(cells, CELLS);
}

static void lay_out(struct area *area, const wildcam_box *box, const struct wci_jpeg_walk *walk,
                    int orientation)
{
    double aside = box->width * margin > least_margin ? box->width * margin : least_margin;
    double above = box->height * margin > least_margin ? box->height * margin : least_margin;
    *area = (struct area){.left = within(box->x - aside),
                          .top = within(box->y - above),
                          .right = within(box->x + box->width + aside),
                          .bottom = within(box->y + box->height + above)};
    lay_down(area, orientation);
    double width = (area->right - area->left) * walk->width;
    double height = (area->bottom - area->top) * walk->height;
    double cell = (width > height ? width : height) / CELLS;
    cell = cell < CELL_MIN ? CELL_MIN : cell;
    area->across = count_cells(width, cell);
    area->down = count_cells(height, cell);
}

static wildcam_status refuse(const char *reason)
{
    if (strstr(reason, "emory"))
        return wci_fail_memory();
    return wci_fail_from(WILDCAM_ERR_UNSUPPORTED, "jpeg", 0,
                         "people in the JPEG cannot be blurred: %s", reason);
}

/* Twice over the coefficients: what is in the cells must be known before the first row goes out. */
static wildcam_status rewrite(const void *jpeg, size_t size, struct blur *blur, void **out,
                              size_t *out_size)
{
    unsigned char *made[2] = {NULL, NULL};
    unsigned long sizes[2] = {0, 0};
    tjtransform passes[2] = {
        {.op = TJXOP_NONE, .options = TJXOPT_NOOUTPUT, .data = blur, .customFilter = gather},
        {.op = TJXOP_NONE, .data = blur, .customFilter = cover}};
    wildcam_status status = WILDCAM_OK;
    tjhandle handle = tjInitTransform();
    if (!handle)
        return wci_fail_memory();
    int result = tjTransform(handle, jpeg, (unsigned long)size, 2, made, sizes, passes,
                             TJFLAG_LIMITSCANS);
    /* A warning is damage that leaves something of the picture. */
    if ((result != 0 && tjGetErrorCode(handle) != TJERR_WARNING) || !made[1] || sizes[1] == 0)
        status = refuse(tjGetErrorStr2(handle));
    if (status == WILDCAM_OK) {
        *out = wci_copy_bytes(made[1], sizes[1]);
        *out_size = *out ? sizes[1] : 0;
        status = *out ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    }
    tjFree(made[0]);
    tjFree(made[1]);
    tjDestroy(handle);
    return status;
}

static wildcam_status blur_areas(const unsigned char *jpeg, size_t size,
                                 const struct wci_jpeg_walk *walk, int orientation,
                                 struct wci_decode_budget *budget, const wildcam_box *boxes,
                                 size_t count, void **out, size_t *out_size)
{
    struct blur blur = {wci_new_array(count ? count : 1, sizeof *blur.areas), count};
    int64_t bytes = walk->decode_bytes + (int64_t)size +
                    (int64_t)sizeof(short) * walk->width * walk->height * walk->components;
    if (!blur.areas)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        lay_out(&blur.areas[i], &boxes[i], walk, orientation);
    if (budget)
        wci_decode_budget_take(budget, bytes);
    wildcam_status status = rewrite(jpeg, size, &blur, out, out_size);
    if (budget)
        wci_decode_budget_give(budget, bytes);
    free(blur.areas);
    return status;
}

wildcam_status wci_blur(const void *jpeg, size_t size, const struct wci_jpeg_limits *limits,
                        struct wci_decode_budget *budget, const wildcam_box *boxes, size_t count,
                        void **out, size_t *out_size)
{
    struct wci_jpeg_walk walk;
    struct wildcam_image facts;
    unsigned char *copy = NULL;
    *out = NULL;
    *out_size = 0;
    wci_image_init(&facts);
    wci_jpeg_walk_begin(&walk, limits);
    wildcam_status status = wci_jpeg_walk_add(&walk, jpeg, size);
    if (status == WILDCAM_OK)
        status = wci_jpeg_walk_end(&walk);
    if (status == WILDCAM_OK)
        status = wci_probe_finish(&walk, &facts);
    if (status == WILDCAM_OK) {
        copy = wci_copy_bytes(jpeg, size);
        status = copy ? wci_strip(copy, size, WCI_STRIP_SMALL_PICTURES) : WILDCAM_ERR_NOMEM;
    }
    if (status == WILDCAM_OK)
        status = blur_areas(copy, (size_t)walk.picture_bytes, &walk, facts.orientation, budget,
                            boxes, count, out, out_size);
    free(copy);
    wci_jpeg_walk_free(&walk);
    wci_image_release(&facts);
    return status;
}
