/* wildcam deployments: lists, adds, changes, removes; corrects clocks; notes failures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "camera_fields.h"
#include "cli.h"
#include "deployment_fields.h"
#include "filters.h"
#include "interrupt.h"
#include "table.h"

enum {
    TEXTS = WILDCAM_DEPLOYMENT_EXTRA + 1,
    NUMBERS = WILDCAM_DEPLOYMENT_PRIVACY_RADIUS + 1,
    FLAGS = WILDCAM_DEPLOYMENT_BAIT_USE + 1
};

struct deployments {
    const char *camera, *from, *to, *id, *offset;
    const char *texts[TEXTS], *flags[FLAGS];
    double numbers[NUMBERS]; /* infinite where it is not given, NaN for none */
    char **words;            /* behind the action */
    int count;
    wildcam_deployment *draft;
};

#define MEMBER(member) offsetof(struct deployments, member)

static const struct option_row options[] = {
    {"camera", OPTION_TEXT, MEMBER(camera), "ID", "list: of this camera; add: which one it is"},
    {"from", OPTION_TEXT, MEMBER(from), "TIME", "list: from then on; add, change: its start"},
    {"to", OPTION_TEXT, MEMBER(to), "TIME",
     "list: until then; add, change: its end, or none; a date includes its day"},
    {"id", OPTION_TEXT, MEMBER(id), "ID", "add, change: its own id (made of camera and day)"},
    {"offset", OPTION_TEXT, MEMBER(offset), "+HH:MM",
     "add, change: how far from UTC its clock was set, or none"},
    {"location-id", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_LOCATION_ID]), "TEXT",
     "add, change: which place it is"},
    {"location-name", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_LOCATION_NAME]), "TEXT",
     "add, change: the place's name"},
    {"latitude", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_LATITUDE]), "DEGREES",
     "add, change: how far north, -90 to 90"},
    {"longitude", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_LONGITUDE]), "DEGREES",
     "add, change: how far east, -180 to 180"},
    {"coordinate-uncertainty", OPTION_NUMBER_OR_NONE,
     MEMBER(numbers[WILDCAM_DEPLOYMENT_UNCERTAINTY]), "METRES", "add, change: how exact that is"},
    {"privacy-radius", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS]),
     "METRES", "add, change: how exact the public may know it"},
    {"setup-by", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_SETUP_BY]), "TEXT",
     "add, change: who set it up"},
    {"camera-model", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_CAMERA_MODEL]), "TEXT",
     "add, change: manufacturer-model"},
    {"camera-delay", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_CAMERA_DELAY]),
     "SECONDS", "add, change: how long it rests after a trigger"},
    {"camera-height", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_CAMERA_HEIGHT]),
     "METRES", "add, change: above the ground"},
    {"camera-depth", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_CAMERA_DEPTH]),
     "METRES", "add, change: below water"},
    {"camera-tilt", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_CAMERA_TILT]),
     "DEGREES", "add, change: -90 looks down, 90 up"},
    {"camera-heading", OPTION_NUMBER_OR_NONE, MEMBER(numbers[WILDCAM_DEPLOYMENT_CAMERA_HEADING]),
     "DEGREES", "add, change: clockwise from north"},
    {"detection-distance", OPTION_NUMBER_OR_NONE,
     MEMBER(numbers[WILDCAM_DEPLOYMENT_DETECTION_DISTANCE]), "METRES",
     "add, change: how far it notices animals"},
    {"timestamp-issues", OPTION_TEXT, MEMBER(flags[WILDCAM_DEPLOYMENT_TIMESTAMP_ISSUES]), "YES",
     "add, change: yes, no or none: its times cannot be repaired"},
    {"bait-use", OPTION_TEXT, MEMBER(flags[WILDCAM_DEPLOYMENT_BAIT_USE]), "YES",
     "add, change: yes, no or none"},
    {"feature-type", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_FEATURE_TYPE]), "TEXT",
     "add, change: what it looks at, such as trailGame"},
    {"habitat", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_HABITAT]), "TEXT",
     "add, change: what is around it"},
    {"groups", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_GROUPS]), "TEXT",
     "add, change: divided by |"},
    {"tags", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_TAGS]), "TEXT",
     "add, change: divided by |"},
    {"comments", OPTION_TEXT, MEMBER(texts[WILDCAM_DEPLOYMENT_COMMENTS]), "TEXT",
     "add, change: anything else"},
    {0},
};

