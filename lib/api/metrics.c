#include <wildcam/metrics.h>

#include <stdlib.h>

#include "api/call.h"
#include "metrics/textfile.h"
#include "metrics/write_text.h"

/* The three kinds of handles are series of the three types of families. */
static struct wci_series *series_of(void *handle)
{
    return handle;
}

static const struct wci_series *look_at(const void *handle)
{
    return handle;
}

/* ---- the registry and its families ---- */

wildcam_status wildcam_metrics_new(wildcam_metrics **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(out);
    return wci_answer(wci_metrics_new(out));
}

void wildcam_metrics_free(wildcam_metrics *self)
{
    wci_metrics_free(self);
}

wildcam_metrics *wildcam_station_get_metrics(wildcam_station *station)
{
    return station ? station->metrics : NULL;
}

static wildcam_status add_family(wildcam_metrics *self, const struct wci_family_shape *shape,
                                 wildcam_metric_family **out)
{
    wildcam_status status = wci_metrics_enter(self);
    return status == WILDCAM_OK ? wci_answer(wci_metrics_add(self, shape, out)) : status;
}

wildcam_status wildcam_metrics_add_counters(wildcam_metrics *self, const char *name,
                                            const char *help, const char *const *labels,
                                            size_t count, wildcam_metric_family **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, name, help, out);
    struct wci_family_shape shape = {name, help, WCI_COUNTER, labels, count, NULL, 0};
    return add_family(self, &shape, out);
}

wildcam_status wildcam_metrics_add_gauges(wildcam_metrics *self, const char *name, const char *help,
                                          const char *const *labels, size_t count,
                                          wildcam_metric_family **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, name, help, out);
    struct wci_family_shape shape = {name, help, WCI_GAUGE, labels, count, NULL, 0};
    return add_family(self, &shape, out);
}

wildcam_status wildcam_metrics_add_histograms(wildcam_metrics *self, const char *name,
                                              const char *help, const char *const *labels,
                                              size_t count, const double *bounds,
                                              size_t bound_count, wildcam_metric_family **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, name, help, out);
    struct wci_family_shape shape = {name, help, WCI_HISTOGRAM, labels, count, bounds, bound_count};
    return add_family(self, &shape, out);
}

wildcam_status wildcam_metric_family_set_limit(wildcam_metric_family *self, size_t limit)
{
    enum { MOST = 10000000 };
    WCI_BEGIN(self);
    if (limit < 1 || limit > MOST)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: a limit of %zu series, not of 1 to %d",
                        self->name, limit, MOST);
    wildcam_status status = wci_metrics_enter(self->registry);
    if (status == WILDCAM_OK)
        wci_metrics_set_limit(self, limit);
    return status;
}

size_t wildcam_metric_family_count(const wildcam_metric_family *self)
{
    return self ? wci_metrics_count(self) : 0;
}

wildcam_status wildcam_metric_family_remove(wildcam_metric_family *self, const char *const *values,
                                            size_t count)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_metrics_enter(self->registry);
    return status == WILDCAM_OK ? wci_answer(wci_metrics_remove(self, values, count)) : status;
}

wildcam_status wildcam_metric_family_remove_where(wildcam_metric_family *self, const char *label,
                                                  const char *value, size_t *removed)
{
    if (removed)
        *removed = 0;
    WCI_BEGIN(self, label, value);
    wildcam_status status = wci_metrics_enter(self->registry);
    if (status != WILDCAM_OK)
        return status;
    return wci_answer(wci_metrics_remove_where(self->registry, self, label, &value, 1, removed));
}

wildcam_status wildcam_metrics_remove_where(wildcam_metrics *self, const char *label,
                                            const char *value, size_t *removed)
{
    if (removed)
        *removed = 0;
    WCI_BEGIN(self, label, value);
    wildcam_status status = wci_metrics_enter(self);
    if (status != WILDCAM_OK)
        return status;
    return wci_answer(wci_metrics_remove_where(self, NULL, label, &value, 1, removed));
}

/* ---- handles ---- */

static wildcam_status take_series(wildcam_metric_family *family, enum wci_metric_type type,
                                  const char *const *values, size_t count, struct wci_series **out)
{
    wildcam_status status = wci_metrics_enter(family->registry);
    if (status != WILDCAM_OK)
        return status;
    return wci_answer(wci_metrics_series(family, type, values, count, out));
}

wildcam_status wildcam_counter_new(wildcam_metric_family *family, const char *const *values,
                                   size_t count, wildcam_counter **out)
{
    struct wci_series *series = NULL;
    if (out)
        *out = NULL;
    WCI_BEGIN(family, out);
    wildcam_status status = take_series(family, WCI_COUNTER, values, count, &series);
    if (status == WILDCAM_OK)
        *out = (void *)series;
    return status;
}

void wildcam_counter_free(wildcam_counter *self)
{
    if (self)
        wci_series_let_go(series_of(self));
}

void wildcam_counter_add(wildcam_counter *self, uint64_t more)
{
    if (self)
        wci_series_count(series_of(self), more);
}

