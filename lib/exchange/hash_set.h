/*
 * Whether a text was seen before, among millions, in 16 bytes each: a set of 64-bit hashes. Two
 * texts of n share a hash with a chance of n²/2^65, one in 37 million for a million of them.
 */
#ifndef WCI_EXCHANGE_HASH_SET_H
#define WCI_EXCHANGE_HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct wci_hash_set {
    struct wci_hash_set_slot {
        uint64_t hash; /* 0 is a free slot */
        int64_t value;
    } * slots;
    size_t count, capacity; /* a power of two */
};

/* FNV-1a, of a text and what it stands in; never 0. */
uint64_t wci_hash_set_hash(uint64_t scope, const char *text);
/* Adds a text; *before says that it was there, *value is then what it was added with. */
wildcam_status wci_hash_set_add(struct wci_hash_set *seen, uint64_t hash, int64_t *value,
                                bool *before);
/* Where a text's value stands; NULL when it was not seen. */
int64_t *wci_hash_set_find(const struct wci_hash_set *seen, uint64_t hash);
void wci_hash_set_free(struct wci_hash_set *seen);

#endif
