/*
 * Regular expressions that anybody may send: RE2's syntax, less what labels do not need, matched
 * against the whole text in time proportional to text times expression, whatever either says.
 *
 * Not the C library's: its locale is the program's, it follows back-references into the
 * exponential, and its memory for a repetition of repetitions has no end.
 */
#ifndef WCI_METRICS_REGEX_H
#define WCI_METRICS_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    WCI_REGEX_CODE = 2000,   /* instructions */
    WCI_REGEX_DEPTH = 100,   /* parentheses in parentheses */
    WCI_REGEX_REPEATS = 1000 /* in braces, as RE2 has it */
};

typedef struct wci_regex wci_regex;

/* INVALID with a sentence that says what is wrong and at which byte; NOMEM. */
wildcam_status wci_regex_new(const char *pattern, wci_regex **out);
void wci_regex_free(wci_regex *regex);
/* Whether the whole text matches. By one thread at a time. */
bool wci_regex_match(wci_regex *regex, const char *text, size_t length);

/* ---- what the two halves share ---- */

/* Instructions; where they lead is counted from where they stand. Without a word to the contrary
 * the next one follows. */
enum wci_regex_op {
    WCI_REGEX_SET,   /* takes a character of a set */
    WCI_REGEX_SPLIT, /* goes on at both */
    WCI_REGEX_JUMP,  /* goes on at `a` */
    WCI_REGEX_BEGIN, /* goes on at the text's begin alone */
    WCI_REGEX_END,   /* goes on at its end alone */
    WCI_REGEX_DONE
};

struct wci_regex_code {
    uint8_t op;
    bool is_negated;
    int16_t a, b;    /* where it leads */
    uint32_t ranges; /* of a set: its first */
    uint32_t count;  /* of a set: how many */
};

struct wci_regex_range {
    uint32_t low, high; /* both are in it */
};

struct wci_regex {
    struct wci_regex_code *code;
    size_t count, capacity;
    struct wci_regex_range *ranges;
    size_t range_count, range_capacity;
    bool ignores_case; /* of A to Z */
    /* While it runs: instructions to follow, now and behind the next character. */
    uint16_t *lists[2], *stack;
    uint32_t *marks, mark;
    uint64_t steps; /* that were taken in all matches */
    size_t lengths[2];
};

/* Decodes one character; bytes that are none stand for themselves. */
size_t wci_regex_character(const char *text, size_t length, uint32_t *character);

#endif
