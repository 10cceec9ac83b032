/* A picture as the detectors see it: read and decoded when first asked for, then kept. */
#ifndef WCI_PROCESS_PICTURE_H
#define WCI_PROCESS_PICTURE_H

#include <stdatomic.h>

#include "process/detector.h"

struct wildcam_picture {
    const struct wci_detector_host *host;
    const wildcam_image *image;
    const atomic_bool *is_unwanted;
    char path[WCI_PATH];
    void *bytes; /* NULL until they are read */
    size_t size;
    struct wci_raster raster; /* without pixels until they are decoded */
    bool lacks_thumbnail;
};

/* Finds the file, and reads nothing. RELEASED when S3 alone has it, CORRUPT when it is gone, BUSY
 * when there is none of any picture. What is given must outlive it. */
wildcam_status wci_picture_open(wildcam_picture *picture, const struct wci_detector_host *host,
                                const wildcam_image *image, const atomic_bool *is_unwanted);
void wci_picture_close(wildcam_picture *picture);

/* Decodes it, unless its thumbnail is there, which shows that it can be. */
wildcam_status wci_picture_prepare(wildcam_picture *picture);
/* Keeps the thumbnail, unless it was there. The picture cannot be looked at any more then: its
 * raster is used up. */
wildcam_status wci_picture_keep_thumbnail(wildcam_picture *picture);

#endif
