/* A picture of any shape in the middle of a network's input, and the way back for what is found. */
#ifndef WCI_PROCESS_LETTERBOX_H
#define WCI_PROCESS_LETTERBOX_H

#include <stdbool.h>

#include <wildcam/detection.h>

#include "image/raster.h"

struct wci_letterbox {
    int width, height;             /* of the input */
    int inner_width, inner_height; /* of the picture in it, in its own shape to the pixel */
    int left, top;
};

/* Where a picture of that size goes: as large as it fits, in the middle; what is left over when
 * that cannot be halved is to the right and below. */
struct wci_letterbox wci_letterbox_fit(int width, int height, int picture_width,
                                       int picture_height);

/* Brings the picture, grey or RGB, to the inner size and writes the input: three planes of red,
 * green and blue from 0 to 1, around it the grey that such networks have learned with. */
wildcam_status wci_letterbox_fill(const struct wci_letterbox *letterbox, struct wci_raster *raster,
                                  float *input);

/* A box in pixels of the input, by its edges, as a part of the picture. False: nothing of it is in
 * the picture. */
bool wci_letterbox_take_out(const struct wci_letterbox *letterbox, double left, double top,
                            double right, double bottom, wildcam_box *box);

#endif
