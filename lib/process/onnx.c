/*
 * The detector `onnx:MODEL`: a network of the YOLO family in this process.
 *
 * There is one network and one lock: a network uses the cores by itself (onnx.threads), and one in
 * memory is enough. Decoding, the letterbox and the boxes are done beside it by each worker.
 */
#include "process/onnx.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "conf/conf.h"
#include "image/thumbnail.h"
#include "process/class_names.h"
#include "process/letterbox.h"
#include "process/onnx/runtime.h"
#include "process/onnx_model.h"
#include "process/seen.h"
#include "process/yolo.h"

enum { REASON = 300, NAMES_BYTES = 1 << 20, THREADS_MAX = 64, SHORT_DIGEST = 12 };

struct onnx {
    struct wci_detector_host host;
    const struct wci_onnx_runtime *runtime;
    void *network;
    pthread_mutex_t mutex; /* the network */
    bool has_mutex;
    int width, height;
    struct wci_class_names names;
    struct wci_seen_least least;
    double overlap;
};

/* ---- the module ---- */

static wildcam_status find_runtime(const wildcam_conf *conf, const struct wci_onnx_runtime **out)
{
    const char *path = wci_conf_text(conf, WCI_ONNX_MODULE);
    if (!*path)
        path = WCI_MODULE_DIR "/wildcam_onnx.so";
    if (*path != '/')
        return wci_fail(WILDCAM_ERR_INVALID, "onnx.module is no absolute path: %.200s", path);
    if (access(path, R_OK) != 0)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "there is no module %.200s that runs models: this library was built "
                        "without it (it needs OpenCV), or onnx.module is wrong",
                        path);
    /* C++ libraries are not made to be taken out again. */
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!module)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED, "the module cannot be loaded: %.300s", dlerror());
    union { /* a pointer to data is not one to a function, but this one is */
        void *symbol;
        wci_onnx_runtime_fn *fn;
    } entry = {.symbol = dlsym(module, WCI_ONNX_SYMBOL)};
    const struct wci_onnx_runtime *runtime = entry.symbol ? entry.fn(WCI_ONNX_SEAM) : NULL;
    dlclose(module);
    if (!runtime || runtime->seam != WCI_ONNX_SEAM)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "%.200s is no module of this version of the library: install both anew",
                        path);
    *out = runtime;
    return WILDCAM_OK;
}

/* ---- a run ---- */

/* The first of the outputs that is one of YOLO's; networks for training have others beside it. */
static wildcam_status choose_output(const struct onnx *onnx, const struct wci_onnx_output *outputs,
                                    int count, struct wci_yolo_shape *shape, const float **data)
{
    struct wci_error first = {0};
    for (int i = 0; i < count; i++) {
        wildcam_status status = wci_yolo_recognise(outputs[i].sizes, outputs[i].rank, onnx->width,
                                                   onnx->height, shape);
        *data = outputs[i].data;
        if (status == WILDCAM_OK) {
            wci_error_clear();
            return WILDCAM_OK;
        }
        if (i == 0)
            wci_error_save(&first);
    }
    return wci_error_restore(&first);
}

static wildcam_status run_locked(struct onnx *onnx, const float *input,
                                 struct wci_yolo_shape *shape, struct wci_yolo_found *found)
{
    struct wci_onnx_output outputs[WCI_ONNX_OUTPUTS_MAX];
    char reason[REASON] = "";
    const float *data = NULL;
    int count = onnx->runtime->run(onnx->network, input, onnx->width, onnx->height, outputs, reason,
                                   sizeof reason);
    if (count <= 0)
        return wci_fail(WILDCAM_ERR_INTERNAL, "the network failed: %s", reason);
    wildcam_status status = choose_output(onnx, outputs, count, shape, &data);
    return status == WILDCAM_OK
               ? wci_yolo_find(shape, data, (float)onnx->least.human, (float)onnx->overlap, found)
               : status;
}

static wildcam_status run(struct onnx *onnx, const float *input, struct wci_yolo_shape *shape,
                          struct wci_yolo_found *found)
{
    pthread_mutex_lock(&onnx->mutex);
    wildcam_status status = run_locked(onnx, input, shape, found);
    pthread_mutex_unlock(&onnx->mutex);
    return status;
}

/* ---- a picture ---- */

static float *new_input(const struct onnx *onnx)
{
    return wci_new_array((size_t)onnx->width * (size_t)onnx->height, 3 * sizeof(float));
}

static wildcam_status fill_input(const struct onnx *onnx, wildcam_picture *picture,
                                 struct wci_letterbox *letterbox, float *input)
{
    const void *data;
    size_t size;
    struct wci_raster raster = {0};
    const wildcam_image *image = wci_picture_image(picture);
    wildcam_status status = wci_picture_bytes(picture, &data, &size);
    if (status != WILDCAM_OK)
        return status;
    *letterbox = wci_letterbox_fit(onnx->width, onnx->height, image->width, image->height);
    status = wci_thumbnail_decode(data, size, &onnx->host.limits, onnx->host.budget,
                                  letterbox->inner_width, letterbox->inner_height, &raster);
    if (status != WILDCAM_OK)
        return status;
    status = wci_letterbox_fill(letterbox, &raster, input);
    free(raster.pixels);
    return status;
}

