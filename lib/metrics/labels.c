/* Labels as they stand in a series. */
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "metrics/family.h"

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

/* With its bits mixed once more: the table takes the low ones. */
uint32_t wci_labels_hash(const char *labels, size_t length)
{
    uint64_t hash = wci_hash_add(WCI_HASH_BEGIN, labels, length);
    return (uint32_t)(hash ^ (hash >> 32));
}
