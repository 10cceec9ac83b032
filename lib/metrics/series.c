#include "metrics/series.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "metrics/family.h"

enum {
    PROBES = 4,         /* stripes that a thread looks at before it gives up */
    MISSES = 32,        /* how often threads may collide before stripes are made */
    SHARED_MOST = 64,   /* how often they may share a histogram: three locked words at a time */
    STRIPES_MOST = 64,  /* of one series */
    STRIPED_MOST = 1024 /* series of one family that have stripes */
};

struct wci_stripes {
    uint32_t mask, stride;    /* one less than their number; words from one to the next */
    _Atomic uint64_t *values; /* each begins a line */
    _Atomic uintptr_t owners[];
};

static inline uintptr_t this_thread(void)
{
#if defined __has_builtin
#if __has_builtin(__builtin_thread_pointer)
#define HAS_THREAD_POINTER 1
#endif
#endif
#ifdef HAS_THREAD_POINTER
    return (uintptr_t)__builtin_thread_pointer();
#else
    return (uintptr_t)pthread_self();
#endif
}

/* ---- making and freeing ---- */

static size_t to_line(size_t bytes)
{
    return (bytes + WCI_LINE - 1) / WCI_LINE * WCI_LINE;
}

static uint32_t words_of(const struct wildcam_metric_family *family)
{
    return family->type == WCI_HISTOGRAM ? (uint32_t)family->bounds_count + 3 : 1;
}

struct wci_series *wci_series_new(struct wildcam_metric_family *family, const char *labels,
                                  size_t length, uint32_t hash)
{
    uint32_t words = words_of(family), shared = family->type == WCI_GAUGE ? 0 : words;
    size_t head = to_line(offsetof(struct wci_series, shared) + shared * sizeof(uint64_t));
    size_t text_at = head + words * sizeof(uint64_t); /* what is read together lies together */
    struct wci_series *series = NULL;
    size_t bytes = to_line(text_at + length + 1);
    if (posix_memalign((void **)&series, WCI_LINE, bytes) != 0) {
        wci_fail_memory();
        return NULL;
    }
    memset(series, 0, bytes);
    series->own_at = (uint32_t)((head - offsetof(struct wci_series, shared)) / sizeof(uint64_t));
    series->words = words;
    series->bounds = family->bounds;
    series->bounds_count = (uint32_t)family->bounds_count;
    char *text = (char *)series + text_at;
    memcpy(text, labels, length);
    series->labels = text;
    series->labels_length = (uint32_t)length;
    series->hash = hash;
    atomic_init(&series->references, 1);
    wci_family_hold(family);
    series->family = family;
    return series;
}

void wci_series_hold(struct wci_series *series)
{
    atomic_fetch_add_explicit(&series->references, 1, memory_order_relaxed);
}

/* Others of the family may have some instead. */
static void free_stripes(struct wci_series *series)
{
    struct wci_stripes *stripes = atomic_load_explicit(&series->stripes, memory_order_relaxed);
    if (stripes)
        atomic_fetch_sub_explicit(&series->family->striped, 1, memory_order_relaxed);
    free(stripes);
}

void wci_series_free(struct wci_series *series)
{
    free_stripes(series);
    wci_family_let_go(series->family);
    free(series);
}

void wci_series_let_go(struct wci_series *series)
{
    if (atomic_load_explicit(&series->is_waiting, memory_order_acquire))
        wci_family_let_go_waiting(series);
    else if (atomic_fetch_sub_explicit(&series->references, 1, memory_order_acq_rel) == 1)
        wci_series_free(series);
}

/* ---- counting ---- */

/* Only the owner writes there. */
static inline uint64_t add_alone(_Atomic uint64_t *word, uint64_t more)
{
    uint64_t sum = atomic_load_explicit(word, memory_order_relaxed) + more;
    atomic_store_explicit(word, sum, memory_order_relaxed);
    return sum;
}

static size_t stripes_wanted(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = 8;
    while (wanted < STRIPES_MOST && (long)wanted < 4 * processors)
        wanted *= 2;
    return wanted;
}

static struct wci_stripes *new_stripes(const struct wci_series *series)
{
    struct wci_stripes *stripes = NULL;
    size_t count = stripes_wanted();
    size_t head = to_line(sizeof *stripes + count * sizeof stripes->owners[0]);
    size_t stride = to_line(series->words * sizeof(uint64_t));
    if (posix_memalign((void **)&stripes, WCI_LINE, head + count * stride) != 0)
        return NULL;
    memset(stripes, 0, head + count * stride);
    stripes->mask = (uint32_t)count - 1;
    stripes->stride = (uint32_t)(stride / sizeof(uint64_t));
    stripes->values = (_Atomic uint64_t *)(void *)((char *)stripes + head);
    return stripes;
}

