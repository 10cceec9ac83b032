/* A report as JSON and as CSV. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <wildcam/detection.h>
#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "exchange/csv.h"
#include "station/day_counts.h"
#include "station/report.h"

enum { DAYS_OF_WEEK = 7 };

/* What both forms tell, worked out once: what there is, in order. */
struct view {
    const struct wildcam_report *report;
    const struct wci_report_species **species; /* the most frequent first */
    const struct wci_report_camera **cameras;  /* by device id */
    size_t species_count, camera_count;
};

/* ---- formulas ---- */

static double per_100_days(int64_t count, double camera_days)
{
    return camera_days > 0 ? 100 * (double)count / camera_days : (double)NAN;
}

static double change_percent(double now, double before)
{
    return before > 0 ? 100 * (now - before) / before : (double)NAN;
}

static double mean(int64_t sum, int64_t count)
{
    return count > 0 ? (double)sum / WCI_CONFIDENCE_UNIT / (double)count : (double)NAN;
}

/* 1970-01-01 was a Thursday. */
static int64_t monday_of(int64_t day)
{
    return day - (day % DAYS_OF_WEEK + DAYS_OF_WEEK + 3) % DAYS_OF_WEEK;
}

struct week {
    int64_t first_day, days, detections, pictures;
    double per_day, change;
};

/* The next week of the report behind the one that is there; begins with a zeroed one. */
static bool next_week(const struct wildcam_report *report, struct week *week)
{
    double before = week->days ? week->per_day : 0;
    int64_t first = week->days ? week->first_day + week->days : report->first_day;
    int64_t end = monday_of(first) + DAYS_OF_WEEK;
    end = end < report->end_day ? end : report->end_day;
    if (first >= report->end_day)
        return false;
    *week = (struct week){.first_day = first, .days = end - first};
    for (int64_t day = first; day < end; day++) {
        week->detections += report->days[day - report->first_day].detections;
        week->pictures += report->days[day - report->first_day].pictures;
    }
    week->per_day = (double)week->detections / (double)week->days;
    week->change = change_percent(week->per_day, before);
    return true;
}

static const char *effort_source(const struct wci_report_camera *camera)
{
    return camera->has_deployments ? "deployments" : "estimated";
}

/* ---- order ---- */

static int compare_species(const void *left, const void *right)
{
    const struct wci_report_species *a = *(const struct wci_report_species *const *)left;
    const struct wci_report_species *b = *(const struct wci_report_species *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->category > b->category) - (a->category < b->category);
}

/* Of some it is known only what they did in the span before. */
static bool is_of_the_span(const struct wci_report_camera *camera)
{
    return camera->device_id && (camera->has_deployments || camera->camera_days > 0);
}

static int compare_cameras(const void *left, const void *right)
{
    const struct wci_report_camera *a = *(const struct wci_report_camera *const *)left;
    const struct wci_report_camera *b = *(const struct wci_report_camera *const *)right;
    return strcmp(a->device_id, b->device_id);
}

static bool is_told(const struct wci_report_species *species)
{
    return species->name && (species->count || species->previous || species->false_positives);
}

static void view_end(struct view *view)
{
    free(view->species);
    free(view->cameras);
}

static wildcam_status view_begin(struct view *view, const struct wildcam_report *report)
{
    *view = (struct view){.report = report};
    view->species = wci_new_array(report->species_capacity + 1, sizeof *view->species);
    view->cameras = wci_new_array(report->camera_capacity + 1, sizeof *view->cameras);
    if (!view->species || !view->cameras) {
        view_end(view);
        return WILDCAM_ERR_NOMEM;
    }
    for (size_t i = 0; i < report->species_capacity; i++)
        if (is_told(&report->species[i]))
            view->species[view->species_count++] = &report->species[i];
    for (size_t i = 0; i < report->camera_capacity; i++)
        if (is_of_the_span(&report->cameras[i]))
            view->cameras[view->camera_count++] = &report->cameras[i];
    qsort(view->species, view->species_count, sizeof *view->species, compare_species);
    qsort(view->cameras, view->camera_count, sizeof *view->cameras, compare_cameras);
    return WILDCAM_OK;
}

/* How many of a species a camera saw. */
static int64_t seen_by(const struct view *view, const struct wci_report_camera *camera,
                       const struct wci_report_species *species)
{
    size_t number = (size_t)(species - view->report->species);
    return number < camera->species_capacity ? camera->species[number] : 0;
}

