/* A family: series of one name, found by what their labels say. */
#ifndef WCI_METRICS_FAMILY_H
#define WCI_METRICS_FAMILY_H

#include "base/text.h"
#include "metrics/series.h"

enum { WCI_METRIC_NAME = 200, WCI_METRIC_BOUNDS = 64 };

/* Bytes of somebody else's, and their order. */
struct wci_span {
    const char *at;
    size_t length;
};
int wci_span_compare(const void *a, const void *b);

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
    wildcam_metrics *registry; /* held */
    enum wci_metric_type type;
    char *name, *help; /* the help as it was given, but UTF-8 */
    char **labels;
    size_t label_count;
    double *bounds;
    size_t bounds_count;

    atomic_int references; /* the registry and every series */
    atomic_uint striped;   /* how many series have stripes */

    /* By the registry's lock. */
    struct wci_series **series; /* those shown, as they came; NULL where one was removed */
    size_t count, limit;        /* how many are shown, and may be */
    size_t used, capacity;      /* of the list, the gaps included */
    struct wci_series **table;  /* open addressing by hash; twice as many slots or more */
    size_t slots, listed;       /* a power of two, or 0; how many stand there */
    struct wci_series *waiting, *waiting_last; /* in the table, too; as they came */
    struct wci_series *dropped;                /* counts those beyond the limit; held */
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

/* Of a series that waits, by whoever holds it; not under the registry's lock. */
void wci_family_let_go_waiting(struct wci_series *series);

/* The rest under the registry's lock. Series that are removed are chained to `limbo`. */
struct wci_series *wci_family_find(const struct wildcam_metric_family *family, const char *labels,
                                   size_t length, uint32_t hash);
/* Shows it; beyond the limit it waits until there is room. */
wildcam_status wci_family_insert(struct wildcam_metric_family *family, struct wci_series *series);
/* Shows those that wait, as many as there is room for. */
void wci_family_fill(struct wildcam_metric_family *family);
void wci_family_remove(struct wildcam_metric_family *family, struct wci_series *series,
                       struct wci_series **limbo);
/* One that waits, without filling up. */
void wci_family_leave_line(struct wildcam_metric_family *family, struct wci_series *series);
/* All whose label has one of those values, which are escaped and sorted; how many. */
size_t wci_family_remove_where(struct wildcam_metric_family *family, size_t label,
                               const struct wci_span *values, size_t count,
                               struct wci_series **limbo);

/* The index of a label's name, or the count. */
size_t wci_family_find_label(const struct wildcam_metric_family *family, const char *name);
/* Where a label's value stands in a series, escaped. */
const char *wci_series_value(const struct wci_series *series, size_t label, size_t *length);

#endif
