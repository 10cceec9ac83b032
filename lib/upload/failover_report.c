#include <string.h>

#include "upload/failover_state.h"

static const int64_t longest_opening = INT64_C(300) * WCI_SECOND;
static const int64_t shortest_opening = INT64_C(5) * WCI_SECOND;
static const int64_t hold_misconfigured = INT64_C(300) * WCI_SECOND;
static const int64_t hold_untrusted = INT64_C(60) * WCI_SECOND;
static const int64_t longest_connecting = INT64_C(30) * WCI_SECOND;
static const int64_t throttled_shows = INT64_C(30) * WCI_SECOND;

static const int64_t longest_delay = INT64_C(20) * WCI_SECOND;
static const int64_t transient_delay = WCI_SECOND / 20;
static const int64_t throttled_delay = WCI_SECOND;
/* How much more than our own delay a server may ask for, to the millisecond. */
static const int64_t precise_more = INT64_C(5) * WCI_SECOND;

/* An offset that differs by less from the one that was used would change nothing. */
static const int64_t skew_step = INT64_C(30) * WCI_SECOND;

enum { TRANSIENT_COST = 14, THROTTLED_COST = 5 };
/* One refusal in a row is an object's own, while others are taken. */
enum { REFUSALS = 3 };
/* As often as that must nobody have answered, for the uplink to be down. */
enum { UNREACHED = 3 };

static struct wci_region_health *health_of(wci_failover *failover,
                                           const struct wci_attempts *attempts)
{
    return &failover->regions[attempts->sent_to];
}

static uint32_t bit_of(const struct wci_attempts *attempts)
{
    return wci_region_bit(attempts->sent_to);
}

/* ---- what a region is told ---- */

/* Objects come back to the first region within their dwell: so it may not be shut for longer. */
static int64_t longest_opening_of(const wci_failover *failover, int region)
{
    int64_t longest = region == 0 ? failover->limits.failback / 2 : longest_opening;
    if (longest > longest_opening)
        return longest_opening;
    return longest < shortest_opening ? shortest_opening : longest;
}

/* Whether what came back says something about the region as it is now. */
static bool is_news(const wci_failover *failover, const struct wci_attempts *attempts)
{
    const struct wci_breaker *breaker = &failover->regions[attempts->sent_to].breaker;
    return attempts->turn == breaker->turn && (attempts->is_probe || !breaker->is_open);
}

static void blame(wci_failover *failover, int region, int64_t now, int weight)
{
    wci_failover_put_off_trials(failover, region, now);
    if (wci_breaker_fail(&failover->regions[region].breaker, now, weight,
                         wci_failover_random(failover), longest_opening_of(failover, region)))
        wci_failover_leave(failover, region, now);
}

static void blame_for(wci_failover *failover, const struct wci_attempts *attempts, int64_t now,
                      int weight)
{
    if (is_news(failover, attempts) && !failover->is_offline &&
        attempts->sent_at >= failover->online_from)
        blame(failover, attempts->sent_to, now, weight);
}

static void hold(wci_failover *failover, const struct wci_attempts *attempts, int64_t now,
                 int64_t duration)
{
    if (!is_news(failover, attempts))
        return;
    wci_breaker_hold(&health_of(failover, attempts)->breaker, now, duration);
    wci_failover_put_off_trials(failover, attempts->sent_to, now);
    wci_failover_leave(failover, attempts->sent_to, now);
}

/* An object had to go past the current region, which has taken nothing since that was begun: the
 * next ones need not find that out again. */
static bool goes_past_current(const wci_failover *failover, const struct wci_attempts *attempts)
{
    int current = failover->current;
    bool has_failed = attempts->count[current] > 0 ||
                      ((attempts->done | attempts->unreached) & wci_region_bit(current)) != 0;
    return has_failed && failover->regions[current].taken_at < attempts->began;
}

static void praise(wci_failover *failover, const struct wci_attempts *attempts, int64_t now)
{
    int region = attempts->sent_to;
    struct wci_region_health *health = health_of(failover, attempts);
    health->has_had_ok = true;
    health->taken_at = now;
    health->refusals = 0;
    wci_room_grow(&health->room);
    wci_room_grow(&failover->room);
    if (!is_news(failover, attempts))
        return;
    wci_breaker_succeed(&health->breaker, now);
    if (region < failover->current) {
        health->trials++;
        health->trial_at = now;
    }
    if (region != failover->current &&
        (wci_failover_state(failover, failover->current, now) != WCI_BREAKER_CLOSED ||
         goes_past_current(failover, attempts)))
        wci_failover_move(failover, region, now);
}

/* ---- the uplink ---- */

