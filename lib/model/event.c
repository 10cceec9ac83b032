#include "model/event.h"

#include <stdlib.h>

#include "base/memory.h"

static wildcam_status make_room(struct wci_frames *frames)
{
    void *list = frames->list, *names = frames->names;
    wildcam_status status = wci_reserve(&list, &frames->capacity, frames->count + 1,
                                        sizeof *frames->list);
    frames->list = list;
    if (status == WILDCAM_OK)
        status = wci_reserve(&names, &frames->name_capacity, frames->count + 1,
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
    frames->list[frames->count].file_name = frames->names[frames->count] = name;
    frames->count++;
    return WILDCAM_OK;
}

void wci_frames_empty(struct wci_frames *frames)
{
    while (frames->count)
        free(frames->names[--frames->count]);
}

void wci_frames_free(struct wci_frames *frames)
{
    wci_frames_empty(frames);
    free(frames->list);
    free(frames->names);
    *frames = (struct wci_frames){0};
}
