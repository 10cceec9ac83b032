/* Cameras: registration, reports, lists. */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"
#include "scope.h"

/* The fields of the two requests and the library's setters for them. */
struct text_field {
    const char *name;
    wildcam_status (*set)(wildcam_camera *camera, const char *value);
};

struct number_field {
    const char *name;
    wildcam_status (*set)(wildcam_camera *camera, double value);
};

static const struct text_field register_texts[] = {
    {"name", wildcam_camera_set_name},
    {"location_name", wildcam_camera_set_location_name},
    {"firmware_version", wildcam_camera_set_firmware_version},
    {"hardware_version", wildcam_camera_set_hardware_version},
    {NULL, NULL},
};

static const struct number_field register_numbers[] = {
    {"latitude", wildcam_camera_set_latitude},
    {"longitude", wildcam_camera_set_longitude},
    {"altitude", wildcam_camera_set_altitude},
    {NULL, NULL},
};

static const struct number_field report_numbers[] = {
    {"battery_level", wildcam_camera_set_battery_level},
    {"battery_voltage", wildcam_camera_set_battery_voltage},
    {"solar_voltage", wildcam_camera_set_solar_voltage},
    {"temperature", wildcam_camera_set_temperature},
    {"humidity", wildcam_camera_set_humidity},
    {NULL, NULL},
};

static bool take_texts(struct request *request, const json_t *input, wildcam_camera *camera,
                       const struct text_field *fields)
{
    for (; fields->name; fields++) {
        const char *value = NULL;
        if (!json_input_text(request, input, fields->name, NULL, &value) ||
            (value && !request_check(request, fields->set(camera, value))))
            return false;
    }
    return true;
}

static bool take_numbers(struct request *request, const json_t *input, wildcam_camera *camera,
                         const struct number_field *fields)
{
    for (; fields->name; fields++) {
        double value = 0;
        if (!json_input_find(input, fields->name, NULL))
            continue;
        if (!json_input_number(request, input, fields->name, NULL, &value) ||
            !request_check(request, fields->set(camera, value)))
            return false;
    }
    return true;
}

static bool take_config(struct request *request, const json_t *input, wildcam_camera *camera)
{
    const json_t *config = json_input_find(input, "config", NULL);
    if (!config)
        return true;
    if (!json_is_object(config)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "config is an object");
        return false;
    }
    char *text = json_dumps(config, JSON_COMPACT);
    wildcam_status status = text ? wildcam_camera_set_config(camera, text) : WILDCAM_ERR_NOMEM;
    free(text);
    return request_check(request, status);
}

static bool take_registration(struct request *request, const json_t *input, wildcam_camera *camera)
{
    const char *own = scope_device(request), *device_id = NULL;
    if (!json_input_text(request, input, "device_id", NULL, &device_id))
        return false;
    if (own && (!device_id || !*device_id))
        device_id = own;
    request_log_camera(request, device_id);
    return (!device_id || scope_check_device(request, device_id)) &&
           request_check(request, wildcam_camera_set_device_id(camera, device_id)) &&
           limits_admit_camera(request, device_id) &&
           request_check(request, wildcam_camera_set_last_seen(camera, wildcam_time_now())) &&
           take_texts(request, input, camera, register_texts) &&
           take_numbers(request, input, camera, register_numbers) &&
           take_config(request, input, camera);
}

static void put_camera(struct request *request, const wildcam_camera *draft)
{
    wildcam_camera *camera = NULL;
    struct json_output out;
    char *text = NULL;
    int created = 0;
    wildcam_station *station = request->server->station;
    if (!request_check(request, wildcam_station_put_camera(station, draft, &created, NULL)) ||
        !request_check(request,
                       wildcam_station_get_camera_for(station, wildcam_camera_get_device_id(draft),
                                                      scope_audience(request), &camera)))
        return;
    note_origin(request, wildcam_camera_get_device_id(camera));
    wildcam_camera_to_json(camera, &text);
    wildcam_camera_free(camera);
    json_output_begin(&out);
    json_output_add(&out, "{\"message\": \"%s\", \"camera\": ",
                    created ? "Camera registered" : "Camera updated");
    json_output_object(&out, text);
    json_output_add(&out, "}\n");
    answer_json(request, created ? MHD_HTTP_CREATED : MHD_HTTP_OK, json_output_end(&out));
}

/* Parses the body into a draft and hands both on. */
static void with_draft(struct request *request,
                       void (*serve)(struct request *request, const json_t *input,
                                     wildcam_camera *draft))
{
    wildcam_camera *draft = NULL;
    json_t *input = json_input_read(request);
    if (input && request_check(request, wildcam_camera_new(&draft)))
        serve(request, input, draft);
    wildcam_camera_free(draft);
    json_decref(input);
}

