/* Which detections, and in which form: the options that commands share. */
#ifndef CLI_FILTERS_H
#define CLI_FILTERS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

struct cli;

struct filters {
    const char *from, *to, *camera, *species, *category;
    bool csv;
};

/* Rows for a struct that holds the filters in a member of that name. */
/* clang-format off */
#define FILTER_OPTIONS(type)                                                                       \
    {"from", OPTION_TEXT, offsetof(struct type, filters.from), "TIME",                             \
     "from this time on: 2026-03-01, or 2026-03-01T06:00+01:00"},                                  \
    {"to", OPTION_TEXT, offsetof(struct type, filters.to), "TIME",                                 \
     "up to this time; a date includes its day"},                                                  \
    {"camera", OPTION_TEXT, offsetof(struct type, filters.camera), "DEVICE_ID", "of this camera"}, \
    {"species", OPTION_TEXT, offsetof(struct type, filters.species), "NAME",                       \
     "of this species: its whole name, case included"},                                                           \
    {"category", OPTION_TEXT, offsetof(struct type, filters.category), "NAME",                     \
     "unclassified, animal, human, vehicle, blank or unknown"},                                    \
    {"csv", OPTION_FLAG, offsetof(struct type, filters.csv), NULL, "answers CSV (RFC 4180)"}
/* clang-format on */

/* A date or a time, or WILDCAM_TIME_NONE for NULL; `what` is its name in a complaint. A date that
 * ends a span includes its day, a time excludes itself. */
bool filters_read_time(struct cli *cli, const char *what, const char *text, bool is_end,
                       int64_t *time);
/* Makes a query of them. CLI_WELL, or the exit status of what was complained about. */
int filters_query(struct cli *cli, const struct filters *filters, wildcam_query **out);

#endif
