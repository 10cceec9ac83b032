/* The forms that a text may have to be in, and reading what is in them. */
#ifndef WCI_CONF_FORM_H
#define WCI_CONF_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WCI_REGION_TEXT = 64, /* a region's name of at most 63 bytes, and its NUL */
    WCI_REGIONS_MAX = 16, /* in one list */
    WCI_WEBHOOK_TEXT = 1024,
    WCI_WEBHOOKS_MAX = 8, /* in one list */
    WCI_MINUTES_A_DAY = 1440
};

struct wci_form {
    const char *name;
    const char *words;                      /* what it is, behind "takes" */
    const char *(*fault)(const char *text); /* what is wrong with a text, or NULL */
};

/* NULL when there is no form of that name. */
const struct wci_form *wci_form_named(const char *name);

/* A region's name: 1 to 63 of a-z, 0-9 and -. */
bool wci_is_region(const char *name);

/* A word of a list with commas, without the blanks around it. */
struct wci_word {
    const char *begin;
    size_t length;
};

/* Takes the next word from a list that begins at *at; false at its end. An empty list has none. */
bool wci_list_next(const char **at, struct wci_word *word);
bool wci_word_is(struct wci_word word, const char *text);

/* A part of each day, in minutes since midnight UTC; it may go on past midnight. */
struct wci_window {
    int begin, end;
};

bool wci_window_read(const char *text, struct wci_window *window);

#endif
