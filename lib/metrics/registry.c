#include "metrics/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static const struct wci_family_shape dropped_shape = {
    .name = "wildcam_metrics_dropped_series_total",
    .help = "Handles given out beyond their family's limit of series, which are not shown.",
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

static void free_limbo(struct wci_series *series)
{
    while (series) {
        struct wci_series *next = series->next_limbo;
        wci_series_let_go(series);
        series = next;
    }
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

void wci_metrics_free(wildcam_metrics *registry)
{
    if (!registry || wci_metrics_is_torn(registry))
        return;
    for (size_t i = 0; i < registry->count; i++) {
        struct wildcam_metric_family *family = registry->families[i];
        for (size_t j = 0; j < family->count; j++)
            wci_series_let_go(family->series[j]);
        if (family->dropped)
            wci_series_let_go(family->dropped);
        wci_family_let_go(family);
    }
    free_limbo(registry->limbo[0]);
    free_limbo(registry->limbo[1]);
    free(registry->families);
    free(registry->collectors);
    if (registry->pid == getpid()) { /* a forked child's may look locked */
        pthread_cond_destroy(&registry->collected);
        pthread_mutex_destroy(&registry->mutex);
    }
    free(registry);
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

static wildcam_status make_series(struct wildcam_metric_family *family,
                                  const struct wci_text *labels, uint32_t hash, bool is_shown,
                                  struct wci_series **out)
{
    struct wci_series *series = wci_series_new(family, wci_text_get(labels), labels->length, hash);
    if (!series)
        return WILDCAM_ERR_NOMEM;
    if (is_shown && wci_family_insert(family, series) != WILDCAM_OK) {
        wci_series_let_go(series);
        return WILDCAM_ERR_NOMEM;
    }
    if (is_shown)
        wci_series_hold(series);
    *out = series;
    return WILDCAM_OK;
}

static wildcam_status find_or_make(struct wildcam_metric_family *family,
                                   const struct wci_text *labels, uint32_t hash, bool *is_shown,
                                   struct wci_series **out)
{
    *out = wci_family_find(family, wci_text_get(labels), labels->length, hash);
    *is_shown = *out || family->count < family->limit;
    if (!*out)
        return make_series(family, labels, hash, *is_shown, out);
    wci_series_hold(*out);
    return WILDCAM_OK;
}

/* One more beyond the family's limit. */
static wildcam_status count_dropped(struct wildcam_metric_family *family)
{
    wildcam_metrics *registry = family->registry;
    struct wci_text labels = {0};
    bool is_shown;
    wildcam_status status = WILDCAM_OK;
    if (!family->dropped) {
        status = wci_family_labels(registry->dropped, (const char *const[]){family->name}, 1,
                                   &labels);
        if (status == WILDCAM_OK)
            status = find_or_make(registry->dropped, &labels,
                                  wci_labels_hash(wci_text_get(&labels), labels.length), &is_shown,
                                  &family->dropped);
        wci_text_free(&labels);
    }
    if (status == WILDCAM_OK)
        wci_series_count(family->dropped, 1);
    return status;
}

static wildcam_status take_series(struct wildcam_metric_family *family,
                                  const struct wci_text *labels, struct wci_series **out)
{
    bool is_shown;
    uint32_t hash = wci_labels_hash(wci_text_get(labels), labels->length);
    pthread_mutex_lock(&family->registry->mutex);
    wildcam_status status = find_or_make(family, labels, hash, &is_shown, out);
    if (status == WILDCAM_OK && !is_shown && (status = count_dropped(family)) != WILDCAM_OK)
        wci_series_let_go(*out);
    pthread_mutex_unlock(&family->registry->mutex);
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

/* ---- removing, while others read ---- */

/* Under the lock: takes what no reader can see any more. */
static struct wci_series *settle(wildcam_metrics *registry)
{
    int now = registry->round, past = 1 - now;
    if (registry->readers[past] > 0)
        return NULL;
    struct wci_series *unseen = registry->limbo[past];
    registry->limbo[past] = NULL;
    if (registry->readers[now] == 0) {
        struct wci_series **end = &unseen;
        while (*end)
            end = &(*end)->next_limbo;
        *end = registry->limbo[now];
        registry->limbo[now] = NULL;
    } else if (registry->limbo[now]) {
        registry->round = past; /* those who come from now on see nothing of this limbo */
    }
    return unseen;
}

static void unlock_and_free(wildcam_metrics *registry)
{
    struct wci_series *unseen = settle(registry);
    pthread_mutex_unlock(&registry->mutex);
    free_limbo(unseen);
}

wildcam_status wci_metrics_remove(struct wildcam_metric_family *family, const char *const *values,
                                  size_t count)
{
    wildcam_metrics *registry = family->registry;
    struct wci_text labels = {0};
    wildcam_status status = wci_family_labels(family, values, count, &labels);
    if (status == WILDCAM_OK) {
        const char *text = wci_text_get(&labels);
        uint32_t hash = wci_labels_hash(text, labels.length);
        pthread_mutex_lock(&registry->mutex);
        struct wci_series *series = wci_family_find(family, text, labels.length, hash);
        if (series)
            wci_family_remove(family, series, &registry->limbo[registry->round]);
        unlock_and_free(registry);
        if (!series)
            status = wci_fail(WILDCAM_ERR_NOTFOUND, "there is no series %s{%.300s}", family->name,
                              text);
    }
    wci_text_free(&labels);
    return status;
}

static size_t remove_from(wildcam_metrics *registry, struct wildcam_metric_family *family,
                          const char *label, const struct wci_text *value)
{
    size_t at = wci_family_find_label(family, label);
    if (at == family->label_count)
        return 0;
    return wci_family_remove_where(family, at, wci_text_get(value), value->length,
                                   &registry->limbo[registry->round]);
}

wildcam_status wci_metrics_remove_where(wildcam_metrics *registry,
                                        struct wildcam_metric_family *family, const char *label,
                                        const char *value, size_t *removed)
{
    struct wci_text escaped = {0};
    size_t count = 0;
    if (family && wci_family_find_label(family, label) == family->label_count)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "%s has no label %.200s", family->name, label);
    wci_label_value(value, &escaped);
    if (escaped.failed) {
        wci_text_free(&escaped);
        return wci_fail_memory();
    }
    pthread_mutex_lock(&registry->mutex);
    if (family)
        count = remove_from(registry, family, label, &escaped);
    for (size_t i = 0; !family && i < registry->count; i++)
        count += remove_from(registry, registry->families[i], label, &escaped);
    unlock_and_free(registry);
    wci_text_free(&escaped);
    if (removed)
        *removed = count;
    return WILDCAM_OK;
}

/* ---- reading ---- */

wildcam_status wci_snapshot_begin(wildcam_metrics *registry, struct wci_snapshot *snapshot)
{
    *snapshot = (struct wci_snapshot){0};
    pthread_mutex_lock(&registry->mutex);
    for (size_t i = 0; i < registry->count; i++)
        snapshot->series += registry->families[i]->count;
    size_t bytes = registry->count * sizeof *snapshot->families;
    struct wci_series **to = NULL;
    snapshot->families = wci_new_array(1, bytes + snapshot->series * sizeof *to);
    if (!snapshot->families) {
        pthread_mutex_unlock(&registry->mutex);
        return WILDCAM_ERR_NOMEM;
    }
    to = (struct wci_series **)(void *)((char *)snapshot->families + bytes);
    for (size_t i = 0; i < registry->count; i++) {
        const struct wildcam_metric_family *family = registry->families[i];
        snapshot->families[i] = (struct wci_snapshot_family){family, to, family->count};
        if (family->count)
            memcpy(to, family->series, family->count * sizeof *to);
        to += family->count;
    }
    snapshot->count = registry->count;
    snapshot->round = registry->round;
    registry->readers[registry->round]++;
    pthread_mutex_unlock(&registry->mutex);
    return WILDCAM_OK;
}

void wci_snapshot_end(wildcam_metrics *registry, struct wci_snapshot *snapshot)
{
    pthread_mutex_lock(&registry->mutex);
    registry->readers[snapshot->round]--;
    unlock_and_free(registry);
    free(snapshot->families);
}
