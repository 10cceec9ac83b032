/* wildcam import, wildcam export: files of other programs, into a station and out of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "filters.h"
#include "interrupt.h"

/* How much is told of what was left out: all figures are, whatever their number. */
enum { NOTES_SHOWN = 20, NOTES_KEPT = 1000 };

struct exchange {
    struct filters filters;
    const char *base, *camera, *threshold, *species_threshold, *decimals, *project, *title,
        *contact, *sampling_design;
    bool dry_run, with_pictures, gzip, without_humans, without_events;
};

static const struct option_row import_options[] = {
    {"base", OPTION_TEXT, offsetof(struct exchange, base), "DIR",
     "megadetector: takes the pictures in, too, from this directory"},
    {"camera", OPTION_TEXT, offsetof(struct exchange, camera), "DEVICE_ID",
     "megadetector: the pictures are of this camera"},
    {"threshold", OPTION_TEXT, offsetof(struct exchange, threshold), "X",
     "leaves out detections that are less sure, 0 to 1; people from privacy.confidence on stay"},
    {"species-threshold", OPTION_TEXT, offsetof(struct exchange, species_threshold), "X",
     "a classification that is at least so sure names the species (0.5)"},
    {"dry-run", OPTION_FLAG, offsetof(struct exchange, dry_run), NULL,
     "only tells what would be taken in"},
    {0},
};

static const struct option_row export_options[] = {
    FILTER_OPTIONS(exchange),
    {"threshold", OPTION_TEXT, offsetof(struct exchange, threshold), "X",
     "leaves out detections that are less sure, 0 to 1"},
    {"with-pictures", OPTION_FLAG, offsetof(struct exchange, with_pictures), NULL,
     "camtrapdp: with copies of the pictures, without place and serial number, people blurred"},
    {"gzip", OPTION_FLAG, offsetof(struct exchange, gzip), NULL,
     "camtrapdp: compresses the tables"},
    {"without-humans", OPTION_FLAG, offsetof(struct exchange, without_humans), NULL,
     "camtrapdp: leaves out pictures that show people"},
    {"without-events", OPTION_FLAG, offsetof(struct exchange, without_events), NULL,
     "camtrapdp: leaves out observations of whole events"},
    {"decimals", OPTION_TEXT, offsetof(struct exchange, decimals), "N",
     "camtrapdp: rounds places to so many decimals"},
    {"project", OPTION_TEXT, offsetof(struct exchange, project), "FILE",
     "camtrapdp: JSON with members of datapackage.json"},
    {"title", OPTION_TEXT, offsetof(struct exchange, title), "TEXT", "camtrapdp: its title"},
    {"contact", OPTION_TEXT, offsetof(struct exchange, contact), "NAME <ADDRESS>",
     "camtrapdp: who answers questions"},
    {"sampling-design", OPTION_TEXT, offsetof(struct exchange, sampling_design), "WORD",
     "camtrapdp: opportunistic, targeted, simpleRandom, ..."},
    {0},
};

/* What came of it. */
struct report {
    struct cli *cli;
    int64_t notes;
    struct json_output list; /* with --json, of the first notes */
};

static void take_note(void *user, const char *what, const char *where, const char *text)
{
    struct report *report = user;
    int64_t number = report->notes++;
    if (report->cli->json && number < NOTES_KEPT) {
        json_output_add(&report->list, "%s{\"what\": ", number ? ",\n" : "\n");
        cli_add_text(&report->list, what);
        json_output_add(&report->list, ", \"where\": ");
        cli_add_text(&report->list, where);
        json_output_add(&report->list, ", \"text\": ");
        cli_add_text(&report->list, text);
        json_output_add(&report->list, "}");
    }
    if (!report->cli->json && number < NOTES_SHOWN)
        cli_complain(report->cli, "%s%s%s", where, *where ? ": " : "", text);
}

static bool set(struct cli *cli, wildcam_exchange *exchange, const char *name, const char *value)
{
    if (!value || wildcam_exchange_set(exchange, name, value) == WILDCAM_OK)
        return true;
    cli_refuse(cli, "%s", wildcam_error_message());
    return false;
}

