/* media.csv on its way in: pictures that are in the package, and those that are elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/digest.h"
#include "base/memory.h"
#include "station/camtrapdp_import.h"
#include "station/exchange_batch.h"

/* A row of media, as far as it is known before its picture is. */
struct medium {
    const struct wci_table_reader *row;
    const char *id;
    const struct wci_name *camera; /* NULL in a dry run of a new one */
    struct wci_moment moment;
    struct wci_text metadata;
    char path[WCI_PATH]; /* of its file; "" when it is not in the package */
};

/* Whose a picture is, of the rows of media. */
enum owner { NOBODY, SELF, OTHER };

/* A row that is looked for among what was found on a picture. */
struct kept_row {
    int64_t import_id;
    const char *id;
    bool is_found, is_short;
};

/* What stands for the content of a picture that is not here: no picture has the same. */
static wildcam_status stand_in(const struct wci_camtrapdp_import *import, const char *id,
                               unsigned char sha256[WCI_DIGEST_BYTES])
{
    wci_digest *digest;
    wildcam_status status = wci_digest_begin(&digest);
    if (status != WILDCAM_OK)
        return status;
    status = wci_digest_add(digest, "camtrapdp", sizeof "camtrapdp");
    if (status == WILDCAM_OK)
        status = wci_digest_add(digest, import->name.data, import->name.length + 1);
    if (status == WILDCAM_OK)
        status = wci_digest_add(digest, id, strlen(id));
    if (status == WILDCAM_OK)
        status = wci_digest_end(digest, sha256);
    wci_digest_free(digest);
    return status;
}

/* Whether it came in before without its file. */
static wildcam_status look_for(struct wci_camtrapdp_import *import, const struct medium *medium,
                               const unsigned char sha256[WCI_DIGEST_BYTES], bool *is_known)
{
    const struct wci_store *store = &import->exchange->station->store;
    wildcam_image image;
    *is_known = false;
    if (!medium->camera)
        return WILDCAM_OK;
    wci_image_init(&image);
    wildcam_status status = store->ops->find_image(store->backend, medium->camera->id, sha256,
                                                   &image);
    wci_image_release(&image);
    *is_known = status == WILDCAM_OK;
    if (status == WILDCAM_ERR_NOTFOUND) {
        wci_error_clear();
        return WILDCAM_OK;
    }
    return status;
}

static wildcam_status fill_rows(struct wci_camtrapdp_import *import, const struct medium *medium,
                                struct wci_row *rows, size_t count)
{
    wildcam_detection unclassified;
    wildcam_status status = WILDCAM_OK;
    wci_detection_init(&unclassified);
    for (size_t i = 0; status == WILDCAM_OK && i < count; i++) {
        rows[i] = (struct wci_row){.time = medium->moment.time,
                                   .camera = medium->camera,
                                   .offset = medium->moment.offset,
                                   .time_source = (uint8_t)medium->moment.source};
        status = wci_station_fill_row(import->exchange->station,
                                      import->draft_count ? &import->drafts[i] : &unclassified,
                                      &rows[i]);
    }
    return status;
}

static bool is_favourite(const struct medium *medium)
{
    return wci_camtrapdp_flag(wci_table_cell(medium->row, WCI_MED_favorite)) == 1;
}

static int capture_of(const struct medium *medium)
{
    const char *method = wci_table_cell(medium->row, WCI_MED_captureMethod);
    return strcmp(method, "timeLapse") == 0           ? WILDCAM_CAPTURE_TIMELAPSE
           : strcmp(method, "activityDetection") == 0 ? WILDCAM_CAPTURE_MOTION
                                                      : WILDCAM_CAPTURE_UNKNOWN;
}

