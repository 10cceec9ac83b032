/* wildcam sync: uploads what the station owes S3. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "interrupt.h"
#include "table.h"
#include "text.h"

/* How long one pass may take before what came in meanwhile is looked for. */
enum { PASS_MS = 60000 };
/* Between two passes of --wait when the first one uploaded nothing. */
enum { REST_MS = 5000, RESTS = 50 };

struct sync {
    bool dry_run, retry, wait;
    int64_t limit;
};

static const struct option_row options[] = {
    {"dry-run", OPTION_FLAG, offsetof(struct sync, dry_run), NULL, "only tells what is owed"},
    {"limit", OPTION_WHOLE, offsetof(struct sync, limit), "N",
     "uploads at most so many files (0: all)"},
    {"retry", OPTION_FLAG, offsetof(struct sync, retry), NULL,
     "tries those again that were given up"},
    {"wait", OPTION_FLAG, offsetof(struct sync, wait), NULL,
     "goes on until nothing is owed, however long the network is down"},
    {0},
};

struct sums {
    int64_t uploaded, tried, owed, oldest, parked;
    int64_t failed; /* the last time that all was gone through */
    bool is_held;   /* what is owed is in the hands of others */
};

static const struct column columns[] = {{"region", true, false},
                                        {"bucket", true, false},
                                        {"state", true, false},
                                        {"reason", true, false}};

static int take_progress(void *user, const char *phase, int64_t done, int64_t total)
{
    return cli_progress(user, phase, done, total);
}

static bool is_troubled(const wildcam_regions *regions)
{
    for (size_t i = 0; i < wildcam_regions_count(regions); i++)
        if (*wildcam_regions_get_reason(regions, i))
            return true;
    return false;
}

static bool write_regions(const wildcam_regions *regions)
{
    struct table table;
    printf("\n");
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < wildcam_regions_count(regions); i++) {
        table_add(&table, wildcam_regions_get_name(regions, i));
        table_add(&table, wildcam_regions_get_bucket(regions, i));
        table_add(&table, wildcam_regions_get_state(regions, i));
        table_add(&table, wildcam_regions_get_reason(regions, i));
    }
    return table_end(&table);
}

/* "3 h", in the largest unit that it has one of. */
static void write_age(int64_t since, char *text, size_t size)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = (wildcam_time_now() - since) / 1000000;
    size_t unit = 0;
    while (unit < 3 && seconds < 2 * units[unit].seconds)
        unit++;
    snprintf(text, size, "%" PRId64 " %s", seconds / units[unit].seconds, units[unit].name);
}

static bool write_text(const struct sums *sums, const struct sync *own,
                       const wildcam_regions *regions)
{
    char age[32];
    if (!own->dry_run)
        printf("uploaded %" PRId64 " file%s\n", sums->uploaded, cli_plural(sums->uploaded));
    if (sums->owed == 0)
        printf("nothing is owed\n");
    if (sums->owed) {
        write_age(sums->oldest, age, sizeof age);
        printf("%" PRId64 " file%s owed, the oldest for %s\n", sums->owed,
               sums->owed == 1 ? " is" : "s are", age);
    }
    if (sums->owed && sums->is_held)
        printf("another process has begun with the rest; if it was killed, others go on after a "
               "minute\n");
    if (sums->parked)
        printf("%" PRId64 " file%s given up; --retry tries %s again\n", sums->parked,
               sums->parked == 1 ? " was" : "s were", sums->parked == 1 ? "it" : "them");
    return !is_troubled(regions) || write_regions(regions);
}

static bool write_json(const struct sums *sums, const struct sync *own,
                       const wildcam_regions *regions)
{
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"uploaded\": %" PRId64 ", \"failed\": %" PRId64 ", \"owed\": %" PRId64
                    ", \"oldest_seconds\": %" PRId64 ", \"given_up\": %" PRId64
                    ", \"dry_run\": %s, \"regions\": [",
                    sums->uploaded, sums->failed, sums->owed,
                    sums->owed ? (wildcam_time_now() - sums->oldest) / 1000000 : 0, sums->parked,
                    own->dry_run ? "true" : "false");
    for (size_t i = 0; i < wildcam_regions_count(regions); i++) {
        json_output_add(&out, "%s{\"region\": ", i ? ", " : "");
        json_output_text(&out, wildcam_regions_get_name(regions, i));
        json_output_add(&out, ", \"bucket\": ");
        json_output_text(&out, wildcam_regions_get_bucket(regions, i));
        json_output_add(&out, ", \"state\": ");
        json_output_text(&out, wildcam_regions_get_state(regions, i));
        json_output_add(&out, ", \"reason\": ");
        cli_add_text(&out, wildcam_regions_get_reason(regions, i));
        json_output_add(&out, "}");
    }
    json_output_add(&out, "]}\n");
    return cli_print_json(&out);
}

