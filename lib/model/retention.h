/* Which pictures go, and what went. */
#ifndef WCI_MODEL_RETENTION_H
#define WCI_MODEL_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/retention.h>

#include "base/json.h"

enum { WCI_CATEGORIES = 6, WCI_RETENTION_REASONS = 2 };

struct wildcam_retention {
    int64_t pictures[WCI_RETENTION_REASONS][WCI_CATEGORIES];
    int64_t bytes[WCI_RETENTION_REASONS][WCI_CATEGORIES];
    bool is_done;
};

/* What those who open a station do with its pictures. */
enum { WCI_DUTY_UPLOAD = 1, WCI_DUTY_PROCESS = 2 };

/* What goes: pictures of a category whose age began before its time. */
struct wci_retention_rule {
    int64_t before[WCI_CATEGORIES]; /* INT64_MIN: none */
    int64_t now;
    bool keeps_owed;        /* those that S3 does not have */
    bool keeps_unprocessed; /* those that detectors are to look at */
    bool frees_space;       /* those without a file here do not help */
};

/* A picture that goes. */
struct wci_expired {
    int64_t id;
    int64_t age; /* since when it counts */
    int category;
    int64_t bytes; /* of its file here; 0 where there is none */
    bool is_gone;  /* out, of a removal */
};

/* From when on its age counts: the later of its capture and its reception. A time of capture more
 * than a day behind its reception is not believed. */
int64_t wci_retention_age(int64_t captured_at, int64_t received_at);
/* The category that a picture goes by, of those seen on it (1 << category): people first, so that
 * what is set for them holds for every picture they are on. */
int wci_retention_category(uint32_t seen);
void wci_retention_write_json(const wildcam_retention *retention, struct wci_json *json);

#endif
