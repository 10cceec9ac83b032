/* wildcam backup: copies the station while it works. */

#include "cli.h"
#include "copying.h"
#include "interrupt.h"

static int run(struct cli *cli, int argc, char **argv)
{
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, NULL, &result) < 0)
        return result;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL) {
        struct copying copying = {.cli = cli};
        interrupt_watch();
        wildcam_status status = wildcam_station_backup(station, argv[0], copying_progress, &copying,
                                                       &copying.copied);
        copying.is_backup = true;
        result = copying_end(&copying, "backed up", argv[0], status);
    }
    wildcam_station_close(station);
    return result;
}

const struct command command_backup = {
    .name = "backup",
    .arguments = "BACKUP",
    .summary = "copies the whole station, also while its server writes",
    .text =
        "Copies the station into the directory BACKUP as it is at one moment. Into the same one\n"
        "again it copies only new pictures, and takes the place of the earlier backup at its very\n"
        "end. --json is {\"directory\": BACKUP, \"pictures\": N, \"copied\": N}.\n"
        "\n"
        "  wildcam backup /mnt/disk/station --data /srv/station",
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
