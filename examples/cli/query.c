/* wildcam query: detections as a table, as CSV, as JSON; or how many there are. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli.h"
#include "filters.h"
#include "table.h"

struct query {
    struct filters filters;
    double min_confidence;
    bool verified, unverified, oldest, count;
    int64_t limit;
    const char *after;
};

static const struct option_row options[] = {
    FILTER_OPTIONS(query),
    {"min-confidence", OPTION_NUMBER, offsetof(struct query, min_confidence), "X",
     "at least so sure, 0 to 1"},
    {"verified", OPTION_FLAG, offsetof(struct query, verified), NULL, "only those looked at"},
    {"unverified", OPTION_FLAG, offsetof(struct query, unverified), NULL,
     "only those not looked at yet"},
    {"oldest", OPTION_FLAG, offsetof(struct query, oldest), NULL,
     "the oldest first, not the newest"},
    {"limit", OPTION_WHOLE, offsetof(struct query, limit), "N", "at most so many; 0, all of them"},
    {"after", OPTION_TEXT, offsetof(struct query, after), "TOKEN",
     "goes on where an earlier answer ended"},
    {"count", OPTION_FLAG, offsetof(struct query, count), NULL, "only tells how many there are"},
    {0},
};

static const struct column columns[] = {
    {"id", true, false},
    {"image_id", false, false},
    {"device_id", true, false},
    {"timestamp", true, false},
    {"time_source", false, false},
    {"category", true, false},
    {"species", true, false},
    {"confidence", true, true},
    {"bbox_x", false, false},
    {"bbox_y", false, false},
    {"bbox_width", false, false},
    {"bbox_height", false, false},
    {"verified", true, false},
    {"detected_species", false, false},
    {"verified_species", false, false},
    {"is_false_positive", false, false},
    {"verified_by", false, false},
    {"verified_at", false, false},
    {"notes", false, false},
};

static void add_time(struct table *table, int64_t time, int32_t offset)
{
    char text[WILDCAM_TIME_TEXT] = "";
    if (time != WILDCAM_TIME_NONE)
        wildcam_time_format(time, offset, text, sizeof text);
    table_add(table, text);
}

static void add_box(struct table *table, const wildcam_detection *row)
{
    wildcam_box box = {NAN, NAN, NAN, NAN};
    wildcam_detection_get_box(row, &box);
    table_add_number(table, box.x, 6);
    table_add_number(table, box.y, 6);
    table_add_number(table, box.width, 6);
    table_add_number(table, box.height, 6);
}

static void add_row(struct table *table, const wildcam_detection *row)
{
    int64_t image = wildcam_detection_get_image_id(row);
    table_add_whole(table, wildcam_detection_get_id(row));
    if (image)
        table_add_whole(table, image);
    else
        table_add(table, "");
    table_add(table, wildcam_detection_get_device_id(row));
    add_time(table, wildcam_detection_get_time(row), wildcam_detection_get_offset(row));
    table_add(table, wildcam_time_source_name(wildcam_detection_get_time_source(row)));
    table_add(table, wildcam_category_name(wildcam_detection_get_category(row)));
    table_add(table, wildcam_detection_get_species(row));
    table_add_number(table, wildcam_detection_get_confidence(row),
                     table->format == TABLE_CSV ? 6 : 2);
    add_box(table, row);
    table_add(table, wildcam_detection_get_verified(row) ? "true" : "false");
    table_add(table, wildcam_detection_get_detected_species(row));
    table_add(table, wildcam_detection_get_verified_species(row));
    table_add(table, wildcam_detection_get_false_positive(row) ? "true" : "false");
    table_add(table, wildcam_detection_get_verified_by(row));
    add_time(table, wildcam_detection_get_verified_at(row), 0);
    table_add(table, wildcam_detection_get_notes(row));
}

/* The rows of an answer, and where to go on when --limit has cut it short. */
struct answer {
    wildcam_cursor *cursor;
    int64_t left; /* how many rows may still come; negative is no limit */
    char next[64];
};

static wildcam_step next_row(struct answer *answer, const wildcam_detection **row)
{
    if (answer->left == 0) {
        snprintf(answer->next, sizeof answer->next, "%s", wildcam_cursor_token(answer->cursor));
        wildcam_step step = wildcam_cursor_next(answer->cursor, row); /* is there another? */
        if (step != 1)
            answer->next[0] = '\0';
        return step < 0 ? step : 0;
    }
    answer->left -= answer->left > 0;
    return wildcam_cursor_next(answer->cursor, row);
}

