/*
 * The seam between processing and what looks at pictures.
 *
 * A detector says of one picture at a time what is on it. It knows nothing of the queue, of rows
 * or of the other detectors: what it adds is merged and written by whoever called it
 * (process/findings.h, process/worker.c). detect() is called by several threads at once, each with
 * a picture of its own, and never while a lock is held; what it keeps it guards by itself.
 */
#ifndef WCI_PROCESS_DETECTOR_H
#define WCI_PROCESS_DETECTOR_H

#include <stdbool.h>

#include <wildcam/process.h>

#include "image/decode_budget.h"
#include "image/jpeg_walk.h"
#include "image/raster.h"
#include "model/image.h"
#include "store/store.h"

/* What a detector may use, for as long as it is open. */
struct wci_detector_host {
    const wildcam_conf *conf;
    const struct wci_log *log;
    struct wci_store *store;
    struct wci_decode_budget *budget;
    struct wci_jpeg_limits limits;
};

struct wci_detector {
    /* They stand with each of its detections: at most WCI_DETECTOR_TEXT_MAX bytes of text. Where
     * they are known only later, wci_findings_set_detector() says them. */
    struct wci_text name, version;
    /* Finds what is on a picture. OK, also when nothing is; a failure that lies in the picture
     * (wci_detector_is_refusal()) parks it; BUSY says that the detector can look at none at
     * present, and is no attempt of the picture's; any other is tried again later. The sentence of
     * this thread says why. */
    wildcam_detector_fn *detect;
    /* NULL when nothing is to be freed. Nobody is in detect() any more, or ever will be. In a child
     * after fork it closes files and leaves the rest alone: what other threads were changing, locks
     * whose owners are gone, and all that belongs to the parent. */
    void (*close)(void *user, bool is_forked);
    void *user;
};

enum { WCI_DETECTOR_TEXT_MAX = 100 };

/* Opens one: `argument` is what stands behind the colon in `process.detector`, "" for none. It
 * fills in all of *out, which is empty; on failure nothing of it. */
typedef wildcam_status wci_detector_open(const struct wci_detector_host *host, const char *argument,
                                         struct wci_detector *out);

/* Trying again would come to the same: the picture is no picture, or too large. */
bool wci_detector_is_refusal(wildcam_status status);

/* ---- the picture (process/picture.c), for the detector that was given it and its thread ---- */

const wildcam_image *wci_picture_image(const wildcam_picture *picture);
/* The file as it is on the disk. It may be purged at any moment. */
const char *wci_picture_path(const wildcam_picture *picture);
/* The whole file, read once for all detectors. Borrowed. */
wildcam_status wci_picture_bytes(wildcam_picture *picture, const void **data, size_t *size);
/* The picture decoded, once for all detectors and the thumbnail: upright, grey (1 channel) or RGB
 * (3), at the smallest of the scales 1/8 to 8/8 that is not below images.thumbnail nor the grid of
 * image/motion.h. Borrowed; not to be changed. */
wildcam_status wci_picture_raster(wildcam_picture *picture, const struct wci_raster **raster);
/* True once nobody waits for the answer any more, because the station stops: what takes long looks
 * every tenth of a second, and answers CANCELLED. */
bool wci_picture_is_unwanted(const wildcam_picture *picture);

/* ---- the findings (process/findings.c) ---- */

/* Adds what was found, in the order of importance. A `category` below 0 follows from the species;
 * NULL or "" is no species, NaN no confidence, NULL no box or metadata. INVALID names what is
 * outside its limits, and nothing was added. */
wildcam_status wci_findings_add(wildcam_findings *findings, int category, const char *species,
                                double confidence, const wildcam_box *box, const char *metadata);
wildcam_status wci_findings_add_blank(wildcam_findings *findings, double confidence);
/* What this detector is called from now on, for this picture. */
wildcam_status wci_findings_set_detector(wildcam_findings *findings, const char *name,
                                         const char *version);

#endif
