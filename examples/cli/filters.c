#include "filters.h"

#include "cli.h"

#define DAY INT64_C(86400000000)

bool filters_read_time(struct cli *cli, const char *what, const char *text, bool is_end,
                       int64_t *time)
{
    int is_date = 0;
    *time = WILDCAM_TIME_NONE;
    if (!text)
        return true;
    if (wildcam_time_parse(text, time, NULL, &is_date) != WILDCAM_OK) {
        cli_refuse(cli, "%s: %s", what, wildcam_error_message());
        return false;
    }
    *time += is_end && is_date ? DAY : 0;
    return true;
}

static bool apply_range(struct cli *cli, const struct filters *filters, wildcam_query *query)
{
    int64_t from, to;
    if (!filters_read_time(cli, "--from", filters->from, false, &from) ||
        !filters_read_time(cli, "--to", filters->to, true, &to))
        return false;
    if (wildcam_query_set_range(query, from, to) == WILDCAM_OK)
        return true;
    cli_refuse(cli, "--from and --to: %s", wildcam_error_message());
    return false;
}

static bool apply_category(struct cli *cli, const char *name, wildcam_query *query)
{
    int category = -1;
    if (wildcam_category_from_name(name, &category) == WILDCAM_OK &&
        wildcam_query_set_category(query, category) == WILDCAM_OK)
        return true;
    cli_refuse(cli, "--category: %s", wildcam_error_message());
    return false;
}

static bool apply(struct cli *cli, const struct filters *filters, wildcam_query *query)
{
    if (!apply_range(cli, filters, query))
        return false;
    if (filters->camera && wildcam_query_set_device_id(query, filters->camera) != WILDCAM_OK) {
        cli_refuse(cli, "--camera: %s", wildcam_error_message());
        return false;
    }
    if (filters->species && wildcam_query_set_species(query, filters->species) != WILDCAM_OK) {
        cli_refuse(cli, "--species: %s", wildcam_error_message());
        return false;
    }
    return !filters->category || apply_category(cli, filters->category, query);
}

int filters_query(struct cli *cli, const struct filters *filters, wildcam_query **out)
{
    *out = NULL;
    if (cli->json && filters->csv)
        return cli_refuse(cli, "--json and --csv exclude each other");
    if (wildcam_query_new(out) != WILDCAM_OK)
        return cli_fail(cli);
    return apply(cli, filters, *out) ? CLI_WELL : CLI_USAGE;
}
