/*
 * How many requests may be under way at a time: one more as long as all goes well, half as many
 * when somebody asks for less. Pure.
 */
#ifndef WCI_UPLOAD_ROOM_H
#define WCI_UPLOAD_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct wci_room {
    double limit;
    int most;
    bool is_known; /* it was too much once: now it grows by one for each round, no longer for each
                      request */
    int64_t cut_at;
};

void wci_room_init(struct wci_room *room, int first, int most);
int wci_room_limit(const struct wci_room *room);
void wci_room_grow(struct wci_room *room);
/* True when it was cut. Once for each round: a request that was sent before the last cut says
 * nothing new. */
bool wci_room_cut(struct wci_room *room, int64_t sent_at, int64_t now);

#endif
