/* When uploads may run, and when a failed one is tried again. Pure. */
#ifndef WCI_UPLOAD_SCHEDULE_H
#define WCI_UPLOAD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/chance.h"
#include "conf/form.h"

/* The longest time between two tries of one picture. */
#define WCI_LONGEST_DELAY (3600 * WCI_SECOND)

/* When the window is open at or after a time: the time itself when it is open then. */
int64_t wci_window_opens(const struct wci_window *window, int64_t time);

/* How long to wait after that many failures. */
int64_t wci_retry_delay(int failures, uint64_t chance);

#endif
