/* wildcam favourite: which pictures are kept for good. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"

struct favourite {
    bool off;
};

static const struct option_row options[] = {
    {"off", OPTION_FLAG, offsetof(struct favourite, off), NULL, "they are no favourites any more"},
    {0},
};

static int mark(struct cli *cli, wildcam_station *station, const struct favourite *own, int count,
                char **words)
{
    int done = 0;
    int64_t id;
    for (int i = 0; i < count; i++) {
        cli_read_id(words[i], &id);
        if (wildcam_station_set_favourite(station, id, !own->off) == WILDCAM_OK)
            done++;
        else
            cli_complain(cli, "%s", wildcam_error_message());
    }
    if (cli->json)
        printf("{\"%s\": %d}\n", own->off ? "unmarked" : "marked", done);
    return done == count ? CLI_WELL : done ? CLI_PARTLY : CLI_FAILED;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct favourite own = {false};
    wildcam_station *station = NULL;
    int64_t id;
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    for (int i = 0; i < words; i++)
        if (!cli_read_id(argv[i], &id))
            return cli_refuse(
                cli, "\"%s\" is no picture's id; wildcam query --json tells them, as image_id",
                argv[i]);
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = mark(cli, station, &own, words, argv);
    wildcam_station_close(station);
    return result;
}

const struct command command_favourite = {
    .name = "favourite",
    .arguments = "[--off] PICTURE...",
    .summary = "has retention keep pictures for good",
    .text =
        "Retention deletes no favourite, whatever its age and however full the disk is; a purge\n"
        "does. PICTURE is an id, the image_id of wildcam query --json. --json is {\"marked\"}, "
        "with\n"
        "--off {\"unmarked\"}: how many.\n"
        "\n"
        "  wildcam favourite --data /srv/station 3757812941619201",
    .words_min = 1,
    .words_max = -1,
    .options = options,
    .run = run,
};
