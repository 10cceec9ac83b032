/*
 * MegaDetector's batch results, formats 1.0 to 1.6, in and out: pictures one by one.
 *
 * What is not part of the format, or not of our model, is carried through: a detection's and a
 * picture's unknown keys and classifications stand in their metadata under "megadetector", those of
 * the whole file in a document of its own.
 */
#ifndef WCI_EXCHANGE_MEGADETECTOR_H
#define WCI_EXCHANGE_MEGADETECTOR_H

#include <jansson.h>

#include "base/json.h"
#include "exchange/hash_set.h"
#include "exchange/json_walk.h"
#include "model/detection.h"
#include "model/image.h"

/* A member's text; "" when there is none. */
static inline const char *wci_md_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* What stands in the file beside the pictures. */
struct wci_md_header {
    json_t *document; /* the whole object but "images"; never NULL after reading */
    size_t bytes;     /* of it, as text */
    char *detector;   /* "" when the file does not say, as old ones do */
    char *version;    /* of the detector; "" */
    char *format;     /* "1.5"; "" when the file does not say */
    int64_t images, repairs;
    bool is_cut_off;
};

/* One picture's results. */
struct wci_md_image {
    const char *file;    /* as written; \ made / */
    const char *failure; /* NULL when it was processed */
    const char *metadata;
    const wildcam_detection *detections;
    size_t count;                     /* 0 and no failure: nothing was found */
    const wildcam_detection *nothing; /* which says so */
};

/* How it is read. */
struct wci_md_options {
    double threshold;         /* detections below are left out */
    double privacy_threshold; /* the same of people and what has no name, where that is less */
    double species_threshold; /* from here on the best classification names the species */
};

/* What was made of it. */
struct wci_md_tally {
    int64_t below;      /* detections under their threshold */
    int64_t unlisted;   /* of a category that the file does not list; kept as unknown */
    int64_t clamped;    /* boxes and confidences that reached outside 0..1 */
    int64_t left_out;   /* detections that say nothing usable */
    int64_t unreadable; /* pictures */
};

/* Goes through the file once and reads all but the pictures, which are counted: they stand before
 * the rest in what MegaDetector writes. The header is freed also after a failure. */
wildcam_status wci_md_read_header(const char *path, struct wci_md_header *header);
void wci_md_free_header(struct wci_md_header *header);

struct wci_md_reader {
    const struct wci_md_header *header;
    struct wci_md_options options;
    void *user;
    wildcam_status (*each)(void *user, const struct wci_md_image *image);
    /* A picture that cannot be read, or a detection: a sentence that names it. */
    void (*trouble)(void *user, const char *file, const char *text);
    /* How far it is, in bytes of the file; not 0 ends it. May be NULL. */
    int (*progress)(void *user, int64_t done, int64_t total);
    struct wci_md_tally tally;
};

wildcam_status wci_md_read_images(const char *path, struct wci_md_reader *reader);

/* ---- Writing, in a text that the caller empties whenever he likes. ---- */

struct wci_md_writer {
    struct wci_text *out;
    struct wci_json json;
    json_t *classes;           /* species to its number */
    json_t *descriptions;      /* number to its description, where one is known */
    json_t *detectors;         /* names that were seen, in order */
    struct wci_hash_set names; /* of files that were written, for telling them apart */
    double threshold;
    int64_t images, detections, failures, below;
    int64_t without_confidence, without_box; /* written as 1.0, and as the whole picture */
    bool has_unknown;
};

wildcam_status wci_md_write_begin(struct wci_md_writer *writer, struct wci_text *out,
                                  double threshold);
void wci_md_write_image(struct wci_md_writer *writer, const wildcam_image *image,
                        const wildcam_detection *const *detections, size_t count);
/* What stands behind the pictures. The document is that of an earlier import, whose unknown keys
 * come out again; NULL for none. */
void wci_md_write_finish(struct wci_md_writer *writer, json_t *document);
void wci_md_write_free(struct wci_md_writer *writer);

#endif
