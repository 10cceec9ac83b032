/* wildcam process: has the detectors look at pictures that wait for it. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "interrupt.h"
#include "text.h"

/* How long one pass may take before the bar moves. */
enum { PASS_MS = 500 };

struct process {
    bool status, retry_parked, again, pause, resume;
};

static const struct option_row options[] = {
    {"status", OPTION_FLAG, offsetof(struct process, status), NULL, "only tells how it stands"},
    {"retry-parked", OPTION_FLAG, offsetof(struct process, retry_parked), NULL,
     "tries those again that failed too often, and those that wait for a later try"},
    {"again", OPTION_FLAG, offsetof(struct process, again), NULL,
     "looks at all pictures anew, after a detector was changed"},
    {"pause", OPTION_FLAG, offsetof(struct process, pause), NULL,
     "pauses it, in all processes, and does nothing else"},
    {"resume", OPTION_FLAG, offsetof(struct process, resume), NULL, "lifts the pause first"},
    {0},
};

struct sums {
    int64_t done, failed;
    int64_t due, running, oldest, parked, paused_since;
};

static void write_text(const struct sums *sums, const struct process *own)
{
    if (!own->status && !own->pause)
        printf("processed %" PRId64 " picture%s\n", sums->done, cli_plural(sums->done));
    if (sums->failed)
        printf("%" PRId64 " tr%s failed\n", sums->failed, sums->failed == 1 ? "y" : "ies");
    if (sums->due == 0)
        printf("no picture waits\n");
    else
        printf("%" PRId64 " picture%s, %" PRId64 " of them under way\n", sums->due,
               sums->due == 1 ? " waits" : "s wait", sums->running);
    if (sums->parked)
        printf("%" PRId64 " picture%s too often; --retry-parked tries %s again\n", sums->parked,
               sums->parked == 1 ? " failed" : "s failed", sums->parked == 1 ? "it" : "them");
    if (sums->paused_since != WILDCAM_TIME_NONE)
        printf("processing is paused; --resume lifts that\n");
}

static bool write_json(const struct sums *sums)
{
    struct json_output out;
    char since[WILDCAM_TIME_TEXT] = "";
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"processed\": %" PRId64 ", \"failed\": %" PRId64 ", \"due\": %" PRId64
                    ", \"running\": %" PRId64 ", \"oldest_seconds\": %" PRId64
                    ", \"parked\": %" PRId64 ", \"paused_since\": ",
                    sums->done, sums->failed, sums->due, sums->running,
                    sums->due ? (wildcam_time_now() - sums->oldest) / 1000000 : 0, sums->parked);
    if (sums->paused_since == WILDCAM_TIME_NONE) {
        json_output_add(&out, "null}\n");
    } else {
        wildcam_time_format(sums->paused_since, 0, since, sizeof since);
        json_output_text(&out, since);
        json_output_add(&out, "}\n");
    }
    return cli_print_json(&out);
}

static wildcam_status count(wildcam_station *station, struct sums *sums)
{
    wildcam_status status = wildcam_station_count_processing(station, &sums->due, &sums->running,
                                                             &sums->oldest, &sums->parked);
    return status == WILDCAM_OK ? wildcam_station_get_processing_pause(station, &sums->paused_since)
                                : status;
}

/* Pass by pass, so that a bar moves and a signal is heard; no picture is given up half-way. */
static wildcam_status work_off(struct cli *cli, wildcam_station *station, struct sums *sums)
{
    wildcam_status status = count(station, sums);
    while (status == WILDCAM_OK) {
        int64_t done = 0, failed = 0, total = sums->done + sums->due;
        if (cli_progress(cli, "pictures", sums->done, total) != 0)
            return WILDCAM_ERR_CANCELLED;
        status = wildcam_station_process_once(station, PASS_MS, &done, &failed);
        sums->done += done;
        sums->failed += failed;
        if (status == WILDCAM_OK)
            status = count(station, sums);
        if (done + failed == 0) /* the rest is paused, waits, or is in the hands of others */
            break;
    }
    return status;
}

static wildcam_status prepare(wildcam_station *station, const struct process *own)
{
    int64_t changed;
    wildcam_status status = WILDCAM_OK;
    if (own->pause)
        return wildcam_station_pause_processing(station);
    if (own->resume)
        status = wildcam_station_resume_processing(station);
    if (status == WILDCAM_OK && own->retry_parked)
        status = wildcam_station_retry_processing(station, &changed);
    if (status == WILDCAM_OK && own->again)
        status = wildcam_station_process_again(station, 0, wildcam_time_now(), &changed);
    return status;
}

static int process_station(struct cli *cli, wildcam_station *station, const struct process *own)
{
    struct sums sums = {.paused_since = WILDCAM_TIME_NONE};
    interrupt_watch();
    wildcam_status status = prepare(station, own), counted = WILDCAM_OK;
    if (status == WILDCAM_OK && !own->status && !own->pause)
        status = work_off(cli, station, &sums);
    progress_hide(&cli->progress);
    int result = status == WILDCAM_OK ? CLI_WELL : cli_fail_or_stop(cli, status);
    if (status == WILDCAM_ERR_STATE)
        return result;
    counted = count(station, &sums); /* what was done until then is told all the same */
    if (counted != WILDCAM_OK)
        return result ? result : cli_fail(cli);
    if (!cli->json)
        write_text(&sums, own);
    else if (!write_json(&sums))
        return cli_fail_memory(cli);
    if (result == CLI_WELL && !own->pause && (sums.due || sums.parked))
        result = CLI_PARTLY;
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct process own = {0};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.pause && own.resume)
        return cli_refuse(cli, "--pause and --resume do not go together");
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = process_station(cli, station, &own);
    wildcam_station_close(station);
    return result;
}

const struct command command_process = {
    .name = "process",
    .arguments = "[--status] [--retry-parked] [--again] [--pause | --resume]",
    .summary = "looks at what is on the pictures that wait",
    .text = "Has the detectors of process.detector look at the pictures that were not looked at "
            "yet; a\n"
            "server that does the same at the same time is no trouble. Ends with 0 when none waits "
            "any\n"
            "more, with 1 when some still do or failed too often. --json is {\"processed\", "
            "\"failed\",\n"
            "\"due\", \"running\", \"oldest_seconds\", \"parked\", \"paused_since\"}.\n"
            "\n"
            "  wildcam process --data /srv/station --set process.detector=motion",
    .options = options,
    .run = run,
};
