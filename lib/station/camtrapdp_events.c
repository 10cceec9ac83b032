/* observations.csv: what was seen in whole events, whose counts may be summed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/id.h"
#include "station/camtrapdp_export.h"

/* Pictures come in the order of their ids, which is that of their first times: those of one event
 * are not further apart than the longest gap. Others may be between them. */
enum { OPEN_SECONDS = 2 * WCI_EVENT_GAP_MAX, SWEEP_SECONDS = 3600 };

/* What of a detection says who found it. */
static const size_t who[] = {WCI_OBS_classificationMethod, WCI_OBS_classifiedBy,
                             WCI_OBS_classificationTimestamp};

static wildcam_status find_sight(struct wci_open_event *event, int category, const char *species,
                                 struct wci_sight **sight)
{
    for (size_t i = 0; i < event->count; i++) {
        *sight = &event->sights[i];
        if ((*sight)->category == category &&
            strcmp(wci_text_get(&(*sight)->species), species) == 0)
            return WILDCAM_OK;
    }
    void *list = event->sights;
    if (wci_reserve(&list, &event->capacity, event->count + 1, sizeof *event->sights) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    event->sights = list;
    *sight = &event->sights[event->count++];
    **sight = (struct wci_sight){.category = category};
    return wci_text_set(&(*sight)->species, species, strlen(species));
}

/* Who says so: a person before a machine, else the first. */
static wildcam_status take_who(struct wci_camtrapdp_export *export, struct wci_sight *sight,
                               const wildcam_detection *detection)
{
    struct wci_cells *cells = &export->cells;
    wildcam_status status = WILDCAM_OK;
    if (sight->most > 0 && (sight->is_reviewed || !detection->verified))
        return WILDCAM_OK;
    wci_cells_empty(cells);
    wci_camtrapdp_fill_who(cells, detection);
    for (size_t i = 0; status == WILDCAM_OK && i < WCI_SIGHT_WHO; i++)
        status = cells->values[who[i]].failed
                     ? wci_fail_memory()
                     : wci_text_set(&sight->who[i], wci_text_get(&cells->values[who[i]]),
                                    cells->values[who[i]].length);
    sight->is_reviewed = detection->verified;
    return status;
}

/* Counts it among those of its picture. What a person refuted is a picture with nothing on it. */
static wildcam_status count_sight(struct wci_camtrapdp_export *export, struct wci_open_event *event,
                                  const wildcam_detection *detection, bool is_refuted)
{
    struct wci_sight *sight;
    wildcam_status status = find_sight(event,
                                       is_refuted ? WILDCAM_CATEGORY_BLANK : detection->category,
                                       is_refuted ? "" : wci_camtrapdp_species(detection), &sight);
    if (status == WILDCAM_OK)
        status = take_who(export, sight, detection);
    if (status != WILDCAM_OK)
        return status;
    sight->here = sight->image_id == detection->image_id ? sight->here + 1 : 1;
    sight->image_id = detection->image_id;
    sight->most = sight->here > sight->most ? sight->here : sight->most;
    return WILDCAM_OK;
}

static wildcam_status put_sight(struct wci_camtrapdp_export *export,
                                const struct wci_open_event *event, const struct wci_sight *sight,
                                int number)
{
    struct wci_cells *cells = &export->cells;
    wci_cells_empty(cells);
    wci_text_add_format(&cells->values[WCI_OBS_observationID], "%lld-event-%d",
                        (long long)event->event_id, number);
    wildcam_status status = wci_camtrapdp_make_unique(
        export, 2, &cells->values[WCI_OBS_observationID], event->event_id);
    wci_cells_set(cells, WCI_OBS_deploymentID, wci_text_get(&export->places.list[event->place].id));
    wci_cells_set_int(cells, WCI_OBS_eventID, event->event_id);
    wci_cells_set_time(cells, WCI_OBS_eventStart, event->first, event->first_offset);
    wci_cells_set_time(cells, WCI_OBS_eventEnd, event->last, event->last_offset);
    wci_cells_set(cells, WCI_OBS_observationLevel, "event");
    wci_cells_set(cells, WCI_OBS_observationType, wci_category_name(sight->category));
    wci_cells_set(cells, WCI_OBS_scientificName, wci_text_get(&sight->species));
    if (wci_camtrapdp_is_something(sight->category))
        wci_cells_set_int(cells, WCI_OBS_count, sight->most);
    for (size_t i = 0; i < WCI_SIGHT_WHO; i++)
        wci_cells_set(cells, who[i], wci_text_get(&sight->who[i]));
    export->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS]++;
    return status == WILDCAM_OK ? wci_camtrapdp_put_observation(export) : status;
}

static const struct wci_sight *find_category(const struct wci_open_event *event, int category)
{
    for (size_t i = 0; i < event->count; i++)
        if (event->sights[i].category == category)
            return &event->sights[i];
    return NULL;
}

/* What is on any of its pictures; nothing, when all were looked at and nothing was there. One of
 * whose pictures nothing is told has no row. */
