#include "upload/schedule.h"

#define MINUTE (60 * WCI_SECOND)
#define FIRST_DELAY (10 * WCI_SECOND)

int64_t wci_window_opens(const struct wci_window *window, int64_t time)
{
    int64_t since_midnight = time % WCI_DAY + (time % WCI_DAY < 0 ? WCI_DAY : 0);
    int64_t length = (window->end - window->begin) * MINUTE;
    if (length < 0)
        length += WCI_DAY;
    int64_t since_begin = since_midnight - window->begin * MINUTE;
    if (since_begin < 0)
        since_begin += WCI_DAY;
    return since_begin < length ? time : time + WCI_DAY - since_begin;
}

int64_t wci_retry_delay(int failures, uint64_t chance)
{
    return wci_backoff(FIRST_DELAY, WCI_LONGEST_DELAY, failures, chance);
}
