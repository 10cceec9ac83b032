/* wildcam events: the pictures that belong together. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "filters.h"
#include "interrupt.h"
#include "table.h"

struct events {
    struct filters filters;
    int64_t limit, gap;
    bool oldest;
};

static const struct option_row options[] = {
    {"from", OPTION_TEXT, offsetof(struct events, filters.from), "TIME",
     "from this time on: 2026-03-01, or 2026-03-01T06:00+01:00"},
    {"to", OPTION_TEXT, offsetof(struct events, filters.to), "TIME",
     "up to this time; a date includes its day"},
    {"camera", OPTION_TEXT, offsetof(struct events, filters.camera), "DEVICE_ID", "of this camera"},
    {"limit", OPTION_WHOLE, offsetof(struct events, limit), "COUNT",
     "at most so many, 50 without it; 0 for all"},
    {"oldest", OPTION_FLAG, offsetof(struct events, oldest), NULL, "the oldest first"},
    {"csv", OPTION_FLAG, offsetof(struct events, filters.csv), NULL, "answers CSV (RFC 4180)"},
    {"gap", OPTION_WHOLE, offsetof(struct events, gap), "SECONDS",
     "groups the pictures of that span and camera anew by this gap, and lists nothing"},
    {0},
};

enum { GAP_MAX = 86400, PLACING_MS = 1000, PAUSE_NS = 10000000 };

/* "Vulpes vulpes; Meles meles"; NULL when memory ran out. */
static char *list_species(const wildcam_event *event)
{
    char *list = NULL;
    size_t size;
    const char *name;
    FILE *out = open_memstream(&list, &size);
    if (!out)
        return NULL;
    for (size_t i = 0; (name = wildcam_event_get_species(event, i, NULL)) != NULL; i++)
        fprintf(out, "%s%s", i ? "; " : "", name);
    if (fclose(out) == 0)
        return list;
    free(list);
    return NULL;
}

static bool add_row(struct table *table, const wildcam_event *event)
{
    char start[WILDCAM_TIME_TEXT], end[WILDCAM_TIME_TEXT];
    int32_t offset = wildcam_event_get_offset(event);
    char *species = list_species(event);
    wildcam_time_format(wildcam_event_get_start(event), offset, start, sizeof start);
    wildcam_time_format(wildcam_event_get_end(event), offset, end, sizeof end);
    table_add_whole(table, wildcam_event_get_id(event));
    table_add_whole(table, wildcam_event_get_camera_id(event));
    table_add(table, wildcam_event_get_device_id(event));
    table_add(table, wildcam_event_get_deployment(event));
    table_add(table, start);
    table_add(table, end);
    table_add_whole(table, wildcam_event_get_images(event));
    table_add_whole(table, wildcam_event_get_gap(event));
    table_add_whole(table, wildcam_event_get_id(event)); /* that of its first picture */
    table_add_whole(table, wildcam_event_get_last_image_id(event));
    table_add(table, species ? species : "");
    free(species);
    return species != NULL;
}

/* In CSV as in JSON. */
static const struct column columns[] = {
    {"id", true, true},
    {"camera_id", false, true},
    {"device_id", true, false},
    {"deployment_id", false, false},
    {"start", true, false},
    {"end", true, false},
    {"images", true, true},
    {"gap", false, true},
    {"first_image_id", false, true},
    {"last_image_id", false, true},
    {"species", true, false},
};

/* What is shown, and whether --limit cuts it short. */
struct answer {
    wildcam_event_cursor *cursor;
    int64_t left; /* how many may still come; negative is no limit */
    bool is_cut;
};

static wildcam_step next_event(struct answer *answer, const wildcam_event **event)
{
    if (interrupt_came())
        return WILDCAM_ERR_CANCELLED;
    wildcam_step step = wildcam_event_cursor_next(answer->cursor, event);
    answer->is_cut = answer->left == 0 && step == 1;
    answer->left -= answer->left > 0;
    return answer->is_cut ? 0 : step;
}

static int write_json(struct cli *cli, struct answer *answer)
{
    const wildcam_event *event;
    struct json_output out;
    wildcam_step step;
    const char *separator = "\n";
    json_output_begin(&out);
    json_output_add(&out, "{\"events\": [");
    while ((step = next_event(answer, &event)) == 1) {
        char *text = NULL;
        wildcam_event_to_json(event, &text);
        json_output_add(&out, "%s", separator);
        json_output_object(&out, text);
        separator = ",\n";
    }
    json_output_add(&out, "]}\n");
    if (step == 0)
        return cli_print_json(&out) ? CLI_WELL : cli_fail_memory(cli);
    free(json_output_end(&out));
    return cli_fail_or_stop(cli, step);
}

