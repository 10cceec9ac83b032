#include "station/ingest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "image/probe.h"

enum { DETECTIONS_MAX = 1000 };
/* A camera's clock that is further ahead than this is wrong. */
#define FUTURE_MAX WCI_DAY

static const struct wci_moment no_moment = {WILDCAM_TIME_NONE, WILDCAM_OFFSET_UNKNOWN,
                                            WILDCAM_TIME_SOURCE_UNKNOWN};

wildcam_status wci_ingest_begin(wildcam_station *station, wildcam_ingest **out)
{
    wildcam_ingest *ingest = wci_new(sizeof *ingest);
    *out = NULL;
    if (!ingest)
        return WILDCAM_ERR_NOMEM;
    struct wci_jpeg_limits limits = wci_station_limits(station);
    ingest->station = station;
    ingest->staged.fd = -1;
    ingest->given = ingest->fallback = no_moment;
    wci_image_init(&ingest->image);
    wci_jpeg_walk_begin(&ingest->walk, &limits);
    wci_station_hold(station);
    wildcam_status status = wci_disk_check(station->conf, 0);
    if (status == WILDCAM_OK)
        status = wci_digest_begin(&ingest->digest);
    if (status == WILDCAM_OK)
        status = wci_pictures_stage(&station->store.pictures, &ingest->staged);
    if (status != WILDCAM_OK) {
        wci_measure_picture(&station->measures, WCI_PICTURE_FAILED, 0);
        wci_ingest_free(ingest);
        return status;
    }
    *out = ingest;
    return WILDCAM_OK;
}

/* In a forked child the file is the parent's. */
static void discard(wildcam_ingest *ingest)
{
    if (ingest->staged.fd >= 0 && ingest->station->pid != getpid()) {
        close(ingest->staged.fd);
        ingest->staged.fd = -1;
    }
    wci_pictures_discard(&ingest->staged);
}

void wci_ingest_abort(wildcam_ingest *ingest)
{
    discard(ingest);
    if (ingest->state == WCI_INGEST_OPEN)
        ingest->state = WCI_INGEST_ABORTED;
}

void wci_ingest_free(wildcam_ingest *ingest)
{
    discard(ingest);
    wci_jpeg_walk_free(&ingest->walk);
    wci_digest_free(ingest->digest);
    wci_text_free(&ingest->device_id);
    wci_image_release(&ingest->image);
    for (size_t i = 0; i < ingest->detection_count; i++)
        wci_detection_release(&ingest->detections[i]);
    free(ingest->detections);
    wci_station_let_go(ingest->station);
    free(ingest);
}

wildcam_status wci_ingest_must_be_open(const wildcam_ingest *ingest)
{
    if (ingest->state == WCI_INGEST_FAILED)
        return wci_error_restore(&ingest->failure);
    if (ingest->state == WCI_INGEST_OPEN)
        return WILDCAM_OK;
    return wci_fail(WILDCAM_ERR_STATE, "the picture has been %s already",
                    ingest->state == WCI_INGEST_KEPT ? "committed" : "aborted");
}

/* It ends here, with this thread's sentence. */
static wildcam_status end(wildcam_ingest *ingest)
{
    wci_error_save(&ingest->failure);
    ingest->state = WCI_INGEST_FAILED;
    discard(ingest);
    return ingest->failure.status;
}

/* Not for the picture's sake. */
static wildcam_status fail(wildcam_ingest *ingest)
{
    wci_measure_picture(&ingest->station->measures, WCI_PICTURE_FAILED, 0);
    return end(ingest);
}

/* The picture itself is at fault: counted, logged, and kept aside when the settings say so. */
static wildcam_status refuse(wildcam_ingest *ingest)
{
    wildcam_station *station = ingest->station;
    const char *device_id = wci_text_get(&ingest->device_id);
    wci_error_restore(&ingest->refusal);
    wci_measure_picture(&station->measures, WCI_PICTURE_REFUSED, 0);
    wci_log_write(&station->log, WILDCAM_LOG_WARNING, "pictures", "a picture%s%s is refused: %s",
                  *device_id ? " of " : "", device_id, ingest->refusal.message);
    wci_pictures_quarantine(&station->store.pictures, &ingest->staged, device_id,
                            ingest->refusal.message);
    wci_error_restore(&ingest->refusal);
    return end(ingest);
}

