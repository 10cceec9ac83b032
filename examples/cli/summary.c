/* wildcam summary: how many detections of what, by day, camera and species. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "filters.h"
#include "json_output.h"
#include "table.h"

struct summary {
    struct filters filters;
    const char *by;
};

static const struct option_row options[] = {
    FILTER_OPTIONS(summary),
    {"by", OPTION_TEXT, offsetof(struct summary, by), "WHAT,...",
     "what is kept apart: day, hour, camera, species (the default)"},
    {0},
};

/* The library's rows have the counts of all hours in them; rows of their own are made here. */
#define BY_HOUR (UINT32_C(1) << 31)
enum { HOURS = 24, ALL_DAY = -1 };

static const struct {
    const char *name;
    uint32_t flag;
} kinds[] = {
    {"day", WILDCAM_BY_DAY},
    {"hour", BY_HOUR},
    {"camera", WILDCAM_BY_CAMERA},
    {"species", WILDCAM_BY_SPECIES},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool read_by(struct cli *cli, const char *text, uint32_t *by)
{
    *by = text ? 0 : WILDCAM_BY_SPECIES;
    while (text) {
        size_t i = 0, length = strcspn(text, ",");
        while (i < KINDS &&
               (strlen(kinds[i].name) != length || strncmp(kinds[i].name, text, length) != 0))
            i++;
        if (i == KINDS) {
            cli_refuse(cli, "--by takes day, hour, camera and species, not \"%.*s\"", (int)length,
                       text);
            return false;
        }
        *by |= kinds[i].flag;
        text = text[length] ? text + length + 1 : NULL;
    }
    return true;
}

/* "2026-03-01", "" when days are not kept apart. */
static void write_day(const wildcam_summary *row, char day[WILDCAM_TIME_TEXT])
{
    int64_t time = wildcam_summary_get_day(row);
    *day = '\0';
    if (time == WILDCAM_TIME_NONE)
        return;
    wildcam_time_format(time, 0, day, WILDCAM_TIME_TEXT);
    day[strcspn(day, "T")] = '\0';
}

/* A line of the answer; what is not kept apart is "", ALL_DAY or NaN. */
struct line {
    char day[WILDCAM_TIME_TEXT];
    int hour;
    const char *device_id, *category, *species;
    int64_t count;
    double mean_confidence;
};

/* An hour in which nothing was seen has no line, as a day has none. */
static void write_hours(const wildcam_summary *row, struct line *line,
                        void (*write)(void *out, const struct line *line), void *out)
{
    line->mean_confidence = NAN; /* it is known of all hours together alone */
    for (line->hour = 0; line->hour < HOURS; line->hour++) {
        line->count = wildcam_summary_get_hour(row, line->hour);
        if (line->count)
            write(out, line);
    }
}

static void write_lines(wildcam_summary *row, uint32_t by,
                        void (*write)(void *out, const struct line *line), void *out)
{
    while (wildcam_summary_next(row) == 1) {
        struct line line = {.hour = ALL_DAY, .category = ""};
        write_day(row, line.day);
        line.device_id = wildcam_summary_get_device_id(row);
        if (by & WILDCAM_BY_SPECIES)
            line.category = wildcam_category_name(wildcam_summary_get_category(row));
        line.species = wildcam_summary_get_species(row);
        line.count = wildcam_summary_get_count(row);
        line.mean_confidence = wildcam_summary_get_mean_confidence(row);
        if (by & BY_HOUR)
            write_hours(row, &line, write, out);
        else
            write(out, &line);
    }
}

static void add_row(void *out, const struct line *line)
{
    struct table *table = out;
    table_add(table, line->day);
    if (line->hour == ALL_DAY)
        table_add(table, "");
    else
        table_add_whole(table, line->hour);
    table_add(table, line->device_id);
    table_add(table, line->category);
    table_add(table, line->species);
    table_add_whole(table, line->count);
    table_add_number(table, line->mean_confidence, table->format == TABLE_CSV ? 6 : 2);
}

static bool write_table(wildcam_summary *row, uint32_t by, bool csv)
{
    const struct column columns[] = {
        {"day", by & WILDCAM_BY_DAY, false},          {"hour", by & BY_HOUR, true},
        {"device_id", by & WILDCAM_BY_CAMERA, false}, {"category", by & WILDCAM_BY_SPECIES, false},
        {"species", by & WILDCAM_BY_SPECIES, false},  {"count", true, true},
        {"mean_confidence", !(by & BY_HOUR), true},
    };
    struct table table;
    table_begin(&table, csv ? TABLE_CSV : TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    write_lines(row, by, add_row, &table);
    return table_end(&table);
}

struct json_lines {
    struct json_output out;
    const char *separator;
};

static void add_text_or_null(struct json_output *out, const char *name, const char *text)
{
    json_output_add(out, "\"%s\": ", name);
    if (*text)
        json_output_text(out, text);
    else
        json_output_add(out, "null");
    json_output_add(out, ", ");
}

static void add_object(void *user, const struct line *line)
{
    struct json_lines *lines = user;
    struct json_output *out = &lines->out;
    json_output_add(out, "%s{", lines->separator);
    lines->separator = ",\n";
    add_text_or_null(out, "day", line->day);
    if (line->hour == ALL_DAY)
        json_output_add(out, "\"hour\": null, ");
    else
        json_output_add(out, "\"hour\": %d, ", line->hour);
    add_text_or_null(out, "device_id", line->device_id);
    add_text_or_null(out, "category", line->category);
    add_text_or_null(out, "species", line->species);
    json_output_add(out, "\"count\": %" PRId64 ", \"mean_confidence\": ", line->count);
    json_output_number(out, line->mean_confidence);
    json_output_add(out, "}");
}

static bool write_json(wildcam_summary *row, uint32_t by)
{
    struct json_lines lines = {.separator = "\n"};
    json_output_begin(&lines.out);
    json_output_add(&lines.out, "{\"summary\": [");
    write_lines(row, by, add_object, &lines);
    json_output_add(&lines.out, "\n]}\n");
    return cli_print_json(&lines.out);
}

static int write_summary(struct cli *cli, const struct summary *own, wildcam_summary *summary,
                         uint32_t by)
{
    bool done = cli->json ? write_json(summary, by) : write_table(summary, by, own->filters.csv);
    const char *damaged = wildcam_summary_damaged(summary);
    return done ? cli_tell_damaged(cli, damaged) : cli_fail_memory(cli);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct summary own = {.by = NULL};
    wildcam_station *station = NULL;
    wildcam_query *query = NULL;
    wildcam_summary *summary = NULL;
    uint32_t by;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    result = filters_query(cli, &own.filters, &query);
    if (result == CLI_WELL)
        result = read_by(cli, own.by, &by) ? cli_open(cli, false, &station) : CLI_USAGE;
    if (result == CLI_WELL)
        result = wildcam_station_summarise(station, query, by & ~BY_HOUR, &summary) == WILDCAM_OK
                     ? write_summary(cli, &own, summary, by)
                     : cli_fail(cli);
    wildcam_summary_free(summary);
    wildcam_station_close(station);
    wildcam_query_free(query);
    return result;
}

const struct command command_summary = {
    .name = "summary",
    .arguments = "[FILTER...] [--by WHAT,...]",
    .summary = "counts detections by day, hour, camera and species",
    .text =
        "Counts detections, however many there are, from the sums that are kept of each day of\n"
        "UTC; --from and --to are widened to whole days. Hours are those of the local clock where\n"
        "its offset from UTC is known; an hour or a day in which nothing was seen has no row.\n"
        "--json is {\"summary\": [{day, hour, device_id, category, species, count,\n"
        "mean_confidence}...]}, null for what is not kept apart, and for the confidence by hours.\n"
        "\n"
        "  wildcam summary --data /srv/station --by day,species --from 2026-03-01\n"
        "  wildcam summary --data /srv/station --by hour,species --camera CAM01 --csv",
    .options = options,
    .run = run,
};
