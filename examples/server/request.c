#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json_output.h"

/* Dashboards send each field of their form, also those that nobody has filled in. */
static const char *find_parameter(const struct request *request, const char *name)
{
    const char *value = MHD_lookup_connection_value(request->mhd, MHD_GET_ARGUMENT_KIND, name);
    return value && *value ? value : NULL;
}

const char *request_parameter(const struct request *request, const char *name, const char *older)
{
    const char *value = find_parameter(request, name);
    return value || !older ? value : find_parameter(request, older);
}

const char *request_header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->mhd, MHD_HEADER_KIND, name);
}

static bool parse_int(const char *text, int64_t *value)
{
    char *end;
    if (!*text || strspn(text, "-0123456789") != strlen(text) || strlen(text) > 18)
        return false;
    *value = strtoll(text, &end, 10);
    return *end == '\0';
}

bool request_id(struct request *request, int64_t *id)
{
    if (parse_int(request->argument, id) && *id > 0)
        return true;
    answer_error(request, MHD_HTTP_BAD_REQUEST, "the id is a whole number above 0, not \"%s\"",
                 request->argument);
    return false;
}

/* Both are looked at where both are said, also the one that does not count. */
bool request_int(struct request *request, const char *name, const char *older, int64_t min,
                 int64_t max, int64_t *value)
{
    const char *const names[] = {older, name};
    for (size_t i = 0; i < 2; i++) {
        const char *text = names[i] ? find_parameter(request, names[i]) : NULL;
        if (!text || (parse_int(text, value) && *value >= min && *value <= max))
            continue;
        answer_error(request, MHD_HTTP_BAD_REQUEST,
                     "%s is a whole number from %lld to %lld, not \"%.40s\"", names[i],
                     (long long)min, (long long)max, text);
        return false;
    }
    return true;
}

bool request_bool(struct request *request, const char *name, bool *value)
{
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes", "False", "True"};
    const char *text = request_parameter(request, name, NULL);
    if (!text)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = i % 2;
            return true;
        }
    }
    answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is true or false, not \"%.40s\"", name, text);
    return false;
}

/* What is hardly HTTP libmicrohttpd answers by itself, and a bad chunk too. */
unsigned request_status(const struct request *request)
{
    if (request->stage == REQUEST_ANSWERED)
        return request->status;
    if (request->connection->was_late && request->connection->told_bytes)
        return MHD_HTTP_REQUEST_TIMEOUT;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->mhd,
                                                                   MHD_CONNECTION_INFO_HTTP_STATUS);
    return info ? info->http_status : 0;
}

/* An answer that is ready before replaces nothing: the first word counts. */
static void set_response(struct request *request, unsigned status, struct MHD_Response *response,
                         size_t size, const char *content_type)
{
    if (request->response) {
        if (response)
            MHD_destroy_response(response);
        return;
    }
    request->status = status;
    request->response = response;
    request->log.sent_bytes = (int64_t)size;
    if (content_type)
        answer_header(request, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
}

void answer_header(struct request *request, const char *name, const char *value)
{
    if (request->response)
        MHD_add_response_header(request->response, name, value);
}

void answer_bytes(struct request *request, unsigned status, void *data, size_t size,
                  const char *content_type)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(size, data,
                                                                    MHD_RESPMEM_MUST_FREE);
    if (!response)
        free(data);
    set_response(request, status, response, size, content_type);
}

void answer_json(struct request *request, unsigned status, char *text)
{
    if (!text) {
        answer_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "{\"error\": \"memory ran out\"}");
        return;
    }
    answer_bytes(request, status, text, strlen(text), "application/json");
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