static const struct column columns[] = {
    {"deployment_id", true, false}, {"camera", true, false},  {"start", true, false},
    {"end", true, false},           {"offset", true, true},   {"shift", true, true},
    {"location", true, false},      {"failures", true, true},
};

/* ---- writing ---- */

static void add_row(struct table *table, const wildcam_deployment *deployment)
{
    char text[WILDCAM_TIME_TEXT];
    table_add(table, wildcam_deployment_get_key(deployment));
    table_add(table, wildcam_deployment_get_device_id(deployment));
    camera_time(wildcam_deployment_get_start(deployment), text);
    table_add(table, text);
    camera_time(wildcam_deployment_get_end(deployment), text);
    table_add(table, text);
    deployment_offset(deployment, text);
    table_add(table, text);
    deployment_shift(deployment, text);
    table_add(table, text);
    table_add(table, wildcam_deployment_get_text(deployment, WILDCAM_DEPLOYMENT_LOCATION_NAME));
    table_add_whole(table, (int64_t)wildcam_deployment_get_failure_count(deployment));
}

static bool write_table(const wildcam_deployment_list *list)
{
    struct table table;
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < wildcam_deployment_list_get_count(list); i++)
        add_row(&table, wildcam_deployment_list_at(list, i));
    return table_end(&table);
}

static void add_json(struct json_output *out, const wildcam_deployment *deployment)
{
    char *text = NULL;
    wildcam_deployment_to_json(deployment, &text);
    json_output_object(out, text);
}

static bool write_json(const wildcam_deployment_list *list)
{
    struct json_output out;
    size_t count = wildcam_deployment_list_get_count(list);
    json_output_begin(&out);
    json_output_add(&out, "{\"deployments\": [");
    for (size_t i = 0; i < count; i++) {
        json_output_add(&out, i ? ",\n" : "\n");
        add_json(&out, wildcam_deployment_list_at(list, i));
    }
    json_output_add(&out, "\n], \"count\": %zu}\n", count);
    return cli_print_json(&out);
}

static int write_one(struct cli *cli, const wildcam_deployment *deployment)
{
    struct json_output out;
    struct table table;
    progress_hide(&cli->progress);
    if (!cli->json) {
        table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
        add_row(&table, deployment);
        return table_end(&table) ? CLI_WELL : cli_fail_memory(cli);
    }
    json_output_begin(&out);
    add_json(&out, deployment);
    json_output_add(&out, "\n");
    return cli_print_json(&out) ? CLI_WELL : cli_fail_memory(cli);
}

/* ---- reading what was typed ---- */

static bool is_none(const char *text)
{
    return strcmp(text, "none") == 0;
}

/* "+HH:MM", as behind an ISO 8601 time. */
static bool read_offset(struct cli *cli, const char *text, int32_t *offset)
{
    char time[64];
    int64_t ignored;
    *offset = WILDCAM_OFFSET_UNKNOWN;
    if (is_none(text))
        return true;
    snprintf(time, sizeof time, "2026-01-01T00:00:00%.20s", text);
    if (wildcam_time_parse(time, &ignored, offset, NULL) == WILDCAM_OK &&
        *offset != WILDCAM_OFFSET_UNKNOWN)
        return true;
    cli_refuse(cli, "--offset is such as +01:00, -03:30 or none, not \"%s\"", text);
    return false;
}

static bool check(struct cli *cli, wildcam_status status)
{
    if (status != WILDCAM_OK)
        cli_refuse(cli, "%s", wildcam_error_message());
    return status == WILDCAM_OK;
}

static bool read_flag(struct cli *cli, int flag, const char *text, int *value)
{
    *value = strcmp(text, "yes") == 0 ? 1 : strcmp(text, "no") == 0 ? 0 : -1;
    if (*value < 0 && !is_none(text))
        cli_refuse(cli, "%s is yes, no or none, not \"%s\"", wildcam_deployment_flag_name(flag),
                   text);
    return *value >= 0 || is_none(text);
}

