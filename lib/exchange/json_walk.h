/*
 * A large JSON object, read member by member and one of its lists element by element, so that a
 * file with a million pictures takes the memory of one.
 *
 * Read leniently, because published and third-party files need it: comments, missing and trailing
 * commas, Python's None, True and False, NaN and Infinity. Each such repair is counted; what comes
 * out is JSON's grammar as far as commas and words go, and whoever parses it sees the rest.
 */
#ifndef WCI_EXCHANGE_JSON_WALK_H
#define WCI_EXCHANGE_JSON_WALK_H

#include "base/text.h"
#include "exchange/source.h"

enum { WCI_JSON_VALUE_MAX = 16 << 20, WCI_JSON_DEPTH_MAX = 200 };

struct wci_json_walk {
    struct wci_source *source;
    const char *list; /* the name of the member that is handed out by elements */
    void *user;
    /* A member's name and its value's text; NULL when they are not wanted: not kept then. */
    wildcam_status (*member)(void *user, const char *name, const struct wci_text *value);
    /* An element of the list; NULL when they are only counted. */
    wildcam_status (*element)(void *user, const struct wci_text *value);
    /* Out. */
    int64_t elements, repairs;
    int64_t line; /* where the reader is, from 1 */
    bool has_list;
    bool is_cut_off; /* the file ends in the middle; what was whole was handed out */
};

/* INVALID when the file is no JSON object at all, or a value is over its limits. */
wildcam_status wci_json_walk(struct wci_json_walk *walk);

#endif