static void describe(const struct medium *medium, wildcam_image *image)
{
    const char *name = wci_table_cell(medium->row, WCI_MED_fileName);
    image->camera_id = medium->camera->id;
    image->time = medium->moment.time;
    image->offset = medium->moment.offset;
    image->time_source = medium->moment.source;
    image->received_at = wci_calendar_now();
    image->capture = capture_of(medium);
    image->favourite = is_favourite(medium);
    if (wci_take_text(&image->file_name, "fileName", name, WCI_FILE_NAME_MAX) != WILDCAM_OK)
        wci_error_clear();
}

/* Gathers a row without a picture's file. */
static wildcam_status keep_elsewhere(struct wci_camtrapdp_import *import,
                                     const struct medium *medium,
                                     const unsigned char sha256[WCI_DIGEST_BYTES])
{
    int64_t *figures = import->exchange->figures;
    size_t count = import->draft_count ? import->draft_count : 1;
    figures[WILDCAM_EXCHANGE_ELSEWHERE]++;
    if (import->is_dry) {
        figures[WILDCAM_EXCHANGE_ADDED]++;
        return WILDCAM_OK;
    }
    if (!medium->camera) /* only a dry run has none */
        return wci_fail(WILDCAM_ERR_INTERNAL, "%.100s has no camera", medium->id);
    wildcam_image image;
    struct wci_row *rows = wci_new_array(count, sizeof *rows);
    if (!rows)
        return WILDCAM_ERR_NOMEM;
    wci_image_init(&image);
    describe(medium, &image);
    wci_image_set_digest(&image, sha256);
    wildcam_status status = wci_text_set(&image.metadata, medium->metadata.data,
                                         medium->metadata.length);
    const struct wci_gathered row = {.where = medium->id,
                                     .failure = WILDCAM_EXCHANGE_FAILED,
                                     .image = &image,
                                     .rows = rows,
                                     .count = count,
                                     .detections = (int64_t)import->draft_count};
    if (status == WILDCAM_OK)
        status = fill_rows(import, medium, rows, count);
    if (status == WILDCAM_OK)
        status = wci_batch_add(import->exchange, &row);
    wci_image_release(&image);
    free(rows);
    return status;
}

/* Whether what was found on a picture that was there before is of this row. */
static wildcam_status note_media(void *user, const wildcam_detection *detection)
{
    struct kept_row *row = user;
    json_t *kept = wci_cells_kept(wci_text_get(&detection->metadata), &row->is_short);
    if (kept && wci_cells_kept_import(kept) == row->import_id &&
        strcmp(wci_cells_kept_cell(kept, &wci_camtrapdp_observations, WCI_OBS_mediaID), row->id) ==
            0)
        row->is_found = true;
    json_decref(kept);
    return WILDCAM_OK;
}

/* Whose a picture is that was there before: nobody's, this row's, or another row's. */
static wildcam_status find_owner(struct wci_camtrapdp_import *import, const struct medium *medium,
                                 int64_t image_id, enum owner *owner)
{
    const struct wci_store *store = &import->exchange->station->store;
    struct kept_row row = {.import_id = import->id, .id = medium->id};
    wildcam_image image;
    wci_image_init(&image);
    wildcam_status status = store->ops->get_image(store->backend, image_id, &image);
    json_t *kept = wci_cells_kept(wci_text_get(&image.metadata), &row.is_short);
    *owner = !kept ? NOBODY : OTHER;
    if (kept && wci_cells_kept_import(kept) == import->id &&
        strcmp(wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_mediaID), medium->id) == 0)
        *owner = SELF;
    json_decref(kept);
    wci_image_release(&image);
    if (status == WILDCAM_OK && *owner == NOBODY)
        status = store->ops->read_of_images(store->backend, image_id, image_id, note_media, &row);
    if (row.is_found)
        *owner = SELF;
    return status == WILDCAM_OK && row.is_short ? wci_fail_memory() : status;
}

