/* Which detectors there are, and those that `process.detector` names. */
#ifndef WCI_PROCESS_DETECTORS_H
#define WCI_PROCESS_DETECTORS_H

#include "process/detector.h"

struct wci_detectors {
    struct wci_detector *known; /* those of the host program, by wildcam_station_add_detector() */
    size_t known_count, known_capacity;
    struct wci_detector *list; /* in the order of process.detector; NULL until they are opened */
    size_t count;
};

/* EXISTS when the name is taken, INVALID when it is none, STATE once they are opened. */
wildcam_status wci_detectors_add(struct wci_detectors *detectors, const char *name,
                                 const char *version, wildcam_detector_fn *fn, void *user);
/* Opens those of process.detector, if they are not; INVALID with the name of one that nobody knows.
 */
wildcam_status wci_detectors_open(struct wci_detectors *detectors,
                                  const struct wci_detector_host *host);
void wci_detectors_close(struct wci_detectors *detectors, bool is_forked);

#endif
