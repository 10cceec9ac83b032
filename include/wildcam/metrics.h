/**
 * @file metrics.h
 * Counters, gauges and histograms, and how they are told to Prometheus.
 *
 * A registry holds families: a name, a help line, the names of labels. A family holds series: one
 * for every set of label values. A program takes a handle of a series once and counts with that,
 * which costs a few nanoseconds and waits for nobody; wildcam_metrics_write() writes the whole. A
 * station has a registry with its own figures in it (wildcam_station_get_metrics()); the program
 * adds its own families there. Without what each call answers:
 *
 *     wildcam_metrics *metrics = wildcam_station_get_metrics(station);
 *     wildcam_metrics_add_counters(metrics, "feeds_total", "Feeds that were read.", NULL, 0,
 *                                  &family);
 *     wildcam_counter_new(family, NULL, 0, &feeds); // once
 *     wildcam_counter_add(feeds, 1);                // as often as it happens, in any thread
 *     wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, 0, &text, &size);
 */
#ifndef WILDCAM_METRICS_H
#define WILDCAM_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/export.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Families by name. */
typedef struct wildcam_metrics wildcam_metrics;

/** Series of one name, one type and the same labels. */
typedef struct wildcam_metric_family wildcam_metric_family;

/** A handle of a series that only grows. */
typedef struct wildcam_counter wildcam_counter;

/** A handle of a series that is set. */
typedef struct wildcam_gauge wildcam_gauge;

/** A handle of a series that sorts what is observed into buckets. */
typedef struct wildcam_histogram wildcam_histogram;

/** How metrics are written. */
enum {
    WILDCAM_METRICS_TEXT = 0,       /**< Prometheus text 0.0.4. */
    WILDCAM_METRICS_OPENMETRICS = 1 /**< OpenMetrics text 1.0.0. */
};

/** The media type of #WILDCAM_METRICS_TEXT. */
#define WILDCAM_METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
/** The media type of #WILDCAM_METRICS_OPENMETRICS. */
#define WILDCAM_METRICS_OPENMETRICS_TYPE                                                           \
    "application/openmetrics-text; version=1.0.0; charset=utf-8"
/** The most labels that a family has. */
#define WILDCAM_METRICS_LABELS 16
/** The most bytes of a label's value; what is longer is cut at a character. */
#define WILDCAM_METRICS_VALUE 512
/** How many series a family shows unless wildcam_metric_family_set_limit() says otherwise. */
#define WILDCAM_METRICS_SERIES 10000

/* ---- The registry ---- */

/**
 * Makes a registry of the program's own; a station has one already.
 *
 * @param out  where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p out is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_metrics_free().
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_new(wildcam_metrics **out);

/**
 * Frees a registry with its families; a station's is freed by the station. Handles that are still
 * held go on working, and are freed with their own functions.
 *
 * @param self  the registry, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: no other call on it or on its families may be under
 * way. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_metrics_free(wildcam_metrics *self);

/**
 * The registry of a station: what the station counts, and what the program adds. The station
 * removes the series of cameras that are not active any more from its own families, from no others.
 *
 * @param station  the station.
 * @return the registry; NULL for NULL.
 *
 * Ownership: borrowed, until the station is closed; it must not be freed. Collectors of the
 * program's own that need the station should be removed before.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_metrics *wildcam_station_get_metrics(wildcam_station *station);

/* ---- Families ---- */