static bool configure(struct cli *cli, const struct exchange *own, wildcam_exchange *exchange)
{
    return set(cli, exchange, "base", own->base) && set(cli, exchange, "camera", own->camera) &&
           set(cli, exchange, "threshold", own->threshold) &&
           set(cli, exchange, "species_threshold", own->species_threshold) &&
           set(cli, exchange, "decimals", own->decimals) &&
           set(cli, exchange, "project", own->project) && set(cli, exchange, "title", own->title) &&
           set(cli, exchange, "contact", own->contact) &&
           set(cli, exchange, "sampling_design", own->sampling_design) &&
           set(cli, exchange, "dry_run", own->dry_run ? "true" : NULL) &&
           set(cli, exchange, "pictures", own->with_pictures ? "true" : NULL) &&
           set(cli, exchange, "gzip", own->gzip ? "true" : NULL) &&
           set(cli, exchange, "humans", own->without_humans ? "false" : NULL) &&
           set(cli, exchange, "events", own->without_events ? "false" : NULL);
}

static bool is_partly(const wildcam_exchange *exchange)
{
    static const int left_out[] = {WILDCAM_EXCHANGE_UNMATCHED, WILDCAM_EXCHANGE_FAILED,
                                   WILDCAM_EXCHANGE_LEFT_OUT, WILDCAM_EXCHANGE_WITHOUT_TIME,
                                   WILDCAM_EXCHANGE_WITHOUT_PLACE};
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (wildcam_exchange_get_figure(exchange, left_out[i]) > 0)
            return true;
    return false;
}

/* The figures that are not 0, by their names. */
static void print_figures(const wildcam_exchange *exchange)
{
    static const char *const names[] = {
#define NAME(name, value, text) [value] = text,
        WILDCAM_EXCHANGE_FIGURES(NAME)
#undef NAME
    };
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
        int64_t figure = wildcam_exchange_get_figure(exchange, i);
        if (figure || i == WILDCAM_EXCHANGE_PICTURES)
            printf("%-18s %" PRId64 "\n", names[i], figure);
    }
}

static int print_json(struct cli *cli, struct report *report, const wildcam_exchange *exchange)
{
    struct json_output out;
    char *figures = NULL, *notes = json_output_end(&report->list);
    report->list = (struct json_output){0};
    json_output_begin(&out);
    json_output_add(&out, "{\"figures\": ");
    wildcam_exchange_to_json(exchange, &figures);
    json_output_object(&out, figures);
    json_output_add(&out, ", \"notes\": [%s%s], \"notes_left_out\": %" PRId64 "}\n",
                    notes ? notes : "", notes && *notes ? "\n" : "",
                    report->notes > NOTES_KEPT ? report->notes - NOTES_KEPT : 0);
    out.failed = out.failed || !notes;
    free(notes);
    return cli_print_json(&out) ? CLI_WELL : cli_fail_memory(cli);
}

/* What can be done about results of pictures that are not there. */
static void tell_unmatched(struct cli *cli, const struct exchange *own,
                           const wildcam_exchange *exchange)
{
    int64_t unmatched = wildcam_exchange_get_figure(exchange, WILDCAM_EXCHANGE_UNMATCHED);
    if (unmatched && !own->base && !cli->json)
        cli_complain(cli,
                     "%" PRId64 " picture%s not in the station: take them in before, with wildcam "
                     "ingest, or now, with --base and the folder that their names begin in",
                     unmatched, unmatched == 1 ? " is" : "s are");
}

static int finish(struct cli *cli, const struct exchange *own, struct report *report,
                  const wildcam_exchange *exchange, wildcam_status status)
{
    int result = CLI_WELL;
    if (status == WILDCAM_ERR_INCOMPLETE)
        cli_complain(cli, "%s", wildcam_error_message());
    else if (status != WILDCAM_OK)
        result = cli_fail_or_stop(cli, status);
    if (!cli->json && report->notes > NOTES_SHOWN)
        cli_complain(cli, "%" PRId64 " more are not shown; --json has up to %d",
                     report->notes - NOTES_SHOWN, NOTES_KEPT);
    if (result != CLI_WELL)
        return result;
    tell_unmatched(cli, own, exchange);
    if (cli->json)
        result = print_json(cli, report, exchange);
    else
        print_figures(exchange);
    bool partly = status == WILDCAM_ERR_INCOMPLETE || is_partly(exchange);
    return result == CLI_WELL && partly ? CLI_PARTLY : result;
}