/* The number that was meant: 0.6 is 0.6000000238418579 once it was a float. */
static double decimal(float confidence)
{
    return round((double)confidence * 1e6) / 1e6;
}

static wildcam_status report(const struct onnx *onnx, const struct wci_letterbox *letterbox,
                             const struct wci_yolo_found *found, wildcam_findings *findings)
{
    size_t count = 0;
    struct wci_seen *seen = wci_new_array(found->count + 1, sizeof *seen);
    if (!seen)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < found->count; i++) {
        const struct wci_yolo_box *box = &found->boxes[i];
        size_t class_id = (size_t)box->class_id;
        seen[count] = (struct wci_seen){.what = {"unknown", decimal(box->confidence)}};
        if (class_id < onnx->names.count)
            seen[count].what.name = onnx->names.list[class_id];
        seen[count].has_box = wci_letterbox_take_out(letterbox, (double)box->left, (double)box->top,
                                                     (double)box->right, (double)box->bottom,
                                                     &seen[count].box);
        count += seen[count].has_box; /* what is in the grey around the picture is not on it */
    }
    if (found->missed > 0)
        seen[count++].what = (struct wci_guess){"unknown", decimal(found->missed)};
    wildcam_status status = wci_seen_report(seen, count, onnx->least, findings);
    free(seen);
    return status;
}

static wildcam_status detect(void *user, wildcam_picture *picture, wildcam_findings *findings)
{
    struct onnx *onnx = user;
    struct wci_letterbox letterbox;
    struct wci_yolo_shape shape = {0};
    float *input = new_input(onnx);
    struct wci_yolo_found *found = wci_new(sizeof *found);
    wildcam_status status = input && found ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK)
        status = fill_input(onnx, picture, &letterbox, input);
    if (status == WILDCAM_OK && wci_picture_is_unwanted(picture))
        status = wci_fail(WILDCAM_ERR_CANCELLED, "the station stops");
    if (status == WILDCAM_OK)
        status = run(onnx, input, &shape, found);
    if (status == WILDCAM_OK)
        status = report(onnx, &letterbox, found, findings);
    free(input);
    free(found);
    return status;
}

/* ---- opening and closing ---- */

static void close_onnx(void *user, bool is_forked)
{
    struct onnx *onnx = user;
    if (is_forked) /* the network's threads are gone, and whoever frees it might wait for them */
        return;
    if (onnx->network)
        onnx->runtime->close(onnx->network);
    if (onnx->has_mutex)
        pthread_mutex_destroy(&onnx->mutex);
    wci_class_names_free(&onnx->names);
    free(onnx);
}

/* The size of the input, which a setting says where the model does not. */
static wildcam_status settle_size(struct onnx *onnx, const struct wci_onnx_model *model)
{
    int wanted = (int)wci_conf_int(onnx->host.conf, WCI_ONNX_SIZE);
    onnx->width = model->width ? model->width : wanted;
    onnx->height = model->height ? model->height : wanted;
    if (onnx->width == 0 || onnx->height == 0)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "the model takes pictures of any size: say by onnx.size which it has "
                        "learned with, such as 640 or 1280");
    if (wanted && (wanted != onnx->width || wanted != onnx->height))
        return wci_fail(WILDCAM_ERR_INVALID, "the model takes %d x %d pixels, not onnx.size (%d)",
                        onnx->width, onnx->height, wanted);
    if (onnx->width % WCI_YOLO_GRID || onnx->height % WCI_YOLO_GRID)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "the model takes %d x %d pixels, which are no multiples of %d", onnx->width,
                        onnx->height, WCI_YOLO_GRID);
    return WILDCAM_OK;
}

static wildcam_status read_names_file(const char *path, struct wci_class_names *names)
{
    char *text;
    size_t size;
    wildcam_status status = wci_file_load(path, NAMES_BYTES, &text, &size);
    if (status != WILDCAM_OK)
        return status;
    status = wci_class_names_from_lines(text, names);
    free(text);
    if (status != WILDCAM_OK)
        wci_error_prefix("%.200s", path);
    return status;
}

/* From the file that a setting names, from that beside the model, or else from the model. */
static wildcam_status read_names(struct onnx *onnx, const char *path,
                                 const struct wci_onnx_model *model)
{
    char beside[WCI_PATH];
    const char *said = wci_conf_text(onnx->host.conf, WCI_ONNX_NAMES);
    size_t length = strlen(path), ending = strlen(".onnx");
    if (*said)
        return read_names_file(said, &onnx->names);
    if (length > ending && strcmp(path + length - ending, ".onnx") == 0)
        length -= ending;
    wildcam_status status = wci_path(beside, "%.*s.names", (int)length, path);
    if (status != WILDCAM_OK)
        return status;
    if (wci_file_exists(beside))
        return read_names_file(beside, &onnx->names);
    if (model->names.length)
        return wci_class_names_from_model(model->names.data, &onnx->names);
    return wci_fail(WILDCAM_ERR_NOTFOUND,
                    "the model does not name its classes: write them into %.200s, a line each",
                    beside);
}

