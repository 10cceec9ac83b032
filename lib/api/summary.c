#include <wildcam/summary.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/query.h"
#include "base/memory.h"

enum { BY_ALL = WILDCAM_BY_CAMERA | WILDCAM_BY_DAY | WILDCAM_BY_SPECIES };

/* What a row shows of the store's names, which are gone when the station is closed. */
struct shown {
    size_t device_id, species; /* where they begin in the names */
    int64_t camera_id;
    int category;
};

struct wildcam_summary {
    struct wci_summary_rows rows;
    struct shown *shown; /* one per row */
    struct wci_text names;
    size_t next; /* the present row is the one before */
};

static int compare_text(const struct wci_name *left, const struct wci_name *right)
{
    if (!left || !right || left == right)
        return 0;
    return strcmp(left->text, right->text);
}

static int compare_rows(const void *left, const void *right)
{
    const struct wci_summary_row *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = compare_text(a->camera, b->camera);
    return order ? order : compare_text(a->species, b->species);
}

static int compare_counts(const void *left, const void *right)
{
    const struct wci_summary_row *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return compare_text(a->species, b->species);
}

static size_t keep_name(struct wci_text *names, const struct wci_name *name,
                        const struct wci_name *before, size_t before_at)
{
    if (!name || name == before) /* rows are in order: mostly the name is the last row's */
        return name ? before_at : 0;
    size_t at = names->length;
    wci_text_add_bytes(names, name->text, strlen(name->text) + 1);
    return at;
}

static wildcam_status keep_names(wildcam_summary *summary)
{
    const struct wci_summary_rows *rows = &summary->rows;
    struct shown last = {0, 0, 0, -1};
    const struct wci_name *camera = NULL, *species = NULL;
    summary->shown = wci_new_array(rows->count, sizeof *summary->shown);
    if (!summary->shown)
        return WILDCAM_ERR_NOMEM;
    wci_text_add_char(&summary->names, '\0'); /* "" is at 0 */
    for (size_t i = 0; i < rows->count; i++) {
        const struct wci_summary_row *row = &rows->rows[i];
        last.device_id = keep_name(&summary->names, row->camera, camera, last.device_id);
        last.species = keep_name(&summary->names, row->species, species, last.species);
        last.camera_id = row->camera ? row->camera->id : 0;
        last.category = row->species ? row->species->category : -1;
        camera = row->camera;
        species = row->species;
        summary->shown[i] = last;
    }
    return summary->names.failed ? wci_fail_memory() : WILDCAM_OK;
}

static wildcam_status summarise(wildcam_station *station, wildcam_query *query, uint32_t by,
                                wildcam_summary *out)
{
    bool is_empty;
    struct wci_store *store = &station->store;
    wildcam_status status = wci_query_resolve(query, store, &is_empty);
    if (status == WILDCAM_OK && !is_empty)
        status = store->ops->summarise(store->backend, &query->plan, by, &out->rows);
    if (status != WILDCAM_OK)
        return status;
    if (out->rows.count)
        qsort(out->rows.rows, out->rows.count, sizeof *out->rows.rows,
              by == WILDCAM_BY_SPECIES ? compare_counts : compare_rows);
    return keep_names(out);
}

wildcam_status wildcam_station_summarise(wildcam_station *self, const wildcam_query *query,
                                         uint32_t by, wildcam_summary **out)
{
    wildcam_query copy;
    if (out)
        *out = NULL;
    WCI_BEGIN(self, out);
    if (by & ~(uint32_t)BY_ALL)
        return wci_fail(WILDCAM_ERR_INVALID, "%u is no sum of the WILDCAM_BY_ values", by);
    wildcam_status status = wci_query_copy(&copy, query);
    if (status != WILDCAM_OK)
        return status;
    wildcam_summary *summary = wci_new(sizeof *summary);
    if (summary)
        WCI_WITHIN(self, status, summarise(self, &copy, by, summary));
    else
        status = WILDCAM_ERR_NOMEM;
    wci_query_release(&copy);
    if (status == WILDCAM_OK)
        *out = summary;
    else
        wildcam_summary_free(summary);
    return status;
}

void wildcam_summary_free(wildcam_summary *self)
{
    if (!self)
        return;
    free(self->rows.rows);
    wci_text_free(&self->rows.damaged);
    free(self->shown);
    wci_text_free(&self->names);
    free(self);
}

wildcam_step wildcam_summary_next(wildcam_summary *self)
{
    WCI_BEGIN(self);
    if (self->next >= self->rows.count) {
        self->next = self->rows.count + 1; /* behind the end there is no row */
        return 0;
    }
    self->next++;
    return 1;
}

static const struct wci_summary_row *row_of(const wildcam_summary *self)
{
    bool has_row = self && self->next >= 1 && self->next <= self->rows.count;
    return has_row ? &self->rows.rows[self->next - 1] : NULL;
}

static const struct shown *shown_of(const wildcam_summary *self)
{
    static const struct shown nothing = {0, 0, 0, -1};
    return row_of(self) ? &self->shown[self->next - 1] : &nothing;
}

static double mean(int64_t sum, int64_t count)
{
    return count > 0 ? (double)sum / WCI_CONFIDENCE_UNIT / (double)count : NAN;
}

const char *wildcam_summary_get_device_id(const wildcam_summary *self)
{
    return self ? wci_text_get(&self->names) + shown_of(self)->device_id : "";
}

int64_t wildcam_summary_get_camera_id(const wildcam_summary *self)
{
    return shown_of(self)->camera_id;
}

int64_t wildcam_summary_get_day(const wildcam_summary *self)
{
    const struct wci_summary_row *row = row_of(self);
    return row ? row->day : WILDCAM_TIME_NONE;
}

const char *wildcam_summary_get_species(const wildcam_summary *self)
{
    return self ? wci_text_get(&self->names) + shown_of(self)->species : "";
}

int wildcam_summary_get_category(const wildcam_summary *self)
{
    return shown_of(self)->category;
}

int64_t wildcam_summary_get_count(const wildcam_summary *self)
{
    const struct wci_summary_row *row = row_of(self);
    return row ? row->count : 0;
}

double wildcam_summary_get_mean_confidence(const wildcam_summary *self)
{
    const struct wci_summary_row *row = row_of(self);
    return row ? mean(row->scored_sum, row->scored_count) : NAN;
}

int64_t wildcam_summary_get_sure_count(const wildcam_summary *self)
{
    const struct wci_summary_row *row = row_of(self);
    return row ? row->sure_count : 0;
}

double wildcam_summary_get_sure_mean_confidence(const wildcam_summary *self)
{
    const struct wci_summary_row *row = row_of(self);
    return row ? mean(row->sure_sum, row->sure_count) : NAN;
}

int64_t wildcam_summary_get_hour(const wildcam_summary *self, int hour)
{
    const struct wci_summary_row *row = row_of(self);
    return row && hour >= 0 && hour < 24 ? row->hours[hour] : 0;
}

const char *wildcam_summary_damaged(const wildcam_summary *self)
{
    return self ? wci_text_get(&self->rows.damaged) : "";
}
