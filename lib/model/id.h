/*
 * Ids of pictures and detections: unix_seconds << 21 | millisecond << 11 | arrival.
 *
 * They order rows by time to the millisecond, name the shard a row is in, and stay below 2^53, so
 * that JavaScript keeps them exactly, until 2106. When more than 2,048 rows share a millisecond the
 * later ones take ids of later milliseconds of the same second; a second holds 2,097,152.
 */
#ifndef WCI_MODEL_ID_H
#define WCI_MODEL_ID_H

#include <stdint.h>

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

#endif
