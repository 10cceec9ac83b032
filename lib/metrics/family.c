#include "metrics/registry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* The guide's processing times: 5 ms to 30 s. */
static const double default_bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                        0.5,   1,    2.5,   5,    10,  30};

/* ---- what a family may be called ---- */

static bool is_word(const char *text, bool takes_colon)
{
    for (size_t i = 0; text[i]; i++) {
        char c = text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (takes_colon && c == ':');
        if (!is_letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return *text != '\0';
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static wildcam_status check_labels(const struct wci_family_shape *shape)
{
    if (shape->label_count > WILDCAM_METRICS_LABELS)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: %zu labels, more than %d", shape->name,
                        shape->label_count, WILDCAM_METRICS_LABELS);
    if (shape->label_count && !shape->labels)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the labels are NULL", shape->name);
    for (size_t i = 0; i < shape->label_count; i++) {
        const char *label = shape->labels[i];
        if (!label)
            return wci_fail(WILDCAM_ERR_INVALID, "%s: label %zu is NULL", shape->name, i);
        if (!is_word(label, false) || strlen(label) > WCI_METRIC_NAME)
            return wci_fail(WILDCAM_ERR_INVALID,
                            "%s: the label \"%.200s\" is not [a-zA-Z_][a-zA-Z0-9_]* of at most %d "
                            "bytes",
                            shape->name, label, WCI_METRIC_NAME);
        if (strncmp(label, "__", 2) == 0 || strcmp(label, "le") == 0 ||
            strcmp(label, "quantile") == 0)
            return wci_fail(WILDCAM_ERR_INVALID, "%s: the label %s is Prometheus' own", shape->name,
                            label);
        for (size_t before = 0; before < i; before++)
            if (strcmp(shape->labels[before], label) == 0)
                return wci_fail(WILDCAM_ERR_INVALID, "%s: there are two labels %s", shape->name,
                                label);
    }
    return WILDCAM_OK;
}

static wildcam_status check_bounds(const struct wci_family_shape *shape)
{
    if (shape->bounds_count > WCI_METRIC_BOUNDS)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: %zu bounds, more than %d", shape->name,
                        shape->bounds_count, WCI_METRIC_BOUNDS);
    if (shape->bounds_count && !shape->bounds)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the bounds are NULL", shape->name);
    for (size_t i = 0; i < shape->bounds_count; i++) {
        if (!isfinite(shape->bounds[i]))
            return wci_fail(WILDCAM_ERR_INVALID, "%s: bound %zu is not finite", shape->name, i);
        if (i > 0 && shape->bounds[i] <= shape->bounds[i - 1])
            return wci_fail(WILDCAM_ERR_INVALID, "%s: bound %zu, %g, is not above the one before",
                            shape->name, i, shape->bounds[i]);
    }
    return WILDCAM_OK;
}

wildcam_status wci_family_check(const struct wci_family_shape *shape)
{
    if (!is_word(shape->name, true) || strlen(shape->name) > WCI_METRIC_NAME)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the metric's name \"%.200s\" is not [a-zA-Z_:][a-zA-Z0-9_:]* of at most "
                        "%d bytes",
                        shape->name, WCI_METRIC_NAME);
    if (shape->type == WCI_COUNTER && !ends_with(shape->name, "_total"))
        return wci_fail(WILDCAM_ERR_INVALID, "the counter %s does not end in _total", shape->name);
    wildcam_status status = check_labels(shape);
    return status == WILDCAM_OK ? check_bounds(shape) : status;
}

/* ---- making, holding ---- */

static void free_family(struct wildcam_metric_family *family)
{
    for (size_t i = 0; family->labels && i < family->label_count; i++)
        free(family->labels[i]);
    free(family->labels);
    free(family->name);
    free(family->help);
    free(family->bounds);
    free(family->series);
    free(family->table);
    wci_metrics_release(family->registry);
    free(family);
}

static void choose_bounds(const struct wci_family_shape *shape, const double **bounds,
                          size_t *count)
{
    bool is_default = shape->type == WCI_HISTOGRAM && !shape->bounds_count;
    *bounds = is_default ? default_bounds : shape->bounds;
    *count = is_default ? sizeof default_bounds / sizeof default_bounds[0] : shape->bounds_count;
}

