/* Series go while others read. */
#include <stdlib.h>

#include "base/memory.h"
#include "metrics/registry.h"

/* ---- removing ---- */

void wci_metrics_free_limbo(struct wci_series *series)
{
    while (series) {
        struct wci_series *next = series->next;
        wci_series_let_go(series);
        series = next;
    }
}

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
            end = &(*end)->next;
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
    wci_metrics_free_limbo(unseen);
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
                          const char *label, const struct wci_span *values, size_t count)
{
    size_t at = wci_family_find_label(family, label);
    if (at == family->label_count)
        return 0;
    return wci_family_remove_where(family, at, values, count, &registry->limbo[registry->round]);
}

/* Values as they stand in series, sorted; their bytes in one text. */
static wildcam_status escape_all(const char *const *values, size_t count, struct wci_text *text,
                                 struct wci_span **out)
{
    struct wci_span *spans = wci_new_array(count, sizeof *spans);
    if (!spans)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t before = text->length;
        wci_label_value(values[i], text);
        spans[i].length = text->length - before;
    }
    if (text->failed) {
        free(spans);
        return wci_fail_memory();
    }
    const char *at = wci_text_get(text);
    for (size_t i = 0; i < count; i++) {
        spans[i].at = at;
        at += spans[i].length;
    }
    qsort(spans, count, sizeof *spans, wci_span_compare);
    *out = spans;
    return WILDCAM_OK;
}

wildcam_status wci_metrics_remove_where(wildcam_metrics *registry,
                                        struct wildcam_metric_family *family, const char *label,
                                        const char *const *values, size_t count, size_t *removed)
{
    struct wci_text text = {0};
    struct wci_span *spans = NULL;
    size_t sum = 0;
    if (family && wci_family_find_label(family, label) == family->label_count)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "%s has no label %.200s", family->name, label);
    wildcam_status status = escape_all(values, count, &text, &spans);
    if (status == WILDCAM_OK) {
        pthread_mutex_lock(&registry->mutex);
        if (family)
            sum = remove_from(registry, family, label, spans, count);
        for (size_t i = 0; !family && i < registry->count; i++)
            sum += remove_from(registry, registry->families[i], label, spans, count);
        unlock_and_free(registry);
    }
    free(spans);
    wci_text_free(&text);
    if (removed)
        *removed = sum;
    return status;
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
        for (size_t j = 0; j < family->used; j++)
            if (family->series[j])
                *to++ = family->series[j];
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
