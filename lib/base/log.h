/* One line at a time to where the host wants it. */
#ifndef WCI_BASE_LOG_H
#define WCI_BASE_LOG_H

#include <stdbool.h>

#include <wildcam/log.h>

#include "base/error.h"

struct wci_log {
    int level;    /* the least that is written */
    bool as_json; /* for the default sink only */
    bool is_default;
    wildcam_log_fn *fn; /* NULL is silence, unless is_default */
    void *user;
};

void wci_log_write(const struct wci_log *log, int level, const char *module, const char *format,
                   ...) WCI_PRINTF(4, 5);

/* The same, ending in this thread's error sentence, which stays as it is. */
void wci_log_failure(const struct wci_log *log, int level, const char *module, const char *what);

#endif
