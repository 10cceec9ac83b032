/* Pixels in memory, and the averaging that makes them fewer. */
#ifndef WCI_IMAGE_RASTER_H
#define WCI_IMAGE_RASTER_H

#include <wildcam/status.h>

/* Pixels of 1, 3 or 4 bytes, rows without gaps. */
struct wci_raster {
    unsigned char *pixels;
    int width, height, channels;
};

/* The pixels are zero; give them back with free(). */
wildcam_status wci_raster_new(struct wci_raster *raster, int width, int height, int channels);

/* Averages the raster down to a size that is not above its own. It stays as it was when there is
 * no memory. */
wildcam_status wci_raster_shrink(struct wci_raster *raster, int width, int height);
/* The same into another raster, whose pixels are freed with free(); NULL when there is no memory.
 */
wildcam_status wci_raster_shrunk(const struct wci_raster *from, int width, int height,
                                 struct wci_raster *to);

#endif
