#include "metrics/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static const struct wci_family_shape dropped_shape = {
    .name = "wildcam_metrics_dropped_series_total",
    .help =
        "Handles given out beyond their family's limit of series (metrics.series), not shown until "
        "there is room.",
    .type = WCI_COUNTER,
    .labels = (const char *const[]){"family"},
    .label_count = 1,
};

/* ---- the registry itself ---- */

wildcam_status wci_metrics_new(wildcam_metrics **out)
{
    wildcam_metrics *registry = wci_new(sizeof *registry);
    if (!registry)
        return WILDCAM_ERR_NOMEM;
    registry->pid = getpid();
    atomic_init(&registry->references, 1);
    if (pthread_mutex_init(&registry->mutex, NULL) != 0) {
        free(registry);
        return wci_fail_memory();
    }
    if (pthread_cond_init(&registry->collected, NULL) != 0) {
        pthread_mutex_destroy(&registry->mutex);
        free(registry);
        return wci_fail_memory();
    }
    wildcam_status status = wci_metrics_add(registry, &dropped_shape, &registry->dropped);
    if (status == WILDCAM_OK)
        *out = registry;
    else
        wci_metrics_free(registry);
    return status;
}

void wci_metrics_hold(wildcam_metrics *registry)
{
    atomic_fetch_add_explicit(&registry->references, 1, memory_order_relaxed);
}

void wci_metrics_release(wildcam_metrics *registry)
{
    if (atomic_fetch_sub_explicit(&registry->references, 1, memory_order_acq_rel) > 1)
        return;
    if (registry->pid == getpid()) { /* a forked child's may look locked */
        pthread_cond_destroy(&registry->collected);
        pthread_mutex_destroy(&registry->mutex);
    }
    free(registry);
}

bool wci_metrics_is_torn(wildcam_metrics *registry)
{
    if (registry->pid == getpid())
        return false;
    if (pthread_mutex_trylock(&registry->mutex) != 0)
        return true;
    bool is_collecting = registry->is_collecting;
    pthread_mutex_unlock(&registry->mutex);
    return is_collecting;
}

/* Under the lock: those that wait are their handles' alone. One without any is what a forked child
 * left there. */
static void free_line(struct wildcam_metric_family *family)
{
    while (family->waiting) {
        struct wci_series *first = family->waiting;
        bool is_held = atomic_load_explicit(&first->references, memory_order_relaxed) > 0;
        wci_family_leave_line(family, first);
        if (!is_held)
            wci_series_free(first);
    }
}

/* Handles may be freed at the same time. */
static void free_lines(wildcam_metrics *registry)
{
    bool is_own = registry->pid == getpid();
    if (is_own)
        pthread_mutex_lock(&registry->mutex);
    for (size_t i = 0; i < registry->count; i++)
        free_line(registry->families[i]);
    if (is_own)
        pthread_mutex_unlock(&registry->mutex);
}

void wci_metrics_free(wildcam_metrics *registry)
{
    if (!registry || wci_metrics_is_torn(registry))
        return;
    free_lines(registry);
    for (size_t i = 0; i < registry->count; i++) {
        struct wildcam_metric_family *family = registry->families[i];
        for (size_t j = 0; j < family->used; j++)
            if (family->series[j])
                wci_series_let_go(family->series[j]);
        if (family->dropped)
            wci_series_let_go(family->dropped);
        wci_family_let_go(family);
    }
    wci_metrics_free_limbo(registry->limbo[0]);
    wci_metrics_free_limbo(registry->limbo[1]);
    free(registry->families);
    free(registry->collectors);
    wci_metrics_release(registry);
}

wildcam_status wci_metrics_enter(const wildcam_metrics *registry)
{
    if (registry->pid == getpid())
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_FORKED,
                    "the metrics belong to process %ld, before a fork; make others here",
                    (long)registry->pid);
}

/* ---- families ---- */

static size_t find_place(const wildcam_metrics *registry, const char *name, bool *is_there)
{
    size_t low = 0, high = registry->count;
    *is_there = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, registry->families[middle]->name);
        *is_there = order == 0;
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static wildcam_status check_clashes(const wildcam_metrics *registry,
                                    const struct wci_family_shape *shape)
{
    for (size_t i = 0; i < registry->count; i++)
        if (wci_family_clashes(registry->families[i], shape))
            return wci_fail(WILDCAM_ERR_EXISTS,
                            "%s writes samples of the names of %s, which is there already",
                            shape->name, registry->families[i]->name);
    return WILDCAM_OK;
}

