#include "upload/pace.h"

#include "base/calendar.h"

enum { PIECE_MIN = 256, PIECE_MAX = 1 << 19 };

/* Rates are bounded so that a product with microseconds of an hour does not overflow. */
#define RATE_MAX (INT64_MAX / (3600 * WCI_SECOND) / 2)

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

void wci_pace_init(struct wci_pace *pace, int64_t rate, int64_t now)
{
    *pace = (struct wci_pace){.filled = now};
    wci_pace_set(pace, rate);
    pace->rate = pace->wanted_rate;
}

void wci_pace_set(struct wci_pace *pace, int64_t rate)
{
    pace->wanted_rate = rate <= 0 ? 0 : at_most(rate, RATE_MAX);
}

/* A fiftieth of a second's worth. */
static int64_t piece(const struct wci_pace *pace)
{
    return at_most(at_least(pace->rate / 50, PIECE_MIN), PIECE_MAX);
}

static int64_t capacity(const struct wci_pace *pace)
{
    return pace->rate / 4 + piece(pace);
}

void wci_pace_fill(struct wci_pace *pace, int64_t now)
{
    int64_t wanted_rate = pace->wanted_rate;
    if (wanted_rate != pace->rate) {
        pace->rate = wanted_rate;
        pace->tokens = at_most(pace->tokens, capacity(pace));
        pace->fraction = 0;
        pace->filled = now;
    }
    if (pace->rate == 0)
        return;
    int64_t passed = at_most(now - pace->filled, 3600 * WCI_SECOND);
    if (passed <= 0)
        return;
    int64_t come = pace->rate * passed + pace->fraction;
    pace->filled = now;
    pace->fraction = come % WCI_SECOND;
    pace->tokens = at_most(pace->tokens + come / WCI_SECOND,
                           at_least(pace->tokens, capacity(pace)));
}

int64_t wci_pace_take(struct wci_pace *pace, int64_t wanted)
{
    if (pace->rate == 0)
        return wanted;
    int64_t taken = at_most(wanted, piece(pace));
    if (pace->tokens < taken)
        return 0;
    pace->tokens -= taken;
    return taken;
}

void wci_pace_give_back(struct wci_pace *pace, int64_t unused)
{
    if (pace->rate != 0)
        pace->tokens += unused;
}

int64_t wci_pace_when(const struct wci_pace *pace, int64_t wanted)
{
    int64_t missing = pace->rate == 0 ? 0 : at_most(wanted, piece(pace)) - pace->tokens;
    if (missing <= 0)
        return pace->filled;
    return pace->filled + (missing * WCI_SECOND - pace->fraction + pace->rate - 1) / pace->rate;
}
