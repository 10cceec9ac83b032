/* What the detectors found on one picture, one after the other. */
#ifndef WCI_PROCESS_FINDINGS_H
#define WCI_PROCESS_FINDINGS_H

#include "model/detection.h"
#include "process/detector.h"

struct wildcam_findings {
    wildcam_detection *list; /* drafts, each with its detector */
    size_t count, capacity;
    /* The detector that is asked at present. */
    const struct wci_detector *detector;
    size_t first; /* of its findings */
    struct wci_text name, version;
    struct wci_text reason; /* why it failed, if it said so */
};

void wci_findings_init(struct wildcam_findings *findings);
void wci_findings_release(struct wildcam_findings *findings);

/* Around the call of a detector. Once it has answered anything, those before it are heard no more
 * in what they said of nothing in particular: blank, unknown and unclassified. */
wildcam_status wci_findings_begin(struct wildcam_findings *findings,
                                  const struct wci_detector *detector);
void wci_findings_end(struct wildcam_findings *findings);

/* All have answered: a picture with something on it is not blank, and one that is blank is so once.
 */
void wci_findings_settle(struct wildcam_findings *findings);

/* Why the present detector failed, with its status, as this thread's sentence. */
wildcam_status wci_findings_fail(const struct wildcam_findings *findings, wildcam_status status);

#endif