static bool fill_fields(struct cli *cli, struct deployments *own)
{
    bool good = true;
    for (int i = 0; good && i < TEXTS; i++)
        if (own->texts[i])
            good = check(cli, wildcam_deployment_set_text(own->draft, i, own->texts[i]));
    for (int i = 0; good && i < NUMBERS; i++)
        if (!isinf(own->numbers[i]))
            good = check(cli, wildcam_deployment_set_number(own->draft, i, own->numbers[i]));
    for (int i = 0; good && i < FLAGS; i++) {
        int value = -1;
        if (!own->flags[i])
            continue;
        good = read_flag(cli, i, own->flags[i], &value) &&
               check(cli, wildcam_deployment_set_flag(own->draft, i, value));
    }
    return good;
}

static bool fill_draft(struct cli *cli, struct deployments *own)
{
    int32_t offset;
    if (own->camera && !check(cli, wildcam_deployment_set_device_id(own->draft, own->camera)))
        return false;
    if (own->id && !check(cli, wildcam_deployment_set_key(own->draft, own->id)))
        return false;
    if (own->offset && !(read_offset(cli, own->offset, &offset) &&
                         check(cli, wildcam_deployment_set_offset(own->draft, offset))))
        return false;
    return fill_fields(cli, own);
}

/* What is not given of a span stays as it is. */
static bool fill_span(struct cli *cli, struct deployments *own, int64_t start, int64_t end)
{
    if (!own->from && !own->to)
        return true;
    if (own->from && !filters_read_time(cli, "--from", own->from, false, &start))
        return false;
    if (own->to && is_none(own->to))
        end = WILDCAM_TIME_NONE;
    else if (own->to && !filters_read_time(cli, "--to", own->to, true, &end))
        return false;
    return check(cli, wildcam_deployment_set_span(own->draft, start, end));
}

/* ---- what is done ---- */

static int list(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_deployment_list *found = NULL;
    int64_t from, to;
    if (!filters_read_time(cli, "--from", own->from, false, &from) ||
        !filters_read_time(cli, "--to", own->to, true, &to))
        return CLI_USAGE;
    if (wildcam_station_list_deployments(station, own->camera, from, to, &found) != WILDCAM_OK)
        return cli_fail(cli);
    bool done = cli->json ? write_json(found) : write_table(found);
    wildcam_deployment_list_free(found);
    return done ? CLI_WELL : cli_fail_memory(cli);
}

static int show(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_deployment *found = NULL;
    if (wildcam_station_get_deployment(station, own->words[0], &found) != WILDCAM_OK)
        return cli_fail(cli);
    int result = cli->json                        ? write_one(cli, found)
                 : deployment_fields_write(found) ? CLI_WELL
                                                  : cli_fail_memory(cli);
    wildcam_deployment_free(found);
    return result;
}

/* What a signal has stopped are the times alone. */
static int finish(struct cli *cli, wildcam_status status)
{
    if (status == WILDCAM_ERR_CANCELLED)
        cli_complain(cli, "done but for times of pictures, which follow with the next wildcam "
                          "deployments, or by themselves where a server runs");
    return cli_fail_or_stop(cli, status);
}

static int add(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_deployment *kept = NULL;
    if (!own->camera || !own->from)
        return cli_refuse(cli, "add takes --camera and --from");
    if (!fill_draft(cli, own) || !fill_span(cli, own, WILDCAM_TIME_NONE, WILDCAM_TIME_NONE))
        return CLI_USAGE;
    wildcam_status status = wildcam_station_add_deployment(station, own->draft, cli_progress, cli,
                                                           &kept);
    int result = status == WILDCAM_OK ? write_one(cli, kept) : finish(cli, status);
    wildcam_deployment_free(kept);
    return result;
}

static int put(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_deployment *kept = NULL;
    wildcam_status status = wildcam_station_change_deployment(station, own->words[0], own->draft,
                                                              cli_progress, cli, &kept);
    int result = status == WILDCAM_OK ? write_one(cli, kept) : finish(cli, status);
    wildcam_deployment_free(kept);
    return result;
}

