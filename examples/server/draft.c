#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "json_input.h"
#include "request.h"

static void forget(json_t *input, const char *name, const char *older)
{
    json_object_del(input, name);
    if (older)
        json_object_del(input, older);
}

static bool read_edge(const json_t *value, double *edge)
{
    *edge = json_number_value(value);
    return json_is_number(value);
}

/* {x, y, width, height}, or four numbers in that order. */
static bool read_box(const json_t *value, wildcam_box *box)
{
    double *const edges[] = {&box->x, &box->y, &box->width, &box->height};
    static const char *const names[] = {"x", "y", "width", "height"};
    bool is_array = json_is_array(value) && json_array_size(value) == 4;
    if (!is_array && !json_is_object(value))
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!read_edge(is_array ? json_array_get(value, i) : json_object_get(value, names[i]),
                       edges[i]))
            return false;
    return true;
}

static bool take_box(struct request *request, json_t *input, wildcam_detection *draft,
                     bool *has_box)
{
    wildcam_box box;
    const json_t *value = json_input_find(input, "bbox", "bounding_box");
    bool is_empty = (json_is_object(value) && json_object_size(value) == 0) ||
                    (json_is_array(value) && json_array_size(value) == 0);
    *has_box = value && !is_empty;
    if (*has_box && !read_box(value, &box)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST,
                     "bbox is x, y, width and height, each a number from 0 to 1, such as "
                     "[0.1, 0.2, 0.3, 0.4]");
        return false;
    }
    if (*has_box && !request_check(request, wildcam_detection_set_box(draft, &box)))
        return false;
    forget(input, "bbox", "bounding_box");
    return true;
}

static bool take_category(struct request *request, json_t *input, wildcam_detection *draft,
                          bool *has_category)
{
    int category;
    const char *name = NULL;
    if (!json_input_text(request, input, "category", NULL, &name))
        return false;
    *has_category = name && *name;
    if (*has_category && wildcam_category_from_name(name, &category) != WILDCAM_OK) {
        answer_error(request, MHD_HTTP_BAD_REQUEST,
                     "category is unclassified, animal, human, vehicle, blank or unknown");
        return false;
    }
    if (*has_category && !request_check(request, wildcam_detection_set_category(draft, category)))
        return false;
    forget(input, "category", NULL);
    return true;
}

bool draft_take(struct request *request, json_t *input, wildcam_detection *draft, bool *is_empty)
{
    const char *species = "";
    double confidence = -1;
    bool has_box, has_category;
    if (!json_input_text(request, input, "species", "detected_species", &species) ||
        !json_input_number(request, input, "confidence", "confidence_score", &confidence) ||
        !request_check(request, wildcam_detection_set_species(draft, species)) ||
        !take_category(request, input, draft, &has_category) ||
        !take_box(request, input, draft, &has_box))
        return false;
    *is_empty = !*species && !has_category && !has_box && confidence <= 0;
    bool has_confidence = json_input_find(input, "confidence", "confidence_score") != NULL;
    if (has_confidence &&
        !request_check(request, wildcam_detection_set_confidence(draft, confidence)))
        return false;
    forget(input, "species", "detected_species");
    forget(input, "confidence", "confidence_score");
    return true;
}

static bool check_time(struct request *request, wildcam_status status)
{
    if (status != WILDCAM_OK)
        answer_error(request, http_status(status), "timestamp: %s", wildcam_error_message());
    return status == WILDCAM_OK;
}

static bool take_text_time(struct request *request, const json_t *value, struct told_time *time)
{
    if (!*json_string_value(value))
        return true;
    if (!check_time(request,
                    wildcam_time_parse(json_string_value(value), &time->time, &time->offset, NULL)))
        return false;
    time->source = WILDCAM_TIME_SOURCE_CLIENT;
    return true;
}

bool draft_take_time(struct request *request, json_t *input, bool beside_picture,
                     struct told_time *time)
{
    const json_t *value = json_input_find(input, "timestamp", "detection_timestamp");
    *time = (struct told_time){WILDCAM_TIME_NONE, WILDCAM_OFFSET_UNKNOWN,
                               WILDCAM_TIME_SOURCE_UNKNOWN};
    /* The firmware counts in integers; a clock in seconds has a fraction, if only ".0". */
    if (!value || (beside_picture && json_is_integer(value)))
        return true;
    if (json_is_string(value)) {
        if (!take_text_time(request, value, time))
            return false;
    } else if (json_is_number(value)) {
        if (!check_time(request, wildcam_time_from_number(json_number_value(value), &time->time)))
            return false;
        time->offset = 0; /* Unix time is UTC */
        time->source = WILDCAM_TIME_SOURCE_CLIENT;
    } else {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "timestamp is a text or a number");
        return false;
    }
    if (!beside_picture)
        forget(input, "timestamp", "detection_timestamp");
    return true;
}

char *draft_rest(const json_t *input)
{
    return json_object_size(input) ? json_dumps(input, JSON_COMPACT) : NULL;
}
