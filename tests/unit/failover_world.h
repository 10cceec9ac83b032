/*
 * A world for failover to live in: objects that come, regions with their weather, an uplink, and a
 * clock that jumps from one event to the next. It watches that failover keeps its rules.
 */
#ifndef TESTS_UNIT_FAILOVER_WORLD_H
#define TESTS_UNIT_FAILOVER_WORLD_H

#include "unit.h"
#include "upload/failover.h"

enum { SECOND = 1000000, MILLISECOND = 1000, REGIONS = 3 };

enum weather {
    WORKS,
    RESETS,    /* cuts every connection */
    FAILS,     /* answers 500, `percent` of the time */
    HANGS,     /* takes all and answers nothing; half of it is stored */
    SWALLOWS,  /* stores, and cuts the connection before it answers */
    THROTTLES, /* what is over `rate` requests a second */
    REFUSES,
    NAMELESS, /* cannot be reached */
    WEATHERS
};

struct world_region {
    enum weather weather;
    int percent, rate;
    int64_t clock_off; /* its clock against ours */
    /* What the world counts. */
    int64_t puts, throttled, taken;
    int64_t window_from;
    int window_used;
    int probing; /* sent while the region was held to be down, and not ended */
    int under_way;
};

struct world_object {
    struct wci_attempts attempts;
    int64_t came, done;
    uint32_t stored; /* where it is */
    uint32_t doubts; /* where it may be, as failover says */
    int final;       /* the region that was said to have it; -1 */
    int failures;    /* "All regions failed" */
    int requests;
    enum { TO_COME, IN_QUEUE, WAITING, SENT, DONE } state;
    int64_t event_at; /* of its one event; an older one is void */
    /* Of its request. */
    int region;
    bool is_look, was_down;
    int64_t sent_at;
    struct wci_report report;
};

struct world {
    wci_failover *failover;
    int64_t now, started;
    int connections;
    struct world_region regions[REGIONS];
    bool is_cut; /* the uplink is */
    int64_t cut_at;
    void (*change)(struct world *world); /* the weather, before each event */

    struct world_object *objects;
    int count;
    int *queue, queue_first, queue_count; /* came, and not yet begun */
    int *waiting, waiting_count;
    struct world_event *events;
    int event_count;
    uint64_t random;

    int done, under_way, current, moves;
    int64_t moved_at, last_done_at;
};

/* `count` objects come, one each `every` microseconds. */
void world_begin(struct world *world, int count, int64_t every, uint64_t seed);
/* Until all are done; fails the test when they are not at `until`, seconds from the start. */
void world_run(struct world *world, int64_t until);
void world_end(struct world *world);

/* Seconds since the start. */
double world_seconds(const struct world *world, int64_t when);
/* In [0, below). */
int world_random(struct world *world, int below);
int64_t world_puts(const struct world *world);

#endif