/* Well-formed UTF-8, whatever it was, cut off at a limit. */
static void add_clean(const char *value, size_t limit, struct wci_text *text)
{
    size_t length = strnlen(value, limit + 1);
    if (length > limit)
        length = wci_utf8_cut(value, limit);
    for (size_t at = 0, size; at < length; at += size ? size : 1) {
        size = wci_utf8_character(value + at, length - at);
        wci_text_add_bytes(text, size ? value + at : "\xef\xbf\xbd", size ? size : 3);
    }
}

static wildcam_status copy_shape(struct wildcam_metric_family *family,
                                 const struct wci_family_shape *shape)
{
    struct wci_text help = {0};
    const double *bounds;
    choose_bounds(shape, &bounds, &family->bounds_count);
    add_clean(shape->help, 4096, &help);
    family->help = wci_text_take(&help);
    family->name = wci_copy_text(shape->name);
    family->labels = wci_new_array(shape->label_count, sizeof *family->labels);
    family->bounds = wci_copy_bytes(bounds, family->bounds_count * sizeof *bounds);
    if (!family->help || !family->name || !family->labels || !family->bounds)
        return WILDCAM_ERR_NOMEM;
    for (; family->label_count < shape->label_count; family->label_count++) {
        char *label = wci_copy_text(shape->labels[family->label_count]);
        if (!label)
            return WILDCAM_ERR_NOMEM;
        family->labels[family->label_count] = label;
    }
    return WILDCAM_OK;
}

wildcam_status wci_family_new(wildcam_metrics *registry, const struct wci_family_shape *shape,
                              struct wildcam_metric_family **out)
{
    struct wildcam_metric_family *family = wci_new(sizeof *family);
    if (!family)
        return WILDCAM_ERR_NOMEM;
    wci_metrics_hold(registry);
    family->registry = registry;
    family->type = shape->type;
    family->limit = WILDCAM_METRICS_SERIES;
    atomic_init(&family->references, 1);
    wildcam_status status = copy_shape(family, shape);
    if (status == WILDCAM_OK)
        *out = family;
    else
        free_family(family);
    return status;
}

void wci_family_hold(struct wildcam_metric_family *family)
{
    atomic_fetch_add_explicit(&family->references, 1, memory_order_relaxed);
}

void wci_family_let_go(struct wildcam_metric_family *family)
{
    if (atomic_fetch_sub_explicit(&family->references, 1, memory_order_acq_rel) == 1)
        free_family(family);
}

/* ---- one family beside another ---- */

wildcam_status wci_family_match(const struct wildcam_metric_family *family,
                                const struct wci_family_shape *shape)
{
    static const char *const types[] = {"counters", "gauges", "histograms"};
    const double *bounds;
    size_t count;
    choose_bounds(shape, &bounds, &count);
    if (family->type != shape->type)
        return wci_fail(WILDCAM_ERR_EXISTS, "%s is there already, as %s, not as %s", shape->name,
                        types[family->type], types[shape->type]);
    bool is_same = family->label_count == shape->label_count;
    for (size_t i = 0; is_same && i < shape->label_count; i++)
        is_same = strcmp(family->labels[i], shape->labels[i]) == 0;
    if (!is_same)
        return wci_fail(WILDCAM_ERR_EXISTS, "%s is there already, with other labels", shape->name);
    is_same = family->bounds_count == count;
    for (size_t i = 0; is_same && i < count; i++)
        is_same = family->bounds[i] == bounds[i];
    if (!is_same)
        return wci_fail(WILDCAM_ERR_EXISTS, "%s is there already, with other bounds", shape->name);
    return WILDCAM_OK;
}

/* Whether a name is, of a family, its own, its OpenMetrics name or that of its samples. */
static bool has_name(const char *family, enum wci_metric_type type, const char *name)
{
    static const char *const ends[] = {"_bucket", "_sum", "_count", "_created"};
    size_t length = strlen(family);
    if (type == WCI_COUNTER)
        length -= strlen("_total");
    if (strncmp(name, family, length) != 0)
        return false;
    const char *end = name + length;
    if (*end == '\0')
        return true;
    if (type == WCI_COUNTER)
        return strcmp(end, "_total") == 0 || strcmp(end, "_created") == 0;
    for (size_t i = 0; type == WCI_HISTOGRAM && i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(end, ends[i]) == 0)
            return true;
    return false;
}

bool wci_family_clashes(const struct wildcam_metric_family *family,
                        const struct wci_family_shape *shape)
{
    return has_name(family->name, family->type, shape->name) ||
           has_name(shape->name, shape->type, family->name);
}