static int run_exchange(struct cli *cli, const struct exchange *own, wildcam_station *station,
                        const wildcam_query *query, bool is_import, char **words)
{
    struct report report = {.cli = cli};
    wildcam_exchange *exchange = NULL;
    wildcam_status status = wildcam_exchange_new(station, &exchange);
    if (status == WILDCAM_OK)
        status = wildcam_exchange_set_query(exchange, query);
    if (status != WILDCAM_OK) {
        wildcam_exchange_free(exchange);
        return cli_fail(cli);
    }
    int result = CLI_USAGE;
    json_output_begin(&report.list);
    wildcam_exchange_set_note(exchange, take_note, &report);
    wildcam_exchange_set_progress(exchange, cli_progress, cli);
    if (configure(cli, own, exchange)) {
        interrupt_watch();
        status = is_import ? wildcam_exchange_import(exchange, words[0], words[1])
                           : wildcam_exchange_export(exchange, words[0], words[1]);
        progress_hide(&cli->progress);
        result = finish(cli, own, &report, exchange, status);
    }
    if (report.list.stream)
        free(json_output_end(&report.list));
    wildcam_exchange_free(exchange);
    return result;
}

/* What the library knows; a word that is none of them is wrong use, and told before anything is
 * opened. */
struct format {
    const char *name;
};
static const struct format imported[] = {{"megadetector"}, {"camtrapdp"}};
static const struct format exported[] = {{"megadetector"}, {"camtrapdp"}, {"csv"}};

static int check_words(struct cli *cli, bool is_import, char **words)
{
    const struct format *formats = is_import ? imported : exported;
    size_t count = is_import ? sizeof imported / sizeof *imported
                             : sizeof exported / sizeof *exported;
    if (!cli_choose(cli, words[0], formats, sizeof *formats, count))
        return CLI_USAGE;
    if (!is_import || access(words[1], R_OK) == 0)
        return CLI_WELL;
    cli_complain(cli, "%s: %s", words[1], strerror(errno)); /* no station is made for it */
    return CLI_FAILED;
}

static int run(struct cli *cli, int argc, char **argv, bool is_import)
{
    struct exchange own = {0};
    wildcam_station *station = NULL;
    wildcam_query *query = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.filters.csv)
        return cli_refuse(cli, "CSV is a format of its own: wildcam export csv FILE");
    result = check_words(cli, is_import, argv);
    if (result == CLI_WELL)
        result = filters_query(cli, is_import ? &(struct filters){0} : &own.filters, &query);
    /* Results alone say nothing to a station that has no pictures yet. */
    bool brings_pictures = is_import && (own.base || strcmp(argv[0], "megadetector") != 0);
    if (result == CLI_WELL)
        result = cli_open(cli, brings_pictures && !own.dry_run, &station);
    if (result == CLI_WELL)
        result = run_exchange(cli, &own, station, query, is_import, argv);
    wildcam_station_close(station);
    wildcam_query_free(query);
    return result;
}

static int run_import(struct cli *cli, int argc, char **argv)
{
    return run(cli, argc, argv, true);
}

static int run_export(struct cli *cli, int argc, char **argv)
{
    return run(cli, argc, argv, false);
}

const struct command command_import = {
    .name = "import",
    .arguments = "FORMAT PATH",
    .summary = "takes in what other programs know of pictures",
    .text =
        "FORMAT is megadetector, a result file of MegaDetector (1.0 to 1.6), or camtrapdp, the\n"
        "directory of a Camtrap DP package. Results are matched to the station's pictures by "
        "their\n"
        "names, and by folders that are named after cameras; with --base the pictures are taken "
        "in\n"
        "with them. What does not fit is named and counted, and stops nothing; the same import "
        "may\n"
        "be run again. --json is {\"figures\": {...}, \"notes\": [{what, where, text}...],\n"
        "\"notes_left_out\"}.\n"
        "\n"
        "  wildcam import megadetector results.json --base /media/cards --data /srv/station\n"
        "  wildcam import camtrapdp package/ --data /srv/station",
    .words_min = 2,
    .words_max = 2,
    .options = import_options,
    .run = run_import,
};

const struct command command_export = {
    .name = "export",
    .arguments = "FORMAT PATH [FILTER...]",
    .summary = "writes pictures and detections for other programs",
    .text =
        "FORMAT is megadetector, a result file (1.6); camtrapdp, a Camtrap DP package (1.0.2) in\n"
        "the directory PATH; or csv, one row for each detection. Filters choose pictures, which\n"
        "come with all that is on them; in csv they choose detections. PATH appears when it is\n"
        "finished. --json as in wildcam import.\n"
        "\n"
        "  wildcam export megadetector results.json --data /srv/station --from 2026-03-01\n"
        "  wildcam export camtrapdp package --data /srv/station --contact \"Ann "
        "<ann@example.org>\"",
    .words_min = 2,
    .words_max = 2,
    .options = export_options,
    .run = run_export,
};
