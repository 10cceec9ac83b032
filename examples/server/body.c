#include "body.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json_input.h"
#include "request.h"
#include "scope.h"

__attribute__((format(printf, 3, 4))) static void fail(struct body *body, unsigned status,
                                                       const char *format, ...)
{
    va_list args;
    if (body->failure)
        return;
    body->failure = status;
    va_start(args, format);
    vsnprintf(body->failure_text, sizeof body->failure_text, format, args);
    va_end(args);
}

static void fail_by_library(struct body *body, wildcam_status status)
{
    char sentence[ERROR_TEXT];
    if (!body->failure) {
        unsigned code = failure_sentence(status, "a picture on its way in", sentence);
        fail(body, code, "%s", sentence);
    }
}

static void begin_picture(struct body *body)
{
    if (body->ingest) {
        fail(body, MHD_HTTP_BAD_REQUEST, "the form has two pictures");
        return;
    }
    wildcam_status status = wildcam_ingest_begin(body->station, &body->ingest);
    if (status != WILDCAM_OK)
        fail_by_library(body, status);
}

static void add_picture(struct body *body, const char *bytes, size_t size)
{
    wildcam_status status = wildcam_ingest_write(body->ingest, bytes, size);
    if (status != WILDCAM_OK)
        fail_by_library(body, status);
}

/* There may be a password in it, so no copy of it is left behind. */
static void forget_json(struct body *body)
{
    if (body->json)
        explicit_bzero(body->json, body->json_length);
    free(body->json);
}

static bool reserve_json(struct body *body, size_t needed)
{
    size_t capacity = body->json_capacity ? body->json_capacity : 512;
    while (capacity < needed)
        capacity *= 2;
    if (capacity == body->json_capacity)
        return true;
    char *json = malloc(capacity);
    if (!json)
        return false;
    if (body->json)
        memcpy(json, body->json, body->json_length);
    forget_json(body);
    body->json = json;
    body->json_capacity = capacity;
    return true;
}

static void add_json(struct body *body, const char *bytes, size_t size)
{
    if (body->json_length + size > BODY_JSON_MAX) {
        fail(body, MHD_HTTP_CONTENT_TOO_LARGE, "the JSON is over %d bytes", BODY_JSON_MAX);
        return;
    }
    if (!reserve_json(body, body->json_length + size + 1)) {
        fail(body, MHD_HTTP_SERVICE_UNAVAILABLE, "memory ran out");
        return;
    }
    memcpy(body->json + body->json_length, bytes, size);
    body->json_length += size;
    body->json[body->json_length] = '\0';
}

/* ---- a form's parts ---- */

/* The library logs that it refuses a picture while that is still coming: by then the log knows
 * whose it is, if the form has said so before. */
static void name_camera(const struct body *body)
{
    json_t *metadata = body->json_length ? json_loadb(body->json, body->json_length, 0, NULL)
                                         : NULL;
    const json_t *said = json_input_find(metadata, "device_id", "camera_id");
    if (!said)
        said = json_input_find(body->fields, "device_id", "camera_id");
    const char *id = json_string_value(said);
    if (id && strlen(id) == json_string_length(said) && body->request &&
        !scope_device(body->request))
        request_log_camera(body->request, id);
    json_decref(metadata);
}

static bool is_picture_part(const struct multipart_part *part)
{
    return strcmp(part->name, "image") == 0 || strcmp(part->name, "file") == 0 ||
           (part->has_file_name && strcmp(part->name, "metadata") != 0);
}

static void begin_part(void *user, const struct multipart_part *part)
{
    struct body *body = user;
    body->part = PART_SKIPPED;
    if (body->failure)
        return;
    if (is_picture_part(part)) {
        name_camera(body);
        begin_picture(body);
        body->part = PART_PICTURE;
    } else if (strcmp(part->name, "metadata") == 0) {
        if (body->json)
            fail(body, MHD_HTTP_BAD_REQUEST, "the form has two parts \"metadata\"");
        body->part = PART_JSON;
    } else {
        snprintf(body->field_name, sizeof body->field_name, "%s", part->name);
        body->field_length = 0;
        body->part = PART_FIELD;
    }
}