static int change(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_deployment *found = NULL;
    if (wildcam_station_get_deployment(station, own->words[0], &found) != WILDCAM_OK)
        return cli_fail(cli);
    bool good = fill_draft(cli, own) && fill_span(cli, own, wildcam_deployment_get_start(found),
                                                  wildcam_deployment_get_end(found));
    wildcam_deployment_free(found);
    return good ? put(cli, station, own) : CLI_USAGE;
}

/* Two clocks are compared as they stand on the wall, or both in UTC: with an offset on one side
 * alone, the difference would be off by it. */
static bool read_correction(struct cli *cli, char **words, int64_t *wrong, int64_t *right)
{
    int32_t wrong_offset, right_offset;
    if (!filters_read_time(cli, "WRONG", words[0], false, wrong) ||
        !filters_read_time(cli, "RIGHT", words[1], false, right))
        return false;
    wildcam_time_parse(words[0], wrong, &wrong_offset, NULL);
    wildcam_time_parse(words[1], right, &right_offset, NULL);
    if ((wrong_offset == WILDCAM_OFFSET_UNKNOWN) == (right_offset == WILDCAM_OFFSET_UNKNOWN))
        return true;
    cli_refuse(cli, "WRONG and RIGHT are both without an offset, as a camera and a watch beside it "
                    "show them, or both with one");
    return false;
}

static int correct(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    int64_t wrong = WILDCAM_TIME_NONE, right = WILDCAM_TIME_NONE;
    bool none = own->count == 2 && is_none(own->words[1]);
    if (own->count != 3 && !none)
        return cli_refuse(cli, "correct takes ID WRONG RIGHT, or ID none");
    if (!none && !read_correction(cli, own->words + 1, &wrong, &right))
        return CLI_USAGE;
    return check(cli, wildcam_deployment_set_correction(own->draft, wrong, right))
               ? put(cli, station, own)
               : CLI_USAGE;
}

/* Copies the failures of one into a draft, but the one that begins at a moment. */
static wildcam_status copy_failures(const wildcam_deployment *from, wildcam_deployment *to,
                                    int64_t but, bool *met)
{
    wildcam_status status = wildcam_deployment_clear_failures(to);
    for (size_t i = 0; status == WILDCAM_OK && i < wildcam_deployment_get_failure_count(from);
         i++) {
        int64_t begins, ends;
        const char *reason;
        status = wildcam_deployment_get_failure(from, i, &begins, &ends, &reason);
        if (status == WILDCAM_OK && begins == but)
            *met = true;
        else if (status == WILDCAM_OK)
            status = wildcam_deployment_add_failure(to, begins, ends, reason);
    }
    return status;
}

static int change_failures(struct cli *cli, wildcam_station *station, struct deployments *own,
                           int64_t from, int64_t to)
{
    wildcam_deployment *found = NULL;
    bool adds = to != WILDCAM_TIME_NONE, met = false;
    if (wildcam_station_get_deployment(station, own->words[0], &found) != WILDCAM_OK)
        return cli_fail(cli);
    wildcam_status status = copy_failures(found, own->draft, adds ? WILDCAM_TIME_NONE : from, &met);
    wildcam_deployment_free(found);
    if (status == WILDCAM_OK && adds)
        status = wildcam_deployment_add_failure(own->draft, from, to,
                                                own->count == 4 ? own->words[3] : "");
    if (!check(cli, status))
        return CLI_USAGE;
    if (!adds && !met) {
        cli_complain(cli, "no failure of %s begins then", own->words[0]);
        return CLI_FAILED;
    }
    return put(cli, station, own);
}

static int fail(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    int64_t from, to;
    if (own->count < 3)
        return cli_refuse(cli, "failure takes ID FROM TO [REASON], or ID FROM none");
    if (!filters_read_time(cli, "FROM", own->words[1], false, &from))
        return CLI_USAGE;
    if (is_none(own->words[2]))
        to = WILDCAM_TIME_NONE;
    else if (!filters_read_time(cli, "TO", own->words[2], true, &to))
        return CLI_USAGE;
    return change_failures(cli, station, own, from, to);
}

