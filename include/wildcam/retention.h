/**
 * @file retention.h
 * Retention: which pictures go by themselves, by age and when the disk is full.
 *
 * `retention.days` and `retention.days.CATEGORY` say for how many days pictures are kept; a
 * picture goes by the category of what is on it, by the best word on each detection: human before
 * animal, vehicle, unknown and unclassified; blank when there is nothing else, or false positives
 * alone. Its age counts from the later of its capture and its reception, so that a camera whose
 * clock was reset loses nothing fresh; a capture that lies more than a day behind its reception is
 * not believed.
 *
 * `retention.min_free_bytes` and `retention.min_free_percent` say how much of the disk is to be
 * free: blank pictures go first, then others, each the oldest first, until it is. A category whose
 * own `retention.days.CATEGORY` is 0 is kept even then.
 *
 * Kept whatever the settings say are pictures with a detection that was verified and favourites.
 * Kept, too, are those that S3 does not have, parked ones among them, once any program has opened
 * the station with uploads on, and those that detectors have not looked at, once any has opened it
 * with `process.detector`: the station remembers that. Where that is over for good,
 * `retention.keep_owed` is set to false, and the settings of the program that deletes alone count.
 * What S3 has stays there.
 *
 * A picture's row goes with its detections, their reviews and their part in the summaries in
 * one transaction, and its file and thumbnails behind it. A file that another camera's picture has
 * in common with it stays.
 */
#ifndef WILDCAM_RETENTION_H
#define WILDCAM_RETENTION_H

#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What went, or would. */
typedef struct wildcam_retention wildcam_retention;

/** Why a picture goes. */
enum {
    WILDCAM_RETENTION_AGE = 0,  /**< It is older than its category is kept. */
    WILDCAM_RETENTION_SPACE = 1 /**< The disk is fuller than it may be. */
};

/**
 * Deletes what is to go, within a time. The station's thread does the same where the settings ask
 * for it, in steps.
 *
 * @param self       the station.
 * @param budget_ms  how long it may take, in milliseconds; one step is done in any case.
 * @param out        where what went goes, also when it ended early; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_BUSY while a backup or a purge is running, too;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. What went before a failure is gone.
 *
 * Ownership: the caller's, freed with wildcam_retention_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_apply_retention(wildcam_station *self, int64_t budget_ms,
                                                           wildcam_retention **out);

/**
 * Tells what would go now; nothing does.
 *
 * @param self      the station.
 * @param progress  called now and then with how many pictures were found (phase "pictures"); may be
 *                  NULL.
 * @param user      handed to it.
 * @param out       where it goes; NULL on failure.
 * @return as wildcam_station_apply_retention(), and #WILDCAM_ERR_CANCELLED when the callback said
 *         so.
 *
 * Ownership: the caller's, freed with wildcam_retention_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_measure_retention(wildcam_station *self,
                                                             wildcam_progress_fn *progress,
                                                             void *user, wildcam_retention **out);

/**
 * Says whether a picture is a favourite, which is kept for good.
 *
 * @param self       the station.
 * @param image_id   the picture.
 * @param favourite  1 or 0.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_INVALID when an argument is outside its
 *         limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_set_favourite(wildcam_station *self, int64_t image_id,
                                                         int favourite);

/**
 * How many pictures went.
 *
 * @param self      what went.
 * @param reason    one of the WILDCAM_RETENTION_ values; -1 for either.
 * @param category  one of the WILDCAM_CATEGORY_ values; -1 for all.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_retention_get_images(const wildcam_retention *self, int reason,
                                                 int category);

/**
 * How many bytes of pictures went with them.
 *
 * @param self      what went.
 * @param reason    one of the WILDCAM_RETENTION_ values; -1 for either.
 * @param category  one of the WILDCAM_CATEGORY_ values; -1 for all.
 * @return the bytes.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_retention_get_bytes(const wildcam_retention *self, int reason,
                                                int category);

/**
 * Whether all was looked at within the time.
 *
 * @param self  what went.
 * @return 1 when nothing is left that is to go, else 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_retention_is_done(const wildcam_retention *self);

/**
 * Writes it as a JSON object: for each reason, for each category, `images` and `bytes`.
 *
 * @param self  what went.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_retention_to_json(const wildcam_retention *self, char **out);

/**
 * Frees it.
 *
 * @param self  what went, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_retention_free(wildcam_retention *self);

#ifdef __cplusplus
}
#endif

#endif
