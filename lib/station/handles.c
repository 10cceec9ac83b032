#include "station/handles.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

enum { FIRST_SLOTS = 64 };

/* A key is written once, and never goes; the series of a camera that was forgotten does. */
struct slot {
    _Atomic uint64_t key; /* 0: free */
    _Atomic(struct wci_series *) series;
};

struct wci_handle_table {
    struct wci_handle_table *smaller; /* what it replaced: somebody may still be looking there */
    size_t count, slots;              /* a power of two */
    struct slot slot[];
};

static uint64_t key_of(int64_t camera_id, int64_t species_id)
{
    return (uint64_t)camera_id << 32 | (uint64_t)species_id;
}

static int64_t camera_of(uint64_t key)
{
    return (int64_t)(key >> 32);
}

/* The slot with the key, or the free one where it belongs. */
static struct slot *slot_of(struct wci_handle_table *table, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (;; at++) {
        struct slot *slot = &table->slot[at & (table->slots - 1)];
        uint64_t found = atomic_load_explicit(&slot->key, memory_order_acquire);
        if (found == key || found == 0)
            return slot;
    }
}

static struct wci_handle_table *new_table(size_t slots)
{
    struct wci_handle_table *table = wci_new(sizeof *table + slots * sizeof table->slot[0]);
    if (table)
        table->slots = slots;
    return table;
}

wildcam_status wci_handles_init(struct wci_handles *handles)
{
    *handles = (struct wci_handles){.table = new_table(FIRST_SLOTS)};
    if (!handles->table)
        return WILDCAM_ERR_NOMEM;
    if (pthread_mutex_init(&handles->mutex, NULL) == 0)
        return WILDCAM_OK;
    free(handles->table);
    return wci_fail_memory();
}

void wci_handles_destroy(struct wci_handles *handles, bool is_forked)
{
    if (is_forked && pthread_mutex_trylock(&handles->mutex) != 0)
        return; /* a copy of what somebody was changing just then */
    struct wci_handle_table *table = handles->table;
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i].series)
            wci_series_let_go(table->slot[i].series);
    for (size_t i = 0; i < handles->retired_count; i++)
        wci_series_let_go(handles->retired[i]);
    free(handles->retired);
    while (table) {
        struct wci_handle_table *smaller = table->smaller;
        free(table);
        table = smaller;
    }
    if (!is_forked)
        pthread_mutex_destroy(&handles->mutex);
}

struct wci_series *wci_handles_find(const struct wci_handles *handles, int64_t camera_id,
                                    int64_t species_id)
{
    struct wci_handle_table *table = atomic_load_explicit(&handles->table, memory_order_acquire);
    uint64_t key = key_of(camera_id, species_id);
    const struct slot *slot = slot_of(table, key);
    /* In a slot that was free a moment ago there may be another's series by now. */
    if (atomic_load_explicit(&slot->key, memory_order_acquire) != key)
        return NULL;
    return atomic_load_explicit(&slot->series, memory_order_acquire);
}

/* The series before the key: whoever finds the key finds the series. */
static void put(struct wci_handle_table *table, uint64_t key, struct wci_series *series)
{
    struct slot *slot = slot_of(table, key);
    atomic_store_explicit(&slot->series, series, memory_order_release);
    table->count += slot->key == 0;
    atomic_store_explicit(&slot->key, key, memory_order_release);
}

static wildcam_status grow(struct wci_handles *handles)
{
    struct wci_handle_table *table = handles->table;
    if (table->count * 2 < table->slots)
        return WILDCAM_OK;
    struct wci_handle_table *larger = new_table(table->slots * 2);
    if (!larger)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i].series)
            put(larger, table->slot[i].key, table->slot[i].series);
    larger->smaller = table;
    atomic_store_explicit(&handles->table, larger, memory_order_release);
    return WILDCAM_OK;
}

/* There is room for all that may retire, so that forgetting never fails. */
wildcam_status wci_handles_add(struct wci_handles *handles, int64_t camera_id, int64_t species_id,
                               struct wci_series *series)
{
    void *retired = handles->retired;
    if (grow(handles) != WILDCAM_OK || wci_reserve(&retired, &handles->retired_capacity,
                                                   handles->retired_count + handles->count + 1,
                                                   sizeof *handles->retired) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    handles->retired = retired;
    put(handles->table, key_of(camera_id, species_id), series);
    handles->count++;
    return WILDCAM_OK;
}

void wci_handles_forget(struct wci_handles *handles, int64_t camera_id)
{
    struct wci_handle_table *table = handles->table;
    for (size_t i = 0; i < table->slots; i++) {
        struct slot *slot = &table->slot[i];
        if (camera_of(slot->key) != camera_id || !slot->series)
            continue;
        handles->retired[handles->retired_count++] = slot->series;
        slot->series = NULL;
        handles->count--;
    }
}
