/*
 * What a station measures: one table, from which its families of metrics are made.
 *
 * What happens is counted as it happens; how things stand is looked up by a collector
 * (measures_collect.c), in the store, so that it is right from the first moment on and whoever else
 * uses the same station.
 */
#ifndef WCI_STATION_MEASURES_H
#define WCI_STATION_MEASURES_H

#include "conf/conf.h"
#include "metrics/registry.h"
#include "process/processor.h"
#include "station/handles.h"
#include "store/backend.h"
#include "upload/engine.h"

/* X(ID, type, name, (labels), help), by where they come from. (NULL) is no label. */
/* clang-format off */
#define WCI_MEASURES(X)                                                                            \
    /* counted as it happens, by this process */                                                   \
    X(DETECTIONS, COUNTER, "wildcam_wildlife_detections_total", ("camera_id", "species"),          \
      "Detections that were kept, by the camera's device_id and the species as it is stored.")     \
    X(DETECTIONS_KEPT, COUNTER, "wildcam_detections_kept_total", (NULL),                           \
      "Detections that were kept, of all cameras together.")                                       \
    X(PROCESSING, HISTOGRAM, "wildcam_detection_processing_seconds", ("camera_id"),                \
      "Where detectors look at pictures: the time from a picture's turn until what they found is "  \
      "kept for good. Where none do: the time from the end of a picture, or of a detection "       \
      "without one, until it is kept for good.")                                            \
    X(FAILURES, COUNTER, "wildcam_detection_failures_total", (NULL),                               \
      "Pictures and writes of detections that came in and could not be kept, those refused "       \
      "included, and tries at processing a picture that failed.")                                                                                 \
    X(DETECTOR_SECONDS, HISTOGRAM, "wildcam_detector_seconds", ("detector"),                       \
      "Time that a detector took for a picture, whatever came of it, by its name; that of a "      \
      "program is the beginning of its command.")                                                  \
    X(DETECTOR_FAILURES, COUNTER, "wildcam_detector_failures_total", ("detector"),                 \
      "Pictures that a detector could say nothing about, because of them or because of itself.")   \
    X(FALSE_POSITIVES, COUNTER, "wildcam_false_positives_total", (NULL),                           \
      "Detections that were found to be false by whoever verified them.")                          \
    X(PICTURES, COUNTER, "wildcam_pictures_total", ("result"),                                     \
      "Pictures that came in: kept, duplicate (kept before), refused (no whole JPEG), failed.")    \
    X(PICTURE_BYTES, COUNTER, "wildcam_picture_bytes_total", (NULL),                               \
      "Bytes of the pictures that were kept.")                                                     \
    X(IMAGES, COUNTER, "wildcam_image_count_total", (NULL),                                        \
      "Pictures that were kept by this process since its start, not those that there are.")        \
    X(COMMIT_SECONDS, HISTOGRAM, "wildcam_store_commit_seconds", (NULL),                           \
      "Time that writing a group of changes took, the disk included.")                             \
    X(COMMIT_CHANGES, HISTOGRAM, "wildcam_store_commit_changes", (NULL),                           \
      "Changes that were written as one group: what callers brought at the same time.")            \
    X(REMOVED, COUNTER, "wildcam_retention_deleted_total", ("category", "reason"),                 \
      "Pictures that retention deleted, by what was on them and why: age, space.")                 \
    X(ALERTS_RAISED, COUNTER, "wildcam_alerts_raised_total", ("kind"),                             \
      "Alerts that were raised by this process.")                                                  \
    X(WEBHOOKS, COUNTER, "wildcam_webhook_deliveries_total", ("outcome"),                          \
      "Tries to send an alert, by what they came to: delivered, retried, parked.")                 \
    X(WEBHOOK_SECONDS, HISTOGRAM, "wildcam_webhook_seconds", (NULL),                               \
      "Time of a try to send an alert, whatever it came to.")                                      \
    X(QUEUE, GAUGE, "wildcam_processing_queue_size", (NULL),                                       \
      "Pictures that wait to be processed, those under way included; 0 where nothing looks at "    \
      "pictures.")                                                       \
    /* the cache of answers, as it is when somebody looks */                                       \
    X(CACHE_HITS, COUNTER, "wildcam_cache_hits_total", (NULL),                                     \
      "Answers about counts that were there, or that somebody else was just working out.")         \
    X(CACHE_MISSES, COUNTER, "wildcam_cache_misses_total", (NULL),                                 \
      "Answers about counts that were worked out.")                                                \
    X(CACHE_BYTES, GAUGE, "wildcam_cache_bytes", (NULL),                                           \
      "Memory that answers which are kept take together.")                                         \
    /* alerts in the store */                                                                      \
    X(ALERTS_OPEN, GAUGE, "wildcam_alerts_open", ("kind", "severity"),                             \
      "Alerts that are not cleared.")                                                              \
    X(WEBHOOKS_OWED, GAUGE, "wildcam_webhook_outbox", ("state"),                                   \
      "Deliveries of alerts: owed, or parked because they were given up.")                         \
    /* the cameras in the store */                                                                 \
    X(ACTIVE, GAUGE, "wildcam_active_cameras_total", (NULL), "Cameras that are active.")           \
    X(ACTIVE_TOO, GAUGE, "wildcam_active_cameras", (NULL),                                         \
      "The same, by the name that the original's Kubernetes rules ask for.")                       \
    X(CAMERAS, GAUGE, "wildcam_cameras", ("status"), "Cameras by status.")                         \
    X(LAST_SEEN, GAUGE, "wildcam_camera_last_seen_timestamp", ("camera_id", "location"),           \
      "When an active camera was last heard of, in seconds since 1970, to ten seconds; location "  \
      "is its location_name.")                                                                     \
    /* wildcam_station_health() */                                                                 \
    X(STORE_UP, GAUGE, "wildcam_store_up", (NULL), "Whether the store answers: 1 or 0.")           \
    X(SHARDS, GAUGE, "wildcam_store_shards", (NULL), "Files that hold detections.")                \
    X(OPEN_SHARDS, GAUGE, "wildcam_store_open_shards", (NULL), "Those of them that are open.")     \
    X(DAMAGED_SHARDS, GAUGE, "wildcam_store_damaged_shards", (NULL),                               \
      "Files that were set aside because they are damaged.")                                       \
    X(PROCESSING_PARKED, GAUGE, "wildcam_processing_parked", (NULL),                               \
      "Pictures whose processing failed too often, until a person looks at them.")                 \
    X(PROCESSING_OLDEST, GAUGE, "wildcam_processing_oldest_seconds", (NULL),                       \
      "For how long the oldest of those that wait to be processed has.")                           \
    X(STORAGE_USED, GAUGE, "wildcam_storage_used_bytes", (NULL),                                   \
      "Bytes of the station's disk that are used, by whomever.")                                   \
    X(STORAGE_TOTAL, GAUGE, "wildcam_storage_total_bytes", (NULL),                                 \
      "The size of the station's disk.")                                                           \
    X(STORAGE_FREE, GAUGE, "wildcam_storage_free_bytes", (NULL),                                   \
      "Bytes of the station's disk that are free.")                                                \
    X(STORAGE_FLOOR, GAUGE, "wildcam_storage_floor_bytes", (NULL),                                 \
      "The disk's floor: with less than this free nothing new is taken.")                          \
    /* Uploads; none of these where nothing is uploaded. How many connections are in use or rest in\
     * libcurl's pool is not told: it does not say, and our sockets alone do not either, as one    \
     * request may be on two of them for a moment, or on none yet. */                              \
    X(OUTBOX_ITEMS, GAUGE, "wildcam_outbox_items", ("state"),                                      \
      "Objects that S3 is to get: owed, or parked until a person looks at them.")                  \
    X(OUTBOX_OLDEST, GAUGE, "wildcam_outbox_oldest_seconds", (NULL),                               \
      "For how long the oldest of those that are owed has been.")                                  \
    X(S3_REQUESTS, COUNTER, "wildcam_s3_requests_total", ("region", "op", "outcome"),              \
      "Requests to S3, by S3's name for what was asked and by what they came to.")                 \
    X(S3_SECONDS, HISTOGRAM, "wildcam_s3_request_seconds", ("region"),                             \
      "Time of a request to S3 from its beginning, a new connection included, to its end, "        \
      "whatever it came to.")                                                                      \
    X(S3_FAILOVERS, COUNTER, "wildcam_s3_failovers_total", ("from", "to"),                         \
      "Objects that went on in another region than they had been sent to before.")                 \
    X(S3_BYTES, COUNTER, "wildcam_s3_sent_bytes_total", (NULL), "Bytes sent to S3.")               \
    X(S3_STATE, GAUGE, "wildcam_s3_region_state", ("region", "state"),                             \
      "How a region is: 1 for the state that it is in.")                                           \
    X(S3_CURRENT, GAUGE, "wildcam_s3_region_current", ("region"),                                  \
      "1 for the region that uploads go to now.")                                                  \
    X(S3_UNDER_WAY, GAUGE, "wildcam_s3_requests_under_way", ("region"),                            \
      "Requests to S3 that are under way.")                                                        \
    X(S3_TOKENS, GAUGE, "wildcam_s3_retry_tokens", ("region"),                                     \
      "What is left of a region's allowance for retries.")                                         \
    X(S3_SKEW, GAUGE, "wildcam_s3_clock_skew_seconds", ("region"),                                 \
      "By how much a region's clock is ahead of this one.")                                        \
    /* /proc */                                                                                    \
    X(CPU, COUNTER, "process_cpu_seconds_total", (NULL),                                           \
      "CPU time that the process has taken, of the user and the system.")                          \
    X(RESIDENT, GAUGE, "process_resident_memory_bytes", (NULL), "Memory that is resident.")        \
    X(VIRTUAL, GAUGE, "process_virtual_memory_bytes", (NULL), "Memory that is mapped.")            \
    X(OPEN_FILES, GAUGE, "process_open_fds", (NULL), "Open file descriptors.")                     \
    X(FILES_MAX, GAUGE, "process_max_fds", (NULL), "How many there may be.")                       \
    X(THREADS, GAUGE, "process_threads", (NULL), "Threads.")                                       \
    X(STARTED, GAUGE, "process_start_time_seconds", (NULL),                                        \
      "When the process was started, in seconds since 1970.")                                      \
    X(BUILD, GAUGE, "wildcam_build_info", ("version"), "1, labelled with the library's version.")
