/*
 * What a child says: its hello, and an answer for each picture, in the form of MegaDetector's
 * results (examples/detectors/README.md describes both). Nobody vouches for a word of it.
 */
#ifndef WCI_PROCESS_ANSWER_H
#define WCI_PROCESS_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "process/seen.h"

enum {
    WCI_PROTOCOL = 1,              /* its version */
    WCI_ANSWER_LINE_MAX = 1 << 20, /* bytes of a line, without its end */
    WCI_ANSWER_MOST = 1000,        /* detections on a picture */
    WCI_LABELS_MOST = 50000,       /* categories that a hello names */
    WCI_LABEL_TEXT_MAX = 100,      /* bytes of the name of one, or of a detector */
    WCI_REASON_TEXT_MAX = 300      /* bytes that are kept of why it failed */
};

/* A child that has introduced itself. Borrowed from its JSON. */
struct wci_hello {
    json_t *json;
    const char *name, *version;
    const json_t *detection_categories, *classification_categories; /* ids to names; may be NULL */
};

/* WILDCAM_ERR_UNSUPPORTED when it speaks another version, else WILDCAM_ERR_INVALID. */
wildcam_status wci_hello_read(const char *line, size_t length, struct wci_hello *hello);
void wci_hello_free(struct wci_hello *hello);

/* The names in it are borrowed from the hello's JSON. */
struct wci_answer {
    char failure[WCI_REASON_TEXT_MAX + 1]; /* why there is none; "" when there is */
    struct wci_seen *seen;
    size_t count;
};

/* The answer for the picture of that id, of a child that introduced itself so; INVALID says what is
 * wrong with it. */
wildcam_status wci_answer_read(const char *line, size_t length, const struct wci_hello *hello,
                               int64_t id, struct wci_answer *answer);
void wci_answer_free(struct wci_answer *answer);

#endif
