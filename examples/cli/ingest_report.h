/* What wildcam ingest tells: each picture that is left out at once, the sums at the end. */
#ifndef CLI_INGEST_REPORT_H
#define CLI_INGEST_REPORT_H

#include "cli.h"
#include "take_in.h"
#include "walk.h"

struct ingest_report {
    struct cli *cli;
    struct walk *walk;
    struct take_in_result *results; /* one per picture; NULL when there is none */
    int64_t kept, untimed, known, left_out, looked_at;
    int64_t unmatched, side_files, bad_side_files;
    bool has_failed; /* the station, in the middle */
};

/* What could not be looked into. */
void ingest_report_troubles(struct ingest_report *self);
/* The next result; `user` is the report. */
void ingest_report_result(void *user, size_t index);
/* The sums, as a table or JSON; answers the exit status. */
int ingest_report_end(struct ingest_report *self, bool is_dry_run);
void ingest_report_free(struct ingest_report *self);

#endif
