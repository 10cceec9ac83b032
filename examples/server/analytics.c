/*
 * Counts over time, from the station's summaries.
 *
 * Species are what somebody or something named: what nobody has looked at yet (unclassified) and
 * what is empty (blank) is no species. Activity counts all but what is empty.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "json_output.h"
#include "request.h"

#define DAY INT64_C(86400000000)

enum { DAYS_MAX = 3660, HOURS = 24 };

/* The span that a request asks about: whole days of UTC, up to now. */
struct period {
    int64_t days, from, to;
};

static bool take_period(struct request *request, int64_t standard, struct period *period)
{
    int64_t now = wildcam_time_now();
    period->days = standard;
    if (!request_int(request, "days", NULL, 1, DAYS_MAX, &period->days))
        return false;
    period->to = (now / DAY + 1) * DAY;
    period->from = (now / DAY - period->days) * DAY;
    return true;
}

static bool summarise(struct request *request, const struct period *period, const char *device_id,
                      const char *species, uint32_t by, wildcam_summary **out)
{
    wildcam_query *query = NULL;
    *out = NULL;
    wildcam_status status = wildcam_query_new(&query);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_range(query, period->from, period->to);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_device_id(query, device_id);
    if (status == WILDCAM_OK)
        status = wildcam_query_set_species(query, species);
    if (status == WILDCAM_OK)
        status = wildcam_station_summarise(request->server->station, query, by, out);
    wildcam_query_free(query);
    return request_check(request, status);
}

static bool is_species(const wildcam_summary *row)
{
    int category = wildcam_summary_get_category(row);
    return category != WILDCAM_CATEGORY_UNCLASSIFIED && category != WILDCAM_CATEGORY_BLANK;
}

static bool is_activity(const wildcam_summary *row)
{
    return wildcam_summary_get_category(row) != WILDCAM_CATEGORY_BLANK;
}

/* [{species, count, avg_confidence}], the most frequent first. */
static void add_species(struct json_output *out, const char *name, wildcam_summary *summary)
{
    const char *comma = "";
    json_output_add(out, "\"%s\": [", name);
    while (wildcam_summary_next(summary) == 1) {
        if (!is_species(summary))
            continue;
        json_output_add(out, "%s\n{\"species\": ", comma);
        json_output_text(out, wildcam_summary_get_species(summary));
        json_output_add(out, ", \"count\": %" PRId64 ", \"avg_confidence\": ",
                        wildcam_summary_get_count(summary));
        json_output_number(out, wildcam_summary_get_mean_confidence(summary));
        json_output_add(out, "}");
        comma = ",";
    }
    json_output_add(out, "]");
}

/* Activity by hour and by day; a day without any stands there with 0. */
struct activity {
    int64_t hours[HOURS];
    int64_t *days;
    int64_t first_day, day_count;
};

static bool count_activity(struct activity *activity, const struct period *period,
                           wildcam_summary *summary)
{
    activity->first_day = period->from / DAY;
    activity->day_count = (period->to - period->from) / DAY;
    activity->days = calloc((size_t)activity->day_count, sizeof *activity->days);
    if (!activity->days)
        return false;
    memset(activity->hours, 0, sizeof activity->hours);
    while (wildcam_summary_next(summary) == 1) {
        int64_t day = wildcam_summary_get_day(summary) / DAY - activity->first_day;
        if (!is_activity(summary) || day < 0 || day >= activity->day_count)
            continue;
        activity->days[day] += wildcam_summary_get_count(summary);
        for (int hour = 0; hour < HOURS; hour++)
            activity->hours[hour] += wildcam_summary_get_hour(summary, hour);
    }
    return true;
}

static void add_date(struct json_output *out, int64_t day)
{
    char text[WILDCAM_TIME_TEXT];
    if (wildcam_time_format(day * DAY, 0, text, sizeof text) == WILDCAM_OK)
        json_output_add(out, "\"%.10s\"", text);
}

static void add_activity(struct json_output *out, const struct activity *activity)
{
    json_output_add(out, "\"hourly_activity\": [");
    for (int hour = 0; hour < HOURS; hour++)
        json_output_add(out, "%s{\"hour\": %d, \"count\": %" PRId64 "}", hour ? ", " : "", hour,
                        activity->hours[hour]);
    json_output_add(out, "],\n\"daily_activity\": [");
    for (int64_t day = 0; day < activity->day_count; day++) {
        json_output_add(out, "%s{\"date\": ", day ? ", " : "");
        add_date(out, activity->first_day + day);
        json_output_add(out, ", \"count\": %" PRId64 "}", activity->days[day]);
    }
    json_output_add(out, "]");
}

static void add_period(struct json_output *out, const struct period *period)
{
    char text[WILDCAM_TIME_TEXT] = "";
    wildcam_time_format(period->from, 0, text, sizeof text);
    json_output_add(out, "\"period_days\": %" PRId64 ", \"start_date\": \"%s\"", period->days,
                    text);
}

static void add_damage(struct json_output *out, const wildcam_summary *summary)
{
    if (!*wildcam_summary_damaged(summary))
        return;
    json_output_add(out, ", \"incomplete\": ");
    json_output_text(out, wildcam_summary_damaged(summary));
}

