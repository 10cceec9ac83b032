#include "upload/failover.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "upload/failover_state.h"

/* Few at first: a thin uplink shared by many moves none of them on. */
enum { FIRST_REQUESTS = 4 };

static const int64_t uplink_rest_least = INT64_C(5) * WCI_SECOND;
static const int64_t uplink_rest_most = INT64_C(60) * WCI_SECOND;
static const int64_t trial_rest_least = INT64_C(1) * WCI_SECOND;
static const int64_t dwell_most = INT64_C(600) * WCI_SECOND;
static const int64_t trial_rest_most = INT64_C(600) * WCI_SECOND;

static wildcam_status check_limit(const char *what, int64_t value, int64_t least, int64_t most)
{
    if (value >= least && value <= most)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_INVALID, "%s is %lld, not in %lld to %lld", what, (long long)value,
                    (long long)least, (long long)most);
}

wildcam_status wci_failover_new(const struct wci_failover_limits *limits, wci_failover **out)
{
    static const int64_t failback_most = INT64_C(366) * 86400 * WCI_SECOND;
    wildcam_status status = check_limit("the number of regions", limits->regions, 1,
                                        WCI_REGIONS_MAX);
    if (!status)
        status = check_limit("the number of attempts", limits->attempts, 1, 1000);
    if (!status)
        status = check_limit("the number of connections", limits->connections, 1, 100000);
    if (!status)
        status = check_limit("the dwell in microseconds", limits->failback, 0, failback_most);
    if (!status)
        status = check_limit("the time to connect in microseconds", limits->connect_time, 1,
                             failback_most);
    wci_failover *failover = status ? NULL : wci_new(sizeof *failover);
    if (!failover)
        return status ? status : WILDCAM_ERR_NOMEM;
    failover->limits = *limits;
    failover->random = limits->seed;
    failover->silent_from = INT64_MAX;
    failover->heard_at = -1;
    failover->connect_time = limits->connect_time;
    wci_room_init(&failover->room, FIRST_REQUESTS, limits->connections);
    for (int i = 0; i < limits->regions; i++) {
        failover->regions[i].tokens = WCI_RETRY_TOKENS;
        failover->regions[i].taken_at = failover->regions[i].back_at = -1;
        failover->regions[i].dwell = limits->failback;
        wci_room_init(&failover->regions[i].room, limits->connections, limits->connections);
    }
    *out = failover;
    return WILDCAM_OK;
}

void wci_failover_free(wci_failover *failover)
{
    free(failover);
}