/**
 * Adds a family of counters, or finds it.
 *
 * The name is one of Prometheus' (`[a-zA-Z_:][a-zA-Z0-9_:]*`, at most 200 bytes) and ends in
 * `_total`. A label's is `[a-zA-Z_][a-zA-Z0-9_]*`, neither `le` nor `quantile`, and does not begin
 * with `__`. A family of the same name, type and labels that is there already is given again, and
 * keeps its help line.
 *
 * @param self    the registry.
 * @param name    the family's name.
 * @param help    one sentence; bytes that are no UTF-8 become U+FFFD.
 * @param labels  the labels' names, in the order in which values are given; NULL for none.
 * @param count   how many, at most #WILDCAM_METRICS_LABELS.
 * @param out     where the family goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_EXISTS when there is a family of that name with another type
 *         or other labels, or one of another name that writes samples of the same name;
 *         #WILDCAM_ERR_INVALID when an argument is NULL or outside its limits;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: borrowed, until the registry is freed.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_add_counters(wildcam_metrics *self, const char *name,
                                                        const char *help, const char *const *labels,
                                                        size_t count, wildcam_metric_family **out);

/**
 * Adds a family of gauges, or finds it: as wildcam_metrics_add_counters(), with any name.
 *
 * @param self    the registry.
 * @param name    the family's name; `_total` is for counters, yet taken.
 * @param help    one sentence.
 * @param labels  the labels' names; NULL for none.
 * @param count   how many, at most #WILDCAM_METRICS_LABELS.
 * @param out     where the family goes; NULL on failure.
 * @return as wildcam_metrics_add_counters(): #WILDCAM_OK; #WILDCAM_ERR_EXISTS;
 *         #WILDCAM_ERR_INVALID; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: borrowed, until the registry is freed.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_add_gauges(wildcam_metrics *self, const char *name,
                                                      const char *help, const char *const *labels,
                                                      size_t count, wildcam_metric_family **out);

/**
 * Adds a family of histograms, or finds it: as wildcam_metrics_add_counters(), with any name, and
 * with bounds that must be the same, too.
 *
 * @param self         the registry.
 * @param name         the family's name; its samples end in `_bucket`, `_sum` and `_count`.
 * @param help         one sentence.
 * @param labels       the labels' names; NULL for none.
 * @param count        how many, at most #WILDCAM_METRICS_LABELS.
 * @param bounds       the upper bounds of the buckets, finite and rising; the bucket of what is
 *                     above all of them comes by itself. With one below 0, OpenMetrics has neither
 *                     `_sum` nor `_count`. NULL with 0 @p bound_count for 0.005, 0.01, 0.025, 0.05,
 *                     0.1, 0.25, 0.5, 1, 2.5, 5, 10 and 30 seconds.
 * @param bound_count  how many, at most 64.
 * @param out          where the family goes; NULL on failure.
 * @return as wildcam_metrics_add_counters(): #WILDCAM_OK; #WILDCAM_ERR_EXISTS;
 *         #WILDCAM_ERR_INVALID; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: borrowed, until the registry is freed.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_add_histograms(wildcam_metrics *self, const char *name,
                                                          const char *help,
                                                          const char *const *labels, size_t count,
                                                          const double *bounds, size_t bound_count,
                                                          wildcam_metric_family **out);

/**
 * Sets how many series a family shows at most, #WILDCAM_METRICS_SERIES at first.
 *
 * Whoever asks for one more gets a handle that works, of a series that is not shown, and is counted
 * in `wildcam_metrics_dropped_series_total{family="NAME"}`. When there is room, because others were
 * removed or the limit is raised, the series that was asked for first is shown, with all that was
 * counted meanwhile. One whose last handle was freed before is gone. Series that are shown already
 * stay when the limit falls.
 *
 * @param self   the family.
 * @param limit  1 to 10,000,000.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL or @p limit outside its limits;
 *         #WILDCAM_ERR_FORKED.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metric_family_set_limit(wildcam_metric_family *self,
                                                           size_t limit);

/**
 * How many series a family shows.
 *
 * @param self  the family.
 * @return the number; 0 for NULL and after a fork.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_metric_family_count(const wildcam_metric_family *self);

/**
 * Removes a series: it is not shown any more, nor is it when it waits for room. Handles of it go on
 * working and are not shown; who asks for the same values again gets a new series, which begins at
 * 0. A series takes memory until it is removed and its last handle freed. Takes the same time
 * however many series there are.
 *
 * @param self    the family.
 * @param values  the labels' values, in the order of the names; NULL for none.
 * @param count   how many: as many as the family has labels.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such series; #WILDCAM_ERR_INVALID
 *         when an argument is NULL or @p count another; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metric_family_remove(wildcam_metric_family *self,
                                                        const char *const *values, size_t count);

/**
 * Removes all series of a family in which one label has one value, as when a camera was moved;
 * those that wait for room, too. Takes a look at each series of the family.
 *
 * @param self     the family.
 * @param label    the label's name.
 * @param value    its value.
 * @param removed  where goes how many there were; may be NULL.
 * @return #WILDCAM_OK, also when there were none; #WILDCAM_ERR_NOTFOUND when the family has no such
 *         label; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metric_family_remove_where(wildcam_metric_family *self,
                                                              const char *label, const char *value,
                                                              size_t *removed);

/**
 * Removes all series of all families in which one label has one value, as when a camera is gone.
 *
 * @param self     the registry.
 * @param label    the label's name; families without it stay as they are.
 * @param value    its value.
 * @param removed  where goes how many there were; may be NULL.
 * @return #WILDCAM_OK, also when there were none; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_remove_where(wildcam_metrics *self, const char *label,
                                                        const char *value, size_t *removed);

/* ---- Counting ---- */

