/* wildcam alerts: lists what somebody should look at, notes that somebody has, and tries webhooks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera_fields.h"
#include "cli.h"
#include "interrupt.h"
#include "table.h"

struct alerts {
    bool open, unread, follow, test;
    const char *kind, *camera, *since, *by;
    int64_t limit;
    char **ids; /* the words behind the action */
    int count;
};

enum { LIMIT_DEFAULT = 50, FOLLOW_MICROSECONDS = 500000 };

static const struct option_row options[] = {
    {"open", OPTION_FLAG, offsetof(struct alerts, open), NULL, "only what is not over"},
    {"unread", OPTION_FLAG, offsetof(struct alerts, unread), NULL, "only what nobody has read"},
    {"kind", OPTION_TEXT, offsetof(struct alerts, kind), "KIND",
     "of one kind, such as low_battery or offline"},
    {"camera", OPTION_TEXT, offsetof(struct alerts, camera), "DEVICE_ID", "about one camera"},
    {"since", OPTION_TEXT, offsetof(struct alerts, since), "TIME",
     "raised, found again or cleared from this time on"},
    {"limit", OPTION_WHOLE, offsetof(struct alerts, limit), "N", "at most so many; 50 without it"},
    {"follow", OPTION_FLAG, offsetof(struct alerts, follow), NULL,
     "goes on with what is raised, until it is stopped"},
    {"by", OPTION_TEXT, offsetof(struct alerts, by), "NAME", "read: who has read it"},
    {"test", OPTION_FLAG, offsetof(struct alerts, test), NULL,
     "sends a test to each address of alerts.webhook, and lists nothing"},
    {0},
};

static const struct column columns[] = {
    {"id", true, true},          {"severity", true, false},  {"kind", true, false},
    {"camera", true, false},     {"raised_at", true, false}, {"count", true, true},
    {"cleared_at", true, false}, {"read", true, false},      {"text", true, false},
};

/* ---- listing ---- */

static bool fill_query(struct cli *cli, const struct alerts *own, wildcam_alert_query *query)
{
    int kind = -1;
    int64_t since = WILDCAM_TIME_NONE;
    if (own->kind && wildcam_alert_kind_from_name(own->kind, &kind) != WILDCAM_OK)
        cli_refuse(cli, "--kind: %s", wildcam_error_message());
    else if (own->since && wildcam_time_parse(own->since, &since, NULL, NULL) != WILDCAM_OK)
        cli_refuse(cli, "--since: %s", wildcam_error_message());
    else if (wildcam_alert_query_set_camera(query, own->camera) != WILDCAM_OK)
        cli_refuse(cli, "--camera: %s", wildcam_error_message());
    else if (wildcam_alert_query_set_since(query, since) != WILDCAM_OK)
        cli_refuse(cli, "--since: %s", wildcam_error_message());
    else
        return wildcam_alert_query_set_kind(query, kind) == WILDCAM_OK &&
               wildcam_alert_query_set_open(query, own->open) == WILDCAM_OK &&
               wildcam_alert_query_set_unread(query, own->unread) == WILDCAM_OK;
    return false;
}

static void add_row(struct table *table, const wildcam_alert *alert)
{
    char time[WILDCAM_TIME_TEXT];
    bool is_read = wildcam_alert_get_read_at(alert) != WILDCAM_TIME_NONE;
    const char *by = wildcam_alert_get_read_by(alert);
    table_add_whole(table, wildcam_alert_get_id(alert));
    table_add(table, wildcam_severity_name(wildcam_alert_get_severity(alert)));
    table_add(table, wildcam_alert_kind_name(wildcam_alert_get_kind(alert)));
    table_add(table, wildcam_alert_get_device_id(alert));
    camera_time(wildcam_alert_get_raised_at(alert), time);
    table_add(table, time);
    table_add_whole(table, wildcam_alert_get_count(alert));
    camera_time(wildcam_alert_get_cleared_at(alert), time);
    table_add(table, time);
    table_add(table, is_read && !*by ? "yes" : by);
    table_add(table, wildcam_alert_get_text(alert));
}

static bool write_table(const wildcam_alert_list *list)
{
    struct table table;
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < wildcam_alert_list_get_count(list); i++)
        add_row(&table, wildcam_alert_list_at(list, i));
    return table_end(&table);
}

static bool write_json(const wildcam_alert_list *list)
{
    struct json_output out;
    size_t count = wildcam_alert_list_get_count(list);
    json_output_begin(&out);
    json_output_add(&out, "{\"alerts\": [");
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        wildcam_alert_to_json(wildcam_alert_list_at(list, i), &text);
        json_output_add(&out, i ? ",\n" : "\n");
        json_output_object(&out, text);
    }
    json_output_add(&out, "], \"count\": %zu}\n", count);
    return cli_print_json(&out);
}

