#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "base/number.h"
#include "exchange/megadetector.h"
#include "model/check.h"

enum { DETECTIONS_MAX = 1000, DETECTOR_MAX = 100 };
/* What metadata have room for, so that no picture and no detection is lost for what stands beside
 * it: a margin is for brackets, and classifications leave some to the other keys. */
enum { ROOM = WCI_METADATA_MAX - 256, CLASSES_ROOM = WCI_METADATA_MAX / 4 * 3 };

struct reading {
    struct wci_md_reader *reader;
    struct wci_source *source;
    const json_t *detection_names, *class_names, *class_texts;
    wildcam_detection *drafts, nothing;
    size_t made; /* drafts that were initialised */
    struct wci_text file, failure, metadata, spare;
};

static void complain(struct reading *reading, const char *file, const char *text)
{
    if (reading->reader->trouble)
        reading->reader->trouble(reading->reader->user, file, text);
}

/* An id is a text of digits, or in third-party files the number itself. */
static const char *id_of(const json_t *value, char buffer[WCI_NUMBER_TEXT])
{
    if (json_is_string(value))
        return json_string_value(value);
    if (!json_is_integer(value))
        return NULL;
    buffer[wci_number_format_int(json_integer_value(value), buffer)] = '\0';
    return buffer;
}

/* Whether a text goes into what is being written, even if each byte of it has to be escaped. */
static bool has_room(const struct wci_json *json, const char *text, size_t room)
{
    return json->out->length + 6 * strlen(text) <= room;
}

static void complain_of_room(struct reading *reading, const char *what, const char *name)
{
    char text[WCI_ERROR_TEXT];
    snprintf(text, sizeof text, "%s%.60s is not kept: metadata have at most %d bytes", what, name,
             WCI_METADATA_MAX);
    complain(reading, reading->file.data, text);
}

/* Keys of an object that the format does not know, as members of what is being written. */
static void keep_rest(struct reading *reading, struct wci_json *json, json_t *object,
                      const char *const *known)
{
    const char *name;
    json_t *value;
    bool is_open = false;
    json_object_foreach (object, name, value) {
        bool is_known = false;
        for (const char *const *word = known; *word && !is_known; word++)
            is_known = strcmp(*word, name) == 0;
        if (is_known)
            continue;
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        if (!text) {
            json->out->failed = true;
            return;
        }
        if (has_room(json, name, ROOM - (strlen(text) < ROOM ? strlen(text) : ROOM))) {
            if (!is_open)
                wci_json_open(json, "keys", '{');
            is_open = true;
            wci_json_raw(json, name, text);
        } else {
            complain_of_room(reading, "the key ", name);
        }
        free(text);
    }
    if (is_open)
        wci_json_close(json, '}');
}

/* As it is written, by some in quotes; NaN for what is none. */
static double read_confidence(const json_t *value)
{
    double parsed;
    if (json_is_string(value))
        return wci_number_parse_real(json_string_value(value), &parsed) ? parsed : NAN;
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double clamp(double confidence)
{
    return confidence < 0 ? 0 : confidence > 1 ? 1 : confidence;
}

static double to_confidence(struct reading *reading, const json_t *value)
{
    double confidence = read_confidence(value);
    reading->reader->tally.clamped += confidence < 0 || confidence > 1;
    return clamp(confidence);
}

/* [x, y, width, height]; what reaches over the edge by the model's rounding is cut off. */
static bool to_box(struct reading *reading, const json_t *value, wildcam_detection *draft)
{
    if (json_array_size(value) != 4)
        return value == NULL || json_is_null(value);
    const wildcam_box box = {
        json_number_value(json_array_get(value, 0)), json_number_value(json_array_get(value, 1)),
        json_number_value(json_array_get(value, 2)), json_number_value(json_array_get(value, 3))};
    if (wci_detection_set_box(draft, &box) != WILDCAM_OK)
        return false;
    if (draft->box.x != box.x || draft->box.y != box.y || draft->box.width != box.width ||
        draft->box.height != box.height)
        reading->reader->tally.clamped++;
    return true;
}

/* The surest classification that has a name; the size of the list when there is none. */
static size_t find_best(struct reading *reading, const json_t *list, const char **best,
                        double *best_confidence)
{
    char buffer[WCI_NUMBER_TEXT];
    size_t found = json_array_size(list);
    *best = NULL;
    *best_confidence = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        const char *id = id_of(json_array_get(pair, 0), buffer);
        const char *name = id ? wci_md_text(reading->class_names, id) : "";
        double confidence = to_confidence(reading, json_array_get(pair, 1));
        if (*name && confidence > *best_confidence) {
            *best = name;
            *best_confidence = confidence;
            found = i;
        }
    }
    return found;
}

