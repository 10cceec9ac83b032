/**
 * @file upload.h
 * A station's pictures on their way to S3, over several regions, whatever the network does.
 *
 * What is owed is written down with each picture. wildcam_station_start() uploads it in the
 * background, wildcam_station_upload() in the caller's thread. What S3 has may be deleted here
 * (wildcam_station_release()) and is read there (wildcam_station_image_url()).
 */
#ifndef WILDCAM_UPLOAD_H
#define WILDCAM_UPLOAD_H

#include <stdint.h>

#include <wildcam/export.h>
#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is owed to S3 for a picture: how far it is. */
typedef struct wildcam_upload wildcam_upload;

/** What is uploaded for each picture. */
enum {
    WILDCAM_UPLOAD_PICTURE = 0,  /**< The picture itself. */
    WILDCAM_UPLOAD_THUMBNAIL = 1 /**< A small copy of it. */
};

/** How far it is. */
enum {
    WILDCAM_UPLOAD_DUE = 0,   /**< It is owed. */
    WILDCAM_UPLOAD_DONE = 1,  /**< S3 has it. */
    WILDCAM_UPLOAD_PARKED = 2 /**< It cannot be uploaded: wildcam_station_retry_uploads(). */
};

/** How wildcam_station_upload() goes about it; the values can be added up. */
enum {
    /** A person waits: whatever `s3.window`, a pause and the next try of what failed say. Regions
     *  that are down are waited for, but no longer than for ten seconds. */
    WILDCAM_UPLOAD_NOW = 1
};

