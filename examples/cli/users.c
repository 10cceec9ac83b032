/* wildcam users: makes people known who log in with a name and a password. */
#include <stdio.h>

#include "camera_fields.h"
#include "cli.h"
#include "secret.h"
#include "table.h"

struct users {
    const char *role;
    char **names; /* the words behind the action */
    int count;
};

static const struct option_row options[] = {
    {"role", OPTION_TEXT, offsetof(struct users, role), "ROLE", "create: viewer or admin"},
    {0},
};

static const struct column columns[] = {
    {"name", true, false},
    {"role", true, false},
    {"created_at", true, false},
};

static bool write_table(const wildcam_access_list *list)
{
    struct table table;
    char time[WILDCAM_TIME_TEXT];
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < wildcam_access_list_get_count(list); i++) {
        const wildcam_access *user = wildcam_access_list_at(list, i);
        table_add(&table, wildcam_access_get_id(user));
        table_add(&table, wildcam_role_name(wildcam_access_get_role(user)));
        camera_time(wildcam_access_get_created_at(user), time);
        table_add(&table, time);
    }
    return table_end(&table);
}

static int list(struct cli *cli, wildcam_station *station, const struct users *own)
{
    (void)own;
    wildcam_access_list *users = NULL;
    if (wildcam_station_list_users(station, &users) != WILDCAM_OK)
        return cli_fail(cli);
    bool done = cli->json ? cli_print_access("users", users) : write_table(users);
    wildcam_access_list_free(users);
    return done ? CLI_WELL : cli_fail_memory(cli);
}

static int fail(struct cli *cli, wildcam_status status)
{
    if (status == WILDCAM_ERR_INVALID)
        return cli_refuse(cli, "%s", wildcam_error_message());
    if (status != WILDCAM_ERR_EXISTS)
        return cli_fail(cli);
    cli_complain(cli, "%s; wildcam users password gives another password", wildcam_error_message());
    return CLI_FAILED;
}

/* Before the station is opened: what is wrong makes none. */
static int ask(struct cli *cli, const struct users *own, int role, char secret[SECRET_TEXT])
{
    wildcam_status status = wildcam_access_check_user(own->names[0], role, NULL);
    int result = status == WILDCAM_OK ? secret_read(cli, secret) : fail(cli, status);
    if (result != CLI_WELL)
        return result;
    status = wildcam_access_check_user(own->names[0], role, secret);
    return status == WILDCAM_OK ? CLI_WELL : fail(cli, status);
}

static int create(struct cli *cli, wildcam_station *station, const struct users *own)
{
    char secret[SECRET_TEXT] = "";
    int role = 0;
    wildcam_role_from_name(own->role, &role);
    int result = ask(cli, own, role, secret);
    if (result == CLI_WELL)
        result = cli_open(cli, true, &station);
    if (result == CLI_WELL) {
        wildcam_status status = wildcam_station_create_user(station, own->names[0], role, secret);
        result = status == WILDCAM_OK ? CLI_WELL : fail(cli, status);
    }
    wildcam_station_close(station);
    secret_wipe(secret, sizeof secret);
    return result;
}

static int complain_unknown(struct cli *cli, wildcam_status status)
{
    if (status != WILDCAM_ERR_NOTFOUND)
        return fail(cli, status);
    cli_complain(cli, "%s; wildcam users lists them", wildcam_error_message());
    return CLI_FAILED;
}

static int change_password(struct cli *cli, wildcam_station *station, const struct users *own)
{
    char secret[SECRET_TEXT] = "";
    int result = ask(cli, own, WILDCAM_ROLE_VIEWER, secret);
    if (result == CLI_WELL) {
        wildcam_status status = wildcam_station_set_password(station, own->names[0], secret);
        result = status == WILDCAM_OK ? CLI_WELL : complain_unknown(cli, status);
    }
    secret_wipe(secret, sizeof secret);
    return result;
}

static int change_role(struct cli *cli, wildcam_station *station, const struct users *own)
{
    int role = 0;
    wildcam_role_from_name(own->names[1], &role);
    wildcam_status status = wildcam_station_set_role(station, own->names[0], role);
    return status == WILDCAM_OK ? CLI_WELL : complain_unknown(cli, status);
}

