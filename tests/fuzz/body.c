/* A request's body, JSON or a form, up to what is taken over from it. The first line is the
 * Content-Type, the rest the body. No station is there: a picture in a form is refused. */
#include "body.h"

#include "draft.h"
#include "fuzz.h"
#include "request.h"

/* What came of it, as one text. */
static char *outcome(const struct body *body, const json_t *object)
{
    char *text = object ? json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    if (object) {
        must(text != NULL && body->failure == 0);
        return text;
    }
    must(body->failure >= 400 && body->failure <= 499); /* none is the server's */
    must(body->failure_text[0]);
    return strdup(body->failure_text);
}

static json_t *read_body(const char *content_type, bool may_be_picture, const uint8_t *data,
                         size_t size, bool pieces, char **text)
{
    struct body body;
    *text = NULL;
    json_t *object = NULL;
    if (body_begin(&body, NULL, content_type, may_be_picture, 1 << 16)) {
        for (size_t at = 0, piece; at < size; at += piece) {
            piece = pieces ? fuzz_piece(data, size, at) : size;
            body_add(&body, (const char *)data + at, piece);
        }
        object = body_finish(&body);
        must(!object || json_is_object(object));
        *text = outcome(&body, object);
    }
    body_free(&body);
    return object;
}

/* Everything a handler would take out of it. What is wrong is the client's fault. */
static void take_over(json_t *object)
{
    struct request request = {0};
    struct told_time time;
    wildcam_detection *draft;
    bool is_empty = false;
    must(wildcam_detection_new(&draft) == WILDCAM_OK);
    if (draft_take(&request, object, draft, &is_empty) &&
        draft_take_time(&request, object, false, &time)) {
        char *rest = draft_rest(object);
        must(!rest || rest[0] == '{');
        must(time.time == WILDCAM_TIME_NONE ||
             (time.time >= WILDCAM_TIME_MIN && time.time < WILDCAM_TIME_END));
        must((rest == NULL) == (json_object_size(object) == 0));
        free(rest);
    } else {
        must(request.response && request.status >= 400 && request.status < 500);
    }
    char *json;
    must(wildcam_detection_to_json(draft, &json) == WILDCAM_OK);
    json_t *written = json_loads(json, 0, NULL);
    must(json_is_object(written));
    json_decref(written);
    wildcam_free(json);
    wildcam_detection_free(draft);
    if (request.response)
        MHD_destroy_response(request.response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *content_type = fuzz_line(&data, &size);
    for (int may_be_picture = 0; may_be_picture <= 1; may_be_picture++) {
        char *text, *again;
        json_t *object = read_body(content_type, may_be_picture, data, size, false, &text);
        json_decref(read_body(content_type, may_be_picture, data, size, true, &again));
        must((text == NULL) == (again == NULL));
        must(!text || strcmp(text, again) == 0);
        free(text);
        free(again);
        if (object)
            take_over(object);
        json_decref(object);
    }
    free(content_type);
    return 0;
}
