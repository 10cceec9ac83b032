#include "process/seen.h"

#include <stdlib.h>

#include "base/json.h"
#include "model/detection.h"

/* The surest first. */
static int compare(const void *left, const void *right)
{
    double a = ((const struct wci_seen *)left)->what.confidence;
    double b = ((const struct wci_seen *)right)->what.confidence;
    return (a < b) - (a > b);
}

static wildcam_status write_metadata(const struct wci_seen *seen, struct wci_text *metadata)
{
    struct wci_json json = {metadata, false};
    wci_json_open(&json, NULL, '{');
    wci_json_real(&json, "detection_confidence", seen->what.confidence);
    wci_json_open(&json, "classifications", '[');
    for (int i = 0; i < seen->guess_count; i++) {
        wci_json_open(&json, NULL, '{');
        wci_json_text(&json, "species", seen->guesses[i].name);
        wci_json_real(&json, "confidence", seen->guesses[i].confidence);
        wci_json_close(&json, '}');
    }
    wci_json_close(&json, ']');
    wci_json_close(&json, '}');
    return metadata->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* Says more than the first look did: not that there is nothing, or something. */
static bool is_telling(struct wci_guess guess, double least)
{
    int category = wci_category_find(guess.name);
    return guess.confidence >= least && category != WILDCAM_CATEGORY_BLANK &&
           category != WILDCAM_CATEGORY_UNKNOWN && category != WILDCAM_CATEGORY_UNCLASSIFIED &&
           category != WILDCAM_CATEGORY_ANIMAL;
}

static wildcam_status report(const struct wci_seen *seen, double least, wildcam_findings *findings)
{
    struct wci_text metadata = {0};
    struct wci_guess what = seen->what;
    wildcam_status status = seen->guess_count ? write_metadata(seen, &metadata) : WILDCAM_OK;
    if (seen->guess_count && is_telling(seen->guesses[0], least))
        what = seen->guesses[0];
    if (status == WILDCAM_OK)
        status = wci_findings_add(findings, -1, what.name, what.confidence,
                                  seen->has_box ? &seen->box : NULL, wci_text_get(&metadata));
    wci_text_free(&metadata);
    return status;
}

wildcam_status wci_seen_report(struct wci_seen *seen, size_t count, double least,
                               wildcam_findings *findings)
{
    double missed = 0;
    size_t reported = 0;
    if (count)
        qsort(seen, count, sizeof *seen, compare);
    for (size_t i = 0; i < count; i++) {
        /* "0" is "empty" in MegaDetector's numbers: it is no thing. */
        if (wci_category_find(seen[i].what.name) == WILDCAM_CATEGORY_BLANK)
            continue;
        if (seen[i].what.confidence < least) {
            missed = missed < seen[i].what.confidence ? seen[i].what.confidence : missed;
            continue;
        }
        wildcam_status status = report(&seen[i], least, findings);
        if (status != WILDCAM_OK)
            return status;
        reported++;
    }
    return reported ? WILDCAM_OK : wci_findings_add_blank(findings, 1 - missed);
}