static wildcam_status inspect(wildcam_ingest *ingest, const void *data, size_t size)
{
    int64_t limit = wci_conf_int(ingest->station->conf, WCI_IMAGES_MAX_BYTES);
    if (ingest->walk.position + (int64_t)size > limit)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "the picture is over images.max_bytes (%lld)",
                        (long long)limit);
    wildcam_status status = wci_digest_add(ingest->digest, data, size);
    return status == WILDCAM_OK ? wci_jpeg_walk_add(&ingest->walk, data, size) : status;
}

bool wci_ingest_is_refusal(wildcam_status status)
{
    return status == WILDCAM_ERR_NOTJPEG || status == WILDCAM_ERR_TRUNCATED ||
           status == WILDCAM_ERR_TOOLARGE;
}

wildcam_status wci_ingest_write(wildcam_ingest *ingest, const void *data, size_t size)
{
    int64_t room = 2 * wci_conf_int(ingest->station->conf, WCI_IMAGES_MAX_BYTES);
    wildcam_status status = WILDCAM_OK;
    if (ingest->refusal.status == WILDCAM_OK) {
        status = inspect(ingest, data, size);
        if (wci_ingest_is_refusal(status)) {
            wci_error_save(&ingest->refusal);
            if (!wci_conf_int(ingest->station->conf, WCI_IMAGES_QUARANTINE))
                return refuse(ingest);
            status = WILDCAM_OK;
        }
    }
    ingest->image.bytes += (int64_t)size; /* of a refused one too, to bound what quarantine gets */
    if (status == WILDCAM_OK && ingest->image.bytes > room)
        return refuse(ingest);
    if (status == WILDCAM_OK)
        status = wci_file_write(ingest->staged.fd, ingest->staged.path, data, size);
    return status == WILDCAM_OK ? WILDCAM_OK : fail(ingest);
}

wildcam_status wci_ingest_add_detection(wildcam_ingest *ingest, const wildcam_detection *draft)
{
    void *detections = ingest->detections;
    if (ingest->detection_count >= DETECTIONS_MAX)
        return wci_fail(WILDCAM_ERR_TOOLARGE, "a picture has at most %d detections",
                        DETECTIONS_MAX);
    if (wci_reserve(&detections, &ingest->detection_capacity, ingest->detection_count + 1,
                    sizeof *ingest->detections) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    ingest->detections = detections;
    wildcam_status status = wci_detection_copy(&ingest->detections[ingest->detection_count], draft);
    ingest->detection_count += status == WILDCAM_OK;
    return status;
}

static void take_moment(wildcam_image *image, struct wci_moment moment)
{
    image->time = moment.time;
    image->offset = moment.offset;
    image->time_source = moment.source;
}

/* What was given first, then what the picture says, then what was given for want of that, then the
 * moment of reception. A time is never made up, and one from the future is not believed. */
static wildcam_status choose_time(wildcam_ingest *ingest)
{
    wildcam_image *image = &ingest->image;
    const struct wci_moment received = {image->received_at, 0, WILDCAM_TIME_SOURCE_RECEIVED};
    struct wci_reading reading = {image->time, image->offset};
    int64_t version;
    if (ingest->given.time != WILDCAM_TIME_NONE) {
        take_moment(image, ingest->given);
        return WILDCAM_OK;
    }
    /* A clock that is ahead may be one that a deployment corrects. */
    if (image->time != WILDCAM_TIME_NONE) {
        wildcam_status status = wci_store_correct(&ingest->station->store, image->camera_id,
                                                  image->time_source, &reading, &version);
        if (status != WILDCAM_OK)
            return status;
    }
    if (image->time != WILDCAM_TIME_NONE && reading.time > image->received_at + FUTURE_MAX) {
        wci_log_write(&ingest->station->log, WILDCAM_LOG_WARNING, "pictures",
                      "a picture of %s claims a time in the future, which is not believed",
                      wci_text_get(&ingest->device_id));
        image->time = WILDCAM_TIME_NONE;
    }
    if (image->time == WILDCAM_TIME_NONE)
        take_moment(image,
                    ingest->fallback.time != WILDCAM_TIME_NONE ? ingest->fallback : received);
    return WILDCAM_OK;
}

static wildcam_status finish_image(wildcam_ingest *ingest)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    wildcam_status status = wci_probe_finish(&ingest->walk, &ingest->image);
    if (status == WILDCAM_OK)
        status = wci_digest_end(ingest->digest, sha256);
    if (status != WILDCAM_OK)
        return status;
    wci_image_set_digest(&ingest->image, sha256);
    ingest->image.received_at = wci_calendar_now();
    return WILDCAM_OK;
}