static void register_camera(struct request *request, const json_t *input, wildcam_camera *draft)
{
    if (take_registration(request, input, draft))
        put_camera(request, draft);
}

void serve_register(struct request *request)
{
    with_draft(request, register_camera);
}

static void report(struct request *request, const json_t *input, wildcam_camera *draft)
{
    request_log_camera(request, request->argument);
    if (!scope_check_device(request, request->argument) ||
        !request_check(request, wildcam_camera_set_device_id(draft, request->argument)) ||
        !take_numbers(request, input, draft, report_numbers))
        return;
    wildcam_status status = wildcam_station_report_camera(request->server->station, draft);
    if (status == WILDCAM_ERR_NOTFOUND)
        answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not found");
    else if (request_check(request, status)) {
        note_origin(request, request->argument);
        answer_text(request, MHD_HTTP_OK, "{\"message\": \"Status updated\"}\n");
    }
}

void serve_report(struct request *request)
{
    with_draft(request, report);
}

/* The states a list may be asked for: "all", or one by its name. */
static bool find_status(struct request *request, int *wanted)
{
    const char *name = request_parameter(request, "status", NULL);
    *wanted = WILDCAM_CAMERA_ACTIVE;
    if (!name)
        return true;
    if (strcmp(name, "all") == 0) {
        *wanted = -1;
        return true;
    }
    for (int status = WILDCAM_CAMERA_ACTIVE; status <= WILDCAM_CAMERA_MAINTENANCE; status++) {
        if (strcmp(name, wildcam_camera_status_name(status)) == 0) {
            *wanted = status;
            return true;
        }
    }
    answer_error(request, MHD_HTTP_BAD_REQUEST,
                 "status is active, inactive, maintenance or all, not \"%.40s\"", name);
    return false;
}

static char *write_list(struct json_output *out, const wildcam_camera_list *list, int wanted)
{
    size_t count = 0;
    json_output_begin(out);
    json_output_add(out, "{\"cameras\": [");
    for (size_t i = 0; i < wildcam_camera_list_get_count(list); i++) {
        char *text = NULL;
        const wildcam_camera *camera = wildcam_camera_list_at(list, i);
        if (wanted >= 0 && wildcam_camera_get_status(camera) != wanted)
            continue;
        wildcam_camera_to_json(camera, &text);
        json_output_add(out, count++ ? ",\n" : "\n");
        json_output_object(out, text);
    }
    json_output_add(out, "], \"count\": %zu}\n", count);
    return json_output_end(out);
}

struct listing {
    struct request *request;
    int wanted, audience;
};

/* The list as it is now. It stays what it was while nothing changes. */
static struct shared_text *make_list(struct text_source *source, void *user)
{
    const struct listing *listing = user;
    struct request *request = listing->request;
    wildcam_station *station = request->server->station;
    wildcam_camera_list *list = NULL;
    struct json_output out;
    int64_t changes;
    if (!request_check(request, wildcam_station_count_camera_changes(station, &changes)))
        return NULL;
    if (source->text && source->changes == changes)
        return shared_text_hold(source->text);
    bool all = listing->wanted != WILDCAM_CAMERA_ACTIVE;
    if (!request_check(request,
                       wildcam_station_list_cameras_for(station, all, listing->audience, &list)))
        return NULL;
    char *text = write_list(&out, list, listing->wanted);
    wildcam_camera_list_free(list);
    source->changes = changes;
    return shared_text_new(text, out.size);
}

void serve_cameras(struct request *request)
{
    struct listing listing = {.request = request, .audience = scope_audience(request)};
    if (!find_status(request, &listing.wanted))
        return;
    struct text_source *source =
        &request->server->camera_lists[listing.audience][listing.wanted + 1];
    struct shared_text *text = text_source_get(source, make_list, &listing);
    answer_shared(request, MHD_HTTP_OK, text);
    shared_text_let_go(text);
}

void serve_camera(struct request *request)
{
    wildcam_camera *camera = NULL;
    char *text = NULL;
    wildcam_status status = wildcam_station_get_camera_for(
        request->server->station, request->argument, scope_audience(request), &camera);
    if (status == WILDCAM_ERR_NOTFOUND) {
        answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not found");
    } else if (request_check(request, status)) {
        request_log_camera(request, wildcam_camera_get_device_id(camera));
        wildcam_camera_to_json(camera, &text);
        answer_json(request, MHD_HTTP_OK, text);
    }
    wildcam_camera_free(camera);
}
