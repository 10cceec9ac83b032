/* A courier: deliveries on their way, one for each address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/chance.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "station/station.h"
#include "upload/schedule.h"

/* How long whoever has claimed one is waited for, beyond the time that it may take. */
#define LEASE_BEYOND (10 * WCI_SECOND)
/* How much of an answer is looked at: nothing of it is needed. */
enum { ANSWER_MAX = 4096 };
enum flight_stage { FLIGHT_NONE, FLIGHT_AWAY, FLIGHT_ENDED };

struct flight {
    enum flight_stage stage;
    struct wci_delivery delivery;
    struct wci_exchange exchange;
    struct wci_text body;
    bool is_test;
};

struct wci_courier {
    wildcam_station *station;
    struct wci_webhook *webhook;
    wci_carrier *carrier;
    int64_t lease;
    uint64_t chance;
    int64_t sent;
    struct flight flights[WCI_WEBHOOKS_MAX]; /* by address */
};

/* ---- making and freeing ---- */

/* What is wrong with the file is told by the name of the setting that names it. */
static wildcam_status open_carrier(const struct wci_webhook *webhook, wci_carrier **out)
{
    static const char other[] = "s3.ca_file";
    struct wci_error error;
    wildcam_status status = wci_curl_transport.open(webhook->conf, &webhook->log, out);
    if (status == WILDCAM_OK)
        return status;
    wci_error_save(&error);
    if (strncmp(error.message, other, sizeof other - 1) != 0)
        return status;
    return wci_fail(status, "alerts.webhook_ca_file%s", error.message + sizeof other - 1);
}

wildcam_status wci_courier_new(wildcam_station *station, struct wci_courier **out)
{
    struct wci_courier *courier = wci_new(sizeof *courier);
    *out = NULL;
    if (!courier)
        return WILDCAM_ERR_NOMEM;
    courier->station = station;
    courier->webhook = &station->webhook;
    for (size_t i = 0; i < WCI_WEBHOOKS_MAX; i++)
        wci_exchange_init(&courier->flights[i].exchange);
    wildcam_status status = wci_chance_fill(&courier->chance, sizeof courier->chance);
    if (status == WILDCAM_OK)
        status = wci_chance_fill(&courier->lease, sizeof courier->lease);
    courier->lease = (courier->lease & INT64_MAX) | 1; /* 0 is nobody's */
    if (status == WILDCAM_OK)
        status = open_carrier(courier->webhook, &courier->carrier);
    if (status != WILDCAM_OK) {
        free(courier);
        return status;
    }
    *out = courier;
    return WILDCAM_OK;
}

static void empty(struct flight *flight)
{
    wci_exchange_release(&flight->exchange);
    wci_exchange_init(&flight->exchange);
    wci_text_free(&flight->body);
    wci_text_free(&flight->delivery.event);
    wci_text_free(&flight->delivery.alert);
    flight->delivery = (struct wci_delivery){0};
    flight->stage = FLIGHT_NONE;
    flight->is_test = false;
}

static void give_back(const struct wci_courier *courier, const struct flight *flight)
{
    const struct wci_store *store = &courier->station->store;
    const struct wci_delivery_end end = {.step = WCI_DELIVERY_GIVE_BACK,
                                         .delivery = &flight->delivery,
                                         .lease = courier->lease,
                                         .now = wci_calendar_now()};
    if (!flight->is_test && store->ops->end_delivery(store->backend, &end) != WILDCAM_OK)
        wci_log_failure(&courier->webhook->log, WILDCAM_LOG_WARNING, "alerts",
                        "a delivery could not be given back: it is sent again when its lease ends");
}

static wildcam_status settle(struct wci_courier *courier, size_t address);

void wci_courier_free(struct wci_courier *courier, bool is_forked)
{
    if (!courier)
        return;
    for (size_t i = 0; !is_forked && i < WCI_WEBHOOKS_MAX; i++) {
        struct flight *flight = &courier->flights[i];
        if (flight->stage == FLIGHT_ENDED) {
            settle(courier, i);
        } else if (flight->stage == FLIGHT_AWAY) {
            wci_curl_transport.cancel(courier->carrier, &flight->exchange);
            give_back(courier, flight);
        }
    }
    wci_curl_transport.close(courier->carrier, is_forked);
    for (size_t i = 0; i < WCI_WEBHOOKS_MAX; i++)
        empty(&courier->flights[i]);
    free(courier);
}

/* ---- sending ---- */

static void note_end(void *user, struct wci_exchange *exchange)
{
    struct flight *flight = user;
    (void)exchange;
    flight->stage = FLIGHT_ENDED;
}

