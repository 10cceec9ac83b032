/**
 * @file ingest.h
 * Taking pictures in: begin, write, commit.
 *
 * The bytes go to a temporary file as they come, and what they are is worked out on the way, so
 * that memory does not grow with the picture. When wildcam_ingest_commit() answers #WILDCAM_OK the
 * picture and its rows are durable; until then nothing of them is to be seen.
 */
#ifndef WILDCAM_INGEST_H
#define WILDCAM_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/camera.h>
#include <wildcam/detection.h>
#include <wildcam/image.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A picture that is being taken in. */
typedef struct wildcam_ingest wildcam_ingest;

/**
 * Begins to take a picture in.
 *
 * @param station  the station that will keep it.
 * @param out      where the handle goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOSPACE when the disk is at its floor; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when
 *         an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_ingest_free(); it holds the station. Thread safety:
 * any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_begin(wildcam_station *station, wildcam_ingest **out);

/**
 * Frees the handle. A picture that was not committed is forgotten and its bytes are deleted.
 *
 * @param self  the picture, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_ingest_free(wildcam_ingest *self);

/**
 * Deletes the bytes of a picture that was not committed; every later call on it but
 * wildcam_ingest_free() answers #WILDCAM_ERR_STATE.
 *
 * @param self  the picture, or NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_ingest_abort(wildcam_ingest *self);

/**
 * Says which camera took it. Needed before the commit.
 *
 * @param self       the picture.
 * @param device_id  1 to 50 of `A-Za-z0-9._:-`, not beginning with a dot.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such an id; #WILDCAM_ERR_NOMEM;
 *         #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_device_id(wildcam_ingest *self,
                                                        const char *device_id);

/**
 * Says when it was taken, whatever the picture itself says.
 *
 * @param self    the picture.
 * @param time    microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @param offset  the local clock's distance from UTC, -86399 to 86399 seconds, or
 *                #WILDCAM_OFFSET_UNKNOWN.
 * @param source  one of the WILDCAM_TIME_SOURCE_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_time(wildcam_ingest *self, int64_t time,
                                                   int32_t offset, int source);

/**
 * Says when it was taken in case the picture itself does not say. Without this call either, the
 * time of reception stands in, marked as such.
 *
 * @param self    the picture.
 * @param time    microseconds UTC, #WILDCAM_TIME_MIN to #WILDCAM_TIME_END.
 * @param offset  the local clock's distance from UTC, -86399 to 86399 seconds, or
 *                #WILDCAM_OFFSET_UNKNOWN.
 * @param source  one of the WILDCAM_TIME_SOURCE_ values.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_fallback_time(wildcam_ingest *self, int64_t time,
                                                            int32_t offset, int source);

/**
 * Keeps the name that the sender gave the file. It names nothing on this disk.
 *
 * @param self       the picture.
 * @param file_name  UTF-8, at most 255 bytes, no control characters; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is not such a text; #WILDCAM_ERR_NOMEM;
 *         #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_file_name(wildcam_ingest *self,
                                                        const char *file_name);

/**
 * Keeps what the sender told beside it, as the text of a JSON object.
 *
 * @param self      the picture.
 * @param metadata  a JSON object in UTF-8, at most 65,536 bytes; "" or NULL for none.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no such object; #WILDCAM_ERR_TOOLARGE;
 *         #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_metadata(wildcam_ingest *self, const char *metadata);

/**
 * Says that a person brings the picture, on the camera's card say. That is no sign of life from the
 * camera: when it was last heard of (wildcam_camera_get_last_seen()) stays as it is, and with it
 * what there is to say of a camera that is silent. The same goes for the state that
 * wildcam_ingest_set_sidecar() gives from then on: reported, it is kept and raises no alert.
 *
 * @param self  the picture.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_STATE after commit
 * or abort.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_from_card(wildcam_ingest *self);

/**
 * Takes over what the WildCAM firmware wrote beside a picture on its card
 * (`images/YYYYMMDD/IMG_HHMMSS_NNN.json`): the picture's time, of source
 * #WILDCAM_TIME_SOURCE_SIDECAR and as wildcam_ingest_set_time() sets it, and its place, where its
 * EXIF names none. The rest becomes its metadata.
 *
 * The firmware writes the digits of its own clock and a Z, whatever zone that clock is in: the
 * offset is unknown. There is no time when `time_source` is `Not Set` or `millis`, when `timestamp`
 * is a number, which counts from when the camera was switched on, or when it is more than a day
 * ahead.
 *
 * @param self   the picture.
 * @param json   the file's content, UTF-8.
 * @param size   its length, at most 65,536 bytes.
 * @param state  a draft that battery_level, battery_voltage, temperature and humidity are set in,
 *               as far as the file tells them; NULL for nobody. Whoever reports it should see
 *               that it is newer than what is known of the camera.
 * @param time   where the time goes, in microseconds UTC; #WILDCAM_TIME_NONE for none. May be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it is no JSON object, or an argument is NULL;
 *         #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_STATE after commit or abort. The
 *         picture is as it was then.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_set_sidecar(wildcam_ingest *self, const void *json,
                                                      size_t size, wildcam_camera *state,
                                                      int64_t *time);

/**
 * Says what is in it. The detection takes the picture's camera and time. A picture without any gets
 * one that is unclassified.
 *
 * @param self       the picture.
 * @param detection  the draft.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_TOOLARGE past
 *         1,000 detections; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_STATE after commit or abort.
 *
 * Ownership: the draft is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_add_detection(wildcam_ingest *self,
                                                        const wildcam_detection *detection);

/**
 * Takes the next bytes of the picture.
 *
 * @param self  the picture.
 * @param data  the bytes.
 * @param size  how many; 0 or more.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG as soon as they cannot become a JPEG, and
 *         #WILDCAM_ERR_TOOLARGE as soon as they are over `images.max_bytes`, `images.max_pixels`,
 *         `images.max_scans` or `images.decode_bytes` (with `images.quarantine` both wait for the
 *         commit); #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_IO; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_STATE
 *         after commit or abort. After a failure every later call but wildcam_ingest_free() answers
 *         the same.
 *
 * Ownership: the bytes are copied. Thread safety: one thread at a time per object. Blocking: disk,
 * by way of the page cache.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_write(wildcam_ingest *self, const void *data,
                                                size_t size);

/**
 * Keeps the picture. The same bytes from the same camera are kept once: the second time the first
 * ids come back, wildcam_ingest_is_duplicate() says so, and what was said the first time stands:
 * time, metadata and detections of the second are dropped.
 *
 * @param self  the picture.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG; #WILDCAM_ERR_TRUNCATED when the picture ends before
 *         its end; #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_INVALID when the device id is missing or @p
 *         self is NULL; #WILDCAM_ERR_NOTFOUND when the camera is not known and
 *         `cameras.auto_register` is off; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_STATE after commit or abort. Nothing is kept on failure,
 *         but in quarantine when `images.quarantine` is on and the picture itself is at fault.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk; calls from many
 * threads share one write.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_ingest_commit(wildcam_ingest *self);

/**
 * The id the picture was given.
 *
 * @param self  the picture.
 * @return the id; 0 before a successful commit.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_ingest_get_image_id(const wildcam_ingest *self);

/**
 * The id that its first detection was given.
 *
 * @param self  the picture.
 * @return the id; 0 before a successful commit.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_ingest_get_detection_id(const wildcam_ingest *self);

/**
 * Tells whether the picture was kept before.
 *
 * @param self  the picture.
 * @return 1 when it was, else 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_ingest_is_duplicate(const wildcam_ingest *self);

/**
 * Takes a picture in that is in memory, in one call.
 *
 * @param self       the station.
 * @param device_id  the camera that took it.
 * @param data       the JPEG.
 * @param size       its length in bytes.
 * @param image_id   where its id goes; may be NULL.
 * @param duplicate  where 1 goes when it was kept before, else 0; may be NULL.
 * @return as wildcam_ingest_begin(), _set_device_id(), _write() and _commit().
 *
 * Ownership: the bytes are copied. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_ingest(wildcam_station *self, const char *device_id,
                                                  const void *data, size_t size, int64_t *image_id,
                                                  int *duplicate);

/**
 * Takes a picture in from a file, in one call. Its name is kept, and a time that the WildCAM
 * firmware put into the path is used (see wildcam_time_from_path()).
 *
 * @param self       the station.
 * @param device_id  the camera that took it.
 * @param path       the file; it stays as it is.
 * @param image_id   where its id goes; may be NULL.
 * @param duplicate  where 1 goes when it was kept before, else 0; may be NULL.
 * @return as wildcam_station_ingest(), with the path in front of the sentence when the picture is
 *         refused; #WILDCAM_ERR_NOTFOUND, #WILDCAM_ERR_DENIED or #WILDCAM_ERR_IO when the file
 *         cannot be read; #WILDCAM_ERR_INVALID also when it is a directory or no file otherwise.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_ingest_file(wildcam_station *self, const char *device_id,
                                                       const char *path, int64_t *image_id,
                                                       int *duplicate);

#ifdef __cplusplus
}
#endif

#endif
