/* media.csv, and copies of the pictures. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "station/camtrapdp_export.h"
#include "station/privacy.h"

#include <wildcam/image.h>

enum { NAMES_TRIED = 4 };

static const size_t filled[] = {WCI_MED_exifData, WCI_MED_favorite, WCI_MED_mediaComments,
                                WCI_MED_fileName, SIZE_MAX};

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

/* Where the picture's file is, or was: as it came, if that may be, or one of our own names. A name
 * is tried at most once in a package. */
static wildcam_status next_path(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                const char *before, int *number, struct wci_text *path)
{
    bool is_taken = true;
    while (is_taken) {
        int64_t value = image->id;
        wci_text_empty(path);
        if (*number == 0 && *before)
            wci_text_add(path, before);
        else if (*number <= 1)
            make_path(path, image);
        else
            wci_text_add_format(path, "media/%lld-%d.jpg", (long long)image->id, *number);
        ++*number;
        if (path->failed)
            return wci_fail_memory();
        if (wci_camtrapdp_is_address(path->data))
            return WILDCAM_OK;
        wildcam_status status = wci_hash_set_add(&export->ids, wci_hash_set_hash(3, path->data),
                                                 &value, &is_taken);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

static wildcam_status save(const struct wci_camtrapdp_export *export, const char *name,
                           const void *data, size_t size)
{
    int fd;
    char path[WCI_PATH], above[WCI_PATH];
    wildcam_status status = wci_path(path, "%s/%s", export->directory, name);
    if (status == WILDCAM_OK)
        status = wci_path_above(above, path);
    if (status == WILDCAM_OK)
        status = wci_directory_make(above);
    if (status == WILDCAM_OK)
        status = wci_file_create(path, &fd);
    if (status != WILDCAM_OK)
        return status;
    status = wci_file_write(fd, path, data, size);
    if (status == WILDCAM_OK)
        status = wci_file_sync(fd, path);
    close(fd);
    return status;
}

/* A copy that tells neither where it was taken nor with which camera, nor who is on it. NULL when
 * there is none, which is noted. */
static wildcam_status load_copy(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                const char *media_id, void **data, size_t *size)
{
    int64_t version;
    *data = NULL;
    if (image->bytes == 0 || !export->with_pictures) {
        export->exchange->figures[WILDCAM_EXCHANGE_ELSEWHERE]++;
        return WILDCAM_OK;
    }
    wildcam_status status =
        wci_station_picture_for(export->exchange->station, image->id, WCI_AUDIENCE_PUBLIC,
                                WILDCAM_STRIP_PLACE | WILDCAM_STRIP_SERIAL, data, size, &version);
    if (status == WILDCAM_OK || status == WILDCAM_ERR_NOMEM)
        return status;
    wci_exchange_note(export->exchange,
                      status == WILDCAM_ERR_HIDDEN ? WILDCAM_EXCHANGE_ELSEWHERE
                                                   : WILDCAM_EXCHANGE_FAILED,
                      media_id, "its file is not copied: %s", wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

/* Finds a path that may be, and puts the copy there. What came in tells where it was; below media/
 * it cannot meet one of the tables. */
static wildcam_status place_file(struct wci_camtrapdp_export *export, const wildcam_image *image,
                                 const json_t *kept, const void *data, size_t size)
{
    struct wci_text *path = &export->cells.values[WCI_MED_filePath];
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_filePath);
    bool is_usable = data ? strncmp(before, "media/", 6) == 0 && wci_camtrapdp_is_path(before)
                          : wci_camtrapdp_is_path(before);
    int number = 0;
    wildcam_status status = next_path(export, image, is_usable ? before : "", &number, path);
    if (!data)
        return status;
    if (status == WILDCAM_OK)
        status = save(export, path->data, data, size);
    /* Two names may be one file, or one's directory another's file. */
    while (number < NAMES_TRIED && status != WILDCAM_OK && status != WILDCAM_ERR_NOMEM &&
           status != WILDCAM_ERR_NOSPACE) {
        wci_error_clear();
        status = next_path(export, image, "", &number, path);
        if (status == WILDCAM_OK)
            status = save(export, path->data, data, size);
    }
    export->exchange->figures[WILDCAM_EXCHANGE_COPIED] += status == WILDCAM_OK;
    return status;
}

static const char *capture_of(struct wci_camtrapdp_export *export, const wildcam_image *image,
                              const json_t *kept)
{
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_captureMethod);
    bool is_timelapse = *before ? strcmp(before, "timeLapse") == 0
                                : image->capture == WILDCAM_CAPTURE_TIMELAPSE;
    bool is_motion = *before ? strcmp(before, "activityDetection") == 0
                             : image->capture == WILDCAM_CAPTURE_MOTION;
    export->has_capture[0] |= is_motion;
    export->has_capture[1] |= is_timelapse;
    export->has_capture[2] |= !is_motion && !is_timelapse;
    return is_timelapse ? "timeLapse" : is_motion ? "activityDetection" : "";
}

/* What the package said that it came with counts, unless somebody is on it. */
static wildcam_status find_public(const struct wci_camtrapdp_export *export,
                                  const wildcam_image *image, const json_t *kept, bool has_human,
                                  bool *is_public)
{
    int said =
        wci_camtrapdp_flag(wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_filePublic));
    *is_public = said == 1 && !has_human;
    return said >= 0 || has_human
               ? WILDCAM_OK
               : wci_station_is_public(export->exchange->station, image->id, is_public);
}

static void fill(struct wci_camtrapdp_export *export, const wildcam_image *image,
                 const json_t *kept, size_t place, bool is_public)
{
    const struct wci_table *table = &wci_camtrapdp_media;
    struct wci_cells *cells = &export->cells;
    const char *type = wci_cells_kept_cell(kept, table, WCI_MED_fileMediatype);
    bool was_favourite = wci_camtrapdp_flag(wci_cells_kept_cell(kept, table, WCI_MED_favorite)) ==
                         1;
    wci_cells_set(cells, WCI_MED_deploymentID, wci_text_get(&export->places.list[place].id));
    wci_cells_set(cells, WCI_MED_captureMethod, capture_of(export, image, kept));
    wci_cells_set_time(cells, WCI_MED_timestamp, image->time, image->offset);
    wci_cells_set(cells, WCI_MED_filePublic, is_public ? "true" : "false");
    wci_cells_set(cells, WCI_MED_fileName, wci_text_get(&image->file_name));
    wci_cells_set(cells, WCI_MED_fileMediatype, *type ? type : "image/jpeg");
    wci_cells_set(cells, WCI_MED_favorite,
                  image->favourite ? "true"
                  : was_favourite  ? "false"
                                   : "");
    wci_cells_respell(cells, table, kept, filled);
    wci_camtrapdp_strip_exif(&cells->values[WCI_MED_exifData]);
}

wildcam_status wci_camtrapdp_write_media(struct wci_camtrapdp_export *export,
                                         const wildcam_image *image, const json_t *kept,
                                         size_t place, bool has_human, struct wci_text *media_id)
{
    const char *before = wci_cells_kept_cell(kept, &wci_camtrapdp_media, WCI_MED_mediaID);
    void *data = NULL;
    size_t size = 0;
    bool is_public;
    wci_text_empty(media_id);
    if (*before)
        wci_text_add(media_id, before);
    else
        wci_text_add_format(media_id, "%lld", (long long)image->id);
    wildcam_status status = wci_camtrapdp_make_unique(export, 1, media_id, image->id);
    if (status == WILDCAM_OK)
        status = find_public(export, image, kept, has_human, &is_public);
    if (status == WILDCAM_OK)
        status = load_copy(export, image, media_id->data, &data, &size);
    wci_cells_empty(&export->cells);
    if (status == WILDCAM_OK)
        status = place_file(export, image, kept, data, size);
    free(data);
    if (status != WILDCAM_OK)
        return status;
    wci_cells_set(&export->cells, WCI_MED_mediaID, media_id->data);
    fill(export, image, kept, place, is_public);
    wci_camtrapdp_put_row(&wci_camtrapdp_media, &export->cells, &export->media.buffer);
    return wci_sink_spill(&export->media);
}