static int tell(struct cli *cli, wildcam_station *station, const struct sync *own,
                struct sums *sums)
{
    wildcam_uploader *uploader = NULL;
    wildcam_regions *regions = NULL;
    progress_hide(&cli->progress);
    wildcam_status status = wildcam_station_count_uploads(station, &sums->owed, &sums->oldest,
                                                          &sums->parked);
    if (status == WILDCAM_OK)
        status = wildcam_station_open_uploader(station, &uploader);
    if (status == WILDCAM_OK)
        status = wildcam_uploader_get_regions(uploader, &regions);
    int result = sums->owed || sums->parked ? CLI_PARTLY : CLI_WELL;
    if (status != WILDCAM_OK)
        result = cli_fail(cli);
    else if (!(cli->json ? write_json : write_text)(sums, own, regions))
        result = cli_fail_memory(cli);
    wildcam_regions_free(regions);
    wildcam_uploader_close(uploader);
    return result;
}

/* Until there is another try, or the user has enough. */
static void rest(struct cli *cli, const struct sums *sums)
{
    static const struct timespec moment = {.tv_nsec = REST_MS / RESTS * 1000000L};
    for (int i = 0; i < RESTS && !interrupt_came(); i++) {
        cli_progress(cli, "waiting for S3", sums->uploaded, 0);
        nanosleep(&moment, NULL);
    }
}

/* False when all that could be done now is done. */
static bool goes_on(struct cli *cli, const struct sync *own, const struct sums *sums,
                    int64_t uploaded)
{
    if (own->limit && sums->tried >= own->limit)
        return false;
    if (uploaded == 0 && own->wait)
        rest(cli, sums);
    return uploaded > 0 || own->wait;
}

/* One pass after the other, as pictures may come in meanwhile. */
static wildcam_status upload(struct cli *cli, wildcam_station *station, const struct sync *own,
                             struct sums *sums)
{
    wildcam_status status = WILDCAM_OK;
    int64_t owed = 1, uploaded = 1;
    while (status == WILDCAM_OK && owed && !interrupt_came()) {
        int64_t most = own->limit ? own->limit - sums->tried : 0;
        status = wildcam_station_upload(station, WILDCAM_UPLOAD_NOW, PASS_MS, most, take_progress,
                                        cli, &uploaded, &sums->failed);
        sums->uploaded += uploaded;
        sums->tried += uploaded + sums->failed;
        sums->is_held = status == WILDCAM_OK && uploaded == 0 && sums->failed == 0;
        if (status == WILDCAM_ERR_UPLOAD && own->wait)
            status = WILDCAM_OK;
        if (status == WILDCAM_OK)
            status = wildcam_station_count_uploads(station, &owed, NULL, NULL);
        if (status == WILDCAM_OK && owed && !goes_on(cli, own, sums, uploaded))
            break;
    }
    return interrupt_came() ? WILDCAM_ERR_CANCELLED : status;
}

static int sync_station(struct cli *cli, wildcam_station *station, const struct sync *own)
{
    struct sums sums = {0};
    wildcam_status status = WILDCAM_OK;
    int64_t retried = 0;
    interrupt_watch();
    if (own->retry && !own->dry_run)
        status = wildcam_station_retry_uploads(station, &retried);
    if (status == WILDCAM_OK && !own->dry_run)
        status = upload(cli, station, own, &sums);
    progress_hide(&cli->progress);
    int result = CLI_WELL;
    if (status != WILDCAM_OK)
        result = cli_fail_or_stop(cli, status); /* what was done until then is told all the same */
    if (status == WILDCAM_ERR_UPLOAD && !interrupt_came())
        result = CLI_PARTLY;
    int told = status == WILDCAM_ERR_STATE ? CLI_WELL : tell(cli, station, own, &sums);
    return result ? result : told;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct sync own = {.limit = 0};
    wildcam_station *station = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.limit < 0)
        return cli_refuse(cli, "--limit takes 0 or more, not %" PRId64, own.limit);
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = sync_station(cli, station, &own);
    wildcam_station_close(station);
    return result;
}

const struct command command_sync = {
    .name = "sync",
    .arguments = "[--wait] [--limit N] [--retry] [--dry-run]",
    .summary = "uploads to S3 what is owed",
    .text =
        "Uploads the pictures and thumbnails that are not in S3 yet, whatever `s3.window` and the\n"
        "time of their next try say; a server that uploads at the same time is no trouble. Ends\n"
        "with 0 when nothing is owed any more, with 1 when something still is, with 3 when no\n"
        "region can be reached: the regions' troubles are told then. Settings are\n"
        "s3.*: s3.access_key, s3.secret_key, s3.regions, s3.bucket. --json is {\"uploaded\",\n"
        "\"failed\", \"owed\", \"oldest_seconds\", \"given_up\", \"dry_run\",\n"
        "\"regions\": [{region, bucket, state, reason}...]}.\n"
        "\n"
        "  WILDCAM_S3_SECRET_KEY=... wildcam sync --data /srv/station --set s3.access_key=...",
    .options = options,
    .run = run,
};
