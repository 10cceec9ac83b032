#include <wildcam/alert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/json.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "model/check.h"
#include "station/webhook.h"

struct wildcam_alert_list {
    wildcam_alert *alerts;
    size_t count, capacity;
};

const char *wildcam_severity_name(int severity)
{
    return wci_severity_name(severity);
}

const char *wildcam_alert_kind_name(int kind)
{
    return wci_alert_kind_name(kind);
}

wildcam_status wildcam_alert_kind_from_name(const char *name, int *kind)
{
    WCI_BEGIN(name, kind);
    int found = wci_alert_kind_find(name);
    if (found < 0)
        return wci_fail(WILDCAM_ERR_NOTFOUND, "there is no kind of alert \"%.40s\"", name);
    *kind = found;
    return WILDCAM_OK;
}

int wildcam_alert_kind_severity(int kind)
{
    return wci_alert_kind_severity(kind);
}

/* ---- asking ---- */

wildcam_status wildcam_alert_query_new(wildcam_alert_query **out)
{
    WCI_BEGIN(out);
    *out = wci_new(sizeof **out);
    if (!*out)
        return WILDCAM_ERR_NOMEM;
    **out = (wildcam_alert_query){.kind = -1, .since = WILDCAM_TIME_NONE};
    return WILDCAM_OK;
}

void wildcam_alert_query_free(wildcam_alert_query *self)
{
    if (!self)
        return;
    wci_text_free(&self->device_id);
    free(self);
}

wildcam_status wildcam_alert_query_set_kind(wildcam_alert_query *self, int kind)
{
    WCI_BEGIN(self);
    if (kind != -1 && wci_alert_kind_severity(kind) < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "%d is no kind of alert", kind);
    self->kind = kind;
    return WILDCAM_OK;
}

wildcam_status wildcam_alert_query_set_camera(wildcam_alert_query *self, const char *device_id)
{
    WCI_BEGIN(self);
    if (device_id && *device_id)
        return wci_take_device_id(&self->device_id, device_id);
    wci_text_empty(&self->device_id);
    return WILDCAM_OK;
}

wildcam_status wildcam_alert_query_set_since(wildcam_alert_query *self, int64_t time)
{
    WCI_BEGIN(self);
    wildcam_status status = time == WILDCAM_TIME_NONE ? WILDCAM_OK
                                                      : wci_check_time(time, WILDCAM_OFFSET_UNKNOWN,
                                                                       WILDCAM_TIME_SOURCE_UNKNOWN);
    if (status == WILDCAM_OK)
        self->since = time;
    return status;
}

static wildcam_status set_flag(bool *flag, const char *name, int value)
{
    if (value != 0 && value != 1)
        return wci_fail(WILDCAM_ERR_INVALID, "%s is 0 or 1, not %d", name, value);
    *flag = value == 1;
    return WILDCAM_OK;
}

wildcam_status wildcam_alert_query_set_open(wildcam_alert_query *self, int open)
{
    WCI_BEGIN(self);
    return set_flag(&self->open, "open", open);
}

wildcam_status wildcam_alert_query_set_unread(wildcam_alert_query *self, int unread)
{
    WCI_BEGIN(self);
    return set_flag(&self->unread, "unread", unread);
}

/* Takes the alert's texts over. */
static wildcam_status collect(void *user, wildcam_alert *alert)
{
    wildcam_alert_list *list = user;
    void *alerts = list->alerts;
    if (wci_reserve(&alerts, &list->capacity, list->count + 1, sizeof *list->alerts) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    list->alerts = alerts;
    list->alerts[list->count++] = *alert;
    wci_alert_init(alert, 0);
    return WILDCAM_OK;
}

wildcam_status wildcam_station_list_alerts(wildcam_station *self, const wildcam_alert_query *query,
                                           int64_t after, int limit, wildcam_alert_list **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    if (limit < 1 || limit > WILDCAM_ALERTS_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "limit is 1 to %d, not %d", WILDCAM_ALERTS_MAX, limit);
    if (after < 0)
        return wci_fail(WILDCAM_ERR_INVALID, "after is an alert's id or 0, not %lld",
                        (long long)after);
    wildcam_alert_list *list = wci_new(sizeof *list);
    if (!list)
        return WILDCAM_ERR_NOMEM;
    WCI_WITHIN(
        self, status,
        self->store.ops->list_alerts(self->store.backend, query, after, limit, collect, list));
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        wildcam_alert_list_free(list);
        return wci_error_restore(&error);
    }
    *out = list;
    return WILDCAM_OK;
}

wildcam_status wildcam_station_count_alerts(wildcam_station *self, const wildcam_alert_query *query,
                                            int64_t *count)
{
    wildcam_status status;
    WCI_BEGIN(self, count);
    WCI_WITHIN(self, status, self->store.ops->count_alerts(self->store.backend, query, count));
    return status;
}

