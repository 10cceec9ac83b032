/* Making people in a picture unrecognisable, for good and without touching the rest. */
#ifndef WCI_IMAGE_BLUR_H
#define WCI_IMAGE_BLUR_H

#include <wildcam/detection.h>

#include "image/decode_budget.h"
#include "image/jpeg_walk.h"

/* The boxes are those of the upright picture. Only the coefficients of the blocks in and around
 * them change: the rest is what it was, bit by bit. Small pictures in EXIF, whatever else may hold
 * one, and what follows the picture go as well. The budget may be NULL. */
wildcam_status wci_blur(const void *jpeg, size_t size, const struct wci_jpeg_limits *limits,
                        struct wci_decode_budget *budget, const wildcam_box *boxes, size_t count,
                        void **out, size_t *out_size);

#endif
