/* wildcam report: what a span of days has brought. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "interrupt.h"
#include "table.h"

#define DAY INT64_C(86400000000)

struct report {
    const char *from, *to, *output;
    bool csv;
};

static const struct option_row options[] = {
    {"from", OPTION_TEXT, offsetof(struct report, from), "DATE", "the first day; needed"},
    {"to", OPTION_TEXT, offsetof(struct report, to), "DATE", "the last day; today without it"},
    {"csv", OPTION_FLAG, offsetof(struct report, csv), NULL,
     "writes CSV (RFC 4180) instead of JSON"},
    {"output", OPTION_TEXT, offsetof(struct report, output), "FILE",
     "writes to a file, which appears when it is whole, not to standard output"},
    {0},
};

static bool read_time(struct cli *cli, const char *option, const char *text, bool is_end,
                      int64_t *time)
{
    int is_date = 0;
    if (wildcam_time_parse(text, time, NULL, &is_date) == WILDCAM_OK) {
        *time += is_end && is_date ? DAY : 0;
        return true;
    }
    cli_refuse(cli, "--%s: %s", option, wildcam_error_message());
    return false;
}

static int print_report(struct cli *cli, const struct report *own, const wildcam_report *report)
{
    char *text = NULL;
    wildcam_status status = own->csv ? wildcam_report_to_csv(report, &text)
                                     : wildcam_report_to_json(report, &text);
    if (status != WILDCAM_OK)
        return cli_fail(cli);
    fputs(text, stdout); /* main() looks at standard output */
    wildcam_free(text);
    return CLI_WELL;
}

static int write_report(struct cli *cli, const struct report *own, const wildcam_report *report)
{
    int result = CLI_WELL, form = own->csv ? WILDCAM_REPORT_CSV : WILDCAM_REPORT_JSON;
    if (!own->output)
        result = print_report(cli, own, report);
    else if (wildcam_report_save(report, form, own->output) != WILDCAM_OK)
        result = cli_fail(cli);
    return result == CLI_WELL ? cli_tell_damaged(cli, wildcam_report_damaged(report)) : result;
}

static int make(struct cli *cli, const struct report *own, wildcam_station *station, int64_t from,
                int64_t to)
{
    wildcam_report *report = NULL;
    interrupt_watch();
    wildcam_status status = wildcam_station_report(station, from, to, cli_progress, cli, &report);
    progress_hide(&cli->progress);
    int result = status == WILDCAM_OK            ? write_report(cli, own, report)
                 : status == WILDCAM_ERR_INVALID ? cli_refuse(cli, "%s", wildcam_error_message())
                                                 : cli_fail_or_stop(cli, status);
    wildcam_report_free(report);
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct report own = {0};
    wildcam_station *station = NULL;
    int64_t from = 0, to = (wildcam_time_now() / DAY + 1) * DAY;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (cli->json && own.csv)
        return cli_refuse(cli, "--json and --csv exclude each other");
    if (!own.from)
        return cli_refuse(cli, "--from is needed: the first day of the report");
    if (!read_time(cli, "from", own.from, false, &from) ||
        (own.to && !read_time(cli, "to", own.to, true, &to)))
        return CLI_USAGE;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = make(cli, &own, station, from, to);
    wildcam_station_close(station);
    return result;
}

const struct command command_report = {
    .name = "report",
    .arguments = "--from DATE [--to DATE] [--csv] [--output FILE]",
    .summary = "tells what a span of days has brought: totals, trends, effort",
    .text =
        "Reports on whole days of UTC: totals by species, camera, day and hour, effort in\n"
        "camera-days, detections per 100 camera-days, change against the span before and from\n"
        "week to week. JSON, which names its formulas, or CSV, one table whose first column says\n"
        "what a line is of.\n"
        "\n"
        "  wildcam report --data /srv/station --from 2026-03-01 --to 2026-03-31 --csv \\\n"
        "      --output march.csv",
    .options = options,
    .run = run,
};
