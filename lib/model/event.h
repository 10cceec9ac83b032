/* A picture as far as it matters to which event it belongs. */
#ifndef WCI_MODEL_EVENT_H
#define WCI_MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/event.h>

#include "base/json.h"
#include "base/text.h"
#include "model/image.h"

/* A setting's default and its range, in seconds. */
enum { WCI_EVENT_GAP = 60, WCI_EVENT_GAP_MAX = 86400 };

struct wci_frame {
    int64_t id;
    int64_t time;         /* microseconds UTC, true as far as anybody knows */
    int64_t deployment;   /* whatever tells a camera's deployments apart; 0 for none */
    int64_t event_number; /* as the maker note has it; -1 is not known */
    int sequence_number, sequence_length;
    int capture, time_source; /* WILDCAM_CAPTURE_, WILDCAM_TIME_SOURCE_ */
    const char *file_name;    /* may be NULL */
    int64_t event_id;         /* the first picture of its event; 0 while it is in none */
    int event_gap;            /* seconds; 0 where the camera told, -1 while it is in none */
};

/* Zeroed, it is empty. The list may be sorted. */
struct wci_frames {
    struct wci_frame *list;
    char **names; /* all that came, in that order */
    size_t count, capacity, name_count, name_capacity;
};

/* Adds one, whose name is copied. */
wildcam_status wci_frames_add(struct wci_frames *frames, const struct wci_frame *frame,
                              const char *file_name);
/* Leaves out those that were taken at a time or later. */
void wci_frames_cut(struct wci_frames *frames, int64_t time);
void wci_frames_empty(struct wci_frames *frames);
void wci_frames_free(struct wci_frames *frames);

/* A picture's event, as it is to be written down: only while it says what it was read as, and has
 * the time that it had. Both 0 for none; the same twice only makes sure. */
struct wci_event_mark {
    int64_t image_id, camera_id, time;
    int64_t was, event_id;
    int gap; /* -1 where event_id is 0 */
};

struct wci_event_species {
    int category;
    struct wci_text name;
};

struct wildcam_event {
    int64_t id; /* its first picture's */
    int64_t camera_id, last_image;
    struct wci_text device_id;
    struct wci_text deployment; /* its key; empty for none */
    int64_t start, end;
    int32_t offset;
    int gap;
    int64_t pictures;
    struct wci_event_species *species; /* what was seen, each once */
    size_t species_count, species_capacity;
};

void wci_event_init(wildcam_event *event);
void wci_event_release(wildcam_event *event);
/* With its first picture. What it held before goes. */
wildcam_status wci_event_begin(wildcam_event *event, const wildcam_image *first);
/* Once, however often it is seen. */
wildcam_status wci_event_add_species(wildcam_event *event, int category, const char *name);
void wci_event_write_json(const wildcam_event *event, struct wci_json *json);

#endif
