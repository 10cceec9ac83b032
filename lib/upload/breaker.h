/*
 * A region's circuit breaker: closed while it works, open for a while once it fails too often, then
 * half open, when one upload tries it. Pure.
 *
 * Only what was sent in the present turn counts: what comes back from before the breaker last
 * opened or closed is news of the past, and may not be taken for the probe's answer.
 */
#ifndef WCI_UPLOAD_BREAKER_H
#define WCI_UPLOAD_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { WCI_BREAKER_SLICES = 10 };

enum wci_breaker_state {
    WCI_BREAKER_CLOSED,
    WCI_BREAKER_OPEN,
    WCI_BREAKER_HALF_OPEN, /* it waits for an upload that tries */
    WCI_BREAKER_PROBED     /* one does */
};

/* How much a failure weighs; a request that throttles is half a failure. */
enum { WCI_BREAKER_HALF = 1, WCI_BREAKER_WHOLE = 2 };

struct wci_breaker {
    bool is_open; /* half open too */
    bool is_held; /* not for failing: its settings are wrong, or it is not S3 who answers */
    bool is_probed;
    int64_t opens, opened_at, closed_at;
    int openings; /* without a long time of peace between them */
    int streak;   /* the weight of the failures since the last success */
    uint64_t turn;
    struct {
        int64_t number; /* since when, in slices */
        int all, failed;
    } slices[WCI_BREAKER_SLICES];
};

enum wci_breaker_state wci_breaker_state(const struct wci_breaker *breaker, int64_t now);
/* Something is sent: whether it is the probe. */
bool wci_breaker_send(struct wci_breaker *breaker, int64_t now);

/* What came of it. `jitter` is in 0..1; an open breaker opens again within `longest`. True when it
 * has opened, or closed. */
bool wci_breaker_fail(struct wci_breaker *breaker, int64_t now, int weight, double jitter,
                      int64_t longest);
bool wci_breaker_succeed(struct wci_breaker *breaker, int64_t now);
/* The probe came to nothing that says either. */
void wci_breaker_release(struct wci_breaker *breaker);

/* Opens it for so long, whatever came before. */
void wci_breaker_hold(struct wci_breaker *breaker, int64_t now, int64_t duration);
/* Closes it and forgets. */
void wci_breaker_clear(struct wci_breaker *breaker, int64_t now);

#endif