/* Looks at a grey picture: whether it runs, and what it answers. */
static wildcam_status try_out(struct onnx *onnx)
{
    struct wci_yolo_shape shape = {0};
    float *input = new_input(onnx);
    struct wci_yolo_found *found = wci_new(sizeof *found);
    wildcam_status status = input && found ? run(onnx, input, &shape, found) : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK && shape.classes && shape.classes != onnx->names.count)
        status = wci_fail(WILDCAM_ERR_INVALID, "the model has %zu classes, and there are %zu names",
                          shape.classes, onnx->names.count);
    free(input);
    free(found);
    return status;
}

static int count_threads(const wildcam_conf *conf)
{
    int64_t wanted = wci_conf_int(conf, WCI_ONNX_THREADS);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (wanted == 0)
        wanted = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : cores;
    return (int)wanted;
}

static wildcam_status load(struct onnx *onnx, const char *path)
{
    const wildcam_conf *conf = onnx->host.conf;
    struct wci_onnx_model model;
    char reason[REASON] = "";
    wildcam_status status = find_runtime(conf, &onnx->runtime);
    if (status == WILDCAM_OK)
        status = wci_onnx_model_read(path, &model);
    if (status != WILDCAM_OK)
        return status;
    status = settle_size(onnx, &model);
    if (status == WILDCAM_OK)
        status = read_names(onnx, path, &model);
    wci_onnx_model_release(&model);
    if (status != WILDCAM_OK)
        return status;
    onnx->network = onnx->runtime->open(path, count_threads(conf), reason, sizeof reason);
    if (!onnx->network)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED, "%s cannot load it: %s", onnx->runtime->name,
                        reason);
    return try_out(onnx);
}

static wildcam_status digest_of(const char *path, char text[WCI_DIGEST_TEXT])
{
    enum { PIECE = 1 << 16 };
    int fd;
    int64_t bytes;
    wci_digest *digest;
    unsigned char result[WCI_DIGEST_BYTES];
    size_t got = PIECE;
    char *piece = wci_new(PIECE);
    if (!piece)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_file_open(path, &fd, &bytes);
    if (status == WILDCAM_OK) {
        status = wci_digest_begin(&digest);
        while (status == WILDCAM_OK && got == PIECE) {
            status = wci_file_read(fd, path, piece, PIECE, &got);
            if (status == WILDCAM_OK)
                status = wci_digest_add(digest, piece, got);
        }
        if (status == WILDCAM_OK)
            status = wci_digest_end(digest, result);
        if (status == WILDCAM_OK)
            wci_digest_to_text(result, text);
        wci_digest_free(digest);
        close(fd);
    }
    free(piece);
    return status;
}

/* The file's name without its ending, and the beginning of its digest: another file is another
 * model, whatever it is called. */
static wildcam_status name_it(const char *path, struct wci_detector *out)
{
    char digest[WCI_DIGEST_TEXT];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name), ending = strlen(".onnx");
    if (length > ending && strcmp(name + length - ending, ".onnx") == 0)
        length -= ending;
    if (length > WCI_DETECTOR_TEXT_MAX)
        length = wci_utf8_cut(name, WCI_DETECTOR_TEXT_MAX);
    wildcam_status status = digest_of(path, digest);
    if (status == WILDCAM_OK)
        status = wci_text_set(&out->name, name, length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&out->version, digest, SHORT_DIGEST);
    return status;
}

wildcam_status wci_onnx_open(const struct wci_detector_host *host, const char *argument,
                             struct wci_detector *out)
{
    sigset_t signals;
    struct onnx *onnx = wci_new(sizeof *onnx);
    if (!onnx)
        return WILDCAM_ERR_NOMEM;
    onnx->host = *host;
    onnx->least = wci_seen_least(host->conf);
    onnx->overlap = wci_conf_real(host->conf, WCI_ONNX_OVERLAP);
    onnx->has_mutex = pthread_mutex_init(&onnx->mutex, NULL) == 0;
    /* The module, and the libraries below it, start threads when they are loaded and first run:
     * signals are the host's, not theirs. */
    wci_signals_hold(&signals);
    wildcam_status status = onnx->has_mutex ? load(onnx, argument) : wci_fail_memory();
    wci_signals_let_go(&signals);
    if (status == WILDCAM_OK)
        status = name_it(argument, out);
    if (status != WILDCAM_OK) {
        wci_error_prefix("onnx:%.150s", argument);
        close_onnx(onnx, false);
        wci_text_free(&out->name);
        wci_text_free(&out->version);
        return status;
    }
    wci_log_write(host->log, WILDCAM_LOG_INFO, "process", "%s is %s by %s, %d x %d pixels",
                  argument, wci_text_get(&out->version), onnx->runtime->name, onnx->width,
                  onnx->height);
    out->detect = detect;
    out->close = close_onnx;
    out->user = onnx;
    return WILDCAM_OK;
}
