/* What the tests of failover share: one of them, a clock that the test moves, and steps. */
#ifndef TESTS_UNIT_FAILOVER_SCENE_H
#define TESTS_UNIT_FAILOVER_SCENE_H

#include "unit.h"
#include "upload/failover.h"

enum { SECOND = 1000000, MILLISECOND = 1000, REGIONS = 3 };

extern wci_failover *failover;
extern int64_t now;
extern const char *const step_words[];

/* A dwell of 60 s. */
void open_failover(int regions, int attempts, int connections, uint64_t seed);
/* Three regions, three attempts, 50 connections. */
void begin_scene(void);
void end_scene(void);

struct wci_attempts begun(void);
struct wci_step next_of(struct wci_attempts *attempts);
void report_all(struct wci_attempts *attempts, struct wci_report report);
void report(struct wci_attempts *attempts, enum wci_outcome outcome);
/* Waits out a delay; how long it was. */
int64_t wait_for_step(struct wci_attempts *attempts, struct wci_step *step);
struct wci_region_report look(int region);

#define assert_step(attempts, wanted_kind, wanted_region)                                          \
    do {                                                                                           \
        struct wci_step step_ = next_of(attempts);                                                 \
        ck_assert_msg(step_.kind == (wanted_kind) && step_.region == (wanted_region),              \
                      "the step is %s %d, not %s %d", step_words[step_.kind], step_.region,        \
                      step_words[wanted_kind], wanted_region);                                     \
    } while (0)
#define assert_try(attempts, region) assert_step(attempts, WCI_STEP_TRY, region)
#define assert_try_later(attempts, wanted_region, most)                                            \
    do {                                                                                           \
        struct wci_step step_;                                                                     \
        int64_t waited_ = wait_for_step(attempts, &step_);                                         \
        ck_assert_msg(step_.kind == WCI_STEP_TRY && step_.region == (wanted_region),               \
                      "the step is %s %d, not try %d", step_words[step_.kind], step_.region,       \
                      wanted_region);                                                              \
        ck_assert_int_le(waited_, most);                                                           \
    } while (0)

/* An object that is taken at once. */
void send_ok(int region);
/* Five failures in a row, of objects that are given up. */
void break_region(int region);

#endif
