#include "store/sqlite/delta.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/summary.h>
#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "store/backend.h"

enum { KEPT_ENTRIES = 4096 }; /* what a great batch needed is given back */

int wci_local_hour(int64_t time, int32_t offset)
{
    int64_t local = time + (offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offset) * WCI_SECOND;
    int64_t of_day = local % WCI_DAY;
    return (int)((of_day < 0 ? of_day + WCI_DAY : of_day) / (3600 * WCI_SECOND));
}

static size_t hash(int64_t camera_id, int64_t day, int64_t species_id)
{
    uint64_t value = (uint64_t)camera_id * UINT64_C(0x9e3779b97f4a7c15);
    value ^= (uint64_t)day * UINT64_C(0xc2b2ae3d27d4eb4f);
    value ^= (uint64_t)species_id * UINT64_C(0x165667b19e3779f9);
    return (size_t)(value ^ value >> 32);
}

static uint32_t *slot_of(const struct wci_deltas *deltas, int64_t camera_id, int64_t day,
                         int64_t species_id)
{
    size_t at = hash(camera_id, day, species_id) & (deltas->slot_count - 1);
    for (; deltas->slots[at]; at = (at + 1) & (deltas->slot_count - 1)) {
        const struct wci_delta *entry = &deltas->entries[deltas->slots[at] - 1];
        if (entry->camera_id == camera_id && entry->day == day && entry->species_id == species_id)
            break;
    }
    return &deltas->slots[at];
}

