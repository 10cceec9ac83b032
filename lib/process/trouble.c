#include "process/trouble.h"

#include "base/calendar.h"

#define FIRST_WAIT WCI_SECOND
#define LONGEST_WAIT (300 * WCI_SECOND)

int64_t wci_trouble_begin(struct wci_trouble *trouble, int64_t now)
{
    if (!trouble->is_broken)
        return 0;
    if (trouble->is_tried)
        return FIRST_WAIT;
    if (now < trouble->not_before)
        return trouble->not_before - now;
    trouble->is_tried = true;
    return 0;
}

bool wci_trouble_went_well(struct wci_trouble *trouble)
{
    bool was_broken = trouble->is_broken;
    *trouble = (struct wci_trouble){0};
    return was_broken;
}

void wci_trouble_failed(struct wci_trouble *trouble, int64_t now)
{
    /* Several may have begun before the first one failed: that makes no more of it. */
    if (trouble->is_broken && !trouble->is_tried)
        return;
    int64_t twice = 2 * trouble->wait;
    trouble->wait = !trouble->is_broken ? FIRST_WAIT : twice < LONGEST_WAIT ? twice : LONGEST_WAIT;
    trouble->is_broken = true;
    trouble->is_tried = false;
    trouble->not_before = now + trouble->wait;
}

/* Whether so many have failed that it is not theirs. */
static bool are_too_many(struct wci_trouble *trouble, int64_t picture)
{
    for (int i = 0; i < trouble->failed_count; i++)
        if (trouble->failed[i] == picture)
            return false;
    if (trouble->failed_count < WCI_TROUBLE_PICTURES)
        trouble->failed[trouble->failed_count++] = picture;
    return trouble->failed_count == WCI_TROUBLE_PICTURES;
}

bool wci_trouble_picture_failed(struct wci_trouble *trouble, int64_t picture, int64_t now)
{
    bool is_trial = trouble->is_broken && trouble->is_tried;
    if (!trouble->is_broken && !are_too_many(trouble, picture))
        return true;
    wci_trouble_failed(trouble, now);
    return is_trial;
}

void wci_trouble_dropped(struct wci_trouble *trouble)
{
    trouble->is_tried = false;
}
