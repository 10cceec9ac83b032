/* Text that grows. A failure sticks, so that a writer asks once, at the end. */
#ifndef WCI_BASE_TEXT_H
#define WCI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct wci_text {
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t length;
    size_t capacity;
    bool failed;
};

void wci_text_add(struct wci_text *text, const char *words);
void wci_text_add_bytes(struct wci_text *text, const char *bytes, size_t length);
void wci_text_add_char(struct wci_text *text, char character);
/* Where up to so many bytes may be written behind the text, and how many of them then belong to it;
 * NULL when it has failed. */
char *wci_text_room(struct wci_text *text, size_t most);
void wci_text_grow(struct wci_text *text, size_t length);
void wci_text_add_format(struct wci_text *text, const char *format, ...) WCI_PRINTF(2, 3);
void wci_text_empty(struct wci_text *text); /* keeps its memory */
void wci_text_free(struct wci_text *text);

/* What it holds, never NULL. */
const char *wci_text_get(const struct wci_text *text);

/* Hands the characters to the caller and leaves the text empty; NULL with WILDCAM_ERR_NOMEM. */
char *wci_text_take(struct wci_text *text);

/* Makes the text hold these words alone; WILDCAM_OK or WILDCAM_ERR_NOMEM with the old ones kept. */
wildcam_status wci_text_set(struct wci_text *text, const char *words, size_t length);

/* Whether two words are the same but for the case of A to Z, whatever the locale. */
bool wci_words_match(const char *left, const char *right);

#endif