double wci_failover_random(wci_failover *failover)
{
    /* SplitMix64 */
    uint64_t mixed = failover->random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    return (double)(mixed >> 11) / (double)(UINT64_C(1) << 53);
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* ---- where objects go ---- */

void wci_failover_put_off_trials(wci_failover *failover, int region, int64_t now)
{
    struct wci_region_health *health = &failover->regions[region];
    int64_t rest = within(failover->limits.failback / 2, trial_rest_least, trial_rest_most) / 2;
    health->trials = 0;
    health->trial_at = now + rest + (int64_t)((double)rest * wci_failover_random(failover));
}

void wci_failover_move(wci_failover *failover, int region, int64_t now)
{
    struct wci_region_health *left = &failover->regions[failover->current];
    int64_t dwell = failover->limits.failback;
    /* One that does not last is left alone for longer each time. */
    if (left->back_at >= 0 && now - left->back_at < dwell)
        dwell = within(2 * left->dwell, dwell, dwell > dwell_most ? dwell : dwell_most);
    left->dwell = dwell;
    left->left_at = now;
    wci_failover_put_off_trials(failover, failover->current, now);
    failover->current = region;
}

/* The first that is closed, from the current one on and round; -1 when none is. */
static int first_closed(const wci_failover *failover, int64_t now)
{
    for (int i = 0; i < failover->limits.regions; i++) {
        int region = (failover->current + i) % failover->limits.regions;
        if (wci_failover_state(failover, region, now) == WCI_BREAKER_CLOSED)
            return region;
    }
    return -1;
}

void wci_failover_leave(wci_failover *failover, int region, int64_t now)
{
    int next = first_closed(failover, now);
    if (region == failover->current && next >= 0)
        wci_failover_move(failover, next, now);
}

/* Back to an earlier region that has shown that it works. */
void wci_failover_go_back(wci_failover *failover, int64_t now)
{
    for (int i = 0; i < failover->current; i++) {
        const struct wci_region_health *health = &failover->regions[i];
        if (health->trials >= WCI_TRIALS && now - health->left_at >= health->dwell &&
            wci_failover_state(failover, i, now) == WCI_BREAKER_CLOSED) {
            wci_failover_move(failover, i, now);
            failover->regions[i].back_at = now;
            return;
        }
    }
}

/* ---- places ---- */

/* A region may not take all of them while another works: one that hangs would stop the others. */
static int place_limit(const wci_failover *failover, int region, int64_t now)
{
    int all = wci_room_limit(&failover->room), working = 0;
    int own = wci_room_limit(&failover->regions[region].room);
    for (int i = 0; i < failover->limits.regions; i++)
        working += wci_failover_state(failover, i, now) == WCI_BREAKER_CLOSED;
    if (working >= 2 && all > 1)
        all = all * 4 / 5;
    return own < all ? own : all;
}

bool wci_failover_has_place(const wci_failover *failover, int region, int64_t now)
{
    return failover->under_way < wci_room_limit(&failover->room) &&
           failover->regions[region].under_way < place_limit(failover, region, now);
}

void wci_failover_take_place(wci_failover *failover, struct wci_attempts *attempts, int region,
                             int64_t now)
{
    failover->under_way++;
    failover->regions[region].under_way++;
    failover->regions[region].requests++;
    if (!attempts->has_begun)
        attempts->began = now;
    attempts->total++;
    attempts->has_begun = attempts->is_under_way = true;
    attempts->sent_to = region;
    attempts->sent_at = now;
    attempts->connect_time = failover->connect_time;
    attempts->turn = failover->regions[region].breaker.turn;
    attempts->is_look = attempts->is_probe = attempts->is_trial = false;
    attempts->is_uplink_probe = failover->is_offline;
    if (failover->is_offline)
        failover->has_uplink_probe = true;
}

void wci_failover_release(wci_failover *failover, struct wci_attempts *attempts)
{
    struct wci_region_health *health = &failover->regions[attempts->sent_to];
    failover->under_way--;
    health->under_way--;
    attempts->is_under_way = false;
    if (attempts->is_probe && attempts->turn == health->breaker.turn)
        wci_breaker_release(&health->breaker);
    if (attempts->is_trial)
        health->has_trial = false;
    if (attempts->is_uplink_probe)
        failover->has_uplink_probe = false;
}

void wci_failover_begin(wci_failover *failover, struct wci_attempts *attempts, int64_t deadline)
{
    (void)failover;
    *attempts = (struct wci_attempts){.region = -1, .deadline = deadline};
}

void wci_failover_abandon(wci_failover *failover, struct wci_attempts *attempts)
{
    if (attempts->is_under_way)
        wci_failover_release(failover, attempts);
    attempts->is_over = true;
}

/* ---- the uplink ---- */

void wci_failover_rest(wci_failover *failover, int64_t now)
{
    int64_t spread = uplink_rest_most - uplink_rest_least;
    failover->uplink_at = now + uplink_rest_least +
                          (int64_t)((double)spread * wci_failover_random(failover));
    for (int i = 0; i < failover->limits.regions; i++)
        failover->regions[i].unreached = 0;
}

/* While somebody tries it: not long. */
int64_t wci_failover_uplink_opens(const wci_failover *failover, int64_t now)
{
    if (failover->has_uplink_probe)
        return now + uplink_rest_least;
    return failover->uplink_at > now ? failover->uplink_at : now;
}

bool wci_failover_may_try_uplink(const wci_failover *failover, int64_t now)
{
    return now >= failover->uplink_at && !failover->has_uplink_probe;
}

/* ---- for who looks ---- */

int64_t wci_failover_skew(const wci_failover *failover, int region)
{
    return failover->regions[region].skew;
}

int wci_failover_room(const wci_failover *failover, int64_t now)
{
    int free_places = wci_room_limit(&failover->room) - failover->under_way;
    int region = first_closed(failover, now);
    if (free_places <= 0)
        return 0;
    if (failover->is_offline)
        return wci_failover_may_try_uplink(failover, now);
    if (region >= 0) {
        int places = place_limit(failover, region, now) - failover->regions[region].under_way;
        return places < 0 ? 0 : places < free_places ? places : free_places;
    }
    for (int i = 0; i < failover->limits.regions; i++)
        if (wci_failover_state(failover, i, now) == WCI_BREAKER_HALF_OPEN)
            return 1;
    return 0;
}

int64_t wci_failover_opens(const wci_failover *failover, int64_t now)
{
    int64_t soonest = INT64_MAX;
    if (failover->is_offline)
        return wci_failover_uplink_opens(failover, now);
    for (int i = 0; i < failover->limits.regions; i++) {
        int64_t opens = now;
        enum wci_breaker_state state = wci_failover_state(failover, i, now);
        if (state == WCI_BREAKER_OPEN)
            opens = failover->regions[i].breaker.opens;
        else if (state == WCI_BREAKER_PROBED) /* its answer may take a while */
            opens = now + uplink_rest_least;
        soonest = opens < soonest ? opens : soonest;
    }
    return soonest;
}

void wci_failover_retry_now(wci_failover *failover, int64_t now)
{
    for (int i = 0; i < failover->limits.regions; i++) {
        struct wci_region_health *health = &failover->regions[i];
        if (health->breaker.is_open)
            wci_breaker_clear(&health->breaker, now);
        health->trial_at = now;
        health->unreached = health->refusals = 0;
    }
    if (failover->is_offline)
        failover->online_from = now;
    failover->is_offline = false;
    failover->silent_from = INT64_MAX;
}

static enum wci_region_state state_of(const wci_failover *failover, int region, int64_t now)
{
    const struct wci_region_health *health = &failover->regions[region];
    if (failover->is_offline)
        return WCI_REGION_OFFLINE;
    if (health->breaker.is_held)
        return WCI_REGION_MISCONFIGURED;
    if (health->breaker.is_probed)
        return WCI_REGION_PROBING;
    if (health->breaker.is_open)
        return WCI_REGION_DOWN;
    if (now < health->throttled_until)
        return WCI_REGION_THROTTLED;
    return health->has_had_ok ? WCI_REGION_OK : WCI_REGION_UNTRIED;
}

void wci_failover_look(const wci_failover *failover, int region, int64_t now,
                       struct wci_region_report *report)
{
    const struct wci_region_health *health = &failover->regions[region];
    *report = (struct wci_region_report){
        .state = state_of(failover, region, now),
        .is_current = region == failover->current,
        .under_way = health->under_way,
        .room = place_limit(failover, region, now),
        .requests = health->requests,
        .retry_tokens = health->tokens,
        .skew = health->skew,
    };
    memcpy(report->outcomes, health->outcomes, sizeof report->outcomes);
    if (failover->is_offline && wci_failover_uplink_opens(failover, now) > now)
        report->opens = wci_failover_uplink_opens(failover, now);
    else if (health->breaker.is_open && health->breaker.opens > now)
        report->opens = health->breaker.opens;
}

const char *wci_region_state_word(enum wci_region_state state)
{
    static const char *const words[] = {
#define WCI_REGION_STATE_WORD(name, word) [WCI_REGION_##name] = (word),
        WCI_REGION_STATES(WCI_REGION_STATE_WORD)
#undef WCI_REGION_STATE_WORD
    };
    return (unsigned)state < WCI_REGION_STATE_COUNT ? words[state] : "unknown";
}
