/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) of 64 bits: quick, and the same in every process. It
 * withstands nobody who chooses what is hashed. */
#ifndef WCI_BASE_HASH_H
#define WCI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define WCI_HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t wci_hash_add(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static inline uint64_t wci_hash_add_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = wci_hash_add(hash, text, 1);
    return hash;
}

#endif
