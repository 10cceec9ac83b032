/* Text from elsewhere (file names, species, notes) on its way to a person or a script. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>

/* How many bytes the character at the beginning takes; 0 when they are no UTF-8. */
size_t text_character(const char *text);
/* For a terminal: control characters, what turns the direction of writing and bytes that are no
 * UTF-8 become "\n", "\x1b" and the like. Freed with free(); NULL when memory ran out. */
char *text_visible(const char *text);
/* For JSON: bytes that are no UTF-8 become U+FFFD. Freed with free(); NULL when memory ran out. */
char *text_utf8(const char *text);
/* How many characters it has. */
size_t text_width(const char *text);

#endif