void serve_species(struct request *request)
{
    struct period period;
    struct json_output out;
    wildcam_summary *summary;
    if (!take_period(request, 30, &period) ||
        !summarise(request, &period, NULL, NULL, WILDCAM_BY_SPECIES, &summary))
        return;
    json_output_begin(&out);
    json_output_add(&out, "{");
    add_species(&out, "species_data", summary);
    json_output_add(&out, ",\n");
    add_period(&out, &period);
    add_damage(&out, summary);
    json_output_add(&out, "}\n");
    wildcam_summary_free(summary);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

void serve_activity(struct request *request)
{
    struct period period;
    struct activity activity = {0};
    struct json_output out;
    wildcam_summary *summary;
    if (!take_period(request, 7, &period) ||
        !summarise(request, &period, NULL, NULL, WILDCAM_BY_DAY | WILDCAM_BY_SPECIES, &summary))
        return;
    json_output_begin(&out);
    json_output_add(&out, "{");
    out.failed = !count_activity(&activity, &period, summary) || out.failed;
    add_activity(&out, &activity);
    json_output_add(&out, ",\n");
    add_period(&out, &period);
    add_damage(&out, summary);
    json_output_add(&out, "}\n");
    free(activity.days);
    wildcam_summary_free(summary);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

/* [{species, hour, count}], hours without any left out. */
static void add_species_hours(struct json_output *out, wildcam_summary *summary)
{
    const char *comma = "";
    json_output_add(out, "\"species_hourly_activity\": [");
    while (wildcam_summary_next(summary) == 1) {
        for (int hour = 0; is_species(summary) && hour < HOURS; hour++) {
            int64_t count = wildcam_summary_get_hour(summary, hour);
            if (!count)
                continue;
            json_output_add(out, "%s\n{\"species\": ", comma);
            json_output_text(out, wildcam_summary_get_species(summary));
            json_output_add(out, ", \"hour\": %d, \"count\": %" PRId64 "}", hour, count);
            comma = ",";
        }
    }
    json_output_add(out, "]");
}

static void answer_analytics(struct request *request, const struct period *period,
                             const char *species)
{
    struct activity activity = {0};
    struct json_output out;
    wildcam_summary *by_species = NULL, *by_hour = NULL, *by_day = NULL;
    if (summarise(request, period, NULL, species, WILDCAM_BY_SPECIES, &by_species) &&
        summarise(request, period, NULL, species, WILDCAM_BY_SPECIES, &by_hour) &&
        summarise(request, period, NULL, species, WILDCAM_BY_DAY | WILDCAM_BY_SPECIES, &by_day)) {
        json_output_begin(&out);
        json_output_add(&out, "{");
        add_species(&out, "species_frequency", by_species);
        json_output_add(&out, ",\n");
        out.failed = !count_activity(&activity, period, by_day) || out.failed;
        add_activity(&out, &activity);
        json_output_add(&out, ",\n");
        add_species_hours(&out, by_hour);
        json_output_add(&out, ",\n");
        add_period(&out, period);
        json_output_add(&out, ", \"species_filter\": ");
        if (species)
            json_output_text(&out, species);
        else
            json_output_add(&out, "null");
        add_damage(&out, by_species);
        json_output_add(&out, "}\n");
        free(activity.days);
        answer_json(request, MHD_HTTP_OK, json_output_end(&out));
    }
    wildcam_summary_free(by_species);
    wildcam_summary_free(by_hour);
    wildcam_summary_free(by_day);
}

void serve_analytics(struct request *request)
{
    struct period period;
    if (take_period(request, 30, &period))
        answer_analytics(request, &period, request_parameter(request, "species", NULL));
}

static void answer_statistics(struct request *request, const struct period *period,
                              const wildcam_camera *camera)
{
    struct activity activity = {0};
    struct json_output out;
    int64_t total = 0;
    const char *device_id = wildcam_camera_get_device_id(camera);
    request_log_camera(request, device_id);
    wildcam_summary *by_species = NULL, *by_day = NULL;
    if (summarise(request, period, device_id, NULL, WILDCAM_BY_SPECIES, &by_species) &&
        summarise(request, period, device_id, NULL, WILDCAM_BY_DAY | WILDCAM_BY_SPECIES, &by_day)) {
        json_output_begin(&out);
        json_output_add(
            &out, "{\"camera_id\": %" PRId64 ", \"device_id\": ", wildcam_camera_get_id(camera));
        json_output_text(&out, device_id);
        json_output_add(&out, ",\n");
        add_species(&out, "species", by_species);
        json_output_add(&out, ",\n");
        out.failed = !count_activity(&activity, period, by_day) || out.failed;
        add_activity(&out, &activity);
        for (int64_t day = 0; activity.days && day < activity.day_count; day++)
            total += activity.days[day];
        json_output_add(&out, ",\n\"total_detections\": %" PRId64 ", ", total);
        add_period(&out, period);
        add_damage(&out, by_species);
        json_output_add(&out, "}\n");
        free(activity.days);
        answer_json(request, MHD_HTTP_OK, json_output_end(&out));
    }
    wildcam_summary_free(by_species);
    wildcam_summary_free(by_day);
}

void serve_statistics(struct request *request)
{
    struct period period;
    wildcam_camera *camera = NULL;
    if (!take_period(request, 7, &period))
        return;
    wildcam_status status = wildcam_station_get_camera(request->server->station, request->argument,
                                                       &camera);
    if (status == WILDCAM_ERR_NOTFOUND)
        answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not found");
    else if (request_check(request, status))
        answer_statistics(request, &period, camera);
    wildcam_camera_free(camera);
}
