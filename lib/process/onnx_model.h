/* What has to be known of a model before it is loaded: read from its file, of which the weights,
 * which may be hundreds of megabytes, are passed over. */
#ifndef WCI_PROCESS_ONNX_MODEL_H
#define WCI_PROCESS_ONNX_MODEL_H

#include <stdint.h>

#include "base/text.h"

struct wci_onnx_model {
    int width, height;     /* of its input; 0: it takes any */
    struct wci_text names; /* of its classes, as its maker wrote them into it; empty: not there */
};

/* INVALID when it is no model, UNSUPPORTED when it does not take one picture in float numbers. */
wildcam_status wci_onnx_model_read(const char *path, struct wci_onnx_model *model);
/* The same for an open file. */
wildcam_status wci_onnx_model_read_file(int fd, int64_t bytes, struct wci_onnx_model *model);
void wci_onnx_model_release(struct wci_onnx_model *model);

#endif
