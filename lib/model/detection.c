#include "model/detection.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <wildcam/time.h>

#include "model/time_source.h"

static const char *const category_names[] = {
#define NAME(name, value, text) [value] = text,
    WILDCAM_CATEGORY_LIST(NAME)
#undef NAME
};

enum { CATEGORIES = sizeof category_names / sizeof category_names[0] };

const char *wci_category_name(int category)
{
    return category_names[category >= 0 && category < CATEGORIES ? category
                                                                 : WILDCAM_CATEGORY_UNKNOWN];
}

/* What detectors, and those who label pictures for them, say for a category. */
static const struct {
    const char *word;
    int category;
} other_words[] = {
    {"person", WILDCAM_CATEGORY_HUMAN},       {"persons", WILDCAM_CATEGORY_HUMAN},
    {"people", WILDCAM_CATEGORY_HUMAN},       {"humans", WILDCAM_CATEGORY_HUMAN},
    {"man", WILDCAM_CATEGORY_HUMAN},          {"men", WILDCAM_CATEGORY_HUMAN},
    {"woman", WILDCAM_CATEGORY_HUMAN},        {"women", WILDCAM_CATEGORY_HUMAN},
    {"boy", WILDCAM_CATEGORY_HUMAN},          {"girl", WILDCAM_CATEGORY_HUMAN},
    {"child", WILDCAM_CATEGORY_HUMAN},        {"children", WILDCAM_CATEGORY_HUMAN},
    {"pedestrian", WILDCAM_CATEGORY_HUMAN},   {"homo", WILDCAM_CATEGORY_HUMAN},
    {"homo sapiens", WILDCAM_CATEGORY_HUMAN}, {"homo_sapiens", WILDCAM_CATEGORY_HUMAN},
    {"empty", WILDCAM_CATEGORY_BLANK},        {"no cv result", WILDCAM_CATEGORY_UNKNOWN},
};

static int find_word(const char *word)
{
    for (int i = 0; i < CATEGORIES; i++)
        if (wci_words_match(word, category_names[i]))
            return i;
    for (size_t i = 0; i < sizeof other_words / sizeof other_words[0]; i++)
        if (wci_words_match(word, other_words[i].word))
            return other_words[i].category;
    return -1;
}

/* SpeciesNet's labels are "id;class;order;family;genus;species;common name". The last word counts,
 * and any that is a human's. */
int wci_category_find(const char *name)
{
    char word[32];
    int found = find_word(name);
    for (const char *at = strchr(name, ';'); at; at = strchr(at, ';')) {
        size_t length = strcspn(++at, ";");
        snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : 0, at);
        found = find_word(word);
        if (found == WILDCAM_CATEGORY_HUMAN)
            break;
    }
    return found;
}

bool wci_detector_knows_people(const char *detector)
{
    return strcmp(detector, WCI_MOTION) != 0;
}

static void forget(wildcam_detection *detection)
{
    detection->id = detection->image_id = detection->camera_id = 0;
    detection->time = detection->clock_time = detection->verified_at = WILDCAM_TIME_NONE;
    detection->detector_id = detection->event_id = 0;
    detection->offset = WILDCAM_OFFSET_UNKNOWN;
    detection->clock_offset = WILDCAM_OFFSET_UNKNOWN;
    detection->time_source = WILDCAM_TIME_SOURCE_UNKNOWN;
    detection->category = -1;
    detection->has_box = false;
    detection->confidence = NAN;
    detection->set = 0;
    detection->verified = detection->false_positive = 0;
}

void wci_detection_init(wildcam_detection *detection)
{
    *detection = (wildcam_detection){0};
    forget(detection);
}

void wci_detection_reset(wildcam_detection *detection)
{
    forget(detection);
    wci_text_empty(&detection->device_id);
    wci_text_empty(&detection->species);
    wci_text_empty(&detection->metadata);
    wci_text_empty(&detection->detector);
    wci_text_empty(&detection->detector_version);
    wci_text_empty(&detection->detected_species);
    wci_text_empty(&detection->verified_species);
    wci_text_empty(&detection->notes);
    wci_text_empty(&detection->verified_by);
}

void wci_detection_release(wildcam_detection *detection)
{
    wci_text_free(&detection->device_id);
    wci_text_free(&detection->species);
    wci_text_free(&detection->metadata);
    wci_text_free(&detection->detector);
    wci_text_free(&detection->detector_version);
    wci_text_free(&detection->detected_species);
    wci_text_free(&detection->verified_species);
    wci_text_free(&detection->notes);
    wci_text_free(&detection->verified_by);
}

static wildcam_status copy_text(struct wci_text *to, const struct wci_text *from)
{
    *to = (struct wci_text){0};
    return from->length ? wci_text_set(to, from->data, from->length) : WILDCAM_OK;
}

wildcam_status wci_detection_copy(wildcam_detection *to, const wildcam_detection *from)
{
    *to = *from;
    int status = copy_text(&to->device_id, &from->device_id);
    status |= copy_text(&to->species, &from->species);
    status |= copy_text(&to->metadata, &from->metadata);
    status |= copy_text(&to->detector, &from->detector);
    status |= copy_text(&to->detector_version, &from->detector_version);
    status |= copy_text(&to->detected_species, &from->detected_species);
    status |= copy_text(&to->verified_species, &from->verified_species);
    status |= copy_text(&to->notes, &from->notes);
    status |= copy_text(&to->verified_by, &from->verified_by);
    if (status == WILDCAM_OK)
        return WILDCAM_OK;
    wci_detection_release(to);
    return WILDCAM_ERR_NOMEM;
}

