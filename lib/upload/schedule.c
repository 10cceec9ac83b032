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
    int64_t bound = FIRST_DELAY;
    for (int i = 1; i < failures && bound < WCI_LONGEST_DELAY; i++)
        bound *= 2;
    if (bound > WCI_LONGEST_DELAY)
        bound = WCI_LONGEST_DELAY;
    return (int64_t)(chance % (uint64_t)(bound + 1));
}

uint64_t wci_chance(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}