static int take_away(struct cli *cli, wildcam_station *station, struct deployments *own)
{
    wildcam_status status = wildcam_station_remove_deployment(station, own->words[0], cli_progress,
                                                              cli);
    if (status != WILDCAM_OK)
        return finish(cli, status);
    progress_hide(&cli->progress);
    if (!cli->json)
        return CLI_WELL;
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"removed\": ");
    cli_add_text(&out, own->words[0]);
    json_output_add(&out, "}\n");
    return cli_print_json(&out) ? CLI_WELL : cli_fail_memory(cli);
}

/* What an interrupted change has left, where no server does it. */
static int catch_up(struct cli *cli, wildcam_station *station)
{
    wildcam_status status = wildcam_station_retime(station, cli_progress, cli);
    if (status == WILDCAM_ERR_CANCELLED)
        return cli_fail_or_stop(cli, status);
    if (status != WILDCAM_OK)
        cli_fail(cli); /* which is no reason not to do what is asked for */
    progress_hide(&cli->progress);
    return CLI_WELL;
}

static const struct action {
    const char *name;
    int words_min, words_max;
    int (*run)(struct cli *cli, wildcam_station *station, struct deployments *own);
} actions[] = {
    {"list", 0, 0, list},     {"show", 1, 1, show},        {"add", 0, 0, add},
    {"change", 1, 1, change}, {"remove", 1, 1, take_away}, {"correct", 2, 3, correct},
    {"failure", 3, 4, fail},
};
enum { ACTIONS = sizeof actions / sizeof *actions };

static int run(struct cli *cli, int argc, char **argv)
{
    struct deployments own = {0};
    wildcam_station *station = NULL;
    for (int i = 0; i < NUMBERS; i++)
        own.numbers[i] = INFINITY;
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    const struct action *action =
        words ? cli_choose(cli, argv[0], actions, sizeof *actions, ACTIONS) : actions;
    if (!action)
        return CLI_USAGE;
    own.words = argv + 1;
    own.count = words ? words - 1 : 0;
    if (own.count < action->words_min)
        return cli_refuse(cli, "%s takes a deployment's id%s", action->name,
                          action->words_min > 1 ? " and more: see --help" : "");
    if (own.count > action->words_max)
        return cli_refuse(cli, "\"%s\" is one word too many", own.words[action->words_max]);
    if (!check(cli, wildcam_deployment_new(&own.draft)))
        return CLI_FAILED;
    interrupt_watch();
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = catch_up(cli, station);
    if (result == CLI_WELL)
        result = action->run(cli, station, &own);
    wildcam_station_close(station);
    wildcam_deployment_free(own.draft);
    return result;
}

const struct command command_deployments = {
    .name = "deployments",
    .arguments = "[list | show ID | add | change ID | remove ID | correct ID WRONG RIGHT |\n"
                 "       failure ID FROM TO [REASON]]",
    .summary = "where cameras stood when, and what was wrong with their clocks",
    .text =
        "A deployment is a camera at a place over a span. Times of pictures follow it: its\n"
        "offset from UTC where the camera did not know its own, and the difference between one\n"
        "wrong and one right time, which may be read off a picture of a watch. What the clock\n"
        "said is kept, and comes back when the deployment is removed, or with correct ID none.\n"
        "WRONG and RIGHT are what the camera and a watch beside it showed at one moment.\n"
        "failure ID FROM none takes a failure off. A date at the end of a span includes its day;\n"
        "times of spans without an offset are in UTC. What is given can be taken back: with none,\n"
        "texts with \"\". --json is {\"deployments\": [...], \"count\": N}, or the one deployment, "
        "or\n"
        "{\"removed\": ID}.\n"
        "\n"
        "  wildcam deployments add --camera CAM01 --from 2026-03-01 --offset +01:00 --data DIR\n"
        "  wildcam deployments correct CAM01-2026-03-01 2020-01-01T00:00 2026-03-01T09:30",
    .words_max = 5,
    .options = options,
    .run = run,
};
