/*
 * Models that fit on a page, written by hand in ONNX's form: they find what is red, green or blue.
 *
 * The score of each class in a cell is the mean of its colour there; each cell has a box of the
 * maker's. So what comes out can be worked out with a pencil.
 */
#ifndef TESTS_UNIT_TINY_MODEL_H
#define TESTS_UNIT_TINY_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { TINY_SIDE = 64, TINY_CELLS = 8 * 8 + 4 * 4 + 2 * 2 };

struct tiny_model {
    bool is_v5;          /* else v8 */
    bool is_pool;        /* it answers the mean colours alone, which is none of YOLO's forms */
    float likely;        /* of v5: that anything is there, in each cell */
    int64_t side, batch; /* of the input as declared; 0: any */
    int64_t colours, element;
    const char *names; /* in its metadata; NULL for none */
    float boxes[4][TINY_CELLS];
};

/* One that takes a picture of TINY_SIDE and whose boxes are the cells themselves. */
void tiny_model_init(struct tiny_model *model);
/* The middle and the side of a cell, in pixels. */
void tiny_cell(int cell, float *x, float *y, float *side);
/* Its file's bytes. */
void tiny_model_write(const struct tiny_model *model, struct wci_text *out);

/* ---- Protocol Buffers ---- */

void pb_number(struct wci_text *out, uint64_t field, uint64_t value);
void pb_bytes(struct wci_text *out, uint64_t field, const void *bytes, size_t size);
void pb_text(struct wci_text *out, uint64_t field, const char *text);
void pb_message(struct wci_text *out, uint64_t field, struct wci_text *message); /* and frees it */

#endif
