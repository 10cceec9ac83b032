#include "scope.h"

#include <string.h>
#include <strings.h>

#include "request.h"

static const char *const names[] = {"device_id", "camera_id"};

const char *scope_device(const struct request *request)
{
    return wildcam_access_get_role(request->caller) == WILDCAM_ROLE_CAMERA
               ? wildcam_access_get_device_id(request->caller)
               : NULL;
}

const char *scope_head_device(const struct request *request)
{
    const char *device_id = scope_device(request);
    if (!device_id && *request->argument)
        device_id = request->argument;
    if (!device_id)
        device_id = request_parameter(request, "device_id", NULL);
    if (!device_id)
        device_id = request_header(request, "X-Device-Id");
    return device_id && *device_id ? device_id : NULL;
}

static bool refuse(struct request *request)
{
    answer_error(request, MHD_HTTP_FORBIDDEN,
                 "this key is for the camera %s, and the request names another",
                 scope_device(request));
    return false;
}

bool scope_check_device(struct request *request, const char *device_id)
{
    const char *own = scope_device(request);
    return !own || strcmp(own, device_id) == 0 || refuse(request);
}

/* Each one counts, also one that another goes before. */
struct naming {
    const char *device;
    bool is_foreign;
};

static void note(struct naming *naming, const char *value)
{
    if (value && *value && strcmp(value, naming->device) != 0)
        naming->is_foreign = true;
}

static enum MHD_Result note_value(void *user, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    /* libmicrohttpd finds a parameter by its name in any case */
    bool is_named = kind == MHD_HEADER_KIND
                        ? strcasecmp(name, "X-Device-Id") == 0
                        : strcasecmp(name, names[0]) == 0 || strcasecmp(name, names[1]) == 0;
    if (is_named)
        note(user, value);
    return MHD_YES;
}

bool scope_check_head(struct request *request)
{
    struct naming naming = {.device = scope_device(request)};
    if (!naming.device)
        return true;
    if (strchr(request->route->path, '*'))
        note(&naming, request->argument);
    MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, note_value, &naming);
    MHD_get_connection_values(request->mhd, MHD_GET_ARGUMENT_KIND, note_value, &naming);
    return !naming.is_foreign || refuse(request);
}

static void note_members(struct naming *naming, const json_t *object)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        /* what is no text names no device, and is refused or kept as it is */
        note(naming, json_string_value(json_object_get(object, names[i])));
    }
}

bool scope_check_body(struct request *request, const json_t *input)
{
    struct naming naming = {.device = scope_device(request)};
    if (!naming.device)
        return true;
    note_members(&naming, input);
    note_members(&naming, request->body.fields); /* those beneath the JSON's, too */
    return !naming.is_foreign || refuse(request);
}

int scope_audience(const struct request *request)
{
    return !request->caller || wildcam_access_get_role(request->caller) == WILDCAM_ROLE_ADMIN
               ? WILDCAM_AUDIENCE_ADMIN
               : WILDCAM_AUDIENCE_VIEWER;
}

bool scope_sees_original(const struct request *request, int64_t image_id)
{
    int view;
    return wildcam_station_get_view(request->server->station, image_id, scope_audience(request),
                                    &view, NULL) == WILDCAM_OK &&
           view == WILDCAM_VIEW_ORIGINAL;
}