/* Gives a picture that came in by another way what the package says of it. */
static wildcam_status attach(struct wci_camtrapdp_import *import, const struct medium *medium,
                             int64_t image_id)
{
    size_t count = import->draft_count;
    if (!count || !medium->camera)
        return WILDCAM_OK;
    struct wci_row *rows = wci_new_array(count, sizeof *rows);
    if (!rows)
        return WILDCAM_ERR_NOMEM;
    wildcam_status status = wci_cells_keep_media(&import->drafts[0].metadata,
                                                 medium->metadata.data);
    if (status == WILDCAM_OK)
        status = fill_rows(import, medium, rows, count);
    if (status == WILDCAM_OK && is_favourite(medium))
        status = wci_store_set_favourite(&import->exchange->station->store, image_id, true);
    const struct wci_gathered row = {.where = medium->id,
                                     .failure = WILDCAM_EXCHANGE_FAILED,
                                     .image_id = image_id,
                                     .rows = rows,
                                     .count = count,
                                     .detections = (int64_t)count};
    if (status == WILDCAM_OK) /* last: by its rows it is known to be done */
        status = wci_batch_add(import->exchange, &row);
    free(rows);
    return status;
}

/* With its file; one that is no JPEG stays where it is, and of two with the same content the
 * second. */
static wildcam_status keep_here(struct wci_camtrapdp_import *import, const struct medium *medium,
                                const unsigned char sha256[WCI_DIGEST_BYTES])
{
    const char *name = wci_table_cell(medium->row, WCI_MED_fileName);
    enum owner owner = SELF;
    struct wci_take take = {.exchange = import->exchange,
                            .base = import->directory,
                            .file = wci_table_cell(medium->row, WCI_MED_filePath),
                            .name = *name ? name : wci_table_cell(medium->row, WCI_MED_filePath),
                            .metadata = medium->metadata.data,
                            .moment = medium->moment,
                            .detections = import->drafts,
                            .count = import->draft_count,
                            .capture = capture_of(medium),
                            .is_favourite = is_favourite(medium)};
    if (medium->camera)
        snprintf(take.device_id, sizeof take.device_id, "%s", medium->camera->text);
    wildcam_status status = wci_take_file(&take);
    if (wci_take_is_of_one(status)) {
        wci_exchange_remark(import->exchange, "%.100s: its file is not kept: %.300s", medium->id,
                            wildcam_error_message());
        wci_error_clear();
        return keep_elsewhere(import, medium, sha256);
    }
    if (status == WILDCAM_OK && wci_batch_has(import->exchange, take.image_id))
        status = wci_batch_write(import->exchange); /* its owner is told by its rows */
    if (status == WILDCAM_OK && take.is_known && !import->is_dry)
        status = find_owner(import, medium, take.image_id, &owner);
    if (status != WILDCAM_OK || owner == SELF)
        return status;
    if (owner == NOBODY)
        return attach(import, medium, take.image_id);
    import->exchange->figures[WILDCAM_EXCHANGE_KNOWN]--; /* its content is, the row is not */
    return keep_elsewhere(import, medium, sha256);
}

/* Where its file lies; "" when it is not in the package. */
static wildcam_status find_file(struct wci_camtrapdp_import *import, struct medium *medium)
{
    const char *path = wci_table_cell(medium->row, WCI_MED_filePath);
    medium->path[0] = '\0';
    if (wci_camtrapdp_is_address(path))
        return WILDCAM_OK;
    if (!wci_camtrapdp_is_path(path)) {
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, medium->id,
                          "its filePath leads out of the package and is not opened: \"%.100s\"",
                          path);
        return WILDCAM_OK;
    }
    wildcam_status status = wci_path(medium->path, "%s/%s", import->directory, path);
    if (status == WILDCAM_OK && !wci_file_exists(medium->path))
        medium->path[0] = '\0';
    return status;
}

