/*
 * Follows a JPEG's markers (ITU T.81 annex B) as its bytes come, from SOI to the EOI that ends the
 * main picture.
 *
 * That is what tells a whole picture from a truncated one: an EOI inside an EXIF thumbnail is not
 * the end, and bytes after the end are legal (cameras put small pictures there). It takes the
 * frame's size and the EXIF block out on the way and refuses what would be unreasonable to decode.
 */
#ifndef WCI_IMAGE_JPEG_WALK_H
#define WCI_IMAGE_JPEG_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct wci_jpeg_limits {
    int64_t max_pixels;
    int64_t max_scans;
    int64_t decode_bytes;
};

/* Told of each segment that has come whole: where its content begins in the file, and its length.
 */
typedef void wci_jpeg_visit(void *user, int marker, int64_t offset, size_t length);

struct wci_jpeg_walk {
    struct wci_jpeg_limits limits;
    wci_jpeg_visit *visit; /* may be NULL */
    void *user;
    /* Facts, once has_frame. */
    bool has_frame, is_progressive, is_complete, has_adobe;
    int width, height, components, precision;
    int64_t scans;
    int64_t decode_bytes;  /* what decoding it takes beside the result */
    int64_t header_bytes;  /* up to the end of the first SOS segment */
    int64_t picture_bytes; /* up to the end of EOI, once is_complete */
    unsigned char *exif;   /* the first EXIF block with its "Exif\0\0"; NULL when there is none */
    size_t exif_size;
    /* The machine. */
    int state;
    int marker;
    int64_t position;
    size_t length, taken; /* of the segment, and how much of it has come */
    unsigned char head[32];
    unsigned char *block; /* the APP1 that is being read */
    int64_t coefficient_bytes;
    wildcam_status refusal; /* once refused it stays so */
};

void wci_jpeg_walk_begin(struct wci_jpeg_walk *walk, const struct wci_jpeg_limits *limits);
/* WILDCAM_ERR_NOTJPEG or WILDCAM_ERR_TOOLARGE as soon as that is sure; WILDCAM_ERR_NOMEM. */
wildcam_status wci_jpeg_walk_add(struct wci_jpeg_walk *walk, const void *data, size_t size);
/* WILDCAM_ERR_TRUNCATED when the main picture has not come to its end. */
wildcam_status wci_jpeg_walk_end(struct wci_jpeg_walk *walk);
void wci_jpeg_walk_free(struct wci_jpeg_walk *walk);

#endif