static int write_table(struct cli *cli, bool csv, struct answer *answer)
{
    const wildcam_event *event;
    struct table table;
    wildcam_step step;
    table_begin(&table, csv ? TABLE_CSV : TABLE_TEXT, columns, sizeof columns / sizeof columns[0]);
    bool has_memory = true;
    while (has_memory && (step = next_event(answer, &event)) == 1)
        has_memory = add_row(&table, event);
    if (!table_end(&table) || !has_memory)
        return cli_fail_memory(cli);
    return step == 0 ? CLI_WELL : cli_fail_or_stop(cli, step);
}

/* What is owed first, so that what was just taken in is there. */
static int place(struct cli *cli, wildcam_station *station)
{
    int left = 1;
    for (int64_t turns = 1; left; turns++) {
        if (wildcam_station_place_events(station, PLACING_MS, &left) != WILDCAM_OK)
            return cli_fail(cli);
        if (interrupt_came() || (left && cli_progress(cli, "events", turns, 0)))
            return cli_fail_or_stop(cli, WILDCAM_ERR_CANCELLED);
        if (left) /* it may be another process that is at it */
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    progress_hide(&cli->progress);
    return CLI_WELL;
}

static int show(struct cli *cli, const struct events *own, wildcam_station *station,
                wildcam_query *query)
{
    struct answer answer = {.left = own->limit ? own->limit : -1};
    int64_t more = own->limit && own->limit < INT64_MAX ? own->limit + 1 : 0;
    int result = place(cli, station);
    if (result != CLI_WELL)
        return result;
    if (wildcam_query_set_limit(query, more) != WILDCAM_OK ||
        wildcam_query_set_order(query, own->oldest ? WILDCAM_OLDEST_FIRST : WILDCAM_NEWEST_FIRST) !=
            WILDCAM_OK ||
        wildcam_station_events(station, query, &answer.cursor) != WILDCAM_OK)
        return cli_fail(cli);
    result = cli->json ? write_json(cli, &answer) : write_table(cli, own->filters.csv, &answer);
    if (result == CLI_WELL && answer.is_cut)
        cli_complain(cli, "there are more: --limit 0 shows them all");
    if (result == CLI_WELL)
        result = cli_tell_damaged(cli, wildcam_event_cursor_damaged(answer.cursor));
    wildcam_event_cursor_free(answer.cursor);
    return result;
}

static int group(struct cli *cli, const struct events *own, wildcam_station *station)
{
    int64_t from, to, changed = 0;
    if (!filters_read_time(cli, "--from", own->filters.from, false, &from) ||
        !filters_read_time(cli, "--to", own->filters.to, true, &to))
        return CLI_USAGE;
    wildcam_status status = wildcam_station_group_events(
        station, own->filters.camera, from, to, (int)own->gap, cli_progress, cli, &changed);
    progress_hide(&cli->progress);
    if (status != WILDCAM_OK)
        return cli_fail_or_stop(cli, status);
    if (cli->json)
        printf("{\"changed\": %" PRId64 "}\n", changed);
    else
        printf("%" PRId64 " picture%s changed event or gap\n", changed, cli_plural(changed));
    return CLI_WELL;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct events own = {.gap = -1, .limit = 50};
    wildcam_station *station = NULL;
    wildcam_query *query = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.gap == 0 || own.gap > GAP_MAX)
        return cli_refuse(cli, "--gap is 1 to %d seconds", GAP_MAX);
    result = filters_query(cli, &own.filters, &query);
    interrupt_watch();
    if (result == CLI_WELL)
        result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = own.gap > 0 ? group(cli, &own, station) : show(cli, &own, station, query);
    wildcam_station_close(station);
    wildcam_query_free(query);
    return result;
}

const struct command command_events = {
    .name = "events",
    .arguments = "[OPTION...]",
    .summary = "shows events: pictures that belong together",
    .text =
        "Shows the newest 50 events, or others by the options: pictures of a camera that are no\n"
        "further apart than events.gap, or that the camera itself counts as one. --gap groups\n"
        "what is there anew; what comes later goes by events.gap.\n"
        "--json is {\"events\": [...]}, with --gap {\"changed\"}.\n"
        "\n"
        "  wildcam events --data /srv/station --camera a1b2c3d4 --from 2026-03-01\n"
        "  wildcam events --data /srv/station --gap 120",
    .options = options,
    .run = run,
};
