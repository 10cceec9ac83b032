/* The registry: families by name, and who may look at them while others change. */
#ifndef WCI_METRICS_REGISTRY_H
#define WCI_METRICS_REGISTRY_H

#include <pthread.h>
#include <sys/types.h>

#include "metrics/family.h"

struct wci_collector {
    wildcam_collect_fn *fn;
    void *user;
    int64_t number; /* rising */
};

struct wildcam_metrics {
    pid_t pid;             /* who made it */
    atomic_int references; /* whoever made it, and its families, which handles may outlive it in */
    pthread_mutex_t mutex; /* what follows; never held while a collector is called */
    struct wildcam_metric_family **families; /* by name */
    size_t count, capacity;
    struct wildcam_metric_family *dropped;

    struct wci_collector *collectors;
    size_t collector_count, collector_capacity;
    int64_t collector_number; /* the last that was given */
    int64_t running;          /* the collector under way, 0 between two */
    bool is_collecting;
    pthread_t collecting;     /* who calls them */
    pthread_cond_t collected; /* one has ended */

    /* Readers look at series without the lock. What is removed meanwhile goes to the limbo of the
     * current round and is freed when the readers of both rounds that may see it are gone. */
    int round;
    size_t readers[2];
    struct wci_series *limbo[2];
    atomic_size_t last_size; /* what was written last, as a guess for the next */
};

wildcam_status wci_metrics_new(wildcam_metrics **out);
void wci_metrics_free(wildcam_metrics *registry);
/* Its memory alone, for families that outlive it. */
void wci_metrics_hold(wildcam_metrics *registry);
void wci_metrics_release(wildcam_metrics *registry);
/* Whether this is a child's copy of what another thread of its parent was changing just then: it is
 * left as it is, since nobody knows what in it is whole. */
bool wci_metrics_is_torn(wildcam_metrics *registry);
/* FORKED in a child. */
wildcam_status wci_metrics_enter(const wildcam_metrics *registry);

wildcam_status wci_metrics_add(wildcam_metrics *registry, const struct wci_family_shape *shape,
                               struct wildcam_metric_family **out);
/* A series with a reference for the caller. */
wildcam_status wci_metrics_series(struct wildcam_metric_family *family, enum wci_metric_type type,
                                  const char *const *values, size_t count, struct wci_series **out);
wildcam_status wci_metrics_remove(struct wildcam_metric_family *family, const char *const *values,
                                  size_t count);
/* All that have one of these values, of one family, or of all when it is NULL: in one pass. */
wildcam_status wci_metrics_remove_where(wildcam_metrics *registry,
                                        struct wildcam_metric_family *family, const char *label,
                                        const char *const *values, size_t count, size_t *removed);
void wci_metrics_free_limbo(struct wci_series *limbo);

void wci_metrics_set_limit(struct wildcam_metric_family *family, size_t limit);
size_t wci_metrics_count(const struct wildcam_metric_family *family);

wildcam_status wci_metrics_add_collector(wildcam_metrics *registry, wildcam_collect_fn *fn,
                                         void *user);
wildcam_status wci_metrics_remove_collector(wildcam_metrics *registry, wildcam_collect_fn *fn,
                                            void *user);
/* Calls them all; STATE when one of them asks for it. */
wildcam_status wci_metrics_collect(wildcam_metrics *registry);

/* What there is at one moment; its series stay until wci_snapshot_end(). */
struct wci_snapshot_family {
    const struct wildcam_metric_family *family;
    struct wci_series **series;
    size_t count;
};
struct wci_snapshot {
    struct wci_snapshot_family *families;
    size_t count, series;
    int round;
};
wildcam_status wci_snapshot_begin(wildcam_metrics *registry, struct wci_snapshot *snapshot);
void wci_snapshot_end(wildcam_metrics *registry, struct wci_snapshot *snapshot);

#endif
