#include "station/handles.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

enum { FIRST_SLOTS = 64 };

struct slot {
    _Atomic uint64_t key; /* 0: free; written once */
    _Atomic(struct wci_series *) series;
};

/* Only grows: with every other change another takes its place. */
struct wci_handle_table {
    struct wci_handle_table *next; /* that is retired, too */
    size_t count, slots;           /* a power of two */
    struct slot slot[];            /* each with a reference of this table's own */
};

static uint64_t key_of(int64_t camera_id, int64_t species_id)
{
    return (uint64_t)camera_id << 32 | (uint64_t)species_id;
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

/* ---- tables ---- */

/* Twice as many slots as are wanted, or more. */
static struct wci_handle_table *new_table(size_t wanted)
{
    size_t slots = FIRST_SLOTS;
    while (slots < wanted * 2)
        slots *= 2;
    struct wci_handle_table *table = wci_new(sizeof *table + slots * sizeof table->slot[0]);
    if (table)
        table->slots = slots;
    return table;
}

static void free_tables(struct wci_handle_table *table)
{
    while (table) {
        struct wci_handle_table *next = table->next;
        for (size_t i = 0; i < table->slots; i++)
            if (table->slot[i].series)
                wci_series_let_go(table->slot[i].series);
        free(table);
        table = next;
    }
}

wildcam_status wci_handles_init(struct wci_handles *handles)
{
    *handles = (struct wci_handles){.table = new_table(0)};
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
    free_tables(handles->table);
    free_tables(handles->retired[0]);
    free_tables(handles->retired[1]);
    if (!is_forked)
        pthread_mutex_destroy(&handles->mutex);
}

/* ---- looking ---- */

/* Whoever becomes a reader finds the table of that moment or a later one: reading the table comes
 * behind being counted, as looking for readers comes behind replacing the table, in one order of
 * them all (C11's sequential consistency). That the round may be over by then does no harm. */
unsigned wci_handles_enter(struct wci_handles *handles)
{
    unsigned round = handles->round;
    handles->readers[round]++;
    return round;
}

void wci_handles_leave(struct wci_handles *handles, unsigned round)
{
    handles->readers[round]--;
}

struct wci_series *wci_handles_find(const struct wci_handles *handles, int64_t camera_id,
                                    int64_t species_id)
{
    struct wci_handle_table *table = handles->table;
    uint64_t key = key_of(camera_id, species_id);
    const struct slot *slot = slot_of(table, key);
    /* In a slot that was free a moment ago there may be another's series by now. */
    if (atomic_load_explicit(&slot->key, memory_order_acquire) != key)
        return NULL;
    return atomic_load_explicit(&slot->series, memory_order_acquire);
}

/* ---- changing ---- */

/* The series before the key: whoever finds the key finds the series. */
static void put(struct wci_handle_table *table, uint64_t key, struct wci_series *series)
{
    struct slot *slot = slot_of(table, key);
    atomic_store_explicit(&slot->series, series, memory_order_release);
    atomic_store_explicit(&slot->key, key, memory_order_release);
    table->count++;
}

static bool is_among(int64_t camera_id, const int64_t *camera_ids, size_t count)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (camera_ids[middle] < camera_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && camera_ids[low] == camera_id;
}

/* Has a table without those cameras take the place of the one that is there. */
static wildcam_status replace(struct wci_handles *handles, size_t wanted, const int64_t *camera_ids,
                              size_t count)
{
    struct wci_handle_table *old = handles->table, *fresh = new_table(wanted);
    if (!fresh)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < old->slots; i++) {
        uint64_t key = old->slot[i].key;
        if (key == 0 || is_among((int64_t)(key >> 32), camera_ids, count))
            continue;
        wci_series_hold(old->slot[i].series);
        put(fresh, key, old->slot[i].series);
    }
    handles->table = fresh;
    old->next = handles->retired[handles->round];
    handles->retired[handles->round] = old;
    return WILDCAM_OK;
}

wildcam_status wci_handles_add(struct wci_handles *handles, int64_t camera_id, int64_t species_id,
                               struct wci_series *series)
{
    const struct wci_handle_table *table = handles->table;
    if ((table->count + 1) * 2 > table->slots &&
        replace(handles, 2 * (table->count + 1), NULL, 0) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    put(handles->table, key_of(camera_id, species_id), series);
    return WILDCAM_OK;
}

wildcam_status wci_handles_forget(struct wci_handles *handles, const int64_t *camera_ids,
                                  size_t count)
{
    const struct wci_handle_table *table = handles->table;
    size_t gone = 0;
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i].key && is_among((int64_t)(table->slot[i].key >> 32), camera_ids, count))
            gone++;
    return gone ? replace(handles, table->count - gone, camera_ids, count) : WILDCAM_OK;
}

/* Under the mutex: takes what no reader can see any more, as the registry does (metrics/retire.c).
 */
static struct wci_handle_table *take_unseen(struct wci_handles *handles)
{
    unsigned now = handles->round, past = 1 - now;
    if (handles->readers[past] > 0)
        return NULL;
    struct wci_handle_table *unseen = handles->retired[past];
    handles->retired[past] = NULL;
    if (handles->readers[now] == 0) {
        struct wci_handle_table **end = &unseen;
        while (*end)
            end = &(*end)->next;
        *end = handles->retired[now];
        handles->retired[now] = NULL;
    } else if (handles->retired[now]) {
        handles->round = past;
    }
    return unseen;
}

void wci_handles_settle(struct wci_handles *handles)
{
    pthread_mutex_lock(&handles->mutex);
    struct wci_handle_table *unseen = take_unseen(handles);
    pthread_mutex_unlock(&handles->mutex);
    free_tables(unseen);
}
