#include "station/report.h"

#include <stdlib.h>
#include <string.h>

#include <wildcam/detection.h>

#include "base/calendar.h"
#include "base/memory.h"

/* What the walk's callbacks work on. */
struct making {
    wildcam_station *station;
    struct wildcam_report *report;
    bool is_previous; /* the span before */
    wildcam_progress_fn *progress;
    void *user;
    int64_t walked, spans; /* shards of the walks before; of all of them */
    int64_t done;          /* shards of this walk */
    unsigned rows;
};

/* Whoever waits for it, or holds a lease while it lasts, is told by time as well as by shards. */
static wildcam_status tell(const struct making *making)
{
    if (making->progress &&
        making->progress(making->user, "report", making->walked + making->done, making->spans) != 0)
        return wci_fail(WILDCAM_ERR_CANCELLED, "the report was cancelled");
    return WILDCAM_OK;
}

enum { ROWS_BETWEEN = 1024 };

static wildcam_status note_row(struct making *making)
{
    return ++making->rows % ROWS_BETWEEN == 0 ? tell(making) : WILDCAM_OK;
}

static int64_t day_count(const struct wildcam_report *report)
{
    return report->end_day - report->first_day;
}

/* ---- places ---- */

/* Numbers of cameras and species are small and without great gaps: they are places. */
static wildcam_status reserve(void **array, size_t *capacity, int64_t id, size_t size)
{
    size_t before = *capacity;
    void *grown = *array;
    if (wci_reserve(&grown, capacity, (size_t)id + 1, size) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    memset((char *)grown + before * size, 0, (*capacity - before) * size);
    *array = grown;
    return WILDCAM_OK;
}

static wildcam_status species_of(struct wildcam_report *report, const struct wci_name *name,
                                 struct wci_report_species **out)
{
    void *array = report->species;
    if (reserve(&array, &report->species_capacity, name->id, sizeof *report->species) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    report->species = array;
    *out = &report->species[name->id];
    if ((*out)->name)
        return WILDCAM_OK;
    (*out)->category = name->category;
    (*out)->name = wci_copy_text(name->text);
    return (*out)->name ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
}

static wildcam_status begin_camera(const struct wildcam_report *report, const struct wci_name *name,
                                   struct wci_report_camera *camera)
{
    size_t bytes = (size_t)(day_count(report) + 7) / 8;
    camera->id = name->id;
    camera->first_day = INT64_MAX;
    camera->last_day = INT64_MIN;
    camera->active = wci_new_array(bytes, 1);
    camera->active_before = wci_new_array(bytes, 1);
    camera->device_id = wci_copy_text(name->text);
    return camera->active && camera->active_before && camera->device_id ? WILDCAM_OK
                                                                        : WILDCAM_ERR_NOMEM;
}

static wildcam_status camera_of(struct wildcam_report *report, const struct wci_name *name,
                                struct wci_report_camera **out)
{
    void *array = report->cameras;
    if (reserve(&array, &report->camera_capacity, name->id, sizeof *report->cameras) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    report->cameras = array;
    *out = &report->cameras[name->id];
    return (*out)->device_id ? WILDCAM_OK : begin_camera(report, name, *out);
}

void wci_report_release(struct wildcam_report *report)
{
    for (size_t i = 0; i < report->species_capacity; i++)
        free(report->species[i].name);
    for (size_t i = 0; i < report->camera_capacity; i++) {
        free(report->cameras[i].device_id);
        free(report->cameras[i].species);
        free(report->cameras[i].active);
        free(report->cameras[i].active_before);
    }
    free(report->species);
    free(report->cameras);
    free(report->days);
    wci_text_free(&report->damaged);
}

/* ---- what is told of the days ---- */

static void note_active(const struct making *making, struct wci_report_camera *camera, int64_t day)
{
    const struct wildcam_report *report = making->report;
    int64_t first = making->is_previous ? report->first_day - day_count(report) : report->first_day;
    unsigned char *bits = making->is_previous ? camera->active_before : camera->active;
    int64_t at = day - first;
    if (at >= 0 && at < day_count(report))
        bits[at / 8] |= (unsigned char)(1 << at % 8);
}

static wildcam_status count_of_camera(struct wildcam_report *report,
                                      struct wci_report_camera *camera,
                                      const struct wci_summary_row *row)
{
    void *array = camera->species;
    if (reserve(&array, &camera->species_capacity, row->species->id, sizeof *camera->species) !=
        WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    camera->species = array;
    report->species[row->species->id].cameras += camera->species[row->species->id] == 0;
    camera->species[row->species->id] += row->count;
    return WILDCAM_OK;
}

static wildcam_status count_species(struct wildcam_report *report, struct wci_report_camera *camera,
                                    const struct wci_summary_row *row)
{
    struct wci_report_species *species;
    wildcam_status status = species_of(report, row->species, &species);
    if (status != WILDCAM_OK)
        return status;
    species->count += row->count;
    species->scored_count += row->scored_count;
    species->scored_sum += row->scored_sum;
    species->sure_count += row->sure_count;
    species->sure_sum += row->sure_sum;
    for (int hour = 0; hour < WCI_REPORT_HOURS; hour++)
        species->hours[hour] += row->hours[hour];
    report->identified += row->count;
    report->scored_count += row->scored_count;
    report->scored_sum += row->scored_sum;
    return count_of_camera(report, camera, row);
}

static void count_detections(struct wildcam_report *report, struct wci_report_camera *camera,
                             const struct wci_summary_row *row)
{
    report->days[row->day - report->first_day].detections += row->count;
    report->detections += row->count;
    camera->detections += row->count;
    camera->first_day = row->day < camera->first_day ? row->day : camera->first_day;
    camera->last_day = row->day > camera->last_day ? row->day : camera->last_day;
    for (int hour = 0; hour < WCI_REPORT_HOURS; hour++)
        report->hours[hour] += row->hours[hour];
}

static wildcam_status count_row(struct wildcam_report *report, struct wci_report_camera *camera,
                                const struct wci_summary_row *row)
{
    if (row->species->category == WILDCAM_CATEGORY_BLANK) {
        report->days[row->day - report->first_day].blanks += row->count;
        report->blanks += row->count;
        camera->blanks += row->count;
        return WILDCAM_OK;
    }
    count_detections(report, camera, row);
    if (row->species->category != WILDCAM_CATEGORY_UNCLASSIFIED)
        return count_species(report, camera, row);
    report->unclassified += row->count;
    camera->unclassified += row->count;
    return WILDCAM_OK;
}

static wildcam_status count_previous(struct wildcam_report *report,
                                     const struct wci_summary_row *row)
{
    struct wci_report_species *species;
    if (row->species->category == WILDCAM_CATEGORY_BLANK)
        return WILDCAM_OK;
    report->previous += row->count;
    if (row->species->category == WILDCAM_CATEGORY_UNCLASSIFIED)
        return WILDCAM_OK;
    wildcam_status status = species_of(report, row->species, &species);
    if (status == WILDCAM_OK)
        species->previous += row->count;
    return status;
}

static wildcam_status take_sum(void *user, const struct wci_summary_row *row)
{
    struct making *making = user;
    struct wci_report_camera *camera;
    wildcam_status status = note_row(making);
    if (status == WILDCAM_OK)
        status = camera_of(making->report, row->camera, &camera);
    if (status != WILDCAM_OK)
        return status;
    note_active(making, camera, row->day);
    return making->is_previous ? count_previous(making->report, row)
                               : count_row(making->report, camera, row);
}

static wildcam_status take_pictures(void *user, const struct wci_name *name, int64_t day,
                                    int64_t pictures, int64_t unsure)
{
    struct making *making = user;
    struct wildcam_report *report = making->report;
    struct wci_report_camera *camera;
    wildcam_status status = note_row(making);
    if (status == WILDCAM_OK)
        status = camera_of(report, name, &camera);
    if (status != WILDCAM_OK)
        return status;
    note_active(making, camera, day);
    if (making->is_previous) {
        report->previous_pictures += pictures;
        return WILDCAM_OK;
    }
    report->days[day - report->first_day].pictures += pictures;
    report->pictures += pictures;
    report->unsure += unsure;
    camera->pictures += pictures;
    camera->unsure += unsure;
    return WILDCAM_OK;
}

/* What was found to be false is active all the same: the camera was there. */
static wildcam_status take_false(void *user, const struct wci_name *name,
                                 const struct wci_name *species_name, int64_t day, int64_t count)
{
    const struct making *making = user;
    struct wildcam_report *report = making->report;
    struct wci_report_camera *camera;
    struct wci_report_species *species;
    wildcam_status status = camera_of(report, name, &camera);
    if (status != WILDCAM_OK)
        return status;
    note_active(making, camera, day);
    if (making->is_previous)
        return WILDCAM_OK;
    report->false_positives += count;
    camera->false_positives += count;
    status = species_of(report, species_name, &species);
    if (status == WILDCAM_OK)
        species->false_positives += count;
    return status;
}

static wildcam_status take_shard(void *user, const char *name, int64_t done, int64_t total)
{
    struct making *making = user;
    (void)name;
    if (done == 0)
        making->spans = making->walked + total;
    making->done = done;
    return tell(making);
}

/* ---- effort ---- */

static int64_t count_bits(const unsigned char *bits, int64_t days)
{
    int64_t count = 0;
    for (int64_t i = 0; i < days; i++)
        count += bits[i / 8] >> i % 8 & 1;
    return count;
}

static struct wci_report_camera *camera_with(const struct wildcam_report *report, int64_t id)
{
    bool is_known = id >= 0 && (size_t)id < report->camera_capacity &&
                    report->cameras[id].device_id;
    return is_known ? &report->cameras[id] : NULL;
}

/* A camera that has sent nothing in all that time has been there all the same. */
static wildcam_status take_camera_of(struct making *making, const wildcam_deployment *deployment,
                                     struct wci_report_camera **out)
{
    const struct wci_store *store = &making->station->store;
    const struct wci_name *name;
    *out = camera_with(making->report, deployment->camera_id);
    if (*out)
        return WILDCAM_OK;
    wildcam_status status =
        store->ops->find_camera(store->backend, wci_text_get(&deployment->device_id), false, &name);
    return status == WILDCAM_OK ? camera_of(making->report, name, out) : status;
}

static wildcam_status take_deployment(void *user, wildcam_deployment *deployment)
{
    struct making *making = user;
    const struct wildcam_report *report = making->report;
    struct wci_report_camera *camera;
    int64_t from = report->first_day * WCI_DAY, to = report->end_day * WCI_DAY;
    int64_t before = from - (to - from);
    wildcam_status status = take_camera_of(making, deployment, &camera);
    if (status != WILDCAM_OK)
        return status;
    int64_t end = deployment->end == WILDCAM_TIME_NONE ? INT64_MAX : deployment->end;
    camera->has_deployments |= deployment->start < to && end > from;
    camera->had_deployments |= deployment->start < from && end > before;
    camera->camera_days += (double)wci_deployment_effort(deployment, from, to, report->made_at) /
                           (double)WCI_DAY;
    camera->previous_days +=
        (double)wci_deployment_effort(deployment, before, from, report->made_at) / (double)WCI_DAY;
    return WILDCAM_OK;
}

static wildcam_status take_effort(struct making *making)
{
    const struct wci_store *store = &making->station->store;
    const struct wildcam_report *report = making->report;
    return store->ops->list_deployments(store->backend, 0,
                                        (report->first_day - day_count(report)) * WCI_DAY,
                                        report->end_day * WCI_DAY, take_deployment, making);
}

/* Of cameras without deployments: the days on which anything is known of them. */
static void estimate_effort(struct wildcam_report *report)
{
    for (size_t i = 0; i < report->camera_capacity; i++) {
        struct wci_report_camera *camera = &report->cameras[i];
        if (!camera->device_id)
            continue;
        if (!camera->has_deployments) {
            camera->camera_days = (double)count_bits(camera->active, day_count(report));
            report->estimated_days += camera->camera_days;
        }
        if (!camera->had_deployments)
            camera->previous_days = (double)count_bits(camera->active_before, day_count(report));
        report->camera_days += camera->camera_days;
        report->previous_days += camera->previous_days;
    }
}

/* ---- making it ---- */

static wildcam_status walk(struct making *making, int64_t first_day, int64_t end_day)
{
    const struct wci_store *store = &making->station->store;
    const struct wci_day_walk days = {.first_day = first_day,
                                      .end_day = end_day,
                                      .each_camera = true,
                                      .user = making,
                                      .sum = take_sum,
                                      .pictures = take_pictures,
                                      .falsely = take_false,
                                      .shard = take_shard};
    return store->ops->walk_days(store->backend, &days, &making->report->damaged);
}

wildcam_status wci_report_make(wildcam_station *station, int64_t first_day, int64_t end_day,
                               wildcam_progress_fn *progress, void *user,
                               struct wildcam_report *report)
{
    struct making making = {
        .station = station, .report = report, .progress = progress, .user = user};
    report->first_day = first_day;
    report->end_day = end_day;
    report->made_at = wci_calendar_now();
    report->days = wci_new_array((size_t)day_count(report), sizeof *report->days);
    if (!report->days)
        return WILDCAM_ERR_NOMEM;
    making.is_previous = true;
    wildcam_status status = walk(&making, first_day - day_count(report), first_day);
    making.walked = making.spans;
    making.done = 0;
    making.is_previous = false;
    if (status == WILDCAM_OK)
        status = walk(&making, first_day, end_day);
    if (status == WILDCAM_OK)
        status = take_effort(&making);
    if (status != WILDCAM_OK)
        return status;
    estimate_effort(report);
    return report->damaged.failed ? wci_fail_memory() : WILDCAM_OK;
}
