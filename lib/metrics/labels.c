/* Series by what their labels say. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "metrics/family.h"

/* ---- writing labels ---- */

static bool is_escaped(char c)
{
    return c == '\n' || c == '\\' || c == '"';
}

/* How much of a value stands for itself: well-formed UTF-8, and nothing that is escaped. */
static size_t plain_length(const char *value, size_t length, size_t limit)
{
    size_t at = 0;
    while (at < length && !is_escaped(value[at])) {
        size_t size = wci_utf8_character(value + at, length - at);
        if (size == 0 || at + size > limit)
            break;
        at += size;
    }
    return at;
}

/* Enough for most, at once. */
static void make_room(struct wci_text *text, size_t wanted)
{
    void *data = text->data;
    if (wci_reserve(&data, &text->capacity, wanted, 1) != WILDCAM_OK)
        text->failed = true;
    text->data = data;
}

/* The limit is that of what comes out, before it is escaped, so that this gives itself again. */
void wci_label_value(const char *value, struct wci_text *text)
{
    size_t length = strnlen(value, WILDCAM_METRICS_VALUE + 4), left = WILDCAM_METRICS_VALUE;
    for (;;) {
        size_t plain = plain_length(value, length, left);
        wci_text_add_bytes(text, value, plain);
        value += plain;
        length -= plain;
        left -= plain;
        size_t size = length > 0 ? wci_utf8_character(value, length) : 0, more = size ? 1 : 3;
        if (length == 0 || left < more || (size > 0 && !is_escaped(*value)))
            return;
        if (size == 0)
            wci_text_add_bytes(text, "\xef\xbf\xbd", more);
        else
            wci_text_add_bytes(text, (const char[]){'\\', (char)(*value == '\n' ? 'n' : *value)},
                               2);
        value++;
        length--;
        left -= more;
    }
}

wildcam_status wci_family_labels(const struct wildcam_metric_family *family,
                                 const char *const *values, size_t count, struct wci_text *text)
{
    if (count != family->label_count)
        return wci_fail(WILDCAM_ERR_INVALID, "%s has %zu labels, not %zu", family->name,
                        family->label_count, count);
    if (count && !values)
        return wci_fail(WILDCAM_ERR_INVALID, "%s: the values are NULL", family->name);
    make_room(text, 64 + 64 * count);
    for (size_t i = 0; i < count; i++) {
        if (!values[i])
            return wci_fail(WILDCAM_ERR_INVALID, "%s: the value of %s is NULL", family->name,
                            family->labels[i]);
        if (i > 0)
            wci_text_add_char(text, ',');
        wci_text_add(text, family->labels[i]);
        wci_text_add(text, "=\"");
        wci_label_value(values[i], text);
        wci_text_add_char(text, '"');
    }
    return text->failed ? wci_fail_memory() : WILDCAM_OK;
}

size_t wci_family_find_label(const struct wildcam_metric_family *family, const char *name)
{
    size_t i = 0;
    while (i < family->label_count && strcmp(family->labels[i], name) != 0)
        i++;
    return i;
}

const char *wci_series_value(const struct wci_series *series, size_t label, size_t *length)
{
    char *const *names = series->family->labels;
    const char *at = series->labels;
    for (size_t i = 0;; i++) {
        at += strlen(names[i]) + strlen("=\"");
        size_t end = 0;
        while (at[end] != '"')
            end += at[end] == '\\' ? 2 : 1;
        if (i == label) {
            *length = end;
            return at;
        }
        at += end + strlen("\",");
    }
}

/* ---- finding ---- */

/* FNV-1a, with its bits mixed once more: the table takes the low ones. */
uint32_t wci_labels_hash(const char *labels, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)labels[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ (hash >> 32));
}

struct wci_series *wci_family_find(const struct wildcam_metric_family *family, const char *labels,
                                   size_t length, uint32_t hash)
{
    if (!family->slots)
        return NULL;
    for (size_t at = hash;; at++) {
        struct wci_series *series = family->table[at & (family->slots - 1)];
        if (!series || (series->hash == hash && series->labels_length == length &&
                        memcmp(series->labels, labels, length) == 0))
            return series;
    }
}

static void put_in_table(struct wildcam_metric_family *family, struct wci_series *series)
{
    size_t at = series->hash;
    while (family->table[at & (family->slots - 1)])
        at++;
    family->table[at & (family->slots - 1)] = series;
}

static void fill_table(struct wildcam_metric_family *family)
{
    memset(family->table, 0, family->slots * sizeof *family->table);
    for (size_t i = 0; i < family->count; i++)
        put_in_table(family, family->series[i]);
}

static wildcam_status grow_table(struct wildcam_metric_family *family)
{
    if ((family->count + 1) * 2 <= family->slots)
        return WILDCAM_OK;
    size_t slots = family->slots ? family->slots * 2 : 16;
    struct wci_series **table = wci_new_array(slots, sizeof *table);
    if (!table)
        return WILDCAM_ERR_NOMEM;
    free(family->table);
    family->table = table;
    family->slots = slots;
    fill_table(family);
    return WILDCAM_OK;
}

wildcam_status wci_family_insert(struct wildcam_metric_family *family, struct wci_series *series)
{
    void *array = family->series;
    if (wci_reserve(&array, &family->capacity, family->count + 1, sizeof *family->series) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    family->series = array;
    if (grow_table(family) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    family->series[family->count++] = series;
    put_in_table(family, series);
    return WILDCAM_OK;
}

/* ---- removing ---- */

static void to_limbo(struct wci_series *series, struct wci_series **limbo)
{
    series->next_limbo = *limbo;
    *limbo = series;
}

void wci_family_remove(struct wildcam_metric_family *family, struct wci_series *series,
                       struct wci_series **limbo)
{
    size_t at = 0;
    while (family->series[at] != series)
        at++;
    memmove(family->series + at, family->series + at + 1,
            (family->count - at - 1) * sizeof *family->series);
    family->count--;
    fill_table(family);
    to_limbo(series, limbo);
}

size_t wci_family_remove_where(struct wildcam_metric_family *family, size_t label,
                               const char *value, size_t length, struct wci_series **limbo)
{
    size_t kept = 0, before = family->count, found_length;
    for (size_t i = 0; i < before; i++) {
        struct wci_series *series = family->series[i];
        const char *found = wci_series_value(series, label, &found_length);
        if (found_length == length && memcmp(found, value, length) == 0)
            to_limbo(series, limbo);
        else
            family->series[kept++] = series;
    }
    family->count = kept;
    if (kept < before)
        fill_table(family);
    return before - kept;
}
