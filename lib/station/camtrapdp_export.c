/* Camtrap DP, out of a station: one pass over its pictures writes two tables, and the third and the
 * description are written when it is known what they describe. */
#include "station/camtrapdp_export.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/memory.h"

static bool has_human(const wildcam_detection *const *detections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (detections[i]->category == WILDCAM_CATEGORY_HUMAN && !detections[i]->false_positive)
            return true;
    return false;
}

static wildcam_status write_observations(struct wci_camtrapdp_export *export,
                                         const wildcam_image *image,
                                         const wildcam_detection *const *detections, size_t count,
                                         size_t place, bool is_imported)
{
    const wildcam_detection *refuted = NULL;
    size_t told = 0;
    wildcam_status status = WILDCAM_OK;
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        if (detections[i]->false_positive)
            refuted = detections[i];
        if (!wci_camtrapdp_is_told(export, detections[i], is_imported)) {
            export->exchange->figures[WILDCAM_EXCHANGE_BELOW] +=
                wci_camtrapdp_is_below(export, detections[i], NULL);
            continue;
        }
        status = wci_camtrapdp_write_observation(export, image, detections[i], place,
                                                 export->name.data);
        told++;
    }
    if (status == WILDCAM_OK && told == 0 && refuted)
        status = wci_camtrapdp_write_nothing(export, image, refuted, place, export->name.data);
    return status;
}

static wildcam_status write_known(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                  const wildcam_detection *const *detections, size_t count,
                                  const json_t *kept)
{
    size_t place;
    wildcam_status status = wci_sites_find(
        &export->places, image,
        wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_deploymentID), &place);
    if (status != WILDCAM_OK)
        return status;
    if (export->places.list[place].is_nowhere) {
        export->exchange->figures[WILDCAM_EXCHANGE_WITHOUT_PLACE]++;
        return WILDCAM_OK;
    }
    wci_sites_note(&export->places, place, image);
    wci_camtrapdp_note_source(export, kept);
    export->exchange->figures[WILDCAM_EXCHANGE_PICTURES]++;
    export->exchange->figures[WILDCAM_EXCHANGE_WITHOUT_ZONE] += image->offset ==
                                                                WILDCAM_OFFSET_UNKNOWN;
    status = wci_camtrapdp_write_media(export, image, kept, place, has_human(detections, count),
                                       &export->name);
    if (status == WILDCAM_OK)
        status = write_observations(export, image, detections, count, place, kept != NULL);
    if (status == WILDCAM_OK && !kept)
        status = wci_camtrapdp_note_event(export, image, detections, count, place);
    return status;
}

/* The row of media that it came with, or that was attached to it. */
static json_t *find_row(const struct wci_camtrapdp_export *export, const wildcam_image *image,
                        const wildcam_detection *const *detections, size_t count)
{
    bool *is_short = &export->exchange->is_short;
    json_t *row = wci_cells_kept(wci_text_get(&image->metadata), is_short);
    for (size_t i = 0; !row && i < count; i++) {
        json_t *kept = wci_cells_kept(wci_text_get(&detections[i]->metadata), is_short);
        row = json_incref(wci_cells_kept_media(kept));
        json_decref(kept);
    }
    return row;
}

static wildcam_status write_picture(void *user, const wildcam_image *image,
                                    const wildcam_detection *const *detections, size_t count)
{
    struct wci_camtrapdp_export *export = user;
    int64_t *figures = export->exchange->figures;
    if (image->time_source == WILDCAM_TIME_SOURCE_RECEIVED ||
        image->time_source == WILDCAM_TIME_SOURCE_UNKNOWN) {
        figures[WILDCAM_EXCHANGE_WITHOUT_TIME]++;
        return WILDCAM_OK;
    }
    if (!export->with_humans && has_human(detections, count)) {
        figures[WILDCAM_EXCHANGE_HUMANS_LEFT_OUT]++;
        return WILDCAM_OK;
    }
    json_t *kept = find_row(export, image, detections, count);
    wildcam_status status = write_known(export, image, detections, count, kept);
    if (status == WILDCAM_OK && export->exchange->is_short)
        status = wci_fail_memory();
    json_decref(kept);
    return status;
}

static wildcam_status open_table(struct wci_camtrapdp_export *export, const struct wci_table *table,
                                 struct wci_sink *sink)
{
    char path[WCI_PATH];
    wildcam_status status = wci_path(path, "%s/%s.csv%s", export->directory, table->name,
                                     export->is_gzip ? ".gz" : "");
    if (status == WILDCAM_OK)
        status = wci_sink_open(sink, path, export->is_gzip);
    if (status == WILDCAM_OK)
        wci_camtrapdp_put_names(table, &sink->buffer);
    return status;
}

static void tell(struct wci_camtrapdp_export *export)
{
    const int64_t *figures = export->exchange->figures;
    if (figures[WILDCAM_EXCHANGE_WITHOUT_TIME])
        wci_exchange_remark(export->exchange,
                            "%lld pictures are left out: nobody knows when they were taken",
                            (long long)figures[WILDCAM_EXCHANGE_WITHOUT_TIME]);
    if (figures[WILDCAM_EXCHANGE_WITHOUT_PLACE])
        wci_exchange_remark(export->exchange,
                            "%lld pictures are left out: nobody knows where they were taken",
                            (long long)figures[WILDCAM_EXCHANGE_WITHOUT_PLACE]);
    if (figures[WILDCAM_EXCHANGE_WITHOUT_ZONE])
        wci_exchange_remark(export->exchange,
                            "the times of %lld pictures are written as UTC: their offset is not "
                            "known; a deployment's can be entered",
                            (long long)figures[WILDCAM_EXCHANGE_WITHOUT_ZONE]);
}

