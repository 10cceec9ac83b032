/*
 * Which region is tried next, and when. Pure: no sockets, no sleeping, no clock of its own.
 *
 * The regions' state is shared by all objects; each object has the state of its attempts. Whoever
 * calls holds one lock over all of it. Times are microseconds of the monotonic clock.
 *
 * What it goes by:
 * - Objects go to the current region: the first of `s3.regions`, until it fails and another one
 *   works. Each object tries each region `attempts` times, with full jitter between the tries, as
 *   long as the region's quota of retries lasts.
 * - A region that fails 5 times in a row, or half of 10 or more times in 30 s, is down: nobody
 *   waits for it until its time is over and one upload has tried it.
 * - Objects go back to an earlier region `failback` after they left it at the soonest, and once
 *   three uploads in a row, one at a time, have succeeded there; then within `failback`.
 * - When no region can be reached at all the uplink is down. No region and no object is to blame.
 * - A connection gets as long as the setting says; more, when the last ones that came took long,
 *   or while none comes in time at all: a link over a satellite is slow, not down.
 * - A region that asks for less gets fewer requests at a time, and so does an uplink that is too
 *   slow for what is on it.
 */
#ifndef WCI_UPLOAD_FAILOVER_H
#define WCI_UPLOAD_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "upload/outcome.h"

struct wci_failover_limits {
    int regions;          /* how many; their numbers are their places in `s3.regions` */
    int attempts;         /* in each region for each object */
    int connections;      /* at a time, in all regions together */
    int64_t failback;     /* how long objects stay away from a region that they had to leave */
    int64_t connect_time; /* how long connecting may take, on a link that is not slow */
    uint64_t seed;
};

typedef struct wci_failover wci_failover;

/* INVALID names the limit that is at fault. */
wildcam_status wci_failover_new(const struct wci_failover_limits *limits, wci_failover **out);
void wci_failover_free(wci_failover *failover);

/*
 * One object's way through the regions. Each request of a multipart upload that is repeated by
 * itself has its own. Sets of regions have a bit for each.
 */
struct wci_attempts {
    /* For whoever sends, between begin() and the first next(). */
    uint32_t
        look_first; /* where an earlier try may have left it: asked by HEAD before it is sent */
    /* At any time. Pinned to `region`, it goes nowhere else: FAILED says that nothing more is tried
     * there; unpinned, it may go on elsewhere. While its region is down it waits for so long:
     * without patience it fails at once. Its doubts are left to whoever pinned it. */
    bool is_pinned;
    int region;
    int64_t patience;

    /* For whoever asks. */
    uint32_t doubts;            /* regions that may have it, though none of them said so */
    int total;                  /* requests, those that did not count included */
    int count[WCI_REGIONS_MAX]; /* those that counted, in each; 0 again behind an OK */

    /* Its own. */
    int64_t deadline;     /* it gives up then; 0 for never */
    int64_t began;        /* when it was first sent, anywhere */
    int64_t not_before;   /* the next try in `region` */
    int sent_to;          /* what is under way */
    int64_t connect_time; /* that it was given */
    int64_t sent_at;
    int64_t blocked_at; /* since when its region has been down */
    uint64_t turn;      /* of the region's breaker, when that was sent */
    int retry_cost;     /* in tokens, of what is under way */
    uint32_t done;      /* nothing more is tried there */
    uint32_t unreached; /* nobody answered there: the others are tried before it is again */
    uint32_t looked;    /* asked already, since it was last sent there */
    unsigned char free_used[WCI_REGIONS_MAX][WCI_OUTCOME_COUNT]; /* tries that did not count */
    bool is_under_way, is_look, is_probe, is_trial, is_uplink_probe;
    bool has_begun, wants_fresh, must_look, is_blocked, is_over;
};

enum wci_step_kind {
    WCI_STEP_TRY,    /* send it to the region now; the region's place is taken until report() */
    WCI_STEP_LOOK,   /* ask the region by HEAD now whether it is there; takes a place too */
    WCI_STEP_WAIT,   /* ask again at `at`, or when any transfer has ended */
    WCI_STEP_FAILED, /* nothing is left to try; it makes no sense to begin anew before `at` */
    WCI_STEP_OFFLINE /* the uplink is down: ask again at `at`; the object is not to blame */
};

struct wci_step {
    enum wci_step_kind kind;
    int region;               /* of TRY and LOOK */
    int64_t at;               /* INT64_MAX: nothing but the end of a transfer changes it */
    bool on_fresh_connection; /* of TRY and LOOK */
    int64_t connect_time;     /* the same: how long connecting may take */
};

/* Forgets all that the attempts were; `deadline` 0 for none. */
void wci_failover_begin(wci_failover *failover, struct wci_attempts *attempts, int64_t deadline);
/* Decides. Behind TRY and LOOK comes report() or abandon(), before the next next(). */
void wci_failover_next(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                       struct wci_step *step);

/*
 * What came of a TRY or LOOK. A LOOK's outcome is OK when the object is there and ours, MISSING
 * when it is not there, IMPOSSIBLE when something else is under its key.
 */
struct wci_report {
    enum wci_outcome outcome;
    bool is_in_doubt;      /* wci_outcome_in_doubt() */
    bool was_slow;         /* WCI_LINK_TIMED_OUT: too little moved */
    bool was_late;         /* no connection came in `connect_time` */
    int64_t connecting;    /* how long a new connection took to come; 0 for an old one, or none */
    int64_t retry_after;   /* microseconds; -1 when the server did not say */
    bool is_retry_precise; /* as x-amz-retry-after says it */
    int64_t skew;          /* SKEWED: what to add to our clock to have theirs; `skew_used` when the
                              server does not say */
    int64_t skew_used;     /* the offset that the request was signed with */
};
/* Behind OK the object is where it should be; should more of its requests follow, they are new
 * ones. */
void wci_failover_report(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         const struct wci_report *report);
/* An object that is given up, whether something is under way or not: gives its place back. Nothing
 * more is tried for it before it begins anew. */
void wci_failover_abandon(wci_failover *failover, struct wci_attempts *attempts);

/* What is added to our clock for a region. */
int64_t wci_failover_skew(const wci_failover *failover, int region);
/* How many requests more may be begun now: how many objects it makes sense to begin, less those
 * that wait already. While all regions are down or the uplink is: 1 when one may try, else 0. */
int wci_failover_room(const wci_failover *failover, int64_t now);
/* When something may be tried again: now, unless all regions are down, or the uplink is. */
int64_t wci_failover_opens(const wci_failover *failover, int64_t now);
/* An uplink has come back, there are other credentials, or a person says so: nothing is held down,
 * misconfigured or offline any more. */
void wci_failover_retry_now(wci_failover *failover, int64_t now);

/* X(NAME, word) */
#define WCI_REGION_STATES(X)                                                                       \
    X(UNTRIED, "untried")                                                                          \
    X(OK, "ok")                                                                                    \
    X(DOWN, "down")       /* nothing is tried until `opens` */                                     \
    X(PROBING, "probing") /* one upload tries whether it is back */                                \
    X(OFFLINE, "offline") /* the uplink is */                                                      \
    X(THROTTLED, "throttled")                                                                      \
    X(MISCONFIGURED, "misconfigured")

enum wci_region_state {
#define WCI_REGION_STATE_VALUE(name, word) WCI_REGION_##name,
    WCI_REGION_STATES(WCI_REGION_STATE_VALUE)
#undef WCI_REGION_STATE_VALUE
        WCI_REGION_STATE_COUNT
};

struct wci_region_report {
    enum wci_region_state state;
    bool is_current;     /* where objects go now */
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
