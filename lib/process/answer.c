#include "process/answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"
#include "model/check.h"

/* How far a confidence may be outside its range by the arithmetic of floats. Boxes may be farther:
 * they are cut to the picture. */
#define SLACK 1e-3

/* Reads an object, and shows its beginning when it is none: that is most often a word printed by a
 * library that does not know where it is. */
static wildcam_status read_object(const char *line, size_t length, json_t **out)
{
    json_error_t error;
    wildcam_status status = wci_json_read(line, length, out, &error);
    if (status == WILDCAM_OK && json_is_object(*out))
        return WILDCAM_OK;
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status == WILDCAM_OK)
        json_decref(*out);
    *out = NULL;
    char shown[61];
    size_t most = length < sizeof shown - 1 ? length : sizeof shown - 1;
    memcpy(shown, line, most);
    shown[most] = '\0';
    wci_utf8_repair(shown);
    return wci_fail(WILDCAM_ERR_INVALID, "it wrote a line that is no JSON object: %s%s", shown,
                    length > most ? "..." : "");
}

/* ---- the hello ---- */

/* What stands with a detection. */
static bool is_label(const char *text)
{
    bool is_one = text && *text &&
                  wci_check_text("", text, WCI_LABEL_TEXT_MAX, false) == WILDCAM_OK;
    wci_error_clear();
    return is_one;
}

static wildcam_status read_name(const json_t *json, const char *key, const char *standard,
                                const char **out)
{
    const json_t *value = json_object_get(json, key);
    *out = value && !json_is_null(value) ? json_string_value(value) : standard;
    if (is_label(*out))
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID, "its first line has no \"%s\" of 1 to %d bytes of text",
                    key, WCI_LABEL_TEXT_MAX);
}

static wildcam_status read_labels(const json_t *json, const char *key, const json_t **out)
{
    json_t *labels = json_object_get(json, key);
    const char *id;
    json_t *name;
    *out = NULL;
    if (!labels || json_is_null(labels))
        return WILDCAM_OK;
    if (!json_is_object(labels) || json_object_size(labels) > WCI_LABELS_MOST)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "its \"%s\" is no object with at most %d names by their ids", key,
                        WCI_LABELS_MOST);
    json_object_foreach (labels, id, name) {
        if (!is_label(json_string_value(name)))
            return wci_fail(WILDCAM_ERR_INVALID,
                            "\"%.20s\" in its \"%s\" is no name of 1 to %d bytes of text", id, key,
                            WCI_LABEL_TEXT_MAX);
    }
    *out = labels;
    return WILDCAM_OK;
}

static wildcam_status read_version(const json_t *json)
{
    const json_t *protocol = json_object_get(json, "protocol");
    if (!json_is_integer(protocol))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "its first line is no hello: it has no whole number \"protocol\"");
    if (json_integer_value(protocol) != WCI_PROTOCOL)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "it speaks version %lld of the protocol, this library version %d",
                        (long long)json_integer_value(protocol), WCI_PROTOCOL);
    return WILDCAM_OK;
}

wildcam_status wci_hello_read(const char *line, size_t length, struct wci_hello *hello)
{
    *hello = (struct wci_hello){0};
    wildcam_status status = read_object(line, length, &hello->json);
    if (status == WILDCAM_OK)
        status = read_version(hello->json);
    if (status == WILDCAM_OK)
        status = read_name(hello->json, "detector", NULL, &hello->name);
    if (status == WILDCAM_OK)
        status = read_name(hello->json, "version", "unknown", &hello->version);
    if (status == WILDCAM_OK)
        status = read_labels(hello->json, "detection_categories", &hello->detection_categories);
    if (status == WILDCAM_OK)
        status = read_labels(hello->json, "classification_categories",
                             &hello->classification_categories);
    if (status != WILDCAM_OK)
        wci_hello_free(hello);
    return status;
}

void wci_hello_free(struct wci_hello *hello)
{
    json_decref(hello->json);
    *hello = (struct wci_hello){0};
}

/* ---- an answer ---- */

/* The name that stands for an id, which may be a number. NULL is not known. */
static const char *name_of(const json_t *labels, const json_t *id)
{
    char number[WCI_NUMBER_TEXT];
    const char *text = json_string_value(id);
    if (json_is_integer(id)) {
        wci_number_format_int(json_integer_value(id), number);
        text = number;
    }
    if (!text)
        return NULL;
    if (labels)
        return json_string_value(json_object_get(labels, text));
    /* Those that MegaDetector has always had. */
    static const char *const standard[] = {"empty", "animal", "person", "vehicle"};
    return text[0] >= '0' && text[0] <= '3' && !text[1] ? standard[text[0] - '0'] : NULL;
}

/* 0 to 1, whole numbers too, and what floats make of it. */
static bool read_confidence(const json_t *value, double *out)
{
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= -SLACK && number <= 1 + SLACK))
        return false;
    *out = number < 0 ? 0 : number > 1 ? 1 : number;
    return true;
}

static double cut(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* The part of it that is inside the picture. Nothing of it inside, or no area: it has no box. */
static wildcam_status read_box(const json_t *value, struct wci_seen *seen)
{
    double side[4];
    if (!value || json_is_null(value))
        return WILDCAM_OK;
    if (!json_is_array(value) || json_array_size(value) != 4)
        return wci_fail(WILDCAM_ERR_INVALID, "a \"bbox\" is no list of x, y, width and height");
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(value, i);
        side[i] = json_number_value(number);
        if (!json_is_number(number) || !(side[i] >= -1 && side[i] <= 2))
            return wci_fail(WILDCAM_ERR_INVALID, "a \"bbox\" has a number that is no part of the "
                                                 "picture, 0 to 1: are they pixels?");
    }
    double right = cut(side[0] + side[2]), bottom = cut(side[1] + side[3]);
    wildcam_box box = {cut(side[0]), cut(side[1]), 0, 0};
    box.width = right - box.x;
    box.height = bottom - box.y;
    seen->has_box = box.width > 0 && box.height > 0;
    if (seen->has_box)
        seen->box = box;
    return WILDCAM_OK;
}