static wildcam_status add_locked(wildcam_metrics *registry, const struct wci_family_shape *shape,
                                 struct wildcam_metric_family **out)
{
    bool is_there;
    size_t place = find_place(registry, shape->name, &is_there);
    if (is_there) {
        wildcam_status status = wci_family_match(registry->families[place], shape);
        if (status == WILDCAM_OK)
            *out = registry->families[place];
        return status;
    }
    wildcam_status status = check_clashes(registry, shape);
    if (status != WILDCAM_OK)
        return status;
    void *array = registry->families;
    if (wci_reserve(&array, &registry->capacity, registry->count + 1, sizeof *registry->families) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    registry->families = array;
    status = wci_family_new(registry, shape, out);
    if (status != WILDCAM_OK)
        return status;
    memmove(registry->families + place + 1, registry->families + place,
            (registry->count - place) * sizeof *registry->families);
    registry->families[place] = *out;
    registry->count++;
    return WILDCAM_OK;
}

wildcam_status wci_metrics_add(wildcam_metrics *registry, const struct wci_family_shape *shape,
                               struct wildcam_metric_family **out)
{
    wildcam_status status = wci_family_check(shape);
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&registry->mutex);
    status = add_locked(registry, shape, out);
    pthread_mutex_unlock(&registry->mutex);
    return status;
}

void wci_metrics_set_limit(struct wildcam_metric_family *family, size_t limit)
{
    pthread_mutex_lock(&family->registry->mutex);
    family->limit = limit;
    wci_family_fill(family);
    pthread_mutex_unlock(&family->registry->mutex);
}

size_t wci_metrics_count(const struct wildcam_metric_family *family)
{
    if (family->registry->pid != getpid())
        return 0;
    pthread_mutex_lock(&family->registry->mutex);
    size_t count = family->count;
    pthread_mutex_unlock(&family->registry->mutex);
    return count;
}

/* ---- series ---- */

/* Finds it or makes it, with a reference. */
static wildcam_status find_or_make(struct wildcam_metric_family *family,
                                   const struct wci_text *labels, struct wci_series **out)
{
    const char *text = wci_text_get(labels);
    uint32_t hash = wci_labels_hash(text, labels->length);
    struct wci_series *series = wci_family_find(family, text, labels->length, hash);
    if (series) {
        wci_series_hold(series);
    } else {
        series = wci_series_new(family, text, labels->length, hash);
        if (!series)
            return WILDCAM_ERR_NOMEM;
        if (wci_family_insert(family, series) != WILDCAM_OK) {
            wci_series_let_go(series);
            return WILDCAM_ERR_NOMEM;
        }
    }
    *out = series;
    return WILDCAM_OK;
}

/* One more beyond the family's limit. */
static wildcam_status count_dropped(struct wildcam_metric_family *family)
{
    wildcam_metrics *registry = family->registry;
    struct wci_text labels = {0};
    wildcam_status status = WILDCAM_OK;
    if (!family->dropped) {
        status = wci_family_labels(registry->dropped, (const char *const[]){family->name}, 1,
                                   &labels);
        if (status == WILDCAM_OK)
            status = find_or_make(registry->dropped, &labels, &family->dropped);
        wci_text_free(&labels);
    }
    if (status == WILDCAM_OK)
        wci_series_count(family->dropped, 1);
    return status;
}

static wildcam_status take_series(struct wildcam_metric_family *family,
                                  const struct wci_text *labels, struct wci_series **out)
{
    struct wci_series *series = NULL;
    pthread_mutex_lock(&family->registry->mutex);
    wildcam_status status = find_or_make(family, labels, &series);
    if (status == WILDCAM_OK && atomic_load_explicit(&series->is_waiting, memory_order_relaxed))
        status = count_dropped(family);
    pthread_mutex_unlock(&family->registry->mutex);
    if (status == WILDCAM_OK)
        *out = series;
    else if (series)
        wci_series_let_go(series);
    return status;
}

wildcam_status wci_metrics_series(struct wildcam_metric_family *family, enum wci_metric_type type,
                                  const char *const *values, size_t count, struct wci_series **out)
{
    static const char *const types[] = {"counters", "gauges", "histograms"};
    struct wci_text labels = {0};
    if (family->type != type)
        return wci_fail(WILDCAM_ERR_INVALID, "%s are %s, not %s", family->name, types[family->type],
                        types[type]);
    wildcam_status status = wci_family_labels(family, values, count, &labels);
    if (status == WILDCAM_OK)
        status = take_series(family, &labels, out);
    wci_text_free(&labels);
    return status;
}

/* The last one that holds it goes under the lock, where others may find it. In a forked child
 * nobody finds it, and what is there may be torn: it stays where it is. */
void wci_family_let_go_waiting(struct wci_series *series)
{
    struct wildcam_metric_family *family = series->family;
    wildcam_metrics *registry = family->registry; /* there as long as the family, that is, this */
    if (registry->pid != getpid()) {
        atomic_fetch_sub_explicit(&series->references, 1, memory_order_acq_rel);
        return;
    }
    pthread_mutex_lock(&registry->mutex);
    bool is_last = atomic_fetch_sub_explicit(&series->references, 1, memory_order_acq_rel) == 1;
    if (is_last && atomic_load_explicit(&series->is_waiting, memory_order_relaxed))
        wci_family_leave_line(family, series);
    pthread_mutex_unlock(&registry->mutex);
    if (is_last)
        wci_series_free(series);
}
