/* Taking place and identity out of a JPEG without touching the picture. */
#ifndef WCI_IMAGE_STRIP_H
#define WCI_IMAGE_STRIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Works in place and keeps the length; `what` are the WILDCAM_STRIP_ values, as in image.h. */
wildcam_status wci_strip(unsigned char *jpeg, size_t size, uint32_t what);

#endif
