/* wildcam ingest: takes in the pictures of cards and folders. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "ingest_report.h"
#include "interrupt.h"
#include "take_in.h"
#include "walk.h"

/* Pictures that wait for the disk at the same time share a write. Measured on two cores and one
 * disk, 64 KB each: 80 a second by 1 thread, 350 by 4, 600 by 8, 900 by 16. */
enum { THREADS = 16, THREADS_MAX = 64 };

struct ingest {
    const char *camera;
    bool dry_run;
    int64_t threads;
};

static const struct option_row options[] = {
    {"camera", OPTION_TEXT, offsetof(struct ingest, camera), "DEVICE_ID",
     "all of them are of this camera"},
    {"dry-run", OPTION_FLAG, offsetof(struct ingest, dry_run), NULL,
     "only tells what would be taken in, and for which cameras"},
    {"threads", OPTION_WHOLE, offsetof(struct ingest, threads), "N",
     "how many pictures are written at a time (16)"},
    {0},
};

static int take_all(struct cli *cli, const struct ingest *own, struct ingest_report *report)
{
    wildcam_station *station = NULL;
    report->results = calloc(report->walk->picture_count, sizeof *report->results);
    int result = report->results ? cli_open(cli, true, &station) : cli_fail_memory(cli);
    if (result == CLI_WELL && !take_in(cli, station, report->walk, (int)own->threads,
                                       report->results, ingest_report_result, report)) {
        cli_complain(cli, "the system gives no thread; try again with fewer other programs");
        result = CLI_FAILED;
    }
    wildcam_station_close(station);
    return result;
}

/* The station's own folder may be below the one that is taken in. */
static void find_pictures(struct cli *cli, const struct ingest *own, struct walk *walk, int count,
                          char **paths)
{
    const char *directory = "";
    wildcam_conf_get(cli->conf, "data.dir", &directory);
    if (*directory)
        walk_leave_out(walk, directory);
    for (int i = 0; i < count; i++)
        walk_add(walk, paths[i], own->camera);
}

/* Where nothing is found no station is made. */
static int ingest(struct cli *cli, const struct ingest *own, struct walk *walk)
{
    struct ingest_report report = {.cli = cli, .walk = walk};
    if (walk->has_failed)
        return cli_fail_memory(cli);
    if (own->camera && walk->camera_count && walk->cameras[0].refusal)
        return cli_refuse(cli, "--camera: %s", walk->cameras[0].refusal);
    ingest_report_troubles(&report);
    int result = CLI_WELL;
    if (walk->picture_count && !own->dry_run)
        result = take_all(cli, own, &report);
    if (result == CLI_WELL)
        result = ingest_report_end(&report, own->dry_run);
    ingest_report_free(&report);
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct ingest own = {.threads = THREADS};
    struct walk walk = {0};
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    if (own.threads < 1 || own.threads > THREADS_MAX)
        return cli_refuse(cli, "--threads takes 1 to %d, not %" PRId64, THREADS_MAX, own.threads);
    if (!own.dry_run && !cli_directory(cli))
        return CLI_USAGE;
    interrupt_watch();
    find_pictures(cli, &own, &walk, words, argv);
    result = ingest(cli, &own, &walk);
    walk_free(&walk);
    return result;
}

const struct command command_ingest = {
    .name = "ingest",
    .arguments = "DIR|FILE...",
    .summary = "takes in the pictures of cards and folders",
    .text =
        "Takes in every .jpg and .jpeg below DIR, in the order of the names. The folders in DIR\n"
        "are named after their cameras; pictures that are in none, or only in such as cards have\n"
        "(DCIM/100RECNX, images/20260301), are DIR's own. --camera says otherwise. What was kept\n"
        "before is not kept twice: the same command may be given again. A picture that is refused\n"
        "is named and does not stop the rest. --json is {\"kept\", \"known\", \"left_out\": "
        "[...],\n"
        "\"other_files\", \"cameras\": [...], \"interrupted\"}.\n"
        "\n"
        "  wildcam ingest /media/cards --data /srv/station\n"
        "  wildcam ingest /media/card/DCIM --camera CAM01 --data /srv/station",
    .words_min = 1,
    .words_max = -1,
    .options = options,
    .run = run,
};
