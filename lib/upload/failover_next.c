#include "upload/failover_state.h"

/* What a search for a region came to, other than a region. */
enum { NO_REGION = -1, BUSY = -2 };

static bool is_pinned(const struct wci_attempts *attempts)
{
    return attempts->is_pinned && attempts->region >= 0;
}

static bool is_shut(const struct wci_attempts *attempts, int region)
{
    return ((attempts->done | attempts->unreached) & wci_region_bit(region)) != 0;
}

/* While offline each try is of another region: the one that is tried may be down by itself. */
static bool is_tried_enough(const wci_failover *failover, const struct wci_attempts *attempts,
                            int region)
{
    return is_shut(attempts, region) ||
           (failover->is_offline && failover->regions[region].unreached > 0);
}

/* It goes on where it was. */
static bool stays(const wci_failover *failover, const struct wci_attempts *attempts, int64_t now)
{
    int region = attempts->region;
    return region >= 0 && !is_tried_enough(failover, attempts, region) &&
           wci_failover_state(failover, region, now) == WCI_BREAKER_CLOSED;
}

/* An earlier region that wants to be tried whether objects may come back; else NO_REGION. */
static int due_trial(const wci_failover *failover, const struct wci_attempts *attempts, int64_t now)
{
    if (attempts->total > 0)
        return NO_REGION;
    for (int i = 0; i < failover->current; i++) {
        const struct wci_region_health *health = &failover->regions[i];
        enum wci_breaker_state state = wci_failover_state(failover, i, now);
        bool is_due = state == WCI_BREAKER_CLOSED && !health->has_trial && now >= health->trial_at;
        if ((is_due || state == WCI_BREAKER_HALF_OPEN) &&
            wci_failover_has_place(failover, i, now) && !is_tried_enough(failover, attempts, i))
            return i;
    }
    return NO_REGION;
}

static int search(const wci_failover *failover, const struct wci_attempts *attempts, int64_t now)
{
    bool is_one_probed = false;
    for (int i = 0; i < failover->limits.regions; i++) {
        int region = (failover->current + i) % failover->limits.regions;
        enum wci_breaker_state state = wci_failover_state(failover, region, now);
        if ((is_pinned(attempts) && region != attempts->region) || state == WCI_BREAKER_OPEN ||
            is_tried_enough(failover, attempts, region))
            continue;
        if (state == WCI_BREAKER_PROBED)
            is_one_probed = true;
        else
            return wci_failover_has_place(failover, region, now) ? region : BUSY;
    }
    return is_one_probed ? BUSY : NO_REGION;
}

/* Nobody answered in any region that is left: that was one try in each of them. */
static void end_round(wci_failover *failover, struct wci_attempts *attempts, int64_t now)
{
    static const struct wci_report report = {.outcome = WCI_OUTCOME_UNREACHABLE, .retry_after = -1};
    int64_t not_before = now;
    for (int i = 0; i < failover->limits.regions; i++) {
        if (!(attempts->unreached & wci_region_bit(i)))
            continue;
        wci_failover_postpone(failover, attempts, i, now, &report);
        if (attempts->not_before > not_before)
            not_before = attempts->not_before;
    }
    attempts->not_before = not_before;
    attempts->unreached = 0;
    if (!is_pinned(attempts))
        attempts->region = -1;
}

/* Pinned to a region that is down: waits for it, as long as its patience lasts. False when that is
 * over. */
static bool wait_for_region(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                            struct wci_step *step)
{
    const struct wci_breaker *breaker = &failover->regions[attempts->region].breaker;
    int64_t again = breaker->opens;
    if (!attempts->is_blocked) {
        attempts->is_blocked = true;
        attempts->blocked_at = now;
    }
    if (now - attempts->blocked_at >= attempts->patience)
        return false;
    if (attempts->unreached) {
        again = now + WCI_SECOND + (int64_t)(4 * WCI_SECOND * wci_failover_random(failover));
        attempts->not_before = again;
        attempts->unreached = 0;
    }
    step->at = attempts->blocked_at + attempts->patience;
    if (again < step->at)
        step->at = again;
    return true;
}

static void fail(const wci_failover *failover, int64_t now, struct wci_step *step)
{
    step->kind = WCI_STEP_FAILED;
    step->at = wci_failover_opens(failover, now);
}

static void say_offline(const wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                        struct wci_step *step)
{
    attempts->unreached = 0; /* it is not to blame */
    step->kind = WCI_STEP_OFFLINE;
    step->at = wci_failover_uplink_opens(failover, now);
}

static void look_in(wci_failover *failover, struct wci_attempts *attempts, int region, int64_t now,
                    struct wci_step *step)
{
    if (!wci_failover_has_place(failover, region, now))
        return;
    wci_failover_take_place(failover, attempts, region, now);
    attempts->is_look = true;
    step->kind = WCI_STEP_LOOK;
    step->region = region;
    step->connect_time = attempts->connect_time;
    step->on_fresh_connection = attempts->wants_fresh;
}

