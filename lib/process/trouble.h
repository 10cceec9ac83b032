/*
 * Whose fault it is when a detector fails.
 *
 * What is wrong with a picture is told from what is wrong with the detector by what it does with
 * others. Where picture after picture fails, or it does not even start, it is the detector that is
 * broken: then pictures wait, and it is tried with one at a time, less and less often, until one
 * goes well. Each of these tries costs its picture an attempt, unless it did not come to that: as
 * seldom as they are, a detector that is broken for hours costs few pictures theirs, and where it
 * is the pictures that are bad, all of them, they come to an end.
 */
#ifndef WCI_PROCESS_TROUBLE_H
#define WCI_PROCESS_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

enum { WCI_TROUBLE_PICTURES = 5 }; /* that fail one after the other until it is the detector */

struct wci_trouble {
    int64_t failed[WCI_TROUBLE_PICTURES]; /* pictures since the last that went well, each once */
    int failed_count;
    bool is_broken;
    bool is_tried;      /* somebody is at it */
    int64_t wait;       /* how long it is left alone */
    int64_t not_before; /* of the monotonic clock */
};

/* How long to leave it alone, in microseconds; 0: it may be tried, and whoever does says with one
 * of the four below how that went. */
int64_t wci_trouble_begin(struct wci_trouble *trouble, int64_t now);

/* True when that ends its being broken. */
bool wci_trouble_went_well(struct wci_trouble *trouble);
/* It failed with a picture: true when that is to be counted as one of the picture's attempts. */
bool wci_trouble_picture_failed(struct wci_trouble *trouble, int64_t picture, int64_t now);
/* It failed whatever the picture was. */
void wci_trouble_failed(struct wci_trouble *trouble, int64_t now);
/* It was not tried after all. */
void wci_trouble_dropped(struct wci_trouble *trouble);

#endif