static bool keep_class(struct reading *reading, struct wci_json *json, const json_t *pair,
                       size_t room)
{
    char buffer[WCI_NUMBER_TEXT];
    const char *id = id_of(json_array_get(pair, 0), buffer);
    if (!id)
        return true;
    const char *name = wci_md_text(reading->class_names, id);
    const char *described = wci_md_text(reading->class_texts, id);
    name = *name ? name : id;
    if (!has_room(json, name, room - 64) || !has_room(json, described, room - 64 - strlen(name)))
        return false;
    wci_json_open(json, NULL, '[');
    wci_json_text(json, NULL, name);
    wci_json_real(json, NULL, clamp(read_confidence(json_array_get(pair, 1))));
    if (*described)
        wci_json_text(json, NULL, described);
    wci_json_close(json, ']');
    return true;
}

/* The classifications by name, so that they keep their meaning outside the file. */
static void keep_classes(struct reading *reading, struct wci_json *json, const json_t *list,
                         const char **best, double *best_confidence)
{
    char number[WCI_NUMBER_TEXT];
    int64_t missed = 0;
    size_t best_index = find_best(reading, list, best, best_confidence);
    if (json_array_size(list) == 0)
        return;
    wci_json_open(json, "classifications", '[');
    for (size_t i = 0; i < json_array_size(list); i++)
        missed += !keep_class(reading, json, json_array_get(list, i),
                              i == best_index ? ROOM : CLASSES_ROOM);
    wci_json_close(json, ']');
    number[wci_number_format_int(missed, number)] = '\0';
    if (missed)
        complain_of_room(reading, "of the classifications a number of ", number);
}

/* A detector of animals says "animal"; one of species says its name, which then is an animal's, or
 * what else the surest class is. */
static wildcam_status name_it(struct reading *reading, wildcam_detection *draft,
                              const char *category, const char *best, double best_confidence)
{
    int found = category ? wci_category_find(category) : WILDCAM_CATEGORY_UNKNOWN;
    const char *species = NULL;
    draft->category = found >= 0 ? found : WILDCAM_CATEGORY_ANIMAL;
    if (found < 0)
        species = category;
    if (draft->category == WILDCAM_CATEGORY_ANIMAL && best &&
        best_confidence >= reading->reader->options.species_threshold) {
        int said = wci_category_find(best);
        if (said == WILDCAM_CATEGORY_HUMAN || said == WILDCAM_CATEGORY_VEHICLE)
            draft->category = said;
        if (draft->category != WILDCAM_CATEGORY_ANIMAL)
            species = NULL;
        else if (said < 0)
            species = best;
    }
    if (!species ||
        wci_take_text(&draft->species, "species", species, WCI_SPECIES_MAX) == WILDCAM_OK)
        return WILDCAM_OK;
    wci_error_clear(); /* a name that cannot be a species stays in the metadata */
    return WILDCAM_OK;
}

/* A file that does not say is of MegaDetector; none is the word of a person. What cannot be kept
 * stands in the metadata, too. */
static void name_detector(const struct wci_md_header *header, wildcam_detection *draft)
{
    const char *name = *header->detector ? header->detector : "MegaDetector";
    if (wci_take_text(&draft->detector, "detector", name, DETECTOR_MAX) != WILDCAM_OK ||
        wci_take_text(&draft->detector_version, "detector_version", header->version,
                      DETECTOR_MAX) != WILDCAM_OK)
        wci_error_clear();
}