/**
 * Uploads what is owed, in the caller's thread, until nothing is due any more. Outside of
 * `s3.window`, and while it is paused, it does nothing, unless a person waits
 * (#WILDCAM_UPLOAD_NOW).
 *
 * For programs with a loop of their own, and for tools. It works with and without
 * wildcam_station_start(), and beside other processes that do the same: what one of them has begun
 * is left to it. What fails is noted in its row and tried again later, on a call of its own or in
 * the background; what cannot ever be uploaded is parked.
 *
 * @param self       the station.
 * @param how        0, or #WILDCAM_UPLOAD_NOW.
 * @param budget_ms  how many milliseconds it may take, 0 or more. What is under way at their end is
 *                   given up and begun anew next time, but for what goes in parts
 *                   (`s3.multipart_bytes`), so give more than the largest picture needs.
 * @param most       how many objects at most; 0 for no limit.
 * @param progress   tells how many are done of those that were owed, and may end the call; may be
 *                   NULL.
 * @param user       handed to @p progress.
 * @param uploaded   where the number of those that S3 has now goes; may be NULL.
 * @param failed     where the number of those that failed or were parked goes; may be NULL.
 * @return #WILDCAM_OK, also when some failed or the budget ended; #WILDCAM_ERR_UPLOAD when no
 *         region can be reached at present, with the reasons; #WILDCAM_ERR_STATE when
 *         the settings say that nothing is uploaded (`s3.upload`); #WILDCAM_ERR_CANCELLED when
 *         @p progress ended it; #WILDCAM_ERR_IO, #WILDCAM_ERR_DENIED, #WILDCAM_ERR_NOSPACE,
 *         #WILDCAM_ERR_CORRUPT or #WILDCAM_ERR_BUSY when the rows cannot be read or written;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. The two numbers are written then too.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: network and disk, for the
 * budget and as long as the disk needs to note what came of it.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_upload(wildcam_station *self, uint32_t how,
                                                  int64_t budget_ms, int64_t most,
                                                  wildcam_progress_fn *progress, void *user,
                                                  int64_t *uploaded, int64_t *failed);

/**
 * Tells how much is owed to S3. Thumbnails count when `s3.thumbnails` is not off; what is in a
 * shard that cannot be read does not, which the log tells.
 *
 * @param self    the station.
 * @param owed    where the number of objects goes; may be NULL.
 * @param oldest  where goes since when the oldest of them is owed, in microseconds UTC, or
 *                #WILDCAM_TIME_NONE when there is none; may be NULL.
 * @param parked  where the number of those goes that cannot be uploaded; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing is written to the
 *         numbers then.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk; nothing while no shard
 * has changed.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count_uploads(wildcam_station *self, int64_t *owed,
                                                         int64_t *oldest, int64_t *parked);

/**
 * Makes what is parked due again, at once: after a setting was put right, say.
 *
 * @param self   the station.
 * @param count  where the number of objects goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY when another process held a shard for longer than
 *         `store.busy_timeout`; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Those made due before the failure stay due.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_retry_uploads(wildcam_station *self, int64_t *count);

/**
 * Looks up how far a picture's upload is.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param kind      #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 * @param out       where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_upload_free().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_upload(wildcam_station *self, int64_t image_id,
                                                      int kind, wildcam_upload **out);

/**
 * Frees what wildcam_station_get_upload() gave.
 *
 * @param self  the upload, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_upload_free(wildcam_upload *self);

/**
 * The picture it is about.
 *
 * @param self  the upload.
 * @return its id; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_image_id(const wildcam_upload *self);

/**
 * What is uploaded.
 *
 * @param self  the upload.
 * @return #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_kind(const wildcam_upload *self);

/**
 * How far it is.
 *
 * @param self  the upload.
 * @return one of the WILDCAM_UPLOAD_ states.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_state(const wildcam_upload *self);

/**
 * The region that has it; while it goes in parts, the one they go to.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_region(const wildcam_upload *self);

/**
 * The bucket in that region.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_bucket(const wildcam_upload *self);

/**
 * Its key, such as "images/2026/11/26/CAM-7/0123456789abcdef0123456789abcdef.jpg".
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_key(const wildcam_upload *self);

/**
 * Its ETag, without the quotes.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_etag(const wildcam_upload *self);

/**
 * The checksum that the server answered with: its kind, ":" and the base64 of it.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_checksum(const wildcam_upload *self);

/**
 * How often it has failed since it came to be owed, not counting when the uplink was down.
 *
 * @param self  the upload.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_attempts(const wildcam_upload *self);

/**
 * Why it was not uploaded the last time.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_last_error(const wildcam_upload *self);

/**
 * When it came to be owed.
 *
 * @param self  the upload.
 * @return microseconds UTC.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_since(const wildcam_upload *self);

/**
 * When it is tried again at the earliest.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when nothing stands in its way, or it is not owed.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_next_try(const wildcam_upload *self);

/**
 * When it was uploaded.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it is not.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_uploaded_at(const wildcam_upload *self);

/**
 * When the picture's file was deleted here because S3 has it.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it was not.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_released_at(const wildcam_upload *self);

/**
 * How long the object is.
 *
 * @param self  the upload.
 * @return bytes; -1 while that is not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_bytes(const wildcam_upload *self);

/**
 * Makes an address at which a picture that was uploaded can be read: at `cdn.base_url` when that is
 * set, else a presigned one at the region that has it. Nobody is asked whether it is still there.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param kind      #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 * @param seconds   how long a presigned address is good, 1 to 604800; 0 for `s3.presign_seconds`.
 * @param url       where the address goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture or it is not uploaded;
 *         #WILDCAM_ERR_STATE when the region that has it is not among `s3.regions` any more, or its
 *         bucket is another by now, or there are no credentials to sign with;
 *         #WILDCAM_ERR_UPLOAD when they cannot be had at present; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free().
 * Thread safety: any thread, at any time. Blocking: disk; network when credentials have to be
 * fetched first.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_image_url(wildcam_station *self, int64_t image_id,
                                                     int kind, int64_t seconds, char **url);

/**
 * Deletes picture files that S3 has, as `release.keep_days` and `release.min_free_bytes` say; the
 * oldest uploads first. Each is asked for before, and its size and content are compared; one that
 * is not there any more comes to be owed again. Rows and thumbnails stay.
 *
 * wildcam_station_start() does this too, in the background. Reading a released picture answers
 * #WILDCAM_ERR_RELEASED; wildcam_station_image_url() tells where it is.
 *
 * @param self       the station.
 * @param budget_ms  after this many milliseconds no further picture is begun; 0 or more.
 * @param released   where the number of pictures goes; may be NULL.
 * @param bytes      where their size goes; may be NULL.
 * @return #WILDCAM_OK, also when the settings release nothing; #WILDCAM_ERR_UPLOAD when no region
 *         can be reached at present, with the reason of each; #WILDCAM_ERR_INVALID when an argument
 *         is outside its limits; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *         Trouble with one picture goes to the log.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: network and disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_release(wildcam_station *self, int64_t budget_ms,
                                                   int64_t *released, int64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