static wildcam_status fill_rows(wildcam_ingest *ingest, const struct wci_name *camera,
                                struct wci_row *rows, size_t count)
{
    wildcam_detection unclassified;
    wci_detection_init(&unclassified);
    for (size_t i = 0; i < count; i++) {
        const wildcam_detection *draft = ingest->detection_count ? &ingest->detections[i]
                                                                 : &unclassified;
        rows[i] = (struct wci_row){.time = ingest->image.time,
                                   .camera = camera,
                                   .offset = ingest->image.offset,
                                   .time_source = (uint8_t)ingest->image.time_source};
        wildcam_status status = wci_station_fill_row(ingest->station, draft, &rows[i]);
        if (status != WILDCAM_OK)
            return status;
    }
    return WILDCAM_OK;
}

static wildcam_status keep_rows(wildcam_ingest *ingest, const struct wci_name *camera)
{
    wildcam_station *station = ingest->station;
    size_t count = ingest->detection_count ? ingest->detection_count : 1;
    struct wci_row *rows = wci_new_array(count, sizeof *rows);
    if (!rows)
        return WILDCAM_ERR_NOMEM;
    struct wci_change change = {
        .image = &ingest->image, .rows = rows, .count = count, .is_brought = ingest->is_brought};
    wildcam_status status = fill_rows(ingest, camera, rows, count);
    if (status == WILDCAM_OK)
        status = wci_store_keep_picture(&station->store, &ingest->staged, &change);
    if (status == WILDCAM_OK) {
        ingest->detection_id = rows[0].id;
        ingest->is_duplicate = change.is_duplicate;
        if (change.is_duplicate) {
            wci_measure_picture(&station->measures, WCI_PICTURE_DUPLICATE, 0);
        } else {
            wci_measure_picture(&station->measures, WCI_PICTURE_KEPT, ingest->image.bytes);
            wci_measure_rows(&station->measures, rows, count);
            wci_uploader_wake(station->uploader);
            wci_processor_wake(station->processor);
        }
    }
    free(rows);
    return status;
}

static wildcam_status keep(wildcam_ingest *ingest)
{
    const struct wci_name *camera;
    int64_t since = wci_calendar_monotonic();
    wildcam_status status = finish_image(ingest);
    if (status == WILDCAM_OK)
        status = wci_station_find_camera(ingest->station, wci_text_get(&ingest->device_id),
                                         !ingest->is_brought, &camera);
    if (status != WILDCAM_OK)
        return status;
    ingest->image.camera_id = camera->id;
    status = choose_time(ingest);
    if (status == WILDCAM_OK)
        status = keep_rows(ingest, camera);
    if (status == WILDCAM_OK && !wci_processor_is_on(ingest->station->processor))
        wci_measure_processing(&ingest->station->measures, camera, since);
    return status;
}

wildcam_status wci_ingest_commit(wildcam_ingest *ingest)
{
    if (!ingest->device_id.length) { /* the caller may still say */
        return wci_fail(WILDCAM_ERR_INVALID, "device_id is required");
    }
    if (ingest->refusal.status == WILDCAM_OK &&
        wci_ingest_is_refusal(wci_jpeg_walk_end(&ingest->walk)))
        wci_error_save(&ingest->refusal);
    if (ingest->refusal.status != WILDCAM_OK)
        return refuse(ingest);
    wildcam_status status = keep(ingest);
    if (status != WILDCAM_OK)
        return fail(ingest);
    ingest->state = WCI_INGEST_KEPT;
    return WILDCAM_OK;
}
