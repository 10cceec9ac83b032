/* A picture on its way in. */
#ifndef WCI_STATION_INGEST_H
#define WCI_STATION_INGEST_H

#include <wildcam/ingest.h>

#include "model/check.h"
#include "station/station.h"

/* When, how far from UTC, and who says so. */
struct wci_moment {
    int64_t time; /* WILDCAM_TIME_NONE when nobody said */
    int32_t offset;
    int source;
};

enum wci_ingest_state { WCI_INGEST_OPEN, WCI_INGEST_FAILED, WCI_INGEST_KEPT, WCI_INGEST_ABORTED };

struct wildcam_ingest {
    wildcam_station *station;
    enum wci_ingest_state state;
    struct wci_error failure; /* when it has failed */
    struct wci_error refusal; /* of the picture; what comes after it only goes to quarantine */
    struct wci_staged staged;
    struct wci_jpeg_walk walk;
    wci_digest *digest;
    struct wci_text device_id;
    struct wci_moment given, fallback;
    wildcam_image image;
    wildcam_detection *detections;
    size_t detection_count, detection_capacity;
    int64_t detection_id;
    bool is_duplicate;
    bool is_brought; /* by a person: the camera was not heard of */
};

/* All within wci_station_enter(). */
wildcam_status wci_ingest_begin(wildcam_station *station, wildcam_ingest **out);
wildcam_status wci_ingest_write(wildcam_ingest *ingest, const void *data, size_t size);
/* What is wrong with the picture, as opposed to what is wrong here. */
bool wci_ingest_is_refusal(wildcam_status status);
wildcam_status wci_ingest_commit(wildcam_ingest *ingest);
wildcam_status wci_ingest_add_detection(wildcam_ingest *ingest, const wildcam_detection *draft);
/* Anywhere. */
void wci_ingest_abort(wildcam_ingest *ingest);
void wci_ingest_free(wildcam_ingest *ingest);
/* STATE after commit or abort; the failure again after a failure. */
wildcam_status wci_ingest_must_be_open(const wildcam_ingest *ingest);

#endif