/* clang-format on */

enum wci_measure {
#define WCI_MEASURE_ID(id, type, name, labels, help) WCI_MEASURE_##id,
    WCI_MEASURES(WCI_MEASURE_ID)
#undef WCI_MEASURE_ID
        WCI_MEASURE_COUNT
};

/* What became of a picture, and the word for it. */
#define WCI_PICTURE_RESULTS(X)                                                                     \
    X(KEPT, "kept")                                                                                \
    X(DUPLICATE, "duplicate")                                                                      \
    X(REFUSED, "refused")                                                                          \
    X(FAILED, "failed")

enum wci_picture_result {
#define WCI_PICTURE_ID(id, word) WCI_PICTURE_##id,
    WCI_PICTURE_RESULTS(WCI_PICTURE_ID)
#undef WCI_PICTURE_ID
        WCI_PICTURE_RESULT_COUNT
};

struct wci_shown_camera;
struct wci_region_series;

struct wci_measures {
    wildcam_metrics *registry;
    struct wildcam_metric_family *families[WCI_MEASURE_COUNT];
    struct wci_series *scalars[WCI_MEASURE_COUNT]; /* of those without labels, once they are used */
    struct wci_series *pictures[WCI_PICTURE_RESULT_COUNT];
    struct wci_handles handles; /* DETECTIONS by camera and species, PROCESSING by camera */
    struct wci_region_series *regions[WCI_REGIONS_MAX]; /* once there was a request */
    /* The collector's own. */
    struct wci_shown_camera **shown; /* by the camera's number */
    size_t shown_capacity;
    int64_t round;
    double started;
};

