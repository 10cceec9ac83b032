/*
 * The series of a family: found by their labels, shown in the order in which they came, or waiting
 * for room. Each comes and goes in constant time, so that thousands may go at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/family.h"

/* ---- finding ---- */

struct wci_series *wci_family_find(const struct wildcam_metric_family *family, const char *labels,
                                   size_t length, uint32_t hash)
{
    if (!family->slots)
        return NULL;
    for (size_t at = hash;; at++) {
        struct wci_series *series = family->table[at & (family->slots - 1)];
        if (!series || (series->hash == hash && series->labels_length == length &&
                        memcmp(series->labels, labels, length) == 0))
            return series;
    }
}

static void put_in_table(struct wildcam_metric_family *family, struct wci_series *series)
{
    size_t at = series->hash;
    while (family->table[at & (family->slots - 1)])
        at++;
    family->table[at & (family->slots - 1)] = series;
}

/* Closes the gap: whoever was pushed on by the one that goes moves back. */
static void take_from_table(struct wildcam_metric_family *family, const struct wci_series *series)
{
    struct wci_series **table = family->table;
    size_t mask = family->slots - 1, gap = series->hash & mask;
    while (table[gap] != series)
        gap = (gap + 1) & mask;
    for (size_t at = (gap + 1) & mask; table[at]; at = (at + 1) & mask) {
        size_t home = table[at]->hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue; /* it belongs behind the gap */
        table[gap] = table[at];
        gap = at;
    }
    table[gap] = NULL;
    family->listed--;
}

static wildcam_status grow_table(struct wildcam_metric_family *family)
{
    if ((family->listed + 1) * 2 <= family->slots)
        return WILDCAM_OK;
    size_t before = family->slots, slots = before ? before * 2 : 16;
    struct wci_series **table = wci_new_array(slots, sizeof *table), **old = family->table;
    if (!table)
        return WILDCAM_ERR_NOMEM;
    family->table = table;
    family->slots = slots;
    for (size_t i = 0; i < before; i++)
        if (old[i])
            put_in_table(family, old[i]);
    free(old);
    return WILDCAM_OK;
}

/* ---- those that are shown, and those that wait ---- */

static void close_gaps(struct wildcam_metric_family *family)
{
    size_t kept = 0;
    for (size_t i = 0; i < family->used; i++) {
        struct wci_series *series = family->series[i];
        if (!series)
            continue;
        series->place = (uint32_t)kept;
        family->series[kept++] = series;
    }
    family->used = kept;
}

/* There is room for all that are listed and some gaps. */
static void show(struct wildcam_metric_family *family, struct wci_series *series)
{
    wci_series_hold(series);
    if (family->used == family->capacity)
        close_gaps(family);
    series->place = (uint32_t)family->used;
    family->series[family->used++] = series;
    family->count++;
}

static void wait_in_line(struct wildcam_metric_family *family, struct wci_series *series)
{
    series->previous = family->waiting_last;
    series->next = NULL;
    *(series->previous ? &series->previous->next : &family->waiting) = series;
    family->waiting_last = series;
    atomic_store_explicit(&series->is_waiting, true, memory_order_relaxed);
}

/* Last of all that it does not wait: from then on whoever holds it may free it without the lock. */
static void stop_waiting(struct wildcam_metric_family *family, struct wci_series *series)
{
    *(series->previous ? &series->previous->next : &family->waiting) = series->next;
    *(series->next ? &series->next->previous : &family->waiting_last) = series->previous;
    series->next = series->previous = NULL;
    atomic_store_explicit(&series->is_waiting, false, memory_order_release);
}

void wci_family_leave_line(struct wildcam_metric_family *family, struct wci_series *series)
{
    take_from_table(family, series);
    stop_waiting(family, series);
}

void wci_family_fill(struct wildcam_metric_family *family)
{
    while (family->waiting && family->count < family->limit) {
        struct wci_series *first = family->waiting;
        show(family, first);
        stop_waiting(family, first);
    }
}

wildcam_status wci_family_insert(struct wildcam_metric_family *family, struct wci_series *series)
{
    enum { GAPS = 16 }; /* and a quarter: so that closing them is seldom */
    void *array = family->series;
    if (wci_reserve(&array, &family->capacity, family->listed + family->listed / 4 + GAPS,
                    sizeof *family->series) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    family->series = array;
    if (grow_table(family) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    put_in_table(family, series);
    family->listed++;
    if (family->count < family->limit)
        show(family, series);
    else
        wait_in_line(family, series);
    return WILDCAM_OK;
}

/* ---- removing ---- */

static void remove_shown(struct wildcam_metric_family *family, struct wci_series *series,
                         struct wci_series **limbo)
{
    take_from_table(family, series);
    family->series[series->place] = NULL;
    family->count--;
    series->next = *limbo;
    *limbo = series;
}

static void tidy(struct wildcam_metric_family *family)
{
    if (family->used - family->count > family->count)
        close_gaps(family);
    wci_family_fill(family);
}

void wci_family_remove(struct wildcam_metric_family *family, struct wci_series *series,
                       struct wci_series **limbo)
{
    if (atomic_load_explicit(&series->is_waiting, memory_order_relaxed))
        wci_family_leave_line(family, series);
    else
        remove_shown(family, series, limbo);
    tidy(family);
}

int wci_span_compare(const void *a, const void *b)
{
    const struct wci_span *one = a, *other = b;
    size_t shorter = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->at, other->at, shorter);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

static bool has_one_of(const struct wci_series *series, size_t label, const struct wci_span *values,
                       size_t count)
{
    struct wci_span own;
    own.at = wci_series_value(series, label, &own.length);
    return bsearch(&own, values, count, sizeof *values, wci_span_compare) != NULL;
}

size_t wci_family_remove_where(struct wildcam_metric_family *family, size_t label,
                               const struct wci_span *values, size_t count,
                               struct wci_series **limbo)
{
    size_t before = family->listed;
    for (size_t i = 0; i < family->used; i++)
        if (family->series[i] && has_one_of(family->series[i], label, values, count))
            remove_shown(family, family->series[i], limbo);
    for (struct wci_series *series = family->waiting, *next; series; series = next) {
        next = series->next;
        if (has_one_of(series, label, values, count))
            wci_family_leave_line(family, series);
    }
    size_t removed = before - family->listed;
    tidy(family);
    return removed;
}
