/* A selector's text as a list of what must hold. */
#ifndef WCI_METRICS_SELECTOR_PARSE_H
#define WCI_METRICS_SELECTOR_PARSE_H

#include "base/text.h"
#include "metrics/regex.h"

struct wci_matcher {
    char *name;              /* of the label */
    bool is_name, is_le;     /* it is __name__; it is le */
    bool is_negated;         /* != and !~ */
    wci_regex *regex;        /* of =~ and !~ */
    struct wci_text value;   /* of = and != */
    struct wci_text escaped; /* the same as it stands in a series */
    size_t label;            /* its place in the family whose turn it is */
};

struct wci_matchers {
    struct wci_matcher *list;
    size_t count, capacity;
};

/* INVALID with a sentence that names the selector and where it is wrong; NOMEM. The list is freed
 * with wci_matchers_free() in any case. */
wildcam_status wci_matchers_parse(const char *text, struct wci_matchers *matchers);
void wci_matchers_free(struct wci_matchers *matchers);

#endif