static void write_body(const struct wci_courier *courier, struct flight *flight)
{
    const struct wci_store *store = &courier->station->store;
    struct wci_json json = {&flight->body, false};
    wci_json_open(&json, NULL, '{');
    wci_json_text(&json, "event", wci_text_get(&flight->delivery.event));
    wci_json_text(&json, "delivery", flight->delivery.delivery);
    wci_json_text(&json, "station", store->ops->identity(store->backend));
    wci_json_time(&json, "at", flight->delivery.at, 0);
    wci_json_raw(&json, "alert", wci_text_get(&flight->delivery.alert));
    wci_json_close(&json, '}');
}

static wildcam_status write_headers(const struct wci_courier *courier, struct flight *flight)
{
    struct wci_text *headers = &flight->exchange.headers;
    const char *secret = wci_conf_text(courier->station->conf, WCI_ALERTS_WEBHOOK_SECRET);
    wci_text_add_format(headers,
                        "Content-Type: application/json\nX-WildCAM-Event: %s\n"
                        "X-WildCAM-Delivery: %s\n",
                        wci_text_get(&flight->delivery.event), flight->delivery.delivery);
    if (!*secret)
        return WILDCAM_OK;
    wci_text_add(headers, "X-WildCAM-Signature: ");
    wildcam_status status = wci_webhook_sign(secret, wci_calendar_now() / WCI_SECOND,
                                             flight->body.data, flight->body.length, headers);
    wci_text_add(headers, "\n");
    return status;
}

/* The delivery is in the flight. */
static wildcam_status send(struct wci_courier *courier, size_t address)
{
    struct flight *flight = &courier->flights[address];
    struct wci_exchange *exchange = &flight->exchange;
    const struct wci_webhook_address *to = &courier->webhook->addresses[address];
    write_body(courier, flight);
    if (flight->body.failed)
        return wci_fail_memory();
    exchange->method = "POST";
    wci_text_add(&exchange->url, to->url);
    wildcam_status status = write_headers(courier, flight);
    if (status != WILDCAM_OK)
        return status;
    exchange->body = (struct wci_body){
        .memory = flight->body.data, .fd = -1, .length = (int64_t)flight->body.length};
    exchange->is_direct = to->is_near;
    exchange->deadline = wci_calendar_monotonic() + courier->webhook->timeout;
    exchange->answer_limit = ANSWER_MAX;
    exchange->done = note_end;
    exchange->user = flight;
    flight->stage = FLIGHT_AWAY;
    status = wci_curl_transport.send(courier->carrier, exchange);
    if (status != WILDCAM_OK)
        flight->stage = FLIGHT_NONE;
    return status;
}

static wildcam_status claim_for(struct wci_courier *courier, size_t address)
{
    size_t got = 0;
    struct flight *flight = &courier->flights[address];
    const struct wci_store *store = &courier->station->store;
    const struct wci_targets target = {&courier->webhook->targets[address], 1,
                                       courier->webhook->keep};
    int64_t now = wci_calendar_now();
    wildcam_status status = store->ops->claim_deliveries(
        store->backend, &target, now, courier->lease,
        now + courier->webhook->timeout + LEASE_BEYOND, &flight->delivery, 1, &got);
    if (status == WILDCAM_OK && got) {
        status = send(courier, address);
        if (status != WILDCAM_OK) {
            struct wci_error error;
            wci_error_save(&error);
            give_back(courier, flight);
            wci_error_restore(&error);
        }
    }
    if (flight->stage == FLIGHT_NONE)
        empty(flight);
    return status;
}

wildcam_status wci_courier_claim(struct wci_courier *courier)
{
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < courier->webhook->count; i++)
        if (courier->flights[i].stage == FLIGHT_NONE)
            status = claim_for(courier, i);
    return status;
}

size_t wci_courier_away(const struct wci_courier *courier)
{
    size_t count = 0;
    for (size_t i = 0; i < WCI_WEBHOOKS_MAX; i++)
        count += courier->flights[i].stage != FLIGHT_NONE;
    return count;
}

int64_t wci_courier_sent(const struct wci_courier *courier)
{
    return courier->sent;
}

/* ---- what came of it ---- */

/* In words that hold nothing secret. */
static void describe(const struct wci_exchange *exchange, char *words, size_t size)
{
    if (exchange->status >= 300 && exchange->status < 400)
        snprintf(words, size, "%d: redirects are not followed", exchange->status);
    else if (exchange->status)
        snprintf(words, size, "%d", exchange->status);
    else
        snprintf(words, size, "%s", *exchange->reason ? exchange->reason : "no answer");
}

static struct wci_webhook_answer answer_of(const struct wci_exchange *exchange, int64_t now)
{
    size_t length;
    const char *text = wci_exchange_header(exchange, "retry-after", &length);
    return (struct wci_webhook_answer){exchange->status,
                                       length ? wci_webhook_retry_after(text, length, now) : 0};
}

