/*
 * How often logins may fail. It knows names and times, not whether anybody has the name: one that
 * nobody has is treated as the others are. Its memory is bounded: a name that was asked for least
 * of late is forgotten for a new one, and the limit on all names together keeps that slow.
 */
#ifndef WCI_STATION_THROTTLE_H
#define WCI_STATION_THROTTLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <wildcam/user.h>

#include "base/calendar.h"
#include "base/error.h"

enum {
    WCI_THROTTLE_NAMES = 256,
    WCI_THROTTLE_FREE = 5,    /* failures of a name without a wait */
    WCI_THROTTLE_LONGEST = 60 /* seconds that a name waits at most */
};
#define WCI_THROTTLE_FORGETS (3600 * WCI_SECOND) /* after so long without a failure */
/* All names together: so many failures at once, then one in each second. */
#define WCI_THROTTLE_BURST 100

struct wci_throttle {
    pthread_mutex_t mutex;
    int64_t paid_until; /* each failure moves it on by a second */
    struct {
        char name[WILDCAM_USER_NAME_MAX + 1]; /* "" for none */
        int failures;
        int64_t failed_at, until;
    } names[WCI_THROTTLE_NAMES];
};

wildcam_status wci_throttle_init(struct wci_throttle *throttle);
void wci_throttle_destroy(struct wci_throttle *throttle);

/* How long a login by that name has to wait, in microseconds; 0 when it may be tried. Times are
 * those of the monotonic clock. */
int64_t wci_throttle_wait(struct wci_throttle *throttle, const char *name, int64_t now);
/* What became of a login. */
void wci_throttle_failed(struct wci_throttle *throttle, const char *name, int64_t now);
void wci_throttle_succeeded(struct wci_throttle *throttle, const char *name);

#endif
