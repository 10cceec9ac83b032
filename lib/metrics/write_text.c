#include "metrics/write_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/print.h"

/* A body in one piece. Room is made once a series, so that its parts are only copied. */
struct body {
    char *data, *at, *end;
    bool failed;
};

struct writer {
    struct body body;
    wci_selectors *selectors;
    bool is_open; /* OpenMetrics */
};

/* What of a histogram's bucket is the same in all series of a family. */
struct bucket_text {
    char label[WCI_PRINT_MOST + 8]; /* le="0.005" */
    size_t length;
    char value[WCI_PRINT_MOST];
};

static bool make_room(struct body *body, size_t more)
{
    if (body->failed)
        return false;
    if (body->at && (size_t)(body->end - body->at) >= more)
        return true;
    size_t used = (size_t)(body->at - body->data), capacity = (size_t)(body->end - body->data);
    void *data = body->data;
    body->failed = wci_reserve(&data, &capacity, used + more, 1) != WILDCAM_OK;
    if (body->failed)
        return false;
    body->data = data;
    body->at = body->data + used;
    body->end = body->data + capacity;
    return true;
}

static inline void put(struct body *body, const char *bytes, size_t length)
{
    memcpy(body->at, bytes, length);
    body->at += length;
}

static inline void put_text(struct body *body, const char *text)
{
    put(body, text, strlen(text));
}

static void add_text(struct body *body, const char *text)
{
    size_t length = strlen(text);
    if (make_room(body, length))
        put(body, text, length);
}

/* ---- what stands above the samples ---- */

static size_t stem_length(const struct writer *writer, const struct wildcam_metric_family *family)
{
    size_t length = strlen(family->name);
    return writer->is_open && family->type == WCI_COUNTER ? length - strlen("_total") : length;
}

/* The unit that a name ends with, where Prometheus' conventions have it as a base unit. */
static const char *unit_of(const char *name, size_t length)
{
    static const char *const units[] = {"seconds", "bytes", "celsius", "volts", "meters", "ratio"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t unit = strlen(units[i]);
        if (length > unit + 1 && name[length - unit - 1] == '_' &&
            memcmp(name + length - unit, units[i], unit) == 0)
            return units[i];
    }
    return NULL;
}

static void write_help(struct writer *writer, const char *help)
{
    struct body *body = &writer->body;
    if (!make_room(body, 2 * strlen(help) + 1))
        return;
    for (; *help; help++) {
        if (*help == '\\' || *help == '\n' || (*help == '"' && writer->is_open))
            *body->at++ = '\\';
        *body->at++ = (char)(*help == '\n' ? 'n' : *help);
    }
    *body->at++ = '\n';
}

static void write_head(struct writer *writer, const struct wildcam_metric_family *family)
{
    static const char *const types[] = {" counter\n", " gauge\n", " histogram\n"};
    struct body *body = &writer->body;
    size_t length = stem_length(writer, family);
    const char *unit = writer->is_open ? unit_of(family->name, length) : NULL;
    if (!make_room(body, 3 * length + 128))
        return;
    put_text(body, "# HELP ");
    put(body, family->name, length);
    put_text(body, " ");
    write_help(writer, family->help);
    if (!make_room(body, 2 * length + 128))
        return;
    put_text(body, "# TYPE ");
    put(body, family->name, length);
    put_text(body, types[family->type]);
    if (unit) {
        put_text(body, "# UNIT ");
        put(body, family->name, length);
        put_text(body, " ");
        put_text(body, unit);
        put_text(body, "\n");
    }
}

/* ---- samples ---- */

/* A sample up to its value. */
static inline void put_name(struct body *body, const char *name, size_t length, const char *ending,
                            const struct wci_series *series, const char *more, size_t more_length)
{
    put(body, name, length);
    put_text(body, ending);
    if (series->labels_length + more_length) {
        *body->at++ = '{';
        put(body, series->labels, series->labels_length);
        if (series->labels_length && more_length)
            *body->at++ = ',';
        put(body, more, more_length);
        *body->at++ = '}';
    }
    *body->at++ = ' ';
}

static char *print_counter(char *at, const struct wci_series *series)
{
    uint64_t count = wci_series_word(series, 0);
    double elsewhere = wci_series_elsewhere(series);
    return elsewhere == 0 ? wci_print_whole(at, count)
                          : wci_print_real(at, (double)count + elsewhere);
}

static void write_simple(struct writer *writer, const struct wildcam_metric_family *family,
                         size_t name_length, const struct wci_series *series)
{
    struct body *body = &writer->body;
    if (!make_room(body, name_length + series->labels_length + WCI_PRINT_MOST + 8))
        return;
    put_name(body, family->name, name_length, "", series, "", 0);
    body->at = family->type == WCI_COUNTER ? print_counter(body->at, series)
                                           : wci_print_real(body->at, wci_series_gauge(series));
    *body->at++ = '\n';
}

static bool wants(const struct writer *writer, const struct wci_series *series,
                  enum wci_ending ending, const char *le)
{
    return !writer->selectors || wci_selectors_want(writer->selectors, series, ending, le);
}

static char *print_histogram_sum(char *at, const struct wci_series *series)
{
    struct wci_sum sum = wci_series_sum(series);
    double elsewhere = wci_series_elsewhere(series);
    if (elsewhere == 0)
        return wci_print_sum(at, sum);
    return wci_print_real(at, (double)sum.whole + sum.billionths / 1e9 + elsewhere);
}

