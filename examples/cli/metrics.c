/* wildcam metrics: how the station stands, as Prometheus reads it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A file of that name but for its end, which node_exporter does not read. */
static bool fill(char *path, const char *text, size_t size)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return false;
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return false;
    }
    bool is_written = fwrite(text, 1, size, file) == size && fflush(file) == 0 &&
                      fchmod(fd, 0644) == 0;
    return fclose(file) == 0 && is_written;
}

static int replace(struct cli *cli, const char *path, const char *text, size_t size)
{
    char *fresh;
    if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
        return cli_fail_memory(cli);
    bool is_done = fill(fresh, text, size) && rename(fresh, path) == 0;
    if (!is_done) {
        cli_complain(cli, "cannot write %s: %s", path, strerror(errno));
        unlink(fresh);
    }
    free(fresh);
    return is_done ? CLI_WELL : CLI_FAILED;
}

static int tell(struct cli *cli, wildcam_station *station, const struct metrics *own,
                const char *const *selectors, size_t count)
{
    const char *const all[] = {standing};
    char *text;
    size_t size;
    wildcam_status status = wildcam_metrics_write(wildcam_station_get_metrics(station),
                                                  WILDCAM_METRICS_TEXT, count ? selectors : all,
                                                  count ? count : 1, &text, &size);
    if (status == WILDCAM_ERR_INVALID)
        return cli_refuse(cli, "%s", wildcam_error_message());
    if (status != WILDCAM_OK)
        return cli_fail(cli);
    int result = CLI_WELL;
    if (own->textfile)
        result = replace(cli, own->textfile, text, size);
    else
        fwrite(text, 1, size, stdout);
    wildcam_free(text);
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct metrics own = {NULL};
    wildcam_station *station = NULL;
    int result;
    int words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = tell(cli, station, &own, (const char *const *)argv, (size_t)words);
    wildcam_station_close(station);
    return result;
}

const struct command command_metrics = {
    .name = "metrics",
    .arguments = "[--textfile FILE] [SELECTOR...]",
    .summary = "tells how the station stands, for Prometheus",
    .text =
        "Tells how the station stands, in the text that Prometheus reads: cameras and when they\n"
        "were last heard of, files, the disk, what S3 is owed. What comes in is counted by the\n"
        "server, whose /metrics tells all of it. A selector such as wildcam_storage_free_bytes or\n"
        "'{camera_id=\"gate\"}' picks others.\n"
        "\n"
        "  wildcam metrics --data /srv/station\n"
        "  wildcam metrics --data /srv/station --textfile /var/lib/node_exporter/wildcam.prom",
    .words_max = -1,
    .options = options,
    .run = run,
};
