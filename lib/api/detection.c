#include <wildcam/detection.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"

const char *wildcam_category_name(int category)
{
    return wci_category_name(category);
}

wildcam_status wildcam_category_from_name(const char *name, int *category)
{
    WCI_BEGIN(name, category);
    int found = wci_category_find(name);
#define WORD(name, value, text) " " text
    if (found < 0)
        return wci_fail(WILDCAM_ERR_NOTFOUND,
                        "there is no category \"%.100s\"; there are" WILDCAM_CATEGORY_LIST(WORD),
                        name);
#undef WORD
    *category = found;
    return WILDCAM_OK;
}

wildcam_status wildcam_detection_new(wildcam_detection **out)
{
    WCI_BEGIN(out);
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    wci_detection_init(*out);
    return WILDCAM_OK;
}

void wildcam_detection_free(wildcam_detection *self)
{
    if (!self)
        return;
    wci_detection_release(self);
    free(self);
}

void wildcam_detection_reset(wildcam_detection *self)
{
    if (self)
        wci_detection_reset(self);
}

wildcam_status wildcam_detection_set_device_id(wildcam_detection *self, const char *device_id)
{
    WCI_BEGIN(self);
    return wci_take_device_id(&self->device_id, device_id);
}

wildcam_status wildcam_detection_set_time(wildcam_detection *self, int64_t time, int32_t offset,
                                          int source)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_time(time, offset, source);
    if (status != WILDCAM_OK)
        return status;
    self->time = time;
    self->offset = offset;
    self->time_source = source;
    return WILDCAM_OK;
}

wildcam_status wildcam_detection_set_category(wildcam_detection *self, int category)
{
    WCI_BEGIN(self);
    if (category < WILDCAM_CATEGORY_UNCLASSIFIED || category > WILDCAM_CATEGORY_UNKNOWN)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no category", category);
    self->category = category;
    return WILDCAM_OK;
}

wildcam_status wildcam_detection_set_species(wildcam_detection *self, const char *species)
{
    WCI_BEGIN(self);
    return wci_take_text(&self->species, "species", species, WCI_SPECIES_MAX);
}

wildcam_status wildcam_detection_set_confidence(wildcam_detection *self, double confidence)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_number("confidence", confidence, 0, 1);
    if (status == WILDCAM_OK)
        self->confidence = confidence;
    return status;
}

wildcam_status wildcam_detection_set_box(wildcam_detection *self, const wildcam_box *box)
{
    WCI_BEGIN(self);
    return wci_detection_set_box(self, box);
}

wildcam_status wildcam_detection_set_metadata(wildcam_detection *self, const char *metadata)
{
    WCI_BEGIN(self);
    return wci_take_json(&self->metadata, "metadata", metadata);
}

static wildcam_status take_flag(wildcam_detection *self, const char *field, int value, int *to,
                                uint32_t bit)
{
    if (value != 0 && value != 1)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is 0 or 1, not %d", field, value);
    *to = value;
    self->set |= bit;
    return WILDCAM_OK;
}

wildcam_status wildcam_detection_set_verified(wildcam_detection *self, int verified)
{
    WCI_BEGIN(self);
    return take_flag(self, "verified", verified, &self->verified, WCI_SET_VERIFIED);
}

wildcam_status wildcam_detection_set_false_positive(wildcam_detection *self, int false_positive)
{
    WCI_BEGIN(self);
    return take_flag(self, "is_false_positive", false_positive, &self->false_positive,
                     WCI_SET_FALSE_POSITIVE);
}

wildcam_status wildcam_detection_set_verified_species(wildcam_detection *self, const char *species)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_take_text(&self->verified_species, "verified_species", species,
                                          WCI_SPECIES_MAX);
    if (status == WILDCAM_OK)
        self->set |= WCI_SET_VERIFIED_SPECIES;
    return status;
}

wildcam_status wildcam_detection_set_notes(wildcam_detection *self, const char *notes)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_text("notes", notes, WCI_NOTES_MAX, true);
    if (status == WILDCAM_OK)
        status = wci_text_set(&self->notes, notes ? notes : "", notes ? strlen(notes) : 0);
    if (status == WILDCAM_OK)
        self->set |= WCI_SET_NOTES;
    return status;
}

wildcam_status wildcam_detection_set_verified_by(wildcam_detection *self, const char *verified_by)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_take_text(&self->verified_by, "verified_by", verified_by,
                                          WCI_SPECIES_MAX);
    if (status == WILDCAM_OK)
        self->set |= WCI_SET_VERIFIED_BY;
    return status;
}

/* The getters: NULL reads as an empty draft. */
#define NUMBER(type, name, field, without)                                                         \
    type wildcam_detection_get_##name(const wildcam_detection *self)                               \
    {                                                                                              \
        return self ? self->field : (without);                                                     \
    }
#define TEXT(name, field)                                                                          \
    const char *wildcam_detection_get_##name(const wildcam_detection *self)                        \
    {                                                                                              \
        return self ? wci_text_get(&self->field) : "";                                             \
    }

