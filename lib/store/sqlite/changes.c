#include "store/sqlite/changes.h"

#include <stdlib.h>

#include "base/memory.h"

enum { PLACES = 65536 };

wildcam_status wci_changes_init(struct wci_changes *changes)
{
    *changes = (struct wci_changes){.places = wci_new_array(PLACES, sizeof *changes->places)};
    return changes->places ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wci_changes_destroy(struct wci_changes *changes)
{
    free(changes->places);
}

/* A camera's days lie one behind the other, from a place of its own. */
static size_t place_of(int64_t camera_id, int64_t day)
{
    uint64_t begin = (uint64_t)camera_id * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    return (size_t)(begin + (uint64_t)day) % PLACES;
}

void wci_changes_note(struct wci_changes *changes, const struct wci_deltas *deltas)
{
    for (size_t i = 0; i < deltas->count; i++)
        changes->places[place_of(deltas->entries[i].camera_id, deltas->entries[i].day)].count++;
    changes->all += deltas->count > 0;
}

int64_t wci_changes_count(const struct wci_changes *changes, int64_t camera_id, int64_t first_day,
                          int64_t end_day)
{
    int64_t count = 0;
    if (end_day - first_day > PLACES)
        return changes->all;
    for (int64_t day = first_day; day < end_day; day++)
        count += changes->places[place_of(camera_id, day)].count;
    return count;
}
