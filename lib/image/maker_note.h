/* Maker notes of camera-trap makers, which may be the only place where the date is. */
#ifndef WCI_IMAGE_MAKER_NOTE_H
#define WCI_IMAGE_MAKER_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/image.h"

/* Reconyx HyperFire 1 and 2. A note of any other make changes nothing. */
void wci_maker_note_read(const unsigned char *note, size_t size, struct wildcam_image *image);
/* Whether it is one of those, which hold numbers and words alone and no picture. */
bool wci_maker_note_is_known(const unsigned char *note, size_t size);

#endif
