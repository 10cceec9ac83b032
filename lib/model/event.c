#include "model/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/detection.h"

static wildcam_status make_room(struct wci_frames *frames)
{
    void *list = frames->list, *names = frames->names;
    wildcam_status status = wci_reserve(&list, &frames->capacity, frames->count + 1,
                                        sizeof *frames->list);
    frames->list = list;
    if (status == WILDCAM_OK)
        status = wci_reserve(&names, &frames->name_capacity, frames->name_count + 1,
                             sizeof *frames->names);
    frames->names = names;
    return status;
}

wildcam_status wci_frames_add(struct wci_frames *frames, const struct wci_frame *frame,
                              const char *file_name)
{
    char *name = NULL;
    if (make_room(frames) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    if (file_name && !(name = wci_copy_text(file_name)))
        return WILDCAM_ERR_NOMEM;
    frames->list[frames->count] = *frame;
    frames->list[frames->count++].file_name = frames->names[frames->name_count++] = name;
    return WILDCAM_OK;
}

void wci_frames_empty(struct wci_frames *frames)
{
    while (frames->name_count)
        free(frames->names[--frames->name_count]);
    frames->count = 0;
}

void wci_frames_cut(struct wci_frames *frames, int64_t time)
{
    size_t kept = 0;
    for (size_t i = 0; i < frames->count; i++)
        if (frames->list[i].time < time)
            frames->list[kept++] = frames->list[i];
    frames->count = kept;
}

void wci_frames_free(struct wci_frames *frames)
{
    wci_frames_empty(frames);
    free(frames->list);
    free(frames->names);
    *frames = (struct wci_frames){0};
}

void wci_event_init(wildcam_event *event)
{
    *event = (wildcam_event){
        .start = WILDCAM_TIME_NONE, .end = WILDCAM_TIME_NONE, .offset = WILDCAM_OFFSET_UNKNOWN};
}

void wci_event_release(wildcam_event *event)
{
    wci_text_free(&event->device_id);
    wci_text_free(&event->deployment);
    for (size_t i = 0; i < event->species_count; i++)
        wci_text_free(&event->species[i].name);
    free(event->species);
    wci_event_init(event);
}

wildcam_status wci_event_begin(wildcam_event *event, const wildcam_image *first)
{
    wci_event_release(event);
    event->id = event->last_image = first->id;
    event->camera_id = first->camera_id;
    event->start = event->end = first->time;
    event->offset = first->offset;
    event->gap = first->event_gap;
    event->pictures = 1;
    return wci_text_set(&event->device_id, wci_text_get(&first->device_id),
                        first->device_id.length);
}

wildcam_status wci_event_add_species(wildcam_event *event, int category, const char *name)
{
    void *species = event->species;
    for (size_t i = 0; i < event->species_count; i++)
        if (event->species[i].category == category &&
            strcmp(wci_text_get(&event->species[i].name), name) == 0)
            return WILDCAM_OK;
    if (wci_reserve(&species, &event->species_capacity, event->species_count + 1,
                    sizeof *event->species) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    event->species = species;
    struct wci_event_species *added = &event->species[event->species_count];
    *added = (struct wci_event_species){.category = category};
    wildcam_status status = wci_text_set(&added->name, name, strlen(name));
    event->species_count += status == WILDCAM_OK;
    return status;
}

void wci_event_write_json(const wildcam_event *event, struct wci_json *json)
{
    wci_json_open(json, NULL, '{');
    wci_json_int(json, "id", event->id);
    wci_json_int(json, "camera_id", event->camera_id);
    wci_json_text_or_null(json, "device_id", wci_text_get(&event->device_id));
    wci_json_text_or_null(json, "deployment_id", wci_text_get(&event->deployment));
    wci_json_time(json, "start", event->start, event->offset);
    wci_json_time(json, "end", event->end, event->offset);
    wci_json_int(json, "images", event->pictures);
    wci_json_int(json, "gap", event->gap);
    wci_json_int(json, "first_image_id", event->id);
    wci_json_int(json, "last_image_id", event->last_image);
    wci_json_open(json, "species", '[');
    for (size_t i = 0; i < event->species_count; i++) {
        wci_json_open(json, NULL, '{');
        wci_json_text(json, "category", wci_category_name(event->species[i].category));
        wci_json_text(json, "species", wci_text_get(&event->species[i].name));
        wci_json_close(json, '}');
    }
    wci_json_close(json, ']');
    wci_json_close(json, '}');
}