static void answer_held(struct request *request, unsigned status, const char *text, size_t size,
                        void (*let_go)(void *holder), void *holder)
{
    /* Which it only reads. NOLINTNEXTLINE(performance-no-int-to-ptr) */
    void *bytes = (void *)(uintptr_t)text;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls(size, bytes, let_go, holder);
    if (!response)
        let_go(holder);
    set_response(request, status, response, size, "application/json");
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

void answer_borrowed(struct request *request, const char *text, size_t size,
                     void (*let_go)(void *holder), void *holder)
{
    answer_held(request, MHD_HTTP_OK, text, size, let_go, holder);
}

void answer_shared(struct request *request, unsigned status, struct shared_text *text)
{
    if (!text)
        answer_json(request, status, NULL);
    else
        answer_held(request, status, text->bytes, text->size, shared_text_let_go,
                    shared_text_hold(text));
}

void answer_fd(struct request *request, int fd, uint64_t size, const char *content_type)
{
    struct MHD_Response *response = MHD_create_response_from_fd64(size, fd);
    if (!response) {
        close(fd);
        answer_json(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
        return;
    }
    set_response(request, MHD_HTTP_OK, response, (size_t)size, content_type);
    answer_header(request, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

void answer_text(struct request *request, unsigned status, const char *text)
{
    char *copy = strdup(text);
    if (copy)
        answer_bytes(request, status, copy, strlen(copy),
                     text[0] == '{' ? "application/json" : "text/plain; charset=utf-8");
}

void answer_empty(struct request *request, unsigned status)
{
    static char nothing[1];
    set_response(request, status,
                 MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT), 0, NULL);
}

void answer_error(struct request *request, unsigned status, const char *format, ...)
{
    char sentence[ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"error\": ");
    json_output_text(&out, sentence);
    json_output_add(&out, "}\n");
    answer_json(request, status, json_output_end(&out));
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        answer_header(request, MHD_HTTP_HEADER_RETRY_AFTER, "5");
    if (status == MHD_HTTP_UNAUTHORIZED)
        answer_header(request, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
}

unsigned http_status(wildcam_status status)
{
    switch (status) {
    case WILDCAM_OK:
        return MHD_HTTP_OK;
    case WILDCAM_ERR_INVALID:
    case WILDCAM_ERR_TRUNCATED:
        return MHD_HTTP_BAD_REQUEST;
    case WILDCAM_ERR_AUTH:
        return MHD_HTTP_UNAUTHORIZED;
    case WILDCAM_ERR_HIDDEN:
        return MHD_HTTP_FORBIDDEN;
    case WILDCAM_ERR_LIMITED:
        return MHD_HTTP_TOO_MANY_REQUESTS;
    case WILDCAM_ERR_NOTFOUND:
    case WILDCAM_ERR_UNSUPPORTED: /* a thumbnail of what cannot be decoded */
        return MHD_HTTP_NOT_FOUND;
    case WILDCAM_ERR_EXISTS:
        return MHD_HTTP_CONFLICT;
    case WILDCAM_ERR_NOTJPEG:
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    case WILDCAM_ERR_TOOLARGE:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case WILDCAM_ERR_NOSPACE:
        return MHD_HTTP_INSUFFICIENT_STORAGE;
    case WILDCAM_ERR_NOMEM:
    case WILDCAM_ERR_BUSY:
    case WILDCAM_ERR_CLOSED:
    case WILDCAM_ERR_UPLOAD: /* where S3 has it cannot be told at present */
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}

unsigned failure_sentence(wildcam_status failure, const char *where, char sentence[ERROR_TEXT])
{
    unsigned status = http_status(failure);
    if (status < 500) {
        snprintf(sentence, ERROR_TEXT, "%s", wildcam_error_message());
        return status;
    }
    server_log(WILDCAM_LOG_ERROR, "%s: %s", where, wildcam_error_message());
    snprintf(sentence, ERROR_TEXT, "%s; the server's log says more", wildcam_status_text(failure));
    return status;
}

void answer_failure(struct request *request, wildcam_status failure)
{
    char sentence[ERROR_TEXT];
    unsigned status = failure_sentence(failure, request->route ? request->route->path : "-",
                                       sentence);
    answer_error(request, status, "%s", sentence);
}

bool request_check(struct request *request, wildcam_status status)
{
    if (status != WILDCAM_OK)
        answer_failure(request, status);
    return status == WILDCAM_OK;
}
