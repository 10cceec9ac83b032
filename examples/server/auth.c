/* Logins of people: tokens for a password, new ones for old ones, and their end. */
#include <stdlib.h>
#include <string.h>

#include "doors.h"
#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"

static void add_user(struct json_output *out, const wildcam_access *user)
{
    char since[WILDCAM_TIME_TEXT] = "";
    wildcam_time_format(wildcam_access_get_created_at(user), 0, since, sizeof since);
    json_output_add(out, "\"user\": {\"username\": ");
    json_output_text(out, wildcam_access_get_id(user));
    json_output_add(out, ", \"role\": \"%s\", \"created_at\": \"%s\"}",
                    wildcam_role_name(wildcam_access_get_role(user)), since);
}

/* Rounded up: what has just been made has all of its time. */
static long long seconds_until(int64_t time)
{
    int64_t rest = time - wildcam_time_now();
    return rest > 0 ? (rest + 999999) / 1000000 : 0;
}

/* Takes the session over. Tokens are of letters, digits and _. */
static void answer_session(struct request *request, wildcam_session *session, const char *message)
{
    struct json_output out;
    const wildcam_access *user = wildcam_session_get_access(session);
    json_output_begin(&out);
    json_output_add(&out, "{\"message\": \"%s\", ", message);
    add_user(&out, user);
    json_output_add(
        &out,
        ", \"access_token\": \"%s\", \"refresh_token\": \"%s\", \"token_type\": \"Bearer\", "
        "\"expires_in\": %lld, \"refresh_expires_in\": %lld}\n",
        wildcam_session_get_access_token(session), wildcam_session_get_refresh_token(session),
        seconds_until(wildcam_access_get_expires_at(user)),
        seconds_until(wildcam_session_get_refresh_expires_at(session)));
    wildcam_session_free(session);
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

/* ---- with a password ---- */

static void answer_limited(struct request *request, const char *name, const char *origin)
{
    char text[16];
    int seconds = 0;
    wildcam_station_login_wait(request->server->station, name, origin, &seconds);
    snprintf(text, sizeof text, "%d", seconds > 0 ? seconds : 1);
    answer_error(request, MHD_HTTP_TOO_MANY_REQUESTS,
                 "too many logins have failed: the next one is looked at in %s s", text);
    answer_header(request, MHD_HTTP_HEADER_RETRY_AFTER, text);
}

static void login(struct request *request, const char *name, const char *password)
{
    char origin[CLIENT_TEXT];
    struct client net = client_for_limits(&request->client);
    wildcam_session *session = NULL;
    client_text(&net, origin);
    wildcam_status status = wildcam_station_login(request->server->station, name, password, origin,
                                                  &session);
    if (status == WILDCAM_ERR_LIMITED)
        answer_limited(request, name, origin);
    else if (request_check(request, status))
        answer_session(request, session, "Login successful");
}

/* What was wrong with it is not quoted, as it is elsewhere: it may be the password. */
static json_t *read_login(struct request *request)
{
    struct body *body = &request->body;
    json_t *input = body_finish(body);
    if (!input)
        answer_error(request, body->failure, "%s",
                     body->is_quoted ? "the body is not JSON" : body->failure_text);
    return input;
}

void serve_login(struct request *request)
{
    const char *name = "", *password = "";
    json_t *input = read_login(request);
    if (!input || !json_input_text(request, input, "username", NULL, &name) ||
        !json_input_text(request, input, "password", NULL, &password)) {
        json_decref(input);
        return;
    }
    if (!*name || !*password)
        answer_error(request, MHD_HTTP_BAD_REQUEST, "username and password are needed");
    else
        login(request, name, password);
    json_decref(input);
}

/* ---- with a token ---- */

/* In the JSON, where there is one, else in the head. On failure answered. */
static bool take_token(struct request *request, const char *needed, char token[DOORS_CREDENTIAL])
{
    const char *told = "";
    json_t *input = read_login(request);
    bool good = input && json_input_text(request, input, "refresh_token", NULL, &told);
    snprintf(token, DOORS_CREDENTIAL, "%s", told);
    json_decref(input);
    return good && (*token || doors_credential(request, needed, token));
}

void serve_refresh(struct request *request)
{
    char token[DOORS_CREDENTIAL];
    wildcam_session *session = NULL;
    if (take_token(request,
                   "a refresh token is needed: as refresh_token in the JSON, or in Authorization: "
                   "Bearer TOKEN",
                   token) &&
        request_check(request,
                      wildcam_station_refresh_login(request->server->station, token, &session)))
        answer_session(request, session, "Token refreshed");
}

void serve_logout(struct request *request)
{
    char token[DOORS_CREDENTIAL];
    if (take_token(request,
                   "a token of the login is needed: in Authorization: Bearer TOKEN, or as "
                   "refresh_token in the JSON",
                   token) &&
        request_check(request, wildcam_station_logout(request->server->station, token)))
        answer_text(request, MHD_HTTP_OK, "{\"message\": \"Successfully logged out\"}\n");
}

/* A key may read here too, but it is nobody. */
void serve_me(struct request *request)
{
    struct json_output out;
    if (!doors_person(request)) {
        answer_error(request, request->caller ? MHD_HTTP_FORBIDDEN : MHD_HTTP_UNAUTHORIZED,
                     "nobody is logged in: this is for the access token of a login");
        return;
    }
    json_output_begin(&out);
    json_output_add(&out, "{");
    add_user(&out, request->caller);
    json_output_add(&out, "}\n");
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}