void wildcam_counter_set(wildcam_counter *self, double value)
{
    if (self)
        wci_series_set_elsewhere(series_of(self), value > 0 ? value : 0);
}

double wildcam_counter_get_value(const wildcam_counter *self)
{
    if (!self)
        return 0;
    return (double)wci_series_word(look_at(self), 0) + wci_series_elsewhere(look_at(self));
}

wildcam_status wildcam_gauge_new(wildcam_metric_family *family, const char *const *values,
                                 size_t count, wildcam_gauge **out)
{
    struct wci_series *series = NULL;
    if (out)
        *out = NULL;
    WCI_BEGIN(family, out);
    wildcam_status status = take_series(family, WCI_GAUGE, values, count, &series);
    if (status == WILDCAM_OK)
        *out = (void *)series;
    return status;
}

void wildcam_gauge_free(wildcam_gauge *self)
{
    if (self)
        wci_series_let_go(series_of(self));
}

void wildcam_gauge_set(wildcam_gauge *self, double value)
{
    if (self)
        wci_series_set_gauge(series_of(self), value);
}

void wildcam_gauge_add(wildcam_gauge *self, double more)
{
    if (self)
        wci_series_add_gauge(series_of(self), more);
}

double wildcam_gauge_get_value(const wildcam_gauge *self)
{
    return self ? wci_series_gauge(look_at(self)) : 0;
}

wildcam_status wildcam_histogram_new(wildcam_metric_family *family, const char *const *values,
                                     size_t count, wildcam_histogram **out)
{
    struct wci_series *series = NULL;
    if (out)
        *out = NULL;
    WCI_BEGIN(family, out);
    wildcam_status status = take_series(family, WCI_HISTOGRAM, values, count, &series);
    if (status == WILDCAM_OK)
        *out = (void *)series;
    return status;
}

void wildcam_histogram_free(wildcam_histogram *self)
{
    if (self)
        wci_series_let_go(series_of(self));
}

void wildcam_histogram_observe(wildcam_histogram *self, double value)
{
    if (self)
        wci_series_observe(series_of(self), value);
}

uint64_t wildcam_histogram_get_count(const wildcam_histogram *self)
{
    uint64_t count = 0;
    for (size_t i = 0; self && i <= look_at(self)->bounds_count; i++)
        count += wci_series_word(look_at(self), i);
    return count;
}

double wildcam_histogram_get_sum(const wildcam_histogram *self)
{
    if (!self)
        return 0;
    struct wci_sum sum = wci_series_sum(look_at(self));
    return (double)sum.whole + sum.billionths / 1e9 + wci_series_elsewhere(look_at(self));
}

/* ---- collectors ---- */

wildcam_status wildcam_metrics_add_collector(wildcam_metrics *self, wildcam_collect_fn *fn,
                                             void *user)
{
    WCI_BEGIN(self);
    if (!fn)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the function is NULL", __func__);
    wildcam_status status = wci_metrics_enter(self);
    return status == WILDCAM_OK ? wci_answer(wci_metrics_add_collector(self, fn, user)) : status;
}

wildcam_status wildcam_metrics_remove_collector(wildcam_metrics *self, wildcam_collect_fn *fn,
                                                void *user)
{
    WCI_BEGIN(self);
    if (!fn)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the function is NULL", __func__);
    wildcam_status status = wci_metrics_enter(self);
    return status == WILDCAM_OK ? wci_answer(wci_metrics_remove_collector(self, fn, user)) : status;
}

/* ---- writing ---- */

static wildcam_status write_selected(wildcam_metrics *self, int format,
                                     const char *const *selectors, size_t count, char **text,
                                     size_t *size)
{
    wci_selectors *chosen = NULL;
    if (!selectors && count)
        return wci_fail(WILDCAM_ERR_INVALID, "the selectors are NULL, their number is %zu", count);
    wildcam_status status = wci_metrics_enter(self);
    if (status == WILDCAM_OK && selectors && count)
        status = wci_selectors_new(selectors, count, &chosen);
    if (status == WILDCAM_OK)
        status = wci_metrics_write(self, format, chosen, text, size);
    wci_selectors_free(chosen);
    return wci_answer(status);
}

wildcam_status wildcam_metrics_write(wildcam_metrics *self, int format,
                                     const char *const *selectors, size_t count, char **text,
                                     size_t *size)
{
    size_t length = 0;
    if (text)
        *text = NULL;
    if (size)
        *size = 0;
    WCI_BEGIN(self, text);
    if (format != WILDCAM_METRICS_TEXT && format != WILDCAM_METRICS_OPENMETRICS)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no format of metrics", format);
    wildcam_status status = write_selected(self, format, selectors, count, text, &length);
    if (size)
        *size = length;
    return status;
}

wildcam_status wildcam_metrics_write_file(wildcam_metrics *self, const char *const *selectors,
                                          size_t count, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    WCI_BEGIN(self, path);
    wildcam_status status = write_selected(self, WILDCAM_METRICS_TEXT, selectors, count, &text,
                                           &size);
    if (status == WILDCAM_OK)
        status = wci_answer(wci_textfile_replace(path, text, size));
    free(text);
    return status;
}
