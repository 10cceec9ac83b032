#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "base/number.h"
#include "exchange/megadetector.h"

wildcam_status wci_md_write_begin(struct wci_md_writer *writer, struct wci_text *out,
                                  double threshold)
{
    *writer = (struct wci_md_writer){.out = out, .json = {.out = out}, .threshold = threshold};
    writer->classes = json_object();
    writer->descriptions = json_object();
    writer->detectors = json_array();
    wci_json_open(&writer->json, NULL, '{');
    wci_json_open(&writer->json, "images", '[');
    return writer->classes && writer->descriptions && writer->detectors ? WILDCAM_OK
                                                                        : wci_fail_memory();
}

void wci_md_write_free(struct wci_md_writer *writer)
{
    json_decref(writer->classes);
    json_decref(writer->descriptions);
    json_decref(writer->detectors);
    wci_hash_set_free(&writer->names);
    *writer = (struct wci_md_writer){0};
}

/* A number with a decimal point, which readers tell from a whole one. */
static void add_float(struct wci_text *out, double value)
{
    char digits[WCI_NUMBER_TEXT];
    size_t length = wci_number_format_real(value, digits);
    wci_text_add_bytes(out, digits, length);
    if (!memchr(digits, '.', length) && !memchr(digits, 'e', length))
        wci_text_add(out, ".0");
}

static void put_float(struct wci_json *json, const char *name, double value)
{
    wci_json_raw(json, name, "\t"); /* the comma and the name */
    if (!json->out->failed)
        json->out->data[--json->out->length] = '\0';
    add_float(json->out, value);
}

/* What was read from such a file before: {"megadetector": {...}}; NULL where nothing was. */
static json_t *read_kept(struct wci_md_writer *writer, const struct wci_text *metadata)
{
    json_error_t error;
    json_t *whole;
    if (!metadata->length || !strstr(metadata->data, "\"megadetector\""))
        return NULL;
    if (wci_json_read(metadata->data, metadata->length, &whole, &error) == WILDCAM_ERR_NOMEM)
        writer->out->failed = true;
    json_t *kept = json_incref(json_object_get(whole, "megadetector"));
    json_decref(whole);
    if (json_is_object(kept))
        return kept;
    json_decref(kept);
    return NULL;
}

/* The members of a kept object, but those that were written already. */
static void add_members(struct wci_json *json, json_t *object, const char *const *but)
{
    const char *name;
    json_t *value;
    json_object_foreach (object, name, value) {
        bool is_written = false;
        for (const char *const *word = but; *word && !is_written; word++)
            is_written = strcmp(*word, name) == 0;
        if (is_written)
            continue;
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text)
            wci_json_raw(json, name, text);
        else
            json->out->failed = true;
        free(text);
    }
}

/* The number of a species among the classifications, new ones being added. */
static const char *class_of(struct wci_md_writer *writer, const char *species,
                            const char *description)
{
    const char *known = json_string_value(json_object_get(writer->classes, species));
    char digits[WCI_NUMBER_TEXT];
    if (!known) {
        digits[wci_number_format_int((int64_t)json_object_size(writer->classes), digits)] = '\0';
        if (json_object_set_new(writer->classes, species, json_string(digits)) != 0) {
            writer->out->failed = true;
            return "0";
        }
        known = json_string_value(json_object_get(writer->classes, species));
    }
    if (description && *description && !json_object_get(writer->descriptions, known) &&
        json_object_set_new(writer->descriptions, known, json_string(description)) != 0)
        writer->out->failed = true;
    return known;
}

static void put_class(struct wci_md_writer *writer, const char *species, double confidence,
                      const char *description)
{
    struct wci_json *json = &writer->json;
    wci_json_open(json, NULL, '[');
    wci_json_text(json, NULL, class_of(writer, species, description));
    put_float(json, NULL, confidence);
    wci_json_close(json, ']');
}

/* Whether a kept classification says what is known now: a person may have said otherwise. */
static bool is_still_so(const json_t *classes, const char *species)
{
    const char *first = json_string_value(json_array_get(json_array_get(classes, 0), 0));
    return json_array_size(classes) && (!species || (first && strcmp(first, species) == 0));
}

