/* wildcam cameras: lists them, shows one, registers, activates, deactivates. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "camera_fields.h"
#include "cli.h"
#include "table.h"

struct cameras {
    bool all;
    struct camera_fields fields;
    const char *device_id; /* the word behind the action */
    wildcam_camera *draft; /* what the action changes */
};

static const struct option_row options[] = {
    {"all", OPTION_FLAG, offsetof(struct cameras, all), NULL, "lists inactive ones too"},
    {"name", OPTION_TEXT, offsetof(struct cameras, fields.name), "TEXT",
     "register: its name for people"},
    {"location-name", OPTION_TEXT, offsetof(struct cameras, fields.location_name), "TEXT",
     "register: the place it stands at"},
    {"latitude", OPTION_NUMBER, offsetof(struct cameras, fields.latitude), "DEGREES",
     "register: how far north, -90 to 90"},
    {"longitude", OPTION_NUMBER, offsetof(struct cameras, fields.longitude), "DEGREES",
     "register: how far east, -180 to 180"},
    {"altitude", OPTION_NUMBER, offsetof(struct cameras, fields.altitude), "METRES",
     "register: how high above the sea"},
    {"firmware-version", OPTION_TEXT, offsetof(struct cameras, fields.firmware_version), "TEXT",
     "register: the firmware it runs"},
    {"hardware-version", OPTION_TEXT, offsetof(struct cameras, fields.hardware_version), "TEXT",
     "register: what it is"},
    {0},
};

static const struct column columns[] = {
    {"device_id", true, false}, {"name", true, false},   {"location", true, false},
    {"status", true, false},    {"battery", true, true}, {"last_seen", true, false},
};

static void add_percent(struct table *table, double number)
{
    char text[32] = "";
    if (isfinite(number))
        snprintf(text, sizeof text, "%.0f %%", number);
    table_add(table, text);
}

static bool write_table(const wildcam_camera_list *list)
{
    struct table table;
    char time[WILDCAM_TIME_TEXT];
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < wildcam_camera_list_get_count(list); i++) {
        const wildcam_camera *camera = wildcam_camera_list_at(list, i);
        table_add(&table, wildcam_camera_get_device_id(camera));
        table_add(&table, wildcam_camera_get_name(camera));
        table_add(&table, wildcam_camera_get_location_name(camera));
        table_add(&table, wildcam_camera_status_name(wildcam_camera_get_status(camera)));
        add_percent(&table, wildcam_camera_get_battery_level(camera));
        camera_time(wildcam_camera_get_last_seen(camera), time);
        table_add(&table, time);
    }
    return table_end(&table);
}

static void add_json(struct json_output *out, const wildcam_camera *camera)
{
    char *text = NULL;
    wildcam_camera_to_json(camera, &text);
    json_output_object(out, text);
}

static bool write_json(const wildcam_camera_list *list)
{
    struct json_output out;
    size_t count = wildcam_camera_list_get_count(list);
    json_output_begin(&out);
    json_output_add(&out, "{\"cameras\": [");
    for (size_t i = 0; i < count; i++) {
        json_output_add(&out, i ? ",\n" : "\n");
        add_json(&out, wildcam_camera_list_at(list, i));
    }
    json_output_add(&out, "\n], \"count\": %zu}\n", count);
    return cli_print_json(&out);
}

static int list(struct cli *cli, wildcam_station *station, const struct cameras *own)
{
    wildcam_camera_list *cameras = NULL;
    if (wildcam_station_list_cameras(station, own->all, &cameras) != WILDCAM_OK)
        return cli_fail(cli);
    bool done = cli->json ? write_json(cameras) : write_table(cameras);
    wildcam_camera_list_free(cameras);
    return done ? CLI_WELL : cli_fail_memory(cli);
}

static int write_camera(struct cli *cli, const wildcam_camera *camera)
{
    struct json_output out;
    if (!cli->json)
        return camera_fields_write(camera) ? CLI_WELL : cli_fail_memory(cli);
    json_output_begin(&out);
    add_json(&out, camera);
    json_output_add(&out, "\n");
    return cli_print_json(&out) ? CLI_WELL : cli_fail_memory(cli);
}

static int complain_unknown(struct cli *cli, const char *device_id)
{
    cli_complain(cli, "there is no camera \"%s\"; wildcam cameras --all lists them", device_id);
    return CLI_FAILED;
}

