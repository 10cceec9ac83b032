/* wildcam purge: deletes the oldest months or days, rows and pictures together. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

struct purge {
    const char *before;
    bool yes;
};

static const struct option_row options[] = {
    {"before", OPTION_TEXT, offsetof(struct purge, before), "DATE",
     "what was taken before it: 2026-03 or 2026-03-01, UTC"},
    {"yes", OPTION_FLAG, offsetof(struct purge, yes), NULL, "deletes without asking"},
    {0},
};

/* What would go, or what went. */
struct sums {
    int64_t shards, pictures, bytes;
};

static bool read_before(struct cli *cli, const char *text, int64_t *before)
{
    char date[16];
    int is_date;
    /* "2026-03" is a day of the calendar with its first behind it. */
    snprintf(date, sizeof date, "%s%s", text, strlen(text) == 7 ? "-01" : "");
    if (wildcam_time_parse(date, before, NULL, &is_date) == WILDCAM_OK && is_date)
        return true;
    cli_refuse(cli, "--before takes a date, 2026-03 or 2026-03-01, not \"%s\"", text);
    return false;
}

static void write_sums(const char *what, const struct sums *sums)
{
    printf("%s %" PRId64 " shard%s with %" PRId64 " picture%s (%.1f MB)\n", what, sums->shards,
           cli_plural(sums->shards), sums->pictures, cli_plural(sums->pictures),
           (double)sums->bytes / 1e6);
}

static bool write_json(const struct sums *sums, bool is_deleted)
{
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"shards\": %" PRId64 ", \"pictures\": %" PRId64 ", \"bytes\": %" PRId64
                    ", \"deleted\": %s}\n",
                    sums->shards, sums->pictures, sums->bytes, is_deleted ? "true" : "false");
    return cli_print_json(&out);
}

static int delete_all(struct cli *cli, wildcam_station *station, int64_t before, struct sums *sums)
{
    if (wildcam_station_purge(station, before, &sums->shards, &sums->pictures) != WILDCAM_OK)
        return cli_fail(cli);
    if (cli->json)
        return write_json(sums, true) ? CLI_WELL : cli_fail_memory(cli);
    write_sums("deleted", sums);
    return CLI_WELL;
}

static int purge(struct cli *cli, const struct purge *own, wildcam_station *station, int64_t before)
{
    struct sums sums;
    if (wildcam_station_measure_purge(station, before, &sums.shards, &sums.pictures, &sums.bytes) !=
        WILDCAM_OK)
        return cli_fail(cli);
    if (!cli->json && sums.shards == 0) {
        printf("there is nothing to delete\n");
        return CLI_WELL;
    }
    if (own->yes)
        return delete_all(cli, station, before, &sums);
    if (!cli->json)
        write_sums("would delete", &sums);
    else if (!write_json(&sums, false))
        return cli_fail_memory(cli);
    if (sums.shards == 0)
        return CLI_WELL;
    if (cli_ask_to_delete(cli))
        return delete_all(cli, station, before, &sums);
    cli_complain(cli, "nothing was deleted; --yes deletes it");
    return CLI_PARTLY;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct purge own = {.before = NULL};
    wildcam_station *station = NULL;
    int64_t before;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (!own.before)
        return cli_refuse(cli, "--before DATE is missing");
    if (!read_before(cli, own.before, &before))
        return CLI_USAGE;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = purge(cli, &own, station, before);
    wildcam_station_close(station);
    return result;
}

const struct command command_purge = {
    .name = "purge",
    .arguments = "--before DATE [--yes]",
    .summary = "deletes old detections and their pictures",
    .text =
        "Deletes all that was taken in the months that end before DATE (or days: store.shard),\n"
        "rows and pictures together. It shows what would go, and deletes it when yes is typed on\n"
        "a terminal or --yes is given. There is no way back but a backup. What counts is when a\n"
        "picture was taken, not when it came in: a camera whose clock was reset sends fresh\n"
        "pictures dated years ago, and they go first. --json is {\"shards\", \"pictures\", "
        "\"bytes\",\n"
        "\"deleted\"}.\n"
        "\n"
        "  wildcam purge --data /srv/station --before 2025-01",
    .options = options,
    .run = run,
};
