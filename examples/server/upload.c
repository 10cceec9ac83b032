/* Pictures and detections on their way in. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "handlers.h"
#include "json_input.h"
#include "json_output.h"
#include "request.h"
#include "scope.h"

/* In the JSON, else in the address, else in a header, else the one that the key is for. Taken out
 * of the input. */
static bool take_device_id(struct request *request, json_t *input, char device_id[64])
{
    const char *value = NULL;
    if (!json_input_text(request, input, "device_id", "camera_id", &value))
        return false;
    if (!value)
        value = scope_head_device(request);
    if (!value || !*value)
        value = scope_device(request);
    if (!value || !*value) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "device_id is required");
        return false;
    }
    if (!scope_check_device(request, value))
        return false;
    request_log_camera(request, value);
    if (!limits_admit_camera(request, value))
        return false;
    snprintf(device_id, 64, "%s", value); /* one that is longer is refused as too long */
    json_object_del(input, "device_id");
    return true;
}

static void answer_kept(struct request *request, int64_t detection_id, int64_t image_id,
                        const char *message)
{
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out, "{\"detection_id\": %lld, ", (long long)detection_id);
    if (image_id)
        json_output_add(&out, "\"image_id\": %lld, ", (long long)image_id);
    else
        json_output_add(&out, "\"image_id\": null, ");
    json_output_add(&out, "\"message\": \"%s\"}\n", message);
    answer_json(request, MHD_HTTP_CREATED, json_output_end(&out));
}

static void answer_known(struct request *request, const wildcam_ingest *ingest)
{
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"detection_id\": %lld, \"image_id\": %lld, \"duplicate\": true, "
                    "\"message\": \"Picture kept before; the detections of its first upload "
                    "stand\"}\n",
                    (long long)wildcam_ingest_get_detection_id(ingest),
                    (long long)wildcam_ingest_get_image_id(ingest));
    answer_json(request, MHD_HTTP_OK, json_output_end(&out));
}

/* ---- with a picture ---- */

static bool add_draft(struct request *request, const wildcam_detection *draft, size_t *count)
{
    (*count)++;
    return request_check(request, wildcam_ingest_add_detection(request->body.ingest, draft));
}

/* What further detections a client lists: each an object like the first. */
static bool add_further(struct request *request, json_t *input, wildcam_detection *draft,
                        size_t *count)
{
    size_t index;
    json_t *item;
    json_t *list = json_input_find(input, "additional_detections", NULL);
    if (!json_is_array(list)) /* some other form: kept as metadata */
        return true;
    json_array_foreach (list, index, item) {
        bool is_empty = true;
        wildcam_detection_reset(draft);
        if (!json_is_object(item)) {
            answer_error(request, MHD_HTTP_BAD_REQUEST,
                         "additional_detections[%zu] is not an object", index);
            return false;
        }
        if (!draft_take(request, item, draft, &is_empty))
            return false;
        char *rest = draft_rest(item);
        bool kept = request_check(request, wildcam_detection_set_metadata(draft, rest));
        free(rest);
        if (!kept || (!is_empty && !add_draft(request, draft, count)))
            return false;
    }
    json_object_del(input, "additional_detections");
    return true;
}

static bool add_detections(struct request *request, json_t *input, size_t *count)
{
    wildcam_detection *draft;
    bool is_empty = true;
    if (!request_check(request, wildcam_detection_new(&draft)))
        return false;
    bool good = draft_take(request, input, draft, &is_empty) &&
                (is_empty || add_draft(request, draft, count)) &&
                add_further(request, input, draft, count);
    wildcam_detection_free(draft);
    return good;
}

/* The path on the camera's card holds the capture time of what the firmware sends later. It stays
 * among the metadata, too. */
static bool take_path(struct request *request, const json_t *input, bool *has_time)
{
    const char *path = NULL;
    int64_t time;
    wildcam_ingest *ingest = request->body.ingest;
    if (!json_input_text(request, input, "file_path", NULL, &path))
        return false;
    *has_time = path && wildcam_time_from_path(path, &time) == WILDCAM_OK;
    const char *slash = path ? strrchr(path, '/') : NULL;
    return (!path || request_check(request, wildcam_ingest_set_file_name(ingest, slash ? slash + 1
                                                                                       : path))) &&
           (!*has_time ||
            request_check(request, wildcam_ingest_set_time(ingest, time, WILDCAM_OFFSET_UNKNOWN,
                                                           WILDCAM_TIME_SOURCE_FILENAME)));
}

