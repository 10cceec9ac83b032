/*
 * What networks of the YOLO family answer, told apart by the answer's shape:
 *
 * - 1 x rows x (5 + classes): centre x, y, width, height, how likely anything is there, and how
 *   likely each class is if so; three rows for each cell of the grids of 8, 16 and 32 pixels, or of
 *   64 too (v5 and v7; MegaDetector v5 is one with 64).
 * - 1 x (4 + classes) x rows, or turned on its side: the same without the fifth, one row for each
 *   cell (v8 and later; MegaDetector v6).
 * - 1 x rows x 6: left, top, right, bottom, how likely, and the class; overlaps are out already
 * (v10 and others that were exported "end to end").
 *
 * All lengths are in pixels of the input.
 */
#ifndef WCI_PROCESS_YOLO_H
#define WCI_PROCESS_YOLO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    WCI_YOLO_MOST = 300, /* that are found on a picture */
    WCI_YOLO_GRID = 32   /* what the input's sides are multiples of */
};

struct wci_yolo_shape {
    enum { WCI_YOLO_LIKELY_TWICE, WCI_YOLO_LIKELY_ONCE, WCI_YOLO_FINISHED } kind;
    size_t rows, columns;
    size_t row_step, column_step; /* in numbers: where the next row, the next column is */
    size_t classes;               /* 0 where they are not told by the shape */
};

/* What an answer of a shape is, of a network whose input has that size. UNSUPPORTED says what it is
 * instead of one of these. */
wildcam_status wci_yolo_recognise(const int *sizes, int rank, int width, int height,
                                  struct wci_yolo_shape *shape);

struct wci_yolo_box {
    float left, top, right, bottom, confidence;
    int class_id;
};

struct wci_yolo_found {
    struct wci_yolo_box boxes[WCI_YOLO_MOST]; /* the surest first */
    size_t count;
    float missed; /* the surest that was not sure enough; 0 where there is none */
};

/* Takes out what is at least so sure, and of what overlaps by more than `overlap` (the part of what
 * both cover together) in the same class, the surest. Numbers that are none are left out. */
wildcam_status wci_yolo_find(const struct wci_yolo_shape *shape, const float *answer, float least,
                             float overlap, struct wci_yolo_found *found);

#endif
