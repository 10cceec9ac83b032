#include "station/throttle.h"

#include <string.h>

#include "base/chance.h"
#include "base/digest.h"

/* A budget needs no more than the time by which all that was taken from it is paid back: each
 * failure moves that on. */
struct budget {
    int64_t at_once, seconds;
};

static const struct budget of_origin = {WCI_THROTTLE_ORIGIN_AT_ONCE, WCI_THROTTLE_ORIGIN_SECONDS},
                           of_name = {WCI_THROTTLE_NAME_AT_ONCE, WCI_THROTTLE_NAME_SECONDS},
                           of_all = {WCI_THROTTLE_ALL_AT_ONCE, WCI_THROTTLE_ALL_SECONDS};

static int64_t wait_for(const struct budget *budget, int64_t paid_at, int64_t now)
{
    int64_t wait = paid_at - now - (budget->at_once - 1) * budget->seconds * WCI_SECOND;
    return wait > 0 ? wait : 0;
}

static void take(const struct budget *budget, int64_t *paid_at, int64_t now)
{
    *paid_at = (*paid_at > now ? *paid_at : now) + budget->seconds * WCI_SECOND;
}

static int64_t larger(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* ---- its life ---- */

wildcam_status wci_throttle_init(struct wci_throttle *throttle)
{
    memset(throttle, 0, sizeof *throttle);
    wildcam_status status = wci_chance_fill(throttle->name_key, sizeof throttle->name_key);
    if (status == WILDCAM_OK)
        status = wci_chance_fill(throttle->origin_key, sizeof throttle->origin_key);
    if (status != WILDCAM_OK)
        return status;
    return pthread_mutex_init(&throttle->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_throttle_destroy(struct wci_throttle *throttle)
{
    pthread_mutex_destroy(&throttle->mutex);
}

/* ---- who tries ---- */

static wildcam_status hash(const void *key, size_t size, const char *text,
                           unsigned char result[WCI_DIGEST_BYTES], uint64_t *number)
{
    wildcam_status status = wci_digest_hmac(key, size, text, strlen(text), result);
    if (status == WILDCAM_OK)
        memcpy(number, result, sizeof *number);
    return status;
}

wildcam_status wci_throttle_attempt(const struct wci_throttle *throttle, const char *name,
                                    const char *origin, struct wci_attempt *out)
{
    unsigned char of_name_alone[WCI_DIGEST_BYTES], result[WCI_DIGEST_BYTES];
    *out = (struct wci_attempt){0};
    wildcam_status status = hash(throttle->name_key, sizeof throttle->name_key, name, of_name_alone,
                                 &out->name);
    if (status != WILDCAM_OK || !origin || !*origin)
        return status;
    status = hash(throttle->origin_key, sizeof throttle->origin_key, origin, result, &out->origin);
    if (status == WILDCAM_OK)
        status = hash(of_name_alone, sizeof of_name_alone, origin, result, &out->both);
    return status;
}

/* ---- debts ---- */

/* The place of an origin or a name. -1 when it has none, or is not told. */
static int find(const struct wci_throttle *throttle, uint64_t who)
{
    for (int i = 0; who && i < WCI_THROTTLE_DEBTS; i++)
        if (throttle->debts[i].who == who)
            return i;
    return -1;
}

static int64_t wait_of(const struct wci_throttle *throttle, const struct budget *budget,
                       uint64_t who, int64_t now)
{
    int at = find(throttle, who);
    return at >= 0 ? wait_for(budget, throttle->debts[at].paid_at, now) : 0;
}

/* A debtor who is new takes the place of the one that has paid first. */
static void charge(struct wci_throttle *throttle, const struct budget *budget, uint64_t who,
                   int64_t now)
{
    int at = find(throttle, who);
    if (!who)
        return;
    if (at < 0) {
        at = 0;
        for (int i = 1; i < WCI_THROTTLE_DEBTS; i++)
            if (throttle->debts[i].paid_at < throttle->debts[at].paid_at)
                at = i;
        throttle->debts[at].who = who;
        throttle->debts[at].paid_at = now;
    }
    take(budget, &throttle->debts[at].paid_at, now);
}

/* ---- who is known ---- */

static int find_known(const struct wci_throttle *throttle, uint64_t both)
{
    for (int i = 0; both && i < WCI_THROTTLE_KNOWN; i++)
        if (throttle->known[i].both == both)
            return i;
    return -1;
}

/* The same, but -1 as well where he has not been for too long. */
static int find_lately_known(const struct wci_throttle *throttle, uint64_t both, int64_t now)
{
    int at = find_known(throttle, both);
    return at >= 0 && now - throttle->known[at].seen_at < WCI_THROTTLE_KNOWN_FOR ? at : -1;
}

/* The place for another origin of a name: that of his oldest one, when he has as many as one may,
 * else that of the oldest of all, an empty one being the oldest. */
static int find_place(const struct wci_throttle *throttle, uint64_t name)
{
    int oldest = 0, own = -1, count = 0;
    for (int i = 0; i < WCI_THROTTLE_KNOWN; i++) {
        int64_t seen_at = throttle->known[i].seen_at;
        if (seen_at < throttle->known[oldest].seen_at)
            oldest = i;
        if (throttle->known[i].name != name)
            continue;
        count++;
        if (own < 0 || seen_at < throttle->known[own].seen_at)
            own = i;
    }
    return count < WCI_THROTTLE_ORIGINS_OF_ONE ? oldest : own;
}

/* ---- logins ---- */

int64_t wci_throttle_wait(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                          int64_t now)
{
    int64_t wait;
    pthread_mutex_lock(&throttle->mutex);
    int at = find_lately_known(throttle, attempt->both, now);
    if (at >= 0)
        wait = wait_for(&of_origin, throttle->known[at].paid_at, now);
    else
        wait = larger(wait_for(&of_all, throttle->paid_at, now),
                      larger(wait_of(throttle, &of_origin, attempt->origin, now),
                             wait_of(throttle, &of_name, attempt->name, now)));
    pthread_mutex_unlock(&throttle->mutex);
    return wait;
}

void wci_throttle_failed(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                         int64_t now)
{
    pthread_mutex_lock(&throttle->mutex);
    int at = find_lately_known(throttle, attempt->both, now);
    if (at >= 0) {
        take(&of_origin, &throttle->known[at].paid_at, now);
    } else {
        take(&of_all, &throttle->paid_at, now);
        charge(throttle, &of_origin, attempt->origin, now);
        charge(throttle, &of_name, attempt->name, now);
    }
    pthread_mutex_unlock(&throttle->mutex);
}

void wci_throttle_succeeded(struct wci_throttle *throttle, const struct wci_attempt *attempt,
                            int64_t now)
{
    pthread_mutex_lock(&throttle->mutex);
    int at = find_known(throttle, attempt->both);
    if (at < 0 && attempt->both) {
        at = find_place(throttle, attempt->name);
        throttle->known[at].both = attempt->both;
        throttle->known[at].name = attempt->name;
        throttle->known[at].paid_at = now;
    }
    if (at >= 0)
        throttle->known[at].seen_at = now;
    pthread_mutex_unlock(&throttle->mutex);
}