static int64_t count_species_of(const struct view *view, const struct wci_report_camera *camera)
{
    int64_t count = 0;
    for (size_t i = 0; i < view->species_count; i++)
        count += seen_by(view, camera, view->species[i]) > 0;
    return count;
}

static int64_t count_seen_species(const struct view *view)
{
    int64_t count = 0;
    for (size_t i = 0; i < view->species_count; i++)
        count += view->species[i]->count > 0;
    return count;
}

/* ---- JSON ---- */

static void write_span(const struct wildcam_report *report, struct wci_json *json)
{
    int64_t days = report->end_day - report->first_day;
    wci_json_text(json, "report", "analytics");
    wci_json_date(json, "start_date", report->first_day);
    wci_json_date(json, "end_date", report->end_day - 1);
    wci_json_int(json, "days", days);
    wci_json_time(json, "generated_at", report->made_at, 0);
    wci_json_open(json, "previous", '{');
    wci_json_date(json, "start_date", report->first_day - days);
    wci_json_date(json, "end_date", report->first_day - 1);
    wci_json_int(json, "detections", report->previous);
    wci_json_int(json, "pictures", report->previous_pictures);
    wci_json_real(json, "camera_days", report->previous_days);
    wci_json_real(json, "per_100_camera_days",
                  per_100_days(report->previous, report->previous_days));
    wci_json_close(json, '}');
}

static void write_formulas(struct wci_json *json)
{
    wci_json_open_line(json, "formulas", '{');
    wci_json_text(json, "detections",
                  "all that counts but what is blank; what was found to be false counts nowhere "
                  "but in false_positives");
    wci_json_text(json, "camera_days",
                  "deployments: their time within the span less failure periods, in days; "
                  "estimated: days with any picture or detection, for cameras without deployments");
    wci_json_text(json, "per_100_camera_days", "100 * detections / camera_days");
    wci_json_text(json, "change_percent",
                  "100 * (now - before) / before; before is the span of the same length just "
                  "before, of weeks the week before, in detections per day");
    wci_json_text(json, "unknown_time_pictures",
                  "pictures whose time is that of their reception or of unknown origin");
    wci_json_close(json, '}');
}

static void write_totals(const struct view *view, struct wci_json *json)
{
    const struct wildcam_report *report = view->report;
    wci_json_open_line(json, "totals", '{');
    wci_json_int(json, "detections", report->detections);
    wci_json_int(json, "identified", report->identified);
    wci_json_int(json, "unclassified", report->unclassified);
    wci_json_int(json, "blanks", report->blanks);
    wci_json_int(json, "false_positives", report->false_positives);
    wci_json_int(json, "pictures", report->pictures);
    wci_json_int(json, "unknown_time_pictures", report->unsure);
    wci_json_int(json, "species", count_seen_species(view));
    wci_json_int(json, "cameras", (int64_t)view->camera_count);
    wci_json_real(json, "avg_confidence", mean(report->scored_sum, report->scored_count));
    wci_json_real(json, "camera_days", report->camera_days);
    wci_json_real(json, "estimated_camera_days", report->estimated_days);
    wci_json_real(json, "per_100_camera_days",
                  per_100_days(report->detections, report->camera_days));
    wci_json_real(json, "change_percent",
                  change_percent((double)report->detections, (double)report->previous));
    wci_json_close(json, '}');
}

static void write_hours(const int64_t hours[WCI_REPORT_HOURS], const char *name,
                        struct wci_json *json)
{
    wci_json_open(json, name, '[');
    for (int hour = 0; hour < WCI_REPORT_HOURS; hour++)
        wci_json_int(json, NULL, hours[hour]);
    wci_json_close(json, ']');
}

