/* What nobody can guess, from the system's generator; and what merely looks like chance. */
#ifndef WCI_BASE_CHANCE_H
#define WCI_BASE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

wildcam_status wci_chance_fill(void *bytes, size_t size);

/* A text of so many characters and a NUL, each of A-Za-z0-9 with the same chance, which comes to
 * 5.95 bits; or of 0-9a-f, 4 bits. */
wildcam_status wci_chance_text(char *text, size_t length);
wildcam_status wci_chance_hex(char *text, size_t length);

/* The next number of a sequence that looks like chance: SplitMix64 (Steele, Lea, Flood, 2014). */
uint64_t wci_chance(uint64_t *state);

/* How long to wait after that many failures: by chance between nothing and a bound that doubles
 * with each, so that what failed together is not tried together. */
int64_t wci_backoff(int64_t first, int64_t longest, int failures, uint64_t chance);

#endif
