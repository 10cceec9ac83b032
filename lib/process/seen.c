#include "process/seen.h"

#include <stdlib.h>

#include "base/json.h"
#include "conf/conf.h"
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

static bool is_sure(struct wci_guess guess, const struct wci_seen_least *least)
{
    int category = wci_category_find(guess.name);
    bool may_be_human = category == WILDCAM_CATEGORY_HUMAN || category == WILDCAM_CATEGORY_UNKNOWN;
    return guess.confidence >= (may_be_human ? least->human : least->other);
}

/* Whether the closer look says more than the first did: not that there is nothing, or something.
 * What names animals has a name for everything: it is not asked of people and vehicles. */
static bool is_telling(struct wci_guess guess, struct wci_guess what,
                       const struct wci_seen_least *least)
{
    int first = wci_category_find(what.name), category = wci_category_find(guess.name);
    return first != WILDCAM_CATEGORY_HUMAN && first != WILDCAM_CATEGORY_VEHICLE &&
           is_sure(guess, least) && category != WILDCAM_CATEGORY_BLANK &&
           category != WILDCAM_CATEGORY_UNKNOWN && category != WILDCAM_CATEGORY_UNCLASSIFIED &&
           category != WILDCAM_CATEGORY_ANIMAL;
}

static wildcam_status report(const struct wci_seen *seen, const struct wci_seen_least *least,
                             wildcam_findings *findings)
{
    struct wci_text metadata = {0};
    struct wci_guess what = seen->what;
    wildcam_status status = seen->guess_count ? write_metadata(seen, &metadata) : WILDCAM_OK;
    if (seen->guess_count && is_telling(seen->guesses[0], seen->what, least))
        what = seen->guesses[0];
    if (status == WILDCAM_OK)
        status = wci_findings_add(findings, -1, what.name, what.confidence,
                                  seen->has_box ? &seen->box : NULL, wci_text_get(&metadata));
    wci_text_free(&metadata);
    return status;
}

/* What is dropped here nobody could blur. */
struct wci_seen_least wci_seen_least(const wildcam_conf *conf)
{
    struct wci_seen_least least = {.other = wci_conf_real(conf, WCI_PROCESS_CONFIDENCE)};
    double private = wci_conf_real(conf, WCI_PRIVACY_CONFIDENCE);
    bool counts = wci_conf_int(conf, WCI_PRIVACY_HUMANS) != WCI_HUMANS_SHOW;
    least.human = counts && private < least.other ? private : least.other;
    return least;
}

wildcam_status wci_seen_report(struct wci_seen *seen, size_t count, struct wci_seen_least least,
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
        if (!is_sure(seen[i].what, &least)) {
            missed = missed < seen[i].what.confidence ? seen[i].what.confidence : missed;
            continue;
        }
        wildcam_status status = report(&seen[i], &least, findings);
        if (status != WILDCAM_OK)
            return status;
        reported++;
    }
    return reported ? WILDCAM_OK : wci_findings_add_blank(findings, 1 - missed);
}
