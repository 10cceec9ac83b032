#include "failover_scene.h"

wci_failover *failover;
int64_t now;
const char *const step_words[] = {"try", "look", "wait", "failed", "offline"};

void open_failover(int regions, int attempts, int connections, uint64_t seed)
{
    struct wci_failover_limits limits = {.regions = regions,
                                         .attempts = attempts,
                                         .connections = connections,
                                         .failback = INT64_C(60) * SECOND,
                                         .connect_time = INT64_C(3) * SECOND,
                                         .seed = seed};
    now = INT64_C(1000) * SECOND;
    assert_done(wci_failover_new(&limits, &failover));
}

void begin_scene(void)
{
    open_failover(REGIONS, 3, 50, 42);
}

void end_scene(void)
{
    wci_failover_free(failover);
    failover = NULL;
}

struct wci_attempts begun(void)
{
    struct wci_attempts attempts;
    wci_failover_begin(failover, &attempts, 0);
    return attempts;
}

struct wci_step next_of(struct wci_attempts *attempts)
{
    struct wci_step step;
    wci_failover_next(failover, attempts, now, &step);
    return step;
}

void report_all(struct wci_attempts *attempts, struct wci_report report)
{
    wci_failover_report(failover, attempts, now, &report);
}

void report(struct wci_attempts *attempts, enum wci_outcome outcome)
{
    report_all(attempts, (struct wci_report){.outcome = outcome, .retry_after = -1});
}

int64_t wait_for_step(struct wci_attempts *attempts, struct wci_step *step)
{
    int64_t from = now;
    for (*step = next_of(attempts); step->kind == WCI_STEP_WAIT; *step = next_of(attempts)) {
        ck_assert_int_ne(step->at, INT64_MAX);
        ck_assert_int_gt(step->at, now);
        now = step->at;
    }
    return now - from;
}

struct wci_region_report look(int region)
{
    struct wci_region_report seen;
    wci_failover_look(failover, region, now, &seen);
    return seen;
}

void send_ok(int region)
{
    struct wci_attempts attempts = begun();
    assert_try(&attempts, region);
    report(&attempts, WCI_OUTCOME_OK);
}

void break_region(int region)
{
    for (int i = 0; i < 5; i++) {
        struct wci_attempts attempts = begun();
        assert_try(&attempts, region);
        report(&attempts, WCI_OUTCOME_TRANSIENT);
        wci_failover_abandon(failover, &attempts);
    }
    ck_assert_int_eq(look(region).state, WCI_REGION_DOWN);
}
