/*
 * What has moved in front of a camera that stands still: pure functions on luminance.
 *
 * A picture becomes a frame, a grid of cells of some 8 x 8 pixels each. A model is what is known of
 * a camera's background: up to WCI_MOTION_SAMPLES frames of bursts that lie apart in time. A frame
 * is held against all of them, each brought to the frame's brightness, contrast and place before:
 * what lies outside of what was seen in a cell, by more than noise, has moved.
 */
#ifndef WCI_IMAGE_MOTION_H
#define WCI_IMAGE_MOTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wildcam/detection.h>

#include "image/raster.h"

enum {
    WCI_MOTION_CELLS_MAX = 32768,
    WCI_MOTION_SAMPLES = 8,
    WCI_MOTION_BOXES = 8,
    WCI_MOTION_QUANTILES = 7,
};

/* The luminance of an upright picture, a byte for each cell. */
struct wci_motion_frame {
    unsigned char *light; /* freed with free() */
    int width, height;
    bool is_infrared; /* its colours are shades of one */
    int top, bottom;  /* how many rows at its edges are a caption burnt into it */
};

/* Some levels of cells, from dark to light. */
struct wci_motion_levels {
    int first, end; /* in these rows; the end is 0 while nobody has looked */
    double at[WCI_MOTION_QUANTILES];
};

/* A burst: the stillest of its frames. */
struct wci_motion_sample {
    int64_t first, last;             /* when its pictures were taken, as far as they were learned */
    uint32_t unrest;                 /* how many cells had moved in the frame */
    unsigned char *cells;            /* NULL where there is no sample */
    struct wci_motion_levels levels; /* of the cells, as they were looked at last */
};

struct wci_motion_model {
    int width, height; /* 0 until something is learned */
    int count;
    int strange; /* bursts in a row that had next to nothing in common with the others */
    int older;   /* pictures in a row that were older than all samples; not kept */
    struct wci_motion_sample samples[WCI_MOTION_SAMPLES];
    unsigned char *stays; /* of each cell: whether what moved there does not go away again */
};

struct wci_motion_tuning {
    double sensitivity; /* 0 to 1 */
    double least_area;  /* the smallest that counts, as a part of the picture */
};

enum { WCI_MOTION_UNSURE, WCI_MOTION_BLANK, WCI_MOTION_MOVED };

struct wci_motion_answer {
    int verdict;
    double confidence; /* of the verdict; 0 when unsure */
    size_t count;      /* of boxes, the surest first */
    struct {
        wildcam_box box; /* in 0..1 of the upright picture */
        double confidence;
    } boxes[WCI_MOTION_BOXES];
    double changed; /* which part of the picture */
};

/* The grid that a picture of this size has. */
void wci_motion_grid(int width, int height, int *columns, int *rows);

/* Takes a frame from an upright picture of 1 or 3 channels. Where that has fewer pixels than the
 * grid has cells, its pixels are the cells. WILDCAM_ERR_NOMEM. */
wildcam_status wci_motion_frame_make(const struct wci_raster *picture, int columns, int rows,
                                     struct wci_motion_frame *frame);
void wci_motion_frame_free(struct wci_motion_frame *frame);

void wci_motion_model_init(struct wci_motion_model *model);
void wci_motion_model_free(struct wci_motion_model *model);

/* Says what has moved in the frame and learns it. Frames may come in any order of their times
 * (microseconds). A frame of another size starts the model anew. When memory runs out
 * (WILDCAM_ERR_NOMEM) the model is as it was. *learned tells whether the model has changed. */
wildcam_status wci_motion_look(struct wci_motion_model *model, const struct wci_motion_frame *frame,
                               int64_t time, const struct wci_motion_tuning *tuning,
                               struct wci_motion_answer *answer, bool *learned);

/* Takes in what another one knows of the same place, as of a time: of all bursts together those
 * that lie nearest to it are kept. When memory runs out (WILDCAM_ERR_NOMEM) it is but a part. */
wildcam_status wci_motion_merge(struct wci_motion_model *model,
                                const struct wci_motion_model *other, int64_t time);

/* A model as bytes, freed with free(), and back. WILDCAM_ERR_CORRUPT for bytes that are none;
 * the model is empty then. WILDCAM_ERR_NOMEM. */
wildcam_status wci_motion_pack(const struct wci_motion_model *model, void **data, size_t *size);
wildcam_status wci_motion_unpack(const void *data, size_t size, struct wci_motion_model *model);

#endif