static void put_classes(struct wci_md_writer *writer, const wildcam_detection *detection,
                        const json_t *kept, double confidence)
{
    const char *species = wci_text_get(&detection->species);
    const json_t *classes = json_object_get(kept, "classifications");
    bool is_named = *species && wci_category_find(species) < 0;
    bool is_reviewed = detection->verified;
    if (is_still_so(classes, is_reviewed && is_named ? species : NULL) &&
        (!is_reviewed || is_named)) {
        wci_json_open(&writer->json, "classifications", '[');
        for (size_t i = 0; i < json_array_size(classes); i++) {
            const json_t *pair = json_array_get(classes, i);
            const char *name = json_string_value(json_array_get(pair, 0));
            double sure = json_number_value(json_array_get(pair, 1));
            if (name)
                put_class(writer, name, sure, json_string_value(json_array_get(pair, 2)));
        }
        wci_json_close(&writer->json, ']');
    } else if (is_named) {
        wci_json_open(&writer->json, "classifications", '[');
        put_class(writer, species, confidence, NULL);
        wci_json_close(&writer->json, ']');
    }
}

static const char *category_of(struct wci_md_writer *writer, int category)
{
    switch (category) {
    case WILDCAM_CATEGORY_ANIMAL:
        return "1";
    case WILDCAM_CATEGORY_HUMAN:
        return "2";
    case WILDCAM_CATEGORY_VEHICLE:
        return "3";
    default:
        writer->has_unknown = true;
        return "4";
    }
}

static void note_detector(struct wci_md_writer *writer, const char *name)
{
    if (!name || !*name)
        return;
    for (size_t i = 0; i < json_array_size(writer->detectors); i++)
        if (strcmp(json_string_value(json_array_get(writer->detectors, i)), name) == 0)
            return;
    if (json_array_append_new(writer->detectors, json_string(name)) != 0)
        writer->out->failed = true;
}

static void put_detection(struct wci_md_writer *writer, const wildcam_detection *detection)
{
    static const char *const own[] = {"category", "conf", "bbox", "classifications", NULL};
    struct wci_json *json = &writer->json;
    json_t *kept = read_kept(writer, &detection->metadata);
    double confidence = detection->confidence;
    wildcam_box box = detection->has_box ? detection->box : (wildcam_box){0, 0, 1, 1};
    if (isnan(confidence)) {
        confidence = 1;
        writer->without_confidence++;
    }
    writer->without_box += !detection->has_box;
    writer->detections++;
    note_detector(writer, json_string_value(json_object_get(kept, "detector")));
    wci_json_open(json, NULL, '{');
    wci_json_text(json, "category", category_of(writer, detection->category));
    put_float(json, "conf", confidence);
    wci_json_open(json, "bbox", '[');
    put_float(json, NULL, box.x);
    put_float(json, NULL, box.y);
    put_float(json, NULL, box.width);
    put_float(json, NULL, box.height);
    wci_json_close(json, ']');
    put_classes(writer, detection, kept, confidence);
    add_members(json, json_object_get(kept, "keys"), own);
    wci_json_close(json, '}');
    json_decref(kept);
}

/* "CAMERA/NAME", or what the file was called where the results came from; no two alike. */
static void put_name(struct wci_md_writer *writer, const wildcam_image *image, const json_t *kept)
{
    struct wci_text name = {0};
    const char *before = json_string_value(json_object_get(kept, "file"));
    bool was_there = false;
    int64_t value = 0;
    if (before)
        wci_text_add(&name, before);
    else if (image->file_name.length)
        wci_text_add_format(&name, "%s/%s", wci_text_get(&image->device_id), image->file_name.data);
    else
        wci_text_add_format(&name, "%s/%lld.jpg", wci_text_get(&image->device_id),
                            (long long)image->id);
    if (!name.failed && wci_hash_set_add(&writer->names, wci_hash_set_hash(0, name.data), &value,
                                         &was_there) != WILDCAM_OK)
        writer->out->failed = true;
    if (was_there) {
        wci_text_empty(&name);
        wci_text_add_format(&name, "%s/%lld-%s", wci_text_get(&image->device_id),
                            (long long)image->id,
                            image->file_name.length ? image->file_name.data : "picture.jpg");
    }
    writer->out->failed |= name.failed;
    wci_json_text(&writer->json, "file", wci_text_get(&name));
    wci_text_free(&name);
}

