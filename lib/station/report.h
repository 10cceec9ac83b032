/* A report: what is added up from the days of a span, and of the one before it. */
#ifndef WCI_STATION_REPORT_H
#define WCI_STATION_REPORT_H

#include <wildcam/report.h>

#include "station/station.h"

enum { WCI_REPORT_HOURS = 24 };

/* The texts are the report's own: it may outlive the station. */
struct wci_report_species {
    char *name; /* NULL: there is none */
    int category;
    int64_t count, scored_count, scored_sum, sure_count, sure_sum, previous;
    int64_t false_positives;
    int64_t cameras; /* how many saw it */
    int64_t hours[WCI_REPORT_HOURS];
};

struct wci_report_camera {
    char *device_id; /* NULL: there is none */
    int64_t id;
    int64_t detections, unclassified, blanks, false_positives, pictures, unsure;
    int64_t first_day, last_day; /* with a detection; the last is before the first for none */
    int64_t *species;            /* counts, by the species' number */
    size_t species_capacity;
    unsigned char *active, *active_before; /* a bit for each day, of the span and the one before */
    double camera_days, previous_days;
    bool has_deployments, had_deployments; /* in the span, in the one before */
};

struct wci_report_day {
    int64_t detections, blanks, pictures;
};

struct wildcam_report {
    int64_t first_day, end_day, made_at;
    struct wci_report_species *species; /* by number */
    size_t species_capacity;
    struct wci_report_camera *cameras; /* by number */
    size_t camera_capacity;
    struct wci_report_day *days;
    int64_t hours[WCI_REPORT_HOURS];
    /* Totals. */
    int64_t detections, identified, unclassified, blanks, false_positives, pictures, unsure;
    int64_t scored_count, scored_sum;
    int64_t previous, previous_pictures;
    double camera_days, estimated_days, previous_days;
    struct wci_text damaged;
};

/* `report` is zeroed, and released whatever comes of it. The days are checked. */
wildcam_status wci_report_make(wildcam_station *station, int64_t first_day, int64_t end_day,
                               wildcam_progress_fn *progress, void *user,
                               struct wildcam_report *report);
void wci_report_release(struct wildcam_report *report);

/* report_write.c */
wildcam_status wci_report_write_json(const struct wildcam_report *report, struct wci_text *out);
wildcam_status wci_report_write_csv(const struct wildcam_report *report, struct wci_text *out);

#endif