static wildcam_status write_tables(struct wci_camtrapdp_export *export, struct wci_text *damaged)
{
    wildcam_status status = open_table(export, &wci_camtrapdp_media, &export->media);
    if (status == WILDCAM_OK)
        status = open_table(export, &wci_camtrapdp_observations, &export->observations);
    if (status == WILDCAM_OK)
        status = wci_sites_begin(&export->places, export->exchange);
    if (status == WILDCAM_OK)
        status = wci_exchange_walk(export->exchange, write_picture, export, damaged);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_end_events(export);
    if (status == WILDCAM_OK && wci_sites_is_empty(&export->places))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "there is nothing to export: no picture whose time and place are known, "
                        "and no deployment whose place is, answers the filters");
    if (status == WILDCAM_OK)
        status = wci_sink_finish(&export->media);
    if (status == WILDCAM_OK)
        status = wci_sink_finish(&export->observations);
    return status == WILDCAM_OK ? wci_camtrapdp_write_deployments(export) : status;
}

/* The directory that it is put together in, beside the one that it is to be. */
static wildcam_status make_directory(struct wci_camtrapdp_export *export, const char *path)
{
    char chance[9], above[WCI_PATH];
    bool is_empty;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    wildcam_status status = wci_path(export->target, "%.*s", (int)length, path);
    path = export->target;
    if (status == WILDCAM_OK)
        status = wci_directory_is_empty(path, &is_empty);
    if (status == WILDCAM_OK && !is_empty)
        status = wci_fail(WILDCAM_ERR_EXISTS, "%.300s is not empty", path);
    if (status == WILDCAM_OK)
        status = wci_path_above(above, path);
    if (status == WILDCAM_OK && access(above, F_OK) != 0)
        status = wci_fail(WILDCAM_ERR_NOTFOUND, "there is no directory %.300s", above);
    if (status == WILDCAM_OK)
        status = wci_chance_hex(chance, 8);
    if (status == WILDCAM_OK)
        status = wci_path(export->directory, "%s.part-%s", path, chance);
    if (status == WILDCAM_OK)
        status = wci_directory_make(export->directory);
    if (status != WILDCAM_OK)
        export->directory[0] = '\0';
    return status;
}

static wildcam_status give_name(struct wci_camtrapdp_export *export)
{
    bool is_there = false;
    wildcam_status status = wci_directory_sync(export->directory);
    if (status == WILDCAM_OK) /* in the place of an empty directory */
        status = wci_sink_give_name(export->directory, export->target, &is_there);
    if (status == WILDCAM_OK)
        export->directory[0] = '\0';
    else if (is_there) /* what may be lost again is taken back */
        memcpy(export->directory, export->target, sizeof export->directory);
    return status;
}

static void free_export(struct wci_camtrapdp_export *export)
{
    wci_sink_abort(&export->media);
    wci_sink_abort(&export->observations);
    wci_sites_end(&export->places);
    wci_cells_free(&export->cells);
    wci_hash_set_free(&export->ids);
    wci_camtrapdp_free_events(export);
    json_decref(export->taxa);
    wci_text_free(&export->name);
    if (export->directory[0]) {
        struct wci_error error;
        wci_error_save(&error);
        wci_directory_remove(export->directory, NULL);
        wci_error_restore(&error);
    }
    free(export);
}

static wildcam_status run(struct wci_camtrapdp_export *export, const char *path,
                          struct wci_text *damaged)
{
    json_t *project = NULL;
    /* What cannot be right is refused before all is gone through. */
    wildcam_status status = wci_camtrapdp_read_project(export, 0, &project);
    if (status == WILDCAM_OK)
        status = make_directory(export, path);
    if (status == WILDCAM_OK)
        status = write_tables(export, damaged);
    json_decref(project);
    project = NULL;
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_read_project(export, export->source, &project);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_write_package(export, project);
    if (status == WILDCAM_OK && export->exchange->is_short)
        status = wci_fail_memory();
    if (status == WILDCAM_OK)
        status = give_name(export);
    json_decref(project);
    return status;
}

wildcam_status wci_export_camtrapdp(wildcam_exchange *exchange, const char *path)
{
    const struct wci_exchange_options *options = &exchange->options;
    struct wci_text damaged = {0};
    struct wci_camtrapdp_export *export = wci_new(sizeof *export);
    if (!export)
        return WILDCAM_ERR_NOMEM;
    export->exchange = exchange;
    export->with_pictures = wci_exchange_flag(options, WCI_EXCHANGE_PICTURES);
    export->with_humans = wci_exchange_flag(options, WCI_EXCHANGE_HUMANS);
    export->with_events = wci_exchange_flag(options, WCI_EXCHANGE_EVENTS);
    export->is_gzip = wci_exchange_flag(options, WCI_EXCHANGE_GZIP);
    export->threshold = wci_exchange_real(options, WCI_EXCHANGE_THRESHOLD);
    export->taxa = json_object();
    wildcam_status status = export->taxa ? run(export, path, &damaged) : wci_fail_memory();
    if (status == WILDCAM_OK)
        tell(export);
    free_export(export);
    if (status == WILDCAM_OK)
        status = wci_exchange_tell_damaged(&damaged);
    wci_text_free(&damaged);
    return status;
}