static wildcam_status make_room(struct wci_deltas *deltas)
{
    void *entries = deltas->entries;
    if (wci_reserve(&entries, &deltas->capacity, deltas->count + 1, sizeof *deltas->entries) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    deltas->entries = entries;
    if (deltas->count * 2 < deltas->slot_count)
        return WILDCAM_OK;
    size_t larger = deltas->slot_count ? deltas->slot_count * 2 : 64;
    uint32_t *slots = wci_new_array(larger, sizeof *slots);
    if (!slots)
        return WILDCAM_ERR_NOMEM;
    free(deltas->slots);
    deltas->slots = slots;
    deltas->slot_count = larger;
    for (size_t i = 0; i < deltas->count; i++) {
        const struct wci_delta *entry = &deltas->entries[i];
        *slot_of(deltas, entry->camera_id, entry->day, entry->species_id) = (uint32_t)(i + 1);
    }
    return WILDCAM_OK;
}

static wildcam_status find(struct wci_deltas *deltas, int64_t camera_id, int64_t day,
                           int64_t species_id, struct wci_delta **out)
{
    if (make_room(deltas) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    uint32_t *slot = slot_of(deltas, camera_id, day, species_id);
    if (!*slot) {
        deltas->entries[deltas->count] =
            (struct wci_delta){.camera_id = camera_id, .day = day, .species_id = species_id};
        *slot = (uint32_t)++deltas->count;
    }
    *out = &deltas->entries[*slot - 1];
    return WILDCAM_OK;
}

static void count(struct wci_delta *delta, const struct wci_tally *tally, int sign)
{
    delta->total += sign;
    delta->hours[wci_local_hour(tally->time, tally->offset)] += sign;
    if (isnan(tally->confidence))
        return;
    int64_t millionths = (int64_t)(tally->confidence * WCI_CONFIDENCE_UNIT + 0.5);
    delta->scored += sign;
    delta->scored_sum += sign * millionths;
    if (tally->confidence > WILDCAM_SURE_CONFIDENCE) {
        delta->sure += sign;
        delta->sure_sum += sign * millionths;
    }
}

wildcam_status wci_deltas_add(struct wci_deltas *deltas, const struct wci_tally *tally, int sign)
{
    const int64_t cameras[] = {tally->camera_id, WCI_ALL_CAMERAS};
    for (int i = 0; i < 2; i++) {
        struct wci_delta *delta;
        wildcam_status status = find(deltas, cameras[i], tally->time / WCI_DAY, tally->species_id,
                                     &delta);
        if (status != WILDCAM_OK)
            return status;
        count(delta, tally, sign);
    }
    return WILDCAM_OK;
}

wildcam_status wci_deltas_merge(struct wci_deltas *deltas, const struct wci_delta *counts)
{
    struct wci_delta *delta;
    wildcam_status status = find(deltas, counts->camera_id, counts->day, counts->species_id,
                                 &delta);
    if (status != WILDCAM_OK)
        return status;
    delta->total += counts->total;
    delta->scored += counts->scored;
    delta->scored_sum += counts->scored_sum;
    delta->sure += counts->sure;
    delta->sure_sum += counts->sure_sum;
    for (int hour = 0; hour < 24; hour++)
        delta->hours[hour] += counts->hours[hour];
    return WILDCAM_OK;
}

void wci_delta_read(sqlite3_stmt *row, struct wci_delta *delta)
{
    int64_t *const fixed[] = {&delta->camera_id, &delta->day,     &delta->species_id,
                              &delta->total,     &delta->scored,  &delta->scored_sum,
                              &delta->sure,      &delta->sure_sum};
    int at = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        *fixed[i] = sqlite3_column_int64(row, at++);
    for (int hour = 0; hour < 24; hour++)
        delta->hours[hour] = sqlite3_column_int64(row, at++);
}

static int compare(const void *left, const void *right)
{
    const struct wci_delta *a = left, *b = right;
    if (a->camera_id != b->camera_id)
        return a->camera_id < b->camera_id ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return a->species_id < b->species_id ? -1 : a->species_id > b->species_id;
}

/* clang-format off */
#define SUM(name) name "=" name "+excluded." name
static const char upsert[] =
    "INSERT INTO daily_detection_summary VALUES"
    "(?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?,?)"
    " ON CONFLICT DO UPDATE SET "
    SUM("total_count") "," SUM("scored_count") "," SUM("scored_sum") ","
    SUM("detection_count") "," SUM("confidence_sum") ","
    SUM("h00") "," SUM("h01") "," SUM("h02") "," SUM("h03") "," SUM("h04") "," SUM("h05") ","
    SUM("h06") "," SUM("h07") "," SUM("h08") "," SUM("h09") "," SUM("h10") "," SUM("h11") ","
    SUM("h12") "," SUM("h13") "," SUM("h14") "," SUM("h15") "," SUM("h16") "," SUM("h17") ","
    SUM("h18") "," SUM("h19") "," SUM("h20") "," SUM("h21") "," SUM("h22") "," SUM("h23");
/* clang-format on */

static void bind(sqlite3_stmt *statement, const struct wci_delta *delta)
{
    const int64_t fixed[] = {delta->camera_id, delta->day,     delta->species_id,
                             delta->total,     delta->scored,  delta->scored_sum,
                             delta->sure,      delta->sure_sum};
    int at = 1;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        sqlite3_bind_int64(statement, at++, fixed[i]);
    for (int hour = 0; hour < 24; hour++)
        sqlite3_bind_int64(statement, at++, delta->hours[hour]);
}

wildcam_status wci_deltas_write(struct wci_deltas *deltas, struct wci_database *database)
{
    sqlite3_stmt *statement;
    if (deltas->count == 0)
        return WILDCAM_OK;
    if (deltas->count > 1) { /* the order of the table; the slots do not fit the entries after */
        qsort(deltas->entries, deltas->count, sizeof *deltas->entries, compare);
        memset(deltas->slots, 0, deltas->slot_count * sizeof *deltas->slots);
    }
    wildcam_status status = wci_database_prepare(database, 0, upsert, &statement);
    for (size_t i = 0; status == WILDCAM_OK && i < deltas->count; i++) {
        bind(statement, &deltas->entries[i]);
        status = wci_database_step(database, statement);
        sqlite3_reset(statement);
    }
    return status;
}

void wci_deltas_empty(struct wci_deltas *deltas)
{
    if (deltas->capacity > KEPT_ENTRIES)
        wci_deltas_free(deltas);
    else if (deltas->count)
        memset(deltas->slots, 0, deltas->slot_count * sizeof *deltas->slots);
    deltas->count = 0;
}

void wci_deltas_free(struct wci_deltas *deltas)
{
    free(deltas->entries);
    free(deltas->slots);
    *deltas = (struct wci_deltas){0};
}
