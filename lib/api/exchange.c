#include <wildcam/exchange.h>

#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/query.h"
#include "base/json.h"
#include "base/memory.h"
#include "station/exchange.h"

static wildcam_status take_query(wildcam_exchange *self, const wildcam_query *query)
{
    wildcam_query copy;
    wildcam_status status = wci_query_copy(&copy, query);
    if (status != WILDCAM_OK)
        return status;
    wci_text_free(&self->plan.species);
    wci_text_free(&self->device_id);
    self->plan = copy.plan;
    self->device_id = copy.device_id;
    return WILDCAM_OK;
}

wildcam_status wildcam_exchange_new(wildcam_station *station, wildcam_exchange **out)
{
    wildcam_status status;
    if (out)
        *out = NULL;
    WCI_BEGIN(station, out);
    status = wci_station_enter(station);
    if (status != WILDCAM_OK)
        return status;
    *out = wci_new(sizeof **out);
    if (*out) {
        (*out)->station = station;
        wci_station_hold(station);
        status = take_query(*out, NULL);
    } else {
        status = WILDCAM_ERR_NOMEM;
    }
    wci_station_leave(station);
    return status;
}

void wildcam_exchange_free(wildcam_exchange *self)
{
    if (!self)
        return;
    wci_exchange_free_options(&self->options);
    wci_text_free(&self->plan.species);
    wci_text_free(&self->device_id);
    wci_station_let_go(self->station);
    free(self);
}

wildcam_status wildcam_exchange_set(wildcam_exchange *self, const char *name, const char *value)
{
    WCI_BEGIN(self, name, value);
    return wci_exchange_set(&self->options, name, value);
}

wildcam_status wildcam_exchange_set_query(wildcam_exchange *self, const wildcam_query *query)
{
    WCI_BEGIN(self);
    return take_query(self, query);
}

wildcam_status wildcam_exchange_set_note(wildcam_exchange *self, wildcam_note_fn *note, void *user)
{
    WCI_BEGIN(self);
    self->note = note;
    self->note_user = user;
    return WILDCAM_OK;
}

wildcam_status wildcam_exchange_set_progress(wildcam_exchange *self, wildcam_progress_fn *progress,
                                             void *user)
{
    WCI_BEGIN(self);
    self->progress = progress;
    self->progress_user = user;
    return WILDCAM_OK;
}

struct format {
    const char *name;
    wildcam_status (*run_import)(wildcam_exchange *exchange, const char *path);
    wildcam_status (*run_export)(wildcam_exchange *exchange, const char *path);
};

static const struct format formats[] = {
    {"megadetector", wci_import_megadetector, wci_export_megadetector},
    {"camtrapdp", wci_import_camtrapdp, wci_export_camtrapdp},
    {"csv", NULL, wci_export_csv},
};
enum { FORMATS = sizeof formats / sizeof *formats };

/* NULL for one that is not known: INVALID, with the thread's sentence. */
static const struct format *find_format(const char *name, bool is_import)
{
    const struct format *found = NULL;
    struct wci_text known = {0};
    for (size_t i = 0; i < FORMATS; i++) {
        if (is_import ? !formats[i].run_import : !formats[i].run_export)
            continue;
        if (strcmp(formats[i].name, name) == 0)
            found = &formats[i];
        wci_text_add_format(&known, "%s%s", known.length ? ", " : "", formats[i].name);
    }
    if (!found)
        wci_fail(WILDCAM_ERR_INVALID, "\"%.60s\" cannot be %s; %s can", name,
                 is_import ? "imported" : "exported", wci_text_get(&known));
    wci_text_free(&known);
    return found;
}

/* Looks the query's camera up; one that is not known has no pictures. */
static wildcam_status resolve(wildcam_exchange *self)
{
    const struct wci_store *store = &self->station->store;
    self->plan.camera = NULL;
    self->matches_nothing = false;
    if (!self->device_id.length)
        return WILDCAM_OK;
    wildcam_status status = store->ops->find_camera(store->backend, self->device_id.data, false,
                                                    &self->plan.camera);
    self->matches_nothing = status == WILDCAM_ERR_NOTFOUND;
    return self->matches_nothing ? WILDCAM_OK : status;
}

static wildcam_status run(wildcam_exchange *self, const char *format, const char *path,
                          bool is_import)
{
    const struct format *found = find_format(format, is_import);
    if (!found)
        return WILDCAM_ERR_INVALID;
    if (!*path)
        return wci_fail(WILDCAM_ERR_INVALID, "the path is empty");
    wildcam_status status = resolve(self);
    if (status != WILDCAM_OK)
        return status;
    wci_exchange_begin(self);
    return is_import ? found->run_import(self, path) : found->run_export(self, path);
}

wildcam_status wildcam_exchange_import(wildcam_exchange *self, const char *format, const char *path)
{
    wildcam_status status;
    WCI_BEGIN(self, format, path);
    WCI_WITHIN(self->station, status, run(self, format, path, true));
    return status;
}

wildcam_status wildcam_exchange_export(wildcam_exchange *self, const char *format, const char *path)
{
    wildcam_status status;
    WCI_BEGIN(self, format, path);
    WCI_WITHIN(self->station, status, run(self, format, path, false));
    return status;
}

int64_t wildcam_exchange_get_figure(const wildcam_exchange *self, int figure)
{
    if (!self || figure < 0 || figure >= WCI_EXCHANGE_FIGURE_COUNT)
        return -1;
    return self->figures[figure];
}

wildcam_status wildcam_exchange_to_json(const wildcam_exchange *self, char **json)
{
    struct wci_text text = {0};
    struct wci_json out = {.out = &text};
    if (json)
        *json = NULL;
    WCI_BEGIN(self, json);
    wci_json_open(&out, NULL, '{');
    for (int i = 0; i < WCI_EXCHANGE_FIGURE_COUNT; i++)
        wci_json_int(&out, wci_exchange_figure_name(i), self->figures[i]);
    wci_json_close(&out, '}');
    *json = wci_text_take(&text);
    return *json ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}