static wildcam_status keep_detection(struct reading *reading, json_t *from,
                                     wildcam_detection *draft)
{
    static const char *const known[] = {"category", "conf", "bbox", "classifications", NULL};
    char buffer[WCI_NUMBER_TEXT];
    const char *best;
    double best_confidence;
    struct wci_text *text = &reading->spare;
    struct wci_json json = {.out = text};
    const char *detector = reading->reader->header->detector;
    const char *id = id_of(json_object_get(from, "category"), buffer);
    const char *category = id ? json_string_value(json_object_get(reading->detection_names, id))
                              : NULL;
    wci_text_empty(text);
    wci_json_open(&json, NULL, '{');
    wci_json_open(&json, "megadetector", '{');
    if (*detector && has_room(&json, detector, ROOM / 4))
        wci_json_text(&json, "detector", detector);
    if (!category)
        wci_json_text(&json, "category", id && has_room(&json, id, ROOM / 2) ? id : "");
    else if (wci_category_find(category) < 0)
        wci_json_text(&json, "category", category);
    keep_classes(reading, &json, json_object_get(from, "classifications"), &best, &best_confidence);
    keep_rest(reading, &json, from, known);
    wci_json_close(&json, '}');
    wci_json_close(&json, '}');
    if (text->failed)
        return wci_fail_memory();
    reading->reader->tally.unlisted += category == NULL;
    name_detector(reading->reader->header, draft);
    wildcam_status status = wci_take_json(&draft->metadata, "a detection's other keys", text->data);
    return status == WILDCAM_OK ? name_it(reading, draft, category, best, best_confidence) : status;
}

/* Who is left out here nobody could blur. */
static double least_of(const struct wci_md_options *options, int category)
{
    bool may_be_somebody = category == WILDCAM_CATEGORY_HUMAN ||
                           category == WILDCAM_CATEGORY_UNKNOWN;
    return may_be_somebody ? fmin(options->threshold, options->privacy_threshold)
                           : options->threshold;
}

/* One detection into the next draft; false when it is left out. */
static wildcam_status read_detection(struct reading *reading, json_t *from,
                                     wildcam_detection *draft, bool *is_kept)
{
    const struct wci_md_options *options = &reading->reader->options;
    *is_kept = false;
    wci_detection_reset(draft);
    if (!json_is_object(from)) {
        reading->reader->tally.left_out++;
        return WILDCAM_OK;
    }
    draft->confidence = to_confidence(reading, json_object_get(from, "conf"));
    if (draft->confidence < least_of(options, WILDCAM_CATEGORY_UNKNOWN)) {
        reading->reader->tally.below++;
        return WILDCAM_OK;
    }
    if (!to_box(reading, json_object_get(from, "bbox"), draft)) {
        /* Without a place it still says what is on the picture: that somebody is. */
        reading->reader->tally.clamped++;
        complain(reading, reading->file.data,
                 "a detection's bbox is not x, y, width, height in "
                 "parts of the picture; it is kept without");
        wci_error_clear();
    }
    wildcam_status status = keep_detection(reading, from, draft);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK) {
        reading->reader->tally.left_out++;
        complain(reading, reading->file.data, wildcam_error_message());
        wci_error_clear();
        return WILDCAM_OK;
    }
    *is_kept = !(draft->confidence < least_of(options, draft->category));
    reading->reader->tally.below += !*is_kept;
    return WILDCAM_OK;
}

static wildcam_status read_detections(struct reading *reading, const json_t *list, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        bool is_kept;
        if (*count == DETECTIONS_MAX) {
            reading->reader->tally.left_out += (int64_t)(json_array_size(list) - i);
            complain(reading, reading->file.data,
                     "it has more than 1000 detections; the others are left out");
            break;
        }
        if (*count == reading->made)
            wci_detection_init(&reading->drafts[reading->made++]);
        wildcam_status status = read_detection(reading, json_array_get(list, i),
                                               &reading->drafts[*count], &is_kept);
        if (status != WILDCAM_OK)
            return status;
        *count += is_kept;
    }
    return WILDCAM_OK;
}

static void take_slashes(struct wci_text *file)
{
    for (char *at = file->data; *at; at++)
        if (*at == '\\')
            *at = '/';
}

static wildcam_status keep_picture_keys(struct reading *reading, json_t *object, const char *file)
{
    static const char *const known[] = {"file", "detections", "failure", "max_detection_conf",
                                        NULL};
    struct wci_json json = {.out = &reading->metadata};
    wci_text_empty(&reading->metadata);
    wci_json_open(&json, NULL, '{');
    wci_json_open(&json, "megadetector", '{');
    if (has_room(&json, file, CLASSES_ROOM))
        wci_json_text(&json, "file", file);
    if (reading->failure.length && has_room(&json, reading->failure.data, ROOM))
        wci_json_text(&json, "failure", reading->failure.data);
    keep_rest(reading, &json, object, known);
    wci_json_close(&json, '}');
    wci_json_close(&json, '}');
    if (reading->metadata.failed)
        return wci_fail_memory();
    return WILDCAM_OK;
}