NUMBER(int64_t, id, id, 0)
NUMBER(int64_t, image_id, image_id, 0)
NUMBER(int64_t, camera_id, camera_id, 0)
TEXT(device_id, device_id)
NUMBER(int64_t, time, time, WILDCAM_TIME_NONE)
NUMBER(int32_t, offset, offset, WILDCAM_OFFSET_UNKNOWN)
NUMBER(int, time_source, time_source, WILDCAM_TIME_SOURCE_UNKNOWN)
NUMBER(int64_t, event_id, event_id, 0)

int64_t wildcam_detection_get_clock_time(const wildcam_detection *self)
{
    if (!self)
        return WILDCAM_TIME_NONE;
    return self->clock_time == WILDCAM_TIME_NONE ? self->time : self->clock_time;
}

int32_t wildcam_detection_get_clock_offset(const wildcam_detection *self)
{
    if (!self)
        return WILDCAM_OFFSET_UNKNOWN;
    return self->clock_time == WILDCAM_TIME_NONE ? self->offset : self->clock_offset;
}

NUMBER(double, confidence, confidence, NAN)
TEXT(metadata, metadata)
TEXT(detector, detector)
TEXT(detector_version, detector_version)
NUMBER(int, verified, verified, 0)
TEXT(verified_species, verified_species)
NUMBER(int, false_positive, false_positive, 0)
TEXT(notes, notes)
TEXT(verified_by, verified_by)
NUMBER(int64_t, verified_at, verified_at, WILDCAM_TIME_NONE)

int wildcam_detection_get_category(const wildcam_detection *self)
{
    int category = WILDCAM_CATEGORY_UNCLASSIFIED;
    const char *species;
    if (self)
        wci_detection_settle(self, &category, &species);
    return category;
}

const char *wildcam_detection_get_species(const wildcam_detection *self)
{
    int category;
    const char *species = "";
    if (self)
        wci_detection_settle(self, &category, &species);
    return species;
}

const char *wildcam_detection_get_detected_species(const wildcam_detection *self)
{
    return self && self->detected_species.length ? self->detected_species.data
                                                 : wildcam_detection_get_species(self);
}

int wildcam_detection_get_box(const wildcam_detection *self, wildcam_box *box)
{
    if (!self || !box || !self->has_box)
        return 0;
    *box = self->box;
    return 1;
}

static void write_json(const void *object, struct wci_json *json)
{
    wci_detection_write_json(object, json);
}

wildcam_status wildcam_detection_to_json(const wildcam_detection *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

static wildcam_status add(wildcam_station *station, const wildcam_detection *detection, int64_t *id)
{
    struct wci_row row;
    struct wci_change change = {.rows = &row, .count = 1};
    int64_t since = wci_calendar_monotonic();
    wildcam_status status = wci_station_make_row(station, detection, &row);
    if (status == WILDCAM_OK)
        status = wci_store_write(&station->store, &change);
    if (status != WILDCAM_OK) {
        wci_measure_failure(&station->measures);
        return status;
    }
    wci_measure_rows(&station->measures, &row, 1);
    if (!wci_processor_is_on(station->processor))
        wci_measure_processing(&station->measures, row.camera, since);
    if (id)
        *id = row.id;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_add_detection(wildcam_station *self,
                                             const wildcam_detection *detection, int64_t *id)
{
    wildcam_status status;
    if (id)
        *id = 0;
    WCI_BEGIN(self, detection);
    WCI_WITHIN(self, status, add(self, detection, id));
    return status;
}

static wildcam_status get(wildcam_station *station, int64_t id, wildcam_detection **out)
{
    wildcam_status status = wildcam_detection_new(out);
    if (status != WILDCAM_OK)
        return status;
    status = station->store.ops->get_detection(station->store.backend, id, *out);
    if (status != WILDCAM_OK) {
        wildcam_detection_free(*out);
        *out = NULL;
    }
    return status;
}

wildcam_status wildcam_station_get_detection(wildcam_station *self, int64_t id,
                                             wildcam_detection **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    WCI_WITHIN(self, status, get(self, id, out));
    return status;
}

static wildcam_status verify(wildcam_station *station, int64_t id, const wildcam_detection *draft)
{
    bool is_newly_false = false;
    struct wci_review review = {.detection_id = id,
                                .draft = draft,
                                .time = wci_calendar_now(),
                                .is_newly_false = &is_newly_false};
    struct wci_change change = {.review = &review};
    if (draft->verified_species.length) {
        int category;
        const char *species;
        wci_species_settle(draft->verified_species.data, -1, &category, &species);
        wildcam_status status = station->store.ops->find_species(station->store.backend, category,
                                                                 species, &review.species);
        if (status != WILDCAM_OK)
            return status;
    }
    wildcam_status status = wci_store_write(&station->store, &change);
    if (status == WILDCAM_OK && is_newly_false)
        wci_measure_false_positive(&station->measures);
    return status;
}

wildcam_status wildcam_station_verify_detection(wildcam_station *self, int64_t id,
                                                const wildcam_detection *draft)
{
    wildcam_status status;
    WCI_BEGIN(self, draft);
    if (!draft->set)
        return wci_fail(WILDCAM_ERR_INVALID, "the draft says nothing about the detection");
    WCI_WITHIN(self, status, verify(self, id, draft));
    return status;
}