/* OpenMetrics has no sum where values may be below 0, since it could fall, and no count without. */
static bool has_sum(const struct writer *writer, const struct wildcam_metric_family *family)
{
    return !writer->is_open || family->bounds[0] >= 0;
}

static void write_histogram(struct writer *writer, const struct wildcam_metric_family *family,
                            size_t name_length, const struct wci_series *series,
                            const struct bucket_text *buckets)
{
    struct body *body = &writer->body;
    size_t line = name_length + series->labels_length + sizeof buckets->label + WCI_PRINT_MOST + 16;
    uint64_t count = 0;
    if (!make_room(body, line * (family->bounds_count + 3)))
        return;
    for (size_t i = 0; i <= family->bounds_count; i++) {
        count += wci_series_word(series, i);
        if (!wants(writer, series, WCI_ENDS_BUCKET, buckets[i].value))
            continue;
        put_name(body, family->name, name_length, "_bucket", series, buckets[i].label,
                 buckets[i].length);
        body->at = wci_print_whole(body->at, count);
        *body->at++ = '\n';
    }
    if (!has_sum(writer, family))
        return;
    if (wants(writer, series, WCI_ENDS_SUM, NULL)) {
        put_name(body, family->name, name_length, "_sum", series, "", 0);
        body->at = print_histogram_sum(body->at, series);
        *body->at++ = '\n';
    }
    if (wants(writer, series, WCI_ENDS_COUNT, NULL)) {
        put_name(body, family->name, name_length, "_count", series, "", 0);
        body->at = wci_print_whole(body->at, count);
        *body->at++ = '\n';
    }
}

/* ---- families ---- */

/* OpenMetrics has whole bounds written as 1.0. */
static void make_buckets(const struct writer *writer, const struct wildcam_metric_family *family,
                         struct bucket_text *buckets)
{
    for (size_t i = 0; i <= family->bounds_count; i++) {
        struct bucket_text *bucket = &buckets[i];
        double bound = i < family->bounds_count ? family->bounds[i] : HUGE_VAL;
        char *end = wci_print_real(bucket->value, bound);
        *end = '\0';
        if (writer->is_open && !strpbrk(bucket->value, ".eI"))
            memcpy(end, ".0", 3);
        struct body label = {.at = bucket->label};
        put_text(&label, "le=\"");
        put_text(&label, bucket->value);
        put_text(&label, "\"");
        bucket->length = (size_t)(label.at - bucket->label);
    }
}

static void write_family(struct writer *writer, const struct wci_snapshot_family *part)
{
    const struct wildcam_metric_family *family = part->family;
    struct body *body = &writer->body;
    struct bucket_text buckets[WCI_METRIC_BOUNDS + 1];
    size_t head = (size_t)(body->at - body->data), name_length = strlen(family->name);
    if (part->count == 0)
        return;
    if (writer->selectors)
        wci_selectors_begin(writer->selectors, family);
    write_head(writer, family);
    size_t samples = (size_t)(body->at - body->data);
    if (family->type == WCI_HISTOGRAM)
        make_buckets(writer, family, buckets);
    for (size_t i = 0; i < part->count && !body->failed; i++) {
        if (family->type == WCI_HISTOGRAM)
            write_histogram(writer, family, name_length, part->series[i], buckets);
        else if (wants(writer, part->series[i], WCI_ENDS_NAME, NULL))
            write_simple(writer, family, name_length, part->series[i]);
    }
    if ((size_t)(body->at - body->data) == samples) /* nothing of it was selected */
        body->at = body->data + head;
}

static wildcam_status write_all(wildcam_metrics *registry, struct writer *writer)
{
    struct wci_snapshot snapshot;
    size_t guess = atomic_load_explicit(&registry->last_size, memory_order_relaxed);
    if (!make_room(&writer->body, guess + guess / 16 + 1))
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_snapshot_begin(registry, &snapshot);
    if (status != WILDCAM_OK)
        return status;
    for (size_t i = 0; i < snapshot.count; i++)
        write_family(writer, &snapshot.families[i]);
    wci_snapshot_end(registry, &snapshot);
    status = wci_selectors_check(writer->selectors);
    if (status != WILDCAM_OK)
        return status;
    add_text(&writer->body, writer->is_open ? "# EOF\n" : "");
    if (make_room(&writer->body, 1))
        *writer->body.at = '\0';
    return writer->body.failed ? WILDCAM_ERR_NOMEM : WILDCAM_OK;
}

wildcam_status wci_metrics_write(wildcam_metrics *registry, int format, wci_selectors *selectors,
                                 char **text, size_t *size)
{
    struct writer writer = {.selectors = selectors,
                            .is_open = format == WILDCAM_METRICS_OPENMETRICS};
    wildcam_status status = wci_metrics_collect(registry);
    if (status == WILDCAM_OK)
        status = write_all(registry, &writer);
    if (status != WILDCAM_OK) {
        free(writer.body.data);
        return status;
    }
    *text = writer.body.data;
    *size = (size_t)(writer.body.at - writer.body.data);
    if (!selectors)
        atomic_store_explicit(&registry->last_size, *size, memory_order_relaxed);
    return WILDCAM_OK;
}
