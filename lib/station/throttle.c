#include "station/throttle.h"

#include <stdio.h>
#include <string.h>

wildcam_status wci_throttle_init(struct wci_throttle *throttle)
{
    *throttle = (struct wci_throttle){.paid_until = INT64_MIN};
    return pthread_mutex_init(&throttle->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_throttle_destroy(struct wci_throttle *throttle)
{
    pthread_mutex_destroy(&throttle->mutex);
}

/* The place of a name; -1 when it has none. Of one that is too long to be anybody's only the
 * beginning counts. */
static int find(const struct wci_throttle *throttle, const char *name)
{
    for (int i = 0; i < WCI_THROTTLE_NAMES; i++)
        if (strncmp(throttle->names[i].name, name, WILDCAM_USER_NAME_MAX) == 0)
            return i;
    return -1;
}

/* The place that a new name takes: an empty one, or that of the name that failed longest ago. */
static int find_place(const struct wci_throttle *throttle)
{
    int oldest = 0;
    for (int i = 0; i < WCI_THROTTLE_NAMES; i++) {
        if (!*throttle->names[i].name)
            return i;
        if (throttle->names[i].failed_at < throttle->names[oldest].failed_at)
            oldest = i;
    }
    return oldest;
}

int64_t wci_throttle_wait(struct wci_throttle *throttle, const char *name, int64_t now)
{
    int64_t wait = 0;
    pthread_mutex_lock(&throttle->mutex);
    int at = find(throttle, name);
    if (at >= 0 && throttle->names[at].until > now)
        wait = throttle->names[at].until - now;
    int64_t debt = throttle->paid_until > now ? throttle->paid_until - now : 0;
    int64_t over = debt - (WCI_THROTTLE_BURST - 1) * WCI_SECOND;
    pthread_mutex_unlock(&throttle->mutex);
    return over > wait ? over : wait;
}

void wci_throttle_failed(struct wci_throttle *throttle, const char *name, int64_t now)
{
    pthread_mutex_lock(&throttle->mutex);
    int at = find(throttle, name);
    if (at < 0) {
        at = find_place(throttle);
        snprintf(throttle->names[at].name, sizeof throttle->names[at].name, "%s", name);
        throttle->names[at].failures = 0;
    } else if (now - throttle->names[at].failed_at > WCI_THROTTLE_FORGETS) {
        throttle->names[at].failures = 0;
    }
    int seconds = 0, over = ++throttle->names[at].failures - WCI_THROTTLE_FREE;
    if (over >= 0)
        seconds = over < 6 && 1 << over < WCI_THROTTLE_LONGEST ? 1 << over : WCI_THROTTLE_LONGEST;
    throttle->names[at].failed_at = now;
    throttle->names[at].until = now + seconds * WCI_SECOND;
    if (throttle->paid_until < now)
        throttle->paid_until = now;
    throttle->paid_until += WCI_SECOND;
    pthread_mutex_unlock(&throttle->mutex);
}

void wci_throttle_succeeded(struct wci_throttle *throttle, const char *name)
{
    pthread_mutex_lock(&throttle->mutex);
    int at = find(throttle, name);
    if (at >= 0)
        memset(&throttle->names[at], 0, sizeof throttle->names[at]);
    pthread_mutex_unlock(&throttle->mutex);
}
