/* The language in which tests in Python ask programs in C: lines of words behind tabs, each in
 * hexadecimal so that any byte may come. */
#ifndef TESTS_UPLOAD_WORDS_H
#define TESTS_UPLOAD_WORDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upload/sigv4.h"

static inline void words_die(const char *why)
{
    fprintf(stderr, "%s (%s)\n", why, wildcam_error_message());
    exit(1);
}

/* The next word as it stands. */
static inline char *words_next_raw(char **line)
{
    char *word = strsep(line, "\t\n");
    if (!word)
        words_die("a line is too short");
    return word;
}

static inline int words_digit(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* The next word, decoded where it stands, a NUL behind it. */
static inline char *words_next(char **line)
{
    char *word = words_next_raw(line);
    size_t length = strlen(word) / 2;
    for (size_t i = 0; i < length; i++)
        word[i] = (char)(words_digit(word[2 * i]) << 4 | words_digit(word[2 * i + 1]));
    word[length] = '\0';
    return word;
}

/* The same where NULs may be inside. */
static inline char *words_next_bytes(char **line, size_t *length)
{
    *length = *line ? strcspn(*line, "\t\n") / 2 : 0;
    return words_next(line);
}

static inline long long words_next_number(char **line)
{
    return strtoll(words_next(line), NULL, 10);
}

/* So many names and values. */
static inline void words_next_pairs(char **line, struct wci_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pairs[i].name = words_next(line);
        pairs[i].value = words_next(line);
    }
}

static inline void words_print(const void *bytes, size_t length, char behind)
{
    for (size_t i = 0; i < length; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    putchar(behind);
}

#endif