static int show(struct cli *cli, wildcam_station *station, const struct cameras *own)
{
    wildcam_camera *camera = NULL;
    wildcam_status status = wildcam_station_get_camera(station, own->device_id, &camera);
    if (status == WILDCAM_ERR_NOTFOUND)
        return complain_unknown(cli, own->device_id);
    int result = status == WILDCAM_OK ? write_camera(cli, camera) : cli_fail(cli);
    wildcam_camera_free(camera);
    return result;
}

static int enter(struct cli *cli, wildcam_station *station, const struct cameras *own)
{
    wildcam_camera *camera = NULL;
    if (wildcam_station_put_camera(station, own->draft, NULL, &camera) != WILDCAM_OK)
        return cli_fail(cli);
    int result = write_camera(cli, camera);
    wildcam_camera_free(camera);
    return result;
}

/* Unlike a registration it makes no camera. One that is known stays so. */
static int change(struct cli *cli, wildcam_station *station, const struct cameras *own)
{
    wildcam_camera *camera = NULL;
    wildcam_status status = wildcam_station_get_camera(station, own->device_id, &camera);
    bool is_known = status == WILDCAM_OK &&
                    strcmp(wildcam_camera_get_device_id(camera), own->device_id) == 0;
    wildcam_camera_free(camera);
    if (is_known)
        return enter(cli, station, own);
    return status == WILDCAM_OK || status == WILDCAM_ERR_NOTFOUND
               ? complain_unknown(cli, own->device_id)
               : cli_fail(cli);
}

static const struct action {
    const char *name;
    int status; /* what the camera becomes; -1 leaves it */
    int (*run)(struct cli *cli, wildcam_station *station, const struct cameras *own);
} actions[] = {
    {"list", -1, list},
    {"show", -1, show},
    {"register", -1, enter},
    {"activate", WILDCAM_CAMERA_ACTIVE, change},
    {"deactivate", WILDCAM_CAMERA_INACTIVE, change},
};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* An option that the action would not look at was meant for another. */
static bool fits(struct cli *cli, const struct cameras *own, const struct action *action)
{
    if (own->all && action->run != list)
        cli_refuse(cli, "--all does not go with %s", action->name);
    else if (camera_fields_are_given(&own->fields) && action->run != enter)
        cli_refuse(cli, "only register takes --name and the camera's other fields");
    else if (action->run != list && !own->device_id)
        cli_refuse(cli, "%s takes a DEVICE_ID", action->name);
    else if (action->run == list && own->device_id)
        cli_refuse(cli, "\"%s\" is one word too many", own->device_id);
    else
        return true;
    return false;
}

/* Before the station is opened: a wrong value makes none. */
static bool make_draft(struct cli *cli, struct cameras *own, const struct action *action)
{
    wildcam_status status = wildcam_camera_new(&own->draft);
    if (status == WILDCAM_OK && own->device_id)
        status = wildcam_camera_set_device_id(own->draft, own->device_id);
    if (status == WILDCAM_OK)
        status = camera_fields_fill(own->draft, &own->fields);
    if (status == WILDCAM_OK && action->status >= 0)
        status = wildcam_camera_set_status(own->draft, action->status);
    if (status != WILDCAM_OK)
        cli_refuse(cli, "%s", wildcam_error_message());
    return status == WILDCAM_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct cameras own = {.fields = {.latitude = NAN, .longitude = NAN, .altitude = NAN}};
    wildcam_station *station = NULL;
    int result, words = cli_begin(cli, argc, argv, &own, &result);
    if (words < 0)
        return result;
    own.device_id = words == 2 ? argv[1] : NULL;
    const struct action *action =
        words ? cli_choose(cli, argv[0], actions, sizeof *actions, ACTIONS) : actions;
    if (!action || !fits(cli, &own, action))
        return CLI_USAGE;
    result = make_draft(cli, &own, action) ? cli_open(cli, action->run == enter, &station)
                                           : CLI_USAGE;
    if (result == CLI_WELL)
        result = action->run(cli, station, &own);
    wildcam_station_close(station);
    wildcam_camera_free(own.draft);
    return result;
}

const struct command command_cameras = {
    .name = "cameras",
    .arguments = "[list | show ID | register ID | activate ID | deactivate ID]",
    .summary = "lists cameras, shows, registers or deactivates one",
    .text = "Lists the active cameras, or does something with one. Registering one that is known\n"
            "changes only what is given. A camera that is not active is left out of the list; its\n"
            "pictures are kept all the same. --json is {\"cameras\": [...], \"count\": N}, or the\n"
            "one camera.\n"
            "\n"
            "  wildcam cameras register CAM01 --data /srv/station --name \"North gate\"",
    .words_max = 2,
    .options = options,
    .run = run,
};
