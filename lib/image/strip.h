/* Taking place and identity out of a JPEG without touching the picture. */
#ifndef WCI_IMAGE_STRIP_H
#define WCI_IMAGE_STRIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Beside the values of image.h: what may hold a small picture of the same scene, alone. EXIF keeps
 * its words and numbers, place and serial number too, and a maker note that is known to be without
 * a picture. */
enum { WCI_STRIP_SMALL_PICTURES = 4 };

/* Works in place and keeps the length; `what` are the WILDCAM_STRIP_ values, as in image.h. */
wildcam_status wci_strip(unsigned char *jpeg, size_t size, uint32_t what);

#endif
