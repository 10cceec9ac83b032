#include "metrics/selector.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/selector_parse.h"

/* A second or so: for some hundred thousand series and expressions that people write, by far. */
#define STEPS_MOST UINT64_C(200000000)

const char *const wci_ending_text[WCI_ENDINGS] = {"", "_bucket", "_sum", "_count"};

struct selector {
    struct wci_matchers matchers;
    bool wants[WCI_ENDINGS]; /* by name alone, of the present family */
};

struct wci_selectors {
    struct selector *list;
    size_t count;
    uint64_t steps;
};

/* ---- matching ---- */

static bool is_equal(const struct wci_text *text, const char *value, size_t length)
{
    return text->length == length && memcmp(wci_text_get(text), value, length) == 0;
}

/* Of a value in which nothing is escaped. */
static bool matches_regex(wci_selectors *selectors, const struct wci_matcher *matcher,
                          const char *value, size_t length)
{
    uint64_t before = matcher->regex->steps;
    bool is_match = wci_regex_match(matcher->regex, value, length);
    selectors->steps += 1 + matcher->regex->steps - before;
    return is_match;
}

static bool matches_plain(wci_selectors *selectors, const struct wci_matcher *matcher,
                          const char *value, size_t length)
{
    bool is_match = matcher->regex ? matches_regex(selectors, matcher, value, length)
                                   : is_equal(&matcher->value, value, length);
    return is_match != matcher->is_negated;
}

static size_t unescape(const char *value, size_t length, char plain[WILDCAM_METRICS_VALUE])
{
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_escaped = value[i] == '\\';
        i += is_escaped;
        plain[at++] = (char)(is_escaped && value[i] == 'n' ? '\n' : value[i]);
    }
    return at;
}

static bool matches_escaped(wci_selectors *selectors, const struct wci_matcher *matcher,
                            const char *value, size_t length)
{
    char plain[WILDCAM_METRICS_VALUE];
    if (!matcher->regex)
        return is_equal(&matcher->escaped, value, length) != matcher->is_negated;
    if (!memchr(value, '\\', length))
        return matches_plain(selectors, matcher, value, length);
    return matches_plain(selectors, matcher, plain, unescape(value, length, plain));
}

static bool matches(wci_selectors *selectors, const struct wci_matcher *matcher,
                    const struct wci_series *series, const char *le)
{
    size_t length;
    selectors->steps += 4; /* as long as a few steps of an expression */
    if (matcher->label < series->family->label_count) {
        const char *value = wci_series_value(series, matcher->label, &length);
        return matches_escaped(selectors, matcher, value, length);
    }
    if (matcher->is_le && le)
        return matches_plain(selectors, matcher, le, strlen(le));
    return matches_plain(selectors, matcher, "", 0); /* a label that is not there is empty */
}

static bool wants(wci_selectors *selectors, const struct selector *selector,
                  const struct wci_series *series, const char *le)
{
    for (size_t i = 0; i < selector->matchers.count; i++) {
        const struct wci_matcher *matcher = &selector->matchers.list[i];
        if (!matcher->is_name && !matches(selectors, matcher, series, le))
            return false;
    }
    return true;
}

bool wci_selectors_want(wci_selectors *selectors, const struct wci_series *series,
                        enum wci_ending ending, const char *le)
{
    for (size_t i = 0; i < selectors->count && selectors->steps <= STEPS_MOST; i++) {
        const struct selector *selector = &selectors->list[i];
        if (selector->wants[ending] && wants(selectors, selector, series, le))
            return true;
    }
    return false;
}

/* ---- a family's turn ---- */

static bool wants_name(wci_selectors *selectors, const struct selector *selector, const char *name,
                       size_t length)
{
    for (size_t i = 0; i < selector->matchers.count; i++) {
        const struct wci_matcher *matcher = &selector->matchers.list[i];
        if (matcher->is_name && !matches_plain(selectors, matcher, name, length))
            return false;
    }
    return true;
}

static void begin(wci_selectors *selectors, struct selector *selector,
                  const struct wildcam_metric_family *family)
{
    char name[WCI_METRIC_NAME + 8];
    size_t length = strlen(family->name);
    memcpy(name, family->name, length);
    for (int ending = 0; ending < WCI_ENDINGS; ending++) {
        size_t more = strlen(wci_ending_text[ending]);
        bool has_ending = (family->type == WCI_HISTOGRAM) == (ending != WCI_ENDS_NAME);
        memcpy(name + length, wci_ending_text[ending], more);
        selector->wants[ending] = has_ending &&
                                  wants_name(selectors, selector, name, length + more);
    }
    for (size_t i = 0; i < selector->matchers.count; i++) {
        struct wci_matcher *matcher = &selector->matchers.list[i];
        matcher->label = wci_family_find_label(family, matcher->name);
    }
}

void wci_selectors_begin(wci_selectors *selectors, const struct wildcam_metric_family *family)
{
    for (size_t i = 0; i < selectors->count && selectors->steps <= STEPS_MOST; i++)
        begin(selectors, &selectors->list[i], family);
}

wildcam_status wci_selectors_check(const wci_selectors *selectors)
{
    if (!selectors || selectors->steps <= STEPS_MOST)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_TOOLARGE,
                    "the selectors' regular expressions take more than %llu steps: ask for less",
                    (unsigned long long)STEPS_MOST);
}

/* ---- making ---- */

/* As Prometheus has it: what selects every series there is was hardly meant. */
static wildcam_status check_emptiness(wci_selectors *selectors, const struct selector *selector,
                                      const char *text)
{
    for (size_t i = 0; i < selector->matchers.count; i++)
        if (!matches_plain(selectors, &selector->matchers.list[i], "", 0))
            return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID,
                    "the selector %.200s names nothing: one of its values must not match the empty "
                    "text",
                    text);
}

static wildcam_status fill(wci_selectors *selectors, const char *const *texts, size_t count)
{
    for (; selectors->count < count; selectors->count++) {
        const char *text = texts[selectors->count];
        struct selector *selector = &selectors->list[selectors->count];
        if (!text)
            return wci_fail(WILDCAM_ERR_INVALID, "selector %zu is NULL", selectors->count);
        wildcam_status status = wci_matchers_parse(text, &selector->matchers);
        if (status == WILDCAM_OK)
            status = check_emptiness(selectors, selector, text);
        if (status != WILDCAM_OK) {
            wci_matchers_free(&selector->matchers);
            return status;
        }
    }
    return WILDCAM_OK;
}

wildcam_status wci_selectors_new(const char *const *texts, size_t count, wci_selectors **out)
{
    if (count > WCI_SELECTORS)
        return wci_fail(WILDCAM_ERR_INVALID, "%zu selectors, more than %d", count, WCI_SELECTORS);
    wci_selectors *selectors = wci_new(sizeof *selectors);
    if (!selectors)
        return WILDCAM_ERR_NOMEM;
    selectors->list = wci_new_array(count, sizeof *selectors->list);
    wildcam_status status = selectors->list ? fill(selectors, texts, count) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        *out = selectors;
    else
        wci_selectors_free(selectors);
    return status;
}

void wci_selectors_free(wci_selectors *selectors)
{
    if (!selectors)
        return;
    for (size_t i = 0; i < selectors->count; i++)
        wci_matchers_free(&selectors->list[i].matchers);
    free(selectors->list);
    free(selectors);
}