/* The time and the cells; false when the row cannot be kept, which is told. */
static wildcam_status read_row(struct wci_camtrapdp_import *import, struct medium *medium,
                               bool *is_good)
{
    int is_date;
    int64_t index = 0;
    bool before;
    const char *time = wci_table_cell(medium->row, WCI_MED_timestamp);
    *is_good = false;
    wildcam_status status = wci_hash_set_add(&import->media, wci_hash_set_hash(0, medium->id),
                                             &index, &before);
    if (status != WILDCAM_OK)
        return status;
    if (!*medium->id || before) {
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, medium->id,
                          *medium->id ? "a second picture of that id is left out"
                                      : "a picture without an id is left out");
        return WILDCAM_OK;
    }
    medium->moment.source = WILDCAM_TIME_SOURCE_SIDECAR;
    if (!wci_calendar_parse(time, &medium->moment.time, &medium->moment.offset, &is_date) ||
        wci_check_time(medium->moment.time, medium->moment.offset, medium->moment.source) !=
            WILDCAM_OK) {
        wci_error_clear();
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_WITHOUT_TIME, medium->id,
                          "its timestamp is no time: \"%.60s\"", time);
        return WILDCAM_OK;
    }
    wci_cells_keep(medium->row, import->id, &medium->metadata);
    if (medium->metadata.failed)
        return wci_fail_memory();
    status = wci_check_json_object("the row", medium->metadata.data);
    *is_good = status == WILDCAM_OK;
    if (status == WILDCAM_ERR_INVALID || status == WILDCAM_ERR_TOOLARGE) {
        wci_exchange_note(import->exchange, WILDCAM_EXCHANGE_LEFT_OUT, medium->id, "%s",
                          wildcam_error_message());
        wci_error_clear();
        return WILDCAM_OK;
    }
    return status;
}

static wildcam_status take_medium(struct wci_camtrapdp_import *import, struct medium *medium)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    bool is_good, is_known;
    medium->id = wci_table_cell(medium->row, WCI_MED_mediaID);
    import->exchange->figures[WILDCAM_EXCHANGE_PICTURES]++;
    wildcam_status status = read_row(import, medium, &is_good);
    if (status != WILDCAM_OK || !is_good)
        return status;
    status = wci_camtrapdp_camera(import, wci_table_cell(medium->row, WCI_MED_deploymentID),
                                  medium->id, &medium->camera);
    if (status == WILDCAM_OK)
        status = wci_camtrapdp_read_observations(import, medium->id);
    if (status == WILDCAM_OK)
        status = stand_in(import, medium->id, sha256);
    if (status == WILDCAM_OK)
        status = look_for(import, medium, sha256, &is_known);
    if (status == WILDCAM_OK && is_known) {
        import->exchange->figures[WILDCAM_EXCHANGE_KNOWN]++;
        import->exchange->figures[WILDCAM_EXCHANGE_ELSEWHERE]++;
        return WILDCAM_OK;
    }
    if (status == WILDCAM_OK)
        status = find_file(import, medium);
    if (status != WILDCAM_OK)
        return status;
    return medium->path[0] ? keep_here(import, medium, sha256)
                           : keep_elsewhere(import, medium, sha256);
}

wildcam_status wci_camtrapdp_import_media(struct wci_camtrapdp_import *import)
{
    struct wci_table_reader reader;
    struct medium medium = {.row = &reader};
    wildcam_status status = wci_table_open(&reader, &wci_camtrapdp_media, import->paths[1]);
    wildcam_step step = 1;
    if (status == WILDCAM_OK)
        status = wci_batch_begin(import->exchange);
    while (status == WILDCAM_OK && (step = wci_table_next(&reader)) == 1) {
        status = wci_batch_step(import->exchange, "pictures", reader.source.done,
                                reader.source.bytes);
        if (status == WILDCAM_OK)
            status = take_medium(import, &medium);
    }
    if (status == WILDCAM_OK)
        status = step;
    status = wci_batch_end(import->exchange, status);
    if (status == WILDCAM_OK)
        status = wci_exchange_step(import->exchange, "pictures", reader.source.bytes,
                                   reader.source.bytes);
    if (status == WILDCAM_OK && reader.others.length)
        wci_exchange_remark(import->exchange, "columns of media that are not kept: %.300s",
                            reader.others.data);
    wci_text_free(&medium.metadata);
    wci_table_close(&reader);
    return status;
}
