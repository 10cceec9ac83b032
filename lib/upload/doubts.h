/*
 * Where something of a picture may lie beside where it belongs: the text in an upload's row, and
 * its items. "us-west-2" is the object, "us-east-1#ID" parts of it.
 */
#ifndef WCI_UPLOAD_DOUBTS_H
#define WCI_UPLOAD_DOUBTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "upload/engine.h"

/* One item: slices of the text. */
struct wci_doubt {
    const char *region, *upload_id; /* no id: the object itself */
    size_t region_length, id_length;
};

/* Reads the item at *at and goes behind it; false at the end. */
bool wci_doubts_next(const char **at, struct wci_doubt *doubt);
bool wci_doubt_is_in(const struct wci_doubt *doubt, const char *region);
/* Its region's place in `s3.regions`; -1 when that has none of the name any more. */
int wci_doubt_region(const struct wci_doubt *doubt, const wci_engine *engine);

/* Adds an item that is not there yet; `upload_id` NULL or "" for the object itself. Want of memory
 * sticks in the text. */
void wci_doubts_add(struct wci_text *doubts, const char *region, const char *upload_id);
/* Takes one out, if it is there. */
void wci_doubts_remove(struct wci_text *doubts, const char *region, const char *upload_id);
/* The same with every item of another text. */
void wci_doubts_add_all(struct wci_text *doubts, const char *others);
void wci_doubts_remove_all(struct wci_text *doubts, const char *others);

#endif
