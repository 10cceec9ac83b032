/* Webhooks: which there are, the messenger, and passes in a caller's thread. */
#include "station/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/thread.h"
#include "station/station.h"

/* How often somebody who moves bytes looks whether he is to stop. */
#define SLICE (WCI_SECOND / 10)
/* What another process has raised is seen so soon. */
#define LOOK_EVERY (2 * WCI_SECOND)

/* ---- opening and closing ---- */

static wildcam_status take_address(struct wci_webhook *webhook, const wildcam_conf *conf,
                                   struct wci_word word)
{
    char hex[WCI_DIGEST_TEXT];
    unsigned char digest[WCI_DIGEST_BYTES];
    struct wci_webhook_address *address = &webhook->addresses[webhook->count];
    wci_webhook_read(address, word.begin, word.length);
    bool is_plain = strncmp(address->url, "http:", 5) == 0;
    if (is_plain && !address->is_near && !wci_conf_int(conf, WCI_ALERTS_WEBHOOK_PLAIN))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "alerts.webhook: %s is not on this machine, and over http:// all on the "
                        "way can read what is sent; take https://, or set alerts.webhook_plain",
                        address->origin);
    wildcam_status status = wci_digest_of(address->url, strlen(address->url), digest);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(digest, hex);
    snprintf(webhook->targets[webhook->count], WCI_TARGET_TEXT, "%.16s", hex);
    webhook->count++;
    return WILDCAM_OK;
}

/* The transport takes its settings from those of S3. */
static wildcam_status make_conf(struct wci_webhook *webhook, const wildcam_conf *conf)
{
    wildcam_status status = wci_conf_copy(conf, &webhook->conf);
    if (status == WILDCAM_OK)
        status = wci_conf_set(webhook->conf, "s3.ca_file",
                              wci_conf_text(conf, WCI_ALERTS_WEBHOOK_CA_FILE));
    if (status == WILDCAM_OK)
        status = wci_conf_set(webhook->conf, "s3.rate_limit", "0");
    return status == WILDCAM_OK ? wci_conf_set(webhook->conf, "s3.connections", "8") : status;
}

static wildcam_status read_settings(struct wci_webhook *webhook, const wildcam_conf *conf)
{
    struct wci_word word;
    const char *list = wci_conf_text(conf, WCI_ALERTS_WEBHOOK);
    double timeout = wci_conf_real(conf, WCI_ALERTS_WEBHOOK_TIMEOUT);
    wildcam_status status = WILDCAM_OK;
    webhook->timeout = (int64_t)(timeout * (double)WCI_SECOND);
    webhook->keep = wci_conf_int(conf, WCI_ALERTS_WEBHOOK_KEEP) * WCI_SECOND;
    webhook->log = wci_conf_log(conf);
    if (webhook->log.level > WILDCAM_LOG_INFO)
        webhook->log.level = WILDCAM_LOG_INFO; /* the transport's debugging shows addresses */
    while (status == WILDCAM_OK && wci_list_next(&list, &word))
        status = take_address(webhook, conf, word);
    return status == WILDCAM_OK && webhook->count ? make_conf(webhook, conf) : status;
}

/* Makes the addresses known, so that they are owed what comes about from now on; and finds out
 * whether anything can be sent at all. */
static wildcam_status enroll(wildcam_station *station)
{
    struct wci_courier *courier;
    struct wci_webhook *webhook = &station->webhook;
    const struct wci_targets targets = wci_webhook_targets(webhook);
    const struct wci_store *store = &station->store;
    size_t got;
    if (!webhook->count)
        return WILDCAM_OK;
    wildcam_status status = wci_courier_new(station, &courier);
    if (status != WILDCAM_OK)
        return status;
    wci_courier_free(courier, false);
    return store->ops->claim_deliveries(store->backend, &targets, wci_calendar_now(), 0, 0, NULL, 0,
                                        &got);
}

static void forget(struct wci_webhook *webhook)
{
    wci_wipe(webhook->addresses, sizeof webhook->addresses);
    wci_conf_free(webhook->conf);
    webhook->conf = NULL;
}

