/* UTF-8: whether text is it, and where it may be cut. */
#ifndef WCI_BASE_UTF8_H
#define WCI_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Well-formed by RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* How many bytes the character at text takes, of `length` that are there; 0 when it is none. */
size_t wci_utf8_character(const char *text, size_t length);
bool wci_utf8_is_valid(const char *text, size_t length);

/* The largest length at most `limit` that does not cut a character of text in two. */
size_t wci_utf8_cut(const char *text, size_t limit);

/* Puts a question mark in the place of every byte that belongs to no well-formed character. */
void wci_utf8_repair(char *text);

#endif
