#include "routes.h"

#include <stdio.h>
#include <string.h>

#include "handlers.h"

static const struct route routes[] = {
    {"GET", "/api/health", serve_health, BODY_NONE, FOR_ALL, LIMIT_NONE, ROUTE_ALWAYS},
    {"GET", "/healthz", serve_alive, BODY_NONE, FOR_ALL, LIMIT_NONE, ROUTE_INLINE | ROUTE_ALWAYS},
    {"GET", "/readyz", serve_ready, BODY_NONE, FOR_ALL, LIMIT_NONE, ROUTE_ALWAYS},
    {"GET", "/metrics", serve_metrics, BODY_NONE, FOR_SCRAPERS, LIMIT_NONE, ROUTE_SCRAPE},
    {"GET", "/api/metrics", serve_metrics, BODY_NONE, FOR_SCRAPERS, LIMIT_NONE, ROUTE_SCRAPE},
    {"GET", "/federate", serve_federate, BODY_NONE, FOR_SCRAPERS, LIMIT_NONE, ROUTE_SCRAPE},
    {"GET", "/api/openapi.json", serve_openapi, BODY_NONE, FOR_ALL, LIMIT_API, ROUTE_INLINE},
    {"POST", "/api/auth/login", serve_login, BODY_LOGIN, FOR_ALL, LIMIT_AUTH, ROUTE_LOGIN},
    {"POST", "/api/auth/refresh", serve_refresh, BODY_LOGIN_OR_NONE, FOR_TOKENS, LIMIT_AUTH, 0},
    {"POST", "/api/auth/logout", serve_logout, BODY_LOGIN_OR_NONE, FOR_TOKENS, LIMIT_AUTH, 0},
    {"GET", "/api/auth/me", serve_me, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"POST", "/api/cameras/register", serve_register, BODY_JSON, FOR_CAMERAS, LIMIT_API, 0},
    {"POST", "/api/cameras/upload", serve_upload, BODY_UPLOAD, FOR_CAMERAS, LIMIT_UPLOAD, 0},
    {"POST", "/api/cameras/*/status", serve_report, BODY_JSON, FOR_CAMERAS, LIMIT_API, 0},
    {"GET", "/api/cameras", serve_cameras, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/cameras/*", serve_camera, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/cameras/*/statistics", serve_statistics, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/deployments", serve_deployments, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"POST", "/api/deployments", serve_add_deployment, BODY_JSON, FOR_ADMINS, LIMIT_API, 0},
    {"GET", "/api/deployments/*", serve_deployment, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"PUT", "/api/deployments/*", serve_change_deployment, BODY_JSON, FOR_ADMINS, LIMIT_API, 0},
    {"DELETE", "/api/deployments/*", serve_remove_deployment, BODY_NONE, FOR_ADMINS, LIMIT_API, 0},
    {"POST", "/api/detections", serve_upload, BODY_UPLOAD, FOR_CAMERAS, LIMIT_UPLOAD, 0},
    {"POST", "/api/images", serve_upload, BODY_UPLOAD, FOR_CAMERAS, LIMIT_UPLOAD, 0},
    {"GET", "/api/detections", serve_detections, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/detections/*", serve_detection, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"PUT", "/api/detections/*/verify", serve_verify, BODY_JSON, FOR_ADMINS, LIMIT_API, 0},
    {"GET", "/api/events", serve_events, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/images/*", serve_image, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"PUT", "/api/images/*/favourite", serve_favourite, BODY_JSON, FOR_ADMINS, LIMIT_API, 0},
    {"GET", "/api/thumbnails/*", serve_thumbnail, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/alerts", serve_alerts, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"POST", "/api/alerts/*/read", serve_read_alert, BODY_NONE, FOR_ADMINS, LIMIT_API, 0},
    {"GET", "/api/analytics/species", serve_species, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/analytics/activity", serve_activity, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/analytics/data", serve_analytics, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"POST", "/api/reports/analytics", serve_start_report, BODY_JSON, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/jobs/*", serve_job, BODY_NONE, FOR_READERS, LIMIT_API, 0},
    {"GET", "/api/jobs/*/result", serve_result, BODY_NONE, FOR_READERS, LIMIT_API, 0},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

static bool matches(const char *pattern, const char *path, char *argument, size_t room)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(star - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    size_t length = strcspn(path + before, "/");
    if (length == 0 || length >= room || strcmp(star + 1, path + before + length) != 0)
        return false;
    snprintf(argument, room, "%.*s", (int)length, path + before);
    return true;
}

/* An address that the table has as it is, is nobody's argument: /api/cameras/upload is no camera.
 */
static bool is_whole(const char *path)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (strcmp(routes[i].path, path) == 0)
            return true;
    return false;
}

const struct route *route_find(const char *method, const char *path, char *argument, size_t room,
                               char *allow, size_t allow_room)
{
    const char *served = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t used = 0;
    bool whole = is_whole(path);
    allow[0] = argument[0] = '\0';
    for (size_t i = 0; i < ROUTES; i++) {
        if (whole ? strcmp(routes[i].path, path) != 0
                  : !matches(routes[i].path, path, argument, room))
            continue;
        if (strcmp(routes[i].method, served) == 0)
            return &routes[i];
        if (!strstr(allow, routes[i].method) && used < allow_room)
            used += (size_t)snprintf(allow + used, allow_room - used, "%s%s%s", used ? ", " : "",
                                     routes[i].method,
                                     strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
    }
    return NULL;
}