wildcam_status wildcam_station_get_alert(wildcam_station *self, int64_t id, wildcam_alert **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    wildcam_alert *alert = wci_new(sizeof *alert);
    if (!alert)
        return WILDCAM_ERR_NOMEM;
    wci_alert_init(alert, 0);
    WCI_WITHIN(self, status, self->store.ops->get_alert(self->store.backend, id, alert));
    if (status == WILDCAM_OK)
        *out = alert;
    else
        wildcam_alert_free(alert);
    return status;
}

wildcam_status wildcam_station_read_alert(wildcam_station *self, int64_t id, const char *by)
{
    WCI_BEGIN(self);
    wildcam_status status = wci_check_text("by", by, WILDCAM_ALERT_READER_MAX, false);
    if (status == WILDCAM_OK)
        WCI_WITHIN(
            self, status,
            self->store.ops->read_alert(self->store.backend, id, by ? by : "", wci_calendar_now()));
    return status;
}

/* ---- looking, and telling ---- */

wildcam_status wildcam_station_check_alerts(wildcam_station *self, int64_t *changes)
{
    int64_t count = 0;
    wildcam_status status;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_alerts_check(self, &count));
    if (changes)
        *changes = count;
    return status;
}

wildcam_status wildcam_station_note_origin(wildcam_station *self, const char *device_id,
                                           const char *origin)
{
    WCI_BEGIN(self, device_id, origin);
    if (!*origin)
        return wci_fail(WILDCAM_ERR_INVALID, "the origin is empty");
    wildcam_status status = wci_check_text("origin", origin, WILDCAM_ORIGIN_MAX, false);
    if (status == WILDCAM_OK)
        status = wci_check_device_id(device_id);
    if (status == WILDCAM_OK)
        WCI_WITHIN(self, status, wci_alerts_note_origin(self, device_id, origin));
    return status;
}

enum { BUDGET_MAX = 3600000 };

wildcam_status wildcam_station_send_alerts(wildcam_station *self, int64_t budget_ms, int64_t *sent)
{
    int64_t count = 0;
    wildcam_status status;
    WCI_BEGIN(self);
    if (budget_ms < 0 || budget_ms > BUDGET_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "budget_ms is 0 to %d, not %lld", BUDGET_MAX,
                        (long long)budget_ms);
    WCI_WITHIN(self, status, wci_webhook_send(self, budget_ms, &count));
    if (sent)
        *sent = count;
    return status;
}

wildcam_status wildcam_station_test_webhook(wildcam_station *self, char **report)
{
    struct wci_text text = {0};
    wildcam_status status;
    if (report)
        *report = NULL;
    WCI_BEGIN(self);
    WCI_WITHIN(self, status, wci_webhook_test(self, &text));
    if (report && (status == WILDCAM_OK || status == WILDCAM_ERR_UPLOAD)) {
        *report = wci_text_take(&text);
        if (!*report)
            status = WILDCAM_ERR_NOMEM;
    }
    wci_text_free(&text);
    return status;
}

/* ---- an alert ---- */

int64_t wildcam_alert_get_id(const wildcam_alert *self)
{
    return self ? self->id : 0;
}

int wildcam_alert_get_kind(const wildcam_alert *self)
{
    return self ? self->kind : -1;
}

int wildcam_alert_get_severity(const wildcam_alert *self)
{
    return self ? wci_alert_kind_severity(self->kind) : -1;
}

double wildcam_alert_get_value(const wildcam_alert *self)
{
    return self ? self->value : NAN;
}

int64_t wildcam_alert_get_detection_id(const wildcam_alert *self)
{
    return self ? self->detection_id : 0;
}

int64_t wildcam_alert_get_count(const wildcam_alert *self)
{
    return self ? self->count : 0;
}

#define TEXT(name)                                                                                 \
    const char *wildcam_alert_get_##name(const wildcam_alert *self)                                \
    {                                                                                              \
        return self ? wci_text_get(&self->name) : "";                                              \
    }
TEXT(subject)
TEXT(device_id)
TEXT(text)
TEXT(cleared_reason)
TEXT(read_by)

#define TIME(name)                                                                                 \
    int64_t wildcam_alert_get_##name(const wildcam_alert *self)                                    \
    {                                                                                              \
        return self ? self->name : WILDCAM_TIME_NONE;                                              \
    }
TIME(raised_at)
TIME(last_at)
TIME(cleared_at)
TIME(read_at)

static void write_json(const void *object, struct wci_json *json)
{
    wci_alert_write_json(object, json);
}

wildcam_status wildcam_alert_to_json(const wildcam_alert *self, char **out)
{
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    return wci_to_json(write_json, self, out);
}

void wildcam_alert_free(wildcam_alert *self)
{
    if (!self)
        return;
    wci_alert_release(self);
    free(self);
}

size_t wildcam_alert_list_get_count(const wildcam_alert_list *self)
{
    return self ? self->count : 0;
}

const wildcam_alert *wildcam_alert_list_at(const wildcam_alert_list *self, size_t index)
{
    return self && index < self->count ? &self->alerts[index] : NULL;
}

void wildcam_alert_list_free(wildcam_alert_list *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        wci_alert_release(&self->alerts[i]);
    free(self->alerts);
    free(self);
}