static wildcam_step write_rows(struct answer *answer, bool csv)
{
    struct table table;
    wildcam_step step;
    const wildcam_detection *row;
    table_begin(&table, csv ? TABLE_CSV : TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    while ((step = next_row(answer, &row)) == 1 && !ferror(stdout))
        add_row(&table, row);
    return table_end(&table) ? step : WILDCAM_ERR_NOMEM;
}

/* One row a line, so that it can be read by lines as well. */
static wildcam_step write_json(struct answer *answer)
{
    wildcam_step step;
    const wildcam_detection *row;
    const char *separator = "\n";
    fputs("{\"detections\": [", stdout);
    while ((step = next_row(answer, &row)) == 1 && !ferror(stdout)) {
        char *text;
        if (wildcam_detection_to_json(row, &text) != WILDCAM_OK)
            return WILDCAM_ERR_NOMEM;
        printf("%s%s", separator, text);
        wildcam_free(text);
        separator = ",\n";
    }
    if (step == 0 && answer->next[0])
        printf("\n], \"next\": \"%s\"}\n", answer->next);
    else if (step == 0)
        printf("\n], \"next\": null}\n");
    return step;
}

/* What was passed over and what is left, on standard error: the answer itself stays clean. */
static int finish(struct cli *cli, const struct answer *answer)
{
    const char *damaged = wildcam_cursor_damaged(answer->cursor);
    if (answer->next[0] && !cli->json)
        cli_complain(cli, "there are more: --after %s", answer->next);
    return cli_tell_damaged(cli, damaged);
}

static int write_answer(struct cli *cli, const struct query *own, wildcam_station *station,
                        wildcam_query *query)
{
    struct answer answer = {.left = own->limit > 0 ? own->limit : -1};
    if (wildcam_station_query(station, query, &answer.cursor) != WILDCAM_OK)
        return cli_fail(cli);
    wildcam_step step = cli->json ? write_json(&answer) : write_rows(&answer, own->filters.csv);
    int result = step < 0 ? cli_fail(cli) : finish(cli, &answer);
    wildcam_cursor_free(answer.cursor);
    return result;
}

static int write_count(struct cli *cli, wildcam_station *station, wildcam_query *query)
{
    int64_t count;
    char *damaged;
    if (wildcam_station_count(station, query, 0, &count, &damaged) != WILDCAM_OK)
        return cli_fail(cli);
    printf(cli->json ? "{\"count\": %" PRId64 "}\n" : "%" PRId64 "\n", count);
    int result = cli_tell_damaged(cli, damaged ? damaged : "");
    wildcam_free(damaged);
    return result;
}

static bool apply(struct cli *cli, const struct query *own, wildcam_query *query)
{
    if (wildcam_query_set_min_confidence(query, own->min_confidence) != WILDCAM_OK) {
        cli_refuse(cli, "--min-confidence: %s", wildcam_error_message());
        return false;
    }
    wildcam_status status = WILDCAM_OK;
    if (own->verified || own->unverified)
        status = wildcam_query_set_verified(query, own->verified);
    if (status == WILDCAM_OK && own->oldest)
        status = wildcam_query_set_order(query, WILDCAM_OLDEST_FIRST);
    if (status == WILDCAM_OK && own->after) /* behind the order, which the token must fit */
        status = wildcam_query_set_after(query, own->after);
    if (status == WILDCAM_OK)
        return true;
    cli_refuse(cli, "--after: %s", wildcam_error_message());
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct query own = {.min_confidence = NAN};
    wildcam_station *station = NULL;
    wildcam_query *query = NULL;
    int result;
    if (cli_begin(cli, argc, argv, &own, &result) < 0)
        return result;
    if (own.verified && own.unverified)
        return cli_refuse(cli, "--verified and --unverified exclude each other");
    result = filters_query(cli, &own.filters, &query);
    if (result == CLI_WELL)
        result = apply(cli, &own, query) ? cli_open(cli, false, &station) : CLI_USAGE;
    if (result == CLI_WELL)
        result = own.count ? write_count(cli, station, query)
                           : write_answer(cli, &own, station, query);
    wildcam_station_close(station);
    wildcam_query_free(query);
    return result;
}

const struct command command_query = {
    .name = "query",
    .arguments = "[FILTER...]",
    .summary = "shows detections",
    .text =
        "Shows detections, the newest first, as a table for people. --csv and --json give all\n"
        "fields; --json is {\"detections\": [...], \"next\": TOKEN or null} with one detection a\n"
        "line.\n"
        "\n"
        "  wildcam query --data /srv/station --species \"Vulpes vulpes\" --from 2026-03-01 --csv",
    .options = options,
    .run = run,
};
