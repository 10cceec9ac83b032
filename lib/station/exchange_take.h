/* Taking in a picture's file for an import. */
#ifndef WCI_STATION_EXCHANGE_TAKE_H
#define WCI_STATION_EXCHANGE_TAKE_H

#include "base/file.h"
#include "model/check.h"
#include "station/exchange.h"
#include "station/ingest.h"

struct wci_take {
    wildcam_exchange *exchange;
    const char *base, *file; /* a folder, and what somebody else calls the file in it */
    const char *name;        /* as it is called elsewhere; its last part is kept */
    const char *metadata;    /* NULL for none */
    char device_id[WCI_DEVICE_ID_MAX + 1];
    struct wci_moment moment; /* its time where it is known; WILDCAM_TIME_NONE when it is not */
    const wildcam_detection *detections;
    size_t count;
    bool is_favourite;
    int capture; /* WILDCAM_CAPTURE_, unless the picture says it itself */
    /* Out. */
    int64_t image_id; /* 0 in a dry run for one that is new */
    bool is_known;
};

/* Takes it in, or in a dry run looks whether it would be, and counts it. */
wildcam_status wci_take_file(struct wci_take *take);
/* Whether a failure is one picture's alone. */
bool wci_take_is_of_one(wildcam_status status);

#endif