static void tell(struct wci_courier *courier, size_t address, const struct wci_delivery_end *end)
{
    wildcam_station *station = courier->station;
    const struct wci_exchange *exchange = &courier->flights[address].exchange;
    const char *origin = courier->webhook->addresses[address].origin;
    bool done = end->step == WCI_DELIVERY_DONE, retry = end->step == WCI_DELIVERY_RETRY;
    courier->sent += done;
    wci_measure_webhook(&station->measures,
                        done    ? "delivered"
                        : retry ? "retried"
                                : "parked",
                        exchange->ended - exchange->started);
    if (end->step == WCI_DELIVERY_STOP)
        wci_log_write(&station->log, WILDCAM_LOG_WARNING, "alerts",
                      "%s wants no alerts any more (410): it gets none until it takes a test",
                      origin);
    else if (!done)
        wci_log_write(&station->log, retry ? WILDCAM_LOG_INFO : WILDCAM_LOG_WARNING, "alerts",
                      "%s did not take an alert: %s%s", origin, end->error,
                      retry ? "; it is tried again" : "; it is given up");
}

static wildcam_status settle(struct wci_courier *courier, size_t address)
{
    char words[WCI_LINK_REASON];
    struct flight *flight = &courier->flights[address];
    const struct wci_store *store = &courier->station->store;
    struct wci_delivery_end end = {
        .delivery = &flight->delivery, .lease = courier->lease, .now = wci_calendar_now()};
    struct wci_webhook_answer answer = answer_of(&flight->exchange, end.now);
    describe(&flight->exchange, words, sizeof words);
    wci_webhook_judge(&answer, flight->delivery.attempts, flight->delivery.since,
                      courier->webhook->keep, wci_chance(&courier->chance), &end);
    end.error = end.step == WCI_DELIVERY_DONE ? NULL : words;
    wildcam_status status = store->ops->end_delivery(store->backend, &end);
    tell(courier, address, &end);
    empty(flight);
    return status;
}

wildcam_status wci_courier_run(struct wci_courier *courier, int64_t until)
{
    wildcam_status first = wci_curl_transport.run(courier->carrier, until);
    for (size_t i = 0; i < courier->webhook->count; i++) {
        if (courier->flights[i].stage != FLIGHT_ENDED)
            continue;
        wildcam_status status = settle(courier, i);
        first = first == WILDCAM_OK ? status : first;
    }
    return first;
}

/* ---- tests ---- */

static wildcam_status begin_test(struct wci_courier *courier, size_t address)
{
    struct flight *flight = &courier->flights[address];
    flight->is_test = true;
    flight->delivery.at = wci_calendar_now();
    wci_text_add(&flight->delivery.event, "test");
    wildcam_status status = wci_chance_hex(flight->delivery.delivery, WCI_DELIVERY_TEXT - 1);
    return status == WILDCAM_OK ? send(courier, address) : status;
}

/* Those that take it may be sent alerts again. */
static wildcam_status end_test(struct wci_courier *courier, size_t address, struct wci_text *report,
                               bool *taken)
{
    char words[WCI_LINK_REASON];
    const struct flight *flight = &courier->flights[address];
    const struct wci_store *store = &courier->station->store;
    int code = flight->exchange.status;
    *taken = code >= 200 && code < 300;
    describe(&flight->exchange, words, sizeof words);
    wci_text_add_format(report, "%s: %s\n", courier->webhook->addresses[address].origin,
                        flight->stage == FLIGHT_ENDED ? words : "no answer");
    return *taken ? store->ops->revive_target(store->backend, courier->webhook->targets[address],
                                              wci_calendar_now())
                  : WILDCAM_OK;
}

static bool is_away(const struct wci_courier *courier)
{
    for (size_t i = 0; i < WCI_WEBHOOKS_MAX; i++)
        if (courier->flights[i].stage == FLIGHT_AWAY)
            return true;
    return false;
}

wildcam_status wci_courier_test(struct wci_courier *courier, struct wci_text *report)
{
    const struct wci_webhook *webhook = courier->webhook;
    wildcam_status status = WILDCAM_OK;
    size_t refused = 0;
    for (size_t i = 0; status == WILDCAM_OK && i < webhook->count; i++)
        status = begin_test(courier, i);
    while (status == WILDCAM_OK && is_away(courier) && !webhook->is_closing)
        status = wci_curl_transport.run(courier->carrier,
                                        wci_calendar_monotonic() + WCI_SECOND / 10);
    for (size_t i = 0; status == WILDCAM_OK && i < webhook->count; i++) {
        bool taken;
        status = end_test(courier, i, report, &taken);
        refused += !taken;
    }
    for (size_t i = 0; i < webhook->count; i++)
        if (courier->flights[i].stage != FLIGHT_AWAY)
            empty(&courier->flights[i]);
    if (status == WILDCAM_OK && report->failed)
        return wci_fail_memory();
    if (status == WILDCAM_OK && refused)
        return wci_fail(WILDCAM_ERR_UPLOAD, "%zu of %zu addresses of alerts.webhook took no test",
                        refused, webhook->count);
    return status;
}
