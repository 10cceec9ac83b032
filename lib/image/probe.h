/* From a JPEG's bytes to the facts about it. */
#ifndef WCI_IMAGE_PROBE_H
#define WCI_IMAGE_PROBE_H

#include <stddef.h>

#include "image/jpeg_walk.h"
#include "model/image.h"

/* Takes over what a walk that has come to its end found; EXIF and orientation are worked out. */
wildcam_status wci_probe_finish(const struct wci_jpeg_walk *walk, struct wildcam_image *image);

/* The same for a JPEG in memory. */
wildcam_status wci_probe(const void *data, size_t size, const struct wci_jpeg_limits *limits,
                         struct wildcam_image *image);

#endif
