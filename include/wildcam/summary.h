/**
 * @file summary.h
 * Counts by camera, day, species and hour, kept up to date by every write.
 *
 * A day is a day of UTC. An hour is the hour that the local clock showed where the offset from UTC
 * is known, else the hour of the digits. Detections that a reviewer called false are not counted,
 * and a reviewer's species counts before a detector's.
 */
#ifndef WILDCAM_SUMMARY_H
#define WILDCAM_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/query.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The rows of a summary. */
typedef struct wildcam_summary wildcam_summary;

/** What a summary keeps apart; the values can be added up. 0 is one row for everything. */
enum {
    WILDCAM_BY_CAMERA = 1, /**< A row per camera. */
    WILDCAM_BY_DAY = 2,    /**< A row per day. */
    WILDCAM_BY_SPECIES = 4 /**< A row per species. */
};

/** A detection counts as sure when its confidence is more than this; this itself does not. */
#define WILDCAM_SURE_CONFIDENCE 0.7

/**
 * Counts detections by the summaries: the time this takes does not grow with their number, but with
 * that of days, cameras and species.
 *
 * Rows come in the order of their days, then cameras, then species; where species are the only
 * thing kept apart, the most frequent comes first.
 *
 * @param self   the station.
 * @param query  range, camera, species and category; the range is widened to whole days of UTC, and
 *               nothing else of the query matters. NULL for everything.
 * @param by     the WILDCAM_BY_ values, added up.
 * @param out    where the summary goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_TOOLARGE past 1,000,000 rows; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_summary_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_summarise(wildcam_station *self,
                                                     const wildcam_query *query, uint32_t by,
                                                     wildcam_summary **out);

/**
 * Goes to the next row.
 *
 * @param self  the summary.
 * @return 1 a row; 0 the end; negative #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_step wildcam_summary_next(wildcam_summary *self);

/**
 * The row's camera.
 *
 * @param self  the summary.
 * @return the device id, "" when cameras are not kept apart; valid until the next call on this
 *         object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_summary_get_device_id(const wildcam_summary *self);

/**
 * The number of the row's camera.
 *
 * @param self  the summary.
 * @return the number; 0 when cameras are not kept apart.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_summary_get_camera_id(const wildcam_summary *self);

/**
 * The beginning of the row's day.
 *
 * @param self  the summary.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when days are not kept apart.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_summary_get_day(const wildcam_summary *self);

/**
 * The row's species.
 *
 * @param self  the summary.
 * @return the name, "" when species are not kept apart; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_summary_get_species(const wildcam_summary *self);

/**
 * The category of the row's species.
 *
 * @param self  the summary.
 * @return one of the WILDCAM_CATEGORY_ values; -1 when species are not kept apart.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_summary_get_category(const wildcam_summary *self);

/**
 * How many detections there are.
 *
 * @param self  the summary.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_summary_get_count(const wildcam_summary *self);

/**
 * How sure they are on average, those counted whose confidence is known.
 *
 * @param self  the summary.
 * @return 0 to 1, NaN when none is known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_summary_get_mean_confidence(const wildcam_summary *self);

/**
 * How many of them are sure: more than #WILDCAM_SURE_CONFIDENCE.
 *
 * @param self  the summary.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_summary_get_sure_count(const wildcam_summary *self);

/**
 * How sure those are on average.
 *
 * @param self  the summary.
 * @return 0 to 1, NaN when there is none.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_summary_get_sure_mean_confidence(const wildcam_summary *self);

/**
 * How many of them were in one hour of the day.
 *
 * @param self  the summary.
 * @param hour  0 to 23.
 * @return the number; 0 for any other hour.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_summary_get_hour(const wildcam_summary *self, int hour);

/**
 * Names the shards that were passed over because they are damaged.
 *
 * @param self  the summary.
 * @return such as "2026-03, 2026-04", "" for none; valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_summary_damaged(const wildcam_summary *self);

/**
 * Frees a summary.
 *
 * @param self  the summary, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_summary_free(wildcam_summary *self);

#ifdef __cplusplus
}
#endif

#endif
