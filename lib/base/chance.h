/* What nobody can guess, from the system's generator. */
#ifndef WCI_BASE_CHANCE_H
#define WCI_BASE_CHANCE_H

#include <stddef.h>

#include "base/error.h"

wildcam_status wci_chance_fill(void *bytes, size_t size);

/* A text of so many characters and a NUL, each of A-Za-z0-9 with the same chance, which comes to
 * 5.95 bits; or of 0-9a-f, 4 bits. */
wildcam_status wci_chance_text(char *text, size_t length);
wildcam_status wci_chance_hex(char *text, size_t length);

#endif
