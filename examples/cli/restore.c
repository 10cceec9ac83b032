/* wildcam restore: makes a station out of a backup. */
#include "cli.h"
#include "copying.h"
#include "interrupt.h"

static int run(struct cli *cli, int argc, char **argv)
{
    int result;
    if (cli_begin(cli, argc, argv, NULL, &result) < 0)
        return result;
    const char *directory = cli_directory(cli);
    if (!directory)
        return CLI_USAGE;
    struct copying copying = {.cli = cli};
    interrupt_watch();
    return copying_end(&copying, "restored", directory,
                       wildcam_restore(argv[0], directory, copying_progress, &copying));
}

const struct command command_restore = {
    .name = "restore",
    .arguments = "BACKUP",
    .summary = "makes a station out of a backup",
    .text = "Makes a station in --data, which must be empty or not be there, out of what wildcam\n"
            "backup wrote. Every file is compared with what the backup says of it. --json is\n"
            "{\"directory\": DIR, \"pictures\": N}.\n"
            "\n"
            "  wildcam restore /mnt/disk/station --data /srv/new",
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
