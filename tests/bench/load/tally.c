#include "tally.h"

#include <stdbool.h>

/* The first two octaves' worth are exact; from there on each octave has TALLY_PARTS cells. */
static size_t cell_of(int64_t microseconds)
{
    uint64_t value = microseconds > 0 ? (uint64_t)microseconds : 0;
    if (value < TALLY_PARTS)
        return (size_t)value;
    int octave = 63 - __builtin_clzll(value) - 6;
    size_t cell = (size_t)(octave + 1) * TALLY_PARTS + (size_t)((value >> octave) - TALLY_PARTS);
    return cell < TALLY_CELLS ? cell : TALLY_CELLS - 1;
}

/* The end of a cell, in microseconds. */
static double end_of(size_t cell)
{
    if (cell < TALLY_PARTS)
        return (double)cell + 1;
    size_t octave = cell / TALLY_PARTS - 1;
    return (double)((cell % TALLY_PARTS + TALLY_PARTS + 1) << octave);
}

void tally_time(struct tally *tally, int64_t microseconds)
{
    tally->cells[cell_of(microseconds)]++;
    if (microseconds > tally->most)
        tally->most = microseconds;
}

int64_t tally_errors(const struct tally *tally)
{
    int64_t errors = tally->refused + tally->broken + tally->late;
    for (int i = 0; i < 600; i++)
        errors += tally->statuses[i];
    return errors;
}

/* Milliseconds within which this part of the answers came. */
static double quantile(const struct tally *tally, double part)
{
    int64_t all = 0, seen = 0;
    for (size_t i = 0; i < TALLY_CELLS; i++)
        all += tally->cells[i];
    for (size_t i = 0; i < TALLY_CELLS; i++) {
        seen += tally->cells[i];
        if (seen && (double)seen >= part * (double)all)
            return (end_of(i) < (double)tally->most ? end_of(i) : (double)tally->most) / 1e3;
    }
    return 0;
}

static void write_error(FILE *out, const char *name, int64_t count, bool *first)
{
    if (!count)
        return;
    fprintf(out, "%s\"%s\": %lld", *first ? "" : ", ", name, (long long)count);
    *first = false;
}

void tally_write(FILE *out, const char *name, const struct tally *tally)
{
    bool first = true;
    fprintf(out,
            "\"%s\": {\"done\": %lld, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f, \"errors\": {",
            name, (long long)tally->done, quantile(tally, 0.5), quantile(tally, 0.99),
            (double)tally->most / 1e3);
    write_error(out, "refused", tally->refused, &first);
    write_error(out, "broken", tally->broken, &first);
    write_error(out, "late", tally->late, &first);
    for (int i = 0; i < 600; i++) {
        char status[16];
        snprintf(status, sizeof status, "%d", i);
        write_error(out, status, tally->statuses[i], &first);
    }
    fprintf(out, "}}");
}
