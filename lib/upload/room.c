#include "upload/room.h"

void wci_room_init(struct wci_room *room, int first, int most)
{
    *room = (struct wci_room){
        .limit = first < most ? first : most,
        .most = most,
        .cut_at = INT64_MIN,
    };
}

int wci_room_limit(const struct wci_room *room)
{
    return (int)room->limit;
}

void wci_room_grow(struct wci_room *room)
{
    room->limit += room->is_known ? 1 / room->limit : 1;
    if (room->limit > room->most)
        room->limit = room->most;
}

bool wci_room_cut(struct wci_room *room, int64_t sent_at, int64_t now)
{
    if (sent_at <= room->cut_at)
        return false;
    room->is_known = true;
    room->cut_at = now;
    room->limit = room->limit < 2 ? 1 : room->limit / 2;
    return true;
}