/* One line for each, the oldest first, as they come. */
static bool write_line(struct cli *cli, const wildcam_alert *alert)
{
    char time[WILDCAM_TIME_TEXT];
    if (cli->json) {
        char *text = NULL;
        struct json_output out;
        json_output_begin(&out);
        wildcam_alert_to_json(alert, &text);
        json_output_object(&out, text);
        json_output_add(&out, "\n");
        return cli_print_json(&out);
    }
    camera_time(wildcam_alert_get_raised_at(alert), time);
    printf("%s  %s  %s  %s\n", time, wildcam_severity_name(wildcam_alert_get_severity(alert)),
           wildcam_alert_kind_name(wildcam_alert_get_kind(alert)), wildcam_alert_get_text(alert));
    return true;
}

/* What has an id above the last that was shown. */
static int show_new(struct cli *cli, wildcam_station *station, const wildcam_alert_query *query,
                    int64_t *last)
{
    wildcam_alert_list *list = NULL;
    if (wildcam_station_list_alerts(station, query, 0, WILDCAM_ALERTS_MAX, &list) != WILDCAM_OK)
        return cli_fail(cli);
    bool is_well = true;
    for (size_t i = wildcam_alert_list_get_count(list); is_well && i > 0; i--) {
        const wildcam_alert *alert = wildcam_alert_list_at(list, i - 1);
        if (wildcam_alert_get_id(alert) <= *last)
            continue;
        is_well = write_line(cli, alert);
        *last = wildcam_alert_get_id(alert);
    }
    wildcam_alert_list_free(list);
    if (!is_well)
        return cli_fail_memory(cli);
    return fflush(stdout) == 0 ? CLI_WELL : CLI_FAILED;
}

static int follow(struct cli *cli, wildcam_station *station, const wildcam_alert_query *query)
{
    int64_t last = 0;
    int result = CLI_WELL;
    interrupt_watch();
    while (result == CLI_WELL && !interrupt_came()) {
        result = show_new(cli, station, query, &last);
        if (result == CLI_WELL && !interrupt_came())
            usleep(FOLLOW_MICROSECONDS);
    }
    return result == CLI_WELL ? CLI_INTERRUPTED + interrupt_came() : result;
}

static int tell_more(struct cli *cli, wildcam_station *station, const wildcam_alert_query *query,
                     const wildcam_alert_list *shown)
{
    int64_t all = 0, count = (int64_t)wildcam_alert_list_get_count(shown);
    if (wildcam_station_count_alerts(station, query, &all) != WILDCAM_OK)
        return cli_fail(cli);
    if (all > count)
        cli_complain(cli, "there are %" PRId64 " more: --limit shows up to %d", all - count,
                     WILDCAM_ALERTS_MAX);
    return CLI_WELL;
}

static int list(struct cli *cli, wildcam_station *station, const struct alerts *own)
{
    wildcam_alert_list *found = NULL;
    wildcam_alert_query *query = NULL;
    int result = CLI_FAILED;
    if (wildcam_alert_query_new(&query) != WILDCAM_OK) {
        cli_fail(cli);
    } else if (!fill_query(cli, own, query)) {
        result = CLI_USAGE;
    } else if (own->follow) {
        result = follow(cli, station, query);
    } else if (wildcam_station_list_alerts(station, query, 0,
                                           own->limit ? (int)own->limit : LIMIT_DEFAULT,
                                           &found) != WILDCAM_OK) {
        cli_fail(cli);
    } else {
        bool is_well = cli->json ? write_json(found) : write_table(found);
        result = is_well ? tell_more(cli, station, query, found) : cli_fail_memory(cli);
    }
    wildcam_alert_list_free(found);
    wildcam_alert_query_free(query);
    return result;
}

/* ---- reading ---- */