static void try_in(wci_failover *failover, struct wci_attempts *attempts, int region, bool is_trial,
                   int64_t now, struct wci_step *step)
{
    struct wci_region_health *health = &failover->regions[region];
    if (attempts->region != region)
        attempts->wants_fresh = false;
    wci_failover_take_place(failover, attempts, region, now);
    attempts->region = region;
    attempts->is_probe = wci_breaker_send(&health->breaker, now);
    attempts->is_trial = is_trial && !attempts->is_probe;
    attempts->not_before = now;
    if (attempts->is_trial)
        health->has_trial = true;
    step->kind = WCI_STEP_TRY;
    step->region = region;
    step->connect_time = attempts->connect_time;
    /* What lies in the pool of a region that nobody has used for long is dead, and tells nothing.
     */
    step->on_fresh_connection = attempts->wants_fresh || attempts->is_probe || attempts->is_trial ||
                                attempts->is_uplink_probe;
}

/* The region that owes an answer to a HEAD before anything else is done; else NO_REGION. */
static int owed_look(const wci_failover *failover, struct wci_attempts *attempts, int64_t now)
{
    int region = attempts->region;
    if (attempts->must_look)
        return region;
    if (region >= 0 && !is_pinned(attempts) && !stays(failover, attempts, now) &&
        (attempts->doubts & ~attempts->looked & ~attempts->unreached & wci_region_bit(region)))
        return region;
    for (int i = 0; attempts->look_first && i < failover->limits.regions; i++) {
        if (!(attempts->look_first & wci_region_bit(i)))
            continue;
        if (wci_failover_state(failover, i, now) == WCI_BREAKER_CLOSED)
            return i;
        attempts->look_first &= ~wci_region_bit(i); /* nobody there to ask */
        attempts->doubts |= wci_region_bit(i);
    }
    return NO_REGION;
}

/* No region is left for it, for now or for good. True when a new round begins. */
static bool do_without(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                       struct wci_step *step)
{
    uint32_t all = (UINT32_C(1) << failover->limits.regions) - 1;
    bool is_finished = is_pinned(attempts)
                           ? (attempts->done & wci_region_bit(attempts->region)) != 0
                           : attempts->done == all;
    if (failover->is_offline && !is_finished) {
        wci_failover_rest(failover, now);
        say_offline(failover, attempts, now, step);
    } else if (!is_finished && is_pinned(attempts) && attempts->patience > 0) {
        if (!wait_for_region(failover, attempts, now, step))
            fail(failover, now, step);
    } else if (!is_finished && attempts->unreached) {
        end_round(failover, attempts, now);
        return true;
    } else {
        fail(failover, now, step);
    }
    return false;
}

/* True when it must be asked again. */
static bool decide(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                   struct wci_step *step)
{
    bool is_here = stays(failover, attempts, now);
    int look = owed_look(failover, attempts, now);
    if (now < attempts->not_before && (is_here || attempts->region < 0)) {
        step->at = attempts->not_before;
        return false;
    }
    if (look >= 0) {
        look_in(failover, attempts, look, now, step);
        return false;
    }
    int region = NO_REGION;
    if (is_here)
        region = wci_failover_has_place(failover, attempts->region, now) ? attempts->region : BUSY;
    else if (!is_pinned(attempts))
        region = due_trial(failover, attempts, now);
    bool is_trial = !is_here && region >= 0;
    if (region == NO_REGION)
        region = search(failover, attempts, now);
    if (region >= 0)
        try_in(failover, attempts, region, is_trial, now, step);
    return region == NO_REGION && do_without(failover, attempts, now, step);
}

void wci_failover_next(wci_failover *failover, struct wci_attempts *attempts, int64_t now,
                       struct wci_step *step)
{
    int64_t deadline = attempts->deadline ? attempts->deadline : INT64_MAX;
    *step = (struct wci_step){.kind = WCI_STEP_WAIT, .region = NO_REGION, .at = INT64_MAX};
    if (attempts->is_under_way)
        return;
    wci_failover_go_back(failover, now);
    /* To wait beyond the end is no use: another region may do. */
    if (attempts->region >= 0 && attempts->not_before >= deadline)
        attempts->done |= wci_region_bit(attempts->region);
    if (attempts->is_over || now >= deadline)
        fail(failover, now, step);
    else if (failover->is_offline && !wci_failover_may_try_uplink(failover, now))
        say_offline(failover, attempts, now, step);
    else
        while (decide(failover, attempts, now, step))
            ; /* each round uses up a try in every region that it was in */
    if (step->kind == WCI_STEP_WAIT && step->at > deadline)
        step->at = deadline;
}
