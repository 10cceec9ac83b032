/* Small upright copies of JPEGs, without metadata. */
#ifndef WCI_IMAGE_THUMBNAIL_H
#define WCI_IMAGE_THUMBNAIL_H

#include <stddef.h>

#include "image/decode_budget.h"
#include "image/jpeg_walk.h"
#include "image/raster.h"

/* Decodes at the smallest scale that is not below the box, averages down to it, turns upright and
 * encodes. The budget may be NULL. *out is freed with free(). */
wildcam_status wci_thumbnail_make(const void *jpeg, size_t size,
                                  const struct wci_jpeg_limits *limits,
                                  struct wci_decode_budget *budget, int box_width, int box_height,
                                  void **out, size_t *out_size);

/* The same in two steps, for whoever looks at the picture in between. The first decodes at the
 * smallest scale that is not below the box and turns upright: grey or RGB. Its pixels are freed
 * with free(). The second averages down to the box, in the raster itself, and encodes. */
wildcam_status wci_thumbnail_decode(const void *jpeg, size_t size,
                                    const struct wci_jpeg_limits *limits,
                                    struct wci_decode_budget *budget, int box_width, int box_height,
                                    struct wci_raster *out);
wildcam_status wci_thumbnail_encode(struct wci_raster *raster, int box_width, int box_height,
                                    void **out, size_t *out_size);

#endif
