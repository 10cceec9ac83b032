/* wildcam process: has the detectors look at pictures that wait for it. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "interrupt.h"
#include "text.h"

enum {
    PASS_MS = 500, /* how long one pass may take before the bar moves */
    WORKERS_MAX = 64,
    LISTED = 20 /* of the parked pictures */
};

struct process {
    bool status, retry_parked, again, pause, resume;
    int64_t workers;
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
    {"workers", OPTION_WHOLE, offsetof(struct process, workers), "N",
     "looks at so many pictures at one time, 1 to 64; without it as many as there are cores"},
    {0},
};

struct sums {
    int64_t done, failed;
    int64_t due, running, oldest, parked, paused_since;
};

/* ---- what is told ---- */

/* One line for each of the first that failed too often, or an object. */
static wildcam_status list_parked(wildcam_station *station, struct json_output *json)
{
    wildcam_processing *row = NULL;
    wildcam_status status = WILDCAM_OK;
    int64_t after = 0;
    for (int i = 0; status == WILDCAM_OK && i < LISTED; i++) {
        status = wildcam_station_next_parked(station, after, &row);
        if (status != WILDCAM_OK)
            break;
        after = wildcam_processing_get_image_id(row);
        if (json) {
            json_output_add(json, "%s{\"image_id\": %" PRId64 ", \"attempts\": %d, \"reason\": ",
                            i ? ", " : "", after, wildcam_processing_get_attempts(row));
            json_output_text(json, wildcam_processing_get_reason(row));
            json_output_add(json, "}");
        } else {
            char *reason = text_visible(wildcam_processing_get_reason(row));
            printf("  picture %" PRId64 ": %s\n", after, reason ? reason : "");
            free(reason);
        }
        wildcam_processing_free(row);
    }
    return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
}

static wildcam_status write_text(wildcam_station *station, const struct sums *sums,
                                 const struct process *own)
{
    wildcam_status status = WILDCAM_OK;
    if (!own->status && !own->pause)
        printf("processed %" PRId64 " picture%s\n", sums->done, cli_plural(sums->done));
    if (sums->failed)
        printf("%" PRId64 " tr%s failed\n", sums->failed, sums->failed == 1 ? "y" : "ies");
    if (sums->due == 0)
        printf("no picture waits\n");
    else
        printf("%" PRId64 " picture%s, %" PRId64 " of them under way\n", sums->due,
               sums->due == 1 ? " waits" : "s wait", sums->running);
    if (sums->parked) {
        printf("%" PRId64 " picture%s too often; --retry-parked tries %s again\n", sums->parked,
               sums->parked == 1 ? " failed" : "s failed", sums->parked == 1 ? "it" : "them");
        status = list_parked(station, NULL);
    }
    if (status == WILDCAM_OK && sums->parked > LISTED)
        printf("  and %" PRId64 " more\n", sums->parked - LISTED);
    if (sums->paused_since != WILDCAM_TIME_NONE)
        printf("processing is paused; --resume lifts that\n");
    return status;
}

static wildcam_status write_json(wildcam_station *station, const struct sums *sums,
                                 bool *is_written)
{
    struct json_output out;
    char since[WILDCAM_TIME_TEXT] = "";
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"processed\": %" PRId64 ", \"failed\": %" PRId64 ", \"due\": %" PRId64
                    ", \"running\": %" PRId64 ", \"oldest_seconds\": %" PRId64
                    ", \"parked\": %" PRId64 ", \"parked_pictures\": [",
                    sums->done, sums->failed, sums->due, sums->running,
                    sums->due ? (wildcam_time_now() - sums->oldest) / 1000000 : 0, sums->parked);
    wildcam_status status = list_parked(station, &out);
    json_output_add(&out, "], \"paused_since\": ");
    if (sums->paused_since == WILDCAM_TIME_NONE) {
        json_output_add(&out, "null}\n");
    } else {
        wildcam_time_format(sums->paused_since, 0, since, sizeof since);
        json_output_text(&out, since);
        json_output_add(&out, "}\n");
    }
    *is_written = cli_print_json(&out);
    return status;
}

/* ---- the work ---- */

static wildcam_status count(wildcam_station *station, struct sums *sums)
{
    wildcam_status status = wildcam_station_count_processing(station, &sums->due, &sums->running,
                                                             &sums->oldest, &sums->parked);
    return status == WILDCAM_OK ? wildcam_station_get_processing_pause(station, &sums->paused_since)
                                : status;
}

/* Who works beside the main thread. */
struct crew {
    wildcam_station *station;
    atomic_int_least64_t done, failed;
    atomic_bool is_over;
    pthread_t threads[WORKERS_MAX];
    int count;
};

/* What fails here fails in the main thread as well, which tells it. */
static void *work_beside(void *user)
{
    struct crew *crew = user;
    int64_t done = 1, failed = 0;
    while (!crew->is_over && done + failed > 0) {
        if (wildcam_station_process_once(crew->station, PASS_MS, &done, &failed) != WILDCAM_OK)
            crew->is_over = true;
        crew->done += done;
        crew->failed += failed;
    }
    return NULL;
}

/* With fewer than were wanted it only takes longer. */
static void call_crew(struct crew *crew, int64_t wanted)
{
    while (crew->count < wanted &&
           pthread_create(&crew->threads[crew->count], NULL, work_beside, crew) == 0)
        crew->count++;
}

static void end_crew(struct crew *crew, struct sums *sums)
{
    crew->is_over = true;
    for (int i = 0; i < crew->count; i++)
        pthread_join(crew->threads[i], NULL);
    sums->done += crew->done;
    sums->failed += crew->failed;
}

