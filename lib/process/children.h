/* The detector `process:COMMAND`. */
#ifndef WCI_PROCESS_CHILDREN_H
#define WCI_PROCESS_CHILDREN_H

#include "process/detector.h"

/* Finds the program; it is started when the first picture comes. */
wildcam_status wci_children_open(const struct wci_detector_host *host, const char *argument,
                                 struct wci_detector *out);

#endif
