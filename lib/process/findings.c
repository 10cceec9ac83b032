#include "process/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/check.h"

enum { FINDINGS_MAX = 1000 }; /* as many as a picture may bring by itself */

void wci_findings_init(struct wildcam_findings *findings)
{
    *findings = (struct wildcam_findings){0};
}

static void forget_all(struct wildcam_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        wci_detection_release(&findings->list[i]);
    findings->count = 0;
}

void wci_findings_release(struct wildcam_findings *findings)
{
    forget_all(findings);
    free(findings->list);
    wci_text_free(&findings->name);
    wci_text_free(&findings->version);
    wci_text_free(&findings->reason);
}

wildcam_status wci_findings_begin(struct wildcam_findings *findings,
                                  const struct wci_detector *detector)
{
    findings->detector = detector;
    findings->first = findings->count;
    wci_text_empty(&findings->reason);
    wildcam_status status = wci_text_set(&findings->name, wci_text_get(&detector->name),
                                         detector->name.length);
    return status == WILDCAM_OK ? wci_text_set(&findings->version, wci_text_get(&detector->version),
                                               detector->version.length)
                                : status;
}

static int category_of(const wildcam_detection *draft)
{
    int category;
    const char *species;
    wci_detection_settle(draft, &category, &species);
    return category;
}

/* Whether it says that there is something of a kind. */
static bool is_vague(const wildcam_detection *draft)
{
    int category = category_of(draft);
    return category == WILDCAM_CATEGORY_BLANK || category == WILDCAM_CATEGORY_UNKNOWN ||
           category == WILDCAM_CATEGORY_UNCLASSIFIED;
}

static bool is_blank(const wildcam_detection *draft)
{
    return category_of(draft) == WILDCAM_CATEGORY_BLANK;
}

/* Something is there, of whatever kind. */
static bool is_something(const wildcam_detection *draft)
{
    int category = category_of(draft);
    return category != WILDCAM_CATEGORY_BLANK && category != WILDCAM_CATEGORY_UNCLASSIFIED;
}

/* Takes those out, of the first `limit`, that `goes` says it of. */
static void drop(struct wildcam_findings *findings, size_t limit,
                 bool (*goes)(const wildcam_detection *draft))
{
    size_t kept = 0;
    for (size_t i = 0; i < findings->count; i++) {
        if (i < limit && goes(&findings->list[i]))
            wci_detection_release(&findings->list[i]);
        else
            findings->list[kept++] = findings->list[i];
    }
    findings->count = kept;
}

void wci_findings_end(struct wildcam_findings *findings)
{
    if (findings->count > findings->first)
        drop(findings, findings->first, is_vague);
    findings->first = findings->count;
    findings->detector = NULL;
}

void wci_findings_settle(struct wildcam_findings *findings)
{
    size_t first_blank = findings->count;
    bool has_something = false;
    for (size_t i = 0; i < findings->count; i++) {
        has_something = has_something || is_something(&findings->list[i]);
        if (first_blank == findings->count && is_blank(&findings->list[i]))
            first_blank = i;
    }
    if (has_something) {
        drop(findings, findings->count, is_blank);
    } else if (first_blank < findings->count) {
        wildcam_detection blank = findings->list[first_blank];
        findings->list[first_blank] = findings->list[0];
        findings->list[0] = blank;
        while (findings->count > 1)
            wci_detection_release(&findings->list[--findings->count]);
    }
}

wildcam_status wci_findings_fail(const struct wildcam_findings *findings, wildcam_status status)
{
    const char *name = findings->detector ? wci_text_get(&findings->detector->name) : "a detector";
    if (findings->reason.length)
        return wci_fail(status, "%s: %s", name, findings->reason.data);
    if (*wildcam_error_message()) {
        wci_error_prefix("%s", name);
        return status;
    }
    return wci_fail(status, "%s failed: %s", name, wildcam_status_text(status));
}

/* ---- what a detector calls ---- */

static wildcam_status set_texts(const struct wildcam_findings *findings, wildcam_detection *draft,
                                const char *species, const char *metadata)
{
    wildcam_status status = wci_take_text(&draft->species, "species", species, WCI_SPECIES_MAX);
    if (status == WILDCAM_OK)
        status = wci_take_json(&draft->metadata, "metadata", metadata);
    if (status == WILDCAM_OK)
        status = wci_text_set(&draft->detector, wci_text_get(&findings->name),
                              findings->name.length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&draft->detector_version, wci_text_get(&findings->version),
                              findings->version.length);
    return status;
}

static wildcam_status fill(const struct wildcam_findings *findings, wildcam_detection *draft,
                           int category, const char *species, double confidence,
                           const wildcam_box *box, const char *metadata)
{
    if (category > WILDCAM_CATEGORY_UNKNOWN)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no category", category);
    draft->category = category < 0 ? -1 : category;
    draft->confidence = confidence;
    wildcam_status status = wci_check_number("confidence", confidence, 0, 1);
    if (status == WILDCAM_OK)
        status = wci_detection_set_box(draft, box);
    return status == WILDCAM_OK ? set_texts(findings, draft, species, metadata) : status;
}

wildcam_status wci_findings_add(wildcam_findings *findings, int category, const char *species,
                                double confidence, const wildcam_box *box, const char *metadata)
{
    void *list = findings->list;
    if (!findings->detector)
        return wci_fail(WILDCAM_ERR_STATE, "the detector has answered already");
    if (findings->count >= FINDINGS_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE,
                        "all detectors together may find %d things on a picture: "
                        "%zu are of those before this one",
                        FINDINGS_MAX, findings->first);
    if (wci_reserve(&list, &findings->capacity, findings->count + 1, sizeof *findings->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    findings->list = list;
    wildcam_detection *draft = &findings->list[findings->count];
    wci_detection_init(draft);
    wildcam_status status = fill(findings, draft, category, species, confidence, box, metadata);
    if (status == WILDCAM_OK)
        findings->count++;
    else
        wci_detection_release(draft);
    return status;
}

wildcam_status wci_findings_add_blank(wildcam_findings *findings, double confidence)
{
    return wci_findings_add(findings, WILDCAM_CATEGORY_BLANK, NULL, confidence, NULL, NULL);
}

wildcam_status wci_findings_set_detector(wildcam_findings *findings, const char *name,
                                         const char *version)
{
    wildcam_status status = wci_take_text(&findings->name, "name", name, WCI_DETECTOR_TEXT_MAX);
    if (status != WILDCAM_OK)
        return status;
    return wci_take_text(&findings->version, "version", version, WCI_DETECTOR_TEXT_MAX);
}
