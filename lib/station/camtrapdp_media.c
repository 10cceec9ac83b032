/* media.csv, and copies of the pictures. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "image/strip.h"
#include "station/camtrapdp_export.h"

#include <wildcam/image.h>

static const size_t filled[] = {WCI_MED_captureMethod, WCI_MED_exifData, WCI_MED_favorite,
                                WCI_MED_mediaComments, WCI_MED_fileName, SIZE_MAX};

wildcam_status wci_camtrapdp_make_unique(struct wci_camtrapdp_export *export, uint64_t scope,
                                         struct wci_text *name, int64_t id)
{
    bool before = true;
    for (int i = 0; before; i++) {
        int64_t value = id;
        if (i > 0)
            wci_text_add_format(name, "-%lld", (long long)id + (i - 1));
        if (name->failed)
            return wci_fail_memory();
        wildcam_status status = wci_hash_set_add(&export->ids, wci_hash_set_hash(scope, name->data),
                                                 &value, &before);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

/* A name of its own below media/, of letters that every file system takes. */
static void make_path(struct wci_text *path, const wildcam_image *image)
{
    wci_text_empty(path);
    wci_text_add(path, "media/");
    for (const char *at = wci_text_get(&image->device_id); *at; at++)
        wci_text_add_char(path, (char)(*at == ':' || (*at == '.' && at[1] == '.') ? '_' : *at));
    wci_text_add_format(path, "/%lld.jpg", (long long)image->id);
}

static wildcam_status choose_path(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                  const json_t *kept, struct wci_text *path)
{
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_filePath);
    bool is_usable = wci_camtrapdp_is_path(before);
    if (export->with_pictures && image->bytes > 0 && wci_camtrapdp_is_address(before))
        is_usable = false; /* its copy is here */
    if (!is_usable) {
        make_path(path, image);
        return path->failed ? wci_fail_memory() : WILDCAM_OK;
    }
    wildcam_status status = wci_text_set(path, before, strlen(before));
    bool was_there = false;
    int64_t value = image->id;
    if (status == WILDCAM_OK && !wci_camtrapdp_is_address(before)) {
        status = wci_hash_set_add(&export->ids, wci_hash_set_hash(3, before), &value, &was_there);
        if (was_there)
            make_path(path, image);
    }
    return status;
}

static wildcam_status save(const char *path, const void *data, size_t size)
{
    int fd;
    wildcam_status status = wci_file_create(path, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_file_write(fd, path, data, size);
    if (status == WILDCAM_OK)
        status = wci_file_sync(fd, path);
    close(fd);
    return status;
}

/* A copy that tells neither where it was taken nor with which camera. One whose file is lost is
 * noted. */
static wildcam_status copy_picture(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                   const char *name)
{
    char path[WCI_PATH], above[WCI_PATH];
    void *data = NULL;
    size_t size = 0;
    wildcam_status status = wci_store_load_picture(&export->exchange->station->store, image, &data,
                                                   &size);
    if (status == WILDCAM_OK)
        status = wci_strip(data, size, WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL);
    if (status != WILDCAM_OK) {
        free(data);
        if (status == WILDCAM_ERR_NOMEM)
            return status;
        wci_exchange_note(export->exchange, WILDCAM_EXCHANGE_FAILED, name, "%s",
                          wildcam_error_message());
        wci_error_clear();
        return WILDCAM_OK;
    }
    status = wci_path(path, "%s/%s", export->directory, name);
    if (status == WILDCAM_OK)
        status = wci_path_above(above, path);
    if (status == WILDCAM_OK)
        status = wci_directory_make(above);
    if (status == WILDCAM_OK)
        status = save(path, data, size);
    free(data);
    export->exchange->figures[WILDCAM_EXCHANGE_COPIED] += status == WILDCAM_OK;
    return status;
}

static const char *capture_of(struct wci_camtrapdp_export *export, const wildcam_image *image,
                              const json_t *kept)
{
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_captureMethod);
    bool is_timelapse = *before ? strcmp(before, "timeLapse") == 0
                                : image->capture == WILDCAM_CAPTURE_TIMELAPSE;
    bool is_motion = *before ? !is_timelapse : image->capture == WILDCAM_CAPTURE_MOTION;
    export->has_capture[0] |= is_motion;
    export->has_capture[1] |= is_timelapse;
    export->has_capture[2] |= !is_motion && !is_timelapse;
    return is_timelapse ? "timeLapse" : is_motion ? "activityDetection" : "";
}

wildcam_status wci_camtrapdp_write_media(struct wci_camtrapdp_export *export,
                                         const wildcam_image *image, const json_t *kept,
                                         size_t place, bool has_human, struct wci_text *media_id)
{
    const struct wci_table *table = &wci_camtrapdp_media;
    struct wci_cells *cells = &export->cells;
    const char *before = wci_cells_kept_cell(kept, table, WCI_MED_mediaID);
    const char *type = wci_cells_kept_cell(kept, table, WCI_MED_fileMediatype);
    const char *was_public = wci_cells_kept_cell(kept, table, WCI_MED_filePublic);
    wci_text_empty(media_id);
    if (*before)
        wci_text_add(media_id, before);
    else
        wci_text_add_format(media_id, "%lld", (long long)image->id);
    wildcam_status status = wci_camtrapdp_make_unique(export, 1, media_id, image->id);
    wci_cells_empty(cells);
    if (status == WILDCAM_OK)
        status = choose_path(export, image, kept, &cells->values[WCI_MED_filePath]);
    if (status != WILDCAM_OK)
        return status;
    wci_cells_set(cells, WCI_MED_mediaID, media_id->data);
    wci_cells_set(cells, WCI_MED_deploymentID, wci_text_get(&export->places.list[place].id));
    wci_cells_set(cells, WCI_MED_captureMethod, capture_of(export, image, kept));
    wci_cells_set_time(cells, WCI_MED_timestamp, image->time, image->offset);
    wci_cells_set(cells, WCI_MED_filePublic,
                  has_human || wci_words_match(was_public, "false") ? "false" : "true");
    wci_cells_set(cells, WCI_MED_fileName, wci_text_get(&image->file_name));
    wci_cells_set(cells, WCI_MED_fileMediatype, *type ? type : "image/jpeg");
    wci_cells_set(cells, WCI_MED_favorite, image->favourite ? "true" : "");
    wci_cells_respell(cells, table, kept, filled);
    wci_camtrapdp_put_row(table, cells, &export->media.buffer);
    if (image->bytes == 0 || !export->with_pictures)
        export->exchange->figures[WILDCAM_EXCHANGE_ELSEWHERE]++;
    else
        status = copy_picture(export, image, cells->values[WCI_MED_filePath].data);
    return status == WILDCAM_OK ? wci_sink_spill(&export->media) : status;
}
