/* The detector `onnx:MODEL`. */
#ifndef WCI_PROCESS_ONNX_H
#define WCI_PROCESS_ONNX_H

#include "process/detector.h"

/* Loads the module and the model, and tries it, so that what is wrong with one of them is said at
 * once. Blocking: for as long as the model takes to load and to look at a grey picture. */
wildcam_status wci_onnx_open(const struct wci_detector_host *host, const char *argument,
                             struct wci_detector *out);

#endif
