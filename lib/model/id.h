/*
 * Ids of pictures and detections: unix_seconds << 21 | millisecond << 11 | arrival.
 *
 * They order rows by time to the millisecond, name the shard a row is in, and stay below 2^53, so
 * that JavaScript keeps them exactly, until 2106. When more than 2,048 rows share a millisecond the
 * later ones take ids of later milliseconds of the same second; a second holds 2,097,152.
 *
 * A row whose time is corrected once it has its id keeps the id: it is moved. All rows together
 * have one order: that of the places below.
 */
#ifndef WCI_MODEL_ID_H
#define WCI_MODEL_ID_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/time.h>

#include "base/calendar.h"

#define WCI_IDS_PER_MILLISECOND 2048
#define WCI_IDS_PER_SECOND (INT64_C(1) << 21)

/* The first id of a time's millisecond. */
static inline int64_t wci_id_at(int64_t time)
{
    return (time / WCI_SECOND) << 21 | (time / 1000 % 1000) << 11;
}

/* The first id of the second that an id or a time lies in. */
static inline int64_t wci_id_second(int64_t id)
{
    return id & ~(WCI_IDS_PER_SECOND - 1);
}

/* The second of an id as a time. */
static inline int64_t wci_id_time(int64_t id)
{
    return (id >> 21) * WCI_SECOND;
}

/* Whether a row of that id and time is moved. */
static inline bool wci_is_moved(int64_t id, int64_t time)
{
    return id >> 21 != time / WCI_SECOND;
}

/* A row's place in the order of all. */
struct wci_place {
    int64_t id;
    int64_t time; /* of a moved row; WILDCAM_TIME_NONE for one that lies where its id says */
};

static inline struct wci_place wci_place_of(int64_t id, int64_t time)
{
    return (struct wci_place){id, wci_is_moved(id, time) ? time : WILDCAM_TIME_NONE};
}

/* The order: rows that are not moved by their ids, moved ones by time and id, and one of each by
 * the first id of the moved one's millisecond, behind which it is. */
static inline int wci_place_compare(const struct wci_place *a, const struct wci_place *b)
{
    bool a_moved = a->time != WILDCAM_TIME_NONE, b_moved = b->time != WILDCAM_TIME_NONE;
    if (a_moved && !b_moved)
        return wci_id_at(a->time) < b->id ? -1 : 1;
    if (!a_moved && b_moved)
        return wci_id_at(b->time) < a->id ? 1 : -1;
    if (a_moved && a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/*
 * Where an answer goes on behind a place: upwards from these on, downwards before them. `id` bounds
 * the rows that are not moved; time and id the moved ones.
 */
struct wci_bound {
    int64_t id;
    int64_t moved_time, moved_id;
};

/* The first time whose millisecond begins with this id or a later one. */
static inline int64_t wci_id_ceiling(int64_t id)
{
    int64_t millisecond = (id >> 11 & 1023) + ((id & (WCI_IDS_PER_MILLISECOND - 1)) != 0);
    return wci_id_time(id) + (millisecond < 1000 ? millisecond : 1000) * 1000;
}

static inline struct wci_bound wci_place_bound(const struct wci_place *after, bool upwards)
{
    if (!after || after->id == 0)
        return upwards ? (struct wci_bound){0, INT64_MIN, 0}
                       : (struct wci_bound){INT64_MAX, INT64_MAX, INT64_MAX};
    if (after->time == WILDCAM_TIME_NONE)
        return (struct wci_bound){after->id + upwards, wci_id_ceiling(after->id), 0};
    return (struct wci_bound){wci_id_at(after->time) + 1, after->time, after->id + upwards};
}

#endif
