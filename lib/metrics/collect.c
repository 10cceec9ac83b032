/* Collectors: called by whoever writes, one at a time, without a lock. */
#include "base/memory.h"
#include "metrics/registry.h"

/* Where it stands, or the count. */
static size_t find(const wildcam_metrics *registry, wildcam_collect_fn *fn, const void *user)
{
    size_t i = 0;
    while (i < registry->collector_count &&
           (registry->collectors[i].fn != fn || registry->collectors[i].user != user))
        i++;
    return i;
}

static bool is_collector(const wildcam_metrics *registry)
{
    return registry->is_collecting && pthread_equal(registry->collecting, pthread_self());
}

static wildcam_status add_locked(wildcam_metrics *registry, wildcam_collect_fn *fn, void *user)
{
    if (find(registry, fn, user) < registry->collector_count)
        return wci_fail(WILDCAM_ERR_EXISTS, "this collector is there already");
    void *array = registry->collectors;
    if (wci_reserve(&array, &registry->collector_capacity, registry->collector_count + 1,
                    sizeof *registry->collectors) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    registry->collectors = array;
    registry->collectors[registry->collector_count++] =
        (struct wci_collector){fn, user, ++registry->collector_number};
    return WILDCAM_OK;
}

wildcam_status wci_metrics_add_collector(wildcam_metrics *registry, wildcam_collect_fn *fn,
                                         void *user)
{
    pthread_mutex_lock(&registry->mutex);
    wildcam_status status = add_locked(registry, fn, user);
    pthread_mutex_unlock(&registry->mutex);
    return status;
}

wildcam_status wci_metrics_remove_collector(wildcam_metrics *registry, wildcam_collect_fn *fn,
                                            void *user)
{
    wildcam_status status = WILDCAM_OK;
    pthread_mutex_lock(&registry->mutex);
    size_t at = find(registry, fn, user);
    if (at < registry->collector_count) {
        int64_t number = registry->collectors[at].number;
        registry->collector_count--;
        for (; at < registry->collector_count; at++)
            registry->collectors[at] = registry->collectors[at + 1];
        while (registry->running == number && !is_collector(registry))
            pthread_cond_wait(&registry->collected, &registry->mutex);
    } else {
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "there is no such collector");
    }
    pthread_mutex_unlock(&registry->mutex);
    return status;
}

/* Others may come and go while one is called. */
static bool find_next(const wildcam_metrics *registry, int64_t after, struct wci_collector *next)
{
    for (size_t i = 0; i < registry->collector_count; i++) {
        *next = registry->collectors[i];
        if (next->number > after)
            return true;
    }
    return false;
}

static void call_all(wildcam_metrics *registry)
{
    struct wci_collector next;
    for (int64_t last = 0; find_next(registry, last, &next); last = next.number) {
        registry->running = next.number;
        pthread_mutex_unlock(&registry->mutex);
        next.fn(next.user);
        pthread_mutex_lock(&registry->mutex);
        registry->running = 0;
        pthread_cond_broadcast(&registry->collected);
    }
}

wildcam_status wci_metrics_collect(wildcam_metrics *registry)
{
    pthread_mutex_lock(&registry->mutex);
    if (is_collector(registry)) {
        pthread_mutex_unlock(&registry->mutex);
        return wci_fail(WILDCAM_ERR_STATE, "a collector cannot write the metrics");
    }
    while (registry->is_collecting)
        pthread_cond_wait(&registry->collected, &registry->mutex);
    registry->is_collecting = true;
    registry->collecting = pthread_self();
    call_all(registry);
    registry->is_collecting = false;
    pthread_cond_broadcast(&registry->collected);
    pthread_mutex_unlock(&registry->mutex);
    return WILDCAM_OK;
}