/**
 * Takes a handle of the counter with these label values; the series is made when it is not there.
 *
 * A value's bytes that are no UTF-8 become U+FFFD; what is then beyond #WILDCAM_METRICS_VALUE bytes
 * is cut off. Beyond the family's limit the handle works, and is shown once there is room
 * (wildcam_metric_family_set_limit()): it should be kept then, not taken anew for each event.
 *
 * @param family  a family of counters.
 * @param values  the labels' values, in the order of the names; NULL for none.
 * @param count   how many: as many as the family has labels.
 * @param out     where the handle goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL, @p count another, or the
 *         family's type another; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_counter_free(), before or after the registry.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_counter_new(wildcam_metric_family *family,
                                               const char *const *values, size_t count,
                                               wildcam_counter **out);

/**
 * Frees a handle; the series and what it counted stay, if it is shown.
 *
 * @param self  the handle, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: no other call on this handle may be under way.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_counter_free(wildcam_counter *self);

/**
 * Counts. Not for signal handlers.
 *
 * @param self  the handle; NULL does nothing.
 * @param more  how many.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_counter_add(wildcam_counter *self, uint64_t more);

/**
 * Sets what was counted elsewhere, as the kernel does a process' seconds; what was added comes on
 * top. It should not fall.
 *
 * @param self   the handle; NULL does nothing.
 * @param value  how much; below 0 and NaN are taken as 0.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_counter_set(wildcam_counter *self, double value);

/**
 * What a counter has come to.
 *
 * @param self  the handle.
 * @return the value; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_counter_get_value(const wildcam_counter *self);

/**
 * Takes a handle of the gauge with these label values, as wildcam_counter_new() does of a counter.
 *
 * @param family  a family of gauges.
 * @param values  the labels' values, in the order of the names; NULL for none.
 * @param count   how many: as many as the family has labels.
 * @param out     where the handle goes; NULL on failure.
 * @return as wildcam_counter_new(): #WILDCAM_OK; #WILDCAM_ERR_INVALID; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_gauge_free(), before or after the registry.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_gauge_new(wildcam_metric_family *family,
                                             const char *const *values, size_t count,
                                             wildcam_gauge **out);

/**
 * Frees a handle; the series and its value stay, if it is shown.
 *
 * @param self  the handle, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: no other call on this handle may be under way.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_gauge_free(wildcam_gauge *self);

/**
 * Sets a gauge.
 *
 * @param self   the handle; NULL does nothing.
 * @param value  any value; NaN says that there is none.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_gauge_set(wildcam_gauge *self, double value);

/**
 * Adds to a gauge.
 *
 * @param self  the handle; NULL does nothing.
 * @param more  how much; below 0 to take away.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_gauge_add(wildcam_gauge *self, double more);

/**
 * What a gauge stands at.
 *
 * @param self  the handle.
 * @return the value; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_gauge_get_value(const wildcam_gauge *self);

/**
 * Takes a handle of the histogram with these label values, as wildcam_counter_new() does of a
 * counter.
 *
 * @param family  a family of histograms.
 * @param values  the labels' values, in the order of the names; NULL for none.
 * @param count   how many: as many as the family has labels.
 * @param out     where the handle goes; NULL on failure.
 * @return as wildcam_counter_new(): #WILDCAM_OK; #WILDCAM_ERR_INVALID; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_histogram_free(), before or after the registry.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_histogram_new(wildcam_metric_family *family,
                                                 const char *const *values, size_t count,
                                                 wildcam_histogram **out);

/**
 * Frees a handle; the series and what it observed stay, if it is shown.
 *
 * @param self  the handle, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: no other call on this handle may be under way.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_histogram_free(wildcam_histogram *self);

/**
 * Observes a value. The sum is exact to a billionth for each. Not for signal handlers.
 *
 * @param self   the handle; NULL does nothing.
 * @param value  what was seen, in the unit of the family's bounds. NaN is not counted.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_histogram_observe(wildcam_histogram *self, double value);

/**
 * How many values a histogram has observed.
 *
 * @param self  the handle.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API uint64_t wildcam_histogram_get_count(const wildcam_histogram *self);

/**
 * What the values that a histogram has observed amount to.
 *
 * @param self  the handle.
 * @return the sum; 0 for NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_histogram_get_sum(const wildcam_histogram *self);

/* ---- Looking things up when they are asked for ---- */

