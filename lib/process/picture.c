#include "process/picture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "image/motion.h"
#include "image/thumbnail.h"

#define PLACED_WITHIN (5 * WCI_SECOND) /* after its row is there */
#define GLANCE 2000000L                /* nanoseconds */

/* Where there is no file at all, a disk is not mounted: that is no fault of the picture's. */
static wildcam_status blame_folder(const struct wci_detector_host *host)
{
    char folder[WCI_PATH];
    bool is_empty = true;
    struct wci_error error;
    wci_error_save(&error);
    wildcam_status status = wci_path(folder, "%s/images", host->store->pictures.directory);
    if (status == WILDCAM_OK)
        status = wci_directory_is_empty(folder, &is_empty);
    if (status != WILDCAM_OK || !is_empty)
        return wci_error_restore(&error);
    return wci_fail(WILDCAM_ERR_BUSY, "there is no picture at all in %.200s: is its disk mounted?",
                    folder);
}

static bool is_incoming(const wildcam_picture *picture)
{
    static const char folder[] = "/incoming/";
    const char *directory = picture->host->store->pictures.directory;
    size_t length = strlen(directory);
    return strncmp(picture->path, directory, length) == 0 &&
           strncmp(picture->path + length, folder, sizeof folder - 1) == 0;
}

/* A picture is moved to its place once its row is there, which we may have been quick to see: a
 * detector that is given the path would find nothing there. Whoever took it in may also have died;
 * then it is moved later, and looked at where it is. */
static wildcam_status find_file(wildcam_picture *picture)
{
    const struct timespec moment = {0, GLANCE};
    int64_t until = wci_calendar_monotonic() + PLACED_WITHIN;
    for (;;) {
        wildcam_status status = wci_pictures_find_file(&picture->host->store->pictures,
                                                       picture->image, picture->path);
        if (status != WILDCAM_OK || !is_incoming(picture) || wci_picture_is_unwanted(picture) ||
            wci_calendar_monotonic() >= until)
            return status;
        nanosleep(&moment, NULL);
    }
}

wildcam_status wci_picture_open(wildcam_picture *picture, const struct wci_detector_host *host,
                                const wildcam_image *image, const atomic_bool *is_unwanted)
{
    *picture = (wildcam_picture){.host = host, .image = image, .is_unwanted = is_unwanted};
    wildcam_status status = find_file(picture);
    return status == WILDCAM_ERR_CORRUPT ? blame_folder(host) : status;
}

void wci_picture_close(wildcam_picture *picture)
{
    free(picture->bytes);
    free(picture->raster.pixels);
    picture->bytes = picture->raster.pixels = NULL;
}

const wildcam_image *wci_picture_image(const wildcam_picture *picture)
{
    return picture->image;
}

const char *wci_picture_path(const wildcam_picture *picture)
{
    return picture->path;
}

bool wci_picture_is_unwanted(const wildcam_picture *picture)
{
    return picture->is_unwanted && atomic_load(picture->is_unwanted);
}

wildcam_status wci_picture_bytes(wildcam_picture *picture, const void **data, size_t *size)
{
    wildcam_status status = WILDCAM_OK;
    if (!picture->bytes)
        status = wci_store_load_picture(picture->host->store, picture->image, &picture->bytes,
                                        &picture->size);
    *data = picture->bytes;
    *size = status == WILDCAM_OK ? picture->size : 0;
    return status;
}

/* Large enough for the thumbnail, and for the grid of the motion detector, whatever the size of
 * thumbnails is set to: what it has learned would not fit otherwise. */
static void choose_size(const wildcam_picture *picture, int *width, int *height)
{
    int columns, rows;
    wci_conf_geometry(picture->host->conf, WCI_IMAGES_THUMBNAIL, width, height);
    wci_motion_grid(picture->image->width, picture->image->height, &columns, &rows);
    *width = *width < columns ? columns : *width;
    *height = *height < rows ? rows : *height;
}

wildcam_status wci_picture_raster(wildcam_picture *picture, const struct wci_raster **raster)
{
    const struct wci_detector_host *host = picture->host;
    const void *data;
    size_t size;
    int width, height;
    *raster = NULL;
    if (!picture->raster.pixels) {
        wildcam_status status = wci_picture_bytes(picture, &data, &size);
        if (status != WILDCAM_OK)
            return status;
        choose_size(picture, &width, &height);
        status = wci_thumbnail_decode(data, size, &host->limits, host->budget, width, height,
                                      &picture->raster);
        if (status != WILDCAM_OK)
            return status;
    }
    *raster = &picture->raster;
    return WILDCAM_OK;
}

wildcam_status wci_picture_prepare(wildcam_picture *picture)
{
    const struct wci_raster *raster;
    picture->lacks_thumbnail = !wci_pictures_has_thumbnail(&picture->host->store->pictures,
                                                           picture->image);
    wci_error_clear();
    return picture->lacks_thumbnail ? wci_picture_raster(picture, &raster) : WILDCAM_OK;
}

wildcam_status wci_picture_keep_thumbnail(wildcam_picture *picture)
{
    const struct wci_detector_host *host = picture->host;
    void *data;
    size_t size;
    int width, height;
    if (!picture->lacks_thumbnail)
        return WILDCAM_OK;
    wci_conf_geometry(host->conf, WCI_IMAGES_THUMBNAIL, &width, &height);
    wildcam_status status = wci_thumbnail_encode(&picture->raster, width, height, &data, &size);
    free(picture->raster.pixels);
    picture->raster.pixels = NULL;
    if (status != WILDCAM_OK)
        return status;
    if (wci_disk_check(host->conf, (int64_t)size) == WILDCAM_OK)
        wci_pictures_save_thumbnail(&host->store->pictures, picture->image, data, size);
    wci_error_clear(); /* it can be made again when it is asked for */
    free(data);
    return WILDCAM_OK;
}
