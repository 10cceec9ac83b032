/* wildcam keys: makes, lists and revokes what cameras and programs show to the server. */
#include <stdio.h>
#include <string.h>

#include "camera_fields.h"
#include "cli.h"
#include "secret.h"
#include "table.h"

struct keys {
    const char *role, *camera, *note;
    char **ids; /* the words behind the action */
    int count;
};

static const struct option_row options[] = {
    {"role", OPTION_TEXT, offsetof(struct keys, role), "ROLE",
     "create: camera, fleet, viewer or admin"},
    {"camera", OPTION_TEXT, offsetof(struct keys, camera), "DEVICE_ID",
     "create: the camera that a camera's key is for"},
    {"note", OPTION_TEXT, offsetof(struct keys, note), "TEXT", "create: what it is for"},
    {0},
};

static const struct column columns[] = {
    {"id", true, false},   {"role", true, false},       {"camera", true, false},
    {"note", true, false}, {"created_at", true, false},
};

static bool write_table(const wildcam_access_list *list)
{
    struct table table;
    char time[WILDCAM_TIME_TEXT];
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < wildcam_access_list_get_count(list); i++) {
        const wildcam_access *key = wildcam_access_list_at(list, i);
        table_add(&table, wildcam_access_get_id(key));
        table_add(&table, wildcam_role_name(wildcam_access_get_role(key)));
        table_add(&table, wildcam_access_get_device_id(key));
        table_add(&table, wildcam_access_get_note(key));
        camera_time(wildcam_access_get_created_at(key), time);
        table_add(&table, time);
    }
    return table_end(&table);
}

static int list(struct cli *cli, wildcam_station *station, const struct keys *own)
{
    (void)own;
    wildcam_access_list *keys = NULL;
    if (wildcam_station_list_keys(station, &keys) != WILDCAM_OK)
        return cli_fail(cli);
    bool done = cli->json ? cli_print_access("keys", keys) : write_table(keys);
    wildcam_access_list_free(keys);
    return done ? CLI_WELL : cli_fail_memory(cli);
}

/* A key that could not be shown is nobody's: it goes again. */
static int create(struct cli *cli, wildcam_station *station, const struct keys *own)
{
    char key[WILDCAM_KEY_TEXT];
    int role = 0;
    wildcam_role_from_name(own->role, &role);
    if (wildcam_station_create_key(station, role, own->camera, own->note, key) != WILDCAM_OK)
        return cli_fail(cli);
    printf(cli->json ? "{\"key\": \"%s\"}\n" : "%s\n", key);
    if (fflush(stdout) != 0) {
        char *id = key + strcspn(key, "_") + 1;
        id[strcspn(id, "_")] = '\0';
        wildcam_station_revoke_key(station, id);
    }
    secret_wipe(key, sizeof key);
    return CLI_WELL; /* that the output failed is told at the end */
}

static int revoke(struct cli *cli, wildcam_station *station, const struct keys *own)
{
    int revoked = 0;
    for (int i = 0; i < own->count; i++) {
        wildcam_status status = wildcam_station_revoke_key(station, own->ids[i]);
        if (status == WILDCAM_OK)
            revoked++;
        else
            cli_complain(cli, "%s%s", wildcam_error_message(),
                         status == WILDCAM_ERR_NOTFOUND ? "; wildcam keys lists them" : "");
    }
    if (revoked == own->count)
        return CLI_WELL;
    return revoked ? CLI_PARTLY : CLI_FAILED;
}

static const struct action {
    const char *name;
    int (*run)(struct cli *cli, wildcam_station *station, const struct keys *own);
} actions[] = {{"list", list}, {"create", create}, {"revoke", revoke}};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* Before the station is opened: what is wrong makes none. */
static bool can_be_made(struct cli *cli, const struct keys *own)
{
    int role;
    if (!own->role)
        cli_refuse(cli, "create takes --role camera, fleet, viewer or admin");
    else if (wildcam_role_from_name(own->role, &role) != WILDCAM_OK)
        cli_refuse(cli, "--role takes camera, fleet, viewer or admin, not \"%s\"", own->role);
    else if (role == WILDCAM_ROLE_CAMERA && !own->camera)
        cli_refuse(cli, "a camera's key is for one camera: --camera DEVICE_ID says which");
    else if (wildcam_access_check_key(role, own->camera, own->note) != WILDCAM_OK)
        cli_refuse(cli, "%s", wildcam_error_message());
    else
        return true;
    return false;
}

static bool fits(struct cli *cli, const struct keys *own, const struct action *action)
{
    if ((own->role || own->camera || own->note) && action->run != create)
        cli_refuse(cli, "only create takes --role, --camera and --note");
    else if (action->run == revoke && own->count == 0)
        cli_refuse(cli, "revoke takes the ID of a key; wildcam keys lists them");
    else if (action->run != revoke && own->count > 0)
        cli_refuse(cli, "\"%s\" is one word too many", own->ids[0]);
    else
        return action->run != create || can_be_made(cli, own);
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct keys own = {0};
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
    result = cli_open(cli, action->run == create, &station);
    if (result == CLI_WELL)
        result = action->run(cli, station, &own);
    wildcam_station_close(station);
    return result;
}

const struct command command_keys = {
    .name = "keys",
    .arguments = "[list | create --role ROLE [--camera DEVICE_ID] | revoke ID...]",
    .summary = "makes, lists and revokes keys for cameras and programs",
    .text =
        "Lists the keys, or makes or revokes some. create prints the key, this once: the station\n"
        "keeps only a hash of it. A camera's key is for that camera alone, and may be made before\n"
        "its first picture; a fleet's is for any camera; a viewer reads; an admin may do all. "
        "From\n"
        "the first key on, the server asks for one, and goes on to when all are revoked. What is\n"
        "revoked is refused at once, by a server that is running too.\n"
        "--json is {\"keys\": [...], \"count\": N}, or {\"key\": KEY}.\n"
        "\n"
        "  wildcam keys create --role camera --camera CAM01 --data /srv/station",
    .words_max = -1,
    .options = options,
    .run = run,
};
