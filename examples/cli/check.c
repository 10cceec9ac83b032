/* wildcam check: whether rows and files fit together. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "interrupt.h"
#include "table.h"

struct check {
    bool deep;
};

static const struct option_row options[] = {
    {"deep", OPTION_FLAG, offsetof(struct check, deep), NULL,
     "reads every picture and compares its SHA-256"},
    {0},
};

/* Both callbacks of the library get this. */
struct findings {
    struct cli *cli;
    struct table table;
    struct json_output json;
    int64_t count;
};

static const struct column columns[] = {
    {"what", true, false}, {"where", true, false}, {"finding", true, false}};

static void take_finding(void *user, const char *what, const char *where, const char *text)
{
    struct findings *findings = user;
    progress_hide(&findings->cli->progress);
    if (!findings->cli->json) {
        if (findings->count == 0)
            table_begin(&findings->table, TABLE_TEXT, columns, 3);
        table_add(&findings->table, what);
        table_add(&findings->table, where);
        table_add(&findings->table, text);
    } else {
        json_output_add(&findings->json, "%s{\"what\": ", findings->count ? ",\n" : "\n");
        cli_add_text(&findings->json, what);
        json_output_add(&findings->json, ", \"where\": ");
        cli_add_text(&findings->json, where);
        json_output_add(&findings->json, ", \"text\": ");
        cli_add_text(&findings->json, text);
        json_output_add(&findings->json, "}");
    }
    findings->count++;
}

static int take_progress(void *user, const char *phase, int64_t done, int64_t total)
{
    const struct findings *findings = user;
    return cli_progress(findings->cli, phase, done, total);
}

static bool finish(struct findings *findings)
{
    if (findings->cli->json) {
        json_output_add(&findings->json, "\n], \"count\": %" PRId64 "}\n", findings->count);
        return cli_print_json(&findings->json);
    }
    if (findings->count && !table_end(&findings->table))
        return false;
    if (findings->count)
        printf("\n%" PRId64 " finding%s\n", findings->count, cli_plural(findings->count));
    else
        printf("all is well\n");
    return true;
}

static int check(struct cli *cli, wildcam_station *station, bool deep)
{
    struct findings findings = {.cli = cli};
    if (cli->json) {
        json_output_begin(&findings.json);
        json_output_add(&findings.json, "{\"findings\": [");
    }
    interrupt_watch();
    wildcam_status status = wildcam_station_check(station, deep ? WILDCAM_CHECK_CONTENT : 0,
                                                  take_finding, take_progress, &findings, NULL);
    progress_hide(&cli->progress);
    int result = findings.count ? CLI_PARTLY : CLI_WELL;
    if (status != WILDCAM_OK)
        result = cli_fail_or_stop(cli, status); /* what was found until then is told all the same */
    if (status == WILDCAM_OK || findings.count)
        if (!finish(&findings))
            result = cli_fail_memory(cli);
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct check own = {.deep = false};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = check(cli, station, own.deep);
    wildcam_station_close(station);
    return result;
}

const struct command command_check = {
    .name = "check",
    .arguments = "[--deep]",
    .summary = "looks whether rows, files and sums fit together",
    .text =
        "Looks whether the station is whole, both ways: every database, every sum, every row for\n"
        "its file, every file for its row. Nothing is changed. --json is {\"findings\": [{what,\n"
        "where, text}...], \"count\": N}.\n"
        "\n"
        "  wildcam check --data /srv/station --deep",
    .options = options,
    .run = run,
};
