/*
 * How often logins may fail. It knows names and where they are tried from (origins), not whether
 * anybody has the name: one that nobody has is treated as the others are. The clock is the
 * caller's.
 *
 * A failure is paid for from three budgets: that of its origin, that of its name, and the one of
 * all. Each allows so many at once, and then one each so many seconds; while one of them is used up
 * the login is not looked at, which costs nothing. Who has logged in is known at that origin from
 * then on: a budget of his own pays for his name's failures there, and no other. From that:
 *
 * - One origin keeps nobody out elsewhere: its budget is smaller and fills more slowly than that of
 *   a name and that of all, so it never uses these up.
 * - However many origins there are, all who are not known fail ALL_AT_ONCE times and then once in
 *   ALL_SECONDS at most. A name and an origin that are known together add to that only guesses at a
 *   password that whoever asks from there has shown already.
 * - Whoever is known at an origin is let in there, whatever others do elsewhere.
 * - Success pays for nothing: who has a password of his own wins no guesses at another's by it.
 * - The memory is of one size, and yet no debt is forgotten before it is paid: what the budget of
 * all lets through in the time in which the longest debt is paid is all that can be in debt. What
 * may be forgotten is where somebody is known: all but his last ORIGINS_OF_ONE, so that nobody
 * takes the places of others, and all but the last KNOWN of everybody's.
 */
#ifndef WCI_STATION_THROTTLE_H
#define WCI_STATION_THROTTLE_H

#include <pthread.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/error.h"

enum {
    WCI_THROTTLE_ORIGIN_AT_ONCE = 10,
    WCI_THROTTLE_ORIGIN_SECONDS = 60,
    WCI_THROTTLE_NAME_AT_ONCE = 30,
    WCI_THROTTLE_NAME_SECONDS = 20,
    WCI_THROTTLE_ALL_AT_ONCE = 100,
    WCI_THROTTLE_ALL_SECONDS = 1,
    WCI_THROTTLE_LONGEST = 600, /* seconds in which the longest debt is paid */
    /* Each failure is an origin's and a name's. */
    WCI_THROTTLE_DEBTS =
        2 * (WCI_THROTTLE_ALL_AT_ONCE + WCI_THROTTLE_LONGEST / WCI_THROTTLE_ALL_SECONDS),
    WCI_THROTTLE_KNOWN = 1024,
    WCI_THROTTLE_ORIGINS_OF_ONE = 8
};
#define WCI_THROTTLE_KNOWN_FOR (30 * WCI_DAY) /* after the last login */

_Static_assert(WCI_THROTTLE_ORIGIN_AT_ONCE < WCI_THROTTLE_NAME_AT_ONCE &&
                   WCI_THROTTLE_NAME_AT_ONCE < WCI_THROTTLE_ALL_AT_ONCE,
               "one origin, and one name, leave something of the larger budget");
_Static_assert(WCI_THROTTLE_ALL_SECONDS < WCI_THROTTLE_NAME_SECONDS &&
                   WCI_THROTTLE_NAME_SECONDS < WCI_THROTTLE_ORIGIN_SECONDS,
               "which fills faster than they use it up");
_Static_assert(WCI_THROTTLE_LONGEST >= WCI_THROTTLE_ORIGIN_AT_ONCE * WCI_THROTTLE_ORIGIN_SECONDS &&
                   WCI_THROTTLE_LONGEST >= WCI_THROTTLE_NAME_AT_ONCE * WCI_THROTTLE_NAME_SECONDS,
               "no debt takes longer");

/* Who tries to log in: keyed hashes, so that a password that was typed as a name is not kept. 0 for
 * an origin that is not told, which has no budget and where nobody is known. */
struct wci_attempt {
    uint64_t name, origin, both;
};

struct wci_throttle {
    pthread_mutex_t mutex;
    unsigned char name_key[16], origin_key[16];
    int64_t paid_at; /* by when the failures of all are paid for */
    struct {
        uint64_t who;
        int64_t paid_at;
    } debts[WCI_THROTTLE_DEBTS];
    struct {
        uint64_t both, name;
        int64_t seen_at, paid_at;
    } known[WCI_THROTTLE_KNOWN];
};

wildcam_status wci_throttle_init(struct wci_throttle *throttle);
void wci_throttle_destroy(struct wci_throttle *throttle);

/* The origin may be NULL or "". */
wildcam_status wci_throttle_attempt(const struct wci_throttle *throttle, const char *name,
                                    const char *origin, struct wci_attempt *out);
/* How long a login has to wait, in microseconds; 0 when it may be tried. Times are those of the
 * monotonic clock. */
int64_t wci_throttle_wait(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                          int64_t now);
/* What became of a login. */
void wci_throttle_failed(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                         int64_t now);
void wci_throttle_succeeded(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                            int64_t now);

#endif
