#include "station/alerts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "station/station.h"

wildcam_status wci_alert_fill(wildcam_alert *alert, const char *subject, const char *device_id,
                              const char *format, ...)
{
    char words[512];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    wildcam_status status = wci_text_set(&alert->subject, subject, strlen(subject));
    if (status == WILDCAM_OK && device_id)
        status = wci_text_set(&alert->device_id, device_id, strlen(device_id));
    return status == WILDCAM_OK ? wci_text_set(&alert->text, words, strlen(words)) : status;
}

/* ---- who is told ---- */

/* As the store's own, when it is durable. */
static void tell(void *user, enum wci_alert_event event, const wildcam_alert *alert)
{
    wildcam_station *station = user;
    const char *kind = wci_alert_kind_name(alert->kind);
    bool is_critical = wci_alert_kind_severity(alert->kind) == WILDCAM_SEVERITY_CRITICAL;
    if (event == WCI_ALERT_RAISED) {
        wci_measure_alert(&station->measures, alert->kind);
        wci_log_write(&station->log, is_critical ? WILDCAM_LOG_WARNING : WILDCAM_LOG_INFO, "alerts",
                      "%s: %s", kind, wci_text_get(&alert->text));
    } else {
        const char *subject = wci_text_get(&alert->subject);
        wci_log_write(&station->log, WILDCAM_LOG_INFO, "alerts", "%s%s%s is over: %s", kind,
                      *subject ? " of " : "", subject, wci_text_get(&alert->cleared_reason));
    }
    wci_webhook_wake(station);
}

/* ---- opening and closing ---- */

static void free_memory(struct wci_alerts *alerts)
{
    free(alerts->species);
    free(alerts->origins);
    alerts->species = NULL;
    alerts->origins = NULL;
}

static wildcam_status init(struct wci_alerts *alerts, const wildcam_conf *conf)
{
    *alerts = (struct wci_alerts){.confidence = wci_conf_real(conf, WCI_ALERTS_RARE_CONFIDENCE),
                                  .listed = wci_conf_text(conf, WCI_ALERTS_RARE_SPECIES),
                                  .new_ones = wci_conf_int(conf, WCI_ALERTS_RARE_NEW)};
    alerts->species = wci_new(WCI_JUDGED_SPECIES * sizeof *alerts->species);
    if (!alerts->species)
        return WILDCAM_ERR_NOMEM;
    if (pthread_mutex_init(&alerts->mutex, NULL) == 0) {
        if (pthread_mutex_init(&alerts->origin_mutex, NULL) == 0)
            return WILDCAM_OK;
        pthread_mutex_destroy(&alerts->mutex);
    }
    free_memory(alerts);
    return wci_fail_memory();
}

static void destroy(struct wci_alerts *alerts, bool is_forked)
{
    if (!is_forked) {
        pthread_mutex_destroy(&alerts->mutex);
        pthread_mutex_destroy(&alerts->origin_mutex);
    }
    free_memory(alerts);
}

wildcam_status wci_alerts_open(wildcam_station *station)
{
    struct wci_store *store = &station->store;
    wildcam_status status = init(&station->alerts, station->conf);
    if (status != WILDCAM_OK)
        return status;
    status = wci_webhook_open(station);
    if (status != WILDCAM_OK) {
        destroy(&station->alerts, false);
        return status;
    }
    wci_vigil_look(&station->alerts.vigil, wci_calendar_now(), wci_calendar_monotonic());
    store->ops->listen_alerts(store->backend, tell, station);
    store->watch = (struct wci_row_watch){wci_alerts_before_rows, wci_alerts_after_rows, station};
    return WILDCAM_OK;
}

void wci_alerts_close(wildcam_station *station, bool is_forked)
{
    station->store.watch = (struct wci_row_watch){0};
    wci_webhook_close(station, is_forked);
    destroy(&station->alerts, is_forked);
}

/* ---- by the keeper ---- */

void wci_alerts_tick(wildcam_station *station)
{
    int64_t now = wci_calendar_monotonic();
    struct wci_alerts *alerts = &station->alerts;
    if (now < alerts->next_look)
        return;
    double seconds = wci_conf_real(station->conf, WCI_ALERTS_CHECK_SECONDS);
    alerts->next_look = now + (int64_t)(seconds * (double)WCI_SECOND);
    if (wci_alerts_check(station, &(int64_t){0}) != WILDCAM_OK)
        wci_log_failure(&station->log, WILDCAM_LOG_WARNING, "alerts",
                        "not all that may be a reason for an alert could be looked at");
}

/* ---- origins ---- */

/* Whether two devices seem to be behind a camera's origins. */
static wildcam_status note_word(struct wci_alerts *alerts, int64_t camera_id, int64_t word,
                                bool *flaps)
{
    size_t at = (size_t)camera_id, before = alerts->origin_capacity;
    void *origins = alerts->origins;
    wildcam_status status = wci_reserve(&origins, &alerts->origin_capacity, at + 1,
                                        sizeof *alerts->origins);
    if (status != WILDCAM_OK)
        return status;
    alerts->origins = origins;
    memset(alerts->origins + before, 0,
           (alerts->origin_capacity - before) * sizeof *alerts->origins);
    *flaps = wci_flap_word_note(&alerts->origins[at], word, wci_calendar_now(), WCI_ORIGIN_WINDOW,
                                WCI_ORIGIN_RETURNS_MOST);
    return WILDCAM_OK;
}

wildcam_status wci_alerts_note_origin(wildcam_station *station, const char *device_id,
                                      const char *origin)
{
    bool flaps = false;
    wildcam_alert alert;
    const struct wci_name *camera;
    struct wci_store *store = &station->store;
    wildcam_status status = store->ops->find_camera(store->backend, device_id, false, &camera);
    if (status == WILDCAM_ERR_NOTFOUND)
        return WILDCAM_OK;
    if (status != WILDCAM_OK)
        return status;
    pthread_mutex_lock(&station->alerts.origin_mutex);
    status = note_word(&station->alerts, camera->id, wci_flap_hash(origin), &flaps);
    pthread_mutex_unlock(&station->alerts.origin_mutex);
    if (status != WILDCAM_OK || !flaps)
        return status;
    wci_alert_init(&alert, WILDCAM_ALERT_SHARED_DEVICE_ID);
    struct wci_alert_wish wish = {.step = WCI_ALERTS_FIND, .alert = &alert};
    status = wci_alert_fill(&alert, camera->text, camera->text,
                            "two devices seem to report as %s: its requests come from two "
                            "origins by turns",
                            camera->text);
    if (status == WILDCAM_OK)
        status = store->ops->change_alerts(store->backend, &wish, 1, wci_calendar_now());
    wci_alert_release(&alert);
    return status;
}
