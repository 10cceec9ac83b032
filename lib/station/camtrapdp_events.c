/* observations.csv: what was seen in whole events, whose counts may be summed. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "station/camtrapdp_export.h"

/* A species of an event by the number of its category and its name: "2 Vulpes vulpes". */
static wildcam_status count_species(json_t *seen, const wildcam_detection *const *detections,
                                    size_t count)
{
    json_t *here = json_object();
    wildcam_status status = here ? WILDCAM_OK : wci_fail_memory();
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        struct wci_text name = {0};
        if (detections[i]->false_positive)
            continue;
        wci_text_add_format(&name, "%d %s", detections[i]->category,
                            wci_text_get(&detections[i]->species));
        json_int_t so_far = name.failed ? 0 : json_integer_value(json_object_get(here, name.data));
        if (name.failed || json_object_set_new(here, name.data, json_integer(so_far + 1)) != 0)
            status = wci_fail_memory();
        wci_text_free(&name);
    }
    const char *name;
    json_t *number;
    json_object_foreach (here, name, number) {
        if (status == WILDCAM_OK &&
            json_integer_value(number) > json_integer_value(json_object_get(seen, name)) &&
            json_object_set(seen, name, number) != 0)
            status = wci_fail_memory();
    }
    json_decref(here);
    return status;
}

static bool is_something(int category)
{
    return category != WILDCAM_CATEGORY_BLANK && category != WILDCAM_CATEGORY_UNCLASSIFIED;
}

/* Names of species stand behind their category's number. */
static int category_of(const char *name)
{
    return (int)strtol(name, NULL, 10);
}

static wildcam_status put_event(struct wci_camtrapdp_export *export,
                                const struct wci_open_event *event, int category,
                                const char *species, json_int_t count, int number)
{
    struct wci_cells *cells = &export->cells;
    bool is_named = category == WILDCAM_CATEGORY_ANIMAL && wci_category_find(species) < 0;
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
    wci_cells_set(cells, WCI_OBS_observationType, wci_category_name(category));
    wci_cells_set(cells, WCI_OBS_scientificName,
                  category == WILDCAM_CATEGORY_HUMAN ? "Homo sapiens"
                  : is_named                         ? species
                                                     : "");
    if (is_something(category))
        wci_cells_set_int(cells, WCI_OBS_count, count);
    wci_camtrapdp_put_row(&wci_camtrapdp_observations, cells, &export->observations.buffer);
    export->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS]++;
    return status == WILDCAM_OK ? wci_sink_spill(&export->observations) : status;
}

/* What is on any of its pictures; nothing, when all were looked at and nothing was there. */
static wildcam_status flush(struct wci_camtrapdp_export *export, struct wci_open_event *event)
{
    const char *name;
    json_t *count;
    bool has_something = false, has_unclassified = false;
    int number = 0;
    wildcam_status status = WILDCAM_OK;
    json_object_foreach (event->species, name, count) {
        has_something |= is_something(category_of(name));
        has_unclassified |= category_of(name) == WILDCAM_CATEGORY_UNCLASSIFIED;
    }
    json_object_foreach (event->species, name, count) {
        if (status == WILDCAM_OK && is_something(category_of(name)))
            status = put_event(export, event, category_of(name), strchr(name, ' ') + 1,
                               json_integer_value(count), ++number);
    }
    if (status == WILDCAM_OK && !has_something)
        status = put_event(
            export, event,
            has_unclassified ? WILDCAM_CATEGORY_UNCLASSIFIED : WILDCAM_CATEGORY_BLANK, "", 0, 1);
    json_decref(event->species);
    *event = (struct wci_open_event){.camera_id = event->camera_id};
    return status;
}

static struct wci_open_event *find(struct wci_camtrapdp_export *export, int64_t camera_id)
{
    for (size_t i = 0; i < export->event_count; i++)
        if (export->events[i].camera_id == camera_id)
            return &export->events[i];
    void *events = export->events;
    if (wci_reserve(&events, &export->event_capacity, export->event_count + 1,
                    sizeof *export->events) != WILDCAM_OK)
        return NULL;
    export->events = events;
    struct wci_open_event *event = &export->events[export->event_count++];
    *event = (struct wci_open_event){.camera_id = camera_id};
    return event;
}

wildcam_status wci_camtrapdp_note_event(struct wci_camtrapdp_export *export,
                                        const wildcam_image *image,
                                        const wildcam_detection *const *detections, size_t count,
                                        size_t place)
{
    if (!export->with_events)
        return WILDCAM_OK;
    if (!image->event_id) {
        export->without_event++;
        return WILDCAM_OK;
    }
    struct wci_open_event *event = find(export, image->camera_id);
    wildcam_status status = event ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    if (status == WILDCAM_OK && event->event_id && event->event_id != image->event_id)
        status = flush(export, event);
    if (status != WILDCAM_OK)
        return status;
    if (!event->event_id) {
        *event = (struct wci_open_event){.camera_id = image->camera_id,
                                         .event_id = image->event_id,
                                         .place = place,
                                         .first = image->time,
                                         .first_offset = image->offset,
                                         .species = json_object()};
        if (!event->species)
            return wci_fail_memory();
    }
    event->last = image->time;
    event->last_offset = image->offset;
    return count_species(event->species, detections, count);
}

/* ---- Those that came with packages ---- */

static wildcam_status put_kept(void *user, const struct wci_import_row *row)
{
    struct wci_camtrapdp_export *export = user;
    const struct wci_table *table = &wci_camtrapdp_observations;
    const struct wci_query *plan = &export->exchange->plan;
    if (row->from < plan->from || row->from >= plan->to ||
        (plan->camera && plan->camera->id != row->camera_id) ||
        (row->kind == WCI_IMPORT_EVENT && !export->with_events))
        return WILDCAM_OK;
    json_t *kept = wci_cells_kept(row->row);
    const char *id = wci_cells_kept_cell(kept, table, WCI_OBS_deploymentID);
    const char *species = wci_cells_kept_cell(kept, table, WCI_OBS_scientificName);
    const int64_t *place = wci_hash_set_find(&export->places.ids, wci_hash_set_hash(0, id));
    bool is_asked_for = place &&
                        (!plan->by_species || strcmp(species, wci_text_get(&plan->species)) == 0);
    wildcam_status status = WILDCAM_OK;
    if (is_asked_for) {
        for (size_t i = 0; i < WCI_OBS_COUNT; i++)
            wci_cells_set(&export->cells, i, wci_cells_kept_cell(kept, table, i));
        if (row->kind == WCI_IMPORT_ORPHAN)
            wci_cells_set(&export->cells, WCI_OBS_mediaID, "");
        status = wci_camtrapdp_make_unique(export, 2, &export->cells.values[WCI_OBS_observationID],
                                           row->import_id);
        if (status == WILDCAM_OK && *species &&
            json_object_set_new(export->taxa, species, json_null()) != 0)
            status = wci_fail_memory();
        wci_camtrapdp_put_row(table, &export->cells, &export->observations.buffer);
        export->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS]++;
    }
    json_decref(kept);
    return status == WILDCAM_OK ? wci_sink_spill(&export->observations) : status;
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
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < export->event_count; i++)
        if (export->events[i].event_id)
            status = flush(export, &export->events[i]);
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
