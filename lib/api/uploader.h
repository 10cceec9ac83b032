/* What an uploader is: an engine of its own, or a station's. */
#ifndef WCI_API_UPLOADER_H
#define WCI_API_UPLOADER_H

#include <sys/types.h>

#include <wildcam/regions.h>
#include <wildcam/uploader.h>

#include "api/call.h"
#include "upload/engine.h"

struct wildcam_uploader {
    wildcam_station
        *station; /* whose it is: its conf and engine, held; NULL when it stands alone */
    wildcam_conf *conf;
    wci_engine *engine;
    pid_t pid; /* who opened it */
    atomic_bool is_paused;
    pthread_mutex_t mutex; /* what follows */
    wildcam_progress_fn *progress;
    void *user;
};

/* Around every call: FORKED, or CLOSED of a station, without having entered. */
wildcam_status wci_api_uploader_enter(const wildcam_uploader *uploader);
void wci_api_uploader_leave(const wildcam_uploader *uploader);

/* Runs an expression with the uploader held open. */
#define WCI_WITH_UPLOADER(uploader, status, expression)                                            \
    do {                                                                                           \
        (status) = wci_api_uploader_enter(uploader);                                               \
        if ((status) == WILDCAM_OK) {                                                              \
            (status) = wci_answer(expression);                                                     \
            wci_api_uploader_leave(uploader);                                                      \
        }                                                                                          \
    } while (0)

/* Makes a receipt of what came of an object. */
wildcam_status wci_api_receipt_new(wildcam_receipt **out);
wildcam_status wci_api_receipt_fill(wildcam_receipt *receipt, wci_engine *engine,
                                    struct wci_object *object);

#endif
