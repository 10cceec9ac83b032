/* A family: series of one name, found by what their labels say. */
#ifndef WCI_METRICS_FAMILY_H
#define WCI_METRICS_FAMILY_H

#include "base/text.h"
#include "metrics/series.h"

enum { WCI_METRIC_NAME = 200, WCI_METRIC_BOUNDS = 64 };

/* What a family is asked for with. */
struct wci_family_shape {
    const char *name, *help;
    enum wci_metric_type type;
    const char *const *labels;
    size_t label_count;
    const double *bounds;
    size_t bounds_count;
};

struct wildcam_metric_family {
    /* Fixed once it is made. */
    wildcam_metrics *registry; /* gone when only handles are left */
    enum wci_metric_type type;
    char *name, *help; /* the help as it was given, but UTF-8 */
    char **labels;
    size_t label_count;
    double *bounds;
    size_t bounds_count;

    atomic_int references; /* the registry and every series */
    atomic_uint striped;   /* how many series have stripes */

    /* By the registry's lock. */
    struct wci_series **series; /* in the order in which they came */
    size_t count, capacity, limit;
    struct wci_series **table;  /* open addressing by hash; twice as many slots or more */
    size_t slots;               /* a power of two, or 0 */
    struct wci_series *dropped; /* counts those beyond the limit; held */
};

/* INVALID with a sentence. */
wildcam_status wci_family_check(const struct wci_family_shape *shape);
wildcam_status wci_family_new(wildcam_metrics *registry, const struct wci_family_shape *shape,
                              struct wildcam_metric_family **out);
void wci_family_hold(struct wildcam_metric_family *family);
void wci_family_let_go(struct wildcam_metric_family *family);
/* EXISTS with a sentence when it has another shape. */
wildcam_status wci_family_match(const struct wildcam_metric_family *family,
                                const struct wci_family_shape *shape);
/* Whether samples of the two could have one name, or their OpenMetrics names are the same. */
bool wci_family_clashes(const struct wildcam_metric_family *family,
                        const struct wci_family_shape *shape);

/* Writes values as they stand in a series; INVALID with a sentence. */
wildcam_status wci_family_labels(const struct wildcam_metric_family *family,
                                 const char *const *values, size_t count, struct wci_text *text);
/* One value, as it stands there between its quotes. */
void wci_label_value(const char *value, struct wci_text *text);
uint32_t wci_labels_hash(const char *labels, size_t length);

/* The rest under the registry's lock. Series that are removed are chained to `limbo`. */
struct wci_series *wci_family_find(const struct wildcam_metric_family *family, const char *labels,
                                   size_t length, uint32_t hash);
wildcam_status wci_family_insert(struct wildcam_metric_family *family, struct wci_series *series);
void wci_family_remove(struct wildcam_metric_family *family, struct wci_series *series,
                       struct wci_series **limbo);
/* All whose label has that value, which is escaped; how many. */
size_t wci_family_remove_where(struct wildcam_metric_family *family, size_t label,
                               const char *value, size_t length, struct wci_series **limbo);

/* The index of a label's name, or the count. */
size_t wci_family_find_label(const struct wildcam_metric_family *family, const char *name);
/* Where a label's value stands in a series, escaped. */
const char *wci_series_value(const struct wci_series *series, size_t label, size_t *length);

#endif
