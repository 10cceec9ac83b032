/* A detection, and the words for what it can be of. */
#ifndef WCI_MODEL_DETECTION_H
#define WCI_MODEL_DETECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/detection.h>

#include "base/json.h"
#include "base/text.h"

/* Which of a reviewer's words were set in a draft. */
enum {
    WCI_SET_VERIFIED = 1,
    WCI_SET_VERIFIED_SPECIES = 2,
    WCI_SET_FALSE_POSITIVE = 4,
    WCI_SET_NOTES = 8,
    WCI_SET_VERIFIED_BY = 16,
};

struct wildcam_detection {
    int64_t id, image_id, camera_id;
    int64_t time;
    int32_t offset;
    int time_source;
    /* What the camera's clock said where that is not the time; WILDCAM_TIME_NONE. */
    int64_t clock_time;
    int32_t clock_offset;
    int category; /* -1 in a draft: follows from the species */
    bool has_box;
    wildcam_box box;
    double confidence;
    int64_t event_id;    /* its picture's event; 0 while it is in none */
    int64_t detector_id; /* 0 for a camera's or a person's word */
    struct wci_text device_id, species, metadata;
    struct wci_text detector, detector_version; /* who found it; "" nobody that looks at pictures */
    /* Review. */
    uint32_t set;
    int verified, false_positive;
    int64_t verified_at;
    struct wci_text detected_species, verified_species, notes, verified_by;
};

void wci_detection_init(wildcam_detection *detection);
void wci_detection_reset(wildcam_detection *detection);
void wci_detection_release(wildcam_detection *detection); /* its texts */
wildcam_status wci_detection_copy(wildcam_detection *to, const wildcam_detection *from);

wildcam_status wci_detection_set_box(wildcam_detection *detection, const wildcam_box *box);

/* What a draft amounts to: a category, and a species that is never "". The name is borrowed from
 * the draft or a literal. */
void wci_detection_settle(const wildcam_detection *draft, int *category, const char **species);
/* The same for a reviewer's word, which replaces the species but not a category that fits. */
void wci_species_settle(const char *named, int wanted_category, int *category,
                        const char **species);

void wci_detection_write_json(const wildcam_detection *detection, struct wci_json *json);

const char *wci_category_name(int category);
/* -1 when no category has that name. */
int wci_category_find(const char *name);

/* The detector that comes with the library. It says that something moved, and not what: its word
 * tells nobody whether people are on a picture. */
#define WCI_MOTION "motion"
bool wci_detector_knows_people(const char *detector);

#endif