static void add_field(struct body *body, const char *bytes, size_t size)
{
    if (body->field_length + size > sizeof body->field) {
        fail(body, MHD_HTTP_BAD_REQUEST, "the form's part \"%s\" is over %zu bytes",
             body->field_name, sizeof body->field);
        return;
    }
    memcpy(body->field + body->field_length, bytes, size);
    body->field_length += size;
}

static void add_part(void *user, const char *bytes, size_t size)
{
    struct body *body = user;
    if (body->failure)
        return;
    if (body->part == PART_PICTURE)
        add_picture(body, bytes, size);
    else if (body->part == PART_JSON)
        add_json(body, bytes, size);
    else if (body->part == PART_FIELD)
        add_field(body, bytes, size);
}

/* A form has only texts: where a number or a box is wanted the text is JSON, and none left empty.
 */
static json_t *field_value(const struct body *body)
{
    static const char *const names[] = {"confidence", "confidence_score", "bbox", "bounding_box"};
    json_t *value = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(body->field_name, names[i]) == 0)
            value = body->field_length
                        ? json_loadb(body->field, body->field_length, JSON_DECODE_ANY, NULL)
                        : json_null();
    return value ? value : json_stringn(body->field, body->field_length);
}

static void end_part(void *user)
{
    struct body *body = user;
    if (body->part == PART_FIELD && !body->failure &&
        json_object_set_new(body->fields, body->field_name, field_value(body)) != 0)
        fail(body, MHD_HTTP_BAD_REQUEST, "a small part of the form is not UTF-8");
    body->part = PART_SKIPPED;
}

static void begin_form(struct body *body, const char *boundary)
{
    const struct multipart_sink sink = {body, begin_part, add_part, end_part};
    body->kind = BODY_IS_FORM;
    body->fields = json_object();
    body->multipart = malloc(sizeof *body->multipart);
    if (!body->fields || !body->multipart)
        fail(body, MHD_HTTP_SERVICE_UNAVAILABLE, "memory ran out");
    else if (!multipart_begin(body->multipart, boundary, strlen(boundary), &sink))
        fail(body, MHD_HTTP_BAD_REQUEST, "the form's boundary is not one");
}

/* ---- the whole body ---- */

static bool is_type(const char *content_type, const char *wanted)
{
    size_t length = strlen(wanted);
    return strncasecmp(content_type, wanted, length) == 0 &&
           (content_type[length] == '\0' || strchr("; \t", content_type[length]));
}

/* A type that says nothing, or that clients send with whatever they have: some gateways set
 * application/json on all they send, forms included. */
static bool is_vague(const char *content_type)
{
    return !content_type || is_type(content_type, "application/json") ||
           is_type(content_type, "application/octet-stream") ||
           is_type(content_type, "application/x-www-form-urlencoded") ||
           is_type(content_type, "text/plain") || !*content_type;
}

bool body_begin(struct body *body, wildcam_station *station, const char *content_type,
                bool may_be_picture, int64_t limit)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    *body = (struct body){.station = station, .limit = limit};
    if (!may_be_picture) {
        body->kind = BODY_IS_JSON;
        return is_vague(content_type);
    }
    if (is_vague(content_type))
        return true;
    if (is_type(content_type, "image/jpeg") || is_type(content_type, "image/jpg")) {
        body->kind = BODY_IS_JPEG;
        begin_picture(body);
        return true;
    }
    if (!is_type(content_type, "multipart/form-data"))
        return false;
    if (multipart_find_boundary(content_type, boundary))
        begin_form(body, boundary);
    else
        fail(body, MHD_HTTP_BAD_REQUEST, "the Content-Type of the form names no boundary");
    return true;
}

static void add_known(struct body *body, const char *bytes, size_t size)
{
    if (body->failure)
        return;
    if (body->kind == BODY_IS_JPEG)
        add_picture(body, bytes, size);
    else if (body->kind == BODY_IS_JSON)
        add_json(body, bytes, size);
    else if (body->kind == BODY_IS_FORM)
        multipart_add(body->multipart, bytes, size);
}