/* Threads collide. Where there are no stripes to be had they go on sharing, and ask again later. */
static void make_stripes(struct wci_series *series)
{
    struct wci_stripes *none = NULL;
    struct wildcam_metric_family *family = series->family;
    atomic_store_explicit(&series->misses, 0, memory_order_relaxed);
    if (atomic_load_explicit(&series->stripes, memory_order_relaxed))
        return;
    bool may = atomic_fetch_add_explicit(&family->striped, 1, memory_order_relaxed) < STRIPED_MOST;
    struct wci_stripes *stripes = may ? new_stripes(series) : NULL;
    if (stripes &&
        atomic_compare_exchange_strong_explicit(&series->stripes, &none, stripes,
                                                memory_order_acq_rel, memory_order_relaxed))
        return;
    free(stripes); /* another thread was faster */
    atomic_fetch_sub_explicit(&family->striped, 1, memory_order_relaxed);
}

/* The words of the stripe that is this thread's; NULL when it gets none. */
static _Atomic uint64_t *find_stripe(struct wci_stripes *stripes, uintptr_t thread)
{
    uint64_t hash = ((uint64_t)thread * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
    for (uint32_t i = 0; i < PROBES; i++) {
        uint32_t at = (uint32_t)(hash + i) & stripes->mask;
        uintptr_t owner = atomic_load_explicit(&stripes->owners[at], memory_order_relaxed);
        if (owner == 0 &&
            atomic_compare_exchange_strong_explicit(&stripes->owners[at], &owner, thread,
                                                    memory_order_relaxed, memory_order_relaxed))
            owner = thread;
        if (owner == thread)
            return stripes->values + (size_t)at * stripes->stride;
    }
    return NULL;
}

/* The words that this thread alone writes; NULL when it has none in this series. */
static inline _Atomic uint64_t *find_own(struct wci_series *series)
{
    uintptr_t thread = this_thread();
    uintptr_t owner = atomic_load_explicit(&series->owner, memory_order_relaxed);
    if (__builtin_expect(owner == thread, 1))
        return wci_series_own(series);
    if (owner == 0 &&
        atomic_compare_exchange_strong_explicit(&series->owner, &owner, thread,
                                                memory_order_relaxed, memory_order_relaxed))
        return wci_series_own(series);
    struct wci_stripes *stripes = atomic_load_explicit(&series->stripes, memory_order_acquire);
    return stripes ? find_stripe(stripes, thread) : NULL;
}

const void *wci_series_place(struct wci_series *series)
{
    return find_own(series);
}

/* Adds to a shared word, and answers what it was before. */
static uint64_t add_shared(struct wci_series *series, size_t word, uint64_t more)
{
    _Atomic uint64_t *shared = &series->shared[word];
    uint64_t before = atomic_load_explicit(shared, memory_order_relaxed);
    if (atomic_compare_exchange_strong_explicit(shared, &before, before + more,
                                                memory_order_relaxed, memory_order_relaxed))
        return before;
    if (atomic_fetch_add_explicit(&series->misses, 1, memory_order_relaxed) >= MISSES)
        make_stripes(series);
    return atomic_fetch_add_explicit(shared, more, memory_order_relaxed);
}

static void add_bits(_Atomic uint64_t *bits, double more)
{
    uint64_t before = atomic_load_explicit(bits, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(bits, &before,
                                                  wci_double_bits(wci_bits_double(before) + more),
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void wci_series_count(struct wci_series *series, uint64_t more)
{
    _Atomic uint64_t *own = find_own(series);
    if (own)
        add_alone(own, more);
    else
        add_shared(series, 0, more);
}

void wci_series_set_elsewhere(struct wci_series *series, double value)
{
    atomic_store_explicit(&series->elsewhere, wci_double_bits(value), memory_order_relaxed);
}

void wci_series_set_gauge(struct wci_series *series, double value)
{
    atomic_store_explicit(wci_series_own(series), wci_double_bits(value), memory_order_relaxed);
}

void wci_series_add_gauge(struct wci_series *series, double more)
{
    add_bits(wci_series_own(series), more);
}

/* How many bounds are below the value, which is its bucket. */
static inline size_t find_bucket(const double *bounds, size_t count, double value)
{
    enum { FEW = 20 };
    size_t bucket = 0;
    if (count <= FEW) { /* without a branch that could be guessed wrong */
        for (size_t i = 0; i < count; i++)
            bucket += value > bounds[i];
        return bucket;
    }
    while (count > 0) {
        size_t half = count / 2;
        bool is_above = value > bounds[bucket + half];
        bucket = is_above ? bucket + half + 1 : bucket;
        count = is_above ? count - half - 1 : half;
    }
    return bucket;
}

/* The billionths grow too large for their word: the thread that sees it moves them over. For that
 * moment the sum is too large. */
static void carry(_Atomic uint64_t *whole, _Atomic uint64_t *billionths)
{
    atomic_fetch_add_explicit(whole, WCI_SUM_CARRY / 1000000000, memory_order_release);
    atomic_fetch_sub_explicit(billionths, WCI_SUM_CARRY, memory_order_release);
}

static inline void observe_alone(_Atomic uint64_t *own, size_t bucket, size_t sum, int64_t whole,
                                 uint64_t billionths)
{
    add_alone(&own[bucket], 1);
    add_alone(&own[sum], (uint64_t)whole);
    if (__builtin_expect(add_alone(&own[sum + 1], billionths) >= WCI_SUM_CARRY, 0))
        carry(&own[sum], &own[sum + 1]);
}

static void observe_shared(struct wci_series *series, size_t bucket, size_t sum, int64_t whole,
                           uint64_t billionths)
{
    unsigned misses = atomic_load_explicit(&series->misses, memory_order_relaxed) + 1;
    atomic_store_explicit(&series->misses, misses, memory_order_relaxed); /* more or less */
    if (misses >= SHARED_MOST)
        make_stripes(series);
    add_shared(series, bucket, 1);
    if (whole)
        add_shared(series, sum, (uint64_t)whole);
    uint64_t before = add_shared(series, sum + 1, billionths);
    if (before < WCI_SUM_CARRY && before + billionths >= WCI_SUM_CARRY)
        carry(&series->shared[sum], &series->shared[sum + 1]);
}

void wci_series_observe(struct wci_series *series, double value)
{
    const double beyond = 1e15; /* where a double has no fraction worth keeping */
    if (isnan(value))
        return;
    size_t bucket = find_bucket(series->bounds, series->bounds_count, value);
    int64_t whole = 0;
    uint64_t billionths = 0;
    if (__builtin_expect(value > -beyond && value < beyond, 1)) {
        whole = (int64_t)value;
        double part = value - (double)whole;
        if (part < 0) {
            part += 1;
            whole -= 1;
        }
        billionths = (uint64_t)(int64_t)(part * 1e9 + 0.5);
    } else {
        add_bits(&series->elsewhere, value);
    }
    _Atomic uint64_t *own = find_own(series);
    if (own)
        observe_alone(own, bucket, series->bounds_count + 1, whole, billionths);
    else
        observe_shared(series, bucket, series->bounds_count + 1, whole, billionths);
}

/* ---- reading ---- */

static inline uint64_t look(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

uint64_t wci_series_word(const struct wci_series *series, size_t word)
{
    uint64_t sum = look(&series->shared[series->own_at + word]) + look(&series->shared[word]);
    const struct wci_stripes *stripes = atomic_load_explicit(&series->stripes,
                                                             memory_order_acquire);
    for (size_t i = 0; stripes && i <= stripes->mask; i++)
        sum += look(&stripes->values[i * stripes->stride + word]);
    return sum;
}

double wci_series_elsewhere(const struct wci_series *series)
{
    return wci_bits_double(look(&series->elsewhere));
}

double wci_series_gauge(const struct wci_series *series)
{
    return wci_bits_double(look(&series->shared[series->own_at]));
}

static void add_sum(struct wci_sum *sum, const _Atomic uint64_t *words)
{
    const uint64_t billion = 1000000000;
    uint64_t billionths = look(&words[1]) + sum->billionths;
    uint64_t whole = (uint64_t)sum->whole + look(&words[0]) + billionths / billion;
    sum->whole = (int64_t)whole;
    sum->billionths = (uint32_t)(billionths % billion);
}

struct wci_sum wci_series_sum(const struct wci_series *series)
{
    struct wci_sum sum = {0};
    size_t at = series->bounds_count + 1;
    const struct wci_stripes *stripes = atomic_load_explicit(&series->stripes,
                                                             memory_order_acquire);
    add_sum(&sum, &series->shared[series->own_at + at]);
    add_sum(&sum, &series->shared[at]);
    for (size_t i = 0; stripes && i <= stripes->mask; i++)
        add_sum(&sum, &stripes->values[i * stripes->stride + at]);
    return sum;
}