static bool take_times(struct request *request, json_t *input)
{
    struct told_time told;
    bool has_path_time;
    return take_path(request, input, &has_path_time) &&
           draft_take_time(request, input, true, &told) &&
           (told.time == WILDCAM_TIME_NONE ||
            request_check(request, wildcam_ingest_set_fallback_time(request->body.ingest, told.time,
                                                                    told.offset, told.source)));
}

static bool take_metadata(struct request *request, const json_t *input)
{
    char *rest = draft_rest(input);
    bool good = request_check(request, wildcam_ingest_set_metadata(request->body.ingest, rest));
    free(rest);
    return good;
}

static void keep_picture(struct request *request, json_t *input)
{
    char device_id[64];
    size_t detections = 0;
    wildcam_ingest *ingest = request->body.ingest;
    if (!take_device_id(request, input, device_id) ||
        !request_check(request, wildcam_ingest_set_device_id(ingest, device_id)) ||
        !take_times(request, input) || !add_detections(request, input, &detections) ||
        !take_metadata(request, input))
        return;
    wildcam_status status = wildcam_ingest_commit(ingest);
    if (status == WILDCAM_OK)
        note_origin(request, device_id);
    if (status == WILDCAM_ERR_NOTFOUND)
        answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not registered");
    else if (!request_check(request, status))
        return;
    else if (wildcam_ingest_is_duplicate(ingest))
        answer_known(request, ingest);
    else
        answer_kept(request, wildcam_ingest_get_detection_id(ingest),
                    wildcam_ingest_get_image_id(ingest),
                    detections ? "Detection recorded" : "Picture recorded");
}

/* ---- without one ---- */

/* Its number would only be buried among the metadata. */
static bool check_no_picture(struct request *request, const json_t *input)
{
    if (!json_input_find(input, "image_id", NULL))
        return true;
    answer_error(request, MHD_HTTP_BAD_REQUEST,
                 "image_id: detections are attached to a picture when the picture is uploaded");
    return false;
}

static bool fill_draft(struct request *request, json_t *input, wildcam_detection *draft)
{
    char device_id[64];
    struct told_time told;
    bool is_empty;
    if (!check_no_picture(request, input) || !take_device_id(request, input, device_id) ||
        !request_check(request, wildcam_detection_set_device_id(draft, device_id)) ||
        !draft_take_time(request, input, false, &told) ||
        !draft_take(request, input, draft, &is_empty))
        return false;
    if (told.time == WILDCAM_TIME_NONE)
        told = (struct told_time){wildcam_time_now(), 0, WILDCAM_TIME_SOURCE_RECEIVED};
    char *rest = draft_rest(input);
    bool good = request_check(request, wildcam_detection_set_time(draft, told.time, told.offset,
                                                                  told.source)) &&
                request_check(request, wildcam_detection_set_metadata(draft, rest));
    free(rest);
    return good;
}

static void keep_detection(struct request *request, json_t *input)
{
    wildcam_detection *draft = NULL;
    int64_t id;
    if (!request_check(request, wildcam_detection_new(&draft)))
        return;
    if (fill_draft(request, input, draft)) {
        wildcam_status status = wildcam_station_add_detection(request->server->station, draft, &id);
        if (status == WILDCAM_ERR_NOTFOUND)
            answer_error(request, MHD_HTTP_NOT_FOUND, "Camera not registered");
        else if (request_check(request, status))
            answer_kept(request, id, 0, "Detection recorded");
    }
    wildcam_detection_free(draft);
}

void serve_upload(struct request *request)
{
    struct body *body = &request->body;
    json_t *input = json_input_read(request);
    if (!input)
        return;
    if (body->ingest)
        keep_picture(request, input);
    else if (body->kind == BODY_IS_FORM)
        answer_error(request, MHD_HTTP_BAD_REQUEST, "No image provided");
    else
        keep_detection(request, input);
    json_decref(input);
}
