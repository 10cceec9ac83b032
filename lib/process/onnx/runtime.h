/*
 * The seam between the library and the module that runs networks.
 *
 * The module is a file of its own, so that the library needs no runtime, nor C++. It is loaded when
 * `process.detector` names a model, by the one symbol below. All that is not the network itself
 * (letterbox, what the answer means, overlaps) is done on the library's side of it.
 */
#ifndef WCI_PROCESS_ONNX_RUNTIME_H
#define WCI_PROCESS_ONNX_RUNTIME_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with anything in this file. */
enum { WCI_ONNX_SEAM = 1 };

enum { WCI_ONNX_RANK_MAX = 4, WCI_ONNX_OUTPUTS_MAX = 16 };

struct wci_onnx_output {
    const float *data; /* borrowed until the network's next run */
    int sizes[WCI_ONNX_RANK_MAX];
    int rank;
};

struct wci_onnx_runtime {
    int seam; /* WCI_ONNX_SEAM */
    const char *name;
    /* Loads a model, to be run on so many threads. NULL with the reason, at most `size` bytes. */
    void *(*open)(const char *path, int threads, char *reason, size_t size);
    /* Runs it on one picture: three planes of so many numbers. How many outputs it has, of which
     * at most WCI_ONNX_OUTPUTS_MAX are filled in; 0 with the reason. One thread at a time. */
    int (*run)(void *network, const float *input, int width, int height,
               struct wci_onnx_output *outputs, char *reason, size_t size);
    void (*close)(void *network);
};

/* What the module has; for a library of another seam NULL, or what the library knows is wrong. */
typedef const struct wci_onnx_runtime *wci_onnx_runtime_fn(int seam);
#define WCI_ONNX_SYMBOL "wildcam_onnx_runtime"

#ifdef __cplusplus
}
#endif

#endif
