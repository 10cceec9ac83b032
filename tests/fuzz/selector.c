/* Selectors and labels' values: what is taken can be written and selected again, and costs no more
 * than it may. The first line is a value, the rest a selector. */
#include <wildcam/metrics.h>

#include "fuzz.h"

static char *write_selected(wildcam_metrics *metrics, int format, const char *selector)
{
    char *text = NULL;
    size_t size = 7;
    wildcam_status status = wildcam_metrics_write(metrics, format, &selector, 1, &text, &size);
    must((status == WILDCAM_OK) == (wildcam_error_message()[0] == '\0'));
    must(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID || status == WILDCAM_ERR_TOOLARGE);
    must((status == WILDCAM_OK) == (text != NULL));
    must(size == (text ? strlen(text) : 0));
    return text;
}

/* A value that stands in an exposition can be put between quotes and selects its own series. */
static void check_value(wildcam_metrics *metrics, const char *value)
{
    static const char before[] = "# HELP seen_total Seen.\n# TYPE seen_total counter\n"
                                 "seen_total{value=\"";
    char *text, *again;
    must(wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, NULL, 0, &text, NULL) == WILDCAM_OK);
    must(strncmp(text, before, sizeof before - 1) == 0);
    char *end = strstr(text, "} 1\n");
    must(end && end[-1] == '"' && strchr(text + sizeof before - 1, '\n') == end + 3);
    size_t length = (size_t)(end - (text + strlen("# HELP seen_total Seen.\n"
                                                  "# TYPE seen_total counter\n")));
    char *selector = calloc(1, length + 2);
    memcpy(selector, end - length, length);
    strcpy(selector + length, "}");
    if (*value) { /* an empty one would select all that lack it */
        again = write_selected(metrics, WILDCAM_METRICS_TEXT, selector);
        must(again && strcmp(again, text) == 0);
        wildcam_free(again);
    }
    free(selector);
    wildcam_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[] = {"value"};
    wildcam_metrics *metrics;
    wildcam_metric_family *family;
    wildcam_counter *counter, *same;
    size_t removed;
    char *value = fuzz_text(data, size), *selector = strchr(value, '\n');
    const char *const *values = (const char *const *)&value;
    if (selector)
        *selector++ = '\0';
    must(wildcam_metrics_new(&metrics) == WILDCAM_OK);
    must(wildcam_metrics_add_counters(metrics, "seen_total", "Seen.", labels, 1, &family) ==
         WILDCAM_OK);
    must(wildcam_counter_new(family, values, 1, &counter) == WILDCAM_OK);
    must(wildcam_counter_new(family, values, 1, &same) == WILDCAM_OK && same == counter);
    wildcam_counter_add(counter, 1);
    check_value(metrics, value);
    for (int format = 0; selector && format < 2; format++)
        wildcam_free(write_selected(metrics, format, selector));
    must(wildcam_metrics_remove_where(metrics, "value", value, &removed) == WILDCAM_OK);
    must(removed == 1 && wildcam_metric_family_count(family) == 0);
    wildcam_counter_free(same);
    wildcam_counter_free(counter);
    wildcam_metrics_free(metrics);
    free(value);
    return 0;
}
