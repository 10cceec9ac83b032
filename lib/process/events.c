#include "process/events.h"

#include <stdlib.h>
#include <string.h>

#include <wildcam/image.h>

#include "base/calendar.h"

enum wci_frame_kind wci_frame_kind(const struct wci_frame *frame)
{
    if (frame->capture == WILDCAM_CAPTURE_TIMELAPSE ||
        frame->time_source == WILDCAM_TIME_SOURCE_UNKNOWN ||
        frame->time_source == WILDCAM_TIME_SOURCE_RECEIVED)
        return WCI_FRAME_ALONE;
    return frame->sequence_length > 1 && frame->sequence_number > 0 ? WCI_FRAME_NUMBERED
                                                                    : WCI_FRAME_OTHER;
}

static int compare(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

int wci_frames_compare(const void *left, const void *right)
{
    const struct wci_frame *a = left, *b = right;
    int order = compare(a->time, b->time);
    if (order == 0)
        order = compare(a->event_number, b->event_number);
    if (order == 0)
        order = compare(a->sequence_number, b->sequence_number);
    if (order == 0)
        order = strcmp(a->file_name ? a->file_name : "", b->file_name ? b->file_name : "");
    return order == 0 ? compare(a->id, b->id) : order;
}

int wci_events_reach(int gap)
{
    return gap > WCI_SEQUENCE_REACH ? gap : WCI_SEQUENCE_REACH;
}

static bool is_next_number(const struct wci_link *last, const struct wci_frame *frame)
{
    if (last->sequence_length != frame->sequence_length ||
        last->event_number != frame->event_number)
        return false;
    if (frame->event_number >= 0) /* some of its pictures may be missing */
        return frame->sequence_number > last->sequence_number;
    return frame->sequence_number == last->sequence_number + 1;
}

static bool follows(const struct wci_grouping *grouping, const struct wci_link *last,
                    const struct wci_frame *frame, enum wci_frame_kind kind)
{
    if (!last->is_there || last->deployment != frame->deployment)
        return false;
    int64_t apart = frame->time - last->time;
    if (kind == WCI_FRAME_NUMBERED)
        return apart <= wci_events_reach(grouping->gap) * WCI_SECOND && is_next_number(last, frame);
    return apart <= grouping->gap * WCI_SECOND;
}

static struct wci_link *chain_of(struct wci_grouping *grouping, enum wci_frame_kind kind)
{
    return kind == WCI_FRAME_ALONE ? NULL : &grouping->last[kind == WCI_FRAME_OTHER];
}

void wci_events_note(struct wci_grouping *grouping, const struct wci_frame *frame)
{
    struct wci_link *last = chain_of(grouping, wci_frame_kind(frame));
    if (last)
        *last = (struct wci_link){true,
                                  frame->time,
                                  frame->deployment,
                                  frame->event_number,
                                  frame->event_id,
                                  frame->sequence_number,
                                  frame->sequence_length};
}

void wci_events_add(struct wci_grouping *grouping, struct wci_frame *frame)
{
    enum wci_frame_kind kind = wci_frame_kind(frame);
    const struct wci_link *last = chain_of(grouping, kind);
    frame->event_id = last && follows(grouping, last, frame, kind) ? last->event_id : frame->id;
    frame->event_gap = kind == WCI_FRAME_NUMBERED ? 0 : grouping->gap;
    wci_events_note(grouping, frame);
}

void wci_events_group(struct wci_frame *frames, size_t count, int gap)
{
    struct wci_grouping grouping = {.gap = gap};
    if (count)
        qsort(frames, count, sizeof *frames, wci_frames_compare);
    for (size_t i = 0; i < count; i++)
        wci_events_add(&grouping, &frames[i]);
}
