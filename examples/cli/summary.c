/* wildcam summary: how many detections of what, by day, camera and species. */
#include <inttypes.h>
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
     "what is kept apart: day, camera, species (the default)"},
    {0},
};

static const struct {
    const char *name;
    uint32_t flag;
} kinds[] = {
    {"day", WILDCAM_BY_DAY},
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
            cli_refuse(cli, "--by takes day, camera and species, not \"%.*s\"", (int)length, text);
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

static bool write_table(wildcam_summary *row, uint32_t by, bool csv)
{
    const bool by_species = by & WILDCAM_BY_SPECIES;
    const struct column columns[] = {
        {"day", by & WILDCAM_BY_DAY, false},
        {"device_id", by & WILDCAM_BY_CAMERA, false},
        {"category", by_species, false},
        {"species", by_species, false},
        {"count", true, true},
        {"mean_confidence", true, true},
    };
    struct table table;
    char day[WILDCAM_TIME_TEXT];
    table_begin(&table, csv ? TABLE_CSV : TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    while (wildcam_summary_next(row) == 1) {
        write_day(row, day);
        table_add(&table, day);
        table_add(&table, wildcam_summary_get_device_id(row));
        table_add(&table,
                  by_species ? wildcam_category_name(wildcam_summary_get_category(row)) : "");
        table_add(&table, wildcam_summary_get_species(row));
        table_add_whole(&table, wildcam_summary_get_count(row));
        table_add_number(&table, wildcam_summary_get_mean_confidence(row), 2);
    }
    return table_end(&table);
}

static void add_text_or_null(struct json_output *out, const char *name, const char *text)
{
    json_output_add(out, "\"%s\": ", name);
    if (*text)
        json_output_text(out, text);
    else
        json_output_add(out, "null");
    json_output_add(out, ", ");
}

static bool write_json(wildcam_summary *row, uint32_t by)
{
    struct json_output out;
    char day[WILDCAM_TIME_TEXT];
    const char *separator = "\n";
    json_output_begin(&out);
    json_output_add(&out, "{\"summary\": [");
    while (wildcam_summary_next(row) == 1) {
        write_day(row, day);
        json_output_add(&out, "%s{", separator);
        add_text_or_null(&out, "day", day);
        add_text_or_null(&out, "device_id", wildcam_summary_get_device_id(row));
        add_text_or_null(&out, "category",
                         by & WILDCAM_BY_SPECIES
                             ? wildcam_category_name(wildcam_summary_get_category(row))
                             : "");
        add_text_or_null(&out, "species", wildcam_summary_get_species(row));
        json_output_add(
            &out, "\"count\": %" PRId64 ", \"mean_confidence\": ", wildcam_summary_get_count(row));
        json_output_number(&out, wildcam_summary_get_mean_confidence(row));
        json_output_add(&out, "}");
        separator = ",\n";
    }
    json_output_add(&out, "\n]}\n");
    return cli_print_json(&out);
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
        result = wildcam_station_summarise(station, query, by, &summary) == WILDCAM_OK
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
    .summary = "counts detections by day, camera and species",
    .text =
        "Counts detections, however many there are, from the sums that are kept of each day of\n"
        "UTC; --from and --to are widened to whole days. --json is {\"summary\": [{day, "
        "device_id,\n"
        "category, species, count, mean_confidence}...]}, null for what is not kept apart.\n"
        "\n"
        "  wildcam summary --data /srv/station --by day,species --from 2026-03-01",
    .options = options,
    .run = run,
};
