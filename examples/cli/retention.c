/* wildcam retention: what goes by itself, and making it go now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "interrupt.h"

struct retention {
    bool apply, yes;
};

static const struct option_row options[] = {
    {"apply", OPTION_FLAG, offsetof(struct retention, apply), NULL,
     "deletes it, as the server does in the background, once yes is typed"},
    {"yes", OPTION_FLAG, offsetof(struct retention, yes), NULL, "--apply: without asking"},
    {0},
};

enum { TURN_MS = 500, REASONS = 2, CATEGORIES = 6 };
static const char *const reasons[REASONS] = {"for their age", "for space"};

static bool is_set(const struct cli *cli, const char *name)
{
    const char *value = NULL;
    return wildcam_conf_get(cli->conf, name, &value) == WILDCAM_OK && strtod(value, NULL) > 0;
}

static bool has_rules(const struct cli *cli)
{
    char name[64];
    for (int category = 0; category < CATEGORIES; category++) {
        snprintf(name, sizeof name, "retention.days.%s", wildcam_category_name(category));
        if (is_set(cli, name))
            return true;
    }
    return is_set(cli, "retention.days") || is_set(cli, "retention.min_free_bytes") ||
           is_set(cli, "retention.min_free_percent");
}

/* Why nothing goes, where it is not because all pictures are young, or the disk has room. */
static void explain_nothing(struct cli *cli, wildcam_station *station)
{
    int64_t due, parked;
    if (!has_rules(cli))
        cli_complain(cli, "no rule is set: give retention.days or retention.min_free_bytes, or "
                          "--config with the server's file");
    else if (wildcam_station_count_processing(station, &due, NULL, NULL, &parked) == WILDCAM_OK &&
             due + parked > 0)
        cli_complain(cli,
                     "detectors have not looked at %" PRId64 " picture%s: once a program has had "
                     "detectors, such stay (wildcam process, or retention.keep_owed=false)",
                     due + parked, cli_plural(due + parked));
}

static int print(struct cli *cli, const wildcam_retention *retention, const char *what)
{
    char *text = NULL;
    if (cli->json) {
        if (wildcam_retention_to_json(retention, &text) != WILDCAM_OK)
            return cli_fail(cli);
        printf("%s\n", text);
        wildcam_free(text);
        return CLI_WELL;
    }
    int64_t all = wildcam_retention_get_images(retention, -1, -1);
    if (all == 0)
        printf("there is nothing to delete\n");
    for (int reason = 0; reason < REASONS; reason++) {
        for (int category = 0; category < CATEGORIES; category++) {
            int64_t images = wildcam_retention_get_images(retention, reason, category);
            if (images)
                printf("%s %" PRId64 " picture%s %s: %s, %.1f MB\n", what, images,
                       cli_plural(images), reasons[reason], wildcam_category_name(category),
                       (double)wildcam_retention_get_bytes(retention, reason, category) / 1e6);
        }
    }
    return CLI_WELL;
}

static void tell(const struct cli *cli, int64_t gone, bool is_done)
{
    if (cli->json)
        printf("{\"deleted\": %" PRId64 ", \"done\": %s}\n", gone, is_done ? "true" : "false");
    else
        printf("deleted %" PRId64 " picture%s%s\n", gone, cli_plural(gone),
               is_done ? "" : "; others are left");
}

/* In turns, so that a signal can stop it; what went until then is told, however it ends. */
static int apply(struct cli *cli, wildcam_station *station)
{
    int64_t gone = 0;
    bool is_done = false;
    wildcam_status status = WILDCAM_OK;
    interrupt_watch();
    while (status == WILDCAM_OK && !is_done) {
        wildcam_retention *part = NULL;
        status = wildcam_station_apply_retention(station, TURN_MS, &part);
        is_done = wildcam_retention_is_done(part) != 0;
        gone += wildcam_retention_get_images(part, -1, -1);
        wildcam_retention_free(part);
        if (status == WILDCAM_OK && !is_done && cli_progress(cli, "deleting", gone, 0))
            status = WILDCAM_ERR_CANCELLED;
    }
    progress_hide(&cli->progress);
    int result = status == WILDCAM_OK ? CLI_WELL : cli_fail_or_stop(cli, status);
    tell(cli, gone, is_done);
    return result;
}

/* What would go is shown before anybody is asked; where nothing would, nobody is. */
static int measure(struct cli *cli, const struct retention *own, wildcam_station *station)
{
    wildcam_retention *retention = NULL;
    interrupt_watch();
    wildcam_status status = wildcam_station_measure_retention(station, cli_progress, cli,
                                                              &retention);
    progress_hide(&cli->progress);
    if (status != WILDCAM_OK)
        return cli_fail_or_stop(cli, status);
    int result = print(cli, retention, "would delete");
    bool is_any = wildcam_retention_get_images(retention, -1, -1) > 0;
    if (result == CLI_WELL && !is_any && !cli->json)
        explain_nothing(cli, station);
    wildcam_retention_free(retention);
    if (result != CLI_WELL || !own->apply || !is_any)
        return result;
    interrupt_forget(); /* who is asked may leave */
    if (cli_ask_to_delete(cli))
        return apply(cli, station);
    cli_complain(cli, "nothing was deleted; --yes deletes it");
    return CLI_PARTLY;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct retention own = {.apply = false};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.yes && !own.apply)
        return cli_refuse(cli, "--yes goes with --apply");
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = own.yes ? apply(cli, station) : measure(cli, &own, station);
    wildcam_station_close(station);
    return result;
}

const struct command command_retention = {
    .name = "retention",
    .arguments = "[--apply [--yes]]",
    .summary = "shows what retention would delete, or deletes it",
    .text =
        "Shows which pictures would go by retention.days, retention.days.CATEGORY and\n"
        "retention.min_free_bytes or _percent; with --apply it deletes them when yes is typed on\n"
        "a terminal or --yes is given. Verified ones and favourites (wildcam favourite) stay, and\n"
        "so do those that S3 does not have and those that detectors have not looked at, once any\n"
        "program has opened the station with uploads or detectors set (retention.keep_owed).\n"
        "There is no way back but a backup; what is in S3 stays there.\n"
        "--json is {\"done\", \"age\", \"space\"}, with --yes {\"deleted\", \"done\"}.\n"
        "\n"
        "  wildcam retention --data /srv/station --set retention.days.blank=30",
    .options = options,
    .run = run,
};
