/* wildcam retention: what goes by itself, and making it go now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

struct retention {
    bool apply;
};

static const struct option_row options[] = {
    {"apply", OPTION_FLAG, offsetof(struct retention, apply), NULL,
     "deletes it, as the server does in the background"},
    {0},
};

enum { TURN_MS = 500, REASONS = 2, CATEGORIES = 6 };
static const char *const reasons[REASONS] = {"for their age", "for space"};

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

/* In turns, so that a signal can stop it; what went in each is told. */
static int apply(struct cli *cli, wildcam_station *station)
{
    int64_t gone = 0;
    for (int is_done = 0; !is_done;) {
        wildcam_retention *part = NULL;
        if (wildcam_station_apply_retention(station, TURN_MS, &part) != WILDCAM_OK)
            return cli_fail(cli);
        is_done = wildcam_retention_is_done(part);
        gone += wildcam_retention_get_images(part, -1, -1);
        wildcam_retention_free(part);
        if (!is_done && cli_progress(cli, "deleting", gone, 0))
            return cli_fail_or_stop(cli, WILDCAM_ERR_CANCELLED);
    }
    progress_hide(&cli->progress);
    if (cli->json)
        printf("{\"deleted\": %" PRId64 "}\n", gone);
    else
        printf("deleted %" PRId64 " picture%s\n", gone, cli_plural(gone));
    return CLI_WELL;
}

static int measure(struct cli *cli, wildcam_station *station)
{
    wildcam_retention *retention = NULL;
    wildcam_status status = wildcam_station_measure_retention(station, cli_progress, cli,
                                                              &retention);
    progress_hide(&cli->progress);
    if (status != WILDCAM_OK)
        return cli_fail_or_stop(cli, status);
    int result = print(cli, retention, "would delete");
    wildcam_retention_free(retention);
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct retention own = {false};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = own.apply ? apply(cli, station) : measure(cli, station);
    wildcam_station_close(station);
    return result;
}

const struct command command_retention = {
    .name = "retention",
    .arguments = "[--apply]",
    .summary = "shows what retention would delete, or deletes it",
    .text =
        "Shows which pictures would go by retention.days, retention.days.CATEGORY and\n"
        "retention.min_free_bytes or _percent, and deletes them with --apply. Verified ones,\n"
        "favourites, those that S3 does not have while uploads are on, and those that detectors\n"
        "have not looked at stay; wildcam favourite makes one. There is no way back but a backup; "
        "what is in S3 stays there.\n"
        "--json is {\"done\", \"age\", \"space\"}, with --apply {\"deleted\"}.\n"
        "\n"
        "  wildcam retention --data /srv/station --set retention.days.blank=30",
    .options = options,
    .run = run,
};
