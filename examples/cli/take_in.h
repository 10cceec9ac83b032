/* Taking found pictures in, several at a time so that they share the disk's writes. */
#ifndef CLI_TAKE_IN_H
#define CLI_TAKE_IN_H

#include "cli.h"
#include "side_file.h"
#include "walk.h"

enum take_in_outcome {
    TAKE_IN_PENDING, /* not looked at */
    TAKE_IN_KEPT,
    TAKE_IN_KNOWN,   /* kept before */
    TAKE_IN_REFUSED, /* by the station: the picture is at fault */
    TAKE_IN_UNREADABLE,
    TAKE_IN_FAILED /* the station is at fault: no use to go on */
};

struct take_in_result {
    enum take_in_outcome outcome;
    wildcam_status status; /* of the library */
    bool is_untimed;       /* kept, under the time of its reception for want of its own */
    bool is_unmatched;     /* the pattern of names is not in its path */
    struct side_file side;
    char *reason; /* one sentence */
};

/* How pictures are taken in. */
struct take_in_how {
    int threads;
    const char *pattern; /* of times in names; NULL for none */
};

/* What comes of the pictures of a camera whose name is refused. */
struct take_in_result take_in_refuse(const struct walk_camera *camera);

/* Takes all pictures of a walk in, and hands the results to `each` in their order, until they are
 * done, one has failed, or a signal comes. False when the system gives no thread. */
bool take_in(struct cli *cli, wildcam_station *station, const struct walk *walk,
             const struct take_in_how *how, struct take_in_result *results,
             void (*each)(void *user, size_t index), void *user);

#endif
