/* What became of the requests of one kind: how many, how long they took, what went wrong. */
#ifndef TESTS_BENCH_LOAD_TALLY_H
#define TESTS_BENCH_LOAD_TALLY_H

#include <stdint.h>
#include <stdio.h>

enum { TALLY_PARTS = 64, TALLY_OCTAVES = 28, TALLY_CELLS = TALLY_PARTS * TALLY_OCTAVES };

struct tally {
    int64_t done;               /* answered with a status that is none of an error */
    int64_t statuses[600];      /* the others, by their status */
    int64_t refused, broken;    /* no connection; one that ended before the answer did */
    int64_t late;               /* no answer in time */
    int64_t cells[TALLY_CELLS]; /* microseconds, each octave in so many parts */
    int64_t most;
};

void tally_time(struct tally *tally, int64_t microseconds);
int64_t tally_errors(const struct tally *tally);

/* Writes it as a member of a JSON object. */
void tally_write(FILE *out, const char *name, const struct tally *tally);

#endif
