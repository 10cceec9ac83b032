/* Counts of some days, added up from the summaries' rows. */
#ifndef WCI_STATION_DAY_COUNTS_H
#define WCI_STATION_DAY_COUNTS_H

#include "base/json.h"
#include "store/backend.h"

enum { WCI_HOURS = 24, WCI_DAY_COUNTS_MAX = 1000000 };

struct wci_species_count {
    const struct wci_name *species; /* NULL: there is none */
    int64_t count, scored_count, scored_sum;
    int64_t hours[WCI_HOURS];
};

/* So many of a species on a day. */
struct wci_species_day {
    int64_t day;
    const struct wci_name *species;
    int64_t count;
};

struct wci_day_counts {
    const char *only; /* the only species that counts, or NULL */
    bool by_species_day;
    int64_t first_day, day_count;
    /* Activity: all but what is empty. */
    int64_t *days;
    int64_t hours[WCI_HOURS];
    int64_t total, blank, unclassified;
    /* Species: what somebody named. Sorted once it is all there: the most frequent first. */
    struct wci_species_count *species;
    size_t species_count, species_capacity;
    struct wci_species_day *species_days; /* then by day and name */
    size_t species_day_count, species_day_capacity;
};

wildcam_status wci_day_counts_begin(struct wci_day_counts *counts, int64_t first_day,
                                    int64_t end_day);
/* For struct wci_day_walk; `counts` is the user. */
wildcam_status wci_day_counts_add(void *counts, const struct wci_summary_row *row);
void wci_day_counts_sort(struct wci_day_counts *counts);
void wci_day_counts_free(struct wci_day_counts *counts);

/* The parts of answers. */
void wci_day_counts_write_species(const struct wci_day_counts *counts, const char *name,
                                  struct wci_json *json);
void wci_day_counts_write_activity(const struct wci_day_counts *counts, struct wci_json *json);
void wci_day_counts_write_species_hours(const struct wci_day_counts *counts, struct wci_json *json);
void wci_day_counts_write_species_days(const struct wci_day_counts *counts, struct wci_json *json);

/* "2026-03-01" */
void wci_json_date(struct wci_json *json, const char *name, int64_t day);
/* A mean confidence from a sum in millionths; null when there is none. */
void wci_json_mean(struct wci_json *json, const char *name, int64_t sum, int64_t count);

#endif
