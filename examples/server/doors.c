#include "doors.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host.h"
#include "request.h"
#include "scope.h"

/* ---- while there are no keys ---- */

/* A server without keys is open to whoever reaches it, so the pages of a browser on this machine
 * must not: a page from elsewhere can have its own name lead to 127.0.0.1, and is of the same site
 * then. It cannot change what its requests call the server, and an address is no name. A request
 * without a Host, of HTTP/1.0, comes from no browser. */
static bool is_called_right(const struct request *request)
{
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    return !host || host_is_known(host, request->server->hosts);
}

static bool check_host(struct request *request)
{
    if (is_called_right(request))
        return true;
    answer_error(request, MHD_HTTP_FORBIDDEN,
                 "while there are no keys the server answers to addresses, localhost and the names "
                 "of the setting http.hosts, not to \"%.80s\"",
                 request_header(request, MHD_HTTP_HEADER_HOST));
    return false;
}

/* Once closed it stays closed, whatever is revoked, so the store is asked until then only. False
 * when it does not answer: the request is answered then. */
static bool find_closed(struct request *request, bool *is_closed)
{
    struct server *server = request->server;
    int has_keys = 1;
    if (!server->has_keys &&
        !request_check(request, wildcam_station_has_keys(server->station, &has_keys)))
        return false;
    if (has_keys)
        server->has_keys = true;
    *is_closed = has_keys;
    return true;
}

void doors_tick(struct server *server)
{
    int has_keys = 0;
    if (!server->has_keys && wildcam_station_has_keys(server->station, &has_keys) == WILDCAM_OK &&
        has_keys)
        server->has_keys = true;
}

/* ---- who asks ---- */

struct shown {
    const char *credential;
    int credentials, authorizations;
};

/* Behind "Bearer" and blanks. Whatever else Authorization holds is another's, such as a proxy's
 * that asked for a password. */
static const char *bearer(const char *value)
{
    static const char scheme[] = "Bearer";
    size_t length = sizeof scheme - 1;
    if (strncasecmp(value, scheme, length) != 0 || (value[length] && value[length] != ' '))
        return NULL;
    return value + length + strspn(value + length, " ");
}

static enum MHD_Result note_credential(void *user, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    struct shown *shown = user;
    const char *credential = NULL;
    (void)kind;
    if (!value)
        value = "";
    if (strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0) {
        shown->authorizations++;
        credential = bearer(value);
    } else if (strcasecmp(name, "X-API-Key") == 0) {
        credential = value;
    }
    if (credential) {
        shown->credential = credential;
        shown->credentials++;
    }
    return MHD_YES;
}

/* Blanks behind a header's value are no part of it. libmicrohttpd (0.9.75) leaves them there. */
static void copy_credential(const char *value, char credential[DOORS_CREDENTIAL])
{
    size_t length = value ? strlen(value) : 0;
    while (length > 0 && strchr(" \t", value[length - 1]))
        length--;
    snprintf(credential, DOORS_CREDENTIAL, "%.*s", (int)length, value ? value : "");
}

bool doors_credential(struct request *request, const char *needed,
                      char credential[DOORS_CREDENTIAL])
{
    struct shown shown = {0};
    MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, note_credential, &shown);
    copy_credential(shown.credential, credential);
    if (shown.credentials > 1 || shown.authorizations > 1)
        answer_error(request, MHD_HTTP_BAD_REQUEST,
                     "the key is said twice: it stands in Authorization or in X-API-Key, once");
    else if (!*credential)
        answer_error(request, MHD_HTTP_UNAUTHORIZED, "%s", needed);
    else
        return true;
    return false;
}

static bool find_caller(struct request *request)
{
    char credential[DOORS_CREDENTIAL];
    wildcam_access_free(request->caller);
    request->caller = NULL;
    if (!doors_credential(request,
                          "a key or an access token is needed: Authorization: Bearer KEY, or "
                          "X-API-Key: KEY",
                          credential) ||
        !request_check(request, wildcam_station_check_access(request->server->station, credential,
                                                             &request->caller)))
        return false;
    if (scope_device(request)) /* whatever becomes of it, the log names the camera */
        request_log_camera(request, scope_device(request));
    return true;
}

const char *doors_person(const struct request *request)
{
    const wildcam_access *caller = request->caller;
    return caller && wildcam_access_get_kind(caller) == WILDCAM_ACCESS_USER
               ? wildcam_access_get_id(caller)
               : NULL;
}

/* ---- what he may ---- */

enum {
    CAMERA = 1 << WILDCAM_ROLE_CAMERA,
    FLEET = 1 << WILDCAM_ROLE_FLEET,
    VIEWER = 1 << WILDCAM_ROLE_VIEWER,
    ADMIN = 1 << WILDCAM_ROLE_ADMIN
};

static const struct {
    int roles;
    const char *names;
} allowed[] = {
    [FOR_CAMERAS] = {CAMERA | FLEET | ADMIN, "camera, fleet and admin"},
    [FOR_READERS] = {VIEWER | ADMIN, "viewer and admin"},
    [FOR_SCRAPERS] = {VIEWER | ADMIN, "viewer and admin"},
    [FOR_ADMINS] = {ADMIN, "admin"},
};

static bool check_role(struct request *request)
{
    int role = wildcam_access_get_role(request->caller);
    enum route_access access = request->route->access;
    if (role >= 0 && allowed[access].roles & 1 << role)
        return true;
    answer_error(request, MHD_HTTP_FORBIDDEN, "the role %s may not do this: it is for %s",
                 wildcam_role_name(role), allowed[access].names);
    return false;
}

/* A scraper on this machine needs no key. Whoever comes through a proxy here, though, comes from
 * elsewhere, which http.proxies lets the client's address tell; a proxy that is not trusted gives
 * itself away by what it adds. And a browser's page is no scraper. */
static bool may_scrape(const struct request *request)
{
    static const char *const by_proxies[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    if (request->server->metrics_open)
        return true;
    if (!client_is_loopback(&request->client) || !is_called_right(request))
        return false;
    for (size_t i = 0; i < sizeof by_proxies / sizeof by_proxies[0]; i++)
        if (request_header(request, by_proxies[i]))
            return false;
    return true;
}

bool doors_admit(struct request *request)
{
    enum route_access access = request->route->access;
    bool is_closed;
    if (access == FOR_ALL || access == FOR_TOKENS)
        return true;
    if (!find_closed(request, &is_closed))
        return false;
    if (!is_closed)
        return check_host(request);
    if (access == FOR_SCRAPERS && may_scrape(request))
        return true;
    return find_caller(request) && check_role(request) && scope_check_head(request);
}