/* Adds the families to a registry, which must outlive it. */
wildcam_status wci_measures_open(struct wci_measures *measures, wildcam_metrics *registry,
                                 const wildcam_conf *conf);
void wci_measures_close(struct wci_measures *measures, bool is_forked);

/* Events. None fails: what cannot be counted is kept all the same. */
void wci_measure_picture(struct wci_measures *measures, enum wci_picture_result result,
                         int64_t bytes);
/* Those of the rows that were kept: they have an id. */
void wci_measure_rows(struct wci_measures *measures, const struct wci_row *rows, size_t count);
/* Since a moment of the monotonic clock. */
void wci_measure_processing(struct wci_measures *measures, const struct wci_name *camera,
                            int64_t since);
void wci_measure_failure(struct wci_measures *measures);
/* A picture that retention deleted. */
void wci_measure_removed(struct wci_measures *measures, int category, bool for_space);
void wci_measure_alert(struct wci_measures *measures, int kind);
/* A try to send one: "delivered", "retried" or "parked". */
void wci_measure_webhook(struct wci_measures *measures, const char *outcome, int64_t duration);
void wci_measure_false_positive(struct wci_measures *measures);
/* As the store's own: a group of changes that took some microseconds. */
void wci_measure_commit(void *measures, size_t changes, int64_t duration);

/* What the processor is to tell of pictures. */
struct wci_process_listener wci_measures_processing(struct wci_measures *measures);
/* What the engine is to tell of requests to S3. */
struct wci_engine_listener wci_measures_listener(struct wci_measures *measures);
void wci_measures_forget_regions(struct wci_measures *measures);

/* Cameras, whose numbers rise, are not to be seen any more: their series go, in one pass. When
 * memory runs out some may be left: to be called again. */
wildcam_status wci_measures_forget_cameras(struct wci_measures *measures, const int64_t *camera_ids,
                                           const char *const *device_ids, size_t count);

/* What has been counted. */
int64_t wci_measures_pictures(const struct wci_measures *measures, enum wci_picture_result result);
int64_t wci_measures_detections(const struct wci_measures *measures);

/* How things stand, by the collector. A failure leaves the series as it was. */
void wci_measures_set(struct wci_measures *measures, enum wci_measure measure, double value);
void wci_measures_set_of(struct wci_measures *measures, enum wci_measure measure,
                         const char *const *labels, double value);
/* What has not been counted yet is shown as 0. */
void wci_measures_show(struct wci_measures *measures, enum wci_measure measure,
                       const char *const *labels);

/* A series with a reference for the caller; NULL labels where there are none. */
wildcam_status wci_measures_series(struct wci_measures *measures, enum wci_measure measure,
                                   const char *const *labels, struct wci_series **out);

/* The collector: `user` is the station. */
void wci_station_collect(void *station);
void wci_measures_forget_shown(struct wci_measures *measures);

#endif
