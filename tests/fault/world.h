/* A station that has something to lose, and what a scenario works with. */
#ifndef TESTS_FAULT_WORLD_H
#define TESTS_FAULT_WORLD_H

#include "support/harness.h"

/* What the template station holds: two months, a picture in each. */
enum { KEPT_PICTURES = 2, KEPT_DETECTIONS = 3 };

struct world {
    const char *directory; /* the station's */
    wildcam_conf *conf;    /* a station's */
    wildcam_station *station;
    /* What the template holds. */
    int64_t image_id, detection_id;  /* of the newer picture */
    const struct jpeg *kept, *fresh; /* a picture that is kept, and one that is not yet */
    /* What a scenario makes for itself; freed behind it. */
    wildcam_camera *camera;
    wildcam_detection *detection;
    wildcam_query *query;
    wildcam_image *image;
    wildcam_ingest *ingest;
    wildcam_batch *batch;
    wildcam_cursor *cursor;
    wildcam_event_cursor *events;
    wildcam_image_cursor *images;
    wildcam_conf *settings;
    wildcam_uploader *uploader;
    wildcam_alert_query *alert_query;
    wildcam_exchange *exchange;
    wildcam_deployment *deployment;
    wildcam_metrics *metrics;
    /* What its call gives; freed behind it. */
    wildcam_camera *got_camera;
    wildcam_camera_list *got_list;
    wildcam_detection *got_detection;
    wildcam_image *got_image;
    wildcam_health *got_health;
    wildcam_summary *got_summary;
    wildcam_analytics *got_analytics;
    wildcam_report *got_report;
    wildcam_job *got_job;
    wildcam_job_list *got_jobs;
    wildcam_receipt *got_receipt;
    wildcam_regions *got_regions;
    wildcam_upload *got_upload;
    wildcam_processing *got_processing;
    wildcam_deployment *got_deployment;
    wildcam_deployment_list *got_deployments;
    wildcam_access *got_access;
    wildcam_alert *got_alert;
    wildcam_alert_list *got_alerts;
    wildcam_access_list *got_access_list;
    wildcam_session *got_session;
    wildcam_metric_family *family; /* of its metrics */
    wildcam_counter *counter;
    wildcam_gauge *gauge;
    wildcam_histogram *histogram;
    wildcam_retention *got_retention;
    const wildcam_detection *got_row; /* borrowed */
    const wildcam_event *got_event;   /* the same */
    void *bytes;
    size_t size;
    int fd;
    int64_t id, count;
};

/* Makes the template, a backup of it and the pictures; once in a test. */
void world_prepare(void);

/* Says what there is, and makes the station as the template is unless that is so already. */
void world_begin(struct world *world, bool has_station, bool is_ready);
void world_open(struct world *world);
/* Frees all that a scenario made or got, and closes the station. */
void world_end(struct world *world);
/* Frees what the scenario made, so that it may be made anew. */
void world_drop(struct world *world);

/* Checks a station with every picture's content: nothing may be wrong. How many detections it has
 * comes back. */
int64_t world_check(wildcam_station *station);
/* The same for what a kill at this moment would leave. */
int64_t world_check_killed(void);
/* How many files are in the station's incoming/, but for locks. */
int world_incoming(void);

void copy_tree(const char *from, const char *to);
void remove_tree(const char *path);

#endif
