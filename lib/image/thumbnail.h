/* Small upright copies of JPEGs, without metadata. */
#ifndef WCI_IMAGE_THUMBNAIL_H
#define WCI_IMAGE_THUMBNAIL_H

#include <stddef.h>

#include "image/decode_budget.h"
#include "image/jpeg_walk.h"

/* Decodes at the smallest scale that is not below the box, averages down to it, turns upright and
 * encodes. The budget may be NULL. *out is freed with free(). */
wildcam_status wci_thumbnail_make(const void *jpeg, size_t size,
                                  const struct wci_jpeg_limits *limits,
                                  struct wci_decode_budget *budget, int box_width, int box_height,
                                  void **out, size_t *out_size);

#endif
