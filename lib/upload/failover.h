/*
 * Which region is tried next, and when. Pure: no sockets, no sleeping, no clock of its own.
 *
 * The state of the regions is shared by all objects; each object has the state of its attempts.
 * Times are microseconds of the monotonic clock.
 */
#ifndef WCI_UPLOAD_FAILOVER_H
#define WCI_UPLOAD_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "upload/outcome.h"

enum { WCI_REGIONS_MAX = 16 };

struct wci_failover_limits {
    int regions;      /* how many; their numbers are their places in `s3.regions` */
    int attempts;     /* in each region for each object */
    int connections;  /* at a time, in all regions together */
    int64_t failback; /* dwell before the preferred region is used again */
    uint64_t seed;
};

typedef struct wci_failover wci_failover;

wildcam_status wci_failover_new(const struct wci_failover_limits *limits, wci_failover **out);
void wci_failover_free(wci_failover *failover);

/* One object's way through the regions; zeroed by wci_failover_begin(). */
struct wci_attempts {
    int64_t began, deadline;       /* it gives up at the deadline; 0 for none */
    int region;                    /* tried last; -1 before the first */
    int count[WCI_REGIONS_MAX];    /* that counted, in each */
    bool is_done[WCI_REGIONS_MAX]; /* nothing more will be tried there */
    int64_t not_before;            /* the next one */
    int total;                     /* requests, those that did not count included */
    bool is_under_way;             /* between a WCI_STEP_TRY that was taken and its report */
    bool wants_fresh, has_had_stale, has_had_skew, has_had_expired, has_had_moved;
    bool is_pinned; /* to `region`: the parts of a multipart upload cannot go elsewhere; it may
                       still be given up */
    bool is_probe;
    bool must_look; /* a HEAD is owed before the region is left */
};

enum wci_step_kind {
    WCI_STEP_TRY,    /* send to the region, at `at` at the earliest */
    WCI_STEP_LOOK,   /* ask the region by HEAD whether the object is there, at once */
    WCI_STEP_WAIT,   /* ask again at `at`, or when any transfer has ended */
    WCI_STEP_FAILED, /* all regions failed */
    WCI_STEP_OFFLINE /* the uplink is down: nothing is tried until `at`; the object is not to blame
                      */
};

struct wci_step {
    enum wci_step_kind kind;
    int region;
    int64_t at;
    bool on_fresh_connection;
};

void wci_failover_begin(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                        int64_t deadline);
/* Decides; a TRY whose time has come, and a LOOK, take a place in the region until they are
 * reported. */
void wci_failover_next(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                       struct wci_step *step);

struct wci_report {
    enum wci_outcome outcome;
    bool was_look;       /* it was a WCI_STEP_LOOK's */
    int64_t retry_after; /* microseconds; -1 when the server did not say */
    bool is_retry_precise;
    int64_t skew;      /* SKEWED: what to add to our clock to have theirs */
    int64_t skew_used; /* the offset that the request was signed with */
};
void wci_failover_report(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         const struct wci_report *report);
/* An object that is given up with a request under way, or waiting: gives its place back. */
void wci_failover_abandon(wci_failover *failover, struct wci_attempts *attempts);

/* What is added to our clock for a region. */
int64_t wci_failover_skew(const wci_failover *failover, int region);
/* How many more objects may be begun now. */
int wci_failover_room(const wci_failover *failover);
/* When something may be tried again: now, unless all is open or offline. */
int64_t wci_failover_opens(const wci_failover *failover, int64_t now);
/* An uplink has come back, or a person says so: forgets offline, open and misconfigured. */
void wci_failover_retry_now(wci_failover *failover);

/* X(NAME, word) */
#define WCI_REGION_STATES(X)                                                                       \
    X(UNTRIED, "untried")                                                                          \
    X(OK, "ok")                                                                                    \
    X(DOWN, "down")       /* nothing is tried for a while */                                       \
    X(PROBING, "probing") /* one upload tries whether it is back */                                \
    X(OFFLINE, "offline") /* the uplink is */                                                      \
    X(THROTTLED, "throttled")                                                                      \
    X(MISCONFIGURED, "misconfigured")

enum wci_region_state {
#define WCI_REGION_STATE_VALUE(name, word) WCI_REGION_##name,
    WCI_REGION_STATES(WCI_REGION_STATE_VALUE)
#undef WCI_REGION_STATE_VALUE
};

struct wci_region_report {
    enum wci_region_state state;
    bool is_current;     /* where uploads go now */
    int under_way, room; /* requests now, and at most */
    int64_t requests, outcomes[WCI_OUTCOME_COUNT];
    int64_t retry_tokens;
    int64_t skew;
    int64_t opens; /* when it is tried again; 0 when it may be now */
};
void wci_failover_look(const wci_failover *failover, int region, int64_t now,
                       struct wci_region_report *report);
const char *wci_region_state_word(enum wci_region_state state);

#endif