static bool is_something(const wildcam_detection *detection)
{
    return detection->category != WILDCAM_CATEGORY_BLANK &&
           detection->category != WILDCAM_CATEGORY_UNCLASSIFIED && !detection->false_positive;
}

/* Whether anybody has looked: only what is not classified yet counts as not processed. */
static bool is_processed(const wildcam_detection *const *detections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (detections[i]->category != WILDCAM_CATEGORY_UNCLASSIFIED)
            return true;
    return false;
}

void wci_md_write_image(struct wci_md_writer *writer, const wildcam_image *image,
                        const wildcam_detection *const *detections, size_t count)
{
    static const char *const own[] = {"file", "detections", "failure", NULL};
    struct wci_json *json = &writer->json;
    json_t *kept = read_kept(writer, &image->metadata);
    /* Of results that came after the picture, the first of their detections has them. */
    for (size_t i = 0; !kept && i < count; i++) {
        json_t *row = read_kept(writer, &detections[i]->metadata);
        kept = json_incref(json_object_get(row, "picture"));
        json_decref(row);
    }
    wci_text_add(writer->out, "\n");
    wci_json_open(json, NULL, '{');
    put_name(writer, image, kept);
    if (is_processed(detections, count)) {
        wci_json_open(json, "detections", '[');
        for (size_t i = 0; i < count; i++) {
            if (!is_something(detections[i]))
                continue;
            if (!detections[i]->verified && detections[i]->confidence < writer->threshold)
                writer->below++;
            else
                put_detection(writer, detections[i]);
        }
        wci_json_close(json, ']');
    } else {
        const char *failure = json_string_value(json_object_get(kept, "failure"));
        wci_json_null(json, "detections");
        wci_json_text(json, "failure", failure && *failure ? failure : "not processed yet");
        writer->failures++;
    }
    add_members(json, json_object_get(kept, "keys"), own);
    wci_json_close(json, '}');
    writer->images++;
    json_decref(kept);
}

static void put_detectors(struct wci_md_writer *writer)
{
    struct wci_text names = {0};
    for (size_t i = 0; i < json_array_size(writer->detectors); i++)
        wci_text_add_format(&names, "%s%s", i ? ", " : "",
                            json_string_value(json_array_get(writer->detectors, i)));
    if (names.length)
        wci_json_text(&writer->json, "detector", names.data);
    wci_text_free(&names);
}

static void put_info(struct wci_md_writer *writer, json_t *document)
{
    static const char *const own[] = {"format_version", "detector", NULL};
    struct wci_json *json = &writer->json;
    json_t *info = json_object_get(document, "info");
    wci_json_open(json, "info", '{');
    wci_json_text(json, "format_version", "1.6");
    put_detectors(writer);
    add_members(json, info, own);
    wci_json_close(json, '}');
}

static void put_classes_known(struct wci_md_writer *writer)
{
    struct wci_json *json = &writer->json;
    const char *species;
    json_t *number;
    if (!json_object_size(writer->classes))
        return;
    wci_json_open(json, "classification_categories", '{');
    json_object_foreach (writer->classes, species, number)
        wci_json_text(json, json_string_value(number), species);
    wci_json_close(json, '}');
    if (!json_object_size(writer->descriptions))
        return;
    wci_json_open(json, "classification_category_descriptions", '{');
    json_object_foreach (writer->classes, species, number) { /* the same ids, as is asked for */
        const char *words =
            json_string_value(json_object_get(writer->descriptions, json_string_value(number)));
        wci_json_text(json, json_string_value(number), words ? words : species);
    }
    wci_json_close(json, '}');
}

void wci_md_write_finish(struct wci_md_writer *writer, json_t *document)
{
    static const char *const own[] = {"info",
                                      "images",
                                      "detection_categories",
                                      "classification_categories",
                                      "classification_category_descriptions",
                                      NULL};
    struct wci_json *json = &writer->json;
    wci_text_add(writer->out, "\n");
    wci_json_close(json, ']');
    wci_json_open(json, "detection_categories", '{');
    wci_json_text(json, "1", "animal");
    wci_json_text(json, "2", "person");
    wci_json_text(json, "3", "vehicle");
    if (writer->has_unknown)
        wci_json_text(json, "4", "unknown");
    wci_json_close(json, '}');
    put_classes_known(writer);
    put_info(writer, document);
    add_members(json, document, own);
    wci_json_close(json, '}');
    wci_text_add(writer->out, "\n");
}
