/*
 * The built-in detector `motion`: what has moved since the camera's other pictures.
 *
 * It says `blank` with a confidence, or gives boxes of category unknown. Of a camera's first
 * pictures, by day or in infra-red light, it says nothing: until it has seen two other bursts it
 * calls none blank, and before the second picture it knows of nothing that could have moved. What
 * it learns is kept in the catalog now and then, so that it goes on after a restart. Several
 * processes that look at one camera's pictures learn each by itself, and take in what the others
 * have kept whenever they keep theirs.
 */
#ifndef WCI_PROCESS_MOTION_H
#define WCI_PROCESS_MOTION_H

#include "process/detector.h"

wildcam_status wci_motion_open(const struct wci_detector_host *host, const char *argument,
                               struct wci_detector *out);

#endif