static bool is_answer(enum wci_outcome outcome)
{
    switch (outcome) {
    case WCI_OUTCOME_STALE:
    case WCI_OUTCOME_TRANSIENT:
    case WCI_OUTCOME_AMBIGUOUS:
    case WCI_OUTCOME_UNREACHABLE:
    case WCI_OUTCOME_UNTRUSTED: /* a portal's own */
    case WCI_OUTCOME_LOCAL:
    case WCI_OUTCOME_CANCELLED:
        return false;
    default:
        return true;
    }
}

/* Whether the uplink carries: an answer came, or somebody cut the connection. What merely ran out
 * of time, or was sent before all fell silent, may be the last sigh of a link that is gone. */
static bool is_sign_of_life(const wci_failover *failover, const struct wci_attempts *attempts,
                            const struct wci_report *report)
{
    if (report->outcome == WCI_OUTCOME_TRANSIENT || report->outcome == WCI_OUTCOME_AMBIGUOUS)
        return !report->was_slow &&
               (failover->silent_from == INT64_MAX || attempts->sent_at > failover->silent_from);
    return is_answer(report->outcome);
}

/* The uplink works: regions that could not be reached meanwhile are to blame themselves, unless it
 * has only just come back. */
static void hear(wci_failover *failover, int heard, int64_t now)
{
    failover->heard_at = now;
    for (int i = 0; failover->silent_from != INT64_MAX && i < failover->limits.regions; i++) {
        struct wci_region_health *health = &failover->regions[i];
        int times = health->unreached;
        health->unreached = 0;
        if (i == heard || failover->is_offline)
            continue;
        for (; times > 0 && !health->breaker.is_open; times--)
            blame(failover, i, now, WCI_BREAKER_WHOLE);
    }
    failover->silent_from = INT64_MAX;
    if (failover->is_offline)
        failover->online_from = now;
    failover->is_offline = false;
}

/* How long the next connection may take to come: where nobody answers, others need not wait for
 * long, but a link on which none comes in time may be a slow one. */
static void learn_connecting(wci_failover *failover, const struct wci_attempts *attempts,
                             const struct wci_report *report, bool is_alive)
{
    int64_t least = failover->limits.connect_time, wanted = failover->connect_time;
    int64_t most = least > longest_connecting ? least : longest_connecting;
    if (report->connecting > failover->connecting)
        failover->connecting = report->connecting;
    else if (report->connecting > 0)
        failover->connecting -= (failover->connecting - report->connecting) / 8;
    if (report->connecting > 0 || is_alive)
        wanted = 3 * failover->connecting;
    else if (report->was_late && attempts->connect_time >= failover->connect_time)
        wanted = 2 * failover->connect_time;
    failover->connect_time = wanted < least ? least : wanted > most ? most : wanted;
}

/* Whether no region that could be tried has answered. */
static bool is_all_silent(const wci_failover *failover, int64_t now)
{
    int times = 0;
    for (int i = 0; i < failover->limits.regions; i++) {
        const struct wci_region_health *health = &failover->regions[i];
        if (!health->unreached && wci_failover_state(failover, i, now) != WCI_BREAKER_OPEN)
            return false;
        times += health->unreached;
    }
    return times >= UNREACHED;
}

static void go_offline(wci_failover *failover, int64_t now)
{
    failover->is_offline = true;
    for (int i = 0; i < failover->limits.regions; i++) {
        struct wci_breaker *breaker = &failover->regions[i].breaker;
        /* It was the uplink's doing. */
        if (breaker->is_open && !breaker->is_held && breaker->opened_at > failover->heard_at)
            wci_breaker_clear(breaker, now);
    }
    wci_failover_rest(failover, now);
}

static void take_unreachable(wci_failover *failover, struct wci_attempts *attempts, int64_t now)
{
    struct wci_region_health *health = health_of(failover, attempts);
    health->unreached++;
    wci_failover_put_off_trials(failover, attempts->sent_to, now);
    if (failover->silent_from == INT64_MAX)
        failover->silent_from = now;
    attempts->unreached |= bit_of(attempts);
    attempts->wants_fresh = true;
    if (attempts->is_probe)
        blame_for(failover, attempts, now, WCI_BREAKER_WHOLE);
    if (!failover->is_offline && is_all_silent(failover, now))
        go_offline(failover, now);
}

/* ---- what an object is told ---- */

static int64_t delay_of(wci_failover *failover, int retry, const struct wci_report *report)
{
    int64_t delay = report->outcome == WCI_OUTCOME_THROTTLED ? throttled_delay : transient_delay;
    int64_t asked = report->retry_after;
    for (; retry > 0 && delay < longest_delay; retry--)
        delay *= 2;
    if (delay > longest_delay)
        delay = longest_delay;
    delay = (int64_t)((double)delay * wci_failover_random(failover));
    if (asked <= 0)
        return delay;
    if (report->is_retry_precise) {
        if (asked > delay)
            delay = asked < delay + precise_more ? asked : delay + precise_more;
    } else {
        /* whole seconds: those who were told the same do not all come at once */
        delay = asked < longest_delay - delay ? asked + delay : longest_delay;
    }
    return delay;
}