static int remove_users(struct cli *cli, wildcam_station *station, const struct users *own)
{
    int removed = 0, result = CLI_WELL;
    for (int i = 0; i < own->count; i++) {
        wildcam_status status = wildcam_station_remove_user(station, own->names[i]);
        if (status == WILDCAM_OK)
            removed++;
        else
            result = complain_unknown(cli, status);
    }
    return removed && result != CLI_WELL ? CLI_PARTLY : result;
}

/* 0, too, when the store does not answer: what it was asked for says so. */
static size_t count_admins(wildcam_station *station)
{
    wildcam_access_list *users = NULL;
    size_t count = 0;
    if (wildcam_station_list_users(station, &users) != WILDCAM_OK)
        return 0;
    for (size_t i = 0; i < wildcam_access_list_get_count(users); i++)
        count += wildcam_access_get_role(wildcam_access_list_at(users, i)) == WILDCAM_ROLE_ADMIN;
    wildcam_access_list_free(users);
    return count;
}

static const struct action {
    const char *name, *takes;
    int words_min, words_max;
    int (*run)(struct cli *cli, wildcam_station *station, const struct users *own);
} actions[] = {
    {"list", "nothing", 0, 0, list},
    {"create", "a NAME", 1, 1, create},
    {"password", "a NAME", 1, 1, change_password},
    {"role", "a NAME and a ROLE", 2, 2, change_role},
    {"remove", "a NAME", 1, INT32_MAX, remove_users},
};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* Before the station is opened. */
static bool is_role(struct cli *cli, const char *name, const char *what)
{
    int role;
    if (wildcam_role_from_name(name, &role) == WILDCAM_OK &&
        (role == WILDCAM_ROLE_VIEWER || role == WILDCAM_ROLE_ADMIN))
        return true;
    cli_refuse(cli, "%s viewer or admin, not \"%s\"", what, name);
    return false;
}

static bool fits(struct cli *cli, const struct users *own, const struct action *action)
{
    if (own->count < action->words_min)
        cli_refuse(cli, "%s takes %s", action->name, action->takes);
    else if (own->count > action->words_max)
        cli_refuse(cli, "\"%s\" is one word too many", own->names[action->words_max]);
    else if (own->role && action->run != create)
        cli_refuse(cli, "only create takes --role");
    else if (!own->role && action->run == create)
        cli_refuse(cli, "create takes --role viewer or admin");
    else if (own->role)
        return is_role(cli, own->role, "--role takes");
    else
        return action->run != change_role || is_role(cli, own->names[1], "people are");
    return false;
}

/* The last admin may go, but not unnoticed. */
static int act(struct cli *cli, wildcam_station *station, const struct users *own,
               const struct action *action)
{
    size_t before = count_admins(station);
    int result = action->run(cli, station, own);
    if (before > 0 && count_admins(station) == 0)
        cli_complain(cli, "no admin is left among the people; wildcam users role NAME admin makes "
                          "one of somebody");
    return result;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct users own = {0};
    wildcam_station *station = NULL;
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    own.names = argv + 1;
    own.count = words > 1 ? words - 1 : 0;
    const struct action *action =
        words ? cli_choose(cli, argv[0], actions, sizeof *actions, ACTIONS) : actions;
    if (!action || !fits(cli, &own, action) || !cli_directory(cli))
        return CLI_USAGE;
    if (action->run == create) /* opens it when all is well */
        return create(cli, NULL, &own);
    result = cli_open(cli, false, &station);
    if (result == CLI_WELL)
        result = act(cli, station, &own, action);
    wildcam_station_close(station);
    return result;
}

const struct command command_users = {
    .name = "users",
    .arguments = "[list | create NAME --role ROLE | password NAME |\n"
                 "                                 role NAME ROLE | remove NAME...]",
    .summary = "makes, lists and removes people who log in",
    .text =
        "Lists the people who may log in to the server, makes one known, gives one another\n"
        "password or role, or removes some. A viewer reads; an admin may do all. A password has 8\n"
        "characters at least and 1024 bytes at most. It is read from standard input, and asked\n"
        "for twice on a terminal, which does not show it.\n"
        "Another password, and removing, end the logins of that person at once, in a server that\n"
        "is running too; another role is theirs at once. When no admin is left, it says so.\n"
        "--json is {\"users\": [...], \"count\": N}.\n"
        "\n"
        "  wildcam users create ann --role admin --data /srv/station",
    .words_max = -1,
    .options = options,
    .run = run,
};
