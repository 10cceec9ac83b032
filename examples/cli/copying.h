/* How backup and restore show how far they are, and how they end. */
#ifndef CLI_COPYING_H
#define CLI_COPYING_H

#include "cli.h"

struct copying {
    struct cli *cli;
    int64_t pictures; /* of the station that is copied */
    bool is_backup;   /* of which some may have been there */
    int64_t copied;
};

int copying_progress(void *user, const char *phase, int64_t done, int64_t total);
/* Tells what came of it; answers the exit status. */
int copying_end(struct copying *copying, const char *what, const char *directory,
                wildcam_status status);

#endif