static wildcam_status hand_out(struct reading *reading, json_t *object, const char *file)
{
    size_t count = 0;
    const json_t *failure = json_object_get(object, "failure");
    const json_t *list = json_object_get(object, "detections");
    const char *words = json_is_string(failure) ? json_string_value(failure) : NULL;
    if (!words && !json_is_array(list)) /* not valid, but seen */
        words = "no detections are given";
    wci_text_empty(&reading->failure);
    if (words)
        wci_text_add(&reading->failure, words);
    wildcam_status status = wci_text_set(&reading->file, file, strlen(file));
    if (status == WILDCAM_OK)
        status = keep_picture_keys(reading, object, file);
    if (status != WILDCAM_OK)
        return status;
    take_slashes(&reading->file);
    if (!words)
        status = read_detections(reading, list, &count);
    if (status != WILDCAM_OK)
        return status;
    const struct wci_md_image image = {.file = reading->file.data,
                                       .failure = words ? reading->failure.data : NULL,
                                       .metadata = reading->metadata.data,
                                       .detections = reading->drafts,
                                       .count = count,
                                       .nothing = &reading->nothing};
    return reading->reader->each(reading->reader->user, &image);
}

static wildcam_status take_image(void *user, const struct wci_text *value)
{
    struct reading *reading = user;
    struct wci_md_reader *reader = reading->reader;
    json_error_t error;
    json_t *object = NULL;
    if (reader->progress &&
        reader->progress(reader->user, reading->source->done, reading->source->bytes) != 0)
        return wci_fail(WILDCAM_ERR_CANCELLED, "the import was stopped");
    wildcam_status status = wci_json_read(value->data, value->length, &object, &error);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    const char *file = json_string_value(json_object_get(object, "file"));
    if (status == WILDCAM_OK && file && *file) {
        status = hand_out(reading, object, file);
        json_decref(object);
        return status;
    }
    json_decref(object);
    reader->tally.unreadable++;
    complain(reading, "", status == WILDCAM_OK ? "an entry has no \"file\"" : error.text);
    return WILDCAM_OK;
}

static void free_reading(struct reading *reading)
{
    for (size_t i = 0; i < reading->made; i++)
        wci_detection_release(&reading->drafts[i]);
    free(reading->drafts);
    wci_detection_release(&reading->nothing);
    wci_text_free(&reading->file);
    wci_text_free(&reading->failure);
    wci_text_free(&reading->metadata);
    wci_text_free(&reading->spare);
}

wildcam_status wci_md_read_images(const char *path, struct wci_md_reader *reader)
{
    struct wci_source source;
    struct reading reading = {.reader = reader, .source = &source};
    const json_t *document = reader->header->document;
    static const char fallback[] = "{\"1\": \"animal\", \"2\": \"person\", \"3\": \"vehicle\"}";
    json_t *usual = json_loads(fallback, 0, NULL);
    reading.detection_names = json_object_get(document, "detection_categories");
    if (!json_is_object(reading.detection_names)) /* cut off, or of a writer that forgot them */
        reading.detection_names = usual;
    reading.class_names = json_object_get(document, "classification_categories");
    reading.class_texts = json_object_get(document, "classification_category_descriptions");
    wci_detection_init(&reading.nothing);
    reading.nothing.category = WILDCAM_CATEGORY_BLANK;
    name_detector(reader->header, &reading.nothing);
    reading.drafts = wci_new_array(DETECTIONS_MAX, sizeof *reading.drafts);
    wildcam_status status = reading.drafts && usual ? WILDCAM_OK : wci_fail_memory();
    if (status == WILDCAM_OK)
        status = wci_source_open(&source, path);
    if (status == WILDCAM_OK) {
        struct wci_json_walk walk = {
            .source = &source, .list = "images", .user = &reading, .element = take_image};
        status = wci_json_walk(&walk);
        wci_source_close(&source);
    }
    free_reading(&reading);
    json_decref(usual);
    return status;
}
