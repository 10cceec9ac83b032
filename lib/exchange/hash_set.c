#include "exchange/hash_set.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

enum { FIRST = 1024 };

uint64_t wci_hash_set_hash(uint64_t scope, const char *text)
{
    uint64_t hash = wci_hash_add_text(WCI_HASH_BEGIN ^ (scope * UINT64_C(0x9e3779b97f4a7c15)),
                                      text);
    hash ^= hash >> 29; /* the low bits choose the slot */
    return hash ? hash : 1;
}

static struct wci_hash_set_slot *look(const struct wci_hash_set *seen, uint64_t hash)
{
    size_t at = (size_t)hash & (seen->capacity - 1);
    while (seen->slots[at].hash && seen->slots[at].hash != hash)
        at = (at + 1) & (seen->capacity - 1);
    return &seen->slots[at];
}

static wildcam_status grow(struct wci_hash_set *seen)
{
    struct wci_hash_set larger = {.capacity = seen->capacity ? seen->capacity * 2 : FIRST};
    larger.slots = wci_new_array(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < seen->capacity; i++)
        if (seen->slots[i].hash)
            *look(&larger, seen->slots[i].hash) = seen->slots[i];
    larger.count = seen->count;
    free(seen->slots);
    *seen = larger;
    return WILDCAM_OK;
}

wildcam_status wci_hash_set_add(struct wci_hash_set *seen, uint64_t hash, int64_t *value,
                                bool *before)
{
    if ((seen->count + 1) * 2 > seen->capacity && grow(seen) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    struct wci_hash_set_slot *slot = look(seen, hash);
    *before = slot->hash != 0;
    if (*before) {
        *value = slot->value;
        return WILDCAM_OK;
    }
    *slot = (struct wci_hash_set_slot){hash, *value};
    seen->count++;
    return WILDCAM_OK;
}

int64_t *wci_hash_set_find(const struct wci_hash_set *seen, uint64_t hash)
{
    if (!seen->capacity)
        return NULL;
    struct wci_hash_set_slot *slot = look(seen, hash);
    return slot->hash ? &slot->value : NULL;
}

void wci_hash_set_free(struct wci_hash_set *seen)
{
    free(seen->slots);
    *seen = (struct wci_hash_set){0};
}
