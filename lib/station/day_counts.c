#include "station/day_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"

wildcam_status wci_day_counts_begin(struct wci_day_counts *counts, int64_t first_day,
                                    int64_t end_day)
{
    *counts = (struct wci_day_counts){.first_day = first_day, .day_count = end_day - first_day};
    counts->days = wci_new_array((size_t)counts->day_count, sizeof *counts->days);
    return counts->days ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

void wci_day_counts_free(struct wci_day_counts *counts)
{
    free(counts->days);
    free(counts->species);
    free(counts->species_days);
}

/* Numbers of species are small and without great gaps: they are places. */
static wildcam_status count_species(struct wci_day_counts *counts,
                                    const struct wci_summary_row *row)
{
    size_t at = (size_t)row->species->id, before = counts->species_capacity;
    void *all = counts->species;
    if (wci_reserve(&all, &counts->species_capacity, at + 1, sizeof *counts->species) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    counts->species = all;
    memset(counts->species + before, 0,
           (counts->species_capacity - before) * sizeof *counts->species);
    struct wci_species_count *count = &counts->species[at];
    counts->species_count = counts->species_count > at ? counts->species_count : at + 1;
    count->species = row->species;
    count->count += row->count;
    count->scored_count += row->scored_count;
    count->scored_sum += row->scored_sum;
    for (int hour = 0; hour < WCI_HOURS; hour++)
        count->hours[hour] += row->hours[hour];
    return WILDCAM_OK;
}

static wildcam_status note_species_day(struct wci_day_counts *counts,
                                       const struct wci_summary_row *row)
{
    void *all = counts->species_days;
    if (counts->species_day_count >= WCI_DAY_COUNTS_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "the answer has over %d rows: ask for fewer days",
                        WCI_DAY_COUNTS_MAX);
    if (wci_reserve(&all, &counts->species_day_capacity, counts->species_day_count + 1,
                    sizeof *counts->species_days) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    counts->species_days = all;
    counts->species_days[counts->species_day_count++] =
        (struct wci_species_day){row->day, row->species, row->count};
    return WILDCAM_OK;
}

static void count_activity(struct wci_day_counts *counts, const struct wci_summary_row *row)
{
    counts->days[row->day - counts->first_day] += row->count;
    counts->total += row->count;
    for (int hour = 0; hour < WCI_HOURS; hour++)
        counts->hours[hour] += row->hours[hour];
}

wildcam_status wci_day_counts_add(void *user, const struct wci_summary_row *row)
{
    struct wci_day_counts *counts = user;
    int category = row->species->category;
    int64_t at = row->day - counts->first_day;
    if (at < 0 || at >= counts->day_count ||
        (counts->only && strcmp(row->species->text, counts->only) != 0))
        return WILDCAM_OK;
    if (category == WILDCAM_CATEGORY_BLANK) {
        counts->blank += row->count;
        return WILDCAM_OK;
    }
    count_activity(counts, row);
    if (category == WILDCAM_CATEGORY_UNCLASSIFIED) {
        counts->unclassified += row->count;
        return WILDCAM_OK;
    }
    wildcam_status status = count_species(counts, row);
    if (status == WILDCAM_OK && counts->by_species_day)
        status = note_species_day(counts, row);
    return status;
}

/* ---- order ---- */

/* Two categories may have a species of one name. */
static int compare_names(const struct wci_name *a, const struct wci_name *b)
{
    int order = strcmp(a->text, b->text);
    return order ? order : (a->category > b->category) - (a->category < b->category);
}

static int compare_species(const void *left, const void *right)
{
    const struct wci_species_count *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->species && b->species ? compare_names(a->species, b->species) : 0;
}

static int compare_species_days(const void *left, const void *right)
{
    const struct wci_species_day *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return compare_names(a->species, b->species);
}

/* What is told of one day in several shards is put together. */
static void merge_species_days(struct wci_day_counts *counts)
{
    size_t kept = 0;
    for (size_t i = 0; i < counts->species_day_count; i++) {
        const struct wci_species_day *row = &counts->species_days[i];
        struct wci_species_day *last = kept ? &counts->species_days[kept - 1] : NULL;
        if (last && last->day == row->day && last->species == row->species)
            last->count += row->count;
        else
            counts->species_days[kept++] = *row;
    }
    counts->species_day_count = kept;
}

void wci_day_counts_sort(struct wci_day_counts *counts)
{
    if (counts->species_count)
        qsort(counts->species, counts->species_count, sizeof *counts->species, compare_species);
    while (counts->species_count && !counts->species[counts->species_count - 1].count)
        counts->species_count--;
    if (counts->species_day_count) {
        qsort(counts->species_days, counts->species_day_count, sizeof *counts->species_days,
              compare_species_days);
        merge_species_days(counts);
    }
}

/* ---- the parts of answers ---- */

void wci_json_date(struct wci_json *json, const char *name, int64_t day)
{
    char text[WILDCAM_TIME_TEXT];
    wci_calendar_format(day * WCI_DAY, 0, text);
    text[strlen("2026-03-01")] = '\0';
    wci_json_text(json, name, text);
}

void wci_json_mean(struct wci_json *json, const char *name, int64_t sum, int64_t count)
{
    wci_json_real(json, name,
                  count > 0 ? (double)sum / WCI_CONFIDENCE_UNIT / (double)count : (double)NAN);
}

void wci_day_counts_write_species(const struct wci_day_counts *counts, const char *name,
                                  struct wci_json *json)
{
    wci_json_open(json, name, '[');
    for (size_t i = 0; i < counts->species_count; i++) {
        const struct wci_species_count *count = &counts->species[i];
        wci_json_open(json, NULL, '{');
        wci_json_text(json, "species", count->species->text);
        wci_json_int(json, "count", count->count);
        wci_json_mean(json, "avg_confidence", count->scored_sum, count->scored_count);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

void wci_day_counts_write_activity(const struct wci_day_counts *counts, struct wci_json *json)
{
    wci_json_open(json, "hourly_activity", '[');
    for (int hour = 0; hour < WCI_HOURS; hour++) {
        wci_json_open(json, NULL, '{');
        wci_json_int(json, "hour", hour);
        wci_json_int(json, "count", counts->hours[hour]);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
    wci_json_open(json, "daily_activity", '[');
    for (int64_t day = 0; day < counts->day_count; day++) {
        wci_json_open(json, NULL, '{');
        wci_json_date(json, "date", counts->first_day + day);
        wci_json_int(json, "count", counts->days[day]);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

void wci_day_counts_write_species_hours(const struct wci_day_counts *counts, struct wci_json *json)
{
    wci_json_open(json, "species_hourly_activity", '[');
    for (size_t i = 0; i < counts->species_count; i++) {
        for (int hour = 0; hour < WCI_HOURS; hour++) {
            if (!counts->species[i].hours[hour])
                continue;
            wci_json_open(json, NULL, '{');
            wci_json_text(json, "species", counts->species[i].species->text);
            wci_json_int(json, "hour", hour);
            wci_json_int(json, "count", counts->species[i].hours[hour]);
            wci_json_close(json, '}');
        }
    }
    wci_json_close(json, ']');
}

void wci_day_counts_write_species_days(const struct wci_day_counts *counts, struct wci_json *json)
{
    wci_json_open(json, "species_by_day", '[');
    for (size_t i = 0; i < counts->species_day_count; i++) {
        wci_json_open(json, NULL, '{');
        wci_json_date(json, "date", counts->species_days[i].day);
        wci_json_text(json, "species", counts->species_days[i].species->text);
        wci_json_int(json, "count", counts->species_days[i].count);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}
