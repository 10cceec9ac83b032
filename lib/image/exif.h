/* What EXIF (CIPA DC-008) and maker notes say about a picture. */
#ifndef WCI_IMAGE_EXIF_H
#define WCI_IMAGE_EXIF_H

#include <stddef.h>

#include "model/image.h"

/* Takes what can be read from an EXIF block that begins with "Exif\0\0"; damage is skipped. The
 * only failure is WILDCAM_ERR_NOMEM. The picture's size is left to the caller. */
wildcam_status wci_exif_read(const unsigned char *block, size_t size, struct wildcam_image *image);

#endif
