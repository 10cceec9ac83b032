#include "station/exchange_take.h"

#include <string.h>
#include <unistd.h>

#include "exchange/options.h"

enum { PIECE = 64 * 1024 };

bool wci_take_is_of_one(wildcam_status status)
{
    static const wildcam_status own[] = {WILDCAM_ERR_NOTJPEG,  WILDCAM_ERR_TRUNCATED,
                                         WILDCAM_ERR_TOOLARGE, WILDCAM_ERR_NOTFOUND,
                                         WILDCAM_ERR_INVALID,  WILDCAM_ERR_RELEASED};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (status == own[i])
            return true;
    return false;
}

/* A name that cannot be kept is no reason to lose the picture. */
static void name_file(wildcam_ingest *ingest, const char *name)
{
    const char *slash = strrchr(name, '/');
    if (wci_take_text(&ingest->image.file_name, "file_name", slash ? slash + 1 : name,
                      WCI_FILE_NAME_MAX) != WILDCAM_OK)
        wci_text_empty(&ingest->image.file_name);
    wci_error_clear();
}

/* What cannot be kept with it is told, and is no reason to lose the picture either. */
static wildcam_status keep_metadata(wildcam_ingest *ingest, const struct wci_take *take)
{
    wildcam_status status = wci_take_json(&ingest->image.metadata, "metadata", take->metadata);
    if (status != WILDCAM_ERR_INVALID && status != WILDCAM_ERR_TOOLARGE)
        return status;
    wci_exchange_remark(take->exchange, "%.300s is kept without its metadata: %.300s", take->file,
                        wildcam_error_message());
    wci_error_clear();
    return WILDCAM_OK;
}

static void find_time(wildcam_ingest *ingest, const struct wci_take *take)
{
    int64_t time;
    char path[WCI_PATH];
    if (take->moment.time != WILDCAM_TIME_NONE)
        ingest->given = take->moment;
    else if (wci_path(path, "%s/%s", take->base, take->file) == WILDCAM_OK &&
             wildcam_time_from_path(path, &time) == WILDCAM_OK)
        ingest->given = (struct wci_moment){time, WILDCAM_OFFSET_UNKNOWN,
                                            WILDCAM_TIME_SOURCE_FILENAME};
    wci_error_clear();
}

static wildcam_status describe(wildcam_ingest *ingest, const struct wci_take *take)
{
    name_file(ingest, take->name);
    find_time(ingest, take);
    ingest->image.favourite = take->is_favourite;
    ingest->image.capture = take->capture;
    wildcam_status status = wci_take_device_id(&ingest->device_id, take->device_id);
    if (status == WILDCAM_OK && take->metadata)
        status = keep_metadata(ingest, take);
    for (size_t i = 0; status == WILDCAM_OK && i < take->count; i++)
        status = wci_ingest_add_detection(ingest, &take->detections[i]);
    return status;
}

/* The next piece. What is wrong with this file is no failure of the station. */
static wildcam_status read_piece(const struct wci_take *take, int fd, char *piece, size_t *got)
{
    struct wci_error error;
    wildcam_status status = wci_file_read(fd, take->file, piece, PIECE, got);
    if (status == WILDCAM_OK)
        return WILDCAM_OK;
    wci_error_save(&error);
    return wci_fail(WILDCAM_ERR_INVALID, "%.400s", error.message);
}

static wildcam_status copy(wildcam_ingest *ingest, const struct wci_take *take, int fd)
{
    char piece[PIECE];
    size_t got;
    do {
        wildcam_status status = read_piece(take, fd, piece, &got);
        if (status == WILDCAM_OK)
            status = wci_ingest_write(ingest, piece, got);
        if (status != WILDCAM_OK)
            return status;
    } while (got == sizeof piece);
    return wci_ingest_commit(ingest);
}

static void count_taken(struct wci_take *take)
{
    int64_t *figures = take->exchange->figures;
    figures[take->is_known ? WILDCAM_EXCHANGE_KNOWN : WILDCAM_EXCHANGE_ADDED]++;
    if (!take->is_known)
        figures[WILDCAM_EXCHANGE_DETECTIONS] += (int64_t)take->count;
}

/* Reads it and looks for its content. */
static wildcam_status look(struct wci_take *take, int fd)
{
    const struct wci_store *store = &take->exchange->station->store;
    unsigned char sha256[WCI_DIGEST_BYTES];
    char piece[PIECE];
    size_t got = sizeof piece;
    wci_digest *digest;
    const struct wci_name *camera = NULL;
    wildcam_status status = wci_digest_begin(&digest);
    if (status != WILDCAM_OK)
        return status;
    while (status == WILDCAM_OK && got == sizeof piece) {
        status = read_piece(take, fd, piece, &got);
        if (status == WILDCAM_OK)
            status = wci_digest_add(digest, piece, got);
    }
    if (status == WILDCAM_OK)
        status = wci_digest_end(digest, sha256);
    wci_digest_free(digest);
    if (status == WILDCAM_OK)
        status = store->ops->find_camera(store->backend, take->device_id, false, &camera);
    if (status == WILDCAM_OK) {
        wildcam_image image;
        wci_image_init(&image);
        status = store->ops->find_image(store->backend, camera->id, sha256, &image);
        take->image_id = status == WILDCAM_OK ? image.id : 0;
        wci_image_release(&image);
    }
    take->is_known = take->image_id != 0;
    return status == WILDCAM_ERR_NOTFOUND ? WILDCAM_OK : status;
}

static wildcam_status keep(struct wci_take *take, int fd)
{
    wildcam_ingest *ingest;
    wildcam_status status = wci_ingest_begin(take->exchange->station, &ingest);
    if (status != WILDCAM_OK)
        return status;
    ingest->is_brought = true;
    status = describe(ingest, take);
    if (status == WILDCAM_OK)
        status = copy(ingest, take, fd);
    if (status == WILDCAM_OK) {
        take->image_id = ingest->image.id;
        take->is_known = ingest->is_duplicate;
    }
    wci_ingest_free(ingest);
    return status;
}

wildcam_status wci_take_file(struct wci_take *take)
{
    int fd;
    int64_t bytes;
    wildcam_status status = wci_file_open_beneath(take->base, take->file, &fd, &bytes);
    if (status == WILDCAM_ERR_DENIED) /* what is denied later on concerns the station */
        return wci_fail(WILDCAM_ERR_NOTFOUND, "%.300s may not be read", take->file);
    if (status != WILDCAM_OK)
        return status;
    take->image_id = 0;
    take->is_known = false;
    if (wci_exchange_flag(&take->exchange->options, WCI_EXCHANGE_DRY_RUN))
        status = look(take, fd);
    else
        status = keep(take, fd);
    close(fd);
    if (status == WILDCAM_OK)
        count_taken(take);
    return status;
}
