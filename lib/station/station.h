/* The station: everything put together, and who may use it when. */
#ifndef WCI_STATION_STATION_H
#define WCI_STATION_STATION_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <wildcam/station.h>

#include "base/cache.h"
#include "image/decode_budget.h"
#include "image/jpeg_walk.h"
#include "process/processor.h"
#include "station/alerts.h"
#include "station/jobs.h"
#include "station/measures.h"
#include "station/throttle.h"
#include "station/webhook.h"
#include "store/store.h"
#include "upload/uploader.h"

/* How far retention has come. */
struct wci_retention_place {
    pthread_mutex_t mutex; /* the first two */
    int pass;
    int64_t after;
    _Atomic int64_t rested; /* monotonic; 0 never */
    atomic_bool is_short;   /* that too little can be deleted has been logged */
};

struct wildcam_station {
    wildcam_conf *conf;
    struct wci_log log;
    wildcam_metrics *metrics;
    struct wci_measures measures;
    struct wci_store store;
    struct wci_cache *cache; /* of answers about what is in the store */
    struct wci_alerts alerts;
    struct wci_webhook webhook;
    struct wci_jobs jobs;
    wci_uploader *uploader;
    wci_processor *processor;
    struct wci_decode_budget decode_budget;
    struct wci_throttle throttle;
    pthread_mutex_t hash_mutex; /* held while the hash of a password is worked out */
    atomic_int hashing;         /* how many do or wait to */
    pid_t pid;                  /* who opened it */

    /* Who uses it: handles and children hold its memory, calls under way hold the store. */
    atomic_int references, calls;
    atomic_bool is_closed;
    pthread_mutex_t mutex; /* the end of calls, and the keeper */
    pthread_cond_t calls_ended;

    /* The thread of its own; the uploader has others. */
    pthread_t keeper;
    bool has_keeper;
    struct wci_retention_place retention;
    atomic_bool has_told_events; /* that they could not be grouped */
    pthread_cond_t keeper_wakes;
};

wildcam_status wci_station_open(const wildcam_conf *conf, wildcam_station **out);
void wci_station_close(wildcam_station *station);
/* For children: their memory holds the station's. */
void wci_station_hold(wildcam_station *station);
void wci_station_let_go(wildcam_station *station);

/* Around every call: CLOSED, FORKED or INVALID (for NULL) without having entered. */
wildcam_status wci_station_enter(wildcam_station *station);
void wci_station_leave(wildcam_station *station);

wildcam_status wci_station_start(wildcam_station *station);
void wci_station_stop(wildcam_station *station);
void wci_station_maintain(wildcam_station *station, int64_t budget_ms);

struct wci_jpeg_limits wci_station_limits(const wildcam_station *station);

/* The camera with that device id; one that is not known registers itself if the settings say so, as
 * heard of now or not yet. */
wildcam_status wci_station_find_camera(wildcam_station *station, const char *device_id,
                                       bool is_heard, const struct wci_name **out);
/* What a draft amounts to, but its camera and time. The metadata is borrowed from it. */
wildcam_status wci_station_fill_row(wildcam_station *station, const wildcam_detection *draft,
                                    struct wci_row *row);
/* A draft that stands by itself: with its camera and time, which it must have. */
wildcam_status wci_station_make_row(wildcam_station *station, const wildcam_detection *draft,
                                    struct wci_row *row);

wildcam_status wci_station_thumbnail(wildcam_station *station, int64_t id, void **data,
                                     size_t *size);

#endif