static wildcam_status init_locks(struct wci_webhook *webhook)
{
    if (pthread_mutex_init(&webhook->mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_mutex_init(&webhook->thread_mutex, NULL) == 0) {
        if (wci_condition_init(&webhook->wakes) == WILDCAM_OK)
            return WILDCAM_OK;
        pthread_mutex_destroy(&webhook->thread_mutex);
    }
    pthread_mutex_destroy(&webhook->mutex);
    return wci_fail_memory();
}

static void destroy_locks(struct wci_webhook *webhook)
{
    pthread_cond_destroy(&webhook->wakes);
    pthread_mutex_destroy(&webhook->thread_mutex);
    pthread_mutex_destroy(&webhook->mutex);
}

wildcam_status wci_webhook_open(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    memset(webhook, 0, sizeof *webhook);
    wildcam_status status = init_locks(webhook);
    if (status != WILDCAM_OK)
        return status;
    status = read_settings(webhook, station->conf);
    if (status == WILDCAM_OK)
        status = enroll(station);
    if (status != WILDCAM_OK) {
        forget(webhook);
        destroy_locks(webhook);
    }
    return status;
}

void wci_webhook_close(wildcam_station *station, bool is_forked)
{
    struct wci_webhook *webhook = &station->webhook;
    if (is_forked)
        wci_courier_free(webhook->courier, true);
    else
        destroy_locks(webhook);
    forget(webhook);
}

void wci_webhook_hurry(wildcam_station *station)
{
    station->webhook.is_closing = true;
    wci_webhook_wake(station);
}

/* ---- the messenger ---- */

void wci_webhook_wake(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    if (!webhook->count)
        return;
    pthread_mutex_lock(&webhook->mutex);
    webhook->has_news = true;
    pthread_cond_broadcast(&webhook->wakes);
    pthread_mutex_unlock(&webhook->mutex);
}

static bool must_stop(const struct wci_webhook *webhook)
{
    return webhook->is_stopping || webhook->is_closing;
}

/* Until something may be due. */
static void rest(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    const struct wci_targets targets = wci_webhook_targets(webhook);
    struct wci_delivery_figures figures;
    int64_t now = wci_calendar_now(), wait = LOOK_EVERY;
    if (station->store.ops->count_deliveries(station->store.backend, &targets, now, &figures) ==
            WILDCAM_OK &&
        figures.next < now + wait)
        wait = figures.next > now + SLICE ? figures.next - now : SLICE;
    pthread_mutex_lock(&webhook->mutex);
    if (!webhook->has_news && !must_stop(webhook))
        wci_condition_wait(&webhook->wakes, &webhook->mutex, wait);
    webhook->has_news = false;
    pthread_mutex_unlock(&webhook->mutex);
}

static void *carry(void *user)
{
    wildcam_station *station = user;
    struct wci_webhook *webhook = &station->webhook;
    while (!must_stop(webhook)) {
        wildcam_status status = wci_courier_claim(webhook->courier);
        bool is_away = wci_courier_away(webhook->courier) > 0;
        if (status == WILDCAM_OK && is_away)
            status = wci_courier_run(webhook->courier, wci_calendar_monotonic() + SLICE);
        if (status != WILDCAM_OK)
            wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "alerts",
                            "alerts could not be sent");
        if (status != WILDCAM_OK || !is_away)
            rest(station);
    }
    return NULL;
}

static wildcam_status start_thread(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    wildcam_status status = wci_courier_new(station, &webhook->courier);
    if (status != WILDCAM_OK)
        return status;
    webhook->is_stopping = false;
    status = wci_thread_start(&webhook->thread, carry, station);
    webhook->has_thread = status == WILDCAM_OK;
    if (!webhook->has_thread) {
        wci_courier_free(webhook->courier, false);
        webhook->courier = NULL;
    }
    return status;
}

wildcam_status wci_webhook_start(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    wildcam_status status = WILDCAM_OK;
    if (!webhook->count)
        return WILDCAM_OK;
    pthread_mutex_lock(&webhook->thread_mutex);
    if (!webhook->has_thread)
        status = start_thread(station);
    pthread_mutex_unlock(&webhook->thread_mutex);
    return status;
}

void wci_webhook_stop(wildcam_station *station)
{
    struct wci_webhook *webhook = &station->webhook;
    pthread_mutex_lock(&webhook->thread_mutex);
    if (webhook->has_thread) {
        webhook->is_stopping = true;
        wci_webhook_wake(station);
        pthread_join(webhook->thread, NULL);
        wci_courier_free(webhook->courier, false);
        webhook->courier = NULL;
        webhook->has_thread = false;
    }
    pthread_mutex_unlock(&webhook->thread_mutex);
}

/* ---- in the caller's thread ---- */

static wildcam_status must_be_set(const struct wci_webhook *webhook)
{
    return webhook->count
               ? WILDCAM_OK
               : wci_fail(WILDCAM_ERR_STATE, "alerts.webhook is empty: there is nobody to tell");
}

wildcam_status wci_webhook_send(wildcam_station *station, int64_t budget_ms, int64_t *sent)
{
    struct wci_courier *courier;
    struct wci_webhook *webhook = &station->webhook;
    int64_t until = wci_calendar_monotonic() + budget_ms * 1000;
    wildcam_status status = must_be_set(webhook);
    if (status == WILDCAM_OK)
        status = wci_courier_new(station, &courier);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && !webhook->is_closing && wci_calendar_monotonic() < until) {
        int64_t slice = wci_calendar_monotonic() + SLICE;
        status = wci_courier_claim(courier);
        if (status != WILDCAM_OK || !wci_courier_away(courier))
            break;
        status = wci_courier_run(courier, slice < until ? slice : until);
    }
    *sent = wci_courier_sent(courier);
    struct wci_error error;
    wci_error_save(&error);
    wci_courier_free(courier, false);
    return status == WILDCAM_OK ? status : wci_error_restore(&error);
}

wildcam_status wci_webhook_test(wildcam_station *station, struct wci_text *report)
{
    struct wci_courier *courier;
    struct wci_error error;
    wildcam_status status = must_be_set(&station->webhook);
    if (status == WILDCAM_OK)
        status = wci_courier_new(station, &courier);
    if (status != WILDCAM_OK)
        return status;
    status = wci_courier_test(courier, report);
    wci_error_save(&error);
    wci_courier_free(courier, false);
    return status == WILDCAM_OK ? status : wci_error_restore(&error);
}
