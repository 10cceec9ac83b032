#include "suggest.h"

#include <string.h>

enum { LENGTH_MAX = 31 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be put in, left out, changed or swapped with their neighbour. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LENGTH_MAX + 1]; /* the one before the last, the last, this one */
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        rows[1][j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t *before = rows[(i + 2) % 3], *last = rows[i % 3], *row = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[(strlen(a) + 1) % 3][length];
}

/* A beginning that several names share counts as one letter wrong. */
static size_t distance_to(const char *word, const char *name)
{
    if (*word && strncmp(name, word, strlen(word)) == 0)
        return 1;
    return distance(word, name);
}

const char *suggest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(word), best = (length + 2) / 3 + 1; /* a third of it may be wrong */
    for (size_t i = 0; i < count && length <= LENGTH_MAX; i++) {
        size_t far = strlen(names[i]) <= LENGTH_MAX ? distance_to(word, names[i]) : best;
        if (far < best && far < strlen(names[i])) {
            best = far;
            nearest = names[i];
        }
    }
    return nearest;
}
