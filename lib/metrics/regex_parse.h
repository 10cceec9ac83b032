/* What the parts of the compiler of regular expressions share. */
#ifndef WCI_METRICS_REGEX_PARSE_H
#define WCI_METRICS_REGEX_PARSE_H

#include "metrics/regex.h"

struct wci_regex_parser {
    wci_regex *regex;
    const char *pattern, *at;
    int depth;
    wildcam_status status;
};

/* Says what is wrong where it stands, once. */
void wci_regex_fail(struct wci_regex_parser *parser, const char *words);
bool wci_regex_has_failed(const struct wci_regex_parser *parser);
/* Goes behind a word if that is next. */
bool wci_regex_skip(struct wci_regex_parser *parser, const char *word);
void wci_regex_emit(struct wci_regex_parser *parser, struct wci_regex_code code);

/* Takes one character, in both cases where case is ignored. */
void wci_regex_emit_character(struct wci_regex_parser *parser, uint32_t character);
/* Takes what is in the ranges from the first on. */
void wci_regex_emit_set(struct wci_regex_parser *parser, size_t first_range, bool is_negated);
/* Behind a backslash: the character that is meant. */
uint32_t wci_regex_parse_escape(struct wci_regex_parser *parser);
/* At a backslash: adds the ranges of \d, \W and so on, if one of them it is. */
bool wci_regex_parse_class_escape(struct wci_regex_parser *parser);
/* Behind the bracket that opens: takes what is in brackets. */
void wci_regex_parse_brackets(struct wci_regex_parser *parser);

#endif
