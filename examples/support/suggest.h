/* What somebody who mistyped a word may have meant. */
#ifndef SUPPORT_SUGGEST_H
#define SUPPORT_SUGGEST_H

#include <stddef.h>

/* The name that is nearest to the word; NULL when none is near. */
const char *suggest(const char *word, const char *const *names, size_t count);

#endif
