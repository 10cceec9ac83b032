/*
 * A request's body, as it comes: JSON text, a JPEG, or a form that holds both.
 *
 * A picture goes to the station while it comes. What is wrong is noted and the rest passed over:
 * libmicrohttpd answers only when the whole body has been taken.
 */
#ifndef SERVER_BODY_H
#define SERVER_BODY_H

#include <jansson.h>
#include <wildcam/wildcam.h>

#include "multipart.h"

enum { BODY_JSON_MAX = 256 * 1024, BODY_LOGIN_MAX = 16 * 1024, BODY_FAILURE_TEXT = 512 };

enum body_kind {
    BODY_IS_UNKNOWN, /* its first bytes will tell */
    BODY_IS_JSON,
    BODY_IS_JPEG,
    BODY_IS_FORM
};

struct request;

struct body {
    wildcam_station *station;
    struct request *request; /* whose log line a form's camera is for; NULL: nobody's */
    enum body_kind kind;
    int64_t received, limit;
    struct multipart *multipart;
    wildcam_ingest *ingest; /* the picture; NULL while there is none */
    char *json;             /* the text of a JSON body, or of a form's part "metadata" */
    size_t json_length, json_capacity;
    json_t *fields;                                   /* a form's other small parts, as texts */
    char field_name[MULTIPART_NAME_MAX], field[4096]; /* the one that is being read */
    size_t field_length;
    enum { PART_SKIPPED, PART_PICTURE, PART_JSON, PART_FIELD } part;
    char first[2]; /* of a body whose kind is not known yet */
    size_t first_length;
    char boundary[MULTIPART_BOUNDARY_MAX + 8];
    size_t boundary_length;
    /* What went wrong first. */
    unsigned failure; /* an HTTP status; 0 while all is well */
    char failure_text[BODY_FAILURE_TEXT];
    bool is_quoted; /* the text may repeat a part of the body */
};

/* By the Content-Type, which may be NULL; `limit` is in bytes. False when no such body is served
 * here. */
bool body_begin(struct body *body, wildcam_station *station, const char *content_type,
                bool may_be_picture, int64_t limit);
void body_add(struct body *body, const char *bytes, size_t size);
/* All has come: parses the JSON. What a form's fields say goes under what its JSON says. NULL with
 * the failure set when it is no JSON object; an empty object when there was none. */
json_t *body_finish(struct body *body);
void body_free(struct body *body);

#endif