/**
 * Is called by whoever writes the metrics, before anything is read: it looks up what nobody counts
 * along the way, the space on a disk say, and sets gauges and counters.
 *
 * No lock is held meanwhile: it may call everything of the registry but what writes metrics. One
 * at a time is called.
 *
 * @param user  what was given to wildcam_metrics_add_collector().
 */
typedef void wildcam_collect_fn(void *user);

/**
 * Adds a collector. They are called in the order in which they were added.
 *
 * @param self  the registry.
 * @param fn    the function.
 * @param user  handed to it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_EXISTS when the same function is there with the same @p user;
 *         #WILDCAM_ERR_INVALID when @p self or @p fn is NULL; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: @p user stays the caller's and must live until the collector is removed.
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_add_collector(wildcam_metrics *self,
                                                         wildcam_collect_fn *fn, void *user);

/**
 * Removes a collector. After the call it is not called any more, and is not under way; only a
 * collector that removes itself is.
 *
 * @param self  the registry.
 * @param fn    the function.
 * @param user  as it was added.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such collector;
 *         #WILDCAM_ERR_INVALID when @p self or @p fn is NULL; #WILDCAM_ERR_FORKED.
 *
 * Ownership: gives @p user back. Thread safety: any thread, at any time. Blocking: waits for
 * collectors that are under way on other threads.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_remove_collector(wildcam_metrics *self,
                                                            wildcam_collect_fn *fn, void *user);

/* ---- Writing ---- */

/**
 * Writes the metrics, all or those selected, in the order of their families' names.
 *
 * A selector is one of Prometheus': `name`, `{label="value"}` or both, with `=`, `!=`, `=~` and
 * `!~`, and `__name__` for the name. It selects samples: those of a histogram are named `_bucket`,
 * with the label `le`, `_sum` and `_count`. What one of the selectors matches is written. A regular
 * expression must match the whole value; its syntax is RE2's without `\b`, `\B`, `\A`, `\z`,
 * `\C`, `\Q`, flags other than `(?i)` and `(?s)` at its start, and Unicode classes; it takes time
 * in proportion to the text, whatever it says.
 *
 * No timestamps are written. Nobody who counts waits for it.
 *
 * @param self       the registry.
 * @param format     #WILDCAM_METRICS_TEXT or #WILDCAM_METRICS_OPENMETRICS.
 * @param selectors  what to select, each at most 4096 bytes; NULL for all.
 * @param count      how many selectors, at most 64; 0 for all.
 * @param text       where the text goes, a NUL behind it; NULL on failure.
 * @param size       where goes its length in bytes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL or outside its limits, or a
 *         selector is none: the sentence says where; #WILDCAM_ERR_TOOLARGE when the selectors'
 *         expressions take more than 200 million steps; #WILDCAM_ERR_STATE when a collector calls
 *         it; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's, freed with wildcam_free().
 * Thread safety: any thread, at any time. Blocking: as the collectors do.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_write(wildcam_metrics *self, int format,
                                                 const char *const *selectors, size_t count,
                                                 char **text, size_t *size);

/**
 * Writes metrics into a file for node_exporter's textfile collector: the old file or the new one is
 * there at any time, readable by everybody.
 *
 * @param self       the registry.
 * @param selectors  what to select, as in wildcam_metrics_write(); NULL for all.
 * @param count      how many selectors, at most 64; 0 for all.
 * @param path       the file; node_exporter wants a name that ends in `.prom`.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO, #WILDCAM_ERR_NOSPACE, #WILDCAM_ERR_DENIED or
 *         #WILDCAM_ERR_NOTFOUND when it cannot be written there; #WILDCAM_ERR_TOOLARGE when the
 *         path is too long, or the selectors' expressions take more than 200 million steps;
 *         #WILDCAM_ERR_INVALID when an argument is NULL or outside its limits, or a selector is
 *         none; #WILDCAM_ERR_STATE when a collector calls it; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time; of two that write the same file one
 * wins. Blocking: disk, and as the collectors do.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_metrics_write_file(wildcam_metrics *self,
                                                      const char *const *selectors, size_t count,
                                                      const char *path);

#ifdef __cplusplus
}
#endif

#endif