static void write_species(const struct view *view, struct wci_json *json)
{
    wci_json_open_line(json, "species", '[');
    for (size_t i = 0; i < view->species_count; i++) {
        const struct wci_report_species *species = view->species[i];
        wci_json_open_line(json, NULL, '{');
        wci_json_text(json, "species", species->name);
        wci_json_text(json, "category", wci_category_name(species->category));
        wci_json_int(json, "count", species->count);
        wci_json_real(json, "avg_confidence", mean(species->scored_sum, species->scored_count));
        wci_json_int(json, "sure_count", species->sure_count);
        wci_json_real(json, "sure_avg_confidence", mean(species->sure_sum, species->sure_count));
        wci_json_int(json, "false_positives", species->false_positives);
        wci_json_int(json, "cameras", species->cameras);
        wci_json_real(json, "per_100_camera_days",
                      per_100_days(species->count, view->report->camera_days));
        wci_json_int(json, "previous_count", species->previous);
        wci_json_real(json, "change_percent",
                      change_percent((double)species->count, (double)species->previous));
        write_hours(species->hours, "hourly", json);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

static void write_date_or_null(struct wci_json *json, const char *name, bool is_known, int64_t day)
{
    if (is_known)
        wci_json_date(json, name, day);
    else
        wci_json_null(json, name);
}

static void write_cameras(const struct view *view, struct wci_json *json)
{
    wci_json_open_line(json, "cameras", '[');
    for (size_t i = 0; i < view->camera_count; i++) {
        const struct wci_report_camera *camera = view->cameras[i];
        bool has_any = camera->first_day <= camera->last_day;
        wci_json_open_line(json, NULL, '{');
        wci_json_text(json, "device_id", camera->device_id);
        wci_json_int(json, "camera_id", camera->id);
        wci_json_int(json, "detections", camera->detections);
        wci_json_int(json, "unclassified", camera->unclassified);
        wci_json_int(json, "blanks", camera->blanks);
        wci_json_int(json, "false_positives", camera->false_positives);
        wci_json_int(json, "pictures", camera->pictures);
        wci_json_int(json, "unknown_time_pictures", camera->unsure);
        wci_json_int(json, "species", count_species_of(view, camera));
        write_date_or_null(json, "first_date", has_any, camera->first_day);
        write_date_or_null(json, "last_date", has_any, camera->last_day);
        wci_json_real(json, "camera_days", camera->camera_days);
        wci_json_text(json, "effort_source", effort_source(camera));
        wci_json_real(json, "per_100_camera_days",
                      per_100_days(camera->detections, camera->camera_days));
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

static void write_camera_species(const struct view *view, struct wci_json *json)
{
    wci_json_open_line(json, "camera_species", '[');
    for (size_t i = 0; i < view->camera_count; i++) {
        const struct wci_report_camera *camera = view->cameras[i];
        for (size_t k = 0; k < view->species_count; k++) {
            int64_t count = seen_by(view, camera, view->species[k]);
            if (!count)
                continue;
            wci_json_open_line(json, NULL, '{');
            wci_json_text(json, "device_id", camera->device_id);
            wci_json_text(json, "species", view->species[k]->name);
            wci_json_text(json, "category", wci_category_name(view->species[k]->category));
            wci_json_int(json, "count", count);
            wci_json_real(json, "per_100_camera_days", per_100_days(count, camera->camera_days));
            wci_json_close(json, '}');
        }
    }
    wci_json_close(json, ']');
}

static void write_daily(const struct wildcam_report *report, struct wci_json *json)
{
    wci_json_open_line(json, "daily", '[');
    for (int64_t day = report->first_day; day < report->end_day; day++) {
        const struct wci_report_day *counts = &report->days[day - report->first_day];
        wci_json_open_line(json, NULL, '{');
        wci_json_date(json, "date", day);
        wci_json_int(json, "detections", counts->detections);
        wci_json_int(json, "blanks", counts->blanks);
        wci_json_int(json, "pictures", counts->pictures);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

static void write_weekly(const struct wildcam_report *report, struct wci_json *json)
{
    struct week week = {0};
    wci_json_open_line(json, "weekly", '[');
    while (next_week(report, &week)) {
        wci_json_open_line(json, NULL, '{');
        wci_json_date(json, "start_date", week.first_day);
        wci_json_int(json, "days", week.days);
        wci_json_int(json, "detections", week.detections);
        wci_json_int(json, "pictures", week.pictures);
        wci_json_real(json, "detections_per_day", week.per_day);
        wci_json_real(json, "change_percent", week.change);
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
}

wildcam_status wci_report_write_json(const struct wildcam_report *report, struct wci_text *out)
{
    struct view view;
    struct wci_json json = {.out = out};
    wildcam_status status = view_begin(&view, report);
    if (status != WILDCAM_OK)
        return status;
    wci_json_open(&json, NULL, '{');
    write_span(report, &json);
    write_formulas(&json);
    write_totals(&view, &json);
    write_species(&view, &json);
    write_cameras(&view, &json);
    write_camera_species(&view, &json);
    write_daily(report, &json);
    write_weekly(report, &json);
    wci_json_line(&json);
    write_hours(report->hours, "hourly", &json);
    if (report->damaged.length)
        wci_json_text(&json, "incomplete", report->damaged.data);
    wci_json_close(&json, '}');
    wci_text_add_char(out, '\n');
    view_end(&view);
    return out->failed ? wci_fail_memory() : WILDCAM_OK;
}

/* ---- CSV ---- */

/* A line of the table; what it does not have is NULL, NONE or NaN. */
enum { NONE = -1 };
struct line {
    const char *section, *device_id, *species, *category, *effort_source, *note;
    bool has_day;
    int64_t day, hour, days, detections, identified, unclassified, blanks, false_positives,
        pictures, unsure, sure_count, cameras, previous;
    double avg, sure_avg, camera_days, rai, per_day, change;
};

static const struct line empty = {NULL, NULL, NULL, NULL, NULL, NULL, false, NONE, NONE,
                                  NONE, NONE, NONE, NONE, NONE, NONE, NONE,  NONE, NONE,
                                  NONE, NONE, NAN,  NAN,  NAN,  NAN,  NAN,   NAN};

static const char header[] =
    "section,device_id,species,category,date,hour,days,detections,identified,unclassified,blanks,"
    "false_positives,pictures,unknown_time_pictures,sure_count,cameras,avg_confidence,"
    "sure_avg_confidence,camera_days,effort_source,per_100_camera_days,detections_per_day,"
    "previous_detections,change_percent,note\r\n";

static void add_cell(struct wci_text *out, const char *text)
{
    if (!text)
        text = "";
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (is_quoted)
        wci_text_add_char(out, '"');
    if (wci_csv_is_formula(text))
        wci_text_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            wci_text_add_char(out, '"');
        wci_text_add_char(out, *text);
    }
    wci_text_add(out, is_quoted ? "\"," : ",");
}

static void add_whole(struct wci_text *out, int64_t value)
{
    char digits[WCI_NUMBER_TEXT];
    if (value != NONE)
        wci_text_add_bytes(out, digits, wci_number_format_int(value, digits));
    wci_text_add_char(out, ',');
}

static void add_real(struct wci_text *out, double value)
{
    char digits[WCI_NUMBER_TEXT];
    if (isfinite(value))
        wci_text_add_bytes(out, digits, wci_number_format_real(value, digits));
    wci_text_add_char(out, ',');
}

static void add_line(struct wci_text *out, const struct line *line)
{
    char date[WILDCAM_TIME_TEXT] = "";
    if (line->has_day) {
        wci_calendar_format(line->day * WCI_DAY, 0, date);
        date[strlen("2026-03-01")] = '\0';
    }
    add_cell(out, line->section);
    add_cell(out, line->device_id);
    add_cell(out, line->species);
    add_cell(out, line->category);
    add_cell(out, date);
    const int64_t whole[] = {
        line->hour,         line->days,       line->detections,      line->identified,
        line->unclassified, line->blanks,     line->false_positives, line->pictures,
        line->unsure,       line->sure_count, line->cameras};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        add_whole(out, whole[i]);
    add_real(out, line->avg);
    add_real(out, line->sure_avg);
    add_real(out, line->camera_days);
    add_cell(out, line->effort_source);
    add_real(out, line->rai);
    add_real(out, line->per_day);
    add_whole(out, line->previous);
    add_real(out, line->change);
    add_cell(out, line->note);
    if (!out->failed) /* the last cell has no comma */
        out->data[--out->length] = '\0';
    wci_text_add(out, "\r\n");
}

static void add_total(const struct view *view, struct wci_text *out, const char *note)
{
    const struct wildcam_report *report = view->report;
    struct line line = empty;
    line.section = "total";
    line.has_day = true;
    line.day = report->first_day;
    line.days = report->end_day - report->first_day;
    line.detections = report->detections;
    line.identified = report->identified;
    line.unclassified = report->unclassified;
    line.blanks = report->blanks;
    line.false_positives = report->false_positives;
    line.pictures = report->pictures;
    line.unsure = report->unsure;
    line.cameras = (int64_t)view->camera_count;
    line.avg = mean(report->scored_sum, report->scored_count);
    line.camera_days = report->camera_days;
    line.rai = per_100_days(report->detections, report->camera_days);
    line.previous = report->previous;
    line.change = change_percent((double)report->detections, (double)report->previous);
    line.note = note;
    add_line(out, &line);
}

static void add_species(const struct view *view, struct wci_text *out)
{
    for (size_t i = 0; i < view->species_count; i++) {
        const struct wci_report_species *species = view->species[i];
        struct line line = empty;
        line.section = "species";
        line.species = species->name;
        line.category = wci_category_name(species->category);
        line.detections = species->count;
        line.false_positives = species->false_positives;
        line.sure_count = species->sure_count;
        line.cameras = species->cameras;
        line.avg = mean(species->scored_sum, species->scored_count);
        line.sure_avg = mean(species->sure_sum, species->sure_count);
        line.rai = per_100_days(species->count, view->report->camera_days);
        line.previous = species->previous;
        line.change = change_percent((double)species->count, (double)species->previous);
        add_line(out, &line);
    }
}

static void add_camera(const struct view *view, const struct wci_report_camera *camera,
                       struct wci_text *out)
{
    struct line line = empty;
    line.section = "camera";
    line.device_id = camera->device_id;
    line.detections = camera->detections;
    line.identified = camera->detections - camera->unclassified;
    line.unclassified = camera->unclassified;
    line.blanks = camera->blanks;
    line.false_positives = camera->false_positives;
    line.pictures = camera->pictures;
    line.unsure = camera->unsure;
    line.camera_days = camera->camera_days;
    line.effort_source = effort_source(camera);
    line.rai = per_100_days(camera->detections, camera->camera_days);
    add_line(out, &line);
    for (size_t i = 0; i < view->species_count; i++) {
        line = empty;
        line.detections = seen_by(view, camera, view->species[i]);
        if (!line.detections)
            continue;
        line.section = "camera_species";
        line.device_id = camera->device_id;
        line.species = view->species[i]->name;
        line.category = wci_category_name(view->species[i]->category);
        line.camera_days = camera->camera_days;
        line.effort_source = effort_source(camera);
        line.rai = per_100_days(line.detections, camera->camera_days);
        add_line(out, &line);
    }
}

static void add_days(const struct wildcam_report *report, struct wci_text *out)
{
    for (int64_t day = report->first_day; day < report->end_day; day++) {
        const struct wci_report_day *counts = &report->days[day - report->first_day];
        struct line line = empty;
        line.section = "day";
        line.has_day = true;
        line.day = day;
        line.days = 1;
        line.detections = counts->detections;
        line.blanks = counts->blanks;
        line.pictures = counts->pictures;
        add_line(out, &line);
    }
}

static void add_weeks_and_hours(const struct wildcam_report *report, struct wci_text *out)
{
    struct week week = {0};
    while (next_week(report, &week)) {
        struct line line = empty;
        line.section = "week";
        line.has_day = true;
        line.day = week.first_day;
        line.days = week.days;
        line.detections = week.detections;
        line.pictures = week.pictures;
        line.per_day = week.per_day;
        line.change = week.change;
        add_line(out, &line);
    }
    for (int hour = 0; hour < WCI_REPORT_HOURS; hour++) {
        struct line line = empty;
        line.section = "hour";
        line.hour = hour;
        line.detections = report->hours[hour];
        add_line(out, &line);
    }
}

wildcam_status wci_report_write_csv(const struct wildcam_report *report, struct wci_text *out)
{
    struct view view;
    struct wci_text note = {0};
    wildcam_status status = view_begin(&view, report);
    if (status != WILDCAM_OK)
        return status;
    if (report->damaged.length)
        wci_text_add_format(&note, "incomplete, damaged: %s", report->damaged.data);
    wci_text_add(out, header);
    add_total(&view, out, wci_text_get(&note));
    add_species(&view, out);
    for (size_t i = 0; i < view.camera_count; i++)
        add_camera(&view, view.cameras[i], out);
    add_days(report, out);
    add_weeks_and_hours(report, out);
    bool failed = out->failed || note.failed;
    wci_text_free(&note);
    view_end(&view);
    return failed ? wci_fail_memory() : WILDCAM_OK;
}