static wildcam_status put_event(struct wci_camtrapdp_export *export,
                                const struct wci_open_event *event)
{
    int number = 0;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < event->count; i++)
        if (wci_camtrapdp_is_something(event->sights[i].category))
            status = put_sight(export, event, &event->sights[i], ++number);
    if (status != WILDCAM_OK || number > 0)
        return status;
    const struct wci_sight *other = find_category(event, WILDCAM_CATEGORY_UNCLASSIFIED);
    if (!other)
        other = find_category(event, WILDCAM_CATEGORY_BLANK);
    return other ? put_sight(export, event, other, 1) : WILDCAM_OK;
}

static void free_event(struct wci_open_event *event)
{
    for (size_t i = 0; i < event->count; i++) {
        wci_text_free(&event->sights[i].species);
        for (size_t k = 0; k < WCI_SIGHT_WHO; k++)
            wci_text_free(&event->sights[i].who[k]);
    }
    free(event->sights);
}

void wci_camtrapdp_free_events(struct wci_camtrapdp_export *export)
{
    for (size_t i = 0; i < export->event_count; i++)
        free_event(&export->events[i]);
    free(export->events);
}

/* Writes those that no further picture can be of: whose last one has an id before this second. */
static wildcam_status close_events(struct wci_camtrapdp_export *export, int64_t second)
{
    size_t kept = 0;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; i < export->event_count; i++) {
        struct wci_open_event *event = &export->events[i];
        if (status != WILDCAM_OK || event->second >= second) {
            export->events[kept++] = *event;
            continue;
        }
        status = put_event(export, event);
        free_event(event);
    }
    export->event_count = kept;
    return status;
}

/* Its place in the list, which is in the order of ids. */
static wildcam_status find_event(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                 size_t place, struct wci_open_event **event)
{
    size_t low = 0, high = export->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (export->events[middle].event_id < image->event_id)
            low = middle + 1;
        else
            high = middle;
    }
    *event = export->events ? &export->events[low] : NULL;
    if (low < export->event_count && (*event)->event_id == image->event_id)
        return WILDCAM_OK;
    void *events = export->events;
    if (wci_reserve(&events, &export->event_capacity, export->event_count + 1,
                    sizeof *export->events) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    export->events = events;
    *event = &export->events[low];
    memmove(*event + 1, *event, (export->event_count++ - low) * sizeof **event);
    **event = (struct wci_open_event){.event_id = image->event_id,
                                      .place = place,
                                      .first = image->time,
                                      .last = image->time,
                                      .first_offset = image->offset,
                                      .last_offset = image->offset};
    return WILDCAM_OK;
}

static void widen(struct wci_open_event *event, const wildcam_image *image)
{
    event->second = image->id >> 21;
    if (image->time < event->first) {
        event->first = image->time;
        event->first_offset = image->offset;
    }
    if (image->time >= event->last) {
        event->last = image->time;
        event->last_offset = image->offset;
    }
}

wildcam_status wci_camtrapdp_note_event(struct wci_camtrapdp_export *export,
                                        const wildcam_image *image,
                                        const wildcam_detection *const *detections, size_t count,
                                        size_t place)
{
    struct wci_open_event *event;
    const wildcam_detection *refuted = NULL;
    bool is_told = false;
    int64_t second = image->id >> 21;
    wildcam_status status = WILDCAM_OK;
    if (!export->with_events)
        return WILDCAM_OK;
    if (!image->event_id) {
        export->without_event++;
        return WILDCAM_OK;
    }
    if (second - export->swept > SWEEP_SECONDS) {
        status = close_events(export, second - OPEN_SECONDS);
        export->swept = second;
    }
    if (status == WILDCAM_OK)
        status = find_event(export, image, place, &event);
    if (status != WILDCAM_OK)
        return status;
    widen(event, image);
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        if (detections[i]->false_positive)
            refuted = detections[i];
        if (!wci_camtrapdp_is_told(export, detections[i], false))
            continue;
        status = count_sight(export, event, detections[i], false);
        is_told = true;
    }
    return status == WILDCAM_OK && refuted && !is_told ? count_sight(export, event, refuted, true)
                                                       : status;
}

/* ---- Those that came with packages ---- */

/* What a kept row says, as a detection of a picture does. */
static wildcam_status read_kept(const json_t *kept, wildcam_detection *draft)
{
    const struct wci_table *table = &wci_camtrapdp_observations;
    const char *species = wci_cells_kept_cell(kept, table, WCI_OBS_scientificName);
    wildcam_status status = WILDCAM_OK;
    draft->category = wci_category_find(wci_cells_kept_cell(kept, table, WCI_OBS_observationType));
    if (draft->category < 0)
        draft->category = WILDCAM_CATEGORY_UNKNOWN;
    if (draft->category == WILDCAM_CATEGORY_ANIMAL && wci_category_find(species) < 0)
        status = wci_text_set(&draft->species, species, strlen(species));
    wci_detection_settle(draft, &draft->category, &species);
    if (status == WILDCAM_OK && species != draft->species.data)
        status = wci_text_set(&draft->species, species, strlen(species));
    if (!wci_number_parse_real(wci_cells_kept_cell(kept, table, WCI_OBS_classificationProbability),
                               &draft->confidence))
        draft->confidence = NAN;
    return status;
}

