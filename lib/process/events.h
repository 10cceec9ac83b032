/*
 * Which pictures of a camera belong together. Pure: nothing but what is handed in is looked at.
 *
 * The pictures of one camera are taken in the order of wci_frames_compare(). Each belongs to one
 * of three kinds, and each kind has chains of its own, so that what is of another kind neither
 * joins a chain nor carries it on:
 *
 *   - Alone: a time-lapse frame, and a picture whose time nobody knows, is an event by itself.
 *   - Numbered: the maker note counts the pictures of a trigger, and there is more than one. It
 *     follows one of the same event of the same camera, as long as the numbers rise.
 *   - Any other follows the one before it when no more than the gap lies between them.
 *
 * Nothing follows a picture of another deployment. An event has the id of its first picture.
 */
#ifndef WCI_PROCESS_EVENTS_H
#define WCI_PROCESS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/event.h"

/* Numbered pictures do not follow one that is older than this, or than the gap if that is longer:
 * a camera that was reset counts from the beginning again. */
enum { WCI_SEQUENCE_REACH = 3600 };

enum wci_frame_kind { WCI_FRAME_ALONE, WCI_FRAME_NUMBERED, WCI_FRAME_OTHER };
enum { WCI_CHAINS = 2 }; /* of the kinds that have one */

enum wci_frame_kind wci_frame_kind(const struct wci_frame *frame);
/* By time, then as the camera counted them, then by file name, then by id; for qsort(). */
int wci_frames_compare(const void *left, const void *right);
/* The seconds that can lie between two pictures of one event. */
int wci_events_reach(int gap);

struct wci_link {
    bool is_there;
    int64_t time, deployment, event_number, event_id;
    int sequence_number, sequence_length;
};

/* Where the chains of one camera stand. Zeroed but for the gap, there is nothing before. */
struct wci_grouping {
    int gap; /* seconds */
    struct wci_link last[WCI_CHAINS];
};

/* Takes the next picture and says which event it is in. */
void wci_events_add(struct wci_grouping *grouping, struct wci_frame *frame);
/* Takes one whose event is known already. */
void wci_events_note(struct wci_grouping *grouping, const struct wci_frame *frame);
/* Sorts pictures of one camera and groups them. */
void wci_events_group(struct wci_frame *frames, size_t count, int gap);

#endif
