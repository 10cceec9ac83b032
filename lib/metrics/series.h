/* A series: what its labels say, and the words that threads count in without waiting. */
#ifndef WCI_METRICS_SERIES_H
#define WCI_METRICS_SERIES_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wildcam/metrics.h>

enum wci_metric_type { WCI_COUNTER, WCI_GAUGE, WCI_HISTOGRAM };

enum { WCI_LINE = 64 }; /* bytes that processors pass on as one */

/* More places to count in, made when threads got in each other's way: each belongs to the thread
 * that found it free. */
struct wci_stripes;

/*
 * The first thread that counts owns the series' own words and adds without a locked instruction;
 * the others share words on another line, until they contend and get stripes. What it has come to
 * is the sum of all. A thread is known by its thread pointer: one that comes to have that of a
 * thread that ended goes on with its words.
 *
 * Words: of a counter the count; of a gauge, own words alone, the bits of its double; of a
 * histogram the buckets, then the sum's whole part and its billionths.
 */
struct wci_series {
    /* Read by all who count, hardly ever written. */
    _Atomic uintptr_t owner;
    _Atomic(struct wci_stripes *) stripes;
    struct wildcam_metric_family *family; /* held */
    const double *bounds;                 /* of the family */
    const char *labels;                   /* escaped: a="1",b="2" */
    uint32_t labels_length, hash;
    uint32_t bounds_count;
    uint32_t words;         /* how many threads count in */
    uint32_t own_at;        /* where the own words are, counted from the shared */
    atomic_bool is_waiting; /* found in the family, beyond its limit, which holds no reference */
    /* Written by those who share. */
    alignas(WCI_LINE) atomic_int references;
    atomic_uint misses;
    _Atomic uint64_t elsewhere; /* a double's bits: set from outside, or beyond the words */
    /* By the registry's lock. */
    struct wci_series *next, *previous; /* that wait; or the next in a limbo (registry.h) */
    uint32_t place;                     /* in the family's list, when it is shown */
    _Atomic uint64_t shared[];
};

/* Makes one with a reference; the labels are copied. NULL with WILDCAM_ERR_NOMEM set. */
struct wci_series *wci_series_new(struct wildcam_metric_family *family, const char *labels,
                                  size_t length, uint32_t hash);
void wci_series_hold(struct wci_series *series);
/* Not under the registry's lock, which one that waits takes. */
void wci_series_let_go(struct wci_series *series);
/* When there is no reference left. */
void wci_series_free(struct wci_series *series);

/* Of a counter. */
void wci_series_count(struct wci_series *series, uint64_t more);
void wci_series_set_elsewhere(struct wci_series *series, double value);
/* Of a gauge. */
void wci_series_set_gauge(struct wci_series *series, double value);
void wci_series_add_gauge(struct wci_series *series, double more);
/* Of a histogram; NaN is not counted. */
void wci_series_observe(struct wci_series *series, double value);

/* Where this thread counts alone in a counter or histogram; NULL when it shares. */
const void *wci_series_place(struct wci_series *series);

/* What one word of a counter or histogram has come to. */
uint64_t wci_series_word(const struct wci_series *series, size_t word);
double wci_series_elsewhere(const struct wci_series *series);
double wci_series_gauge(const struct wci_series *series);

/* The sum of a histogram that lies in its words: whole + billionths, of which there are fewer than
 * 10^9. What lies elsewhere comes on top. */
struct wci_sum {
    int64_t whole;
    uint32_t billionths;
};
struct wci_sum wci_series_sum(const struct wci_series *series);

/* The billionths that are moved to the whole part when there are more; a multiple of 10^9. */
#define WCI_SUM_CARRY (UINT64_C(4000000000) * UINT64_C(1000000000))

static inline _Atomic uint64_t *wci_series_own(struct wci_series *series)
{
    return series->shared + series->own_at;
}

static inline double wci_bits_double(uint64_t bits)
{
    union {
        uint64_t bits;
        double value;
    } both = {bits};
    return both.value;
}

static inline uint64_t wci_double_bits(double value)
{
    union {
        double value;
        uint64_t bits;
    } both = {value};
    return both.bits;
}

#endif
