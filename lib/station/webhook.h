/*
 * Webhooks: what is owed to whoever is told of alerts goes out, from the outbox in the store.
 *
 * A courier has one delivery for each address on its way at a time, so that one that is slow holds
 * up no other. The station's messenger is a thread with one; a pass in a caller's thread has one of
 * its own.
 */
#ifndef WCI_STATION_WEBHOOK_H
#define WCI_STATION_WEBHOOK_H

#include <pthread.h>
#include <stdatomic.h>

#include "conf/form.h"
#include "store/backend.h"
#include "upload/transport.h"

struct wildcam_station;
struct wci_courier;

enum { WCI_ORIGIN_TEXT = 300 };

struct wci_webhook_address {
    char url[WCI_WEBHOOK_TEXT];   /* secret */
    char origin[WCI_ORIGIN_TEXT]; /* scheme, host and port, which are not */
    bool is_near;                 /* it is on this machine */
};

struct wci_webhook {
    struct wci_webhook_address addresses[WCI_WEBHOOKS_MAX];
    char targets[WCI_WEBHOOKS_MAX][WCI_TARGET_TEXT]; /* what the store knows them by */
    size_t count;
    wildcam_conf *conf; /* the transport's: its settings are those of S3, but for a few */
    struct wci_log log;
    int64_t timeout, keep;

    pthread_mutex_t thread_mutex; /* starting and stopping */
    pthread_mutex_t mutex;        /* the news */
    pthread_cond_t wakes;
    pthread_t thread;
    bool has_thread, has_news;
    atomic_bool is_stopping, is_closing;
    struct wci_courier *courier; /* the thread's */
};

/* All of them, as the store knows them. Borrowed. */
static inline struct wci_targets wci_webhook_targets(struct wci_webhook *webhook)
{
    return (struct wci_targets){webhook->targets, webhook->count, webhook->keep};
}

/* The store is open. INVALID names the setting that is at fault. */
wildcam_status wci_webhook_open(struct wildcam_station *station);
void wci_webhook_close(struct wildcam_station *station, bool is_forked);
/* What is under way is given back. */
void wci_webhook_hurry(struct wildcam_station *station);
wildcam_status wci_webhook_start(struct wildcam_station *station);
void wci_webhook_stop(struct wildcam_station *station);
/* Something may be owed newly. */
void wci_webhook_wake(struct wildcam_station *station);

wildcam_status wci_webhook_send(struct wildcam_station *station, int64_t budget_ms, int64_t *sent);
/* Adds a line for each address to the report. */
wildcam_status wci_webhook_test(struct wildcam_station *station, struct wci_text *report);

/* ---- webhook_courier.c ---- */

wildcam_status wci_courier_new(struct wildcam_station *station, struct wci_courier **out);
/* What is under way is given back; in a forked child only memory is. */
void wci_courier_free(struct wci_courier *courier, bool is_forked);
/* Claims what is due for each address that nothing is on its way to. */
wildcam_status wci_courier_claim(struct wci_courier *courier);
/* Moves bytes until something has come of one, or a moment of the monotonic clock; then settles
 * what has ended. */
wildcam_status wci_courier_run(struct wci_courier *courier, int64_t until);
size_t wci_courier_away(const struct wci_courier *courier);
int64_t wci_courier_sent(const struct wci_courier *courier);
/* Sends a test to each address, and waits. */
wildcam_status wci_courier_test(struct wci_courier *courier, struct wci_text *report);

/* ---- webhook_rules.c: pure ---- */

/* Reads an address: where it goes, as far as that is not secret. */
void wci_webhook_read(struct wci_webhook_address *address, const char *url, size_t length);
/* "t=UNIX,v1=HEX", added to a text. */
wildcam_status wci_webhook_sign(const char *secret, int64_t seconds, const char *body, size_t size,
                                struct wci_text *header);

/* What came of a try. */
struct wci_webhook_answer {
    int status;          /* of HTTP; 0 for none */
    int64_t retry_after; /* when it asks to be tried again, microseconds since 1970; 0 for never */
};

/* When it asks for in its Retry-After: seconds, or a date. 0 when it says nothing that can be read.
 */
int64_t wci_webhook_retry_after(const char *text, size_t length, int64_t now);
/* Decides what becomes of a delivery: fills `step`, `due` and `not_before`. */
void wci_webhook_judge(const struct wci_webhook_answer *answer, int attempts, int64_t since,
                       int64_t keep, uint64_t chance, struct wci_delivery_end *end);

#endif