/* Keeps the surest, in order; among equals the one that came first. */
static void keep_guess(struct wci_seen *seen, struct wci_guess guess)
{
    int at = seen->guess_count;
    while (at > 0 && seen->guesses[at - 1].confidence < guess.confidence)
        at--;
    if (at == WCI_GUESSES_MOST)
        return;
    int moved = seen->guess_count - at - (seen->guess_count == WCI_GUESSES_MOST);
    memmove(&seen->guesses[at + 1], &seen->guesses[at], (size_t)moved * sizeof guess);
    seen->guesses[at] = guess;
    seen->guess_count += seen->guess_count < WCI_GUESSES_MOST;
}

static wildcam_status read_guesses(const json_t *list, const struct wci_hello *hello,
                                   struct wci_seen *seen)
{
    if (!list || json_is_null(list))
        return WILDCAM_OK;
    if (!json_is_array(list))
        return wci_fail(WILDCAM_ERR_INVALID, "\"classifications\" is no list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        struct wci_guess guess;
        if (json_array_size(pair) != 2 ||
            !read_confidence(json_array_get(pair, 1), &guess.confidence))
            return wci_fail(WILDCAM_ERR_INVALID, "one of its \"classifications\" is no list of an "
                                                 "id and a confidence from 0 to 1");
        guess.name = hello->classification_categories
                         ? name_of(hello->classification_categories, json_array_get(pair, 0))
                         : NULL;
        if (guess.name)
            keep_guess(seen, guess);
    }
    return WILDCAM_OK;
}

static wildcam_status read_seen(const json_t *item, const struct wci_hello *hello,
                                struct wci_seen *seen)
{
    *seen = (struct wci_seen){0};
    if (!json_is_object(item))
        return wci_fail(WILDCAM_ERR_INVALID, "one of its \"detections\" is no object");
    if (!read_confidence(json_object_get(item, "conf"), &seen->what.confidence))
        return wci_fail(WILDCAM_ERR_INVALID, "a detection has no \"conf\" from 0 to 1");
    /* MegaDetector's format leaves open what a number that it does not name stands for. */
    const char *name = name_of(hello->detection_categories, json_object_get(item, "category"));
    seen->what.name = name ? name : "unknown";
    wildcam_status status = read_box(json_object_get(item, "bbox"), seen);
    return status == WILDCAM_OK
               ? read_guesses(json_object_get(item, "classifications"), hello, seen)
               : status;
}

static wildcam_status read_detections(const json_t *list, const struct wci_hello *hello,
                                      struct wci_answer *answer)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "its answer has neither a list \"detections\" nor a \"failure\"");
    if (count > WCI_ANSWER_MOST)
        return wci_fail(WILDCAM_ERR_INVALID, "its answer has %zu detections; %d are taken", count,
                        WCI_ANSWER_MOST);
    answer->seen = wci_new_array(count ? count : 1, sizeof *answer->seen);
    if (!answer->seen)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        wildcam_status status = read_seen(json_array_get(list, i), hello, &answer->seen[i]);
        if (status != WILDCAM_OK)
            return status;
    }
    answer->count = count;
    return WILDCAM_OK;
}

static wildcam_status check_id(const json_t *json, int64_t id)
{
    const json_t *value = json_object_get(json, "id");
    const char *text = json_string_value(value);
    int64_t said = 0;
    if (!json_is_integer(value) && !(text && wci_number_parse_int(text, &said)))
        return wci_fail(WILDCAM_ERR_INVALID, "its answer has no \"id\"");
    if (!text)
        said = json_integer_value(value);
    if (said != id)
        return wci_fail(WILDCAM_ERR_INVALID,
                        "it answered for picture %lld when it was asked for %lld", (long long)said,
                        (long long)id);
    return WILDCAM_OK;
}

/* Whether it says that it failed; a list of detections beside it counts for nothing. */
static bool read_failure(const json_t *json, struct wci_answer *answer)
{
    const json_t *failure = json_object_get(json, "failure");
    const char *text = json_string_value(failure);
    if (!failure || json_is_null(failure) || json_is_false(failure))
        return false;
    if (!text || !*text)
        text = "it did not say why";
    size_t length = strlen(text);
    if (length > WCI_REASON_TEXT_MAX)
        length = wci_utf8_cut(text, WCI_REASON_TEXT_MAX);
    snprintf(answer->failure, sizeof answer->failure, "%.*s", (int)length, text);
    return true;
}

wildcam_status wci_answer_read(const char *line, size_t length, const struct wci_hello *hello,
                               int64_t id, struct wci_answer *answer)
{
    json_t *json;
    *answer = (struct wci_answer){0};
    wildcam_status status = read_object(line, length, &json);
    if (status != WILDCAM_OK)
        return status;
    status = check_id(json, id);
    if (status == WILDCAM_OK && !read_failure(json, answer))
        status = read_detections(json_object_get(json, "detections"), hello, answer);
    json_decref(json);
    if (status != WILDCAM_OK)
        wci_answer_free(answer);
    return status;
}

void wci_answer_free(struct wci_answer *answer)
{
    free(answer->seen);
    *answer = (struct wci_answer){0};
}