/* What a coordinate may be before it is cut to the picture. Beyond, it is most likely in pixels,
 * and cutting would silently put every box into the same corner. */
static bool is_relative(double value)
{
    return isfinite(value) && value >= -1 && value <= 2;
}

static double cut(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

wildcam_status wci_detection_set_box(wildcam_detection *detection, const wildcam_box *box)
{
    if (!box) {
        detection->has_box = false;
        return WILDCAM_OK;
    }
    if (!is_relative(box->x) || !is_relative(box->y) || !is_relative(box->width) ||
        !is_relative(box->height))
        return wci_fail(WILDCAM_ERR_INVALID, "bbox is x, y, width, height in parts of the picture, "
                                             "0 to 1, not in pixels");
    double right = cut(box->x + box->width), bottom = cut(box->y + box->height);
    wildcam_box inside = {cut(box->x), cut(box->y), 0, 0};
    inside.width = right - inside.x;
    inside.height = bottom - inside.y;
    if (!(inside.width > 0) || !(inside.height > 0))
        return wci_fail(WILDCAM_ERR_INVALID, "bbox has no part inside the picture");
    /* What was inside already is kept as it was given, to the last bit. */
    if (box->x >= 0 && box->x + box->width <= 1)
        inside.width = box->width;
    if (box->y >= 0 && box->y + box->height <= 1)
        inside.height = box->height;
    detection->box = inside;
    detection->has_box = true;
    return WILDCAM_OK;
}

void wci_species_settle(const char *named, int wanted_category, int *category, const char **species)
{
    int found = *named ? wci_category_find(named) : WILDCAM_CATEGORY_UNCLASSIFIED;
    if (wanted_category >= 0)
        *category = wanted_category;
    else
        *category = found >= 0 ? found : WILDCAM_CATEGORY_ANIMAL;
    if (found == WILDCAM_CATEGORY_HUMAN) /* whom nothing makes an animal */
        *category = found;
    if (!*named)
        *species = wci_category_name(*category);
    else
        *species = found >= 0 ? wci_category_name(found) : named;
}

void wci_detection_settle(const wildcam_detection *draft, int *category, const char **species)
{
    wci_species_settle(wci_text_get(&draft->species), draft->category, category, species);
}

static void write_box(const wildcam_detection *detection, struct wci_json *json)
{
    if (!detection->has_box) {
        wci_json_null(json, "bounding_box");
        return;
    }
    wci_json_open(json, "bounding_box", '{');
    wci_json_real(json, "x", detection->box.x);
    wci_json_real(json, "y", detection->box.y);
    wci_json_real(json, "width", detection->box.width);
    wci_json_real(json, "height", detection->box.height);
    wci_json_close(json, '}');
}

static void write_review(const wildcam_detection *detection, struct wci_json *json)
{
    wci_json_bool(json, "verified", detection->verified);
    wci_json_text_or_null(json, "verified_species", wci_text_get(&detection->verified_species));
    wci_json_bool(json, "is_false_positive", detection->false_positive);
    wci_json_text_or_null(json, "verified_by", wci_text_get(&detection->verified_by));
    wci_json_text_or_null(json, "verification_notes", wci_text_get(&detection->notes));
    wci_json_time(json, "verification_timestamp", detection->verified_at, 0);
}

void wci_detection_write_json(const wildcam_detection *detection, struct wci_json *json)
{
    int category;
    const char *species;
    const char *detected = wci_text_get(&detection->detected_species);
    wci_detection_settle(detection, &category, &species);
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", detection->id);
    wci_json_int(json, "camera_id", detection->camera_id);
    wci_json_text_or_null(json, "device_id", wci_text_get(&detection->device_id));
    if (detection->image_id)
        wci_json_int(json, "image_id", detection->image_id);
    else
        wci_json_null(json, "image_id");
    if (detection->event_id)
        wci_json_int(json, "event_id", detection->event_id);
    else
        wci_json_null(json, "event_id");
    wci_json_time(json, "detection_timestamp", detection->time, detection->offset);
    wci_json_time(json, "timestamp", detection->time, detection->offset);
    if (detection->offset == WILDCAM_OFFSET_UNKNOWN)
        wci_json_null(json, "utc_offset");
    else
        wci_json_int(json, "utc_offset", detection->offset);
    wci_json_text(json, "time_source", wci_time_source_name(detection->time_source));
    /* null where nothing was corrected */
    wci_json_time(json, "clock_timestamp", detection->clock_time, detection->clock_offset);
    wci_json_text(json, "category", wci_category_name(category));
    wci_json_text(json, "species", species);
    wci_json_text(json, "detected_species", *detected ? detected : species);
    wci_json_real(json, "confidence", detection->confidence);
    wci_json_real(json, "confidence_score", detection->confidence);
    write_box(detection, json);
    wci_json_text_or_null(json, "detector", wci_text_get(&detection->detector));
    wci_json_text_or_null(json, "detector_version", wci_text_get(&detection->detector_version));
    write_review(detection, json);
    wci_json_raw(json, "metadata", wci_text_get(&detection->metadata));
    wci_json_close(json, '}');
}
