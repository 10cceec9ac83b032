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
    const char *pattern;
    bool dry_run;
    int64_t threads;
};

static const struct option_row options[] = {
    {"camera", OPTION_TEXT, offsetof(struct ingest, camera), "DEVICE_ID",
     "all of them are of this camera"},
    {"dry-run", OPTION_FLAG, offsetof(struct ingest, dry_run), NULL,
     "only tells what would be taken in, and for which cameras"},
    {"time-from", OPTION_TEXT, offsetof(struct ingest, pattern), "NAME_PATTERN",
     "they were taken when their names say, such as %Y%m%d_%H%M%S"},
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

/* When the newest picture that there is of a camera was taken. */
static int64_t find_newest(wildcam_station *station, const char *device_id)
{
    wildcam_query *query = NULL;
    wildcam_cursor *cursor = NULL;
    const wildcam_detection *newest;
    int64_t time = WILDCAM_TIME_NONE;
    if (wildcam_query_new(&query) == WILDCAM_OK &&
        wildcam_query_set_device_id(query, device_id) == WILDCAM_OK &&
        wildcam_station_query(station, query, &cursor) == WILDCAM_OK &&
        wildcam_cursor_next(cursor, &newest) == 1)
        time = wildcam_detection_get_time(newest);
    wildcam_cursor_free(cursor);
    wildcam_query_free(query);
    return time;
}

/* Until when the station knows of each camera: what a card says that is older is no news. */
static void look_up_cameras(wildcam_station *station, struct walk *walk)
{
    for (size_t i = 0; i < walk->camera_count; i++) {
        struct walk_camera *camera = &walk->cameras[i];
        wildcam_camera *known = NULL;
        camera->known_until = WILDCAM_TIME_NONE;
        if (!camera->refusal &&
            wildcam_station_get_camera(station, camera->device_id, &known) == WILDCAM_OK) {
            int64_t heard = wildcam_camera_get_last_seen(known);
            int64_t newest = find_newest(station, camera->device_id);
            camera->known_until = heard > newest ? heard : newest;
        }
        wildcam_camera_free(known);
    }
}

static int tell_states(struct cli *cli, wildcam_station *station, const struct walk *walk)
{
    for (size_t i = 0; i < walk->camera_count; i++) {
        const struct walk_camera *camera = &walk->cameras[i];
        if (camera->told && camera->told_at > camera->known_until &&
            wildcam_station_report_camera(station, camera->told) != WILDCAM_OK) {
            cli_complain(cli, "%s: how it does was not kept: %s", camera->device_id,
                         wildcam_error_message());
            return CLI_FAILED;
        }
    }
    return CLI_WELL;
}

static int take_all(struct cli *cli, const struct ingest *own, struct ingest_report *report)
{
    wildcam_station *station = NULL;
    const struct take_in_how how = {.threads = (int)own->threads, .pattern = own->pattern};
    int result = cli_open(cli, true, &station);
    if (result == CLI_WELL) {
        look_up_cameras(station, report->walk);
        if (!take_in(cli, station, report->walk, &how, report->results, ingest_report_result,
                     report)) {
            cli_complain(cli, "the system gives no thread; try again with fewer other programs");
            result = CLI_FAILED;
        }
    }
    if (result == CLI_WELL)
        result = tell_states(cli, station, report->walk);
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
    int64_t time;
    if (own.pattern && wildcam_time_from_name("", own.pattern, &time) == WILDCAM_ERR_INVALID)
        return cli_refuse(cli, "--time-from: %s", wildcam_error_message());
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
        "reception, and counted. What the WildCAM firmware wrote beside a picture, a file of its\n"
        "name that ends in .json, is taken over: its time, its place, how the camera did if that\n"
        "is newer than what is known; the rest is kept with the picture. --time-from has %Y or "
        "%y,\n"
        "%m, %d, %H, %M and perhaps %S where those stand in the name or path, and itself\n"
        "otherwise; %? is any character, %* any number of them. It goes before what the picture\n"
        "says, and pictures without it are counted. --json is {\"found\", \"kept\", "
        "\"without_time\", \"known\",\n"
        "\"unmatched\", \"side_files\", \"bad_side_files\": [{file, status, reason}...],\n"
        "\"left_out\": [{file, status, reason}...], \"other_files\", \"cameras\": [{device_id,\n"
        "found, kept, known, left_out}...], \"dry_run\", \"interrupted\"}.\n"
        "\n"
        "  wildcam ingest /media/cards --data /srv/station\n"
        "  wildcam ingest /media/card/DCIM --camera CAM01 --data /srv/station\n"
        "  wildcam ingest photos --camera CAM02 --time-from %m%d%Y%H%M%S --data /srv/station",
    .words_min = 1,
    .words_max = -1,
    .options = options,
    .run = run,
};
