#include "upload/breaker.h"

#include <string.h>

enum { SECOND = 1000000 };

static const int64_t slice = INT64_C(3) * SECOND; /* ten of them are looked at */
static const int64_t first_opening = INT64_C(5) * SECOND;
/* After so long a time of peace the next opening is a first one again. Until then a region that
 * comes and goes is left alone for longer each time. */
static const int64_t peace = INT64_C(300) * SECOND;

enum {
    STREAK_LIMIT = 5 * WCI_BREAKER_WHOLE,
    RATE_FLOOR = 10 * WCI_BREAKER_WHOLE, /* fewer requests say nothing about a rate */
    DOUBLINGS_MAX = 16
};

enum wci_breaker_state wci_breaker_state(const struct wci_breaker *breaker, int64_t now)
{
    if (!breaker->is_open)
        return WCI_BREAKER_CLOSED;
    if (breaker->is_probed)
        return WCI_BREAKER_PROBED;
    return now < breaker->opens ? WCI_BREAKER_OPEN : WCI_BREAKER_HALF_OPEN;
}

bool wci_breaker_send(struct wci_breaker *breaker, int64_t now)
{
    if (wci_breaker_state(breaker, now) != WCI_BREAKER_HALF_OPEN)
        return false;
    breaker->is_probed = true;
    return true;
}

static void forget_history(struct wci_breaker *breaker)
{
    breaker->streak = 0;
    memset(breaker->slices, 0, sizeof breaker->slices);
}

static void open_until(struct wci_breaker *breaker, int64_t now, int64_t opens)
{
    breaker->is_open = true;
    breaker->is_held = breaker->is_probed = false;
    breaker->opened_at = now;
    breaker->opens = opens;
    breaker->turn++;
}

/* Half of it is sure, so that it is never near to nothing. */
static int64_t shorten(int64_t duration, double jitter)
{
    int64_t half = duration / 2;
    return half + (int64_t)((double)half * jitter);
}

static void open_for_failing(struct wci_breaker *breaker, int64_t now, double jitter,
                             int64_t longest)
{
    if (!breaker->is_open && now - breaker->closed_at >= peace)
        breaker->openings = 0;
    int64_t duration = first_opening << breaker->openings;
    if (breaker->openings < DOUBLINGS_MAX)
        breaker->openings++;
    open_until(breaker, now, now + shorten(duration < longest ? duration : longest, jitter));
}

static void count(struct wci_breaker *breaker, int64_t now, int failed)
{
    int64_t number = now / slice;
    size_t place = (size_t)(number % WCI_BREAKER_SLICES);
    if (breaker->slices[place].number != number) {
        breaker->slices[place].number = number;
        breaker->slices[place].all = breaker->slices[place].failed = 0;
    }
    breaker->slices[place].all += WCI_BREAKER_WHOLE;
    breaker->slices[place].failed += failed;
}

static bool fails_too_often(const struct wci_breaker *breaker, int64_t now)
{
    int64_t all = 0, failed = 0, oldest = now / slice - WCI_BREAKER_SLICES;
    for (size_t i = 0; i < WCI_BREAKER_SLICES; i++) {
        if (breaker->slices[i].number > oldest) {
            all += breaker->slices[i].all;
            failed += breaker->slices[i].failed;
        }
    }
    return all >= RATE_FLOOR && 2 * failed >= all;
}

bool wci_breaker_fail(struct wci_breaker *breaker, int64_t now, int weight, double jitter,
                      int64_t longest)
{
    if (!breaker->is_open) {
        breaker->streak += weight;
        count(breaker, now, weight);
        if (breaker->streak < STREAK_LIMIT && !fails_too_often(breaker, now))
            return false;
    }
    open_for_failing(breaker, now, jitter, longest);
    return true;
}

bool wci_breaker_succeed(struct wci_breaker *breaker, int64_t now)
{
    if (breaker->is_open) {
        breaker->is_open = breaker->is_held = breaker->is_probed = false;
        breaker->closed_at = now;
        breaker->turn++;
        forget_history(breaker);
        return true;
    }
    breaker->streak = 0;
    count(breaker, now, 0);
    return false;
}

void wci_breaker_release(struct wci_breaker *breaker)
{
    breaker->is_probed = false;
}

void wci_breaker_hold(struct wci_breaker *breaker, int64_t now, int64_t duration)
{
    open_until(breaker, now, now + duration);
    breaker->is_held = true;
}

void wci_breaker_clear(struct wci_breaker *breaker, int64_t now)
{
    breaker->is_open = breaker->is_held = breaker->is_probed = false;
    breaker->closed_at = now;
    breaker->openings = 0;
    breaker->turn++;
    forget_history(breaker);
}
