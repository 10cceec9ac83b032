#include "process/yolo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- the shape ---- */

/* How many cells the grids have together, from one of `finest` pixels to one of `coarsest`. */
static size_t count_cells(int width, int height, int finest, int coarsest)
{
    size_t cells = 0;
    for (int grid = finest; grid <= coarsest; grid *= 2)
        cells += (size_t)((width + grid - 1) / grid) * (size_t)((height + grid - 1) / grid);
    return cells;
}

/* Whether there are so many rows when each cell has so many of them. */
static bool are_rows(size_t rows, size_t for_each, int width, int height)
{
    static const int grids[][2] = {{8, 32}, {8, 64}, {4, 32}, {16, 32}};
    for (size_t i = 0; i < sizeof grids / sizeof grids[0]; i++)
        if (rows == for_each * count_cells(width, height, grids[i][0], grids[i][1]))
            return true;
    return false;
}

static wildcam_status fail_shape(const int *sizes, int rank)
{
    char text[100] = "";
    size_t length = 0;
    for (int i = 0; i < rank && length < sizeof text - 16; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%d", i ? " x " : "",
                                   sizes[i]);
    return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                    "its output is %s numbers, which is none of YOLO's: 1 x rows x (5 + classes), "
                    "1 x (4 + classes) x rows, or 1 x rows x 6",
                    text);
}

wildcam_status wci_yolo_recognise(const int *sizes, int rank, int width, int height,
                                  struct wci_yolo_shape *shape)
{
    const int *last = sizes + rank - 2;
    bool is_one = rank == 2 || (rank == 3 && sizes[0] == 1);
    if (!is_one || last[0] < 1 || last[1] < 1)
        return fail_shape(sizes, rank);
    size_t outer = (size_t)last[0], inner = (size_t)last[1];
    if (inner > 5 && are_rows(outer, 3, width, height))
        *shape = (struct wci_yolo_shape){WCI_YOLO_LIKELY_TWICE, outer, inner, inner, 1, inner - 5};
    else if (outer > 4 && are_rows(inner, 1, width, height))
        *shape = (struct wci_yolo_shape){WCI_YOLO_LIKELY_ONCE, inner, outer, 1, inner, outer - 4};
    else if (inner > 4 && are_rows(outer, 1, width, height))
        *shape = (struct wci_yolo_shape){WCI_YOLO_LIKELY_ONCE, outer, inner, inner, 1, inner - 4};
    else if (inner == 6)
        *shape = (struct wci_yolo_shape){WCI_YOLO_FINISHED, outer, inner, inner, 1, 0};
    else
        return fail_shape(sizes, rank);
    return WILDCAM_OK;
}

/* ---- candidates ---- */

struct candidates {
    struct wci_yolo_box *list;
    size_t count, capacity;
    float missed;
};

static float number(const struct wci_yolo_shape *shape, const float *row, size_t column)
{
    return row[column * shape->column_step];
}

static void judge(const struct wci_yolo_shape *shape, const float *row, float *confidence,
                  int *class_id)
{
    size_t first = shape->kind == WCI_YOLO_LIKELY_TWICE ? 5 : 4, best = first;
    if (shape->kind == WCI_YOLO_FINISHED) {
        float said = number(shape, row, 5);
        *confidence = number(shape, row, 4);
        *class_id = said >= 0 && said < 1e6F ? (int)said : -1;
        return;
    }
    for (size_t column = first + 1; column < shape->columns; column++)
        if (number(shape, row, column) > number(shape, row, best))
            best = column;
    *confidence = number(shape, row, best);
    if (shape->kind == WCI_YOLO_LIKELY_TWICE)
        *confidence *= number(shape, row, 4);
    *class_id = (int)(best - first);
}

/* False where it has no area, or is no box. */
static bool read_box(const struct wci_yolo_shape *shape, const float *row, struct wci_yolo_box *box)
{
    float a = number(shape, row, 0), b = number(shape, row, 1), c = number(shape, row, 2),
          d = number(shape, row, 3);
    if (!isfinite(a) || !isfinite(b) || !isfinite(c) || !isfinite(d))
        return false;
    if (shape->kind == WCI_YOLO_FINISHED) {
        box->left = a, box->top = b, box->right = c, box->bottom = d;
    } else {
        box->left = a - c / 2, box->top = b - d / 2;
        box->right = a + c / 2, box->bottom = b + d / 2;
    }
    return box->right > box->left && box->bottom > box->top;
}

static wildcam_status collect(const struct wci_yolo_shape *shape, const float *answer, float least,
                              struct candidates *candidates)
{
    for (size_t i = 0; i < shape->rows; i++) {
        const float *row = answer + i * shape->row_step;
        struct wci_yolo_box box;
        judge(shape, row, &box.confidence, &box.class_id);
        if (!(box.confidence > 0) || box.class_id < 0 || !read_box(shape, row, &box))
            continue;
        if (box.confidence > 1)
            box.confidence = 1;
        if (box.confidence < least) {
            if (box.confidence > candidates->missed)
                candidates->missed = box.confidence;
            continue;
        }
        void *list = candidates->list;
        if (wci_reserve(&list, &candidates->capacity, candidates->count + 1, sizeof box) !=
            WILDCAM_OK)
            return WILDCAM_ERR_NOMEM;
        candidates->list = list;
        candidates->list[candidates->count++] = box;
    }
    return WILDCAM_OK;
}

/* ---- overlaps ---- */

/* The surest first; equals in an order that is the same each time. */
static int compare(const void *left, const void *right)
{
    const struct wci_yolo_box *a = left, *b = right;
    if (a->confidence != b->confidence)
        return a->confidence < b->confidence ? 1 : -1;
    if (a->class_id != b->class_id)
        return a->class_id < b->class_id ? -1 : 1;
    if (a->left != b->left)
        return a->left < b->left ? -1 : 1;
    return (a->top > b->top) - (a->top < b->top);
}

static float area(const struct wci_yolo_box *box)
{
    return (box->right - box->left) * (box->bottom - box->top);
}

/* The part of what both cover together that each covers. */
static float shared(const struct wci_yolo_box *a, const struct wci_yolo_box *b)
{
    float width = fminf(a->right, b->right) - fmaxf(a->left, b->left);
    float height = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);
    if (width <= 0 || height <= 0)
        return 0;
    return width * height / (area(a) + area(b) - width * height);
}

static bool is_covered(const struct wci_yolo_found *found, const struct wci_yolo_box *box,
                       float overlap)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->boxes[i].class_id == box->class_id && shared(&found->boxes[i], box) > overlap)
            return true;
    return false;
}

wildcam_status wci_yolo_find(const struct wci_yolo_shape *shape, const float *answer, float least,
                             float overlap, struct wci_yolo_found *found)
{
    struct candidates candidates = {0};
    found->count = 0;
    wildcam_status status = collect(shape, answer, least, &candidates);
    found->missed = candidates.missed;
    if (status == WILDCAM_OK && candidates.count)
        qsort(candidates.list, candidates.count, sizeof *candidates.list, compare);
    for (size_t i = 0; status == WILDCAM_OK && i < candidates.count; i++) {
        const struct wci_yolo_box *box = &candidates.list[i];
        if (found->count == WCI_YOLO_MOST)
            break;
        if (shape->kind == WCI_YOLO_FINISHED || !is_covered(found, box, overlap))
            found->boxes[found->count++] = *box;
    }
    free(candidates.list);
    return status;
}