static wildcam_status is_asked_for(struct wci_camtrapdp_export *export, const json_t *kept,
                                   bool *is_it)
{
    wildcam_detection draft;
    wci_detection_init(&draft);
    wildcam_status status = read_kept(kept, &draft);
    *is_it = status == WILDCAM_OK && wci_exchange_matches(export->exchange, &draft) &&
             (export->with_humans || draft.category != WILDCAM_CATEGORY_HUMAN);
    if (*is_it && wci_camtrapdp_is_below(export, &draft, kept)) {
        export->exchange->figures[WILDCAM_EXCHANGE_BELOW]++;
        *is_it = false;
    }
    wci_detection_release(&draft);
    return status;
}

/* Brings a time to what the camera's deployments say of its clock now, as its pictures' are. */
static wildcam_status correct(struct wci_camtrapdp_export *export, const struct wci_import_row *row,
                              size_t column, int64_t *time)
{
    struct wci_reading reading;
    int64_t version;
    int is_date;
    struct wci_cells *cells = &export->cells;
    if (!wci_calendar_parse(wci_text_get(&cells->values[column]), &reading.time, &reading.offset,
                            &is_date))
        return WILDCAM_OK;
    *time = reading.time;
    wildcam_status status = wci_store_correct(&export->exchange->station->store, row->camera_id,
                                              WILDCAM_TIME_SOURCE_SIDECAR, &reading, &version);
    if (status == WILDCAM_OK && reading.time != *time) {
        wci_cells_set_time(cells, column, reading.time, reading.offset);
        *time = reading.time;
    }
    return status;
}

static wildcam_status put_kept_cells(struct wci_camtrapdp_export *export,
                                     const struct wci_import_row *row, const json_t *kept,
                                     size_t place)
{
    const struct wci_table *table = &wci_camtrapdp_observations;
    const struct wci_query *plan = &export->exchange->plan;
    struct wci_cells *cells = &export->cells;
    int64_t start = row->from, end;
    for (size_t i = 0; i < WCI_OBS_COUNT; i++)
        wci_cells_set(cells, i, wci_cells_kept_cell(kept, table, i));
    wildcam_status status = correct(export, row, WCI_OBS_eventStart, &start);
    if (status == WILDCAM_OK)
        status = correct(export, row, WCI_OBS_eventEnd, &end);
    if (status != WILDCAM_OK || start < plan->from || start >= plan->to)
        return status;
    wci_cells_set(cells, WCI_OBS_deploymentID, wci_text_get(&export->places.list[place].id));
    wci_cells_set(cells, WCI_OBS_mediaID, ""); /* it is of an event, or its picture is not there */
    status = wci_camtrapdp_make_unique(export, 2, &cells->values[WCI_OBS_observationID],
                                       row->import_id);
    export->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS]++;
    return status == WILDCAM_OK ? wci_camtrapdp_put_observation(export) : status;
}

static wildcam_status put_kept(void *user, const struct wci_import_row *row)
{
    struct wci_camtrapdp_export *export = user;
    const struct wci_query *plan = &export->exchange->plan;
    if ((plan->camera && plan->camera->id != row->camera_id) ||
        (row->kind == WCI_IMPORT_EVENT && !export->with_events))
        return WILDCAM_OK;
    bool is_it = false;
    json_t *kept = wci_cells_kept(row->row, &export->exchange->is_short);
    size_t place = wci_sites_known(
        &export->places, row->camera_id, row->from,
        wci_cells_kept_cell(kept, &wci_camtrapdp_observations, WCI_OBS_deploymentID));
    wildcam_status status = WILDCAM_OK;
    if (place < export->places.count && !export->places.list[place].is_nowhere)
        status = is_asked_for(export, kept, &is_it);
    if (status == WILDCAM_OK && is_it)
        status = put_kept_cells(export, row, kept, place);
    json_decref(kept);
    return status;
}

struct numbers {
    int64_t *list;
    size_t count, capacity;
};

static wildcam_status note_import(void *user, const struct wci_import *import)
{
    struct numbers *numbers = user;
    void *list = numbers->list;
    if (wci_reserve(&list, &numbers->capacity, numbers->count + 1, sizeof *numbers->list) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    numbers->list = list;
    numbers->list[numbers->count++] = import->id;
    return WILDCAM_OK;
}

wildcam_status wci_camtrapdp_end_events(struct wci_camtrapdp_export *export)
{
    const struct wci_store *store = &export->exchange->station->store;
    struct numbers numbers = {0};
    wildcam_status status = close_events(export, INT64_MAX);
    if (status == WILDCAM_OK)
        status = store->ops->each_import(store->backend, "camtrapdp", note_import, &numbers);
    for (size_t i = 0; status == WILDCAM_OK && i < numbers.count; i++)
        status = store->ops->each_import_row(store->backend, numbers.list[i], put_kept, export);
    free(numbers.list);
    if (export->without_event)
        wci_exchange_remark(export->exchange,
                            "%lld pictures are in no event yet: they have no observation of one",
                            (long long)export->without_event);
    return status;
}