/* Pass by pass, so that a bar moves and a signal is heard; no picture is given up half-way. The
 * others begin when the first picture has shown that there are detectors. */
static wildcam_status work_off(struct cli *cli, wildcam_station *station, int64_t workers,
                               struct sums *sums)
{
    struct crew crew = {.station = station};
    int64_t budget = 0, all = 0;
    wildcam_status status = count(station, sums);
    while (status == WILDCAM_OK) {
        int64_t done = 0, failed = 0, known = sums->done + crew.done + sums->due;
        all = known > all ? known : all; /* the others tell what they have done at a pass's end */
        if (cli_progress(cli, "pictures", all - sums->due, all) != 0) {
            status = WILDCAM_ERR_CANCELLED;
            break;
        }
        status = wildcam_station_process_once(station, budget, &done, &failed);
        sums->done += done;
        sums->failed += failed;
        if (status == WILDCAM_OK)
            status = count(station, sums);
        if (done + failed == 0) /* the rest is paused, waits, or is in the hands of others */
            break;
        if (status == WILDCAM_OK && budget == 0)
            call_crew(&crew, workers - 1);
        budget = PASS_MS;
    }
    end_crew(&crew, sums);
    return status;
}

static wildcam_status prepare(wildcam_station *station, const struct process *own,
                              struct sums *sums)
{
    int64_t changed;
    wildcam_status status = WILDCAM_OK;
    if (own->pause)
        return wildcam_station_pause_processing(station);
    if (own->resume)
        status = wildcam_station_resume_processing(station);
    if (status == WILDCAM_OK && own->retry_parked)
        status = wildcam_station_retry_processing(station, &changed);
    /* What was found stays what it is while there are no detectors that could find it again. */
    if (status == WILDCAM_OK && own->again)
        status = wildcam_station_process_once(station, 0, &sums->done, &sums->failed);
    if (status == WILDCAM_OK && own->again)
        status = wildcam_station_process_again(station, WILDCAM_TIME_MIN, WILDCAM_TIME_END - 1,
                                               &changed);
    return status;
}

static int process_station(struct cli *cli, wildcam_station *station, const struct process *own)
{
    struct sums sums = {.paused_since = WILDCAM_TIME_NONE};
    bool is_written = true;
    interrupt_watch();
    wildcam_status status = prepare(station, own, &sums), counted = WILDCAM_OK;
    if (status == WILDCAM_OK && !own->status && !own->pause)
        status = work_off(cli, station, own->workers, &sums);
    progress_hide(&cli->progress);
    int result = status == WILDCAM_OK ? CLI_WELL : cli_fail_or_stop(cli, status);
    if (status == WILDCAM_ERR_STATE)
        return result;
    counted = count(station, &sums); /* what was done until then is told all the same */
    if (counted == WILDCAM_OK)
        counted = cli->json ? write_json(station, &sums, &is_written)
                            : write_text(station, &sums, own);
    if (!is_written)
        return cli_fail_memory(cli);
    if (counted != WILDCAM_OK)
        return result ? result : cli_fail(cli);
    if (result == CLI_WELL && !own->pause && (sums.due || sums.parked))
        result = CLI_PARTLY;
    return result;
}

/* The options that were given, those first beside which no other makes sense. */
static int check_options(struct cli *cli, struct process *own)
{
    const struct {
        const char *name;
        bool is_given, is_lonely;
    } all[] = {{"status", own->status, true},  {"pause", own->pause, true},
               {"resume", own->resume, false}, {"retry-parked", own->retry_parked, false},
               {"again", own->again, false},   {"workers", own->workers >= 0, false}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (size_t k = i + 1; k < sizeof all / sizeof all[0]; k++)
            if (all[i].is_given && all[i].is_lonely && all[k].is_given)
                return cli_refuse(cli, "--%s and --%s do not go together", all[i].name,
                                  all[k].name);
    if (own->workers == 0 || own->workers > WORKERS_MAX)
        return cli_refuse(cli, "--workers is 1 to %d", WORKERS_MAX);
    if (own->workers < 0)
        own->workers = sysconf(_SC_NPROCESSORS_ONLN);
    if (own->workers < 1)
        own->workers = 1;
    if (own->workers > WORKERS_MAX)
        own->workers = WORKERS_MAX;
    return CLI_WELL;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct process own = {.workers = -1};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    result = check_options(cli, &own);
    if (result != CLI_WELL)
        return result;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = process_station(cli, station, &own);
    wildcam_station_close(station);
    return result;
}

const struct command command_process = {
    .name = "process",
    .arguments = "[--status | --pause] [--resume] [--retry-parked] [--again] [--workers N]",
    .summary = "looks at what is on the pictures that wait",
    .text = "Has the detectors of process.detector look at the pictures that were not looked at "
            "yet; a\n"
            "server that does the same at the same time is no trouble. Of a program (process:) as "
            "many\n"
            "run as process.children says. Those that failed too often are listed with the reason, "
            "the\n"
            "first 20 of them. Ends with 0 when none waits any more, with 1 when some still do or "
            "failed\n"
            "too often. --json is {\"processed\", \"failed\", \"due\", \"running\", "
            "\"oldest_seconds\",\n"
            "\"parked\", \"parked_pictures\": [{\"image_id\", \"attempts\", \"reason\"}], "
            "\"paused_since\"}.\n"
            "\n"
            "  wildcam process --data /srv/station --set process.detector=motion",
    .options = options,
    .run = run,
};
