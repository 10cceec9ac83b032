/* What failover_next.c decides by, and failover_report.c learns. */
#ifndef WCI_UPLOAD_FAILOVER_STATE_H
#define WCI_UPLOAD_FAILOVER_STATE_H

#include "upload/breaker.h"
#include "upload/failover.h"
#include "upload/room.h"

enum { WCI_SECOND = 1000000 };
/* So many uploads in a row must at least succeed in an earlier region before objects go back. */
enum { WCI_TRIALS = 3 };
enum { WCI_RETRY_TOKENS = 500 };

struct wci_region_health {
    struct wci_breaker breaker;
    struct wci_room room;
    int under_way;
    int tokens; /* for retries */
    int64_t skew;
    int unreached;    /* how often, since anybody was heard */
    int refusals;     /* in a row */
    bool has_had_ok;  /* its settings were right once */
    bool has_trial;   /* one upload tries whether objects may come back */
    int trials;       /* so many have succeeded in a row */
    int64_t trial_at; /* the next one */
    int64_t taken_at; /* the last object */
    /* When objects last came back, when they last left, and how long they then stay away. */
    int64_t back_at, left_at, dwell;
    int64_t throttled_until; /* for who looks */
    int64_t requests, outcomes[WCI_OUTCOME_COUNT];
};

struct wci_failover {
    struct wci_failover_limits limits;
    uint64_t random;
    int current;
    struct wci_region_health regions[WCI_REGIONS_MAX];

    int under_way; /* in all regions */
    struct wci_room room;

    /* The uplink. */
    bool is_offline, has_uplink_probe;
    int64_t uplink_at;    /* offline: when somebody may try */
    int64_t silent_from;  /* since when regions have been unreachable; INT64_MAX: they are not */
    int64_t heard_at;     /* when anybody was heard last */
    int64_t online_from;  /* what was sent before that may have died of the uplink */
    int64_t connecting;   /* how long connections take to come, the slow ones above all */
    int64_t connect_time; /* how long the next one may */
};

static inline uint32_t wci_region_bit(int region)
{
    return UINT32_C(1) << region;
}

static inline enum wci_breaker_state wci_failover_state(const wci_failover *failover, int region,
                                                        int64_t now)
{
    return wci_breaker_state(&failover->regions[region].breaker, now);
}

/* In [0, 1). */
double wci_failover_random(wci_failover *failover);
/* The current region is no good: objects go to the next one that is. */
void wci_failover_leave(wci_failover *failover, int region, int64_t now);
/* Another region is current from now on. */
void wci_failover_move(wci_failover *failover, int region, int64_t now);
/* Back to an earlier region, if one has shown that it works. */
void wci_failover_go_back(wci_failover *failover, int64_t now);
/* An earlier region has failed again: it is not tried at once. */
void wci_failover_put_off_trials(wci_failover *failover, int region, int64_t now);
/* Whether one request more may go to a region; and it goes, as a HEAD or not. */
bool wci_failover_has_place(const wci_failover *failover, int region, int64_t now);
void wci_failover_take_place(wci_failover *failover, struct wci_attempts *attempts, int region,
                             int64_t now);
/* Offline: whether this is the one that tries the uplink, and when the next one may. */
bool wci_failover_may_try_uplink(const wci_failover *failover, int64_t now);
int64_t wci_failover_uplink_opens(const wci_failover *failover, int64_t now);
/* The uplink is tried again in a while. */
void wci_failover_rest(wci_failover *failover, int64_t now);
/* A request has ended: its place, and what it was to find out, are free. */
void wci_failover_release(wci_failover *failover, struct wci_attempts *attempts);
/* It counts: when it may be tried there again, or that it may not. */
void wci_failover_postpone(wci_failover *failover, struct wci_attempts *attempts, int region,
                           int64_t now, const struct wci_report *report);

#endif