void wci_failover_postpone(wci_failover *failover, struct wci_attempts *attempts, int region,
                           int64_t now, const struct wci_report *report)
{
    struct wci_region_health *health = &failover->regions[region];
    int cost = report->outcome == WCI_OUTCOME_THROTTLED ? THROTTLED_COST : TRANSIENT_COST;
    attempts->count[region]++;
    attempts->retry_cost = 0;
    if (attempts->count[region] >= failover->limits.attempts || health->tokens < cost) {
        attempts->done |= wci_region_bit(region);
        return;
    }
    health->tokens -= cost;
    attempts->retry_cost = cost;
    attempts->not_before = now + delay_of(failover, attempts->count[region] - 1, report);
}

static void postpone(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                     const struct wci_report *report)
{
    /* It waits on, for as long as it said that it would. */
    if (attempts->is_probe && attempts->is_pinned && attempts->patience > 0)
        return;
    /* One try is all that a region gets that has yet to show that it works. */
    if (attempts->is_probe || attempts->is_trial) {
        attempts->count[attempts->sent_to]++;
        attempts->done |= bit_of(attempts);
        return;
    }
    wci_failover_postpone(failover, attempts, attempts->sent_to, now, report);
}

/* How often an outcome does not count, in each region: what was wrong has been put right. */
static int allowance_of(enum wci_outcome outcome)
{
    switch (outcome) {
    case WCI_OUTCOME_STALE:
    case WCI_OUTCOME_EXPIRED:
    case WCI_OUTCOME_MOVED:
        return 1;
    case WCI_OUTCOME_SKEWED:      /* once for our own offset, once for another's */
    case WCI_OUTCOME_UNSUPPORTED: /* there are two headers to leave out */
        return 2;
    default:
        return 0;
    }
}

static bool is_free(struct wci_attempts *attempts, enum wci_outcome outcome)
{
    unsigned char *used = &attempts->free_used[attempts->sent_to][outcome];
    if (*used >= allowance_of(outcome))
        return false;
    (*used)++;
    return true;
}

/* Whether the next request will be signed with another time. */
static bool correct_clock(wci_failover *failover, const struct wci_attempts *attempts,
                          const struct wci_report *report)
{
    int64_t *skew = &health_of(failover, attempts)->skew, change;
    if (report->skew != report->skew_used)
        *skew = report->skew;
    return __builtin_sub_overflow(*skew, report->skew_used, &change) || change > skew_step ||
           change < -skew_step;
}

/* True when the same is sent again at once, and nothing counted. */
static bool is_put_right(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         const struct wci_report *report)
{
    if (report->outcome == WCI_OUTCOME_SKEWED && !correct_clock(failover, attempts, report))
        return false;
    if (!is_free(attempts, report->outcome))
        return false;
    if (report->outcome == WCI_OUTCOME_STALE)
        attempts->wants_fresh = true;
    attempts->not_before = now;
    return true;
}

static void take_ok(wci_failover *failover, struct wci_attempts *attempts, int64_t now)
{
    struct wci_region_health *health = health_of(failover, attempts);
    praise(failover, attempts, now);
    health->tokens += attempts->retry_cost ? attempts->retry_cost : 1;
    if (health->tokens > WCI_RETRY_TOKENS)
        health->tokens = WCI_RETRY_TOKENS;
    attempts->count[attempts->sent_to] = attempts->retry_cost = 0;
    attempts->doubts &= ~bit_of(attempts);
    attempts->wants_fresh = attempts->has_begun = false;
    attempts->not_before = now;
    memset(attempts->free_used[attempts->sent_to], 0, sizeof attempts->free_used[0]);
}

static void take_throttled(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                           const struct wci_report *report)
{
    struct wci_region_health *health = health_of(failover, attempts);
    health->throttled_until = now + throttled_shows;
    /* All that were under way together are told the same: that is one failure. */
    if (wci_room_cut(&health->room, attempts->sent_at, now))
        blame_for(failover, attempts, now, WCI_BREAKER_HALF);
    attempts->wants_fresh = false;
    postpone(failover, attempts, now, report);
}

static void take_refusal(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         enum wci_outcome outcome)
{
    struct wci_region_health *health = health_of(failover, attempts);
    attempts->done |= bit_of(attempts);
    if (outcome == WCI_OUTCOME_UNTRUSTED)
        hold(failover, attempts, now, hold_untrusted);
    else if (++health->refusals >= REFUSALS || !health->has_had_ok || attempts->is_probe)
        hold(failover, attempts, now, hold_misconfigured);
}