/* A form without a boundary in its type: its first line is the boundary. */
static void find_boundary(struct body *body, const char *bytes, size_t size)
{
    char line[sizeof body->boundary];
    while (size > 0 && *bytes != '\r' && body->boundary_length + 1 < sizeof body->boundary) {
        body->boundary[body->boundary_length++] = *bytes++;
        size--;
    }
    body->boundary[body->boundary_length] = '\0';
    if (size == 0)
        return;
    if (*bytes != '\r') {
        fail(body, MHD_HTTP_BAD_REQUEST, "the form's boundary is too long");
        return;
    }
    memcpy(line, body->boundary, sizeof line);
    begin_form(body, line + 2);
    add_known(body, line, body->boundary_length);
    add_known(body, bytes, size);
}

static void find_kind(struct body *body, const char *bytes, size_t size)
{
    while (body->first_length < 2 && size > 0) {
        if (body->first_length == 0 && strchr(" \t\r\n", *bytes) && *bytes) { /* before JSON */
            bytes++;
            size--;
            continue;
        }
        body->first[body->first_length++] = *bytes++;
        size--;
    }
    if (body->first_length < 2)
        return;
    if (memcmp(body->first, "--", 2) == 0) {
        memcpy(body->boundary, "--", 2);
        body->boundary_length = 2;
        find_boundary(body, bytes, size);
        return;
    }
    body->kind = memcmp(body->first, "\xff\xd8", 2) == 0 ? BODY_IS_JPEG : BODY_IS_JSON;
    if (body->kind == BODY_IS_JPEG)
        begin_picture(body);
    add_known(body, body->first, 2);
    add_known(body, bytes, size);
}

void body_add(struct body *body, const char *bytes, size_t size)
{
    body->received += (int64_t)size;
    if (body->received > body->limit)
        fail(body, MHD_HTTP_CONTENT_TOO_LARGE, "the body is over %lld bytes",
             (long long)body->limit);
    if (body->failure)
        return;
    if (body->kind != BODY_IS_UNKNOWN)
        add_known(body, bytes, size);
    else if (body->boundary_length)
        find_boundary(body, bytes, size);
    else
        find_kind(body, bytes, size);
}

static json_t *parse(struct body *body)
{
    json_error_t error;
    const char *what = body->kind == BODY_IS_FORM ? "metadata" : "the body";
    if (!body->json_length)
        return json_object();
    json_t *object = json_loadb(body->json, body->json_length, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(object))
        return object;
    if (object) {
        fail(body, MHD_HTTP_BAD_REQUEST, "%s is not a JSON object", what);
    } else if (json_error_code(&error) == json_error_numeric_overflow) {
        fail(body, MHD_HTTP_BAD_REQUEST, "%s has a too big integer or a real number overflow",
             what);
    } else {
        body->is_quoted = true;
        fail(body, MHD_HTTP_BAD_REQUEST, "%s is not JSON: %s at byte %d", what, error.text,
             error.position);
    }
    json_decref(object);
    return NULL;
}

json_t *body_finish(struct body *body)
{
    const char *sentence = NULL;
    if (body->kind == BODY_IS_UNKNOWN && body->first_length)
        add_json(body, body->first, body->first_length);
    else if (body->kind == BODY_IS_UNKNOWN) /* it could have been a picture */
        fail(body, MHD_HTTP_BAD_REQUEST, "the body is empty");
    if (!body->failure && body->kind == BODY_IS_FORM && body->multipart)
        sentence = multipart_end(body->multipart);
    if (sentence)
        fail(body, MHD_HTTP_BAD_REQUEST, "%s", sentence);
    json_t *object = body->failure ? NULL : parse(body);
    if (object && body->fields && json_object_update_missing(object, body->fields) != 0) {
        json_decref(object);
        object = NULL;
        fail(body, MHD_HTTP_SERVICE_UNAVAILABLE, "memory ran out");
    }
    return object;
}

void body_free(struct body *body)
{
    wildcam_ingest_free(body->ingest);
    free(body->multipart);
    forget_json(body);
    json_decref(body->fields);
    *body = (struct body){0};
}
