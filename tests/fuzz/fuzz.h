/*
 * What the fuzz targets share.
 *
 * A target is one file with one LLVMFuzzerTestOneInput(): bytes that nobody vouches for go into one
 * parser, and what comes out must keep the parser's promises. With -Dfuzz=true libFuzzer drives it
 * (fuzz.sh does that); else replay.c does, which makes it a test like the others.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that holds for every input. */
#define must(promise)                                                                              \
    do {                                                                                           \
        if (!(promise)) {                                                                          \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* An exact copy, so that a byte read past its end is noticed; freed with free(). */
static inline void *fuzz_copy(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);
    must(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

/* The same as text, up to its first NUL. */
static inline char *fuzz_text(const void *data, size_t size)
{
    size_t length = size ? strnlen(data, size) : 0;
    char *text = malloc(length + 1);
    must(text != NULL);
    if (length)
        memcpy(text, data, length);
    text[length] = '\0';
    return text;
}

/* The first line as text, without CR LF; data and size go on to what stands behind it. */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
    size_t length = end ? (size_t)(end - *data) : *size, taken = length + (end != NULL);
    char *line = fuzz_text(*data, length > 0 && (*data)[length - 1] == '\r' ? length - 1 : length);
    *data += taken;
    *size -= taken;
    return line;
}

/* How large the piece at this place is when an input is fed in pieces: any from 1 to 64, the same
 * for the same input. */
static inline size_t fuzz_piece(const uint8_t *data, size_t size, size_t at)
{
    size_t piece = 1 + (data[at] ^ data[size - 1 - at]) % 64u;
    return piece < size - at ? piece : size - at;
}

#endif
