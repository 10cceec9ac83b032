/* wildcam metrics: how the station stands, as Prometheus reads it. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli.h"

struct metrics {
    const char *textfile;
};

static const struct option_row options[] = {
    {"textfile", OPTION_TEXT, offsetof(struct metrics, textfile), "FILE",
     "writes them to a file for node_exporter, which is replaced as a whole"},
    {0},
};

/* What is looked up in the store. What is counted as it happens, this process has not seen, and
 * figures of this process are nobody's. */
static const char standing[] =
    "{__name__=~\"wildcam_(active_cameras_total|cameras|camera_.*|store_(up|shards|damaged_shards)|"
    "storage_.*|outbox_.*|build_info)\"}";

/* Whoever mistypes a name should not take silence for an answer: as grep does, but with a word. */
static int tell_nothing_matched(struct cli *cli, const char *const *selectors, size_t count)
{
    if (count == 1)
        cli_complain(cli, "nothing matches %s", selectors[0]);
    else
        cli_complain(cli, "nothing matches any of the %zu selectors", count);
    return CLI_PARTLY;
}

static int tell(struct cli *cli, wildcam_station *station, const struct metrics *own,
                const char *const *selectors, size_t count)
{
    struct stat file = {.st_size = 0};
    wildcam_metrics *metrics = wildcam_station_get_metrics(station);
    char *text = NULL;
    size_t size = 0;
    wildcam_status status =
        own->textfile
            ? wildcam_metrics_write_file(metrics, selectors, count, own->textfile)
            : wildcam_metrics_write(metrics, WILDCAM_METRICS_TEXT, selectors, count, &text, &size);
    if (status == WILDCAM_ERR_INVALID)
        return cli_refuse(cli, "%s", wildcam_error_message());
    if (status != WILDCAM_OK)
        return cli_fail(cli);
    fwrite(text ? text : "", 1, size, stdout);
    wildcam_free(text);
    bool is_empty = own->textfile ? stat(own->textfile, &file) == 0 && file.st_size == 0
                                  : size == 0;
    return is_empty ? tell_nothing_matched(cli, selectors, count) : CLI_WELL;
}

static int run(struct cli *cli, int argc, char **argv)
{
    const char *const all[] = {standing};
    struct metrics own = {NULL};
    wildcam_station *station = NULL;
    int result;
    int words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    if (cli->json)
        return cli_refuse(cli, "what Prometheus reads is text: metrics takes no --json");
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = words ? tell(cli, station, &own, (const char *const *)argv, (size_t)words)
                       : tell(cli, station, &own, all, 1);
    wildcam_station_close(station);
    return result;
}

const struct command command_metrics = {
    .name = "metrics",
    .arguments = "[--textfile FILE] [SELECTOR...]",
    .summary = "tells how the station stands, for Prometheus",
    .text =
        "Tells how the station stands, in the text that Prometheus reads (it takes no --json):\n"
        "cameras and when they were last heard of, files, the disk, what S3 is owed. It is for a\n"
        "station without a server, or for a look at one. What comes in is counted by the server,\n"
        "whose /metrics tells all of it; a counter that is asked for here, such as\n"
        "wildcam_pictures_total, is this command's own, and is 0.\n"
        "\n"
        "A selector such as wildcam_storage_free_bytes or '{camera_id=\"gate\"}' picks others.\n"
        "When nothing matches, it says so and ends with 1 (a file is empty then).\n"
        "\n"
        "  wildcam metrics --data /srv/station\n"
        "  wildcam metrics --data /srv/station --textfile /var/lib/node_exporter/wildcam.prom",
    .words_max = -1,
    .options = options,
    .run = run,
};
