/* A bar on standard error that shows how far a long command is. There is none in a pipe. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool is_on;    /* standard error is a terminal */
    bool is_drawn; /* its line is there */
    char phase[32];
    int64_t done, total;
    int64_t drawn_at; /* milliseconds, as the rest */
    /* The rate is that of the last seconds: measured from the older of two points, of which the
     * younger takes its place after a while. */
    struct progress_point {
        int64_t at, done;
    } old, young;
};

void progress_init(struct progress *self);
/* Draws it anew, if a tenth of a second has passed or it has come to its end. */
void progress_show(struct progress *self, const char *phase, int64_t done, int64_t total);
/* Takes it away, before something else is written or at the end. */
void progress_hide(struct progress *self);

#endif