static void take_failure(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         const struct wci_report *report)
{
    if (report->was_slow)
        wci_room_cut(&failover->room, attempts->sent_at, now);
    blame_for(failover, attempts, now, WCI_BREAKER_WHOLE);
    attempts->wants_fresh = true;
    postpone(failover, attempts, now, report);
}

/* ---- looks ---- */

static void end_look(struct wci_attempts *attempts, bool is_known)
{
    attempts->look_first &= ~bit_of(attempts);
    attempts->looked |= bit_of(attempts);
    attempts->must_look = false;
    if (is_known)
        attempts->doubts &= ~bit_of(attempts);
    else
        attempts->doubts |= bit_of(attempts);
}

/* The breaker learns nothing of it: that a HEAD is answered does not mean that uploads are taken.
 */
static void take_look(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                      const struct wci_report *report)
{
    bool was_owed = attempts->must_look;
    switch (report->outcome) {
    case WCI_OUTCOME_OK:
        end_look(attempts, true);
        break;
    case WCI_OUTCOME_MISSING:
        end_look(attempts, true);
        if (was_owed) /* it was there a moment ago */
            postpone(failover, attempts, now, report);
        break;
    case WCI_OUTCOME_IMPOSSIBLE:
        end_look(attempts, true);
        attempts->is_over = true;
        break;
    case WCI_OUTCOME_LOCAL:
    case WCI_OUTCOME_CANCELLED:
        break;
    case WCI_OUTCOME_UNREACHABLE:
        take_unreachable(failover, attempts, now);
        end_look(attempts, false);
        break;
    case WCI_OUTCOME_REFUSED: /* those who may write may not always look */
        if (was_owed)
            attempts->done |= bit_of(attempts);
        end_look(attempts, false);
        break;
    default:
        if (was_owed)
            postpone(failover, attempts, now, report);
        if (!was_owed || (attempts->done & bit_of(attempts)))
            end_look(attempts, false);
        break;
    }
}

/* ---- reports ---- */

static void take_try(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                     const struct wci_report *report)
{
    switch (report->outcome) {
    case WCI_OUTCOME_OK:
    case WCI_OUTCOME_MISSING:
        take_ok(failover, attempts, now);
        break;
    case WCI_OUTCOME_EXISTS:
        praise(failover, attempts, now);
        attempts->must_look = true;
        break;
    case WCI_OUTCOME_TRANSIENT:
    case WCI_OUTCOME_AMBIGUOUS:
        take_failure(failover, attempts, now, report);
        break;
    case WCI_OUTCOME_THROTTLED:
        take_throttled(failover, attempts, now, report);
        break;
    case WCI_OUTCOME_UNREACHABLE:
        take_unreachable(failover, attempts, now);
        break;
    case WCI_OUTCOME_STALE:
    case WCI_OUTCOME_CONFLICT:
    case WCI_OUTCOME_SKEWED:
        postpone(failover, attempts, now, report);
        break;
    case WCI_OUTCOME_NO_PARTS:
        postpone(failover, attempts, now, report);
        attempts->not_before = now;
        break;
    case WCI_OUTCOME_EXPIRED:
    case WCI_OUTCOME_MOVED:
    case WCI_OUTCOME_REFUSED:
    case WCI_OUTCOME_UNTRUSTED:
    case WCI_OUTCOME_UNSUPPORTED:
        take_refusal(failover, attempts, now, report->outcome);
        break;
    case WCI_OUTCOME_IMPOSSIBLE:
    case WCI_OUTCOME_LOCAL:
        attempts->is_over = true;
        break;
    case WCI_OUTCOME_CANCELLED:
    default:
        break;
    }
}

void wci_failover_report(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                         const struct wci_report *report)
{
    if (!attempts->is_under_way)
        return;
    wci_failover_release(failover, attempts);
    if ((unsigned)report->outcome < WCI_OUTCOME_COUNT)
        health_of(failover, attempts)->outcomes[report->outcome]++;
    bool is_alive = is_sign_of_life(failover, attempts, report);
    learn_connecting(failover, attempts, report, is_alive);
    if (is_alive)
        hear(failover, attempts->sent_to, now);
    if (is_answer(report->outcome))
        attempts->is_blocked = false;
    if (report->is_in_doubt || report->outcome == WCI_OUTCOME_AMBIGUOUS) {
        attempts->doubts |= bit_of(attempts);
        attempts->looked &= ~bit_of(attempts);
    }
    if (is_put_right(failover, attempts, now, report))
        return;
    if (attempts->is_look)
        take_look(failover, attempts, now, report);
    else
        take_try(failover, attempts, now, report);
}
