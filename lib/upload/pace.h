/*
 * How fast bytes may go: one bucket of tokens, a byte each, for all transfers together. Pure, but
 * that any thread may change the rate.
 */
#ifndef WCI_UPLOAD_PACE_H
#define WCI_UPLOAD_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wci_pace {
    _Atomic int64_t wanted_rate; /* bytes in a second; 0 for no limit */
    int64_t rate;                /* by which the bucket is being filled */
    int64_t tokens;
    int64_t fraction; /* of a token, in millionths */
    int64_t filled;   /* when, of the monotonic clock */
};

void wci_pace_init(struct wci_pace *pace, int64_t rate, int64_t now);
/* Any thread. It counts from the next wci_pace_fill() on. */
void wci_pace_set(struct wci_pace *pace, int64_t rate);

/* Puts in what has come since. A quarter of a second's worth and a piece are kept at most: what was
 * not used before is no reason for a burst. */
void wci_pace_fill(struct wci_pace *pace, int64_t now);

/* Takes tokens for a piece of up to `wanted` bytes: how many, 0 when there are too few yet. Pieces
 * are neither so small that they cost more than they carry, nor so long that others wait. */
int64_t wci_pace_take(struct wci_pace *pace, int64_t wanted);
/* What was taken and not used. */
void wci_pace_give_back(struct wci_pace *pace, int64_t unused);

/* When a piece of up to `wanted` bytes can be had: of the monotonic clock. */
int64_t wci_pace_when(const struct wci_pace *pace, int64_t wanted);

#endif
