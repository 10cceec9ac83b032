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

/* Of what is wrong with a picture a dry run sees only that its folder names no camera. */
static int look_at_all(struct ingest_report *report)
{
    const struct walk *walk = report->walk;
    for (size_t i = 0; i < walk->picture_count; i++) {
        const struct walk_camera *camera = &walk->cameras[walk->pictures[i].camera];
        if (!camera->refusal)
            continue;
        report->results[i] = take_in_refuse(camera);
        ingest_report_result(report, i);
    }
    return CLI_WELL;
}

static int take_all(struct cli *cli, const struct ingest *own, struct ingest_report *report)
{
    wildcam_station *station = NULL;
    int result = cli_open(cli, true, &station);
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
    if (walk->picture_count) {
        report.results = calloc(walk->picture_count, sizeof *report.results);
        if (!report.results)
            result = cli_fail_memory(cli);
        else
            result = own->dry_run ? look_at_all(&report) : take_all(cli, own, &report);
    }
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
    .arguments = "FOLDER|FILE...",
    .summary = "takes in the pictures of cards and folders",
    .text =
        "Takes in every .jpg and .jpeg below FOLDER, in the order of the names, and makes the\n"
        "station in --data when it is not there yet. The folders in FOLDER are named after their\n"
        "cameras; pictures that are in none, or only in such as cards have (DCIM/100RECNX,\n"
        "images/20260301), are FOLDER's own. --camera says otherwise. What was kept before is not\n"
        "kept twice: the same command may be given again. A picture that is refused is named and\n"
        "does not stop the rest. One that has no time of its own is kept under that of its\n"
        "reception, and counted. --json is {\"found\", \"kept\", \"without_time\", \"known\",\n"
        "\"left_out\": [{file, status, reason}...], \"other_files\", \"cameras\": [{device_id,\n"
        "found, kept, known, left_out}...], \"dry_run\", \"interrupted\"}.\n"
        "\n"
        "  wildcam ingest /media/cards --data /srv/station\n"
        "  wildcam ingest /media/card/DCIM --camera CAM01 --data /srv/station",
    .words_min = 1,
    .words_max = -1,
    .options = options,
    .run = run,
};