static int read_them(struct cli *cli, wildcam_station *station, const struct alerts *own)
{
    int done = 0;
    int64_t id;
    struct json_output out;
    for (int i = 0; i < own->count; i++)
        if (!cli_read_id(own->ids[i], &id))
            return cli_refuse(cli, "\"%s\" is no alert's id; wildcam alerts lists them",
                              own->ids[i]);
    json_output_begin(&out);
    json_output_add(&out, "{\"read\": [");
    for (int i = 0; i < own->count; i++) {
        cli_read_id(own->ids[i], &id);
        wildcam_status status = wildcam_station_read_alert(station, id, own->by);
        if (status == WILDCAM_OK)
            json_output_add(&out, "%s%" PRId64, done++ ? ", " : "", id);
        else
            cli_complain(cli, "%s%s", wildcam_error_message(),
                         status == WILDCAM_ERR_NOTFOUND ? "; wildcam alerts lists them" : "");
    }
    json_output_add(&out, "]}\n");
    if (!cli->json)
        free(json_output_end(&out));
    else if (!cli_print_json(&out))
        return cli_fail_memory(cli);
    return done == own->count ? CLI_WELL : done ? CLI_PARTLY : CLI_FAILED;
}

/* ---- webhooks ---- */

/* Its lines are "ADDRESS: ANSWER", and are cut up. */
static bool write_test(char *report)
{
    char *address, *rest = report;
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"addresses\": [");
    while ((address = strsep(&rest, "\n")) && *address) {
        char *answer = strstr(address, ": ");
        if (!answer)
            break;
        *answer = '\0';
        json_output_add(&out, "%s\n{\"address\": ", address > report ? "," : "");
        json_output_text(&out, address);
        json_output_add(&out, ", \"answer\": ");
        json_output_text(&out, answer + strlen(": "));
        json_output_add(&out, "}");
    }
    json_output_add(&out, "]}\n");
    return cli_print_json(&out);
}

static int test(struct cli *cli, wildcam_station *station)
{
    char *report = NULL;
    wildcam_status status = wildcam_station_test_webhook(station, &report);
    int result = status == WILDCAM_OK ? CLI_WELL : cli_fail(cli);
    if (report && !cli->json)
        printf("%s", report);
    else if (report && !write_test(report))
        result = cli_fail_memory(cli);
    wildcam_free(report);
    return result;
}

/* ---- the command ---- */

static const struct action {
    const char *name;
    int (*run)(struct cli *cli, wildcam_station *station, const struct alerts *own);
} actions[] = {{"list", list}, {"read", read_them}};
enum { ACTIONS = sizeof actions / sizeof *actions };

static bool fits(struct cli *cli, const struct alerts *own, const struct action *action)
{
    bool filters = own->open || own->unread || own->follow || own->kind || own->camera ||
                   own->since || own->limit;
    if (own->limit > WILDCAM_ALERTS_MAX)
        cli_refuse(cli, "--limit takes 1 to %d", WILDCAM_ALERTS_MAX);
    else if (action->run == read_them && (filters || own->test))
        cli_refuse(cli, "read takes --by alone");
    else if (action->run == read_them && own->count == 0)
        cli_refuse(cli, "read takes the ID of an alert; wildcam alerts lists them");
    else if (action->run != read_them && own->by)
        cli_refuse(cli, "only read takes --by");
    else if (action->run != read_them && own->count > 0)
        cli_refuse(cli, "\"%s\" is one word too many", own->ids[0]);
    else if (own->test && filters)
        cli_refuse(cli, "--test goes with no filter");
    else if (own->follow && own->limit)
        cli_refuse(cli, "--follow takes no --limit");
    else
        return true;
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct alerts own = {0};
    wildcam_station *station = NULL;
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    own.ids = argv + 1;
    own.count = words > 1 ? words - 1 : 0;
    const struct action *action =
        words ? cli_choose(cli, argv[0], actions, sizeof *actions, ACTIONS) : actions;
    if (!action || !fits(cli, &own, action))
        return CLI_USAGE;
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = own.test ? test(cli, station) : action->run(cli, station, &own);
    wildcam_station_close(station);
    return result;
}

const struct command command_alerts = {
    .name = "alerts",
    .arguments = "[list | read ID...]",
    .summary = "lists what somebody should look at: low batteries, silent cameras, rare species",
    .text =
        "Lists alerts, the newest first, or notes that somebody has read some. An alert is raised\n"
        "once for each thing it is about, counted up while its reason is found again, and cleared\n"
        "when that is over. The server looks for reasons while it runs.\n"
        "--test sends a test to each address of alerts.webhook, which must be set as it is for\n"
        "the server, and tells what came of it. An address that takes it is sent what was given\n"
        "up of alerts that are still open; one that had wanted nothing more is sent alerts again.\n"
        "--json is {\"alerts\": [...], \"count\": N}, with --follow one object a line, of read\n"
        "{\"read\": [ID...]}, of --test {\"addresses\": [{\"address\", \"answer\"}...]}.\n"
        "\n"
        "  wildcam alerts --open --data /srv/station",
    .words_max = -1,
    .options = options,
    .run = run,
};
