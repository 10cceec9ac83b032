/* Numbers as Prometheus reads them, fast and whatever the locale. */
#ifndef WCI_METRICS_PRINT_H
#define WCI_METRICS_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/series.h"

enum { WCI_PRINT_MOST = 40 };

/* Each writes at `to`, without a NUL, WCI_PRINT_MOST bytes at most, and answers where it ended. */
char *wci_print_whole(char *to, uint64_t value);
/* The shortest that reads back the same; NaN, +Inf, -Inf. */
char *wci_print_real(char *to, double value);
/* All of its digits. */
char *wci_print_sum(char *to, struct wci_sum sum);

#endif
