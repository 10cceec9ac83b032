/* wildcam query: detections as a table, as CSV, as JSON; or how many there are. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "filters.h"
#include "table.h"

struct query {
    struct filters filters;
    double min_confidence;
    bool verified, unverified, oldest, count, files;
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
    {"files", OPTION_FLAG, offsetof(struct query, files), NULL,
     "adds what each picture's file was called on its card; slower"},
    {"count", OPTION_FLAG, offsetof(struct query, count), NULL, "only tells how many there are"},
    {0},
};

/* In CSV as in JSON, but for JSON's second names of the time and the confidence. */
static const struct column columns[] = {
    {"id", true, false},
    {"camera_id", false, false},
    {"device_id", true, false},
    {"image_id", false, false},
    {"event_id", false, false},
    {"timestamp", true, false},
    {"utc_offset", false, false},
    {"time_source", false, false},
    {"clock_timestamp", false, false},
    {"category", true, false},
    {"species", true, false},
    {"detected_species", false, false},
    {"confidence", true, true},
    {"bounding_box_x", false, false},
    {"bounding_box_y", false, false},
    {"bounding_box_width", false, false},
    {"bounding_box_height", false, false},
    {"detector", false, false},
    {"detector_version", false, false},
    {"verified", true, false},
    {"verified_species", false, false},
    {"is_false_positive", false, false},
    {"verified_by", false, false},
    {"verification_notes", false, false},
    {"verification_timestamp", false, false},
    {"metadata", false, false},
    {"file_name", true, false}, /* the last: with --files alone */
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The rows of an answer, and where to go on when --limit has cut it short. */
struct answer {
    wildcam_station *station;
    wildcam_cursor *cursor;
    bool with_files, has_unsure; /* unsure: a time that is shown as one of reception */
    int64_t left;                /* how many rows may still come; negative is no limit */
    char next[64];
};

/* What the picture's file was called, "" when that is not known: freed with free(). NULL when it
 * could not be looked up. */
static char *find_file(const struct answer *answer, const wildcam_detection *row)
{
    wildcam_image *image = NULL;
    int64_t id = wildcam_detection_get_image_id(row);
    wildcam_status status = WILDCAM_OK;
    if (id)
        status = wildcam_station_get_image(answer->station, id, &image);
    if (status != WILDCAM_OK && status != WILDCAM_ERR_NOTFOUND)
        return NULL;
    char *name = strdup(image ? wildcam_image_get_file_name(image) : "");
    wildcam_image_free(image);
    return name;
}

static void add_id(struct table *table, int64_t id)
{
    if (id)
        table_add_whole(table, id);
    else
        table_add(table, "");
}

static void add_time(struct table *table, int64_t time, int32_t offset)
{
    char text[WILDCAM_TIME_TEXT] = "";
    if (time != WILDCAM_TIME_NONE)
        wildcam_time_format(time, offset, text, sizeof text);
    table_add(table, text);
}

/* To people a moment of reception must not look like one of capture; others have time_source. */
static void add_moment(struct table *table, const wildcam_detection *row, struct answer *answer)
{
    char text[WILDCAM_TIME_TEXT + 1] = "";
    int source = wildcam_detection_get_time_source(row);
    int32_t offset = wildcam_detection_get_offset(row);
    wildcam_time_format(wildcam_detection_get_time(row), offset, text, WILDCAM_TIME_TEXT);
    if (table->format == TABLE_TEXT &&
        (source == WILDCAM_TIME_SOURCE_RECEIVED || source == WILDCAM_TIME_SOURCE_UNKNOWN)) {
        snprintf(text + strlen(text), 2, "?");
        answer->has_unsure = true;
    }
    table_add(table, text);
    if (offset == WILDCAM_OFFSET_UNKNOWN)
        table_add(table, "");
    else
        table_add_whole(table, offset);
    table_add(table, wildcam_time_source_name(source));
    int64_t clock = wildcam_detection_get_clock_time(row);
    int32_t clock_offset = wildcam_detection_get_clock_offset(row);
    bool is_same = clock == wildcam_detection_get_time(row) && clock_offset == offset;
    add_time(table, is_same ? WILDCAM_TIME_NONE : clock, clock_offset);
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

static void add_review(struct table *table, const wildcam_detection *row)
{
    table_add(table, wildcam_detection_get_verified(row) ? "true" : "false");
    table_add(table, wildcam_detection_get_verified_species(row));
    table_add(table, wildcam_detection_get_false_positive(row) ? "true" : "false");
    table_add(table, wildcam_detection_get_verified_by(row));
    table_add(table, wildcam_detection_get_notes(row));
    add_time(table, wildcam_detection_get_verified_at(row), 0);
}

static bool add_row(struct table *table, const wildcam_detection *row, struct answer *answer)
{
    table_add_whole(table, wildcam_detection_get_id(row));
    table_add_whole(table, wildcam_detection_get_camera_id(row));
    table_add(table, wildcam_detection_get_device_id(row));
    add_id(table, wildcam_detection_get_image_id(row));
    add_id(table, wildcam_detection_get_event_id(row));
    add_moment(table, row, answer);
    table_add(table, wildcam_category_name(wildcam_detection_get_category(row)));
    table_add(table, wildcam_detection_get_species(row));
    table_add(table, wildcam_detection_get_detected_species(row));
    table_add_number(table, wildcam_detection_get_confidence(row),
                     table->format == TABLE_CSV ? 6 : 2);
    add_box(table, row);
    table_add(table, wildcam_detection_get_detector(row));
    table_add(table, wildcam_detection_get_detector_version(row));
    add_review(table, row);
    table_add(table, wildcam_detection_get_metadata(row));
    if (!answer->with_files)
        return true;
    char *file = find_file(answer, row);
    table_add(table, file ? file : "");
    free(file);
    return file != NULL;
}

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
    wildcam_step step = 0;
    const wildcam_detection *row;
    bool has_memory = true;
    table_begin(&table, csv ? TABLE_CSV : TABLE_TEXT, columns, COLUMNS - !answer->with_files);
    while (has_memory && (step = next_row(answer, &row)) == 1 && !ferror(stdout))
        has_memory = add_row(&table, row, answer);
    return table_end(&table) && has_memory ? step : WILDCAM_ERR_NOMEM;
}

static bool write_json_row(const struct answer *answer, const wildcam_detection *row)
{
    struct json_output out;
    char *text = NULL, *file = answer->with_files ? find_file(answer, row) : NULL;
    json_output_begin(&out);
    json_output_add(&out, "{");
    if (file && *file) {
        json_output_add(&out, "\"file_name\": ");
        cli_add_text(&out, file);
        json_output_add(&out, ", ");
    } else if (answer->with_files) {
        json_output_add(&out, "\"file_name\": null, ");
    }
    wildcam_detection_to_json(row, &text);
    json_output_members(&out, text);
    bool done = cli_print_json(&out) && (file || !answer->with_files);
    free(file);
    return done;
}

/* One row a line, so that it can be read by lines as well. */
static wildcam_step write_json(struct answer *answer)
{
    wildcam_step step;
    const wildcam_detection *row;
    const char *separator = "\n";
    fputs("{\"detections\": [", stdout);
    while ((step = next_row(answer, &row)) == 1 && !ferror(stdout)) {
        fputs(separator, stdout);
        if (!write_json_row(answer, row))
            return WILDCAM_ERR_NOMEM;
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
    if (answer->has_unsure)
        cli_complain(cli, "a time with ? is that of reception: the picture's own is not known");
    if (answer->next[0] && !cli->json)
        cli_complain(cli, "there are more: --after %s", answer->next);
    return cli_tell_damaged(cli, damaged);
}

static int write_answer(struct cli *cli, const struct query *own, wildcam_station *station,
                        wildcam_query *query)
{
    struct answer answer = {
        .station = station, .with_files = own->files, .left = own->limit > 0 ? own->limit : -1};
    if (wildcam_station_query(station, query, &answer.cursor) != WILDCAM_OK)
        return cli_fail(cli);
    wildcam_step step = cli->json ? write_json(&answer) : write_rows(&answer, own->filters.csv);
    int result = CLI_FAILED;
    if (step >= 0)
        result = finish(cli, &answer);
    else if (*wildcam_error_message())
        result = cli_fail(cli);
    else /* not in the library */
        result = cli_fail_memory(cli);
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
        "Shows detections, the newest first, as a table for people; ? marks a time of reception\n"
        "that stands for one that is not known. --csv and --json give all fields, under the same\n"
        "names (CSV: bounding_box_x, ...); --json is {\"detections\": [...], \"next\": TOKEN or\n"
        "null} with one detection a line.\n"
        "\n"
        "  wildcam query --data /srv/station --species \"Vulpes vulpes\" --from 2026-03-01 --csv",
    .options = options,
    .run = run,
};
