/*
 * The walk: a call is made again and again, each time with the next of its allocations or system
 * calls failing, until it gets through without meeting the fault.
 */
#ifndef TESTS_FAULT_WALK_H
#define TESTS_FAULT_WALK_H

#include "fault/inject.h"
#include "fault/world.h"

struct scenario {
    const char *function; /* the public function it is about */
    const char *variant;  /* NULL, or what distinguishes it from others of that function */
    /* What is there before. One that is only read is made once for all steps of a walk. */
    enum { NO_STATION, EMPTY_STATION, CLOSED_STATION, READ_STATION, STATION } station;
    void (*arrange)(struct world *world); /* before the call; may be NULL */
    wildcam_status (*call)(struct world *world);
    void (*verify)(struct world *world); /* after it has succeeded; may be NULL */
    /* After it has failed, before it is repeated; may be NULL: what it was to change has not. */
    void (*unchanged)(struct world *world);
    size_t out;         /* the member of the world that is NULL after a failure; 0 for none */
    int64_t detections; /* how many more there are once it has succeeded */
    int pictures;
    bool writes;         /* it changes the station: what a kill leaves is looked at, too */
    bool is_spent;       /* its handle is of no use after a failure: it is arranged anew then */
    bool has_parts;      /* each of its detections may be there without the others when it fails */
    bool is_resumed;     /* what a lasting fault cut off is finished by the next call or opening */
    long lost_elsewhere; /* blocks that another library loses when an allocation of its own fails */
    bool never_fails;    /* it answers nothing, or WILDCAM_OK whatever happens */
};

/* The scenarios, in tables. */
struct scenarios {
    const struct scenario *list;
    int count;
};
extern const struct scenarios value_scenarios, read_scenarios, write_scenarios, life_scenarios,
    upload_scenarios, owed_scenarios, door_scenarios, metric_scenarios, exchange_scenarios,
    processing_scenarios, alert_scenarios, report_scenarios, grouped_scenarios,
    deployment_scenarios;
/* One of all, by number; NULL at the end. */
const struct scenario *scenario_at(int index);
int scenario_count(void);
/* How many of them this program walks, and one of those: with WILDCAM_FAULT_PART=2/3 every third,
 * from the second on, so that several programs share the work. */
int share_count(void);
const struct scenario *share_at(int index);

/* Puts the scratch directories into memory where the system has a place for that: nothing here
 * depends on a disk, and many steps are made. */
void walk_in_memory(void);
/* Walks one scenario through these faults, in a prepared scratch directory. */
void walk(const struct scenario *scenario, const struct fault *faults, int count);

#endif
